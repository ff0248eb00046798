"""Tables of simulated years: finds of strategies side by side, and whether the rates that they tell are true.

Intervals are of 95 %, of seeds drawn again (`exercise.score.bootstrap`), and of estimates drawn again for
the bias; a ratio is of the seeds that both have. Of few seeds they are somewhat too narrow.
"""

from typing import NamedTuple

import numpy as np
from rich.table import Table

from watchfloor.exercise.cargo_year import measure
from watchfloor.exercise.cargo_year.measure import Rated, Summary
from watchfloor.exercise.cargo_year.world import DEVELOPED, World
from watchfloor.exercise.score import bootstrap


class Year(NamedTuple):
    """One year of one strategy; estimates by span."""

    strategy: str
    seed: int
    summary: Summary
    rates: dict[str, list[Rated]]
    seconds: float


def compared(world: World, years: list[Year], peer: str) -> Table:
    """A strategy a row."""
    developed = "developed on with seeds 1 to 3" if world.name in DEVELOPED else "not developed on"
    heads = ("seeds", "finds", "least to most", "fentanyl", f"over {peer}, 95 %", "regret", "of findable")
    table = _table(f"{world.name} ({developed}), means of a year", "strategy", (*heads, "got through"))
    of = _by_strategy(years)
    for name, mine in of.items():
        finds = [one.finds for one in mine.values()]
        table.add_row(
            name,
            f"{min(mine)} to {max(mine)}: {len(mine)}",
            f"{np.mean(finds):.0f}",
            f"{min(finds)} to {max(finds)}",
            f"{np.mean([one.fentanyl for one in mine.values()]):.1f}",
            _ratio(mine, of.get(peer, {})),
            f"{np.mean([one.regret for one in mine.values()]):.0f}",
            f"{sum(finds) / max(1, sum(one.best for one in mine.values())):.0%}",
            f"{np.mean([one.through for one in mine.values()]):.0f}",
        )
    return table


def rated(years: list[Year]) -> Table:
    """Estimates of the strategies that can make some, by span."""
    heads = ("span", "estimates", "held the truth", "bias, 95 %", "width over truth")
    table = _table("rates from picks, nominal 95 %", "strategy", heads)
    for name in _by_strategy(years):
        for span in measure.SPANS:
            told = [rate for one in years if one.strategy == name for rate in one.rates[span]]
            of = measure.coverage(told)
            if of.share is not None:
                table.add_row(
                    name, span, f"{of.estimates:,}", f"{of.share:.1%}", _bias(told), f"{of.width:.1f}"
                )
    return table


def _table(title: str, first: str, heads: tuple[str, ...]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(first)
    for head in heads:
        table.add_column(head, justify="right")
    return table


def _by_strategy(years: list[Year]) -> dict[str, dict[int, Summary]]:
    """Summaries by seed."""
    of: dict[str, dict[int, Summary]] = {}
    for one in years:
        of.setdefault(one.strategy, {})[one.seed] = one.summary
    return of


def _ratio(ours: dict[int, Summary], theirs: dict[int, Summary]) -> str:
    both = [(ours[seed].finds, theirs[seed].finds) for seed in ours if seed in theirs]
    share = bootstrap(_over, both)
    return f"{share.value:.2f} ({share.low:.2f} to {share.high:.2f})" if both else ""


def _bias(told: list[Rated]) -> str:
    """Mean estimate over mean truth, less one; estimates that say nothing are left out."""
    known = [(one.estimate.rate, one.truth) for one in told if np.isfinite(one.estimate.rate)]
    share = bootstrap(_over, known)
    return f"{share.value - 1:+.0%} ({share.low - 1:+.0%} to {share.high - 1:+.0%})"


def _over(rows: np.ndarray) -> float:
    return rows[:, 0].sum() / max(rows[:, 1].sum(), 1e-12)
