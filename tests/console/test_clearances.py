"""Clearances on the console: proposed by one supervisor, given by another, and held on every path at once."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from playwright.sync_api import expect
from tests.console.served import AUTHORITY, PURPOSE, served
from tests.refusals import because

from watchfloor.casework import clearances, policies
from watchfloor.casework.clearances import Clearance
from watchfloor.cell.acts import Refusal
from watchfloor.console.live.stream import Streams
from watchfloor.core.marking import TLP
from watchfloor.policy import terms
from watchfloor.store import Actor, Floor
from watchfloor.store.readers import NotPermitted

POLICY = """# kept by hand
[compartments.GAMMA]
en = "an operation"
fr = "une opération"

[readers.sup]
protected = "PB"
role = "supervisor"
[readers.deputy]
protected = "PB"
role = "supervisor"
[readers.third]
role = "supervisor"
[readers.low]  # since May
protected = "PA"
tlp = "GREEN"
"""
RAISED = {"person": "low", "role": "analyst", "protected": "PC", "tlp": "AMBER", "why": "night desk"}


def by(name):
    return Actor(name, PURPOSE, AUTHORITY)


def made(folder, policy=POLICY):
    floor = Floor.create(folder, by("sup"), name="cell", ceiling="PC//TLP:RED")
    policies.install(floor, by("sup"), policy)
    return floor


@pytest.fixture
def floor(tmp_path):
    return made(tmp_path / "floor")


@pytest.fixture
def house(floor):
    with served(floor) as one:
        yield one


def waiting(client):
    return client.get("/api/v1/clearances").json()["waiting"]


def test_a_clearance_takes_two_and_holds_at_once_on_every_path(house, client):
    sup, deputy, low = (client(house, house.token(name)) for name in ("sup", "deputy", "low"))
    for answer in (low.get("/api/v1/clearances"), low.post("/api/v1/clearances", json=RAISED)):
        assert answer.status_code == 404
    streams, token = Streams(house.services), house.token("low")
    session, channel = streams.who(token)
    assert sup.post("/api/v1/clearances", json=RAISED).status_code == 200
    (mine,), (theirs,) = waiting(sup), waiting(deputy)
    assert (mine["own"], theirs["own"], theirs["by"]) == (True, False, "sup")
    assert theirs["changes"] == ["Protected: PA → PC", "TLP label: GREEN → AMBER"]
    said = {"clearance": theirs["id"]}
    assert sup.post("/api/v1/clearances/approve", json=said).status_code == 422
    assert low.post("/api/v1/clearances/approve", json=said).status_code == 404
    assert house.floor.reader("low", PURPOSE).protected == 1
    house.services.file.database.execute("UPDATE sessions SET proved = 0")
    assert deputy.post("/api/v1/clearances/approve", json=said).status_code == 422, "who was not shown lately"
    house.services.file.database.execute("UPDATE sessions SET proved = ends")
    assert deputy.post("/api/v1/clearances/approve", json=said).status_code == 200
    reader = house.floor.reader("low", PURPOSE)
    assert (reader.protected, TLP[reader.tlp]) == (3, "AMBER")
    again, other = streams.who(token)
    assert (again.key, other != channel) == (session.key, True), "the stream of a session that was open"
    act = house.floor.acts_of("policy")[-1]
    assert act.actor.name == "deputy"
    assert (act.detail["proposed_by"], act.detail["clearance"]) == ("sup", said["clearance"])
    assert "policy.toml" not in {one.file for one in house.floor.verify()}
    text = house.floor.approved_policy()
    assert ("# kept by hand" in text, "[readers.low]  # since May" in text) == (True, True)
    page = sup.get("/api/v1/clearances").json()
    assert [(one["state"], one["decided_by"]) for one in page["decided"]] == [("given", "deputy")]
    assert deputy.post("/api/v1/clearances/approve", json=said).status_code == 422, "it is decided"


def test_nobody_raises_themselves_by_another_s_hand(floor):
    with pytest.raises(Refusal, check=because("clearances.yourself")):
        clearances.propose(floor, by("sup"), "sup", Clearance("supervisor", "PC"), "me")
    one = clearances.propose(floor, by("sup"), "deputy", Clearance("supervisor", "PC"), "deputy")
    with pytest.raises(Refusal, check=because("clearances.to-oneself")):
        clearances.give(floor, by("deputy"), one.id)
    assert clearances.give(floor, by("third"), one.id).state == "given"


def test_a_refusal_has_a_reason_and_changes_nothing(floor):
    one = clearances.propose(floor, by("sup"), "low", Clearance(protected="PC"), "night desk")
    with pytest.raises(Refusal, check=because("clearances.no-reason")):
        clearances.decline(floor, by("deputy"), one.id, "  ")
    before = floor.approved_policy()
    assert clearances.decline(floor, by("deputy"), one.id, "no check").answer == "no check"
    with pytest.raises(Refusal, check=because("clearances.decided")):
        clearances.give(floor, by("third"), one.id)
    assert floor.approved_policy() == before
    with pytest.raises(Refusal, check=because("policy.no-supervisor")):
        clearances.propose(floor, by("low"), "third", Clearance(), "x")


def stale(floor, number, expected):
    (one,) = (each for each in clearances.proposals(floor) if each.id == number)
    assert one.stale is not None
    with pytest.raises(Refusal, check=because(expected)):
        clearances.give(floor, by("deputy"), number)


def test_a_proposal_under_another_policy_is_refused(floor):
    one = clearances.propose(floor, by("sup"), "low", Clearance(protected="PC"), "night desk")
    policies.install(floor, by("third"), POLICY + '[readers.new]\nprotected = "PA"\n')
    stale(floor, one.id, "clearances.other-policy")
    again = clearances.propose(floor, by("sup"), "low", Clearance(protected="PC"), "night desk")
    assert clearances.give(floor, by("deputy"), again.id).state == "given"
    assert "new" in terms.load(floor.root).readers


def test_a_proposal_of_who_lost_the_right_is_refused(floor):
    one = clearances.propose(floor, by("third"), "low", Clearance(protected="PC"), "night desk")
    policies.install(
        floor, by("sup"), POLICY.replace('[readers.third]\nrole = "supervisor"', "[readers.third]")
    )
    stale(floor, one.id, "clearances.no-right")


def test_a_proposal_is_good_for_days(floor):
    one = clearances.propose(floor, by("sup"), "low", Clearance(protected="PC"), "night desk")
    later = floor.now() + timedelta(days=clearances.DAYS, seconds=1)
    with patch.object(Floor, "now", lambda _: later):
        stale(floor, one.id, "clearances.too-late")
        assert clearances.decline(floor, by("deputy"), one.id, "too late").state == "refused"


def test_two_proposals_for_one_person_wait_for_each_other(floor):
    clearances.propose(floor, by("sup"), "low", Clearance(protected="PC"), "night desk")
    with pytest.raises(Refusal, check=because("clearances.waits")):
        clearances.propose(floor, by("deputy"), "low", Clearance(protected="PB"), "day desk")


@pytest.mark.parametrize(
    ("person", "wanted", "expected"),
    [
        ("low", Clearance(protected="PA", tlp="GREEN"), "clearances.unchanged"),
        ("low", Clearance(protected="PX"), "policy.wrong"),
        ("low", Clearance(compartments=("DELTA",)), "policy.wrong"),
    ],
)
def test_only_what_the_policy_allows_is_proposed(floor, person, wanted, expected):
    with pytest.raises(Refusal, check=because(expected)):
        clearances.propose(floor, by("sup"), person, wanted, "x")
    assert clearances.proposals(floor) == []


@pytest.mark.parametrize(
    "person", ["", " ", "low ", "Low", "deputy\u00a0", "\u202elow", "a\nb", "x" * 65, "re\u0301my"]
)
def test_a_name_that_looks_like_another_is_not_proposed(floor, person):
    """Who approves would raise somebody else than they read."""
    with pytest.raises(Refusal, check=because("clearances.no-name")):
        clearances.propose(floor, by("sup"), person, Clearance("supervisor", "PB"), "x")
    assert clearances.proposals(floor) == []


def test_a_name_that_the_policy_does_not_have_becomes_a_reader(floor):
    with pytest.raises(NotPermitted):
        floor.reader("o'neil, pat", PURPOSE)
    wanted = Clearance("reviewer", "PA", compartments=("GAMMA",))
    one = clearances.propose(floor, by("sup"), "o'neil, pat", wanted, "inspects us")
    clearances.give(floor, by("deputy"), one.id)
    assert floor.reader("o'neil, pat", PURPOSE).compartments == {"GAMMA"}


def test_a_lone_supervisor_is_told_to_have_a_second_one(tmp_path):
    floor = made(tmp_path / "alone", '[readers.sup]\nrole = "supervisor"\n[readers.low]\n')
    with pytest.raises(Refusal, check=because("clearances.alone")):
        clearances.propose(floor, by("sup"), "low", Clearance(protected="PC"), "x")


def test_a_policy_that_is_written_inline_is_left_to_a_person_or_changed_whole(tmp_path):
    both = 'sup = { role = "supervisor" }\ndeputy = { role = "supervisor" }\n'
    text = f'[readers]\n{both}low = {{ protected = "PA" }}\n'
    floor = made(tmp_path / "inline", text)
    one = clearances.propose(floor, by("sup"), "low", Clearance(protected="PC"), "x")
    clearances.give(floor, by("deputy"), one.id)
    assert floor.reader("low", PURPOSE).protected == 3


def test_two_supervisors_do_it_in_their_browsers(house, officer):
    sup = officer(house, token=house.token("sup", language="fr"), viewport={"width": 390, "height": 900})
    sup.go("/clearances?person=low")
    sup.page.get_by_label("Protégé").select_option("PC")
    sup.page.get_by_label("GAMMA").check()
    sup.page.get_by_label("Motif", exact=False).last.fill("poste de nuit")
    sup.page.get_by_role("button", name="La proposer").click()
    expect(sup.page.locator(".heard")).to_contain_text("est proposée")
    sup.shot("clearances-390", full=True)
    assert sup.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    deputy = officer(house, token=house.token("deputy"), viewport={"width": 1280, "height": 900})
    deputy.go("/clearances")
    deputy.shot("clearances", full=True)
    deputy.page.get_by_role("button", name="Approve the clearance of low").click()
    expect(deputy.page.locator(".heard")).to_contain_text("is in force")
    deputy.shot("clearances-given", full=True)
    assert house.floor.reader("low", PURPOSE).compartments == {"GAMMA"}
