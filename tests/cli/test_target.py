"""`watchfloor cargo target`, `cargo rates` and `cargo fairness`: what is chosen, said, refused and logged."""

import json
import shutil
from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.formats.settings import SettingsError
from watchfloor.planning.inspections import picks
from watchfloor.planning.inspections.means import NAME
from watchfloor.store import Floor

RUNNER = CliRunner()
MEANS = """
[means.open]
capacity = 9
[means.x-ray]
capacity = 9
unit = "mail-centre"
[means.dog]
capacity = 5
"""
HEAD = "report_key,observed_at,subject,goods,direction,mode,document,departure,office\n"
ACTS = "report_key,observed_at,subject,document,state,chosen_by,chance,result,found\n"


def call(*words, code=0):
    result = RUNNER.invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


def lines(*words, code=0):
    return [json.loads(line) for line in call(*words, "--json", code=code).stdout.splitlines()]


def told(*words, code=2):
    return " ".join(call(*words, code=code).stderr.split())


@pytest.fixture(scope="module")
def exercise(tmp_path_factory):
    """The feeds of an exercise, its answers, and its floor after the desks have run."""
    place = tmp_path_factory.mktemp("exercise")
    call("admin", "exercise", "make", place / "ex", "--seed", "7", "--scale", "0.1", "--no-sensors")
    answers = json.loads((place / "ex/key/answer-key.json").read_text("utf-8"))
    parcels = {
        one["name"]: {key for key in one["subjects"] if key.startswith("parcel:")}
        for one in answers["storylines"]
    }
    return place / "ex/feeds", parcels


@pytest.fixture(scope="module")
def made(exercise, tmp_path_factory):
    feeds, _ = exercise
    floor = tmp_path_factory.mktemp("target") / "floor"
    (floor.parent / "means.toml").write_text(MEANS, "utf-8")
    settings = ("--feeds", feeds.parent / "feeds.toml", "--means", floor.parent / "means.toml")
    call("init", "--floor", floor, "--exercise", *settings)
    call("ingest", *sorted(feeds.glob("mail-*.csv")), "--floor", floor)
    call("run", "--floor", floor)
    return floor


@pytest.fixture
def floor(made, tmp_path):
    return shutil.copytree(made, tmp_path / "floor")


@pytest.fixture
def table(tmp_path):
    """Thirty parcels of two offices, by courier."""
    path = tmp_path / "day.csv"
    rows = [
        f"{n},2026-11-20T06:{n:02}:00Z,parcel:hawb:H{n},{'blanket' if n else 'tea'},inbound,courier,H{n},"
        f"{('DE', 'JP')[n % 2]},office {n % 2}"
        for n in range(30)
    ]
    path.write_text(HEAD + "\n".join(rows) + "\n", "utf-8")
    return path


def acts(tmp_path, *rows):
    path = tmp_path / "examined.csv"
    path.write_text(ACTS + "".join(f"{row}\n" for row in rows), "utf-8")
    return path


def test_files_of_an_exercise_give_the_storylines_under_a_small_budget(exercise, tmp_path):
    feeds, parcels = exercise
    means = tmp_path / "means.toml"
    means.write_text(MEANS, "utf-8")
    given = [feeds / f"mail-{name}.csv" for name in ("declarations", "exports", "readings")]
    history = ("--history", feeds / "mail-inspections.csv", "--means", means)
    output = tmp_path / "picks.parquet"
    summary, *chosen = lines("cargo", "target", *given, "--budget", "10", *history, "-o", output)
    subjects = {row["subject"] for row in chosen}
    assert len(parcels["outbound-packets"] - subjects) == 1  # the first was examined, and held fentanyl
    (pigment,) = parcels["pigment-parcel"]
    assert pigment not in subjects  # a laboratory has identified what is in it
    assert any("identified" in note and pigment in note for note in summary["notes"])
    assert all(row["means"] != "open" for row in chosen)
    assert summary["rules_only"]
    assert any("too small to fit a model" in note for note in summary["notes"])
    assert "not a clearance" in summary["caution"]
    stored = pq.read_table(output)
    assert stored.schema.equals(picks.SCHEMA)
    assert b"not a clearance" in pq.read_schema(output).metadata[b"no_clearance"]
    assert stored.num_rows == len(chosen) == 10


def test_a_floor_puts_leads_first_and_nobody_opens_the_dealers_mail(exercise, floor):
    _, parcels = exercise
    summary, *chosen = lines("cargo", "target", "--floor", floor, "--budget", "12")
    by = {row["subject"]: row for row in chosen}
    (pigment,) = parcels["pigment-parcel"]
    assert pigment not in by  # it was sent to a dog, with a chance of a third, and holds what was identified
    assert any("identified" in note and pigment in note for note in summary["notes"])
    assert {row["chosen_by"] for row in chosen[:5]} == {"lead"}
    assert any("telephone" in fact for row in chosen[:5] for fact in row["grounds"])
    (dealer,) = parcels["honest-dealer"]
    assert by.get(dealer, {"means": "dog"})["means"] != "open"
    assert not {row["subject"] for row in chosen if row["means"] == "open"}
    act = Floor.open(floor).acts_of("query")[-1]
    assert act.detail["scheme"] == summary["scheme"]
    assert act.detail["shown"] == [row["subject"] for row in chosen]
    again, *same = lines("cargo", "target", "--floor", floor, "--budget", "12")
    assert (again, same) == (summary, chosen)


def test_a_lookout_goes_before_all_and_is_told_in_french(floor, exercise):
    feeds, parcels = exercise
    done = (feeds / "mail-inspections.csv").read_text("utf-8")
    quiet = min(key for key in parcels["honest-shop"] if key not in done)
    law = ("--authority", "RCMP Act s. 18", "--floor", floor)
    about = ("--unit", "rcmp-operations", "--subject", quiet)
    call("cases", "task", "issue", "--form", "lookout", *about, "--instruction", "look", *law)
    _, first, *_ = lines("cargo", "target", "--floor", floor, "--budget", "3", "--lang", "fr")
    assert (first["subject"], first["chosen_by"]) == (quiet, "lookout")
    assert "avis de surveillance" in first["why"]


def test_picks_are_referred_with_their_chance(floor):
    until = datetime.now(UTC) + timedelta(days=3)
    law = ("--authority", "Customs Act s. 99")
    summary, *chosen = lines(
        "cargo", "target", "--floor", floor, "--budget", "12", "--refer", until.isoformat(), *law
    )
    opened = Floor.open(floor)
    rows = opened.read("inspection", opened.reader("keeper", "test"), latest=True).to_pylist()
    referred = {row["subject"]: row for row in rows if row["state"] == "referred"}
    asked = {row["subject"]: row for row in chosen}
    assert referred.keys() == asked.keys()
    assert {row["direction"] for row in chosen} == {"inbound", "outbound"}
    for subject, row in referred.items():
        assert row["chance"] == asked[subject]["propensity"]
        assert row["scheme"] == f"target {summary['scheme']}"
        assert row["means"] == asked[subject]["means"]
    after, *more = lines("cargo", "target", "--floor", floor, "--budget", "40")
    assert not referred.keys() & {row["subject"] for row in more}
    assert after["picks"] == 9 + 5 - len(referred)  # mail stays closed, and what waits takes its place


def test_a_floor_without_means_refers_nothing_and_says_so_at_once(floor):
    (floor / "inspection.toml").unlink()
    before = len(Floor.open(floor).acts_of("query"))
    law = ("--refer", "2099-01-01", "--authority", "Customs Act s. 99")
    assert "inspection.toml" in told("cargo", "target", "--floor", floor, "--budget", "3", *law)
    assert len(Floor.open(floor).acts_of("query")) == before


def test_an_exercise_comes_with_means_and_a_floor_is_made_with_none_that_cannot_be(exercise, tmp_path):
    feeds, _ = exercise
    _, *chosen = lines(
        "cargo", "target", feeds / "mail-exports.csv", "--budget", "3", "--means", feeds.parent / NAME
    )
    assert {row["means"] for row in chosen} <= {"x-ray", "dog", "trace"}
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[means.xray]\ncapacity = 3\n", "utf-8")
    with pytest.raises(SettingsError, match="did you mean 'x-ray'"):
        call("init", "--floor", tmp_path / "new", "--exercise", "--means", wrong)
    assert not (tmp_path / "new").exists()


def test_a_terminal_shows_facts_and_goods_first_and_the_number_of_an_item(tmp_path):
    path = tmp_path / "day.csv"
    rows = [
        "1,2026-11-20T06:00:00Z,parcel:hawb:H1,4-piperidone,inbound,courier,,DE,x",
        "2,2026-11-20T06:00:00Z,parcel:hawb:H2,blanket,inbound,courier,,DE,x",
    ]
    path.write_text(HEAD + "\n".join(rows) + "\n", "utf-8")
    shown = " ".join(call("cargo", "target", path, "--budget", "2").stdout.replace("│", " ").split())
    assert "parcel:hawb" not in shown
    assert "│ H2" in call("cargo", "target", path, "--budget", "2").stdout
    assert "blanket" in shown
    assert "Chosen" not in shown
    assert "4-piperidone" in shown.lower()
    assert " random " not in call("cargo", "target", path, "--budget", "2", "--lang", "fr").stdout


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (("--budget", "-1"), 2, "a number of items, 0 or more"),
        (("--budget", "0"), 0, "the budget is 0"),
        (("--budget", "99"), 0, "covers all 30 items"),
        (("--budget", "3", "--day", "2026-11-21"), 0, "the 30 declared items are of other days"),
        (("--budget", "3", "--day", "soon"), 2, "--day soon"),
        (("--budget", "3", "-o", "picks.csv"), 2, "written to .parquet"),
        (("--budget", "3", "-o", "nowhere/picks.parquet"), 4, "there is no folder nowhere"),
        (("--budget", "3", "--floor", "floor"), 2, "not both"),
        (("--budget", "3", "--refer", "2030-01-01"), 2, "without files"),
    ],
)
def test_what_cannot_be_done_is_said(table, more, code, said):
    assert said in told("cargo", "target", table, *more, code=code)


def test_files_of_something_else_and_empty_ones_are_told(tmp_path, table):
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n", "utf-8")
    assert "holds declarations" in told("cargo", "target", other, "--budget", "3")
    nothing = tmp_path / "none.csv"
    nothing.write_text(HEAD, "utf-8")
    assert "no item is declared" in told("cargo", "target", nothing, "--budget", "3", code=0)
    table.write_text(table.read_text("utf-8") + "31,yesterday,parcel:hawb:H31,tea,,,,,\n", "utf-8")
    assert "could not be read" in told("cargo", "target", table, "--budget", "3", code=1)


def test_repeats_count_once_and_what_was_examined_is_left_out(tmp_path, table):
    twice = tmp_path / "again.csv"
    text = table.read_text("utf-8")
    table.write_text(text + text.splitlines()[1] + "\n", "utf-8")
    done = acts(tmp_path, "1,2026-11-20T09:00:00Z,parcel:hawb:H3,H3,examined,random,0.1,nothing,")
    summary, *chosen = lines("cargo", "target", table, "--budget", "40", "--history", done)
    assert not twice.exists()
    assert summary["items"] == len(chosen) == 29
    notes = " ".join(summary["notes"])
    assert "1 lines were delivered twice" in notes
    assert "left out: 1 item that was" in notes


def test_rates_and_fairness_leave_out_what_has_no_chance(tmp_path, table):
    some = [f"{n},2026-11-20T09:00:00Z,parcel:hawb:H{n},H{n},examined,random,0.2,nothing," for n in range(5)]
    some += [
        "8,2026-11-20T09:00:00Z,parcel:hawb:H8,H8,examined,officer,,finding,currency",
        "9,2026-11-20T09:00:00Z,parcel:hawb:H9,H9,not-examined,random,0.2,,",
        "10,2026-11-20T10:00:00Z,parcel:hawb:H0,H0,examined,random,0.2,finding,weapon",
    ]
    done = acts(tmp_path, *some)
    summary, every, courier = lines("cargo", "rates", done, "--declarations", table)
    assert (summary["inspections"], summary["contradictory"]) == (7, 1)
    assert every | {"stream": ""} == courier | {"stream": ""}
    assert (courier["stream"], courier["examined"], courier["finds"]) == ("courier inbound", 5, 1)
    assert (courier["without_chance"], courier["not_examined"]) == (1, 1)
    assert courier["rate"] == pytest.approx(0.2)
    assert courier["low"] < 0.2 < courier["high"]
    assert "not a clearance" in call("cargo", "rates", done, "--declarations", table).stdout
    head, *groups = lines("cargo", "fairness", done, "--declarations", table)
    assert head["groups"] == len(groups) == 3  # offices and countries are too few to be told apart
    assert {one["group"] for one in groups} == {"other", "courier inbound"}
    stream = next(one for one in groups if one["by"] == "stream")
    assert (stream["examined"], stream["finds"]) == (6, 2)
    assert stream["burden"] == pytest.approx(4 / 30)
