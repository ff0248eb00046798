"""A document says the same in Cargo-IMP and in Cargo-XML: equal rows, whatever stands in it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.cargo import made
from tests.formats.cargo.made import Doc, Who
from tests.thorough import draws

from watchfloor.formats.base import Batch, Fault, Head
from watchfloor.formats.cargo.cargo_imp import file as imp
from watchfloor.formats.cargo.cargo_xml import file as xml
from watchfloor.formats.registry import recognise


def found(read, data, name="x", **more):
    """Rows by kind without where they stood, and faults."""
    rows = {"declaration": [], "party": [], "volume": []}
    faults = []
    for piece in read(BytesIO(data), name, **more):
        if isinstance(piece, Fault):
            faults.append(piece)
        else:
            assert isinstance(piece, Batch)
            assert piece.rows.schema.equals(piece.kind.body)
            rows[piece.kind.name] += piece.rows.drop_columns(["locator"]).to_pylist()
    return rows, faults


def of_imp(data, at=datetime(2026, 11, 20, tzinfo=UTC)):
    return found(imp.read, data, base_time=at)


def of_xml(*documents):
    rows, faults = {"declaration": [], "party": [], "volume": []}, []
    for data in documents:
        more, wrong = found(xml.read, data)
        faults += wrong
        for kind, some in more.items():
            rows[kind] += some
    return rows, faults


WORDS = st.text(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-ÀÉ芬ЖŁ한ع"), min_size=1, max_size=9)
LINES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
LETTERS = st.text(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), min_size=3, max_size=3)
AIRPORTS = st.sampled_from(["YVR", "YYZ", "FRA", "LHR", "HKG", "JFK", "ANC", "QQQ"])
DIGITS = st.text(st.sampled_from("0123456789"), min_size=6, max_size=12)
PARTIES = st.builds(
    Who,
    LINES,
    LINES,
    LINES,
    st.sampled_from(["", "BC", "HE"]),
    st.sampled_from(["V5K0A1", "60549"]),
    st.sampled_from(["CA", "DE", "HK", "US"]),
    st.sampled_from(["", "16045550123"]),
    st.sampled_from(["", "ACC1"]),
)
NOTES = st.tuples(
    st.sampled_from(["CA", "US", "CN"]),
    st.sampled_from(["ISS", "SHP", "CNE", "NFY"]),
    st.sampled_from(["T", "CT", "RA", "KC", "SM"]),
    WORDS,
)
DOCS = st.builds(
    Doc,
    number=st.builds(made.awb, st.sampled_from(["014", "160", "001"]), st.integers(0, 9_999_999)),
    house=st.text(st.sampled_from("ABC0123456789-"), min_size=1, max_size=12),
    issued=st.dates(date(2024, 1, 1), date(2030, 12, 31)).map(
        lambda day: datetime(*day.timetuple()[:3], tzinfo=UTC)
    ),
    origin=AIRPORTS,
    destination=AIRPORTS,
    legs=st.lists(st.tuples(AIRPORTS, st.sampled_from(["AC", "LH", "5X"])), min_size=1, max_size=3).map(
        tuple
    ),
    flights=st.lists(st.tuples(st.sampled_from(["AC0848", "5X61"]), st.integers(0, 9)), max_size=2).map(
        tuple
    ),
    pieces=st.integers(0, 9999),
    unit=st.sampled_from("KL"),
    weight=st.decimals(0, 10**9, places=2, allow_nan=False).map(lambda one: f"{one:f}"),
    volume=st.sampled_from(["", "0.92", "12"]),
    slac=st.sampled_from(["", "7"]),
    goods=st.lists(LINES, min_size=1, max_size=3).map(tuple),
    consolidated=st.booleans(),
    hs=st.lists(DIGITS, max_size=3).map(tuple),
    made_in=st.sampled_from(["", "CA", "CN"]),
    customs=st.sampled_from(["NCV", "1200.50", "0", "12345678901234.99", "7.125"]),
    currency=st.sampled_from(["CAD", "USD"]),
    shipper=PARTIES,
    consignee=PARTIES,
    agent=st.sampled_from(["", "EXAMPLE FORWARDERS"]),
    handling=st.lists(LETTERS, max_size=3).map(tuple),
    notes=st.lists(NOTES | NOTES.map(lambda one: ("", "", *one[2:])), max_size=4).map(tuple),
)


@settings(max_examples=draws(25), deadline=None)
@given(DOCS, st.sampled_from([16, 17]))
def test_an_fwb_and_the_xfwb_of_one_waybill_give_equal_rows(doc, version):
    rows, faults = of_imp(made.fwb(doc, version))
    assert rows == of_xml(made.xfwb(doc))[0]
    assert not faults
    pound = Decimal("0.45359237") if doc.unit == "L" else 1
    assert rows["declaration"][0]["mass"] == float(Decimal(doc.weight) * pound)


@settings(max_examples=draws(15), deadline=None)
@given(st.lists(DOCS, min_size=1, max_size=3, unique_by=lambda doc: doc.house), st.sampled_from([4, 5]))
def test_an_fhl_and_the_xfzbs_of_its_houses_give_equal_rows(docs, version):
    number, issued = docs[0].number, docs[0].issued
    plain = Who(account="")  # neither has an account, a volume or a country of origin in a house list
    docs = [
        replace(
            one,
            number=number,
            issued=issued,
            volume="",
            made_in="",
            shipper=replace(one.shipper, account=""),
            consignee=replace(one.consignee, account=plain.account),
        )
        for one in docs
    ]
    rows, faults = of_imp(made.fhl(docs, version), issued)
    for kind, some in of_xml(*map(made.xfzb, docs))[0].items():
        assert rows[kind] == some
    assert not faults


@settings(max_examples=draws(15), deadline=None)
@given(st.lists(DOCS, min_size=1, max_size=4))
def test_an_ffm_and_the_xffm_of_one_flight_give_equal_rows(docs):
    order = {doc.destination: i for i, doc in enumerate(docs)}
    docs = sorted(docs, key=lambda doc: order[doc.destination])
    one, other = of_imp(made.ffm(docs)), of_xml(made.xffm(docs))
    assert one[0] == other[0]
    assert [fault.reason for fault in one[1]] == [fault.reason for fault in other[1]]
    assert len(one[0]["declaration"]) == len(docs)


def test_each_is_recognised():
    doc = Doc(house="H1")
    for data in (made.fwb(doc), made.fwb(doc, 16), made.fhl([doc]), made.fhl([doc], 4), made.ffm([doc])):
        assert recognise(Head("x", data)).name == "cargo-imp"
    for data in (made.xfwb(doc), made.xfzb(doc), made.xffm([doc])):
        assert recognise(Head("x", data)).name == "cargo-xml"
        wide = data.decode().replace("UTF-8", "UTF-16").encode("utf-16")
        assert recognise(Head("x", wide)).name == "cargo-xml"
        assert of_xml(wide)[0] == of_xml(data)[0]


def test_a_waybill_a_house_and_a_manifest_line_are_three_subjects_of_one_document():
    doc = Doc(house="H1")
    subjects = {
        row["subject"]: (row["document"], row["master"])
        for data in (made.fwb(doc), made.fhl([doc]), made.ffm([doc]))
        for row in of_imp(data)[0]["declaration"]
    }
    assert subjects == {
        f"parcel:awb:{doc.number}": (doc.number, None),
        f"parcel:hawb:{doc.number}-H1": ("H1", doc.number),
        f"parcel:manifest:AC0848/2026-11-22/YVR/{doc.number}/1": (doc.number, None),
    }


@pytest.mark.parametrize(
    ("origin", "destination", "legs", "direction"),
    [
        ("YVR", "FRA", (("FRA", "AC"),), "outbound"),
        ("HKG", "YYZ", (("YVR", "AC"), ("YYZ", "AC")), "inbound"),
        ("YVR", "YYZ", (("YYZ", "AC"),), "domestic"),
        ("HKG", "JFK", (("YVR", "AC"), ("JFK", "AC")), "in-transit"),
        ("HKG", "JFK", (("JFK", "CX"),), None),
        ("YVR", "YMQ", (("YMQ", "AC"),), "domestic"),  # a city of several airports
    ],
)
def test_directions_are_seen_from_canada(origin, destination, legs, direction):
    doc = Doc(origin=origin, destination=destination, legs=legs)
    for rows in (of_imp(made.fwb(doc))[0], of_xml(made.xfwb(doc))[0]):
        assert rows["declaration"][0]["direction"] == direction


def test_a_flight_counts_its_waybills_once_for_each_airport():
    docs = [Doc(number=made.awb(serial=n), destination=d) for n, d in ((1, "FRA"), (2, "FRA"), (3, "LHR"))]
    rows, faults = of_imp(made.ffm([docs[0], docs[1], docs[0], docs[2]]))
    assert not faults
    assert [(row["office"], row["items"], row["direction"]) for row in rows["volume"]] == [
        ("FRA", 2, "outbound"),
        ("LHR", 1, "outbound"),
    ]
    assert {row["until"] - row["observed_at"] for row in rows["volume"]} == {timedelta(hours=9)}
    assert {row["counted_by"] for row in rows["volume"]} == {"flight manifest"}
