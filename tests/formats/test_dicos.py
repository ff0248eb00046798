"""DICOS: threat objects, decisions, what of a patient's fields is never kept, and files that are traps."""

import warnings
import zlib
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian
from tests.formats.instruments import PARCEL, found, read_to_the_end
from tests.thorough import draws

from watchfloor.formats.base import WHOLE_FILE, FormatError, Head
from watchfloor.formats.lab import dicos
from watchfloor.formats.registry import FORMATS, recognise

REPORT, CT = dicos.REPORT, dicos.ROOT + "1"
OWNER = ("Roe^Ann", "19710502", "F", "Ruritanian")


def threat(number, category, flag, probability):
    assessed = Dataset()
    assessed.ThreatCategory, assessed.ATDAssessmentFlag = category, flag
    assessed.ATDAssessmentProbability = probability
    one = Dataset()
    one.PotentialThreatObjectID = number
    one.ATDAssessmentSequence = Sequence([assessed])
    return one


def file(sort=REPORT, preamble=bytes(128), syntax=ExplicitVRLittleEndian, threats=(), pixels=b"", **said):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = sort, "1.2.3.4"
    meta.TransferSyntaxUID = syntax
    data = FileDataset("x", {}, file_meta=meta, preamble=preamble)
    data.SOPClassUID, data.SOPInstanceUID = sort, "1.2.3.4"
    data.PatientName, data.PatientBirthDate, data.PatientSex, data.EthnicGroup = OWNER
    data.PatientID, data.ContentDate, data.ContentTime = PARCEL, "20260714", "093000"
    data.Manufacturer, data.DeviceSerialNumber = "Maker", "X-9"
    data.AlarmDecision = "ALARM"
    data.ThreatSequence = Sequence(threats)
    for name, value in said.items():
        setattr(data, name, value)
    if pixels:
        data.PixelData = pixels
        data["PixelData"].VR = "OB"
    out = BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data.save_as(out, enforce_file_format=True)
    return out.getvalue()


THREATS = (threat(1, "CONTRABAND", "THREAT", 0.91), threat(2, "ANOMALY", "NO_THREAT", 0.2))
GOOD = file(threats=THREATS)


def one(data):
    rows, faults = found(dicos, data, "x.dcs")
    assert not faults
    (row,) = rows
    return row


def refused(data):
    rows, (fault,) = found(dicos, data, "x.dcs")
    assert rows == []
    assert fault.locator == WHOLE_FILE
    assert len(fault.raw) <= 132
    return fault.reason


def test_a_report():
    row = one(GOOD)
    assert (row["subject"], row["method"], row["level"]) == (f"parcel:s10:{PARCEL}", "x-ray", "presumptive")
    assert (row["instrument"], row["serial"], row["report_key"]) == ("Maker", "X-9", "1.2.3.4")
    assert row["observed_at"] == datetime(2026, 7, 14, 9, 30, tzinfo=UTC)
    assert row["file_hash"] == sha256(GOOD).hexdigest()
    said = [(one["name"], one["level"], round(one["score"], 6)) for one in row["results"]]
    assert said == [
        ("threat:contraband object 1", "presumptive", 0.91),
        ("threat:anomaly object 2", "not-detected", 0.2),
    ]


@pytest.mark.parametrize(
    ("decision", "level"),
    [
        ("ALARM", "presumptive"),
        ("NO_ALARM", "not-detected"),
        ("UNKNOWN", "inconclusive"),
        ("", "inconclusive"),
    ],
)
def test_decisions(decision, level):
    assert one(file(AlarmDecision=decision))["level"] == level


def test_nothing_of_a_patient_s_fields_is_kept_but_the_object_s_id():
    text = str(one(GOOD))
    assert not any(word in text for word in (*OWNER, "Roe", "Ann"))


def test_an_image_is_a_reading_without_results():
    row = one(file(CT, Rows=2, Columns=2, pixels=bytes(8)))
    assert (row["level"], row["results"]) == (None, [])


def test_a_machine_and_an_operator_are_two():
    names = [one(file(TDRType=by))["instrument"] for by in ("MACHINE", "OPERATOR")]
    assert names == ["Maker, machine", "Maker, operator"]


def test_times_have_zones():
    assert one(file(TimezoneOffsetFromUTC="-0400"))["observed_at"].hour == 13
    row = one(file(AlarmDecisionTime="20260714093000.5+0200"))
    assert row["observed_at"] == datetime(2026, 7, 14, 7, 30, 0, 500_000, tzinfo=UTC)


def test_a_calibration_before_an_alarm_is_not_after_it_for_want_of_a_zone():
    row = one(
        file(
            AlarmDecisionTime="20260714093000+0900",
            DateOfLastCalibration="20260714",
            TimeOfLastCalibration="080000",
        )
    )
    assert row["calibrated_at"] == datetime(2026, 7, 13, 23, tzinfo=UTC)
    assert row["calibrated_at"] < row["observed_at"]


def padded(start):
    return start + bytes(128 - len(start))


@pytest.mark.parametrize(
    "start", [b"MZ\x90\0", b"\x7fELF\2\1\1", b"#!/bin/sh\nid\n", b"\0\0\0MZ", b"PK\3\4", b" "]
)
def test_a_preamble_that_holds_something_is_a_fault(start):
    assert "CVE-2019-11687" in refused(file(preamble=padded(start)))


@pytest.mark.parametrize("start", [b"", *dicos.TIFF])
def test_an_empty_preamble_and_that_of_a_tiff_are_read(start):
    assert one(file(preamble=padded(start)))["serial"] == "X-9"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"sort": "1.2.840.10008.5.1.4.1.1.2"}, "no medical image"),
        ({"OOIType": "PERSON"}, "of a person"),
        ({"sort": dicos.ROOT + "4"}, "of a person"),
        ({"sort": dicos.ROOT + "5"}, "of a person"),
        ({"TIPType": "FTI"}, "for training"),
        ({"TDRType": "GROUND_TRUTH"}, "for a trial"),
        ({"PatientID": ""}, "no object of inspection"),
        ({"PatientID": "17"}, "no parcel number"),
        ({"PatientID": "parcel:s10:1"}, "no parcel number"),
        ({"PatientID": "person:x:1"}, "no parcel, container or vehicle"),
        ({"ContentDate": ""}, "when it was made"),
        ({"ContentDate": "20260230"}, "when it was made"),
        ({"Rows": 65535, "Columns": 65535, "NumberOfFrames": 100_000}, "pixels"),
        ({"threats": [threat(1, "OTHER", "THREAT", 1.0)] * 1001}, "1,001 threat objects"),
    ],
)
def test_what_is_not_taken_in(said, why):
    assert why in refused(file(**said))


def test_a_deflated_file_is_not_unpacked():
    assert "deflated" in refused(GOOD.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1.99"))


def element(group, number, kind, value):
    head = group.to_bytes(2, "little") + number.to_bytes(2, "little") + kind
    if kind in (b"OB", b"UN"):
        return head + bytes(2) + len(value).to_bytes(4, "little") + value
    return head + len(value).to_bytes(2, "little") + value


def test_a_deflated_file_is_not_unpacked_wherever_it_says_so():
    """Behind 6,000 bytes of another element of the header; 40 kB become 40 MB if it is."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = GOOD[GOOD.index(b"\x08\0\x16\0UI") :] + element(0x7777, 1, b"UN", bytes(40_000_000))
    meta = element(2, 1, b"OB", bytes(6000)) + element(2, 2, b"UI", REPORT.encode())
    meta += element(2, 16, b"UI", dicos.DEFLATED)
    head = bytes(128) + b"DICM" + element(2, 0, b"UL", len(meta).to_bytes(4, "little"))
    assert "deflated" in refused(head + meta + squeeze.compress(body) + squeeze.flush())


def test_an_owner_s_name_in_place_of_the_object_s_id_is_not_repeated():
    assert "Roe" not in refused(file(PatientID="Roe^Ann 19710502"))


def test_sequences_in_sequences_end_in_a_fault():
    one = element(0x4010, 0x1011, b"SQ", b"")[:6] + bytes(2) + b"\xff" * 4 + b"\xfe\xff\0\xe0" + b"\xff" * 4
    assert "cannot be parsed" in refused(GOOD[: GOOD.index(b"\x10\x40\x11\x10SQ")] + one * 20_000)


def test_no_end_of_elements_is_a_fault():
    assert "more than 100,000 elements" in refused(GOOD + element(0x7777, 1, b"LO", b"x ") * 100_001)


def test_no_end_of_items_is_a_fault_before_they_are_parsed():
    item = b"\xfe\xff\0\xe0" + bytes(4)
    many = element(0x4010, 0x1011, b"SQ", b"")[:6] + bytes(2) + (8 * 50_001).to_bytes(4, "little")
    assert "50,000 items" in refused(GOOD + many + item * 50_001)


def test_a_length_that_lies_takes_no_memory():
    lie = element(0x7777, 1, b"UN", b"")[:8] + b"\xf0\xff\xff\xff"
    assert one(GOOD + lie + b"x")["serial"] == "X-9"


def test_private_elements_are_not_read():
    def private(data):
        block = data.private_block(0x4011, "MAKER", create=True)
        block.add_new(1, "PN", "Roe^Ann")
        return data

    one_threat = private(threat(1, "OTHER", "THREAT", 0.5))
    assert "Roe" not in str(one(file(threats=[one_threat], StudyDescription="Roe^Ann")))


def test_what_is_no_dicom_is_a_format_error():
    with pytest.raises(FormatError, match="no file of DICOM"):
        found(dicos, b"MZ" + bytes(300))


def test_values_out_of_range_are_left_out():
    row = one(file(threats=[threat(1, "", "LOUD", 7.0), threat(2, "A B_C", "THREAT", float("nan"))]))
    assert [(one["name"], one["level"], one["score"]) for one in row["results"]] == [
        ("threat:unknown object 1", "inconclusive", None),
        ("threat:a-b-c object 2", "presumptive", None),
    ]


def test_it_is_recognised():
    assert recognise(Head("x", GOOD)).name == "dicos"
    assert FORMATS["dicos"].sniff(Head("x", bytes(400))) == 0.0


@settings(max_examples=draws(150), deadline=None)
@given(st.data())
def test_damage_gives_a_fault_or_a_format_error(data):
    damaged = bytearray(GOOD)
    for _ in range(data.draw(st.integers(0, 8))):
        damaged[data.draw(st.integers(128, len(GOOD) - 1))] = data.draw(st.integers(0, 255))
    read_to_the_end(dicos, bytes(damaged[: data.draw(st.integers(0, len(GOOD)))]))


@settings(max_examples=draws(150), deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_behind_a_header(data):
    read_to_the_end(dicos, bytes(128) + b"DICM" + data)
    read_to_the_end(dicos, GOOD[:400] + data)
