"""From a table to `declaration` and `party` rows, a block of columns at a time."""

from collections.abc import Iterator, Mapping
from functools import partial
from hashlib import blake2b
from typing import BinaryIO, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.base import Batch, Fault, Format
from watchfloor.formats.cargo.declared_tables import cells
from watchfloor.formats.cargo.declared_tables.column_words import SIDES
from watchfloor.formats.cargo.declared_tables.layouts import LAYOUTS, Layout
from watchfloor.formats.tabular import mapping
from watchfloor.formats.tabular.lexicon import Block
from watchfloor.formats.tabular.table import Rows, joined, taken, trimmed

# Lines under one number: whole groups, numbers filled down, and numbers that come again.


MOST_LINES: Final = 100_000
"""Lines of one item; a longer one is cut, and what follows is told as the same number again."""

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]


class Groups(NamedTuple):
    """Rows of whole groups: for each the row its group starts at, and how many lines that has."""

    rows: Rows
    start: Ints
    size: Ints


def numbers(rows: Rows, column: str) -> pa.Array:
    """The number of each line: where its cell is empty, that of the line above."""
    return pc.fill_null_forward(trimmed(rows.cells[column]))


def groups(pieces: Iterator[Rows | Fault], number: str) -> Iterator[Groups | Fault]:
    """Whole groups: the last of a block waits for the next. Faults pass at once.

    Args:
        pieces: of a table.
        number: the column that numbers the items; where it is empty the line belongs to the one above.
    """
    held: Rows | None = None
    for piece in pieces:
        if isinstance(piece, Fault):
            yield piece
            continue
        rows = joined([held, piece]) if held else piece
        start = _starts(rows, number)
        last = int(start[-1]) if len(start) - start[-1] < MOST_LINES else len(start)
        if last:
            yield _groups(taken(rows, np.arange(last)), start[:last])
            held = taken(rows, np.arange(last, len(start))) if last < len(start) else None
        else:
            held = rows
    if held:
        yield _groups(held, _starts(held, number))


def _starts(rows: Rows, number: str) -> Ints:
    """For each row the first of its group: the number is another than that of the row above."""
    coded = pc.fill_null(pc.dictionary_encode(numbers(rows, number)).indices, -1).to_numpy()
    new = np.concatenate([[True], coded[1:] != coded[:-1]])
    return np.maximum.accumulate(np.where(new, np.arange(len(coded)), 0))


def _groups(rows: Rows, start: Ints) -> Groups:
    _, inverse, counts = np.unique(start, return_inverse=True, return_counts=True)
    return Groups(rows, start, counts[inverse])


class SeenNumbers:
    """Numbers of a file so far, and where each stood first: 64 bits for a number, and 64 for a place."""

    def __init__(self, noun: str) -> None:
        self._noun = noun
        self._blocks: list[tuple[Hashes, Ints]] = []

    def again(self, keys: pa.Array, group: Groups) -> tuple[Ints, list[Fault]]:
        """Rows whose number came in an earlier group, and a fault for each such group."""
        starts = np.flatnonzero(group.start == np.arange(len(group.start)))
        starts = starts[pc.is_valid(keys).to_numpy(zero_copy_only=False)[starts]]
        texts = keys.take(pa.array(starts)).to_pylist()
        hashes = np.fromiter(map(_hashed, texts), np.uint64, len(texts))
        where = group.rows.locators.take(pa.array(starts)).to_pylist()
        places = np.fromiter((int(one.rsplit(" ", 1)[1]) for one in where), np.int64, len(where))
        first = self._first(hashes, places)
        new, order = first < 0, np.argsort(hashes)
        order = order[new[order]]
        self._blocks.append((hashes[order], places[order]))
        old = np.flatnonzero(~new)
        faults = [
            self._fault(texts[i], where[i], int(first[i]), group.rows.raw(int(starts[i])))
            for i in old.tolist()
        ]
        return np.flatnonzero(np.isin(group.start, starts[old])), faults

    def _first(self, hashes: Hashes, places: Ints) -> Ints:
        """For each number the place where it stood before, or -1."""
        _, index, inverse = np.unique(hashes, return_index=True, return_inverse=True)
        own = index[inverse]
        first = np.where(own < np.arange(len(hashes)), places[own], -1)
        for known, where in self._blocks:
            if len(known):
                at = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
                first = np.where(known[at] == hashes, where[at], first)
        return first

    def _fault(self, number: str, where: str, first: int, raw: bytes) -> Fault:
        word = where.rsplit(" ", 1)[0]
        why = f"{self._noun} {number} stands in this file already, at {word} {first}: this one was not read"
        return Fault(where, why, raw)


def _hashed(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


KINDS: Final = ("declaration", "party")
_LINES: Final = ("line", "goods", "quantity", "unit", "net", "value", "currency", "hs", "origin", "page")
"""Words of a line of goods; all others are of the item, and stand at its first line."""
_CODED: Final = (
    "quantity",
    "unit",
    "container",
    "comments",
    "licence",
    "certificate",
    "invoice",
    "postage",
    "reason",
)
_SAME: Final = (
    *("value", "currency", "hs", "origin", "page", "pieces", "office", "handler", "carrier"),
    *("conveyance", "master", "expected_at"),
)
"""Words that are fields of a declaration under the same name."""
_NOTHING: Final = "\0"
"""In place of an empty description, until the row is made: a mapping refuses an empty one."""
_PLACE: Final = ("address", "city", "region", "postcode", "country")


class _Columns(Block):
    """The columns of a block by our words: null where the table has none, items' own filled down."""

    def __init__(self, found: Mapping[str, str], group: Groups) -> None:
        super().__init__(found, group.rows)
        self._first = pa.array(group.start)

    def __call__(self, word: str) -> pa.Array:
        """Return a word's column for each line; a word of the item stands at its first line."""
        column = self.text(word)
        return column if word in _LINES else pc.coalesce(column, column.take(self._first))


def read(layout: Layout, stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Rows and faults of a table (CSV or a workbook). Raises `FormatError` where a column is missing."""
    sheet = mapping.open_sheet(mapping.Mapping("declaration"), stream, name)
    found = layout.lexicon.require(sheet.names, name)
    seen = SeenNumbers(layout.noun)
    for piece in groups(sheet.pieces, found["number"]):
        yield from (piece,) if isinstance(piece, Fault) else _block(layout, found, piece, seen)


def _block(
    layout: Layout, found: Mapping[str, str], group: Groups, seen: SeenNumbers
) -> Iterator[Batch | Fault]:
    number = numbers(group.rows, found["number"])
    if layout.system == "s10":
        number = pc.utf8_upper(pc.replace_substring_regex(number, r"[\s-]", ""))
    again, faults = seen.again(number, group)
    yield from faults
    made = _cells(layout, number, _Columns(found, group), group)
    rows = Rows(made, group.rows.locators, group.rows.raw)
    if len(again):
        rows = taken(rows, np.setdiff1d(np.arange(len(group.start)), again))
    if not rows.cells.num_rows:
        return
    filled: dict[str, mapping.Filled] = {name: name for name in made.column_names if not name.startswith("_")}
    constants = {"currency": layout.currency} if layout.currency else {}
    wrong: list[str] = []
    for one in mapping.apply(mapping.Mapping("declaration", filled, constants), rows):
        wrong += [one.locator] if isinstance(one, Fault) else []
        yield _undescribed(one) if isinstance(one, Batch) else one
    yield from _told(layout, rows, wrong)
    good = pc.invert(pc.is_in(rows.locators, pa.array(wrong, pa.string())))
    first = np.flatnonzero(pc.and_(rows.cells["_first"], good).to_numpy())
    for side in SIDES:
        yield from _parties(layout, side, taken(rows, first))


def _undescribed(batch: Batch) -> Batch:
    """The rows with an empty description where they have none."""
    index = batch.rows.schema.get_field_index("goods")
    goods = batch.rows.column(index)
    goods = pc.if_else(pc.equal(goods, _NOTHING), "", goods)
    return Batch(batch.kind, batch.rows.set_column(index, batch.rows.schema.field(index), goods))


def _told(layout: Layout, rows: Rows, wrong: list[str]) -> Iterator[Fault]:
    """That lines describe no goods: they are read all the same, so that nothing leaves the stream by that."""
    empty = np.flatnonzero(pc.equal(rows.cells["goods"], _NOTHING).to_numpy())
    for i in empty.tolist():
        where = rows.locators[i].as_py()
        if where not in wrong:
            why = f"{layout.noun} {rows.cells['_number'][i].as_py()}: the line describes no goods"
            yield Fault(where, why, rows.raw(i), partly=True)


def _lines(of: _Columns, group: Groups) -> pa.Array:
    """The number of each line in its item: counted, where one is missing or comes twice."""
    counted = pc.cast(pa.array(np.arange(of.size) - group.start + 1), pa.string())
    said = of("line")
    if said.null_count == of.size:
        return counted
    pairs = pc.binary_join_element_wise(pc.cast(pa.array(group.start), pa.string()), said, " ")
    codes = pc.fill_null(pc.dictionary_encode(pairs).indices, -1).to_numpy()
    often = np.bincount(codes + 1)[codes + 1]
    bad = np.bincount(group.start, (often > 1) | (codes < 0), of.size)[group.start] > 0
    return pc.if_else(pa.array(bad), counted, said)


def _cells(layout: Layout, number: pa.Array, of: _Columns, group: Groups) -> pa.Table:
    """The text of each field of a declaration, and columns `_…` for the parties."""
    departure, destination = _from(of, "departure", "shipper"), _from(of, "destination", "consignee")
    if layout.system == "s10":  # the item's number ends in the country that posted it
        departure = pc.coalesce(departure, cells.country(pc.utf8_slice_codeunits(number, 11, 13)))
    way = pc.coalesce(of("direction"), layout.direction or cells.directions(departure, destination))
    mass, about = _masses(of, group)
    made = {
        "report_key": pc.binary_join_element_wise(number, _lines(of, group), "#"),
        "observed_at": of("date"),
        "subject": pc.binary_join_element_wise(f"parcel:{layout.system}:", number, ""),
        "mass": mass,
        "direction": way,
        "mode": pc.coalesce(cells.worded(cells.MODES)(of("mode")), layout.mode),
        "departure": departure,
        "destination": destination,
        "category": cells.worded(cells.CATEGORIES)(of("category")),
        "document": pc.coalesce(of("document"), number),
        "codes": cells.codes({word: of(word) for word in _CODED} | about),
        **{word: of(word) for word in _SAME},
        "goods": pc.fill_null(of("goods"), _NOTHING),
        "_number": number,
        "_date": of("date"),
        "_first": pa.array(group.start == np.arange(of.size)),
    }
    for side in SIDES:
        address = cells.joined(of(f"{side}_{part}") for part in _PLACE)
        made |= {f"_{side}": of(f"{side}_name"), f"_{side}_address": address}
        street = pc.is_valid(of(f"{side}_address"))  # a town or a country alone is no address that two share
        made[f"_{side}_home"] = pc.if_else(street, address, pa.scalar(None, pa.string()))
        made |= {f"_{side}_{part}": of(f"{side}_{part}") for part in ("phone", "bn")}
        made[f"_{side}_country"] = cells.country(of(f"{side}_country"))
        made[side] = pc.binary_join_element_wise("company:bn:", of(f"{side}_bn"), "")
    for side in ("shipper", "consignee"):
        made |= {f"{side}_name": made[f"_{side}"], f"{side}_address": made[f"_{side}_address"]}
        made[f"{side}_phone"] = made[f"_{side}_phone"]
    return pa.table(made)


def _from(of: _Columns, word: str, side: str) -> pa.Array:
    """A country by its code, or the text that is none; where no column says it, that of the party there."""
    said = of(word)
    return pc.coalesce(cells.country(said), said, cells.country(of(f"{side}_country")))


def _masses(of: _Columns, group: Groups) -> tuple[pa.Array, dict[str, pa.Array]]:
    """The mass of each line, and what its codes say of it.

    It is gross where the item has one line, or where each of its lines has a gross mass; else net.
    """
    units = of("mass_unit")
    net, own = cells.kilograms(of("net"), units), cells.kilograms(of.text("gross"), units)
    stated = np.bincount(group.start, pc.is_valid(own).to_numpy(zero_copy_only=False), of.size)
    each = pa.array(stated[group.start] == group.size)
    none = pa.scalar(None, pa.string())
    is_net = pc.and_(pc.invert(each), pc.is_valid(net))
    return pc.if_else(each, own, net), {
        "mass": pc.if_else(is_net, "net", none),
        "gross-mass": pc.if_else(each, none, cells.kilograms(of("gross"), units)),
    }


def _parties(layout: Layout, side: str, rows: Rows) -> Iterator[Batch]:
    """A party of each item that names one and could be read."""
    named = np.flatnonzero(pc.is_valid(rows.cells[f"_{side}"]).to_numpy(zero_copy_only=False))
    if not len(named):
        return
    rows = taken(rows, named)
    key = pc.binary_join_element_wise(rows.cells["_number"], side, ":")
    table = rows.cells.append_column("_key", key)
    context = pc.binary_join_element_wise(layout.noun, rows.cells["_number"], " ")
    table = table.append_column("_context", context)
    systems = {
        "_number": layout.system,
        f"_{side}_phone": "phone",
        f"_{side}_home": "address",
        f"_{side}_bn": "bn",
    }
    fields: dict[str, mapping.Filled] = {
        "report_key": "_key",
        "observed_at": "_date",
        "subject": side,
        "name": f"_{side}",
        "country": f"_{side}_country",
        "context": "_context",
    }
    party = mapping.Mapping("party", fields, {"role": side})
    numbers = cells.identifiers({system: rows.cells[column] for column, system in systems.items()})
    for one in mapping.apply(party, Rows(table, rows.locators, rows.raw)):
        if isinstance(one, Batch):
            at = pc.index_in(one.rows["locator"].combine_chunks(), rows.locators)
            index = one.rows.schema.get_field_index("identifiers")
            yield Batch(one.kind, one.rows.set_column(index, one.rows.schema.field(index), numbers.take(at)))


FORMATS: Final = tuple(
    Format(layout.name, KINDS, layout.lexicon.sniff, partial(read, layout)) for layout in LAYOUTS
)
"""A format for each table."""
