"""ULIDs and UUIDs of messages, and those that stand for names which are neither.

A ULID is 48 bits of milliseconds and 80 others in Crockford's base 32 (<https://github.com/ulid/spec>). One
that stands for a name has bits of the name's SHA-256, so that it is the same on every machine and who knows
the name can check it.
"""

import re
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid5

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID: Final = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", re.IGNORECASE)
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
NAMES: Final = UUID("5f0a7f2e-6a6b-5d0c-9d5e-3f6f2b1c7a41")
"""Namespace of the node ids that stand for names of sensors (UUID version 5)."""


def ulid(milliseconds: int, draw: bytes) -> str:
    """The ULID of a moment.

    Args:
        milliseconds: since 1970, below 2^48.
        draw: ten random bytes.
    """
    return _written((milliseconds & ((1 << 48) - 1)) << 80 | int.from_bytes(draw[:10], "big"))


def ulid_of(name: str) -> str:
    """The ULID that stands for a name."""
    return _written(int.from_bytes(sha256(name.encode()).digest()[:16], "big"))


def node_of(name: str) -> str:
    """The node id that stands for the name of a sensor; a UUID stands for itself."""
    return name.lower() if _UUID.fullmatch(name) else str(uuid5(NAMES, name))


def is_ulid(text: str) -> bool:
    """Whether a text is a ULID, in upper or lower case."""
    return bool(_ULID.fullmatch(text))


def _written(number: int) -> str:
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))
