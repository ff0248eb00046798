"""Accounts: made, linked, closed and opened again, by page, program and command line; each act on the log."""

import json
import sqlite3
import threading

import httpx
import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import expect
from tests.console.served import PASSWORD
from tests.refusals import because
from typer.testing import CliRunner

from watchfloor.cell.acts import Refusal
from watchfloor.cli import app
from watchfloor.console.access import passwords
from watchfloor.console.access.accounts import Accounts, hash_of
from watchfloor.console.access.administering import Administration
from watchfloor.console.access.file import AccessFile
from watchfloor.console.access.sessions import MOST, Sessions
from watchfloor.store import Actor, Floor
from watchfloor.store.readers import NotPermitted

KIM = Actor("kim", "tests", "an Act")


@pytest.fixture
def house(console):
    """The module's console with one administrator, kim, and okafor."""
    console.services.file.database.execute("DELETE FROM accounts")
    console.account("kim", administrator=True)
    console.account("okafor")
    console.since = console.floor.position
    return console


def done(console):
    """The acts about accounts since the test began: who, what, whose."""
    found = (act for act in console.floor.acts_of("account") if act.position > console.since)
    return [(act.actor.name, act.detail["what"], act.detail["account"]) for act in found]


def test_an_administrator_makes_links_and_closes_accounts(house, officer):
    kim = officer(house, token=house.token("kim"))
    page = kim.page
    kim.go("/accounts")
    page.locator("form.narrow input[name=name]").fill("singh")
    page.get_by_role("button", name="Create it, with a one-time link").click()
    said = page.locator(".heard")
    expect(said).to_contain_text("shown this once")
    link = said.text_content().rpartition(" ")[2]
    assert link.startswith(f"{house.home}/start/")
    kim.shot("accounts", full=True)
    kim.go("/accounts")
    expect(page.locator(".heard")).to_have_count(0)
    singh = officer(house, token=None)
    singh.go(link)
    singh.shot("start")
    singh.page.get_by_label("Password", exact=True).fill(PASSWORD)
    singh.page.get_by_label("Password, again").fill(PASSWORD)
    singh.page.get_by_role("button", name="Set the password").click()
    expect(singh.page.get_by_role("heading", level=1)).to_contain_text("For what purpose")
    row = page.locator("tr[data-account=singh]")
    kim.go("/accounts")
    expect(row).to_contain_text("1 session")
    row.get_by_role("button", name="Close: singh").click()
    expect(row).to_contain_text("closed")
    singh.go("/leads")
    expect(singh.page).to_have_url(f"{house.home}/sign-in?to=%2Fleads")
    row.get_by_role("button", name="Open again: singh").click()
    expect(row).not_to_contain_text("closed")
    assert done(house) == [
        ("kim", "added", "singh"),
        ("kim", "linked", "singh"),
        ("kim", "disabled", "singh"),
        ("kim", "enabled", "singh"),
    ]


@pytest.mark.thorough
def test_an_account_that_cannot_be_made_says_why_and_keeps_the_name(house, officer):
    kim = officer(house, token=house.token("kim"), viewport={"width": 390, "height": 800}, locale="fr")
    house.services.sessions.speak(house.session(kim.context.cookies()[0]["value"]).key, "fr")
    kim.go("/accounts")
    kim.page.locator("form.narrow input[name=name]").fill("okafor")
    kim.page.get_by_role("button", name="Le créer").click()
    expect(kim.page.get_by_role("alert")).to_contain_text("il y a déjà un compte 'okafor'")
    assert kim.page.locator("form.narrow input[name=name]").input_value() == "okafor"
    kim.shot("accounts-390", full=True)
    assert kim.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert done(house) == []


@pytest.mark.thorough
def test_one_changes_ones_password_and_ends_ones_other_sessions(house, officer):
    okafor, elsewhere = officer(house), house.token()
    page = okafor.page
    okafor.go("/profile")
    okafor.shot("profile")
    assert page.locator("main tbody tr").count() == 2
    page.get_by_role("button", name="End all others").click()
    expect(page.locator(".heard")).to_contain_text("1 session of okafor has ended")
    assert house.session(elsewhere) is None
    other, fresh = house.token(), "another sentence for the night"
    for old, new, again, told in (
        ("not the one of now", fresh, fresh, "this is not your current password"),
        (PASSWORD, fresh, "something different", "the two passwords differ"),
        (PASSWORD, "okafor okafor", "okafor okafor", "little but the name"),
        (PASSWORD, fresh, fresh, "The password is changed"),
    ):
        page.get_by_label("Current password").fill(old)
        page.get_by_label("New password", exact=True).fill(new)
        page.get_by_label("New password, again").fill(again)
        page.get_by_role("button", name="Change the password").click()
        expect(page.locator(".refused, .heard")).to_contain_text(told)
    assert house.session(other) is None
    expect(page.locator("header.bar")).to_contain_text("okafor")
    assert house.services.accounts.passes("okafor", fresh)
    acts = [act.act for act in house.floor.acts_of("password-changed", "sessions-ended", "sign-in-refused")]
    assert acts[-3:] == ["sessions-ended", "sign-in-refused", "password-changed"]


ADMINISTRATION = {
    "/accounts": {"name": "new"},
    "/accounts/link": {"name": "okafor"},
    "/accounts/provider": {"name": "okafor"},
    "/accounts/second/remove": {"name": "okafor"},
    "/accounts/disable": {"name": "kim"},
    "/accounts/enable": {"name": "okafor"},
    "/accounts/administrator": {"name": "okafor", "no": False},
    "/accounts/sessions/end": {"name": "kim"},
}


def test_who_does_not_administer_finds_nothing_there(house, client):
    okafor = client(house)
    for path, said in ADMINISTRATION.items():
        answer = okafor.post(f"/api/v1{path}", json=said)
        assert answer.status_code == 404, path
        assert answer.json() == okafor.post("/api/v1/nothing", json={}).json()
    assert okafor.get("/api/v1/accounts").status_code == 404
    assert okafor.get("/accounts", headers={"Cookie": f"watchfloor={house.token()}"}).status_code == 404
    assert done(house) == []
    assert not okafor.get("/api/v1/session").json()["administrator"]


def test_one_does_not_lock_oneself_out_nor_everybody(house, client):
    kim = client(house, house.token("kim"))
    for path, more in (("disable", {}), ("provider", {}), ("administrator", {"no": True})):
        answer = kim.post(f"/api/v1/accounts/{path}", json={"name": "kim", **more})
        assert answer.status_code == 422
        assert "lock you out" in answer.json()["detail"]
    accounts = house.services.accounts
    for act in (accounts.set_disabled, accounts.set_administrator):
        with pytest.raises(Refusal, check=because("console.last-administrator")):
            act("kim", **{"disabled": True} if act == accounts.set_disabled else {"administrator": False})
    kim.post("/api/v1/accounts/administrator", json={"name": "okafor", "no": False})
    accounts.set_administrator("kim", administrator=False)
    assert kim.get("/api/v1/accounts").status_code == 404, "at once, in the session that is open"


def test_sessions_are_ended_one_by_one_and_only_of_whom_they_are(house, client):
    kim = client(house, house.token("kim"))
    mine, others = house.token(), [house.token() for _ in range(2)]
    people = {one["name"]: one for one in kim.get("/api/v1/accounts").json()["people"]}
    ids = [one["id"] for one in people["okafor"]["sessions"]]
    assert len(ids) == 3
    okafor = client(house, mine)
    wrong = okafor.post("/api/v1/profile/sessions/end", json={"session": people["kim"]["sessions"][0]["id"]})
    assert wrong.json()["said"].startswith("0 sessions")
    assert kim.get("/api/v1/session").status_code == 200
    (own,) = [one["id"] for one in okafor.get("/api/v1/profile").json()["person"]["sessions"] if one["own"]]
    assert okafor.post("/api/v1/profile/sessions/end", json={"session": own}).json()["said"].startswith("0")
    first = next(one for one in ids if one != own)
    kim.post("/api/v1/accounts/sessions/end", json={"name": "okafor", "session": first})
    assert sum(house.session(one) is not None for one in others) == 1
    gone = kim.post("/api/v1/accounts/sessions/end", json={"name": "okafor", "session": first})
    assert gone.status_code == 422
    kim.post("/api/v1/accounts/sessions/end", json={"name": "okafor"})
    assert okafor.get("/api/v1/session").status_code == 401


# --- the file


@pytest.fixture
def floor(tmp_path):
    return Floor.create(tmp_path / "floor", Actor("roy", "tests", "an Act"), name="northgate", ceiling="PB")


@pytest.fixture
def held(floor):
    """What changes accounts, on a floor without a server."""
    file = AccessFile(floor.root)
    yield Administration(file, Accounts(file), Sessions(file), floor.act, "https://login.example")
    file.close()


@pytest.mark.parametrize("name", ["", " a", "a ", "a\nb", "a\tb", "x" * 65, "a\u200bb", "a\0b", "\u202ea"])
def test_names_that_nobody_could_tell_apart_are_none(held, name):
    with pytest.raises(Refusal, check=because("console.no-account-name", longest=64)):
        held.accounts.add(name)
    assert held.accounts.all() == []


def test_a_name_is_one_however_a_keyboard_composes_it(held):
    held.accounts.add("Zoe\u0301")
    with pytest.raises(Refusal, check=because("console.account-taken")):
        held.accounts.add("Zo\u00e9")
    held.accounts.redeem(held.accounts.link("Zo\u00e9"), "une phrase d\u2019e\u0301te\u0301")
    assert held.accounts.passes("Zo\u00e9", "une phrase d\u2019\u00e9t\u00e9")


def test_what_the_log_refuses_is_not_done(held, floor):
    held.add(KIM, "kim", administrator=True)
    policy = '[readers.kim]\nprotected = "PB"\nrole = "reviewer"\n'
    (floor.root / "policy.toml").write_text(policy, "utf-8")
    token = held.sessions.begin("kim", "en")
    for act in (
        lambda: held.add(KIM, "singh"),
        lambda: held.link(KIM, "kim"),
        lambda: held.vouch(KIM, "kim", "7"),
        lambda: held.end_sessions(KIM, "kim"),
        lambda: held.set_administrator(KIM, "kim", administrator=True),
    ):
        with pytest.raises(NotPermitted, match="reviewer"):
            act()
    assert [one.name for one in held.accounts.all()] == ["kim"]
    assert held.accounts.get("kim").signs_in == ""
    assert held.sessions.find(token) is not None
    assert held.file.database.execute("SELECT count(*) FROM links").fetchone() == (0,)


def test_a_reviewer_still_changes_the_own_password(own, client):
    own.account("okafor")
    (own.floor.root / "policy.toml").write_text(
        '[readers.okafor]\nprotected = "PB"\nrole = "reviewer"\n', "utf-8"
    )
    fresh = "a sentence of a reviewer"
    said = {"password": PASSWORD, "new_password": fresh, "again": fresh}
    assert client(own).post("/api/v1/profile/password", json=said).status_code == 200
    assert own.services.accounts.passes("okafor", fresh)


def test_the_file_holds_no_secret_and_is_for_its_owner(held):
    held.accounts.add("kim")
    link = held.accounts.link("kim")
    held.accounts.redeem(link, PASSWORD)
    token = held.sessions.begin("kim", "en")
    held.file.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = held.file.path.read_bytes()
    for secret in (link, token, PASSWORD):
        assert secret.encode() not in content
    assert held.file.path.stat().st_mode & 0o077 == 0


def test_an_account_has_only_so_many_sessions_and_the_least_used_goes(held):
    held.accounts.add("kim")
    tokens = [held.sessions.begin("kim", "en") for _ in range(MOST)]
    held.file.database.execute("UPDATE sessions SET used = used - 60")
    oldest = hash_of(tokens[7])
    held.file.database.execute("UPDATE sessions SET used = used - 60 WHERE token = ?", (oldest,))
    held.sessions.begin("kim", "en")
    assert held.sessions.find(tokens[7]) is None
    assert len(held.sessions.running("kim")) == MOST


def test_two_who_use_a_link_at_once_set_one_password(held):
    held.accounts.add("kim")
    link, done = held.accounts.link("kim"), []

    def use(password):
        try:
            held.accounts.redeem(link, password)
            done.append(password)
        except Refusal:
            pass

    threads = [threading.Thread(target=use, args=(f"the sentence of {n}",)) for n in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    (kept,) = done
    assert held.accounts.passes("kim", kept)


class Ending:
    """A thread that ends while it is asked whether it runs: the first answer is the last true one."""

    def __init__(self):
        self.asked = 0

    def is_alive(self):
        self.asked += 1
        return self.asked == 1


def test_the_connection_of_a_thread_that_ends_just_now_is_closed_in_the_end(held):
    left = sqlite3.connect(":memory:", check_same_thread=False)
    held.file._all.append((Ending(), left))
    for _ in range(2):  # a new thread's first question has those of ended ones closed
        one = threading.Thread(target=lambda: held.file.database)
        one.start()
        one.join()
    with pytest.raises(sqlite3.ProgrammingError):
        left.execute("SELECT 1")


# --- passwords


def test_passwords_are_hashed_as_rfc_9106_says():
    kept = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY).hash(PASSWORD)
    assert extract_parameters(kept) == RFC_9106_LOW_MEMORY
    assert passwords.outdated(kept), "these tests hash by cheaper parameters"


def test_an_old_hash_is_made_anew_when_its_password_is_shown(held):
    held.accounts.add("kim")
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    held.file.database.execute("UPDATE accounts SET hash = ?", (old,))
    assert not held.accounts.passes("kim", "something else")
    assert held.file.database.execute("SELECT hash FROM accounts").fetchone() == (old,)
    assert held.accounts.passes("kim", PASSWORD)
    (fresh,) = held.file.database.execute("SELECT hash FROM accounts").fetchone()
    assert not passwords.outdated(fresh)


WEAK = (
    *("123456789012", "aaaaaaaaaaaa", "password1234", "watchfloor12", "qwertyuiop12", "azertyuiop123"),
    *("motdepasse1234", "iloveyou1234", "abcdefghijkl", "P@ssw0rd12345", "Winter2026!!", "zaq12wsxcde3"),
    *("intelligence", "surveillance1", "monkeymonkeymonkey", "northgate northgate"),
    *("aaaaaaaaaaaa" * 20, "qwertyuiop" * 25, "１２３４５６７８９０１２"),
)


@pytest.mark.parametrize("password", WEAK)
def test_what_somebody_would_try_first_is_no_password(held, password):
    with pytest.raises(Refusal, check=because("console.password-guessable")):
        passwords.check(password, "okafor", "northgate")
    held.accounts.add("okafor")
    link = held.accounts.link("okafor")
    with pytest.raises(Refusal):
        held.accounts.redeem(link, password)
    assert held.accounts.whose(link) == "okafor", "the link is not used up"


@pytest.mark.parametrize(
    "password", ["a long enough sentence", "une phrase d’été", "Tr0ub4dor&3xyz", "девять чёрных птиц"]
)
def test_a_sentence_and_what_a_program_drew_are_taken(password):
    passwords.check(password, "okafor", "northgate")


def test_a_password_of_before_is_still_let_in(held):
    """Who has a weak one from an older version is not kept out; hashing it anew asks nothing of it."""
    held.accounts.add("kim")
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash("password1234")
    held.file.database.execute("UPDATE accounts SET hash = ?", (old,))
    assert held.accounts.passes("kim", "password1234")
    (fresh,) = held.file.database.execute("SELECT hash FROM accounts").fetchone()
    assert not passwords.outdated(fresh)


@given(st.text(min_size=12, max_size=60))
def test_the_same_password_is_right_and_a_longer_one_is_not(password):
    kept = passwords.hashed(password)
    assert passwords.right(kept, password)
    assert not passwords.right(kept, password + "!")
    assert not passwords.right(None, password)


def test_many_who_try_at_once_do_not_take_every_thread(monkeypatch):
    going, stop = threading.Event(), threading.Event()

    class Slow:
        def verify(self, *_):
            going.set()
            stop.wait(20)
            return True

    monkeypatch.setattr(passwords, "_HASHER", Slow())
    waiting = [
        threading.Thread(target=passwords.right, args=("x", PASSWORD)) for _ in range(passwords.IN_LINE)
    ]
    for one in waiting:
        one.start()
    going.wait(20)
    while passwords._in_line._value:
        stop.wait(0.01)
    with pytest.raises(passwords.Crowded):
        passwords.right("x", PASSWORD)
    stop.set()
    for one in waiting:
        one.join()
    assert passwords.right("x", PASSWORD)


# --- the command


def call(floor, *words, code=0):
    said = {"WATCHFLOOR_USER": "roy", "WATCHFLOOR_PURPOSE": "tests", "WATCHFLOOR_AUTHORITY": "an Act"}
    result = CliRunner().invoke(
        app, ["admin", "account", *words, "--floor", str(floor.root), "--json"], env=said
    )
    assert result.exit_code == code, (result.output, result.exception)
    return [json.loads(line) for line in result.stdout.splitlines()] if code == 0 else result.stderr


def test_accounts_are_kept_on_the_machine_too(floor):
    assert call(floor, "list") == [{"accounts": 0}]
    (made,) = call(floor, "add", "okafor", "--administrator")
    assert made["link"].startswith("/start/")
    (again,) = call(floor, "link", "okafor")
    assert again["link"] != made["link"]
    call(floor, "add", "singh")
    call(floor, "disable", "singh")
    call(floor, "administrator", "singh")
    call(floor, "administrator", "singh", "--no")
    call(floor, "enable", "singh")
    listed = {one["account"]: one for one in call(floor, "list")}
    assert listed["okafor"] == {
        "account": "okafor",
        "signs_in": None,
        "administrator": True,
        "disabled": False,
        "sessions": 0,
    }
    assert not listed["singh"]["administrator"]
    whats = [(act.actor.name, act.detail["what"]) for act in floor.acts_of("account")]
    assert whats == [
        ("roy", what)
        for what in (
            *("added", "linked", "linked", "added", "linked", "disabled", "administrator"),
            *("no-administrator", "enabled"),
        )
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("add", " okafor"), "1 to 64 characters"),
        (("link", "nobody"), "there is no account 'nobody'"),
        (("disable", "kim"), "last who administers"),
        (("administrator", "kim", "--no"), "last who administers"),
        (("add", "kim"), "already"),
        (("add", "singh", "--provider"), "no OpenID provider"),
    ],
)
def test_what_cannot_be_done_is_told_and_leaves_nothing(floor, words, told):
    call(floor, "add", "kim", "--administrator")
    before, accounts = floor.position, call(floor, "list")
    assert told in " ".join(call(floor, *words, code=3).split())
    assert call(floor, "list") == accounts
    assert [act.act for act in floor.acts(before + 1)] == ["query", "query"]


def test_a_link_of_the_machine_lets_in_at_the_console(house):
    command = CliRunner().invoke(
        app, ["admin", "account", "add", "roy", "--floor", str(house.floor.root), "--json"]
    )
    path = json.loads(command.stdout)["link"]
    both = {"password": PASSWORD, "again": PASSWORD}
    assert httpx.post(f"{house.home}{path}", data=both).status_code == 303


@pytest.mark.parametrize("way", ["/accounts", "/accounts/link", "/accounts/sessions/end"])
def test_a_form_that_is_carried_over_shows_accounts_to_no_other(house, way):
    for name, status in (("okafor", 404), ("kim", 200)):
        with httpx.Client(base_url=house.home, cookies={"watchfloor": house.token(name)}) as browser:
            told = browser.post("/resume", data={"carried-path": way, "carried.name": "singh"})
        assert (told.status_code, "/accounts/disable" in told.text) == (status, status == 200), name


def test_threads_that_have_ended_leave_no_file_open(tmp_path):
    file = AccessFile(tmp_path)
    for _ in range(20):
        thread = threading.Thread(target=Accounts(file).all)
        thread.start()
        thread.join()
    assert len(file._all) <= 2
    assert Accounts(file).all() == []
    file.close()


def test_a_thread_that_outlives_its_console_opens_no_file_anew(tmp_path):
    file = AccessFile(tmp_path)
    file.close()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        Accounts(file).all()
    assert file._all == []
