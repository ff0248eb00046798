"""Fog, rain, wind and cloud over the line, and who then sees or goes out."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from msgspec.structs import replace
from tests.planning.coverage.test_schedule import CAMERA

from watchfloor.core.kinds import WEATHER
from watchfloor.planning.coverage import schedule, weather
from watchfloor.planning.coverage.axis import axis
from watchfloor.planning.coverage.crossers import CROSSERS
from watchfloor.planning.coverage.schedule import Conditions, Watch

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
WHERE = axis()
KM = int(WHERE.near(CAMERA.latitude, CAMERA.longitude, 1_000)[0][0])
PLACE = {"latitude": CAMERA.latitude, "longitude": CAMERA.longitude}


def sky(*reports, hours=4):
    """Weather of reports: hours after the start, and what differs from a report of nothing."""
    schema = pa.schema([WEATHER.schema.field(name) for name in weather.COLUMNS])
    rows = []
    for at, said in reports:
        row = {"station": "CWXX", "observed_at": START + timedelta(hours=at), "marking": "UNMARKED"} | PLACE
        rows.append({name: (row | said).get(name) for name in weather.COLUMNS})
    return weather.read(pa.Table.from_pylist(rows, schema), WHERE, START, hours)


def seen(asset, *reports, km=None, kind="vehicle"):
    """The greatest probability of each of four hours near the station."""
    watch = Watch(asset="a", km=km)
    conditions = Conditions(weather=sky(*reports))
    part = schedule.part(asset, (watch,), WHERE, START, 4, ZoneInfo("UTC"), conditions)
    best = np.zeros(4)
    np.maximum.at(best, part.hour, part.chance[list(CROSSERS).index(kind)])
    return best


def test_of_each_station_the_last_report_counts_and_the_nearest_station_of_all():
    found = sky(
        (0, {"visibility": 4_000.0, "until": START + timedelta(hours=2)}),
        (1.2, {"visibility": 900.0, "precipitation": "snow", "until": START + timedelta(hours=2)}),
        (
            0,
            {"station": "CWYY", "longitude": CAMERA.longitude + 0.5, "visibility": 9_000.0, "ceiling": 300.0},
        ),
    )
    np.testing.assert_array_equal(found.visibility[KM], [4_000.0, 900.0, 9_000.0, np.nan])
    np.testing.assert_array_equal(found.ceiling[KM], [300.0, 300.0, 300.0, np.nan])
    assert found.falling[KM].tolist() == [False, True, False, False]
    assert np.isnan(found.visibility[KM + 500]).all()
    assert np.isnan(sky().visibility).all()


def test_a_station_that_does_not_say_where_it_is_has_the_place_of_the_settings():
    schema = pa.schema([WEATHER.schema.field(name) for name in weather.COLUMNS])
    row = {"station": "CYWG", "observed_at": START, "marking": "UNMARKED", "visibility": 900.0}
    rows = pa.Table.from_pylist([{name: row.get(name) for name in weather.COLUMNS}], schema)
    assert np.isnan(weather.read(rows, WHERE, START, 1).visibility).all()
    placed = weather.read(rows, WHERE, START, 1, {"CYWG": tuple(PLACE.values())})
    assert placed.visibility[KM, 0] == 900.0


def test_a_ground_sensor_minds_neither_fog_nor_night_nor_hills():
    mat = replace(CAMERA, kind="ground-sensor", reach_m=1_500.0, mast_m=2.0)
    fog = (0, {"visibility": 50.0, "precipitation": "fog"})
    assert (seen(mat, fog, kind="walker") == seen(mat, kind="walker")).all()
    assert seen(mat, kind="walker")[0] == pytest.approx(CAMERA.detects), "one chance for a crossing"
    assert schedule.CLEAR.sight(mat) is None
    assert not seen(mat, kind="boat").any(), "it feels no boat"


def test_fog_cuts_light_at_once_warmth_later_and_a_radar_never():
    fog = (0, {"visibility": 610.0, "precipitation": "fog"})
    near = replace(CAMERA, latitude=float(WHERE.latitude[KM]), longitude=float(WHERE.longitude[KM]))
    far = replace(near, latitude=near.latitude + 1_500 / 111_200)
    clear = seen(far, (0, {"visibility": 10_000.0}))
    assert (clear[:3] == seen(far)[:3]).all(), "10 km and more is clear"
    assert seen(far, fog)[:3].tolist() == [0, 0, 0], "1,500 m away, 610 m seen"
    assert (seen(near, fog)[:3] > 0).all()
    assert (seen(near, fog)[:3] < seen(near)[:3]).all()
    thermal = replace(far, thermal=True)
    assert (seen(thermal, fog)[:3] > 0).all(), "2,400 m of warmth in fog of category II"
    assert seen(thermal, (0, {"visibility": 610.0, "precipitation": "snow"}))[0] == 0
    assert seen(thermal, (0, {"visibility": 305.0, "precipitation": "fog"}))[0] == 0
    radar = replace(far, kind="radar")
    assert (seen(radar, fog) == seen(radar)).all()


@pytest.mark.parametrize(
    ("kind", "limit", "inside", "beyond"),
    [
        ("drone", "wind_speed", 11.0, 13.0),
        ("drone", "ceiling", 200.0, 100.0),
        ("aircraft", "visibility", 1_700.0, 1_500.0),
        ("aircraft", "wind_speed", 24.0, 26.0),
        ("boat", "wave_height", 2.0, 3.0),
        ("boat", "wind_speed", 17.0, 18.0),
    ],
)
def test_who_stays_in_when_the_weather_is_too_bad(kind, limit, inside, beyond):
    asset = replace(CAMERA, kind=kind, speed_m_s=20.0, reach_m=1_000.0)
    crosser = "boat" if kind == "boat" else "vehicle"
    stretch = (KM - 2.0, KM + 3.0)
    out = seen(asset, (0, {limit: inside}), km=stretch, kind=crosser)
    assert (out[:3] > 0).all()
    assert seen(asset, (0, {limit: beyond}), km=stretch, kind=crosser)[:3].tolist() == [0, 0, 0]


def test_at_night_a_helicopter_needs_three_miles():
    """The first hour of July in UTC is evening in Manitoba, and the sixth is night."""
    asset = replace(CAMERA, kind="aircraft", speed_m_s=50.0, reach_m=1_000.0)
    report = (0, {"visibility": 3_000.0, "until": START + timedelta(hours=24)})
    conditions = Conditions(weather=sky(report, hours=24))
    watch = Watch(asset="a", km=(KM - 2.0, KM + 3.0))
    part = schedule.part(asset, (watch,), WHERE, START, 24, ZoneInfo("UTC"), conditions)
    hours = set(part.hour.tolist())
    assert 6 in hours, "one in the afternoon"
    assert 18 not in hours, "one at night"


def test_the_sun_and_warmth_decide_who_sees_at_night():
    day = replace(CAMERA, night=False)
    hours = {
        name: set(schedule.part(one, (Watch(asset="a"),), WHERE, START, 24, ZoneInfo("UTC")).hour.tolist())
        for name, one in {"day": day, "warm": replace(day, thermal=True), "lit": CAMERA}.items()
    }
    assert hours["warm"] == hours["lit"] == set(range(24))
    assert hours["day"] < hours["lit"]
    assert 18 not in hours["day"]


def test_a_field_of_view_leaves_out_what_is_beside_it():
    """The line runs east; a camera that faces east with 90 degrees sees nothing in the west."""
    east = replace(CAMERA, azimuth=90.0, field_deg=90.0)
    found = {
        name: schedule.part(one, (Watch(asset="a"),), WHERE, START, 1, ZoneInfo("UTC")).km
        for name, one in {"all": CAMERA, "east": east}.items()
    }
    assert set(found["east"]) < set(found["all"])
    assert (WHERE.longitude[found["east"]] > CAMERA.longitude).all()
