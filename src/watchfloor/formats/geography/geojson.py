"""GeoJSON (RFC 7946): collections of any length, single features, text sequences (RFC 8142) and lines.

A collection of GeoJSON 2008 that names another system of coordinates, as GDAL still writes them, is moved
into WGS 84. Features without an id are named by what they are, so that a file read twice adds nothing.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, BinaryIO, Final, cast

import msgspec
import numpy as np
import shapely

from watchfloor.core.kinds import MAP_FEATURE
from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.geography.map_features import FileFeature, MapFeatures, named, plain, times
from watchfloor.formats.geography.systems import to_wgs84
from watchfloor.formats.geography.wkb import DEEPEST
from watchfloor.formats.json_objects import Cut, cut

NAME: Final = "geojson"
LONGEST: Final = 1 << 27
"""Bytes of one feature: a line of a million places has some 40 MB."""
SEPARATOR: Final = b"\x1e"
GEOMETRIES: Final = frozenset(
    "Point MultiPoint LineString MultiLineString Polygon MultiPolygon GeometryCollection".split()
)
_TYPE: Final = re.compile(rb'"type"\s*:\s*"(FeatureCollection|Feature)"')
_BARE: Final = re.compile(
    rb'\A[\s\x1e\xef\xbb\xbf]*\{\s*"type"\s*:\s*"(?:Multi)?(?:Point|LineString|Polygon)"'
)
_LAYER: Final = re.compile(rb'"name"\s*:\s*("(?:[^"\\]|\\.)*")\s*,')
_SYSTEM: Final = re.compile(rb'"crs"\s*:\s*\{[^{}]*"properties"\s*:\s*\{\s*"name"\s*:\s*("[^"\\]*")')
_NESTED: Final = b'"geometries"'


NOTHING: Final = msgspec.Raw(b"null")


class Feature(msgspec.Struct):
    """An object of GeoJSON, or a geometry alone."""

    type: str
    id: str | int | float | None = None
    geometry: msgspec.Raw = NOTHING
    properties: dict[str, Any] | None = None


_decoder: Final = msgspec.json.Decoder(Feature)


def sniff(head: Head) -> float:
    """Be sure of a feature or a collection of features; a geometry alone could be of another format."""
    start = head.data.lstrip(b"\xef\xbb\xbf \t\r\n\x1e")
    if not start.startswith(b"{"):
        return 0.0
    return 0.9 if _TYPE.search(start) else 0.8 if _BARE.search(start) else 0.0


class _Spaced:
    """A stream whose record separators, which no JSON text holds, are spaces."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """As a file's."""
        return self._stream.read(size).replace(SEPARATOR, b" ")


def read(stream: BinaryIO, name: str, base_time: datetime | None = None) -> Iterator[Batch | Fault]:
    """Rows and faults; see `Format.read`."""
    features, found = MapFeatures(name, base_time), False
    move: Callable[[Any], Any] | None = None
    layer, header = "", b""
    for one in cut(cast("BinaryIO", _Spaced(stream)), b"features", LONGEST):
        if one.wrong:
            if not found and not one.rest:
                raise FormatError(f"{name} is no GeoJSON: what begins it {one.wrong}")
            yield Fault(one.locator, one.wrong, one.raw[:4096], rest=one.rest)
            continue
        found = True
        if one.header != header:
            header = one.header
            said = _SYSTEM.search(header)
            move = to_wgs84(msgspec.json.decode(said[1]), name) if said else None
            layer = _layer(header)
        yield from _feature(one, features, layer, move)
    yield from features.rest()


def _layer(header: bytes) -> str:
    match = _LAYER.search(header)
    try:
        return str(msgspec.json.decode(match[1])) if match else ""
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""


def _feature(
    one: Cut, features: MapFeatures, layer: str, move: Callable[[Any], Any] | None
) -> Iterator[Batch | Fault]:
    try:
        told = _decoder.decode(one.raw)
        if told.type in GEOMETRIES:
            told = Feature("Feature", geometry=msgspec.Raw(one.raw))
        elif told.type == "FeatureCollection":
            return  # one without features
        elif told.type != "Feature":
            raise ValueError(f"type is {told.type[:40]!r}: no feature of GeoJSON")
        shape = _shape(told.geometry)
    except shapely.errors.ShapelyError as error:
        yield Fault(one.locator, f"its geometry cannot be read: {str(error)[:200]}", one.raw[:4096])
        return
    except (ValueError, RecursionError) as error:  # also of msgspec, and of bytes that are no UTF-8
        yield Fault(one.locator, f"is no feature of GeoJSON: {str(error)[:300]}", one.raw[:4096])
        return
    if move is not None and shape is not None:
        (shape,) = move(np.array([shape], object))
    properties = {name: plain(value) for name, value in (told.properties or {}).items()}
    since, until = times(properties)
    id_ = None if told.id is None else f"{told.id:g}" if isinstance(told.id, float) else str(told.id)
    made = FileFeature(id_, named(properties), shape, properties, one.locator, since, until, one.raw)
    yield from features.add(made, layer)


def _shape(raw: msgspec.Raw) -> shapely.Geometry | None:
    text = bytes(raw)
    if text == b"null":
        return None
    if text.count(_NESTED) > DEEPEST:
        raise ValueError(f"more than {DEEPEST} collections of geometries in one")
    return shapely.from_geojson(text)


FORMAT: Final = Format(NAME, (MAP_FEATURE.name,), sniff, read)
