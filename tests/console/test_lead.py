"""A lead: as an officer reads it, by page and by keyboard, now and as it was, and as a program does."""

import re
from collections import defaultdict
from datetime import UTC, datetime

import httpx
import pytest
from playwright.sync_api import expect
from tests.console import named, placed
from tests.console.served import KEEPER, PURPOSE, served

from watchfloor.casework.decisions.deciding import judge, listed_behind
from watchfloor.cell.evidence import cited
from watchfloor.cell.history import taken_back
from watchfloor.cell.judgements import Judgement
from watchfloor.cell.queue import digest, queue
from watchfloor.cell.rerun import rerun
from watchfloor.cell.weighing.matrix import matrix
from watchfloor.cell.weighing.weights import load
from watchfloor.cell.wording.titles import title
from watchfloor.core.subjects import CRAFT, key_of


@pytest.fixture(scope="module")
def harmed(tmp_path_factory):
    """A console on the floor of `tests.console.named`; tests look."""
    with served(named.made(tmp_path_factory.mktemp("named") / "home")) as one:
        yield one


def found(console, as_of=None, now=None):
    floor = console.floor
    return queue(floor, floor.reader("okafor", PURPOSE), load(), now or datetime.now(UTC), as_of)


def longest(console):
    """The lead with the most signals that count."""
    return max(found(console), key=lambda one: (len([c for c in one.contributions if c.bits]), one.lead_id))


def decide(console, lead, verdict="different"):
    """A judgement on all listed entities behind a lead, and the desks' next run; gives both moments."""
    floor = console.floor
    reader = floor.reader("okafor", PURPOSE)
    with floor.writer(KEEPER) as writer:
        said = Judgement(verdict, "not <b>he</b>", "okafor", writer.moment())
        judge(writer, lead, listed_behind(floor, reader, lead), said)
        rerun(floor, writer, reader)


def test_an_officer_reads_why_the_sum_and_the_bytes_it_rests_on(console, officer):
    one = longest(console)
    okafor = officer(console)
    page = okafor.page
    okafor.go(f"/leads/{one.lead_id}")
    what, *_ = title(one, {}, load()).en.split(" · ")
    expect(page.locator("h1")).to_have_text(what)
    expect(page.locator(".quarters section").first).to_contain_text(str(one.speaks_for[0].reason))
    take, last = page.get_by_role("button", name="Take it"), page.locator(".quarters section").last
    assert take.bounding_box()["y"] < page.locator("h1").bounding_box()["y"]
    assert last.bounding_box()["y"] + last.bounding_box()["height"] < 900
    expect(page.get_by_role("link", name="Why")).to_have_attribute("aria-current", "true")
    expect(page.locator("#why .term").first).to_contain_text(str(one.contributions[0].reason))
    assert "bits" not in page.locator("main").inner_text(), "they stand under Method alone"
    page.get_by_role("link", name="Method").click()
    shown = [
        float(text.replace("−", "-")) for text in page.locator("#sum + p + div td.num").all_inner_texts()
    ]
    terms = [c.bits for c in one.contributions if c.bits]
    assert shown == [
        round(bits, 2) for bits in (one.prior, *([one.looks] if one.looks else []), *terms, one.bits)
    ]
    okafor.shot("lead", full=True)
    page.get_by_role("link", name="Evidence").click()
    row = page.locator("table.records tbody tr").first
    name = row.locator("th a").get_attribute("href").rpartition("/")[2]
    with page.expect_download() as download:
        row.locator("a[download]").click()
    row.locator("th a").click()
    page.wait_for_url(f"**/records/{name}")
    text = page.locator("pre.original").text_content()
    assert download.value.path().read_text("utf-8").removesuffix("\n") == text.removesuffix("\n")
    okafor.shot("record", full=True)


def test_the_keyboard_goes_from_term_to_term_and_a_mark_lights_up_its_row(console, officer):
    one = longest(console)
    okafor = officer(console, color_scheme="light")
    page = okafor.page
    okafor.go(f"/leads/{one.lead_id}")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    first = page.locator("#why .term").first
    expect(first).to_be_focused()
    key = first.get_attribute("data-key")
    expect(page.locator(f'svg.line a[data-key="{key}"]')).to_have_class("lit")
    page.keyboard.press("m")
    page.keyboard.press("k")
    expect(page.locator(f'table.sum tr[data-key="{key}"]')).to_be_focused()
    page.keyboard.press("e")
    expect(page.locator("#evidence")).to_be_focused()
    expect(page.locator("#method")).to_be_hidden()
    page.keyboard.press("w")
    page.keyboard.press("d")
    expect(page.locator("details.act:has(#decide)")).to_have_attribute("open", "")
    page.keyboard.press("w")
    mark = page.locator("svg.line a[data-key]").last
    mark.focus()
    mine = page.locator(f'[data-key="{mark.get_attribute("data-key")}"].lit')
    expect(mine).not_to_have_count(0)
    page.keyboard.press("Enter")
    assert page.url.endswith(f"#{mark.get_attribute('data-key')}")
    okafor.shot("lead-light", full=True)


@pytest.mark.thorough
def test_a_decision_is_a_stop_of_the_slider_and_the_past_is_as_it_was(own, officer):
    one = next(lead for lead in found(own) if lead.contributions[0].rule == "listed-name")
    before = digest([one]).hex()
    decide(own, one)
    decide(own, one, "withdrawn")
    okafor = officer(own)
    page = okafor.page
    okafor.go(f"/leads/{one.lead_id}#history")
    slider = page.locator("#slider input")
    slider.scroll_into_view_if_needed()
    expect(slider).to_have_attribute("max", "5")
    slider.focus()
    slider.press("Home")
    page.wait_for_url("**at=*")
    expect(page.locator(".past")).to_contain_text(before[:16])
    expect(page.locator("#acts")).to_have_count(0)
    expect(page.locator("#slider output")).to_contain_text("the desks ran")
    okafor.shot("lead-past", full=True)
    page.locator("#slider input").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.wait_for_load_state()
    expect(page.locator(".told")).to_contain_text("not <b>he</b>")


def test_every_stop_shows_the_lead_of_that_moment_by_digest(own, client):
    one = next(lead for lead in found(own) if lead.contributions[0].rule == "listed-name")
    decide(own, one)
    decide(own, one, "withdrawn")
    okafor = client(own)
    turns = okafor.get(f"/api/v1/leads/{one.lead_id}/history").json()["turns"]
    assert [turn["what"] for turn in turns] == ["run", "judgement", "run", "judgement", "run"]
    for turn in turns:
        at = datetime.fromisoformat(turn["at"])
        said = okafor.get(f"/api/v1/leads/{one.lead_id}", params={"at": turn["at"]}).json()
        then = [lead for lead in found(own, at, at) if lead.lead_id == one.lead_id]
        assert said["digest"] == digest(then).hex()
        assert said["state"] == ("standing" if then else "closed")
        assert said["acts"] is None
    assert okafor.get(f"/api/v1/leads/{one.lead_id}", params={"at": "2999-01-01"}).status_code == 422
    assert okafor.get(f"/api/v1/leads/{one.lead_id}", params={"at": "soon"}).status_code == 422
    early = okafor.get(f"/api/v1/leads/{one.lead_id}", params={"at": "2020-01-01"}).json()
    assert (early["state"], early["terms"], early["evidence"]) == ("absent", [], [])
    assert okafor.get("/api/v1/leads/0123456789ab", params={"at": "2020-01-01"}).status_code == 404


def test_the_sum_is_exact_and_what_is_shown_is_logged(console, client):
    okafor = client(console)
    for one in found(console):
        said = okafor.get(f"/api/v1/leads/{one.lead_id}").json()
        bits = said["prior"] + said["looks"]
        for term in said["terms"]:
            assert term["before"] == bits
            bits += term["bits"]
        assert bits == said["bits"] == one.bits
        assert len(said["terms"]) + said["silent_count"] == len(one.contributions)
        assert said["digest"] == digest([one]).hex()
    acts = [act for act in console.floor.acts_of("query") if act.actor.name == "okafor"]
    assert acts[-1].detail == {
        "what": "leads",
        "leads": 1,
        "digest": digest([one]).hex(),
        "shown": [one.lead_id],
    }
    assert [act for act in console.floor.acts_of("hit") if act.detail["by"] == "okafor"]


def test_pages_of_evidence_and_of_terms_join_to_all_there_is(console, client, monkeypatch):
    okafor, one = client(console), longest(console)
    reader = console.floor.reader("okafor", PURPOSE)
    seen, after = [], ""
    while True:
        said = okafor.get(f"/api/v1/leads/{one.lead_id}/evidence", params={"size": 2, "after": after}).json()
        seen += said["records"]
        if not (after := said["next"]):
            break
    rows = cited(console.floor, reader, one)
    assert [(row["record_id"].hex(), row["marking"], row["locator"]) for row in rows] == [
        (row["record_id"], row["marking"], row["locator"]) for row in seen
    ]
    monkeypatch.setattr("watchfloor.console.pages.lead.TERMS", 2)
    terms, start = [], 0
    while start is not None:
        said = okafor.get(f"/api/v1/leads/{one.lead_id}/terms", params={"start": start}).json()
        terms, start = terms + said["terms"], said["next"]
    assert [(term["signal_id"], term["bits"]) for term in terms] == [
        (c.signal_id.hex(), c.bits) for c in one.contributions
    ]
    assert okafor.get(f"/api/v1/leads/{one.lead_id}/evidence", params={"after": "00" * 16}).status_code == 422
    assert okafor.get(f"/api/v1/leads/{one.lead_id}/evidence", params={"after": "zz"}).status_code == 422


def test_what_is_too_much_for_a_page_is_told_by_rule_and_still_adds_up(console, client, monkeypatch):
    monkeypatch.setattr("watchfloor.console.pages.lead_sum.MOST", 1)
    one = longest(console)
    said = client(console).get(f"/api/v1/leads/{one.lead_id}").json()
    assert len(said["terms"]) == 1
    assert (
        sum(group["count"] for group in said["groups"]) == len([c for c in one.contributions if c.bits]) - 1
    )
    total = said["prior"] + said["looks"] + said["terms"][0]["bits"] + sum(g["bits"] for g in said["groups"])
    assert total == pytest.approx(one.bits, abs=1e-9)


def test_a_matter_of_several_hypotheses_links_them_and_shows_the_matrix(console, client):
    one = next(lead for lead in found(console) if lead.also)
    okafor = client(console)
    said = okafor.get(f"/api/v1/leads/{one.lead_id}").json()
    assert [other["lead_id"] for other in said["others"]] == [other.lead_id for other in one.also]
    lines = {line.signal.signal_id.hex(): line.bits for line in matrix([one, *one.also])}
    names = [lead.hypothesis for lead in (one, *one.also)]
    assert said["matrix"]["count"] == len(lines)
    for line in said["matrix"]["lines"]:
        assert line["bits"] == [lines[line["signal_id"]].get(name) for name in names]
    other = okafor.get(f"/api/v1/leads/{one.also[0].lead_id}").json()
    assert one.lead_id in [each["lead_id"] for each in other["others"]]
    assert other["hypothesis"] == one.also[0].hypothesis


@pytest.mark.thorough
def test_places_are_in_the_sketch_and_its_marks_are_those_of_the_line(own, client, officer):
    placed.place(own.floor)
    at = next(one for one in found(own) if one.subject == "person:bank:1")
    said = client(own).get(f"/api/v1/leads/{at.lead_id}").json()
    sketch = said["timeline"]["sketch"]
    west, south, east, north = sketch["box"]
    (dot,) = sketch["dots"]
    assert (dot["latitude"], dot["longitude"]) == placed.CORNWALL
    assert (dot["x"], dot["y"]) == (300, 160)
    assert west < dot["longitude"] < east
    assert south < dot["latitude"] < north
    assert sketch["line"]
    assert dot["key"] in {mark["key"] for mark in said["timeline"]["marks"]}
    okafor = officer(own)
    okafor.go(f"/leads/{at.lead_id}")
    mark = okafor.page.locator(".sketch a[data-key]")
    mark.focus()
    for other in (f'svg.line a[data-key="{dot["key"]}"]', f'tr[data-key="{dot["key"]}"]'):
        expect(okafor.page.locator(other)).to_contain_class("lit")
    okafor.shot("lead-placed", full=True)


@pytest.mark.thorough
def test_a_lead_that_closed_keeps_its_history(harmed, officer, client):
    floor = harmed.floor
    (back,) = taken_back(floor, floor.reader("okafor", PURPOSE), load(), "")
    okafor = officer(harmed)
    assert okafor.go(f"/leads/{back.lead_id}").status == 200
    expect(okafor.page.locator("main")).to_contain_text("No lead any more")
    expect(okafor.page.locator("h1")).to_have_text("Ilse Varga Quist")
    expect(okafor.page.locator("main")).to_contain_text(str(back.reason))
    okafor.shot("lead-closed", full=True)
    said = client(harmed).get(f"/api/v1/leads/{back.lead_id[:8]}").json()
    assert (said["state"], said["lead_id"], said["subject"]) == ("closed", back.lead_id, "person:parcels:2")
    last = [act for act in floor.acts_of("query") if act.actor.name == "okafor"][-1]
    assert (last.detail["leads"], last.detail["shown"]) == (0, [back.lead_id])
    turns = client(harmed).get(f"/api/v1/leads/{back.lead_id}/history").json()["turns"]
    assert len(turns) == 2
    then = client(harmed).get(f"/api/v1/leads/{back.lead_id}", params={"at": turns[0]["at"]}).json()
    assert (then["state"], then["hypothesis_title"]) == ("standing", "a party is a listed entity")


HARMED = (
    "/leads",
    "/leads/{lead}",
    "/leads/{lead}/terms",
    "/subjects/person:parcels:0",
    "/graph?about=person:parcels:0",
    "/graph/path?one=person:parcels:0&other=person:parcels:1",
)


@pytest.mark.thorough
def test_names_that_mean_harm_are_text_on_every_page(harmed, officer):
    lead = next(one for one in found(harmed) if one.subject == "person:parcels:0")
    okafor = officer(harmed)
    for path in HARMED:
        okafor.go(path.format(lead=lead.lead_id))
        expect(okafor.page.locator("main")).to_contain_text(named.HARM)
        assert okafor.page.evaluate("window.harmed") is None, path
        assert okafor.page.locator("main img").count() == 0, path


def test_what_is_hidden_gives_no_name_no_subject_and_no_way(harmed, client):
    okafor, roy = client(harmed), client(harmed, harmed.token("roy"))
    lead = next(one for one in found(harmed) if one.subject == "person:parcels:0")
    path = f"/api/v1/leads/{lead.lead_id}"
    assert "person:parcels:3" in okafor.get(path).json()["subjects"]
    said = roy.get(path).json()
    assert said["subjects"] == ["person:parcels:0", "phone:phone:16135550112"]
    assert "Basil" not in roy.get(path).text
    assert said["marking"] == "PA//TLP:GREEN"
    assert okafor.get(path).json()["marking"] == "PB//TLP:AMBER"
    names = [each.get("/api/v1/subjects/person:parcels:1").json()["called"] for each in (okafor, roy)]
    assert names == ["Zora Hidden", named.BOLD]
    queues = [each.get("/api/v1/leads").json() for each in (okafor, roy)]
    called = [{one["subject"]: one["called"] for one in said["leads"]} for said in queues]
    assert [one["person:parcels:1"] for one in called] == names
    assert [said["marking"] for said in queues] == ["PB//TLP:AMBER", "PA//TLP:GREEN"]


def plain(text, id_):
    """A page without its id and its token."""
    return re.sub(r'name="once" value="[^"]*"', "", text.replace(id_, "ID"))


def test_a_hidden_lead_is_as_if_there_were_none(own):
    one = found(own)[0]
    policy = '[readers.okafor]\nprotected = "PB"\n[readers.roy]\nprotected = ""\ntlp = "CLEAR"\n'
    (own.floor.root / "policy.toml").write_text(policy, "utf-8")
    cookie = {"Cookie": f"watchfloor={own.token('roy')}"}
    with httpx.Client(base_url=own.home, headers=cookie, timeout=60) as roy:
        for path in (
            "/leads/{}",
            "/leads/{}/evidence",
            "/leads/{}/terms",
            "/leads/{}/history",
            "/leads/{}?at=2026-11-25",
        ):
            said = [roy.get(path.format(id_)) for id_ in (one.lead_id, "0123456789ab")]
            assert [each.status_code for each in said] == [404, 404]
            assert plain(said[0].text, one.lead_id) == plain(said[1].text, "0123456789ab")


def test_a_lead_tells_whose_a_boat_is_and_how_they_are_reached(console, client):
    parties = console.floor.read("party", console.floor.reader("okafor", PURPOSE), latest=True).to_pylist()
    by_craft = defaultdict(set)
    for row in parties:
        for number in row["identifiers"] or ():
            if (key := key_of(**number)) and key.partition(":")[0] in CRAFT:
                by_craft[key].add((row["subject"], row["role"]))
    okafor, boats = client(console), 0
    for lead in okafor.get("/api/v1/leads").json()["leads"]:
        page = okafor.get(f"/api/v1/leads/{lead['lead_id']}").json()
        told = {
            one["subject"]: {(fact["subject"], fact["word"]) for fact in one["facts"]}
            for one in page["connections"]
        }
        for key in (one["subject"] for one in page["about"] if one["subject"] in by_craft):
            boats += 1
            assert told[key] == by_craft[key]
            for bearer, _ in by_craft[key]:
                numbers = [one for row in parties if row["subject"] == bearer for one in row["identifiers"]]
                reached = {key_of(**one) for one in numbers} - {None, key}
                assert reached <= {subject for subject, _ in told.get(bearer, ())}
    assert boats


def test_what_a_hidden_record_says_of_a_subject_is_on_nobodys_lead(harmed, client):
    """A hidden record gives person 1 another telephone."""
    for name, hears in (("okafor", True), ("roy", False)):
        asked = client(harmed, harmed.token(name))
        leads = asked.get("/api/v1/leads").json()["leads"]
        pages = [asked.get(f"/api/v1/leads/{one['lead_id']}") for one in leads]
        about = [page for page in pages if "person:parcels:1" in page.json()["subjects"]]
        assert about
        assert any("phone:phone:16135550119" in page.text for page in about) is hears
