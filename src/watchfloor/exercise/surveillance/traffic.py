"""Everyday traffic along the line: who passes every day and is in no storyline.

How many there are at scale 1 is our choice, see `A_DAY`. Hours are local, five or six behind UTC.
"""

from collections.abc import Callable, Iterator
from random import Random
from typing import Final

from watchfloor.exercise.acts import Passage, Radio
from watchfloor.exercise.cast import BOATS
from watchfloor.exercise.surveillance.paths import Place, Way, moment
from watchfloor.exercise.surveillance.world import LAKE, PRAIRIE, STRETCHES, STRINGS, WOODS, beside, trails

HOUR: Final = 3_600.0
LAND: Final = (PRAIRIE, WOODS)
LATE: Final = {LAKE: 5, PRAIRIE: 6, WOODS: 5}
"""Hours that local time is behind UTC."""

WHEATLEY: Final = (42.0640, -82.4560)
KINGSVILLE: Final = (42.0180, -82.7350)
LEAMINGTON: Final = (42.0210, -82.6030)
SCUDDER: Final = (41.8200, -82.6500)
SANDUSKY: Final = (41.4900, -82.6600)
LORAIN: Final = (41.4850, -82.1900)
HARBOURS: Final = {
    "Wheatley": WHEATLEY,
    "Kingsville": KINGSVILLE,
    "Leamington": LEAMINGTON,
    "Scudder": SCUDDER,
    "Sandusky": SANDUSKY,
    "Lorain": LORAIN,
}
"""Harbours on western Lake Erie."""
GROUNDS: Final = (41.86, -82.30)
"""Where tugs fish: east of Point Pelee, north of the line."""
LINES: Final = ("Algoma", "Laker", "Erie", "Northern")
"""First words of freighters' names."""
ROUND_THE_POINT: Final = (41.868, -82.525)
CHANNEL: Final = (
    *((42.250, -81.700), (42.095, -82.050), (41.862, -82.558), (41.835, -82.800)),
    *((41.965, -83.090), (42.050, -83.118), (42.130, -83.112)),
)
"""What freighters follow: from the central lake through Pelee Passage and up the Detroit River. Both ends are
out of the receivers' hearing."""
AERODROMES: Final = {
    LAKE: (41.7800, -82.6780),
    PRAIRIE: beside(2_050.0, 7_000),
    WOODS: beside(5_205.0, 6_500),
}
"""A strip of each stretch, from which light aircraft fly."""
BASE: Final = (42.0200, -82.9500)
"""Where the infrared plane is at home."""


class Draw:
    """Draws passages; the same random numbers give the same."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self._given: set[int] = set()

    def mmsi(self, country: str = "316") -> tuple[str, str]:
        """A number that nobody else has."""
        serial = self.random.randrange(1_000_000)
        while serial in self._given:
            serial = self.random.randrange(1_000_000)
        self._given.add(serial)
        return "mmsi", f"{country}{serial:06}"

    def local(self, stretch: str, first: float, last: float) -> float:
        """Seconds of the day (UTC) between two local hours."""
        return ((self.random.uniform(first, last) + LATE[stretch]) % 24) * HOUR

    def some(self, low: float, high: float) -> float:
        """Something between two numbers."""
        return self.random.uniform(low, high)

    def near(self, place: Place, metres: float) -> Place:
        """A place not far from another."""
        return Way(place, 0).on(self.some(0, 360), self.some(0, metres), 1).here

    def km(self, stretch: str, inset: float = 1.0) -> float:
        """A kilometre of a stretch."""
        first, last, _ = STRETCHES[stretch]
        return self.some(first + inset, last - inset)


def whole(path: Way, claimed: tuple[str, str], name: str, every: float, grade: str) -> tuple[Radio, ...]:
    """Radio that is on from the first to the last moment of a path."""
    return (Radio(path.fixes[0].seconds, path.now, claimed, name, every, grade),)


def begun(way: Way, what: str, called: str, size: float, radio: tuple[Radio, ...] = ()) -> Passage:
    """The passage of a path."""
    return Passage(moment(way.fixes[0].seconds), what, way.path(), radio, size, called)


def freighter(draw: Draw) -> Passage:
    """A lake freighter, up or down."""
    places = CHANNEL if draw.random.random() < 0.5 else CHANNEL[::-1]
    way, speed = Way(draw.near(places[0], 1_500), draw.some(0, 22) * HOUR), draw.some(5.0, 7.0)
    for place in places[1:]:
        way.to(draw.near(place, 600), speed)
    claimed = draw.mmsi(draw.random.choice(("316", "316", "366", "367", "538", "248")))
    name = f"{draw.random.choice(LINES)} {draw.random.choice(BOATS)}".upper()
    return begun(way, "boat", "freighter", 200.0, whole(way, claimed, name[:20], 60, "A"))


def tug(draw: Draw) -> Passage:
    """A fishing tug: out, along its nets, and home."""
    home = draw.random.choice((WHEATLEY, KINGSVILLE))
    way, speed = Way(home, draw.local(LAKE, 4, 9)), draw.some(4, 5.5)
    if home == KINGSVILLE:
        way.to(ROUND_THE_POINT, speed)
    way.to(draw.near(GROUNDS, 9_000), speed)
    for _ in range(draw.random.randint(2, 4)):
        way.on(draw.some(0, 360), draw.some(800, 2_500), draw.some(0.9, 1.6)).stay(draw.some(300, 900))
    if home == KINGSVILLE:
        way.to(ROUND_THE_POINT, speed)
    way.to(home, speed)
    tells = draw.random.random() < 0.7
    name = f"{draw.random.choice(BOATS)} {draw.random.randint(2, 99)}".upper()
    radio = whole(way, draw.mmsi(), name, 90, "B")
    return begun(way, "boat", "fishing tug", 18.0, radio if tells else ())


def angler(draw: Draw) -> Passage:
    """A small boat with no radio that tells of it: out a little, drifting, and home."""
    home = draw.random.choice((LEAMINGTON, SCUDDER, KINGSVILLE))
    way = Way(home, draw.local(LAKE, 7, 13))
    out = draw.some(150, 220) if home != SCUDDER else draw.some(-60, 60)
    way.on(out, draw.some(3_000, 8_000), draw.some(6, 10)).stay(draw.some(600, 2_400))
    way.on(draw.some(0, 360), draw.some(400, 1_500), draw.some(0.5, 1.2)).stay(draw.some(600, 2_400))
    return begun(way.to(home, draw.some(6, 10)), "boat", "angler's boat", 6.5)


def ferry(draw: Draw) -> Passage:
    """The ferry from the mainland to Pelee Island."""
    ends = [LEAMINGTON, SCUDDER]
    draw.random.shuffle(ends)
    way = Way(ends[0], draw.local(LAKE, 7, 18)).to(draw.near((41.92, -82.63), 400), 6.5).to(ends[1], 6.5)
    return begun(way, "boat", "ferry", 60.0, whole(way, draw.mmsi(), "ISLAND CONNECTOR", 60, "A"))


def light_aircraft(draw: Draw) -> Passage:
    """A light aircraft that tells who it is: from a strip, around for a while, and back."""
    stretch = draw.random.choice((LAKE, *LAND))
    home, side = AERODROMES[stretch], draw.random.choice((1, -1))
    height, speed = draw.some(600, 1_500), draw.some(45, 60)
    way = Way(home, draw.local(stretch, 8, 16)).on(90 * side, 500, 20).on(90 * side, 4_000, speed, height)
    way.on(60 * side, draw.some(6_000, 15_000), speed).on(-60 * side, draw.some(6_000, 15_000), speed)
    way.to(Way(home, 0).on(90 * side, 3_000, 1).here, speed, 250).to(home, 30, 0.0)
    claimed = ("icao24", f"c0{draw.random.randint(0x4000, 0x6FFF):04x}")
    radio = whole(way, claimed, f"CFX{draw.random.randint(100, 999)}", 10, "S")
    return begun(way, "aircraft", "light aircraft", 9.0, radio)


def _road(draw: Draw, stretch: str, speed: float) -> Way:
    """Along a road that follows the line some kilometres north of it, or down one towards it and back."""
    start, hours = draw.km(stretch, 0), (5, 23) if draw.random.random() < 0.9 else (0, 24)
    at, north = draw.local(stretch, *hours), draw.random.choice((1_650, 3_270, 3_270, 4_880))
    way, length = Way(beside(start, north), at), draw.some(6, 20) * draw.random.choice((-1, 1))
    first, last, _ = STRETCHES[stretch]
    end = min(max(start + length, first - 3), last + 3)
    middle = (start + end) / 2
    way.to(beside(middle, north), speed)
    if draw.random.random() < 0.2:
        way.to(beside(middle, draw.some(300, 900)), speed * 0.6).stay(draw.some(240, 1_500))
        way.to(beside(middle, north), speed * 0.6)
    return way.to(beside(end, north), speed)


def car(draw: Draw) -> Passage:
    """A car or lorry on a road near the line."""
    stretch = draw.random.choice(LAND)
    return begun(_road(draw, stretch, draw.some(15, 26)), "vehicle", "car", 5.0)


def tractor(draw: Draw) -> Passage:
    """A farm vehicle: slow, up and down a field."""
    stretch = draw.random.choice(LAND)
    way = Way(beside(draw.km(stretch), draw.some(500, 1_500)), draw.local(stretch, 6, 18))
    for turn in range(draw.random.randint(3, 6)):
        way.on((90, 270)[turn % 2], draw.some(300, 700), draw.some(2, 5)).on(0, 25, 2)
    return begun(way, "vehicle", "farm vehicle", 6.0)


def school_bus(draw: Draw) -> Passage:
    """A school bus: stops at farms."""
    stretch, morning = draw.random.choice(LAND), draw.random.random() < 0.5
    km, north = draw.km(stretch, 8), draw.random.choice((1_650, 3_270))
    way = Way(beside(km, north), draw.local(stretch, *((7, 8.3) if morning else (15, 16.2))))
    for _ in range(6):
        km += draw.some(0.8, 1.6)
        way.to(beside(km, north), draw.some(12, 17)).stay(draw.some(20, 50))
    return begun(way, "vehicle", "school bus", 11.0)


def train(draw: Draw) -> Passage:
    """A goods train along the line."""
    stretch = draw.random.choice(LAND)
    first, last, _ = STRETCHES[stretch]
    north, ends = 5_400 if stretch == PRAIRIE else 4_300, [first - 2, last + 2]
    draw.random.shuffle(ends)
    way, speed = Way(beside(ends[0], north), draw.some(0, 22) * HOUR), draw.some(14, 19)
    way.to(beside(sum(ends) / 2, north), speed).to(beside(ends[1], north), speed)
    return begun(way, "vehicle", "train", 600.0)


def at_port(draw: Draw) -> Passage:
    """A car that enters or leaves the country by a port of entry."""
    stretch = draw.random.choice(LAND)
    port, ways = STRETCHES[stretch].port, [-1, 1]
    draw.random.shuffle(ways)
    way = Way(beside(port, 4_500 * ways[0]), draw.local(stretch, 6, 22))
    way.to(beside(port, 150 * ways[0]), draw.some(15, 22)).to(beside(port, 150), 4).stay(draw.some(40, 240))
    return begun(way.to(beside(port, 4_500 * ways[1]), draw.some(12, 22)), "vehicle", "car at the port", 5.0)


def hiker(draw: Draw) -> Passage:
    """One or two who walk a trail on their own side, and turn back."""
    stretch, group = WOODS, draw.random.random() < 0.4
    start, turns = _onto_trail(draw, stretch)
    way, pace = Way(start, draw.local(stretch, 8, 15)), draw.some(1.0, 1.5)
    for place in turns:
        way.to(place, pace)
    way.on(draw.random.choice((80, 100, 260, 280)), draw.some(200, 600), pace).stay(draw.some(0, 240))
    way.to(turns[-1], pace).to(start, pace)
    return begun(way, "group" if group else "person", "hikers", 1.3 if group else 1.0)


def deer(draw: Draw) -> Passage:
    """A deer, or a few: to and fro over the line, which it does not know, some along a trail."""
    stretch = draw.random.choice(LAND)
    if draw.random.random() < 0.4:
        start, turns = _onto_trail(draw, stretch)
        way = Way(start, draw.some(0, 23) * HOUR)
        for place in turns:
            way.to(place, draw.some(0.8, 1.6))
    else:
        way = Way(beside(draw.km(stretch), draw.some(-900, 1_800)), draw.some(0, 23) * HOUR)
    heading = draw.some(0, 360)
    for _ in range(draw.random.randint(4, 9)):
        heading += draw.some(-70, 70)
        way.on(heading, draw.some(60, 260), draw.some(0.6, 1.6)).stay(draw.some(0, 150))
    return begun(way, "animal", "deer", 1.3)


def _onto_trail(draw: Draw, stretch: str) -> tuple[Place, tuple[Place, Place]]:
    """A place some way off a trail, and two on it, on both sides of its ground sensors."""
    trail = draw.random.choice([one for one in trails(STRINGS) if one.stretch == stretch])
    km = trail.km + draw.some(-0.07, 0.07)
    start = beside(km + draw.some(-0.3, 0.3), trail.north + draw.some(300, 900))
    return start, (beside(km, trail.north + 60), beside(km, trail.north - 40))


A_DAY: Final[dict[Callable[[Draw], Passage], float]] = {
    freighter: 5,
    tug: 4,
    angler: 4,
    ferry: 4,
    light_aircraft: 5,
    car: 45,
    tractor: 14,
    school_bus: 8,
    train: 4,
    at_port: 24,
    hiker: 10,
    deer: 30,
}
"""How many of each there are at scale 1."""


def berthed(draw: Draw) -> Passage:
    """A pilot boat at its berth, seen by no radar; while it is heard, everybody knows that receivers work."""
    way = Way(KINGSVILLE, 0.0).stay(24 * HOUR)
    radio = whole(way, draw.mmsi(), "PILOT ONE", 60, "B")
    return begun(way, "boat", "berthed pilot boat", 0.05, radio)


def everyday(random: Random, scale: float) -> Iterator[Passage]:
    """Everyday passages of a day."""
    draw = Draw(random)
    yield berthed(draw)
    for kind, count in A_DAY.items():
        for _ in range(round(count * scale)):
            passage = kind(draw)
            yield passage if passage.path[-1].seconds <= 24 * HOUR else _cut(passage)


def _cut(passage: Passage) -> Passage:
    """Cut a passage at the end of the day; the rest is tomorrow's."""
    kept = tuple(fix for fix in passage.path if fix.seconds <= 24 * HOUR)
    if len(kept) < 2:
        first, second = passage.path[:2]
        share = (24 * HOUR - first.seconds) / (second.seconds - first.seconds)
        rest = (a + share * (b - a) for a, b in zip(first[1:], second[1:], strict=True))
        kept = (first, type(first)(24 * HOUR, *rest))
    return Passage(passage.at, passage.what, kept, passage.radio, passage.size, passage.called)
