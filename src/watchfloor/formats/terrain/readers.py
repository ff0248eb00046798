"""Readers of grids of heights: ESRI ASCII, SRTM HGT, GeoTIFF.

An ESRI ASCII grid gives the corner or the centre of its south-western cell (`xllcorner`, `xllcenter`) and
no coordinate system: cells smaller than a tenth at places that can be degrees are taken for degrees, else
metres. An HGT file covers one degree with posts on its edges (SRTM documentation, NASA/USGS): 1,201 or 3,601
of them a side, big-endian, the south-western corner in its name. A GeoTIFF is read by rasterio;
`AREA_OR_POINT` says whether its transform means corners or centres, and rasterio gives corners for both.
"""

import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Final, NoReturn, cast

import numpy as np

from watchfloor.core.extras import optional
from watchfloor.core.messages import Message, Parameter, declare, reason
from watchfloor.formats.terrain.grid import Heights, Terrain, TerrainError

FOOT: Final = 0.3048
"""Metres of an international foot (exact, 1959)."""

HIGHEST, LOWEST = 8_850.0, -500.0
"""Metres: beyond them is no land of this planet (Everest 8,849 m; the Dead Sea's shore -440 m)."""

MOST_CELLS: Final = 400_000_000
"""Cells of a window that are held in memory: 1.6 GB."""

MOST_COLUMNS: Final = 2_000_000
"""Columns of an ESRI ASCII grid, whose rows are read whole: the earth round has 1,296,000 of a second."""

AT_ONCE: Final = 1 << 20
LONGEST_NUMBER: Final = 1_000
"""Bytes of an ESRI ASCII grid that are read at once, and of one number."""

SIZES: Final = (1_201, 3_601)
"""Posts a side of HGT files: 3 and 1 seconds of arc."""

BAD_HEADER = declare("terrain.bad-header", "file", "line")
BAD_HEIGHT = declare("terrain.bad-height", "file", "near")
CUT_SHORT = declare("terrain.cut-short", "file", "row", "rows")
DATUM = declare("terrain.datum", "file", "system")
ELSEWHERE = declare("terrain.elsewhere", "file", "west", "east", "south", "north")
FEET_GRID = declare("terrain.feet-grid", "file")
FEET_HEIGHTS = declare("terrain.feet-heights", "file")
GEOID = declare("terrain.geoid", "file")
HGT_NAME = declare("terrain.hgt-name", "file")
HGT_SIZE = declare("terrain.hgt-size", "file", "size")
NO_CELL_SIZE = declare("terrain.no-cell-size", "file")
NO_CORNER = declare("terrain.no-corner", "file")
NO_LAND = declare("terrain.no-land", "file", "lowest", "highest")
NO_SIZE = declare("terrain.no-size", "file")
NO_SYSTEM = declare("terrain.no-system", "file")
ONLY_VOIDS = declare("terrain.only-voids", "file")
ROTATED = declare("terrain.rotated", "file")
TAKEN_FOR_DEGREES = declare("terrain.taken-for-degrees", "file")
TAKEN_FOR_METRES = declare("terrain.taken-for-metres", "file")
TOO_LARGE = declare("terrain.too-large", "file", "rows", "columns")
UNIT = declare("terrain.unit", "unit")
UNREADABLE = declare("terrain.unreadable", "file", "why")
UPSIDE_DOWN = declare("terrain.upside-down", "file")
ENDING = declare("terrain.ending", "file", "endings")

Box = tuple[float, float, float, float]
"""West, south, east and north, in the grid's own units."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """The whole grid of a file: its first centre, steps and size, before a window is cut."""

    west: float
    north: float
    step_x: float
    step_y: float
    rows: int
    columns: int
    degrees: bool

    def window(self, box: Box | None, name: str) -> tuple[slice, slice]:
        """Rows and columns of a box, one cell wider on each side.

        Raises:
            TerrainError: the box and the grid do not meet, or the window is too large to hold.
        """
        west, south, east, north = box or (-np.inf, -np.inf, np.inf, np.inf)
        first = max(0, _floor((self.north - north) / self.step_y) - 1)
        last = min(self.rows, _floor((self.north - south) / self.step_y) + 3)
        left = max(0, _floor((west - self.west) / self.step_x) - 1)
        right = min(self.columns, _floor((east - self.west) / self.step_x) + 3)
        if last - first < 2 or right - left < 2:
            _refuse(
                ELSEWHERE,
                file=name,
                west=self.west,
                east=self.west + self.step_x * (self.columns - 1),
                south=self.north - self.step_y * (self.rows - 1),
                north=self.north,
            )
        if (last - first) * (right - left) > MOST_CELLS:
            _refuse(TOO_LARGE, file=name, rows=last - first, columns=right - left)
        return slice(first, last), slice(left, right)

    def terrain(self, heights: Heights, rows: slice, columns: slice) -> Terrain:
        """Return the window as terrain."""
        west, north = self.west + columns.start * self.step_x, self.north - rows.start * self.step_y
        return Terrain(heights, west, north, self.step_x, self.step_y, self.degrees)


def _refuse(message: Message, **params: Parameter) -> NoReturn:
    raise TerrainError(reason(message, **params))


def read(path: Path, box: Box | None = None, unit: str = "") -> Terrain:
    """Read a grid of heights, or the window of it around a box.

    Args:
        path: `.asc`, `.hgt` or `.tif`, the first two also compressed as `.gz`.
        box: what is needed of it, in the grid's own units; more is read where a cell reaches over its edge.
        unit: `metre` or `foot`, where the file does not say or is wrong.

    Raises:
        TerrainError: the file is no grid, its heights are in another unit than it says, or it lies elsewhere.
        MissingExtraError: a GeoTIFF is given and rasterio is not installed.
    """
    name = path.name.lower().removesuffix(".gz")
    reader = next((one for ending, one in _READERS.items() if name.endswith(ending)), None)
    if reader is None:
        _refuse(ENDING, file=path.name, endings=", ".join(sorted(_READERS)))
    try:
        return _in_metres(reader(path, box), unit, path.name)
    except (OSError, EOFError, zlib.error) as error:  # the last two: a .gz that is cut short or damaged
        _refuse(UNREADABLE, file=path.name, why=str(error))


def _in_metres(terrain: Terrain, unit: str, name: str) -> Terrain:
    if unit not in ("", "metre", "foot"):
        _refuse(UNIT, unit=unit)
    if unit == "foot":
        heights = np.multiply(terrain.heights, np.float32(FOOT))
        terrain = replace(terrain, heights=heights, notes=(*terrain.notes, reason(FEET_HEIGHTS, file=name)))
    heights = terrain.heights[~np.isnan(terrain.heights)]
    if heights.size == 0:
        _refuse(ONLY_VOIDS, file=name)
    lowest, highest = float(heights.min()), float(heights.max())
    # A single wild cell is a spike, which `repair` finds; a hundredth of all is another unit, or a void.
    if (highest > HIGHEST or lowest < LOWEST) and np.mean((heights > HIGHEST) | (heights < LOWEST)) > 0.01:
        _refuse(NO_LAND, file=name, lowest=round(lowest), highest=round(highest))
    return terrain


def _floor(value: float) -> int:
    """The floor, within what an index may be: a box may reach to infinity."""
    return int(np.floor(min(max(value, -1e9), 1e9)))


def _open(path: Path) -> IO[bytes]:
    compressed = path.name.lower().endswith(".gz")
    return cast("IO[bytes]", gzip.open(path)) if compressed else path.open("rb")


def _ascii(path: Path, box: Box | None) -> Terrain:
    """An ESRI ASCII grid: a header of names and numbers, then rows from the north."""
    with _open(path) as file:
        header, rest = _header(file, path.name)
        frame = _ascii_frame(header, path.name)
        rows, columns = frame.window(box, path.name)
        void = header.get("nodata_value", -9999.0)
        heights = np.empty((rows.stop - rows.start, columns.stop - columns.start), np.float32)
        count = 0
        for count, row in enumerate(_rows(file, rest, frame.columns, path.name)):
            if count >= rows.stop:
                break
            if count >= rows.start:
                heights[count - rows.start] = row[columns]
        if count < rows.stop - 1:
            _refuse(CUT_SHORT, file=path.name, row=count + 1, rows=frame.rows)
    heights[heights == np.float32(void)] = np.nan
    note = reason(TAKEN_FOR_DEGREES if frame.degrees else TAKEN_FOR_METRES, file=path.name)
    return replace(frame.terrain(heights, rows, columns), notes=(note,))


def _header(file: IO[bytes], name: str) -> tuple[dict[str, float], bytes]:
    header: dict[str, float] = {}
    while True:
        line = file.readline(1_000_000)
        words = line.split(None, 1)
        if len(words) < 2 or not words[0][:1].isalpha():
            return header, line
        try:
            header[words[0].decode("ascii").lower()] = float(words[1])
        except ValueError:
            _refuse(BAD_HEADER, file=name, line=_quoted(line))


def _ascii_frame(header: dict[str, float], name: str) -> _Frame:
    if not (header.get("ncols", 0) >= 2 and header.get("nrows", 0) >= 2):
        _refuse(NO_SIZE, file=name)
    step_x, step_y = (header.get(key, header.get("cellsize", 0.0)) for key in ("dx", "dy"))
    if not (step_x > 0 and step_y > 0):
        _refuse(NO_CELL_SIZE, file=name)
    if not max(header["nrows"], header["ncols"]) <= MOST_CELLS or header["ncols"] > MOST_COLUMNS:
        _refuse(TOO_LARGE, file=name, rows=_floor(header["nrows"]), columns=_floor(header["ncols"]))
    rows, columns = int(header["nrows"]), int(header["ncols"])
    west = header.get("xllcenter", header.get("xllcorner", np.nan) + step_x / 2)
    south = header.get("yllcenter", header.get("yllcorner", np.nan) + step_y / 2)
    if not (np.isfinite(west) and np.isfinite(south)):
        _refuse(NO_CORNER, file=name)
    east, north = west + step_x * (columns - 1), south + step_y * (rows - 1)
    degrees = max(step_x, step_y) < 0.1 and west >= -181 and east <= 361 and south >= -91 and north <= 91
    return _Frame(west, north, step_x, step_y, rows, columns, degrees)


def _rows(file: IO[bytes], first: bytes, columns: int, name: str) -> Iterator[Any]:
    """Rows of numbers, however they are broken into lines; a line may be longer than memory."""
    numbers: list[bytes] = []
    begun, ends = first, False  # a number may go on in the next part
    while not ends:
        part = file.read(AT_ONCE)
        ends = not part
        numbers += (begun + part).split()
        begun = b"" if ends or (begun + part)[-1:].isspace() else numbers.pop()
        if len(begun) > LONGEST_NUMBER:
            _refuse(BAD_HEIGHT, file=name, near=_quoted(begun))
        whole = len(numbers) - len(numbers) % columns  # a row that is cut short is missed by who counts them
        for at in range(0, whole, columns):
            try:
                yield np.array(numbers[at : at + columns]).astype(np.float64).astype(np.float32)
            except ValueError:
                _refuse(BAD_HEIGHT, file=name, near=_quoted(b" ".join(numbers[at : at + 3])))
        del numbers[:whole]


def _quoted(line: bytes) -> str:
    return line[:60].decode("ascii", "backslashreplace").strip()


def _hgt(path: Path, box: Box | None) -> Terrain:
    """An SRTM tile: big-endian 16 bit, from the north-west, -32768 for voids."""
    named = re.match(r"([NS])(\d{2})([EW])(\d{3})", path.name.upper())
    if not named:
        _refuse(HGT_NAME, file=path.name)
    south = int(named[2]) * (1 if named[1] == "N" else -1)
    west = int(named[4]) * (1 if named[3] == "E" else -1)
    with _open(path) as file:
        content = file.read(2 * SIZES[-1] ** 2 + 2)
    size = next((one for one in SIZES if 2 * one * one == len(content)), 0)
    if not size:
        _refuse(HGT_SIZE, file=path.name, size=len(content))
    step = 1 / (size - 1)
    frame = _Frame(float(west), south + 1.0, step, step, size, size, degrees=True)
    rows, columns = frame.window(box, path.name)
    stored = np.frombuffer(content, ">i2").reshape(size, size)[rows, columns]
    heights = stored.astype(np.float32)
    heights[stored == -32768] = np.nan
    note = reason(GEOID, file=path.name)
    return replace(frame.terrain(heights, rows, columns), crs="EPSG:4326", notes=(note,))


def _geotiff(path: Path, box: Box | None) -> Terrain:
    """A GeoTIFF, also cloud-optimised: the window of its first band."""
    with optional():
        import rasterio
        from rasterio.errors import RasterioError
        from rasterio.windows import Window
    try:
        with rasterio.open(path, driver="GTiff") as file:  # others read what a file names: VRT any address
            at, crs = file.transform, file.crs
            if at.b or at.d or at.a <= 0:  # the last: its west on the right
                _refuse(ROTATED, file=path.name)
            if crs is None:
                _refuse(NO_SYSTEM, file=path.name)
            if not crs.is_geographic and abs(float(crs.linear_units_factor[1]) - 1) > 1e-9:
                _refuse(FEET_GRID, file=path.name)
            notes = [reason(DATUM, file=path.name, system=str(crs))]
            upside_down = at.e > 0
            north = at.f + at.e * (file.height - 0.5) if upside_down else at.f + at.e * 0.5
            frame = _Frame(
                at.c + at.a / 2, north, at.a, abs(at.e), file.height, file.width, crs.is_geographic
            )
            rows, columns = frame.window(box, path.name)
            height, width = rows.stop - rows.start, columns.stop - columns.start
            top = file.height - rows.stop if upside_down else rows.start
            band = file.read(1, window=Window(columns.start, top, width, height), masked=True)
            if upside_down:
                band = band[::-1]
                notes.append(reason(UPSIDE_DOWN, file=path.name))
            heights = np.ascontiguousarray(np.ma.filled(band.astype(np.float32), np.nan))
            if _in_feet(str(file.units[0] or ""), str(crs.to_wkt())):
                heights *= np.float32(FOOT)
                notes.append(reason(FEET_HEIGHTS, file=path.name))
            return replace(frame.terrain(heights, rows, columns), crs=str(crs), notes=tuple(notes))
    except RasterioError as error:
        _refuse(UNREADABLE, file=path.name, why=str(error))


def _in_feet(unit: str, wkt: str) -> bool:
    """Whether heights are in feet, by the band's unit or else by the vertical part of its system.

    The US survey foot is longer by two parts in a million, 2 cm on the highest mountain.
    """
    vertical = wkt.upper().partition("VERT_CS")[2] or wkt.upper().partition("VERTCRS")[2]
    return "FOOT" in (unit.upper() or vertical) or unit.lower() in ("ft", "feet", "us-ft")


_READERS: Final[dict[str, Callable[[Path, Box | None], Terrain]]] = {
    ".asc": _ascii,
    ".hgt": _hgt,
    ".tif": _geotiff,
    ".tiff": _geotiff,
}
