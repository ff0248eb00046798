"""Parties as CSV, in our own columns: those of the kind `party`, under the names they have there.

`name`, `role` and `observed_at` are needed. `subject` may be left out: the feed makes one from its name and
`report_key`. `origins` and `identifiers` are lists in one cell, see `watchfloor.formats.values`. Moments
without a zone are UTC. A table with other columns wants a mapping (`watchfloor map FILE`).
"""

import csv
from collections.abc import Iterable, Iterator
from io import TextIOWrapper
from typing import Any, BinaryIO, Final

import pyarrow as pa

from watchfloor.formats import delimited, mapping
from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.fields import FIELDS
from watchfloor.formats.settings import nearest
from watchfloor.formats.values import write_identifiers, write_list
from watchfloor.records.kinds import PARTY

COLUMNS: Final = tuple(field.name for field in FIELDS["party"])
NEEDED: Final = tuple(field.name for field in FIELDS["party"] if field.required)


def sniff(head: Head) -> float:
    """Sure where the header holds the needed columns and no other than ours."""
    names = set(delimited.header_of(head.data))
    if not names.issuperset(NEEDED):
        return 0.0
    return 0.95 if names <= {*COLUMNS, "locator"} else 0.6


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Rows of `party`. Raises `FormatError` where a needed column is missing or one is unknown."""
    sheet = delimited.read(stream, name)
    found = [column for column in sheet.names if column != "locator"]
    for column in NEEDED:
        if column not in found:
            raise FormatError(f"{name} has no column {column!r}{nearest(column, found)}. {_ADVICE}")
    for column in found:
        if column not in COLUMNS:
            raise FormatError(
                f"{name} has a column {column!r} that a party has not{nearest(column, COLUMNS)}. {_ADVICE}"
            )
    plain = mapping.Mapping("party", {column: column for column in found}, trim=False)
    for piece in sheet.pieces:
        yield from (piece,) if isinstance(piece, Fault) else mapping.apply(plain, piece)


def write(batches: Iterable[Batch], stream: BinaryIO) -> None:
    """Rows as UTF-8 CSV with a header, which `read` reads back."""
    text = TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for batch in batches:
        for row in batch.rows.select(COLUMNS).to_pylist():
            writer.writerow([_cell(name, row[name]) for name in COLUMNS])
    text.flush()
    text.detach()


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name == "origins":
        return write_list(value)
    if name == "identifiers":
        return write_identifiers(value)
    return value.isoformat().replace("+00:00", "Z") if name == "observed_at" else str(value)


def rows(parties: Iterable[dict[str, Any]]) -> pa.Table:
    """Rows of `PARTY.body` from dictionaries; what they leave out is null."""
    return pa.Table.from_pylist(list(parties), schema=PARTY.body)


_ADVICE: Final = "For a table with columns of its own: watchfloor map FILE"

FORMAT: Final = Format("party-csv", ("party",), sniff, read, write)
