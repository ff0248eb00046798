"""The monitor of one pixel's history: which rules apply, what broke when and by how much.

Three procedures, as CCDC has them: the sequential test where there are enough clear observations; one model
of all observations where snow lies most of the time; one of whatever is in range where the mask leaves too
few.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.special import chdtri

from watchfloor.core.messages import Reason, declare, reason
from watchfloor.desks.space.change import segments
from watchfloor.desks.space.change.harmonic import COEFFICIENTS, Days, Floats, design, fit
from watchfloor.desks.space.change.segments import BEGIN, PLENTY, SNOW, SPARSE, YEAR, Rules
from watchfloor.formats.imagery import quality
from watchfloor.formats.imagery.series import REFLECTIVE, THERMAL, Series, first_of_day

STANDARD, PERMANENT_SNOW, INSUFFICIENT_CLEAR, NOTHING = (
    *("standard", "permanent-snow", "insufficient-clear", "nothing"),
)
SNOW_SHARE: Final = 0.75
"""Of snow among clear observations, above which it is permanent."""
HAZE: Final = 400
"""Ten-thousandths of green above its median, beyond which an unmasked observation is haze or cloud."""

TOO_FEW = declare("change.too-few", "number", "needed")
LEFT_OUT = declare("change.left-out", "band")
SEES_SNOW = declare("change.permanent-snow")
SEES_LITTLE = declare("change.insufficient-clear")


@dataclass(frozen=True, slots=True)
class Model:
    """A band's model in one segment.

    Attributes:
        coefficients: intercept at ordinal day 0, trend a day, cosine and sine of one to three cycles a year
            of 365.25 days, counted from ordinal day 0.
        rmse: of the observations that it was fitted to.
        size: median residual of the observations that broke it; 0 if none did.
    """

    band: str
    coefficients: tuple[float, ...]
    rmse: float
    size: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A time in which a pixel followed one model.

    Attributes:
        start, end: ordinal days of its first and last observation.
        broken: day of the first observation that lies off it; 0 if none does.
        confirmed: day of the last observation that a break took; 0 without a break.
        observations: that it was fitted to.
        category: how it came about, and its coefficients, see `segments`.
        probability: percent of the observations for a break that say so; 100 is a break.
        strength: least chi-square of those observations.
    """

    start: int
    end: int
    broken: int
    confirmed: int
    observations: int
    category: int
    probability: int
    strength: float
    models: tuple[Model, ...]

    @property
    def breaks(self) -> bool:
        """Return whether it ends in a break."""
        return self.probability == 100 and self.broken > 0


@dataclass(frozen=True, slots=True)
class History:
    """Breaks of a pixel, and its models between them.

    Attributes:
        procedure: which was used.
        used: observations that were clear and in range.
        detection: bands that were tested; threshold: of their chi-square.
    """

    procedure: str
    used: int
    detection: tuple[str, ...]
    threshold: float
    segments: tuple[Segment, ...]
    notes: tuple[Reason, ...]


def monitor(series: Series, rules: Rules = segments.COLD) -> History:
    """Return when a pixel changed, and its models between changes."""
    clear = (series.quality == quality.CLEAR) | (series.quality == quality.WATER)
    snow = series.quality == quality.SNOW
    there = int((series.quality != quality.FILL).sum())
    notes: list[Reason] = []
    enough = clear.sum() >= PLENTY if rules.clear_share == 0 else clear.sum() >= rules.clear_share * there
    detection = _tested(series.bands)
    limit = float(chdtri(len(detection), rules.alarm))
    names = tuple(series.bands[one] for one in detection)
    if not there:
        return History(NOTHING, 0, names, limit, (), (reason(TOO_FEW, number=0, needed=BEGIN),))
    if enough:
        usable = series.usable
        if usable.sum() < segments.END:
            notes.append(reason(TOO_FEW, number=int(usable.sum()), needed=segments.END))
            return History(STANDARD, int(usable.sum()), names, limit, (), tuple(notes))
        kept, left_out = _whole_bands(series, usable)
        notes += [reason(LEFT_OUT, band=one) for one in left_out]
        found = _standard(kept, rules, limit)
        return History(STANDARD, int(usable.sum()), names, limit, found, tuple(notes))
    if snow.sum() / (snow.sum() + clear.sum() + 0.01) > SNOW_SHARE:
        why = reason(SEES_SNOW)
        among, procedure, category = clear | snow, PERMANENT_SNOW, 10 * SNOW + 4
    else:
        why = reason(SEES_LITTLE)
        among = series.in_range if rules.clear_share == 0 else series.usable
        among = among & first_of_day(series.days, among)
        if "green" in series.bands and among.any():
            green = series.values[series.bands.index("green")]
            among = among & (green < np.median(green[among]) + HAZE)
        procedure, category = INSUFFICIENT_CLEAR, 10 * SPARSE + 4
    if among.sum() < BEGIN:
        notes.append(reason(TOO_FEW, number=int(among.sum()), needed=BEGIN))
        return History(procedure, int(among.sum()), names, limit, (), tuple(notes))
    notes.append(why)
    one = _single(series, among, category, rules.penalty)
    return History(procedure, int(among.sum()), names, limit, (one,), tuple(notes))


def _tested(bands: tuple[str, ...]) -> list[int]:
    """Return the bands that are tested: green to swir2 where they are there, else all but temperature."""
    known = [bands.index(one) for one in REFLECTIVE[1:] if one in bands]
    return known if len(known) > 1 else [at for at, one in enumerate(bands) if one != THERMAL]


def _whole_bands(series: Series, usable: np.ndarray) -> tuple[Series, list[str]]:
    """Return the usable observations, less untested bands that lack some."""
    values = series.values[:, usable]
    whole = np.array([np.isfinite(row).all() for row in values])
    kept = tuple(one for one, here in zip(series.bands, whole, strict=True) if here)
    left_out = [one for one in series.bands if one not in kept]
    return replace(
        series,
        days=series.days[usable],
        bands=kept,
        values=np.ascontiguousarray(values[whole]),
        quality=series.quality[usable],
    ), left_out


def _standard(series: Series, rules: Rules, limit: float) -> tuple[Segment, ...]:
    tested = np.array(_tested(series.bands), np.int64)
    shaded = [series.bands.index(one) for one in ("green", "swir1") if one in series.bands]
    screened = np.array(shaded or [tested[0]], np.int64)
    found, numbers, models, errors, sizes, strengths = segments.segment(
        series.days.astype(np.int64),
        series.values,
        tested,
        screened,
        YEAR,
        limit,
        rules.consecutive,
        float(chdtri(len(tested), rules.outlier)),
        rules.angle,
        rules.screen,
        rules.growth,
        rules.by_time,
        rules.both_ends,
        float(rules.gap),
        rules.penalty,
    )
    out = []
    for k in range(found):
        start, end, broken, observations, category, probability = map(int, numbers[k])
        confirmed = 0
        if broken and probability == 100:
            at = int(np.searchsorted(series.days, broken))
            confirmed = int(series.days[min(at + rules.consecutive - 1, len(series.days) - 1)])
        shifted = _from_day_zero(models[k], float(series.days[0]))
        bands = tuple(
            Model(name, tuple(map(float, shifted[b])), float(errors[k, b]), float(sizes[k, b]))
            for b, name in enumerate(series.bands)
        )
        strength = float(strengths[k])
        out.append(
            Segment(start, end, broken, confirmed, observations, category, probability, strength, bands)
        )
    return tuple(out)


def _from_day_zero(models: Floats, origin: float) -> Floats:
    """Return models whose trend counts from ordinal day 0."""
    shifted = models.copy()
    shifted[:, 0] -= shifted[:, 1] * origin
    return shifted


def _single(series: Series, among: np.ndarray, category: int, penalty: float) -> Segment:
    """Fit one model of four coefficients to some observations, each band to those in its range."""
    days, out = series.days[among], []
    for name, row in zip(series.bands, series.values[:, among], strict=True):
        here = np.isfinite(row)
        if name in REFLECTIVE:
            here &= (row > 0) & (row < 10_000)
        model, rmse = np.zeros((1, COEFFICIENTS)), np.zeros(1)
        if here.sum() >= BEGIN:
            at: Days = days[here].astype(np.int64)
            x = design(at, float(days[0]), YEAR)
            residuals = np.zeros((1, len(at)))
            fit(x, row[None, here], 0, len(at), 4, penalty, model, residuals, rmse)
            model = _from_day_zero(model, float(days[0]))
        else:
            model[:] = np.nan
        out.append(Model(name, tuple(map(float, model[0])), float(rmse[0]), 0.0))
    first, last = int(days[0]), int(days[-1])
    return Segment(first, last, 0, 0, int(among.sum()), category, 0, 0.0, tuple(out))
