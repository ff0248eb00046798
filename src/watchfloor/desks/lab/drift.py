"""Whether an instrument drifts, by what it measures of its calibrant.

A self-starting CUSUM (Hawkins, Journal of Quality Technology 19, 1987): each measurement is compared with
those before it, so no true value and no spread need be known; the departures are summed both ways, half a
standard deviation forgiven each time (k = 0.5), and a sum of five is a drift (h = 5). One departure counts as
four deviations at most, so that a single wild value is none. How rare false alarms
are, and how late a drift is heard: `./dev bench lab.drift`.
"""

from collections.abc import Sequence
from math import sqrt
from typing import Final, Literal, NamedTuple

ALLOWED: Final = 0.5
LIMIT: Final = 5.0
MOST: Final = 4.0
"""Standard deviations that one measurement counts at most."""
FIRST: Final = 4
"""Measurements before the first comparison: of fewer the spread is not known."""


class Drift(NamedTuple):
    """Which way it went, and the number of the measurement with which that began, from 0."""

    way: Literal["up", "down"]
    since: int


def drift(measured: Sequence[float], resolution: float = 0.0) -> Drift | None:
    """The first drift in a series; None where there is none, or too few measurements.

    Args:
        measured: one calibrant's value in the order of time.
        resolution: the last digit of the instrument's display; rounding alone spreads values by its share.
    """
    least = resolution / sqrt(12)
    mean, squares = 0.0, 0.0
    sums, began = [0.0, 0.0], [0, 0]
    for number, value in enumerate(measured):
        if number >= FIRST:
            score = _score(value, number, mean, max(sqrt(squares / (number - 1)), least))
            for side, signed in enumerate((score, -score)):
                if sums[side] == 0.0:
                    began[side] = number
                sums[side] = max(0.0, sums[side] + signed - ALLOWED)
                if sums[side] > LIMIT:
                    return Drift("up" if side == 0 else "down", began[side])
        step = value - mean
        mean += step / (number + 1)
        squares += step * (value - mean)
    return None


def _score(value: float, count: int, mean: float, spread: float) -> float:
    """How far a value is from those before it, as a standard normal deviate."""
    from scipy.special import ndtri, stdtr

    if spread == 0.0:
        return 0.0 if value == mean else MOST if value > mean else -MOST
    t = (value - mean) / spread * sqrt(count / (count + 1))
    tail = float(stdtr(count - 1, -abs(t)))
    far = min(-float(ndtri(max(tail, 1e-300))), MOST)
    return far if t > 0 else -far
