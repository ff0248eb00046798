"""Cargo-IMP: what real messages hold beside the plain case, what is wrong with others, and damage."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.cargo import made
from tests.formats.cargo.made import Doc, Who
from tests.thorough import draws

from watchfloor.formats.base import Batch, Fault, FormatError, Head
from watchfloor.formats.cargo.cargo_imp.file import FORMAT, piece, read, sniff
from watchfloor.formats.reader_options import FileStatement, begun
from watchfloor.formats.registry import FORMATS

DAY = datetime(2026, 11, 20, tzinfo=UTC)
DOC = Doc(house="H1")
FILE = made.fwb(DOC) + made.fhl([DOC, replace(DOC, house="H2")]) + made.ffm([DOC])


def found(data, name="x", base_time=DAY):
    pieces = list(read(BytesIO(data), name, base_time))
    rows = [row for one in pieces if isinstance(one, Batch) for row in one.rows.to_pylist()]
    return rows, [one for one in pieces if isinstance(one, Fault)]


def declared(data, **more):
    rows, faults = found(data, **more)
    return [row for row in rows if "goods" in row], faults


def changed(data, old, new):
    assert old.encode() in data
    return data.replace(old.encode(), new.encode(), 1)


def test_several_messages_stand_in_one_file_each_a_step_from_its_bytes():
    rows, faults = declared(FILE)
    assert not faults
    assert [row["document"] for row in rows] == [DOC.number, "H1", "H2", DOC.number]
    pieces = [piece(BytesIO(FILE), row["locator"]) for row in rows]
    assert pieces[0] == made.fwb(DOC)
    assert pieces[2].startswith(b"HBS/H2/")
    assert pieces[3].startswith(f"{DOC.number}YVRFRA/T4K245".encode())


@pytest.mark.parametrize("size", [7, 300])
def test_how_a_file_is_cut_into_chunks_changes_nothing(monkeypatch, size):
    from watchfloor.formats.cargo.cargo_imp import file, lines

    whole = found(FILE)
    monkeypatch.setattr(lines, "CHUNK", size)
    monkeypatch.setattr(file, "CHUNK", size)
    assert found(FILE) == whole


def test_envelopes_of_telegrams_and_of_edifact_are_no_lines_of_a_message():
    before, after = b"QK YVRFMAC YYZFMAC\r\n.FRAFMLH 201403\r\n\x02", b"\x03\r\nNNNN\r\nUNT+3+1'\r\n"
    rows, faults = declared(before.replace(b"\x02", b"") + made.fwb(DOC) + after)
    assert (len(rows), faults) == (1, [])
    rows, faults = declared(b"\xef\xbb\xbf" + made.fwb(DOC).replace(b"\r\n", b"\n").rstrip())
    assert (len(rows), faults) == (1, [])


def test_what_stands_before_the_first_message_is_told():
    _, faults = found(b"DEAR ALL\r\n" + made.fwb(DOC))
    assert [fault.reason for fault in faults] == ["stands before the first message"]


@pytest.mark.parametrize(
    ("customs", "value", "codes"),
    [
        ("NCV", None, ["value-for-customs=NCV"]),
        ("NR", None, ["value-for-customs=NR"]),
        ("NVD", None, ["value-for-customs=NVD"]),
        ("0", 0, []),
        ("7.125", pytest.approx(7.12, abs=0.006), ["value-for-customs=7.125"]),
    ],
)
def test_values_for_customs(customs, value, codes):
    (row,), faults = declared(made.fwb(replace(DOC, customs=customs)))
    assert not faults
    assert row["value"] is None if value is None else float(row["value"]) == value
    assert [code for code in row["codes"] if code.startswith("value")] == codes


def test_pounds_are_converted_exactly_and_any_mass_is_taken_as_delivered():
    for unit, weight, mass in (("L", "100", 45.359237), ("K", "0", 0.0), ("K", "1000000000", 1e9)):
        (row,), faults = declared(made.fwb(replace(DOC, unit=unit, weight=weight)))
        assert (row["mass"], faults) == (mass, [])


@pytest.mark.parametrize("text", ["", "ДЕТАЛИ МАШИН", "机器零件", "قطع غيار", "부품", "PIÈCES", "X" * 65_536])
def test_descriptions_are_taken_as_delivered_and_an_empty_one_is_told(text):
    (row,), faults = declared(made.fwb(replace(DOC, goods=(text,))))
    assert row["goods"] == text
    assert ["describes no goods" in fault.reason for fault in faults] == ([] if text else [True])
    (row,), faults = declared(made.fhl([replace(DOC, goods=(text,))]))
    assert (row["goods"], faults) == (text or "BRIEF", [])


def test_latin_1_is_read_where_a_line_is_not_utf_8():
    (row,), _ = declared(made.fwb(replace(DOC, goods=("PIÈCES",))).decode().encode("latin-1"))
    assert row["goods"] == "PIÈCES"


def test_security_information_and_handling_go_to_the_codes():
    notes = (
        ("CA", "ISS", "RA", "RA00001-01"),
        ("", "", "KC", "142"),
        ("", "OSS", "RA", "R2"),
        ("US", "", "ED", "0115"),
    )
    (row,), _ = declared(made.fwb(replace(DOC, notes=notes)))
    assert [code for code in row["codes"] if code[:3] in ("sph", "oci")] == [
        "sph=EAW",
        "sph=SPX",
        "oci=CA/ISS/RA/RA00001-01",
        "oci=CA/ISS/KC/142",
        "oci=CA/OSS/RA/R2",
        "oci=US//ED/0115",
    ]


def test_a_party_is_keyed_by_a_trader_number_with_a_check_digit():
    notes = (("CA", "SHP", "T", "123456782RM0001"), ("CA", "CNE", "T", "123456789"))
    rows, _ = found(made.fwb(replace(DOC, notes=notes, shipper=Who(phone="", account="ACC1"))))
    parties = {row["role"]: row for row in rows if "role" in row}
    assert parties["shipper"]["subject"] == "company:bn:123456782"
    assert parties["consignee"]["subject"] is None  # its check digit is wrong: the feed makes one
    systems = {one["system"]: one["number"] for one in parties["shipper"]["identifiers"]}
    assert systems["carrier-account"] == "ACC1"
    assert systems["awb"] == DOC.number
    assert "phone" not in systems


def test_a_notified_party_and_a_telephone_from_customs_information():
    data = changed(
        made.fwb(DOC), "AGT/", "NFY/A BROKER\r\n/1 EXAMPLE ROAD\r\n/FRANKFURT\r\n/DE/60549\r\nAGT/"
    )
    data = changed(data, "/TE/49695550100", "") + made.telex("/DE/CNE/CT/49695550101")
    rows, faults = found(data)
    assert not faults
    parties = {row["role"]: row for row in rows if "role" in row}
    assert parties["notify"]["name"] == "A BROKER"
    assert next(row for row in rows if "goods" in row)["consignee_phone"] == "49695550101"


def test_lines_of_no_known_identifier_are_told_and_the_rest_is_read():
    rows, faults = declared(made.fwb(DOC) + made.telex("XYZ/1", "/2", "FOO BAR"))
    assert len(rows) == 1
    assert [(fault.partly, fault.rest) for fault in faults] == [(True, False)]
    assert "'XYZ' in line" in faults[0].reason
    assert "'FOO BAR' in line" in faults[0].reason
    assert faults[0].raw.startswith(b"FWB/17")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (DOC.number, "014-12345670", "its check digit should be"),
        ("YVRFRA/T4K245", "YVRFRA T4K245", "no waybill's number such as"),
        ("ISU/20NOV26", "ISU/31NOV26", "does not exist"),
        ("ISU/20NOV26", "ISU/20NOV", "is no day such as"),
        ("ISU/", "ISO/", "line ISU is missing"),
        ("FWB/17", "FWB/9", "is FWB/9; read are FWB/16, FWB/17, FHL/4, FHL/5, FFM/8"),
        ("FWB/17", "FSU/12", "is FSU/12"),
    ],
)
def test_a_waybill_that_cannot_be_read_is_a_fault_and_the_next_is_read(old, new, reason):
    rows, faults = declared(changed(made.fwb(DOC), old, new) + made.fwb(replace(DOC, number=made.awb("160"))))
    assert [row["document"] for row in rows] == [made.awb("160")]
    assert len(faults) == 1
    assert reason in faults[0].reason
    assert not faults[0].partly


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("/NH/846693", "/NH/8466X", "no code of the Harmonized System"),
        ("/NO/CA", "/NO/QX", "no country"),
        ("/DE/60549", "/QX/60549", "no country"),
        ("NVD/1200.50/XXX", "NVD/12,00/XXX", "no number such as"),
        ("CVD/CAD", "CVD/C", "no currency code"),
        ("K245\r\nFLT", "K2.4.5\r\nFLT", "gross mass"),
    ],
)
def test_what_is_wrong_in_a_waybill_is_told_and_the_rest_is_read(old, new, reason):
    rows, faults = declared(changed(made.fwb(DOC), old, new))
    assert len(rows) == 1
    assert [fault.partly for fault in faults] == [True]
    assert reason in faults[0].reason


def test_a_house_bill_that_stands_twice_in_a_list_is_a_fault_that_names_the_first():
    rows, faults = declared(made.fhl([DOC, replace(DOC, house="H2"), replace(DOC, pieces=9)]))
    assert [row["document"] for row in rows] == ["H1", "H2"]
    (fault,) = faults
    assert f"house waybill H1 of master {DOC.number} stands in this list already, in line 3" in fault.reason
    assert fault.raw.startswith(b"HBS/H1/YVRFRA/9/")


def test_lists_and_manifests_of_nothing_are_told():
    head = made.fhl([DOC]).split(b"HBS/")[0]
    assert "holds no house waybill" in found(head)[1][0].reason
    flight = made.telex("FFM/8", "1/AC0848/22NOV0130/YVR/CFAAA", "LAST", "MORE OF IT")
    reasons = [fault.reason for fault in found(flight)[1]]
    assert "names no airport of unloading" in reasons[0]
    assert "'MORE OF IT'" in reasons[1]
    empty = made.xffm([DOC]).split(b"<rsm:ArrivalEvent>")[0] + b"</rsm:FlightManifest>"
    (fault,) = FORMATS["cargo-xml"].read(BytesIO(empty), "x")
    assert "names no airport of unloading" in fault.reason


def test_a_house_list_with_a_wrong_master_or_a_broken_house():
    _, faults = declared(changed(made.fhl([DOC]), DOC.number, "014-12345670"))
    assert "check digit" in faults[0].reason
    rows, faults = declared(
        changed(made.fhl([DOC, replace(DOC, house="H2")]), "HBS/H1/YVRFRA/4", "HBS/H1/YVR/4")
    )
    assert [row["document"] for row in rows] == ["H2"]
    assert "no house waybill such as" in faults[0].reason


def test_a_house_lists_day_is_its_masters_or_the_feeds_or_that_of_the_files_name():
    assert declared(made.fwb(DOC) + made.fhl([DOC]), base_time=None)[0][1]["observed_at"] == DAY
    named, _ = declared(made.fhl([DOC]), name="fhl-20261121.txt", base_time=None)
    assert named[0]["observed_at"].day == 21
    form = begun(FORMATS["cargo-imp"], FileStatement(base_time=DAY))
    (batch, _) = form.read(BytesIO(made.fhl([DOC])), "x")
    assert batch.rows["observed_at"].to_pylist() == [DAY]
    for data in (made.fhl([DOC]), made.ffm([DOC])):
        rows, faults = declared(data, base_time=None)
        assert rows == []
        assert "state base_time for its feed" in faults[0].reason


def test_a_manifest_of_several_messages_counts_once_at_its_end():
    first, second = made.ffm([DOC], end="CONT"), made.ffm([replace(DOC, number=made.awb("160"))], sequence=2)
    rows, faults = found(first + second)
    assert not faults
    assert [row["items"] for row in rows if "items" in row] == [2]
    assert len({row["report_key"] for row in rows}) == 3
    rows, faults = found(first)
    assert [row["items"] for row in rows if "items" in row] == [1]
    assert "goes on (CONT)" in faults[0].reason


def test_manifests_as_they_come():
    data = made.telex(
        "FFM/8",
        "1/KZ7138/31DEC2330/NRT/JA13KZ",
        "ANC/NIL/01JAN0200/01JAN0330",
        "YVR//01JAN0930",
        f"{DOC.number}HKGYVR/S10K206MC0.15T92/CNSL CGH MIX 13",
        "/SPX/ECC",
        "ULD/PMC12345KZ-PEB/REMARK",
        f"{made.awb('933')}NRTYVR/P1L100MC0.5/PARTS",
        "OSI/KEEP DRY",
        "COR/T1",
        "OCI/CA//RA/00001-02",
        "///ED/0115",
        "LAST",
    )
    rows, faults = found(data, base_time=datetime(2027, 1, 2, tzinfo=UTC))
    first, second = (row for row in rows if "goods" in row)
    assert first["observed_at"] == datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert first["expected_at"] == datetime(2027, 1, 1, 9, 30, tzinfo=UTC)
    assert first["codes"] == ["sph=SPX", "sph=ECC", "split=S", "total-pieces=92", "volume=MC0.15"]
    assert second["codes"] == [
        "oci=CA//RA/00001-02",
        "oci=CA//ED/0115",
        "customs-origin=T1",
        "osi=KEEP DRY",
        "split=P",
        "uld=PMC12345KZ",
        "volume=MC0.5",
    ]
    assert second["mass"] == 45.359237
    assert [(row["office"], row["items"], row["direction"]) for row in rows if "items" in row] == [
        ("YVR", 2, "inbound")
    ]
    assert ["neither airport is known to be in Canada" in fault.reason for fault in faults] == [True]


def test_what_is_wrong_in_a_manifest():
    data = changed(made.ffm([DOC, DOC]), DOC.number, "014-12345670")
    rows, faults = found(changed(data, "LAST", "WHAT IS THIS"))
    assert [row["items"] for row in rows if "items" in row] == [1]
    reasons = [fault.reason for fault in faults]
    assert "check digit" in reasons[0]
    assert "WHAT IS THIS" in reasons[1]
    assert "ends without LAST" in reasons[2]


@pytest.mark.parametrize("data", [b"", b"hello\n", b"\0" * 100, b"FWB/17", b"X" * (3 << 20)])
def test_what_is_no_such_file_is_refused(data):
    if data == b"FWB/17":  # a message of nothing
        assert "no waybill's number" in found(data)[1][0].reason
        return
    with pytest.raises(FormatError):
        found(data)
    assert sniff(Head("x", data)) == 0.0


def test_a_message_without_end_is_one_fault():
    rows, faults = found(made.fwb(DOC) + b"FWB/17\r\n" + b"/NG/X\r\n" * 400_000)
    assert len(rows) == 3
    assert len(faults) == 1
    assert len(faults[0].raw) <= 1 << 16


EDITS = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 30),
        st.sampled_from([b"", b"/", b"\r\n", b"LAST\n", b"HBS/"]) | st.binary(max_size=5),
    ),
    min_size=1,
    max_size=6,
)


@settings(deadline=None, max_examples=draws(60))
@given(EDITS)
def test_damage_gives_faults_or_a_format_error(edits):
    data = FILE
    for where, length, by in edits:
        at = int(where * len(data))
        data = data[:at] + by + data[at + length :]
    with suppress(FormatError):
        for one in FORMAT.read(BytesIO(data), "fhl-2026-11-20.txt"):
            if isinstance(one, Fault):
                assert one.reason
                assert one.locator
                assert len(one.raw) <= 1 << 16
            else:
                assert one.rows.schema.equals(one.kind.body)
                assert one.rows["locator"].null_count == 0


@settings(deadline=None, max_examples=draws(15))
@given(st.floats(0, 1))
def test_a_cut_file_gives_the_rows_before_the_cut(share):
    whole, _ = declared(FILE)
    cut: list = []
    with suppress(FormatError):
        cut, _ = declared(FILE[: int(share * len(FILE))])
    assert [row["document"] for row in cut] == [row["document"] for row in whole[: len(cut)]]
