"""Spectra made comparable: checked, and each as heights at places, whether it came as peaks or as a curve.

A curve (infrared, Raman, UV) loses its baseline by clipping its bands (SNIP: Ryan et al., Nucl. Instrum.
Methods B 34 (1988) 396), and is averaged over bins as wide as its bands. From there on one method serves all
techniques.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchfloor.formats.base import FormatError
from watchfloor.formats.lab.spectra.base import Spectrum

Floats = NDArray[np.float64]

MASS: Final = ("ms", "gc-ms", "lc-ms", "dart-ms")
CURVES: Final = {"ftir": "cm-1", "raman": "cm-1", "uv-vis": "nm", "ims": "ms", "nmr": "ppm"}
BIN: Final = {"ftir": 8.0, "raman": 8.0, "uv-vis": 4.0, "ims": 0.05, "nmr": 0.02}
"""Width of a bin of a curve, in the unit of its abscissa: about that of its bands."""
SNIP: Final = {"ftir": 12, "raman": 12, "uv-vis": 40, "ims": 10, "nmr": 10}
"""Half the width in bins of what is taken for a band, and not for baseline."""
FINE, TENTHS, NOMINAL, UNIT = 0.01, 0.06, 0.45, 1e-9
"""Tolerances: of masses stated accurately, to tenths, whole; and how far from whole a whole one may be."""
MAX_MZ: Final = 6000.0
FLOOR: Final = (0.002, 0.02)
"""Bounds, in heights of the highest peak, of what is taken for the noise of one."""


@dataclass(frozen=True, slots=True, eq=False)
class Peaks:
    """Heights at places, which is what search and identification compare.

    Attributes:
        x: places, ascending, (n,): m/z, or centres of the bins of a curve.
        y: heights above 0 of peaks, or not below 0 of bins; (n,), as loud as measured.
        domain: what may be compared with each other: `mass`, or the technique of a curve.
        technique: as stated or told, may be empty.
        voltage: in volts, None where unknown.
        tolerance: how far apart two places of one origin may be, in the unit of x.
        low, high: from where to where it was measured; a peak outside was not looked for.
        floor: what noise is as high as, in units of y.
    """

    x: Floats
    y: Floats
    domain: str
    technique: str
    voltage: float | None
    tolerance: float
    low: float
    high: float
    floor: float


def checked(one: Spectrum, technique: str = "") -> Spectrum:
    """The same spectrum, of a technique and in a unit that can be compared.

    Args:
        one: as a reader gave it.
        technique: what the caller says that it is, where the file does not.

    Raises:
        FormatError: nothing can be concluded from it; the message names its file and what is wrong.
    """
    from dataclasses import replace

    name = where(one)
    if not len(one.x) or len(one.x) != len(one.y):
        raise FormatError(f"{name} has no peaks")
    if not (np.isfinite(one.x).all() and np.isfinite(one.y).all()):
        raise FormatError(f"{name} holds numbers that are none (NaN or infinite)")
    known = one.technique or technique or ("ms" if one.x_unit in ("m/z", "") and one.centroid else "")
    if one.technique and technique and _domain(one.technique) != _domain(technique):
        raise FormatError(f"{name} says that it is of {one.technique}, not of {technique}")
    if one.technique == "ms" and technique in MASS:
        known = technique
    if _domain(known) == "":
        over = f" over {one.x_unit}" if one.x_unit else ""
        raise FormatError(
            f"{name} is a curve{over} and does not say of what technique: "
            f"say it with --technique ({', '.join(CURVES)})"
        )
    one = replace(one, technique=known)
    return _mass(one, name) if known in MASS else _curve(one, name)


def where(one: Spectrum) -> str:
    """How a message names a spectrum."""
    file = one.said.get("file", "")
    return f"{file} ({one.locator})" if file and one.locator not in ("line 1", "") else file or one.name


def peaks(one: Spectrum, tolerance: float | None = None) -> Peaks:
    """Heights at places, of a spectrum that passed `checked`.

    Args:
        one: the spectrum.
        tolerance: in m/z, for peaks; None takes 0.01, 0.06 where all masses are stated to tenths, and 0.45
            where all are whole numbers.
    """
    if one.technique in MASS:
        keep = one.y > 0
        within = tolerance or _tolerance(one.x)
        x, y = _merged(one.x[keep], one.y[keep], within / 2)
        floor = float(np.clip(np.quantile(y, 0.1) / y.max(), *FLOOR) * y.max())
        return Peaks(x, y, "mass", one.technique, one.voltage, within, float(x[0]), float(x[-1]), floor)
    width = BIN[one.technique]
    x, y, noise = binned(one.x, one.y, width, SNIP[one.technique], one.centroid)
    floor = float(np.clip(max(noise, 0.01 * y.max()), FLOOR[0] * y.max(), 0.2 * y.max()))
    return Peaks(x, y, one.technique, one.technique, None, 0.1 * width, float(x[0]), float(x[-1]), floor)


def binned(x: Floats, y: Floats, width: float, snip: int, centroid: bool) -> tuple[Floats, Floats, float]:
    """A curve as heights above its baseline in bins: centres, heights not below 0, noise of a bin.

    Args:
        x, y: the curve, ascending; (n,).
        width: of a bin; their centres are its multiples, so that those of two curves meet.
        snip: see `SNIP`.
        centroid: whether x, y are peaks already: they have no baseline, and what lies between is 0.
    """
    first, last = int(np.ceil(x[0] / width)), int(np.floor(x[-1] / width))
    if last - first < 4:
        first, last = int(np.floor(x[0] / width)) - 2, int(np.ceil(x[-1] / width)) + 2
    centres = np.arange(first, last + 1).astype(np.float64)
    place = np.clip(np.round(x / width).astype(np.int64) - first, 0, len(centres) - 1)
    if centroid:
        heights: Floats = np.zeros(len(centres), np.float64)
        np.maximum.at(heights, place, np.maximum(y, 0))
        return centres * width, heights, 0.0
    count = np.bincount(place, minlength=len(centres))
    mean = np.asarray(np.bincount(place, y, len(centres)) / np.maximum(count, 1), np.float64)
    empty = count == 0
    mean[empty] = np.interp(centres[empty] * width, x, y)
    steps = np.diff(y, 2)
    noise = float(np.median(np.abs(steps)) / 0.6745 / np.sqrt(6)) if len(steps) else 0.0
    noise /= np.sqrt(max(1.0, float(np.median(count[~empty])))) if (~empty).any() else 1.0
    return centres * width, np.maximum(mean - _baseline(mean, snip), 0.0), noise


def _baseline(y: Floats, snip: int) -> Floats:
    base = y.copy()
    for half in range(snip, 0, -1):
        if 2 * half < len(base):
            mean = (base[: -2 * half] + base[2 * half :]) / 2
            base[half:-half] = np.minimum(base[half:-half], mean)
    return base


def _domain(technique: str) -> str:
    return "mass" if technique in MASS else technique if technique in CURVES else ""


def _mass(one: Spectrum, name: str) -> Spectrum:
    if one.x_unit not in ("m/z", "", "M/Z"):
        raise FormatError(f"{name} is of {one.technique}, but over {one.x_unit} and not m/z")
    if (one.y < 0).any():
        raise FormatError(f"{name} has {int((one.y < 0).sum())} negative intensities, which no ions have")
    if not one.y.any():
        raise FormatError(f"{name} has no peaks: every intensity is 0")
    if one.x[0] <= 0 or one.x[-1] > MAX_MZ:
        raise FormatError(
            f"{name} has m/z from {one.x[0]:g} to {one.x[-1]:g}: "
            "are its columns swapped, or is it no mass spectrum?"
        )
    if not one.centroid and len(one.x) > 8:
        one = _picked(one)
    return one


def _picked(one: Spectrum) -> Spectrum:
    """Peaks of a mass spectrum that came as a curve: each local maximum above the noise, at its centre."""
    from dataclasses import replace

    y = one.y
    tops = np.flatnonzero((y[1:-1] > y[:-2]) & (y[1:-1] >= y[2:]) & (y[1:-1] > FLOOR[0] * y.max())) + 1
    if not len(tops):
        tops = np.array([int(y.argmax())])
    around = np.clip(tops[:, None] + np.arange(-1, 2)[None], 0, len(y) - 1)
    x = (one.x[around] * y[around]).sum(1) / y[around].sum(1)
    told = "it came as a curve, not as peaks: local maxima were taken"
    return replace(one, x=x, y=y[tops], centroid=True, doubts=(*one.doubts, told))


def _curve(one: Spectrum, name: str) -> Spectrum:
    from dataclasses import replace

    unit = CURVES[one.technique]
    if one.x_unit == "um" and unit == "cm-1" and one.x[0] > 0:
        one = replace(one, x=1e4 / one.x[::-1], y=one.y[::-1], x_unit=unit)
    if one.x_unit not in (unit, ""):
        raise FormatError(f"{name} is of {one.technique}, but over {one.x_unit} and not {unit}")
    if one.technique == "ftir" and "trans" in one.y_unit.lower():
        share = one.y / (100.0 if np.quantile(one.y, 0.9) > 2 else 1.0)
        one = replace(one, y=-np.log10(np.clip(share, 1e-4, None)), y_unit="absorbance")
    if np.ptp(one.y) <= 0 and len(one.y) > 1:
        raise FormatError(f"{name} has no peaks: every one of its {len(one.y)} points has the same height")
    return one


def _tolerance(x: Floats) -> float:
    """By the digits that masses are stated with: whole numbers, tenths, or more."""
    if (np.abs(x - np.round(x)) < UNIT).all():
        return NOMINAL
    return TENTHS if (np.abs(10 * x - np.round(10 * x)) < 10 * UNIT).all() else FINE


def _merged(x: Floats, y: Floats, gap: float) -> tuple[Floats, Floats]:
    """Peaks closer than an instrument tells apart become one at their centre."""
    group = np.concatenate([[0], np.cumsum(np.diff(x) > gap)])
    total = np.bincount(group, y).astype(np.float64)
    return np.bincount(group, x * y) / total, total
