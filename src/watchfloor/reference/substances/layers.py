"""How two structures stand to each other, by the layers of their standard InChI.

The layers (IUPAC InChI Technical Manual, 2020): formula, connections `/c`, hydrogens `/h`, charge `/q` and
`/p`, double bonds `/b`, centres `/t /m /s`, isotopes `/i`. Two structures that agree in the main layer are
one skeleton; what else differs is said by name, so that the law's own distinctions can be kept: it lists
levomethorphan, lists racemethorphan and excludes dextromethorphan, and all three are one skeleton.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from rdkit import Chem, rdBase
from rdkit.Chem import inchi

from watchfloor.reference.substances.molecules import GIVEN

Stereo = Literal["same", "none given", "less given", "more given", "other", "mirror image"]
"""How the query's configuration stands to the listed one's. `none given` of the query and `more given` than
the listed are not a difference, but something that one of the two does not say."""

_LIMIT: Final = "/WM2000"  # milliseconds that InChI may take on one structure


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers of a standard InChI.

    Attributes:
        main: formula, connections and hydrogens; those of the ion where protons cannot neutralise it.
        charge: `/q` and `/p`.
        bonds: `/b`, configuration of double bonds.
        centres: `/t`, with signs as for the absolute form.
        inverted: `/m`: "1" where the mirror image was written, "" where there is none to choose.
        isotopes: `/i` and what follows it.
        key: the InChIKey.
    """

    main: str
    charge: str
    bonds: str
    centres: str
    inverted: str
    isotopes: str
    key: str

    @property
    def skeleton(self) -> str:
        """The first 14 letters of the key: the same for all stereoisomers and labelled forms."""
        return self.key[:14]


def layers(mol: Chem.Mol) -> Layers:
    """The layers of a molecule; `key` is empty where InChI knows no such structure."""
    with rdBase.BlockLogs():
        text = inchi.MolToInchi(mol, options=_LIMIT)
    return read(text)


def read(text: str) -> Layers:
    """The layers of a written standard InChI."""
    body, _, isotopic = text.partition("/i")
    main: list[str] = []
    found = dict.fromkeys("pqbtm", "")
    for part in body.removeprefix("InChI=1S/").split("/"):
        if part[:1] in found and main:
            found[part[0]] = part[1:]
        elif part[:1] != "s" or not main:
            main.append(part)
    charge = "/".join(filter(None, (found["q"], found["p"])))
    key = inchi.InchiToInchiKey(text) if text else ""
    return Layers("/".join(main), charge, found["b"], found["t"], found["m"], isotopic, key)


def stereo(query: Layers, listed: Layers) -> Stereo:
    """How the query's configuration stands to the listed one's, isotopes left aside."""
    mine, theirs = _signs(query), _signs(listed)
    if mine == theirs:
        return "same"
    if not mine:
        return "none given"
    if all(mine.get(place) == sign for place, sign in theirs.items()):
        return "more given"
    if all(theirs.get(place) == sign for place, sign in mine.items()):
        return "less given"
    if _mirrored(query, listed):
        return "mirror image"
    return "other"


def _signs(one: Layers) -> dict[str, str]:
    """Each place that has a configuration, with its absolute sign."""
    signs = {f"b{part[:-1]}": part[-1] for part in _parts(one.bonds) if part[-1] in "+-"}
    turned = {"+": "-", "-": "+"} if one.inverted == "1" else {"+": "+", "-": "-"}
    signs |= {f"t{part[:-1]}": turned[part[-1]] for part in _parts(one.centres) if part[-1] in "+-"}
    return signs


def _parts(layer: str) -> list[str]:
    return [part for part in layer.replace(";", ",").split(",") if part]


def _mirrored(query: Layers, listed: Layers) -> bool:
    same = (query.bonds, query.centres) == (listed.bonds, listed.centres)
    return same and {query.inverted, listed.inverted} == {"0", "1"}


@cache
def _labelled() -> Chem.Mol:
    return Chem.MolFromSmarts("[!0*]")


def labels(mol: Chem.Mol) -> str:
    """What is labelled, such as `d5` or `13C1`; empty for the natural substance."""
    if not mol.HasSubstructMatch(_labelled()):
        return ""
    counts: dict[str, int] = {}
    for atom in mol.GetAtoms():
        if mass := atom.GetIsotope():
            name = {(1, 2): "d", (1, 3): "t"}.get((atom.GetAtomicNum(), mass), f"{mass}{atom.GetSymbol()}")
            counts[name] = counts.get(name, 0) + 1
    return ", ".join(f"{name}{count}" for name, count in sorted(counts.items()))


def unlabelled(mol: Chem.Mol) -> Chem.Mol:
    """The same substance with natural isotopes. Configuration that only labels make goes with them."""
    if not mol.HasSubstructMatch(_labelled()):
        return mol
    plain = Chem.Mol(mol)
    for atom in plain.GetAtoms():
        atom.SetIsotope(0)
        if not atom.HasProp(GIVEN):
            atom.SetIntProp(GIVEN, atom.GetIdx())  # a deuterium that goes moves the numbers behind it
    with rdBase.BlockLogs():
        plain = Chem.RemoveHs(plain)
        Chem.AssignStereochemistry(plain, cleanIt=True, force=True)
    return plain
