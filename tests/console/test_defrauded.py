"""The page of a lead on an organiser: its members may have been defrauded, and officers' notes are whole."""

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("fr", 390)])
def test_the_lead_is_on_the_organiser_and_its_members_may_have_been_defrauded(
    console, client, officer, language, width
):
    (lead,) = [
        one
        for one in client(console).get("/api/v1/leads", params={"size": 200}).json()["leads"]
        if one["hypothesis"] == "document-fraud" and one["subject"].startswith("company:bn:")
    ]
    found = client(console).get(f"/api/v1/leads/{lead['lead_id']}").json()
    assert len(found["defrauded"]) >= 10
    assert len({one["office"] for one in found["defrauded"]}) > 5
    applicants = {f"person:applications:{one['number']}" for one in found["defrauded"]}
    assert applicants.isdisjoint(found["subjects"])
    okafor = officer(console, console.token(language=language), viewport={"width": width, "height": 900})
    okafor.go(f"/leads/{lead['lead_id']}")
    section = okafor.page.locator("#defrauded")
    title = {"en": "Possibly defrauded", "fr": "Victimes possibles d’une fraude"}[language]
    expect(section).to_contain_text(title)
    expect(okafor.page.locator("main")).to_contain_text("File 1 of my day.")
    section.scroll_into_view_if_needed()
    okafor.shot(f"defrauded-{language}")
