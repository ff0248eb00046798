"""Which sensor goes where: beside every possible assignment, and what must never be sent."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.casework.tasking import assets
from watchfloor.casework.tasking.assets import Asset
from watchfloor.formats.settings import SettingsError
from watchfloor.planning import sensor_tasking
from watchfloor.planning.information_gain import crosses
from watchfloor.planning.sensor_tasking import LEAST, Targets, choose
from watchfloor.reference import border

NOW = datetime(2026, 2, 1, 3, tzinfo=UTC)
LINE = border.load()
LATITUDE, LONGITUDE = LINE.at(1500)
"""On the 49th parallel, where the line runs east."""


def camera(east=0.0, north=300.0, **more):
    told = {"kind": "camera", "unit": "rcmp-operations", "reach_m": 8000.0, "half_width_m": 80.0}
    told |= {"detects": 0.9, "alarms": 0.02, "error_m": 10.0, "slew_deg_s": 30.0}
    return Asset(**told | {"latitude": north_of(north), "longitude": east_of(east)} | more)


def north_of(metres):
    return LATITUDE + metres / 111_200


def east_of(metres):
    return LONGITUDE + metres / (111_200 * np.cos(np.radians(LATITUDE)))


def targets(*rows, life=(), until=3600.0):
    """(east, north of the line in metres, v_north, exists): walkers and boats near one place."""
    east, north, v_north, exists = (np.array(column, np.float64) for column in zip(*rows, strict=True))
    count = len(east)
    return Targets(
        [f"track:surveillance:{i}" for i in range(count)],
        north_of(north),
        east_of(east),
        np.zeros(count),
        v_north,
        np.full(count, 15.0),
        np.full(count, 0.4),
        np.full(count, 0.3),
        exists,
        np.full(count, until),
        np.isin(np.arange(count), life),
    )


def test_the_doubtful_track_near_the_line_is_looked_at_before_the_certain_one_that_goes_away():
    found = choose({"one": camera()}, targets((0, 900, -1.2, 0.5), (400, -2000, -1.0, 0.999)), LINE, NOW)
    assert [one.track for one in found] == ["track:surveillance:0"]
    assert found[0].bits > 0.3
    assert 0 < found[0].crosses < 1


@pytest.mark.parametrize("seed", range(5))
def test_the_sum_of_what_counts_is_that_of_the_best_of_all_assignments(seed):
    rng = np.random.default_rng(seed)
    cameras = {
        f"c{i}": camera(rng.uniform(-3e3, 3e3), detects=rng.uniform(0.3, 1), half_width_m=rng.uniform(5, 90))
        for i in range(3)
    }
    those = targets(
        *((rng.uniform(-4e3, 4e3), rng.uniform(-900, 900), rng.normal(), rng.uniform()) for _ in range(4))
    )
    pairs = sensor_tasking._pairs([*cameras.values()], those, LINE, np.zeros(4, np.bool_))
    gain = sensor_tasking._gain(pairs, crosses(*sensor_tasking._ahead(those, LINE)))
    best = max(sum(gain[i, j] for i, j in enumerate(picked)) for picked in permutations(range(4), 3))
    chosen = [(one.asset, one.track) for one in choose(cameras, those, LINE, NOW)]
    found = sum(gain[[*cameras].index(asset), those.track.index(track)] for asset, track in chosen)
    assert found == pytest.approx(best, abs=3 * LEAST)


def test_a_doubt_about_who_comes_counts_more_than_one_about_who_stays():
    found = choose({"one": camera()}, targets((0, 2500, 1.0, 0.5), (400, 300, -1.2, 0.55)), LINE, NOW)
    assert [one.track for one in found] == ["track:surveillance:1"]


def test_a_life_is_served_where_nothing_is_to_be_learned_and_by_who_is_there_first():
    """Nobody doubts that somebody is there, or that he stays."""
    those = targets((0, 4000, 0.0, 1.0), life=(0,))
    drone = camera(kind="drone", speed_m_s=20.0, north=9000, reach_m=300.0)
    (found,) = choose({"drone": drone, "tower": camera()}, those, LINE, NOW)
    assert (found.asset, found.life) == ("tower", True)
    assert found.bits < LEAST


def test_a_life_comes_before_any_number_of_bits():
    those = targets((0, 900, -1.2, 0.5), (100, 4000, 0.0, 0.97), life=(1,))
    found = choose({"one": camera()}, those, LINE, NOW)
    assert [(one.track, one.life) for one in found] == [("track:surveillance:1", True)]


def test_who_would_come_too_late_is_not_sent():
    boat = camera(kind="boat", speed_m_s=10.0, ready_s=120.0, reach_m=500.0, north=-9000)
    assert choose({"boat": boat}, targets((0, 900, -1.2, 0.5), until=300.0), LINE, NOW) == []
    (found,) = choose(
        {"boat": boat}, targets((0, 900, -1.2, 0.5), until=3600.0), LINE, NOW, home={"boat": "USA"}
    )
    assert (found.at - NOW).total_seconds() == pytest.approx(120 + (9900 - 500) / 10, rel=0.15)


def test_who_could_not_get_back_is_not_sent():
    drone = camera(kind="drone", speed_m_s=15.0, north=-9000, reach_m=300.0, endurance_s=900.0)
    assert choose({"drone": drone}, targets((0, 900, 0.0, 0.5)), LINE, NOW) == []


def test_what_cannot_see_there_is_not_turned():
    assert choose({"one": camera(reach_m=100.0)}, targets((0, 900, -1.2, 0.5)), LINE, NOW) == []


def test_a_sensor_that_needs_daylight_stays_at_night():
    day = {"one": camera(night=False)}
    assert choose(day, targets((0, 900, -1.2, 0.5)), LINE, NOW, dark=True) == []
    assert choose(day, targets((0, 900, -1.2, 0.5)), LINE, NOW)


def test_where_it_is_dark_is_said_for_each_track():
    day = {"one": camera(night=False)}
    those = targets((0, 900, -1.2, 0.5), (500, 900, -1.2, 0.4))
    (found,) = choose(day, those, LINE, NOW, dark=np.array([True, False]))
    assert found.track == "track:surveillance:1"


def test_nobody_is_sent_across_the_line_but_a_vessel_of_both():
    boat = camera(kind="boat", speed_m_s=15.0, reach_m=200.0, north=3000)
    there = targets((0, -2500, 0.0, 0.5))
    assert choose({"boat": boat}, there, LINE, NOW) == []
    assert choose({"boat": boat}, there, LINE, NOW, home={"boat": "USA"})
    (found,) = choose({"boat": msgspec.structs.replace(boat, joint=True)}, there, LINE, NOW)
    assert LINE.side(*found.stand) == ["USA"]
    tower = choose({"tower": camera(north=300)}, there, LINE, NOW)
    assert tower[0].stand == pytest.approx((north_of(300), LONGITUDE))


def test_a_cue_says_where_its_sensor_stands_and_what_its_bits_are_about():
    drone = camera(kind="drone", speed_m_s=20.0, north=9000, reach_m=300.0)
    (found,) = choose({"drone": drone}, targets((0, 3000, 0.0, 0.6)), LINE, NOW)
    assert found.stand == pytest.approx((north_of(3300), LONGITUDE), abs=1e-5)
    assert found.bits == found.of_existence + found.of_crossing
    assert found.deadline == NOW + timedelta(seconds=3600)


def test_a_moving_sensor_meets_the_track_where_it_will_be():
    drone = camera(kind="drone", speed_m_s=20.0, north=-2000, reach_m=100.0)
    (found,) = choose({"drone": drone}, targets((0, 3000, -5.0, 0.6)), LINE, NOW)
    seconds = (found.at - NOW).total_seconds()
    assert found.latitude == pytest.approx(north_of(3000 - 5 * seconds), abs=1e-6)
    assert seconds == pytest.approx((5000 - 100) / 25, rel=0.02)


def test_nobody_to_send_or_nothing_to_look_at_gives_no_cue():
    assert choose({}, targets((0, 900, 0, 0.5)), LINE, NOW) == []
    empty = targets((0, 0, 0, 0.5))
    none = Targets([], *(column[:0] for column in empty[1:]))
    assert choose({"one": camera()}, none, LINE, NOW) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("kind = 'balloon'", "no kind of asset"),
        ("reach_m = 0.0", "above 0"),
        ("detects = 1.5", "0 to 1"),
        ("latitude = 95.0", "-90 to 90"),
        ("ready_s = -1.0", "0 or more"),
    ],
)
def test_an_asset_that_cannot_be_is_told_by_its_field(line, said):
    plain = {"kind": "'camera'", "unit": "'u'", "latitude": "45.0", "longitude": "-73.0", "reach_m": "900.0"}
    plain |= {"half_width_m": "60.0", "detects": "0.9", "alarms": "0.02", "error_m": "12.0"}
    key, _, value = line.partition(" = ")
    text = "[assets.one]\n" + "\n".join(f"{name} = {each}" for name, each in (plain | {key: value}).items())
    with pytest.raises(SettingsError, match=said):
        assets.read(text, "assets.toml")


def test_a_boat_needs_a_speed():
    text = (
        "[assets.one]\nkind = 'boat'\nunit = 'u'\nlatitude = 45.0\nlongitude = -73.0\nreach_m = 900.0\n"
        "half_width_m = 60.0\ndetects = 0.9\nalarms = 0.02\nerror_m = 12.0\n"
    )
    with pytest.raises(SettingsError, match="a boat moves"):
        assets.read(text, "assets.toml")


ANYWHERE = st.tuples(
    st.floats(-90, 90), st.floats(-180, 180), st.floats(-1e4, 1e4), st.floats(0, 1e6), st.floats(0, 1)
)


@settings(deadline=None, max_examples=draws(40))
@given(st.lists(ANYWHERE, min_size=1, max_size=4), st.lists(ANYWHERE, min_size=1, max_size=4))
def test_whatever_is_where_each_sensor_has_one_track_and_finite_bits(seen, sent):
    """At the poles, over the antimeridian, at any speed and unsureness."""
    fleet = {
        f"a{number}": camera(
            kind="drone",
            latitude=one[0],
            longitude=one[1],
            speed_m_s=abs(one[2]) + 0.1,
            half_width_m=one[3] + 1,
        )
        for number, one in enumerate(sent)
    }
    latitude, longitude, speed, spread, exists = (np.array(column) for column in zip(*seen, strict=True))
    keys = [f"track:surveillance:{number}" for number in range(len(seen))]
    life = np.arange(len(seen)) == 1
    those = Targets(
        *(keys, latitude, longitude, speed, -speed, spread, spread / 60, np.ones(len(seen))),
        *(exists, np.full(len(seen), 3600.0), life),
    )
    found = choose(fleet, those, LINE, NOW)
    assert len({one.asset for one in found}) == len({one.track for one in found}) == len(found)
    for one in found:
        assert 0 <= one.bits <= 2 + 1e-9
        assert NOW <= one.at <= one.deadline
        assert abs(one.latitude) <= 90 >= abs(one.stand[0])
        assert abs(one.longitude) <= 180 >= abs(one.stand[1])
