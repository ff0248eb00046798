"""Evidence on a declaration on the day it comes: columns that every strategy is given alike.

Of the item itself; of whom it names, from the stream so far; and of what was found before, from the outcomes
that this strategy has been told. Nothing else is known to any strategy. Counts fade by half in `HALF` days.
"""

from typing import Final

import numpy as np

from watchfloor.exercise.cargo_year.adversary import numbers
from watchfloor.exercise.cargo_year.benign import GOODS, LANES, PLATFORMS, THRESHOLD, Population
from watchfloor.exercise.cargo_year.items import Bools, Floats, Ints, Items
from watchfloor.exercise.cargo_year.world import STREAMS, World

HALF: Final = 45.0
"""Days."""
NAMES: Final = (
    *("mode", "outbound", "route", "goods", "platform", "words", "mass", "value", "price"),
    *("mass_off", "price_off", "below_threshold"),
    *("sender_age", "sender_seen", "phone_seen", "phone_names", "address_seen", "address_names"),
    *("sender_today", "phone_today", "address_today", "alike_today", "route_share"),
    *("sender_tried", "sender_found", "phone_tried", "phone_found", "address_tried", "address_found"),
    *("route_rate", "goods_rate", "platform_rate"),
)
"""Columns of the evidence, in order. Rates are of finds among examined items, drawn to the whole rate."""
CATEGORIES: Final = tuple(map(NAMES.index, ("mode", "route", "goods", "platform")))
COLUMN: Final = {name: place for place, name in enumerate(NAMES)}


class Fading:
    """Sums by number that fade with time; nothing is touched but what is asked for."""

    def __init__(self, many: int) -> None:
        self.sums = np.zeros(many, np.float32)
        self.last = np.zeros(many, np.float32)

    def at(self, which: Ints, day: float) -> Floats:
        """The sums on a day."""
        return np.asarray(self.sums[which] * np.exp2((self.last[which] - day) / HALF), np.float64)

    def add(self, which: Ints, amount: Floats | float, day: float) -> None:
        """Adds to sums on a day, which is no earlier than the last."""
        self.sums[which] = self.at(which, day)
        self.last[which] = day
        np.add.at(self.sums, which, amount)

    def forget(self, numbers: slice) -> None:
        """Those numbers stand for somebody else from now on."""
        self.sums[numbers] = 0


class Stream:
    """Who was seen how often: no outcome is in it."""

    def __init__(self, world: World, pop: Population) -> None:
        many = numbers(world)
        self.pop = pop
        self.born = np.full(many, np.inf, np.float32)
        self.seen = {name: Fading(many) for name in ("sender", "phone", "address")}
        self.names = {name: Fading(many) for name in ("phone", "address")}
        self.routes = Fading(len(STREAMS) * LANES)

    def columns(self, items: Items, day: int) -> list[Floats]:
        """The columns up to `route_share`; then the day's items count as seen."""
        of, pop = items, self.pop
        price = of.value - of.mass
        mass_off = (of.mass - pop.mass[of.goods] - pop.offset[of.stream]) / pop.spread[of.goods]
        age = day - np.minimum(self.born[of.sender], day)
        new = np.isinf(self.born[of.sender])
        _, firsts = np.unique(np.where(new, of.sender, -1), return_index=True)
        first = np.zeros(len(new), np.bool_)
        first[firsts] = True
        first &= new
        self.born[of.sender] = np.minimum(self.born[of.sender], day)
        for name in ("phone", "address"):
            self.names[name].add(getattr(of, name)[first], 1.0, day)
        counts = {}
        for name, fading in self.seen.items():
            fading.add(getattr(of, name), 1.0, day)
            counts[name] = fading.at(getattr(of, name), day)
        self.routes.add(of.route, 1.0, day)
        routes = self.routes.at(of.route, day)
        return [
            *((of.stream // 2).astype(float), (of.stream % 2).astype(float)),
            *(column.astype(float) for column in (of.route, of.goods, of.platform, of.words)),
            *(of.mass, of.value, price),
            *(mass_off, price - pop.price[of.goods]),
            ((of.value < THRESHOLD) & (of.value > THRESHOLD - 0.15)).astype(float),
            *(np.log1p(age), np.log1p(counts["sender"])),
            *(np.log1p(counts["phone"]), np.log1p(self.names["phone"].at(of.phone, day))),
            *(np.log1p(counts["address"]), np.log1p(self.names["address"].at(of.address, day))),
            *(_today(getattr(of, name)) for name in ("sender", "phone", "address")),
            _alike(of),
            np.log(routes / self.routes.sums.sum()),
        ]

    def forget(self, numbers: slice) -> None:
        """Those numbers stand for somebody else from now on."""
        self.born[numbers] = np.inf
        for fading in (*self.seen.values(), *self.names.values()):
            fading.forget(numbers)


class PastFinds:
    """Items examined and found, by whom they named: of the outcomes of one strategy alone."""

    KEYS: Final = ("sender", "phone", "address")
    RATES: Final = ("route", "goods", "platform")

    def __init__(self, world: World) -> None:
        many = numbers(world)
        sizes = {
            **dict.fromkeys(self.KEYS, many),
            "route": len(STREAMS) * LANES,
            "goods": GOODS,
            "platform": PLATFORMS,
        }
        self.tried = {name: Fading(size) for name, size in sizes.items()}
        self.found = {name: Fading(size) for name, size in sizes.items()}

    def learn(self, items: Items, found: Bools, day: int) -> None:
        """Takes outcomes in, on the day they become known."""
        for name, fading in self.tried.items():
            fading.add(getattr(items, name), 1.0, day)
            self.found[name].add(getattr(items, name), found.astype(float), day)

    def forget(self, numbers: slice) -> None:
        """Those numbers stand for somebody else from now on."""
        for name in self.KEYS:
            self.tried[name].forget(numbers)
            self.found[name].forget(numbers)

    def columns(self, items: Items, day: int) -> list[Floats]:
        """The columns from `sender_tried` on."""
        out = []
        for name in self.KEYS:
            out += [store[name].at(getattr(items, name), day) for store in (self.tried, self.found)]
        for name in self.RATES:
            tried, found = self.tried[name], self.found[name]
            whole = (float(found.sums.sum()) + 1) / (float(tried.sums.sum()) + 20)
            which = getattr(items, name)
            out.append((found.at(which, day) + 20 * whole) / (tried.at(which, day) + 20))
        return out


def _today(which: Ints) -> Floats:
    """How many of the day's items name the same."""
    _, places, counts = np.unique(which, return_inverse=True, return_counts=True)
    return counts[places].astype(float)


def _alike(items: Items) -> Floats:
    """Of the day's items with one telephone: how near their masses are, 0 for one alone, else up to 1."""
    _, places, counts = np.unique(items.phone, return_inverse=True, return_counts=True)
    mean = np.bincount(places, items.mass) / counts
    spread = np.sqrt(np.bincount(places, (items.mass - mean[places]) ** 2) / counts)
    return np.where(counts > 1, np.exp(-5 * spread), 0.0)[places]
