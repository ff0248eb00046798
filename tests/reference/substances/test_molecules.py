"""SMILES within limits, what is no molecule, counter-ions."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem

from watchfloor.reference.substances import molecules
from watchfloor.reference.substances.counterions import COUNTERIONS
from watchfloor.reference.substances.molecules import MoleculeError, parse

FENTANYL = "CCC(=O)N(c1ccccc1)C1CCN(CCc2ccccc2)CC1"


@pytest.mark.parametrize("smiles", COUNTERIONS)
def test_counterions_are_written_as_rdkit_writes_them(smiles):
    assert Chem.MolToSmiles(Chem.MolFromSmiles(smiles)) == smiles


@pytest.mark.parametrize(
    ("smiles", "said"),
    [
        ("", "nothing"),
        ("C" * 10_000, "10,000 characters"),
        ("C" * 1_900, "1,900 atoms"),
        ("".join(f"C%{n}C%{n}" for n in range(10, 80)), "70 ring closures"),
        ("C1CC", "is no SMILES"),
        ("C(C)(C)(C)(C)C", "valence"),
        ("c1cccc1", "no possible molecule"),
        ("[*]CC", "pattern"),
        ("CC>>CO", "reaction"),
        ("CC CO", "blanks"),
        ("nitride", "is no SMILES"),
        ("C(" * 900, "is no SMILES"),
    ],
)
def test_what_is_refused_is_told_why(smiles, said, capfd):
    with pytest.raises(MoleculeError, match=said):
        parse(smiles)
    assert capfd.readouterr() == ("", "")  # RDKit keeps quiet


@given(st.text(max_size=60) | st.text("CNOcn()[]=#123%@+-.HFB/\\", max_size=60))
def test_any_text_is_a_molecule_or_an_error(text):
    with suppress(MoleculeError):
        assert parse(text).mol.GetNumHeavyAtoms() <= molecules.ATOMS


@pytest.mark.parametrize(
    ("smiles", "others"),
    [
        (f"{FENTANYL}.Cl", ("hydrochloride",)),
        ("CCC(=O)N(c1ccccc1)C1CC[NH+](CCc2ccccc2)CC1.[Cl-]", ("hydrochloride",)),
        (f"OC(=O)CC(O)(C(O)=O)CC(O)=O.{FENTANYL}", ("citrate",)),
        (f"{FENTANYL}.O.Cl", ("hydrate", "hydrochloride")),
        (FENTANYL, ()),
    ],
)
def test_the_substance_of_a_salt(smiles, others):
    molecule = parse(smiles)
    assert [Chem.MolToSmiles(part) for part in molecule.substances] == [
        Chem.MolToSmiles(Chem.MolFromSmiles(FENTANYL))
    ]
    assert sorted(molecule.others) == list(others)


def test_a_mixture_keeps_its_substances_once():
    molecule = parse(f"{FENTANYL}.CNC(C)Cc1ccccc1.{FENTANYL}.Cl")
    assert len(molecule.substances) == 2


@pytest.mark.parametrize("smiles", ["[Na+].[Cl-]", "CC(=O)[O-].[NH4+]", "O", "[K+].[O-][Mn](=O)(=O)=O"])
def test_a_salt_of_nothing_else_is_itself(smiles):
    assert parse(smiles).substances


def test_atoms_of_a_component_keep_their_numbers_of_the_smiles():
    molecule = parse(f"[Cl-].{FENTANYL.replace('CCN(', 'CC[NH+](')}")
    part = molecule.substances[0]
    numbers = molecules.given(part, range(part.GetNumAtoms()))
    assert numbers == tuple(range(1, 26))
    assert [molecule.mol.GetAtomWithIdx(at).GetSymbol() for at in numbers] == [
        part.GetAtomWithIdx(at).GetSymbol() for at in range(part.GetNumAtoms())
    ]


def test_map_numbers_and_deuterium_are_understood():
    assert Chem.MolToSmiles(parse("[CH3:7][OH:2]").mol) == "CO"
    assert parse("C[D]").mol.GetAtomWithIdx(1).GetIsotope() == 2


def test_an_inchi_is_read():
    text = Chem.MolToInchi(Chem.MolFromSmiles(FENTANYL))
    assert Chem.MolToSmiles(molecules.inchi(text).mol) == Chem.MolToSmiles(Chem.MolFromSmiles(FENTANYL))
    with pytest.raises(MoleculeError):
        molecules.inchi("InChI=1S/nothing")
