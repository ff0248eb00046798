"""The surveillance benchmark: its measures against other hands' and brute force, its worlds, its loaders."""

import warnings
from dataclasses import replace
from importlib.util import find_spec
from itertools import permutations

import numpy as np
import pytest
from benchmarks.surveillance import ais, autoferry, ours, peers, scenario
from benchmarks.surveillance.recording import (
    Recording,
    Tracks,
    Truth,
    axes,
    ecef,
    from_polar,
    plane,
    score,
)
from benchmarks.surveillance.tracks import Line, seeds
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.desks.surveillance.tracking_metrics import best, gospa, reports_f1

SMALL = st.integers(0, 5)
CUTOFFS = st.sampled_from([5.0, 20.0, 50.0])


def brute_gospa(objects, tracks, cutoff):
    """GOSPA by every one-to-one map, after its definition."""
    short, long = sorted((objects, tracks), key=len)
    cost = np.inf
    for chosen in permutations(range(len(long)), len(short)):
        distance = np.linalg.norm(short - long[list(chosen)], axis=1) if len(short) else np.zeros(0)
        cost = min(cost, (np.minimum(distance, cutoff) ** 2).sum())
    return np.sqrt(cost + cutoff**2 / 2 * (len(long) - len(short)))


@given(SMALL, SMALL, CUTOFFS, st.integers(0, 10_000))
def test_gospa_is_the_least_over_all_assignments(n, m, cutoff, seed):
    random = np.random.default_rng(seed)
    objects, tracks = random.uniform(0, 60, (n, 2)), random.uniform(0, 60, (m, 2))
    found = gospa(objects, tracks, cutoff)
    assert found.value == pytest.approx(brute_gospa(objects, tracks, cutoff), rel=1e-12, abs=1e-12)
    parts = found.localisation + cutoff**2 / 2 * (found.missed + found.false)
    assert found.value == pytest.approx(np.sqrt(parts), rel=1e-12)
    assert (found.missed, found.false) == (n - len(found.pairs), m - len(found.pairs))
    back = gospa(tracks, objects, cutoff)
    assert (back.value, back.missed) == (pytest.approx(found.value, rel=1e-12), found.false)


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 10_000))
def test_the_best_assignment_is_the_best_of_all(n, m, seed):
    random = np.random.default_rng(seed)
    gain = np.where(random.random((n, m)) < 0.5, random.integers(1, 9, (n, m)), 0)
    row, column = np.nonzero(gain)
    if not len(row):
        return
    pairs = best(row, column, gain[row, column].astype(float), n, m)
    assert len(set(pairs[:, 0])) == len(set(pairs[:, 1])) == len(pairs)
    wide = gain if n <= m else gain.T
    ways = permutations(range(wide.shape[1]), wide.shape[0])
    most = max(sum(wide[i, j] for i, j in enumerate(way)) for way in ways)
    assert gain[pairs[:, 0], pairs[:, 1]].sum() == most


def stepped(random, objects=5, others=5, times=12, spread=60.0):
    """Objects and tracks that walk about, each there for a part of the time."""
    walk = random.normal(0, spread / 10, (objects + others, times, 2)).cumsum(1)
    place = random.uniform(0, spread, (objects + others, 1, 2)) + walk
    there = random.random((objects + others, times)) < 0.8
    truth = Truth(np.arange(times) * 1.0, place[:objects], there[:objects])
    track, step = np.nonzero(there[objects:])
    state = np.column_stack((place[objects:][track, step], np.zeros((len(track), 2))))
    return truth, Tracks(step * 1.0, track + 70, state, np.zeros(len(track), bool))


def steps(truth, tracks):
    """What is there at each time: numbers and places of the objects, numbers and places of the tracks."""
    for k, t in enumerate(truth.times):
        now = tracks.t == t
        yield *truth.at(k), tracks.track[now], tracks.state[now, :2]


@pytest.mark.parametrize("seed", range(5))
def test_gospa_agrees_with_stone_soup(seed):
    metric = pytest.importorskip(
        "stonesoup.metricgenerator.ospametric", reason="Stone Soup is a peer's group"
    )
    from datetime import datetime

    from stonesoup.types.state import State

    random = np.random.default_rng(seed)
    truth, tracks = stepped(random)
    for _, where, _, places in steps(truth, tracks):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            said = metric.GOSPAMetric(p=2, c=20.0)
            now = datetime(2026, 1, 1)  # noqa: DTZ001 (Stone Soup wants it naive)
            states = [[State(place[:, None], now) for place in some] for some in (places, where)]
            theirs = said.compute_gospa_metric(*states)[0].value
        ours = gospa(where, places, 20.0)
        assert ours.value == pytest.approx(theirs["distance"], rel=1e-9)
        assert ours.localisation == pytest.approx(theirs["localisation"], rel=1e-9, abs=1e-9)
        assert ours.missed * 200.0 == pytest.approx(theirs["missed"])
        assert ours.false * 200.0 == pytest.approx(theirs["false"])


def brute_idf1(truth, tracks, cutoff):
    """IDF1 by every one-to-one map of objects to tracks."""
    names = sorted(set(tracks.track.tolist()))
    together = np.zeros((len(truth.place), len(names)))
    objects = 0
    for who, where, track, places in steps(truth, tracks):
        objects += len(who)
        for one, at in zip(who, where, strict=True):
            for other, there in zip(track, places, strict=True):
                together[one, names.index(other)] += np.hypot(*(at - there)) < cutoff
    wide = together if together.shape[0] <= together.shape[1] else together.T
    ways = permutations(range(wide.shape[1]), wide.shape[0])
    most = max(sum(wide[i, j] for i, j in enumerate(way)) for way in ways)
    return 2 * most / (objects + len(tracks.t))


@pytest.mark.parametrize("seed", range(8))
def test_idf1_and_switches_agree_with_brute_force(seed):
    truth, tracks = stepped(np.random.default_rng(seed), objects=4, others=5)
    found = score(truth, tracks, 20.0, hold=0.0)
    assert found.idf1 == pytest.approx(brute_idf1(truth, tracks, 20.0), rel=1e-12)
    last, switches, missed = {}, 0, 0
    for who, where, track, places in steps(truth, tracks):
        for one, other in gospa(where, places, 20.0).pairs:
            switches += last.get(who[one], track[other]) != track[other]
            last[who[one]] = track[other]
        missed += gospa(where, places, 20.0).missed
    assert (found.switches, found.missed) == (switches, pytest.approx(missed / len(truth.times)))


@pytest.mark.skipif(find_spec("motmetrics") is None, reason="motmetrics is not installed")
@pytest.mark.parametrize("seed", range(4))
def test_idf1_and_switches_agree_with_motmetrics(seed):
    """Objects lie farther apart than two cutoffs: then every way of matching them is the same."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import motmetrics

        random = np.random.default_rng(seed)
        place = 100.0 * np.arange(6)[:, None, None] + np.zeros((6, 20, 2))
        truth = Truth(np.arange(20.0), place, random.random((6, 20)) < 0.8)
        who, step = np.nonzero(truth.alive)
        seen = random.random(len(who)) < 0.9
        who, step = who[seen], step[seen]
        name = (who + step // random.integers(4, 9)) % 8
        _, once = np.unique(name * 100 + step, return_index=True)
        who, step, name = who[once], step[once], name[once]
        seen = place[who, step] + random.normal(0, 3, (len(who), 2))
        state = np.column_stack((seen, np.zeros((len(who), 2))))
        tracks = Tracks(step * 1.0, name, state, np.zeros(len(who), bool))
        said = motmetrics.MOTAccumulator(auto_id=True)
        for one, where, other, places in steps(truth, tracks):
            distance = np.linalg.norm(where[:, None] - places[None], axis=2)
            said.update(one.tolist(), other.tolist(), np.where(distance < 20.0, distance, np.nan))
        theirs = motmetrics.metrics.create().compute(said, metrics=["idf1", "num_switches"])
    found = score(truth, tracks, 20.0, hold=0.0)
    assert found.idf1 == pytest.approx(float(theirs["idf1"].iloc[0]), rel=1e-9)
    assert found.switches == int(theirs["num_switches"].iloc[0])


def test_idf1_by_reports():
    assert reports_f1(np.array([1, 1, 1, 2, 2]), np.array([7, 7, 8, 9, -1])) == pytest.approx(2 * 3 / (5 + 4))
    assert reports_f1(np.array([1, 2]), np.array([-1, -1])) == 0.0
    assert reports_f1(np.array([1, 2, 2]), np.array([5, 6, 6])) == 1.0


def test_tracks_are_carried_on_and_nothing_later_is_used():
    state = np.array([[0.0, 0.0, 1.0, 2.0], [9.0, 9.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    tracks = Tracks(np.array([1.0, 3.0, 5.0]), np.array([4, 4, 4]), state, np.array([False, False, True]))
    step, name, place = tracks.at(np.array([0.5, 1.0, 2.5, 3.0, 4.9, 5.0]))
    assert step.tolist() == [1, 2, 3, 4]
    assert name.tolist() == [4] * 4
    assert place.tolist() == [[0, 0], [1.5, 3.0], [9, 9], [9, 9]]
    assert tracks.at(np.array([2.5, 4.9]), hold=1.6)[0].tolist() == [0]


def test_a_perfect_tracker_scores_nothing_and_a_blind_one_all():
    truth = scenario.synthetic(20, 5.0, seed=3).truth
    who, step = np.nonzero(truth.alive)
    state = np.column_stack((truth.place[who, step], np.zeros((len(who), 2))))
    perfect = score(truth, Tracks(truth.times[step], who, state, np.zeros(len(who), bool)), 50.0, hold=0.0)
    assert (perfect.gospa, perfect.missed, perfect.false, perfect.switches) == (0.0, 0.0, 0.0, 0)
    assert perfect.idf1 == 1.0
    none = np.zeros(0)
    blind = score(truth, Tracks(none, none.astype(int), np.zeros((0, 4)), none.astype(bool)), 50.0)
    assert blind.gospa == pytest.approx(np.sqrt(1_250 * truth.alive.sum(0)).mean())
    assert blind.missed == pytest.approx(truth.alive.sum(0).mean())


def test_a_track_where_the_truth_is_silent_is_not_judged():
    truth = Truth(np.array([0.0]), np.array([[[0.0, 0.0]]]), np.array([[True]]))
    state = np.array([[1.0, 0.0, 0.0, 0.0], [50.0, 0.0, 0.0, 0.0], [500.0, 0.0, 0.0, 0.0]])
    tracks = Tracks(np.zeros(3), np.arange(3), state, np.zeros(3, bool))
    assert [score(truth, tracks, 20.0, within=w).false for w in (np.inf, 100.0, 20.0)] == [2, 1, 0]


def test_a_world_is_the_same_for_its_seed_and_holds_its_rates():
    one, other = scenario.synthetic(60, 30.0, 5), scenario.synthetic(60, 30.0, 5)
    assert np.array_equal(one.place, other.place)
    assert not np.array_equal(one.t, scenario.synthetic(60, 30.0, 6).t)
    lived = one.truth.alive.sum()
    seen = (one.who >= 0).sum()
    assert seen == pytest.approx(0.9 * lived, abs=5 * np.sqrt(lived * 0.09))
    assert len(one) - seen == pytest.approx(30 * 200, abs=5 * np.sqrt(6_000))
    assert (one.truth.alive.sum(1) >= 20).all()
    real = one.who >= 0
    error = one.place[real] - one.truth.place[one.who[real], one.scan[real]]
    assert (error / np.sqrt(one.cov[real][:, [0, 2]])).std() == pytest.approx(1.0, abs=0.03)


def test_polar_detections_are_where_the_others_are():
    polar = scenario.synthetic(60, 30.0, 5, polar=True)
    place, cov = from_polar(polar)
    real = polar.who >= 0
    error = place[real] - polar.truth.place[polar.who[real], polar.scan[real]]
    inverse = np.linalg.inv(cov[real][:, [0, 1, 1, 2]].reshape(-1, 2, 2))
    assert np.einsum("ni,nij,nj->n", error, inverse, error).mean() == pytest.approx(2.0, abs=0.1)


def test_late_detections_are_the_same_ones_in_another_order():
    world = scenario.synthetic(30, 10.0, 2)
    after = scenario.late(world, 2)
    order = np.lexsort((after.place[:, 0], after.t))
    assert np.array_equal(after.t[order], world.t[np.lexsort((world.place[:, 0], world.t))])
    behind = after.t < np.maximum.accumulate(after.t)
    assert behind.mean() == pytest.approx(0.05, abs=0.02)
    assert np.array_equal(after.in_time().t, world.t)


def test_places_on_the_earth():
    assert ecef(np.array([[0.0, 0.0], [90.0, 0.0], [0.0, 90.0]])) == pytest.approx(
        np.array([[6_378_137.0, 0, 0], [0, 6_378_137.0, 0], [0, 0, 6_356_752.3142]]), abs=1e-3
    )
    here = np.array([-74.0, 45.0])
    near = plane(ecef(here + np.array([[0.001, 0.0], [0.0, 0.001]])), here)
    assert near == pytest.approx(np.array([[78.85, 0.0], [0.0, 111.13]]), abs=0.01)
    assert axes(here) @ axes(here).T == pytest.approx(np.eye(2), abs=1e-15)


@pytest.mark.skipif(not autoferry.there(2), reason="needs ../shared/data/surveillance/autoferry")
@pytest.mark.parametrize("number", [*autoferry.TUNED_ON, *autoferry.REPORTED])
def test_autoferry_is_in_the_frame_of_its_truth(number):
    one = autoferry.load(number, empty=False)
    sensor = one.sensor
    for kind, least in ((autoferry.RADAR, 0.69), (autoferry.LIDAR, 0.30), (autoferry.CAMERA, 0.40)):
        shares = []
        for place in one.truth.place:
            boat = np.column_stack([np.interp(one.t, one.truth.times, place[:, i]) for i in (0, 1)])
            if kind == autoferry.CAMERA:
                toward = np.arctan2(*(boat - one.place).T)
                hit = np.abs((one.bearing - toward + np.pi) % (2 * np.pi) - np.pi) < 0.08
            else:
                hit = np.hypot(*(one.place - boat).T) < 20.0
            scans = one.scan[sensor == kind]
            shares.append(len(np.unique(scans[hit[sensor == kind]])) / len(np.unique(scans)))
        assert min(shares) > least, f"{kind}: {shares}"
    assert np.isnan(one.bearing).sum() == (sensor <= autoferry.RADAR).sum()
    whole = autoferry.load(number)
    nothing = np.isnan(whole.place).any(1)
    assert len(whole) - nothing.sum() == len(one)
    assert not np.isin(whole.scan[nothing], one.scan).any()


def test_looks_without_measurements_and_with_one():
    assert autoferry.points([]).shape == (0, 2)
    assert autoferry.points([5.0, 6.0]).tolist() == [[5.0, 6.0]]
    assert autoferry.points([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).tolist() == [[1, 4], [2, 5], [3, 6]]
    assert autoferry.bearings([]).tolist() == []
    assert autoferry.bearings(0.5).tolist() == [0.5]


def test_a_bound_of_perfect_tracks_that_end_in_silence():
    nothing = np.full(6, np.nan)
    one = Recording(
        t=np.array([0.0, 10, 20, 0, 10, 500]),
        sensor=np.zeros(6, np.int32),
        scan=np.full(6, -1),
        place=np.zeros((6, 2)),
        cov=np.ones((6, 3)),
        who=np.array([0, 0, 0, 1, 1, 1]),
        bearing=nothing,
    )
    assert ais.bound(one, 1_000.0) == 1.0
    assert ais.bound(one, 100.0) == pytest.approx(5 / 6)
    assert ais.bound(replace(one, who=np.zeros(6, int)), 5.0) < 0.5


@pytest.mark.skipif(find_spec("tracktable_data") is None, reason="tracktable-data is not installed")
def test_ais_of_a_day():
    rows = ais._trajectories("NYHarbor_2020_12_08.traj")
    one = ais.recording(rows)
    assert (len(one), one.who.max() + 1) == (9_091, 37)
    assert (np.diff(one.t) >= 0).all()
    fast = [np.hypot(*np.diff(one.place[one.who == who], axis=0).T).max() for who in range(37)]
    assert np.median(fast) < 5_000


def straight(bearings=False):
    """Two objects that pass a sensor in straight lines for twenty seconds, seen without error each second."""
    times = np.arange(20.0)
    place = np.stack([np.column_stack((times * 5, 0 * times)), np.column_stack((0 * times, 400 + times * 5))])
    t, who = np.repeat(times, 2), np.tile([0, 1], 20)
    one = Recording(
        t=t,
        sensor=np.ones(40, np.int32),
        scan=t.astype(int),
        place=place[who, t.astype(int)],
        cov=np.tile((4.0, 0.0, 4.0), (40, 1)),
        who=who,
        bearing=np.full(40, np.nan),
        truth=Truth(times, place, np.ones((2, 20), bool)),
    )
    if not bearings:
        return one
    look = np.array([-300.0, 100.0])
    toward = np.arctan2(*(one.place - look).T)
    seen = replace(
        one,
        sensor=one.sensor + 1,
        t=t + 0.5,
        place=np.tile(look, (40, 1)),
        bearing=toward,
        cov=np.tile((1e-4, 0.0, 0.0), (40, 1)),
    )
    columns = ("t", "sensor", "scan", "place", "cov", "who", "bearing")
    both = {name: np.concatenate([getattr(one, name), getattr(seen, name)]) for name in columns}
    return replace(one, **both).in_time()


@pytest.mark.skipif(find_spec("stonesoup") is None, reason="Stone Soup is not installed")
@pytest.mark.parametrize("method", ["kdgnn", "gnn", "kdehm2"])
def test_the_peer_tracks_and_says_whose_each_report_was(method):
    one = replace(straight(), clutter=0.1, side=1_000.0)
    tracks, seconds = peers.run(one, method, peers.Settings(points=2))
    found = score(one.truth, tracks, 20.0, start=4)
    assert (found.missed, found.false, found.switches) == (0.0, 0.0, 0)
    assert found.error < 2.0
    assert seconds > 0
    if method != "kdehm2":
        assert reports_f1(one.who, tracks.report) > 0.95


@pytest.mark.skipif(find_spec("stonesoup") is None, reason="Stone Soup is not installed")
def test_the_peer_ends_tracks_and_takes_bearings_and_polar():
    one = straight()
    short = one.take(np.flatnonzero((one.t < 12) | (one.who == 0)))
    tracks, _ = peers.run(short, "kdgnn", peers.Settings(points=2, drop=3.0))
    step, name, _ = tracks.at(one.truth.times)
    assert len(np.unique(name[step == 11])) == 2
    assert len(np.unique(name[step == 19])) == 1
    both, _ = peers.run(straight(bearings=True), "gnn", peers.Settings(points=2, patience=4))
    assert score(one.truth, both, 20.0, start=4).missed == 0.0
    world = scenario.synthetic(3, 1.0, 4, polar=True)
    begun = world.take(np.flatnonzero(world.scan < 20))
    assert len(peers.run(begun, "tprgnn")[0].t)


def test_the_last_track_of_a_report_counts():
    tracks = Tracks(
        np.arange(4.0), np.array([5, 6, 7, 5]), np.zeros((4, 4)), np.zeros(4, bool), np.array([0, 1, 0, -1])
    )
    assert ours.given(tracks, 3).tolist() == [7, 6, -1]


def test_goals_are_judged_on_medians_and_on_the_seeds_that_both_ran():
    assert Line("r", "w", [1.0, 5.0, 3.0], [], reach=3.0).met() is True
    assert Line("r", "w", [1.0, 5.0, 3.0], [], "least", 3.5).met() is False
    line = Line("r", "w", [100.0, 200.0, 900.0], [1.0, 1.0], "least", 150.0, ratio=True)
    assert (line.quotient(), line.met()) == (150.0, True)
    assert Line("r", "w", [1.0], [], reach=0.7, ratio=True).met() is None
    assert Line("r", "w", [1.0], []).met() is None
    assert seeds("1-3,9") == [1, 2, 3, 9]
