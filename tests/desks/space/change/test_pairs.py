"""Change between two scenes: what light cannot disturb, what is found, and that memory does not grow."""

import subprocess
import sys
import textwrap

import numpy as np
import pytest
from scipy import ndimage, stats
from tests.desks.space.change import made

from watchfloor.desks.space.change import pairs
from watchfloor.formats.imagery.scenes import SceneError


def normal(count=4, pixels=20_000, seed=0):
    """Return two scenes of one ground without a change (bands, pixels)."""
    rng = np.random.default_rng(seed)
    mixed = rng.normal(size=(count, count)) @ rng.normal(size=(count, pixels))
    other = rng.normal(size=(count, count)) @ mixed + 3 + 0.3 * rng.normal(size=(count, pixels))
    return mixed + 0.3 * rng.normal(size=(count, pixels)), other


def test_gain_offset_and_mixture_of_bands_make_no_difference_to_the_variates():
    before, after = normal()
    rng = np.random.default_rng(5)
    mixture = rng.normal(size=(4, 4))
    weights = np.ones(before.shape[1])
    view, correlations, *_ = pairs._variates(before, after, weights)
    other, mixed_correlations, *_ = pairs._variates(mixture @ before + 7, 2.5 * after - 1, weights)
    assert correlations == pytest.approx(mixed_correlations, abs=1e-4)
    distances = view.distance(before, after), other.distance(mixture @ before + 7, 2.5 * after - 1)
    assert distances[0] == pytest.approx(distances[1], rel=1e-2, abs=1e-2)


def test_the_first_round_of_the_variates_is_canonical_correlation(monkeypatch):
    """Against the singular values of whitened scenes (Hotelling 1936)."""
    before, after = normal()
    monkeypatch.setattr(pairs, "ROUNDS", 1)
    _, correlations, *_ = pairs._variates(before, after, np.ones(before.shape[1]))
    bases = [np.linalg.qr((one - one.mean(1, keepdims=True)).T)[0] for one in (before, after)]
    assert correlations == pytest.approx(np.linalg.svd(bases[0].T @ bases[1])[1], abs=1e-6)


def test_where_nothing_changed_as_few_are_above_the_lowest_threshold_as_it_says():
    before, after = (one.reshape(4, 200, 250) for one in normal(pixels=50_000))
    distance = pairs.fit(before.reshape(4, -1), after.reshape(4, -1)).distance(before, after)
    mean = pairs.averaged(distance, np.ones((200, 250), bool))
    found = pairs.threshold(mean.ravel(), 4)
    assert np.mean(mean > found.lowest) <= pairs.FALSE_ALARM
    assert np.mean(mean > found.value) <= pairs.FALSE_ALARM


@pytest.mark.parametrize("share", [0.001, 0.05, 0.15])
def test_changes_do_not_hide_behind_their_number(share):
    before, after = normal(pixels=20_000)
    changed = np.random.default_rng(1).random(20_000) < share
    after[:, changed] += 12 * after.std(1, keepdims=True)
    distance = pairs.fit(before, after).distance(before, after)
    assert np.median(distance[changed]) > 4 * np.quantile(distance[~changed], 0.99)


def test_a_field_that_turned_as_a_whole_is_a_change():
    """One colour before, another after: a fit from equal weights would explain it."""
    rng = np.random.default_rng(2)
    before = rng.normal(0, 1, (4, 30_000)) + np.array([[3.0], [4], [3], [30]])
    before[:, :1000] += np.array([[2.0], [4], [3], [7]])
    after = before + rng.normal(0, 1, before.shape)
    after[:, :1000] += np.array([[6.0], [5], [12], [-10]])
    distance = pairs.fit(before, after).distance(before, after)
    assert np.quantile(distance[:1000], 0.01) > 2 * np.quantile(distance[1000:], 0.99)


def test_the_threshold_of_minimum_error_lies_between_two_classes():
    rng = np.random.default_rng(3)
    values = np.concatenate([rng.normal(4, 0.6, 90_000), rng.normal(14, 2.5, 10_000)])
    counts, edges = np.histogram(values, 512)
    best = edges[np.argmin([np.sum(values[:90_000] > e) + np.sum(values[90_000:] <= e) for e in edges])]
    assert pairs.minimum_error(counts, edges) == pytest.approx(best, abs=0.5)
    assert pairs.minimum_error(np.eye(1, 512)[0], edges) == 0


def test_a_pair_without_a_change_has_the_lowest_threshold():
    distance = np.sqrt(stats.chi2.rvs(6, size=50_000, random_state=4).reshape(-1, 5).mean(1))
    found = pairs.threshold(distance, 6)
    assert found.value == found.lowest
    assert found.null_share(found.value) < 1e-3


def test_the_null_is_that_of_unchanged_ground_where_most_of_it_changed():
    rng = np.random.default_rng(4)
    unchanged = np.sqrt(stats.chi2.rvs(6, size=50_000, random_state=4).reshape(-1, 5).mean(1))
    found = pairs.threshold(np.concatenate([unchanged, rng.normal(60, 1, 15_000)]), 6)
    assert unchanged.max() < found.value < 50
    assert found.null_share(found.value) < 1e-3


def test_neighbours_that_were_not_measured_have_no_part():
    distance = np.arange(25.0).reshape(5, 5)
    valid = np.ones((5, 5), bool)
    valid[2, 2] = False
    mean = pairs.averaged(distance, valid)
    assert np.isnan(mean[2, 2])
    assert mean[1, 1] == pytest.approx(np.delete(distance[:3, :3].ravel(), 8).mean())
    assert mean[0, 0] == pytest.approx(distance[:2, :2].mean())


@pytest.mark.parametrize("pixels", [np.ones((2, 1000)), np.ones((2, 10))])
def test_scenes_that_say_nothing_are_refused(pixels):
    with pytest.raises(SceneError):
        pairs.fit(pixels, pixels)


PEAK = """
import sys, warnings
from pathlib import Path
import numpy as np
warnings.simplefilter("ignore")
from watchfloor.desks.space.change import pairs
from watchfloor.desks.space.change.scanning import scan_pair
pairs.SAMPLE = 65_536
pairs.FITTED = 5_000
found = scan_pair(Path(sys.argv[1]), Path(sys.argv[2]))
peak = next(one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmHWM"))
print(int(peak.split()[1]) >> 10, found.measured, len(found.shapes))
"""


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_a_scene_four_times_as_large_takes_no_more_memory(tmp_path):
    """As for 100 GB on 8 GB: what is held is a window, a sample of fixed size, and the shapes."""
    peaks = []
    for number, times in enumerate((6, 12)):
        folder = tmp_path / str(number)
        folder.mkdir()
        place = np.tile(made.ground(3), (1, times, times))
        later = made.planted(place, made.mask(256 * times, 256 * times, (40, 20, 2, 120)))
        for name, pixels in (("a", place), ("b", later)):
            made.raster(folder / f"{name}.tif", made.seen(pixels, number + 7), names=made.NAMES, tiled=True)
        del place, later
        ran = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(PEAK), folder / "a.tif", folder / "b.tif"],
            capture_output=True,
            text=True,
            check=True,
        )
        peak, measured, shapes = map(int, ran.stdout.split())
        assert measured == (256 * times) ** 2
        assert shapes == 1
        peaks.append(peak)
    assert peaks[1] - peaks[0] < 24  # MiB; the pixels of the larger pair are 880 MiB as they are read


def test_components_of_windows_are_those_of_the_whole():
    from watchfloor.desks.space.change.components import Components
    from watchfloor.formats.imagery.scenes import windows

    rng = np.random.default_rng(6)
    for share, least in ((0.2, 1), (0.45, 3), (0.6, 4)):
        change = rng.random((61, 83)) < share
        statistic = rng.random(change.shape) * change
        parts = Components(83, least)
        for box in windows(61, 83, 16):
            cut = slice(box.row, box.row + box.rows), slice(box.column, box.column + box.columns)
            parts.add(box, change[cut], statistic[cut])
        labels, count = ndimage.label(change, np.ones((3, 3)))
        expected = []
        for number, (rows, columns) in enumerate(ndimage.find_objects(labels), 1):
            mask = labels == number
            if mask.sum() >= least:
                row, column = np.unravel_index(np.argmax(np.where(mask, statistic, -1)), mask.shape)
                box = (rows.start, columns.start, rows.stop - rows.start, columns.stop - columns.start)
                expected.append((mask.sum(), statistic[row, column], box, row, column))
        expected.sort(key=lambda one: -one[1])
        assert [tuple(one) for one in parts.found()] == [tuple(one) for one in expected]
        assert count >= len(expected)
