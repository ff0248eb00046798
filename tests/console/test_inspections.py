"""The page of inspections: overdue first, facts and no propensity, forms by keyboard, in both languages."""

from datetime import timedelta

import httpx
import pytest
from playwright.sync_api import expect
from tests.console.served import KEEPER, PURPOSE
from tests.console.test_pages import RULES, findings
from tests.console.walk import _referred

from watchfloor.casework.referrals import drafting, life, repository
from watchfloor.store.writer import Writer


@pytest.fixture
def there(own):
    """One referral that is drawn at random, one that is overdue, and a lookout that names another parcel."""
    floor = own.floor
    with floor.writer(KEEPER) as writer, pytest.MonkeyPatch.context() as patch:
        post = repository.Post(floor, floor.reader("okafor", PURPOSE), writer)
        open_ = _referred(post)
        now = writer.moment()
        patch.setattr(Writer, "moment", lambda _: now - timedelta(hours=5))
        late = life.Pick(
            "parcel:upu:9", "dog", now - timedelta(hours=1), mode="courier", direction="outbound"
        )
        done = repository.refer_one(post, late)
    return open_, done.item.id


def test_overdue_comes_first_and_no_page_tells_how_an_item_was_drawn(own, client, there):
    okafor = client(own)
    told = okafor.get("/api/v1/inspections").json()
    assert [one["referral"] for one in told["referrals"]] == [there[1], there[0]]
    assert (told["counts"], told["referrals"][0]["late"]) == ({"overdue": 1, "open": 1, "ended": 0}, True)
    assert [one["subject"] for one in told["met"]] == ["parcel:upu:1"]
    for path in ("/api/v1/inspections", f"/api/v1/inspections/{there[0]}", f"/inspections/{there[0]}"):
        text = okafor.get(path, headers={"Cookie": f"watchfloor={own.token()}"}).text
        assert "tablet press parts" in text
        assert "0.01" not in text
        assert '"random"' not in text
        assert ">at random" not in text


def test_the_list_shows_what_an_item_is_and_the_last_facts_about_it(own, client, there, monkeypatch):
    monkeypatch.setattr(drafting.Draft, "sentences", lambda *_: list("abcde"))
    facts = client(own).get("/api/v1/inspections").json()["facts"]
    assert facts == {key: ["a", "d", "e"] for key in ("parcel:upu:0", "parcel:upu:9")}


def test_an_item_is_examined_by_the_form_with_the_keyboard_alone(own, officer, there):
    okafor = officer(own)
    page = okafor.page
    okafor.go("/inspections")
    okafor.shot("inspections", full=True)
    page.locator("th.item", has_text="D-0").locator("a").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".facts")).to_contain_text("tablet press parts")
    expect(page.locator(".facts")).to_contain_text("A release is not a clearance")
    page.locator("details.act:has(#examined) > summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("finding")
    page.locator('#examined input[value="device"]').focus()
    page.keyboard.press("Space")
    okafor.shot("inspection-form", full=True)
    page.locator("#examined button.main").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".head .state")).to_have_text("examined")
    expect(page.locator(".head")).to_contain_text("designated device")
    expect(page.locator(".facts")).to_contain_text("at random")
    okafor.shot("inspection-ended", full=True)


@pytest.mark.thorough
def test_the_law_refuses_an_opening_and_what_was_typed_stays(own, officer, there):
    okafor = officer(own)
    page = okafor.page
    okafor.go(f"/inspections/{there[0]}")
    page.locator("details.act:has(#amend) > summary").click()
    page.locator('#amend select[name="means"]').select_option("open")
    page.locator('#amend textarea[name="why"]').fill("outline in the x-ray")
    page.locator("#amend button.main").click()
    expect(page.locator("#amend .refused")).to_contain_text("99(1)(b) asks for reasonable grounds")
    expect(page.locator('#amend textarea[name="why"]')).to_have_value("outline in the x-ray")
    okafor.shot("inspection-refused", full=True)
    page.locator('#amend textarea[name="grounds"]').fill("I suspect a die set from the outline in the x-ray")
    page.locator('#amend input[name="badge"]').fill("4411")
    page.locator("#amend button.main").click()
    expect(page.locator(".head .state")).to_have_text("amended")
    expect(page.locator(".facts")).to_contain_text("badge 4411")


@pytest.mark.thorough
def test_a_hit_of_a_lookout_is_recorded_and_leads_to_its_referral(own, officer, there):
    okafor = officer(own)
    page = okafor.page
    okafor.go("/inspections")
    page.locator("details.act > summary").first.click()
    form = page.locator('form[action="/inspections/hit"]')
    form.locator('input[name="deadline"]').fill("2199-01-01T03:00")
    form.locator('textarea[name="why"]').fill("met at the chute")
    form.locator("button.main").click()
    page.wait_for_url("**/inspections/*")
    expect(page.locator(".facts")).to_contain_text("a lookout")
    okafor.go("/inspections")
    expect(page.locator("#met")).to_have_count(0)


def test_a_stale_edition_is_told_and_a_reason_is_needed_where_nobody_looked(own, client, there):
    okafor = client(own)
    path = f"/api/v1/inspections/{there[1]}/not-examined"
    assert okafor.post(path, json={"reason": "lazy", "why": "seen"}).status_code == 422
    assert okafor.post(path, json={"reason": "departed", "why": " "}).status_code == 422
    assert okafor.post(path, json={"reason": "departed", "why": "gone", "edition": 1}).status_code == 200
    again = {"reason": "not-found", "why": "gone", "edition": 1}
    assert okafor.post(path, json=again).status_code == 409
    assert okafor.post(path, json=again | {"anyway": True}).status_code == 200
    assert okafor.post("/api/v1/inspections/ffff/withdraw", json={"why": "x"}).status_code == 404


@pytest.mark.thorough
def test_the_open_forms_have_no_serious_finding_of_axe_and_there_is_french(own, officer, there):
    okafor, found = officer(own), []
    for path in ("/inspections", f"/inspections/{there[0]}"):
        okafor.go(path)
        okafor.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        found += [(path, each) for each in findings(okafor.page, RULES["dark"])]
    assert found == []
    with httpx.Client(base_url=own.home, headers={"Cookie": f"watchfloor={own.token(language='fr')}"}) as one:
        listed, page = (one.get(path).text for path in ("/inspections", f"/inspections/{there[0]}"))
    assert "Une mainlevée n’est pas une attestation de conformité" in listed
    assert "Loi sur les douanes, 99(1)b)" in page
