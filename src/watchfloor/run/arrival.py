"""A desk in the order of arrival, run for days: what stands is in memory, and what was is not.

`run.live.LiveRun` keeps every revision it has published, because it may have to put late rows right: at
60,000 rows a second that is gigabytes an hour, and each step looks through all of it. A desk in the order of
arrival puts late rows right itself, so what stands is enough: the last row of each `row_id`, to number the
next, and of those only the ones that are not too old to be revised.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import KINDS
from watchfloor.desks.base import ARRIVAL, Desk, DeskError, Refs
from watchfloor.run import saved as paper
from watchfloor.run.fold import Fold, gathered, refuse_foreknowledge
from watchfloor.run.order import arranged, micros
from watchfloor.run.revisions import settled, standing
from watchfloor.run.saved import Entry
from watchfloor.run.snapshot import BEGINNING

KEEP: Final[Mapping[str, timedelta]] = {"signal": timedelta(hours=24)}
"""How long what stands is kept, by derived kind."""
KEEP_OTHERS: Final = timedelta(minutes=15)
"""The same for other kinds, such as tracks: longer than a map shows a position that nothing confirms."""


class ArrivalRun:
    """One desk of evidence alone, run as its rows arrive.

    Args:
        desk: who folds; in the order of arrival.
        refs: what it uses, and the key of row ids.
        saved: a run that was saved, to go on from; None: from nothing.

    Attributes:
        standing: by derived kind the last row of each `row_id`, taken back or not.

    Raises:
        DeskError: the desk folds in another order or reads what others derive; or `saved` is of another desk.
    """

    def __init__(self, desk: Desk[Any], refs: Refs, saved: bytes | None = None) -> None:
        if desk.order is not ARRIVAL or not KINDS.keys() >= {*desk.reads}:
            raise DeskError(
                f"desk {desk.name!r} ({desk.place}) cannot be run live: it must read evidence alone, in the "
                "order of arrival"
            )
        self._desk, self._refs = desk, refs
        self._none = {kind: KINDS[kind].schema.empty_table() for kind in desk.reads}
        self._schema = arranged(desk, self._none).schema
        self._watermark = BEGINNING
        self.standing = {kind: schema.empty_table() for kind, schema in desk.yields.items()}
        self._fold = Fold(desk, refs) if saved is None else self._recalled(saved)

    def step(self, inputs: Mapping[str, pa.Table], watermark: datetime) -> dict[str, pa.Table]:
        """Fold rows by kind, in the order they arrived; gives what is new of what is derived, numbered.

        Args:
            inputs: kinds that the desk does not read are left alone.
            watermark: a moment at or after the receipt of every row so far, and before that of all to come.
        """
        self._watermark = max(self._watermark, micros(watermark))
        made = gathered(self._desk, self._fold.step(self._arranged(inputs), watermark))
        return {kind: self._settled(kind, rows) for kind, rows in made.items()}

    def _arranged(self, inputs: Mapping[str, pa.Table]) -> pa.Table:
        """The rows as the desk is handed them. Where all are of one kind, as nearly always, none is moved."""
        some = {kind: inputs[kind] for kind in self._none if kind in inputs and inputs[kind].num_rows}
        if len(some) != 1:
            return arranged(self._desk, self._none | some)
        ((kind, rows),) = some.items()
        told = {"kind": pa.repeat(pa.scalar(kind, pa.string()), rows.num_rows)}
        told |= dict(zip(rows.column_names, rows.columns, strict=True))
        columns = [
            told[field.name] if field.name in told else pa.nulls(rows.num_rows, field.type)
            for field in self._schema
        ]
        return pa.table(columns, schema=self._schema)

    def picture(self) -> dict[str, pa.Table]:
        """Return the live snapshot of the desk's state, by derived kind; empty where it shows none."""
        return self._fold.picture()

    @property
    def shows(self) -> bool:
        """Whether there is a picture, which each step changes even where nothing is derived."""
        return self._desk.picture is not None

    def save(self) -> bytes:
        """All that the run knows, to go on from after a restart."""
        return self.freeze()()

    def freeze(self) -> Callable[[], bytes]:
        """Take all that the run knows now; what is returned writes it down, while the run may go on."""
        head = {"owner": paper.owner(self._desk, self._refs), "watermark": self._watermark}
        entries = [Entry("history", kind=kind, rows=rows) for kind, rows in self.standing.items()]
        entries.append(Entry("state", rows=self._fold.freeze()))
        return partial(paper.write, head, entries)

    def _recalled(self, saved: bytes) -> Fold:
        head, entries = paper.read(saved)
        paper.refuse_another(self._desk, self._refs, head["owner"])
        for entry in entries:
            if entry.part == "history" and entry.rows is not None:
                kind = str(entry.kind)
                if kind not in self.standing or not entry.rows.schema.equals(self.standing[kind].schema):
                    raise DeskError(f"desk {self._desk.name!r}: the saved run holds other columns of {kind}")
                self.standing[kind] = entry.rows
        self._watermark = head["watermark"]
        return Fold(self._desk, self._refs, next((e.rows for e in entries if e.part == "state"), None))

    def _settled(self, kind: str, rows: pa.Table) -> pa.Table:
        refuse_foreknowledge(self._desk, kind, rows, self._watermark)
        if not rows.num_rows:
            return rows
        before = self.standing[kind]
        told = settled(rows, before.filter(pc.is_in(before["row_id"], rows["row_id"].combine_chunks())))
        self.standing[kind] = self._kept(kind, standing(pa.concat_tables([before, told]))).combine_chunks()
        return told

    def _kept(self, kind: str, rows: pa.Table) -> pa.Table:
        horizon = self._watermark - KEEP.get(kind, KEEP_OTHERS) // timedelta(microseconds=1)
        keep = np.asarray(rows["at"].cast(pa.int64()).to_numpy() >= horizon)
        return rows if keep.all() else rows.filter(pa.array(keep))
