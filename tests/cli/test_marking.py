"""The policy at the command line: who may read and write, what must be stated, and marking a record anew."""

import json

import pytest
from typer.testing import CliRunner

from watchfloor.cli import _expected, app
from watchfloor.cli.common import of_error
from watchfloor.store import Floor

RUNNER = CliRunner()
POLICY = """
[compartments.GAMMA]
en = "g"
fr = "g"
[owners.cell]
en = "c"
fr = "c"
[owners.bank]
en = "b"
fr = "b"
[purposes.fraud]
en = "fraud"
fr = "fraude"
[authorities."Customs Act s. 107"]
en = "x"
fr = "x"
[readers.anna]
protected = "PB"
role = "supervisor"
[readers.rita]
protected = "PB"
role = "reviewer"
[readers.low]
protected = "PA"
"""
HEAD = "report_key,role,name,schema,birth_date,country,observed_at\n"
PARTIES = (
    HEAD + "1,payee,Ann Roy,Person,1971-05-02,ca,2026-11-24\n2,payee,Anne Roy,Person,1971,us,2026-11-24\n"
    "3,payee,ANN ROY,Person,1971-05-02,,2026-11-24\n"
)


@pytest.fixture
def floor(tmp_path, monkeypatch):
    """A floor with a policy and three parties, whose reader is anna."""
    monkeypatch.chdir(tmp_path)
    for name, value in (("USER", "anna"), ("PURPOSE", "fraud"), ("AUTHORITY", "Customs Act s. 107")):
        monkeypatch.setenv(f"WATCHFLOOR_{name}", value)
    (tmp_path / "policy.toml").write_text(POLICY, "utf-8")
    (tmp_path / "p.csv").write_text(PARTIES, "utf-8")
    call("init", "--name", "cell", "--policy", "policy.toml", "--ceiling", "PB//TLP:RED//COMP:GAMMA,DELTA")
    call("ingest", "p.csv", "--marking", "PB//TLP:AMBER")
    return tmp_path / "floor"


def call(*words, code=0, user=None):
    """What a command prints; of one that is refused, why."""
    environment = {"WATCHFLOOR_USER": user} if user else {}
    result = RUNNER.invoke(app, list(map(str, words)), env=environment)
    if isinstance(result.exception, _expected()):
        assert code == of_error(result.exception)
        return str(result.exception)
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def lines(*words, **more):
    found = RUNNER.invoke(app, [*map(str, words), "--json"], catch_exceptions=False, **more)
    return [json.loads(line) for line in found.stdout.splitlines()]


def parties(floor, user="anna"):
    opened = Floor.open(floor)
    rows = opened.read("party", opened.reader(user, "fraud"), latest=True).to_pylist()
    return {row["report_key"]: row for row in rows}


def id_of(floor, key):
    return parties(floor)[key]["record_id"].hex()


def test_who_the_policy_does_not_name_is_refused_by_every_command(floor):
    for words in (["leads"], ["search", "roy"], ["ingest", "p.csv"], ["run"], ["record", "00"]):
        said = call(*words, code=3, user="stranger")
        assert said == (
            "floor/policy.toml names no reader 'stranger'. Who keeps the policy can add you; "
            "WATCHFLOOR_USER says who you are, where the login does not"
        )


def test_a_reviewer_reads_and_writes_nothing(floor):
    for words in (
        ["leads"],
        ["cases", "watch", "log"],
        ["feeds", "quarantine", "list"],
        ["record", id_of(floor, "1")],
        ["floor", "replay"],
    ):
        call(*words, user="rita")
    refused = (
        "rita is a reviewer on this floor, who looks at everything within the clearance and changes nothing; "
        "somebody with another role can do this"
    )
    for words in (
        ["ingest", "p.csv"],
        ["run"],
        ["cases", "watch", "note", "seen"],
        ["leads", "merge", "person:p:1", "person:p:2", "--why", "x"],
        ["leads", "compare", id_of(floor, "1"), id_of(floor, "2"), "--columns", "country", "--why", "x"],
    ):
        assert call(*words, code=3, user="rita") == refused


def test_purpose_and_authority_are_stated_on_a_floor_that_is_no_exercise(floor, monkeypatch):
    monkeypatch.delenv("WATCHFLOOR_PURPOSE")
    said = call("leads", code=2)
    assert "state the purpose: --purpose or WATCHFLOOR_PURPOSE" in said
    assert said.endswith("This floor's policy names: fraud")
    call("leads", "--purpose", "fraud")
    monkeypatch.delenv("WATCHFLOOR_AUTHORITY")
    said = call("leads", "--purpose", "fraud", code=2)
    assert "state the authority: --authority or WATCHFLOOR_AUTHORITY" in said
    assert said.endswith("This floor's policy names: Customs Act s. 107")
    call("init", "--floor", "trial", "--exercise")
    call("leads", "--floor", "trial")


def test_a_purpose_that_the_policy_does_not_define_is_refused_with_the_nearest(floor):
    said = call("leads", "--purpose", "frauds", code=3)
    assert said.startswith(
        "floor/policy.toml does not let anna state the purpose 'frauds'; state one with --purpose"
    )
    assert said.endswith("; did you mean 'fraud'?")


def test_a_marking_of_a_word_that_nobody_defined_is_refused_at_the_door(floor):
    said = call("ingest", "p.csv", "--marking", "PB//TLP:RED//COMP:GAMA", code=2)
    assert "'GAMA', which the node's policy does not define; did you mean 'GAMMA'?" in said
    (floor / "feeds.toml").write_text(
        '[feeds.p]\npaths = ["p.csv"]\nmarking = "PB//TLP:RED//COMP:DELTA"\nowner = "anna"\n'
    )
    assert lines("ingest", "p.csv", "--source", "p")[0]["withheld"] == 3
    (last,) = Floor.open(floor).deliveries("p")[-1:]
    (reason,) = last.withheld
    assert reason.startswith(
        "its marking names the compartment 'DELTA', which the node's policy does not define"
    )
    said = call("cases", "watch", "note", "seen", "--marking", "PB//TLP:RED//CAVEAT:NO-COPY", code=3)
    assert "its marking names the caveat 'NO-COPY', which the node's policy does not define" in said


def test_a_downgrade_is_a_new_record_and_an_act_with_its_reason(floor):
    assert parties(floor, "low") == {}
    one = id_of(floor, "1")
    call("floor", "marking", "downgrade", one, "--to", "PA//TLP:GREEN", "--why", "published")
    assert parties(floor, "low").keys() == {"1"}
    assert parties(floor)["1"]["marking"] == "PA//TLP:GREEN"
    (act,) = Floor.open(floor).acts_of("downgraded")
    assert (act.detail["record"], act.detail["from"], act.detail["to"]) == (
        one,
        "PB//TLP:AMBER",
        "PA//TLP:GREEN",
    )
    assert (act.detail["why"], act.actor.name) == ("published", "anna")
    assert "1,payee,Ann Roy" in call("record", id_of(floor, "1"), "--original")
    assert "marked PA//TLP:GREEN already" in call(
        "floor", "marking", "downgrade", id_of(floor, "1"), "--to", "PA//TLP:GREEN", "--why", "x", code=3
    )


def test_what_a_caveat_says_stands_with_the_record(floor):
    text = POLICY + '[caveats.NO-COPY]\nen = "Do not copy this."\nfr = "Ne pas copier."\n'
    (floor.parent / "policy.toml").write_text(text, "utf-8")
    call("floor", "marking", "set", "policy.toml")
    marked = "PB//TLP:AMBER//CAVEAT:NO-COPY"
    call("floor", "marking", "upgrade", id_of(floor, "1"), "--to", marked, "--why", "asked")
    assert "Do not copy this." in call("record", id_of(floor, "1"))


def test_an_upgrade_says_that_what_was_seen_is_seen(floor):
    said = call(
        "floor",
        "marking",
        "upgrade",
        id_of(floor, "2"),
        "--to",
        "PB//TLP:RED//COMP:GAMMA",
        "--why",
        "a source",
    )
    assert "still sees it as it was" in said
    assert parties(floor)["2"]["marking"] == "PB//TLP:AMBER"
    assert [act.act for act in Floor.open(floor).acts_of("upgraded")] == ["upgraded"]


@pytest.mark.parametrize(
    ("way", "to", "says", "code"),
    [
        ("downgrade", "PB//TLP:RED", "not below", 3),
        ("downgrade", "banana", "'banana' is not a level", 2),
        ("upgrade", "PA//TLP:GREEN", "not above", 3),
        ("upgrade", "PB//TLP:AMBER//COMP:ZETA", "compartment 'ZETA'", 3),
        ("upgrade", "PC//TLP:AMBER", "above this floor's ceiling", 3),
    ],
)
def test_a_change_that_may_not_be_is_told_and_writes_nothing(floor, way, to, says, code):
    before = Floor.open(floor).position
    assert says in call("floor", "marking", way, id_of(floor, "1"), "--to", to, "--why", "x", code=code)
    assert Floor.open(floor).position == before


def test_what_another_owner_controls_is_his_to_mark_down(floor):
    call(
        "floor", "marking", "upgrade", id_of(floor, "1"), "--to", "PB//TLP:AMBER//ORCON:cell", "--why", "ours"
    )
    call("floor", "marking", "downgrade", id_of(floor, "1"), "--to", "PB//TLP:AMBER", "--why", "no more")
    assert "no record" in call(
        "floor", "marking", "downgrade", "ffff", "--to", "U//TLP:CLEAR", "--why", "x", code=4
    )


def test_a_supervisor_alone_gives_a_floor_another_policy(floor):
    assert "rita has the role reviewer on this floor; a supervisor sets its policy" in call(
        "floor", "marking", "set", "policy.toml", code=3, user="rita"
    )
    call("floor", "marking", "set", "policy.toml")
    assert len(Floor.open(floor).acts_of("policy")) == 2
    (floor.parent / "wrong.toml").write_text("[readrs.x]\n", "utf-8")
    assert "did you mean 'readers'?" in call("floor", "marking", "set", "wrong.toml", code=2)
    assert {"what": "compartments", "word": "GAMMA", "says": "g"} in lines("floor", "marking", "list")


BROKEN = {
    "latin.toml": (
        '[caveats.X]\nen = "x"\nfr = "à"\n'.encode("latin-1"),
        "latin.toml is no UTF-8 text; save it",
    ),
    "empty.toml": (b"", "empty.toml names no reader who may write"),
    "reads.toml": (b'[readers.anna]\nrole = "reviewer"\n', "reads.toml names no reader who may write"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_policy_that_cannot_be_used_is_refused_before_anything_is_made(floor, name):
    content, says = BROKEN[name]
    (floor.parent / name).write_bytes(content)
    for words in (
        ["init", "--floor", "new", "--policy", name],
        ["floor", "marking", "set", name],
        ["floor", "marking", "check", name],
    ):
        assert says in call(*words, code=2)
    assert not (floor.parent / "new").exists()
    assert len(Floor.open(floor).acts_of("policy")) == 1


def test_who_sets_a_policy_that_does_not_name_him_is_told(floor):
    (floor.parent / "other.toml").write_text('[readers.ann]\nrole = "supervisor"\n', "utf-8")
    for words in (
        ["init", "--floor", "new", "--policy", "other.toml"],
        ["floor", "marking", "set", "other.toml"],
    ):
        assert "does not name you, 'anna', and would shut you out; did you mean 'ann'?" in call(
            *words, code=2
        )
    assert lines("floor", "marking", "check", "other.toml") == [
        {"file": "other.toml", "readers": 1, "words": 0, "supervisors": ["ann"]}
    ]
    assert "can be used. Readers: 1. May change it on a floor: ann" in call(
        "floor", "marking", "check", "other.toml"
    )


def test_a_policy_that_somebody_emptied_is_not_called_none(floor):
    (floor / "policy.toml").write_text("", "utf-8")
    assert "policy names no word and no reader" in call("floor", "marking", "list")


def test_rows_for_a_country_that_there_is_not_are_withheld_by_name(floor):
    said = call("ingest", "p.csv", "--marking", "PB//TLP:RED//REL:XYZ", code=2)
    assert "may go to 'XYZ', which is no country" in said
    said = call(
        "floor", "marking", "upgrade", id_of(floor, "1"), "--to", "PB//TLP:RED//REL:XYZ", "--why", "x", code=3
    )
    assert "'XYZ', which is no country" in said
    call("init", "--floor", "bare", "--name", "bare")
    described = '[feeds.p]\npaths = ["p.csv"]\nmarking = "PB//TLP:RED//REL:XYZ"\n'
    (floor.parent / "bare" / "feeds.toml").write_text(described)
    assert lines("ingest", "p.csv", "--source", "p", "--floor", "bare")[0]["withheld"] == 3


REPORT = """Number: N-17
Title: Ferry
Date: 2026-11-24

(PA) The ferry ran.

(PB) Plainword closed shop.
"""


def portions(floor, user="anna"):
    opened = Floor.open(floor)
    rows = opened.read("report", opened.reader(user, "fraud"), latest=True).to_pylist()
    return [(row["record_id"].hex(), [one["marking"] for one in row["portions"]]) for row in rows]


def test_a_report_goes_down_with_its_portions_or_not_at_all(floor):
    (floor.parent / "n.txt").write_text(REPORT, "utf-8")
    call("ingest", "n.txt", "--marking", "PB//TLP:AMBER")
    ((one, before),) = portions(floor)
    down = ("floor", "marking", "downgrade", one, "--to", "PA//TLP:GREEN", "--why", "published")
    assert [marking for marking in before if marking] == ["PA//TLP:CLEAR", "PB//TLP:CLEAR"]
    assert "is marked PB//TLP:CLEAR, which is above PA//TLP:GREEN (1 of its portions are)" in call(
        *down, code=3
    )
    assert "Ajoutez --portions" in call(*down, "--lang", "fr", code=3)
    assert portions(floor, "low") == []
    assert Floor.open(floor).acts_of("downgraded") == []
    call(*down, "--portions")
    ((_, after),) = portions(floor, "low")
    assert [marking for marking in after if marking] == ["PA//TLP:CLEAR", "PA//TLP:GREEN"]
    (act,) = Floor.open(floor).acts_of("downgraded")
    number = before.index("PB//TLP:CLEAR") + 1
    assert act.detail["portions"] == [{"portion": number, "from": "PB//TLP:CLEAR"}]


def test_a_comparison_answers_by_column_and_is_logged(floor):
    ids = [id_of(floor, key) for key in "123"]
    columns = "birth_date,country,name,citizenship"
    asked = ("--columns", columns, "--why", "two payees")
    told = {one["column"]: one["answer"] for one in lines("leads", "compare", ids[0], ids[1], *asked)}
    assert told == {"birth_date": "unknown", "country": "differ", "name": "differ", "citizenship": "unknown"}
    told = {one["column"]: one["answer"] for one in lines("leads", "compare", ids[0], ids[2], *asked)}
    assert told == {"birth_date": "agree", "country": "unknown", "name": "agree", "citizenship": "unknown"}
    act = Floor.open(floor).acts_of("identity-compared")[0]
    assert act.detail == {"records": ids[:2], "columns": columns.split(","), "why": "two payees"}
    assert "1971" not in call("leads", "compare", ids[0], ids[2], *asked)


@pytest.mark.parametrize(
    ("columns", "why", "says"),
    [
        (
            "birthdate",
            "x",
            "'birthdate' is no column that confirms or clears who is meant; did you mean 'birth_date'?",
        ),
        ("country", " ", "why is empty"),
    ],
)
def test_a_comparison_that_cannot_be_is_told(floor, columns, why, says):
    ids = [id_of(floor, key) for key in "12"]
    assert says in call("leads", "compare", *ids, "--columns", columns, "--why", why, code=2)
    assert "are one record" in call(
        "leads", "compare", ids[0], ids[0], "--columns", "name", "--why", "x", code=2
    )


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--institution", "banc", "'banc' is no kind of institution"),
        ("--country", "Canada", "write three letters such as CAN"),
        ("--country", "RUR", "'RUR' is no country"),
        ("--ceiling", "PB//TLP:RED//REL:XYZ", "may go to 'XYZ', which is no country"),
        ("--ceiling", "PD", "'PD' is not a level"),
    ],
)
def test_a_floor_is_made_of_what_is_known(tmp_path, option, value, says):
    assert says in call("init", "--floor", tmp_path / "new", option, value, code=2)
    assert not (tmp_path / "new").exists()
