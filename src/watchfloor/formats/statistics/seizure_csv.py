"""Seizures of an operation as CSV in our own columns: one seizure a row, or several counted together.

`drug` and `observed_at` are needed. `mass` and `mass_error` are in grams, or carry their unit: `1.73 kg`.
`count` is how many seizures the row counts, `at_least` whether more than that. `part_of` names the
`report_key` of a row that this one is part of (“of which …”), so that nothing is added twice; `share` is what
part of that row's seizures it is, where that alone was published.
"""

from typing import Final

from watchfloor.formats.base import Format
from watchfloor.formats.tabular.own_csv import OwnCsv

TABLE: Final = OwnCsv(
    "seizure",
    "a seizure",
    "For a table with columns of its own: watchfloor map FILE --kind seizure",
    sure=0.97,
)

COLUMNS: Final = TABLE.columns
sniff, read, write = TABLE.sniff, TABLE.read, TABLE.write

FORMAT: Final = Format("seizure-csv", ("seizure",), sniff, read, write)
