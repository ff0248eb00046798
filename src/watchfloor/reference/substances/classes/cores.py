"""Cores that the named members of a heading share, where the heading adds "derivatives" or "analogues".

Those words are no structural definition. A core found here says that a substance is built like the members,
and which atoms they share; whether it is a derivative or an analogue is for a person. Within one group the
first core that fits is told: a morphinan is not told of as a benzomorphan too.
"""

from functools import cache
from typing import Final

import msgspec
from rdkit import Chem

from watchfloor.core.messages import Message, declare, reason
from watchfloor.reference.substances.classes import base
from watchfloor.reference.substances.classes.base import Membership, Site


class Core(msgspec.Struct, frozen=True):
    """A heading's core: the item, what it is called in both languages, the SMARTS."""

    group: str
    key: str
    en: str
    fr: str
    smarts: str


_PIPERIDINE: Final = "[C;R1]1-[C;R1]-[C;R1]-[#7;R1{n}]-[C;R1]-[C;R1]1"
_ANILIDE: Final = "[#6](=O)-[#7](-a)-" + _PIPERIDINE
_ANILINE: Final = "[#7;!$(N-C=O)](-[$(c1ccccc1)])-" + _PIPERIDINE
_STEROID_17: Final = "[$([CH1]-O),$([C]=O),$(C(-O)-[CH3]),$(C(-O)-[CH2]-[CH3]),$(C(-O)-C#C)]"
_PHENETHYL: Final = ";$(N-[CX4;!R]-[CX4;!R]-[R])"

CORES: Final = tuple(
    Core(*row)
    for row in (
        (
            *("morphinan", "CDSA/I/1", "4,5-epoxymorphinan", "4,5-époxymorphinane"),
            "[#7]1~[#6]~[#6]-[#6]23-[#6]-4~[#6]-1-[#6]-c1:c:c:c:c(-O-[#6]-2~[#6]~[#6]~[#6]-4):c1-3",
        ),
        (
            *("morphinan", "CDSA/I/10", "morphinan", "morphinane"),
            "[#7]1~[#6]~[#6]-[#6]2(-[#6]~[#6]~[#6]~[#6]-3)-[#6]-3~[#6]-1-[#6]-c1:c:c:c:c:c1-2",
        ),
        (
            *("morphinan", "CDSA/I/11", "6,7-benzomorphan", "6,7-benzomorphane"),
            "[#7]1-[#6]-[#6]-[#6]2-[#6]-[#6]-1-[#6]-c1:c:c:c:c:c1-2",
        ),
        (
            *("tropane", "CDSA/I/2", "ecgonine", "ecgonine"),
            "[#7]1-[#6]2-[#6]-[#6]-[#6]-1-[#6](-C(=O)-[O,N])-[#6](-O)-[#6]-2",
        ),
        (
            *("piperidine", "CDSA/I/3", "4-phenylpiperidine with a carbonyl, ester or nitrile at 4"),
            "4-phénylpipéridine avec un carbonyle, un ester ou un nitrile en 4",
            "c-[C;R1]1(-[$(C=O),$(O-C=O),$(C#N)])-[C;R1]-[C;R1]-[NX3;R1]-[C;R1]-[C;R1]1",
        ),
        (
            *("diphenyl", "CDSA/I/5", "3,3-diphenylpropylamine with a ketone or nitrile"),
            "3,3-diphénylpropylamine avec une cétone ou un nitrile",
            "[$(c1ccccc1)]-[CX4](-[$(c1ccccc1)])(-[$([#6](=O)([#6])[#6]),$(C#N)])-[CX4]-[CX4]-[NX3]",
        ),
        (
            *("diphenyl", "CDSA/I/6", "3,3-diphenylpropylamine with a carbinol"),
            "3,3-diphénylpropylamine avec un carbinol",
            "[$(c1ccccc1)]-[CX4](-[$(c1ccccc1)])(-[CX4]-O)-[CX4]-[CX4]-[NX3]",
        ),
        (
            *("thiambutene", "CDSA/I/8", "3,3-di-2-thienylallylamine", "3,3-di-2-thiénylallylamine"),
            "C(=C(-c1cccs1)-c1cccs1)-[CX4]-[NX3]",
        ),
        (
            *("diphenyl", "CDSA/I/9", "2,2-diphenyl-4-aminobutyrylpyrrolidine"),
            "2,2-diphényl-4-aminobutyrylpyrrolidine",
            "[$(c1ccccc1)]-[CX4](-[$(c1ccccc1)])(-C(=O)-N1CCCC1)-[CX4]-[CX4]-[NX3]",
        ),
        (
            *("ampromide", "CDSA/I/12", "N-(2-aminoethyl)anilide", "N-(2-aminoéthyl)anilide"),
            "[NX3;!R](-c)(-C(=O)-[CX4])-[CX4;!R]-[CX4]-[NX3;!$(N-C=O)]",
        ),
        (
            *("orphine", "CDSA/I/13", "1-(1-arylalkylpiperidin-4-yl)benzimidazol-2-one, as in bezitramide"),
            "1-(1-arylalkylpipéridin-4-yl)benzimidazol-2-one, comme dans le bézitramide",
            f"O=[#6]1-,:[#7]-,:c2:c:c:c:c:c2-,:[#7]-,:1-{_PIPERIDINE.format(n=';$(N-[CX4;!R]-c)')}",
        ),
        (
            *("arylcyclohexyl", "CDSA/I/14", "1-arylcyclohexylamine", "1-arylcyclohexylamine"),
            "a-[C;R1]1(-[NX3;!$(N-C=O)])-[#6;R1]-[#6;R1]-[#6;R1]-[#6;R1]-[#6;R1]1",
        ),
        (
            *("anilide", "CDSA/VI.1/28", "N-acyl-4-anilinopiperidine, free at the piperidine nitrogen"),
            "N-acyl-4-anilinopipéridine, libre à l'azote de la pipéridine",
            _ANILIDE.format(n=";H1"),
        ),
        (
            *("anilide", "CDSA/VI.1/32", "N-acyl-4-anilino-1-benzylpiperidine"),
            "N-acyl-4-anilino-1-benzylpipéridine",
            _ANILIDE.format(n=";$(N-[CX4;!R]-c)"),
        ),
        (
            *("anilide", "CDSA/I/16", "N-acyl-4-anilinopiperidine", "N-acyl-4-anilinopipéridine"),
            _ANILIDE.format(n=""),
        ),
        (
            *("anilide", "CDSA/I/16(14)", "4-anilino-N-phenethylpiperidine"),
            "4-anilino-N-phénéthylpipéridine",
            _ANILINE.format(n=_PHENETHYL),
        ),
        (
            *("anilide", "CDSA/VI.1/30", "4-anilinopiperidine", "4-anilinopipéridine"),
            _ANILINE.format(n=""),
        ),
        (
            *("piperidone", "CDSA/VI.1/27", "4-piperidone", "4-pipéridone"),
            "O=[C;R1]1-[CX4;R1]-[CX4;R1]-[#7;R1]-[CX4;R1]-[CX4;R1]1",
        ),
        (
            *("phenone", "CDSA/I/17.1", "alpha-pyrrolidinophenone", "alpha-pyrrolidinophénone"),
            "[$(c1ccccc1)]-[#6;!R](=O)-[CX4;!R]-N1CCCC1",
        ),
        (
            *("phenone", "CDSA/I/19", "1-phenylpropan-2-amine", "1-phénylpropan-2-amine"),
            "[$(c1ccccc1)]-[CH2;!R]-[CH1;!R](-[CH3])-[#7;!$(N=*);!a]",
        ),
        (
            *("phenone", "CDSA/I/19", "1-phenylalkan-2-amine with an oxo group at the beta carbon"),
            "1-phénylalcan-2-amine avec un groupe oxo au carbone bêta",
            "[$(c1ccccc1)]-[#6;!R](=O)-[CH1;!R](-[$([CH3]),$([CH2]-[CX4;!R])])-[#7;!$(N-C=O);!$(N=*);!a]",
        ),
        (
            *("diphenidine", "CDSA/I/24", "1,2-diphenylethylamine", "1,2-diphényléthylamine"),
            "[$(c1ccccc1)]-[CH2;!R]-[CH1;!R](-[$(c1ccccc1)])-[NX3;!$(N-C=O)]",
        ),
        (
            *("w18", "CDSA/I/25", "N-(1-phenethylpiperidin-2-ylidene)sulphonamide"),
            "N-(1-phénéthylpipéridin-2-ylidène)sulfonamide",
            "S(=O)(=O)-N=[#6]1-[#6]-[#6]-[#6]-[#6]-[#7]1-[#6]-[#6]-c",
        ),
        (
            *("u47700", "CDSA/I/26", "N-(2-aminocyclohexyl)arylamide", "N-(2-aminocyclohexyl)arylamide"),
            "[#6](=O)(-[$(c),$([CH2]-c)])-[NX3;!R]-[C;R]1-[C;R]-[C;R]-[C;R]-[C;R]-[C;R]1-[NX3;!$(N-C=O)]",
        ),
        (
            *("ap237", "CDSA/I/28", "1-acyl-4-cinnamylpiperazine", "1-acyl-4-cinnamylpipérazine"),
            "c-C=C-[CH2]-N1-[#6]-[#6]-N(-C(=O)-[#6])-[#6]-[#6]1",
        ),
        (
            *("cannabinoid", "CDSA/II/2", "acyl on a 1-alkylated azole, like the nine structural classes"),
            "acyle sur un azole alkylé en 1, semblable aux neuf classes structurales",
            "[#6;X3](=[OX1])-[c]1:[c,n]:[n](-[CX4]):[c,n]2:[c,n]:[c,n]:[c,n]:[c,n]:[c,n]:2:1",
        ),
        (
            *("phenidate", "CDSA/III/2", "aryl(piperidin-2-yl)acetate", "aryl(pipéridin-2-yl)acétate"),
            "c-[CH1](-C(=O)-[O,N])-[C;R1]1-[#6]-[#6]-[#6]-[#6]-[NX3]1",
        ),
        (
            *("aminorex", "CDSA/III/27", "5-aryl-2-amino-oxazoline", "5-aryl-2-amino-oxazoline"),
            "c-[CX4;R1]1-[CX4]-[#7]~[#6](~[#7])-O1",
        ),
        (
            *("2c", "CDSA/III/35", "2-(2,5-dialkoxyphenyl)ethylamine", "2-(2,5-dialcoxyphényl)éthylamine"),
            "[#7;!a]-[CH2;!R]-[CH2;!R]-c1:c(-O-[CX4]):[c]:[c]:[c](-O-[CX4]):[c]1",
        ),
        (
            *(
                "barbiturate",
                "CDSA/IV/1",
                "5-substituted barbituric acid",
                "acide barbiturique substitué en 5",
            ),
            "O=[#6]1-[#7]-[#6](=O)-[CX4;!H2](-[#6])-[#6](=O)-[#7]1",
        ),
        (
            *("barbiturate", "CDSA/IV/2", "2-thiobarbituric acid", "acide 2-thiobarbiturique"),
            "S=[#6]1-[#7]-[#6](=O)-[CX4]-[#6](=O)-[#7]1",
        ),
        (
            *("diazepine", "CDSA/IV/18", "5-aryl-1,4-diazepine fused to an aromatic ring"),
            "5-aryl-1,4-diazépine fusionnée à un cycle aromatique",
            "c1:c-[#7]~[#6]~[#6]~[#7]~[#6](-[#6;R])-1",
        ),
        (
            *("diazepine", "CDSA/IV/18", "1-aryl-1,5-benzodiazepine", "1-aryl-1,5-benzodiazépine"),
            "c1:c-[#7]~[#6](=O)~[#6]~[#6](=O)~[#7](-c)-1",
        ),
        (
            *("steroid", "CDSA/IV/23", "androstane or estrane with oxygen at 17"),
            "androstane ou estrane avec un oxygène en 17",
            f"C1~C~C~C2~C(~C~1)~C~C~C1~C~2~C~C~C2(-C)~{_STEROID_17}~C~C~C~1~2",
        ),
        (
            *("ketone", "CDSA/VI.1/9", "1-(1,3-benzodioxol-5-yl)propan-2-one or its glycidate"),
            "1-(1,3-benzodioxol-5-yl)propan-2-one ou son glycidate",
            "O1-C-O-c2:c1:c:c:c(:c2)-[$([#6;!R]-C(=O)-[CH3]),$([CH]1-O-C1(-[CH3])-C=O)]",
        ),
        (
            *("ketone", "CDSA/VI.1/11", "1-phenylpropan-2-one or its glycidate"),
            "1-phénylpropan-2-one ou son glycidate",
            "[$(c1ccccc1)]-[$([CX4;!R]-C(=O)-[CH3]),$([CH]1-O-C1(-[CH3])-C=O)]",
        ),
    )
)


SAID: Final = tuple(
    declare(f"core.{at}.{core.group}", en=f"shares the core {core.en}", fr=f"partage le noyau {core.fr}")
    for at, core in enumerate(CORES)
)


@cache
def _patterns() -> tuple[tuple[Core, Message, Chem.Mol], ...]:
    patterns = (base.query(core.smarts) for core in CORES)
    return tuple(zip(CORES, SAID, patterns, strict=True))


def find(mol: Chem.Mol) -> tuple[Membership, ...]:
    """The cores that are in a molecule, one a group, in the order of the table."""
    found: dict[str, Membership] = {}
    for core, message, pattern in _patterns():
        if core.group not in found and (match := mol.GetSubstructMatch(pattern)):
            site = Site(reason(message), tuple(sorted(match)))
            found[core.group] = Membership(core.key, "core", (site,))
    return tuple(found.values())
