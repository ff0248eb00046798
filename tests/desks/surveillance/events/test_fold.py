"""One answer for every cut, through every freeze, and with every kind of bad point."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.desks.surveillance.events.worlds import LINE, START, ais, meeting, merged, part, path, weather
from tests.thorough import draws

from watchfloor.desks.surveillance import events, messages
from watchfloor.desks.surveillance.events.places import places


@pytest.fixture(scope="module")
def refs():
    return events.References(events.line.load())


def busy(seed, tracks=24, span=5400.0):
    """Tracks near the line that walk, stop, meet, fall silent, end and come again, some points late."""
    random = np.random.default_rng(seed)
    every = []
    for number in range(tracks):
        t = START + np.sort(random.uniform(0, span, 240))
        t[1:] += 1e-3 * np.arange(1, 240)
        pace = random.choice([0.0, 0.3, 1.4, 6.0], 240 // 40).repeat(40) * random.choice([-1, 1])
        north = np.cumsum(np.append(0, np.diff(t)) * pace) + random.uniform(-400, 400)
        east = np.cumsum(np.append(0, np.diff(t)) * pace[::-1]) + random.uniform(-100, 100)
        north[0] += 1500.0 * number
        every.append(
            path(
                number, t, north, east, sigma=20.0, klass=random.integers(0, 8, 240 // 60).repeat(60),
                claimed=number % 7 if number % 3 else -1, self_reported=random.random(240) < 0.7,
                exists=random.uniform(0.4, 1, 240), confirmed=t > t[random.integers(0, 40)],
                ended=np.arange(240) == random.choice([100, 239]), height=random.uniform(0, 2000, 240),
            )
        )  # fmt: skip
    points = merged(*every, meeting(first=100), ais(1500.0, first=200))
    late = random.integers(0, len(points.t), 60)
    points.t[late] -= 300
    points.latitude[random.integers(0, len(points.t), 5)] = np.nan
    points.t[random.integers(0, len(points.t), 3)] = np.inf
    return points


SKY = {"temperature": -33.0, "wind_speed": 6.0, "wind_from": 200.0, "ice": 0.07, "precipitation": "snow"}


def folded(refs, points, cuts, frozen=()):
    """Everything told by the points in batches that end at `cuts`, and the state at the end."""
    state, told = events.begin(refs), []
    edges = [0, *sorted(cuts), len(points.t)]
    middle = len(points.t) // 2
    for number, (first, last) in enumerate(pairwise(edges)):
        if first <= middle < last:
            told += _taken(state, part(points, first, middle), first)
            events.weather(state, weather(**SKY))
            first = middle
        told += _taken(state, part(points, first, last), first)
        if number in frozen:
            state = events.thaw(refs, events.freeze(state))
    return told, events.freeze(state)


def _taken(state, points, first):
    return [one._replace(row=one.row + first) for one in events.fold_points(state, points)]


@pytest.fixture(scope="module")
def whole(refs):
    points = busy(2)
    return points, *folded(refs, points, [])


def test_the_world_has_something_of_everything(whole):
    _, told, _ = whole
    assert {one.rule for one in told} >= {
        "border-crossing",
        "rendezvous",
        "loitering",
        "transmission-gap",
        "cold-exposure",
        "thin-ice",
    }
    assert any(one.retracted for one in told)


@given(st.lists(st.integers(0, 6000), max_size=12), st.sets(st.integers(0, 12)))
@settings(max_examples=draws(25))
def test_every_cut_and_every_freeze_gives_the_same(refs, whole, cuts, frozen):
    points, told, end = whole
    again, state = folded(refs, points, cuts, frozen)
    assert repr(again) == repr(told)
    assert state.equals(end)


def test_point_by_point_gives_the_same(refs, whole):
    points = part(whole[0], 0, 1500)
    assert repr(folded(refs, points, range(1, 1500))[0]) == repr(folded(refs, points, [])[0])


def test_what_was_told_by_then_is_what_a_shorter_log_tells(refs, whole):
    points, told, _ = whole
    half = part(points, 0, 2880)
    shorter = events.fold_points(events.begin(refs), half)
    assert repr(shorter) == repr([one for one in told if one.row < 2880])


def test_every_event_is_in_order_and_dated_by_the_clock(whole):
    points, told, _ = whole
    clock = np.maximum.accumulate(np.where(np.isfinite(points.t), points.t, -np.inf))
    assert [one.row for one in told] == sorted(one.row for one in told)
    assert all(one.at == clock[one.row] for one in told)
    assert all(one.since <= one.at for one in told)
    assert all(0 <= one.score <= 1 for one in told)
    assert all(one.radius >= 0 for one in told)
    for one in told:
        assert one.why.render("en") != one.why.render("fr")


def test_a_revision_has_the_identity_of_what_it_revises(whole):
    _, told, _ = whole
    stood = set()
    for one in told:
        key = (one.rule, one.tracks, one.window)
        assert not one.retracted or key in stood
        stood.add(key)


def test_the_sentences_name_the_classes_in_the_order_of_their_codes():
    assert tuple(messages.WHO) == events.CLASSES


def test_no_points_and_no_good_points(refs):
    state = events.begin(refs)
    before = events.freeze(state)
    assert (
        events.fold_points(
            state,
            events.points(
                t=[], track=[], latitude=[], longitude=[], velocity=np.zeros((0, 2)), cov=np.zeros((0, 3))
            ),
        )
        == []
    )
    assert events.freeze(state).equals(before)
    bad = path(1, START + np.arange(5.0), 0.0, 0.0, at=(LINE, -110.0))
    bad.latitude[:] = [np.nan, np.inf, 91, -1e300, 0]
    bad.t[4] = np.nan
    assert events.fold_points(state, bad) == []
    assert state.late == 5


def test_a_code_that_is_no_class_is_the_unknown_one(refs):
    t = START + np.arange(0, 600, 10.0)
    strange, unknown = (
        events.fold_points(events.begin(refs), path(1, t, 300 - (t - START), 0.0, klass=np.int8(code)))
        for code in (-1, 7)
    )
    assert strange == unknown != []


def test_a_state_of_another_kind_is_refused(refs):
    with pytest.raises(ValueError, match="replay the log"):
        events.thaw(refs, pa.table({"part": ["tracks"]}))
    frozen = events.freeze(events.begin(refs))
    other = frozen.set_column(0, frozen.schema.field(0), pa.array(["0"] * frozen.num_rows))
    with pytest.raises(ValueError, match="replay the log"):
        events.thaw(refs, other)


def test_tracks_that_are_long_silent_are_forgotten(refs):
    state = events.begin(refs)
    for hour in range(0, 200, 10):
        t = START + hour * 3600 + np.arange(100.0)
        events.fold_points(state, merged(*(path(hour * 1000 + n, t, 300.0 * n, t - t[0]) for n in range(20))))
    assert state.tracks.count < 100
    assert events.freeze(state)["count"][0].as_py() == 20


def test_points_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="velocity"):
        events.points(t=[1.0], track=[1], latitude=[0], longitude=[0], velocity=[1.0], cov=[[1.0, 0, 1]])


def test_columns_of_arrow_are_no_other_type_to_the_rules():
    """Read-only arrays would have every rule compiled a second time, for 15 s on the day that one came."""
    column = pa.chunked_array([[1.0, 2.0]])
    plain = {"t": column, "track": [1, 2], "latitude": column, "longitude": column, "height": column}
    given = events.points(**plain, velocity=np.zeros((2, 2)), cov=np.ones((2, 3)))
    circles = places(pa.table({"latitude": column, "longitude": column, "radius": column}), 1.0)
    assert not np.asarray(column).flags.writeable
    assert [each.flags.writeable and each.flags.c_contiguous for each in (*given, *circles)] == [True] * 19
