"""Terms of a placement of detectors, and its record."""

from pathlib import Path
from typing import Final

from msgspec import Struct

from watchfloor.core.messages import Reason, declare, reason
from watchfloor.planning.detectors.history import TableFile
from watchfloor.planning.detectors.reasons import percent

OUTLOOK = declare("detectors.outlook", "percent", "worst")
ROBUST = declare("detectors.robust", "percent", "worst")
OPTIMISTIC = declare("detectors.optimistic", "percent", "worst", "believed")
EXPLORING = declare("detectors.exploring", "count", "teams", "percent", "seed")
MOVES = declare("detectors.moves", "count")
REGION = declare("detectors.region", "region", "teams", "least", "percent", "covered")
FAIRNESS = declare("detectors.fairness", "percent")
NOT_COVERED = declare("detectors.not-covered", "percent", "areas")

HIT: Final = 0.5
"""Chance that a team finds an event of its area.

With it the simple rules of issue 27 have the scores that it states (`benchmarks.planning.detectors`).
"""
EXPLORE: Final = 0.1
"""Share of the teams that explore."""


class Terms(Struct, frozen=True):
    """Terms of a placement.

    Attributes:
        teams: to be placed, all alike; None where `detectors` has them.
        season: that is planned.
        hit: chance that one team finds an event of its area; of detectors, where none of a kind was tested.
        explore: share of the teams that explore.
        seed: decides draws; commit it before the season, and the schedule can be accounted for after it.
        ports: table of regions, flows and teams that are there now.
        move: share of all finds that a team must add before it moves.
        least: teams that each region has at least.
        detectors: table of dogs, analysers, scanners and the like; see `kinds`.
        dependence: share of the events that are as easy or as hard for all detectors.
        readiness: file of statements about detectors, as patrols.toml has them.
        on: day or moment for which they are asked; empty: now.
    """

    teams: int | None
    season: str
    hit: float = HIT
    explore: float = EXPLORE
    seed: int = 0
    ports: TableFile | None = None
    move: float = 0.01
    least: int = 0
    detectors: TableFile | None = None
    dependence: float = 0.2
    readiness: Path | None = None
    on: str = ""


class Port(Struct, frozen=True):
    """An area of a plan.

    Attributes:
        area, region: names.
        teams, exploring: teams there, and how many of them explore; by kind: `kinds`.
        rate, low, high: finds a season that pass there, with an interval of 90 %.
        share: of all finds that are expected.
        covered: share of its events that its teams find.
        learned: share by which a season there would narrow the standard deviation of the rate.
        flow: crossings a season; None where they are not known.
        now: teams that are there today; None where it is not known.
        why: reasons, each a sentence.
    """

    area: str
    region: str
    teams: int
    exploring: int
    rate: float
    low: float
    high: float
    share: float
    covered: float
    learned: float
    flow: float | None
    now: int | None
    kinds: dict[str, int]
    why: tuple[Reason, ...]


class KindPlacement(Struct, frozen=True):
    """Where the detectors of a kind go, with its rates: see `kinds.Kind`.

    Attributes:
        placement: how many by area.
        false_alarms: in the season, of all of them; None where the rate or the capacity is not known.
    """

    kind: str
    detectors: tuple[str, ...]
    hit: float
    low: float
    high: float
    tests: int
    capacity: float | None
    placement: dict[str, int]
    false_alarms: float | None


class Region(Struct, frozen=True):
    """A region: its teams beside its share of the expected finds, and the least that it was to have."""

    region: str
    teams: int
    share: float
    covered: float
    least: int


class Alternative(Struct, frozen=True):
    """A placement beside others: what it would find, and what the rule that made it believes.

    Attributes:
        placement: teams by area.
        expected, worst_tenth: share of the finds, on average and in the worst tenth of what may come.
        believed: what the rule itself expects.
        moves: teams that would move; None where it is not known where they are.
    """

    placement: dict[str, int]
    expected: float
    worst_tenth: float
    believed: float
    moves: int | None


class Plan(Struct, frozen=True):
    """A placement for one season, and its basis.

    Attributes:
        season, teams, hit: as asked for.
        placement: teams by area, each area named; the sum is `teams`.
        expected, worst_tenth, moves: see `Alternative`.
        exploring, explore_share, seed: teams that explore, the share that was asked for, and the seed.
        hazard: chance that an area's rate changes from a season to the next, as the history has it.
        ports: by what they have.
        kinds: of detectors, where a table has them.
        not_covered: areas without a team, by what is expected there.
        not_covered_share: of the finds, there.
        regions: where the ports have any; `fairness_cost`: share of the finds that `least` costs.
        robust: the plan by half the mean and half the worst tenth; optimistic: the one that takes the last
            season for the next.
        read: seasons that were read; basis: SHA-256 of their rows.
        notes: cautions.
        version: of the program.
    """

    season: str
    teams: int
    hit: float
    placement: dict[str, int]
    expected: float
    worst_tenth: float
    moves: int | None
    exploring: int
    explore_share: float
    seed: int
    hazard: float
    ports: tuple[Port, ...]
    kinds: tuple[KindPlacement, ...]
    not_covered: tuple[str, ...]
    not_covered_share: float
    regions: tuple[Region, ...]
    fairness_cost: float
    robust: Alternative
    optimistic: Alternative
    read: tuple[str, ...]
    basis: str
    notes: tuple[Reason, ...]
    version: str


def summary(record: Plan) -> tuple[Reason, ...]:
    """Return what is to be known of a plan beside its ports: plans, exploring, moves, fairness, gaps."""

    def figures(one: Plan | Alternative) -> dict[str, float]:
        return {"percent": percent(one.expected), "worst": percent(one.worst_tenth)}

    told = [reason(OUTLOOK, **figures(record)), reason(ROBUST, **figures(record.robust))]
    believed = percent(record.optimistic.believed)
    told.append(reason(OPTIMISTIC, **figures(record.optimistic), believed=believed))
    share = percent(record.explore_share)
    told.append(
        reason(EXPLORING, count=record.exploring, teams=record.teams, percent=share, seed=record.seed)
    )
    if record.moves is not None:
        told.append(reason(MOVES, count=record.moves))
    for one in record.regions:
        shares = {"percent": percent(one.share), "covered": percent(one.covered)}
        told.append(reason(REGION, region=one.region, teams=one.teams, least=one.least, **shares))
    if record.regions:
        told.append(reason(FAIRNESS, percent=percent(record.fairness_cost)))
    if record.not_covered:
        areas = ", ".join(record.not_covered)
        told.append(reason(NOT_COVERED, percent=percent(record.not_covered_share), areas=areas))
    return tuple(told)
