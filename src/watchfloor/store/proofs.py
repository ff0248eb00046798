"""Proofs that a record is on a floor: from the row to its segment's root, from there to the root of the log.

A proof is self-contained. Who holds one and a root of the log that the floor once published can check it
without the floor, and also long after the record was erased.
"""

from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from watchfloor.records.canonical import encode_rows
from watchfloor.store import compaction, log, lookup, merkle, segments
from watchfloor.store.database import Database
from watchfloor.store.errors import UnknownRecord


class Proof(msgspec.Struct, frozen=True):
    """That one row is part of an act of the log.

    Attributes:
        row: the row's canonical bytes, see `records.canonical`.
        salt: of the row.
        leaf: its number in the segment.
        segment_path: hashes from the row's leaf to the segment's root.
        manifest: of the segment, JSON; names the columns behind the row's ordinals, and the root.
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
    return prove_place(root, database, place, size)


def prove_place(root: Path, database: Database, place: lookup.Place, size: int | None = None) -> Proof:
    """The proof of the row at a place, of evidence or derived. Raises `UnknownRecord` as `prove` does."""
    found = lookup.rows(root, database, [place])
    if not found:
        raise UnknownRecord(f"record {place.record_id.hex()} was erased; only proofs made before that exist")
    _, row = found[0]
    manifest, position = database.execute(
        "SELECT manifest, position FROM segments WHERE id = ?", (place.segment,)
    ).fetchone()
    act, act_salt = database.execute("SELECT body, salt FROM log WHERE position = ?", (position,)).fetchone()
    if act is None:
        raise UnknownRecord(
            f"the act at position {position} that brought record {place.record_id.hex()} was erased with its "
            "delivery's name; only proofs made before that exist"
        )
    size = log.head(database)[0] if size is None else size
    return Proof(
        _row_bytes(row, manifest),
        row.column(segments.SALT)[0].as_py(),
        place.leaf,
        _segment_path(root, database, place),
        manifest,
        act,
        act_salt,
        position,
        size,
        log.inclusion(database, position, size),
    )


def verify_proof(proof: Proof, root: bytes) -> bool:
    """Whether the proof leads from its row to that root of the log."""
    manifest = segments.manifest_of(proof.manifest)
    act = msgspec.json.decode(proof.act)
    return (
        merkle.verify_inclusion(
            merkle.leaf_hash(proof.salt + proof.row),
            proof.leaf,
            manifest.rows,
            proof.segment_path,
            bytes.fromhex(manifest.root),
        )
        and _names(act, manifest.segment, sha256(proof.manifest).hexdigest())
        and merkle.verify_inclusion(
            merkle.leaf_hash(proof.act_salt + proof.act), proof.position - 1, proof.size, proof.log_path, root
        )
    )


def _names(act: dict[str, Any], segment: int, manifest: str) -> bool:
    named = act.get("detail", {}).get("segments", [])
    return any(each.get("segment") == segment and each.get("manifest") == manifest for each in named)


def _row_bytes(row: Any, manifest: bytes) -> bytes:
    columns = segments.manifest_of(manifest).columns
    return encode_rows(row, {name: ordinal for ordinal, name in enumerate(columns)}).data.tobytes()


def _segment_path(root: Path, database: Database, place: lookup.Place) -> list[bytes]:
    (lying,) = (each for each in compaction.lying(database, place.kind) if each.number == place.segment)
    leaves = compaction.leaves_of(root, database, lying)
    return merkle.inclusion(merkle.in_memory(leaves), place.leaf, lying.rows)
