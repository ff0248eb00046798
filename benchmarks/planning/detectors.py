"""Nine teams, placed season by season: finds of the next season, beside simple rules and beside hindsight.

    python -m benchmarks.planning.detectors [--drug Methamphetamine]

The series: events by area of responsibility of the northern border and fiscal year, 2019 to 2026 (to April),
of the public nationwide files of US Customs and Border Protection in `statistics` of the shared data. Each
fiscal year from 2020 on is planned from the years before it alone. The toy model of issue 27, as we took it:
a team finds an event of its area with the chance .5, independently, so that n teams find 1 - .5^n of them;
the score of a year is the share of its events that is found, the mean is of the seven years. With it the
issue's figures of fentanyl come out: proportional to last year .480 and hindsight .688; frozen in 2022, .136,
and hindsight .578; random .346 (.344 there); half uniform .515 (.523 there).

Peers: nine teams in proportion to last year (whole teams by largest remainders, and drawn), half of that and
half uniform, random (each in another area while there are any), and hindsight, which knows the year.

The rule of `watchfloor plan detectors` was frozen on methamphetamine; fentanyl was read once, after that.
"""

import argparse
import csv
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from watchfloor.planning.detectors.placement import Limits, place, place_robust
from watchfloor.planning.detectors.plan import explore
from watchfloor.planning.detectors.rates import rates
from watchfloor.planning.detectors.record import EXPLORE, HIT

HERE = Path(__file__).resolve().parents[3] / "shared" / "data" / "statistics"
FILES = ("nationwide-drugs-fy19-fy22.csv", "nationwide-drugs-fy23-fy26-apr.csv")
YEARS = range(2019, 2027)
TEAMS = 9
SEEDS = 100

Floats = npt.NDArray[np.float64]
Rule = Callable[[Floats, np.random.Generator], npt.NDArray[np.int64]]


def series(here: Path, drug: str, name: Callable[[str], str]) -> tuple[list[str], Floats]:
    """Return areas of the northern border, and events by area and year."""
    events: Counter[tuple[str, int]] = Counter()
    for file in FILES:
        with (here / file).open(encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(lines):
                if row["Drug Type"] == drug and row["Region"] == "Northern Border":
                    area = name(row["Area of Responsibility"])
                    events[area, int(row["FY"][:4])] += int(row["Count of Event"])
    areas = sorted({area for area, _ in events})
    return areas, np.array([[events[area, year] for year in YEARS] for area in areas], float)


def whole(shares: Floats) -> npt.NDArray[np.int64]:
    """Return whole teams by shares: the largest remainders."""
    exact = shares / shares.sum() * TEAMS
    placed = np.floor(exact).astype(np.int64)
    for at in np.argsort(placed - exact, kind="stable")[: TEAMS - placed.sum()]:
        placed[at] += 1
    return placed


def last(past: Floats) -> Floats:
    """Return the shares of last year; equal ones where it had nothing."""
    total = past[:, -1].sum()
    return past[:, -1] / total if total else np.full(len(past), 1 / len(past))


def ours(past: Floats, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Place teams as `watchfloor plan detectors` does."""
    posterior = rates(past, np.ones_like(past), np.ones(past.shape[1], np.int64))
    ties = rng.permutation(len(past))
    return explore(posterior, [Limits(TEAMS, HIT)], EXPLORE, rng, ties)[0][0]


def ours_still(past: Floats, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Place teams as the rule does without exploring."""
    posterior = rates(past, np.ones_like(past), np.ones(past.shape[1], np.int64))
    return place(posterior.mean / posterior.mean.sum(), Limits(TEAMS, HIT), rng.permutation(len(past)))


def ours_robust(past: Floats, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Place teams as the robust plan does."""
    posterior = rates(past, np.ones_like(past), np.ones(past.shape[1], np.int64))
    draws = posterior.draws(1000, rng)
    return place_robust(draws / draws.sum(1, keepdims=True), Limits(TEAMS, HIT), rng.permutation(len(past)))


def mixed(past: Floats) -> Floats:
    """Return half of last year and half uniform."""
    return 0.5 * last(past) + 0.5 / len(past)


RULES: dict[str, Rule] = {
    "plan detectors": ours,
    "the same without exploring": ours_still,
    "its robust plan": ours_robust,
    "proportional to last year": lambda past, _: whole(last(past)),
    "half uniform": lambda past, _: whole(mixed(past)),
    "proportional, drawn": lambda past, rng: rng.multinomial(TEAMS, last(past)),
    "half uniform, drawn": lambda past, rng: rng.multinomial(TEAMS, mixed(past)),
}


def score(events: Floats, placed: npt.NDArray[np.int64], hit: float) -> float:
    """Return the share of a year's events that is found."""
    return float((events * (1 - (1 - hit) ** placed)).sum() / events.sum())


def run(table: Floats, hit: float, seeds: int = SEEDS) -> dict[str, Floats]:
    """Return the score of each rule by year, over seeds [seeds, years], and that of hindsight."""

    def rng(seed: int, at: int) -> np.random.Generator:
        return np.random.default_rng([seed, at])

    planned = range(1, table.shape[1])
    scores = {
        name: np.array(
            [
                [
                    score(table[:, at], rule(table[:, :at], np.random.default_rng([seed, at])), hit)
                    for at in planned
                ]
                for seed in range(seeds)
            ]
        )
        for name, rule in RULES.items()
    }
    best = [
        score(year, place(year / year.sum(), Limits(TEAMS, hit), np.arange(len(table))), hit)
        for year in table[:, 1:].T
    ]
    random = np.full((1, len(best)), chance(table, hit))
    return scores | {"random": random, "hindsight": np.array([best])}


def chance(table: Floats, hit: float) -> float:
    """Return the expected score of teams that are put at random, no two in an area before each has one."""
    every, more = divmod(TEAMS, len(table))
    share = more / len(table)
    return float((1 - share) * (1 - (1 - hit) ** every) + share * (1 - (1 - hit) ** (every + 1)))


def frozen(table: Floats, hit: float) -> dict[str, float]:
    """Return the score from 2023 on of teams placed by 2019 to 2022, of random and of hindsight."""
    first, later = table[:, :4].sum(1), table[:, 4:].sum(1)
    best = place(later / later.sum(), Limits(TEAMS, hit), np.arange(len(table)))
    return {
        "proportional": score(later, whole(first), hit),
        "random": chance(table, hit),
        "hindsight": score(later, best, hit),
    }


def interval(regret: Floats) -> tuple[float, float]:
    """Return 95 % of the mean regret, years drawn anew (bootstrap)."""
    rng = np.random.default_rng(0)
    drawn = rng.choice(regret, (10_000, len(regret))).mean(1)
    low, high = np.percentile(drawn, (2.5, 97.5))
    return float(low), float(high)


def main() -> None:
    """Print scores of each rule by year."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--drug", default="Methamphetamine")
    parser.add_argument("--hit", type=float, default=HIT, help="of the model; the rule keeps its own")
    parser.add_argument(
        "--merge", action="store_true", help="field office and sector of one name are one area"
    )
    parser.add_argument("--data", type=Path, default=HERE)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    areas, table = series(
        given.data,
        given.drug,
        lambda one: one.removesuffix(" SECTOR").removesuffix(" FIELD OFFICE") if given.merge else one,
    )
    scores = run(table, given.hit)
    best, random = scores["hindsight"][0], scores["random"].mean(0)
    view = Table("", *map(str, YEARS[1:]), "mean", "regret (95 %)", "least above random")
    for name, found in scores.items():
        mean = found.mean(0)
        low, high = interval(best - mean)
        numbers = [*(f"{one:.3f}" for one in mean), f"{mean.mean():.3f}"]
        view.add_row(
            name,
            *numbers,
            f"{(best - mean).mean():.3f} ({low:.3f} to {high:.3f})",
            f"{(mean - random).min():+.3f}",
        )
        if given.json:
            print(
                json.dumps({"rule": name, "mean": mean.mean(), "years": mean.tolist(), "regret": [low, high]})
            )
    if given.json:
        return
    Console(width=150).print(view)
    still = ", ".join(f"{name} {one:.3f}" for name, one in frozen(table, given.hit).items())
    print(f"{len(areas)} areas, {int(table.sum())} events; frozen in 2022: {still}")


if __name__ == "__main__":
    main()
