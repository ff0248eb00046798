"""Benign trade: senders with habits, senders who ship once, and what of it looks as trafficking does.

Look-alikes are meant: agents whose telephone many senders give, forwarders whose address many ship to, shops
that post equal parcels, brokers who post for people who ship once, new shops, vague platforms. Trade drifts:
goods have seasons, senders come and go, lanes and platforms open, a threshold changes declared values. All
numbers are judgement.
"""

from typing import Final, NamedTuple

import numpy as np

from watchfloor.exercise.cargo_year.items import Floats, Ints, Items, joined
from watchfloor.exercise.cargo_year.world import OFTEN, STREAMS, World, drawn

GOODS: Final = 60
LANES: Final = 10
"""Routes of one stream, of which the first six are open when the year begins."""
OPEN: Final = 6
PLATFORMS: Final = 9
"""0 is none, 1 to 4 are there when the year begins."""
ONCE: Final = 0.30
"""Share of shipments of senders who ship once."""
AGENTS: Final = 50
BROKERS: Final = 120
BROKERED: Final = 60
"""Agents whose telephone senders with habits give; brokers in a year, of whom each posts for so many days."""
SMALL: Final = np.array([0, 1, 2, 3, 4])
"""Streams of small things: post, courier and air inbound, post and courier outbound."""
THRESHOLD: Final = float(np.log(150))
ROOM: Final = 3
"""Numbers kept for a day's new senders, telephones and addresses, in multiples of the average of items."""


class Population(NamedTuple):
    """Lasting parts of a population: kinds of goods, and senders with habits (columns `s_`, one a sender)."""

    mass: Floats
    spread: Floats
    price: Floats
    swing: Floats
    peak: Floats
    offset: Floats
    vague: Floats
    lane_days: Ints
    lane_routes: Ints
    platform_days: Ints
    s_weight: Floats
    s_items: Items
    s_other: Ints
    s_vague: Floats
    s_batch: Ints
    s_moves: Floats
    s_first: Floats
    s_last: Floats
    broker_first: Floats
    forwarders: Ints
    addresses: int


def population(world: World, seed: int) -> Population:
    """A seed's senders, goods and days of change."""
    draw = drawn(seed, 1)
    many = world.items * 2
    small = np.array([mode in ("post", "courier") for mode, _ in STREAMS])
    stream = draw.choice(len(STREAMS), many, p=OFTEN)
    weight = 1 / (np.arange(many) + 20.0)
    agents = np.arange(many, many + AGENTS)
    phone = np.where(draw.random(many) < 0.1, draw.choice(agents, many), np.arange(many))
    addresses = world.items * 6
    senders = Items(
        stream,
        stream * LANES + np.minimum(draw.geometric(0.35, many) - 1, OPEN - 1),
        draw.integers(GOODS, size=many),
        np.where(small[stream] & (draw.random(many) < 0.6), draw.integers(1, 5, many), 0),
        np.zeros(many, np.int64),
        draw.normal(0, 0.4, many),
        draw.normal(0, 0.4, many),
        np.arange(many),
        phone,
        draw.integers(addresses, size=many),
    )
    platform_vague = draw.beta(1.2, 6, PLATFORMS)
    platform_vague[5:] = draw.uniform(0.35, 0.65, PLATFORMS - 5)
    return Population(
        mass=draw.normal(np.log(0.8), 0.9, GOODS),
        spread=draw.uniform(0.3, 0.7, GOODS),
        price=draw.normal(np.log(45), 0.8, GOODS),
        swing=draw.beta(1.5, 3, GOODS) * 2 * world.season,
        peak=draw.integers(365, size=GOODS).astype(float),
        offset=np.array([0, 0, 0.3, 0.3, 1.5, 1.5, 4.0, 4.0, 6.0, 6.0]),
        vague=platform_vague,
        lane_days=np.sort(draw.integers(world.days, size=world.lanes)),
        lane_routes=_lanes(draw, world.lanes),
        platform_days=np.sort(draw.integers(world.days, size=min(world.platforms, PLATFORMS - 5))),
        s_weight=weight / weight.sum(),
        s_items=senders,
        s_other=draw.integers(GOODS, size=many),
        s_vague=draw.beta(0.6, 6, many),
        s_batch=np.where(draw.random(many) < 0.08, draw.integers(2, 7, many), 1),
        s_moves=draw.random(many),
        s_first=(first := np.where(draw.random(many) < 0.5, -400, draw.uniform(-60, world.days, many))),
        s_last=first + np.where(first < -60, 1e4, draw.exponential(90, many)),
        broker_first=np.sort(draw.uniform(-60 - world.warm, world.days, BROKERS)),
        forwarders=draw.integers(addresses, size=30),
        addresses=addresses,
    )


def _lanes(draw: np.random.Generator, many: int) -> Ints:
    """Routes that open: of any stream, each once."""
    shut = [stream * LANES + lane for stream in range(len(STREAMS)) for lane in range(OPEN, LANES)]
    return draw.permutation(shut)[:many]


def day(world: World, pop: Population, seed: int, at: int) -> Items:
    """The benign items of a day; day 0 is the first that counts, warm days are negative."""
    draw = drawn(seed, 2, at + world.warm)
    season = 1 + world.season * np.cos(2 * np.pi * (at - 340) / 365)
    shipments = int(draw.poisson(world.items * season / 1.06))
    once = int(draw.binomial(shipments, ONCE))
    start = new_numbers(world, at)
    single = singles(pop, at, once, draw, start)
    regular = _regular(pop, at, shipments - once, draw, start + once)
    return _tariff(world, at, draw, joined([single, regular]))


def new_numbers(world: World, at: int) -> int:
    """The first of the numbers of this day's new senders, telephones and addresses, who come but once.

    Numbers go round: they are given anew once the outcomes of their day are known.
    """
    return world.items * 10 + (at + world.warm) % (world.delay + 2) * world.items * ROOM


def lasting(world: World) -> int:
    """The first number after those of benign trade."""
    return world.items * 10 + (world.delay + 2) * world.items * ROOM


def singles(pop: Population, at: int, many: int, draw: np.random.Generator, start: int) -> Items:
    """Items of shipments of senders who ship once, some of several items, numbered from `start`."""
    stream = draw.choice(SMALL, many, p=(0.5, 0.25, 0.17, 0.05, 0.03))
    goods = draw.integers(GOODS, size=many)
    shops = np.array([*range(1, 5), *(5 + np.flatnonzero(pop.platform_days <= at))])
    weight = np.where(shops < 5, 1.0, 1.3)
    platform = np.where(draw.random(many) < 0.6, draw.choice(shops, many, p=weight / weight.sum()), 0)
    vague = draw.random(many) < np.where(platform > 0, pop.vague[platform], 0.25)
    own = np.arange(start, start + many)
    brokers = np.flatnonzero((pop.broker_first <= at) & (at < pop.broker_first + BROKERED))
    broker = pop.s_items.sender.size + AGENTS + brokers[draw.integers(len(brokers), size=many)]
    mass = pop.mass[goods] + pop.offset[stream] + draw.normal(0, pop.spread[goods])
    address = np.where(draw.random(many) < 0.6, draw.integers(pop.addresses, size=many), own)
    forwarded = (stream % 2 == 0) & (draw.random(many) < 0.08)
    shipments = Items(
        stream,
        _routes(pop, stream, at, draw),
        goods,
        platform,
        np.where(vague, 0, draw.integers(1, 4, many)),
        mass,
        mass + pop.price[goods] + draw.normal(-0.1, 0.6, many),
        own,
        np.where(draw.random(many) < 0.12, broker, own),
        np.where(forwarded, draw.choice(pop.forwarders, many), address),
    )
    batch = np.where(draw.random(many) < 0.85, 1, draw.integers(2, 5, many))
    items = shipments.select(np.repeat(np.arange(many), batch))
    spread = np.repeat(draw.uniform(0.01, 0.3, many), batch)
    return items._replace(mass=items.mass + draw.normal(0, 1, len(spread)) * spread)


def _regular(pop: Population, at: int, many: int, draw: np.random.Generator, start: int) -> Items:
    """Items of senders with habits, some of them several alike on one day."""
    here = pop.s_weight * (pop.s_first <= at) * (at <= pop.s_last)
    who = draw.choice(len(here), many, p=here / here.sum())
    goods = np.where(draw.random(many) < 0.75, pop.s_items.goods[who], pop.s_other[who])
    kept = draw.random(many) < _seasonal(pop, goods, at)
    who, goods = who[kept], goods[kept]
    address = np.where(
        draw.random(len(who)) < 0.4, pop.s_items.address[who], draw.integers(pop.addresses, size=len(who))
    )
    new = draw.random(len(who)) < 0.25
    address = np.where(new, start + np.arange(len(who)), address)
    batch = np.where(draw.random(len(who)) < 0.5, pop.s_batch[who], 1)
    spread = np.repeat(draw.uniform(0.01, 0.3, len(who)), batch)
    base = draw.normal(0, pop.spread[goods])
    who, goods, address, base = (np.repeat(column, batch) for column in (who, goods, address, base))
    one = pop.s_items.select(who)
    mass = pop.mass[goods] + pop.offset[one.stream] + one.mass + base + draw.normal(0, 1, len(who)) * spread
    vague = draw.random(len(who)) < pop.s_vague[who]
    return one._replace(
        route=_moved(pop, one.route, who, at),
        goods=goods,
        words=np.where(vague, 0, draw.integers(1, 4, len(who))),
        mass=mass,
        value=mass + pop.price[goods] + one.value + draw.normal(0, 0.35, len(who)),
        address=address,
    )


def _routes(pop: Population, stream: Ints, at: int, draw: np.random.Generator) -> Ints:
    """A route for each item that has no habit: those of the year's beginning, and what opened since."""
    lane = np.minimum(draw.geometric(0.35, len(stream)) - 1, OPEN - 1)
    return _moved_by(pop, stream * LANES + lane, draw.random(len(stream)), at)


def _moved(pop: Population, route: Ints, who: Ints, at: int) -> Ints:
    """Some senders take a lane that has opened, and keep to it."""
    return _moved_by(pop, route, pop.s_moves[who], at)


def _moved_by(pop: Population, route: Ints, chance: Floats, at: int) -> Ints:
    """The route, or one that has opened in the same stream for the 15 % that each draws."""
    out = route.copy()
    for place, lane in enumerate(pop.lane_routes[pop.lane_days <= at]):
        out[(route // LANES == lane // LANES) & (chance * 7 // 1 == place % 7)] = lane
    return out


def _seasonal(pop: Population, goods: Ints, at: int) -> Floats:
    """How likely goods of a kind are shipped on this day, relative to their best."""
    wave = np.cos(2 * np.pi * (at - pop.peak[goods]) / 365)
    return (1 + pop.swing[goods] * wave) / (1 + pop.swing[goods])


def _tariff(world: World, at: int, draw: np.random.Generator, items: Items) -> Items:
    """From its day on, a third of what is worth up to twice the threshold is declared just below it."""
    if not 0 <= world.tariff <= at:
        return items
    above = (items.value > THRESHOLD) & (items.value < THRESHOLD + np.log(2)) & (items.stream % 2 == 0)
    under = above & (draw.random(len(items.value)) < 0.33)
    return items._replace(value=np.where(under, THRESHOLD - draw.uniform(0, 0.15, len(under)), items.value))
