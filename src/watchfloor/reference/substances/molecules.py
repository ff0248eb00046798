"""SMILES to molecules by RDKit, within limits; what is no molecule is refused with a sentence.

RDKit's own messages go nowhere: what is wrong is in the error that is raised here.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from rdkit import Chem, rdBase

from watchfloor.reference.substances.counterions import COUNTERIONS

CHARACTERS: Final = 2_000
"""Of a SMILES at most: an atom takes one at least, so nothing larger is ever built."""

ATOMS: Final = 500
"""Other than hydrogen at most. No controlled substance has 100; InChI ends at 1,023."""

CLOSURES: Final = 60
"""Ring closures at most. They are what makes a short SMILES slow to take in."""

ALKALI: Final = frozenset({3, 11, 19, 37, 55})

SHOWN: Final = 60
"""Characters of a SMILES that a message repeats."""

GIVEN: Final = "given"
"""The property of a component's atom that has its number in the SMILES."""

_BRACKETS = re.compile(r"\[[^\]]*\]")
_CLOSURE = re.compile(r"%\d\d|\d")
_CHARGE = re.compile(r"[+\-]\d*[:\]]")
_SYMBOLS = re.compile(r"(?:Cl|Br|[BCNOPSFIbcnops*]|\[[^\[\]\s]*\]?|[\d%()\]=#$:/\\.~-])+")
_COVALENT = re.compile(r"\[(Li|Na|K|Rb|Cs)\]")
_NUMBERED = re.compile(r":\d+\]")
_ISOTOPE = re.compile(r"\[(D|T)\]")


class MoleculeError(ValueError):
    """A text that cannot be taken as the SMILES of one substance; the message says why."""


@dataclass(frozen=True)
class Molecule:
    """A structure as it was given.

    Attributes:
        smiles: as given.
        mol: RDKit's molecule of all of it, counter-ions included; atoms are numbered as in `smiles`.
    """

    smiles: str
    mol: Chem.Mol

    @cached_property
    def parts(self) -> tuple[Chem.Mol, ...]:
        """Its components, each neutralised, equal ones once; `given` has their atoms' numbers in `smiles`."""
        if "." not in self.smiles and not _COVALENT.search(self.smiles):
            return (neutral(self.mol),) if _CHARGE.search(self.smiles) else (self.mol,)
        whole = Chem.Mol(self.mol)
        for atom in whole.GetAtoms():
            atom.SetIntProp(GIVEN, atom.GetIdx())
        pieces = Chem.GetMolFrags(whole, asMols=True, sanitizeFrags=True)
        found = {Chem.MolToSmiles(part): part for part in map(neutral, pieces)}
        return tuple(found.values())

    @cached_property
    def substances(self) -> tuple[Chem.Mol, ...]:
        """The components that are neither counter-ion nor solvent.

        Where nothing else is there, a salt is one substance (table salt is no hydrochloric acid), and what
        bears no charge is a mixture of all.
        """
        if len(self.parts) == 1:
            return self.parts
        organic = tuple(part for part in self.parts if Chem.MolToSmiles(part) not in COUNTERIONS)
        salt = _CHARGE.search(self.smiles) or _COVALENT.search(self.smiles)
        return organic or ((self.mol,) if salt else self.parts)

    @property
    def others(self) -> tuple[str, ...]:
        """Names of the counter-ions and solvents that stand beside the substance."""
        kept = {id(part) for part in self.substances}
        if kept == {id(self.mol)}:
            return ()
        return tuple(
            COUNTERIONS.get(Chem.MolToSmiles(part), Chem.MolToSmiles(part))
            for part in self.parts
            if id(part) not in kept
        )

    @property
    def ionised(self) -> bool:
        """Whether it was given as an ion or a salt: charges that neutralising takes away."""
        return any(atom.GetFormalCharge() for atom in self.mol.GetAtoms()) and not any(
            atom.GetFormalCharge() for part in self.parts for atom in part.GetAtoms()
        )


def parse(smiles: str) -> Molecule:
    """The molecule of a SMILES. Raises `MoleculeError` with what is wrong."""
    text = smiles.strip()
    _refuse(text)
    text = _ISOTOPE.sub(lambda found: f"[{'2' if found[1] == 'D' else '3'}H]", text)
    with rdBase.BlockLogs():
        mol: Chem.Mol | None = Chem.MolFromSmiles(text)
        if mol is None:
            raise MoleculeError(_problem(text))
    if mol.GetNumHeavyAtoms() > ATOMS:
        raise MoleculeError(f"{mol.GetNumHeavyAtoms():,} atoms; at most {ATOMS} are taken")
    if "*" in text:
        raise MoleculeError("an atom is left open (*, R): that is a pattern, not a substance")
    for atom in mol.GetAtoms() if _NUMBERED.search(text) else ():
        atom.SetAtomMapNum(0)  # numbers of a reaction drawing would make the same atom another
    return Molecule(smiles.strip(), _parted(mol) if _COVALENT.search(text) else mol)


def _parted(mol: Chem.Mol) -> Chem.Mol:
    """The same with alkali metals that were drawn with a bond to O, N or S as the ions that they are."""
    found = Chem.RWMol(mol)
    for atom in found.GetAtoms():
        near = atom.GetNeighbors()
        if atom.GetAtomicNum() in ALKALI and len(near) == 1 and near[0].GetAtomicNum() in (7, 8, 16):
            found.RemoveBond(atom.GetIdx(), near[0].GetIdx())
            atom.SetFormalCharge(1)
            near[0].SetFormalCharge(near[0].GetFormalCharge() - 1)
    parted: Chem.Mol = found.GetMol()
    Chem.SanitizeMol(parted)
    return parted


def inchi(text: str) -> Molecule:
    """The molecule of an InChI. Raises `MoleculeError` where RDKit takes none from it."""
    if len(text) > CHARACTERS:
        raise MoleculeError(f"{len(text):,} characters; at most {CHARACTERS:,} are taken")
    with rdBase.BlockLogs():
        mol = Chem.MolFromInchi("InChI=" + text.strip()[len("InChI=") :])
    if mol is None or not mol.GetNumAtoms():
        raise MoleculeError("this is no InChI that can be read")
    return parse(Chem.MolToSmiles(mol))


def neutral(mol: Chem.Mol) -> Chem.Mol:
    """The same with charges taken away by moving protons; quaternary nitrogen and N-oxides stay.

    So do ions that no proton makes neutral: carbanions of metal compounds, hexafluorophosphate.
    """
    charged = [atom for atom in mol.GetAtoms() if atom.GetFormalCharge()]
    if not charged or any(atom.GetAtomicNum() == 6 for atom in charged):
        return mol
    from rdkit.Chem.MolStandardize import rdMolStandardize

    with rdBase.BlockLogs():
        plain = rdMolStandardize.Uncharger().uncharge(mol)
        return plain if Chem.SanitizeMol(plain, catchErrors=True) == 0 else mol


def given(mol: Chem.Mol, atoms: Iterable[int]) -> tuple[int, ...]:
    """Numbers in the SMILES of atoms of a component, in order."""
    found = (mol.GetAtomWithIdx(at) for at in atoms)
    return tuple(sorted(atom.GetIntProp(GIVEN) if atom.HasProp(GIVEN) else atom.GetIdx() for atom in found))


def looks_like(text: str) -> bool:
    """Whether a text that nobody called a SMILES is made of the symbols of one, whole or not."""
    return bool(_SYMBOLS.fullmatch(text.strip()))


def _refuse(text: str) -> None:
    """Refuse a text before anything is built of it."""
    if not text:
        raise MoleculeError("nothing was given")
    if len(text) > CHARACTERS:
        raise MoleculeError(f"{len(text):,} characters; at most {CHARACTERS:,} are taken")
    if any(map(str.isspace, text)):
        raise MoleculeError("a SMILES holds no blanks")
    if ">" in text:
        raise MoleculeError("this is a reaction, not a substance")
    closures = len(_CLOSURE.findall(_BRACKETS.sub("", text))) // 2
    if closures > CLOSURES:
        raise MoleculeError(f"{closures} ring closures; at most {CLOSURES} are taken")


def _problem(text: str) -> str:
    """Why RDKit took no molecule from a text."""
    mol: Chem.Mol | None = Chem.MolFromSmiles(text, sanitize=False)
    shown = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    if mol is None:
        return f"{shown!r} is no SMILES: brackets, rings or symbols do not add up"
    problems = [problem.Message() for problem in Chem.DetectChemistryProblems(mol)]
    return f"{shown!r} is no possible molecule: {'; '.join(problems[:3]) or 'its bonds do not add up'}"
