"""Saved views on the page of leads."""

from playwright.sync_api import expect


def test_what_the_list_shows_is_saved_found_again_and_removed(own, officer):
    okafor = officer(own)
    okafor.go("/leads?state=&band=6&text=person")
    page = okafor.page
    page.get_by_text("Save this view").click()
    page.get_by_label("Name", exact=True).fill("Almost certain, people")
    page.get_by_role("button", name="Save", exact=True).click()
    here = page.get_by_role("link", name="Almost certain, people")
    expect(here).to_have_attribute("aria-current", "page")
    okafor.shot("saved-views")
    okafor.go("/leads")
    here.click()
    expect(page).to_have_url(f"{own.home}/leads?band=6&text=person")
    page.get_by_role("button", name="Remove the view Almost certain, people").click()
    expect(here).to_have_count(0)


def test_another_sees_none_of_them_and_a_wrong_query_is_refused(own, client):
    okafor, singh = client(own), client(own, own.token("singh"))
    assert okafor.post("/api/v1/views", json={"name": "Mine", "query": "state=mine"}).status_code == 200
    assert [one["name"] for one in okafor.get("/api/v1/views").json()["views"]] == ["Mine"]
    assert singh.get("/api/v1/views").json()["views"] == []
    assert singh.post("/api/v1/views/remove", json={"name": "Mine"}).status_code == 404
    refused = okafor.post("/api/v1/views", json={"name": "Mine", "query": "state=nobody"})
    assert refused.status_code in (400, 409, 422), refused.text
