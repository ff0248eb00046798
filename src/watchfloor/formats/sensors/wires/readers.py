"""Wires: how messages are read while they come, a few at a time, from connections that stay open.

A format reads a file from its start to its end; a wire reads what is there. It is a fold: what it must
remember from message to message is a state of its own for each connection, which freezes to bytes. So a
delivery that was cut out of the middle of a stream reads as the stream did (`formats.sensors.capture`).

Messages of many connections are read in one call, because a table of fifty columns costs as much for one row
as for a thousand.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from watchfloor.formats.lazy_import import Later, found
from watchfloor.formats.sensors import socket_wires as sensor_wires
from watchfloor.formats.sensors.asterix import file as asterix
from watchfloor.formats.sensors.detections import lines as detection_lines
from watchfloor.formats.sensors.klv import file as klv
from watchfloor.formats.sensors.wires.batch import Heard, ReadResult


@dataclass(frozen=True, slots=True)
class Wire:
    """How one wire format is read.

    Attributes:
        name: as `feeds.toml` has it.
        kinds: of the rows it gives.
        whole: `whole(data)` is how many of the first bytes of a stream are whole messages; a datagram is one
            message. It raises `ValueError` where the stream is not of this wire.
        begin: the state of a new connection.
        read: the rows and faults of what was heard. Several of one state come in their order, and give what
            one with all their messages gives.
        freeze: a state as bytes.
        thaw: the state back. It raises `ValueError` for other bytes.
        ending: what messages end in; one that does not is given it before locators are counted.
        converse: of a wire whose connections expect answers: `converse(node)`, with our own id, gives who
            talks (`sapient.session.Fusion`). His `session()` begins a connection's conversation, which says
            which messages are accepted, and what to answer once they are durable.
    """

    name: str
    kinds: tuple[str, ...]
    whole: Callable[[bytes], int]
    begin: Callable[[], Any]
    read: Callable[[Sequence[Heard]], ReadResult]
    freeze: Callable[[Any], bytes]
    thaw: Callable[[bytes], Any]
    ending: bytes = b""
    converse: Callable[[str], Any] | None = None


WIRES: Final[Mapping[str, Wire]] = {
    wire.name: wire
    for wire in (
        Wire(
            "detection-csv",
            ("detection",),
            detection_lines.whole,
            detection_lines.Header,
            detection_lines.read,
            detection_lines.freeze,
            detection_lines.thaw,
            b"\n",
        ),
        Wire(
            "ais-nmea",
            ("detection",),
            detection_lines.whole,
            Later("sensors.ais.decode", "Stream"),
            Later("sensors.ais.wire", "read"),
            Later("sensors.ais.wire", "freeze"),
            Later("sensors.ais.wire", "thaw"),
            b"\n",
        ),
        Wire(
            "adsb-avr",
            ("detection",),
            detection_lines.whole,
            Later("sensors.adsb.stream", "Stream"),
            Later("sensors.adsb.wire", "read_avr"),
            Later("sensors.adsb.wire", "freeze"),
            Later("sensors.adsb.wire", "thaw"),
            b"\n",
        ),
        Wire(
            "adsb-beast",
            ("detection",),
            Later("sensors.adsb.beast", "whole"),
            Later("sensors.adsb.stream", "Stream"),
            Later("sensors.adsb.wire", "read_beast"),
            Later("sensors.adsb.wire", "freeze"),
            Later("sensors.adsb.wire", "thaw"),
        ),
        Wire(
            "adsb-sbs",
            ("detection",),
            detection_lines.whole,
            Later("sensors.adsb.stream", "Stream"),
            Later("sensors.adsb.wire", "read_sbs"),
            Later("sensors.adsb.wire", "freeze"),
            Later("sensors.adsb.wire", "thaw"),
            b"\n",
        ),
        Wire(
            asterix.NAME,
            asterix.FORMAT.kinds,
            asterix.whole,
            sensor_wires.radars,
            sensor_wires.read_asterix,
            sensor_wires.freeze_radars,
            sensor_wires.thaw_radars,
        ),
        Wire(
            klv.NAME,
            klv.FORMAT.kinds,
            klv.whole,
            sensor_wires.nothing,
            sensor_wires.read_klv,
            sensor_wires.freeze_nothing,
            sensor_wires.thaw_nothing,
        ),
        Wire(
            "sapient",
            ("detection", "coverage"),
            Later("sensors.sapient.stream", "whole"),
            Later("sensors.sapient.stream", "begin"),
            Later("sensors.sapient.stream", "read"),
            Later("sensors.sapient.stream", "freeze"),
            Later("sensors.sapient.stream", "thaw"),
            converse=Later("sensors.sapient.session", "Fusion"),
        ),
        Wire(
            "cot",
            ("detection",),
            Later("sensors.cot.stream", "whole"),
            Later("sensors.cot.stream", "nothing"),
            Later("sensors.cot.stream", "read"),
            Later("sensors.cot.stream", "freeze"),
            Later("sensors.cot.stream", "thaw"),
        ),
    )
}
"""Every wire, by the name that `decode` in `feeds.toml` gives it."""


def load() -> None:
    """Import the readers of every wire, before a process is forked that must have them at once."""
    for wire in WIRES.values():
        for one in (wire.whole, wire.begin, wire.read, wire.freeze, wire.thaw, wire.converse):
            if isinstance(one, Later):
                found(one)
