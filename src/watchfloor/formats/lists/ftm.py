"""FollowTheMoney entities as JSON lines, the form in which OpenSanctions publishes its collections.

One entity a line: `{"id", "schema", "caption", "properties": {"name": […], "alias": […], …}}`. Entities that
can be listed (persons, organisations, vessels, aircraft) are read as listings where they are of a collection
(`datasets`) or have a topic; of an investigator's own graph nobody is on a list. All others, as addresses and
ownerships, are kept whole as objects of intelligence, with what they point at.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from typing import BinaryIO, Final

import msgspec

from watchfloor.core.kinds import LISTING
from watchfloor.core.partial_date import is_written
from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.intelligence.object_rows import ObjectRow, batch
from watchfloor.formats.intelligence.subject_keys import of_email, of_phone
from watchfloor.formats.lists.countries import country_codes
from watchfloor.formats.lists.listing_rows import (
    BATCH_ROWS,
    UNDATED,
    Identifier,
    Item,
    Name,
    distinct,
    midnight,
    squeeze,
    table,
)
from watchfloor.formats.lists.strength import strength_of
from watchfloor.formats.tabular.table import grouped
from watchfloor.formats.xml_limits import head_text

SCHEMAS: Final = {
    "Person": "Person",
    "Organization": "Organization",
    "PublicBody": "Organization",
    "Company": "Company",
    "Asset": "LegalEntity",
    "LegalEntity": "LegalEntity",
    "Vessel": "Vessel",
    "Airplane": "Aircraft",
    "Security": "LegalEntity",
    "CryptoWallet": "LegalEntity",
}
"""FollowTheMoney schemata that name somebody or a craft, and ours."""

MAX_LINE: Final = 1 << 24
RAW_BYTES: Final = 1 << 16
COUNTRIES: Final = (
    "country",
    "nationality",
    "citizenship",
    "jurisdiction",
    "birthCountry",
    "flag",
    "mainCountry",
)
NUMBERS: Final = {
    "imoNumber": "imo",
    "mmsi": "mmsi",
    "leiCode": "lei",
    "passportNumber": "passport",
    "idNumber": "id number",
    "taxNumber": "tax number",
    "registrationNumber": "registration",
    "innCode": "INN",
    "ogrnCode": "OGRN",
    "swiftBic": "bic",
    "uscCode": "uscc",
    "registrationNumber2": "registration",
}


class _Entity(msgspec.Struct):
    id: str
    schema: str
    properties: dict[str, list[str]] = {}
    caption: str | None = None
    datasets: list[str] = []
    referents: list[str] = []
    first_seen: str | None = None
    last_change: str | None = None

    @property
    def collections(self) -> list[str]:
        """Return the collections that publish it; `default` is how followthemoney says: none."""
        return [one for one in self.datasets if one != "default"]


Found = Item | ObjectRow | Fault
"""A listing, an entity that is on no list, or why something is neither."""

REFERENCES: Final = (
    *("addressEntity", "agent", "ancestors", "asset", "associate", "authority", "bank", "bankAccount"),
    *(
        "beneficiary",
        "beneficiaryAccount",
        "callForTenders",
        "caller",
        "candidate",
        "case",
        "client",
        "contract",
    ),
    *(
        "contractHolder",
        "controlled",
        "controller",
        "creditor",
        "debtor",
        "declarant",
        "director",
        "document",
    ),
    *("emitters", "employee", "employer", "endLocation", "entity", "holder", "inReplyToEmail", "involved"),
    *("inReplyToMessage", "issuer", "match", "member", "object", "onBehalfOf", "operator", "organization"),
    *("organizer", "owner", "parent", "partOf", "participant", "party", "payer", "payerAccount", "person"),
    *("pictured", "post", "predecessor", "project", "proof", "receiver", "recipientAccount", "recipients"),
    *("relative", "resolved", "sender", "senderAccount", "startLocation", "subject", "successor", "supplier"),
    *("taxee", "tenderers", "transport", "vehicle"),
)
"""Properties that hold ids of entities, in the model of followthemoney 4.11."""

_ANY: Final = msgspec.json.Decoder()
_ENCODER: Final = msgspec.json.Encoder(order="sorted")
_DECODER: Final = msgspec.json.Decoder(_Entity)
_START: Final = re.compile(r'\s*\{(?=[^\n]*"schema"\s*:)(?=[^\n]*"properties"\s*:\s*\{)')


def sniff(head: Head) -> float:
    """Sure of a first line that is an object with `schema` and `properties`."""
    return 0.9 if _START.match(head_text(head)) else 0.0


def read(stream: BinaryIO, name: str, *, everybody: bool = False) -> Iterator[Batch | Fault]:
    """Rows of `listing` and `intelligence-object`.

    Args:
        stream: the file.
        name: its name.
        everybody: whether a person has given it as a list: who is named in it is on that.

    Raises:
        FormatError: the file is empty or its first line is no such entity.
    """
    return batches(_items(stream, name, everybody))


def batches(found: Iterator[Found]) -> Iterator[Batch | Fault]:
    """Yield rows of what was found, and faults where they stood."""
    return grouped(found, BATCH_ROWS, _batches, in_order=True)


def _batches(some: Sequence[object]) -> list[Batch]:
    listed = [one for one in some if isinstance(one, Item)]
    others = [one for one in some if isinstance(one, ObjectRow)]
    made = [Batch(LISTING, table(listed))] if listed else []
    return [*made, batch(others)] if others else made


def _items(stream: BinaryIO, name: str, everybody: bool) -> Iterator[Found]:
    blank, readline = True, partial(stream.readline, MAX_LINE + 1)
    for number, line in enumerate(iter(readline, b""), 1):
        if line == b"\n":  # millions of them come in a small archive
            continue
        text = line.removeprefix(b"\xef\xbb\xbf").strip()
        if not text:
            continue
        blank = False
        found = found_in(text, f"line {number}", name, everybody=everybody)
        if isinstance(found, Fault) and number == 1:
            raise FormatError(f"{name}, first line: {found.reason}")
        yield found
        rest = line
        while len(rest) > MAX_LINE and not rest.endswith(b"\n"):
            rest = readline()
    if blank:
        raise FormatError(f"{name} is empty, where one JSON object a line was expected")


def found_in(text: bytes, locator: str, name: str, *, everybody: bool = False) -> Found:
    """Return what an entity is, written as JSON; `name` is of the file, `everybody` as `read` has it."""
    if len(text) > MAX_LINE:
        return Fault(locator, f"this line is longer than {MAX_LINE:,} bytes", text[:RAW_BYTES])
    try:
        entity = _DECODER.decode(text)
        listed = everybody or entity.collections or entity.properties.get("topics")
        if entity.schema not in SCHEMAS or not listed:  # read whole, with all it says
            nameless = Fault(locator, "this entity has no id", text[:RAW_BYTES])
            return _other(entity, locator, text) if entity.id else nameless
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        wrong = str(error) if _is_utf8(text) else "its bytes are not UTF-8. Get a copy that nobody converted"
        return Fault(locator, f"this is no FollowTheMoney entity: {wrong}", text[:RAW_BYTES])
    item = _item(entity, locator, name)
    return item or Fault(locator, f"entity {entity.id!r} has no name or no id", text[:RAW_BYTES])


def _other(entity: _Entity, locator: str, text: bytes) -> ObjectRow:
    """Return an entity that is on no list, whole."""
    says, version = entity.properties.get, entity.last_change
    changed = _day(version)
    found = [of_email(one) for one in says("email", [])] + [of_phone(one) for one in says("phone", [])]
    names = [*([entity.caption] if entity.caption else []), *says("name", []), *says("title", [])]
    return ObjectRow(
        report_key=f"{entity.id}/{version}" if version else entity.id,
        locator=locator,
        observed_at=midnight(changed) if changed else UNDATED,
        standard="ftm",
        object_id=entity.id,
        object_type=entity.schema,
        version=version,
        name=next(iter(names), None),
        object_refs=list(dict.fromkeys(one for name in REFERENCES for one in says(name, []))),
        subjects=list(dict.fromkeys(filter(None, found))),
        body=_ENCODER.encode(_ANY.decode(text)).decode(),
    )


def _is_utf8(line: bytes) -> bool:
    """Whether a line can be the UTF-8 that JSON is in; UTF-16 shows by its zeros."""
    try:
        return "\0" not in line.decode()
    except UnicodeDecodeError:
        return False


def _item(entity: _Entity, locator: str, name: str) -> Item | None:
    names = list(_names(entity))
    if not names or not entity.id:
        return None
    says = entity.properties.get
    list_id = entity.datasets[0] if len(entity.datasets) == 1 else "FTM"
    topics = [f"topics: {', '.join(says('topics', []))}"] if says("topics") else []
    births = says("birthDate", [])
    unread = [f"birthDate: {text}" for text in births if not is_written(text[:10])]
    seen = _day(entity.last_change) or _day(entity.first_seen)
    return Item(
        report_key=f"{list_id}#{entity.id}",
        locator=locator,
        observed_at=midnight(seen) if seen else UNDATED,
        list_id=list_id,
        entity_id=entity.id,
        version_id=entity.last_change,
        instrument=", ".join(says("program", [])) or ", ".join(sorted(entity.datasets)) or name,
        schema=SCHEMAS[entity.schema],
        name=names[0].text,
        names=distinct(names),
        birth_dates=[day[:10] for day in births if is_written(day[:10])],
        countries=country_codes(code for key in COUNTRIES for code in says(key, [])),
        identifiers=[Identifier(NUMBERS[key], value) for key in NUMBERS for value in says(key, []) if value],
        origins=entity.referents,
        remarks="; ".join((*topics, *unread, *says("notes", []))) or None,
    )


def _names(entity: _Entity) -> Iterator[Name]:
    person = entity.schema == "Person"
    caption = (
        [entity.caption] if entity.caption and entity.caption in entity.properties.get("name", []) else []
    )
    primary = [squeeze(text) for text in (*caption, *entity.properties.get("name", []))]
    for i, text in enumerate(filter(None, primary)):
        yield Name(text, "alias" if i else "primary", strength_of(text, person=person, primary=not i))
    for key, role in (("alias", "alias"), ("previousName", "former")):
        for text in filter(None, map(squeeze, entity.properties.get(key, []))):
            yield Name(text, role, strength_of(text, person=person))  # type: ignore[arg-type]
    for text in filter(None, map(squeeze, entity.properties.get("weakAlias", []))):
        yield Name(text, "alias", "weak")


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None


FORMAT: Final = Format("ftm", ("listing", "intelligence-object"), sniff, read)
