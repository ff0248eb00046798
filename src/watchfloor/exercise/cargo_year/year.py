"""One strategy through one year: a day comes, it picks, items are examined, outcomes and losses are told."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from watchfloor.exercise.cargo_year import rules
from watchfloor.exercise.cargo_year.adversary import Fate, Organisation, organisations
from watchfloor.exercise.cargo_year.benign import ROOM, Population, day, new_numbers, population, singles
from watchfloor.exercise.cargo_year.evidence import PastFinds, Stream
from watchfloor.exercise.cargo_year.items import (
    BENIGN,
    SINGLE,
    Bools,
    Evidence,
    Floats,
    Ints,
    Items,
    Truth,
    joined,
    joined_truth,
)
from watchfloor.exercise.cargo_year.methods import Method
from watchfloor.exercise.cargo_year.strategy import Outcomes, Picked, Strategy, View
from watchfloor.exercise.cargo_year.world import World, drawn

# A day of the world: benign items, what organisations ship among them, and single senders' hidden items.


PROBE: Final = 0.25
"""Share of an organisation's shipments that go by a method it tries."""


APART: Final = 0.5
"""Share of its craft with which an organisation keeps the items of a shipment apart."""
PRICE: Final = float(np.log(45))
"""What a kilogram of goods is worth on average, a logarithm, see `benign.population`."""


class Day(NamedTuple):
    """The items that came past on a day, in no order that tells anything."""

    at: int
    items: Items
    truth: Truth


def made(world: World, pop: Population, gang: list[Organisation], seed: int, at: int) -> Day:
    """The day's items. The benign ones depend on the seed alone, the others on what organisations know."""
    benign = day(world, pop, seed, at)
    parts, truths = [benign], [_benign(len(benign.stream))]
    for one in gang:
        if one.start <= at:
            _shipped(one, benign, drawn(seed, 4, one.number, at + world.warm), parts, truths)
    single = _independent(world, pop, seed, at)
    parts.append(single[0])
    truths.append(single[1])
    items, truth = joined(parts), joined_truth(truths)
    order = drawn(seed, 5, at + world.warm).permutation(len(items.stream))
    return Day(at, items.select(order), truth.select(order))


def _benign(many: int) -> Truth:
    return Truth(np.full(many, BENIGN), np.ones(many), np.zeros(many, bool), np.zeros(many, np.int64))


def _shipped(
    one: Organisation, benign: Items, draw: np.random.Generator, parts: list[Items], truths: list[Truth]
) -> None:
    """Adds what an organisation ships on a day, and takes it off what it owes."""
    again = min(one.owed, one.rate)
    one.owed -= again
    for place, method in enumerate(one.methods):
        share = 1.0 if len(one.methods) == 1 else PROBE if place else 1 - PROBE
        shipments = int(draw.poisson((one.rate * one.volume + again) * share / method.split))
        for _ in range(shipments):
            items = shipment(one, method, benign, draw)
            many = len(items.stream)
            parts.append(items)
            truths.append(
                Truth(
                    np.full(many, one.number),
                    draw.random(many),
                    np.full(many, one.number == 0),
                    np.full(many, place),
                )
            )


def shipment(one: Organisation, method: Method, benign: Items, draw: np.random.Generator) -> Items:
    """Items of one shipment: one route, masses near each other, and names in turn or kept apart."""
    many = method.split
    goods = method.goods[int(draw.random() < 0.3)]
    words = 0 if draw.random() < method.vague else int(draw.integers(1, 4))
    mass, platform = method.mass + draw.normal(0, 0.3), method.platform
    value = mass + PRICE - method.under + draw.normal(0, 0.5)
    alike = np.flatnonzero(benign.stream == method.stream)
    if draw.random() < one.craft and len(alike):
        like = benign.select(alike[draw.integers(len(alike), size=1)])
        goods, words, platform = int(like.goods[0]), int(like.words[0]), int(like.platform[0])
        mass, value = float(like.mass[0]), float(like.value[0])
    apart = bool(draw.random() < one.craft * APART)
    signs = np.array([one.signs(method, apart) for _ in range(many)])
    address = [one.new() for _ in range(many)] if apart else [_consignee(one, method)] * many
    return Items(
        np.full(many, method.stream),
        np.full(many, method.route),
        np.full(many, goods),
        np.full(many, platform),
        np.full(many, words),
        mass + draw.normal(0, method.spread, many),
        value + draw.normal(0, 0.1, many),
        signs[:, 0],
        signs[:, 1],
        np.array(address),
    )


def _consignee(one: Organisation, method: Method) -> int:
    return method.drop if method.drop >= 0 else one.new()


def _independent(world: World, pop: Population, seed: int, at: int) -> tuple[Items, Truth]:
    """Hidden items of senders who ship once: vaguer, lighter and cheaper than what they claim to be."""
    draw = drawn(seed, 6, at + world.warm)
    shipments = int(draw.poisson(world.items * world.prevalence * world.independents / 1.3))
    start = new_numbers(world, at) + ROOM * world.items - 1 - shipments
    items = singles(pop, at, shipments, draw, start)
    many = len(items.stream)
    items = items._replace(
        words=np.where(draw.random(many) < 0.35, 0, items.words),
        mass=items.mass - np.abs(draw.normal(0, 0.6, many)),
        value=items.value - np.abs(draw.normal(0, 0.8, many)),
    )
    truth = Truth(np.full(many, SINGLE), draw.random(many), np.zeros(many, bool), np.zeros(many, np.int64))
    return items, truth


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
        self.stream, self.found = Stream(world, self.pop), PastFinds(world)
        self.due: dict[int, tuple[Outcomes, Items]] = {}
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
        self.due[at + self.world.delay] = (Outcomes(at, evidence[rows], found), day.items.select(rows))
        self._ship(day, rows[found], at)
        if at >= 0:
            self._note(day, findable, rows, picked.propensity, budget)

    def _arrived(self, at: int) -> tuple[Day, Evidence]:
        """Draw what comes past, and its evidence; the day's new senders bear numbers of past ones."""
        first = new_numbers(self.world, at)
        for known in (self.stream, self.found):
            known.forget(slice(first, first + self.world.items * ROOM))
        day = made(self.world, self.pop, self.gang, self.seed, at)
        columns = self.stream.columns(day.items, at) + self.found.columns(day.items, at)
        return day, np.column_stack(columns).astype(np.float32)

    def _note(self, day: Day, findable: Bools, rows: Ints, propensity: Floats | None, budget: int) -> None:
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
            one.learn(fate)
        for one in self.gang:
            if one.start <= at and (at + one.number) % WEEK == 0:
                one.review(self.world, self.pop, at, drawn(self.seed, 8, one.number, at + self.world.warm))
        if at >= 0 and at % WEEK == 0:
            strategy.refit(at)

    def _ship(self, day: Day, lost: Ints, at: int) -> None:
        """Note what becomes of each organisation's items; it is due after the transit."""
        gone = np.zeros(len(day.truth.owner), np.bool_)
        gone[lost] = True
        for one in self.gang:
            mine = np.flatnonzero(day.truth.owner == one.number)
            if len(mine):
                fate = Fate(day.items.select(mine), day.truth.method[mine], gone[mine])
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
