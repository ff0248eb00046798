"""Definitions of the law as rules over structures: which are met, by which atoms."""

from types import ModuleType
from typing import Final

from rdkit import Chem

from watchfloor.reference.substances.classes import base, cannabinoids, fentanyls, nitazenes, phenethylamines
from watchfloor.reference.substances.classes.base import Kind, Membership, Site

RULES: Final[tuple[ModuleType, ...]] = (fentanyls, cannabinoids, phenethylamines, nitazenes)


def _anchor(rules: tuple[ModuleType, ...]) -> Chem.Mol:
    """One atom that begins what any of the rules' cores holds: one question in place of a dozen."""
    return base.query("[" + ",".join(f"$({anchor})" for rule in rules for anchor in rule.ANCHORS) + "]")


_FEWEST: Final = min(rule.ATOMS for rule in RULES)
_RULES: Final = {rings: tuple(rule for rule in RULES if rings >= rule.RINGS) for rings in (1, 2, 3)}
_ANCHORS: Final = {rings: _anchor(rules) for rings, rules in _RULES.items()}
_MOST: Final = max(_RULES)


def members(mol: Chem.Mol) -> tuple[Membership, ...]:
    """Every definition that a molecule meets; a salt's counter-ions are for the caller to take away first.

    Nearly no molecule meets any. Size and rings, then one pattern of the atoms that every core needs, turn
    the rest away in about ten microseconds.
    """
    if mol.GetNumAtoms() < _FEWEST or not (rings := mol.GetRingInfo().NumRings()):
        return ()
    rings = min(rings, _MOST)
    if not mol.HasSubstructMatch(_ANCHORS[rings]):
        return ()
    return tuple(one for rule in _RULES[rings] for one in rule.find(mol))


__all__ = ["Kind", "Membership", "Site", "members"]
