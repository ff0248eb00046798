"""Words of texts against a plain reading; likeness against sets; fuzz."""

import re
from math import log2

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.cell.texts import MOST_WORDS, Texts, alike, rarity, read_texts, without

TEXTS = st.lists(st.none() | st.text("aB1 .-é漢", max_size=30), min_size=1, max_size=8)


def words(text):
    return set(re.findall(r"[0-9a-z\x80-\U0010ffff]+", (text or "").lower()))


def read(*texts):
    return read_texts(pa.array(texts, pa.string()))


def sizes(texts: Texts):
    return np.diff(texts.start).tolist()


@settings(max_examples=draws(200), deadline=None)
@given(TEXTS)
def test_words_are_those_of_a_plain_reading(texts):
    found = read(*texts)
    assert sizes(found) == [len(words(text)) for text in texts]
    rows = [set(found.words[a:b].tolist()) for a, b in zip(found.start[:-1], found.start[1:], strict=True)]
    for one, other, a, b in zip(texts, texts[1:], rows, rows[1:], strict=False):
        assert len(a & b) == len(words(one) & words(other))


@settings(max_examples=draws(200), deadline=None)
@given(st.lists(st.none() | st.text(max_size=200), max_size=6))
def test_any_text_can_be_read(texts):
    found = read(*texts)
    assert found.start[-1] == len(found.words)
    assert len(found.start) == len(texts) + 1


@settings(max_examples=draws(100), deadline=None)
@given(
    st.lists(st.tuples(st.text("abc ", max_size=12), st.text("abc ", max_size=12)), min_size=1, max_size=6)
)
def test_words_of_another_text_are_taken_out(rows):
    left = without(read(*(a for a, _ in rows)), read(*(b for _, b in rows)))
    assert sizes(left) == [len(words(a) - words(b)) for a, b in rows]


def test_a_slice_and_chunks_read_as_themselves():
    whole = pa.array(["x", "one two", "three", None])
    assert sizes(read_texts(whole.slice(1, 2))) == [2, 1]
    assert sizes(read_texts(pa.chunked_array([whole.slice(1, 1), whole.slice(2, 1)]))) == [2, 1]


def test_an_endless_text_ends():
    assert sizes(read(" ".join(map(str, range(10_000))))) == [MOST_WORDS]


def test_rarity_counts_leads_and_not_signals():
    texts = read("form seven", "form seven", "form nine", "form ten")
    bits = rarity(texts, np.array([0, 2, 3, 4]), np.arange(4))
    by_size = sorted(bits.tolist())
    assert by_size[:4] == pytest.approx([log2(4 / 3)] * 4)
    assert by_size[4:] == pytest.approx([log2(4)] * 4), "seven is said twice, in one lead"


def test_likeness_is_a_weighted_jaccard_index():
    texts = read("alpha beta gamma", "beta gamma delta", "")
    bits = np.ones(len(texts.words))
    assert alike(*texts, bits, 0, 1) == pytest.approx((0.5, 1.0))
    assert alike(*texts, bits, 0, 0) == pytest.approx((1.0, 1.0))
    assert alike(*texts, bits, 2, 2) == (0.0, 0.0)
