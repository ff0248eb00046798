"""Masks of a scan: the other side, zones and areas of a floor, against which side each point is on."""

import json

import numpy as np
import pytest
import shapely
from tests.casework.ground import KM, LATITUDE, LONGITUDE, square

from watchfloor.casework.scans import masks
from watchfloor.core.earth import great_circle
from watchfloor.formats.settings import SettingsError
from watchfloor.reference import border

WORLD = shapely.box(-180, -90, 180, 90)


@pytest.mark.parametrize("km", [(1_495, 1_505), (3_500, 3_560), (6_400, 6_430), (0, 40), (4_557, 4_613)])
def test_the_other_side_is_masked_point_by_point(tmp_path, km):
    """On the parallel, in rivers and lakes, and at both ends of the line."""
    ground = masks.ground(tmp_path, km, WORLD)
    west, south, east, north = ground.corridor.bounds
    random = np.random.default_rng(1)
    x, y = random.uniform(west, east, 3_000), random.uniform(south, north, 3_000)
    inside = shapely.contains_xy(ground.corridor, x, y)
    x, y = x[inside], y[inside]
    other = border.load().side(y, x) != "CAN"
    assert other.any()
    assert (~other).any()
    assert (shapely.contains_xy(shapely.union_all(ground.masked), x, y) == other).all()


def test_a_corridor_is_as_wide_as_the_floor_says_and_ends_where_the_scenes_do(tmp_path):
    (tmp_path / masks.NAME).write_text(
        "corridor_m = 2000\n[other_side]\nmasked = false\nreason = 'joint'\n", "utf-8"
    )
    looked, masked = masks.ground(tmp_path, KM, WORLD).km2()
    assert looked == pytest.approx(10 * 4 + np.pi * 2**2, rel=0.02)
    assert masked == 0
    seen = shapely.from_geojson(json.dumps(square(0, 0, half=1_000)))
    assert masks.ground(tmp_path, KM, seen).km2()[0] == pytest.approx(4, rel=0.02)


@pytest.mark.parametrize("name", ["privacy.geojson", "homes.geojson"])
def test_zones_and_areas_are_masked_and_told_as_an_area(tmp_path, name):
    area = {"type": "Feature", "geometry": square(2_000, 0, half=500), "properties": {"what": "home"}}
    (tmp_path / name).write_text(json.dumps({"type": "FeatureCollection", "features": [area]}), "utf-8")
    if name == "homes.geojson":
        rule = '[[masked]]\nfile = "homes.geojson"\nreason = "private land"\n'
        (tmp_path / masks.NAME).write_text(rule, "utf-8")
    plain, (_, masked) = (
        masks.ground(tmp_path / "none", KM, WORLD).km2(),
        masks.ground(tmp_path, KM, WORLD).km2(),
    )
    assert masked - plain[1] == pytest.approx(1.0, rel=0.02)
    ground = masks.ground(tmp_path, KM, WORLD)
    assert ground.hides(shapely.Point(LONGITUDE, LATITUDE + 0.018))
    assert not ground.hides(shapely.Point(LONGITUDE + 0.02, LATITUDE + 0.018))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("corridor_m = 0", "corridor_m"),
        ("corridor_m = 60000", "corridor_m"),
        ("retain_days = 0", "retain_days"),
        ("[other_side]\nmasked = false", "other_side.reason"),
        ('[[masked]]\nfile = "a.geojson"\nreason = " "', "masked.reason"),
        ('[[masked]]\nfile = "../a.geojson"\nreason = "x"', "masked.file"),
        ('[[masked]]\nfile = "absent.geojson"\nreason = "x"', "masked.file"),
        ('[[masked]]\nfile = "space.toml"\nreason = "x"', "masked.file"),
        ("hours = 3", "hours"),
        ('[[traffic]]\nfile = "../a.geojson"', "traffic.file"),
        ('[[traffic]]\nfile = "absent.geojson"', "traffic.file"),
        ('[[traffic]]\nfile = "space.toml"', "traffic.file"),
        ('[[traffic]]\nname = "roads"', "traffic"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused_before_anything_is_looked_at(tmp_path, text, key):
    (tmp_path / masks.NAME).write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=key):
        masks.ground(tmp_path, KM, WORLD)


def roads(tmp_path, *lines):
    features = [{"type": "Feature", "geometry": one, "properties": None} for one in lines]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    (tmp_path / "roads.geojson").write_text(text, "utf-8")
    (tmp_path / masks.NAME).write_text('[[traffic]]\nfile = "roads.geojson"\n', "utf-8")


@pytest.mark.parametrize("seed", range(5))
def test_the_nearest_road_is_as_far_as_the_nearest_of_its_points(tmp_path, seed):
    """Against great circles to points every few metres of it."""
    random = np.random.default_rng(seed)
    places = [random.uniform(-0.1, 0.1, (4, 2)) + np.array([LONGITUDE, LATITUDE]) for _ in range(3)]
    roads(tmp_path, *({"type": "LineString", "coordinates": one.tolist()} for one in places))
    shape = shapely.Point(LONGITUDE, LATITUDE)
    dense = np.vstack(
        [shapely.get_coordinates(shapely.segmentize(shapely.LineString(one), 5e-5)) for one in places]
    )
    nearest = great_circle(np.array([LATITUDE]), np.array([LONGITUDE]), dense[:, 1], dense[:, 0]).min()
    assert masks.ground(tmp_path, KM, WORLD).traffic(shape) == pytest.approx(nearest, rel=2e-3, abs=5)


def test_a_road_through_a_shape_is_at_no_distance_and_one_far_away_is_told_too(tmp_path):
    shape = shapely.from_geojson(json.dumps(square(2_000, 0)))
    through = [[LONGITUDE - 0.1, LATITUDE + 0.018], [LONGITUDE + 0.1, LATITUDE + 0.018]]
    roads(tmp_path, {"type": "MultiLineString", "coordinates": [through]})
    assert masks.ground(tmp_path, KM, WORLD).traffic(shape) == 0
    far = [[LONGITUDE, LATITUDE + 1], [LONGITUDE, LATITUDE + 2]]
    roads(tmp_path, {"type": "LineString", "coordinates": far})
    assert masks.ground(tmp_path, KM, WORLD).traffic(shape) == pytest.approx(109_100, rel=0.01)


def test_where_the_floor_names_no_roads_nothing_is_told(tmp_path):
    shape = shapely.Point(LONGITUDE, LATITUDE)
    assert masks.ground(tmp_path, KM, WORLD).traffic(shape) is None
    roads(tmp_path)
    assert masks.ground(tmp_path, KM, WORLD).traffic(shape) is None
