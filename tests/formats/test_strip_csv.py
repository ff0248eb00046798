"""Test strips: no line is a positive, no control line is nothing."""

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.instruments import PARCEL, found, read_to_the_end, table
from tests.thorough import draws

from watchfloor.formats.base import Head
from watchfloor.formats.lab.strip_csv import FORMAT, expiry
from watchfloor.formats.registry import FORMATS, recognise

STRIP = {
    "time": "2026-07-14T09:00:00Z",
    "item": PARCEL,
    "target": "fentanyl",
    "cas": "437-38-7",
    "lot": "L-17",
    "control line": "yes",
    "test line": "no",
    "expiry": "2026-07-14",
    "dilution": "0.5",
    "matrix": "powder",
}


def one(**said):
    rows, faults = found(FORMAT, table(STRIP | said))
    assert not faults
    return rows[0]


@pytest.mark.parametrize(
    ("control", "test", "level"),
    [
        ("yes", "no", "presumptive"),
        ("yes", "yes", "not-detected"),
        ("yes", "faint", "not-detected"),
        ("no", "no", "inconclusive"),
        ("no", "yes", "inconclusive"),
    ],
)
def test_no_line_is_a_positive(control, test, level):
    row = one(**{"control line": control, "test line": test})
    assert row["level"] == row["results"][0]["level"] == level
    assert ("control-line-invalid" in row["quality"]) == (control == "no")


def test_what_a_strip_says():
    row = one(strip="S-9", place="Lansdowne")
    assert (row["method"], row["category"], row["matrix"]) == ("immunoassay", "C", "powder")
    assert (row["serial"], row["library"], row["report_key"]) == ("lot L-17", "lot L-17", "S-9")
    assert (row["substance"], row["place"], row["quality"]) == ("substance:cas:437-38-7", "Lansdowne", [])


@pytest.mark.parametrize(
    ("said", "quality"),
    [
        ({"expiry": "2026-07-13"}, ["strip-expired"]),
        ({"expiry": "2026-07"}, []),
        ({"expiry": "2026-06"}, ["strip-expired"]),
        ({"expiry": ""}, []),
        ({"dilution": "1"}, ["too-concentrated"]),
        ({"dilution": "5,5"}, ["too-concentrated"]),
        ({"dilution": ""}, ["dilution-unknown"]),
        ({"dilution": "", "test line": "yes"}, []),
    ],
)
def test_what_speaks_against_it(said, quality):
    rows, _ = found(FORMAT, table({name: f'"{value}"' for name, value in (STRIP | said).items()}))
    assert rows[0]["quality"] == quality


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("2026-02", date(2026, 2, 28)),
        ("2024-02", date(2024, 2, 29)),
        ("2026-12", date(2026, 12, 31)),
        ("2026", date(2026, 12, 31)),
    ],
)
def test_a_month_ends_with_its_last_day(text, last):
    assert expiry(pa.array([text])).values.to_pylist() == [last]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"lot": ""}, "lot: is empty"),
        ({"test line": "two"}, "none of no, yes"),
        ({"dilution": "-1"}, "negative"),
        ({"expiry": "2026-02-30"}, "does not exist"),
        ({"expiry": "9999-12"}, "expiry"),
        ({"item": "parcel:s10:1"}, "UPU S10"),
    ],
)
def test_what_is_wrong_is_said(said, why):
    rows, faults = found(FORMAT, table(STRIP | said))
    assert rows == []
    assert why in faults[0].reason


def test_it_is_recognised():
    assert recognise(Head("x.csv", table(STRIP).encode())) is FORMATS["strip-csv"]


@settings(max_examples=draws(150), deadline=None)
@given(st.data())
def test_damage_gives_faults_or_a_format_error(data):
    good = table(STRIP, STRIP).encode()
    damaged = bytearray(good)
    for _ in range(data.draw(st.integers(0, 6))):
        damaged[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    read_to_the_end(FORMAT, bytes(damaged[: data.draw(st.integers(0, len(good)))]))


@settings(max_examples=draws(100), deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes(data):
    read_to_the_end(FORMAT, data)
    read_to_the_end(FORMAT, b"time,item,target,lot,control line,test line,expiry\n" + data)
