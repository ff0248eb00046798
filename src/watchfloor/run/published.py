"""Publish the live folds: small files of the floor's folder, one set a view, written over in place.

`live/published/views.json` says which markings have come live and which folder is of which view. A reader
finds the folder of what it may see of those markings, and no other. What is older than `FRESH` is nothing:
then the kept runs of the floor speak.

A file is its length and CRC-32, then an Arrow stream; whoever reads it while it is written reads it again. To
replace it by another each time would have the disk work at every step of a fold, for what nobody needs
tomorrow.
"""

import os
import struct
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zlib import crc32

import msgspec
import pyarrow as pa

from watchfloor.core.derived import net
from watchfloor.core.streams import packed, unpacked
from watchfloor.policy.policy import Reader, mask
from watchfloor.store import clock
from watchfloor.store.views import digest

FOLDER: Final = "live/published"
INDEX: Final = "views.json"
FRESH: Final = timedelta(seconds=5)
_HEAD: Final = b"watchfloor.live"
_WHOLE: Final = "whole"
END: Final = "live"
"""How the names of the files end."""
_SIZE: Final = struct.Struct("<QI")
_TRIES: Final = 5
_PAUSE: Final = 0.001


class Views(msgspec.Struct, frozen=True):
    """The markings that have come live, and the views that there are of them, by their digests."""

    markings: list[str]
    views: list[str]


class Header(msgspec.Struct, frozen=True):
    """Head of a published file.

    Attributes:
        written: when, by the clock of the floor, seconds since 1970.
        received: the last moment of receipt that is in it, microseconds since 1970.
        rows: how many rows of evidence had been folded.
    """

    written: float
    received: int
    rows: int


def index(root: Path, markings: Iterable[str], views: Iterable[str]) -> None:
    """Say which views there are."""
    told = Views(sorted(markings), sorted(views))
    _replace(root / FOLDER / INDEX, msgspec.json.encode(told))


def write(root: Path, view: str, name: str, rows: pa.Table, said: Header) -> None:
    """Publish rows of a view under a name such as `surveillance.track`."""
    data = packed(rows.replace_schema_metadata({_HEAD: msgspec.json.encode(said)}))
    place = root / FOLDER / (view or _WHOLE) / f"{name}.{END}"
    place.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(place, os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    try:
        os.write(file, _SIZE.pack(len(data), crc32(data)) + data)
    finally:
        os.close(file)


def read(root: Path, reader: Reader, kind: str, now: datetime) -> pa.Table | None:
    """Read the live rows of a derived kind in a reader's view at a moment; None without recent ones.

    A moment of the past, well before what there is was written, has none; what was written while the reader
    was on his way is his too, since it is written many times a second.
    """
    mine = view_of(root, reader)
    if mine is None:
        return None
    fresh = FRESH * max(clock.rate(root), 1.0)  # an exercise may run in haste
    folder = root / FOLDER / (mine or _WHOLE)
    found = [load(path) for path in sorted(folder.glob(f"*.{kind}.{END}"))]
    tables = [
        rows
        for rows, said in filter(None, found)
        if abs(now - datetime.fromtimestamp(said.written, now.tzinfo)) < fresh
    ]
    if not tables:
        return None
    rows = pa.concat_tables(tables)
    return net(rows.filter(mask(reader, rows["marking"])))


def markings(root: Path) -> frozenset[str]:
    """The markings that have come live; none where nothing did."""
    return frozenset(_views(root).markings)


def _views(root: Path) -> Views:
    try:
        return msgspec.json.decode((root / FOLDER / INDEX).read_bytes(), type=Views)
    except (OSError, ValueError):
        return Views([], [])


def view_of(root: Path, reader: Reader) -> str | None:
    """Return the digest of what a reader may see of the markings that came live; None where none did."""
    views = _views(root)
    mine = digest(frozenset(views.markings), reader)
    return mine if mine in views.views else None


def load(path: Path) -> tuple[pa.Table, Header] | None:
    """A published file and what it says of itself; None where it is not there or broken."""
    for _ in range(_TRIES):
        try:
            data = path.read_bytes()
            size, check = _SIZE.unpack_from(data)
            told = memoryview(data)[_SIZE.size : _SIZE.size + size]
            if len(told) == size and crc32(told) == check:
                rows = unpacked(told)
                said = msgspec.json.decode(rows.schema.metadata[_HEAD], type=Header)
                return rows.replace_schema_metadata(None), said
        except (OSError, struct.error, KeyError, TypeError, ValueError):
            return None
        time.sleep(_PAUSE)  # it is being written
    return None


def withdraw(root: Path, keep: Iterable[str]) -> None:
    """Take away what views say that there are no longer."""
    kept = {view or _WHOLE for view in keep}
    folder = root / FOLDER
    for place in folder.iterdir() if folder.is_dir() else ():
        if place.is_dir() and place.name not in kept:
            for file in place.iterdir():
                file.unlink(missing_ok=True)
            place.rmdir()


def _replace(place: Path, data: bytes | pa.Buffer) -> None:
    written = place.with_suffix(f".{os.getpid()}")
    try:
        written.write_bytes(data)
    except FileNotFoundError:
        place.parent.mkdir(parents=True, exist_ok=True)
        written.write_bytes(data)
    written.replace(place)
