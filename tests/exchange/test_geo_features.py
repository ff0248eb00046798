"""Shared rows as features: each kind with a place, its columns, and nothing of what may not go."""

import io
import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
import shapely

from watchfloor.core.earth import great_circle
from watchfloor.core.kinds import KINDS
from watchfloor.exchange.bundles.bundle import columns_of, schema_of
from watchfloor.exchange.geo import files
from watchfloor.exchange.geo.features import MAPPED, features
from watchfloor.exchange.sharing import Shared
from watchfloor.policy.gateways import Party

AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
AREA = json.dumps(shapely.geometry.mapping(shapely.box(-74, 45, -73, 46)))
VALUES = {
    "disclosure": {"row_id": bytes(16), "message": "exchange.pointer", "params": '{"node":"A"}', "since": AT},
    "scene": {"footprint": AREA, "started": AT, "ended": AT},
    "scene-change": {"shape": AREA, "since": AT, "until": AT + timedelta(days=1), "what": "bridge"},
    "map-feature": {"geometry": AREA, "properties": '{"a":[1],"b":2}', "layer": "l", "feature": "1"},
    "public-alert": {
        "areas": [{"description": "", "polygons": ["45,-74 45,-73 46,-73 45,-74"], "circles": ["45,-70 1"]}],
        "since": AT,
    },
    "coverage": {"farthest": 4000.0, "nearest": 1000.0, "azimuth_from": 350.0, "azimuth_to": 10.0},
}
COMMON = {"latitude": 45.0, "longitude": -74.0, "report_key": "k", "marking": "PB", "observed_at": AT}


def shared(kind, **values):
    """One row of a kind, with nothing in the columns that are not named."""
    schema = schema_of(kind)
    row = {
        name: value
        for name, value in (COMMON | VALUES.get(kind, {}) | values).items()
        if name in schema.names
    }
    table = pa.table([pa.array([row.get(one.name)], one.type) for one in schema], names=schema.names)
    return Shared(Party("A", "police", "CAN"), b"k", AT, "PB", {kind: table})


@pytest.mark.parametrize("kind", [kind for kind in MAPPED if kind in KINDS])
def test_a_row_of_each_kind_is_a_feature_with_its_marking(kind):
    ((found, name, one),) = features(shared(kind))
    assert (found, name, one.marking) == (kind, one.id, "PB")
    assert one.geometry.is_valid
    assert one.at == AT or "since" in columns_of(kind)


def test_a_column_that_may_not_go_leaves_no_feature_and_no_value():
    assert list(features(shared("disclosure", latitude=None))) == []
    ((_, _, one),) = features(shared("disclosure", params=None, subjects=None))
    assert (one.text, one.title) == ("", "")


def test_what_a_sensor_sees_is_the_ring_of_its_sector():
    ((_, _, one),) = features(shared("coverage"))
    x, y = shapely.get_coordinates(one.geometry).T
    metres = great_circle(np.full(len(x), 45.0), np.full(len(x), -74.0), y, x)
    assert metres.min() == pytest.approx(1000, rel=0.01)
    assert metres.max() == pytest.approx(4000, rel=0.01)
    assert one.geometry.contains(shapely.Point(-74, 45.02))
    ((_, _, round_),) = features(shared("coverage", azimuth_to=350.0))
    assert len(round_.geometry.interiors) == 1


def test_a_feature_of_a_map_says_what_its_file_said():
    ((_, _, one),) = features(shared("map-feature"))
    assert (one.more["a"], one.more["b"], one.more["layer"]) == ("[1]", 2, "l")


@pytest.mark.parametrize(
    "writer", [files.geojson, files.kml, files.gpkg, files.geoparquet, files.gpx, files.pmtiles]
)
def test_shared_rows_become_a_file_of_each_form(writer):
    stream = io.BytesIO()
    assert writer(shared("scene-change"), stream) == 1
    assert b"PB" in stream.getvalue() or stream.getvalue().startswith(b"PMTiles")  # compressed throughout


def test_an_alert_is_drawn_where_its_polygons_and_circles_are():
    ((_, _, one),) = features(shared("public-alert"))
    triangle, circle = one.geometry.geoms
    assert triangle.equals(shapely.Polygon([(-74, 45), (-73, 45), (-73, 46)]))
    y, x = shapely.get_coordinates(circle).T[::-1]
    metres = great_circle(np.full(len(x), 45.0), np.full(len(x), -70.0), y, x)
    assert metres == pytest.approx(1000, rel=0.01)
    assert list(features(shared("public-alert", areas=None))) == []
