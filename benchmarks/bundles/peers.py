"""The same rows as others would carry them: STIX 2.1 objects (stix2) and plain JSON, both signed.

Each packs (objects, text, Ed25519 signature) and takes in (signature, parse, one durable SQLite transaction).
What they do not do is not counted against us or for them: neither withholds by marking, checks a gateway,
commits rows to a Merkle tree, or gives a receipt.
"""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import stix2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def stix_pack(rows: pa.Table) -> bytes:
    """A STIX bundle of one note a signal, about one identity each."""
    source = stix2.Identity(name="bank-a", identity_class="organization")
    made: list[Any] = [source]
    for row in rows.to_pylist():
        about = stix2.Identity(name=row["subjects"][0], created_by_ref=source.id)
        note = stix2.Note(
            content=json.dumps(row["reason"]),
            abstract=f"{row['rule']} {row['strength']} {row['score']:.3f}",
            object_refs=[about.id],
            created_by_ref=source.id,
            labels=[row["desk"], row["marking"]],
        )
        made += [about, note]
    return signed(stix2.Bundle(made).serialize().encode())


def stix_take(data: bytes, path: Path) -> int:
    """Check, parse and keep the objects."""
    found = stix2.parse(checked(data)).objects
    return keep(path, [(one.id, one.serialize()) for one in found])


def json_pack(rows: pa.Table) -> bytes:
    """One JSON object a signal."""
    return signed(json.dumps([_plain(row) for row in rows.to_pylist()]).encode())


def json_take(data: bytes, path: Path) -> int:
    """Check, parse and keep the objects."""
    return keep(path, [(row["row_id"], json.dumps(row)) for row in json.loads(checked(data))])


def signed(text: bytes) -> bytes:
    """Signature, then text."""
    return KEY.sign(text) + text


def checked(data: bytes) -> bytes:
    """The text, once its signature holds."""
    KEY.public_key().verify(data[:64], data[64:])
    return data[64:]


def keep(path: Path, rows: list[tuple[str, str]]) -> int:
    """Write rows in one durable transaction."""
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA synchronous = FULL")
        database.execute("CREATE TABLE rows (id TEXT PRIMARY KEY, body TEXT)")
        database.executemany("INSERT INTO rows VALUES (?, ?)", rows)
    database.close()
    return len(rows)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: [one.hex() for one in value]
        if name in ("evidence", "coverage")
        else value.hex()
        if isinstance(value, bytes)
        else value.isoformat()
        if hasattr(value, "isoformat")
        else value
        for name, value in row.items()
    }


PEERS: dict[str, tuple[Callable[[pa.Table], bytes], Callable[[bytes, Path], int]]] = {
    "signed JSON": (json_pack, json_take),
    "STIX 2.1 (stix2)": (stix_pack, stix_take),
}
