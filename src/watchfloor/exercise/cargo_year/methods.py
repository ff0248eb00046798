"""How an organisation ships, how it draws a method, and what it changes of one by which it loses.

Judgement: indictments describe names that change, split weights, drop addresses, customers abroad and test
parcels; no source gives rates.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from watchfloor.exercise.cargo_year.benign import GOODS, LANES, OPEN, Population
from watchfloor.exercise.cargo_year.world import STREAMS

PREFERRED: Final = (0.34, 0.22, 0.20, 0.12, 0.05, 0.02, 0.02, 0.02, 0.005, 0.005)
"""Share of each stream in what organisations choose, see `world.STREAMS`."""
OUT: Final = (1, 3)
"""Streams that the organisation of fentanyl chooses from: post and courier, outbound."""


@dataclass(frozen=True, slots=True)
class Method:
    """How an organisation ships.

    Attributes:
        vague: chance of a vague description where nothing is copied.
        mass, spread: logarithm of what one item weighs, and by how much items of a split differ.
        under: how far below the goods' price the value is declared, a logarithm.
        split: items of one shipment, all on one day.
        names, calls: items after which another sender, and another telephone, is named.
        drop: address in use; -1 ships each time to a new customer.
        since: day from which it is used.
    """

    stream: int
    route: int
    goods: tuple[int, int]
    platform: int
    vague: float
    mass: float
    spread: float
    under: float
    split: int
    names: int
    calls: int
    drop: int
    since: int


def method(draw: np.random.Generator, pop: Population, out: bool, drop: int, at: int) -> Method:
    """A first method, or one that is wholly new; `out` is that of the organisation that ships fentanyl."""
    stream = int(draw.choice(OUT) if out else draw.choice(len(STREAMS), p=PREFERRED))
    return Method(
        stream,
        _route(draw, pop, stream, at),
        (int(draw.integers(GOODS)), int(draw.integers(GOODS))),
        int(draw.integers(1, 5)) if draw.random() < 0.4 else 0,
        float(draw.uniform(0.25, 0.8)),
        float(draw.normal(-1.6 if out else -0.3, 0.7)) + float(pop.offset[stream]) / 2,
        float(draw.uniform(0.02, 0.15)),
        float(draw.normal(0.8, 0.5)),
        int(draw.integers(1, 5)),
        int(draw.integers(1, 7)),
        int(draw.integers(2, 16)),
        -1 if stream % 2 or draw.random() < 0.4 else drop,
        at,
    )


def _route(draw: np.random.Generator, pop: Population, stream: int, at: int) -> int:
    """Any lane of the stream that is open, not the busiest first as benign trade has it."""
    opened = [lane for lane in pop.lane_routes[pop.lane_days <= at] if lane // LANES == stream]
    return int(draw.choice([*range(stream * LANES, stream * LANES + OPEN), *opened]))


def changed(old: Method, draw: np.random.Generator, pop: Population, out: bool, drop: int, at: int) -> Method:
    """The method with some of route, description, split and senders changed, or a wholly new one."""
    new = method(draw, pop, out, drop, at)
    if draw.random() < 0.35:
        return new
    kept = replace(old, since=at, drop=old.drop if old.drop < 0 else drop)
    levers = draw.random(4) < (0.5, 0.6, 0.5, 0.4)
    if levers[0]:
        kept = replace(kept, route=_route(draw, pop, old.stream, at))
    if levers[1]:
        kept = replace(kept, goods=new.goods, vague=new.vague * 0.7, under=new.under * 0.7)
    if levers[2]:
        kept = replace(kept, split=new.split, spread=new.spread * 2, mass=new.mass)
    if levers[3]:
        kept = replace(kept, names=new.names, calls=new.calls, platform=new.platform)
    return kept
