"""Definitions: members by their own, near misses by none, the atoms that met them, in any order of atoms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem

from watchfloor.reference.law import structures
from watchfloor.reference.substances import classes
from watchfloor.reference.substances.classes import base, cores, phytocannabinoids

NAMED = [
    (key[: key.rfind("(")], key, several[0].smiles)
    for key, several in structures.structures().items()
    if key.startswith(("CDSA/I/16(", "CDSA/II/2(", "CDSA/III/35(")) and several[0].smiles
]
OUTSIDE = {"CDSA/I/16(11.1)": "remifentanil", "CDSA/I/16(14)": "ANPP"}

FENTANYL = "CCC(=O)N(c1ccccc1)C1CCN(CCc2ccccc2)CC1"
MODIFIED = {
    FENTANYL: "",
    "CCC(=O)N(c1ccccc1)C1CCN(CCc2cccs2)CC1": "A",
    "CCC(=O)N(c1ccccc1)C1CCN(CCC2CCCCC2)CC1": "A",
    "CCC(=O)N(c1ccccc1)C1CCN(CCc2ccc(C#N)cc2)CC1": "A",
    "CCC(=O)N(c1ccccc1)C1CCN(CCc2ccc(F)cc2)CC1": "B",
    "CCC(=O)N(c1ccccc1)C1CCN(CC(O)c2ccccc2)CC1": "B",
    "CCC(=O)N(c1ccccc1)C1CCN(CCCc2ccccc2)CC1": "B",
    "CCC(=O)N(c1ccccc1)C1CCN(C(C)Cc2ccccc2)CC1": "B",
    "CCC(=O)N(c1ccccc1)C1(C(=O)OC)CCN(CCc2ccccc2)CC1": "C",
    "CCC(=O)N(c1ccccc1)C1(COC)CCN(CCc2cccs2)CC1": "AC",
    "CCC(=O)N(c1ccccc1F)C1CCN(CCc2ccccc2)CC1": "D",
    "CCC(=O)N(c1ccncc1)C1CCN(CCc2ccccc2)CC1": "D",
    "CC(=O)N(c1ccccc1)C1CCN(CCc2ccccc2)CC1": "E",
    "O=C(c1ccco1)N(c1ccccc1)C1CCN(CCc2ccccc2)CC1": "E",
    "CCOC(=O)N(c1ccccc1)C1CCN(CCc2ccccc2)CC1": "E",
}
NO_FENTANYL = {
    "a chain of four carbons": "CCC(=O)N(c1ccccc1)C1CCN(CCCCc2ccccc2)CC1",
    "benzyl": "CCC(=O)N(c1ccccc1)C1CCN(Cc2ccccc2)CC1",
    "a naphthalene in place of the phenyl": "CCC(=O)N(c1ccccc1)C1CCN(CCc2cccc3ccccc23)CC1",
    "a naphthalene in place of the aniline": "CCC(=O)N(c1cccc2ccccc12)C1CCN(CCc2ccccc2)CC1",
    "a benzyl amine": "CCC(=O)N(Cc1ccccc1)C1CCN(CCc2ccccc2)CC1",
    "an oxo on the chain": "CCC(=O)N(c1ccccc1)C1CCN(CC(=O)c2ccccc2)CC1",
    "a carboxyl on the chain": "CCC(=O)N(c1ccccc1)C1CCN(CC(C(O)=O)c2ccccc2)CC1",
    "a tropane": "CCC(=O)N(c1ccccc1)C1CC2CCC(C1)N2CCc1ccccc1",
    "a pyrrolidine": "CCC(=O)N(c1ccccc1)C1CCN(CCc2ccccc2)C1",
    "a sulphonyl": "CCS(=O)(=O)N(c1ccccc1)C1CCN(CCc2ccccc2)CC1",
    "no acyl": "c1ccccc1NC1CCN(CCc2ccccc2)CC1",
    "3-piperidinyl": "CCC(=O)N(c1ccccc1)C1CCCN(CCc2ccccc2)C1",
}


def keys(smiles):
    return {one.key for one in classes.members(Chem.MolFromSmiles(smiles))} - {"US/FRS"}


@pytest.mark.parametrize(("head", "key", "smiles"), NAMED, ids=[key for _, key, _ in NAMED])
def test_named_members_meet_their_own_definition_alone(head, key, smiles):
    assert keys(smiles) == (set() if key in OUTSIDE else {head})


def test_enough_members_are_named():
    assert sum(head.startswith("CDSA/II/2(") for head, _, _ in NAMED) >= 34
    assert sum(head == "CDSA/I/16" for head, _, _ in NAMED) == 15


@pytest.mark.parametrize(("smiles", "letters"), MODIFIED.items())
def test_modifications_of_fentanyl(smiles, letters):
    found = {one.key: one for one in classes.members(Chem.MolFromSmiles(smiles))}
    assert found["CDSA/I/16"].detail == letters
    assert ("US/FRS" in found) == bool(letters)
    told = {site.said.render()[0] for site in found["CDSA/I/16"].sites[1:]}
    assert told == set(letters)


@pytest.mark.parametrize("smiles", NO_FENTANYL.values(), ids=NO_FENTANYL)
def test_what_is_outside_the_fentanyl_class(smiles):
    assert keys(smiles) == set()


CANNABINOIDS = {
    "CCCCCn1cc(C(=O)c2cccc3ccccc23)c2ccccc12": {"CDSA/II/2(2)"},
    "CCCCCn1cc(C(=O)c2cccc3ccccc23)c2ncccc12": set(),  # an azaindole is no indole
    "O=C(c1c[nH]c2ccccc12)c1cccc2ccccc12": set(),  # nothing at nitrogen
    "CCCCCn1cc(C(=O)c2ccc3ccccc3c2)c2ccccc12": set(),  # 2-naphthoyl
    "CCCCCn1ccc(C(=O)c2cccc3ccccc23)c1": {"CDSA/II/2(3)"},
    "CCCCCn1cc(C(=O)Cc2ccccc2)c2ccccc12": {"CDSA/II/2(4)"},
    "CCCCCn1cc(C(=O)c2ccccc2)c2ccccc12": {"CDSA/II/2(5)"},
    "CCCCCn1cc(C(=O)c2ccc3OCOc3c2)c2ccccc12": {"CDSA/II/2(5)"},  # a phenyl, further substituted
    "CCCCCn1cc(C(=O)C2C(C)(C)C2(C)C)c2ccccc12": {"CDSA/II/2(6)"},
    "CCCCCn1cc(C(=O)Oc2cccc3cccnc23)c2ccccc12": {"CDSA/II/2(7)"},
    "CCCCCn1cc(C(=O)Oc2cccc3ccccc23)c2ccccc12": set(),  # a naphthyl ester
    "CCCCCn1nc(C(=O)NC23CC4CC(CC(C4)C2)C3)c2ccccc12": {"CDSA/II/2(8)"},
    "CCCCCn1cc(C(=O)NC23CC4CC(CC(C4)C2)C3)c2ccccc12": {"CDSA/II/2(9)"},
    "CCCCCn1nc(C(=O)OC)c2ccccc12": set(),  # an ester
    "CCCCCCC(C)(C)c1ccc(C2CCCC(O)C2)c(O)c1": {"CDSA/II/2(1)"},
    "CCCCCCC(C)(C)c1ccc(C2CCCCC2)c(O)c1": set(),  # nothing at 3'
    "Oc1ccccc1C1CCCC(O)C1": set(),  # nothing at 5
    "CC12CCC3C(CCc4cc(O)cc(O)c34)C1CCC2O": set(),  # a steroid's ring
    "CC(=O)C1=C(O)C2(C)C(=CC1=O)Oc1c(C(C)=O)c(O)c(C)c(O)c12": set(),  # usnic acid
    "O=C(NC1CC2CCCC(C1)N2C)c1nn(C)c2ccccc12": {"CDSA/II/2(8)"},  # granisetron has the words
}
PHENETHYLAMINES = {
    "COc1cc(Br)c(OC)cc1CCN": True,
    "COc1cc(Br)c(OC)cc1CCNCc1ccccc1OC": True,
    "COc1cc(Br)c(OC)cc1CC=NO": False,
    "COc1cccc(OC)c1CCN": True,
    "FC(F)Oc1ccc(OC(F)F)c(CCN)c1": True,
    "NCCc1ccc2OCOc2c1": True,
    "NCCc1ccc2occc2c1": True,
    "NCCc1ccc2OCCCc2c1": True,
    "NCC(O)c1cc(OC)ccc1OC": True,
    "NCC(=O)c1cc(OC)ccc1OC": True,
    "COc1cc(CCN)cc(OC)c1OC": False,  # mescaline: 3, 4, 5
    "CC(N)Cc1cc(OC)ccc1OC": False,  # alpha-methyl
    "COc1ccc(OC)c(CCNC(C)=O)c1": False,  # an amide
    "NCCc1ccc2c(c1)oc1ccccc12": False,  # a dibenzofuran
    "NCCc1ccc2ccc(=O)oc2c1": False,  # a coumarin
    "COc1ccc(CCN)cc1": False,
    "COc1ccc(OC)c2c1CCNC2": False,  # the amine in a ring
    "CCCCNCCc1cc(OC)ccc1OC": False,  # butyl is none of the words
}


@pytest.mark.parametrize(("smiles", "expected"), CANNABINOIDS.items())
def test_structural_classes_of_cannabinoids(smiles, expected):
    assert keys(smiles) == expected


@pytest.mark.parametrize(("smiles", "expected"), PHENETHYLAMINES.items())
def test_phenethylamines(smiles, expected):
    assert keys(smiles) == ({"CDSA/III/35"} if expected else set())


@pytest.mark.parametrize(
    ("smiles", "expected"),
    [
        ("CCN(CC)CCn1c(Cc2ccc(OCC)cc2)nc2cc([N+]([O-])=O)ccc12", True),
        ("CCOc1ccc(Cc2nc3ccccc3n2CCN2CCCC2)cc1", True),
        ("COc1ccc2[nH]c(nc2c1)S(=O)Cc1ncc(C)c(OC)c1C", False),  # omeprazole
        ("Fc1ccc(Cn2c(NC3CCN(CCc4ccc(OC)cc4)CC3)nc3ccccc23)cc1", False),  # astemizole
        ("CCc1nc2ccccc2n1CCN(C)C", False),
    ],
)
def test_nitazenes(smiles, expected):
    assert keys(smiles) == ({"CDSA/I/13"} if expected else set())


@pytest.mark.parametrize(
    ("smiles", "key"),
    [
        ("CCC(=O)N(c1ccccc1)C1CC[NH+](CCc2ccccc2)CC1", "CDSA/I/16"),
        ("CC[NH+](CC)CCn1c(Cc2ccc(OCC)cc2)nc2cc([N+]([O-])=O)ccc12", "CDSA/I/13"),
        ("COc1cc(Br)c(OC)cc1CC[NH3+]", "CDSA/III/35"),
    ],
)
def test_a_protonated_amine_is_the_same_member(smiles, key):
    assert keys(smiles) == {key}


@pytest.mark.parametrize(
    "smiles",
    ["CCC(=O)N(c1ccccc1)C1CC[N+](C)(CCc2ccccc2)CC1", "COc1cc(Br)c(OC)cc1CC[N+](C)(C)C"],
)
def test_a_quaternary_amine_is_none(smiles):
    assert keys(smiles) == set()


ALL = [*MODIFIED, *CANNABINOIDS, *PHENETHYLAMINES]


@given(st.sampled_from(ALL), st.randoms(use_true_random=False))
def test_the_order_of_atoms_makes_no_difference(smiles, random):
    mol = Chem.MolFromSmiles(smiles)
    order = list(range(mol.GetNumAtoms()))
    random.shuffle(order)
    shuffled = Chem.RenumberAtoms(mol, order)
    found, again = classes.members(mol), classes.members(shuffled)
    assert {(one.key, one.detail) for one in found} == {(one.key, one.detail) for one in again}
    assert all(at < mol.GetNumAtoms() for one in again for site in one.sites for at in site.atoms)


@pytest.mark.parametrize("smiles", ALL)
def test_sites_are_read_in_both_languages_and_point_at_atoms(smiles):
    mol = Chem.MolFromSmiles(smiles)
    for one in classes.members(mol):
        assert one.sites
        for site in one.sites:
            assert site.atoms == tuple(sorted(set(site.atoms)))
            assert site.said.render("en") != "" != site.said.render("fr")


def test_the_site_of_a_fluorine_is_its_ring():
    found = classes.members(Chem.MolFromSmiles("CCC(=O)N(c1ccccc1F)C1CCN(CCc2ccccc2)CC1"))
    (site,) = [site for site in found[0].sites if str(site.said).startswith("D")]
    assert site.atoms == (5, 6, 7, 8, 9, 10, 11)


@pytest.mark.parametrize(("name", "smiles"), phytocannabinoids.PHYTOCANNABINOIDS.items())
def test_phytocannabinoids_have_keys_of_their_own(name, smiles):
    key = Chem.MolToInchiKey(Chem.MolFromSmiles(smiles))
    assert phytocannabinoids.excepted()[key] == (name, smiles)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Δ9-THC", "CYQFCXCEBYINGO-IAGOWNOFSA-N"),
        ("CBD", "QHMBSVQNZZTUGM-ZWKOTPCHSA-N"),
        ("CBG", "QXACEHWTBCFNSA-SFQUDFHCSA-N"),
        ("CBN", "VBGLYOIFKLUMQG-UHFFFAOYSA-N"),
    ],
)
def test_phytocannabinoids_are_those_known_by_key(name, key):
    assert phytocannabinoids.excepted()[key][0] == name


GROUPS = {
    "C": "alkyl",
    "C(C)C": "alkyl",
    "C=C": "alkenyl",
    "OC": "alkoxyl",
    "O": "hydroxyl",
    "F": "halo",
    "C(F)(F)F": "haloalkyl",
    "OC(F)F": "haloalkoxy",
    "N": "amino",
    "N(C)C": "amino",
    "[N+](=O)[O-]": "nitro",
    "C(=O)OC": "ester",
    "OC(C)=O": "ester",
    "COC": "ether",
    "C#N": "other",
    "S": "other",
    "C1CC1": "other",
    "C(O)=O": "other",
    "NC(C)=O": "other",
    "CO": "other",
    "N=O": "other",
}


@pytest.mark.parametrize(("smiles", "word"), GROUPS.items())
def test_substituents_by_the_words_of_the_law(smiles, word):
    mol = Chem.MolFromSmiles(f"c1ccccc1{smiles}")
    assert base.group(mol, 6, range(6)) == word


SHARED = {
    "CN1CCC23C4C1Cc1ccc(O)c(OC2C(O)C=C4)c13": "CDSA/I/1",
    "COc1ccc2CC3N(C)CCC4(CCCCC34)c2c1": "CDSA/I/10",
    "CC1C2Cc3ccc(O)cc3C1(C)CCN2CC=C(C)C": "CDSA/I/11",
    "CCOC(=O)C1(CCN(C)CC1)c1ccccc1": "CDSA/I/3",
    "CCC(=O)C(CC(C)N(C)C)(c1ccccc1)c1ccccc1": "CDSA/I/5",
    "CC(CN1CCOCC1)C(C(=O)N1CCCC1)(c1ccccc1)c1ccccc1": "CDSA/I/9",
    "CNC1(CCCCC1=O)c1ccccc1": "CDSA/I/14",
    "CCC(=O)N(c1ccccc1)C1(C(=O)OC)CCN(CCC(=O)OC)CC1": "CDSA/I/16",
    "c1ccccc1NC1CCN(CCc2ccccc2)CC1": "CDSA/I/16(14)",
    "O=C(OC(C)(C)C)N1CCC(=O)CC1": "CDSA/VI.1/27",
    "CCC(=O)N(c1ccccc1)C1CCNCC1": "CDSA/VI.1/28",
    "Fc1ccc(NC2CCNCC2)cc1": "CDSA/VI.1/30",
    "CC(=O)N(c1ccccc1)C1CCN(Cc2ccccc2)CC1": "CDSA/VI.1/32",
    "CNC(C)C(=O)c1ccc(C)cc1": "CDSA/I/19",
    "CCCC(N1CCCC1)C(=O)c1ccccc1": "CDSA/I/17.1",
    "CN(C1CCCCC1N(C)C)C(=O)Cc1ccc(Cl)c(Cl)c1": "CDSA/I/26",
    "COC(=O)C(NC(=O)c1cn(CCCCCF)c2ncccc12)C(C)(C)C": "CDSA/II/2",
    "CCCC1(CC)C(=O)NC(=O)NC1=O": "CDSA/IV/1",
    "Cc1nnc2CN=C(c3ccccc3Cl)c3cc([N+]([O-])=O)ccc3n12": "CDSA/IV/18",
    "CCc1cc2C(=NCc3nnc(C)n3-c2s1)c1ccccc1Cl": "CDSA/IV/18",
    "CC12C=CC3=C4CCC(=O)C=C4CCC3C1CCC2O": "CDSA/IV/23",
    "COC(=O)C(C(C)=O)c1ccccc1": "CDSA/VI.1/11",
    "CC1(OC1c1ccc2OCOc2c1)C(O)=O": "CDSA/VI.1/9",
}


@pytest.mark.parametrize(("smiles", "key"), SHARED.items())
def test_cores_of_headings(smiles, key):
    assert key in {one.key for one in cores.find(Chem.MolFromSmiles(smiles))}


@pytest.mark.parametrize(
    "smiles",
    [
        "CC(=O)Oc1ccccc1C(O)=O",  # aspirin
        "CC(C)Cc1ccc(cc1)C(C)C(O)=O",  # ibuprofen
        "Cn1c(=O)c2c(ncn2C)n(C)c1=O",  # caffeine
        "CC12CCC3C(CCc4cc(O)ccc34)C1CCC2O",  # estradiol
        "CC12CCC(=O)C=C1CCC1C2C(O)CC2(C)C1CCC2(O)C(=O)CO",  # cortisol
        "CN1CCN(CC1)C1=Nc2cc(Cl)ccc2Nc2ccccc12",  # clozapine, which the Act excepts
        "NC(Cc1ccccc1)C(O)=O",  # phenylalanine
        "CC(C)NCC(O)COc1cccc2ccccc12",  # propranolol
        "O=C(c1ccc(F)cc1)C1CCN(CCn2c(=O)[nH]c3ccccc3c2=O)CC1",  # ketanserin
        "CN(C)C(=O)C(CCN1CCC(O)(CC1)c1ccc(Cl)cc1)(c1ccccc1)c1ccccc1",  # loperamide
    ],
)
def test_medicines_that_share_no_core(smiles):
    assert cores.find(Chem.MolFromSmiles(smiles)) == ()
