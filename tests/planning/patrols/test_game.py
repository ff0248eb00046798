"""The patrolling game: equal to linear programmes, drawn with exact probabilities, or refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog, minimize
from tests.refusals import refused

from watchfloor.planning.patrols import game as games
from watchfloor.planning.patrols import payoffs, quantal
from watchfloor.planning.patrols.filling import price


def made(defender_covered, defender_uncovered, attacker_covered, attacker_uncovered):
    sides = (defender_covered, defender_uncovered, attacker_covered, attacker_uncovered)
    return games.Game(
        tuple(f"T{row}" for row in range(len(defender_covered))), *(np.array(side, float) for side in sides)
    )


def programme(game, resources):
    """The value by one linear programme a target (V. Conitzer and T. Sandholm, 2006)."""
    gain = game.attacker_uncovered - game.attacker_covered
    best = -np.inf
    for attacked in range(len(gain)):
        rows = np.diag(-gain)
        rows[:, attacked] += gain[attacked]
        rows[attacked] = 1  # resources, where no target need be worse than itself
        limits = game.attacker_uncovered[attacked] - game.attacker_uncovered
        limits[attacked] = resources
        wanted = np.zeros(len(gain))
        wanted[attacked] = game.defender_uncovered[attacked] - game.defender_covered[attacked]
        found = linprog(wanted, A_ub=rows, b_ub=limits, bounds=(0, 1))
        if found.status == 0:
            best = max(best, game.defender_uncovered[attacked] - found.fun)
    return best


@st.composite
def played(draw):
    """Games of whole and of broken payoffs, zero-sum ones, ties and targets that cover does not change."""
    count = draw(st.integers(1, 7))
    number = st.integers(-4, 4) if draw(st.booleans()) else st.integers(-4000, 4000).map(lambda one: one / 7)
    table = np.array([[draw(number) for _ in range(count)] for _ in range(4)], float)
    if draw(st.booleans()):
        table[2:] = -table[:2]
    table[:2], table[2:] = np.sort(table[:2], axis=0)[::-1], np.sort(table[2:], axis=0)
    resources = draw(st.integers(0, count + 1) | st.floats(0, count))
    return made(*table), resources


@settings(max_examples=60, deadline=None)
@given(played())
def test_the_value_is_that_of_the_linear_programmes(drawn):
    game, resources = drawn
    found = games.solve(game, resources)
    scale = max(1.0, np.abs(game.attacker_uncovered).max(), np.abs(game.defender_uncovered).max())
    assert found.value == pytest.approx(programme(game, resources), abs=1e-6 * scale)
    assert found.worst <= found.value + 1e-9
    assert found.cover.sum() <= resources + 1e-9
    assert ((found.cover >= 0) & (found.cover <= 1)).all()
    assert game.attacker(found.cover).max() == pytest.approx(found.attacker, abs=1e-9 * scale)


def test_more_resources_than_targets_cover_all():
    game = made([1, 1], [-5, -2], [-3, -1], [4, 2])
    found = games.solve(game, 7)
    assert found.value == 1
    assert found.attacker == -1
    assert games.solve(game, 0).value == -5


def test_twenty_thousand_targets_leave_the_adversary_no_better_one():
    rng = np.random.default_rng(4)
    game = made(rng.random(20_000), -rng.random(20_000), -rng.random(20_000), rng.random(20_000) + 0.1)
    found = games.solve(game, 700)
    assert found.cover.sum() == pytest.approx(700, rel=1e-12)
    assert game.attacker(found.cover).max() == pytest.approx(found.attacker, abs=1e-12)
    assert game.attacker(found.cover)[found.cover > 0].min() == pytest.approx(found.attacker, abs=1e-12)


@given(
    st.lists(st.tuples(st.integers(-50, 50), st.integers(1, 30)), min_size=1, max_size=30),
    st.integers(0, 40),
)
def test_the_price_uses_up_the_total(pairs, total):
    tops, slopes = np.array(pairs, float).T
    at = price(tops, slopes, total)
    assert np.maximum(0, (tops - at) / slopes).sum() == pytest.approx(total, abs=1e-9)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.integers(0, 2**32))
def test_a_day_covers_no_more_than_there_are(cover, seed):
    rows = games.draw(np.array(cover), np.random.default_rng(seed))
    assert len(set(rows.tolist())) == len(rows)
    assert np.floor(sum(cover) - 1e-6) <= len(rows) <= np.ceil(sum(cover) - 1e-6)
    assert all(cover[row] > 0 for row in rows)
    certain = {row for row, share in enumerate(cover) if share == 1}
    assert certain <= set(rows.tolist())


def test_each_target_is_drawn_with_its_probability():
    cover = np.array([0.9, 0.5, 0.35, 0.2, 0.05])
    rng = np.random.default_rng(2)
    times = np.zeros(5)
    for _ in range(20_000):
        times[games.draw(cover, rng)] += 1
    # Five standard errors of the most uncertain.
    assert times / 20_000 == pytest.approx(cover, abs=5 * 0.5 / np.sqrt(20_000))


def test_the_days_before_tell_nothing_of_the_next():
    cover = np.full(10, 0.3)
    drawn = games.schedule(made([0] * 10, [-1] * 10, [0] * 10, [1] * 10), _even(cover), "s", 4000).days
    covered = np.array([["T3" in day, "T7" in day] for day in drawn], float)
    assert abs(np.corrcoef(covered[:-1, 0], covered[1:, 0])[0, 1]) < 5 / np.sqrt(4000)
    assert abs(np.corrcoef(covered[:-1, 0], covered[1:, 1])[0, 1]) < 5 / np.sqrt(4000)


def _even(cover):
    return games.Equilibrium(cover, -0.7, -0.7, 0.7, 0)


def test_who_saw_a_month_gains_nothing_and_predicts_no_better_than_stated():
    rng = np.random.default_rng(8)
    game = made(rng.random(40), -rng.random(40), -rng.random(40), rng.random(40))
    found = games.solve(game, 6)
    drawn = games.schedule(game, found, "seed", 400)
    assert drawn.exploitability <= 0.05 * abs(found.value)
    assert drawn.observed.attacker <= found.attacker + 1e-9
    days = np.array([[name in set(day) for name in game.targets] for day in drawn.days], float)
    hits = [
        days[day][np.argsort(-days[day - 30 : day].sum(axis=0), kind="stable")[:6]].sum() / 6
        for day in range(30, 400)
    ]
    assert np.mean(hits) <= drawn.predictability + 5 * np.std(hits) / np.sqrt(len(hits))


def test_the_same_seed_draws_the_same_days_and_its_commitment_does_not_tell_it():
    game = made([1, 1, 1], [-5, -2, -3], [-3, -1, -2], [4, 2, 3])
    found = games.solve(game, 1)
    assert games.schedule(game, found, "a") == games.schedule(game, found, "a")
    assert games.schedule(game, found, "a").days != games.schedule(game, found, "b").days
    assert len(games.commitment("a")) == 64
    assert games.commitment("a") != games.commitment("b")


@pytest.mark.parametrize("rationality", [0.1, 0.5, 1.5])
@pytest.mark.parametrize("seed", range(3))
def test_a_quantal_response_is_answered_best(seed, rationality):
    rng = np.random.default_rng(seed)
    table = 4 * rng.normal(size=(4, 4))
    game = made(*np.sort(table[:2], axis=0)[::-1], *np.sort(table[2:], axis=0))
    resources = 1.5

    def loss(cover):
        return -quantal.respond(game, cover, rationality)[1]

    enough = {"type": "ineq", "fun": lambda cover: resources - cover.sum()}
    starts = np.minimum(1, resources * rng.dirichlet(np.ones(4), 8))
    best = max(
        -minimize(
            loss, start, bounds=[(0, 1)] * 4, constraints=enough, method="SLSQP", options={"ftol": 1e-12}
        ).fun
        for start in starts
    )
    found = quantal.solve(game, resources, rationality)
    assert found.value == pytest.approx(best, abs=1e-6)
    assert found.cover.sum() <= resources + 1e-9


def test_a_very_rational_adversary_plays_the_equilibrium():
    game = made([1, 2, 0, 3], [-5, -2, -3, -1], [-3, -1, -2, 0], [4, 2, 3, 1.5])
    assert quantal.solve(game, 1.2, 200).attacker == pytest.approx(games.solve(game, 1.2).attacker, abs=0.05)


COLUMNS = "target,defender_covered,defender_uncovered,attacker_covered,attacker_uncovered"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("target,defender_covered\na,1\n", "patrols.payoffs-no-column"),
        (f"{COLUMNS}\n", "table.empty"),
        (f"{COLUMNS}\na,1,0,0,1\na,1,0,0,1\n", "patrols.payoffs-twice"),
        (f"{COLUMNS}\na,1,0,0,1\n,1,0,0,1\n", "patrols.payoffs-no-name"),
        (f"{COLUMNS}\na,1,0,,1\n", "patrols.payoffs-blank"),
        (f"{COLUMNS}\na,1,0,nan,1\n", "patrols.payoffs-blank"),
        (f"{COLUMNS}\na,1,0,0,inf\n", "patrols.payoffs-blank"),
        (f"{COLUMNS}\na,1,0,some,1\n", "table.unreadable"),
        (f"target,{COLUMNS}\na,b,1,0,0,1\n", "table.column-twice"),
        ("", "table.empty"),
        (f"{COLUMNS}\na,-1,0,0,1\n", "patrols.payoffs-defender"),
        (f"{COLUMNS}\na,1,0,2,1\n", "patrols.payoffs-attacker"),
    ],
)
def test_payoffs_that_cannot_be_are_refused(tmp_path, text, message):
    path = tmp_path / "payoffs.csv"
    path.write_text(text, "utf-8")
    refused(message, payoffs.read, path)


def test_payoffs_come_from_a_spreadsheet_with_names_as_they_are_written(tmp_path):
    path = tmp_path / "payoffs.csv"
    path.write_text(COLUMNS.replace(",", ";").replace("_", " ") + "\r\n007;1,5;0;0;1\r\n", "utf-8-sig")
    game = payoffs.read(path)
    assert (game.targets, game.defender_covered.tolist()) == (("007",), [1.5])


def test_cover_that_changes_one_side_only_is_answered_best():
    # The first changes nothing for the adversary, the second nothing for the defender, the third neither.
    game = made([3, -4, -1], [-3, -4, -1], [1, 0, 0.5], [1, 2, 0.5])
    grid = np.linspace(0, 1, 201)
    best = max(
        quantal.respond(game, np.array([one, two, 0]), 0.7)[1]
        for one in grid
        for two in grid
        if one + two <= 1
    )
    found = quantal.solve(game, 1, 0.7).value
    assert best - 1e-9 <= found <= best + 1e-3
