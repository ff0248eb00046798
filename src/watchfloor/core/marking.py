"""Markings: who may see a row, as a lattice whose join is what a derived row carries.

Levels follow the Government of Canada's protected and classified hierarchies (Directive on Security
Management, appendix J), sharing follows FIRST's Traffic Light Protocol 2.0. A join is never less strict than
either side: higher levels, fewer countries and purposes, more owners and compartments, the earlier expiry.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache, reduce
from typing import Final

PROTECTED: Final = ("", "PA", "PB", "PC")
CLASSIFIED: Final = ("", "C", "S", "TS")
TLP: Final = ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")

Names = frozenset[str]


class MarkingError(ValueError):
    """A marking that nobody defined, or that contradicts itself."""


@dataclass(frozen=True, slots=True)
class Marking:
    """Who may see a row. `None` in `release` or `purposes` means no limit, an empty set means nobody.

    Attributes:
        protected: index into `PROTECTED`.
        classified: index into `CLASSIFIED`.
        tlp: index into `TLP`.
        release: ISO 3166-1 alpha-3 codes of countries it may go to (REL TO), or a policy's coalitions.
        originators: owners whose consent each further disclosure needs (ORCON).
        compartments: those all of which a reader needs to be in.
        caveats: handling caveats: instructions that travel with it and keep nobody from reading it.
        authorities: the laws under which it is held.
        purposes: what it may be used for.
        retain_until: the last day it may be kept.
    """

    protected: int = 0
    classified: int = 0
    tlp: int = 0
    release: Names | None = None
    originators: Names = frozenset()
    compartments: Names = frozenset()
    caveats: Names = frozenset()
    authorities: Names = frozenset()
    purposes: Names | None = None
    retain_until: date | None = None

    def __or__(self, other: "Marking") -> "Marking":
        """The join: what a row made from both carries."""
        return Marking(
            max(self.protected, other.protected),
            max(self.classified, other.classified),
            max(self.tlp, other.tlp),
            _fewer(self.release, other.release),
            self.originators | other.originators,
            self.compartments | other.compartments,
            self.caveats | other.caveats,
            self.authorities | other.authorities,
            _fewer(self.purposes, other.purposes),
            min(filter(None, (self.retain_until, other.retain_until)), default=None),
        )

    def __le__(self, other: "Marking") -> bool:
        """Whether `other` is at least as strict in every respect."""
        return self | other == other

    def __str__(self) -> str:
        parts = [PROTECTED[self.protected], CLASSIFIED[self.classified]]
        parts = [part for part in parts if part] or ["U"]
        parts.append(f"TLP:{TLP[self.tlp]}")
        for word, names in _SETS.items():
            value: Names | None = getattr(self, names)
            if value is not None and (value or names in _LIMITS):
                parts.append(f"{word}:{','.join(sorted(value))}")
        if self.retain_until:
            parts.append(f"UNTIL:{self.retain_until.isoformat()}")
        return "//".join(parts)


_SETS: Final = {
    "REL": "release",
    "ORCON": "originators",
    "COMP": "compartments",
    "CAVEAT": "caveats",
    "AUTH": "authorities",
    "PURPOSE": "purposes",
}
_LIMITS: Final = frozenset({"release", "purposes"})

PUBLIC: Final = Marking()
"""Published by its owner for anyone: official lists, statutes, statistics."""


def _fewer(a: Names | None, b: Names | None) -> Names | None:
    if a is None or b is None:
        return b if a is None else a
    return a & b


@lru_cache(maxsize=4096)
def covers(marking: Marking, other: Marking) -> bool:
    """Whether everybody who may see what is so marked may see what `other` marks, whatever day it is."""
    return _of_readers(other) <= _of_readers(marking)


@lru_cache(maxsize=4096)
def readable(text: str) -> str:
    """Return what of a written marking says who may see a row, but for the day until which it is kept."""
    return str(_of_readers(parse(text)))


def _of_readers(marking: Marking) -> Marking:
    return replace(marking, caveats=frozenset(), authorities=frozenset(), retain_until=None)


@lru_cache(maxsize=4096)
def parse(text: str) -> Marking:
    """Read a marking as `str(Marking)` writes it, such as `PB//TLP:AMBER//REL:CAN,USA//UNTIL:2028-12-31`.

    Raises:
        MarkingError: an unknown level or word; the message names it.
    """
    protected = classified = tlp = 0
    sets: dict[str, Names] = {}
    until: date | None = None
    for part in text.split("//"):
        word, colon, value = part.partition(":")
        if not colon and part == "U":
            continue
        if not colon and part in PROTECTED[1:]:
            protected = PROTECTED.index(part)
        elif not colon and part in CLASSIFIED[1:]:
            classified = CLASSIFIED.index(part)
        elif word == "TLP" and value in TLP:
            tlp = TLP.index(value)
        elif word == "UNTIL":
            until = _day(value, text)
        elif word in _SETS and colon:
            sets[_SETS[word]] = frozenset(filter(None, value.split(",")))
        else:
            raise MarkingError(
                f"marking {text!r}: {part!r} is not a level, TLP:, {':, '.join(_SETS)}: or UNTIL:"
            )
    return Marking(protected, classified, tlp, retain_until=until, **sets)


def join(markings: Iterable[str]) -> str:
    """The join of written markings; of none at all, the least strict."""
    return str(reduce(Marking.__or__, map(parse, set(markings)), PUBLIC))


def joined(markings: Iterable[str]) -> str:
    """Return the marking of a page that shows rows of these; empty for none."""
    found = dict.fromkeys(markings)
    return join(found) if found else ""


def _day(value: str, text: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise MarkingError(f"marking {text!r}: UNTIL needs a date such as 2028-12-31") from error
