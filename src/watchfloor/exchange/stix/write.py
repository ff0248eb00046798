"""Sharing as STIX: the objects of each row, and a bundle of them as a file."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO, Final

import msgspec

from watchfloor.exchange.sharing import Shared
from watchfloor.exchange.stix import ids
from watchfloor.exchange.stix.objects import LEAD, Object, Renderer, named_rows, stamp
from watchfloor.formats.intelligence.stix_markings import OWN_EXTENSION


def objects(shared: Shared) -> Iterator[tuple[str, str, Object]]:
    """Yield kind, name of the row (`exchange.bundles.sent.row_names`) and object.

    What is of no row comes first, with neither: who shares, extensions, markings. An object that several
    rows name comes with each of them, and is the same.
    """
    renderer = Renderer.make(shared)
    for one in renderer.heads():
        yield "", "", one
    for kind, rows in shared.records.items():
        for names, values in named_rows(kind, rows):
            for name, row in zip(names, values, strict=True):
                for one in renderer.row(kind, name, row):
                    yield kind, name, one
    for lead in shared.leads:
        for one in renderer.lead(lead):
            yield LEAD, lead.lead_id, one


def write(shared: Shared, stream: BinaryIO) -> int:
    """Write a bundle, an object a line; return how many objects are in it, each once."""
    encode = msgspec.json.Encoder(order="sorted").encode
    rows = [f"{kind}={table.num_rows}" for kind, table in shared.records.items()]
    name = ids.keyed(shared.key, "bundle", stamp(shared.at), shared.marking, *rows)
    stream.write(b'{"type":"bundle","id":' + encode(name) + b',"objects":[')
    seen: set[int] = set()
    for _, _, one in objects(shared):
        which = hash((one["id"], one.get("modified")))
        if which not in seen:
            stream.write(b",\n" if seen else b"\n")
            stream.write(encode(one))
            seen.add(which)
    stream.write(b"\n]}\n")
    return len(seen)


def revoked(body: Mapping[str, Any], at: datetime) -> Object | None:
    """Return the version of an object of ours that takes it back, without what it said.

    None of what has no versions (observables, markings), and of what others made.
    """
    if "modified" not in body or OWN_EXTENSION not in body.get("extensions", {}):
        return None
    kept = {name: body[name] for name in _KEPT if name in body}
    made: Object = {**kept, **_EMPTY.get(body["type"], {}), "modified": stamp(at), "revoked": True}
    if body["type"] in _NEED_REFS:
        made["object_refs"] = [body["created_by_ref"]]
    if body["type"] == "observed-data":
        made |= {"first_observed": body["created"], "last_observed": body["created"], "number_observed": 1}
        made["object_refs"] = [_NOTHING]
    if body["type"] == "report":
        made["published"] = body["created"]
    if body["type"] == "relationship":
        made |= {name: body[name] for name in ("relationship_type", "source_ref", "target_ref")}
    return made


_KEPT: Final = ("type", "spec_version", "id", "created", "created_by_ref", "object_marking_refs")
_EMPTY: Final[Mapping[str, Mapping[str, Any]]] = {
    "note": {"content": ""},
    "identity": {"name": ""},
    "location": {"region": "unknown"},
    "report": {"name": ""},
    "grouping": {"context": "unspecified"},
}
"""Properties that a type may not be without, saying nothing."""
_NEED_REFS: Final = frozenset(("note", "report", "grouping"))
_NOTHING: Final = ids.observable("url", {"value": "urn:withdrawn"})
"""An observable that is not there: observed data may point at nothing else, and at something."""
