"""How like a structure is to what the law names: a fingerprint and a scaffold. Never an outcome by itself.

Morgan fingerprints of radius 2 over 2,048 bits (Rogers and Hahn, J. Chem. Inf. Model. 50 (2010) 742),
compared by Tanimoto; scaffolds by Bemis and Murcko, J. Med. Chem. 39 (1996) 2887. At `ALIKE` and above, an
item that covers derivatives or analogues is told of as one that a person may want to look at.
"""

from functools import cache, lru_cache
from typing import Any, Final

import msgspec
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator
from rdkit.Chem.Scaffolds import MurckoScaffold

from watchfloor.reference.substances.index import Listed, load

ALIKE: Final = 0.6
"""Judgement: above most pairs of unrelated medicines, below near homologues; printed with each answer."""


WORTH: Final = 0.4
"""Below this, what is most like it is not told of where nothing was found."""


class Like(msgspec.Struct, frozen=True):
    """A listed structure, its Tanimoto similarity, and whether its scaffold is the same."""

    listed: Listed
    score: float
    scaffold: bool


def nearest(mol: Chem.Mol, keys: frozenset[str] | None = None, count: int = 3) -> tuple[Like, ...]:
    """The listed structures that are most like a molecule, best first; of some items only, where given."""
    best, own = ranked(mol, keys, count), _scaffold(mol)
    return tuple(
        Like(one, round(score, 2), bool(own) and own == _scaffold_of(one.smiles)) for one, score in best
    )


def ranked(
    mol: Chem.Mol, keys: frozenset[str] | None = None, count: int = 3
) -> tuple[tuple[Listed, float], ...]:
    """The same without the scaffolds: the structures and how alike they are."""
    known, prints = _of_items(keys)
    scores = DataStructs.BulkTanimotoSimilarity(_morgan(mol), prints)
    best = sorted(range(len(known)), key=scores.__getitem__, reverse=True)[:count]
    return tuple((known[at], float(scores[at])) for at in best if scores[at] > 0)


@lru_cache(maxsize=256)
def _of_items(keys: frozenset[str] | None) -> tuple[list[Listed], list[Any]]:
    """The structures of some items, each once, and their fingerprints."""
    kept = {one.inchikey: (one, print_) for one, print_ in _prints() if keys is None or one.key in keys}
    return [one for one, _ in kept.values()], [print_ for _, print_ in kept.values()]


@cache
def _generator() -> Any:
    return rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)


@cache
def _prints() -> tuple[tuple[Listed, Any], ...]:
    """Fingerprints of all listed structures, exceptions left out; made at the first question."""
    index = load()
    kept = (
        one
        for several in index.keys.values()
        for one in several
        if one.key.startswith("CDSA/") and index.items[one.key][-1].sort != "excluded"
    )
    mols = ((one, Chem.MolFromSmiles(one.smiles)) for one in kept)
    return tuple((one, _morgan(mol)) for one, mol in mols if mol is not None)


def _morgan(mol: Chem.Mol) -> Any:
    return _generator().GetFingerprint(mol)


@lru_cache(maxsize=1024)
def _scaffold_of(smiles: str) -> str:
    mol = Chem.MolFromSmiles(smiles)
    return _scaffold(mol) if mol is not None else ""


def _scaffold(mol: Chem.Mol) -> str:
    return str(Chem.MolToSmiles(MurckoScaffold.GetScaffoldForMol(mol), isomericSmiles=False))
