"""Published numbers, series by series, as they were known on a day.

Of one series the newest vintage that has any row of a month holds that month whole. Publishers leave cells of
zero out, so a cell that the vintage lacks is zero there, while a month that no vintage has is not published.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from functools import cached_property
from hashlib import sha256
from math import isclose
from typing import Any, Final, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.messages import declare, reason
from watchfloor.scorecard.departments import owner
from watchfloor.scorecard.problems import WrongQuestion

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

T = TypeVar("T")

NO_SERIES: Final = declare("scorecard.no-series", "name", "known")

COLUMNS: Final = (
    *("observed_at", "until", "series", "publisher", "published", "dated", "cell", "measure", "unit"),
    *("value", "to_date"),
)
"""Columns of the kind `statistic` that a fact is read from."""
DIFFERS: Final = 1e-12
"""Part of a number by which another differs from it: a publisher's sum of hundredths has 11 digits at most,
and summing floats leaves 14 exact."""
REMEMBERED: Final = 64
"""Things computed from facts that are remembered: six claims on some nine days."""
PROVENANCE: Final = ("record_id", "source", "delivery", "locator", "marking")
"""Further columns, of facts that are records."""


@dataclass(frozen=True)
class Series:
    """Numbers of one series, a row each, in the order in which they came.

    Attributes:
        name: of the series.
        rows: the table, with the columns of `COLUMNS` and perhaps of `PROVENANCE`.
        start, end: first month of each row's period, and the one after its last.
        vintage: days since 1970 by which each number was public.
        cell: number of each row's cell; `cells` has the dimensions of each cell.
        value: the numbers.
        disputed: rows that a second file of the same vintage has otherwise.
    """

    name: str
    rows: pa.Table
    start: Ints
    end: Ints
    vintage: Ints
    cell: Ints
    cells: tuple[Mapping[str, str], ...]
    value: Floats
    disputed: Bools

    @cached_property
    def dimensions(self) -> Mapping[str, tuple[npt.NDArray[np.object_], frozenset[str]]]:
        """By dimension: its value for each cell, and all its values."""
        names = sorted({name for cell in self.cells for name in cell})
        columns = {name: np.array([cell.get(name, "") for cell in self.cells], object) for name in names}
        return {name: (column, frozenset(column)) for name, column in columns.items()}

    @cached_property
    def measures(self) -> npt.NDArray[np.object_]:
        """The measure of each row."""
        return np.asarray(self.rows["measure"].to_pylist(), object)

    @cached_property
    def units(self) -> Mapping[str, str]:
        """The unit of each measure; empty where it is a count."""
        pairs = self.rows.select(["measure", "unit"]).group_by(["measure", "unit"]).aggregate([]).to_pylist()
        return {row["measure"]: row["unit"] or "" for row in pairs}

    @cached_property
    def publishers(self) -> frozenset[str]:
        """Who published it, as its rows have it."""
        return frozenset(one for one in self.rows["publisher"].unique().to_pylist() if one)

    @cached_property
    def months(self) -> frozenset[int]:
        """The months that are published."""
        spans = np.unique(np.stack([self.start, self.end], axis=1), axis=0)
        return frozenset(month for first, end in spans.tolist() for month in range(first, end))

    @cached_property
    def provisional(self) -> frozenset[int]:
        """Months of a year that its publisher calls one to date."""
        now = pc.fill_null(self.rows["to_date"], False).to_numpy(zero_copy_only=False)
        return frozenset(self.start[now].tolist())

    @cached_property
    def hashes(self) -> tuple[bytes, ...]:
        """SHA-256 of each row: its number with what it counts, when, and its vintage."""
        columns = (
            self.start.tolist(),
            self.end.tolist(),
            self.vintage.tolist(),
            self.measures.tolist(),
            self.rows["cell"].to_pylist(),
            self.value.tolist(),
        )
        rows = zip(*columns, strict=True)
        return tuple(sha256(repr((self.name, *row)).encode()).digest() for row in rows)

    @property
    def vintages(self) -> tuple[date, ...]:
        """Days by which its numbers were public, the oldest first."""
        return tuple(day_of(number) for number in np.unique(self.vintage).tolist())

    def select(self, chosen: Bools | Ints) -> "Series":
        """Some of the rows."""
        places = np.flatnonzero(chosen) if chosen.dtype == np.bool_ else chosen
        return Series(
            self.name,
            self.rows.take(pa.array(places)),
            self.start[places],
            self.end[places],
            self.vintage[places],
            self.cell[places],
            self.cells,
            self.value[places],
            self.disputed[places],
        )

    def public(self, on: date) -> "Series":
        """Its rows that were public by a day: itself, with what was computed of it, where all were."""
        until = self.vintage <= number_of(on)
        return self if until.all() else self.select(until)

    def known(self, on: date) -> "Series":
        """As it was known on a day: of each month what the newest vintage of then has."""
        public = self.public(on)
        months, month = np.unique(public.start, return_inverse=True)
        newest = np.full(len(months), np.iinfo(np.int64).min)
        np.maximum.at(newest, month, public.vintage)
        return public.select(public.vintage == newest[month])

    def of_vintage(self, vintage: date) -> "Series":
        """Its rows of one vintage alone."""
        return self.select(self.vintage == number_of(vintage))


@dataclass(frozen=True)
class Facts:
    """Series by name; `on` is the day as of which they are known, None where every vintage is there."""

    series: Mapping[str, Series]
    on: date | None = None
    _computed: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def __getitem__(self, name: str) -> Series:
        """A series. Raises `WrongQuestion` for one that is not held."""
        if name not in self.series:
            known = ", ".join(sorted(self.series)) or "–"
            raise WrongQuestion(reason(NO_SERIES, name=name, known=known))
        return self.series[name]

    def owner(self, name: str) -> str:
        """The department whose own series it is, by its name or publisher; empty for another's."""
        return owner(name, self.series[name].publishers if name in self.series else ())

    def once(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Compute something from them, and remember it: pages of both editions, and of every floor that has
        no numbers of its own, ask for the same."""
        found: T | None = self._computed.get(key)
        if found is None:
            found = compute()
            if len(self._computed) >= REMEMBERED:
                self._computed.clear()
            self._computed[key] = found
        return found

    def known(self, on: date) -> "Facts":
        """As it was known on a day; every claim of a page asks for the same day."""
        return self.once(on, lambda: Facts({name: one.known(on) for name, one in self.series.items()}, on))

    def over(self, other: "Facts") -> "Facts":
        """These, and of another the series that are not here at all."""
        return Facts({**other.series, **self.series}, self.on)


def facts(table: pa.Table) -> Facts:
    """Facts from rows with the columns of the kind `statistic`, in the order in which they came."""
    names = pc.unique(table["series"]).to_pylist()
    return Facts({name: series(name, table.filter(pc.equal(table["series"], name))) for name in names})


def series(name: str, rows: pa.Table) -> Series:
    """One series from its rows. Of two files of one vintage the first holds the cells that both have."""
    coded = rows["cell"].combine_chunks().dictionary_encode()
    start, until = (_months(rows[column]) for column in ("observed_at", "until"))
    made = Series(
        name,
        rows,
        start,
        np.maximum(until, start + 1),
        pc.cast(pc.cast(rows["published"], pa.date32()), pa.int32()).to_numpy().astype(np.int64),
        coded.indices.to_numpy().astype(np.int64),
        tuple(map(_cell, coded.dictionary.to_pylist())),
        rows["value"].to_numpy(),
        np.zeros(rows.num_rows, np.bool_),
    )
    return _undisputed(made)


def _undisputed(whole: Series) -> Series:
    """Of each vintage and month the first file, with the cells that only a later one has.

    Where the files of a vintage share a cell they are two tellings of one table, and what they have otherwise
    is marked; where they share none they are parts of one table, and both stand.
    """
    if not whole.rows.num_rows or "delivery" not in whole.rows.column_names:
        return whole
    file = whole.rows["delivery"].combine_chunks().dictionary_encode().indices.to_numpy()
    _, month = np.unique(np.stack([whole.vintage, whole.start]), axis=1, return_inverse=True)
    first = np.full(month.max() + 1, file.max(), file.dtype)
    np.minimum.at(first, month, file)
    later = file != first[month]
    if not later.any():
        return whole
    told_twice = np.isin(month, month[later])
    held, disputed = _compared(whole, np.flatnonzero(told_twice & ~later), np.flatnonzero(later))
    kept = np.sort(np.concatenate([np.flatnonzero(~told_twice), held]))
    return replace(whole.select(kept), disputed=np.isin(kept, disputed))


def _compared(whole: Series, ours: Ints, theirs: Ints) -> tuple[Ints, Ints]:
    """Rows of two tellings of some months that stand, and those of them that are in dispute."""
    held = {key: place for place, key in zip(ours.tolist(), _keyed(whole, ours), strict=True)}
    both: set[tuple[Any, ...]] = set()
    disputed: set[int] = set()
    for place, key in zip(theirs.tolist(), _keyed(whole, theirs), strict=True):
        if held.setdefault(key, place) == place:
            continue
        both.add(key)
        if not same_number(whole.value[held[key]], whole.value[place]):
            disputed.add(held[key])
    shared = {key[0] for key in both}
    disputed |= {place for key, place in held.items() if key[0] in shared and key not in both}
    return np.array(list(held.values()), np.int64), np.array(sorted(disputed), np.int64)


def _keyed(whole: Series, places: Ints) -> Iterator[tuple[Any, ...]]:
    columns = (whole.vintage, whole.start, whole.end, whole.measures, whole.cell)
    return zip(*(column[places].tolist() for column in columns), strict=True)


def _cell(text: str) -> dict[str, str]:
    """The dimensions of a cell; a text that says none is one by itself, so that its numbers are not lost."""
    try:
        return msgspec.json.decode(text, type=dict[str, str])
    except msgspec.DecodeError:
        return {"cell": text}


def _months(moments: pa.ChunkedArray) -> Ints:
    years, of_year = pc.year(moments), pc.month(moments)
    found: Ints = (12 * years.to_numpy() + of_year.to_numpy() - 1).astype(np.int64)
    return found


def same_number(one: float, other: float) -> bool:
    """Whether two files have one number: weights that were summed as floats differ in their last digits."""
    return isclose(one, other, rel_tol=DIFFERS)


def number_of(day: date) -> int:
    """A day as days since 1970."""
    return (day - _EPOCH).days


def day_of(number: int) -> date:
    """The day of so many days since 1970."""
    return date.fromordinal(_EPOCH.toordinal() + number)


def midnight(month: int) -> datetime:
    """The moment at which a month begins, UTC."""
    return datetime.combine(date(month // 12, month % 12 + 1, 1), time.min, UTC)


_EPOCH: Final = date(1970, 1, 1)
