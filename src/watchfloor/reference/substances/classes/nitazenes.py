"""Nitazenes: the core that the members named under item 13 of Schedule I (benzimidazoles) share.

The Act says "Benzimidazoles, their salts, derivatives and salts of derivatives" and names clonitazene and
etonitazene (and bezitramide, which is another frame). No structural words follow: the core of a
2-benzyl-1-(2-aminoethyl)benzimidazole is recognised and its sites are named; whether the substance is a
derivative is for a person. The heading itself would take in every proton-pump inhibitor: it is no rule.
"""

from typing import Final

from rdkit import Chem

from watchfloor.core.messages import declare, reason
from watchfloor.reference.substances.classes import base
from watchfloor.reference.substances.classes.base import Membership, Site

KEY: Final = "CDSA/I/13"
CORE: Final = base.pattern(
    "[c;R1:1]-[#6,#7,#8,#16;!R;D2:2]-[c:3]1:[n:3]:[c:3]2:[c:3]:[c:3]:[c:3]:[c:3]:[c:3]:2:[n:3]:1"
    "-[CX4;!R:4]-[CX4:4]-[#7;!a;X3,$([#7+;!H0]);!$(N-C=[O,S]):5]"
)
ANCHORS: Final = ("n1(-C-C-N):c:n:c:c1",)
"""What the core holds; see `classes.members`."""

ATOMS: Final = 19
RINGS: Final = 3
"""Of the smallest member."""

FRAME = declare("class.nitazene.frame")
ON_BENZIMIDAZOLE = declare("class.nitazene.benzimidazole", "piece")
ON_BENZYL = declare("class.nitazene.benzyl", "piece")
ON_AMINE = declare("class.nitazene.amine", "piece")


def find(mol: Chem.Mol) -> tuple[Membership, ...]:
    """The nitazene core with what stands on its parts, or nothing."""
    for match in mol.GetSubstructMatches(CORE.mol, maxMatches=12):
        part = CORE.found(match)
        aryl = base.monocycle(mol, part[1][0])
        if aryl is None or not base.aromatic(mol, aryl):
            continue
        core = {*match, *aryl}
        sites = [Site(reason(FRAME), tuple(sorted(core)))]
        for message, places in ((ON_BENZIMIDAZOLE, part[3]), (ON_BENZYL, aryl), (ON_AMINE, part[5])):
            starts = (start for at in places for start in base.substituents(mol, at, core))
            for atoms in dict.fromkeys(base.branch(mol, start, core) for start in starts):
                piece = Chem.MolFragmentToSmiles(mol, atoms, isomericSmiles=False)
                sites.append(Site(reason(message, piece=piece), atoms))
        return (Membership(KEY, "core", tuple(sites)),)
    return ()
