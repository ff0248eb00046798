"""TAXII in the console's own process: what stands between a machine and the shelf."""

import httpx
import pytest
from taxii2client.v21 import Server, as_pages
from tests.exchange.nodes import WHO
from tests.exchange.taxii.served import GATEWAY, basic, shelve, stix

from watchfloor.exchange.partners import partner as partners


@pytest.fixture(scope="module")
def machine(console):
    """A partner of the console's floor, and their key."""
    floor = console.services.floor
    said = {"institution": "police", "country": "CAN", "gateway": GATEWAY, "test": "for the trial"}
    return partners.add(floor, WHO, "police-a", **said)


def test_an_unmodified_client_pulls_from_a_console(console, machine):
    who, key = machine
    floor = console.services.floor
    with httpx.Client(headers=basic(who.name, key), base_url=console.home) as client:
        assert client.get("/taxii2/").status_code == 200
        answer = client.get("/taxii2/partners/collections/shared/objects/", params={"limit": 1})
        assert answer.status_code == 200
        before = answer.json().get("objects", [])
    shelve(floor, who, map(stix, range(2_500)), "by hand")
    server = Server(f"{console.home}/taxii2/", user=who.name, password=key)
    collection = server.api_roots[0].collections[0]
    got = [one["id"] for page in as_pages(collection.get_objects, per_request=400) for one in page["objects"]]
    server.close()
    assert len(got) == len(set(got)) >= 2_500 + len(before)


def test_nobody_without_a_key_learns_anything(console, machine):
    who, key = machine
    token = console.token()
    paths = ("", "partners/", "partners/collections/", "partners/collections/shared/objects/", "nothing/")
    for headers in ({}, {"Authorization": f"Bearer {token}"}, {"Cookie": f"watchfloor={token}"}):
        for method in ("GET", "POST", "DELETE", "PUT"):
            answers = {
                (answer.status_code, answer.content)
                for path in paths
                for answer in [httpx.request(method, f"{console.home}/taxii2/{path}", headers=headers)]
            }
            assert len(answers) == 1
            assert next(iter(answers))[0] == 401
    assert httpx.get(f"{console.home}/api/v1/session", headers=basic(who.name, key)).status_code == 401


def test_requests_are_counted_under_one_name(console, machine):
    who, key = machine
    httpx.get(f"{console.home}/taxii2/partners/collections/x/", headers=basic(who.name, key))
    assert 'endpoint="taxii"' in console.services.metrics.text()
    bare = httpx.get(f"{console.home}/taxii2", headers=basic(who.name, key), follow_redirects=True)
    assert bare.json()["api_roots"] == [f"{console.home}/taxii2/partners/"]
    evil = httpx.get(f"{console.home}/taxii2/", headers=basic(who.name, key) | {"Host": "evil.example"})
    assert evil.status_code == 421
