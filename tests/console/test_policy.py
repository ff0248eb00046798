"""A policy on the console: proposed by one supervisor, read line by line and put in force by another."""

import pytest
from playwright.sync_api import expect
from tests.console.served import AUTHORITY, PURPOSE, served

from watchfloor.casework import policies
from watchfloor.store import Actor, Floor

POLICY = """
[readers.sup]
protected = "PB"
role = "supervisor"
[readers.deputy]
protected = "PB"
role = "supervisor"
[readers.low]
protected = "PA"
"""
RAISED = POLICY.replace('protected = "PA"', 'protected = "PC"')


def by(name):
    return Actor(name, PURPOSE, AUTHORITY)


@pytest.fixture
def house(tmp_path):
    """A console whose floor has a policy with two supervisors."""
    floor = Floor.create(tmp_path / "floor", by("sup"), name="cell", ceiling="PC//TLP:RED")
    policies.install(floor, by("sup"), POLICY)
    with served(floor) as one:
        yield one


def test_one_supervisor_proposes_and_another_reads_and_approves(house, client):
    sup, deputy, low = (client(house, house.token(name)) for name in ("sup", "deputy", "low"))
    assert low.get("/api/v1/policy").status_code == 404
    assert low.post("/api/v1/policy", json={"text": RAISED}).status_code == 404
    assert sup.post("/api/v1/policy", json={"text": RAISED}).status_code == 200
    assert house.floor.reader("low", PURPOSE).protected == 1
    (mine,) = sup.get("/api/v1/policy").json()["proposals"]
    (theirs,) = deputy.get("/api/v1/policy").json()["proposals"]
    assert (mine["own"], theirs["own"], theirs["by"]) == (True, False, "sup")
    assert theirs["differs"] == ["readers.low.protected"]
    changed = [line for line in theirs["lines"][2:] if line[0] in "+-"]
    assert changed == ['-protected = "PA"', '+protected = "PC"']
    said = {"digest": theirs["digest"]}
    for session in (sup, low):
        assert session.post("/api/v1/policy/approve", json=said).status_code in (404, 422)
    assert deputy.post("/api/v1/policy/approve", json={"digest": said["digest"][:12]}).status_code == 422
    house.services.file.database.execute("UPDATE sessions SET proved = 0")
    stale = deputy.post("/api/v1/policy/approve", json=said)
    assert (stale.status_code, "show first that it is you" in stale.json()["detail"]) == (422, True)
    assert house.floor.reader("low", PURPOSE).protected == 1
    house.services.file.database.execute("UPDATE sessions SET proved = ends")
    assert deputy.post("/api/v1/policy/approve", json=said).status_code == 200
    assert house.floor.reader("low", PURPOSE).protected == 3
    act = house.floor.acts_of("policy")[-1]
    assert (act.actor.name, act.detail["proposed_by"]) == ("deputy", "sup")
    assert deputy.post("/api/v1/policy/approve", json=said).status_code == 422, "it is in force"
    assert "policy.toml" not in {one.file for one in house.floor.verify()}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (POLICY.replace('"PA"', '"PX"'), "line 9"),
        (POLICY.replace("readers.sup", "readers.other"), "shut you out"),
        ("", "names no reader"),
    ],
)
def test_a_policy_that_cannot_be_used_is_not_proposed(house, client, text, why):
    answer = client(house, house.token("sup")).post("/api/v1/policy", json={"text": text})
    assert (answer.status_code, why in answer.json()["detail"]) == (422, True), answer.text
    assert house.floor.proposed_policies() == []


def test_who_is_the_only_supervisor_needs_nobody(house, client):
    alone = POLICY.replace('role = "supervisor"\n[readers.low]', "[readers.low]")
    policies.install(house.floor, by("sup"), alone)
    sup = client(house, house.token("sup"))
    assert sup.get("/api/v1/policy").json()["alone"]
    assert sup.post("/api/v1/policy", json={"text": RAISED}).status_code == 200
    assert house.floor.approved_policy() == RAISED


def test_settings_that_were_edited_are_confirmed_by_two(house, client):
    (house.floor.root / "feeds.toml").write_text('[feeds.parcels]\nmarking = "PB"\n', "utf-8")
    sup, deputy = (client(house, house.token(name)) for name in ("sup", "deputy"))
    policies.install(house.floor, by("sup"), POLICY)  # knows accounts and settings as they are
    (house.floor.root / "feeds.toml").write_text('[feeds.parcels]\nmarking = "PA"\n', "utf-8")
    shown = deputy.get("/api/v1/policy").json()
    assert "feeds.toml" in shown["changed"]
    seen = {"settings": shown["settings"]}
    for _ in range(2):
        assert sup.post("/api/v1/policy/confirm", json=seen).status_code == 200
        assert "feeds.toml" in sup.get("/api/v1/policy").json()["changed"]
    (house.floor.root / "feeds.toml").write_text('[feeds.parcels]\nmarking = "U"\n', "utf-8")
    later = deputy.post("/api/v1/policy/confirm", json=seen)
    assert (later.status_code, "since you opened" in later.json()["detail"]) == (422, True), "not seen so"
    (house.floor.root / "feeds.toml").write_text('[feeds.parcels]\nmarking = "PA"\n', "utf-8")
    assert deputy.post("/api/v1/policy/confirm", json=seen).status_code == 200
    assert deputy.get("/api/v1/policy").json()["changed"] == []
    assert [act.actor.name for act in house.floor.acts_of("settings")] == ["deputy"]


def test_the_page_keeps_what_was_typed_and_puts_it_in_force(house, officer):
    sup = officer(house, token=house.token("sup", language="fr"), viewport={"width": 390, "height": 900})
    sup.go("/profile")
    sup.page.get_by_role("link", name="Politique").click()
    box = sup.page.get_by_label("Texte de la politique")
    box.fill(RAISED.replace("PC", "PX"))
    sup.page.get_by_role("button", name="Proposer cette politique").click()
    expect(sup.page.get_by_role("alert")).to_contain_text("line 9")
    assert "PX" in box.input_value()
    box.fill(RAISED)
    sup.page.get_by_role("button", name="Proposer cette politique").click()
    expect(sup.page.locator(".heard")).to_contain_text("La politique est proposée")
    sup.shot("policy-390", full=True)
    assert sup.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    deputy = officer(house, token=house.token("deputy"))
    deputy.go("/policy")
    deputy.shot("policy", full=True)
    deputy.page.get_by_role("button", name="Put it in force").click()
    expect(deputy.page.locator(".heard")).to_contain_text("The policy is in force")
    assert house.floor.approved_policy() == RAISED
