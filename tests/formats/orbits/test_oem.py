import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.formats.orbits import parse

HEAD = """CCSDS_OEM_VERS = 2.0
CREATION_DATE = 2026-05-30T00:00:00
ORIGINATOR = TEST
META_START
OBJECT_NAME = RCM-1
OBJECT_ID = 2019-033A
CENTER_NAME = EARTH
REF_FRAME = {frame}
TIME_SYSTEM = {system}
META_STOP
COMMENT states
"""
STATES = "".join(f"2026-05-30T00:0{at}:00.000 {7000 + at} 1.5 -2.5 0.1 7.5 {at}\n" for at in range(4))


def oem(frame="ITRF2014", system="UTC", states=STATES):
    return (HEAD.format(frame=frame, system=system) + states).encode()


def test_states_have_their_times_places_and_velocities():
    (found,) = parse(oem(), "a").ephemerides
    assert (found.name, found.designator, found.frame) == ("RCM-1", "2019-033A", "ITRF")
    assert found.start.isoformat() == "2026-05-30T00:00:00+00:00"
    np.testing.assert_array_equal(found.seconds, [0, 60, 120, 180])
    np.testing.assert_array_equal(found.position[:, 0], [7000, 7001, 7002, 7003])
    np.testing.assert_array_equal(found.velocity[1], [0.1, 7.5, 1])


@pytest.mark.parametrize(("system", "seconds"), [("UTC", 0), ("GPS", 18), ("TAI", 37), ("TT", 69.184)])
def test_other_clocks_are_ahead_of_utc(system, seconds):
    (utc,), (found,) = (parse(oem(system=one), "a").ephemerides for one in ("UTC", system))
    assert (utc.start - found.start).total_seconds() == seconds


@pytest.mark.parametrize(
    ("said", "given_"),
    [
        ("the frame is MOON", {"frame": "MOON"}),
        ("TIME_SYSTEM is UT1", {"system": "UT1"}),
        ("two states", {"states": STATES.splitlines()[0]}),
        ("order of time", {"states": "".join(reversed(STATES.splitlines(keepends=True)))}),
        ("2017", {"system": "GPS", "states": STATES.replace("2026-", "2015-")}),
        ("seven values", {"states": STATES + "2026-05-30T00:09:00 1 2\n"}),
        ("no moment", {"states": STATES + "later 1 2 3 4 5 6\n"}),
    ],
)
def test_what_cannot_be_used_is_told_with_its_line(said, given_):
    faults = parse(oem(**given_), "a").faults
    assert [said in one.reason for one in faults] == [True]
    assert faults[0].locator.startswith("line ")


def test_several_segments_and_covariances():
    covariance = "COVARIANCE_START\nEPOCH = 2026-05-30T00:00:00\n1.0\n2.0 3.0\nCOVARIANCE_STOP\n"
    second = oem().decode().partition("META_START")[2]
    found = parse(oem() + (covariance + "META_START" + second).encode(), "a")
    assert [len(one.seconds) for one in found.ephemerides] == [4, 4]
    assert not found.faults


def test_xml_says_the_same():
    vectors = "".join(
        "<stateVector><EPOCH>{}</EPOCH><X>{}</X><Y>{}</Y><Z>{}</Z><X_DOT>{}</X_DOT><Y_DOT>{}</Y_DOT>"
        "<Z_DOT>{}</Z_DOT></stateVector>".format(*line.split())
        for line in STATES.splitlines()
    )
    head = "".join(
        f"<{name}>{value}</{name}>"
        for name, value in (("OBJECT_NAME", "RCM-1"), ("OBJECT_ID", "2019-033A"), ("CENTER_NAME", "EARTH"))
    )
    data = f"""<?xml version="1.0"?>
<oem id="CCSDS_OEM_VERS" version="2.0"><header/><body><segment><metadata>{head}<REF_FRAME>ITRF2014</REF_FRAME>
<TIME_SYSTEM>UTC</TIME_SYSTEM></metadata><data>{vectors}</data></segment></body></oem>"""
    (found,), (same,) = (parse(one, "a").ephemerides for one in (data.encode(), oem()))
    np.testing.assert_array_equal(found.position, same.position)
    assert (found.name, found.frame, found.start) == (same.name, same.frame, same.start)


@given(st.integers(0, 400), st.text(max_size=9))
def test_damage_is_told_and_never_raised(at, piece):
    text = oem().decode()
    found = parse(("CCSDS_OEM_VERS\n" + text[:at] + piece + text[at + 3 :]).encode(errors="replace"), "a")
    assert len(found.ephemerides) + len(found.faults) <= 20
