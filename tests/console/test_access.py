"""Coming in and going out, as a browser and a program do it; what is not let in, and what is not lost."""

import asyncio
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from shutil import copytree
from urllib.parse import quote, urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape
from playwright.sync_api import expect
from starlette.exceptions import HTTPException
from starlette.requests import Request
from tests.console.served import AUTHORITY, KEEPER, PASSWORD, PURPOSE, served

from watchfloor.console.access.accounts import Accounts
from watchfloor.console.access.door import Door
from watchfloor.console.access.file import AccessFile
from watchfloor.console.access.login_routes import inside
from watchfloor.console.access.sessions import Sessions
from watchfloor.console.endpoints import bodies
from watchfloor.console.endpoints.bodies import SMALL
from watchfloor.console.endpoints.browser import MOST_CARRIED, carriable
from watchfloor.console.services import Entrance
from watchfloor.store.backup import backup, restore
from watchfloor.store.floor import Floor

SAME = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def house(console):
    """The module's console: nobody is signed in or has to wait, and okafor's account is as it was made."""
    services = console.services
    services.file.database.execute("DELETE FROM accounts")
    services.door = Door(services.accounts, services.scribe.log)
    console.account("okafor")
    console.since = console.floor.position
    return console


@pytest.fixture
def visitor(house):
    """An HTTP client with cookies, as a browser that follows nothing by itself."""
    with httpx.Client(base_url=house.home, timeout=60) as one:
        yield one


@pytest.fixture
def ruled(own):
    """A console whose floor has a policy, and a client of it."""
    (own.floor.root / "policy.toml").write_text(POLICY, "utf-8")
    own.account("okafor")
    with httpx.Client(base_url=own.home, timeout=60) as one:
        yield own, one


def sign_in(visitor, name="okafor", password=PASSWORD, **more):
    return visitor.post("/sign-in", data={"name": name, "password": password, **more}, headers=SAME)


def csrf_of(console, visitor):
    return console.session(visitor.cookies["watchfloor"]).csrf


def state(console, visitor, **more):
    said = {"purpose": PURPOSE, "authority": AUTHORITY, "csrf": csrf_of(console, visitor), **more}
    return visitor.post("/purpose", data=said, headers=SAME)


def acts(console, *names):
    found = console.floor.acts_of(*names)
    return [(act.act, act.actor.name, act.detail) for act in found if act.position > console.since]


def test_an_officer_signs_in_states_what_for_once_and_sees_it_always(house, officer):
    house.account("okafor")
    okafor = officer(house, token=None)
    page = okafor.page
    okafor.go("/leads?size=3")
    expect(page).to_have_url(re.compile("/sign-in"))
    okafor.shot("sign-in")
    page.get_by_label("Name").fill("okafor")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    okafor.shot("purpose")
    page.get_by_label("Purpose").fill("seizures of the Detroit corridor")
    page.get_by_label("Authority").fill("Customs Act, s. 99")
    page.get_by_role("button", name="Go on").click()
    expect(page).to_have_url(re.compile(r"/leads\?size=3"))
    for path in ("/leads", "/profile"):
        okafor.go(path)
        bar = page.locator("header.bar")
        expect(bar).to_contain_text("okafor · seizures of the Detroit corridor (Customs Act, s. 99)")
        expect(bar).to_contain_text(house.floor.settings.ceiling)
        expect(page.locator("p.marking").first).to_contain_text("This page:")
    bar.locator("summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/sign-in"))
    okafor.go("/leads")
    expect(page).to_have_url(re.compile("/sign-in"))
    told = acts(house, "signed-in", "signed-out")
    assert [(act, name) for act, name, _ in told] == [("signed-in", "okafor"), ("signed-out", "okafor")]
    (began, _) = house.floor.acts_of("signed-in", "signed-out")
    assert (began.actor.purpose, began.actor.authority) == (
        "seizures of the Detroit corridor",
        "Customs Act, s. 99",
    )


POLICY = """
[purposes.seizures]
en = "Seizures at the border"
fr = "Saisies à la frontière"
[authorities."Customs Act, s. 99"]
en = "Customs Act, section 99"
fr = "Loi sur les douanes, article 99"
[readers.okafor]
protected = "PB"
"""


def test_purposes_and_authorities_are_those_of_the_policy(ruled, officer):
    own, visitor = ruled
    okafor = officer(own, token=own.token(purpose=""), locale="fr-CA")
    page = okafor.page
    okafor.go("/purpose")
    choices = page.locator("select[name=purpose] option")
    assert choices.all_text_contents() == ["Seizures at the border"]
    lawful = page.locator("select[name=authority] option")
    assert lawful.evaluate_all("all => all.map(one => one.value)") == ["Customs Act, s. 99"]
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("header.bar")).to_contain_text("seizures (Customs Act, s. 99)")
    sign_in(visitor)
    assert "does not let you state the purpose" in state(own, visitor, purpose="curiosity").text
    because = state(own, visitor, purpose="seizures", authority="because I can")
    assert (because.status_code, "does not let you act under" in because.text) == (422, True)
    sign_in(visitor, own.account("singh"))
    answer = state(own, visitor, purpose="seizures")
    assert answer.status_code == 422
    assert "names no reader &#39;singh&#39;" in answer.text
    assert visitor.get("/leads").status_code == 303


@pytest.mark.parametrize("said", [{"purpose": " "}, {"authority": ""}, {"purpose": "a\nb"}])
def test_purpose_and_authority_are_a_line_each(house, visitor, said):
    sign_in(visitor)
    assert state(house, visitor, **said).status_code == 422
    assert not house.session(visitor.cookies["watchfloor"]).stated


def test_wrong_closed_and_unknown_are_told_alike_and_logged(house, visitor):
    house.account("closed")
    house.services.accounts.set_disabled("closed", disabled=True)
    house.services.accounts.add("linked")
    told = {
        re.sub(r'value="[^"]*"', "", sign_in(visitor, name, password).text)
        for name, password in (
            ("okafor", "not this one at all"),
            ("closed", PASSWORD),
            ("linked", PASSWORD),
            ("nobody", PASSWORD),
        )
    }
    assert len(told) == 1
    assert "do not match" in told.pop()
    refused = [detail["account"] for _, _, detail in acts(house, "sign-in-refused")]
    assert refused == ["okafor", "closed", "linked", None]
    assert "watchfloor" not in visitor.cookies


def test_passwords_are_not_guessed_faster_than_five_in_a_quarter_of_an_hour(house, visitor):
    answers = [sign_in(visitor, password=f"a wrong sentence {n}") for n in range(6)]
    assert [one.status_code for one in answers] == [422] * 5 + [429]
    assert 170 < int(answers[-1].headers["Retry-After"]) <= 181
    right = sign_in(visitor)
    assert right.status_code == 429, "who guesses right after too many tries is not told so"
    assert "wait" in right.text
    house.account("singh")
    assert sign_in(visitor, "singh").status_code == 303, "others go on"


def test_who_knows_the_password_may_sign_in_any_number_of_times(house, visitor):
    for _ in range(8):
        assert sign_in(visitor).status_code == 303
    assert len(house.services.sessions.running("okafor")) == 1, (
        "the session of the same browser ends each time"
    )


def test_the_session_of_before_is_not_gone_on_in(house, visitor):
    planted = house.token("mallory")
    visitor.cookies.set("watchfloor", planted)
    sign_in(visitor)
    mine = (
        visitor.cookies.get("watchfloor", domain="127.0.0.1")
        or [one.value for one in visitor.cookies.jar if one.value != planted][-1]
    )
    assert mine != planted
    assert house.session(mine).account == "okafor"
    assert house.session(planted) is None


def test_the_cookie_is_for_this_host_and_for_no_script(house, visitor):
    said = sign_in(visitor).headers["set-cookie"]
    assert said.startswith("watchfloor=")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(said.split("; "))
    assert "Domain" not in said


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://{host}.evil.example"},
    ],
    ids=str,
)
def test_pages_of_others_sign_nobody_in_and_plant_no_text(house, visitor, headers):
    sent = {name: value.format(host=house.home.partition("//")[2]) for name, value in headers.items()}
    forms = {
        "/sign-in": {"name": "okafor", "password": PASSWORD},
        "/leads/seen": {"number": "1", "text": "planted"},
        "/resume": {"carried-path": "/leads/seen", "carried.text": "planted"},
    }
    for path, form in forms.items():
        answer = visitor.post(path, data=form, headers=sent)
        assert answer.status_code == 403
        assert "planted" not in answer.text
    assert "watchfloor" not in visitor.cookies


def test_our_own_page_is_known_by_its_origin_too(house, visitor):
    said = {"name": "okafor", "password": PASSWORD}
    assert visitor.post("/sign-in", data=said, headers={"Origin": house.home}).status_code == 303


@pytest.mark.parametrize(
    "to",
    [
        *("//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "evil", ""),
        *("/\t/evil.example", "/\n/evil.example", "\\\\evil.example", "/leads\r\nSet-Cookie: a=b", " /leads"),
    ],
)
def test_signing_in_leads_nowhere_else(house, visitor, to):
    assert inside(to) == "/now"
    assert sign_in(visitor, to=to).headers["location"] == "/purpose?to=%2Fnow"
    assert state(house, visitor, to=to).headers["location"] == "/now"


def test_signing_in_leads_where_one_wanted(house, visitor):
    there = "/leads?text=a&band=1"
    assert visitor.get(there).headers["location"] == f"/sign-in?to={quote(there, safe='')}"
    assert sign_in(visitor, to=there).headers["location"] == f"/purpose?to={quote(there, safe='')}"
    assert state(house, visitor, to=there).headers["location"] == there


def test_a_one_time_link_is_looked_at_often_and_used_once(house, visitor):
    house.services.accounts.add("roy")
    path = f"/start/{house.services.accounts.link('roy')}"
    for _ in range(3):
        assert visitor.get(path).status_code == 200
    short = visitor.post(path, data={"password": "short", "again": "short"}, headers=SAME)
    differ = visitor.post(path, data={"password": PASSWORD, "again": PASSWORD + "!"}, headers=SAME)
    assert (short.status_code, differ.status_code) == (422, 422)
    assert "at least 12" in short.text
    both = {"password": PASSWORD, "again": PASSWORD}
    assert visitor.post(path, data=both, headers=SAME).status_code == 303
    assert house.session(visitor.cookies["watchfloor"]).account == "roy"
    for answer in (visitor.get(path), visitor.post(path, data=both, headers=SAME)):
        assert answer.status_code == 422
        assert "used already" in answer.text
    assert ("password-changed", "roy", {"account": "roy", "by": "link"}) in acts(house, "password-changed")


def test_a_link_ends_with_its_day_with_a_newer_one_and_with_the_account(house, visitor):
    accounts = house.services.accounts
    accounts.add("roy")
    links = [accounts.link("roy", hours=-1), accounts.link("roy")]
    newest = accounts.link("roy")
    assert [visitor.get(f"/start/{one}").status_code for one in links] == [422, 422]
    assert visitor.get(f"/start/{newest}").status_code == 200
    accounts.set_disabled("roy", disabled=True)
    assert visitor.get(f"/start/{newest}").status_code == 422


def test_a_session_goes_on_where_its_use_cannot_be_written_down(tmp_path):
    floor = Floor.create(tmp_path / "floor", KEEPER)
    file = AccessFile(floor.root)
    Accounts(file).add("okafor")
    sessions = Sessions(file)
    token = sessions.begin("okafor", "en")
    file.database.execute("UPDATE sessions SET used = used - 100")
    file.database.execute("PRAGMA query_only = ON")  # as a full disk refuses it
    assert sessions.find(token).account == "okafor"
    file.close()


def test_sessions_end_by_their_hours_by_idleness_and_with_the_account(house, client):
    database = house.services.file.database
    for change in ("ends = 1", "used = 1"):
        okafor = client(house)
        assert okafor.get("/api/v1/session").status_code == 200
        database.execute(f"UPDATE sessions SET {change}")
        assert okafor.get("/api/v1/session").status_code == 401
    okafor = client(house)
    house.services.accounts.set_disabled("okafor", disabled=True)
    assert okafor.get("/api/v1/session").status_code == 401
    house.services.accounts.set_disabled("okafor", disabled=False)
    okafor = client(house)
    house.services.accounts.redeem(house.services.accounts.link("okafor"), PASSWORD)
    assert okafor.get("/api/v1/session").status_code == 401


def test_what_is_sent_without_the_sessions_own_token_is_not_done(house, officer, visitor):
    token = house.token()
    visitor.cookies.set("watchfloor", token)
    for path, said in (
        ("/sign-out", {}),
        ("/language", {"language": "fr"}),
        ("/purpose", {"purpose": "other"}),
    ):
        for csrf in ("", "x", house.session(house.token("singh")).csrf):
            visitor.post(path, data={**said, "csrf": csrf, "authority": "x"}, headers=SAME)
    assert house.session(token).language == "en"
    assert house.session(token).purpose == PURPOSE
    mine = house.session(token).csrf
    visitor.post("/language", data={"language": "fr", "csrf": mine}, headers=SAME)
    assert house.session(token).language == "fr"
    gone = visitor.post("/sign-out", data={"csrf": mine}, headers=SAME)
    assert house.session(token) is None
    assert 'watchfloor="";' in gone.headers["set-cookie"]


# --- nothing typed is lost

TYPED = 'first line\n  second, <script>alert(1)</script> & "quoted"\n\nÉté ✓ \u202e fin\n'


def expire(console):
    console.services.file.database.execute("UPDATE sessions SET used = 1")


def test_a_session_that_ends_while_an_officer_types_loses_nothing(house, officer):
    """Several fields, lines, ticks and HTML go through signing in and the purpose, and stand there unsent."""
    okafor = officer(house)
    page = okafor.page
    lead = page.context.request.get(f"{house.home}/api/v1/leads?size=1").json()["leads"][0]
    okafor.go(f"/leads/{lead['lead_id']}")
    form = page.locator("#task")
    area = form.locator("textarea").first
    texts = {area.get_attribute("name"): TYPED}
    area.evaluate("(one) => one.closest('details')?.setAttribute('open', '')")
    area.fill(TYPED)
    ticks = form.locator("input[type=checkbox]")
    ticked = [ticks.nth(n).get_attribute("value") for n in range(min(2, ticks.count()))]
    for value in ticked:
        form.locator(f"input[type=checkbox][value='{value}']").check()
    expire(house)
    before = house.floor.position
    form.evaluate("(one) => { one.noValidate = true; one.requestSubmit(); }")
    expect(page.get_by_role("alert")).to_contain_text("What you typed is kept here")
    okafor.shot("carried")
    page.get_by_label("Name").fill("okafor")
    page.get_by_label("Password").fill("a wrong sentence first")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not match")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Purpose").fill("tests")
    page.get_by_label("Authority").fill("an Act")
    page.get_by_role("button", name="Go on").click()
    again = page.locator("#task")
    for name, text in texts.items():
        assert again.locator(f"textarea[name='{name}']").input_value() == text
    for value in ticked:
        expect(again.locator(f"input[type=checkbox][value='{value}']")).to_be_checked()
    expect(page.get_by_role("alert").first).to_contain_text("is not sent yet")
    okafor.shot("resumed")
    assert {act.act for act in house.floor.acts(before + 1)} <= {
        *("query", "hit", "signed-in", "sign-in-refused")
    }


CARRIED = re.compile(r'name="(carried[^"]*)" value="([^"]*)"')


def test_long_typing_goes_through_sign_in_and_purpose(house, visitor):
    from html import unescape

    text = "a line of text, <b> & more\n" * 1_500
    typed = {"number": "x", "long": text, "answer": "different", "none": "", "csrf": "old"}
    answer = visitor.post("/leads/seen", data=typed, headers=SAME)
    assert answer.status_code == 401
    carried = {name: unescape(value) for name, value in CARRIED.findall(answer.text)}
    wanted = {"carried.number": "x", "carried.long": text, "carried.answer": "different"}
    assert carried == wanted | {"carried-path": "/leads/seen"}
    said = {"name": "okafor", "password": PASSWORD, **carried}
    answer = visitor.post("/sign-in", data=said, headers=SAME)
    assert answer.status_code == 200
    carried = {name: unescape(value) for name, value in CARRIED.findall(answer.text)}
    assert carried["carried.long"] == text
    answer = state(house, visitor, **carried)
    assert answer.status_code == 200
    assert 'action="/leads/seen"' in answer.text


@pytest.mark.parametrize("size", [70 << 10, 300 << 10])
def test_typing_too_long_to_be_carried_is_not_answered_with_as_much(house, visitor, size):
    answer = visitor.post("/leads/seen", data={"number": "x", "long": '"' * (size // 3)}, headers=SAME)
    assert answer.status_code == (413 if size > SMALL else 401)
    assert CARRIED.findall(answer.text) == []
    assert house.services.words.say("access.not_carried", "en").split(".")[0] in answer.text
    assert len(answer.content) < 16 << 10
    kept = {
        "name": "okafor",
        "password": "wrong",
        "carried-path": "/leads/seen",
        "carried.long": '"' * 70_000,
    }
    answer = visitor.post("/sign-in", data=kept, headers=SAME)
    assert answer.status_code == 422
    assert len(answer.content) < 16 << 10


@pytest.mark.parametrize(
    ("path", "type_"),
    [
        ("/leads/seen", "application/x-www-form-urlencoded"),
        ("/sign-in", "application/x-www-form-urlencoded"),
        ("/start/x", "multipart/form-data; boundary=b"),
        ("/resume", "application/x-www-form-urlencoded"),
        ("/api/v1/session", "application/json"),
    ],
)
def test_nobody_sends_much_before_it_is_known_who_sends_it(house, visitor, path, type_):
    headers = SAME | {"Content-Type": type_}
    said = visitor.post(path, content=b"x" * (SMALL + 1), headers=headers)
    assert said.status_code == 413
    start = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n' if "multipart" in type_ else b""
    pieces = (start + b"x" * (64 << 10) if n == 0 else b"x" * (64 << 10) for n in range(5))
    assert visitor.post(path, content=pieces, headers=headers).status_code == 413
    announced = begun(house, path, type_, 18 << 20)
    with announced:
        assert b" 413 " in announced.recv(1 << 16), "refused before a byte of it came"


def begun(console, path, type_, length):
    """A connection on which the head of a POST was sent, and nothing of its body."""
    wire = socket.create_connection(("127.0.0.1", console.port), timeout=30)
    head = (f"POST {path} HTTP/1.1", f"Host: localhost:{console.port}", f"Content-Type: {type_}")
    wire.sendall("\r\n".join((*head, f"Content-Length: {length}", "", "")).encode())
    return wire


def test_a_form_that_stops_coming_is_not_waited_for(house, monkeypatch):
    monkeypatch.setitem(bodies.SECONDS, False, 0.2)
    for path in ("/sign-in", "/leads/seen", "/api/v1/session"):
        with begun(house, path, "application/x-www-form-urlencoded", 100) as wire:
            assert b" 408 " in wire.recv(1 << 16)


def test_large_bodies_wait_for_their_turn(monkeypatch):
    monkeypatch.setattr(bodies, "PATIENCE", 0.05)

    async def went():
        read, met = bodies.Bodies(), []
        async with AsyncExitStack() as held:
            for size in (SMALL, SMALL + 1, SMALL + 1, SMALL, SMALL + 1):
                try:
                    body = await held.enter_async_context(read.json(sent(b"x" * size), known=True))
                    met.append(len(body))
                except HTTPException as error:
                    met.append(error.status_code)
        async with read.json(sent(b"x" * (SMALL + 1)), known=True) as body:
            return met, len(body)

    with ThreadPoolExecutor(1) as threads:  # the thread of the tests has the browser's loop
        found = threads.submit(asyncio.run, went()).result(30)
    assert found == ([SMALL, SMALL + 1, SMALL + 1, SMALL, 503], SMALL + 1)


def sent(body):
    """A request with a body whose length is not told."""

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({"type": "http", "method": "POST", "path": "/", "headers": []}, receive)


LONG = st.builds(lambda text, count: text * count, st.text(max_size=8), st.integers(0, 12_000))


@given(st.dictionaries(st.text(max_size=20), st.lists(LONG, max_size=3), max_size=6))
def test_what_is_carried_has_a_bound_as_html_and_as_it_is_sent_on(fields):
    kept = carriable(fields)
    pairs = [(name, value) for name, values in kept.items() for value in values]
    html = "".join(f'<input type="hidden" name="{escape(n)}" value="{escape(v)}">' for n, v in pairs)
    assert kept in ({}, fields)
    assert max(len(html), len(urlencode(pairs))) <= MOST_CARRIED


def test_a_form_longer_than_anybody_types_is_refused_before_it_is_kept(house, visitor):
    visitor.cookies.set("watchfloor", house.token("okafor"))
    many = {f"f{n}": "x" * (7 << 20) for n in range(4)}
    assert visitor.post("/leads/seen", data=many, headers=SAME).status_code == 413


def test_the_token_of_a_session_that_is_over_is_a_problem_to_a_program(house, client):
    okafor = client(house)
    number = okafor.get("/api/v1/leads").json()["number"]
    expire(house)
    answer = okafor.post("/api/v1/leads/seen", json={"number": number})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["type"] == "urn:watchfloor:problem:no-session"


def test_a_form_that_no_page_can_show_any_more_shows_what_was_typed(house, visitor):
    visitor.cookies.set("watchfloor", house.token())
    said = {
        "csrf": csrf_of(house, visitor),
        "why": "typed at 3 a.m.",
        "answer": "different",
        "password": "a secret",
    }
    answer = visitor.post("/leads/ffffffffffff/decide", data=said, headers=SAME)
    assert answer.status_code == 404
    assert "typed at 3 a.m." in answer.text
    assert "a secret" not in answer.text


def test_a_mistake_of_ours_keeps_what_was_typed_and_lets_it_be_sent_again(house, visitor, monkeypatch):
    number = httpx.get(
        f"{house.home}/api/v1/leads", headers={"Authorization": f"Bearer {house.token()}"}
    ).json()["number"]
    visitor.cookies.set("watchfloor", house.token())
    said = {"csrf": csrf_of(house, visitor), "once": "o" * 16, "number": number, "text": "typed"}
    broken = house.services.accounts.mark_seen

    def fail(*_):
        raise ZeroDivisionError("a mistake")

    monkeypatch.setattr(house.services.accounts, "mark_seen", fail)
    said.pop("text")
    answer = visitor.post("/leads/seen", data=said, headers=SAME)
    assert answer.status_code == 500
    assert "This is our error" in answer.text
    assert "ZeroDivisionError" not in answer.text
    assert ">number<" in answer.text
    monkeypatch.setattr(house.services.accounts, "mark_seen", broken)
    cookies = dict(visitor.cookies)
    again = httpx.post(f"{house.home}/leads/seen", data=said, headers=SAME, cookies=cookies)
    assert again.headers["location"] == "/leads"
    assert house.services.accounts.seen("okafor") is not None


def test_a_slow_clock_is_no_way_to_tell_names_apart(house, visitor):
    """Both take a hash: what is not there is checked against a decoy. No time is asserted, only the work."""
    from watchfloor.console.access import passwords

    kept = []
    real = passwords._HASHER.verify

    class Counting:
        check_needs_rehash = passwords._HASHER.check_needs_rehash
        hash = passwords._HASHER.hash

        def verify(self, hash_, password):
            kept.append(hash_)
            return real(hash_, password)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", Counting())
        sign_in(visitor, "okafor", "not this one at all")
        sign_in(visitor, "nobody", "not this one at all")
    assert len(kept) == 2
    assert kept[1] == passwords._DECOY


def test_a_backup_holds_the_accounts_and_no_session(own, tmp_path):
    """A console's file is live while the backup is made; who restores it is not signed in by it."""
    token = own.token()
    own.services.accounts.link("okafor")
    backup(own.floor, tmp_path / "backup.tar", KEEPER, to=())
    restore(tmp_path / "backup.tar", tmp_path / "restored", KEEPER)
    file = AccessFile(tmp_path / "restored")
    try:
        assert [one.name for one in Accounts(file).all()] == ["okafor"]
        assert Accounts(file).passes("okafor", PASSWORD)
        assert Sessions(file).find(token) is None
        assert file.database.execute("SELECT count(*) FROM links").fetchone() == (0,)
    finally:
        file.close()
    assert own.services.sessions.find(token) is not None


def test_the_way_into_a_demo_opens_once_and_states_what_for(played, tmp_path):
    copytree(played.root, tmp_path / "floor")
    came = []
    way = Entrance("root", "exercise", "an Act", "/map?box=1,2,3,4", lambda: None, lambda: came.append(1))
    token = way.token
    with (
        served(Floor.open(tmp_path / "floor"), entrance=way) as one,
        httpx.Client(base_url=one.home) as visitor,
    ):
        one.services.administration.first("root")
        for wrong in ("", "x", "é", token[:-1]):
            assert visitor.get(f"/enter/{wrong}").status_code in (303, 404)
        assert (visitor.cookies.get("watchfloor"), came) == (None, [])
        arrived = visitor.get(f"/enter/{token}")
        assert (arrived.status_code, arrived.headers["location"], came) == (303, "/map?box=1,2,3,4", [1])
        session = visitor.get("/api/v1/session").json()
        assert [session[name] for name in ("account", "purpose", "authority")] == [
            "root",
            "exercise",
            "an Act",
        ]
        (act,) = one.floor.acts_of("signed-in")[-1:]
        assert (act.actor.name, act.actor.purpose, act.actor.authority) == ("root", "exercise", "an Act")
        again = httpx.get(f"{one.home}/enter/{token}")
        assert (again.headers["location"], again.cookies.get("watchfloor"), came) == ("/sign-in", None, [1])


def test_no_other_console_has_such_a_way_in(visitor):
    assert visitor.get("/enter/anything").status_code == 404
