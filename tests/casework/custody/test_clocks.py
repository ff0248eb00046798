"""The Act's clocks against its stored text, day by day."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree
from tests.casework.custody.world import START, Vault

from watchfloor.casework.custody import holidays
from watchfloor.casework.custody.clocks import LAW, clocks, files_with_justice
from watchfloor.casework.custody.reports import disposition, seizure
from watchfloor.casework.custody.rules import last_to_apply

SEIZED = START.date()
DATA = Path(__file__).parents[4] / "shared" / "data" / "law"
TEXTS = ("C-38.8@2026-07-23.xml", "fra-C-38.8@2026-07-23.xml")


def stored(name):
    if not (DATA / name).exists():
        pytest.skip(f"{DATA / name} is not here: the stored text of the Act is material beside the project")
    body = etree.parse(DATA / name).getroot().find("Body")
    return {one.findtext("Label"): one for one in body.iter("Section")}


def words(element):
    return " ".join("".join(element.itertext()).split())


@pytest.mark.parametrize("language", [0, 1])
def test_each_section_says_the_days_that_its_clock_counts(language):
    sections = stored(TEXTS[language])
    number = {"12.1": "12.1", "12.1(c)": "12.1", "24(1)": "24", "24(3)(a)": "24", "29": "29"}
    for law in LAW.values():
        section = sections[number[law.section]]
        assert law.says[language] in words(section), law.section
        since = section.get("{http://justice.gc.ca/lims}inforce-start-date")
        assert since == law.since.isoformat()


def test_section_51_has_no_notice_any_more_and_says_what_a_certificate_proves():
    text = words(stored(TEXTS[0])["51"])
    assert "[Repealed, 2017, c. 7, s. 38]" in text
    assert "in the absence of evidence to the contrary, is proof of the statements" in text
    assert "with leave of the court, require the attendance of the analyst" in text
    assert "notice" not in text


def test_the_drafts_ask_for_what_the_sections_name_and_nothing_else():
    vault = Vault()
    vault.seize(mass=10.0, mass_error=0.01)
    vault.act("1", "destroyed", law="CDSA s. 26", witness="ben", place="plant", why="burnt")
    sections = stored(TEXTS[0])
    report = sections["12.1"].find("Paragraph")
    asked = [f"12.1(a){one.findtext('Label')}" for one in report.iter("Subparagraph")]
    drafted = [each.provision for each in seizure(vault.found, vault.one("1")).particulars]
    assert [*drafted, "12.1(a)(vii)"] == asked
    asked = [f"29(1){one.findtext('Label')}" for one in sections["29"].find("Subsection").iter("Paragraph")]
    drafted = [each.provision for each in disposition(vault.found, vault.one("1")).particulars]
    assert [*drafted, "29(1)(g)"] == asked


def clock(vault, section, on):
    (found,) = (one for one in clocks(vault.found, on) if one.section == section)
    return found


@given(st.integers(0, 400))
@example(30)
@example(31)
@example(60)
@example(61)
def test_the_day_of_the_seizure_is_not_counted_and_the_last_day_is_still_in_time(days):
    vault = Vault()
    vault.seize()
    on = SEIZED + timedelta(days=days)
    report, window = clock(vault, "12.1", on), clock(vault, "24(1)", on)
    assert (report.state, report.left) == ("due" if days <= 30 else "overdue", 30 - days)
    assert window.state == ("open" if days <= 60 else "over")
    assert (report.last, window.last) == (date(2026, 10, 31), date(2026, 11, 30))


@given(st.integers(0, 60), st.integers(0, 60))
@example(30, 0)
@example(31, 0)
def test_a_report_in_time_stays_in_time(sent, later):
    vault = Vault()
    vault.seize()
    vault.act("1", "reported", law="CDSA s. 12.1", day=SEIZED + timedelta(days=sent))
    found = clock(vault, "12.1", SEIZED + timedelta(days=sent + later))
    assert found.state == ("met" if sent <= 30 else "late")
    assert found.done == SEIZED + timedelta(days=sent)


def test_a_copy_is_filed_with_a_justice_where_the_power_is_one_of_paragraph_c():
    for law, filed in (
        ("CDSA s. 11", True),
        ("Controlled Drugs and Substances Act, s. 11(7)", True),
        ("Criminal Code s. 489", True),
        ("search incident to arrest, common law", True),
        ("Customs Act s. 110", False),
        ("CDSA s. 31", False),
        (None, False),
    ):
        assert files_with_justice(law) is filed, law
    vault = Vault()
    vault.seize("1", law="CDSA s. 11")
    vault.seize("2", law="Customs Act s. 110")
    filed = [one.number for one in clocks(vault.found, SEIZED) if one.section == "12.1(c)"]
    assert filed == ["1"]


def test_an_application_ends_the_window_and_starts_the_hundred_and_eighty_days():
    vault = Vault()
    vault.seize()
    applied = SEIZED + timedelta(days=20)
    vault.act("1", "applied", to="somebody", day=applied)
    assert clock(vault, "24(1)", applied).state == "used"
    assert clock(vault, "24(3)(a)", applied).last == applied + timedelta(days=180)
    assert clock(vault, "24(3)(a)", applied + timedelta(days=181)).state == "overdue"


def test_a_disposition_is_reported_within_thirty_days_of_it_and_of_each_part():
    vault = Vault()
    vault.seize(mass=10.0, mass_error=0.01)
    vault.split("1", [(1.0, 0.01)])
    end = {"law": "CDSA s. 26", "witness": "ben", "place": "plant", "why": "burnt"}
    vault.act("1.1", "destroyed", **end)
    assert [one.number for one in clocks(vault.found, SEIZED) if one.section == "29"] == ["1.1"]
    assert clock(vault, "29", SEIZED).last == SEIZED + timedelta(days=30)


def test_a_proceeding_that_was_commenced_ends_the_hundred_and_eighty_days():
    vault = Vault()
    vault.seize()
    vault.act("1", "applied", to="somebody")
    vault.act("1", "required", document="R. v. Doe")
    assert "24(3)(a)" not in {one.section for one in clocks(vault.found, SEIZED)}
    vault.act("1", "released", document="R. v. Doe")
    assert clock(vault, "24(3)(a)", SEIZED).last == SEIZED + timedelta(days=180)


@pytest.mark.parametrize(
    ("seized", "reported", "applied"),
    [
        (date(2028, 1, 30), date(2028, 2, 29), date(2028, 3, 30)),  # a leap day
        (date(2027, 1, 30), date(2027, 3, 1), date(2027, 3, 31)),
        (date(2026, 10, 31), date(2026, 11, 30), date(2026, 12, 30)),  # the hour goes back the next night
        (date(2026, 2, 28), date(2026, 3, 30), date(2026, 4, 29)),  # and forward within it
        (date(2026, 12, 2), date(2027, 1, 1), date(2027, 2, 1)),  # ours ends on a holiday all the same
    ],
)
def test_days_are_counted_over_ends_of_months_and_changes_of_the_hour(seized, reported, applied):
    vault = Vault()
    vault.seize()
    vault.found = {
        id_: replace(one, history=(one.first | {"day": seized},)) for id_, one in vault.found.items()
    }
    on = seized + timedelta(days=1)
    assert (clock(vault, "12.1", on).last, clock(vault, "24(1)", on).last) == (reported, applied)


def test_what_the_act_does_not_know_runs_no_clock():
    vault = Vault()
    vault.seize(sort="other")
    assert clocks(vault.found, SEIZED) == []
    vault.seize("2")
    assert clocks(vault.found, SEIZED - timedelta(days=1)) == []


@pytest.mark.parametrize(
    ("seized", "last"),
    [
        (date(2026, 10, 1), date(2026, 11, 30)),  # a Monday
        (date(2026, 10, 14), date(2026, 12, 14)),  # would end on a Sunday
        (date(2026, 10, 26), date(2026, 12, 26)),  # on Christmas; a Saturday is no holiday
        (date(2026, 2, 2), date(2026, 4, 4)),  # on Good Friday
        (date(2026, 7, 9), date(2026, 9, 8)),  # on Labour Day
    ],
)
def test_the_time_to_apply_ends_on_no_holiday_and_forfeiture_waits_for_it(seized, last):
    vault = Vault()
    vault.seize()
    vault.found = {
        id_: replace(one, history=(one.first | {"day": seized},)) for id_, one in vault.found.items()
    }
    assert clock(vault, "24(1)", last).last == last
    (one,) = vault.found.values()
    assert last_to_apply(vault.found, one) == last


def test_easter_is_that_of_another_library():
    easter = pytest.importorskip("dateutil.easter").easter
    assert all(holidays._easter(year) == easter(year) for year in range(1900, 2200))


@pytest.mark.parametrize(
    ("day", "is_one"),
    [
        *(
            (date(2026, *each), True)
            for each in ((1, 1), (4, 3), (4, 6), (5, 18), (7, 1), (9, 7), (9, 30), (10, 12))
        ),
        *((date(2026, *each), True) for each in ((11, 11), (12, 25), (11, 29))),
        *((date(2026, *each), False) for each in ((12, 26), (6, 24), (11, 28), (5, 25), (10, 5))),
        (date(2029, 7, 2), True),  # the first is a Sunday
    ],
)
def test_holidays_are_those_of_section_35(day, is_one):
    assert holidays.holiday(day) is is_one
