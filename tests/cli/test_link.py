"""`leads link` as an officer meets it: proposals, joins on a person's word, and how they are undone."""

import json

import pytest
from benchmarks.linking.persons import draw
from typer.testing import CliRunner

from watchfloor.cell.identity import splinked
from watchfloor.cell.identity.merges import standing
from watchfloor.cli import app
from watchfloor.core.kinds import PARTY
from watchfloor.formats.base import Batch
from watchfloor.formats.tabular.own_csv import TABLES
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

RUNNER = CliRunner()
READER = Reader("officer", purpose="test")


def call(*words, code=0):
    result = RUNNER.invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


def lines(*words, code=0):
    return [json.loads(line) for line in call(*words, "--json", code=code).stdout.splitlines()]


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    home = tmp_path_factory.mktemp("link")
    with (home / "people.csv").open("wb") as stream:
        rows = draw(80, 7).parties.select([field.name for field in PARTY.body])
        TABLES["party"].write([Batch(PARTY, rows)], stream)
    call("init", "--floor", home / "floor")
    call("ingest", home / "people.csv", "--floor", home / "floor")
    call("floor", "backup", "--unencrypted", home / "backup", "--floor", home / "floor")
    return home / "backup"


@pytest.fixture
def floor(kept, tmp_path):
    call("floor", "restore", kept, "--floor", tmp_path / "floor")
    return tmp_path / "floor"


def pairs(floor):
    judged = Floor.open(floor).read("judgement", READER)
    return standing(judged, judged["observed_at"][-1].as_py()) if judged.num_rows else []


def test_proposals_add_up_and_change_nothing(floor):
    found = lines("leads", "link", "--floor", floor, "--top", "1000")
    assert len(found) > 10
    for one in found:
        assert one["bits"] == sum(term["bits"] for term in one["terms"])
        assert one["probability"] >= 0.8
        assert one["rule"] == "names-and-numbers"
    assert pairs(floor) == []


def test_asking_is_logged(floor):
    lines("leads", "link", "--floor", floor)
    act = Floor.open(floor).acts()[-1]
    assert (act.act, act.detail["what"], act.detail["with"]) == ("query", "link", "rules")


def test_joining_writes_an_act_a_pair_and_leaves_one_fact_alone(floor):
    found = lines("leads", "link", "--floor", floor, "--top", "1000")
    before = Floor.open(floor).position
    joined = lines("leads", "link", "--floor", floor, "--decide", "--why", "twenty of them checked")
    grounds = [one for one in found if sum(t["bits"] > 0 for t in one["terms"] if t["what"] != "prior") > 1]
    assert [one["subjects"] for one in joined] == [one["subjects"] for one in grounds]
    assert len({one["position"] for one in joined}) == len(joined) < len(found)
    assert Floor.open(floor).position == before + 1 + len(joined)
    held = pairs(floor)
    assert {(pair.one, pair.other) for pair in held} == {tuple(one["subjects"]) for one in joined}
    assert {pair.verdict for pair in held} == {"same"}
    assert all(pair.by.startswith("names-and-numbers for ") for pair in held)
    assert all(pair.why.startswith("twenty of them checked (names-and-numbers: +") for pair in held)


def test_what_somebody_decided_is_left_out_and_comes_back_when_undone(floor):
    first, *_ = lines("leads", "link", "--floor", floor)
    one, other = first["subjects"]
    call("leads", "apart", one, other, "--why", "two files", "--floor", floor)
    result = call("leads", "link", "--floor", floor, "--json", "--top", "1000")
    assert first["subjects"] not in [json.loads(line)["subjects"] for line in result.stdout.splitlines()]
    assert "1 pair left out" in result.stderr
    call("leads", "unmerge", one, other, "--why", "checked again", "--floor", floor)
    assert lines("leads", "link", "--floor", floor)[0] == first


def test_what_is_printed_names_both_and_the_sum(floor):
    first, *_ = lines("leads", "link", "--floor", floor)
    told = " ".join(call("leads", "link", "--floor", floor, "--top", "1").stdout.split())
    assert all(subject in told for subject in first["subjects"])
    assert f"{first['bits']:+.2f} names-and-numbers" in told
    assert "more; --top shows them" in told
    assert "sujets" in call("leads", "link", "--floor", floor, "--lang", "fr").stdout


def test_nothing_says_so(tmp_path):
    call("init", "--floor", tmp_path / "bare")
    assert "No two subjects" in call("leads", "link", "--floor", tmp_path / "bare").stdout
    assert lines("leads", "link", "--floor", tmp_path / "bare") == [{"pairs": 0}]
    decided = lines("leads", "link", "--floor", tmp_path / "bare", "--decide", "--why", "seen")
    assert decided == [{"joined": 0}]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--decide"], "--decide needs --why"),
        (["--decide", "--why", "  "], "--decide needs --why"),
        (["--why", "seen"], "add --decide"),
        (["--threshold", "1.5"], "'--threshold'"),
        (["--with", "magic"], "'--with'"),
    ],
)
def test_a_wrong_call_is_told(floor, words, says):
    assert says in " ".join(call("leads", "link", "--floor", floor, *words, code=2).stderr.split())


def test_without_splink_it_says_how_to_get_it(floor, monkeypatch):
    monkeypatch.setattr(splinked, "find_spec", lambda _: None)
    told = call("leads", "link", "--floor", floor, "--with", "splink", code=2).stderr
    assert "pip install" in told


def test_splink_proposes_too(floor):
    pytest.importorskip("splink", reason="not installed: splink (the extra 'splink')")
    found = lines("leads", "link", "--floor", floor, "--with", "splink")
    assert found
    assert all(one["rule"].startswith("splink-") for one in found)


def test_what_the_reader_may_not_see_is_not_compared(tmp_path):
    """Of three records of one person one is of an originator who has not agreed to this reader."""
    header = "report_key,role,name,birth_date,observed_at,schema,subject\n"
    call("init", "--floor", tmp_path / "floor")
    for feed, marking in (("mail", "PB"), ("bank", "PB"), ("closed", "PB//ORCON:OTHER")):
        row = f"1,payee,Tavish Okonedo,1971-04-12,2026-11-24,Person,person:{feed}:1\n"
        (tmp_path / f"{feed}.csv").write_text(header + row, encoding="utf-8")
        call("ingest", tmp_path / f"{feed}.csv", "--floor", tmp_path / "floor", "--marking", marking)
    found = lines("leads", "link", "--floor", tmp_path / "floor", "--threshold", "0.05")
    assert [one["subjects"] for one in found] == [["person:bank:1", "person:mail:1"]]
    assert {term["count"] for term in found[0]["terms"]} == {None, 2}
