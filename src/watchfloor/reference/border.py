"""The line between Canada and the United States: kilometres along it, the distance to it, and which side.

The line is what the time zones of both countries share in OpenStreetMap, `border.geojson.gz` beside this
module, under its own licence (`border-LICENSE.txt`). It has two chains of kilometres. `main` begins at the
Pacific end, in the mouth of the Strait of Juan de Fuca, and ends in the Gulf of Maine; around Machias Seal
Island no boundary is agreed, and the gap has no kilometres. `alaska` begins in the Beaufort Sea and ends in
Portland Canal. By WGS84 `main` has 6,437 km; the International Boundary Commission gives 6,416 km without
Alaska, since its turning points are fewer in rivers and lakes.

Between two points of the file the line is straight in degrees, so along 49° N it keeps to the parallel.
Lengths along it come from the two radii of curvature of WGS84, distances to it from chords between points on
the ellipsoid: within 0.2 m near the line, and within 3 parts in 100,000 far from it.
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.earth import AXIS, MEAN_RADIUS

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

FILE: Final = "border.geojson.gz"
LICENCE: Final = "border-LICENSE.txt"
ATTRIBUTION: Final = "© OpenStreetMap contributors, ODbL 1.0"

SQUARE: Final = 6.694379990141317e-3
"""First eccentricity of WGS84, squared."""

PIECE: Final = 0.02
"""Degrees that a straight piece of the line has at most: its chord is then 0.1 m below the ground."""
CHUNK: Final = 16
"""Pieces that are looked at together."""
BLOCK: Final = 128
"""Points that are looked at together, which lie near each other."""
CELL: Final = 1.0
"""Degrees to a side of the cells by which points are put beside their neighbours."""
REACH: Final = 1_200_000.0
"""Metres from the line beyond which nothing outside Canada is called its American side: Mexico, Cuba, Bermuda
and Siberia are farther."""

AROUND: Final = {
    "atlantic": (
        *((-67.2794, 44.1867), (-67.7431, 42.8872), (-67.4681, 42.5189), (-65.6997, 40.4497)),
        *((-50.0, 40.0), (-46.0, 48.0), (-57.0, 60.0), (-58.0, 65.0), (-60.0, 70.0), (-70.0, 75.0)),
        *((-74.0, 77.5), (-69.0, 79.5), (-63.0, 81.5), (-58.0, 83.0), (-58.0, 86.0), (-141.0, 86.0)),
    ),
    "pacific": ((-132.69, 54.66), (-136.0, 54.4), (-138.0, 50.0), (-129.1, 46.5), (-126.0, 48.1)),
}
"""Longitude and latitude of a hull that closes the line around Canada, by hand. In the Gulf of Maine it is
the boundary that the International Court of Justice drew in 1984; elsewhere at sea it is no claim, and only
keeps Greenland and the high seas out."""

WORDS: Final = {"CAN": ("Canadian side", "côté canadien"), "USA": ("American side", "côté américain")}


class Nearest(NamedTuple):
    """The nearest point of the line for each point that was asked.

    Attributes:
        metres: to the line.
        km: along its chain.
        alaska: whether that is the chain of Alaska.
        latitude, longitude: of that point, degrees.
    """

    metres: Floats
    km: Floats
    alaska: npt.NDArray[np.bool_]
    latitude: Floats
    longitude: Floats


class Post(NamedTuple):
    """A whole kilometre of the line: its chain, the kilometre, and where it is."""

    chain: str
    km: float
    latitude: float
    longitude: float


class Chain(NamedTuple):
    """Pieces of one chain in their order: where each begins and ends, and its kilometres."""

    name: str
    start: Floats
    end: Floats
    km: Floats
    length: Floats


@dataclass(frozen=True)
class Border:
    """The line, in memory.

    Attributes:
        lines: name of the chain, and longitude and latitude of its points; a chain may have several lines.
        digest: SHA-256 of the file.
    """

    lines: tuple[tuple[str, Floats], ...]
    digest: str

    @property
    def chains(self) -> tuple[str, ...]:
        """Names of the chains of kilometres."""
        return tuple(self._chains)

    def length(self, chain: str = "main") -> float:
        """Kilometres of a chain."""
        return float(self._chains[chain].km[-1] + self._chains[chain].length[-1])

    def at(self, km: float, chain: str = "main") -> tuple[float, float]:
        """Latitude and longitude at a kilometre. Raises `ValueError` for one that the chain has not."""
        if not 0 <= km <= self.length(chain):
            raise ValueError(f"kilometre {km:g}: the chain {chain} goes from 0 to {self.length(chain):.1f}")
        latitude, longitude = self.places(np.array([km]), chain)
        return float(latitude[0]), float(longitude[0])

    def places(self, km: Floats, chain: str = "main") -> tuple[Floats, Floats]:
        """Latitude and longitude at each of many kilometres; at an end for those beyond it."""
        mine = self._chains[chain]
        row = np.maximum(np.searchsorted(mine.km, km, side="right") - 1, 0)
        along = np.clip((km - mine.km[row]) / mine.length[row], 0.0, 1.0)[:, None]
        longitude, latitude = (mine.start[row] + along * (mine.end[row] - mine.start[row])).T
        return latitude.copy(), longitude.copy()

    def posts(self, step: float, chain: str = "main") -> Iterator[Post]:
        """A post every so many kilometres, from 0."""
        for number in range(int(self.length(chain) // step) + 1):
            yield Post(chain, number * step, *self.at(number * step, chain))

    def km_of(self, row: int) -> Floats:
        """The kilometre of each point of a line, by its number in `lines`."""
        name, points = self.lines[row]
        before = sum(_lengths(each).sum() for one, each in self.lines[:row] if one == name)
        return np.asarray(before + np.concatenate([[0.0], np.cumsum(_lengths(points))]))

    def nearest(self, latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> Nearest:
        """The nearest point of the line for each of many points.

        Raises:
            ValueError: a latitude is beyond a pole, or no number.
        """
        points = _points(latitude, longitude)
        order = np.lexsort(np.floor(points / CELL).T)
        blocks = [self._nearest(points[order[at : at + BLOCK]]) for at in range(0, len(points), BLOCK)]
        if not blocks:
            none = np.zeros(0)
            return Nearest(none, none, np.zeros(0, np.bool_), none, none)
        back = np.argsort(order)
        return Nearest(*(np.concatenate(parts)[back] for parts in zip(*blocks, strict=True)))

    def side(self, latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> npt.NDArray[np.str_]:
        """On which side of the line each point is: CAN, USA, or empty where it is too far to say.

        A side is not a territory: Saint-Pierre is on the Canadian side.
        """
        points = _points(latitude, longitude)
        north = self._within(points)
        found = np.where(north, "CAN", "")
        rest = np.flatnonzero(~north)
        close = self.nearest(points[rest, 1], points[rest, 0]).metres <= REACH
        found[rest[close]] = "USA"
        return found

    @cached_property
    def _chains(self) -> dict[str, Chain]:
        names = dict.fromkeys(name for name, _ in self.lines)
        return {name: _chain(name, [points for one, points in self.lines if one == name]) for name in names}

    @cached_property
    def _pieces(self) -> tuple[Floats, Floats, Floats, Floats, npt.NDArray[np.bool_]]:
        """Of all chains together: starts, ends, kilometres, lengths, and which are Alaska's."""
        every = tuple(self._chains.values())
        alaska = [np.full(len(one.km), one.name == "alaska") for one in every]
        start, end, km, length = (
            np.concatenate(parts) for parts in zip(*(o[1:] for o in every), strict=True)
        )
        return start, end, km, length, np.concatenate(alaska)

    @cached_property
    def _chunks(self) -> tuple[Numbers, Floats, Floats, Floats, Floats]:
        """Numbers of the pieces of each chunk, its middle and radius, and ends of all pieces, in metres."""
        start, end = map(_space, self._pieces[:2])
        rows = np.minimum(np.arange(-(-len(start) // CHUNK) * CHUNK), len(start) - 1).reshape(-1, CHUNK)
        middle = start[rows[:, CHUNK // 2]]
        reach = np.stack([start[rows], end[rows]]) - middle[:, None]
        radius = np.sqrt((reach**2).sum(-1).max((0, 2)))
        return rows, middle, radius, start, end

    def _nearest(self, points: Floats) -> Nearest:
        """The same of one block: every chunk that may hold the nearest point is looked into."""
        rows, middle, radius, start, end = self._chunks
        here = _space(points)
        centre = here.mean(0)
        away = np.sqrt(((middle - centre) ** 2).sum(1))
        spread = np.sqrt(((here - centre) ** 2).sum(1).max())
        near = np.flatnonzero(away - radius <= away.min() + 2 * spread)
        off = here[:, None] - middle[near]
        apart = np.sqrt((off**2).sum(-1))
        which, chunk = np.nonzero(apart - radius[near] <= apart.min(1)[:, None])
        pieces = rows[near[chunk]]
        from_, along = start[pieces], end[pieces] - start[pieces]
        off = here[which][:, None] - from_
        share = np.clip((off * along).sum(-1) / (along**2).sum(-1), 0, 1)
        far = np.sqrt(((off - share[..., None] * along) ** 2).sum(-1))
        best = far.argmin(1)
        order = np.lexsort((far.min(1), which))
        first = order[np.searchsorted(which[order], np.arange(len(points)))]
        mine = first, best[first]
        return self._told(pieces[mine], share[mine], far[mine])

    def _told(self, piece: Numbers, share: Floats, chord: Floats) -> Nearest:
        start, end, km, length, alaska = self._pieces
        foot = start[piece] + share[:, None] * (end[piece] - start[piece])
        metres = 2 * MEAN_RADIUS * np.arcsin(np.minimum(chord / (2 * MEAN_RADIUS), 1))
        return Nearest(metres, km[piece] + share * length[piece], alaska[piece], foot[:, 1], foot[:, 0])

    @cached_property
    def ring(self) -> Floats:
        """Longitude and latitude of the points of a ring around the Canadian side: the line, and `AROUND`."""
        main = [points for name, points in self.lines if name == "main"]
        alaska = [points for name, points in self.lines if name == "alaska"]
        around = [np.array(AROUND["atlantic"]), *alaska, np.array(AROUND["pacific"])]
        return np.concatenate([*main, *around, main[0][:1]])

    @cached_property
    def _hull(self) -> tuple[Floats, Floats, Numbers, Numbers]:
        """Edges around Canada, and of each bin of longitudes which of them cross it and where those begin."""
        start, end = self.ring[:-1], self.ring[1:]
        leans = start[:, 0] != end[:, 0]
        start, end = start[leans], end[leans]
        west, east = (_bins(f(start[:, 0], end[:, 0])) for f in (np.minimum, np.maximum))
        count = east - west + 1
        edge = np.repeat(np.arange(len(start)), count)
        bin_ = np.repeat(west, count) + _counted(count)
        order = np.argsort(bin_, kind="stable")
        return start, end, edge[order], np.searchsorted(bin_[order], np.arange(_BINS + 1))

    def _within(self, points: Floats) -> npt.NDArray[np.bool_]:
        """Whether each point is inside the hull: going north from it crosses an odd number of edges."""
        start, end, edges, first = self._hull
        bins = _bins(points[:, 0])
        count = first[bins + 1] - first[bins]
        point = np.repeat(np.arange(len(points)), count)
        edge = edges[np.repeat(first[bins], count) + _counted(count)]
        a, b, here = start[edge], end[edge], points[point]
        spans = (a[:, 0] > here[:, 0]) != (b[:, 0] > here[:, 0])
        height = a[:, 1] + (here[:, 0] - a[:, 0]) / (b[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])
        crossed = np.bincount(point[spans & (height > here[:, 1])], minlength=len(points))
        return np.asarray(crossed % 2 == 1)


_BINS: Final = 36_000


def _bins(longitude: Floats) -> Numbers:
    return np.clip(((longitude + 180) * (_BINS / 360)).astype(np.int64), 0, _BINS - 1)


def _counted(count: Numbers) -> Numbers:
    """0, 1, 2… within each run of so many."""
    ends = np.cumsum(count)
    return np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - count, count)


def _points(latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> Floats:
    """Longitude, from -180 to 180, and latitude of each point."""
    north, east = np.atleast_1d(np.asarray(latitude, float)), np.atleast_1d(np.asarray(longitude, float))
    if not (np.abs(north) <= 90).all():
        raise ValueError("latitudes go from -90 to 90")
    if not np.isfinite(east).all():
        raise ValueError("a longitude is no number")
    return np.stack([(east + 180) % 360 - 180, north], 1)


def _space(points: Floats) -> Floats:
    """Points on the ellipsoid, in metres from the centre of the Earth."""
    east, north = np.radians(points).T
    normal = AXIS / np.sqrt(1 - SQUARE * np.sin(north) ** 2)
    flat = normal * np.cos(north)
    return np.stack([flat * np.cos(east), flat * np.sin(east), normal * (1 - SQUARE) * np.sin(north)], 1)


def _chain(name: str, lines: list[Floats]) -> Chain:
    cut = [_cut(line) for line in lines]
    start, end = (np.concatenate(parts) for parts in zip(*((one[:-1], one[1:]) for one in cut), strict=True))
    length = np.concatenate([_lengths(one) for one in cut])
    return Chain(name, start, end, np.cumsum(length) - length, length)


def _cut(line: Floats) -> Floats:
    """The same line with no piece longer than `PIECE`."""
    steps = np.maximum(np.ceil(np.abs(np.diff(line, axis=0)).max(1) / PIECE), 1).astype(np.int64)
    row = np.repeat(np.arange(len(steps)), steps)
    share = _counted(steps) / steps[row]
    return np.concatenate([line[row] + share[:, None] * (line[row + 1] - line[row]), line[-1:]])


def _lengths(line: Floats) -> Floats:
    """Kilometres between each point and the next, by the radii of curvature at the middle."""
    middle = np.radians((line[:-1, 1] + line[1:, 1]) / 2)
    east, north = np.radians(np.diff(line, axis=0)).T
    bend = 1 - SQUARE * np.sin(middle) ** 2
    across = AXIS / np.sqrt(bend)
    return np.asarray(np.hypot(across * np.cos(middle) * east, across * (1 - SQUARE) / bend * north) / 1000)


def parse(content: bytes) -> Border:
    """The line from the bytes of its file."""
    found = json.loads(gzip.decompress(content))["features"]
    lines = ((one["properties"]["chain"], np.array(one["geometry"]["coordinates"])) for one in found)
    return Border(tuple(lines), sha256(content).hexdigest())


@lru_cache(maxsize=1)
def load() -> Border:
    """The line that comes with the package."""
    return parse(content())


@lru_cache(maxsize=1)
def content() -> bytes:
    """The bytes of its file, as desks are handed it."""
    return (files(__package__) / FILE).read_bytes()
