"""Tallies: how many rows of evidence a feed has brought under each marking, and of what moments.

They are made once for all readers, and masked by marking as rows are: what a row adds depends on nothing but
its own feed, marking and moment.
"""

from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from watchfloor.core.kinds import KINDS
from watchfloor.store import log
from watchfloor.store.database import Database
from watchfloor.store.segments import reading

_KEYS: Final = ("source", "marking")
_SCHEMA: Final = pa.schema(
    [
        *(pa.field(name, pa.string()) for name in _KEYS),
        pa.field("rows", pa.int64()),
        pa.field("observed_at", pa.timestamp("us", "UTC")),
    ]
)


class Tallies:
    """The tallies of a floor, for any thread.

    What an act brought changes by an erasure alone. So each segment is read once, a stored file at a time,
    and all are read again after an erasure. One row a feed and marking is kept, however large the floor is.
    """

    def __init__(self, root: Path) -> None:
        self._root, self._guard = root, Lock()
        self._known = _Tallied(0, 0, _SCHEMA.empty_table())

    def table(self, database: Database) -> pa.Table:
        """Return `source`, `marking`, `rows`, latest `observed_at`, as of a snapshot or a later one."""
        (upto,) = database.execute("SELECT coalesce(max(position), 0) FROM segments").fetchone()
        erased = log.newest(database, ["erasure"])
        with self._guard:
            known = self._known
            if known.erased < erased:
                known = _Tallied(0, erased, _SCHEMA.empty_table())
            if known.upto < upto:
                known = _Tallied(upto, erased, _continued(known, self._root, database, upto))
            self._known = known
        return known.table


class _Tallied(NamedTuple):
    """Tallies of acts up to a position, after the erasure at another."""

    upto: int
    erased: int
    table: pa.Table


def _continued(known: _Tallied, root: Path, database: Database, upto: int) -> pa.Table:
    """Add to what is known what later acts up to one brought."""
    found = known.table
    for name, kind in KINDS.items():
        for part in reading.payloads(database, name, upto=upto, after=known.upto):
            rows = reading.read(root, [part], kind.schema, None, (*_KEYS, "observed_at"))
            ones = pa.array(np.ones(rows.num_rows, np.int64))
            rows = rows.append_column("rows", ones).select(_SCHEMA.names).cast(_SCHEMA)
            found = _summed(pa.concat_tables([found, rows]))
    return found


def _summed(table: pa.Table) -> pa.Table:
    summed = table.group_by(list(_KEYS)).aggregate([("rows", "sum"), ("observed_at", "max")])
    return summed.select([*_KEYS, "rows_sum", "observed_at_max"]).rename_columns(_SCHEMA.names)
