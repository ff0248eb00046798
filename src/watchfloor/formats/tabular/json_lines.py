"""JSON as rows of text: a line an object, or one array of objects. What maps CSV maps these too.

A member of an object inside is a column of its own, `place.lat`; the members of a list are joined by `;`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any, BinaryIO, Final

import msgspec
import numpy as np

from watchfloor.formats.base import HEAD_BYTES, WHOLE_FILE, Fault, FormatError
from watchfloor.formats.tabular.blocks import MAX_RAW
from watchfloor.formats.tabular.table import Rows, Sheet, grouped, locators, text_table
from watchfloor.formats.tabular.values import write_list

MAX_ARRAY: Final = 1 << 26
"""Bytes of an array, which is read whole; what is larger comes as lines."""
MAX_LINE: Final = 1 << 20
BATCH: Final = 1 << 12
DEPTH: Final = 8
"""Objects inside each other; what lies deeper stays JSON in its cell."""

Row = tuple[int, Mapping[str, str], bytes]
"""The number of a row, its cells, and its bytes."""

_decode: Final = msgspec.json.Decoder(strict=True, float_hook=str).decode


def is_json(start: bytes) -> bool:
    """Return whether the first bytes of a file are those of objects in lines, or of an array of objects."""
    begun = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    return begun[:1] == b"{" or (begun[:1] == b"[" and begun[1:].lstrip()[:1] in (b"", b"{"))


def is_records(head: bytes) -> bool:
    """Return whether the start of a file holds an object on its first line, or begins an array of objects."""
    begun = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if begun[:1] == b"[":
        return begun[1:].lstrip()[:1] == b"{"
    return begun[:1] == b"{" and not isinstance(_row(1, begun.split(b"\n", 1)[0]), Fault)


def read(start: bytes, stream: BinaryIO, name: str, wanted: Iterable[str] = ()) -> Sheet:
    """Return the rows of JSON lines, or of an array of objects.

    Args:
        start: what was read of the stream already.
        stream: the rest of it.
        name: of the file, for messages.
        wanted: columns of the rows, even if no object of the first ones has them; none: all that these have.

    Raises:
        FormatError: it is one object over several lines, an array that is damaged or too large, or neither.
    """
    if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"[":
        pieces, word = iter(_array(start + stream.read(MAX_ARRAY + 1), name)), "item"
    else:
        pieces, word = _lines(start, stream), "line"
    first: list[Row | Fault] = []
    size = 0
    for piece in pieces:
        first.append(piece)
        size += len(piece.raw if isinstance(piece, Fault) else piece[2])
        if size > HEAD_BYTES:
            break
    rows = [one for one in first if not isinstance(one, Fault)]
    if not rows:
        raise FormatError(f"{name} holds no JSON object a line: {_why(first)}")
    asked = tuple(wanted)
    names = list(dict.fromkeys(chain(*(cells for _, cells, _ in rows), asked)))
    # objects may have a thousand members, each others: rows of all of them would be far larger than the file
    made = partial(_rows, list(asked) or names, word)
    batches = grouped(chain(first, pieces), BATCH, made, in_order=True)
    return Sheet(names, lambda: "", _with_missing(batches, asked))


def _with_missing(pieces: Iterable[Rows | Fault], wanted: tuple[str, ...]) -> Iterator[Rows | Fault]:
    """Yield the pieces, and at the end a fault for each wanted column that no object had."""
    unseen = dict.fromkeys(wanted)
    for piece in pieces:
        if isinstance(piece, Rows):
            for name in [one for one in unseen if piece.cells[one].null_count < len(piece.locators)]:
                del unseen[name]
        yield piece
    for name in unseen:
        yield Fault(WHOLE_FILE, f"no object has a member {name!r}", b"", partly=True)


def _why(first: Sequence[Row | Fault]) -> str:
    fault = next((one for one in first if isinstance(one, Fault)), None)
    return f"{fault.locator} {fault.reason}" if fault else "it is empty"


def _lines(start: bytes, stream: BinaryIO) -> Iterator[Row | Fault]:
    held, number = start.removeprefix(b"\xef\xbb\xbf"), 0
    while True:
        chunk = stream.read(1 << 20)
        *lines, held = (held + chunk).split(b"\n")
        for line in lines if chunk else (*lines, held):
            number += 1
            if line.strip():
                yield _row(number, line)
        if not chunk:
            return
        if len(held) > MAX_LINE:
            yield Fault(f"line {number + 1}", f"is longer than {MAX_LINE:,} bytes", held[:MAX_RAW], rest=True)
            return


def _row(number: int, line: bytes) -> Row | Fault:
    try:
        found = _decode(line)
        if isinstance(found, dict):
            return number, cells(found), line.rstrip(b"\r")
        why = "is no JSON object"
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        why = f"is no JSON: {error}"
    except ValueError as error:
        why = str(error)
    return Fault(f"line {number}", why, line[:MAX_RAW])


def _array(data: bytes, name: str) -> Iterator[Row | Fault]:
    if len(data) > MAX_ARRAY:
        raise FormatError(f"{name} is an array of more than {MAX_ARRAY:,} bytes: deliver an object a line")
    try:
        found = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FormatError(f"{name} is no whole array of JSON: {error}") from error
    for number, one in enumerate(found, 1):
        row = _row(number, bytes(one))
        yield Fault(f"item {number}", row.reason, row.raw) if isinstance(row, Fault) else row


def cells(of: Mapping[str, Any], prefix: str = "", depth: int = 0) -> dict[str, str]:
    """Return the members of an object as text, those of objects inside under `outer.inner`.

    Raises:
        ValueError: two members would be one column, or one holds a zero character, which no column may.
    """
    found: dict[str, str] = {}
    for key, value in of.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and value and depth < DEPTH:
            inner = cells(value, f"{name}.", depth + 1)
        else:
            inner = {} if value is None else {name: _text(value)}
        if twice := found.keys() & inner.keys():
            raise ValueError(f"has two members that are the column {min(twice)!r}")
        if any("\0" in one for one in (*inner, *inner.values())):
            raise ValueError(f"has a zero character in {name!r}")
        found |= inner
    return found


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int):
        return str(value).lower()
    if isinstance(value, list) and not any(isinstance(one, list | dict) for one in value):
        return write_list([_text(one) for one in value if one is not None])
    return msgspec.json.encode(value).decode()


def _rows(names: list[str], word: str, held: list[Row]) -> Iterator[Rows]:
    table = text_table(names, [[cells.get(name, "") for name in names] for _, cells, _ in held])
    yield Rows(table, locators(np.array([number for number, _, _ in held]), word), lambda at: held[at][2])
