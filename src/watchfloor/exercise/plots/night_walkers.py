"""Three people walk over the line at night in deadly cold; a van waits for them, and one stays behind.

They walk on a trail that was cut through a spruce wood in the weeks before.
"""

from collections.abc import Iterator
from typing import Final

from watchfloor.exercise.acts import Passage
from watchfloor.exercise.cast import Cast
from watchfloor.exercise.plots.base import Cut, Plot, TrueEvent
from watchfloor.exercise.surveillance.paths import Way, moment
from watchfloor.exercise.surveillance.world import PRAIRIE, WATCHED, beside

HOUR: Final = 3_600.0
START: Final = -2_500.0
"""Metres south of the line."""
ROAD: Final = 1_650.0
"""Metres north of it."""
PACE: Final = 0.95
"""m/s in snow."""
APART: Final = 22.0
TRAIL: Final = ((0.0, 120.0), (0.02, 400.0), (-0.01, 720.0), (0.0, 1_040.0))
"""Kilometres along the line from where they cross, and metres north of it, of the trail's turning points."""
TRAIL_WIDTH: Final = 9.0
FALLS: Final = 1_050.0
"""Metres north of the line at which the third stays behind."""


def make_plots(cast: Cast) -> Iterator[Plot]:
    """One plot."""
    random = cast.aside("night-walkers")
    km = next(one.km for one in WATCHED if one.stretch == PRAIRIE) + random.uniform(-0.05, 0.05)
    begin = random.uniform(6.4, 6.9) * HOUR
    pace = PACE * random.uniform(0.95, 1.05)
    walkers = [_walker(km, begin, pace, number) for number in range(3)]
    picked = walkers[0].path[-1].seconds
    van = _van(km, picked)
    freezing = tuple(
        TrueEvent("cold-exposure", one.path[0].seconds, one.path[-1].seconds, *beside(km, 600), (one,))
        for one in walkers
    )
    yield Plot(
        "night-walkers",
        "three people walk over the line at night at -31 °C, and one is left behind",
        ("unlawful-crossing", "life-at-risk"),
        (),
        (*walkers, van),
        events=freezing,
        cut=Cut(tuple(beside(km + along, north) for along, north in TRAIL), TRAIL_WIDTH),
    )


def _walker(km: float, begin: float, pace: float, number: int) -> Passage:
    """One of the file; the last stays behind and is not found until morning."""
    lag = number * APART / pace
    way = Way(beside(km, START), begin + lag)
    for stop in (-1_200.0, -100.0, 250.0):
        way.to(beside(km, stop), pace)
    if number == 2:
        way.to(beside(km, FALLS), pace * 0.8).on(70, 60, 0.4).stay(3 * HOUR)
    else:
        way.to(beside(km, ROAD), pace)
    return Passage(moment(begin + lag), "person", way.path(), (), 1.0, "walker")


def _van(km: float, picked: float) -> Passage:
    """Comes before them, waits without lights, and drives on with two."""
    way = Way(beside(km - 7, ROAD), picked - 900 - 7_000 / 17).to(beside(km - 0.03, ROAD), 17)
    way.stay(900 + 150).to(beside(km + 9, ROAD), 22)
    return Passage(moment(way.fixes[0].seconds), "vehicle", way.path(), (), 5.5, "waiting van")
