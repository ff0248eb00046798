"""Filings: applications with what ties them to others, and what of them is false, held against all others.

A tie is a value that two applications share: a telephone, an adviser, a payer, a letter's template. What is
false is a fact of an application: its letter was not confirmed by its issuer, a check of a document failed,
its letter's form serves several issuers or is not its issuer's, a reference or document was filed before by
another household. Facts have base rates, which are those of all other filings, of the same issuer where there
are enough: a college whose office answers badly makes none of its students part of a ring.

Nationality, birthplace, language, sex and religion are in no filing. Applicants are told apart by their key,
or by their name in a table that has no key, and put into households by address. Names serve otherwise only to
keep applicants from being the subject of a ring.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from itertools import chain, combinations
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.subjects import SubjectError, parts
from watchfloor.formats.tabular.lexicon import plain

ORGANISERS: Final = ("representative", "payer")
"""Ties that name somebody: an adviser, and who paid."""
CONTACTS: Final = ("telephone", "email", "device")
"""Ties that lead to somebody who is not named."""
FORMS: Final = ("template", "wording")
"""Ties by what a letter was made from."""
PAPERS: Final = ("letter", "document", "photo_zone")
"""Ties by one paper, or one photograph, that was filed more than once."""
TIES: Final = (*ORGANISERS, *CONTACTS, "address", *FORMS, *PAPERS)
"""Ties that make a ring; of these kinds are its keys."""
SURROUNDINGS: Final = ("institution", "employer", "bank")
"""What very many share; it makes no ring, and is told where a ring goes through it."""

UNCONFIRMED, CHECKS, FORM, UNUSUAL, REUSED, PAYER, CONTACT = (
    "unconfirmed checks form unusual reused payer contact".split()
)
HARD: Final = (UNCONFIRMED, CHECKS, FORM, UNUSUAL, REUSED)
"""Facts by which something is false."""
SOFT: Final = (PAYER, CONTACT)
"""Facts that honest advisers have too: one pays for strangers, or answers for them without being declared."""
FACTS: Final = (*HARD, *SOFT)

STRANGERS: Final = 3
"""Households from which on those who share a payer or a contact are strangers to each other."""
OWN: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(FORMS, (FORM, UNUSUAL)),
    **dict.fromkeys(PAPERS, (REUSED,)),
    "payer": (PAYER,),
    **dict.fromkeys(CONTACTS, (CONTACT,)),
}
"""Facts that sharing a tie makes by itself: they prove nothing about those who were found by that tie."""
_FACT_OF: Final = {kind: facts[0] for kind, facts in OWN.items() if kind not in FORMS}
"""The fact that sharing a tie makes, by the kind of the tie; forms are judged by their issuers instead."""
USUAL: Final = 0.5
"""Share of an issuer's letters from which on their form is the usual one."""
KNOWN: Final = 5
"""Letters of an issuer from which on it has a usual form, and weight of all others in its base rate."""

TITLES: Final = frozenset("mr mrs ms miss mx dr mme mlle monsieur madame mademoiselle".split())
"""Words before a name that are no part of it."""

Tie = tuple[str, str]
"""Kind and value."""
Places = Sequence[int] | npt.NDArray[np.int64]
"""Numbers of filings."""


class Filing(NamedTuple):
    """One application with its papers.

    Attributes:
        id: its key.
        applicant: who applies, by a key that is the same for one person; not to be a subject of anything.
        names: what else they are called by.
        ties: values by kind, of `TIES` and `SURROUNDINGS`.
        issuer: who is said to have written its letter.
        false: facts that are known of it, by name, and whether each speaks of something false.
        office, officer: where and by whom it was decided.
    """

    id: str
    applicant: str
    ties: Mapping[str, tuple[str, ...]]
    issuer: str | None = None
    false: Mapping[str, bool] = {}
    office: str | None = None
    officer: str | None = None
    names: tuple[str, ...] = ()


def called(name: str) -> str:
    """Return a name in the form in which "ROY, Élodie" and "Ms Elodie Roy" are one.

    Of a key whose number has letters the number alone counts: who pays as `account:office:Ann Example` is the
    applicant `person:office:Ann Example`. Numbers with digits keep the order of their parts.
    """
    try:
        number = parts(name)[2]
    except SubjectError:
        number = name
    if not any(char.isalpha() for char in number):
        number = name
    found = [word for word in plain(number).split() if word not in TITLES]
    if any(char.isdigit() for char in number):
        return "".join(found)
    return " ".join(sorted(set(found))) or name


def names_of(filing: Filing) -> frozenset[str]:
    """Return what an applicant is called: each name, and two or all together, as of columns for each part."""
    names = (filing.applicant, *filing.names)
    pairs = (" ".join(pair) for pair in combinations(names[:6], 2))
    return frozenset(map(called, dict.fromkeys((*names, *pairs, " ".join(names)))))


@dataclass
class Filings:
    """All filings, by the ties that they share.

    Args:
        names: of each filing what `names_of` gives, where that is known.

    Attributes:
        all: the filings; one is told by its place here.
        having: places of the filings that have a tie, rising.
        household: a number of each filing's household.
        told: by fact, of each filing 1 where it is false, 0 where it is not, -1 where that is not known.
        applicants: keys and names of everybody who applies, as `called` has them: none of them is a subject.
    """

    all: Sequence[Filing]
    names: InitVar[Iterable[Iterable[str]] | None] = None
    having: dict[Tie, list[int]] = field(init=False)
    household: list[int] = field(init=False)
    told: dict[str, npt.NDArray[np.int8]] = field(init=False)
    applicants: frozenset[str] = field(init=False)

    def __post_init__(self, names: Iterable[Iterable[str]] | None) -> None:
        self.having = defaultdict(list)
        for at, one in enumerate(self.all):
            for kind, values in one.ties.items():
                for value in values if len(values) < 2 else dict.fromkeys(values):
                    self.having[kind, value].append(at)
        self.applicants = frozenset(chain.from_iterable(map(names_of, self.all) if names is None else names))
        self.household = self._households()
        self.told = {name: np.full(len(self.all), -1, np.int8) for name in FACTS}
        self._note_facts()
        issuers = {None: 0} | {one.issuer: 0 for one in self.all}
        issuers = {issuer: number for number, issuer in enumerate(issuers)}
        self._issuer = np.fromiter((issuers[one.issuer] for one in self.all), np.int64, len(self.all))
        self._by_issuer = {
            name: [np.bincount(self._issuer[of], minlength=len(issuers)) for of in (told >= 0, told > 0)]
            for name, told in self.told.items()
        }

    def strangers(self, members: Iterable[int]) -> int:
        """Return how many households some filings are from."""
        return len({self.household[at] for at in members})

    def facts(self, at: int) -> dict[str, bool]:
        """Return what is known of a filing: whether each fact is false."""
        return {name: bool(told[at]) for name, told in self.told.items() if told[at] >= 0}

    @property
    def hard(self) -> frozenset[str]:
        """Facts by which something is false, as far as any filing has them."""
        return frozenset(name for name in HARD if np.any(self.told[name] >= 0))

    def expected(self, fact: str, members: Places) -> tuple[int, int, float]:
        """Return of how many of some filings a fact is known, of how many it is false, and of how many it
        would be by the rate of all others, of the same issuer where there are enough.
        """
        at = np.asarray(members, np.int64)
        at = at[self.told[fact][at] >= 0]
        known, false = len(at), int(np.count_nonzero(self.told[fact][at]))
        every, all_false = self._by_issuer[fact]
        rate = (int(all_false.sum()) - false + 0.5) / (int(every.sum()) - known + 1)
        issuers, first, of = np.unique(self._issuer[at], return_index=True, return_inverse=True)
        some, bad = np.bincount(of), np.bincount(of[self.told[fact][at] > 0], minlength=len(issuers))
        expected = 0.0
        for n in np.argsort(first).tolist():  # in the order in which the filings have them
            mine, worse = int(some[n]), int(bad[n])
            others, theirs = (every[issuers[n]], all_false[issuers[n]]) if issuers[n] else (mine, worse)
            expected += mine * (int(theirs) - worse + KNOWN * rate) / (int(others) - mine + KNOWN)
        return known, false, expected

    def _households(self) -> list[int]:
        """Filings of one applicant, or from one address, are of one household."""
        above = list(range(len(self.all)))

        def top(at: int) -> int:
            while above[at] != at:
                above[at] = above[above[at]]
                at = above[at]
            return at

        first: dict[str, int] = {}
        for at, one in enumerate(self.all):
            first.setdefault(one.applicant, at)
            above[top(at)] = top(first[one.applicant])
        for (kind, _), members in self.having.items():
            if kind == "address":
                for at in members[1:]:
                    above[top(at)] = top(members[0])
        return [top(at) for at in range(len(self.all))]

    def _note_facts(self) -> None:
        for at, one in enumerate(self.all):
            for name, false in one.false.items():
                self.told[name][at] = false
        self._note_forms()
        good: dict[str, list[int]] = defaultdict(list)
        bad: dict[str, list[int]] = defaultdict(list)
        for (kind, value), members in self.having.items():
            fact = _FACT_OF.get(kind)
            if fact is None:
                continue
            least = 2 if kind in PAPERS else STRANGERS
            if len(members) < least or self.strangers(members) < least:
                good[fact] += members
                continue
            for at in members:
                false = True
                if kind == "payer":
                    false = value not in self.all[at].ties.get("representative", ())
                elif kind in CONTACTS:
                    false = not self.all[at].ties.get("representative")
                (bad if false else good)[fact].append(at)
        self._note(good, bad)

    def _note(self, good: Mapping[str, list[int]], bad: Mapping[str, list[int]]) -> None:
        """Note of some filings that a fact of theirs is known; once it is false, it stays so."""
        for fact, members in good.items():
            self.told[fact][members] = np.maximum(self.told[fact][members], 0)
        for fact, members in bad.items():
            self.told[fact][members] = 1

    def _note_forms(self) -> None:
        """Note letters whose form serves several issuers, or is not the usual one of theirs."""
        formed: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        for at, one in enumerate(self.all):
            if one.issuer is not None:
                for kind in FORMS:
                    for value in one.ties.get(kind, ()):
                        formed[kind, one.issuer, value].append(at)
        issuers: dict[Tie, set[str]] = defaultdict(set)
        forms: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for (kind, issuer, value), members in formed.items():
            issuers[kind, value].add(issuer)
            forms[kind, issuer][value] = len(members)
        usual = {
            of: value
            for of, counts in forms.items()
            for value, count in counts.most_common(1)
            if counts.total() >= KNOWN and count >= USUAL * counts.total()
        }
        own = {(kind, value): issuer for (kind, issuer), value in sorted(usual.items())}
        good: dict[str, list[int]] = defaultdict(list)
        bad: dict[str, list[int]] = defaultdict(list)
        for (kind, issuer, value), members in formed.items():
            several = len(issuers[kind, value]) > 1 and own.get((kind, value)) != issuer
            (bad if several else good)[FORM].extend(members)
            if not several and (kind, issuer) in usual:
                other = usual[kind, issuer] != value and len(self.having[kind, value]) > 1
                (bad if other else good)[UNUSUAL].extend(members)
        self._note(good, bad)
