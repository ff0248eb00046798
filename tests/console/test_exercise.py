"""Exercise: the queue against a key that an officer brings, as the command line scores it."""

import json
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect
from tests.console.served import KEEPER, served

from watchfloor.cell.queue import queue
from watchfloor.cell.weighing.weights import load
from watchfloor.exercise import key as keys
from watchfloor.exercise.score import score
from watchfloor.store.floor import Floor


@pytest.fixture
def key(played):
    """The answer key of the exercise that every console here has."""
    return played.root.parent / "exercise" / "key" / "answer-key.json"


def test_an_officer_brings_the_key_and_sees_where_storylines_stand(console, officer, key):
    okafor = officer(console)
    okafor.go("/exercise")
    expect(okafor.page.locator("main")).to_contain_text("Not scored in this session yet")
    okafor.page.set_input_files('input[type="file"]', key)
    expect(okafor.page.locator("table.storylines tbody tr").first).to_be_visible(timeout=20_000)
    okafor.shot("exercise", full=True)
    found = okafor.page.locator("table.storylines tbody tr").filter(has=okafor.page.locator("td a")).first
    found.locator("td a").click()
    okafor.page.wait_for_url("**/leads/*")


def test_the_score_is_the_command_lines_own_and_the_key_stays_nowhere(console, client, key):
    okafor = client(console)
    assert okafor.post("/api/v1/exercise", json={"key": key.read_text("utf-8")}).status_code == 200
    said = okafor.get("/api/v1/exercise").json()["score"]
    floor = console.floor
    found = queue(floor, floor.reader("okafor", "tests"), load(), datetime.now(UTC))
    wanted = score(found, keys.read(key))
    assert said["leads"] == wanted.leads
    assert [(one["name"], one["rank"], one["lead_id"]) for one in said["storylines"]] == [
        (one.storyline.name, one.rank, one.lead_id) for one in wanted.places
    ]
    assert {one["first"]: one["share"]["value"] for one in said["precision"]} == {
        first: one.value for first, one in wanted.precision.items()
    }
    assert said["brier"]["value"] == pytest.approx(wanted.brier.value)
    title = keys.read(key).storylines[0].title.encode()
    assert not any(title in path.read_bytes() for path in floor.root.rglob("*") if path.is_file())
    last = [act for act in floor.acts_of("query") if act.actor.name == "okafor"][-1]
    assert last.detail["shown"] == [one.lead_id for one in found]


def test_what_is_no_key_and_a_key_of_another_exercise_are_refused(console, client, key):
    okafor = client(console)
    said = okafor.post("/api/v1/exercise", json={"key": "{}"})
    assert said.status_code == 422
    assert "no answer key" in said.json()["detail"]
    other = json.loads(key.read_text("utf-8"))
    for one in other["storylines"]:
        one["records"] = [f"other-{at}" for at in one["records"]]
    assert "none of the" in okafor.post("/api/v1/exercise", json={"key": json.dumps(other)}).json()["detail"]
    assert okafor.post("/api/v1/exercise", json={"key": "{}", "minutes": 0}).status_code == 422


@pytest.mark.thorough
def test_a_floor_that_is_no_exercise_says_so(tmp_path, officer):
    floor = Floor.create(tmp_path / "floor", KEEPER, name="real")
    with served(floor) as one:
        okafor = officer(one)
        okafor.go("/exercise")
        expect(okafor.page.locator(".empty")).to_contain_text("not made for an exercise")
        assert okafor.page.locator("form#key").count() == 0
