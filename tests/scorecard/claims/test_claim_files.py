from datetime import date
from pathlib import Path

import pytest
from tests.refusals import because

from watchfloor.scorecard import claims
from watchfloor.scorecard.claims import ANY
from watchfloor.scorecard.departments import departments
from watchfloor.scorecard.problems import WrongQuestion

FILE = """
title = { en = "T", fr = "T" }
department = "CBSA"
[said]
on = 2025-03-04
by = { en = "B", fr = "B" }
words = { en = "W", fr = "W" }
[claimed]
below = 0.01
[ask]
series = "s"
of = "people"
part = { a = "x" }
[definitions]
first = {}
"""


def test_every_claim_of_the_package_can_be_read_in_both_languages():
    found = claims.claims()
    assert list(found) == [
        "fentanyl-north",
        "crossings-share",
        "crossings-fall",
        "crossings-99",
        "crossings-98",
    ]
    for one in found.values():
        assert len(one.definitions) >= 6
        assert one.department in departments()
        later = {"crossings-99": date(2025, 6, 9), "crossings-98": date(2025, 12, 31)}
        assert one.said.on == later.get(one.name, date(2025, 3, 4))
        for text in (one.title, one.said.words, one.said.by, *one.notes):
            assert text.en
            assert text.fr


def test_a_definition_says_only_what_differs():
    claim = claims.load("c.toml", FILE.encode())
    narrowed = claim.asked({"part": {"b": "y"}, "period": "2024"})
    assert narrowed.part == {"a": "x", "b": "y"}
    assert (narrowed.series, narrowed.period) == ("s", "2024")
    assert claim.asked({"part": {"a": ANY}}).part == {}


def test_claims_of_a_folder_stand_beside_and_instead_of_those_of_the_package(tmp_path):
    (tmp_path / "ours.toml").write_text(FILE, "utf-8")
    (tmp_path / "fentanyl-north.toml").write_text(FILE, "utf-8")
    (tmp_path / "read-me.txt").write_text("no claim", "utf-8")
    found = claims.claims([tmp_path])
    assert found["ours"].title.en == "T"
    assert found["fentanyl-north"].title.en == "T"
    assert len(found) == 6


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[said]", "[said", "bad.toml cannot be read: .*line"),
        ("below = 0.01", "", "needs one of about, nearly, just_over, below"),
        ("below = 0.01", "below = 0.01\nabout = 0.02", "needs one of about, nearly, just_over, below"),
        ("first = {}", "first = { colour = 1 }", "unknown field `colour`"),
        ("first = {}", 'first = { measure = "change" }', "first needs since, until for a change"),
        ("first = {}", 'first = { measure = "above" }', "the definition first needs over for a above"),
        ("first = {}", 'first = { part = { a = "*" } }', "the definition first needs part for a share"),
        (', fr = "T" }', " }", "missing required field `fr`"),
        ("on = 2025-03-04", 'on = "soon"', "Invalid RFC3339"),
        ("[claimed]", 'order = "first"\n[claimed]', "unknown field `order`"),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_names_itself_and_what_is_wrong(old, new, message):
    assert old in FILE
    with pytest.raises(WrongQuestion, match=message):
        claims.load("bad.toml", FILE.replace(old, new, 1).encode())


def test_a_claim_that_is_none_is_told_with_the_nearest():
    with pytest.raises(
        WrongQuestion,
        check=because("scorecard.no-claim", name="fentanyl-nort", near="; did you mean 'fentanyl-north'?"),
    ):
        claims.named(claims.claims(), "fentanyl-nort")


def test_the_claim_of_the_docs_is_one():
    text = (Path(__file__).parents[3] / "docs" / "scorecard-claims.md").read_text("utf-8")
    block = text.split("```toml\n")[1].split("```")[0]
    claim = claims.load("docs.toml", block.encode())
    assert len(block.strip().splitlines()) <= 24
    assert len(claim.definitions) >= 6
