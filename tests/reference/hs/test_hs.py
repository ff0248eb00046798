"""Editions of the Harmonized System: codes, withdrawals and successors."""

from datetime import date, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.reference.hs import EDITIONS, Answer, check, check_many, edition_of
from watchfloor.reference.hs.editions import _lines, subheadings

TODAY = date(2026, 7, 14)
KNOWN = [f"{code:06d}" for code in subheadings().codes.tolist()]


@pytest.mark.parametrize(
    ("edition", "number"),
    [(1988, 5020), (1996, 5113), (2002, 5224), (2007, 5052), (2012, 5205), (2017, 5387), (2022, 5612)],
)
def test_an_edition_has_as_many_subheadings_as_its_source(edition, number):
    assert subheadings().held[:, EDITIONS.index(edition)].sum() == number


def test_a_withdrawn_code_says_since_when_and_where_its_goods_are():
    assert check("2939.71", TODAY) == Answer("withdrawn", 2022, 2017, 2017, ("293945", "293949", "293972"))
    assert check("293971", date(2021, 12, 31)) == Answer("valid", 2017, 2017)
    assert check("2939710010", TODAY).state == "withdrawn", "a national code is compared by its first six"


def test_goods_are_followed_through_every_edition_between():
    """293390 was withdrawn in 2002; of its successors 293791 was withdrawn since, and is followed on."""
    answer = check("2933.90", TODAY)
    assert (answer.last, answer.state) == (1996, "withdrawn")
    assert answer.now
    assert {check(code, TODAY).state for code in answer.now} == {"valid"}


def test_where_the_source_is_silent_no_successor_is_guessed():
    assert check("300219", TODAY) == Answer("withdrawn", 2022, 2017, 2017, ())


def test_a_code_of_a_later_edition_is_unknown_before_it_and_says_from_when():
    assert check("293945", date(2020, 1, 1)) == Answer("unknown", 2017, 2022)


@pytest.mark.parametrize("code", ["", "30", "3004", "30049", "3004909", "30049000000", "3004x9", "٣٠٠٤٩٠"])
def test_what_is_no_code_is_malformed(code):
    assert check(code, TODAY).state == "malformed"


def test_chapters_of_a_country_are_in_no_edition():
    assert check("9801.00.00", TODAY) == Answer("unknown", 2022)


def test_the_next_edition_is_not_guessed():
    assert edition_of(date(2027, 12, 31)) == 2022
    assert edition_of(date(2028, 1, 1)) is None
    assert check("010121", date(2028, 1, 1)) == Answer("unknown", None, 2012)


def test_every_withdrawal_is_told_once_and_leads_to_its_edition():
    """The two tables agree: what the first no longer has is what the second says something of."""
    table = {since: {} for since in EDITIONS}
    for since, code, now in _lines("successors.tsv"):
        assert code not in table[int(since)]
        table[int(since)][code] = now.split()
    held = [{code for code, has in zip(KNOWN, column, strict=True) if has} for column in subheadings().held.T]
    for at, year in enumerate(EDITIONS[1:], 1):
        assert table[year].keys() == held[at - 1] - held[at]
        assert {later for now in table[year].values() for later in now} <= held[at]
    assert sum(not now for year in table.values() for now in year.values()) == 2


CODES = st.one_of(
    st.none(),
    st.sampled_from(KNOWN),
    st.sampled_from(KNOWN).map(lambda code: f"{code[:4]}.{code[4:]}.10"),
    st.text("0123456789. x", max_size=11),
    st.text(max_size=7),
)
DAYS = st.one_of(st.none(), st.integers(0, 20_000).map(lambda n: date(1980, 1, 1) + timedelta(n)))


@settings(max_examples=draws(60))
@given(st.lists(st.tuples(CODES, DAYS), max_size=12))
def test_a_column_is_answered_as_each_code_alone(rows):
    codes, days = ([row[at] for row in rows] for at in (0, 1))
    got = check_many(pa.array(codes, pa.string()), pa.array(days, pa.date32())).to_pylist()
    for (code, day), answer in zip(rows, got, strict=True):
        if code is None or day is None:
            assert answer["state"] is None
            continue
        one = check(code, day)
        assert (answer["state"], answer["edition"]) == (one.state, one.edition)
        if one.state != "malformed":
            assert answer["first"] == one.first
        assert (answer["last"], tuple(answer["now"] or ())) == (one.last, one.now)


def test_one_day_for_all_and_an_empty_column():
    assert check_many(pa.array(["293971"]), TODAY)["state"].to_pylist() == ["withdrawn"]
    assert check_many(pa.array([], pa.string()), TODAY).num_rows == 0
