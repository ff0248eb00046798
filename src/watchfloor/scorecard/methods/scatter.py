"""How much more months scatter than independent events would: what makes an exact interval too tight.

Seventeen thousand encounters are not seventeen thousand throws of a coin. Families cross together, a post is
opened, a rule is changed on a Tuesday; so months lie tens of times further from their neighbours than Poisson
counts do. The dispersion is measured on the months themselves: each against the straight line through the
months beside it, squared, over what independent events would give (Wedderburn, Biometrika 61 (1974), with the
mean of neighbours in place of a model). A count divided by it is worth so many independent events.

A season bends the line and a break kinks it: both count as scatter, so the dispersion is rather too large.
That one month leans on the one before is not in it: for sums over a year it is rather too small.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LEAST: Final = 12
"""Months with both neighbours, below which a dispersion is not told."""
NEWEST: Final = 60
"""Months that it is measured on, where a figure does not itself span more."""


def of_counts(values: Floats) -> float | None:
    """Variance of monthly counts (n,) over that of independent events, not below one.

    None where fewer than twelve months with both neighbours are published; `nan` is a month that is not.
    """
    before, here, after = values[:-2], values[1:-1], values[2:]
    return _mean(before - 2 * here + after, before + 4 * here + after)


def of_shares(part: Floats, whole: Floats) -> float | None:
    """The same of monthly shares of a part in a whole, both counts (n,), given the whole.

    Months in which the whole is zero have no share and are left out like those that are not published.
    """
    out_of = np.where(whole > 0, whole, np.nan)
    share = part / out_of
    pooled = (part[:-2] + part[1:-1] + part[2:]) / (out_of[:-2] + out_of[1:-1] + out_of[2:])
    each = 1 / out_of
    expected = pooled * (1 - pooled) * (each[:-2] + 4 * each[1:-1] + each[2:])
    return _mean(share[:-2] - 2 * share[1:-1] + share[2:], expected)


def _mean(apart: Floats, expected: Floats) -> float | None:
    """Mean of squares over what is expected of them, where something is."""
    known = expected > 0  # false for nan
    if np.count_nonzero(known) < LEAST:
        return None
    return max(1.0, float(np.mean(apart[known] ** 2 / expected[known])))
