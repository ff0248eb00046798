"""CASE/UCO: shared rows as one graph of JSON-LD, exhibits as `casework.custody.case_uco` has them.

Terms of UCO 1.x and CASE 1.x (caseontology.org): who is named is an identity, what holds a number an
observable, what a desk or a person says an annotation on these, where it was a location. What has no term is
in the description. Each node that says something is marked.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any, BinaryIO, Final
from uuid import UUID

import msgspec

from watchfloor.casework.custody import case_uco
from watchfloor.casework.custody.exhibits import Exhibit
from watchfloor.core.kinds import DISCLOSURE, EXHIBIT, INTELLIGENCE_OBJECT
from watchfloor.exchange.bundles.sent import row_names
from watchfloor.exchange.sharing import Shared, sentence

Entry = dict[str, Any]
Row = Mapping[str, Any]

CONTEXT: Final = case_uco.CONTEXT | {
    "uco-marking": "https://ontology.unifiedcyberontology.org/uco/marking/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
}
IDENTITIES: Final[Mapping[str, str]] = {
    "person": "Person",
    "company": "Organization",
    "organization": "Organization",
}
"""Class of an identity by the type of a subject's key."""
NUMBERED: Final[Mapping[str, tuple[str, str, str]]] = {
    "phone:phone": ("PhoneAccount", "PhoneAccountFacet", "phoneNumber"),
    "address:email": ("EmailAddress", "EmailAddressFacet", "addressValue"),
    "address:ipv4": ("IPv4Address", "IPv4AddressFacet", "addressValue"),
    "address:ipv6": ("IPv6Address", "IPv6AddressFacet", "addressValue"),
    "address:domain": ("DomainName", "DomainNameFacet", "value"),
    "address:url": ("URL", "URLFacet", "fullValue"),
    "account": ("Account", "AccountFacet", "accountIdentifier"),
}
"""Class, facet and property of an observable by the start of a subject's key."""


def write(shared: Shared, stream: BinaryIO) -> int:
    """Write the graph; return how many nodes it has."""
    graph = graph_of(shared)
    whole = {"@context": dict(CONTEXT), "@graph": graph}
    stream.write(msgspec.json.format(msgspec.json.encode(whole, order="sorted"), indent=1) + b"\n")
    return len(graph)


def graph_of(shared: Shared) -> list[Entry]:
    """Return the nodes of the graph, each once, in the order of the rows."""
    found: dict[str, Entry] = {}
    for entry in _Graph(shared).entries():
        found.setdefault(entry["@id"], entry)
    return list(found.values())


class _Graph:
    """Rows of one sharing as nodes."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    def entries(self) -> Iterator[Entry]:
        """Yield nodes; one that several rows name comes with each of them."""
        for kind, rows in self._shared.records.items():
            if kind == EXHIBIT.name:
                exhibits = Exhibit.fold(rows.to_pylist()).values()
                yield from case_uco.document(exhibits, self._id("node"))["@graph"]
                continue
            for name, row in zip(row_names(kind, rows), rows.to_pylist(), strict=True):
                yield from self._row(kind, name, row)
        for lead in self._shared.leads:
            about = (lead.subject, *lead.subjects)
            yield from self._annotation("lead", lead.lead_id, lead.marking, lead.hypothesis, about, lead.at)

    def _row(self, kind: str, name: str, row: Row) -> Iterator[Entry]:
        marking, at = row["marking"], row.get("observed_at") or row.get("since")
        if kind == "party":
            yield from self._marked(self._party(row), marking)
        elif kind == DISCLOSURE.name:
            text = sentence(row, self._shared.language) or row["form"]
            yield from self._annotation(kind, name, marking, text, row["subjects"], at)
            yield from self._place(kind, name, row)
        elif kind == "report":
            text = "\n".join(one["text"] for one in row["portions"] or ()) or row["title"] or kind
            yield from self._annotation(kind, name, marking, text, row["subjects"], at, row["title"])
            yield from self._place(kind, name, row)
        elif kind == INTELLIGENCE_OBJECT.name:
            text = f"{row['standard']} {row['object_type']} {row['object_id']}"
            yield from self._annotation(kind, name, marking, text, row["subjects"], at, row["name"])
        else:
            about = [one for column in _ABOUT if (one := row.get(column))]
            text = "; ".join(
                f"{c}: {v}" for c, v in row.items() if v not in (None, [], "") and c not in _LEFT
            )
            yield from self._annotation(kind, name, marking, text, about, at)

    def _annotation(
        self,
        kind: str,
        name: str,
        marking: str,
        text: str,
        about: Iterable[str] | None,
        at: datetime | None,
        title: str | None = None,
    ) -> Iterator[Entry]:
        """Yield what is said, and each thing that it is said of."""
        things = [self._subject(one) for one in dict.fromkeys(about or ())]
        yield from things
        made: Entry = {"@id": self._id("annotation", kind, name), "uco-core:name": title or kind}
        if things:
            about_ = [{"@id": one["@id"]} for one in things]
            made |= {"@type": "uco-core:Annotation", "uco-core:statement": text, "uco-core:object": about_}
        else:  # an annotation is of something, by the shapes of UCO
            made |= {"@type": "uco-core:UcoObject", "uco-core:description": text}
        if at is not None:
            made["uco-core:objectCreatedTime"] = {"@type": "xsd:dateTime", "@value": at.isoformat()}
        yield from self._marked(made, marking)

    def _party(self, row: Row) -> Entry:
        made = self._subject(row["subject"], row["schema"])
        numbers = [f"{one['system']}: {one['number']}" for one in row["identifiers"] or ()]
        said = [row["role"], row["birth_date"] and f"born {row['birth_date']}", *numbers]
        return made | {"uco-core:name": row["name"], "uco-core:description": "; ".join(filter(None, said))}

    def _subject(self, key: str, schema: str | None = None) -> Entry:
        """Return the node of a subject by its key."""
        of, _, rest = key.partition(":")
        system, _, number = rest.partition(":")
        made: Entry = {"@id": self._id("subject", key), "uco-core:externalReference": [self._reference(key)]}
        known = NUMBERED.get(f"{of}:{system}") or NUMBERED.get(of)
        if known is not None:
            cls, facet, name = known
            facets = {"@id": self._id("facet", key), "@type": f"uco-observable:{facet}"}
            facets[f"uco-observable:{name}"] = number
            return made | {"@type": f"uco-observable:{cls}", "uco-core:hasFacet": [facets]}
        who = IDENTITIES.get(of) or ("Person" if schema == "Person" else None)
        return made | {"@type": f"uco-identity:{who}" if who else "uco-core:UcoObject", "uco-core:name": key}

    def _reference(self, key: str) -> Entry:
        return {
            "@id": self._id("reference", key),
            "@type": "uco-core:ExternalReference",
            "uco-core:externalIdentifier": key,
        }

    def _place(self, kind: str, name: str, row: Row) -> Iterator[Entry]:
        if row.get("latitude") is None or row.get("longitude") is None:
            return
        facet = {
            "@id": self._id("facet", kind, name),
            "@type": "uco-location:LatLongCoordinatesFacet",
            **{
                f"uco-location:{c}": {"@type": "xsd:decimal", "@value": f"{row[c]:f}"}
                for c in ("latitude", "longitude")
            },
        }
        place = {
            "@id": self._id("location", kind, name),
            "@type": "uco-location:Location",
            "uco-core:hasFacet": [facet],
        }
        yield from self._marked(place, row["marking"])
        yield {
            "@id": self._id("relationship", kind, name),
            "@type": "uco-core:Relationship",
            "uco-core:source": {"@id": self._id("annotation", kind, name)},
            "uco-core:target": {"@id": place["@id"]},
            "uco-core:kindOfRelationship": "Located_At",
            "uco-core:isDirectional": True,
        }

    def _marked(self, entry: Entry, marking: str) -> Iterator[Entry]:
        """Yield a marking, and a node that points at it."""
        definition = self._id("marking-definition", marking)
        yield {
            "@id": definition,
            "@type": "uco-marking:MarkingDefinition",
            "uco-marking:definitionType": "statement",
            "uco-marking:definition": [
                {
                    "@id": self._id("statement", marking),
                    "@type": "uco-marking:StatementMarking",
                    "uco-marking:definitionType": "statement",  # UCO's shapes ask for it here too
                    "uco-marking:statement": marking,
                }
            ],
        }
        yield entry | {"uco-core:objectMarking": [{"@id": definition}]}

    def _id(self, what: str, *parts: str) -> str:
        """Return an id as CASE wants it, `kb:name-UUID`, keyed by the floor."""
        text, key = "\x1f".join((what, *parts)), self._shared.key
        digest = blake2b(text.encode(), digest_size=16, key=key[:64], person=b"case").digest()
        return f"kb:{what}-{UUID(bytes=digest, version=4)}"


def _decimal(value: float) -> Entry:
    return {"@type": "xsd:decimal", "@value": f"{value:f}"}


_ABOUT: Final = ("subject", "substance", "payer", "payee", "importer", "consignee", "shipper")
_LEFT: Final = frozenset({"report_key", "origins", "marking", "source", "locator", *_ABOUT})
