"""Corrections: notes to who delivers parties on earlier reports under the same keys.

A row under the key of an earlier one corrects it. Two things are seldom meant: that most rows of a delivery
correct reports about others, because the key is a row number that begins again in each file; and that a row
comes back which was corrected since, which writes nothing.
"""

import re
from collections.abc import Iterable
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import PARTY, RECORD_ID
from watchfloor.store import Intake, Writer

SHARE: Final = 0.5
"""More than this share of a delivery's rows must replace reports under another name."""

SAMPLE: Final = 100_000
"""Rows of a delivery that are compared."""

ROW_NUMBERS: Final = (
    "replace earlier reports of the same report_key under another name, which are screened no more: is "
    "report_key a row number? If it is, leave it out, or choose a column that tells reports apart from file "
    "to file"
)
CORRECTED: Final = (
    "corrected since, and nothing changes: the correction stands. To bring an old version back, deliver it "
    "with an observed_at after the correction's"
)

_NUMBER: Final = re.compile(r"\D*(\d{1,9})")


class Earlier:
    """Reports with a key on a floor; read when they are asked for, and again once there are more."""

    def __init__(self, writer: Writer) -> None:
        self._writer, self._count = writer, -1
        self._rows = PARTY.schema.empty_table()
        self._of: dict[str, pa.Table] = {}

    def rows_of(self, source: str) -> pa.Table:
        """Columns `report_key`, `record_id`, `name`, and `last`: whether none of its key came later."""
        if (count := sum(map(len, self._writer.known_ids(PARTY.name).runs()))) != self._count:
            held = self._writer.holdings(PARTY.name, ("source", "report_key", "record_id", "name"))
            self._rows, self._count = held.filter(pc.is_valid(held["report_key"])), count
            self._of.clear()
        if source not in self._of:
            self._of[source] = _with_last(self._rows.filter(pc.equal(self._rows["source"], source)))
        return self._of[source]


def _with_last(rows: pa.Table) -> pa.Table:
    numbers = pa.array(np.arange(rows.num_rows))
    last = rows.append_column("n", numbers).group_by("report_key").aggregate([("n", "max")])["n_max"]
    return rows.append_column("last", pc.is_in(numbers, last.combine_chunks()))


class Corrections:
    """Watches the parties of one delivery.

    Args:
        earlier: what the floor held before it.
        source: the feed that delivers.
    """

    def __init__(self, earlier: Earlier, source: str) -> None:
        self._earlier, self._source = earlier, source
        self._seen: list[pa.Table] = []
        self._count = 0

    def see(self, rows: pa.Table) -> None:
        """Rows of parties, as they are offered to the store."""
        if self._count < SAMPLE:
            self._seen.append(rows.select(["report_key", "name"]))
            self._count += rows.num_rows

    def notes(self, intake: Intake) -> tuple[str, ...]:
        """Return notes for the person who delivers; to be asked before the delivery is committed."""
        return (*self._row_numbers(intake), *self._old_versions(intake))

    def _row_numbers(self, intake: Intake) -> tuple[str, ...]:
        if not intake.account.accepted or not self._seen:
            return ()
        rows = pa.concat_tables(self._seen)
        if not _count_up(rows["report_key"].to_pylist()):
            return ()
        held = self._earlier.rows_of(self._source)
        held = held.filter(held["last"])
        at = pc.index_in(rows["report_key"], held["report_key"].combine_chunks())
        others = pc.sum(pc.not_equal(held["name"].take(at), rows["name"])).as_py() or 0
        if others <= SHARE * rows.num_rows:
            return ()
        return (f"{others:,} of {rows.num_rows:,} rows {ROW_NUMBERS}",)

    def _old_versions(self, intake: Intake) -> tuple[str, ...]:
        repeats = intake.repeats
        if not repeats or not self._seen:
            return ()
        held = self._earlier.rows_of(self._source)
        ids = pa.FixedSizeBinaryArray.from_buffers(
            RECORD_ID, len(repeats) // RECORD_ID.byte_width, [None, pa.py_buffer(repeats)]
        )
        again = held.filter(pc.is_in(held["record_id"], ids))
        stand = pc.is_in(again["report_key"], again.filter(again["last"])["report_key"].combine_chunks())
        old = again.num_rows - (pc.sum(stand).as_py() or 0)
        if not old:
            return ()
        rows = (
            "1 row is an old version of a report" if old == 1 else f"{old:,} rows are old versions of reports"
        )
        return (f"{rows} {CORRECTED}",)


def _count_up(keys: Iterable[str | None]) -> bool:
    """Whether keys look like the numbers of rows or lines: none is much above how many there are."""
    numbers = [_NUMBER.fullmatch(key or "") for key in keys]
    found = [int(match[1]) for match in numbers if match]
    return 1 < len(found) == len(numbers) and max(found) <= 2 * len(found) + 10
