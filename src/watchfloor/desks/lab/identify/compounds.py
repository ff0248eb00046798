"""Substances of a library: the spectra of each, by what they can be compared with."""

import re
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from watchfloor.desks.lab.prepare import Peaks, checked, peaks
from watchfloor.desks.lab.search.library import Library

SOFT, HARD = ("dart-ms", "lc-ms"), ("gc-ms",)
"""Ionisation that leaves molecules whole, and one that breaks them: their spectra are not compared."""
VOLTS = 3.0
"""How far apart two voltages may be that count as the same."""

COMMON: Final = 0.6
"""Part of the narrower of two curves that the other must cover."""
_VOLTS: Final = re.compile(r"[\s_.+-]+\d{1,3}\s?e?V$", re.IGNORECASE)


@dataclass(slots=True, eq=False)
class Compound:
    """One substance: what it is called, its structure where stated, and where its spectra are."""

    key: str
    name: str
    cas: str = ""
    inchikey: str = ""
    formula: str = ""
    smiles: str = ""
    places: list[int] = field(default_factory=list)


def key(name: str, cas: str, inchikey: str) -> str:
    """Return the key that spectra of one substance share: InChIKey, or else CAS number, or else name."""
    return inchikey or cas or " ".join(sample(name).casefold().split())


def sample(name: str) -> str:
    """A spectrum's name without its voltage: `Mixture1` of `Mixture1_30V`."""
    return _VOLTS.sub("", name) or name


def compounds(library: Library) -> list[Compound]:
    """The substances of a library, in its order. One that some spectra know by name alone is not joined."""
    found: dict[str, Compound] = {}
    stated = ("cas", "inchikey", "formula", "smiles")
    columns = (library.column(column) for column in ("name", *stated))
    for at, (name, *texts) in enumerate(zip(*columns, strict=True)):
        own = key(name, texts[0], texts[1])
        one = found.setdefault(own, Compound(own, sample(name)))
        for column, text in zip(stated, texts, strict=True):
            setattr(one, column, getattr(one, column) or text)
        one.places.append(at)
    return list(found.values())


def comparable(one: Peaks, other: Peaks) -> bool:
    """Whether two spectra may be compared: one domain, like ionisation, one voltage where both state it."""
    if one.domain != other.domain:
        return False
    if one.domain != "mass":
        both = min(one.high, other.high) - max(one.low, other.low)
        return both >= COMMON * min(one.high - one.low, other.high - other.low)
    kinds = (one.technique, other.technique)
    if any(kind in SOFT for kind in kinds) and any(kind in HARD for kind in kinds):
        return False
    return one.voltage is None or other.voltage is None or abs(one.voltage - other.voltage) <= VOLTS


class Shelf:
    """The spectra of a library as peaks, each prepared when it is first asked for."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.compounds = compounds(library)
        self._peaks: dict[int, Peaks] = {}
        self.techniques = np.array(library.column("technique"))
        self.owner = np.empty(len(library), np.int64)
        for at, one in enumerate(self.compounds):
            self.owner[one.places] = at

    def isomers(self, compound: Compound) -> list[Compound]:
        """Return the other substances of the same stated formula; none where it is not stated."""
        return [
            one
            for one in self.compounds
            if compound.formula and one is not compound and one.formula == compound.formula
        ]

    def peaks(self, at: int) -> Peaks:
        """The peaks of a spectrum."""
        if at not in self._peaks:
            self._peaks[at] = peaks(checked(self.library.spectrum(at)))
        return self._peaks[at]

    def comparable(self, compound: int, query: Peaks) -> list[Peaks]:
        """The spectra of a substance that may be compared with a query."""
        shelved = (self.peaks(at) for at in self.compounds[compound].places)
        return [one for one in shelved if comparable(query, one)]
