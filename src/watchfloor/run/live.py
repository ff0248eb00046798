"""A desk on the live floor: rows are held back until they can be sorted, and late ones are put right.

What a live run has published is at every moment what a whole run over the same rows would give, up to the
numbers of the revisions: `net` of it is equal byte for byte, and so is `net` of its rows with `at <= t`.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import KINDS
from watchfloor.desks.base import Desk, DeskError, Refs
from watchfloor.run import saved as paper
from watchfloor.run.fold import Emitted, Fold, gathered, refuse_foreknowledge
from watchfloor.run.order import arranged, clock, combined, in_order, is_sorted, micros, moment, moments
from watchfloor.run.revisions import corrected, news, settled, standing
from watchfloor.run.saved import Entry
from watchfloor.run.snapshot import BEGINNING, Snapshot


class Delta(NamedTuple):
    """Result of one step of a live run.

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
        self._fold = Fold(desk, refs)
        self._held = self._folded = combined(desk, self._none)
        self._watermark = self._newest = BEGINNING
        self._snapshots = [Snapshot()]
        self._history = {kind: schema.empty_table() for kind, schema in desk.yields.items()}

    @property
    def watermark(self) -> datetime | None:
        """Everything before this moment was folded; None before the first step."""
        return None if self._watermark == BEGINNING else moment(self._watermark)

    def push(self, inputs: Mapping[str, pa.Table]) -> None:
        """Take rows by kind, as they arrived. Raises `DeskError` for a kind the desk does not read."""
        if unread := ", ".join(sorted(inputs.keys() - set(self._desk.reads))):
            raise DeskError(f"desk {self._desk.name!r} does not read {unread}")
        given = self._none | dict(inputs)
        rows = combined(self._desk, given) if is_sorted(self._desk) else arranged(self._desk, given)
        self._held = pa.concat_tables([self._held, rows])
        self._newest = max(self._newest, int(np.max(clock(self._desk, rows), initial=BEGINNING)))

    def advance(self, now: datetime | None = None) -> Delta:
        """Fold what is due, put right what was late, and say what there is to publish.

        Args:
            now: the clock; just after the newest row where None. The watermark is this less the desk's
                lateness, and never goes back, whatever the clock does. Rows from the watermark on are held.
        """
        mark = max(self._watermark, self._due(now))
        if mark == BEGINNING:
            return Delta(gathered(self._desk, []), 0, self._held)
        if not is_sorted(self._desk):
            rows, self._held = self._held, self._held.slice(0, 0)
            return Delta(self._stepped(rows, mark), 0, self._held)
        rows, self._held = _split(self._held, mark)
        beyond, rows = _split(rows, self._snapshots[0].watermark)
        self._folded = in_order(pa.concat_tables([self._folded, rows]), self._desk.reads)
        late, _ = _split(rows, self._watermark)
        if late.num_rows:
            published = self._rewound(int(np.min(moments(late))), mark)
        else:
            published = self._stepped(in_order(rows, self._desk.reads), mark)
        self._remember()
        return Delta(published, late.num_rows, beyond)

    def save(self) -> bytes:
        """All that the run knows, for `load` after a restart: states, held rows, snapshots, revisions."""
        head = {
            "owner": paper.owner(self._desk, self._refs),
            "watermark": self._watermark,
            "newest": self._newest,
            "every": self._every // timedelta(microseconds=1),
            "keep": None if self._keep is None else self._keep // timedelta(microseconds=1),
        }
        return paper.write(head, self._entries())

    @classmethod
    def load(cls, desk: Desk[Any], refs: Refs, saved: bytes) -> "LiveRun":
        """The run that was saved; it goes on as if it had not stopped.

        Raises:
            DeskError: `saved` is damaged, or comes from another desk, version, reference, key or schema.
        """
        head, entries = paper.read(saved)
        paper.refuse_another(desk, refs, head["owner"])
        kinds = {
            str(e.kind): e.rows.schema
            for e in entries
            if e.part == "kind" and e.rows is not None and e.kind not in KINDS
        }
        keep = None if head["keep"] is None else timedelta(microseconds=head["keep"])
        live = cls(desk, refs, kinds, keep, timedelta(microseconds=head["every"]))
        live._recall(entries)
        live._watermark, live._newest = head["watermark"], head["newest"]
        return live

    def _entries(self) -> Iterator[Entry]:
        yield from (Entry("kind", kind=kind, rows=rows) for kind, rows in self._none.items())
        yield Entry("held", rows=self._held)
        yield Entry("folded", rows=self._folded)
        yield from (Entry("history", kind, rows=rows) for kind, rows in self._history.items())
        yield Entry("state", rows=self._fold.freeze())
        for i, point in enumerate(self._snapshots):
            yield Entry("snapshot", point=i, number=point.watermark, rows=point.state)
            yield from (Entry("length", kind, i, length) for kind, length in point.lengths.items())

    def _recall(self, entries: list[Entry]) -> None:
        of: dict[str, list[Entry]] = {}
        for entry in entries:
            of.setdefault(entry.part, []).append(entry)
        (held,), (folded,) = of["held"], of["folded"]
        self._held, self._folded = self._same(held, self._held), self._same(folded, self._folded)
        for e in of.get("history", []):
            self._history[str(e.kind)] = self._same(e, self._desk.yields[str(e.kind)].empty_table())
        self._fold = Fold(self._desk, self._refs, of["state"][0].rows)
        self._snapshots = [Snapshot(int(e.number or 0), e.rows) for e in of["snapshot"]]
        for e in of.get("length", []):
            self._snapshots[e.point or 0].lengths[str(e.kind)] = int(e.number or 0)

    def _same(self, entry: Entry, like: pa.Table) -> pa.Table:
        """The rows of an entry. Raises `DeskError` where their schema is no longer ours."""
        if entry.rows is None or not entry.rows.schema.equals(like.schema):
            raise DeskError(
                f"desk {self._desk.name!r}: the saved run holds {entry.kind or entry.part} rows with other "
                "columns than this version of Watchfloor has; run the desk anew over the floor"
            )
        return entry.rows

    def _due(self, now: datetime | None) -> int:
        if now is None and self._newest == BEGINNING:
            return BEGINNING
        clock = self._newest + 1 if now is None else micros(now)
        if not is_sorted(self._desk):
            return max(clock, self._newest)
        return clock - self._desk.lateness // timedelta(microseconds=1)

    def _stepped(self, rows: pa.Table, mark: int) -> dict[str, pa.Table]:
        """Fold rows that are in order, and give what is new of what is derived."""
        self._watermark = mark
        derived = gathered(self._desk, self._fold.step(rows, moment(mark)))
        return {kind: self._kept(kind, rows) for kind, rows in derived.items()}

    def _kept(self, kind: str, derived: pa.Table) -> pa.Table:
        refuse_foreknowledge(self._desk, kind, derived, self._watermark)
        before = self._history[kind]
        same_ids = pc.is_in(before["row_id"], derived["row_id"].combine_chunks())
        rows = settled(derived, standing(before.filter(same_ids)))
        self._history[kind] = pa.concat_tables([before, rows])
        return rows

    def _rewound(self, to: int, mark: int) -> dict[str, pa.Table]:
        """Go back to before a moment, fold again, and give what corrects what was published."""
        index = max(i for i, point in enumerate(self._snapshots) if point.watermark <= to)
        start, later = self._snapshots[index], self._snapshots[index + 1 :]
        self._fold, self._watermark = Fold(self._desk, self._refs, start.state), mark
        _, rows = _split(self._folded, start.watermark)
        parts: list[Emitted] = []
        for point in later:
            part, rows = _split(rows, point.watermark)
            parts.append(self._fold.step(part, moment(point.watermark)))
            point.state = self._fold.freeze()
        parts.append(self._fold.step(rows, moment(mark)))
        return {kind: self._corrected(kind, index, parts) for kind in self._desk.yields}

    def _corrected(self, kind: str, index: int, parts: list[Emitted]) -> pa.Table:
        """Correct the history of a kind after snapshot `index`, and what later snapshots know of it."""
        history, length = self._history[kind], self._snapshots[index].lengths.get(kind, 0)
        before = standing(history.slice(0, length))
        mine = [[rows for of, rows in part if of == kind] for part in parts]
        derived = pa.concat_tables([history.slice(0, 0), *chain.from_iterable(mine)])
        chosen = news(derived, before)
        correction = corrected(before, history.slice(length), derived.take(pa.array(chosen)))
        self._history[kind] = pa.concat_tables([history.slice(0, length), correction.tail])
        ends = np.cumsum([sum(rows.num_rows for rows in tables) for tables in mine])
        for point, end in zip(self._snapshots[index + 1 :], ends, strict=False):
            point.lengths[kind] = length + int((chosen < end).sum())
        return correction.published

    def _remember(self) -> None:
        """Take a snapshot when it is time, and forget what is too old to go back to."""
        if self._watermark - self._snapshots[-1].watermark >= self._every // timedelta(microseconds=1):
            lengths = {kind: rows.num_rows for kind, rows in self._history.items()}
            self._snapshots.append(Snapshot(self._watermark, self._fold.freeze(), lengths))
        if self._keep is not None:
            self._forget(self._watermark - self._keep // timedelta(microseconds=1))

    def _forget(self, horizon: int) -> None:
        """Drop the snapshots before a moment but the last, and what only they need."""
        old = sum(point.watermark <= horizon for point in self._snapshots[1:])
        if not old:
            return
        self._snapshots = self._snapshots[old:]
        _, self._folded = _split(self._folded, self._snapshots[0].watermark)
        for kind, rows in self._history.items():
            length = self._snapshots[0].lengths.get(kind, 0)
            kept = standing(rows.slice(0, length))
            self._history[kind] = pa.concat_tables([kept, rows.slice(length)]).combine_chunks()
            for point in self._snapshots:
                point.lengths[kind] = point.lengths.get(kind, 0) - length + kept.num_rows


def _split(rows: pa.Table, at: int) -> tuple[pa.Table, pa.Table]:
    """Rows before a moment, and the others."""
    before = moments(rows) < at
    return rows.filter(pa.array(before)), rows.filter(pa.array(~before))
