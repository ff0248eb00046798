"""From a record back to the bytes that it was read from: the line, the row or the element."""

import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO, Final, cast

import pyarrow as pa

from watchfloor.feeds import config, isolation
from watchfloor.feeds.isolation import IN_PLACE
from watchfloor.feeds.reader_process import WORKBOOK, Recipe
from watchfloor.formats.base import HEAD_BYTES, WHOLE_FILE, Head
from watchfloor.formats.encoding.charset import Utf8, named
from watchfloor.formats.lists.consolidation import WHOLE_LIST
from watchfloor.formats.tabular import spreadsheet
from watchfloor.formats.tabular.blocks import MAX_RECORD_LINES, Record, parse_record
from watchfloor.formats.tabular.delimited import sniff_delimiter
from watchfloor.policy.policy import Reader
from watchfloor.store import Erased, Floor, NoOriginal, UnknownRecord
from watchfloor.store.index.search import records
from watchfloor.store.log import encode

_CHUNK: Final = 1 << 20
_LINE: Final = re.compile(r"line (\d+)")
_SENT: Final = re.compile(r"(\w+\.arrow) row (\d+)")
"""A row of a bundle from another node, see `exchange.bundles.bundle`."""


@dataclass(frozen=True, slots=True)
class Original:
    """A record and where it came from, as one reader may know it.

    Attributes:
        kind: the record's kind.
        row: its columns; `delivery` is None unless the delivery as a whole is the original: a digest of
            bytes that hold more lets whoever guesses the rest find out.
        names: of the deliveries that brought its bytes, oldest first.
        piece: the bytes of its line, row or element; None where they are all of the delivery, or no bytes
            can be shown.
        digest: of the delivery, where it as a whole is the original.
        position: of the act that brought the record.
    """

    kind: str
    row: dict[str, Any]
    names: tuple[str, ...]
    piece: bytes | None
    digest: bytes | None
    position: int

    def open(self, floor: Floor, reader: Reader) -> BinaryIO:
        """Return the bytes, of the piece or of the delivery as a whole. Raises `NoOriginal`."""
        if self.piece is not None:
            return BytesIO(self.piece)
        if self.digest is None:
            raise NoOriginal
        return floor.original(self.digest, reader, self.position)


def original(floor: Floor, record_id: bytes | str, reader: Reader) -> Original:
    """Return a record and its original bytes, as far as they are for this reader.

    A reader who may not see all that came with the record gets its own piece alone; none, where it has no
    place of its own, or something that stands there too is hidden.

    Args:
        floor: where it is.
        record_id: its id, or the start of it in hexadecimal.
        reader: who asks; a record that they may not see is not there.

    Raises:
        UnknownRecord: there is none, or more than one starts so.
    """
    kind, row, position = _found(floor, record_id, reader)
    digest, row = row["delivery"], row | {"delivery": None}
    names = tuple(dict.fromkeys(_names(floor, digest, row["source"], position, reader)))
    try:
        unseen = floor.unseen(digest, reader, position)
        if row["locator"] in unseen.locators:
            return Original(kind, row, names, None, None, position)
        encoding = _encoding(floor, row["source"])
        with floor.delivered(digest) as stream:
            piece = locate(stream, row["locator"], encoding)
    except (Erased, UnknownRecord):
        return Original(kind, row, names, None, None, position)
    if piece is not None or unseen.whole:
        return Original(kind, row, names, piece, None, position)
    return Original(kind, row | {"delivery": digest}, names, None, digest, position)


def find(floor: Floor, record_id: bytes | str, reader: Reader) -> tuple[str, dict[str, Any]]:
    """Return kind and row of the one record of that id, or whose id starts so. Raises `UnknownRecord`."""
    kind, row, _ = _found(floor, record_id, reader)
    return kind, row


def _found(floor: Floor, record_id: bytes | str, reader: Reader) -> tuple[str, dict[str, Any], int]:
    prefix = record_id if isinstance(record_id, str) else record_id.hex()
    found = [(one.kind, one.row, one.position) for one in records(floor, prefix, reader)]
    known = {row["record_id"] for _, row, _ in found}
    found += [one for one in floor.bulk(prefix, reader) if one[1]["record_id"] not in known]
    if not found:
        raise UnknownRecord(f"no record {prefix} on this floor that you may see")
    if len(found) > 1:
        some = ", ".join(row["record_id"].hex() for _, row, _ in found[:3])
        raise UnknownRecord(f"{len(found)} records or more start with {prefix} ({some}…): give more of it")
    return found[0]


def _names(floor: Floor, digest: bytes, source: str, position: int, reader: Reader) -> Iterator[str]:
    """Yield names of the deliveries of these bytes, without those all of whose new content is hidden."""
    every = floor.deliveries(source, digest)
    came = [one for one in every if one.size or one.position == position]  # acts have no bytes in common
    seen = floor.known(reader, came) if len(came) > 1 else {position}
    yield from (one.name for one in came if one.position in seen)


def locate(stream: BinaryIO, locator: str, encoding: str | None = None) -> bytes | None:
    """The piece of a delivery that a locator names; None where it names no piece, such as `WHOLE_FILE`.

    A line comes as it was delivered, with the lines that a quoted cell in it spans. A row of a spreadsheet
    comes as its cells in JSON, one of a bundle as an object, an element of an XML file as the parser writes
    it, without comments.
    """
    if match := _LINE.fullmatch(locator):
        return _line(stream, int(match[1]), encoding)
    if spreadsheet.ROW.fullmatch(locator):
        return _elsewhere(WORKBOOK, stream, locator)
    if match := _SENT.fullmatch(locator):
        return _sent(stream, match[1], int(match[2]))
    return None if locator in (WHOLE_FILE, WHOLE_LIST) else _piece(stream, locator)


def _encoding(floor: Floor, source: str) -> str | None:
    feeds = config.load(floor.root)
    mapping = feeds.mappings.get(source)
    return (mapping.encoding if mapping else None) or feeds.feed(source).encoding


def _line(stream: BinaryIO, number: int, encoding: str | None) -> bytes | None:
    head = stream.read(HEAD_BYTES)
    text = Utf8(stream, head, named(encoding, head) if encoding else None)
    buffer, first = b"", 1
    start = b""
    while chunk := text.read(_CHUNK):
        start = start or chunk
        buffer += chunk
        lines = buffer.count(b"\n")
        if first + lines > number + MAX_RECORD_LINES:
            break
        if first + lines < number:
            buffer, first = buffer[buffer.rfind(b"\n") + 1 :], first + lines
    lines_here = [line + b"\n" for line in buffer.split(b"\n")][number - first :]
    if not lines_here:
        return None
    record = parse_record(lines_here, 0, sniff_delimiter(start))
    used = record.lines if isinstance(record, Record) else 1
    return text.delivered(b"".join(lines_here[:used]).removesuffix(b"\n").removesuffix(b"\r"))


def _sent(stream: BinaryIO, member: str, at: int) -> bytes | None:
    """Return a row of a bundle, whose bytes were checked before any of it was taken in."""
    with tarfile.open(fileobj=BytesIO(stream.read())) as archive:
        part = archive.extractfile(member) if member in archive.getnames() else None
        if part is None:  # the note alone is kept where rows were above the ceiling
            return None
        rows = pa.ipc.open_stream(part.read()).read_all()
    return encode(rows.slice(at, 1).to_pylist()[0])


def _piece(stream: BinaryIO, locator: str) -> bytes | None:
    """Return the piece at the locator, as the format that recognises the delivery finds it."""
    from watchfloor.formats.registry import recognise  # loads every format; a line or a row needs none

    head = stream.read(HEAD_BYTES)
    form, whole = recognise(Head("", head)), cast("BinaryIO", _Whole(head, stream))
    if form is None or form.piece is None:
        return None
    return form.piece(whole, locator) if form.name in IN_PLACE else _elsewhere(form.name, whole, locator)


def _elsewhere(form: str, stream: BinaryIO, locator: str) -> bytes | None:
    """Return what the process of readers finds at the locator."""
    try:
        return isolation.piece(Recipe(form), stream, locator)
    except isolation.ReaderFailed:  # as it did when the delivery came: there is no piece of it
        return None


class _Whole:
    """A stream from its start again, after its head was read."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest = head, rest

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            head, self._head = self._head, b""
            return head + self._rest.read()
        head, self._head = self._head[:size], self._head[size:]
        return head or self._rest.read(size)
