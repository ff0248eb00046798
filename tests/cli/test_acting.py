"""A lead is acted on: tasks, the watch and a report, as officers type them one after the other."""

import json
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from typer.testing import CliRunner

from watchfloor.actions.text import AnswerText
from watchfloor.actions.watch import RoleView
from watchfloor.casework.watch import repository, watch
from watchfloor.cli import app
from watchfloor.messages.catalogue import Catalogue
from watchfloor.policy.policy import Reader
from watchfloor.store import Floor

RUNNER = CliRunner()
WORDS = Catalogue()
FEEDS = """
[feeds.parcels]
paths = ["parcels*.csv"]
format = "party-csv"

[feeds.parcels.screen]
necessity = "exercise"
authority = "exercise"
"""
SDN = '101,"OKONEDO-MARR, Tavish","individual","TEST"' + ",-0- " * 7 + ',"DOB 1971."\n\x1a'
PARTIES = """report_key,role,name,schema,birth_date,country,observed_at
1,consignee,Tavish Okonedo-Marr,Person,,,2026-03-01
"""
PORT = """status = "ours"
[statutes.customs]
en = "Customs Act"
fr = "Loi sur les douanes"
citation = "R.S.C. 1985, c. 1 (2nd Supp.)"
[units.port]
en = "Port"
fr = "Port"
organisation = "CBSA"
clearance = "PB//TLP:RED"
hours = { DAY = "12:01-12:02" }
mandate = [{ statute = "customs", section = "99", forms = ["task"], en = "a", fr = "b" }]
"""
LAW = ("--authority", "Customs Act s. 99")
OVER = ("--authority", "ICLEOA s. 12", "--place", "44.3600,-75.9300,300")
SAID = "medium=water,vessel=Bold Heron,officer=CBMLEO-17,"
ABROAD = (
    "--gateway",
    "customs-107-8",
    "--test",
    "both parcels fall under it",
    "--basis",
    "arrangement, art. 3",
)


def call(*arguments, code=0, who="anna"):
    given = [str(a) for a in arguments]
    result = RUNNER.invoke(app, given, catch_exceptions=False, env={"WATCHFLOOR_USER": who})
    assert result.exit_code == code, result.output
    return result


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("acting")
    path = folder / "floor"
    call("init", "--floor", path)
    (path / "feeds.toml").write_text(FEEDS, encoding="utf-8")
    (folder / "parcels.csv").write_text(PARTIES, encoding="utf-8")
    (folder / "sdn.csv").write_text(SDN, encoding="utf-8")
    call("ingest", folder / "sdn.csv", folder / "parcels.csv", "--floor", path)
    call("run", "--floor", path)
    call("floor", "backup", "--unencrypted", folder / "backup", "--floor", path)
    return folder / "backup"


@pytest.fixture
def floor(made, tmp_path, monkeypatch):
    """A floor of its own with one lead."""
    call("floor", "restore", made, "--floor", tmp_path / "floor")
    monkeypatch.setenv("WATCHFLOOR_FLOOR", str(tmp_path / "floor"))
    return tmp_path / "floor"


def lines(*arguments, code=0, who="anna"):
    return [json.loads(line) for line in call(*arguments, "--json", code=code, who=who).stdout.splitlines()]


@pytest.fixture
def lead(floor):
    return lines("leads")[0]["lead_id"]


def positions(floor, kind):
    """Where in the log the records of a kind came in; readers are shown none."""
    return Floor.open(floor).whole(kind, ["position"])["position"].to_pylist()


def issue(lead, *more, form="lookout"):
    asked = ("--unit", "border-operations", "--instruction", "refer inside", "--form", form)
    (made,) = lines("cases", "task", "issue", lead, *asked, *LAW, *more)
    return made


def test_a_lead_becomes_a_lookout_that_is_accepted_hit_and_done(lead, floor):
    made = issue(lead, "--deadline", "2999-01-01")
    assert (made["lead"], made["subjects"], made["state"]) == (lead, ["person:parcels:1"], "issued")
    id_ = made["task"]
    assert lines("cases", "task", "accept", id_, "--edition", 1, who="ben")[0]["by"] == "ben"
    told = call("cases", "task", "refuse", id_, "--edition", 1, "--why", "no dog", code=3, who="carla").stderr
    assert "by ben" in told
    assert f"`watchfloor cases task show {id_}`" in " ".join(told.split())
    told = call("cases", "task", "accept", id_, "--edition", 1, "--lang", "fr", code=3, who="carla").stderr
    assert "acceptée" in told
    lines("cases", "task", "hit", id_[:6], "--why", "at the line", who="ben")
    (done,) = lines("cases", "task", "done", id_, who="ben")
    assert (done["state"], done["edition"]) == ("done", 4)
    (shown,) = lines("cases", "task", "show", id_)
    assert [act["state"] for act in shown["history"]] == ["issued", "accepted", "hit", "done"]
    assert lines("record", shown["history"][0]["record"])[0]["kind"] == "task"
    assert lines("cases", "task", "list") == [{"tasks": 0}]
    assert WORDS.say("tasks.empty_command", "fr") in call("cases", "task", "list", "--lang", "fr").stdout
    assert [one["task"] for one in lines("cases", "task", "list", "--all")] == [id_]
    for act, position in zip(shown["history"], positions(floor, "task"), strict=True):
        (then,) = lines("cases", "task", "show", id_, "--as-of", position)
        assert (then["state"], then["edition"]) == (act["state"], act["edition"])
    assert lines("floor", "verify")[-1]["whole"] is True


def test_a_task_without_an_authority_that_covers_it_is_refused_with_those_that_do(lead):
    asked = ("cases", "task", "issue", lead, "--unit", "border-operations", "--instruction", "x")
    assert "Customs Act s. 99; " in call(*asked, code=3).stderr
    assert "Loi sur les douanes art. 99; " in call(*asked, "--lang", "fr", code=3).stderr
    assert lines("cases", "task", "list", "--all") == [{"tasks": 0}]


def test_a_task_across_the_line_is_given_with_legs_and_shown_with_them(lead):
    asked = ("cases", "task", "issue", lead, "--unit", "rcmp-operations", "--instruction", "meet them", *OVER)
    assert "reaches over the line into USA" in " ".join(call(*asked, code=3).stderr.split())
    legs = [f"host={host},{SAID}director={host}:Lt. Doe, J.,custody={host}" for host in ("CAN", "USA")]
    given = [word for leg in legs for word in ("--leg", leg)]
    told = call(*asked, "--leg", legs[0].replace("custody=CAN", ""), "--leg", legs[1], code=3).stderr
    assert "leg 1 (CAN, water) does not say whose law applies" in " ".join(told.split())
    (made,) = lines(*asked, *given, "--joins", "rcmp-air")
    assert [(leg["host"], leg["director"]) for leg in made["legs"]] == [
        ("CAN", "CAN:Lt. Doe, J."),
        ("USA", "USA:Lt. Doe, J."),
    ]
    assert made["joins"] == ["rcmp-air"]
    for lang in ("en", "fr"):
        shown = call("cases", "task", "show", made["task"], "--lang", lang).stdout
        rows = [[cell.strip() for cell in re.split("[│┃]", line)[1:-1]] for line in shown.splitlines()]
        heads, *countries = (
            row for row in rows if row and row[0] in (WORDS.say("leg.host", lang), "CAN", "USA")
        )
        law = heads.index(WORDS.say("leg.custody", lang))
        assert [(row[0], row[law]) for row in countries] == [("CAN", "CAN"), ("USA", "USA")]
        medium = heads.index(WORDS.say("leg.medium", lang))
        assert {row[medium] for row in countries} == {WORDS.say("leg.medium_water", lang)}
        assert "rcmp-air" in shown
    (kept,) = lines("cases", "task", "amend", made["task"], "--instruction", "wait", "--why", "fog")
    assert kept["legs"] == made["legs"]
    left = ("cases", "task", "amend", made["task"], "--leg", legs[0], "--why", "no need")
    assert "in USA, and the task has no leg there" in " ".join(call(*left, code=3).stderr.split())


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_an_act_is_told_with_its_dangers_edition_due_moment_and_position(lead, floor, lang):
    def told(*arguments):
        said = call(*arguments, "--lang", lang)
        place = WORDS.say("acts.position", lang, position=Floor.open(floor).newest(("task", "watch-entry")))
        assert " ".join(said.stderr.split()).endswith(place)
        return " ".join(said.stderr.split()), said.stdout

    def clause(name, value):
        return WORDS.say(f"clause.{name}", lang, **{name: value})

    flags = clause("flags", WORDS.say("live.life-at-risk", lang))
    asked = ("--unit", "rescue", "--instruction", "go", "--authority", "Oceans Act s. 41")
    danger = ("--flag", "life-at-risk")
    given, _ = told("cases", "task", "issue", lead, *asked, "--deadline", "2999-01-01T03:00Z", *danger)
    end = f"1{clause('deadline', '2999-01-01 03:00Z')}{flags}."
    assert end in given
    (task,) = lines("cases", "task", "list")
    assert end.replace("1", "2", 1) in told("cases", "task", "accept", task["task"])[0]
    until, _ = told("cases", "watch", "on-call", "watch officer", "ben", "--until", "2999-01-01T03:00Z")
    assert clause("due", "2999-01-01 03:00Z") in until
    roster = call("cases", "watch", "roster", "--lang", lang).stdout
    assert WORDS.say("common.none", lang) in roster
    assert WORDS.say("watch.unseen", lang) not in roster
    said, orders = told("cases", "watch", "alert", "small boat", *danger)
    assert flags in said
    (alert,) = lines("cases", "watch", "due", "--lang", lang)
    assert orders.splitlines() == alert["standing_orders"]
    top = " ".join(call("cases", "watch", "due", "--as-of", "2999-01-01", "--lang", lang).stdout.split())
    assert WORDS.say("watch.at_top", lang).split()[0] in top
    said, orders = told("cases", "watch", "ack", alert["alert"])
    assert flags in said
    assert orders.splitlines() == alert["standing_orders"]


def test_a_role_that_somebody_unseen_holds_is_told_in_its_cell():
    text = AnswerText("en")
    cells = {
        unseen: text.cells(RoleView(role="watch officer", person=None, unseen=unseen))[1][2]
        for unseen in (True, False)
    }
    assert cells == {True: WORDS.say("watch.unseen", "en"), False: WORDS.say("common.none", "en")}


def test_an_expired_task_says_so_by_the_clock_of_the_question(lead):
    made = issue(lead, "--deadline", "2999-01-01")
    assert lines("cases", "task", "list")[0]["state"] == "issued"
    (then,) = lines("cases", "task", "show", made["task"], "--as-of", "2999-06-01")
    assert then["state"] == "expired"


def test_flags_of_the_watch_log_and_of_earlier_tasks_are_inherited(lead):
    call(
        "cases",
        "watch",
        "alert",
        "the laboratory says fentanyl",
        "--to",
        "ben",
        "--about",
        lead,
        "--flag",
        "fentanyl-hazard",
    )
    assert issue(lead, "--flag", "officer-safety")["flags"] == ["officer-safety", "fentanyl-hazard"]
    (again,) = lines(
        *("cases", "task", "issue", "--subject", "person:parcels:1", "--unit", "rcmp-operations"),
        *("--instruction", "visit", "--authority", "RCMP Act s. 18"),
    )
    assert again["flags"] == ["officer-safety", "fentanyl-hazard"]


def test_the_units_and_their_authorities_are_listed_as_to_be_confirmed():
    found = {one["unit"]: one for one in lines("cases", "task", "units")}
    assert "Customs Act s. 99.1" in found["border-operations"]["authorities"]["task"]
    (status,) = {one["status"] for one in found.values()}
    assert status == "to be confirmed by counsel"
    shown = call("cases", "task", "units", "--lang", "fr").stdout
    assert WORDS.say("tasks.units_status", "fr", status=status) in shown


def test_a_unit_that_is_closed_is_said_with_when_it_opens_in_utc(lead, floor):
    day = f"{datetime.now(UTC) + timedelta(days=3):%a}".lower()
    (floor / "units.toml").write_text(PORT.replace("DAY", day), encoding="utf-8")
    asked = ("cases", "task", "issue", lead, "--unit", "port", "--instruction", "x")
    told = call(*asked, *LAW).stderr
    assert "Port is closed; it opens " in told
    assert " 17:01Z" in told or " 16:01Z" in told  # noon in Toronto, in winter or in summer
    assert "Customs Act s. 99" in call(*asked, "--authority", "Oceans Act s. 41", code=3).stderr


def test_a_watch_from_an_alert_to_a_handover(lead, floor, tmp_path):
    assert lines("cases", "watch", "due") == [{"alerts": 0}]
    call("cases", "watch", "on-call", "watch officer", "ben")
    (alert,) = lines("cases", "watch", "alert", "small boat, two in distress", "--flag", "life-at-risk")
    assert alert["to"] == "ben"
    assert alert["standing_orders"][0].startswith("Life first")
    issue(lead)
    (due,) = lines("cases", "watch", "due")
    assert (due["to"], due["next"], due["late"]) == ("ben", "duty inspector", False)
    (late,) = lines("cases", "watch", "due", "--as-of", "2999-01-01")
    assert (late["to"], late["next"], late["late"]) == ("officer in charge", None, True)
    (offer,) = lines("cases", "watch", "handover", "quiet", "--to", "ben")
    for listed in ("small boat", "refer inside", "Life first"):
        assert listed in offer["text"]
    assert "same person" in call("cases", "watch", "sign", offer["entry"], code=3).stderr
    call("cases", "watch", "ack", alert["entry"], "called the rescue centre", who="ben")
    assert "acknowledged by ben" in call("cases", "watch", "ack", alert["entry"], code=3, who="carla").stderr
    (taken,) = lines("cases", "watch", "sign", offer["entry"], who="ben")
    assert "small boat" not in taken["text"]
    log = lines("cases", "watch", "log")
    assert [one["what"] for one in log] == [
        "on-call",
        "alert",
        "handover-offered",
        "acknowledged",
        "handover-taken",
    ]
    low = Reader("clerk", protected=0, tlp=2, purpose="watch")
    has = watch.keeper(repository.entries(Floor.open(floor), low))
    assert (has["by"], has["marking"], taken["text"] in has["text"]) == ("ben", watch.DUTY, False)
    called = watch.held_unseen(repository.entries(Floor.open(floor), low), datetime.now(UTC))
    assert called == {"watch officer"}
    roles = {one["role"]: (one["person"], one["unseen"]) for one in lines("cases", "watch", "on-call")}
    assert roles["watch officer"] == ("ben", False)
    (report,) = lines("cases", "watch", "sitrep")
    for sentence in report["sentences"]:
        assert lines("record", sentence["record"])[0]["record_id"] == sentence["record"]
    call("cases", "watch", "sitrep", "--lang", "fr", "-o", tmp_path / "sitrep.md")
    text = (tmp_path / "sitrep.md").read_text("utf-8")
    assert "ben assure le quart" in text
    assert "there already" in call("cases", "watch", "sitrep", "-o", tmp_path / "sitrep.md", code=3).stderr


def test_a_report_goes_to_who_may_have_it_and_is_called_back_from_all(lead, floor, tmp_path):
    out = tmp_path / "outgoing"
    (draft,) = lines("cases", "product", "draft", "--lead", lead, "--title", "One parcel")
    id_ = draft["product"]
    law = ("--authority", "Customs Act s. 107", "--purpose", "border security")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("WATCHFLOOR_AUTHORITY")
        unstated = call("cases", "product", "disseminate", id_, "--to", "us-border", code=2).stderr
    assert "state the authority" in unstated
    told = call("cases", "product", "disseminate", id_, "--to", "us-border", *law, code=3).stderr
    assert "us-border is abroad (USA): say with --gateway" in " ".join(told.split())
    law = (*law, *ABROAD)
    told = call("cases", "product", "disseminate", id_, "--to", "us-border", *law, code=3).stderr
    assert "nobody has recorded whether disclosing to us-border" in " ".join(told.split())
    checked = (
        "--partner",
        "us-border",
        "--country",
        "USA",
        "--substantial-risk",
        "no",
        "--caveat",
        "NO-COPY",
    )
    lines("gateway", "risk-check", *checked)
    told = call("cases", "product", "disseminate", id_, "--to", "us-border", *law, code=3).stderr
    assert "there is nothing below" in " ".join(told.split())
    below = "(U//TLP:GREEN//REL:CAN,USA) Blue labels deserve a look."
    lines("cases", "product", "amend", id_, "--below", below, "--why", "for partners")
    to = ("--to", "us-border", "--to", "rcmp-operations")
    file = tmp_path / "file"
    file.touch()
    assert (
        "is there already"
        in call("cases", "product", "disseminate", id_, *to, *law, "-o", file, code=3).stderr
    )
    (sent,) = lines("cases", "product", "disseminate", id_, *to, *law, "-o", out)
    assert sent["parts"] == {"us-border": "tear-line", "rcmp-operations": "whole"}
    extract = (out / f"{id_}-2-us-border.md").read_text("utf-8")
    assert "Blue labels" in extract
    assert "Okonedo" not in extract
    assert "Okonedo" in (out / f"{id_}-2-rcmp-operations.md").read_text("utf-8")
    assert "CAVEAT:NO-COPY" in extract
    acts = Floor.open(floor).acts_of("disclosed")
    assert {(act.actor.purpose, act.actor.authority) for act in acts} == {
        ("border security", "Customs Act s. 107")
    }
    said = {act.detail["to"]: act.detail for act in acts}
    assert {to: one["part"] for to, one in said.items()} == sent["parts"]
    abroad, home = said["us-border"], said["rcmp-operations"]
    assert (abroad["gateway"], abroad["purpose"]) == ("customs-107-8", "customs-enforcement")
    assert (home["gateway"], home["law"]) == ("product", "Customs Act s. 107")
    assert abroad["marking"] == extract.splitlines()[0]
    assert abroad["recipient"] == {"name": "us-border", "institution": "foreign-partner", "country": "USA"}
    assert abroad["root"] == sha256(extract.encode()).hexdigest()
    owed = lines("gateway", "report", "--year", acts[0].at.year)
    assert {(one["record"], one["party"].split(" ")[0]) for one in owed} == {
        ("privacy-9", "us-border"),
        ("unknown", "rcmp-operations"),
    }
    (recalled,) = lines("cases", "product", "recall", id_, "--why", "withdrawn")
    assert set(recalled["outdated"]) == {"us-border", "rcmp-operations"}
    (shown,) = lines("cases", "product", "show", id_)
    assert [one["state"] for one in shown["history"]] == ["draft", "amended", "disseminated", "recalled"]
    assert shown["history"][2]["authority"] == "Customs Act s. 107"
    (then,) = lines("cases", "product", "show", id_, "--as-of", positions(floor, "product")[0])
    assert (then["state"], then["edition"]) == ("draft", 1)


def test_a_text_from_a_file_has_its_tear_line(lead, tmp_path):
    text = "(PB//TLP:AMBER) Above.\n\n--- TEAR-LINE ---\n\n(U//REL:CAN,USA) Below.\n"
    (tmp_path / "text.md").write_text(text, encoding="utf-8")
    (made,) = lines(
        "cases", "product", "draft", "--lead", lead, "--title", "x", "--file", tmp_path / "text.md"
    )
    assert made["below_marking"] == "U//TLP:CLEAR//REL:CAN,USA"
    shown = call("cases", "product", "show", made["product"], "--for", "us-border").stdout
    assert "Below" in shown
    assert "Above" not in shown
    out = tmp_path / "extract.txt"
    refused = call("cases", "product", "show", made["product"], "--for", "us-border", "-o", out, code=2)
    assert "cases product disseminate" in refused.stderr
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "says", "code"),
    [
        (("cases", "task", "show", "zz"), "cases task list", 4),
        (
            ("cases", "task", "issue", "--subject", "x:1", "--unit", "rescue", "--instruction", "x"),
            "subject key",
            2,
        ),
        (
            ("cases", "task", "issue", "nolead", "--unit", "rescue", "--instruction", "x"),
            "watchfloor leads",
            4,
        ),
        (("cases", "task", "list", "--as-of", "nonsense"), "no such moment", 2),
        (("cases", "watch", "note", " "), "text is empty", 3),
        (("cases", "watch", "note", "x", "--flag", "fire"), "no flag", 2),
        (("cases", "watch", "on-call", "cook", "ben"), "no role", 2),
        (("cases", "watch", "ack", "zz"), "cases watch log", 4),
        (("cases", "watch", "sign", "zz"), "cases watch log", 4),
        (("cases", "product", "show", "zz"), "cases product list", 4),
        (("cases", "product", "draft", "--lead", "nolead", "--title", "x"), "watchfloor leads", 4),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(floor, arguments, says, code):
    told = " ".join(call(*arguments, code=code).stderr.split())
    assert says in told
    assert "Traceback" not in told
