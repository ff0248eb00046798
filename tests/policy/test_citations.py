"""Every citation of the table against the consolidated texts of Justice Laws, where they are here."""

import re
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from watchfloor.policy.gateway_table import load_table
from watchfloor.reference.law.provisions import read
from watchfloor.reference.law.wordings import wording

LAWS = Path(__file__).parents[3] / "shared" / "data" / "law" / "gateways"
LIMS = "{http://justice.gc.ca/lims}"
TABLE = load_table()
CASES = "common law"
"""What no consolidated text holds: its rows say that nobody has read them here."""

pytestmark = pytest.mark.skipif(not LAWS.is_dir(), reason="the texts of Justice Laws are not on this machine")


@cache
def law_root(source):
    return etree.parse(LAWS / source).getroot()


@cache
def statute(law):
    return read(LAWS / TABLE.laws[law].source)


def find(law, label):
    """The provision of a label; raises LookupError where there is none or it is repealed."""
    return statute(law).find(label)


def cited():
    """(law, label, where) of every citation of the table."""
    return list(TABLE.citations())


def here(law):
    return (LAWS / TABLE.laws[law].source).is_file()


CITED = [one for one in cited() if here(one[0])] if LAWS.is_dir() else []
ROWS = [row for row in TABLE.gateways.values() if LAWS.is_dir() and here(row.law)]


@pytest.mark.parametrize(("law", "path", "where"), CITED, ids=lambda value: str(value))
def test_each_citation_is_a_provision_in_force(law, path, where):
    found = find(law, path)
    assert found.since is not None
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


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_each_row_quotes_words_that_are_in_the_stored_text(row):
    found = find(row.law, row.section)
    assert len(row.rests_on.split()) >= 4
    assert row.quoted(f"{found.lead} {found.text}"), (found.lead, found.text)


def test_a_row_quotes_the_law_or_says_why_it_does_not():
    for row in TABLE.gateways.values():
        assert bool(row.rests_on) != bool(row.unquoted), row.id
    assert {row.id for row in TABLE.gateways.values() if row.unquoted} == {
        *("crown", "partnership-counts", "partnership-pack", "criminal-code-487-014")
    }


def test_quoted_words_stand_in_their_order():
    row = TABLE.gateways["dcia-5-5-1-a"]
    found = find(row.law, row.section)
    assert not row.quoted(f"{found.text} {found.lead}")
    assert not row.quoted(found.text)


OPENED = {
    "oceans-41-1": ("OA", "2026-03-27"),
    "oceans-41-1-collect": ("OA", "2026-03-27"),
    "customs-107-4-h-coast-guard": ("OA", "2026-03-27"),
    "scida-5-coast-guard": ("OA", "2026-03-27"),
    "dcia-5-5-1-a": ("DCIA", "2026-03-26"),
    "dcia-5-5-1-b": ("DCIA", "2026-03-26"),
    "dcia-5-5-1-c": ("DCIA", "2026-03-26"),
    "customs-107-5-l-4": ("CA", "2026-03-26"),
}
"""Rows that stand since the Act of 2026, the law whose text opened each, and the day that this text gives."""


@pytest.mark.parametrize("id_", OPENED)
def test_a_row_of_2026_begins_on_the_day_of_its_provision_and_not_before(id_):
    """The provision, or the one of the Oceans Act that it also rests on, is not in the text of January."""
    row, (law, day) = TABLE.gateways[id_], OPENED[id_]
    label = row.section if row.law == law else "41.1"
    source = TABLE.laws[law].source.removesuffix(".xml")
    with pytest.raises(LookupError):
        read(LAWS / f"{source}@2026-01-27.xml").find(label)
    assert find(law, label).since == row.since == date.fromisoformat(day)
    assert not row.stands(row.since - timedelta(1))
    assert row.stands(row.since)


def test_the_coast_guard_is_the_minister_of_national_defences_since_that_day():
    before = read(LAWS / "O-2.4@2026-01-27.xml").provisions["41(1)"].own
    assert "National Defence" not in before
    assert find("OA", "41(1)").own.startswith("The Minister of National Defence is responsible")
    assert "41(1)(f)" not in read(LAWS / "O-2.4@2026-01-27.xml").provisions
    assert "security patrols" in find("OA", "41(1)(f)").text


def test_no_section_of_the_oceans_act_lets_the_coast_guard_enforce():
    """Sections 39 to 39.12 give powers to enforcement officers, whom another Minister designates."""
    for label in ("41", "41.1"):
        text = find("OA", label).text.casefold()
        assert not re.search(r"\b(?:arrest|seiz|search(?!\s+and rescue)|detain|enforc|inspect)", text)


def test_the_stored_words_answer_as_the_rows_do():
    for id_ in OPENED:
        row = TABLE.gateways[id_]
        number = TABLE.laws[row.law].number
        now = wording(number, row.section, row.since)
        assert now is not None
        assert row.quoted(f"{now.lead} {now.text}")


@given(st.sampled_from(CITED or [("CC", "1", "")]), st.data())
def test_a_mutated_citation_is_not_found(one, data):
    law, path, _ = one
    labels = re.findall(r"^(?:Schedule )?[\d.]+|\([^)]+\)", path)
    at = data.draw(st.integers(0, len(labels) - 1))
    labels[at] = f"({labels[at].strip('()')}99)" if at else f"{labels[at]}99"
    with pytest.raises(LookupError):
        find(law, "".join(labels))


def test_what_is_repealed_is_not_found():
    with pytest.raises(LookupError):
        find("PCMLTFA", "55(4)")
    with pytest.raises(LookupError, match="repealed"):
        find("PR", "4(3)")


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
