import io
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sgp4 import omm as other
from tests.planning.satellites.made import THREE

from watchfloor.formats.base import FormatError
from watchfloor.formats.orbits import parse
from watchfloor.formats.orbits.omm import moment

VALUES = {
    "OBJECT_NAME": "SENTINEL-2A",
    "OBJECT_ID": "2015-028A",
    "CENTER_NAME": "EARTH",
    "REF_FRAME": "TEME",
    "TIME_SYSTEM": "UTC",
    "MEAN_ELEMENT_THEORY": "SGP4",
    "EPOCH": "2026-05-30T12:00:00.000000",
    "MEAN_MOTION": "14.30810",
    "ECCENTRICITY": ".0001",
    "INCLINATION": "98.57",
    "RA_OF_ASC_NODE": "226.0",
    "ARG_OF_PERICENTER": "90.0",
    "MEAN_ANOMALY": "270.0",
    "EPHEMERIS_TYPE": "0",
    "CLASSIFICATION_TYPE": "U",
    "NORAD_CAT_ID": "40697",
    "ELEMENT_SET_NO": "999",
    "REV_AT_EPOCH": "100",
    "BSTAR": ".00006",
    "MEAN_MOTION_DOT": ".000001",
    "MEAN_MOTION_DDOT": "0",
}
METADATA = ("OBJECT_NAME", "OBJECT_ID", "CENTER_NAME", "REF_FRAME", "TIME_SYSTEM", "MEAN_ELEMENT_THEORY")


def as_kvn(values):
    return "CCSDS_OMM_VERS = 2.0\n" + "".join(f"{name:20} = {value}\n" for name, value in values.items())


def as_json(values):
    return json.dumps([values])


def as_csv(values):
    return ",".join(values) + "\n" + ",".join(values.values()) + "\n"


def as_xml(values):
    parts = {name: f"<{name}>{value}</{name}>" for name, value in values.items()}
    head = "".join(text for name, text in parts.items() if name in METADATA)
    rest = "".join(text for name, text in parts.items() if name not in METADATA)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ndm><omm id="CCSDS_OMM_VERS" version="2.0"><header/><body>'
        f"<segment><metadata>{head}</metadata><data><meanElements>{rest}</meanElements></data></segment>"
        "</body></omm></ndm>"
    )


FORMS = {"kvn": as_kvn, "json": as_json, "csv": as_csv, "xml": as_xml}
WRONG = {
    "SGP4-XP": {"MEAN_ELEMENT_THEORY": "SGP4-XP"},
    "MARS": {"CENTER_NAME": "MARS"},
    "no moment": {"EPOCH": "yesterday"},
    "no year of a satellite": {"EPOCH": "9999-12-31T23:59:59"},
    "is no year": {"EPOCH": "0001-01-01T00:00:00"},
    "no number": {"INCLINATION": "steep"},
    "the inclination": {"INCLINATION": "190"},
    "the eccentricity": {"ECCENTRICITY": "1.2"},
    "is missing": {"MEAN_ANOMALY": ""},
    "NORAD_CAT_ID": {"NORAD_CAT_ID": "x"},
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_gives_what_the_two_lines_give(form):
    (found,) = parse(FORMS[form](VALUES).encode(), "a").elements
    same = parse(THREE.encode(), "a").elements[0]
    for name in found.__struct_fields__:
        if name not in ("locator", "designator", "name"):
            assert getattr(found, name) == pytest.approx(getattr(same, name)) if name != "epoch" else True, (
                name
            )
    assert found.epoch == same.epoch
    assert found.designator == same.designator == "2015-028A"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("said", "change"), WRONG.items())
def test_what_sgp4_does_not_take_is_a_fault_and_the_rest_is_read(form, said, change):
    found = parse(FORMS[form](VALUES | change).encode(), "a")
    assert not found.elements
    (fault,) = found.faults
    assert said in fault.reason
    assert fault.locator.split()[0] in ("line", "item")


def test_the_reader_of_the_package_sgp4_agrees():
    (theirs,) = other.parse_csv(io.StringIO(as_csv(VALUES)))
    (mine,) = parse(as_csv(VALUES).encode(), "a").elements
    assert {name: float(theirs[name]) for name in ("MEAN_MOTION", "ECCENTRICITY", "BSTAR")} == {
        "MEAN_MOTION": mine.mean_motion,
        "ECCENTRICITY": mine.eccentricity,
        "BSTAR": mine.drag,
    }


def test_several_messages_stand_in_one_file():
    two = as_kvn(VALUES) + as_kvn(VALUES | {"NORAD_CAT_ID": "123456789", "OBJECT_NAME": "LATER"})
    assert [one.norad for one in parse(two.encode(), "a").elements] == [40697, 123_456_789]
    bare = two.replace("CCSDS_OMM_VERS = 2.0\n", "")
    assert [one.name for one in parse(bare.encode(), "a").elements] == ["SENTINEL-2A", "LATER"]


def test_a_document_type_is_refused():
    with pytest.raises(FormatError, match="document type"):
        parse(('<!DOCTYPE omm [<!ENTITY a "b">]>' + as_xml(VALUES).partition("\n")[2]).encode(), "a")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-05-30T12:00:00.5", datetime(2026, 5, 30, 12, 0, 0, 500_000, UTC)),
        ("2026-150T12:00:00Z", datetime(2026, 5, 30, 12, tzinfo=UTC)),
        ("2016-12-31T23:59:60", datetime(2017, 1, 1, tzinfo=UTC)),
    ],
)
def test_moments_are_by_month_or_by_day_of_the_year(text, at):
    assert moment(text) == at


@pytest.mark.parametrize("text", ["2026-366T00:00:00", "2026-13-01T00:00:00", "2026-05-30T24:00:00", "now"])
def test_other_moments_are_refused(text):
    with pytest.raises(ValueError, match=r"."):
        moment(text)


@settings(max_examples=60)
@given(st.sampled_from(list(FORMS)), st.data())
def test_damage_is_a_fault_or_a_refusal(form, data):
    whole = FORMS[form](VALUES).encode()
    at = data.draw(st.integers(0, len(whole) - 1))
    piece = data.draw(st.binary(max_size=4))
    try:
        found = parse(whole[:at] + piece + whole[at + data.draw(st.integers(0, 9)) :], "a")
    except FormatError:
        return
    assert len(found.elements) + len(found.faults) <= 24


def test_a_table_that_ends_within_a_row_or_before_the_first_is_told_as_such():
    text = as_csv(VALUES)
    (fault,) = parse(text.strip()[:-60].encode(), "a").faults
    assert "columns" in fault.reason
    for nothing in (text.splitlines()[0], "[]"):
        with pytest.raises(FormatError, match="no satellite"):
            parse(nothing.encode(), "a")
