"""Two scenes on one grid: what is put right is told, and what cannot be is refused."""

from contextlib import ExitStack

import numpy as np
import pytest
from scipy import ndimage
from tests.formats.imagery.made import raster

from watchfloor.formats.imagery.alignment import align
from watchfloor.formats.imagery.registration import shift_of
from watchfloor.formats.imagery.scenes import Box, SceneError, open_scene

SIZE = 220
NAMES = ("blue", "green", "red", "nir")


def place(seed=1, size=SIZE + 40):
    """Return a landscape with edges at every scale (bands, rows, columns)."""
    rng = np.random.default_rng(seed)
    made = sum(ndimage.zoom(rng.random((size // k + 2,) * 2), k, order=0)[:size, :size] for k in (3, 7, 19))
    mixed = np.array([1.0, 1.6, 2.3, -1.5])[:, None, None] * made + np.array([2, 2, 1, 9])[:, None, None]
    return 200 * mixed + 40 * rng.random((4, size, size))


PLACE = place()


def part(row=0, column=0):
    return PLACE[:, 20 + row : 20 + row + SIZE, 20 + column : 20 + column + SIZE]


def aligned(tmp_path, before, after, **options):
    """Return the alignment of two arrays, and the ids of its notes."""
    with ExitStack() as stack:
        scenes = []
        for name, pixels in (("a", before), ("b", after)):
            said = {key: value[name == "b"] for key, value in options.items()}
            said.setdefault("names", NAMES)
            scenes.append(stack.enter_context(open_scene(raster(tmp_path / f"{name}.tif", pixels, **said))))
        found = align(*scenes)
        return found, {one.message for one in found.notes}, found.read(Box(0, 0, found.rows, found.columns))


def refusal(tmp_path, before, after, **options):
    with pytest.raises(SceneError) as refused:
        aligned(tmp_path, before, after, **options)
    return refused.value.reason.message


def test_one_place_needs_nothing(tmp_path):
    found, notes, (x, y, valid) = aligned(tmp_path, part(), part())
    assert notes == set()
    assert valid.all()
    assert (x == y).all()
    assert found.shift == pytest.approx((0, 0), abs=0.05)


@pytest.mark.parametrize("shift", [(2, 2), (0, 2), (-2, 1), (5, -7)])
def test_whole_pixels_of_shift_are_put_right_and_told(tmp_path, shift):
    _, notes, (x, y, _) = aligned(tmp_path, part(), part(*shift))
    assert "scene.shifted" in notes
    assert (x == y).all()


def moved(pixels, columns, rows):
    return np.stack([ndimage.shift(band, (rows, columns), order=3, mode="nearest") for band in pixels])


@pytest.mark.parametrize("shift", [(0.4, 0.4), (-0.15, 0.1), (0.0, -0.5), (1.3, -0.8)])
def test_a_part_of_a_pixel_is_put_right_and_told_with_its_error(tmp_path, shift):
    rng = np.random.default_rng(5)
    smooth = ndimage.gaussian_filter(part(), (0, 1, 1))  # what a sensor sees has nothing finer than a pixel
    later = 0.8 * moved(smooth, *shift) + 30 + rng.normal(0, 2, smooth.shape)
    found, notes, (x, y, valid) = aligned(tmp_path, smooth, later)
    assert "scene.registered" in notes
    assert found.shift == pytest.approx(shift, abs=0.02)
    assert found.error < 0.05
    inner = (slice(None), slice(10, -10), slice(10, -10))
    left = (0.8 * x + 30 - y)[inner]
    assert np.abs(left).mean() < 3 * 2
    assert np.abs(left).mean() < 0.2 * np.abs(0.8 * smooth + 30 - later)[inner].mean() + 2
    assert valid[5:-5, 5:-5].all()


def test_grids_that_lie_a_part_of_a_pixel_off_each_other_are_put_right(tmp_path):
    smooth = ndimage.gaussian_filter(part(), (0, 1, 1))
    later = moved(smooth, -0.4, 0)  # its grid begins 0.4 pixels to the east
    found, notes, (x, y, _) = aligned(tmp_path, smooth, later, west=(600_000.0, 600_004.0))
    assert notes == {"scene.grids"}
    assert found.ground.c == pytest.approx(600_002)
    assert np.abs(x - y)[:, 10:-10, 10:-10].mean() < 2


def test_a_shift_that_nobody_is_sure_of_moves_nothing(tmp_path):
    moved_by_tile = part().copy()
    for at, by in enumerate((-0.7, 0.0, 0.7)):  # one part of the scene is off this way, another that way
        rows = slice(at * 73, at * 73 + 74)
        moved_by_tile[:, rows] = moved(part(), by, by)[:, rows]
    found, notes, (x, _, _) = aligned(tmp_path, part(), moved_by_tile)
    assert "scene.registered" not in notes
    assert found.part == (0.0, 0.0)
    assert (x == part()).all()


def test_nothing_that_is_hidden_has_a_part_in_pixels_that_are_moved(tmp_path):
    later = moved(ndimage.gaussian_filter(part(), (0, 1, 1)), 0.4, 0.3)
    spoiled = later.copy()
    spoiled[:, 60:90, 60:90] = 60_000.0
    seen = []
    for pixels in (later, spoiled):
        with ExitStack() as stack:
            scenes = [
                stack.enter_context(open_scene(raster(tmp_path / f"{name}.tif", one)))
                for name, one in (("a", part()), ("b", pixels))
            ]

            def hidden(box):
                rows = np.arange(box.row, box.row + box.rows)[:, None]
                columns = np.arange(box.column, box.column + box.columns)
                return (abs(rows - 75) <= 15) & (abs(columns - 75) <= 15)

            found = align(*scenes, lambda _, hidden=hidden: hidden)
            seen.append((found.shift, *found.read(Box(0, 0, found.rows, found.columns))))
    (one, x, y, valid), (other, p, q, same) = seen
    assert one == other
    assert (valid == same).all()
    assert (x[:, valid] == p[:, same]).all()
    assert (y[:, valid] == q[:, same]).all()
    assert not valid[60:91, 60:91].any()


def test_a_scene_that_lies_elsewhere_is_refused_by_its_shift(tmp_path):
    before = place(size=SIZE + 40)
    assert refusal(tmp_path, before[:, :200, :200], before[:, 18:218, :200]) == "scene.shift-too-far"


def test_scenes_without_anything_in_common_are_not_shifted(tmp_path):
    found, _, _ = aligned(tmp_path, part(), place(9)[:, :SIZE, :SIZE])
    assert found.shift is None


def test_the_overlap_of_two_windows_of_a_grid_is_compared(tmp_path):
    after = part(10, 20)
    west, north = (600_000.0, 600_200.0), (5_440_000.0, 5_439_900.0)
    found, notes, (x, y, _) = aligned(tmp_path, part(), after, west=west, north=north)
    assert (found.rows, found.columns) == (SIZE - 10, SIZE - 20)
    assert (x == y).all()
    assert notes == set()


def test_bands_in_another_order_are_matched_by_name(tmp_path):
    order = [2, 0, 3, 1]
    names = NAMES, tuple(NAMES[at] for at in order)
    _, notes, (x, y, _) = aligned(tmp_path, part(), part()[order], names=names)
    assert (x == y).all()
    assert notes == {"scene.band-order"}


def test_names_that_the_bands_belie_are_doubted_and_kept(tmp_path):
    """By how bright the bands are, and where that says nothing by likeness."""
    levels = np.array([300, 500, 400, 3500])[:, None, None]
    noise = np.random.default_rng(4).normal(0, 0.1, (2, 4, SIZE, SIZE))
    before, after = levels * (1 + noise[0]), levels * (1 + noise[1])
    assert "scene.bands-doubtful" not in aligned(tmp_path, before, 1.3 * after)[1]
    _, notes, (x, _, _) = aligned(tmp_path, before, after[[3, 1, 2, 0]])
    assert notes == {"scene.bands-doubtful"}
    assert np.median(x[3]) > 3000


@pytest.mark.parametrize("names", [((), ()), (NAMES[:3], ()), ((), NAMES[:3])])
def test_bands_without_names_are_matched_by_likeness(tmp_path, names):
    rng = np.random.default_rng(4)
    pixels = np.stack([ndimage.zoom(rng.random((46, 46)), 5, order=0)[:SIZE, :SIZE] * 1000 for _ in range(3)])
    noisy = pixels + rng.normal(0, 100, pixels.shape)
    _, notes, (x, y, _) = aligned(tmp_path, pixels, noisy[[2, 0, 1]], names=names)
    assert "scene.band-order" in notes
    assert np.corrcoef(x.reshape(3, -1), y.reshape(3, -1))[:3, 3:].diagonal().min() > 0.9


def test_bands_of_one_scene_only_are_left_out(tmp_path):
    found, notes, _ = aligned(tmp_path, part(), part()[:3], names=(NAMES, NAMES[:3]))
    assert found.names == ["blue", "green", "red"]
    assert notes == {"scene.bands-left"}


def test_other_bit_depth_is_told(tmp_path):
    eight = np.clip(part() / 10, 0, 255).astype(np.uint8)
    assert "scene.depths" in aligned(tmp_path, part().astype(np.uint16), eight)[1]


@pytest.mark.parametrize("value", [0, 65_535])
def test_a_filling_that_nobody_states_is_found(tmp_path, value):
    after = part().astype(np.uint16)
    after[:, :40] = value
    _, notes, (_, _, valid) = aligned(tmp_path, part().astype(np.uint16), after)
    assert notes == {"scene.filled"}
    assert not valid[:40].any()
    assert valid[40:].all()


@pytest.mark.parametrize(
    ("why", "options"),
    [
        ("scene.one-projection", {"crs": ("EPSG:32614", None)}),
        ("scene.other-projection", {"crs": ("EPSG:32614", "EPSG:32615")}),
        ("scene.other-resolution", {"size": (10.0, 20.0)}),
        ("scene.no-overlap", {"west": (600_000.0, 700_000.0)}),
        ("scene.small-overlap", {"west": (600_000.0, 600_000.0 + 10 * (SIZE - 5))}),
        ("scene.no-bands", {"names": (NAMES, ("swir16", "swir22", "lwir", "cirrus"))}),
    ],
)
def test_scenes_that_cannot_be_compared_are_refused(tmp_path, why, options):
    assert refusal(tmp_path, part(), part(), **options) == why


def test_scenes_without_projection_are_compared_by_their_pixels_if_they_are_of_one_size(tmp_path):
    assert aligned(tmp_path, part(), part(), crs=(None, None))[1] == {"scene.no-projection"}
    assert refusal(tmp_path, part(), part()[:, :100], crs=(None, None)) == "scene.other-size"
    assert refusal(tmp_path, part(), part()[:2], names=((), ())) == "scene.other-count"


def test_nothing_is_read_of_a_window_that_is_wholly_hidden(tmp_path, monkeypatch):
    with ExitStack() as stack:
        scenes = [stack.enter_context(open_scene(raster(tmp_path / f"{n}.tif", part()))) for n in "ab"]
        found = align(*scenes)
        found.hidden = lambda box: np.full((box.rows, box.columns), box.row < 100)
        monkeypatch.setattr(type(scenes[0]), "read", lambda *_: pytest.fail("it was read"))
        before, after, valid = found.read(Box(0, 0, 50, 60))
    assert before.shape == after.shape == (4, 50, 60)
    assert not valid.any()
    assert not before.any()
    assert not after.any()


@pytest.mark.parametrize("shift", [(0.25, 0.0), (-0.5, 0.3), (1.4, -2.6)])
def test_the_shift_is_measured_to_a_fifth_of_a_pixel(shift):
    picture = PLACE[0, :200, :200]
    later = ndimage.shift(picture, shift, order=3, mode="nearest")
    columns, rows = shift_of(picture[20:180, 20:180], later[20:180, 20:180])
    assert (rows, columns) == pytest.approx(shift, abs=0.2)


def test_noise_has_no_shift():
    rng = np.random.default_rng(3)
    assert shift_of(rng.random((128, 128)), rng.random((128, 128))) is None
    assert shift_of(np.zeros((64, 64)), np.zeros((64, 64))) is None
