"""The queue: as an officer reads it, and as a program does."""

from datetime import UTC, datetime

from playwright.sync_api import expect

from watchfloor.cell.queue import digest, queue
from watchfloor.cell.weights import load


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
