"""The shipped structures against public tables that had no part in making them: `known_structures.tsv`."""

from collections import Counter
from pathlib import Path

import pytest
from rdkit import Chem

from watchfloor.reference.law import structures as law

TABLE = Path(__file__).with_name("known_structures.tsv")
NO_STEREO = "UHFFFAOYSA"

Row = dict[str, str]


def rows() -> list[Row]:
    lines = [line for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("#")]
    head, *rest = (line.split("\t") for line in lines)
    return [dict(zip(head, cells, strict=True)) for cells in rest]


KNOWN = rows()
BY_KEY = {row["key"]: row for row in KNOWN}


def shipped(key: str) -> tuple[law.Structure, ...]:
    return law.structures()[key]


def mirrored(smiles: str) -> str:
    """The InChIKey of the mirror image."""
    molecule = Chem.MolFromSmiles(smiles)
    for atom in molecule.GetAtoms():
        atom.InvertChirality()
    return str(Chem.MolToInchiKey(molecule))


def test_shipped_structures_are_the_known_ones() -> None:
    assert [row["key"] for row in KNOWN if not is_known(row)] == []


def is_known(row: Row) -> bool:
    """Whether what is shipped agrees with a row as far as its layer says."""
    ours = shipped(row["key"])
    keys = {one.inchikey for one in ours}
    both = keys | {mirrored(one.smiles) for one in ours}
    flat = all(key[15:25] == NO_STEREO for key in keys)
    stated = {one.stereo for one in ours}
    layers = {
        "connectivity": True,
        "full": keys == {row["inchikey"]},
        "relative": (flat and stated == {"not resolved"}) or (row["inchikey"] in both and len(both) == 2),
        "racemate": flat and stated == {"racemic"},
    }
    return {key[:14] for key in keys} == {row["inchikey"][:14]} and layers[row["layer"]]


@pytest.mark.parametrize(
    "apart",
    [
        ("levomethorphan", "I/10(3)", "dextromethorphan", "I/10(10)"),
        ("levorphanol", "I/10(4)", "dextrorphan", "I/10(11)"),
        ("dextromoramide", "I/9(1)", "levomoramide", "I/9(3)"),
        ("WIN 55,212-2", "II/2(2)(xv)", "WIN 55,212-3", "II/2/x2"),
    ],
    ids=lambda four: four[0],
)
def test_mirror_images_that_the_law_separates(apart: tuple[str, str, str, str]) -> None:
    one, other = (shipped(f"CDSA/{key}") for key in apart[1::2])
    assert len(one) == len(other) == 1
    assert one[0].inchikey != other[0].inchikey
    assert mirrored(one[0].smiles) == other[0].inchikey


@pytest.mark.parametrize(
    ("first", "second"),
    [("IV/19(1)", "VI.1/10"), ("VI.1/4", "VI.1/16"), ("I/10(3)", "I/10(8)"), ("I/9(1)", "I/9(4)")],
    ids=["cathine", "ephedrine", "levomethorphan", "dextromoramide"],
)
def test_other_configurations_share_no_key(first: str, second: str) -> None:
    keys = [{one.inchikey for one in shipped(f"CDSA/{key}")} for key in (first, second)]
    assert not keys[0] & keys[1]
    assert len({key[:14] for key in keys[0] | keys[1]}) == 1


def test_clorazepate_is_found_as_databases_have_it() -> None:
    """The Act names the hydrate, a geminal diol; DrugBank DB00628 is the oxo acid under the same name."""
    assert "XDDJGVMJFWAHJX-UHFFFAOYSA-N" in {one.inchikey for one in shipped("CDSA/IV/18(7)")}


def test_the_table_covers_every_schedule() -> None:
    count = Counter(key.split("/")[1].split(".")[0] for key in BY_KEY)
    assert set(count) == {"I", "II", "III", "IV", "V", "VI"}
    assert len(KNOWN) == len(BY_KEY) >= 120
    assert all(row["source"] for row in KNOWN)
    assert {row["layer"] for row in KNOWN} == {"full", "connectivity", "relative", "racemate"}
