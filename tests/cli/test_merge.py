"""Merging and holding apart as commands, and two officers who decide about one lead."""

import json
import shutil
import threading
from datetime import datetime

import pytest
from typer.testing import CliRunner

from watchfloor.cell import rerun
from watchfloor.cell.acts import minute
from watchfloor.cli import app
from watchfloor.messages.catalogue import Catalogue
from watchfloor.store.errors import StoreFull
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

LIST = """id,name,schema,birth_date,instrument,item,in_force
T1,Tavish Okonedo-Marr,Person,1971-04-12,TEST/1,1,2026-06-01
T2,Ostrava Meridian Reagents Limited,Company,,TEST/1,2,2026-06-01
"""
PARCELS = """report_key,role,observed_at,subject,name,schema,birth_date,identifiers
P1,consignee,2026-11-20T10:00:00Z,company:parcels:P1,Ostrava Meridian Reagents Ltd,Company,,{phone}
P2,consignee,2026-11-20T11:00:00Z,person:parcels:P2,Tavish Okonedo Marr,Person,,
"""
FEEDS = """[feeds.parcels]
paths = ["parcels.csv"]
[feeds.parcels.screen]
necessity = "test"
authority = "test"
[feeds.list]
paths = ["list.csv"]
format = "listing-csv"
"""
P1, P2 = "company:parcels:P1", "person:parcels:P2"
BY = "first officer"
WORDS = Catalogue()


def call(*words, code=0):
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


def lines(*words):
    return [json.loads(line) for line in call(*words, "--json").stdout.splitlines()]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The floor as it is before a decision, beside the files that it took in."""
    home = tmp_path_factory.mktemp("made")
    place = home / "floor"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WATCHFLOOR_USER", "first officer")
        call("init", "--floor", place)
        (place / "feeds.toml").write_text(FEEDS, "utf-8")
        (home / "list.csv").write_text(LIST, "utf-8")
        (home / "parcels.csv").write_text(PARCELS.format(phone=""), "utf-8")
        call("ingest", home / "list.csv", home / "parcels.csv", "--floor", place)
        call("run", "--floor", place)
    return home


@pytest.fixture
def floor(made, tmp_path, monkeypatch):
    monkeypatch.setenv("WATCHFLOOR_USER", "first officer")
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path / "floor"


def queue(floor):
    return {one["subject"]: one for one in lines("leads", "--floor", floor)}


def test_two_leads_become_one_and_come_back_exactly(floor):
    before = lines("leads", "--floor", floor)
    ids = [one["lead_id"] for one in before]
    assert len(ids) == 2
    call("leads", "merge", *ids, "--why", "one telephone", "--floor", floor)
    (merged,) = lines("leads", "--floor", floor)
    assert merged["subjects"] == [P1, P2]
    (lead,) = lines("lead", merged["lead_id"], "--floor", floor)
    assert "first officer joined" in lead["joins"][0]
    call("leads", "unmerge", merged["lead_id"], "--why", "two people", "--floor", floor)
    assert lines("leads", "--floor", floor) == before


def test_what_a_person_holds_apart_no_rule_joins(floor, tmp_path):
    numbers = PARCELS.format(phone="phone:6135550114").replace(
        "Marr,Person,,", "Marr,Person,,phone:613-555-0114"
    )
    (tmp_path / "parcels.csv").write_text(numbers, "utf-8")
    call("ingest", tmp_path / "parcels.csv", "--floor", floor)
    call("run", "--floor", floor)
    joined = lines("leads", "--floor", floor)
    assert any({P1, P2} <= set(one["subjects"]) for one in joined)
    call("leads", "apart", P1, P2, "--why", "a shop's telephone", "--floor", floor)
    assert not any({P1, P2} <= set(one["subjects"]) for one in lines("leads", "--floor", floor))
    call("leads", "unmerge", P1, P2, "--why", "they are one after all", "--floor", floor)
    assert lines("leads", "--floor", floor) == joined


def test_who_decides_on_what_a_colleague_changed_is_told(floor, monkeypatch):
    seen = queue(floor)[P2]["lead_id"]
    monkeypatch.setenv("WATCHFLOOR_USER", "second officer")
    call("leads", "--floor", floor)
    call("leads", "decide", seen, "different", "--why", "passport seen", "--floor", floor)
    monkeypatch.setenv("WATCHFLOOR_USER", "first officer")
    told = call("leads", "decide", seen, "same", "--why", "the photograph", "--floor", floor, code=3)
    assert "second officer decided 'different'" in told.stderr
    assert "passport seen" in told.stderr
    call("lead", seen, "--floor", floor)
    call("leads", "decide", seen, "same", "--why", "the photograph", "--floor", floor)


def test_a_decision_may_be_made_anyway(floor, monkeypatch):
    seen = queue(floor)[P2]["lead_id"]
    monkeypatch.setenv("WATCHFLOOR_USER", "second officer")
    call("leads", "decide", seen, "different", "--why", "passport seen", "--floor", floor)
    monkeypatch.setenv("WATCHFLOOR_USER", "first officer")
    call("leads", "decide", seen, "same", "--why", "the photograph", "--anyway", "--floor", floor)


@pytest.mark.parametrize(
    ("words", "says", "code"),
    [
        (["leads", "merge", P1, P1, "--why", "x"], "one lead already", 3),
        (["leads", "merge", "ffffffffffff", P1, "--why", "x"], "no lead", 4),
        (["leads", "merge", P1, "ffffffffffff", "--why", "x"], "neither a lead", 4),
        (["leads", "merge", P1, P2, "--why", " "], "why is empty", 3),
        (["leads", "merge", P1, P2, "--why", "x", "--until", "2020-01-01"], "is past", 3),
        (["leads", "unmerge", P1, "--why", "x"], "no merge joins", 3),
    ],
)
def test_what_cannot_be_merged_is_told(floor, words, says, code):
    assert says in call(*words, "--floor", floor, code=code).stderr


def test_what_is_typed_again_writes_nothing(floor):
    merge = ["leads", "merge", P1, P2, "--why", "one telephone", "--floor", floor]
    call(*merge)
    already = {"position": None, "already": True, "marking": "PB//TLP:AMBER", "by": BY}
    (again,) = lines(*merge)
    moment = again.pop("at")
    assert again == already | {"subjects": [P1, P2], "verdict": "same", "why": "one telephone"}
    when = minute(datetime.fromisoformat(moment))
    verdict = WORDS.say("acts.pair_same", "fr")
    said = WORDS.say("acts.stands", "fr", verdict=verdict, by=BY, at=when, why="one telephone")
    assert said.split() == call(*merge, "--lang", "fr").stderr.split()
    call("leads", "unmerge", P1, "--why", "two people", "--floor", floor)
    decide = [
        "leads",
        "decide",
        queue(floor)[P2]["lead_id"],
        "different",
        "--why",
        "passport seen",
        "--floor",
        floor,
    ]
    call(*decide)
    entity = {"subjects": [P2], "about": ["list:T1"], "named": [f"{P2} – Tavish Okonedo-Marr"]}
    (again,) = lines(*decide)
    assert datetime.fromisoformat(again.pop("at")) > datetime.fromisoformat(moment)
    assert again == already | entity | {"verdict": "different", "why": "passport seen"}
    undo = [
        "leads",
        "decide",
        queue(floor)[P2]["lead_id"],
        "undo",
        "--why",
        "wrong passport",
        "--floor",
        floor,
    ]
    call(*undo)
    assert "there is no decision about" in call(*undo, code=3).stderr


def test_a_decision_on_a_lead_of_several_subjects_is_about_each(floor):
    ids = [one["lead_id"] for one in lines("leads", "--floor", floor)]
    call("leads", "merge", *ids, "--why", "one telephone", "--floor", floor)
    (merged,) = lines("leads", "--floor", floor)
    (said,) = lines("leads", "decide", merged["lead_id"], "different", "--why", "seen", "--floor", floor)
    assert sorted(said["subjects"]) == [P1, P2]
    (lead,) = lines("leads", "--floor", floor)
    assert lead["strength"] == "cleared"
    (lead,) = lines("lead", merged["lead_id"], "--floor", floor)
    assert [one["strength"] for one in lead["contributions"]] == ["cleared", "cleared"]


def test_a_lead_that_another_took_up_answers_to_its_id(floor):
    ids = {one["lead_id"] for one in lines("leads", "--floor", floor)}
    call("leads", "merge", *sorted(ids), "--why", "one telephone", "--floor", floor)
    (merged,) = lines("leads", "--floor", floor)
    (gone,) = ids - {merged["lead_id"]}
    told = call("lead", gone, "--floor", floor)
    assert f"{gone} is part of lead {merged['lead_id']} now" in told.stderr
    (outcome,) = lines("leads", "outcome", gone, "unfounded", "--why", "looked", "--floor", floor)
    assert outcome["lead"] == merged["lead_id"]
    call("leads", "unmerge", gone, "--why", "two people", "--floor", floor)
    assert {one["lead_id"] for one in lines("leads", "--floor", floor)} == ids


def test_a_lead_tells_who_did_what_and_both_acts_of_a_merge(floor):
    one, other = (row["lead_id"] for row in lines("leads", "--floor", floor))
    call("leads", "merge", one, other, "--why", "one telephone", "--floor", floor)
    call("leads", "unmerge", one, "--why", "two people", "--floor", floor)
    call("leads", "outcome", one, "unfounded", "--why", "looked at it", "--floor", floor)
    call("cases", "watch", "note", "seen at the counter", "--about", one, "--floor", floor)
    (lead,) = lines("lead", one, "--floor", floor)
    said = [row["said"] for row in lead["history"]]
    assert [row["by"] for row in lead["history"]] == ["first officer"] * 4
    assert ["one telephone" in said[0], "two people" in said[1]] == [True, True]
    assert "unfounded" in said[2]
    assert "seen at the counter" in said[3]
    (second,) = lines("lead", other, "--floor", floor)
    assert [row["said"] for row in second["history"]] == said[:2]
    assert "a jugé" in call("lead", one, "--lang", "fr", "--floor", floor).stdout


def test_a_subject_that_is_no_key_is_refused_and_one_that_nothing_names_is_told(floor):
    for wrong, why in (
        ("foo:bar", "no subject key"),
        ("phone:phone:", "needs a number"),
        ("vessel:imo:9074728", ""),
    ):
        assert why in call("leads", "merge", P1, wrong, "--why", "x", "--floor", floor, code=3).stderr
    told = call("leads", "merge", P1, "person:parcels:P9", "--why", "x", "--floor", floor)
    assert "No lead names person:parcels:P9" in told.stderr
    call("leads", "unmerge", "person:parcels:P9", "--why", "x", "--floor", floor)


def test_a_decision_waits_for_an_act_that_is_just_being_written(floor):
    held, done = threading.Event(), threading.Event()

    def write():
        with Floor.open(floor).writer(Actor("second officer", "test", "test")):
            held.set()
            done.wait(10)

    writer = threading.Thread(target=write)
    writer.start()
    assert held.wait(10)
    threading.Timer(0.3, done.set).start()
    call("leads", "merge", P1, P2, "--why", "one telephone", "--floor", floor)
    writer.join()
    assert done.is_set()
    assert len(queue(floor)) == 1


def test_where_the_desks_cannot_run_the_decision_is_kept_and_that_is_told(floor, monkeypatch):
    def broken(*_):
        raise StoreFull("the disk is full; make room")

    monkeypatch.setattr(rerun, "rerun", broken)
    decide = [
        "leads",
        "decide",
        queue(floor)[P2]["lead_id"],
        "different",
        "--why",
        "passport seen",
        "--floor",
        floor,
    ]
    told = call(*decide, code=5)
    assert "kept, and the desks could not run on it: the disk is full." in told.stderr
    assert lines(*decide)[0]["already"] is True


def test_who_never_looked_is_told_too(floor, monkeypatch):
    seen = queue(floor)[P2]["lead_id"]
    call("leads", "decide", seen, "different", "--why", "passport seen", "--floor", floor)
    monkeypatch.setenv("WATCHFLOOR_USER", "third officer")
    told = call("leads", "decide", seen, "same", "--why", "the photograph", "--floor", floor, code=3)
    assert "first officer decided 'different'" in told.stderr
