"""Words in texts: scripts, boundaries, CAS numbers."""

import pyarrow as pa
import pytest
from stdnum import casrn

from watchfloor.desks.finance.typologies.lexicon import bits_of, cas_numbers, found_in, lexicon, normal


def lists(text):
    return {name for name in lexicon().names if lexicon().bit(name) & found_in(text)}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Fentanyl", "precursors"),
        ("ＦＥＮＴＡＮＹＬ", "precursors"),
        ("fenta​nyl", "precursors"),
        ("买芬太尼粉", "precursors"),
        ("买fentanyl粉", "precursors"),
        ("оплата фентанила", "precursors"),
        ("펜타닐을 구매", "precursors"),
        ("दवा फेंटानिल", "precursors"),
        ("دفع فنتانيل", "precursors"),
        ("PSEUDOÉPHÉDRINE", "precursors"),
        ("4‑ANPP", "precursors"),
        ("n°437‐38‐7", "cas-listed"),
        ("CAS no. 437387", "cas-listed"),
        ("４３７－３８－７", "cas-listed"),
        ("賭場", "gambling"),
        ("Presse à comprimés", "equipment"),
        ("Étudiante", "modest"),
    ],
)
def test_it_is_found(text, name):
    assert name in lists(text)


@pytest.mark.parametrize(
    "text",
    [
        "infantile",
        "unfentanyled",
        "4-anpps",
        "rent of Wren",
        "2026-11-2",
        "204-555-0199",
        "437-38-8",
        "case 437387",
    ],
)
def test_it_is_not(text):
    assert lists(text) == set()


def test_numbers_are_held_against_their_check_digit():
    assert cas_numbers("437-38-7, 437-38-6; 21409-26-7") == {"437-38-7", "21409-26-7"}


def test_the_lists_hold_numbers_with_right_check_digits_and_normal_words():
    assert all(casrn.is_valid(one) for one in lexicon().cas)
    assert all(word == normal(word) for words in lexicon().lists.values() for word in words)
    assert all(
        "*" not in word[:-1] and word.strip("* ") for words in lexicon().lists.values() for word in words
    )


def test_each_word_is_found_in_the_text_that_it_is():
    for name, words in lexicon().lists.items():
        for word in words:
            assert name in lists(word.rstrip("*")), word


def test_columns_say_what_single_texts_say():
    said = ["casino", None, "芬太尼", "groceries", "casino", "pâté", "cas 437387", "x 64-17-5"]
    coded = pa.array(said).dictionary_encode()
    assert bits_of(coded).tolist() == [0 if one is None else found_in(one) for one in said]
