"""Detections as lines that come one by one: CSV or JSON in our own columns, those of the kind `detection`.

A message is a datagram, or what a stream has brought up to a line end; it holds one line or more. A message
may begin with a header, a line of names of columns with `observed_at` among them; it holds for this message
and those after it on its connection. Before the first header the columns are `COLUMNS`. A line that begins
with `{` is a JSON object by the same names. `received_at` is when the message came, whatever a line says.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import DETECTION, INSTANT
from watchfloor.formats.base import Batch, Fault
from watchfloor.formats.sensors.wires.batch import Heard, Numbers, Read, ReadResult, numbers
from watchfloor.formats.tabular import mapping
from watchfloor.formats.tabular.blocks import MAX_RAW, Layout, parse
from watchfloor.formats.tabular.fields import FIELDS
from watchfloor.formats.tabular.table import Rows, each, text_table

COLUMNS: Final = (
    *("observed_at", "sensor", "latitude", "longitude"),
    *("var_east", "var_north", "cov_east_north", "class", "confidence"),
)
"""Of a line before which there was no header."""
NAMES: Final = frozenset(field.name for field in FIELDS["detection"])
"""Names that a header may have."""
MAX_LINE: Final = 1 << 16
"""Bytes of a line; a stream with a longer one is of another wire."""

_LINE: Final = len("line ")


class Header:
    """State of a connection: the columns of its lines."""

    def __init__(self, columns: tuple[str, ...] = COLUMNS) -> None:
        self.columns = columns


class Piece(NamedTuple):
    """Lines of one `Heard` under one header.

    Attributes:
        of: which it is.
        first: the number of its first line there.
        columns: of its lines.
        data: the lines, each with its end.
        lines: how many each of its messages has.
        received: when each of its messages was.
    """

    of: int
    first: int
    columns: tuple[str, ...]
    data: bytes
    lines: list[int]
    received: Sequence[int]


def whole(data: bytes) -> int:
    """How many bytes are whole lines. Raises `ValueError` where there is no line end in sight."""
    end = data.rfind(b"\n") + 1
    if len(data) - end > MAX_LINE:
        raise ValueError(f"no line end within {MAX_LINE:,} bytes: these are no lines")
    return end


def freeze(header: Header) -> bytes:
    """The columns as JSON."""
    return msgspec.json.encode(header.columns)


def thaw(frozen: bytes) -> Header:
    """Columns back from JSON. Raises `ValueError` where they are none."""
    columns = msgspec.json.decode(frozen, type=tuple[str, ...])
    if not NAMES.issuperset(columns):
        raise ValueError("names columns that a detection has not")
    return Header(columns)


def read(heard: Sequence[Heard]) -> ReadResult:
    """Detections of several connections, in the order of what was heard."""
    found = ReadResult([], [])
    for pieces in _alike(piece for of, one in enumerate(heard) for piece in _pieces(of, one)):
        _read(pieces, found)
    return found


def _pieces(of: int, heard: Heard) -> Iterator[Piece]:
    """The messages of a connection as one piece, or cut where one begins with a header."""
    messages = [_ended(message) for message in heard.messages]
    start, line = 0, 1
    for at, message in enumerate(messages):
        if b"observed_at" in message and (columns := _header(message)):
            yield from _piece(of, line, heard, messages, slice(start, at))
            line += sum(one.count(b"\n") for one in messages[start:at]) + 1
            heard.state.columns, start = columns, at
            messages[at] = message[message.index(b"\n") + 1 :]
        elif _open(message):  # else its quote would swallow the messages after it
            yield from _piece(of, line, heard, messages, slice(start, at))
            line += sum(one.count(b"\n") for one in messages[start:at])
            yield from _piece(of, line, heard, messages, slice(at, at + 1))
            line, start = line + message.count(b"\n"), at + 1
    yield from _piece(of, line, heard, messages, slice(start, None))


def _open(message: bytes) -> bool:
    """Whether a quote of a message is never closed."""
    return message.count(b'"') % 2 == 1


def _ended(message: bytes) -> bytes:
    """A message that ends its line; a bare carriage return would end one too, and count for nobody."""
    if b"\r" in message:
        message = message.replace(b"\r\n", b"\n").replace(b"\r", b" ")
    return message if message.endswith(b"\n") else message + b"\n"


def _piece(of: int, line: int, heard: Heard, messages: list[bytes], part: slice) -> Iterator[Piece]:
    if data := b"".join(messages[part]):
        lines = [message.count(b"\n") for message in messages[part]]
        yield Piece(of, line, heard.state.columns, data, lines, heard.received[part])


def _header(message: bytes) -> tuple[str, ...]:
    """The columns that the first line of a message names; none where it is no header."""
    line = message[: message.index(b"\n")].decode("utf-8", "replace").removeprefix("\ufeff")
    names = tuple(name.strip() for name in line.split(","))
    told = "observed_at" in names and NAMES.issuperset(names) and len(set(names)) == len(names)
    return names if told else ()


def _alike(pieces: Iterator[Piece]) -> Iterator[list[Piece]]:
    """Neighbours that one table can hold. A quote may span lines, so a connection with one is read alone."""
    group: list[Piece] = []
    kind: tuple[Any, ...] = ()
    for piece in pieces:
        told = b'"' in piece.data
        is_ = (piece.columns, b"{" in piece.data, piece.of if told else -1, told)
        if group and (is_ != kind or _open(piece.data) or _open(group[-1].data)):
            yield group
            group = []
        kind = is_
        group.append(piece)
    if group:
        yield group


def _read(pieces: list[Piece], found: ReadResult) -> None:
    """Rows and faults of lines under one header."""
    counts = numbers((sum(piece.lines) for piece in pieces), len(pieces))
    of = np.repeat(numbers(piece.of for piece in pieces), counts)
    received = np.concatenate([np.repeat(numbers(one.received), one.lines) for one in pieces])
    starts = numbers((piece.first for piece in pieces), len(pieces))
    before = np.concatenate(([0], np.cumsum(counts)[:-1]))
    line = np.arange(int(counts.sum())) + np.repeat(starts - before, counts)
    block = b"".join(piece.data for piece in pieces)
    for piece in _tables(pieces[0].columns, block):
        if isinstance(piece, Fault):
            number = int(piece.locator[_LINE:]) - 1
            found.faults.append((int(of[number]), Fault(f"line {line[number]}", piece.reason, piece.raw)))
        else:
            at = np.minimum(
                _at(piece.rows["locator"]), len(line) - 1
            )  # a bare carriage return ends a line too
            found.read.append(Read(DETECTION, _timed(piece.rows, received[at], line[at]), of[at]))


def _at(locators: pa.ChunkedArray) -> Numbers:
    """Which line of the block each row began on, from 0."""
    told = pc.cast(pc.utf8_slice_codeunits(locators, _LINE), pa.int64())
    return np.asarray(told.to_numpy(), np.int64) - 1


def _timed(rows: pa.Table, received: Numbers, line: Numbers) -> pa.Table:
    moments = pa.array(received).cast(INSTANT)
    told = pc.binary_join_element_wise("line", pa.array(line).cast(pa.string()), " ")
    for name, values in (("received_at", moments), ("locator", told)):
        at = rows.schema.get_field_index(name)
        rows = rows.set_column(at, rows.schema.field(at), values)
    return rows


def _tables(columns: tuple[str, ...], block: bytes) -> Iterator[Batch | Fault]:
    if b"{" not in block:
        layout = Layout(list(columns), ",", _Plain())  # type: ignore[arg-type]
        yield from _mapped(columns, parse(layout, block, 1, final=True), trim=_spaced(block))
        return
    for first, part, is_json in _runs(block):
        if is_json:
            yield from _objects(first, part)
        else:
            layout = Layout(list(columns), ",", _Plain())  # type: ignore[arg-type]
            yield from _mapped(columns, parse(layout, b"".join(part), first, final=True))


def _runs(block: bytes) -> Iterator[tuple[int, list[bytes], bool]]:
    """Neighbouring lines that are JSON, or are not, with the number of the first."""
    part: list[bytes] = []
    first, was = 1, False
    for number, line in enumerate(block.splitlines(keepends=True), 1):
        is_json = line.lstrip().startswith(b"{")
        if part and is_json != was:
            yield first, part, was
            part, first = [], number
        was = is_json
        part.append(line)
    yield first, part, was


def _objects(first: int, lines: list[bytes]) -> Iterator[Batch | Fault]:
    """Lines of JSON, as if they were a table of the columns that any of them has."""
    kept: list[tuple[int, dict[str, str]]] = []
    for number, line in enumerate(lines, first):
        try:
            told = msgspec.json.decode(line)
            kept.append(
                (number, {name: _text(name, value) for name, value in told.items() if value is not None})
            )
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
            yield Fault(f"line {number}", f"is no JSON object in our columns: {error}", line[:MAX_RAW])
    columns = tuple(dict.fromkeys(name for _, told in kept for name in told))
    cells = text_table(list(columns), [[told.get(name, "") for name in columns] for _, told in kept])
    where = pa.array([f"line {number}" for number, _ in kept], pa.string())
    if kept:
        rows = Rows(cells, where, lambda row: lines[kept[row][0] - first])
        yield from _mapped(columns, iter((rows,)))


def _text(name: str, value: Any) -> str:
    """A value of a JSON object as a cell holds it. Raises `ValueError` for a name that we do not know."""
    if name not in NAMES:
        raise ValueError(f"a detection has no {name!r}")
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


_SOLID: Final = bytes(range(0x21, 0x7F)).replace(b'"', b"")


def _spaced(block: bytes) -> bool:
    """Whether lines may have white space around a cell: they hold more than printed ASCII and line ends."""
    return len(block.translate(None, _SOLID)) != block.count(b"\n")


def _mapped(
    columns: tuple[str, ...], pieces: Iterator[Rows | Fault], *, trim: bool = True
) -> Iterator[Batch | Fault]:
    plain = _mapping(columns, trim)
    yield from each(pieces, partial(mapping.apply, plain))


@lru_cache(maxsize=256)
def _mapping(columns: tuple[str, ...], trim: bool) -> mapping.Mapping:
    return mapping.Mapping("detection", {name: name for name in columns}, trim=trim)


class _Plain:
    """Text that was UTF-8 as it came."""

    def delivered(self, text: bytes) -> bytes:
        return text
