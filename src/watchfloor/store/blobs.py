"""Deliveries as they came, by the SHA-256 of their bytes, compressed with Zstandard.

A delivery is written before it is read, so that what is read cannot change meanwhile, and checked again each
time somebody opens it.
"""

import io
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import pyarrow as pa

from watchfloor.store import files
from watchfloor.store.database import Database
from watchfloor.store.errors import Damaged, Erased, UnknownRecord

SMALL: Final = 1 << 14
"""Deliveries up to this many bytes live in the catalogue."""

FOLDER: Final = "blobs"
_CHUNK: Final = 1 << 20


class Blob(NamedTuple):
    """A delivery on disk: its digest, its size in bytes, and either a file or the compressed bytes."""

    digest: bytes
    size: int
    stored: files.Stored | None
    data: bytes | None


def spool(root: Path, stream: BinaryIO) -> Blob:
    """Take in a whole delivery of any size, durable on return; constant memory."""
    start = _read_up_to(stream, SMALL + 1)
    if len(start) <= SMALL:
        return small(start)
    temporary = files.new(root, f"{FOLDER}/incoming-{os.getpid()}-{os.urandom(4).hex()}")
    try:
        return _spool_file(root, temporary, start, stream)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def small(content: bytes) -> Blob:
    """A delivery that needs no file."""
    return Blob(
        sha256(content).digest(), len(content), None, pa.compress(content, codec="zstd", asbytes=True)
    )


def path_of(digest: bytes) -> str:
    """Where a delivery's file is, within the floor."""
    name = digest.hex()
    return f"{FOLDER}/{name[:2]}/{name}.zst"


def keep(database: Database, blob: Blob) -> None:
    """Name a delivery in the catalogue, within the caller's transaction; one that is there already stays."""
    if blob.stored is not None:
        database.execute("INSERT INTO files VALUES (?, ?, ?) ON CONFLICT DO NOTHING", blob.stored)
    database.execute(
        "INSERT INTO blobs VALUES (?, ?, ?, ?, NULL) ON CONFLICT DO NOTHING",
        (blob.digest, blob.size, blob.stored and blob.stored.path, blob.data),
    )


def forget(database: Database, digest: bytes, position: int) -> str | None:
    """Name a delivery as erased, within the caller's transaction; gives its file, to be deleted after."""
    (path,) = database.execute("SELECT path FROM blobs WHERE digest = ?", (digest,)).fetchone()
    database.execute(
        "UPDATE blobs SET path = NULL, data = NULL, erased = coalesce(erased, ?) WHERE digest = ?",
        (position, digest),
    )
    database.execute("DELETE FROM files WHERE path = ?", (path,))
    return None if path is None else str(path)


def open_(root: Path, database: Database, digest: bytes) -> BinaryIO:
    """The original bytes of a delivery; reading to the end checks them against the digest.

    Raises:
        UnknownRecord: no such delivery.
        Erased: it held a record that was erased.
        Damaged: while reading, when they are not the bytes that came.
    """
    return open_blob(root, find(database, digest))


def find(database: Database, digest: bytes) -> Blob:
    """A delivery in the catalogue. Raises as `open_` does."""
    found = database.execute(
        "SELECT blobs.size, blobs.path, files.size, checks, data, erased "
        "FROM blobs LEFT JOIN files USING (path) WHERE digest = ?",
        (digest,),
    ).fetchone()
    if found is None:
        raise UnknownRecord(f"no delivery {digest.hex()} on this floor")
    size, path, stored, checks, data, erased = found
    if erased is not None:
        raise Erased(
            f"the original of delivery {digest.hex()} is gone: "
            f"a record in it was erased at position {erased} of the log"
        )
    return Blob(digest, size, files.Stored(path, stored, checks) if path else None, data)


def open_blob(root: Path, blob: Blob) -> BinaryIO:
    """The original bytes of a delivery that is at hand."""
    place = f"blob {blob.digest.hex()}" if blob.stored is None else blob.stored.path
    try:
        source = pa.py_buffer(blob.data) if blob.stored is None else files.open_(root, blob.stored.path)
        inner = pa.input_stream(source, compression="zstd")
    except FileNotFoundError as error:
        raise Damaged(f"{place} is missing from {root}; restore a backup") from error
    return io.BufferedReader(_Verified(inner, blob.digest, place), _CHUNK)


class _Verified(io.RawIOBase):
    """Reads decompressed bytes and compares them with their digest at the end."""

    def __init__(self, inner: Any, digest: bytes, place: str) -> None:
        self._inner, self._digest, self._place, self._seen = inner, digest, place, sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._inner.read(len(buffer))
        except OSError as error:
            raise Damaged(
                f"{self._place} does not decompress: {error}; run `watchfloor floor verify`"
            ) from error
        if not data and self._seen.digest() != self._digest:
            raise Damaged(f"{self._place} is not the delivery that came; run `watchfloor floor verify`")
        self._seen.update(data)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._inner.close()
        super().close()


def _spool_file(root: Path, temporary: Path, start: bytes, stream: BinaryIO) -> Blob:
    seen, size = sha256(), 0
    with pa.CompressedOutputStream(str(temporary), "zstd") as sink:
        for chunk in _chunks(start, stream):
            seen.update(chunk)
            size += len(chunk)
            sink.write(chunk)
    path = path_of(seen.digest())
    if files.named(root, path):  # delivered before; the catalogue knows that file and not this one
        temporary.unlink()
        return Blob(seen.digest(), size, files.Stored(path, 0, b""), None)
    return Blob(seen.digest(), size, files.seal(root, temporary, path), None)


def _chunks(start: bytes, stream: BinaryIO) -> Iterator[bytes]:
    yield start
    yield from iter(lambda: stream.read(_CHUNK), b"")


def _read_up_to(stream: BinaryIO, count: int) -> bytes:
    """A socket or a pipe may give less than asked long before its end."""
    parts, missing = [], count
    while missing and (part := stream.read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
