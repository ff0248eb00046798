import numpy as np
import pytest
from scipy.linalg import toeplitz
from statsmodels.regression.linear_model import GLS, OLS
from statsmodels.stats.diagnostic import acorr_ljungbox
from tests.refusals import because

from watchfloor.scorecard.bilingual import Text, same
from watchfloor.scorecard.methods import reml
from watchfloor.scorecard.methods.interrupted import STEP, design, interrupted
from watchfloor.scorecard.methods.series import Monthly
from watchfloor.scorecard.problems import Gap, NotPublished, Unanswerable

START = 2021 * 12
AT = START + 36
NAMES = (Text("the north", "le Nord"), Text("the southwest", "le Sud-Ouest"))
NAN = float("nan")


def pair(before=36, after=12, *, step=0.0, noise=0.05, seed=0, level=9000.0):
    """Two series with one season; ours has a step in its logarithm."""
    rng = np.random.default_rng(seed)
    time = np.arange(-before, after)
    shared = 0.3 * np.cos(2 * np.pi * time / 12) + 0.1 * np.sin(time / 7)
    ours = np.round(level * np.exp(shared + step * (time >= 0) + rng.normal(0, noise, len(time))))
    theirs = np.round(20000 * np.exp(shared + rng.normal(0, noise, len(time))))
    return Monthly(AT - before, ours), Monthly(AT - before, theirs)


def run(series, control, at=AT, **kwargs):
    return interrupted(series, control, at, names=NAMES, **kwargs)


def test_a_step_is_found_and_told_in_both_languages():
    found = run(*pair(step=np.log(0.5)))
    assert found.step == pytest.approx(-0.5, abs=0.06)
    assert found.step_interval.low < -0.5 < found.step_interval.high < 0
    assert found.mean == pytest.approx(-0.5, abs=0.06)
    assert found.placebo.larger == 0
    assert "a fall beyond the control’s" in found.text.en
    assert "une baisse au-delà du témoin" in found.text.fr
    assert "did not demonstrably move apart" in found.text.en


def test_what_both_series_do_is_no_effect():
    ours, theirs = pair()
    halved = np.where(np.arange(48) >= 36, 0.5, 1)
    found = run(Monthly(ours.start, ours.values * halved), Monthly(theirs.start, theirs.values * halved))
    assert abs(found.step) < 0.1
    assert "cannot be told from no change" in found.text.en


def test_a_series_beside_itself_has_no_step():
    ours, _ = pair()
    found = run(ours, ours)
    assert found.step == pytest.approx(0, abs=1e-6)
    assert "cannot be told from no change" in found.text.en


def test_a_rise_is_a_rise():
    assert "a rise against the control" in run(*pair(step=1.0)).text.en


def test_the_expected_path_is_the_series_without_the_step():
    ours, _ = pair(noise=0.001, step=np.log(0.25))
    found = run(*pair(noise=0.001, step=np.log(0.25)))
    assert found.expected.months == range(AT, AT + 12)
    assert found.expected.values == pytest.approx(4 * ours.within(AT, AT + 11).values, rel=0.02)
    assert (found.low.values < found.expected.values).all()
    assert (found.expected.values < found.high.values).all()


def test_without_a_control_it_is_refused():
    with pytest.raises(Unanswerable, check=because("scorecard.interrupted-no-control")):
        run(pair()[0], None)


def test_a_gap_is_refused_and_the_control_is_named():
    ours, theirs = pair()
    values = theirs.values.copy()
    values[10] = NAN
    with pytest.raises(Gap, check=because("scorecard.interrupted-control-gap", month="2021-11")):
        run(ours, Monthly(theirs.start, values))
    with pytest.raises(Gap, check=because("scorecard.interrupted-gap", month="2021-11")):
        run(Monthly(theirs.start, values), theirs)


@pytest.mark.parametrize(("before", "after"), [(11, 12), (36, 2), (0, 12)])
def test_too_few_months_are_refused(before, after):
    why = because("scorecard.interrupted-short", before=before, after=after, month="2024-01")
    with pytest.raises(Unanswerable, check=why):
        run(*pair(before, after))


def test_a_date_that_the_control_does_not_reach_is_not_published():
    ours, theirs = pair()
    with pytest.raises(NotPublished, check=because("scorecard.interrupted-not-yet", last="2023-12")):
        run(ours, theirs.until(AT - 1))


@pytest.mark.parametrize(("before", "after"), [(12, 3), (23, 5), (24, 6), (60, 24)])
def test_the_shortest_series_that_it_takes(before, after):
    found = run(*pair(before, after, step=-1.0), before=60)
    assert (found.slope is None) == (after < 6)
    assert found.step_interval.low <= found.step <= found.step_interval.high
    assert (found.placebo is None) == (before < 19)


def test_no_more_months_before_are_looked_at_than_asked_for():
    assert run(*pair(60, 12)).first == AT - 36
    assert run(*pair(60, 12), before=20).first == AT - 20


def test_half_an_event_is_added_for_a_few_zeros_and_told():
    ours, theirs = pair(level=40)
    values = ours.values.copy()
    values[[3, 20]] = 0
    found = run(Monthly(ours.start, values), theirs)
    assert found.halves
    assert "Half an event" in found.text.en


def test_zeros_in_weights_and_many_zeros_are_refused():
    ours, theirs = pair(level=40)
    values = ours.values.copy()
    values[3] = 0
    with pytest.raises(Unanswerable, check=because("scorecard.interrupted-zeros", zeros=1, months=48)):
        run(Monthly(ours.start, values + 0.25 * (values > 0)), theirs)
    values[5:15] = 0
    with pytest.raises(Unanswerable, check=because("scorecard.interrupted-zeros", zeros=11, months=48)):
        run(Monthly(ours.start, values), theirs)


def test_a_control_that_was_changed_itself_is_told_where_it_is_looked_at():
    changed = {AT + 1: same("asylum closed"), AT + 40: same("too late"), AT - 40: same("too early")}
    text = run(*pair(), changed=changed).text.en
    assert "The control was itself changed in February 2024: asylum closed." in text
    assert "too late" not in text
    assert "too early" not in text


def test_series_that_moved_apart_before_make_a_weak_control():
    ours, theirs = pair()
    drifting = Monthly(ours.start, ours.values * np.exp(np.arange(48) / 24))
    found = run(drifting, theirs)
    assert found.drift == pytest.approx(np.expm1(0.5), abs=0.1)
    assert "moving apart already" in found.text.en
    assert "témoin est donc faible" in found.text.fr


def test_a_pattern_left_over_is_told(monkeypatch):
    monkeypatch.setattr("watchfloor.scorecard.methods.interrupted.UNLIKELY", 1.1)
    assert "leaves a pattern" in run(*pair()).text.en


def test_the_fit_is_that_of_generalised_least_squares():
    rng = np.random.default_rng(4)
    errors = np.zeros(60)
    for month in range(1, 60):
        errors[month] = 0.6 * errors[month - 1] + rng.normal()
    columns = design(40, 20)
    found = reml.fit(columns, errors)
    assert 0.1 < found.correlation < 0.9
    peer = GLS(errors, columns, sigma=toeplitz(found.correlation ** np.arange(60))).fit()
    assert found.coefficients == pytest.approx(peer.params)
    assert found.covariance == pytest.approx(peer.cov_params())


def test_the_correlation_is_the_most_likely_of_those_tried():
    rng = np.random.default_rng(5)
    columns, values = design(30, 10), rng.normal(size=40).cumsum()

    def likelihood(correlation):
        sigma = toeplitz(correlation ** np.arange(40)) / (1 - correlation**2)
        inverse = np.linalg.inv(sigma)
        normal = columns.T @ inverse @ columns
        apart = values - columns @ np.linalg.solve(normal, columns.T @ inverse @ values)
        free = 40 - columns.shape[1]
        logs = np.linalg.slogdet(sigma)[1] + np.linalg.slogdet(normal)[1]
        return -free * np.log(apart @ inverse @ apart) - logs

    best = max(reml.CORRELATIONS, key=likelihood)
    assert reml.fit(columns, values).correlation == pytest.approx(best)


def test_with_independent_errors_it_is_lindens_model_of_both_series(monkeypatch):
    monkeypatch.setattr(reml, "CORRELATIONS", np.zeros(1))
    rng = np.random.default_rng(6)
    ours, theirs, columns = rng.normal(size=48), rng.normal(size=48), design(36, 12)
    both = np.block([[columns, columns], [columns, np.zeros_like(columns)]])
    peer = OLS(np.r_[ours, theirs], both).fit().params[columns.shape[1] :]
    found = reml.fit(columns, ours - theirs).coefficients
    assert found == pytest.approx(peer)
    assert found[STEP] == pytest.approx(peer[STEP])


def test_what_is_left_is_tested_as_statsmodels_does():
    residuals = np.random.default_rng(7).normal(size=50).cumsum()
    peer = acorr_ljungbox(residuals, [8], model_df=1)["lb_pvalue"].iloc[0]
    assert reml.ljung_box(residuals, 8) == pytest.approx(peer)
    assert reml.ljung_box(np.zeros(20), 4) == 1


def test_nothing_is_found_in_noise_more_often_than_it_says():
    rng = np.random.default_rng(8)
    columns, found = design(36, 12), 0
    weights = np.eye(columns.shape[1])[STEP]
    for _ in range(400):
        noise = rng.normal(size=98)
        for month in range(1, 98):
            noise[month] += 0.4 * noise[month - 1]
        _, low, high = reml.fit(columns, noise[50:]).bounds(weights, 0.95)
        found += not low <= 0 <= high
    assert found <= 0.09 * 400
