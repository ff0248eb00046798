"""Accounts as CSV, in our own columns: `observed_at` and `subject` are needed.

`subject` is the typed key of the account and `holder` that of the person or company who holds it. What a bank
knows of an account changes: a later row under its `report_key` takes the place of the earlier one.
"""

from typing import Final

from watchfloor.formats.base import Format
from watchfloor.formats.tabular.own_csv import OwnCsv

TABLE: Final = OwnCsv(
    "account",
    "an account",
    "For a table with columns of its own: watchfloor map FILE --kind account",
    sure=0.97,
)

COLUMNS: Final = TABLE.columns
sniff, read, write = TABLE.sniff, TABLE.read, TABLE.write

FORMAT: Final = Format("account-csv", ("account",), sniff, read, write)
