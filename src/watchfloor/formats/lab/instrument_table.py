"""Tables that instruments and their users keep: columns under the words of their makers, a row a line.

A `Layout` names each column, what it may be called (English and French, without accents and case), and how
its text is read. `lines` gives each line with its values; one with a wrong value is a fault with the
reason. Other columns of the table are left alone.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite
from typing import Any, BinaryIO, Final, NamedTuple

import pyarrow as pa

from watchfloor.formats.base import Batch, Fault, FormatError, Head
from watchfloor.formats.settings import nearest
from watchfloor.formats.tabular import delimited, values
from watchfloor.formats.tabular.blocks import MAX_RAW
from watchfloor.formats.tabular.propose import plain
from watchfloor.formats.tabular.table import Rows
from watchfloor.records.kinds import READING
from watchfloor.records.subjects import SubjectError, parts, subject

Read = Callable[[str], Any]
"""The value of a cell's text. Raises `ValueError` with a sentence."""


class Cell(NamedTuple):
    """A column: what it may be called, how its text is read, whether each line needs it."""

    names: tuple[str, ...]
    read: Read = str
    needed: bool = False


class Line(NamedTuple):
    """One line: where it stood, its values by our word (None where the cell is empty), its bytes."""

    locator: str
    said: Mapping[str, Any]
    raw: bytes

    def fault(self, reason: str) -> Fault:
        """This line as one that could not be read."""
        return Fault(self.locator, reason, self.raw)


@dataclass(frozen=True, slots=True)
class Layout:
    """A table: what messages call it, its columns by our words, and those that give it away to `sniff`."""

    noun: str
    columns: Mapping[str, Cell]
    telling: tuple[str, ...]

    def found(self, names: Iterable[str]) -> dict[str, str]:
        """By our word the column of a header; of two that say the same, the first."""
        words = {plain(name): word for word, cell in self.columns.items() for name in cell.names}
        found: dict[str, str] = {}
        for name in names:
            if (word := words.get(plain(name))) and word not in found:
                found[word] = name
        return found

    def sniff(self, head: Head) -> float:
        """Sure where the header has what is needed and the telling columns."""
        found = self.found(delimited.header_of(head.data))
        needed = {word for word, cell in self.columns.items() if cell.needed}
        return 0.9 if found.keys() >= needed | set(self.telling) else 0.0


def lines(layout: Layout, stream: BinaryIO, name: str) -> Iterator[Line | Fault]:
    """The lines of a table in its order. Raises `FormatError` where a needed column is missing."""
    sheet = delimited.read(stream, name)
    found = layout.found(sheet.names)
    for word, cell in layout.columns.items():
        if cell.needed and word not in found:
            like = nearest(cell.names[0], sheet.names)
            raise FormatError(f"{name} has no column {cell.names[0]!r}{like}, as {layout.noun} has")
    for piece in sheet.pieces:
        yield from (piece,) if isinstance(piece, Fault) else _of(layout, found, piece)


def _of(layout: Layout, found: Mapping[str, str], rows: Rows) -> Iterator[Line | Fault]:
    columns = {word: rows.cells[name].to_pylist() for word, name in found.items()}
    for number, locator in enumerate(rows.locators.to_pylist()):
        texts = {word: column[number] for word, column in columns.items()}
        raw = rows.raw(number)[:MAX_RAW]
        try:
            yield Line(locator, _values(layout, texts), raw)
        except ValueError as error:
            yield Fault(locator, str(error), raw)


def _values(layout: Layout, texts: Mapping[str, str | None]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for word, cell in layout.columns.items():
        text = (texts.get(word) or "").strip()
        if not text and cell.needed:
            raise ValueError(f"{cell.names[0]}: is empty")
        try:
            said[word] = cell.read(text) if text else None
        except ValueError as error:
            raise ValueError(f"{cell.names[0]}: {error}") from error
    return said


def moment(text: str) -> datetime:
    """A moment, ISO 8601; in UTC where it states no zone."""
    read = values.instant(pa.array([text], pa.string()))
    if read.wrong:
        raise ValueError(read.wrong[0])
    return read.values[0].as_py()  # type: ignore[no-any-return]


def until(text: str) -> datetime:
    """The moment until which something holds: of a date alone, the end of that day."""
    found = moment(text)
    return found + timedelta(days=1, microseconds=-1) if _DAY.fullmatch(text) else found


def badge(text: str) -> str | None:
    """The number of a person who took a reading; None of a name, which is not kept."""
    return text if any(char.isdigit() for char in text) else None


def number(text: str) -> float:
    """A finite number; a comma may stand for the decimal point."""
    try:
        value = float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no number such as 1.0421") from error
    if not isfinite(value) or "_" in text:
        raise ValueError(f"{text!r} is no finite number")
    return value


def measure(text: str) -> float:
    """A finite number, 0 or more."""
    if (value := number(text)) < 0:
        raise ValueError(f"{text!r} is negative")
    return value


def words(**meanings: tuple[str, ...]) -> Read:
    """A reader of a closed set: each of our words, and what else is written for it."""
    known = {plain(text): word for word, texts in meanings.items() for text in (word, *texts)}
    plainly = ", ".join(sorted(meanings))

    def read(text: str) -> str:
        if (word := known.get(plain(text))) is None:
            raise ValueError(f"{text!r} is none of {plainly}")
        return word.replace("_", "-")

    return read


def item(text: str) -> str:
    """The typed key of what was measured: a key, or the bare number of a parcel (S10) or a container."""
    if text.count(":") >= 2:
        return str(subject(*parts(text)))
    for type_, system in (("parcel", "s10"), ("container", "iso6346")):
        try:
            return str(subject(type_, system, text))
        except SubjectError:
            continue
    raise ValueError(
        f"{text!r} is no parcel number (UPU S10) or container number (ISO 6346); write another number as a"
        f" key that says whose it is: parcel:NAME:{text}"
    )


def cas(text: str) -> str:
    """The key of a substance from its CAS registry number, or the key itself."""
    if text.count(":") >= 2:
        key = str(subject(*parts(text)))
        if parts(key)[0] != "substance":
            raise ValueError(f"{text!r} is no substance")
        return key
    return str(subject("substance", "cas", text))


_DAY: Final = re.compile(r"\d{4}-?\d\d-?\d\d", re.ASCII)

CHUNK: Final = 1000

EMPTY: Final[dict[str, Any]] = dict.fromkeys(READING.body.names) | {"origins": [], "quality": []}


def checks_of(serial: str) -> str:
    """What a reading of a blank or a calibrant is about: the instrument itself, where it stands."""
    return str(subject("place", "instrument", serial))


def batch(rows: Iterable[Mapping[str, Any]]) -> Batch:
    """Readings: rows with some columns of `READING.body`, the others empty."""
    return Batch(READING, pa.Table.from_pylist([EMPTY | dict(row) for row in rows], schema=READING.body))


def batches(pieces: Iterable[Mapping[str, Any] | Fault]) -> Iterator[Batch | Fault]:
    """The same for rows among faults, `CHUNK` at a time."""
    rows: list[Mapping[str, Any]] = []
    for piece in pieces:
        if isinstance(piece, Fault):
            yield piece
            continue
        rows.append(piece)
        if len(rows) >= CHUNK:
            yield batch(rows)
            rows = []
    if rows:
        yield batch(rows)
