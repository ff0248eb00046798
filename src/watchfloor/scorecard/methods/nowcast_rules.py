"""Points of a nowcast: four simple rules, each weighing as much as it was right.

A rule that knows the season is better over twenty years and worse over six with a break in them, and which it
will be is not known beforehand. So past errors decide, every month and for each month ahead anew.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from watchfloor.scorecard.methods.seasons import effects

Floats = npt.NDArray[np.float64]

RULES: Final = ((True, 0.7), (True, 1.0), (False, 0.7), (False, 1.0))
"""Whether a rule knows the season, and the weight of the newest month in its level."""
JUDGED: Final = 24
"""Months over which rules are judged."""
LEAST_JUDGED: Final = 6
"""With fewer months all rules weigh the same."""
SHARPNESS: Final = 8
"""A rule that was twice as far off weighs the 2⁸th part."""
FIRST: Final = 24
"""Months before the first forecast that is held against what came."""
_TINY: Final = 1e-9


def forecast(logs: Floats, ahead: int) -> Floats:
    """Logarithms of the months after the last, from those of all months before."""
    said = rules(logs, ahead)
    past = _rule_errors(logs, ahead)
    return np.array([_weights(past, len(logs), later) @ said[:, later] for later in range(ahead)])


def rules(logs: Floats, ahead: int) -> Floats:
    """What each rule says of the months after the last, a row a rule."""
    season = effects(logs)
    months = np.arange(len(logs) + ahead) % 12
    found = [
        _level(logs - known * season[months[: len(logs)]], newest) + known * season[months[len(logs) :]]
        for known, newest in RULES
    ]
    return np.array(found)


def mixed_errors(logs: Floats, ahead: int) -> Floats:
    """What came less what would have been said, a row a month from which it looked ahead; `nan` before the
    first, and where nothing came yet."""
    past = _rule_errors(logs, ahead)
    errors = np.full((len(logs), ahead), np.nan)
    for month in range(FIRST, len(logs)):
        for later in range(min(ahead, len(logs) - month)):
            errors[month, later] = _weights(past, month, later) @ past[:, month, later]
    return errors


def _level(logs: Floats, newest: float) -> float:
    """Exponential smoothing from the first month on."""
    weights = newest * (1 - newest) ** np.arange(len(logs) - 1.0, -1, -1)
    weights[0] = (1 - newest) ** (len(logs) - 1.0)
    return float(weights @ logs)


def _rule_errors(logs: Floats, ahead: int) -> Floats:
    """What came less what each rule said: rules, months, months ahead."""
    errors = np.full((len(RULES), len(logs), ahead), np.nan)
    for month in range(FIRST, len(logs)):
        came = logs[month : month + ahead]
        errors[:, month, : len(came)] = came - rules(logs[:month], ahead)[:, : len(came)]
    return errors


def _weights(errors: Floats, month: int, later: int) -> Floats:
    """What each rule weighs at a month, for `later` months after it: only errors known by then count."""
    known = np.abs(errors[:, max(FIRST, month - later - JUDGED) : month - later, later])
    if known.shape[1] < LEAST_JUDGED:
        return np.full(len(RULES), 1 / len(RULES))
    off = np.maximum(known.mean(axis=1), _TINY)
    weights: Floats = (off / off.min()) ** -SHARPNESS
    weights /= weights.sum()
    return weights
