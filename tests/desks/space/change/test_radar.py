"""Change between images of a radar: false alarms are those that are chosen, on simulated speckle."""

import json

import numpy as np
import pytest
from scipy import stats
from tests.desks.space.change import made
from tests.formats.imagery.made import raster

from watchfloor.desks.space.change import radar
from watchfloor.desks.space.change.scanning import scan_pair
from watchfloor.formats.imagery.alignment import align
from watchfloor.formats.imagery.scenes import open_scene

SIZE = 300


def speckled(seed, looks=4.0, change=None, *, decibels=False, bands=2):
    """Return intensities of textured ground (bands, rows, columns); ten times as bright where it changed."""
    ground = np.exp(np.random.default_rng(99).normal(0, 0.5, (bands, SIZE, SIZE))) * 0.1
    if change is not None:
        ground = np.where(change, ground * 10, ground)
    seen = ground * np.random.default_rng(seed).gamma(looks, 1 / looks, ground.shape)
    return (10 * np.log10(seen) if decibels else seen).astype(np.float32)


def written(tmp_path, before, after):
    names = ("VV", "VH")[: len(before)]
    return [raster(tmp_path / f"{name}.tif", one, names=names) for name, one in (("a", before), ("b", after))]


def share_of(tmp_path, before, after, rate, **options):
    """Return the share of places above a rate's threshold, and the map."""
    paths = written(tmp_path, before, after)
    with open_scene(paths[0]) as first, open_scene(paths[1]) as second:
        found = radar.compare(align(first, second), lambda *_: None, rate=rate, **options)
    return found.changed / found.measured, found


@pytest.mark.parametrize("rate", [1e-2, 1e-3])
@pytest.mark.parametrize("decibels", [False, True])
def test_false_alarms_are_those_that_are_chosen(tmp_path, rate, decibels):
    share, found = share_of(
        tmp_path, speckled(1, decibels=decibels), speckled(2, decibels=decibels) * 1.0, rate
    )
    assert share == pytest.approx(rate, rel=0.5)
    assert found.threshold.null_share(found.threshold.value) == pytest.approx(rate)


def test_looks_are_estimated_and_can_be_given(tmp_path):
    _, found = share_of(tmp_path, speckled(1), speckled(2), 1e-3)
    assert found.looks == pytest.approx(np.full(2, 4 * 9 * 0.62), rel=0.4)  # texture weighs pixels unlike
    share, given = share_of(tmp_path, speckled(1), speckled(2), 1e-3, looks=2.0)
    assert (given.looks == 18).all()
    assert share < 1e-3


def test_a_gain_between_the_images_is_put_right(tmp_path):
    share, found = share_of(tmp_path, speckled(1), speckled(2) * 3.0, 1e-3)
    assert np.exp(found.gains) == pytest.approx([3, 3], rel=0.02)
    assert share == pytest.approx(1e-3, rel=0.6)


def test_decibels_of_one_image_only_are_told_and_compared_with_intensities(tmp_path):
    change = made.mask(SIZE, SIZE, (200, 200, 10, 10))
    before, after = written(tmp_path, speckled(1), speckled(2, change=change, decibels=True))
    found = scan_pair(before, after)
    told = [one["params"] for one in found.notes if one["message"] == "scene.decibels"]
    assert [json.loads(one) for one in told] == [{"file": "b.tif"}]
    assert max(found.shapes, key=lambda one: one.pixels).row in range(198, 213)
    assert found.changed == pytest.approx(
        scan_pair(before, written(tmp_path, speckled(1), speckled(2, change=change))[1]).changed, abs=5
    )


def test_what_is_ten_times_as_bright_is_found_and_called_by_its_form(tmp_path):
    change = made.mask(SIZE, SIZE, (50, 30, 2, 150), (200, 200, 10, 10))
    before, after = written(tmp_path, speckled(1), speckled(2, change=change))
    found = scan_pair(before, after)
    assert found.method == radar.METHOD
    by_row = {one.row // 100: one.what for one in found.shapes if one.pixels > 30}
    assert by_row == {0: "trail", 2: "unknown"}
    assert sum(one.pixels <= 30 for one in found.shapes) <= 2


def test_significance_of_one_band_is_that_of_fishers_f():
    ratio, looks = np.array([[0.1, -0.7, 1.4]]), np.array([12.0])
    expected = 2 * stats.f.sf(np.exp(np.abs(ratio[0])), 24, 24)
    assert 10 ** -radar.significance(ratio, looks) == pytest.approx(expected)
