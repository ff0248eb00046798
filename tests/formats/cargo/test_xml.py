"""Cargo-XML: what is wrong with files, their limits, and damage."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.cargo import made
from tests.formats.cargo.made import Doc
from tests.thorough import draws

from watchfloor.formats.base import WHOLE_FILE, Batch, Fault, FormatError, Head
from watchfloor.formats.cargo.cargo_xml.file import FORMAT, piece, read, sniff

DOC = Doc(house="H1")
FILES = [made.xfwb(DOC), made.xfzb(DOC), made.xffm([DOC, replace(DOC, destination="LHR")])]


def found(data):
    pieces = list(read(BytesIO(data), "x.xml"))
    rows = [row for one in pieces if isinstance(one, Batch) for row in one.rows.to_pylist()]
    return rows, [one for one in pieces if isinstance(one, Fault)]


def declared(data):
    rows, faults = found(data)
    return [row for row in rows if "goods" in row], faults


def changed(data, old, new):
    assert old.encode() in data
    return data.replace(old.encode(), new.encode(), 1)


def test_a_waybill_is_its_file_and_a_line_of_a_manifest_its_element():
    (row,), _ = declared(FILES[0])
    assert (row["locator"], row["document"]) == (WHOLE_FILE, DOC.number)
    rows, _ = declared(FILES[2])
    assert [row["locator"] for row in rows] == ["consignment 1", "consignment 2"]
    second = piece(BytesIO(FILES[2]), "consignment 2")
    assert second.startswith(b"<ram:IncludedMasterConsignment")
    assert b"<ram:ID>LHR</ram:ID>" in second
    assert piece(BytesIO(FILES[2]), "consignment 3") is None
    assert piece(BytesIO(FILES[2]), "line 1") is None


def test_other_prefixes_and_moments_with_zones():
    data = FILES[0].replace(b"ram:", b"").replace(b"xmlns:ram=", b"xmlns=").replace(b"rsm", b"ns2")
    data = changed(
        data, "<ActualDateTime>2026-11-20T00:00:00", "<ActualDateTime>2026-11-20T14:20:47.257-03:00"
    )
    (row,), faults = declared(data)
    assert not faults
    assert row["observed_at"] == datetime(2026, 11, 20, 17, 20, 47, 257000, tzinfo=UTC)


def test_without_a_signature_the_message_has_the_day():
    data = FILES[0].replace(b"<ram:ActualDateTime>2026-11-20T00:00:00</ram:ActualDateTime>", b"")
    assert declared(data)[0][0]["observed_at"] == datetime(2026, 11, 20, tzinfo=UTC)


def test_a_message_that_brings_nothing_new_says_so():
    (row,), _ = declared(made.xfwb(DOC, purpose="Update"))
    assert "purpose=Update" in row["codes"]


@pytest.mark.parametrize("text", ["", "ДЕТАЛИ МАШИН", "机器零件", "قطع غيار", "부품", "X" * 65_536])
def test_descriptions_are_taken_as_delivered_and_an_empty_one_is_told(text):
    (row,), faults = declared(made.xfwb(replace(DOC, goods=(text,))))
    assert row["goods"] == text
    assert ["describes no goods" in fault.reason for fault in faults] == ([] if text else [True])
    assert declared(made.xfzb(replace(DOC, goods=(text,))))[0][0]["goods"] == (text or "BRIEF")


@pytest.mark.parametrize(
    ("unit", "weight", "mass"), [("K", "0", 0.0), ("K", "1000000000", 1e9), ("L", "100", 45.359237)]
)
def test_any_mass_is_taken_as_delivered(unit, weight, mass):
    assert declared(made.xfwb(replace(DOC, unit=unit, weight=weight)))[0][0]["mass"] == mass


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"KGM">245', '"TNE">245', "no unit of mass that is read"),
        ('"KGM">245', '"KGM">-1', "gross mass"),
        (">4</ram:TotalPieceQuantity", ">4.5</ram:TotalPieceQuantity", "no number of packages"),
        (">1200.50<", ">1,200.50<", "no number such as"),
        (">DE</ram:CountryID", ">QX</ram:CountryID", "no country"),
        ("2026-11-22T00:00:00", "22 NOV", "no moment"),
        ("2026-11-22T00:00:00", "9999-12-31T00:00:00", "no moment"),
    ],
)
def test_what_is_wrong_in_a_waybill_is_told_and_the_rest_is_read(old, new, reason):
    rows, faults = declared(changed(FILES[0], old, new))
    assert len(rows) == 1
    assert [fault.partly for fault in faults] == [True]
    assert reason in faults[0].reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (FILES[0].replace(DOC.number.encode(), b"014-12345670"), "its check digit should be"),
        (FILES[1].replace(DOC.number.replace("-", "").encode(), b"01412345670"), "its check digit should be"),
        (FILES[0].replace(b"2026-11-20T00:00:00", b""), "says when it was issued"),
        (FILES[1].replace(b"IncludedHouseConsignment>", b"Other>"), "no IncludedHouseConsignment"),
        (FILES[0].replace(b"MasterConsignment>", b"Other>"), "no MasterConsignment"),
        (FILES[1].replace(b"<ram:ID>H1</ram:ID>", b""), "has no number"),
        (FILES[2].replace(b"LogisticsTransportMovement>", b"Other>"), "before the flight"),
        (
            made.xfwb(DOC, purpose="Deletion"),
            f"{DOC.number} is withdrawn (Deletion): this declares nothing",
        ),
        (FILES[2].replace(b"2026-11-22T01:30:00", b""), "time of departure is missing"),
    ],
)
def test_a_document_that_cannot_be_read_is_a_fault(data, reason):
    rows, faults = found(data)
    assert rows == []
    assert reason in faults[0].reason
    assert not faults[0].partly


def test_a_wrong_number_in_a_manifest_costs_its_line():
    rows, faults = declared(changed(FILES[2], f"<ram:ID>{DOC.number}", "<ram:ID>014-12345670"))
    assert [row["destination"] for row in rows] == ["GB"]
    assert "check digit" in faults[0].reason
    assert b"014-12345670" in faults[0].raw


def test_bulk_cargo_behind_a_device_is_in_none():
    loose = b"<ram:AssociatedTransportCargo><ram:TypeCode>BLK</ram:TypeCode><ram:IncludedMasterConsignment>"
    data = FILES[2].replace(
        b"</ram:IncludedMasterConsignment></ram:AssociatedTransportCargo>",
        b"</ram:IncludedMasterConsignment></ram:AssociatedTransportCargo>"
        + loose
        + b"<ram:TransportContractDocument><ram:ID>"
        + made.awb("160").encode()
        + b"</ram:ID></ram:TransportContractDocument></ram:IncludedMasterConsignment>"
        + b"</ram:AssociatedTransportCargo>",
        1,
    )
    rows, faults = declared(data)
    assert ["describes no goods" in fault.reason for fault in faults] == [True]
    assert ["uld=PMC12345AC" in (row["codes"] or []) for row in rows] == [True, False, True]


BOMB = b"""<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>
<rsm:Waybill xmlns:rsm="iata:waybill:1">
<rsm:MessageHeaderDocument>&b;</rsm:MessageHeaderDocument></rsm:Waybill>"""


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (BOMB, "entity bombs"),
        (b"", "is empty"),
        (b"FWB/17\r\n", "is not XML"),
        (
            FILES[0].replace(b"iata:waybill:1", b"urn:oasis:names:specification:ubl:schema:xsd:Waybill-2"),
            "was expected",
        ),
        (FILES[0].replace(b"iata:waybill:1", b"iata:w}}aybill:1"), "was expected"),
        (b"<FreightManifest xmlns='iata:flightmanifest:1'/>", "with the root <FreightManifest>"),
    ],
)
def test_what_is_no_such_file_is_refused(data, reason):
    with pytest.raises(FormatError, match=reason):
        found(data)


def test_a_cut_manifest_counts_nothing():
    rows, faults = found(FILES[2][: FILES[2].rindex(b"<ram:IncludedMasterConsignment>")])
    assert ["goods" in row for row in rows if "items" not in row and "role" not in row] == [True]
    assert not [row for row in rows if "items" in row]
    assert faults[-1].rest


def test_it_is_recognised_by_its_namespace():
    assert sniff(Head("x", FILES[0])) > 0.9
    assert sniff(Head("x", FILES[0].replace(b"iata:waybill:1", b"other"))) == 0.0


@settings(deadline=None, max_examples=draws(60))
@given(
    st.sampled_from(FILES),
    st.lists(
        st.tuples(
            st.floats(0, 1),
            st.integers(0, 30),
            st.sampled_from([b"", b"<", b"&x;", b"]]>", b"</"]) | st.binary(max_size=5),
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_damage_gives_faults_or_a_format_error(data, edits):
    for where, length, by in edits:
        at = int(where * len(data))
        data = data[:at] + by + data[at + length :]
    with suppress(FormatError):
        for one in FORMAT.read(BytesIO(data), "x"):
            if isinstance(one, Fault):
                assert one.reason
                assert one.locator
                assert len(one.raw) <= 1 << 16
            else:
                assert one.rows.schema.equals(one.kind.body)
