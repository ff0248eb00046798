from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.casework.world import WATCH

from watchfloor.casework.flags import FLAGS
from watchfloor.casework.watch.orders import NAME, load, read
from watchfloor.formats.settings import SettingsError

BASE = 'roles = ["one", "two"]\n[minutes]\nroutine = 30\n'


def names(flags, text):
    return [order.name for order in WATCH.orders(flags, text)]


def test_an_order_is_shown_for_its_flags_and_for_its_words():
    assert names(["life-at-risk"], "a boat") == ["Life first"]
    assert names([], "An OVERDOSE in the hold") == ["Life first"]
    assert names([], "noyade près de l’île") == ["Life first"]
    assert names(["fentanyl-hazard"], "an armed man") == ["Suspected fentanyl", "Officer safety"]
    assert names([], "a truck") == []


def test_a_word_is_a_whole_word():
    assert names([], "the army disarmed it") == []


def test_an_order_without_a_condition_is_always_shown():
    keeping = read(BASE + '[[order]]\nname = "Always"\nen = "a"\nfr = "b"\n', NAME)
    assert [order.text("fr") for order in keeping.orders([], "x")] == ["b"]


@given(st.lists(st.sampled_from(FLAGS)))
def test_the_shortest_time_counts(flags):
    minutes = {"life-at-risk": 2, "officer-safety": 5, "fentanyl-hazard": 10}
    assert WATCH.period(flags) == timedelta(minutes=min([30, *(minutes[flag] for flag in flags)]))


def test_a_floor_with_its_own_file_uses_that(tmp_path):
    assert load(tmp_path).roles[0] == "watch officer"
    (tmp_path / NAME).write_text(BASE, encoding="utf-8")
    assert load(tmp_path).roles == ("one", "two")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("roles = []\n[minutes]\nroutine = 30\n", "at least one role"),
        ('roles = ["a", "a"]\n[minutes]\nroutine = 30\n', "each once"),
        ('roles = ["a"]\n[minutes]\nlife-at-risk = 2\n', "how soon a routine"),
        (BASE + "sleepy = 3\n", "no flag"),
        (BASE + "life-at-risk = 0\n", "1 or more"),
        (BASE + '[[order]]\nname = "x"\nen = "a"\nfr = "b"\nflags = ["fire"]\n', "no flag"),
        (BASE + '[[order]]\nname = "x"\nen = "a"\n', "fr"),
        ("roles = ", "watch.toml"),
    ],
)
def test_a_wrong_file_is_said(text, says):
    with pytest.raises(SettingsError, match=says):
        read(text, NAME)
