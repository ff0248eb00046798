"""Windows against brute force."""

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.desks.finance.typologies.sliding import groups, runs

ROWS = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.integers(-1, 3),
        st.integers(-1, 3),
        st.booleans(),
        st.integers(-1, 2),
        st.integers(-9, 9),
    ),
    max_size=40,
)


@settings(deadline=None, max_examples=draws(300))
@example([(0, 0, 0, True, 0, 1), (4, 0, 0, True, 1, 2)], 4)  # as old as the window is wide
@given(ROWS, st.integers(0, 9))
def test_counts_sums_and_distinct_values_are_those_of_brute_force(rows, width):
    time = np.cumsum(np.array([row[0] for row in rows], np.int64))
    keys, asked, codes, cents = (np.array([row[at] for row in rows], np.int64) for at in (1, 2, 4, 5))
    events = np.flatnonzero(np.array([row[3] for row in rows], np.bool_) & (keys >= 0))
    askers = np.arange(len(rows))
    found = runs(time, groups(events, keys, 4), askers, asked, width)
    want = [
        [e for e in events if e <= q and keys[e] == asked[q] >= 0 and time[e] >= time[q] - width]
        for q in askers
    ]
    assert [found.members(q).tolist() for q in askers] == [[int(e) for e in one] for one in want]
    assert found.counts().tolist() == [len(one) for one in want]
    assert found.sums(cents).tolist() == [sum(cents[e] for e in one) / 100 for one in want]
    assert found.distinct(codes, 3).tolist() == [len({codes[e] for e in one} - {-1}) for one in want]
