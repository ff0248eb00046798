"""The page of patrols: its first sentence, its tours and files, bad terms, and who sees what."""

import csv
import io
import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from lxml import html
from playwright.sync_api import expect
from tests.console.served import served
from tests.planning.world import LATITUDE, LONGITUDE, asset

from watchfloor.cell.acts import common
from watchfloor.cell.acts import write as keep
from watchfloor.core.kinds import WEATHER
from watchfloor.store import Actor
from watchfloor.store.floor import Floor

DRONE = "speed_m_s = 20\nready_s = 300\nendurance_s = 5400\nnight = true"
OWN = asset("hawk", kind="drone", reach=3_000.0, more=DRONE)
SECRET = asset("nightjar", kind="drone", reach=3_000.0, more=DRONE + '\nmarking = "PB//TLP:RED"')
SCHEDULE = 'zone = "America/Regina"\n'
GALE = datetime(2099, 7, 1, tzinfo=UTC)
QUERY = "since=2099-01-05&days=2"


@pytest.fixture(scope="module")
def planned(played, tmp_path_factory):
    """A console on a floor with a drone, and another one that its officer may not know of."""
    root = tmp_path_factory.mktemp("planned") / "floor"
    shutil.copytree(played.root, root)
    (root / "assets.toml").write_text(OWN + SECRET, "utf-8")
    (root / "coverage.toml").write_text(SCHEDULE, "utf-8")
    (root / "policy.toml").write_text(
        '[readers.okafor]\nprotected = "PB"\ntlp = "AMBER"\n[readers.roy]\nprotected = "PB"\ntlp = "RED"\n',
        "utf-8",
    )
    floor = Floor.open(root)
    with floor.writer(Actor("roy", "tests", "an Act")) as writer:
        row = dict.fromkeys(field.name for field in WEATHER.columns)
        row |= common("tests", "gale", "U//TLP:CLEAR", writer.moment())
        week = {"station": "CYWG", "observed_at": GALE, "until": GALE + timedelta(days=8), "wind_speed": 30.0}
        keep(writer, WEATHER, row | week | {"latitude": LATITUDE, "longitude": LONGITUDE})
    with served(floor) as one:
        yield one


def page(console, client, query=QUERY, code=200, **session):
    """The page as a browser without scripts has it."""
    token = console.token(**session)
    one = client(console, token, Cookie=f"watchfloor={token}")
    answer = one.get(f"/planning?{query}")
    assert answer.status_code == code, answer.text
    return html.fromstring(answer.text), one


def text(tree, where):
    return re.sub("[ \n]+", " ", tree.xpath(where)[0].text_content()).strip()


def test_tours_stand_in_the_table_and_in_every_file(planned, client):
    tree, one = page(planned, client)
    crews = tree.xpath('//*[@id="tours"]//tbody//button/text()')
    assert crews == ["hawk", "hawk"]
    files = {link.text: link.get("href") for link in tree.xpath('//*[@id="files"]/a')}
    assert set(files) == {"patrols.json", "patrols.csv", "hawk.ics", "hawk.gpx"}
    given = {name: one.get(where) for name, where in files.items()}
    rows = list(csv.DictReader(io.StringIO(given["patrols.csv"].text)))
    plan = json.loads(given["patrols.json"].text)
    assert [row["crew"] for row in rows] == [tour["crew"] for tour in plan["tours"]] == crews
    assert given["hawk.ics"].text.count("BEGIN:VEVENT") == 2
    assert len(ET.fromstring(given["hawk.gpx"].text)) == 2
    assert given["hawk.ics"].headers["content-disposition"].startswith("attachment")
    assert plan["commitment"] in files["patrols.csv"]
    # It is drawn once, and another time where somebody asks for that.
    same, _ = page(planned, client)
    assert same.xpath('//*[@id="files"]/a/@href') == list(files.values())
    other, _ = page(planned, client, QUERY + "&draw=1")
    assert other.xpath('//*[@id="files"]/a/@href') != list(files.values())


def test_who_may_not_know_of_a_crew_plans_without_it_and_cannot_fetch_what_others_drew(planned, client):
    theirs, _ = page(planned, client, name="roy")
    assert sorted(set(theirs.xpath('//*[@id="tours"]//tbody//button/text()'))) == ["hawk", "nightjar"]
    mine, one = page(planned, client)
    assert "nightjar" not in html.tostring(mine, encoding="unicode")
    where = theirs.xpath('//*[@id="files"]/a/@href')[0]
    refused, lost = one.get(where), one.get("/planning/patrols/0/patrols.csv")
    assert refused.status_code == lost.status_code == 404
    assert text(html.fromstring(refused.text), "//main") == text(html.fromstring(lost.text), "//main")


def test_the_api_has_the_same_plan_and_the_log_its_commitment(planned, client):
    before = planned.floor.position
    given = client(planned).get(f"/api/v1/planning?{QUERY}&seed=7").json()
    assert given["plan"]["seed"] == "7"
    assert {one["crew"] for one in given["plan"]["tours"]} == {"hawk"}
    (act,) = (one for one in planned.floor.acts_of("query") if one.position > before)
    assert act.detail["commitment"] == given["plan"]["commitment"]


@pytest.mark.parametrize(
    ("query", "typed"),
    [("since=2020-01-01", "2020-01-01"), ("since=2020-01-01&days=3", "2020-01-01")],
)
def test_a_plan_for_yesterday_is_refused_with_what_was_typed(planned, client, query, typed):
    tree, _ = page(planned, client, query)
    assert "2020-01-01 is over" in text(tree, '//*[@class="refused"]')
    assert tree.xpath('//input[@name="since"]/@value') == [typed]
    french, _ = page(planned, client, query, language="fr")
    assert "2020-01-01" in text(french, '//*[@class="refused"]')


@pytest.mark.parametrize("query", ["days=14", "explore=2", "crew_hours=-1", "since=tomorrow"])
def test_terms_out_of_range_are_refused(planned, client, query):
    given = client(planned).get(f"/api/v1/planning?{query}")
    assert given.status_code in (200, 422)
    assert given.status_code == 422 or given.json()["refused"]


def test_a_map_of_zeros_says_so_and_every_tour_explores(planned, client):
    tree, _ = page(planned, client)
    assert "every tour explores" in text(tree, '//*[@id="gains"]')
    assert len(tree.xpath('//*[@id="tours"]//tr[@class="explores"]')) == 2


def test_a_week_of_gales_keeps_everybody_in_and_the_page_says_why(planned, client):
    tree, _ = page(planned, client, "since=2099-07-02&days=5")
    assert text(tree, '//*[@id="gains"]').startswith("No crew can make a tour")
    assert tree.xpath('//*[@id="tours"]') == []
    assert any("hawk" in each for each in tree.xpath('//ul[@class="remarks"]/li/text()'))
    assert text(tree, '//*[@id="rests-title"]')


def test_without_anything_that_moves_the_page_says_what_to_do(console, client):
    (console.floor.root / "assets.toml").write_text("", "utf-8")
    tree, _ = page(console, client)
    assert "assets.toml" in text(tree, '//*[@class="refused"]')


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("fr", 390)])
def test_a_tour_is_chosen_by_keyboard_and_shown_alone(planned, officer, language, width):
    one = officer(planned, planned.token(language=language), viewport={"width": width, "height": 900})
    one.go(f"/planning?{QUERY}")
    expect(one.page.locator("#plan-map[data-ready]")).to_be_visible()
    button = one.page.locator("#tours button").nth(1)
    button.focus()
    one.page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(one.page.locator("#tours tr.chosen")).to_have_count(1)
    shown = "watchfloorPlan.map.getSource('tours').serialize().data.features.length"
    assert one.page.evaluate(shown) == 1
    one.shot(f"planning-chosen-{language}-{width}", full=True)
    one.page.locator("#all-tours").click()
    assert one.page.evaluate(shown) == 2
    assert one.page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_second_of_two_planners_is_told_and_holds_their_plan_against_the_first(planned, officer):
    first, second = officer(planned), officer(planned, planned.token("roy", language="fr"))
    days = "/planning?since=2099-06-01&days=1"
    for one in (first, second):
        one.go(days)
        one.page.locator("#adopt summary").click()
        one.page.locator("#adopt textarea").fill("réunion du lundi")
    first.page.locator("#adopt button").click()
    expect(first.page.locator("#shown")).to_contain_text("adopted by okafor")
    expect(first.page.locator(".seed").first).to_contain_text("shown once its days are over")
    expect(first.page.locator("#adopt")).to_have_count(0)
    expect(first.page.locator("#plan-map[data-ready]")).to_be_visible()
    first.shot("planning-adopted-en", full=True)
    second.page.locator("#adopt button").click()
    expect(second.page.locator("#adopt .refused")).to_contain_text("okafor")
    expect(second.page.locator("#adopt textarea")).to_have_value("réunion du lundi")
    second.page.locator(".in-force a").last.click()
    expect(second.page.locator("#figures tbody tr")).to_have_count(9)
    second.shot("planning-beside-fr", full=True)
    second.page.locator("#hold select").select_option("terms")
    second.page.locator('#hold [name="other_explore"]').fill("0.5")
    second.page.locator("#hold button").click()
    expect(second.page.locator("#held")).to_contain_text("selon vos conditions")
    second.go("/planning")
    second.page.locator("#adopted details summary").click()
    second.page.locator("#adopted textarea").fill("bateaux en réparation")
    second.page.locator("#adopted details button").click()
    expect(second.page.locator(".heard")).to_contain_text("est retiré")


def test_a_plan_is_adopted_for_nobody_who_did_not_see_it(planned, client):
    theirs, _ = page(planned, client, QUERY + "&seed=3", name="roy")
    commitment = theirs.xpath('//*[@id="adopt"]//input[@name="commitment"]/@value')[0]
    for wanted in ("0", commitment):
        given = client(planned).post("/api/v1/planning/adopt", json={"commitment": wanted, "why": "mine"})
        assert given.status_code == 404
