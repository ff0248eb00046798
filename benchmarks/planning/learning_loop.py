"""Fifty weeks against an adversary who adapts: interceptions of rules that place teams week by week.

    python -m benchmarks.planning.learning_loop [--worlds 100] [--caution 4] [--json]

The world, a made-up one: 13 areas, 9 teams, some 60 crossings a week. Crossings choose among areas by quantal
response (R. D. McKelvey and T. R. Palfrey, Games and Economic Behavior 10, 1995): the logarithm of their odds
is an area's attraction less `caution` times the interception that the adversary has come to expect there, a
mean of past weeks that forgets at the rate `memory`. Attractions are normal; each is drawn anew in a week
with the chance `drift`, as routes move. n teams intercept each crossing of their area with 1 - .5^n. A rule
sees where its teams were and what they found, and nothing else.

Every rule begins with eight weeks in which teams stand at random; they are not counted. Fixed: the best plan
by those weeks, corrected for effort, for all fifty. Proportional: to the finds of last week, or of all weeks.
The worlds of two rules are equal but for the rule; the interval is of the ratio of their means (bootstrap).

A rule is a function of finds, teams and a generator, so that patrols can be measured in the same way.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from watchfloor.planning.detectors.placement import Limits, place
from watchfloor.planning.detectors.plan import explore
from watchfloor.planning.detectors.rates import rates
from watchfloor.planning.detectors.record import EXPLORE, HIT

AREAS, TEAMS, WEEKS, WARM = 13, 9, 50, 8
LIMITS = Limits(TEAMS, HIT)

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Rule = Callable[[Floats, Counts, np.random.Generator], Counts]
"""From finds and teams [areas, weeks] to teams of the next week [areas]."""


@dataclass(frozen=True)
class World:
    """An adversary: how much interception deters, how soon it is forgotten, how often a route moves."""

    caution: float = 4.0
    memory: float = 0.3
    drift: float = 0.04
    crossings: float = 60.0


def simulate(world: World, rule: Rule, seed: int) -> int:
    """Return the crossings that are intercepted in fifty weeks."""
    nature, drawn = np.random.default_rng([seed, 0]), np.random.default_rng([seed, 1])
    attraction = nature.normal(size=AREAS)
    expected = np.zeros(AREAS)
    found, teams = np.zeros((AREAS, 0)), np.zeros((AREAS, 0), np.int64)
    for week in range(WARM + WEEKS):
        fresh = nature.normal(size=AREAS)
        attraction = np.where(nature.random(AREAS) < world.drift, fresh, attraction)
        placed = anywhere(drawn) if week < WARM else rule(found, teams, drawn)
        assert placed.sum() == TEAMS
        odds = np.exp(attraction - world.caution * expected)
        crossing = nature.poisson(world.crossings * odds / odds.sum())
        caught = nature.binomial(crossing, LIMITS.covered(placed))
        found = np.column_stack([found, caught])
        teams = np.column_stack([teams, placed])
        expected += world.memory * (LIMITS.covered(placed) - expected)
    return int(found[:, WARM:].sum())


def anywhere(rng: np.random.Generator) -> Counts:
    """Place each team in an area of its own, at random."""
    placed = np.zeros(AREAS, np.int64)
    placed[rng.permutation(AREAS)[:TEAMS]] = 1
    return placed


def fixed(found: Floats, teams: Counts, _rng: np.random.Generator) -> Counts:
    """Place teams for good where the first weeks had most finds for the effort."""
    first, looked = found[:, :WARM].sum(1), LIMITS.covered(teams[:, :WARM]).sum(1)
    rate = (first + 0.5) / (looked + 0.5)
    return place(rate / rate.sum(), LIMITS, np.arange(AREAS))


def proportional(weeks: int, even: float = 0.0) -> Rule:
    """Place teams in proportion to the finds of the last weeks, and a share of them evenly."""

    def rule(found: Floats, _teams: Counts, rng: np.random.Generator) -> Counts:
        late = found[:, -weeks:].sum(1)
        if not late.sum():
            return anywhere(rng)
        exact = ((1 - even) * late / late.sum() + even / AREAS) * TEAMS
        placed = np.floor(exact).astype(np.int64)
        placed[np.argsort(placed - exact, kind="stable")[: TEAMS - placed.sum()]] += 1
        return placed

    return rule


def learning(share: float) -> Rule:
    """Place teams as `watchfloor plan detectors` does, with a share that explores."""

    def rule(found: Floats, teams: Counts, rng: np.random.Generator) -> Counts:
        posterior = rates(found, LIMITS.covered(teams), np.ones(found.shape[1], np.int64))
        return explore(posterior, [LIMITS], share, rng, rng.permutation(AREAS))[0][0]

    return rule


RULES: dict[str, Rule] = {
    "plan detectors": learning(EXPLORE),
    "all teams explore": learning(1.0),
    "none explores": learning(0.0),
    "fixed": fixed,
    "proportional to last week": proportional(1),
    "proportional to all weeks": proportional(WARM + WEEKS),
    "half of that, half even": proportional(WARM + WEEKS, 0.5),
    "random": lambda _found, _teams, rng: anywhere(rng),
}


def interval(ours: Floats, theirs: Floats) -> tuple[float, float]:
    """Return 95 % of the gain in interceptions, worlds drawn anew."""
    at = np.random.default_rng(0).integers(0, len(ours), (10_000, len(ours)))
    low, high = np.percentile(ours[at].mean(1) / theirs[at].mean(1) - 1, (2.5, 97.5))
    return float(low), float(high)


def main() -> None:
    """Print interceptions of each rule."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=100)
    for name in ("caution", "memory", "drift", "crossings"):
        parser.add_argument(f"--{name}", type=float, default=getattr(World, name))
    parser.add_argument("--json", action="store_true", help="print one line of JSON a rule")
    given = parser.parse_args()
    world = World(given.caution, given.memory, given.drift, given.crossings)
    caught = {
        name: np.array([simulate(world, rule, seed) for seed in range(given.worlds)], float)
        for name, rule in RULES.items()
    }
    view = Table("rule", "intercepted", "plan detectors has more by", "95 %")
    ours = caught["plan detectors"]
    for name, theirs in caught.items():
        low, high = interval(ours, theirs)
        gain = ours.mean() / theirs.mean() - 1
        view.add_row(name, f"{theirs.mean():.0f}", f"{gain:+.1%}", f"{low:+.1%} to {high:+.1%}")
        if given.json:
            print(
                json.dumps(
                    {"rule": name, "intercepted": theirs.mean(), "gain": gain, "interval": [low, high]}
                )
            )
    if not given.json:
        Console().print(view)


if __name__ == "__main__":
    main()
