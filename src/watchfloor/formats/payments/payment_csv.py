"""Payments as CSV, in our own columns: `observed_at`, `amount`, `currency` and `means` are needed.

`payer` and `payee` are typed keys of an account, or of a person or company that has none; `conductor` is the
key of the person at the counter. Amounts are written `1234.50`, currencies as in ISO 4217. A payment that was
reversed or written wrongly comes again under its `report_key`; two equal deposits are two payments.
"""

from typing import Final

from watchfloor.formats.base import Format
from watchfloor.formats.tabular.own_csv import OwnCsv

TABLE: Final = OwnCsv(
    "payment",
    "a payment",
    "For a table with columns of its own: watchfloor map FILE --kind payment",
    sure=0.97,
)

COLUMNS: Final = TABLE.columns
sniff, read, write = TABLE.sniff, TABLE.read, TABLE.write

FORMAT: Final = Format("payment-csv", ("payment",), sniff, read, write)
