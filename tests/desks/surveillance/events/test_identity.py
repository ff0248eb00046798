"""Identities that cannot be true, and contacts that give none."""

import numpy as np
import pytest
import shapely
from tests.desks.surveillance.events.worlds import BOAT, LAKE, START, merged, net, path

from watchfloor.desks.surveillance import events
from watchfloor.reference import polygons

T = START + np.arange(0, 1800, 30.0)
AROUND = events.Places(np.array([LAKE[0]]), np.array([LAKE[1]]), np.array([50_000.0]))


@pytest.fixture(scope="module")
def refs():
    return events.References(events.line.load(), receivers=AROUND)


def told(refs, points, *rules):
    return [one for one in events.fold_points(events.begin(refs), points) if one.rule in rules]


def sender(track, north=0.0, claimed=7, t=T, **columns):
    columns = {"self_reported": True, "klass": BOAT} | columns
    return path(track, t, north, 4.0 * (t - START), at=LAKE, claimed=claimed, **columns)


def test_one_identity_in_two_places_is_shared(refs):
    both = merged(sender(1), sender(2, 20_000.0, t=T + 15))
    every = told(refs, both, "identity-jump", "identity-shared")
    assert [one.rule for one in every] == ["identity-jump", "identity-shared"]
    jump, shared = every
    assert set(jump.tracks) == set(shared.tracks) == {1, 2}
    assert jump.claimed == shared.claimed == (7,)
    assert shared.at == START + 45
    assert shared.strength == "likely"
    assert "20.0" in str(shared.why)


def test_one_wrong_place_is_a_jump_and_no_more(refs):
    points = sender(1)
    points.latitude[20] += 0.5
    every = told(refs, points, "identity-jump", "identity-shared")
    assert [one.rule for one in every] == ["identity-jump"]
    assert every[0].at == T[20]


def test_two_identities_or_a_fast_boat_are_none(refs):
    assert not told(refs, merged(sender(1), sender(2, 20_000.0, 8)), "identity-jump")
    fast = path(1, T, 0.0, 25.0 * (T - START), at=LAKE, claimed=7, self_reported=True, klass=BOAT)
    assert not told(refs, fast, "identity-jump")


def test_a_vessel_on_land(refs):
    ring = np.array([(-89.0, 48.0), (-88.0, 48.0), (-88.0, 49.0), (-89.0, 48.0)])
    lands = polygons.from_shapes([shapely.Polygon(ring)], ({},))
    (one,) = net(told(refs._replace(lands=lands), sender(1), "vessel-on-land"))
    assert one.strength == "likely"
    assert not told(refs, sender(1), "vessel-on-land")
    assert not told(refs._replace(lands=lands), sender(1, self_reported=False, claimed=-1), "vessel-on-land")


def test_a_boat_that_does_not_report_itself(refs):
    silent = sender(1, claimed=-1, self_reported=False)
    (one,) = told(refs, silent, "dark-contact")
    assert one.at == START + 300
    assert one.strength == "possible"
    assert not told(refs._replace(receivers=events.NOWHERE), silent, "dark-contact")
    beside = sender(2, 200.0)
    assert not told(refs, merged(silent, beside), "dark-contact")
    assert told(refs, merged(silent, sender(2, 5000.0)), "dark-contact")


def test_at_the_rim_of_a_receivers_reach_nobody_is_dark(refs):
    silent = sender(1, claimed=-1, self_reported=False)
    rim = events.Places(np.array([LAKE[0]]), np.array([LAKE[1]]), np.array([9_000.0]))
    near = told(refs._replace(receivers=rim), silent, "dark-contact")
    assert near  # it comes from the middle of the reach
    far = told(refs._replace(receivers=rim), sender(1, 8_000.0, -1, self_reported=False), "dark-contact")
    assert not far


def test_who_stopped_reporting_is_dark_after_a_while(refs):
    """Its number was heard before: it is a quarter of an hour until its silence says something."""
    later = sender(1, claimed=np.where(START + 300 >= T, 7, -1), self_reported=START + 300 >= T)
    (one,) = told(refs, later, "dark-contact")
    assert one.at == pytest.approx(START + 300 + 900, abs=30)


def test_a_dark_contact_that_reports_itself_is_taken_back(refs):
    later = sender(1, claimed=np.where(START + 900 <= T, 7, -1), self_reported=START + 900 <= T)
    every = told(refs, later, "dark-contact")
    assert [one.retracted for one in every] == [False, True]
    assert not net(every)
