"""PROV-O: where leads come from, as one graph of JSON-LD (W3C, PROV-O, 30 April 2013).

A lead is an entity, derived from the signals that speak for or against it by a weighing with a table of
weights; a signal is derived from records by a rule of a desk. Ids are keyed by the floor. Leads and signals
say their marking, bits and reason in words.
"""

from collections.abc import Iterator
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, BinaryIO, Final
from uuid import UUID

import msgspec

from watchfloor.exchange.sharing import Shared, sentence

if TYPE_CHECKING:
    from watchfloor.cell.leads import Contribution, Lead

Node = dict[str, Any]

CONTEXT: Final = {
    "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "wf": "urn:watchfloor:terms:",
}


def write(shared: Shared, stream: BinaryIO) -> int:
    """Write the graph of the leads that are shared; return how many nodes it has."""
    found = {node["@id"]: node for node in _Graph(shared).nodes()}
    whole = {"@context": CONTEXT, "@graph": list(found.values())}
    stream.write(msgspec.json.format(msgspec.json.encode(whole, order="sorted"), indent=1) + b"\n")
    return len(found)


class _Graph:
    """Leads of one sharing as nodes."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._agent = self._id("agent", shared.node.name)

    def nodes(self) -> Iterator[Node]:
        """Yield nodes; what several leads rest on comes with each of them."""
        if self._shared.leads:
            yield {"@id": self._agent, "@type": "prov:Organization", "rdfs:label": self._shared.node.name}
        for lead in self._shared.leads:
            weighing = self._id("weighing", lead.lead_id)
            yield {
                "@id": weighing,
                "@type": "prov:Activity",
                "prov:wasAssociatedWith": {"@id": self._agent},
                "prov:used": [{"@id": self._signal(one)} for one in lead.contributions],
                "wf:weights": lead.weights,
            }
            yield self._lead(lead, weighing)
            for one in lead.contributions:
                yield from self._contribution(one, lead.marking)

    def _lead(self, lead: "Lead", weighing: str) -> Node:
        return {
            "@id": self._id("lead", lead.lead_id),
            "@type": "prov:Entity",
            "rdfs:label": lead.hypothesis,
            "prov:generatedAtTime": _moment(lead.at),
            "prov:wasGeneratedBy": {"@id": weighing},
            "prov:wasAttributedTo": {"@id": self._agent},
            "prov:wasDerivedFrom": [{"@id": self._signal(one)} for one in lead.contributions],
            "wf:lead": lead.lead_id,
            "wf:bits": lead.bits,
            "wf:about": [lead.subject, *lead.subjects],
            "wf:marking": lead.marking,
        }

    def _contribution(self, one: "Contribution", marking: str) -> Iterator[Node]:
        rule, records = self._id("rule", one.rule), [self._id("record", id_.hex()) for id_ in one.evidence]
        yield {"@id": rule, "@type": "prov:Plan", "rdfs:label": one.rule}
        yield {
            "@id": self._signal(one),
            "@type": "prov:Entity",
            "rdfs:label": sentence(one.reason.stored(), self._shared.language),
            "prov:generatedAtTime": _moment(one.at),
            "prov:wasDerivedFrom": [{"@id": record} for record in records],
            "prov:wasInfluencedBy": {"@id": rule},
            "prov:hadPrimarySource": [{"@id": self._id("origin", origin)} for origin in one.origins],
            "wf:strength": one.strength,
            "wf:bits": one.bits,
            "wf:marking": marking,
        }
        for id_, record in zip(one.evidence, records, strict=True):
            yield {"@id": record, "@type": "prov:Entity", "wf:record": id_.hex()}
        for origin in one.origins:
            yield {"@id": self._id("origin", origin), "@type": "prov:Entity"}

    def _signal(self, one: "Contribution") -> str:
        return self._id("signal", one.signal_id.hex())

    def _id(self, *parts: str) -> str:
        text, key = "\x1f".join(parts), self._shared.key
        digest = blake2b(text.encode(), digest_size=16, key=key[:64], person=b"prov").digest()
        return f"urn:uuid:{UUID(bytes=digest, version=4)}"


def _moment(at: datetime) -> Node:
    return {"@type": "xsd:dateTime", "@value": at.isoformat()}
