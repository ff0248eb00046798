"""Hills between a tower and the line: the horizon's formula, a ridge, and one ground in several files."""

from math import sqrt

import numpy as np
import pytest
from msgspec.structs import replace
from tests.planning.coverage.test_schedule import CAMERA

from watchfloor.core.earth import MEAN_RADIUS
from watchfloor.formats.sensors import utm
from watchfloor.formats.terrain import TerrainError
from watchfloor.planning.coverage import terrain
from watchfloor.planning.coverage.axis import BEYOND, axis
from watchfloor.planning.coverage.crossers import CROSSERS
from watchfloor.planning.towers.sight import REFRACTION

KM = 1_500
LATITUDE, LONGITUDE = float(axis().latitude[KM]), float(axis().longitude[KM])
STEP = 1 / 600
TOWER = replace(CAMERA, latitude=LATITUDE, longitude=LONGITUDE, reach_m=16_000.0, mast_m=2.0)
WEST, NORTH = LONGITUDE - 0.3, LATITUDE + 0.25


def write(folder, name, west, north, step, heights):
    south = north - step * heights.shape[0]
    head = f"ncols {heights.shape[1]}\nnrows {heights.shape[0]}\nxllcorner {west!r}\nyllcorner {south!r}\n"
    text = "\n".join(" ".join(f"{one:g}" for one in row) for row in heights.tolist())
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"{head}cellsize {step!r}\nNODATA_value -9999\n{text}\n", "ascii")


def ridge(longitude):
    """A ridge of 300 m that runs north and south, some 5 km east of the tower."""
    return 300.0 * np.exp(-(((longitude - LONGITUDE - 0.07) / 0.01) ** 2))


def ground(columns=360, west=WEST, height=ridge):
    longitude = west + (np.arange(columns) + 0.5) * STEP
    return np.tile(height(longitude), (300, 1))


def found(tmp_path, zones=None):
    files, problems = terrain.usable(terrain.files(tmp_path, zones or {}))
    return files, problems


def test_on_a_plain_the_horizon_is_as_far_as_its_formula_says(tmp_path):
    """Heights h and t see each other up to sqrt(2 R h / k) + sqrt(2 R t / k), k the share of curvature."""
    write(tmp_path / "terrain", "plain.asc", WEST, NORTH, STEP, ground(height=np.zeros_like))
    sight = terrain.sight(found(tmp_path)[0], TOWER)
    away = axis().near(LATITUDE, LONGITUDE, TOWER.reach_m + BEYOND)[1]
    for number, kind in enumerate(CROSSERS.values()):
        horizon = sum(sqrt(2 * MEAN_RADIUS * one / REFRACTION) for one in (TOWER.mast_m, kind.height))
        assert (sight.share[number][away < horizon - 700] == 1).all()
        assert (sight.share[number][away > horizon + 700] == 0).all()
    assert sight.known == 1
    assert (sight.share[0] == 0).any(), "the horizon of a walker is within reach"


def test_behind_a_ridge_a_walker_is_hidden_and_a_low_aircraft_is_not(tmp_path):
    write(tmp_path / "terrain", "ridge.asc", WEST, NORTH, STEP, ground())
    sight = terrain.sight(found(tmp_path)[0], replace(TOWER, mast_m=60.0))
    names, east = list(CROSSERS), axis().longitude[sight.km] - LONGITUDE
    walker, aircraft = (sight.share[names.index(name)] for name in ("walker", "aircraft"))
    assert (walker[(east > 0.1)] == 0).all()
    assert (walker[(east < 0.04) & (east > -0.1)] == 1).all()
    assert (aircraft >= walker).all()
    assert (aircraft > walker).any()


def test_one_ground_in_two_files_is_one_ground_and_a_grid_of_utm_shows_the_same(tmp_path):
    whole = ground()
    (tmp_path / "one").mkdir()
    write(tmp_path / "one" / "terrain", "all.asc", WEST, NORTH, STEP, whole)
    (tmp_path / "two").mkdir()
    write(tmp_path / "two" / "terrain", "west.asc", WEST, NORTH, STEP, whole[:, :200])
    write(tmp_path / "two" / "terrain", "east.asc", WEST + 200 * STEP, NORTH, STEP, whole[:, 200:])
    zone = int((LONGITUDE + 180) // 6) + 1
    x, y = (float(one[0]) for one in utm.projected(zone, np.array([LATITUDE]), np.array([LONGITUDE])))
    across, up = np.meshgrid(x - 20_000 + 100 * np.arange(400) + 50, y + 20_000 - 100 * np.arange(400) - 50)
    heights = ridge(utm.geographic(np.full(across.size, zone), across.ravel(), up.ravel())[1])
    (tmp_path / "utm").mkdir()
    write(tmp_path / "utm" / "terrain", "utm.asc", x - 20_000, y + 20_000, 100.0, heights.reshape(400, 400))
    tower = replace(TOWER, mast_m=40.0)
    one, two = (terrain.sight(found(tmp_path / name)[0], tower) for name in ("one", "two"))
    np.testing.assert_array_equal(one.share, two.share)
    metres = terrain.sight(found(tmp_path / "utm", {"utm.asc": (f"{zone}N", "")})[0], tower)
    assert np.abs(one.share - metres.share).mean() < 0.02, "cells of 100 m and of 120 by 185 m"
    (problem,) = found(tmp_path / "utm")[1]
    assert problem.message == "coverage.bad-terrain"
    with pytest.raises(TerrainError) as other:
        terrain._zone(terrain.File(tmp_path / "a.tif", 0, 0, "", ""), "EPSG:3347")
    assert other.value.reason.message == "coverage.no-zone", "Statistics Canada's Lambert is in metres too"


def test_ground_that_no_file_has_is_not_known(tmp_path):
    folder = tmp_path / "terrain"
    assert terrain.sight(found(tmp_path)[0], TOWER) is None, "no folder"
    write(folder, "half.asc", WEST, NORTH, STEP, ground(columns=200))
    sight = terrain.sight(found(tmp_path)[0], TOWER)
    beyond = axis().longitude[sight.km] > WEST + 200 * STEP + 0.01
    assert 0 < sight.known < 1
    assert (sight.share[:, beyond] == 1).all(), "as without terrain"
    assert terrain.sight(found(tmp_path)[0], replace(TOWER, longitude=LONGITUDE + 5)) is None
    (folder / "half.asc").write_text("ncols many", "ascii")
    files, (problem,) = found(tmp_path)
    assert (files, problem.message) == ((), "coverage.bad-terrain")


@pytest.mark.parametrize(
    ("system", "zone"),
    [("EPSG:32611", 11), ("EPSG:26914", 14), ("EPSG:2958", 17), ("EPSG:3157", 10), ("EPSG:32718", -18)],
)
def test_zones_of_utm_by_their_codes(tmp_path, system, zone):
    file = terrain.File(tmp_path / "a.tif", 0, 0, "", "")
    assert terrain._zone(file, system) == zone


def test_what_did_not_change_is_not_computed_again(tmp_path, monkeypatch):
    write(tmp_path / "terrain", "ridge.asc", WEST, NORTH, STEP, ground())
    calls, prepare = [], terrain.Ground.prepare
    monkeypatch.setattr(terrain.Ground, "prepare", lambda one: calls.append(1) or prepare(one))
    files = found(tmp_path)[0]
    for mast in (31.0, 31.0, 32.0):
        terrain.sight(files, replace(TOWER, mast_m=mast))
    terrain.sight(found(tmp_path)[0], replace(TOWER, mast_m=32.0, detects=0.5))
    assert len(calls) == 2
