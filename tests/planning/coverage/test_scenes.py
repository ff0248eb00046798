"""Scenes as coverage of hours that have begun: what was looked at, and through which clouds."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from watchfloor.core.kinds import SCENE
from watchfloor.planning.coverage import passes
from watchfloor.planning.coverage.axis import axis
from watchfloor.planning.coverage.crossers import CROSSERS

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
BOAT, VEHICLE, WALKER = (list(CROSSERS).index(name) for name in ("boat", "vehicle", "walker"))
BOX = {"west": -97.4, "south": 48.9, "east": -97.0, "north": 49.1}
SQUARE = (
    '{"type":"Polygon","coordinates":[[[-97.4,48.9],[-97.0,48.9],[-97.0,49.1],[-97.4,49.1],[-97.4,48.9]]]}'
)
SCHEMA = pa.schema([(name, SCENE.schema.field(name).type) for name in passes.SCENES])


def scene(**columns):
    plain = {"platform": "worldview-3", "started": START + timedelta(minutes=90), "footprint": SQUARE, **BOX}
    return plain | {"cloud": 0.0, "resolution": 0.5, "bands": ["red"], "marking": "U//TLP:CLEAR"} | columns


def taken(*rows, begun=4):
    return passes.taken(pa.Table.from_pylist(list(rows), SCHEMA), axis(), START, 4, begun)


def chance(*rows, crosser=BOAT):
    (part,) = taken(*rows).values()
    return part.chance[crosser].max()


def test_a_scene_covers_the_kilometres_in_its_footprint_in_its_hour():
    (part,) = taken(scene()).values()
    longitude = axis().longitude[part.km]
    assert set(part.hour.tolist()) == {1}
    assert ((longitude > -97.4) & (longitude < -97.0)).all()
    assert len(part.km) == pytest.approx(29, abs=2)  # 0.4° on the 49th parallel
    assert (part.chance[WALKER] == 0).all()


def test_an_hour_that_has_not_begun_rests_on_no_scene():
    assert taken(scene(), begun=1) == {}
    assert taken(scene(started=START - timedelta(minutes=1)), scene(started=START + timedelta(hours=4))) == {}


def test_clouds_lower_it_and_a_radar_sees_through_them():
    clear = chance(scene())
    assert chance(scene(cloud=0.8)) == pytest.approx(0.2 * clear)
    assert chance(scene(cloud=None)) == pytest.approx(0.5 * clear)
    assert chance(scene(cloud=None, bands=["VV", "VH"])) == clear
    assert taken(scene(cloud=1.0))["worldview-3"].km.size == 0


def test_coarse_pixels_show_no_vehicle_and_the_coarsest_nothing():
    assert chance(scene(resolution=10.0)) > 0
    assert chance(scene(resolution=10.0), crosser=VEHICLE) == 0
    assert taken(scene(resolution=30.0), scene(resolution=None)) == {}


def test_two_scenes_of_one_platform_miss_what_both_miss():
    once, twice = chance(scene()), chance(scene(), scene())
    assert np.isclose(1 - twice, (1 - once) ** 2)
