"""A choice keeps to its budget, and each item is chosen as often as its chance says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.planning.inspections.choose import Settings, choose
from watchfloor.planning.inspections.parts import Limit


def _stream(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return np.round(rng.beta(1, 9, n), 2), rng.uniform(0.1, 2, n)


def _often(n: int, rounds: int, settings: Settings, **more: object) -> tuple[np.ndarray, np.ndarray]:
    """How often each item was chosen over the rounds, and the chance that was told."""
    chance, spread = _stream(n)
    count, every = np.zeros(n), np.zeros(n)
    for seed in range(rounds):
        here = Settings(settings.budget, settings.uncertain, settings.at_random, settings.least, seed)
        picks = choose(chance, spread, here, **more)  # type: ignore[arg-type]
        count[picks.rows] += 1
        every = picks.every
    return count / rounds, every


@pytest.mark.parametrize(
    ("settings", "more"),
    [
        (Settings(7, 0.3, 0.25), {}),
        (Settings(1, 0.2, 0.1), {}),
        (Settings(9, 0.3, 0.3), {"first": [30, 4]}),
        (Settings(8, 0.2, 0.2), {"evident": np.arange(40) < 3}),
        (Settings(10, 0.2, 0.2), {"limit": Limit(np.arange(40) % 2 == 0, 4, 40)}),
        (Settings(6, 0.2, 0.0, 0.05), {"stratum": np.arange(40) % 3}),
    ],
)
def test_each_is_chosen_as_often_as_its_chance_says(settings: Settings, more: dict[str, object]) -> None:
    rounds = 400
    share, every = _often(40, rounds, settings, **more)
    error = np.sqrt(every * (1 - every) / rounds)
    assert np.all(np.abs(share - every) <= 4.5 * error + 1e-12)
    assert np.all(every > 0)
    assert every.sum() == pytest.approx(settings.budget, abs=1e-9)


@given(
    n=st.integers(0, 60),
    budget=st.integers(0, 70),
    uncertain=st.floats(0, 0.5),
    at_random=st.floats(0, 0.5),
    least=st.sampled_from([0.0, 0.01, 0.5]),
    seed=st.integers(0, 2**32),
    data=st.data(),
)
def test_a_budget_is_spent_and_never_exceeded(
    n: int, budget: int, uncertain: float, at_random: float, least: float, seed: int, data: st.DataObject
) -> None:
    chance, spread = _stream(n, seed)
    first = data.draw(st.lists(st.integers(0, n - 1), max_size=12)) if n else []
    picks = choose(chance, spread, Settings(budget, uncertain, at_random, least, seed), first=first)
    assert len(picks.rows) == len(set(picks.rows.tolist())) == min(n, budget)
    assert picks.every.sum() == pytest.approx(min(n, budget), abs=1e-6)
    assert np.all(picks.propensity > 0)
    named = list(dict.fromkeys(first))
    assert picks.rows.tolist()[: len(named) - len(picks.left)] + picks.left.tolist() == named


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 2**32))
def test_the_limit_of_what_is_bound_holds(budget: int, most: int, seed: int) -> None:
    chance, spread = _stream(40, seed)
    bound = np.random.default_rng(seed).random(40) < 0.6
    learning = seed % 7
    limit = Limit(bound, most, learning)
    picks = choose(chance, spread, Settings(budget, 0.2, 0.2, 0.0, seed), limit=limit)
    assert bound[picks.rows].sum() <= most
    assert sum(word in ("uncertainty", "random") for word in picks.chosen_by) <= learning
    assert len(picks.rows) <= budget


def test_what_may_not_be_spent_to_learn_is_spent_on_the_likeliest() -> None:
    chance, spread = np.linspace(0.9, 0.1, 40), np.ones(40)
    limit = Limit(np.zeros(40, np.bool_), 40, 2)
    picks = choose(chance, spread, Settings(10, 0.3, 0.3), limit=limit)
    assert len(picks.rows) == 10
    assert picks.chosen_by.count("score") == 8


def test_the_likeliest_are_in_for_certain_and_those_put_first_lead() -> None:
    chance, spread = np.linspace(0, 0.9, 100), np.full(100, 0.5)
    picks = choose(chance, spread, Settings(20, 0.1, 0.1), first=[3], first_by=["lookout"])
    assert picks.rows[0] == 3
    assert picks.chosen_by[0] == "lookout"
    assert picks.chosen_by.count("score") == 15
    assert set(range(85, 100)) <= set(picks.rows.tolist())
    assert np.all(picks.every[85:] == 1)
    assert picks.every[:85].max() < 1 + (3 in picks.rows)


def test_those_put_first_may_fill_all_but_the_random_part() -> None:
    chance, spread = np.full(50, 0.1), np.ones(50)
    picks = choose(chance, spread, Settings(10, 0.2, 0.2), first=list(range(12)))
    assert picks.left.tolist() == [8, 9, 10, 11]
    assert picks.chosen_by == ["lead"] * 8 + ["random"] * 2
    assert np.all(picks.every > 0)


def test_a_score_that_says_nothing_chooses_nobody() -> None:
    chance, spread = np.full(50, 0.01), np.ones(50)
    picks = choose(chance, spread, Settings(10), evident=np.zeros(50, np.bool_))
    assert "score" not in picks.chosen_by


def test_the_random_part_is_spread_over_the_strata() -> None:
    chance, spread = np.full(90, 0.1), np.ones(90)
    stratum = np.arange(90) % 3
    picks = choose(chance, spread, Settings(9, 0.0, 1.0), stratum=stratum)
    assert np.bincount(stratum[picks.rows]).tolist() == [3, 3, 3]


@pytest.mark.parametrize(
    ("budget", "shares"), [(-1, (0.1, 0.1, 0.0)), (1, (0.9, 0.2, 0.0)), (1, (0.1, 0.1, 1.5))]
)
def test_settings_that_cannot_be_are_refused(budget: int, shares: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match=r"budget|shares|least"):
        Settings(budget, *shares)


@pytest.mark.parametrize(
    ("chance", "spread", "first"),
    [([1.2], [0.1], []), ([np.nan], [0.1], []), ([0.5], [-1], []), ([0.5], [np.inf], []), ([0.5], [1], [1])],
)
def test_scores_that_cannot_be_are_refused(
    chance: list[float], spread: list[float], first: list[int]
) -> None:
    with pytest.raises(ValueError, match=r"chance|spread|row"):
        choose(np.array(chance), np.array(spread), Settings(1), first=first)


def test_the_digest_follows_each_setting() -> None:
    given_ = [Settings(5), Settings(6), Settings(5, 0.2), Settings(5, seed=1), Settings(5, least=0.1)]
    assert len({one.digest for one in given_}) == len(given_)
    assert Settings(5).digest == Settings(5).digest
