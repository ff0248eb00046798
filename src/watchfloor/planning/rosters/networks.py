"""Rules that people share as a network: places for what a row has been so far, and arcs from day to day.

A network's nodes are, for each day, a state with its further counts; a node has a run of places, one for each
count of the first counter, side by side in memory, and an arc leads a whole run of them to the next day at
one price.
"""

import math
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.planning.rosters.layouts import Layout

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Whole = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
MOST_PLACES: Final = 4_000_000


class TooLarge(Exception):  # noqa: N818 (it is no fault)
    """Rules that make too many places for a table."""


class Network(NamedTuple):
    """Rules as arcs from day to day, the last day's first.

    Attributes:
        arcs: first place and one past the last, distance to the places of the next day, day and class as one
            number, and the node there.
        fixed: what each arc costs beside the day's price, in units.
        of_node: first arc and one past the last of each node, by day, state and further counts.
        ends: cost of each place of the end, in units.
        starts: place and node before the first day of each state; -1: nothing lawful begins there.
        places: how many there are.
    """

    arcs: Ints
    fixed: Ints
    of_node: Ints
    ends: Ints
    starts: Ints
    places: int


@kernel(nogil=True)
def _passable(
    there: Bools, kind: Whole, price: Floats, into: Whole, add: Whole, beyond: float, allowed: Bools
) -> None:
    """Mark the places that are reached from those of the first day, then leave those that lead to an end.

    Args:
        there: days and one more, by nodes and counts; of the first day those that begin, of the last all that
            may end.
        kind: of each day.
        price, into, add: of each move by kind of day, node and class: its price, the node it leads to, and
            the count that it adds.
        beyond: price of a count beyond the last.
        allowed: days by classes.
    """
    days, classes = allowed.shape
    nodes, counts = there.shape[1:]
    reached = np.zeros((nodes, counts), np.bool_)
    reached[:] = there[0]
    for day in range(days):
        following = np.zeros((nodes, counts), np.bool_)
        for node in range(nodes):
            for shift in range(classes):
                if not allowed[day, shift] or price[kind[day], node, shift] == np.inf:
                    continue
                to, more = into[kind[day], node, shift], add[kind[day], node, shift]
                for count in range(counts):
                    if reached[node, count] and (count + more < counts or beyond < np.inf):
                        following[to, min(count + more, counts - 1)] = True
        reached = following
        if day < days - 1:
            there[day + 1] = reached
        else:
            there[days] &= reached
    for day in range(days - 1, -1, -1):
        for node in range(nodes):
            for count in range(counts):
                leads = False
                for shift in range(classes):
                    if not there[day, node, count] or leads:
                        break
                    if not allowed[day, shift] or price[kind[day], node, shift] == np.inf:
                        continue
                    to, new = into[kind[day], node, shift], count + add[kind[day], node, shift]
                    if new < counts or beyond < np.inf:
                        leads = there[day + 1, to, min(new, counts - 1)]
                there[day, node, count] = leads


@kernel(nogil=True)
def _arcs(
    there: Bools,
    place: Ints,
    kind: Whole,
    price: Floats,
    into: Whole,
    add: Whole,
    beyond: float,
    allowed: Bools,
    width: int,
    arcs: Ints,
    fixed: Floats,
    of_node: Ints,
) -> int:
    """List the arcs between places that are there, the last day's first; return how many.

    With no room for arcs it only counts them.
    """
    days, classes = allowed.shape
    nodes, counts = there.shape[1:]
    made = 0
    for day in range(days - 1, -1, -1):
        for node in range(nodes):
            if arcs.size:
                of_node[0, day * nodes + node] = made
            for shift in range(classes):
                cost = price[kind[day], node, shift]
                if not allowed[day, shift] or cost == np.inf:
                    continue
                to, more = into[kind[day], node, shift], add[kind[day], node, shift]
                before, goes_on = (
                    np.int64(0),
                    np.int64(-1),
                )  # distance of the last arc, and its end
                for count in range(counts):
                    over = max(count + more - counts + 1, 0)
                    new = count + more - over
                    if not there[day, node, count] or not there[day + 1, to, new]:
                        continue
                    if over and beyond == np.inf:
                        continue
                    distance = np.int64(place[day + 1, to, new]) - place[day, node, count]
                    if over or goes_on != place[day, node, count] or distance != before:
                        if arcs.size:
                            arcs[made, 0], arcs[made, 2] = place[day, node, count], distance
                            arcs[made, 3], arcs[made, 4] = day * width + shift, (day + 1) * nodes + to
                            fixed[made] = cost + (over * beyond if over else 0.0)
                        made += 1
                        before = distance
                    goes_on = np.int64(place[day, node, count]) + 1
                    if arcs.size:
                        arcs[made - 1, 1] = goes_on
            if arcs.size:
                of_node[1, day * nodes + node] = made
    return made


def network(of: Layout, allowed: Bools, starts: Whole, units: Any, width: int) -> Network:
    """Make the network of a layout's rules for people who start in some states. Raises `TooLarge`."""
    days, (states, classes) = len(allowed), of.step.shape
    sizes = of.sizes[1:]
    outers, counts = int(sizes.prod()), int(of.sizes[0])
    if (days + 1) * states * outers * counts > MOST_PLACES:
        raise TooLarge
    codes = np.indices(tuple(sizes)).reshape(len(sizes), outers)  # of each further counter
    after, extra = np.zeros((classes + 1, outers), np.int64), np.zeros((classes + 1, outers))
    for shift in [*range(classes), -1]:  # a weekend is the last class of a layout
        new = codes + of.worth[1:, shift, None]
        over = np.maximum(new - sizes[:, None] + 1, 0)
        extra[shift] = np.where(over > 0, of.beyond[1:, None] * np.maximum(over, 1), 0.0).sum(0)
        new = np.minimum(new, sizes[:, None] - 1)
        after[shift] = np.ravel_multi_index(tuple(new), tuple(sizes)) if len(sizes) else 0
    nodes, shape = states * outers, (states, outers, classes)
    price = np.zeros((3, nodes, classes))
    into, add = np.zeros(price.shape, np.int64), np.zeros(price.shape, np.int64)
    works, worked = np.arange(classes) > 0, of.worked[:, None]
    nowhere = np.zeros((states, classes), bool)
    for day, weekend in enumerate((nowhere, nowhere | works, works & ~worked)):
        reached, more = np.broadcast_to(after[:-1].T, shape), np.broadcast_to(extra[:-1].T, shape)
        twice = weekend[:, None]
        more = np.where(twice, more + extra[-1][reached], more)
        reached = np.where(twice, after[-1][reached], reached)
        split = np.where(works != worked, of.split, 0.0) if day == 2 else np.zeros(of.cost.shape)
        price[day] = ((of.cost + split)[:, None] + more).reshape(nodes, classes)
        into[day] = (of.step[:, None] * outers + reached).reshape(nodes, classes)
        worth = of.worth[0, :-1] + np.where(twice, of.worth[0, -1], 0)
        add[day] = np.broadcast_to(worth, shape).reshape(nodes, classes)
    kind = np.where(of.saturday, 1, np.where(of.sunday, 2, 0))
    ends = of.ends[0, :counts] + sum(
        (of.ends[number + 1, codes[number]][:, None] for number in range(len(sizes))), np.zeros((outers, 1))
    )
    ends = np.tile(ends, (states, 1))
    there = np.zeros((days + 1, nodes, counts), bool)
    there[0, starts * outers, 0] = True
    there[days] = ends < math.inf
    beyond = float(of.beyond[0])
    _passable(there, kind, price, into, add, beyond, allowed)
    place = (np.cumsum(there) - 1).astype(np.int32).reshape(there.shape)
    place[~there] = -1
    rules = there, place, kind, price, into, add, beyond, allowed, width
    made = _arcs(*rules, np.zeros((0, 5), np.int32), np.zeros(0), np.zeros((2, 0), np.int32))
    arcs, fixed = np.zeros((made, 5), np.int32), np.zeros(made)
    of_node = np.zeros((2, (days + 1) * nodes), np.int32)
    _arcs(*rules, arcs, fixed, of_node)
    begin = np.stack([place[0, ::outers, 0], np.arange(states) * outers], 1)
    return Network(arcs, units(fixed), of_node, units(ends[there[days]]), begin, int(there.sum()))
