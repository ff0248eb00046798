"""Names to tokens."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.desks.listings.common_words import bearings
from watchfloor.desks.listings.normalise import MAX_TEXT, MAX_TOKENS, script, tokenise


def tokens(name, organisation=False):
    (found,) = tokenise([name], organisation)
    return " ".join(found)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Łódź-Müller, ØYVIND", "lodz muller oyvind"),
        ("Abd al-Rahman", "abdul rahman"),
        ("ABDERRAHMANE", "abdul rahmane"),
        ("Abderezak", "abdul rezak"),
        ("Abdirahman", "abdul rahman"),
        ("Abdani", "abdani"),
        ("Abdel Kader", "abdul kader"),
        ("Abd Allah", "abdullah"),
        ("Abdallah", "abdullah"),
        ("Qa‘qa’ O'Neill", "qaqa oneill"),
        ("عبد الرحمن بن محمد القزيني", "abdul رحمن bin محمد al قزيني"),
        ("عَبْدُ الله", "abdullah"),
        ("Владимир", "vladimir"),
        ("习近平", "xi jin ping"),
        ("たなか", "tanaka"),
        ("\u202eUsa\u200bma\u202c", "usama"),
        ("Ｕｓａｍａ", "usama"),
        ("z\u0334\u0321o\u0301e", "zoe"),
        ("😀 -- !", ""),
    ],
)
def test_scripts_case_and_compounds(name, expected):
    assert tokens(name) == expected


@pytest.mark.parametrize("name", ["Velmar Limited", "Velmar Ltd.", "VELMAR L.L.C.", "Velmar GmbH"])
def test_legal_forms_of_a_kind_are_one_token(name):
    assert tokens(name, organisation=True) == "velmar llc"


@settings(max_examples=draws(150), deadline=None)
@given(st.lists(st.text(max_size=40), max_size=6), st.booleans())
def test_many_at_once_are_as_one_at_a_time(names, organisations):
    assert tokenise(names, organisations) == [tokenise([name], organisations)[0] for name in names]


@settings(max_examples=draws(100), deadline=None)
@given(st.text())
def test_any_text_gives_few_clean_tokens_and_a_script(name):
    (found,) = tokenise([name], True)
    assert len(found) <= MAX_TOKENS
    assert all(token and not any(char.isspace() for char in token) for token in found)
    assert script(name)


def test_what_is_too_long_is_cut():
    (found,) = tokenise(["a" * 10 * MAX_TEXT + " b"], False)
    assert found == ("a" * MAX_TEXT,)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Usama", "Latin"),
        ("أسامة", "Arabic"),
        ("Осама", "Cyrillic"),
        ("习近平", "Han"),
        ("김", "Hangul"),
        ("יוסף", "Other"),
    ],
)
def test_script(name, expected):
    assert script(name) == expected


def test_a_word_of_descent_is_a_name_where_nothing_follows():
    assert bearings(("xu", "bin"))[1] == 1
    assert bearings(("usama", "bin", "laden"))[1] < 0.2
