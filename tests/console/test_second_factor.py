"""Codes of an authenticator app: the published vectors, and signing in, setting up and losing one."""

import base64
import time
from dataclasses import replace

import httpx
import pyotp
import pytest
from playwright.sync_api import expect
from tests.console.served import AUTHORITY, PASSWORD, PURPOSE
from tests.console.test_guard import filled
from tests.refusals import because

from watchfloor.cell.acts import Refusal
from watchfloor.console.access import second_factor
from watchfloor.console.access.accounts import Accounts, hash_of
from watchfloor.console.access.door import Door
from watchfloor.console.access.file import AccessFile
from watchfloor.console.access.second_factor import RECOVERY, STEP, step_of
from watchfloor.console.access.sessions import FRESH, Sessions
from watchfloor.console.registry import ENDPOINTS
from watchfloor.console.services import ENROLLING
from watchfloor.store import Actor, Floor
from watchfloor.store.backup import backup, restore

SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = (
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
)
"""RFC 6238, appendix B, SHA-1: seconds since 1970 and a code of eight digits, whose last six ours is."""


@pytest.mark.parametrize(("at", "code"), VECTORS)
def test_the_published_vectors(at, code):
    assert step_of(SECRET, code[2:], at) == at // STEP
    assert step_of(SECRET, f" {code[2:5]} {code[5:]} ", at) == at // STEP


@pytest.mark.parametrize(("off", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_off_by_a_step(off, right):
    at = 1_111_111_111
    assert (step_of(SECRET, pyotp.TOTP(SECRET).at(at + off * STEP), at) is not None) is right


@pytest.mark.parametrize("code", ["", "05047", "0504711", "14050471", "05047x", "٠٥٠٤٧١", "-50471", "+50471"])
def test_what_is_no_code_is_none(code):
    assert step_of(SECRET, code, 1_111_111_111) is None


@pytest.fixture
def held(tmp_path, monkeypatch):
    """Accounts of which kim has a second factor, at a time that the test sets, and kim's recovery codes."""
    floor = Floor.create(tmp_path / "floor", Actor("roy", "tests", "an Act"))
    file = AccessFile(floor.root)
    accounts = Accounts(file)
    for name in ("kim", "okafor"):
        accounts.add(name)
        accounts.redeem(accounts.link(name), PASSWORD)
    clock = [1_111_111_111.0]
    monkeypatch.setattr(second_factor.time, "time", lambda: clock[0])
    codes = accounts.second.enrol("kim", SECRET, now_of(clock), b"")
    yield accounts, clock, codes, floor
    file.close()


def now_of(clock, steps=0):
    return pyotp.TOTP(SECRET).at(int(clock[0]) + steps * STEP)


def test_a_code_opens_once_and_none_before_it_after(held):
    second, clock = held[0].second, held[1]
    assert not second.passes("kim", now_of(clock)), "the code that set it up"
    assert not second.passes("kim", now_of(clock, -1))
    assert second.passes("kim", now_of(clock, 1))
    assert not second.passes("kim", now_of(clock, 1))
    clock[0] += 2 * STEP
    assert second.passes("kim", now_of(clock))
    assert not second.passes("kim", "")
    assert [second.passes(name, "") for name in ("okafor", "nobody")] == [True, True], "they have none"


def test_recovery_codes_open_once_each_however_they_are_typed(held):
    second, codes = held[0].second, held[2]
    assert len(set(codes)) == RECOVERY
    assert all(len(code.replace("-", "")) == 16 for code in codes)
    assert second.passes("kim", codes[0])
    assert not second.passes("kim", codes[0])
    assert second.passes("kim", codes[1].replace("-", " ").lower())
    content = b"".join(path.read_bytes() for path in held[3].root.glob("console.sqlite*"))
    assert not any(code.replace("-", "").encode() in content or code.encode() in content for code in codes)


def test_enrolling_anew_ends_old_codes_and_other_sessions(held):
    accounts, clock, codes, floor = held
    file = AccessFile(floor.root)
    sessions = Sessions(file)
    mine, other = sessions.begin("kim", "en"), sessions.begin("kim", "en")
    with pytest.raises(Refusal, check=because("console.code-wrong")):
        accounts.second.enrol("kim", SECRET, "000000", hash_of(mine))
    assert accounts.second.passes("kim", codes[0])
    accounts.second.enrol("kim", SECRET, now_of(clock), hash_of(mine))
    assert not accounts.second.passes("kim", codes[1])
    assert (sessions.find(mine) is None, sessions.find(other) is None) == (False, True)
    accounts.second.remove("kim")
    assert accounts.second.passes("kim", "")
    assert not accounts.get("kim").second
    file.close()


def test_a_second_factor_outlives_a_backup(held, tmp_path):
    backup(held[3], tmp_path / "b.tar", Actor("roy", "tests", "an Act"), to=())
    restore(tmp_path / "b.tar", tmp_path / "again", Actor("roy", "tests", "an Act"))
    file = AccessFile(tmp_path / "again")
    assert Accounts(file).second.enabled("kim")
    assert Accounts(file).second.passes("kim", held[2][0])
    file.close()


# --- in the console


@pytest.fixture
def house(console):
    """The module's console with kim, who administers it, and okafor, who has a second factor."""
    services = console.services
    services.file.database.execute("DELETE FROM accounts")
    console.account("kim", administrator=True)
    console.account("okafor")
    console.codes = services.accounts.second.enrol("okafor", SECRET, pyotp.TOTP(SECRET).now(), b"")
    return console


def test_without_the_code_nobody_gets_in_and_nobody_is_told_why(house):
    wrong = []
    for number, said in enumerate(
        (
            {"password": PASSWORD},
            {"password": PASSWORD, "code": "000000"},
            {"password": "not the right one", "code": house.codes[0]},
        )
    ):
        with httpx.Client(base_url=house.home, timeout=60) as visitor:
            answer = visitor.post("/api/v1/session", json={"name": "okafor", **said})
            assert answer.status_code == 422, number
            wrong.append(answer.json()["detail"])
    assert len(set(wrong)) == 1
    said = {"name": "okafor", "password": PASSWORD, "code": house.codes[0]}
    said |= {"purpose": PURPOSE, "authority": AUTHORITY}
    assert httpx.post(f"{house.home}/api/v1/session", json=said, timeout=60).status_code == 200
    assert httpx.post(f"{house.home}/api/v1/session", json=said, timeout=60).status_code == 422, "used"


def test_a_link_stands_for_the_password_alone(house):
    link = house.services.administration.link(Actor("kim", PURPOSE, AUTHORITY), "okafor")
    said = {"password": "another long sentence", "again": "another long sentence"}
    answer = httpx.post(
        f"{house.home}/start/{link}", data=said, headers={"Sec-Fetch-Site": "same-origin"}, timeout=60
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert "watchfloor" not in answer.cookies


def test_an_administrator_takes_a_lost_one_away(house, client):
    token = house.token("okafor")
    kim = client(house, house.token("kim"))
    assert {one["name"]: one["second"] for one in kim.get("/api/v1/accounts").json()["people"]} == {
        "kim": False,
        "okafor": True,
    }
    assert kim.post("/api/v1/accounts/second/remove", json={"name": "okafor"}).status_code == 200
    assert house.session(token) is None
    said = {"name": "okafor", "password": PASSWORD}
    assert httpx.post(f"{house.home}/api/v1/session", json=said, timeout=60).status_code == 200
    (act,) = [act for act in house.floor.acts_of("account") if act.detail["what"] == "no-second-factor"]
    assert (act.actor.name, act.detail["account"]) == ("kim", "okafor")


def test_a_password_alone_puts_no_other_in_its_place(house, client):
    token = house.token("okafor")
    okafor = client(house, token)
    key = house.session(token).key.hex()
    assert okafor.get("/api/v1/profile/second").status_code == 422
    house.services.enrolling.put(key, SECRET)  # of a page from before it was set up elsewhere
    answer = okafor.post("/api/v1/profile/second", json={"code": pyotp.TOTP(SECRET).now()})
    assert (answer.status_code, "remove it first" in answer.json()["detail"]) == (422, True)
    assert house.services.accounts.second.passes("okafor", house.codes[0]), "the codes of before are good"


def test_a_page_sets_it_up_and_the_next_sign_in_asks_for_it(house, officer, client):
    kim = officer(house, token=house.token("kim", language="fr"), viewport={"width": 390, "height": 900})
    kim.go("/profile")
    kim.shot("profile-second-390", full=True)
    kim.page.get_by_role("link", name="Configurer un second facteur").click()
    secret = kim.page.locator("main code").text_content()
    kim.shot("second-390", full=True)
    assert kim.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    kim.page.reload()
    assert kim.page.locator("main code").text_content() == secret, "looking again changes nothing"
    kim.page.get_by_label("Code", exact=True).fill("000000")
    kim.page.locator("form[action='/profile/second'] button").click()
    expect(kim.page.get_by_role("alert")).to_contain_text("ce n’est pas le code")
    assert kim.page.locator("main code").text_content() == secret
    kim.page.get_by_label("Code", exact=True).fill(pyotp.TOTP(secret).now())
    kim.page.locator("form[action='/profile/second'] button").click()
    expect(kim.page.locator(".heard")).to_contain_text("ne sont affichés qu’une fois")
    kim.shot("second-set-up-390", full=True)
    recovery = kim.page.locator(".heard").text_content().rpartition("\u00a0: ")[2].split(", ")
    assert len(recovery) == RECOVERY
    again = officer(house, token=None)
    again.go("/sign-in")
    again.shot("sign-in")
    for code, told in (("", True), (recovery[0], False)):
        again.page.get_by_label("Name").fill("kim")
        again.page.get_by_label("Password").fill(PASSWORD)
        again.page.get_by_label("Code").fill(code)
        again.page.get_by_role("button", name="Sign in").click()
        if told:
            expect(again.page.get_by_role("alert")).to_contain_text("the code is missing")
            assert again.page.get_by_label("Code").input_value() == ""
    expect(again.page.get_by_role("heading", level=1)).to_contain_text("For what purpose")
    session = house.services.sessions.find(kim.context.cookies()[0]["value"])
    house.services.file.database.execute(
        "UPDATE sessions SET proved = ? WHERE token = ?", (int(time.time()) - FRESH - 60, session.key)
    )
    stale = client(house, kim.context.cookies()[0]["value"])
    for path in ("profile/second", "profile/second/remove"):
        answer = stale.post(f"/api/v1/{path}", json={"code": recovery[1]})
        assert answer.status_code == 422
        assert "confirmez d’abord votre identité" in answer.json()["detail"]
    house.services.sessions.prove(session.key)
    wrong = [
        stale.post("/api/v1/profile/second/remove", json={"code": "000000"}).status_code for _ in range(6)
    ]
    assert wrong == [422] * 5 + [429]
    house.services.door = Door(house.services.accounts, house.services.scribe.log)
    assert stale.post("/api/v1/profile/second/remove", json={"code": recovery[1]}).status_code == 200
    assert not house.services.accounts.get("kim").second
    whats = [act.detail["what"] for act in house.floor.acts_of("second-factor")]
    assert whats == ["set up", "removed"]


def test_beyond_this_machine_a_password_alone_opens_what_adds_a_second_factor(house, client, monkeypatch):
    """ASVS 5.0, 6.3.3."""
    said = {"name": "kim", "password": PASSWORD, "purpose": PURPOSE, "authority": AUTHORITY}
    answer = httpx.post(f"{house.home}/api/v1/session", json=said, timeout=60)
    token = answer.json()["token"]
    kim = client(house, token, cookie=f"watchfloor={token}")
    assert kim.get("/api/v1/accounts").status_code == 200, "reached by this machine alone"
    monkeypatch.setattr(house.services, "listening", replace(house.services.listening, local=False))
    opened = set()
    for one in ENDPOINTS:
        if not one.public and one.api:
            path = "/api/v1" + filled(one.path)
            found = kim.get(path) if one.method == "GET" else kim.post(path, json={})
            shut = found.status_code == 403 and found.json()["type"].endswith(":one-factor")
            opened |= set() if shut else {one.name}
            if one.name == "session.end":
                token = house.token("kim")
                kim = client(house, token, cookie=f"watchfloor={token}")
    assert opened == ENROLLING
    for path in ("/leads", "/accounts", "/policy"):
        page = kim.get(path)
        assert (page.status_code, page.headers["location"]) == (303, "/profile"), path
    assert (kim.get("/metrics").status_code, kim.get("/api/v1/stream").status_code) == (404, 403)
    assert "authenticator app" in kim.get("/profile").text
    secret = kim.get("/api/v1/profile/second").json()["secret"]
    code = pyotp.TOTP(secret).now()
    assert kim.post("/api/v1/profile/second", json={"code": code}).status_code == 200
    assert kim.get("/accounts").status_code == 200
