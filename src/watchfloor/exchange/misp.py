"""MISP: shared rows as one event of the core format, or as a feed of it (manifest, hashes, the event).

Source: the MISP core format (draft-dulaunoy-misp-core-format) and the feed that PyMISP makes. What MISP has a
type for (addresses of a network, e-mail, telephones, accounts, names) is an attribute of that type; a signal
or report is a comment that says whom it is about. No attribute is for detection (`to_ids`): a lead is no more
than an invitation to look.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from hashlib import blake2b, md5
from typing import Any, BinaryIO, Final
from uuid import UUID

import msgspec
import pyarrow as pa

from watchfloor.core.kinds import DISCLOSURE, INTELLIGENCE_OBJECT
from watchfloor.core.marking import parse
from watchfloor.exchange.sharing import Shared, sentence
from watchfloor.formats.intelligence.stix_markings import TLP_2, nearest

Attribute = dict[str, Any]
Row = Mapping[str, Any]

TYPES: Final[Mapping[str, tuple[str, str]]] = {
    "address:domain": ("domain", "Network activity"),
    "address:ipv4": ("ip-dst", "Network activity"),
    "address:ipv6": ("ip-dst", "Network activity"),
    "address:url": ("url", "Network activity"),
    "address:email": ("email", "Network activity"),
    "phone:phone": ("phone-number", "Other"),
    "account:iban": ("iban", "Financial fraud"),
}
"""Type and category of an attribute by the start of a subject's key; others are text."""
THREAT: Final = "4"
"""Undefined."""
ANALYSIS: Final = "1"
"""Ongoing."""
DISTRIBUTION: Final = "0"
"""This organisation only: who passes it on answers for that."""


def write(shared: Shared, stream: BinaryIO) -> int:
    """Write an event; return how many attributes it has."""
    event = event_of(shared)
    stream.write(_encoded({"Event": event}))
    return len(event["Attribute"])


def feed(shared: Shared, stream: BinaryIO) -> int:
    """Write a feed as a ZIP file: `manifest.json`, `hashes.csv` and the event; return as `write`."""
    event = event_of(shared)
    head = ("info", "date", "analysis", "threat_level_id", "timestamp", "Orgc", "Tag")
    manifest = {event["uuid"]: {name: event[name] for name in head}}
    hashes = io.StringIO()
    lines = csv.writer(hashes, lineterminator="\n")
    for one in event["Attribute"]:
        # The format asks for MD5: it finds a value in a feed, and protects nothing.
        lines.writerow((md5(one["value"].encode(), usedforsecurity=False).hexdigest(), event["uuid"]))
    files = {
        "manifest.json": _encoded(manifest),
        "hashes.csv": hashes.getvalue().encode(),
        f"{event['uuid']}.json": _encoded({"Event": event}),
    }
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, date_time=shared.at.timetuple()[:6]), data)
    return len(event["Attribute"])


def event_of(shared: Shared) -> dict[str, Any]:
    """Return shared rows as an event."""
    found = list(_distinct(shared, _attributes(shared)))
    name = shared.node.name
    seen = "".join(one["uuid"] for one in found)
    return {
        "uuid": _uuid(shared.key, "event", shared.marking, seen),
        "info": f"{name}: {len(found)} attributes, {shared.marking}",
        "date": f"{shared.at.astimezone(UTC):%Y-%m-%d}",
        "timestamp": _seconds(shared.at),
        "publish_timestamp": _seconds(shared.at),
        "published": True,
        "threat_level_id": THREAT,
        "analysis": ANALYSIS,
        "distribution": DISTRIBUTION,
        "Orgc": {"name": name, "uuid": _uuid(shared.key, "organisation", name)},
        "Tag": _tags(shared.marking),
        "Attribute": found,
    }


def _attributes(shared: Shared) -> Iterator[tuple[str, str, str, str, str, datetime | None]]:
    """Yield type, category, value, comment, marking and time of each attribute."""
    for kind, rows in shared.records.items():
        for row in rows.to_pylist():
            at, marking = row.get("observed_at") or row.get("since"), row["marking"]
            subjects = _subjects(kind, row)
            for of, category, value in map(_of_key, subjects):
                yield of, category, value, kind, marking, at
            if kind == DISCLOSURE.name:
                text = sentence(row, shared.language) or row["form"]
                yield "comment", "Other", text, ", ".join(subjects), marking, at
            elif kind == "report" and row["title"]:
                yield "comment", "External analysis", row["title"], ", ".join(subjects), marking, at
            elif kind == "party":
                yield "full-name", "Person", row["name"], row["subject"], marking, at
                if row["birth_date"]:
                    yield "date-of-birth", "Person", row["birth_date"], row["subject"], marking, at
    for lead in shared.leads:
        about = ", ".join(dict.fromkeys((lead.subject, *lead.subjects)))
        yield "comment", "Internal reference", lead.hypothesis, about, lead.marking, lead.at


def fits(kind: str, rows: pa.Table) -> pa.Array:
    """Return which rows have an attribute: what names no address, account or person has none."""
    if kind in (DISCLOSURE.name, "party"):
        return pa.repeat(pa.scalar(True), rows.num_rows)
    told = kind == "report"
    return pa.array(
        [bool(_subjects(kind, row) or (told and row["title"])) for row in rows.to_pylist()], pa.bool_()
    )


def _distinct(shared: Shared, found: Iterable[tuple[Any, ...]]) -> Iterator[Attribute]:
    """Yield attributes, each type and value once: with the comment and the marking of its first row."""
    seen: set[tuple[str, str, str]] = set()
    for of, category, value, comment, marking, at in found:
        which = (of, value, comment if of == "comment" else "")
        if which not in seen:
            seen.add(which)
            yield {
                "uuid": _uuid(shared.key, "attribute", *which),
                "type": of,
                "category": category,
                "value": value,
                "comment": comment,
                "to_ids": False,
                "disable_correlation": of == "comment",
                "distribution": DISTRIBUTION,
                "timestamp": _seconds(at or shared.at),
                "Tag": _tags(marking),
            }


def _subjects(kind: str, row: Row) -> list[str]:
    if kind in (DISCLOSURE.name, INTELLIGENCE_OBJECT.name, "report"):
        return list(dict.fromkeys(row["subjects"] or ()))
    return [one for name in ("payer", "payee", "importer", "shipper") if (one := row.get(name))]


def _of_key(key: str) -> tuple[str, str, str]:
    of, _, rest = key.partition(":")
    system, _, number = rest.partition(":")
    known = TYPES.get(f"{of}:{system}")
    if known is not None:
        return *known, f"+{number}" if of == "phone" else number
    return ("bank-account-nr", "Financial fraud", number) if of == "account" else ("text", "Other", key)


def _tags(marking: str) -> list[dict[str, str]]:
    """Return a marking as tags: the nearest level of TLP, never a more lenient one, and the whole."""
    level = next(name for name, id_ in TLP_2.items() if id_ in nearest(parse(marking)))
    return [{"name": f"tlp:{level.lower()}"}, {"name": f'watchfloor:marking="{marking}"'}]


def _uuid(key: bytes, *parts: str) -> str:
    digest = blake2b("\x1f".join(parts).encode(), digest_size=16, key=key[:64], person=b"misp").digest()
    return str(UUID(bytes=digest, version=4))


def _seconds(at: datetime) -> str:
    return str(int(at.timestamp()))


def _encoded(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value, order="sorted"), indent=1) + b"\n"
