"""Synthetic cannabinoids: the nine core structures of item 2 of Schedule II.

Each subitem names a structure, where it must be substituted, and where it may be. "Whether or not further
substituted … to any extent" is read as any substituent, rings fused to the core included, but never as a
larger aromatic system in the place of the named one: a naphthoyl is no benzoyl, an indole no pyrrole, an
azaindole no indole. The item's exceptions, phytocannabinoids and WIN 55,212-3, are in `phytocannabinoids`.

The item's head speaks of agonists of the receptor, which no structure shows: a medicine can have the words
of a subitem (granisetron has those of subitem 8). The rule says so of each hit that it is a structure's.
"""

from typing import Final

import msgspec
from rdkit import Chem

from watchfloor.core.messages import Message, declare, reason
from watchfloor.reference.substances.classes import base
from watchfloor.reference.substances.classes.base import Membership, Site

CORE = declare("class.cannabinoid.core", "core")
AT_NITROGEN = declare("class.cannabinoid.nitrogen", "piece")
OXYGEN = declare("class.cannabinoid.oxygen", "group")
FIVE = declare("class.cannabinoid.five", "piece")
THREE = declare("class.cannabinoid.three", "group")


class Rule(msgspec.Struct, frozen=True):
    """A subitem that is a core with a substituted nitrogen.

    In the pattern, part 1 is the ring that carries the nitrogen, 2 what stands on its 3-position, 3 the first
    atom of the substituent at nitrogen, 4 the ring at the far end, which must not be part of a larger one.
    """

    subitem: int
    core: str
    pattern: base.Pattern


INDOLE: Final = "[c:1]1:[c:1]:[n:1](-[!#1:3]):[c:1]2:[c:1]:[c:1]:[c:1]:[c:1]:[c:1]:2:1"
INDAZOLE: Final = "[c:1]1:[n:1]:[n:1](-[!#1:3]):[c:1]2:[c:1]:[c:1]:[c:1]:[c:1]:[c:1]:2:1"
INDAZOLE_2: Final = "[c:1]1:[n:1](-[!#1:3]):[n:1]:[c:1]2:[c:1]:[c:1]:[c:1]:[c:1]:[c:1]:2:1"
PYRROLE: Final = "[c:1]1:[c:1]:[n:1](-[!#1:3]):[c:1]:[c:1]:1"
NAPHTHOYL: Final = "[#6;X3:2](=[OX1:2])(-[c:4]1:[c:4]:[c:4]:[c:4]:[c:4]2:[c:4]:[c:4]:[c:4]:[c:4]:[c:4]:1:2)-"
BENZENE: Final = "[c:4]1:[c:4]:[c:4]:[c:4]:[c:4]:[c:4]:1"
AMIDE: Final = "[#7;X3;!a:2]-[#6;X3:2](=[OX1:2])-"
RULES: Final = tuple(
    Rule(subitem, core, base.pattern(smarts))
    for subitem, core, smarts in (
        (2, "3-(1-naphthoyl)indole", NAPHTHOYL + INDOLE),
        (3, "3-(1-naphthoyl)pyrrole", NAPHTHOYL + PYRROLE),
        (4, "3-phenylacetylindole", f"[#6;X3:2](=[OX1:2])(-[CX4;!R:2]-{BENZENE})-{INDOLE}"),
        (5, "3-benzoylindole", f"[#6;X3;!R:2](=[OX1:2])(-{BENZENE})-{INDOLE}"),
        (6, "3-methanone(cyclopropyl)indole", f"[#6;X3:2](=[OX1:2])(-[C:4]1-[C:4]-[C:4]1)-{INDOLE}"),
        (
            7,
            "quinolin-8-yl indole-3-carboxylate",
            "[#6;X3:2](=[OX1:2])(-[O:2]-[c:4]1:[c:4]:[c:4]:[c:4]:[c:4]2:[c:4]:[c:4]:[c:4]:[n:4]:[c:4]:1:2)-"
            + INDOLE,
        ),
        (8, "3-carboxamideindazole", AMIDE + INDAZOLE),
        (8, "3-carboxamideindazole", AMIDE + INDAZOLE_2),
        (9, "3-carboxamideindole", AMIDE + INDOLE),
    )
)
ANCHORS: Final = ("n:[c,n]:c-C=O", "[OX2]-c(:c-[C;r6]):[c;R1]:[c;R1]-[!#1]")
"""What the cores hold; see `classes.members`."""

ACYL_AZOLE: Final = base.query(ANCHORS[0])
ATOMS: Final = 13
RINGS: Final = 2
"""Of the smallest member."""

PHENOL: Final = base.pattern("[C;r6:3]-[c:2]1:[c:2](-[OX2:1]):[c:2]:[c:2](-[!#1:4]):[c:2]:[c:2]:1")
PHENOL_KEY: Final = "CDSA/II/2(1)"


def find(mol: Chem.Mol) -> tuple[Membership, ...]:
    """The subitems of item 2 whose structure is there, exceptions not yet looked at."""
    found = _phenols(mol)
    if mol.HasSubstructMatch(ACYL_AZOLE):
        found += [one for rule in RULES for one in _met(mol, rule)]
    return tuple({one.key: one for one in reversed(found)}.values())[::-1]


def _met(mol: Chem.Mol, rule: Rule) -> list[Membership]:
    for match in mol.GetSubstructMatches(rule.pattern.mol, maxMatches=24):
        part = rule.pattern.found(match)
        if _alone(mol, part[1]) and (4 not in part or _alone(mol, part[4])):
            at_nitrogen = base.branch(mol, part[3][0], {*match} - {part[3][0]})
            core = Site(reason(CORE, core=rule.core), tuple(sorted({*match} - {part[3][0]})))
            return [
                Membership(
                    f"CDSA/II/2({rule.subitem})",
                    "definition",
                    (core, _piece(mol, AT_NITROGEN, at_nitrogen)),
                )
            ]
    return []


def _alone(mol: Chem.Mol, system: tuple[int, ...]) -> bool:
    """Whether a ring system is not part of a larger aromatic one."""
    return not base.fused_aromatic(mol, system)


def _piece(mol: Chem.Mol, message: Message, atoms: tuple[int, ...]) -> Site:
    return Site(reason(message, piece=Chem.MolFragmentToSmiles(mol, atoms, isomericSmiles=False)), atoms)


def _phenols(mol: Chem.Mol) -> list[Membership]:
    """2-(cyclohexyl)phenols (subitem 1).

    The named members parahexyl and DMHP have a cyclohexene that is fused into a dibenzopyran: the ring is
    read as six carbons that are not aromatic, with or without a double bond. A further ring on it is taken
    where it closes over an oxygen of the phenol to a dibenzopyran, as in those members; a ring of steroids,
    morphinans or adamantane is no cyclohexyl.
    """
    for match in mol.GetSubstructMatches(PHENOL.mol, uniquify=False, maxMatches=96):
        part = PHENOL.found(match)
        oxygen, benzene, (root,), (five,) = part[1][0], part[2], part[3], part[4]
        kind = _oxygen(mol, oxygen, benzene)
        if not kind or not _alone(mol, benzene):
            continue
        for ring in base.rings_of(mol, root):
            three = _three(mol, ring, root, benzene) if _cyclohexyl(mol, ring, benzene) else None
            if three is not None:
                group, at = three
                core = "2-(cyclohexyl)phenol"
                sites = (
                    Site(reason(CORE, core=core), tuple(sorted({*benzene, *ring, oxygen}))),
                    Site(reason(OXYGEN, group=kind), (oxygen,)),
                    _piece(mol, FIVE, base.branch(mol, five, {*benzene, *ring, oxygen})),
                    Site(reason(THREE, group=group), (at,)),
                )
                return [Membership(PHENOL_KEY, "definition", sites)]
    return []


def _oxygen(mol: Chem.Mol, oxygen: int, benzene: tuple[int, ...]) -> str:
    """`hydroxy`, `ether` or `ester`, or nothing."""
    onward = [n for n in mol.GetAtomWithIdx(oxygen).GetNeighbors() if n.GetIdx() not in benzene]
    if not onward or onward[0].GetAtomicNum() == 1:
        return "hydroxy"
    if onward[0].GetAtomicNum() in (15, 16):
        return "ester"
    return ("ester" if _has_oxo(onward[0]) else "ether") if onward[0].GetAtomicNum() == 6 else ""


def _has_oxo(atom: Chem.Atom) -> bool:
    return any(
        bond.GetBondTypeAsDouble() == 2 and bond.GetOtherAtom(atom).GetAtomicNum() == 8
        for bond in atom.GetBonds()
    )


def _cyclohexyl(mol: Chem.Mol, ring: tuple[int, ...], benzene: tuple[int, ...]) -> bool:
    atoms = [mol.GetAtomWithIdx(at) for at in ring]
    carbons = all(atom.GetAtomicNum() == 6 and not atom.GetIsAromatic() for atom in atoms)
    others = (other for other in mol.GetRingInfo().AtomRings() if other != ring)
    fused = [other for other in others if len(set(ring).intersection(other)) > 1]
    return len(ring) == 6 and carbons and all(_pyran(mol, other, benzene) for other in fused)


def _pyran(mol: Chem.Mol, ring: tuple[int, ...], benzene: tuple[int, ...]) -> bool:
    """Whether a ring is the pyran of a dibenzopyran: six atoms, two of the benzene ring, one oxygen."""
    oxygens = sum(mol.GetAtomWithIdx(at).GetAtomicNum() == 8 for at in ring)
    return len(ring) == 6 and oxygens == 1 and len(set(ring).intersection(benzene)) == 2


def _three(
    mol: Chem.Mol, ring: tuple[int, ...], root: int, benzene: tuple[int, ...]
) -> tuple[str, int] | None:
    """Return the word of the law for a 3'-substituent of a ring, and its atom; None if there is none."""
    at = ring.index(root)
    for place in (ring[(at + 2) % 6], ring[(at - 2) % 6]):
        for start in base.substituents(mol, place, {*ring, *benzene}):
            if word := _word(mol, place, start):
                return word, start
    return None


def _word(mol: Chem.Mol, place: int, start: int) -> str:
    atom = mol.GetAtomWithIdx(start)
    double = mol.GetBondBetweenAtoms(place, start).GetBondTypeAsDouble() == 2
    if atom.GetAtomicNum() == 8:
        if double:
            return "carbonyl"
        onward = [n for n in atom.GetNeighbors() if n.GetIdx() != place and n.GetAtomicNum() != 1]
        return ("ester" if _has_oxo(onward[0]) else "ether") if onward else "hydroxyl"
    if atom.GetAtomicNum() == 6:
        if _has_oxo(atom):
            return "carbonyl"
        return "alkyl" if atom.GetHybridization() == Chem.HybridizationType.SP3 and not double else ""
    return ""
