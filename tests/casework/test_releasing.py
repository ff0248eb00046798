from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from watchfloor.casework.releasing import why_not
from watchfloor.core.marking import Marking
from watchfloor.policy.policy import Reader, allowed


def names(*some):
    return st.frozensets(st.sampled_from(some))


DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 5))
MARKINGS = st.builds(
    Marking,
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(0, 4),
    st.none() | names("CAN", "USA"),
    names("RCMP", "CBSA"),
    names("SI", "TK"),
    names("x"),
    names("x"),
    st.none() | names("border", "rescue"),
    st.none() | DAYS,
)
READERS = st.builds(
    Reader,
    st.just("r"),
    st.sampled_from(["CAN", "USA"]),
    st.sampled_from(["RCMP", "CBSA", "floor"]),
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(0, 4),
    names("SI", "TK"),
    st.sampled_from(["border", "rescue", ""]),
    st.none() | DAYS,
)


@given(READERS, MARKINGS)
def test_there_is_a_reason_exactly_where_the_policy_says_no(reader, marking):
    why = why_not(reader, marking)
    assert (why is None) == allowed(reader, marking)
    if why is not None:
        assert why.render("en") != why.render("fr")


@given(READERS)
def test_the_reason_is_the_limit_that_is_not_met(reader):
    level = Marking(protected=reader.protected + 1) if reader.protected < 3 else None
    if level:
        assert "clearance" in why_not(reader, level).render()
    assert "originator" in why_not(reader, Marking(originators=frozenset({"SOMEBODY"}))).render()
    assert why_not(reader, Marking(release=frozenset())).params["countries"] == "–"
    assert why_not(reader, Marking(purposes=frozenset())).params["purposes"] == "–"
