"""Trying a mapping: what a table is proposed to be read as, and what a mapping makes of its first rows.

Nothing is kept: a trial reads the file and counts.
"""

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import pyarrow as pa

from watchfloor.formats.base import HEAD_BYTES, Batch, Fault, Head
from watchfloor.formats.registry import GUESS, recognise
from watchfloor.formats.tabular import json_lines, quantities, spreadsheet
from watchfloor.formats.tabular.mapping import Mapping, notation, open_sheet, read
from watchfloor.formats.tabular.propose import Proposal, Remark, propose, recognised
from watchfloor.formats.tabular.table import Rows, text_table
from watchfloor.formats.xml_limits import head_text

SAMPLE: Final = 20_000
"""Rows from which a mapping is proposed."""
FIRST: Final = 5
"""Rows, and faults, that are shown."""
STARTS: Final = {
    "XML or HTML": re.compile(r"<(?:[?!]|[A-Za-z][\w.:-]*[\s/>])"),
    "JSON": re.compile(r"[{\[]\s*[\"{\[\]}]"),
    "PDF": re.compile(r"%PDF-"),
}
"""How files start that are no tables, though their lines may have delimiters."""


class Other(NamedTuple):
    """A file that is surely no table, and whether it is read as it is."""

    name: str
    reads: bool


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a table and its first rows as text.

    Attributes:
        names: of the columns; `cells`: of the first rows.
        note: what was found out about the file.
        sheet: of a workbook, the one that holds it, where it is not the first; `sheets`: that hold anything.
        locators: of the first rows.
    """

    names: tuple[str, ...]
    cells: pa.Table
    note: str
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    locators: tuple[str, ...] = ()


@dataclass(slots=True)
class Trial:
    """Result of a mapping on a table.

    Attributes:
        rows: that were tried, `mapped`: that read; the others would go to quarantine.
        filled: by field, rows that have it.
        first: of the rows that read.
        reasons: by sort, rows that do not read.
        faults: the first of them.
        cut: whether the table goes on behind them.
    """

    rows: int = 0
    mapped: int = 0
    filled: Counter[str] = field(default_factory=Counter)
    first: list[dict[str, Any]] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    cut: bool = False


def other(head: Head) -> Other | None:
    """Recognise a file by its start, where it is surely no table of columns."""
    form, start = recognise(head, GUESS), head_text(head).lstrip("\ufeff \t\r\n")
    looks = next((word for word, sort in STARTS.items() if sort.match(start)), None)
    if form is None and looks == "JSON" and json_lines.is_records(head.data):
        return None
    if form and (looks or "report" in form.kinds):
        return Other(form.name, reads=True)
    return Other(looks, reads=False) if looks else None


def head_of(file: Path, name: str) -> Head:
    """The start of a file that is called so."""
    with file.open("rb") as stream:
        return Head(name, stream.read(HEAD_BYTES))


def table(file: Path, name: str, mapping: Mapping, rows: int = SAMPLE) -> Table:
    """The first rows of the table in a file, read as a mapping says. Raises `FormatError`.

    Of a workbook's sheets the one that the mapping names, or the one with the most columns of its kind.
    """
    with file.open("rb") as stream:
        book = spreadsheet.is_workbook(stream.read(8))
        stream.seek(0)
        sheets = list(spreadsheet.tables(stream.read(), name)) if book else []
        title, sheet = None, None
        if len(sheets) > 1:
            order = {each: (-recognised(mapping.kind, one.names), -len(one.names)) for each, one in sheets}
            title = mapping.sheet or min(order, key=order.__getitem__)
            sheet = dict(sheets).get(title)
        stream.seek(0)
        sheet = sheet or open_sheet(mapping, stream, name)
        first = next((piece for piece in sheet.pieces if isinstance(piece, Rows)), None)
        cells = first.cells.slice(0, rows) if first else text_table(sheet.names, [])
        stated = title if sheets and title != sheets[0][0] else None
        where = tuple(first.locators.slice(0, rows).to_pylist()) if first else ()
        return Table(
            tuple(sheet.names), cells, sheet.note(), stated, tuple(each for each, _ in sheets), where
        )


def proposed(found: Table, name: str, kind: str) -> Proposal:
    """How a table may be read as rows of a kind."""
    made = propose(kind, found.cells, name, datetime.now(UTC).date().isoformat())
    if found.sheet is None:
        return made
    text = f"the sheet {found.sheet!r} is taken, of {len(found.sheets)} that hold anything"
    mapping = msgspec.structs.replace(made.mapping, sheet=found.sheet)
    return replace(made, mapping=mapping, remarks=(Remark("", text), *made.remarks))


def tried(file: Path, name: str, mapping: Mapping, limit: int) -> Trial:
    """Read a table with a mapping, up to about `limit` rows. Raises `FormatError`."""
    trial = Trial()
    with file.open("rb") as stream:
        for piece in read(mapping, stream, name):
            if isinstance(piece, Batch):
                _count(trial, piece.rows)
            else:
                trial.rows += 1
                trial.reasons[_sort_of(piece.reason)] += 1
                trial.faults += [piece] if len(trial.faults) < FIRST else []
            if trial.rows >= limit:
                trial.cut = True
                break
    return trial


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as a person reads it; without what is empty."""
    return {
        name: _brief(value) for name, value in row.items() if value not in (None, []) and name != "locator"
    }


def units(mapping: Mapping) -> dict[str, str]:
    """Return for each field of numbers with a unit how it is read: `kg`, or `lb to kg` where it is converted.

    A cell that states a unit of its own is read in that one.
    """
    found = {}
    for name in mapping.fields:
        quantity = quantities.of_field(mapping.kind, name)
        if quantity is None or quantity.dimension in ("", "count", "money"):
            continue
        source = mapping.sources(name)[0]
        stated = source.unit_from or notation(source, quantity)[0] or quantity.unit
        found[name] = stated if stated == quantity.unit else f"{stated} to {quantity.unit}"
    return found


def wanted(name: str) -> str:
    """Return the advice on a field that nothing fills."""
    return f"{name} is needed: name its column under [fields] or its value under [constants]"


def _count(trial: Trial, rows: pa.Table) -> None:
    trial.rows += rows.num_rows
    trial.mapped += rows.num_rows
    for name in rows.column_names:
        trial.filled[name] += sum(value not in (None, []) for value in rows.column(name).to_pylist())
    trial.first += rows.slice(0, FIRST - len(trial.first)).to_pylist() if len(trial.first) < FIRST else []


def _sort_of(reason: str) -> str:
    """A reason without the text it is about, so that like ones can be counted."""
    return reason.partition("'")[0].rstrip(" :(") if ":" not in reason else reason.split(":")[0]


def _brief(value: Any) -> Any:
    """Lists as people write them, moments to the minute."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}Z"
    if isinstance(value, list):
        return "; ".join(
            ":".join(filter(None, one.values())) if isinstance(one, dict) else one for one in value
        )
    return value
