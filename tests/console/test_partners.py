"""The page of partners: adding one with a key that is shown once, what they get by day, removing them."""

import re

import pytest
from playwright.sync_api import expect

from watchfloor.exchange.partners import partner, publish
from watchfloor.exchange.shelf import Shelf


def published(console, name="rcmp"):
    """Add a partner by the floor, and publish to them."""
    terms = {"institution": "police", "country": "CAN", "gateway": "customs-107-5-a", "test": "file 12"}
    actor = console.services.sessions.find(console.token()).actor()
    made, _ = partner.add(console.floor, actor, name, **terms)
    publish.publish(console.floor, made, console.floor.now())
    return made


def test_a_partner_is_added_published_to_and_removed_in_a_browser(own, officer):
    one = officer(own, viewport={"width": 1280, "height": 900})
    one.go("/partners")
    one.shot("partners-none-1280", full=True)
    add = one.page.locator("#add")
    add.locator("[name=name]").fill("rcmp")
    add.locator("[name=gateway]").select_option("customs-107-5-a")
    add.locator("[name=test]").fill("file 2026-118 is before the court")
    add.locator("[name=institution]").select_option("financial-intelligence-unit")
    add.locator("button").click()
    expect(one.page.locator("#add .refused")).to_be_visible()  # the gateway does not lead there
    expect(add.locator("[name=test]")).to_have_value("file 2026-118 is before the court")
    add.locator("[name=institution]").select_option("police")
    add.locator("button").click()
    said = one.page.locator("main").inner_text()
    key = re.search(r"[\w-]{43}", said)[0]
    one.shot("partners-added-1280", full=True)
    found = partner.by_key(own.floor, key)
    assert found is not None, said
    one.go("/partners?name=rcmp")
    assert key not in one.page.content()
    one.page.locator("#remove summary").click()
    one.page.locator("#remove textarea").fill("the file is closed")
    one.shot("partners-remove-1280", full=True)
    one.page.locator("#remove button").click()
    assert partner.by_key(own.floor, key) is None


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("fr", 390)])
def test_a_partner_is_shown_with_what_went_by_day(own, officer, language, width):
    published(own)
    one = officer(own, own.token(language=language), viewport={"width": width, "height": 900})
    one.go("/partners?name=rcmp")
    expect(one.page.locator("#days tbody tr")).to_have_count(1)
    one.shot(f"partners-{language}-{width}", full=True)
    assert one.page.evaluate("document.documentElement.scrollWidth") <= width


def test_counts_are_for_who_may_see_what_went(own, client):
    published(own)
    (own.floor.root / "policy.toml").write_text(
        '[readers.okafor]\nprotected = "PB"\ntlp = "RED"\n[readers.low]\nprotected = ""\ntlp = "CLEAR"\n',
        "utf-8",
    )
    (mine,) = client(own).get("/api/v1/partners").json()["partners"]
    (theirs,) = client(own, own.token("low")).get("/api/v1/partners").json()["partners"]
    assert mine["rows"] > 0
    assert theirs["rows"] is None
    shown = client(own, own.token("low")).get("/api/v1/partners?name=rcmp").json()["shown"]
    assert shown["days"] == []


def test_a_disclosure_is_recalled_from_the_page(own, officer):
    made = published(own)
    one = officer(own, viewport={"width": 1280, "height": 900})
    one.go("/partners?name=rcmp")
    row = one.page.locator("#bundles tbody tr").first
    bundle = row.locator("th").inner_text()
    one.page.locator("#recall summary").click()
    one.page.locator("#recall textarea").fill("two samples were mixed up")
    one.shot("partners-recall-1280", full=True)
    one.page.locator("#recall button").click()
    expect(one.page.locator("main")).to_contain_text(bundle)
    (act,) = own.floor.acts_of("recalled")
    assert (act.detail["bundle"], act.detail["why"]) == (bundle, "two samples were mixed up")
    with Shelf.open(own.floor, made.shelf) as shelf:
        assert set(shelf.rows_of(bundle)) <= {""}  # who made it, and how it is marked
    one.go("/partners?name=rcmp")
    expect(row.locator("td").last).to_have_text("0")


def test_who_may_see_all_is_told_what_stays_and_who_may_not_is_not(own, client):
    published(own)
    shown = client(own).get("/api/v1/partners?name=rcmp").json()["shown"]
    assert len(shown["bundles"]) >= 1
    assert "signal" not in shown["not_carried"]
    assert (shown["published"] is not None, shown["publishing"]) == (True, None)
    stays = shown["withheld"]
    (own.floor.root / "policy.toml").write_text(
        '[readers.okafor]\nprotected = "PB"\ntlp = "RED"\n[readers.low]\nprotected = ""\ntlp = "CLEAR"\n',
        "utf-8",
    )
    low = client(own, own.token("low")).get("/api/v1/partners?name=rcmp").json()["shown"]
    assert (low["bundles"], low["withheld"], low["published"]) == ([], {}, None)
    assert stays == {} or all(count > 0 for count in stays.values())
