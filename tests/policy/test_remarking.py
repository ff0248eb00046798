"""Marking anew goes down by the originator alone and up by anybody, and never both at once."""

import pytest
from benchmarks.policy.draw import markings
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.core.marking import parse
from watchfloor.policy.remarking import why_not_higher, why_not_lower

drawn = st.integers(0, 1 << 16).map(lambda seed: markings(2, seed))


@given(drawn)
def test_down_and_up_are_the_order_of_the_lattice(pair):
    old, new = pair
    down, up = why_not_lower(old, new, "cell", None), why_not_higher(old, new)
    if down is None:
        assert new <= old
        assert new != old
        assert not old.originators - {"cell"}
    if up is None:
        assert old <= new
        assert new != old
    assert down is not None or up is not None, "no change goes both ways"


@given(drawn)
def test_any_join_is_a_way_up_and_the_way_back_is_the_originators(pair):
    old, other = pair
    new = old | other
    if new != old:
        assert why_not_higher(old, new) is None
        assert why_not_lower(new, old, "nobody", "another") is not None


@pytest.mark.parametrize(
    ("old", "new", "organisation", "sender", "says"),
    [
        ("PB//TLP:RED", "PA//TLP:GREEN", "cell", None, None),
        ("PB//TLP:RED//ORCON:cell", "PA//TLP:GREEN", "cell", None, None),
        ("PB//TLP:RED", "PB//TLP:RED", "cell", None, "already"),
        (
            "PB//TLP:RED//ORCON:bank",
            "PA//TLP:RED//ORCON:bank",
            "cell",
            None,
            "it is bank's, and this is cell",
        ),
        ("PB//TLP:RED", "PA//TLP:RED", "cell", "bank", "it is bank's"),
        ("PB//TLP:GREEN", "PA//TLP:RED", "cell", None, "not below"),
        ("PB//TLP:RED//PURPOSE:fraud", "PB//TLP:RED", "cell", None, "come from the law"),
        ("PB//TLP:RED//UNTIL:2027-01-01", "PA//TLP:RED", "cell", None, "come from the law"),
        ("PB//TLP:RED//UNTIL:2027-01-01", "PA//TLP:RED//UNTIL:2027-01-01", "cell", None, None),
    ],
)
def test_a_downgrade_is_the_originators_and_loosens_no_law(old, new, organisation, sender, says):
    why = why_not_lower(parse(old), parse(new), organisation, sender)
    assert why is None if says is None else says in why.render()
    if why is not None:
        assert why.render("fr") != why.render()
