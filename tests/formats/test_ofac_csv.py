"""OFAC's three CSV files."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from tests.formats.lists import ADD, ALT, LISTS, SDN, faults, listed, public, rows_of, texts

from watchfloor.formats.base import FormatError, Head
from watchfloor.formats.lists.ofac_csv import FORMAT, read


def _read(text: str) -> list:
    return list(read(BytesIO(text.encode()), "sdn.csv"))


def test_a_person_a_firm_and_a_ship():
    person, firm, ship = listed(_read(SDN))
    assert (person["entity_id"], person["schema"], person["name"]) == ("OFAC-SDN#101", "Person", "VALLE, Odo")
    assert person["instrument"] == "OFAC sanctions program: SDGT, RURI"
    assert person["birth_dates"] == ["1971-05-02", "1972"]
    assert person["countries"] == ["IR", "FR"]
    assert person["identifiers"] == [{"system": "passport", "number": "R4711", "owner": "Cuba"}]
    assert texts(person, "weak") == ["THE LAMP"]
    assert person["observed_at"] == datetime(1970, 1, 1, tzinfo=UTC)
    assert (firm["schema"], firm["remarks"]) == ("Organization", None)
    assert (ship["schema"], ship["countries"]) == ("Vessel", ["CU"])
    assert [i["system"] for i in ship["identifiers"]] == ["imo", "mmsi"]
    assert ship["identifiers"][0]["number"] == "9074729"
    assert ship["remarks"].startswith("call sign CL2685; Tanker; owner Vale Lines; ")


def test_parts_name_the_entity_they_are_of():
    alias, former = listed(_read(ALT))
    assert (alias["entity_id"], alias["provision"], alias["name"]) == (
        "OFAC-SDN#101",
        "alt.csv",
        "VALLI, Otto",
    )
    assert [alias["names"][0]["role"], former["names"][0]["role"]] == ["alias", "former"]
    address, other = listed(_read(ADD))
    assert (address["entity_id"], address["countries"], address["names"]) == ("OFAC-SDN#101", ["CU"], [])
    assert address["remarks"] == "1 Hill Road, Strelsau, Cuba"
    assert other["countries"] == ["PA"]


def test_the_end_mark_is_no_fault():
    assert faults(_read(SDN)) == faults(_read(ALT)) == faults(_read(ADD)) == []


@pytest.mark.parametrize("text", [SDN, ALT, ADD])
def test_a_file_without_the_end_mark_was_cut(text):
    for cut in (text.rstrip("\x1a"), "".join(text.splitlines(keepends=True)[:1])):
        pieces = _read(cut)
        assert listed(pieces) == listed(_read(text))[: cut.count("\n")]
        (fault,) = faults(pieces)
        assert (fault.locator, fault.rest, "0x1A" in fault.reason) == ("end of file", True, True)


def test_a_quote_broken_in_the_middle_costs_its_row_alone():
    rows = [f'{i},"FIRM {i}",-0- ,"SDGT",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ' for i in range(1, 300)]
    rows[149] = rows[149].replace('"FIRM 150"', '"FIRM 150')
    pieces = _read("\n".join(rows) + "\n\x1a")
    assert [row["item"] for row in listed(pieces)] == [str(i) for i in range(1, 300) if i != 150]
    (fault,) = faults(pieces)
    assert (fault.locator, fault.rest) == ("line 150", False)
    assert b"FIRM 150" in fault.raw


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('7,-0- ,-0- ,"X",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \n', "no name"),
        ('7,"FEN","robot","X",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \n', "'robot' is no type"),
        ('x,"FEN",-0- ,"X",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \n', "'x' is no entity number"),
    ],
)
def test_faults_of_a_row(row, reason):
    (fault,) = faults(_read(SDN.split("\n")[0] + "\n" + row + "\x1a"))
    assert reason in fault.reason


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "empty"), ("\x1a", "empty"), ("1,2\n", "values that can be read in its first row are 2")],
)
def test_what_is_none_of_the_three_is_refused(text, says):
    with pytest.raises(FormatError, match=says):
        _read(text)


def test_sniff():
    assert [FORMAT.sniff(Head("x", text.encode())) for text in (SDN, ALT, ADD, "id,name\n1,x\n")] == [
        0.9,
        0.9,
        0.8,
        0,
    ]


@pytest.mark.parametrize(("file", "count"), [("sdn", 8976), ("alt", 11910), ("add", 13837)])
def test_the_public_files(file, count):
    path = public(LISTS / f"ofac_{file}.csv")
    with path.open("rb") as stream:
        pieces = list(read(stream, path.name))
    assert (len(listed(pieces)), faults(pieces)) == (count, [])


def test_every_birth_date_of_the_public_file_is_read():
    for row in rows_of(read, public(LISTS / "ofac_sdn.csv")):
        if row["remarks"] and row["remarks"].startswith("DOB "):
            assert row["birth_dates"], row["remarks"]
