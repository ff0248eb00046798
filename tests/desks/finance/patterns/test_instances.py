"""Instances: planted ones are found exactly among noise, whatever the cut, from nothing later than they
are."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.desks.finance.patterns.instances import PatternError, Patterns
from watchfloor.desks.finance.patterns.naming import TYPOLOGIES

HOUR = 3_600_000_000
DAY = 24 * HOUR
PEOPLE, DAYS = 1000, 40


def legs(typology):
    """(payer, payee, hours since it began, amount) of one instance; accounts from 0."""
    even = [900.0, 1100.0, 1000.0, 950.0, 1200.0, 880.0, 1050.0]
    if typology == "fan-out":
        return [(0, 1 + k, 5 * k, a) for k, a in enumerate(even)]
    if typology == "fan-in":
        return [(1 + k, 0, 5 * k, a) for k, a in enumerate(even)]
    if typology == "gather-scatter":
        got = [(1 + k, 0, 4 * k, a) for k, a in enumerate(even)]
        return got + [(0, 10 + k, 30 + 4 * k, sum(even) * 0.95 / 6) for k in range(6)]
    if typology == "scatter-gather":
        out = [(0, 2 + k, 3 * k, a) for k, a in enumerate(even)]
        return out + [(2 + k, 1, 24 + 3 * k, a * 0.96) for k, a in enumerate(even)]
    if typology == "cycle":
        return [(k, (k + 1) % 6, 8 * k, 1500 * 0.97**k) for k in range(6)]
    two = [(i, 3 + j, 5 * i + 2 * j, even[i + j]) for i in range(3) for j in range(3)]
    if typology == "bipartite":
        return two
    return two + [(3 + i, 6 + j, 24 + 5 * i + 2 * j, even[i + j]) for i in range(3) for j in range(3)]


def world(seed=5, size=6000):
    """Shops, regular pairs and one instance of each typology; and the rows of these."""
    draw = np.random.default_rng(seed)
    part = size // 3
    pairs = draw.integers(0, PEOPLE, (part // 10, 2))
    regular = pairs[draw.integers(0, len(pairs), 2 * part)]
    shops = np.column_stack([draw.integers(0, PEOPLE, part), draw.integers(0, 20, part)])
    ends = np.concatenate([regular, shops])
    time = draw.integers(0, DAYS * DAY, len(ends))
    amount = draw.lognormal(4.5, 0.8, len(ends))
    planted = np.full(len(ends), -1)
    for number, typology in enumerate(TYPOLOGIES):
        rows = legs(typology)
        who = draw.choice(np.arange(20, PEOPLE), 20, replace=False)
        ends = np.concatenate([ends, [(who[a], who[b]) for a, b, _, _ in rows]])
        begin = (15 + 3 * number) * DAY
        time = np.concatenate([time, [begin + hours * HOUR for _, _, hours, _ in rows]])
        amount = np.concatenate([amount, [a for *_, a in rows]])
        planted = np.concatenate([planted, np.full(len(rows), number)])
    order = np.argsort(time, kind="stable")
    return (ends[order, 0], ends[order, 1], time[order], amount[order]), planted[order]


COLUMNS, PLANTED = world()


def told(columns, cuts=()):
    patterns = Patterns()
    edges = [0, *sorted(cuts), len(columns[0])]
    for low, high in pairwise(edges):
        patterns.fold(*(column[low:high] for column in columns))
    return patterns.instances()


WHOLE = told(COLUMNS)


def test_each_planted_instance_is_found_exactly():
    found = {(one.typology, one.rows): one for one in WHOLE}
    for number, typology in enumerate(TYPOLOGIES):
        rows = tuple(np.flatnonzero(number == PLANTED).tolist())
        one = found[typology, rows]
        assert (one.since, one.until) == (COLUMNS[2][rows[0]], COLUMNS[2][rows[-1]])
        sides = {*COLUMNS[0][list(rows)].tolist(), *COLUMNS[1][list(rows)].tolist()}
        assert set(one.accounts) == sides
        assert len(one.accounts) == len(sides)
    assert len(found) <= 2 * len(TYPOLOGIES)


@settings(deadline=None, max_examples=4)
@given(st.lists(st.integers(0, len(PLANTED)), max_size=5))
def test_the_cut_does_not_matter(cuts):
    assert told(COLUMNS, cuts) == WHOLE


def test_an_instance_grows_and_keeps_its_number():
    rows = np.flatnonzero(TYPOLOGIES.index("scatter-gather") == PLANTED)
    before = told([column[: rows[-1]] for column in COLUMNS])
    after = told([column[: rows[-1] + 1] for column in COLUMNS])
    part = next(one for one in before if set(one.rows) < set(rows.tolist()) and len(one.rows) >= 8)
    whole = next(one for one in after if set(one.rows) == set(rows.tolist()))
    assert part.number == whole.number


def test_nothing_rests_on_a_later_payment():
    """What stood at a moment does not change with what was not there yet."""
    end = int(np.flatnonzero(PLANTED == 3)[-1]) + 1
    patterns = Patterns()
    patterns.fold(*(column[:end] for column in COLUMNS))
    before = patterns.instances()
    other = [np.concatenate([column[:end], column[end:][::2]]) for column in COLUMNS]
    again = Patterns()
    again.fold(*(column[:end] for column in other))
    assert again.instances() == before
    assert all(one.until <= COLUMNS[2][end - 1] for one in before)


def test_who_is_paid_again_and_again_is_no_scheme():
    """Wages: a fan at first, and none once the same people are paid again."""
    columns, _ = world(seed=6)
    staff, turns = np.arange(990, 998), 3
    time = np.concatenate([(14 + 14 * k) * DAY - DAY + np.arange(8) * 3 * HOUR for k in range(turns)])
    payer, payee = np.full(8 * turns, 900), np.tile(staff, turns)
    whole = [
        np.concatenate(pair) for pair in zip(columns, (payer, payee, time, np.full(24, 1500.0)), strict=True)
    ]
    order = np.argsort(whole[2], kind="stable")
    columns = [column[order] for column in whole]
    among = [set(staff.tolist()) <= set(one.accounts) for one in told([column[:3000] for column in columns])]
    assert sum(among) == 1
    assert not [one for one in told(columns) if len(set(staff.tolist()) & set(one.accounts)) > 2]


def test_a_hub_is_cut_short_and_it_is_told():
    """The search around an account with very many partners ends, and says so."""
    many = 600
    payer, payee = (
        np.r_[np.zeros(many, int), np.arange(1, many + 1)],
        np.r_[np.arange(1, many + 1), np.full(many, 9000)],
    )
    time, amount = np.arange(2 * many) * HOUR // 20, np.full(2 * many, 100.0)
    patterns = Patterns()
    patterns.fold(payer, payee, time, amount)
    assert patterns.cut > 0


def test_payments_that_cannot_be_folded_are_refused():
    patterns = Patterns()
    columns = [np.array([0]), np.array([1]), np.array([5]), np.array([1.0])]
    patterns.fold(*columns)
    with pytest.raises(PatternError, match="earlier"):
        patterns.fold(*columns[:2], np.array([4]), columns[3])
    with pytest.raises(PatternError, match="not above zero"):
        patterns.fold(*columns[:3], np.array([0.0]))
    patterns.fold(*(column[:0] for column in columns))


def test_nothing_shows_nothing():
    assert Patterns().instances() == []
