"""What came of leads, from a file and typed in, to a new table of weights, as commands."""

import json
import re

import pytest
from typer.testing import CliRunner

from watchfloor.cell.weighing.weights import WeightError, load
from watchfloor.cli import app
from watchfloor.core.results import RESULTS
from watchfloor.messages.catalogue import Catalogue

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
LIST = "id,name,aliases,birth_date\n" + "".join(
    f"{n},{name},,1971\n"
    for n, name in enumerate(("Zarbek Tolunay", "Marwick Oddenfeld", "Quillon Bastarrica", "Ysolde Varnham"))
)
PARTIES = """report_key,role,name,schema,birth_date,country,observed_at
1,consignee,Zarbek Tolunay,Person,1971-01-01,,2026-03-01
2,consignee,Marwick Oddenfeld,Person,1980-02-03,,2026-03-02
3,consignee,Quillon Bastarrica,Person,,,2026-03-02
4,consignee,Ysolde Varnham,Person,,,2026-03-02
"""


def call(*arguments, code=0):
    result = RUNNER.invoke(app, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


def told(*arguments, code=0):
    return re.sub(r"[ \n]+", " ", call(*arguments, code=code).output)


def lines(*arguments, code=0):
    return [json.loads(line) for line in call(*arguments, "--json", code=code).stdout.splitlines()]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    home = tmp_path_factory.mktemp("made")
    call("init", "--floor", home / "floor")
    (home / "floor" / "feeds.toml").write_text(FEEDS, encoding="utf-8")
    for name, text in (("list.csv", LIST), ("parcels.csv", PARTIES)):
        (home / name).write_text(text, encoding="utf-8")
        call("ingest", home / name, "--floor", home / "floor")
    call("run", "--floor", home / "floor")
    call("floor", "backup", "--unencrypted", home / "backup.tar", "--floor", home / "floor")
    return home / "backup.tar"


@pytest.fixture
def floor(made, tmp_path, monkeypatch):
    path = tmp_path / "floor"
    call("floor", "restore", made, "--floor", path)
    monkeypatch.setenv("WATCHFLOOR_FLOOR", str(path))
    return path


def leads():
    return [one["lead_id"] for one in lines("leads")]


def test_an_outcome_is_typed_in_listed_and_replaced(floor):
    first, second, *_ = leads()
    said = lines("leads", "outcome", first[:6], "seized", "--why", "1.2 kg in the parcel")[0]
    assert (said["lead"], said["true"]) == (first, True)
    assert said["says"].startswith("true: what was seized")
    assert WORDS.say("outcomes.empty_command", "fr") in told("leads", "outcome", second, "--lang", "fr")
    call("leads", "outcome", first, "cleared", "--why", "it was sugar")
    (row,) = lines("leads", "outcome", first)
    assert lines("leads", "outcome", first, "--why", "x") == [row]
    assert (row["result"], row["true"], row["why"], row["hypothesis"]) == (
        "cleared",
        False,
        "it was sugar",
        "listed-entity",
    )
    assert lines("record", row["record"])[0]["kind"] == "outcome"
    result, says = WORDS.say("acts.result_seized", "fr"), RESULTS["seized"].why.fr
    said = told("leads", "outcome", first, "seized", "--why", "oui", "--lang", "fr")
    assert WORDS.say("acts.reported", "fr", result=result, says=says) in said


def test_a_lead_has_the_rank_of_the_queue_and_the_queue_says_what_was_found_false(floor):
    first, *_ = leads()
    call("leads", "outcome", first, "unfounded", "--why", "nobody of that name lives there")
    queue = lines("leads")
    assert queue[-1]["lead_id"] == first
    assert [one["found_false"] for one in queue] == [False] * (len(queue) - 1) + [True]
    for one in queue:
        assert lines("lead", one["lead_id"])[0]["rank"] == one["rank"]
    assert told("leads").count("found false") == 1


def test_two_officers_at_once_both_stand(floor, monkeypatch):
    first, *_ = leads()
    for officer in ("roy", "lee"):
        monkeypatch.setenv("WATCHFLOOR_USER", officer)
        call("leads", "outcome", first, "seized", "--why", "seen")
    assert {row["by"] for row in lines("leads", "outcome")} == {"roy", "lee"}


@pytest.mark.parametrize(
    ("words", "sentence", "code"),
    [
        (("zz", "seized", "--why", "x"), "no lead 'zz' that you may see; `watchfloor leads` lists them", 4),
        (("", "seized", "--why", "x"), "no lead '' that you may see", 4),
        (("LEAD", "siezed", "--why", "x"), "'siezed' is no result; did you mean 'seized'?", 2),
        (("LEAD", "seized"), "why is empty", 3),
        (("LEAD", "seized", "--why", " "), "why is empty", 3),
        (("LEAD", "seized", "--why", "x", "--at", "2999-01-01"), "is still to come", 3),
        (("LEAD", "seized", "--why", "x", "--at", "soon"), "there is no such day or moment", 2),
    ],
)
def test_what_is_wrong_is_said_and_nothing_kept(floor, words, sentence, code):
    first, *_ = leads()
    assert sentence in told("leads", "outcome", *(word.replace("LEAD", first) for word in words), code=code)
    assert lines("leads", "outcome") == [{"outcomes": 0}]


def test_outcomes_come_in_by_the_front_door(floor, tmp_path):
    first, second, *_ = leads()
    path = tmp_path / "outcomes.csv"
    rows = (
        f"{first},Seized,roy,2026-04-01",
        "ffffffffffff,seized,roy,2026-04-01",
        f"{second},?,roy,2026-04-01",
    )
    path.write_text("lead,result,by,observed_at\n" + "\n".join(rows) + "\n", encoding="utf-8")
    call("ingest", path, code=1)
    assert [(row["lead"], row["result"]) for row in lines("leads", "outcome")] == [(first, "seized")]
    unknown, misspelt = lines("feeds", "quarantine", "list", code=0)
    assert "there is no lead 'ffffffffffff'" in unknown["why"]
    assert "'?' is no result" in misspelt["why"]
    assert lines("feeds", "quarantine", "retry", code=1)[-1]["left"] == 2


def test_a_refit_prints_old_and_new_and_changes_no_table(floor, tmp_path):
    first, second, *_ = leads()
    call("leads", "outcome", first, "seized", "--why", "seen")
    call("leads", "outcome", second, "cleared", "--why", "seen")
    before = load()
    out = tmp_path / "new.toml"
    one, fit = lines("leads", "refit", "-o", out)
    assert (one["hypothesis"], one["true"], one["false"]) == ("listed-entity", 1, 1)
    assert one["prior"] == before.hypotheses["listed-entity"].prior
    assert {row["old"] for row in one["rows"]} <= set(before.hypotheses["listed-entity"].bits.values())
    assert (
        "listed-entity: 1 true and 1 false leads are few; the table moves little, and by chance"
        in fit["notes"]
    )
    assert fit["base"] == before.digest == load().digest
    new = load(out)
    (kept,) = lines("leads", "fits", fit["records"][0])
    assert (kept["table"], kept["erased"]) == (new.digest, False)
    assert lines("leads", "--weights", out)[0]["weights"] == new.digest
    with pytest.raises(WeightError, match="would count twice"):
        call("leads", "refit", "--weights", out)


def test_a_refit_without_outcomes_writes_nothing(floor, tmp_path):
    out = tmp_path / "new.toml"
    assert "is not written: there is nothing to fit" in told("leads", "refit", "-o", out, code=2)
    assert "No lead has an outcome that says true or false" in told("leads", "refit")
    assert not out.exists()


def test_a_fit_says_when_one_of_its_records_was_erased(floor, tmp_path):
    first, *_ = leads()
    call("leads", "outcome", first, "seized", "--why", "seen")
    call("leads", "refit", "-o", tmp_path / "new.toml")
    (row,) = lines("leads", "outcome")
    call("floor", "erase", row["record"], "--why", "asked", "--category", "consent", "--authority", "an Act")
    assert "was erased" in told("leads", "fits")
    assert lines("leads", "fits")[0]["records"] == []
    assert lines("floor", "verify")[-1]["found"] == 0


def test_the_audit_draws_what_nobody_acted_on_and_hides_the_probability(floor):
    first, *others = leads()
    call("leads", "outcome", first, "seized", "--why", "seen")
    found = lines("leads", "audit", "draw", "2", "--seed", "s")
    assert {one["lead_id"] for one in found} <= set(others)
    assert [one["chance"] for one in found] == pytest.approx([2 / 3, 2 / 3])
    assert not {"probability", "bits"} & set(found[0])
    call("leads", "outcome", found[0]["lead_id"], "unfounded", "--why", "nobody there")
    listed = {one["lead_id"]: one["outcome"] for one in lines("leads", "audit", "list")}
    assert listed == {found[0]["lead_id"]: "unfounded", found[1]["lead_id"]: None}
    assert "there are no more than 1 that nobody acted on" in told("leads", "audit", "draw", "9")
    assert "No lead is drawn" in told("leads", "audit", "draw", "9")


def test_calibration_is_of_what_was_shown_before_a_decision_told_the_answer(floor):
    first, *_ = lines("leads")
    call("leads", "decide", first["lead_id"], "different", "--why", "passport seen")
    call("leads", "outcome", first["lead_id"], "cleared", "--why", "passport seen")
    found = lines("leads", "calibration", "--capacity", "1")[0]
    (band,) = [band for band in found["bands"] if band["leads"]]
    assert band["shown"] == pytest.approx(first["probability"], abs=1e-6)
    assert (found["leads"], found["rebuilt"], found["precision"]["value"]) == (1, 1, 0.0)
    said = told("leads", "calibration", "--lang", "fr")
    assert "Score de Brier" in said
    assert "reconstitués tels qu’ils étaient" in said
    assert "is none; " in told("leads", "calibration", "--hypothesis", "smuggling-by-mule", code=2)


def test_each_command_is_in_the_log_with_who_and_what_for(floor):
    words = ("outcome", "refit", "fits", "calibration", "audit")
    for word in words:
        call("leads", word, *["list"] * (word == "audit"), "--purpose", f"test {word}")
    from watchfloor.store import Floor

    asked = [act.actor.purpose for act in Floor.open(floor).acts() if act.act == "query"]
    assert asked[-5:] == [f"test {word}" for word in words]
