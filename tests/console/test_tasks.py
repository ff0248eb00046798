"""Tasks: given from a lead, listed by urgency, answered by units, amended, in one window or in two."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import expect
from tests.cli.test_acting import PORT
from tests.planning.world import asset

from watchfloor.cell.acts import Refusal
from watchfloor.cell.wording.dates import YEARS, moment_of_field
from watchfloor.formats.sensors.protobuf import codec
from watchfloor.formats.sensors.sapient.schema import SCHEMA
from watchfloor.planning.sending import OUTBOX

LAW = "Customs Act s. 99"


def first(api):
    return api.get("/api/v1/leads").json()["leads"][0]["lead_id"]


def asked(api, lead, **more):
    said = {"unit": "border-operations", "instruction": "open the parcel", "authority": LAW}
    answer = api.post(f"/api/v1/leads/{lead}/task", json=said | more)
    assert answer.status_code == 200, answer.json()
    return answer.json()


def test_a_lead_is_assigned_accepted_and_done_by_the_forms(own, officer, client):
    okafor = officer(own)
    page = okafor.page
    lead = first(client(own))
    okafor.go(f"/leads/{lead}#task")
    form = page.locator("#task")
    form.locator('input[value="lookout"]').check()
    form.locator('select[name="unit"]').select_option("border-operations")
    offered = form.locator("optgroup:not([disabled]) option:not([disabled])")
    assert all("(lookout)" in one for one in offered.all_inner_texts())
    offered.first.evaluate("one => one.selected = true")
    form.locator('textarea[name="instruction"]').fill("refer inside")
    form.locator('input[name="deadline"]').fill("2199-01-01T03:00")
    form.locator('input[value="officer-safety"]').check()
    okafor.shot("assign", full=True)
    form.locator("button.main").click()
    expect(page.locator(".heard").first).to_contain_text("is given to border-operations")
    page.goto("/tasks")
    okafor.shot("tasks", full=True)
    page.locator("tbody a").first.click()
    expect(page.locator(".facts")).to_contain_text("2199-01-01 03:00Z")
    for name, why, state in (
        ("accept", "", "accepted"),
        ("hit", "at the line, 03:12", "hit"),
        ("done", "", "done"),
    ):
        page.locator(f"details.act:has(#{name}) > summary").click()
        page.locator(f'#{name} textarea[name="why"]').fill(why)
        page.locator(f"#{name} button.main").click()
        expect(page.locator(".head .state")).to_have_text(state)
    expect(page.locator(".acts .empty")).to_be_visible()
    okafor.shot("task", full=True)
    assert [row["state"] for row in rows(own)] == ["issued", "accepted", "hit", "done"]


def rows(console):
    floor = console.floor
    return floor.read("task", floor.reader("okafor", "tests")).to_pylist()


def test_a_stale_edition_is_told_and_may_be_acted_on_anyway(own, officer, client):
    made = asked(client(own), first(client(own)))
    okafor = officer(own)
    page = okafor.page
    okafor.go(f"/tasks/{made['task']}")
    page.locator("details.act:has(#refuse) > summary").click()
    page.locator('#refuse textarea[name="why"]').fill("no vessel before 06:00")
    roy = client(own, own.token("roy"))
    said = {"edition": 1, "why": "a dog is there"}
    assert roy.post(f"/api/v1/tasks/{made['task']}/accept", json=said).status_code == 200
    again = roy.post(f"/api/v1/tasks/{made['task']}/accept", json=said)
    assert (again.status_code, "watchfloor cases task" in again.json()["detail"]) == (409, False)
    page.locator("#refuse button.main").click()
    refused = page.locator("#refuse .refused")
    for told in ("roy", "accepted", "a dog is there"):
        expect(refused).to_contain_text(told)
    expect(page.locator('#refuse textarea[name="why"]')).to_have_value("no vessel before 06:00")
    page.locator('#refuse input[name="anyway"]').check()
    page.locator("#refuse button.main").click()
    expect(page.locator(".head .state")).to_have_text("refused")
    assert [row["state"] for row in rows(own)] == ["issued", "accepted", "refused"]


def test_the_list_is_by_urgency_and_filtered(own, client):
    okafor = client(own)
    leads = [one["lead_id"] for one in okafor.get("/api/v1/leads").json()["leads"][:3]]
    late = asked(okafor, leads[0], deadline="2199-01-02")
    soon = asked(okafor, leads[1], deadline="2199-01-01")
    life = asked(okafor, leads[2], flag=["life-at-risk"])
    every = [life["task"], soon["task"], late["task"]]

    def listed(**query):
        return [one["task"] for one in okafor.get("/api/v1/tasks", params=query).json()["tasks"]]

    assert listed() == every
    assert listed(lead=leads[1][:8]) == [soon["task"]]
    assert listed(unit="rescue") == []
    okafor.post(f"/api/v1/tasks/{life['task']}/accept", json={})
    okafor.post(f"/api/v1/tasks/{life['task']}/done", json={})
    assert listed() == every[1:]
    assert listed(all=True) == every
    assert listed(state="done") == [life["task"]]
    paged, after = [], ""
    while True:
        said = okafor.get("/api/v1/tasks", params={"all": True, "size": 1, "after": after}).json()
        paged += [one["task"] for one in said["tasks"]]
        after = said["next"]
        if not after:
            break
    assert paged == every
    assert okafor.get("/api/v1/tasks", params={"after": "zz"}).status_code == 422
    asks = [act for act in own.floor.acts_of("query") if act.detail["what"] == "tasks"]
    assert asks[0].detail["shown"] == every
    mine = okafor.get("/api/v1/leads", params={"unit": "border-operations"}).json()
    assert {one["lead_id"] for one in mine["leads"]} == set(leads[:2])


def test_a_closed_unit_and_a_task_nearby_are_told(own, client):
    day = f"{datetime.now(UTC) + timedelta(days=3):%a}".lower()
    (own.floor.root / "units.toml").write_text(PORT.replace("DAY", day), "utf-8")
    okafor = client(own)
    lead = first(okafor)
    here = {"unit": "port", "place": "45.0105,-73.4532,100"}
    one = asked(okafor, lead, **here)
    assert one["opens"]
    two = asked(client(own, own.token("roy")), lead, **here)
    assert (one["near"], len(two["near"])) == ([], 1)
    shown = okafor.get(f"/api/v1/tasks/{one['task']}").json()
    assert [number for number, _ in shown["warnings"]] == two["near"]


def test_what_is_amended_must_be_accepted_again(own, client):
    okafor = client(own)
    made = asked(okafor, first(okafor))
    act = f"/api/v1/tasks/{made['task']}/"
    okafor.post(act + "accept", json={"edition": 1})
    for said, status in (
        ({"why": "x"}, 422),
        ({"deadline": "2001-01-01", "why": "x"}, 422),
        ({"deadline": "never", "why": "x"}, 422),
        ({"deadline": "2199-01-01", "edition": 1, "why": "x"}, 409),
        ({"deadline": "2199-01-01", "edition": 2, "why": "the vessel is late"}, 200),
    ):
        assert okafor.post(act + "amend", json=said).status_code == status, said
    shown = okafor.get(f"/api/v1/tasks/{made['task']}").json()
    assert (shown["state"], shown["edition"]) == ("amended", 3)
    assert "accept" in shown["allowed"]
    assert okafor.post(act + "hit", json={"why": "x"}).status_code == 422


def test_a_task_that_the_reader_may_not_see_is_as_one_that_is_not(own, client):
    okafor = client(own)
    made = asked(okafor, first(okafor), marking="PB//TLP:RED")
    policy = '[readers.okafor]\nprotected = "PB"\n[readers.lee]\nprotected = "PB"\ntlp = "AMBER"\n'
    (own.floor.root / "policy.toml").write_text(policy, "utf-8")
    lee = client(own, own.token("lee"))
    for task in (made["task"], "ffffffffffff"):
        assert lee.get(f"/api/v1/tasks/{task}").status_code == 404
        assert lee.post(f"/api/v1/tasks/{task}/accept", json={}).status_code == 404
    assert lee.get("/api/v1/tasks").json()["count"] == 0
    assert okafor.get("/api/v1/tasks").json()["count"] == 1


@pytest.mark.thorough
def test_the_pages_read_in_french_and_fit_a_telephone(own, officer, client):
    okafor = client(own)
    lead = first(okafor)
    made = asked(okafor, lead, deadline="2199-01-01", flag=["fentanyl-hazard"])
    paul = officer(
        own, own.token("paul", language="fr"), viewport={"width": 390, "height": 800}, color_scheme="light"
    )
    for path, said in (
        ("/tasks", "danger de fentanyl"),
        (f"/tasks/{made['task']}", "Tous les actes"),
        (f"/leads/{lead}#decide", "Agir sur ce signalement"),
        (f"/leads/bulk?lead={lead}", "Décider de plusieurs signalements"),
    ):
        paul.go(path)
        expect(paul.page.locator("main")).to_contain_text(said)
        paul.shot("narrow" + path.replace("/", "-")[:8], full=True)
        wide = paul.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, path


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda at: at.year in YEARS))
def test_a_moment_is_read_as_it_is_written(known):
    assert moment_of_field(known.isoformat(), "deadline") == known


@given(st.text())
def test_no_text_of_a_moment_is_a_mistake_of_ours(text):
    try:
        found = moment_of_field(text, "deadline")
    except Refusal:
        return
    assert (found is None) == (not text.strip())


@pytest.mark.parametrize("text", ["", "  "])
def test_nothing_is_no_moment(text):
    assert moment_of_field(text, "deadline") is None


@pytest.mark.thorough
def test_a_task_across_the_line_is_given_with_legs_that_its_page_shows(own, officer, client):
    okafor = client(own)
    lead = first(okafor)
    over = {"unit": "rcmp-operations", "authority": "ICLEOA s. 12", "instruction": "meet them"}
    over["place"] = "44.3600,-75.9300,300"
    answer = okafor.post(f"/api/v1/leads/{lead}/task", json=over)
    assert (answer.status_code, "reaches over the line" in answer.json()["detail"]) == (422, True)
    said = "medium=water,vessel=Bold Heron,officer=17,director={0}:Doe,custody={0}"
    legs = "\n".join(f"host={host}," + said.format(host) for host in ("CAN", "USA"))
    made = okafor.post(f"/api/v1/leads/{lead}/task", json=over | {"leg": [legs], "joins": ["rcmp-air", ""]})
    assert made.status_code == 200, made.json()
    task = made.json()["task"]
    shown = okafor.get(f"/api/v1/tasks/{task}").json()
    assert [(leg["host"], leg["vessel"], leg["latitude"]) for leg in shown["legs"]] == [
        ("CAN", "Bold Heron", None),
        ("USA", "Bold Heron", None),
    ]
    assert shown["support"] == ["RCMP air services"]
    said = {"why": "no need", "leg": [legs.splitlines()[0]]}
    amended = okafor.post(f"/api/v1/tasks/{task}/amend", json=said)
    assert (amended.status_code, "no leg there" in amended.json()["detail"]) == (422, True)
    page = officer(own)
    page.go(f"/tasks/{task}")
    expect(page.page.locator(".facts .leg").nth(1)).to_contain_text("directed by: USA:Doe")


@pytest.mark.thorough
def test_legs_are_given_by_the_form_one_a_line(own, officer, client):
    okafor = officer(own)
    okafor.go(f"/leads/{first(client(own))}#task")
    form = okafor.page.locator("#task")
    form.locator('select[name="unit"]').select_option("rcmp-operations")
    law = form.locator("optgroup:not([disabled]) option", has_text="Integrated Cross-border")
    law.first.evaluate("one => one.selected = true")
    form.locator('textarea[name="instruction"]').fill("meet them")
    form.locator("details.more > summary").click()
    form.locator('input[name="place"]').fill("44.3600,-75.9300,300")
    form.locator('select[name="joins"]').select_option("rcmp-air")
    form.locator('textarea[name="leg"]').fill("host=USA,medium=water")
    form.locator("button.main").click()
    refused = okafor.page.locator("#task .refused")
    expect(refused).to_contain_text("in CAN, and the task has no leg there")
    expect(okafor.page.locator('#task textarea[name="leg"]')).to_have_value("host=USA,medium=water")
    said = "medium=water,vessel=Heron,officer=17,director={0}:Doe,custody={0}"
    legs = "\n".join(f"host={host}," + said.format(host) for host in ("CAN", "USA"))
    okafor.page.locator('#task textarea[name="leg"]').fill(legs)
    okafor.page.locator("#task button.main").click()
    expect(okafor.page.locator(".heard").first).to_contain_text("is given to rcmp-operations")
    (row,) = rows(own)
    assert [leg["host"] for leg in row["legs"]] == ["CAN", "USA"]
    assert row["joins"] == ["rcmp-air"]


def test_a_task_for_an_asset_with_a_sapient_node_waits_for_the_live_floor(own, client):
    api = client(own)
    text = asset("camera", unit="border-operations", more='slew_deg_s = 30\nnode = "tower-7"')
    (own.floor.root / "assets.toml").write_text(text, "utf-8")
    done = asked(api, first(api), asset="camera", place="45.03,-73.34,50")
    message = (own.floor.root / OUTBOX / f"{done['task']}.sapient").read_bytes()
    assert codec.decode(SCHEMA, message[4:])["task"]["task_name"] == done["task"]
    other = asked(api, first(api), asset="camera")
    assert not (own.floor.root / OUTBOX / f"{other['task']}.sapient").exists()  # it says no place


def test_all_that_is_due_is_a_calendar(console, client):
    answer = client(console).get("/api/v1/deadlines.ics?days=9999")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    found = client(console).get("/api/v1/deadlines?days=9999").json()["deadlines"]
    assert answer.text.count("BEGIN:VEVENT") == len(found)
