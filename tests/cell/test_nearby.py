"""Nearness in place and time against a brute force and drawn coincidences."""

from math import asin, cos, radians, sin, sqrt

import numpy as np
import pytest

from watchfloor.cell import nearby
from watchfloor.cell.nearby import Reach, near
from watchfloor.core.earth import MEAN_RADIUS

DAY = 86_400_000_000


def scattered(count, seed=1):
    rng = np.random.default_rng(seed)
    at = (rng.random(count) * 30 * DAY).astype(np.int64)
    return rng.uniform(45, 48, count), rng.uniform(-80, -70, count), np.full(count, 300.0), at


def haversine(a, b, c, d):
    a, b, c, d = map(radians, (a, b, c, d))
    return 2 * MEAN_RADIUS * asin(sqrt(sin((c - a) / 2) ** 2 + cos(a) * cos(c) * sin((d - b) / 2) ** 2))


def test_pairs_are_within_reach_by_the_great_circle():
    latitude, longitude, radius, at = scattered(400)
    latitude[1::2] = latitude[::2] + np.random.default_rng(2).normal(0, 0.05, 200)
    longitude[1::2] = longitude[::2]
    at[1::2] = at[::2] + np.random.default_rng(3).integers(0, 3_600_000_000, 200)
    reach = Reach(least=-np.inf)
    found = near(latitude, longitude, radius, at, reach)
    pairs = set(zip(found.one.tolist(), found.other.tolist(), strict=True))
    for i in range(0, 400, 2):
        seconds = (at[i + 1] - at[i]) / 1e6
        metres = haversine(latitude[i], longitude[i], latitude[i + 1], longitude[i + 1])
        slack = 600 + reach.speed * seconds - metres
        if abs(slack) > 1:
            assert ((i, i + 1) in pairs) == (slack > 0 and seconds <= reach.window)


def test_those_that_belong_together_are_found_and_others_hardly_ever():
    latitude, longitude, radius, at = scattered(4_000)
    for column, step in ((latitude, 0.001), (longitude, 0.001), (at, 60_000_000)):
        column[1:2_000:2] = column[:2_000:2] + step
    found = near(latitude, longitude, radius, at)
    twins = (found.one % 2 == 0) & (found.other == found.one + 1) & (found.other < 2_000)
    assert twins.sum() == 1_000
    assert (~twins).sum() <= 4_000 * 2**-10 * 4, "four times what the threshold lets through"


def test_what_one_camera_sees_is_not_one_thing():
    rng = np.random.default_rng(4)
    camera = rng.integers(0, 40, 8_000)
    at = (rng.random(8_000) * 30 * DAY).astype(np.int64)
    found = near(np.linspace(45, 48, 40)[camera], np.linspace(-80, -70, 40)[camera], np.full(8_000, 50.0), at)
    assert len(found.one) == 0


def test_worth_falls_with_the_crowd():
    def worth(others):
        latitude, longitude, radius, at = scattered(others + 2)
        latitude[:2], longitude[:2] = 46.5, [-75.0, -74.999]
        at[:2] = [15 * DAY, 15 * DAY + 60_000_000]
        found = near(latitude, longitude, radius, at, Reach(least=-np.inf))
        return found.bits[(found.one == 0) & (found.other == 1)]

    few, some, many = worth(500), worth(5_000), worth(50_000)
    assert few > some > many


@pytest.mark.parametrize("count", [0, 1, 2])
def test_without_places_nothing_is_near(count):
    nowhere = np.full(count, np.nan)
    assert len(near(nowhere, nowhere, nowhere, np.zeros(count, np.int64)).one) == 0


def test_a_broad_place_is_no_place():
    here, at = np.array([45.0, 45.0]), np.array([0, 0])
    assert len(near(here, here, np.full(2, 1e6), at, Reach(least=-np.inf)).one) == 0
    assert len(near(here, here, np.full(2, np.nan), at, Reach(least=-np.inf)).one) == 1


@pytest.mark.parametrize("seed", range(40))
def test_a_few_signals_are_near_as_by_the_trees(seed, monkeypatch):
    rng = np.random.default_rng(seed)
    count, spread = int(rng.integers(2, 60)), rng.choice([0.01, 0.3, 2.0])
    latitude, longitude = 49 + spread * rng.random(count), -97 + spread * rng.random(count)
    at = (rng.random(count) * rng.choice([6e8, 7.2e9, 1e11])).astype(np.int64)
    if seed % 3 == 0:  # many at one place and moment
        latitude, at = np.round(latitude, 2), at // 600_000_000 * 600_000_000
        longitude = np.round(longitude, 2)
    radius = np.where(rng.random(count) < 0.2, np.nan, 200 * rng.random(count))
    reach = Reach(least=float(rng.choice([-50, 0, 10])))
    few = near(latitude, longitude, radius, at, reach)
    monkeypatch.setattr(nearby, "FEW", 0)
    many = near(latitude, longitude, radius, at, reach)
    assert [part.tobytes() for part in few] == [part.tobytes() for part in many]


def test_few_signals_need_no_tree(monkeypatch):
    monkeypatch.setattr(nearby, "_tree", None)
    assert len(near(*scattered(nearby.FEW))) == 3


def ground(*places, radius=100.0, lasts=60):
    """Arguments of `beside`: places as (east km, north km, day, subject); subject None lies on the ground."""
    east, north, day = (np.array(column, float) for column in list(zip(*places, strict=True))[:3])
    at = (day * DAY).astype(np.int64)
    lies = np.array([place[3] is None for place in places])
    subject = np.array([-1 - n if place[3] is None else place[3] for n, place in enumerate(places)])
    latitude = 49 + np.degrees(north * 1000 / MEAN_RADIUS)
    longitude = -96 + np.degrees(east * 1000 / MEAN_RADIUS) / cos(radians(49))
    return latitude, longitude, np.full(len(day), radius), at, np.where(lies, at + lasts * DAY, -1), subject


def joined(*places, **how):
    found = nearby.beside(*ground(*places, **how))
    return list(zip(found.one.tolist(), found.other.tolist(), strict=True))


TRAIL = (0.0, 0.0, 0.0, None)


@pytest.mark.parametrize(
    ("other", "pairs"),
    [
        ((0.5, 0.0, 5.0, 1), [(0, 1)]),
        ((1.1, 0.0, 59.0, 1), [(0, 1)]),
        ((0.5, 0.0, 61.0, 1), []),  # too long ago that a scene showed it
        ((0.5, 0.0, -1.0, 1), []),  # it was not there yet
        ((1.3, 0.0, 5.0, 1), []),  # more than a kilometre from its edge
    ],
)
def test_what_lies_on_the_ground_is_beside_what_comes_by_within_a_kilometre_later(other, pairs):
    assert joined(TRAIL, other) == pairs


def test_two_things_on_the_ground_and_two_that_come_by_do_not_join_here():
    assert joined(TRAIL, (0.5, 0.0, 1.0, None)) == joined((0.0, 0.0, 0.0, 1), (0.3, 0.0, 1.0, 2)) == []


def test_pieces_of_one_change_are_one_however_many_there_are():
    pieces = [(0.0, 0.35 * n, 0.0, None) for n in range(5)]
    assert joined(*pieces) == [(n, n + 1) for n in range(4)]
    assert (0, 5) in joined(*pieces, (0.9, 0.0, 5.0, 1))
    apart = [(2.0 * n, 0.0, 0.0, None) for n in range(5)]
    assert joined(*apart, (0.9, 0.0, 5.0, 1)) == []  # five changes near a place: one more says little


def test_where_the_ground_changes_everywhere_nearness_is_worth_nothing():
    rng = np.random.default_rng(1)
    some = [(*rng.uniform(-30, 30, 2), 0.0, None) for _ in range(40)]
    assert joined(TRAIL, *some, (0.5, 0.0, 5.0, 1)) == []


def test_a_trail_where_many_come_by_joins_nobody_and_one_who_comes_often_is_one():
    many = [(0.5, 0.0, 5.0 + n, n) for n in range(12)]
    often = [(0.5, 0.0, 5.0 + n, 7) for n in range(12)]
    assert joined(TRAIL, *many) == []
    assert joined(TRAIL, *often) == [(0, n) for n in range(1, 13)]


def test_what_has_no_place_or_a_broad_one_is_beside_nothing():
    arguments = [*ground(TRAIL, (0.5, 0.0, 5.0, 1))]
    arguments[0][1] = np.nan
    assert len(nearby.beside(*arguments).one) == 0
    assert joined(TRAIL, (0.5, 0.0, 5.0, 1), radius=6_000.0) == []
