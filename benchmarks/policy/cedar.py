"""The policy written in Cedar: what `policy.policy.allowed` says, once more in another language."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import cedarpy

from watchfloor.core.marking import Marking
from watchfloor.policy.policy import Reader

POLICY = """
permit (principal is Reader, action == Action::"read", resource is Marking)
when { resource.protected <= principal.protected }
when { resource.classified <= principal.classified }
when { resource.tlp <= principal.tlp }
when { principal.compartments.containsAll(resource.compartments) }
when { principal.owners.containsAll(resource.originators) }
unless { resource has release && !resource.release.contains(principal.country) }
unless { resource has purposes && !resource.purposes.contains(principal.purpose) }
unless { resource has until && principal has today && principal.today > resource.until };
"""

Entity = dict[str, Any]


def entity_of_reader(reader: Reader) -> Entity:
    """A reader as Cedar's principal; days are counted."""
    said: dict[str, Any] = {
        "protected": reader.protected,
        "classified": reader.classified,
        "tlp": reader.tlp,
        "country": reader.country,
        "owners": sorted({reader.organisation} | reader.consents),
        "compartments": sorted(reader.compartments),
        "purpose": reader.purpose,
    }
    if reader.today is not None:
        said["today"] = reader.today.toordinal()
    return _entity("Reader", reader.name, said)


def entity_of_marking(marking: Marking, name: str) -> Entity:
    """A marking as Cedar's resource; a limit that it has not is no attribute."""
    said: dict[str, Any] = {
        "protected": marking.protected,
        "classified": marking.classified,
        "tlp": marking.tlp,
        "originators": sorted(marking.originators),
        "compartments": sorted(marking.compartments),
    }
    if marking.release is not None:
        said["release"] = sorted(marking.release)
    if marking.purposes is not None:
        said["purposes"] = sorted(marking.purposes)
    if marking.retain_until is not None:
        said["until"] = marking.retain_until.toordinal()
    return _entity("Marking", name, said)


def _entity(kind: str, name: str, said: dict[str, Any]) -> Entity:
    return {"uid": {"type": kind, "id": name}, "attrs": said, "parents": []}


def requests(readers: Iterable[Reader], count: int) -> list[dict[str, Any]]:
    """A request for each reader and each of so many markings, reader by reader."""
    return [
        {
            "principal": {"type": "Reader", "id": reader.name},
            "action": {"type": "Action", "id": "read"},
            "resource": {"type": "Marking", "id": str(number)},
        }
        for reader in readers
        for number in range(count)
    ]


def entities(readers: Iterable[Reader], markings: Iterable[Marking]) -> list[Entity]:
    """All that requests name; a marking is called by its number."""
    named = (entity_of_marking(one, str(number)) for number, one in enumerate(markings))
    return [*map(entity_of_reader, readers), *named]


def decisions(readers: Sequence[Reader], markings: Sequence[Marking]) -> list[bool]:
    """Cedar's decision for each reader and marking, reader by reader, in one batch."""
    known = cedarpy.Entities.from_json_str(json.dumps(entities(readers, markings)))
    rules = cedarpy.PolicySet.from_str(POLICY)
    found = cedarpy.is_authorized_batch(requests(readers, len(markings)), rules, known)
    return [one.allowed for one in found]
