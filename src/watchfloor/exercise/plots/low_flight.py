"""A light aircraft that tells nobody who it is comes over the line low, lands on a field, and goes back."""

from collections.abc import Iterator
from typing import Final

from watchfloor.exercise.acts import Passage
from watchfloor.exercise.cast import Cast
from watchfloor.exercise.plots.base import Plot, TrueEvent
from watchfloor.exercise.surveillance.paths import Way, moment
from watchfloor.exercise.surveillance.world import WATCHED, WOODS, beside

HOUR: Final = 3_600.0
HEIGHT: Final = 85.0
SPEED: Final = 43.0
FIELD: Final = 1_500.0
"""Metres north of the line."""
STANDS: Final = 320.0


def make_plots(cast: Cast) -> Iterator[Plot]:
    """One plot."""
    random = cast.aside("low-flight")
    km = next(one.km for one in WATCHED if one.stretch == WOODS) - 2.0 + random.uniform(-0.2, 0.2)
    landing = random.uniform(22.3, 23.0) * HOUR
    approach = (14_000 + FIELD - 500) / SPEED + 500 / 25 + 250 / 10
    way = Way(beside(km, -14_000), landing - approach, HEIGHT)
    way.to(beside(km, FIELD - 500), SPEED).to(beside(km, FIELD), 25, 0.0).to(beside(km, FIELD + 250), 10)
    stood = way.now
    way.stay(STANDS).to(beside(km, FIELD), 15).to(beside(km, FIELD - 600), 30, HEIGHT)
    way.to(beside(km, -14_000), SPEED)
    left = stood + STANDS
    aircraft = Passage(moment(landing - approach), "aircraft", way.path(), (), 8.0, "low aircraft")
    truck = _truck(km, stood)
    place = beside(km, FIELD + 250)
    yield Plot(
        "low-flight",
        "a light aircraft comes low over the line and lands on a field, where a truck meets it",
        ("trafficking-by-water-or-air",),
        (),
        (aircraft, truck),
        events=(
            TrueEvent("low-slow-aircraft", landing - approach, stood, *beside(km, 0), (aircraft,)),
            TrueEvent("low-slow-aircraft", left, way.now, *beside(km, 0), (aircraft,)),
            TrueEvent("off-aerodrome-landing", stood, stood + STANDS, *place, (aircraft,)),
        ),
    )


def _truck(km: float, stood: float) -> Passage:
    """Waits at the field's edge, comes to the aircraft, and leaves."""
    way = Way(beside(km - 4, 3_270), stood - 1_500).to(beside(km, 3_270), 16).to(beside(km, FIELD + 420), 9)
    way.stay(max(0.0, stood + 40 - way.now)).to(beside(km, FIELD + 275), 5).stay(200)
    way.to(beside(km, 3_270), 9).to(beside(km + 6, 3_270), 20)
    return Passage(moment(stood - 1_500), "vehicle", way.path(), (), 5.5, "truck at the field")
