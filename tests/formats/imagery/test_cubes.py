"""Cubes: NumPy arrays and GeoTIFFs by date, and what is refused."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.formats.imagery import cubes
from watchfloor.formats.imagery.cubes import VOID, is_cube, read_cube
from watchfloor.formats.imagery.series import SeriesError

DAYS = ["2024-01-05", "2024-01-13", "2024-01-21"]
VALUES = (np.arange(3 * 4 * 5).reshape(3, 4, 5) * 100).astype(np.int16)
ORDINALS = [date.fromisoformat(day).toordinal() for day in DAYS]


def refused(call):
    with pytest.raises(SeriesError) as caught:
        call()
    return caught.value.reason.message


def test_an_archive_has_its_dates_and_quality(tmp_path):
    marks = np.zeros(VALUES.shape, np.uint8)
    marks[1, 2, 3] = 4
    np.savez(tmp_path / "a.npz", cube=VALUES, dates=np.array(DAYS, "datetime64[D]"), qa=marks)
    assert is_cube(tmp_path / "a.npz")
    one = read_cube(tmp_path / "a.npz")
    assert one.days.tolist() == ORDINALS
    expected = VALUES.copy()
    expected[1, 2, 3] = VOID
    assert np.array_equal(one.values, expected)


def test_an_array_needs_a_table_of_dates(tmp_path):
    np.save(tmp_path / "a.npy", VALUES)
    table = tmp_path / "dates.csv"
    table.write_text("day,scene\n" + "".join(f"{day},x\n" for day in DAYS), "utf-8")
    assert read_cube(tmp_path / "a.npy", table).days.tolist() == ORDINALS
    assert refused(lambda: read_cube(tmp_path / "a.npy")) == cubes.NO_DATE_TABLE.id
    table.write_text(DAYS[0], "utf-8")
    assert refused(lambda: read_cube(tmp_path / "a.npy", table)) == cubes.NO_DATE_TABLE.id
    table.write_text("\n".join([DAYS[0], *DAYS[:2]]), "utf-8")
    assert refused(lambda: read_cube(tmp_path / "a.npy", table)) == cubes.SAME_DAY.id


def test_layers_are_sorted_and_an_index_is_scaled(tmp_path):
    index = VALUES[::-1] / 10_000.0
    index[0, 0, 0] = np.nan
    np.savez(tmp_path / "a.npz", ndvi=index, dates=np.array(ORDINALS[::-1]))
    one = read_cube(tmp_path / "a.npz")
    expected = VALUES.copy()
    expected[2, 0, 0] = VOID
    assert np.array_equal(one.values, expected)
    assert {note.message for note in one.notes} == {cubes.SORTED.id, cubes.INDEX_SCALED.id}


def raster(path, layers, nodata=None, descriptions=()):
    rasterio = pytest.importorskip("rasterio", reason="rasterio is not installed")
    size = {"count": len(layers), "height": layers.shape[1], "width": layers.shape[2], "dtype": layers.dtype}
    with rasterio.open(path, "w", driver="GTiff", nodata=nodata, **size) as file:
        file.write(layers)
        for band, text in enumerate(descriptions, 1):
            file.set_band_description(band, text)
    return path


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_rasters_are_read_a_file_or_a_band_a_date(tmp_path):
    folder = tmp_path / "stack"
    folder.mkdir()
    values = VALUES.copy()
    values[0, 0, 0] = -1
    for day, layer in zip(DAYS, values, strict=True):
        raster(folder / f"S2_{day.replace('-', '')}_NDVI.tif", layer[None], nodata=-1)
    expected = VALUES.copy()
    expected[0, 0, 0] = VOID
    assert np.array_equal(read_cube(folder).values, expected)
    assert read_cube(folder).days.tolist() == ORDINALS
    named = raster(tmp_path / "bands.tif", values, -1, [f"NDVI {day}" for day in DAYS])
    assert np.array_equal(read_cube(named).values, expected)
    bare = raster(tmp_path / "bare.tif", values, -1)
    assert refused(lambda: read_cube(bare)) == cubes.NO_DATE_TABLE.id
    raster(folder / "20240129.tif", values[:1, :2], -1)
    assert refused(lambda: read_cube(folder)) == cubes.OTHER_SIZE.id
    (folder / "20240129.tif").unlink()
    raster(folder / "latest.tif", values[:1], -1)
    assert refused(lambda: read_cube(folder)) == cubes.NO_DATE_IN_NAME.id


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_raster_that_ends_early_is_refused(tmp_path):
    path = raster(tmp_path / "a.tif", np.repeat(np.repeat(VALUES, 40, 1), 40, 2), -1, DAYS)
    path.write_bytes(path.read_bytes()[:-20_000])
    assert refused(lambda: read_cube(path)) == cubes.NO_RASTER.id
    path.write_bytes(b"nothing")
    assert refused(lambda: read_cube(path)) == "scene.not-a-scene"


def test_what_is_no_cube_is_refused(tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    pytest.importorskip("rasterio", reason="rasterio is not installed")
    assert refused(lambda: read_cube(tmp_path / "empty")) == cubes.NO_CUBE.id
    np.savez(tmp_path / "two.npz", red=VALUES, nir=VALUES, dates=np.array(ORDINALS))
    assert refused(lambda: read_cube(tmp_path / "two.npz")) == cubes.NO_CUBE.id
    np.savez(tmp_path / "none.npz", cube=VALUES[:, :0], dates=np.array(ORDINALS))
    assert refused(lambda: read_cube(tmp_path / "none.npz")) == cubes.NO_CUBE.id
    np.savez(tmp_path / "void.npz", cube=np.full(VALUES.shape, -9999, np.int16), dates=np.array(ORDINALS))
    assert [note.message for note in read_cube(tmp_path / "void.npz").notes] == [cubes.ALL_CLOUDY.id]
    monkeypatch.setattr(cubes, "MOST_VALUES", 50)
    np.savez(tmp_path / "large.npz", cube=VALUES, dates=np.array(ORDINALS))
    assert refused(lambda: read_cube(tmp_path / "large.npz")) == cubes.CUBE_TOO_LARGE.id


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("LC08_20240105_B4.tif", "2024-01-05"),
        ("T18T_2024-01-05.tif", "2024-01-05"),
        ("20240105_20240113.tif", ""),
        ("20241399.tif", ""),
        ("720240105.tif", ""),
    ],
)
def test_a_date_is_found_in_a_name(name, found):
    assert cubes.date_in(name) == found


def test_a_file_that_names_others_is_no_cube(tmp_path):
    pytest.importorskip("rasterio", reason="rasterio is not installed")
    band = '<VRTRasterBand band="1"><SimpleSource><SourceFilename>a.tif</SourceFilename></SimpleSource>'
    text = f'<VRTDataset rasterXSize="5" rasterYSize="4">{band}</VRTRasterBand></VRTDataset>'
    (tmp_path / "20240105.tif").write_text(text)
    assert refused(lambda: read_cube(tmp_path / "20240105.tif")) == "scene.not-a-scene"


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31))
def test_a_damaged_archive_is_read_or_refused(tmp_path_factory, seed):
    path = tmp_path_factory.mktemp("damaged") / "a.npz"
    if seed % 2:
        np.savez(path, cube=VALUES, dates=np.array(ORDINALS))
    else:
        with path.open("wb") as file:
            np.save(file, VALUES)
    data, rng = bytearray(path.read_bytes()), np.random.default_rng(seed)
    for where in rng.integers(0, len(data), 1 + seed % 6):
        data[where] = rng.integers(0, 256)
    path.write_bytes(data[: len(data) - seed % 3 * 50])
    try:
        one = read_cube(path) if is_cube(path) else None
    except SeriesError:
        return
    assert one is None or one.values.shape[0] == len(one.days)
