"""The peaks of a spectrum: those that it lists, or those of its curve."""

from typing import Final, NamedTuple

import numpy as np

from watchfloor.formats.spectra.base import Spectrum
from watchfloor.formats.spectra.points import Floats

MOST: Final = 512
"""Peaks that are kept of one spectrum, the highest."""
LEAST: Final = 0.005
"""Lowest peak of a curve that is kept, and the least that it stands out, of the highest there."""
DIPS: Final = ("transmittance", "reflectance", "percent")
"""Ordinates that fall where a substance absorbs."""


class Peaks(NamedTuple):
    """Positions, ascending, and heights relative to the highest, 0 to 1."""

    x: Floats
    height: Floats


def peaks(spectrum: Spectrum, most: int = MOST) -> Peaks:
    """The highest peaks of a spectrum.

    Of a list its own; of a curve its maxima that stand out by `LEAST` (their topographic prominence), of
    transmittance and reflectance its minima. Positions below 0 are left out: records have none.
    """
    x, y = (spectrum.x, spectrum.y) if spectrum.centroid else _of_curve(spectrum)
    use = (x >= 0) & (y > 0)
    x, y = x[use], y[use]
    if not len(y):
        return Peaks(x, y)
    kept = np.sort(np.argsort(-y, kind="stable")[:most])
    return Peaks(x[kept], y[kept] / y.max())


def _of_curve(spectrum: Spectrum) -> tuple[Floats, Floats]:
    from scipy.signal import find_peaks

    falls = any(word in spectrum.y_unit.lower() for word in DIPS)
    top = float(np.abs(spectrum.y).max())
    y = spectrum.y / top if top > 0 else spectrum.y  # so that no difference is too large for a number
    y = y.max() - y if falls else y - min(float(y.min()), 0.0)
    least = LEAST * float(y.max(initial=0))
    at, _ = find_peaks(np.concatenate([[0.0], y, [0.0]]), height=least, prominence=max(least, 1e-300))
    return spectrum.x[at - 1], y[at - 1]
