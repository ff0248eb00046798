"""What officers do about a lead: decide, undo, merge, assign, report, in one window or in two."""

import re
import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect
from tests.console.served import PURPOSE

from watchfloor.casework.decisions import conflicts, deciding
from watchfloor.casework.triage import Triage
from watchfloor.cell.acts import Conflict, Refusal
from watchfloor.cell.queue import digest, queue
from watchfloor.cell.weighing.weights import load
from watchfloor.console.endpoints import endpoint
from watchfloor.console.endpoints.request_parsing import asked
from watchfloor.console.jobs import work
from watchfloor.console.pages import bulk
from watchfloor.store.errors import StoreFull
from watchfloor.store.log import Actor

POLICY = """[readers.okafor]
protected = "PB"
[readers.roy]
protected = "PB"
role = "reviewer"
[readers.keeper]
protected = "PB"
"""


def leads(console):
    floor = console.floor
    return queue(floor, floor.reader("okafor", "tests"), load(), datetime.now(UTC))


FOUND = {}


def listed(console):
    """The first lead that rests on a listed entity alone; the same on each copy until somebody writes."""
    state = console.floor.key, console.floor.log_root(), console.floor.position
    if state not in FOUND:
        FOUND[state] = next(one for one in leads(console) if one.contributions[0].rule == "listed-name")
    return FOUND[state]


def settled(console):
    """Wait until the desks have run on what was decided: a page from before says so, and stays."""
    reader = console.floor.reader("okafor", PURPOSE)
    assert console.services.pictures.current(reader, datetime.now(UTC), patience=120).fresh


def judgements(console):
    floor = console.floor
    return floor.read("judgement", floor.reader("okafor", "tests")).to_pylist()


def opened(page, name):
    """The form of an act, unfolded."""
    page.locator(f"details.act:has(#{name}) > summary").click()
    return page.locator(f"#{name}")


def decide(page, answer, why):
    form = opened(page, "decide")
    form.locator(f'input[name="answer"][value="{answer}"]').check()
    form.locator('textarea[name="why"]').fill(why)
    return form


def test_an_analyst_takes_a_lead_follows_it_and_closes_it_with_a_ground(own, officer):
    okafor, other = officer(own), officer(own, own.token("ben"), viewport={"width": 390, "height": 844})
    page, there = okafor.page, other.page
    okafor.go("/leads")
    row = page.locator("#leads > .lead").first
    expect(row.locator(".held")).to_contain_text("nobody’s")
    lead_id = row.get_attribute("data-lead")
    row.locator("a.subject").click()
    other.go(f"/leads/{lead_id}")
    for name in ("Take it", "Task a unit", "Alert", "Close"):
        place = there.locator(".acting").get_by_text(name, exact=True).bounding_box()
        assert place["y"] + place["height"] < 844, name
    page.get_by_role("button", name="Take it").click()
    expect(page.locator(".held")).to_contain_text("mine")
    page.get_by_role("link", name="History").click()
    page.locator("#comment textarea").fill("@ben is that your boat?")
    page.locator("#comment button").click()
    expect(page.locator("main")).to_contain_text("@ben is that your boat?")
    page.locator(".acting .rest > summary").click()
    page.get_by_role("button", name="Watch it").click()
    expect(page.locator(".held .standing")).to_have_text("watching")
    there.locator(".closing summary").click()
    there.get_by_label("not for us").check()
    there.get_by_role("button", name="Close it").click()
    expect(there.locator(".refused")).to_contain_text("edition 2 was made by okafor")
    okafor.go("/leads?state=mine")
    expect(page.locator("#leads > .lead")).to_have_count(1)
    page.locator("#leads a.subject").click()
    page.locator(".closing summary").click()
    page.get_by_label("passed on").check()
    page.locator("#close input[name=to]").fill("RCMP, Windsor")
    page.get_by_role("button", name="Close it").click()
    expect(page.locator(".held .standing")).to_have_text("closed")
    expect(page.locator(".top")).to_contain_text("RCMP, Windsor")
    okafor.shot("lead-closed-by")
    other.go("/leads?state=closed")
    expect(there.locator("#leads .way.new")).to_contain_text("names you")
    (one,) = Triage.read(own.floor, own.floor.reader("okafor", "tests")).values()
    assert [row["act"] for row in one.history] == ["take", "comment", "watch", "close"]


def test_of_two_who_close_one_lead_at_once_one_does_and_the_other_is_told_who(own, client):
    lead_id = leads(own)[0].lead_id
    hands = {name: client(own, own.token(name)) for name in ("okafor", "ben")}

    def close(name):
        said = {"ground": "unfounded", "why": f"seen by {name}", "edition": 0}
        return hands[name].post(f"/api/v1/leads/{lead_id}/close", json=said)

    with ThreadPoolExecutor(2) as both:
        answers = dict(zip(hands, both.map(close, hands), strict=True))
    assert sorted(answer.status_code for answer in answers.values()) in ([200, 409], [200, 422])
    (first,) = [name for name, answer in answers.items() if answer.status_code == 200]
    (second,) = [answer for answer in answers.values() if answer.status_code != 200]
    (one,) = Triage.read(own.floor, own.floor.reader("okafor", "tests")).values()
    assert [(row["act"], row["by"]) for row in one.history] == [("close", first)]
    assert first in second.text
    assert hands[first].get("/api/v1/leads", params={"state": "closed"}).json()["count"] == 1


def test_an_officer_decides_a_lead_and_sees_it_fall_and_undoing_brings_it_back_exactly(own, officer):
    before = digest(leads(own))
    one = listed(own)
    okafor = officer(own)
    page = okafor.page
    okafor.go(f"/leads/{one.lead_id}")
    decide(page, "different", "born 1990, passport seen").locator("button.main").click()
    expect(page.locator(".heard").first).to_contain_text("Recorded as different")
    settled(own)
    page.goto("/leads?state=")
    expect(page.locator(".stale")).to_have_count(0)
    fallen = {lead.lead_id: lead for lead in leads(own)}[one.lead_id]
    assert fallen.probability < one.probability
    shown = page.locator(f'[data-lead="{one.lead_id}"] .num')
    expect(shown).to_have_text(
        "<1 %" if fallen.probability < 0.01 else f"{fallen.probability:.0%}".replace("%", " %")
    )
    okafor.go(f"/leads/{one.lead_id}")
    okafor.shot("decided", full=True)
    decide(page, "undo", "wrong passport").locator("button.main").click()
    expect(page.locator(".heard").first).to_contain_text("Taken back")
    settled(own)
    page.goto("/leads")
    expect(page.locator(".stale")).to_have_count(0)
    assert digest(leads(own)) == before
    assert [row["verdict"] for row in judgements(own)] == ["different", "withdrawn"]


@pytest.mark.thorough
def test_what_changes_while_a_page_loads_its_scripts_is_not_missed(own, officer, client):
    one, page, there = listed(own), officer(own).page, client(own)
    head = there.get("/api/v1/stream/head").json()["id"]

    def slowly(route):
        said = {"answer": "different", "why": "passport seen"}
        assert there.post(f"/api/v1/leads/{one.lead_id}/decide", json=said).status_code == 200
        while "queue" not in {told["what"] for told in since()}:
            time.sleep(0.1)
        time.sleep(1)  # and the page's other scripts hear of it
        route.continue_()

    def since():
        return there.get("/api/v1/stream/head", params={"after": head}).json()["events"]

    page.route("**/live-news*.js", slowly)
    page.goto("/leads")
    expect(page.locator("#news")).to_contain_text("Something new")


@pytest.mark.thorough
def test_a_merge_taken_back_leaves_the_queue_as_it_was(own, officer):
    before = digest(leads(own))
    one, other = [lead for lead in leads(own) if lead.hypothesis == "listed-entity"][:2]
    okafor = officer(own)
    page = okafor.page
    okafor.go(f"/leads/{one.lead_id}")
    form = opened(page, "merge")
    form.locator('input[value="merge"]').check()
    form.locator('input[name="other"]').fill(other.lead_id)
    form.locator('textarea[name="why"]').fill("one telephone in both files")
    form.locator("button.main").click()
    expect(page.locator(".heard").first).to_contain_text("one matter now")
    merged = next(lead for lead in leads(own) if one.subject in lead.subjects)
    assert other.subject in merged.subjects
    okafor.go(f"/leads/{merged.lead_id}")
    form = opened(page, "unmerge")
    form.locator('textarea[name="why"]').fill("two people")
    form.locator("button.main").click()
    expect(page.locator(".heard").first).to_contain_text("taken back")
    assert digest(leads(own)) == before
    assert len(judgements(own)) == 2


def test_two_windows_deciding_one_lead_are_told_of_each_other(own, officer):
    one = listed(own)
    okafor, again = officer(own), officer(own)
    roy = officer(own, own.token("roy"))
    for each in (okafor, again, roy):
        each.go(f"/leads/{one.lead_id}")
    decide(okafor.page, "different", "passport seen").locator("button.main").click()
    expect(okafor.page.locator(".heard").first).to_be_visible()
    for each, by in ((again, "the same photograph"), (roy, "a colleague's photograph")):
        decide(each.page, "same", by).locator("button.main").click()
        refused = each.page.locator("#decide .refused")
        for said in ("okafor", "different", "passport seen"):
            expect(refused).to_contain_text(said)
        expect(each.page.locator('#decide textarea[name="why"]')).to_have_value(by)
    assert len(judgements(own)) == 1
    roy.shot("conflict", full=True)
    roy.page.locator('#decide input[name="anyway"]').check()
    roy.page.locator("#decide button.main").click()
    expect(roy.page.locator(".heard").first).to_contain_text("Recorded as the same")
    assert [(row["decided_by"], row["verdict"]) for row in judgements(own)] == [
        ("okafor", "different"),
        ("roy", "same"),
    ]


@pytest.mark.thorough
def test_a_session_that_ends_while_a_form_is_filled_loses_nothing(own, officer):
    one = listed(own)
    token = own.token()
    okafor = officer(own, token)
    page = okafor.page
    okafor.go(f"/leads/{one.lead_id}")
    form = decide(page, "different", "three lines\nof reasons\n<b>typed</b>")
    own.services.sessions.end(own.session(token).key)
    form.locator("button.main").click()
    page.locator('input[name="name"]').fill("okafor")
    page.locator('input[name="password"]').fill("a long enough sentence")
    page.locator(".door button.main").click()
    page.locator('input[name="purpose"]').fill("tests")
    page.locator('input[name="authority"]').fill("an Act, s. 1")
    page.locator(".door button.main").click()
    form = page.locator("#decide")
    expect(form.locator("textarea")).to_have_value("three lines\nof reasons\n<b>typed</b>")
    expect(form.locator('input[value="different"]')).to_be_checked()
    okafor.shot("resumed", full=True)
    assert judgements(own) == []
    form.locator("button.main").click()
    expect(page.locator(".heard").first).to_contain_text("Recorded as different")
    assert [row["why"] for row in judgements(own)] == ["three lines\nof reasons\n<b>typed</b>"]


def browsing(client, console, token):
    """A browser without scripts: a session's cookie, and the address that pages are of."""
    return client(console, token=None, Cookie=f"watchfloor={token}", Origin=console.home)


def test_a_form_sent_twice_writes_once(own, client):
    one, okafor = listed(own), browsing(client, own, own.token())
    page = okafor.get(f"/leads/{one.lead_id}").text
    form = page.partition(f'action="/leads/{one.lead_id}/note"')[2]
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form.partition("</form>")[0]))
    assert {"csrf", "once", "back", "seen"} <= fields.keys()
    for _ in range(2):
        sent = okafor.post(f"/leads/{one.lead_id}/note", data=fields | {"text": "seen at the counter"})
        assert sent.status_code == 303
    assert texts_of_watch(own) == ["seen at the counter"]


def test_who_goes_back_and_writes_something_else_has_sent_another_form(own, client):
    one, token = listed(own), own.token()
    okafor, own_fields = browsing(client, own, token), {"csrf": own.session(token).csrf, "once": "o" * 16}
    for text in ("seen at the counter", "no, at the gate", "no, at the gate"):
        okafor.post(f"/leads/{one.lead_id}/note", data=own_fields | {"text": text})
    assert texts_of_watch(own) == ["seen at the counter", "no, at the gate"]


def test_a_form_sent_again_while_the_first_waits_loses_nothing_that_was_typed(own, client, monkeypatch):
    monkeypatch.setattr(endpoint, "LOCK_PATIENCE", 0.5)
    one, token = listed(own), own.token()
    said = {"csrf": own.session(token).csrf, "once": "o" * 16, "text": "seen at the counter"}
    path = f"/leads/{one.lead_id}/note"
    okafor = browsing(client, own, token)
    with own.floor.writer(Actor("keeper", "tests", "an Act")), ThreadPoolExecutor(2) as clicks:
        answers = list(clicks.map(lambda _: okafor.post(path, data=said), range(2)))
    assert [(one.status_code, said["text"] in one.text) for one in answers] == [(503, True)] * 2
    with ThreadPoolExecutor(2) as clicks:
        answers = list(clicks.map(lambda _: okafor.post(path, data=said), range(2)))
    assert [one.status_code for one in answers] == [303, 303]
    assert texts_of_watch(own) == ["seen at the counter"]


def texts_of_watch(console):
    rows = console.floor.read("watch-entry", console.floor.reader("okafor", "tests")).to_pylist()
    return [row["text"] for row in rows]


def test_a_reviewer_is_refused_and_told(own, client):
    one = listed(own)
    (own.floor.root / "policy.toml").write_text(POLICY, "utf-8")
    page = browsing(client, own, own.token("roy")).get(f"/leads/{one.lead_id}").text
    assert "change nothing" in page
    assert "/decide" not in page
    before = own.floor.position
    said = {"answer": "different", "leads": {one.lead_id: {"why": "x"}}}
    assert client(own, own.token("roy")).post("/api/v1/leads/bulk/decide", json=said).status_code == 403
    for act, said in (
        ("decide", {"answer": "different", "why": "x"}),
        ("merge", {"verdict": "merge", "other": "person:parcels:P9", "why": "x"}),
        ("outcome", {"result": "seized", "why": "x"}),
        ("task", {"unit": "border-operations", "instruction": "x", "authority": "Customs Act s. 99"}),
        ("note", {"text": "x"}),
    ):
        told = client(own, own.token("roy")).post(f"/api/v1/leads/{one.lead_id}/{act}", json=said)
        assert (told.status_code, "reviewer" in told.json()["detail"]) == (403, True), act
    assert not [act for act in own.floor.acts(before + 1) if act.act not in ("query", "hit", "signed-in")]


@pytest.mark.thorough
def test_several_leads_are_decided_each_with_its_own_reason(own, officer):
    first, second, third = [lead for lead in leads(own) if lead.contributions[0].rule == "listed-name"][:3]
    okafor = officer(own)
    page = okafor.page
    okafor.go("/leads")
    for one in (first, second, third):
        page.locator(f'[data-lead="{one.lead_id}"] .pick input').check()
    expect(page.locator("#ticked")).to_have_text("3")
    page.locator('#bulk button[value="decide"]').click()
    page.locator('input[value="different"]').check()
    reasons = page.locator(".ticked textarea")
    reasons.nth(0).fill("passport seen")
    reasons.nth(2).fill("another birth date")
    okafor.shot("bulk", full=True)
    page.locator("form.bulk button.main").click()
    expect(page.locator(".ticked > li")).to_have_count(1)
    expect(page.locator(".ticked .refused")).to_contain_text("empty")
    assert {row["why"] for row in judgements(own)} == {"passport seen", "another birth date"}
    assert page.locator('input[value="different"]').is_checked()
    okafor.shot("bulk-left", full=True)
    reasons.nth(0).fill("father and son")
    page.locator("form.bulk button.main").click()
    page.wait_for_url("**/leads")
    expect(page.locator(".heard").first).to_contain_text("Done for 1 lead")
    assert sorted(row["why"] for row in judgements(own))[-2:] == ["father and son", "passport seen"]


@pytest.mark.thorough
def test_while_the_floor_is_written_to_for_long_an_act_waits_then_says_so_and_keeps_what_was_typed(
    own, officer, monkeypatch
):
    one = listed(own)
    okafor = officer(own)
    okafor.go(f"/leads/{one.lead_id}")
    form = decide(okafor.page, "different", "passport seen")
    monkeypatch.setattr("watchfloor.console.endpoints.endpoint.LOCK_PATIENCE", 0.1)
    with own.floor.writer(Actor("ingest", "tests", "tests")):
        with okafor.page.expect_response("**/decide") as answered:
            form.locator("button.main").click()
        assert answered.value.status == 503
        expect(okafor.page.locator("#decide .refused")).to_contain_text("busy with what others do")
        expect(form.locator("textarea")).to_have_value("passport seen")
    form.locator("button.main").click()
    expect(okafor.page.locator(".heard").first).to_contain_text("Recorded")


@pytest.mark.thorough
def test_the_queue_is_worked_by_keyboard_and_the_keys_can_be_switched_off(console, officer):
    okafor = officer(console)
    page, keys = okafor.page, okafor.page.keyboard
    okafor.go("/leads")
    first, second = (page.locator("#leads > .lead").nth(n).get_attribute("data-lead") for n in (0, 1))
    keys.press("?")
    expect(page.locator("dialog")).to_be_visible()
    okafor.shot("keys")
    keys.press("Escape")
    for key in "jxjx":
        keys.press(key)
    expect(page.locator("#ticked")).to_have_text("2")
    okafor.shot("queue-ticked")
    keys.press("a")
    page.wait_for_url(f"**/leads/bulk?lead={first}&lead={second}&what=task")
    expect(page.locator(".ticked > li")).to_have_count(2)
    okafor.shot("bulk-task", full=True)
    okafor.go("/leads")
    for key in "jd":
        keys.press(key)
    page.wait_for_url(f"**/leads/{first}#decide")
    expect(page.locator("details.act:has(#decide)")).to_have_attribute("open", "")
    okafor.go("/leads")
    keys.press("/")
    keys.press("j")
    expect(page.locator(".current")).to_have_count(0)
    page.locator("h1").click()
    keys.press("?")
    page.locator("#keys-on").uncheck()
    keys.press("Escape")
    page.reload()
    for key in "jgt":
        keys.press(key)
    expect(page.locator(".current")).to_have_count(0)
    page.locator("details.own > summary").click()
    page.locator("#show-keys").click()
    page.locator("#keys-on").check()
    keys.press("Escape")
    for key in "gt":
        keys.press(key)
    page.wait_for_url("**/tasks")


def test_who_acts_from_no_page_is_told_what_others_decided_after_his_last_look(own, client):
    one = listed(own)
    said = {"answer": "different", "why": "passport seen"}
    roy, okafor = client(own, own.token("roy")), client(own)
    okafor.get(f"/api/v1/leads/{one.lead_id}")
    assert roy.post(f"/api/v1/leads/{one.lead_id}/decide", json=said).status_code == 200
    again = okafor.post(f"/api/v1/leads/{one.lead_id}/decide", json=said | {"answer": "same"})
    assert (again.status_code, "roy decided 'different'" in again.json()["detail"]) == (409, True)
    okafor.get(f"/api/v1/leads/{one.lead_id}")
    assert (
        okafor.post(f"/api/v1/leads/{one.lead_id}/decide", json=said | {"answer": "same"}).status_code == 200
    )


@pytest.mark.parametrize(
    ("act", "said", "told"),
    [
        ("decide", {"answer": "different"}, "empty"),
        ("decide", {"answer": "different", "why": "x", "until": "2001-01-01"}, "past"),
        ("decide", {"answer": "different", "why": "x", "until": "soon"}, "no such day or moment"),
        ("decide", {"answer": "different", "why": "x", "until": "9999-12-31T23:00-20:00"}, "no such day"),
        ("decide", {"answer": "undo", "why": "x"}, "there is no decision about"),
        ("decide", {"answer": "different", "why": "x", "entity": "ZZ"}, "no listed entity ZZ"),
        ("merge", {"verdict": "merge", "other": "ffffffffffff", "why": "x"}, "neither a lead"),
        ("merge", {"verdict": "merge", "other": "foo:bar", "why": "x"}, "no subject key"),
        ("merge", {"verdict": "merge", "other": "LEAD", "why": "x"}, "one lead already"),
        ("merge", {"verdict": "apart", "one": "person:x:9", "other": "LEAD", "why": "x"}, "not about"),
        ("unmerge", {"why": "x"}, "no merge joins"),
        ("outcome", {"result": "siezed", "why": "x"}, "did you mean 'seized'"),
        ("outcome", {"result": "seized"}, "empty"),
        ("outcome", {"result": "seized", "why": "x", "at": "2199-01-01"}, "still to come"),
        ("task", {"unit": "cook", "instruction": "x", "authority": "Customs Act s. 99"}, "no unit"),
        (
            "task",
            {"unit": "border-operations", "instruction": "x", "authority": "Oceans Act s. 41"},
            "cannot",
        ),
        ("task", {"unit": "border-operations", "authority": "Customs Act s. 99"}, "empty"),
        (
            "task",
            {"unit": "border-operations", "instruction": "x", "authority": "Customs Act s. 99"}
            | {"place": "nowhere"},
            "no place",
        ),
        (
            "task",
            {"unit": "border-operations", "instruction": "x", "authority": "Customs Act s. 99"}
            | {"marking": "TOP//HAT"},
            "marking",
        ),
        ("decide", {"answer": "different", "why": "x", "until": "9999-12-31"}, "no such day or moment"),
        ("note", {"text": " "}, "empty"),
        ("note", {"text": "x", "flag": ["fire"]}, "no flag"),
    ],
)
def test_what_may_not_be_done_is_told_and_writes_nothing(console, client, act, said, told):
    one = listed(console)
    position = console.floor.newest(("judgement", "task", "outcome", "watch-entry"))
    asked = {name: one.lead_id if value == "LEAD" else value for name, value in said.items()}
    answer = client(console).post(f"/api/v1/leads/{one.lead_id}/{act}", json=asked)
    assert (answer.status_code, told in answer.json()["detail"]) == (422, True), answer.json()
    assert console.floor.newest(("judgement", "task", "outcome", "watch-entry")) == position


@pytest.mark.parametrize("act", ["decide", "merge", "unmerge", "outcome", "task", "note"])
def test_a_lead_that_is_not_there_answers_every_act_alike(console, client, act):
    said = {"decide": {"answer": "same"}, "merge": {"verdict": "merge"}}.get(act, {})
    answers = [
        client(console).post(f"/api/v1/leads/{one}/{act}", json=said) for one in ("ffffffffffff", "zz")
    ]
    assert [one.status_code for one in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()


def test_an_outcome_keeps_the_lead_as_it_was_shown_and_a_later_one_replaces_it(own, client):
    one = listed(own)
    okafor = client(own)
    for result in ("seized", "cleared"):
        said = {"result": result, "why": "the parcel"}
        assert okafor.post(f"/api/v1/leads/{one.lead_id}/outcome", json=said).status_code == 200
    (row,) = okafor.get(f"/api/v1/leads/{one.lead_id}").json()["acts"]["outcomes"]
    assert (row["result"], row["by"]) == ("cleared", "okafor")
    assert {each.what for each in own.floor.shown()} == {f"lead as acted on {one.lead_id}"}


def test_where_the_desks_cannot_run_the_decision_is_kept_and_that_is_told(own, client, monkeypatch):
    def broken(*_):
        raise StoreFull("the disk is full")

    monkeypatch.setattr(work, "rerun", broken)
    one, token = listed(own), own.token()
    said = {"answer": "different", "why": "passport seen"}
    assert client(own, token).post(f"/api/v1/leads/{one.lead_id}/decide", json=said).status_code == 200
    seen = browsing(client, own, token).get("/leads").text
    assert "What you decided is kept" in seen
    assert "the disk is full" in seen
    assert [row["why"] for row in judgements(own)] == ["passport seen"]


def test_what_one_form_does_itself_is_no_surprise_to_it(own, client):
    one, floor = listed(own), own.floor
    reader, names = floor.reader("okafor", "tests"), conflicts.names(one)
    before = datetime.now(UTC)
    said = {"answer": "different", "why": "passport seen"}
    client(own).post(f"/api/v1/leads/{one.lead_id}/decide", json=said)
    conflicts.refuse_unseen(floor, reader, *names, conflicts.NOTHING, begun=before)
    for who, begun in ((reader, datetime.now(UTC)), (reader, None), (floor.reader("roy", "tests"), before)):
        with pytest.raises(Conflict, match="passport seen"):
            conflicts.refuse_unseen(floor, who, *names, conflicts.NOTHING, begun=begun)


@pytest.mark.thorough
def test_all_that_is_typed_is_shown_as_text(own, officer, client):
    one = listed(own)
    payload = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    okafor = client(own)
    okafor.post(f"/api/v1/leads/{one.lead_id}/decide", json={"answer": "different", "why": payload})
    okafor.post(f"/api/v1/leads/{one.lead_id}/outcome", json={"result": "examined", "why": payload})
    okafor.post(
        f"/api/v1/leads/{one.lead_id}/task",
        json={"unit": "border-operations", "instruction": payload, "authority": "Customs Act s. 99"},
    )
    seen = officer(own)
    seen.go(f"/leads/{one.lead_id}")
    assert seen.page.locator("img, main script:not([src])").count() == 0
    expect(seen.page.locator(".acts")).to_contain_text(payload)


def test_while_the_desks_run_no_picture_is_the_newest(own):
    pictures, reader = own.services.pictures, own.floor.reader("okafor", "tests")
    coming = Future()
    assert pictures.current(reader, datetime.now(UTC)).fresh
    pictures.expect(coming, "PA//TLP:AMBER")
    assert not pictures.current(reader, datetime.now(UTC), 0.05).fresh
    coming.set_result(None)
    assert pictures.current(reader, datetime.now(UTC)).fresh
    pictures.expect(Future(), "PC//TLP:AMBER")
    assert pictures.current(reader, datetime.now(UTC)).fresh, "what follows from hidden rows is not told"


def test_desks_that_have_read_everything_do_not_run_again(own):
    root, okafor = str(own.floor.root), Actor("okafor", "tests", "an Act, s. 1")
    assert work.rerun(root, okafor, lambda *_: None) == 0
    one, position = listed(own), own.floor.position
    with own.floor.writer(okafor) as writer:
        decision = deciding.Decision("different", "passport seen")
        deciding.decide(own.floor, writer, own.floor.reader("okafor", "tests"), one, decision)
    assert work.rerun(root, okafor, lambda *_: None) > 0
    assert "run" in {act.act for act in own.floor.acts(position + 1)}
    assert work.rerun(root, okafor, lambda *_: None) == 0


def test_fields_with_dots_are_of_structs_in_a_mapping():
    (one,) = (each for each in bulk.ENDPOINTS if each.name == "queue.bulk_decide")
    fields = {
        "answer": ["same"],
        "leads.3f2a.why": ["a. b"],
        "leads.3f2a.skip": ["true"],
        "leads.9c.why": [""],
    }
    ask = asked(one, {}, fields)
    assert ask.leads == {"3f2a": bulk.One("a. b", skip=True)}
    for wrong in ("lead.3f2a.why", "answer.x", "leads.3f2a.who", "leads", "leads.3f2a"):
        with pytest.raises(Refusal):
            asked(one, {}, fields | {wrong: ["x"]})


def test_a_merge_from_a_page_is_of_a_lead_and_says_what_is_chosen(own, client):
    okafor = client(own)
    lead = okafor.get("/api/v1/leads").json()["leads"][0]["lead_id"]
    said = {"other": "person:q:2", "why": "x", "verdict": "merge"}
    assert okafor.post("/api/v1/leads/person:q:1/merge", json=said).status_code == 404
    assert okafor.post("/api/v1/leads/person:q:1/unmerge", json={"why": "x"}).status_code == 404
    del said["verdict"]
    missing = okafor.post(f"/api/v1/leads/{lead}/merge", json=said)
    assert (missing.status_code, "verdict" in missing.json()["detail"]) == (422, True)
    assert own.floor.read("judgement", own.floor.reader("okafor", "tests")).num_rows == 0
