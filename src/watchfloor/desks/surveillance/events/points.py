"""Points of tracks as columns, in the order of the fold: what every rule of this package reads."""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

CLASSES: Final = ("person", "group", "vehicle", "boat", "aircraft", "drone", "animal", "unknown")
"""Classes of a detection; the code of a class is its place here."""
PERSON, GROUP, VEHICLE, BOAT, AIRCRAFT, DRONE, ANIMAL, UNKNOWN = range(8)


class Points(NamedTuple):
    """One row a track and report, in the order of the fold; all columns have one length *n*.

    Attributes:
        t: time of the point, seconds since 1970.
        track: number of the track.
        latitude, longitude: WGS84, degrees, east positive.
        velocity: to the east and to the north, m/s [n, 2].
        cov: of the place: variance to the east, covariance, variance to the north, m² [n, 3].
        vcov: of the velocity, in the same order, (m/s)² [n, 3]; NaN where unknown.
        exists: probability that there is an object, 0 to 1.
        klass: code of the class, see `CLASSES`.
        claimed: number of the identity that the object claims, -1 for none.
        self_reported: whether this report is the object's own (AIS, ADS-B).
        confirmed: whether the track is confirmed.
        ended: whether this is the track's last point.
        stationary: whether it was seen standing still for long.
        height: metres above the ground; NaN where unknown.
        clock: the tracker's clock when it came to it; it falls where a sensor had moved it wrongly.
    """

    t: Floats
    track: npt.NDArray[np.int64]
    latitude: Floats
    longitude: Floats
    velocity: Floats
    cov: Floats
    vcov: Floats
    exists: Floats
    klass: npt.NDArray[np.int8]
    claimed: npt.NDArray[np.int32]
    self_reported: Flags
    confirmed: Flags
    ended: Flags
    stationary: Flags
    height: Floats
    clock: Floats


_TYPES: Final = {
    "track": np.int64,
    "klass": np.int8,
    "claimed": np.int32,
    "self_reported": np.bool_,
    "confirmed": np.bool_,
    "ended": np.bool_,
    "stationary": np.bool_,
}
_WIDTH: Final = {"velocity": 2, "cov": 3, "vcov": 3}
_PLAIN: Final = {
    "vcov": np.nan,
    "exists": 1.0,
    "klass": UNKNOWN,
    "claimed": -1,
    "self_reported": False,
    "confirmed": True,
    "ended": False,
    "stationary": False,
    "height": np.nan,
    "clock": np.inf,
}


def points(**columns: Any) -> Points:
    """Points from columns; those left out become what `_PLAIN` says (a confirmed track of unknown class).

    Raises:
        ValueError: a column has another length or width than the others want.
    """
    count = len(columns["t"])
    return Points(*(_column(name, columns.get(name, _PLAIN.get(name)), count) for name in Points._fields))


def _column(name: str, values: Any, count: int) -> npt.NDArray[Any]:
    shape = (count, _WIDTH[name]) if name in _WIDTH else (count,)
    kind = _TYPES.get(name, np.float64)
    one: npt.NDArray[Any] = np.asarray(values, kind)
    # Arrow's columns are read-only, another type to a kernel: all rules would be compiled a second time.
    found: npt.NDArray[Any] = np.require(
        np.broadcast_to(one, shape) if one.ndim == 0 else one, None, ("C", "W")
    )
    if found.shape != shape:
        raise ValueError(f"column {name} has the shape {found.shape}, but {count} points want {shape}")
    return found


def of_rows(points: Points, rows: npt.NDArray[np.int64]) -> Points:
    """Some of the points, by their numbers."""
    return Points(*(each[rows] for each in points))  # type: ignore[arg-type]
