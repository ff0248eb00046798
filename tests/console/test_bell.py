"""The bell: a lead is followed in one window, something is done in another, and the bell counts."""

import re

from playwright.sync_api import expect


def test_what_is_done_in_one_window_rings_in_another_and_a_click_opens_the_lead(own, officer, client):
    okafor, singh = officer(own), client(own, own.token("singh"))
    lead = singh.get("/api/v1/leads").json()["leads"][0]["lead_id"]
    page = okafor.page
    okafor.go(f"/leads/{lead}")
    bell = page.locator("#bell")
    expect(bell.locator("b")).to_have_text("0")
    page.get_by_role("button", name=re.compile("Follow$")).click()
    following = page.get_by_role("button", name=re.compile("Following$"))
    expect(following).to_have_attribute("aria-pressed", "true")
    own.services.notices.settle(20)
    okafor.shot("lead-followed")
    assert singh.post(f"/api/v1/leads/{lead}/take", json={}).status_code == 200
    expect(bell.locator("b")).to_have_text("1")
    expect(bell).to_have_attribute("aria-label", "1 unread notice")
    bell.click()
    okafor.shot("notices")
    first = page.locator(".notices > li").first
    expect(first.locator(".what")).to_have_text("singh took the lead")
    first.locator("a.subject").click()
    expect(page).to_have_url(f"{own.home}/leads/{lead}")
    bell.click()
    page.get_by_role("button", name="Mark as read").click()
    expect(bell.locator("b")).to_have_text("0")
    page.get_by_role("button", name=re.compile("^Follow .* no longer$")).first.click()
    expect(page.get_by_text("You follow nothing yet.")).to_be_visible()
    expect(page.locator(".notices > li")).to_have_count(0)


def test_a_mention_rings_with_whom_it_names_on_a_page_that_is_open(own, officer, client):
    okafor, singh = officer(own), client(own, own.token("singh"))
    lead = singh.get("/api/v1/leads").json()["leads"][1]["lead_id"]
    okafor.go("/now")
    own.services.notices.settle(20)
    singh.post(f"/api/v1/leads/{lead}/comment", json={"text": "@okafor is this the van?"})
    expect(okafor.page.locator("#bell b")).to_have_text("1")
    okafor.go("/notices")
    expect(okafor.page.locator(".notices .what")).to_contain_text("is this the van?")
    expect(okafor.page.get_by_text("a comment names you")).to_be_visible()
