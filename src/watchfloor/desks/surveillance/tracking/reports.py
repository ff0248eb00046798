"""Input and output of the tracker: columns, and the codes of refusals."""

from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np

POSITION: Final = 0
"""A report that says where the object was."""
BEARING: Final = 1
"""A report that says in which direction from the sensor it was."""
NOTHING: Final = 2
"""A look that saw nothing: only time, sensor and scan are read."""

KLASSES: Final = ("person", "group", "vehicle", "boat", "aircraft", "drone", "animal")
"""What an object can be; its place is the code in `klass`, -1 for not known."""

REASONS: Final = (
    "taken",
    "its time is not a number",
    "its place is not a place",
    "its error is not a variance",
    "its bearing is not a number",
    "its kind of measurement is not known",
    "it is the same as one before",
    "it is too late",
    "it is from the future",
    "its sensor says too much at once",
    "its motion is not a motion",
    "the clock of its sensor has moved",
    "its sensor says the same places again and again",
    "its sensor says everything more than once",
)
"""What the codes in `Updates.reasons` mean, by number."""

TAKEN, BAD_TIME, BAD_PLACE, BAD_ERROR, BAD_BEARING, BAD_MEASURE = range(6)
DUPLICATE, TOO_LATE, FUTURE, FLOOD, BAD_MOTION, SHIFTED, FROZEN, REPEATING = range(6, 14)


FEED: Final = np.dtype(
    [
        *(("t", "f8"), ("sensor", "i4"), ("measure", "i2"), ("klass", "i2"), ("scan", "i8")),
        *(("place", "f8", (3,)), ("cov", "f8", (3,)), ("bearing", "f8"), ("rate", "f8"), ("rate_var", "f8")),
        *(("velocity", "f8", (2,)), ("velocity_var", "f8"), ("altitude", "f8"), ("confidence", "f8")),
        *(("claimed", "i8"), ("number", "i8"), ("clock", "f8"), ("sensor_place", "f8", (3,))),
    ],
    align=True,
)
"""A report as the kernels take it, see `Reports`. `sensor` is its place in the tracker's list, `number`
counts over the tracker's life, `clock` is the tracker's clock after it."""


@dataclass(frozen=True, slots=True)
class Reports:
    """One batch of reports, one row each, in order of arrival. Columns left out are not known.

    Attributes:
        t: [n] seconds since any epoch, when the object was there.
        sensor: [n] number of the sensor, any integers.
        place: [n, 3] metres: from the Earth's centre (WGS84; see `places.ecef`), or (x, y, 0) of a plane
            with x east and y north. Of a bearing, the sensor's place.
        scan: [n] number of the sweep it belongs to; -1 for none.
        measure: [n] POSITION, BEARING or NOTHING.
        cov: [n, 3] variance east, covariance, variance north of the place, m², in the axes east and north
            at the place; NaN: not stated, learned. Of a bearing its variance, rad², in the first.
        bearing: [n] radians clockwise from north. Of a position with a rate: direction from the sensor.
        rate: [n] range rate, m/s, positive when it goes away; NaN for none.
        rate_var: [n] its variance, (m/s)².
        velocity: [n, 2] over ground, m/s east and north; NaN for none.
        velocity_var: [n] its variance on each axis, (m/s)².
        altitude: [n] metres above the ellipsoid, NaN where not known. Carried, not tracked.
        klass: [n] place in `KLASSES`, -1 for not known.
        confidence: [n] the sensor's probability that there is an object, NaN for none.
        claimed: [n] number of the identity that the object claims, -1 for none. It can lie.
        sensor_place: [n, 3] where the sensor was, as `place`; NaN where that is not known. Of a bearing it is
            not read.
        received: [n] seconds of the same epoch, when the report came; NaN where nobody noted it.
    """

    t: np.ndarray
    sensor: np.ndarray
    place: np.ndarray
    scan: np.ndarray | None = None
    measure: np.ndarray | None = None
    cov: np.ndarray | None = None
    bearing: np.ndarray | None = None
    rate: np.ndarray | None = None
    rate_var: np.ndarray | None = None
    velocity: np.ndarray | None = None
    velocity_var: np.ndarray | None = None
    altitude: np.ndarray | None = None
    klass: np.ndarray | None = None
    confidence: np.ndarray | None = None
    claimed: np.ndarray | None = None
    sensor_place: np.ndarray | None = None
    received: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.t)

    def feed(self, sensor: np.ndarray, first: int) -> np.ndarray:
        """These rows for the kernels, with `sensor` in place of the sensors' own numbers."""
        n = len(self.t)
        made = np.zeros(n, FEED)
        for name in FEED.names or ():
            if name not in ("sensor", "number", "clock"):
                made[name] = _column(getattr(self, name), name, made[name])
        made["sensor"], made["number"] = sensor, np.arange(first, first + n)
        return made

    def cut(self, start: int, stop: int) -> "Reports":
        """The rows from `start` to `stop`."""
        columns: dict[str, Any] = {
            field.name: None if (found := getattr(self, field.name)) is None else found[start:stop]
            for field in fields(self)
        }
        return Reports(**columns)


_MISSING: Final = {"scan": -1, "measure": POSITION, "klass": -1, "claimed": -1}


def _column(values: np.ndarray | None, name: str, like: np.ndarray) -> np.ndarray | float:
    if values is None:
        return _MISSING.get(name, np.nan)
    if np.shape(values) != like.shape:
        raise ValueError(
            f"Column {name} of the reports has shape {np.shape(values)}; it must be {like.shape}."
        )
    return values


ROW: Final = np.dtype(
    [
        *(("t", "f8"), ("clock", "f8"), ("track", "i8"), ("report", "i8"), ("known", "i8"), ("sensor", "i8")),
        *(("place", "f8", (3,)), ("velocity", "f8", (2,)), ("cov", "f8", (3,)), ("vcov", "f8", (3,))),
        *(("altitude", "f8"), ("exists", "f8"), ("claimed", "i4"), ("klass", "i1")),
        *(("ended", "?"), ("confirmed", "?"), ("late", "?"), ("stationary", "?")),
    ],
    align=True,
)
"""An update as the kernels write it, see `Updates`."""


@dataclass(frozen=True, slots=True)
class Updates:
    """Beliefs of the tracker: one row per track and report time that it took part in, in order.

    A track takes part when a report is given to it, when a sensor that scans looked where it is and did not
    see it, and when it ends. Of rows with the same track and time the last holds.

    Attributes:
        t: [n] seconds, the time of this belief.
        clock: [n] seconds, the tracker's clock when it came to it.
        track: [n] id, counted from 0 over the tracker's life.
        report: [n] number of the report taken, counted from 0 over all reports ever handed over; -1: none.
        known: [n] number of the report whose coming made it known: the first after its scan.
        sensor: [n] number of the sensor, as in the reports.
        place: [n, 3] metres, in the axes of the reports.
        velocity: [n, 2] m/s east and north at the place.
        cov: [n, 3] variance east, covariance, variance north of the place, m².
        vcov: [n, 3] the same of the velocity, (m/s)².
        altitude: [n] metres, the last that was reported; NaN for none.
        exists: [n] probability that the object exists.
        klass: [n] place in `KLASSES` of the likeliest class, -1 for not known.
        claimed: [n] the identity that was claimed most, -1 for none.
        ended: [n] whether the track is gone from this time on.
        confirmed: [n] whether it is to be shown: once confirmed and likely enough to be there now.
        late: [n] whether a late report made it.
        stationary: [n] whether it was seen standing still for long; see `stationary`.
        first: number of the first report of this call.
        reasons: [reports of this call] why each was refused, 0 for taken; see `REASONS`.
    """

    t: np.ndarray
    clock: np.ndarray
    track: np.ndarray
    report: np.ndarray
    known: np.ndarray
    sensor: np.ndarray
    place: np.ndarray
    velocity: np.ndarray
    cov: np.ndarray
    vcov: np.ndarray
    altitude: np.ndarray
    exists: np.ndarray
    klass: np.ndarray
    claimed: np.ndarray
    ended: np.ndarray
    confirmed: np.ndarray
    late: np.ndarray
    stationary: np.ndarray
    first: int
    reasons: np.ndarray

    def __len__(self) -> int:
        return len(self.t)
