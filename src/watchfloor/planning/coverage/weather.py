"""Weather on the line, hour by hour: how far is seen through it, and who stays on the ground or in harbour.

Visibility is the meteorological optical range: where the contrast of a black object has fallen to 5 %
(Koschmieder's law; WMO-No. 8, part I, chapter 9). What works with visible light sees no further. From 10 km
on, stations report no more, and nothing is cut.

Warmth goes further through haze and thin fog and no further through thick fog, rain or snow, whose drops are
larger than its wave. `THERMAL` are ranges in the fogs of ICAO categories I, II, IIIa and IIIc at 8 to 12 µm
(MODTRAN, 10 K warmer than what is around it: after FLIR, "Seeing through fog and rain with a thermal imaging
camera", TN-0001, which was not at hand to check them: judgement).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.earth import great_circle
from watchfloor.desks.surveillance.events.weather_lookup import AROUND, HOLDS
from watchfloor.planning.coverage.axis import Axis, Floats, Numbers

FIELDS: Final = ("visibility", "wind_speed", "wave_height", "ceiling", "ice")
COLUMNS: Final = (
    *("station", "observed_at", "until", "latitude", "longitude", "radius", "precipitation", "marking"),
    *FIELDS,
)
CLEAR: Final = 10_000.0
"""Metres from which a reported visibility cuts nothing: 9999 of a METAR is 10 km or more."""
THERMAL: Final = ((0, 0), (92, 87), (305, 293), (610, 2_400), (1_220, 5_900), (CLEAR, 48_000))
"""Visibility, and how far a thermal camera sees, metres; the last goes on as the one before it."""
OPTICAL: Final = frozenset({"camera", "drone", "aircraft", "vessel"})
"""Classes of sensors that see by light or warmth; radar and ground sensors do not mind."""
FALLING: Final = ("rain", "snow", "freezing-rain")
MILE: Final = 1_609.344


Place = tuple[float, float]
"""Latitude and longitude."""
NOWHERE: Final[Mapping[str, Place]] = {}


class Minima(NamedTuple):
    """Weather in which a kind of asset still goes out: at least so far seen, at most so much of the rest.

    Attributes:
        visibility, night_visibility, ceiling: metres, at least.
        wind: m/s, at most.
        waves: metres, at most.
        ice: thickness on water, metres, at most.
    """

    visibility: float = 0.0
    night_visibility: float = 0.0
    ceiling: float = 0.0
    wind: float = np.inf
    waves: float = np.inf
    ice: float = np.inf


MINIMA: Final = {
    "drone": Minima(visibility=MILE, night_visibility=MILE, ceiling=150.0, wind=12.0),
    "aircraft": Minima(visibility=MILE, night_visibility=3 * MILE, ceiling=150.0, wind=25.0),
    "boat": Minima(wind=17.2, waves=2.5, ice=0.05),
}
"""By kind of asset. A helicopter below 1,000 feet flies by sight with a mile by day and three by night, clear
of cloud (Canadian Aviation Regulations, 602.115(d)). A wind of 17.2 m/s is a gale (Beaufort 8). The rest is
judgement."""


class Weather(NamedTuple):
    """Weather of each kilometre and hour, of shape (kilometres, hours); NaN where nobody measured it.

    Attributes:
        falling: whether rain or snow was reported.
    """

    visibility: Floats
    wind_speed: Floats
    wave_height: Floats
    ceiling: Floats
    ice: Floats
    falling: npt.NDArray[np.bool_]

    def reach(self, klass: str, thermal: bool, km: Numbers) -> Floats:
        """Return how far a class of sensor sees through the air, of shape (km, hours); infinite: far."""
        metres = np.nan_to_num(self.visibility[km], nan=np.inf)
        if klass not in OPTICAL:
            return np.full(metres.shape, np.inf)
        far = metres
        if thermal:
            x, y = zip(*THERMAL, strict=True)
            far = np.where(self.falling[km], metres, np.maximum(metres, np.interp(metres, x, y)))
        return np.where(metres >= CLEAR, np.inf, far)

    def goes_out(self, kind: str, km: Numbers, night: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Return whether the weather lets a kind of asset go out there; unknown weather does."""
        least = MINIMA.get(kind, Minima())
        seen = np.where(night, least.night_visibility, least.visibility)
        kept = (self.visibility[km] < seen) | (self.ceiling[km] < least.ceiling)
        kept |= (self.wind_speed[km] > least.wind) | (self.wave_height[km] > least.waves)
        kept |= self.ice[km] > least.ice
        return np.asarray(~kept)


def read(
    rows: pa.Table, where: Axis, start: datetime, hours: int, places: Mapping[str, Place] = NOWHERE
) -> Weather:
    """Return the weather of each hour, as it was in its middle: of each station its last report that holds.

    A kilometre has what the nearest station around it says, field by field.

    Args:
        rows: of the kind weather, with `COLUMNS`.
        where: the line.
        start: the first hour.
        hours: how many.
        places: of stations whose reports do not say it.
    """
    shape = len(where), hours
    fields = {name: np.full(shape, np.nan) for name in FIELDS}
    falling = np.zeros(shape, bool)
    ends = start + timedelta(hours=hours)
    rows = rows.filter(pc.less(rows["observed_at"], pa.scalar(ends, rows["observed_at"].type)))
    reports = rows.sort_by("observed_at").to_pylist()
    around: dict[tuple[float, float, float], tuple[Numbers, Floats]] = {}
    last: list[dict[str, dict[str, Any]]] = [{} for _ in range(hours)]
    for row in reports:
        if row["latitude"] is None or row["longitude"] is None:
            row["latitude"], row["longitude"] = places.get(row["station"], (None, None))
        if row["latitude"] is None:
            continue
        until = row["until"] or row["observed_at"] + timedelta(seconds=HOLDS)
        first = np.ceil((row["observed_at"] - start) / timedelta(hours=1) - 0.5)
        final = np.floor((until - start) / timedelta(hours=1) - 0.5)
        for hour in range(max(int(first), 0), min(int(final) + 1, hours)):
            last[hour][row["station"]] = row
    for hour, stations in enumerate(last):
        best = {name: np.full(len(where), np.inf) for name in (*FIELDS, "precipitation")}
        for row in stations.values():
            place: tuple[float, float, float] = row["latitude"], row["longitude"], row["radius"] or AROUND
            if place not in around:
                here = np.asarray(place[0]), np.asarray(place[1])
                metres = great_circle(*here, where.latitude, where.longitude)
                km = np.flatnonzero(metres <= place[2])
                around[place] = km, metres[km]
            km, metres = around[place]
            for name in best:
                if row[name] is None:
                    continue
                nearer = metres < best[name][km]
                best[name][km[nearer]] = metres[nearer]
                if name == "precipitation":
                    falling[km[nearer], hour] = row[name] in FALLING
                else:
                    fields[name][km[nearer], hour] = row[name]
    return Weather(**fields, falling=falling)
