"""CAP 1.2: what an alert says comes out in both languages, and what it does not say is not made up."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.alerts import AREA, SENDER, info, message

from watchfloor.core.earth import great_circle
from watchfloor.formats.alerts import cap
from watchfloor.formats.base import Batch, Fault, FormatError, Head
from watchfloor.formats.registry import recognise

EARLIER = f"{SENDER},EX-2026-0,2026-12-01T07:30:00-06:00"


def found(data):
    pieces = list(cap.read(BytesIO(data), "a.xml"))
    rows = [row for piece in pieces if isinstance(piece, Batch) for row in piece.rows.to_pylist()]
    return rows, [piece for piece in pieces if isinstance(piece, Fault)]


def test_an_alert_in_two_languages():
    french = info(language="fr-CA", event="Embâcle", headline="Avertissement d’embâcle")
    (english, other), faults = found(message(info(), french))
    assert not faults
    assert (english["language"], other["language"]) == ("en-CA", "fr-CA")
    assert (english["headline"], other["event"]) == ("Ice jam warning", "Embâcle")
    assert english["message"] == other["message"] == f"{SENDER},EX-2026-1,2026-12-01T14:00:00Z"
    assert english["report_key"] != other["report_key"]
    assert (english["status"], english["message_type"], english["scope"]) == ("actual", "alert", "public")
    assert [english[name] for name in cap.SCALES] == ["immediate", "extreme", "observed"]
    assert (english["categories"], english["responses"]) == (["met"], ["avoid"])
    assert english["description"] == "Ice moves on the river.\nWater rises fast."
    assert english["codes"] == ["profile:CAP-CP:0.4"]
    assert english["observed_at"] == english["since"] == datetime(2026, 12, 1, 14, tzinfo=UTC)
    assert english["until"] == datetime(2026, 12, 2, 2, tzinfo=UTC)
    (area,) = english["areas"]
    assert area["description"] == "Emerson and the Red River"
    assert area["geocodes"] == ["profile:CAP-CP:Location:0.3=4603"]
    assert english["latitude"] == pytest.approx(49.04, abs=0.02)
    assert not english["signed"]


def test_what_begins_later_begins_then():
    ((row,), _) = found(message(info(onset="2026-12-01T15:00:00Z")))
    assert row["since"] == datetime(2026, 12, 1, 15, tzinfo=UTC)


def test_an_update_says_what_it_replaces_in_utc_and_a_cancellation_needs_no_info():
    ((row,), _) = found(message(info(), msgType="Update", references=f"{EARLIER} not,a-reference"))
    assert row["replaces"] == [f"{SENDER},EX-2026-0,2026-12-01T13:30:00Z", "not,a-reference"]
    ((row,), faults) = found(message(msgType="Cancel", references=EARLIER))
    assert (row["message_type"], row["locator"], row["areas"], faults) == ("cancel", "alert", None, [])


def test_what_is_for_some_only_is_marked_and_what_is_public_is_not():
    (piece,) = cap.read(BytesIO(message(info())), "a.xml")
    assert "marking" not in piece.rows.column_names
    for limited in ({"scope": "Restricted", "restriction": "police"}, {"scope": "Private"}, {"scope": None}):
        (piece,) = cap.read(BytesIO(message(info(), **limited)), "a.xml")
        assert piece.rows["marking"].to_pylist() == [cap.LIMITED]


def test_a_signature_is_named_and_not_believed():
    ((row,), _) = found(message(info(), tail='<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>'))
    assert row["signed"]


def test_cap_1_1_and_a_prefix():
    data = message(info(certainty="Very Likely"), namespace=cap.NAMESPACES[1])
    ((row,), faults) = found(data)
    assert (row["certainty"], faults) == ("likely", [])
    prefixed = message(info()).replace(b"<", b"<cap:").replace(b"<cap:/", b"</cap:").replace(b"<cap:?", b"<?")
    prefixed = prefixed.replace(b"xmlns=", b"xmlns:cap=")
    assert found(prefixed) == found(message(info()))
    assert recognise(Head("a.xml", prefixed)).name == "cap"


@pytest.mark.parametrize(
    "data",
    [
        message(info(), namespace="http://www.incident.com/cap/1.0"),
        b"<feed xmlns:cap='urn:oasis:names:tc:emergency:cap:1.2'><cap:alert/></feed>",
        b"<!DOCTYPE alert><alert xmlns='urn:oasis:names:tc:emergency:cap:1.2'/>",
        b"alert",
        b"",
    ],
)
def test_what_is_no_alert_of_cap_is_refused(data):
    with pytest.raises(FormatError):
        found(data)


@pytest.mark.parametrize(
    "values",
    [
        {"identifier": None},
        {"sender": None},
        {"sent": "2026-12-01T08:00:00"},
        {"sent": "0001-01-01T00:00:00+14:00"},
        {"status": "Real"},
        {"msgType": "Notice"},
    ],
)
def test_an_alert_of_which_nobody_knows_what_it_is_gives_a_fault_and_no_row(values):
    rows, (fault,) = found(message(info(), **values))
    assert not rows
    assert not fault.partly


@pytest.mark.parametrize(
    ("values", "column", "left"),
    [
        ({"urgency": "Now"}, "urgency", "unknown"),
        ({"severity": None}, "severity", "unknown"),
        ({"expires": "2026-12-01T20:00:00"}, "until", None),
        ({"area": AREA.replace("49.10,-97.10", "97.10,49.10")}, "latitude", None),
        ({"area": AREA.replace(" 49.00,-97.30<", "<")}, "latitude", None),
        ({"area": AREA.replace("<polygon>", "<circle>49,-97,3</circle><polygon>x ")}, "radius", None),
    ],
)
def test_a_value_that_cannot_be_read_is_left_out_and_told(values, column, left):
    rows, faults = found(message(info(**values)))
    assert rows[0][column] == left
    assert faults
    assert all(fault.partly for fault in faults)


def test_an_alert_that_breaks_off_keeps_the_infos_that_were_whole():
    data = message(info(), info(language="fr-CA"))
    rows, (fault,) = found(data[: data.rindex(b"<instruction>")])
    assert [row["language"] for row in rows] == ["en-CA"]
    assert fault.rest


def test_the_piece_of_a_row_is_its_info():
    data = message(info(), info(language="fr-CA"))
    assert b"fr-CA" in cap.piece(BytesIO(data), "info 2")
    assert cap.piece(BytesIO(data), "info 3") is None


POINT = st.tuples(st.floats(-89, 89), st.floats(-180, 180))


@given(centre=POINT, corners=st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=3, max_size=9))
def test_the_circle_holds_each_corner(centre, corners):
    turned = [
        (min(90.0, max(-90.0, centre[0] + up)), (centre[1] + right + 180) % 360 - 180)
        for up, right in corners
    ]
    text = " ".join(f"{up:.5f},{right:.5f}" for up, right in (*turned, turned[0]))
    latitude, longitude, radius = cap.around([{"polygons": [text], "circles": []}])
    for up, right in cap.ring(text):
        assert great_circle(up, right, latitude, longitude) <= radius + 1e-6
    assert radius < 400_000
