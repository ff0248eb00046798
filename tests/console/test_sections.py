"""Sections of the line on their page: levels set, taken back, refused; information asked for and answered."""

import pytest
from playwright.sync_api import expect

SECTIONS = """[[section]]
name = "red-river"
en = "Red River"
fr = "rivière Rouge"
km = [2120, 2160]
jurisdiction = "RCMP D Division"

[[section]]
name = "erie"
en = "Lake Erie"
fr = "lac Érié"
km = [4152, 4557]
"""
PAGE = "/coverage/sections"


@pytest.fixture
def console_of_sections(own):
    (own.floor.root / "coverage.toml").write_text(SECTIONS, "utf-8")
    return own


def test_a_level_is_set_taken_back_and_information_asked_for(console_of_sections, officer, client):
    okafor = officer(console_of_sections)
    page = okafor.page
    okafor.go(PAGE)
    section = page.locator('section[aria-labelledby="at-red-river"]')
    expect(section.locator("dd").first).to_contain_text("none")

    def act(name, fill):
        section.locator(f"details:has(#{name}-red-river) > summary").click()
        form = section.locator(f"#{name}-red-river")
        fill(form)
        form.locator("button.main").click()

    def high(form):
        form.locator('input[value="high"]').check()
        form.locator('textarea[name="why"]').fill("three groups in two nights")

    act("impact", high)
    expect(section.locator("dd").first).to_contain_text("high")
    expect(section.locator("dd").first).to_contain_text("three groups in two nights")
    okafor.shot("sections-acted", full=True)
    act("restore", lambda form: form.locator('textarea[name="why"]').fill("of another river"))
    expect(section.locator("dd").first).to_contain_text("none")

    def question(form):
        form.locator('textarea[name="question"]').fill("Who looks at night?")
        form.locator('select[name="unit"]').select_option("border-operations")
        form.locator('input[name="deadline"]').fill("2199-01-01T03:00")
        form.locator('input[name="authority"]').fill("Customs Act s. 99")

    act("request", question)
    expect(section).to_contain_text("Who looks at night?")
    api = client(console_of_sections)
    (first, _) = api.get(f"/api/v1{PAGE}").json()["sections"]
    (asked,) = first["requests"]
    assert (asked["state"], first["edition"]) == ("issued", 2)
    api.post(f"/api/v1/tasks/{asked['task']}/accept", json={})
    api.post(f"/api/v1/tasks/{asked['task']}/done", json={"why": "Nobody, from 22:00 on."})
    okafor.go(PAGE)
    expect(section).to_contain_text("Nobody, from 22:00 on.")
    okafor.shot("sections", full=True)


def test_who_acts_on_an_old_edition_is_told_and_keeps_what_they_typed(console_of_sections, officer, client):
    okafor, roy = officer(console_of_sections, color_scheme="light"), client(console_of_sections)
    page = okafor.page
    first = roy.post(f"/api/v1{PAGE}/erie/impact", json={"level": "low", "why": "ice"})
    assert first.status_code == 200, first.json()
    okafor.go(PAGE)
    roy.post(f"/api/v1{PAGE}/erie/impact", json={"level": "critical", "why": "a raft"})
    section = page.locator('section[aria-labelledby="at-erie"]')
    section.locator("details:has(#impact-erie) > summary").click()
    section.locator('#impact-erie input[value="medium"]').check()
    section.locator('#impact-erie textarea[name="why"]').fill("two boats")
    section.locator("#impact-erie button.main").click()
    expect(section.locator("#impact-erie .refused")).to_contain_text("a raft")
    expect(section.locator('#impact-erie textarea[name="why"]')).to_have_value("two boats")
    okafor.shot("sections-refused", full=True)
    unknown = roy.post(f"/api/v1{PAGE}/nowhere/impact", json={"level": "low", "why": "x"})
    assert unknown.status_code == 404
    assert roy.post(f"/api/v1{PAGE}/erie/impact", json={"level": "huge", "why": "x"}).status_code == 422


def test_in_french_on_a_telephone_and_without_sections(console_of_sections, officer):
    token = console_of_sections.token(language="fr")
    okafor = officer(console_of_sections, token=token, viewport={"width": 390, "height": 800})
    okafor.go(PAGE)
    expect(okafor.page.locator("h2").first).to_contain_text("rivière Rouge")
    wide = okafor.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    okafor.shot("sections-fr-390", full=True)
    (console_of_sections.floor.root / "coverage.toml").unlink()
    okafor.go(PAGE)
    expect(okafor.page.locator(".empty")).to_contain_text("[[section]]")
