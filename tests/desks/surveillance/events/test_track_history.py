"""What bears a point out, and which track takes up another."""

import numpy as np
import pytest
from tests.desks.surveillance.events.worlds import (
    BOAT,
    LAKE,
    PERSON,
    START,
    VEHICLE,
    merged,
    net,
    part,
    path,
    weather,
)

from watchfloor.desks.surveillance import events
from watchfloor.desks.surveillance.events import stitching


@pytest.fixture(scope="module")
def refs():
    return events.References(events.line.load())


def told(refs, points, rule="border-crossing", sky=None):
    state = events.begin(refs)
    if sky is not None:
        events.weather(state, sky)
    return [one for one in events.fold_points(state, points) if one.rule == rule]


def test_a_track_that_lives_on_single_reports_tells_nothing(refs):
    """Waves, one in five minutes, that a tracker took for one object: it walks over the line and did not."""
    t = START + np.arange(0, 9_000, 300.0)
    assert not told(refs, path(1, t, 2_000 - 0.5 * (t - START), 0.0, klass=VEHICLE))
    dense = START + np.arange(0, 9_000, 100.0)
    assert told(refs, path(1, dense, 2_000 - 0.5 * (dense - START), 0.0, klass=VEHICLE))


def test_what_is_known_to_half_a_kilometre_tells_nothing(refs):
    t = START + np.arange(0, 3_000, 10.0)
    assert not told(refs, path(1, t, 9_000 - 6 * (t - START), 0.0, sigma=500.0, klass=VEHICLE))


def test_one_report_on_a_side_is_no_crossing(refs):
    """A wave south of the line, then a tractor north of it, under one number."""
    t = START + np.append(0.0, np.arange(100, 400, 10.0))
    north = np.append(-600.0, np.full(30, 400.0))
    assert not told(refs, path(1, t, north, 0.0, velocity=np.zeros((31, 2)), klass=VEHICLE))
    again = np.append(START + 10, t), np.append(-600.0, north)
    order = np.argsort(again[0])
    points = path(1, again[0][order], again[1][order], 0.0, velocity=np.zeros((32, 2)), klass=VEHICLE)
    assert told(refs, points)


def halves(gap=180.0, apart=100.0, klass=VEHICLE, **second):
    """A car drives up to the line and stands there unseen; another track begins `apart` metres beyond it."""
    t = START + np.arange(0, 300, 10.0)
    later = t[-1] + gap + np.arange(0, 300, 10.0)
    ends = 150.0 - apart - 12 * (later - later[0])
    first = path(1, t, 150 + 12 * (t[-1] - t), 0.0, klass=klass)
    return merged(first, path(2, later, ends, 0.0, **({"klass": klass} | second)))


def test_who_stood_at_the_line_and_goes_on_under_another_number_crossed(refs):
    (one,) = net(told(refs, halves(apart=200.0)))
    assert one.tracks == (2,)
    assert one.why.message.startswith("surveillance.into-united-states.")
    assert one.since == START + 290
    assert one.was == 1


@pytest.mark.parametrize(
    "other",
    [
        {"gap": 400.0},
        {"apart": 600.0},
        {"apart": 200.0, "klass": PERSON},
        {"apart": 200.0, "claimed": 9, "self_reported": True},
    ],
)
def test_what_begins_later_farther_or_as_something_else_is_another(refs, other):
    points = halves(**({"apart": 200.0} | other))
    if other.get("claimed"):
        points.claimed[points.track == 1] = 8
    assert not told(refs, points)


def test_one_track_is_taken_up_once(refs):
    """Two that begin where one stood: the first is that one, the second somebody else."""
    one = halves(apart=200.0)
    third = part(one, 30, 60)._replace(track=np.full(30, 3), t=one.t[30:] + 5.0)
    assert len(net(told(refs, merged(one, third)))) == 1


def test_a_boat_that_went_on_unseen_crossed(refs):
    """Out of the last receiver's hearing, into the next radar's sight: where its course leads, minutes on."""
    t = START + np.arange(0, 600, 30.0)
    later = t[-1] + 600 + np.arange(0, 300, 30.0)
    first = path(1, t, -4_000 + 5 * (t - t[-1]), 0.0, klass=BOAT, self_reported=True, claimed=4)
    for off, crossings in ((0.0, 1), (400.0, 1), (3_000.0, 0)):
        second = path(2, later, -1_000 + 10 * (later - later[0]), off, klass=BOAT)
        second.latitude[:] += 0.018  # two kilometres on
        assert len(net(told(refs, merged(first, second)))) <= crossings
    slow = path(1, t, -2_000 + 5 * (t - t[-1]), 0.0, klass=BOAT, self_reported=True, claimed=4)
    on = path(2, later, 1_000 + 5 * (later - later[0]), 0.0, klass=BOAT)
    (one,) = net(told(refs, merged(slow, on)))
    assert one.tracks == (2,)


def test_cold_counts_from_the_first_of_both(refs):
    t = START + np.arange(0, 500, 10.0)
    later = t[-1] + 60 + np.arange(0, 500, 10.0)
    both = merged(
        path(1, t, 500.0 + 1.0 * (t - START), 0.0, klass=PERSON),
        path(2, later, 1_000.0 + 1.0 * (later - later[0]), 0.0, klass=PERSON),
    )
    (one,) = net(told(refs, both, "cold-exposure", weather(temperature=-33.0, wind_speed=0.0)))
    assert one.tracks == (2,)
    assert one.since == START
    assert one.at == START + 600


def test_what_was_told_of_one_is_not_told_of_its_heir(refs):
    around = events.Places(np.array([LAKE[0]]), np.array([LAKE[1]]), np.array([50_000.0]))
    t = START + np.arange(0, 900, 30.0)
    later = t[-1] + 240 + np.arange(0, 900, 30.0)
    first = path(1, t, 0.0, 4.0 * (t - START), at=LAKE, klass=BOAT)
    second = path(2, later, 0.0, 4.0 * (later - START), at=LAKE, klass=BOAT)
    assert len(told(refs._replace(receivers=around), merged(first, second), "dark-contact")) == 1


def test_a_flood_of_tracks_is_no_reason_to_search_for_each(refs):
    state = events.begin(refs)
    t = START + np.arange(0, 9, 3.0)
    every = merged(*(path(n, t, 100.0 * n, 50.0 * n, klass=VEHICLE) for n in range(200)))
    events.fold_points(state, every)
    assert state.budget["left"][0] == 0
    assert stitching.SOUGHT < 200


def test_a_wave_that_becomes_the_car_takes_up_where_the_car_stood(refs):
    """The tracker gives its number to the car: the run of the car began where its place became clear."""
    both = halves(apart=200.0)
    t = both.t[both.track == 2][0]
    wave = path(2, [t - 400.0, t - 8.0], [900.0, 500.0], [800.0, 300.0], sigma=600.0, klass=VEHICLE)
    (one,) = net(told(refs, merged(both, wave)))
    assert one.tracks == (2,)
    assert one.why.message.startswith("surveillance.into-united-states.")


def test_nobody_is_long_in_the_cold_of_whom_nothing_was_heard_in_between(refs):
    """A ground sensor that the wind sets off now and then is nobody who has been out for half an hour."""
    bursts = np.concatenate([START + 400.0 * n + np.arange(0, 60, 15.0) for n in range(9)])
    cold = weather(temperature=-33.0, wind_speed=0.0)
    assert not told(refs, path(1, bursts, 500.0, 0.0, klass=PERSON), "cold-exposure", cold)
    steady = START + np.arange(0, 900, 100.0)
    assert told(refs, path(1, steady, 500.0, 0.0, klass=PERSON), "cold-exposure", cold)


def test_a_track_takes_up_the_same_one_however_the_points_are_cut(refs):
    t = START + np.arange(0, 900, 30.0)
    later = t[-1] + 240 + np.arange(0, 900, 30.0)
    first = path(5, t, 4.0 * (t - START) - 6_000, 0.0, klass=BOAT, ended=t == t[-1])
    points = merged(
        halves(apart=200.0), first, path(6, later, 4.0 * (later - START) - 6_000, 0.0, klass=BOAT)
    )
    whole = events.fold_points(events.begin(refs), points)
    state, told_ = events.begin(refs), []
    for n in range(len(points.t)):
        told_ += [one._replace(row=n) for one in events.fold_points(state, part(points, n, n + 1))]
        state = events.thaw(refs, events.freeze(state))
    assert {one.was for one in whole} >= {1, 5}
    assert repr(told_) == repr(whole)
