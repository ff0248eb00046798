"""Zones as records: documents with what their checks found, holders, and what is in neither."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from tests.formats.travel.specimens import TD1_LONG, TD3, changed, zone

from watchfloor.formats.base import Fault, FormatError, Head
from watchfloor.formats.registry import FORMATS, recognise

AT = datetime(2026, 12, 1, tzinfo=UTC)


def read(text, name="zones.txt"):
    rows, faults = {"travel-document": [], "party": []}, []
    for one in FORMATS["mrz"].read(BytesIO(text.encode()), name, base_time=AT):
        if isinstance(one, Fault):
            faults.append(one)
        else:
            rows[one.kind.name] += one.rows.to_pylist()
    return rows, faults


def test_a_zone_is_a_document_and_its_holder():
    rows, faults = read("\n".join((*TD3, *TD1_LONG)))
    assert faults == []
    first, long = rows["travel-document"]
    assert (first["document"], first["what"], first["checks"]) == ("document:uto:L898902C3", "passport", [])
    assert (long["document"], long["what"]) == ("document:uto:D23145890734", "card")
    assert rows["party"][0]["name"] == "ERIKSSON ANNA MARIA"
    assert first["holder"] == rows["party"][0]["subject"]


def test_what_failed_is_kept_with_the_document():
    rows, _ = read("\n".join(changed(zone(issuer="CAN"), 2, 20, "9")))
    (document,) = rows["travel-document"]
    assert [one["message"] for one in document["checks"]] == [
        "mrz.check-birth",
        "mrz.check-composite",
        "mrz.pattern",
    ]


def test_a_number_used_again_after_renewal_is_another_document_of_the_same_key():
    rows, _ = read("\n".join((*zone(expiry="300101"), *zone(expiry="400101"))))
    one, other = rows["travel-document"]
    assert one["document"] == other["document"]
    assert one["report_key"] != other["report_key"]


def test_nationality_and_sex_are_in_no_row_and_no_fault():
    lines = changed(changed(TD3, 2, 11, "Q"), 2, 21, "M")
    rows, faults = read("\n".join((*lines, lines[0], lines[1][:-1])))
    assert "QTO" not in repr((rows, faults))
    assert len(rows["travel-document"]) == 1
    assert len(faults) == 1


def test_a_table_is_read_by_its_column():
    rows, _ = read('id,mrz\n1,"{}"\n'.format("".join(TD3)), "zones.csv")
    assert len(rows["travel-document"]) == 1


def test_it_is_recognised_and_wants_a_time():
    data = "\n".join(TD3).encode()
    assert recognise(Head("zones.txt", data)).name == "mrz"
    with pytest.raises(FormatError, match="base_time"):
        list(FORMATS["mrz"].read(BytesIO(data), "zones.txt"))
