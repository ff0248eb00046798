from datetime import date, timedelta
from itertools import pairwise

import pytest
from design import provisions as made

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
