"""A format: a name, the kinds it yields, and functions to recognise and to read it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, NamedTuple

import pyarrow as pa

from watchfloor.core.kinds import Kind

HEAD_BYTES = 1 << 16
"""How much of a file `sniff` gets to see."""

WHOLE_FILE: Final = "whole file"
"""Locator of what is about a file as a whole: an edition, or that it is not what it claims to be."""


class Head(NamedTuple):
    """The start of a file, as `sniff` sees it: its name without folders, and up to `HEAD_BYTES` bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one kind: the columns of `Kind.body`, and `locator`, which says where each stood.

    A row that is marked itself has a column `marking` too, and is kept under the join of it and its feed's.
    """

    kind: Kind
    rows: pa.Table


@dataclass(frozen=True, slots=True)
class Fault:
    """A piece of a delivery that could not be read: where it stands, why, and the piece itself.

    Attributes:
        locator: where it stands: `line 17`, `item 694400`, `byte 90112`.
        reason: a sentence that says what is wrong and what would be right.
        raw: the piece, as much of it as is useful (at most 64 KiB).
        rest: true when the reader could not go on after it, so that what follows is unread too.
        partly: true where it is about values that rows were read without: no row is missing for it.
    """

    locator: str
    reason: str
    raw: bytes
    rest: bool = False
    partly: bool = False


class FormatError(ValueError):
    """A whole file that is not what it claims to be; the message says what is wrong and what to do."""


Read = Callable[[BinaryIO, str], Iterator[Batch | Fault]]
"""`read(stream, name)`: rows and faults of one file, in constant memory, in the file's order.

Raises `FormatError` for a file that is not of the format at all; truncated or damaged ones give what could be
read, then a `Fault` with `rest`.
"""


@dataclass(frozen=True, slots=True)
class Format:
    """A wire format.

    Attributes:
        name: as `watchfloor ingest --format` takes it.
        kinds: names of the kinds it yields.
        sniff: how sure it is that a file is of this format, 0 to 1.
        read: see `Read`.
        write: rows back to bytes, where we also send the format.
        piece: the bytes at a locator that is neither a line nor a row of a sheet; None where there are none.
    """

    name: str
    kinds: tuple[str, ...]
    sniff: Callable[[Head], float]
    read: Read
    write: Callable[[Iterable[Batch], BinaryIO], None] | None = None
    piece: Callable[[BinaryIO, str], bytes | None] | None = None
