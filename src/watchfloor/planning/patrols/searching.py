"""The search for one object that drifts: where it probably is, where to look, and what finding nothing means.

Where effort z in a cell finds what is there with probability 1 - exp(-rate z), a total of effort finds most
if each cell that is searched has the same gain left (B. O. Koopman, Operations Research 5, 1957; L. D. Stone,
"Theory of Optimal Search", 1975). What was searched in vain becomes less probable by Bayes' rule.
"""

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from scipy.ndimage import gaussian_filter, shift

from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import declare, reason
from watchfloor.planning.patrols.filling import price

Floats = npt.NDArray[np.float64]

BAD_MAP = declare("patrols.search-map")
BAD_EFFORT = declare("patrols.search-effort")


class Map(Struct, frozen=True):
    """Probabilities of where the object is.

    Attributes:
        inside: of each cell, in an array of any shape.
        outside: that it is in none of them.
    """

    inside: Floats
    outside: float = 0.0


def prior(weights: Floats, outside: float = 0.0) -> Map:
    """Make a map of weights, which need not sum to 1.

    Raises:
        Unusable: a weight is negative or missing, or all are zero.
    """
    total = float(weights.sum()) if np.isfinite(weights).all() else 0.0
    if not total > 0 or (weights < 0).any() or not 0 <= outside < 1:
        raise Unusable(reason(BAD_MAP))
    return Map(weights / total * (1 - outside), outside)


def allocate(probabilities: Map, rates: Floats, effort: float) -> Floats:
    """Share out effort so that the object is found with the greatest probability.

    Args:
        probabilities: where it is.
        rates: of detection by a unit of effort in each cell: width of sweep by speed, by the cell's area. At
        0
            nothing can be found, and nothing is spent.
        effort: in all.

    Raises:
        Unusable: effort or a rate is negative or missing.
    """
    _refuse(rates, np.array([effort]))
    found = np.zeros_like(probabilities.inside)
    open_ = (probabilities.inside > 0) & (rates > 0)
    if not open_.any():
        return found
    rate = rates[open_]
    # ln(p rate) - rate z is the same wherever z > 0: the price at which demands (ln(p rate) - price) / rate
    # sum up.
    gain = np.log(probabilities.inside[open_]) + np.log(rate)
    found[open_] = np.maximum(0.0, (gain - price(gain, rate, effort)) / rate)
    return found


def success(probabilities: Map, rates: Floats, effort: Floats) -> float:
    """Compute the probability that a search finds the object."""
    return float(np.sum(probabilities.inside * -np.expm1(-rates * effort)))


def update(probabilities: Map, rates: Floats, effort: Floats) -> Map:
    """Compute where the object is, once a search has found nothing.

    Raises:
        Unusable: effort or a rate is negative or missing.
    """
    _refuse(rates, effort)
    # In logarithms: after much searching every cell's product may be too small for a number.
    with np.errstate(divide="ignore"):
        inside = np.log(probabilities.inside) - rates * effort
        outside = np.log(probabilities.outside)
    top = max(float(inside.max()), float(outside))
    left, beyond = np.exp(inside - top), float(np.exp(outside - top))
    total = float(left.sum()) + beyond
    return Map(left / total, beyond / total)


def drift(probabilities: Map, rows: float, columns: float, spread: float) -> Map:
    """Move a map by a current, and blur it by what is not known of that; what leaves it is outside.

    Args:
        probabilities: [rows, columns].
        rows, columns: cells that the object drifts.
        spread: standard deviation of the drift, in cells.
    """
    reach = int(np.ceil(max(abs(rows), abs(columns)) + 4 * spread)) + 1
    wide = np.pad(probabilities.inside, reach)
    moved = np.maximum(0.0, shift(wide, (rows, columns), order=1, mode="constant"))
    if spread > 0:
        moved = gaussian_filter(moved, spread, mode="constant")
    inside = moved[reach:-reach, reach:-reach]
    kept = float(probabilities.inside.sum())
    inside = inside * min(1.0, kept / float(inside.sum())) if inside.sum() > kept else inside
    return Map(inside, probabilities.outside + max(0.0, kept - float(inside.sum())))


def _refuse(*numbers: Floats) -> None:
    if any(not (np.isfinite(one).all() and (one >= 0).all()) for one in numbers):
        raise Unusable(reason(BAD_EFFORT))
