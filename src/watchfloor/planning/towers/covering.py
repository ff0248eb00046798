"""Kernels of covers: gains of sites, the best swap, and prices of cells that bound every choice.

`choose` and `uncertainty` use them: cells of a site lie in rows, sites of a cell in columns.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

MOMENTUM: Final = 0.9
"""Share of the last direction in the next one."""


def rows_of(cover: Mask) -> tuple[Numbers, npt.NDArray[np.int32]]:
    """Return where each site's cells begin, and the cells."""
    starts = np.concatenate([[0], np.cumsum(cover.sum(1))])
    return starts.astype(np.int64), np.nonzero(cover)[1].astype(np.int32)


@kernel
def columns(
    starts: Numbers, cells: npt.NDArray[np.int32], size: int
) -> tuple[Numbers, npt.NDArray[np.int32]]:
    """Return where the sites that see each cell begin, and the sites."""
    firsts = np.zeros(size + 1, np.int64)
    for e in range(len(cells)):
        firsts[cells[e] + 1] += 1
    firsts = np.cumsum(firsts)
    ends, sites = firsts.copy(), np.empty(len(cells), np.int32)
    for i in range(len(starts) - 1):
        for e in range(starts[i], starts[i + 1]):
            sites[ends[cells[e]]] = i
            ends[cells[e]] += 1
    return firsts, sites


@kernel
def greedy(
    starts: Numbers,
    cells: npt.NDArray[np.int32],
    worth: Floats,
    costs: Floats,
    budget: float,
    times: int,
    state: npt.NDArray[np.int8],
) -> Mask:
    """Choose, again and again, the site that adds most for its cost; an old gain bounds a new one.

    Where a cell must be seen several times, each sight of it counts for its share.
    """
    count = len(starts) - 1
    counts = np.zeros(len(worth), np.int64)
    chosen: Mask = state == 1
    left = budget
    for i in range(count):
        if chosen[i]:
            left -= costs[i]
            for e in range(starts[i], starts[i + 1]):
                counts[cells[e]] += 1
    gains = np.full(count, np.inf)
    while True:
        fresh = np.zeros(count, np.bool_)
        while True:
            best = -1
            for i in range(count):
                fits = not chosen[i] and state[i] == 0 and costs[i] <= left * (1 + 1e-12)
                if fits and (best < 0 or gains[i] > gains[best]):
                    best = i
            if best < 0 or fresh[best]:
                break
            gain = 0.0
            for e in range(starts[best], starts[best + 1]):
                if counts[cells[e]] < times:
                    gain += worth[cells[e]]
            gains[best] = gain / costs[best]
            fresh[best] = True
        if best < 0 or gains[best] <= 0.0:
            return chosen
        chosen[best] = True
        left -= costs[best]
        for e in range(starts[best], starts[best + 1]):
            counts[cells[e]] += 1


@kernel
def swap(
    starts: Numbers,
    cells: npt.NDArray[np.int32],
    worth: Floats,
    costs: Floats,
    budget: float,
    times: int,
    state: npt.NDArray[np.int8],
    chosen: Mask,
) -> None:
    """Swap a chosen site for another, or add one that fits, the best first, until nothing is better."""
    count = len(starts) - 1
    counts = np.zeros(len(worth), np.int64)
    left = budget
    for i in range(count):
        if chosen[i]:
            left -= costs[i]
            for e in range(starts[i], starts[i + 1]):
                counts[cells[e]] += 1
    while True:
        sites = np.nonzero(chosen)[0]
        sees = np.zeros((len(sites), len(worth)), np.bool_)
        losses = np.zeros(len(sites))
        for a in range(len(sites)):
            for e in range(starts[sites[a]], starts[sites[a] + 1]):
                sees[a, cells[e]] = True
                if counts[cells[e]] == times:
                    losses[a] += worth[cells[e]]
        best, into, out = float(1e-9 * worth.sum()), -1, -1
        both = np.empty(len(sites))
        for i in range(count):
            if chosen[i] or state[i] != 0:
                continue
            gain = 0.0
            both[:] = 0.0
            for e in range(starts[i], starts[i + 1]):
                j = cells[e]
                if counts[j] == times - 1:
                    gain += worth[j]
                if counts[j] == times or counts[j] == times - 1:
                    # Not lost with a site that is swapped out, or not won, if that one sees the cell too.
                    change = worth[j] if counts[j] == times else -worth[j]
                    for a in range(len(sites)):
                        if sees[a, j]:
                            both[a] += change
            if costs[i] <= left * (1 + 1e-12) and gain > best:
                best, into, out = gain, i, -1
            for a in range(len(sites)):
                fits = state[sites[a]] == 0 and costs[i] - costs[sites[a]] <= left * (1 + 1e-12)
                if fits and gain - losses[a] + both[a] > best:
                    best, into, out = gain - losses[a] + both[a], i, sites[a]
        if into < 0:
            return
        chosen[into] = True
        left -= costs[into]
        for e in range(starts[into], starts[into + 1]):
            counts[cells[e]] += 1
        if out >= 0:
            chosen[out] = False
            left += costs[out]
            for e in range(starts[out], starts[out + 1]):
                counts[cells[e]] -= 1


@kernel
def subgradients(
    rows: tuple[Numbers, npt.NDArray[np.int32]],
    columns: tuple[Numbers, npt.NDArray[np.int32]],
    worth: Floats,
    times: int,
    costs: Floats,
    budget: float,
    state: npt.NDArray[np.int8],
    prices: Floats,
    known: float,
    effort: tuple[int, float, int],
    gap: float,
) -> tuple[float, Floats, Floats, Floats, Mask, float]:
    """Lower the bound that prices give, by subgradients (Held, Wolfe and Crowder 1974).

    At prices p the bound is the sum of (worth - needs p) over cells that are not covered yet and may be,
    plus the best fractional choice of open sites, each worth the prices of the cells that it sees, plus the
    worth of cells that chosen sites cover. Most prices stay from step to step, so values of sites are
    brought up to date by the cells whose price changed.

    Args:
        rows, columns: see `rows_of` and `columns`.
        worth, times: of cells; sights that each needs.
        costs, budget: of sites; the budget pays for the chosen ones too.
        state: of sites: 1 chosen, -1 left out, 0 open.
        prices: to begin with, none negative.
        known: what a choice covers already.
        effort: see `ROOT`.
        gap: enough.

    Returns:
        The lowest bound, its prices, the values of open sites at them, the share of steps that chose each
        site, the choice that covered most, and what that covers.
    """
    (starts, cells), (firsts, sites) = rows, columns
    steps, scale, patience = effort
    count, size = len(starts) - 1, len(worth)
    # 1. Cells that are covered, cells that may be, and cells that cannot be.
    needs, reach = np.full(size, times, np.int32), np.zeros(size, np.int32)
    for i in range(count):
        if state[i] == 1:
            budget -= costs[i]
            for e in range(starts[i], starts[i + 1]):
                needs[cells[e]] -= 1
        elif state[i] == 0:
            for e in range(starts[i], starts[i + 1]):
                reach[cells[e]] += 1
    base = 0.0
    for j in range(size):
        if needs[j] <= 0:
            base += worth[j]
    active = np.nonzero((needs > 0) & (reach >= needs))[0]
    number = len(active)
    place = np.full(size, number, np.int32)  # of each cell among the active ones
    place[active] = np.arange(number)
    need, gives = needs[active], worth[active]
    most_price = gives / need
    price = np.minimum(prices[active], most_price)
    free = np.nonzero(state == 0)[0]
    values = _values(active, price, firsts, sites, count)
    rest = base + (gives - need * price).sum()

    bound, best_price = np.inf, price.copy()
    share, chosen, best_chosen, most = np.zeros(count), state == 1, state == 1, -1.0
    direction, counts, idle = np.zeros(number), np.zeros(number + 1, np.int32), 0
    for step in range(steps):
        # 2. The best fractional choice, and the bound.
        total = rest + _knapsack(values, costs, free, budget, chosen)
        idle = 0 if total < bound - 1e-4 * max(bound - known, 0.0) else idle + 1
        if total < bound:
            bound = total
            best_price[:] = price
        # 3. What it covers; the direction is how often cells are seen more than they need.
        counts[:] = 0
        for site in free:
            if chosen[site]:
                for e in range(starts[site], starts[site + 1]):
                    counts[place[cells[e]]] += 1
        covers, norm = base, 0.0
        for a in range(number):
            over = counts[a] - need[a]
            if over >= 0:
                covers += gives[a]
            direction[a] = (1.0 - MOMENTUM) * over + MOMENTUM * direction[a]
            if (price[a] < most_price[a]) if direction[a] < 0.0 else (price[a] > 0.0):
                norm += direction[a] * direction[a]
        if covers > most:
            most = covers
            best_chosen[:] = chosen
        known = max(known, covers)
        if bound <= known * (1 + gap) or norm == 0.0:
            break
        share += max(0.05, 1.0 / (step + 1)) * (chosen - share)
        # 4. A step (Polyak's rule); half as long, from the best prices, where the bound has stayed.
        if idle >= patience:
            scale *= 0.5
            idle = 0
            if scale < 2e-3:
                break
            price[:] = best_price
            values[:] = _values(active, price, firsts, sites, count)
            rest = base + (gives - need * price).sum()
            direction[:] = 0.0
            continue
        length = scale * (total - known) / norm
        for a in range(number):
            new = min(max(price[a] - length * direction[a], 0.0), most_price[a])
            change = new - price[a]
            if change != 0.0:
                price[a] = new
                rest -= need[a] * change
                for e in range(firsts[active[a]], firsts[active[a] + 1]):
                    values[sites[e]] += change
    # 5. Rounding has gathered in the sums, so the bound is that of the best prices, summed anew.
    values = _values(active, best_price, firsts, sites, count)
    bound = base + (gives - need * best_price).sum() + _knapsack(values, costs, free, budget, chosen)
    prices = prices.copy()
    prices[active] = best_price
    return bound, prices, np.where(state == 0, values, 0.0), share, best_chosen, most


@kernel
def _values(
    active: Numbers, price: Floats, firsts: Numbers, sites: npt.NDArray[np.int32], count: int
) -> Floats:
    """Return the sum of the prices of the cells that each site sees."""
    values = np.zeros(count)
    for a in range(len(active)):
        if price[a] > 0.0:
            for e in range(firsts[active[a]], firsts[active[a] + 1]):
                values[sites[e]] += price[a]
    return values


@kernel
def _knapsack(values: Floats, costs: Floats, free: Numbers, budget: float, chosen: Mask) -> float:
    """Choose open sites by value for cost; return their value, the last one in part."""
    chosen[free] = False
    total = 0.0
    for a in np.argsort(-values[free] / costs[free]):
        i = free[a]
        if costs[i] <= budget * (1 + 1e-12):
            chosen[i] = True
            budget -= costs[i]
            total += values[i]
        else:
            return float(total + values[i] * budget / costs[i])
    return total
