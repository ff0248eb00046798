"""Tables that instruments and their users keep: columns under the words of their makers, a row a line.

`lines` gives each line of a table with its values; one with a wrong value is a fault with the reason. Columns
that the table's lexicon does not have are left alone.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from math import isfinite
from typing import Any, BinaryIO, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import READING
from watchfloor.core.subjects import SubjectError, parts, subject
from watchfloor.formats.base import Batch, Fault
from watchfloor.formats.tabular import delimited, values
from watchfloor.formats.tabular.blocks import MAX_RAW
from watchfloor.formats.tabular.lexicon import Block, Cell, Lexicon, plain
from watchfloor.formats.tabular.table import Rows, each, grouped
from watchfloor.formats.tabular.values import Column, by_distinct


class Line(NamedTuple):
    """One line: where it stood, its values by our word (None where the cell is empty), its bytes."""

    locator: str
    said: Mapping[str, Any]
    raw: bytes

    def fault(self, reason: str) -> Fault:
        """This line as one that could not be read."""
        return Fault(self.locator, reason, self.raw)


def lines(lexicon: Lexicon, stream: BinaryIO, name: str) -> Iterator[Line | Fault]:
    """The lines of a table in its order. Raises `FormatError` where a needed column is missing."""
    sheet = delimited.read(stream, name)
    found = lexicon.require(sheet.names, name)
    yield from each(sheet.pieces, partial(_lines, lexicon, found))


def _lines(lexicon: Lexicon, found: Mapping[str, str], rows: Rows) -> Iterator[Line | Fault]:
    block = Block(found, rows)
    said = pa.table(block.read(lexicon)).to_pylist()
    for row, locator in enumerate(rows.locators.to_pylist()):
        line = Line(locator, said[row], rows.raw(row)[:MAX_RAW])
        yield line.fault(block.wrong[row]) if row in block.wrong else line


def until(texts: pa.Array) -> Column:
    """Moments until which something holds: of a date alone, the end of that day."""
    found = values.instant(texts)
    is_day = pc.fill_null(pc.match_substring_regex(texts, r"^\d{4}-?\d\d-?\d\d$"), False)
    return Column(pc.if_else(is_day, pc.add(found.values, _LAST_MOMENT), found.values), found.wrong)


def badge(texts: pa.Array) -> Column:
    """Numbers of persons who took a reading; null of a name, which is not kept."""
    return by_distinct(texts, lambda text: text if any(map(str.isdigit, text)) else None, pa.string())


def measure(texts: pa.Array) -> Column:
    """Finite numbers, 0 or more; a comma may stand for the decimal point."""
    return by_distinct(texts, _measure, pa.float64())


def words(**meanings: tuple[str, ...]) -> Callable[[pa.Array], Column]:
    """A reader of a closed set: each of our words, and what else is written for it."""
    known = {plain(text): word for word, texts in meanings.items() for text in (word, *texts)}
    plainly = ", ".join(sorted(meanings))

    def read(text: str) -> str:
        if (word := known.get(plain(text))) is None:
            raise ValueError(f"{text!r} is none of {plainly}")
        return word.replace("_", "-")

    return lambda texts: by_distinct(texts, read, pa.string())


def _items(texts: pa.Array) -> Column:
    """Typed keys of what was measured, see `item`."""
    return by_distinct(texts, item, pa.string())


def _substances(texts: pa.Array) -> Column:
    """Keys of substances, from CAS registry numbers or the keys themselves."""
    return by_distinct(texts, _cas, pa.string())


def _measure(text: str) -> float:
    try:
        value = float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no number such as 1.0421") from error
    if not isfinite(value) or "_" in text:
        raise ValueError(f"{text!r} is no finite number")
    if value < 0:
        raise ValueError(f"{text!r} is negative")
    return value


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


def _cas(text: str) -> str:
    if text.count(":") >= 2:
        key = str(subject(*parts(text)))
        if parts(key)[0] != "substance":
            raise ValueError(f"{text!r} is no substance")
        return key
    return str(subject("substance", "cas", text))


AT: Final = Cell(
    ("time", "timestamp", "date time", "date", "horodatage", "heure"), values.instant, needed=True
)
ITEM: Final = Cell(("item", "subject", "parcel", "tracking number", "article", "colis", "envoi"), _items)
CAS: Final = Cell(("cas", "cas number", "numero cas"), _substances)
PLACE: Final = Cell(("place", "location", "lieu"))
EXHIBIT: Final = Cell(("exhibit", "exhibit number", "piece", "numero de piece"))
"""Columns that several such tables have."""

_LAST_MOMENT: Final = pa.scalar(timedelta(days=1, microseconds=-1), pa.duration("us"))

CHUNK: Final = 1000

EMPTY: Final[dict[str, Any]] = dict.fromkeys(READING.body.names) | {"origins": [], "quality": []}


def checks_of(serial: str) -> str:
    """Return the subject of a reading of a blank or a calibrant: the instrument itself, where it stands."""
    return str(subject("place", "instrument", serial))


def batch(rows: Iterable[Mapping[str, Any]]) -> Batch:
    """Readings: rows with some columns of `READING.body`, the others empty."""
    return Batch(READING, pa.Table.from_pylist([EMPTY | dict(row) for row in rows], schema=READING.body))


def batches(pieces: Iterable[Mapping[str, Any] | Fault]) -> Iterator[Batch | Fault]:
    """The same for rows among faults, `CHUNK` at a time."""
    return grouped(pieces, CHUNK, lambda rows: [batch(rows)])
