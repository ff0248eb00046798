"""Formats whose files do not say all that is needed to read them: when they began, where who wrote them was.

A person says so, in `feeds.toml` or on the command line.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from watchfloor.formats.base import Format
from watchfloor.formats.lab.spectra import wire as spectra
from watchfloor.formats.lazy_import import Later
from watchfloor.formats.sensors import socket_wires as sensor_wires
from watchfloor.formats.sensors.asterix import file as asterix
from watchfloor.formats.sensors.detections import csv_file as detection_csv
from watchfloor.formats.sensors.detections import parquet_file as detection_parquet
from watchfloor.formats.sensors.detections.files import Notes
from watchfloor.formats.sensors.local_plane import Origin
from watchfloor.formats.sensors.radar_sites import Sites
from watchfloor.formats.statistics import cbp_drugs, cbp_encounters, usbp_monthly

Place = tuple[float, float]
"""Latitude and longitude, degrees."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a person says of files, or of who sends.

    Attributes:
        base_time: when they began; of reports that tell the time of day, on which day; of statistics, by when
            they were public.
        receiver: where the receiver was.
        origin: where the zero of their plane is.
        radars: where radars stand and how well they measure.
        samples: whose numbers its samples have, as type and system of a key: `parcel:lab-7`.
        instrument: which one took its spectra.
        method: a word of `formats.tabular.fields.METHODS`, by which they were taken.
    """

    base_time: datetime | None = None
    receiver: Place | None = None
    origin: Place | None = None
    radars: Sites = field(default_factory=dict)
    samples: str | None = None
    instrument: str | None = None
    method: str | None = None

    @property
    def notes(self) -> Notes:
        """As a table's own first lines say it."""
        return Notes(
            Origin(*self.origin) if self.origin else None,
            self.base_time.timestamp() if self.base_time else None,
        )


NOTHING: Final = Known()

_CARGO: Final = Later("cargo.cargo_imp.file", "based")
_AIS: Final = Later("sensors.ais.nmea", "based")
_AVR: Final = Later("sensors.adsb.avr", "based")
_BEAST: Final = Later("sensors.adsb.beast", "based")
_ADSB: Final = Later("sensors.adsb.stream", "Stream")
_TOLD: Final = Later("lab.spectra.reading", "Told")


def _spectra(name: str, known: Known) -> Format:
    return spectra.form(name, _TOLD(known.samples, known.instrument, known.method, known.base_time))


BEGUN: Final[Mapping[str, Callable[[Known], Format]]] = {
    "ais-nmea": lambda known: _AIS(known.base_time),
    "adsb-avr": lambda known: _AVR(known.base_time, known.receiver),
    "adsb-beast": lambda known: _BEAST(known.base_time, known.receiver),
    "cargo-imp": lambda known: _CARGO(known.base_time),
    asterix.FORMAT.name: lambda known: asterix.of_radars(
        known.radars, known.base_time.astimezone(UTC).date() if known.base_time else None
    ),
    cbp_drugs.NAME: lambda known: cbp_drugs.dated(known.base_time),
    cbp_encounters.NAME: lambda known: cbp_encounters.dated(known.base_time),
    usbp_monthly.NAME: lambda known: usbp_monthly.dated(known.base_time),
    detection_csv.FORMAT.name: lambda known: detection_csv.placed(known.notes),
    detection_parquet.FORMAT.name: lambda known: detection_parquet.placed(known.notes),
    **{name: partial(_spectra, name) for name in spectra.READERS},
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
