"""Paths: where a thing went, by turning points with their times, straight on between them."""

from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.exercise.acts import Fix
from watchfloor.exercise.cast import DAY
from watchfloor.exercise.surveillance.geometry import beyond, towards

Floats = npt.NDArray[np.float64]
Place = tuple[float, float]


class Where(NamedTuple):
    """Places and motion at some moments: degrees, metres, metres a second, degrees."""

    latitude: Floats
    longitude: Floats
    height: Floats
    speed: Floats
    course: Floats
    climb: Floats


class Way:
    """A path that is laid step by step."""

    def __init__(self, start: Place, seconds: float, height: float = 0.0) -> None:
        """Begin at latitude and longitude, so many seconds after the exercise's day began."""
        self.fixes = [Fix(seconds, *start, height)]

    @property
    def now(self) -> float:
        """Seconds at its end so far."""
        return self.fixes[-1].seconds

    @property
    def here(self) -> Place:
        """Its end so far."""
        return self.fixes[-1].latitude, self.fixes[-1].longitude

    def to(self, place: Place, speed: float, height: float | None = None) -> "Way":
        """Straight to a place, in pieces of 2 km at most, so that straight in degrees is straight."""
        bearing, metres = towards(self.here, place)
        return self._gone(bearing, metres, speed, height, place)

    def on(self, bearing: float, metres: float, speed: float, height: float | None = None) -> "Way":
        """So far in a direction."""
        return self._gone(bearing, metres, speed, height, beyond(*self.here, bearing, metres))

    def stay(self, seconds: float) -> "Way":
        """Stand still."""
        last = self.fixes[-1]
        self.fixes.append(last._replace(seconds=last.seconds + seconds))
        return self

    def _gone(self, bearing: float, metres: float, speed: float, height: float | None, end: Place) -> "Way":
        start, pieces = self.fixes[-1], max(1, int(metres // 2_000))
        up = start.height if height is None else height
        for number in range(1, pieces + 1):
            share = number / pieces
            place = end if number == pieces else beyond(*start[1:3], bearing, metres * share)
            at = start.seconds + metres * share / speed
            self.fixes.append(Fix(at, *place, start.height + share * (up - start.height)))
        return self

    def arriving(self, at: float) -> "Way":
        """The same at another time of day, so that its end so far is reached then."""
        late = at - self.now
        self.fixes = [one._replace(seconds=one.seconds + late) for one in self.fixes]
        return self

    def path(self) -> tuple[Fix, ...]:
        """Return the path that was laid."""
        return tuple(self.fixes)


def moment(seconds: float) -> datetime:
    """The moment so many seconds after the day began."""
    return DAY + timedelta(seconds=seconds)


def seconds(at: datetime) -> float:
    """Seconds since the day began."""
    return (at - DAY).total_seconds()


def where(path: tuple[Fix, ...], at: Floats) -> Where:
    """Where a path is at moments (seconds), and how it moves there; at its ends it stands."""
    columns = np.array(path, np.float64)
    times = columns[:, 0]
    latitude, longitude, height = (np.interp(at, times, columns[:, n]) for n in (1, 2, 3))
    lasts = np.diff(times)
    north = np.radians(np.diff(columns[:, 1])) * 6_367_450.0
    east = np.radians(np.diff(columns[:, 2])) * 6_378_137.0 * np.cos(np.radians(columns[:-1, 1]))
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = np.where(lasts > 0, np.stack([east, north, np.diff(columns[:, 3])]) / lasts, 0.0)
    piece = np.clip(np.searchsorted(times, at, side="right") - 1, 0, len(lasts) - 1)
    east, north, climb = rates[:, piece]
    going = (at >= times[0]) & (at <= times[-1])
    speed = np.where(going, np.hypot(east, north), 0.0)
    return Where(latitude, longitude, height, speed, np.degrees(np.arctan2(east, north)) % 360, climb)
