"""Passkeys: what opens an account and what does not, with an authenticator of ours and a browser's."""

import json
from contextlib import suppress
from dataclasses import replace

import httpx
import msgspec
import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import expect
from tests.console.authenticators import PRESENT, Authenticator, b64, unb64
from tests.console.served import AUTHORITY, PASSWORD, PURPOSE
from tests.refusals import because

from watchfloor.cell.acts import Refusal
from watchfloor.console.access import passkeys
from watchfloor.console.access.accounts import Accounts
from watchfloor.console.access.door import Door
from watchfloor.console.access.file import AccessFile
from watchfloor.console.access.passkeys import MOST, SECONDS, host_of
from watchfloor.store import Actor, Floor

HERE = "https://cell.example"
REFUSED, NOT_TAKEN = because("console.passkey-refused"), because("console.passkey-not-taken")


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    """Accounts of kim and okafor, each with a password."""
    floor = Floor.create(tmp_path_factory.mktemp("held") / "floor", Actor("roy", "tests", "an Act"))
    file = AccessFile(floor.root)
    accounts = Accounts(file)
    for name in ("kim", "okafor"):
        accounts.add(name)
        accounts.redeem(accounts.link(name), PASSWORD)
    yield accounts
    file.close()


@pytest.fixture(autouse=True)
def _none_yet(request):
    if "held" in request.fixturenames:
        held = request.getfixturevalue("held")
        for name in ("kim", "okafor"):
            held.passkeys.remove(name)


def added(accounts, name="kim", **how):
    """A passkey of an account."""
    one = Authenticator(HERE, **how)
    answer = one.make(accounts.passkeys.creation(name, HERE, "add"))
    accounts.passkeys.keep(name, "key", accounts.passkeys.made(answer, HERE, "add"))
    return one


def opened(accounts, one, **client):
    return accounts.passkeys.owner(one.sign(accounts.passkeys.request(HERE, "in"), **client), HERE, "in")


def test_a_passkey_opens_its_account_and_no_other(held):
    kim, okafor = added(held), added(held, "okafor")
    assert (opened(held, kim), opened(held, okafor)) == ("kim", "okafor")
    kim.handle = okafor.handle
    with pytest.raises(Refusal, check=REFUSED):
        opened(held, kim)
    kim.handle, kim.key = b"", okafor.key
    with pytest.raises(Refusal, check=REFUSED):
        opened(held, kim)
    (listed,) = held.passkeys.all("kim")
    assert (listed.label, listed.host, listed.used > 0) == ("key", "cell.example", True)
    assert held.get("kim").passkeys == 1


def test_what_a_browser_is_asked_for(held):
    one = added(held)
    creation = held.passkeys.creation("kim", HERE, "add")
    assert creation["authenticatorSelection"]["userVerification"] == "required"
    assert creation["authenticatorSelection"]["residentKey"] == "required"
    assert [each["alg"] for each in creation["pubKeyCredParams"]] == [-7, -8, -257]
    assert [unb64(each["id"]) for each in creation["excludeCredentials"]] == [one.id]
    assert unb64(creation["user"]["id"]) == one.handle, "an account keeps its handle"
    assert b"kim" not in one.handle
    anybody = held.passkeys.request(HERE, "in")
    assert (anybody["userVerification"], anybody["rpId"]) == ("required", "cell.example")
    assert "allowCredentials" not in anybody, "nobody is told which passkeys there are"
    mine = held.passkeys.request(HERE, "prove", "kim")
    assert [unb64(each["id"]) for each in mine["allowCredentials"]] == [one.id]


WRONG_ANSWERS = {
    "another page's": {"origin": "https://cell.example.evil"},
    "another port's": {"origin": "https://cell.example:8443"},
    "without TLS": {"origin": "http://cell.example"},
    "in a frame of another site": {"crossOrigin": True},
    "of another kind": {"type": "webauthn.create"},
    "of no challenge of ours": {"challenge": b64(bytes(56))},
    "of a short challenge": {"challenge": ""},
}


@pytest.mark.parametrize("how", WRONG_ANSWERS)
def test_an_answer_that_is_wrong_opens_nothing(held, how):
    one = added(held)
    with pytest.raises(Refusal, check=REFUSED):
        opened(held, one, **WRONG_ANSWERS[how])
    assert opened(held, one) == "kim"
    one.id += b"\x00"
    with pytest.raises(Refusal, check=REFUSED):
        opened(held, one)


@pytest.mark.parametrize("flags", [0, PRESENT])
def test_who_was_not_asked_for_a_finger_or_a_pin_neither_adds_nor_opens(held, flags):
    with pytest.raises(Refusal, check=NOT_TAKEN):
        added(held, flags=flags)
    one = added(held)
    one.flags = flags
    with pytest.raises(Refusal, check=REFUSED):
        opened(held, one)


def test_an_answer_is_good_once_for_one_thing_and_for_some_minutes(held, monkeypatch):
    one, kept = added(held), held.passkeys
    answer = one.sign(kept.request(HERE, "in"))
    with pytest.raises(Refusal, check=REFUSED):
        kept.owner(answer, HERE, "prove")
    with pytest.raises(Refusal, check=REFUSED):
        kept.owner(answer, "https://other.example", "in")
    assert kept.owner(answer, HERE, "in") == "kim"
    with pytest.raises(Refusal, check=REFUSED):
        kept.owner(answer, HERE, "in")
    clock = [1_800_000_000]
    monkeypatch.setattr(passkeys.time, "time", lambda: clock[0])
    for late, opens in ((SECONDS, True), (SECONDS + 1, False)):
        answer = one.sign(kept.request(HERE, "in"))
        clock[0] += late
        if opens:
            assert kept.owner(answer, HERE, "in") == "kim"
        else:
            with pytest.raises(Refusal, check=REFUSED):
                kept.owner(answer, HERE, "in")
    made = Authenticator(HERE).make(kept.creation("okafor", HERE, "add"))
    kept.made(made, HERE, "add")
    with pytest.raises(Refusal, check=REFUSED):
        kept.made(made, HERE, "add")


def test_a_copied_passkey_is_noticed_by_its_counter(held):
    one = added(held, step=1)
    assert opened(held, one) == "kim"
    copy = Authenticator(HERE, step=1)
    copy.id, copy.key, copy.handle, copy.counter = one.id, one.key, one.handle, one.counter
    assert opened(held, one) == "kim"
    with pytest.raises(Refusal, check=REFUSED):
        opened(held, copy)
    assert opened(held, one) == "kim"


def test_a_closed_account_a_removed_passkey_and_a_provider_open_nothing(held):
    one = added(held, "okafor")
    held.add("last", administrator=True)
    held.set_disabled("okafor", disabled=True)
    with pytest.raises(Refusal, check=REFUSED):
        opened(held, one)
    held.set_disabled("okafor", disabled=False)
    assert opened(held, one) == "okafor"
    assert held.passkeys.remove("kim", one.id.hex()) == 0, "of another account"
    assert held.passkeys.remove("okafor", one.id.hex()) == 1
    with pytest.raises(Refusal, check=REFUSED):
        opened(held, one)
    held.add("away")
    other = added(held, "away")
    held.vouch("away", "https://login.example", "7")
    with pytest.raises(Refusal, check=REFUSED):
        opened(held, other)


def test_one_passkey_belongs_to_one_account_and_there_are_not_too_many(held):
    one = added(held)
    for name in ("kim", "okafor"):
        answer = one.make(held.passkeys.creation(name, HERE, "add"))
        with pytest.raises(Refusal, check=NOT_TAKEN):
            held.passkeys.keep(name, "", held.passkeys.made(answer, HERE, "add"))
    last = held.passkeys.creation("kim", HERE, "add")
    for _ in range(MOST - 1):
        added(held)
    with pytest.raises(Refusal, check=because("console.passkeys-enough", most=MOST)):
        held.passkeys.creation("kim", HERE, "add")
    made = held.passkeys.made(Authenticator(HERE).make(last), HERE, "add")
    with pytest.raises(Refusal, check=because("console.passkeys-enough", most=MOST)):
        held.passkeys.keep("kim", "", made)


@given(st.text() | st.binary().map(b64) | st.dictionaries(st.text(), st.text()).map(json.dumps))
def test_no_answer_makes_a_mistake_of_ours(held, text):
    for call in (held.passkeys.owner, held.passkeys.made):
        with pytest.raises(Refusal):
            call(text, HERE, "in")


@given(st.data())
def test_no_part_of_an_answer_can_be_changed(held, data):
    """Each byte of what is signed matters, and none makes a mistake of ours."""
    held.passkeys.remove("kim")
    one = added(held)
    answer = json.loads(one.sign(held.passkeys.request(HERE, "in")))
    part = data.draw(st.sampled_from(["clientDataJSON", "authenticatorData", "signature"]))
    content = bytearray(unb64(answer["response"][part]))
    content[data.draw(st.integers(0, 999)) % len(content)] ^= data.draw(st.integers(1, 255))
    answer["response"][part] = b64(bytes(content))
    with pytest.raises(Refusal, check=REFUSED):
        held.passkeys.owner(json.dumps(answer), HERE, "in")


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://cell.example", "cell.example"),
        ("http://localhost:8765", "localhost"),
        ("http://127.0.0.1:8765", ""),
        ("http://[::1]:8765", ""),
    ],
)
def test_a_browser_knows_passkeys_by_a_name(held, origin, host):
    assert host_of(origin) == host
    if not host:
        with pytest.raises(Refusal, check=because("console.passkey-no-name")):
            held.passkeys.request(origin, "in")


def test_a_link_ends_password_and_passkeys_and_no_second_factor(held):
    held.add("roy")
    one = Authenticator(HERE)
    first = held.link("roy")
    made = held.passkeys.made(one.make(held.passkeys.creation("roy", HERE, "start")), HERE, "start")
    assert held.redeem_by_passkey(first, "mine", made) == "roy"
    assert (held.get("roy").signs_in, held.get("roy").reset_by) == ("passkey", "")
    assert opened(held, one) == "roy"
    assert not held.passes("roy", "")
    held.redeem(held.link("roy", by="adm"), PASSWORD)
    assert (held.get("roy").signs_in, held.get("roy").reset_by) == ("password", "adm")
    with pytest.raises(Refusal, check=REFUSED):
        opened(held, one)
    held.second._file.database.execute("UPDATE accounts SET totp = 'JBSWY3DPEHPK3PXP' WHERE name = 'roy'")
    with pytest.raises(Refusal, check=because("console.passkey-code-first")):
        held.redeem_by_passkey(held.link("roy"), "", made)


def test_wrong_answers_have_a_rate_and_are_logged(held):
    acts = []
    door = Door(held, lambda *act: acts.append(act))
    one = added(held)
    assert door.by_passkey(one.sign(held.passkeys.request(HERE, "in")), HERE, "in", "192.0.2.1") == "kim"
    assert acts == []
    tries = 0
    with suppress(Exception):
        for tries in range(100):  # noqa: B007
            with pytest.raises(Refusal, check=REFUSED):
                door.by_passkey("{}", HERE, "in", "192.0.2.1")
    assert (tries, len(acts)) == (30, 30)
    assert acts[0][1:] == ("sign-in-refused", {"account": None, "by": "passkey"})
    shut = Door(held, lambda *act: acts.append(act), passkeys=False)
    with pytest.raises(Refusal, check=because("console.no-passwords")):
        shut.by_passkey(one.sign(held.passkeys.request(HERE, "in")), HERE, "in", "192.0.2.2")


# --- in the console

FROM_HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def house(console):
    """The module's console by its name, with kim, who administers it, and okafor."""
    console.services.file.database.execute("DELETE FROM accounts")
    console.account("kim", administrator=True)
    console.account("okafor")
    console.named = console.home.replace("127.0.0.1", "localhost")
    return console


def signed_in(house, client, name):
    """A client of somebody's session, by the console's name."""
    return client(replace(house, home=house.named), house.token(name))


def enrolled(house, mine, label=""):
    """An authenticator whose passkey somebody has added."""
    one = Authenticator(house.named)
    options = mine.get("/api/v1/profile/passkeys/new").json()["options"]
    answer = mine.post("/api/v1/profile/passkeys", json={"credential": one.make(options), "label": label})
    assert answer.status_code == 200, answer.text
    return one


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("page", ["/profile", "/accounts"])
def test_who_one_is_is_shown_by_what_one_has(house, client, page, language):
    services = house.services
    kim = client(house, cookie=f"watchfloor={house.token('kim', language=language)}")

    def offered():
        services.file.database.execute("UPDATE sessions SET proved = 0")
        text = kim.get(page).text
        forms = [one for one in text.split("<form")[1:] if f'action="{page}/prove"' in one]
        return [
            {field for field in ("password", "code", "credential") if f'name="{field}"' in one}
            for one in forms
        ]

    assert offered() == [{"password"}]
    enrolled(house, signed_in(house, client, "kim"))
    assert offered() == [{"password"}, {"credential"}]
    services.file.database.execute("UPDATE accounts SET totp = 'JBSWY3DPEHPK3PXP' WHERE name = 'kim'")
    assert offered() == [{"password", "code"}, {"credential"}]
    services.file.database.execute("UPDATE accounts SET totp = NULL, hash = NULL WHERE name = 'kim'")
    assert offered() == [{"credential"}]
    services.file.database.execute(
        "UPDATE accounts SET provider = 'https://x', subject = '1' WHERE name = 'kim'"
    )
    assert offered() == []


def test_a_password_shows_who_one_is_beside_a_code_where_there_is_one(house, client):
    secret = pyotp.random_base32()
    codes = house.services.accounts.second.enrol("kim", secret, pyotp.TOTP(secret).now(), b"")
    kim = client(house, house.token("kim"))
    for said, status in (({"code": ""}, 422), ({"code": "000000"}, 422), ({"code": codes[0]}, 200)):
        assert kim.post("/api/v1/profile/prove", json={"password": PASSWORD, **said}).status_code == status


def test_it_is_added_signs_in_shows_who_one_is_and_is_removed(house, client):
    okafor = signed_in(house, client, "okafor")
    one = enrolled(house, okafor, "my key")
    options = httpx.get(f"{house.named}/api/v1/session/passkey").json()["options"]
    said = {"credential": one.sign(options), "to": "/tasks"}
    there = f"{house.named}/sign-in/passkey"
    entered = httpx.post(there, data=said, headers=FROM_HERE, timeout=60)
    assert (entered.status_code, entered.headers["location"]) == (303, "/purpose?to=%2Ftasks")
    session = house.session(entered.cookies["watchfloor"])
    assert (session.account, session.fresh) == ("okafor", True)
    again = httpx.post(there, data=said, headers=FROM_HERE, timeout=60)
    assert (again.status_code, "watchfloor" in again.cookies) == (422, False), "an answer is good once"
    assert one.sign(options) not in again.text
    assert httpx.post(there, data=said, headers={"Origin": "https://evil.example"}).status_code == 403
    (listed,) = okafor.get("/api/v1/profile").json()["passkeys"]
    assert (listed["label"], listed["host"], listed["used"] is None) == ("my key", "localhost", False)

    house.services.file.database.execute("UPDATE sessions SET proved = 0")
    removal = {"passkey": listed["id"]}
    assert okafor.post("/api/v1/profile/passkeys/remove", json=removal).status_code == 422
    kim = signed_in(house, client, "kim")
    other = enrolled(house, kim)
    proof = okafor.get("/api/v1/profile/passkeys/proof").json()["options"]
    assert okafor.post("/api/v1/profile/prove", json={"credential": other.sign(proof)}).status_code == 422
    proof = okafor.get("/api/v1/profile/passkeys/proof").json()["options"]
    assert okafor.post("/api/v1/profile/prove", json={"credential": one.sign(proof)}).status_code == 200
    assert house.session(entered.cookies["watchfloor"]) is not None
    assert okafor.post("/api/v1/profile/passkeys/remove", json=removal).status_code == 200
    assert house.session(entered.cookies["watchfloor"]) is None, "who has the device is out too"
    assert okafor.post("/api/v1/profile/passkeys/remove", json=removal).status_code == 422
    whats = [act.detail["what"] for act in house.floor.acts_of("second-factor") if act.actor.name == "okafor"]
    assert whats == ["passkey added", "passkey removed"]


def test_beyond_this_machine_a_password_adds_no_factor_to_a_passkey(house, client, monkeypatch):
    """Who has stolen the password of somebody with a passkey signs in by it, and must get no further."""
    okafor = signed_in(house, client, "okafor")
    one = enrolled(house, okafor)
    monkeypatch.setattr(house.services, "listening", replace(house.services.listening, local=False))
    house.services.file.database.execute("UPDATE sessions SET strong = 0")
    code = {"code": pyotp.TOTP(pyotp.random_base32()).now()}
    for answer in (
        okafor.get("/api/v1/profile/second"),
        okafor.post("/api/v1/profile/second", json=code),
        okafor.get("/api/v1/profile/passkeys/new"),
    ):
        assert (answer.status_code, "show first that it is you" in answer.text) == (422, True)
    proof = okafor.get("/api/v1/profile/passkeys/proof").json()["options"]
    assert okafor.post("/api/v1/profile/prove", json={"credential": one.sign(proof)}).status_code == 200
    assert okafor.get("/api/v1/profile/second").status_code == 200


def test_an_administrator_removes_those_of_a_lost_device(house, client):
    token = house.token("okafor")
    okafor, kim = client(replace(house, home=house.named), token), signed_in(house, client, "kim")
    one = enrolled(house, okafor)
    people = {each["name"]: each["passkeys"] for each in kim.get("/api/v1/accounts").json()["people"]}
    assert people == {"kim": 0, "okafor": 1}
    assert kim.post("/api/v1/accounts/passkeys/remove", json={"name": "okafor"}).status_code == 200
    assert house.session(token) is None
    options = httpx.get(f"{house.named}/api/v1/session/passkey").json()["options"]
    said = {"credential": one.sign(options)}
    there = f"{house.named}/sign-in/passkey"
    assert httpx.post(there, data=said, headers=FROM_HERE, timeout=60).status_code == 422
    (act,) = [act for act in house.floor.acts_of("account") if act.detail["what"] == "no-passkeys"]
    assert (act.actor.name, act.detail["account"]) == ("kim", "okafor")


def test_where_there_are_no_passwords_a_link_leads_to_a_passkey(house, client, monkeypatch):
    settings = house.services.settings
    monkeypatch.setattr(house.services, "settings", msgspec.structs.replace(settings, passwords=False))
    link = house.services.administration.link(Actor("kim", PURPOSE, AUTHORITY), "okafor")
    page = httpx.get(f"{house.named}/start/{link}").text
    assert ('type="password"' in page, "/passkey" in page) == (False, True)
    assert "localhost" in httpx.get(f"{house.home}/start/{link}").text, "an address: by its name instead"
    said = {"password": "another long sentence", "again": "another long sentence"}
    there = f"{house.named}/start/{link}"
    assert httpx.post(there, data=said, headers=FROM_HERE, timeout=60).status_code == 422
    one = Authenticator(house.named)
    options = httpx.get(f"{house.named}/api/v1/start/{link}/passkey").json()["options"]
    said = {"credential": one.make(options), "label": "mine"}
    entered = httpx.post(f"{there}/passkey", data=said, headers=FROM_HERE, timeout=60)
    assert (entered.status_code, house.session(entered.cookies["watchfloor"]).account) == (303, "okafor")
    assert house.services.accounts.get("okafor").signs_in == "passkey"
    mine = signed_in(house, client, "okafor")
    (listed,) = mine.get("/api/v1/profile").json()["passkeys"]
    last = mine.post("/api/v1/profile/passkeys/remove", json={"passkey": listed["id"]})
    assert (last.status_code, "add another one first" in last.json()["detail"]) == (422, True)


def test_a_browser_adds_one_and_signs_in_with_it_and_asks_no_other_host(house, officer):
    kim = officer(replace(house, home=house.named), house.token("kim", language="fr"))
    devtools = kim.context.new_cdp_session(kim.page)
    devtools.send("WebAuthn.enable")
    how = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    how |= {"hasUserVerification": True, "isUserVerified": True}
    key = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": how})["authenticatorId"]
    kim.go("/profile")
    kim.page.get_by_label("Nom de la clé d’accès").fill("tour")
    kim.page.get_by_role("button", name="Ajouter une clé d’accès").click()
    expect(kim.page.locator(".heard")).to_contain_text("La clé d’accès est ajoutée")
    kim.shot("profile-passkeys", full=True)
    kim.context.clear_cookies()
    kim.go("/sign-in")
    kim.shot("sign-in-passkey")
    kim.page.get_by_role("button", name="passkey").click()
    expect(kim.page.get_by_role("heading", level=1)).to_contain_text("For what purpose")
    kim.context.clear_cookies()
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    kim.go("/sign-in")
    kim.page.get_by_role("button", name="passkey").click()
    expect(kim.page.get_by_role("alert")).to_contain_text("No passkey was used")
