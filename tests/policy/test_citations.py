"""Every citation of the table against the consolidated texts of Justice Laws, where they are here."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from watchfloor.policy.gateway_table import load_table

LAWS = Path(__file__).parents[3] / "shared" / "data" / "law" / "gateways"
LIMS = "{http://justice.gc.ca/lims}"
TABLE = load_table()
CASES = "common law"
"""What no consolidated text holds: its rows say that nobody has read them here."""

pytestmark = pytest.mark.skipif(not LAWS.is_dir(), reason="the texts of Justice Laws are not on this machine")


@dataclass(frozen=True)
class Provision:
    text: str
    since: date


@cache
def law_root(source):
    return etree.parse(LAWS / source).getroot()


def find(law, path):
    """The provision of a path of labels, such as 55 (3) (a); raises LookupError with the label not found."""
    section, *labels = re.findall(r"^[\d.]+|\([^)]+\)", path)
    assert "".join([section, *labels]) == path, f"{path!r} is no path of labels"
    body = law_root(TABLE.laws[law].source).find("Body")
    found = [one for one in body.iter("Section") if one.findtext("Label") == section]
    if len(found) != 1:
        raise LookupError(f"{law} {section}: {len(found)} sections")
    (at,) = found
    for label in labels:
        tags = ("Subsection", "Paragraph", "Subparagraph")
        inner = [one for one in at if one.tag in tags and one.findtext("Label") == label]
        if len(inner) != 1:
            raise LookupError(f"{law} {path}: {len(inner)} of {label}")
        (at,) = inner
    if at.find(".//Repealed") is not None and not (at.findtext("Text") or "").strip():
        raise LookupError(f"{law} {path}: repealed")
    text = " ".join("".join(at.itertext()).split())
    if re.search(r"\[(Repealed|Revoked)", (at.findtext("Text") or "")):
        raise LookupError(f"{law} {path}: repealed")
    return Provision(text, date.fromisoformat(at.get(f"{LIMS}inforce-start-date")))


def cited():
    """(law, path, where) of every citation of the table whose text is here."""
    for id_, row in TABLE.gateways.items():
        own = [row.section] if row.law != CASES else []
        yield from ((*_cite(row.law, one), id_) for one in (*own, *row.also))
    for id_, row in TABLE.records.items():
        if row.law == CASES:
            continue
        sections = [row.section, row.due_section, row.keep_section, *(item.section for item in row.items)]
        yield from ((*_cite(row.law, one), f"record {id_}") for one in sections if one)


def _cite(law, citation):
    other, _, path = citation.rpartition(" ")
    return other or law, path


def here(law):
    return (LAWS / TABLE.laws[law].source).is_file()


CITED = [one for one in cited() if here(one[0])] if LAWS.is_dir() else []
ROWS = [row for row in TABLE.gateways.values() if LAWS.is_dir() and here(row.law)]


@pytest.mark.parametrize(("law", "path", "where"), CITED, ids=lambda value: str(value))
def test_each_citation_is_a_provision_in_force(law, path, where):
    found = find(law, path)
    assert found.since <= TABLE.laws[law].read
    assert len(found.text) > 20


def test_all_but_the_criminal_code_and_decisions_are_here():
    assert {row.law for row in TABLE.gateways.values()} - {row.law for row in ROWS} == {"CC", CASES}
    assert not any(row.checked for row in TABLE.gateways.values() if row.law == CASES)
    assert len(CITED) > 90


@pytest.mark.parametrize(
    "law", [*sorted({row.law for row in TABLE.gateways.values()} - {"CC", CASES}), "PR", "PCMLTFR"]
)
def test_the_day_that_was_read_is_the_files(law):
    assert law_root(TABLE.laws[law].source).get(f"{LIMS}pit-date") == str(TABLE.laws[law].read)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_no_row_begins_before_its_provision(row):
    assert row.checked
    assert row.since >= find(row.law, row.section).since


@given(st.sampled_from(CITED or [("CC", "1", "")]), st.data())
def test_a_mutated_citation_is_not_found(one, data):
    law, path, _ = one
    labels = re.findall(r"^[\d.]+|\([^)]+\)", path)
    at = data.draw(st.integers(0, len(labels) - 1))
    labels[at] = f"({labels[at].strip('()')}99)" if at else f"{labels[at]}99"
    with pytest.raises(LookupError):
        find(law, "".join(labels))


def test_what_is_repealed_is_not_found():
    with pytest.raises(LookupError):
        find("PCMLTFA", "55(4)")
    with pytest.raises(LookupError, match="repealed"):
        find("PR", "4(3)")


WORDS = {
    "pcmltfa-55-3-a": "appropriate police force",
    "pcmltfa-55-3-e": "smuggle goods",
    "pcmltfa-55-3-f": "Communications Security Establishment",
    "pcmltfa-55-1-1-a": "Canadian Security Intelligence Service",
    "pcmltfa-55-1-1-d": "smuggle goods",
    "pcmltfa-11-01": "without the individual’s knowledge or consent",
    "customs-107-4-d": "Royal Canadian Mounted Police",
    "customs-107-4-e": "life, health or safety",
    "customs-107-4-h": "national security or defence",
    "customs-107-4-i": "Security of Canada Information Disclosure Act",
    "customs-107-5-j": "Department of Citizenship and Immigration",
    "customs-107-5-k": "Financial Transactions and Reports Analysis Centre",
    "customs-107-8": "government of a foreign state",
    "scida-5": "Schedule 3",
    "privacy-8-2-e": "on the written request",
    "privacy-8-2-f-i": "government of a foreign state",
    "privacy-8-2-f-iii": "government of a province",
}


@pytest.mark.parametrize("id_", WORDS)
def test_the_provision_is_about_what_the_row_says(id_):
    row = TABLE.gateways[id_]
    assert WORDS[id_] in find(row.law, row.section).text


def test_the_yearly_copy_is_due_thirty_days_after_the_years_end():
    row = TABLE.records["scida-9-1"]
    text = find("SCIDA", row.due_section).text
    assert "Within 30 days after the end of each calendar year" in text
    assert "National Security and Intelligence Review Agency" in text
    assert row.due == "01-30"


@pytest.mark.parametrize("institution", ["Canada Border Services Agency", "Royal Canadian Mounted Police"])
def test_recipients_stand_in_schedule_three(institution):
    schedules = law_root("S-6.9.xml").iter("Schedule")
    third = [one for one in schedules if "SCHEDULE 3" in "".join(one.itertext())]
    assert any(institution in "".join(one.itertext()) for one in third)


def test_no_test_copies_the_law():
    """Nine words in a row of a statute would be a copy, not our own words."""
    corpus = " ".join(
        " ".join("".join(law_root(law.source).itertext()).split()).casefold()
        for law in TABLE.laws.values()
        if (LAWS / law.source).is_file()
    )
    for row in TABLE.gateways.values():
        words = row.test["en"].casefold().rstrip(".").split()
        for at in range(len(words) - 8):
            assert " ".join(words[at : at + 9]) not in corpus, (row.id, words[at : at + 9])
