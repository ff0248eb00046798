"""Secrets and sets of the partnership at rest: sealed files in the floor's folder `partnership`.

Each is encrypted and authenticated with ChaCha20-Poly1305 under a key of the floor's own secret, its name
being authenticated with it. An epoch's secret is random and of its own file: once that is deleted, nothing
of the epoch can be computed again, though file systems and backups may remember. Backups do not take the
folder.
"""

import os
import re
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from watchfloor.store.errors import Damaged
from watchfloor.store.floor import Floor

FOLDER: Final = "partnership"
_NONCE: Final = 12
_NAME: Final = re.compile(r"[\w.-]+(/[\w.-]+)?")


class Vault:
    """The sealed files of a floor."""

    def __init__(self, floor: Floor) -> None:
        self.root = floor.root / FOLDER
        self._key = floor.key

    def put(self, name: str, data: bytes) -> None:
        """Seal a file, in place of what was there; it is whole under its name or not there."""
        place = self._place(name)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        nonce = os.urandom(_NONCE)
        beside = place.with_name(f"{place.name}.part")
        descriptor = os.open(
            beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600
        )
        with open(descriptor, "wb") as file:  # noqa: PTH123 - only here is the file never readable by others
            file.write(nonce + self._cipher().encrypt(nonce, data, name.encode()))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(place)

    def get(self, name: str) -> bytes | None:
        """Return a file's content; None if there is none. Raises `Damaged` where it was changed."""
        try:
            data = self._place(name).read_bytes()
        except FileNotFoundError:
            return None
        try:
            return self._cipher().decrypt(data[:_NONCE], data[_NONCE:], name.encode())
        except (InvalidTag, ValueError) as error:
            raise Damaged(
                f"{self._place(name)} was changed, or belongs to a floor with another key; delete it and "
                "begin the session or the offer anew"
            ) from error

    def put_json(self, name: str, value: Any) -> None:
        """Seal a value."""
        self.put(name, msgspec.json.encode(value))

    def get_json(self, name: str) -> Any:
        """A value; None where there is none. Raises `Damaged`."""
        data = self.get(name)
        return None if data is None else msgspec.json.decode(data)

    def names(self, folder: str) -> list[str]:
        """Files of a folder of it."""
        place = self.root / folder
        found = place.iterdir() if place.is_dir() else ()
        return sorted(f"{folder}/{one.name}" for one in found if not one.name.endswith(".part"))

    def drop(self, name: str) -> bool:
        """Delete a file; whether there was one."""
        try:
            self._place(name).unlink()
        except FileNotFoundError:
            return False
        return True

    def _place(self, name: str) -> Path:
        if not _NAME.fullmatch(name) or ".." in name:
            raise ValueError(f"{name!r} is no name of a sealed file")
        return self.root / name

    def _cipher(self) -> ChaCha20Poly1305:
        return ChaCha20Poly1305(blake2b(digest_size=32, key=self._key, person=b"partnership").digest())


def label(*parts: object) -> str:
    """A name for a file about these, which tells nothing of them and never meets another's."""
    return blake2b("\x1f".join(map(str, parts)).encode(), digest_size=12).hexdigest()
