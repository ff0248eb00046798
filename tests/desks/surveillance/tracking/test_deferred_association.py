"""Doubts: stories of two tracks against a plain filter, and vessels that pass each other between reports."""

import numpy as np
from scipy.stats import multivariate_normal
from tests.desks.surveillance.tracking.test_tracker import everything, same

from watchfloor.desks.surveillance.tracking import (
    Config,
    Reports,
    Tracker,
    deferred_association,
    out_of_sequence,
    revisit_interval,
    state,
)
from watchfloor.desks.surveillance.tracking.motion import SIZE

NOISE = 0.02
"""m²/s³, of the one motion model of these tests."""
ONE = Config(
    motion_noise=(NOISE,),
    motion_swerve=(0.0,),
    motion_turn=(0.0,),
    motion_memory_seconds=(0.0,),
    motion_share=(1.0,),
    motion_change_seconds=(60.0,),
)
PLANE = np.array([0.0, 0, 0, 1, 0, 0, 0, 1, 0])
"""A track's plane whose axes are those of the places."""


def passing(seed: int, vessels: int = 6, hours: float = 6.0) -> tuple[Reports, np.ndarray]:
    """Vessels that cross a water of 3 km and back, each reported every 70 s or so; who sent each report."""
    rng = np.random.default_rng(seed)
    t, place, who = [], [], []
    for k in range(vessels):
        moments = np.cumsum(rng.normal(70, 2, int(hours * 3600 / 70))) + rng.uniform(0, 70)
        start, speed = rng.uniform(0, 3_000, 2), rng.uniform(3, 6)
        bearing = rng.uniform(0, 2 * np.pi)
        path = start + speed * moments[:, None] * [np.sin(bearing), np.cos(bearing)]
        t.append(moments)
        place.append(3_000 - np.abs(path % 6_000 - 3_000) + rng.normal(0, 5, path.shape))
        who.append(np.full(len(moments), k))
    order = np.argsort(np.concatenate(t))
    places = np.concatenate(place)[order]
    reports = Reports(
        t=np.concatenate(t)[order],
        sensor=np.zeros(len(order), int),
        place=np.column_stack((places, np.zeros(len(order)))),
        cov=np.tile([25.0, 0, 25.0], (len(order), 1)),
    )
    return reports, np.concatenate(who)[order]


def test_the_rival_of_a_report_is_the_likeliest_that_is_given_nothing():
    rng = np.random.default_rng(3)
    for _ in range(50):
        tracks, reports = 6, 4
        pairs = [np.flatnonzero(rng.random(reports) < 0.6) for _ in range(tracks)]
        start = np.r_[0, np.cumsum([len(p) for p in pairs])]
        report, given = np.concatenate(pairs), rng.random(start[-1]) ** 6
        chosen = np.where(rng.random(tracks) < 0.5, start[:-1], -1)
        chosen[start[1:] == start[:-1]] = -1
        found = np.empty(reports, np.int64)
        deferred_association.rivals(start, report, given, chosen, found)
        for j in range(reports):
            free = [
                (given[p], c)
                for c in range(tracks)
                for p in range(start[c], start[c + 1])
                if chosen[c] < 0 and report[p] == j and given[p] > deferred_association.RIVAL
            ]
            assert found[j] == max(free, default=(0, -1))[1]


def test_a_story_is_as_likely_as_a_plain_filter_says():
    rng = np.random.default_rng(5)
    sensor, ring = state.sensors(1, 1)[0], np.zeros(8, out_of_sequence.kind(1))
    sensor["share"] = 1
    for _ in range(300):
        revisit_interval.learn(sensor, rng.normal(70, 3), 70.0, 1.0)
    mean, spread = np.array([0, 5.0, 0, 2.0]), np.diag([30.0, 4, 20, 3]) + 0.5
    base = ring[0]
    base["states"][0, :4] = mean
    base["states"][0, 4:] = spread[np.triu_indices(4)]
    base["weights"] = 1
    moments, told, usual, last = [66.0, 139.0, 205.0], 0.0, 70.0, -3.0
    for k, moment in enumerate(moments, 1):
        spot = np.array([5.0, 2.0]) * moment + rng.normal(0, 20, 2)
        entry = ring[k]
        entry["time"] = entry["report"]["t"] = moment
        entry["report"]["place"], entry["noise"] = [*spot, 0], [25, 0, 25]
        entry["report"]["velocity"] = entry["report"]["rate"] = np.nan
        dt = moment - (moments[k - 2] if k > 1 else 0)
        flow = np.kron(np.eye(2), [[1, dt], [0, 1]])
        mean = flow @ mean
        grown = np.kron(np.eye(2), np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]]))
        spread = flow @ spread @ flow.T + NOISE * grown
        seen = np.eye(4)[[0, 2]]
        cover = seen @ spread @ seen.T + 25 * np.eye(2)
        told += multivariate_normal(seen @ mean, cover).logpdf(spot)
        gain = spread @ seen.T @ np.linalg.inv(cover)
        mean, spread = mean + gain @ (spot - seen @ mean), spread - gain @ seen @ spread
        gap = moment - last
        told += np.log(revisit_interval.waits(sensor, gap, usual)[0] / (gap * np.log(2) / state.FINE))
        usual, last = usual + 0.2 * (gap - usual), moment
    told += np.log(revisit_interval.survives(sensor, 230.0 - last, usual))
    found = deferred_association._follow(
        ring, base, np.array([1, 2, 3]), 3, PLANE, -3.0, 70.0, 230.0, sensor, ONE.knobs()[0]
    )
    assert base["states"].shape == (1, SIZE)
    assert abs(found - told) < 1e-2


def test_stories_share_the_reports_out():
    ours = np.zeros((4, deferred_association.DEEP), np.int64)
    for n, m in ((1, 0), (1, 2), (3, 1)):
        first, second = list(range(10, 10 + n)), list(range(20, 20 + m))
        ours[0, :n], ours[1, :m] = first, second
        wanted = [(first, second), (first[1:], first[:1] + second), (second, first)]
        for story, lists in enumerate(wanted):
            count = deferred_association._lists(story, ours, n, m)
            assert [list(ours[2 + i, : count[i]]) for i in range(2)] == list(lists)


def owner(who: np.ndarray) -> int:
    """Who sent most of these reports; -1 of none."""
    return int(np.bincount(who).argmax()) if len(who) else -1


def test_stories_that_are_told_anew_are_right_more_often_than_not():
    right = wrong = 0
    for seed in range(4):
        reports, who = passing(seed)
        told = everything(Tracker(Config(tell_tentative=True)), reports)
        again = np.flatnonzero(told["late"]).reshape(-1, 2)
        for pair in again:
            before, after = [], []
            for track in told["track"][pair]:
                rows = np.flatnonzero((told["track"] == track) & (told["report"] >= 0))
                sent, later = who[told["report"][rows]], rows > pair[0]
                before.append(owner(sent[~later][-9:-3]))
                after.append(owner(sent[later][:4]))
            right += before == after and before[0] != before[1]
            wrong += before == after[::-1] and before[0] != before[1]
    assert right > 10
    assert right > 2 * wrong


def test_open_doubts_survive_cuts_and_thaws():
    reports, _ = passing(1)
    config = Config(tell_tentative=True)
    whole, looked = everything(Tracker(config), reports), 0
    assert np.any(whole["late"]), "no story was told anew; the test sees nothing"
    assert same(whole, everything(Tracker(config), reports, range(7, len(reports), 97)))
    for at in range(1_050, len(reports), 97):
        first = Tracker(config)
        before = first.update(reports.cut(0, at))
        table = first.freeze()
        looked += int(first._doubts["open"].sum())
        after = everything(Tracker.thaw(config, table), reports.cut(at, len(reports)))
        for name in whole:
            joined = np.concatenate((getattr(before, name), after[name]))
            assert joined.tobytes() == whole[name].tobytes()
    assert looked
