"""Recordings of AIS with the identities hidden: PyPI's `tracktable-data`, from marinecadastre.gov.

The files are trajectories of points: MMSI, time, longitude, latitude. Here a recording is a day (or an hour)
of reports in the order of their times, and a tracker is shown time and place alone. Who is one MMSI; where
that is silent for an hour nobody can know that it is the same vessel, so no tracker reaches 1. `bound` says
what one reaches that gives every report to its vessel and a new track after each silence longer than that.
"""

import csv
from functools import lru_cache
from importlib.metadata import files, version
from pathlib import Path

import numpy as np

from benchmarks.surveillance.recording import Recording, ecef, plane
from watchfloor.desks.surveillance.tracking_metrics import reports_f1

DAY = 86_400.0
ERROR = 10.0
"""Metres: what AIS promises of a position with its accuracy flag set (ITU-R M.1371)."""

PACIFIC = -100.0
"""Degrees of longitude: US coastal vessels west of it are tuned on, the others reported."""

LAKES = (-93.0, 41.0, -74.0, 50.0)
"""Degrees, west, south, east, north: the Great Lakes and the St Lawrence."""


SUBSET = "Great Lakes 2020-06-30"
"""What the peer can finish."""

TUNED_ON = ("New York 2020-12-01 to 07", "New York 2020-06-30", "Virginia Beach", "the Pacific")
"""What `development` holds."""


def source() -> str:
    return f"tracktable-data {version('tracktable-data')}"


def _path(name: str) -> Path:
    found = next(one for one in files("tracktable-data") or () if one.name == name and "example" in str(one))
    return Path(str(found.locate()))


def _trajectories(name: str) -> np.ndarray:
    """[n, 4] MMSI, seconds of Unix time, longitude, latitude of a `.traj` file.

    A line holds a trajectory: its own properties, `*P*`, the domain, the number of coordinates and properties
    of a point, names of the properties, and then for each point id, time, coordinates, properties.
    """
    rows = []
    with _path(name).open(encoding="utf-8", newline="") as lines:
        for line in csv.reader(lines):
            start = line.index("*P*")
            extra = int(line[start + 5])
            points = line[start + 6 + 2 * extra :]
            width = 4 + extra
            rows += [points[at : at + 4] for at in range(0, len(points), width)]
    return _numbers(rows)


def _table(name: str) -> np.ndarray:
    """[n, 4] as of `_trajectories`, of the CSV file as marinecadastre.gov delivers it."""
    with _path(name).open(encoding="utf-8", newline="") as lines:
        return _numbers(
            [[row[k] for k in ("MMSI", "BaseDateTime", "LON", "LAT")] for row in csv.DictReader(lines)]
        )


def _numbers(rows: list[list[str]]) -> np.ndarray:
    text = np.array(rows)
    t = text[:, 1].astype("datetime64[s]").astype(float)
    return np.column_stack((text[:, 0].astype(float), t, text[:, 2].astype(float), text[:, 3].astype(float)))


def recording(rows: np.ndarray) -> Recording:
    """Reports in the order of their times; the plane of `place` touches the ellipsoid in their midst."""
    rows = rows[np.lexsort((rows[:, 0], rows[:, 1]))]
    _, who = np.unique(rows[:, 0], return_inverse=True)
    count, lonlat = len(rows), np.ascontiguousarray(rows[:, 2:])
    return Recording(
        t=rows[:, 1] - rows[0, 1],
        sensor=np.zeros(count, np.int32),
        scan=np.full(count, -1),
        place=plane(ecef(lonlat), np.median(lonlat, axis=0)),
        cov=np.tile((ERROR**2, 0.0, ERROR**2), (count, 1)),
        who=who,
        bearing=np.full(count, np.nan),
        lonlat=lonlat,
    )


def days(name: str) -> list[np.ndarray]:
    """The rows of a file, day by day (UTC)."""
    rows = _trajectories(name)
    day = rows[:, 1] // DAY
    return [rows[day == one] for one in np.unique(day)]


def _west(rows: np.ndarray) -> np.ndarray:
    """Whether the vessel of each row spends its day on the Pacific, by the median of its longitudes."""
    vessels, who = np.unique(rows[:, 0], return_inverse=True)
    middle = np.array([np.median(rows[who == one, 2]) for one in range(len(vessels))])
    return (middle < PACIFIC)[who]


def inside(rows: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    west, south, east, north = box
    lon, lat = rows[:, 2], rows[:, 3]
    return (lon > west) & (lon < east) & (lat > south) & (lat < north)


@lru_cache
def development() -> dict[str, Recording]:
    """To tune on: New York harbour in a week of December and an hour of June, Virginia Beach, the Pacific."""
    coast = _trajectories("US_coastal_2020_06_30.traj")
    found = {"Pacific 2020-06-30": coast[_west(coast)]}
    for number, rows in enumerate(days("NYHarbor_2020_12_first_week.traj"), 1):
        found[f"New York 2020-12-{number:02}"] = rows
    for number, rows in enumerate(days("VirginiaBeach_2020_06_04_to_06_filtered.traj"), 4):
        found[f"Virginia Beach 2020-06-{number:02}"] = rows
    found["New York 2020-06-30, an hour"] = _table("NYHarbor_2020_06_30_first_hour.csv")
    return {name: recording(rows) for name, rows in found.items()}


@lru_cache
def reported() -> dict[str, Recording]:
    """To report on: the other coasts of the US, their Great Lakes part alone, New York on another day."""
    coast = _trajectories("US_coastal_2020_06_30.traj")
    east = coast[~_west(coast)]
    lakes = east[inside(east, LAKES)]
    found = {
        "Atlantic, Gulf, Lakes 2020-06-30": east,
        SUBSET: lakes,
        "New York 2020-12-08": _trajectories("NYHarbor_2020_12_08.traj"),
    }
    return {name: recording(rows) for name, rows in found.items()}


def bound(one: Recording, silence: float) -> float:
    """IDF1 of perfect tracks that end when their vessel is silent for longer than so many seconds."""
    order = np.lexsort((one.t, one.who))
    who, t = one.who[order], one.t[order]
    new = (who[1:] != who[:-1]) | (np.diff(t) > silence)
    track = np.empty(len(who), int)
    track[order] = np.r_[0, np.cumsum(new)]
    return reports_f1(one.who, track)
