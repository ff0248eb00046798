"""A scan of a pair: planted shapes are found where they are, and what is masked is not looked at."""

import json

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.warp import transform, transform_geom
from scipy import ndimage
from tests.desks.space.change import made
from tests.formats.imagery.made import item_10, raster

from watchfloor.desks.space.change import scanning
from watchfloor.desks.space.change.scanning import scan_pair
from watchfloor.formats.imagery.scenes import SceneError

TRAIL = (40, 20, 2, 120)
CLEARING = (110, 130, 12, 12)
SIZE = 160
CHANGE = made.mask(SIZE, SIZE, TRAIL, CLEARING)


def square(path, row, column, high, wide):
    """Return a box of pixels as a geometry in WGS84."""
    with rasterio.open(path) as file:
        (west, north), (east, south) = file.xy(row, column, "ul"), file.xy(row + high, column + wide, "ul")
        ring = [[west, north], [east, north], [east, south], [west, south], [west, north]]
        return transform_geom(file.crs, "EPSG:4326", {"type": "Polygon", "coordinates": [ring]})


def test_planted_shapes_are_found_named_and_placed(tmp_path):
    before, after = made.pair(tmp_path, CHANGE, rows=SIZE, columns=SIZE)
    found = scan_pair(before, after, out=tmp_path / "map.tif")
    trail, clearing = sorted(found.shapes, key=lambda one: one.row)
    assert [trail.what, clearing.what] == ["trail", "clearing"]
    assert trail.length_m == pytest.approx(1200, rel=0.1)
    assert trail.width_m <= 45
    assert clearing.area_m2 == pytest.approx(14_400, rel=0.5)
    assert trail.orientation == pytest.approx(90, abs=3)
    with rasterio.open(before) as file:
        (x,), (y,) = transform("EPSG:4326", file.crs, [clearing.longitude], [clearing.latitude])
        row, column = file.index(x, y)
    assert abs(row - 116) <= 7
    assert abs(column - 136) <= 7
    with rasterio.open(tmp_path / "map.tif") as file:
        values = file.read(1)
    assert (values[CHANGE] == 1).mean() > 0.98
    assert (values[~ndimage.binary_dilation(CHANGE, iterations=2)] == 0).all()
    assert not [*tmp_path.glob("*.part")]


def test_a_pair_without_a_change_has_no_shape(tmp_path):
    found = scan_pair(*made.pair(tmp_path, rows=SIZE, columns=SIZE))
    assert found.shapes == []
    assert found.changed <= 1e-4 * found.measured


def test_a_scene_of_one_value_is_called_so_and_not_empty(tmp_path):
    before, after = made.pair(tmp_path, rows=SIZE, columns=SIZE)
    raster(after, np.full((6, SIZE, SIZE), 700, np.uint16), names=made.NAMES)
    with pytest.raises(SceneError) as refused:
        scan_pair(before, after)
    assert refused.value.reason.message == "scene.flat"


def test_clouds_that_no_band_of_quality_hides_are_told_as_likelier_than_change(tmp_path):
    clouds = made.mask(SIZE, SIZE, (0, 0, SIZE, SIZE // 2))
    before, after = made.pair(tmp_path, clouds, rows=SIZE, columns=SIZE)
    assert "scene.much-changed" in {one["message"] for one in scan_pair(before, after).notes}


def test_a_shape_over_the_antimeridian_is_cut_there(tmp_path):
    options = {"crs": "EPSG:4326", "west": 179.99, "north": 65.0, "size": 1e-4, "rows": SIZE, "columns": SIZE}
    before, after = made.pair(tmp_path, made.mask(SIZE, SIZE, (60, 80, 12, 40)), **options)
    (one,) = scan_pair(before, after).shapes
    longitudes = [x for polygon in one.geometry["coordinates"] for x, _ in polygon[0]]
    assert one.geometry["type"] == "MultiPolygon"
    assert min(longitudes) == -180
    assert max(longitudes) == 180
    assert -180 <= one.longitude <= 180
    assert one.radius < 500


def test_what_is_masked_is_not_looked_at_and_shapes_elsewhere_stay(tmp_path):
    before, after = made.pair(tmp_path, CHANGE, rows=SIZE, columns=SIZE)
    garden = square(before, 95, 118, 40, 40)
    found = scan_pair(before, after, masked=[garden], known=[garden, square(before, 40, 20, 2, 120)])
    assert [one.what for one in found.shapes] == ["trail"]
    assert found.clear[0] == 0
    assert found.clear[1] == 1
    assert found.measured <= SIZE * SIZE - 1600


def test_a_mask_as_large_as_the_earth_hides_all(tmp_path):
    """Beyond its zone a projection makes anything of a place: the mask must hold all the same."""
    before, after = made.pair(tmp_path, rows=96, columns=96)
    ring = [[-180, -90], [180, -90], [180, 90], [-180, 90], [-180, -90]]
    with pytest.raises(SceneError) as refusal:
        scan_pair(before, after, masked=[{"type": "Polygon", "coordinates": [ring]}])
    assert refusal.value.reason.message == "scene.too-few"
    half = [[-179, -80], [0, -80], [0, 80], [-179, 80], [-179, -80]]
    with pytest.raises(SceneError):
        scan_pair(before, after, masked=[{"type": "Polygon", "coordinates": [half]}])


def test_masked_pixels_have_no_part_in_any_statistic(tmp_path):
    """Two worlds that differ only where it is masked give the same answer."""
    answers = []
    for number, change in enumerate((made.mask(SIZE, SIZE, TRAIL), CHANGE)):
        folder = tmp_path / str(number)
        folder.mkdir()
        before, after = made.pair(folder, change, rows=SIZE, columns=SIZE)
        answers.append(scan_pair(before, after, masked=[square(before, 95, 118, 40, 40)]))
    assert answers[0] == answers[1]


def test_nothing_is_looked_at_outside_the_stretch(tmp_path):
    before, after = made.pair(tmp_path, CHANGE, rows=SIZE, columns=SIZE)
    found = scan_pair(before, after, within=square(before, 90, 90, 60, 65))
    assert [one.what for one in found.shapes] == ["clearing"]


def test_scenes_of_folders_leave_out_cloud_and_say_so(tmp_path):
    paths = made.pair(tmp_path, CHANGE, rows=SIZE, columns=SIZE)
    folders = []
    for number, path in enumerate(paths):
        folder = tmp_path / f"scene{number}"
        folder.mkdir()
        item = item_10()
        item["assets"] = {}
        with rasterio.open(path) as file:
            for band, name in enumerate(made.NAMES, 1):
                raster(folder / f"{name}.tif", file.read([band]))
                item["assets"][name] = {
                    "href": f"{name}.tif",
                    "roles": ["data"],
                    "eo:bands": [{"name": name, "common_name": name}],
                }
        classes = np.full((1, SIZE // 2, SIZE // 2), 4, np.uint8)
        if number:
            classes[0, 40:, :] = 9
        raster(folder / "SCL.tif", classes, size=20.0)
        item["assets"]["scl"] = {"href": "SCL.tif", "roles": ["data"]}
        (folder / "item.json").write_text(json.dumps(item))
        folders.append(folder)
    found = scan_pair(*folders)
    assert [one.what for one in found.shapes] == ["trail"]
    assert "scene.cloudy" in [one["message"] for one in found.notes]
    assert found.bands == list(made.NAMES)


def test_the_map_is_not_left_half_written(tmp_path):
    before, after = made.pair(
        tmp_path,
        CHANGE,
        rows=SIZE,
        columns=SIZE,
        compress="deflate",
        tiled=True,
        blockxsize=64,
        blockysize=64,
    )
    data = after.read_bytes()
    after.write_bytes(data[: len(data) // 2])
    with pytest.raises(SceneError) as refusal:
        scan_pair(before, after, out=tmp_path / "map.tif")
    assert refusal.value.reason.message == "scene.ends-early"
    assert {one.name for one in tmp_path.iterdir()} == {"before.tif", "after.tif"}


def test_windows_make_no_difference(tmp_path, monkeypatch):
    before, after = made.pair(tmp_path, CHANGE, rows=SIZE, columns=SIZE)
    answers = []
    for side in (256, 64):
        monkeypatch.setattr(scanning.pairs, "SIDE", side)
        monkeypatch.setattr(scanning, "TILE", 128)
        found = scan_pair(before, after)
        answers.append([(one.pixels, one.row, one.column, one.what) for one in found.shapes])
    assert answers[0] == answers[1]


def test_pieces_of_a_trail_between_trees_are_one_record(tmp_path):
    pieces = [(40, column, 2, 12) for column in range(10, 150, 16)]
    (one,) = scan_pair(*made.pair(tmp_path, made.mask(SIZE, SIZE, *pieces), rows=SIZE, columns=SIZE)).shapes
    assert one.what == "trail"
    assert one.length_m == pytest.approx(1400, rel=0.05)


def test_a_trail_through_a_clearing_leaves_both(tmp_path):
    change = made.mask(SIZE, SIZE, TRAIL, (41, 60, 24, 24))
    found = scan_pair(*made.pair(tmp_path, change, rows=SIZE, columns=SIZE))
    assert {one.what for one in found.shapes} == {"trail", "harvest"}
    drawn = [shapely.geometry.shape(one.geometry) for one in found.shapes]
    assert not shapely.intersects(*drawn)  # or a later scan would take one for the other


def test_a_road_that_dried_is_no_trail(tmp_path):
    place, road = made.ground(0, SIZE, SIZE), made.mask(SIZE, SIZE, TRAIL)
    wet = np.where(road, 0.5 * place + 0.5 * made.SOIL[:, None, None], place)
    before = raster(tmp_path / "before.tif", made.seen(wet, 1), names=made.NAMES)
    after = raster(tmp_path / "after.tif", made.seen(made.planted(place, road), 2), names=made.NAMES)
    found = scan_pair(before, after).shapes
    assert found
    assert {one.what for one in found} == {"unknown"}
