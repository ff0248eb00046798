"""Cargo manifests: CUSCAR."""

from datetime import UTC, datetime

import pytest
from tests.formats.edifact.made import BAD_BOX, BOX, bill, cuscar, found, interchange, message, segment

from watchfloor.formats.cargo import manifest_tally as module
from watchfloor.formats.cargo.edifact import groups


def of(*bills, **how):
    rows, faults = found(interchange(cuscar(*bills, **how)))
    return rows["declaration"], faults


def test_a_line_of_a_bill_is_a_declaration_of_all_its_parts():
    rows, faults = of(bill())
    assert not faults
    row = {name: value for name, value in rows[0].items() if value not in (None, [])}
    del row["locator"]
    assert row == {
        "report_key": "MAEU777-SHA0001#1",
        "observed_at": datetime(2026, 11, 20, tzinfo=UTC),
        "subject": f"container:iso6346:{BOX}",
        "goods": "machine parts",
        "mass": 1200.0,
        "office": "CAVAN",
        "direction": "inbound",
        "mode": "marine-container",
        "departure": "CN",
        "destination": "CA",
        "route": ["CNSHA", "KRPUS", "CAVAN"],
        "carrier": "MAEU",
        "document": "SHA0001",
        "master": "MAEU777",
        "conveyance": "NORTH QUAY 052E",
        "pieces": 10,
        "shipper_name": "Lantern Works",
        "shipper_address": "1 Quay Road, Shanghai, 200000, CN",
        "consignee_name": "Vale Imports",
        "consignee_address": "5 Elm Street, Port Ashby, BC, V5K 0A1, CA",
        "expected_at": datetime(2026, 12, 1, 6, tzinfo=UTC),
    }


def test_a_bad_container_is_told_and_the_goods_keyed_by_their_bill():
    rows, faults = of(bill(boxes=(BAD_BOX,)))
    assert rows[0]["subject"] == "parcel:bol:MAEU777-SHA0001"
    assert rows[0]["codes"] == [f"container={BAD_BOX}"]
    why = f"'{BAD_BOX}' is no container number (ISO 6346): its check digit should be 3"
    assert [(fault.reason, fault.partly) for fault in faults] == [
        (f"{why}; the goods are keyed by SHA0001", True)
    ]
    rows, faults = of(bill(boxes=("TRUCK 7",)))
    assert "four letters, seven digits" in faults[0].reason


def test_goods_in_several_containers_or_none_are_keyed_by_their_bill():
    rows, faults = of(bill(boxes=(BOX, "TASU1170000")))
    assert (rows[0]["subject"], faults) == ("parcel:bol:MAEU777-SHA0001", [])
    assert rows[0]["codes"] == [f"container={BOX}", "container=TASU1170000"]
    rows, _ = of(bill(boxes=()))
    assert (rows[0]["subject"], rows[0]["mode"]) == ("parcel:bol:MAEU777-SHA0001", "vessel")


def test_a_bill_that_is_listed_twice_names_where_it_first_stands():
    data = interchange(cuscar(bill(), bill("SHA0002"), bill(goods=("other",))))
    rows, faults = found(data)
    assert [row["goods"] for row in rows["declaration"]] == ["machine parts", "machine parts"]
    start, end = data.index(b"CNI+1'"), data.index(b"CNI+1'", data.index(b"CNI+1'") + 1)
    assert [fault.reason for fault in faults] == [
        f"SHA0001 stands twice in this message, first at bytes {start}-{end}; this one was not read"
    ]
    assert not faults[0].partly
    assert b"other" in faults[0].raw


def test_the_same_house_bill_under_another_master_is_another():
    rows, faults = of(bill(), bill(master="MAEU888"))
    assert ([row["master"] for row in rows], faults) == (["MAEU777", "MAEU888"], [])
    assert [row["report_key"] for row in rows] == ["MAEU777-SHA0001#1", "MAEU888-SHA0001#1"]


@pytest.mark.parametrize(
    ("number", "carrier", "key"),
    [("7", "", "MAEU7"), ("MAEU7", "", "MAEU7"), ("7", "LOCK", "LOCK7"), ("mae u7", "", "MAEU7")],
)
def test_a_bill_s_key_begins_with_its_carrier_whoever_carries_it(number, carrier, key):
    rows, _ = of(bill(number, boxes=(), master="", more=[segment("NAD", "CA", carrier)] if carrier else []))
    assert (rows[0]["subject"], rows[0]["report_key"]) == (f"parcel:bol:{key}", f"{key}#1")
    assert rows[0]["document"] == number


def test_a_house_waybill_has_the_key_that_its_house_list_gives_it():
    more = [segment("RFF", ("AWB", "01412345675"))]
    row = of(bill("H1", kind="HWB", master="", boxes=(), more=more))[0][0]
    assert (row["subject"], row["document"]) == ("parcel:hawb:014-12345675-H1", "H1")
    assert row["master"] == "01412345675"


def test_a_further_message_may_list_it_again():
    data = interchange(cuscar(bill()), cuscar(bill(), bill("SHA0002"), function="5", reference="2"))
    rows, faults = found(data)
    keys = ["MAEU777-SHA0001#1", "MAEU777-SHA0001#1", "MAEU777-SHA0002#1"]
    assert [row["report_key"] for row in rows["declaration"]] == keys
    assert [fault.partly for fault in faults] == [True]
    assert faults[0].reason.startswith(
        "consignments that amend earlier ones: 2, the first here; each line takes"
    )


@pytest.mark.parametrize(
    ("kind", "number", "subject"),
    [
        ("BM", "SHA0001", "parcel:bol:MAEU777-SHA0001"),
        ("BH", "H1", "parcel:bol:MAEU777-H1"),
        ("HWB", "H1", "parcel:hawb:MAEU777-H1"),
        ("XC", "80921234567", "parcel:ccn:80921234567"),
        ("AAM", "LOCK1", "parcel:ccn:LOCK1"),
        ("AWB", "014-12345675", "parcel:awb:014-12345675"),
    ],
)
def test_numbers_that_a_consignment_is_known_by(kind, number, subject):
    rows, faults = of(bill(number, kind=kind, boxes=()))
    assert (rows[0]["subject"], rows[0]["document"], faults) == (subject, number, [])


def test_an_air_waybill_with_a_wrong_check_digit_is_quarantined():
    rows, faults = of(bill("014-12345674", kind="AWB"))
    assert rows == []
    assert "its check digit should be 5" in faults[0].reason


def test_a_house_bill_s_master_is_the_bill_where_none_is_named():
    rows, _ = of(bill("H1", kind="BH", master="", more=[segment("RFF", ("BM", "MAEU9"))]))
    assert (rows[0]["document"], rows[0]["master"]) == ("H1", "MAEU9")


def test_the_previous_control_number_of_a_house_bill_is_its_master_s():
    row = of(bill("80921234567", kind="XC", master="", more=[segment("RFF", ("XP", "80929999999"))]))[0][0]
    assert (row["document"], row["master"]) == ("80921234567", "80929999999")


def test_a_number_in_cni_counts_where_no_reference_does():
    parts = bill(master="")
    parts[0:2] = [segment("CNI", "1", "BILL9")]
    assert of(parts)[0][0]["document"] == "BILL9"
    parts[0] = segment("CNI", "1")
    rows, faults = of(parts)
    assert rows == []
    assert "no number: none in CNI, no RFF of XC" in faults[0].reason


def test_several_bills_under_one_cni():
    first, second = bill("A1"), bill("A2")
    rows, faults = of([*first, *second[1:]])
    assert ([row["document"] for row in rows], faults) == (["A1", "A2"], [])


def test_a_bill_without_goods_is_told():
    rows, faults = of(bill(goods=()))
    assert rows == []
    assert faults[0].reason == "SHA0001 has no line of goods (GID)"


def test_goods_that_leave_or_pass_through():
    out = [segment("LOC", "35", "CA"), segment("LOC", "28", "JP")]
    assert of(bill(more=out))[0][0]["direction"] == "outbound"
    through = [segment("LOC", "28", "US")]
    assert of(bill(more=through))[0][0]["direction"] == "in-transit"


def test_places_of_other_lists_are_no_countries_and_parties_have_theirs():
    parts = [
        segment("CNI", "1", ("", "23")),
        segment("RFF", ("AAM", "LOCK1")),
        segment("LOC", "9", ("01535", "78")),
        segment("GEI", "7", "135"),
        segment("NAD", "OS", "", "", "Webcom", "1 Quay Road", "Port Ashby", "ON", "A1A 1A1", "CA"),
        segment("NAD", "CN", "", "", "Widgets", "1 Elm Street", "Lake Town", "CA", "12345", "US"),
        segment("GID", "1"),
        segment("PAC", "10", "", "BOX"),
        segment("FTX", "AAA", "", "", "COMPUTERS"),
        segment("MEA", "AAI", "", ("K", "100.0")),
        segment("MOA", ("40", "2500")),
        segment("SGP", ("EQU123", "215")),
        segment("DGS", "", "", "1321"),
        segment("LOC", "27", ("FR", "162")),
    ]
    head = [segment("BGM", "85", "TRIP1", "22"), segment("TDT", "11", "", "03"), segment("NAD", "CA", "LOCK")]
    rows, faults = found(interchange(message("CUSCAR", *head, *parts, release="03B")))
    row = rows["declaration"][0]
    assert (row["subject"], row["departure"], row["direction"]) == ("parcel:ccn:LOCK1", "CA", "outbound")
    assert (row["route"], row["carrier"], row["pieces"]) == (["01535"], "LOCK", 10)
    assert (row["mass"], row["currency"], row["origin"]) == (100.0, None, "FR")
    assert row["codes"] == ["undg=1321", "container=EQU123"]
    assert row["mode"] == "vehicle"
    assert row["observed_at"] == datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    assert [fault.partly for fault in faults] == [True]


def test_more_bills_than_are_remembered_are_told(monkeypatch):
    monkeypatch.setattr(module, "MAX_SEEN", 2)
    rows, faults = of(*(bill(f"B{one}") for one in range(4)))
    assert len(rows) == 4
    assert [(fault.reason, fault.partly) for fault in faults] == [
        ("message 1 holds more than 2 consignments: whether later ones come twice was not looked for", True)
    ]


def test_tags_that_are_not_known_are_counted_and_many_are_counted_together(monkeypatch):
    monkeypatch.setattr(module, "MAX_TAGS", 2)
    rows, faults = of(bill(more=[segment(tag, "1") for tag in ("QQA", "QQB", "QQA", "QQC", "QQD", "X" * 99)]))
    assert len(rows) == 1
    assert [fault.reason for fault in faults] == [
        "segments that are not known were read past: 2 QQA, 1 QQB, 3 of other tags; the first stands here"
    ]


def test_a_message_of_which_a_consignment_was_too_large_is_not_said_to_hold_none(monkeypatch):
    monkeypatch.setattr(groups, "MAX_CONSIGNMENT", 300)
    rows, faults = of(bill(goods=("parts", "more parts", "other parts")))
    assert rows == []
    assert [fault.reason for fault in faults] == [
        "this consignment has more than 300 bytes, and was not read"
    ]


def test_companies_by_their_accounts_with_the_revenue_agency():
    more = [
        segment("NAD", "IM", ("123456782RM0001", "", "")),
        segment("NAD", "UC", ("123456782", "", ""), "", "Other"),
        segment("NAD", "CB", ("123456783RM0001", "", "")),
    ]
    row = of(bill(more=more))[0][0]
    assert (row["importer"], row["consignee"], row["declarant"]) == ("company:bn:123456782", None, None)


def test_lines_whose_numbers_come_twice_are_counted():
    parts = [one.replace("GID+2", "GID+1") for one in bill(goods=("a", "b"))]
    assert [row["report_key"] for row in of(parts)[0]] == ["MAEU777-SHA0001#1", "MAEU777-SHA0001#2"]
    parts = [one.replace("GID+1", "GID+7") for one in bill(goods=("a", "b"))]
    assert [row["report_key"] for row in of(parts)[0]] == ["MAEU777-SHA0001#7", "MAEU777-SHA0001#2"]


def test_equipment_that_is_no_container_is_none():
    data = interchange(cuscar(bill(boxes=("TRAILER 7",))))
    head = segment("EQD", "TE", "TRAILER 7") + segment("MEA", "AAE", "G", ("KGM", "9999"))
    rows, faults = found(data.replace(b"CNI+", head.encode() + b"CNI+", 1).replace(b"UNT+19", b"UNT+21"))
    row = rows["declaration"][0]
    assert (row["subject"], row["codes"], row["mode"]) == (
        "parcel:bol:MAEU777-SHA0001",
        ["equipment=TRAILER 7"],
        "vessel",
    )
    assert (row["mass"], faults) == (1200.0, [])


def test_totals_of_a_consignment():
    more = [segment("CNT", ("7", "55.8", "TNE")), segment("CNT", ("8", "60"))]
    parts = [one for one in bill(more=more) if not one.startswith("MEA")]
    row = of(parts)[0][0]
    assert (row["mass"], row["pieces"]) == (55_800.0, 60)
    row = of(bill(more=[*more, segment("CNT", ("11", "7"))]))[0][0]
    assert (row["mass"], row["pieces"]) == (1200.0, 7)


def test_an_indicator_counts_only_where_a_country_is_not_known():
    other = [segment("LOC", "28", "GB"), segment("GIS", "23")]
    parts = [one.replace("KRPUS", "KRINC").replace("CAVAN", "GBFXT") for one in bill(more=other)]
    assert of(parts)[0][0]["direction"] is None
    nowhere = [one for one in bill(more=[segment("GIS", "22")]) if not one.startswith(("LOC", "NAD"))]
    assert of(nowhere)[0][0]["direction"] == "outbound"


def test_a_leg_of_a_consignment_does_not_hide_the_message_s():
    row = of(bill(more=[segment("TDT", "11"), segment("DTM", ("133", "20261125", "102"))]))[0][0]
    assert (row["mode"], row["carrier"], row["conveyance"]) == ("marine-container", "MAEU", "NORTH QUAY 052E")
