"""The cheapest rows of many people under the same prices, by tables of what is left of a row.

Rules that people share are one network. Its nodes are, for each day, a state with its further counts; a node
has a run of places, one for each count of the first counter, side by side in memory, and an arc leads a whole
run of them to the next day at one price. A person is where it starts and what days cost them. Prices are
whole numbers of a small unit, so that sums are exact and many fit into a register.
"""

import math
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.planning.rosters.automaton import Layout
from watchfloor.planning.rosters.columns import Cover, Pricing
from watchfloor.planning.rosters.problem import Grid, Problem

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Whole = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
NEVER: Final = 1 << 29
LARGEST: Final = 1 << 28
"""What the prices of a row add up to at most, in units."""
MOST_PLACES: Final = 4_000_000
HIGHEST_PRICE: Final = 6.0
"""Of one more in a cell, in what its demands cost when they are not met."""


MULTIPLIER, INCREMENT, HIGHEST = 6364136223846793005, 1442695040888963407, (1 << 63) - 1
"""Of random numbers (Knuth 1997, MMIX)."""


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


@kernel(nogil=True)
def _fill(left: Ints, prices: Ints, arcs: Ints, fixed: Ints, ends: Ints, places: int) -> None:
    """Fill a table with the least cost of what is left at each place."""
    left[: places - ends.size] = NEVER
    left[places - ends.size : places] = ends
    for number in range(len(fixed)):
        begin, end, distance, which = arcs[number, 0], arcs[number, 1], arcs[number, 2], arcs[number, 3]
        if prices[which] < LARGEST:
            price = np.int32(prices[which] + fixed[number])
            ahead = np.uint64(distance)
            for place in range(np.uint64(begin), np.uint64(end)):  # unsigned: many are done at a time
                left[place] = min(left[place], np.int32(left[place + ahead] + price))


@kernel(nogil=True)
def _walk(
    row: Ints,
    left: Ints,
    prices: Ints,
    arcs: Ints,
    fixed: Ints,
    of_node: Ints,
    place: int,
    node: int,
    classes: int,
    draw: int,
) -> int:
    """Follow the cheapest row from a place, drawing among equals; return the state of the draw."""
    for day in range(row.size):
        equals, best, chosen = 0, np.int64(NEVER), -1
        for number in range(of_node[0, node], of_node[1, node]):
            if arcs[number, 0] <= place < arcs[number, 1] and prices[arcs[number, 3]] < LARGEST:
                total = np.int64(prices[arcs[number, 3]]) + fixed[number] + left[place + arcs[number, 2]]
                if total > best:
                    continue
                equals = equals + 1 if total == best else 1
                best = total
                draw = (draw * MULTIPLIER + INCREMENT) & HIGHEST
                if (draw >> 33) % equals == 0:
                    chosen = number
        row[day] = arcs[chosen, 3] - day * classes
        place, node = place + arcs[chosen, 2], arcs[chosen, 4]
    return draw


@kernel(nogil=True)
def _cheapest_posts(base: Ints, cells: Ints, class_of: Ints, prices: Ints, which: Ints, classes: int) -> None:
    """Find the cheapest post of each class on each day."""
    days, posts = base.shape
    prices[:] = NEVER
    for day in range(days):
        for post in range(posts):
            if base[day, post] < LARGEST:
                total, place = base[day, post] + cells[day, post], day * classes + class_of[post]
                if total < prices[place]:
                    prices[place], which[place] = total, post


@kernel(nogil=True)
def _price(
    people: Whole, cells: Ints, of: Any, base: Ints, left: Ints, values: Whole, rows: Any, draw: int
) -> int:
    """Find the cheapest row of each of some people under prices of cells; who are alike are together."""
    kinds, starts, alike, class_of, arcs, first, fixed, of_node, ends, last, places, classes = of
    days = base.shape[1]
    prices, which = np.zeros(days * classes, np.int32), np.zeros(days * classes, np.int32)
    row = np.zeros(days, np.int32)
    before = -1
    for number in range(people.size):
        person = people[number]
        kind = kinds[person]
        begin, end = first[kind], first[kind + 1]
        if alike[person] != before:
            before = alike[person]
            _cheapest_posts(base[person], cells, class_of[kind], prices, which, classes)
            _fill(
                left,
                prices,
                arcs[begin:end],
                fixed[begin:end],
                ends[last[kind] : last[kind + 1]],
                places[kind],
            )
        place, node = starts[person]
        values[number] = NEVER if place < 0 else left[place]
        if values[number] < LARGEST:
            draw = _walk(
                row,
                left,
                prices,
                arcs[begin:end],
                fixed[begin:end],
                of_node[kind],
                place,
                node,
                classes,
                draw,
            )
            for day in range(days):
                rows[number, day] = which[day * classes + row[day]]
    return draw


@kernel(nogil=True)
def _sweep(
    people: Whole,
    grid: Any,
    own: Whole,
    met: Whole,
    demand: Any,
    lead: Floats,
    share: float,
    noise: float,
    of: Any,
    base: Ints,
    left: Ints,
    draw: int,
) -> int:
    """Give each of some people in turn the cheapest row for what the others leave.

    Args:
        people: in this order.
        grid, own, met: rows, what each costs beside the demand, and how many each demand has; changed.
        demand: its least, most, and prices of one too few and too many; first and all demands of each cell.
        lead, share: prices of cells that count so much, instead of what one more costs now.
        noise: by how much at most prices are disturbed.
        of, base: of the tables.
    """
    kinds, starts, _, class_of, arcs, first, fixed, of_node, ends, last, places, classes = of
    least, most, under, over, first_of, demands = demand
    days, posts = base.shape[1:]
    prices, which = np.zeros(days * classes, np.int32), np.zeros(days * classes, np.int32)
    row, cells = np.zeros(days, np.int32), np.zeros((days, posts), np.int32)
    for person in people:
        for day in range(days):
            cell = day * posts + grid[person, day]
            for number in range(first_of[cell], first_of[cell + 1]):
                met[demands[number]] -= 1
        for day in range(days):
            for post in range(posts):
                if base[person, day, post] >= LARGEST:
                    continue
                total, cell = 0.0, day * posts + post
                for number in range(first_of[cell], first_of[cell + 1]):
                    one = demands[number]
                    if met[one] < least[one]:
                        total -= under[one]
                    if met[one] >= most[one]:
                        total += over[one]
                total = (1.0 - share) * total + share * lead[day, post]
                if noise > 0.0:
                    draw = (draw * MULTIPLIER + INCREMENT) & HIGHEST
                    total += noise * ((draw >> 31) / 4294967296.0)
                cells[day, post] = np.int32(total)
        kind = kinds[person]
        begin, end = first[kind], first[kind + 1]
        _cheapest_posts(base[person], cells, class_of[kind], prices, which, classes)
        _fill(
            left, prices, arcs[begin:end], fixed[begin:end], ends[last[kind] : last[kind + 1]], places[kind]
        )
        place, node = starts[person]
        if place >= 0 and left[place] < LARGEST:
            own[person] = left[place]
            draw = _walk(
                row,
                left,
                prices,
                arcs[begin:end],
                fixed[begin:end],
                of_node[kind],
                place,
                node,
                classes,
                draw,
            )
            for day in range(days):
                grid[person, day] = which[day * classes + row[day]]
                own[person] -= cells[day, grid[person, day]]
        for day in range(days):
            cell = day * posts + grid[person, day]
            for number in range(first_of[cell], first_of[cell + 1]):
                met[demands[number]] += 1
    return draw


class Tables:
    """Tables of all people of a pool, and what their rows count for the demand.

    Attributes:
        unit: units of one of cost.
        order: people, those who are alike but for their past together.
        alike, starts: of each person: who shares a table, and where in it they start.
    """

    def __init__(self, problem: Problem, pricing: Pricing, cover: Cover, seed: int) -> None:
        """Make the tables. Raises `TooLarge` where the rules of somebody make too many places."""
        days, posts = cover.shape
        shift_of = problem.shift_of_post()
        base = np.array(pricing.base).reshape(-1, days, posts)
        for number, person in enumerate(problem.people):
            base[number][:, [post for post in range(1, posts) if post not in person.posts]] = math.inf
        self.draw = seed + 1
        self.cover, self.days = cover, days
        per_cell = np.bincount(cover.cell, np.maximum(cover.under, cover.over)[cover.of]).max(initial=1.0)
        own = [
            each[np.isfinite(each)].max(initial=0.0)
            for of in pricing.layouts
            for each in (of.cost, of.extra, of.ends)
        ]
        a_day = HIGHEST_PRICE * per_cell + np.where(np.isfinite(base), base, 0.0).max(initial=0.0)
        self.unit = 2.0 ** math.floor(math.log2(LARGEST / days / (a_day + sum(sorted(own)[-3:]))))
        if self.unit < 1.0:
            raise TooLarge
        self.base = self.units(base)
        numbers: dict[Any, int] = {}
        kinds, firsts = [], list[Layout]()
        for of in pricing.layouts:
            rules = (of.classes, of.step, of.cost, of.worked, of.worth, of.sizes, of.beyond, of.ends)
            key = tuple(each.tobytes() for each in rules), of.split
            if key not in numbers:
                numbers[key] = len(numbers)
                firsts.append(of)
            kinds.append(numbers[key])
        kind = np.array(kinds, np.int64)
        classes = max(of.step.shape[1] for of in firsts)
        start = np.array([of.start for of in pricing.layouts], np.int64)
        class_of = np.array([of.classes[shift_of] for of in firsts], np.int32)
        networks = []
        for number, of in enumerate(firsts):
            mine = np.flatnonzero(kind == number)
            allowed = np.zeros((days, of.step.shape[1]), bool)
            day, post = np.nonzero((self.base[mine] < LARGEST).any(0))
            allowed[day, class_of[number, post]] = True
            networks.append(network(of, allowed, np.unique(start[mine]), self.units, classes))
        self.starts = np.array(
            [networks[number].starts[each] for number, each in zip(kinds, start, strict=True)]
        )
        alike: dict[Any, int] = {}
        self.alike = np.array(
            [
                alike.setdefault((number, each.tobytes()), len(alike))
                for number, each in zip(kinds, self.base, strict=True)
            ]
        )
        self.order = np.argsort(self.alike, kind="stable")
        widest = max(each.of_node.shape[1] for each in networks)
        of_node = np.zeros((len(networks), 2, widest), np.int32)
        for number, each in enumerate(networks):
            of_node[number, :, : each.of_node.shape[1]] = each.of_node
        self.of = (
            kind,
            self.starts,
            self.alike,
            class_of,
            np.concatenate([each.arcs for each in networks]),
            np.cumsum([0, *(len(each.arcs) for each in networks)]),
            np.concatenate([each.fixed for each in networks]),
            of_node,
            np.concatenate([each.ends for each in networks]),
            np.cumsum([0, *(len(each.ends) for each in networks)]),
            np.array([each.places for each in networks]),
            classes,
        )
        self.left = np.zeros(max(each.places for each in networks), np.int32)
        ordered = np.argsort(cover.cell, kind="stable")
        first_of = np.searchsorted(cover.cell[ordered], np.arange(days * posts + 1))
        self.demand = (
            cover.least,
            cover.most,
            cover.under * self.unit,
            cover.over * self.unit,
            first_of,
            cover.of[ordered],
        )

    def units(self, prices: Floats) -> Ints:
        """Return prices in units, infinite ones as `NEVER`."""
        finite = np.isfinite(prices)
        return np.where(finite, np.round(np.where(finite, prices, 0.0) * self.unit), NEVER).astype(np.int32)

    def rows(self, people: Whole, prices: Floats) -> tuple[Floats, Grid, Floats]:
        """Return the least cost of rows of people under prices of cells, such rows, and their own cost."""
        cells = self.units(prices)
        values, rows = np.empty(len(people), np.int64), np.zeros((len(people), self.days), np.int16)
        self.draw = _price(people, cells, self.of, self.base, self.left, values, rows, self.draw)
        own = values - cells[np.arange(self.days), rows].sum(1, dtype=np.int64)
        return np.where(values < LARGEST, values / self.unit, math.inf), rows, own / self.unit

    def sweep(
        self, people: Whole, grid: Grid, own: Whole, met: Whole, noise: float, lead: Floats, share: float
    ) -> float:
        """Give each of some people in turn the cheapest row; return what the roster then costs."""
        self.draw = _sweep(
            people,
            grid,
            own,
            met,
            self.demand,
            lead * self.unit,
            share,
            noise * self.unit,
            self.of,
            self.base,
            self.left,
            self.draw,
        )
        return float(own.sum() / self.unit + self.cover.costs_of(met.astype(float)).sum())
