"""Bursts, squares and rings of small random graphs, beside plain enumeration of what they are defined as."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import gammaln
from scipy.stats import nbinom
from tests.thorough import draws

from watchfloor.desks.finance.patterns import fans, memory, squares
from watchfloor.desks.finance.patterns import fold as bursts
from watchfloor.desks.finance.patterns.fold import BIPARTITE, DIAMOND, FAN_OUT, RING, Plan, finds, fold, rooms

HOUR = fans.HOUR
PLAN = Plan(width=40 * HOUR, bar=0.1, square_bar=-200.0, budget=10**6)
AMOUNTS = [100.0, 97.0, 110.0, 60.0, 400.0]


@st.composite
def streams(draw, most=22, accounts=6, amounts=AMOUNTS):
    size = draw(st.integers(1, most))
    steps = draw(st.lists(st.integers(0, 5), min_size=size, max_size=size))
    ends = st.tuples(st.integers(0, accounts - 1), st.integers(0, accounts - 1))
    times = (np.cumsum(np.array(steps, np.int64)) * HOUR).tolist()
    return [(*draw(ends), time, draw(st.sampled_from(amounts))) for time in times]


def found(rows, plan=PLAN):
    """Finds, with numbers of rows in place of numbers of young payments."""
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    held = memory.with_room(memory.empty(), 50, len(rows), -(1 << 60))
    work = rooms()
    done, count, numbers = fold(held, 0, *columns[:3], columns[3].astype(float), plan, work)
    assert done == len(rows)
    row = held.edges["row"]
    return [
        one._replace(members=tuple(int(row[e]) for e in one.members))
        for one in finds(work.numbers[:numbers], work.told[:count])
    ]


def young(rows, until, plan=PLAN):
    """Newest payment of each pair up to a row, where the pair is young then: {(payer, payee): row}."""
    since, newest = {}, {}
    for i in range(until + 1):
        payer, payee, time, _ = rows[i]
        if payer != payee:
            since.setdefault((payer, payee), time)
            if time - since[payer, payee] <= plan.width:
                newest[payer, payee] = i
    return newest


def alike(rows, *which):
    """Whether all amounts are within the band of the first's."""
    logs = np.log([rows[i][3] for i in which])
    return bool((abs(logs - logs[0]) <= PLAN.band).all())


def in_width(rows, now, *which):
    return all(rows[now][2] - rows[i][2] <= PLAN.width for i in which)


def squares_at(rows, i):
    """Row sets of the bipartite squares and of the diamonds that row `i` closes."""
    newest = young(rows, i)
    u, v = rows[i][:2]
    if newest.get((u, v)) != i:
        return set(), set()
    before = all_young(rows, i)
    two, one = set(), set()
    for f in before:
        for s in before:
            if rows[f][0] == u and rows[s][1] == v and f != i != s:  # u to y, w to v
                y, w = rows[f][1], rows[s][0]
                t = newest.get((w, y))
                if w != u and y != v and w != y and t is not None and t < i and alike(rows, i, f, s, t):
                    two.add((i, f, s, t)) if in_width(rows, i, f, s, t) else None
            if rows[f][1] == u and rows[s][1] == v and s != i:  # y to u, w to v, y to w
                y, w = rows[f][0], rows[s][0]
                t = newest.get((y, w))
                if y == v or w in (u, y) or t is None or t >= s or not in_width(rows, i, f, s, t):
                    continue
                if alike(rows, i, f, s, t) or (keeps(rows, f, i) and keeps(rows, t, s)):
                    one.add((i, f, s, t))
    return two, one


def all_young(rows, until):
    """All payments up to a row that were made while their pair was young."""
    since, kept = {}, []
    for i in range(until + 1):
        payer, payee, time, _ = rows[i]
        if payer != payee and time - since.setdefault((payer, payee), time) <= PLAN.width:
            kept.append(i)
    return kept


def keeps(rows, got, paid):
    return squares.LEAST * rows[got][3] <= rows[paid][3] <= squares.KEPT * rows[got][3]


@settings(deadline=None, max_examples=draws(40))
@given(streams(most=16, accounts=5))
def test_squares_equal_enumeration(rows):
    told = found(rows)
    for i in range(len(rows)):
        two, one = squares_at(rows, i)
        assert {f.members for f in told if f.kind == BIPARTITE and f.members[0] == i} == two
        assert {f.members for f in told if f.kind == DIAMOND and f.members[0] == i} == one


def rings_at(rows, i):
    """Every ring that a row closes, as rows from the newest back, and what it is worth."""
    kept = all_young(rows, i)
    if i not in kept:
        return []
    start = rows[i][1]
    ways = [[i]]
    told = []
    while ways:
        way = ways.pop()
        met = {account for row in way for account in rows[row][:2]}
        for f in kept:
            if f < way[-1] and rows[f][1] == rows[way[-1]][0] and alike(rows, i, f, way[-1]):
                if not in_width(rows, i, f):
                    continue
                if rows[f][0] == start and len(way) >= 2:
                    told.append((worth(rows, [*way, f]), (*way, f)))
                elif rows[f][0] not in met:
                    ways.append([*way, f])
    return told


def worth(rows, way):
    off = np.diff(np.log([rows[row][3] for row in way])) / bursts.SPREAD
    return float(sum(bursts.WORTH - 0.5 * np.minimum(off**2, 12.0)))


@settings(deadline=None, max_examples=draws(40))
@given(streams(most=16, accounts=5, amounts=[100.0, 97.0, 110.0]))
def test_the_best_ring_equals_enumeration(rows):
    told = {f.members[0]: f for f in found(rows) if f.kind == RING}
    for i in range(len(rows)):
        want = rings_at(rows, i)
        assert (i in told) == bool(want)
        if want:
            assert told[i].worth == pytest.approx(max(want)[0])
            assert told[i].members in {way for _, way in want}


def test_a_ring_needs_its_order():
    legs = [(0, 1), (1, 2), (2, 0)]
    for order in permutations(range(3)):
        rows = [(*legs[leg], at * HOUR, 100.0 - at) for at, leg in enumerate(order)]
        rotated = order in [(0, 1, 2), (1, 2, 0), (2, 0, 1)]
        assert any(f.kind == RING for f in found(rows)) == rotated


def test_gain_is_the_likelihood_ratio_of_a_burst_of_its_own():
    """Beside the marginal likelihoods, worked out by scipy: gamma-Poisson with and without the burst."""
    watched, first = 500.0 * HOUR, 20.0 * HOUR
    for partners, count, span, share in ((3, 3, 5.0, 0.3), (9, 4, 2.0, 0.1), (40, 12, 30.0, 0.5)):
        room = (span * (1 + 1 / count) + 1) * HOUR
        both = [
            nbinom.logpmf(of, fans.FIRST_GUESS, first / (first + watched)) + gammaln(of + 1)
            for of in (partners - count, partners)
        ]
        own = count * (np.log(count / room) - 1) - count * np.log(share / watched)
        told = fans.gain(partners, count, span * HOUR, watched, first, share)
        assert told == pytest.approx(own + both[0] - both[1], rel=1e-6)


def test_few_of_very_many_gain_nothing():
    assert fans.gain(1000, 3, 24.0 * HOUR, 240.0 * HOUR, 20.0 * HOUR, 0.5) < 0.0


def test_a_burst_is_its_alike_payments_to_new_partners():
    rows = [(1, 2, k * 12 * HOUR, 50.0) for k in range(8)]  # a partner that it has always paid
    rows += [(0, 9, 90 * HOUR, 3.0)]
    rows += [(0, 10 + k, (100 + k) * HOUR, 100.0 + k) for k in range(6)]
    (*_, last) = [f for f in found(rows) if f.kind == FAN_OUT]
    assert sorted(last.members) == [9, 10, 11, 12, 13, 14]
