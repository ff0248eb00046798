"""How strong an event is: its chance, lowered by what explains it otherwise, and the band that comes of it.

The bands are the strengths of the weight table (`watchfloor.cell.weighing.weights`). What each is worth is
measured by its hit and false-alarm rate, not by its name.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.desks.surveillance.events.points import ANIMAL, UNKNOWN
from watchfloor.desks.surveillance.events.weather_lookup import PRECIPITATION, Sky

Array = npt.NDArray[Any]

BANDS: Final = (("certain", 0.9), ("likely", 0.6), ("possible", 0.3), ("unlikely", 0.0))
"""Strengths, and the score from which each holds."""

ANIMALS: Final = 0.1
"""What is left of a signal about what looks like an animal. Judgement, as the three below."""
UNSURE: Final = 0.8
"""About what has no class."""
WINDY: Final = (10.0, 0.8)
"""Wind in m/s above which branches and waves move, and what is left then."""
WET: Final = 0.8
"""In rain, snow or fog."""
HAZY: Final = (1_000.0, 0.8)
"""Visibility in metres below which a camera's class is worth less, and what is left then."""


def band(score: float) -> str:
    """The strength of a score."""
    return next(name for name, low in BANDS if score >= low)


def of_class(klass: Array) -> npt.NDArray[np.float64]:
    """Return the factor of each class."""
    return np.select([klass == ANIMAL, klass == UNKNOWN], [ANIMALS, UNSURE], 1.0)


def of_weather(sky: Sky) -> npt.NDArray[np.float64]:
    """Return the factor of the weather; unknown weather takes nothing."""
    left = np.where(sky.wind_speed > WINDY[0], WINDY[1], 1.0)
    left = np.where(sky.precipitation > PRECIPITATION.index("none"), left * WET, left)
    return np.where(sky.visibility < HAZY[0], left * HAZY[1], left)
