import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta
from tests.cell.toy import OFFICER, READER, TABLE, lead_of, make, now, report, run

from watchfloor.cell.learning.acted import Acted
from watchfloor.cell.learning.audit import draw
from watchfloor.cell.learning.calibration import (
    BOUNDS,
    brier,
    calibration,
    jeffreys,
    measured,
    precision,
    reliability,
)
from watchfloor.cell.learning.refit import Case
from watchfloor.cell.wording.estimative_language import WORDS, log_odds, word
from watchfloor.policy.policy import Reader

SHOWN = st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.floats(0.1, 50)), min_size=1, max_size=40).map(
    lambda rows: tuple(map(np.array, zip(*rows, strict=True)))
)


def case(shown, true, weight=1.0, *, audited=False, name="l"):
    lead = Acted(name, "smuggling", ("person:a:1",), log_odds(shown), 0.0, (), "PB", "digest")
    return Case(lead, true, weight, audited)


@given(SHOWN)
def test_the_parts_of_the_brier_score_add_up_to_it(drawn):
    shown, came, weight = drawn
    found = brier(shown, came, weight)
    by_hand = sum(w * (p - y) ** 2 for p, y, w in zip(*drawn_order(drawn), strict=True)) / weight.sum()
    assert found.score == pytest.approx(by_hand, abs=1e-12)
    parts = found.reliability - found.resolution + found.uncertainty + found.within
    assert parts == pytest.approx(found.score, abs=1e-12)


def drawn_order(drawn):
    shown, came, weight = drawn
    return shown.tolist(), came.tolist(), weight.tolist()


def test_forecasts_of_one_value_a_band_give_murphys_parts():
    """By hand, 10 at .1 of which 2 came, 10 at .9 of which 8 came: nothing within bands."""
    shown = np.repeat([0.1, 0.9], 10)
    came = np.r_[np.arange(10) < 2, np.arange(10) < 8]
    found = brier(shown, came, np.ones(20))
    assert found.reliability == pytest.approx(0.01)
    assert found.resolution == pytest.approx(0.09)
    assert found.uncertainty == pytest.approx(0.25)
    assert found.within == pytest.approx(0.0, abs=1e-12)
    assert found.score == pytest.approx(0.17)


@given(SHOWN)
def test_the_reliability_table_is_that_of_a_plain_count(drawn):
    weight = drawn[2]
    for band, (_, english, _) in zip(reliability(*drawn), WORDS, strict=True):
        mine = [row for row in zip(*drawn_order(drawn), strict=True) if word(row[0]) == english]
        assert band.leads == len(mine)
        if mine:
            total = sum(w for _, _, w in mine)
            assert band.weight == pytest.approx(total / weight.sum())
            assert band.shown == pytest.approx(sum(w * p for p, _, w in mine) / total)
            assert band.came.value == pytest.approx(sum(w * y for _, y, w in mine) / total)
            assert band.came.cases == pytest.approx(total**2 / sum(w * w for _, _, w in mine))
        else:
            assert band.shown is band.came.value is None


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_intervals_are_quantiles_of_jeffreyss_posterior(counts):
    hits, cases = counts
    found = jeffreys(hits, cases)
    low, high = beta(hits + 0.5, cases - hits + 0.5).ppf([0.025, 0.975])
    assert found.value == hits / cases
    assert found.low == pytest.approx(low if hits else 0.0, abs=1e-9)
    assert found.high == pytest.approx(high if hits < cases else 1.0, abs=1e-9)


def test_an_interval_of_nothing_is_none():
    assert jeffreys(0, 0).value is jeffreys(0, 0).low is None


def test_intervals_cover():
    """Of 2,000 samples of 40 at .3, 93 to 97 % hold .3: three deviations of such a share are 1.5 %."""
    hits = np.random.default_rng(0).binomial(40, 0.3, 2_000)
    held = [found.low <= 0.3 <= found.high for found in (jeffreys(int(n), 40) for n in hits)]
    assert 0.93 <= np.mean(held) <= 0.97


def test_the_calibration_error_is_the_mean_distance_by_weight():
    found = measured([case(0.1, False), case(0.1, True), case(0.9, True), case(0.9, True)], 2)
    assert found.ece == pytest.approx(0.5 * 0.4 + 0.5 * 0.1)
    assert (found.leads, found.audited) == (4, 0)


def test_right_probabilities_are_calibrated_and_wrong_ones_are_not():
    rng = np.random.default_rng(1)
    shown = rng.random(20_000).clip(1e-6, 1 - 1e-6)
    came = rng.random(20_000) < shown
    right = measured([case(p, bool(y)) for p, y in zip(shown.tolist(), came.tolist(), strict=True)], 20)
    assert right.ece < 0.015
    assert right.brier.score == pytest.approx(1 / 6, abs=0.005)
    bold = np.where(shown > 0.5, 0.99, 0.01)
    wrong = measured([case(p, bool(y)) for p, y in zip(bold.tolist(), came.tolist(), strict=True)], 20)
    assert wrong.ece == pytest.approx(0.24, abs=0.015)
    assert wrong.brier.score > right.brier.score


def test_precision_is_of_the_likeliest_each_counted_once():
    cases = [case(p, true, weight=50.0, name=str(p)) for p, true in ((0.9, True), (0.8, False), (0.2, True))]
    assert precision(cases, 2).value == 0.5
    assert (precision(cases, 10).cases, precision(cases, 1).value) == (3, 1.0)


def test_weights_count_only_with_an_audit_sample():
    few = [case(0.9, True), case(0.1, True, 9.0)]
    assert measured(few, 2).bands[0].weight == 0
    assert [band.weight for band in measured(few, 2).bands if band.leads] == [0.5, 0.5]
    audited = [case(0.9, True), case(0.1, True, 9.0, audited=True)]
    assert [band.weight for band in measured(audited, 2).bands if band.leads] == [0.9, 0.1]
    assert len(BOUNDS) == len(WORDS)


@pytest.fixture
def floor(tmp_path):
    return make(
        tmp_path / "floor", {f"d{n}": [("scan", "dense")] for n in range(4)} | {"o": [("scan", "odd")]}
    )


def test_the_probability_is_that_shown_and_not_todays(floor):
    shown = lead_of(floor, "d0").lead.probability
    report(floor, "d0", "seized")
    run(floor, {"d0": [("scan", "odd")]})
    found = calibration(floor, READER, TABLE, now())
    (band,) = [band for band in found.bands if band.leads]
    assert band.shown == pytest.approx(shown)
    assert lead_of(floor, "d0").lead.probability < shown
    assert (found.leads, found.rebuilt) == (1, 0)


def test_nothing_known_has_no_calibration(floor):
    report(floor, "d0", "not-examined")
    assert calibration(floor, READER, TABLE, now()) is None
    report(floor, "d1", "seized")
    assert calibration(floor, Reader("public", protected=0), TABLE, now()) is None
    assert calibration(floor, READER, TABLE, now(), hypothesis="other") is None


def test_audited_leads_stand_for_the_queue(floor):
    report(floor, "d0", "seized")
    with floor.writer(OFFICER) as writer:
        (one,) = draw(floor, writer, READER, TABLE, 1, "s", now())
    report(floor, one.lead.subject.split(":")[-1], "cleared")
    found = calibration(floor, READER, TABLE, now())
    assert (found.leads, found.audited) == (2, 1)
    base = found.brier.uncertainty
    assert base == pytest.approx(0.2 * 0.8)  # 1 true, and 1 false that stands for 4
