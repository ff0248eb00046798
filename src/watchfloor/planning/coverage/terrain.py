"""Sight over hills: what share of each kilometre of the line a fixed sensor on a mast sees.

Heights lie as files in `terrain/` of a floor, on grids of degrees or of a UTM zone. Files whose cells fall
together, such as tiles of one degree, are one ground. Around a sensor its spikes and voids are mended
(`formats.terrain.repair`), and the exact line of sight (`planning.towers.sight`) goes from the mast to ten
points of each kilometre, as high above the ground as who crosses there. A point without a height is taken to
be in sight; behind a void nothing is.
"""

import math
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.casework.tasking.assets import Asset
from watchfloor.core.extras import MissingExtraError
from watchfloor.core.messages import Reason, declare, reason
from watchfloor.formats.sensors import utm
from watchfloor.formats.terrain import Terrain, TerrainError, read, repair
from watchfloor.planning.coverage.axis import BEYOND, SAMPLES, Floats, Numbers, axis, samples
from watchfloor.planning.coverage.crossers import CROSSERS
from watchfloor.planning.towers.sight import Ground, Points, locate, look

FOLDER: Final = "terrain"
ENDINGS: Final = (".asc", ".hgt", ".tif", ".tiff")
MARGIN: Final = 2_000.0
"""Metres of ground beyond a sensor's reach that are read with it: a kilometre reaches beyond its middle."""
CSRS: Final = {
    **{2955 + one: 11 + one for one in range(3)},
    **{2958 + one: 17 + one for one in range(5)},
    **{3154 + one: 7 + one for one in range(4)},
    **{3158 + one: 14 + one for one in range(3)},
}
"""Zones of UTM by their EPSG codes on NAD83(CSRS), within 2 m of WGS84."""

NO_ZONE: Final = declare("coverage.no-zone", "file", "system")
NO_SYSTEM: Final = declare("coverage.no-system", "file")
UNUSABLE: Final = declare("coverage.bad-terrain", "file", "why")


class File(NamedTuple):
    """A file of heights as it lies in the folder, and what coverage.toml says of it."""

    path: Path
    changed: int
    size: int
    zone: str
    unit: str


class Sight(NamedTuple):
    """The part of the line that a sensor sees.

    Attributes:
        km: kilometres within its reach.
        share: of their points in sight, of shape (kinds of crosser, kilometres).
        known: share of all these points whose height is known.
    """

    km: Numbers
    share: Floats
    known: float


class _Lattice(NamedTuple):
    """Where the cells of a grid lie: zone of UTM (0: degrees), first centre, steps, rows and columns."""

    zone: int
    west: float
    north: float
    step_x: float
    step_y: float
    rows: int
    columns: int

    def offset(self, other: "_Lattice") -> tuple[int, int] | None:
        """Return rows and columns from the first cell to another's; None where their cells do not match."""
        if (self.zone, self.step_x, self.step_y) != (other.zone, other.step_x, other.step_y):
            return None
        down, across = (self.north - other.north) / self.step_y, (other.west - self.west) / self.step_x
        if max(abs(down - round(down)), abs(across - round(across))) > 1e-3:
            return None
        return round(down), round(across)

    def places(self, latitude: Floats, longitude: Floats) -> tuple[Floats, Floats]:
        """Return x and y of places."""
        return utm.projected(self.zone, latitude, longitude) if self.zone else (longitude, latitude)


def files(floor: Path, zones: Mapping[str, tuple[str, str]]) -> tuple[File, ...]:
    """Return the floor's files of heights; `zones` has UTM zone and unit of those that do not say them."""
    folder = floor / FOLDER
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    return tuple(
        File(one, one.stat().st_mtime_ns, one.stat().st_size, *zones.get(one.name, ("", "")))
        for one in found
        if one.name.lower().removesuffix(".gz").endswith(ENDINGS)
    )


def usable(found: tuple[File, ...]) -> tuple[tuple[File, ...], list[Reason]]:
    """Return the files that can be used, and why others cannot."""
    good, problems = [], []
    for one in found:
        try:
            _lattice(one)
        except (TerrainError, MissingExtraError) as error:
            why = getattr(error, "reason", None) or str(error)
            problems.append(reason(UNUSABLE, file=one.path.name, why=str(why)))
        else:
            good.append(one)
    return tuple(good), problems


def sight(found: tuple[File, ...], asset: Asset) -> Sight | None:
    """Return what a fixed sensor sees of the line; None where no file has the ground that it stands on.

    It is computed once for each place, mast and reach on the same files.
    """
    return _sight(found, asset.latitude, asset.longitude, asset.mast_m, asset.reach_m)


@lru_cache(maxsize=1_000)
def _sight(
    found: tuple[File, ...], latitude: float, longitude: float, mast: float, reach: float
) -> Sight | None:
    km, _, _ = axis().near(latitude, longitude, reach + BEYOND)
    around = _window(found, latitude, longitude, reach + MARGIN)
    if around is None:
        return None
    lattice, terrain = around
    x, y = (float(one[0]) for one in lattice.places(np.array([latitude]), np.array([longitude])))
    site = Points.plain(("",), np.array([x]), np.array([y]), mast)
    if not terrain.holds(site.x, site.y).all() or np.isnan(terrain.at(site.x, site.y)).any():
        return None
    across, up = lattice.places(*(one[km].ravel() for one in samples()))
    known = terrain.holds(across, up)
    heights = np.full(len(across), np.nan)
    heights[known] = terrain.at(across[known], up[known])
    known = ~np.isnan(heights)
    rows, columns = terrain.index(across[known], up[known])
    ground, eye = Ground.prepare(terrain), locate(terrain, site)
    share = np.ones((len(CROSSERS), len(km)))
    for number, kind in enumerate(CROSSERS.values()):
        seen = np.ones(len(across))
        tops = rows, columns, heights[known] + kind.height
        bits = look(ground, eye, site.views(), tops, np.arange(len(rows)))
        seen[known] = np.unpackbits(bits[0], count=len(rows), bitorder="little")
        share[number] = seen.reshape(len(km), SAMPLES).mean(1)
    return Sight(km, share, float(known.mean()) if len(known) else 1.0)


def _window(
    found: tuple[File, ...], latitude: float, longitude: float, reach: float
) -> tuple[_Lattice, Terrain] | None:
    """Return the ground around a place, mended, from every file whose cells match the one it stands on."""
    place = np.array([latitude]), np.array([longitude])
    lattices = {one: _lattice(one) for one in found}
    home = next((one for one in lattices.values() if _holds(one, *one.places(*place))), None)
    if home is None:
        return None
    east, north = reach / home.step_x, reach / home.step_y
    if not home.zone:
        degree = math.radians(1) * 6_356_752.0  # the shorter radius: rather a little more ground than less
        east, north = east / (degree * math.cos(math.radians(latitude))), north / degree
    x, y = (float(one[0]) for one in home.places(*place))
    row, column = (home.north - y) / home.step_y, (x - home.west) / home.step_x
    top, left = math.floor(row - north), math.floor(column - east)
    shape = math.ceil(row + north) - top + 1, math.ceil(column + east) - left + 1
    heights = np.full(shape, np.nan, np.float32)
    for file, lattice in lattices.items():
        offset = home.offset(lattice)
        if offset is None:
            continue
        down, across = offset[0] - top, offset[1] - left
        rows = slice(max(down, 0), min(down + lattice.rows, shape[0]))
        columns = slice(max(across, 0), min(across + lattice.columns, shape[1]))
        if rows.start < rows.stop and columns.start < columns.stop:
            part = _read(file).heights[
                rows.start - down : rows.stop - down, columns.start - across : columns.stop - across
            ]
            heights[rows, columns] = np.where(np.isnan(part), heights[rows, columns], part)
    west, northmost = home.west + left * home.step_x, home.north - top * home.step_y
    terrain = Terrain(heights, west, northmost, home.step_x, home.step_y, not home.zone)
    return home, repair(terrain)[0]


def _holds(lattice: _Lattice, x: Floats, y: Floats) -> npt.NDArray[np.bool_]:
    row, column = (lattice.north - y) / lattice.step_y, (x - lattice.west) / lattice.step_x
    return np.asarray(
        (row >= 0) & (row <= lattice.rows - 1) & (column >= 0) & (column <= lattice.columns - 1)
    )


@lru_cache(maxsize=1_000)
def _lattice(file: File) -> _Lattice:
    terrain = _read(file)
    zone = 0 if terrain.degrees else _zone(file, terrain.crs)
    at = terrain.west, terrain.north, terrain.step_x, terrain.step_y
    return _Lattice(zone, *at, *terrain.heights.shape)


@lru_cache(maxsize=8)
def _read(file: File) -> Terrain:
    return read(file.path, unit=file.unit)


def _zone(file: File, system: str) -> int:
    """Return the UTM zone of a grid in metres, negative on the southern half."""
    if file.zone and (zone := utm.zone(file.zone)):
        return zone
    code = re.fullmatch(r"EPSG:(\d+)", system.strip())
    number = int(code[1]) if code else 0
    for first, sign in ((32_600, 1), (32_700, -1), (26_900, 1)):  # WGS84 north and south, NAD83
        if 0 < number - first <= (60 if first > 32_000 else 23):
            return sign * (number - first)
    if number in CSRS:
        return CSRS[number]
    if not system:
        raise TerrainError(reason(NO_SYSTEM, file=file.path.name))
    raise TerrainError(reason(NO_ZONE, file=file.path.name, system=system))
