"""Wires: how messages are read while they come, a few at a time, from connections that stay open.

A format reads a file from its start to its end; a wire reads what is there. It is a fold: what it must
remember from message to message is a state of its own for each connection, which freezes to bytes. So a
delivery that was cut out of the middle of a stream reads as the stream did (`formats.capture`).

Messages of many connections are read in one call, because a table of fifty columns costs as much for one row
as for a thousand.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from watchfloor.formats import asterix, detection_lines, klv, sensor_wires
from watchfloor.formats.lazy_import import Later, found
from watchfloor.formats.stream_batch import Found, Heard


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
    read: Callable[[Sequence[Heard]], Found]
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
            Later("ais_decode", "Stream"),
            Later("ais_wire", "read"),
            Later("ais_wire", "freeze"),
            Later("ais_wire", "thaw"),
            b"\n",
        ),
        Wire(
            "adsb-avr",
            ("detection",),
            detection_lines.whole,
            Later("adsb_stream", "Stream"),
            Later("adsb_wire", "read_avr"),
            Later("adsb_wire", "freeze"),
            Later("adsb_wire", "thaw"),
            b"\n",
        ),
        Wire(
            "adsb-beast",
            ("detection",),
            Later("adsb_beast", "whole"),
            Later("adsb_stream", "Stream"),
            Later("adsb_wire", "read_beast"),
            Later("adsb_wire", "freeze"),
            Later("adsb_wire", "thaw"),
        ),
        Wire(
            "adsb-sbs",
            ("detection",),
            detection_lines.whole,
            Later("adsb_stream", "Stream"),
            Later("adsb_wire", "read_sbs"),
            Later("adsb_wire", "freeze"),
            Later("adsb_wire", "thaw"),
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
            Later("sapient.stream", "whole"),
            Later("sapient.stream", "begin"),
            Later("sapient.stream", "read"),
            Later("sapient.stream", "freeze"),
            Later("sapient.stream", "thaw"),
            converse=Later("sapient.session", "Fusion"),
        ),
        Wire(
            "cot",
            ("detection",),
            Later("cot.stream", "whole"),
            Later("cot.stream", "nothing"),
            Later("cot.stream", "read"),
            Later("cot.stream", "freeze"),
            Later("cot.stream", "thaw"),
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
