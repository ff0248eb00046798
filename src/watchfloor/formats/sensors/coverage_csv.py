"""Where and when sensors looked, as CSV in our own columns.

`sensor`, `state` and `observed_at` are needed: the sensor was in that state from `observed_at` until `until`.
`azimuth_from` and `azimuth_to` bound what it sees, clockwise from true north; equal ones mean all around.
"""

from typing import Final

from watchfloor.formats.base import Format
from watchfloor.formats.tabular.own_csv import OwnCsv

TABLE: Final = OwnCsv(
    "coverage",
    "a coverage",
    "For a table with columns of its own: watchfloor map FILE --kind coverage",
    sure=0.97,
)

COLUMNS: Final = TABLE.columns
sniff, read, write = TABLE.sniff, TABLE.read, TABLE.write

FORMAT: Final = Format("coverage-csv", ("coverage",), sniff, read, write)
