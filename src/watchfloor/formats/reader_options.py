"""Formats whose files do not say all that is needed to read them: when they began, where who wrote them was.

A person says so, in `feeds.toml` or on the command line.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from watchfloor.formats.base import Batch, Fault, Format
from watchfloor.formats.lab.spectra import wire as spectra
from watchfloor.formats.lazy_import import Later
from watchfloor.formats.sensors import socket_wires as sensor_wires
from watchfloor.formats.sensors.asterix import file as asterix
from watchfloor.formats.sensors.detections import csv_file as detection_csv
from watchfloor.formats.sensors.detections import parquet_file as detection_parquet
from watchfloor.formats.sensors.detections.files import Notes
from watchfloor.formats.sensors.local_plane import Origin
from watchfloor.formats.sensors.radar_sites import Sites
from watchfloor.formats.sensors.video.camera import Camera
from watchfloor.formats.statistics import cbp_drugs, cbp_encounters, usbp_monthly

Options = dict[str, Any]
Place = tuple[float, float]
"""Latitude and longitude, degrees."""


@dataclass(frozen=True, slots=True)
class FileStatement:
    """A person's statement on files, or on who sends them.

    Attributes:
        base_time: when they began; of reports that tell the time of day, on which day; of statistics, by when
            they were public.
        receiver: where the receiver was.
        origin: where the zero of their plane is.
        radars: where radars stand and how well they measure.
        camera: where one stands that took them, and looks.
        samples: whose numbers its samples have, as type and system of a key: `parcel:lab-7`.
        instrument: which one took its spectra.
        method: a word of `formats.tabular.fields.METHODS`, by which they were taken.
    """

    base_time: datetime | None = None
    receiver: Place | None = None
    origin: Place | None = None
    radars: Sites = field(default_factory=dict)
    camera: Camera | None = None
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


NOTHING: Final = FileStatement()

_ADSB: Final = Later("sensors.adsb.stream", "Stream")
_TOLD: Final = Later("lab.spectra.reading", "SpectraStatement")


def _times(known: FileStatement) -> Options:
    return {"base_time": known.base_time}


def _receivers(known: FileStatement) -> Options:
    return {"base_time": known.base_time, "receiver": known.receiver}


def _radars(known: FileStatement) -> Options:
    day = known.base_time.astimezone(UTC).date() if known.base_time else None
    return {"sites": known.radars, "day": day}


def _cameras(known: FileStatement) -> Options:
    return {"camera": known.camera, "base_time": known.base_time}


def _spectra(known: FileStatement) -> Options:
    return {"told": _TOLD(known.samples, known.instrument, known.method, known.base_time)}


OPTIONS: Final[Mapping[str, Callable[[FileStatement], Options]]] = {
    **dict.fromkeys(
        ("ais-nmea", "cargo-imp", "mrz", cbp_drugs.NAME, cbp_encounters.NAME, usbp_monthly.NAME), _times
    ),
    **dict.fromkeys(("geojson", "kml", "gpx", "gpkg", "geoparquet"), _times),
    **dict.fromkeys(("adsb-avr", "adsb-beast"), _receivers),
    asterix.NAME: _radars,
    "video": _cameras,
    **dict.fromkeys((detection_csv.NAME, detection_parquet.NAME), lambda known: {"stated": known.notes}),
    **dict.fromkeys(spectra.READERS, _spectra),
}
"""By name of a format, the arguments of its `read` that a person states."""

STATES: Final[Mapping[str, Callable[[FileStatement], Any]]] = {
    asterix.NAME: lambda known: sensor_wires.Radars(known=known.radars),
    **dict.fromkeys(("adsb-avr", "adsb-beast"), lambda known: _ADSB(receiver=known.receiver)),
}
"""By name of a wire, what a new connection begins with where a person has said something."""


def begun(form: Format, known: FileStatement) -> Format:
    """The format with what is said of its files; another is as it was."""
    options = OPTIONS.get(form.name) if known != NOTHING else None
    read: Callable[..., Iterator[Batch | Fault]] = form.read
    return replace(form, read=partial(read, **options(known))) if options else form
