import subprocess
import sys
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.console.words import Words
from watchfloor.messages import day, is_singular, listed, month, number


@pytest.mark.parametrize(
    ("value", "digits", "english", "french"),
    [
        (1234567.8, 1, "1,234,567.8", "1\u00a0234\u00a0567,8"),
        (-1234.5, 2, "-1,234.50", "-1\u00a0234,50"),
        (0, 0, "0", "0"),
        ("+4.50", 0, "+4.50", "+4,50"),
        ("2.675", 0, "2.675", "2,675"),
    ],
)
def test_a_number_in_both_languages(value, digits, english, french):
    assert (number(value, "en", digits), number(value, "fr", digits)) == (english, french)


@given(st.floats(-1e15, 1e15), st.integers(0, 6), st.booleans())
def test_both_languages_show_the_same_digits(value, digits, grouped):
    french = number(value, "fr", digits, grouped=grouped).replace("\u00a0", "").replace(",", ".")
    assert french == number(value, "en", digits, grouped=grouped).replace(",", "") == f"{value:.{digits}f}"


def test_zero_and_one_and_a_half_are_singular_in_french():
    counts = (0, 1, 1.5, 2, 1_000_000)
    assert [is_singular(count, "fr") for count in counts] == [True, True, True, False, False]
    assert [is_singular(count, "en") for count in counts] == [False, True, False, False, False]


def test_days_months_and_lists():
    assert [day(date(2025, 3, at), "fr") for at in (1, 3)] == ["1er mars 2025", "3 mars 2025"]
    assert day(date(2025, 3, 1), "en") == "1 March 2025"
    assert (month(7, "fr", short=True), month(12, "en")) == ("juill.", "December")
    assert [listed(["A", "B", "C"][:n], "fr") for n in range(4)] == ["", "A", "A et B", "A, B et C"]
    assert [listed(["A", "B", "C"][:n], "en") for n in range(4)] == ["", "A", "A and B", "A, B and C"]


@pytest.mark.parametrize("key", sorted(key[:-4] for key in Words().every() if key.endswith("count_one")))
def test_counts_of_the_console_take_the_plural_of_their_language(key):
    def say(n, language):
        return Words().say(key, language, n=n, placed=n)

    assert say(0, "fr") == say(1, "fr").replace("1", "0")
    assert say(0, "en") != say(1, "en").replace("1", "0")
    assert say(2, "fr") != say(1, "fr").replace("1", "2")


def test_english_does_not_load_icu():
    code = (
        "import sys; from watchfloor.messages import *; number(1234.5, 'en', 1); is_singular(0, 'en');"
        "listed(['a', 'b'], 'en'); sys.exit('icu' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
