"""The exercise's force is what a floor's own files can hold, and its gaps are those of the day."""

from zoneinfo import ZoneInfo

import numpy as np

from watchfloor.casework.tasking import assets, units
from watchfloor.exercise.cast import DAY
from watchfloor.exercise.surveillance import force, world
from watchfloor.planning.coverage import schedule


def test_every_asset_is_of_a_known_unit_and_somebody_attends_to_it(tmp_path):
    fleet = assets.read(force.assets(), assets.NAME).assets
    plan = schedule.read(force.schedule(), schedule.NAME)
    assert {one.asset for one in plan.watch} == set(fleet)
    assert {one.unit for one in fleet.values()} <= units.load(tmp_path).units.keys()
    assert [sum(one.kind == kind for one in fleet.values()) for kind in assets.KINDS] == [15, 15, 0, 2, 1, 1]
    assert {one.name for one in plan.responder} == set(force.RESPONDERS)


def test_a_console_is_staffed_by_the_schedule_when_it_is_staffed_on_the_day():
    plan = schedule.read(force.schedule(), schedule.NAME)
    for camera in force.cameras():
        (watch,) = (one for one in plan.watch if one.asset == camera.name)
        first, last = force.UNSTAFFED.get(camera.stretch, (0.0, 0.0))
        expected = [0.0 if first <= hour < last else 1.0 for hour in range(24)]
        assert np.allclose(watch.hours(DAY, 24, ZoneInfo(force.ZONE)), expected)


def test_every_curve_is_of_a_sensor_of_the_exercise():
    curves = schedule.read(force.schedule(), schedule.NAME).curve
    kinds = {one.kind for one in (*world.towers(), *world.ground(1))} | {"drone", "aircraft", "vessel"}
    assert {one.sensor for one in curves} <= kinds
    assert all(list(one.detects) == sorted(one.detects, reverse=True) for one in curves)
