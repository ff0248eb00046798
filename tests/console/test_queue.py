"""The queue: as an officer reads it, and as a program does."""

from datetime import UTC, datetime
from threading import Event

from playwright.sync_api import expect
from tests.console.served import KEEPER

from watchfloor.cell.queue import digest, queue
from watchfloor.cell.weights import load
from watchfloor.feeds import config
from watchfloor.feeds.intake import Orders, ingest_all
from watchfloor.records.marking import parse


def test_an_officer_goes_down_the_queue_by_keyboard_and_opens_a_lead(console, officer):
    okafor = officer(console)
    okafor.go("/leads")
    page = okafor.page
    expect(page.locator("#leads > .lead").first).to_be_visible()
    okafor.shot("queue")
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator("#leads > .lead").nth(1)
    expect(second.locator("a.subject")).to_be_focused()
    lead_id = second.get_attribute("data-lead")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/leads/{lead_id}")
    expect(page.locator("h1")).to_be_visible()


def test_the_queue_is_the_cells_own_and_its_digest_is_logged(console, client):
    said = client(console).get("/api/v1/leads", params={"size": 500}).json()
    floor = console.floor
    found = queue(floor, floor.reader("okafor", "tests"), load(), datetime.now(UTC))
    assert [one["lead_id"] for one in said["leads"]] == [one.lead_id for one in found]
    assert said["digest"] == digest(found).hex()
    last = [act for act in floor.acts_of("query") if act.actor.name == "okafor"][-1]
    assert last.detail["digest"] == said["digest"]
    assert last.detail["shown"] == [one.lead_id for one in found]


def test_pages_of_the_queue_join_without_gap_or_repeat(console, client):
    okafor, after, seen = client(console), "", []
    while True:
        said = okafor.get("/api/v1/leads", params={"size": 4, "after": after}).json()
        seen += [one["lead_id"] for one in said["leads"]]
        after = said["next"]
        if not after:
            break
    whole = okafor.get("/api/v1/leads", params={"size": 500}).json()
    assert seen == [one["lead_id"] for one in whole["leads"]]


POLICY = """
[readers.keeper]
protected = "PC"
role = "supervisor"
[readers.okafor]
protected = "PB"
[readers.chief]
protected = "PC"
"""


def test_what_a_reader_may_not_see_makes_his_queue_no_older(own, client, tmp_path):
    """Rows that are hidden from him come, and the desks have not run: his queue is still the newest."""
    (own.floor.root / "policy.toml").write_text(POLICY, "utf-8")
    okafor = client(own)
    assert okafor.get("/api/v1/leads").json()["fresh"]
    held = Event()
    own.services.pictures._executor.submit(held.wait, 20)  # pictures wait, as on a large floor
    own.services.pictures._executor.submit(held.wait, 20)
    try:
        _arrives(own.floor, tmp_path, "PC//TLP:RED")
        said = okafor.get("/api/v1/leads").json()
        assert said["fresh"]
        _arrives(own.floor, tmp_path, "PB//TLP:AMBER")
        said = okafor.get("/api/v1/leads").json()
        assert not said["fresh"]
        brought = own.floor.seen(own.floor.reader("okafor", "tests"))[-2]
        assert said["as_of"][:19] == own.floor.acts(brought, brought)[0].at.isoformat()[:19]
    finally:
        held.set()


def _arrives(floor, folder, marking):
    path = folder / f"late-{marking[:2]}.csv"
    path.write_text("report_key,role,name,observed_at\n1,payee,Ann Roy,2026-11-24\n", "utf-8")
    with floor.writer(KEEPER) as writer:
        orders = Orders(source="late", format="party-csv", marking=parse(marking))
        list(ingest_all(writer, [path], config.load(floor.root), orders))
