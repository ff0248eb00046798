"""The floor's secret: written once, never shown, and recognised by what the first act says of it.

Identities are keyed with it, so a floor with another key would take every record in a second time.
"""

import os
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from watchfloor.store import files, log
from watchfloor.store.database import Database
from watchfloor.store.errors import Damaged, NoFloor

NAME: Final = "key"
SIGNING: Final = "signing.key"
"""Seed of the Ed25519 key that the node signs with."""
SIZE: Final = 32


def write(root: Path, name: str = NAME) -> None:
    """Make a new secret, readable by its owner alone, durable on return."""
    with open(root / name, "xb", opener=files.private) as file:
        file.write(os.urandom(SIZE))
        file.flush()
        os.fsync(file.fileno())


def read(root: Path, name: str = NAME) -> bytes:
    """A secret. Raises `NoFloor` where it has another length, `FileNotFoundError` where there is none."""
    key = (root / name).read_bytes()
    if len(key) != SIZE:
        raise NoFloor(f"{root / name} has {len(key)} bytes, not {SIZE}; restore it from a backup")
    return key


def sign(key: bytes) -> str:
    """Return the fingerprint of the secret for the first act; it tells nothing of the secret itself."""
    return blake2b(digest_size=8, key=key, person=b"secret").hexdigest()


def check(database: Database, root: Path, key: bytes) -> None:
    """Raises `Damaged` when this is not the secret that the floor was made with."""
    detail: Mapping[str, Any] = next((act.detail or {} for act in log.read(database, 1, 1)), {})
    if detail.get("key", sign(key)) != sign(key):
        raise Damaged(
            f"{root / NAME} is not the key that this floor was made with; restore it from a backup, "
            "or every record would be taken in a second time"
        )
