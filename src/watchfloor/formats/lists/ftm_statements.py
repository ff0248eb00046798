"""Statements of FollowTheMoney as CSV: a line for each value of a property, who states it and since when.

Columns are those of followthemoney 4 (`canonical_id`, `entity_id`, `prop`, `schema`, `value`, `dataset`, and
when it was seen). The statements of an entity stand together, as its tools sort them; they are read as the
entity that they make, see `ftm`.
"""

from collections.abc import Iterator
from typing import BinaryIO, Final

import msgspec

from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.lists import ftm
from watchfloor.formats.lists.sanctions_entry import EntryRows, each, together
from watchfloor.formats.tabular import delimited

NEEDED: Final = ("canonical_id", "entity_id", "prop", "schema", "value", "dataset")
GENERAL: Final = frozenset({"Thing", "LegalEntity", "Asset", "Organization", "Interval", "Interest", "Value"})
"""Schemata of which others are special cases: where statements name several, another one counts."""
ID: Final = "id"
"""The property of the statement that there is such an entity."""

_encode: Final = msgspec.json.Encoder(order="sorted").encode


def sniff(head: Head) -> float:
    """Sure of its columns."""
    return 0.95 if set(NEEDED) <= set(delimited.header_of(head.data)) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Rows of `listing` and `intelligence-object`. Raises `FormatError` where columns are missing."""
    return ftm.batches(_items(stream, name))


def _items(stream: BinaryIO, name: str) -> Iterator[ftm.Found]:
    sheet = delimited.read(stream, name)
    if missing := [column for column in NEEDED if column not in sheet.names]:
        raise FormatError(f"{name} has no column {missing[0]!r}, which statements of FollowTheMoney have")
    for one in together(sheet, lambda row: row["canonical_id"]):
        yield one if isinstance(one, Fault) else ftm.found_in(_encode(_entity(one)), one.locator, name)


def _entity(rows: EntryRows) -> dict[str, object]:
    """Return the entity that statements make."""
    properties: dict[str, list[str]] = {}
    for row in rows.cells:
        values = properties.setdefault(row["prop"], [])
        if row["value"] and row["value"] not in values:
            values.append(row["value"])
    properties.pop(ID, None)
    schemata = each(rows, "schema")
    seen = sorted(each(rows, "first_seen"))
    told: dict[str, object] = {
        "id": rows.number,
        "schema": next((one for one in schemata if one not in GENERAL), next(iter(schemata), "")),
        "properties": properties,
        "datasets": each(rows, "dataset"),
        "referents": [one for one in each(rows, "entity_id") if one != rows.number],
    }
    return told | ({"first_seen": seen[0], "last_change": seen[-1]} if seen else {})


FORMAT: Final = Format("ftm-statements", ("listing", "intelligence-object"), sniff, read)
