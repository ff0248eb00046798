"""Symbols of things on the map, by what they seem to be, and whether a life is at risk there."""

from collections.abc import Iterable
from functools import cache
from typing import Final

from watchfloor.cell.weighing.weights import load
from watchfloor.core.subjects import parts

SYMBOLS: Final = ("unknown", "person", "group", "vehicle", "boat", "aircraft", "animal", "parcel")
"""A frame names a symbol by its place here."""

CLASSES: Final = {"drone": "aircraft"} | {name: name for name in SYMBOLS}
"""The symbol of each class that a desk gives a track."""
TYPES: Final = {
    "person": "person",
    "vehicle": "vehicle",
    "vessel": "boat",
    "aircraft": "aircraft",
    "parcel": "parcel",
    "container": "parcel",
    "declaration": "parcel",
    "shipment": "parcel",
}
"""The symbol of each type of subject that has one."""
RULES: Final = {"drifting-boat": "boat", "cold-exposure": "person", "thin-ice": "person"}
"""The symbol of what a rule is about, where nothing else says it."""

SEEN_AS: Final = "surveillance."
"""How ids of messages about tracks begin; they end with the class of the track."""
WEAK: Final = "unlikely"
"""Strength of a signal that alone puts no life at risk."""


def of_signal(subjects: Iterable[str], rule: str, message: str) -> str:
    """Return the symbol of a signal: by the class that its reason tells, by its subjects, or by its rule."""
    if (
        message.startswith(SEEN_AS)
        and (found := CLASSES.get(message.rpartition(".")[2], "unknown")) != "unknown"
    ):
        return found
    types = (parts(key)[0] for key in subjects if key.count(":") > 1)
    return next((TYPES[one] for one in types if one in TYPES), RULES.get(rule, "unknown"))


@cache
def first_rules() -> frozenset[str]:
    """Return the rules that speak to a hypothesis of the first rank: life comes before crime."""
    return frozenset().union(*(one.rules for one in load().hypotheses.values() if one.rank == 1))


def at_risk(rule: str, strength: str) -> bool:
    """Return whether a signal says that a life is at risk."""
    return rule in first_rules() and strength != WEAK
