"""The additive part: what it fits is the least of its loss: the slope is nought there."""

import numpy as np
import pytest

from watchfloor.desks.cargo.model import core


def test_effects_are_where_the_loss_is_least(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "ROUNDS", 1)
    random = np.random.default_rng(0)
    places = [random.integers(0, 6, 900), random.integers(0, 31, 900)]
    sizes = [5, 30]
    weight = random.uniform(0.1, 3, 900)
    found = (random.random(900) < np.where(places[0] == 2, 0.6, 0.1)).astype(float)
    made = core.fitted(places, sizes, found, weight)
    padded = [np.append(effect, 0.0) for effect in made.effects]
    odds = made.intercept + sum(effect[place] for effect, place in zip(padded, places, strict=True))
    miss = weight * (1 / (1 + np.exp(-odds)) - found)
    assert miss.sum() == pytest.approx(0, abs=1e-2)
    for place, size, effect in zip(places, sizes, made.effects, strict=True):
        slope = np.bincount(place, miss, size + 1)[:size] + core.START * effect
        assert np.abs(slope).max() < 1e-2
    assert made.effects[0].argmax() == 2


def test_a_term_that_tells_nothing_is_drawn_to_nought() -> None:
    random = np.random.default_rng(1)
    tells, silent = random.integers(0, 5, 4000), random.integers(0, 200, 4000)
    found = (random.random(4000) < np.where(tells == 2, 0.6, 0.1)).astype(float)
    made = core.fitted([tells, silent], [5, 200], found, np.ones(4000))
    assert made.strengths[1] > 20 * made.strengths[0]
    assert np.abs(made.effects[1]).max() < 0.5 * made.effects[0].max()


def test_without_terms_only_the_mean_is_left() -> None:
    found = np.array([1.0, 0.0, 0.0, 0.0])
    made = core.fitted([], [], found, np.ones(4))
    assert made.intercept == pytest.approx(np.log(1 / 3), abs=1e-9)
