import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.tsa.seasonal import seasonal_decompose
from tests.refusals import because

from watchfloor.scorecard.methods.seasons import TOWARDS_NONE, effects, moved, signed, view
from watchfloor.scorecard.methods.seasons_of_shares import view as view_of_share
from watchfloor.scorecard.methods.series import Monthly
from watchfloor.scorecard.periods import month
from watchfloor.scorecard.problems import Gap, NotPublished, Unanswerable

JUNE = 2020 * 12 + 5
WAVE = 0.5 * np.cos(2 * np.pi * np.arange(60) / 12)


def test_a_fall_that_every_year_has_is_told_as_season():
    series = Monthly(JUNE, 1000 * np.exp(WAVE))
    found = view(series, JUNE + 24, JUNE + 30)
    assert found.fall == pytest.approx(1 - np.exp(-1))
    assert found.usual == pytest.approx(dict.fromkeys((2020, 2021, 2023, 2024), found.fall))
    assert found.year_before == pytest.approx(0)
    assert found.years == 5
    assert "4 of these 4 years fell at least as much" in found.text.en
    assert "une baisse au moins aussi forte\u00a0: 4 de ces 4 années" in found.text.fr


def test_a_fall_that_no_other_year_has_is_told():
    values = np.full(40, 100.0)
    values[31:] = 10
    found = view(Monthly(JUNE, values), JUNE + 24, JUNE + 31)
    assert found.fall == pytest.approx(0.9)
    assert found.year_before == pytest.approx(0.9)
    assert "0 of these 2 years" in found.text.en


def test_the_usual_change_is_what_each_other_year_had():
    rng = np.random.default_rng(3)
    values = rng.integers(1, 900, 70).astype(float)
    found = view(Monthly(JUNE, values), JUNE + 36, JUNE + 43)
    brute = {
        2020 + k: 1 - values[12 * k + 7] / values[12 * k] for k in range(6) if k != 3 and 12 * k + 7 < 70
    }
    assert found.usual == pytest.approx(brute)


def test_years_without_a_month_or_with_a_baseline_of_zero_are_not_among_the_usual():
    values = np.full(60, 5.0)
    values[0] = 0
    values[14] = np.nan
    found = view(Monthly(JUNE - 12, np.r_[np.ones(12), values]), JUNE + 36, JUNE + 38)
    assert sorted(found.usual) == [2019, 2022, 2024]


@pytest.mark.parametrize("months", [2, 14, 23])
def test_below_two_whole_years_it_is_refused(months):
    with pytest.raises(Unanswerable, check=because("scorecard.seasons-few", months=months)):
        view(Monthly(JUNE, np.ones(months)), JUNE, JUNE + 1)


def test_a_month_that_is_not_there_is_refused():
    values = np.ones(30)
    values[3] = np.nan
    with pytest.raises(NotPublished):
        view(Monthly(JUNE, values), JUNE, JUNE + 30)
    with pytest.raises(Gap):
        view(Monthly(JUNE, values), JUNE + 3, JUNE + 5)


def test_from_zero_there_is_no_change_in_per_cent():
    with pytest.raises(Unanswerable, check=because("scorecard.seasons-zero")):
        view(Monthly(JUNE, np.r_[0, np.ones(30)]), JUNE, JUNE + 3)


def test_no_other_year_is_said():
    series = Monthly(JUNE, np.arange(1.0, 25))
    assert "no other year" in view(series, JUNE + 1, JUNE + 23).text.en
    assert "only other year" in view(series, JUNE + 13, JUNE + 14).text.en


def test_two_years_make_no_season_and_thirty_do():
    year = WAVE[:12] - WAVE[:12].mean()
    assert not effects(np.tile(year, 2)).any()
    long = effects(np.tile(year, 30))
    assert long == pytest.approx(year * 8 / (8 + TOWARDS_NONE))


def test_without_drawing_towards_zero_it_is_the_classical_season(monkeypatch):
    monkeypatch.setattr("watchfloor.scorecard.methods.seasons.TOWARDS_NONE", 0.0)
    logs = np.random.default_rng(1).normal(0, 0.1, 96) + np.tile(WAVE[:12], 8) + np.arange(96) / 50
    peer = seasonal_decompose(logs, period=12).seasonal[:12]
    assert effects(logs) == pytest.approx(peer)


@given(st.floats(-3, 3), st.floats(-0.05, 0.05))
def test_level_and_trend_are_no_season(level, slope):
    assert effects(level + slope * np.arange(80)) == pytest.approx(np.zeros(12), abs=1e-9)


def test_words_of_a_change():
    assert moved(0.719).fr == "inférieur de 71,9\u00a0%"
    assert moved(-0.02).en == "2.0 % higher"
    assert signed(-0.031).en == "\u22123.1 %"
    assert signed(0.12).fr == "+12,0\u00a0%"


def test_a_share_is_set_beside_the_same_months_of_other_years():
    rng = np.random.default_rng(5)
    whole = Monthly(month(2019, 10), rng.integers(500, 900, 74).astype(float))
    part = Monthly(
        whole.start, np.minimum(whole.values, rng.integers(0, 90, 74) + 40.0 * (np.arange(74) % 12 == 2))
    )
    found = view_of_share(part, whole, month(2023, 10), month(2024, 9))
    years = {later: range(12 * (4 + later), 12 * (5 + later)) for later in range(-4, 2)}
    shares = {n: sum(part.values[m] for m in r) / sum(whole.values[m] for m in r) for n, r in years.items()}
    assert found.share == pytest.approx(shares.pop(0))
    assert found.usual == pytest.approx(shares)
    assert int(np.argmax(found.of_year)) == 11  # December
    assert "every month of the year equally often" in found.text.en
    assert "highest in December" in found.text.en
    assert "(5 published)" in found.text.en


def test_spans_of_several_years_do_not_overlap_and_part_years_are_told_as_such():
    part = Monthly(month(2000, 1), np.arange(1.0, 253.0))
    whole = Monthly(month(2000, 1), np.full(252, 300.0))
    assert set(view_of_share(part, whole, month(2010, 1), month(2012, 6)).usual) == {-9, -6, -3, 3, 6}
    assert "equally often" not in view_of_share(part, whole, month(2010, 1), month(2012, 6)).text.en
    assert view_of_share(part, whole, month(2000, 1), month(2020, 12)).usual == {}


def test_a_share_of_nothing_has_no_season():
    nothing = Monthly(month(2000, 1), np.zeros(48))
    with pytest.raises(Unanswerable):
        view_of_share(nothing, nothing, month(2001, 1), month(2001, 12))
