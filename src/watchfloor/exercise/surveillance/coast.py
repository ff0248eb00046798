"""Self-reports of a whole coast and of the country's air traffic, in true numbers, hour by hour.

Three stretches of the line see no more than their fifteen towers can see, so what a day holds beyond `NEAR`
is elsewhere: vessels of the Atlantic coast and the Gulf of St. Lawrence, and flights between aerodromes. They
tell who they are, stay on their side of the line and are in no storyline. How many there are is in
`exercise.volumes`.

A vessel goes to and fro on a straight way, lies at anchor or fishes; a flight goes once. Everything is drawn
for all at once, and reports for an hour at a time: whole days of them do not fit into memory.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import DETECTION, INSTANT
from watchfloor.exercise.cast import DAY
from watchfloor.exercise.surveillance import radio
from watchfloor.exercise.surveillance.geometry import shifted
from watchfloor.exercise.volumes import FLIGHTS, VESSELS_HEARD

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

NEAR: Final = 10.0
"""Scale from which the stretches see no more traffic, and the coast begins."""
HOUR: Final = 3_600.0
DAY_SECONDS: Final = 86_400.0
SEED: Final = 336

LANES: Final = (
    *((44.30, -63.30, 43.10, -60.60), (47.55, -59.90, 46.70, -58.60), (48.20, -62.00, 47.70, -60.40)),
    *((48.75, -68.00, 49.35, -65.40), (51.10, -57.70, 50.30, -59.10), (46.50, -52.40, 46.70, -49.20)),
    *((47.70, -52.30, 48.60, -51.00), (44.10, -61.40, 44.20, -58.20), (49.60, -64.00, 49.20, -61.60)),
    *((45.20, -60.60, 45.80, -58.40), (50.00, -66.20, 49.70, -62.60), (53.20, -55.20, 52.40, -54.60)),
)
"""Ends of stretches of open water, latitude and longitude: none comes within 100 km of the line."""
WIDE: Final = 0.06
"""Degrees to each side of a lane within which its vessels are."""
FIELDS: Final = (
    *((44.88, -63.51), (47.62, -52.75), (46.11, -64.68), (48.95, -54.58), (50.22, -66.27), (53.32, -60.43)),
    *((49.19, -123.18), (53.88, -122.67), (53.31, -113.58), (51.11, -114.02), (52.17, -106.70)),
    *((50.43, -104.67), (49.91, -97.24), (53.97, -101.09), (58.74, -94.07), (62.46, -114.44)),
)
"""Aerodromes, latitude and longitude: in two groups, so that no straight way between two crosses the line."""
EAST: Final = 6
"""How many of them are in the first group."""
CLIMBS: Final = 1_200.0
"""Seconds from where a flight is heard first, at `LOW` metres, until it is at its height; and down again."""
LOW: Final = 900.0
STATES: Final = ("under way", "at anchor", "fishing")
SHARES: Final = (0.45, 0.25, 0.30)
EVERY: Final = (60.0, 180.0, 90.0)
"""Seconds between two reports: a network that passes on one a minute, and ITU-R M.1371 at anchor."""
FLIES_EVERY: Final = 10.0
MIDS: Final = (304, 305, 311, 319, 477, 538, 563, 636)
"""Flags whose numbers the coast's vessels have; none that a vessel of the stretches has."""
SAYS: Final = pa.array(['{"type":1}', '{"type":5}', '{"type":18}', '{"type":24}'])
_US: Final = 1_000_000


class Coast(NamedTuple):
    """Vessels and flights, an entry each: the vessels come first.

    Attributes:
        first, last: seconds of the day in which it is heard.
        leg: seconds from one end of its way to the other.
        ends: latitude and longitude of both, [n, 4].
        height: metres, at which it flies.
        every: seconds between two reports.
        kind: a number of `STATES`, or `len(STATES)` of a flight.
        claimed: its typed key.
        name: that it gives with it.
    """

    first: Floats
    last: Floats
    leg: Floats
    ends: Floats
    height: Floats
    every: Floats
    kind: Numbers
    claimed: pa.Array
    name: pa.Array

    @property
    def vessels(self) -> int:
        """How many of them are vessels."""
        return int((self.kind < len(STATES)).sum())

    def called(self) -> list[str]:
        """Return in a few words what each is."""
        return [("vessel " + STATES[kind]) if kind < len(STATES) else "flight" for kind in self.kind.tolist()]

    def turns(self, one: int) -> Floats:
        """Return the turning points of an entry: seconds, latitude, longitude and height, [n, 4]."""
        times = np.append(np.arange(self.first[one], self.last[one], self.leg[one]), self.last[one])
        if self.kind[one] == len(STATES):
            times = np.unique([*times, self.first[one] + CLIMBS, self.last[one] - CLIMBS])
        which = np.full(len(times), one)
        return np.column_stack([times, *_places(self, which, times)[:2], _height(self, which, times)])


def draw(seed: int, scale: float) -> Coast | None:
    """Return the coast of a day; None up to the scale at which there is none."""
    if scale <= NEAR:
        return None
    rng = np.random.default_rng([seed, SEED])
    vessels, flights = _vessels(rng, VESSELS_HEARD.at(scale)), _flights(rng, FLIGHTS.at(scale))
    return Coast(
        *(
            pa.concat_arrays([a, b]) if isinstance(a, pa.Array) else np.concatenate([a, b])
            for a, b in zip(vessels, flights, strict=True)
        )
    )


def _vessels(rng: np.random.Generator, size: int) -> Coast:
    kind = rng.choice(len(STATES), size, p=SHARES)
    lane, shares = np.array(LANES)[rng.integers(0, len(LANES), size)], rng.uniform(0, 1, (2, size))
    aside = rng.uniform(-WIDE, WIDE, (2, size)).T
    there = [lane[:, :2] + share[:, None] * (lane[:, 2:] - lane[:, :2]) + aside for share in shares]
    other = np.where((kind == 1)[:, None], there[0], there[1])
    near = there[0] + 0.05 * (there[1] - there[0])  # a fisher's way is short
    ends = np.hstack([there[0], np.where((kind == 2)[:, None], near, other)])
    speed = np.where(kind == 2, rng.uniform(1.5, 3.5, size), rng.uniform(4, 9, size))
    metres = 111_195 * np.hypot(
        ends[:, 2] - ends[:, 0], (ends[:, 3] - ends[:, 1]) * np.cos(np.radians(ends[:, 0]))
    )
    heard = np.where(kind == 1, DAY_SECONDS, rng.uniform(4, 20, size) * HOUR)
    first = rng.uniform(0, 1, size) * (DAY_SECONDS - heard)
    serials = rng.permutation(999_999)[:size]
    mids = np.array(MIDS)[rng.integers(0, len(MIDS), size)]
    claimed = [f"vessel:mmsi:{mid}{serial:06}" for mid, serial in zip(mids, serials, strict=True)]
    return Coast(
        first,
        first + heard,
        np.maximum(metres / speed, HOUR / 4),
        ends,
        np.zeros(size),
        np.array(EVERY)[kind],
        kind.astype(np.int64),
        pa.array(claimed, pa.string()),
        pa.array([f"COASTER {serial:06}" for serial in serials], pa.string()),
    )


def _flights(rng: np.random.Generator, size: int) -> Coast:
    east = rng.random(size) < 0.4
    count = np.where(east, EAST, len(FIELDS) - EAST)
    start = np.where(east, 0, EAST)
    one = rng.integers(0, count)
    other = (one + rng.integers(1, count)) % count
    ends = np.hstack([np.array(FIELDS)[start + one], np.array(FIELDS)[start + other]])
    ends += rng.uniform(-0.08, 0.08, (size, 4))  # heard from some kilometres off the runway
    metres = 111_195 * np.hypot(
        ends[:, 2] - ends[:, 0], (ends[:, 3] - ends[:, 1]) * np.cos(np.radians(ends[:, [0, 2]].mean(1)))
    )
    lasts = np.maximum(metres / rng.uniform(110, 235, size), 2.5 * CLIMBS)
    first = rng.uniform(0, DAY_SECONDS - 4 * HOUR, size)
    last = np.minimum(first + lasts, DAY_SECONDS)
    serials = rng.permutation(0x30000)[:size]
    return Coast(
        first,
        last,
        lasts,
        ends,
        rng.uniform(3_000, 11_500, size),
        np.full(size, FLIES_EVERY),
        np.full(size, len(STATES)),
        pa.array([f"aircraft:icao24:{0xC10000 + serial:06x}" for serial in serials], pa.string()),
        pa.array([f"CXA{serial % 10_000:04}" for serial in serials], pa.string()),
    )


def _places(coast: Coast, one: Numbers, at: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Latitude, longitude, speed and course of entries at moments."""
    leg, far = np.divmod((at - coast.first[one]) / coast.leg[one], 1)
    back = leg % 2 == 1
    share = np.where(back, 1 - far, far)
    ends = coast.ends[one]
    way = ends[:, 2:] - ends[:, :2]
    latitude, longitude = (ends[:, :2] + share[:, None] * way).T
    north, east = 111_195 * way[:, 0], 111_320 * way[:, 1] * np.cos(np.radians(latitude))
    speed = np.hypot(north, east) / coast.leg[one]
    course = (np.degrees(np.arctan2(east, north)) + np.where(back, 180, 0)) % 360
    return latitude, longitude, speed, course


def _height(coast: Coast, one: Numbers, at: Floats) -> Floats:
    share = np.minimum(np.minimum(at - coast.first[one], coast.first[one] + coast.leg[one] - at) / CLIMBS, 1)
    flies = coast.kind[one] == len(STATES)
    return np.where(flies, LOW + np.clip(share, 0, 1) * (coast.height[one] - LOW), 0.0)


class Reports(NamedTuple):
    """Rows of the kind `detection` without a report key, the entry of each, and when it came."""

    rows: pa.Table
    entry: Numbers
    received: Numbers


def hours(coast: Coast, feed: str, seed: int) -> Iterator[Reports]:
    """Yield the reports of each hour in the order in which they came, in microseconds since 1970.

    Args:
        coast: whose.
        feed: `ais` or `adsb`.
        seed: the same gives the same.
    """
    flies = feed == "adsb"
    mine = np.flatnonzero((coast.kind == len(STATES)) == flies)
    for hour in range(24):
        rng = np.random.default_rng([seed, SEED, int(flies), hour])
        at, one = _slots(coast, mine, coast.every, hour * HOUR)
        at = at + rng.uniform(0, 0.3, len(at)) * coast.every[one]
        kept = (at <= coast.last[one]) & (rng.random(len(at)) >= radio.LOST)
        one, named = one[kept], np.zeros(int(kept.sum()), np.bool_)
        at = np.clip(np.round(at[kept]), np.ceil(coast.first[one]), np.floor(coast.last[one]))
        if not flies:
            more, whose = _slots(coast, mine, np.full(len(coast.every), radio.NAMED), hour * HOUR)
            at, one = np.concatenate([at, np.ceil(more) + 5]), np.concatenate([one, whose])
            named = np.arange(len(at)) >= len(named)
        yield _told(rng, coast, one, at, named, flies=flies)


def _slots(coast: Coast, mine: Numbers, every: Floats, start: float) -> tuple[Floats, Numbers]:
    """Moments of an hour at which entries report, counted from when each is first heard; and whose."""
    first, step = coast.first[mine], every[mine]
    low = np.maximum(np.ceil((start - first) / step), 0)
    high = np.ceil((np.minimum(start + HOUR, coast.last[mine]) - first) / step)
    counts = np.maximum(high - low, 0).astype(np.int64)
    one = np.repeat(mine, counts)
    number = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(low, counts)
    return coast.first[one] + number * every[one], one


def _told(
    rng: np.random.Generator, coast: Coast, one: Numbers, at: Floats, named: Any, *, flies: bool
) -> Reports:
    size = len(at)
    latitude, longitude, speed, course = _places(coast, one, at)
    still = coast.kind[one] == STATES.index("at anchor")
    latitude, longitude = shifted(latitude, longitude, *rng.normal(0, radio.SIGMA, (2, size)))
    numbers = {
        "latitude": (latitude, 6),
        "longitude": (longitude, 6),
        "speed": (np.maximum(np.where(still, 0, speed) + rng.normal(0, 0.1, size), 0), 1),
        "course": ((course + rng.normal(0, 1.0, size)) % 360, 1),
    }
    received = _moments(at + rng.uniform(0, 1, size))
    order = np.lexsort((one, received))
    columns: dict[str, Any] = {
        name: pa.array(np.round(values, digits)[order], pa.float64(), mask=named[order])
        for name, (values, digits) in numbers.items()
    }
    whose = pa.array(one[order])
    columns["claimed"] = coast.claimed.take(whose)
    if flies:
        height = _height(coast, one, at) + rng.normal(0, 8, size)
        columns["altitude"] = pa.array(np.round(height, 1)[order])
        columns["sensor"] = pa.repeat("adsb-network", size)
        columns["class"] = pa.repeat("aircraft", size)
        columns["name"] = coast.name.take(whose)
    else:
        lane = np.round(latitude[order]).astype(np.int64)
        columns["sensor"] = pc.binary_join_element_wise("ais-coast", pa.array(lane).cast(pa.string()), "-")
        fishing = coast.kind[one] == STATES.index("fishing")
        columns["says"] = SAYS.take(pa.array((2 * fishing + named)[order]))
        columns["name"] = pc.if_else(pa.array(named[order]), coast.name.take(whose), None)
    columns["observed_at"] = pa.array(_moments(at)[order]).cast(INSTANT)
    columns["received_at"] = pa.array(received[order]).cast(INSTANT)
    columns["locator"] = pa.repeat("", size)
    columns["origins"] = pa.array([[]], pa.list_(pa.string())).take(pa.array(np.zeros(size, np.int64)))
    columns["report_key"] = columns["locator"]
    rows = [
        columns[field.name].cast(field.type) if field.name in columns else pa.nulls(size, field.type)
        for field in DETECTION.body
    ]
    return Reports(pa.table(rows, schema=DETECTION.body), one[order], received[order])


def _moments(seconds: Floats) -> Numbers:
    start = round(DAY.timestamp() * _US)
    return np.asarray(start + np.round(seconds * 1_000).astype(np.int64) * 1_000)
