"""Whole recordings of self-reports without identities: which reports are of one object."""

import numpy as np
import pyarrow as pa
import pytest

from watchfloor.desks.surveillance import recording
from watchfloor.desks.surveillance.tracking import ecef
from watchfloor.desks.surveillance.tracking.reassociation import reassociate
from watchfloor.desks.surveillance.tracking_metrics import reports_f1

PACE = 70.0
"""Seconds between reports of a vessel under way."""


def fleet(count: int = 6, hours: float = 2.0, east: float = 0.0, seed: int = 1):
    """Vessels that cross one another's courses at 5 to 8 m/s: [n] times, degrees, and whose.

    `east` is the longitude of the middle. Every third vessel lies at a berth, 60 m from the next.
    """
    draw = np.random.default_rng(seed)
    t, lon, lat, who = [], [], [], []
    for name in range(count):
        times = np.round(draw.uniform(0, PACE) + np.arange(0, hours * 3_600, PACE) + draw.uniform(-1, 1))
        if name % 3 == 0:
            x, y = np.full(len(times), 60.0 * name / 3), np.full(len(times), 3_000.0)
        else:
            course, speed = draw.uniform(0, 2 * np.pi), draw.uniform(5, 8)
            along = speed * (times - hours * 1_800)
            x, y = along * np.sin(course) + 150 * name, along * np.cos(course)
        t.append(times)
        lon.append((east + (x + draw.normal(0, 2, len(x))) / 111_320 + 180) % 360 - 180)
        lat.append((y + draw.normal(0, 2, len(y))) / 110_574)
        who.append(np.full(len(times), name))
    t, lon, lat, who = (np.concatenate(parts) for parts in (t, lon, lat, who))
    order = np.argsort(t, kind="stable")
    return t[order], lon[order], lat[order], who[order]


def swapped(t, who):
    """Guesses of the tracker with two ends exchanged in the middle."""
    guess, late = who.copy(), t > t.mean()
    guess[late & (who == 1)], guess[late & (who == 2)] = 2, 1
    return guess


@pytest.mark.parametrize("east", [0.0, 180.0])
def test_ends_that_were_exchanged_are_given_back(east):
    t, lon, lat, who = fleet(east=east)
    guess = swapped(t, who)
    assert reports_f1(who, guess) < 0.9
    assert reports_f1(who, reassociate(t, ecef(lat, lon), guess)) == 1.0


def test_the_same_reports_give_the_same_chains_in_any_order():
    t, lon, lat, who = fleet()
    place, guess = ecef(lat, lon), swapped(t, who)
    found = reassociate(t, place, guess)
    assert np.array_equal(found, reassociate(t, place, guess))
    mixed = np.random.default_rng(2).permutation(len(t))
    back = reassociate(t[mixed], place[mixed], guess[mixed])
    assert reports_f1(found[mixed], back) == 1.0


def test_a_silence_of_hours_at_one_berth_is_one_vessel_and_at_another_is_not():
    t, lon, lat, who = fleet(count=3, hours=6)
    berth = who == 0
    there = ~berth | (t < 3_600) | (t > 4 * 3_600)
    t, lon, lat, who, berth = t[there], lon[there], lat[there], who[there], berth[there]
    guess = np.where(berth & (t > 3_600), 9, who)
    assert reports_f1(who, reassociate(t, ecef(lat, lon), guess)) == 1.0
    moved = np.where(berth & (t > 3_600), lon + 2.0, lon)
    found = reassociate(t, ecef(lat, moved), guess)
    assert len(np.intersect1d(found[berth & (t <= 3_600)], found[berth & (t > 3_600)])) == 0


def test_nobody_reports_twice_at_one_time():
    t, lon, lat, _ = fleet()
    t = np.floor(t / PACE) * PACE
    found = reassociate(t, ecef(lat, lon), np.zeros(len(t), np.int64))
    pairs = np.column_stack((t, found))
    assert len(np.unique(pairs, axis=0)) == len(pairs)


def test_reports_of_which_nothing_was_guessed_keep_what_they_have():
    t = np.arange(5.0)
    assert reassociate(t, np.zeros((5, 3)), np.full(5, -1)).tolist() == [-1] * 5


def recorded(t, lon, lat, **more):
    return recording.track(pa.table({"t": t, "lon": lon, "lat": lat, **more}))


def test_a_recording_of_one_receiver_is_tracked_by_what_came_later_too():
    t, lon, lat, who = fleet(count=12, hours=4)
    silent = (who == 0) & (t > 3_600) & (t < 3 * 3_600)
    t, lon, lat, who = t[~silent], lon[~silent], lat[~silent], who[~silent]
    found = recorded(t, lon, lat)
    assert reports_f1(who, found.given) > 0.99
    assert len(set(found.given[who == 0])) == 1
    # The file of assignments and that of tracks agree: where a report is, its track is.
    tracks = found.tracks.to_pandas().set_index(["t", "track_id"])
    rows = np.flatnonzero((found.given >= 0) & (t > 900) & ~((who == 0) & (t > 3_600)))[::97]
    near = tracks.loc[list(zip(t[rows], found.given[rows], strict=True))]
    assert np.abs(near["lat"].to_numpy() - lat[rows]).max() < 1e-3


def test_identities_that_are_claimed_and_two_receivers_are_left_alone():
    t, lon, lat, who = fleet(count=12, hours=4)
    names = pa.array([f"mmsi:{316000000 + one}" for one in who])
    told = recorded(t, lon, lat, claimed=names)
    assert reports_f1(who, told.given) > 0.99
    two = np.concatenate((t, t + 0.5))
    order = np.argsort(two, kind="stable")
    twice = recorded(
        two[order],
        np.tile(lon, 2)[order],
        np.tile(lat, 2)[order],
        sensor=np.repeat(["a", "b"], len(t))[order],
    )
    assert twice.summary["tracks"] <= 14
