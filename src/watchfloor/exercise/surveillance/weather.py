"""The weather of the exercise's day, hour by hour, at a station of each stretch."""

from math import cos, pi
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.exercise.surveillance.paths import moment
from watchfloor.exercise.surveillance.world import LAKE, PRAIRIE, SHORE, STRETCHES, WOODS, beside

HOURS: Final = 24


class Climate(NamedTuple):
    """A day at one place.

    Attributes:
        coldest, warmest: °C, at 8 and at 20 hours UTC.
        wind: m/s on average.
        wind_from: degrees.
        visibility: metres on average.
        water: °C of the surface; None where there is none.
        ice: metres.
        waves: metres.
    """

    coldest: float
    warmest: float
    wind: float
    wind_from: float
    visibility: float
    water: float | None
    ice: float | None
    waves: float | None


CLIMATES: Final = {
    LAKE: Climate(1.0, 5.0, 7.0, 240, 14_000, 7.5, 0.0, 0.9),
    PRAIRIE: Climate(-31.5, -22.0, 5.5, 320, 20_000, None, None, None),
    WOODS: Climate(-9.0, -2.0, 3.0, 280, 16_000, None, None, None),
}
"""Our choice: a cold day, as the prairie has it at times in November."""
FOG: Final = (4, 7)
"""Hours UTC of fog on the lake."""
THICK: Final = 600.0


def winds(stretch: str) -> npt.NDArray[np.float64]:
    """m/s in each hour: stronger in the afternoon."""
    mean = CLIMATES[stretch].wind
    swing = [1 + 0.35 * cos((hour - 20) / HOURS * 2 * pi) for hour in range(HOURS)]
    return np.array([round(mean * one, 1) for one in swing])


def rows() -> list[dict[str, Any]]:
    """Rows of the kind `weather`, one an hour and station."""
    return [_row(stretch, hour) for hour in range(HOURS) for stretch in CLIMATES]


def temperature(stretch: str, hour: float) -> float:
    """°C at an hour UTC."""
    one = CLIMATES[stretch]
    share = (1 + cos((hour - 20) / HOURS * 2 * pi)) / 2
    return round(one.coldest + share * (one.warmest - one.coldest), 1)


def station(stretch: str) -> tuple[float, float]:
    """Where a stretch's station is."""
    if stretch == LAKE:
        return SHORE[3][1]
    first, last, _ = STRETCHES[stretch]
    return beside((first + last) / 2, 3_000)


def _row(stretch: str, hour: int) -> dict[str, Any]:
    one, (latitude, longitude) = CLIMATES[stretch], station(stretch)
    foggy = stretch == LAKE and FOG[0] <= hour < FOG[1]
    wind = float(winds(stretch)[hour])
    return {
        "report_key": f"weather-{hour:02}-{stretch}",
        "observed_at": moment(hour * 3_600.0),
        "received_at": moment(hour * 3_600.0 + 240),
        "until": moment((hour + 2) * 3_600.0),
        "station": f"station-{stretch}",
        "latitude": round(latitude, 5),
        "longitude": round(longitude, 5),
        "radius": 60_000.0,
        "temperature": temperature(stretch, hour),
        "wind_speed": wind,
        "wind_from": one.wind_from,
        "visibility": THICK if foggy else one.visibility,
        "precipitation": "fog" if foggy else "none",
        "water_temperature": one.water,
        "ice": one.ice,
        "wave_height": one.waves,
        "origins": [],
        "locator": "",
    }
