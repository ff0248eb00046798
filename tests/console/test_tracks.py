"""`/api/v1/tracks`: where tracks were last and before, by page, and nothing of what a reader may not see."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.compute as pc
import pytest
from tests.cli.worlds import in_, run
from tests.console.test_noninterference import Told
from tests.console.walk import looking

from watchfloor.cell.tracks import history
from watchfloor.store.floor import Floor

OPEN, HIDDEN = "PA//TLP:GREEN", "PB//TLP:AMBER"
POLICY = """
[readers.keeper]
protected = "PB"
role = "supervisor"
[readers.roy]
protected = "PA"
tlp = "GREEN"
"""
NIGHT = datetime(2026, 11, 24, 2, tzinfo=UTC)
HEAD = "observed_at,sensor,latitude,longitude,sigma,class\n"
ENDPOINTS = {one.name: one for one in looking() if one.name.startswith("tracks")}


def boats(easts, late=0, minutes=4, every=5):
    """Lines of radars that each see one boat go north at 8 m/s, in the order of time."""
    lines = []
    for s in range(0, 60 * minutes, every):
        at, north = NIGHT + timedelta(seconds=late + s), 45 + s * 8 / 111_200
        lines += [f"{at.isoformat()},radar{east},{north:.7f},{east},5,boat\n" for east in easts]
    return HEAD + "".join(lines)


def floor_of(home, *hidden):
    """A floor with two boats that everybody may see, then those hidden, then another one."""
    home.mkdir()
    first, last = ("open-1.csv", boats([-74.5, -74.6])), ("open-2.csv", boats([-74.7], 800))
    with in_(home, "keeper"):
        Path("policy.toml").write_text(POLICY, "utf-8")
        run("init", "--name", "cell", "--ceiling", "PB//TLP:RED")
        run("floor", "marking", "set", "policy.toml")
        for name, text in (first, *hidden, last):
            Path(name).write_text(text, "utf-8")
            run("ingest", name, "--marking", OPEN if name.startswith("open") else HIDDEN)
        run("run")
    return Floor.open(home / "floor")


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """Who may see all of a floor, who may see a part, and that one on a floor with no more than the part."""
    home = tmp_path_factory.mktemp("tracks")
    whole = floor_of(home / "whole", ("hidden.csv", boats([-74.4, -74.45], 400)))
    less = floor_of(home / "less")
    with ExitStack() as stack:
        yield {
            "keeper": Told(whole, "keeper", "border", stack),
            "roy": Told(whole, "roy", "border", stack),
            "roy, less": Told(less, "roy", "border", stack),
        }


def ask(told, key="", **fields):
    endpoint = ENDPOINTS["tracks.track" if key else "tracks"]
    given = {"since": "2026-11-24T00:00Z", "until": "2026-11-24T06:00Z"} | fields
    path = {"key": key} if key else {}
    return told(endpoint, path, {name: [value] for name, value in given.items()})[0]


def test_each_track_is_told_where_it_was_last(worlds):
    found = ask(worlds["keeper"])
    assert (len(found["places"]), found["next"], found["marking"]) == (5, "", HIDDEN)
    late = {-74.4: 400, -74.45: 400, -74.5: 0, -74.6: 0, -74.7: 800}
    assert {round(one["longitude"], 3) for one in found["places"]} == {*late}
    for one in found["places"]:
        began = NIGHT + timedelta(seconds=late[round(one["longitude"], 3)])
        after = (datetime.fromisoformat(one["at"]) - began).total_seconds()
        assert 200 < after <= 235  # of the last leg of half a minute that is over
        assert one["latitude"] == pytest.approx(45 + after * 8 / 111_200, abs=1e-4)
        assert (one["class"], one["claimed"]) == ("boat", None)
        assert one["speed"] == pytest.approx(8, abs=1)
    keys = [one["track"] for one in found["places"]]
    assert keys == sorted(keys)
    assert all(key.startswith("track:surveillance:") for key in keys)


def test_the_history_of_a_track_comes_page_by_page_in_time(worlds):
    key = ask(worlds["keeper"])["places"][0]["track"]
    whole = ask(worlds["keeper"], key)["places"]
    assert len(whole) == 7  # a leg each half minute
    times = [one["at"] for one in whole]
    assert times == sorted(set(times))
    pages, after = [], ""
    while True:
        page = ask(worlds["keeper"], key, size="3", after=after)
        pages += page["places"]
        assert len(page["places"]) <= 3
        if not (after := page["next"]):
            break
    assert pages == whole
    some = ask(worlds["keeper"], key, since="2026-11-24T02:01Z", until="2026-11-24T02:02Z")["places"]
    assert some == [one for one in whole if "2026-11-24T02:01:00" < one["at"] <= "2026-11-24T02:02:00Z"]


def test_a_page_and_a_box_of_last_places(worlds):
    whole = ask(worlds["keeper"])["places"]
    first = ask(worlds["keeper"], size="2")
    assert first["places"] == whole[:2]
    assert ask(worlds["keeper"], after=first["next"])["places"] == whole[2:]
    east = ask(worlds["keeper"], box="-74.55,44,-74,46")["places"]
    assert east == [one for one in whole if one["longitude"] > -74.55]
    assert ask(worlds["keeper"], box="170,44,-74.65,46")["places"] == [
        one for one in whole if one["longitude"] < -74.65
    ]
    status, problem, *_ = ask(worlds["keeper"], box="nowhere")
    assert (status, problem) == (422, "refused")


def test_what_a_reader_may_not_see_has_no_part_in_any_answer(worlds):
    roy, less = worlds["roy"], worlds["roy, less"]
    hidden = {one["track"] for one in ask(worlds["keeper"])["places"]} - {
        one["track"] for one in ask(less)["places"]
    }
    assert len(ask(roy)["places"]) == 3
    asked = [{}, {"size": "1"}, {"box": "-74.55,44,-74,46"}, {"since": "2027-01-01"}]
    keys = [one["track"] for one in ask(less)["places"]] + sorted(hidden) + ["track:surveillance:77"]
    for fields in asked:
        assert ask(roy, **fields) == ask(less, **fields)
        for key in keys:
            assert ask(roy, key, **fields) == ask(less, key, **fields)
    assert ask(roy, "track:surveillance:77")[0] == 404


def test_each_look_is_logged_with_what_it_showed(worlds):
    roy = worlds["roy"]
    shown = [one["track"] for one in ask(roy)["places"]]
    (act,) = roy.floor.acts(roy.floor.position, roy.floor.position)
    assert (act.act, act.detail["what"], act.detail["shown"]) == ("query", "tracks", shown)
    assert act.actor.purpose == "border"


def test_one_track_is_told_as_among_all_of_them(worlds):
    floor, since, until = worlds["keeper"].floor, NIGHT, NIGHT + timedelta(hours=4)
    reader = floor.reader("keeper", "border")
    whole = history(floor, reader, since, until)
    keys = set(whole["key"].to_pylist())
    assert len(keys) == 5
    for key in keys:
        assert history(floor, reader, since, until, key).equals(whole.filter(pc.equal(whole["key"], key)))
