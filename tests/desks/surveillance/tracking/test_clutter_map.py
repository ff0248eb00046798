"""Places from which returns come again and again: a pier, a bridge, the ship's own side."""

import numpy as np
import pytest
from tests.desks.surveillance.tracking.test_harbour import empty, shown
from tests.desks.surveillance.tracking.test_tracker import everything

from watchfloor.desks.surveillance.tracking import Config, Reports, Tracker, clutter_map

EVERY = 1.7
BRIDGE = np.column_stack((np.full(12, 300.0), np.arange(12) * 18.0 - 100))
"""Its pillars, metres; one in four is found in a scan, within four metres of where it stands."""


def under_a_bridge(boat: bool = True, seconds: float = 340.0, seed: int = 1, own=(0.0, 0.0)) -> Reports:
    """Returns of a bridge, of the side of the ferry that carries the radar, and from 170 s on of a boat."""
    rng = np.random.default_rng(seed)
    rows = []
    for look, t in enumerate(np.arange(0, seconds, EVERY)):
        seen = list(BRIDGE[rng.random(len(BRIDGE)) < 0.25] + own)
        seen += [np.array([18.0, 0.0])] * (rng.random() < 0.6)
        if boat and t > 170 and rng.random() < 0.95:
            seen.append(np.array([3 * (t - 170) - 100.0, 60.0]))
        rows += [(t, look, *(one + rng.normal(0, 4, 2))) for one in seen]
    t, look, east, north = np.array(rows).T
    return Reports(
        t=t,
        sensor=np.ones(len(t), int),
        scan=look.astype(int),
        place=np.column_stack((east, north, 0 * t)),
        cov=np.tile((16.0, 0.0, 16.0), (len(t), 1)),
        sensor_place=np.zeros((len(t), 3)),
    )


def followed(config: Config, reports: Reports, times) -> float:
    """How many tracks are shown, on average over some times."""
    tracker = Tracker(config)
    tracker.update(empty(1, -EVERY, scan=1_000))
    told = everything(tracker, reports)
    return float(np.mean([shown(told, at) for at in times]))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_bridge_and_the_ships_own_side_make_fewer_tracks(seed):
    reports, times = under_a_bridge(boat=False, seed=seed), np.arange(60, 335, 5)
    mapped, unmapped = (followed(Config(mapped=on, hide_still=False), reports, times) for on in (True, False))
    assert unmapped > 1
    assert mapped < 0.7 * unmapped


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_boat_that_goes_under_the_bridge_is_shown(seed):
    told = everything(Tracker(), under_a_bridge(seed=seed))
    found = []
    for at in np.arange(200, 335, 5):
        last = {name: k for k, name in enumerate(told["track"]) if told["t"][k] <= at}
        rows = [k for k in last.values() if told["confirmed"][k]]
        place = told["place"][rows, :2] + told["velocity"][rows] * (at - told["t"][rows])[:, None]
        found.append((np.hypot(*(place - [3 * (at - 170) - 100.0, 60.0]).T) < 20).any())
    assert np.mean(found) > 0.8


def test_the_map_is_kept_with_the_tracker():
    tracker = Tracker()
    tracker.update(under_a_bridge(boat=False, seconds=170))
    known = tracker._ground["visits"] >= clutter_map.VISITS
    assert known.sum() > len(BRIDGE) / 2
    after = Tracker.thaw(Config(), tracker.freeze())
    assert after._ground.tobytes() == tracker._ground.tobytes()


def test_who_passes_once_leaves_no_mark():
    times = np.arange(0, 170, EVERY)
    passing = Reports(
        t=times,
        sensor=np.ones(len(times), int),
        scan=np.arange(len(times)),
        place=np.column_stack((3 * times, 0 * times, 0 * times)),
        cov=np.tile((16.0, 0.0, 16.0), (len(times), 1)),
    )
    tracker = Tracker()
    tracker.update(empty(1, -EVERY, scan=1_000))
    tracker.update(passing)
    tracker.flush()
    assert (tracker._ground["visits"] < clutter_map.VISITS).all()
