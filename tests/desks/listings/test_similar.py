"""Distances against a brute force and a peer; the bags lose nothing within their limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA
from tests.thorough import draws

from watchfloor.desks.listings import similar, sounds
from watchfloor.desks.listings.index import Index

WORDS = st.text("abhkosu", min_size=1, max_size=9)
LETTERS = WORDS | st.text("abمحە\u0561\u3042", min_size=1, max_size=sounds.WIDTH)  # with a place and without


def coded(word):
    """As the index hands them over: counts are bytes."""
    letters, count = sounds.letters([word])
    return letters[0], count[0]


def heard(word):
    codes, count = sounds.code([word])
    return codes[0], count[0]


def marks(word):
    found = np.zeros(similar.PLACES, np.uint64)
    similar.mark(*coded(word), found)
    return found


def likeness(a, b, known=False):
    room = np.zeros(sounds.WIDTH + 1, np.float32)
    tables = sounds.SUBSTITUTION, sounds.DROPPING
    cheapest = similar.cheapest_sounds(*heard(a), *tables)
    second = (*coded(b), *heard(b))
    return float(
        similar.alike(*coded(a), marks(a), *heard(a), *second, *tables, cheapest, room, known, np.int64(0))
    )


@settings(max_examples=draws(200), deadline=None)
@given(LETTERS, LETTERS)
def test_typos_are_the_optimal_string_alignment_distance_of_a_peer(a, b):
    assert similar.typos(*coded(a), marks(a), *coded(b)) == OSA.distance(a, b)


@settings(max_examples=draws(100), deadline=None)
@given(WORDS, WORDS)
def test_likeness_is_symmetric_and_bounded(a, b):
    if max(likeness(a, b), likeness(b, a)) >= similar.FLOOR:  # below it, a comparison stops early
        assert likeness(a, b) == pytest.approx(likeness(b, a), abs=1e-6)
    assert 0 <= likeness(a, b) <= 1
    assert likeness(a, a) == 1


@settings(max_examples=draws(200), deadline=None)
@given(WORDS | st.text("محةعاوي", min_size=1, max_size=9), WORDS)
def test_no_hearing_costs_less_than_the_cheapest_of_its_sounds(a, b):
    (codes, count), (others, other_count) = heard(a), heard(b)
    cheapest = similar.cheapest_sounds(codes, count, sounds.SUBSTITUTION, sounds.DROPPING)
    across = int(codes[0] >= sounds.ARABIC)
    room = np.zeros(sounds.WIDTH + 1, np.float32)
    drop = sounds.DROPPING[across]
    cost = similar.unlike(codes, count, others, other_count, sounds.SUBSTITUTION, drop, room, np.inf)
    assert cheapest[across, others[:other_count]].sum() <= cost + 1e-4


@settings(max_examples=draws(60), deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=30, unique=True), WORDS)
def test_no_word_within_two_typos_is_lost(words, asked):
    index = Index()
    index.add([(word,) for word in words], range(len(words)), words)
    index.weigh()
    (near,) = index.near([asked])
    rows, alike, telling, order = (part[near.start : near.stop] for part in index.likenesses)
    found = {index.tokens[row] for row in rows}
    allowed = 1 if len(asked) < 6 else 2
    for word in words:
        edits = OSA.distance(word, asked)
        if edits <= allowed and likeness(asked, word, index.knows(asked)) >= similar.FLOOR:
            assert word in found
    assert list(rows) == sorted(rows)
    assert list(alike[order]) == sorted(alike, reverse=True)
    for value, tells in zip(alike, telling, strict=True):
        held = min(index.frequency[rows[alike >= value]].sum(), index.total)
        assert tells == index._worth[held]


@pytest.mark.parametrize(
    ("arabic", "latin"),
    [
        ("محمد", "mohammed"),
        ("حسين", "hussein"),
        ("قذافي", "gaddafi"),
        ("يوسف", "youssouf"),
        ("عمر", "umar"),
        ("جمال", "djamel"),
        ("مصطفى", "mustafa"),
        ("ظواهري", "zawahiri"),
        ("خالد", "khaled"),
        ("شيخ", "cheikh"),
    ],
)
def test_arabic_spellings_are_heard_in_latin_ones(arabic, latin):
    assert likeness(arabic, latin) > 0.9


@pytest.mark.parametrize(
    ("arabic", "latin"), [("محمد", "mahmoud"), ("حسن", "salim"), ("خالد", "walid"), ("ناصر", "nabil")]
)
def test_other_names_are_not_heard(arabic, latin):
    assert likeness(arabic, latin) < 0.9


def test_a_word_of_the_list_is_less_likely_mistyped_than_an_unknown_one():
    assert likeness("kestle", "kesqle", known=True) < likeness("kestle", "kesqle", known=False)


@settings(max_examples=draws(100), deadline=None)
@given(st.integers(0, 2**64 - 1))
def test_bit_count(word):
    assert int(similar.bit_count(np.uint64(word))) == word.bit_count()


def test_the_costs_are_symmetric_and_nothing_costs_less_than_itself():
    assert (sounds.SUBSTITUTION.T == sounds.SUBSTITUTION).all()
    assert (np.diag(sounds.SUBSTITUTION) == 0).all()
    assert sounds.SUBSTITUTION.min() == 0
    assert sounds.SUBSTITUTION.max() == 1
