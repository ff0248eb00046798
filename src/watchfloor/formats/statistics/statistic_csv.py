"""Published numbers as CSV in our own columns; any other table comes in by a mapping."""

from typing import Final

from watchfloor.formats.base import Format
from watchfloor.formats.own_csv import OwnCsv

TABLE: Final = OwnCsv(
    "statistic",
    "a published number",
    "For a table with columns of its own: watchfloor map FILE --kind statistic",
    sure=0.97,
)

COLUMNS: Final = TABLE.columns
sniff, read, write = TABLE.sniff, TABLE.read, TABLE.write

FORMAT: Final = Format("statistic-csv", ("statistic",), sniff, read, write)
