"""The online monitor: its fit, its statistic, its stated false alarms and delays, its state on disk."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.desks.space.change import grid, online, pixel_state
from watchfloor.formats.imagery.cubes import Cube
from watchfloor.formats.imagery.series import SeriesError

FIRST = 737_000


def simulated(pixels, dates, seed=0, spread=300.0, every=8):
    """Days, values (dates × pixels) of NDVI in ten-thousandths, and the true mean of each."""
    rng = np.random.default_rng(seed)
    days = FIRST + every * np.arange(dates)
    x = online.columns_of(days, FIRST)
    made = np.vstack([rng.uniform(4000, 8000, pixels), rng.normal(0, 400, (5, pixels))])
    mean = x.T @ made
    return days, mean + spread * rng.normal(size=mean.shape), mean


def test_the_fit_is_least_squares_where_nothing_is_an_outlier():
    days, values, _ = simulated(20, 100)
    coefficients, deviations = np.zeros((6, 20)), np.zeros(20)
    x = online.columns_of(days, days.mean())
    online.fit_pixels(x, values, False, coefficients, deviations)
    expected = np.linalg.lstsq(x.T, values, rcond=None)[0]
    assert np.sqrt(((x.T @ (coefficients - expected)) ** 2).mean()) < 0.1 * 300
    assert np.median(deviations) == pytest.approx(300, rel=0.1)


def test_clouds_that_no_mask_found_do_not_bend_the_fit():
    days, values, mean = simulated(50, 120, seed=1)
    rng = np.random.default_rng(2)
    values[rng.random(values.shape) < 0.08] -= 5000
    models, statistic = online.fit(days, values)
    expected = np.array([models.expected(int(day)) for day in days])
    assert np.sqrt(((expected - mean) ** 2).mean()) < 120
    assert (statistic == 0).all()


def test_a_history_of_less_than_two_years_has_no_trend():
    days, values, _ = simulated(10, 80, seed=8)
    models, _ = online.fit(days, values)
    assert (models.slopes[0] == 0).all()
    days, values, _ = simulated(10, 100, seed=8)
    models, _ = online.fit(days, values)
    assert (models.slopes[0] != 0).any()


def test_few_observations_or_dependent_ones_are_not_monitored():
    days, values, _ = simulated(3, 60)
    values[17:, 0] = np.nan
    values[:, 1] = np.nan
    models, statistic = online.fit(days, values)
    assert statistic.tolist() == [online.UNMONITORED, online.UNMONITORED, 0]
    before = statistic.copy()
    online.advance(models, statistic, FIRST + 600, np.full(3, -9000, np.int16))
    assert statistic[:2].tolist() == before[:2].tolist()
    same_season = FIRST + 365 * np.arange(40)
    _, none = online.fit(same_season, np.random.default_rng(0).normal(size=(40, 2)))
    assert (none == online.UNMONITORED).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([np.int16, np.float32]))
def test_the_statistic_is_the_two_sided_sum_of_cut_residuals(seed, kind):
    """Pixel by pixel in plain Python, as the module's docstring says it."""
    rng = np.random.default_rng(seed)
    days, values, _ = simulated(12, 40, seed=seed % 97)
    models, statistic = online.fit(days, values)
    sums = [0.0] * 12
    raised = [False] * 12
    for day in FIRST + 8 * np.arange(41, 60):
        expected = models.expected(int(day))
        new = (expected + rng.choice([0, 300, -900, 2500, -6000], 12)).astype(kind)
        new[rng.random(12) < 0.2] = online.VOID
        alarms = online.advance(models, statistic, int(day), new)
        for pixel in range(12):
            if new[pixel] == online.VOID or raised[pixel]:
                continue
            precision = models.precision[pixel] * models.units[6]
            z = min(max((float(new[pixel]) - expected[pixel]) * precision, -4.0), 4.0)
            up = max(max(sums[pixel], 0.0) + z - 2.0, 0.0)
            down = max(max(-sums[pixel], 0.0) - z - 2.0, 0.0)
            value = up if up >= down else -down
            raised[pixel] = abs(value) >= online.LIMIT - 1e-5
            sums[pixel] = np.sign(value) * np.floor(abs(value) * 16 + 0.5) / 16
            assert (pixel in alarms) == raised[pixel]
            if not raised[pixel]:
                assert statistic[pixel] / 16 == pytest.approx(sums[pixel], abs=1 / 16)
                sums[pixel] = statistic[pixel] / 16
    assert ((np.abs(statistic.astype(int)) == online.RAISED) == raised).all()


def test_no_two_observations_alarm_and_three_far_off_do():
    days, values, _ = simulated(5, 60)
    models, statistic = online.fit(days, values)
    far = np.full(5, -30_000, np.int16)
    for at, expected in enumerate([0, 0, 5]):
        assert len(online.advance(models, statistic, FIRST + 600 + 8 * at, far)) == expected
    assert (statistic == -online.RAISED).all()
    assert not len(online.advance(models, statistic, FIRST + 640, far))


def test_stated_false_alarms_and_delays_are_those_of_a_simulation():
    """The chain against four million dates drawn from the same errors."""
    rng, outliers = np.random.default_rng(4), 0.15
    stated, (delay,) = online.run_lengths([3.0], outliers)
    models = online.PixelModels(
        np.zeros(200_000, np.int16),
        np.zeros((5, 200_000), np.int8),
        np.full(200_000, 100, np.uint8),
        np.array([1, 1, 1, 1, 1, 1, 1 / 100], np.float32),
        float(FIRST),
    )

    def drawn(shift):
        z = rng.normal(size=200_000) + shift
        cloud = rng.random(200_000) < outliers
        z[cloud] = rng.choice([-50.0, 50.0], cloud.sum())
        return z.astype(np.float32)

    statistic, rates = np.zeros(200_000, np.int8), []
    for at in range(30):
        left = (statistic != online.RAISED).sum() - (statistic == -online.RAISED).sum()
        rates.append(len(online.advance(models, statistic, FIRST + at, drawn(0.0))) / left)
    assert np.mean(rates[10:]) == pytest.approx(stated, rel=0.05)  # a sum of 0 needs some dates to fill
    statistic, waited = np.zeros(200_000, np.int8), np.zeros(200_000)
    for at in range(60):
        waited[np.abs(statistic.astype(int)) != online.RAISED] += 1
        online.advance(models, statistic, FIRST + at, drawn(3.0))
    assert waited.mean() == pytest.approx(delay, rel=0.03)


def test_eight_bits_lose_little_of_a_model():
    days, values, _ = simulated(400, 90, seed=3)
    coefficients, deviations = np.zeros((6, 400)), np.zeros(400)
    x = online.columns_of(days, days.mean())
    online.fit_pixels(x, values, False, coefficients, deviations)
    models, _ = online.quantised(coefficients, deviations, days.mean())
    off = np.array([models.expected(int(day)) for day in days]) - x.T @ coefficients
    assert np.sqrt((off**2).mean()) < 0.05 * 300
    spread = 1 / (models.precision * models.units[6])
    assert np.median(np.abs(spread / deviations - 1)) < 0.01


def cube_of(days, values):
    return Cube(days, np.round(values).astype(np.int16).reshape(len(days), 4, -1), ())


def test_a_state_that_is_kept_gives_the_alarms_of_one_run(tmp_path, monkeypatch):
    monkeypatch.setattr(pixel_state, "BLOCK", 7)  # several blocks, the last one short
    days, values, _ = simulated(20, 160, seed=6)
    values[120:, [2, 11]] -= 3000
    values[135:, 19] += 3000
    whole = cube_of(days, values)
    once = grid.begin(whole, int(days[109]))
    assert [(one.row * 5 + one.column, one.day) for one in once.alarms] == [
        *((2, days[122]), (11, days[122]), (19, days[137])),
    ]
    assert once.alarms[0].size == pytest.approx(-3000, abs=1300)
    first = grid.begin(
        replace(whole, days=days[:121], values=whole.values[:121]), int(days[109]), tmp_path / "s"
    )
    later = grid.go_on(tmp_path / "s", replace(whole, days=days[121:], values=whole.values[121:]))
    assert first.alarms + later.alarms == once.alarms
    assert later.unmonitored == once.unmonitored == 0


def kept(tmp_path):
    days, values, _ = simulated(20, 60)
    cube = cube_of(days, values)
    grid.begin(cube, int(days[49]), tmp_path / "s")
    return tmp_path / "s", cube


def refused(call):
    with pytest.raises(SeriesError) as caught:
        call()
    return caught.value.reason.message


def test_a_date_that_was_interrupted_was_not_taken(tmp_path):
    folder, _ = kept(tmp_path)
    before = pixel_state.read(folder)
    taking = pixel_state.update(folder, before.day + 8, lambda a, b: np.zeros(b - a, np.int16))
    next(taking)
    taking.close()
    assert pixel_state.read(folder) == before
    list(pixel_state.update(folder, before.day + 8, lambda a, b: np.zeros(b - a, np.int16)))
    assert pixel_state.read(folder).day == before.day + 8


def test_what_does_not_fit_a_state_is_refused(tmp_path):
    folder, cube = kept(tmp_path)
    assert refused(lambda: grid.go_on(folder, cube)) == pixel_state.OLD_DATE.id
    assert refused(lambda: grid.begin(cube, 0, folder)) == pixel_state.STATE_THERE.id
    small = Cube(cube.days + 9999, cube.values[:, :2], ())
    assert refused(lambda: grid.go_on(folder, small)) == grid.OTHER_GRID.id
    assert refused(lambda: pixel_state.read(tmp_path / "nowhere")) == pixel_state.NO_STATE.id
    assert refused(lambda: grid.begin(cube, 1)) == grid.NO_LATER.id
    assert refused(lambda: grid.begin(cube, 900_000)) == grid.NO_LATER.id


@pytest.mark.parametrize("file", ["models.bin", "state.json", "statistic"])
def test_a_state_that_was_cut_short_is_refused(tmp_path, file):
    folder, _ = kept(tmp_path)
    path = folder / (pixel_state.read(folder).statistic if file == "statistic" else file)
    path.write_bytes(path.read_bytes()[:-1])
    assert refused(lambda: pixel_state.read(folder)) == pixel_state.NO_STATE.id
