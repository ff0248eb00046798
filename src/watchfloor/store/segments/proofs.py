"""Proofs that a record is on a floor: from the row to its segment's root, from there to the root of the log.

A proof is self-contained. Who holds one and a root of the log that the floor once published can check it
without the floor, and also long after the record was erased.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.canonical import encode_rows
from watchfloor.core.kinds import RECORD_ID
from watchfloor.store import log, segments
from watchfloor.store.database import Database
from watchfloor.store.errors import UnknownRecord
from watchfloor.store.log import merkle, standalone_rows
from watchfloor.store.segments import compaction, index, lookup, reading


class Proof(msgspec.Struct, frozen=True):
    """That one row is part of an act of the log.

    Attributes:
        row: the row's canonical bytes, see `core.canonical`.
        salt: of the row.
        leaf: its number in the segment.
        segment_path: hashes from the row's leaf to the segment's root.
        manifest: of the segment, JSON; the columns behind the row's ordinals, their types, and the root.
        act: the act that brought the segment, JSON; names the manifest's SHA-256.
        act_salt: of the act.
        position: of the act in the log, from 1.
        size: acts in the log that the proof leads to.
        log_path: hashes from the act's leaf to the root of the log of that size.
    """

    row: bytes
    salt: bytes
    leaf: int
    segment_path: list[bytes]
    manifest: bytes
    act: bytes
    act_salt: bytes
    position: int
    size: int
    log_path: list[bytes]


def prove(root: Path, database: Database, record_id: bytes, size: int | None = None) -> Proof:
    """The proof of one record.

    Raises:
        UnknownRecord: the record is not on this floor, or its act's content was erased.
    """
    (place,) = lookup.places(root, database, [record_id])
    return prove_places(root, database, [place], size)[0]


def prove_places(
    root: Path, database: Database, places: Sequence[lookup.Place], size: int | None = None
) -> list[Proof]:
    """The proofs of rows of evidence or derived ones, in the order of their places; a segment is read once.

    Raises:
        UnknownRecord: one was erased, or its act's content was.
    """
    size = log.head(database)[0] if size is None else size
    made = {
        (number, leaf): proof
        for number in dict.fromkeys(place.segment for place in places)
        for leaf, proof in _of_segment(root, database, [p for p in places if p.segment == number], size)
    }
    return [made[place.segment, place.leaf] for place in places]


def derived_places(
    root: Path, database: Database, name: str, row_ids: Iterable[bytes]
) -> dict[tuple[bytes, int, str], lookup.Place]:
    """Where derived rows of these ids stand, by id, revision and marking; of a row kept twice the last."""
    wanted = pa.array(sorted(set(row_ids)), RECORD_ID)
    found: dict[tuple[bytes, int, str], lookup.Place] = {}
    for part in reading.payloads(database, name):
        rows = reading.load(root, part, ["row_id", "revision", "marking", index.SEGMENT, index.LEAF])
        for row in rows.filter(pc.is_in(rows["row_id"], value_set=wanted)).to_pylist():
            place = lookup.Place(name, row["row_id"], row[index.SEGMENT], row[index.LEAF])
            found[row["row_id"], row["revision"], row["marking"]] = place
    return found


def _of_segment(
    root: Path, database: Database, places: Sequence[lookup.Place], size: int
) -> Iterator[tuple[int, Proof]]:
    """The proofs of some rows of one segment, each with its leaf's number."""
    first = places[0]
    (part,) = reading.payloads(database, first.kind, numbers=[first.segment])
    rows = reading.load(root, part).filter(reading.matching([(index.SEGMENT, first.segment)]))
    manifest, position = database.execute(
        "SELECT manifest, position FROM segments WHERE id = ?", (first.segment,)
    ).fetchone()
    act, act_salt = database.execute("SELECT body, salt FROM log WHERE position = ?", (position,)).fetchone()
    if act is None:
        raise UnknownRecord(
            f"the act at position {position} that brought record {first.record_id.hex()} was erased with its "
            "delivery's name; only proofs made before that exist"
        )
    node, count = _segment_tree(root, database, first)
    log_path = log.inclusion(database, position, size)
    at = {leaf: number for number, leaf in enumerate(rows[index.LEAF].to_pylist())}
    for place in places:
        if place.leaf not in at:
            raise UnknownRecord(
                f"record {place.record_id.hex()} was erased; only proofs made before that exist"
            )
        row = rows.slice(at[place.leaf], 1)
        salt = row.column(segments.SALT)[0].as_py()
        path = merkle.inclusion(node, place.leaf, count)
        said = _row_bytes(row, manifest)
        yield (
            place.leaf,
            Proof(said, salt, place.leaf, path, manifest, act, act_salt, position, size, log_path),
        )


def as_json(proof: Proof) -> dict[str, Any]:
    """A proof as plain JSON, bytes in base64, as `verify.py` takes it."""
    plain: dict[str, Any] = msgspec.to_builtins(proof)
    return plain


def content(proof: Proof) -> dict[str, Any]:
    """Return the row as whoever checks the proof will read it."""
    return standalone_rows.row_of(proof.manifest, proof.row)


def _row_bytes(row: Any, manifest: bytes) -> bytes:
    columns = segments.manifest_of(manifest).columns
    return encode_rows(row, {name: ordinal for ordinal, name in enumerate(columns)}).data.tobytes()


def _segment_tree(root: Path, database: Database, place: lookup.Place) -> tuple[merkle.Node, int]:
    """The tree of a row's segment, and how many leaves it has."""
    (lying,) = (each for each in compaction.lying(database, place.kind) if each.number == place.segment)
    return merkle.in_memory(compaction.leaves_of(root, database, lying)), lying.rows
