"""Identifiers of STIX objects: deterministic, and of what is ours only for who holds the floor's key."""

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Final
from uuid import UUID, uuid5

from watchfloor.formats.intelligence.stix_markings import OURS

OBSERVABLES: Final = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""Namespace of cyber-observables (STIX 2.1, section 2.9): the same value has the same id everywhere."""


def observable(of: str, contributing: Mapping[str, str]) -> str:
    """Return the id of a cyber-observable by the properties that contribute to it, as JSON of RFC 8785."""
    text = json.dumps(contributing, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return f"{of}--{uuid5(OBSERVABLES, text)}"


def published(of: str, name: str) -> str:
    """Return the id of a definition that is the same on every floor."""
    return f"{of}--{uuid5(OURS, name)}"


def keyed(key: bytes, of: str, *parts: str) -> str:
    """Return the id of an object of ours: nobody without the floor's key can tell what a guess would have."""
    text = "\x1f".join((of, *parts))
    digest = blake2b(text.encode(), digest_size=16, key=key[:64], person=b"stix").digest()
    return f"{of}--{UUID(bytes=digest, version=4)}"
