"""Postal items: ITMATT and CUSITM."""

from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.edifact.made import ITEM, content, found, interchange, item, itmatt, segment
from tests.thorough import draws

from watchfloor.core.kinds import DECLARATION, PARTY
from watchfloor.formats.byte_ranges import piece
from watchfloor.formats.cargo.edifact.file import read

FIVE_SCRIPTS = "детали 部品 αντλία مضخة parts "


def one(**said):
    rows, faults = found(interchange(itmatt(item(**said))))
    return rows["declaration"], faults


def line(*more, text="toys"):
    """The row of an item with one line, to which segments are added."""
    parts = [*item(goods=()), *content(1, text, more=more)]
    rows, faults = found(interchange(itmatt(parts)))
    return rows["declaration"][0], [fault.reason for fault in faults]


@pytest.mark.parametrize("kind", ["ITMATT", "CUSITM"])
def test_a_line_of_an_item_is_a_declaration_of_all_its_parts(kind):
    more = [segment("GIS", ("31", "ZZZ")), segment("MEA", "WT", "AAD", ("KGM", "0,512"))]
    data = interchange(itmatt(item(more=more), kind=kind))
    rows, faults = found(data)
    assert not faults
    row = {name: value for name, value in rows["declaration"][0].items() if value not in (None, [])}
    where = row.pop("locator")
    assert row == {
        "report_key": f"{ITEM}#1",
        "observed_at": datetime(2026, 11, 24, 8, tzinfo=UTC),
        "subject": f"parcel:s10:{ITEM}",
        "goods": "wooden toys",
        "hs": "950300",
        "origin": "CN",
        "value": Decimal("12.50"),
        "currency": "USD",
        "mass": 0.512,
        "direction": "inbound",
        "mode": "post",
        "departure": "CN",
        "destination": "CA",
        "handler": "CNPOST",
        "document": ITEM,
        "pieces": 2,
        "shipper_name": "Lantern Toys",
        "shipper_address": "1 Quay Road, Shenzhen, 518000, CN",
        "shipper_phone": "+86 555 0100",
        "consignee_name": "Avery Vale",
        "consignee_address": "5 Elm Street, Port Ashby, ON, K1A 0A0, CA",
        "category": "gift",
    }
    assert piece(BytesIO(data), where).startswith(b"GID+1+2'FTX+AAA+++wooden toys'")


def test_parties_are_named_with_what_ties_them_to_the_item():
    rows, _ = found(interchange(itmatt(item())))
    sender, addressee = rows["party"]
    assert (sender["role"], sender["name"], sender["country"]) == ("shipper", "Lantern Toys", "CN")
    assert (addressee["role"], addressee["name"]) == ("consignee", "Avery Vale")
    assert [(each["system"], each["number"]) for each in sender["identifiers"]] == [
        ("s10", ITEM),
        ("phone", "+86 555 0100"),
        ("address", "1 Quay Road, Shenzhen, 518000, CN"),
    ]
    assert addressee["report_key"] == f"{ITEM}:CN"


def test_a_line_for_each_content():
    rows, faults = one(goods=("toys", "tea", "a lamp"))
    assert not faults
    assert [(row["report_key"], row["goods"], row["mass"], row["codes"]) for row in rows] == [
        (f"{ITEM}#1", "toys", 0.5, ["mass=net"]),
        (f"{ITEM}#2", "tea", 0.5, ["mass=net"]),
        (f"{ITEM}#3", "a lamp", 0.5, ["mass=net"]),
    ]
    assert {row["pieces"] for row in rows} == {6}


def test_a_wrong_check_digit_is_quarantined_with_the_right_one():
    rows, faults = found(interchange(itmatt(item("LX123456784CN"), item("RR123456785GB"))))
    assert [row["document"] for row in rows["declaration"]] == ["RR123456785GB"]
    assert [fault.reason for fault in faults] == [
        "'LX123456784CN' is no UPU S10 number: its check digit should be 5"
    ]
    assert not faults[0].partly
    assert b"LX123456784CN" in faults[0].raw


def test_an_item_without_a_number_is_quarantined():
    for number, why in (("", "has no number"), ("4711", "no UPU S10 number")):
        rows, faults = one(number=number)
        assert (rows, len(faults)) == ([], 1)
        assert why in faults[0].reason


def test_the_number_may_stand_in_a_reference():
    parts = [segment("CNI", "1", "77"), segment("RFF", ("ACC", ITEM)), *content(1, "toys")]
    rows, faults = found(interchange(itmatt(parts)))
    assert ([row["document"] for row in rows["declaration"]], faults) == ([ITEM], [])


def test_the_same_item_twice():
    rows, faults = found(interchange(itmatt(item(), item())))
    assert len(rows["declaration"]) == 1
    assert f"{ITEM} stands twice in this message, first at bytes " in faults[0].reason


@pytest.mark.parametrize("goods", [None, "", "  "])
def test_an_empty_description_is_a_row_and_told(goods):
    rows, faults = one(goods=(goods,))
    assert rows[0]["goods"] == ""
    assert [(fault.reason, fault.partly) for fault in faults] == [
        (f"line 1 of {ITEM} describes no goods (FTX+AAA)", True)
    ]


def test_a_description_of_five_scripts_and_64_kb():
    text = (FIVE_SCRIPTS * 2000).encode()[: 1 << 16].decode(errors="ignore").strip()
    assert len(text.encode()) > 65_000
    rows, faults = one(goods=(text,))
    assert not faults
    assert rows[0]["goods"] == text


def test_a_description_in_many_pieces():
    row, faults = line(
        segment("FTX", "AAA", "", "", ("of wood", "painted")), segment("FTX", "AAI", "", "", "no")
    )
    assert (row["goods"], faults) == ("toys of wood painted", [])


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (segment("MOA", ("40", "12.345", "USD")), "no amount"),
        (segment("MOA", ("40", "12,345,678", "USD")), "no number"),
        (segment("MEA", "WT", "AAB", ("XYZ", "1")), "no unit of mass"),
        (segment("MEA", "WT", "AAB", ("KGM", "-1")), "no number"),
        (segment("LOC", "27", "Elbonia"), "no country of origin"),
        (segment("CST", "", "95.03"), None),
        (segment("GID", "2", "many"), "no count"),
        (segment("GID", "2", "9" * 12), "no count"),
        (segment("DTM", ("137", "20261399", "102")), "does not exist"),
        (segment("DTM", ("137", "1", "718")), "no form of a moment"),
    ],
)
def test_what_cannot_be_read_is_told_and_the_row_made_without_it(more, says):
    row, reasons = line(more)
    assert row["goods"] == "toys"
    assert (says is None) == (reasons == [])
    assert all(says in reason for reason in reasons[:1])


def test_a_wrong_code_of_goods_stays_among_the_codes():
    parts = [
        *item(goods=()),
        segment("GID", "1"),
        segment("FTX", "AAA", "", "", "toys"),
        segment("CST", "", "95"),
    ]
    rows, faults = found(interchange(itmatt(parts)))
    assert (rows["declaration"][0]["hs"], rows["declaration"][0]["codes"]) == (None, ["hs=95"])
    assert faults[0].reason == "CST: '95' is no code of the Harmonized System: six to ten digits"
    row, _ = line(segment("CST", "", "9503.00.00", "440710"), segment("PIA", "5", ("950350", "HS")))
    assert (row["hs"], row["codes"]) == ("950300", ["hs=9503.00.00", "hs=440710", "hs=950350", "mass=net"])


@pytest.mark.parametrize(("mass", "kilograms"), [("0", 0.0), ("1000000000", 1e9), ("0.0005", 0.0005)])
def test_any_mass_is_read_as_it_is_declared(mass, kilograms):
    row, reasons = line(segment("MEA", "WT", "AAB", ("KGM", mass)))
    assert (row["mass"], reasons) == (kilograms, [])


def test_masses_in_other_units():
    for unit, mass in (("GRM", 0.002), ("LBR", 0.90718474), ("TNE", 2000), ("ONZ", 0.05669904625)):
        assert line(segment("MEA", "WT", "AAB", (unit, "2")))[0]["mass"] == pytest.approx(mass, rel=1e-9)


def test_which_way_an_item_goes():
    def way(number, *more):
        parts = [segment("CNI", "1", number), *more, *content(1, "toys")]
        return found(interchange(itmatt(parts)))[0]["declaration"][0]

    to = [segment("NAD", "CN", "", "", "A", "", "", "", "", code) for code in ("NZ", "CA", "")]
    assert way("LX123456785CA", to[0])["direction"] == "outbound"
    assert way("LX123456785CN", to[1])["direction"] == "inbound"
    assert way("LX123456785CA", to[1])["direction"] == "domestic"
    assert way("LX123456785CN", to[0])["direction"] is None
    assert way("LX123456785CN", to[2])["direction"] is None
    assert way("LX123456785CN", to[2], segment("GIS", "22"))["direction"] == "outbound"
    assert way("LX123456785CN", to[2], segment("GIS", ("22", "120", "143")))["direction"] is None
    assert way("LX123456785CN", to[0], segment("LOC", "13", "CAYVR"))["direction"] == "in-transit"


def test_the_seller_s_page():
    for kind in ("AH", "AO"):
        rows, faults = one(more=[segment("COM", ("https://shop.example/lamps?a=1", kind))])
        assert (rows[0]["page"], faults) == ("https://shop.example/lamps?a=1", [])


def test_a_currency_of_the_message():
    parts = [
        *item(goods=()),
        segment("GID", "1"),
        segment("FTX", "AAA", "", "", "x"),
        segment("MOA", ("40", "3")),
    ]
    data = interchange(itmatt(parts)).replace(b"CNI+", b"CUX+2:EUR'CNI+")
    row = found(data)[0]["declaration"][0]
    assert (row["value"], row["currency"]) == (Decimal("3.00"), "EUR")


def test_an_indicator_of_the_public_list_is_no_category():
    assert one(more=[segment("GIS", "31")])[0][0]["category"] is None
    assert one(more=[segment("GEI", "1", ("91", "ZZZ"))])[0][0]["category"] == "documents"


@pytest.mark.parametrize(("function", "word"), [("1", "cancels"), ("3", "deletes")])
def test_a_message_that_takes_back_declares_nothing(function, word):
    rows, faults = found(interchange(itmatt(item(), function=function)))
    assert rows["declaration"] == []
    assert faults[0].reason.startswith(f"{ITEM} is withdrawn (the message {word} it, BGM {function}): ")
    assert faults[0].reason.endswith("take that back: watchfloor cases referral withdraw")


def test_an_amendment_has_the_key_of_what_it_replaces():
    first, second = (found(interchange(itmatt(item(), function=one)))[0]["declaration"] for one in "95")
    assert [row["report_key"] for row in first] == [row["report_key"] for row in second]


def test_unknown_segments_are_told_once():
    more = [segment("XYZ", "1"), segment("XYZ", "2"), segment("QQQ", "1")]
    _, faults = one(more=more)
    assert [(fault.reason, fault.partly) for fault in faults] == [
        ("segments that are not known were read past: 2 XYZ, 1 QQQ; the first stands here", True)
    ]


def test_without_a_moment_nothing_is_declared():
    data = (
        interchange(itmatt(item())).replace(b"20261124:0930", b"").replace(b"DTM+137:202611240800:203'", b"")
    )
    rows, faults = found(data)
    assert rows["declaration"] == []
    assert any("when this message was made" in fault.reason for fault in faults)


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), max_size=60)


@settings(max_examples=draws(60), deadline=None)
@given(goods=st.lists(TEXT, min_size=1, max_size=4), name=TEXT)
def test_what_is_written_is_read(goods, name):
    head = [segment("CNI", "1", ITEM), segment("NAD", "CZ", "", "", name)]
    parts = [part for index, text in enumerate(goods, 1) for part in content(index, text)]
    rows, _ = found(interchange(itmatt([*head, *parts])))
    assert [row["goods"] for row in rows["declaration"]] == goods
    assert {row["shipper_name"] or "" for row in rows["declaration"]} == {name}


def test_rows_are_of_their_kinds():
    for batch in read(BytesIO(interchange(itmatt(item()))), "x"):
        assert batch.rows.schema.equals({"declaration": DECLARATION, "party": PARTY}[batch.kind.name].body)
