"""Squares: two payers and two payees, all of whom pay each other; or two ways from one account to another.

A payment u to v closes a square where another payer of v pays another payee of u (a bipartite one), and where
somebody who had paid u had also paid another who paid v (a diamond, each way in the order of time). Among new
partners who move amounts alike both are rare, and they overlap within a scheme: bipartite, stacked and
scatter-gather schemes are what squares with payments in common join into.

Popular shops share customers. How many squares chance would close is told by how many partners the four
accounts have for a while, among all pairs of that while (the configuration model: B. Bollobás, 1980); a
square is worth the logarithm of its inverse.
"""

from typing import Any, Final

import numpy as np

from watchfloor.desks.finance.engine.graph import NONE
from watchfloor.desks.finance.engine.kernel import kernel
from watchfloor.desks.finance.patterns.fans import HOUR
from watchfloor.desks.finance.patterns.memory import between

ALIKE: Final = 0.35
"""Share of payments whose amounts are alike, about."""
SHORTEST: Final = 6 * HOUR
"""Squares of less time are worth no more."""
LEAST, KEPT = 0.5, 1.03
"""Share of what it got that an intermediary passes on, where the amount is kept."""


@kernel()
def close(memory: Any, e: int, kind: int, plan: Any, out: Any, worths: Any) -> Any:
    """Squares of a kind (0: bipartite, 1: diamond) that a payment u to v closes into `out` [., 4]; how many.

    Of a bipartite square the rows are u to v, u to y, w to v, w to y; of a diamond u to v, y to u, w to v, y
    to w, each second leg after its first, where all amounts are alike or both u and w keep theirs.
    """
    base = memory.total[0].base
    last = memory.edges[e - base]
    u, v, since = last.payer, last.payee, last.time - plan.width
    low, high = last.amount * np.exp(-plan.band), last.amount * np.exp(plan.band)
    total = memory.total[0]
    scale = total.pairs * ((total.now - total.start + 24.0 * HOUR) / ALIKE) ** 3
    chance = float(memory.sides[v, 1].partners) * memory.sides[u, kind].partners
    bar = scale * np.exp(-plan.square_bar)
    count, work = 0, 0
    one = last.older_out if kind == 0 else memory.sides[u, 1].newest
    while one >= base and chance <= bar / SHORTEST**3.0:
        first = memory.edges[one - base]
        if first.time < since:
            break
        y = first.payee if kind == 0 else first.payer
        alike = low <= first.amount <= high
        keeps = kind == 1 and LEAST * first.amount <= last.amount <= KEPT * first.amount
        squared = chance * memory.sides[y, 1 - kind].partners
        begin = min(first.time, last.time - SHORTEST)
        worthy = (alike or keeps) and squared <= bar / (last.time - begin) ** 3.0
        two = last.older_in if worthy and y != v else NONE
        f, one = one, first.older_out if kind == 0 else first.older_in
        work += 1
        while two >= base:
            second = memory.edges[two - base]
            work += 1
            begin = min(begin, second.time)
            far = second.time < since or 2 * squared > bar / (last.time - begin) ** 3.0
            if far or work > plan.budget or count == len(out):
                break
            w = second.payer
            near = alike and low <= second.amount <= high
            if w != u and w != y and (near or keeps):
                three = _third(memory, w, y, since, e) if kind == 0 else _third(memory, y, w, since, two)
                if three != NONE:
                    amount, span = (
                        memory.edges[three - base].amount,
                        memory.edges[min(f, two, three) - base].time,
                    )
                    span = last.time - min(begin, span)
                    worth = np.log(scale / span**3.0 / (squared * memory.sides[w, kind].partners))
                    near = near and low <= amount <= high
                    near = near or (keeps and LEAST * amount <= second.amount <= KEPT * amount)
                    if near and worth >= plan.square_bar:
                        out[count, 0], out[count, 1], out[count, 2], out[count, 3] = e, f, two, three
                        worths[count] = worth
                        count += 1
            two = second.older_in
        if work > plan.budget or count == len(out):
            memory.total[0].cut += 1
            return count
    return count


@kernel()
def _third(memory: Any, w: int, x: int, since: int, until: int) -> Any:
    """The newest young payment of w to x, where it is neither too old nor after another; else -1."""
    e = between(memory, w, x)
    if e == NONE or e >= until or memory.edges[e - memory.total[0].base].time < since:
        return NONE
    return e
