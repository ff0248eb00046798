"""What three sources say of names: OPSIN, the `chemicals` package and MassBank; and what RDKit needs."""

import csv
import importlib.metadata
import warnings
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from design.structure_names import folded
from py2opsin import py2opsin
from rdkit import Chem, RDLogger

MASSBANK = Path(__file__).with_name("massbank.tsv")
REGISTRY = Path(__file__).with_name("registry.tsv")
OPSIN = "OPSIN 2.9.0"

RDLogger.DisableLog("rdApp.*")  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Reading:
    """What one source makes of one name."""

    source: str
    name: str
    smiles: str
    cas: str = ""
    record: str = ""

    @property
    def inchikey(self) -> str:
        """The key of the structure, computed by RDKit."""
        return key_of(self.smiles)

    @property
    def skeleton(self) -> str:
        """The part of the key that says how atoms are connected."""
        return self.inchikey[:14]

    def __str__(self) -> str:
        return f"{self.record or versions()[self.source]}: {self.name}"


@cache
def versions() -> dict[str, str]:
    """The sources with their versions, as the table names them."""
    return {
        "opsin": OPSIN,
        "chemicals": f"chemicals {importlib.metadata.version('chemicals')}",
        "massbank": "MassBank",
        "hand": "by hand",
    }


@cache
def key_of(smiles: str) -> str:
    """The standard InChIKey; empty for what is no molecule."""
    mol = Chem.MolFromSmiles(smiles)
    return Chem.MolToInchiKey(mol) if mol is not None else ""


def canonical(smiles: str) -> str:
    """RDKit's own SMILES."""
    return Chem.MolToSmiles(Chem.MolFromSmiles(smiles))


def parent(smiles: str) -> str:
    """The organic part of what a database gives as a salt with a small acid."""
    parts = [one for one in smiles.split(".") if one not in {"Cl", "Br", "I", "[Cl-]", "[Na+]"}]
    return parts[0] if len(parts) == 1 and "C" in parts[0] else smiles


def flattened(smiles: str) -> str:
    """Without stereochemistry."""
    mol = Chem.MolFromSmiles(smiles)
    Chem.RemoveStereochemistry(mol)
    return Chem.MolToSmiles(mol)


def mirrored(smiles: str) -> str:
    """The mirror image: every centre turned round."""
    mol = Chem.MolFromSmiles(smiles)
    for atom in mol.GetAtoms():
        atom.InvertChirality()
    return Chem.MolToSmiles(mol)


def centres(smiles: str) -> int:
    """How many centres and double bonds have a stated configuration."""
    mol = Chem.MolFromSmiles(smiles)
    found = Chem.FindPotentialStereo(mol)
    return sum(one.specified == Chem.StereoSpecified.Specified for one in found)


def extends(more: str, less: str) -> bool:
    """Whether a structure states all that another states of its stereochemistry, the same way."""
    a, b = Chem.MolFromSmiles(more), Chem.MolFromSmiles(less)
    return a.GetNumAtoms() == b.GetNumAtoms() and a.HasSubstructMatch(b, useChirality=True)


def opsin(names: Iterable[str]) -> dict[str, str]:
    """SMILES by name, of those that OPSIN reads."""
    asked = ["methane", *sorted(set(names)), "methane"]  # py2opsin strips empty lines from both ends
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = py2opsin(asked, output_format="SMILES")
    return {name: smiles for name, smiles in zip(asked, made, strict=True) if smiles}


@cache
def databases() -> dict[str, dict[str, list[Reading]]]:
    """Readings of the two databases, by folded name."""
    from chemicals.identifiers import pubchem_db

    pubchem_db.autoload_main_db()
    found: dict[str, dict[str, list[Reading]]] = {
        "chemicals": defaultdict(list),
        "massbank": defaultdict(list),
    }
    for name, one in pubchem_db.name_index.items():
        smiles = parent(one.smiles)
        number = one.CASs if smiles == one.smiles else ""  # that of a salt is not the substance's
        found["chemicals"][folded(name)].append(Reading("chemicals", name, smiles, number))
    with MASSBANK.open(encoding="utf-8") as lines:
        for row in csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"):
            found["massbank"][folded(row["name"])].append(of_record(row))
    return found


@cache
def registry() -> dict[str, list[str]]:
    """CAS numbers that public tables give, by InChIKey."""
    found: dict[str, list[str]] = {}
    with REGISTRY.open(encoding="utf-8") as lines:
        for row in csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"):
            found.setdefault(row["inchikey"], []).append(row["cas"])
    return found


def of_record(row: dict[str, str]) -> Reading:
    """A record of MassBank; where its SMILES and its InChIKey differ in configuration, without any."""
    smiles = parent(row["smiles"])
    if key_of(smiles) != row["inchikey"]:
        smiles = flattened(smiles) if key_of(smiles)[:14] == row["inchikey"][:14] else ""
    return Reading("massbank", row["name"], smiles, record=f"MassBank {row['record']}")


def looked_up(source: str, names: Iterable[str]) -> list[Reading]:
    """What a database has under these names, each structure once."""
    found: dict[str, Reading] = {}
    for name in names:
        for one in databases()[source].get(folded(name), []):
            if one.inchikey:
                found.setdefault(one.inchikey, one)
    return list(found.values())
