"""Spectra as tables of text, as the programs of handheld Raman, infrared and GC-MS instruments export them.

Lines that say what the spectrum is (`Sample,A-17`; `Serial number: 1234`), perhaps a line that names the
columns, then an abscissa and one ordinate or several: each further column is a spectrum of its own. Commas,
semicolons, tabs and spaces part the cells; decimal commas are read where commas do not. No maker's layout is
assumed: the table of numbers is where lines of as many numbers follow each other to the end.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final

import numpy as np

from watchfloor.formats.base import HEAD_BYTES, Fault, FormatError, Head
from watchfloor.formats.encoding.charset import detect
from watchfloor.formats.lab.spectra.base import Spectrum
from watchfloor.formats.lab.spectra.csv_words import axis, label_values, roles, technique, units
from watchfloor.formats.lab.spectra.names import stem
from watchfloor.formats.lab.spectra.points import NoPointsError, is_peak_list, points
from watchfloor.formats.lab.spectra.text import cas, fault, inchikey, lines, voltage

DELIMITERS: Final = ("\t", ";", ",", " ")
HEADER_LINES: Final = 400
"""Lines that may stand before the table."""
LEAST: Final = 3
"""Rows that make a table of numbers."""
MAX_COLUMNS: Final = 2048
_POINT: Final = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:nan|inf)", re.IGNORECASE)
_BEGINS: Final = frozenset("0123456789+-. \t\"'")
_COMMA: Final = re.compile(r"[-+]?\d+,\d+(?:[eE][-+]?\d+)?")


@dataclass(frozen=True, slots=True)
class Layout:
    """How the table of a file is written, and the number of the line that it begins at."""

    delimiter: str
    comma: bool
    columns: int
    line: int


def sniff(head: Head) -> float:
    """Less sure than any format that names itself, and surer where a line above the numbers names an axis."""
    charset = detect(head.data)
    if b"\0" in head.data[:512] and not charset.encoding.startswith("utf-16"):
        return 0.0
    text = head.data[charset.skip :].decode(charset.encoding, "replace").splitlines()[:HEADER_LINES]
    layout = found(list(enumerate(text, 1)))
    if layout is None or layout.line == 1:
        return 0.0
    above = " ".join(text[: layout.line - 1])
    return 0.55 if axis(above) else 0.2


def read(stream: BinaryIO, name: str) -> Iterator[Spectrum | Fault]:
    """Each column of ordinates as a spectrum, and a fault for each line of the table that is broken.

    Raises:
        FormatError: no table of numbers is there.
    """
    source = lines(stream)
    first = [pair for _, pair in zip(range(HEADER_LINES + LEAST), source, strict=False)]
    layout = found(first)
    if layout is None:
        raise FormatError(
            f"{name} has no table of an abscissa and ordinates in its first {HEADER_LINES} lines"
        )
    rows: list[list[float]] = []
    wrong = 0
    begun = [pair for pair in first if pair[0] >= layout.line]
    for pieces in (begun, source):
        for number, line in pieces:
            row = _row(line, layout)
            if row is not None:
                rows.append(row)
            elif line.strip(" \t,;"):
                wrong += 1
                yield fault(number, f"{line[:60]!r} is no row of {layout.columns} numbers", line, partly=True)
    yield from _spectra(
        np.array(rows), [pair for pair in first if pair[0] < layout.line], layout, name, wrong
    )


def found(numbered: list[tuple[int, str]]) -> Layout | None:
    """The table: the first place from which enough lines hold as many numbers, two or more."""
    best: Layout | None = None
    for delimiter in DELIMITERS:
        for comma in (False, True) if delimiter != "," else (False,):
            run, columns = 0, 0
            for number, line in numbered:
                count = _numbers(line, delimiter, comma)
                run, columns = (run + 1 if count == columns else 1, count) if count > 1 else (0, 0)
                if run == LEAST:
                    layout = Layout(delimiter, comma, columns, number - LEAST + 1)
                    if best is None or layout.line < best.line:
                        best = layout
                    break
    return best


def _numbers(line: str, delimiter: str, comma: bool) -> int:
    """How many cells a line has where each is a number or empty and the first two are not; 0 otherwise."""
    if line[:1] not in _BEGINS or delimiter not in line:
        return 0
    cells = _cells(line, delimiter)
    if not 1 < len(cells) <= MAX_COLUMNS or not all(cells[:2]):
        return 0
    decimal = False
    for cell in cells:
        if comma and _COMMA.fullmatch(cell):
            decimal = True
        elif cell and not _POINT.fullmatch(cell):
            return 0
    return len(cells) if decimal or not comma else 0


def _cells(line: str, delimiter: str) -> list[str]:
    cells = line.split() if delimiter == " " else line.split(delimiter)
    return [cell.strip().strip("\"'") for cell in cells]


def _row(line: str, layout: Layout) -> list[float] | None:
    cells = _cells(line, layout.delimiter)
    if len(cells) < 2 or any(cells[layout.columns :]) or not all(cells[:1]):
        return None
    cells = cells[: layout.columns] + [""] * (layout.columns - len(cells))
    try:
        plain = [cell.replace(",", ".") if layout.comma else cell for cell in cells]
        return [float(cell) if cell and "_" not in cell else np.nan for cell in plain]
    except ValueError:
        return None


def _spectra(
    rows: np.ndarray, header: list[tuple[int, str]], layout: Layout, name: str, wrong: int
) -> Iterator[Spectrum | Fault]:
    titles = _titles(header, layout)
    above = "\n".join(line for _, line in header)
    sheet = _Sheet(
        name, above, label_values([line for _, line in (header[:-1] if titles else header)]), layout.line
    )
    if wrong:
        sheet.doubts.append(f"{wrong} lines that are no row of the table left out")
    sheet.count(len(rows))
    filled = [column for column in range(layout.columns) if not np.isnan(rows[:, column]).all()]
    x, ordinates = roles(titles, filled) if titles else (0, filled[1:] if filled[:1] == [0] else filled)
    for column in ordinates or [1]:
        own = (titles[column] if titles else "") or str(column)
        pair = (titles[x], titles[column]) if titles else (above, above)
        label = own if len(ordinates) > 1 else ""
        try:
            yield sheet.spectrum(rows[:, x], rows[:, column], units(*pair), label, column)
        except NoPointsError as error:
            yield Fault(sheet.locator(label, column), f"{name}: {error}", above.encode()[:HEAD_BYTES])


@dataclass(slots=True)
class _Sheet:
    """Facts of every spectrum of one file."""

    name: str
    above: str
    said: dict[str, str]
    line: int
    doubts: list[str] = field(default_factory=list)

    def count(self, rows: int) -> None:
        """Hold a declared number of points against those there are."""
        told = self.get("npoints", "numberofpoints", "datapoints", "points")
        if re.fullmatch(r"\d{1,18}", told) and int(told) != rows:
            self.doubts.append(f"it says that it has {int(told):,} points; {rows:,} are there")

    def get(self, *labels: str) -> str:
        """The value of the first of these labels, by their letters alone."""
        plain = {re.sub(r"[^a-z]", "", key.lower()): text for key, text in self.said.items()}
        return next((plain[label] for label in labels if plain.get(label)), "")

    def locator(self, label: str, column: int) -> str:
        """Where a column stands."""
        return f"line {self.line}" + (f" column {column + 1}" if label else "")

    def spectrum(
        self, x: np.ndarray, y: np.ndarray, unit: tuple[str, str], label: str, column: int
    ) -> Spectrum:
        """One column of ordinates; of several each may end before the longest."""
        there = ~np.isnan(y) if label else np.ones(len(y), bool)
        peaks = unit[0] == "m/z" and is_peak_list(x[there])
        made = points(x[there], y[there], unit[0], counts=peaks)
        number, wrong = cas(self.get("cas", "casnumber", "casno"))
        title = self.get("name", "title", "spectrumname") or stem(self.name)
        return Spectrum(
            f"{title} {label}".strip(),
            technique(self.above, *unit),
            made.x,
            made.y,
            *unit,
            peaks,
            self.locator(label, column),
            cas=number,
            inchikey=inchikey(self.get("inchikey")),
            formula=self.get("formula") or None,
            voltage=voltage(self.get("voltage", "collisionenergy", "conevoltage", "orificevoltage")),
            said=self.said | ({"column": label} if label else {}),
            doubts=(*self.doubts, *((wrong,) if wrong else ()), *made.doubts),
        )


def _titles(header: list[tuple[int, str]], layout: Layout) -> list[str]:
    """Names of the columns: the line above the table, where it has as many cells and names an axis."""
    if not header:
        return []
    cells = [cell.lstrip("#").strip() for cell in _cells(header[-1][1].strip(), layout.delimiter)]
    while len(cells) > layout.columns and not cells[-1]:
        cells.pop()
    return cells if len(cells) == layout.columns and (layout.columns > 2 or axis(header[-1][1])) else []
