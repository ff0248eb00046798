"""OGC API Features below /ogc/: the abstract tests of both parts, and clients that nobody changed."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from shutil import which

import httpx
import numpy as np
import pyarrow as pa
import pytest
import shapely
from tests.console.served import KEEPER, served

from watchfloor.exchange.geo.features import MAPPED, Layer
from watchfloor.exchange.geo.tiles import TILE, mercator
from watchfloor.exchange.ogc.snapshot import Filter
from watchfloor.exchange.ogc.sources import of_layer
from watchfloor.exchange.ogc.systems import CRS84, EPSG, GEODETIC, offered
from watchfloor.exchange.ogc.tiles import chosen
from watchfloor.feeds import config
from watchfloor.feeds.intake import Orders, ingest_all
from watchfloor.formats.sensors.protobuf.codec import decode
from watchfloor.store.floor import Floor

gdal = pytest.mark.skipif(which("ogr2ogr") is None, reason="ogr2ogr (gdal-bin) is not installed")
AT = datetime(2026, 11, 24, tzinfo=UTC)
MANY = 250
ITEMS = "/ogc/collections/map-features/items"


def feature(number):
    """Points on a grid, a line over the antimeridian, and a triangle whose box is larger than it."""
    x, y = -74 + (number % 50) / 100, 45 + (number // 50) / 100
    shape = {"type": "Point", "coordinates": [x, y]}
    if number == MANY - 1:
        shape = {"type": "LineString", "coordinates": [[179, 10], [-179, 12]]}
    if number == MANY - 2:
        shape = {"type": "Polygon", "coordinates": [[[-60, 50], [-50, 50], [-50, 60], [-60, 50]]]}
    since = (AT + timedelta(hours=number)).isoformat()
    said = {"name": f"place {number % 10}", "start": since, "end": since}
    return {"type": "Feature", "id": f"a/{number:04} é", "geometry": shape, "properties": said}


FEATURES = [feature(number) for number in range(MANY)]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A console over a floor with a map, and a client with an officer's token."""
    folder = tmp_path_factory.mktemp("ogc")
    floor = Floor.create(folder / "floor", KEEPER, name="cell", ceiling="PB//TLP:RED", exercise=True)
    path = folder / "places.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": FEATURES}))
    with floor.writer(KEEPER) as writer:
        list(ingest_all(writer, [path], config.load(floor.root), Orders()))
    with served(floor) as console:
        headers = {"Authorization": f"Bearer {console.token()}"}
        with httpx.Client(base_url=console.home, headers=headers, timeout=60) as client:
            yield console, client


@pytest.fixture
def ask(home):
    _, client = home

    def asked(path, status=200, **parameters):
        answer = client.get(path, params=parameters or None)
        assert answer.status_code == status, answer.text
        return answer

    return asked


def pages(ask, **parameters):
    answer = ask(ITEMS, **parameters).json()
    while True:
        yield answer
        links = [one["href"] for one in answer["links"] if one["rel"] == "next"]
        if not links:
            return
        answer = ask(links[0]).json()


def ids(ask, **parameters):
    return [one["properties"]["feature"] for page in pages(ask, **parameters) for one in page["features"]]


def numbers(ask, **parameters):
    return sorted(int(one[2:6]) for one in ids(ask, **parameters))


def link(document, rel):
    return next(one for one in document["links"] if one["rel"] == rel)


# Abstract tests of 17-069r4, annex A: /conf/core, /conf/oas30, /conf/geojson; of 18-058r1: /conf/crs.


def landing(ask):
    answer = ask("/ogc/")
    for rel in ("service-desc", "conformance", "data", "self"):
        assert ask(link(answer.json(), rel)["href"]).status_code == 200


def conformance(ask):
    found = ask("/ogc/conformance").json()["conformsTo"]
    assert sum("features-1/1.0/conf" in one for one in found) == 3
    assert any(one.endswith("features-2/1.0/conf/crs") for one in found)


def api_definition(ask):
    answer = ask(link(ask("/ogc/").json(), "service-desc")["href"])
    assert answer.headers["content-type"].startswith("application/vnd.oai.openapi+json;version=3.0")
    made = answer.json()
    assert made["openapi"].startswith("3.0.")
    assert "/collections/map-features/items/{featureId}" in made["paths"]
    for path, each in made["paths"].items():
        for parameter in each["get"]["parameters"]:
            assert parameter["$ref"].rpartition("/")[2] in made["components"]["parameters"], path


def collections(ask):
    found = ask("/ogc/collections").json()
    assert "self" in {one["rel"] for one in found["links"]}
    for one in found["collections"]:
        assert {"id", "links", "title"} <= one.keys()
        assert link(one, "items")["type"] == "application/geo+json"
        alone = ask(link(one, "self")["href"]).json()
        assert (alone["id"], alone["links"]) == (one["id"], one["links"])


def extent(ask):
    found = ask("/ogc/collections/map-features").json()["extent"]
    west, south, east, north = found["spatial"]["bbox"][0]
    assert (west, south, east, north) == (-180, 10, 180, 60)
    assert found["temporal"]["interval"][0][0] == "2026-11-24T00:00:00Z"


def items(ask):
    answer = ask(ITEMS)
    page = answer.json()
    assert answer.headers["content-type"].startswith("application/geo+json")
    assert (page["type"], page["numberMatched"], page["numberReturned"]) == ("FeatureCollection", MANY, 100)
    assert page["timeStamp"].endswith("Z")
    assert {"self", "next", "collection"} <= {one["rel"] for one in page["links"]}


def limit(ask):
    assert ask(ITEMS, limit=7).json()["numberReturned"] == 7
    assert ask(ITEMS, limit=100_000).json()["numberReturned"] == MANY
    for wrong in ("0", "-1", "x", "1.5", ""):
        ask(ITEMS, 400, limit=wrong)


def paging(ask):
    for size in (1, 99, 100, 249, 250):
        found = ids(ask, limit=size) if size > 1 else None
        assert found is None or (len(found), len({*found})) == (MANY, MANY)


def bbox(ask):
    assert numbers(ask, bbox="-74.001,44.999,-73.895,45.001") == list(range(11))
    assert numbers(ask, bbox="-74.001,44.999,0,-73.895,45.001,100") == list(range(11))
    for wrong in ("1,2,3", "a,b,c,d", "-74,46,-73,45", "-74,-91,-73,45", "1,2,3,nan", "1,2,3,4,5"):
        ask(ITEMS, 400, bbox=wrong)


def bbox_meets_shapes_and_not_boxes(ask):
    assert numbers(ask, bbox="-60,58,-58,60") == []
    assert numbers(ask, bbox="-52,58,-49,61") == [MANY - 2]


def bbox_over_the_antimeridian(ask):
    assert numbers(ask, bbox="178,9,-178,13") == [MANY - 1]
    assert numbers(ask, bbox="-179.5,9,-178,13") == [MANY - 1]
    assert numbers(ask, bbox="175,9,176,13") == []


def instants(ask):
    assert numbers(ask, datetime="2026-11-24T05:00:00Z") == [5]
    assert numbers(ask, datetime="2026-11-24T00:00:00-05:00") == [5]


def intervals(ask):
    assert numbers(ask, datetime="2026-11-24T05:00:00Z/2026-11-24T07:30:00Z") == [5, 6, 7]
    for open_ in ("../2026-11-24T02:00:00Z", "/2026-11-24T02:00:00Z"):
        assert numbers(ask, datetime=open_) == [0, 1, 2]
    for open_ in ("2026-12-04T08:00:00Z/..", "2026-12-04T08:00:00Z/"):
        assert numbers(ask, datetime=open_) == [248, 249]
    for wrong in (
        "today",
        "2026-11-24",
        "../..",
        "2026-11-25T00:00:00Z/2026-11-24T00:00:00Z",
        "9999-99-99T00:00:00Z",
    ):
        ask(ITEMS, 400, datetime=wrong)


def properties(ask):
    schema = ask("/ogc/collections/map-features/queryables").json()
    assert schema["properties"]["name"] == {"type": "string"}
    assert numbers(ask, name="place 3") == list(range(3, 248, 10))
    assert numbers(ask, name="place 3", bbox="-74.001,44.999,-73.895,45.001") == [3]
    assert numbers(ask, name="nothing") == []


def unknown_parameters(ask):
    for path in (ITEMS, "/ogc/", "/ogc/collections", "/ogc/conformance"):
        ask(path, 400, nothing="1")
    ask(f"{ITEMS}?limit=1&limit=2", 400)


def one_feature(ask):
    first = ask(ITEMS, limit=1).json()["features"][0]
    answer = ask(f"{ITEMS}/{first['id']}")
    assert answer.headers["content-type"].startswith("application/geo+json")
    found = answer.json()
    assert (found["geometry"], found["properties"]) == (first["geometry"], first["properties"])
    assert {"self", "collection"} <= {one["rel"] for one in found["links"]}
    assert ask(link(found, "self")["href"]).json()["id"] == first["id"]
    ask(f"{ITEMS}/nothing", 404)


def nothing_here(ask):
    for path in (
        "/ogc/x",
        "/ogc/collections/x",
        "/ogc/collections/x/items",
        "/ogc/collections/map-features/x",
    ):
        said = ask(path, 404).json()
        assert (said["code"], bool(said["description"])) == ("404", True)


def geojson(ask):
    for one in ask(ITEMS, limit=MANY).json()["features"]:
        assert one["type"] == "Feature"
        assert shapely.from_geojson(json.dumps(one["geometry"])).is_valid
        assert one["properties"]["marking"]


def systems_of_collections(ask):
    found = ask("/ogc/collections").json()
    assert found["crs"] == list(offered())
    assert found["crs"][:2] == [CRS84, GEODETIC]
    assert all(one["crs"] == ["#/crs"] and one["storageCrs"] == CRS84 for one in found["collections"])
    assert ask("/ogc/collections/map-features").json()["crs"] == found["crs"]


def content_crs(ask):
    for crs in offered()[:4]:
        assert ask(ITEMS, crs=crs, limit=1).headers["content-crs"] == f"<{crs}>"
    assert ask(ITEMS, limit=1).headers["content-crs"] == f"<{CRS84}>"
    feature_ = ask(ITEMS, limit=1).json()["features"][0]["id"]
    assert ask(f"{ITEMS}/{feature_}", crs=GEODETIC).headers["content-crs"] == f"<{GEODETIC}>"


def axes(ask):
    wide = {one["id"]: one["geometry"] for one in ask(ITEMS, limit=MANY).json()["features"]}
    for one in ask(ITEMS, limit=MANY, crs=GEODETIC).json()["features"]:
        shape, swapped = (
            shapely.from_geojson(json.dumps(each)) for each in (wide[one["id"]], one["geometry"])
        )
        assert shapely.get_coordinates(shape).tolist() == shapely.get_coordinates(swapped)[:, ::-1].tolist()


def planes(ask):
    rasterio = pytest.importorskip("rasterio.warp", reason="rasterio, an extra, is not installed")
    wide = {one["id"]: one["geometry"] for one in ask(ITEMS, limit=50).json()["features"]}
    for code in (3857, 3347, 3978, 32618):
        for one in ask(ITEMS, limit=50, crs=f"{EPSG}{code}").json()["features"]:
            if wide[one["id"]]["type"] == "Point":
                x, y = wide[one["id"]]["coordinates"]
                there = rasterio.transform("EPSG:4326", f"EPSG:{code}", [x], [y])
                assert one["geometry"]["coordinates"] == pytest.approx([there[0][0], there[1][0]], abs=1e-3)


def bbox_crs(ask):
    assert numbers(ask, bbox="44.999,-74.001,45.001,-73.895", **{"bbox-crs": GEODETIC}) == list(range(11))
    rasterio = pytest.importorskip("rasterio.warp", reason="rasterio, an extra, is not installed")
    for code in (3857, 3347, 32618):
        xs, ys = rasterio.transform(
            "EPSG:4326", f"EPSG:{code}", [-74.001, -73.895] * 2, [44.999] * 2 + [45.001] * 2
        )
        box = f"{min(xs)},{min(ys)},{max(xs)},{max(ys)}"
        found = numbers(ask, bbox=box, **{"bbox-crs": f"{EPSG}{code}"})
        points = [one["geometry"]["coordinates"] for one in FEATURES[:-2]]
        there = zip(*rasterio.transform("EPSG:4326", f"EPSG:{code}", *zip(*points, strict=True)), strict=True)
        inside = (min(xs) <= x <= max(xs) and min(ys) <= y <= max(ys) for x, y in there)
        assert found == [number for number, one in enumerate(inside) if one]


def unknown_systems(ask):
    for wrong in (f"{EPSG}4269", "EPSG:4326", "x", ""):
        ask(ITEMS, 400, crs=wrong)
        ask(ITEMS, 400, bbox="1,1,2,2", **{"bbox-crs": wrong})


TILES = "/ogc/collections/map-features/tiles"


def layers(ask, place):
    answer = ask(f"{TILES}/WebMercatorQuad/{place}")
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    return decode(TILE, answer.content).get("layers", [])


def drawn(ask, place):
    """Numbers of the features that a tile draws."""
    found = []
    for layer in layers(ask, place):
        assert (layer["name"], layer["extent"], layer["version"]) == ("map-features", 4096, 2)
        values = [next(iter(one.values())) for one in layer["values"]]
        for one in layer["features"]:
            pairs = zip(one["tags"][::2], one["tags"][1::2], strict=True)
            said = {layer["keys"][key]: values[value] for key, value in pairs}
            assert {"id", "marking", "name"} <= said.keys()
            found.append(int(said["feature"][2:6]))
    return sorted({*found})


def place_of(longitude, latitude, zoom):
    x, y = mercator(np.array([[longitude, latitude]]))[0] * (1 << zoom)
    return f"{zoom}/{int(y)}/{int(x)}"


def tilesets(ask):
    assert sum("tiles-1/1.0/conf" in one for one in ask("/ogc/conformance").json()["conformsTo"]) == 5
    described = ask("/ogc/collections/map-features").json()
    listed = ask(link(described, "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector")["href"]).json()
    (one,) = listed["tilesets"]
    assert (one["dataType"], one["crs"]) == ("vector", f"{EPSG}3857")
    made = ask(link(one, "self")["href"]).json()
    limits = {one["tileMatrix"]: one for one in made["tileMatrixSetLimits"]}
    assert (limits["1"]["minTileCol"], limits["1"]["maxTileCol"], limits["1"]["maxTileRow"]) == (0, 1, 0)
    tiling = ask(link(made, "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme")["href"]).json()
    assert [one["id"] for one in tiling["tileMatrices"]] == list(limits)
    assert tiling["tileMatrices"][0]["scaleDenominator"] == pytest.approx(559082264.028717)
    item = link(made, "item")
    assert item["templated"]
    ask(item["href"].format(tileMatrix=0, tileRow=0, tileCol=0))
    assert "marking" in made
    assert ask("/ogc/collections/scenes/tiles/WebMercatorQuad").json()["tileMatrixSetLimits"] == []


def tiles(ask):
    assert drawn(ask, "0/0/0")[-2:] == [MANY - 2, MANY - 1]
    assert drawn(ask, place_of(179.5, 11, 5)) == drawn(ask, place_of(-179.5, 11, 5)) == [MANY - 1]
    assert drawn(ask, place_of(-51, 59, 10)) == [MANY - 2]
    assert layers(ask, place_of(-59, 59, 10)) == []  # in the box of the triangle, not in it
    deepest = {
        number: drawn(ask, place_of(*FEATURES[number]["geometry"]["coordinates"], 16)) for number in (0, 77)
    }
    assert deepest == {0: [0], 77: [77]}


def tiles_that_are_not(ask):
    for place in (
        "17/0/0",
        "1/2/0",
        "1/0/2",
        "1/0",
        "1/0/0/0",
        "x/0/0",
        "-1/0/0",
        "0/0/0.5",
        "9" * 30 + "/0/0",
    ):
        ask(f"{TILES}/WebMercatorQuad/{place}", 404)
    ask(f"{TILES}/WorldCRS84Quad/0/0/0", 404)
    ask(f"{TILES}/WebMercatorQuad/0/0/0?nothing=1", 400)


ABSTRACT = (
    *(landing, conformance, api_definition, collections, extent, items, limit, paging, bbox),
    *(bbox_meets_shapes_and_not_boxes, bbox_over_the_antimeridian, instants, intervals, properties),
    *(unknown_parameters, one_feature, nothing_here, geojson),
    *(systems_of_collections, content_crs, axes, planes, bbox_crs, unknown_systems),
    *(tilesets, tiles, tiles_that_are_not),
)


@pytest.mark.parametrize("case", ABSTRACT, ids=lambda case: case.__name__)
def test_abstract_tests_of_the_standard_hold(case, ask):
    case(ask)


@gdal
@pytest.mark.parametrize("crs", [None, "EPSG:3347"])
def test_an_unmodified_client_reads_every_feature(home, crs, tmp_path):
    console, _ = home
    out = tmp_path / "out.geojson"
    source = f"OAPIF:{console.home}/ogc/collections/map-features"
    words = ["--config", "GDAL_HTTP_AUTH", "BEARER", "--config", "GDAL_HTTP_BEARER", console.token()]
    words += ["-oo", f"CRS={crs}", "-t_srs", "EPSG:4326"] if crs else []
    command = ["ogr2ogr", *words, "-f", "GeoJSON", str(out), source]
    done = subprocess.run(command, check=False, timeout=120, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[:500]
    made = json.loads(out.read_text())["features"]
    assert len(made) == MANY
    by = {one["properties"]["feature"]: one["geometry"] for one in made}
    for one in FEATURES[:-2]:
        assert by[one["id"]]["coordinates"][:2] == pytest.approx(one["geometry"]["coordinates"], abs=1e-6)


def test_a_token_of_another_query_or_reader_names_no_page(home, ask):
    console, _ = home
    href = link(ask(ITEMS, limit=10).json(), "next")["href"]
    token = dict(part.split("=") for part in href.partition("?")[2].split("&"))["next"]
    ask(ITEMS, limit=3, next=token)
    ask(ITEMS, 400, limit=10, next=token, name="place 3")
    ask(ITEMS, 400, next=token[:-2])
    ask("/ogc/collections/scenes/items", 400, next=token)
    with httpx.Client(base_url=console.home, timeout=60) as other:
        headers = {"Authorization": f"Bearer {console.token('singh')}"}
        assert other.get(f"{ITEMS}?next={token}", headers=headers).status_code == 400


def test_who_has_not_signed_in_or_stated_a_purpose_learns_nothing(home):
    console, _ = home
    with httpx.Client(base_url=console.home, timeout=60) as client:
        for path in ("/ogc/", "/ogc/collections", ITEMS, "/ogc/api", "/ogc/x"):
            answer = client.get(path)
            assert (answer.status_code, "cell" in answer.text) == (401, False)
        token = console.token("new", purpose="")
        assert client.get("/ogc/", headers={"Authorization": f"Bearer {token}"}).status_code == 403
        token = console.token()
        assert client.post(ITEMS, headers={"Authorization": f"Bearer {token}"}).status_code == 405
        head = client.head(ITEMS, headers={"Authorization": f"Bearer {token}"})
        assert (head.status_code, head.content) == (200, b"")


def test_each_page_is_logged_before_it_is_shown(home, ask):
    console, _ = home
    before = console.floor.position
    shown = [one["id"] for one in ask(ITEMS, limit=3).json()["features"]]
    (act,) = [one for one in console.floor.acts(before + 1, console.floor.position) if one.act == "query"]
    assert act.detail["collection"] == "map-features"
    assert act.detail["shown"] == shown


def test_a_tile_holds_no_more_than_its_log_names_and_never_too_many(home, ask, monkeypatch):
    console, _ = home
    before = console.floor.position
    place = place_of(-73.8, 45.02, 10)
    made = drawn(ask, place)
    (act,) = [one for one in console.floor.acts(before + 1, console.floor.position) if one.act == "query"]
    assert (act.detail["collection"], len(act.detail["shown"])) == ("map-features", len(made))
    assert 0 < len(made) < MANY
    monkeypatch.setattr("watchfloor.exchange.ogc.tiles.MOST", len(made) - 1)
    before = console.floor.position
    said = ask(f"{TILES}/WebMercatorQuad/{place}", 413).json()
    assert (said["code"], console.floor.position) == ("413", before)


def test_a_track_over_the_antimeridian_lies_where_it_went():
    says = {name: pa.array([None], pa.float64()) for name in MAPPED["track"].says}
    rows = pa.table(says | {"marking": ["PB"], "track": ["t"], "claimed": pa.array([None], pa.string())})
    line, at = np.array([shapely.LineString([(179, 10), (-179, 12)])], object), np.array([0])
    made = of_layer(Layer("track", ["t"], rows, line, at, at), "en")

    def met(west):
        return made.page(Filter((shapely.box(west, 9, west + 0.4, 13),)), None, 9)[1]

    assert [met(west) for west in (179.5, -179.9, 0)] == [1, 1, 0]
    row, column = map(int, place_of(179.5, 11, 6).split("/")[1:])
    assert [len(chosen(made, 6, row, x)[0]) for x in (column, 0, 32)] == [1, 1, 0]


def test_what_comes_in_between_two_pages_loses_and_doubles_nothing(home, ask, tmp_path):
    console, _ = home
    answer = ask(ITEMS, limit=100).json()
    before = {one["id"] for page in pages(ask) for one in page["features"]}
    path = tmp_path / "more.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [FEATURES[0] | {"id": "later"}]}))
    with console.floor.writer(KEEPER) as writer:
        list(ingest_all(writer, [path], config.load(console.floor.root), Orders()))
    found = [one["id"] for one in answer["features"]]
    while follow := [one["href"] for one in answer["links"] if one["rel"] == "next"]:
        answer = ask(follow[0]).json()
        found += [one["id"] for one in answer["features"]]
    assert len(found) == len({*found})
    assert {*found} >= before
    assert ask(ITEMS, limit=1).json()["numberMatched"] == MANY + 1
