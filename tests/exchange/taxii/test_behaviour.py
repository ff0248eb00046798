"""Behaviour of the server, a row a case: the standard (OASIS TAXII 2.1) by section, and the peers' suites.

`m` behind a name: medallion 3.0 tests it too; `o`: OpenTAXII 0.10 does. Where those two contradict each other
or the standard, the standard is followed.
"""

import base64
import json
from uuid import UUID, uuid4

import httpx
import pytest
from requests import HTTPError
from taxii2client.v21 import ApiRoot
from tests.exchange.nodes import READER, WHO
from tests.exchange.taxii.served import MEDIA, basic, made, partner, serving, shelve, stix

from watchfloor.core.messages import reason
from watchfloor.exchange.partners import door
from watchfloor.exchange.partners import partner as partners
from watchfloor.exchange.shelf_query import ALL
from watchfloor.exchange.taxii.routes import MOST_BODY
from watchfloor.exchange.taxii.submissions import ABOVE, TWICE, Submissions
from watchfloor.exchange.taxii.submissions import UNREAD as UNREAD_TOLD
from watchfloor.formats.intelligence.stix_markings import OWN_EXTENSION

V1, V2, V3 = "2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z", "2026-01-03T00:00:00.000Z"
IN_ORDER = [
    stix(1, "relationship"),
    stix(2, version=V1),
    stix(2, version=V2),
    {"type": "marking-definition", "id": stix(3, "marking-definition")["id"], "created": V1}
    | {"spec_version": "2.1", "definition_type": "statement", "definition": {"statement": "of a test"}},
    {key: value for key, value in stix(4, "malware").items() if key != "spec_version"},  # of STIX 2.0
    {"type": "ipv4-addr", "id": stix(5, "ipv4-addr")["id"], "spec_version": "2.1", "value": "192.0.2.5"},
    stix(2, version=V3),
    stix(6, "identity"),
]
REL, IND, MARK, MAL, ADDR, IDEN = (
    stix(n, t)["id"]
    for n, t in enumerate(
        ("relationship", "indicator", "marking-definition", "malware", "ipv4-addr", "identity"), 1
    )
)
LATEST = [REL, MARK, MAL, ADDR, IND, IDEN]
EVERY = [REL, IND, IND, MARK, MAL, ADDR, IND, IDEN]
C = "partners/collections/shared/"
S = "partners/collections/submitted/"
NONE = "indicator--99999999-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A floor with a partner who writes, one who reads, and one who was removed."""
    floor = made(tmp_path_factory.mktemp("taxii"))
    keys = {
        name: partner(floor, name, writes=name == "writer", ceiling="PA" if name == "writer" else "PB")
        for name in ("writer", "reader", "gone")
    }
    for who, _ in keys.values():
        shelve(floor, who, IN_ORDER)
    partners.remove(floor, WHO, "gone", "the trial is over")
    with serving(floor, submissions=Submissions(floor)) as (address, taxii):
        yield floor, keys, address, taxii


@pytest.fixture(scope="module")
def call(world):
    """Ask: `call(method, path, who, …)` gives the answer, as the partner of that name."""
    _, keys, address, _ = world
    with httpx.Client(timeout=30) as client:

        def called(method, path, who="reader", headers=None, **how):
            of = basic(who, keys[who][1]) if who in keys else {"Accept": MEDIA}
            sent = {name: value for name, value in {**of, **(headers or {})}.items() if value is not None}
            if "Accept" in sent and sent["Accept"] == "":
                client.headers.pop("accept", None)
                del sent["Accept"]
            return client.request(method, f"{address}/{path}", headers=sent, **how)

        yield called


def ids(answer):
    """The ids in an envelope or manifest, in order."""
    return [one["id"] for one in answer.json().get("objects", ())]


OBJECTS = [
    ("all, the newest of each (3.4) m o", {}, LATEST),
    ("version last m o", {"match[version]": "last"}, LATEST),
    ("version first m o", {"match[version]": "first"}, [REL, IND, MARK, MAL, ADDR, IDEN]),
    ("version all m o", {"match[version]": "all"}, EVERY),
    ("version first and last m o", {"match[version]": "first,last"}, [REL, IND, MARK, MAL, ADDR, IND, IDEN]),
    ("version by its date m o", {"match[version]": V2}, [IND]),
    ("version by dates", {"match[version]": f"{V1},{V3}"}, [REL, IND, MARK, MAL, IND, IDEN]),
    ("version by its date in other digits", {"match[version]": "2026-01-02T00:00:00Z"}, [IND]),
    ("version by a date and all", {"match[version]": f"{V2},all"}, EVERY),
    ("version that none has m o", {"match[version]": "2001-01-01T00:00:00Z"}, []),
    ("id m o", {"match[id]": MAL}, [MAL]),
    ("ids m o", {"match[id]": f"{IDEN},{MAL}"}, [MAL, IDEN]),
    ("id of none m o", {"match[id]": NONE}, []),
    ("id, all versions m", {"match[id]": IND, "match[version]": "all"}, [IND, IND, IND]),
    ("id, first version m", {"match[id]": IND, "match[version]": "first"}, [IND]),
    ("id and another type o", {"match[id]": MAL, "match[type]": "indicator"}, []),
    ("id and its type o", {"match[id]": MAL, "match[type]": "malware"}, [MAL]),
    ("ids that are no ids at all", {"match[id]": "' OR 1=1 --"}, []),
    ("type m o", {"match[type]": "indicator"}, [IND]),
    ("types m o", {"match[type]": "identity,malware"}, [MAL, IDEN]),
    ("type, all versions m", {"match[type]": "indicator", "match[version]": "all"}, [IND, IND, IND]),
    ("type, by date m", {"match[type]": "indicator", "match[version]": V2}, [IND]),
    ("type of none o", {"match[type]": "tool"}, []),
    ("type with spaces around", {"match[type]": " identity , malware "}, [MAL, IDEN]),
    ("the same type twice", {"match[type]": "identity,identity"}, [IDEN]),
    ("an empty filter names everything", {"match[type]": ""}, LATEST),
    ("spec_version 2.1 m o", {"match[spec_version]": "2.1"}, [REL, MARK, ADDR, IND, IDEN]),
    ("spec_version 2.0 m o", {"match[spec_version]": "2.0"}, [MAL]),
    ("spec_version both m o", {"match[spec_version]": "2.0,2.1"}, LATEST),
    ("spec_version of none o", {"match[spec_version]": "3.0"}, []),
    ("type and spec_version m", {"match[type]": "malware", "match[spec_version]": "2.1"}, []),
    (
        "type, spec_version and version",
        {"match[type]": "indicator", "match[spec_version]": "2.1", "match[version]": "all"},
        [IND, IND, IND],
    ),
    ("added_after long ago m o", {"added_after": "2016-11-03T12:30:59Z"}, LATEST),
    ("added_after with microseconds o", {"added_after": "2016-11-03T12:30:59.123456Z"}, LATEST),
    ("added_after with nanoseconds", {"added_after": "2016-11-03T12:30:59.123456789Z"}, LATEST),
    ("added_after in years to come o", {"added_after": "2099-01-01T00:00:00Z"}, []),
    ("added_after and type", {"added_after": "2016-11-03T12:30:59Z", "match[type]": "identity"}, [IDEN]),
    ("limit m o", {"limit": "3"}, LATEST[:3]),
    ("limit exact o", {"limit": "6"}, LATEST),
    ("limit high o", {"limit": "999"}, LATEST),
    ("limit above what is given at once", {"limit": "999999999"}, LATEST),
    ("limit with leading noughts", {"limit": "0002"}, LATEST[:2]),
    ("a filter that nobody knows is left out (3.4)", {"match[colour]": "red"}, LATEST),
    ("a parameter that nobody knows is left out", {"colour": "red"}, LATEST),
]


@pytest.mark.parametrize(("name", "parameters", "wanted"), OBJECTS, ids=[one[0] for one in OBJECTS])
def test_filters_of_objects_and_manifests(call, name, parameters, wanted):
    """The same of both, by the name of a collection and by its id."""
    for collection in (C, f"partners/collections/{id_of(call)}/"):
        for what in ("objects", "manifest"):
            answer = call("GET", f"{collection}{what}/", params=parameters)
            assert (answer.status_code, answer.headers["content-type"]) == (200, MEDIA)
            assert ids(answer) == wanted
            if not wanted:
                assert answer.json() == {}
                assert "x-taxii-date-added-first" not in answer.headers
            else:
                more = len(wanted) < 6 and "limit" in parameters
                assert (answer.json()["more"], "next" in answer.json()) == (more, more)
                first, last = (answer.headers[f"x-taxii-date-added-{end}"] for end in ("first", "last"))
                assert (first < last) == (len(wanted) > 1)
                assert len(first) == len("2026-01-01T00:00:00.000000Z")


def id_of(call, name="shared", who="reader"):
    """The id of a collection."""
    return call("GET", f"partners/collections/{name}/", who).json()["id"]


ONE = [
    ("one object m o", MAL, {}, [MAL]),
    ("the newest of its versions m o", IND, {}, [IND]),
    ("all versions m o", IND, {"match[version]": "all"}, [IND, IND, IND]),
    ("first and last", IND, {"match[version]": "first,last"}, [IND, IND]),
    ("a version by its date m o", IND, {"match[version]": V2}, [IND]),
    ("a version that it has not m o", IND, {"match[version]": "2001-01-01T00:00:00Z"}, []),
    ("spec_version m o", MAL, {"match[spec_version]": "2.0"}, [MAL]),
    ("another spec_version m o", MAL, {"match[spec_version]": "2.1"}, []),
    ("limit m o", IND, {"match[version]": "all", "limit": "2"}, [IND, IND]),
    ("added_after m o", IND, {"added_after": "2016-11-03T12:30:59Z"}, [IND]),
    ("added_after in years to come m o", IND, {"added_after": "2099-01-01T00:00:00Z"}, []),
    ("no filter by type here (5.6)", IND, {"match[type]": "malware"}, [IND]),
    ("one without a version", ADDR, {"match[version]": "all"}, [ADDR]),
]


@pytest.mark.parametrize(("name", "id_", "parameters", "wanted"), ONE, ids=[one[0] for one in ONE])
def test_one_object(call, name, id_, parameters, wanted):
    answer = call("GET", f"{C}objects/{id_}/", params=parameters)
    assert (answer.status_code, ids(answer)) == (200, wanted)
    assert ("x-taxii-date-added-last" in answer.headers) == bool(wanted)


DATES = [
    ("all versions in the order in which they came m o", IND, {}, [V1, V2, V3]),
    ("limit m o", IND, {"limit": "2"}, [V1, V2]),
    ("spec_version m o", IND, {"match[spec_version]": "2.1"}, [V1, V2, V3]),
    ("another spec_version m o", IND, {"match[spec_version]": "2.0"}, []),
    ("added_after m o", IND, {"added_after": "2016-11-03T12:30:59Z"}, [V1, V2, V3]),
    ("added_after in years to come m o", IND, {"added_after": "2099-01-01T00:00:00Z"}, []),
    ("no filter by version here (5.8)", IND, {"match[version]": "last"}, [V1, V2, V3]),
    ("one that was created and never modified", MARK, {}, [V1]),
]


@pytest.mark.parametrize(("name", "id_", "parameters", "wanted"), DATES, ids=[one[0] for one in DATES])
def test_versions(call, name, id_, parameters, wanted):
    answer = call("GET", f"{C}objects/{id_}/versions/", params=parameters)
    assert (answer.status_code, answer.json().get("versions", [])) == (200, wanted)
    assert answer.json().get("more", False) == (parameters.get("limit") == "2")


AUTH = {"no": {"Authorization": None}}
IDS = ",".join(map(str, range(101)))
NO, MOMENT = "not-acceptable", "bad-moment"
NAMELESS = f"Basic {base64.b64encode(b'reader:').decode()}"
REFUSED = [
    # 1.6: media types
    ("accept TAXII 2.0 m", "GET", "", {"Accept": "application/vnd.oasis.taxii+json"}, 406, NO),
    (
        "accept another version",
        "GET",
        "",
        {"Accept": "application/taxii+json;version=2.0"},
        406,
        "not-acceptable",
    ),
    (
        "accept a later version",
        "GET",
        C,
        {"Accept": "application/taxii+json; version=3.0"},
        406,
        "not-acceptable",
    ),
    ("accept xml o", "GET", f"{C}objects/", {"Accept": "xml"}, 406, NO),
    ("accept html", "GET", f"{C}manifest/", {"Accept": "text/html"}, 406, NO),
    ("accept json", "GET", "partners/", {"Accept": "application/json"}, 406, NO),
    (
        "accept stix",
        "GET",
        f"{C}objects/",
        {"Accept": "application/stix+json;version=2.1"},
        406,
        "not-acceptable",
    ),
    ("accept it at no price", "GET", "", {"Accept": f"{MEDIA};q=0, */*;q=0"}, 406, NO),
    ("accept anything but it", "GET", "", {"Accept": f"*/*, {MEDIA};q=0"}, 406, NO),
    # 1.6.9: who asks
    ("no key, discovery m o", "GET", "", AUTH["no"], 401, "no-key"),
    ("no key, root", "GET", "partners/", AUTH["no"], 401, "no-key"),
    ("no key, collections m o", "GET", "partners/collections/", AUTH["no"], 401, "no-key"),
    ("no key, objects m o", "GET", f"{C}objects/", AUTH["no"], 401, "no-key"),
    ("no key, manifest m o", "GET", f"{C}manifest/", AUTH["no"], 401, "no-key"),
    ("no key, status m o", "GET", f"partners/status/{uuid4()}/", AUTH["no"], 401, "no-key"),
    ("no key, nothing o", "GET", "nothing/at/all/", AUTH["no"], 401, "no-key"),
    ("no key, not acceptable", "GET", "", AUTH["no"] | {"Accept": "xml"}, 401, "no-key"),
    ("no key, no method", "PATCH", "", AUTH["no"], 401, "no-key"),
    ("a scheme of nobody", "GET", "", {"Authorization": "Digest username=reader"}, 401, "no-key"),
    ("a scheme alone", "GET", "", {"Authorization": "Basic"}, 401, "no-key"),
    ("what is no base64 in Basic", "GET", "", {"Authorization": "Basic !"}, 401, "no-key"),
    (
        "a name and no key",
        "GET",
        "",
        {"Authorization": NAMELESS},
        401,
        "no-key",
    ),
    ("bearer of nothing", "GET", "", {"Authorization": "Bearer"}, 401, "no-key"),
    # 404: what is not there, or not for them
    ("no such root m o", "GET", "trustgroup2/", {}, 404, "not-here"),
    ("no such root, collections m o", "GET", "trustgroup2/collections/", {}, 404, "not-here"),
    ("no such collection m o", "GET", f"partners/collections/{uuid4()}/", {}, 404, "not-here"),
    ("no such collection, objects m o", "GET", "partners/collections/x/objects/", {}, 404, "not-here"),
    ("no such collection, manifest m o", "GET", "partners/collections/x/manifest/", {}, 404, "not-here"),
    ("no such object m o", "GET", f"{C}objects/{NONE}/", {}, 404, "not-here"),
    ("no such object, versions m o", "GET", f"{C}objects/{NONE}/versions/", {}, 404, "not-here"),
    ("no such object, all versions", "GET", f"{C}objects/{NONE}/?match[version]=all", {}, 404, "not-here"),
    ("no such status m o", "GET", f"partners/status/{uuid4()}/", {}, 404, "not-here"),
    ("a status that is no UUID", "GET", "partners/status/'x/", {}, 404, "not-here"),
    ("nothing below an object", "GET", f"{C}objects/{MAL}/other/", {}, 404, "not-here"),
    ("nothing below versions", "GET", f"{C}objects/{MAL}/versions/x/", {}, 404, "not-here"),
    ("nothing below a manifest m", "GET", f"{C}manifest/{MAL}/", {}, 404, "not-here"),
    ("the collection of those who write", "GET", S, {}, 404, "not-here"),
    ("what those who write have added", "GET", f"{S}objects/", {}, 404, "not-here"),
    # 405
    ("post to discovery o", "POST", "", {}, 405, "no-method"),
    ("post to the root o", "POST", "partners/", {}, 405, "no-method"),
    ("put into collections o", "PUT", "partners/collections/", {}, 405, "no-method"),
    ("delete a collection o", "DELETE", C, {}, 405, "no-method"),
    ("post to a manifest o", "POST", f"{C}manifest/", {}, 405, "no-method"),
    ("delete all objects o", "DELETE", f"{C}objects/", {}, 405, "no-method"),
    ("post to an object o", "POST", f"{C}objects/{MAL}/", {}, 405, "no-method"),
    ("delete versions o", "DELETE", f"{C}objects/{MAL}/versions/", {}, 405, "no-method"),
    ("delete a status", "DELETE", f"partners/status/{uuid4()}/", {}, 405, "no-method"),
    ("options", "OPTIONS", f"{C}objects/", {}, 405, "no-method"),
    # 3.4: values that cannot be
    ("limit below zero m", "GET", f"{C}objects/?limit=-20", {}, 400, "bad-limit"),
    ("limit zero m", "GET", f"{C}objects/?limit=0", {}, 400, "bad-limit"),
    ("limit of letters m o", "GET", f"{C}objects/?limit=a", {}, 400, "bad-limit"),
    ("limit of other digits", "GET", f"{C}objects/?limit=%D9%A3", {}, 400, "bad-limit"),
    ("limit with a fraction", "GET", f"{C}manifest/?limit=1.5", {}, 400, "bad-limit"),
    ("limit of nothing", "GET", f"{C}objects/?limit=", {}, 400, "bad-limit"),
    ("limit twice", "GET", f"{C}objects/?limit=1&limit=2", {}, 400, "given-twice"),
    ("limit of a thousand digits", "GET", f"{C}objects/?limit={'9' * 1000}", {}, 400, "bad-limit"),
    ("limit of an object's versions", "GET", f"{C}objects/{IND}/versions/?limit=x", {}, 400, "bad-limit"),
    ("added_after no date o", "GET", f"{C}objects/?added_after=yesterday", {}, 400, MOMENT),
    (
        "added_after in another zone o",
        "GET",
        f"{C}objects/?added_after=2026-01-01T00:00:00%2B00",
        {},
        400,
        "bad-moment",
    ),
    (
        "added_after without a zone",
        "GET",
        f"{C}objects/?added_after=2026-01-01T00:00:00",
        {},
        400,
        "bad-moment",
    ),
    ("added_after a day", "GET", f"{C}manifest/?added_after=2026-01-01", {}, 400, MOMENT),
    ("added_after nothing", "GET", f"{C}objects/?added_after=", {}, 400, MOMENT),
    (
        "added_after the 13th month",
        "GET",
        f"{C}objects/?added_after=2026-13-01T00:00:00Z",
        {},
        400,
        "bad-moment",
    ),
    ("added_after twice", "GET", f"{C}objects/?added_after={V1}&added_after={V2}", {}, 400, "given-twice"),
    ("version no date", "GET", f"{C}objects/?match[version]=newest", {}, 400, MOMENT),
    (
        "too many ids",
        "GET",
        f"{C}objects/?match[id]={','.join(map(str, range(101)))}",
        {},
        400,
        "many-values",
    ),
    ("next of nothing", "GET", f"{C}objects/?next=", {}, 400, "bad-next"),
    ("next that nobody gave o", "GET", f"{C}objects/?next=a", {}, 400, "bad-next"),
    ("next of an object o", "GET", f"{C}objects/{IND}/?next=a", {}, 400, "bad-next"),
    ("next of versions o", "GET", f"{C}objects/{IND}/versions/?next=a", {}, 400, "bad-next"),
    ("next of a manifest o", "GET", f"{C}manifest/?next=a", {}, 400, "bad-next"),
    # who may not write
    ("add to what was disclosed m o", "POST", f"{C}objects/", {"Content-Type": MEDIA}, 403, "may-not-write"),
    ("delete what was disclosed m o", "DELETE", f"{C}objects/{MAL}/", {}, 403, "may-not-write"),
    ("delete what is not there", "DELETE", f"{C}objects/{NONE}/", {}, 403, "may-not-write"),
]


@pytest.mark.parametrize(
    ("name", "method", "path", "headers", "status", "code"), REFUSED, ids=[one[0] for one in REFUSED]
)
def test_refusals(call, name, method, path, headers, status, code):
    answer = call(method, path, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA)
    told = answer.json()
    assert (told["error_code"], told["http_status"]) == (f"taxii.{code}", str(status))
    assert told["title"]
    assert ("www-authenticate" in answer.headers) == (status == 401)
    assert ("allow" in answer.headers) == (status == 405)


ACCEPTED = [
    "application/taxii+json;version=2.1",
    "application/taxii+json; version=2.1",
    "application/taxii+json",
    "APPLICATION/TAXII+JSON;VERSION=2.1",
    'application/taxii+json;version="2.1"',
    "*/*",
    "application/*",
    "",
    "text/html, application/taxii+json;version=2.1;q=0.1",
    "application/vnd.oasis.taxii+json, application/taxii+json",
    "text/html;q=0, */*;q=0.5",
]


@pytest.mark.parametrize("accept", ACCEPTED)
def test_media_types_that_are_answered(call, accept):
    answer = call("GET", "partners/", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, MEDIA)


@pytest.mark.parametrize("scheme", ["Basic", "basic", "Bearer", "bearer", "Token", "TOKEN"])
def test_keys_come_in_three_ways(world, scheme):
    _, keys, address, _ = world
    who, key = keys["reader"]
    sent = base64.b64encode(f"{who.name}:{key}".encode()).decode() if scheme.lower() == "basic" else key
    answer = httpx.get(f"{address}/", headers={"Authorization": f"{scheme} {sent}", "Accept": MEDIA})
    assert answer.status_code == 200


MAY = {"can_read", "can_write"}
RESOURCES = [
    ("discovery (4.1) m o", "", {"title", "default", "api_roots"}),
    ("discovery without a slash", "/", {"title", "default", "api_roots"}),
    ("API root (4.2) m o", "partners/", {"title", "versions", "max_content_length"}),
    ("API root without a slash", "partners", {"title", "versions", "max_content_length"}),
    ("collections (5.1) m o", "partners/collections/", {"collections"}),
    (
        "a collection by its alias (5.2) o",
        C,
        {"id", "title", "alias", "can_read", "can_write", "media_types"},
    ),
    ("objects without a slash m", f"{C}objects?limit=1", {"more", "next", "objects"}),
    ("versions without a slash m", f"{C}objects/{IND}/versions", {"more", "versions"}),
]


@pytest.mark.parametrize(("name", "path", "members"), RESOURCES, ids=[one[0] for one in RESOURCES])
def test_resources(call, name, path, members):
    answer = call("GET", path)
    assert (answer.status_code, answer.json().keys()) == (200, members)
    head = call("HEAD", path)
    assert (head.status_code, head.content, head.headers["content-length"]) == (
        (200, b"", answer.headers["content-length"])
    )


def test_resources_say_what_is_there(world, call):
    _, _, address, _ = world
    assert call("GET", "").json() == {
        "title": "cell",
        "default": f"{address}/partners/",
        "api_roots": [f"{address}/partners/"],
    }
    assert call("GET", "partners/").json()["versions"] == [MEDIA]
    (one,) = call("GET", "partners/collections/").json()["collections"]
    assert UUID(one["id"]).version == 4
    assert one == call("GET", f"partners/collections/{one['id']}/").json()
    assert one["media_types"] == ["application/stix+json;version=2.1"]
    both = call("GET", "partners/collections/", "writer").json()["collections"]
    assert [(c["alias"], c["can_read"], c["can_write"]) for c in both] == [
        ("shared", True, False),
        ("submitted", True, True),
    ]
    french = call("GET", C, headers={"Accept-Language": "fr-CA"}).json()["title"]
    assert french != one["title"]


def test_collections_of_two_partners_have_nothing_in_common(call):
    assert id_of(call) != id_of(call, who="writer")
    assert call("GET", f"partners/collections/{id_of(call, who='writer')}/").status_code == 404
    assert ids(call("GET", f"{C}objects/")) == ids(call("GET", f"{C}objects/", "writer"))


def test_a_manifest_says_what_each_object_is(call):
    found = call("GET", f"{C}manifest/", params={"match[version]": "all"}).json()["objects"]
    assert [set(one) for one in found] == [{"id", "date_added", "version", "media_type"}] * 8
    dates = [one["date_added"] for one in found]
    assert dates == sorted(set(dates))
    assert {one["id"]: one["media_type"][-3:] for one in found}[MAL] == "2.0"
    assert [one["version"] for one in found if one["id"] == IND] == [V1, V2, V3]
    (address,) = (one for one in found if one["id"] == ADDR)  # has no version: the server's own, which stays
    assert address["version"].rstrip("Z") == address["date_added"].rstrip("Z")[: len(address["version"]) - 1]
    again = call("GET", f"{C}objects/", params={"match[version]": address["version"]})
    assert ids(again) == [ADDR]


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"match[version]": "all"},
        {"match[type]": "indicator,malware"},
        {"match[spec_version]": "2.1", "match[version]": "all"},
    ],
)
@pytest.mark.parametrize("what", ["objects", "manifest"])
def test_pages_of_one_each(call, what, filters):
    whole, got, token, last = ids(call("GET", f"{C}{what}/", params=filters)), [], {}, ""
    while True:
        answer = call("GET", f"{C}{what}/", params={"limit": 1, **filters, **token})
        got += ids(answer)
        assert answer.headers["x-taxii-date-added-first"] == answer.headers["x-taxii-date-added-last"] > last
        last = answer.headers["x-taxii-date-added-last"]
        if not answer.json()["more"]:
            break
        token = {"next": answer.json()["next"]}
    assert got == whole


def test_filters_may_not_change_between_pages(call):
    token = call("GET", f"{C}objects/", params={"match[version]": "all", "limit": 2}).json()["next"]
    for version, status in (("all", 200), ("first", 400)):
        parameters = {"match[version]": version, "limit": 2, "next": token}
        assert call("GET", f"{C}objects/", params=parameters).status_code == status
    of_two = call("GET", f"{C}objects/", params={"match[type]": "malware,identity", "limit": 1}).json()[
        "next"
    ]
    turned = {"match[type]": "identity,malware", "limit": 1, "next": of_two}
    assert ids(call("GET", f"{C}objects/", params=turned)) == [IDEN]
    versions = call("GET", f"{C}objects/{IND}/versions/", params={"limit": 2}).json()
    last = call("GET", f"{C}objects/{IND}/versions/", params={"limit": 2, "next": versions["next"]}).json()
    assert (versions["versions"] + last["versions"], last["more"]) == ([V1, V2, V3], False)


def test_wrong_keys_are_logged_and_then_wait(world, tmp_path):
    floor = made(tmp_path)
    who, key = partner(floor, "police-a")
    gone, old = partner(floor, "police-b")
    partners.remove(floor, WHO, gone.name, "the trial is over")
    with serving(floor) as (address, _), httpx.Client() as client:

        def status(name, sent):
            return client.get(f"{address}/", headers=basic(name, sent))

        assert status(who.name, key).status_code == 200
        tries = [(gone.name, old), ("police-x", key), (who.name, key[:-1]), (who.name, f"{key}x"), ("", key)]
        answers = [status(*one) for one in tries * 6]
        assert {(one.status_code, one.content) for one in answers} == {(401, answers[0].content)}
        late = status(*tries[0])
        assert (late.status_code, late.json()["error_code"]) == (429, "taxii.wait")
        assert 0 < int(late.headers["retry-after"]) <= 900
        assert status(who.name, key).status_code == 200  # who has the key waits for nobody
    acts = floor.acts_of("sign-in-refused")
    assert [one.detail for one in acts] == [{"account": None, "by": "partner-key"}] * 30


def test_a_partner_who_asks_too_often_waits_and_others_do_not(tmp_path, monkeypatch):
    monkeypatch.setattr(door, "BURST", 5)
    monkeypatch.setattr(door, "PER_SECOND", 1e-3)
    floor = made(tmp_path)
    (one, key), (other, others) = partner(floor, "police-a"), partner(floor, "police-b")
    with serving(floor) as (address, _), httpx.Client() as client:
        asked = [client.get(f"{address}/", headers=basic(one.name, key)) for _ in range(7)]
        assert [each.status_code for each in asked] == [200] * 5 + [429] * 2
        assert int(asked[-1].headers["retry-after"]) > 0
        assert client.get(f"{address}/", headers=basic(other.name, others)).status_code == 200


# What a partner adds.


def envelope(*objects):
    """An envelope of objects, as it is sent."""
    return {"content": json.dumps({"objects": objects}), "headers": {"Content-Type": MEDIA}}


def test_what_a_partner_adds_is_read_back_and_kept_under_their_name(world, call):
    floor = world[0]
    mine = [
        stix(100, version=V1, x_custom={"of": ["mine", 1.5]}, name="é" * 3),
        stix(100, version=V2),
        {"type": "artifact", "id": stix(101, "artifact")["id"], "spec_version": "2.1", "mime_type": "a/b"},
        stix(102, "x-own-type"),
    ]
    answer = call("POST", f"{S}objects/", "writer", **envelope(*mine))
    assert (answer.status_code, answer.headers["content-type"]) == (202, MEDIA)
    told = answer.json()
    assert (told["status"], told["total_count"], told["success_count"]) == ("complete", 4, 4)
    assert (told["failure_count"], told["pending_count"]) == (0, 0)
    assert [one["id"] for one in told["successes"]] == [one["id"] for one in mine]
    assert call("GET", f"partners/status/{told['id']}/", "writer").json() == told
    assert call("GET", f"partners/status/{told['id']}/").status_code == 404
    for parameters, wanted in (
        ({"match[version]": "all"}, mine),
        ({}, mine[1:]),
        ({"match[type]": "artifact"}, mine[2:3]),
        ({"match[id]": mine[0]["id"], "match[version]": "first"}, mine[:1]),
    ):
        assert call("GET", f"{S}objects/", "writer", params=parameters).json()["objects"] == wanted
    assert len(ids(call("GET", f"{S}manifest/", "writer", params={"match[version]": "all"}))) == 4
    rows = floor.read("intelligence-object", READER, columns=["source", "object_id", "marking"]).to_pylist()
    assert {one["source"] for one in rows} == {"partner:writer"}
    assert {one["object_id"] for one in rows} == {one["id"] for one in mine}
    before = call("GET", f"{S}objects/", "writer").headers["x-taxii-date-added-last"]
    again = call("POST", f"{S}objects/", "writer", **envelope(*mine)).json()  # m: what is there is no failure
    assert (again["success_count"], again["failure_count"]) == (4, 0)
    assert call("GET", f"{S}objects/", "writer").headers["x-taxii-date-added-last"] == before
    assert floor.read("intelligence-object", READER).num_rows == 4


def test_an_unmodified_client_adds_reads_and_takes_back(world):
    _, keys, address, _ = world
    who, key = keys["writer"]
    root = ApiRoot(f"{address}/partners/", user=who.name, password=key)
    (inbox,) = (one for one in root.collections if one.can_write)
    status = inbox.add_objects({"objects": [stix(150), {"type": "note"}]})
    assert (status.status, status.success_count, status.failure_count) == ("complete", 1, 1)
    again = root.get_status(status.id)
    assert (again.successes, again.failures) == (status.successes, status.failures)
    assert inbox.get_object(stix(150)["id"])["objects"] == [stix(150)]
    inbox.delete_object(stix(150)["id"])
    with pytest.raises(HTTPError, match="404"):
        inbox.get_object(stix(150)["id"])
    for each in (inbox, root):
        each.close()


def test_a_shelf_that_was_lost_has_again_what_its_partner_added(world, call):
    _, keys, _, taxii = world
    call("POST", f"{S}objects/", "writer", **envelope(stix(200), stix(201)))
    assert call("DELETE", f"{S}objects/{stix(201)['id']}/", "writer").status_code == 200
    wanted = ids(call("GET", f"{S}objects/", "writer"))
    shelf = taxii.shelves.shelf(keys["writer"][0].shelf)
    shelf.remove([one.added for one in shelf.page("submitted", 0, 1_000, ALL).entries])
    shelf.withdraw([])
    with shelf._writing() as database:
        database.execute("DELETE FROM collections WHERE name = 'submitted'")
    shelf._collections.clear()
    assert set(ids(call("GET", f"{S}objects/", "writer"))) == set(wanted)
    assert stix(200)["id"] in wanted
    assert stix(201)["id"] not in wanted


TAKEN_BACK = [
    ("all versions m o", {}, [], 200),
    ("a version by its date m o", {"match[version]": V2}, [V1, V3], 200),
    ("the last version m", {"match[version]": "last"}, [V1, V2], 200),
    ("the first version m", {"match[version]": "first"}, [V2, V3], 200),
    ("all of a spec_version m o", {"match[spec_version]": "2.1"}, [], 200),
    ("none of another spec_version m o", {"match[spec_version]": "2.0"}, [V1, V2, V3], 404),
    ("a version that it has not", {"match[version]": "2001-01-01T00:00:00Z"}, [V1, V2, V3], 404),
]


@pytest.mark.parametrize(("name", "parameters", "left", "status"), TAKEN_BACK, ids=[o[0] for o in TAKEN_BACK])
def test_a_partner_takes_back_what_they_added(world, call, name, parameters, left, status):
    floor, _, _, _ = world
    number = 300 + [one[0] for one in TAKEN_BACK].index(name)
    id_ = stix(number)["id"]
    call("POST", f"{S}objects/", "writer", **envelope(*(stix(number, version=v) for v in (V1, V2, V3))))
    answer = call("DELETE", f"{S}objects/{id_}/", "writer", params=parameters)
    assert answer.status_code == status
    versions = call("GET", f"{S}objects/{id_}/versions/", "writer")
    assert versions.json().get("versions", []) == left
    assert versions.status_code == (200 if left else 404)
    acts = [one.detail for one in floor.acts_of("partner-withdrew") if one.detail["object"] == id_]
    assert len(acts) == (status == 200)
    assert call("DELETE", f"{S}objects/{NONE}/", "writer").status_code == 404


BODIES = [
    ("no body", b"", MEDIA, 400, "no-envelope"),
    ("no JSON m", b"{", MEDIA, 400, "no-envelope"),
    ("no UTF-8", b'{"objects":["\xff"]}', MEDIA, 400, "no-envelope"),
    ("nothing o", b"{}", MEDIA, 400, "no-envelope"),
    ("a list", b"[]", MEDIA, 400, "no-envelope"),
    ("a number", b"1", MEDIA, 400, "no-envelope"),
    ("nested without end", b"[" * 100_000, MEDIA, 400, "no-envelope"),
    ("an object and no envelope m", json.dumps(stix(1)).encode(), MEDIA, 422, "no-objects"),
    ("no objects", b'{"objects":[]}', MEDIA, 422, "no-objects"),
    ("objects that are no list", b'{"objects":{"id":1}}', MEDIA, 422, "no-objects"),
    ("too many objects", b'{"objects":[%s1]}' % (b"1," * 10_000), MEDIA, 413, "many-objects"),
    ("another media type o", b'{"objects":[1]}', "application/json", 415, "not-taxii"),
    ("a bundle's media type", b'{"objects":[1]}', "application/stix+json;version=2.1", 415, "not-taxii"),
    ("another version", b'{"objects":[1]}', "application/taxii+json;version=2.0", 415, "not-taxii"),
    ("no media type", b'{"objects":[1]}', "", 415, "not-taxii"),
    ("too long (413)", b" " * (MOST_BODY + 1), MEDIA, 413, "too-long"),
]


@pytest.mark.parametrize(("name", "body", "type_", "status", "code"), BODIES, ids=[one[0] for one in BODIES])
def test_bodies_that_are_refused(world, call, name, body, type_, status, code):
    floor = world[0]
    before = floor.position
    headers = {"Content-Type": type_} if type_ else {}
    answer = call("POST", f"{S}objects/", "writer", headers=headers, content=body)
    assert (answer.status_code, answer.json()["error_code"]) == (status, f"taxii.{code}")
    assert floor.position == before


def test_a_long_body_is_refused_without_its_length(world, call):
    pieces = (b" " * (1 << 20) for _ in range(17))
    answer = call("POST", f"{S}objects/", "writer", headers={"Content-Type": MEDIA}, content=pieces)
    assert answer.status_code == 413


UNREAD = [
    stix(400) | {"id": stix(400, "malware")["id"]},
    {"type": "note"},
    17,
    stix(401) | {"modified": "soon"},
    {"type": "bundle", "id": stix(402, "bundle")["id"], "objects": []},
]


def test_each_object_that_fails_is_told_and_the_others_are_kept(world, call):
    floor = world[0]
    above = stix(403) | {
        "extensions": {OWN_EXTENSION: {"extension_type": "property-extension", "marking": "PB"}}
    }
    bad, before = [*UNREAD, above], len(floor.quarantine("partner:writer"))
    told = call("POST", f"{S}objects/", "writer", **envelope(stix(410), *bad, stix(411))).json()
    assert (told["total_count"], told["success_count"]) == (len(bad) + 2, 2)
    assert told["failure_count"] == len(told["failures"]) == len(bad)
    assert [one["id"] for one in told["successes"]] == [stix(410)["id"], stix(411)["id"]]
    why = [str(reason(UNREAD_TOLD))] * 5 + [str(reason(ABOVE, partner="writer"))]
    assert [one["message"] for one in told["failures"]] == why
    assert call("GET", f"{S}objects/{above['id']}/", "writer").status_code == 404
    assert len(floor.quarantine("partner:writer")) - before == len(bad)


def test_of_a_version_that_comes_twice_with_other_content_the_second_is_told_to_have_failed(call):
    """What the status says was kept is what is read back."""
    first, other = stix(420), stix(420, name="other")
    told = call("POST", f"{S}objects/", "writer", **envelope(first, other, first)).json()
    assert (told["success_count"], told["failure_count"]) == (2, 1)
    assert told["failures"][0]["message"] == str(reason(TWICE))
    assert call("GET", f"{S}objects/{first['id']}/", "writer").json()["objects"] == [first]
