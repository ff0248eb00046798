"""The assessment: the official tool's own vector, boundaries reckoned by hand, and what is refused."""

import csv
import json
import math
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange.assessments import answered, chosen, highest, lowest, written
from tests.store.rows import ingest
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.core.kinds import PARTY
from watchfloor.exchange.aia import score as aia
from watchfloor.exchange.aia.draft import Facts, drafted, facts, known
from watchfloor.exchange.aia.draft import highest as highest_level
from watchfloor.exchange.aia.score import AssessmentError
from watchfloor.policy.policy import Reader
from watchfloor.store import Actor, Floor

PHASES = ("design", "implementation")
BARE = Facts({}, (), frozenset(), ("listings",), 0, False, 0, 0)


def test_the_official_tools_own_vector():
    """tests/unit/store.spec.ts of the official tool: three sectors and nothing else give [3, 0, 3, 1]."""
    found = aia.scored({"decisionSector1": ["health", "economic", "social-assistance"]}, "design")
    assert (found.raw, found.mitigation, found.current, found.level) == (3, 0, 3, 1)


def official():
    """What the official program (store.ts of 1.0.1, with its own survey-vue 1.7.23) made of drawn answers.

    Each pick is the number of an answer in the table's order, of several a bit for each; `-` was not asked.
    """
    with (Path(__file__).parent / "official_scores.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found = {}
            for question, pick in zip(aia.table().question, row["picks"].split(), strict=True):
                if pick != "-":
                    wanted = int(pick) if question.several else 1 << int(pick)
                    found[question.id] = [w for at, w in enumerate(question.answers) if wanted >> at & 1]
            score = [int(row[name]) for name in ("raw", "mitigation", "current", "level")]
            yield pytest.param(row["phase"], found, score, id=f"{row['phase']}-{score[0]}")


@pytest.mark.parametrize(("phase", "found", "score"), list(official()))
def test_as_the_official_program_scores(phase, found, score):
    made = aia.scored(found, phase)
    assert [made.raw, made.mitigation, made.current, made.level] == score


def test_the_table_has_the_official_sums():
    """Summed by hand over src/survey-enfr.json: 70 questions of impact, 45 of mitigation in each phase."""
    table = aia.table()
    counts = [one.counts for one in table.question]
    assert (counts.count("impact"), counts.count("mitigation")) == (70, 45)
    assert (table.highest("impact"), table.highest("mitigation")) == (167, 77)


def test_every_id_and_condition_is_sound():
    table = aia.table()
    assert len(table.by_id) == len(table.question)
    assert {one.asks for one in table.question} <= table.asks.keys()
    for one in table.question:
        assert len(set(one.answers.values())) == len(one.answers)
        for other, wanted in one.when.items():
            assert set(wanted) <= table.by_id[other].answers.keys()
    assert [one.from_ for one in table.obliges if one.area == "approval"] == [1, 3, 4]


@pytest.mark.parametrize(
    ("raw", "level"),
    [(0, 1), (41, 1), (42, 2), (83, 2), (84, 3), (125, 3), (126, 4), (167, 4)],
)
def test_levels_end_at_quarters_of_167(raw, level):
    """25, 50 and 75 % of 167 are 41.75, 83.5 and 125.25."""
    assert aia.result(raw, 0).level == level


@pytest.mark.parametrize(("mitigation", "current"), [(61, 50), (62, 43), (77, 43)])
def test_mitigation_counts_from_80_percent_of_77(mitigation, current):
    """80 % of 77 is 61.6; 85 % of 50 is 42.5, and a half goes up."""
    assert aia.result(50, mitigation).current == current


@given(st.integers(0, 167), st.integers(0, 77))
def test_rounding_and_levels_are_javascripts(raw, mitigation):
    """The official program reckons in doubles, rounds as Math.round does, and compares with 167 * share."""
    current = math.floor((1 - 0.15) * raw + 0.5) if mitigation >= 0.8 * 77 else raw
    level = 1 + sum(current > 167 * share for share in (0.25, 0.5, 0.75))
    found = aia.result(raw, mitigation)
    assert (found.current, found.level) == (current, level)


@pytest.mark.parametrize("phase", PHASES)
def test_the_lightest_and_the_gravest_assessment(phase):
    """By hand: twelve questions cost at least a point, and how much is automated at least two."""
    light = aia.scored(chosen(phase, lowest), phase)
    grave = aia.scored(chosen(phase, highest), phase)
    at_least = sum(min(one.points.values()) for one in aia.table().question if not one.several)
    assert (light.raw, light.mitigation, light.level) == (at_least, 0, 1)
    assert at_least == 12 + 2
    assert grave.level == 4
    assert grave.raw <= 167


@given(st.data(), st.sampled_from(PHASES))
def test_a_score_is_the_sum_over_what_applies(data, phase):
    """Against a sum over the official values alone, which carry their points behind the hyphen."""

    def pick(question):
        words = list(question.answers)
        if question.several:
            return data.draw(st.lists(st.sampled_from(words), unique=True))
        return [data.draw(st.sampled_from(words))]

    found = chosen(phase, pick)
    values = {
        counts: [
            one.answers[word]
            for one in aia.table().question
            if one.counts == counts
            for word in found.get(one.id, ())
        ]
        for counts in ("impact", "mitigation")
    }
    sums = {
        counts: sum(int(value.rsplit("-", 1)[1]) for value in each if "-" in value)
        for counts, each in values.items()
    }
    score = aia.scored(found, phase)
    assert (score.raw, score.mitigation) == (sums["impact"], sums["mitigation"])


def test_a_question_of_the_other_phase_is_not_asked():
    assert "riskProfile9" in chosen("design", lowest)
    assert "riskProfile9" not in chosen("implementation", lowest)


@pytest.mark.parametrize("phase", PHASES)
def test_a_complete_file_is_scored(tmp_path, phase):
    path = tmp_path / "aia.toml"
    path.write_text(answered(phase), "utf-8")
    assert aia.score(aia.read(path)).level == 1


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"impact3": {"answer": "", "by": "A. Roy"}}, "impact3 is unanswered"),
        ({"impact3": {"answer": "maybe", "by": "A. Roy"}}, "impact3 has no answer 'maybe': yes, no"),
        ({"impact3": {"answer": ["yes"], "by": "A. Roy"}}, "impact3 takes one answer"),
        (
            {"decisionSector1": {"answer": "health", "by": "A. Roy"}},
            "decisionSector1 takes a list of answers",
        ),
        ({"impact3": {"answer": "no", "by": " "}}, "impact3 does not say by whom"),
        ({"impact3": {"answer": "no", "by": aia.DRAFTED}}, "impact3 is a draft that nobody has confirmed"),
        (
            {"impact33": {"answer": "no", "by": "A. Roy"}},
            "impact33 is no question of the assessment; did you mean",
        ),
    ],
)
def test_what_is_wrong_is_named(tmp_path, change, problem):
    found = aia.Assessment(
        aia.table().source.version,
        "design",
        {
            id_: aia.AnswerEntry(words if aia.table().by_id[id_].several else words[0], "A. Roy")
            for id_, words in chosen("design", lowest).items()
        }
        | {id_: aia.AnswerEntry(**each) for id_, each in change.items()},
    )
    with pytest.raises(AssessmentError) as error:
        aia.score(found)
    assert len(error.value.problems) == 1
    assert problem in str(error.value)


def test_every_unanswered_question_is_named_at_once(tmp_path):
    path = tmp_path / "aia.toml"
    path.write_text(drafted(BARE, "design"), "utf-8")
    with pytest.raises(AssessmentError) as error:
        aia.score(aia.read(path))
    answers = known(BARE)
    left = [one.id for one in aia.applying({}, "design") if one.id not in answers]
    assert [text.split()[0] for text in error.value.problems if "is unanswered" in text] == left
    assert sum("nobody has confirmed" in text for text in error.value.problems) == len(answers)


@pytest.mark.parametrize(
    "text",
    [
        "tool = ",
        "phase = 'design'",
        "tool = '1.0.1'\nphase = 'trial'",
        "tool = '0.10'\nphase = 'design'",
        "x = 1",
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path, text):
    path = tmp_path / "aia.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(AssessmentError, match=r"is no assessment|is of version"):
        aia.read(path)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("aia") / "aia.toml"
    path.write_bytes(data)
    with pytest.raises(AssessmentError):
        aia.read(path)


def test_duties_grow_with_the_level():
    areas = [{duty.area for duty in aia.duties(level)} for level in (1, 2, 3, 4)]
    assert areas == [areas[0]] * 4
    assert [next(d.en for d in aia.duties(level) if d.area == "approval") for level in (2, 3, 4)] == [
        "the assistant deputy minister of the programme",
        "the deputy head",
        "the Treasury Board",
    ]
    assert "final decision" not in {d.area: d.en for d in aia.duties(2)}["human involvement"]
    assert "final decision" in {d.area: d.en for d in aia.duties(3)}["human involvement"]


@pytest.mark.parametrize(
    ("markings", "word"),
    [
        ([], "none"),
        (["U//TLP:CLEAR"], "none"),
        (["PA//TLP:AMBER", "PB//TLP:AMBER"], "PB"),
        (["PB//TLP:AMBER", "PC//TLP:RED"], "PC"),
        (["PC//TLP:RED", "C//TLP:RED"], "C"),
        (["PC//TLP:RED", "S//TLP:RED"], "S"),
    ],
)
def test_the_highest_classification(markings, word):
    expected = "PC" if word == "C" else word  # Confidential has 2 points, Protected C has 3
    assert highest_level(markings) == expected


def test_the_draft_says_what_the_floor_holds_and_nothing_for_people(tmp_path):
    floor = Floor.create(tmp_path / "floor", Actor("a", "b", "c"))
    row = dict.fromkeys(PARTY.body.names) | {
        "observed_at": 0,
        "locator": "1",
        "subject": "person:x:1",
        "role": "payee",
        "name": "Zed",
        "marking": "PA//TLP:AMBER",
    }
    schema = pa.schema([*PARTY.body, pa.field("marking", pa.string())])
    with floor.writer(Actor("a", "b", "c")) as writer:
        writer.append("party", pa.Table.from_pylist([row], schema=schema), source="visas")
    found = known(facts(floor, Reader("r", purpose="x")))
    assert found["aboutDataSource1"].answer == "yes"
    assert found["aboutDataSource2"].answer == "PA"
    assert found["aboutDataSource4"].answer == "no"
    people = {"impact9", "impact24", "aboutAlgorithm9", "projectAuthority1", "privacy1", "consultation1"}
    assert not people & found.keys()
    asks = {id_: aia.table().by_id[id_].asks for id_ in found}
    assert set(asks.values()) == {"system"}


def test_what_is_asked_of_the_program_is_drafted_where_there_is_a_fact():
    full = Facts({"party": 1, "report": 1}, ("a", "b"), frozenset({"PB//TLP:AMBER"}), ("x",), 1, True, 1, 1)
    asked = {one.id for one in aia.table().question if one.asks == "system"}
    assert known(full).keys() == asked


def test_hidden_rows_have_no_part_in_a_draft(tmp_path):
    actor = Actor("a", "b", "c")
    floor = Floor.create(tmp_path / "floor", actor, ceiling="PC//TLP:RED")
    with floor.writer(actor) as writer:
        ingest(writer, [1], marking="PC//TLP:RED", source="secret")
    assert facts(floor, Reader("r", purpose="x")).rows == {}
    assert facts(floor, Reader("r", purpose="x")).feeds == ()


def test_a_written_file_reads_back(tmp_path):
    found = chosen("design", highest)
    path = tmp_path / "aia.toml"
    path.write_text(written(found, "design"), "utf-8")
    given_back = {id_: aia.words(one.answer) for id_, one in aia.read(path).answers.items()}
    assert given_back == found


def test_a_refusal_is_told_in_french_and_as_json(tmp_path):
    path = tmp_path / "aia.toml"
    path.write_text(drafted(BARE, "design"), "utf-8")
    english = CliRunner().invoke(app, ["scorecard", "aia", "score", str(path)])
    french = CliRunner().invoke(app, ["scorecard", "aia", "score", str(path), "--lang", "fr"])
    assert (english.exit_code, french.exit_code) == (2, 2)
    lines_ = french.stderr.splitlines()
    assert "ne peut être notée\u00a0:" in lines_[0] + lines_[1]
    assert not {line.strip() for line in english.stderr.splitlines()} & {line.strip() for line in lines_} - {
        ""
    }
    (one,) = (
        CliRunner()
        .invoke(app, ["scorecard", "aia", "score", str(path), "--json", "--lang", "fr"])
        .stdout.splitlines()
    )
    found = json.loads(one)
    assert found["scored"] is False
    with pytest.raises(AssessmentError) as error:
        aia.score(aia.read(path), "fr")
    assert sorted(found["problems"]) == sorted(error.value.problems)
    assert any(one.startswith("impact3 est sans réponse (Décide-t-il") for one in found["problems"])


def test_a_score_is_told_in_french(tmp_path):
    path = tmp_path / "aia.toml"
    path.write_text(answered("design"), "utf-8")
    told = CliRunner().invoke(app, ["scorecard", "aia", "score", str(path), "--lang", "fr"]).stdout
    assert told.startswith("Niveau d’incidence I\u00a0: incidence brute 14 sur 167")
    assert "Directive, article 6" in told


def test_a_file_that_is_no_text_is_told_as_that_in_both_languages(tmp_path):
    path = tmp_path / "aia.toml"
    path.write_bytes(b'tool = "\xe9"\n')
    for language, says in (("en", "is no UTF-8 text; save it as one"), ("fr", "n’est pas un texte en UTF-8")):
        with pytest.raises(AssessmentError, match=says):
            aia.read(path, language)


def test_every_question_is_asked_in_both_languages():
    table = aia.table()
    assert all(one.fr.strip() and one.fr != one.text for one in table.question)
    assert all(one.fr != one.en for one in table.asks.values())
