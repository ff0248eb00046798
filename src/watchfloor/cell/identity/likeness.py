"""Which subjects are likely one by our own rules: names that fit, and identifiers that both gave.

Names are judged as the screener of lists judges them (`cell.identity.namesakes`), identifiers as typed keys
(`cell.identity.shared`). A value that two of n subjects share speaks by how rarely others have it. Of the
pairs that are not one, a given subject shares the value with about d - 2 + c of n others: d bear it, the
two among them, and c is what chance adds (`CHANCE`: a household's telephone is shared more than a
passport). So the share is worth log2(n / (d - 2 + c)) bits; two subjects taken at random are one in about
one of n pairs, so the sum starts at -log2(n). A pair is looked at where its names fit or both gave one
identifier that few gave.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from math import log2
from typing import Final

import pyarrow as pa
from rapidfuzz import fuzz

from watchfloor.cell.identity.namesakes import TOP, namesakes
from watchfloor.cell.identity.profiles import BIRTH, NAME, Profile, holders, in_time, may_be_one, profiles
from watchfloor.cell.identity.proposals import COUNTED, MESSAGES, Proposal, Term, prior, propose, ranked
from watchfloor.core.messages import reason
from watchfloor.core.subjects import parts
from watchfloor.desks.listings.evidence import Birth, compare_births

RULE: Final = "names-and-numbers"

CHANCE: Final[Mapping[str, float]] = {NAME: 0.25, BIRTH: 0.05, "phone": 0.5, "address": 1.0, "person": 0.002}
"""How many others share a value by chance, beyond those counted. Judgement, by `./dev bench linking`."""

OTHER_CHANCE: Final = 0.1
"""The same for any other identifier: an account or a plate is shared within a family, seldom beyond."""

HOUSEHOLD: Final = frozenset({"phone", "address"})
"""What people who live together share for one reason, so that it counts once."""

BIRTH_BITS: Final[Mapping[Birth, float]] = {Birth.YEAR: 5.75, Birth.NEAR: 0.68, Birth.OTHER: -5.41}
"""As the weight table has them for listed names; the same day counts by how many subjects have it."""

MOST_BIRTH_BITS: Final = 14.14
"""Of the same day: published right in 9 of 10 cases, the same by chance in 1 of 20,000 adults."""

NO_FIT_BITS: Final = -6.0
"""The names of one person do not even resemble each other in 1 of 64 cases. Judgement."""

FITS: Final = 85.0
"""Likeness of two names' sorted words, 0 to 100, from which the names of a pair found by a number fit."""


def likely_by_rules(parties: pa.Table, threshold: float) -> list[Proposal]:
    """The pairs of subjects of `party` records that are as likely one as `threshold`, likeliest first."""
    people = {one.subject: one for one in profiles(parties)}
    crowd = Crowd.from_profiles(people.values())
    fitting = {(found.one, found.other) for found in namesakes(in_time(parties))}
    pairs = ((people[a], people[b], (a, b) in fitting) for a, b in sorted(fitting | crowd.sharing()))
    found = (
        propose(one, other, crowd.terms(one, other, fits), RULE)
        for one, other, fits in pairs
        if may_be_one(one, other)
    )
    return ranked(found, threshold)


@dataclass(frozen=True, slots=True)
class Crowd:
    """How common each value is among the subjects of a floor.

    Attributes:
        size: number of subjects.
        names: how many bear each name, by its sorted words.
        births: how many were born on each day.
        numbers: who gave each identifier.
    """

    size: int
    names: Counter[tuple[str, ...]]
    births: Counter[str]
    numbers: Mapping[str, list[str]]

    @classmethod
    def from_profiles(cls, people: Iterable[Profile]) -> "Crowd":
        """Count the values of some subjects."""
        people = list(people)
        names = Counter(one.words for one in people)
        births = Counter(one.birth_date for one in people if one.birth_date)
        return cls(len(people), names, births, holders(people))

    def sharing(self) -> set[tuple[str, str]]:
        """The pairs that gave one identifier which few enough gave to tell them apart."""
        return {
            (one, other)
            for gave in self.numbers.values()
            if len(gave) <= TOP
            for one, other in combinations(sorted(gave), 2)
        }

    def terms(self, one: Profile, other: Profile, fits: bool) -> Iterator[Term]:
        """Yield the terms for and against two subjects being one."""
        yield prior(self.size, -log2(self.size))
        yield self._name(one, other, fits or alike(one, other))
        yield from self._birth(one, other)
        yield from self._numbers(one, other)

    def _bits(self, what: str, count: int) -> float:
        return log2(self.size / (count - 2 + CHANCE.get(what, OTHER_CHANCE)))

    def _name(self, one: Profile, other: Profile, fits: bool) -> Term:
        evidence = one.said[NAME], other.said[NAME]
        if not fits:
            said = reason(MESSAGES[NAME, "other"], one=one.name, other=other.name)
            return Term(NAME, NO_FIT_BITS, said, evidence=evidence)
        same = one.words == other.words
        count = sum(self.names[words] for words in {one.words, other.words})
        message = MESSAGES[NAME, "same" if same else "close"]
        said = reason(message, one=one.name, other=other.name, count=count, total=self.size)
        shared = " ".join(one.words) if same else None
        return Term(NAME, self._bits(NAME, count), said, shared, count, self.size, evidence)

    def _birth(self, one: Profile, other: Profile) -> Iterator[Term]:
        found, _ = compare_births(one.birth_date, [other.birth_date] if other.birth_date else [])
        if found is Birth.OPEN:
            return
        evidence = one.said[BIRTH], other.said[BIRTH]
        known: dict[str, str | int | None] = {"one": one.birth_date, "other": other.birth_date}
        if found is not Birth.SAME:
            said = reason(MESSAGES[BIRTH, found.value], **known)
            yield Term(BIRTH, BIRTH_BITS[found], said, evidence=evidence)
            return
        day, total = str(one.birth_date), self.births.total()
        count = max(2, self.births[day])
        said = reason(MESSAGES[BIRTH, "same"], one=day, count=count, total=total)
        bits = min(self._bits(BIRTH, count), MOST_BIRTH_BITS)
        yield Term(BIRTH, bits, said, day, count, total, evidence)

    def _numbers(self, one: Profile, other: Profile) -> Iterator[Term]:
        """Each identifier that both gave, the strongest first; what a household shares counts once."""
        shared = [self._number(key, one, other) for key in set(one.numbers) & set(other.numbers)]
        household = 0
        for term in sorted(shared, key=lambda term: (-term.bits, str(term.shared))):
            household += term.what in HOUSEHOLD
            repeats = term.what in HOUSEHOLD and household > 1
            yield counted(term) if repeats else term

    def _number(self, key: str, one: Profile, other: Profile) -> Term:
        what, count = parts(key)[0], len(self.numbers[key])
        said = reason(MESSAGES["number", "same"], one=key, count=count, total=self.size)
        return Term(
            what, self._bits(what, count), said, key, count, self.size, (one.said[key], other.said[key])
        )


def counted(term: Term) -> Term:
    """A share that another says already: shown, worth nothing."""
    return replace(term, bits=0.0, reason=reason(COUNTED, value=term.shared))


def alike(one: Profile, other: Profile) -> bool:
    """Whether the names resemble each other, or one has all of the other's two words or more."""
    fewer, more = sorted((set(one.words), set(other.words)), key=len)
    if len(fewer) > 1 and fewer <= more:
        return True
    return fuzz.ratio(" ".join(one.words), " ".join(other.words)) >= FITS
