"""Shared parts of definitions: memberships with sites, rings that stand alone, substituents by name."""

from collections.abc import Iterable, Sequence
from typing import Final, Literal, NamedTuple

import msgspec
from rdkit import Chem

from watchfloor.core.messages import Reason

Kind = Literal["definition", "core"]
"""`definition`: the law's own structural words are met. `core`: the structure that the named members of a
heading share is there; the heading has no structural words, and a person decides."""


class Site(msgspec.Struct, frozen=True):
    """One thing in the structure that a definition asks for: what it is, and the numbers of its atoms."""

    said: Reason
    atoms: tuple[int, ...]


class Membership(msgspec.Struct, frozen=True):
    """A structure that meets a definition.

    Attributes:
        key: the item that defines, such as `CDSA/II/2(2)`, or `US/FRS`.
        kind: whether the law's words are met, or a shared core.
        sites: what met it, each with its atoms.
        detail: short code of what differs, such as the letters of the modifications.
    """

    key: str
    kind: Kind
    sites: tuple[Site, ...]
    detail: str = ""


Group = Literal[
    "alkyl",
    "alkenyl",
    "alkoxyl",
    "hydroxyl",
    "halo",
    "haloalkyl",
    "haloalkoxy",
    "amino",
    "nitro",
    "ester",
    "ether",
    "oxo",
    "other",
]
HALOGENS: Final = frozenset({9, 17, 35, 53})


def query(smarts: str) -> Chem.Mol:
    """A compiled SMARTS; raises `ValueError` where it is none."""
    found = Chem.MolFromSmarts(smarts)
    if found is None:
        raise ValueError(f"no SMARTS: {smarts}")
    return found


class Pattern(NamedTuple):
    """A compiled SMARTS and the part of each of its atoms: its map number."""

    mol: Chem.Mol
    parts: tuple[int, ...]

    def found(self, match: Sequence[int]) -> dict[int, tuple[int, ...]]:
        """The atoms of a match by part."""
        atoms: dict[int, list[int]] = {}
        for part, at in zip(self.parts, match, strict=True):
            atoms.setdefault(part, []).append(at)
        return {part: tuple(several) for part, several in atoms.items()}


def pattern(smarts: str) -> Pattern:
    """A compiled SMARTS whose map numbers name its parts."""
    mol = query(smarts)
    return Pattern(mol, tuple(atom.GetAtomMapNum() for atom in mol.GetAtoms()))


def rings_of(mol: Chem.Mol, at: int) -> list[tuple[int, ...]]:
    """The rings an atom is in."""
    return [ring for ring in mol.GetRingInfo().AtomRings() if at in ring]


def monocycle(mol: Chem.Mol, at: int) -> tuple[int, ...] | None:
    """The ring of an atom where none of its atoms is in a second ring, else None."""
    own = rings_of(mol, at)
    info = mol.GetRingInfo()
    if len(own) != 1 or any(info.NumAtomRings(other) > 1 for other in own[0]):
        return None
    return own[0]


def aromatic(mol: Chem.Mol, ring: Iterable[int]) -> bool:
    """Whether every atom of a ring is aromatic."""
    return all(mol.GetAtomWithIdx(at).GetIsAromatic() for at in ring)


def benzene(mol: Chem.Mol, ring: Iterable[int]) -> bool:
    """Whether a ring is six aromatic carbons."""
    atoms = [mol.GetAtomWithIdx(at) for at in ring]
    return len(atoms) == 6 and all(atom.GetIsAromatic() and atom.GetAtomicNum() == 6 for atom in atoms)


def fused_aromatic(mol: Chem.Mol, system: Iterable[int]) -> bool:
    """Whether another aromatic ring shares a bond with these ring atoms, as part of a larger system."""
    own = set(system)
    return any(
        len(own.intersection(ring)) >= 2 and not own.issuperset(ring) and aromatic(mol, ring)
        for ring in mol.GetRingInfo().AtomRings()
    )


def branch(mol: Chem.Mol, start: int, without: Iterable[int]) -> tuple[int, ...]:
    """The atoms reached from one atom without stepping on the given ones."""
    closed, found, ahead = set(without), {start}, [start]
    while ahead:
        for neighbour in mol.GetAtomWithIdx(ahead.pop()).GetNeighbors():
            if (at := neighbour.GetIdx()) not in closed and at not in found:
                found.add(at)
                ahead.append(at)
    return tuple(sorted(found))


def substituents(mol: Chem.Mol, at: int, core: Iterable[int]) -> list[int]:
    """Neighbours of a core atom that are no part of the core, hydrogen left out."""
    inside = set(core)
    return [
        neighbour.GetIdx()
        for neighbour in mol.GetAtomWithIdx(at).GetNeighbors()
        if neighbour.GetIdx() not in inside and neighbour.GetAtomicNum() != 1
    ]


def group(mol: Chem.Mol, start: int, core: Iterable[int]) -> Group:
    """Name a substituent in the words of 21 CFR 1308.11(h)(30)(i); `other` where no word fits."""
    atoms = branch(mol, start, core)
    if any(mol.GetRingInfo().NumAtomRings(at) for at in atoms):
        return "other"
    anchor = next(iter(set(core).intersection(n.GetIdx() for n in mol.GetAtomWithIdx(start).GetNeighbors())))
    double = mol.GetBondBetweenAtoms(start, anchor).GetBondTypeAsDouble() == 2
    first = mol.GetAtomWithIdx(start)
    if double:
        return "oxo" if first.GetAtomicNum() == 8 else "other"
    if first.GetAtomicNum() in HALOGENS:
        return "halo"
    if first.GetAtomicNum() == 7 and first.GetFormalCharge() == 1:
        return "nitro" if len(atoms) == 3 and _elements(mol, atoms) == {7, 8} else "other"
    if first.GetAtomicNum() == 6:
        return _of_carbon(mol, start, atoms)
    if first.GetAtomicNum() in (7, 8):
        return _of_heteroatom(mol, first, atoms)
    return "other"


def _elements(mol: Chem.Mol, atoms: Iterable[int]) -> set[int]:
    return {mol.GetAtomWithIdx(at).GetAtomicNum() for at in atoms} - {1}


def _orders(mol: Chem.Mol, atoms: Iterable[int]) -> set[float]:
    inside = set(atoms)
    bonds = (bond for bond in mol.GetBonds() if {bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()} <= inside)
    return {bond.GetBondTypeAsDouble() for bond in bonds}


def _of_carbon(mol: Chem.Mol, start: int, atoms: tuple[int, ...]) -> Group:
    elements, orders = _elements(mol, atoms), _orders(mol, atoms)
    if elements == {6} and orders <= {1.0}:
        return "alkyl"
    if elements == {6} and orders <= {1.0, 2.0}:
        return "alkenyl"
    if elements <= {6, *HALOGENS} and orders <= {1.0}:
        return "haloalkyl"
    if elements == {6, 8}:
        if mol.GetAtomWithIdx(start).GetDegree() == 3 and _carboxylic(mol, start):
            return "ester"
        if orders <= {1.0} and all(_bridging(mol, at) for at in atoms if _is_oxygen(mol, at)):
            return "ether"
    return "other"


def _of_heteroatom(mol: Chem.Mol, first: Chem.Atom, atoms: tuple[int, ...]) -> Group:
    rest = [at for at in atoms if at != first.GetIdx()]
    elements, orders = _elements(mol, rest), _orders(mol, atoms)
    if first.GetAtomicNum() == 7:
        return "amino" if elements <= {6} and orders <= {1.0} else "other"
    if not rest:
        return "hydroxyl"
    if elements == {6} and orders <= {1.0}:
        return "alkoxyl"
    if elements <= {6, *HALOGENS} and orders <= {1.0}:
        return "haloalkoxy"
    if elements == {6, 8} and any(_carboxylic(mol, n.GetIdx()) for n in first.GetNeighbors()):
        return "ester"
    return "other"


def _carboxylic(mol: Chem.Mol, at: int) -> bool:
    """Whether a carbon carries =O and an oxygen that goes on to a carbon."""
    bonds = mol.GetAtomWithIdx(at).GetBonds()
    oxygens = [(b.GetBondTypeAsDouble(), b.GetOtherAtomIdx(at)) for b in bonds]
    double = any(order == 2 and _is_oxygen(mol, other) for order, other in oxygens)
    return double and any(order == 1 and _bridging(mol, other) for order, other in oxygens)


def _is_oxygen(mol: Chem.Mol, at: int) -> bool:
    return bool(mol.GetAtomWithIdx(at).GetAtomicNum() == 8)


def _bridging(mol: Chem.Mol, at: int) -> bool:
    """Whether an atom is an oxygen between two carbons."""
    atom = mol.GetAtomWithIdx(at)
    heavy = [n for n in atom.GetNeighbors() if n.GetAtomicNum() == 6]
    return bool(atom.GetAtomicNum() == 8 and len(heavy) == 2)
