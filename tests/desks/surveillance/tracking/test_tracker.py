"""The tracker as a whole: cuts, snapshots, places on the Earth, bad input."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.desks.surveillance.tracking import Config, Reports, Tracker, ecef

SMALL = 40


def scene(seed: int = 1, steps: int = SMALL, clutter: int = 8, objects: int = 6) -> Reports:
    """Objects that walk in a plane, two sensors that scan it by turns, clutter between."""
    rng = np.random.default_rng(seed)
    place = rng.uniform(0, 2_000, (objects, 2))
    rate = rng.uniform(-8, 8, (objects, 2))
    t, sensor, z = [], [], []
    for k in range(steps):
        seen = rng.random(objects) < 0.9
        found = place[seen] + rng.normal(0, 8, (seen.sum(), 2))
        all_ = np.vstack((found, rng.uniform(0, 2_000, (rng.poisson(clutter), 2))))
        z.append(all_[rng.permutation(len(all_))])
        t.append(np.full(len(all_), k * 1.0))
        sensor.append(np.full(len(all_), 10 + k % 2))
        place = place + rate
    places = np.vstack(z)
    return Reports(
        t=np.concatenate(t),
        sensor=np.concatenate(sensor),
        place=np.column_stack((places, np.zeros(len(places)))),
        cov=np.tile([64.0, 0, 64.0], (len(places), 1)),
    )


def everything(tracker: Tracker, reports: Reports, cuts=()) -> dict:
    """All that the tracker says of these reports, cut at `cuts`, joined."""
    edges = [0, *sorted(cuts), len(reports)]
    found = [tracker.update(reports.cut(a, b)) for a, b in pairwise(edges)]
    found.append(tracker.flush())
    names = [n for n in found[0].__slots__ if n != "first"]
    return {n: np.concatenate([getattr(one, n) for one in found]) for n in names}


def same(a: dict, b: dict) -> bool:
    return all(a[n].tobytes() == b[n].tobytes() for n in a)


def test_objects_are_found_and_clutter_is_not():
    told = everything(Tracker(), scene())
    last = told["confirmed"] & (told["t"] == SMALL - 1)
    assert 5 <= len(np.unique(told["track"][last])) <= 7


@settings(max_examples=draws(8), deadline=None)
@given(st.lists(st.integers(0, len(scene())), max_size=6))
def test_cuts_change_nothing(cuts):
    assert same(everything(Tracker(), scene()), everything(Tracker(), scene(), cuts))


@settings(max_examples=5, deadline=None)
@given(st.integers(0, len(scene())))
def test_a_thawed_tracker_goes_on_exactly(at):
    reports = scene()
    whole = everything(Tracker(), reports)
    first = Tracker()
    before = first.update(reports.cut(0, at))
    table = first.freeze()
    second = Tracker.thaw(Config(), table)
    assert second.freeze().equals(table)
    after = everything(second, reports.cut(at, len(reports)))
    for name in whole:
        assert np.concatenate((getattr(before, name), after[name])).tobytes() == whole[name].tobytes()


def on_earth(reports: Reports, latitude: float, longitude: float) -> Reports:
    """The same scene about a point of the Earth, by a sphere-free local map: a plane that touches it."""
    centre = ecef(np.array([latitude]), np.array([longitude]))[0]
    lat, lon = np.radians([latitude, longitude])
    east = np.array([-np.sin(lon), np.cos(lon), 0.0])
    up = np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    north = np.cross(up, east)
    xy = reports.place[:, :2] - 1_000.0
    place = centre + xy[:, :1] * east + xy[:, 1:] * north
    return Reports(t=reports.t, sensor=reports.sensor, place=place, cov=reports.cov)


@pytest.mark.parametrize("where", [(0.001, 10.0), (45.0, 180.0), (89.999, 30.0), (-90.0, 0.0)])
def test_every_place_on_earth_is_like_every_other(where):
    reports = scene(steps=80)
    plane = everything(Tracker(), reports)
    earth = everything(Tracker(), on_earth(reports, *where))
    # From when the sensors are known; at first, whether a report begins a track depends on which square of
    # the map it falls in, and the squares lie otherwise.
    known, on = plane["t"] > 30, earth["t"] > 30
    assert abs(known.sum() - on.sum()) < 0.03 * known.sum()
    assert len(np.unique(plane["track"][known])) == len(np.unique(earth["track"][on]))


def two_vessels_that_meet(seed: int = 3) -> Reports:
    """Two vessels that run side by side, 30 m apart, each telling its name and a place good to 10 m."""
    rng = np.random.default_rng(seed)
    t = np.repeat(np.arange(60) * 10.0, 2) + np.tile([0.0, 3.0], 60)
    name = np.tile([7, 8], 60)
    place = np.column_stack((6 * t, np.where(name == 7, 0.0, 30.0)))
    place = place + rng.normal(0, 10, (120, 2))
    return Reports(
        t=t,
        sensor=np.zeros(120, int),
        place=np.column_stack((place, np.zeros(120))),
        cov=np.tile([100.0, 0, 100.0], (120, 1)),
        claimed=name,
    )


def test_what_tells_its_name_is_followed_by_it():
    reports = two_vessels_that_meet()
    told = everything(Tracker(Config(tell_tentative=True)), reports)
    given_to = dict(zip(told["report"], told["track"], strict=True))
    for name in (7, 8):
        assert len({given_to[k] for k in np.flatnonzero(reports.claimed == name)}) == 1
    assert given_to[0] != given_to[1]


def test_reports_out_of_order_teach_no_time_between_reports():
    reports = two_vessels_that_meet()
    order = np.argsort(reports.t + np.where(np.arange(120) % 7 == 0, 12.0, 0.0), kind="stable")
    late = Reports(
        t=reports.t[order], sensor=reports.sensor[order], place=reports.place[order], cov=reports.cov[order]
    )
    told = everything(Tracker(Config(tell_tentative=True)), late)
    assert np.isfinite(told["exists"]).all()
    assert np.isfinite(told["place"]).all()
