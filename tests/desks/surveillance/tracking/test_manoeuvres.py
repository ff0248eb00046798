"""A boat that stops or turns sharper than the motion models know, and one that is gone."""

import numpy as np
import pytest
from tests.desks.surveillance.tracking.test_hard_scenes import scans
from tests.desks.surveillance.tracking.test_tracker import everything, same

from watchfloor.desks.surveillance.tracking import Config, Reports, Tracker

EVERY = 2.5
"""Seconds a turn."""
AT = 40.0
"""When the boat does what it does."""


def boat(speed: float, turn: float | None, seed: int = 1, clutter: int = 0) -> Reports:
    """A boat that goes east at a `speed`, among three that keep their ways, seen by one radar.

    At the time `AT` it goes on at a right angle with the speed `turn`, or is gone where that is None.
    From then on the radar finds `clutter` a scan about that place.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for look, t in enumerate(np.arange(0, 80, EVERY)):
        seen = [np.array([east * t, 600.0 * k]) for k, east in ((1, 8.0), (2, -8.0), (3, 5.0))]
        if t < AT:
            seen.append(np.array([speed * t, 0.0]))
        elif turn is not None:
            seen.append(np.array([speed * AT, turn * (t - AT)]))
        if t >= AT:
            seen += list(np.array([speed * AT, 0.0]) + rng.uniform(-150, 150, (clutter, 2)))
        rows += [(t, 1, look, *one) for one in (one + rng.normal(0, 5, 2) for one in seen)]
    return scans(rows)


def numbers(reports: Reports, **settings) -> tuple[set, set]:
    """The numbers of the tracks that are shown about the boat: before `AT`, and well after it."""
    told = everything(Tracker(Config(**settings)), reports)
    here = told["confirmed"] & (abs(told["place"][:, 1]) < 550)
    spans = ((30, AT - 1), (AT + 20, AT + 30))
    before, after = (set(told["track"][here & (told["t"] > a) & (told["t"] < b)].tolist()) for a, b in spans)
    return before, after


@pytest.mark.parametrize("turn", [0.0, 15.0, -15.0])
def test_a_boat_that_stops_or_turns_at_once_keeps_its_number(turn):
    seeds = range(1, 5)
    kept = [numbers(boat(15.0, turn, seed)) for seed in seeds]
    assert all(before == after and len(before) == 1 for before, after in kept)
    without = [numbers(boat(15.0, turn, seed), manoeuvres=False) for seed in seeds]
    assert any(before != after for before, after in without), "the scene is one that loses the number"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_gone_is_not_carried_on_by_the_clutter_about_its_last_place(seed):
    before, after = numbers(boat(15.0, None, seed, clutter=2))
    assert len(before) == 1
    assert not before & after


def test_cuts_change_nothing_at_a_turn():
    reports = boat(15.0, 15.0)
    cuts = np.random.default_rng(1).integers(0, len(reports), 20)
    assert same(everything(Tracker(), reports), everything(Tracker(), reports, cuts))


def fleet(seed: int) -> Reports:
    """Ten boats that each turn at once to the right, in clutter, seen by four radars that miss a fifth."""
    rng = np.random.default_rng(seed)
    rows = []
    turn, home, course = rng.uniform(30, 60, 10), rng.uniform(-1500, 1500, (10, 2)), rng.uniform(0, 6.28, 10)
    way = 12 * np.column_stack((np.cos(course), np.sin(course)))
    for look, t in enumerate(np.arange(0, 75, 1.25)):
        before, since = np.minimum(t, turn)[:, None], np.maximum(t - turn, 0)[:, None]
        boats = (home + way * before + way[:, ::-1] * [1, -1] * since)[rng.random(10) < 0.8]
        clutter = rng.uniform(-2500, 2500, (rng.poisson(30), 2))
        rows += [(t, look % 4, look, *at) for at in (*(boats + rng.normal(0, 8, boats.shape)), *clutter)]
    return scans(rows, 8.0)


def test_a_track_that_has_ended_does_not_come_back():
    for seed in range(1, 9):
        told = everything(Tracker(), fleet(seed))
        for number in np.unique(told["track"][told["ended"]]):
            assert not told["ended"][told["track"] == number][:-1].any(), (seed, number)
