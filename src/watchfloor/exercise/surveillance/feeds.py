"""The deliveries of sensors: each feed's table in `feeds.toml`, and its file."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.kinds import COVERAGE, DETECTION, WEATHER, Kind
from watchfloor.exercise.surveillance.day import Day, Feed
from watchfloor.formats.base import Batch
from watchfloor.formats.sensors.ais import write as ais_write
from watchfloor.formats.sensors.detections import csv_file as detection_csv
from watchfloor.formats.tabular.own_csv import TABLES

SETTINGS: Final = """\
[feeds.{name}]
paths = ["{file}"]
format = "{form}"
marking = "PB//TLP:AMBER"
"""


Objects = npt.NDArray[np.int64]


class Wire(NamedTuple):
    """How a feed of sensors is delivered: its file, its format, its kind, and what writes it."""

    file: str
    form: str
    kind: Kind
    write: Callable[[Iterable[Batch], BinaryIO], None]


WIRES: Final = {
    "towers": Wire("towers.csv", "detection-csv", DETECTION, detection_csv.write),
    "ground": Wire("ground.csv", "detection-csv", DETECTION, detection_csv.write),
    "patrols": Wire("patrols.csv", "detection-csv", DETECTION, detection_csv.write),
    "adsb": Wire("adsb.csv", "detection-csv", DETECTION, detection_csv.write),
    "ais": Wire("ais.nmea", "ais-nmea", DETECTION, ais_write.write),
    "coverage": Wire("coverage.csv", "coverage-csv", COVERAGE, TABLES["coverage"].write),
    "weather": Wire("weather.csv", "weather-csv", WEATHER, TABLES["weather"].write),
}
"""Towers, ground sensors, what moves, aircraft's and vessels' own reports, and what tells of the sensors."""


def settings() -> str:
    """Every feed's table in `feeds.toml`."""
    return "\n".join(
        SETTINGS.format(name=name, file=wire.file, form=wire.form) for name, wire in WIRES.items()
    )


def write(folder: Path, day: Day) -> dict[str, Objects]:
    """Write one file a feed; gives the object of each row of it, as `Feed.objects` does."""
    return {name: _written(folder / wire.file, wire, day.pieces(name)) for name, wire in WIRES.items()}


def _written(path: Path, wire: Wire, pieces: Iterable[Feed]) -> Objects:
    objects: list[Objects] = []

    def batches() -> Iterator[Batch]:
        for piece in pieces:
            objects.append(piece.objects)
            yield Batch(wire.kind, piece.rows)

    with path.open("wb") as stream:
        wire.write(batches(), stream)
    return np.concatenate(objects)
