"""The loop that learns, in a few of the worlds of its benchmark."""

import numpy as np
from benchmarks.planning.learning_loop import RULES, World, simulate


def test_learning_intercepts_more_than_fixed_and_proportional_plans():
    caught = {
        name: np.array([simulate(World(), RULES[name], seed) for seed in range(2)])
        for name in ("plan detectors", "fixed", "proportional to last week")
    }
    assert np.all(caught["plan detectors"] > 1.2 * caught["fixed"])
    assert np.all(caught["plan detectors"] > 1.2 * caught["proportional to last week"])
