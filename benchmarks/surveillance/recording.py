"""What the rows of this benchmark share: detections in order of arrival, the truth, and tracks."""

from dataclasses import dataclass, field, replace

import numpy as np

from watchfloor.desks.surveillance import tracking_metrics
from watchfloor.desks.surveillance.tracking_metrics import Positions, Score

A, F = 6_378_137.0, 1 / 298.257223563
"""Semi-major axis in metres and flattening of WGS84."""
E2 = F * (2 - F)


@dataclass(frozen=True)
class Truth:
    """Where every object was, on a grid of times.

    Attributes:
        times: [S] seconds.
        place: [N, S, 2] metres east and north.
        alive: [N, S] whether the object was there.
    """

    times: np.ndarray
    place: np.ndarray
    alive: np.ndarray

    def at(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Numbers and places of the objects that were there at one step of the grid."""
        who = np.flatnonzero(self.alive[:, step])
        return who, self.place[who, step]

    @property
    def positions(self) -> Positions:
        """All of them, as the measures take them."""
        step, who = np.nonzero(self.alive.T)
        return Positions(step, who, self.place[who, step])


@dataclass(frozen=True)
class Recording:
    """Detections in order of arrival.

    Attributes:
        t: [n] seconds, the time of each detection.
        sensor: [n] number of the sensor.
        scan: [n] number of the scan, -1 where there is none.
        place: [n, 2] metres east and north; of a bearing the sensor's place; of polar ones NaN.
        cov: [n, 3] variance east, covariance, variance north, m²; of a bearing its variance in rad², 0, 0.
        who: [n] the object that it came of, -1 clutter or not known. No tracker is shown it.
        bearing: [n] radians clockwise from north, NaN where the detection is a position.
        polar: [n, 2] azimuth (radians clockwise from north) and range (m) from `sensors`; None: positions.
        sensors: [k, 2] places of the sensors of polar detections.
        polar_error: [k, 2] their standard deviations, radians and metres.
        own: [n, 2] metres east and north, the place of a sensor that moves; None: not known.
        lonlat: [n, 2] degrees, where the recording is geographic.
        clutter: false detections a scan, where that is known; the peers are told.
        side: metres, length of a side of the area, where that is known.
        truth: what is scored against; None where only identities are.
    """

    t: np.ndarray
    sensor: np.ndarray
    scan: np.ndarray
    place: np.ndarray
    cov: np.ndarray
    who: np.ndarray
    bearing: np.ndarray
    polar: np.ndarray | None = None
    sensors: np.ndarray | None = None
    polar_error: np.ndarray | None = None
    own: np.ndarray | None = None
    lonlat: np.ndarray | None = None
    clutter: float = np.nan
    side: float = np.nan
    truth: Truth | None = None

    def __len__(self) -> int:
        return len(self.t)

    def take(self, rows: np.ndarray) -> "Recording":
        """These rows in this order, and the truth as it was."""
        columns = ("t", "sensor", "scan", "place", "cov", "who", "bearing", "polar", "own", "lonlat")
        cut = {name: getattr(self, name)[rows] for name in columns if getattr(self, name) is not None}
        return replace(self, **cut)

    def in_time(self) -> "Recording":
        """In the order of the detections' own times, which is all that the peers can take."""
        return self.take(np.argsort(self.t, kind="stable"))


@dataclass(frozen=True)
class Tracks:
    """What a tracker put out, one row per track and update, in order.

    Attributes:
        t: [m] seconds.
        track: [m] number of the track.
        state: [m, 4] east, north (m), and their rates (m/s).
        ended: [m] whether the track is gone from this time on.
        report: [m] row of the recording that it took part in, -1 for none.
    """

    t: np.ndarray
    track: np.ndarray
    state: np.ndarray
    ended: np.ndarray
    report: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))

    def at(self, times: np.ndarray, hold: float = np.inf) -> Positions:
        """The tracks that are there at each time.

        A track is where its last row at or before that time and its velocity put it. It is there until a
        row says that it ended, or `hold` seconds after its last row. Nothing later than a time is used.
        """
        order = np.lexsort((np.arange(len(self.t)), self.t, self.track))
        t, track, state, ended = self.t[order], self.track[order], self.state[order], self.ended[order]
        edges = np.flatnonzero(np.diff(track)) + 1
        steps, names, places = [], [], []
        for a, b in zip([0, *edges], [*edges, len(t)], strict=True):
            row = a + np.searchsorted(t[a:b], times, side="right") - 1
            there = np.flatnonzero(row >= a)
            row = row[there]
            age = times[there] - t[row]
            keep = ~ended[row] & (age <= hold)
            there, row, age = there[keep], row[keep], age[keep]
            steps.append(there)
            names.append(track[row])
            places.append(state[row, :2] + age[:, None] * state[row, 2:])
        step = np.concatenate(steps)
        order = np.argsort(step, kind="stable")
        return Positions(step[order], np.concatenate(names)[order], np.concatenate(places)[order])


def score(
    truth: Truth, tracks: Tracks, cutoff: float, hold: float = np.inf, start: int = 0, within: float = np.inf
) -> Score:
    """Return how tracks compare with the truth: `hold` as of `Tracks.at`, the rest as of the package."""
    places = tracks.at(truth.times, hold)
    steps = len(truth.times)
    return tracking_metrics.score(steps, truth.positions, places, cutoff, start=start, within=within)


def from_polar(recording: Recording) -> tuple[np.ndarray, np.ndarray]:
    """Places and covariances of polar detections, by the first-order conversion.

    Bar-Shalom, Li and Kirubarajan, Estimation with Applications to Tracking and Navigation, 10.4.3. The
    bias that it leaves is below a centimetre at the errors of this benchmark.
    """
    azimuth, distance = recording.polar.T
    east, north = np.sin(azimuth), np.cos(azimuth)
    place = recording.sensors[recording.sensor] + distance[:, None] * np.column_stack((east, north))
    across, along = recording.polar_error[recording.sensor].T
    a, b = along**2, (distance * across) ** 2
    cov = np.column_stack((a * east**2 + b * north**2, (a - b) * east * north, a * north**2 + b * east**2))
    return place, cov


def ecef(lonlat: np.ndarray) -> np.ndarray:
    """[n, 3] metres from the Earth's centre of longitudes and latitudes in degrees, height 0 (WGS84)."""
    lon, lat = np.radians(lonlat).T
    normal = A / np.sqrt(1 - E2 * np.sin(lat) ** 2)
    equator = normal * np.cos(lat)
    return np.column_stack((equator * np.cos(lon), equator * np.sin(lon), normal * (1 - E2) * np.sin(lat)))


def axes(lonlat: np.ndarray) -> np.ndarray:
    """[2, 3] unit vectors east and north at one longitude and latitude in degrees."""
    lon, lat = np.radians(lonlat)
    return np.array(
        [
            [-np.sin(lon), np.cos(lon), 0.0],
            [-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)],
        ]
    )


def plane(places: np.ndarray, origin: np.ndarray) -> np.ndarray:
    """[n, 2] metres east and north of `origin` (degrees) in the plane that touches the ellipsoid there."""
    return (places - ecef(origin[None])) @ axes(origin).T
