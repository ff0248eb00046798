"""Screened parties as columns: by the million they are, and next to none is ever looked at as a row."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import PARTY
from watchfloor.core.partial_date import read_loosely
from watchfloor.desks.state import Row

BATCH: Final = 1 << 13
"""Rows whose values are in Python at a time."""
PARTS: Final = 64
"""Tables from which on they are put together: a live fold brings a few rows a step."""


class PartyQuery(NamedTuple):
    """The part of a party that is screened; `number` is its own here, in the order in which parties came."""

    number: int
    record_id: bytes
    name: str
    birth_date: str | None
    country: str | None
    schema: str | None
    day: date


class Parties:
    """Parties that no later report corrects, in the order in which they came.

    Args:
        rows: the first, with the columns of the kind.
    """

    def __init__(self, rows: pa.Table | None = None) -> None:
        self._parts: list[pa.Table] = []
        self._starts: list[int] = []
        self._reports = np.zeros(0, np.int64)  # a hash of source and report key, 0 where there is none
        self._gone: set[int] = set()
        self._count = 0
        if rows is not None:
            self.add(rows)

    def __len__(self) -> int:
        """How many stand."""
        return self._count - len(self._gone)

    def add(self, rows: pa.Table) -> int:
        """Take parties in; gives the number of the first."""
        first = self._count
        if rows.num_rows:
            columns = [rows.column(name) for name in PARTY.schema.names]
            self._starts.append(first)
            self._parts.append(pa.Table.from_arrays(columns, schema=PARTY.schema))
            self._count += rows.num_rows
            self._reports = np.concatenate((self._reports, _hashes(rows)))
            if len(self._parts) >= PARTS:
                self._parts, self._starts = [pa.concat_tables(self._parts).combine_chunks()], [0]
        return first

    def corrected(self, first: int) -> dict[int, list[int]]:
        """Let go of what later deliveries say anew under a report key, from a party on; rows of one delivery
        stand together. Gives the numbers that each party takes the place of.
        """
        told, keyed = self._reports[:first], self._reports[first:]
        earlier = np.flatnonzero(np.isin(told, keyed[keyed != 0]))
        again = (keyed != 0) & (np.isin(keyed, told[earlier]) | ~_first(keyed))
        if not again.any():
            return {}
        standing: dict[tuple[str, str], list[int]] = {}
        for number in earlier.tolist():
            if number not in self._gone:
                standing.setdefault(self._report(number), []).append(number)
        found: dict[int, list[int]] = {}
        for number in (first + np.flatnonzero(np.isin(keyed, keyed[again]))).tolist():
            mine = standing.setdefault(self._report(number), [])
            delivery = self._value(number, "delivery")
            others = [one for one in mine if self._value(one, "delivery") != delivery]
            if others:
                found[number] = others
                self._gone.update(others)
                mine[:] = [one for one in mine if one not in self._gone]
            mine.append(number)
        return found

    def row(self, number: int) -> Row:
        """The party as a row, of one that stands no more too."""
        part, at = self._place(number)
        found: Row = part.slice(at, 1).to_pylist()[0]
        return found

    def asked(self, first: int = 0) -> Iterator[PartyQuery]:
        """Yield the parties from a number on that stand or did when they came, to be screened in turn."""
        names = ("record_id", "name", "birth_date", "country", "schema")
        for start, part in zip(self._starts, self._parts, strict=True):
            for at in range(max(0, first - start), part.num_rows, BATCH):
                rows = part.slice(at, BATCH)
                days = rows.column("observed_at").cast(pa.date32())
                columns = [*(rows.column(name).to_pylist() for name in names), days.to_pylist()]
                yield from map(PartyQuery, range(start + at, start + at + rows.num_rows), *columns)

    def standing(self) -> Iterator[PartyQuery]:
        """Yield the parties that stand."""
        return (one for one in self.asked() if one.number not in self._gone)

    def numbers(self, record_ids: Iterable[bytes]) -> dict[bytes, int]:
        """Numbers of some records."""
        wanted = pa.array(record_ids, PARTY.schema.field("record_id").type)
        found: dict[bytes, int] = {}
        for start, part in zip(self._starts, self._parts, strict=True):
            ids = part.column("record_id")
            places = np.flatnonzero(pc.is_in(ids, wanted).to_numpy())
            found |= dict(zip(ids.take(pa.array(places)).to_pylist(), (start + places).tolist(), strict=True))
        return found

    def table(self) -> pa.Table:
        """The parties that stand."""
        rows = pa.concat_tables([PARTY.schema.empty_table(), *self._parts])
        if not self._gone:
            return rows
        keep = np.ones(self._count, np.bool_)
        keep[list(self._gone)] = False
        return rows.filter(pa.array(keep))

    def _place(self, number: int) -> tuple[pa.Table, int]:
        part = bisect_right(self._starts, number) - 1
        return self._parts[part], number - self._starts[part]

    def _value(self, number: int, name: str) -> Any:
        part, at = self._place(number)
        return part.column(name)[at].as_py()

    def _report(self, number: int) -> tuple[str, str]:
        return self._value(number, "source"), self._value(number, "report_key")


def _hashes(rows: pa.Table) -> npt.NDArray[np.int64]:
    """A number for each source and report key, 0 where there is no key; two may share one."""
    pairs = zip(rows.column("source").to_pylist(), rows.column("report_key").to_pylist(), strict=True)
    return np.fromiter((0 if pair[1] is None else hash(pair) for pair in pairs), np.int64, rows.num_rows)


def _first(values: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which values did not occur before."""
    first = np.zeros(len(values), np.bool_)
    first[np.unique(values, return_index=True)[1]] = True
    return first


@lru_cache(maxsize=1 << 16)
def legible(date_text: str | None) -> str | None:
    """The birth date, unless no calendar has it: a date that cannot be read says nothing."""
    try:
        read_loosely(date_text or "")
    except ValueError:
        return None
    return str(date_text)
