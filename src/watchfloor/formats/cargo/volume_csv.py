"""Counts of items by stream as CSV in our own columns: the share of items with data rests on them."""

from typing import Final

from watchfloor.formats.base import Format
from watchfloor.formats.tabular.own_csv import OwnCsv

TABLE: Final = OwnCsv(
    "volume",
    "a count",
    "For a table with columns of its own: watchfloor map FILE --kind volume",
    sure=0.97,
)

COLUMNS: Final = TABLE.columns
sniff, read, write = TABLE.sniff, TABLE.read, TABLE.write

FORMAT: Final = Format("volume-csv", ("volume",), sniff, read, write)
