"""One strategy through one year: a day comes, it picks, items are examined, outcomes and losses are told."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from watchfloor.exercise.cargo_year import rules, stream
from watchfloor.exercise.cargo_year.adversary import Fate, Organisation, organisations
from watchfloor.exercise.cargo_year.benign import ROOM, new_numbers, population
from watchfloor.exercise.cargo_year.evidence import Found, Stream
from watchfloor.exercise.cargo_year.items import Bools, Evidence, Floats, Ints, Items
from watchfloor.exercise.cargo_year.strategy import Picked, Strategy, Told, View
from watchfloor.exercise.cargo_year.world import World, drawn

WEEK: Final = 7
FIRST_RANDOM: Final = 0.5
"""Share of the warm days' picks that is random; the rest is by rules. The same for every strategy."""


class BudgetError(ValueError):
    """A strategy picked more than it may, the same item twice, or one that is not there."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A day's examinations, and what only the world knows of the day.

    Attributes:
        at: the day.
        items: of the day.
        hidden, findable: items that hide something; of them, those that an examination would find.
        found: result of each pick [m].
        fentanyl: finds of it.
        propensity: chance of each pick [m], or None.
        best: what one who knows everything would have found with this budget on this very day.
    """

    at: int
    items: int
    hidden: int
    findable: int
    found: Bools
    fentanyl: int
    propensity: Floats | None
    best: int


def run(
    world: World,
    make: Callable[[], Strategy],
    seed: int,
    budget: float = 0.01,
    *,
    knowing: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> list[Examined]:
    """A year of one strategy.

    Args:
        world: the world.
        make: makes the strategy.
        seed: of the year.
        budget: share of a day's items that may be examined.
        knowing: whether an oracle picks instead: what would be found, up to the budget.
        say: told the day, now and then.

    Raises:
        BudgetError: the strategy overspent.
    """
    floor = Floor(world, seed, budget)
    strategy = make()
    for at in range(-world.warm, world.days):
        if at % 30 == 0:
            say(f"day {at}")
        floor.day(at, strategy, knowing)
    return floor.examined


class Floor:
    """Where it happens: the stream, what is known of it, the organisations and what is on its way to whom."""

    def __init__(self, world: World, seed: int, budget: float) -> None:
        if not 0 <= budget <= 1:
            raise ValueError(f"a budget is a share of the day's items from 0 to 1, not {budget}")
        self.world, self.seed, self.budget = world, seed, budget
        self.pop = population(world, seed)
        self.gang = organisations(world, self.pop, seed)
        self.stream, self.found = Stream(world, self.pop), Found(world)
        self.due: dict[int, tuple[Told, Items]] = {}
        self.fates: dict[int, list[tuple[Organisation, Fate]]] = {}
        self.examined: list[Examined] = []

    def day(self, at: int, strategy: Strategy, knowing: bool) -> None:
        """One day, from the morning's outcomes to the evening's examinations."""
        self._morning(at, strategy)
        day, evidence = self._arrived(at)
        budget = round(self.budget * len(evidence))
        means = _means(self.world, self.seed, at, len(evidence))
        findable = day.truth.illicit & (day.truth.hidden < means)
        if at < 0:
            picked = _first(evidence, budget, drawn(self.seed, 7, at + self.world.warm))
        elif knowing:
            picked = Picked(np.flatnonzero(findable)[:budget])
        else:
            picked = strategy.pick(View(at, evidence, budget))
        rows = _checked(picked, budget, len(evidence))
        found = findable[rows]
        self.due[at + self.world.delay] = (Told(at, evidence[rows], found), day.items.take(rows))
        self._ship(day, rows[found], at)
        if at >= 0:
            self._note(day, findable, rows, picked.propensity, budget)

    def _arrived(self, at: int) -> tuple[stream.Day, Evidence]:
        """What comes past, and what can be said of it; the day's new senders bear numbers of past ones."""
        first = new_numbers(self.world, at)
        for known in (self.stream, self.found):
            known.forget(slice(first, first + self.world.items * ROOM))
        day = stream.made(self.world, self.pop, self.gang, self.seed, at)
        columns = self.stream.columns(day.items, at) + self.found.columns(day.items, at)
        return day, np.column_stack(columns).astype(np.float32)

    def _note(
        self, day: stream.Day, findable: Bools, rows: Ints, propensity: Floats | None, budget: int
    ) -> None:
        found = findable[rows]
        able = int(findable.sum())
        self.examined.append(
            Examined(
                at=day.at,
                items=len(findable),
                hidden=int(day.truth.illicit.sum()),
                findable=able,
                found=found,
                fentanyl=int(day.truth.fentanyl[rows[found]].sum()),
                propensity=propensity,
                best=min(budget, able),
            )
        )

    def _morning(self, at: int, strategy: Strategy) -> None:
        """Outcomes reach who picked, losses reach whose they were; once a week both think anew."""
        if at in self.due:
            told, items = self.due.pop(at)
            self.found.learn(items, told.found, at)
            strategy.learn(told)
        for one, fate in self.fates.pop(at, []):
            one.told(fate)
        for one in self.gang:
            if one.start <= at and (at + one.number) % WEEK == 0:
                one.review(self.world, self.pop, at, drawn(self.seed, 8, one.number, at + self.world.warm))
        if at >= 0 and at % WEEK == 0:
            strategy.refit(at)

    def _ship(self, day: stream.Day, lost: Ints, at: int) -> None:
        """What becomes of each organisation's own items is due to it after the transit."""
        gone = np.zeros(len(day.truth.owner), np.bool_)
        gone[lost] = True
        for one in self.gang:
            mine = np.flatnonzero(day.truth.owner == one.number)
            if len(mine):
                fate = Fate(day.items.take(mine), day.truth.method[mine], gone[mine])
                self.fates.setdefault(at + self.world.transit, []).append((one, fate))


def _means(world: World, seed: int, at: int, many: int) -> Floats:
    """Sensitivity of the means where each item passes: it is a matter of the place, not of who chose it."""
    shares = np.array([one.share for one in world.means])
    which = drawn(seed, 9, at + world.warm).choice(len(shares), many, p=shares / shares.sum())
    return np.array([one.sensitivity for one in world.means])[which]


def _first(evidence: Evidence, budget: int, draw: np.random.Generator) -> Picked:
    """Warm days: half by rules, half at random."""
    order = np.argsort(-rules.bits(evidence) + draw.random(len(evidence)) * 1e-6)
    by_rule = order[: budget - round(FIRST_RANDOM * budget)]
    rest = order[len(by_rule) :]
    return Picked(np.concatenate([by_rule, draw.choice(rest, budget - len(by_rule), replace=False)]))


def _checked(picked: Picked, budget: int, many: int) -> Ints:
    rows = np.asarray(picked.rows, np.int64)
    if len(rows) > budget:
        raise BudgetError(f"{len(rows)} picks of a budget of {budget}")
    if len(np.unique(rows)) < len(rows) or (len(rows) and not 0 <= rows.min() <= rows.max() < many):
        raise BudgetError("an item picked twice, or one that is not there")
    return rows
