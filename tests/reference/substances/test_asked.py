"""Queries as people write them, and what they must not be taken for."""

from datetime import date

import pytest
from rdkit import Chem

from watchfloor.reference.substances import novel
from watchfloor.reference.substances.answer import ask
from watchfloor.reference.substances.common import BRANDS, COMMON
from watchfloor.reference.substances.index import load
from watchfloor.reference.substances.names import fold
from watchfloor.reference.substances.outcome import QueryError

DAY = date(2026, 6, 10)
FENTANYL = "CCC(=O)N(c1ccccc1)C1CCN(CCc2ccccc2)CC1"
LISTED = ("listed", {"CDSA/I/16(5)"})
FORM = ("form", {"CDSA/I/16(5)"})


def found(query, taken=None):
    answer = ask(query, DAY, taken)
    return answer.outcome, {clause.key for clause in answer.clauses}


WRITTEN = {
    # numbers, keys and codes
    "437 - 38 - 7": LISTED,
    "437–38–7": LISTED,
    "437‑38‑7": LISTED,
    "CAS RN 437-38-7": LISTED,
    "CAS-RN: 437-38-7": LISTED,
    "[437-38-7]": LISTED,
    "000437-38-7": LISTED,
    "pjmphniqzubgli-uhfffaoysa-n": LISTED,
    "InChIKey: PJMPHNIQZUBGLI-UHFFFAOYSA-N": LISTED,
    "PJMPHNIQZUBGLI-UHFFFAOYNA-N": LISTED,
    "PJMPHNIQZUBGLI-UHFFFAOYSA-O": FORM,
    "PJMPHNIQZUBGLI": LISTED,
    "PJMPHNIQZUBGLI-UHFFFAOYSA": LISTED,
    "2933 39": ("line", set()),
    "HS code 2933.39": ("line", set()),
    "inchi=1S/CH4/h1H4": ("not found", set()),
    # marks that do not show, letters that are others
    "fent\u200banyl": LISTED,
    "\u202e437-38-7\u202c": LISTED,
    "fent\u0430nyl": LISTED,
    "ＦＥＮＴＡＮＹＬ": LISTED,
    # a SMILES with its title
    f"{FENTANYL} fentanyl": LISTED,
    f"{FENTANYL}\tfentanyl base": LISTED,
    # forms
    "d5-fentanyl": FORM,
    "[2H5]-fentanyl": FORM,
    "sodium phenobarbital": ("form", {"CDSA/IV/1(21)"}),
    "dextroamphetamine saccharate": ("form", {"CDSA/I/19(1)"}),
    "[Na]OC(=O)CCCO": ("form", {"CDSA/I/21"}),
    "OC(=O)CCCO.[Na]": ("form", {"CDSA/I/21"}),
    f"{FENTANYL}.O": FORM,
    # names of every day
    "safrole oil": ("listed", {"CDSA/VI.1/17"}),
    "coca leaf": ("listed", {"CDSA/I/2"}),
    "poppy straw": ("listed", {"CDSA/I/1"}),
    "khat": ("listed", {"CDSA/IV/19"}),
    "KMnO4": ("listed", {"CDSA/VI.1/15"}),
    "noscapine": ("exempt", {"CDSA/I/1(35)"}),
    "N-methyl-amphetamine": ("listed", {"CDSA/I/18"}),
    "laudanum": ("listed", {"CDSA/I/1(1)"}),
    "1-(2-phenylethyl)piperidin-4-one": ("listed", {"CDSA/VI.1/26"}),
    "HCl": ("listed", {"CDSA/VI.2/3"}),
    "MAPA": ("analogue", {"CDSA/VI.1/11"}),
    "EAPA": ("analogue", {"CDSA/VI.1/11"}),
    "MAMDPA": ("analogue", {"CDSA/VI.1/9"}),
    # built like bezitramide, whose item covers derivatives; a medicine with another chain is not
    "brorphine": ("analogue", {"CDSA/I/13"}),
    "O=C1Nc2ccccc2N1C1CCN(C(C)c2ccc(Br)cc2)CC1": ("analogue", {"CDSA/I/13"}),
    "CC(c1ccc(Cl)cc1)N1CCC(CC1)n1c(=O)[nH]c2ccccc12": ("analogue", {"CDSA/I/13"}),
    "O=C1Nc2ccccc2N1CCCN1CCC(CC1)n1c(=O)[nH]c2cc(Cl)ccc12": ("not found", set()),
    # brands of medicines
    "Percocet": ("listed", {"CDSA/I/1(28)"}),
    "Tylenol No. 3": ("listed", {"CDSA/I/1(2)"}),
    "Suboxone": ("listed", {"CDSA/I/10(1)"}),
    "Duragesic": ("listed", {"CDSA/I/16(5)"}),
    "Adderall": ("listed", {"CDSA/I/19(1)"}),
    "Restoril": ("listed", {"CDSA/IV/18(30)"}),
    "Talwin": ("listed", {"CDSA/I/11(3)"}),
    "Stadol": ("listed", {"CDSA/IV/9"}),
    "Robitussin DM": ("exempt", {"CDSA/I/10(10)"}),
    "Soma": ("listed", {"CDSA/IV/28"}),
    "Imodium": ("not found", set()),
    # letters that would do for a SMILES
    "CBC": ("exempt", {"CDSA/II/2/x1"}),
    "CBN": ("exempt", {"CDSA/II/2/x1"}),
    "PCP": ("listed", {"CDSA/I/14"}),
    # precursors together are a mixture of both, no solvate
    "CC(C)=O.CC(=O)OC(C)=O": ("listed", {"CDSA/VI.2/1", "CDSA/VI.1/1"}),
    "Cc1ccccc1.CC(C)=O": ("listed", {"CDSA/VI.2/6", "CDSA/VI.2/1"}),
    # derivatives with an acyl on nitrogen, cathinones with a longer chain
    "lisdexamfetamine": ("analogue", {"CDSA/I/19"}),
    "butylone": ("analogue", {"CDSA/I/19"}),
    "CCC(NCC)C(=O)c1ccc2OCOc2c1": ("analogue", {"CDSA/I/19"}),
    "5F-ADB": ("class", {"CDSA/II/2(8)"}),
    "5f-adb hydrochloride": ("class", {"CDSA/II/2(8)"}),
    "α-PVP": ("analogue", {"CDSA/I/17.1"}),
    "5-MeO-DMT": ("not found", set()),
}


@pytest.mark.parametrize(("query", "expected"), WRITTEN.items())
def test_as_people_write(query, expected):
    assert found(query) == expected


def test_a_number_without_dashes_is_one_where_it_is_called_so():
    assert found("437387", "cas") == LISTED
    assert ask("437387", DAY).taken == "hs"


@pytest.mark.parametrize("query", ["C1CC", "c1cccc1", "C%10CC"])
def test_an_open_ring_is_a_name_that_reads_like_a_smiles(query):
    answer = ask(query, DAY)
    assert (answer.taken, answer.outcome) == ("name", "not found")
    assert "not whole" in answer.reason()
    assert "SMILES incomplet" in answer.reason("fr")


@pytest.mark.parametrize("query", ["fentanil", "2-FXYZ", "khatt"])
def test_a_name_does_not_read_like_a_smiles(query):
    assert "not whole" not in ask(query, DAY).reason()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (FENTANYL[:-1], "no SMILES"),
        (f"{FENTANYL})", "no SMILES"),
        ("C" * 3000, "characters"),
        ("PJMPHNIQZUBGLI-UHFFFAOYSB-N", "second block"),
        ("2933.3", "no HS code"),
        ("29333900000", "no HS code"),
        ("\u200b\ufeff ", "nothing was asked"),
    ],
)
def test_what_is_plainly_wrong_is_refused(query, said):
    with pytest.raises(QueryError, match=said):
        ask(query, DAY)


def test_one_block_of_a_key_says_that_it_is_a_skeleton():
    answer = ask("PJMPHNIQZUBGLI", DAY)
    assert "first block" in answer.reason()
    assert answer.inchikey == ""


def test_a_query_comes_back_as_it_was_asked():
    assert ask("  fent\u200banyl ", DAY).query == "fent\u200banyl"


@pytest.mark.parametrize(
    ("query", "open_"), [("l-LSD", True), ("d-ephedrine", True), ("d-amphetamine", False)]
)
def test_a_configuration_by_name_alone_is_not_compared(query, open_):
    """The mirror image of LSD is none of item 5's, which covers salts alone: a name cannot tell."""
    answer = ask(query, DAY)
    assert (answer.outcome, answer.person) == ("listed", open_)


def test_water_and_solvents_make_no_salt():
    """Acetic anhydride's item covers no salts; water beside it needs none."""
    answer = ask("CC(=O)OC(C)=O.O", DAY)
    assert (answer.outcome, answer.person) == ("form", False)
    assert "covers salts" not in answer.reason()


@pytest.mark.parametrize(
    ("query", "outcome"),
    [
        ("chlorhydrate de méprobamate", "analogue"),
        ("meprobamate hydrochloride monohydrate", "analogue"),
        ("meprobamate hydrochloride", "analogue"),
        ("meprobamate monohydrate", "form"),
        ("meprobamate base", "listed"),
        ("chlorhydrate de cocaïne", "form"),
    ],
)
def test_a_chlorhydrate_is_no_hydrate(query, outcome):
    """Item 16 of Schedule IV names meprobamate and no salts: a salt is for a person, a hydrate not."""
    assert found(query)[0] == outcome


@pytest.mark.parametrize("query", ["cannabis", "Marijuana", "haschich"])
def test_cannabis_has_its_own_act(query):
    assert "Cannabis Act" in ask(query, DAY).reason()
    assert "Loi sur le cannabis" in ask(query, DAY).reason("fr")


def test_a_word_of_an_acid_behind_a_base_may_be_a_salts():
    assert "a salt, which the item covers" in ask("fentanyl acetate", DAY).reason()
    assert "a salt, which" not in ask("testosterone propionate", DAY).reason()


def test_new_substances_are_asked_about_by_structure():
    keys = [Chem.MolToInchiKey(Chem.MolFromSmiles(smiles)) for _, _, smiles in novel.rows()]
    assert len(keys) == len(set(keys)) > 80
    for names, _, smiles in novel.rows():
        structure = found(smiles, "smiles")
        assert all(found(name) == structure for name in names), names
        assert structure[0] in ("class", "analogue", "not found"), names


CLAUSES = {
    # Schedule II, item 2(1): hydroxy, ether or ester at 1; at 5 anything; at 3' its words
    "CCCCCc1cc(OC(C)=O)c2[C@@H]3C=C(C)CC[C@H]3C(C)(C)Oc2c1": "CDSA/II/2(1)",
    "CCCCCCC(C)(C)c1ccc(C2CCCC(O)C2)c(OC(=O)N(C)C)c1": "CDSA/II/2(1)",
    "CCCCCCC(C)(C)c1ccc(C2CCCCC2)c(O)c1": "",
    "CCCCCCC(C)(C)c1ccc(C2CCC(O)CC2)c(O)c1": "",
    "CCCCCCC(C)(C)c1ccc(C2CCCC(N)C2)c(O)c1": "",
    "CCCCCCC(C)(C)c1ccc(C2CCC(O)C2)c(O)c1": "",
    "Oc1ccccc1C1CCCC(O)C1": "",
    # 2(2) to (9): the place of the carbonyl, the substituent at nitrogen, the ring that is named
    "O=C(c1c[nH]c2ccccc12)c1cccc2ccccc12": "",
    "CCCCCn1cc(C(=O)c2ccc3ccccc3c2)c2ccccc12": "",
    "CCCCCn1c(C(=O)c2cccc3ccccc23)cc2ccccc12": "",
    "CCCCCn1ccc(c1)C(=O)c1cccc2ccccc12": "CDSA/II/2(3)",
    "CCCCCn1cc(C(=O)Cc2ccccc2Cl)c2ccccc12": "CDSA/II/2(4)",
    "COc1ccc(cc1)C(=O)c1c(C)n(CCN2CCOCC2)c2ccccc12": "CDSA/II/2(5)",
    "O=C(c1ccccc1)c1cn(-c2ccccc2)c2ccccc12": "CDSA/II/2(5)",
    "CCCCCn1cc(C(=O)C2CC2)c2ccccc12": "CDSA/II/2(6)",
    "CCCCCn1cc(C(=O)C2CCC2)c2ccccc12": "",
    "CCCCCn1cc(C(=O)Oc2cccc3ccncc23)c2ccccc12": "",
    "CCCCCn1cc(C(=O)Nc2cccc3cccnc23)c2ccccc12": "CDSA/II/2(9)",
    "CCCCCn1nc(C(N)=O)c2ccccc12": "CDSA/II/2(8)",
    "CCCCCn1nc(C(=O)O)c2ccccc12": "",
    "CCCCCn1nc(NC(C)=O)c2ccccc12": "",
    "CCCCCn1cc(C(=O)NC(C)(C)c2ccccc2)c2cccnc12": "",
    # Schedule III, item 35: 2',5' or 2',6', or a fused ring; the words at the amino group and the beta carbon
    "COc1cccc(OC)c1CCN": "CDSA/III/35",
    "COc1ccc(CCN)c(OC)c1": "",
    "COc1ccc(CCN)cc1OC": "",
    "COc1cc(Br)c(OC(F)(F)F)cc1CCN": "CDSA/III/35",
    "COc1ccc(O)c(CCN)c1": "",
    "NCCc1ccc2occc2c1": "CDSA/III/35",
    "NCCc1c2ccoc2c(Br)c2ccoc12": "CDSA/III/35",
    "NCCc1c2CCOc2c(Br)c2CCOc12": "CDSA/III/35",
    "NCCc1ccc2oc3ccccc3c2c1": "",
    "NCCc1ccc2OCCOc2c1": "",
    "COc1cc(Br)c(OC)cc1CCN(C)C(C)C": "CDSA/III/35",
    "COc1cc(Br)c(OC)cc1CCN=Cc1ccccc1O": "CDSA/III/35",
    "COc1cc(Br)c(OC)cc1CCNCCCC": "",
    "COc1cc(Br)c(OC)cc1CCNCc1cccs1": "",
    "COc1cc(Br)c(OC)cc1C(OC)CN": "CDSA/III/35",
    "COc1cc(Br)c(OC)cc1C(F)CN": "",
    "COc1cc(Br)c(OC)cc1CC[N+](C)(C)C": "",
}
"""Read clause by clause in the Act of 2026-07-23: a structure that has the words, or lacks one."""


@pytest.mark.parametrize(("smiles", "key"), CLAUSES.items())
def test_clause_by_clause(smiles, key):
    outcome, keys = found(smiles)
    assert (outcome == "class", key) == (bool(key), next(iter(keys)) if outcome == "class" else "")


def test_a_name_within_words_is_told_and_a_person_decides():
    found = ask("mixture of cocaine and levamisole", date(2026, 6, 10))
    assert (found.outcome, found.person) == ("not found", True)
    assert found.reasons[-1].message == "controlled.within"
    assert "cocaine" in found.reasons[-1].en
    assert not ask("Spanish rice", date(2026, 6, 10)).person


def test_words_that_replaced_others_are_no_beginning():
    reworded, added = (ask(one, date(2026, 6, 10)) for one in ("1-phenyl-2-propanone", "1-boc-4-piperidone"))
    assert any("first controlled this table does not say" in reason.en for reason in reworded.reasons)
    assert any("since 2024-09-03, by SOR/2024-98" in reason.en for reason in added.reasons)
    widened = ask("4-piperidone", date(2026, 6, 10))
    assert any("before in other words" in reason.en for reason in widened.reasons)


CARISOPRODOL = ("carisoprodol", "78-44-4", "OFZCIYFFPZCNJE-UHFFFAOYSA-N", "CCCC(C)(COC(N)=O)COC(=O)NC(C)C")


@pytest.mark.parametrize("query", CARISOPRODOL)
@pytest.mark.parametrize(
    ("day", "outcome", "keys"),
    [
        ("2022-09-01", "ended", ["CDSA/IV/28", "CDSA/V/1/2025"]),
        ("2025-04-13", "ended", ["CDSA/IV/28", "CDSA/V/1/2025"]),
        ("2025-04-14", "temporary", ["CDSA/V/1/2025"]),
        ("2025-06-15", "temporary", ["CDSA/V/1/2025"]),
        ("2025-12-18", "temporary", ["CDSA/V/1/2025"]),
        ("2025-12-19", "listed", ["CDSA/IV/28"]),
    ],
)
def test_an_item_that_came_and_went_between_two_consolidations(query, day, outcome, keys):
    """SOR/2025-64, s. 1, printed as not in force in the consolidation of 2025-03-28."""
    answer = ask(query, date.fromisoformat(day))
    assert (answer.outcome, sorted(clause.key for clause in answer.clauses)) == (outcome, keys)


def test_each_brand_leads_to_an_item_of_the_act():
    index = load()
    assert not [key for key in BRANDS if key not in index.items]
    assert not {fold(name) for names in BRANDS.values() for name in names} & {
        fold(name) for names in COMMON.values() for name in names
    }
