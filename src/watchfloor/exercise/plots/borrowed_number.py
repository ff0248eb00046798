"""A small boat tells the number and name of a freighter that is on the lake too, and comes over the line."""

from collections.abc import Iterator
from typing import Final

from watchfloor.exercise.acts import Passage, Radio
from watchfloor.exercise.cast import Cast
from watchfloor.exercise.plots.base import Plot, TrueEvent
from watchfloor.exercise.surveillance.paths import Way, moment
from watchfloor.exercise.surveillance.traffic import CHANNEL, SANDUSKY

HOUR: Final = 3_600.0
LANDING: Final = (41.9780, -82.8600)
CLOSE: Final = (41.6950, -82.7800)
"""Where it comes over the line, west of Pelee Island."""


def make_plots(cast: Cast) -> Iterator[Plot]:
    """One plot."""
    random = cast.aside("borrowed-number")
    number = ("mmsi", f"316{random.randrange(1_000_000):06}")
    start = random.uniform(13.0, 14.0) * HOUR
    way = Way(CHANNEL[0], start)
    for place in CHANNEL[1:]:
        way.to(place, 6.2)
    freighter = _passage(way, number, 200.0, "freighter whose number is borrowed", 60, "A")
    begin = start + random.uniform(0.8, 1.1) * HOUR
    way = Way(SANDUSKY, begin).to(CLOSE, 9.0).to((41.82, -82.80), 10.0).to(LANDING, 10.0)
    boat = _passage(way, number, 10.0, "boat under a borrowed number", 60, "A")
    shared = TrueEvent("identity-shared", begin, way.now, *CLOSE, (boat, freighter))
    yield Plot(
        "borrowed-number",
        "a boat comes over the lake under the radio number of a freighter that is there too",
        ("trafficking-by-water-or-air",),
        (),
        (boat,),
        around=(freighter,),
        events=(shared,),
    )


def _passage(
    way: Way, number: tuple[str, str], size: float, called: str, every: float, grade: str
) -> Passage:
    start = way.fixes[0].seconds
    radio = Radio(start, way.now, number, "ALGOMA SECOND WIND", every, grade)
    return Passage(moment(start), "boat", way.path(), (radio,), size, called)
