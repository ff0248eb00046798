"""One instance for one scheme: candidates that score enough, of which those of the same payments are one."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.desks.finance.patterns import memory, scoring
from watchfloor.desks.finance.patterns.fold import Plan, finds, fold, rooms
from watchfloor.desks.finance.patterns.naming import Candidate, candidates
from watchfloor.desks.finance.patterns.registry import Registry

Integers = npt.NDArray[np.int64]

FANS: Final = ("fan-out", "fan-in")
SHARED: Final = 0.3
"""Share of a candidate's payments that are of a better one's, from which on it is the same scheme."""
PART: Final = 1 << 16
"""Payments that are folded between two looks at the room there is."""
THRESHOLD: Final = 0.07
"""Least score, unless another is asked for."""


class PatternError(ValueError):
    """Payments that cannot be folded; the message says why."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A scheme as far as it is known.

    Attributes:
        number: stays the same while the scheme grows, and when it turns out to be of another typology.
        typology: of `naming.TYPOLOGIES`.
        rows: numbers of its payments in the stream, rising.
        accounts: numbers of its accounts, in the order in which they come in.
        since: its first payment, µs.
        until: its last one, µs.
        score: 0 to 1.
    """

    number: int
    typology: str
    rows: tuple[int, ...]
    accounts: tuple[int, ...]
    since: int
    until: int
    score: float


class Patterns:
    """Payments taken so far and the instances that they show.

    Args:
        plan: what is looked for.
    """

    def __init__(self, plan: Plan | None = None) -> None:
        self.plan = plan or Plan()
        self.registry = Registry()
        self.memory, self._rooms = memory.empty(), rooms()
        self._newest: int | None = None

    def restored(self, held: memory.Memory) -> None:
        """Take up what was remembered."""
        self.memory, self._newest = held, int(held.total[0]["now"])

    @property
    def cut(self) -> int:
        """How many searches a budget ended."""
        return int(self.memory.total[0]["cut"])

    @property
    def last(self) -> Integers:
        """When each pair paid last, µs."""
        return np.asarray(self.memory.pairs["last"])

    def fold(self, payer: Integers, payee: Integers, time: Integers, amount: npt.NDArray[Any]) -> None:
        """Fold the next payments.

        Args:
            payer: [n] numbers of the accounts that pay, from 0 without gaps.
            payee: [n] those that are paid; a payment to oneself is no part of anything.
            time: [n] µs, none before the last one taken; equal ones are in the feed's order.
            amount: [n] positive, of one currency.

        Raises:
            PatternError: a payment is earlier than the one before it, or its amount is not positive.
        """
        if not len(time):
            return
        if (self._newest is not None and time[0] < self._newest) or (np.diff(time) < 0).any():
            raise PatternError("a payment is earlier than the one before it: sort them by time")
        if not (amount > 0).all() or not np.isfinite(amount).all():
            raise PatternError("an amount is not above zero")
        for start in range(0, len(time), PART):
            part = slice(start, start + PART)
            one, other, when = (np.array(column[part], np.int64) for column in (payer, payee, time))
            self._take(one, other, when, np.array(amount[part], np.float64))
        self._newest = int(time[-1])

    def _take(
        self, payer: Integers, payee: Integers, time: Integers, amount: npt.NDArray[np.float64]
    ) -> None:
        accounts = int(max(payer.max(), payee.max())) + 1
        oldest = int(time[0]) - self.plan.width - 1
        self.memory = memory.with_room(self.memory, accounts, len(time), oldest)
        done, work = 0, self._rooms
        while done < len(time):
            done, found, numbers = fold(self.memory, done, payer, payee, time, amount, self.plan, work)
            made = list(finds(work.numbers[:numbers], work.told[:found]))
            total = self.memory.total[0]
            self.registry.know(self.memory.edges, int(total["base"]), int(total["start"]), made)
            for one in made:
                self.registry.add(one)

    def forget(self, before: int) -> None:
        """Let go of what was found and whose last payment is earlier (µs); accounts and pairs stay known."""
        self.registry.forget(before)

    def instances(self, threshold: float = THRESHOLD) -> list[Instance]:
        """Return the instances after the payments taken so far, in the order in which schemes began.

        It does not depend on how the payments were cut into batches.
        """
        found = list(_scored(self.registry, self.last, self.plan.width))
        kept = _apart([(one, odds) for one, odds in found if scoring.score(odds) >= threshold])
        made = [self._instance(one, odds, born) for one, odds, born in kept]
        return sorted(made, key=lambda one: (one.since, one.number))

    def _instance(self, one: Candidate, odds: float, born: int) -> Instance:
        paid = [self.registry.payments[e] for e in sorted(one.members)]
        return Instance(
            born,
            one.typology,
            tuple(p.row for p in paid),
            tuple(dict.fromkeys(account for p in paid for account in (p.payer, p.payee))),
            paid[0].time,
            paid[-1].time,
            scoring.score(odds),
        )


def _scored(registry: Registry, last: Integers, width: int) -> Iterator[tuple[Candidate, float]]:
    by: dict[str, list[Candidate]] = defaultdict(list)
    for one in candidates(registry, last, width):
        by[one.typology].append(one)
    for typology, found in by.items():
        yield from zip(found, scoring.log_odds(typology, found).tolist(), strict=True)


def _apart(found: list[tuple[Candidate, float]]) -> list[tuple[Candidate, float, int]]:
    """Of candidates with payments in common the best, with the number of the first find of any of them.

    A fan is part of every gather-scatter, scatter-gather, bipartite and stack; so these come first.
    """
    ranked = sorted(found, key=lambda pair: (pair[0].typology in FANS, -pair[1], sorted(pair[0].members)))
    owner: dict[int, int] = {}
    kept: list[tuple[Candidate, float, int]] = []
    for one, odds in ranked:
        shares = [owner[e] for e in one.members if e in owner]
        if len(shares) < SHARED * len(one.members):
            owner.update(dict.fromkeys(one.members - owner.keys(), len(kept)))
            kept.append((one, odds, one.born))
            continue
        most = max(sorted(set(shares)), key=shares.count)
        best, best_odds, born = kept[most]
        kept[most] = (best, best_odds, min(born, one.born))
    return kept
