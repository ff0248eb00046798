"""Weather where and when a track is: the nearest row that holds, field by field, and the wind chill.

Rows of the kind `weather` come in their order between the points, or many hours of them at once, as a file.
Of a station the last that began stands, while it holds.
"""

from hashlib import blake2b
from math import nan
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.events.places import apart

Array = npt.NDArray[Any]

HOLDS: Final = 3 * 3600.0
"""Seconds that a row holds which does not say until when: three observations of an hourly station."""
AROUND: Final = 50_000.0
"""Metres around a station within which a row holds that does not say so. Judgement: stations of the south of
Canada are about as far apart."""
KEPT: Final = 24 * 3600.0
"""Seconds after its end that a row is kept, for late points."""
FOLLOWED: Final = 3600.0
"""Seconds after which a row is not needed any more that another of its station has followed."""

PRECIPITATION: Final = ("none", "rain", "snow", "freezing-rain", "fog")

FIELDS: Final = ("temperature", "wind_speed", "wind_from", "visibility", "ice", "precipitation")

STATION: Final = np.dtype(
    [
        ("id", "<i8"),  # hash of the station's name
        ("since", "<f8"),
        ("until", "<f8"),
        ("latitude", "<f8"),
        ("longitude", "<f8"),
        ("radius", "<f8"),
        *((name, "<f8") for name in FIELDS),
    ]
)


class Sky(NamedTuple):
    """Weather at each of many points, NaN where no row holds; units as in the kind `weather`."""

    temperature: npt.NDArray[np.float64]
    wind_speed: npt.NDArray[np.float64]
    wind_from: npt.NDArray[np.float64]
    visibility: npt.NDArray[np.float64]
    ice: npt.NDArray[np.float64]
    precipitation: npt.NDArray[np.float64]


def stations(rows: pa.Table) -> Array:
    """Rows of the kind `weather` that have a place, as `STATION`."""
    found = np.zeros(rows.num_rows, STATION)
    found["id"] = [_number(name) for name in rows["station"].to_pylist()]
    found["since"] = _seconds(rows["observed_at"])
    until, radius = _seconds(rows["until"]), _floats(rows["radius"])
    found["until"] = np.where(np.isnan(until), found["since"] + HOLDS, until)
    found["radius"] = np.where(np.isnan(radius), AROUND, radius)
    for name in ("latitude", "longitude", *FIELDS[:-1]):
        found[name] = _floats(rows[name])
    kinds = {name: float(number) for number, name in enumerate(PRECIPITATION)}
    found["precipitation"] = [kinds.get(name, nan) for name in rows["precipitation"].to_pylist()]
    placed = np.isfinite(found["latitude"]) & np.isfinite(found["longitude"]) & np.isfinite(found["since"])
    return np.asarray(found[placed])


def kept(before: Array, new: Array, now: float) -> Array:
    """Rows by station and beginning, the last of equal ones, without those long over or long followed."""
    every = np.concatenate([before, new])
    order = np.lexsort((np.arange(len(every)), every["since"], every["id"]))
    every = every[order]
    same = every["id"][1:] == every["id"][:-1]
    again = np.append(same & (every["since"][1:] == every["since"][:-1]), False)
    followed = np.append(same & (every["since"][1:] + FOLLOWED < now), False)
    return np.asarray(every[~(again[: len(every)] | followed[: len(every)] | (every["until"] + KEPT < now))])


def sky(stood: Array, t: Array, latitude: Array, longitude: Array) -> Sky:
    """The weather at each of many points."""
    return Sky(*_sky(stood, np.stack([stood[name] for name in FIELDS], 1), t, latitude, longitude))


@kernel
def _sky(stood: Array, values: Array, t: Array, y: Array, x: Array) -> Array:
    found = np.full((values.shape[1], len(t)), np.nan)
    best = np.empty(values.shape[1])
    for i in range(len(t)):
        for f in range(len(best)):
            best[f] = np.inf
        for k in range(len(stood) - 1, -1, -1):  # of one station, the last that began comes first
            if not stood[k].since <= t[i] <= stood[k].until:
                continue
            away = apart(y[i], x[i], stood[k].latitude, stood[k].longitude)
            if away > stood[k].radius:
                continue
            for f in range(values.shape[1]):
                if away < best[f] and not np.isnan(values[k, f]):
                    best[f], found[f, i] = away, values[k, f]
    return found


def wind_chill(temperature: npt.ArrayLike, wind: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """The wind chill index of Environment and Climate Change Canada (2001), °C.

    Args:
        temperature: of the air, °C; above 0 it is the index.
        wind: at 10 m, m/s; NaN is calm.

    From 5 km/h the formula of the Joint Action Group (Osczevski and Bluestein, 2005, Bulletin of the American
    Meteorological Society 86, 1453); below it the line to the air's own temperature that Canada uses.
    """
    air, speed = np.broadcast_arrays(
        np.asarray(temperature, float), np.nan_to_num(np.asarray(wind, float)) * 3.6
    )
    power = np.maximum(speed, 5.0) ** 0.16
    windy = 13.12 + 0.6215 * air - 11.37 * power + 0.3965 * air * power
    calm = air + (-1.59 + 0.1345 * air) / 5 * speed
    return np.asarray(np.where(air > 0, air, np.where(speed >= 5, windy, calm)))


def _number(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little", signed=True)


def _seconds(column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    whole = column.cast(pa.timestamp("us", "UTC")).cast(pa.int64())
    return _floats(whole) / 1e6


def _floats(column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    return np.asarray(column.cast(pa.float64()).fill_null(nan).to_numpy(), np.float64)
