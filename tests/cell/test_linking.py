"""Linking against plain sets; hubs, caps, judgements; what is taken away leaves what was there before."""

from math import inf, log2

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.cell.linking import APART, CAP, Named, Pairs, Rules, link, link_bits

SUBJECTS = 12
DEFAULT = Rules()
ROWS = st.lists(st.lists(st.integers(0, SUBJECTS - 1), max_size=4, unique=True), max_size=14)
NODES = st.integers(0, SUBJECTS - 1)
PAIRS = st.lists(st.tuples(NODES, NODES, st.sampled_from([0.5, 4.0, 9.0, inf])), max_size=6)
APARTS = st.lists(st.tuples(NODES, NODES).filter(lambda two: two[0] != two[1]), max_size=5)
RULES = st.builds(Rules, least=st.sampled_from([0.0, 1.0, 3.0]), most=st.integers(1, 9), world=st.just(20))


def named(rows):
    start = np.cumsum([0, *map(len, rows)])
    return Named(start, np.array([subject for row in rows for subject in row], np.int64))


def arrays(pairs):
    one, other, bits = zip(*pairs, strict=True) if pairs else ((), (), ())
    return Pairs(np.array(one, np.int64), np.array(other, np.int64), np.array(bits, np.float64))


def linked(rows, pairs=(), apart=(), rules=DEFAULT, caps=None, count=SUBJECTS):
    held = np.array(apart, np.int64).reshape(-1, 2)
    return link(named(rows), count, caps, arrays(pairs), held, rules)


def as_sets(links):
    """Leads as pairs of sets: subjects and signals."""
    leads = range(len(links.size))
    members = [links.signals[a:b] for a, b in zip(links.start[:-1], links.start[1:], strict=True)]
    return {
        (frozenset(np.flatnonzero(links.lead == lead).tolist()), frozenset(members[lead].tolist()))
        for lead in leads
    }


def oracle(rows, pairs, apart, rules, count=SUBJECTS):
    """The same by scanning sets, one link at a time."""
    companies = [{frozenset(row) for row in rows if s in row and len(row) > 1} for s in range(count)]
    n = max(len(rows), rules.world)
    worth = [inf if len(c) < 2 else log2(n / len(c)) - log2(len(c) - 1) for c in companies]
    edges = [(-worth[s], s, count + i) for i, row in enumerate(rows) for s in row if worth[s] >= rules.least]
    edges += [(-bits, *sorted((a, b))) for a, b, bits in pairs if bits >= rules.least]
    parts = [{node} for node in range(count + len(rows))]
    for _, a, b in sorted(edges):
        mine, theirs = (next(part for part in parts if node in part) for node in (a, b))
        both = mine | theirs
        clash = any(x in both and y in both and not {x, y} <= mine and not {x, y} <= theirs for x, y in apart)
        if mine is not theirs and not clash and sum(node < count for node in both) <= rules.most:
            parts = [part for part in parts if part is not mine and part is not theirs] + [both]
    leads = set()
    for part in parts:
        subjects = frozenset(node for node in part if node < count)
        signals = {node - count for node in part if node >= count}
        signals |= {
            i
            for i, row in enumerate(rows)
            for k, s in enumerate(row)
            if s in subjects and (k == 0 or worth[s] >= rules.least)
        }
        if subjects or any(not rows[i] for i in signals):
            leads.add((subjects, frozenset(signals)))
    return leads


@settings(max_examples=draws(300), deadline=None)
@given(ROWS, PAIRS, APARTS, RULES)
def test_leads_are_those_of_plain_sets(rows, pairs, apart, rules):
    assert as_sets(linked(rows, pairs, apart, rules)) == oracle(rows, pairs, apart, rules)


@settings(max_examples=draws(100), deadline=None)
@given(ROWS, PAIRS, APARTS, RULES, st.randoms())
def test_the_order_of_pairs_and_judgements_is_of_no_account(rows, pairs, apart, rules, random):
    expected = as_sets(linked(rows, pairs, apart, rules))
    pairs, apart = [(b, a, bits) for a, b, bits in pairs], [(b, a) for a, b in apart]
    random.shuffle(pairs)
    random.shuffle(apart)
    assert as_sets(linked(rows, pairs, apart, rules)) == expected


@settings(max_examples=draws(100), deadline=None)
@given(ROWS, PAIRS, APARTS, RULES, st.tuples(NODES, NODES, st.just(inf)))
def test_what_is_joined_and_taken_away_leaves_exactly_what_was_there(rows, pairs, apart, rules, merge):
    before = linked(rows, pairs, apart, rules)
    merged = linked(rows, [*pairs, merge], apart, rules)
    after = linked(rows, [pair for pair in [*pairs, merge] if pair is not merge], apart, rules)
    assert all(np.array_equal(a, b) for a, b in zip(before[:-1], after[:-1], strict=True)), (
        "an undone merge leaves a trace"
    )
    one, other, _ = merge
    if not apart and rules.most >= SUBJECTS:
        assert merged.lead[one] == merged.lead[other]


@settings(max_examples=draws(100), deadline=None)
@given(ROWS, PAIRS, APARTS, RULES)
def test_no_lead_is_too_large_or_holds_what_is_held_apart(rows, pairs, apart, rules):
    links = linked(rows, pairs, apart, rules)
    assert links.size.max(initial=0) <= rules.most
    assert all(links.lead[a] != links.lead[b] for a, b in apart)


def test_a_hub_glues_nobody_and_has_a_lead_of_its_own():
    bank, people = 0, range(1, 301)
    links = linked([[person, bank] for person in people] + [[bank]], count=301)
    assert links.hubs.tolist() == [bank]
    assert links.parties[bank] == 300
    assert len(links.size) == 301
    own = links.lead[bank]
    assert links.signals[links.start[own] : links.start[own + 1]].tolist() == [300]


def test_a_signal_that_names_a_hub_first_counts_for_it_too():
    links = linked([[0, person] for person in range(1, 301)], count=301)
    assert links.hubs.tolist() == [0]
    own = links.lead[0]
    assert links.start[own + 1] - links.start[own] == 300
    assert links.size.max() == 1


def test_a_pair_that_is_always_named_together_is_no_hub_however_often():
    links = linked([[0, 1]] * 5_000, count=2)
    assert links.hubs.size == 0
    assert links.size.tolist() == [2]


def test_worth_falls_with_company():
    bits = link_bits(np.array([0, 1, 2, 10, 100, 1_000]), 1_000_000)
    assert np.isinf(bits[:2]).all()
    assert bits[2] == pytest.approx(log2(500_000), abs=1e-12)
    assert bits[4] == pytest.approx(log2(10_000) - log2(99), abs=1e-12)
    assert (np.diff(bits[1:]) < 0).all()


def test_a_kind_of_thing_joins_nobody():
    caps = np.array([np.inf, np.inf, 0.0])
    assert linked([[0, 2], [1, 2]], caps=caps, count=3).size.tolist() == [1, 1, 1]
    assert linked([[0, 2], [1, 2]], count=3).size.tolist() == [3]


def test_what_is_refused_is_told_with_the_reason():
    apart = linked([[0, 1]], apart=[(0, 1)], count=2)
    assert apart.refused.why.tolist() == [APART]
    assert as_sets(apart) == {(frozenset({0}), frozenset({0})), (frozenset({1}), frozenset({0}))}
    capped = linked([[0, 1], [1, 2]], rules=Rules(most=2), count=3)
    assert capped.refused.why.tolist() == [CAP]


def test_signals_can_be_linked_as_nodes_and_need_no_subject():
    links = linked([[], [0], []], pairs=[(1, 2, 20.0)], count=1)
    assert as_sets(links) == {(frozenset({0}), frozenset({0, 1})), (frozenset(), frozenset({2}))}


def test_nothing_gives_nothing():
    links = linked([], count=0)
    assert (len(links.size), len(links.signals), len(links.refused.why)) == (0, 0, 0)
