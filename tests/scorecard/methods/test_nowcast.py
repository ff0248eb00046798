import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.holtwinters import SimpleExpSmoothing
from tests.refusals import because
from tests.thorough import draws

from watchfloor.scorecard.methods.nowcast import ERRORS, FIRST, backtest, forecast, nowcast, rules
from watchfloor.scorecard.methods.revisions import describe, revised
from watchfloor.scorecard.methods.series import Monthly
from watchfloor.scorecard.problems import Gap, Unanswerable, WrongQuestion

START = 2000 * 12 + 9
FILE = (
    Path(__file__).resolve().parents[4]
    / "shared/data/statistics/usbp_monthly_encounters_fy2000-fy2020.csv.gz"
)
NAN = float("nan")


def wandering(months, seed=0, noise=0.1):
    """Counts with a season and a level that wanders."""
    rng = np.random.default_rng(seed)
    level = np.log(900) + rng.normal(0, noise, months).cumsum() / 2
    season = 0.3 * np.cos(2 * np.pi * np.arange(months) / 12)
    return np.round(np.exp(level + season + rng.normal(0, noise, months)))


def test_the_point_knows_the_season():
    logs = 7 + 0.5 * np.cos(2 * np.pi * np.arange(120) / 12)
    came = 7 + 0.5 * np.cos(2 * np.pi * np.arange(120, 123) / 12)
    assert forecast(logs, 3) == pytest.approx(came, abs=0.2)
    assert np.abs(forecast(logs, 3) - came).max() < np.abs(logs[-1] - came).max()


def test_without_a_season_the_rules_are_simple_exponential_smoothing():
    logs = np.random.default_rng(2).normal(7, 0.3, 80)
    said = rules(logs, 2)[2]
    peer = SimpleExpSmoothing(logs, initialization_method="known", initial_level=logs[0])
    assert said == pytest.approx(peer.fit(smoothing_level=0.7, optimized=False).forecast(2))
    assert rules(logs, 2)[3] == pytest.approx(np.repeat(logs[-1], 2))


def test_before_they_can_be_judged_all_rules_weigh_the_same():
    logs = np.random.default_rng(2).normal(7, 0.3, FIRST + 3)
    assert forecast(logs, 2) == pytest.approx(rules(logs, 2).mean(axis=0))


def test_the_rule_that_was_right_weighs_most():
    seasonal = 7 + 0.5 * np.cos(2 * np.pi * np.arange(120) / 12)
    assert forecast(seasonal, 1) == pytest.approx(rules(seasonal, 1)[:2].mean(axis=0), abs=0.05)
    wandering_logs = 7 + np.random.default_rng(4).normal(0, 0.5, 120).cumsum()
    without = rules(wandering_logs, 1)
    assert abs(forecast(wandering_logs, 1) - without[3]) < abs(without[:2] - without[3]).max()


def test_only_what_was_known_is_used():
    values = np.log(wandering(100) + 0.5)
    changed = values.copy()
    changed[80:] += 3
    ours, other = backtest(values), backtest(changed)
    assert ours.errors[:78] == pytest.approx(other.errors[:78], nan_ok=True)
    assert ours.reach[:81] == pytest.approx(other.reach[:81], nan_ok=True)
    assert not np.allclose(ours.reach[84:], other.reach[84:])


def test_the_backtest_is_what_a_nowcast_would_have_said_each_month():
    values = wandering(80)
    tested = backtest(np.log(values + 0.5))
    for month in range(50, 78):
        said = nowcast(Monthly(START, values[:month]))
        inside = (said.low <= values[month : month + 3]) & (values[month : month + 3] <= said.high)
        assert (tested.held[month] == inside).all()


@settings(max_examples=draws(25), deadline=None)
@given(st.integers(0, 10**6))
def test_intervals_grow_with_the_months_ahead_and_hold_the_point(seed):
    said = nowcast(Monthly(START, wandering(60, seed)))
    assert (said.low <= said.point).all()
    assert (said.point <= said.high).all()
    assert (np.diff(np.log(said.high + 0.5) - np.log(said.point + 0.5)) >= -1e-9).all()
    assert said.first == START + 60


def test_intervals_hold_what_comes_as_often_as_they_say():
    held = np.concatenate(
        [backtest(np.log(wandering(200, seed) + 0.5)).held[44:].ravel() for seed in range(6)]
    )
    assert 0.87 <= np.nanmean(held) <= 0.93


def test_a_break_widens_what_follows_it():
    values = wandering(120, noise=0.05)
    values[100:] *= np.exp(np.random.default_rng(1).normal(0, 0.6, 20))
    reach = backtest(np.log(values + 0.5)).reach[:, 0]
    assert reach[116:].min() > 2 * reach[100]


def test_after_more_misses_than_can_be_the_interval_goes_beyond_the_largest_error():
    values = 7 + np.r_[np.random.default_rng(3).normal(0, 0.01, 70), np.cumsum(np.arange(1, 30) / 5)]
    tested = backtest(values, 1)
    assert tested.reach[-1, 0] > np.nanmax(np.abs(tested.errors))


def test_revisions_move_the_point_and_widen_the_interval():
    series = Monthly(START, wandering(120))
    plain = nowcast(series)
    late = nowcast(series, revised=np.log([1.1, 1.2, 1.3, 1.2, 1.25]))
    assert late.point + 0.5 == pytest.approx((plain.point + 0.5) * 1.2)
    wide, narrow = (np.log((n.high + 0.5) / (n.low + 0.5)) for n in (late, plain))
    assert wide[0] > narrow[0]
    assert (wide >= narrow).all()
    assert "revisions ran from +10.0 % to +30.0 %" in late.text.en
    assert "ni connue ni dans l’intervalle" in plain.text.fr


def test_revisions_of_nothing_change_nothing():
    series = Monthly(START, wandering(120))
    same = nowcast(series, revised=np.zeros(6))
    assert same.high == pytest.approx(nowcast(series).high)
    assert "In 6 newest months that a later file has too, nothing was revised" in same.text.en


def test_it_is_told_in_both_languages():
    said = nowcast(Monthly(START, wandering(120)), 2)
    assert said.text.en.startswith("October 2010: about ")
    assert said.text.fr.startswith("Octobre 2010 : environ ")
    assert f"{said.held} of {said.cases} such intervals" in said.text.en
    assert "none foresees a break before it has happened" in said.text.en
    assert "90 % interval" in said.text.en


def test_the_shortest_series_has_no_record_yet():
    said = nowcast(Monthly(START, wandering(FIRST + ERRORS)), 1)
    assert said.cases == 0
    assert "such intervals" not in said.text.en


@pytest.mark.parametrize("ahead", [0, 4])
def test_more_than_three_months_ahead_is_refused(ahead):
    with pytest.raises(WrongQuestion):
        nowcast(Monthly(START, wandering(120)), ahead)


def test_too_few_months_and_gaps_are_refused():
    with pytest.raises(Unanswerable, check=because("scorecard.nowcast-short", months=45, needed=46)):
        nowcast(Monthly(START, wandering(45)))
    values = wandering(120)
    values[60] = NAN
    with pytest.raises(Gap):
        nowcast(Monthly(START, values))


def test_months_of_zero_have_an_interval_that_is_not_below_zero():
    values = np.random.default_rng(5).poisson(0.4, 80).astype(float)
    said = nowcast(Monthly(START, values))
    assert (said.low >= 0).all()
    assert np.isfinite(said.high).all()


def test_revisions_are_of_the_newest_months_that_both_vintages_have():
    earlier = Monthly(START, np.array([5, 5, 8, 10, 0, 20.0]))
    later = Monthly(START + 1, np.array([9, 8, 11, 3, 30, 40.0]))
    assert revised(earlier, later) == pytest.approx(np.log([1.1, 1.5]))
    assert revised(earlier, later, newest=10) == pytest.approx(np.log([1.8, 1, 1.1, 1.5]))
    assert not revised(earlier, Monthly(START + 50, np.ones(1))).size
    assert revised(later, earlier, 3) == pytest.approx(np.log([20 / 30]))


def test_what_is_known_of_revisions_is_told():
    assert "not known" in describe(np.zeros(0)).en
    assert "rien n’a été révisé" in describe(np.zeros(3)).fr
    assert "median +20.0 %" in describe(np.log([1.1, 1.2, 1.4])).en


@pytest.mark.skipif(not FILE.exists(), reason="the file of Border Patrol encounters is not on this machine")
def test_northern_months_of_2011_to_2020_are_held_as_often_as_is_said():
    rows = [line.split("|") for line in gzip.decompress(FILE.read_bytes()).decode().split()]
    values = np.array([float(row[rows[0].index("northern_border")]) for row in rows[1:]])
    held = backtest(np.log(values + 0.5)).held[132:]
    assert (~np.isnan(held)).sum() == 120 + 119 + 118
    for ahead in range(3):
        assert 0.85 <= np.nanmean(held[:, ahead]) <= 0.95
