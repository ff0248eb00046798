"""The monitor of a pixel against other implementations of its parts, published rules and USGS series."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import chi2
from tests.desks.space.change.made_up import series, table

from watchfloor.desks.space.change import harmonic, segments
from watchfloor.desks.space.change.monitor import (
    INSUFFICIENT_CLEAR,
    LEFT_OUT,
    NOTHING,
    PERMANENT_SNOW,
    SEES_LITTLE,
    SEES_SNOW,
    STANDARD,
    TOO_FEW,
    monitor,
)
from watchfloor.formats.imagery.series import read_series

USGS = Path(__file__).parents[5] / "shared" / "data" / "space" / "landsat_series"
needs_usgs = pytest.mark.skipif(not USGS.is_dir(), reason="USGS pixel series are not beside the project")
PERIOD = segments.YEAR


def read(tmp_path, text):
    path = tmp_path / "pixel.csv"
    path.write_text(text, "utf-8")
    return read_series(path)


def fitted(days, y, columns, penalty):
    x = harmonic.design(days.astype(np.int64), float(days[0]), PERIOD)
    model, residuals, rmse = np.zeros((1, 8)), np.zeros((1, len(days))), np.zeros(1)
    harmonic.fit(x, y[None].astype(float), 0, len(days), columns, penalty, model, residuals, rmse)
    return x[: columns - 1], model[0, :columns], residuals[0], rmse[0]


@pytest.mark.parametrize("columns", [4, 6, 8])
def test_without_a_penalty_the_fit_is_least_squares(columns):
    days, values = series(80, seed=3)
    x, model, residuals, rmse = fitted(days, values[3], columns, 0.0)
    whole = np.vstack([np.ones(80), x]).T
    expected, *_ = np.linalg.lstsq(whole, values[3], rcond=None)
    assert np.allclose(whole @ model, whole @ expected, atol=0.02 * values[3].std())
    assert rmse == pytest.approx(np.sqrt((residuals**2).sum() / (80 - columns)))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([4, 6, 8]), st.floats(1.0, 200.0))
def test_the_fit_minimises_the_lasso(seed, columns, penalty):
    """The conditions of an optimum (Karush, Kuhn and Tucker), to the descent's own tolerance."""
    days, values = series(60, seed=seed, noise=0.2)
    x, model, residuals, _ = fitted(days, values[4], columns, penalty)
    spread = x.std(1)
    pull = (x - x.mean(1, keepdims=True)) @ residuals / 60 / spread
    slack = 0.01 * values[4].std()
    for slope, of in zip(model[1:], pull, strict=True):
        if slope == 0:
            assert abs(of) <= penalty + slack
        else:
            assert of == pytest.approx(np.sign(slope) * penalty, abs=slack)
    assert abs(residuals.mean()) < slack


def test_the_robust_regression_minimises_the_bisquare(tmp_path):
    rng = np.random.default_rng(5)
    t = np.linspace(0, 12, 40)
    columns = np.array([np.ones(40), np.cos(t), np.sin(t)])
    y = columns.T @ [10.0, 2.0, -1.0] + rng.normal(0, 0.1, 40)
    y[[3, 20, 31]] += [5.0, -8.0, 30.0]
    residual = harmonic.robust_residuals(columns, y)

    def loss(b):
        u = np.minimum(np.abs(y - columns.T @ b) / (4.685 * 0.1), 1.0)
        return (1 - (1 - u**2) ** 3).sum()

    best = minimize(loss, [10.0, 2.0, -1.0], method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10})
    assert np.allclose(y - residual, columns.T @ best.x, atol=0.08)
    assert (np.abs(residual[[3, 20, 31]]) > 4).all()


def test_a_column_that_others_explain_is_left_out():
    columns = np.array([np.ones(20), np.arange(20.0), 2 * np.arange(20.0)])
    residual = harmonic.robust_residuals(columns, 3 + 4 * np.arange(20.0))
    assert np.allclose(residual, 0, atol=1e-9)


def test_thresholds_are_quantiles_of_chi_square(tmp_path):
    history = monitor(read(tmp_path, table(60)))
    assert history.threshold == pytest.approx(chi2.ppf(0.99, 5))
    assert history.detection == ("green", "red", "nir", "swir1", "swir2")


def test_a_clearing_is_dated_to_its_observation_with_its_size(tmp_path):
    days, _ = series(80, 50, seed=1)
    history = monitor(read(tmp_path, table(80, 50, seed=1)))
    (found,) = [one for one in history.segments if one.breaks]
    assert found.broken == days[50]
    assert found.strength > history.threshold
    sizes = {one.band: one.size for one in found.models}
    assert sizes["nir"] == pytest.approx(-0.35 * 2500, rel=0.25)
    assert sizes["swir1"] == pytest.approx(0.35 * 1600, rel=0.25)
    clear = [at for at in range(50, 80) if at % 7 != 3]
    assert found.confirmed == days[clear[5]]


@pytest.mark.parametrize("rules", segments.RULES.values(), ids=lambda one: one.name)
@pytest.mark.parametrize("seed", range(4))
def test_a_pixel_that_stays_the_same_has_no_break(tmp_path, rules, seed):
    history = monitor(read(tmp_path, table(150, seed=seed)), rules)
    assert history.procedure == STANDARD
    assert not any(one.breaks for one in history.segments)


def test_order_of_rows_and_repeated_days_change_nothing(tmp_path):
    rows = table(80, 50, seed=2).splitlines()
    plain = monitor(read(tmp_path, "\n".join(rows)))
    shuffled = [rows[at] for at in np.random.default_rng(0).permutation(80)]
    assert monitor(read(tmp_path, "\n".join(shuffled))).segments == plain.segments
    twice = [row for row in rows for _ in range(2)]
    assert monitor(read(tmp_path, "\n".join(twice))).segments == plain.segments


@pytest.mark.parametrize("shift", [0, 365 * 5 + 2])
def test_cloudy_observations_count_for_nothing(tmp_path, shift):
    rows = table(80, 50, seed=2).splitlines()
    first = int(rows[0].split(",")[0])
    cloud = [f"{first + 16 * k + 5 + shift},9000,9000,9000,9000,9000,9000,2000,4" for k in range(60)]
    assert (
        monitor(read(tmp_path, "\n".join(rows + cloud))).segments
        == monitor(read(tmp_path, "\n".join(rows))).segments
    )


def quality(text, values):
    rows = [line.rpartition(",")[0] for line in text.splitlines()]
    return "\n".join(f"{row},{value}" for row, value in zip(rows, values, strict=True))


def test_permanent_snow_has_one_model_and_no_break(tmp_path):
    history = monitor(read(tmp_path, quality(table(80), [3] * 66 + [0] * 14)))
    assert history.procedure == PERMANENT_SNOW
    (one,) = history.segments
    assert (one.category, one.breaks, one.observations) == (54, False, 80)
    assert [note.message for note in history.notes] == [SEES_SNOW.id]


def test_few_clear_observations_have_one_model_and_no_break(tmp_path):
    history = monitor(read(tmp_path, quality(table(80), [0] * 14 + [2] * 66)))
    assert history.procedure == INSUFFICIENT_CLEAR
    (one,) = history.segments
    assert (one.category, one.breaks) == (44, False)
    assert one.observations < 80  # those with a green of a cloud are none
    assert [note.message for note in history.notes] == [SEES_LITTLE.id]


@pytest.mark.parametrize("value", [4, 255])
def test_a_series_of_clouds_or_fill_has_no_model(tmp_path, value):
    text = "\n".join(f"{730000 + 16 * k},9999,9999,9999,9999,9999,9999,2000,{value}" for k in range(40))
    history = monitor(read(tmp_path, text.replace("9999", "-9999") if value == 255 else text))
    assert history.procedure == (NOTHING if value == 255 else INSUFFICIENT_CLEAR)
    assert TOO_FEW.id in [note.message for note in history.notes] or history.segments


def test_a_constant_pixel_has_a_model_and_no_break(tmp_path):
    text = "\n".join(f"{730000 + 16 * k},300,400,500,600,700,800,2900,0" for k in range(60))
    (one,) = monitor(read(tmp_path, text)).segments
    assert not one.breaks
    assert one.models[3].coefficients[0] == pytest.approx(600)
    changed = text.replace("730480,300,400,500,600", "730480,300,400,500,999")
    assert not any(each.breaks for each in monitor(read(tmp_path, changed)).segments)


def test_a_temperature_that_is_missing_now_and_then_is_left_out(tmp_path):
    text = table(60).replace(",2901,", ",-9999,")
    history = monitor(read(tmp_path, text))
    assert [note.message for note in history.notes] == [LEFT_OUT.id]
    assert [one.band for one in history.segments[0].models][-1] == "swir2"


def test_one_index_alone_is_monitored(tmp_path):
    days, values = series(80, 50, seed=4)
    lines = [f"{day},{value / 5000:.4f}" for day, value in zip(days, values[3], strict=True)]
    history = monitor(read(tmp_path, "\n".join(lines)))
    assert history.threshold == pytest.approx(chi2.ppf(0.99, 1))
    assert [one.broken for one in history.segments if one.breaks] == [days[50]]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_segments_keep_order_whatever_the_values(seed):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 90))
    days = np.cumsum(rng.integers(1, 120, count)) + 720_000
    values = rng.choice([0.0, 1.0, 500.0, 9999.0, 3000.0], (2, count)) * rng.choice([1.0, 0.5], (2, count))
    found, numbers, models, errors, sizes, _ = segments.segment(
        *(days, values, np.array([0, 1]), np.array([0]), PERIOD, 9.2, 6, 20.0, 45.0),
        *(4.42, 0.03, False, False, 365.25, 20.0),
    )
    rows = numbers[:found]
    assert (rows[:, 0] <= rows[:, 1]).all()
    assert (rows[1:, 0] >= rows[:-1, 0]).all()
    assert np.isin(rows[:, :2].ravel(), days).all()
    assert np.isfinite(models[:found]).all()
    assert np.isfinite(errors[:found]).all()
    assert np.isfinite(sizes[:found]).all()


# Breaks that COLD of pyxccd 1.1.0 gives with its defaults, printed by `./dev bench change.monitor`.
COLD = {
    "test_3657_3610_observations.csv": (
        *((724451, 727715, 727731), (728019, 731395, 731411), (732203, 732819, 732835)),
        *((732835, 734067, 734251), (734251, 735515, 0)),
    ),
    "sample_1.csv": ((734692, 735516, 0),),
    "sample_2.csv": ((724746, 725658, 725722), (725793, 736290, 0)),
    "sample_WA_grid08_row999_col1_normal.csv": ((724746, 725658, 725722), (725793, 736290, 0)),
    "h03v09_-2010765_1964625_pixel.npy": ((724423, 731016, 731023), (731079, 736688, 0)),
}


@needs_usgs
@pytest.mark.parametrize("name", COLD)
def test_usgs_series_break_where_cold_of_pyxccd_breaks_them(name):
    found = monitor(read_series(USGS / name)).segments
    assert tuple((one.start, one.end, one.broken) for one in found) == COLD[name]


MATLAB = 366
"""What a day of MATLAB is more than an ordinal day."""


@needs_usgs
def test_stored_coefficients_of_ccdc_come_from_the_table(tmp_path):
    """The one stored segment of which the table alone says which observations were fitted.

    `./dev bench change.monitor coefficients` searches for those of the others.
    """
    rows = (USGS / "test_3657_3610_observations.csv").read_text("utf-8").splitlines()
    cells = [row.split(",", 1) for row in rows]
    table_of_matlab = "\n".join(f"{int(day) + MATLAB},{rest}" for day, rest in cells)
    stored = np.loadtxt(USGS / "test_3657_3610_coefficients.csv", delimiter=",")
    (row,) = [at for at in range(0, 80, 8) if tuple(stored[at, :2]) == (728385, 731761)]
    history = monitor(read(tmp_path, table_of_matlab), segments.CCDC)
    (found,) = [one for one in history.segments if (one.start, one.end) == (728385, 731761)]
    ours = np.array([model.coefficients for model in found.models[:6]])
    expected = stored[row : row + 8, 2:8].T
    assert ((ours == 0) == (expected == 0)).all()
    known = expected != 0
    assert np.abs(ours[known] / expected[known] - 1).max() < 0.01
