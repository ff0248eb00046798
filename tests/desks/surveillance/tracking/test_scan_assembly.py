"""Frames: sensors that report in among one another, that tell each report's own time, that do not sweep."""

from dataclasses import fields

import numpy as np
import pytest
from tests.desks.surveillance.tracking.test_tracker import everything, same, scene, two_vessels_that_meet

from watchfloor.desks.surveillance.tracking import Reports, Tracker

TURN = 4.0
"""Seconds in which the radar of these tests turns once."""


def ordered(reports: Reports, order: np.ndarray) -> Reports:
    """The same rows in another order."""
    columns = {field.name: getattr(reports, field.name) for field in fields(reports)}
    return Reports(**{name: None if one is None else one[order] for name, one in columns.items()})


def mixed_up(reports: Reports, seconds: float = 1.5) -> Reports:
    """Arriving up to so late, so that the looks of both sensors come in pieces."""
    late = np.random.default_rng(5).uniform(0, seconds, len(reports))
    return ordered(reports, np.argsort(reports.t + late, kind="stable"))


def turning(seed: int = 2, turns: int = 60, objects: int = 6, clutter: int = 8) -> Reports:
    """A radar in the middle that tells each report's own time, by the azimuth at which it saw it."""
    rng = np.random.default_rng(seed)
    place, rate = rng.uniform(-1_000, 1_000, (objects, 2)), rng.uniform(-8, 8, (objects, 2))
    rows = []
    for turn in range(turns):
        seen = np.flatnonzero(rng.random(objects) < 0.9)
        false = rng.uniform(-1_000, 1_000, (rng.poisson(clutter), 2))
        found = np.vstack((place[seen] + rate[seen] * turn * TURN, false))
        share = np.arctan2(found[:, 0], found[:, 1]) / (2 * np.pi) % 1
        noise = rng.normal(0, 8, found.shape)
        moved = np.vstack((rate[seen] * share[: len(seen), None] * TURN, np.zeros_like(false)))
        rows.append(np.column_stack(((turn + share) * TURN, found + moved + noise)))
    all_ = np.vstack(rows)
    all_ = all_[np.argsort(all_[:, 0])]
    return Reports(
        t=all_[:, 0],
        sensor=np.zeros(len(all_), int),
        place=np.column_stack((all_[:, 1:], np.zeros(len(all_)))),
        cov=np.tile([64.0, 0, 64.0], (len(all_), 1)),
    )


def shown_at_the_end(told: dict, seconds: float) -> int:
    """Tracks that are shown in the last rows."""
    last = told["confirmed"] & (told["t"] > told["t"].max() - seconds)
    return len(np.unique(told["track"][last]))


def test_looks_that_come_in_pieces_are_put_together():
    reports = mixed_up(scene(steps=60, clutter=20))
    tracker = Tracker()
    told = everything(tracker, reports)
    assert 5 <= shown_at_the_end(told, 2) <= 7
    assert (tracker._sensors["linger"][:2] > 0.5).all()
    assert (tracker._sensors["sweeps"][:2] == 1).all()


def test_looks_that_come_whole_are_not_waited_for():
    tracker = Tracker()
    everything(tracker, scene())
    assert (tracker._sensors["linger"] == 0).all()


def test_what_turns_is_known_by_its_beat():
    tracker = Tracker()
    told = everything(tracker, turning())
    assert tracker._sensors["cut"][0] == pytest.approx(TURN, rel=0.05)
    assert 5 <= shown_at_the_end(told, TURN + 1) <= 7


def test_what_tells_names_never_sweeps():
    tracker = Tracker()
    everything(tracker, two_vessels_that_meet())
    assert not tracker._sensors["sweeps"].any()


@pytest.mark.parametrize("make", [lambda: mixed_up(scene(clutter=20)), turning])
def test_cuts_change_nothing_of_frames_that_are_waited_for(make):
    reports = make()
    cuts = np.random.default_rng(1).integers(0, len(reports), 40)
    assert same(everything(Tracker(), reports), everything(Tracker(), reports, cuts))


def test_numbered_scans_may_come_in_any_order():
    reports = scene(steps=60)
    numbered = Reports(
        t=reports.t,
        sensor=reports.sensor,
        place=reports.place,
        cov=reports.cov,
        scan=reports.t.astype(int),
    )
    assert 5 <= shown_at_the_end(everything(Tracker(), mixed_up(numbered)), 2) <= 7
