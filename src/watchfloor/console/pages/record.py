"""One record: its columns, where it came from, and the bytes that it was read from."""

from datetime import datetime
from typing import Any, Final

import msgspec

from watchfloor.console.endpoint import Asker, Endpoint, Raw
from watchfloor.feeds.original import Original
from watchfloor.feeds.original import original as find


class RecordAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The record's id, or the start of it."""

    record_id: str


class Column(msgspec.Struct, frozen=True):
    """A column of a record: its name, and its value as it is read."""

    name: str
    value: str


class Record(msgspec.Struct, frozen=True):
    """A record.

    Attributes:
        record_id: its id; `kind`: what it is.
        marking: who may see it.
        source: the feed; `observed_at`: when it was so, by the source's clock; `locator`: where it stood.
        deliveries: that brought its bytes.
        columns: what it says.
        original: the bytes of its line, row or element as text; None: the delivery as a whole.
    """

    record_id: str
    kind: str
    marking: str
    source: str
    observed_at: datetime
    locator: str
    deliveries: list[str]
    columns: list[Column]
    original: str | None


def record(asker: Asker, ask: RecordAsk) -> Record:
    """A record, where it came from, and its original."""
    found = find(asker.floor, ask.record_id, asker.reader)
    row = found.row
    asker.shown("record", record=row["record_id"].hex())
    return Record(
        row["record_id"].hex(),
        found.kind,
        row["marking"],
        row["source"],
        row["observed_at"],
        row["locator"],
        list(found.names),
        [Column(name, written(value)) for name, value in row.items() if value not in (None, [])],
        None if found.piece is None else found.piece.decode("utf-8", "backslashreplace"),
    )


def original(asker: Asker, ask: RecordAsk) -> Raw:
    """The bytes that a record was read from: of its line, row or element, or the whole delivery."""
    found = find(asker.floor, ask.record_id, asker.reader)
    asker.shown("record", record=found.row["record_id"].hex(), original=True)
    file = found.names[-1].rpartition("/")[2] if found.names else "original"
    name = f"{found.row['record_id'].hex()[:12]}-{file}"
    return Raw(_bytes(asker, found), "application/octet-stream", name)


def _bytes(asker: Asker, found: Original) -> bytes:
    if found.piece is not None:
        return found.piece + b"\n"
    with asker.floor.original(found.row["delivery"]) as stream:
        return stream.read()


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
