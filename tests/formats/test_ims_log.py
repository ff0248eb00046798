"""Logs of ion-mobility spectrometers: what an alarm is worth is what its blanks and calibrants say."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.instruments import PARCEL, found, read_to_the_end, table
from tests.thorough import draws

from watchfloor.formats.base import FormatError, Head
from watchfloor.formats.lab.ims_log import FORMAT
from watchfloor.formats.registry import FORMATS, recognise

CALIBRANT = {"kind": "calibrant", "k0": 1.0, "k0 low": 0.99, "k0 high": 1.01}
BLANK = {"kind": "blank", "channel": "fentanyl", "alarm": "no"}
CLEAR = {"kind": "clear-down", "alarm": "no"}
ALARM = {"kind": "sample", "item": PARCEL, "channel": "fentanyl", "cas": "437-38-7", "alarm": "yes"}
PASS = ALARM | {"alarm": "no"}


def log(*rows):
    """Rows of one instrument, a run each, a minute apart."""
    dated = [
        {"time": f"2026-07-14T09:{number:02}:00Z", "serial": "4411", "run": number} | row
        for number, row in enumerate(rows)
    ]
    return table(*dated)


def last(*rows):
    rows, faults = found(FORMAT, log(*rows))
    assert not faults
    return rows[-1]


def test_an_alarm_after_a_calibrant_and_a_blank_that_passed():
    row = last(
        CALIBRANT, BLANK, ALARM | {"k0": 1.05, "amplitude": 300, "operator": "B-17", "surface": "parcel"}
    )
    assert (row["subject"], row["method"], row["serial"]) == (f"parcel:s10:{PARCEL}", "ims", "4411")
    assert (row["substance"], row["level"], row["category"]) == ("substance:cas:437-38-7", "presumptive", "B")
    assert (row["peaks"], row["intensity"], row["unit"]) == ([1.05], [1.0], "cm2/Vs")
    assert (row["quality"], row["matrix"], row["operator"]) == ([], "parcel", "B-17")
    assert row["results"][0]["score"] == 300
    assert row["report_key"] == "4411:2:20260714T090200"  # run numbers begin anew


@pytest.mark.parametrize(
    ("before", "quality"),
    [
        ([], {"blank-missing", "calibrant-missing"}),
        ([CALIBRANT], {"blank-missing"}),
        ([BLANK], {"calibrant-missing"}),
        ([CALIBRANT | {"k0": 1.02}, BLANK], {"calibrant-failed"}),
        ([CALIBRANT, BLANK | {"alarm": "yes"}], {"blank-failed"}),
        ([CALIBRANT, BLANK, ALARM], {"blank-missing", "before-clear-down"}),
        ([CALIBRANT, BLANK, ALARM, CLEAR], {"blank-missing"}),
        (
            [CALIBRANT, BLANK, ALARM, CLEAR | {"alarm": "yes"}, BLANK | {"alarm": "yes"}],
            {"blank-failed", "before-clear-down"},
        ),
        ([CALIBRANT, BLANK, ALARM, CLEAR, BLANK], set()),
        ([CALIBRANT, BLANK, ALARM, BLANK], set()),
        ([CALIBRANT, BLANK, PASS], set()),
    ],
)
def test_what_an_alarm_lacks_is_said(before, quality):
    assert set(last(*before, ALARM)["quality"]) == quality


def test_a_sample_that_does_not_alarm_needs_a_calibrant_alone():
    assert last(CALIBRANT, PASS)["quality"] == []
    assert last(PASS)["quality"] == ["calibrant-missing"]
    assert last(CALIBRANT, PASS)["level"] == "not-detected"


@pytest.mark.parametrize(
    ("said", "quality"),
    [
        ({"k0": 1.06, "k0 low": 1.04, "k0 high": 1.05}, "outside-window"),
        ({"amplitude": 40, "threshold": 50}, "below-threshold"),
    ],
)
def test_an_alarm_that_contradicts_itself_is_inconclusive(said, quality):
    row = last(CALIBRANT, BLANK, ALARM | said)
    assert (row["level"], row["quality"]) == ("inconclusive", [quality])


def test_channels_of_one_run_are_one_reading():
    heroin = {"channel": "heroin", "cas": "561-27-3", "alarm": "no", "run": 2}
    rows, faults = found(FORMAT, log(CALIBRANT, BLANK, ALARM, ALARM | heroin))
    assert not faults
    assert [(one["name"], one["level"]) for one in rows[-1]["results"]] == [
        ("fentanyl", "presumptive"),
        ("heroin", "not-detected"),
    ]
    assert rows[-1]["substance"] is None


def test_blanks_and_calibrants_are_readings_of_the_instrument():
    rows, _ = found(FORMAT, log(CALIBRANT, BLANK | {"alarm": "yes"}))
    assert [row["subject"] for row in rows] == ["place:instrument:4411"] * 2
    assert [row["matrix"] for row in rows] == ["calibrant", "blank"]
    assert rows[0]["peaks"] == [1.0]
    assert rows[1]["quality"] == ["blank-failed"]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (ALARM | {"item": ""}, "item: is empty"),
        (ALARM | {"item": "17"}, "no parcel number"),
        (ALARM | {"item": "RR473124828GB"}, "no parcel number"),
        (ALARM | {"cas": "437-38-8"}, "no CAS registry number"),
        (ALARM | {"alarm": "maybe"}, "none of no, yes"),
        (ALARM | {"k0": "NaN"}, "no finite number"),
        (ALARM | {"k0": "-1"}, "negative"),
        (ALARM | {"k0 low": 2, "k0 high": 1}, "above the window's other end"),
        (ALARM | {"time": "2026-02-30"}, "no moment"),
        (ALARM | {"kind": "tea"}, "none of"),
        ({"kind": "calibrant"}, "a calibrant needs"),
        ({"kind": "blank", "channel": "fentanyl", "amplitude": 900}, "a blank needs it"),
    ],
)
def test_what_is_wrong_is_said(row, why):
    rows, faults = found(
        FORMAT, log(row | {"channel": row.get("channel", ""), "alarm": row.get("alarm", "")})
    )
    assert rows == []
    assert why in faults[0].reason


@pytest.mark.parametrize(
    ("check", "wrong", "quality"),
    [
        (BLANK, BLANK | {"alarm": ""}, "blank-missing"),
        (CALIBRANT, {"kind": "calibrant", "channel": "second"}, "calibrant-missing"),
    ],
)
def test_a_check_that_cannot_be_read_whole_has_not_passed(check, wrong, quality):
    rows, faults = found(FORMAT, log(CALIBRANT, BLANK, check | {"run": 7}, wrong | {"run": 7}, ALARM))
    assert len(faults) == 1
    assert rows[-1]["quality"] == [quality]


def test_a_log_goes_forward_and_its_runs_stand_together():
    again = ALARM | {"run": 0}
    _, faults = found(FORMAT, log(ALARM, BLANK, again))
    assert "stand together" in faults[0].reason
    _, faults = found(FORMAT, log(ALARM, BLANK | {"time": "2026-07-14T08:00:00Z"}))
    assert "sort the log by time" in faults[0].reason


def test_a_calibration_holds_through_its_last_day():
    row = last(CALIBRANT, BLANK, ALARM | {"calibrated until": "2026-07-14"})
    assert row["calibrated_until"] > row["observed_at"]


def test_instruments_do_not_speak_for_each_other():
    other = BLANK | {"serial": "4412"}
    assert "blank-missing" in last(CALIBRANT, other, ALARM)["quality"]


def test_columns_have_other_words_too():
    text = (
        "Horodatage;Numéro de série;Essai;Genre;Colis;Voie;Alarme;Mobilité réduite\n"
        f"2026-07-14T09:00:00Z;4411;7;échantillon;{PARCEL};fentanyl;oui;1,0512\n"
    )
    rows, faults = found(FORMAT, text)
    assert not faults
    assert rows[0]["peaks"] == [1.0512]


def test_it_is_recognised_and_other_tables_are_not():
    head = Head("x.csv", log(CALIBRANT, BLANK, ALARM).encode())
    assert recognise(head) is FORMATS["ims-log"]
    assert FORMAT.sniff(Head("x.csv", b"time,serial,run\n")) == 0.0
    with pytest.raises(FormatError, match="no column 'run'"):
        found(FORMAT, "time,serial,kind\n")


@settings(max_examples=draws(150), deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [CALIBRANT, CALIBRANT | {"k0": 2}, BLANK, BLANK | {"alarm": "yes"}, CLEAR, ALARM, PASS]
        ),
        min_size=1,
        max_size=14,
    )
)
def test_an_alarm_is_unmarked_only_between_a_passed_blank_and_a_passed_calibrant(rows):
    """Against a plain reading of the rule: the last blank since the last alarm, the last calibrant of all."""
    told, _ = found(FORMAT, log(*rows))
    readings = iter(row for row in told if row["matrix"] not in ("blank", "calibrant"))
    for at, row in enumerate(rows):
        if row["kind"] != "sample":
            continue
        reading, earlier = next(readings), rows[:at]
        calibrants = [one["k0"] == 1.0 for one in earlier if one["kind"] == "calibrant"]
        since = max((n for n, one in enumerate(earlier) if one is ALARM), default=-1)
        blanks = [one["alarm"] == "no" for one in earlier[since + 1 :] if one["kind"] == "blank"]
        good = bool(calibrants[-1:] == [True] and (row is PASS or blanks[-1:] == [True]))
        assert (not reading["quality"]) == good


@settings(max_examples=draws(150), deadline=None)
@given(st.data())
def test_damage_gives_faults_or_a_format_error(data):
    good = log(CALIBRANT, BLANK, ALARM, CLEAR, BLANK, PASS).encode()
    damaged = bytearray(good)
    for _ in range(data.draw(st.integers(0, 6))):
        damaged[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    read_to_the_end(FORMAT, bytes(damaged[: data.draw(st.integers(0, len(good)))]))


@settings(max_examples=draws(100), deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes(data):
    read_to_the_end(FORMAT, data)
    read_to_the_end(FORMAT, b"time,serial,run,kind,item,channel,alarm\n" + data)


def test_a_file_is_read_in_its_order():
    rows, _ = found(FORMAT, log(*[CALIBRANT, BLANK, ALARM] * 15))
    assert all(one["observed_at"] <= other["observed_at"] for one, other in pairwise(rows))
