"""Interrupted series on made-up data where the truth is known, beside Newey and West's errors; then on CBP's.

Of series in which nothing happened, a test at five per cent should find something in one of twenty, and an
interval of 95 % should hold the step that was put in in nineteen. Every cell is the same series for all
methods.
"""

import argparse
import time
from collections.abc import Iterator

import numpy as np
from scipy.stats import t as student

from benchmarks.scorecard import public
from watchfloor.scorecard.bilingual import Text
from watchfloor.scorecard.methods.interrupted import STEP, design, interrupted
from watchfloor.scorecard.methods.reml import fit
from watchfloor.scorecard.periods import month
from watchfloor.scorecard.problems import Unanswerable

WORLDS = 1000
SHAPES = ((12, 3), (24, 6), (36, 3), (36, 12), (36, 24))
CORRELATIONS = (0.0, 0.4, 0.8, 1.0)
"""The last is a series that wanders freely."""
TRUE = float(np.log(0.6))


def errors(rng: np.random.Generator, months: int, correlation: float) -> np.ndarray:
    """Of a logarithm; a standard deviation of 0.15, or steps of 0.15 for one that wanders."""
    shocks = rng.normal(0, 0.15, months + 60)
    if correlation == 1:
        return shocks[60:].cumsum()
    shocks *= np.sqrt(1 - correlation**2)
    for at in range(1, len(shocks)):
        shocks[at] += correlation * shocks[at - 1]
    return shocks[60:]


def ends(columns: np.ndarray, values: np.ndarray) -> Iterator[tuple[str, float, float]]:
    """Intervals of the step by each method."""
    weights = np.eye(columns.shape[1])[STEP]
    found = fit(columns, values)
    yield ("ours", *found.bounds(weights, 0.95)[1:])
    reach = student.ppf(0.975, len(values) - columns.shape[1]) * np.sqrt(weights @ found.covariance @ weights)
    step = float(found.coefficients[STEP])
    yield "REML, all months independent", step - reach, step + reach
    yield ("least squares", *_least_squares(columns, values, 0))
    yield ("Newey–West", *_least_squares(columns, values, max(1, round(0.75 * len(values) ** (1 / 3)))))


def _least_squares(columns: np.ndarray, values: np.ndarray, lags: int) -> tuple[float, float]:
    from statsmodels.regression.linear_model import OLS

    model = OLS(values, columns)
    kinds = {"maxlags": lags, "use_correction": True}
    fitted = model.fit(cov_type="HAC", cov_kwds=kinds, use_t=True) if lags else model.fit()
    low, high = fitted.conf_int()[STEP]
    return float(low), float(high)


def simulated(worlds: int) -> None:
    rows = []
    for before, after in SHAPES:
        columns = design(before, after)
        step = np.arange(-before, after) >= 0
        for correlation in CORRELATIONS:
            rng = np.random.default_rng(7)
            tally: dict[str, list[tuple[bool, bool, float]]] = {}
            for _ in range(worlds):
                noise = errors(rng, before + after, correlation)
                for name, low, high in ends(columns, noise + TRUE * step):
                    rejected = not low - TRUE <= 0 <= high - TRUE
                    tally.setdefault(name, []).append((rejected, low <= 0 <= high, high - low))
            rows.append(
                (
                    f"{before}+{after}",
                    "wanders" if correlation == 1 else correlation,
                    *(f"{np.mean([r for r, _, _ in cell]):.3f}" for cell in tally.values()),
                    f"{1 - np.mean([missed for _, missed, _ in tally['ours']]):.2f}",
                )
            )
    public.printed(
        f"How often the interval of {worlds:,} series misses the step that was put in, which is as often as "
        "one is found where there is none (should be 0.050)",
        "months | correlation | ours | REML, all months independent | least squares | Newey–West"
        " | ours finds −40 %",
        rows,
    )


def real() -> None:
    """Northern encounters beside the southwest's."""
    north, southwest = public.encounters("Northern"), public.encounters("Southwest")
    names = (Text("northern encounters", "le Nord"), Text("the southwest", "le Sud-Ouest"))
    changed = {month(2025, 1): Text("an executive order of 20 January 2025", "un décret du 20 janvier 2025")}
    for at in (month(2024, 12), month(2025, 1)):
        for last in (month(2025, 2), month(2025, 3), month(2025, 11)):
            print(f"\nbreak {at // 12}-{at % 12 + 1:02}, known to {last // 12}-{last % 12 + 1:02}")
            try:
                found = interrupted(
                    north.until(last), southwest.until(last), at, names=names, changed=changed
                )
            except Unanswerable as refused:
                print(f"refused: {refused}")
                continue
            print(found.text.en)
            print(f"correlation {found.correlation:.2f}, what is left: p = {found.left:.2f}")
    try:
        interrupted(north, None, month(2025, 1), names=names)
    except Unanswerable as refused:
        print(f"\nwithout a control: {refused}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("worlds", nargs="?", type=int, default=WORLDS, help="series a row")
    worlds = options.parse_args().worlds
    public.there()
    print(public.versions("statsmodels"))
    began = time.perf_counter()
    simulated(worlds)
    real()
    print(f"\n{time.perf_counter() - began:.0f} seconds")


if __name__ == "__main__":
    main()
