"""Rings: money that comes back to where it started, each payment after the one before, the amount nearly
kept.

The search goes back from the payment that closes a ring. Each step is worth `WORTH` nats less what its amount
strays: among the few new partners of an account one by about the same amount is a coincidence. The ring that
is worth most is told.
"""

from typing import Any, Final

import numpy as np

from watchfloor.desks.finance.engine.kernel import kernel

LONGEST: Final = 20
"""Payments that a ring may have."""
WORTH: Final = 2.0
SPREAD: Final = 0.2
"""Standard deviation of the logarithm of what each step keeps, where it is kept."""
FURTHER: Final = 4
"""Times the budget of other searches, as a ring is sought over many steps."""
STEP: Final = np.dtype([("edge", "i8"), ("next", "i8"), ("worth", "f8")])
"""A payment on the way back, the payment into its payer to look at next, what the way is worth so far."""


@kernel()
def ring(memory: Any, e: int, plan: Any, way: Any, members: Any) -> Any:
    """Length and worth of the best ring that a payment closes (0: none), its payments in `members`.

    `way` [LONGEST] of `STEP` is room to work in. After `FURTHER` times `plan.budget` payments
    the search ends.
    """
    base = memory.total[0].base
    last = memory.edges[e - base]
    start, log = last.payee, np.log(last.amount)
    best, most, work, depth = 0, 0.0, 0, 0
    if memory.sides[start, 0].newest < base:
        return best, most
    way[0].edge, way[0].next, way[0].worth = e, memory.sides[last.payer, 1].newest, 0.0
    while depth >= 0:
        f = way[depth].next
        if f < base or last.time - memory.edges[f - base].time > plan.width:
            depth -= 1
            continue
        edge = memory.edges[f - base]
        way[depth].next = edge.older_in
        work += 1
        if work > FURTHER * plan.budget:
            memory.total[0].cut += 1
            break
        late = memory.edges[way[depth].edge - base]
        off = np.log(late.amount / edge.amount)
        if f >= way[depth].edge or abs(np.log(edge.amount) - log) > plan.band or abs(off) > plan.band:
            continue
        worth = way[depth].worth + WORTH - 0.5 * min((off / SPREAD) ** 2, 12.0)
        if edge.payer == start:
            if depth >= 1 and worth > most:
                best, most = depth + 2, worth
                for d in range(depth + 1):
                    members[d] = way[d].edge
                members[depth + 1] = f
            continue
        if depth + 2 >= LONGEST or worth < -4.0 or _met(memory, way, depth, edge.payer):
            continue
        depth += 1
        way[depth].edge, way[depth].next, way[depth].worth = f, edge.older_in, worth
        way[depth].next = memory.sides[edge.payer, 1].newest
    return best, most


@kernel()
def _met(memory: Any, way: Any, depth: int, account: int) -> Any:
    base = memory.total[0].base
    for d in range(depth + 1):
        edge = memory.edges[way[d].edge - base]
        if edge.payer == account or edge.payee == account:
            return True
    return False
