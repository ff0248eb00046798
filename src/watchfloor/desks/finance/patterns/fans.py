"""Bursts: several new partners within a short time, by amounts that are alike, of an account that is not
used to it.

An account's new partners are taken to come at a rate that is learned from its own past, with the rate of all
accounts as the first guess (a gamma-Poisson model), and their amounts from a lognormal learned the same way.
Of all stretches that end with the newest payment and of all bands of amounts, the burst is the one that a
rate of its own explains best against the account's usual one (a scan statistic: M. Kulldorff, "A spatial scan
statistic", 1997; D. Neill, "Expectation-based scan statistics", 2009). What it gains is what it is worth: the
more payments belong to a scheme, the more, so that none is left out for being late.
"""

from math import lgamma
from typing import Any, Final

import numpy as np

from watchfloor.desks.finance.engine.kernel import kernel
from watchfloor.desks.finance.patterns.memory import between

HOUR: Final = 3_600_000_000
FIRST_GUESS: Final = 0.5
"""Partners that the first guess counts for: little, as accounts differ much."""
GUESSED: Final = 4.0
"""Amounts that the first guess of their distribution counts for."""
RAREST: Final = 0.02
"""Least share of amounts that is thought to lie in a band: a big amount alone proves nothing."""
MOST: Final = 48
"""Members of a burst at most."""
BANDS: Final = 4
NARROW: Final = 1.0
"""Width of a narrow band: the logarithm of the greatest amount over the least."""
ACCUSTOMED: Final = 8.0
"""New partners by such amounts that an account expects in `SOON`, beyond which nothing is a burst: a licit
hub."""
SOON: Final = 6 * HOUR


@kernel()
def usual(memory: Any) -> Any:
    """Time watched, time that the first guess counts for (µs), mean and variance of all logarithms."""
    total = memory.total[0]
    watched = total.now - total.start + HOUR
    rate = total.pairs / (max(total.accounts, 1) * (watched + 23.0 * HOUR))
    mean = total.logs / total.rows
    return watched, FIRST_GUESS / rate, mean, max(total.squares / total.rows - mean * mean, 0.25)


@kernel()
def share_of(
    own: Any, less: int, logs: float, squares: float, mean: float, spread: float, low: float, high: float
) -> Any:
    """Share of an account's amounts that lie in a band of logarithms, those of a burst (`less`: how many,
    sums of logarithms and of their squares) left out; `mean` and `spread` are the first guess."""
    weight = own.count - less + GUESSED
    middle = (own.logs - logs + GUESSED * mean) / weight
    wide = (own.squares - squares + GUESSED * (spread + mean * mean)) / weight - middle * middle
    wide = max(wide, 0.25)
    off = 0.5 * (low + high) - middle
    density = np.exp(-0.5 * off * off / wide) / np.sqrt(6.283185307179586 * wide)
    return min(max((high - low) * density, RAREST), 1.0)


@kernel()
def gain(partners: int, count: int, span: float, watched: float, first: float, share: float) -> Any:
    """By how much (nats) a burst of its own rate explains `count` of `partners` within `span` (µs) better
    than the account's usual rate does, under which they would be `share` of it. The usual one is integrated
    out, with and without the burst. The rest is of `usual`."""
    room = span * (1.0 + 1.0 / count) + HOUR
    ways = lgamma(partners + FIRST_GUESS) - lgamma(max(partners - count, 0) + FIRST_GUESS)
    return count * (np.log(count * (watched + first) / (room * share)) - 1.0) - ways


@kernel()
def burst(memory: Any, e: int, side: int, plan: Any, near: Any, logs: Any, members: Any) -> Any:
    """The best burst that ends with a payment: its size and what it gains; `members` [MOST] are
    written.

    Each partner counts once, by its newest payment. Amounts lie within `plan.band` of the newest one, or in
    a narrow band that it is the least, the middle or the greatest of. After `plan.budget` payments the walk
    back ends. `near` and `logs` [MOST] are room to work in.
    """
    base = memory.total[0].base
    edge = memory.edges[e - base]
    own = memory.sides[edge.payer, 0] if side == 0 else memory.sides[edge.payee, 1]
    partners, log, best, most = own.partners, np.log(edge.amount), 0, 0.0
    if partners < plan.least:
        return best, most
    watched, first, mean, spread = usual(memory)
    share = share_of(own, 0, 0.0, 0.0, mean, spread, log - 0.5 * NARROW, log + 0.5 * NARROW)
    if (partners + FIRST_GUESS) * share * SOON > ACCUSTOMED * (watched + first):
        return best, most
    size = _near(memory, e, side, plan, near, logs)
    for b in range(BANDS):
        low = log - plan.band if b == 3 else log - 0.5 * NARROW * b
        high = log + plan.band if b == 3 else low + NARROW
        found, count, sum_of, squares = 0, 0, 0.0, 0.0
        for k in range(size):
            if low <= logs[k] <= high:
                count += 1
                sum_of += logs[k]
                squares += logs[k] * logs[k]
                if count >= plan.least:
                    span = float(edge.time - memory.edges[near[k] - base].time)
                    share = share_of(own, count, sum_of, squares, mean, spread, low, high)
                    better = gain(partners, count, span, watched, first, share)
                    if better > most:
                        most, found = better, k + 1
        if found > 0:
            best = 0
            for k in range(found):
                if low <= logs[k] <= high:
                    members[best] = near[k]
                    best += 1
    return best, most


@kernel()
def _near(memory: Any, e: int, side: int, plan: Any, near: Any, logs: Any) -> Any:
    """The newest payments of an account to new partners by amounts like the newest one's; how many."""
    base = memory.total[0].base
    last = memory.edges[e - base]
    reach = max(plan.band, NARROW)
    low, high = last.amount * np.exp(-reach), last.amount * np.exp(reach)
    count, work = 0, 0
    while e >= base and count < MOST:
        edge = memory.edges[e - base]
        work += 1
        if last.time - edge.time > plan.width:
            break
        if work > plan.budget:
            memory.total[0].cut += 1
            break
        if low <= edge.amount <= high and between(memory, edge.payer, edge.payee) == e:
            near[count], logs[count] = e, np.log(edge.amount)
            count += 1
        e = edge.older_out if side == 0 else edge.older_in
    return count
