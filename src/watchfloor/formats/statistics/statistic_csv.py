"""Published numbers as CSV in our own columns; any other table comes in by a mapping."""

from collections.abc import Iterator
from typing import BinaryIO, Final

from watchfloor.formats.base import Batch, Fault, Format
from watchfloor.formats.statistics.repeats import Repeats
from watchfloor.formats.tabular.own_csv import OwnCsv

TABLE: Final = OwnCsv("statistic", "a published number")

sniff, write = TABLE.sniff, TABLE.write


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Rows of the kind, each key once. Raises `FormatError` as `OwnCsv.read` does."""
    return Repeats().sift(TABLE.read(stream, name))


FORMAT: Final = Format("statistic-csv", ("statistic",), sniff, read, write)
