"""Proposals: two subjects that are likely one, and why, as a sum in bits that a person reads and decides on.

Our own rules make them (`cell.identity.likeness`), or a model fitted on the records at hand
(`cell.identity.splinked`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from watchfloor.cell.identity.profiles import BIRTH, NAME, Profile
from watchfloor.cell.wording.estimative_language import probability
from watchfloor.core.marking import join
from watchfloor.core.messages import Message, Reason, declare, reason

PRIOR: Final = declare("linking.prior", "count", "pairs")
COUNTED: Final = declare("linking.counted", "value")
MESSAGES: Final[Mapping[tuple[str, str], Message]] = {
    (NAME, "same"): declare("linking.name-same", "one", "other", "count", "total"),
    (NAME, "close"): declare("linking.name-close", "one", "other", "count", "total"),
    (NAME, "part"): declare("linking.name-part", "one", "other"),
    (NAME, "other"): declare("linking.name-other", "one", "other"),
    (BIRTH, "same"): declare("linking.birth-same", "one", "count", "total"),
    (BIRTH, "year"): declare("linking.birth-year", "one", "other"),
    (BIRTH, "near"): declare("linking.birth-near", "one", "other"),
    (BIRTH, "other"): declare("linking.birth-other", "one", "other"),
    ("number", "same"): declare("linking.number-same", "one", "count", "total"),
    ("number", "both"): declare("linking.number-both", "one", "other"),
    ("number", "close"): declare("linking.number-close", "one", "other"),
    ("number", "other"): declare("linking.number-other", "one", "other"),
}
"""What each comparison says, by what is compared and how it came out."""


@dataclass(frozen=True, slots=True)
class Term:
    """One part of the sum.

    Attributes:
        what: prior, name, birth, or the type of an identifier: phone, address, person, account.
        bits: log2 of how much likelier it is of one than of two.
        reason: what was found.
        shared: the value that both have, where they do.
        count, total: how many subjects have it, of how many that say anything of the sort.
        evidence: the records that say it.
    """

    what: str
    bits: float
    reason: Reason
    shared: str | None = None
    count: int | None = None
    total: int | None = None
    evidence: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two subjects, in order of their keys, that are likely one.

    Attributes:
        one, other: their keys; `names` are their names.
        terms: what speaks for and against, the prior first; `bits` is their sum in this order.
        rule: the rule or the model that says so.
        marking: the join of what it rests on.
    """

    one: str
    other: str
    names: tuple[str, str]
    terms: tuple[Term, ...]
    rule: str
    marking: str

    @property
    def bits(self) -> float:
        """Log2-odds that the two are one."""
        return sum(term.bits for term in self.terms)

    @property
    def probability(self) -> float:
        """Chance that the two are one."""
        return probability(self.bits)

    @property
    def grounds(self) -> int:
        """How many comparisons speak for it: with one, a name or a telephone, it is a resemblance."""
        return sum(term.bits > 0 for term in self.terms if term.what != "prior")


def ranked(found: Iterable[Proposal], threshold: float) -> list[Proposal]:
    """Those as likely as a threshold, likeliest first, then by their subjects."""
    likely = [one for one in found if one.probability >= threshold]
    return sorted(likely, key=lambda one: (-one.bits, one.one, one.other))


def propose(one: Profile, other: Profile, terms: Iterable[Term], rule: str) -> Proposal:
    """A proposal from its terms; it is marked as all that is known of the two."""
    marking = join([*one.markings, *other.markings])
    return Proposal(one.subject, other.subject, (one.name, other.name), tuple(terms), rule, marking)


def prior(count: int, bits: float) -> Term:
    """The term that the sum starts with."""
    return Term("prior", bits, reason(PRIOR, count=count, pairs=round(1 + 2**-bits)))
