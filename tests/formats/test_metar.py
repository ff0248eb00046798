"""METAR and SPECI: groups as WMO and ICAO define them, and what stands in no report."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.formats.base import Batch, Fault, Head
from watchfloor.formats.registry import recognise
from watchfloor.formats.sensors.metar import FORMAT, read

DAY = "2026/12/01 12:00"
WINNIPEG = "CYWG 011200Z 32010G20KT 1 1/2SM -SN BKN012 OVC030 M12/M14 A2992 RMK SN8 SLP155"
WINDSOR = "METAR CYQG 011200Z 00000KT 1/4SM R25/1400FT FG VV001 02/02 A3001"
SPECI = "SPECI EGXX 302345Z 24015MPS 9999 SCT020 11/09 Q1011 TEMPO 0800 FG="
SAMPLE = f"{DAY}\n{WINNIPEG}\n\n{DAY}\n{WINDSOR}\n\n{DAY}\n{SPECI}\n"


def found(text):
    rows, faults = [], []
    for piece in read(BytesIO(text.encode()), "cycle.txt"):
        if isinstance(piece, Batch):
            rows += piece.rows.to_pylist()
        else:
            faults.append(piece)
    return rows, faults


def one(groups, day=DAY, station="CYWG", at="011200Z"):
    (row,), faults = found(f"{day}\n{station} {at} {groups}\n")
    assert not faults
    return row


def test_three_reports_as_they_are_published():
    (winnipeg, windsor, speci), faults = found(SAMPLE)
    assert not faults
    assert (winnipeg["station"], f"{winnipeg['observed_at']:%Y-%m-%d %H:%M}") == ("CYWG", "2026-12-01 12:00")
    assert winnipeg["wind_speed"] == pytest.approx(10 * 1.852 / 3.6)
    assert winnipeg["wind_from"] == 320.0
    assert winnipeg["visibility"] == pytest.approx(1.5 * 1_609.344)
    assert winnipeg["ceiling"] == pytest.approx(1_200 * 0.3048)
    assert (winnipeg["temperature"], winnipeg["precipitation"]) == (-12.0, "snow")
    assert (windsor["precipitation"], windsor["wind_from"]) == ("fog", None)
    assert windsor["visibility"] == pytest.approx(402.336)
    assert windsor["ceiling"] == pytest.approx(30.48)
    assert f"{speci['observed_at']:%Y-%m-%d %H:%M}" == "2026-11-30 23:45", "the evening before"
    assert (speci["visibility"], speci["wind_speed"], speci["ceiling"]) == (10_000.0, 15.0, None)
    assert speci["precipitation"] == "none", "what is forecast is not observed"
    assert recognise(Head("cycle.txt", SAMPLE.encode())) is FORMAT


@pytest.mark.parametrize(
    ("groups", "field", "value"),
    [
        ("CAVOK 05/01", "visibility", 10_000.0),
        ("0350 FZFG VV///", "precipitation", "fog"),
        ("15SM -FZRA OVC008", "precipitation", "freezing-rain"),
        ("15SM -RASN OVC008", "precipitation", "snow"),
        ("6SM BR HZ", "precipitation", "none"),
        ("P6SM SKC", "visibility", 6 * 1_609.344),
        ("M1/4SM FG", "visibility", 0.25 * 1_609.344),
        ("VRB03KT 9999", "wind_from", None),
        ("36005KT 9999", "wind_from", 0.0),
        ("/////KT //// //////", "visibility", None),
        ("AUTO 12010KT 4000 OVC100 FEW010", "ceiling", 10_000 * 0.3048),
        ("12010KT 4000 RMK VIS 1SM OVC001", "ceiling", None),
    ],
)
def test_groups(groups, field, value):
    found_ = one(groups)[field]
    assert found_ == (pytest.approx(value) if isinstance(value, float) else value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (WINNIPEG, "month"),
        (f"{DAY}\nCYWG 151200Z CAVOK", "within a day"),
        (f"{DAY}\nthe weather is fine", "no METAR"),
        (f"{DAY}\nCYWG 012561Z CAVOK", ""),
        ("2026/13/01 12:00\nCYWG 011200Z CAVOK", ""),
        (f"{DAY}\n" + "x" * 10_000, "bytes"),
    ],
)
def test_what_is_no_report_is_a_fault_and_what_follows_is_read(text, why):
    rows, faults = found(f"{text}\n{DAY}\n{WINDSOR}\n")
    assert [row["station"] for row in rows if row["station"] == "CYQG"] == ["CYQG"]
    assert faults
    assert why in faults[0].reason
    assert all(isinstance(each, Fault) and not each.rest for each in faults)


@given(st.integers(1, 15), st.integers(0, 7), st.integers(0, 360), st.integers(0, 99), st.integers(0, 99))
def test_what_was_written_is_read(miles, eighths, wind, knots, hundreds):
    vis = f"{miles} {eighths}/8SM" if eighths else f"{miles}SM"
    row = one(f"{wind:03}{knots:02}KT {vis} OVC{hundreds:03}")
    assert row["visibility"] == pytest.approx((miles + eighths / 8) * 1_609.344)
    assert row["wind_speed"] == pytest.approx(knots * 1_852 / 3_600)
    assert row["ceiling"] == pytest.approx(hundreds * 30.48)
