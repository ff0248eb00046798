"""What was watched, from reports of sensors: time that counts once, sectors, and reach by kind of crosser."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from watchfloor.core.kinds import KINDS
from watchfloor.formats.settings import SettingsError
from watchfloor.planning.coverage import lateral_range, schedule, sensor_reports
from watchfloor.planning.coverage.axis import axis, samples_from
from watchfloor.planning.coverage.crossers import CROSSERS
from watchfloor.planning.coverage.lateral_range import Curve
from watchfloor.planning.coverage.schedule import Conditions

START = datetime(2026, 12, 1, 6, tzinfo=UTC)
WALKER, VEHICLE = (list(CROSSERS).index(name) for name in ("walker", "vehicle"))


def reports(*rows):
    """Rows of coverage, minutes after START."""
    schema = pa.schema(
        [
            (name, KINDS["coverage"].schema.field(name).type)
            for name in sensor_reports.COLUMNS
            if name != "marking"
        ]
    )
    plain = {
        "sensor": "tower-1",
        "state": "looking",
        "latitude": 49.0,
        "longitude": -97.2,
        "farthest": 6_000.0,
        "detects": 0.5,
        "class": "camera",
    }
    made = [
        plain
        | {name: START + timedelta(minutes=one.pop(name)) for name in ("observed_at", "until") if name in one}
        | one
        for one in map(dict, rows)
    ]
    return pa.Table.from_pylist(made, schema)


def looked(*rows, hours=3):
    """Share of each hour times the probability for a vehicle at the nearest kilometre, by sensor."""
    found = sensor_reports.parts(reports(*rows), axis(), START, hours)
    answer = {}
    for name, part in found.items():
        best = np.zeros(hours)
        for at, hour in enumerate(part.hour):
            best[hour] = max(best[hour], part.chance[VEHICLE, at])
        answer[name] = best.round(4).tolist()
    return answer


def test_a_share_of_an_hour_is_a_share_of_the_probability():
    assert looked({"observed_at": 30, "until": 75}) == {"tower-1": [0.25, 0.125, 0.0]}


def test_minutes_that_two_reports_tell_of_count_once():
    twice = looked({"observed_at": 0, "until": 40}, {"observed_at": 20, "until": 60})
    assert twice == {"tower-1": [0.5, 0.0, 0.0]}


def test_a_report_without_an_end_holds_until_the_next_one_or_ten_minutes():
    assert looked({"observed_at": 0}, {"observed_at": 3}, {"observed_at": 30}) == {
        "tower-1": [pytest.approx(23 / 120, abs=1e-4), 0.0, 0.0]
    }


def test_what_is_off_or_of_another_hour_is_not_looked_at():
    assert looked({"observed_at": 0, "until": 60, "state": "off"}) == {}
    assert looked({"observed_at": -90, "until": -10}) == {}
    assert looked({"observed_at": 500, "until": 600}) == {}
    assert looked({"observed_at": 0, "until": 60, "class": "receiver"}) == {"tower-1": [0.0, 0.0, 0.0]}


def test_a_sector_has_edges_and_a_walker_is_seen_less_far():
    where = axis()
    whole = sensor_reports.parts(reports({"observed_at": 0, "until": 60}), where, START, 1)["tower-1"]
    west = sensor_reports.parts(
        reports({"observed_at": 0, "until": 60, "azimuth_from": 225.0, "azimuth_to": 315.0}), where, START, 1
    )["tower-1"]
    assert (len(whole.km), set(west.km) < set(whole.km)) == (13, True)  # of the last a part is in reach
    assert (where.longitude[west.km] < -97.2).all()
    assert np.count_nonzero(whole.chance[WALKER]) < np.count_nonzero(whole.chance[VEHICLE])
    near = sensor_reports.parts(
        reports({"observed_at": 0, "until": 60, "nearest": 3_000.0}), where, START, 1
    )["tower-1"]
    assert set(near.km) < set(whole.km)


def test_a_kilometre_that_is_partly_in_reach_counts_for_that_part():
    where = axis()
    km = int(where.near(49.0, -97.2, 1_000.0)[0][0])
    north = {"latitude": float(where.latitude[km]), "longitude": float(where.longitude[km])}
    one = reports({"observed_at": 0, "until": 60, "farthest": 120.0, "class": "ground-sensor"} | north)
    part = sensor_reports.parts(one, where, START, 1)["tower-1"]
    # 240 m of the 1,000 are in reach: two points of ten, 50 m to each side.
    assert (part.km.tolist(), part.chance[WALKER].tolist()) == ([km], [pytest.approx(0.5 * 0.2)])


def test_a_curve_of_trials_stands_in_the_place_of_judgement():
    where = axis()
    curve = Curve("camera", "walker", (0.2, 0.4), (0.9, 0.0))
    found = sensor_reports.parts(
        reports({"observed_at": 0, "until": 60}), where, START, 1, Conditions(curves=(curve,))
    )["tower-1"]
    near = samples_from(49.0, -97.2, found.km)
    expected = np.interp(near / 6_000.0, (0.2, 0.4), (0.9, 0.0)).mean(1)
    assert found.chance[WALKER].tolist() == pytest.approx(expected.tolist())
    assert found.chance[VEHICLE].max() == 0.5  # for which there is no curve


@pytest.mark.parametrize(
    ("curve", "field"),
    [
        ('crosser = "swimmer"\nshare = [0.5]\ndetects = [0.5]', "crosser"),
        ('crosser = "walker"\nshare = [0.5, 0.4]\ndetects = [0.5, 0.4]', "share"),
        ('crosser = "walker"\nshare = [0.5, nan]\ndetects = [0.5, 0.4]', "share"),
        ('crosser = "walker"\nshare = [0.5]\ndetects = [1.5]', "detects"),
        ('crosser = "walker"\nshare = [0.5]\ndetects = [0.5, 0.4]', "detects"),
        ('crosser = "walker"\nshare = []\ndetects = []', "detects"),
    ],
)
def test_a_curve_that_cannot_be_used_is_refused(curve, field):
    with pytest.raises(SettingsError, match=field):
        schedule.read(f'[[curve]]\nsensor = "radar"\n{curve}\n', "coverage.toml")


def test_a_second_curve_of_one_pair_is_refused():
    one = '[[curve]]\nsensor = "radar"\ncrosser = "walker"\nshare = [0.5]\ndetects = [0.5]\n'
    with pytest.raises(SettingsError, match="radar and walker is there twice"):
        schedule.read(one + one, "coverage.toml")


def test_a_curve_of_a_reach_goes_before_one_of_the_class():
    of_class = Curve("radar", "boat", (0.5,), (0.5,))
    of_model = Curve("radar", "boat", (0.5,), (0.9,), reach_m=32_000.0)
    curves = (of_class, of_model)
    assert lateral_range.choose(curves, "radar", "boat", 32_000.0) is of_model
    assert lateral_range.choose(curves, "radar", "boat", 15_000.0) is of_class
    assert lateral_range.choose((of_model,), "radar", "boat", 15_000.0) is None
    assert lateral_range.choose(curves, "radar", "walker", 32_000.0) is None
