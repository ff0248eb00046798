"""Official lists that arrive cut, converted, empty or as one byte: a sentence each, and nothing by halves."""

import pytest
from tests.feeds.test_intake import ACTOR, READER, balanced, take
from tests.formats import abroad
from tests.formats.lists import ADD, ALT, FTM, JUSTICE, SCHEDULES, SDN, SDN_XML, UN

from watchfloor.formats.registry import FORMATS
from watchfloor.store import Floor

LISTS = [
    ("ofac-xml", "sdn.xml", SDN_XML),
    ("ofac-csv", "sdn.csv", SDN),
    ("ofac-csv", "alt.csv", ALT),
    ("ofac-csv", "add.csv", ADD),
    ("un-consolidated", "un.xml", UN),
    ("justice-laws", "law.xml", JUSTICE),
    ("justice-laws", "schedules.xml", SCHEDULES),
    ("ftm", "entities.ftm.json", FTM),
    ("uk-sanctions-xml", "uk.xml", abroad.UK_XML),
    ("uk-sanctions-csv", "uk.csv", abroad.UK_CSV),
    ("eu-fsf-xml", "eu.xml", abroad.EU_XML),
    ("eu-fsf-csv", "eu.csv", abroad.EU_CSV),
    ("au-dfat", "au.csv", abroad.AU_CSV),
    ("ch-seco", "ch.xml", abroad.CH_XML),
]


def accented(text):
    """The list with some names in letters that are no ASCII."""
    return text.replace("Odo", "Ódó").replace("VALLE", "VÁLLÉ").replace("Vale", "Válé")


DAMAGE = {
    "cut": lambda data: data[: len(data) * 2 // 3],
    "cut in its head": lambda data: data[:50],
    "empty": lambda data: b"",
    "blank": lambda data: b"\r\n",
    "one byte": lambda data: data[:1],
    "a zero": lambda data: b"\0",
    "utf-16": lambda data: data.decode().encode("utf-16"),
    "utf-16 without a mark": lambda data: data.decode().encode("utf-16-le"),
    "windows-1252": lambda data: accented(data.decode()).encode("cp1252", "replace"),
    "binary": lambda data: bytes(range(256)) * 20,
}
SENTENCES = {
    "ofac-xml": "XML",
    "un-consolidated": "XML",
    "justice-laws": "XML",
    "ofac-csv": "values that can be read",
    "ftm": "FollowTheMoney",
    **dict.fromkeys(("uk-sanctions-xml", "eu-fsf-xml", "ch-seco"), "XML"),
    **dict.fromkeys(("uk-sanctions-csv", "eu-fsf-csv", "au-dfat"), ".csv"),
}


@pytest.fixture
def floor(tmp_path):
    return Floor.create(tmp_path / "floor", ACTOR)


def delivered(floor, tmp_path, file, data, **orders):
    (tmp_path / file).write_bytes(data)
    return take(floor, tmp_path / file, **orders)


CASES = [
    pytest.param(
        told,
        *one,
        damage,
        marks=() if (row + column) % 2 == told else pytest.mark.thorough,
        id=f"{told}-{one[1]}-{damage}",
    )
    for row, one in enumerate(LISTS)
    for column, damage in enumerate(DAMAGE)
    for told in (False, True)
]
"""Each list with each damage; a quick run is told the format of every other one, and recognises the rest."""


@pytest.mark.parametrize(("told", "form", "file", "text", "damage"), CASES)
def test_each_damage_has_its_sentence_and_leaves_nothing_by_halves(
    floor, tmp_path, form, file, text, damage, told
):
    data = DAMAGE[damage](text.encode())
    sums = delivered(floor, tmp_path, file, data, **({"format": form} if told else {}))
    held = floor.quarantine()
    assert bool(sums.aside) != bool(sums.taken)
    assert len(held) == sums.total.quarantined
    assert all(
        len(one.reason) >= len("is empty") and "Error" not in one.reason for one in (*sums.aside, *held)
    )
    assert not any("please report" in one.reason for one in held)
    rows = sum(floor.read(kind, READER).num_rows for kind in FORMATS[form].kinds)
    assert rows == sums.total.accepted
    if held:
        assert not floor.read("consolidation", READER).num_rows
    assert not list(floor.verify())
    assert balanced(floor)
    assert not [path for path in floor.root.rglob("*") if "incoming" in path.name]


NO_LIST = [
    (*one, damage)
    for one in LISTS
    for damage in ("cut in its head", "one byte", "a zero", "binary")
    if (one[1], damage) not in {("alt.csv", "cut in its head"), ("add.csv", "cut in its head")}
]
"""Fifty bytes of OFAC's tables of parts hold a whole row, so a cut there leaves a list."""


@pytest.mark.parametrize(("form", "file", "text", "damage"), NO_LIST, ids=[f"{n[1]} {n[3]}" for n in NO_LIST])
def test_what_is_no_list_at_all_is_said_to_be_none(floor, tmp_path, form, file, text, damage):
    delivered(floor, tmp_path, file, DAMAGE[damage](text.encode()), format=form)
    (piece,) = floor.quarantine()
    assert piece.rest
    assert SENTENCES[form] in piece.reason


@pytest.mark.parametrize("file", ["sdn.xml", "un.xml", "schedules.xml"])
def test_another_encoding_than_stated_is_no_cut(floor, tmp_path, file):
    (text,) = (text for _, name, text in LISTS if name == file)
    delivered(floor, tmp_path, file, DAMAGE["windows-1252"](text.encode()))
    assert any("not of the encoding that the file states" in piece.reason for piece in floor.quarantine())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1252", "utf-8-sig"])
def test_a_converted_ofac_table_is_read_all_the_same(floor, tmp_path, encoding):
    data = accented(SDN).encode(encoding)
    assert delivered(floor, tmp_path, "sdn.csv", data, format="ofac-csv").total == (4, 4, 0, 0, 0)
    assert any("VÁLLÉ" in name for name in floor.read("listing", READER)["name"].to_pylist())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1252"])
def test_a_converted_file_of_entities_is_told_so(floor, tmp_path, encoding):
    delivered(floor, tmp_path, "e.json", accented(FTM).encode(encoding), format="ftm")
    (piece,) = floor.quarantine()
    assert "its bytes are not UTF-8" in piece.reason


def test_an_ofac_file_without_its_end_mark_takes_nobody_off_the_list(floor, tmp_path):
    lines = SDN.splitlines(keepends=True)
    cut = "".join(lines[:2])
    assert delivered(floor, tmp_path, "sdn.csv", cut.encode()).total == (3, 2, 0, 1, 0)
    (piece,) = floor.quarantine()
    assert (piece.locator, piece.rest) == ("end of file", True)
    assert "0x1A" in piece.reason
    assert not floor.read("consolidation", READER).num_rows
    assert delivered(floor, tmp_path, "sdn.csv", SDN.encode()).total == (4, 2, 2, 0, 0)
    assert floor.read("consolidation", READER).num_rows == 1
