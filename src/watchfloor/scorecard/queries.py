"""Questions to published numbers: a sum over cells and months, with its rows, or why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cached_property
from hashlib import sha256
from math import fsum
from typing import Final, NamedTuple

import msgspec
import numpy as np

from watchfloor.core.messages import declare, reason
from watchfloor.scorecard import periods
from watchfloor.scorecard.facts import Bools, Facts, Floats, Series
from watchfloor.scorecard.problems import Gap, NotPublished, WrongQuestion

Where = Mapping[str, str | tuple[str, ...]]
"""Wanted values by dimension: one, several, or `not CANADA` for all but it."""

NOT: Final = "not "

NO_DIMENSION: Final = declare("scorecard.no-dimension", "series", "name", "known")
NO_VALUE: Final = declare("scorecard.no-value", "series", "value", "name", "near")
NO_MEASURE: Final = declare("scorecard.no-measure", "name", "series", "known")
NOT_PUBLISHED: Final = declare("scorecard.not-published", "month", "series", "first", "last", "day")
NOTHING_YET: Final = declare("scorecard.nothing-published", "series", "day")
A_GAP: Final = declare("scorecard.gap", "series", "month")
COARSE: Final = declare("scorecard.coarse", "series", "period")

TWICE: Final = declare("scorecard.counted-twice", "series", "month")

NO_MONTHS: Final = declare("scorecard.no-months", "series")


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sum that is asked for.

    Attributes:
        series: of which series.
        measure: which of its measures.
        where: of which cells.
        period: of which months, as `periods` writes them; `all` for every month that is published.
    """

    series: str
    measure: str
    where: dict[str, str | tuple[str, ...]] = {}
    period: str = periods.ALL


@dataclass(frozen=True)
class Sum:
    """The answer: rows that match, of a period all of which is published.

    `unit` is that of the value: lb, or empty for a count. A weight of nothing at all is a weight, and no row.
    `editions` are days by which the tables of its months were public.
    """

    query: Query
    months: range
    rows: Series
    unit: str
    editions: tuple[date, ...]

    @cached_property
    def value(self) -> float:
        """Their sum. It is exact to the last digit however the rows are ordered."""
        return fsum(self.rows.value.tolist())

    @property
    def vintages(self) -> tuple[date, ...]:
        """Of its rows; of the tables that have none of them, where it is nought."""
        return self.rows.vintages or self.editions

    @property
    def disputed(self) -> int:
        """How many of its rows a second file of the same vintage has otherwise."""
        return int(self.rows.disputed.sum())

    def by_month(self) -> Floats:
        """The sum of each month of the period."""
        return _monthly(self.rows, self.months)


def ask(facts: Facts, query: Query) -> Sum:
    """The sum that a query asks for.

    Raises:
        WrongQuestion: there is no such series, measure, dimension or value, ever; the period cuts a longer
            one, or numbers of a year stand beside those of its quarters.
        NotPublished: a month of the period is not published.
        Gap: it lies between months that are.
    """
    one = facts[query.series]
    months = published(one, query, facts.on)
    chosen = matching(one, query)
    within = (one.start >= months[0]) & (one.end <= months[-1] + 1)
    across = ~within & (one.start <= months[-1]) & (one.end > months[0])
    if (across & chosen).any():
        raise WrongQuestion(reason(COARSE, series=one.name, period=query.period))
    rows = one.select(within & chosen)
    _none_twice(rows)
    return Sum(query, months, rows, one.units[query.measure], one.select(within).vintages)


def _none_twice(rows: Series) -> None:
    """Raises `WrongQuestion` where periods of one cell overlap: a year, and a quarter of it."""
    if not (rows.end > rows.start + 1).any():
        return
    order = np.lexsort((rows.start, rows.cell))
    cell, start, end = rows.cell[order], rows.start[order], rows.end[order]
    twice = (cell[1:] == cell[:-1]) & (start[1:] < end[:-1])
    if twice.any():
        month = periods.written(int(start[1:][twice][0]))
        raise WrongQuestion(reason(TWICE, series=rows.name, month=month))


def curve(facts: Facts, query: Query, months: range) -> Floats:
    """The sum of each month, nan where it is not published."""
    one = facts[query.series]
    found = _monthly(one.select(matching(one, query)), months)
    found[[month not in one.months for month in months]] = np.nan
    return found


def matching(one: Series, query: Query) -> Bools:
    """Rows of a series that a query is about, of whatever month. Raises `WrongQuestion`."""
    if query.measure not in one.units:
        known = ", ".join(sorted(one.units)) or "–"
        raise WrongQuestion(reason(NO_MEASURE, series=one.name, name=query.measure, known=known))
    cells = np.ones(len(one.cells), np.bool_)
    for name, wanted in query.where.items():
        cells &= _cells(one, name, (wanted,) if isinstance(wanted, str) else wanted)
    found: Bools = cells[one.cell] & (one.measures == query.measure)
    return found


def published(one: Series, query: Query, on: date | None) -> range:
    """The months of a query's period. Raises `NotPublished` or `Gap` unless every one is published."""
    if not one.months:
        raise NotPublished(reason(NOTHING_YET, series=one.name, day=_day(on)))
    first, last = min(one.months), max(one.months)
    months = range(first, last + 1) if query.period == periods.ALL else periods.period(query.period)
    missing = next((month for month in months if month not in one.months), None)
    if missing is None:
        return months
    if first < missing < last:
        raise Gap(reason(A_GAP, series=one.name, month=periods.written(missing)))
    ends = {"first": periods.written(first), "last": periods.written(last)}
    raise NotPublished(
        reason(NOT_PUBLISHED, month=periods.written(missing), series=one.name, day=_day(on), **ends)
    )


def _day(on: date | None) -> str:
    return f"{on:%Y-%m-%d}" if on else "–"


class Rests(NamedTuple):
    """The numbers that a figure rests on: how many, each once, and their SHA-256 in hexadecimal."""

    rows: int
    digest: str


def rests(sums: tuple[Sum, ...]) -> Rests:
    """Count and digest the numbers behind some sums; the order of files does not matter."""
    lines = sorted({line for one in sums for line in _lines(one.rows)})
    return Rests(len(lines), sha256("\n".join(lines).encode()).hexdigest() if lines else "")


def _lines(one: Series) -> list[str]:
    columns = (one.start, one.vintage, one.measures, one.rows["cell"].to_pylist(), one.value)
    return [
        f"{one.name}\t{start}\t{vintage}\t{measure}\t{cell}\t{value!r}"
        for start, vintage, measure, cell, value in zip(*map(list, columns), strict=True)
    ]


def _cells(one: Series, name: str, wanted: tuple[str, ...]) -> Bools:
    """Which cells have a wanted value. Raises `WrongQuestion` where no cell ever had one of them."""
    if name not in one.dimensions:
        known = ", ".join(one.dimensions) or "–"
        raise WrongQuestion(reason(NO_DIMENSION, series=one.name, name=name, known=known))
    column, values = one.dimensions[name]
    for value in (text.removeprefix(NOT) for text in wanted if text.removeprefix(NOT) not in values):
        near = ", ".join(get_close_matches(value, values, cutoff=0.3) or sorted(values)[:3])
        raise WrongQuestion(reason(NO_VALUE, series=one.name, name=name, value=value, near=near))
    only = [text for text in wanted if not text.startswith(NOT)]
    but = [text.removeprefix(NOT) for text in wanted if text.startswith(NOT)]
    found: Bools = ~np.isin(column, but)
    return found & np.isin(column, only) if only else found


def _monthly(one: Series, months: range) -> Floats:
    """Sums by month. Floats are added in the order of value, so that the order of files does not matter.

    Raises `WrongQuestion` where a number is of more than one month.
    """
    if (one.end > one.start + 1).any():
        raise WrongQuestion(reason(NO_MONTHS, series=one.name))
    inside = (one.start >= months[0]) & (one.start <= months[-1])
    order = np.lexsort((one.value[inside], one.start[inside]))
    places, values = (one.start[inside] - months[0])[order], one.value[inside][order]
    return np.bincount(places, values, minlength=len(months)).astype(np.float64)
