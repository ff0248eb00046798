"""Grids of heights from files as they come: centres and corners, voids, feet, upside down, cut short."""

import gzip
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from tests.planning.towers.hills import write_grid

from watchfloor.formats.terrain import TerrainError, read, readers


@contextmanager
def refused(message):
    """Expect a refusal by its message."""
    with pytest.raises(TerrainError) as error:
        yield
    assert error.value.reason.message == message
    assert error.value.reason.render("fr")


GRID = np.array([[1.0, 2.0, 3.0], [4.0, np.nan, 6.0]])
REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "planning" / "terrain"


def test_an_ascii_grid_has_its_north_in_the_first_row_and_its_corner_in_the_south_west(tmp_path):
    path = tmp_path / "dem.asc"
    write_grid(path, GRID, 100, xllcorner=1000, yllcorner=2000)
    found = read(path)
    np.testing.assert_array_equal(found.heights, GRID.astype(np.float32))
    assert (found.west, found.north, found.step_x, found.degrees) == (1050.0, 2150.0, 100.0, False)
    assert found.at(np.array([1050.0, 1100.0]), np.array([2150.0, 2150.0])).tolist() == [1.0, 1.5]
    with gzip.open(tmp_path / "dem.asc.gz", "wb") as file:
        file.write(path.read_bytes())
    np.testing.assert_array_equal(read(tmp_path / "dem.asc.gz").heights, found.heights)


def test_a_header_may_name_the_centre_and_rows_may_be_broken_anywhere(tmp_path):
    path = tmp_path / "dem.asc"
    path.write_text("NCOLS 3\nNROWS 2\nXLLCENTER 50\nYLLCENTER 50\nCELLSIZE 100\n1 2\n3 4 -9999\n6\n")
    found = read(path)
    assert (found.west, found.north) == (50.0, 150.0)
    np.testing.assert_array_equal(found.heights, GRID.astype(np.float32))


def test_small_cells_at_places_on_earth_are_taken_for_degrees_and_told(tmp_path):
    path = tmp_path / "dem.asc"
    write_grid(path, GRID, 0.001, xllcorner=-116, yllcorner=49)
    found = read(path)
    assert found.degrees
    assert [note.message for note in found.notes] == ["terrain.taken-for-degrees"]
    east, north = found.metres(np.array([49.0]))
    assert (east[0], north[0]) == pytest.approx(
        (73.1718, 111.2097), abs=1e-4
    )  # of a thousandth degree: NGA's series


def test_a_window_is_a_cell_wider_than_its_box(tmp_path):
    path, heights = tmp_path / "dem.asc", np.arange(10_000.0).reshape(100, 100) / 10
    write_grid(path, heights, 10)
    found = read(path, (305.0, 405.0, 405.0, 505.0))
    whole = read(path)
    x, y = np.array([305.0, 347.0, 405.0]), np.array([405.0, 444.0, 505.0])
    assert found.heights.size < 200
    np.testing.assert_allclose(found.at(x, y), whole.at(x, y), rtol=1e-6)


def test_a_grid_larger_than_memory_is_read_by_its_window(tmp_path, monkeypatch):
    path = tmp_path / "dem.asc"
    write_grid(path, np.zeros((100, 100)), 10)
    monkeypatch.setattr(readers, "MOST_CELLS", 500)
    assert read(path, (305.0, 405.0, 405.0, 505.0)).heights.size < 500
    with refused("terrain.too-large"):
        read(path)


@pytest.mark.parametrize("size", [1201, 3601])
def test_an_hgt_tile_has_posts_on_its_edges_and_its_corner_in_its_name(tmp_path, size):
    stored = np.zeros((size, size), ">i2")
    stored[0, 0], stored[-1, -1], stored[5, 5] = 1_234, 77, -32_768
    path = tmp_path / "N49W117.hgt"
    path.write_bytes(stored.tobytes())
    found = read(path)
    assert (found.west, found.north, found.degrees, found.crs) == (-117.0, 50.0, True, "EPSG:4326")
    assert found.at(np.array([-117.0, -116.0]), np.array([50.0, 49.0])).tolist() == [1234.0, 77.0]
    assert np.isnan(found.heights).sum() == 1
    path.write_bytes(stored.tobytes()[:-2])
    with refused("terrain.hgt-size"):
        read(path)


@pytest.fixture
def tiff(tmp_path):
    """Write a GeoTIFF."""
    import rasterio

    def write(heights=GRID, crs="EPSG:32611", transform=(100, 0, 1000, 0, -100, 2200), unit=None):
        path = tmp_path / "dem.tif"
        shape = {"height": heights.shape[0], "width": heights.shape[1], "count": 1, "dtype": "float32"}
        at = rasterio.Affine(*transform)
        with rasterio.open(path, "w", driver="GTiff", crs=crs, transform=at, nodata=-9999, **shape) as file:
            file.write(np.nan_to_num(heights, nan=-9999).astype("float32"), 1)
            if unit:
                file.units = (unit,)
        return path

    return write


def test_a_geotiff_is_read_by_its_transform_also_upside_down_and_in_feet(tiff):
    found = read(tiff())
    np.testing.assert_array_equal(found.heights, GRID.astype(np.float32))
    assert (found.west, found.north, found.crs) == (1050.0, 2150.0, "EPSG:32611")
    over = read(tiff(GRID[::-1], transform=(100, 0, 1000, 0, 100, 2000)))
    np.testing.assert_array_equal(over.heights, found.heights)
    assert (over.west, over.north) == (1050.0, 2150.0)
    assert "terrain.upside-down" in [note.message for note in over.notes]
    feet = read(tiff(unit="ft"))
    np.testing.assert_allclose(feet.heights, GRID.astype(np.float32) * 0.3048, rtol=1e-6)
    vertical = read(tiff(crs="EPSG:6339+6360"))  # UTM 10N with NAVD88 heights in US survey feet
    np.testing.assert_allclose(vertical.heights, feet.heights)


def test_a_geotiff_without_or_with_another_system_is_refused(tiff):
    with refused("terrain.no-system"):
        read(tiff(crs=None))
    with refused("terrain.feet-grid"):
        read(tiff(crs="EPSG:2229"))  # California zone 5, US survey feet
    with refused("terrain.rotated"):
        read(tiff(transform=(70, 70, 1000, 70, -70, 2200)))


def test_feet_are_made_metres_where_they_are_said_and_asked_for_where_no_land_is_so_high(tmp_path):
    path = tmp_path / "dem.asc"
    write_grid(path, np.full((3, 3), 12_000.0))
    with refused("terrain.no-land"):
        read(path)
    assert read(path, unit="foot").heights.max() == pytest.approx(3_657.6)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hello\n", "terrain.no-size"),
        ("ncols 3\nnrows 2\ncellsize 0\nxllcorner 0\nyllcorner 0\n1 2 3 4 5 6\n", "terrain.no-cell-size"),
        ("ncols 3\nnrows 2\ncellsize 10\n1 2 3 4 5 6\n", "terrain.no-corner"),
        ("ncols 3\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 10\n1 2 3 4 5\n", "terrain.cut-short"),
        ("ncols 3\nnrows 9\nxllcorner 0\nyllcorner 0\ncellsize 10\n1 2 3 4 5 6\n", "terrain.cut-short"),
        ("ncols 3\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 10\n1 2 x 4 5 6\n", "terrain.bad-height"),
        ("ncols 3\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize ten\n1 2 3 4 5 6\n", "terrain.bad-header"),
        (
            "ncols 2\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 10\n-9999 -9999 -9999 -9999\n",
            "terrain.only-voids",
        ),
    ],
)
def test_what_is_no_grid_is_refused_with_a_sentence(tmp_path, text, message):
    path = tmp_path / "dem.asc"
    path.write_text(text)
    with refused(message):
        read(path)


def test_a_row_longer_than_what_is_read_at_once_is_read_whole(tmp_path, monkeypatch):
    """Also one line for all rows, as a small .gz may hold of any length, with numbers across the parts."""
    path = tmp_path / "dem.asc"
    write_grid(path, GRID, 100)
    head, rows = path.read_text().split("\n")[:-3], path.read_text().split("\n")[-3:]
    whole = read(path).heights
    for at_once in (1, 2, 7):
        monkeypatch.setattr(readers, "AT_ONCE", at_once)
        np.testing.assert_array_equal(read(path).heights, whole)
    path.write_text("\n".join([*head, " ".join(rows)]))
    np.testing.assert_array_equal(read(path).heights, whole)
    path.write_text("\n".join([*head, "1 2 3", "1" * 5_000]))
    with refused("terrain.bad-height"):
        read(path)


@pytest.mark.parametrize("size", ["ncols inf\nnrows 3", "ncols 3\nnrows inf", "ncols 9e6\nnrows 2"])
def test_a_grid_of_a_size_that_nothing_holds_is_refused(tmp_path, size):
    path = tmp_path / "dem.asc"
    path.write_text(f"{size}\nxllcorner 0\nyllcorner 0\ncellsize 1\n1 2 3\n4 5 6\n")
    with refused("terrain.too-large"):
        read(path, (0, 0, 1, 1))


def test_what_only_calls_itself_a_geotiff_is_not_read_by_what_it_names(tmp_path):
    """A VRT may name any file, and any address of the network."""
    pytest.importorskip("rasterio")
    (tmp_path / "secret").write_bytes(bytes(range(16)))
    path = tmp_path / "dem.tif"
    path.write_text(
        '<VRTDataset rasterXSize="4" rasterYSize="4"><SRS>EPSG:4326</SRS>'
        "<GeoTransform>0,0.25,0,1,0,-0.25</GeoTransform>"
        '<VRTRasterBand dataType="Byte" band="1" subClass="VRTRawRasterBand">'
        f'<SourceFilename relativetoVRT="0">{tmp_path / "secret"}</SourceFilename>'
        "<ImageOffset>0</ImageOffset><PixelOffset>1</PixelOffset><LineOffset>4</LineOffset>"
        "</VRTRasterBand></VRTDataset>"
    )
    with refused("terrain.unreadable"):
        read(path)


def test_another_place_than_the_grids_is_refused_with_what_it_covers(tmp_path):
    path = tmp_path / "dem.asc"
    write_grid(path, GRID)
    with refused("terrain.elsewhere"):
        read(path, (10_000.0, 0.0, 11_000.0, 100.0))
    with refused("terrain.ending"):
        read(tmp_path / "dem.png")


@pytest.mark.skipif(not REAL.is_dir(), reason="the public terrain is not beside the project")
def test_a_real_grid_of_mountains_is_read():
    found = read(REAL / "dogrib" / "elevation.asc.gz")
    assert (found.heights.shape, float(found.heights[0, 0]), float(found.heights.max())) == (
        (223, 357),
        2298.0,
        2825.0,
    )


def test_a_compressed_grid_that_is_cut_short_is_refused(tmp_path):
    path = tmp_path / "dem.asc"
    write_grid(path, np.arange(400.0).reshape(20, 20))
    (tmp_path / "dem.asc.gz").write_bytes(gzip.compress(path.read_bytes())[:-30])
    (tmp_path / "dem.hgt.gz").write_bytes(b"no gzip")
    with refused("terrain.unreadable"):
        read(tmp_path / "dem.asc.gz")
    with refused("terrain.hgt-name"):
        read(tmp_path / "dem.hgt.gz")
