"""The draws of the cell's benchmark are what they say, and ours comes as near the exact answer as claimed."""

import numpy as np
import pytest
from benchmarks.cell.draw import FALSE, HIT, PARTNERS, draw
from benchmarks.cell.manners import MANNERS
from benchmarks.cell.measure import auc, ece, measure, top
from benchmarks.cell.peers import METHODS, exact, naive, ours

SMALL = 6_000


def test_a_draw_is_the_same_for_its_seed_and_holds_the_rates():
    one, other = draw(1, count=SMALL), draw(1, count=SMALL)
    assert one.signals.equals(other.signals)
    assert one.truth.mean() == pytest.approx(0.03, abs=4 * np.sqrt(0.03 / SMALL))
    first = one.signals["origin"].is_null().to_numpy()
    for source in range(len(HIT)):
        for true, rate in ((True, HIT[source]), (False, FALSE[source])):
            rows = first & (one.reporter == source) & (one.truth[one.subject] == true)
            error = np.sqrt(rate * (1 - rate) / rows.sum())
            assert one.report[rows].mean() == pytest.approx(rate, abs=5 * error)


def test_the_exact_posterior_is_that_of_first_reports():
    drawn = draw(2, count=SMALL)
    first = drawn.signals["origin"].is_null().to_numpy()
    bits = np.bincount(drawn.subject[first], drawn.signals["bits"].to_numpy()[first], SMALL)
    assert bits == pytest.approx(exact(drawn), abs=1e-9)


def test_with_origins_ours_is_exact():
    drawn = draw(3, count=SMALL)
    assert ours(drawn) == pytest.approx(exact(drawn), abs=1e-9)


@pytest.mark.parametrize("manner", MANNERS)
def test_without_some_origins_ours_stays_near(manner):
    drawn = draw(4, 0.3, MANNERS[manner], SMALL)
    best, found, worst = (measure(drawn.truth, method(drawn)) for method in (exact, ours, naive))
    assert found.brier - best.brier < 0.0005
    assert best.auc - found.auc < 0.002
    assert worst.brier > best.brier + 0.02, "the question is an easy one"


def test_every_method_scores_every_subject():
    drawn = draw(5, 0.3, count=SMALL)
    assert all(len(method(drawn)) == SMALL for method in METHODS.values())


def test_measures_of_known_answers():
    truth = np.array([True] * 100 + [False] * 300)
    assert auc(truth, truth.astype(float)) == 1.0
    assert auc(truth, np.zeros(400)) == 0.5
    assert top(truth, truth.astype(float)) == 0.5
    assert top(truth, np.zeros(400)) == 0.25
    assert ece(truth, np.full(400, 0.25)) == pytest.approx(0, abs=1e-12)
    assert ece(truth, np.full(400, 0.75)) == pytest.approx(0.5, abs=1e-12)


def test_hidden_partners_deliver_first_reports_too():
    sources = draw(6, 0.3, count=SMALL, hidden=True).signals["source"].unique().to_pylist()
    assert set(sources) == set(PARTNERS)
