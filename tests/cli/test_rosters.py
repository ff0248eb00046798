import json

import pytest
from tests.planning.rosters.small import RULES, folder
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.core.messages import Message

pytest.importorskip("highspy")


def run(*words):
    done = CliRunner().invoke(app, ["roster", *map(str, words)], catch_exceptions=False)
    return done.exit_code, done.stdout, done.stderr


def files(path):
    return [path / name for name in ("rules.toml", "staff.csv", "demand.csv")]


@pytest.mark.parametrize("name", ["roster.csv", "roster.xlsx"])
def test_what_is_made_is_lawful_and_costs_what_the_check_says(tmp_path, name):
    path = folder(tmp_path / "f")
    code, out, _ = run("make", *files(path), "-o", tmp_path / name, "--seconds", 2, "--threads", 1, "--json")
    made = json.loads(out)
    assert (code, made["feasible"]) == (0, True)
    assert {one["clause"]: one["breaches"] for one in made["clauses"]}["25.01 rest"] == 0
    assert made["bound"] <= made["cost"]
    code, out, _ = run("check", path, tmp_path / name, "--json")
    whole, *short = map(json.loads, out.splitlines())
    assert (code, whole["cost"]) == (0, made["cost"])
    assert [(one["what"], one["cost"]) for one in short if not one["person"]] == [
        (one["what"], one["cost"]) for one in made["short"]
    ]


def test_what_is_short_is_listed_in_the_language_asked_for(tmp_path):
    demand = "date,shift,post,qualification,least,price\n2026-11-03,D,kennel,dog,1,50\n"
    path = folder(tmp_path / "f", demand=demand)
    code, out, err = run("make", *files(path), "-o", tmp_path / "r.csv", "--seconds", 1, "--lang", "fr")
    assert code == 0
    assert "2026-11-03 D kennel/dog" in out
    assert Message("rosters.head-short", frozenset()).fr in out
    assert "kennel/dog" in err  # nobody may work it


def test_an_output_without_a_folder_is_refused_before_the_search(tmp_path):
    path = folder(tmp_path / "f")
    code, _, err = run("make", *files(path), "-o", tmp_path / "no" / "r.csv")
    assert (code, str(tmp_path / "no") in err.replace("\n", "")) == (4, True)


def test_a_roster_that_breaks_a_rule_ends_with_1_and_names_the_clause(tmp_path):
    rules = RULES + "\n[posting]\ndays = 14\nclause = '9.1 posting'\n"
    path = folder(tmp_path / "f", rules)
    made = tmp_path / "r.csv"
    rows = "Ann,2026-11-02,N,primary\nAnn,2026-11-03,D,primary\nBob,,,\nCy,,,\n"
    made.write_text("officer,date,shift,post\n" + rows, "utf-8")
    code, out, _ = run("check", path, made, "--at", "2026-10-01")
    assert code == 1
    assert "25.01 rest" in out
    assert "9.1 posting" not in out
    assert "9.1 posting" in run("check", path, made, "--at", "2026-11-01")[1]
    assert run("check", path, made, "--published", made)[0] == 2  # of when?


def test_a_breach_is_told_by_its_person_dates_clause_and_words(tmp_path):
    rules = RULES.replace('"25.01 rest"', '"25.01 rest"\ntext = "eight hours off"')
    path, made = folder(tmp_path / "f", rules), tmp_path / "r.csv"
    rows = "Ann,2026-11-02,N,primary\nAnn,2026-11-03,D,primary\nBob,2026-11-05,D,primary\nCy,,,\n"
    made.write_text("officer,date,shift,post\n" + rows, "utf-8")
    code, out, _ = run("check", path, made)
    (row,) = [line for line in out.splitlines() if "25.01 rest" in line]
    assert code == 1
    assert all(word in row for word in ("Ann", "2026-11-02 – 2026-11-03", "eight hours off"))
    lines = [json.loads(line) for line in run("check", path, made, "--json")[1].splitlines()[1:]]
    (breach,) = [one for one in lines if one["person"]]
    assert (breach["first"], breach["last"]) == (0, 1)
    assert (breach["from"], breach["to"], breach["text"]) == ("2026-11-02", "2026-11-03", "eight hours off")
    kind = Message("rosters.kind_demand", frozenset())
    french = [
        json.loads(line) for line in run("check", path, made, "--json", "--lang", "fr")[1].splitlines()[1:]
    ]
    assert {one["text"] for one in lines if not one["person"]} == {kind.en}
    assert {one["text"] for one in french if not one["person"]} == {kind.fr}


PUBLISHED = (
    "officer,date,shift,post\nAnn,2026-11-03,D,primary\nAnn,2026-11-07,N,primary\nAnn,2026-11-04,D,primary\n"
    "Bob,,,\nCy,,,\n"
)


@pytest.fixture
def ill(tmp_path):
    """Three officers, of whom Bob is qualified and asked before Ann; a roster."""
    rules = (
        RULES
        + "\n[notice]\nhours = 48\nclause = '25 notice'\n[asking]\norder = ['overtime']\nclause = '28'\n"
    )
    staff = "name,qualifications,overtime,volunteer\nAnn,primary,1,\nBob,primary,9,yes\nCy,primary,2,\n"
    path = folder(tmp_path / "f", rules, staff)
    (path / "roster.csv").write_text(PUBLISHED, "utf-8")
    return path, path / "roster.csv"


def test_a_sick_call_asks_by_overtime_and_volunteers_alone_within_notice(ill):
    sick = ["repair", *ill, "--sick", "Ann=2026-11-03", "--json"]
    who = [one["changes"][0]["officer"] for one in json.loads(run(*sick)[1])["repairs"]]
    assert who == ["Cy", "Bob"]
    (late,) = json.loads(run(*sick, "--at", "2026-11-02T12:00")[1])["repairs"]
    assert [(one["officer"], one["consent"]) for one in late["changes"]] == [("Bob", "25 notice")]
    code, out, _ = run(*sick, "--at", "2026-11-03T18:00")  # it has begun
    (none,) = json.loads(out)["repairs"]
    assert (code, none["changes"]) == (1, [])
    assert none["short"] == [{"what": "2026-11-03 D primary", "by": 1}]


def test_who_declined_is_logged_and_not_asked_again(ill, tmp_path):
    log, new = tmp_path / "asked.csv", tmp_path / "new.csv"
    sick = ["repair", *ill, "--sick", "Ann=2026-11-03", "--asked", log, "--at", "2026-11-01"]
    assert "Bob" in run(*sick, "--declined", "Cy=2026-11-03")[1]
    assert "Cy" not in run(*sick, "-o", new)[1]
    rows = [row.split(",") for row in log.read_text("utf-8").splitlines()]
    assert [(row[0], row[-1]) for row in rows[1:]] == [("Cy", "no"), ("Bob", "yes")]
    assert run("check", ill[0], new)[0] == 0
    assert run(*sick, "-o", new)[0] == 3  # it is there


def test_who_was_passed_over_is_a_breach_of_the_order_of_asking(ill, tmp_path):
    """Ann, with the fewest hours, is ill; Bob was asked, and Cy, who comes before him, was not."""
    log, new = tmp_path / "asked.csv", tmp_path / "new.csv"
    roster = ill[1].read_text("utf-8").replace("Ann,2026-11-03,D", "Bob,2026-11-03,D").replace("Bob,,,\n", "")
    new.write_text(roster, "utf-8")
    asked = ["check", ill[0], new, "--published", ill[1], "--at", "2026-10-01", "--asked", log, "--json"]
    assert run(*asked)[0] == 2  # there is no log
    log.write_text("officer,date,before,after,asked,answer\nAnn,2026-11-03,,,,no\n", "utf-8")
    code, out, _ = run(*asked)
    (passed,) = [one for one in map(json.loads, out.splitlines()[1:]) if one["clause"] == "28"]
    assert (code, passed["person"], passed["from"], passed["what"]) == (
        1,
        "Cy",
        "2026-11-03",
        "Bob, D/primary",
    )
    log.write_text(log.read_text("utf-8") + "Cy,2026-11-03,,,,no\n", "utf-8")
    assert run(*asked)[0] == 0
    within = "officer,date,before,after,asked,answer\nBob,2026-11-03,,D/primary,2026-11-02T12:00,yes\n"
    log.write_text(within, "utf-8")
    told = [json.loads(line)["person"] for line in run(*asked)[1].splitlines()[1:] if '"28"' in line]
    assert told == []  # within the notice only volunteers are asked, and neither Ann nor Cy is one


def test_hours_that_need_more_are_met_by_whoever_covers_them(ill):
    code, out, _ = run("repair", *ill, "--need", "2026-11-03=22-02/primary=1", "--json")
    assert code == 0
    assert json.loads(out)["repairs"][0]["changes"][0]["after"] == "N/primary"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "no-call"),
        (["--sick", "Ann"], "bad-sick"),
        (["--sick", "Zoe=2026-11-03"], "no-officer"),
        (["--sick", "Ann=2027-11-03"], "no-day"),
        (["--need", "2026-11-03=X/primary=1"], "bad-need"),
        (["--need", "2026-11-03=D/nobody=1"], "bad-need"),
        (["--need", "2026-11-03=D=1"], "bad-need"),
    ],
)
def test_a_call_that_cannot_be_read_is_refused(ill, words, message):
    code, _, err = run("repair", *ill, *words)
    assert code == 2
    words = Message(f"rosters.{message}", frozenset()).en.replace("{", "}").split("}")
    assert all(word in " ".join(err.split()) for word in words[::2])


def test_what_is_short_is_explained_by_the_clause_that_forbids_it(tmp_path):
    """Ann alone is qualified; after her night she rests, and she is needed that day as well."""
    demand = (
        "date,shift,post,qualification,least,price\n2026-11-03,N,primary,primary,1,100\n"
        "2026-11-04,D,primary,primary,1,90\n2026-11-08,D,primary,primary,1,80\n"
    )
    staff = "name,qualifications\nAnn,primary\nCy,\n"
    path = folder(tmp_path / "f", staff=staff, demand=demand)
    made = path / "roster.csv"
    made.write_text("officer,date,shift,post\nAnn,2026-11-03,N,primary\nCy,,,\n", "utf-8")
    code, out, _ = run("explain", path, made, "--json")
    first, second = map(json.loads, out.splitlines())
    assert (code, first["what"], first["people"], first["smallest"]) == (0, "2026-11-04 D primary", 1, True)
    assert [one["clause"] for one in first["clauses"]] == ["25.01 rest"]
    assert [one["what"] for one in first["demands"]] == ["2026-11-03 N primary"]
    assert (second["what"], second["lawful"]) == ("2026-11-08 D primary", True)
    told = run("explain", path, made, "--most", 1, "--lang", "fr")
    assert "25.01 rest" in told[1]
    assert "--most" in told[2]


def test_what_nobody_may_fill_is_no_conflict_of_clauses(tmp_path):
    demand = "date,shift,post,qualification,least,price\n2026-11-03,D,boat,coxswain,1,50\n"
    path = folder(tmp_path / "f", demand=demand)
    (path / "roster.csv").write_text("officer,date,shift,post\nAnn,,,\nBob,,,\nCy,,,\n", "utf-8")
    code, out, err = run("explain", path, path / "roster.csv")
    told = Message("rosters.conflict-nobody", frozenset()).en.replace("{what}", "2026-11-03 D boat/coxswain")
    assert (code, out.strip(), " ".join(err.split())) == (0, "", told)


def test_a_night_over_the_change_of_clocks_is_an_hour_too_long(tmp_path):
    day = "\n[[rule]]\nkind = 'total'\nclause = '14'\nunit = 'hours'\nwindow = 1\nmost = 11\n"
    path = folder(tmp_path / "f", RULES.replace("2026-11-02", "2026-10-26") + day)
    made = tmp_path / "r.csv"
    rows = "Ann,2026-10-30,N,primary\nBob,2026-10-31,N,primary\nCy,,,\n"
    made.write_text("officer,date,shift,post\n" + rows, "utf-8")
    lines = [json.loads(line) for line in run("check", path, made, "--json")[1].splitlines()[1:]]
    (breach,) = [one for one in lines if one["clause"] == "14"]
    told = breach["person"], breach["from"], breach["amount"], breach["unit"]
    assert told == ("Bob", "2026-10-31", 60, "minutes")
    assert "60 minutes" in run("check", path, made)[1]


def test_nights_weekends_holidays_and_wishes_are_counted_of_everybody(tmp_path):
    rules = RULES.replace("days = 14", "days = 14\nholidays = [2026-11-11]")
    wishes = "officer,date,wanted,price\nAnn,2026-11-07,no,3\nAnn,2026-11-09,no,3\nAnn,2026-11-10,no,must\n"
    path = folder(tmp_path / "f", rules, wishes=wishes)
    rows = "Ann,2026-11-07,N,primary\nAnn,2026-11-08,N,primary\nAnn,2026-11-11,D,primary\nBob,,,\nCy,,,\n"
    made = path / "roster.csv"
    made.write_text("officer,date,shift,post\n" + rows, "utf-8")
    code, out, _ = run("fairness", path, made, "--json")
    ann, *others = json.loads(out)["people"]
    counts = {"shifts": 3, "nights": 2, "weekends": 1, "holidays": 1, "overtime": 0, "wishes": 2, "kept": 1}
    assert (code, ann) == (0, {"name": "Ann", **counts})
    assert not any(count for one in others for count in one.values() if count != one["name"])
    assert json.loads(out)["spread"]["nights"] == {"least": 0, "median": 0, "most": 2, "total": 2}
    twice = json.loads(run("fairness", path, made, "--past", path, "--json")[1])["people"][0]
    assert {**twice, "name": ""} == {"name": "", **{name: 2 * count for name, count in counts.items()}}
    assert Message("rosters.head-nights", frozenset()).fr in run("fairness", path, made, "--lang", "fr")[1]
    assert run("fairness", path, made, "--past", tmp_path)[0] == 2
