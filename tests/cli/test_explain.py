"""A lead on the terminal and as JSON: each source's Admiralty pair, its two codes apart."""

import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from watchfloor.actions.lead import observed
from watchfloor.cell.evidence import Cited
from watchfloor.cli import app

FORM = """Title: Night crossing
Author: Marine unit 4
Number: {number}
Date: 2026-11-20 03:10
{rated}Subjects: vessel:imo:9074729

(U) It lay at the landing, says {number}.
"""


def call(*words):
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    home = tmp_path_factory.mktemp("made")
    place = home / "floor"
    call("init", "--floor", place)
    for number, rated in (
        ("N-1", "Source reliability: B\nInformation credibility: 2\n"),
        ("N-2", "Source reliability: C\n"),
        ("N-3", ""),
    ):
        (home / f"{number}.txt").write_text(FORM.format(number=number, rated=rated), "utf-8")
    call("ingest", *sorted(home.glob("N-*.txt")), "--floor", place, "--format", "report-form")
    call("run", "--floor", place)
    return home


@pytest.fixture
def floor(made, tmp_path):
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path / "floor"


def test_a_lead_gives_the_admiralty_pair_of_each_source(floor):
    (queued,) = map(json.loads, call("leads", "--floor", floor, "--json").splitlines())
    lead = json.loads(call("lead", queued["lead_id"], "--floor", floor, "--json"))
    pairs = {(row["reliability"], row["credibility"]) for row in lead["records"]}
    assert pairs == {("B", "2"), ("C", None), (None, None)}
    cited = {id_ for one in lead["contributions"] for id_ in one["evidence"]}
    assert {row["record_id"] for row in lead["records"]} == cited
    shown = call("lead", queued["lead_id"], "--floor", floor)
    assert "B 2" in shown
    assert "C –" in shown
    assert "– –" in shown


def test_the_queue_shows_each_leads_marking(floor):
    (queued,) = map(json.loads, call("leads", "--floor", floor, "--json").splitlines())
    assert f"[{queued['marking']}]" in call("leads", "--floor", floor)


def test_where_no_mention_waits_mentions_says_how_many_are_settled(floor):
    assert "--all` shows 3" in call("leads", "mentions", "--floor", floor)


def test_a_closed_lead_tells_who_refused_its_subject(floor):
    (queued,) = map(json.loads, call("leads", "--floor", floor, "--json").splitlines())
    for number in ("N-1", "N-2", "N-3"):
        call("leads", "confirm", number, "1", "different", "--why", f"misread in {number}", "--floor", floor)
    assert json.loads(call("leads", "--floor", floor, "--json")) == {"leads": 0}
    closed = json.loads(call("lead", queued["lead_id"], "--floor", floor, "--json"))
    assert closed["closed"]
    assert [f"misread in N-{n}" in act["said"] for n, act in enumerate(closed["history"], 1)] == [True] * 3
    assert "misread in N-2" in call("lead", queued["lead_id"], "--floor", floor)


def test_a_report_on_a_hypothesis_that_is_none_says_how_it_counts(floor, tmp_path):
    text = FORM.format(number="N-4", rated="Hypothesis: piracy\n").replace("9074729", "9395044")
    (tmp_path / "N-4.txt").write_text(text, "utf-8")
    call("ingest", tmp_path / "N-4.txt", "--floor", floor, "--format", "report-form")
    call("run", "--floor", floor)
    queued = [json.loads(line) for line in call("leads", "--floor", floor, "--json").splitlines()]
    (other,) = [one for one in queued if "vessel:imo:9395044" in one["subjects"]]
    lead = json.loads(call("lead", other["lead_id"], "--floor", floor, "--json"))
    assert "no hypothesis piracy" in lead["contributions"][0]["note"]


@pytest.mark.parametrize("empty", ["--authority", "--purpose"])
def test_an_act_without_a_purpose_or_an_authority_is_refused_in_a_sentence(floor, empty):
    result = CliRunner().invoke(app, ["leads", "--floor", str(floor), empty, " "])
    assert (result.exit_code, f"{empty[2:]} is empty" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("later", "shown"),
    [
        (timedelta(), "2026-11-24 23:50:00Z"),
        (timedelta(minutes=5), "2026-11-24 23:50:00 – 23:55:00Z"),
        (timedelta(minutes=15), "2026-11-24 23:50:00 – 2026-11-25 00:05:00Z"),
    ],
)
def test_when_a_sensor_reported_has_its_day_and_zone(later, shown):
    since = datetime(2026, 11, 24, 23, 50, tzinfo=UTC)
    assert observed(Cited({"observed_at": since}, [b"1"], since + later, "t1")) == shown
