"""Points that are to be seen: those of the line, or a table that somebody brings.

A table has latitude and longitude by their usual names, and may have a name and a height above the ellipsoid
(metres). Without names of columns its first row is a place too: two numbers are latitude and longitude, what
stands before them is the name, and a number behind them the height. GeoJSON has points, each with a property
that is a name.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import pyarrow as pa

from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import declare, reason
from watchfloor.planning import tables
from watchfloor.planning.coverage.axis import axis
from watchfloor.planning.satellites.calendar import Floats, Points

NO_PLACE: Final = declare("satellites.no-place", "file")
BAD_PLACE: Final = declare("satellites.bad-place", "file", "row", "value")
NOT_POINTS: Final = declare("satellites.not-points", "file")
LARGEST: Final = 64 << 20
"""Bytes of GeoJSON."""
LATITUDE: Final = ("latitude", "lat", "y", "latitude_deg", "lat_deg", "breite")
LONGITUDE: Final = ("longitude", "lon", "lng", "long", "x", "longitude_deg", "lon_deg")
NAME: Final = ("point", "name", "id", "point_id", "km", "kilometre", "site", "station")
HEIGHT: Final = ("height", "height_m", "elevation", "elevation_m", "altitude", "altitude_m", "alt", "h", "z")


def of_line(first: int = 0, last: int | None = None) -> Points:
    """Return the middles of the kilometres of the line, on the ellipsoid; their names are the kilometres."""
    where = axis()
    km = range(first, len(where) if last is None else last)
    some = slice(km.start, km.stop)
    return Points([str(one) for one in km], where.latitude[some], where.longitude[some], np.zeros(len(km)))


def read(path: Path) -> Points:
    """Read a table of points, or GeoJSON.

    Raises:
        Unusable: it is no table, has no place, or a place is none on Earth.
    """
    if path.suffix.lower() in (".geojson", ".json"):
        return _geojson(path)
    columns = tables.read(path, {*LATITUDE, *LONGITUDE})
    if headless := all(map(_is_number, [*columns.by_name][-2:])):
        columns = _with_names(path, [*columns.by_name])
    if _column(columns, LATITUDE) is None or _column(columns, LONGITUDE) is None:
        raise Unusable(reason(NO_PLACE, file=path.name))
    ahead = 1 if headless else 2
    latitude = _numbers(columns, LATITUDE, path, ahead, 90.0)
    longitude = _numbers(columns, LONGITUDE, path, ahead, 360.0)
    height = np.zeros(len(latitude))
    if _column(columns, HEIGHT):
        height = np.nan_to_num(_numbers(columns, HEIGHT, path, ahead, 1e7, blank=True))
    name = _column(columns, NAME)
    texts: Sequence[str] = columns.texts(name) if name else [""] * len(latitude)
    names = [one or str(at) for at, one in enumerate(texts, 1)]
    return Points(names, latitude, (longitude + 180.0) % 360.0 - 180.0, height)


def _geojson(path: Path) -> Points:
    """Read the points of GeoJSON (RFC 7946), multipoints as well. Raises `Unusable`."""
    found: list[tuple[str, float, float, float]] = []
    try:
        told = msgspec.json.decode(path.read_bytes()[:LARGEST])
        for number, one in enumerate(told.get("features", [told]), 1):
            geometry, said = one.get("geometry") or one, one.get("properties") or {}
            places = geometry["coordinates"]
            places = {"Point": [places], "MultiPoint": places}.get(geometry["type"], [])
            called = next((said[each] for each in NAME if said.get(each) not in (None, "")), one.get("id"))
            for place in places:
                x, y, *rest = (float(each) for each in place[:3])
                if not (abs(y) <= 90 and abs(x) <= 360):
                    raise Unusable(reason(BAD_PLACE, file=path.name, row=number, value=f"{y:g}, {x:g}"))
                name = str(called if called is not None else len(found) + 1)
                found.append((name, y, x, rest[0] if rest else 0.0))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        found = []
    if not found:
        raise Unusable(reason(NOT_POINTS, file=path.name))
    names, latitude, longitude, height = zip(*found, strict=True)
    return Points(
        names, np.array(latitude), (np.array(longitude) + 180.0) % 360.0 - 180.0, np.array(height, float)
    )


def _with_names(path: Path, first: Sequence[str]) -> tables.Columns:
    """Read a table whose first row is a place: its columns by what stands in that row."""
    named = 0 if _is_number(first[0]) and len(first) < 4 and abs(float(first[0])) <= 90 else 1
    if len(first) == 3 and named == 0 and abs(float(first[2])) <= 180 and not _is_whole(first[2]):
        named = 1  # a number as name, latitude and longitude
    heads = ["point"] * named + ["latitude", "longitude", "height"]
    heads = [*heads, *(f"column {at}" for at in range(len(first)))][: len(first)]
    text = path.read_text("utf-8-sig", "replace")
    part = max(",;\t", key=text.partition("\n")[0].count)
    return tables.read(tables.PastedTable(path.name, part.join(heads) + "\n" + text), set(heads))


def _column(columns: tables.Columns, names: Sequence[str]) -> str | None:
    return next((one for one in names if one in columns.by_name), None)


def _numbers(
    columns: tables.Columns, names: Sequence[str], path: Path, ahead: int, most: float, blank: bool = False
) -> Floats:
    name = _column(columns, names) or ""
    try:
        values = columns.numbers(name)
        wrong = np.flatnonzero(~(np.abs(values) <= most) & ~(blank & np.isnan(values)))
    except pa.ArrowException:
        wrong = np.flatnonzero([not _is_number(one) for one in columns.texts(name)])
    if wrong.size:
        at = int(wrong[0])
        raise Unusable(
            reason(BAD_PLACE, file=path.name, row=at + ahead, value=columns.texts(name)[at][:40] or "–")
        )
    return values


def _is_number(text: str | None) -> bool:
    try:
        return text is not None and np.isfinite(float(str(text).replace(",", "."))).item()
    except ValueError:
        return False


def _is_whole(text: str) -> bool:
    return text.strip().lstrip("-").isdigit()
