"""CSV in our own columns, those of a kind under their own names: what the formats of such tables share."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from io import StringIO, TextIOWrapper
from typing import Any, BinaryIO

from watchfloor.formats.base import Batch, Fault, FormatError, Head
from watchfloor.formats.lab.reading_results import write_results
from watchfloor.formats.settings import nearest
from watchfloor.formats.tabular import delimited, mapping
from watchfloor.formats.tabular.fields import FIELDS
from watchfloor.formats.tabular.measures import write_facts
from watchfloor.formats.tabular.values import write_identifiers, write_list


@dataclass(frozen=True, slots=True)
class OwnCsv:
    """One kind's table.

    Attributes:
        kind: the kind's name.
        noun: one row of it, as messages call it: `a party`.
        advice: what to do with a table of other columns.
        sure: how sure `sniff` is of a header with the needed columns and no other than ours.
        trim: whether spaces around a value are none of it.
    """

    kind: str
    noun: str
    advice: str
    sure: float
    trim: bool = True

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that may be there, in the order in which they are written."""
        return tuple(field.name for field in FIELDS[self.kind])

    @property
    def needed(self) -> tuple[str, ...]:
        """Columns that must be there."""
        return tuple(field.name for field in FIELDS[self.kind] if field.required)

    def sniff(self, head: Head) -> float:
        """Sure where the header holds the needed columns and no other than ours."""
        names = set(delimited.header_of(head.data))
        if not names.issuperset(self.needed):
            return 0.0
        return self.sure if names <= {*self.columns, "locator"} else 0.6

    def read(self, stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
        """Rows of the kind. Raises `FormatError` where a needed column is missing or one is unknown."""
        sheet = delimited.read(stream, name)
        found = [column for column in sheet.names if column != "locator"]
        for column in self.needed:
            if column not in found:
                raise FormatError(f"{name} has no column {column!r}{nearest(column, found)}. {self.advice}")
        for column in found:
            if column not in self.columns:
                like = nearest(column, self.columns)
                raise FormatError(
                    f"{name} has a column {column!r} that {self.noun} has not{like}. {self.advice}"
                )
        plain = mapping.Mapping(self.kind, {column: column for column in found}, trim=self.trim)
        for piece in sheet.pieces:
            yield from (piece,) if isinstance(piece, Fault) else mapping.apply(plain, piece)

    def write(self, batches: Iterable[Batch], stream: BinaryIO) -> None:
        """Rows as UTF-8 CSV with a header, which `read` reads back."""
        text = TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
        writer, columns = csv.writer(text), self.columns
        writer.writerow(columns)
        for batch in batches:
            writer.writerows(_cells(row, columns) for row in batch.rows.select(columns).to_pylist())
        text.flush()
        text.detach()

    def line(self, row: Mapping[str, Any]) -> bytes:
        """One row as `write` writes it, without the header."""
        text = StringIO()
        csv.writer(text, lineterminator="").writerow(_cells(row, self.columns))
        return text.getvalue().encode()


def _cells(row: Mapping[str, Any], columns: Iterable[str]) -> list[str]:
    return [_cell(name, row[name]) for name in columns]


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name == "identifiers":
        return write_identifiers(value)
    if name == "facts":
        return write_facts(value)
    if name == "results":
        return write_results(value)
    if isinstance(value, list):
        return write_list([str(one) for one in value])
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else _plain(value)


def _plain(value: Any) -> str:
    """A value as text; a decimal never with an exponent."""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
