"""One record: its columns with their meaning, where it came from, and the bytes that it was read from."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO, Final, Literal

import msgspec

from watchfloor.console.endpoints.endpoint import Asker, Endpoint, Raw
from watchfloor.console.pages.ground import GroundView, grounds
from watchfloor.core.kinds import KINDS
from watchfloor.core.marking import joined
from watchfloor.core.subjects import key_of, subject
from watchfloor.desks.space.desk import NAME as SPACE
from watchfloor.exchange.log.access import access
from watchfloor.feeds.original import Original
from watchfloor.feeds.original import original as find
from watchfloor.formats.lists.listing_rows import UNDATED
from watchfloor.store.erasure.subject_index import is_subject
from watchfloor.store.index.search import standing

SHOWN: Final = 64_000
"""Bytes of an original that a page shows."""
PIECE: Final = 1 << 18
"""Bytes of an original that are sent at a time."""


class RecordAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The record's id, or the start of it."""

    record_id: str


class Part(msgspec.Struct, frozen=True):
    """A member of a column's value, and the subject that it names; empty for none."""

    text: str
    subject: str = ""


class Column(msgspec.Struct, frozen=True):
    """A column of a record: its name, its documented meaning and unit, and its value as it is read."""

    name: str
    value: str
    meaning: str
    unit: str
    parts: list[Part]


class Record(msgspec.Struct, frozen=True):
    """A record.

    Attributes:
        record_id: its id; `kind`: what it is; `doc`: what such a record is.
        marking: who may see it.
        source: the feed; `observed_at`: when it was so, by the source's clock, None where nobody says.
        locator: where it stood.
        deliveries: that brought its bytes.
        position: where in the log it came in, for who keeps the floor.
        superseded_by: id of the record that takes its place; empty for none.
        beside: ids of later and earlier records of the same report that stand as well, marked otherwise.
        columns: what it says.
        original: the bytes of its line, row or element as text, or the beginning of the delivery.
        form: whether that is a piece, the whole delivery as text, something that is no text, or nothing.
        cut: whether there is more of it.
        ground: shape and pictures of ground that changed; None: it is of something else, or has none.
    """

    record_id: str
    kind: str
    doc: str
    marking: str
    source: str
    observed_at: datetime | None
    locator: str
    deliveries: list[str]
    position: int | None
    superseded_by: str
    beside: list[str]
    columns: list[Column]
    original: str | None
    form: Literal["piece", "whole", "binary", "none"]
    cut: bool
    ground: GroundView | None = None


def record(asker: Asker, ask: RecordAsk) -> Record:
    """A record, what each of its columns means, where it came from, and its original."""
    found = find(asker.floor, ask.record_id, asker.reader)
    row = found.row
    asker.log_query("record", record=row["record_id"].hex())
    form, text, cut = _text(asker, found)
    keys = [subject("place", SPACE, row["change"])] if found.kind == "scene-change" else []
    ground = grounds(asker.floor, asker.reader, keys, found.position).values()
    return Record(
        row["record_id"].hex(),
        found.kind,
        KINDS[found.kind].doc,
        joined([row["marking"]]),
        row["source"],
        None if row["observed_at"] == UNDATED else row["observed_at"],
        row["locator"],
        list(found.names),
        found.position if access(asker.floor, asker.name).keeper else None,
        *_superseded(asker, found),
        list(_columns(found)),
        text,
        form,
        cut,
        next((one for one in ground if one.record == row["record_id"].hex()), None),
    )


def _superseded(asker: Asker, found: Original) -> tuple[str, list[str]]:
    """The record that takes the place of this one, or those that stand beside it."""
    row = found.row
    if row["report_key"] is None:
        return "", []
    stand = standing(asker.floor, found.kind, row["source"], row["report_key"], asker.reader)
    ids = [one.row["record_id"].hex() for one in stand]
    own = row["record_id"].hex()
    if own in ids:
        return "", [one for one in ids if one != own]
    return (ids[0] if ids else ""), []


def _columns(found: Original) -> Iterator[Column]:
    for field in KINDS[found.kind].schema:
        value, said = found.row[field.name], field.metadata or {}
        if value not in (None, []):
            members = value if isinstance(value, list) else [value]
            yield Column(
                field.name,
                written(value),
                said.get(b"doc", b"").decode(),
                said.get(b"unit", b"").decode(),
                [_part(one) for one in members],
            )


def _part(value: Any) -> Part:
    if isinstance(value, dict) and value.keys() >= {"system", "number", "owner"}:
        return Part(written(value), key_of(value["system"], value["number"], value["owner"]) or "")
    if isinstance(value, dict) and "subject" in value:
        return Part(written(value), value["subject"])
    if isinstance(value, dict) and "text" in value and value.get("marking"):
        return Part(f"({value['marking']}) {value['text']}")
    text = written(value)
    return Part(text, text if isinstance(value, str) and is_subject(value) else "")


def _text(
    asker: Asker, found: Original
) -> tuple[Literal["piece", "whole", "binary", "none"], str | None, bool]:
    """Return what a page shows of the original, and whether it is cut; of a large one no more is read."""
    if found.piece is not None:
        return "piece", _decoded(found.piece[:SHOWN]), len(found.piece) > SHOWN
    if found.digest is None:
        return "none", None, False
    with found.open(asker.floor, asker.reader) as stream:
        start = stream.read(SHOWN + 1)
    if b"\0" in start:
        return "binary", None, False
    return "whole", _decoded(start[:SHOWN]), len(start) > SHOWN


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")


def original(asker: Asker, ask: RecordAsk) -> Raw:
    """The bytes that a record was read from: of its line, row or element, or the whole delivery."""
    found = find(asker.floor, ask.record_id, asker.reader)
    asker.log_query("record", record=found.row["record_id"].hex(), original=True)
    file = found.names[-1].rpartition("/")[2] if found.names else "original"
    name = f"{found.row['record_id'].hex()[:12]}-{file}"
    if found.piece is not None:
        return Raw(found.piece + b"\n", "application/octet-stream", name)
    return Raw(_pieces(found.open(asker.floor, asker.reader)), "application/octet-stream", name)


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    with stream:
        while piece := stream.read(PIECE):
            yield piece


def written(value: Any) -> str:
    """A value as people read it: identities in hexadecimal, a line for each member of a list."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return "\n".join(written(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(written(one) for one in value.values() if one is not None)
    return value.isoformat() if isinstance(value, datetime) else str(value)


ENDPOINTS: Final = (
    Endpoint("record", "GET", "/records/{record_id}", RecordAsk, Record, record, "record.html"),
    Endpoint("record.original", "GET", "/records/{record_id}/original", RecordAsk, Raw, original),
)
