"""How often exact intervals hold the truth, beside those that are usual."""

import numpy as np
from scipy.stats import norm

from benchmarks.scorecard import public
from watchfloor.scorecard.methods.intervals import change_interval, count_interval, otherwise, share_interval

WORLDS = 4000
Z = float(norm.ppf(0.975))


def held(low: float, high: float, truth: float) -> bool:
    return bool(low <= truth <= high)


def counts(rng: np.random.Generator) -> list[tuple[object, ...]]:
    rows = []
    for mean in (0.5, 2.0, 8.0, 50.0):
        drawn = rng.poisson(mean, WORLDS)
        exact = [count_interval(int(n)) for n in drawn]
        ours = np.mean([held(i.low, i.high, mean) for i in exact])
        wald = np.mean([held(n - Z * n**0.5, n + Z * n**0.5, mean) for n in drawn])
        rows.append(("count", f"mean {mean}", f"{ours:.3f}", f"{wald:.3f}"))
    return rows


def shares(rng: np.random.Generator) -> list[tuple[object, ...]]:
    rows = []
    for part, whole in ((2, 1000), (82, 1116), (5, 40)):
        truth = part / whole
        drawn = rng.binomial(whole, truth, WORLDS)
        exact = [share_interval(int(n), whole) for n in drawn]
        ours = np.mean([held(i.low, i.high, truth) for i in exact])
        spread = Z * np.sqrt(drawn / whole * (1 - drawn / whole) / whole)
        wald = np.mean(np.abs(drawn / whole - truth) <= spread)
        rows.append(("share", f"{part} of {whole}", f"{ours:.3f}", f"{wald:.3f}"))
    return rows


def changes(rng: np.random.Generator) -> list[tuple[object, ...]]:
    rows = []
    for before, after in ((4, 2), (30, 3), (3601, 481)):
        ours, wald = [], []
        for first, second in rng.poisson((before, after), (WORLDS, 2)):
            if first + second == 0:
                continue
            found = change_interval(int(first), int(second))
            truth = 1 - after / before
            ours.append(held(found.low, found.high, truth))
            if first and second:
                spread = Z * (1 / first + 1 / second) ** 0.5
                wald.append(abs(np.log(second / first) - np.log(after / before)) <= spread)
            else:
                wald.append(False)
        rows.append(("change", f"{before} to {after}", f"{np.mean(ours):.3f}", f"{np.mean(wald):.3f}"))
    return rows


def weights(rng: np.random.Generator) -> list[tuple[object, ...]]:
    """Shares of weight had other seizures been made: cells as heavy-tailed as seizures are."""
    rows = []
    for tail in (1.0, 1.5, 2.0):
        inside = []
        for world in range(300):
            ours = np.arange(1200) < 84
            cells = rng.lognormal(0, tail, 1200) * np.where(ours, 0.1, 1)
            truth = 84 * 0.1 / (84 * 0.1 + 1116)
            found = otherwise(cells, ours, draws=500, seed=world)
            inside.append(held(found.low, found.high, truth))
        rows.append(("share of weight", f"log-normal, {tail}", f"{np.mean(inside):.3f}", "–"))
    return rows


def main() -> None:
    print(public.versions("statsmodels"))
    rng = np.random.default_rng(11)
    rows = [*counts(rng), *shares(rng), *changes(rng), *weights(rng)]
    public.printed("How often an interval of 95 % holds the truth", "what | case | ours | usual (Wald)", rows)


if __name__ == "__main__":
    main()
