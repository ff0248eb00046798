"""The OFAC Specially Designated Nationals list, CSV: `sdn.csv`, `alt.csv` and `add.csv` (treasury.gov).

The three files have no header, write `-0-` for nothing, and end with a control character of another age
(0x1A). `sdn.csv` holds the entities. The other two hold alternate names and addresses of entities by number;
a row of theirs is read as a part of its entity: its `entity_id`, and the name or country it adds.
`reference.listings` joins the parts.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO, Final

from watchfloor.formats.base import HEAD_BYTES, Batch, Fault, Format, FormatError, Head
from watchfloor.formats.encoding.charset import Utf8
from watchfloor.formats.lists.countries import country_codes
from watchfloor.formats.lists.listing_rows import UNDATED, Item, Name, Role, batches, distinct, squeeze
from watchfloor.formats.lists.ofac_remarks import read_remarks
from watchfloor.formats.lists.strength import strength_of
from watchfloor.formats.tabular import delimited
from watchfloor.formats.tabular.blocks import Layout, Record, parse_record
from watchfloor.formats.tabular.table import Rows
from watchfloor.formats.xml_limits import head_text

Make = Callable[[str, list[str]], Item | str]
"""An item of a row's locator and values, or what is wrong with them."""

LIST_ID: Final = "OFAC-SDN"
TITLE: Final = "Specially Designated Nationals and Blocked Persons List"
SCHEMAS: Final = {"individual": "Person", "vessel": "Vessel", "aircraft": "Aircraft", "": "Organization"}
ROLES: Final[Mapping[str, Role]] = {"aka": "alias", "nka": "alias", "fka": "former"}
PARTS: Final = ("alt.csv", "add.csv")
"""`provision` of rows that are parts of an entity."""

END_MARK: Final = b"\x1a"
CUT: Final = (
    "the mark is missing with which OFAC ends each file (0x1A), so that the file was cut or edited. What "
    "stood before was read, and nobody leaves the list for being absent. Get a complete copy"
)

_SDN: Final = re.compile(r'\d+,"[^"\n]+",("\w+"|-0- ?),')
_ALT: Final = re.compile(r'\d+,\d+,"[anf]ka",')
_ADD: Final = re.compile(r'\d+,\d+,(?:("[^"\n]*"|-0- ?),){3}("[^"\n]*"|-0- ?)\s')


def sniff(head: Head) -> float:
    """Sure of a first row of one of the three files, for they have no header to go by."""
    first = head_text(head)[:4096]
    if _ALT.match(first) or (_SDN.match(first) and "-0-" in first.split("\n", 1)[0]):
        return 0.9
    return 0.8 if _ADD.match(first) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Rows of `listing`: entities of `sdn.csv`, or parts of entities of `alt.csv` and `add.csv`.

    Raises:
        FormatError: empty, or the first row is none of the three files'.
    """
    return batches(_items(stream, name))


def _items(stream: BinaryIO, name: str) -> Iterator[Item | Fault]:
    head = stream.read(HEAD_BYTES)
    if not head.strip(END_MARK + b"\r\n\t "):
        raise FormatError(f"{name} is empty")
    text = Utf8(stream, head)
    start = text.read(HEAD_BYTES)
    columns, make = _kind(start, name)
    ended = False
    for piece in delimited.rows(delimited.DelimitedFile(Layout(columns, ",", text), start, 1)):
        if not isinstance(piece, Fault):
            yield from _rows(piece, make)
        elif piece.raw.strip(b"\0\r\n\t ") == END_MARK:
            ended = True
        else:
            yield piece
    if not ended:
        yield Fault("end of file", CUT, b"", rest=True)


def _kind(head: bytes, name: str) -> tuple[list[str], Make]:
    """Which of the three files it is, by the number of values in its first row."""
    first = parse_record([line + b"\n" for line in head.split(b"\n")[:1]], 0, ",")
    count = len(first.cells) if isinstance(first, Record) else 0
    if count not in _KINDS:
        raise FormatError(
            f"{name} is none of OFAC's files: values that can be read in its first row are {count}, where "
            "sdn.csv has 12, alt.csv 5 and add.csv 6 (none has a header). Get a complete copy, as published"
        )
    return [str(i) for i in range(count)], _KINDS[count]


def _rows(piece: Rows, make: Make) -> Iterator[Item | Fault]:
    for i, (cells, locator) in enumerate(
        zip(piece.cells.to_pylist(), piece.locators.to_pylist(), strict=True)
    ):
        fields = [_value(text or "") for text in cells.values()]
        item = make(locator, fields) if fields[0].isdigit() else f"{fields[0]!r} is no entity number"
        yield Fault(locator, item, piece.raw(i)) if isinstance(item, str) else item


def _entity(locator: str, fields: list[str]) -> Item | str:
    number, name, kind, program, title, call_sign, vessel, _, _, flag, owner, remarks = fields
    if not name:
        return "this entity has no name"
    if kind not in SCHEMAS:
        return f"{kind!r} is no type of entity; the types are individual, vessel, aircraft or none"
    said = read_remarks(remarks)
    person = kind == "individual"
    craft = kind in ("vessel", "aircraft")
    strength = "strong" if craft else strength_of(name, person=person, primary=True, capitals=True)
    details = (
        title,
        f"call sign {call_sign}" if call_sign else "",
        vessel,
        f"owner {owner}" if owner else "",
    )
    return Item(
        **_common(locator, number, program),
        report_key=f"{LIST_ID}#{number}",
        item=number,
        schema=SCHEMAS[kind],
        name=name,
        names=distinct([Name(name, "primary", strength), *said.names]),
        birth_dates=said.births,
        countries=country_codes([*said.countries, flag]),
        identifiers=said.identifiers,
        remarks="; ".join(filter(None, (*details, remarks))) or None,
    )


def _alternate(locator: str, fields: list[str]) -> Item | str:
    number, alternate, kind, name, remarks = fields
    if not name or kind not in ROLES:
        return "this alternate name is empty" if not name else f"{kind!r} is none of aka, fka, nka"
    return Item(
        **_common(locator, number, ""),
        report_key=f"{LIST_ID}#{number}/alt/{alternate}",
        provision="alt.csv",
        name=name,
        names=[Name(name, ROLES[kind], strength_of(name, capitals=True))],
        remarks=remarks or None,
    )


def _address(locator: str, fields: list[str]) -> Item | str:
    number, address, street, city, country, _ = fields
    return Item(
        **_common(locator, number, ""),
        report_key=f"{LIST_ID}#{number}/add/{address}",
        provision="add.csv",
        name="",
        names=[],
        countries=country_codes([country]),
        remarks=", ".join(filter(None, (street, city, country))) or None,
    )


_KINDS: Final[Mapping[int, Make]] = {12: _entity, 5: _alternate, 6: _address}


def _common(locator: str, number: str, program: str) -> dict[str, Any]:
    programs = program.replace("] [", ", ")
    return {
        "locator": locator,
        "observed_at": UNDATED,
        "list_id": LIST_ID,
        "entity_id": f"{LIST_ID}#{number}",
        "instrument": f"OFAC sanctions program: {programs}" if programs else TITLE,
        "title": TITLE,
        "lang": "en",
    }


def _value(text: str) -> str:
    text = squeeze(text)
    return "" if text == "-0-" else text


FORMAT: Final = Format("ofac-csv", ("listing",), sniff, read)
