"""A few messages of each receiver's wire: reading them compiles the kernels before the first that matters."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Final

from watchfloor.formats.sensors.adsb import avr as adsb_avr
from watchfloor.formats.sensors.adsb import beast as adsb_beast
from watchfloor.formats.sensors.adsb import encode as adsb_encode
from watchfloor.formats.sensors.adsb import sbs as adsb_sbs
from watchfloor.formats.sensors.ais import nmea as ais_nmea
from watchfloor.formats.sensors.ais.encode import lines, payload

_BEGUN: Final = datetime(2026, 7, 14, tzinfo=UTC)
_STAMP: Final = round(_BEGUN.timestamp())
_SBS: Final = "MSG,3,1,1,C0FFEE,1,2026/07/14,09:30:00.000,2026/07/14,09:30:00.000,,1000,,,44,-76,,,0,0,0,0\n"


def compile_ais() -> None:
    """Read a position, a static message in two sentences, a base station and a line that is none."""
    dated = {"year": 2026, "month": 7, "day": 14, "hour": 0, "minute": 0, "second": 0}
    told = [line for place in (1, 5) for line in lines(*payload(place, {"mmsi": 316001234}), None)]
    told += lines(*payload(4, {"mmsi": 316001234, **dated}), None)
    timed = lines(*payload(1, {"mmsi": 316001234}), _STAMP * 1_000_000, "sample")
    text = "\n".join([*told, *timed, f"{_STAMP} {told[0]}", "no sentence"])
    list(ais_nmea.read(BytesIO(text.encode()), "sample", base_time=_BEGUN))


def compile_adsb() -> None:
    """Read two positions in the air and on the ground and a velocity, as lines, as frames and as text."""
    bodies = [adsb_encode.airborne(44, -76, 1_000, odd=odd) for odd in (False, True)]
    bodies += [adsb_encode.surface(44, -76, odd=odd) for odd in (False, True)]
    told = [adsb_encode.message(1, body) for body in (*bodies, adsb_encode.velocity(100, 90, 0))]
    avr = "".join(adsb_encode.avr(one, str(_STAMP)) + "\n" for one in told).encode()
    list(adsb_avr.read(BytesIO(avr), "sample"))
    list(adsb_beast.read(BytesIO(b"".join(map(adsb_encode.beast, told))), "sample", base_time=_BEGUN))
    list(adsb_sbs.read(BytesIO(_SBS.encode()), "sample"))


KERNELS: Final[tuple[Callable[[], None], ...]] = (compile_ais, compile_adsb)
"""Parts that compile at the same time."""
