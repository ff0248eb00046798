"""GeoPackage 1.0 to 1.4 (OGC 12-128r19): the features of its layers, from any system of coordinates.

It is a database of SQLite from outside, so it is opened to be read only, its schema is not trusted, only
tables are read, and a query that does not come to an end is given up.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Final, NamedTuple

import numpy as np
import shapely

from watchfloor.core.kinds import MAP_FEATURE
from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.geography.map_features import FileFeature, MapFeatures, moment, named, plain, times
from watchfloor.formats.geography.package import quoted
from watchfloor.formats.geography.systems import to_wgs84
from watchfloor.formats.geography.wkb import packaged

NAME: Final = "gpkg"
IDS: Final = (b"GPKG", b"GP10", b"GP11")
"""Application ids of the versions; that of a 1.1 and before is in the file's name alone in some."""
ROWS: Final = 2_000
STEPS: Final = 1_000_000
PATIENCE: Final = 2_000
"""Steps of the database's machine between two looks, and looks without a row after which it is given up."""
MOST_BYTES: Final = 1 << 27
MOST_LAYERS: Final = 1_000
DAMAGED: Final = (sqlite3.Error, UnicodeError)
"""How a damaged database is told; SQLite's own sentences can hold bytes that are no UTF-8."""
SYSTEM: Final = (
    "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?"
)


def sniff(head: Head) -> float:
    """Be sure of a database of SQLite with the number of a GeoPackage."""
    if not head.data.startswith(b"SQLite format 3\0"):
        return 0.0
    return 0.98 if head.data[68:72] in IDS else 0.4 if head.name.lower().endswith(".gpkg") else 0.0


class _Layer(NamedTuple):
    table: str
    column: str
    srs: int
    key: str | None
    columns: list[str]


def read(stream: BinaryIO, name: str, base_time: datetime | None = None) -> Iterator[Batch | Fault]:
    """Rows and faults; see `Format.read`."""
    with TemporaryDirectory() as place:
        path = Path(place, "package.gpkg")
        with path.open("wb") as copy:
            while chunk := stream.read(1 << 20):
                copy.write(chunk)
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            yield from _read(database, name, base_time)


def _read(database: sqlite3.Connection, name: str, base_time: datetime | None) -> Iterator[Batch | Fault]:
    guard = _Guard(database)
    features = MapFeatures(name, base_time)
    try:
        layers = _layers(database, name)
    except DAMAGED as error:
        raise FormatError(f"{name} is no whole GeoPackage: {error}. Get a complete copy") from error
    for layer in layers:
        if base_time is None:
            changed = _one(
                database, "SELECT last_change FROM gpkg_contents WHERE table_name = ?", layer.table
            )
            features.at = moment(changed) or features.at
        try:
            move = _system(database, layer)
        except FormatError as error:
            yield Fault(f"layer {layer.table}", str(error), b"")
            continue
        if layer.srs == 0:
            said = "its layer states no system of coordinates: they were taken for longitudes and latitudes"
            yield Fault(f"layer {layer.table}", said, b"", partly=True)
        yield from _rows(database, layer, move, features, guard)
        yield from features.rest()


class _Guard:
    """Gives up a query that yields nothing for too long."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._left = PATIENCE
        database.execute("PRAGMA trusted_schema = OFF")
        database.execute("PRAGMA query_only = ON")
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BYTES)
        database.text_factory = lambda data: data.decode("utf-8", "replace")
        database.set_progress_handler(self._look, STEPS)

    def _look(self) -> bool:
        self._left -= 1
        return self._left < 0

    def rest(self) -> None:
        """Begin anew: rows came."""
        self._left = PATIENCE


def _layers(database: sqlite3.Connection, name: str) -> list[_Layer]:
    tables = {
        table: sql or ""
        for table, sql in database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        if not (sql or "").upper().lstrip().startswith("CREATE VIRTUAL")
    }
    if not {"gpkg_contents", "gpkg_geometry_columns"} <= tables.keys():
        raise FormatError(f"{name} is a database without layers of places: a GeoPackage has gpkg_contents")
    found = []
    listed = database.execute(
        "SELECT c.table_name, g.column_name, g.srs_id FROM gpkg_contents c JOIN gpkg_geometry_columns g"
        " ON lower(g.table_name) = lower(c.table_name) WHERE c.data_type = 'features' ORDER BY 1"
    )
    for table, column, srs in listed.fetchmany(MOST_LAYERS):
        if table not in tables:
            continue
        described = database.execute("SELECT name, pk FROM pragma_table_info(?)", (table,)).fetchall()
        names = [one for one, _ in described]
        if column in names:
            key = next((one for one, number in described if number), None)
            rest = [one for one in names if one not in (column, key)]
            found.append(_Layer(table, column, srs if isinstance(srs, int) else 0, key, rest))
    return found


def _one(database: sqlite3.Connection, query: str, *values: Any) -> Any:
    try:
        row = database.execute(query, values).fetchone()
    except DAMAGED:
        return None
    return row[0] if row else None


def _system(database: sqlite3.Connection, layer: _Layer) -> Callable[[Any], Any] | None:
    if layer.srs == 0:
        return None
    what = f"layer {layer.table}"
    if layer.srs == -1:
        raise FormatError(
            f"{what} has coordinates of an unknown plane: state its system, as with ogr2ogr -a_srs"
        )
    try:
        row = database.execute(SYSTEM, (layer.srs,)).fetchone()
    except DAMAGED:
        row = None
    if row is None:
        raise FormatError(
            f"{what} is in system {layer.srs}, which its file does not describe: state it (ogr2ogr -a_srs)"
        )
    organization, number, definition = row
    if str(organization).upper() == "EPSG":
        return to_wgs84(f"EPSG:{number}", what)
    return to_wgs84(str(definition), what)


def _rows(
    database: sqlite3.Connection,
    layer: _Layer,
    move: Callable[[Any], Any] | None,
    features: MapFeatures,
    guard: _Guard,
) -> Iterator[Batch | Fault]:
    names = [*([layer.key] if layer.key else ["rowid"]), layer.column, *layer.columns]
    listed = ", ".join(one if one == "rowid" and not layer.key else quoted(one) for one in names)
    number, told = 0, False
    try:
        rows = database.execute(f"SELECT {listed} FROM {quoted(layer.table)}")  # noqa: S608 - quoted
        while some := rows.fetchmany(ROWS):
            guard.rest()
            shapes: list[shapely.Geometry | None] = []
            wrong: dict[int, str] = {}
            for at, row in enumerate(some):
                try:
                    shape, srs = packaged(row[1]) if row[1] is not None else (None, layer.srs)
                except (ValueError, shapely.errors.ShapelyError) as error:
                    shape, srs, wrong[at] = None, layer.srs, str(error)[:200]
                shapes.append(shape)
                if srs != layer.srs and not told:
                    told = True
                    said = f"a geometry says system {srs}, its layer {layer.srs}: that of the layer was taken"
                    yield Fault(f"layer {layer.table}, row {row[0]}", said, b"", partly=True)
            moved = np.array(shapes, object) if move is None else move(np.array(shapes, object))
            for at, (row, shape) in enumerate(zip(some, moved.tolist(), strict=True)):
                number += 1
                locator = f"layer {layer.table}, row {row[0]}"
                if at in wrong:
                    yield Fault(locator, f"its geometry cannot be read: {wrong[at]}", bytes(row[1])[:4096])
                else:
                    yield from features.add(_found(layer, row, shape, locator), layer.table)
    except (*DAMAGED, FormatError, OverflowError, MemoryError) as error:
        said = f"the layer is damaged or cannot be read from here on: {error}"
        yield Fault(f"layer {layer.table}, after row {number}", said, b"", rest=True)


def _found(layer: _Layer, row: tuple[Any, ...], shape: shapely.Geometry | None, locator: str) -> FileFeature:
    properties = {
        name: plain(value)
        for name, value in zip(layer.columns, row[2:], strict=True)
        if not isinstance(value, bytes)
    }
    since, until = times(properties)
    return FileFeature(str(row[0]), named(properties), shape, properties, locator, since, until)


FORMAT: Final = Format(NAME, (MAP_FEATURE.name,), sniff, read)
