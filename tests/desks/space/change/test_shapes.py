"""Shapes: their form against geometry, and what they are called."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.desks.space.change import shapes


def bar(length, width, degrees, size=140):
    """Return the mask of a bar in the middle; degrees from grid north, clockwise."""
    y, x = np.mgrid[:size, :size] - size / 2 + 0.4
    east, north = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    along, across = x * east - y * north, x * north + y * east
    return (np.abs(along) <= length / 2) & (np.abs(across) <= width / 2)


@given(length=st.integers(30, 100), width=st.integers(3, 8), degrees=st.integers(0, 179))
def test_length_width_and_orientation_of_a_bar(length, width, degrees):
    found = shapes.form(bar(length, width, degrees), 10.0)
    # A bar of 3 pixels has 2 to 4 on its edge, as a bar of even length has an odd number of rows.
    assert found.length == pytest.approx(10 * length, rel=0.2, abs=20)
    assert found.area == pytest.approx(found.length * found.width)
    assert abs((found.orientation - degrees + 90) % 180 - 90) <= 3


def test_a_trail_that_winds_is_as_long_as_its_way():
    x = np.arange(200)
    mask = np.zeros((90, 200), bool)
    for step in range(3):
        mask[(45 + 25 * np.sin(x / 15)).astype(int) + step, x] = True
    way = np.hypot(1, np.gradient(25 * np.sin(x / 15))).sum()
    found = shapes.form(mask, 1.0)
    assert found.length == pytest.approx(way, rel=0.2)
    assert found.elongation > 20


def test_the_perimeter_of_a_disk_is_near_its_own():
    y, x = np.mgrid[:101, :101] - 50
    assert shapes.perimeter(x**2 + y**2 <= 40**2) == pytest.approx(2 * np.pi * 40, rel=0.05)


def test_one_pixel_has_a_form():
    found = shapes.form(np.ones((1, 1), bool), 10.0)
    assert found.area == 100
    assert found.length == pytest.approx(10)


SPECTRA = {
    "forest": (300, 500, 300, 3500, 1500, 700),
    "soil": (900, 1200, 1600, 2300, 3000, 2400),
    "water": (600, 500, 300, 150, 60, 40),
    "ash": (400, 450, 500, 800, 1500, 1900),
    "ice": (8500, 8300, 8000, 7000, 900, 700),
    "asphalt": (900, 1000, 1100, 1300, 1500, 1400),
    "crop": (400, 800, 400, 4200, 2000, 1000),
    "green crop": (380, 820, 350, 4600, 1900, 900),
}
NAMES = ["blue", "green", "red", "nir", "swir16", "swir22"]


def called(ground, before, after, mask, *, bands=6, pixel=10.0, radar=False):
    """Return what a mask is called on ground of one cover, by what was and is on it."""
    sides = []
    for cover in (before, after):
        pixels = np.broadcast_to(np.array(SPECTRA[ground], float)[:, None, None], (6, *mask.shape)).copy()
        pixels[:, mask] = np.array(SPECTRA[cover], float)[:, None]
        sides.append(shapes.indices(pixels[:bands], NAMES[:bands]))
    return shapes.likeness(mask, shapes.form(mask, pixel), *sides, radar=radar)


LINE, BLOCK, LARGE = bar(60, 2, 30), bar(10, 10, 0), bar(40, 30, 0)


@pytest.mark.parametrize(
    ("ground", "before", "after", "mask", "name"),
    [
        ("forest", "forest", "soil", LINE, "trail"),
        ("crop", "crop", "green crop", LINE, "trail"),
        ("forest", "forest", "soil", BLOCK, "clearing"),
        ("forest", "forest", "soil", LARGE, "harvest"),
        ("forest", "forest", "ash", LARGE, "fire"),
        ("forest", "forest", "water", LARGE, "flood"),
        ("water", "water", "asphalt", bar(20, 3, 0), "bridge"),
        ("ice", "ice", "asphalt", bar(2, 2, 0), "vehicle-on-ice"),
        ("crop", "crop", "green crop", BLOCK, "unknown"),
        ("asphalt", "asphalt", "soil", BLOCK, "unknown"),
    ],
)
def test_shapes_are_called_by_form_and_indices(ground, before, after, mask, name):
    assert called(ground, before, after, mask).name == name


def test_what_bands_cannot_tell_is_unknown_and_says_why():
    found = called("forest", "forest", "soil", BLOCK, bands=3)
    assert found.name == "unknown"
    assert found.why.message == "shape.no-index"
    assert called("forest", "forest", "soil", LINE, bands=3).name == "trail"
    assert called("forest", "forest", "soil", LINE, radar=True).why.message == "shape.trail-radar"
    assert called("forest", "forest", "soil", BLOCK, radar=True).name == "unknown"


@given(values=st.lists(st.floats(0, 1e5), min_size=6, max_size=6))
def test_indices_are_shares_whatever_the_pixels(values):
    pixels = np.array(values)[:, None, None]
    for index in shapes.indices(pixels, NAMES).values():
        assert abs(float(index[0, 0])) <= 1
