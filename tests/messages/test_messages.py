import importlib
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

import watchfloor
from watchfloor.core.messages import MESSAGES, Reason
from watchfloor.messages import chosen, day, is_singular, listed, month, number, plural
from watchfloor.messages.catalogue import Catalogue


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


COUNTS = (0, 1, 2, 1.5)
WORDS = Catalogue()
KEYS = WORDS.every()
COUNTED = sorted(key for key in KEYS if f"{key}_one" in KEYS)
"""Sentences of the console that have a singular."""
FORM = re.compile(r"\{(\w+):[^{}|]*\|[^{}|]*\}")
"""Where a message chooses what a count takes, and by which parameter."""


def declared():
    """Every message of the package: each module that declares one is imported."""
    root = Path(watchfloor.__file__).parent
    for path in sorted(root.rglob("*.py")):
        if " declare(" in path.read_text("utf-8"):
            importlib.import_module(".".join(path.relative_to(root.parent).with_suffix("").parts))
    return list(MESSAGES.values())


def rendered(message, language, count):
    """A message whose counts that choose a form are this, and whose other parameters are texts."""
    counts = {name for text in (message.en, message.fr) for name in FORM.findall(text)}
    params = {name: count if name in counts else "x" for name in message.parameters}
    return Reason(message.id, params).render(language)


def test_each_message_is_rendered_and_takes_the_plural_of_its_language():
    choosing = 0
    for message in declared():
        for language, text in (("en", message.en), ("fr", message.fr)):
            assert not any(FORM.search(rendered(message, language, count)) for count in COUNTS)
            none, one, two, half = (
                chosen(text, language, dict.fromkeys(message.parameters, count)) for count in COUNTS
            )
            chooses = FORM.search(text) is not None
            choosing += chooses
            assert (none == one, half == one) == ((language == "fr" or not chooses),) * 2, message.id
            assert (two == one) == (not chooses), message.id
    assert choosing


def test_a_count_that_is_a_text_or_unknown_chooses_a_form_too():
    text = "{n:piste|pistes}"
    texts = {"0": "piste", "1": "piste", "2": "pistes", "1\u00a0234": "pistes", "x": "pistes", None: "pistes"}
    assert {n: chosen(text, "fr", {"n": n}) for n in texts} == texts
    assert plural(0, "lead", "leads") == "leads"


@pytest.mark.parametrize("key", COUNTED)
def test_counts_of_the_console_take_the_plural_of_their_language(key):
    names = {name for each in (key, f"{key}_one") for text in WORDS.both(each) for name in fields(text)}

    def say(n, language):
        return WORDS.say(key, language, **dict.fromkeys(names, "x") | {"n": n}).replace(
            number(n, language), "#"
        )

    assert say(0, "fr") == say(1, "fr") == say(1.5, "fr").replace("1,5", "#")
    assert say(0, "en") == say(2, "en")
    assert say(0, "en") != say(1, "en")
    singular, several = WORDS.both(f"{key}_one")[1], WORDS.both(key)[1]
    assert (say(2, "fr") == say(1, "fr")) == (singular == several)  # as « pas » is in both


def fields(text):
    """Names of the parameters of a text."""
    return [name for _, name, _, _ in Formatter().parse(text) if name]


def test_english_does_not_load_icu():
    code = (
        "import sys; from watchfloor.messages import *; number(1234.5, 'en', 1); is_singular(0, 'en');"
        "listed(['a', 'b'], 'en'); sys.exit('icu' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
