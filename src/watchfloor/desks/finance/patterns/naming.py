"""Of which typology what was found is: candidates, each of exact payments, before any is accepted.

| typology | payments |
|---|---|
| fan-out, fan-in | one account to (from) at least three others, amounts alike |
| gather-scatter | a fan-in, then a fan-out of the same account of about the same sum |
| scatter-gather | one account to at least two others, each of whom then pays on to one and the same |
| cycle | at least three, each from the account that the one before went to, back to the first |
| bipartite | at least two payers and two payees, joined by squares, as AMLSim makes them |
| stack | the same with accounts in between, who are paid and then pay |

AMLworld calls payments of which no two share an account a bipartite, and chains of two payments that share
none a stack. Those have no shape, and are not looked for.
"""

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.desks.finance.patterns.fold import DIAMOND, FAN_IN, FAN_OUT
from watchfloor.desks.finance.patterns.registry import Burst, Payment, Registry, Scheme

TYPOLOGIES: Final = ("fan-out", "fan-in", "gather-scatter", "scatter-gather", "cycle", "bipartite", "stack")
HOURS: Final = 3.6e9
"""Microseconds."""
LEAST: Final = 3
"""Payments of a fan at least; either side of a gather-scatter may have two."""
LASTING: Final = 0.5
"""Share of pairs that go on paying from which on they are staff, tenants or suppliers: a licit role,
learned."""
USED_TO: Final = 1.5
"""Payments to be expected of an account in the time of a scheme, up to which one more hangs on it."""
ONWARD: Final = 0.25
"""Share of payments by accounts in between, from which on a block is a stack."""
HUB: Final = 8.0
"""The same, from which on its payments may be there by chance."""
WIDE: Final = 1.2
"""Standard deviation of the logarithms of an account's amounts, about."""
KEPT: Final = (0.35, 1.4)
"""Sums out over in of a gather-scatter: at least, at most."""


class Candidate(NamedTuple):
    """A possible instance: its payments by number, the number of the find it began with, and its facts.

    `facts` are the numbers that `scoring` weighs, in the order that it names them.
    """

    typology: str
    members: frozenset[int]
    born: int
    facts: tuple[float, ...]


def candidates(registry: Registry, last: npt.NDArray[np.int64], width: int) -> Iterator[Candidate]:
    """Yield all that may be an instance, many of them of the same payments.

    Args:
        registry: what was found.
        last: when each pair paid last, µs.
        width: longest time between first and last payment of an instance, µs.
    """
    memo = registry.memo
    memo.turn()
    fresh: dict[tuple[int, int], list[Burst]] = {}
    for (account, kind), held in registry.bursts.items():
        fresh[account, kind] = []
        for burst in held:
            again = _again(registry, burst.members, last)
            if again < LASTING:
                fresh[account, kind].append(burst)
                if len(burst.members) >= LEAST:
                    yield _fan(registry, burst, kind, again)
    for (account, kind), held in fresh.items():
        if kind == FAN_IN and held and (after := fresh.get((account, FAN_OUT))):
            yield from _gather_scatters(registry, held, after, width)
    for ring in registry.rings.values():
        key = "ring", ring.members, ring.worth
        facts = memo.get(key, partial(_of_ring, registry, ring.members, ring.worth))
        yield Candidate("cycle", ring.members, ring.born, facts)
    for scheme in registry.schemes.values():
        whole = frozenset(scheme.members)
        if _again(registry, whole, last) < LASTING:
            rests = whole, scheme.born, tuple(scheme.squares), _around(registry, whole)
            yield from memo.get(rests, partial(_of_scheme, registry, scheme))


def _again(registry: Registry, members: frozenset[int], last: npt.NDArray[np.int64]) -> float:
    """Share of the pairs that paid again more than a day after the last member."""
    pairs, end = registry.memo.get(("pairs", members), partial(_pairs, registry, members))
    return float(np.count_nonzero(last[pairs] > end) / len(pairs))


def _pairs(registry: Registry, members: frozenset[int]) -> tuple[npt.NDArray[np.int64], float]:
    paid = [registry.payments[e] for e in members]
    return np.array([one.pair for one in paid]), max(one.time for one in paid) + 24 * HOURS


def _around(registry: Registry, members: frozenset[int]) -> tuple[int, ...]:
    """Payments of a scheme's accounts of about its time, by account: what may hang on it."""
    paid = _sorted(registry, members)
    room = max(_hours(paid), 48.0) * HOURS
    begin, end = paid[0].time - room, paid[-1].time + room
    accounts = sorted({account for one in paid for account in (one.payer, one.payee)})
    return tuple(e for account in accounts for e in _between(registry, account, begin, end))


def _between(registry: Registry, account: int, begin: float, end: float) -> list[int]:
    """Payments of an account from one moment to another, µs; their numbers rise with time."""
    mine = registry.by_account[account]

    def when(e: int) -> int:
        return registry.payments[e].time

    return mine[bisect_left(mine, begin, key=when) : bisect_right(mine, end, key=when)]


def _sorted(registry: Registry, members: frozenset[int] | set[int]) -> list[Payment]:
    return [registry.payments[e] for e in sorted(members)]


def _hours(paid: list[Payment]) -> float:
    return (paid[-1].time - paid[0].time) / HOURS


def _spread(amounts: list[float]) -> float:
    return float(np.std(np.log(amounts)))


def _fan(registry: Registry, burst: Burst, kind: int, again: float) -> Candidate:
    key = "fan", kind, burst.members, burst.worth, burst.busy, burst.partners, burst.watched
    facts = registry.memo.get(key, partial(_of_fan, registry, burst, kind))
    return Candidate(TYPOLOGIES[kind], burst.members, burst.born, (*facts[:-1], again, facts[-1]))


def _of_fan(registry: Registry, burst: Burst, kind: int) -> tuple[float, ...]:
    """The facts of a fan, all but how many of its pairs pay again."""
    paid = _sorted(registry, burst.members)
    out = kind == FAN_OUT
    times = np.array([one.time for one in paid]) / HOURS
    crowd = (np.searchsorted(times, times + 10.0) - np.arange(len(times))).max() / len(times)
    return (
        min(burst.worth, 60.0),
        np.log(len(paid)),
        _spread([one.amount for one in paid]),
        np.log1p(_hours(paid)),
        np.log1p(burst.busy),
        np.log1p(burst.partners - len(paid)),
        float(np.mean([np.log1p(one.payee_busy if out else one.payer_busy) for one in paid])),
        float(crowd),
        float(np.mean([one.payee_off if out else one.payer_off for one in paid])),
        paid[0].payer_off if out else paid[0].payee_off,
        np.log(1 + burst.watched / HOURS / 24),
    )


def _gather_scatters(
    registry: Registry, before: list[Burst], after: list[Burst], width: int
) -> Iterator[Candidate]:
    for one in before:
        for other in after:
            key = one.members, one.worth, one.partners, other.members, other.worth, other.partners
            facts = registry.memo.get(key, partial(_gather_scatter, registry, one, other, width))
            if facts is not None:
                members = one.members | other.members
                yield Candidate("gather-scatter", members, min(one.born, other.born), facts)


def _gather_scatter(registry: Registry, one: Burst, other: Burst, width: int) -> tuple[float, ...] | None:
    """The facts of two bursts that are one; None where they are not."""
    got, paid = _sorted(registry, one.members), _sorted(registry, other.members)
    share = sum(p.amount for p in paid) / sum(p.amount for p in got)
    late = sum(p.time <= got[-1].time for p in paid) / len(paid)
    if (
        len(got) + len(paid) < LEAST + 2
        or not KEPT[0] <= share <= KEPT[1]
        or late > 0.5
        or paid[-1].time - got[0].time > width
    ):
        return None
    return (
        min(one.worth, 30.0) + min(other.worth, 30.0),
        min(one.worth, other.worth, 20.0),
        abs(np.log(share) + 0.08),
        _spread([p.amount for p in got]),
        _spread([p.amount for p in paid]),
        np.log1p(max(paid[0].time - got[-1].time, 0) / HOURS),
        np.log1p(_hours(got + paid)),
        late,
        np.log(len(got) + len(paid)),
        np.log1p(min(one.partners - len(got), other.partners - len(paid))),
    )


def _of_ring(registry: Registry, members: frozenset[int], worth: float) -> tuple[float, ...]:
    paid = _sorted(registry, members)
    steps = np.diff(np.log([one.amount for one in paid]))
    return (
        worth,
        np.log(len(paid)),
        float(np.sqrt(np.mean(steps**2))),
        float(np.mean(steps > 0.03)),
        np.log1p(_hours(paid)),
        float(np.mean([np.log1p(one.payer_busy) for one in paid])),
    )


def _of_scheme(registry: Registry, scheme: Scheme) -> list[Candidate]:
    return list(_candidates_of(registry, scheme))


def _candidates_of(registry: Registry, scheme: Scheme) -> Iterator[Candidate]:
    pairs: dict[tuple[int, int], set[int]] = defaultdict(set)
    flat: set[int] = set()
    for square in scheme.squares:
        if square.kind == DIAMOND:
            last, first = registry.payments[square.members[0]], registry.payments[square.members[1]]
            pairs[first.payer, last.payee].update(square.members)
        else:
            flat.update(square.members)
    for members in pairs.values():
        yield _scatter_gather(registry, frozenset(members), scheme)
    whole = frozenset(scheme.members)
    for block in dict.fromkeys((whole, frozenset(flat), _of_the_idle(registry, whole))):
        squares = [one.worth for one in scheme.squares if block.issuperset(one.members)]
        if not squares:
            continue
        for told in dict.fromkeys((block, block | _hanging(registry, block))):
            yield from _layers(registry, told, squares, scheme.born)


def _layers(
    registry: Registry, members: frozenset[int], worths: list[float], born: int
) -> Iterator[Candidate]:
    """A bipartite or a stack of some payments and of the squares that they close."""
    paid = _sorted(registry, members)
    between = {one.payer for one in paid} & {one.payee for one in paid}
    payers, payees = len({one.payer for one in paid} - between), len({one.payee for one in paid} - between)
    if between and (payers, payees) == (1, 1):
        return
    facts = (
        min(float(np.mean(worths)), 25.0),
        np.log(len(worths)),
        np.log(len(paid)),
        _spread([one.amount for one in paid]),
        np.log1p(_hours(paid)),
        len(worths) / len(paid),
        float(np.mean([np.log1p(one.payer_busy) for one in paid])),
        float(np.mean([np.log1p(one.payee_busy) for one in paid])),
        len(between) / (len(between) + payers + payees),
        _density(paid),
    )
    onward = sum(one.payer in between for one in paid) / len(paid)
    yield Candidate("stack" if onward >= ONWARD else "bipartite", members, born, facts)


def _density(paid: list[Payment]) -> float:
    """Payments of a member account, of either side, about."""
    return len(paid) / len({account for one in paid for account in (one.payer, one.payee)})


def _expected(registry: Registry, one: Payment, account: int, window: float) -> float:
    """How many payments by amounts like this one an account makes or gets in a time (µs), about."""
    busy, off = (one.payer_busy, one.payer_off) if account == one.payer else (one.payee_busy, one.payee_off)
    share = math.exp(-0.5 * min(off / WIDE, 3.0) ** 2)
    return 0.5 * share * busy * window / max(one.time - registry.start, window)


def _of_the_idle(registry: Registry, members: frozenset[int]) -> frozenset[int]:
    """A scheme without the payments of accounts that make so many that some close squares by chance."""
    paid = _sorted(registry, members)
    window = max(paid[-1].time - paid[0].time, 24 * HOURS)
    return frozenset(
        e
        for e, one in zip(sorted(members), paid, strict=True)
        if max(_expected(registry, one, account, window) for account in (one.payer, one.payee)) <= HUB
    )


def _hanging(registry: Registry, members: frozenset[int]) -> set[int]:
    """Payments that close no square and yet belong to a scheme: alike, of about its time, and either between
    two of its accounts or of one that would hardly have made it by chance."""
    paid = _sorted(registry, members)
    room = max(_hours(paid), 48.0) * HOURS
    begin, end = paid[0].time - room, paid[-1].time + room
    logs = np.log([one.amount for one in paid])
    middle, reach = float(logs.mean()), max(2.0 * float(logs.std()), 0.6)
    accounts = {account for one in paid for account in (one.payer, one.payee)}
    found = set()
    for e in {e for account in accounts for e in _between(registry, account, begin, end)} - members:
        one = registry.payments[e]
        if abs(math.log(one.amount) - middle) <= reach:
            ends = [account for account in (one.payer, one.payee) if account in accounts]
            if len(ends) == 2 or _expected(registry, one, ends[0], end - begin) <= USED_TO:
                found.add(e)
    return found


def _scatter_gather(registry: Registry, members: frozenset[int], scheme: Scheme) -> Candidate:
    paid = _sorted(registry, members)
    got = {one.payee: one for one in paid if one.payer == paid[0].payer}
    kept = [np.log(one.amount / got[one.payer].amount) for one in paid if one.payer in got]
    facts = (
        min(float(np.mean([one.worth for one in scheme.squares])), 25.0),
        np.log(len(kept)),
        float(np.sqrt(np.mean((np.array(kept) + 0.05) ** 2))),
        _spread([one.amount for one in got.values()]),
        np.log1p(_hours(paid)),
        float(np.mean([np.log1p(one.payee_busy) for one in paid])),
    )
    return Candidate("scatter-gather", members, scheme.born, facts)
