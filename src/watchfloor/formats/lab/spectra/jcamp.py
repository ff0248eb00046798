"""Spectra as JCAMP-DX 4.24 to 6: infrared, Raman, UV, NMR, mass and ion mobility spectra, and their FIDs.

R. S. McDonald and P. A. Wilks, Applied Spectroscopy 42, 1988, 151 (the form itself, infrared); A. N. Davies
and P. Lampen, ibid. 47, 1993, 1093 (NMR, NTUPLES); P. Lampen et al., ibid. 48, 1994, 1545 (mass spectra);
J. I. Baumbach et al., Pure and Applied Chemistry 73, 2001, 1765 (ion mobility). Every table and every page of
NTUPLES is a spectrum of its own; blocks without a table, such as structures, are none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, NamedTuple

import numpy as np

from watchfloor.formats.base import Fault, FormatError, Head
from watchfloor.formats.encoding.charset import detect
from watchfloor.formats.lab.spectra import jcamp_digits, jcamp_words
from watchfloor.formats.lab.spectra.base import Spectrum
from watchfloor.formats.lab.spectra.jcamp_blocks import Block, Record, blocks, leading_number, value
from watchfloor.formats.lab.spectra.jcamp_digits import LIMIT, Floats, Sums
from watchfloor.formats.lab.spectra.names import stem
from watchfloor.formats.lab.spectra.points import NoPointsError, is_peak_list, points
from watchfloor.formats.lab.spectra.text import MAX_RAW, cas, inchikey, voltage

# One table of JCAMP-DX as points: its numbers decoded, scaled, and held against what the file declares.


# The abscissa of a JCAMP-DX table that states only its ends, checked against the start of each line.


@dataclass(frozen=True, slots=True)
class Ends:
    """The abscissa as a file states it; None where it does not.

    Attributes:
        first: of the first point.
        last: of the last point.
        step: between points.
        factor: what the abscissas that lines begin with are multiplied with.
        count: how many points there are.
    """

    first: float | None
    last: float | None
    step: float | None
    factor: float
    count: int | None


class Axis(NamedTuple):
    """The abscissa of each ordinate, NaN where none can be told, and what the checks found."""

    x: Floats
    doubts: list[str]


def axis(sums: Sums, ends: Ends) -> Axis:
    """The abscissas of a table of `(X++(Y..Y))`.

    Where the declared number of points is that found, they lie evenly between the ends, as the standard says.
    Where it is not, either the number lies or points are missing: of the evenly spaced abscissas that the
    file could mean, those that agree with the lines are taken; where none does, the lines' own.
    """
    n = len(sums.y)
    starts = sums.line_x * ends.factor
    slack = abs(ends.factor) / 2 + 1e-9 * float(np.abs(starts).max(initial=0))
    candidates = _candidates(sums, starts, ends)
    declared = ends.count == n and ends.first is not None and ends.last is not None
    if not candidates:
        return Axis(_by_lines(sums, starts), [])
    axes = [_evenly(first, step, n) for step, first in candidates[: 1 if declared else None]]
    misses = [_miss(x, sums, starts) for x in axes]
    best = int(np.argmin([miss.max(initial=0) for miss in misses]))
    step, x = candidates[best][0], axes[best]
    off = misses[best] > 1.01 * abs(step) + slack
    if not off.any():
        return Axis(x, [])
    doubt = f"{int(off.sum())} of {len(starts)} lines begin at another abscissa than is due"
    if declared:
        return Axis(x, [doubt + ", the first at " + _where(x, sums, starts, off)])
    return _within(Axis(_by_lines(sums, starts), [doubt + ": their own are taken"]), ends)


def _within(made: Axis, ends: Ends) -> Axis:
    """Without points beyond the declared ends: such lines are of something else."""
    if ends.first is None or ends.last is None:
        return made
    low, high = sorted((ends.first, ends.last))
    margin = 0.01 * (high - low)
    beyond = (made.x < low - margin) | (made.x > high + margin)
    if not beyond.any() or beyond.all():
        return made
    said = f"{int(beyond.sum())} points beyond the declared ends, {low:g} and {high:g}, left out"
    return Axis(np.where(beyond, np.nan, made.x), [*made.doubts, said])


def _candidates(sums: Sums, starts: Floats, ends: Ends) -> list[tuple[float, float]]:
    """Step and first abscissa of what the file could mean, the declared one first."""
    n = len(sums.y)
    first = ends.first if ends.first is not None else (float(starts[0]) if len(starts) else 0.0)
    found = []
    if ends.last is not None:
        counts = [ends.count, n] if ends.count else [n]
        found = [((ends.last - first) / (count - 1) if count > 1 else 0.0, first) for count in counts]
    if ends.step:
        step = ends.step
        if ends.last is not None and (ends.last - first) * step < 0:
            step = -step
        found.append((step, first))
    return found


def _evenly(first: float, step: float, n: int) -> Floats:
    return first + step * np.arange(n, dtype=np.float64)


def _miss(x: Floats, sums: Sums, starts: Floats) -> Floats:
    """How far the abscissa of each line is from what the line says; of lines without an ordinate 0."""
    inside = sums.line_at < len(x)
    miss = np.zeros(len(starts))
    miss[inside] = np.abs(x[sums.line_at[inside]] - starts[inside])
    return miss


def _where(x: Floats, sums: Sums, starts: Floats, off: np.ndarray) -> str:
    line = int(np.argmax(off))
    return f"{starts[line]:g}, where {x[sums.line_at[line]]:g} is due"


def _by_lines(sums: Sums, starts: Floats) -> Floats:
    """Between the starts of lines evenly, behind the last as before it."""
    n = len(sums.y)
    at, first = np.unique(sums.line_at[sums.line_at < n], return_index=True)
    x = np.interp(np.arange(n), at, starts[first]) if len(at) else np.arange(n, dtype=np.float64)
    if len(at) > 1:
        step = (starts[first[-1]] - starts[first[-2]]) / (at[-1] - at[-2])
        x[at[-1] :] = starts[first[-1]] + step * np.arange(n - at[-1])
    return np.asarray(x, np.float64)


_GROUP: Final = re.compile(rb"\(([^()<>]*)((?:,?\s*<[^<>]*>)*)[^()<>]*\)")


@dataclass(frozen=True, slots=True)
class Variables:
    """Both variables of a table as stated, whether in labels of its own or in those of NTUPLES.

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
    """Return abscissa and ordinate of a table with these symbols."""
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
    def entry(label: str, symbol: str) -> str:
        listed = block.text(label, page=page).split(",")
        at = symbols.index(symbol) if symbol in symbols else len(listed)
        return listed[at].strip() if at < len(listed) else ""

    def number(label: str, symbol: str) -> float | None:
        return leading_number(entry(label, symbol))

    x, y = letters[0], letters[1:] if letters[1:] in symbols else letters[1:2]
    count = block.number("NPOINTS", page=page)
    ends = Ends(
        number("FIRST", x),
        number("LAST", x),
        None,
        _factor(number("FACTOR", x)),
        _count(count if count is not None else number("VARDIM", x)),
    )
    units = entry("UNITS", x), entry("UNITS", y)
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


MAX_BYTES: Final = 1 << 29
_START: Final = re.compile(rb"(?:\s|\xef\xbb\xbf|\$\$[^\r\n]*[\r\n])*##\s*TITLE\s*=", re.IGNORECASE)
_INDENTED: Final = re.compile(rb"\n[ \t]+##")
_MASSES: Final = ("ms", "gc-ms", "lc-ms", "dart-ms")
_VOLTS: Final = (
    *("$VOLTAGE", "$CONEVOLTAGE", "$ORIFICEVOLTAGE", "$COLLISIONENERGY"),
    *(".CONEVOLTAGE", ".COLLISIONENERGY"),
)


def sniff(head: Head) -> float:
    """Sure of a file whose first labelled record is its title."""
    return 0.99 if _START.match(_utf8(head.data)) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Spectrum | Fault]:
    """Each table, block by block, and a fault for each without a point.

    Raises:
        FormatError: the file has no labelled record, is too large, or holds no table.
    """
    data = whole(stream, name)
    some = False
    for found in tables(data):
        some = True
        yield spectrum(*found, stem(name))
    if not some:
        raise FormatError(f"{name} holds no table of numbers: it is no spectrum of JCAMP-DX")


def whole(stream: BinaryIO, name: str) -> bytes:
    """The file as UTF-8 or an encoding like it, its lines ended by line feeds."""
    data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise FormatError(f"{name} is larger than {MAX_BYTES:,} bytes, which no spectrum of JCAMP-DX is")
    data = _utf8(data)
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if data[:1].isspace() or b" ##" in data or b"\t##" in data:
        data = _INDENTED.sub(b"\n##", data.lstrip())
    if b"##" not in data:
        raise FormatError(f"{name} has no labelled record such as ##TITLE=: it is no JCAMP-DX")
    return data


def tables(data: bytes) -> Iterator[tuple[Block, Table]]:
    """Every table with its block; assignments of peaks only where the block has nothing else."""
    line = at = 0
    for block in blocks(data):
        measured = [one for one in block.tables if "ASSIGN" not in one[0].label]
        for record, page in measured or block.tables:
            line, at = (line, at) if record.start >= at else (0, 0)
            line += data.count(b"\n", at, record.start)
            at = record.start
            yield block, table(block, record, page, line + 1)


def spectrum(block: Block, found: Table, name: str) -> Spectrum | Fault:
    """A table as a spectrum; one without a point as a fault."""
    x_unit = jcamp_words.x_unit(found.says.x_unit)
    kind = block.text("DATATYPE") or block.text("NTUPLES")
    inlet = f"{block.text('.INLET')} {block.text('.IONIZATIONMODE')}"
    method = jcamp_words.technique(kind, x_unit, inlet)
    if method in _MASSES and not x_unit:
        x_unit = "m/z"
    peaks = found.peaks or (method in _MASSES and is_peak_list(found.x))
    title = block.text("TITLE").split("\n")[0] or name
    locator = f"line {found.line}"
    try:
        made = points(found.x, found.y, x_unit, counts=peaks and method in _MASSES)
    except NoPointsError as error:
        return Fault(locator, f"{title}: {error}", block.data[block.at : block.at + MAX_RAW])
    number, wrong = cas(_single(block.text("CASREGISTRYNO")))
    extra = {"page": found.says.page, "symbol": found.says.symbol, **_assigned(block)}
    return Spectrum(
        title,
        method,
        made.x,
        made.y,
        x_unit,
        jcamp_words.y_unit(found.says.y_unit),
        peaks,
        locator,
        cas=number,
        inchikey=inchikey(block.text("$INCHIKEY") or block.text(".INCHIKEY")),
        precursor=_precursor(block) if method in _MASSES else None,
        voltage=_voltage(block) if method in _MASSES else None,
        formula=re.sub(r"[\s^]", "", block.text("MOLFORM")) or None,
        said={**block.values(), **{key: text for key, text in extra.items() if text}},
        doubts=(*found.doubts, *((wrong,) if wrong else ()), *made.doubts),
    )


def _assigned(block: Block) -> dict[str, str]:
    """Assignments of peaks, which stand beside what was measured."""
    notes = (record for record, _ in block.tables if "ASSIGN" in record.label)
    return {record.written: value(block.data, record) for record in notes}


def _voltage(block: Block) -> float | None:
    """Of cone, orifice or collision; JCAMP-DX has no label of its own for it."""
    return next((volts for label in _VOLTS if (volts := voltage(block.text(label)))), None)


def _precursor(block: Block) -> float | None:
    found = block.number("$PRECURSORMZ") or block.number(".PRECURSORMZ")
    return found if found and 0 < found < 1e6 else None


def _single(text: str) -> str:
    """The value, where it is one: a mixture states several numbers."""
    return "" if "\n" in text else text


def _utf8(data: bytes) -> bytes:
    """Bytes of UTF-16 or UTF-32 as UTF-8; others as they are, without a mark."""
    charset = detect(data[:4096])
    data = data[charset.skip :]
    wide = charset.encoding.startswith(("utf-16", "utf-32"))
    return data.decode(charset.encoding, "replace").encode() if wide else data
