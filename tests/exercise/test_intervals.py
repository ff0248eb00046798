import numpy as np
import pytest

from watchfloor.cell.learning.calibration import Share
from watchfloor.exercise.score import bootstrap


def test_nothing_counted_is_no_measure():
    assert bootstrap(np.mean, []) == Share(None, None, None, 0)


def test_a_bootstrap_is_repeated_and_near_the_normal_interval_of_a_mean():
    cases = np.random.default_rng(1).normal(3, 2, (400, 1))
    found = bootstrap(lambda rows: float(rows.mean()), cases)
    assert found == bootstrap(lambda rows: float(rows.mean()), cases)
    half = 1.96 * cases.std() / 20
    assert found.low == pytest.approx(cases.mean() - half, abs=0.03)
    assert found.high == pytest.approx(cases.mean() + half, abs=0.03)
