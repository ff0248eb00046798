"""Bursts: several new partners within a short time, by amounts that are alike, of an account that is not
used to it.

An account's new partners are taken to come at a rate that is learned from its own past, with the rate of all
accounts as the first guess (a gamma-Poisson model, whose prediction is negative binomial), and their amounts
from a lognormal learned the same way. The surprise of a burst is the logarithm of how improbable so many
partners by such amounts are in so short a time. Of all stretches that end with the newest payment the most
surprising is the burst (a scan statistic: J. Naus, JASA 60, 1965; D. Neill, "Expectation-based scan
statistics", 2009).
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
def usual(memory: Any, one: int, side: int, log: float, band: float) -> Any:
    """Time watched, time that the first guess counts for (µs), share of its amounts within `band` of
    e^`log`."""
    total, own = memory.total[0], memory.sides[one, side]
    watched = total.now - total.start + HOUR
    rate = total.pairs / (max(total.accounts, 1) * (watched + 23.0 * HOUR))
    mean_all = total.logs / total.rows
    spread_all = max(total.squares / total.rows - mean_all * mean_all, 0.25)
    weight = own.count + GUESSED
    mean = (own.logs + GUESSED * mean_all) / weight
    spread = (own.squares + GUESSED * (spread_all + mean_all * mean_all)) / weight - mean * mean
    spread = max(spread, 0.25)
    density = np.exp(-0.5 * (log - mean) ** 2 / spread) / np.sqrt(6.283185307179586 * spread)
    return watched, FIRST_GUESS / rate, min(max(2.0 * band * density, RAREST), 1.0)


@kernel()
def surprise(partners: int, count: int, span: float, watched: float, first: float, share: float) -> Any:
    """How improbable (nats) `count` new partners within `span` (µs) are, of `partners` ever.

    What the account did before them is what it is used to: they themselves are not counted. Fewer than are
    to be expected surprise nobody. The rest is of `usual`.
    """
    known = max(partners - count, 0) + FIRST_GUESS
    room = (span * (1.0 + 1.0 / count) + HOUR) * share
    chance = room / (max(watched - span, HOUR) + first + room)
    if count <= known * chance / (1.0 - chance):
        return 0.0
    ways = lgamma(count + known) - lgamma(known) - lgamma(count + 1.0)
    return -(ways + count * np.log(chance) + known * np.log(1.0 - chance))


@kernel()
def burst(memory: Any, e: int, side: int, plan: Any, near: Any, logs: Any, members: Any) -> Any:
    """The most surprising burst that ends with a payment: its size and surprise; `members` [MOST] are
    written.

    Each partner counts once, by its newest payment. Amounts lie within `plan.band` of the newest one, or in
    a narrow band that it is the least, the middle or the greatest of. After `plan.budget` payments the walk
    back ends. `near` and `logs` [MOST] are room to work in.
    """
    edge = memory.edges[e - memory.total[0].base]
    one = edge.payer if side == 0 else edge.payee
    partners, log, best, most = memory.sides[one, side].partners, np.log(edge.amount), 0, 0.0
    if partners < plan.least:
        return best, most
    watched, first, share = usual(memory, one, side, log, 0.5 * NARROW)
    if (partners + FIRST_GUESS) * share * SOON > ACCUSTOMED * (watched + first):
        return best, most
    size = _near(memory, e, side, plan, near, logs)
    for b in range(BANDS):
        low = log - plan.band if b == 3 else log - 0.5 * NARROW * b
        high = log + plan.band if b == 3 else low + NARROW
        if b > 0:
            watched, first, share = usual(memory, one, side, 0.5 * (low + high), 0.5 * (high - low))
        count, found = 0, 0
        for k in range(size):
            if low <= logs[k] <= high:
                count += 1
                if count >= plan.least:
                    span = edge.time - memory.edges[near[k] - memory.total[0].base].time
                    told = surprise(partners, count, span, watched, first, share)
                    if told > most:
                        most, found = told, k + 1
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
