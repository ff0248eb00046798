from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.core.marking import PUBLIC, Marking, MarkingError, join, parse

names = st.frozensets(st.sampled_from(["a", "b", "c"]))
markings = st.builds(
    Marking,
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(0, 4),
    st.none() | st.frozensets(st.sampled_from(["CAN", "USA", "GBR"])),
    names,
    names,
    names,
    names,
    st.none() | names,
    st.none() | st.dates(date(2026, 1, 1), date(2030, 1, 1)),
)


@given(markings, markings, markings)
def test_the_join_is_a_semilattice(a, b, c):
    assert a | a == a
    assert a | b == b | a
    assert (a | b) | c == a | (b | c)
    assert a | PUBLIC == a


@given(markings, markings)
def test_a_join_is_at_least_as_strict_as_either_side_and_no_stricter_than_any_bound(a, b):
    both = a | b
    assert a <= both
    assert b <= both


@given(markings, markings, markings)
def test_the_join_is_the_least_upper_bound(a, b, c):
    if a <= c and b <= c:
        assert a | b <= c


@given(markings)
def test_a_written_marking_reads_back(marking):
    assert parse(str(marking)) == marking


@given(st.lists(markings, max_size=4))
def test_joining_written_markings_is_joining_them(some):
    total = PUBLIC
    for one in some:
        total |= one
    assert parse(join(map(str, some))) == total


@pytest.mark.parametrize("text", ["PD", "TLP:PINK", "REL", "UNTIL:2026-02-30", "PB//banana", ""])
def test_an_undefined_marking_is_named(text):
    with pytest.raises(MarkingError, match="marking"):
        parse(text)
