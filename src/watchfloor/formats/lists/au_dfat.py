"""The Australian sanctions consolidated list (DFAT): a workbook of one row a name, or the same as CSV.

A reference is a number, with a letter where it is another name of the same entry: `101`, `101a`. The list
says on no day that it holds. Dates of birth and what an entry was listed under are prose, of which dates are
taken and the rest stays in the remarks.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import BinaryIO, Final

from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.lists.listing_rows import Identifier, Item, Role, batches
from watchfloor.formats.lists.sanctions_entry import (
    Entry,
    EntryRows,
    Publisher,
    birth_dates,
    day,
    each,
    name,
    table_items,
    together,
)
from watchfloor.formats.tabular import delimited, spreadsheet

DFAT: Final = Publisher("AU-DFAT", "Australian sanctions consolidated list")
SCHEMAS: Final = {"individual": "Person", "entity": "Organization", "vessel": "Vessel"}
NEEDED: Final = ("Reference", "Name of Individual or Entity", "Type", "Name Type")
MOST: Final = 1 << 27
"""Bytes of a workbook; the list has some 2,000,000."""

_FILE: Final = re.compile(r"australian_sanctions_consolidated|regulation8_consolidated", re.IGNORECASE)
_REFERENCE: Final = re.compile(r"(\d+)(?:\.0)?\s*[a-z]*", re.IGNORECASE | re.ASCII)
_IMO: Final = re.compile(r"\bIMO(?: number)?:?\s*(\d{7})\b", re.IGNORECASE)


def sniff(head: Head) -> float:
    """Sure of its columns; of a workbook, whose cells are packed, of the publisher's file name."""
    if spreadsheet.is_workbook(head.data[:8]):
        return 0.9 if _FILE.search(head.name) else 0.0
    return 0.95 if set(NEEDED) <= set(delimited.header_of(head.data)) else 0.0


def read(stream: BinaryIO, file: str) -> Iterator[Batch | Fault]:
    """Rows of `listing`. Raises `FormatError` where columns that it needs are missing."""
    return batches(_rows(stream, file))


def _rows(stream: BinaryIO, file: str) -> Iterator[Item | Fault]:
    start = stream.read(8)
    if spreadsheet.is_workbook(start):
        data = start + stream.read(MOST)
        if len(data) > MOST:
            raise FormatError(f"{file} is larger than {MOST >> 20} MiB, which this list is not")
        sheet = spreadsheet.read(data, file)
    else:
        sheet = delimited.read(stream, file, start=start)
    if missing := [column for column in NEEDED if column not in sheet.names]:
        raise FormatError(f"{file} has no column {missing[0]!r}, which the Australian list has")
    yield from table_items(together(sheet, _number), _of_rows, DFAT, None)


def _number(row: dict[str, str]) -> str:
    found = _REFERENCE.fullmatch(row["Reference"])
    return found[1] if found else ""


def _of_rows(found: EntryRows) -> Entry:
    kind = next((row["Type"].lower() for row in found.cells if row.get("Type")), "")
    if kind not in SCHEMAS:
        raise ValueError(f"{kind[:40]!r} is no type of entry; the types are {', '.join(SCHEMAS)}")
    schema = SCHEMAS[kind]
    names = []
    for row in found.cells:
        said = row.get("Name Type", "").lower()
        role: Role = (
            "primary"
            if "primary" in said
            else "former"
            if said.startswith(("fka", "f.k.a", "former"))
            else "alias"
        )
        weak = row.get("Alias Strength", "").lower() == "weak"
        names.append(name(_clean(row["Name of Individual or Entity"]), role, schema, weak=weak))
    births: list[str] = []
    unsure: list[str] = []
    for text in each(found, "Date of Birth"):
        dates, vague = birth_dates(_clean(text))
        births += dates
        unsure += [f"born {_clean(text)}"] if vague or not dates else []
    prose = [_clean(text) for text in each(found, "Additional Information", "Listing Information")]
    imo = [*each(found, "IMO Number"), *(number for text in prose for number in _IMO.findall(text))]
    control = [found_day for text in each(found, "Control Date") if (found_day := day(text))]
    return Entry(
        number=found.number,
        schema=schema,
        names=names,
        births=births,
        countries=[
            part.strip() for text in each(found, "Citizenship") for part in re.split(r"[,;]", _clean(text))
        ],
        identifiers=[Identifier("imo", number.removesuffix(".0")) for number in imo],
        regime=", ".join(each(found, "Committees")),
        listed=_listed(found),
        updated=max(control, default=None),
        remarks=[*unsure, *prose, *each(found, "Instrument of Designation")],
    )


def _listed(found: EntryRows) -> date | None:
    return next((one for text in each(found, "Listing Information") if (one := day(text))), None)


def _clean(text: str) -> str:
    """Return a text without the line ends that the workbook writes as `_x000D_`."""
    return " ".join(text.replace("_x000D_", " ").split())


FORMAT: Final = Format("au-dfat", ("listing",), sniff, read)
