"""Look-alikes on the line: a ferry, tugs that drift together, two patrols that meet, a snowmobile club."""

from collections.abc import Iterator
from typing import Final

from watchfloor.exercise.acts import Passage, Radio
from watchfloor.exercise.cast import Cast
from watchfloor.exercise.plots.base import Plot, TrueEvent
from watchfloor.exercise.surveillance.paths import Way, moment
from watchfloor.exercise.surveillance.traffic import (
    GROUNDS,
    KINGSVILLE,
    ROUND_THE_POINT,
    SANDUSKY,
    SCUDDER,
    WHEATLEY,
)
from watchfloor.exercise.surveillance.world import STRETCHES, WOODS, beside

HOUR: Final = 3_600.0
WEST_OF_PELEE: Final = (41.78, -82.74)
DRIFT: Final = 0.35
"""m/s."""
DRIFTS: Final = 2 * HOUR
MARINE_UNIT: Final = "marine-unit-radar"
"""The sensor on the patrol boat that meets another."""


def make_plots(cast: Cast) -> Iterator[Plot]:
    """Four plots, none of which is anything."""
    yield _ferry(cast)
    yield _tugs(cast)
    yield _patrols(cast)
    yield _club(cast)


def _numbered(serial: float, country: str = "316") -> tuple[str, str]:
    return "mmsi", f"{country}{int(serial):06}"


def _afloat(
    way: Way, size: float, called: str, number: tuple[str, str], name: str, carries: str = ""
) -> Passage:
    """A vessel that tells who it is all the way."""
    start = way.fixes[0].seconds
    radio = Radio(start, way.now, number, name, 60, "A")
    return Passage(moment(start), "boat", way.path(), (radio,), size, called, carries)


def _ferry(cast: Cast) -> Plot:
    """Over the line and back by daylight, as its timetable says."""
    random = cast.aside("lake-ferry")
    number, speed = _numbered(random.randrange(10**6)), 7.5
    out = Way(SCUDDER, 14.5 * HOUR).to(WEST_OF_PELEE, speed).to(SANDUSKY, speed)
    back = Way(SANDUSKY, out.now + 1.2 * HOUR).to(WEST_OF_PELEE, speed).to(SCUDDER, speed)
    acts = tuple(_afloat(way, 60.0, "ferry over the line", number, "LAKE PASSAGE") for way in (out, back))
    return Plot("lake-ferry", "a ferry crosses the line by its timetable", (), (), acts)


def _tugs(cast: Cast) -> Plot:
    """Two tugs of one harbour drift side by side at their nets for two hours."""
    random = cast.aside("drifting-tugs")
    met, place = random.uniform(13.5, 14.5) * HOUR, Way(GROUNDS, 0).on(random.uniform(0, 360), 5_000, 1).here
    first, second = (_numbered(random.randrange(10**6)) for _ in range(2))
    beside_it = Way(place, 0).on(90, 120, 1).here
    one = Way(WHEATLEY, 0).to(place, 5.0).arriving(met).on(60, DRIFT * DRIFTS, DRIFT).to(WHEATLEY, 5.0)
    other = Way(KINGSVILLE, 0).to(ROUND_THE_POINT, 5.0).to(beside_it, 5.0).arriving(met + 240)
    other.on(60, DRIFT * DRIFTS, DRIFT).to(ROUND_THE_POINT, 5.0).to(KINGSVILLE, 5.0)
    tugs = (
        _afloat(one, 18.0, "tug at its nets", first, "ANSE BLEUE 4"),
        _afloat(other, 18.0, "tug at its nets", second, "TERN 17"),
    )
    together = TrueEvent("rendezvous", met + 240, met + DRIFTS, *place, tugs)
    return Plot(
        "drifting-tugs", "two fishing tugs drift together at their nets", (), (), tugs, events=(together,)
    )


def _patrols(cast: Cast) -> Plot:
    """A marine unit and a coast guard's boat lie together at the line for a quarter of an hour."""
    random = cast.aside("patrol-meeting")
    begin = random.uniform(16.0, 17.0) * HOUR
    place = Way((41.69, -82.55), 0).on(random.uniform(-30, 30), 1_500, 1).here
    ours = Way(SCUDDER, begin).to((41.80, -82.56), 12.0).to(place, 12.0)
    met = ours.now
    ours.on(90, 220, 0.25).to((41.80, -82.56), 12.0).to(SCUDDER, 12.0)
    theirs = Way(SANDUSKY, 0).to(Way(place, 0).on(180, 60, 1).here, 13.0).arriving(met)
    theirs.on(90, 220, 0.25).to(SANDUSKY, 13.0)
    both = (
        _afloat(ours, 14.0, "marine unit", _numbered(random.randrange(10**6)), "MARINE UNIT 2", MARINE_UNIT),
        _afloat(theirs, 14.0, "coast guard's boat", _numbered(random.randrange(10**6), "369"), "USCG 45702"),
    )
    together = TrueEvent("rendezvous", met, met + 880, *place, both)
    return Plot(
        "patrol-meeting", "a patrol meets the other side's at the line", (), (), both, events=(together,)
    )


def _club(cast: Cast) -> Plot:
    """Five snowmobiles follow the line at night on their own side."""
    random = cast.aside("snowmobile-club")
    first, last, _ = STRETCHES[WOODS]
    begin, km = random.uniform(0.2, 1.0) * HOUR, first + 4
    acts = []
    for number in range(5):
        way = Way(beside(km, 1_600), begin + 9.0 * number)
        for share, north in ((0.1, 300), (0.35, 170), (0.5, 420), (0.65, 150), (0.85, 900)):
            way.to(beside(km + share * (last - km - 6), north), random.uniform(10.5, 11.5))
        way.stay(600).to(beside(last - 2, 1_700), 11.0)
        acts.append(Passage(moment(way.fixes[0].seconds), "vehicle", way.path(), (), 3.0, "snowmobile"))
    return Plot("snowmobile-club", "a snowmobile club rides along the line", (), (), tuple(acts))
