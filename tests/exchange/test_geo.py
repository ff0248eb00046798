"""Things with a place as files of maps: read back by other readers, each with its marking."""

import csv
import gzip
import io
import json
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from shutil import which

import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pmtiles.reader import Reader

from watchfloor.core.tables import FORMULAS
from watchfloor.exchange.geo import tiles
from watchfloor.exchange.geo.feature import Feature, FileHead, point
from watchfloor.exchange.geo.files import WRITERS, written
from watchfloor.exchange.geo.kml import NAMESPACE
from watchfloor.formats.geography.antimeridian import cut
from watchfloor.formats.sensors.protobuf.codec import decode

MARKING = "PB//TLP:AMBER"
AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
TEXT = st.text(max_size=30)
PLACES = st.none() | st.tuples(st.floats(-90, 90), st.floats(-180, 180))
RING = shapely.Polygon(
    [(-74, 45), (-74, 46), (-73, 46), (-73, 45)], [[(-73.8, 45.2), (-73.2, 45.2), (-73.5, 45.8)]]
)
OVER = shapely.LineString([(179, 10), (-179, 12)])
gdal = pytest.mark.skipif(which("ogr2ogr") is None, reason="ogr2ogr (gdal-bin) is not installed")


def feature(number, title, text, geometry, more):
    return Feature(f"{number:06x}", title, text, geometry, AT, MARKING, {"said": more})


FEATURES = st.lists(st.tuples(TEXT, TEXT, PLACES.map(point), TEXT), max_size=4).map(
    lambda found: [feature(number, *one) for number, one in enumerate(found)]
)
TRACK = Feature(
    "track:1", "Boat", "a boat", shapely.LineString([(-74, 45), (-73.5, 45.2), (-73, 45.1)]), AT, MARKING,
    {"speed": 3.5, "seen": 7, "lit": False}, AT + timedelta(hours=2), "tracks",
    tuple(AT + timedelta(hours=n) for n in range(3)),
)  # fmt: skip
SEVERAL = (
    TRACK,
    Feature("sig:1", "Signal", "gone dark", shapely.Point(-74.25, 45.5, 12), AT, MARKING, {"band": "likely"},
            collection="events"),
    Feature("sec:1", "Section", "", RING, None, MARKING, {}, collection="coverage"),
    Feature("far:1", "Over 180°", "", OVER, AT, MARKING, {}, collection="map-features"),
    Feature("none:1", "Nowhere", "", None, AT, MARKING, {}, collection="events"),
)  # fmt: skip


def file_of(form, features, path=None):
    file = io.BytesIO()
    some = [one for one in features if form not in ("gpx", "pmtiles") or one.geometry is not None]
    assert WRITERS[form](FileHead("cell", MARKING, AT), features, file) == len(some)
    if path:
        path.write_bytes(file.getvalue())
    return file.getvalue()


@given(FEATURES)
def test_geojson_is_read_back_with_every_value_in_the_order_of_the_standard(features):
    made = json.loads(written("geojson", "cell", MARKING, features))
    assert made["marking"] == MARKING
    for one, back in zip(features, made["features"], strict=True):
        assert (back["id"], back["properties"]["marking"]) == (one.id, MARKING)
        assert (back["properties"]["title"], back["properties"]["said"]) == (one.title, one.more["said"])
        if one.geometry is None:
            assert back["geometry"] is None
        else:
            assert shapely.from_geojson(json.dumps(back["geometry"])) == one.geometry


@given(FEATURES)
def test_kml_is_read_back_whatever_the_texts_hold(features):
    root = etree.fromstring(written("kml", "cell", MARKING, features).encode())
    assert root.findtext(".//{*}Document/{*}name") == f"{MARKING} cell"
    found = root.findall(f".//{{{NAMESPACE}}}Placemark")
    for one, back in zip(features, found, strict=True):
        assert back.findtext("{*}description").startswith(MARKING)
        assert back.findtext("{*}ExtendedData/{*}Data[@name='marking']/{*}value") == MARKING
        place = back.findtext("{*}Point/{*}coordinates")
        expected = None if one.geometry is None else (one.geometry.x, one.geometry.y)
        assert (place and tuple(map(float, place.split(",")))) == expected


@given(FEATURES)
def test_csv_is_read_back_and_no_cell_is_a_formula(features):
    rows = list(csv.DictReader(io.StringIO(written("csv", "cell", MARKING, features), newline="")))
    assert {row["marking"] for row in rows} == {MARKING}
    assert not [cell for row in rows for name, cell in row.items()
                if name not in ("latitude", "longitude") and cell.startswith(FORMULAS)]  # fmt: skip
    for one, row in zip(features, rows, strict=False):
        assert row["title"].removeprefix("'") == one.title.removeprefix("'")
        assert (float(row["latitude"]) if row["latitude"] else None) == (one.geometry and one.geometry.y)


@pytest.mark.parametrize("form", [form for form in WRITERS if form != "pmtiles"])
def test_a_file_of_nothing_still_says_its_marking(form):
    file = io.BytesIO()
    assert WRITERS[form](FileHead("cell", MARKING, AT), [], file) == 0
    assert MARKING.encode() in file.getvalue()


@pytest.mark.parametrize("form", WRITERS)
def test_the_same_features_give_the_same_bytes(form):
    assert file_of(form, SEVERAL) == file_of(form, SEVERAL)


STEPS = st.lists(st.tuples(st.floats(-40, 40), st.floats(-20, 20)), min_size=2, max_size=8)


@settings(max_examples=60)
@given(st.floats(-180, 180), STEPS)
def test_a_line_cut_at_the_antimeridian_is_as_long_and_nowhere_beyond_it(start, steps):
    x, y, places = start, 0.0, []
    for east, north in steps:
        x, y = x + east, max(-89.0, min(89.0, y + north))
        places.append(((x + 180) % 360 - 180, y))
    made = cut(shapely.LineString(places))
    west, _, east, _ = made.bounds
    assert west >= -180
    assert east <= 180
    unrolled = 0.0
    for (ax, ay), (bx, by) in pairwise(places):
        unrolled += (((bx - ax + 180) % 360 - 180) ** 2 + (by - ay) ** 2) ** 0.5
    assert made.length == pytest.approx(unrolled, abs=1e-6)


def test_polygons_over_the_antimeridian_keep_their_area_and_turn_to_the_left():
    ring = shapely.Polygon(
        [(170, 0), (-170, 0), (-170, 10), (170, 10)], [[(175, 2), (-175, 2), (-175, 8), (175, 8)]]
    )
    made = cut(ring)
    assert made.geom_type == "MultiPolygon"
    assert made.area == pytest.approx(20 * 10 - 10 * 6)
    assert made.bounds == (-180, 0, 180, 10)
    assert all(part.exterior.is_ccw for part in made.geoms)
    pole = cut(shapely.Polygon([(-120, 80), (0, 80), (120, 80)]))
    assert pole.area == pytest.approx(360 * 10)
    turned = cut(shapely.Polygon([(0, 0), (0, 1), (1, 1), (1, 0)], [[(0.2, 0.2), (0.8, 0.2), (0.5, 0.8)]]))
    assert turned.exterior.is_ccw
    assert not turned.interiors[0].is_ccw


def gdal_reads(path, *words):
    made = subprocess.run(
        ["ogr2ogr", "-f", "GeoJSONSeq", "/vsistdout/", str(path), *words],
        check=True, capture_output=True, timeout=60, text=True,
    )  # fmt: skip
    assert "ERROR" not in made.stderr, made.stderr
    return [json.loads(line.lstrip("\x1e")) for line in made.stdout.splitlines()]


@gdal
@pytest.mark.parametrize("form", ["geojson", "kml", "gpkg"])
def test_another_program_reads_every_feature_where_it_is(form, tmp_path):
    path = tmp_path / f"file.{form}"
    file_of(form, SEVERAL, path)
    layers = ["coverage", "events", "map_features", "tracks"] if form == "gpkg" else [""]
    found = [one for layer in layers for one in gdal_reads(path, *filter(None, [layer]))]
    back = {one["properties"]["id" if "id" in one["properties"] else "title"]: one for one in found}
    by = {one.id if form != "geojson" else one.title: one for one in SEVERAL}
    if form == "geojson":
        back = {one["properties"]["title"]: one for one in found}
    assert back.keys() == by.keys()
    for key, one in by.items():
        assert back[key]["properties"]["marking"] == MARKING
        if one.geometry is None:
            assert back[key]["geometry"] is None
            continue
        shape = shapely.from_geojson(json.dumps(back[key]["geometry"]))
        assert (
            cut(shape)
            .normalize()
            .equals_exact(
                cut(one.geometry).normalize(),
                1e-6,
            )
        ), (key, shape)


@gdal
def test_another_program_reads_waypoints_and_tracks_with_their_times(tmp_path):
    path = tmp_path / "file.gpx"
    file_of("gpx", SEVERAL, path)
    tracks = gdal_reads(path, "tracks")
    assert {one["properties"]["name"] for one in tracks} == {"Boat", "Section", "Over 180°"}
    assert all(one["properties"]["desc"].startswith(MARKING) for one in tracks)
    points = gdal_reads(path, "track_points")
    assert points[0]["properties"]["time"].startswith("2026-11-24T03:00")
    (waypoint,) = gdal_reads(path, "waypoints")
    assert waypoint["geometry"]["coordinates"] == [-74.25, 45.5]
    assert waypoint["properties"]["ele"] == 12


def test_a_geopackage_has_its_tables_and_an_index_of_every_place(tmp_path):
    path = tmp_path / "file.gpkg"
    file_of("gpkg", SEVERAL, path)
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA application_id").fetchone() == (0x47504B47,)
        assert file.execute("PRAGMA foreign_key_check").fetchall() == []
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        boxes = file.execute("SELECT minx, maxx, miny, maxy FROM rtree_tracks_geom").fetchall()
        assert boxes == [pytest.approx((-74, -73, 45, 45.2))]
        types = dict(file.execute("SELECT name, type FROM pragma_table_info('tracks')").fetchall())
        assert {types["speed"], types["seen"], types["lit"]} == {"DOUBLE", "INTEGER", "BOOLEAN"}
        assert types["at"] == "DATETIME"
        assert file.execute("SELECT marking FROM marking").fetchall() == [(MARKING,)]


def test_names_that_sql_takes_for_one_are_columns_each(tmp_path):
    path = tmp_path / "file.gpkg"
    more = {"name": "a", "Name": "b", "NAME": "c", "fid": "d", "Geom": "e", "id": "f", "id_": "g"}
    file_of("gpkg", [TRACK._replace(more=more)], path)
    with closing(sqlite3.connect(path)) as file:
        (row,) = file.execute("SELECT * FROM tracks").fetchall()
    assert set(more.values()) <= set(row)


def test_geoparquet_says_what_its_standard_asks(tmp_path):
    path = tmp_path / "file.parquet"
    file_of("geoparquet", SEVERAL, path)
    table = pq.read_table(path)
    said = json.loads(table.schema.metadata[b"geo"])
    assert (said["version"], said["primary_column"]) == ("1.1.0", "geometry")
    column = said["columns"]["geometry"]
    assert (column["encoding"], "crs" in column) == ("WKB", False)
    assert set(column["geometry_types"]) == {"LineString", "MultiLineString", "Point Z", "Polygon"}
    assert table.schema.metadata[b"marking"].decode() == MARKING
    for one, back in zip(SEVERAL, table.to_pylist(), strict=True):
        shape = back["geometry"] and shapely.from_wkb(back["geometry"])
        assert (shape and shape.normalize()) == (one.geometry and cut(one.geometry).normalize())
        assert back["bbox"] == (
            shape and dict(zip(("xmin", "ymin", "xmax", "ymax"), shape.bounds, strict=True))
        )
        assert back["marking"] == MARKING


def tiles_of(data, zoom=None):
    """Return header, metadata, and the layers of each tile of a zoom, else the deepest."""
    reader = Reader(lambda offset, length: data[offset : offset + length])
    head = reader.header()
    zoom = head["max_zoom"] if zoom is None else zoom
    whole = ((x, y, reader.get(zoom, x, y)) for x in range(1 << zoom) for y in range(1 << zoom))
    made = {(x, y): decode(tiles.TILE, gzip.decompress(raw))["layers"] for x, y, raw in whole if raw}
    return head, reader.metadata(), made


@pytest.fixture
def shallow(monkeypatch):
    """Few zooms: a test looks at every tile of one."""
    monkeypatch.setattr(tiles, "DEEPEST", 4)


def drawn(layer):
    """Yield what each feature of a layer says, its type and its parts as lists of steps."""
    values = [next(iter(one.values())) for one in layer["values"]]
    for one in layer["features"]:
        tags = one["tags"]
        said = {layer["keys"][k]: values[v] for k, v in zip(tags[::2], tags[1::2], strict=True)}
        x = y = at = 0
        parts = []
        numbers = one["geometry"]
        while at < len(numbers):
            command, count = numbers[at] & 7, numbers[at] >> 3
            at += 1
            if command == tiles.CLOSE:
                continue
            for _ in range(count):
                x += numbers[at] >> 1 ^ -(numbers[at] & 1)
                y += numbers[at + 1] >> 1 ^ -(numbers[at + 1] & 1)
                at += 2
                if command == tiles.MOVE:
                    parts.append([])
                parts[-1].append((x, y))
        yield said, one["type"], parts


def test_an_archive_of_tiles_holds_every_feature_and_says_its_marking(shallow):
    head, about, made = tiles_of(file_of("pmtiles", SEVERAL))
    assert (head["max_zoom"], head["min_zoom"], about["marking"]) == (4, 0, MARKING)
    assert {one["id"] for one in about["vector_layers"]} == {"coverage", "events", "map-features", "tracks"}
    found = {}
    for (x, y), layers in made.items():
        for layer in layers:
            for said, type_, parts in drawn(layer):
                assert said["marking"] == MARKING
                found.setdefault(said["id"], []).append((type_, x, y, parts))
    assert set(found) == {one.id for one in SEVERAL if one.geometry is not None}
    ((type_, x, y, (((right, down),),)),) = found["sig:1"]
    assert type_ == 1
    assert (x + right / 4096) / 16 * 360 - 180 == pytest.approx(-74.25, abs=360 / 16 / 4096)
    up = np.pi * (1 - 2 * (y + down / 4096) / 16)
    assert np.degrees(np.arctan(np.sinh(up))) == pytest.approx(45.5, abs=0.01)
    ((type_, _, _, (outer, inner)),) = found["sec:1"]
    assert type_ == 3
    assert [np.sign(tiles._area(np.array(ring))) for ring in (outer, inner)] == [1, -1]
    assert {x for _, x, _, _ in found["far:1"]} == {0, 15}


def test_what_lies_on_one_spot_is_thinned_out_above_the_deepest_zoom_alone(shallow):
    many = [
        feature(number, "x", "", shapely.Point(-74 + number * 1e-6, 45), str(number)) for number in range(500)
    ]
    data = file_of("pmtiles", many)
    for zoom, count in ((3, 1), (4, 500)):
        _, _, made = tiles_of(data, zoom)
        assert sum(len(layer["features"]) for layers in made.values() for layer in layers) == count


def test_what_is_smaller_than_a_step_is_a_point_and_not_gone(shallow):
    short = [
        shapely.LineString([(-74, 45), (-74, 45)]),
        shapely.LineString([(-74, 45), (-73.9999, 45.0001), (-74, 45)]),
        shapely.box(-74, 45, -73.9999, 45.0001),
    ]
    for shape in short:
        _, _, made = tiles_of(file_of("pmtiles", [Feature("s", "x", "", shape, None, MARKING)]))
        (((layer,)),) = made.values()
        ((said, type_, parts),) = drawn(layer)
        assert (said["id"], type_, len(parts)) == ("s", 1, 1)


def test_an_area_thinner_than_a_step_is_a_point_in_each_tile_and_not_gone(shallow):
    thin = Feature("thin", "Thin", "", shapely.box(-74.1, 45, -73.9, 45 + 1e-7), None, MARKING)
    _, _, made = tiles_of(file_of("pmtiles", [thin]))
    shown = [type_ for layers in made.values() for layer in layers for _, type_, _ in drawn(layer)]
    assert shown
    assert set(shown) == {1}


def test_large_areas_are_cut_into_no_more_tiles_than_a_file_may_have(monkeypatch):
    monkeypatch.setattr(tiles, "MOST", 40)
    world = Feature("w", "World", "", shapely.box(-85, -80, 85, 80), None, MARKING)
    head, _, made = tiles_of(file_of("pmtiles", [world, world]))
    assert head["max_zoom"] == 2
    assert len(made) == 8


@gdal
def test_another_program_reads_every_tile(tmp_path):
    path = tmp_path / "file.pmtiles"
    file_of("pmtiles", SEVERAL, path)
    (point,) = gdal_reads(path, "-t_srs", "EPSG:4326", "events")
    assert point["geometry"]["coordinates"] == pytest.approx([-74.25, 45.5], abs=1e-4)
    assert point["properties"]["marking"] == MARKING
    areas = [
        shapely.from_geojson(json.dumps(one["geometry"]))
        for one in gdal_reads(path, "-t_srs", "EPSG:4326", "coverage")
    ]
    assert shapely.union_all(areas).area == pytest.approx(RING.area, rel=0.01)
    assert all(one.is_valid for one in areas)
