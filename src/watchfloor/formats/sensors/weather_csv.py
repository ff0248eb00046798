"""Weather at places, measured or forecast, as CSV in our own columns.

`station` and `observed_at` are needed. Temperatures are in degrees Celsius, winds in metres a second, lengths
in metres; `ice` is the thickness of the ice on water, and 0 means open water.
"""

from typing import Final

from watchfloor.formats.base import Format
from watchfloor.formats.tabular.own_csv import OwnCsv

TABLE: Final = OwnCsv(
    "weather",
    "a row of weather",
    "For a table with columns of its own: watchfloor map FILE --kind weather",
    sure=0.97,
)

COLUMNS: Final = TABLE.columns
sniff, read, write = TABLE.sniff, TABLE.read, TABLE.write

FORMAT: Final = Format("weather-csv", ("weather",), sniff, read, write)
