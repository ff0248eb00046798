"""Which subscription is about which fact: the index against a look at every pair."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.casework.notices.matching import Facts, Followed, Matcher
from watchfloor.casework.notices.targets import FARTHEST, REACH, canonical, circle, stretch
from watchfloor.casework.tasking.spots import metres
from watchfloor.cell.acts import Refusal
from watchfloor.reference import border

NAMES = [f"n{n}" for n in range(6)]
QUERIES = ["state=new", "band=6", "text=n1"]
CORNERS = [(0, 0), (45, -75), (45.001, -75.001), (89.99, 10), (-89.9, -170), (0, 180), (0.01, -179.99)]


def points():
    anywhere = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
    here = st.sampled_from([border.load().at(km) for km in (2000, 2005, 2010, 2030)])
    return st.one_of(anywhere, st.sampled_from(CORNERS), here)


def circles():
    radius = st.one_of(st.floats(1, FARTHEST), st.sampled_from([1, 150, 5_000, 100_000, FARTHEST]))
    return st.tuples(points(), radius).map(
        lambda one: canonical("place", f"{one[0][0]},{one[0][1]},{one[1]}")
    )


FOLLOWED = st.lists(
    st.one_of(
        st.builds(Followed, st.sampled_from(["lead", "subject"]), st.sampled_from(NAMES)),
        st.builds(Followed, st.just("place"), circles()),
        st.builds(Followed, st.just("stretch"), st.sampled_from(["main:2000-2006", "main:1990-2100"])),
        st.builds(Followed, st.just("view"), st.sampled_from(QUERIES)),
    ),
    max_size=30,
)
ROWS = st.lists(
    st.tuples(
        st.lists(st.sampled_from(NAMES), max_size=2),
        st.lists(st.sampled_from(NAMES), max_size=3),
        st.one_of(st.none(), points()),
        st.sets(st.sampled_from(QUERIES)),
    ),
    max_size=20,
)


def by_hand(one, row):
    """Whether a subscription is about a fact, without an index."""
    leads, subjects, where, shown = row
    if one.kind in ("lead", "subject"):
        return one.target in (leads if one.kind == "lead" else subjects)
    if one.kind == "view":
        return one.target in shown
    if where is None:
        return False
    if one.kind == "place":
        centre = circle(one.target)
        return metres(*where, centre.latitude, centre.longitude) <= centre.radius
    asked, near = stretch(one.target), border.load().nearest([where[0]], [where[1]])
    on = asked.start <= near.km[0] <= asked.end and near.alaska[0] == (asked.chain == "alaska")
    return bool(near.metres[0] <= REACH and on)


@settings(max_examples=draws(60), deadline=None)
@given(FOLLOWED, ROWS)
def test_the_index_finds_what_a_look_at_every_pair_finds(followed, rows):
    places = np.array([one[2] or (np.nan, np.nan) for one in rows], float).reshape(-1, 2)
    facts = Facts([one[0] for one in rows], [one[1] for one in rows], *places.T)
    asked = []

    def holds(query):
        asked.append(query)
        return np.array([query in one[3] for one in rows], bool)

    found = list(zip(*(part.tolist() for part in Matcher(followed).match(facts, holds)), strict=True))
    expected = {(n, m) for n, one in enumerate(followed) for m, row in enumerate(rows) if by_hand(one, row)}
    assert len(found) == len(set(found))
    assert set(found) == expected
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("text", ["45,-75", "45,-75,0", "91,0,10", "45,-75,900000", "x"])
def test_a_place_that_is_none_or_too_wide_is_refused(text):
    with pytest.raises(Refusal):
        canonical("place", text)


@pytest.mark.parametrize("text", ["5", "20-10", "0-501", "lost:1-2", "6400-6500", "a-b", "10-10"])
def test_a_stretch_that_is_none_or_too_long_is_refused(text):
    with pytest.raises(Refusal):
        canonical("stretch", text)


def test_one_place_is_kept_in_one_way():
    assert canonical("place", "45.0,-75.00000,5e3") == canonical("place", "45,-75,5000")
    assert canonical("stretch", "2060-2075") == canonical("stretch", "main:2060.0-2075") == "main:2060-2075"
