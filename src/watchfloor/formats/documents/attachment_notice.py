"""Notice of attachments that are not read: named with size and SHA-256, never opened or run."""

from hashlib import sha256
from typing import Final

SHOWN: Final = 200
"""Characters of a name that are shown."""


def described(what: str, name: str, data: bytes, why: str) -> str:
    """A line for the record: `[Attachment a.exe, 1,024 bytes, SHA-256 9f…: a program; it was not opened]`."""
    plain = " ".join("".join(char for char in name if char.isprintable()).split())[:SHOWN] or "without a name"
    return f"[{what} {plain}, {len(data):,} bytes, SHA-256 {sha256(data).hexdigest()}: {why}]"
