"""CSV in our own columns, those of a kind under their own names: what the formats of such tables share."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from io import StringIO, TextIOWrapper
from typing import Any, BinaryIO, Final

from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.lab.reading_results import write_results
from watchfloor.formats.settings import nearest
from watchfloor.formats.tabular import delimited, mapping
from watchfloor.formats.tabular.fields import FIELDS
from watchfloor.formats.tabular.lexicon import advice
from watchfloor.formats.tabular.measures import write_facts
from watchfloor.formats.tabular.table import each
from watchfloor.formats.tabular.values import write_identifiers, write_list


@dataclass(frozen=True, slots=True)
class OwnCsv:
    """One kind's table.

    Attributes:
        kind: the kind's name.
        noun: one row of it, as messages call it: `a party`.
        sure: how sure `sniff` is of a header with the needed columns and no other than ours.
        trim: whether spaces around a value are none of it.
    """

    kind: str
    noun: str
    sure: float = 0.97
    trim: bool = True

    @property
    def format(self) -> Format:
        """Return the format of the table, such as `party-csv`."""
        return Format(f"{self.kind}-csv", (self.kind,), self.sniff, self.read, self.write)

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
                raise FormatError(
                    f"{name} has no column {column!r}{nearest(column, found)}. {advice(self.kind)}"
                )
        for column in found:
            if column not in self.columns:
                like = nearest(column, self.columns)
                raise FormatError(
                    f"{name} has a column {column!r} that {self.noun} has not{like}. {advice(self.kind)}"
                )
        plain = mapping.Mapping(self.kind, {column: column for column in found}, trim=self.trim)
        yield from each(sheet.pieces, partial(mapping.apply, plain))

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


TABLES: Final[Mapping[str, OwnCsv]] = {
    table.kind: table
    for table in (
        # What a bank knows of an account changes: a later row under its `report_key` takes the place of the
        # earlier one. `holder` is the typed key of the person or company who holds it.
        OwnCsv("account", "an account"),
        # A payment that was reversed or written wrongly comes again under its `report_key`; two equal
        # deposits are two payments. `payer` and `payee` are typed keys of an account, or of a person or
        # company that has none; `conductor` is the key of the person at the counter. Currencies are those
        # of ISO 4217.
        OwnCsv("payment", "a payment"),
        # The sensor was in `state` from `observed_at` until `until`. `azimuth_from` and `azimuth_to` bound
        # what it sees, clockwise from true north; equal ones mean all around.
        OwnCsv("coverage", "a coverage"),
        # Measured or forecast, at places: degrees Celsius, metres a second, metres; `ice` is the thickness
        # of the ice on water, 0 open water.
        OwnCsv("weather", "a row of weather"),
        # A line of goods a row; `mass` is the declared gross mass of the line in kilograms.
        OwnCsv("declaration", "a declaration"),
        # An act a row. `chance` is the probability with which the item was chosen: without it nothing about
        # all items can be estimated from those that were examined.
        OwnCsv("inspection", "an inspection"),
        # Answers to advance data: accepted, referred, held, not to be loaded.
        OwnCsv("response", "a response"),
        # Items by stream: the share of items with data rests on them.
        OwnCsv("volume", "a count"),
        # A step of a removal order a row, see `casework.removals`: `on` is its day at the office, in whose
        # `zone` a moment counts. Nobody's nationality has a column.
        OwnCsv("removal-step", "a step of a removal"),
        # Lists (telephones, e-mail and postal addresses) stand in one cell, split by `;`.
        OwnCsv("application", "an application"),
        OwnCsv("letter", "a letter"),
        OwnCsv("application-fee", "a fee"),
        # One seizure a row, or several counted together. `mass` and `mass_error` are in grams, or carry
        # their unit: `1.73 kg`. `count` is how many seizures the row counts, `at_least` whether more than
        # that. `part_of` names the `report_key` of a row that this one is part of, so that nothing is added
        # twice; `share` is what part of that row's seizures it is, where that alone was published.
        OwnCsv("seizure", "a seizure"),
        # `subject` may be left out: the feed makes one from its name and `report_key`. `origins` and
        # `identifiers` are lists in one cell, see `watchfloor.formats.tabular.values`.
        OwnCsv("party", "a party", sure=0.95, trim=False),
        # Without a `report_key` it is the lead, who reports and the task, so that a later row of the same
        # officer about the same lead replaces the earlier, and two officers' rows both stand. The result's
        # bits are looked up (`watchfloor.core.results`); hypothesis and subjects are filled in at
        # intake.
        OwnCsv("outcome", "an outcome"),
    )
}
"""Our own tables by kind. Columns that must be there are those that `tabular.fields` requires."""
