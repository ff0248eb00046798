"""What `watchfloor search` prints: why each row is there, what is wrong with a call, what was not found."""

import json

import pytest
from tests.store.index.world import OPEN, SUBJECTS, Row, floor_of
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.store import Floor

RUNNER = CliRunner()


@pytest.fixture
def demo(made):
    return made / "demo" / "floor"


@pytest.fixture
def world(tmp_path):
    """A disclosure a day along the 50th parallel, the last beyond the antimeridian, and a party."""
    plain = {
        "key": None,
        "marking": OPEN,
        "words": ("grey", "van"),
        "subject": SUBJECTS[0],
        "hours": 1,
        "radius": 100.0,
    }
    placed = [
        Row(kind="disclosure", hour=24 * day, latitude=50.0, longitude=lon, **plain)
        for day, lon in enumerate((-66.0, -65.0, 179.9999))
    ]
    party = Row(kind="party", hour=0, latitude=0, longitude=0, **plain)
    return floor_of(tmp_path / "floor", [placed, [party]]).root


def call(floor, *words, code=0):
    result = RUNNER.invoke(app, ["search", "--floor", str(floor), *words], env={"COLUMNS": "200"})
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def rows(floor, *words):
    result = RUNNER.invoke(app, ["search", *words, "--floor", str(floor), "--json"])
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.group("commands")  # their floor is made once
def test_what_names_a_subject_is_told_with_its_reason(demo):
    lead = json.loads(RUNNER.invoke(app, ["leads", "--floor", str(demo), "--json"]).stdout.splitlines()[0])
    said = call(demo, "--about", lead["subject"])
    assert f"names {lead['subject']} as subject" in said
    assert "signal of " in said
    assert "watchfloor record " in said
    found = rows(demo, "--about", lead["subject"])
    assert {"signal"} < {one["kind"] for one in found}
    sentences = [one["sentence"] for one in found if one["kind"] == "signal"]
    french = [
        one["sentence"]
        for one in rows(demo, "--about", lead["subject"], "--lang", "fr")
        if one["kind"] == "signal"
    ]
    assert sentences
    assert all(english != other for english, other in zip(sentences, french, strict=True))
    assert not any("position" in one for one in found)


def test_a_box_and_a_window(world):
    assert "at 50.00000, -66.00000 within 100 m" in call(world, "--box=-70,45,-60,55")
    assert [one["longitude"] for one in rows(world, "--box=-70,45,-60,55")] == [-65.0, -66.0]
    assert [one["longitude"] for one in rows(world, "--box=-70,45,-60,55", "--until", "2026-01-01")] == [
        -66.0
    ]
    assert [one["longitude"] for one in rows(world, "--box=-70,45,-60,55", "--since", "2026-01-02")] == [
        -65.0
    ]
    assert [one["longitude"] for one in rows(world, "--box=-180,45,-179.9999,55")] == [179.9999]
    assert [one["longitude"] for one in rows(world, "--box=179,45,-179,55")] == [179.9999]


def test_words_subject_and_kind_hold_together(world):
    assert [one["kind"] for one in rows(world, "grey", "--about", SUBJECTS[0])] == ["party"]
    assert len(rows(world, "--about", SUBJECTS[0])) == 4
    assert len(rows(world, "--about", SUBJECTS[0], "--kind", "party", "--kind", "report")) == 1
    assert "4 rows in all; --top shows more" in call(world, "--about", SUBJECTS[0], "--top", "1")


def test_the_search_is_logged_as_it_was_asked(world):
    call(world, "grey", "--about", SUBJECTS[0], "--kind", "party")
    detail = Floor.open(world).acts_of("query")[-1].detail
    assert (detail["words"], detail["about"], detail["kinds"], detail["found"]) == (
        "grey",
        SUBJECTS[0],
        ["party"],
        1,
    )


def test_nothing_found_says_what_was_looked_for(world):
    said = call(world, "nobody", "--about", "vessel:feed:9", "--since", "2026-02-01", "--kind", "report")
    assert said == (
        "Nothing that you may see fits this search – the words nobody – the subject vessel:feed:9 "
        "– since 2026-02-01 – only report."
    )
    assert rows(world, "nobody") == [{"found": 0}]
    assert call(world, "nobody", "--as-of", "2026-02-01T08:30Z").endswith("as known at 2026-02-01 08:30Z.")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "nothing to look for"),
        (["--since", "2026-01-01"], "nothing to look for"),
        (["--", "-"], "holds no word"),
        (["--about", "Wren"], "is no subject key"),
        (["--box", "1,2"], "is no box: write WEST,SOUTH,EAST,NORTH"),
        (["--box", "1,95,2,96"], "latitudes go from -90 to 90"),
        (["van", "--kind", "rumour"], "there is no such kind"),
        (["van", "--since", "yesterday"], "there is no such day or moment"),
        (["van", "--as-of", "2026-13-01"], "there is no such day"),
    ],
)
def test_a_call_that_cannot_be_answered_is_told(world, words, says):
    assert says in call(world, *words, code=2)


def test_a_position_that_is_not_there_is_told(world):
    result = RUNNER.invoke(app, ["search", "van", "--as-of", "999", "--floor", str(world)])
    assert "there is no position 999" in str(result.exception)
