"""What was watched, from reports of sensors: time that counts once, sectors, and reach by kind of crosser."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from watchfloor.core.kinds import KINDS
from watchfloor.planning.coverage import sensor_reports
from watchfloor.planning.coverage.axis import axis
from watchfloor.planning.coverage.crossers import CROSSERS

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
    assert (len(whole.km), set(west.km) < set(whole.km)) == (12, True)
    assert (where.longitude[west.km] < -97.2).all()
    assert np.count_nonzero(whole.chance[WALKER]) < np.count_nonzero(whole.chance[VEHICLE])
    near = sensor_reports.parts(
        reports({"observed_at": 0, "until": 60, "nearest": 3_000.0}), where, START, 1
    )["tower-1"]
    assert set(near.km) < set(whole.km)
