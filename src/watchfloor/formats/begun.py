"""Formats whose files do not say when they began, or where their receiver was: a person says so."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from watchfloor.formats import adsb_avr, adsb_beast, ais_nmea
from watchfloor.formats.base import Format

Place = tuple[float, float]
"""Latitude and longitude, degrees."""

BEGUN: Final[Mapping[str, Callable[[datetime | None, Place | None], Format]]] = {
    ais_nmea.FORMAT.name: lambda base_time, _: ais_nmea.based(base_time),
    adsb_avr.FORMAT.name: adsb_avr.based,
    adsb_beast.FORMAT.name: adsb_beast.based,
}
"""By name, the format for files that began then, of a receiver that stood there."""


def begun(form: Format, base_time: datetime | None, receiver: Place | None) -> Format:
    """The format with what is said of its files; another is as it was."""
    made = BEGUN.get(form.name) if base_time or receiver else None
    return made(base_time, receiver) if made else form
