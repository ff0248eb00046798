"""Whole editions of lists: after the items, a record that says these were all.

A list says who is listed, and by its silence who no longer is. The silence counts only where the whole
edition was read: a file with a fault yields its items and no `consolidation`. The edition of a list that
states the days it holds for is observed then; any other is `UNDATED`, and the feed that receives it says when
it came. A date of an item is no date of its edition: an edition without its newest item would seem older.

Names and addresses that a publisher keeps in files of their own are parts of entities. Such a file says which
parts there are, and lists nobody.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, BinaryIO, Final, NamedTuple

import pyarrow as pa

from watchfloor.formats.base import Batch, Fault, Format, Read
from watchfloor.formats.listing_rows import UNDATED
from watchfloor.formats.ofac_csv import PARTS
from watchfloor.records.kinds import CONSOLIDATION

ListOf = Callable[[str], str]
"""The list that a file holds, by the file's name."""


class Edition(NamedTuple):
    """What the items of one edition have in common."""

    list_id: str
    lang: str | None
    window_from: date | None
    window_until: date | None
    provision: str | None

    @property
    def dated(self) -> bool:
        """Whether it states a day that it holds for."""
        return self.window_from is not None or self.window_until is not None


def part_of(listing: Mapping[str, Any]) -> str:
    """Which part of its entity a row is: empty for the main record, of which the last one stands."""
    return listing["report_key"] or "" if listing["provision"] in PARTS else ""


def whole(form: Format, list_of: ListOf | None = None) -> Format:
    """The format of a list whose files are whole editions: it yields `consolidation` records too.

    Args:
        form: the format of the items.
        list_of: where the file's name tells the list, so that a file without an item is an empty list.
    """
    return replace(form, kinds=(*form.kinds, CONSOLIDATION.name), read=closing(form.read, list_of))


def closing(read: Read, list_of: ListOf | None = None) -> Read:
    """The reader, with a `consolidation` of each edition after its last item."""

    def with_editions(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
        held: dict[Edition, dict[str, datetime]] = {}
        faultless = True
        for piece in read(stream, name):
            yield piece
            faultless = faultless and not isinstance(piece, Fault)
            if faultless and isinstance(piece, Batch):
                _collect(held, piece.rows)
        if list_of is not None and not held:
            held[Edition(list_of(name), None, None, None, None)] = {}
        if faultless and held:
            yield Batch(CONSOLIDATION, _table(held))

    return with_editions


def _collect(held: dict[Edition, dict[str, datetime]], rows: pa.Table) -> None:
    columns = [*Edition._fields, "report_key", "entity_id", "observed_at"]
    for row in rows.select(columns).to_pylist():
        part = part_of(row)
        said = {name: row[name] for name in Edition._fields} | {
            "provision": row["provision"] if part else None
        }
        held.setdefault(Edition(**said), {})[part or row["entity_id"]] = row["observed_at"]


def _table(held: dict[Edition, dict[str, datetime]]) -> pa.Table:
    """One row an edition; one that is dated was observed when the last of its items was."""
    rows = [
        edition._asdict()
        | {
            "origins": [],
            "locator": WHOLE_LIST,
            "entities": list(at),
            "observed_at": max(at.values()) if edition.dated else UNDATED,
        }
        for edition, at in held.items()
    ]
    return pa.Table.from_pylist(rows, schema=CONSOLIDATION.body)


WHOLE_LIST: Final = "whole list"
"""`locator` of an edition."""
