"""Acts on accounts that one person may not do alone, and what a reset leaves behind."""

import re

import pytest
from playwright.sync_api import expect
from tests.console.served import PASSWORD
from tests.refusals import because

from watchfloor.cell.acts import Refusal
from watchfloor.console.access.accounts import Accounts, hash_of, now
from watchfloor.console.access.administering import APPROVAL_HOURS, Administration, exceeds
from watchfloor.console.access.file import AccessFile
from watchfloor.console.access.sessions import FRESH, Sessions
from watchfloor.policy import terms
from watchfloor.store import Actor, Floor

POLICY = """
[compartments.GAMMA]
en = "an operation"
fr = "une opération"

[purposes.work]
en = "work"
fr = "travail"
[purposes.rare]
en = "a rare one"
fr = "une rare"
[authorities."an Act"]
en = "an Act"
fr = "une loi"
[authorities."a warrant"]
en = "a warrant"
fr = "un mandat"

[roles.analyst]
purposes = ["work"]
authorities = ["an Act"]
[roles.reviewer]
purposes = ["work"]
authorities = ["an Act"]
[roles.counsel]
purposes = ["work"]
authorities = ["an Act"]
[readers.sup]
protected = "PC"
compartments = ["GAMMA"]
role = "supervisor"
[readers.deputy]
protected = "PB"
role = "supervisor"
[readers.ana]
protected = "PB"
role = "analyst"
[readers.rare]
protected = "PA"
tlp = "GREEN"
purposes = ["rare"]
[readers.bearer]
protected = "PA"
tlp = "GREEN"
authorities = ["an Act", "a warrant"]
[readers.low]
protected = "PA"
tlp = "GREEN"
role = "analyst"
[readers.rev]
protected = "PA"
tlp = "GREEN"
role = "reviewer"
[readers.law]
protected = "PA"
tlp = "GREEN"
role = "counsel"
[readers.adm]
protected = "PA"
role = "analyst"
tlp = "CLEAR"
"""


def by(name):
    return Actor(name, "work", "an Act")


ADM, SUP, DEPUTY = map(by, ("adm", "sup", "deputy"))


@pytest.fixture
def held(tmp_path):
    """Accounts of every reader of a policy, each with a password; adm administers the console."""
    floor = Floor.create(tmp_path / "floor", by("roy"), name="cell")
    file = AccessFile(floor.root)
    made = Administration(file, Accounts(file), Sessions(file), floor.act, "https://login.example")
    for name in terms.read(POLICY, "policy").readers:
        made.accounts.add(name, administrator=name == "adm")
        made.accounts.redeem(made.accounts.link(name), PASSWORD)
    (floor.root / "policy.toml").write_text(POLICY, "utf-8")
    yield made
    file.close()


@pytest.mark.parametrize(
    ("name", "by", "more"),
    [
        ("low", "low", False),
        ("low", "ana", False),
        ("ana", "low", True),  # a higher level
        ("rev", "low", True),  # another role
        ("low", "rev", True),
        ("law", "ana", True),
        ("law", "deputy", False),  # a supervisor's role contains the others
        ("sup", "deputy", True),  # a compartment
        ("rare", "ana", True),  # a purpose
        ("rare", "deputy", False),
        ("bearer", "ana", True),  # an authority
        ("bearer", "deputy", False),
        ("deputy", "sup", False),
        ("nobody", "low", False),
        ("low", "nobody", True),
    ],
)
def test_who_may_see_or_do_more(name, by, more):
    policy = terms.read(POLICY, "policy")
    assert exceeds(policy, name, by) is more
    assert not exceeds(None, name, by)


ACTS = {
    "linked": lambda one, actor: one.link(actor, "sup"),
    "no-second-factor": lambda one, actor: one.remove_second(actor, "sup"),
    "provider": lambda one, actor: one.vouch(actor, "sup", "7"),
    "administrator": lambda one, actor: one.set_administrator(actor, "sup", administrator=True),
    "no-administrator": lambda one, actor: one.set_administrator(actor, "sup", administrator=False),
}


@pytest.mark.parametrize("act", ACTS)
def test_one_administrator_becomes_nobody_who_may_do_more(held, act):
    before = held.accounts.get("sup")
    for _ in range(2):
        with pytest.raises(Refusal, check=because("console.unapproved", name="sup")):
            ACTS[act](held, ADM)
    assert held.accounts.get("sup") == before
    assert held.accounts.passes("sup", PASSWORD)
    (asked,) = held.requests(DEPUTY)
    assert (asked.act, asked.account, asked.asked_by) == (act, "sup", "adm")
    assert asked.subject == ("7" if act == "provider" else ""), "to whom it opens the account"
    for unfit in (ADM, SUP, by("ana"), by("rev"), by("nobody")):
        assert held.requests(unfit) == []
        with pytest.raises(Refusal, check=because("console.no-such-request")):
            held.approve(unfit, asked.id)
    held.approve(DEPUTY, asked.id)
    assert held.requests(DEPUTY) == []
    with pytest.raises(Refusal, check=because("console.unapproved")):
        ACTS[act](held, by("low"))  # it was not low who asked
    ACTS[act](held, ADM)
    with pytest.raises(Refusal, check=because("console.unapproved")):
        ACTS[act](held, ADM)  # an approval is good for one time
    logged = [one.detail for one in Floor.open(held.file.path.parent).acts_of("account")]
    (done,) = [one for one in logged if one["what"] == act]
    assert (done["account"], done["approved_by"]) == ("sup", "deputy")


def test_an_approval_is_for_one_act_and_one_day(held):
    with pytest.raises(Refusal):
        held.link(ADM, "sup")
    held.approve(DEPUTY, held.requests(DEPUTY)[0].id)
    with pytest.raises(Refusal, check=because("console.unapproved")):
        held.vouch(ADM, "sup", "7")
    held.file.database.execute("UPDATE approvals SET ends = ends - ?", (APPROVAL_HOURS * 3600 + 1,))
    assert held.requests(DEPUTY) == []
    with pytest.raises(Refusal, check=because("console.unapproved")):
        held.link(ADM, "sup")


def test_a_new_account_of_a_higher_reader_gets_no_power_by_one_person(held):
    held.file.database.execute("DELETE FROM accounts WHERE name = 'sup'")
    with pytest.raises(Refusal, check=because("console.unapproved")):
        held.add(ADM, "sup", administrator=True)
    assert not held.accounts.get("sup").administrator
    with pytest.raises(Refusal, check=because("console.unapproved")):
        held.link(ADM, "sup")
    assert sorted(one.act for one in held.requests(DEPUTY)) == ["administrator", "linked"]


def test_who_may_do_no_more_is_reset_by_one_person(held):
    held.accounts.add("newcomer")
    assert held.accounts.whose(held.link(ADM, "newcomer")) == "newcomer"
    assert held.accounts.whose(held.link(SUP, "ana")) == "ana"


def test_a_reset_is_noted_until_a_second_person_confirms_it(held):
    held.accounts.redeem(held.link(SUP, "ana"), "another sentence of hers")
    token = held.sessions.begin("ana", "en")
    assert held.sessions.find(token).actor("work", "an Act") == Actor("ana", "work", "an Act", "sup")
    floor = Floor.open(held.file.path.parent)
    with floor.writer(held.sessions.find(token).actor("work", "an Act")):
        pass  # the policy's authorities are as good for who was reset
    floor.act(held.sessions.find(token).actor("work", "an Act"), "query", {"what": "leads"})
    assert floor.acts_of("query")[-1].actor.by_right == "an Act (by reset of sup)"
    for unfit in (SUP, ADM, by("ana")):
        assert held.resets(unfit) == []
        with pytest.raises(Refusal, check=because("console.no-such-reset")):
            held.confirm(unfit, "ana")
    assert [one.name for one in held.resets(DEPUTY)] == ["ana"]
    held.confirm(DEPUTY, "ana")
    assert held.sessions.find(token).actor("work", "an Act").reset_by == ""


def test_a_provider_that_opens_the_account_to_somebody_is_a_reset_too(held):
    held.vouch(SUP, "ana", "7")
    assert held.accounts.get("ana").reset_by == "sup"
    assert [one.name for one in held.resets(DEPUTY)] == ["ana"]
    held.accounts.add("newcomer")
    held.vouch(SUP, "newcomer", "8")
    assert held.accounts.get("newcomer").reset_by == "", "nobody had it before"


def test_without_a_policy_another_administrator_confirms_a_reset(held):
    (held.file.path.parent / "policy.toml").unlink()
    held.accounts.redeem(held.link(ADM, "sup"), "another sentence of hers")
    assert held.resets(ADM) == held.resets(DEPUTY) == []
    held.accounts.set_administrator("deputy", administrator=True)
    assert [one.name for one in held.resets(DEPUTY)] == ["sup"]


def test_the_first_password_of_an_account_and_a_link_of_ones_own_are_no_reset(held):
    held.accounts.add("newcomer")
    held.accounts.redeem(held.link(ADM, "newcomer"), PASSWORD)
    held.accounts.redeem(held.link(ADM, "adm"), PASSWORD)
    assert held.accounts.get("newcomer").reset_by == held.accounts.get("adm").reset_by == ""


def test_a_file_of_an_older_version_gets_its_columns(tmp_path):
    file = AccessFile(tmp_path)
    Accounts(file).add("kim")
    token = Sessions(file).begin("kim", "en")
    for table, column in (("accounts", "reset_by"), ("links", "made_by"), ("sessions", "proved")):
        file.database.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    file.close()
    again = AccessFile(tmp_path)
    session = Sessions(again).find(token)
    assert (session.account, session.proved, session.reset_by, session.fresh) == ("kim", 0, "", False)
    again.close()


# --- in the console


@pytest.fixture
def house(console):
    """The module's console with adm, who administers it, sup and deputy; its floor has the policy."""
    console.services.file.database.execute("DELETE FROM accounts")
    for name in ("adm", "sup", "deputy", "ana"):
        console.account(name, administrator=name == "adm")
    (console.floor.root / "policy.toml").write_text(POLICY, "utf-8")
    yield console
    (console.floor.root / "policy.toml").unlink()


def token_of(house, name, **more):
    return house.token(name, "work", "an Act", **more)


def age(console, token, seconds=FRESH + 60):
    console.services.file.database.execute(
        "UPDATE sessions SET proved = ? WHERE token = ?", (now() - seconds, hash_of(token))
    )


def test_who_signed_in_long_ago_shows_first_who_they_are(house, client):
    token = token_of(house, "adm")
    adm = client(house, token)
    age(house, token, FRESH - 60)
    assert adm.post("/api/v1/accounts", json={"name": "one"}).status_code == 200
    age(house, token)
    for path, said in (
        ("accounts", {"name": "two"}),
        ("accounts/link", {"name": "two"}),
        ("accounts/provider", {"name": "two"}),
        ("accounts/second/remove", {"name": "two"}),
        ("accounts/disable", {"name": "two"}),
        ("accounts/enable", {"name": "two"}),
        ("accounts/administrator", {"name": "two", "no": False}),
        ("accounts/sessions/end", {"name": "one"}),
        ("profile/approve", {"request": "0"}),
        ("profile/confirm", {"name": "one"}),
    ):
        answer = adm.post(f"/api/v1/{path}", json=said)
        assert answer.status_code == 422, path
        assert "show first that it is you" in answer.json()["detail"], path
    assert adm.post("/api/v1/accounts/prove", json={"password": "not the right one"}).status_code == 422
    assert adm.post("/api/v1/accounts", json={"name": "two"}).status_code == 422
    assert adm.post("/api/v1/accounts/prove", json={"password": PASSWORD}).status_code == 200
    assert adm.post("/api/v1/accounts", json={"name": "two"}).status_code == 200


def test_who_approves_is_shown_to_whom_the_account_would_open(house, officer):
    its = house.services
    one = Administration(its.file, its.accounts, its.sessions, its.scribe.log, "https://login.example")
    with pytest.raises(Refusal, check=because("console.unapproved")):
        one.vouch(ADM, "sup", "id-at-the-provider")
    deputy = officer(house, token=token_of(house, "deputy"))
    deputy.go("/profile")
    expect(deputy.page.locator("form[action='/profile/approve'] code")).to_have_text("id-at-the-provider")


def test_a_reset_of_a_supervisor_takes_two_and_is_told(house, officer, client):
    token = token_of(house, "adm")
    adm = officer(house, token=token)
    age(house, token)
    adm.go("/accounts")
    row = adm.page.locator("tr[data-account=sup]")
    row.get_by_role("button", name="Make a link: sup").click()
    expect(adm.page.get_by_role("alert")).to_contain_text("show first that it is you")
    adm.shot("accounts-prove", full=True)
    adm.page.get_by_label("Current password").fill(PASSWORD)
    adm.page.get_by_role("button", name="Confirm that it is you").click()
    row.get_by_role("button", name="Make a link: sup").click()
    expect(adm.page.get_by_role("alert")).to_contain_text("a supervisor must approve this")
    deputy = officer(house, token=token_of(house, "deputy"))
    deputy.go("/profile")
    expect(deputy.page.locator("main")).to_contain_text("adm wants to make a link")
    deputy.shot("profile-approve", full=True)
    deputy.page.get_by_role("button", name="Approve: sup").click()
    expect(deputy.page.locator(".heard")).to_contain_text("adm can do it once")
    row.get_by_role("button", name="Make a link: sup").click()
    link = adm.page.locator(".heard").text_content().rpartition(" ")[2]
    sup = officer(house, token=token_of(house, "sup", language="fr"))
    sup.go("/purpose?to=/profile")
    sup.page.locator("form[action='/purpose'] button").click()
    expect(sup.page.locator(".heard")).to_contain_text("adm a créé un lien")
    thief = officer(house, token=None)
    thief.go(link)
    thief.page.get_by_label("Password", exact=True).fill("the words of another person")
    thief.page.get_by_label("Password, again").fill("the words of another person")
    thief.page.get_by_role("button", name="Set the password").click()
    thief.page.locator("[name=purpose]").select_option("work")
    thief.page.locator("[name=authority]").select_option("an Act")
    thief.page.locator("form[action='/purpose'] button").click()
    expect(thief.page.locator(".heard")).to_contain_text("Your account was reset by adm")
    expect(thief.page.locator("header.bar")).to_contain_text("account reset by adm, unconfirmed")
    thief.go("/leads")
    thief.go("/profile")
    thief.shot("profile-reset")
    acts = [act for act in house.floor.acts_of("signed-in", "query") if act.actor.reset_by]
    assert {(act.act, act.actor) for act in acts} == {
        (act, Actor("sup", "work", "an Act", "adm")) for act in ("signed-in", "query")
    }
    deputy.go("/profile")
    deputy.shot("profile-confirm", full=True)
    deputy.page.get_by_role("button", name=re.compile("Confirm the reset")).click()
    expect(deputy.page.locator(".heard")).to_contain_text("Confirmed")
    thief.go("/profile")
    expect(thief.page.locator("header.bar")).not_to_contain_text("reset")
