"""A ship that is longer than a sensor errs: one track, at its full length."""

from dataclasses import fields

import numpy as np
import pytest
from tests.desks.surveillance.tracking.test_harbour import shown
from tests.desks.surveillance.tracking.test_tracker import everything

from watchfloor.desks.surveillance.tracking import Config, Reports, Tracker, extent

EVERY = 0.5


def long_ship(
    length: float, speed: float = 3.0, seconds: float = 90.0, seed: int = 1, north: float = 0.0
) -> Reports:
    """What a lidar finds of a ship that goes east: one to three places along its length."""
    rng = np.random.default_rng(seed)
    rows = []
    for look, t in enumerate(np.arange(0, seconds, EVERY)):
        found = np.zeros(0)
        while len(found) == 0 or (np.diff(np.sort(found)) < 10).any():
            found = rng.uniform(-length / 2, length / 2, 1 if length < 12 else rng.integers(1, 4))
        rows += [(t, look, speed * t + one + rng.normal(0, 1), north + rng.normal(0, 1)) for one in found]
    t, look, east, up = np.array(rows).T
    return Reports(
        t=t,
        sensor=np.ones(len(t), int),
        scan=look.astype(int),
        place=np.column_stack((east, up, 0 * t)),
        cov=np.tile((9.0, 0.0, 9.0), (len(t), 1)),
    )


def together(*some: Reports) -> Reports:
    """All of them, in the order of their looks."""
    names = [one.name for one in fields(Reports) if getattr(some[0], one.name) is not None]
    joined = {name: np.concatenate([getattr(one, name) for one in some]) for name in names}
    order = np.lexsort((joined["scan"], joined["t"]))
    return Reports(**{name: values[order] for name, values in joined.items()})


def test_a_ship_of_which_a_look_finds_several_places_is_one_track():
    times = np.arange(24, 88, 4)
    by_setting = []
    for extents in (True, False):
        told = [
            everything(Tracker(Config(extents=extents)), long_ship(40.0, seed=seed)) for seed in (1, 2, 3, 4)
        ]
        by_setting.append(np.array([[shown(one, at) for at in times] for one in told]))
    assert (by_setting[0] >= 1).mean() > 0.98
    assert by_setting[0].mean() < 1.6
    assert by_setting[1].mean() > 1.9, "the scene is one that splits a ship"


def test_the_length_is_learned_along_the_course():
    tracker = Tracker()
    tracker.update(long_ship(40.0))
    held = tracker._tracks[tracker._tracks["live"][0]]
    along, beam = held["size"]
    assert 6 < np.sqrt(along) <= extent.LONGEST[0]
    assert beam < 9


def test_a_boat_has_no_length():
    tracker = Tracker()
    tracker.update(long_ship(2.0))
    held = tracker._tracks[tracker._tracks["live"][0]]
    assert (held["size"] < extent.MARGIN * 9).all()


@pytest.mark.parametrize("seed", [1, 2])
def test_two_boats_that_go_side_by_side_from_the_beginning_are_two(seed):
    two = together(long_ship(2.0, seed=seed), long_ship(2.0, seed=seed + 50, north=20.0))
    told = everything(Tracker(), two)
    assert [shown(told, at) for at in (40, 60, 80)] == [2, 2, 2]


def test_a_boat_that_leaves_a_ship_is_a_track_of_its_own():
    ship = long_ship(40.0, seconds=80)
    boat = long_ship(2.0, seconds=80, speed=7.0, north=20.0)
    late = boat.t > 30
    columns = {
        one.name: getattr(boat, one.name)[late]
        for one in fields(Reports)
        if getattr(boat, one.name) is not None
    }
    columns["place"] = columns["place"] - [120.0, 0.0, 0.0]
    told = everything(Tracker(), together(ship, Reports(**columns)))
    assert shown(told, 28.0) == 1
    assert shown(told, 70.0) == 2


def test_two_that_say_who_they_are_stay_two_however_near_they_go():
    """Two vessels go side by side, 9 m apart; a lidar sees both, and both tell their identities."""
    rng = np.random.default_rng(4)
    times = np.arange(0, 120, EVERY)
    rows = [
        (t, 1, look, *rng.normal((3 * t, north), 1), -1)
        for look, t in enumerate(times)
        for north in (0.0, 9.0)
    ]
    told = [(t, 2, -1, *rng.normal((3 * t, 9.0 * who), 1), who) for t in times[::8] for who in (0, 1)]
    t, sensor, scan, east, north, claimed = np.array(sorted(rows + told)).T
    seen = Reports(
        t=t,
        sensor=sensor.astype(int),
        scan=scan.astype(int),
        place=np.column_stack((east, north, 0 * t)),
        cov=np.tile((9.0, 0.0, 9.0), (len(t), 1)),
        claimed=claimed.astype(int),
    )
    found = everything(Tracker(), seen)
    late = found["confirmed"] & (found["t"] > 30)
    assert len({*zip(found["track"][late].tolist(), found["claimed"][late].tolist(), strict=True)}) == 2
