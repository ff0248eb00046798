"""The public table of customs declarations, a line of goods a row, with or without what was found.

    Declaration ID,Date,Office ID,Process Type,...,HS6 Code,Country of Departure,Country of Origin,Tax Rate,
    Tax Type,Country of Origin Indicator,Net Mass,Item Price[,Fraud,Critical Fraud]

It is the table of S. Kim et al., "Customs Import Declaration Datasets" (arXiv:2208.02484): import
declarations, every one of them inspected, with the columns that the authors describe. The price is in won and
the mass is net, which `codes` says (`mass=net`). It has no description of goods: `goods` holds the heading
that is declared. Whether a party is a person or a company is not said; those who import and declare are
taken for persons, sellers for companies. Modes are the codes of UN/CEFACT Recommendation 19 with a nought.

Where the columns of the outcome are there, each row is an examination too: Fraud 1 is a finding, 0 nothing.
The table says that duty was to be evaded, or by Critical Fraud that public safety was at stake, but not how:
what was found is `other`. The examination has no day of its own and is given that of the declaration.
"""

from collections.abc import Iterator
from typing import BinaryIO, Final

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import DECLARATION, INSPECTION
from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.settings import nearest
from watchfloor.formats.tabular import delimited, mapping
from watchfloor.formats.tabular.table import Rows, each, trimmed
from watchfloor.formats.tabular.values import escape

NAME: Final = "customs-csv"
SYSTEM: Final = "customs-table"
"""Under which its numbers are keys."""

_PARTIES: Final = {
    "importer": ("person", "Importer ID"),
    "declarant": ("person", "Declarant ID"),
    "shipper": ("company", "Seller ID"),
}
_CODES: Final = {
    "process": "Process Type",
    "import": "Import Type",
    "use": "Import Use",
    "payment": "Payment Type",
    "tax": "Tax Type",
    "origin-mark": "Country of Origin Indicator",
}
_PLAIN: Final = {
    "report_key": "Declaration ID",
    "document": "Declaration ID",
    "observed_at": "Date",
    "office": "Office ID",
    "handler": "Courier ID",
    "hs": "HS6 Code",
    "departure": "Country of Departure",
    "origin": "Country of Origin",
    "rate": "Tax Rate",
    "mass": "Net Mass",
    "value": "Item Price",
}
_MODES: Final = {"10": "vessel", "20": "rail", "30": "vehicle", "40": "air-cargo", "50": "post"}
_MODE, _FOUND = "Mode of Transport", "Fraud"
_RESULTS: Final = {"0": "nothing", "1": "finding"}

NEEDED: Final = (
    *dict.fromkeys((*_PLAIN.values(), *_CODES.values())),
    *(column for _, column in _PARTIES.values()),
    _MODE,
)
"""Columns that must be there; those of the outcome may be."""

_DECLARATION: Final = mapping.Mapping(
    DECLARATION.name,
    {**_PLAIN, **{name: name for name in (*_PARTIES, "subject", "goods", "mode", "codes")}},
    {"currency": "KRW", "direction": "inbound", "destination": "KR"},
)
_INSPECTION: Final = mapping.Mapping(
    INSPECTION.name,
    {
        **{name: _PLAIN[name] for name in ("report_key", "document", "observed_at")},
        "subject": "subject",
        "result": _FOUND,
        "found": "found",
    },
    {"state": "examined"},
)


def sniff(head: Head) -> float:
    """Sure where the header has all the table's columns."""
    return 0.98 if set(delimited.header_of(head.data)) >= set(NEEDED) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Declarations, and where the outcome is there inspections. Raises `FormatError` for a missing column."""
    sheet = delimited.read(stream, name)
    for column in NEEDED:
        if column not in sheet.names:
            raise FormatError(f"{name} has no column {column!r}{nearest(column, sheet.names)}")
    yield from each(sheet.pieces, _read)


def _read(rows: Rows) -> Iterator[Batch | Fault]:
    """One block of rows. A row that is at fault is neither a declaration nor an inspection."""
    cells = _filled(rows.cells)
    read = [_DECLARATION, *([_INSPECTION] if _FOUND in cells.column_names else [])]
    pieces = [one for how in read for one in mapping.apply(how, Rows(cells, rows.locators, rows.raw))]
    faults: dict[str, Fault] = {}
    for one in pieces:
        if isinstance(one, Fault):
            faults.setdefault(one.locator, one)
    bad = pa.array(list(faults), pa.string())
    for one in pieces:
        if isinstance(one, Batch):
            good = one.rows.filter(pc.invert(pc.is_in(one.rows["locator"], bad)))
            if good.num_rows:
                yield Batch(one.kind, good)
    yield from faults.values()


def _filled(cells: pa.Table) -> pa.Table:
    """The table's cells, with those fields beside them that are not written as we write them."""
    text = {name: trimmed(column) for name, column in zip(cells.column_names, cells.columns, strict=True)}
    number = text[_PLAIN["document"]]
    made = {name: _key(kind, text[column]) for name, (kind, column) in _PARTIES.items()}
    heading = _heading(text[_PLAIN["hs"]])
    coded = [pc.binary_join_element_wise(f"{name}=", escape(text[of]), "") for name, of in _CODES.items()]
    mode = pc.index_in(text[_MODE], pa.array(list(_MODES)))
    made |= {
        _PLAIN["hs"]: heading,
        _PLAIN["value"]: _cents(text[_PLAIN["value"]]),
        "subject": _key("parcel", number),
        "goods": pc.binary_join_element_wise("HS", heading, " "),
        "mode": pc.fill_null(pa.array(list(_MODES.values())).take(mode), "other"),
        "codes": pc.binary_join_element_wise(*coded, "mass=net", ";", null_handling="skip"),
    }
    if _FOUND in text:
        said = pc.index_in(text[_FOUND], pa.array(list(_RESULTS)))
        result = pc.coalesce(pa.array(list(_RESULTS.values())).take(said), text[_FOUND])
        made |= {
            _FOUND: pc.fill_null(result, "no outcome"),
            "found": pc.if_else(pc.equal(result, "finding"), "other", pa.scalar(None, pa.string())),
        }
    return pa.table(text | made)


def _heading(texts: pa.Array) -> pa.Array:
    """Six digits; a spreadsheet has eaten the first nought of those of five."""
    eaten = pc.match_substring_regex(texts, r"^\d{5}$")
    return pc.if_else(eaten, pc.binary_join_element_wise("0", texts, ""), texts)


def _cents(texts: pa.Array) -> pa.Array:
    """Amounts that were written as binary fractions, 41060.290000000015, to the cent."""
    long = pc.fill_null(pc.match_substring_regex(texts, r"^\d{1,13}\.\d{3,}$"), False)
    exact = pc.round(pc.cast(pc.if_else(long, texts, "0"), pa.float64()), ndigits=2)
    return pc.if_else(long, pc.cast(pc.cast(exact, pa.decimal128(18, 2)), pa.string()), texts)


def _key(kind: str, numbers: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(f"{kind}:{SYSTEM}", numbers, ":")


FORMAT: Final = Format(NAME, (DECLARATION.name, INSPECTION.name), sniff, read)
