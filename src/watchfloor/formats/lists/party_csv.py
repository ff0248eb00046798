"""Parties as CSV, in our own columns: those of the kind `party`, under the names they have there.

`name`, `role` and `observed_at` are needed. `subject` may be left out: the feed makes one from its name and
`report_key`. `origins` and `identifiers` are lists in one cell, see `watchfloor.formats.tabular.values`.
Moments without a zone are UTC. A table with other columns wants a mapping (`watchfloor map FILE`).
"""

from collections.abc import Iterable
from typing import Any, Final

import pyarrow as pa

from watchfloor.formats.base import Format
from watchfloor.formats.tabular.own_csv import OwnCsv
from watchfloor.records.kinds import PARTY

TABLE: Final = OwnCsv(
    "party", "a party", "For a table with columns of its own: watchfloor map FILE", sure=0.95, trim=False
)

COLUMNS: Final = TABLE.columns
sniff, read, write = TABLE.sniff, TABLE.read, TABLE.write


def rows(parties: Iterable[dict[str, Any]]) -> pa.Table:
    """Rows of `PARTY.body` from dictionaries; what they leave out is null."""
    return pa.Table.from_pylist(list(parties), schema=PARTY.body)


FORMAT: Final = Format("party-csv", ("party",), sniff, read, write)
