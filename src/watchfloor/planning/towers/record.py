"""The record of a plan of towers."""

from typing import Any

from msgspec import Struct

from watchfloor.core.messages import Reason
from watchfloor.planning.towers.compare import Comparison


class Uncertainty(Struct, frozen=True):
    """Cover of a plan over realisations of the ground.

    Attributes:
        mean, worst_tenth: weight covered on average, and on average over the worst tenth.
        as_given: weight covered on the terrain as it is given.
        cells: the ten cells with the largest shares of the variance of the cover, by name.
        rmse, correlation, realisations, seed: see `Errors`.
    """

    mean: float
    worst_tenth: float
    as_given: float
    cells: dict[str, float]
    rmse: float
    correlation: float
    realisations: int
    seed: int


class Cost(Struct, frozen=True):
    """Cost of a chosen site; of it `access` is for roads and power lines, so many metres away."""

    site: str
    cost: float
    access: float
    road: int | None
    power: int | None


class Hop(Struct, frozen=True):
    """A radio hop between two towers: metres, and decibels of loss."""

    sites: tuple[str, str]
    metres: int
    loss: float


class Relay(Struct, frozen=True):
    """The network of a plan.

    Attributes:
        frequency: megahertz.
        hop, loss: metres and decibels that a hop has at most.
        hub: the site that all must reach; empty where they must only reach one another.
        hops: that hold the network together with the least loss.
        unreachable: sites that no path within the budget joins to it.
        without: weight that the best choice found without the rule covers.
    """

    frequency: float
    hop: float
    loss: float
    hub: str
    hops: tuple[Hop, ...]
    unreachable: int
    without: float


class Plan(Struct, frozen=True):
    """A plan of towers and its basis; it always has a `gap`.

    Attributes:
        sites: names, those kept first, then by what each adds.
        places: x and y of each, in the units of the terrain.
        gains: what each adds to those before it.
        covered, bound, gap: weight of the cells seen; no plan within these terms covers more than the bound;
            the gap is the share by which another plan might be better.
        trivial: weight that all sites together would cover.
        greedy: weight that the simplest rule covers.
        weight: of all cells.
        seconds: the search took.
        barred: sites that an area or `--forbid` rules out, and why.
        inputs: SHA-256 of each file.
        repairs: cells of the grid that were repaired.
        notes: cautions about the terrain.
        version: of the program.
        uncertainty: cover over realisations; then `covered`, `bound` and `gap` are of half the mean and half
            the worst tenth, and `trivial` and `greedy` of the terrain as it is given.
        relay: the network, where one was asked for.
        terms: options that it was made with, but for the files, which `inputs` has.
        costs: of each site, where the table, --roads or --power has some; and `cost` of all.
        against: what the plan changes, where it is compared with another.
    """

    sites: tuple[str, ...]
    gains: tuple[float, ...]
    covered: float
    bound: float
    gap: float
    trivial: float
    greedy: float
    weight: float
    seconds: float
    barred: dict[str, str]
    inputs: dict[str, str]
    repairs: dict[str, int]
    notes: tuple[Reason, ...]
    version: str
    uncertainty: Uncertainty | None = None
    relay: Relay | None = None
    places: tuple[tuple[float, float], ...] = ()
    terms: dict[str, Any] = {}
    costs: tuple[Cost, ...] = ()
    cost: float = 0.0
    against: Comparison | None = None
