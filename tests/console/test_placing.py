"""The page of detectors: why here, what is not covered, the placement before, and whose seizures count."""

import json
import shutil

import pytest
from lxml import html
from playwright.sync_api import expect
from tests.console.served import served
from tests.console.test_planning import text

from watchfloor.cell.acts import common
from watchfloor.cell.acts import write as keep
from watchfloor.core.kinds import SEIZURE
from watchfloor.store import Actor, Floor

HISTORY = """area,season,found
Emerson,FY2022,4
Emerson,FY2023,12
Lacolle,FY2022,40
Lacolle,FY2023,9
Coutts,FY2022,3
"""
PORTS = "area;region;flow\nEmerson;Prairie;9000\nLacolle;Quebec;80000\nCoutts;Prairie;5000\n"
ASK = {"season": "FY2024", "teams": 2, "history": HISTORY}


@pytest.fixture(scope="module")
def seized(played, tmp_path_factory):
    """A console on a floor with seizures at two places, one of which its officer may not know of."""
    root = tmp_path_factory.mktemp("seized") / "floor"
    shutil.copytree(played.root, root)
    floor = Floor.open(root)
    with floor.writer(Actor("keeper", "tests", "an Act")) as writer:
        for number, (place, marking, part) in enumerate(
            [
                ("Emerson", "PB//TLP:AMBER", None),
                ("Emerson", "PB//TLP:AMBER", "seizure-0"),
                ("Vault", "PB//TLP:RED", None),
                (None, "PB//TLP:AMBER", None),
            ]
        ):
            row = dict.fromkeys(field.name for field in SEIZURE.columns)
            row |= common("tests", f"seizure-{number}", marking, writer.moment())
            keep(writer, SEIZURE, row | {"drug": "fentanyl", "place": place, "part_of": part})
    (root / "policy.toml").write_text(
        '[readers.okafor]\nprotected = "PB"\ntlp = "AMBER"\n[readers.roy]\nprotected = "PB"\ntlp = "RED"\n',
        "utf-8",
    )
    with served(floor) as one:
        yield one


def placed(console, client, ask=ASK, name="okafor", code=200):
    """The page after a placement."""
    token = console.token(name)
    one = client(console, token, Cookie=f"watchfloor={token}")
    given = one.post("/api/v1/planning/detectors", json=ask)
    assert given.status_code == code, given.text
    return (html.fromstring(one.get("/planning/detectors").text) if code == 200 else given.json()), one


def test_each_port_has_a_reason_and_what_is_bare_is_listed_with_what_is_missed(seized, client):
    tree, one = placed(seized, client, ASK | {"ports": PORTS, "least": 1, "explore": 0})
    assert sorted(tree.xpath('//*[@id="ports"]//tbody//th/text()')) == ["Emerson ", "Lacolle "]
    assert tree.xpath('//*[@id="bare"]//tbody//th/text()') == ["Coutts "]
    assert all(
        len(why.split(";")) >= 3
        for why in tree.xpath('//table[contains(@class, "ports")]//td[last()]/text()')
    )
    assert tree.xpath('//*[@id="regions"]//tbody//th/text()') == ["Prairie", "Quebec"]
    plan = json.loads(one.get("/planning/detectors.json").text)
    assert plan["placement"] == {"Coutts": 0, "Emerson": 1, "Lacolle": 1}
    assert tree.xpath('//textarea[@name="history"]/text()')[0].strip() == HISTORY.strip()


def test_the_placement_before_stands_beside_and_is_the_session_s_own(seized, client):
    _, one = placed(seized, client)
    assert one.post("/api/v1/planning/detectors", json=ASK | {"teams": 3}).status_code == 200
    given = one.get("/api/v1/planning/detectors").json()
    figures = {each["name"]: (each["before"], each["after"]) for each in given["before"]["figures"]}
    assert figures["teams"] == (2, 3)
    assert sum(each["after"] - each["before"] for each in given["before"]["moved"]) == 1
    other = client(seized, seized.token())
    assert other.get("/api/v1/planning/detectors").json()["plan"] is None
    assert other.get("/planning/detectors.json").status_code in (401, 303, 404)


def test_without_a_history_the_floor_s_seizures_count_as_the_reader_may_see_them(seized, client):
    month = seized.floor.now()
    ask = {"season": f"{month.year + 1}-01", "teams": 1}
    _, one = placed(seized, client, ask)
    given = one.get("/api/v1/planning/detectors").json()
    assert given["plan"]["placement"] == {"Emerson": 1}
    why = given["plan"]["ports"][0]["why"]
    assert any("only 1 find in 1 season" in each for each in why), "the part of it is not counted again"
    assert "Vault" not in json.dumps(given)
    assert given["marking"] == "PB//TLP:AMBER"
    assert any("1 seizure of the floor names no place" in each for each in given["plan"]["summary"])
    _, theirs = placed(seized, client, ask, "roy")
    assert set(theirs.get("/api/v1/planning/detectors").json()["plan"]["placement"]) == {"Emerson", "Vault"}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"teams": 0}, "teams"),
        ({"season": "soon"}, "soon"),
        ({"history": "area,season\nEmerson,2020\n"}, "found"),
        ({"history": "area,season,found\nEmerson,FY2022,-1\n"}, "-1"),
        ({"history": "", "season": "FY2027"}, "FY2027"),
        ({"teams": None}, "teams"),
        ({"hit": 0}, "--hit"),
    ],
)
def test_what_cannot_be_placed_is_refused(seized, client, asked, said):
    given, _ = placed(seized, client, ASK | asked, code=422)
    assert said in json.dumps(given)


def test_a_form_that_is_refused_keeps_its_tables_and_a_file_fills_one(seized, officer, tmp_path):
    one = officer(seized, seized.token(language="fr"), viewport={"width": 390, "height": 900})
    one.go("/planning/detectors")
    (tmp_path / "h.csv").write_text(HISTORY, "utf-8")
    page = one.page
    page.locator('input[data-for="history"]').set_input_files(tmp_path / "h.csv")
    expect(page.locator('[name="history"]')).to_have_value(HISTORY)
    page.locator('[name="season"]').fill("FY2024")
    page.locator('[name="teams"]').fill("0")
    page.locator("#place-form button.main").click()
    expect(page.locator(".refused")).to_be_visible()
    expect(page.locator('[name="history"]')).to_have_value(HISTORY)
    page.locator('[name="teams"]').fill("2")
    page.locator("#place-form button.main").click()
    expect(page.locator("#ports tbody tr")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    one.shot("detectors-fr-390", full=True)
    page.set_viewport_size({"width": 1440, "height": 900})
    one.shot("detectors-fr-1440", full=True)
    assert text(html.fromstring(page.content()), '//*[@id="placed"]').startswith(
        "Ce placement devrait trouver"
    )
