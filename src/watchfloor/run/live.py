"""A desk on the live floor: rows are held back until they can be sorted, and late ones are put right.

What a live run has published is at every moment what a whole run over the same rows would give, up to the
numbers of the revisions: `net` of it is equal byte for byte, and so is `net` of its rows with `at <= t`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.desks.base import Desk, DeskError, Refs
from watchfloor.records.kinds import KINDS
from watchfloor.run.fold import Emitted, Folds, refuse_foreknowledge
from watchfloor.run.order import combined, is_sorted, micros, moment, moments
from watchfloor.run.revisions import corrected, news, settled, standing
from watchfloor.run.snapshot import BEGINNING, PLACE, Place, Snapshot, covered, place_of

Published = list[tuple[str, pa.Table]]


class Delta(NamedTuple):
    """What one step of a live run came to.

    Attributes:
        rows: derived rows to publish, by derived kind, numbered after those published before.
        late: how many rows came after their moment had passed and were put right.
        beyond: rows too late to be put right, which no fold has seen: run the desk anew over the floor.
    """

    rows: dict[str, pa.Table]
    late: int
    beyond: pa.Table


class LiveRun:
    """One desk, run as its rows arrive.

        live = LiveRun(desk, refs)
        live.push({"party": rows})
        delta = live.advance(now)

    Args:
        desk: who folds.
        refs: what it uses, and the key of row ids.
        kinds: schemas of the derived kinds that the desk reads.
        keep: how far back late rows can be put right, without end where None. Rows and snapshots of that time
            stay in memory.
        every: how much time between two snapshots.
    """

    def __init__(
        self,
        desk: Desk[Any],
        refs: Refs,
        kinds: Mapping[str, pa.Schema] | None = None,
        keep: timedelta | None = None,
        every: timedelta = timedelta(hours=1),
    ) -> None:
        self._desk, self._refs, self._keep, self._every = desk, refs, keep, every
        schemas = {kind: KINDS[kind].schema for kind in desk.reads if kind in KINDS} | dict(kinds or {})
        self._none = {kind: schema.empty_table() for kind, schema in schemas.items()}
        self._folds = Folds(desk, refs)
        self._arrived, self._newest = 0, BEGINNING
        self._held = self._folded = self._placed({})
        self._place, self._watermark = Place(BEGINNING, 0, 0), BEGINNING
        self._snapshots = [Snapshot(self._place, self._watermark)]
        self._history: dict[tuple[Any, str], pa.Table] = {}

    @property
    def watermark(self) -> datetime | None:
        """Up to when the desk has seen everything; None before the first step."""
        return None if self._watermark == BEGINNING else moment(self._watermark)

    def push(self, inputs: Mapping[str, pa.Table]) -> None:
        """Take rows by kind, as they arrived. Raises `DeskError` for a kind the desk does not read."""
        if unread := ", ".join(sorted(inputs.keys() - set(self._desk.reads))):
            raise DeskError(f"desk {self._desk.name!r} does not read {unread}")
        rows = self._placed(inputs)
        self._held = pa.concat_tables([self._held, rows])
        self._newest = max(self._newest, int(moments(rows).max(initial=BEGINNING)))

    def advance(self, now: datetime | None = None) -> Delta:
        """Fold what is due, put right what was late, and say what there is to publish.

        Args:
            now: the clock; the newest row's moment where None. The watermark is this less the desk's
                lateness, and never goes back, whatever the clock does. Rows after it are held.
        """
        mark = max(self._watermark, self._due(now))
        if mark == BEGINNING:
            return Delta(self._by_kind([]), 0, self._rows(self._held))
        if not is_sorted(self._desk):
            rows, self._held = self._held, self._held.slice(0, 0)
            return Delta(self._by_kind(self._stepped(rows, mark)), 0, self._rows(self._held))
        rows, beyond = self._ready(mark)
        late = rows.filter(pa.array(covered(rows, self._place, self._watermark)))
        published: Published = []
        if late.num_rows:
            rows, published = self._rewound(rows, late, mark)
        else:
            self._folded = pa.concat_tables([self._folded, rows])
        published += self._stepped(rows, mark)
        self._remember()
        return Delta(self._by_kind(published), late.num_rows, self._rows(beyond))

    def _due(self, now: datetime | None) -> int:
        clock = self._newest if now is None else micros(now)
        if not is_sorted(self._desk):
            return max(clock, self._newest)
        return BEGINNING if clock == BEGINNING else clock - self._desk.lateness // timedelta(microseconds=1)

    def _placed(self, inputs: Mapping[str, pa.Table]) -> pa.Table:
        """Rows with the columns that hold their place."""
        given = self._none | dict(inputs)
        rows = combined(self._desk, given)
        counts = [given[kind].num_rows for kind in self._desk.reads]
        kinds = np.repeat(np.arange(len(counts)), counts)
        numbers = np.arange(self._arrived, self._arrived + rows.num_rows)
        self._arrived += rows.num_rows
        for name, values in zip(PLACE, (moments(rows), kinds, numbers), strict=True):
            rows = rows.append_column(name, pa.array(values, pa.int64()))
        return rows

    def _rows(self, placed: pa.Table) -> pa.Table:
        return placed.drop_columns(list(PLACE))

    def _ready(self, mark: int) -> tuple[pa.Table, pa.Table]:
        """Held rows up to the watermark in their order, and those that no snapshot reaches back to."""
        due = pc.less_equal(self._held["_at"], mark)
        ready, self._held = self._held.filter(due), self._held.filter(pc.invert(due))
        ready = _sorted(ready)
        oldest = self._snapshots[0]
        lost = covered(ready, oldest.place, oldest.watermark)
        return ready.filter(pa.array(~lost)), ready.filter(pa.array(lost))

    def _stepped(self, rows: pa.Table, mark: int) -> Published:
        """Fold rows that are in order, and give what is new of what is derived."""
        emitted = self._folds.step(self._rows(rows), moment(mark))
        if is_sorted(self._desk) and rows.num_rows:
            self._place = max(self._place, place_of(rows, rows.num_rows - 1))
        self._watermark = mark
        return [(kind, self._kept(key, kind, derived, mark)) for key, kind, derived in _merged(emitted)]

    def _kept(self, key: Any, kind: str, derived: pa.Table, mark: int) -> pa.Table:
        refuse_foreknowledge(self._desk, kind, derived, mark)
        before = self._history.get((key, kind), derived.slice(0, 0))
        same_ids = pc.is_in(before["row_id"], derived["row_id"].combine_chunks())
        rows = settled(derived, standing(before.filter(same_ids)))
        self._history[key, kind] = pa.concat_tables([before, rows])
        return rows

    def _rewound(self, rows: pa.Table, late: pa.Table, mark: int) -> tuple[pa.Table, Published]:
        """Go back to before the late rows with the folds they belong to, and fold again with them in place.

        Gives the ready rows of the other folds, and what corrects what was published.
        """
        self._folded = _sorted(pa.concat_tables([self._folded, rows]))
        keys = self._keys(late)
        index = max(i for i, s in enumerate(self._snapshots) if not covered(late, s.place, s.watermark).any())
        start = self._snapshots[index]
        again = self._of(self._folded, keys)
        again = again.filter(pa.array(~covered(again, start.place, start.watermark)))
        folds = Folds(self._desk, self._refs, {k: state for k, state in start.states.items() if k in keys})
        segments: list[Emitted] = []
        for point in self._snapshots[index + 1 :]:
            ours = covered(again, point.place, point.watermark)
            segments.append(folds.step(self._rows(again.filter(pa.array(ours))), moment(point.watermark)))
            again = again.filter(pa.array(~ours))
            point.states |= folds.freeze()
            before = int(covered(self._folded, point.place, point.watermark).sum())
            point.place = max(point.place, place_of(self._folded, before - 1))
        segments.append(folds.step(self._rows(again), moment(mark)))
        self._folds.adopt(folds)
        self._place = place_of(self._folded, self._folded.num_rows - 1)
        published = [
            self._corrected(key, kind, index, segments, mark) for key, kind in self._touched(keys, segments)
        ]
        return self._of(rows, keys, others=True), published

    def _touched(self, keys: set[Any], segments: list[Emitted]) -> Iterable[tuple[Any, str]]:
        old = [(key, kind) for key, kind in self._history if key in keys]
        return dict.fromkeys([*old, *((key, kind) for part in segments for key, kind, _ in part)])

    def _corrected(
        self, key: Any, kind: str, index: int, segments: list[Emitted], mark: int
    ) -> tuple[str, pa.Table]:
        """Correct the history of one fold after snapshot `index`, and what later snapshots know of it."""
        none = self._desk.yields[kind].empty_table()
        history = self._history.get((key, kind), none)
        length = self._snapshots[index].lengths.get((key, kind), 0)
        before = standing(history.slice(0, length))
        parts = [[rows for k, of, rows in part if k == key and of == kind] for part in segments]
        derived = pa.concat_tables([none, *(rows for part in parts for rows in part)])
        refuse_foreknowledge(self._desk, kind, derived, mark)
        chosen = news(derived, before)
        correction = corrected(before, history.slice(length), derived.take(pa.array(chosen)))
        self._history[key, kind] = pa.concat_tables([history.slice(0, length), correction.tail])
        ends = np.cumsum([sum(rows.num_rows for rows in part) for part in parts])
        for point, end in zip(self._snapshots[index + 1 :], ends, strict=False):
            point.lengths[key, kind] = length + int((chosen < end).sum())
        return kind, correction.published

    def _keys(self, rows: pa.Table) -> set[Any]:
        return set(rows[self._desk.key].unique().to_pylist()) if isinstance(self._desk.key, str) else {None}

    def _of(self, rows: pa.Table, keys: set[Any], *, others: bool = False) -> pa.Table:
        """Rows of these folds, or of the others."""
        if not isinstance(self._desk.key, str):
            return rows.slice(0, 0) if others else rows
        column = rows[self._desk.key]
        ours = pc.is_in(column, pa.array(list(keys), column.type))
        return rows.filter(pc.invert(ours) if others else ours)

    def _remember(self) -> None:
        """Take a snapshot when it is time, and forget what is too old to go back to."""
        if self._watermark - self._snapshots[-1].watermark >= self._every // timedelta(microseconds=1):
            lengths = {of: rows.num_rows for of, rows in self._history.items()}
            self._snapshots.append(Snapshot(self._place, self._watermark, self._folds.freeze(), lengths))
        if self._keep is not None:
            self._forget(self._watermark - self._keep // timedelta(microseconds=1))

    def _forget(self, horizon: int) -> None:
        old = sum(point.watermark <= horizon for point in self._snapshots[1:])
        if not old:
            return
        self._snapshots = self._snapshots[old:]
        oldest = self._snapshots[0]
        self._folded = self._folded.filter(pa.array(~covered(self._folded, oldest.place, oldest.watermark)))
        for of, rows in self._history.items():
            length = oldest.lengths.get(of, 0)
            kept = standing(rows.slice(0, length))
            self._history[of] = pa.concat_tables([kept, rows.slice(length)]).combine_chunks()
            for point in self._snapshots:
                point.lengths[of] = point.lengths.get(of, 0) - length + kept.num_rows

    def _by_kind(self, published: Published) -> dict[str, pa.Table]:
        rows: dict[str, list[pa.Table]] = {
            k: [schema.empty_table()] for k, schema in self._desk.yields.items()
        }
        for kind, table in published:
            rows[kind].append(table)
        return {kind: pa.concat_tables(tables) for kind, tables in rows.items()}


def _sorted(rows: pa.Table) -> pa.Table:
    return rows.sort_by([(name, "ascending") for name in PLACE])


def _merged(emitted: Emitted) -> Emitted:
    """One table a fold and derived kind."""
    tables: dict[tuple[Any, str], list[pa.Table]] = {}
    for key, kind, rows in emitted:
        tables.setdefault((key, kind), []).append(rows)
    return [(key, kind, pa.concat_tables(parts)) for (key, kind), parts in tables.items()]
