"""The public table of customs declarations: fields, outcomes, faults, damage."""

from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given
from tests.formats.test_list_damage import EDITS, damaged

from watchfloor.core.kinds import KINDS
from watchfloor.formats.base import Batch, Fault, FormatError, Head
from watchfloor.formats.cargo.customs_csv import FORMAT, NEEDED, read
from watchfloor.formats.registry import recognise

HEADER = (
    "Declaration ID,Date,Office ID,Process Type,Import Type,Import Use,Payment Type,Mode of Transport,"
    "Declarant ID,Importer ID,Seller ID,Courier ID,HS6 Code,Country of Departure,Country of Origin,Tax Rate,"
    "Tax Type,Country of Origin Indicator,Net Mass,Item Price"
)
LINES = (
    "1001,2020-01-02,40,B,11,21,11,40,DAAA,IAAA,SAAA,,420231,IT,RO,8.0,A,G,1.5,1248.7",
    "1002,2020-01-03,20,B,11,21,11,10,DBBB,IBBB,,CBBB,71311,TH,TH,0.0,FCN1,Y,0.0,41060.290000000015",
)
BARE = "\n".join((HEADER, *LINES, "")).encode()
TOLD = "\n".join((f"{HEADER},Fraud,Critical Fraud", f"{LINES[0]},0,0", f"{LINES[1]},1,2", "")).encode()


def rows(data: bytes) -> tuple[dict[str, list[dict]], list[Fault]]:
    found, faults = {"declaration": [], "inspection": []}, []
    for piece in read(BytesIO(data), "x.csv"):
        if isinstance(piece, Batch):
            assert piece.rows.schema.equals(piece.kind.body)
            found[piece.kind.name] += piece.rows.to_pylist()
        else:
            faults.append(piece)
    return found, faults


def test_declarations_without_outcome() -> None:
    found, faults = rows(BARE)
    first, second = found["declaration"]
    assert (faults, found["inspection"]) == ([], [])
    assert first["subject"] == "parcel:customs-table:1001"
    assert (first["importer"], first["shipper"]) == (
        "person:customs-table:IAAA",
        "company:customs-table:SAAA",
    )
    assert (first["mode"], second["mode"], second["shipper"]) == ("air-cargo", "vessel", None)
    assert (first["hs"], second["hs"], second["goods"]) == ("420231", "071311", "HS 071311")
    assert (first["value"], second["value"]) == (Decimal("1248.70"), Decimal("41060.29"))
    assert (first["departure"], first["origin"], first["rate"], first["mass"]) == ("IT", "RO", 8.0, 1.5)
    assert "tax=FCN1" in second["codes"]
    assert second["handler"] == "CBBB"


def test_outcomes_are_examinations() -> None:
    found, faults = rows(TOLD)
    assert faults == []
    assert [(row["state"], row["result"], row["found"]) for row in found["inspection"]] == [
        ("examined", "nothing", []),
        ("examined", "finding", ["other"]),
    ]
    assert [row["subject"] for row in found["inspection"]] == [row["subject"] for row in found["declaration"]]
    assert not any(row["codes"] and "Fraud" in str(row["codes"]) for row in found["declaration"])


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b",1248.7,", b",-5,", "no amount"),
        (b",1.5,", b",much,", "Net Mass"),
        (b",IT,", b",Atlantis,", "Atlantis"),
        (b"2020-01-02", b"2020-02-30", "Date"),
        (b",1248.7,0,0", b",1248.7,7,0", "Fraud"),
        (b",1248.7,0,0", b",1248.7,,0", "no outcome"),
    ],
)
def test_a_bad_row_is_a_fault_and_nothing_else(old: bytes, new: bytes, why: str) -> None:
    found, (fault,) = rows(TOLD.replace(old, new))
    assert why in fault.reason
    assert fault.locator == "line 2"
    assert [row["document"] for row in found["declaration"]] == ["1002"]
    assert [row["document"] for row in found["inspection"]] == ["1002"]


def test_recognised_by_header_and_refused_without_a_column() -> None:
    assert recognise(Head("x.csv", BARE)) is FORMAT
    assert recognise(Head("x.csv", TOLD)) is FORMAT
    for column in NEEDED:
        header = BARE.replace(column.encode(), b"Other")
        assert FORMAT.sniff(Head("x.csv", header)) == 0
        with pytest.raises(FormatError, match=column):
            list(read(BytesIO(header), "x.csv"))


@given(EDITS)
def test_damage_gives_faults_and_rows(edits) -> None:
    data = damaged(TOLD, edits)
    assert 0 <= FORMAT.sniff(Head("x", data)) <= 1
    try:
        found, faults = rows(data)
    except FormatError:
        return
    assert all(fault.reason and fault.locator for fault in faults)
    for kind, some in found.items():
        needed = [field.name for field in KINDS[kind].body if not field.nullable]
        assert all(row[name] is not None for row in some for name in needed)
