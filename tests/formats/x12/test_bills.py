"""Bills of a 309: what becomes a declaration, and what of one is refused."""

from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.x12.made import BAD_BOX, bill, found, interchange, manifest
from tests.thorough import draws

from watchfloor.formats.byte_ranges import piece


def of(*bills, **how):
    rows, _, faults = found(interchange(manifest(*bills, **how)))
    return rows, faults


def line(text):
    """The row of a bill whose line of goods is a text."""
    rows, faults = of([*bill(goods=(), box=None), text])
    return rows[0], [fault.reason for fault in faults]


def test_a_line_of_a_bill_is_a_declaration_of_all_its_parts():
    data = interchange(manifest(bill(), mode="O"))
    rows, _, faults = found(data)
    assert not faults
    row = {name: value for name, value in rows[0].items() if value not in (None, [])}
    assert piece(BytesIO(data), row.pop("locator")).startswith(b"N10*10*machine parts**J*")
    assert row == {
        "report_key": "LANT0001#1",
        "observed_at": datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
        "subject": "container:iso6346:CSQU3054383",
        "goods": "machine parts",
        "hs": "8483400000",
        "origin": "US",
        "value": Decimal("2500.00"),
        "currency": "CAD",
        "mass": pytest.approx(45.359237),
        "office": "0453",
        "direction": "inbound",
        "mode": "marine-container",
        "departure": "CN",
        "destination": "CA",
        "route": ["CNSHA", "0453"],
        "carrier": "LANT",
        "document": "LANT0001",
        "master": "MAEU777",
        "conveyance": "NORTH QUAY 052E",
        "pieces": 10,
        "shipper_name": "LANTERN WORKS",
        "shipper_address": "1 QUAY ROAD, LAKE TOWN, MI, 48201, US",
        "shipper_phone": "+1 313 555 0100",
        "consignee_name": "VALE IMPORTS",
        "consignee_address": "5 ELM STREET, PORT ASHBY, ON, K1A0A0, CA",
        "expected_at": datetime(2026, 12, 1, 6, tzinfo=UTC),
    }


def test_parties_are_named():
    _, parties, _ = found(interchange(manifest(bill(more=("N1*N1*NOTED", "N1*ZZ*NOBODY")))))
    assert [(one["role"], one["name"], one["country"]) for one in parties] == [
        ("shipper", "LANTERN WORKS", "US"),
        ("consignee", "VALE IMPORTS", "CA"),
        ("notify", "NOTED", None),
    ]
    assert parties[0]["identifiers"][0] == {"system": "ccn", "number": "LANT0001", "owner": None}


@pytest.mark.parametrize(
    ("number", "document"), [("LANT0001", "LANT0001"), ("0001", "LANT0001"), ("lant 1", "LANT1")]
)
def test_a_cargo_control_number_begins_with_its_carrier(number, document):
    rows, _ = of(bill(number, box=None))
    assert (rows[0]["subject"], rows[0]["document"]) == (f"parcel:ccn:{document}", document)


@pytest.mark.parametrize(("code", "mode"), [("J", "vehicle"), ("R", "rail"), ("S", "vessel"), ("Z", None)])
def test_modes(code, mode):
    assert of(bill(box=None), mode=code)[0][0]["mode"] == mode


def test_a_bill_that_is_listed_twice_names_where_it_first_stands():
    data = interchange(manifest(bill(), bill("LANT0002"), bill(goods=("other",))))
    rows, _, faults = found(data)
    assert [row["goods"] for row in rows] == ["machine parts", "machine parts"]
    start = data.index(b"LX*1")
    assert [fault.partly for fault in faults] == [False]
    assert f"LANT0001 stands twice in this transaction set, first at bytes {start}-" in faults[0].reason


def test_a_bad_container_is_told_and_the_goods_keyed_by_their_number():
    rows, faults = of(bill(box=("CN", *BAD_BOX)))
    assert (rows[0]["subject"], rows[0]["codes"]) == ("parcel:ccn:LANT0001", ["container=CSQU3054384"])
    assert [fault.partly for fault in faults] == [True]
    assert "its check digit should be 3; the goods are keyed by LANT0001" in faults[0].reason


def test_trailers_and_rail_cars_have_their_owners_numbers():
    rows, faults = of(bill(box=("TL", "LANT", "53001")))
    assert (rows[0]["subject"], rows[0]["codes"], faults) == (
        "parcel:ccn:LANT0001",
        ["equipment=LANT53001"],
        [],
    )


def test_goods_in_several_containers():
    parts = [*bill(), "VID*CN*TASU*1170000", "N10*5*more parts"]
    rows, _ = of(parts)
    assert [row["subject"] for row in rows] == [
        "container:iso6346:CSQU3054383",
        "container:iso6346:TASU1170000",
    ]
    assert [row["report_key"] for row in rows] == ["LANT0001#1", "LANT0001#2"]


def test_a_bill_without_a_line_is_one_row_without_a_description():
    rows, faults = of(bill(goods=(), box=None))
    assert (rows[0]["goods"], rows[0]["mass"], rows[0]["subject"]) == ("", 1200.0, "parcel:ccn:LANT0001")
    assert faults[0].reason == "line 1 of LANT0001 describes no goods (N1002)"


def test_a_bill_without_a_number_is_quarantined():
    rows, faults = of(["LX*1", "N10*1*parts"], bill())
    assert len(rows) == 1
    assert faults[0].reason == "the bill has no number: neither M11 nor M13 states one"
    assert b"parts" in faults[0].raw


def test_a_bill_that_is_withdrawn_declares_nothing():
    rows, faults = of(["LX*1", "M13*LANT*0453*D*LANT0001"])
    assert rows == []
    assert faults[0].reason.startswith("LANT0001 is withdrawn (M13 D): this declares nothing")
    rows, faults = of([*bill()[:1], "M13*LANT*0453*A*LANT0001", *bill()[1:]])
    assert (len(rows), faults) == (1, [])
    rows, faults = of([*bill()[:1], "M13*LANT*0453*R*LANT0001", *bill()[1:]])
    assert (len(rows), [fault.partly for fault in faults]) == (1, [True])
    assert faults[0].reason.startswith(
        "consignments that amend earlier ones: 1, the first here; each line takes"
    )


def test_a_day_of_arrival_that_is_none_is_told_once():
    data = interchange(manifest(bill(), bill("LANT0002"))).replace(b"*20261201*", b"*20261301*")
    rows, _, faults = found(data)
    assert [row["expected_at"] for row in rows] == [None, None]
    assert [(fault.reason, fault.partly) for fault in faults] == [
        ("P402, P405: '20261301', '0600' are no day and time such as 20261201, 0600", True)
    ]


def test_bills_without_lx():
    rows, faults = of(bill()[1:], bill("LANT0002")[1:])
    assert ([row["document"] for row in rows], faults) == (["LANT0001", "LANT0002"], [])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("N10*1*parts**J*84", "no code of the Harmonized System"),
        ("N10*1*parts****many", "no number"),
        ("N10*1*parts*****X*5", "no unit of weight"),
        ("N10*1*parts********QQ", "no country of origin"),
    ],
)
def test_what_cannot_be_read_is_told_and_the_row_made_without_it(text, says):
    row, reasons = line(text.replace("********QQ", "*********QQ"))
    assert row["goods"] == "parts"
    assert len(reasons) == 1
    assert says in reasons[0]


def test_a_quantity_that_is_no_count_is_told():
    rows, faults = of([one.replace("*10*CTN", "*many*CTN") for one in bill()])
    assert (rows[0]["pieces"], [fault.partly for fault in faults]) == (None, [True])
    assert faults[0].reason.startswith("M1103: 'many' is no count")


def test_codes_of_other_schedules_stay_as_they_came():
    row, reasons = line("N10*1*parts*MARK 7*N*1234")
    assert (row["hs"], row["codes"], reasons) == (None, ["N=1234", "marks=MARK 7"], [])
    assert line("N10*1*parts****100")[0]["currency"] == "USD"


@pytest.mark.parametrize(("unit", "kilograms"), [("K", 2), ("L", 0.90718474), ("E", 2000), ("S", 1814.36948)])
def test_masses(unit, kilograms):
    assert line(f"N10*1*parts*****{unit}*2")[0]["mass"] == pytest.approx(kilograms)
    assert line(f"N10*1*parts*****{unit}*0")[0]["mass"] == 0
    assert line("N10*1*parts*****K*1000000000")[0]["mass"] == 1e9


def test_which_way_goods_go():
    out = [one.replace("*CNSHA*", "*CATOR*") for one in bill(box=None)]
    assert of([*out[:-1], "N10*1*parts**********US"])[0][0]["direction"] == "outbound"
    assert of(out)[0][0]["direction"] == "domestic"
    nowhere = [one for one in bill(box=None) if not one.startswith("N4")]
    assert of([one.replace("*CNSHA*", "*57035*") for one in nowhere])[0][0]["direction"] is None


def test_unknown_segments_are_told_once():
    _, faults = of(bill(more=("QQ*1", "QQ*2")))
    assert [(fault.reason, fault.partly) for fault in faults] == [
        ("segments that are not known were read past: 2 QQ; the first stands here", True)
    ]


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"], exclude_characters="*~"),
    max_size=45,
)


@settings(max_examples=draws(60), deadline=None)
@given(goods=st.lists(TEXT, min_size=1, max_size=4))
def test_what_is_written_is_read(goods):
    rows, _ = of(bill(goods=goods))
    assert [row["goods"] for row in rows] == goods


def test_descriptions_in_five_scripts_and_of_64_kb():
    text = "детали 部品 αντλία مضخة parts " * 1400
    rows, faults = of(bill(goods=(text.strip(),)))
    assert (rows[0]["goods"], faults) == (text.strip(), [])
    data = interchange(manifest(bill(goods=("pièces",)))).decode().encode("latin-1")
    assert found(data)[0][0]["goods"] == "pièces"


def test_companies_by_their_accounts_with_the_revenue_agency():
    rows, _ = of(bill(more=("N1*IM*VALE IMPORTS*1*123456782RM0001",)))
    assert rows[0]["importer"] == "company:bn:123456782"
