"""The abscissa of a JCAMP-DX table that states only its ends, checked against the start of each line."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from watchfloor.formats.spectra.jcamp_digits import Floats, Sums


@dataclass(frozen=True, slots=True)
class Ends:
    """What a file says of an abscissa; what is None it does not say.

    Attributes:
        first: of the first point.
        last: of the last point.
        step: between points.
        factor: what the abscissas that lines begin with are multiplied with.
        count: how many points there are.
    """

    first: float | None
    last: float | None
    step: float | None
    factor: float
    count: int | None


class Axis(NamedTuple):
    """The abscissa of each ordinate, NaN where none can be told, and what the checks found."""

    x: Floats
    doubts: list[str]


def axis(sums: Sums, ends: Ends) -> Axis:
    """The abscissas of a table of `(X++(Y..Y))`.

    Where the declared number of points is that found, they lie evenly between the ends, as the standard says.
    Where it is not, either the number lies or points are missing: of the evenly spaced abscissas that the
    file could mean, those that agree with the lines are taken; where none does, the lines' own.
    """
    n = len(sums.y)
    starts = sums.line_x * ends.factor
    slack = abs(ends.factor) / 2 + 1e-9 * float(np.abs(starts).max(initial=0))
    candidates = _candidates(sums, starts, ends)
    declared = ends.count == n and ends.first is not None and ends.last is not None
    if not candidates:
        return Axis(_by_lines(sums, starts), [])
    axes = [_evenly(first, step, n) for step, first in candidates[: 1 if declared else None]]
    misses = [_miss(x, sums, starts) for x in axes]
    best = int(np.argmin([miss.max(initial=0) for miss in misses]))
    step, x = candidates[best][0], axes[best]
    off = misses[best] > 1.01 * abs(step) + slack
    if not off.any():
        return Axis(x, [])
    doubt = f"{int(off.sum())} of {len(starts)} lines begin at another abscissa than is due"
    if declared:
        return Axis(x, [doubt + ", the first at " + _where(x, sums, starts, off)])
    return _within(Axis(_by_lines(sums, starts), [doubt + ": their own are taken"]), ends)


def _within(made: Axis, ends: Ends) -> Axis:
    """Without points beyond the declared ends: such lines are of something else."""
    if ends.first is None or ends.last is None:
        return made
    low, high = sorted((ends.first, ends.last))
    margin = 0.01 * (high - low)
    beyond = (made.x < low - margin) | (made.x > high + margin)
    if not beyond.any() or beyond.all():
        return made
    said = f"{int(beyond.sum())} points beyond the declared ends, {low:g} and {high:g}, left out"
    return Axis(np.where(beyond, np.nan, made.x), [*made.doubts, said])


def _candidates(sums: Sums, starts: Floats, ends: Ends) -> list[tuple[float, float]]:
    """Step and first abscissa of what the file could mean, the declared one first."""
    n = len(sums.y)
    first = ends.first if ends.first is not None else (float(starts[0]) if len(starts) else 0.0)
    found = []
    if ends.last is not None:
        counts = [ends.count, n] if ends.count else [n]
        found = [((ends.last - first) / (count - 1) if count > 1 else 0.0, first) for count in counts]
    if ends.step:
        step = ends.step
        if ends.last is not None and (ends.last - first) * step < 0:
            step = -step
        found.append((step, first))
    return found


def _evenly(first: float, step: float, n: int) -> Floats:
    return first + step * np.arange(n, dtype=np.float64)


def _miss(x: Floats, sums: Sums, starts: Floats) -> Floats:
    """How far the abscissa of each line is from what the line says; of lines without an ordinate 0."""
    inside = sums.line_at < len(x)
    miss = np.zeros(len(starts))
    miss[inside] = np.abs(x[sums.line_at[inside]] - starts[inside])
    return miss


def _where(x: Floats, sums: Sums, starts: Floats, off: np.ndarray) -> str:
    line = int(np.argmax(off))
    return f"{starts[line]:g}, where {x[sums.line_at[line]]:g} is due"


def _by_lines(sums: Sums, starts: Floats) -> Floats:
    """Between the starts of lines evenly, behind the last as before it."""
    n = len(sums.y)
    at, first = np.unique(sums.line_at[sums.line_at < n], return_index=True)
    x = np.interp(np.arange(n), at, starts[first]) if len(at) else np.arange(n, dtype=np.float64)
    if len(at) > 1:
        step = (starts[first[-1]] - starts[first[-2]]) / (at[-1] - at[-2])
        x[at[-1] :] = starts[first[-1]] + step * np.arange(n - at[-1])
    return np.asarray(x, np.float64)
