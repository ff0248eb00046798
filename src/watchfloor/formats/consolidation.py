"""Whole editions of lists: after the items, a record that says these were all.

A list says who is listed, and by its silence who no longer is. The silence counts only where the whole
edition was read: a file with a fault yields its items and no `consolidation`. Nor does a list without a date,
for nobody could say which of two editions came later: what has left it stays listed until somebody says so.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import BinaryIO, NamedTuple

import pyarrow as pa

from watchfloor.formats.base import Batch, Fault, Format, Read
from watchfloor.formats.listing_rows import UNDATED
from watchfloor.formats.ofac_csv import PARTS
from watchfloor.records.kinds import CONSOLIDATION


class Edition(NamedTuple):
    """What the items of one edition have in common."""

    list_id: str
    lang: str | None
    window_from: date | None
    window_until: date | None


def whole(form: Format) -> Format:
    """The format of a list whose files are whole editions: it yields `consolidation` records too."""
    return replace(form, kinds=(*form.kinds, CONSOLIDATION.name), read=closing(form.read))


def closing(read: Read) -> Read:
    """The reader, with a `consolidation` of each edition after its last item."""

    def with_editions(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
        held: dict[Edition, dict[str, datetime]] = {}
        faultless = True
        for piece in read(stream, name):
            yield piece
            faultless = faultless and not isinstance(piece, Fault)
            if faultless and isinstance(piece, Batch):
                _collect(held, piece.rows)
        dated = {edition: at for edition, at in held.items() if max(at.values()) > UNDATED}
        if faultless and dated:
            yield Batch(CONSOLIDATION, _table(dated))

    return with_editions


def _collect(held: dict[Edition, dict[str, datetime]], rows: pa.Table) -> None:
    columns = [*Edition._fields, "provision", "entity_id", "observed_at"]
    for *edition, provision, entity_id, at in zip(
        *(rows.column(c).to_pylist() for c in columns), strict=True
    ):
        if provision not in PARTS:
            held.setdefault(Edition(*edition), {})[entity_id] = at


def _table(held: dict[Edition, dict[str, datetime]]) -> pa.Table:
    """One row an edition, observed when the last of its items was."""
    rows = [
        edition._asdict()
        | {"origins": [], "locator": "whole file", "entities": list(at), "observed_at": max(at.values())}
        for edition, at in held.items()
    ]
    return pa.Table.from_pylist(rows, schema=CONSOLIDATION.body)
