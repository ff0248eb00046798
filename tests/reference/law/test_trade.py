"""The table of trade: its numbers are right by their own check digits, and by RDKit and `chemicals`."""

from pathlib import Path
from string import ascii_uppercase, digits

import pytest
from rdkit import Chem
from stdnum import casrn

from watchfloor.reference.law import items, structures, trade

ROOT = Path(__file__).parents[3]
PIPERIDONE = "VRJHQPZVIGNGMX-UHFFFAOYSA-N"


def unii_check(number: str) -> str:
    """The last sign of a UNII: the sum of the others' values, modulo 36 (FDA's substance registry)."""
    signs = digits + ascii_uppercase
    return signs[sum(signs.index(sign) for sign in number[:-1]) % 36]


def test_identifiers_are_well_formed() -> None:
    for one in trade.load().substance:
        assert all(casrn.is_valid(number) for number in (*one.cas, *one.salts)), one.id
        assert not one.unii or (len(one.unii) == 10 and unii_check(one.unii) == one.unii[-1]), one.id
        assert all(len(number) == 4 and number.isdigit() for number in one.un), one.id
        assert bool(one.cas) == bool(one.cas_checked), one.id
        assert all(name in [text for said in one.names.values() for text in said] for name in one.alone), (
            one.id
        )
    assert unii_check("UF599785JZ") == "Z"
    assert unii_check("76I7G6D29C") == "C"


def test_a_key_is_that_of_its_structure() -> None:
    for one in trade.load().substance:
        if one.smiles:
            assert Chem.MolToInchiKey(Chem.MolFromSmiles(one.smiles)) == one.inchikey, one.id


FLAT = {"isosafrole", "codeine", "cocaine", "ergotamine"}
"""`chemicals` has these with other stereo than the name says: compared by connectivity."""

FORM = {"white-phosphorus", "red-phosphorus", "hypophosphorous-acid"}
"""Inorganic: `chemicals` writes another form (an atom, a tautomer)."""


def test_cas_numbers_against_chemicals() -> None:
    """Another package's key for the number; `checked` says where it has none."""
    chemicals = pytest.importorskip("chemicals", reason="chemicals is only in the benchmarks' group")
    compared = 0
    for one in trade.load().substance:
        if one.cas_checked != "chemicals" or one.id in FORM:
            continue
        theirs = chemicals.search_chemical(one.cas[0]).InChI_key.removeprefix("InChIKey=")
        ours = one.inchikey
        if one.id in FLAT:
            theirs, ours = theirs[:14], ours[:14]
        assert theirs == ours, one.id
        compared += 1
    assert compared >= 75


def test_cas_numbers_against_public_tables() -> None:
    """Keys that DrugBank, Cayman, SWGDRUG and RESPONSE give the number, `design/registry.tsv`."""
    lines = (ROOT / "design/registry.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")][1:]
    stated = {(key, number) for key, number, _ in rows}
    said = {one.id: (one.inchikey, one.cas[0]) for one in trade.load().substance if one.cas}
    assert {id_ for id_, pair in said.items() if pair in stated} >= {
        one.id for one in trade.load().substance if one.cas_checked == "registry"
    }
    assert sum(pair in stated for pair in said.values()) >= 80


def test_items_are_of_the_law_and_named_so() -> None:
    """Every item that a row names exists, and the law's head name of it finds that row."""
    known = {one.key: one for one in items.items() if one.sort != "repealed"}
    for one in trade.load().substance:
        assert set(one.items) | set(one.near) <= known.keys(), one.id
        assert not set(one.items) & set(one.near), one.id
    for device in trade.load().device:
        assert all(known[key].sort == "device" for key in device.items)


def test_every_precursor_of_schedule_vi_is_here() -> None:
    named = {key for one in trade.load().substance for key in one.items}
    for one in items.items():
        if one.act == "CDSA" and one.schedule in ("V", "VI") and one.sort == "substance":
            assert one.key in named, one.key


def test_the_law_s_own_names_are_found() -> None:
    """Head names of Schedules V and VI, both languages, lead to the row that has the item."""
    for one in items.items():
        if one.act == "CDSA" and one.schedule in ("V", "VI") and one.sort == "substance":
            told = {found.id for found in trade.by_name(one.names_en[0])}
            rows = {row.id for row in trade.load().substance if one.key in row.items}
            assert told & rows, one.names_en[0]


def test_names_mean_one_thing() -> None:
    """No name of a language stands in two rows."""
    seen: dict[tuple[str, str], str] = {}
    for one in trade.load().substance:
        for lang, said in one.names.items():
            for name in said:
                assert seen.setdefault((lang, name.casefold()), one.id) == one.id, name


def test_by_hs() -> None:
    (line,) = trade.by_hs("2933.39")
    assert line.residual
    assert {"4-piperidone", "1-boc-4-piperidone"} <= set(line.ids)
    assert PIPERIDONE in line.inchikeys
    (npp,) = trade.by_hs("293337")
    assert (npp.ids, npp.residual, npp.was) == (("npp",), False, "2933.39")
    national, under = trade.by_hs("2933399073")
    assert (national.edition, under.code) == ("CN", "2933.39")
    assert {line.code for line in trade.by_hs("2939")} >= {"2939.41", "2939.45", "2939.72"}
    assert trade.by_hs("610910") == trade.by_hs("29") == trade.by_hs("no code") == ()


def test_every_line_that_a_row_names_is_there() -> None:
    codes = {line.code for line in trade.load().line}
    assert {code for one in trade.load().substance for code in one.hs} | {
        code for one in trade.load().device for code in one.hs
    } == codes


UN = {
    "acetic-anhydride": "1715",
    "acetone": "1090",
    "benzyl-chloride": "1738",
    "ethyl-ether": "1155",
    "hydrochloric-acid": "1789",
    "methyl-ethyl-ketone": "1193",
    "piperidine": "2401",
    "potassium-permanganate": "1490",
    "propionic-anhydride": "2496",
    "propionyl-chloride": "1815",
    "red-phosphorus": "1338",
    "sulphuric-acid": "1830",
    "toluene": "1294",
}


@pytest.mark.parametrize(("id_", "un"), UN.items())
def test_un_numbers(id_: str, un: str) -> None:
    assert un in trade.substances()[id_].un


def test_numbers() -> None:
    assert trade.numbers(PIPERIDONE).cas == ("41661-47-6",)
    assert trade.numbers("nothing") == trade.Numbers()
    fentanyl = trade.by_cas("990-73-8")  # the citrate
    assert fentanyl is not None
    assert fentanyl.id == "fentanyl"
    assert trade.by_cas("437-38-8") is None
    assert trade.by_cas("50-00-0") is None


STEREO = {"ephedrine", "ergotamine", "norephedrine", "pseudoephedrine", "methamphetamine"}
"""Trade names the natural form or the salt's, the Act a relative or no configuration."""


def test_structures_of_the_law_s_items_are_the_same_substances():
    """What `./dev structures` found under the Act's names, by other ways, is what the row here says."""
    compared = 0
    for one in trade.load().substance:
        for key in one.items if one.inchikey else ():
            for found in structures.structures().get(key, ()):
                if found.inchikey:
                    width = 14 if one.id in STEREO else 27
                    assert found.inchikey[:width] == one.inchikey[:width], (one.id, key)
                    compared += 1
    assert compared >= 80
