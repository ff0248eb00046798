"""Points of a spectrum put in order: ascending, finite, and what was wrong with them said."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

RANGES: Final = {
    "m/z": (0.0, 1e6),
    "cm-1": (-6e3, 6e4),
    "nm": (1.0, 1e6),
    "um": (0.01, 1e4),
    "ppm": (-2e3, 3e4),
    "ms": (0.0, 1e9),
}
"""What an abscissa in a unit may hold; outside it the unit is doubted. Raman shifts and ppm go below 0."""


class NoPointsError(ValueError):
    """A spectrum without a single point that can be used."""


class Points(NamedTuple):
    """Abscissa and ordinate, ascending and finite, and a sentence for each thing that was wrong."""

    x: Floats
    y: Floats
    doubts: tuple[str, ...]


def points(x: ArrayLike, y: ArrayLike, unit: str, *, counts: bool) -> Points:
    """Points as `base.Spectrum` holds them.

    Args:
        x: abscissa, in the file's order, which may descend as infrared spectra do.
        y: ordinate, as many.
        unit: of `x`, as `base.Spectrum.x_unit`.
        counts: whether the ordinate counts ions, and so cannot be negative.

    Raises:
        NoPointsError: nothing is left, or all of it is zero ions.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # of numbers near the largest
        return _points(np.asarray(x, np.float64), np.asarray(y, np.float64), unit, counts)


def is_peak_list(x: Floats) -> bool:
    """Whether abscissas lie as peaks do, here and there, and not as samples of a curve do.

    The gaps of a sampled axis change slowly: the widest is hardly wider than the median.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        gaps = np.abs(np.diff(x))
        return len(gaps) < 8 or bool(gaps.max() > 4 * np.median(gaps))


def _points(xs: Floats, ys: Floats, unit: str, counts: bool) -> Points:
    doubts: list[str] = []
    if counts and _swapped(xs, ys):
        xs, ys = ys, xs
        doubts.append("the first column was not in order and the second was: read as the axes exchanged")
    xs, ys, dropped = _usable(xs, ys, unit, counts)
    doubts += dropped
    if not len(xs):
        raise NoPointsError(f"it holds no point that can be used{': ' + '; '.join(doubts) if doubts else ''}")
    if counts and not ys.any():
        raise NoPointsError("every one of its intensities is zero")
    xs, ys, disorder = _ascending(xs, ys)
    low, high = RANGES.get(unit, (-np.inf, np.inf))
    if xs[0] < low or xs[-1] > high:
        doubts.append(f"its abscissa runs from {xs[0]:g} to {xs[-1]:g}, which is no range of {unit}")
    return Points(xs, ys, tuple(doubts + disorder))


def _swapped(x: Floats, y: Floats) -> bool:
    """Whether the second column is in order as an abscissa is, and the first one is not."""
    return len(x) > 4 and not _monotone(x) and _monotone(y) and bool((y > 0).all())


def _monotone(values: Floats) -> bool:
    steps = np.diff(values)
    return bool((steps > 0).all() or (steps < 0).all())


def _usable(x: Floats, y: Floats, unit: str, counts: bool) -> tuple[Floats, Floats, list[str]]:
    said = []
    finite = np.isfinite(x) & np.isfinite(y)
    if lost := int((~finite).sum()):
        said.append(f"{_said(lost)} without a finite number left out")
    keep = finite
    if counts and (lost := int((finite & (y < 0)).sum())):
        said.append(f"{_said(lost)} of negative intensity left out")
        keep = keep & ~(finite & (y < 0))
    if unit == "m/z" and (lost := int((keep & (x <= 0)).sum())):
        said.append(f"{_said(lost)} at no positive m/z left out")
        keep = keep & (x > 0)
    return x[keep], y[keep], said


def _said(count: int) -> str:
    return "1 point" if count == 1 else f"{count:,} points"


def _ascending(x: Floats, y: Floats) -> tuple[Floats, Floats, list[str]]:
    steps = np.diff(x)
    if (steps >= 0).all():
        return x, y, []
    if (steps <= 0).all():
        return x[::-1].copy(), y[::-1].copy(), []
    order = np.argsort(x, kind="stable")
    return x[order], y[order], ["its abscissa went up and down: put in order"]
