"""ASTERIX and KLV as they come by a socket: what is remembered of a connection, and rows of many at once.

Of a connection with radars their places are remembered, as they have said them; of one with KLV nothing,
since messages are whole packets. Reports of radars take their date from when they were received.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec
import pyarrow as pa

from watchfloor.core.kinds import KINDS
from watchfloor.formats.base import Fault
from watchfloor.formats.sensors.asterix import file as asterix
from watchfloor.formats.sensors.binary_rows import ReadRows as Rows
from watchfloor.formats.sensors.klv import file as klv
from watchfloor.formats.sensors.radar_sites import Code, Site
from watchfloor.formats.sensors.wires.batch import Heard, Read, ReadResult, numbers


class Radars:
    """Sites of one connection's radars: as they have stated them, and as a person does."""

    def __init__(
        self, said: Mapping[Code, Site] | None = None, known: Mapping[Code, Site] | None = None
    ) -> None:
        self.said, self.known = dict(said or {}), dict(known or {})


def radars() -> Radars:
    """Of a new connection nothing is known. Raises `FormatError` where libasterix is not installed."""
    asterix.Reader()
    return Radars()


def freeze_radars(radars: Radars) -> bytes:
    """The places of radars as JSON."""
    return msgspec.json.encode([_listed(radars.said), _listed(radars.known)])


_Listed = list[tuple[int, int, Site]]


def _listed(sites: Mapping[Code, Site]) -> _Listed:
    return [(*code, site) for code, site in sorted(sites.items())]


def thaw_radars(frozen: bytes) -> Radars:
    """Places back from JSON. Raises `ValueError` where it holds none."""
    try:
        parts = msgspec.json.decode(frozen, type=tuple[_Listed, _Listed])
    except msgspec.ValidationError:  # of a version that knew only what radars say
        parts = msgspec.json.decode(frozen, type=_Listed), []
    said, known = ({(area, radar): site for area, radar, site in part} for part in parts)
    return Radars(said, known)


def read_asterix(heard: Sequence[Heard]) -> ReadResult:
    """Plots, tracks and turns of antennas, of several connections."""

    def rows(one: Heard) -> Iterator[Rows]:
        reader, at = asterix.Reader(one.state.known), 0
        reader.hear(one.state.said)
        for message, received in zip(one.messages, one.received, strict=True):
            reader.feed(message, at, received)
            at += len(message)
        one.state.said |= reader.radars()
        yield reader.found()
        yield Rows({}, list(reader.unread()))

    return _together(heard, rows)


def nothing() -> None:
    """Begin a connection with KLV. Raises `FormatError` where stanag4609 is not installed."""
    klv.Reader()


def freeze_nothing(_: None) -> bytes:
    """Nothing, as bytes."""
    return b""


def thaw_nothing(frozen: bytes) -> None:
    """Nothing back. Raises `ValueError` for other bytes."""
    if frozen:
        raise ValueError("a connection with KLV has nothing to remember")


def read_klv(heard: Sequence[Heard]) -> ReadResult:
    """Coverage and detections of several connections."""

    def rows(one: Heard) -> Iterator[Rows]:
        reader = klv.Reader()
        for message, received in zip(one.messages, one.received, strict=True):
            reader.feed(message, final=True, received_at=received)
        yield reader.found()
        yield Rows({}, list(reader.told_once()))

    return _together(heard, rows)


def _together(heard: Sequence[Heard], rows: Callable[[Heard], Iterator[Rows]]) -> ReadResult:
    """One table a kind of what all connections brought, in their order."""
    made: dict[str, list[dict[str, object]]] = {}
    of: dict[str, list[int]] = {}
    faults: list[tuple[int, Fault]] = []
    for number, one in enumerate(heard):
        for part in rows(one):
            for kind, found in part.rows.items():
                made.setdefault(kind, []).extend(found)
                of.setdefault(kind, []).extend([number] * len(found))
            faults += [(number, fault) for fault in part.faults]
    tables = [
        Read(KINDS[kind], pa.Table.from_pylist(found, KINDS[kind].body), numbers(of[kind], len(found)))
        for kind, found in made.items()
        if found
    ]
    return ReadResult(tables, faults)
