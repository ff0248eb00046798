"""Every byte of a file, and of all that is packed in it, one inside the other.

Nothing here knows Watchfloor: a file is read as it is, and again as whatever it may be. SQLite is read value
by value, with what its write-ahead log adds; Parquet and Arrow cell by cell; tar, zip and gzip member by
member; and a Zstandard or LZ4 frame is opened wherever its magic number stands, also in the middle of a page.
"""

import gzip
import io
import re
import sqlite3
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

DEPTH: Final = 6
"""How deep packings lie within each other at most."""

FRAMES: Final = {"zstd": b"\x28\xb5\x2f\xfd", "lz4": b"\x04\x22\x4d\x18"}
"""Magic numbers of compressed frames, by the name of their codec."""

Part = tuple[str, bytes]
"""How some bytes were opened, such as `catalogue.sqlite > zstd at 812`, and the bytes."""

_SQLITE: Final = b"SQLite format 3\x00"
_PIECE: Final = 1 << 16


def files(root: Path) -> list[Path]:
    """The files of a folder in order, or the one file."""
    return [root] if root.is_file() else sorted(place for place in root.rglob("*") if place.is_file())


def parts(path: Path) -> Iterator[Part]:
    """A file, then all that it holds in a form that is known; of a database also what its log adds to it."""
    data = path.read_bytes()
    yield from unpacked(path.name, data)
    log = path.with_name(f"{path.name}-wal")
    if data.startswith(_SQLITE) and log.exists():
        with TemporaryDirectory() as folder:  # opening a database where it lies would change the folder
            copy = Path(folder, path.name)
            copy.write_bytes(data)
            copy.with_name(log.name).write_bytes(log.read_bytes())
            with closing(sqlite3.connect(copy)) as database:
                yield from unpacked(f"{path.name} with its log", database.serialize())


def unpacked(name: str, data: bytes, depth: int = 0) -> Iterator[Part]:
    """Bytes as they are, then what they hold."""
    yield name, data
    if depth < DEPTH:
        for form, inner in _opened(data):
            yield from unpacked(f"{name} > {form}", inner, depth + 1)


def _opened(data: bytes) -> Iterator[Part]:
    for magic, at, inside in _FORMS:
        if data.startswith(magic, at):
            yield from _safely(inside, data)
    for codec, magic in FRAMES.items():
        for match in re.finditer(re.escape(magic), data):
            if inner := _frame(memoryview(data)[match.start() :], codec):
                yield f"{codec} at {match.start()}", inner


def _safely(inside: Callable[[bytes], Iterable[Part]], data: bytes) -> Iterator[Part]:
    """Yield the parts that can be unpacked; a file that only looks like its form, or is cut, ends there."""
    try:
        yield from inside(data)
    except (OSError, EOFError, ValueError, KeyError, RuntimeError, NotImplementedError):
        return
    except (sqlite3.Error, tarfile.TarError, zipfile.BadZipFile, pa.ArrowException):
        return


def _frame(data: memoryview, codec: str) -> bytes:
    """Return the content of a frame, as far as it can be read.

    A read that runs into the bytes behind it fails as a whole, so its end is neared in ever smaller steps.
    """
    out, step = bytearray(), _PIECE
    while step:
        try:
            with pa.input_stream(pa.py_buffer(data), compression=codec) as stream:
                stream.read(len(out))
                while piece := stream.read(step):
                    out += piece
            break
        except (OSError, pa.ArrowException):
            step >>= 4
    return bytes(out)


def _gzip(data: bytes) -> Iterator[Part]:
    yield "gzip", gzip.decompress(data)


def _tar(data: bytes) -> Iterator[Part]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            if file := archive.extractfile(member):
                yield member.name, file.read()


def _zip(data: bytes) -> Iterator[Part]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        yield from ((member.filename, archive.read(member)) for member in archive.infolist())


def _parquet(data: bytes) -> Iterator[Part]:
    yield from _cells("Parquet", pq.read_table(pa.BufferReader(data)))


def _arrow_file(data: bytes) -> Iterator[Part]:
    yield from _cells("Arrow", pa.ipc.open_file(data).read_all())


def _arrow_stream(data: bytes) -> Iterator[Part]:
    yield from _cells("Arrow", pa.ipc.open_stream(data).read_all())


def _sqlite(data: bytes) -> Iterator[Part]:
    """Every value of every table; pages, also free ones, are in the bytes themselves."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(data[:18] + b"\x01\x01" + data[20:])  # as one that needs no write-ahead log
        database.text_factory = bytes
        for name in [name.decode() for (name,) in database.execute(_TABLES)]:
            rows = database.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - a name from the database itself
            yield from _told(name, (value for row in rows for value in row))


_TABLES: Final = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"


def _cells(name: str, table: pa.Table) -> Iterator[Part]:
    yield from _told(name, (value for column in table.columns for value in column.to_pylist()))


def _told(name: str, values: Iterable[Any]) -> Iterator[Part]:
    """All values as lines, and each that is a file of some form by itself."""
    lines: list[bytes] = []
    for value in _flat(values):
        if value is not None:
            lines.append(value if isinstance(value, bytes) else str(value).encode("utf-8", "replace"))
        if isinstance(value, bytes) and any(value.startswith(magic, at) for magic, at, _ in _FORMS):
            yield name, value
    yield name, b"\n".join(lines)


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from _flat(value.values())
    elif isinstance(value, Iterable) and not isinstance(value, str | bytes):
        for one in value:
            yield from _flat(one)
    else:
        yield value


_FORMS: Final[tuple[tuple[bytes, int, Callable[[bytes], Iterable[Part]]], ...]] = (
    (b"\x1f\x8b", 0, _gzip),
    (b"PK", 0, _zip),
    (b"ustar", 257, _tar),
    (b"PAR1", 0, _parquet),
    (b"ARROW1", 0, _arrow_file),
    (b"\xff\xff\xff\xff", 0, _arrow_stream),
    (_SQLITE, 0, _sqlite),
)
"""How files of each form begin, where, and what is inside, each part with a name."""
