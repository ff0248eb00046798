"""Formats whose files do not say all that is needed to read them: when they began, where who wrote them was.

A person says so, in `feeds.toml` or on the command line.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from watchfloor.formats import asterix, detection_csv, detection_parquet, sensor_wires
from watchfloor.formats.base import Format
from watchfloor.formats.detection_files import Notes
from watchfloor.formats.later import Later
from watchfloor.formats.local_plane import Origin
from watchfloor.formats.radar_sites import Sites

Place = tuple[float, float]
"""Latitude and longitude, degrees."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a person says of files, or of who sends.

    Attributes:
        base_time: when they began; of reports that tell the time of day, on which day.
        receiver: where the receiver was.
        origin: where the zero of their plane is.
        radars: where radars stand and how well they measure.
    """

    base_time: datetime | None = None
    receiver: Place | None = None
    origin: Place | None = None
    radars: Sites = field(default_factory=dict)

    @property
    def notes(self) -> Notes:
        """As a table's own first lines say it."""
        return Notes(
            Origin(*self.origin) if self.origin else None,
            self.base_time.timestamp() if self.base_time else None,
        )


NOTHING: Final = Known()

_AIS: Final = Later("ais_nmea", "based")
_AVR: Final = Later("adsb_avr", "based")
_BEAST: Final = Later("adsb_beast", "based")
_ADSB: Final = Later("adsb_stream", "Stream")

BEGUN: Final[Mapping[str, Callable[[Known], Format]]] = {
    "ais-nmea": lambda known: _AIS(known.base_time),
    "adsb-avr": lambda known: _AVR(known.base_time, known.receiver),
    "adsb-beast": lambda known: _BEAST(known.base_time, known.receiver),
    asterix.FORMAT.name: lambda known: asterix.of_radars(
        known.radars, known.base_time.astimezone(UTC).date() if known.base_time else None
    ),
    detection_csv.FORMAT.name: lambda known: detection_csv.placed(known.notes),
    detection_parquet.FORMAT.name: lambda known: detection_parquet.placed(known.notes),
}
"""By name, the format for files of which a person has said something."""

STATES: Final[Mapping[str, Callable[[Known], Any]]] = {
    asterix.NAME: lambda known: sensor_wires.Radars(known=known.radars),
    **dict.fromkeys(("adsb-avr", "adsb-beast"), lambda known: _ADSB(receiver=known.receiver)),
}
"""By name of a wire, what a new connection begins with where a person has said something."""


def begun(form: Format, known: Known) -> Format:
    """The format with what is said of its files; another is as it was."""
    made = BEGUN.get(form.name) if known != NOTHING else None
    return made(known) if made else form
