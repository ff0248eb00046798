"""The queue: as an officer reads it, and as a program does."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Event

import pytest
from playwright.sync_api import expect
from tests.console.endangered import endanger
from tests.console.served import KEEPER, PURPOSE
from typer.testing import CliRunner

from watchfloor.cell.queue import digest, queue
from watchfloor.cell.weighing.weights import load
from watchfloor.cli import app
from watchfloor.console.pictures import picture_cache
from watchfloor.console.pictures.builder import make
from watchfloor.console.pictures.picture import About, packed
from watchfloor.core.marking import parse
from watchfloor.feeds import config
from watchfloor.feeds.intake import Orders, ingest_all


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


def test_the_chosen_lead_is_shown_beside_rows_of_one_line_and_can_be_acted_on_there(own, officer):
    endanger(own.floor)  # its place is drawn
    okafor = officer(own)
    page = okafor.page
    okafor.go("/leads")
    rows, preview = page.locator("#leads > .lead"), page.locator("#preview")
    assert max(row.bounding_box()["height"] for row in rows.all()) < 40
    expect(preview).to_contain_text("Choose a lead")
    ids = [row.get_attribute("data-lead") for row in rows.all()]
    for key, n in (("j", 0), ("j", 1), ("k", 0)):
        page.keyboard.press(key)
        title = rows.nth(n).locator("a.subject").inner_text()
        expect(preview.locator("h2 > a")).to_have_text(title.partition(" · ")[0])
        expect(preview.locator(".quarters")).to_contain_text("Would change it")
        expect(preview.locator(".marking")).to_contain_text(rows.nth(n).locator(".row-marking").inner_text())
    looks = [act.detail["shown"] for act in own.floor.acts_of("query") if act.detail["what"] == "leads"]
    assert looks[-3:] == [[ids[0]], [ids[1]], [ids[0]]], "each is logged as looked at"
    okafor.shot("queue-preview")
    preview.get_by_role("button", name="Take it").click()
    expect(page.locator(".heard").first).to_contain_text("is yours")
    assert page.url.endswith("/leads"), "one stays where one was"
    expect(rows.nth(0)).not_to_have_attribute("data-lead", ids[0])
    page.set_viewport_size({"width": 1000, "height": 900})
    page.keyboard.press("j")
    expect(preview).to_be_hidden()


def test_a_lead_that_was_found_false_is_last_and_says_so(own, client):
    okafor = client(own)

    def listed():
        return okafor.get("/api/v1/leads", params={"size": 500}).json()["leads"]

    first = listed()[0]["lead_id"]
    words = ["leads", "outcome", first, "unfounded", "--why", "nobody there", "--floor", str(own.floor.root)]
    assert CliRunner().invoke(app, words).exit_code == 0
    until = time.monotonic() + 60
    while (last := listed())[0]["lead_id"] == first:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert [one["lead_id"] for one in last if one["found_false"]] == [last[-1]["lead_id"]] == [first]
    page = client(own, Cookie=f"watchfloor={own.token(language='fr')}", Accept="text/html")
    assert page.get("/leads", params={"text": first}).text.count("déclaré non fondé") == 1


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


def test_what_was_erased_is_in_no_picture_of_now_or_of_the_past(own):
    pictures, reader = own.services.pictures, own.floor.reader("okafor", PURPOSE)
    now, position = datetime.now(UTC), own.floor.position
    then = own.floor.acts(position, position)[0].at + timedelta(seconds=1)
    lead = pictures.current(reader, now).picture.lead(0)
    assert pictures.at(reader, position, then).row_of(lead.lead_id) == 0
    gone = [id_ for one in lead.contributions for id_ in one.evidence]
    with own.floor.writer(KEEPER) as writer:
        writer.erase(gone, "a court ordered it", category="order")
    for picture in (pictures.current(reader, now).picture, pictures.at(reader, position, then)):
        assert lead.lead_id not in picture.ids()


def test_what_a_reader_may_not_see_any_more_is_not_served_while_the_next_picture_is_made(own):
    pictures, today = own.services.pictures, date(2026, 11, 26)
    reader = replace(own.floor.reader("okafor", PURPOSE), today=today, consents=frozenset({"bank", "post"}))
    first, view = pictures.current(reader, datetime.now(UTC)), pictures.view_of(reader)
    assert pictures._view("a new marking", reader).picture is first.picture
    assert pictures._view("the next day", replace(reader, today=today + timedelta(1))).picture is None
    pictures._view(view, reader)
    less = replace(reader, consents=frozenset({"bank"}))
    assert pictures._view("a consent less", less).picture is None


def test_pictures_of_the_past_are_so_many_and_no_more(own, monkeypatch):
    monkeypatch.setattr(picture_cache, "PAST", 2)
    pictures, reader = own.services.pictures, own.floor.reader("okafor", PURPOSE)
    first = datetime(2020, 1, 1, tzinfo=UTC)
    made = []

    def make(root, reader, position, now):
        made.append(now)
        about = About(position, now, now, now + timedelta(hours=1), "", "")
        return packed([], {}, about, {})

    monkeypatch.setattr(picture_cache, "make", make)
    for hours in (0, 0, 1, 2, 2, 1, 0):
        pictures.at(reader, own.floor.position, first + timedelta(hours=hours))
    assert [(one - first) // timedelta(hours=1) for one in made] == [0, 1, 2, 0]
    assert len(pictures._past) == 2


def test_many_who_ask_for_one_moment_wait_for_one_picture(own, monkeypatch):
    made = []

    def counting(*asked):
        made.append(asked)
        return make(*asked)

    monkeypatch.setattr(picture_cache, "make", counting)
    reader, now = own.floor.reader("okafor", "tests"), datetime.now(UTC)
    with ThreadPoolExecutor(8) as many:
        asked = [many.submit(own.services.pictures.at, reader, own.floor.position, now) for _ in range(8)]
        assert len({one.result().about.digest for one in asked}) == 1
    assert len(made) == 1


@pytest.mark.parametrize("form", ["csv", "geojson", "kml"])
def test_leads_are_exported_with_their_markings_and_logged(console, client, form):
    okafor = client(console)
    answer = okafor.get("/api/v1/leads/export", params={"as_": form, "top": 3})
    assert answer.headers["content-disposition"].endswith(f".{form}")
    first = okafor.get("/api/v1/leads").json()["leads"][0]
    assert first["lead_id"] in answer.text
    assert first["marking"] in answer.text
