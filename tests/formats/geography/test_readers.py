"""Readers of maps: what ogr2ogr writes and reads is what they read, and bad files are told, not guessed."""

import io
import json
import random
import sqlite3
import struct
import subprocess
import zipfile
from contextlib import closing, suppress
from datetime import UTC, datetime
from shutil import which

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.geography.made import AT, NAMES, SHAPES, features, file_of, geojson, gpkg
from tests.thorough import draws

from watchfloor.feeds.streams import Unreadable
from watchfloor.feeds.walk import Aside, Item, walk
from watchfloor.formats.base import Fault, FormatError, Head
from watchfloor.formats.geography import systems
from watchfloor.formats.geography.wkb import geometry
from watchfloor.formats.lists.listing_rows import UNDATED
from watchfloor.formats.registry import FORMATS, surest

gdal = pytest.mark.skipif(which("ogr2ogr") is None, reason="ogr2ogr (gdal-bin) is not installed")
POINT = {"type": "Point", "coordinates": [-74.25, 45.0]}


def read(form, data, name="places.dat", **stated):
    """Rows of all batches, faults, and notes about rows that were read."""
    rows, faults, notes = [], [], []
    for one in FORMATS[form].read(io.BytesIO(data), name, **stated):
        if isinstance(one, Fault):
            (notes if one.partly else faults).append(one)
        else:
            rows += one.rows.to_pylist()
    return rows, faults, notes


def shape_of(row):
    return shapely.from_geojson(row["geometry"]).normalize()


@pytest.mark.parametrize("form", NAMES)
def test_what_was_written_is_read_back(form):
    data = file_of(form)
    assert surest(Head("places.dat", data[: 1 << 16]))[0].name == form
    rows, faults, notes = read(form, data)
    assert (faults, notes) == ([], [])
    by = {row["name"] or json.loads(row["properties"])["title"]: row for row in rows}
    assert by.keys() == SHAPES.keys()
    for name, shape in SHAPES.items():
        drawn = shape.exterior if form == "gpx" and shape.geom_type == "Polygon" else shape
        assert shape_of(by[name]) == drawn.normalize() or form == "gpx"
        assert json.dumps(json.loads(by[name]["properties"])).count("PB")
        assert by[name]["observed_at"] == AT
        on = shapely.Point(by[name]["longitude"], by[name]["latitude"])
        assert drawn.distance(on) < 1e-9


@pytest.mark.parametrize("form", NAMES)
def test_a_file_read_twice_gives_the_same_keys(form):
    data = file_of(form)
    first, again = ([row["report_key"] for row in read(form, data)[0]] for _ in range(2))
    assert first == again
    assert len({*first}) == len(SHAPES)


def ogr(tmp_path, output, source, *words):
    path = tmp_path / output
    subprocess.run(
        ["ogr2ogr", "-q", *words, str(path), str(source)], check=True, timeout=60, capture_output=True
    )
    return path


CONVERTED = {
    "a.gpkg": ("gpkg", []),
    "lambert.gpkg": ("gpkg", ["-t_srs", "EPSG:3347"]),
    "utm.gpkg": ("gpkg", ["-t_srs", "EPSG:32618"]),
    "atlas.gpkg": ("gpkg", ["-t_srs", "EPSG:3978"]),
    "a.geojson": ("geojson", ["-lco", "RFC7946=YES"]),
    "web.geojson": ("geojson", ["-t_srs", "EPSG:3857"]),
    "a.geojsonl": ("geojson", ["-f", "GeoJSONSeq"]),
    "a.geojsons": ("geojson", ["-f", "GeoJSONSeq", "-lco", "RS=YES"]),
    "a.kml": ("kml", ["-f", "LIBKML"]),
    "b.kml": ("kml", ["-f", "KML"]),
    "a.gpx": ("gpx", ["-f", "GPX", "-where", "name = 'road'", "-nlt", "LINESTRING"]),
}


@gdal
@pytest.mark.parametrize("output", CONVERTED)
def test_what_another_program_writes_is_read_where_it_says(output, tmp_path):
    form, words = CONVERTED[output]
    if any("EPSG" in one for one in words):
        pytest.importorskip("rasterio", reason="rasterio, an extra, is not installed")
    source = tmp_path / "source.geojson"
    made = json.loads(geojson(*map(shapely.geometry.mapping, SHAPES.values())))
    for name, one in zip(SHAPES, made["features"], strict=True):
        one["properties"]["name"] = name
    source.write_text(json.dumps(made))
    rows, faults, _ = read(form, ogr(tmp_path, output, source, *words).read_bytes(), output)
    assert faults == []
    found = {row["name"]: shape_of(row) for row in rows}
    for name, shape in found.items():
        assert shape.equals_exact(SHAPES[name].normalize(), 1e-6), (name, shape)
    assert found.keys() == SHAPES.keys() - ({"tower", "lake"} if form == "gpx" else set())


def test_a_feature_has_its_times_from_a_span_a_stamp_or_its_properties():
    kml = b"""<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder><name>Camps</name>
    <Placemark id="1"><TimeSpan><begin>2026-11</begin><end>2026-12-01T05:00:00-05:00</end></TimeSpan>
    <Point><coordinates> -74 , 45 ,0 </coordinates></Point></Placemark></Folder></Document></kml>"""
    ((row,), faults, _) = read("kml", kml)
    assert not faults
    assert (row["since"], row["until"]) == (
        datetime(2026, 11, 1, tzinfo=UTC),
        datetime(2026, 12, 1, 10, tzinfo=UTC),
    )
    assert (row["layer"], row["feature"]) == ("Camps", "1")
    told = json.loads(geojson(POINT))
    told["features"][0]["properties"] |= {"Start": "2026-11-24T03:00Z", "end": "2026-11-25"}
    ((row,), _, _) = read("geojson", json.dumps(told).encode())
    assert (row["since"], row["observed_at"], row["until"]) == (AT, AT, datetime(2026, 11, 25, tzinfo=UTC))


def test_what_states_no_time_has_that_of_its_feed_or_none():
    data = geojson(POINT)
    assert read("geojson", data)[0][0]["observed_at"] == UNDATED
    assert read("geojson", data, base_time=AT)[0][0]["observed_at"] == AT
    assert read("geojson", data)[0][0]["since"] is None


TURNED = [[-74, 45], [-73, 46], [-73, 45], [-74, 46], [-74, 45]]
BAD = {
    "latitude first": ({"type": "Point", "coordinates": [45.0, -174.0]}, "swapped"),
    "metres": ({"type": "Point", "coordinates": [7632045.2, 1230045.0]}, "metres"),
    "beyond the pole": ({"type": "Point", "coordinates": [-274.0, 95.0]}, "no longitude and latitude"),
    "huge": ({"type": "Point", "coordinates": [1e308, -1e308]}, "metres"),
    "nothing": (None, "no geometry"),
    "empty": ({"type": "Polygon", "coordinates": []}, "no geometry"),
    "no number": ({"type": "Point", "coordinates": [None, 45]}, "cannot be read"),
    "too few": ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}, "cannot be read"),
    "unknown": ({"type": "Circle", "coordinates": [0, 0]}, "cannot be read"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_on_earth_is_a_fault_and_the_rest_is_read(case):
    shape, reason = BAD[case]
    rows, (fault,), _ = read("geojson", geojson(shape, POINT))
    assert reason in fault.reason
    assert fault.raw
    assert [row["feature"] for row in rows] == ["2"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_a_coordinate_that_is_no_number_is_a_fault(number):
    data = geojson(POINT, POINT).replace(b"-74.25", number.encode(), 1)
    rows, faults, _ = read("geojson", data)
    assert [row["feature"] for row in rows] == ["2"]
    assert len(faults) == 1


def test_a_shape_that_crosses_itself_is_kept_and_told():
    ((row,), faults, (note,)) = read("geojson", geojson({"type": "Polygon", "coordinates": [TURNED]}))
    assert not faults
    assert "Self-intersection" in note.reason
    assert len(shapely.get_coordinates(shape_of(row))) == 5


def test_a_line_over_the_antimeridian_is_cut_there():
    line = {"type": "LineString", "coordinates": [[179, 10], [-179, 12]]}
    wide = {"type": "LineString", "coordinates": [[179, 10], [181, 12]]}
    rows, faults, _ = read("geojson", geojson(line, wide))
    assert not faults
    for row in rows:
        shape = shape_of(row)
        assert (shape.geom_type, shape.bounds) == ("MultiLineString", (-180, 10, 180, 12))


@pytest.mark.parametrize("count", [20_000, pytest.param(1_000_000, marks=pytest.mark.thorough)])  # 5 s
def test_a_line_of_as_many_places_as_may_be_is_read_and_one_of_more_is_a_fault(count, monkeypatch):
    monkeypatch.setattr("watchfloor.formats.geography.map_features.MOST_PLACES", count)
    many = ",".join(["[-74.123456,45.123456]", "[-74.5,45.5]"] * (count // 2))
    data = b'{"type":"FeatureCollection","features":[{"type":"Feature","id":1,"properties":{},"geometry":'
    data += f'{{"type":"LineString","coordinates":[{many}]}}}}]}}'.encode()
    ((row,), faults, _) = read("geojson", data)
    assert not faults
    assert len(shapely.get_coordinates(shapely.from_geojson(row["geometry"]))) == count
    ((), (fault,), _) = read("geojson", data.replace(b'"coordinates":[', b'"coordinates":[[0,0],'))
    assert f"{count + 1:,}" in fault.reason


def test_an_id_that_stands_twice_is_read_once():
    data = geojson(POINT, {"type": "Point", "coordinates": [0, 0]}).replace(b'"id": 2', b'"id": 1')
    ((row,), (fault,), _) = read("geojson", data)
    assert row["longitude"] == -74.25
    assert "stands twice" in fault.reason


def test_half_a_character_is_a_fault_of_its_feature_only():
    rows, faults, _ = read("geojson", geojson(POINT, POINT).replace(b'"n1"', b'"\\ud800"'))
    assert [row["feature"] for row in rows] == ["2"]
    assert len(faults) == 1


@pytest.mark.parametrize("form", NAMES)
def test_a_file_that_breaks_off_gives_what_stood_before(form):
    data = file_of(form, {f"p{number}": shapely.Point(number / 100, 45) for number in range(3000)})
    cut = data[: len(data) // 2]
    if form in ("geoparquet", "gpkg"):  # their index stands at the end, or is everywhere
        with pytest.raises(FormatError, match="whole"):
            read(form, cut)
        return
    rows, faults, _ = read(form, cut)
    assert any(one.rest for one in faults)
    assert len(rows) > 100


def damaged(data, drawn):
    """Bytes with some changed, lost, put in or said twice."""
    made = bytearray(data)
    for _ in range(drawn.choice((1, 1, 2, 4, 16))):
        at, other = drawn.randrange(len(made)), drawn.randrange(len(made))
        size = drawn.randrange(1, 64)
        made[at : at + drawn.choice((0, 1, size))] = drawn.choice(
            (drawn.randbytes(drawn.randrange(9)), made[other : other + size], b"")
        )
        made = made or bytearray(data)
    return bytes(made)


def test_damaged_geoparquet_is_read_or_refused():
    data, drawn = file_of("geoparquet"), random.Random(5)
    outcomes = set()
    for _ in range(draws(20_000, quick=300)):
        try:
            rows, _, _ = read("geoparquet", damaged(data, drawn))
            outcomes.add(bool(rows))
        except FormatError:
            outcomes.add(None)
    assert outcomes == {True, False, None}


def test_a_damaged_kmz_is_read_or_left_aside(tmp_path):
    packed, drawn, path = io.BytesIO(), random.Random(6), tmp_path / "places.kmz"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", file_of("kml"))
        archive.writestr("files/camp.png", b"PNG" * 20)
    outcomes = set()
    for _ in range(draws(20_000, quick=300)):
        path.write_bytes(damaged(packed.getvalue(), drawn))
        for one in walk([path]):
            outcomes.add(type(one))
            if isinstance(one, Item):
                with suppress(FormatError, Unreadable), one.open() as stream:
                    for _ in FORMATS["kml"].read(stream, one.name):
                        outcomes.add("read")
    assert outcomes == {Aside, Item, "read"}


def test_collections_in_collections_do_not_bring_the_process_down():
    deep = '{"type":"GeometryCollection","geometries":[' * 20_000
    data = b'{"type":"Feature","properties":{},"geometry":' + deep.encode() + b"]}" * 20_000 + b"}"
    rows, faults, _ = read("geojson", data)
    assert not rows
    assert faults


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("code", [4, 5, 6, 7, 9, 10, 11, 12, 1006, 3007, 0x80000006, 0x20000006])
def test_geometries_in_geometries_do_not_bring_the_process_down(code, order):
    """GEOS 3.14 ends with a segmentation fault on each of these but those of types 9 to 12."""
    head = struct.pack(f"{order}BI", order == "<", code) + bytes(4 if code & 0x20000000 else 0)
    bomb = (head + struct.pack(f"{order}I", 1)) * 300_000
    bomb += struct.pack(f"{order}BIdd", order == "<", 1, 0, 0)
    with pytest.raises(ValueError, match=r"collections|type"):
        geometry(bomb)


SIMPLE = st.sampled_from(list(SHAPES.values())) | st.builds(shapely.Point, *[st.floats(-90, 90)] * 3)
NESTED = st.recursive(
    SIMPLE, lambda inner: st.lists(inner, max_size=4).map(shapely.GeometryCollection), max_leaves=9
)


@given(
    NESTED,
    st.sampled_from(["iso", "extended"]),
    st.sampled_from([0, 1]),
    st.binary(max_size=3),
    st.floats(0, 1),
)
def test_sound_geometries_pass_and_damaged_ones_are_refused(shape, flavor, order, noise, where):
    data = shapely.to_wkb(shape, flavor=flavor, byte_order=order)
    assert shapely.force_2d(geometry(data)) == shapely.force_2d(shape)
    at = int(where * len(data))
    with suppress(ValueError, shapely.errors.ShapelyError):
        geometry(data[:at] + noise + data[at + len(noise) :])
    if at < len(data):
        with pytest.raises((ValueError, shapely.errors.ShapelyError)):
            geometry(data[:at])


def test_an_entity_bomb_is_refused_and_a_link_is_not_followed():
    bomb = b'<!DOCTYPE k [<!ENTITY a "aaaaaaaaaa">]><kml xmlns="http://www.opengis.net/kml/2.2"><Document/></kml>'
    with pytest.raises(FormatError, match="entity bombs"):
        read("kml", bomb)
    link = b"""<kml xmlns="http://www.opengis.net/kml/2.2"><Document><NetworkLink><Link>
    <href>http://127.0.0.1:9/x.kml</href></Link></NetworkLink></Document></kml>"""
    rows, (fault,), _ = read("kml", link)
    assert not rows
    assert "http://127.0.0.1:9/x.kml" in fault.reason


LAMBERT = ("EPSG", 3347, "")


def test_a_package_says_where_its_plane_lies_or_is_refused(monkeypatch):
    shapes = {"a": shapely.Point(7_632_045.0, 1_230_045.0)}
    _, (fault,), _ = read("gpkg", gpkg(3347, shapes))
    assert "does not describe" in fault.reason
    _, (fault,), _ = read("gpkg", gpkg(-1, shapes))
    assert "ogr2ogr -a_srs" in fault.reason
    _, (fault,), (note,) = read("gpkg", gpkg(0, shapes))
    assert "metres" in fault.reason
    assert "states no system" in note.reason
    _, (fault,), _ = read("gpkg", gpkg(4326, shapes))  # it says degrees, and has metres
    assert "metres" in fault.reason
    _, (fault,), _ = read("gpkg", gpkg(9, shapes, ("ACME", 1, "PROJCS[nonsense")))
    assert "no known system" in fault.reason or "terrain" in fault.reason
    monkeypatch.setitem(__import__("sys").modules, "rasterio.crs", None)
    _, (fault,), _ = read("gpkg", gpkg(3347, shapes, LAMBERT))
    assert "watchfloor[terrain]" in fault.reason
    assert "ogr2ogr -t_srs" in fault.reason


def test_a_geometry_of_another_system_than_its_layer_is_told():
    packed = gpkg(4326, {"a": shapely.Point(-74, 45)})
    header, other = struct.pack("<2sBBi", b"GP", 0, 1, 4326), struct.pack("<2sBBi", b"GP", 0, 1, 3347)
    assert packed.count(header) == 1
    ((row,), faults, (note,)) = read("gpkg", packed.replace(header, other))
    assert (row["longitude"], faults) == (-74, [])
    assert "3347" in note.reason


def test_a_package_that_would_never_end_is_given_up(monkeypatch):
    monkeypatch.setattr("watchfloor.formats.geography.geopackage.PATIENCE", 3)
    packed = gpkg(4326, {"a": shapely.Point(-74, 45)})
    with closing(sqlite3.connect(":memory:")) as file:
        file.deserialize(packed)
        file.execute("ALTER TABLE gpkg_spatial_ref_sys RENAME TO s")
        file.execute(
            "CREATE VIEW gpkg_spatial_ref_sys AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1"
            " FROM n) SELECT x AS srs_id, 'EPSG' AS organization, 1 AS organization_coordsys_id, '' AS"
            " definition FROM n WHERE x < 0"
        )
        file.commit()
        packed = file.serialize()
    rows, faults, _ = read("gpkg", packed)
    assert not rows
    assert "does not describe" in faults[0].reason


def test_geoparquet_in_another_system_or_encoding_is_moved_or_refused():
    pytest.importorskip("rasterio", reason="rasterio, an extra, is not installed")
    back = systems.to_wgs84("EPSG:3347", "x")
    (place,) = back(__import__("numpy").array([shapely.Point(7_632_045.0, 1_230_045.0)], object))

    def file(**column):
        said = {"version": "1.1.0", "primary_column": "g", "columns": {"g": {"encoding": "WKB", **column}}}
        table = pa.table({"g": [shapely.to_wkb(shapely.Point(7_632_045.0, 1_230_045.0))], "name": ["a"]})
        out = io.BytesIO()
        pq.write_table(table.replace_schema_metadata({"geo": json.dumps(said)}), out)
        return out.getvalue()

    ((row,), faults, _) = read("geoparquet", file(crs={"id": {"authority": "EPSG", "code": 3347}}))
    assert not faults
    assert (row["longitude"], row["latitude"], row["name"]) == (place.x, place.y, "a")
    for wrong in ({"crs": None}, {"encoding": "point"}, {"crs": {"id": {"authority": "EPSG", "code": 1}}}):
        with pytest.raises(FormatError):
            read("geoparquet", file(**wrong))


def test_a_map_whose_metadata_are_not_seen_at_first_is_told_by_what_takes_it():
    with pytest.raises(FormatError, match="--format geoparquet"):
        read("detection-parquet", file_of("geoparquet"))


def test_the_same_map_is_of_no_other_format_and_no_other_file_is_a_map():
    for form in NAMES:
        assert FORMATS[form].kinds == ("map-feature",)
    assert FORMATS["geojson"].sniff(Head("x", b'{"type":"bundle","objects":[]}')) == 0
    assert FORMATS["gpkg"].sniff(Head("x.sqlite", b"SQLite format 3\0" + bytes(100))) == 0
    assert len(features()) == 3
