"""Exhibits as CASE/UCO JSON-LD: each act an investigative action, each exhibit a provenance record.

Terms of UCO 1.x and CASE 1.x (caseontology.org); `kb:` is this node's own. A physical exhibit is a plain
`uco-core:UcoObject`, as UCO has no class for a substance. What has no term there stands in the description.
"""

from collections.abc import Iterable
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from watchfloor.casework.custody.exhibits import Exhibit
from watchfloor.casework.custody.masses import written
from watchfloor.cell.acts import Row

CONTEXT: Final = {
    "kb": "urn:watchfloor:kb:",
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-identity": "https://ontology.unifiedcyberontology.org/uco/identity/",
    "uco-location": "https://ontology.unifiedcyberontology.org/uco/location/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def document(exhibits: Iterable[Exhibit], node: str) -> dict[str, Any]:
    """Exhibits and their acts as one graph.

    Args:
        exhibits: which.
        node: id of the floor, so that ids of two floors never meet.
    """
    chosen = list(exhibits)
    graph: dict[str, dict[str, Any]] = {}
    for one in chosen:
        _put(graph, _thing(one, node))
        _put(graph, _provenance(one, node))
        for row in one.history:
            for entry in (*_people(row, node), *_place(row, node), _action(row, node)):
                _put(graph, entry)
    return {"@context": dict(CONTEXT), "@graph": list(graph.values())}


def _put(graph: dict[str, dict[str, Any]], entry: dict[str, Any]) -> None:
    graph[entry["@id"]] = entry


def _thing(one: Exhibit, node: str) -> dict[str, Any]:
    mass = written(one.entered)
    return {
        "@id": _id("exhibit", node, one.id),
        "@type": "uco-core:UcoObject",
        "uco-core:name": one.number,
        "uco-core:description": f"{one.called}; first mass: {mass} (k = 2); {one.first['subject'] or ''}",
    }


def _provenance(one: Exhibit, node: str) -> dict[str, Any]:
    return {
        "@id": _id("provenance-record", node, one.id),
        "@type": "case-investigation:ProvenanceRecord",
        "uco-core:description": "History of a physical exhibit",
        "case-investigation:exhibitNumber": one.number,
        "uco-core:object": [{"@id": _id("exhibit", node, id_)} for id_ in (one.id, *one.children)],
    }


def _action(row: Row, node: str) -> dict[str, Any]:
    said = [
        f"{name}: {row[name]}"
        for name in ("law", "seal", "old_seal", "document", "analyst", "to", "why")
        if row[name]
    ]
    if row["mass"] is not None:
        said.append(f"mass: {row['mass']} g, standard uncertainty {row['mass_error']} g")
    made = {
        "@id": _id("investigative-action", node, row["exhibit"], str(row["edition"])),
        "@type": "case-investigation:InvestigativeAction",
        "uco-core:name": row["act"],
        "uco-core:description": "; ".join(said) or row["act"],
        "uco-action:startTime": {"@type": "xsd:dateTime", "@value": row["observed_at"].isoformat()},
        "uco-action:performer": {"@id": _id("identity", node, row["by"])},
        "uco-action:object": [{"@id": _id("exhibit", node, row["exhibit"])}],
        "uco-action:result": [{"@id": _id("provenance-record", node, row["exhibit"])}],
    }
    if row["place"]:
        made["uco-action:location"] = [{"@id": _id("location", node, row["place"])}]
    return made


def _people(row: Row, node: str) -> list[dict[str, Any]]:
    names = [row["by"], *([row["to"]] if row["act"] in ("offered", "received") else [])]
    return [
        {"@id": _id("identity", node, name), "@type": "uco-identity:Identity", "uco-core:name": name}
        for name in names
    ]


def _place(row: Row, node: str) -> list[dict[str, Any]]:
    if not row["place"]:
        return []
    place = {"@type": "uco-location:Location", "uco-core:name": row["place"]}
    return [{"@id": _id("location", node, row["place"]), **place}]


def _id(what: str, node: str, *parts: str) -> str:
    """An id that the same thing has in every export of a floor: CASE wants `kb:name-UUID`."""
    space: UUID = uuid5(NAMESPACE_URL, f"urn:watchfloor:{node}")
    return f"kb:{what}-{uuid5(space, chr(31).join((what, *parts)))}"
