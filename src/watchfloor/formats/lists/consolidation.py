"""Whole editions of lists: after the items, a record that says these were all.

A list says who is listed, and by its silence who no longer is. The silence counts only where the whole
edition was read: a file that lacks a row for a fault yields its items and no `consolidation`, and one that
holds no item is a fault itself. The edition of a list that
states the days it holds for is observed then; any other is `UNDATED`, and the feed that receives it says when
it came. A date of an item is no date of its edition: an edition without its newest item would seem older.

Names and addresses that a publisher keeps in files of their own are parts of entities. Such a file says which
parts there are, and lists nobody.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, BinaryIO, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import CONSOLIDATION, LISTING
from watchfloor.formats.base import WHOLE_FILE, Batch, Fault, Format, Read
from watchfloor.formats.lists.listing_rows import UNDATED
from watchfloor.formats.lists.ofac_csv import PARTS

ListOf = Callable[[str], str]
"""The list that a file holds, by the file's name."""


class Edition(NamedTuple):
    """Columns that the items of one edition share."""

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
        held: dict[Edition, _Held] = {}
        faultless, others = True, False
        for piece in read(stream, name):
            yield piece
            faultless = faultless and (isinstance(piece, Batch) or piece.partly)
            if isinstance(piece, Batch) and piece.kind is not LISTING:  # a file may hold more than a list
                others = True
            elif faultless and isinstance(piece, Batch):
                _collect(held, piece.rows)
        if list_of is not None and not held:
            held[Edition(list_of(name), None, None, None, None)] = _Held()
        if faultless and not held:
            if others:
                return
            yield Fault(WHOLE_FILE, f"{name} {EMPTY}", b"")
        elif faultless:
            yield Batch(CONSOLIDATION, pa.concat_tables(map(_row, held.items())))

    return with_editions


@dataclass(slots=True)
class _Held:
    """Ids of the items of an edition so far, in columns, and when the last of them was observed."""

    ids: list[pa.Array] = field(default_factory=list)
    until: datetime = UNDATED


def _collect(held: dict[Edition, _Held], rows: pa.Table) -> None:
    is_part = pc.and_(pc.is_in(rows["provision"], pa.array(PARTS)), pc.greater(rows["report_key"], ""))
    is_part = pc.fill_null(is_part, False)
    provision = pc.if_else(is_part, rows["provision"], pa.scalar(None, pa.string()))
    said = rows.select(Edition._fields).set_column(len(Edition._fields) - 1, "provision", provision)
    said = said.append_column("id", pc.if_else(is_part, rows["report_key"], rows["entity_id"]))
    said = said.append_column("at", rows["observed_at"])
    found = said.group_by(list(Edition._fields), use_threads=False).aggregate([("id", "list"), ("at", "max")])
    ids = found["id_list"].combine_chunks()
    for at, row in enumerate(found.drop_columns(["id_list"]).to_pylist()):
        of = held.setdefault(Edition(*(row[name] for name in Edition._fields)), _Held())
        of.ids.append(ids[at].values)
        of.until = max(of.until, row["at_max"])


def _row(of: tuple[Edition, _Held]) -> pa.Table:
    """An edition; one that is dated was observed when the last of its items was."""
    edition, held = of
    said = edition._asdict() | {
        "origins": [],
        "locator": WHOLE_LIST,
        "entities": [],
        "observed_at": held.until if edition.dated else UNDATED,
    }
    row = pa.Table.from_pylist([said], schema=CONSOLIDATION.body)
    ids = pa.chunked_array(held.ids, pa.string()).unique()
    at = row.schema.get_field_index("entities")
    return row.set_column(at, row.schema.field(at), pa.ListArray.from_arrays([0, len(ids)], ids))


EMPTY: Final = (
    "holds no item of a list: it is empty, nothing was taken in, and nobody has left a list for it. No list "
    "is published empty; get a complete copy from its publisher"
)

WHOLE_LIST: Final = "whole list"
"""`locator` of an edition."""
