"""Outcomes as CSV, in our own columns: `lead`, `result`, `by` and `observed_at` are needed.

`report_key`, `task`, `why` and `origins` may be there. Without a `report_key` it is the lead, who reports and
the task, so that a later row of the same officer about the same lead replaces the earlier, and two officers'
rows both stand. What a result says of the hypothesis is not read but looked up
(`watchfloor.records.results`); the lead's hypothesis and subjects are filled in where the row is taken in.
"""

from typing import Final

from watchfloor.formats.base import Format
from watchfloor.formats.tabular.own_csv import OwnCsv

TABLE: Final = OwnCsv(
    "outcome",
    "an outcome",
    "For a table with columns of its own: watchfloor map FILE --kind outcome",
    sure=0.97,
)

COLUMNS: Final = TABLE.columns
sniff, read, write = TABLE.sniff, TABLE.read, TABLE.write
line = TABLE.line

FORMAT: Final = Format("outcome-csv", ("outcome",), sniff, read, write)
