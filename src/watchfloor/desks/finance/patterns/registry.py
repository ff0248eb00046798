"""Registry of finds: bursts of each account, squares joined into schemes, rings. It grows with payments."""

from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from watchfloor.desks.finance.patterns.fold import FAN_IN, FAN_OUT, RING, Find

T = TypeVar("T")

LARGEST: Final = 120
"""Payments of a scheme beyond which squares join no further; what overlaps is told as several."""


class Payment(NamedTuple):
    """A member: see `memory.EDGE`."""

    row: int
    payer: int
    payee: int
    time: int
    amount: float
    payer_busy: int
    payee_busy: int
    pair: int
    payer_off: float
    payee_off: float


@dataclass(slots=True)
class Burst:
    """New partners of one account: payments, gain (nats), payments of the account the other way,
    partners, and how long the stream had run (µs)."""

    members: frozenset[int]
    worth: float
    busy: int
    partners: int
    watched: int
    born: int


@dataclass(slots=True)
class Scheme:
    """Squares with payments in common."""

    members: set[int]
    squares: list[Find]
    born: int


@dataclass(slots=True)
class Ring:
    """A ring and its worth (nats)."""

    members: frozenset[int]
    worth: float
    born: int


class Memo:
    """Values made of finds, kept from one look to the next for as long as each look asks for them.

    Keys hold all that the value rests on, so that a registry that was thawed and has none says the same.
    """

    def __init__(self) -> None:
        self._now: dict[Any, Any] = {}
        self._before: dict[Any, Any] = {}

    def turn(self) -> None:
        """Begin a look: what the last one did not ask for is forgotten."""
        self._before, self._now = self._now, {}

    def get(self, key: Any, make: Callable[[], T]) -> T:
        """The value of a key, made where there is none."""
        if key not in self._now:
            self._now[key] = self._before[key] if key in self._before else make()
        value: T = self._now[key]
        return value


@dataclass
class Registry:
    """Finds taken so far; `payments` are the members of any, by their number."""

    payments: dict[int, Payment] = field(default_factory=dict)
    bursts: dict[tuple[int, int], list[Burst]] = field(default_factory=dict)
    schemes: dict[int, Scheme] = field(default_factory=dict)
    rings: dict[frozenset[int], Ring] = field(default_factory=dict)
    scheme_of: dict[int, int] = field(default_factory=dict)
    by_account: dict[int, list[int]] = field(default_factory=dict)
    start: int = 0
    taken: int = 0
    memo: Memo = field(default_factory=Memo)

    def know(self, edges: npt.NDArray[Any], base: int, start: int, finds: list[Find]) -> None:
        """Keep what is known of the members of finds; `edges` are those in memory, the first number
        `base`; `start` is when the stream began, µs."""
        self.start = start
        fresh = sorted({e for find in finds for e in find.members} - self.payments.keys())
        rows = edges[np.array(fresh, np.int64) - base]
        columns = [rows[name].tolist() for name in Payment._fields]
        for e, row in zip(fresh, zip(*columns, strict=True), strict=True):
            self.keep(e, Payment(*row))

    def keep(self, e: int, paid: Payment) -> None:
        """Keep a payment under its number; an account's are in their order, whenever each was found."""
        self.payments[e] = paid
        insort(self.by_account.setdefault(paid.payer, []), e)
        insort(self.by_account.setdefault(paid.payee, []), e)

    def forget(self, before: int) -> None:
        """Let go of finds whose last payment is earlier (µs), and of payments of none."""
        young = {e for e, paid in self.payments.items() if paid.time >= before}
        for key, held in list(self.bursts.items()):
            if kept := [one for one in held if not young.isdisjoint(one.members)]:
                self.bursts[key] = kept
            else:
                del self.bursts[key]
        self.schemes = {n: one for n, one in self.schemes.items() if not young.isdisjoint(one.members)}
        self.rings = {key: one for key, one in self.rings.items() if not young.isdisjoint(key)}
        self.scheme_of = {e: n for n, one in self.schemes.items() for e in one.members}
        bursts = [one.members for held in self.bursts.values() for one in held]
        kept_of = young.union(*bursts, *self.rings, self.scheme_of)
        gone = self.payments.keys() - kept_of
        for account in {side for e in gone for side in (self.payments[e].payer, self.payments[e].payee)}:
            left = [e for e in self.by_account[account] if e in kept_of]
            if left:
                self.by_account[account] = left
            else:
                del self.by_account[account]
        for e in gone:
            del self.payments[e]

    def add(self, find: Find) -> None:
        """Let a find join what it belongs to. Its members are known."""
        self.taken += 1
        if find.kind in (FAN_OUT, FAN_IN):
            self._burst(find)
        elif find.kind == RING:
            members = frozenset(find.members)
            self.rings.setdefault(members, Ring(members, find.worth, self.taken))
        else:
            self._square(find)

    def _burst(self, find: Find) -> None:
        first = self.payments[find.members[0]]
        key = (first.payee if find.kind == FAN_IN else first.payer, find.kind)
        made = Burst(frozenset(find.members), find.worth, find.busy, find.partners, find.watched, self.taken)
        held = self.bursts.setdefault(key, [])
        if held and held[-1].members & made.members:
            if made.worth >= held[-1].worth:
                made.born = held[-1].born
                held[-1] = made
        else:
            held.append(made)

    def _square(self, find: Find) -> None:
        near = sorted({self.scheme_of[e] for e in find.members if e in self.scheme_of})
        made = Scheme(set(find.members), [find], self.taken)
        for number in near:
            other = self.schemes[number]
            if len(made.members | other.members) > LARGEST:
                continue
            del self.schemes[number]
            made.members |= other.members
            made.squares += other.squares
            made.born = min(made.born, other.born)
        self.schemes[self.taken] = made
        for e in made.members:
            self.scheme_of[e] = self.taken
