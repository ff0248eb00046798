import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.exchange.partnership import psi
from watchfloor.exchange.partnership.group import Scalar

KEY = bytes(range(32))
ELEMENTS = st.lists(st.integers(0, 30).map(lambda n: b"%d" % n), max_size=12, unique=True)


def run(mine, theirs, *, shuffled=False):
    asker, answerer = Scalar.derive(KEY, b"asker"), Scalar.derive(KEY, b"answerer")
    table, order = psi.table(KEY, answerer, theirs)
    answers = psi.answered(answerer, psi.masked(KEY, asker, mine), shuffled=shuffled)
    own = psi.unmasked(asker, answers)
    return table, order, own, psi.found(table, own)


@settings(deadline=None)
@given(ELEMENTS, ELEMENTS)
def test_what_is_found_is_the_intersection(mine, theirs):
    *_, hits = run(mine, theirs)
    assert {one for one, hit in zip(mine, hits, strict=True) if hit} == set(mine) & set(theirs)


@settings(deadline=None)
@given(ELEMENTS, ELEMENTS)
def test_shuffled_the_number_is_the_same(mine, theirs):
    *_, hits = run(mine, theirs, shuffled=True)
    assert int(hits.sum()) == len(set(mine) & set(theirs))


def test_shuffled_answers_say_nothing_of_the_order():
    mine = [b"%d" % n for n in range(20)]
    asker, answerer = Scalar.derive(KEY, b"asker"), Scalar.derive(KEY, b"answerer")
    points = psi.masked(KEY, asker, mine)
    answers = psi.answered(answerer, points, shuffled=True)
    assert answers == sorted(psi.answered(answerer, points, shuffled=False))
    assert answers == psi.answered(answerer, points[::-1], shuffled=True)


def test_a_table_rises_and_names_its_elements():
    theirs = [b"%d" % n for n in range(20)]
    table, order, *_ = run([], theirs)
    assert np.all(table[1:] >= table[:-1])
    answerer = Scalar.derive(KEY, b"answerer")
    for row, at in zip(table, order, strict=True):
        assert psi.printed(psi.masked(KEY, answerer, [theirs[at]]))[0] == row


def test_chance_matches_are_as_rare_as_is_said():
    """With 64 bits none is seen; cut to 12, as many as the formula gives."""
    rng = np.random.default_rng(1)
    table = np.sort(rng.integers(0, 1 << 12, 200, np.uint64))
    hits = np.isin(rng.integers(0, 1 << 12, 20_000, np.uint64), table).mean()
    assert abs(hits - 200 / (1 << 12)) < 0.01
    assert psi.false_positives(200, 1_000_000) < 2e-11
