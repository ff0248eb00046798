"""The API as a contract: what it says of itself, and what it does with what nobody should send."""

import contextlib
import json
import re
import socket
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

import httpx
import jsonschema_rs
import msgspec
import pyarrow as pa
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi import definitions
from tests.console.served import AUTHORITY, PASSWORD, PURPOSE
from tests.thorough import draws

from watchfloor.cell import acts
from watchfloor.cell.acts import Refusal
from watchfloor.console.access.door import Door
from watchfloor.console.endpoints.endpoint import Endpoint, Nothing, Raw
from watchfloor.console.endpoints.openapi import PREFIX, SURE
from watchfloor.console.endpoints.request_parsing import asked, convert
from watchfloor.console.pictures.picture import Filter, Picture
from watchfloor.console.registry import ENDPOINTS
from watchfloor.messages.catalogue import Catalogue


@pytest.fixture
def okafor(console, client):
    return client(console)


@pytest.fixture
def nobody(console):
    """A client without a session, that has not tried anything yet."""
    console.services.door = Door(console.services.accounts, console.services.scribe.log)
    console.account("okafor")
    with httpx.Client(base_url=console.home, timeout=60) as one:
        yield one


def is_problem(answer, status, kind=None):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    incident = {"incident"} if status in (500, 502, 503, 507) else set()
    assert set(said) == {"type", "title", "status", "detail"} | incident
    assert said["status"] == status
    assert said["detail"].strip()
    if kind:
        assert said["type"] == f"urn:watchfloor:problem:{kind}"
    return said["detail"]


# --- signing in


WHOLE = {"name": "okafor", "password": PASSWORD, "purpose": PURPOSE, "authority": AUTHORITY}


def test_a_program_signs_in_looks_and_signs_out(nobody, console):
    given = nobody.post("/api/v1/session", json=WHOLE).json()
    assert (given["account"], given["stated"]) == ("okafor", True)
    nobody.headers["Authorization"] = f"Bearer {given['token']}"
    assert nobody.get("/api/v1/leads", params={"size": 1}).status_code == 200
    begun = console.floor.acts_of("signed-in")[-1]
    assert (begun.actor.name, begun.actor.purpose, begun.actor.authority) == ("okafor", PURPOSE, AUTHORITY)
    assert nobody.post("/api/v1/session/end").status_code == 200
    is_problem(nobody.get("/api/v1/leads"), 401, "no-session")
    assert console.floor.acts_of("signed-out")[-1].actor.name == "okafor"


def test_a_program_may_state_its_purpose_later(nobody):
    given = nobody.post("/api/v1/session", json={"name": "okafor", "password": PASSWORD}).json()
    assert not given["stated"]
    nobody.headers["Authorization"] = f"Bearer {given['token']}"
    is_problem(nobody.get("/api/v1/leads"), 403, "no-purpose")
    assert nobody.get("/api/v1/purpose").json()["exercise"]
    assert nobody.get("/api/v1/session").json()["purpose"] == ""
    said = {"purpose": PURPOSE, "authority": AUTHORITY}
    assert nobody.post("/api/v1/purpose", json=said).json()["purpose"] == PURPOSE
    assert nobody.get("/api/v1/leads", params={"size": 1}).status_code == 200


def test_what_is_half_said_begins_no_session(nobody, console):
    before = len(console.services.sessions.running("okafor"))
    is_problem(nobody.post("/api/v1/session", json=WHOLE | {"authority": ""}), 422, "refused")
    assert len(console.services.sessions.running("okafor")) == before


def test_a_program_guesses_no_faster_than_a_person_and_both_count_together(nobody):
    wrong = {"name": "okafor", "password": "a wrong sentence"}
    for _ in range(3):
        is_problem(nobody.post("/api/v1/session", json=wrong), 422, "refused")
    for _ in range(2):
        assert nobody.post("/sign-in", data=wrong).status_code == 422
    answer = nobody.post("/api/v1/session", json=WHOLE)
    is_problem(answer, 429, "too-many")
    assert int(answer.headers["Retry-After"]) > 100


@pytest.mark.parametrize("token", ["x", "é", "a b c", "A" * 100_000], ids=len)
def test_a_token_that_is_none_is_told(nobody, token):
    answer = nobody.get("/api/v1/leads", headers={"Authorization": f"Bearer {token}".encode()})
    assert answer.status_code in (400, 401, 431)
    if answer.status_code == 401:
        is_problem(answer, 401, "no-session")


def test_a_page_brings_its_csrf_token_and_a_program_its_own(nobody, console):
    token = console.token()
    nobody.cookies.set("watchfloor", token)
    assert nobody.get("/api/v1/session").status_code == 200
    said = {"purpose": PURPOSE, "authority": AUTHORITY}
    is_problem(nobody.post("/api/v1/purpose", json=said), 403, "not-yours")
    is_problem(nobody.post("/api/v1/purpose", json=said, headers={"X-CSRF-Token": "x"}), 403, "not-yours")
    ours = {"X-CSRF-Token": console.session(token).csrf}
    assert nobody.post("/api/v1/purpose", json=said, headers=ours).status_code == 200
    evil = ours | {"Origin": "https://evil.example"}
    is_problem(nobody.post("/api/v1/purpose", json=said, headers=evil), 403, "from-elsewhere")
    nobody.cookies.clear()
    bearer = {"Authorization": f"Bearer {token}"}
    assert nobody.post("/api/v1/purpose", json=said, headers=bearer).status_code == 200


# --- what nobody should send


DEEP = b'{"purpose":' + b"[" * 50_000 + b"]" * 50_000 + b"}"
BODIES = {
    "no JSON": (b"{", 400),
    "nothing but a brace": (b"}", 400),
    "a list": (b"[]", 400),
    "a text": (b'"x"', 400),
    "null": (b"null", 400),
    "NaN": (b'{"purpose": NaN}', 400),
    "no UTF-8": (b'{"purpose": "\xff"}', 400),
    "half a surrogate": (b'{"purpose": "\\ud800", "authority": "x"}', 400),
    "a number without end": (b'{"purpose": ' + b"9" * 5000 + b"}", 400),
    "a power without end": (b'{"purpose": 1e999}', 400),
    "deep": (DEEP, 400),
    "deep, and a little less": (b'{"purpose":' + b"[" * 900 + b"]" * 900 + b"}", 422),
    "NUL": (b'{"purpose": "a\\u0000b", "authority": "x"}', 422),
    "a number for a text": (b'{"purpose": 7, "authority": "x"}', 422),
    "an object for a text": (b'{"purpose": {}, "authority": "x"}', 422),
    "an unknown field": (b'{"purpose": "x", "authority": "x", "surprise": 1}', 422),
    "an unknown field without end": (b'{"' + b"x" * 100_000 + b'": 1}', 422),
    "a purpose without end": (json.dumps({"purpose": "x" * 501, "authority": "x"}).encode(), 422),
    "too long": (b'{"purpose": "' + b"x" * (9 << 20) + b'"}', 413),
}


@pytest.mark.parametrize("what", BODIES)
def test_a_body_that_cannot_be_read_is_told_in_a_sentence(okafor, what):
    body, status = BODIES[what]
    json_ = {"Content-Type": "application/json"}
    for lang in ("en", "fr"):
        answer = okafor.post("/api/v1/purpose", params={"lang": lang}, content=body, headers=json_)
        assert len(is_problem(answer, status)) < 700


@pytest.mark.parametrize(
    "type_", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "x"]
)
def test_a_body_is_json_and_says_so(okafor, type_):
    answer = okafor.post("/api/v1/purpose", content=b'{"purpose": "x"}', headers={"Content-Type": type_})
    is_problem(answer, 415, "unread")


QUERIES = {
    "size=0": "il faut un nombre entier >= 1",
    "size=-1": ">= 1",
    "size=501": "<= 500",
    "size=x": "c’est un texte; il faut un nombre entier",
    "size=1.5": "nombre entier",
    "size=99999999999999999999999": "",
    "band=7": "",
    "band=-1": "",
    "band=x": "band",
    "text=%00": "NUL",
    "after=zz": "cette liste ne peut pas continuer de là",
    "after=00": "cette liste ne peut pas continuer de là",
    "fresh=2h": "durée admise",
    "box=nan,nan,nan,nan": "cadre",
    "surprise=1": "il n’y a pas de champ 'surprise' ici",
    "Size=1": "il n’y a pas de champ 'Size' ici; il y a\u00a0: size",
    "lang=de": "",
}


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_that_cannot_be_read_is_told_in_a_sentence(okafor, query):
    lang = "" if query.startswith("lang") else "&lang=fr"
    detail = is_problem(okafor.get(f"/api/v1/leads?{query}{lang}"), 422)
    assert QUERIES[query] in detail, detail


@pytest.mark.parametrize("path", ["/leads", "/purpose", "/session", "/leads/0", "/openapi.json"])
def test_a_method_that_is_none_names_those_that_are(nobody, path):
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"):
        answer = nobody.request(method, f"/api/v1{path}")
        is_problem(answer, 405, "no-such-method")
        allowed = set(answer.headers["allow"].split(", "))
        assert allowed <= {"GET", "HEAD", "POST"}
        for one in allowed - {"POST"}:
            assert nobody.request(one, f"/api/v1{path}").status_code in (200, 401, 404, 422)


@pytest.mark.parametrize(
    "path", ["/api/v1/", "/api/v1/nothing", "/api/v1/leads/0/0/0/0", "/api/v1/%00", "/api/v1//leads"]
)
def test_what_is_not_there_is_a_problem_too(okafor, path):
    is_problem(okafor.get(path, headers={"Accept-Language": "fr"}), 404, "not-here")


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("path", ["leads/ffffffff", "leads/ffffffff/briefing", "tasks/ffff", "records/ffff"])
def test_what_is_not_there_is_told_in_one_sentence_that_names_no_command(okafor, path, language):
    answer = okafor.get(f"/api/v1/{path}", params={"lang": language})
    assert is_problem(answer, 404, "not-here") == Catalogue().say("failure.not-here", language)


def test_a_mistake_of_ours_is_a_problem_that_tells_nothing(okafor, console, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr(console.services.pictures, "current", fail)
    detail = is_problem(okafor.get("/api/v1/leads"), 500, "ours")
    assert "of all things" not in detail


def test_who_may_not_come_in_is_told_before_the_body_is_read(console):
    """A body that is said to be long and never comes: who waited for it would wait for ever."""
    head = ["POST /api/v1/purpose HTTP/1.1", "Host: localhost", "Content-Type: application/json"]
    lines = "\r\n".join([*head, "Content-Length: 99999", "", "{"])
    with socket.create_connection(("127.0.0.1", console.port), timeout=30) as wire:
        wire.sendall(lines.encode())
        assert wire.recv(1 << 16).startswith(b"HTTP/1.1 401 ")


class Every(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field of each kind."""

    text: Annotated[str, msgspec.Meta(max_length=20)] = ""
    number: int = 0
    share: float = 0.0
    flag: bool = False
    many: list[int] = []
    inner: dict[str, list[str]] = {}


ROW = Endpoint("every", "POST", "/every/{number}", Every, Nothing, lambda *_: Nothing())
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
NAMES = st.sampled_from(["text", "number", "share", "flag", "many", "inner"]) | st.text(max_size=8)


def refused_in_both(call):
    """The struct; None where it is refused, which then reads in both languages."""
    try:
        return call()
    except Refusal as error:
        english, french = acts.render(error.reason, "en"), acts.render(error.reason, "fr")
        assert english.strip()
        assert french.strip()
        assert english != french
        return None


@given(st.dictionaries(NAMES, VALUES, max_size=5), st.text(max_size=12))
def test_whatever_a_program_sends_is_a_struct_or_a_sentence(given_, number):
    found = refused_in_both(lambda: convert(ROW, given_, {"number": number}, strict=True))
    if found is not None:
        assert abs(found.number) <= SURE
        assert "\0" not in found.text
        assert found.share == found.share
        assert set(given_) <= set(Every.__struct_fields__)


@given(st.dictionaries(NAMES, st.lists(st.text(max_size=25), max_size=4), max_size=5))
def test_whatever_a_browser_sends_is_a_struct_or_a_sentence(fields):
    refused_in_both(lambda: asked(ROW, {"number": "1"}, fields))


# --- paging by key


def test_pages_stay_joined_while_leads_come_in_between(console):
    """What was there all the while is seen once and in order, whatever came or went between two pages."""
    reader = console.floor.reader("okafor", PURPOSE)
    whole = console.services.pictures.current(reader, datetime.now(UTC), 20.0).picture
    assert len(whole) >= 8

    def of(rows):
        return Picture(whole.table.take(pa.array(rows)), whole.about)

    every = range(len(whole))
    before, after = of([n for n in every if n % 3]), of([n for n in every if n % 4])
    ids = dict(enumerate(whole.table["lead_id"].to_pylist()))
    kept = [ids[n] for n in every if n % 3 and n % 4]
    seen, cursor, turn = [], None, 0
    while True:
        now = (before, after)[turn % 2]
        turn += 1
        rows, cursor = now.page(now.chosen(Filter(), datetime.now(UTC)), cursor, 3)
        seen += now.table["lead_id"].take(pa.array(rows)).to_pylist()
        if cursor is None:
            break
    assert len(seen) == len(set(seen))
    assert [one for one in seen if one in kept] == kept[: len([one for one in kept if one in seen])]
    order = {lead: n for n, lead in ids.items()}
    assert [order[one] for one in seen] == sorted(order[one] for one in seen)
    assert set(kept) <= set(seen)


# --- what it says of itself


@pytest.fixture(scope="module")
def document(console):
    address = f"{console.home}{PREFIX}/openapi.json"
    is_problem(httpx.get(address), 401, "no-session")
    answer = httpx.get(address, headers={"Authorization": f"Bearer {console.token(purpose='')}"})
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def test_the_document_is_valid_openapi(document):
    definitions.OPENAPI_31_VALIDATOR.validate(document)


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def test_the_document_is_whole(document):
    assert document["openapi"].startswith("3.1")
    for ref in references(document):
        assert ref.removeprefix("#/components/schemas/") in document["components"]["schemas"], ref
    known = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    there = {(one.method, re.sub(r":\w+}", "}", one.path)) for one in ENDPOINTS if one.api}
    assert known == there
    operations = [one for methods in document["paths"].values() for one in methods.values()]
    assert len({one["operationId"] for one in operations}) == len(operations)
    for one in operations:
        assert one["summary"].endswith((".", ":")), one["operationId"]
        names = [(each["name"], each["in"]) for each in one["parameters"]]
        assert len(names) == len(set(names))


def test_every_schema_is_one(document):
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        jsonschema_rs.meta.validate(schema)
    # One validator that reaches every schema: one each would compile those it refers to again and again.
    every = [{"$ref": f"#/components/schemas/{name}"} for name in schemas]
    assert jsonschema_rs.Draft202012Validator({"anyOf": every, "components": document["components"]})


def test_whole_numbers_have_bounds(document):
    def integers(value, at):
        if isinstance(value, dict):
            if value.get("type") == "integer":
                yield at, value
            for name, one in value.items():
                yield from integers(one, f"{at}.{name}")
        elif isinstance(value, list):
            for n, one in enumerate(value):
                yield from integers(one, f"{at}.{n}")

    for at, one in integers(document, ""):
        assert {"minimum", "exclusiveMinimum"} & set(one), at
        assert {"maximum", "exclusiveMaximum"} & set(one), at


def test_every_operation_says_what_it_gives_and_how_it_fails(document):
    gives = {one.name: one.gives for one in ENDPOINTS}
    for methods in document["paths"].values():
        for one in methods.values():
            answers = one["responses"]
            assert {"400", "401", "403", "404", "405", "413", "415", "422", "429"} <= set(answers)
            assert (gives[one["operationId"]] is Raw) is ("*/*" in answers["200"]["content"])


# --- held against itself by Schemathesis


EXAMPLES = draws(60, quick=2)
"""Of each operation, by each mode."""
BRINGS_OUT = frozenset({"session.begin", "session.end", "accounts.disable", "profile.end"})
"""Operations that would end the session that asks, or have the address wait."""
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
)
HELD = tuple(one.name for one in ENDPOINTS if one.api and one.name not in BRINGS_OUT)


@pytest.fixture(scope="module")
def contract(console, document):
    """Each operation of the document by its name, and a session of requests of who administers."""
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=f"{console.home}{PREFIX}")
    console.account("keeper", administrator=True)
    wire = requests.Session()
    wire.headers["Authorization"] = f"Bearer {console.token('keeper')}"
    known = {one.ok().definition.raw["operationId"]: one.ok() for one in schema.get_all_operations()}
    with wire:
        yield known, wire


@pytest.mark.parametrize("name", HELD)
def test_what_is_answered_is_what_the_document_says(contract, name):
    """Schemathesis makes requests that fit the document and requests that do not, always the same ones."""
    known, wire = contract
    for mode in schemathesis.GenerationMode:
        hold(known[name], mode, wire)


def reached(case, answer):
    """Whether what does not fit was really sent: no header of ours, and nothing that a query leaves out."""
    header = case.meta.components.get(ParameterLocation.HEADER)
    if header is not None and header.mode.is_negative:
        return False
    sent = parse_qs(urlsplit(answer.request.url).query, keep_blank_values=True)
    return set(sent) == set(case.query or {}) and [""] not in sent.values()


def hold(operation, mode, wire):
    @hypothesis_settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def ask(case):
        answer = case.call(session=wire, timeout=60)
        names = CHECKS if reached(case, answer) else CHECKS[:-1]
        case.validate_response(answer, checks=[getattr(schemathesis.checks, name) for name in names])

    with contextlib.suppress(Unsatisfiable):
        ask()


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "4586-09-11"])
def test_a_day_far_from_ours_is_refused_before_it_is_reckoned_with(okafor, day):
    for path in ("scorecard", "scorecard/rows/x"):
        answer = okafor.get(f"/api/v1/{path}", params={"on": day, "edition": "public"})
        assert answer.status_code in (404, 422), answer.json()
    assert "1800" in okafor.get("/api/v1/scorecard", params={"on": day}).json()["detail"]


@pytest.mark.parametrize(
    ("path", "given"),
    [("deadlines", {"days": -1}), ("deadlines", {"days": 1_000_001}), ("coverage/sections", {"hours": SURE})],
)
def test_a_number_beyond_what_a_command_takes_is_refused(okafor, path, given):
    (field,) = given
    assert is_problem(okafor.get(f"/api/v1/{path}", params=given), 422).startswith(f"{field}: ")
