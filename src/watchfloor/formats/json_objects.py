"""JSON objects of a file in bounded memory: a line each, or in an array within one document of any size.

A parser of the standard library or msgspec wants the whole text. Here only its brackets are looked at: those
outside strings are found a block at a time in NumPy, and their running sum gives the depth, so that each
object of an array is cut out without being parsed. Cut out are the members of the array of a name in a
document (`objects` of a STIX bundle, `features` of GeoJSON), those of an array that is the document, else the
document itself.
"""

import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.formats.base import HEAD_BYTES, WHOLE_FILE
from watchfloor.formats.byte_ranges import locator

CHUNK: Final = 1 << 20
MOST: Final = 1 << 24
"""Bytes of one object; what is longer is passed over where it is a line, and else ends the reading."""
HEADER: Final = 1 << 12
"""Bytes before an array that are kept, to see what the document says of itself."""
BOM: Final = b"\xef\xbb\xbf"
SPACE: Final = b" \t\r\n"

Positions = npt.NDArray[np.int64]


class Cut(NamedTuple):
    """An object of a file.

    Attributes:
        locator: its line, or its bytes.
        raw: its bytes; of what is no object, as much as is useful.
        wrong: why it is none; empty for an object.
        rest: whether what follows cannot be read.
        header: what the document says before the array that it stands in.
    """

    locator: str
    raw: bytes
    wrong: str = ""
    rest: bool = False
    header: bytes = b""


class _Wanted(NamedTuple):
    """The array whose members are cut out, and how many bytes one may have."""

    array: bytes
    most: int

    @property
    def too_long(self) -> str:
        """Words on one that has more."""
        return f"is longer than {self.most:,} bytes"

    def opens(self, text: bytes) -> bool:
        """Return whether the array begins in a text."""
        return self.array in text and re.search(rb'"%b"\s*:\s*\[' % self.array, text) is not None

    def ends(self, text: bytes) -> bool:
        """Return whether a text ends with the name of the array."""
        return self.array in text and re.search(rb'"%b"\s*:\s*\Z' % self.array, text) is not None


def cut(stream: BinaryIO, array: bytes = b"objects", most: int = 0) -> Iterator[Cut]:
    """Yield the objects of a file in their order, and what stands between them that is none.

    Args:
        stream: the file.
        array: name of the array in a document whose members they are.
        most: bytes of one, `MOST` where it is 0; what is longer is passed over where it is a line, and else
            ends the reading.
    """
    wanted = _Wanted(array, most or MOST)
    start = stream.read(HEAD_BYTES)
    while start and not start.removeprefix(BOM).strip(SPACE) and (more := stream.read(CHUNK)):
        start = more
    if not start.removeprefix(BOM).strip(SPACE):
        yield Cut(WHOLE_FILE, b"", "is empty", rest=True)
    elif _is_lines(start.removeprefix(BOM)):
        yield from _lines(start, stream, wanted)
    else:
        yield from _Documents(start, stream, wanted).cut()


def _is_lines(start: bytes) -> bool:
    """Return whether each line holds an object, as the first two do."""
    lines = [line for line in start.lstrip(SPACE).split(b"\n", 2)[:2] if line.strip()]
    if len(lines) < 2 or not lines[0].startswith(b"{") or not lines[0].rstrip().endswith(b"}"):
        return False
    return lines[1].lstrip(SPACE)[:1] == b"{"


def _lines(start: bytes, stream: BinaryIO, wanted: _Wanted) -> Iterator[Cut]:
    held, number = start.removeprefix(BOM), 0
    while True:
        chunk = stream.read(CHUNK)
        *lines, held = (held + chunk).split(b"\n")
        for line in lines if chunk else (*lines, held):
            number += 1
            if text := line.strip(SPACE):
                yield from _of_line(f"line {number}", text, wanted)
        if not chunk:
            return
        if len(held) > wanted.most:
            yield Cut(f"line {number + 1}", held, wanted.too_long)
            while chunk and b"\n" not in chunk:
                chunk = stream.read(CHUNK)
            number, held = number + 1, chunk.partition(b"\n")[2]


def _of_line(where: str, text: bytes, wanted: _Wanted) -> Iterator[Cut]:
    """Yield the object of a line; of a line that is a document, those of its array."""
    if len(text) > wanted.most:
        yield Cut(where, text, wanted.too_long)
    elif text[:1] != b"{":
        yield Cut(where, text, _NO_OBJECT)
    elif wanted.opens(text):
        for one in _Documents(text, None, wanted).cut():
            yield one._replace(locator=where)
    else:
        yield Cut(where, text)


_NO_OBJECT: Final = "is no JSON object"
_CUT_OFF: Final = "is cut off: the file ends within it. Get the whole file"

_OPEN, _CLOSE, _QUOTE, _SLASH, _COLON = range(1, 6)
_KINDS: Final = {b"{[": _OPEN, b"}]": _CLOSE, b'"': _QUOTE, b"\\": _SLASH, b":": _COLON}
_KIND: Final = bytes(next((kind for of, kind in _KINDS.items() if sign in of), 0) for sign in range(256))
"""What each byte is: a table of `bytes.translate`, which takes half of a nanosecond a byte."""
_BRACKET: Final = bytes(kind if kind != _COLON else 0 for kind in _KIND)
"""The same of brackets alone, and of what makes a string."""


class _Signs(NamedTuple):
    """Brackets and colons outside strings: where they stand and what each is, as `_KIND` has it."""

    places: Positions
    kinds: npt.NDArray[np.uint8]


def _signs(data: bytes, table: bytes) -> _Signs:
    """Find the signs of a table that stand outside strings, in bytes that begin outside one."""
    kinds = np.frombuffer(bytearray(data.translate(table)), np.uint8)
    if b"\\" in data:
        escaped = _escaped(np.flatnonzero(kinds == _SLASH))
        escaped = escaped[: np.searchsorted(escaped, len(kinds))]
        kinds[escaped[kinds[escaped] == _QUOTE]] = _SLASH
    places = np.flatnonzero(kinds != 0)
    kinds = kinds[places]
    quotes = kinds == _QUOTE
    within = np.bitwise_xor.accumulate(quotes)  # true from an opening quote up to the closing one
    outside = ~(within | quotes | (kinds == _SLASH))
    return _Signs(places[outside], kinds[outside])


def _escaped(slashes: Positions) -> Positions:
    """Return the places behind a run of an odd number of backslashes."""
    if not len(slashes):
        return slashes
    breaks = np.flatnonzero(np.diff(slashes) != 1)
    first = slashes[np.concatenate([[0], breaks + 1])]
    last = slashes[np.concatenate([breaks, [len(slashes) - 1]])]
    odd: Positions = last[(last - first) % 2 == 0] + 1
    return odd


def members(texts: Sequence[bytes]) -> Positions:
    """Return how many members all objects within each of some whole JSON texts have: its colons."""
    found = _signs(b"\n".join(texts), _KIND)
    ends = np.cumsum([len(text) + 1 for text in texts])
    upto = np.searchsorted(found.places[found.kinds == _COLON], ends)
    return np.diff(upto, prepend=0)


class _Documents:
    """Documents that follow each other in a stream, and the objects in them.

    What is held begins outside strings, `_depth` brackets deep: at a document, behind an object of an array
    or behind a bracket that ends a member after it. `_inside` is the depth within the array that is being
    read, 0 where none is.
    """

    def __init__(self, start: bytes, stream: BinaryIO | None, wanted: _Wanted) -> None:
        self._stream, self._held, self._at, self._wanted = stream, start, 0, wanted
        if start.startswith(BOM):
            self._forget(len(BOM), 0)
        self._depth = self._inside = 0
        self._header, self._had_array = b"", False

    def cut(self) -> Iterator[Cut]:
        more = True
        while more:
            chunk = self._stream.read(max(CHUNK, len(self._held))) if self._stream else b""
            more = bool(chunk)
            self._held += chunk
            for one in self._step():
                yield one
                if one.rest:
                    return
            if len(self._held) > self._wanted.most:
                yield self._cut(0, len(self._held), self._wanted.too_long, rest=True)
                return
        if self._depth or self._inside or self._held.lstrip(SPACE)[:1] in (b"{", b"["):
            yield self._cut(0, len(self._held), _CUT_OFF, rest=True)
        else:
            yield from self._between(0, len(self._held))

    def _step(self) -> Iterator[Cut]:
        """Yield the objects that are whole in the bytes held, and forget what is done with."""
        places, kinds = _signs(self._held, _BRACKET)
        opens = kinds == _OPEN
        depths = self._depth + np.cumsum(np.where(opens, 1, -1))
        near = np.flatnonzero(depths <= np.where(opens, 3, 2))  # no object of an array begins or ends deeper
        done, depth, begun = 0, self._depth, 0
        turns = zip(places[near].tolist(), depths[near].tolist(), opens[near].tolist(), strict=True)
        for place, deep, opening in turns:
            if deep < 0:
                yield self._cut(place, place + 1, _NO_OBJECT, rest=True)
                return
            if self._inside:
                if opening and deep == self._inside + 1:
                    if self._held[done:place].strip(_BETWEEN):
                        yield self._cut(done, place, _NO_OBJECT)
                    done = place
                elif not opening and deep <= self._inside:
                    if deep == self._inside:
                        yield self._cut(done, place + 1, "" if self._held[done] == _BRACE else _NO_OBJECT)
                    else:
                        yield from self._between(done, place)
                        self._inside, self._had_array = 0, deep > 0
                    done, depth = place + 1, deep
            elif opening and deep == 1:
                yield from self._between(done, place)
                done = begun = place
                if self._held[place] != _BRACE:
                    self._inside, self._header, done, depth = 1, b"", place + 1, 1
            elif opening and deep == 2 and self._is_objects(place):
                if not self._had_array:
                    self._header = self._held[begun:place][:HEADER]
                self._inside, done, depth = 2, place + 1, 2
            elif not opening and deep == 0:
                if not self._had_array:
                    yield self._cut(done, place + 1)
                self._had_array, done, depth = False, place + 1, 0
            elif not opening and self._had_array:
                done, depth = place + 1, deep
        self._forget(done, depth)

    def _is_objects(self, place: int) -> bool:
        """Return whether a bracket begins the array that is wanted."""
        before = self._held[max(place - _BEFORE, 0) : place]
        return self._held[place] != _BRACE and self._wanted.ends(before)

    def _between(self, start: int, end: int) -> Iterator[Cut]:
        """Yield what stands between objects and is neither space nor a comma."""
        if self._held[start:end].strip(_BETWEEN):
            yield self._cut(start, end, _NO_OBJECT)

    def _cut(self, start: int, end: int, wrong: str = "", *, rest: bool = False) -> Cut:
        where = locator(self._at + start, self._at + end)
        return Cut(where, self._held[start:end], wrong, rest, self._header if self._inside else b"")

    def _forget(self, upto: int, depth: int) -> None:
        self._held, self._at, self._depth = self._held[upto:], self._at + upto, depth


_BRACE: Final = ord("{")
_BETWEEN: Final = SPACE + b","
_BEFORE: Final = 64
"""Bytes before an array in which its name and the space around it stand."""
