from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.formats.documents.header import About, from_lines, from_toml, merged, ratings, references


def header(text, whole=True):
    return from_lines(text.split("\n"), whole=whole)


def test_a_header_in_full():
    about, used = header(
        "Title: Night crossing\nAuthor: Marine unit 4\nNumber: M-17\nDate: 2026-11-20 03:10\n"
        "Source reliability: b\nInformation credibility: 2 - probably true\n"
        "Caveats: not for court; third party\nFiles: PROS 2026-114;\n  CPIC: 88-1\n"
        "Subjects: vessel:imo:9074729; account:iban:FI21 1234 5600 0007 85\nHypothesis: smuggling\n\nText"
    )
    assert used == 11
    assert about == About(
        title="Night crossing",
        author="Marine unit 4",
        observed_at=datetime(2026, 11, 20, 3, 10, tzinfo=UTC),
        report_key="M-17",
        reliability="B",
        credibility="2",
        caveats=("not for court", "third party"),
        references=(
            {"system": "PROS", "number": "2026-114", "owner": None},
            {"system": "CPIC", "number": "88-1", "owner": None},
        ),
        subjects=("vessel:imo:9074729", "account:iban:FI2112345600000785"),
        hypothesis="smuggling",
    )


def test_a_header_in_french():
    about, _ = header(
        "Titre : Traversée\nAuteur : Unité 4\nDate : 20 novembre 2026\nFiabilité : C\nCrédibilité : 3\n"
    )
    assert (about.title, about.author, about.reliability, about.credibility) == (
        "Traversée",
        "Unité 4",
        "C",
        "3",
    )
    assert about.observed_at == datetime(2026, 11, 20, tzinfo=UTC)


def test_a_header_in_toml():
    about = from_toml(
        'title = "T"\ndate = 2026-11-20\nrating = "B2"\nfiles = ["PROS 1", "CPIC 2"]\ncolour = 1\n'
    )
    assert (about.title, about.reliability, about.credibility) == ("T", "B", "2")
    assert [one["system"] for one in about.references] == ["PROS", "CPIC"]
    assert len(about.problems) == 1


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("Source reliability: G", "none of A to F"),
        ("Credibility: 7", "none of 1 to 6"),
        ("Rating: Z9", "no pair such as B2"),
        ("Date: 30/02/2026", "none that can be read"),
        ("Subjects: vessel:imo:9074728", "no key"),
        ("Files: 2026-99", "no system before it"),
        ("Marking: SECRET-ISH", "cannot be read"),
        ("Reliabilty: B", "did you mean 'reliability'"),
    ],
)
def test_what_is_wrong_is_said_without_what_it_says(line, says):
    about, _ = header(f"Title: T\n{line}\n")
    (problem,) = about.problems
    assert says in problem
    assert line.partition(": ")[2] not in problem
    assert about.title == "T"


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("Source: B / Info: 2", ("B", "2")),
        ("Source reliability: C, information credibility: 3", ("C", "3")),
        ("Fiabilité de la source : A ; crédibilité : 1", ("A", "1")),
        ("It is rated B2.", ("B", "2")),
        ("Évaluation : F6", ("F", "6")),
        ("(B2) He was there.", ("B", "2")),
        ("He was there. [C3]", ("C", "3")),
        ("He was there.\nB2\n", ("B", "2")),
    ],
)
def test_a_rating_in_text(text, pair):
    assert ratings(text) == {pair}


@pytest.mark.parametrize(
    "text", ["form B2 was filled in", "vitamin B6", "a B2 visa", "Source 3 said", "(G2)", "room (B22)"]
)
def test_a_letter_and_a_digit_are_no_rating(text):
    assert ratings(text) == set()


def test_the_header_rates_before_the_text_and_two_ratings_are_none():
    assert merged(About(reliability="A"), ["(B2) x"]).reliability == "A"
    assert merged(About(), ["(B2) x", "rated B2"]).credibility == "2"
    both = merged(About(), ["(B2) x", "(C3) y"])
    assert (both.reliability, both.credibility) == (None, None)
    assert "2 different ratings" in both.problems[0]


def test_the_two_judgements_are_never_one():
    about, _ = header("Title: T\nReliability: A\n")
    assert (about.reliability, about.credibility) == ("A", None)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see PROS: 2026-114.", [("PROS", "2026-114")]),
        ("CPIC file no. 88-1 and PRIME 2026/88", [("CPIC", "88-1"), ("PRIME", "2026/88")]),
        ("ICES A1234567", [("ICES", "A1234567")]),
        ("PRIME minister, PROS and cons", []),
        ("FINTRAC: 2026-1", []),
    ],
)
def test_file_numbers(text, found):
    assert [(one["system"], one["number"]) for one in references(text)] == found


@given(st.text(max_size=200), st.booleans())
def test_any_text(text, whole):
    about, used = header(text, whole)
    assert about.reliability in {*"ABCDEF", None}
    assert about.credibility in {*"123456", None}
    assert 0 <= used <= len(text.split("\n"))
