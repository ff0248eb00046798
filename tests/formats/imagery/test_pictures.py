"""Small pictures of a place: what is masked is not in them, and two have one stretch."""

import numpy as np
import pytest
import rasterio
from rasterio.io import MemoryFile
from rasterio.warp import transform_bounds
from tests.formats.imagery.made import raster

from watchfloor.formats.imagery.pictures import MASKED, picture
from watchfloor.formats.imagery.scenes import SceneError

NAMES = ("blue", "green", "red", "nir")
EARTH = {"type": "Polygon", "coordinates": [[[-180, -90], [180, -90], [180, 90], [-180, 90], [-180, -90]]]}


def scene(path, secret=0, scale=1.0):
    """Write a scene with something secret in its upper left quarter; return path and edges in degrees."""
    pixels = np.random.default_rng(1).integers(500, 3_000, (4, 80, 80)) * scale
    pixels[:, :40, :40] += secret
    path = raster(path, pixels.astype(np.uint16), names=NAMES)
    with rasterio.open(path) as file:
        return path, transform_bounds(file.crs, "EPSG:4326", *file.bounds)


def shown(data):
    warned = pytest.warns(rasterio.errors.NotGeoreferencedWarning)
    with warned, MemoryFile(data) as memory, memory.open() as file:
        return file.driver, file.read()


def test_a_picture_is_a_png_of_the_size_that_is_asked_for(tmp_path):
    path, edges = scene(tmp_path / "a.tif")
    driver, pixels = shown(picture(path, edges, 64))
    assert driver == "PNG"
    assert max(pixels.shape[1:]) == 64
    assert pixels.shape[0] == 3


def test_what_is_masked_is_in_no_pixel_of_it(tmp_path):
    answers = []
    for number, secret in enumerate((0, 9_000)):
        path, (west, south, east, north) = scene(tmp_path / f"{number}.tif", secret)
        middle = (west + east) / 2 + 0.001, (south + north) / 2 - 0.001
        ring = [[west - 1, middle[1]], [middle[0], middle[1]], [middle[0], north + 1], [west - 1, north + 1]]
        mask = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
        answers.append(picture(path, (west, south, east, north), 64, masked=[mask]))
    assert answers[0] == answers[1]


def test_a_mask_as_large_as_the_earth_leaves_nothing(tmp_path):
    path, edges = scene(tmp_path / "a.tif")
    assert (shown(picture(path, edges, 32, masked=[EARTH]))[1] == MASKED).all()


def test_a_place_elsewhere_has_no_picture(tmp_path):
    path, (west, south, east, north) = scene(tmp_path / "a.tif")
    with pytest.raises(SceneError):
        picture(path, (west + 5, south, east + 5, north), 32)
