"""Privacy zones: whose detections are withheld, against the rule of even and odd, and files that are none."""

import json
import pickle
from contextlib import suppress
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from watchfloor.reference import polygons, privacy_zones


def collection(*geometries):
    features = [{"type": "Feature", "geometry": each, "properties": {"what": "home"}} for each in geometries]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


SQUARE = {"type": "Polygon", "coordinates": [[[-74, 45], [-73, 45], [-73, 46], [-74, 46], [-74, 45]]]}
HOLE = {
    "type": "Polygon",
    "coordinates": [
        [[10, 10], [20, 10], [20, 20], [10, 20], [10, 10]],
        [[14, 14], [16, 14], [16, 16], [14, 16], [14, 14]],
    ],
}
TWO = {
    "type": "MultiPolygon",
    "coordinates": [HOLE["coordinates"], [[[30, 30], [31, 30], [31, 31], [30, 30]]]],
}


def test_persons_in_a_zone_are_withheld_and_others_are_not():
    zones = privacy_zones.parse(collection(SQUARE))
    y, x = [45.5] * 8 + [44.5, np.nan], [-73.5] * 8 + [-73.5, np.nan]
    klass = ["person", "group", "unknown", None, "vehicle", "boat", "animal", "aircraft", "person", "person"]
    assert privacy_zones.withheld(y, x, klass, zones).tolist() == [True] * 4 + [False] * 6


def test_holes_and_several_parts():
    zones = privacy_zones.parse(collection(SQUARE, TWO))
    assert polygons.within(zones, [12, 15, 30.2, 45.5], [12, 15, 30.5, -73.5]).tolist() == [1, -1, 1, 0]
    assert zones.properties[0] == {"what": "home"}


def test_a_border_is_in_and_of_two_areas_the_first_counts():
    east = {"type": "Polygon", "coordinates": [[[-73, 45], [-72, 45], [-72, 46], [-73, 46], [-73, 45]]]}
    zones = privacy_zones.parse(collection(east, SQUARE))
    assert polygons.within(zones, [45.5, 45.5, 45.5, 45.0], [-73, -74, -72.5, -73.5]).tolist() == [0, 1, 0, 1]
    assert polygons.within(zones, [45.0, 45.0], [-71.9, np.inf]).tolist() == [-1, -1]


def test_an_edge_is_straight_in_degrees_and_no_great_circle():
    """From (0, 60) to (60, 60) a great circle would pass north of 63 degrees."""
    band = [[[0, 60], [60, 60], [60, 50], [0, 50], [0, 60]]]
    zones = privacy_zones.parse(collection({"type": "Polygon", "coordinates": band}))
    assert polygons.within(zones, [59.999, 60.001], [30, 30]).tolist() == [0, -1]


def test_what_a_border_that_crosses_itself_winds_around_twice_is_out():
    """A star of five points in one stroke: its rays are in, its middle is wound around twice."""
    turn = np.arange(6) * 4 * np.pi / 5
    star = np.c_[10 + np.sin(turn), 10 + np.cos(turn)]
    star[-1] = star[0]
    zones = privacy_zones.parse(collection({"type": "Polygon", "coordinates": [star.tolist()]}))
    assert polygons.within(zones, [10.0, 10.7], [10.0, 10.0]).tolist() == [-1, 0]


def test_zones_go_to_another_process():
    zones = pickle.loads(pickle.dumps(privacy_zones.parse(collection(SQUARE, TWO))))
    assert polygons.within(zones, [12, 15, 30.2, 45.5], [12, 15, 30.5, -73.5]).tolist() == [1, -1, 1, 0]


def test_no_zones_withhold_nothing():
    zones = privacy_zones.parse(collection())
    assert not privacy_zones.withheld([45.5], [-73.5], ["person"], zones).any()


@given(
    st.lists(
        st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3)), min_size=3, max_size=12),
        min_size=1,
        max_size=4,
    ),
    st.integers(0, 2**32 - 1),
)
def test_within_is_the_winding_of_even_and_odd(rings, seed):
    closed = [np.array([*ring, ring[0]]) for ring in rings]
    lines = [shapely.linestrings(ring) for ring in closed]
    covered = [shapely.unary_union(line).length < line.length * (1 - 1e-9) for line in lines]
    assume(not any(covered))
    areas = polygons.from_shapes([shapely.Polygon(ring) for ring in closed], tuple({} for _ in closed))
    x, y = np.random.default_rng(seed).uniform(-3, 3, (2, 30))
    for k, found in enumerate(polygons.within(areas, y, x).tolist()):
        inside = [number for number, ring in enumerate(closed) if _plain(ring.tolist(), x[k], y[k])]
        assert found == (inside[0] if inside else -1)


def _plain(ring, x, y):
    odd = False
    for (ax, ay), (bx, by) in pairwise(ring):
        if (ax > x) != (bx > x) and ay + (x - ax) / (bx - ax) * (by - ay) > y:
            odd = not odd
    return odd


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xff", "no JSON"),
        (b"[]", "FeatureCollection"),
        (b'{"features": [{"geometry": null}]}', "FeatureCollection"),
        (collection({"type": "Point", "coordinates": [0, 0]}), "not a Point"),
        (collection({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0]]]}), "four points"),
        (collection(SQUARE, {"type": "Polygon", "coordinates": []}), "area 1 encloses nothing"),
        (
            collection({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [2, 0], [0, 1]]]}),
            "ends where it begins",
        ),
        (collection({"type": "Polygon", "coordinates": [[[0, 0], [1, "a"], [2, 0], [0, 0]]]}), "is pairs"),
        (collection({"type": "Polygon", "coordinates": [[[0, 0], [1, 99], [2, 0], [0, 0]]]}), "-90 to 90"),
    ],
)
def test_what_is_no_file_of_areas_is_said_so(content, says):
    with pytest.raises(polygons.PolygonError, match=says):
        polygons.parse(content)


@given(
    st.binary(max_size=60)
    | st.text(max_size=40).map(lambda text: f'{{"features":[{{"geometry":{text}}}]}}'.encode())
)
def test_any_bytes_are_areas_or_an_error(content):
    with suppress(polygons.PolygonError):
        polygons.parse(content)
