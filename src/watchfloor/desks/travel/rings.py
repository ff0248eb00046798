"""Rings: filings that share ties of several kinds, and in which more is false than chance would have.

A set of filings is weighed by the scan statistic of Kulldorff ("A spatial scan statistic", 1997), with ties
in the place of distance: of each fact, the likelihood that it is false as often as it is, against the rate
of all other filings. Sets are those that share a tie, and unions of these where the ties fall together more
often than chance has it (a Poisson tail, so that what very many share ties nobody). A college, a visa centre
or an honest adviser shares much and is false no more often than others, whatever its size.

A ring's subject is who or what ties it most: an adviser, a payer, a contact, a form of letter or a document,
and never an applicant. Its filings are those of people who may have been defrauded.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import exp, log, log2
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.desks.travel.filings import (
    CONTACTS,
    FACTS,
    FORM,
    FORMS,
    HARD,
    ORGANISERS,
    OWN,
    PAPERS,
    SOFT,
    STRANGERS,
    SURROUNDINGS,
    TIES,
    UNCONFIRMED,
    UNUSUAL,
    Filings,
    Tie,
    called,
)

LEAST: Final = 3
"""Filings, and households, of the smallest ring."""
MARGIN: Final = 5.0
"""Bits beyond the logarithm of the sets that are looked at: one false ring in 32 tables without any."""
SEED: Final = 5.0
"""Bits of a set from which on it is grown."""
SLACK: Final = 4.0
"""Bits that a set may lose by a tie of whose filings half are in it."""
TIED: Final = 12.0
"""Bits from which on two sets of filings fall together by no chance."""
SHARED: Final = 0.25
"""Least share of a tie's filings that lie in a ring which it joins."""
NAMED: Final = 0.3
"""Least share of a ring's filings that have its subject, and of these that are in the ring."""
ROUNDS: Final = 12
"""Rounds of expectation maximisation; three change nothing any more where a ring is clear."""
FORGED: Final = 0.7
"""Least share of a ring's letters that are false: with one fact alone a mixture would settle for the mean."""
MEMBER: Final = 0.5
"""Least chance of a filing to be a ring's: one of which nothing is known is, where most of the others are."""
BANDS: Final = ((40.0, "certain"), (15.0, "likely"), (0.0, "possible"))
"""Bits beyond those that are needed, and what a ring is called then."""

ORDER: Final = (*ORGANISERS, *CONTACTS, *FORMS, *PAPERS)
"""Ties that may be subjects, the first where there is a choice."""
KIND_OF: Final = {
    "representative": "organiser",
    "payer": "payer",
    **dict.fromkeys(CONTACTS, "organiser"),
    **dict.fromkeys(FORMS, "template"),
    **dict.fromkeys(PAPERS, "document"),
}
"""What each of them is called; a contact is one that an unnamed organiser used, and no person."""


class Fact(NamedTuple):
    """How often a fact is false among filings: of how many it is known, and would be by the others' rate."""

    name: str
    known: int
    false: int
    expected: float


class Shared(NamedTuple):
    """A tie within a ring: how many of its filings have it, how many of all, how many by chance."""

    kind: str
    value: str
    within: int
    all: int
    expected: float


@dataclass(frozen=True, slots=True)
class Ring:
    """Filings that are held together.

    Attributes:
        kind, subject: the tie that is its subject; the kind is one of `ORDER`.
        members: places of its filings, rising: of people who may have been defrauded.
        others: further ties that name an organiser, the most frequent first: other names of one, perhaps.
        shared: ties of its filings, the strongest of each kind first.
        facts: of which something is false.
        bits: its weight, beyond what is needed; of a table without any fact by which something is false
            no more than is called possible.
        offices, officers: that decided its filings.
    """

    kind: str
    subject: str
    members: tuple[int, ...]
    others: tuple[Tie, ...]
    shared: tuple[Shared, ...]
    facts: tuple[Fact, ...]
    bits: float
    offices: int
    officers: int

    @property
    def band(self) -> str:
        """Return what it is called by its weight."""
        return next(name for least, name in BANDS if self.bits >= least)


def rings(filings: Filings) -> list[Ring]:
    """Return the rings among filings, the weightiest first; two share less than half of theirs."""
    return list(_Search(filings).rings())


class _Search:
    def __init__(self, filings: Filings) -> None:
        self.all = filings
        self.sets = {
            tie: members
            for tie, members in filings.having.items()
            if tie[0] in TIES and len(members) >= LEAST
        }
        self.needed = log2(len(self.sets) + 1) + MARGIN

    def rings(self) -> Iterator[Ring]:
        """Yield what is grown from the weightiest sets that are not in a ring yet."""
        seeds = [(self.weigh([tie]), tie) for tie in self.sets]
        found: list[Ring] = []
        done: set[Tie] = set()
        for _, tie in sorted((-bits, tie) for bits, tie in seeds if bits >= SEED):
            if tie in done or tie[0] == "address":
                continue
            members, ties, most = self.grown(tie)
            done |= ties
            if (ring := self.ring(members, most - self.needed)) is not None:
                found.append(ring)
        kept: list[Ring] = []
        for ring in sorted(found, key=lambda one: (-one.bits, one.subject)):
            mine = set(ring.members)
            if all(2 * len(mine.intersection(one.members)) < len(mine) for one in kept):
                kept.append(ring)
        yield from kept

    def weigh(self, ties: Iterable[Tie]) -> float:
        """Return the bits of the filings that some ties find.

        Each fact is weighed among those found by ties that do not make that fact themselves. Facts that
        honest advisers have too count only where a table has none by which something is false.
        """
        every = list(ties)
        found: dict[frozenset[str], npt.NDArray[np.int64]] = {}
        bits = 0.0
        for name in HARD if self.all.hard else SOFT:
            some = [tie for tie in every if name not in OWN.get(tie[0], ())]
            key = frozenset(kind for kind, _ in some)
            if key not in found:
                found[key] = np.array(sorted(set().union(*(self.sets[tie] for tie in some))), np.int64)
            if len(found[key]):
                bits += _bits(Fact(name, *self.all.expected(name, found[key])))
        return bits

    def facts(self, members: Sequence[int]) -> list[Fact]:
        return [Fact(name, *self.all.expected(name, members)) for name in FACTS]

    def grown(self, tie: Tie) -> tuple[list[int], set[Tie], float]:
        """Return the filings that a tie grows to, the ties that find them, and the most bits on the way.

        The tie that adds most is joined first. What half lies inside already may be false a little less
        often: some of an organiser's papers are genuine.
        """
        ties, members = {tie}, set(self.sets[tie])
        most = here = self.weigh([tie])
        while True:
            best: tuple[float, Tie] | None = None
            for other in self.beside(members, ties):
                more = members.union(self.sets[other])
                gain = self.weigh([*ties, other]) - here
                inside = 2 * len(members.intersection(self.sets[other])) >= len(self.sets[other])
                if len(more) == len(members):
                    ties.add(other)
                elif gain > (-SLACK if inside else 0.0) and (best is None or (-gain, other) < best):
                    best = (-gain, other)
            if best is None:
                return sorted(members), ties, most
            ties.add(best[1])
            members.update(self.sets[best[1]])
            here -= best[0]
            most = max(most, here)

    def beside(self, members: set[int], ties: set[Tie]) -> list[Tie]:
        """Return ties that fall together with a set of filings by no chance."""
        counts = Counter(
            (kind, value)
            for at in members
            for kind in TIES
            if kind != "address"
            for value in dict.fromkeys(self.all.all[at].ties.get(kind, ()))
        )
        return sorted(
            tie
            for tie, count in counts.items()
            if tie not in ties
            and count >= 2
            and tie in self.sets
            and count >= SHARED * len(self.sets[tie])
            and _surprise(count, len(self.sets[tie]) * len(members) / len(self.all.all)) >= TIED
        )

    def ring(self, members: Sequence[int], bits: float) -> Ring | None:
        """Return the ring of some filings; None where it is none, or nothing may be its subject."""
        if bits < 0:
            return None
        members = self.likely(members)
        if len(members) < LEAST or self.all.strangers(members) < STRANGERS:
            return None
        shared = self.shared(members)
        if len({one.kind for one in shared if one.kind in TIES}) < 2:  # by several independent keys
            return None
        subjects = self.subjects(members, shared)
        if not subjects or (self.all.hard and self.false(members) < LEAST):
            return None
        offices = {self.all.all[at].office for at in members} - {None}
        officers = {self.all.all[at].officer for at in members} - {None}
        kind, subject = subjects[0]
        return Ring(
            kind=kind,
            subject=subject,
            members=tuple(members),
            others=tuple(one for one in subjects[1:] if one[0] in ORGANISERS),
            shared=tuple(shared),
            facts=tuple(one for one in self.facts(members) if _bits(one) > 1.0),
            bits=round(bits if self.all.hard else min(bits, BANDS[1][0] - 1), 2),
            offices=len(offices),
            officers=len(officers),
        )

    def false(self, members: Iterable[int]) -> int:
        """Return in how many filings something is false."""
        return sum(any(self.all.told[name][at] > 0 for name in HARD) for at in members)

    def likely(self, members: Sequence[int]) -> list[int]:
        """Return those filings that are likelier part of what is false than honest ones of the same hands.

        An organiser has honest clients too. Two classes are told apart by expectation maximisation: in one a
        fact is false as often as outside, in the other as often as its filings have it. A filing of which
        nothing is known counts by the share of its class.
        """
        known = [one for one in self.facts(members) if one.name in HARD and one.false > one.expected]
        usual = {one.name: one.expected / one.known for one in known}
        if not usual:
            return list(members)
        rates, share = (
            {
                one.name: 0.9 if one.name in (UNCONFIRMED, FORM, UNUSUAL) else one.false / one.known
                for one in known
            },
            0.7,
        )
        every, odds = [self.all.facts(at) for at in members], list[float]()
        for _ in range(ROUNDS):
            odds = []
            for facts in every:
                bits = log(share / (1 - share))
                for name, rate in rates.items():
                    if name in facts:
                        p, q = (rate, usual[name]) if facts[name] else (1 - rate, 1 - usual[name])
                        bits += log(max(p, 1e-6) / max(q, 1e-6))
                odds.append(1 / (1 + exp(-max(min(bits, 50.0), -50.0))))
            share = min(max((sum(odds) + 1) / (len(odds) + 2), 0.01), 0.99)
            for name in rates:
                some = [(odd, facts[name]) for facts, odd in zip(every, odds, strict=True) if name in facts]
                false = sum(odd for odd, is_false in some if is_false)
                least = FORGED if name in (UNCONFIRMED, FORM, UNUSUAL) else usual[name]
                rates[name] = max((false + 0.5) / (sum(odd for odd, _ in some) + 1), least)
        return [at for at, odd in zip(members, odds, strict=True) if odd >= MEMBER]

    def shared(self, members: Sequence[int]) -> list[Shared]:
        """Return the ties of some filings that no chance has, the strongest of each kind first."""
        by: dict[Tie, list[int]] = defaultdict(list)
        for at in members:
            for kind in (*TIES, *SURROUNDINGS):
                for value in dict.fromkeys(self.all.all[at].ties.get(kind, ())):
                    by[kind, value].append(at)
        found = []
        for tie, mine in by.items():
            every = len(self.all.having[tie])
            expected = every * len(members) / len(self.all.all)
            if (
                len(mine) >= LEAST
                and self.all.strangers(mine) >= STRANGERS
                and _surprise(len(mine), expected) >= TIED / 2
            ):
                found.append(Shared(*tie, len(mine), every, expected))
        order = [*TIES, *SURROUNDINGS]
        return sorted(found, key=lambda one: (order.index(one.kind), -one.within, one.value))

    def subjects(self, members: Sequence[int], shared: Sequence[Shared]) -> list[Tie]:
        """Return what may be the subject of a ring, the likeliest first: never somebody who applies.

        An organiser is named before a contact, a form or a paper, and of two the one whose own filings weigh
        more: a name that honest clients gave too weighs little. Where one who applies pays or advises for a
        ring, a contact may be theirs, and none is named.
        """
        ranked = []
        applies = any(
            one.kind in ORGANISERS
            and called(one.value) in self.all.applicants
            and one.within >= NAMED * len(members)
            for one in shared
        )
        for one in shared:
            tie = one.kind, one.value
            if one.kind not in ORDER or called(one.value) in self.all.applicants:
                continue
            if applies and one.kind in CONTACTS:
                continue
            enough = one.within >= NAMED * len(members) and one.within >= NAMED * one.all / 2
            hard = self.weigh([tie])
            rank = ORGANISERS.index(one.kind) if one.kind in ORGANISERS else ORDER.index(one.kind)
            ranked.append((not enough, one.kind not in ORGANISERS, rank, -one.within, -hard, tie))
        return [one[-1] for one in sorted(ranked)]


def _bits(fact: Fact) -> float:
    """Return the bits of a fact: those of a Bernoulli scan, none where it is false no more than expected."""
    _, known, false, expected = fact
    if not known or false < 2 or false <= expected:
        return 0.0
    rate, usual = false / known, min(max(expected / known, 1e-6), 1 - 1e-6)
    bits = false * log(rate / usual)
    if rate < 1:
        bits += (known - false) * log((1 - rate) / (1 - usual))
    return bits / log(2)


def _surprise(count: int, expected: float) -> float:
    """Return the bits of a Poisson tail, by the bound of Chernoff."""
    if count <= expected:
        return 0.0
    return (count * log(count / expected) - count + expected) / log(2)
