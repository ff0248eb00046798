"""Spreadsheets (XLSX, XLSB, XLS and ODS) as rows of text.

Cells come as people see them: a date as ISO 8601, a whole number without its point. What a formula gives is
what was stored with it when the workbook was saved. A workbook is read whole, so its size is limited: the
bytes that it unpacks to, and the cells of the rectangle up to its furthest one, which are looked at before.
"""

import json
import re
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from functools import reduce
from io import BytesIO
from typing import BinaryIO, Final, cast
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

import numpy as np
from lxml import etree
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from watchfloor.formats.base import Fault, FormatError
from watchfloor.formats.settings import nearest
from watchfloor.formats.tabular.table import Rows, Sheet, column_names, header_row, locators, text_table
from watchfloor.formats.xml_limits import elements, local

MAX_UNPACKED: Final = 1 << 30
MAX_CELLS: Final = 20_000_000
"""Cells of a sheet, empty ones too: the reader holds every cell up to the last row and column."""
BATCH: Final = 1 << 14
_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_PLACE: Final = re.compile(rb"""[\s:](?:r|ref)\s*=\s*["'](?:\w+:)?([A-Za-z]{0,3})(\d{0,9})["']""")
_LONGEST: Final = 64
"""Bytes of the longest `_PLACE`, which the end of a chunk may cut."""
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot hold (XML 1.0, section 2.2)."""
_NO_TITLE: Final = re.compile(r"[:\\/?*\[\]]|" + _NO_XML.pattern)
"""Characters that Excel takes in no name of a sheet."""
ROW: Final = re.compile(r"sheet (.+), row (\d+)", re.DOTALL)
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

Cell = str | float | bool | date | datetime | time | timedelta


def is_workbook(start: bytes) -> bool:
    """Whether the first 8 bytes of a file are those of a workbook: a zip file, or one of the old XLS."""
    return start.startswith(b"PK\x03\x04") or start == OLE


def read(
    data: bytes, name: str, sheet: str | None = None, header: int | None = None, *, merged: bool = False
) -> Sheet:
    """The table on one sheet: the one named, or the first that holds anything.

    Args:
        data: the whole workbook.
        name: the file's name, for messages.
        sheet: the sheet's name.
        header: the number of the row that names the columns; None: it is found (`table.header_row`).
        merged: whether each of merged cells has the text of the first; else the others are empty.

    Raises:
        FormatError: it is no workbook, has a password, is too large, or has no such sheet.
    """
    return _read(name, *_sheet(_workbook(data, name), name, sheet), header, merged=merged)


def tables(data: bytes, name: str) -> Iterator[tuple[str, Sheet]]:
    """Yield the title and the table of each sheet that holds anything. Raises as `read` does."""
    book = _workbook(data, name)
    for title in book.sheet_names:
        _, found = _sheet(book, name, title)
        if found.total_height:
            yield title, _read(name, title, found)


def _read(
    name: str, title: str, found: CalamineSheet, header: int | None = None, *, merged: bool = False
) -> Sheet:
    above, left = found.start or (0, 0)
    first = above + 1
    rows = [[_text(cell) for cell in row] for row in found.to_python(skip_empty_area=True)]
    for (top, begin), (bottom, end) in (found.merged_cell_ranges or ()) if merged else ():
        for row in rows[top - above : bottom - above + 1]:
            row[begin - left : end - left + 1] = [rows[top - above][begin - left]] * (end - begin + 1)
    at = header - first if header else _header_row(rows)
    if not 0 <= at < len(rows):
        raise FormatError(
            f"{name}, sheet {title!r}: there is no row {header or first} that could name its columns"
        )
    names = column_names(rows[at])
    return Sheet(names, lambda: f"sheet {title!r}", _pieces(names, title, rows[at + 1 :], first + at + 1))


def write(title: str, rows: Iterable[Iterable[str]]) -> bytes:
    """Write rows of text as a workbook (XLSX) of one sheet: no cell is taken for a formula or a number."""
    lines = []
    for number, row in enumerate(rows, 1):
        cells = "".join(
            f'<c r="{_letters(at)}{number}" t="inlineStr"><is>'
            f'<t xml:space="preserve">{escape(_NO_XML.sub("", text))}</t></is></c>'
            for at, text in enumerate(row)
            if text
        )
        lines.append(f'<row r="{number}">{cells}</row>')
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    relations = f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r" Type="{_OFFICE}/'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'{relations}officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name={quoteattr(_NO_TITLE.sub(" ", title)[:31])} sheetId="1" r:id="r"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{relations}worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}'
        "</sheetData></worksheet>",
    }
    data = BytesIO()
    with ZipFile(data, "w", ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(ZipInfo(name), text, ZIP_DEFLATED)  # of 1980, so equal rows are equal bytes
    return data.getvalue()


def _letters(column: int) -> str:
    """Return the letters of a column: A, and AA after Z."""
    return (_letters(column // 26 - 1) if column > 25 else "") + chr(65 + column % 26)


def piece(stream: BinaryIO, locator: str) -> bytes | None:
    """The cells of a row as JSON, by its locator; None where there is no such row."""
    if not (match := ROW.fullmatch(locator)):
        return None
    for found in read(stream.read(), "the delivery", match[1]).pieces:
        if isinstance(found, Rows) and (at := found.locators.index(locator).as_py()) >= 0:
            return found.raw(at)
    return None


def _workbook(data: bytes, name: str) -> CalamineWorkbook:
    if not data.startswith(OLE):
        _check_size(data, name)
    try:
        return CalamineWorkbook.from_filelike(BytesIO(data))
    except CalamineError as error:
        if "assword" in str(error):
            raise FormatError(f"{name} is protected by a password: save it without one") from error
        raise FormatError(f"{name} cannot be read as a spreadsheet: {error}") from error


def _check_size(data: bytes, name: str) -> None:
    try:
        with ZipFile(BytesIO(data)) as archive:
            size = sum(member.file_size for member in archive.infolist())
            if size > MAX_UNPACKED:
                raise FormatError(
                    f"{name} would unpack to {size:,} bytes, more than {MAX_UNPACKED:,}: deliver it as CSV"
                )
            _check_cells(archive, name)
    except (BadZipFile, ValueError, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(f"{name} is damaged or cut: {error}") from error


def _check_cells(archive: ZipFile, name: str) -> None:
    """Refuse a sheet that spans too many cells, before the reader makes room for them."""
    for member in archive.namelist():
        look = _spanned if _SHEET.fullmatch(member) else _repeated if member == "content.xml" else None
        if look is None:
            continue
        with archive.open(member) as stream:
            rows, columns = look(cast("BinaryIO", stream), f"{name}, {member}")
        if rows * columns > MAX_CELLS:
            raise FormatError(
                f"{name}, {member}: its cells span {rows:,} rows and {columns:,} columns, more than "
                f"{MAX_CELLS:,} cells; delete what stands far outside the table, or deliver it as CSV"
            )


def _spanned(stream: BinaryIO, _name: str) -> tuple[int, int]:
    """Rows and columns up to the furthest that a sheet of XLSX names, in its dimension, a row or a cell."""
    rows, columns, held = 0, 0, b""
    while chunk := stream.read(1 << 20):
        held += chunk
        for letters, digits in set(_PLACE.findall(held)):
            rows = max(rows, int(digits or 0))
            columns = max(columns, reduce(lambda so_far, letter: so_far * 26 + letter % 32, letters, 0))
        held = held[-_LONGEST:]
    return rows, columns


def _repeated(stream: BinaryIO, name: str) -> tuple[int, int]:
    """Rows and columns up to the furthest cell of ODS that holds something, repeats counted, of any sheet."""
    most_rows = most_columns = at = 0
    sheet = None
    for row in elements(stream, name, {"table-row"}, {"document-content"}):
        if isinstance(row, Fault):
            raise FormatError(f"{name}: {row.reason}")
        if local(row) != "table-row":
            continue
        mine = next((one for one in row.iterancestors() if local(one) == "table"), None)
        at, sheet = (at if mine is sheet else 0) + _times(row, "number-rows-repeated"), mine
        column = filled = 0
        for cell in row:
            column += _times(cell, "number-columns-repeated")
            filled = column if len(cell) or any("value-type" in str(key) for key in cell.attrib) else filled
        if filled:
            most_rows, most_columns = max(most_rows, at), max(most_columns, filled)
    return most_rows, most_columns


def _times(element: etree._Element, name: str) -> int:
    """How often a row or a cell of ODS is repeated; one that says nothing of it stands once."""
    said = next((value for key, value in element.items() if str(key).endswith(f"}}{name}")), "1")
    return int(str(said)[:10])


def _sheet(book: CalamineWorkbook, name: str, wanted: str | None) -> tuple[str, CalamineSheet]:
    if wanted is not None and wanted not in book.sheet_names:
        raise FormatError(f"{name} has no sheet {wanted!r}{nearest(wanted, book.sheet_names)}")
    for title in [wanted] if wanted else book.sheet_names:
        try:
            found = book.get_sheet_by_name(title)
        except CalamineError as error:
            raise FormatError(f"{name}, sheet {title!r}, cannot be read: {error}") from error
        if found.total_height or wanted:
            return title, found
    raise FormatError(f"{name} is empty: no sheet holds anything")


def _header_row(rows: list[list[str]]) -> int:
    """Return which row names the columns; one with a single cell is a title, whatever is below."""
    start = next((at for at, row in enumerate(rows) if sum(map(bool, row)) > 1), 0)
    return start + header_row(rows[start:])


def _pieces(names: list[str], title: str, rows: list[list[str]], first: int) -> Iterator[Rows]:
    numbered = [(number, row) for number, row in enumerate(rows, first) if any(row)]
    for at in range(0, len(numbered), BATCH):
        yield _rows(names, title, numbered[at : at + BATCH])


def _rows(names: list[str], title: str, numbered: list[tuple[int, list[str]]]) -> Rows:
    where = locators(np.array([number for number, _ in numbered]), f"sheet {title}, row")
    return Rows(text_table(names, [row for _, row in numbered]), where, lambda at: _raw(numbered[at][1]))


def _raw(row: list[str]) -> bytes:
    """A row's cells as JSON: a workbook keeps no bytes of a row of its own."""
    return json.dumps(row, ensure_ascii=False).encode()


def _text(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)
