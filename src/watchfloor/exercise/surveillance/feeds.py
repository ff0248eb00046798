"""The deliveries of sensors: each feed's table in `feeds.toml`, and its file."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from watchfloor.core.kinds import COVERAGE, DETECTION, WEATHER, Kind
from watchfloor.exercise.surveillance.day import Day
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


def write(folder: Path, day: Day) -> dict[str, int]:
    """One file a feed; gives how many rows each has."""
    for name, wire in WIRES.items():
        with (folder / wire.file).open("wb") as stream:
            wire.write([Batch(wire.kind, day.feeds[name].rows)], stream)
    return {name: day.feeds[name].rows.num_rows for name in WIRES}
