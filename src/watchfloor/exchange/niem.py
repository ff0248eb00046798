"""NIEM 6: persons, organizations, seizures, exhibits, arrests and leads as one message (NIEMOpen, CC BY 4.0).

NIEM is a model, and who exchanges says of which of its elements a message is made. Ours is in `niem.xsd`
beside this module: an identification, a day and a marking, then entries, each with its own marking and one
element of the model as the model has it. Of a person there are name, birth date and numbers; no sex, race,
religion, citizenship or language is written, for none is kept.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any, BinaryIO, Final

from lxml import etree

from watchfloor.casework.custody.exhibits import Exhibit
from watchfloor.core.kinds import EXHIBIT
from watchfloor.exchange.geo.kml import printable
from watchfloor.exchange.sharing import Shared

MODEL: Final = "https://docs.oasis-open.org/niemopen/ns/model"
NAMESPACE: Final = "urn:watchfloor:niem:1"
SPACES: Final = {
    "w": NAMESPACE,
    "nc": f"{MODEL}/niem-core/6.0/",
    "j": f"{MODEL}/domains/justice/6.0/",
    "scr": f"{MODEL}/domains/screening/6.0/",
}

Row = Mapping[str, Any]
Part = tuple[str, "str | Sequence[Part]"]
"""Name of an element with its prefix, and its text or its parts in the order of the model."""


def write(shared: Shared, stream: BinaryIO) -> int:
    """Write one message; return how many entries it has."""
    root = etree.Element(_tag("w:Message"), nsmap=SPACES)
    entries = list(_entries(shared))
    number = blake2b(digest_size=16, key=shared.key[:64], person=b"niem")
    for marking, part in entries:
        number.update(repr((marking, part)).encode("utf-8", "surrogatepass"))
    _put(root, ("nc:DocumentCreationDate", [("nc:DateTime", _moment(shared.at))]))
    _put(root, _number("nc:DocumentIdentification", number.hexdigest()))
    _put(
        root, ("nc:DocumentSource", [("nc:EntityOrganization", [("nc:OrganizationName", shared.node.name)])])
    )
    _put(root, ("nc:DocumentSupplementalMarkingText", shared.marking))
    for marking, part in entries:
        _put(root, ("w:Entry", [("nc:DocumentSupplementalMarkingText", marking), part]))
    etree.ElementTree(root).write(stream, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return len(entries)


def _entries(shared: Shared) -> Iterator[tuple[str, Part]]:
    """Yield the marking and the element of each row that NIEM has one for."""
    for kind, make in MADE.items():
        if (rows := shared.records.get(kind)) is not None:
            for row in rows.to_pylist():
                yield from ((row["marking"], part) for part in make(row))
    if (acts := shared.records.get(EXHIBIT.name)) is not None:
        for one in Exhibit.fold(acts.to_pylist()).values():
            yield one.marking, _exhibit(one)
    for lead in shared.leads:
        said = [f"{one.rule}: {one.reason.render(shared.language)}" for one in lead.signals]
        yield (
            lead.marking,
            (
                "scr:Lead",
                [
                    _number(
                        "scr:LeadIdentification", lead.lead_id, category=f"{lead.hypothesis}: {lead.subject}"
                    ),
                    ("scr:LeadRecordedDate", [("nc:DateTime", _moment(lead.at))]),
                    *(("scr:LeadSource", [("scr:LeadSourceCategoryDescriptionText", one)]) for one in said),
                ],
            ),
        )


def _party(row: Row) -> Iterator[Part]:
    numbers = [(one["system"], one["number"], one["owner"]) for one in row["identifiers"] or ()]
    born = _day(row["birth_date"])
    if row["schema"] == "Person":
        named: list[Part] = [("nc:PersonName", [("nc:PersonFullName", row["name"])])] if row["name"] else []
        others = [("key", row["subject"], None), *(one for one in numbers if one[0] != "passport")]
        passports = [one for one in numbers if one[0] == "passport"]
        parts: list[Part] = [
            *([("nc:PersonBirthDate", [("nc:Date", born)])] if born else []),
            *([("nc:PersonDescriptionText", row["role"])] if row["role"] else []),
            *named,
            *(_identified("nc:PersonOtherIdentification", one) for one in others),
            *(_identified("nc:PersonPassportIdentification", one) for one in passports),
        ]
        yield "nc:Person", parts
    elif row["name"]:
        others = [("key", row["subject"], None), *numbers]
        yield (
            "nc:Organization",
            [
                *([("nc:OrganizationDescriptionText", row["role"])] if row["role"] else []),
                ("nc:OrganizationName", row["name"]),
                *(_identified("nc:OrganizationOtherIdentification", one) for one in others),
            ],
        )


def _seizure(row: Row) -> Iterator[Part]:
    item: list[Part] = [("nc:ItemDescriptionText", "; ".join(filter(None, (row["drug"], row["amount"]))))]
    if row["mass"] is not None:
        item.append(_weight(row["mass"]))
    said = [row["operation"], row["direction"] and f"direction: {row['direction']}"]
    if row["count"] is not None:
        said.append(f"seizures: {'more than ' if row['at_least'] else ''}{row['count']}")
    if row["until"] is not None:
        said.append(f"until {_moment(row['until'])}")
    yield (
        "j:ItemSeizure",
        [
            *_activity(row["report_key"], row["observed_at"], "; ".join(filter(None, said)), row),
            *([("j:ItemSeizureMethodText", row["mode"])] if row["mode"] else []),
            ("j:ItemSeizureItem", item),
        ],
    )


def _arrests(row: Row) -> Iterator[Part]:
    """The arrests of a police agency's incident; one that was deleted has none."""
    for one in row["arrests"] if row["action"] != "delete" else ():
        yield (
            "j:Arrest",
            [
                _number("nc:ActivityIdentification", one["number"]),
                ("nc:ActivityDate", [("nc:Date", str(one["on"] or row["observed_at"].date()))]),
                ("j:ArrestAgency", [("nc:OrganizationName", row["agency"])]),
                *([("j:ArrestCharge", [("j:ChargeDescriptionText", one["code"])])] if one["code"] else []),
            ],
        )


MADE: Final[Mapping[str, Callable[[Row], Iterator[Part]]]] = {
    "party": _party,
    "seizure": _seizure,
    "incident": _arrests,
}
"""Elements of a row, by its kind."""


def _exhibit(one: Exhibit) -> Part:
    first = one.history[0]
    item: list[Part] = [("nc:ItemDescriptionText", first["name"] or first["sort"] or "exhibit")]
    if one.mass is not None:
        item.append(_weight(one.mass.grams))
    evidence: list[Part] = [("j:EvidenceItem", item)]
    if first["number"]:
        evidence.append(_number("j:EvidenceNumberIdentification", first["number"]))
    if first["amount"]:
        evidence.append(("j:EvidenceQuantityText", first["amount"]))
    if first["place"]:
        evidence.append(("j:EvidenceTakenLocation", [("nc:LocationDescriptionText", first["place"])]))
    return (
        "j:Exhibit",
        [
            ("j:ExhibitEvidence", evidence),
            _number("j:ExhibitIdentification", one.id),
            ("j:ExhibitStatusText", one.state),
        ],
    )


def _activity(number: str | None, at: datetime, said: str, row: Row) -> Iterator[Part]:
    if number:
        yield _number("nc:ActivityIdentification", number)
    yield "nc:ActivityDate", [("nc:DateTime", _moment(at))]
    if said:
        yield "nc:ActivityDescriptionText", said
    where: list[Part] = [("nc:LocationDescriptionText", row["place"])] if row["place"] else []
    if row["latitude"] is not None and row["longitude"] is not None:
        ends: list[Part] = [
            (f"nc:GeographicCoordinate{of}", [(f"nc:{of}DegreeValue", f"{row[of.lower()]:.7f}")])
            for of in ("Latitude", "Longitude")
        ]
        where.append(("nc:Location2DGeospatialCoordinate", ends))
    if where:
        yield "nc:ActivityLocation", where


def _weight(grams: float) -> Part:
    value = format(Decimal(repr(float(grams))), "f")
    return "nc:ItemWeightMeasure", [("nc:MeasureDecimalValue", value), ("nc:MeasureUnitText", "gram")]


def _identified(name: str, number: tuple[str, str, str | None]) -> Part:
    system, text, owner = number
    return _number(name, text, category=system, issuer=owner)


def _number(name: str, text: str, *, category: str = "", issuer: str | None = None) -> Part:
    parts: list[Part] = [("nc:IdentificationID", text)]
    if category:
        parts.append(("nc:IdentificationCategoryDescriptionText", category))
    if issuer:
        parts.append(("nc:IdentificationIssuerText", issuer))
    return name, parts


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _day(text: str | None) -> str | None:
    """A whole day; NIEM's date has no form for a year alone."""
    try:
        return date.fromisoformat(text).isoformat() if text and len(text) == len("1971-05-02") else None
    except ValueError:
        return None


def _put(above: etree._Element, part: Part) -> None:
    name, content = part
    made = etree.SubElement(above, _tag(name))
    if isinstance(content, str):
        made.text = printable(content)
    else:
        for one in content:
            _put(made, one)


def _tag(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{SPACES[prefix]}}}{local}"
