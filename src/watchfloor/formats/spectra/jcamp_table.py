"""One table of JCAMP-DX as points: its numbers decoded, scaled, and held against what the file declares."""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from watchfloor.formats.spectra import jcamp_digits, jcamp_words
from watchfloor.formats.spectra.jcamp_axis import Ends, axis
from watchfloor.formats.spectra.jcamp_blocks import Block, Record, leading_number
from watchfloor.formats.spectra.jcamp_digits import LIMIT, Floats, Sums

_GROUP: Final = re.compile(rb"\(([^()<>]*)((?:,?\s*<[^<>]*>)*)[^()<>]*\)")


@dataclass(frozen=True, slots=True)
class Variables:
    """What a file says of the two variables of a table, whether in labels of its own or in those of NTUPLES.

    Attributes:
        ends: of the abscissa.
        y_factor: what ordinates are multiplied with.
        x_unit: as written.
        y_unit: as written.
        symbol: of the ordinate, in NTUPLES.
        page: what varies from page to page, `N=1`.
        first_y: the first ordinate.
    """

    ends: Ends
    y_factor: float
    x_unit: str
    y_unit: str
    symbol: str
    page: str
    first_y: float | None


@dataclass(frozen=True, slots=True)
class Table:
    """Points as they are written, scaled; `doubts` says which declarations do not hold."""

    x: Floats
    y: Floats
    peaks: bool
    says: Variables
    doubts: list[str]
    line: int


def table(block: Block, record: Record, page: dict[str, Record], line: int) -> Table:
    """Decode one table of a block; `line` is where it stands, for messages."""
    form = jcamp_words.form(block.data, record.start, record.end, record.label)
    says = variables(block, page, form.letters)
    if form.stepped:
        x, y, doubts = _stepped(block.data, form.start, record.end, says, line)
    else:
        x, y, doubts = _grouped(block.data, form, record, says, line)
    count = says.ends.count
    if count is not None and count != len(y):
        doubts.insert(0, f"it says that it has {count:,} points; {len(y):,} are there")
    if not block.ended:
        doubts.append("its block has no ##END: the file may be cut")
    return Table(x, y, form.peaks, says, doubts, line)


def variables(block: Block, page: dict[str, Record], letters: str) -> Variables:
    """What is said of abscissa and ordinate of a table with these symbols."""
    symbols = _listed(block.text("SYMBOL", page=page))
    if "NTUPLES" in block.records and letters[0] in symbols:
        return _of_tuples(block, page, letters, symbols)
    ends = Ends(
        block.number("FIRSTX"),
        block.number("LASTX"),
        block.number("DELTAX"),
        _factor(block.number("XFACTOR")),
        _count(block.number("NPOINTS", page=page)),
    )
    units = block.text("XUNITS"), block.text("YUNITS")
    return Variables(ends, _factor(block.number("YFACTOR")), *units, "", "", block.number("FIRSTY"))


def _of_tuples(block: Block, page: dict[str, Record], letters: str, symbols: list[str]) -> Variables:
    def of(label: str, symbol: str) -> str:
        listed = block.text(label, page=page).split(",")
        at = symbols.index(symbol) if symbol in symbols else len(listed)
        return listed[at].strip() if at < len(listed) else ""

    def number(label: str, symbol: str) -> float | None:
        return leading_number(of(label, symbol))

    x, y = letters[0], letters[1:] if letters[1:] in symbols else letters[1:2]
    count = block.number("NPOINTS", page=page)
    ends = Ends(
        number("FIRST", x),
        number("LAST", x),
        None,
        _factor(number("FACTOR", x)),
        _count(count if count is not None else number("VARDIM", x)),
    )
    units = of("UNITS", x), of("UNITS", y)
    page_says = " ".join(block.text("PAGE", page=page).split())
    return Variables(ends, _factor(number("FACTOR", y)), *units, y, page_says, None)


def _stepped(
    data: bytes, start: int, end: int, says: Variables, line: int
) -> tuple[Floats, Floats, list[str]]:
    sums = jcamp_digits.sums(data, start, end)
    differing = len(sums.y) > 1 and int(sums.unequal.sum())
    unchecked = differing > len(sums.unequal) // 2
    if unchecked:
        sums = jcamp_digits.sums(data, start, end, checks=False)
    made = axis(sums, says.ends)
    doubts = list(_doubts(data, sums, start, line))
    if unchecked:
        doubts.append("its lines carry no check of the ordinate, which differences need")
    y = sums.y * says.y_factor
    doubts += made.doubts + _first(y, says)
    return made.x, y, doubts


def _doubts(data: bytes, sums: Sums, start: int, line: int) -> list[str]:
    said = _strange(data, sums.strange, sums.strange_at, start, line)
    if sums.unequal.any():
        at = line + data.count(b"\n", start, int(sums.line_byte[int(np.argmax(sums.unequal))]))
        said.append(f"the ordinate's check fails at {int(sums.unequal.sum())} lines, the first is line {at}")
    if sums.full:
        said.append(f"it asks for more than {LIMIT:,} points: read up to there")
    return said


def _strange(data: bytes, count: int, at: int, start: int, line: int) -> list[str]:
    if not count:
        return []
    where = line + data.count(b"\n", start, at)
    text = data[at : at + 20].split(b"\n")[0].decode("ascii", "replace")
    return [f"{count} places are no number, the first is {text!r} in line {where}"]


def _grouped(
    data: bytes, form: jcamp_words.Form, record: Record, says: Variables, line: int
) -> tuple[Floats, Floats, list[str]]:
    doubts: list[str] = []
    if form.letters in ("XY", "X") or len(form.letters) == 2:
        values, strange, at = jcamp_digits.numbers(data, form.start, record.end)
        pairs, left = _paired(values, data, form.start, record.end)
        doubts = _strange(data, strange, at, form.start, line) + left
    else:
        pairs = _groups(data, form.start, record.end)
    return pairs[:, 0] * says.ends.factor, pairs[:, 1] * says.y_factor, doubts


def _paired(values: Floats, data: bytes, start: int, end: int) -> tuple[Floats, list[str]]:
    """Pairs; where a number is missing, of the lines that hold none but pairs."""
    if len(values) % 2 == 0:
        return values.reshape(-1, 2), []
    kept, lost = [], 0
    at = start
    for raw in data[start:end].split(b"\n"):
        row, *_ = jcamp_digits.numbers(data, at, at + len(raw))
        at += len(raw) + 1
        if len(row) % 2:
            lost += 1
        else:
            kept.append(row)
    pairs = np.concatenate(kept) if kept else np.empty(0)
    return pairs.reshape(-1, 2), [f"{lost} lines with a number too few or too many left out"]


def _groups(data: bytes, start: int, end: int) -> Floats:
    """The first two numbers of each `(x, y, …)`; of one that states no ordinate it is 1."""
    found = []
    for match in _GROUP.finditer(data, start, end):
        row, *_ = jcamp_digits.numbers(match[1], 0, len(match[1]))
        if len(row):
            found.append((row[0], row[1] if len(row) > 1 else 1.0))
    if not found:
        rows = (jcamp_digits.numbers(raw, 0, len(raw))[0] for raw in data[start:end].split(b"\n"))
        found = [(row[0], row[1]) for row in rows if len(row) > 1]
    return np.array(found, np.float64).reshape(-1, 2)


def _first(y: Floats, says: Variables) -> list[str]:
    told = says.first_y
    if told is None or not len(y) or not np.isfinite(y[0]):
        return []
    if abs(y[0] - told) <= max(0.01 * max(abs(told), abs(y[0])), 1.5 * abs(says.y_factor)):
        return []
    return [f"it says that its first ordinate is {told:g}; it is {y[0]:g}"]


def _listed(text: str) -> list[str]:
    return [one.strip().upper() for one in text.split(",")]


def _factor(value: float | None) -> float:
    return value or 1.0


def _count(value: float | None) -> int | None:
    return int(value) if value is not None and 0 <= value < 1e15 else None
