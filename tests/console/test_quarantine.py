"""Quarantine: numbers are of the reader's view, bytes are shown safely, and a retry is a job."""

import shutil
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect
from tests.console.served import KEEPER, served
from tests.console.test_feeds import parcels
from tests.console.test_uploads import done

from watchfloor.actions.quarantine import spelled
from watchfloor.console.pages import feeds
from watchfloor.core.marking import parse
from watchfloor.feeds import config
from watchfloor.feeds.intake import Orders, ingest_all
from watchfloor.messages.catalogue import Catalogue
from watchfloor.store.floor import Floor

POLICY = """
[readers.okafor]
protected = "PB"
tlp = "AMBER"
role = "analyst"
[readers.keeper]
protected = "PB"
role = "supervisor"
"""
NAMED = "[feeds.parcels]\n", '[feeds.parcels]\ndeliverers = ["okafor", "supervisor"]\n'


def deliver(floor, name, content, marking, home):
    path = home / name
    path.write_bytes(content)
    with floor.writer(KEEPER) as writer:
        list(ingest_all(writer, [path], config.load(floor.root), Orders("parcels", marking=parse(marking))))


@pytest.fixture(scope="module")
def quarantined(played, tmp_path_factory):
    """A floor with a hidden piece in quarantine between two open ones, that nobody may write to."""
    home = tmp_path_factory.mktemp("quarantined")
    shutil.copytree(played.root, home / "floor")
    floor = Floor.open(home / "floor")
    (floor.root / "policy.toml").write_text(POLICY, encoding="utf-8")
    feeds = floor.root / "feeds.toml"
    named = feeds.read_text(encoding="utf-8").replace(*NAMED)
    feeds.write_text(named, encoding="utf-8")
    deliver(floor, "a.csv", parcels(("Ann Roy", "1971-02-30")), "PB", home)
    deliver(floor, "b.csv", parcels(("Hidden One", "1971-02-31")), "PB//TLP:RED", home)
    deliver(floor, "c.csv", parcels(("<b>Bo", "1971-13-01")), "PB", home)
    return floor


@pytest.fixture
def views(quarantined, tmp_path):
    """A console on a copy of it."""
    shutil.copytree(quarantined.root, tmp_path / "floor")
    with served(Floor.open(tmp_path / "floor")) as one:
        yield one


def test_numbers_are_places_in_the_view_and_a_hidden_piece_is_as_none(views, client):
    okafor, keeper = client(views), client(views, views.token("keeper"))
    mine = okafor.get("/api/v1/quarantine").json()
    assert [(one["id"], one["delivery"].rpartition("/")[2]) for one in mine["pieces"]] == [
        (1, "a.csv"),
        (2, "c.csv"),
    ]
    assert [one["id"] for one in keeper.get("/api/v1/quarantine").json()["pieces"]] == [1, 2, 3]
    assert okafor.get("/api/v1/quarantine/2").json()["why"].startswith("birth_date: '1971-13-01'")
    nothing, hidden = okafor.get("/api/v1/quarantine/3"), okafor.get("/api/v1/quarantine/99")
    assert (nothing.status_code, nothing.json()) == (hidden.status_code, hidden.json())
    assert nothing.status_code == 404
    assert okafor.get("/api/v1/quarantine", params={"feed": "p" * 501}).status_code == 422
    shown = [act.detail for act in views.floor.acts_of("query") if act.actor.name == "okafor"]
    assert [one["what"] for one in shown] == ["quarantine", "quarantine"]
    assert shown[0]["shown"] == [one.id for one in views.floor.quarantine() if "b.csv" not in one.name]


def test_bytes_are_shown_as_text_and_come_as_they_came(views, client, officer):
    okafor = officer(views)
    okafor.go("/quarantine/2")
    expect(okafor.page.locator("pre.original")).to_contain_text("<b>Bo")
    assert okafor.page.locator("pre.original b").count() == 0
    said = client(views).get("/api/v1/quarantine/2/original")
    assert b"<b>Bo,1971-13-01" in said.content
    assert said.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in said.headers["content-security-policy"]


def test_signs_that_cannot_be_seen_are_spelled_out():
    assert spelled("a\u202eb\x1b[0m\r\nc\td\x00") == "a\\u{202e}b\\u{1b}[0m\nc\td\\u{0}"


def test_a_retry_reads_only_what_the_reader_may_see(views, client):
    okafor = client(views)
    fields = "".join(f'{name} = "{name}"\n' for name in ("report_key", "name", "role", "observed_at"))
    mapping = f'kind = "party"\n[fields]\n{fields}'
    page = done(okafor, okafor.post("/api/v1/quarantine/retry", json={"mapping": mapping}).json())
    assert (page["total"]["accepted"], page["left"]) == (2, 0)
    assert [piece.name.rpartition("/")[2] for piece in views.floor.quarantine()] == ["b.csv"]
    assert okafor.post("/api/v1/quarantine/retry", json={}).status_code == 422
    # the place of the hidden retry's act in the log is for who keeps the floor
    assert page["taken"][0]["position"] is None


def test_a_retry_that_brings_nothing_says_so(views, client):
    okafor = client(views)
    page = done(okafor, okafor.post("/api/v1/quarantine/1/retry", json={}).json())
    assert "still cannot be read" in page["aside"][0]["reason"]
    assert page["left"] == 1
    wrong = okafor.post("/api/v1/quarantine/1/retry", json={"mapping": 'kind = "partie"'})
    assert wrong.status_code == 422
    assert "partie" in wrong.json()["detail"]


def test_a_newer_delivery_of_that_name_is_told(views, client, tmp_path):
    before = datetime.now(UTC)
    deliver(views.floor, "a.csv", parcels(("Ann Roy", "1971-02-28")), "PB", tmp_path)
    (first, second) = client(views).get("/api/v1/quarantine").json()["pieces"]
    assert datetime.fromisoformat(first["newer"]) > before
    assert second["newer"] is None
    assert client(views).get("/api/v1/quarantine", params={"feed": "payments"}).json()["pieces"] == []


def test_others_see_a_job_only_when_they_may_see_what_it_brought(views, client):
    okafor, keeper = client(views), client(views, views.token("keeper"))
    open_ = keeper.post(
        "/api/v1/uploads",
        params={"name": "open.csv", "feed": "parcels"},
        content=parcels(("Eve Ray", "1980-01-01")),
    ).json()
    done(keeper, open_)
    hidden = keeper.post(
        "/api/v1/uploads",
        params={"name": "hidden.csv", "feed": "parcels", "marking": "PB//TLP:RED"},
        content=parcels(("Max Ray", "1981-01-01")),
    ).json()
    done(keeper, hidden)
    names = [one["name"] for one in okafor.get("/api/v1/jobs").json()["jobs"]]
    assert names == ["open.csv"]
    assert okafor.get(f"/api/v1/jobs/{hidden['job']}").status_code == 404
    seen = okafor.get(f"/api/v1/jobs/{open_['job']}").json()
    assert (seen["job"]["state"], seen["total"], seen["taken"]) == ("done", None, [])
    assert okafor.post(f"/api/v1/jobs/{open_['job']}/stop").status_code == 404


def test_the_page_of_a_feed_is_walked_to_its_end_and_says_so_beyond(views, client, monkeypatch):
    """A keeper who may not see all walks more deliveries than an analyst, and the same records."""
    monkeypatch.setattr(feeds, "SIZE", 2)
    monkeypatch.setattr(feeds, "RECORDS", 3)
    walks = {}
    for name in ("okafor", "keeper"):
        asking = client(views, views.token(name))
        whole = asking.get("/api/v1/feeds/parcels").json()["feed"]
        for what, next_, prefix in (("deliveries", "next", ""), ("records", "records_next", "rows_")):
            found, params = [], {}
            for _ in range(100):
                page = asking.get("/api/v1/feeds/parcels", params=params).json()
                found += page[what]
                if page[next_] is None:
                    break
                params = {prefix + key: value for key, value in page[next_].items()}
            walks[name, what] = found
        assert len(walks[name, "deliveries"]) == whole["deliveries"]
        assert len(found) == len({one["record_id"] for one in found})
    assert len(walks["okafor", "deliveries"]) < len(walks["keeper", "deliveries"])
    mine = walks["okafor", "records"]
    assert len(mine) == client(views).get("/api/v1/feeds/parcels").json()["feed"]["accepted"]
    hidden = [one for one in walks["keeper", "records"] if one not in mine]
    assert {one["marking"] for one in hidden} <= {"PB//TLP:RED"}
    okafor = client(views)
    beyond = {"upto": "2000-01-01T00:00:00Z", "rows_upto": "2000-01-01T00:00:00Z"}
    page = okafor.get("/api/v1/feeds/parcels", params=beyond).json()
    assert (page["deliveries"], page["records"], page["next"], page["records_next"]) == ([], [], None, None)
    said = Catalogue().say("feeds.beyond", "en")
    browser = client(views, None, Cookie=f"watchfloor={views.token()}")
    assert browser.get("/feeds/parcels", params=beyond).text.count(said) == 2
    whole = browser.get("/feeds/parcels")
    assert (whole.status_code, whole.text.count('rel="next"'), said in whole.text) == (200, 2, False)
    assert okafor.get("/api/v1/feeds/parcels", params={"upto": "2000-01-01T00:00:00"}).status_code == 422


@pytest.mark.thorough
def test_an_analysts_feeds_count_what_he_may_see_and_say_so(views, client, officer):
    mine = {one["source"]: one for one in client(views).get("/api/v1/feeds").json()["feeds"]}
    keeper = client(views, views.token("keeper")).get("/api/v1/feeds").json()
    (whole,) = [one for one in keeper["feeds"] if one["source"] == "parcels"]
    assert (whole["quarantined"], mine["parcels"]["quarantined"]) == (3, 2)
    assert (whole["duplicate"], mine["parcels"]["duplicate"]) == (0, None)
    assert mine["parcels"]["received"] == mine["parcels"]["accepted"] + 2
    assert (whole["deliveries"], mine["parcels"]["deliveries"]) == (4, 3)
    assert "PB//TLP:RED" not in client(views).get("/api/v1/feeds/parcels").text
    okafor = officer(views)
    okafor.go("/feeds/parcels")
    expect(okafor.page.locator("main")).to_contain_text("These count what you may see")
    expect(okafor.page.locator("section[aria-labelledby=deliveries] tbody tr")).to_have_count(3)
    okafor.page.get_by_role("link", name="birth_date").first.click()
    okafor.page.wait_for_url("**/quarantine/2")
