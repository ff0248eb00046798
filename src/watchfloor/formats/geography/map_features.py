"""Rows of the kind `map-feature`, whatever file they come from: geometries checked, and what is odd told.

A geometry is kept as it was drawn, also one that crosses itself: it is told, and who draws maps decides. What
cannot be on Earth is a fault: a number that is none, a latitude beyond a pole, metres of a plane.
"""

import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import PurePath
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import shapely

from watchfloor.core.earth import great_circle
from watchfloor.core.kinds import MAP_FEATURE
from watchfloor.formats.base import Batch, Fault
from watchfloor.formats.geography.antimeridian import crosses, cut
from watchfloor.formats.lists.listing_rows import UNDATED

MOST_PLACES: Final = 1_000_000
"""Places of one geometry; more are a coastline of the whole Earth, which is delivered in parts."""
ROWS: Final = 10_000
BYTES: Final = 32 << 20
"""Rows of a batch, and bytes of their geometries."""
RAW: Final = 4096
NAMES: Final = ("name", "Name", "NAME", "title")
SINCE: Final = ("since", "begin", "start", "time", "timestamp", "datetime", "at")
UNTIL: Final = ("until", "end")
_SURROGATES: Final = re.compile("[\ud800-\udfff]")

_json: Final = msgspec.json.Encoder(order="sorted")


class FileFeature(NamedTuple):
    """One feature as its file has it.

    Attributes:
        id: its own; None where its file gives it none.
        name: what it is called.
        shape: longitudes and latitudes, degrees.
        properties: what else is said of it.
        locator: where it stands.
        since, until: when it was so; None: not stated.
        raw: its bytes, for a fault.
    """

    id: str | None
    name: str | None
    shape: shapely.Geometry | None
    properties: Mapping[str, Any]
    locator: str
    since: datetime | None = None
    until: datetime | None = None
    raw: bytes = b""


class MapFeatures:
    """The features of one file, on their way into rows.

    Attributes:
        at: when those were so that do not say it.
    """

    def __init__(self, name: str, at: datetime | None = None) -> None:
        """Begin a file; `name` is its own."""
        self.file = PurePath(name.rsplit("!", 1)[-1]).stem or "map"
        self.at = at or UNDATED
        self._rows: list[dict[str, Any]] = []
        self._bytes = 0
        self._seen: dict[int, str] = {}

    def add(self, found: FileFeature, layer: str = "") -> Iterator[Batch | Fault]:
        """Take a feature; yield what is wrong with it, and rows once there are enough of them."""
        try:
            row, notes = self._row(found, _text(layer) or self.file)
        except (ValueError, shapely.errors.ShapelyError, msgspec.MsgspecError, UnicodeError) as error:
            yield Fault(found.locator, _sentence(error), found.raw[:RAW])
            return
        self._rows.append(row)
        self._bytes += len(row["geometry"]) + len(row["properties"])
        for note in notes:
            yield Fault(found.locator, note, found.raw[:RAW], partly=True)
        if len(self._rows) >= ROWS or self._bytes >= BYTES:
            yield from self.rest()

    def rest(self) -> Iterator[Batch]:
        """Yield the rows that are left."""
        if self._rows:
            yield Batch(MAP_FEATURE, pa.Table.from_pylist(self._rows, MAP_FEATURE.body))
        self._rows, self._bytes = [], 0

    def _row(self, found: FileFeature, layer: str) -> tuple[dict[str, Any], list[str]]:
        shape, notes = checked(found.shape)
        geometry, properties = shapely.to_geojson(shape), _json.encode(found.properties).decode()
        digest = blake2b(f"{geometry}\n{properties}".encode(), digest_size=8)
        id_ = _text(found.id or "") or f"#{digest.hexdigest()}"
        self._once(f"{layer}/{id_}", found.locator, id_)
        latitude, longitude, radius = around(shape)
        return {
            "report_key": f"{layer}/{id_}",
            "origins": [],
            "observed_at": found.since or self.at,
            "locator": found.locator,
            "layer": layer,
            "feature": id_,
            "name": _text(found.name or "") or None,
            "geometry": geometry,
            "latitude": latitude,
            "longitude": longitude,
            "radius": radius,
            "since": found.since,
            "until": found.until,
            "properties": properties,
        }, notes

    def _once(self, key: str, locator: str, id_: str) -> None:
        """Refuse a second feature of one id. Ids are remembered as numbers: a file may have millions."""
        number = int.from_bytes(blake2b(key.encode(), digest_size=8).digest())
        if first := self._seen.get(number):
            raise ValueError(f"id {id_!r} stands twice, first at {first}; the first one was read")
        self._seen[number] = locator


def checked(shape: shapely.Geometry | None) -> tuple[shapely.Geometry, list[str]]:
    """Return a geometry as it is kept, cut at the antimeridian, and notes on what is odd about it.

    Raises:
        ValueError: it cannot be on a map; the message says why.
    """
    if shape is None or shape.is_empty:
        raise ValueError("it has no geometry: there is nothing to put on a map")
    places = shapely.get_coordinates(shape)
    if len(places) > MOST_PLACES:
        raise ValueError(f"it has {len(places):,} places, more than {MOST_PLACES:,}: deliver it in parts")
    if not np.isfinite(places).all():
        raise ValueError("a coordinate is no number")
    _see_degrees(places)
    notes = []
    if not shape.is_valid:
        notes.append(f"its shape is odd and was kept as it is: {shapely.is_valid_reason(shape)}")
    if crosses(shape):
        shape = cut(shape)
    return shape, notes


def _see_degrees(places: Any) -> None:
    """Refuse longitudes and latitudes that cannot be on Earth."""
    x, y = np.abs(places).max(axis=0)
    if y <= 90 and x <= 360:
        return
    if x <= 90 and y <= 180:
        raise ValueError(
            f"latitude {_worst(places[:, 1])} is out of range: the two seem swapped, longitude comes first"
        )
    if x > 1000 or y > 1000:
        raise ValueError(
            f"{_worst(places[:, 0])} {_worst(places[:, 1])} are no degrees but metres of a plane, it seems:"
            " convert the file to longitudes and latitudes, as with ogr2ogr -t_srs EPSG:4326"
        )
    raise ValueError(
        f"{_worst(places[:, 0])} {_worst(places[:, 1])} is no longitude and latitude (-180 to 180, -90 to 90)"
    )


def _worst(values: Any) -> str:
    return f"{values[np.abs(values).argmax()]:g}"


def around(shape: shapely.Geometry) -> tuple[float, float, float | None]:
    """Return latitude and longitude of a place on a geometry, and the metres within which all of it is."""
    if shape.geom_type == "Point":
        return shape.y, shape.x, None
    try:
        on = shapely.point_on_surface(shape)
    except shapely.errors.ShapelyError:
        on = None
    places = shapely.get_coordinates(shape)
    x, y = places[0].tolist() if on is None or on.is_empty else (on.x, on.y)
    full = np.full(len(places), 1.0)
    metres = great_circle(y * full, x * full, places[:, 1], places[:, 0])
    return y, x, float(metres.max())


def named(properties: Mapping[str, Any]) -> str | None:
    """Return what a feature is called by its properties."""
    return next((str(properties[one]) for one in NAMES if properties.get(one) not in (None, "")), None)


def times(properties: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    """Return when a feature was so by its properties, where they say so in ISO 8601 with a zone."""
    lower = {str(name).lower(): value for name, value in properties.items()}
    since, until = (
        next(filter(None, (moment(lower.get(one)) for one in names)), None) for names in (SINCE, UNTIL)
    )
    return since, until


_DATE: Final = re.compile(r"\s*(-?\d{4})(?:-(\d\d))?(?:-(\d\d))?Z?\s*")


def moment(value: Any, zone: bool = True) -> datetime | None:
    """Return a moment as files write it; a year, month or day begins it. Without `zone`, UTC is taken."""
    if not isinstance(value, str) or not 4 <= len(value) <= 40:
        return None
    try:
        if found := _DATE.fullmatch(value):
            year, month, day = (int(one or 1) for one in found.groups())
            return datetime(year, month, day, tzinfo=UTC)
        at = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    if at.tzinfo is None:
        return None if zone else at.replace(tzinfo=UTC)
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return None


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it; numbers that are none are null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return {_text(str(name)): plain(one) for name, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value


def _text(text: str) -> str:
    return _SURROGATES.sub("\ufffd", text)


def _sentence(error: Exception) -> str:
    if isinstance(error, shapely.errors.ShapelyError):
        return f"its geometry cannot be read: {str(error)[:200]}"
    return str(error)[:500]
