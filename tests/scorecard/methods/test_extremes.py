import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.refusals import because

from watchfloor.scorecard.bilingual import same
from watchfloor.scorecard.methods import extremes
from watchfloor.scorecard.methods.series import Monthly
from watchfloor.scorecard.problems import Gap, NotPublished, WrongQuestion

JUNE = 2024 * 12 + 5
NAN = float("nan")
VALUES = st.lists(st.integers(1, 50), min_size=1, max_size=40)
LABELS = {name: same(name) for name in "abcdef"}


@given(VALUES, st.data())
def test_a_rank_is_how_many_are_ahead_and_one(values, data):
    chosen = data.draw(st.sampled_from(values))
    found = extremes.ranked(np.array(values, float), chosen, top=True)
    assert found == (sorted(values, reverse=True).index(chosen) + 1, len(values))
    assert (
        extremes.ranked(np.array(values, float), chosen, top=False).rank == sorted(values).index(chosen) + 1
    )


def test_months_that_are_not_published_have_no_rank():
    assert extremes.ranked(np.array([3, NAN, 1, 2]), 2, top=True) == (2, 3)


@pytest.mark.parametrize(
    ("rank", "of", "extreme"), [(1, 5, True), (1, 4, False), (2, 15, False), (2, 16, True), (4, 25, False)]
)
def test_a_month_near_an_extreme_is_in_the_best_eighth_of_five_or_more(rank, of, extreme):
    assert extremes.Rank(rank, of).extreme(extremes.NEAR) == extreme


def test_a_baseline_at_the_peak_is_told_with_its_rank():
    series = Monthly(JUNE - 14, np.r_[np.arange(1.0, 16), np.arange(14, 4, -1.0)])
    found = extremes.baseline(series, JUNE)
    assert found.kind == "baseline"
    assert "The baseline, June 2024, has rank 1 from the top among the 23 months within 12" in found.text.en
    assert "La référence, juin 2024, est au rang 1 à partir du haut" in found.text.fr
    assert "rank 2 from" in extremes.baseline(series, JUNE + 1).text.en
    assert extremes.baseline(series, JUNE + 6) is None
    assert extremes.baseline(series, JUNE, fall=False) is None


def test_a_baseline_in_a_trough_is_told_of_a_rise():
    series = Monthly(JUNE - 12, 5 + abs(np.arange(-12.0, 13)))
    assert "a rise from a trough" in extremes.baseline(series, JUNE, fall=False).text.en


def test_only_the_months_around_the_baseline_count():
    values = np.full(60, 10.0)
    values[0], values[30] = 99, 20
    assert "rank 1 from" in extremes.baseline(Monthly(JUNE, values), JUNE + 30).text.en
    assert "rank 2 from" in extremes.baseline(Monthly(JUNE, values), JUNE + 30, around=30).text.en


@given(st.lists(st.integers(0, 99), min_size=12, max_size=40), st.integers(1, 6), st.data())
def test_a_window_has_the_rank_of_its_sum_among_all_of_its_length(values, length, data):
    at = data.draw(st.integers(0, len(values) - length))
    sums = [sum(values[i : i + length]) for i in range(len(values) - length + 1)]
    found = extremes.window(Monthly(JUNE, np.array(values, float)), JUNE + at, JUNE + at + length - 1)
    top, bottom = sum(s > sums[at] for s in sums) + 1, sum(s < sums[at] for s in sums) + 1
    limit = max(1, len(sums) / 20) if len(values) >= 5 * length else 0
    if top <= limit:
        assert f"Of the {len(sums)} windows of {length} months" in found.text.en
        assert f"rank {top} from the top" in found.text.en
    elif bottom <= limit:
        assert f"rank {bottom} from the bottom" in found.text.en
    else:
        assert found is None


def test_a_window_of_a_share_is_ranked_by_the_share():
    part, whole = np.full(20, 2.0), np.full(20, 100.0)
    whole[5:8] = 400
    found = extremes.window(Monthly(JUNE, part), JUNE + 5, JUNE + 7, Monthly(JUNE, whole))
    assert "rank 1 from the bottom" in found.text.en


def test_windows_with_a_gap_are_left_out_and_the_chosen_one_is_refused():
    values = np.arange(1.0, 21)
    values[10] = NAN
    series = Monthly(JUNE, values)
    assert "Of the 17 windows of 2 months" in extremes.window(series, JUNE, JUNE + 1).text.en
    with pytest.raises(Gap):
        extremes.window(series, JUNE + 9, JUNE + 10)
    with pytest.raises(NotPublished):
        extremes.window(series, JUNE + 19, JUNE + 20)


def test_a_window_of_which_the_whole_is_zero_is_left_out():
    whole = np.full(10, 5.0)
    whole[3] = 0
    found = extremes.window(Monthly(JUNE, np.arange(1.0, 11)), JUNE, JUNE, Monthly(JUNE, whole))
    assert "Of the 9 windows" in found.text.en


def test_a_change_is_ranked_among_all_over_as_many_months():
    values = np.array([10, 11, 9, 10, 3, 10, 11, 10, 12, 10.0])
    found = extremes.change(Monthly(JUNE, values), JUNE + 3, JUNE + 4)
    assert "Of the 9 changes over as many months" in found.text.en
    assert "this fall has rank 1" in found.text.en
    assert "this rise has rank 1" in extremes.change(Monthly(JUNE, values), JUNE + 4, JUNE + 5).text.en
    assert extremes.change(Monthly(JUNE, values), JUNE, JUNE + 1) is None
    assert extremes.change(Monthly(JUNE, np.r_[0, values]), JUNE, JUNE + 1) is None


def test_an_end_that_is_the_lowest_since_the_baseline_is_told_unless_it_is_the_newest():
    values = np.array([20, 9, 8, 9, 7, 2, 6, 7, 8.0])
    series = Monthly(JUNE, values)
    found = extremes.end(series, JUNE, JUNE + 5)
    assert found.kind == "end"
    assert "Of the 8 months after the baseline, up to when it was said" in found.text.en
    assert extremes.end(series, JUNE, JUNE + 4) is None
    assert extremes.end(series.until(JUNE + 5), JUNE, JUNE + 5) is None
    assert "from the top" in extremes.end(series, JUNE, JUNE + 1, fall=False).text.en
    with pytest.raises(NotPublished):
        extremes.end(series, JUNE, JUNE + 9)


def test_windows_so_long_that_they_are_nearly_the_same_have_no_rank():
    series = Monthly(JUNE, np.arange(1.0, 78))
    assert extremes.window(series, JUNE, JUNE + 71) is None
    assert "rank 1 from the bottom" in extremes.window(series, JUNE, JUNE + 14).text.en
    assert extremes.window(series, JUNE, JUNE + 15) is None


def test_a_unit_that_gives_the_smallest_or_largest_figure_is_told():
    values = {"a": 0.00197, "b": 0.0735, "c": 0.01, "d": 0.02, "e": 0.03}
    found = extremes.unit(values, "a", LABELS)
    assert found.kind == "unit"
    assert "Of 5 definitions, the one chosen (a, 0.197 %) gives the smallest" in found.text.en
    assert "b gives 7.35 %" in found.text.en
    assert "largest figure; a gives" in extremes.unit(values, "b", LABELS).text.en
    assert extremes.unit(values, "c", LABELS) is None


def test_two_definitions_or_equal_ones_have_no_extreme():
    assert extremes.unit({"a": 1.0, "b": 2.0}, "a", LABELS) is None
    assert extremes.unit({"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0}, "a", LABELS) is None
    assert extremes.unit(dict.fromkeys("abcdef", 1.0), "a", LABELS) is None
    with pytest.raises(
        WrongQuestion, check=because("scorecard.extreme-no-definition", chosen="d", known="a, b")
    ):
        extremes.unit({"a": 1.0, "b": 2.0}, "d", LABELS)
