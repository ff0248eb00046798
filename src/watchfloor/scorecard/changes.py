"""Changes in the seven days before a page: editions, figures, verdicts, states, agreements."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from watchfloor.core.messages import declare
from watchfloor.scorecard.agreement.digests import Act, act_name
from watchfloor.scorecard.bilingual import Text, day, fill, number
from watchfloor.scorecard.departments import called
from watchfloor.scorecard.facts import Facts, Series
from watchfloor.scorecard.findings import Figure, Finding, Line
from watchfloor.scorecard.page.page_words import in_words, term
from watchfloor.scorecard.periods import named as month_named
from watchfloor.scorecard.titles import published
from watchfloor.scorecard.vintages import revisions

WEEK: Final = timedelta(days=7)
MOST: Final = 12
"""Sentences that a page has; the others are counted."""

VINTAGE: Final = declare("scorecard.changed-vintage", "series", "day", "last")
REVISED: Final = declare("scorecard.changed-revised", "series", "count")
FIGURE: Final = declare("scorecard.changed-figure", "title", "label", "old", "new")
VERDICT: Final = declare("scorecard.changed-verdict", "title", "old", "new")
STATE: Final = declare("scorecard.changed-state", "id", "says", "old", "new")
AGREED: Final = declare("scorecard.changed-agreement", "department", "line", "act", "day")
MORE: Final = declare("scorecard.changed-more", "count")
NONE: Final = declare("scorecard.changed-none", "day")


def changed(
    facts: Facts,
    on: date,
    findings: tuple[Sequence[Finding], Sequence[Finding]],
    lines: tuple[Sequence[Line], Sequence[Line]],
    acts: Iterable[Act],
) -> tuple[Text, ...]:
    """Return the changes in the week up to a day, the weightiest first, or a sentence that there are none.

    Args:
        facts: of every vintage.
        on: the day.
        findings: as they may appear, a week ago and now.
        lines: of the register, likewise.
        acts: of agreement, as records.
    """
    found = [
        *_findings(*findings),
        *_lines(*lines),
        *(one for series in facts.series.values() for one in _vintages(series, on)),
        *_acts(acts, on),
    ]
    if not found:
        return (fill(NONE, day=day(on)),)
    more = [fill(MORE, count=number(len(found) - MOST))] if len(found) > MOST else []
    return (*found[:MOST], *more)


def _findings(before: Sequence[Finding], now: Sequence[Finding]) -> Iterator[Text]:
    was = {one.claim: one for one in before}
    for one in now:
        if one.claim not in was:
            continue
        old = was[one.claim]
        if old.verdict != one.verdict:
            yield fill(VERDICT, title=one.title, old=in_words(old.verdict), new=in_words(one.verdict))
        figures = {figure.name: figure for figure in (*old.figures, *old.also)}
        for figure in (*one.figures, *one.also):
            if figure.name in figures and _differs(figures[figure.name], figure):
                texts = {"old": figures[figure.name].shown, "new": figure.shown}
                yield fill(FIGURE, title=one.title, label=figure.label, **texts)


def _differs(one: Figure, other: Figure) -> bool:
    """Whether what a reader sees is another, or is there only now."""
    return (one.value is None) != (other.value is None) or (
        one.value is not None and one.shown != other.shown
    )


def _lines(before: Sequence[Line], now: Sequence[Line]) -> Iterator[Text]:
    was = {one.id: one.state for one in before if one.shown}  # of what was withheld nobody was told
    for one in now:
        if one.shown and one.state and was.get(one.id, one.state) != one.state:
            old, new = in_words(was[one.id] or "–"), in_words(one.state)
            yield fill(STATE, id=one.id, says=one.says, old=old, new=new)


def _vintages(one: Series, on: date) -> Iterator[Text]:
    for n, vintage in enumerate(one.vintages):
        if not on - WEEK < vintage <= on:
            continue
        last = month_named(int(one.of_vintage(vintage).end.max()) - 1)
        yield fill(VINTAGE, series=published(one.name), day=day(vintage), last=last)
        if n and (count := len(revisions(one, one.vintages[n - 1], vintage))):
            yield fill(REVISED, series=published(one.name), count=number(count))


def _acts(acts: Iterable[Act], on: date) -> Iterator[Text]:
    for act in acts:
        at = act["observed_at"].date()
        if on - WEEK < at <= on:
            yield fill(
                AGREED,
                department=called(act["department"]),
                line=act["line"],
                act=term("act", act_name(act)),
                day=day(at),
            )
