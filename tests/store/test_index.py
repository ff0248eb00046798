from itertools import pairwise

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.store.segments import index

# few bytes vary, so that equal identities, equal halves and neighbours all occur
IDS = st.binary(min_size=2, max_size=2).map(lambda b: b[:1] * 8 + b[1:] * 8)


def run(pairs):
    return index.run_of_pairs(pairs) if pairs else index.EMPTY


def halves(ids):
    return index.halves(pa.array(ids, pa.binary(16)))


@settings(max_examples=draws(100), deadline=None)
@given(
    st.lists(st.dictionaries(IDS, st.integers(0, 1 << 60), max_size=30), max_size=4),
    st.lists(IDS, max_size=40),
)
def test_find_is_a_dictionary(tables, wanted):
    everything = {}
    for table in tables:
        everything |= {k: v for k, v in table.items() if k not in everything}
    seen, runs = set(), []
    for table in tables:
        runs.append(run([(k, v) for k, v in table.items() if k not in seen]))
        seen |= table.keys()
    found = index.find(runs, *halves(wanted))
    assert found.tolist() == [everything.get(each, int(index.NOWHERE)) for each in wanted]


@settings(max_examples=draws(100), deadline=None)
@given(st.lists(IDS, max_size=60))
def test_first_marks_what_did_not_occur_before(ids):
    assert index.first(*halves(ids)).tolist() == [each not in ids[:i] for i, each in enumerate(ids)]


@settings(max_examples=draws(50), deadline=None)
@given(st.lists(st.integers(1, 40), max_size=40))
def test_few_runs_remain_and_hold_everything(sizes):
    runs, total = [], 0
    for size in sizes:
        ids = [i.to_bytes(16, "big") for i in range(total, total + size)]
        index.add(runs, run([(each, 1) for each in ids]))
        total += size
    assert sum(map(len, runs)) == total
    assert len(runs) <= total.bit_length()
    assert all(len(a) >= 2 * len(b) for a, b in pairwise(runs))


@settings(max_examples=draws(50), deadline=None)
@given(st.sets(IDS, max_size=30))
def test_a_run_comes_back_from_its_file(tmp_path_factory, ids):
    made = run([(each, n) for n, each in enumerate(sorted(ids))])
    if not len(made):
        return
    path = tmp_path_factory.mktemp("ids") / "a.ids"
    path.write_bytes(index.to_bytes(made))
    back = index.load(path, len(made))
    assert index.identities(back) == sorted(ids)
    assert np.array_equal(back.place, made.place)


def test_a_slice_of_a_column_keeps_its_own_identities():
    ids = [i.to_bytes(16, "big") for i in range(10)]
    high, low = index.halves(pa.array(ids, pa.binary(16)).slice(3, 4))
    assert index.joined(high, low) == b"".join(ids[3:7])


@settings(max_examples=draws(50), deadline=None)
@given(st.integers(0, (1 << 31) - 1), st.integers(0, (1 << 32) - 1))
def test_a_place_is_segment_and_leaf(segment, leaf):
    (place,) = index.place(segment, np.array([leaf]))
    assert index.segment_and_leaf(place) == (segment, leaf)


@settings(max_examples=draws(50), deadline=None)
@given(st.lists(IDS, max_size=20), st.lists(IDS, min_size=1, max_size=3))
def test_contains_any_is_a_set(ids, wanted):
    assert index.contains_any(b"".join(ids), *halves(wanted)) == bool(set(ids) & set(wanted))
