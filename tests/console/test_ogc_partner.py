"""OGC API Features to partners: by their key, over what was disclosed to them, each page in the journal."""

import json
import os
import subprocess
import threading
from datetime import date
from functools import partial
from pathlib import Path
from shutil import which

import httpx
import numpy as np
import pytest
import shapely
from tests.console.served import served
from tests.exchange.nodes import WHO, assert_, keep, party, signal
from tests.exchange.partners import add, agency, place

from watchfloor.core.kinds import MAP_FEATURE
from watchfloor.exchange.deliveries import Deliveries
from watchfloor.exchange.geo.tiles import TILE
from watchfloor.exchange.ogc import sources
from watchfloor.exchange.ogc.systems import GEODETIC, out_of_wgs84
from watchfloor.exchange.partners import partner, publisher
from watchfloor.exchange.shelf import Shelf
from watchfloor.formats.sensors.protobuf.codec import decode

MANY = 30
OPEN, HIDDEN = "PB//TLP:AMBER", "PC//TLP:RED"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A console, two partners, and their keys; the second gets nothing."""
    floor = agency(tmp_path_factory.mktemp("partner"))
    keep(floor, [place(number) for number in range(MANY)], MAP_FEATURE)
    keep(floor, [place(100 + number, HIDDEN) for number in range(9)], MAP_FEATURE)
    (evidence,) = keep(floor, [party(1)])
    assert_(floor, [signal(floor, 1, [evidence], latitude=45.1, longitude=-73.9, radius=50.0)])
    keys = {name: add(floor, name)[1] for name in ("rcmp", "sq")}
    publisher.publish_all(floor)
    with served(floor) as console:
        yield console, keys


def client(home, name="rcmp"):
    console, keys = home
    return httpx.Client(base_url=f"{console.home}/ogc", auth=(name, keys[name]), timeout=60)


def walk(ask, path):
    found = []
    while path:
        page = ask.get(path).json()
        found += page["features"]
        path = next((one["href"] for one in page["links"] if one["rel"] == "next"), None)
    return found


def test_a_partner_pulls_what_was_disclosed_to_them_and_no_more(home):
    console, _ = home
    with client(home) as ask:
        listed = {one["id"]: one for one in ask.get("/collections").json()["collections"]}
        assert set(listed) >= {"map-features"}
        assert set(listed) <= {"map-features", "events"}
        page = ask.get("/collections/map-features/items?limit=7").json()
        assert (page["numberMatched"], page["numberReturned"]) == (MANY, 7)
        found = walk(ask, "/collections/map-features/items?limit=7")
        assert len({one["id"] for one in found}) == MANY
        assert {one["properties"]["marking"] for one in found} == {OPEN}
        some = ask.get(
            "/collections/map-features/items", params={"name": "camp 2", "bbox": "-74,44,-73.9,46"}
        ).json()
        assert some["numberMatched"] == 3
        turned = ask.get("/collections/map-features/items", params={"crs": GEODETIC, "limit": 1})
        assert turned.json()["features"][0]["geometry"]["coordinates"][0] == 45.0
    with Deliveries.open(console.floor) as journal:
        shelf = partner.standing(console.floor)["rcmp"].shelf
        assert journal.delivered(shelf, [one["id"] for one in found]).objects == MANY


def test_a_partner_draws_tiles_of_what_was_disclosed_to_them_and_each_is_in_the_journal(home):
    console, _ = home
    path = "/collections/map-features/tiles/WebMercatorQuad"

    def given(journal):
        shelf = partner.standing(console.floor)["rcmp"].shelf
        return sum(one.pages for one in journal.days(date.max) if one.shelf == shelf)

    with client(home) as ask, Deliveries.open(console.floor) as journal:
        before = given(journal)
        limits = {one["tileMatrix"]: one for one in ask.get(path).json()["tileMatrixSetLimits"]}["12"]
        rows = range(limits["minTileRow"], limits["maxTileRow"] + 1)
        columns = range(limits["minTileCol"], limits["maxTileCol"] + 1)
        made = [ask.get(f"{path}/12/{row}/{column}").content for row in rows for column in columns]
        layers = [layer for one in made for layer in decode(TILE, one).get("layers", ())]
        assert {layer["name"] for layer in layers} == {"map-features"}
        said = [one.get("string_value") for layer in layers for one in layer["values"]]
        assert OPEN in said
        assert HIDDEN not in said
        assert sum(len(layer["features"]) for layer in layers) == MANY
        assert len(layers) == given(journal) - before


DRAWN = """
async ({tiles, authorization, box}) => {
  const [west, south, east, north] = box;
  const place = document.createElement("div");
  place.style.cssText = "position: fixed; inset: 0; z-index: 9; background: white";
  document.body.append(place);
  const map = new maplibregl.Map({
    container: place,
    style: {
      version: 8,
      sources: {shared: {type: "vector", tiles: [location.origin + tiles], maxzoom: 16}},
      layers: [{id: "shared", type: "circle", source: "shared", "source-layer": "map-features"}],
    },
    bounds: [[west, south], [east, north]],
    fitBoundsOptions: {padding: 30},
    transformRequest: (url) => ({url, headers: authorization ? {Authorization: authorization} : {}}),
  });
  await map.once("idle");
  const found = map.queryRenderedFeatures({layers: ["shared"]});
  return found.map(({properties, geometry}) => [properties, geometry]);
}
"""
"""A map by MapLibre of what is told as tiles, in a page that has it."""


@pytest.mark.parametrize("who", ["rcmp", "officer"])
def test_maplibre_draws_from_the_tiles_what_the_items_say(who, home, officer):
    console, keys = home
    okafor = officer(console)
    okafor.go("/map")
    okafor.page.locator("#map[data-ready]").wait_for()
    headers = {"Authorization": f"Bearer {console.token()}"}
    asked = {"tiles": "/ogc/collections/map-features/tiles/WebMercatorQuad/{z}/{y}/{x}"}
    if who != "officer":
        headers = {"Authorization": httpx._auth.BasicAuth(who, keys[who])._auth_header}
        okafor.context.clear_cookies()
        asked["authorization"] = headers["Authorization"]
    with httpx.Client(base_url=f"{console.home}/ogc", headers=headers, timeout=60) as ask:
        items = {one["id"]: one for one in walk(ask, "/collections/map-features/items?limit=100")}
    assert len(items) == MANY
    found = okafor.page.evaluate(DRAWN, asked | {"box": [-74.0, 44.9, -73.7, 45.1]})
    okafor.shot(f"ogc-tiles-{who}")
    assert {one["id"] for one, _ in found} == set(items)
    for properties, geometry in found:
        item = items[properties["id"]]
        told = {name: value for name, value in item["properties"].items() if value is not None}
        assert {name: properties[name] for name in told} == told
        assert geometry["coordinates"] == pytest.approx(item["geometry"]["coordinates"], abs=1e-4)


@pytest.mark.skipif(which("ogr2ogr") is None, reason="ogr2ogr (gdal-bin) is not installed")
def test_an_unmodified_client_reads_all_of_it_with_name_and_key(home, tmp_path):
    console, keys = home
    out = tmp_path / "out.geojson"
    words = ["-oo", f"USERPWD=rcmp:{keys['rcmp']}", "-oo", "PAGE_SIZE=7"]
    source = f"OAPIF:{console.home}/ogc/collections/map-features"
    command = ["ogr2ogr", *words, "-f", "GeoJSON", str(out), source]
    done = subprocess.run(command, check=False, timeout=120, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[:500]
    assert len(json.loads(out.read_text())["features"]) == MANY


PYTHON = "/usr/bin/python3"
"""The system's, for which distributions package QGIS (python3-qgis)."""


@pytest.mark.thorough
def test_qgis_reads_all_of_it_and_nothing_with_another_key(home):
    if subprocess.run([PYTHON, "-c", "import qgis.core"], check=False, capture_output=True).returncode:
        pytest.skip("QGIS (python3-qgis) is not installed")
    console, keys = home
    asked = {"url": f"{console.home}/ogc/", "name": "rcmp", "collection": "map-features"}
    asked["box"] = [-74.005, 44.9, -73.955, 45.1]

    def pulled(key):
        command = [PYTHON, Path(__file__).with_name("qgis_pull.py")]
        where = {"QT_QPA_PLATFORM": "offscreen", "HOME": os.environ.get("HOME", "/")}
        text = json.dumps(asked | {"key": key})
        done = subprocess.run(
            command, check=True, timeout=120, capture_output=True, text=True, input=text, env=where
        )
        return json.loads(done.stdout)

    found = pulled(keys["rcmp"])
    assert found["valid"]
    assert {"title", "marking", "layer"} <= set(found["fields"])
    assert sorted(map(int, found["features"])) == list(range(MANY))
    assert sorted(map(int, found["in the box"])) == list(range(5))
    assert set(map(int, found["tiles"])) == set(range(5))
    assert pulled("another") == {"valid": False, "fields": [], "features": [], "in the box": [], "tiles": []}


@pytest.mark.parametrize("box", ["-1e30,-1e30,1e30,1e30", "1e300,1e300,1e301,1e301", "-4e7,-4e7,4e7,4e7"])
@pytest.mark.parametrize("plane", [3857, 3347, 32618])
def test_a_box_as_large_as_can_be_written_keeps_nobody_waiting(home, box, plane):
    pytest.importorskip("rasterio")
    where = {"bbox": box, "bbox-crs": f"http://www.opengis.net/def/crs/EPSG/0/{plane}"}
    with client(home) as ask:
        assert ask.get("/collections/map-features/items", params=where).status_code in (200, 400)


def test_what_a_zone_of_utm_does_not_reach_has_no_place_there():
    pytest.importorskip("rasterio")
    shapes = np.array([shapely.Point(place) for place in ((-74, 45), (16, 0), (100, 45), (106, 0))], object)
    moved = out_of_wgs84("http://www.opengis.net/def/crs/EPSG/0/32618")(shapes)
    assert [one is not None for one in moved] == [True, False, False, False]


def test_a_page_waits_for_no_collection_to_be_read_again_and_has_nothing_that_was_taken_back(
    tmp_path, monkeypatch
):
    floor = agency(tmp_path)
    who, _ = add(floor)
    ids = keep(floor, [place(number) for number in range(9)], MAP_FEATURE)
    publisher.publish_all(floor)
    monkeypatch.setattr(sources, "LARGE", 5)
    read, begun, go = sources.of_shelf, threading.Event(), threading.Event()

    def slowly(*given):
        begun.set()
        assert go.wait(60)
        return read(*given)

    with Shelf.open(floor, who.shelf) as shelf, Deliveries.open(floor) as journal:
        settle = partial(publisher.settle, floor)
        view = sources.PartnerView(floor, who, shelf, journal, sources.Snapshots(), settle, "en")

        def page():
            assert list(view.names()) == ["map-features"]
            found = view.snapshot("map-features")
            rows = found.render(np.arange(len(found.names)), None)
            assert [json.loads(one)["id"] for one in rows] == list(found.names)
            return {json.loads(one)["properties"]["feature"] for one in rows}

        assert len(page()) == 9
        monkeypatch.setattr(sources, "of_shelf", slowly)
        keep(floor, [place(9)], MAP_FEATURE)
        publisher.publish_all(floor, patient=True)
        assert len(page()) == 9
        assert begun.wait(60)
        with floor.writer(WHO) as writer:
            writer.erase(ids[:2], "asked", category="consent")
        assert page() == {str(number) for number in range(2, 9)}
        go.set()
        monkeypatch.setattr(sources, "of_shelf", read)
        monkeypatch.setattr(sources, "LARGE", 100)
        assert page() == {str(number) for number in range(2, 10)}


def test_a_token_is_for_one_partner_and_a_removed_one_learns_nothing(home):
    console, _ = home
    with client(home) as ask, client(home, "sq") as other:
        page = ask.get("/collections/map-features/items?limit=7").json()
        follow = next(one["href"] for one in page["links"] if one["rel"] == "next")
        assert other.get(follow).status_code == 400
        assert other.get("/", auth=("sq", "wrong")).status_code == 401
        partner.remove(console.floor, WHO, "sq", "the file is closed")
        answer = other.get("/collections")
        assert (answer.status_code, "camps" in answer.text) == (401, False)


def test_what_is_withdrawn_between_two_pages_is_on_none_of_the_later_ones(home):
    console, _ = home
    with client(home) as ask:
        page = ask.get("/collections/map-features/items?limit=7").json()
        follow = next(one["href"] for one in page["links"] if one["rel"] == "next")
        whole = walk(ask, "/collections/map-features/items")
        gone = whole[-1]["id"]
        wanted = whole[-1]["properties"]["feature"]
        keep(console.floor, [place(int(wanted), HIDDEN)], MAP_FEATURE)
        (row,) = [
            one
            for one in console.floor.read(
                "map-feature", console.floor.reader("officer", "a test")
            ).to_pylist()
            if one["feature"] == wanted and one["marking"] == OPEN
        ]
        with console.floor.writer(WHO) as writer:
            writer.erase([row["record_id"]], "asked", category="consent")
        assert ask.get("/collections/map-features/items?limit=1").json()["numberMatched"] == MANY - 1
        rest = walk(ask, follow)
        assert gone not in {one["id"] for one in rest}
        assert len(page["features"]) + len(rest) == MANY - 1
        assert ask.get(f"/collections/map-features/items/{gone}").status_code == 404
