"""The Autoferry recordings: a ferry's radar, lidar, infrared and daylight cameras, two boats with GNSS.

Helgesen and others, Heterogeneous multi-sensor tracking for an autonomous surface vehicle in a littoral
environment, Ocean Engineering 252 (2022); the data are CC0. Positions come relative to the moving ferry and
north up; the ferry's own place is added, so that all is in the fixed frame of the pier. Bearings are
clockwise from north, zero at north, seen from the ferry: measured less true bearing has its highest peaks
near zero with that sign in all four scenarios, and none with the other.

Both boats carry GNSS antennas; the one is 31 m long, so a few metres between its middle and what radar or
lidar find of it are no error of the tracker. The long one also throws echoes: in environment 1 (scenarios 2
to 6) 29 to 68 % of the radar plots beyond it lie within 8 degrees of its bearing, where 2 to 7 % do if its
bearings are shifted in time, and what a tracker makes of them keeps its bearing within 1 to 3 degrees for a
minute while it swings. They are no other craft. Some pass and moored ones lie about without a truth, though.
So tracks are scored twice: plainly, when every track that is on neither boat is false, and `NEAR` the boats,
when a track farther from both than that is not judged.
"""

import json
from functools import lru_cache
from pathlib import Path

import numpy as np

from benchmarks.surveillance.recording import Recording, Truth

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "surveillance" / "autoferry"

TUNED_ON = (2, 13)
"""Scenarios that may be looked at while the tracker is made."""

REPORTED = (3, 4)
"""Scenarios that figures are reported on."""

LIDAR, RADAR, INFRARED, CAMERA = 1, 2, 3, 4
"""Numbers of the sensors in the files, and here."""

CUTOFF = 20.0
"""Metres."""

NEAR = 100.0
"""Metres from both boats beyond which nobody knows whether a track is false."""

STEP = 0.5
"""Seconds between the times that are scored."""

ERROR = {LIDAR: 3.0, RADAR: 5.0, INFRARED: 0.05, CAMERA: 0.03}
"""Standard deviation, metres or radians, read off scenarios 2 and 13 against their truth."""

OLD = 2.0
"""Seconds without a GNSS fix after which a boat's place is not known."""


def there(scenario: int) -> bool:
    """Whether the data are at hand."""
    return _file(scenario, "detections").exists()


def _file(scenario: int, what: str) -> Path:
    return DATA / f"scenario{scenario}" / f"scenario{scenario}_{what}.json"


def points(measured: object) -> np.ndarray:
    """[n, 2] north and east of one look of radar or lidar: two lists, two numbers, or nothing."""
    return np.asarray(measured, float).reshape(2, -1).T if np.size(measured) else np.zeros((0, 2))


def bearings(measured: object) -> np.ndarray:
    """[n] radians of one look of a camera: a list, a number, or nothing."""
    return np.atleast_1d(np.asarray(measured, float)).ravel()


@lru_cache
def load(
    scenario: int, sensors: tuple[int, ...] = (LIDAR, RADAR, INFRARED, CAMERA), empty: bool = True
) -> Recording:
    """One scenario: detections of these sensors in the order of the file, seconds from its first time.

    A look that found nothing is a row without place and bearing, unless not even those that are `empty`
    count.
    """
    looks = json.loads(_file(scenario, "detections").read_bytes())
    zero = min(look["time"] for look in looks)
    columns = {name: [] for name in ("t", "sensor", "scan", "place", "own", "cov", "bearing")}
    for scan, look in enumerate(looks):
        sensor, own = look["sensorID"], np.array(look["ownshipPosition"], float)
        if sensor not in sensors or not (empty or np.size(look["measurement"])):
            continue
        seen = _seen(sensor, own, look["measurement"])
        count = len(seen["bearing"])
        columns["t"].append(np.full(count, look["time"] - zero))
        columns["sensor"].append(np.full(count, sensor, np.int32))
        columns["scan"].append(np.full(count, scan))
        columns["own"].append(np.tile(own[::-1], (count, 1)))
        for name, values in seen.items():
            columns[name].append(values)
    joined = {name: np.concatenate(parts) for name, parts in columns.items()}
    who = np.full(len(joined["t"]), -1)
    return Recording(who=who, truth=truth(scenario, zero), **joined)


def _seen(sensor: int, own: np.ndarray, measured: object) -> dict[str, np.ndarray]:
    """Places in metres east and north of the pier, or bearings from the ferry's place, with variances."""
    variance = ERROR[sensor] ** 2
    if not np.size(measured):
        place, bearing, cov = np.full((1, 2), np.nan), np.full(1, np.nan), (np.nan,) * 3
    elif sensor in (LIDAR, RADAR):
        place = (points(measured) + own)[:, ::-1]
        bearing, cov = np.full(len(place), np.nan), (variance, 0.0, variance)
    else:
        bearing = bearings(measured)
        place, cov = np.tile(own[::-1], (len(bearing), 1)), (variance, 0.0, 0.0)
    return {"place": place, "cov": np.tile(cov, (len(place), 1)), "bearing": bearing}


def truth(scenario: int, zero: float) -> Truth:
    """Both boats every `STEP` seconds, their fixes interpolated."""
    fixes: dict[int, list[tuple[float, float, float]]] = {}
    for boats in json.loads(_file(scenario, "groundTruth").read_bytes()):
        for boat in boats:
            north, east, _ = boat["position"]
            fixes.setdefault(boat["targetID"], []).append((boat["time"] - zero, east, north))
    boats = [np.unique(np.array(fixes[key]), axis=0) for key in sorted(fixes)]
    times = np.arange(0.0, max(boat[-1, 0] for boat in boats), STEP)
    place = np.stack([np.column_stack([np.interp(times, b[:, 0], b[:, i]) for i in (1, 2)]) for b in boats])
    alive = np.stack([np.abs(times[:, None] - boat[:, 0]).min(1) <= OLD for boat in boats])
    return Truth(times, place, alive)
