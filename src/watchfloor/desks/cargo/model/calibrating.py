"""What raw log-odds are worth, by declarations that the trial did not learn from."""

from collections.abc import Callable
from typing import Final

import numpy as np

from watchfloor.desks.cargo.model.fitted import Line
from watchfloor.desks.cargo.model.inputs import Codes, Floats

LATER: Final = 0.2
"""Share of the examined declarations, the latest, that judge."""
ENOUGH: Final = 50
"""Findings, and examinations without one, that later declarations of new goods must hold to judge."""
FIFTHS: Final = 5
FLATTEST: Final = 0.05
"""Slope below which nothing is learned: a model that errs is calibrated to say next to nothing."""


def calibrated(
    trial: Callable[[Codes, Codes], Floats],
    group: Codes,
    at: Codes,
    found: Floats,
    weight: Floats,
    seed: int,
) -> Line:
    """The line from raw to calibrated log-odds.

    Judged by the latest fifth, without goods that were declared before: what is declared again and again
    would make a model look surer than it is. Where that leaves too few, half of the goods judge the other.

    Args:
        trial: raw log-odds of the rows given second, by a model that learned from those given first.
        group: which rows are of the same goods.
        at: when each was examined.
        found: 1 or 0.
        weight: of each row.
        seed: of the halves.
    """
    order = np.argsort(at, kind="stable")
    cut = len(order) - int(LATER * len(order))
    past, judged = order[:cut], order[cut:]
    judged = judged[(at[judged] > at[order[0]]) & ~np.isin(group[judged], group[past])]
    later = min(int(found[judged].sum()), int((1 - found[judged]).sum())) >= ENOUGH
    if later:
        raw = trial(past, judged)
    else:
        side = np.random.default_rng(seed).permutation(int(group.max()) + 1)[group] % 2
        halves = [np.flatnonzero(side == one) for one in (0, 1)]
        judged, raw = np.arange(len(found)), np.empty(len(found))
        for mine, other in (halves, halves[::-1]):
            raw[mine] = trial(other, mine) if _both(found[other]) and len(mine) else 0.0
    return _line(raw, found[judged], weight[judged], later)


def _both(found: Floats) -> bool:
    return 0 < int(found.sum()) < len(found)


def _line(raw: Floats, found: Floats, weight: Floats, later: bool) -> Line:
    from scipy.optimize import minimize
    from scipy.special import expit

    def loss(state: Floats) -> tuple[float, Floats]:
        odds = state[0] + state[1] * raw
        miss = weight * (expit(odds) - found)
        return float(weight @ (np.logaddexp(0, odds) - found * odds)), np.array([miss.sum(), miss @ raw])

    mean = float(np.average(found, weights=weight))
    bounds = [(None, None), (FLATTEST, None)]
    start, slope = minimize(loss, np.array([0.0, 1.0]), jac=True, method="L-BFGS-B", bounds=bounds).x
    chance = expit(start + slope * raw)
    return Line(
        float(start),
        float(slope),
        (len(found), int(found.sum())),
        later,
        (brier(chance, found, weight), brier(np.full(len(found), mean), found, weight)),
        (logloss(chance, found, weight), logloss(np.full(len(found), mean), found, weight)),
        reliability(chance, found, weight),
    )


def reliability(chance: Floats, found: Floats, weight: Floats) -> tuple[tuple[float, float], ...]:
    """Mean chance and share of findings of each fifth by chance: alike where chances are right."""
    parts = [one for one in np.array_split(np.argsort(chance, kind="stable"), FIFTHS) if len(one)]
    return tuple(
        (
            float(np.average(chance[one], weights=weight[one])),
            float(np.average(found[one], weights=weight[one])),
        )
        for one in parts
    )


def brier(chance: Floats, found: Floats, weight: Floats) -> float:
    """Mean squared error of chances (G. Brier, Monthly Weather Review 78, 1950)."""
    return float(np.average((chance - found) ** 2, weights=weight))


def logloss(chance: Floats, found: Floats, weight: Floats) -> float:
    """Mean of minus the natural logarithm of the chance of what came."""
    said = np.clip(np.where(found > 0, chance, 1 - chance), 1e-12, 1.0)
    return float(np.average(-np.log(said), weights=weight))
