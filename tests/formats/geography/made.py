"""Small files of places, one of each format, with the same three features."""

import io
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import shapely

from watchfloor.exchange.geo.feature import Feature, FileHead
from watchfloor.exchange.geo.files import WRITERS
from watchfloor.formats.geography.package import Layer, write

AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
NAMES = ("geojson", "kml", "gpx", "gpkg", "geoparquet")
SHAPES = {
    "tower": shapely.Point(-74.25, 45.0),
    "road": shapely.LineString([(-74, 45), (-73.5, 45.25), (-73, 45.125)]),
    "lake": shapely.Polygon([(-74, 45), (-73, 45), (-73, 46), (-74, 46)]),
}


def features(shapes=SHAPES):
    return [
        Feature(name, name, f"a {name}", shape, AT, "PB", {"height": 12.5, "lit": True}, collection="places")
        for name, shape in shapes.items()
    ]


def file_of(form, shapes=SHAPES):
    file = io.BytesIO()
    WRITERS[form](FileHead("places", "PB", AT), features(shapes), file)
    return file.getvalue()


def geojson(*shapes, **head):
    made = [
        {"type": "Feature", "id": number, "geometry": shape, "properties": {"name": f"n{number}"}}
        for number, shape in enumerate(shapes, 1)
    ]
    return json.dumps({"type": "FeatureCollection", **head, "features": made}).encode()


def gpkg(srs, shapes, *systems):
    """A package whose one layer is in a system, described by (organization, number, definition) or not."""
    file = io.BytesIO()
    rows = [(shape, (name,)) for name, shape in shapes.items()]
    write([Layer("places", {"name": "TEXT"}, rows, srs)], file)
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(file.getvalue())
        database.executemany(
            "INSERT OR REPLACE INTO gpkg_spatial_ref_sys VALUES ('own', ?, ?, ?, ?, '')",
            [(srs, *one) for one in systems],
        )
        database.commit()
        return database.serialize()
