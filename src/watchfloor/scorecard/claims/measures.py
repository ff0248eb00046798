"""From a definition to a figure: the arithmetic to the digit, and the rows it rests on."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from watchfloor.records.messages import Message, declare, reason
from watchfloor.scorecard import periods
from watchfloor.scorecard.claims import Asked, Claimed
from watchfloor.scorecard.claims.doubt import decides, interval
from watchfloor.scorecard.claims.labels import called, cells, label
from watchfloor.scorecard.facts import Facts
from watchfloor.scorecard.findings import Figure, Interval
from watchfloor.scorecard.problems import NotPublished, Unanswerable, WrongQuestion
from watchfloor.scorecard.queries import Query, Sum, ask, rests
from watchfloor.scorecard.said import Said, joined, number, percent, said, same, shown_percent

NO_WHOLE: Final = declare(
    "scorecard.no-whole",
    en="it would divide by zero: the whole is 0 in {period}",
    fr="il faudrait diviser par zéro : le total est 0 pour {period}",
)
NO_BASELINE: Final = declare(
    "scorecard.no-baseline",
    en="it would divide by zero: the baseline, {period}, is 0",
    fr="il faudrait diviser par zéro : la référence, {period}, est 0",
)
NOT_CITED: Final = declare(
    "scorecard.not-cited",
    en="not published: the document that has it came out on {day}",
    fr="non publié : le document qui le contient est paru le {day}",
)
SHARE: Final = declare("scorecard.share", en="{part} of {whole} = {share}", fr="{part} sur {whole} = {share}")
FALL: Final = declare(
    "scorecard.fall", en="{since} → {until} = {share} less", fr="{since} → {until} = {share} de moins"
)
RISE: Final = declare(
    "scorecard.rise", en="{since} → {until} = {share} more", fr="{since} → {until} = {share} de plus"
)
OF: Final = declare("scorecard.count-of", en="{count} of {all}", fr="{count} sur {all}")
LARGEST: Final = declare(
    "scorecard.largest",
    en="{part} of {whole} = {share}: {cell}, {month}",
    fr="{part} sur {whole} = {share} : {cell}, {month}",
)
RANGE: Final = declare(
    "scorecard.range",
    en="between {low} ({first}) and {high} ({second})",
    fr="entre {low} ({first}) et {high} ({second})",
)


class Computed(NamedTuple):
    """A value with its arithmetic."""

    value: float
    shown: Said


def figure(facts: Facts, name: str, asked: Asked, claimed: Claimed, *, judged: bool = True) -> Figure:
    """The figure of a definition; without a value, and with the reason, where the evidence has none.

    Args:
        facts: as known on the day.
        name: of the definition.
        asked: the definition.
        claimed: the value that was claimed.
        judged: whether the claimed value is one of this figure.
    """
    text, own = label(asked), facts.owner(asked.series)
    try:
        rests_on = sums(facts, asked)
        done = _MEASURES[asked.measure](asked, rests_on)
        around = interval(facts, asked, rests_on)
    except Unanswerable as error:
        return Figure(name, text, asked.measure, None, error.said, series=asked.series, department=own)
    return Figure(
        name,
        text,
        asked.measure,
        done.value,
        done.shown,
        around,
        _holds(claimed, done.value, around) if judged else None,
        asked.series,
        tuple(sorted({day for one in rests_on for day in one.vintages})),
        *rests(rests_on),
        own,
        asked.cited.source if asked.cited else None,
    )


def sums(facts: Facts, asked: Asked) -> tuple[Sum, ...]:
    """The sums that a definition rests on, with their rows. Raises `Unanswerable`."""
    return _RESTS_ON[asked.measure](facts, asked)


def part_query(asked: Asked, period: str | None = None) -> Query:
    """What is asked about the part, over its own period or another."""
    return Query(asked.series, asked.of, {**asked.scope, **asked.part}, period or asked.period)


def whole_query(asked: Asked, period: str | None = None) -> Query:
    """What is asked about the whole."""
    return Query(asked.series, asked.of, {**asked.scope, **asked.whole}, period or asked.period)


def amount(value: float, unit: str) -> Said:
    """A number with its unit; weights have two decimals, counts none."""
    text = number(value, 2 if unit else 0)
    if not unit:
        return text
    return joined([text, called("unit", unit)], " ")


def _holds(claimed: Claimed, value: float, around: Interval | None) -> bool | None:
    """Whether the value is as claimed; None where it is of counts and their interval straddles the value."""
    if around and decides(around) and claimed.about is None:
        ends = {claimed.holds(around.low), claimed.holds(around.high)}
        return ends.pop() if len(ends) == 1 else None
    return claimed.holds(value)


def _one(facts: Facts, asked: Asked) -> tuple[Sum, ...]:
    return (ask(facts, part_query(asked)),)


def _part_and_whole(facts: Facts, asked: Asked) -> tuple[Sum, ...]:
    return ask(facts, part_query(asked)), ask(facts, whole_query(asked))


def _two_months(facts: Facts, asked: Asked) -> tuple[Sum, ...]:
    return tuple(ask(facts, part_query(asked, month)) for month in (asked.since, asked.until))


def _document(facts: Facts, asked: Asked) -> tuple[Sum, ...]:
    """Nothing that is held; but the document must have come out."""
    assert asked.cited is not None
    if facts.on is not None and facts.on < asked.cited.day:
        raise NotPublished(reason(NOT_CITED, day=f"{asked.cited.day:%Y-%m-%d}"))
    return ()


def _share(_: Asked, sums: tuple[Sum, ...]) -> Computed:
    part, whole = sums
    _not_zero(whole, NO_WHOLE)
    value = part.value / whole.value
    text = said(
        SHARE,
        part=number(part.value, 2 if part.unit else 0),
        whole=amount(whole.value, whole.unit),
        share=shown_percent(value),
    )
    return Computed(value, text)


def _change(_: Asked, sums: tuple[Sum, ...]) -> Computed:
    since, until = sums
    _not_zero(since, NO_BASELINE)
    return _changed(since.value, until.value, since.unit)


def _cited(asked: Asked, _: tuple[Sum, ...]) -> Computed:
    assert asked.cited is not None
    if not asked.cited.since:
        raise WrongQuestion(reason(NO_BASELINE, period=asked.cited.source.en))
    return _changed(asked.cited.since, asked.cited.until, "")


def _changed(since: float, until: float, unit: str) -> Computed:
    value = 1 - until / since
    text = said(
        FALL if value >= 0 else RISE,
        since=amount(since, unit),
        until=amount(until, unit),
        share=shown_percent(abs(value)),
    )
    return Computed(value, text)


def _total(_: Asked, sums: tuple[Sum, ...]) -> Computed:
    return Computed(sums[0].value, amount(sums[0].value, sums[0].unit))


def _above(asked: Asked, sums: tuple[Sum, ...]) -> Computed:
    assert asked.over is not None
    shares = [share for _, share in _each(asked, *sums)]
    count = sum(share >= asked.over for share in shares)
    return Computed(count, said(OF, count=number(count), all=number(len(shares))))


def _range(asked: Asked, sums: tuple[Sum, ...]) -> Computed:
    found = _each(asked, *sums)
    (first, low), (second, high) = min(found, key=_by_share), max(found, key=_by_share)
    text = said(RANGE, low=percent(low, 2), high=percent(high, 2), first=first, second=second)
    return Computed(high, text)


def _by_share(pair: tuple[Said, float]) -> float:
    return pair[1]


def _largest(_: Asked, sums: tuple[Sum, ...]) -> Computed:
    (part,) = sums
    _not_zero(part, NO_WHOLE)
    place = int(np.argmax(part.rows.value))
    value = float(part.rows.value[place])
    text = said(
        LARGEST,
        part=number(value, 2 if part.unit else 0),
        whole=amount(part.value, part.unit),
        share=shown_percent(value / part.value),
        cell=_cell(part.rows.cells[part.rows.cell[place]]),
        month=periods.named(int(part.rows.start[place])),
    )
    return Computed(value / part.value, text)


def _cell(cell: Mapping[str, str]) -> Said:
    """A cell by its place, where it has one, else by all its dimensions."""
    place = next((name for name in ("area", "state", "region") if name in cell), None)
    return cells({place: cell[place]} if place else cell)


def _each(asked: Asked, part: Sum, whole: Sum) -> list[tuple[Said, float]]:
    """The share of each month or year of a period, by its name; those in which the whole is 0 have none."""
    ours, theirs = part.by_month(), whole.by_month()
    names = [_SPANS[asked.each](month) for month in whole.months]
    edges = [0, *(n for n, (a, b) in enumerate(pairwise(names), 1) if a != b), len(names)]
    sums_of = [(names[a], ours[a:b].sum(), theirs[a:b].sum()) for a, b in pairwise(edges)]
    found = [(name, float(a / b)) for name, a, b in sums_of if b]
    if not found:
        raise WrongQuestion(reason(NO_WHOLE, period=asked.period))
    return found


def _fiscal(month: int) -> Said:
    year = periods.fiscal_year(month)
    return Said(f"FY{year}", f"exercice {year}")


def _calendar(month: int) -> Said:
    return same(str(month // 12))


def _not_zero(one: Sum, otherwise: Message) -> None:
    if not one.value:
        raise WrongQuestion(reason(otherwise, period=one.query.period))


_SPANS: Final[Mapping[str, Callable[[int], Said]]] = {
    "month": periods.named,
    "fiscal-year": _fiscal,
    "calendar-year": _calendar,
}
_RESTS_ON: Final[Mapping[str, Callable[[Facts, Asked], tuple[Sum, ...]]]] = {
    "share": _part_and_whole,
    "change": _two_months,
    "total": _one,
    "above": _part_and_whole,
    "largest": _one,
    "range": _part_and_whole,
    "cited": _document,
}
"""Which sums a measure rests on."""
_MEASURES: Final[Mapping[str, Callable[[Asked, tuple[Sum, ...]], Computed]]] = {
    "share": _share,
    "change": _change,
    "total": _total,
    "above": _above,
    "largest": _largest,
    "range": _range,
    "cited": _cited,
}
"""What is computed from them."""
