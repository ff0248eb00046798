"""Who looks when, over midnight and the night in which clocks change, and who is there first."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from watchfloor.casework.tasking.assets import Asset
from watchfloor.formats.settings import SettingsError
from watchfloor.planning.coverage import schedule
from watchfloor.planning.coverage.axis import axis

START = datetime(2026, 12, 1, 6, tzinfo=UTC)  # midnight in Regina, which keeps one time, a Tuesday
CAMERA = Asset(
    kind="camera",
    unit="border-operations",
    latitude=49.002,
    longitude=-97.2,
    reach_m=5_000.0,
    half_width_m=500.0,
    detects=0.8,
    alarms=0.01,
    error_m=20.0,
)


def read(text, zone="America/Regina"):
    return schedule.read(f'zone = "{zone}"\n{text}', "coverage.toml")


def hours(text, start=START, count=48, zone="America/Regina"):
    (watch,) = read(f'[[watch]]\nasset = "camera"\n{text}', zone).watch
    return watch.hours(start, count, ZoneInfo(zone)).round(3).tolist()


@pytest.mark.parametrize(
    "wrong",
    [
        *("speed_m_s = inf", "speed_m_s = nan", "ready_s = -60", "ready_s = nan"),
        *("latitude = nan", "latitude = 91", "longitude = inf"),
    ],
)
def test_who_would_be_there_before_they_went_is_refused(wrong):
    right = {"name": '"p"', "latitude": "49.0", "longitude": "-97.0", "speed_m_s": "15"}
    key, _, value = wrong.partition(" = ")
    text = "".join(f"{name} = {each}\n" for name, each in (right | {key: value}).items())
    with pytest.raises(SettingsError, match=f"responder.{key}"):
        read("[[responder]]\n" + text)


@pytest.mark.parametrize("zone", ["Europe", "/etc/passwd", "../zone", ""])
def test_what_is_no_zone_is_refused(zone):
    with pytest.raises(SettingsError, match="no time zone"):
        read("", zone)


def test_a_watch_over_midnight_on_some_days():
    found = hours('days = ["tue"]\nfrom = "22:30"\nto = "02:00"')
    assert found == [0.0] * 22 + [0.5, 1.0, 1.0, 1.0] + [0.0] * 22
    monday = hours('days = ["mon"]\nfrom = "22:30"\nto = "02:00"')
    assert monday == [1.0, 1.0] + [0.0] * 46  # it goes on into Tuesday
    assert hours("") == [1.0] * 48


@pytest.mark.parametrize(
    ("day", "long"), [(datetime(2024, 3, 9, 5, tzinfo=UTC), 7), (datetime(2024, 11, 2, 4, tzinfo=UTC), 9)]
)
def test_a_night_in_which_clocks_changed_was_as_long_as_it_was(day, long):
    """Of years gone by: what zones do in years to come, parliaments change."""
    text = 'days = ["sat"]\nfrom = "22:00"\nto = "06:00"'
    assert sum(hours(text, day, zone="America/Toronto")) == pytest.approx(long)


def test_a_camera_sees_what_is_in_its_reach_while_somebody_attends_to_it():
    where, zone = axis(), ZoneInfo("America/Regina")
    watches = read('[[watch]]\nasset = "camera"\nfrom = "06:00"\nto = "18:00"').watch
    made = schedule.part(CAMERA, watches, where, START, 24, zone)
    assert set(made.hour.tolist()) == set(range(6, 18))
    metres = where.near(CAMERA.latitude, CAMERA.longitude, CAMERA.reach_m)[1]
    assert len(set(made.km.tolist())) == len(metres) == 10
    walkers, vehicles = made.chance[0], made.chance[1]  # a walker is seen less far, and in sight for longer
    assert 0 < np.count_nonzero(walkers) < np.count_nonzero(vehicles)
    assert 0 < vehicles.max() < walkers.max() < 1
    blind = schedule.part(replace_asset(CAMERA, night=False), watches, where, START, 24, zone)
    assert set(blind.hour.tolist()) <= set(range(7, 17))  # civil twilight begins at half past seven
    assert schedule.part(CAMERA, (), where, START, 24, zone).km.size == 0


def replace_asset(asset, **changes):
    from msgspec.structs import replace as changed

    return changed(asset, **changes)


def test_a_patrol_sees_its_stretch_the_better_the_shorter_it_is():
    where, zone = axis(), ZoneInfo("UTC")
    drone = replace_asset(CAMERA, kind="drone", speed_m_s=20.0, reach_m=800.0)
    long, short = (
        schedule.part(
            drone, read(f'[[watch]]\nasset = "drone"\nkm = [2050, {end}]').watch, where, START, 1, zone
        )
        for end in (2_110, 2_056)
    )
    assert sorted(set(long.km.tolist())) == list(range(2_050, 2_110))
    assert short.chance[0].max() > 2 * long.chance[0].max() > 0


def test_who_is_there_first_counts_the_way_and_the_start():
    where = axis()
    near, fast = (
        schedule.Responder("near", *map(float, (where.latitude[2_000], where.longitude[2_000])), 10.0, 600.0),
        schedule.Responder("fast", *map(float, (where.latitude[2_100], where.longitude[2_100])), 60.0, 60.0),
    )
    takes, who = schedule.minutes((near, fast), where)
    assert (who[2_000], takes[2_000]) == ("near", pytest.approx(10.0, abs=0.02))
    assert (who[2_100], takes[2_100]) == ("fast", pytest.approx(1.0, abs=0.02))
    assert who[2_020] == "fast"  # 48 minutes for the near one, 32 for the fast one
    assert not np.isfinite(schedule.minutes((), where)[0]).any()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('zone = "Mars"', 1),
        ('[[watch]]\nasset = "a"\ndays = ["tues"]', 3),
        ('[[watch]]\nasset = "a"\nkm = [30, 20]', 3),
        ('[[watch]]\nasset = "a"\nfrom = "6 pm"', 3),
        ('[[watch]]\nasset = "a"\nform = "06:00"', 3),
        ('[[responder]]\nname = "a"\nlatitude = 49\nlongitude = -97\nspeed_m_s = 0', 5),
        ('[[responder]]\nname = "a"\nlatitude = 49\nlongitude = -97\nspeed_m_s = 1\nmarking = "X"', 6),
    ],
)
def test_a_schedule_that_cannot_be_meant_names_its_line(text, line):
    with pytest.raises(SettingsError, match=f"line {line}(?!\\d)"):
        schedule.read(text, "coverage.toml")
