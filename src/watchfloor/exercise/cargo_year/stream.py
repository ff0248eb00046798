"""A day of the world: benign items, what organisations ship among them, and single senders' hidden items."""

from typing import Final, NamedTuple

import numpy as np

from watchfloor.exercise.cargo_year.adversary import Organisation
from watchfloor.exercise.cargo_year.benign import ROOM, Population, day, new_numbers, singles
from watchfloor.exercise.cargo_year.items import BENIGN, SINGLE, Items, Truth, joined, told
from watchfloor.exercise.cargo_year.methods import Method
from watchfloor.exercise.cargo_year.world import World, drawn

PROBE: Final = 0.25
"""Share of an organisation's shipments that go by a method it tries."""


APART: Final = 0.5
"""Share of its craft with which an organisation keeps the items of a shipment apart."""
PRICE: Final = float(np.log(45))
"""What a kilogram of goods is worth on average, a logarithm, see `benign.population`."""


class Day(NamedTuple):
    """What came past on a day, in no order that tells anything."""

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
    items, truth = joined(parts), told(truths)
    order = drawn(seed, 5, at + world.warm).permutation(len(items.stream))
    return Day(at, items.take(order), truth.take(order))


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
        like = benign.take(alike[draw.integers(len(alike), size=1)])
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
