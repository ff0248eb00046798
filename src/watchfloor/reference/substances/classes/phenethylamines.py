"""2C-phenethylamines: item 35 of Schedule III.

A 1-amino-2-phenylethane whose benzene ring carries alkoxy or haloalkoxy at 2' and 5' or at 2' and 6', or is
fused to a furan, dihydrofuran, pyran, dihydropyran or methylenedioxy ring; at the amino group, if anything,
one or two of methyl, ethyl, propyl, isopropyl, hydroxyl, benzyl or benzylene; at the beta carbon, if
anything, hydroxyl, oxo or alkoxy; at the alpha carbon nothing (the amphetamines are another item).

Read literally: both chain carbons outside rings, a coumarin's or chromone's ring is no pyran, an N-acyl is
none of the words and leaves a "derivative" to a person (`cores`).
"""

from itertools import chain
from typing import Final

from rdkit import Chem

from watchfloor.core.messages import declare, reason
from watchfloor.reference.substances.classes import base
from watchfloor.reference.substances.classes.base import Membership, Site

KEY: Final = "CDSA/III/35"
CORE: Final = base.pattern("[#7;!a;!R:1]-[CH2;!R:2]-[C;!R:3]-[c:4]1:[c:4]:[c:4]:[c:4]:[c:4]:[c:4]:1")
ANCHORS: Final = ("[#7;!a;!R]-[CH2;!R]-[C;!R]-c",)
"""What the core holds; see `classes.members`."""

ATOMS: Final = 12
RINGS: Final = 1
"""Of the smallest member."""

BETA: Final = frozenset({"hydroxyl", "oxo", "alkoxyl"})
RING_OXYGEN: Final = frozenset({"alkoxyl", "haloalkoxy"})
SMALL: Final = frozenset({"C", "CC", "CCC", "O"})
LARGEST: Final = max(map(len, SMALL))

CHAIN = declare("class.phenethylamine.chain")
OXYGENS = declare("class.phenethylamine.oxygens", "places")
FUSED = declare("class.phenethylamine.fused", "ring")
AMINO = declare("class.phenethylamine.amino", "piece")
AT_BETA = declare("class.phenethylamine.beta", "group")


def find(mol: Chem.Mol) -> tuple[Membership, ...]:
    """Item 35 with its sites, or nothing."""
    for match in mol.GetSubstructMatches(CORE.mol, uniquify=False, maxMatches=48):
        part = CORE.found(match)
        if (beta := _beta(mol, match, part)) is None or (amino := _amino(mol, match, part)) is None:
            continue
        if ring := _ring(mol, part[4]):
            core = Site(reason(CHAIN), tuple(sorted(match)))
            return (Membership(KEY, "definition", (core, *ring, *amino, *beta)),)
    return ()


def _amino(mol: Chem.Mol, match: tuple[int, ...], part: dict[int, tuple[int, ...]]) -> list[Site] | None:
    """Return the substituents of nitrogen; None where one is none of the item's words."""
    nitrogen = mol.GetAtomWithIdx(part[1][0])
    if nitrogen.GetFormalCharge() and not nitrogen.GetTotalNumHs():
        return None  # quaternary
    found = []
    for start in base.substituents(mol, part[1][0], match):
        atoms, benzyl = base.branch(mol, start, match), _benzyl(mol, start, part[1][0])
        double = mol.GetBondBetweenAtoms(start, part[1][0]).GetBondTypeAsDouble() == 2
        if not benzyl and (double or len(atoms) > LARGEST):
            return None
        piece = Chem.MolFragmentToSmiles(mol, atoms, isomericSmiles=False)
        if not benzyl and piece not in SMALL:
            return None
        found.append(Site(reason(AMINO, piece=piece), atoms))
    return found


def _benzyl(mol: Chem.Mol, start: int, nitrogen: int) -> bool:
    """Whether a carbon on nitrogen is the CH2 of a benzyl or the CH of a benzylene, the ring as it may be."""
    carbon = mol.GetAtomWithIdx(start)
    if carbon.GetAtomicNum() != 6 or carbon.IsInRing() or carbon.GetDegree() != 2:
        return False
    onward = next(n.GetIdx() for n in carbon.GetNeighbors() if n.GetIdx() != nitrogen)
    return any(base.benzene(mol, ring) for ring in base.rings_of(mol, onward))


def _beta(mol: Chem.Mol, match: tuple[int, ...], part: dict[int, tuple[int, ...]]) -> list[Site] | None:
    """Return the substituents of the beta carbon; None where one is none of the item's words."""
    starts = base.substituents(mol, part[3][0], match)
    words = [base.group(mol, start, match) for start in starts]
    if len(words) > 1 or not set(words) <= BETA:
        return None
    pairs = zip(starts, words, strict=True)
    return [Site(reason(AT_BETA, group=word), base.branch(mol, start, match)) for start, word in pairs]


def _ring(mol: Chem.Mol, benzene: tuple[int, ...]) -> list[Site]:
    """The substitution of the benzene ring that the item asks for; the first atom carries the chain."""
    others = [(ring, _fused(mol, benzene, ring)) for ring in _others(mol, benzene)]
    if any(site is None and base.aromatic(mol, ring) for ring, site in others):
        return []  # a naphthalene or an indole is no phenyl
    return [*_oxygens(mol, benzene), *(site for _, site in others if site is not None)]


def _others(mol: Chem.Mol, benzene: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The other rings that share a bond with the benzene ring."""
    rings = mol.GetRingInfo().AtomRings()
    return [ring for ring in rings if len(set(ring).intersection(benzene)) == 2]


def _oxygens(mol: Chem.Mol, benzene: tuple[int, ...]) -> list[Site]:
    on = {
        place: start
        for place, at in enumerate(benzene, 1)
        for start in base.substituents(mol, at, benzene)
        if base.group(mol, start, benzene) in RING_OXYGEN
    }
    for pair in ((2, 5), (6, 3), (2, 6)):
        if on.keys() >= set(pair):
            atoms = chain.from_iterable(base.branch(mol, on[place], benzene) for place in pair)
            places = "2' and 6'" if pair == (2, 6) else "2' and 5'"
            return [Site(reason(OXYGENS, places=places), tuple(sorted(atoms)))]
    return []


def _fused(mol: Chem.Mol, benzene: tuple[int, ...], ring: tuple[int, ...]) -> Site | None:
    """A furan, pyran or methylenedioxy ring on two adjacent carbons, dihydro or not."""
    own = [at for at in ring if at not in benzene]
    numbers = sorted(mol.GetAtomWithIdx(at).GetAtomicNum() for at in own)
    if any(_carbonyl(mol, at) for at in own) or _larger(mol, benzene, ring):
        return None  # a coumarin's ring is no pyran, a dibenzofuran's no furan
    name = {(6, 6, 8): "furan", (6, 6, 6, 8): "pyran", (6, 8, 8): "methylenedioxy"}.get(tuple(numbers))
    if name is None or (name == "methylenedioxy" and not _between_oxygens(mol, own)):
        return None
    return Site(reason(FUSED, ring=name), tuple(sorted(ring)))


def _larger(mol: Chem.Mol, benzene: tuple[int, ...], ring: tuple[int, ...]) -> bool:
    """Whether a third aromatic ring shares a bond with the fused one, as in a dibenzofuran."""
    pair = {frozenset(benzene), frozenset(ring)}
    rings = (one for one in mol.GetRingInfo().AtomRings() if frozenset(one) not in pair)
    return any(len(set(one).intersection(ring)) >= 2 and base.aromatic(mol, one) for one in rings)


def _carbonyl(mol: Chem.Mol, at: int) -> bool:
    atom = mol.GetAtomWithIdx(at)
    return any(
        b.GetBondTypeAsDouble() == 2 and b.GetOtherAtom(atom).GetAtomicNum() == 8 for b in atom.GetBonds()
    )


def _between_oxygens(mol: Chem.Mol, own: list[int]) -> bool:
    carbon = next(at for at in own if mol.GetAtomWithIdx(at).GetAtomicNum() == 6)
    return sum(n.GetIdx() in own for n in mol.GetAtomWithIdx(carbon).GetNeighbors()) == 2
