"""Every strategy keeps to its budget, also where it has learned nothing, and ours knows all its chances."""

from dataclasses import replace

import pytest
from tests.exercise.cargo_year.worlds import SMALL

from watchfloor.exercise.cargo_year import strategies, year

SHORT = replace(SMALL, days=9)


@pytest.mark.parametrize("name", strategies.MAKERS)
def test_each_spends_its_budget_and_no_more(name):
    ran = year.run(SHORT, strategies.maker(name, strategies.with_shares(), 1), 1, 0.1)
    assert [len(one.found) for one in ran] == [round(0.1 * one.items) for one in ran]


@pytest.mark.parametrize("name", strategies.MAKERS)
def test_none_needs_a_budget(name):
    ran = year.run(replace(SHORT, days=2), strategies.maker(name, strategies.with_shares(), 1), 1, 0.0)
    assert not any(len(one.found) for one in ran)


def test_ours_knows_the_chance_of_each_pick_and_repeats_itself():
    one, other = (
        year.run(SHORT, strategies.maker("ours", strategies.with_shares(0.1, 0.2), 1), 1, 0.1)
        for _ in range(2)
    )
    for a, b in zip(one, other, strict=True):
        assert (a.propensity > 0).all()
        assert (a.propensity <= 1).all()
        assert (a.propensity == b.propensity).all()


def test_shares_beyond_one_are_refused():
    with pytest.raises(ValueError, match="together no more than 1"):
        year.run(SHORT, strategies.maker("ours", strategies.with_shares(0.6, 0.6), 1), 1, 0.1)


def test_a_strategy_that_is_none_is_no_other():
    with pytest.raises(KeyError, match="greedier"):
        strategies.maker("greedier", strategies.with_shares(), 1)
