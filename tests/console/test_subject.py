"""A subject: what sources say, what was decided, where it comes up."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect
from tests.console import named
from tests.console.served import KEEPER, PURPOSE, served

from watchfloor.cell.identity.merges import judge_pair
from watchfloor.cell.judgements import Judgement
from watchfloor.cell.queue import queue
from watchfloor.cell.weighing.weights import load


@pytest.fixture(scope="module")
def harmed(tmp_path_factory):
    with served(named.made(tmp_path_factory.mktemp("subject") / "home")) as one:
        yield one


def test_an_officer_reads_who_says_what_and_goes_on_to_whom_it_is_named_with(console, officer):
    floor = console.floor
    found = queue(floor, floor.reader("okafor", PURPOSE), load(), datetime.now(UTC))
    one = next(lead for lead in found if lead.contributions[0].rule == "listed-name")
    okafor = officer(console)
    page = okafor.page
    okafor.go(f"/leads/{one.lead_id}")
    page.locator("header a.subject").click()
    party = next(
        row
        for row in floor.read("party", floor.reader("okafor", PURPOSE)).to_pylist()
        if row["subject"] == one.subject
    )
    expect(page.locator(".top .key")).to_have_text(one.subject)
    expect(page.locator("h1")).to_have_text(party["name"])
    row = page.locator(".statements tr", has=page.locator("th", has_text="birth_date"))
    expect(row).to_contain_text(party["birth_date"])
    expect(row).to_contain_text(party["source"])
    expect(row.locator("a.id")).to_have_attribute("href", f"/records/{party['record_id'].hex()}")
    expect(page.locator("aside .others a").first).to_have_attribute("href", f"/leads/{one.lead_id}")
    okafor.shot("subject", full=True)
    page.locator("aside .about a.subject").first.click()
    expect(page.locator("h1")).not_to_have_text(party["name"])
    okafor.shot("subject-other", full=True)


def test_a_statement_that_two_records_make_is_said_once_with_both(harmed, client):
    said = client(harmed).get("/api/v1/subjects/person:parcels:1").json()
    names = [one for one in said["statements"] if one["claim"] == "name"]
    assert {one["value"] for one in names} == {named.BOLD, "Zora Hidden"}
    (birth,) = [one for one in said["statements"] if one["claim"] == "birth_date"]
    assert (birth["value"], birth["count"], birth["sources"]) == ("1971-05-02", 2, ["parcels"])
    assert said["names"] == ["Zora Hidden", named.BOLD]
    phones = {one["subject"] for one in said["statements"] if one["claim"] == "phone"}
    assert phones == {"phone:phone:16135550113", "phone:phone:16135550119"}
    assert said["marking"] == "PB//TLP:AMBER"


def test_listings_leads_signals_and_neighbours_are_those_of_the_view(harmed, client):
    okafor, roy = client(harmed), client(harmed, harmed.token("roy"))
    said = okafor.get("/api/v1/subjects/person:parcels:0").json()
    assert [one["name"] for one in said["listings"]] == [named.HARM]
    assert [one["subject"] for one in said["leads"]] == ["person:parcels:0"]
    assert {one["kind"] for one in said["signals"]} == {"signal"}
    around = {one["subject"]: one["count"] for one in said["neighbours"]}
    assert around == {"person:parcels:1": 2, "phone:phone:16135550112": 1, "vessel:imo:9074729": 1} | {
        key: around[key] for key in around if key == "person:parcels:1"
    }
    bearers = [
        {one["subject"] for one in each.get("/api/v1/subjects/phone:phone:16135550112").json()["neighbours"]}
        for each in (okafor, roy)
    ]
    assert bearers == [{"person:parcels:0", "person:parcels:3"}, {"person:parcels:0"}]


def test_who_is_hidden_is_as_nobody_and_the_look_is_logged_alike(harmed, client):
    roy = client(harmed, harmed.token("roy"))
    keys = ("person:parcels:3", "person:parcels:9")
    said = [roy.get(f"/api/v1/subjects/{key}") for key in keys]
    assert [each.status_code for each in said] == [200, 200]
    assert said[0].text.replace(keys[0], "KEY").replace('"3"', '"N"') == said[1].text.replace(
        keys[1], "KEY"
    ).replace('"9"', '"N"').replace("parcels:9", "parcels:3")
    acts = [act for act in harmed.floor.acts_of("query") if act.actor.name == "roy"][-2:]
    assert [act.detail for act in acts] == [
        {"what": "search", "about": key, "found": 0, "shown": []} for key in keys
    ]
    assert len(harmed.floor.acts_of("hit")) >= 2
    assert roy.get("/api/v1/subjects/nobody").status_code == 422
    assert roy.get("/api/v1/subjects/person:parcels:a/b").status_code == 200


def test_judgements_say_by_whom_and_which_stands(own, client):
    floor, pair = own.floor, ("person:travellers:000017", "person:post:1")
    with floor.writer(KEEPER) as writer:
        for verdict in ("same", "withdrawn", "different"):
            said = Judgement(verdict, f"<i>{verdict}</i>", "okafor", writer.moment())
            judge_pair(writer, pair, ["PB//TLP:AMBER"], said)
    said = client(own).get(f"/api/v1/subjects/{pair[0]}").json()
    assert [(one["verdict"], one["stands"], one["other"]) for one in said["judgements"]] == [
        ("different", True, pair[1]),
        ("withdrawn", False, pair[1]),
        ("same", False, pair[1]),
    ]
