"""Structures of the law's items: against keys known from elsewhere, RDKit, and what the law keeps apart."""

from pathlib import Path

import pytest
from design import structure_names
from stdnum import casrn

from watchfloor.reference.law import items
from watchfloor.reference.law.structures import structures

KNOWN = dict(
    line.split("\t")
    for line in Path(__file__).with_name("known.tsv").read_text("utf-8").splitlines()
    if not line.startswith("#")
)
HEAD = {one.key: one.name for one in reversed(items.items()) if one.name}
ROWS = [one for many in structures().values() for one in many]


def keys(head):
    """All InChIKeys of the items of one head name."""
    return {one.inchikey for one in ROWS if HEAD[one.key] == head}


def test_every_item_that_names_one_substance_has_a_line():
    assert list(structures()) == list(structure_names.substances())


def test_keys_known_from_elsewhere():
    assert [head for head in KNOWN if KNOWN[head] not in keys(head)] == []


def test_the_goals_of_the_table():
    """97 % by a source, 60 % by two; the one without a structure is no one molecule."""
    act = [many[0] for key, many in structures().items() if key.startswith("CDSA/")]
    count = {status: sum(one.status == status for one in act) for status in {one.status for one in act}}
    assert len(act) == sum(count.values()) == 471
    assert count["unresolved"] == 1
    assert count["two-source"] >= 0.6 * len(act)
    assert {HEAD[one.key] for one in act if one.status == "unresolved"} == {"Red Phosphorus"}


def test_rdkit_has_the_same_key_of_each_structure():
    chem = pytest.importorskip("rdkit.Chem")
    for one in ROWS:
        if one.smiles:
            assert chem.MolToInchiKey(chem.MolFromSmiles(one.smiles)) == one.inchikey, one.key


def test_what_differs_only_by_stereochemistry_is_kept_apart():
    levo, dextro, racemic = map(keys, ("Levomethorphan", "Dextromethorphan", "Racemethorphan"))
    assert {one[:14] for one in levo | dextro | racemic} == {"MKXZASYAUGDDCJ"}
    assert len(levo | dextro | racemic) == 3
    assert not keys("Levorphanol") & keys("Dextrorphan")
    assert not keys("Dextromoramide") & keys("Levomoramide")
    assert not keys("Ephedrine") & keys("Pseudoephedrine")
    assert not keys("Norephedrine") & keys("Cathine")
    assert len(keys("Ephedrine")) == len(keys("Pseudoephedrine")) == len(keys("Norephedrine")) == 2
    assert len(keys("Nabilone")) == 2


def test_the_same_key_is_only_of_names_for_the_same_thing():
    """Two names of one substance, or names for stereoisomers that the table leaves open."""
    heads = {}
    for one in ROWS:
        if one.key.startswith("CDSA/"):
            heads.setdefault(one.inchikey, set()).add(HEAD[one.key].casefold())
    heads.pop("")
    shared = {frozenset(names) for names in heads.values() if len(names) > 1}
    assert shared == {
        frozenset({"mephobarbital", "methylphenobarbital"}),
        frozenset({"oxabolone", "4-hydroxy-19-nor testosterone"}),
        frozenset({"alphaprodine", "betaprodine"}),
        frozenset({"alphameprodine", "betameprodine"}),
        frozenset({"acetylmethadol", "alphacetylmethadol", "betacetylmethadol"}),
        frozenset({"dimepheptanol", "alphamethadol", "betamethadol"}),
    }


def test_a_name_and_its_systematic_name_were_read_apart():
    """Known traps: one fused molecule of "Name (systematic name)", and “nitride” for 4-AP."""
    assert {one.smiles for one in ROWS if HEAD[one.key] == "N-Phenyl-4-piperidinamine"} == {
        "c1ccc(NC2CCNCC2)cc1"
    }
    assert keys("4-fluoro anilino-1-boc-piperidine") == {structures()["CDSA/VI.1/30(2)"][0].inchikey}


def test_each_line_says_how_it_came_about():
    for one in ROWS:
        assert bool(one.inchikey) == bool(one.smiles) == bool(one.sources) == (one.status != "unresolved"), (
            one.key
        )
        assert (one.agreed != "") >= (one.status == "two-source"), one.key
        if one.status in ("by hand", "unresolved"):
            assert len(one.citation) > 20, one.key


def test_cas_numbers_are_numbers_and_of_one_substance():
    found = {}
    for one in ROWS:
        if one.cas:
            assert casrn.is_valid(one.cas), one.key
            found.setdefault(one.cas, set()).add(one.inchikey)
    assert all(len(of) == 1 for of in found.values())
    assert len(found) > 250


def test_decisions_are_about_items_and_say_why():
    heads = {name.casefold() for name in HEAD.values()}
    for head, one in structure_names.decisions().items():
        assert head.casefold() in heads
        assert "why" in one or "none" in one or set(one) <= {"cas", "cas_why", "ignore"}, head
        assert one.get("cas") or one.get("cas_why") or "cas" not in one, head
