"""Code 128 against published check symbols, its own rules, and a reader of what was drawn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.cell.custody import code128
from watchfloor.cell.custody.code128 import PATTERNS, START_B, START_C, STOP


@pytest.mark.parametrize(
    ("symbols", "check"),
    [
        ([103, 48, 42, 42, 17, 18, 19, 35], 54),  # PJJ123C in code A, the worked example of many texts
        ([104, 48, 42, 42, 17, 18, 19, 35], 55),  # the same in code B: the start counts one more
    ],
)
def test_check_symbols_are_those_published(symbols, check):
    assert code128.check(symbols) == check
    if symbols[0] == START_B:
        assert code128.values("PJJ123C") == [*symbols, check, STOP]


def test_each_pattern_keeps_the_rules_of_the_standard():
    """ISO/IEC 15417: three bars and three spaces of one to four modules, eleven in all, bars of even sum."""
    assert len(PATTERNS) == len(set(PATTERNS)) == 107
    for pattern in PATTERNS[:-1]:
        wide = [int(each) for each in pattern]
        assert len(wide) == 6
        assert sum(wide) == 11
        assert all(1 <= each <= 4 for each in wide)
        assert sum(wide[::2]) % 2 == 0
    assert PATTERNS[STOP] == "2331112"
    assert PATTERNS[START_B] == "211214"
    assert PATTERNS[START_C] == "211232"
    assert "233111" not in PATTERNS


def scanned(widths):
    """What a reader makes of bars and spaces, with the check symbol verified."""
    modules = "".join("10"[n % 2] * wide for n, wide in enumerate(widths))
    assert modules.endswith("".join("10"[n % 2] * int(w) for n, w in enumerate(PATTERNS[STOP])))
    known = {"".join("10"[n % 2] * int(w) for n, w in enumerate(one)): v for v, one in enumerate(PATTERNS)}
    start, *data, check = (known[modules[at : at + 11]] for at in range(0, len(modules) - 13, 11))
    assert check == (start + sum(n * each for n, each in enumerate(data, 1))) % 103
    if start == START_C:
        return "".join(f"{each:02}" for each in data)
    assert start == START_B
    return "".join(chr(each + 32) for each in data)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=30))
def test_what_is_written_is_read_back(text):
    assert scanned(code128.widths(text)) == text


@pytest.mark.parametrize(
    ("text", "start", "long"), [("123456", START_C, 6), ("12345", START_B, 8), ("3f2a", START_B, 7)]
)
def test_digits_in_pairs_take_half_the_room(text, start, long):
    symbols = code128.values(text)
    assert symbols[0] == start
    assert len(symbols) == long


@pytest.mark.parametrize("text", ["", "é", "a\n"])
def test_what_it_cannot_write_is_an_error(text):
    with pytest.raises(code128.BarcodeError):
        code128.widths(text)
