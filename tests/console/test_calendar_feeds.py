"""Addresses from which a telephone fetches its owner's shifts: what they give, to whom, and how they end."""

import re
from datetime import timedelta

import httpx
import pytest
from playwright.sync_api import expect
from tests.planning.rosters.published import FIRST, NAMES, write

import watchfloor
from watchfloor.console.pages import calendar_feeds

POLICY = """[readers.okafor]
protected = "PB"
role = "supervisor"
[readers.roy]
protected = "PB"
tlp = "AMBER"
"""


@pytest.fixture
def rostered(own, tmp_path):
    """A console of whose officers Okafor and Roy are on a roster that anybody on duty may see."""
    face = watchfloor.open(own.floor.root, purpose="watch", authority="none", user="okafor")
    face.rosters.publish(folder=write(tmp_path / "emerson"))
    return own


def made(console, client, name="okafor", **ask):
    answer = client(console, console.token(name)).post("/api/v1/rosters/feed", json=ask)
    assert answer.status_code == 200, answer.text
    return answer.json()


def fetched(console, address):
    """What a calendar gets: it has no cookie and no token."""
    return httpx.get(address, timeout=60)


def entries(console):
    return [act.detail for act in console.floor.acts() if (act.detail or {}).get("feed")]


def test_a_calendar_has_its_owner_s_times_on_duty_and_nothing_else(rostered, client):
    feed = made(rostered, client)
    answer = fetched(rostered, feed["address"])
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.headers["cache-control"] == "no-store"
    whole = client(rostered).get("/api/v1/rosters/of/Okafor.ics").text
    times = re.compile(r"^DT(?:START|END):.*$", re.MULTILINE)
    assert times.findall(answer.text) == times.findall(whole) != []
    assert set(re.findall(r"^SUMMARY:(.*?)\r?$", answer.text, re.MULTILINE)) == {"On duty"}
    for word in ("console", "lane", "Emerson", *NAMES):
        assert word not in answer.text
        assert word.lower() not in answer.text.lower()
    french = rostered.token("roy", language="fr")
    address = client(rostered, french).post("/api/v1/rosters/feed", json={}).json()["address"]
    assert "SUMMARY:De service" in fetched(rostered, address).text


def test_each_fetch_is_logged_and_the_secret_is_kept_nowhere(rostered, client):
    feed = made(rostered, client)
    secret = feed["address"].rpartition("/")[2].removesuffix(".ics")
    before = len(entries(rostered))
    for _ in range(2):
        fetched(rostered, feed["address"])
    told = entries(rostered)
    assert [(one["what"], one["feed"]) for one in told[before:]] == [("roster calendar", feed["id"])] * 2
    assert len(secret) >= 43
    kept = b"".join(path.read_bytes() for path in rostered.floor.root.rglob("*") if path.is_file())
    assert secret.encode() not in kept
    (shown,) = calendar_feeds.feeds_of(rostered.services.file, "okafor")
    assert shown.used is not None
    assert shown.ends - shown.began == timedelta(days=90)


def test_an_address_that_is_wrong_revoked_or_over_answers_as_one_that_never_was(
    rostered, client, monkeypatch
):
    nobody = fetched(rostered, f"{rostered.home}/calendars/{'x' * 43}.ics")
    assert nobody.status_code == 404

    def gone(address):
        answer = fetched(rostered, address)
        assert (answer.status_code, answer.content) == (404, nobody.content)

    one, roys = made(rostered, client), made(rostered, client, "roy", days=1)
    other = client(rostered, rostered.token("roy"))
    assert other.post("/api/v1/rosters/feed/end", json={"id": one["id"]}).status_code == 422
    assert fetched(rostered, one["address"]).status_code == 200
    client(rostered).post("/api/v1/rosters/feed/end", json={"id": one["id"]})
    gone(one["address"])
    later = calendar_feeds.now() + 2 * calendar_feeds.DAY
    with monkeypatch.context() as patch:
        patch.setattr(calendar_feeds, "now", lambda: later)
        gone(roys["address"])
    assert fetched(rostered, roys["address"]).status_code == 200
    (rostered.floor.root / "policy.toml").write_text('[readers.okafor]\nprotected = "PB"\n', "utf-8")
    gone(roys["address"])  # the policy no longer knows Roy
    (rostered.floor.root / "policy.toml").unlink()
    rostered.services.sessions.end_all("roy")
    gone(roys["address"])
    again = made(rostered, client, "roy")
    rostered.services.accounts.set_disabled("roy", disabled=True)
    rostered.services.accounts.set_disabled("roy", disabled=False)
    gone(again["address"])


def test_an_address_gives_nothing_to_whom_the_provider_has_not_vouched_for_lately(rostered, client):
    """The provider says nothing about people who are gone: they can sign in no more."""
    feed, accounts = made(rostered, client, "roy", days=366), rostered.services.accounts
    long_ago = calendar_feeds.now() - calendar_feeds.VOUCHED - 60
    change = "UPDATE accounts SET provider = 'https://id', subject = '7', vouched = ? WHERE name = 'roy'"
    rostered.services.file.database.execute(change, (long_ago,))
    assert fetched(rostered, feed["address"]).status_code == 404
    assert accounts.vouched("https://id", "7") == "roy"
    assert fetched(rostered, feed["address"]).status_code == 200
    accounts.set_disabled("roy", disabled=True)
    assert fetched(rostered, feed["address"]).status_code == 404


def test_shifts_above_the_marking_of_duty_are_not_sent_to_a_telephone(own, client, tmp_path):
    face = watchfloor.open(own.floor.root, purpose="watch", authority="none", user="okafor")
    face.rosters.publish(folder=write(tmp_path / "emerson"), marking="PB//TLP:RED")
    answer = fetched(own, made(own, client)["address"])
    assert (answer.status_code, "BEGIN:VEVENT" in answer.text) == (200, False)


def test_who_guesses_has_to_wait_and_a_person_has_three_addresses(rostered, client):
    addresses = [made(rostered, client)["address"] for _ in range(calendar_feeds.MOST)]
    refused = client(rostered).post("/api/v1/rosters/feed", json={})
    assert (refused.status_code, "3" in refused.json()["detail"]) == (422, True)
    with httpx.Client(base_url=rostered.home) as guesser:
        told = [guesser.get(f"/calendars/{at}.ics").status_code for at in range(40)]
    assert told == [404] * calendar_feeds.WRONG_TRIES + [429] * (40 - calendar_feeds.WRONG_TRIES)
    assert fetched(rostered, addresses[0]).status_code == 200  # from the same network


def test_an_officer_makes_an_address_on_the_page_and_ends_it(rostered, officer):
    okafor = officer(rostered)
    page = okafor.page
    okafor.go(f"/rosters?since={FIRST}")
    page.locator("#feed > summary").click()
    page.locator('#feed form[action="/rosters/feed"] button').click()
    said = page.get_by_text("/calendars/")
    expect(said).to_be_visible()
    address = re.search(r"http\S+\.ics", said.inner_text())[0]
    assert fetched(rostered, address).status_code == 200
    okafor.shot("rosters-feed", full=True)
    okafor.go(f"/rosters?since={FIRST}")
    expect(page.get_by_text("/calendars/")).to_have_count(0)
    page.locator('#feed form[action="/rosters/feed/end"] button').click()
    expect(page.locator("#feed li")).to_have_count(0)
    assert fetched(rostered, address).status_code == 404
