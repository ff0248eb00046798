"""Whether a series broke at a date, beside a control that nobody acted on: a controlled interrupted series.

The logarithm of our series less that of the control is regressed on a trend, a step at the date, a change of
slope after it and a season (Bernal, Cummins and Gasparrini, International Journal of Epidemiology 46 (2017)
and 47 (2018); the coefficients are those of Linden's model of both series with every term doubled, Stata
Journal 15 (2015)). Errors lean on those of the month before; see `reml`. Without a control nothing is
computed: whatever else happened in that month would be taken for the effect.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.messages import Message, declare, reason
from watchfloor.scorecard.bilingual import Text, fill, joined, number, percent
from watchfloor.scorecard.findings import Interval
from watchfloor.scorecard.methods.reml import Fit, fit, ljung_box
from watchfloor.scorecard.methods.seasons import signed
from watchfloor.scorecard.methods.series import Monthly
from watchfloor.scorecard.periods import named, written
from watchfloor.scorecard.problems import Gap, NotPublished, Unanswerable

Floats = npt.NDArray[np.float64]

LEVEL: Final = 0.95
BEFORE: Final = 36
"""Months before the date that are looked at: a straight line through more of them is not a trend."""
LEAST_BEFORE: Final = 12
LEAST_AFTER: Final = 3
SLOPE_AFTER: Final = 6
"""With fewer months after the date a slope of their own would leave the step to a month or two."""
TWO_WAVES: Final = 24
"""Months before the date from which a season has two waves a year; with fewer it has one."""
ZEROS: Final = 0.1
"""No logarithm is taken of a series with a larger share of zeros."""
PLACEBOS: Final = 5
METHOD: Final = "controlled interrupted series, AR(1) by REML"

STEP: Final = 2
"""Column of the step in the design."""


class Placebo(NamedTuple):
    """The same model at earlier dates: how many of how many give a step at least as large. No probability:
    neighbouring dates share most of their months."""

    larger: int
    dates: int


@dataclass(frozen=True, slots=True)
class Interrupted:
    """Result of an interrupted time series: changes as parts of the control's expectation, a fall negative.

    Attributes:
        at: the first month after the change.
        first, last: of the months looked at.
        step: the change at once.
        step_interval: its interval.
        mean: the change on average over the months after.
        mean_interval: its interval.
        slope: change a month that comes on top; None with fewer than six months after.
        drift: how far the two moved apart in a year before the date.
        drift_interval: its interval; parallel while zero lies in it.
        correlation: of errors of neighbouring months.
        left: how likely the autocorrelations that the model leaves are in noise.
        placebo: the same at earlier dates; None where there are fewer than five.
        halves: whether half an event was added to every month, because of zeros.
        expected: our series after the date had it gone on as the control did.
        low, high: ends of the interval of `expected`, of its mean and not of single months.
        text: all of it in sentences.
    """

    at: int
    first: int
    last: int
    step: float
    step_interval: Interval
    mean: float
    mean_interval: Interval
    slope: float | None
    drift: float
    drift_interval: Interval
    correlation: float
    left: float
    placebo: Placebo | None
    halves: bool
    expected: Monthly
    low: Monthly
    high: Monthly
    text: Text


def interrupted(
    series: Monthly,
    control: Monthly | None,
    at: int,
    *,
    names: tuple[Text, Text],
    changed: Mapping[int, Text] | None = None,
    level: float = LEVEL,
    before: int = BEFORE,
) -> Interrupted:
    """Compare a series with its control around a date.

    Args:
        series: counts or weights a month.
        control: of a place or a kind that was not acted on. None is refused.
        at: the first month after the change.
        names: of the series and of the control, for the sentences.
        changed: what changed for the control itself, by month; told where the month is looked at.
        level: of the intervals.
        before: how many months before the date are looked at, at most.

    Raises:
        Unanswerable: without a control, with fewer than twelve months before or three after, or with zeros of
            which no logarithm is taken: in weights, or in more than a tenth of the months.
        NotPublished: when the date is not in both series.
        Gap: when a month of either is missing.
    """
    if control is None:
        raise Unanswerable(reason(NO_CONTROL))
    first = max(series.start, control.start, at - before)
    last = min(series.last, control.last)
    _enough(first, at, last)
    ours, half = _logs(_span(series, first, last, GAP))
    theirs, also = _logs(_span(control, first, last, CONTROL_GAP))
    apart, step_at = ours - theirs, at - first
    found = fit(design(step_at, last - at + 1), apart)
    drift = _drift(apart[:step_at], level)
    without = _expected(found, theirs, step_at, len(apart) - step_at, level)
    step, mean = (_change(found, weights, level) for weights in _effects(found, len(apart) - step_at))
    result = Interrupted(
        at=at,
        first=first,
        last=last,
        step=step[0],
        step_interval=step[1],
        mean=mean[0],
        mean_interval=mean[1],
        slope=_slope(found, last - at + 1),
        drift=drift[0],
        drift_interval=drift[1],
        correlation=found.correlation,
        left=ljung_box(found.innovations, min(10, len(apart) // 5)),
        placebo=_placebo(apart[:step_at], abs(float(found.coefficients[STEP]))),
        halves=half or also,
        expected=Monthly(at, without[0]),
        low=Monthly(at, without[1]),
        high=Monthly(at, without[2]),
        text=Text("", ""),
    )
    return with_sentences(result, names, changed or {})


def design(before: int, after: int) -> Floats:
    """Columns: one, trend in years from the date, step, change of slope where there are enough months after,
    and the season's waves; a row a month."""
    time = np.arange(-before, after) / 12
    stepped = (time >= 0).astype(np.float64)
    columns = [np.ones_like(time), time, stepped]
    if after >= SLOPE_AFTER:
        columns.append(stepped * time)
    for wave in range(1, 2 + (before >= TWO_WAVES)):
        columns += [np.cos(2 * np.pi * wave * time), np.sin(2 * np.pi * wave * time)]
    return np.column_stack(columns)


def _enough(first: int, at: int, last: int) -> None:
    if at > last:
        raise NotPublished(reason(NOT_YET, month=written(at), last=written(last)))
    if at - first < LEAST_BEFORE or last - at + 1 < LEAST_AFTER:
        raise Unanswerable(
            reason(TOO_SHORT, before=max(at - first, 0), after=last - at + 1, month=written(at))
        )


def _span(series: Monthly, first: int, last: int, message: Message) -> Floats:
    values = series.values[first - series.start : last - series.start + 1]
    holes = np.flatnonzero(np.isnan(values))
    if holes.size:
        raise Gap(reason(message, month=written(first + int(holes[0]))))
    return values


def _logs(values: Floats) -> tuple[Floats, bool]:
    """Logarithms, and whether half an event was added to each month for the sake of a zero."""
    zeros = int(np.count_nonzero(values == 0))
    if not zeros:
        return np.log(values), False
    if zeros > ZEROS * len(values) or (values != np.round(values)).any():
        raise Unanswerable(reason(SAY_ZEROS, zeros=zeros, months=len(values)))
    return np.log(values + 0.5), True


def _effects(found: Fit, after: int) -> tuple[Floats, Floats]:
    """Weights of coefficients that give the step, and the mean change over the months after."""
    step = np.zeros(len(found.coefficients))
    step[STEP] = 1
    mean = step.copy()
    if after >= SLOPE_AFTER:
        mean[STEP + 1] = np.arange(after).mean() / 12
    return step, mean


def _change(found: Fit, weights: Floats, level: float) -> tuple[float, Interval]:
    value, low, high = np.expm1(found.bounds(weights, level)).tolist()
    return value, Interval(low, high, level, METHOD)


def _slope(found: Fit, after: int) -> float | None:
    return float(np.expm1(found.coefficients[STEP + 1] / 12)) if after >= SLOPE_AFTER else None


def _drift(apart: Floats, level: float) -> tuple[float, Interval]:
    columns = np.delete(design(len(apart), 0), STEP, axis=1)
    found = fit(columns, apart)
    weights = np.zeros(columns.shape[1])
    weights[1] = 1
    return _change(found, weights, level)


def _expected(found: Fit, theirs: Floats, before: int, after: int, level: float) -> tuple[Floats, ...]:
    """Our series had it gone on as the control did, with the ends of its interval, after the date."""
    columns = design(before, after)[before:]
    columns[:, STEP : STEP + 1 + (after >= SLOPE_AFTER)] = 0
    centre = columns @ found.coefficients + theirs[before:]
    spread = np.sqrt(np.einsum("ij,jk,ik->i", columns, found.covariance, columns)) * found.reach(level)
    return np.exp(centre), np.exp(centre - spread), np.exp(centre + spread)


def _placebo(apart: Floats, step: float) -> Placebo | None:
    dates = range(LEAST_BEFORE, len(apart) - LEAST_AFTER + 1)
    if len(dates) < PLACEBOS:
        return None
    steps = [abs(fit(design(at, len(apart) - at), apart).coefficients[STEP]) for at in dates]
    return Placebo(sum(bool(other >= step) for other in steps), len(steps))


# What an interrupted time series says, and why one is refused.


NO_CONTROL: Final = declare("scorecard.interrupted-no-control")
GAP: Final = declare("scorecard.interrupted-gap", "month")
CONTROL_GAP: Final = declare("scorecard.interrupted-control-gap", "month")
NOT_YET: Final = declare("scorecard.interrupted-not-yet", "month", "last")
TOO_SHORT: Final = declare("scorecard.interrupted-short", "before", "month", "after")
SAY_ZEROS: Final = declare("scorecard.interrupted-zeros", "zeros", "months")
FOUND: Final = declare(
    "scorecard.interrupted-found",
    "at",
    "ours",
    "step",
    "theirs",
    "level",
    "low",
    "high",
    "before",
    "after",
    "verdict",
)
NOTHING: Final = declare("scorecard.interrupted-nothing")
FELL: Final = declare("scorecard.interrupted-fell")
ROSE: Final = declare("scorecard.interrupted-rose")
MEAN: Final = declare("scorecard.interrupted-mean", "after", "mean", "low", "high")
PARALLEL: Final = declare("scorecard.interrupted-parallel", "drift", "low", "high")
APART: Final = declare("scorecard.interrupted-apart", "drift", "low", "high")
PLACEBO: Final = declare("scorecard.interrupted-placebo", "dates", "larger")
NO_PLACEBO: Final = declare("scorecard.interrupted-no-placebo")
LEFT: Final = declare("scorecard.interrupted-left", "p")
HALVES: Final = declare("scorecard.interrupted-halves")
CHANGED: Final = declare("scorecard.interrupted-changed", "month", "what")

UNLIKELY: Final = 0.05


def with_sentences(found: Interrupted, names: tuple[Text, Text], changed: Mapping[int, Text]) -> Interrupted:
    """The same with its sentences."""
    mean = [] if found.slope is None else [_mean(found)]
    parts = [_found(found, names), *mean, _say_drift(found), _say_placebo(found)]
    if found.left < UNLIKELY:
        parts.append(fill(LEFT, p=number(found.left, 3)))
    if found.halves:
        parts.append(fill(HALVES))
    parts += [
        fill(CHANGED, month=named(month), what=what)
        for month, what in sorted(changed.items())
        if found.first <= month <= found.last
    ]
    return replace(found, text=joined(parts, " "))


def _found(found: Interrupted, names: tuple[Text, Text]) -> Text:
    return fill(
        FOUND,
        at=named(found.at),
        ours=names[0],
        theirs=names[1],
        step=signed(found.step),
        level=percent(found.step_interval.level, 0),
        before=number(found.at - found.first),
        after=number(found.last - found.at + 1),
        verdict=fill(_verdict(found.step_interval)),
        **_ends(found.step_interval),
    )


def _verdict(interval: Interval) -> Message:
    if interval.low <= 0 <= interval.high:
        return NOTHING
    return FELL if interval.high < 0 else ROSE


def _mean(found: Interrupted) -> Text:
    after = number(found.last - found.at + 1)
    return fill(MEAN, after=after, mean=signed(found.mean), **_ends(found.mean_interval))


def _say_drift(found: Interrupted) -> Text:
    parallel = found.drift_interval.low <= 0 <= found.drift_interval.high
    message = PARALLEL if parallel else APART
    return fill(message, drift=signed(found.drift), **_ends(found.drift_interval))


def _say_placebo(found: Interrupted) -> Text:
    if found.placebo is None:
        return fill(NO_PLACEBO)
    return fill(PLACEBO, dates=number(found.placebo.dates), larger=number(found.placebo.larger))


def _ends(interval: Interval) -> dict[str, Text]:
    return {"low": signed(interval.low), "high": signed(interval.high)}
