"""Customs declarations as CSV, in our own columns, a line of goods a row.

`subject`, `goods` and `observed_at` are needed; `subject` is the parcel or container, such as
`parcel:s10:LX123456785CN`. `mass` is the declared gross mass of the line in kilograms.
"""

from typing import Final

from watchfloor.formats.base import Format
from watchfloor.formats.tabular.own_csv import OwnCsv

TABLE: Final = OwnCsv(
    "declaration",
    "a declaration",
    "For a table with columns of its own: watchfloor map FILE --kind declaration",
    sure=0.97,
)

COLUMNS: Final = TABLE.columns
sniff, read, write = TABLE.sniff, TABLE.read, TABLE.write

FORMAT: Final = Format("declaration-csv", ("declaration",), sniff, read, write)
