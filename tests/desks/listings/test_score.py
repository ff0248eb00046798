"""The names that a search scores are those that a plain look at every name finds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.desks.listings.lists import entity, table
from tests.thorough import draws

from watchfloor.core.kernels import load_compiler
from watchfloor.desks.listings import score
from watchfloor.desks.listings.common_words import bearings, paired_bearings
from watchfloor.desks.listings.screener import Screener

WORDS = "zarbek tolunay darwazi vellmar kestlewood orazov quzayni bin mohammed muhammad al".split()
"""Words of the list, each borne by a third more names than the one before."""
NAMES = st.lists(st.sampled_from([*WORDS, "zarbak", "mohamed"]), min_size=1, max_size=6)


def plain(screener, tokens):
    """Return the names of the highest bounds, each name's words counted in full."""
    index = screener._index
    near, found = index.near(tokens), index.likenesses
    weights = [np.float32(n.rarity) * np.float32(b) for n, b in zip(near, bearings(tokens), strict=True)]
    ranks = sorted(range(len(tokens)), key=lambda i: (-weights[i], tokens[i]))
    paired = np.array(paired_bearings(tokens), np.float32)
    whole = np.float32(0)
    for weight in weights:
        whole += weight
    bounds = []
    for name in np.flatnonzero(index.live):
        held = index.name_tokens[index.start[name] : index.start[name + 1]]
        hit = np.float32(0)
        for i in ranks:
            alike = range(near[i].start, near[i].stop)
            gains = [
                paired[i] * found.telling[at] * found.alike[at] for at in alike if found.rows[at] in held
            ]
            hit += max(gains, default=np.float32(0))
        weight = index.name_weight[name]
        missing_q, missing = (np.float64(max(side - hit, np.float32(0))) for side in (whole, weight))
        bound = hit / (hit + score.ASKED * missing_q + score.LISTED * missing + 1e-6)
        if hit > 0:
            bounds.append((-bound, index.key[name], name))
    return {name for _, _, name in sorted(bounds)[: score.CANDIDATES]}


@pytest.fixture(scope="module")
def crowded():
    """Return a screener of many more names than are scored, most of them made of common words."""
    load_compiler()
    draw = np.random.default_rng(32)
    often = 1.33 ** np.arange(len(WORDS))
    rows = [
        entity(str(i), " ".join(draw.choice(WORDS, draw.integers(1, 6), p=often / often.sum())))
        for i in range(1500)
    ]
    return Screener.build(table(rows))


@settings(max_examples=draws(80), deadline=None)
@given(NAMES)
def test_the_candidates_are_those_of_a_plain_look_at_every_name(crowded, tokens):
    assert set(crowded._search(tuple(tokens)).names.tolist()) == plain(crowded, tuple(tokens))
