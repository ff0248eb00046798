"""How often intervals hold the truth, beside those that are usual; of counts that scatter too."""

import argparse

import numpy as np
from scipy.stats import norm

from benchmarks.scorecard import public
from watchfloor.scorecard.findings import Interval
from watchfloor.scorecard.methods.intervals import change_interval, count_interval, otherwise, share_interval
from watchfloor.scorecard.methods.scatter import of_counts, of_shares
from watchfloor.scorecard.periods import month

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


def scattered(rng: np.random.Generator) -> list[tuple[object, ...]]:
    """Months that scatter as CBP's encounters do: a change of two of them, and the share of a year.

    `leaning`: one month's deviation is so much like the one before. The level has a season.
    """
    season = np.exp(0.2 * np.cos(2 * np.pi * np.arange(60) / 12))
    rows = []
    for dispersion, leaning in ((2.0, 0.0), (100.0, 0.0), (100.0, 0.5), (100.0, 0.8)):
        change, exact, year, plain = [], [], [], []
        for _ in range(WORLDS // 4):
            part, rest = (
                rng.poisson(mean * season * around(rng, mean, dispersion, leaning)).astype(float)
                for mean in (5000.0, 50000.0)
            )
            first, last = int(part[47]), int(part[59])
            known = of_counts(part)
            for inside, dispersed in ((change, known), (exact, None)):
                found = change_interval(first, last, scatter=dispersed)
                inside.append(held(found.low, found.high, 0.0))
            ours, whole = int(part[48:].sum()), int((part + rest)[48:].sum())
            for inside, dispersed in ((year, of_shares(part, part + rest)), (plain, None)):
                found = share_interval(ours, whole, scatter=dispersed)
                inside.append(held(found.low, found.high, 1 / 11))
        case = f"{dispersion:g} times, leaning {leaning:g}"
        rows.append(("change, months scatter", case, f"{np.mean(change):.3f}", f"{np.mean(exact):.3f}"))
        rows.append(
            ("share of a year, months scatter", case, f"{np.mean(year):.3f}", f"{np.mean(plain):.3f}")
        )
    return rows


def around(rng: np.random.Generator, mean: float, dispersion: float, leaning: float) -> np.ndarray:
    """Factors of 60 months that make counts of this mean vary so many times as much as Poisson counts."""
    spread = np.sqrt(np.log1p((dispersion - 1) / mean))
    shocks = rng.normal(0, 1, 120)
    for at in range(1, len(shocks)):
        shocks[at] = leaning * shocks[at - 1] + np.sqrt(1 - leaning**2) * shocks[at]
    factors: np.ndarray = np.exp(spread * shocks[60:] - spread**2 / 2)
    return factors


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    print(public.versions("statsmodels"))
    rng = np.random.default_rng(11)
    rows = [*counts(rng), *shares(rng), *changes(rng), *weights(rng)]
    public.printed("How often an interval of 95 % holds the truth", "what | case | ours | usual (Wald)", rows)
    columns = "what | case | by scatter | exact, events independent"
    public.printed("The same of months that scatter more than independent events", columns, scattered(rng))
    public.there()
    months = [(name, f"{value:.1f}") for name, value in public_scatter()]
    public.printed(
        "How many times as much as independent events the public months scatter", "series | times", months
    )
    columns = "figure | by scatter | exact, events independent"
    public.printed("What that does to two figures", columns, public_intervals())


def public_intervals() -> list[tuple[object, ...]]:
    """Of two figures that were told of the north, by the newest 60 months to the last of each."""
    series = [public.encounters(border) for border in ("Northern", "Southwest", "Other")]
    to_2024 = [one.within(month(2019, 10), month(2024, 9)).values for one in series]
    part, whole = to_2024[0], sum(to_2024)
    year = [int(one[-12:].sum()) for one in (part, whole)]
    falling = series[0].within(month(2020, 3), month(2025, 2)).values
    ends = [int(series[0].at(at)) for at in (month(2024, 6), month(2025, 2))]
    share = "north's share of encounters, fiscal year 2024"
    fall = "fall of northern encounters, June 2024 to February 2025"
    return [
        (share, *(_told(share_interval(*year, scatter=s)) for s in (of_shares(part, whole), None))),
        (fall, *(_told(change_interval(*ends, scatter=s)) for s in (of_counts(falling), None))),
    ]


def _told(one: Interval) -> str:
    return f"{100 * one.low:.2f} to {100 * one.high:.2f} %"


def public_scatter() -> list[tuple[str, float]]:
    """Of the newest 60 months."""
    found = []
    north, southwest, other = (public.encounters(b).values[-60:] for b in ("Northern", "Southwest", "Other"))
    patrol = [public.apprehensions(b).values[-60:] for b in ("northern", "southwest", "coastal")]
    for name, part, whole in (
        ("northern encounters", north, north + southwest + other),
        ("northern apprehensions", patrol[0], sum(patrol)),
    ):
        found += [(f"{name}, counts", of_counts(part)), (f"{name}, share", of_shares(part, whole))]
    return [(name, value) for name, value in found if value is not None]


if __name__ == "__main__":
    main()
