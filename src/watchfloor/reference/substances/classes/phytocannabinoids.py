"""Exceptions of item 2 of Schedule II: substances identical to a phytocannabinoid, and WIN 55,212-3.

The Act names no phytocannabinoid. Listed here are those that reviews name as constituents of Cannabis sativa
L. (Hanuš et al., Nat. Prod. Rep. 33 (2016) 1357; Citti et al., Sci. Rep. 9 (2019) 20335, for the heptyl and
butyl homologues), in the configuration found in the plant. "Identical" is read as the same configuration; a
structure that states none is excepted only if it is that one, and the answer says so. Excepted is not free:
the Cannabis Act (S.C. 2018, c. 16) controls phytocannabinoids.
"""

from functools import cache
from typing import Final

from rdkit import Chem

from watchfloor.reference.substances.names import fold

PHYTOCANNABINOIDS: Final = {
    "Δ9-THC": "CCCCCc1cc(O)c2[C@@H]3C=C(C)CC[C@H]3C(C)(C)Oc2c1",
    "Δ8-THC": "CCCCCc1cc(O)c2[C@@H]3CC(C)=CC[C@H]3C(C)(C)Oc2c1",
    "THCA-A": "CCCCCc1cc2OC(C)(C)[C@@H]3CCC(C)=C[C@H]3c2c(O)c1C(O)=O",
    "Δ9-THCV": "CCCc1cc(O)c2[C@@H]3C=C(C)CC[C@H]3C(C)(C)Oc2c1",
    "Δ9-THCB": "CCCCc1cc(O)c2[C@@H]3C=C(C)CC[C@H]3C(C)(C)Oc2c1",
    "Δ9-THCP": "CCCCCCCc1cc(O)c2[C@@H]3C=C(C)CC[C@H]3C(C)(C)Oc2c1",
    "CBD": "CCCCCc1cc(O)c([C@@H]2C=C(C)CC[C@H]2C(C)=C)c(O)c1",
    "CBDA": "CCCCCc1cc(O)c([C@@H]2C=C(C)CC[C@H]2C(C)=C)c(O)c1C(O)=O",
    "CBDV": "CCCc1cc(O)c([C@@H]2C=C(C)CC[C@H]2C(C)=C)c(O)c1",
    "CBDB": "CCCCc1cc(O)c([C@@H]2C=C(C)CC[C@H]2C(C)=C)c(O)c1",
    "CBDP": "CCCCCCCc1cc(O)c([C@@H]2C=C(C)CC[C@H]2C(C)=C)c(O)c1",
    "CBDM": "CCCCCc1cc(O)c([C@@H]2C=C(C)CC[C@H]2C(C)=C)c(OC)c1",
    "CBG": r"CCCCCc1cc(O)c(C\C=C(/C)CCC=C(C)C)c(O)c1",
    "CBGA": r"CCCCCc1cc(O)c(C\C=C(/C)CCC=C(C)C)c(O)c1C(O)=O",
    "CBC": "CCCCCc1cc(O)c2C=CC(C)(CCC=C(C)C)Oc2c1",
    "CBN": "CCCCCc1cc(O)c2c(c1)OC(C)(C)c1ccc(C)cc12",
    "CBND": "CCCCCc1cc(O)c(c(O)c1)-c1cc(C)ccc1C(C)=C",
}
NAMES: Final = {
    "Δ9-THC": (
        "THC",
        "tetrahydrocannabinol",
        "delta-9-tetrahydrocannabinol",
        "dronabinol",
        "tétrahydrocannabinol",
    ),
    "Δ8-THC": ("delta-8-tetrahydrocannabinol",),
    "THCA-A": ("THCA", "tetrahydrocannabinolic acid"),
    "Δ9-THCV": ("THCV", "tetrahydrocannabivarin"),
    "Δ9-THCP": ("THCP", "tetrahydrocannabiphorol"),
    "CBD": ("cannabidiol",),
    "CBDA": ("cannabidiolic acid",),
    "CBDV": ("cannabidivarin",),
    "CBG": ("cannabigerol",),
    "CBGA": ("cannabigerolic acid",),
    "CBC": ("cannabichromene", "cannabichromène"),
    "CBN": ("cannabinol",),
    "CBND": ("cannabinodiol",),
}
"""Other names of them."""

WIN_55212_3: Final = "Cc1c(C(=O)c2cccc3ccccc23)c2cccc3OC[C@H](CN4CCOCC4)n1c23"
WIN_55212_2: Final = "Cc1c(C(=O)c2cccc3ccccc23)c2cccc3OC[C@@H](CN4CCOCC4)n1c23"


@cache
def named() -> dict[str, str]:
    """SMILES of the phytocannabinoids by folded name."""
    return {
        fold(one): smiles
        for name, smiles in PHYTOCANNABINOIDS.items()
        for one in (name, *NAMES.get(name, ()))
    }


@cache
def skeletons() -> frozenset[str]:
    """First blocks of the InChIKeys of the excepted substances."""
    return frozenset(key[:14] for key in excepted())


@cache
def excepted() -> dict[str, tuple[str, str]]:
    """The excepted substances, name and SMILES, by InChIKey."""
    named = {**PHYTOCANNABINOIDS, "WIN 55,212-3": WIN_55212_3}
    return {Chem.MolToInchiKey(Chem.MolFromSmiles(smiles)): (name, smiles) for name, smiles in named.items()}
