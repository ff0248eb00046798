"""Shapes of payments against a search through everything."""

from itertools import pairwise, permutations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.desks.finance.engine.gathers import LEAST, MOST
from watchfloor.desks.finance.proofs import LONGEST, Paid, circle, gather
from watchfloor.desks.finance.typologies.frame import Frame
from watchfloor.desks.finance.typologies.intake import PLAN
from watchfloor.desks.finance.typologies.typology import SHAPES

PAYMENTS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 4), st.sampled_from([100, 90, 60])), min_size=1, max_size=12
)


def paid(rows):
    payer, payee, cents = zip(*rows, strict=True)
    return Paid(
        Frame(
            pa.table(
                {
                    "payer": pa.chunked_array([[f"a{one}" for one in payer]]),
                    "payee": pa.chunked_array([[f"a{one}" for one in payee]]),
                    "cents": pa.chunked_array([list(cents)]),
                    "time": pa.chunked_array([list(range(len(rows)))]),
                }
            )
        )
    )


def circles(rows, share):
    """Sizes of all circles of three and more that the last payment closes, by every order of the others."""
    last = len(rows) - 1
    found = []
    for size in range(2, len(rows)):
        for way in permutations(range(last), size):
            steps = [*way, last]
            accounts = [rows[one][0] for one in steps]
            amounts = [rows[one][2] for one in steps]
            if (
                list(way) == sorted(way)
                and all(rows[a][1] == rows[b][0] for a, b in pairwise(steps))
                and rows[last][1] == rows[steps[0]][0]
                and len(set(accounts)) == len(accounts)
                and min(amounts) >= share * max(amounts)
            ):
                found.append(len(steps))
        if found:
            break
    return found


@settings(max_examples=draws(150), deadline=None)
@given(PAYMENTS.filter(lambda rows: len(rows) <= 8))
def test_the_shortest_circle_is_found_where_there_is_one(rows):
    found = circle(paid(rows), len(rows) - 1, -1, 0.8) if rows[-1][0] != rows[-1][1] else None
    every = circles(rows, 0.8) if rows[-1][0] != rows[-1][1] else []
    assert (found.size if found else None) == min(every, default=None)
    if found:
        assert (np.diff(found.rows) > 0).all()
        steps = found.rows.tolist()
        assert all(rows[a][1] == rows[b][0] for a, b in pairwise(steps))


def gathered(rows):
    """The most accounts between, that had been paid by one account before they paid the payee."""
    x, v, _ = rows[-1]
    best = 0
    for u in range(5):
        between = {}
        for two, (a, b, cents) in enumerate(rows):
            if b != v or a in (v, u) or u == v:
                continue
            before = [one for one in range(two) if rows[one][:2] == (u, a)]
            newest = max(k for k, row in enumerate(rows) if row[:2] == (a, v))
            if two == newest and before and LEAST <= cents / rows[before[-1]][2] <= MOST:
                between[a] = True
        if x in between:
            best = max(best, len(between))
    return best


@settings(max_examples=draws(300), deadline=None)
@given(PAYMENTS)
def test_what_was_gathered_is_found_where_it_was(rows):
    if rows[-1][0] == rows[-1][1]:
        return
    found = gather(paid(rows), len(rows) - 1, -1, 2)
    most = gathered(rows)
    assert (found.size if found else 0) == (most if most >= 2 else 0)


def test_shapes_lie_in_the_window_of_the_engine():
    assert SHAPES["circle"] == SHAPES["gather"] == PLAN.graph
    assert PLAN.longest == LONGEST


def test_what_is_older_than_the_window_is_no_part():
    rows = [(0, 1, 100), (1, 2, 100), (2, 0, 100)]
    assert circle(paid(rows), 2, -1, 0.8)
    assert circle(paid(rows), 2, 0, 0.8) is None
