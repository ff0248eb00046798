"""A GeoPackage (OGC 12-128r18) as it is written: a database of SQLite, which Python brings.

Each layer has a table, a row in the tables that describe it, and an R-tree over its geometries with the
triggers of annex F.3, so that another program may go on writing it.
"""

import json
import sqlite3
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Final, NamedTuple

import shapely

GEOGRAPHIC, CARTESIAN = 4326, -1
"""Systems: WGS 84, and coordinates of an unknown place."""
WGS84: Final = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],'
    'AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],'
    'UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]]'
)
GEOMETRY: Final = "geom"
LAYOUT: Final = """
PRAGMA application_id = 0x47504B47;
PRAGMA user_version = 10300;
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY,
    organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL,
    description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL,
    identifier TEXT UNIQUE, description TEXT DEFAULT '',
    last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE,
    srs_id INTEGER REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL UNIQUE REFERENCES gpkg_contents (table_name),
    column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
    srs_id INTEGER NOT NULL REFERENCES gpkg_spatial_ref_sys (srs_id),
    z TINYINT NOT NULL, m TINYINT NOT NULL, PRIMARY KEY (table_name, column_name));
CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,
    definition TEXT NOT NULL, scope TEXT NOT NULL, UNIQUE (table_name, column_name, extension_name));
"""
R_TREE: Final = "http://www.geopackage.org/spec120/#extension_rtree"
_BOX: Final = "ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)"
_PUT: Final = f'INSERT OR REPLACE INTO "{{index}}" VALUES (NEW.fid, {_BOX});'  # noqa: S608 - names are quoted
_DROP: Final = 'DELETE FROM "{index}" WHERE id = OLD.fid;'
_SOME: Final = "(NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))"
_NONE: Final = "(NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))"
TRIGGERS: Final = (
    ("insert", "INSERT", _SOME, _PUT),
    ("update1", "UPDATE OF geom", f"OLD.fid = NEW.fid AND {_SOME}", _PUT),
    ("update2", "UPDATE OF geom", f"OLD.fid = NEW.fid AND {_NONE}", _DROP),
    ("update3", "UPDATE", f"OLD.fid != NEW.fid AND {_SOME}", _DROP + _PUT),
    (
        "update4",
        "UPDATE",
        f"OLD.fid != NEW.fid AND {_NONE}",
        _DROP + _DROP.replace("OLD", "NEW"),
    ),
    ("delete", "DELETE", "OLD.geom NOTNULL", _DROP),
)
"""Name, moment, condition and effect of each trigger that keeps an R-tree."""
AT_ONCE: Final = 10_000
TYPES: Final[Mapping[type, str]] = {bool: "BOOLEAN", int: "INTEGER", float: "DOUBLE", datetime: "DATETIME"}

Value = str | int | float | bool | datetime | None


class Layer(NamedTuple):
    """One table of a package.

    Attributes:
        name: of the table.
        columns: SQL types by name.
        rows: geometry and values of each row; a layer of attributes has a geometry of None in each.
        srs: system of the coordinates; None: it has no geometries.
        geometry_type: as the standard names it.
        identifier, description: for people.
    """

    name: str
    columns: Mapping[str, str]
    rows: Iterable[tuple[shapely.Geometry | None, Sequence[Value]]]
    srs: int | None = GEOGRAPHIC
    geometry_type: str = "GEOMETRY"
    identifier: str = ""
    description: str = ""


def write(layers: Iterable[Layer], file: BinaryIO, at: datetime | None = None) -> int:
    """Write a package and return how many rows it has; `at` is when it was changed, now where it is None."""
    with TemporaryDirectory() as place:
        path = Path(place, "package.gpkg")
        with closing(sqlite3.connect(path)) as database:
            database.executescript(LAYOUT)
            database.executemany(
                "INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, '')",
                [
                    ("WGS 84", GEOGRAPHIC, "EPSG", GEOGRAPHIC, WGS84),
                    ("Undefined cartesian SRS", CARTESIAN, "NONE", CARTESIAN, "undefined"),
                    ("Undefined geographic SRS", 0, "NONE", 0, "undefined"),
                ],
            )
            count = sum(_layer(database, one, at or datetime.now(UTC)) for one in layers)
            database.commit()
        with path.open("rb") as written:
            while chunk := written.read(1 << 20):
                file.write(chunk)
    return count


def quoted(name: str) -> str:
    """Return a name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


def blob(geometry: shapely.Geometry, srs: int) -> bytes:
    """Return a geometry as a package keeps it: a header, its envelope where it is no point, and WKB."""
    empty = geometry.is_empty
    envelope = b"" if empty or geometry.geom_type == "Point" else _envelope(geometry)
    flags = 1 | (2 if envelope else 0) | (16 if empty else 0)
    return struct.pack("<2sBBi", b"GP", 0, flags, srs) + envelope + _wkb(geometry)


def _wkb(geometry: shapely.Geometry) -> bytes:
    return bytes(shapely.to_wkb(geometry, byte_order=1, flavor="iso"))


def _envelope(geometry: shapely.Geometry) -> bytes:
    west, south, east, north = geometry.bounds
    return struct.pack("<4d", west, east, south, north)


def _layer(database: sqlite3.Connection, layer: Layer, at: datetime) -> int:
    spatial, columns = layer.srs is not None, list(layer.columns)
    described = "".join(f", {quoted(name)} {layer.columns[name]}" for name in columns)
    geometry = f", {GEOMETRY} {layer.geometry_type}" if spatial else ""
    table = quoted(layer.name)
    key = "fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"
    database.execute(f"CREATE TABLE {table} ({key}{geometry}{described})")
    index = f"rtree_{layer.name}_{GEOMETRY}"
    if spatial:
        database.execute(f"CREATE VIRTUAL TABLE {quoted(index)} USING rtree (id, minx, maxx, miny, maxy)")
    stated = [*([GEOMETRY] if spatial else []), *columns]
    names, marks = ", ".join(map(quoted, stated)), ", ".join("?" * (len(stated) + 1))
    insert = f"INSERT INTO {table} (fid{', ' if stated else ''}{names}) VALUES ({marks})"  # noqa: S608
    edges: list[tuple[float, float, float, float]] = []
    count, rows = 0, enumerate(layer.rows, 1)
    while some := list(islice(rows, AT_ONCE)):
        database.executemany(insert, _stored(some, layer.srs))
        count += len(some)
        shapes = [(number, shape) for number, (shape, _) in some if spatial and shape is not None]
        boxes = [(number, *shape.bounds) for number, shape in shapes if not shape.is_empty]
        edges += [box[1:] for box in boxes]
        if boxes:
            database.executemany(
                # A box comes as west, south, east, north.
                f"INSERT INTO {quoted(index)} VALUES (?1, ?2, ?4, ?3, ?5)",  # noqa: S608
                boxes,
            )
    west, south, east, north = zip(*edges, strict=True) if edges else ((None,),) * 4
    database.execute(
        "INSERT INTO gpkg_contents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(layer.name, "features" if spatial else "attributes", layer.identifier or layer.name),
            *(layer.description, moment(at)),
            *((min(west), min(south), max(east), max(north)) if edges else (None,) * 4),
            layer.srs,
        ),
    )
    if spatial:
        database.execute(
            "INSERT INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, 2, 0)",
            (layer.name, GEOMETRY, layer.geometry_type, layer.srs),
        )
        database.execute(
            "INSERT INTO gpkg_extensions VALUES (?, ?, 'gpkg_rtree_index', ?, 'write-only')",
            (layer.name, GEOMETRY, R_TREE),
        )
        for name, moment_, when, does in TRIGGERS:
            database.execute(
                f"CREATE TRIGGER {quoted(f'{index}_{name}')} AFTER {moment_} ON {table} WHEN {when}"
                f" BEGIN {does.format(index=index.replace(chr(34), chr(34) * 2))} END"
            )
    return count


def _stored(
    rows: Iterable[tuple[int, tuple[shapely.Geometry | None, Sequence[Value]]]], srs: int | None
) -> Iterator[list[Any]]:
    for number, (geometry, values) in rows:
        shape = () if srs is None else (None if geometry is None else blob(geometry, srs),)
        yield [number, *shape, *map(_value, values)]


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return moment(value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return json.dumps(value, ensure_ascii=False)


def moment(at: datetime) -> str:
    """Return a moment as the standard writes it: UTC, with milliseconds."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def column_types(values: Iterable[Mapping[str, Value]]) -> dict[str, str]:
    """Return the SQL type of each name: that of its values where they are of one type, else text."""
    found: dict[str, set[type]] = {}
    for name, value in chain.from_iterable(one.items() for one in values):
        kinds = found.setdefault(name, set())
        if value is not None:
            kinds.add(type(value))
    return {name: _column_type(kinds) for name, kinds in found.items()}


def _column_type(kinds: set[type]) -> str:
    if kinds == {int, float}:
        return "DOUBLE"
    return TYPES.get(next(iter(kinds)), "TEXT") if len(kinds) == 1 else "TEXT"
