"""How structures stand to each other, beside RDKit's own enumeration of stereoisomers."""

import pytest
from rdkit import Chem
from rdkit.Chem.EnumerateStereoisomers import EnumerateStereoisomers

from watchfloor.reference.substances import structural

SKELETONS = [
    "CNC(C)Cc1ccccc1",
    "CNC(C)C(O)c1ccccc1",
    "CC1CN(CCc2ccccc2)CCC1N(C(=O)CC)c1ccccc1",
    "OC(C(O)C(O)=O)C(O)=O",
]


def mirrored(mol):
    turned = Chem.Mol(mol)
    for atom in turned.GetAtoms():
        atom.InvertChirality()
    return Chem.MolToInchiKey(turned)


@pytest.mark.parametrize("smiles", SKELETONS)
def test_relations_agree_with_enumerated_isomers(smiles):
    flat = Chem.MolFromSmiles(smiles)
    isomers = {Chem.MolToInchiKey(mol): mol for mol in EnumerateStereoisomers(flat)}
    assert len(isomers) > 1
    none = structural.layers(flat)
    for key, mol in isomers.items():
        mine = structural.layers(mol)
        assert mine.key == key
        assert mine.skeleton == none.skeleton
        assert structural.stereo(mine, none) == "more given"
        assert structural.stereo(none, mine) == "none given"
        for other, theirs in isomers.items():
            found = structural.stereo(mine, structural.layers(theirs))
            expected = "same" if other == key else "mirror image" if other == mirrored(mol) else "other"
            assert found == expected


def test_less_is_told_from_none():
    partly = structural.layers(Chem.MolFromSmiles("CN[C@@H](C)C(O)c1ccccc1"))
    fully = structural.layers(Chem.MolFromSmiles("CN[C@@H](C)[C@H](O)c1ccccc1"))
    assert structural.stereo(partly, fully) == "less given"
    assert structural.stereo(fully, partly) == "more given"


def test_double_bonds_have_a_configuration():
    trans, cis, none = (structural.layers(Chem.MolFromSmiles(s)) for s in ("F/C=C/Cl", "F/C=C\\Cl", "FC=CCl"))
    assert structural.stereo(trans, cis) == "other"
    assert structural.stereo(trans, none) == "more given"


def test_labels_go_and_are_counted():
    mol = Chem.MolFromSmiles("[2H]C([2H])([2H])C(=O)N(c1ccccc1)C1CCN(CCc2ccccc2)CC1")
    assert structural.labels(mol) == "d3"
    assert structural.layers(structural.unlabelled(mol)).key == "FYIUUQUPOKIKNI-UHFFFAOYSA-N"
    assert structural.layers(mol).skeleton == "FYIUUQUPOKIKNI"
    assert structural.labels(Chem.MolFromSmiles("[13CH3]O")) == "13C1"


def test_configuration_that_only_labels_make_goes_with_them():
    mol = Chem.MolFromSmiles("[2H][C@H](F)C")
    assert structural.layers(structural.unlabelled(mol)).centres == ""
