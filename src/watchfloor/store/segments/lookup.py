"""Finding single records: from an identity, or the start of one, to the row."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.store.database import Database
from watchfloor.store.errors import UnknownRecord
from watchfloor.store.segments import identifier_cache, index, reading


class Place(NamedTuple):
    """Where a record stands."""

    kind: str
    record_id: bytes
    segment: int
    leaf: int


def starting_with(
    root: Path, database: Database, prefix: str, kinds: Container[str] | None = None
) -> list[Place]:
    """Places of the records whose identity, in hexadecimal, starts with `prefix`; erased ones have none.

    Only of some kinds, where those are named.

    Raises:
        UnknownRecord: the prefix is no hexadecimal text of 1 to 32 digits.
    """
    prefix = checked(prefix)
    lowest, highest = (int(prefix.ljust(16, digit)[:16], 16) for digit in "0f")
    gone = {record_id for (record_id,) in database.execute("SELECT record_id FROM erased")}
    found = {
        record_id: Place(kind, record_id, *index.segment_and_leaf(where))
        for kind, ids in identifier_cache.load(root, database).items()
        if kinds is None or kind in kinds
        for record_id, where in index.between(ids.runs(), lowest, highest)
        if record_id.hex().startswith(prefix) and record_id not in gone
    }
    return sorted(found.values(), key=lambda place: place.record_id)


def checked(prefix: str) -> str:
    """The start of an identity in lower case. Raises `UnknownRecord` for what is none."""
    prefix = prefix.lower()
    if not 0 < len(prefix) <= 32 or set(prefix) - set("0123456789abcdef"):
        raise UnknownRecord(f"{prefix!r} is no record id: 1 to 32 hexadecimal digits")
    return prefix


def places(root: Path, database: Database, record_ids: Iterable[bytes]) -> list[Place]:
    """Places of records that are all on the floor.

    Raises:
        UnknownRecord: names the first that is not.
    """
    wanted = list(dict.fromkeys(record_ids))
    found = _places(root, database, wanted)
    for record_id in wanted:
        if record_id not in found:
            raise UnknownRecord(f"no record {record_id.hex()} on this floor")
    return [found[record_id] for record_id in wanted]


def _places(
    root: Path, database: Database, wanted: Sequence[bytes], kinds: Container[str] | None = None
) -> dict[bytes, Place]:
    high, low = index.halves(pa.array(wanted, pa.binary(16)))
    return {
        record_id: Place(kind, record_id, *index.segment_and_leaf(where))
        for kind, ids in identifier_cache.load(root, database).items()
        if kinds is None or kind in kinds
        for record_id, where in zip(wanted, index.find(ids.runs(), high, low), strict=True)
        if where != index.NOWHERE
    }


def standing(
    root: Path, database: Database, record_ids: Iterable[bytes], kinds: Container[str]
) -> list[Place]:
    """Places of those of the records that are on the floor, of these kinds and not erased, in no order."""
    wanted = list(dict.fromkeys(record_ids))
    found = _places(root, database, wanted, kinds) if wanted else {}
    if not found:
        return []
    gone = {record_id for (record_id,) in database.execute("SELECT record_id FROM erased")}
    return [place for record_id, place in found.items() if record_id not in gone]


def holding(
    here: Mapping[str, identifier_cache.KnownIds],
    erased: Mapping[str, index.Run],
    record_ids: Iterable[bytes],
) -> list[bytes]:
    """Those of the records that are known and not erased."""
    wanted = list(dict.fromkeys(record_ids))
    high, low = index.halves(pa.array(wanted, pa.binary(16)))
    there = np.zeros(len(wanted), np.bool_)
    for ids in here.values():
        there |= index.find(ids.runs(), high, low) != index.NOWHERE
    there &= index.find(erased.values(), high, low) == index.NOWHERE
    return [record_id for record_id, found in zip(wanted, there, strict=True) if found]


def rows(root: Path, database: Database, found: Iterable[Place]) -> list[tuple[Place, pa.Table]]:
    """Each place with its row: one row of the payload, salt and all; without one that is no longer there."""
    return [(place, row) for place in found if (row := _row(root, database, place)).num_rows]


def by_segment(root: Path, database: Database, found: Iterable[Place]) -> Iterator[tuple[str, pa.Table]]:
    """Kind and rows of the places of each segment, which is read once; salt and all."""
    ordered = sorted(found, key=lambda place: (place.kind, place.segment))
    for (kind, segment), places in groupby(ordered, lambda place: (place.kind, place.segment)):
        leaves = pa.array([place.leaf for place in places], pa.int64())
        (part,) = reading.payloads(database, kind, numbers=[segment])
        table = reading.load(root, part)
        here = pc.equal(table[index.SEGMENT], segment)
        yield kind, table.filter(pc.and_(here, pc.is_in(table[index.LEAF].cast(pa.int64()), leaves)))


def _row(root: Path, database: Database, place: Place) -> pa.Table:
    (part,) = reading.payloads(database, place.kind, numbers=[place.segment])
    wanted = [(index.SEGMENT, place.segment), (index.LEAF, place.leaf)]
    return reading.load(root, part).filter(reading.matching(wanted))
