"""Chromatograms as impurity profiles: peaks with their areas, as `base.Spectrum` carries them into a reading.

A profile is a list of peaks by retention time, in minutes. Areas are the laboratory's own where its file has
a table of peaks; otherwise each peak is integrated here, from valley to valley or foot to foot (N. Dyson,
Chromatographic Integration Methods, 1998), above the lower convex hull of the curve there: no area is
negative, and noise raises small ones. Areas are kept as they are and as shares of their sum. A peak bears the
label that the laboratory gave it, or its retention time: nothing is identified here.
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from math import inf, isfinite
from typing import Final, NamedTuple

import numpy as np

from watchfloor.formats.lab.reading_quality import AREAS_LEFT_OUT, BLANK, PEAK, PEAKS_SATURATED
from watchfloor.formats.lab.spectra.base import Spectrum
from watchfloor.formats.lab.spectra.points import Floats, NoPointsError

UNITS: Final[Mapping[str, float]] = {
    **dict.fromkeys(("second", "seconds", "sec", "s"), 1 / 60),
    **dict.fromkeys(("minute", "minutes", "min"), 1.0),
}
"""Minutes in a unit of time, by how files write it."""

NOISES: Final = 6.0
"""Standard deviations of the noise that a peak stands out by: an area of less is no peak (judgement)."""
LEAST: Final = 1e-3
"""Least height of a peak, of the highest: a thousandth (judgement)."""
REACH: Final = 2.5
"""Widths at half height that a peak reaches on either side: six standard deviations of a Gaussian one."""
FLAT: Final = 4
"""Points in turn at the very highest value from which a detector was at its end."""
MOST: Final = 200
"""Peaks that are kept of one profile, the largest."""


class Peak(NamedTuple):
    """A peak: retention time in minutes, height and area in units of the detector, the laboratory's label."""

    time: float
    height: float
    area: float
    label: str = ""


@np.errstate(over="ignore", invalid="ignore")  # of numbers near the largest
def integrated(time: Floats, signal: Floats) -> list[Peak]:
    """The peaks of a curve that stand out of its noise, in its order.

    Args:
        time: minutes, ascending; (n,).
        signal: of the detector; (n,), finite.
    """
    from scipy.signal import find_peaks, peak_widths

    if len(signal) < 5 or (span := float(np.ptp(signal))) <= 0 or not np.isfinite(span):
        return []
    # The second difference of white noise has a variance of 6; drift and peaks hardly move its median.
    noise = float(np.median(np.abs(np.diff(signal, 2)))) / 0.6745 / 6**0.5
    least = max(NOISES * noise, LEAST * span)
    tops, found = find_peaks(signal, prominence=max(least, np.finfo(float).tiny))
    wide = np.maximum(peak_widths(signal, tops, 0.5, tuple(found.values()))[0], 1.0) * REACH
    valleys = [first + int(signal[first:second].argmin()) for first, second in pairwise(tops)]
    peaks = []
    for number, top in enumerate(tops):
        low = valleys[number - 1] if number else 0
        high = valleys[number] if number < len(valleys) else len(signal) - 1
        low, high = max(low, int(top - wide[number])), min(high, int(np.ceil(top + wide[number])))
        at, over = time[low : high + 1], signal[low : high + 1]
        feet = _lower_hull(at.tolist(), over.tolist())
        above = over - np.interp(at, at[feet], over[feet])
        peaks.append(Peak(float(time[top]), float(above[top - low]), float(np.trapezoid(above, at)) * 60))
    return peaks


def _lower_hull(x: list[float], y: list[float]) -> list[int]:
    """Indices of the lower convex hull of a curve, which lies nowhere above it (Andrew's monotone chain)."""
    hull: list[int] = []
    for new in range(len(x)):
        while len(hull) > 1:
            a, b = hull[-2], hull[-1]
            if (x[b] - x[a]) * (y[new] - y[a]) > (y[b] - y[a]) * (x[new] - x[a]):
                break
            hull.pop()
        hull.append(new)
    return hull


def saturated(signal: Floats) -> bool:
    """Whether a curve runs flat at its very top, as it does where a detector is at its end."""
    top = np.flatnonzero(signal == signal.max(initial=-np.inf))
    runs = np.split(top, np.flatnonzero(np.diff(top) != 1) + 1)
    return bool(np.ptp(signal) > 0 and max(map(len, runs)) >= FLAT) if len(signal) else False


def profile(
    peaks: Iterable[Peak],
    signal: Floats,
    *,
    name: str,
    technique: str,
    locator: str,
    said: Mapping[str, str],
    doubts: tuple[str, ...] = (),
) -> Spectrum:
    """A profile from peaks, each area as it is (`score`) and as a share of their sum.

    Raises:
        NoPointsError: it has no peak of a positive area, and does not say that it is a blank.
    """
    every = list(peaks)
    good = sorted(one for one in every if isfinite(one.area) and one.area > 0 and 0 <= one.time < inf)
    if not good and said.get("matrix") != BLANK:
        raise NoPointsError(
            "no peak with an area stands out of it: it is a blank, or nothing was injected. A blank says so"
            " in its sample's type or name"
        )
    flags = [AREAS_LEFT_OUT] if len(good) < len(every) else []
    flags += [PEAKS_SATURATED] if saturated(signal) else []
    total = sum(one.area for one in good)
    kept = sorted(sorted(good, key=lambda one: -one.area)[:MOST])
    results = [
        {
            "substance": None,
            "name": f"{PEAK}{one.label or f'{one.time:.3f} min'}",
            "level": "inconclusive",
            "score": one.area,
            "share": one.area / total,
            "by": "signal",
        }
        for one in kept
    ]
    times, heights = (np.array([one[column] for one in kept], np.float64) for column in (0, 1))
    return Spectrum(
        *(name, technique, times, heights, "min", "detector units", True, locator),
        said={key: text for key, text in said.items() if text},
        doubts=(*doubts, *flags),
        results=tuple(results),
    )
