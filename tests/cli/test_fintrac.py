"""`watchfloor finance fintrac`: from payments to a file that a person submits, and what is refused."""

import json
import shutil
from dataclasses import replace

import pytest
from tests.cli import reporters
from tests.cli.commanded import RUNNER, call
from tests.exchange.fintrac import made

from watchfloor.cli import app, common
from watchfloor.desks.finance.models.labels import ReportsAsLabelsError
from watchfloor.exchange.fintrac import acts, document, goaml_read
from watchfloor.formats.settings import SettingsError
from watchfloor.store import Floor


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    home = tmp_path_factory.mktemp("reporters")
    return home, reporters.reported(home, call)


@pytest.fixture
def places(done, tmp_path, monkeypatch):
    """The reporting entity as it is before a command, and its files."""
    home, known = done
    shutil.copytree(home, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return known | {name: tmp_path / name for name in ("teller", "quiet", "new")}


def asked(words, places, code=(0,)):
    return call(["finance", "fintrac", *(str(word).format(**places) for word in words)], code)


def rows(words, places, code=(0,)):
    return [json.loads(line) for line in asked([*words, "--json"], places, code).stdout.splitlines()]


def sentence(words, places, code=3):
    result = RUNNER.invoke(app, ["finance", "fintrac", *(str(word).format(**places) for word in words)])
    assert result.exit_code == code, result.output
    return " ".join(result.stderr.split())


@pytest.mark.parametrize("command", reporters.LEAVES)
def test_each_command_leaves_its_act(command, places):
    words = tuple(command.split())
    before = Floor.open(places["teller"]).position
    french = [] if command == "finance fintrac labels" else ["--lang", "fr"]
    call([*words, *(word.format(**places) for word in reporters.FULL[words]), *french], (0, 1))
    left = Floor.open(places["teller"]).acts(before + 1)
    assert {act.act for act in left} == reporters.LEAVES[command]
    assert all(acts.tells(act) for act in left)


def test_from_a_draft_to_a_file_and_a_number(places, monkeypatch, tmp_path):
    teller = reporters.TELLER
    (one,) = rows(["edit", "{unfinished}", *reporters.FULL["finance", "fintrac", "edit"][1:]], places)
    assert (one["edition"], one["state"], one["lacks"]) == (2, "drafted", [])
    monkeypatch.setenv("WATCHFLOOR_USER", "another")
    (one,) = rows(["approve", "{unfinished}", "--schema", "{structure}", "--why", "read", *teller], places)
    assert one["approved_by"] == "another"
    asked(["export", "{unfinished}", "-o", "r.json", *teller], places)
    report = document.parse((tmp_path / "r.json").read_bytes())
    assert [one.starting_actions[0].details.amount for one in report.transactions] == ["9800.00", "18000.10"]
    words = ["export", "{unfinished}", "--form", "goaml", "--codes", "{tables}", "-o", "r.xml", *teller]
    said = asked(words, places).stderr
    assert "Tell nobody that the report exists (PCMLTFA s. 8)" in " ".join(said.split())
    found = goaml_read.read((tmp_path / "r.xml").read_bytes())
    assert [str(flow.value) for flow in found.flows] == ["9800.00", "18000.10"]
    (one,) = rows(["submitted", "{unfinished}", "--reference", "2026-9", *teller], places)
    assert (one["state"], one["reference"], one["submitted_by"]) == ("submitted", "2026-9", "another")


def test_the_proof_of_an_act_about_a_report_does_not_say_so(places):
    teller = Floor.open(places["teller"])
    (own, *_) = [act for act in teller.acts_of(acts.APPROVED) if act.actor.name == common.who()]
    words = ["floor", "log", "inclusion", own.position, "--floor", places["teller"], "--json"]
    (row,) = [json.loads(line) for line in call(words).stdout.splitlines()]
    assert row["content"] is False
    assert "fintrac" not in row["text"]


def test_what_is_missing_is_told_with_what_to_supply(places):
    found = rows(["check", "{unfinished}", *reporters.TELLER], places, (common.PARTLY,))
    assert [one["pointer"] for one in found] == ["/actionTaken/description"]
    assert "--action" in found[0]["says"]
    (row,) = rows(["check", "{complete}", "--schema", "{structure}", *reporters.TELLER], places)
    assert row == {"wrong": 0}


def test_a_field_names_the_column_that_it_is_from(places):
    told = asked(["show", "{complete}", "--trace", *reporters.TELLER], places).stdout
    assert f"record:{places['cash']}#amount" in told.replace("\n", "")
    (one,) = rows(["show", "{complete}", *reporters.TELLER], places)
    pointer = "/transactions/0/startingActions/0/details/amount"
    assert one["traces"][pointer] == [f"record:{places['cash']}#amount"]


def test_a_property_report_says_since_when(places):
    said = asked(["property", made.CLIENT, *reporters.TELLER], places)
    told = " ".join(said.stderr.split())
    assert "it is due immediately: the clock has run since 2026-11-20T15:30:00+00:00, when B. Oduya" in told
    assert "SOR/2014-58, s. 7(1), “disclose without delay”" in told
    french = asked(["property", made.CLIENT, "--lang", "fr", *reporters.TELLER], places).stderr
    assert "le délai court depuis" in " ".join(french.split())


def test_a_lead_leads_to_its_payments(places, monkeypatch):
    from watchfloor.cell import leads as cell_leads
    from watchfloor.cli.face import Terminal
    from watchfloor.core.messages import Reason

    why, cited = Reason("cell.repeats"), (bytes.fromhex(places["cash"]),)
    one = cell_leads.Contribution(b"s" * 16, made.OURS, "r", "s", 1.0, None, made.START, why, cited, ())
    looked = Reason("cell.finding.seized", {"by": "ann", "day": "2026-11-20", "why": "an officer's words"})
    found = replace(one, signal_id=b"f" * 16, rule="finding", reason=looked)
    lead = cell_leads.Lead("l", made.OURS, "h", 0.0, 1.0, (one, found), "PB", "w")
    monkeypatch.setattr(Terminal, "lead", lambda *_: lead)
    words = ["draft", "--lead", "l", *reporters.GROUNDS, *reporters.WATCHED, *reporters.TELLER]
    (found,) = rows(words, places)
    assert found["lacks"] == []
    (shown,) = rows(["show", found["report"], *reporters.TELLER], places)
    text = shown["document"]["detailsOfSuspicion"]["descriptionOfSuspiciousActivity"]
    assert "Indicators: It rests on evidence that is counted already." in text
    assert "an officer's words" not in text


@pytest.mark.parametrize(
    "command", ["list", "show", "check", "draft", "property", "edit", "approve", "export"]
)
@pytest.mark.parametrize(
    ("institution", "en", "fr"),
    [
        ("joint-cell", "never enters a cell", "n’entre jamais dans une cellule"),
        (
            "laboratory",
            "on a floor made with --institution reporting-entity",
            "sur une installation créée avec",
        ),
    ],
)
def test_no_other_floor_has_any_of_it(command, institution, en, fr, places, tmp_path):
    call(["init", "--floor", tmp_path / "cell", "--institution", institution, "--exercise"])
    before = Floor.open(tmp_path / "cell").position
    words = [
        command,
        *(word.replace("{teller}", "cell") for word in reporters.FULL["finance", "fintrac", command]),
    ]
    assert en in sentence(words, places)
    assert fr in sentence([*words, "--lang", "fr"], places)
    assert Floor.open(tmp_path / "cell").position == before


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (
            ["approve", "{unfinished}", "--schema", "{structure}", "--why", "x"],
            "another person must approve it",
            3,
        ),
        (
            ["approve", "{complete}", "--schema", "{structure}", "--why", "x", "--edition", "9"],
            "now edition 1",
            3,
        ),
        (["approve", "{complete}", "--schema", "{grounds}", "--why", "x"], "is no JSON schema", 2),
        (["export", "{complete}", "-o", "{new}"], "is a draft", 3),
        (["submitted", "{complete}", "--reference", "1"], "is a draft", 3),
        (["submitted", "{agreed}", "--reference", "1", "--on", "soon"], "there is no such day", 2),
        (
            ["submitted", "{agreed}", "--reference", "1", "--on", "2020-01-01"],
            "cannot have been submitted",
            3,
        ),
        (["edit", "{agreed}", "--set", "/x=1", "--why", "x"], "cannot be changed", 3),
        (["edit", "{complete}", "--why", "x"], "--set POINTER=VALUE", 2),
        (["edit", "{complete}", "--set", "x", "--why", "x"], "is not POINTER=VALUE", 2),
        (["edit", "{complete}", "--set", "/transactions/7/x=1", "--why", "x"], "leads nowhere", 4),
        (["edit", "{complete}", "--set", "/x=1"], "is empty", 3),
        (["show", "ffff"], "no report", 4),
        (["draft", "--codes", "{tables}"], "choose payments", 3),
        (["draft", "--payment", "ffffffff", "--codes", "{tables}"], "no payment 'ffffffff'", 4),
        (
            ["draft", "--payment", "{cash}", "--entity", "none.toml", "--codes", "{tables}"],
            "there is no none.toml",
            4,
        ),
        (["draft", "--payment", "{cash}", "--codes", "."], "there is no code list", 4),
        (
            ["draft", "--payment", "{cash}", "--codes", "{tables}", "--on-behalf-of", "x"],
            "PAYMENT=SUBJECT",
            2,
        ),
        (
            ["draft", "--payment", "{cash}", "--codes", "{tables}", "--on-behalf-of", "{cash}=x"],
            "no subject key",
            2,
        ),
        (["property", "person:bank:99"], "no person has decided", 3),
    ],
)
def test_what_is_wrong_is_a_sentence(words, said, places, code):
    before = Floor.open(places["teller"]).acts_of(*acts.LIFE)
    assert said in sentence([*words, *reporters.TELLER], places, code=code)
    assert Floor.open(places["teller"]).acts_of(*acts.LIFE) == before
    assert not places["new"].exists()


def test_no_file_is_replaced_and_none_is_left_where_the_act_was_not_logged(places):
    places["new"].write_text("mine", encoding="utf-8")
    result = RUNNER.invoke(
        app,
        [
            "finance",
            "fintrac",
            "export",
            places["agreed"],
            "-o",
            str(places["new"]),
            "--floor",
            str(places["teller"]),
        ],
    )
    assert result.exit_code != 0
    assert places["new"].read_text(encoding="utf-8") == "mine"


def test_goaml_that_breaks_the_unit_s_xsd_is_not_written(places, tmp_path):
    xsd = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="other"/></xs:schema>'
    (tmp_path / "x.xsd").write_text(xsd, encoding="utf-8")
    words = ["export", "{agreed}", "--form", "goaml", "--codes", "{tables}", "--xsd", "x.xsd", "-o", "{new}"]
    assert "nothing was written" in sentence([*words, *reporters.TELLER], places, code=2)
    assert not places["new"].exists()


def test_code_tables_are_checked_for_a_day(places):
    found = rows(["codes", "{tables}", "--on", "2026-11-26"], places)
    assert {one["version"] for one in found} == {"test-1"}
    assert "in effect from 2020-01-01" in sentence(["codes", "{tables}", "--on", "2019-01-01"], places)
    assert "there is no such day" in sentence(["codes", "{tables}", "--on", "x"], places, code=2)


def test_labels_from_reports_are_refused(places, tmp_path):
    (tmp_path / "l.csv").write_text("payment_id,label,origin\n1,1,STR filed\n", encoding="utf-8")
    with pytest.raises(ReportsAsLabelsError):
        asked(["labels", "l.csv"], places)
    (tmp_path / "l.csv").write_text("payment_id,report_filed,origin\n1,1,x\n", encoding="utf-8")
    assert "says that a report was filed" in sentence(["labels", "l.csv"], places, code=2)
    (tmp_path / "l.csv").write_text("payment_id,label\n1,1\n", encoding="utf-8")
    assert "no column `origin`" in sentence(["labels", "l.csv"], places, code=2)


def test_a_wrong_entity_file_is_named_by_line(places):
    (places["teller"] / "fintrac.toml").write_text('number = "x"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match="line 1: number"):
        asked(["draft", *reporters.FULL["finance", "fintrac", "draft"]], places)
