"""Is it controlled? One answer to a name, a CAS number, a SMILES, an InChIKey or an HS code, on a day.

An answer is never a bare no. Its outcome is one of

    listed      an item names it
    form        a salt, isomer or labelled form of what an item names
    class       it meets an item's structural words, or has the structure that an item's members share
    analogue    like what an item names, which adds words that are no definition: a person decides
    exempt      an item takes it out
    temporary   an item of Schedule V names it until a day
    ended       what names it is repealed, or not yet in force, on that day
    line        an HS code: what sits under it
    not found   with what was tried and what is near

It speaks of the schedules to the Controlled Drugs and Substances Act (S.C. 1996, c. 19) as they were stored,
and is no legal advice. Nothing about amounts, preparations or exemptions of regulations is decided here.
"""

from datetime import date
from typing import Final, Literal

import msgspec

from watchfloor.reference.law.elsewhere import Elsewhere
from watchfloor.reference.law.items import Item
from watchfloor.reference.law.trade import HsLine, Numbers
from watchfloor.reference.substances.bilingual import Sentence

Outcome = Literal["listed", "form", "class", "analogue", "exempt", "temporary", "ended", "line", "not found"]
Taken = Literal["name", "cas", "smiles", "inchikey", "hs"]
Lang = Literal["en", "fr"]

STRONGEST: Final[tuple[Outcome, ...]] = (
    *("listed", "form", "temporary", "class", "analogue", "ended", "line", "exempt", "not found"),
)
"""Which outcome a mixture has: that of its component which comes first here."""


class QueryError(ValueError):
    """A query that cannot be read the way it was asked to be; the message says why."""


class Site(msgspec.Struct, frozen=True):
    """Part of a structure that met a definition, with the numbers of its atoms in the SMILES, from 0."""

    said: Sentence
    atoms: tuple[int, ...]


class Near(msgspec.Struct, frozen=True):
    """A listed substance that is like what was asked: Tanimoto of Morgan fingerprints, and the scaffold."""

    name: str
    key: str
    score: float
    scaffold: bool


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of the law to a query.

    Attributes:
        query: as it was given.
        taken: how it was read.
        on: the day.
        outcome: see above.
        person: whether a person has to decide something that no rule here can.
        reasons: sentences, the first one the answer.
        clauses: the items it rests on, as worded on the day or nearest to it.
        sites: what in the structure met a definition.
        near: listed substances most like it by structure.
        spelled: names written like it.
        tried: what was looked up, where nothing was found.
        inchikey: of the substance, where it has a structure.
        elsewhere: who else controls it.
        numbers: CAS, UNII and UN numbers.
        lines: HS lines it sits under.
        limits: items of the Precursor Control Regulations.
        parts: of a mixture or a line, the answer for each substance.
    """

    query: str
    taken: Taken
    on: date
    outcome: Outcome
    person: bool = False
    reasons: tuple[Sentence, ...] = ()
    clauses: tuple[Item, ...] = ()
    sites: tuple[Site, ...] = ()
    near: tuple[Near, ...] = ()
    spelled: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()
    inchikey: str = ""
    elsewhere: tuple[Elsewhere, ...] = ()
    numbers: Numbers = Numbers()
    lines: tuple[HsLine, ...] = ()
    limits: tuple[Item, ...] = ()
    parts: tuple["Answer", ...] = ()

    def reason(self, lang: Lang = "en") -> str:
        """All sentences as one text."""
        return " ".join(said.render(lang) for said in self.reasons)
