"""Every byte of every file, and what is packed in it: where somebody's words still stand.

Nothing here knows Watchfloor: a file is searched raw, and again as whatever it may be. SQLite is read page by
page and row by row, Parquet column by column, tar, zip and gzip member by member, and a Zstandard or LZ4
frame is opened wherever its magic number stands, also in the middle of a page.
"""

import gzip
import io
import re
import sqlite3
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.ipc as ipc
import pyarrow.parquet as pq

DEPTH: Final = 5
"""How deep packings lie within each other at most."""

FRAMES: Final = {b"\x28\xb5\x2f\xfd": "zstd", b"\x04\x22\x4d\x18": "lz4"}
"""Magic numbers of compressed frames, and pyarrow's name of their codec."""

Part = tuple[str, bytes]


class Hit(NamedTuple):
    """One place where a word stands: the file, how it was opened, and the word as it was written there."""

    file: str
    inside: str
    word: str
    encoding: str


class Words:
    """Words in every way in which bytes may hold them: three encodings, and any case."""

    def __init__(self, words: Iterable[str], raw: Iterable[bytes] = ()) -> None:
        ways: dict[bytes, tuple[str, str]] = {}
        for word in words:
            for written in dict.fromkeys((word, word.upper(), word.lower(), word.casefold(), word.title())):
                for encoding in ("utf-8", "utf-16-le", "utf-16-be", "latin-1"):
                    data = written.encode(encoding, "ignore")
                    if len(data) >= 4:
                        ways.setdefault(data.lower() if data.isascii() else data, (word, encoding))
        for data in raw:
            ways.setdefault(data, (data.hex(), "raw"))
        self._ways = ways
        self._any = re.compile(b"|".join(map(re.escape, sorted(ways, key=len, reverse=True))), re.IGNORECASE)

    def within(self, data: bytes) -> set[tuple[str, str]]:
        """Word and encoding of everything that stands in some bytes."""
        found = (match.group() for match in self._any.finditer(data))
        return {self._ways.get(one) or self._ways[one.lower()] for one in found}


def search(root: Path, words: Words, leaving: Callable[[Path], bool] = lambda _: False) -> list[Hit]:
    """Every hit in a file or in the files of a folder; `leaving` says which files are passed over."""
    files = [root] if root.is_file() else sorted(place for place in root.rglob("*") if place.is_file())
    found: set[Hit] = set()
    for place in files:
        if not leaving(place):
            name = place.name if place == root else place.relative_to(root).as_posix()
            found |= {Hit(name, *hit) for hit in _hits((place.name, place.read_bytes()), words)}
            found |= {Hit(name, "its name", *hit) for hit in words.within(name.encode())}
    return sorted(found)


def _hits(part: Part, words: Words, depth: int = 0) -> Iterator[tuple[str, str, str]]:
    inside, data = part
    for word, encoding in words.within(data):
        yield inside, word, encoding
    if depth < DEPTH:
        for name, inner in opened(data):
            yield from _hits((f"{inside} > {name}", inner), words, depth + 1)


def opened(data: bytes) -> Iterator[Part]:
    """What is packed in some bytes, each with what it is."""
    for magic, reader in _READERS.items():
        if data.startswith(magic):
            yield from _safely(reader, data)
    yield from _safely(_tar, data)
    yield from _safely(_stream, data)
    for magic, codec in FRAMES.items():
        for match in re.finditer(re.escape(magic), data):
            if inner := _frame(data[match.start() :], codec):
                yield f"{codec} at {match.start()}", inner


def _safely(reader: Callable[[bytes], Iterator[Part]], data: bytes) -> Iterator[Part]:
    try:
        yield from reader(data)
    except (OSError, EOFError, ValueError, KeyError, RuntimeError, NotImplementedError):
        return
    except (tarfile.TarError, zipfile.BadZipFile, sqlite3.Error, pa.ArrowException):
        return


def _frame(data: bytes, codec: str) -> bytes:
    """What a frame holds, as far as it can be read: the bytes behind it are none of it."""
    out = bytearray()
    try:
        with pa.input_stream(pa.py_buffer(data), compression=codec) as stream:
            while piece := stream.read(1 << 16):
                out += piece
    except (OSError, pa.ArrowException):
        pass
    return bytes(out)


def _sqlite(data: bytes) -> Iterator[Part]:
    """Every value of every table; pages, also free ones, are in the bytes themselves."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.sqlite"
        copy.write_bytes(data)
        with closing(sqlite3.connect(copy)) as database:
            database.text_factory = bytes
            tables = [name.decode() for (name,) in database.execute(_TABLES)]
            for table in tables:
                for row in database.execute(f'SELECT * FROM "{table}"'):
                    yield from ((table, bytes(value)) for value in row if isinstance(value, bytes))


_TABLES: Final = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"


def _parquet(data: bytes) -> Iterator[Part]:
    yield "parquet", _text(pq.read_table(pa.BufferReader(data)))


def _stream(data: bytes) -> Iterator[Part]:
    if data[:4] == b"\xff\xff\xff\xff":
        yield "arrow", _text(ipc.open_stream(data).read_all())


def _text(table: pa.Table) -> bytes:
    return "\n".join(map(str, _values(table.to_pylist()))).encode("utf-8", "surrogatepass")


def _values(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _values(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner)
    else:
        yield value.hex() if isinstance(value, bytes) else value


def _gzip(data: bytes) -> Iterator[Part]:
    with gzip.open(io.BytesIO(data)) as stream:
        yield "gzip", stream.read()


def _zip(data: bytes) -> Iterator[Part]:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        for member in packed.infolist():
            yield member.filename, packed.read(member)


def _tar(data: bytes) -> Iterator[Part]:
    if data[257:262] != b"ustar":
        return
    with tarfile.open(fileobj=io.BytesIO(data)) as packed:
        for member in packed:
            if (file := packed.extractfile(member)) is not None:
                yield member.name, file.read()


_READERS: Final[dict[bytes, Callable[[bytes], Iterator[Part]]]] = {
    b"SQLite format 3\0": _sqlite,
    b"PAR1": _parquet,
    b"\x1f\x8b": _gzip,
    b"PK": _zip,
}
