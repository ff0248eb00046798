"""Predicted crossings, against a plain simulation of where a track may go."""

import numpy as np
import pytest
from scipy.stats import norm
from tests.desks.surveillance.events.worlds import BOAT, PERSON, START, VEHICLE, net, path

from watchfloor.desks.surveillance import events
from watchfloor.desks.surveillance.events import predicted


@pytest.fixture(scope="module")
def refs():
    return events.References(events.line.load())


def told(refs, points, rule="predicted-crossing"):
    return [one for one in events.fold_points(events.begin(refs), points) if one.rule == rule]


def test_a_vehicle_is_foretold_before_it_crosses(refs):
    t = START + np.arange(0, 700, 10.0)
    points = path(1, t, 6000 - 10 * (t - START), 0.0, klass=VEHICLE)
    every = told(refs, points)
    (one,) = net(every)
    (crossed,) = net(told(refs, points, "border-crossing"))
    assert every[0].at <= crossed.at - 300
    assert not any(each.retracted for each in every)
    assert one.why.message == "surveillance.predicted-united-states.vehicle"
    assert one.strength == "likely"
    assert one.score == pytest.approx(predicted.HOLDS[VEHICLE, 2])
    assert one.why.params["chance"] > 90
    first = every[0]
    assert first.why.params["minutes"] * 60 == pytest.approx(START + 600 - first.at, rel=0.25)


def test_who_turns_away_is_taken_back(refs):
    t = START + np.arange(0, 900, 10.0)
    north = np.abs(t - START - 300) * 1.5 + 300
    every = told(refs, path(1, t, north, 0.0, klass=PERSON))
    assert every[0].strength == "unlikely"
    assert every[-1].retracted


def test_who_goes_along_or_away_is_not_told(refs):
    t = START + np.arange(0, 600, 10.0)
    assert not told(refs, path(1, t, 800.0, 1.4 * (t - START), klass=PERSON))
    assert not told(refs, path(1, t, 300 + t - START, 0.0, klass=BOAT))


def test_the_more_meets_the_line_the_more_often_it_holds():
    assert (np.diff(predicted.HOLDS, axis=1) >= 0).all()
    assert ((predicted.HOLDS > 0) & (predicted.HOLDS < 1)).all()


@pytest.mark.parametrize(
    ("north", "speed", "sigma"), [(700, -1.2, 30.0), (900, -1.2, 200.0), (300, 0.0, 50.0)]
)
def test_the_share_is_that_of_the_normal_distribution(refs, north, speed, sigma):
    grid = refs.line
    arrays = grid.coarse, grid.touching, grid.pieces, grid.ends
    points = path(1, [START], [north], [0.0])
    place = points.latitude[0], points.longitude[0]
    cov, vcov = np.array([sigma**2, 0.0, sigma**2]), np.array([0.04, 0.0, 0.04])
    share, _, _ = predicted.share(arrays, place, cov, np.array([0.0, speed]), vcov, 0.3)
    end = north + speed * predicted.AHEAD
    # Begun on the far side counts as meeting only when it comes back; the ends' law bounds the share.
    exact = norm.cdf(-end / np.hypot(sigma, np.sqrt(0.04 + 0.09) * predicted.AHEAD))
    assert share == pytest.approx(exact, abs=0.08)
