"""Cautions about how a claim was put: its baseline, window, end, unit, one cell, a control that flips it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from watchfloor.core.messages import declare
from watchfloor.scorecard.bilingual import fill, joined, number, percent, same, shown_percent
from watchfloor.scorecard.claims import Claim, FigureQuery
from watchfloor.scorecard.claims.labels import label
from watchfloor.scorecard.claims.measures import part_query, sums, whole_query
from watchfloor.scorecard.claims.worth import monthly
from watchfloor.scorecard.facts import Facts
from watchfloor.scorecard.findings import Compared, Figure, Warned
from watchfloor.scorecard.methods import extremes
from watchfloor.scorecard.methods.intervals import left_out
from watchfloor.scorecard.methods.series import Monthly
from watchfloor.scorecard.periods import month_of, parsed
from watchfloor.scorecard.problems import Unanswerable
from watchfloor.scorecard.queries import Query, Sum, matching, published

HEAVY: Final = 0.25
"""Share of a figure that one cell may have before a reader is told."""

UNDER: Final = declare("scorecard.warn-under", "label", "text")
ONE_CELL: Final = declare("scorecard.warn-one-cell", "share", "without")
UNIT: Final = declare("scorecard.warn-unit", "yes", "low", "no", "high")
SO_TOO: Final = declare("scorecard.warn-unit-all", "count")
FLIPS: Final = declare("scorecard.warn-flips", "parts")
MORE: Final = declare("scorecard.compared", "label", "ours", "theirs", "difference")
DISPUTED: Final = declare("scorecard.warn-disputed", "count")
PROVISIONAL: Final = declare("scorecard.warn-provisional", "count")
NO_ROW: Final = declare("scorecard.warn-no-row", "series", "label")


def warnings(
    known: Facts, claim: Claim, figures: Sequence[Figure], compared: Sequence[Compared]
) -> tuple[Warned, ...]:
    """Cautions about how a claim was put, and about the numbers under it."""
    found = [
        *_extremes(known, claim, figures),
        *_cited(claim, figures),
        *_unit(claim, figures),
        *_flip(compared),
        *_cells(known, claim),
        *_no_row(known, claim),
    ]
    return tuple(found)


def _extremes(known: Facts, claim: Claim, figures: Sequence[Figure]) -> Iterator[Warned]:
    """Choices at an extreme: of the first definition that is computed, and of those that are as claimed."""
    chosen = [one for one in figures if one.value is not None and one.measure in ("share", "change")]
    first = chosen[0].name if chosen else ""
    told: set[str] = set()
    for one in chosen:
        if one.name != first and not one.holds:
            continue
        asked = claim.asked(claim.definitions[one.name])
        looks = (_of_change if asked.measure == "change" else _of_share)(known, claim, asked)
        for found in _found(looks):
            if found.text.en not in told:
                told.add(found.text.en)
                yield Warned(found.kind, fill(UNDER, label=one.label, text=found.text))
    values = {one.name: one.value for one in chosen if one.measure == "share" and one.value is not None}
    if values:
        unit = extremes.unit(values, first, {one.name: one.label for one in chosen})
        yield from [unit] if unit else []


def _cited(claim: Claim, figures: Sequence[Figure]) -> Iterator[Warned]:
    """Yield warnings of documents on a baseline of which no table is held."""
    shown = {one.name for one in figures if one.value is not None}
    for name, one in claim.computed():
        if name in shown and one.cited and one.cited.baseline:
            yield Warned("baseline", one.cited.baseline)


Look = Callable[[], Warned | None]


def _of_change(known: Facts, claim: Claim, asked: FigureQuery) -> list[Look]:
    """A baseline is ranked among the months around it; what ends, among those over when it was said."""
    if not asked.by_month:
        return []
    since, until, fall = parsed(asked.since), parsed(asked.until), claim.claimed.figures[-1] >= 0

    def baseline() -> Warned | None:
        return extremes.baseline(monthly(known, part_query(asked)), since, fall=fall)

    def window() -> Warned | None:
        return extremes.change(_by_then(known, claim, part_query(asked)), since, until)

    def end() -> Warned | None:
        return extremes.end(_by_then(known, claim, part_query(asked)), since, until, fall=fall)

    return [baseline, window, end]


def _of_share(known: Facts, claim: Claim, asked: FigureQuery) -> list[Look]:
    def window() -> Warned | None:
        months = published(known[asked.series], part_query(asked), known.on)
        part, whole = (_by_then(known, claim, query(asked)) for query in (part_query, whole_query))
        return extremes.window(part, months[0], months[-1], whole)

    return [window]


def _by_then(known: Facts, claim: Claim, query: Query) -> Monthly:
    """The months that were over when a claim was made: later ones nobody could choose, or leave out."""
    return monthly(known, query).until(month_of(claim.said.on) - 1)


def _found(looks: list[Look]) -> Iterator[Warned]:
    for look in looks:
        try:
            found = look()
        except Unanswerable:  # the figure itself says what is not published
            continue
        if found:
            yield found


def _unit(claim: Claim, figures: Sequence[Figure]) -> Iterator[Warned]:
    """Two definitions that differ in nothing but the unit, one as claimed and one not: the first such pair,
    and how many there are."""
    pairs = list(_pairs(claim, figures))
    if not pairs:
        return
    yes, no = pairs[0]
    low, high = (shown_percent(one.value or 0.0) for one in (yes, no))
    text = fill(UNIT, yes=yes.label, no=no.label, low=low, high=high)
    more = [fill(SO_TOO, count=number(len(pairs)))] if len(pairs) > 1 else []
    yield Warned("unit", joined([text, *more], " "))


def _pairs(claim: Claim, figures: Sequence[Figure]) -> Iterator[tuple[Figure, Figure]]:
    """Figures as claimed and not, whose definitions differ in nothing but the unit."""
    asked = {name: claim.asked(one) for name, one in claim.definitions.items()}
    by_name = {one.name: one for one in figures}
    for name, one in asked.items():
        for other, two in asked.items():
            if one.of == two.of or _but_unit(one) != _but_unit(two):
                continue
            yes, no = by_name[name], by_name[other]
            if yes.holds and no.holds is False and yes.value is not None and no.value is not None:
                yield yes, no


def _but_unit(one: FigureQuery) -> tuple[object, ...]:
    return (one.measure, one.series, repr(one.scope), repr(one.part), repr(one.whole), one.period)


def _flip(compared: Sequence[Compared]) -> Iterator[Warned]:
    signs = {one.difference > 0 for one in compared}
    if len(signs) == 2:
        parts = [
            fill(
                MORE,
                label=one.label,
                ours=percent(-one.ours),
                theirs=percent(-one.theirs),
                difference=number(-100 * one.difference, 1),
            )
            for one in compared
        ]
        yield Warned("control", fill(FLIPS, parts=joined(parts, "; ")))


def _cells(known: Facts, claim: Claim) -> Iterator[Warned]:
    """One cell that decides, numbers in dispute, months that are still revised."""
    yield from _one_cell(known, claim)
    used = [part for _, one in claim.computed() for part in _sums(known, one)]
    if disputed := sum(one.disputed for one in used):
        yield Warned("conflict", fill(DISPUTED, count=number(disputed)))
    if provisional := {month for one in used for month in one.rows.provisional}:
        yield Warned("provisional", fill(PROVISIONAL, count=number(len(provisional))))


def _no_row(known: Facts, claim: Claim) -> Iterator[Warned]:
    """Parts that are nought because the table has no row of them in any month."""
    for _, one in claim.computed():
        for part in _sums(known, one)[:1]:
            if not part.value and not matching(known[one.series], part.query).any():
                yield Warned("no-row", fill(NO_ROW, series=same(one.series), label=label(one)))


def _one_cell(known: Facts, claim: Claim) -> Iterator[Warned]:
    """How far the first share rests on its largest cell."""
    first = claim.asked(next(iter(claim.definitions.values())))
    both = _sums(known, first) if first.measure == "share" else ()
    if not both:
        return
    part, whole = both
    try:
        found = left_out(whole.rows.value, matching(whole.rows, part.query))
    except Unanswerable:  # the figure itself says that there is nothing to divide by
        return
    if found.carries >= HEAVY:
        shares = {"share": shown_percent(found.carries), "without": shown_percent(found.without)}
        yield Warned("one-cell", fill(ONE_CELL, **shares))


def _sums(known: Facts, asked: FigureQuery) -> tuple[Sum, ...]:
    try:
        return sums(known, asked)
    except Unanswerable:
        return ()
