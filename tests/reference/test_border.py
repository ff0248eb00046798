"""The border line: its length, kilometres, distances and sides, against published facts and other methods."""

import gzip
import json
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.core.earth import MEAN_RADIUS
from watchfloor.reference import border

LINE = border.load()
SIDES = {
    "CAN": {
        "Ottawa": (45.42, -75.69), "Halifax": (44.65, -63.57), "Windsor, south of Detroit": (42.315, -83.036),
        "Toronto": (43.65, -79.38), "Vancouver": (49.28, -123.10), "Victoria, south of 49": (48.43, -123.36),
        "Iqaluit": (63.75, -68.52), "Alert": (82.50, -62.33), "Whitehorse": (60.72, -135.06),
        "Campobello": (44.88, -66.93), "Prince Rupert": (54.31, -130.33), "Inuvik": (68.36, -133.72),
        "Yarmouth": (43.84, -66.12), "St. John’s": (47.56, -52.71), "Pelee Island": (41.76, -82.65),
    },
    "USA": {
        "Detroit": (42.335, -83.046), "Buffalo": (42.88, -78.87), "Seattle": (47.61, -122.33),
        "Anchorage": (61.22, -149.90), "Juneau": (58.30, -134.42), "Point Roberts": (48.985, -123.07),
        "Northwest Angle": (49.35, -95.07), "Massena": (44.93, -74.89), "Lubec": (44.86, -66.99),
        "Isle Royale": (48.0, -88.8), "San Juan Island": (48.53, -123.02), "Boston": (42.36, -71.06),
        "Ketchikan": (55.34, -131.65), "New York": (40.71, -74.01),
    },
    "": {"Mexico City": (19.43, -99.13), "Havana": (23.1, -82.4), "Hamilton, Bermuda": (32.29, -64.78),
         "Nuuk": (64.18, -51.70), "London": (51.51, -0.13), "Uelen, Siberia": (66.16, -169.81)},
}  # fmt: skip
"""Places whose country everybody knows, many near the line or on the unexpected side of a parallel."""

kilometres = st.tuples(st.sampled_from(LINE.chains), st.floats(0, 1)).map(
    lambda drawn: (drawn[0], drawn[1] * LINE.length(drawn[0]))
)
places = st.tuples(st.floats(30, 85), st.floats(-179, -40))


def test_the_line_is_as_long_as_it_is_said_to_be():
    assert LINE.length() == pytest.approx(6437.3, abs=0.1)
    assert LINE.length() == pytest.approx(6416, rel=0.005)  # International Boundary Commission
    assert LINE.chains == ("main", "alaska")


def test_the_same_length_by_another_geodesy():
    pyproj = pytest.importorskip("pyproj", reason="pyproj is only in the group basemap")
    earth = pyproj.Geod(ellps="WGS84")
    for chain in LINE.chains:
        mine = [points for name, points in LINE.lines if name == chain]
        assert LINE.length(chain) == pytest.approx(
            sum(earth.line_length(*one.T) for one in mine) / 1e3, rel=2e-6
        )


def test_distances_are_those_of_another_geodesy():
    pyproj = pytest.importorskip("pyproj", reason="pyproj is only in the group basemap")
    random = np.random.default_rng(5)
    latitude, longitude = random.uniform(41, 60, 500), random.uniform(-130, -60, 500)
    found = LINE.nearest(latitude, longitude)
    _, _, metres = pyproj.Geod(ellps="WGS84").inv(longitude, latitude, found.longitude, found.latitude)
    assert found.metres == pytest.approx(metres, rel=3e-5, abs=0.2)


@pytest.mark.parametrize(("side", "name"), [(side, name) for side, all_ in SIDES.items() for name in all_])
def test_places_are_on_the_side_where_they_are(side, name):
    assert LINE.side(*SIDES[side][name])[0] == side


def test_along_the_parallel_distances_are_those_of_the_meridian():
    found = LINE.nearest([49.1, 48.9], [-100.0, -100.0])
    quarter = 111_200  # metres of a degree of latitude at 49 degrees, WGS84
    assert found.metres == pytest.approx([0.1 * quarter] * 2, abs=250)  # the marked line wanders by so much
    assert LINE.side([49.1, 48.9], [-100.0, -100.0]).tolist() == ["CAN", "USA"]


def test_kilometres_begin_in_the_pacific_and_end_in_the_gulf_of_maine():
    assert LINE.at(0)[1] == pytest.approx(-124.73, abs=0.01)
    assert LINE.at(LINE.length()) == pytest.approx((44.36, -67.30), abs=0.01)
    assert LINE.at(0, "alaska")[0] == pytest.approx(69.65, abs=0.01)
    kilometres = [one.km for one in LINE.posts(500)]
    assert kilometres == [500.0 * n for n in range(13)]


@given(kilometres)
def test_the_point_at_a_kilometre_lies_on_the_line_at_that_kilometre(where):
    chain, km = where
    found = LINE.nearest(*LINE.at(km, chain))
    assert found.metres[0] < 0.5
    at = LINE.at(float(found.km[0]), "alaska" if found.alaska[0] else "main")
    assert at == pytest.approx(LINE.at(km, chain), abs=2e-5)


@given(kilometres)
def test_a_step_to_the_left_is_in_canada_and_to_the_right_is_not(where):
    chain, km = where
    middle = min(max(km, 0.1), LINE.length(chain) - 0.1)
    (south, west), (north, east) = LINE.at(middle - 0.02, chain), LINE.at(middle + 0.02, chain)
    if np.hypot(north - south, (east - west) * 0.6) > 0.01:  # over the gap around Machias Seal Island
        return
    along = np.array([east - west, north - south])
    left = np.array([-along[1], along[0]]) / np.hypot(*along) * 2e-4
    latitude, longitude = LINE.at(middle, chain)
    places = [(latitude + left[1], longitude + left[0]), (latitude - left[1], longitude - left[0])]
    sides = LINE.side(*zip(*places, strict=True))
    for (lat, lon), side, expected in zip(places, sides, ("CAN", "USA"), strict=True):
        foot = LINE.nearest(lat, lon)
        straight = abs(foot.km[0] - middle) < 0.001  # else another bend of the line is nearer
        assert not straight or side == expected


@given(st.lists(places, min_size=1, max_size=20))
def test_the_nearest_is_no_farther_than_any_point_of_the_line(drawn):
    latitude, longitude = map(np.array, zip(*drawn, strict=True))
    found = LINE.nearest(latitude, longitude)
    dots = np.concatenate([points for _, points in LINE.lines])
    here, there = border._space(np.stack([longitude, latitude], 1)), border._space(dots)
    chord = np.sqrt(((here[:, None] - there[None]) ** 2).sum(-1)).min(1)
    apart = 2 * MEAN_RADIUS * np.arcsin(chord / 2 / MEAN_RADIUS)
    assert (found.metres <= apart + 0.01).all()
    foot = border._space(np.stack([found.longitude, found.latitude], 1))
    far = 2 * MEAN_RADIUS * np.arcsin(np.sqrt(((here - foot) ** 2).sum(1)) / 2 / MEAN_RADIUS)
    assert far == pytest.approx(found.metres, abs=0.5)


def test_many_points_are_as_one_by_one():
    random = np.random.default_rng(3)
    latitude, longitude = random.uniform(35, 80, 700), random.uniform(-175, -45, 700)
    together, sides = LINE.nearest(latitude, longitude), LINE.side(latitude, longitude)
    for n in range(0, 700, 70):
        alone = LINE.nearest(latitude[n], longitude[n])
        assert [float(one[0]) for one in alone] == [float(one[n]) for one in together]
        assert LINE.side(latitude[n], longitude[n])[0] == sides[n]


def test_a_longitude_is_the_same_after_a_turn():
    assert LINE.nearest(49.1, -100).metres == pytest.approx(LINE.nearest(49.1, 260).metres, abs=1e-4)
    assert LINE.side(49.1, 260)[0] == "CAN"


def test_no_points_are_no_answer():
    assert len(LINE.nearest([], []).metres) == len(LINE.side([], [])) == 0


@pytest.mark.parametrize(
    ("latitude", "longitude", "said"),
    [(91, 0, "-90 to 90"), (float("nan"), 0, "-90 to 90"), (45, float("inf"), "no number")],
)
def test_what_is_no_place_is_refused(latitude, longitude, said):
    for ask in (LINE.nearest, LINE.side):
        with pytest.raises(ValueError, match=said):
            ask(latitude, longitude)


@pytest.mark.parametrize("km", [-1, 6438, float("nan")])
def test_a_kilometre_that_the_line_has_not_is_refused(km):
    with pytest.raises(ValueError, match=r"goes from 0 to 6437\.3"):
        LINE.at(km)


def test_the_file_says_whose_it_is_and_its_licence_lies_beside_it():
    content = (files("watchfloor.reference") / border.FILE).read_bytes()
    assert "OpenStreetMap" in json.loads(gzip.decompress(content))["attribution"]
    notice = (files("watchfloor.reference") / border.LICENCE).read_text("utf-8")
    assert "Open Database License (ODbL) 1.0" in notice
    assert border.FILE in notice
