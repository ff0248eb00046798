"""Rendezvous, loitering and gaps."""

import numpy as np
import pytest
from tests.desks.surveillance.events.worlds import (
    BOAT,
    GROUP,
    LAKE,
    LINE,
    METRES,
    PERSON,
    START,
    UNKNOWN,
    ais,
    meeting,
    merged,
    net,
    path,
)

from watchfloor.desks.surveillance import events
from watchfloor.desks.surveillance.events import gap, rendezvous


@pytest.fixture(scope="module")
def refs():
    return events.References(events.line.load())


def told(refs, points, rule):
    return [one for one in events.fold_points(events.begin(refs), points) if one.rule == rule]


def test_two_boats_meet(refs):
    every = told(refs, meeting(), "rendezvous")
    (one,) = net(every)
    assert one.tracks == (1, 2)
    assert one.since == pytest.approx(START + 390, abs=20)
    assert one.until == pytest.approx(START + 1600, abs=60)
    assert every[0].at == pytest.approx(one.since + 600, abs=10)  # told after ten minutes, not at the end
    assert every[-1].at == pytest.approx(one.until + rendezvous.STALE, abs=20)
    assert "within 50 m" in str(one.why)
    assert one.latitude == pytest.approx(LAKE[0] + 25 / METRES)


def test_a_meeting_across_midnight_is_one(refs):
    midnight = START + 86_400
    (one,) = net(told(refs, meeting(midnight - 1000), "rendezvous"))
    assert one.since < midnight < one.until


def test_a_passing_or_a_distant_boat_is_no_meeting(refs):
    assert not told(refs, meeting(lasts=300.0), "rendezvous")
    assert not told(refs, meeting(apart=260.0), "rendezvous")


def test_reports_of_every_three_minutes_are_enough(refs):
    assert net(told(refs, meeting(step=180.0, until=7200.0), "rendezvous"))


def test_a_group_that_set_out_together_is_none(refs):
    t = START + np.arange(0, 3600, 10.0)
    walkers = merged(*(path(n, t, 22.0 * n, 0.1 * (t - START), at=LAKE, klass=PERSON) for n in range(3)))
    assert not told(refs, walkers, "rendezvous")


def test_none_in_a_harbour(refs):
    harbour = events.Places(np.array([LAKE[0]]), np.array([LAKE[1]]), np.array([100.0]))
    assert not told(refs._replace(harbours=harbour), meeting(), "rendezvous")


def test_where_boats_lie_as_a_rule_a_meeting_is_worth_less(refs):
    """Eight boats lay at the place the day before, and one of them for an hour."""
    t = START - 86_400 + np.arange(0, 1200, 30.0)
    lay = [
        path(90 + n, t + 3600 * n, 20.0 * n, np.maximum(0, 600 - (t - t[0])), at=LAKE, klass=BOAT)
        for n in range(8)
    ]
    (alone,), (usual,) = (
        [one for one in net(told(refs, merged(*some, meeting()), "rendezvous")) if one.tracks == (1, 2)]
        for some in ([], lay)
    )
    assert alone.strength == "likely"
    assert usual.score < 0.5 * alone.score


def test_meetings_over_the_antimeridian(refs):
    t = START + np.arange(0, 3600, 10.0)
    away = 5.0 * np.maximum(400 - (t - START), 0)
    both = merged(
        path(1, t, 0.0, 30 + away, at=(55.0, 180.0), klass=BOAT),
        path(2, t, 0.0, -30 - away, at=(55.0, 180.0), klass=BOAT),
    )
    (one,) = net(told(refs, both, "rendezvous"))
    assert abs(one.longitude) == pytest.approx(180, abs=0.001)


def test_meetings_are_those_of_every_pair(refs):
    """The grid against all pairs of boats that lie still, over several cells and both signs of offset."""
    random = np.random.default_rng(5)
    t = START + np.arange(0, 900, 10.0)
    north, east = random.uniform(-600, 600, (2, 40))
    born = random.permutation(40) * 3000.0
    boats = [
        path(n, np.append(t[0] - 600, t), np.append(born[n], np.full(len(t), north[n])),
             np.append(born[n], np.full(len(t), east[n])), at=LAKE, klass=BOAT,
             velocity=np.zeros((len(t) + 1, 2)))
        for n in range(40)
    ]  # fmt: skip
    found = {one.tracks for one in net(told(refs, merged(*boats), "rendezvous"))}
    apart = np.hypot(*(each[:, None] - each for each in (north, east)))
    close = {(i, j) for i in range(40) for j in range(i + 1, 40) if apart[i, j] <= 200}
    assert found <= close
    told_of = {boat for pair in found for boat in pair}
    assert all(told_of & set(pair) for pair in close)  # who joins two is no meeting of its own
    alone = {pair for pair in close if sum(bool(set(pair) & set(other)) for other in close) == 1}
    assert alone
    assert alone <= found


def test_two_that_say_who_they_are_hide_nothing(refs):
    said = meeting()
    said = said._replace(self_reported=np.ones(len(said.t), np.bool_), claimed=said.track.astype(np.int32))
    (hidden,), (open_,) = (net(told(refs, each, "rendezvous")) for each in (meeting(), said))
    assert open_.score == pytest.approx(hidden.score * rendezvous.SAID)


def test_someone_loiters_near_the_line(refs):
    t = START + np.arange(0, 4000, 10.0)
    random = np.random.default_rng(6)
    east = np.where(t < START + 3000, np.cumsum(random.normal(0, 0.5, len(t))), 2.0 * (t - START - 3000))
    every = told(refs, path(1, t, 500.0, east, klass=GROUP), "loitering")
    (one,) = net(every)
    assert every[0].at == START + 920  # its third point bears out that it is there
    assert one.until == pytest.approx(START + 3000, abs=60)
    assert one.why.message == "surveillance.loitering.group"
    assert [e.score for e in every] == sorted(e.score for e in every)


def test_far_from_the_line_nobody_loiters(refs):
    t = START + np.arange(0, 4000, 10.0)
    assert not told(refs, path(1, t, 50_000.0, 0.0, klass=GROUP), "loitering")


def test_a_vessel_falls_silent_and_comes_back(refs):
    every = told(refs, ais(3600.0), gap.RULE)
    assert [one.at for one in every] == [START + 1770 + 900, START + 5400]
    (one,) = net(every)
    assert one.claimed == (7,)
    assert (one.since, one.until) == (START + 1770, START + 5400)
    assert np.isnan(every[0].until)
    assert one.why.message.startswith("surveillance.gap-over.")
    assert one.why.params["metres"] == 14520
    assert one.strength == "certain"


def test_who_comes_back_where_he_was_had_moored(refs):
    points = ais(3600.0)
    east = points.longitude[points.claimed == 7]
    points.longitude[(points.claimed == 7) & (points.t > START + 1800)] = east[59]
    (one,) = net(told(refs, points, gap.RULE))
    assert one.strength == "possible"


def test_no_gap_where_silence_tells_nothing(refs):
    assert not told(refs, ais(600.0), gap.RULE)  # short
    assert not told(refs, ais(3600.0, speed=0.5), gap.RULE)  # moored vessels switch off
    assert not told(refs, ais(3600.0, others=False), gap.RULE)  # the receiver is silent


def test_a_receiver_that_fell_silent_with_all_makes_no_gap_once_it_is_back(refs):
    """Whoever is heard first tells nothing of those who are heard a moment later."""
    points = ais(0.0)
    out = (points.t >= START + 1800) & (points.t < START + 5400)
    points = events.Points(*(each[~out] for each in points))
    assert not told(refs, points, gap.RULE)


def test_who_moors_or_leaves_the_reach_of_all_receivers_makes_no_gap(refs):
    points = ais(3600.0)
    last = points.latitude[0], points.longitude[points.t < START + 1800].max()
    harbour = events.Places(*(np.array([each]) for each in (*last, 200.0)))
    assert not told(refs._replace(harbours=harbour), points, gap.RULE)
    for reach, gaps in ((40_000.0, 1), (8_000.0, 0)):  # it goes 4 m/s for half an hour, and on
        around = events.Places(*(np.array([each]) for each in (*LAKE, reach)))
        assert len(net(told(refs._replace(receivers=around), points, gap.RULE))) == gaps


def test_a_patchy_vessel_needs_a_longer_silence(refs):
    random = np.random.default_rng(7)
    points = ais(1500.0)
    heard = (points.claimed != 7) | (random.random(len(points.t)) < 0.4)
    points = events.Points(*(each[heard] for each in points))
    assert not told(refs, points, gap.RULE)


def test_line_is_where_the_tests_think(refs):
    metres, _ = events.line.offsets(refs.line, np.array([LINE]), np.array([-110.0]))
    assert abs(metres[0]) < 1


def pier(until, moves=1e9, track=9, **columns):
    """Something near the line that stands where it was first seen, until it moves at 2 m/s."""
    t = START + np.arange(0, until, 10.0)
    north = 500 + 2.0 * np.maximum(t - START - moves, 0)
    still = (t - START > 60) & (t - START <= moves)
    return path(track, t, north, 0.0, **({"stationary": still, "klass": UNKNOWN} | columns))


def test_what_may_be_a_pier_loiters_once_it_moves(refs):
    assert not told(refs, pier(7200), "loitering")
    (one,) = net(told(refs, pier(5000, moves=4000), "loitering"))
    assert one.since == pytest.approx(START, abs=30)
    assert told(refs, pier(5000, moves=4000), "loitering")[0].at == pytest.approx(START + 4010, abs=20)
    (plain, person) = (pier(3600, stationary=False), pier(3600, klass=PERSON))
    assert told(refs, plain, "loitering")[0].at == pytest.approx(START + 1800, abs=30)
    assert told(refs, person, "loitering")[0].at == pytest.approx(START + 900, abs=30)


def test_a_meeting_with_what_may_be_a_pier_is_worth_less(refs):
    t = START + np.arange(0, 3600, 10.0)
    comes = path(1, t, 450.0, 3.0 * np.maximum(600 - (t - START), 0), klass=UNKNOWN)
    (whole,) = net(told(refs, merged(comes, pier(3600, stationary=False)), "rendezvous"))
    (less,) = net(told(refs, merged(comes, pier(3600)), "rendezvous"))
    assert less.score == pytest.approx(rendezvous.FIXED * whole.score)
