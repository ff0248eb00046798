"""The regional base map: tiles of a PMTiles file, to whom, and on the map."""

import json
import shutil
from contextlib import contextmanager
from gzip import decompress

import pytest
from lxml import html
from playwright.sync_api import expect
from pmtiles.reader import MmapSource, Reader
from tests.console import regional
from tests.console.placed import CORNWALL
from tests.console.served import PURPOSE, served
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.console.map import region_tiles
from watchfloor.core.messages import known, reason
from watchfloor.exchange.geo import tile_archive
from watchfloor.exchange.geo.tiles import mercator
from watchfloor.store.floor import Floor

POLICY = """
[readers.okafor]
protected = "PB"
tlp = "AMBER"
[readers.silva]
protected = "PB"
tlp = "RED"
"""
ZOOM = 10
BOX = "-74.9,44.9,-74.5,45.15"


def place(zoom=ZOOM):
    """The tile of the middle of the map."""
    import numpy as np

    ((x, y),) = np.floor(mercator(np.array([[CORNWALL[1], CORNWALL[0]]])) * (1 << zoom)).astype(int).tolist()
    return zoom, x, y


@contextmanager
def consoled(played, root, make, name="region.pmtiles"):
    """A console whose settings name a file, which `make` writes."""
    shutil.copytree(played.root, root)
    make(root / "region.pmtiles")
    (root / "policy.toml").write_text(POLICY, "utf-8")
    (root / "console.toml").write_text(f'[map]\nregion = "{name}"\n', "utf-8")
    with served(Floor.open(root)) as one:
        yield one


@pytest.fixture(scope="module")
def mapped(played, tmp_path_factory):
    with consoled(played, tmp_path_factory.mktemp("region") / "floor", regional.written) as one:
        yield one


def browser(console, client, name="okafor", **session):
    token = console.token(name, **session)
    return client(console, "", Cookie=f"watchfloor={token}")


def source(ask, path="/map"):
    """What a page says of the map; None where it says nothing."""
    answer = ask.get(path)
    assert answer.status_code == 200, answer.text
    said = html.fromstring(answer.text).xpath("//@data-region")
    return json.loads(said[0]) if said else None


def address(said, at):
    return said["tiles"].format(**dict(zip("zxy", at, strict=True)))


def test_a_page_with_a_map_says_where_its_tiles_are_and_whose_they_are(mapped, client):
    ask = browser(mapped, client)
    said = source(ask)
    assert set(said["layers"]) == {"earth", "water", "roads", "boundaries", "places"}
    assert said["box"][0] == pytest.approx(regional.WEST)
    assert said["box"][3] == pytest.approx(regional.SOUTH + 0.4)
    assert said["zooms"] == [0, 12]
    assert source(ask, "/now") == said == source(ask, "/coverage")
    assert source(ask, "/leads") is None
    assert "Regional map: © OpenStreetMap." in ask.get("/map").text


def test_a_tile_is_as_the_file_has_it_and_a_browser_keeps_it(mapped, client):
    ask = browser(mapped, client)
    said = source(ask)
    with (mapped.floor.root / "region.pmtiles").open("rb") as file:
        kept = Reader(MmapSource(file)).get(*place())
    answer = ask.get(address(said, place()))
    assert answer.content == decompress(kept)
    assert int(answer.headers["content-length"]) == len(kept)
    assert (answer.headers["content-encoding"], answer.headers["content-type"]) == ("gzip", region_tiles.TYPE)
    assert answer.headers["cache-control"].startswith("private, max-age=")
    plain = ask.get(address(said, place()), headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == answer.content
    assert ask.get(address(said, (ZOOM, 0, 0))).status_code == 204


@pytest.mark.parametrize(
    "at", [(13, 0, 0), (3, 8, 0), (3, 0, 8), (-1, 0, 0), ("1e1", 0, 0), ("²", 0, 0), (9, "9" * 5000, 0)]
)
def test_what_is_no_tile_is_not_there(at, mapped, client):
    ask = browser(mapped, client)
    assert ask.get(address(source(ask), at)).status_code in (204, 404)


def test_tiles_are_for_who_has_signed_in_and_said_what_for(mapped, client):
    path = address(source(browser(mapped, client)), place())
    assert client(mapped, "").get(path).status_code == 401
    assert browser(mapped, client, purpose="").get(path).status_code == 401
    ask = browser(mapped, client)
    assert ask.get(path).status_code == 200
    version = path.split("/")[3]
    assert ask.get(path.replace(version, "0" * len(version))).status_code == 404
    assert ask.post(path, headers={"Origin": mapped.home}).status_code == 405


def test_a_map_with_a_marking_is_for_who_may_see_it_and_is_logged_once_a_session(played, client, tmp_path):
    def make(path):
        regional.written(path, marking="PB//TLP:RED")

    with consoled(played, tmp_path / "floor", make) as console:
        silva, okafor = browser(console, client, "silva"), browser(console, client)
        said = source(silva)
        for at in (place(), place(9)):
            answer = silva.get(address(said, at))
            assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert source(okafor) is None
        assert okafor.get(address(said, place())).status_code == 404
        logged = [act for act in console.floor.acts_of("query") if "region" in act.detail]
        assert [(act.actor.name, act.actor.purpose, act.detail["what"]) for act in logged] == [
            ("silva", PURPOSE, "map")
        ]
        marked = [
            html.fromstring(ask.get("/map").text).xpath("//p[@role='note']")[0] for ask in (silva, okafor)
        ]
        assert ["PB//TLP:RED" in one.text_content() for one in marked] == [True, False]


def test_a_file_that_takes_the_place_of_another_is_drawn(played, client, tmp_path):
    with consoled(played, tmp_path / "floor", regional.written) as console:
        ask = browser(console, client)
        before = source(ask)
        some = [one for one in regional.FEATURES if one.collection == "roads"]
        regional.written(tmp_path / "new", some).replace(console.floor.root / "region.pmtiles")
        assert ask.get(address(before, place())).status_code == 404
        assert source(ask)["layers"] == ["roads"]


def test_a_file_that_cannot_be_read_is_told_and_the_map_is_there_without_it(played, client, tmp_path):
    with consoled(played, tmp_path / "floor", lambda path: path.write_bytes(b"PMTiles\3")) as console:
        ask = browser(console, client)
        assert source(ask) is None
        assert ask.get("/map/region/0/0/0/0").status_code == 404
        path = console.floor.root / "region.pmtiles"
    why = reason(known("tiles.no-archive"), file=str(path))
    (path.parent / "console.toml").write_text('language = "fr"\n[map]\nregion = "region.pmtiles"\n')
    words = ["--floor", str(path.parent)]
    found = CliRunner().invoke(app, ["admin", "doctor", "--json", *words])
    (row,) = [one for one in map(json.loads, found.stdout.splitlines()) if one["check"] == "regional map"]
    assert (row["ok"], row["found"], str(why) in row["do"]) == (False, str(path), True)
    found = CliRunner().invoke(app, ["serve", "--check", "--port", "0", *words])
    assert found.exit_code == 0
    assert why.render("fr") in found.stderr


def test_a_damaged_tile_is_left_out(mapped, client, monkeypatch):
    ask = browser(mapped, client)
    said = source(ask)
    monkeypatch.setattr(tile_archive, "TILE", 10)
    assert ask.get(address(said, place())).status_code == 404


def rendered(page, layer):
    """Kinds of the features of a layer that a map draws."""
    page.wait_for_function("() => watchfloorMap.map.areTilesLoaded() && watchfloorMap.map.loaded()")
    drawn = (
        "layer => watchfloorMap.map.queryRenderedFeatures({layers: [layer]}).map(one => one.properties.kind)"
    )
    return set(page.evaluate(drawn, layer))


def test_the_map_draws_it_beneath_what_is_ours(mapped, officer):
    okafor = officer(mapped)
    okafor.go(f"/map?box={BOX}")
    okafor.page.locator("#map[data-ready]").wait_for()
    assert rendered(okafor.page, "region-roads-line") == {"highway", "major_road", "minor_road"}
    assert rendered(okafor.page, "region-water-fill") == {"river"}
    assert rendered(okafor.page, "region-water-line") == {"stream"}
    assert rendered(okafor.page, "region-boundaries-line") == {"county"}
    assert rendered(okafor.page, "region-places-line") == {"locality"}
    order = okafor.page.evaluate("watchfloorMap.map.getLayersOrder()")
    regions = [number for number, name in enumerate(order) if name.startswith("region-")]
    assert order.index("shore") < min(regions) <= max(regions) < order.index("states") < order.index("border")
    expect(okafor.page.locator(".attribution")).to_contain_text("OpenStreetMap.")
    named = "watchfloorMap.labels.regional.map(one => one.text).join()"
    okafor.page.wait_for_function(f"() => {named} === 'Long Sault'")  # Cornwall stands on the map already
    okafor.shot("region-dark")
    road = okafor.page.evaluate("watchfloorMap.map.getPaintProperty('region-roads-line', 'line-color')")
    okafor.page.locator("summary").first.click()
    okafor.page.locator("#theme").click()
    okafor.page.wait_for_function(
        f"() => watchfloorMap.map.getPaintProperty('region-roads-line', 'line-color') !== '{road}'"
    )
    okafor.page.keyboard.press("Escape")
    okafor.shot("region-light")


def test_the_map_of_the_line_draws_it_too(mapped, officer):
    okafor = officer(mapped, mapped.token(language="fr"))
    with okafor.page.expect_response("**/map/region/**"):
        okafor.go("/coverage")
    expect(okafor.page.locator(".attribution")).to_contain_text("Carte régionale")


def test_a_file_of_ones_own_things_is_drawn_whole(played, officer, tmp_path):
    def make(path):
        some = [one._replace(collection=f"our {one.collection}") for one in regional.FEATURES]
        regional.written(path, some)

    with consoled(played, tmp_path / "floor", make) as console:
        okafor = officer(console, console.token(language="fr"))
        okafor.go(f"/map?box={BOX}")
        okafor.page.locator("#map[data-ready]").wait_for()
        assert rendered(okafor.page, "region-our roads-line") == {"highway", "major_road", "minor_road"}
        okafor.shot("region-own-fr")


def test_towns_are_named_in_the_language_of_the_page(mapped, officer):
    okafor = officer(mapped, mapped.token(language="fr"), color_scheme="light")
    okafor.go(f"/map?box={BOX}")
    okafor.page.locator("#map[data-ready]").wait_for()
    okafor.page.wait_for_function(
        "() => watchfloorMap.labels.regional.some(one => one.text === 'Long-Sault')"
    )
    okafor.shot("region-light-fr")
