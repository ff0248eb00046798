"""Two scenes of one wood by the line, weeks before the day: between them a trail was cut, and a field reaped.

They are made up: spruce, stubble and soil with reflectances as broadband sensors see them, texture that
stays, noise that does not, a haze that differs, a cloud in the later one. Each is a STAC item with a GeoTIFF
a band, written without any library for images, so that an exercise can be made wherever Watchfloor runs.
Beside them lies what a scan of them finds (`scan.jsonl`), for machines without the library that reads scenes.
"""

import json
import struct
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from watchfloor.core.earth import great_circle
from watchfloor.exercise.plots.base import Cut
from watchfloor.formats.sensors import utm

Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]

FOLDER: Final = "scenes"
"""Below the feeds."""
SCAN: Final = "scan.jsonl"
"""Beside the feeds: what a scan finds."""
BEFORE: Final = datetime(2026, 9, 26, 17, 24, 11, tzinfo=UTC)
AFTER: Final = datetime(2026, 10, 16, 17, 24, 9, tzinfo=UTC)
KM: Final = "2060-2068"
"""The stretch of the line that they show some of."""
TILE: Final = "14UNV"
PLATFORM, SENSOR = "made-up-1", "msi"
SETTINGS: Final = f"""\
[feeds.{FOLDER}]
paths = ["{FOLDER}/*.json"]
format = "stac"
marking = "PB//TLP:AMBER"
"""

ZONE: Final = 14
PIXEL: Final = 10.0
"""Metres."""
ROWS, COLUMNS = 170, 180
SOUTH: Final = 400.0
"""Metres of the scenes south of where the trail begins."""
FINE: Final = 5
"""Parts of a pixel's side in which a trail is drawn."""
BANDS: Final = ("blue", "green", "red", "nir")
SPRUCE: Final = (260.0, 420.0, 300.0, 2_700.0)
SOIL: Final = (900.0, 1_150.0, 1_400.0, 2_050.0)
CROP: Final = (420.0, 780.0, 520.0, 3_300.0)
STUBBLE: Final = (1_000.0, 1_300.0, 1_700.0, 2_400.0)
CLOUD: Final = (6_500.0, 6_600.0, 6_700.0, 7_000.0)
"""Reflectances times 10,000 of each band."""
FIELD: Final = (500.0, 250.0, 330.0, 300.0)
"""Metres east and north of where the trail begins, and how far the field goes on east and north."""
CLOUDED: Final = (-620.0, 900.0, 170.0)
"""Metres east and north of where the trail begins, and radius of the cloud."""
NOISE: Final = 35.0
FALSE_ALARMS: Final = 0.01
VEGETATION, CLOUDY = 4, 9
"""Classes of the scene classification of Sentinel-2, level 2A."""


class Scene(NamedTuple):
    """A scene: its id, when it was taken, and its bands with the classes of its pixels last."""

    name: str
    at: datetime
    bands: tuple[Floats, ...]
    classes: Bytes

    @property
    def key(self) -> str:
        """Return its report key."""
        return f"{TILE}/{self.at:%Y%m%dT%H%M%SZ}/{PLATFORM}-{SENSOR}".lower()


class Grid(NamedTuple):
    """Where the scenes lie: easting of the western and northing of the northern edge, start of the trail."""

    west: float
    north: float
    start: tuple[float, float]

    def places(self, east: Floats, north: Floats) -> Floats:
        """Return longitude and latitude of places so many metres from the trail's start."""
        zones = np.full(np.shape(east), ZONE)
        latitude, longitude = utm.geographic(zones, self.start[0] + east, self.start[1] + north)
        return np.column_stack([longitude, latitude])

    @property
    def corners(self) -> Floats:
        """Return longitude and latitude of the corners, closed."""
        east = np.array([0, COLUMNS, COLUMNS, 0, 0]) * PIXEL + self.west - self.start[0]
        north = self.north - np.array([ROWS, ROWS, 0, 0, ROWS]) * PIXEL - self.start[1]
        return self.places(east, north)


def write(feeds: Path, scan: Path, cut: Cut, seed: int) -> int:
    """Write both scenes below the feeds, and what a scan finds; gives how many scenes there are."""
    grid = _grid(cut)
    scenes = _scenes(grid, cut, seed)
    folder = feeds / FOLDER
    folder.mkdir()
    for one in scenes:
        _write_scene(folder, one, grid)
    lines = (json.dumps(one, sort_keys=True) for one in _found(scenes, grid, cut))
    scan.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return len(scenes)


def _grid(cut: Cut) -> Grid:
    latitude, longitude = (np.array([value]) for value in cut.path[0])
    east, north = utm.projected(ZONE, latitude, longitude)
    start = float(east[0]), float(north[0])
    west = round((start[0] - COLUMNS / 2 * PIXEL) / PIXEL) * PIXEL
    top = round((start[1] - SOUTH + ROWS * PIXEL) / PIXEL) * PIXEL
    return Grid(west, top, start)


def _trail(grid: Grid, cut: Cut) -> shapely.Geometry:
    """Return the trail as a shape, metres from its start."""
    latitude, longitude = np.array(cut.path).T
    east, north = utm.projected(ZONE, latitude, longitude)
    middle = np.column_stack([east - grid.start[0], north - grid.start[1]])
    return shapely.LineString(middle).buffer(cut.width / 2, cap_style="flat")


def _field() -> shapely.Geometry:
    east, north, wide, high = FIELD
    return shapely.box(east, north, east + wide, north + high)


def _share(shape: shapely.Geometry, grid: Grid) -> Floats:
    """Return the share of each pixel that a shape covers."""
    step = PIXEL / FINE
    east = grid.west - grid.start[0] + (np.arange(COLUMNS * FINE) + 0.5) * step
    north = grid.north - grid.start[1] - (np.arange(ROWS * FINE) + 0.5) * step
    x, y = np.meshgrid(east, north)
    shapely.prepare(shape)
    inside = shapely.contains_xy(shape, x, y).reshape(ROWS, FINE, COLUMNS, FINE)
    return np.asarray(inside.mean((1, 3)))


def _scenes(grid: Grid, cut: Cut, seed: int) -> tuple[Scene, Scene]:
    random = np.random.default_rng([seed, 14])
    texture = _texture(random)
    trail, field = _share(_trail(grid, cut), grid), _share(_field(), grid)
    east, north, radius = CLOUDED
    cloud = _share(shapely.Point(east, north).buffer(radius), grid)
    made = []
    for name, at, cut_share, crop, gain in (
        ("MADE-UP-1-20260926", BEFORE, np.zeros_like(trail), CROP, 1.0),
        ("MADE-UP-1-20261016", AFTER, trail, STUBBLE, 0.96),
    ):
        late = at == AFTER
        bands = []
        for wood, soil, field_, white in zip(SPRUCE, SOIL, crop, CLOUD, strict=True):
            ground = wood * texture * (1 - field) + field_ * field
            ground = ground * (1 - cut_share) + soil * cut_share
            ground = ground * gain + (25.0 if late else 0.0)
            ground = ground * (1 - cloud * late) + white * cloud * late
            noisy = ground + random.normal(0, NOISE, ground.shape)
            bands.append(np.clip(np.rint(noisy), 1, 10_000))
        classes = np.where((cloud > 0) & late, CLOUDY, VEGETATION).astype(np.uint8)
        made.append(Scene(name, at, tuple(bands), classes))
    return made[0], made[1]


def _texture(random: np.random.Generator) -> Floats:
    """Return the brightness of crowns and gaps, which both share: noise, smoothed over three pixels."""
    rough = random.normal(0, 1, (ROWS + 2, COLUMNS + 2))
    near = [rough[i : i + ROWS, j : j + COLUMNS] for i in range(3) for j in range(3)]
    smooth = np.sum(near, 0) / 3
    return np.asarray(np.clip(1 + 0.06 * smooth, 0.7, 1.3))


def _write_scene(folder: Path, one: Scene, grid: Grid) -> None:
    assets: dict[str, Any] = {}
    layers: list[tuple[str, npt.NDArray[Any]]] = [*zip(BANDS, one.bands, strict=True), ("scl", one.classes)]
    for name, values in layers:
        file = f"{one.name}-{name}.tif"
        of = np.uint8 if name == "scl" else np.uint16
        (folder / file).write_bytes(tiff(values.astype(of), grid.west, grid.north))
        said: dict[str, Any] = {"href": f"./{file}", "type": "image/tiff; application=geotiff", "gsd": PIXEL}
        if name == "scl":
            assets[name] = said | {"roles": ["data-mask"], "title": "Scene classification"}
        else:
            assets[name] = said | {"roles": ["data"], "bands": [{"name": name, "eo:common_name": name}]}
    corners = [[round(x, 6), round(y, 6)] for x, y in grid.corners.tolist()]
    item = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": one.name,
        "collection": "exercise",
        "geometry": {"type": "Polygon", "coordinates": [corners]},
        "bbox": [*np.min(corners, 0).tolist(), *np.max(corners, 0).tolist()],
        "properties": {
            "datetime": f"{one.at:%Y-%m-%dT%H:%M:%SZ}",
            "platform": PLATFORM,
            "instruments": [SENSOR],
            "eo:cloud_cover": round(100 * float((one.classes == CLOUDY).mean()), 2),
            "grid:code": f"MGRS-{TILE}",
            "proj:code": f"EPSG:{32_600 + ZONE}",
            "gsd": PIXEL,
            "license": "other",
        },
        "links": [],
        "assets": assets,
    }
    (folder / f"{one.name}.json").write_text(json.dumps(item, indent=1), "utf-8", newline="\n")


def tiff(values: "npt.NDArray[Any]", west: float, north: float) -> bytes:
    """Return one band as a GeoTIFF in the scenes' zone: one strip, deflated (TIFF 6.0; OGC 19-008r4)."""
    rows, columns = values.shape
    packed = zlib.compress(values.astype(values.dtype.newbyteorder("<")).tobytes(), 6)
    keys = (1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32_600 + ZONE)
    long_, short, double = 4, 3, 12
    tags: list[tuple[int, int, tuple[Any, ...]]] = [
        (256, long_, (columns,)),
        (257, long_, (rows,)),
        (258, short, (values.dtype.itemsize * 8,)),
        (259, short, (8,)),
        (262, short, (1,)),
        (273, long_, (8,)),
        (277, short, (1,)),
        (278, long_, (rows,)),
        (279, long_, (len(packed),)),
        (339, short, (1,)),
        (33_550, double, (PIXEL, PIXEL, 0.0)),
        (33_922, double, (0.0, 0.0, 0.0, west, north, 0.0)),
        (34_735, short, keys),
    ]
    packed += b"\0" * (len(packed) % 2)
    directory = 8 + len(packed)
    beyond = directory + 2 + 12 * len(tags) + 4
    entries, rest = b"", b""
    for tag, of, said in tags:
        data = struct.pack(f"<{len(said)}{ {short: 'H', long_: 'I', double: 'd'}[of] }", *said)
        place = data.ljust(4, b"\0") if len(data) <= 4 else struct.pack("<I", beyond + len(rest))
        rest += data if len(data) > 4 else b""
        entries += struct.pack("<HHI", tag, of, len(said)) + place
    head = b"II*\0" + struct.pack("<I", directory)
    return head + packed + struct.pack("<H", len(tags)) + entries + bytes(4) + rest


def png(pixels: Bytes) -> bytes:
    """Return an image of shape (rows, columns, 3) as PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows, columns, _ = pixels.shape
    lines = np.concatenate([np.zeros((rows, 1), np.uint8), pixels.reshape(rows, -1)], 1).tobytes()
    head = struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(lines))
        + chunk(b"IEND", b"")
    )


def _found(scenes: tuple[Scene, Scene], grid: Grid, cut: Cut) -> Iterator[dict[str, Any]]:
    """Yield what a scan finds: the trail and the field, as `casework.scans.listed` reads shapes."""
    trail, field = _trail(grid, cut), _field()
    for what, shape, long_, wide, message in (
        ("trail", trail, trail.area / cut.width, cut.width, "shape.trail"),
        ("harvest", field, FIELD[2], FIELD[3], "shape.harvest"),
    ):
        middle = shape.centroid
        ((longitude, latitude),) = grid.places(np.array([middle.x]), np.array([middle.y])).tolist()
        drawn = shapely.transform(shape, lambda xy: grid.places(xy[:, 0], xy[:, 1]))
        x, y = shapely.get_coordinates(drawn).T
        radius = float(great_circle(np.array(latitude), np.array(longitude), y, x).max())
        said: dict[str, Any] = {"length": round(long_), "width": round(wide)}
        if what == "harvest":
            said = {"area": round(shape.area), "before": 0.73, "after": 0.17}
        yield {
            "before": scenes[0].key,
            "after": scenes[1].key,
            "geometry": json.loads(shapely.to_geojson(shapely.set_precision(drawn, 1e-7))),
            "latitude": latitude,
            "longitude": longitude,
            "radius": round(radius, 1),
            "area_m2": round(shape.area, 1),
            "length_m": round(long_, 1),
            "width_m": round(wide, 1),
            "statistic": 25.0,
            "false_alarms": FALSE_ALARMS,
            "what": what,
            "said": {"message": message, "params": said},
            **_pictures(scenes, grid, (middle.x, middle.y), radius),
        }


def _pictures(
    scenes: tuple[Scene, Scene], grid: Grid, middle: tuple[float, float], radius: float
) -> dict[str, str]:
    """Return the ground around a place before and after, as PNG in base64."""
    from base64 import b64encode

    from watchfloor.casework.scans.scans import AROUND, NARROWEST

    half = max(radius * AROUND, NARROWEST / 2) / PIXEL
    row = (grid.north - grid.start[1] - middle[1]) / PIXEL
    column = (grid.start[0] + middle[0] - grid.west) / PIXEL
    rows: Any = np.clip(np.arange(round(row - half), round(row + half)), 0, ROWS - 1)
    columns = np.clip(np.arange(round(column - half), round(column + half)), 0, COLUMNS - 1)
    made = {}
    for name, one in zip(("before_png", "after_png"), scenes, strict=True):
        colours = np.stack([one.bands[n][np.ix_(rows, columns)] for n in (2, 1, 0)], -1)
        bright = np.clip(255 * np.sqrt(colours / 2_500), 0, 255).astype(np.uint8)
        made[name] = b64encode(png(bright)).decode()
    return made
