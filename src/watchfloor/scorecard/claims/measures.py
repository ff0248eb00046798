"""From a definition to a figure: the arithmetic to the digit, and the rows it rests on."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from watchfloor.core.messages import Message, declare, reason
from watchfloor.scorecard import periods
from watchfloor.scorecard.bilingual import Text, fill, joined, number, percent, percent_digits, same
from watchfloor.scorecard.claims import FigureQuery
from watchfloor.scorecard.claims.claimed import SIGNIFICANT, Rule, exact
from watchfloor.scorecard.claims.doubt import decides, interval
from watchfloor.scorecard.claims.labels import called, cells, label
from watchfloor.scorecard.facts import Facts
from watchfloor.scorecard.findings import Figure, Interval
from watchfloor.scorecard.problems import NotPublished, Unanswerable, WrongQuestion
from watchfloor.scorecard.queries import Query, Sum, ask, matching, rests

NO_WHOLE: Final = declare("scorecard.no-whole", "period")
NO_BASELINE: Final = declare("scorecard.no-baseline", "period")
OUTSIDE: Final = declare("scorecard.part-outside", "count")
NOT_CITED: Final = declare("scorecard.not-cited", "day")
SHARE: Final = declare("scorecard.share", "part", "whole", "share")
FALL: Final = declare("scorecard.fall", "since", "until", "share")
RISE: Final = declare("scorecard.rise", "since", "until", "share")
OF: Final = declare("scorecard.count-of", "count", "all")
LARGEST: Final = declare("scorecard.largest", "part", "whole", "share", "cell", "month")
RANGE: Final = declare("scorecard.range", "low", "first", "high", "second")


class Computed(NamedTuple):
    """A value with its arithmetic; of a range `least`, which must be as claimed too."""

    value: float
    shown: Text
    least: float | None = None


def figure(facts: Facts, name: str, asked: FigureQuery, rule: Rule | None) -> Figure:
    """The figure of a definition; without a value, and with the reason, where the evidence has none.

    Args:
        facts: as known on the day.
        name: of the definition.
        asked: the definition.
        rule: by which it is judged; None: it is not.
    """
    text, own = label(asked), facts.owner(asked.series)
    try:
        rests_on = sums(facts, asked)
        done = _MEASURES[asked.measure](asked, rests_on, rule)
        around = interval(facts, asked, rests_on)
    except Unanswerable as error:
        return Figure(name, text, asked.measure, None, error.text, series=asked.series, department=own)
    return Figure(
        name,
        text,
        asked.measure,
        done.value,
        done.shown,
        around,
        _holds(rule, done, around if asked.measure != "total" else None) if rule else None,
        asked.series,
        tuple(sorted({day for one in rests_on for day in one.vintages})),
        *rests(rests_on),
        own,
        asked.cited.source if asked.cited else None,
    )


def sums(facts: Facts, asked: FigureQuery) -> tuple[Sum, ...]:
    """The sums that a definition rests on, with their rows. Raises `Unanswerable`."""
    return _RESTS_ON[asked.measure](facts, asked)


def part_query(asked: FigureQuery, period: str | None = None) -> Query:
    """Return the query of the part, over its own period or another."""
    return Query(asked.series, asked.of, {**asked.scope, **asked.part}, period or asked.period)


def whole_query(asked: FigureQuery, period: str | None = None) -> Query:
    """Return the query of the whole."""
    return Query(asked.series, asked.of, {**asked.scope, **asked.whole}, period or asked.period)


def amount(value: float, unit: str) -> Text:
    """A number with its unit; weights have two decimals, counts none."""
    text = number(value, 2 if unit else 0)
    if not unit:
        return text
    return joined([text, called("unit", unit)], " ")


def percent_by(value: float, rule: Rule | None, digits: int | None = None) -> Text:
    """A share, or how large a change is, with as many decimals as tell on which side of the rule it lies.

    A share of 0.9999 per cent is under one per cent, and "1.00 %" would read as though it were not.
    """
    least = percent_digits(value) if digits is None else digits
    enough = (n for n in range(least, SIGNIFICANT) if _reads_alike(value, n, rule))
    return percent(abs(value), next(enough, least))


def _reads_alike(value: float, digits: int, rule: Rule | None) -> bool:
    return rule is None or rule.judge(round(value, digits + 2)) == rule.judge(value)


def _holds(rule: Rule, done: Computed, around: Interval | None) -> bool | None:
    """Whether it is as claimed; None where the words leave it open, or the interval of a count does.

    A total has none here: it is what was recorded, and what else might have been is not what was claimed.
    """
    if done.least is not None:
        return rule.judge_each((done.least, done.value))
    if around and decides(around) and not rule.rounds:
        return rule.judge_interval(around.low, around.high)
    return rule.judge(done.value)


def _one(facts: Facts, asked: FigureQuery) -> tuple[Sum, ...]:
    return (ask(facts, part_query(asked)),)


def _part_and_whole(facts: Facts, asked: FigureQuery) -> tuple[Sum, ...]:
    """Raises `WrongQuestion` where the part has cells that the whole has not: their quotient is no share."""
    part, whole = ask(facts, part_query(asked)), ask(facts, whole_query(asked))
    if part.value and whole.value and (outside := int((~matching(part.rows, whole.query)).sum())):
        raise WrongQuestion(reason(OUTSIDE, count=outside))
    return part, whole


def _two_months(facts: Facts, asked: FigureQuery) -> tuple[Sum, ...]:
    return tuple(ask(facts, part_query(asked, month)) for month in (asked.since, asked.until))


def _document(facts: Facts, asked: FigureQuery) -> tuple[Sum, ...]:
    """Nothing that is held; but the document must have come out."""
    assert asked.cited is not None
    if facts.on is not None and facts.on < asked.cited.day:
        raise NotPublished(reason(NOT_CITED, day=f"{asked.cited.day:%Y-%m-%d}"))
    return ()


def _share(_: FigureQuery, sums: tuple[Sum, ...], rule: Rule | None) -> Computed:
    part, whole = sums
    _not_zero(whole, NO_WHOLE)
    value = part.value / whole.value
    text = fill(
        SHARE,
        part=number(part.value, 2 if part.unit else 0),
        whole=amount(whole.value, whole.unit),
        share=percent_by(value, rule),
    )
    return Computed(value, text)


def _change(_: FigureQuery, sums: tuple[Sum, ...], rule: Rule | None) -> Computed:
    since, until = sums
    _not_zero(since, NO_BASELINE)
    return _changed(since.value, until.value, since.unit, rule)


def _cited(asked: FigureQuery, _: tuple[Sum, ...], rule: Rule | None) -> Computed:
    assert asked.cited is not None
    if not asked.cited.since:
        raise WrongQuestion(reason(NO_BASELINE, period=asked.cited.source.en))
    return _changed(asked.cited.since, asked.cited.until, "", rule)


def _changed(since: float, until: float, unit: str, rule: Rule | None) -> Computed:
    value = 1 - until / since
    text = fill(
        FALL if value >= 0 else RISE,
        since=amount(since, unit),
        until=amount(until, unit),
        share=percent_by(value, rule),
    )
    return Computed(value, text)


def _total(_: FigureQuery, sums: tuple[Sum, ...], __: Rule | None) -> Computed:
    return Computed(sums[0].value, amount(sums[0].value, sums[0].unit))


def _above(asked: FigureQuery, sums: tuple[Sum, ...], _: Rule | None) -> Computed:
    assert asked.over is not None
    shares = [share for _, share in _each(asked, *sums)]
    count = sum(exact(share) >= exact(asked.over) for share in shares)
    return Computed(count, fill(OF, count=number(count), all=number(len(shares))))


def _range(asked: FigureQuery, sums: tuple[Sum, ...], rule: Rule | None) -> Computed:
    found = _each(asked, *sums)
    (first, low), (second, high) = min(found, key=_by_share), max(found, key=_by_share)
    ends = [percent_by(end, rule, 2) for end in (low, high)]
    text = fill(RANGE, low=ends[0], high=ends[1], first=first, second=second)
    return Computed(high, text, low)


def _by_share(pair: tuple[Text, float]) -> float:
    return pair[1]


def _largest(_: FigureQuery, sums: tuple[Sum, ...], rule: Rule | None) -> Computed:
    (part,) = sums
    _not_zero(part, NO_WHOLE)
    place = int(np.argmax(part.rows.value))
    value = float(part.rows.value[place])
    text = fill(
        LARGEST,
        part=number(value, 2 if part.unit else 0),
        whole=amount(part.value, part.unit),
        share=percent_by(value / part.value, rule),
        cell=_cell(part.rows.cells[part.rows.cell[place]]),
        month=periods.named(int(part.rows.start[place])),
    )
    return Computed(value / part.value, text)


def _cell(cell: Mapping[str, str]) -> Text:
    """A cell by its place, where it has one, else by all its dimensions."""
    place = next((name for name in ("area", "state", "region") if name in cell), None)
    return cells({place: cell[place]} if place else cell)


def _each(asked: FigureQuery, part: Sum, whole: Sum) -> list[tuple[Text, float]]:
    """The share of each month or year of a period, by its name; those in which the whole is 0 have none."""
    ours, theirs = part.by_month(), whole.by_month()
    names = [_SPANS[asked.each](month) for month in whole.months]
    edges = [0, *(n for n, (a, b) in enumerate(pairwise(names), 1) if a != b), len(names)]
    sums_of = [(names[a], ours[a:b].sum(), theirs[a:b].sum()) for a, b in pairwise(edges)]
    found = [(name, float(a / b)) for name, a, b in sums_of if b]
    if not found:
        raise WrongQuestion(reason(NO_WHOLE, period=asked.period))
    return found


def _fiscal(month: int) -> Text:
    year = periods.fiscal_year(month)
    return Text(f"FY{year}", f"exercice {year}")


def _calendar(month: int) -> Text:
    return same(str(month // 12))


def _not_zero(one: Sum, otherwise: Message) -> None:
    if not one.value:
        raise WrongQuestion(reason(otherwise, period=one.query.period))


_SPANS: Final[Mapping[str, Callable[[int], Text]]] = {
    "month": periods.named,
    "fiscal-year": _fiscal,
    "calendar-year": _calendar,
}
_RESTS_ON: Final[Mapping[str, Callable[[Facts, FigureQuery], tuple[Sum, ...]]]] = {
    "share": _part_and_whole,
    "change": _two_months,
    "total": _one,
    "above": _part_and_whole,
    "largest": _one,
    "range": _part_and_whole,
    "cited": _document,
}
"""Which sums a measure rests on."""
_MEASURES: Final[Mapping[str, Callable[[FigureQuery, tuple[Sum, ...], Rule | None], Computed]]] = {
    "share": _share,
    "change": _change,
    "total": _total,
    "above": _above,
    "largest": _largest,
    "range": _range,
    "cited": _cited,
}
"""What is computed from them."""
