"""Files of Cargo-IMP messages: recognised, read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import BinaryIO, Final

from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.byte_ranges import locator, piece
from watchfloor.formats.cargo.cargo_imp import ffm, fhl, fwb
from watchfloor.formats.cargo.cargo_imp.lines import CHUNK, MAX_MESSAGE, Message, is_envelope, messages
from watchfloor.formats.cargo.waybills.facts import Consignment
from watchfloor.formats.cargo.waybills.manifests import Counted, Manifest
from watchfloor.formats.cargo.waybills.rows import batches

NAME: Final = "cargo-imp"
KINDS: Final = ("declaration", "party", "volume")
VERSIONS: Final = {"FWB": (16, 17), "FHL": (4, 5), "FFM": (8,)}

_RAW: Final = 1 << 16
_BATCH: Final = 2_000
_HINT: Final = re.compile(rb"^(?:\xef\xbb\xbf)?F(?:WB|HL|FM)/\d{1,2}[ \t]*\r?$", re.MULTILINE)
_DATED: Final = re.compile(r"(?<!\d)(20\d\d)-?([01]\d)-?([0-3]\d)(?!\d)")
_YEARLESS: Final = (
    "it says no day with its year: state base_time for its feed in feeds.toml, or put the day into the file's"
    " name, such as fhl-2026-11-20.txt"
)


def sniff(head: Head) -> float:
    """Sure of a line `FWB/17`, `FHL/5`, `FFM/8`, of whichever version, so that the wrong one is told."""
    return 0.96 if _HINT.search(head.data) else 0.0


@dataclass(slots=True)
class _Reading:
    """Memory between messages: when masters were issued, and manifests that go on."""

    base: datetime | None
    issued: dict[str, datetime] = field(default_factory=dict)
    manifests: dict[str, Manifest] = field(default_factory=dict)


def read(stream: BinaryIO, name: str, base_time: datetime | None = None) -> Iterator[Batch | Fault]:
    """Rows of `declaration`, `party` and `volume`. Raises `FormatError` where no message is in the file."""
    reading = _Reading(base_time or _day_in(name))
    rows: list[Consignment] = []
    counts: list[Counted] = []
    some = False
    for found in messages(stream):
        if not isinstance(found, Message):
            at, data = found
            if not some and len(data) >= CHUNK:
                raise FormatError(f"{name} holds no Cargo-IMP message in its first {len(data):,} bytes")
            yield from _stray(at, data)
            continue
        some = True
        for one in _message(found, reading):
            if isinstance(one, Fault):
                yield one
            elif isinstance(one, Counted):
                counts.append(one)
            else:
                one.check()
                rows.append(one)
                yield from _partly(one, found)
        if len(rows) >= _BATCH:
            yield from batches(rows, counts)
            rows, counts = [], []
    if not some:
        raise FormatError(f"{name} holds no Cargo-IMP message: no line such as FWB/17 begins one")
    for manifest in reading.manifests.values():
        why = f"the manifest {manifest.key} goes on (CONT), and its end is not in this file: more is aboard"
        yield Fault(next((stop.locator for stop in manifest.stops.values()), "line 1"), why, b"", partly=True)
        counts += [one for one in manifest.counts() if one.direction]
    yield from batches(rows, counts)


def _message(message: Message, reading: _Reading) -> Iterator[Consignment | Counted | Fault]:
    where = locator(message.start, message.start + len(message.data))
    try:
        if message.version not in VERSIONS.get(message.kind, ()):
            raise ValueError(f"is {message.kind}/{message.version}; read are {_READ}")
        if message.kind == "FWB":
            one = fwb.read(message, where)
            reading.issued[one.awb] = one.observed
            yield one
        elif message.kind == "FHL":
            awb = fhl.master(message)
            yield from fhl.read(message, awb, _needed(reading.issued.get(awb) or reading.base))
        else:
            yield from _manifest(message, reading)
    except ValueError as error:
        yield Fault(where, str(error), message.data[:_RAW])


def _manifest(message: Message, reading: _Reading) -> Iterator[Consignment | Counted | Fault]:
    begun = ffm.begin(message, _needed(reading.base))
    manifest = reading.manifests.setdefault(begun.key, begun)
    yield from ffm.read(message, manifest)
    last = {line.text for line in message.lines[-3:]}
    if "CONT" in last:
        return
    del reading.manifests[manifest.key]
    if "LAST" not in last:
        end = locator(message.start, message.start + len(message.data))
        yield Fault(end, f"the manifest {manifest.key} ends without LAST: it was cut", b"", partly=True)
    for one in manifest.counts():
        if one.direction:
            yield one
        else:
            yield Fault(one.locator, one.nowhere, b"", partly=True)


def _needed(moment: datetime | None) -> datetime:
    if moment is None:
        raise ValueError(_YEARLESS)
    return moment


def _partly(one: Consignment, message: Message) -> Iterator[Fault]:
    if one.problems:
        start, end = (int(at) - message.start for at in one.locator.removeprefix("bytes ").split("-"))
        yield Fault(one.locator, one.partly, message.data[start:end][:_RAW], partly=True)


def _stray(at: int, data: bytes) -> Iterator[Fault]:
    """Bytes that are in no message: a telegram's address is nothing to tell."""
    if len(data) > MAX_MESSAGE:
        why = f"has more than {MAX_MESSAGE:,} bytes without the start of another message: it was not read"
        yield Fault(locator(at, at + len(data)), why, data[:_RAW])
    elif not all(map(is_envelope, data.decode("latin-1").splitlines())):
        yield Fault(locator(at, at + len(data)), "stands before the first message", data[:_RAW])


def _day_in(name: str) -> datetime | None:
    match = _DATED.search(name)
    try:
        return datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=UTC) if match else None
    except ValueError:
        return None


_READ: Final = ", ".join(f"{name}/{version}" for name, all_ in VERSIONS.items() for version in all_)

FORMAT: Final = Format(NAME, KINDS, sniff, read, piece=piece)
