from datetime import date, timedelta
from itertools import pairwise

import pytest
from design import provisions as made

from watchfloor.reference.law import items
from watchfloor.reference.law.wordings import consolidations, in_force, status, wording, wordings

DAY = timedelta(1)
ASSENT = date(2026, 3, 26)


def test_a_provision_is_in_force_from_its_day():
    label = "101(1)(b.1)"
    assert in_force("I-2.5", label, ASSENT) is True
    assert in_force("I-2.5", label, ASSENT - DAY) is False
    assert status("I-2.5", label, ASSENT - DAY).state == "not-yet"
    assert status("I-2.5", label, ASSENT - DAY).since == ASSENT


def test_each_wording_has_its_days():
    old, new = wording("I-2.5", "49(1)", ASSENT - DAY), wording("I-2.5", "49(1)", ASSENT)
    assert "the latest of the following dates" in old.text
    assert "A removal order comes into force on (a) the day on which it is made" in new.text
    assert in_force("I-2.5", "49(1)", ASSENT - DAY) is in_force("I-2.5", "49(1)", ASSENT) is True
    assert old.until == ASSENT - DAY
    assert new.until is None


def test_what_was_repealed_and_enacted_anew_stands_from_the_second_day():
    assert status("C-52.6", "97.01", ASSENT - DAY).state == "ended"
    assert in_force("C-52.6", "97.01", ASSENT) is True


def test_what_stood_before_the_oldest_edition_nobody_knows():
    assert in_force("I-2.5", "49(1)", date(2012, 12, 14)) is None
    assert status("I-2.5", "49(1)", date(2012, 12, 14)).state == "unknown"


def test_what_is_not_in_force_yet_is_so_on_every_day():
    assert in_force("S-22.5", "31", ASSENT) is False
    assert status("S-22.5", "31", ASSENT + 400 * DAY).state == "not-yet"


def test_what_is_not_cited_is_not_in_the_table():
    with pytest.raises(LookupError, match=r"I-2\.5 999"):
        in_force("I-2.5", "999", ASSENT)


def test_wordings_follow_one_another():
    for rows in wordings().values():
        for before, after in pairwise(rows):
            assert before.until is not None
            assert after.amended is None or before.until < after.amended
        assert all(one.state != "in-force" or one.text for one in rows)


stored = pytest.mark.skipif(not made.LAW.is_dir(), reason="the texts of Justice Laws are not on this machine")


@stored
def test_the_tables_are_what_the_stored_texts_say():
    laws, cited = made.stored(), made.cited()
    rows = {
        (number, label): tuple(made.history([one for one, _ in each], label))
        for number, each in laws.items()
        for label in cited[number]
    }
    assert rows == dict(wordings()), "make it anew: ./dev law"
    known = [(number, one.first, one.last, name) for number, each in laws.items() for one, name in each]
    assert known == list(map(tuple, consolidations()))


def test_no_item_stands_by_an_order_after_the_day_on_which_the_act_repealed_it():
    """S.C. 2026, c. 4, s. 20 repeals SOR/2025-64; what it added stands in the Act's own Schedule V since."""
    repealed = wording("S-22.5", "20", ASSENT)
    assert "(Fentanyl Precursors and Carisoprodol) is repealed" in repealed.text
    assert in_force("S-22.5", "20", ASSENT - DAY) is False
    added = [one for one in items.items() if one.amended == "SOR/2025-64, s. 1"]
    assert {one.name for one in added} == {
        *("Carisoprodol", "Phenethyl bromide", "Propionic anhydride", "Benzyl chloride")
    }
    assert not any(one.on(ASSENT) for one in added)
    replaced = {one.name for one in added if one.until == ASSENT - DAY}
    assert replaced == {one.name for one in items.on(ASSENT) if one.amended == "2026, c. 4" and one.temporary}


def test_the_minister_puts_a_substance_on_schedule_five_for_a_year_at_most():
    power = wording("C-38.8", "60.1(1)", ASSENT).text
    assert "for a period of up to one year, or extend that period by up to another year" in power
    temporary = [one for one in items.items() if one.temporary and one.act == "CDSA"]
    assert all(one.schedule == "V" for one in temporary)
    begun = {}
    for one in sorted(temporary, key=lambda one: one.since):
        assert (one.period_until - begun.setdefault(one.name, one.since)).days <= 365, one.key


def test_how_an_item_of_schedule_five_ends_is_in_the_act_since_2026():
    for label in ("60.1(3)", "60.1(4)", "60.2"):
        assert in_force("C-38.8", label, ASSENT - DAY) is False
        assert in_force("C-38.8", label, ASSENT) is True
    ended = [one for one in items.items() if one.ended_by.startswith("s. 60.1(4)")]
    assert ended
    assert all(one.until >= ASSENT for one in ended)


def test_access_to_premises_of_export_begins_with_the_act():
    assert wording("C-52.6", "97.02", ASSENT - DAY) is wording("C-52.6", "97.01", ASSENT - DAY) is None
    assert "goods destined for export" in wording("C-52.6", "97.01(1)", ASSENT).text
    assert "sufferance warehouse or a bonded warehouse" in wording("C-52.6", "97.02", ASSENT).text
    assert "departing from" not in wording("C-52.6", "6(1)(c)", ASSENT - DAY).text
    assert "departing from" in wording("C-52.6", "6(1)(c)", ASSENT).text
