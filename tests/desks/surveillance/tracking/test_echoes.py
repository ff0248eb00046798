"""Echoes behind a ship that swing with it, beside a boat that goes there by itself."""

import numpy as np
import pytest
from tests.desks.surveillance.tracking.test_harbour import empty, shown
from tests.desks.surveillance.tracking.test_tracker import everything, same

from watchfloor.desks.surveillance.tracking import NOTHING, POSITION, Config, Reports, Tracker, echoes

EVERY = 1.7
"""Seconds a turn."""


def passing(
    boat: bool = False, ship: bool = True, stated: bool = True, seconds: float = 170.0, seed: int = 1
):
    """A ship that passes a radar at 80 m, with echoes at two and at three and a half times its range.

    Behind it, at 150 m, perhaps a boat that goes the other way. The radar stands in the middle, and says so
    where its place is `stated`.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for look, t in enumerate(np.arange(0, seconds, EVERY)):
        seen = [rng.uniform(-500, 500, 2)] if rng.random() < 0.5 else []
        hull = np.array([-300 + 4 * t, 80.0])
        if ship and rng.random() < 0.95:
            seen.append(hull + rng.normal(0, 4, 2))
        seen += [times * hull + rng.normal(0, 5, 2) for times in (2.0, 3.5) if ship and rng.random() < 0.7]
        if boat and rng.random() < 0.95:
            seen.append(np.array([300 - 4 * t, 150.0]) + rng.normal(0, 4, 2))
        rows += [(t, look, *one, POSITION) for one in seen] or [(t, look, np.nan, np.nan, NOTHING)]
    t, look, east, north, measure = np.array(rows).T
    count = len(t)
    return Reports(
        t=t,
        sensor=np.ones(count, int),
        scan=look.astype(int),
        measure=measure.astype(int),
        place=np.column_stack((east, north, 0 * t)),
        cov=np.tile((25.0, 0.0, 25.0), (count, 1)),
        sensor_place=np.full((count, 3), 0.0 if stated else np.nan),
    )


def tracks(reports: Reports, times=range(40, 165, 10)) -> float:
    """How many tracks are shown, on average over some times."""
    tracker = Tracker()
    tracker.update(empty(1, -1.7, scan=1_000))
    told = everything(tracker, reports)
    return float(np.mean([shown(told, at) for at in times]))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_swings_with_a_ship_behind_it_is_not_shown(seed):
    assert tracks(passing(seed=seed, stated=False)) > 2, "without the radar's own place nothing is behind"
    assert tracks(passing(seed=seed)) < 1.6


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_an_echo_that_began_before_its_ship_was_sure_is_not_held_for_a_vessel(seed):
    first = range(20, 60, 5)
    assert 1 <= tracks(passing(seed=seed), first) < 2
    assert 2 <= tracks(passing(boat=True, seed=seed), first) < 3.3


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_boat_that_passes_behind_a_ship_is_shown(seed):
    assert tracks(passing(boat=True, seed=seed)) > 1.7
    assert tracks(passing(boat=True, ship=False, seed=seed)) == pytest.approx(1, abs=0.15)


def test_a_ship_without_echoes_teaches_that_it_has_none():
    tracker = Tracker()
    both = passing(boat=True, ship=False)
    tracker.update(both)
    tracker.flush()
    held = tracker._tracks[tracker._tracks["live"][0]]
    assert held["echoes"][1] > 20
    assert held["echoes"][0] / held["echoes"][1] < echoes.USUAL


def test_cuts_and_snapshots_change_nothing_behind_a_ship():
    reports = passing(boat=True)
    cuts = np.random.default_rng(1).integers(0, len(reports), 30)
    whole = everything(Tracker(), reports)
    assert same(whole, everything(Tracker(), reports, cuts))
    first = Tracker()
    before = first.update(reports.cut(0, 200))
    after = everything(Tracker.thaw(Config(), first.freeze()), reports.cut(200, len(reports)))
    assert np.concatenate((before.place, after["place"])).tobytes() == whole["place"].tobytes()
