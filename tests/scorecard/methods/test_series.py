import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.refusals import because

from watchfloor.scorecard.methods.series import Monthly
from watchfloor.scorecard.problems import Gap, NotPublished, WrongQuestion

JUNE = 2024 * 12 + 5
NAN = float("nan")


def test_months_without_a_value_at_both_ends_are_not_part_of_it():
    series = Monthly(JUNE, np.array([NAN, 3, NAN, 4, NAN, NAN]))
    assert series.months == range(JUNE + 1, JUNE + 4)
    assert series.last == JUNE + 3
    assert len(series) == 3


@given(st.dictionaries(st.integers(24000, 24040), st.integers(0, 9), min_size=1))
def test_it_gives_back_what_it_was_given_and_nothing_else(values):
    series = Monthly.from_months(values)
    for month in range(23998, 24043):
        if month in values:
            assert series.at(month) == values[month]
        else:
            with pytest.raises(Gap if series.start < month < series.last else NotPublished) as refused:
                series.at(month)
            assert f"{month // 12}-{month % 12 + 1:02}" in refused.value.text.fr


def test_a_gap_is_refused_and_named():
    series = Monthly(JUNE, np.array([1.0, NAN, 2]))
    with pytest.raises(Gap, check=because("scorecard.series-gap", month="2024-07")):
        series.total(JUNE, JUNE + 2)
    with pytest.raises(Gap):
        series.complete()
    assert series.total(JUNE + 2, JUNE + 2) == 2


def test_a_month_that_nobody_published_yet_is_no_zero():
    with pytest.raises(
        NotPublished,
        check=because("scorecard.series-unpublished", month="2024-08", first="2024-06", last="2024-07"),
    ):
        Monthly(JUNE, np.array([1.0, 2])).total(JUNE, JUNE + 2)


def test_what_was_known_at_an_earlier_month():
    series = Monthly(JUNE, np.array([1.0, NAN, 2, 3]))
    assert series.until(JUNE + 2).last == JUNE + 2
    assert series.until(JUNE + 1).last == JUNE
    with pytest.raises(NotPublished):
        series.until(JUNE - 1)


@pytest.mark.parametrize("values", [[], [NAN, NAN]])
def test_a_series_of_nothing_is_refused(values):
    with pytest.raises(NotPublished):
        Monthly(JUNE, np.array(values))
    with pytest.raises(NotPublished):
        Monthly.from_months({})


@pytest.mark.parametrize("value", [-1.0, float("inf")])
def test_a_negative_weight_is_refused(value):
    with pytest.raises(WrongQuestion, check=because("scorecard.series-negative", month="2024-07")):
        Monthly(JUNE, np.array([1.0, value]))


def test_an_end_before_the_beginning_is_refused():
    with pytest.raises(WrongQuestion):
        Monthly(JUNE, np.ones(5)).within(JUNE + 2, JUNE + 1)


def test_nobody_writes_into_it():
    given_values = np.ones(3)
    series = Monthly(JUNE, given_values)
    given_values[0] = 9
    assert series.at(JUNE) == 1
    with pytest.raises(ValueError, match="read-only"):
        series.values[0] = 2
