"""Axes of a picture: which months, which values have a rule, and where nothing is published."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

from watchfloor.scorecard.findings import Curve, Plot

STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
"""Between two rules, times a power of ten."""

RULES: Final = 5
"""About so many rules across a panel."""

PUBLISHED: Final = frozenset({"ours", "control"})
"""Roles whose missing months are gaps in what was published; a model has no value before it begins."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Scale of a panel.

    Attributes:
        first, last: months, see `index`.
        ticks: values with a rule, the lowest first.
        top: where the panel ends, not below the last rule.
        threshold: a value to compare with, if there is one.
        gaps: months of which a published curve has no value.
    """

    first: int
    last: int
    ticks: tuple[float, ...]
    top: float
    threshold: float | None
    gaps: tuple[int, ...]

    def over(self, other: Self) -> Self:
        """The same values over another's months."""
        return replace(self, first=other.first, last=other.last)

    @property
    def digits(self) -> int:
        """Decimals that tell the rules apart."""
        step = self.ticks[1] - self.ticks[0]
        return next((n for n in range(6) if math.isclose(step, round(step, n), rel_tol=1e-6)), 6)

    def value(self, curve: Curve, month: float) -> float | None:
        """Of a curve in a month; None outside of it and where it is not published."""
        at = int(month) - index(curve.start)
        return curve.values[at] if 0 <= at < len(curve.values) else None


def index(month: str) -> int:
    """The number of a month such as `2024-06`: twelve times the year and the months since January."""
    year, _, of_year = month.partition("-")
    return 12 * int(year) + int(of_year) - 1


def panels(curves: Sequence[Curve]) -> list[tuple[Curve, ...]]:
    """Curves of one unit together, in their order: two units on one axis would mislead."""
    found: dict[str, list[Curve]] = {}
    for one in curves:
        found.setdefault(one.unit.en, []).append(one)
    return [tuple(each) for each in found.values()]


def scale(plot: Plot, curves: Sequence[Curve], *, first: bool = True) -> Scale:
    """Return the scale of a plot's curves; the threshold belongs to the first panel.

    Raises `ValueError` where there is no month.
    """
    starts = [index(one.start) for one in curves if one.values]
    if not starts:
        raise ValueError(f"plot {plot.name} has no month")
    ends = [index(one.start) + len(one.values) - 1 for one in curves if one.values]
    threshold = plot.threshold if first else None
    low, high = _reach([*_values(curves), *(() if threshold is None else (threshold,))])
    ticks = rules(low, high)
    return Scale(min(starts), max(ends), ticks, max(ticks[-1], high), threshold, tuple(_gaps(curves)))


def rules(low: float, high: float) -> tuple[float, ...]:
    """Round values from at or below the low to within a step of the high."""
    rough = (high - low) / RULES
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(s * power for s in STEPS if s * power >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.floor(high / step + 1e-9)
    return tuple(n * step for n in range(first, max(last, first + 1) + 1))


def _values(curves: Sequence[Curve]) -> Iterable[float]:
    for one in curves:
        for side in (one.values, one.low, one.high):
            yield from (value for value in side if value is not None and math.isfinite(value))


def _reach(values: Sequence[float]) -> tuple[float, float]:
    """From zero, or from below it, to a little above the highest."""
    low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
    if low == high:
        high = 1.0
    return low, high + 0.04 * (high - low)


def _gaps(curves: Sequence[Curve]) -> list[int]:
    return sorted(
        {
            index(one.start) + at
            for one in curves
            if one.role in PUBLISHED
            for at, value in enumerate(one.values)
            if value is None
        }
    )
