"""Where a person is still named when the records are gone: acts, what was shown, pieces, originals, names.

A query holds what was asked, a shown lead its subjects, a quarantined piece the bytes that could not be read.
They are found by the words that nothing left on the floor says any more, so that an act about a namesake, or
about an item of a published list, stays what it was.
"""

import gzip
import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import msgspec

from watchfloor.store import blobs
from watchfloor.store.database import Database
from watchfloor.store.erasure import disclosure_snapshots, holds
from watchfloor.store.erasure.subject_index import Words
from watchfloor.store.errors import StoreError

GO: Final = frozenset(("query", "ingest", "hit", "hit-answered", holds.PLACED))
"""Acts whose content may go. A standing hold stays, and so does every other act: the floor works by it, or a
law wants the record of a disclosure kept.
"""

_APART: Final = frozenset(("position", "at", "act", "actor", "reset_by", "what", "clock"))
"""Fields of an act that are words of the program, not of the person who acted."""

_PIECE: Final = 1 << 20
_OVERLAP: Final = 1 << 10
"""Bytes that are searched at a time, and bytes of the one before that are searched again."""

_MEMBER: Final = 1 << 26
"""Bytes of a file packed in a delivery that are looked through."""


class Traces(NamedTuple):
    """Where words stand: positions of acts that go and of acts that stay, and what else names them.

    Attributes:
        acts: position, act and actor of acts whose content goes.
        stays: positions of acts that name them and stay.
        deliveries: positions of deliveries whose file is named so.
        pieces: numbers of quarantined pieces.
        originals: digests of deliveries whose bytes say them.
        shown: positions of what was shown.
    """

    acts: list[tuple[int, str, str]]
    stays: list[int]
    deliveries: list[int]
    pieces: list[int]
    originals: list[bytes]
    shown: list[int]


NONE: Final = Traces([], [], [], [], [], [])


def find(root: Path, database: Database, words: Words) -> Traces:
    """Everything outside of rows in which one of the words stands."""
    if not words:
        return NONE
    acts, stays, named = _acts(database, words)
    return Traces(
        acts,
        stays,
        named,
        [number for number, *texts in _pieces(database) if any(in_bytes(text, words) for text in texts)],
        [digest for digest in _originals(database) if _says(root, database, digest, words)],
        [position for position, content in _shown(database) if in_bytes(content, words)],
    )


def forget(database: Database, found: Traces) -> None:
    """Take acts and names of deliveries away, within the caller's transaction.

    Pieces, what was shown and originals are taken by those that keep them.
    """
    database.executemany(
        "UPDATE log SET salt = NULL, body = NULL WHERE position = ?", [(at,) for at, *_ in found.acts]
    )
    database.executemany(
        "UPDATE deliveries SET name = 'erased' WHERE position = ?", [(at,) for at in found.deliveries]
    )


def in_bytes(data: bytes, words: Words) -> bool:
    """Whether one of the words stands in bytes, as UTF-8, UTF-16 of either order, or Latin-1."""
    return any(words.within(text) for text in readings(data))


def readings(data: bytes) -> Iterator[str]:
    """Bytes as the texts they may be."""
    yield data.decode("utf-8", "replace")
    if not data.isascii():
        yield data.decode("latin-1")
    if b"\0" in data:
        for start in (0, 1):
            yield data[start:].decode("utf-16-le", "replace")
            yield data[start:].decode("utf-16-be", "replace")


def in_stream(stream: BinaryIO, words: Words) -> bool:
    """Whether one of the words stands in a stream; what is packed in it as zip or gzip is opened."""
    start = stream.read(_PIECE)
    if start[:2] in (b"PK", b"\x1f\x8b"):
        return _in_packed(start + stream.read(), words)
    before = b""
    while start:
        if in_bytes(before + start, words):
            return True
        before, start = start[-_OVERLAP:], stream.read(_PIECE)
    return False


def _in_packed(data: bytes, words: Words) -> bool:
    try:
        if data[:2] != b"PK":
            with gzip.open(io.BytesIO(data)) as inner:
                return in_bytes(inner.read(_MEMBER), words)
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            members = (packed.open(member).read(_MEMBER) for member in packed.infolist())
            return any(in_bytes(member, words) for member in members)
    except (OSError, EOFError, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError):
        return in_bytes(data, words)  # not packed after all, or locked


def _acts(database: Database, words: Words) -> tuple[list[tuple[int, str, str]], list[int], list[int]]:
    standing = {hold.position for hold in holds.standing(database)}
    go: list[tuple[int, str, str]] = []
    stay: list[int] = []
    named: list[int] = []
    for position, act, body in database.execute(
        "SELECT position, act, body FROM log WHERE body IS NOT NULL ORDER BY position"
    ):
        said = msgspec.json.decode(body)
        if not any(map(words.within, strings(said))):
            continue
        if act not in GO or position in standing:
            stay.append(position)
            continue
        go.append((position, act, said["actor"]))
        if act == "ingest":
            named.append(position)
    return go, stay, named


def strings(said: Mapping[str, Any]) -> Iterator[str]:
    """Yield a person's words in an act: every text in it but the program's own."""
    for name, value in said.items():
        if name not in _APART:
            yield from _nested(value)


def _nested(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from strings(value)
    elif isinstance(value, list):
        for inner in value:
            yield from _nested(inner)


def _pieces(database: Database) -> list[tuple[int, bytes, bytes, bytes]]:
    rows = database.execute("SELECT id, raw, locator, reason FROM quarantine WHERE raw IS NOT NULL")
    return [(id_, raw, locator.encode(), reason.encode()) for id_, raw, locator, reason in rows]


def _originals(database: Database) -> list[bytes]:
    rows = database.execute("SELECT digest FROM blobs WHERE erased IS NULL AND size > 0 ORDER BY digest")
    return [digest for (digest,) in rows]


def _says(root: Path, database: Database, digest: bytes, words: Words) -> bool:
    """Whether an original says a word; one that cannot be read says nothing that anybody could read."""
    try:
        with blobs.open_(root, database, digest) as stream:
            return in_stream(stream, words)
    except (StoreError, OSError):
        return False


def _shown(database: Database) -> list[tuple[int, bytes]]:
    query = "SELECT position, content FROM shown WHERE content IS NOT NULL AND what NOT LIKE ?"
    return list(database.execute(query, (f"{disclosure_snapshots.BUNDLE}%",)))
