"""Fentanyls: item 16 of Schedule I, and the fentanyl-related substances of United States law.

The Act names "Fentanyls, their salts, derivatives, and analogues" and fourteen members, without structural
words. United States law has them: 21 U.S.C. 812(c), Schedule I (e)(2), as 21 CFR 1308.11(h)(30)(i) before it:
structurally related to fentanyl by one or more of the modifications

    A  the phenyl of the phenethyl group replaced by any monocycle, further substituted or not
    B  substitution in or on the phenethyl group with alkyl, alkenyl, alkoxyl, hydroxyl, halo, haloalkyl,
       amino or nitro groups
    C  substitution in or on the piperidine ring with those groups, ester or ether
    D  the aniline ring replaced by any aromatic monocycle, further substituted or not
    E  the N-propionyl group replaced by another acyl group

They are read literally. A carbon more between the ring and the nitrogen is an alkyl "in" the phenethyl group
(NIST's labelled spectra have 3-phenylpropyl under B). A phenyl that carries a group which B does not name is
a monocycle "further substituted" (A), as a substituted aniline ring is under D. A fused ring is no monocycle;
a bridged or fused piperidine, another chain, a sulphonyl in place of the acyl and a chain that carries
anything else are outside, and `cores` may still know them.
"""

from typing import Final

from rdkit import Chem

from watchfloor.core.messages import Message, declare, reason
from watchfloor.reference.substances.classes import base
from watchfloor.reference.substances.classes.base import Membership, Site

KEYS: Final = ("CDSA/I/16", "US/FRS")
_CORE: Final = (
    "[#6;X3;!R:5](=[OX1:5])-[NX3;!R:6](-[a:4])-[CX4;R1:3]1-[CX4;R1:3]-[CX4;R1:3]"
    "-[#7;X3,$([#7+;!H0]);R1:3](-[CX4;!R:2]-[CX4;!R:2]{longer}-[R:1])-[CX4;R1:3]-[CX4;R1:3]1"
)
CORES: Final = tuple(base.pattern(_CORE.format(longer=longer)) for longer in ("", "-[CX4;!R:7]"))
"""The core with its phenethyl, and with one carbon more in it."""
ANCHORS: Final = ("[NX3;!R](-[C;R1])(-a)-C=O",)
"""What the core holds; see `classes.members`."""

ATOMS: Final = 18
RINGS: Final = 3
"""Of the smallest member."""

ON_PHENETHYL: Final = frozenset(
    ("alkyl", "alkenyl", "alkoxyl", "hydroxyl", "halo", "haloalkyl", "amino", "nitro")
)
ON_PIPERIDINE: Final = ON_PHENETHYL | {"ester", "ether"}

A = declare("class.fentanyl.A", "piece")
B = declare("class.fentanyl.B", "group", "piece")
LONGER = declare("class.fentanyl.longer")
C = declare("class.fentanyl.C", "group", "piece")
D = declare("class.fentanyl.D", "piece")
E = declare("class.fentanyl.E", "piece")
WHOLE = declare("class.fentanyl.core")


def find(mol: Chem.Mol) -> tuple[Membership, ...]:
    """Item 16 and the United States class, with the letters of the modifications; empty outside.

    Fentanyl itself has none, and is met by item 16 alone.
    """
    matches = ((core, match) for core in CORES for match in mol.GetSubstructMatches(core.mol, maxMatches=24))
    for core, match in matches:
        found = _modifications(mol, core.found(match))
        if found is not None:
            letters = "".join(sorted({letter for letter, _ in found}))
            sites = (Site(reason(WHOLE), tuple(sorted(match))), *(site for _, site in found))
            keys = KEYS if letters else KEYS[:1]
            return tuple(Membership(key, _kind(key), sites, letters) for key in keys)
    return ()


def _kind(key: str) -> base.Kind:
    return "definition" if key == "US/FRS" else "core"


def _modifications(mol: Chem.Mol, part: dict[int, tuple[int, ...]]) -> list[tuple[str, Site]] | None:
    """The modifications of a core with their sites; None where something is outside the definition."""
    ring, aryl = base.monocycle(mol, part[1][0]), base.monocycle(mol, part[4][0])
    if ring is None or aryl is None or not base.aromatic(mol, aryl):
        return None
    chain = (*part[2], *part.get(7, ()))
    core = {*chain, *part[3], *part[6], part[5][0], part[1][0], part[4][0], *ring, *aryl}
    on_chain = _groups(mol, chain, core, ON_PHENETHYL)
    on_piperidine = _groups(mol, part[3], core, ON_PIPERIDINE)
    if on_chain is None or on_piperidine is None:
        return None
    found = [("B", Site(reason(LONGER), part[7]))] if 7 in part else []
    found += [("B", _site(mol, B, atoms, group)) for group, atoms in on_chain]
    found += [("C", _site(mol, C, atoms, group)) for group, atoms in on_piperidine]
    found += _phenyl(mol, ring, core)
    if not base.benzene(mol, aryl) or any(base.substituents(mol, at, core) for at in aryl):
        found.append(("D", _site(mol, D, _with_substituents(mol, aryl, core))))
    acyl = base.branch(mol, part[5][0], part[6])
    if not _propionyl(mol, acyl):
        found.append(("E", _site(mol, E, acyl)))
    return found


def _phenyl(mol: Chem.Mol, ring: tuple[int, ...], core: set[int]) -> list[tuple[str, Site]]:
    groups = _groups(mol, ring, core, ON_PHENETHYL) if base.benzene(mol, ring) else None
    if groups is None:
        return [("A", _site(mol, A, _with_substituents(mol, ring, core)))]
    return [("B", _site(mol, B, atoms, group)) for group, atoms in groups]


def _groups(
    mol: Chem.Mol, places: tuple[int, ...], core: set[int], allowed: frozenset[str]
) -> list[tuple[str, tuple[int, ...]]] | None:
    """Each substituent with its word and atoms; None where one is not of the allowed words."""
    found: list[tuple[str, tuple[int, ...]]] = []
    for at in places:
        for start in base.substituents(mol, at, core):
            word = base.group(mol, start, core)
            if word not in allowed:
                return None
            found.append((word, base.branch(mol, start, core)))
    return found


def _with_substituents(mol: Chem.Mol, ring: tuple[int, ...], core: set[int]) -> tuple[int, ...]:
    starts = [start for at in ring for start in base.substituents(mol, at, core)]
    return tuple(sorted({*ring, *(at for start in starts for at in base.branch(mol, start, core))}))


def _propionyl(mol: Chem.Mol, acyl: tuple[int, ...]) -> bool:
    return len(acyl) == 4 and Chem.MolFragmentToSmiles(mol, acyl, isomericSmiles=False) == "CCC=O"


def _site(mol: Chem.Mol, message: Message, atoms: tuple[int, ...], group: str = "") -> Site:
    piece = Chem.MolFragmentToSmiles(mol, atoms, isomericSmiles=False)
    params = {"piece": piece, "group": group} if group else {"piece": piece}
    return Site(reason(message, **params), atoms)
