"""Answers to advance data as CSV in our own columns: accepted, referred, held, not to be loaded."""

from typing import Final

from watchfloor.formats.base import Format
from watchfloor.formats.tabular.own_csv import OwnCsv

TABLE: Final = OwnCsv(
    "response",
    "a response",
    "For a table with columns of its own: watchfloor map FILE --kind response",
    sure=0.97,
)

COLUMNS: Final = TABLE.columns
sniff, read, write = TABLE.sniff, TABLE.read, TABLE.write

FORMAT: Final = Format("response-csv", ("response",), sniff, read, write)
