"""Evidence in the order of a fold, a piece at a time: of a whole day no more than some files are in memory.

The clocks of all rows are read first, a stored file after the other; what place each row has in the fold
follows from them. Then a file is read when the first of its rows is due, and let go behind its last. Files of
different feeds are of the same hours, so about one a feed is open at a time.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import KINDS
from watchfloor.core.marking import readable
from watchfloor.desks.base import ARRIVAL, Desk, DeskError, Refs
from watchfloor.policy.policy import Reader
from watchfloor.run.fold import refuse_foreknowledge
from watchfloor.run.inline import Clock, Inline
from watchfloor.run.order import PIECE, as_received, combined, is_sorted, moment, moments, receipts
from watchfloor.run.runner import Runner, history, run
from watchfloor.store.floor import Floor
from watchfloor.store.segments import index
from watchfloor.store.segments.reading import PLACE
from watchfloor.store.segments.replacing import COLUMNS, told_apart

Histories: TypeAlias = dict[str, Iterator[pa.Table]]
"""What `run` gives, each kind in pieces, to be read once; all of a `row_id` is in one."""

Numbers = npt.NDArray[np.int64]

MANY: Final = 4 * PIECE
"""Rows of a desk from which on they are read in pieces; fewer are read faster at once."""


def evaluated(
    floor: Floor,
    desk: Desk[Any],
    refs: Refs,
    reader: Reader,
    position: int,
    derived: Mapping[str, pa.Table],
    runner: Runner,
) -> Histories:
    """Return every revision of what a desk says of the evidence up to a position that `reader` may see.

    `derived` holds what the desks before it said, by kind.
    """
    if isinstance(runner, Inline) and KINDS.keys() >= {*desk.reads} and floor.count(desk.reads) > MANY:
        rows = _Rows(floor, desk, reader, position)
        if rows.are_as_stored and len(rows.at):
            end = int(rows.at[-1])
            made = runner.fold(desk, refs, rows.at, rows.piece, moment(end), floor.root)
            return {kind: _histories(desk, kind, spool, end) for kind, spool in made.items()}
    return whole(run(desk, _inputs(floor, desk, reader, position, derived), refs, runner))


def whole(made: Mapping[str, pa.Table]) -> Histories:
    """Return histories in one piece each."""
    return {kind: iter([rows]) for kind, rows in made.items()}


def _histories(desk: Desk[Any], kind: str, made: Iterable[pa.Table], end: int) -> Iterator[pa.Table]:
    for rows in made:
        refuse_foreknowledge(desk, kind, rows, end)
        yield history(rows)


def _inputs(
    floor: Floor, desk: Desk[Any], reader: Reader, position: int, derived: Mapping[str, pa.Table]
) -> dict[str, pa.Table]:
    lowered = floor.lowered(position)
    inputs = {
        kind: derived[kind]
        if kind in derived
        else told_apart(floor.read(kind, reader, as_of=position), lowered)
        for kind in desk.reads
    }
    return received(desk, inputs)


def received(desk: Desk[Any], rows: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Return the rows of each kind in the order in which a desk that reads by arrival has them."""
    return {kind: as_received(table) if desk.order is ARRIVAL else table for kind, table in rows.items()}


class _File(NamedTuple):
    """A stored file: its kind, its segments, and the place of each of its rows in the fold."""

    kind: str
    segments: list[int]
    rank: Numbers


class _Rows:
    """The rows of a desk in its order.

    Attributes:
        at: the clock at each.
        are_as_stored: whether the desk is given each row as it is stored, see `told_apart`.
    """

    def __init__(self, floor: Floor, desk: Desk[Any], reader: Reader, position: int) -> None:
        self._floor, self._desk, self._reader = floor, desk, reader
        clocks = [_Clocks.read(floor, desk, kind, reader, position) for kind in desk.reads]
        self.are_as_stored = all(one.markings < 2 or self._is_plain(one.kind, position) for one in clocks)
        at = np.concatenate([one.at for one in clocks])
        order = np.arange(len(at))
        if desk.order is ARRIVAL or is_sorted(desk):  # stable: one moment's rows by kind, then by the log
            order = np.argsort(at, kind="stable")
        self.at: Clock = np.maximum.accumulate(at[order])
        place = np.empty(len(at), np.int64)
        place[order] = np.arange(len(at))
        ends = np.cumsum([0, *(len(one.at) for one in clocks)])
        found = [
            _File(one.kind, segments, place[start + rows])
            for one, start in zip(clocks, ends.tolist(), strict=False)
            for segments, rows in one.files
            if len(rows)
        ]
        self._waiting = sorted(found, key=lambda one: int(one.rank.min()), reverse=True)
        self._open: list[tuple[_File, pa.Table]] = []

    def piece(self, start: int, end: int) -> pa.Table:
        """Return the rows from one place up to another; the pieces that are asked for follow one another."""
        while self._waiting and int(self._waiting[-1].rank.min()) < end:
            self._open.append((one := self._waiting.pop(), self._read(one)))
        parts: dict[str, list[pa.Table]] = {kind: [] for kind in self._desk.reads}
        ranks: dict[str, list[Numbers]] = {kind: [] for kind in self._desk.reads}
        for one, table in self._open:
            mine = np.flatnonzero((one.rank >= start) & (one.rank < end))
            parts[one.kind].append(_chosen(table, mine))
            ranks[one.kind].append(one.rank[mine])
        self._open = [(one, table) for one, table in self._open if int(one.rank.max()) >= end]
        inputs = {
            kind: pa.concat_tables(tables) if tables else KINDS[kind].schema.empty_table()
            for kind, tables in parts.items()
        }
        rows = combined(self._desk, inputs)
        rank = np.concatenate([one for several in ranks.values() for one in several])
        return (
            rows if np.all(rank[1:] > rank[:-1]) else rows.combine_chunks().take(pa.array(np.argsort(rank)))
        )

    def _read(self, one: _File) -> pa.Table:
        table = self._floor.read_segments(one.kind, self._reader, KINDS[one.kind].schema.names, one.segments)
        if table.num_rows != len(one.rank):
            raise DeskError(f"desk {self._desk.name!r}: evidence was erased while it was read; run it again")
        return table

    def _is_plain(self, kind: str, position: int) -> bool:
        rows = self._floor.read(kind, self._reader, position, COLUMNS)
        return told_apart(rows, self._floor.lowered(position)) is rows


class _Clocks(NamedTuple):
    """The clocks of a kind.

    Attributes:
        kind: whose.
        at: by which its rows are put in order with those of other kinds; in the order that they have then.
        files: segments of each stored file, and the place in `at` of each of its rows.
        markings: how many its rows have, as far as those differ in who may read them.
    """

    kind: str
    at: Clock
    files: list[tuple[list[int], Numbers]]
    markings: int

    @classmethod
    def read(cls, floor: Floor, desk: Desk[Any], kind: str, reader: Reader, position: int) -> "_Clocks":
        """Read them, a file at a time."""
        schema, segments, who = KINDS[kind].schema, floor.stored_segments(kind, position), set[str]()
        names = [one for one in ("observed_at", "received_at", "source") if one in schema.names]
        tables, places = [schema.empty_table().select(names)], []
        for numbers in segments:
            table = floor.read_segments(kind, reader, [*names, "marking", *PLACE], numbers)
            who.update(map(readable, pc.unique(table["marking"]).to_pylist()))
            tables.append(table.select(names))
            places.append(index.places(table))
        rows, place = pa.concat_tables(tables), np.concatenate([np.zeros(0, np.uint64), *places])
        order = np.arange(len(place))
        if np.any(place[1:] < place[:-1]):
            order = np.argsort(place, kind="stable")
            rows = rows.take(pa.array(order))
        at = moments(rows)
        if desk.order is ARRIVAL:
            noted = len(at) and "received_at" in names
            at = receipts(rows) if noted else np.maximum.accumulate(at)
            again = np.argsort(at, kind="stable")
            order, at = order[again], at[again]
        back = np.empty(len(order), np.int64)
        back[order] = np.arange(len(order))
        ends = np.cumsum([0, *map(len, places)])
        mine = [back[start:end] for start, end in pairwise(ends)]
        return cls(kind, at, list(zip(segments, mine, strict=True)), len(who))


def _chosen(table: pa.Table, rows: Numbers) -> pa.Table:
    if len(rows) and int(rows[-1]) - int(rows[0]) == len(rows) - 1:
        return table.slice(int(rows[0]), len(rows))
    return table.take(pa.array(rows))
