"""Organisations that traffic: they probe, react to what they lose, and ship again what was lost.

An organisation knows what it shipped and, `World.transit` days later, whether it arrived: nothing else,
neither what others lost nor what was examined and passed. `Organisation.told` is all that it ever hears.
"""

from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

import numpy as np

from watchfloor.exercise.cargo_year.benign import Population, lasting
from watchfloor.exercise.cargo_year.items import Bools, Ints, Items
from watchfloor.exercise.cargo_year.methods import Method, changed, method
from watchfloor.exercise.cargo_year.world import World, drawn

NUMBERS: Final = 6_000
"""Senders, telephones and addresses that one organisation may use up in a year."""
PROBED: Final = 12
"""Days after which a method that is tried is held against the one in use."""
CRAFTIEST: Final = 0.6
"""The most craft that is learned: real goods have to be sent by real hands to where somebody takes them."""
AGAIN: Final = 0.7
"""Share of lost items that are shipped again."""


class Fate(NamedTuple):
    """An organisation's knowledge of its own items of one day, one entry an item."""

    items: Items
    method: Ints
    lost: Bools


@dataclass(slots=True)
class Organisation:
    """One organisation and what it knows.

    Attributes:
        number: of it; 0 ships fentanyl out of the country.
        start: its first day.
        rate: items a day that it means to ship; `volume` is what it ships of that, 0.3 to 1.5.
        craft: share of shipments that copy a benign item's goods, platform, words, mass and value; half as
            many, drawn by themselves, share no name, telephone or address among their items.
        first: the first of its numbers for senders, telephones and addresses; `used` were taken.
        methods: its own and, while it probes, another.
        tally: arrived and lost by each method since it last changed or chose.
        owed: lost items that it will ship again.
        sender, phone: in use; `named` and `called` are how many items bore them.
        burnt: numbers under which something was lost.
    """

    number: int
    start: int
    rate: float
    craft: float
    first: int
    methods: list[Method] = field(default_factory=list)
    volume: float = 1.0
    tally: list[list[int]] = field(default_factory=lambda: [[0, 0], [0, 0]])
    owed: float = 0.0
    used: int = 0
    sender: int = 0
    phone: int = 0
    named: int = 0
    called: int = 0
    burnt: set[int] = field(default_factory=set)

    def new(self) -> int:
        """A number never used before; after `NUMBERS` of them the first come round again."""
        self.used += 1
        return self.first + self.used % NUMBERS

    def signs(self, own: Method, apart: bool) -> tuple[int, int]:
        """Sender and telephone on the next item: others after some items, or on each that is kept apart."""
        self.named, self.called = self.named + 1, self.called + 1
        if apart or self.named > own.names:
            self.named, self.sender = 1, self.new()
        if apart or self.called > own.calls:
            self.called, self.phone = 1, self.new()
        return self.sender, self.phone

    def learn(self, fate: Fate) -> None:
        """Learn the fate of its items that were due: it counts, and burns what was lost."""
        for place in (0, 1):
            of = fate.method == place
            self.tally[place][0] += int((of & ~fate.lost).sum())
            self.tally[place][1] += int((of & fate.lost).sum())
        self.owed += AGAIN * float(fate.lost.sum())
        gone = fate.items.select(fate.lost)
        for column in (gone.sender, gone.phone, gone.address):
            self.burnt.update(column.tolist())

    def review(self, world: World, pop: Population, at: int, draw: np.random.Generator) -> None:
        """Once a week: gives up what is burnt, chooses between two methods, tries another, or grows."""
        self._give_up(world, draw)
        shares = [lost / max(1, arrived + lost) for arrived, lost in self.tally]
        if len(self.methods) == 2:
            if at - self.methods[1].since < PROBED:
                return
            self.methods = [self.methods[int(shares[1] < shares[0])]]
        elif self.tally[0][1] >= 2 and shares[0] >= world.tolerance:
            self.craft = min(CRAFTIEST, self.craft + world.learning)
            self.volume = max(0.3, 0.7 * self.volume)
            self._probe(pop, at, draw)
        elif draw.random() < 0.03:
            self._probe(pop, at, draw)
        else:
            self.volume = min(1.5, self.volume * 1.08)
            if sum(self.tally[0]) < 10:
                return  # too few to forget
        self.tally = [[0, 0], [0, 0]]

    def _probe(self, pop: Population, at: int, draw: np.random.Generator) -> None:
        own = self.methods[0]
        self.methods = [own, changed(own, draw, pop, self.number == 0, self.new(), at)]

    def _give_up(self, world: World, draw: np.random.Generator) -> None:
        """Burnt senders, telephones and drops are changed, unless it is careless."""

        def kept(number: int) -> int:
            burnt = number in self.burnt and draw.random() >= world.sloppy
            return self.new() if burnt else number

        self.methods = [replace(one, drop=kept(one.drop)) for one in self.methods]
        self.sender, self.phone = kept(self.sender), kept(self.phone)


def organisations(world: World, pop: Population, seed: int) -> list[Organisation]:
    """Those of a world: their sizes, methods and first days."""
    draw = drawn(seed, 3)
    many = world.organisations
    hidden = world.items * world.prevalence
    size = draw.lognormal(0, 0.5, many - 1)
    others = hidden * max(0.0, 1 - world.independents - world.fentanyl)
    rates = [hidden * world.fentanyl, *(size / size.sum() * others * many / (many - world.late / 2))]
    start = np.where(np.arange(many) < many - world.late, -world.warm, draw.integers(0, world.days, many))
    first = lasting(world)
    made = []
    for number in range(many):
        one = Organisation(
            number, int(start[number]), float(rates[number]), world.craft, first + number * NUMBERS
        )
        one.methods = [method(draw, pop, number == 0, one.new(), one.start)]
        one.sender, one.phone = one.new(), one.new()
        made.append(one)
    return made


def numbers(world: World) -> int:
    """How many numbers senders, telephones and addresses may have in a year of this world."""
    return lasting(world) + world.organisations * NUMBERS
