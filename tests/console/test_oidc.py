"""Signing in at an OpenID provider, held against a provider of others that is really served."""

import importlib.util
import json
import logging
import threading
import time
import warnings
from base64 import urlsafe_b64encode
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from playwright.sync_api import expect
from tests.console.served import PASSWORD, served
from tests.refusals import because
from typer.testing import CliRunner

from watchfloor.cell.acts import Refusal
from watchfloor.cli import app
from watchfloor.console import settings as console_settings
from watchfloor.console.access.oidc import Begun, Described, NoExtra, Provider, challenge, second_factor
from watchfloor.console.endpoints.failures import ProviderFailed
from watchfloor.console.settings import Oidc
from watchfloor.store import Actor, Floor
from watchfloor.store.errors import WrongCall

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
"""The provider calls Authlib by names of before."""

ROY = Actor("roy", "tests", "an Act")
TWO = {"amr": ["pwd", "otp"]}
PEOPLE = {
    "7": {"preferred_username": "okafor", **TWO},
    "8": {"preferred_username": "singh", "amr": ["pwd"]},
    "9": {"preferred_username": "stranger", **TWO},
    "10": {"preferred_username": "okafor", **TWO},
    "11": {"amr": ["mfa"]},
    "12": {"preferred_username": "closed", **TWO},
    "13": {"preferred_username": "by-password", **TWO},
}


@pytest.fixture(scope="module", autouse=True)
def secret():
    """This provider takes any secret, and asks for one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WATCHFLOOR_TEST_SECRET", "any")
        yield


@pytest.fixture(scope="module")
def provider():
    """A provider on this machine; gives its issuer."""
    with warnings.catch_warnings(record=True):  # it has Authlib warn of what Authlib does
        import oidc_provider_mock as mock

    logging.getLogger("oidc_provider_mock").setLevel(logging.CRITICAL)
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    users = [mock.User(sub=sub, claims=claims) for sub, claims in PEOPLE.items()]
    with mock.run_server_in_thread(user_claims=users, require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


SETTINGS = """
[oidc]
issuer = "{issuer}"
client_id = "watchfloor"
secret_env = "WATCHFLOOR_TEST_SECRET"
called = "the Agency"
"""
BY_NAME = f"{SETTINGS}by_name = true\n"


@pytest.fixture(scope="module")
def console(provider, tmp_path_factory):
    """A console that the provider vouches at, for okafor, singh and others."""
    root = tmp_path_factory.mktemp("oidc") / "floor"
    floor = Floor.create(root, ROY, name="cell", ceiling="PB//TLP:RED")
    (root / "console.toml").write_text(BY_NAME.format(issuer=provider), "utf-8")
    with served(floor) as one:
        yield one


@pytest.fixture
def house(console):
    """The console with its accounts as they were marked: bound to nobody yet."""
    console.services.file.database.execute("DELETE FROM accounts")
    for name in ("okafor", "singh", "closed"):
        console.services.administration.add(ROY, name, vouched=True)
    console.services.accounts.set_disabled("closed", disabled=True)
    console.account("by-password")
    console.since = console.floor.position
    return console


@pytest.fixture
def visitor(house):
    with httpx.Client(base_url=house.home, timeout=60) as one:
        yield one


def depart(visitor, to="/leads"):
    """The provider's address to which the console sends a browser."""
    answer = visitor.get("/oidc", params={"to": to})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def vouched(address, sub):
    """Where the provider sends the person of that id back to."""
    answer = httpx.post(address, data={"sub": sub} if sub else {"action": "deny"})
    assert answer.status_code in (302, 303), answer.text
    return answer.headers["location"]


def arrive(visitor, sub="7"):
    return visitor.get(vouched(depart(visitor), sub))


def account(console, visitor):
    return console.session(visitor.cookies["watchfloor"]).account


def told(answer):
    assert answer.status_code == 422, answer.text
    return answer.text.replace("&#39;", "'")


def refused(console):
    found = console.floor.acts_of("sign-in-refused")
    return [act.detail["account"] for act in found if act.position > console.since]


def test_an_officer_signs_in_at_the_provider_and_then_states_what_for(house, officer):
    okafor = officer(house, token=None)
    page = okafor.page
    page.route("http://localhost:*/**", lambda route: route.continue_())
    okafor.go("/leads?size=2")
    okafor.shot("sign-in-provider")
    link = page.get_by_role("link", name="Sign in with the Agency").get_attribute("href")
    assert link == "/oidc?to=/leads%3Fsize%3D2"
    answer = okafor.context.request.get(f"{house.home}{link}", max_redirects=0)
    okafor.go(vouched(answer.headers["location"], "7"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("For what purpose")
    assert page.url == f"{house.home}/purpose?to=%2Fleads%3Fsize%3D2"
    page.get_by_label("Purpose").fill("tests")
    page.get_by_label("Authority").fill("an Act")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("header.bar")).to_contain_text("okafor · tests (an Act)")
    assert page.url == f"{house.home}/leads?size=2"


def test_it_is_asked_with_pkce_state_and_nonce(house, visitor, provider):
    asked = {k: v[0] for k, v in parse_qs(urlsplit(depart(visitor)).query).items()}
    (begun,) = [one for _, one in [house.services.provider._begun._kept[asked["state"]]]]
    assert asked == {
        "response_type": "code",
        "client_id": "watchfloor",
        "redirect_uri": f"{house.home}/oidc/callback",
        "scope": "openid profile",
        "state": asked["state"],
        "nonce": begun.nonce,
        "code_challenge": challenge(begun.verifier),
        "code_challenge_method": "S256",
        "ui_locales": "en-CA en",
    }
    assert len(begun.verifier) >= 43
    assert len({begun.nonce, begun.verifier, asked["state"]}) == 3


def test_the_challenge_is_that_of_rfc_7636():
    """Appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_who_is_vouched_for_is_in(house, visitor):
    answer = arrive(visitor)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/purpose?to=%2Fleads"
    assert account(house, visitor) == "okafor"
    assert not house.session(visitor.cookies["watchfloor"]).stated
    assert house.services.accounts.get("okafor").signs_in == "provider"
    cookies = answer.headers.get_list("set-cookie")
    assert any(one.startswith("watchfloor-oidc=") and "Max-Age=0" in one for one in cookies)


def test_without_a_second_factor_nobody_is_in(house, visitor):
    assert "second factor" in told(arrive(visitor, "8"))
    assert "watchfloor" not in visitor.cookies


@pytest.mark.parametrize(
    ("sub", "name", "known"),
    [("9", "stranger", None), ("12", "closed", "closed"), ("13", "by-password", "by-password")],
)
def test_who_has_no_account_that_is_vouched_for_gets_none(house, visitor, sub, name, known):
    before = [one.name for one in house.services.accounts.all()]
    assert f"the provider says that you are '{name}', and no open account" in told(arrive(visitor, sub))
    assert [one.name for one in house.services.accounts.all()] == before
    assert refused(house) == [known]
    assert "watchfloor" not in visitor.cookies


def test_another_person_who_takes_the_name_does_not_take_the_account(house, visitor):
    assert arrive(visitor, "7").status_code == 303
    visitor.cookies.clear()
    assert "no open account" in told(arrive(visitor, "10"))
    house.services.administration.vouch(ROY, "okafor")
    assert arrive(visitor, "10").status_code == 303, "an administrator has let go of the one before"


def test_who_is_renamed_at_the_provider_keeps_the_account(house, visitor, provider):
    assert arrive(visitor, "7").status_code == 303
    renamed = {"preferred_username": "okafor-smith", **TWO}
    try:
        assert httpx.put(f"{provider}/users/7", json=renamed).status_code == 204
        assert arrive(visitor, "7").status_code == 303
        assert account(house, visitor) == "okafor"
    finally:
        httpx.put(f"{provider}/users/7", json=PEOPLE["7"])


def test_a_provider_that_does_not_name_people_is_told(house, visitor):
    assert "does not send preferred_username" in told(arrive(visitor, "11"))


def test_who_says_no_at_the_provider_is_not_in(house, visitor):
    away = depart(visitor)
    state = parse_qs(urlsplit(away).query)["state"][0]
    back = vouched(away, None)
    assert "access_denied" in back
    assert "refused the sign-in" in told(visitor.get(f"{back}&state={state}"))  # no state comes back


def test_what_comes_back_is_good_once_and_in_its_own_browser(house, visitor):
    back = vouched(depart(visitor), "7")
    with httpx.Client(base_url=house.home) as other:
        assert "not begun in this browser" in told(other.get(back)), "a login that another wants to plant"
    assert "not begun in this browser" in told(visitor.get(back)), "and then it is spent"
    back = vouched(depart(visitor), "7")
    assert visitor.get(back).status_code == 303
    assert "used already" in told(visitor.get(back)), "replayed"


def test_a_code_that_was_used_is_refused_by_the_provider_and_told(house, visitor):
    back = vouched(depart(visitor), "7")
    assert visitor.get(back).status_code == 303
    used = parse_qs(urlsplit(back).query)["code"][0]
    state = parse_qs(urlsplit(depart(visitor)).query)["state"][0]
    answer = visitor.get("/oidc/callback", params={"code": used, "state": state})
    assert "refused the sign-in" in told(answer)


@pytest.mark.parametrize("said", [{}, {"state": "x"}, {"code": "x"}, {"state": "é", "code": "x"}], ids=str)
def test_what_nobody_began_is_refused(visitor, said):
    assert "not begun in this browser" in told(visitor.get("/oidc/callback", params=said))


def test_it_has_to_be_done_in_ten_minutes(house, visitor, monkeypatch):
    back = vouched(depart(visitor), "7")
    clock = house.services.provider._clock
    monkeypatch.setattr(house.services.provider, "_clock", lambda: clock() + 601)
    assert "longer than 10 minutes" in told(visitor.get(back))


def test_a_token_for_another_sign_in_is_refused(house, visitor, monkeypatch):
    back = vouched(depart(visitor), "7")
    provider, take = house.services.provider, house.services.provider._begun.pop
    replaced = {"nonce": "of another sign-in"}

    def other(key):
        one = take(key)
        return one and Begun(**{name: getattr(one, name) for name in Begun.__slots__} | replaced)

    monkeypatch.setattr(provider._begun, "pop", other)
    assert "cannot be trusted" in told(visitor.get(back))


def test_another_provider_that_answers_in_its_place_is_refused(house, visitor):
    state = parse_qs(urlsplit(depart(visitor)).query)["state"][0]
    said = {"code": "x", "state": state, "iss": "https://evil.example"}
    assert "cannot be trusted (iss)" in told(visitor.get("/oidc/callback", params=said))


def test_sentences_are_in_french_too(visitor):
    visitor.headers["Accept-Language"] = "fr-CA"
    assert "ne dit pas que vous avez employé un second facteur" in told(arrive(visitor, "8")).replace(
        "&#8217;", "’"
    )


def test_a_password_of_before_opens_nothing_any_more(house, client):
    house.services.administration.vouch(ROY, "by-password")
    said = {"name": "by-password", "password": "a long enough sentence"}
    assert httpx.post(f"{house.home}/api/v1/session", json=said).status_code == 422
    house.services.accounts.redeem(house.services.accounts.link("by-password"), "another long sentence")
    assert (
        house.services.accounts.vouched(house.services.provider.settings.issuer, "13", "by-password") is None
    )


POSTS = """() => {
  const form = Object.assign(document.createElement("form"), { method: "post", action: "/leads/seen" });
  form.append(Object.assign(document.createElement("textarea"), { name: "number", value: "<b>typed" }));
  document.body.append(form);
  form.submit();
}"""


@pytest.mark.thorough
def test_what_was_typed_waits_in_its_tab_while_one_signs_in_in_another(house, officer):
    okafor = officer(house, token=None)
    page = okafor.page
    page.goto(f"{house.home}/sign-in")
    page.evaluate(POSTS)
    away = page.get_by_role("link", name="Sign in with the Agency, in another tab")
    expect(away).to_have_attribute("target", "_blank")
    okafor.shot("carried-provider")
    answer = okafor.context.request.get(f"{house.home}/oidc", max_redirects=0)
    there = okafor.context.new_page()
    there.goto(vouched(answer.headers["location"], "7"))
    page.get_by_role("button", name="I have signed in there").click()
    page.get_by_label("Purpose").fill("tests")
    page.get_by_label("Authority").fill("an Act")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert").first).to_contain_text("is not sent yet")


# --- what is believed

KEY = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
ISSUER = "https://login.example"


def speaking(**more):
    """A provider that is known, with one key, and that nobody asks anything."""
    one = Provider(Oidc(ISSUER, "watchfloor", **more))
    described = Described(ISSUER, f"{ISSUER}/a", f"{ISSUER}/t", f"{ISSUER}/k", ("RS256", "HS256", "none"))
    one._known = time.monotonic(), described
    one._keys = time.monotonic(), KeySet([KEY])
    one._fetch = lambda *_: pytest.fail("nothing is to be asked")
    return one


def token(key=KEY, header=None, **claims):
    now = int(time.time())
    whole = {
        "iss": ISSUER,
        "aud": "watchfloor",
        "sub": "7",
        "nonce": "n",
        "iat": now,
        "exp": now + 60,
        **claims,
    }
    for name, value in whole.items():
        if isinstance(value, timedelta):
            whole[name] = now + int(value.total_seconds())
    whole = {name: value for name, value in whole.items() if value is not None}
    return jwt.encode({"alg": "RS256", "kid": "1"} | (header or {}), whole, key, ["RS256", "HS256"])


def test_a_token_that_is_whole_is_believed():
    assert speaking()._claims(token(), "n")["sub"] == "7"
    assert speaking()._claims(token(aud=["watchfloor"]), "n")
    assert speaking()._claims(token(aud=["watchfloor", "other"], azp="watchfloor"), "n")


@pytest.mark.parametrize(
    "claims",
    [
        *({"iss": "https://evil.example"}, {"iss": ISSUER + "/"}, {"iss": None}, {"iss": 7}),
        *({"aud": "other"}, {"aud": ["other"]}, {"aud": None}, {"aud": ["watchfloor", "other"]}),
        *({"aud": ["watchfloor", "other"], "azp": "other"}, {"azp": "other"}, {"aud": {}}),
        *({"nonce": "m"}, {"nonce": None}, {"nonce": ["n"]}, {"sub": None}, {"sub": 7}, {"sub": ""}),
        *({"exp": None}, {"exp": 1}, {"exp": timedelta(minutes=-2)}, {"exp": "soon"}),
        *({"iat": None}, {"iat": timedelta(hours=2)}, {"nbf": timedelta(hours=2)}),  # from now
    ],
    ids=str,
)
def test_a_token_that_is_not_for_us_now_is_not_believed(claims):
    with pytest.raises(Refusal, match="cannot be trusted"):
        speaking()._claims(token(**claims), "n")


def of_nobody(text):
    head, body, _ = text.split(".")
    none = urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    return [
        f"{none}.{body}.",
        f"{head}.{body}.",
        f"{none}.{body}.AAAA",
        "x",
        "",
        "a.b.c",
        f"{text}x",
        "é.é.é",
    ]


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_a_token_that_another_signed_is_not_believed():
    other = RSAKey.generate_key(2048, {"kid": "1"})
    shared = OctKey.import_key(KEY.as_dict(private=False)["n"])
    bad = [token(other), token(other, {"kid": "2"}), token(shared, {"alg": "HS256"}), *of_nobody(token())]
    for one in bad:
        provider = speaking()
        provider._keyset = lambda _: KeySet([KEY])
        with pytest.raises(Refusal, match="cannot be trusted"):
            provider._claims(one, "n")


def test_a_new_key_of_the_provider_is_fetched_once():
    provider, asked = speaking(), []
    fresh = RSAKey.generate_key(2048, {"kid": "2"})

    def fetch(address, *_):
        asked.append(address)
        return json.dumps(KeySet([KEY, fresh]).as_dict(private=False)).encode()

    provider._fetch = fetch
    provider._keys = time.monotonic() - 31, KeySet([KEY])
    assert provider._claims(token(fresh, {"kid": "2"}), "n")
    assert asked == [f"{ISSUER}/k"]
    with pytest.raises(Refusal):
        provider._claims(token(RSAKey.generate_key(2048), {"kid": "3"}), "n")
    assert len(asked) == 1, "who sends nonsense does not have the provider asked each time"


@pytest.mark.parametrize(
    ("claims", "more", "enough"),
    [
        ({"amr": ["pwd", "otp"]}, {}, True),
        ({"amr": ["mfa"]}, {}, True),
        ({"amr": ["pwd", "mfa"]}, {}, True),
        ({"amr": ["hwk", "pin"]}, {}, True),
        ({"amr": ["otp"]}, {}, False),
        ({"amr": ["hwk", "hwk"]}, {}, False),
        ({"amr": ["pwd"]}, {}, False),
        ({"amr": ["pwd", "sms"]}, {}, False),
        ({"amr": "mfa"}, {}, False),
        ({"amr": [["mfa"], 7]}, {}, False),
        ({"amr": None}, {}, False),
        ({}, {}, False),
        ({"acr": "urn:loa:2"}, {"acr": ("urn:loa:2", "urn:loa:3")}, True),
        ({"acr": "urn:loa:1"}, {"acr": ("urn:loa:2",)}, False),
        ({"acr": "0"}, {}, False),
        ({"acr": ["urn:loa:2"]}, {"acr": ("urn:loa:2",)}, False),
        ({"acr": "urn:loa:1", "amr": ["mfa"]}, {"acr": ("urn:loa:2",), "amr": ()}, False),
        ({"amr": ["mfa"]}, {"amr": ("hwk",)}, False),
    ],
    ids=str,
)
def test_what_counts_as_a_second_factor(claims, more, enough):
    assert second_factor(claims, Oidc(ISSUER, "watchfloor", **more)) is enough


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON)
def test_no_claim_of_whatever_shape_is_a_mistake_of_ours(acr, amr):
    assert second_factor({"acr": acr, "amr": amr}, Oidc(ISSUER, "watchfloor")) in (True, False)


def test_an_email_names_somebody_only_once_it_is_verified():
    one = speaking(name="email")
    assert one._name({"email": "a@b.example", "email_verified": True}) == "a@b.example"
    for said in ({"email": "a@b.example"}, {"email": "a@b.example", "email_verified": "true"}, {"email": 7}):
        with pytest.raises(Refusal, match="does not send"):
            one._name(said)


# --- a provider that does not answer as it should


@contextmanager
def answering(answer):
    """A provider with one answer to everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = answer
            self.send_response(status)
            self.send_header("Location", "https://evil.example/")
            self.end_headers()
            self.wfile.write(body.replace(b"{here}", here.encode()))

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        here = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield here
        finally:
            server.shutdown()
            thread.join()


ENDS = b'"authorization_endpoint":"{here}/a","token_endpoint":"%s","jwks_uri":"{here}/k"}'


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ((404, b""), "404"),
        ((302, b""), "302"),
        ((200, b"<html>"), "malformed"),
        ((200, b"{}"), "missing required field"),
        ((200, b'{"issuer":"https://evil.example",' + ENDS % b"{here}/t"), "evil.example"),
        ((200, b'{"issuer":"{here}",' + ENDS % b"http://10.0.0.1/t"), "https"),
        ((200, b'{"x":"' + b"x" * (2 << 20) + b'"}'), "> 1048576 B"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_provider_that_describes_itself_wrongly_is_told(answer, problem):
    with answering(answer) as here, pytest.raises(ProviderFailed, match=problem):
        Provider(Oidc(here, "watchfloor")).described()


def test_a_provider_is_reached_through_the_proxy_of_this_machine(monkeypatch):
    """A server that answers whatever address it is asked for, as a proxy does."""
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with answering((200, b"through the proxy")) as here:
        monkeypatch.setenv("http_proxy", here)
        one = Provider(Oidc("http://localhost:1", "watchfloor"))
        assert one._fetch("http://localhost:1/keys") == b"through the proxy"
        monkeypatch.setenv("no_proxy", "localhost")
        with pytest.raises(ProviderFailed):
            one._fetch("http://localhost:1/keys")


def test_a_code_is_sent_as_a_form_and_refusals_are_answers():
    sent = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            sent.append(
                (self.headers["Authorization"], self.headers["Content-Type"], parse_qs(body.decode()))
            )
            self.send_response(int(self.path[1:]))
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            here = f"http://127.0.0.1:{server.server_port}"
            one = Provider(Oidc(here, "watchfloor"))
            for status in (200, 400, 401):
                assert one._fetch(f"{here}/{status}", {"code": "é&="}, ("id", "a%3Ab")) == b"{}"
            with pytest.raises(ProviderFailed, match="500"):
                one._fetch(f"{here}/500", {"code": "c"}, None)
        finally:
            server.shutdown()
            thread.join()
    basic = "Basic aWQ6YSUzQWI="  # id:a%3Ab
    assert sent[0] == (basic, "application/x-www-form-urlencoded", {"code": ["é&="]})
    assert sent[-1][0] is None


def test_a_provider_that_is_down_is_told_and_passwords_still_work(house, visitor, monkeypatch):
    down = Provider(Oidc("http://127.0.0.1:1", "watchfloor"))
    monkeypatch.setattr(house.services.provider, "described", down.described)
    answer = visitor.get("/oidc")
    assert answer.status_code == 502
    assert "does not answer as it should" in answer.text
    assert 'name="password"' in answer.text


@pytest.mark.parametrize(
    "issuer", ["http://login.example", "ftp://login.example", "login.example", "https://", "https://[x"]
)
def test_a_provider_without_tls_is_no_provider(issuer):
    with pytest.raises(WrongCall, match="is no https address"):
        Provider(Oidc(issuer, "watchfloor"))


def test_a_secret_that_is_not_set_is_told(monkeypatch):
    with pytest.raises(WrongCall, match="CLIENT_SECRET holds the secret"):
        Provider(Oidc(ISSUER, "watchfloor", secret_env="CLIENT_SECRET"))
    monkeypatch.setenv("CLIENT_SECRET", "a:b c")
    assert Provider(Oidc(ISSUER, "watchfloor", secret_env="CLIENT_SECRET"))


@pytest.mark.parametrize(
    ("methods", "basic", "form"),
    [
        (("client_secret_basic",), ("watch%2Bfloor", "a%3Ab+c"), None),
        (("client_secret_post",), None, "a:b c"),
        (("client_secret_post", "client_secret_basic"), ("watch%2Bfloor", "a%3Ab+c"), None),
        ((), ("watch%2Bfloor", "a%3Ab+c"), None),
    ],
)
def test_the_secret_is_shown_as_the_provider_wants_it(monkeypatch, methods, basic, form):
    monkeypatch.setenv("CLIENT_SECRET", "a:b c")
    one, seen = Provider(Oidc(ISSUER, "watch+floor", secret_env="CLIENT_SECRET")), []
    one._known = (
        time.monotonic(),
        Described(
            ISSUER, f"{ISSUER}/a", f"{ISSUER}/t", f"{ISSUER}/k", token_endpoint_auth_methods_supported=methods
        ),
    )
    one._fetch = lambda *asked: seen.append(asked) or b'{"id_token":"x"}'
    assert one._exchange("c", Begun("n", "v", "r", "/", 0.0)) == "x"
    (address, sent, auth) = seen[0]
    assert (address, auth, sent.get("client_secret")) == (f"{ISSUER}/t", basic, form)
    assert (sent["code"], sent["code_verifier"], sent["redirect_uri"]) == ("c", "v", "r")


def test_without_the_extra_the_console_does_not_start_and_says_which(tmp_path, monkeypatch):
    root = Floor.create(tmp_path / "floor", ROY, name="cell", ceiling="PB").root
    (root / "console.toml").write_text(BY_NAME.format(issuer=ISSUER), "utf-8")
    real = importlib.util.find_spec
    monkeypatch.setattr(
        "watchfloor.console.access.oidc.find_spec", lambda name: None if name == "joserfc" else real(name)
    )
    result = CliRunner().invoke(app, ["serve", "--floor", str(root), "--port", "0", "--no-browser"])
    assert isinstance(result.exception, NoExtra)
    assert "pip install 'watchfloor[oidc]'" in str(result.exception)
    assert not (root / "console.sqlite").exists()


def test_check_asks_the_provider(console, provider, tmp_path):
    words = ["serve", "--check", "--port", "0", "--floor", str(console.floor.root), "--json"]
    result = CliRunner().invoke(app, words)
    assert f'"provider": "{provider}"' in result.stdout
    root = Floor.create(tmp_path / "floor", ROY, name="cell", ceiling="PB").root
    (root / "console.toml").write_text(BY_NAME.format(issuer="http://127.0.0.1:1"), "utf-8")
    result = CliRunner().invoke(app, ["serve", "--check", "--port", "0", "--floor", str(root)])
    assert result.exit_code == 2
    assert "does not answer as it should" in " ".join(result.stderr.split())


def test_without_passwords_the_provider_is_the_only_way(provider, tmp_path):
    floor = Floor.create(tmp_path / "floor", ROY, name="cell", ceiling="PB//TLP:RED")
    text = "passwords = false\n" + SETTINGS.format(issuer=provider)
    (floor.root / "console.toml").write_text(text, "utf-8")
    with served(floor) as house, httpx.Client(base_url=house.home, timeout=60) as visitor:
        services = house.services
        services.accounts.add("okafor")
        link = services.accounts.link("okafor")
        same = {"Sec-Fetch-Site": "same-origin"}
        for path, said in (
            ("/sign-in", {"name": "okafor", "password": PASSWORD}),
            (f"/start/{link}", {"password": PASSWORD, "again": PASSWORD}),
        ):
            answer = visitor.post(path, data=said, headers=same)
            assert answer.status_code == 422
            assert "nobody signs in by a password here" in answer.text
        answer = visitor.post("/api/v1/session", json={"name": "okafor", "password": PASSWORD})
        assert "nobody signs in by a password here" in answer.json()["detail"]
        with pytest.raises(Refusal, check=because("console.no-passwords")):
            services.administration.link(ROY, "okafor")
        with pytest.raises(Refusal, check=because("console.no-passwords")):
            services.door.again("okafor", PASSWORD, "127.0.0.1")  # in a session of before
        assert services.accounts.get("okafor").signs_in == ""
        page = visitor.get("/sign-in").text
        assert 'action="/sign-in"' not in page
        assert "/oidc" in page


OIDC = '[oidc]\nissuer = "https://login.example"\nclient_id = "cell"\n'


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("", True),
        ("passwords = false", True),
        (f"passwords = false\n{OIDC}", False),
        (OIDC, True),
    ],
    ids=["all", "passkeys", "provider", "all and provider"],
)
def test_links_open_accounts_but_where_a_provider_alone_does(tmp_path, text, links):
    (tmp_path / "console.toml").write_text(text, "utf-8")
    assert console_settings.load(tmp_path).links is links


def test_by_default_only_the_id_that_an_administrator_gave_opens_an_account(provider, tmp_path):
    floor = Floor.create(tmp_path / "floor", ROY, name="cell", ceiling="PB//TLP:RED")
    (floor.root / "console.toml").write_text(SETTINGS.format(issuer=provider), "utf-8")
    with served(floor) as house, httpx.Client(base_url=house.home, timeout=60) as visitor:
        administration = house.services.administration
        with pytest.raises(Refusal, check=because("console.no-subject")):
            administration.add(ROY, "okafor", vouched=True)
        house.services.accounts.add("okafor")
        with pytest.raises(Refusal, check=because("console.no-subject")):
            administration.vouch(ROY, "okafor")
        house.services.accounts.vouch("okafor", provider)  # as a version before left it, bound to nobody
        for sub in ("7", "10"):  # both are called okafor there
            assert f"your id there: {sub}" in told(arrive(visitor, sub))
        administration.vouch(ROY, "okafor", "10")
        assert "no open account" in told(arrive(visitor, "7"))
        assert arrive(visitor, "10").status_code == 303
        assert account(house, visitor) == "okafor"
        with pytest.raises(Refusal, check=because("console.subject-taken", subject="10")):
            administration.add(ROY, "singh", vouched=True, subject="10")
        assert [one.name for one in house.services.accounts.all()] == ["okafor"]
        last = floor.acts_of("account")[-1]
        assert (last.detail["what"], last.detail["subject"]) == ("provider", "10")
