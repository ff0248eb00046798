"""Scenes read by windows: GeoTIFF, cloud-optimised GeoTIFF and ENVI, one file or one file a band.

A file is opened by the driver that its first bytes name, never by what GDAL would make of its name: a VRT or
a `/vsicurl/` path may point anywhere. Files beside it are not read, but for the header of an ENVI file, and
the network is off. Nothing larger than a window is ever held, so a scene may be larger than memory.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, NoReturn

import numpy as np
import numpy.typing as npt

from watchfloor.core.extras import optional
from watchfloor.core.messages import Message, Parameter, Reason, declare, reason

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

LOCKED: Final = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "TRUE",  # EMPTY_DIR would hide the header of an ENVI file
    "GDAL_PAM_ENABLED": "NO",  # .aux.xml
    "GDAL_GEOREF_SOURCES": "INTERNAL",  # .tfw, .tab
    "GDAL_CACHEMAX": 64,  # MiB
    "GDAL_NUM_THREADS": 1,
    "GDAL_HTTP_MAX_RETRY": 0,
    "CPL_CURL_ENABLE_VSIMEM": "NO",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GTIFF_VIRTUAL_MEM_IO": "NO",
    "PROJ_NETWORK": "OFF",
}
"""Settings of GDAL while a scene is open."""

TIFF: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""First bytes of a TIFF and of a BigTIFF."""
MOST_SIDE: Final = 400_000
"""Pixels a side: ten times a Sentinel-2 tile is 109,800."""
MOST_BANDS: Final = 512
"""Bands of a file; the hyperspectral EnMAP has 224."""
MOST_BLOCKS: Final = 200_000
"""Blocks of a TIFF whose places are looked at, to tell a file that ends early before it is worked on."""
NEAR: Final = 0.1
"""Degrees around a scene within which a mask is projected."""
STRAIGHT: Final = 0.01
"""Degrees of a mask's edge that are as good as straight in any projection."""
SAME_GRID: Final = 1e-3
"""Pixels by which two grids may differ and still be one."""

BAD_HEADER = declare("scene.bad-header", "file", "why")
COMPLEX = declare("scene.complex", "file")
ENDS_EARLY = declare("scene.ends-early", "file", "bytes", "expected")
NO_FILE = declare("scene.no-file", "file")
NOT_SCENE = declare("scene.not-a-scene", "file")
OTHER_BANDS_GRID = declare("scene.other-bands-grid", "file")
ROTATED = declare("scene.rotated", "file")
TOO_LARGE = declare("scene.too-large", "file", "rows", "columns", "bands")
UNREADABLE = declare("scene.unreadable", "file", "row", "why")


class SceneError(ValueError):
    """A scene that cannot be used; the reason says why, and what to do."""

    def __init__(self, why: Reason) -> None:
        self.reason = why
        super().__init__(str(why))


def refuse(message: Message, **params: Parameter) -> NoReturn:
    """Raise `SceneError`."""
    raise SceneError(reason(message, **params))


class Box(NamedTuple):
    """A window: its first row and column, and how many of each."""

    row: int
    column: int
    rows: int
    columns: int


COMMON: Final = {
    "coastal": (0.40, 0.45),
    "blue": (0.45, 0.53),
    "green": (0.51, 0.60),
    "yellow": (0.585, 0.625),
    "red": (0.62, 0.69),
    "rededge": (0.69, 0.79),
    "nir": (0.75, 1.00),
    "nir08": (0.841, 0.876),
    "nir09": (0.85, 1.05),
    "cirrus": (1.35, 1.40),
    "swir16": (1.55, 1.75),
    "swir22": (2.08, 2.35),
    "lwir": (10.4, 12.5),
}
"""Common names of bands and their wavelengths in micrometres (STAC extension `eo` 1.1, common band names)."""

_BY_WAVELENGTH: Final = (
    ("coastal", 0.451),
    ("blue", 0.525),
    ("green", 0.6),
    ("red", 0.69),
    ("rededge", 0.79),
    ("nir", 0.92),
    ("nir09", 1.05),
    ("cirrus", 1.42),
    ("swir16", 1.8),
    ("swir22", 2.4),
    ("lwir", 13.0),
)
"""Common name of a band by its middle, the first whose end is above it; between bands none is meant."""

_NAMED: Final = re.compile(
    r"\b(coastal|blue|green|yellow|red[ _-]?edge|red|nir0?[89]?|cirrus|swir[ _-]?(?:16|22|1|2)|lwir|"
    r"vv|vh|hh|hv|rh|rv)\b",
    re.IGNORECASE,
)
_MICROMETRES: Final = re.compile(r"\(?(\d+(?:\.\d+)?)\s*(micrometers?|µm|um|nanometers?|nm)\b", re.IGNORECASE)
_ALIASES: Final = {"swir1": "swir16", "swir2": "swir22", "nir8": "nir08", "nir9": "nir09"}


@dataclass(frozen=True, slots=True)
class Band:
    """A band of a scene: its place in its file, and its common name, empty where the file does not say."""

    file: int
    index: int
    name: str
    text: str


def common_name(text: str) -> str:
    """Return the common name of a band that a text names, or whose wavelength it gives; else nothing."""
    if found := _MICROMETRES.search(text):
        middle = float(found[1]) * (1e-3 if found[2].lower().startswith("n") else 1.0)
        return next((name for name, end in _BY_WAVELENGTH if middle <= end), "") if middle > 0.4 else ""
    if found := _NAMED.search(text.replace("_", " ")):
        name = re.sub(r"[ _-]", "", found[1].lower())
        return _ALIASES.get(name, name)
    return ""


class Scene:
    """A scene that is open, as rows and columns of its finest band.

    Attributes:
        name: of its file or folder, for sentences.
        rows, columns: its size.
        bands: its bands, in the order in which `read` gives them.
        crs: of its projection, as rasterio has it; None: it has none.
        transform: from columns and rows to its coordinates, an affine of six.
        dtypes: types of its pixels, one a band.
        fills: what stands for no measurement, one a band; None: nobody says.
    """

    def __init__(self, name: str, files: Sequence[Any], names: Sequence[str] = ()) -> None:
        self.name, self._files = name, list(files)
        first = max(self._files, key=lambda one: one.width)
        self.rows, self.columns = int(first.height), int(first.width)
        self.crs, self.transform = first.crs, first.transform
        self.bands = tuple(_bands(self._files, names))
        self.dtypes = tuple(str(self._files[one.file].dtypes[one.index - 1]) for one in self.bands)
        self.fills = tuple(self._files[one.file].nodatavals[one.index - 1] for one in self.bands)
        if any(kind.startswith("complex") for kind in self.dtypes):
            refuse(COMPLEX, file=name)
        if self.transform.b or self.transform.d:
            refuse(ROTATED, file=name)
        self._ratios = [self._ratio(one) for one in self._files]

    def _ratio(self, file: Any) -> int:
        """Return how many of the scene's pixels a file's pixel is wide."""
        ratio = round(self.columns / int(file.width))
        same = (
            file.crs == self.crs and file.height * ratio == self.rows and file.width * ratio == self.columns
        )
        off = math.hypot(file.transform.c - self.transform.c, file.transform.f - self.transform.f)
        if not same or off > SAME_GRID * abs(self.transform.a) * ratio:
            refuse(OTHER_BANDS_GRID, file=_called(Path(file.name)))
        return ratio

    @property
    def resolution(self) -> float:
        """Return the size of a pixel in the unit of its projection."""
        return abs(float(self.transform.a))

    @property
    def metres(self) -> float:
        """Return the size of a pixel in metres; without a projection 0."""
        if self.crs is None:
            return 0.0
        if self.crs.is_geographic:
            middle = self.transform.f + self.transform.e * self.rows / 2
            return self.resolution * 111_320.0 * math.sqrt(max(math.cos(math.radians(middle)), 1e-6))
        return self.resolution * float(self.crs.linear_units_factor[1])

    def read(self, box: Box, bands: Sequence[int] | None = None) -> tuple[Floats, Mask]:
        """Return pixels of a window, and where every band has a measurement.

        Args:
            box: the window, all of it within the scene.
            bands: places among `bands`; else all.

        Returns:
            pixels of the shape (bands, rows, columns), and a mask (rows, columns).

        Raises:
            SceneError: the file ends early or is damaged there.
        """
        wanted = range(len(self.bands)) if bands is None else bands
        pixels = np.empty((len(wanted), box.rows, box.columns))
        valid = np.ones((box.rows, box.columns), bool)
        for place, number in enumerate(wanted):
            band, fill = self.bands[number], self.fills[number]
            pixels[place] = self._band(band, box)
            valid &= np.isfinite(pixels[place])
            if fill is not None:
                valid &= pixels[place] != fill
        return pixels, valid

    def _band(self, band: Band, box: Box) -> Floats:
        from rasterio.errors import RasterioError
        from rasterio.windows import Window

        file, ratio = self._files[band.file], self._ratios[band.file]
        top, left = box.row // ratio, box.column // ratio
        bottom, right = -(-(box.row + box.rows) // ratio), -(-(box.column + box.columns) // ratio)
        try:
            read = file.read(band.index, window=Window(left, top, right - left, bottom - top))
        except (RasterioError, MemoryError) as error:
            refuse(UNREADABLE, file=_called(Path(file.name)), row=box.row, why=_plain(error))
        read = read.astype(np.float64)
        if ratio > 1:
            read = np.repeat(np.repeat(read, ratio, 0), ratio, 1)
            row, column = box.row - top * ratio, box.column - left * ratio
            read = read[row : row + box.rows, column : column + box.columns]
        return np.asarray(read)

    def footprint(self) -> dict[str, Any]:
        """Return its outline in WGS84 as GeoJSON, cut at the antimeridian. It must have a projection."""
        from rasterio.warp import transform

        rows = [0.0, self.rows * 0.5, float(self.rows)]
        columns = [0.0, self.columns * 0.5, float(self.columns)]
        ring = [(c, 0.0) for c in columns] + [(columns[2], r) for r in rows[1:]]
        ring += [(c, rows[2]) for c in columns[1::-1]] + [(0.0, r) for r in rows[1::-1]]
        at = self.transform
        xs, ys = [at.c + at.a * x for x, _ in ring], [at.f + at.e * y for _, y in ring]
        xs, ys = transform(self.crs, "EPSG:4326", xs, ys)
        return cut_at_antimeridian(list(zip(xs, ys, strict=True)))


def moved(transform: Any, row: float, column: float, step: int = 1) -> Any:
    """Return the transform of a window of a grid that is north up, of every so many pixels."""
    at = transform
    left, top = at.c + at.a * column, at.f + at.e * row
    return type(at)(at.a * step, 0.0, left, 0.0, at.e * step, top)


def projected(
    crs: Any, transform: Any, rows: int, columns: int, geometries: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return what of GeoJSON geometries in WGS84 lies near a grid, in the projection of the grid.

    A projection holds near its middle only: a mask as large as a country is cut to the scene first, or what
    it becomes elsewhere could leave the scene unmasked. Long edges are bent as the projection bends them.
    """
    import shapely
    from rasterio.warp import transform_bounds, transform_geom

    if not geometries:
        return []
    at = transform
    xs, ys = sorted((at.c, at.c + at.a * columns)), sorted((at.f, at.f + at.e * rows))
    west, south, east, north = transform_bounds(crs, "EPSG:4326", xs[0], ys[0], xs[1], ys[1])
    sides = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    near = shapely.union_all(
        [shapely.box(a - NEAR, max(south - NEAR, -90), b + NEAR, min(north + NEAR, 90)) for a, b in sides]
    )
    made = []
    for one in geometries:
        part = shapely.make_valid(shapely.geometry.shape(one)).intersection(near)
        if not part.is_empty:
            bent = shapely.geometry.mapping(part.segmentize(STRAIGHT))
            made.append(dict(transform_geom("EPSG:4326", crs, bent)))
    return made


def cut_at_antimeridian(ring: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """Return a closed ring in degrees as a GeoJSON polygon, or as two where it lies over 180°.

    A step of more than 180° of longitude is taken for one over the antimeridian (RFC 7946, section 3.1.9).
    """
    import shapely

    unrolled, turn = [ring[0]], 0.0
    for (before, _), (x, y) in pairwise(ring):
        turn += 360.0 * ((before - x > 180.0) - (x - before > 180.0))
        unrolled.append((x + turn, y))
    return _cut(shapely.make_valid(shapely.Polygon(unrolled)))


def in_one_world(geometry: Mapping[str, Any], longitude: float) -> dict[str, Any]:
    """Return a GeoJSON geometry around a longitude with none beyond 180°, cut at the antimeridian."""
    import shapely

    def near(places: Any) -> Any:
        turns = np.round((longitude - places[:, 0]) / 360)
        return np.column_stack([places[:, 0] + 360 * turns, places[:, 1]])

    return _cut(shapely.transform(shapely.geometry.shape(geometry), near))


def _cut(whole: Any) -> dict[str, Any]:
    """Return a shape that may reach beyond 180° as GeoJSON, in parts that do not."""
    import shapely
    from shapely import affinity

    if whole.bounds[0] >= -180.0 and whole.bounds[2] <= 180.0:
        return dict(shapely.geometry.mapping(whole))
    parts = []
    for world in (-360.0, 0.0, 360.0):
        part = whole.intersection(shapely.box(world - 180.0, -90.0, world + 180.0, 90.0))
        if part.area > 0:
            parts.append(affinity.translate(part, -world))
    merged = parts[0] if len(parts) == 1 else shapely.union_all(parts)
    return dict(shapely.geometry.mapping(merged))


@contextmanager
def open_scene(path: Path, files: Sequence[tuple[str, Path]] = ()) -> Iterator[Scene]:
    """Open a scene for a block.

    Args:
        path: of its file; of an ENVI file also its header.
        files: where each band has a file of its own, its common name and that file; `path` is their folder.

    Raises:
        SceneError: it is no scene, ends early, or its bands lie on other grids.
        MissingExtraError: rasterio is not installed.
    """
    with optional():
        import rasterio
    with ExitStack() as stack:
        stack.enter_context(rasterio.Env(**LOCKED))
        if files:
            opened = [_open(stack, one) for _, one in files]
            yield Scene(path.name, opened, [name for name, _ in files])
        else:
            yield Scene(path.name, [_open(stack, path)])


def _called(path: Path) -> str:
    """Return what sentences call a file: one of a scene's folder with that, since each has a `red.tif`."""
    return f"{path.parent.name}/{path.name}" if (path.parent / "item.json").is_file() else path.name


def _open(stack: ExitStack, path: Path) -> Any:
    import warnings

    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    path, driver = driver_of(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # `crs` says so
            file = stack.enter_context(rasterio.open(path, driver=driver))
            rows, columns, count = file.height, file.width, file.count
    except (RasterioError, MemoryError, UnicodeDecodeError, ValueError) as error:
        if driver == "GTiff" and (start := _directory(path)) >= (size := path.stat().st_size):
            refuse(ENDS_EARLY, file=_called(path), bytes=size, expected=start)
        refuse(BAD_HEADER, file=_called(path), why=_plain(error))
    if max(rows, columns) > MOST_SIDE or count > MOST_BANDS or min(rows, columns, count) < 1:
        refuse(TOO_LARGE, file=_called(path), rows=rows, columns=columns, bands=count)
    _check_whole(file, path, driver)
    return file


def driver_of(path: Path) -> tuple[Path, str]:
    """Return the file of pixels and the driver that its bytes name. Raises `SceneError`."""
    path = path.resolve()
    if path.as_posix().startswith("/vsi") or not path.is_file():
        refuse(NO_FILE, file=_called(path))
    if path.suffix.lower() == ".hdr":
        pixels = path.with_suffix("")
        named = (
            pixels,
            *(pixels.with_suffix(end) for end in (".img", ".dat", ".bsq", ".bil", ".bip", ".raw")),
        )
        path = next((one for one in named if one.is_file()), path)
    with path.open("rb") as stream:
        if stream.read(4) in TIFF:
            return path, "GTiff"
    beside = (path.with_suffix(".hdr"), path.with_suffix(".HDR"))
    headers = (*beside, path.with_name(f"{path.name}.hdr"), path.with_name(f"{path.name}.HDR"))
    for header in headers:
        if header.is_file() and header != path:
            with header.open("rb") as stream:
                if stream.read(4) == b"ENVI":
                    return path, "ENVI"
    refuse(NOT_SCENE, file=_called(path))


def _directory(path: Path) -> int:
    """Return where a TIFF says that its first directory is."""
    with path.open("rb") as stream:
        head = stream.read(16)
    order: Literal["little", "big"] = "little" if head[:2] == b"II" else "big"
    return int.from_bytes(head[8:16] if b"+" in head[2:4] else head[4:8], order)


def _check_whole(file: Any, path: Path, driver: str) -> None:
    """Refuse a file that ends before its last pixel."""
    size = path.stat().st_size
    if driver == "ENVI":
        width = np.dtype(file.dtypes[0]).itemsize
        expected = file.height * file.width * file.count * width + _header_offset(file)
        if size < expected:
            refuse(ENDS_EARLY, file=_called(path), bytes=size, expected=expected)
        return
    high, wide = file.block_shapes[0]
    across, down = -(-file.width // wide), -(-file.height // high)
    separate = file.interleaving is not None and file.interleaving.name == "band"
    bands = file.indexes if separate else (1,)
    if across * down * len(bands) > MOST_BLOCKS:
        return
    for band in bands:
        for row in range(down):
            for column in range(across):
                start = file.get_tag_item(f"BLOCK_OFFSET_{column}_{row}", "TIFF", bidx=band)
                length = file.get_tag_item(f"BLOCK_SIZE_{column}_{row}", "TIFF", bidx=band)
                end = int(start or 0) + int(length or 0)  # a block that is left out has neither
                if end > size:
                    refuse(ENDS_EARLY, file=_called(path), bytes=size, expected=end)


def _header_offset(file: Any) -> int:
    try:
        return int(file.tags(ns="ENVI").get("header_offset", 0))
    except ValueError:
        return 0


def _bands(files: Sequence[Any], names: Sequence[str]) -> Iterator[Band]:
    for number, file in enumerate(files):
        for index in file.indexes:
            said = {key.lower(): str(value) for key, value in file.tags(index).items()}
            text = str(file.descriptions[index - 1] or "")
            if "wavelength" in said:
                text = f"{text} {said['wavelength']} {said.get('wavelength_units', 'Micrometers')}"
            named = names[number] if names and file.count == 1 else common_name(text)
            yield Band(number, index, named, text.strip())


def _plain(error: BaseException) -> str:
    """Return what a library says of an error, without folders of this machine."""
    said = str(error.__cause__ or error).splitlines() or [type(error).__name__]
    return re.sub(r"(?:/[^/\s:']+)+/", "", said[0])[:200]


def windows(rows: int, columns: int, side: int) -> Iterator[Box]:
    """Yield windows that cover a grid, row by row."""
    for row in range(0, rows, side):
        for column in range(0, columns, side):
            yield Box(row, column, min(side, rows - row), min(side, columns - column))
