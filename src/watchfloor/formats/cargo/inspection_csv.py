"""Referrals for inspection and what came of them as CSV in our own columns, an act a row.

`subject`, `observed_at` and `state` are needed. `chance` is the probability with which the item was chosen:
without it, nothing about all items can be estimated from those that were examined.
"""

from typing import Final

from watchfloor.formats.base import Format
from watchfloor.formats.tabular.own_csv import OwnCsv

TABLE: Final = OwnCsv(
    "inspection",
    "an inspection",
    "For a table with columns of its own: watchfloor map FILE --kind inspection",
    sure=0.97,
)

COLUMNS: Final = TABLE.columns
sniff, read, write = TABLE.sniff, TABLE.read, TABLE.write

FORMAT: Final = Format("inspection-csv", ("inspection",), sniff, read, write)
