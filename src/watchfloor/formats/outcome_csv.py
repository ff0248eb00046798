"""Outcomes as CSV, in our own columns: `lead`, `result`, `by` and `observed_at` are needed.

`report_key`, `task`, `why` and `origins` may be there. Without a `report_key` it is the lead, who reports and
the task, so that a later row of the same officer about the same lead replaces the earlier, and two officers'
rows both stand. What a result says of the hypothesis is not read but looked up
(`watchfloor.records.results`); the lead's hypothesis and subjects are filled in where the row is taken in.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO, TextIOWrapper
from typing import Any, BinaryIO, Final

from watchfloor.formats import delimited, mapping
from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.fields import FIELDS
from watchfloor.formats.settings import nearest
from watchfloor.formats.values import write_list

COLUMNS: Final = tuple(field.name for field in FIELDS["outcome"])
NEEDED: Final = tuple(field.name for field in FIELDS["outcome"] if field.required)


def sniff(head: Head) -> float:
    """Sure where the header holds the needed columns and no other than ours."""
    names = set(delimited.header_of(head.data))
    if not names.issuperset(NEEDED):
        return 0.0
    return 0.97 if names <= {*COLUMNS, "locator"} else 0.6


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Rows of `outcome`. Raises `FormatError` where a needed column is missing or one is unknown."""
    sheet = delimited.read(stream, name)
    found = [column for column in sheet.names if column != "locator"]
    for column in NEEDED:
        if column not in found:
            raise FormatError(f"{name} has no column {column!r}{nearest(column, found)}. {_ADVICE}")
    for column in found:
        if column not in COLUMNS:
            raise FormatError(
                f"{name} has a column {column!r} that an outcome has not{nearest(column, COLUMNS)}. {_ADVICE}"
            )
    plain = mapping.Mapping("outcome", {column: column for column in found})
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


def line(row: Mapping[str, Any]) -> bytes:
    """One row as `write` writes it, without the header."""
    text = StringIO()
    csv.writer(text, lineterminator="").writerow([_cell(name, row[name]) for name in COLUMNS])
    return text.getvalue().encode()


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name == "origins":
        return write_list(value)
    return value.isoformat().replace("+00:00", "Z") if name == "observed_at" else str(value)


_ADVICE: Final = "For a table with columns of its own: watchfloor map FILE --kind outcome"

FORMAT: Final = Format("outcome-csv", ("outcome",), sniff, read, write)
