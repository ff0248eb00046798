"""The line: its first sentence, the strip by kilometre and hour, its map, and a change before and after."""

import json
import re
import shutil
import zlib
from base64 import b64decode

import numpy as np
import pytest
from lxml import html
from playwright.sync_api import expect
from tests.console.served import served
from tests.planning.world import LATITUDE, LONGITUDE, asset

from watchfloor.actions import coverage
from watchfloor.core.earth import great_circle
from watchfloor.reference import border
from watchfloor.store.floor import Floor

SINCE = "2099-01-01T00:00Z"
QUERY = f"since={SINCE}&hours=12"
KM = 1_500
"""Where the tower stands, on the 49th parallel."""
TOWER = asset("tower", reach=15_000.0, more="slew_deg_s = 30\ndollars_hour = 10")
SECRET = asset("secret", reach=9_000.0, more='slew_deg_s = 30\nmarking = "PB//TLP:RED"')
SCHEDULE = f"""zone = "America/Regina"

[[watch]]
asset = "tower"

[[watch]]
asset = "secret"

[[responder]]
name = "patrol-west"
latitude = {LATITUDE}
longitude = {LONGITUDE}
speed_m_s = 20
"""


@pytest.fixture(scope="module")
def watched(played, tmp_path_factory):
    """A console on a floor with a tower, and another tower that its officer may not know of."""
    root = tmp_path_factory.mktemp("line") / "floor"
    shutil.copytree(played.root, root)
    (root / "assets.toml").write_text(TOWER + SECRET, "utf-8")
    (root / "coverage.toml").write_text(SCHEDULE, "utf-8")
    (root / "policy.toml").write_text('[readers.okafor]\nprotected = "PB"\ntlp = "AMBER"\n', "utf-8")
    with served(Floor.open(root)) as one:
        yield one


def page(console, client, query=QUERY, **session):
    """The page as a browser without scripts has it."""
    token = console.token(**session)
    one = client(console, token, Cookie=f"watchfloor={token}")
    answer = one.get(f"/coverage?{query}")
    assert answer.status_code == 200, answer.text
    return html.fromstring(answer.text)


def text(tree, where):
    return re.sub("[ \n]+", " ", tree.xpath(where)[0].text_content()).strip()


def unpacked(tree, of, kind=np.uint8):
    packed = tree.xpath(f'//canvas[@data-of="{of}"]')[0].get("data-cells")
    return np.frombuffer(zlib.decompress(b64decode(packed)), kind)


def test_the_first_sentence_is_of_the_floor_s_own_towers(watched, client):
    line = border.load()
    places = np.array([line.at(km + 0.5) for km in range(1_400, 1_600)])
    latitude = LATITUDE + 300 / 111_200
    metres = great_circle(np.asarray(latitude), np.asarray(LONGITUDE), places[:, 0], places[:, 1])
    reached = int((metres <= 15_000).sum())
    said = text(page(watched, client), '//*[@id="most"]')
    fifteen = 15 * reached
    assert f"{fifteen} of 6,437 km of the line: {100 * fifteen / 6_437:.1f}\u00a0%" in said
    assert f"reaches {reached} km where it stands: {100 * reached / 6_437:.1f}\u00a0%" in said
    french = text(page(watched, client, language="fr"), '//*[@id="most"]')
    assert f"{fifteen} des 6\u00a0437 km" in french


def test_what_it_rests_on_adds_up_and_is_of_what_the_reader_may_know_of(watched, client):
    tree = page(watched, client)
    shares = [float(one.text_content().split()[0]) for one in tree.xpath('//ul[@class="rests"]//b')]
    assert sum(shares) == pytest.approx(100, abs=0.3)
    assert shares[0] > 0
    assert "secret" not in html.tostring(tree, encoding="unicode")
    cells = unpacked(tree, "before").reshape(-1, 12)
    assert cells.shape[0] == 6_438
    (seen,) = np.nonzero(cells.any(1))
    assert seen.min() < KM < seen.max()
    root = watched.floor.root
    (root / "assets.toml").write_text(TOWER, "utf-8")
    try:
        without = page(watched, client)
        assert (unpacked(without, "before") == unpacked(tree, "before")).all()
        assert text(without, '//*[@id="stretches"]') == text(tree, '//*[@id="stretches"]')
    finally:
        (root / "assets.toml").write_text(TOWER + SECRET, "utf-8")


def test_the_api_has_one_line_a_kilometre_and_hour_and_logs_who_asked(watched, client):
    okafor = client(watched)
    before = watched.floor.position
    given = okafor.get(f"/api/v1/coverage?since={SINCE}&hours=2&km=1499-1501").json()
    assert [(one["km"], one["hour"][11:13]) for one in given["cells"]] == [
        (1_499, "00"), (1_499, "01"), (1_500, "00"), (1_500, "01"),
    ]  # fmt: skip
    assert {tuple(one["by"]) for one in given["cells"]} == {("tower",)}
    (act,) = (one for one in watched.floor.acts_of("query") if one.position > before)
    assert (act.actor.name, act.detail["what"]) == ("okafor", "coverage")
    assert "page" not in okafor.get("/api/v1/coverage?hours=0").json()
    assert okafor.get("/api/v1/coverage?km=9-3&hours=1").status_code == 422


def test_the_api_gives_no_more_than_fits_into_memory(watched, client, monkeypatch):
    monkeypatch.setattr(coverage, "MOST", 4)
    okafor = client(watched)
    query = f"/api/v1/coverage?since={SINCE}&km=1499-1501&hours="
    assert len(okafor.get(query + "2").json()["cells"]) == 4
    assert okafor.get(query + "3").status_code == 422


def test_a_change_is_compared_in_the_api(watched, client):
    okafor = client(watched)
    asked = {"since": SINCE, "hours": 12, "without": "tower"}
    given = okafor.get("/api/v1/coverage/compare", params=asked).json()
    assert {one["kind"]: one["after"] for one in given["kinds"]} == dict.fromkeys(
        ("walker", "vehicle", "boat", "aircraft"), 0.0
    )
    assert given["dollars_before"] == 120.0
    added = okafor.get(
        "/api/v1/coverage/compare",
        params={"since": SINCE, "hours": 12, "add": TOWER.replace("tower", "new") + '[[watch]]\nasset="new"'},
    ).json()
    assert [(one["asset"], one["what"]) for one in added["assets"]] == [("new", "added")]
    unreadable = okafor.get("/api/v1/coverage/compare", params=asked | {"add": "\u00af"})
    assert (unreadable.status_code, unreadable.json()["type"]) == (422, "urn:watchfloor:problem:refused")
    unknown = okafor.get("/api/v1/coverage/compare", params=asked | {"without": "secret"})
    nowhere = okafor.get("/api/v1/coverage/compare", params=asked | {"without": "nowhere"})
    assert unknown.json()["detail"].replace("secret", "nowhere") == nowhere.json()["detail"]


def test_a_change_that_cannot_be_read_is_refused_beside_what_was_typed(watched, client):
    tree = page(watched, client, f"{QUERY}&move=tower%3Dhere&add=%5Bx")
    assert text(tree, '//*[@class="refused"]') == watched.services.words.say(
        "coverage.bad-move", "en", text="tower=here"
    )
    assert tree.xpath('//input[@name="move"]')[0].get("value") == "tower=here"
    assert tree.xpath('//textarea[@name="add"]')[0].text.strip() == "[x"
    assert not tree.xpath('//*[@data-of="after"]')


def test_an_empty_floor_says_what_to_do_next(console, client):
    for name in ("assets.toml", "coverage.toml"):
        (console.floor.root / name).unlink(missing_ok=True)
    tree = page(console, client)
    assert "coverage.toml" in text(tree, '//p[@class="empty"]')
    assert "450 of 6,437 km of the line: 7.0" in text(tree, '//*[@id="most"]')


def test_a_watch_of_what_a_reader_may_not_know_of_leaves_the_floor_empty_to_them(watched, client):
    root = watched.floor.root
    (root / "assets.toml").write_text(SECRET, "utf-8")
    try:
        assert page(watched, client).xpath('//p[@class="empty"]')
    finally:
        (root / "assets.toml").write_text(TOWER + SECRET, "utf-8")


def cell(okafor, **said):
    """Wait until what is said of the chosen kilometre and hour holds some texts."""
    for one in said.values():
        expect(okafor.page.locator("#cell")).to_contain_text(one)


def window(okafor):
    first, last = okafor.page.evaluate("watchfloorLine.window")
    return last - first


@pytest.mark.timeout(300)
def test_by_keyboard_one_goes_along_the_line_and_through_the_hours(watched, officer):
    okafor = officer(watched)
    okafor.go("/map")
    okafor.page.get_by_role("link", name="The line").first.click()
    okafor.go(f"/coverage?{QUERY}")
    expect(okafor.page.locator("#line[data-ready]")).to_be_visible()
    slider = okafor.page.locator("#km")
    slider.fill(str(KM))
    cell(
        okafor, where="km 1500, 49th parallel", hour="2099-01-01 00:00Z (18:00 CST)", by="by tower", who="min"
    )
    slider.press("ArrowRight")
    cell(okafor, where="km 1501")
    slider.fill("3100")
    cell(okafor, where="Lake Superior", by="nobody looks")
    okafor.page.locator("#hour").fill("5")
    cell(okafor, hour="05:00Z")
    okafor.page.locator("#nearer").press("Enter")
    assert window(okafor) == round(6_438 / 2)
    okafor.page.locator("#whole").press("Enter")
    assert window(okafor) == 6_438
    okafor.page.locator("#stretches button").nth(1).press("Enter")
    cell(okafor, where="49th parallel")
    expect(slider).to_be_focused()
    okafor.shot("coverage-keyboard", full=True)


@pytest.mark.timeout(300)
def test_a_click_goes_nearer_and_centres_the_map(watched, officer):
    okafor = officer(watched)
    okafor.go(f"/coverage?{QUERY}")
    expect(okafor.page.locator("#line-map[data-ready]")).to_be_visible()
    strip = okafor.page.locator('[data-of="before"]')
    box = strip.bounding_box()
    place = {"x": 46 + (KM + 0.5) / 6_438 * (box["width"] - 46), "y": box["height"] / 2}
    strip.hover(position=place)
    cell(okafor, hour="06:00Z")
    strip.click(position=place)
    cell(okafor, where="49th parallel", by="by tower")
    assert window(okafor) == round(6_438 / 5)
    latitude, longitude = border.load().at(KM)
    centre = okafor.page.evaluate("watchfloorLine.map.map.getCenter().toArray()")
    assert centre == pytest.approx([longitude, latitude], abs=0.1)
    colours = okafor.page.evaluate(
        "watchfloorLine.map.map.getSource('coverage').serialize().data.features"
        ".map(one => one.geometry.coordinates.length)"
    )
    assert sum(colours) >= 1, "the line is drawn where something looks"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("language", ["en", pytest.param("fr", marks=pytest.mark.thorough)])
def test_a_change_is_shown_before_and_after(watched, officer, language):
    okafor = officer(watched, watched.token(language=language), viewport={"width": 1440, "height": 900})
    okafor.go(f"/coverage?{QUERY}")
    okafor.page.locator("#whatif summary").press("Enter")
    okafor.page.locator('input[name="without"][value="tower"]').check()
    okafor.page.locator("#whatif button").click()
    expect(okafor.page.locator("#line[data-ready]")).to_be_visible()
    assert okafor.page.locator(".strip-of").count() == 3
    okafor.page.locator("#km").fill(str(KM))
    none = "0\u00a0%"
    cell(okafor, none=none)
    assert re.search(r"[1-9]\d*\u00a0%", okafor.page.locator("#cell").text_content())
    rows = okafor.page.locator("#compared tbody tr")
    expect(rows.filter(has_text="tower")).to_have_count(1)
    painted = okafor.page.evaluate(
        """() => [...document.querySelectorAll('.strip-of')].map((one) => {
          const { data } = one.getContext('2d').getImageData(60, 0, one.width - 60, one.height);
          return new Set(new Uint32Array(data.buffer)).size;
        })"""
    )
    assert painted[0] > painted[1], "before has the tower, after has not"
    assert painted[2] > painted[1], "and the difference shows it"
    okafor.shot(f"coverage-compared-{language}", full=True)


def test_a_phone_has_all_of_it_in_the_light(watched, officer):
    okafor = officer(watched, viewport={"width": 390, "height": 844}, color_scheme="light")
    okafor.go(f"/coverage?{QUERY}&without=tower")
    expect(okafor.page.locator("#line[data-ready]")).to_be_visible()
    assert okafor.page.evaluate("document.documentElement.scrollWidth") <= 390
    okafor.page.locator("#km").fill(str(KM))
    cell(okafor, where="km 1500")
    okafor.shot("coverage-390", full=True)


def plan(places, gap=0.0004):
    """A plan of towers as `plan towers -o plan.geojson` writes it."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": place},
            "properties": {"site": f"S{number}", "adds": 10.0, "mast": 30.0},
        }
        for number, place in enumerate(places)
    ]
    record = {"gap": gap, "covered": 20.0, "bound": 20.0}
    return json.dumps({"type": "FeatureCollection", "features": features, "plan": record}).encode()


@pytest.mark.timeout(300)
def test_a_plan_of_towers_is_drawn_and_taken_into_a_change(watched, officer):
    okafor = officer(watched)
    okafor.go(f"/coverage?{QUERY}")
    expect(okafor.page.locator("#line-map[data-ready]")).to_be_visible()
    okafor.page.locator(".plan summary").click()
    chosen, said = okafor.page.locator("#plan"), okafor.page.locator("#plan-said")
    for wrong in (b"no JSON", b"null", b"{}", plan([[5e5, 5.4e6]]), plan([[LONGITUDE, LATITUDE]], gap=None)):
        chosen.set_input_files({"name": "plan.geojson", "mimeType": "application/json", "buffer": wrong})
        expect(said).to_contain_text("This is no plan of towers")
        expect(okafor.page.locator("#plan-add")).to_be_hidden()
    good = plan([[LONGITUDE + 1, LATITUDE], [LONGITUDE + 2, LATITUDE]])
    chosen.set_input_files({"name": "plan.geojson", "mimeType": "application/json", "buffer": good})
    expect(said).to_contain_text("Sites in the plan: 2; gap to the bound: 0.04\u00a0%")
    expect(okafor.page.locator("#plan-sites li")).to_have_count(2)
    okafor.shot("coverage-plan", full=True)
    okafor.page.locator("#plan-add").click()
    okafor.page.locator("#whatif button").click()
    expect(okafor.page.locator("#compared")).to_contain_text("tower-S0")
    expect(okafor.page.locator("#compared")).to_contain_text("tower-S1")
