"""One answer to each kind of query, on a day."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem

from watchfloor.reference.law import items, structures
from watchfloor.reference.substances import index
from watchfloor.reference.substances.answer import LONGEST, ask
from watchfloor.reference.substances.outcome import STRONGEST, Answer, QueryError

DAY = date(2026, 6, 10)
FENTANYL = "CCC(=O)N(c1ccccc1)C1CCN(CCc2ccccc2)CC1"
LEVO = "COc1ccc2C[C@H]3N(C)CC[C@@]4(CCCC[C@@H]34)c2c1"
DEXTRO = "COc1ccc2C[C@@H]3N(C)CC[C@]4(CCCC[C@H]34)c2c1"
RACEMIC = "COc1ccc2CC3N(C)CCC4(CCCCC34)c2c1"


def found(query, on=DAY, taken=None):
    answer = ask(query, on, taken)
    return answer.outcome, {clause.key for clause in answer.clauses}


QUERIES = {
    # names
    "fentanyl": ("listed", {"CDSA/I/16(5)"}),
    "FENTANYL": ("listed", {"CDSA/I/16(5)"}),
    "Fentanyl citrate": ("form", {"CDSA/I/16(5)"}),
    "3-Methylfentanyl hydrochloride": ("form", {"CDSA/I/16(10)"}),
    "cis-3-methylfentanyl": ("listed", {"CDSA/I/16(10)"}),
    "fentanyl-d5": ("form", {"CDSA/I/16(5)"}),
    "ß–Hydroxyfentanyl": ("listed", {"CDSA/I/16(6)"}),
    "(S)-methamphetamine": ("listed", {"CDSA/I/18"}),
    "chlorhydrate de cocaïne": ("form", {"CDSA/I/2(2)"}),
    "héroïne": ("listed", {"CDSA/I/1(10)"}),
    "PCP": ("listed", {"CDSA/I/14"}),
    "哌啶酮": ("listed", {"CDSA/VI.1/27"}),
    "levomethorphan": ("listed", {"CDSA/I/10(3)"}),
    "racemethorphan": ("listed", {"CDSA/I/10(8)"}),
    "dextromethorphan": ("exempt", {"CDSA/I/10(10)"}),
    "dextromethorphan hydrobromide": ("exempt", {"CDSA/I/10(10)"}),
    "naloxone": ("exempt", {"CDSA/I/1(34.1)"}),
    "cannabidiol": ("exempt", {"CDSA/II/2/x1"}),
    "poppy seed": ("exempt", {"CDSA/I/1(37)"}),
    "butorphanol": ("listed", {"CDSA/IV/9"}),
    "(+)-cathinone": ("analogue", {"CDSA/III/19"}),
    "(-)-cathinone": ("listed", {"CDSA/III/19"}),
    "testosterone propionate": ("analogue", {"CDSA/IV/23(40)"}),
    "ocfentanil": ("class", {"CDSA/I/16"}),
    "fentanyls": ("class", {"CDSA/I/16"}),
    "3-benzoylindole": ("class", {"CDSA/II/2(5)"}),
    "l-methamphetamine": ("listed", {"CDSA/I/18"}),
    "dextroamphetamine sulfate": ("form", {"CDSA/I/19(1)"}),
    "levomethadone": ("listed", {"CDSA/I/5(4)"}),
    "MDMA hydrochloride": ("form", {"CDSA/I/19(8)"}),
    "d-methorphan": ("not found", set()),
    "tablet press": ("listed", {"CDSA/IX/1"}),
    "Ephedra": ("listed", {"PCR/4"}),
    "aspirin": ("not found", set()),
    # numbers
    "437-38-7": ("listed", {"CDSA/I/16(5)"}),
    "CAS 437-38-7": ("listed", {"CDSA/I/16(5)"}),
    "41979-39-9": ("form", {"CDSA/VI.1/27"}),
    "50-78-2": ("not found", set()),
    "PJMPHNIQZUBGLI-UHFFFAOYSA-N": ("listed", {"CDSA/I/16(5)"}),
    "MKXZASYAUGDDCJ-CGTJXYLNSA-N": ("listed", {"CDSA/I/10(3)"}),
    "MKXZASYAUGDDCJ-NJAFHUGGSA-N": ("exempt", {"CDSA/I/10(10)"}),
    "MKXZASYAUGDDCJ-UHFFFAOYSA-N": ("listed", {"CDSA/I/10(8)"}),
    "BSYNRYMUTXBXSQ-UHFFFAOYSA-N": ("not found", set()),
    "2933.39": ("line", set()),
    "9999.99": ("not found", set()),
    # structures
    FENTANYL: ("listed", {"CDSA/I/16(5)"}),
    f"{FENTANYL}.Cl": ("form", {"CDSA/I/16(5)"}),
    "CCC(=O)N(c1ccccc1)C1CC[NH+](CCc2ccccc2)CC1.[Cl-]": ("form", {"CDSA/I/16(5)"}),
    "CCC(=O)N(c1c([2H])cccc1)C1CCN(CCc2ccccc2)CC1": ("form", {"CDSA/I/16(5)"}),
    "CN[C@@H](C)Cc1ccccc1": ("listed", {"CDSA/I/18"}),
    LEVO: ("listed", {"CDSA/I/10(3)"}),
    DEXTRO: ("exempt", {"CDSA/I/10(10)"}),
    RACEMIC: ("listed", {"CDSA/I/10(8)"}),
    f"{DEXTRO}.Br": ("exempt", {"CDSA/I/10(10)"}),
    "CN[C@@H](C)[C@H](O)c1ccccc1": ("listed", {"CDSA/VI.1/4"}),
    "CN[C@@H](C)[C@@H](O)c1ccccc1": ("listed", {"CDSA/VI.1/16"}),
    "CNC(C)C(O)c1ccccc1": ("listed", {"CDSA/VI.1/4", "CDSA/VI.1/16"}),
    "CCC(=O)N(c1ccccc1F)C1CCN(CCc2ccccc2)CC1": ("class", {"CDSA/I/16"}),
    "COc1cc(I)c(OC)cc1CCN": ("class", {"CDSA/III/35"}),
    "CCCCCCCn1cc(C(=O)c2cccc3ccccc23)c2ccccc12": ("class", {"CDSA/II/2(2)"}),
    "CCCCCc1cc(O)c2[C@@H]3C=C(C)CC[C@H]3C(C)(C)Oc2c1": ("exempt", {"CDSA/II/2/x1"}),
    "CCCCCc1cc(O)c2[C@H]3C=C(C)CC[C@@H]3C(C)(C)Oc2c1": ("class", {"CDSA/II/2(1)"}),  # the mirror image
    "Cc1c(C(=O)c2cccc3ccccc23)c2cccc3OC[C@@H](CN4CCOCC4)n1c23": ("listed", {"CDSA/II/2(2)(xv)"}),
    "Cc1c(C(=O)c2cccc3ccccc23)c2cccc3OC[C@H](CN4CCOCC4)n1c23": ("exempt", {"CDSA/II/2/x2"}),
    "CCN(CC)CCn1c(Cc2ccc(OC(C)C)cc2)nc2cc([N+]([O-])=O)ccc12": ("analogue", {"CDSA/I/13"}),
    "CNC(C)C(=O)c1ccc(C)cc1": ("analogue", {"CDSA/I/19"}),
    "[K+].[O-][Mn](=O)(=O)=O": ("listed", {"CDSA/VI.1/15"}),
    "[Na+].[Cl-]": ("not found", set()),
    "[Na+].[Na+].[O-]S([O-])(=O)=O": ("not found", set()),
    "OS(O)(=O)=O": ("listed", {"CDSA/VI.2/5"}),
    "Cl": ("listed", {"CDSA/VI.2/3"}),
    "CC(C)=O.O": ("form", {"CDSA/VI.2/1"}),
    "[Na+].[O-][PH2]=O": ("form", {"CDSA/VI.1/22"}),
    "OCCCC([O-])=O.[Na+]": ("form", {"CDSA/I/21"}),
    "CC(=O)Oc1ccccc1C(O)=O": ("not found", set()),
}


@pytest.mark.parametrize(("query", "expected"), QUERIES.items())
def test_answers(query, expected):
    assert found(query) == expected


def test_a_wrong_structure_of_an_exception_is_no_exception():
    """Levorphanol is listed, dextrorphan taken out: a key of neither is the racemate's, which is listed."""
    assert found("JAQUASYNZVUNQP-UHFFFAOYSA-N") == ("listed", {"CDSA/I/10(9)"})


def test_a_key_with_another_second_block_says_what_it_cannot_tell():
    labelled = ask("PJMPHNIQZUBGLI-SCUSKTIWSA-N", DAY)  # fentanyl-d5
    assert labelled.outcome == "listed"
    assert "first block" in labelled.reason()
    assert "first block" not in ask("PJMPHNIQZUBGLI-UHFFFAOYSA-N", DAY).reason()


DAYS = [
    ("carisoprodol", "2025-04-13", "ended"),
    ("carisoprodol", "2025-12-18", "temporary"),
    ("carisoprodol", "2025-12-19", "listed"),
    ("phenethyl bromide", "2025-04-13", "ended"),
    ("phenethyl bromide", "2025-04-14", "temporary"),
    ("phenethyl bromide", "2026-04-11", "temporary"),
    ("phenethyl bromide", "2026-04-12", "listed"),
    ("spirochlorphine", "2026-06-04", "ended"),
    ("spirochlorphine", "2027-06-04", "temporary"),
    ("spirochlorphine", "2027-06-05", "ended"),
    ("1-boc-4-piperidone", "2024-09-02", "ended"),
    ("1-boc-4-piperidone", "2024-09-03", "listed"),
    ("4-anilino-1-boc-piperidine", "2022-08-30", "ended"),
    ("4-anilino-1-boc-piperidine", "2022-08-31", "temporary"),
    ("4-anilino-1-boc-piperidine", "2023-08-30", "listed"),
    ("2-methyl-AP-237", "2024-06-04", "ended"),
    ("2-methyl-AP-237", "2024-06-05", "listed"),
]


@pytest.mark.parametrize(("query", "on", "outcome"), DAYS)
def test_the_day_decides(query, on, outcome):
    answer = ask(query, date.fromisoformat(on))
    assert answer.outcome == outcome
    assert on in answer.reason() or outcome != "ended"


def test_an_analogue_of_what_was_not_yet_in_force_is_none():
    """4-piperidone's analogues are covered since 2024-09-03; before, the item covered salts alone."""
    analogue = "O=C1CCN(C)CC1"
    assert found(analogue, date(2024, 9, 3)) == ("analogue", {"CDSA/VI.1/27"})
    assert found(analogue, date(2024, 9, 2))[0] == "not found"


def test_a_constitutional_isomer_is_for_a_person_where_the_item_covers_isomers():
    assert found("FC(F)(F)c1cccc(c1)N1CCNCC1") == ("listed", {"CDSA/III/34"})
    moved = ask("FC(F)(F)c1ccc(cc1)N1CCNCC1", DAY)
    assert (moved.outcome, moved.person) == ("analogue", True)
    assert "formula of Trifluoromethylphenylpiperazine" in moved.reason()


def test_a_day_that_no_edition_speaks_for_is_told():
    assert "2010-01-01" in ask("fentanyl", date(2010, 1, 1)).reason()
    assert ask("fentanyl", date(2010, 1, 1)).outcome == "ended"
    assert "current to" in ask("fentanyl", date(2030, 1, 1)).reason()


def test_sites_are_atoms_of_the_smiles_as_given():
    answer = ask("[Cl-].CCC(=O)N(c1ccccc1F)C1CC[NH+](CCc2ccccc2)CC1", DAY)
    mol = Chem.MolFromSmiles("[Cl-].CCC(=O)N(c1ccccc1F)C1CC[NH+](CCc2ccccc2)CC1")
    (site,) = [site for site in answer.sites if site.said.en.startswith("D")]
    assert sorted(mol.GetAtomWithIdx(at).GetSymbol() for at in site.atoms) == ["C"] * 6 + ["F"]


def test_sites_of_a_labelled_substance_are_atoms_of_the_smiles():
    smiles = "[2H]C([2H])([2H])CC(=O)N(c1ccccc1F)C1CCN(CCc2ccccc2)CC1"
    answer = ask(smiles, DAY)
    (site,) = [site for site in answer.sites if site.said.en.startswith("D")]
    mol = Chem.MolFromSmiles(smiles)
    assert sorted(mol.GetAtomWithIdx(at).GetSymbol() for at in site.atoms) == ["C"] * 6 + ["F"]


def test_a_mixture_has_an_answer_for_each():
    answer = ask(f"{FENTANYL}.CC(=O)Oc1ccccc1C(O)=O.Cl", DAY)
    assert [part.outcome for part in answer.parts] == ["listed", "not found"]
    assert answer.outcome == "listed"
    assert {clause.key for clause in answer.clauses} == {"CDSA/I/16(5)"}


def test_a_line_of_the_tariff_names_what_sits_there():
    answer = ask("2933.39", DAY)
    assert answer.person
    assert answer.lines[0].residual
    assert {"4-piperidone", "1-boc-4-piperidone"} <= {part.query for part in answer.parts}
    assert all(part.clauses for part in answer.parts)


def test_nothing_found_says_what_was_tried_and_what_is_near():
    answer = ask("fentanil", DAY)
    assert answer.tried == ("fentanil",)
    assert "Fentanyl" in answer.spelled
    assert "no proof" in answer.reason()
    structure = ask("CC(=O)Oc1ccccc1C(O)=O", DAY)
    assert {"structural definitions", "cores of headings"} <= set(structure.tried)


def test_numbers_limits_and_other_law_come_with_it():
    answer = ask("4-piperidone", DAY)
    assert "41661-47-6" in answer.numbers.cas
    assert [item.key for item in answer.limits] == ["PCR/28"]
    assert {"UN", "US", "CN"} == {one.jurisdiction for one in answer.elsewhere}
    assert "2933.39" in {line.code for line in answer.lines}
    assert "class B" in ask("acetone", DAY).reason()


def test_a_class_is_told_of_in_other_law():
    answer = ask("CCC(=O)N(c1ccccc1F)C1CCN(CCc2ccccc2)CC1", DAY)
    assert {"US", "CN"} <= {one.jurisdiction for one in answer.elsewhere}
    assert "modification D" in answer.reason()
    assert "modification D" in answer.reason("fr")
    assert answer.near[0].name == "Fentanyl"


@pytest.mark.parametrize(
    ("query", "taken", "said"),
    [
        ("", None, "nothing"),
        ("x" * (LONGEST + 1), None, "characters"),
        ("437-38-8", None, "check digit"),
        ("fentanyl", "cas", "is none"),
        ("fentanyl", "inchikey", "no InChIKey"),
        ("fentanyl", "hs", "no HS code"),
        ("fentanyl", "smiles", "no SMILES"),
        ("C" * 3000, "smiles", "characters"),
        ("C(C)(C)(C)(C)C", None, "valence"),
        ("CC>>CO", "smiles", "reaction"),
    ],
)
def test_what_cannot_be_read_is_told(query, taken, said):
    with pytest.raises(QueryError, match=said):
        ask(query, DAY, taken)


@given(st.text(max_size=50), st.sampled_from([None, "name", "cas", "smiles", "inchikey", "hs"]))
def test_any_query_is_answered_or_refused(query, taken):
    try:
        answer = ask(query, DAY, taken)
    except QueryError as error:
        assert str(error)  # noqa: PT017 - either is right
    else:
        assert isinstance(answer, Answer)
        assert answer.outcome in STRONGEST
        assert answer.reason("en") != "" != answer.reason("fr")


NAMED = [
    (key, item)
    for key, several in structures.structures().items()
    for item in index.load().items.get(key, ())
    if several[0].smiles and item.on(DAY) and item.act == "CDSA"
]


def test_every_structure_of_the_law_leads_back_to_its_item():
    """By SMILES; a substance that one item takes out and another lists is answered by the one that lists."""
    listed_elsewhere = {"CDSA/I/10(14)", "CDSA/I/10(15)", "CDSA/I/24(5)", "CDSA/IV/18(33)"}
    assert len(NAMED) > 400
    resolved = [pair for pair in NAMED if structures.structures()[pair[0]][0].stereo != "not resolved"]
    for key, item in resolved:
        outcome, keys = found(structures.structures()[key][0].smiles, taken="smiles")
        expected = "exempt" if item.sort == "excluded" else "temporary" if item.temporary else "listed"
        assert (outcome == expected and key in keys) or key in listed_elsewhere, key


def test_every_name_of_the_law_leads_back_to_its_item():
    listed_elsewhere = {"CDSA/I/10(14)", "CDSA/I/10(15)", "CDSA/I/24(5)", "CDSA/IV/18(33)"}
    for item in items.on(DAY):
        for name in (*item.names_en, *item.names_fr):
            answer = ask(name, DAY, "name")
            told = {one.key for one in (*answer.clauses, *answer.limits)}
            assert item.key in told or item.key in listed_elsewhere or item.key.startswith("PCR/"), name
            assert answer.outcome in (
                ("class",) if item.sort == "class" else ("listed", "temporary", "exempt")
            ), name


def test_a_structure_and_its_key_have_one_outcome():
    for several in structures.structures().values():
        one = several[0]
        if one.inchikey and one.stereo != "not resolved":
            assert found(one.smiles, taken="smiles") == found(one.inchikey, taken="inchikey"), one.key


@pytest.mark.parametrize(
    "smiles",
    [
        "C[C-]1C(=C(C(=C1C)C)C)C.C[C-]1C(=C(C(=C1C)C)C)C.Cl[Zr+2]Cl",
        "C1=CC=C(C=C1)[N+]#N.F[P-](F)(F)(F)(F)F",
        "Cc1cc[c-]cc1.[Mg+2].[Cl-]",
    ],
)
def test_compounds_of_metals_and_odd_ions_are_answered(smiles):
    """A carbanion is no toluene, and a proton on hexafluorophosphate no molecule."""
    assert ask(smiles, DAY).outcome == "not found"


def test_sites_of_a_mixture_are_atoms_of_the_whole():
    answer = ask("CCO.CCC(=O)N(c1ccccc1F)C1CCN(CCc2ccccc2)CC1.CN[C@@H](C)Cc1ccccc1", DAY)
    (site,) = [site for part in answer.parts for site in part.sites if site.said.en.startswith("D")]
    assert site.atoms == (8, 9, 10, 11, 12, 13, 14)
