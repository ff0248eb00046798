"""Health of devices: counts made by hand, intervals against scipy, dates, libraries, drift."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binomtest
from tests.desks.lab.benches import DAY, checked, reading, result

from watchfloor.core.kinds import READING
from watchfloor.desks.lab.devices import COLUMNS, Rate, health, without_serial
from watchfloor.desks.lab.law import Law
from watchfloor.desks.lab.sample import CONTROLS

LATER = DAY + timedelta(days=30)


def of(*rows, on=LATER):
    return health([{name: row[name] for name in COLUMNS} for row in rows], Law(CONTROLS), on)


def one(*rows, on=LATER):
    (found,) = of(*rows, on=on)
    return found


def calibrant(number, k0, **columns):
    return reading(
        number,
        "presumptive",
        "ims",
        serial="7",
        matrix="calibrant",
        subject="place:instrument:7",
        substance=None,
        peaks=[k0],
        intensity=[1.0],
        **columns,
    )


def blank(number, level="not-detected"):
    return reading(
        number,
        level,
        "ims",
        serial="7",
        matrix="blank",
        subject="place:instrument:7",
        quality=["blank-failed"] if level == "presumptive" else [],
    )


def test_alarms_and_what_came_of_them():
    found = one(*checked("7", 4, 1), reading(90, "presumptive", "ims", serial="7"))
    assert (found.readings, found.alarms, found.rate) == (6, 6, Rate(4, 5))
    assert (found.came["waiting"], found.strength, found.troubles) == (1, "presumptive", [])


def test_misses_and_readings_set_aside():
    rows = [
        reading(1, "not-detected", "ims", serial="7"),
        reading(2, "identified"),
        reading(3, "presumptive", "ims", serial="7", quality=["blank-failed"]),
    ]
    found = one(*rows)
    assert (found.misses, found.aside, found.alarms) == (Rate(1, 1), 1, 0)
    assert found.doubted == {"blank-failed": 1}


@given(st.integers(0, 60), st.integers(0, 60))
def test_intervals_are_jeffreys_and_wilson_s(right, wrong):
    rate = Rate(right, right + wrong)
    if not rate.of:
        assert rate.value is rate.jeffreys is rate.wilson is None
        return
    low, high = rate.jeffreys
    assert low == pytest.approx(beta.ppf(0.025, right + 0.5, wrong + 0.5) if right else 0, abs=1e-9)
    assert high == pytest.approx(beta.ppf(0.975, right + 0.5, wrong + 0.5) if wrong else 1, abs=1e-9)
    theirs = binomtest(right, rate.of).proportion_ci(0.95, "wilson")
    assert rate.wilson == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_a_device_that_is_seldom_right():
    assert one(*checked("7", 0, 3)).troubles == ["alarms-seldom-right"]


def test_calibrations_overdue_and_from_the_future():
    due = {"calibrated_at": DAY, "calibrated_until": DAY + timedelta(days=7)}
    row = reading(1, "presumptive", "raman", serial="7", **due)
    assert one(row, on=DAY + timedelta(days=6)).troubles == []
    assert one(row).troubles == ["calibration-overdue"]
    ahead = reading(1, "presumptive", "raman", serial="7", calibrated_at=DAY + timedelta(days=7))
    assert one(ahead).troubles == ["calibration-from-the-future"]
    assert one(ahead, reading(2, "presumptive", "raman", serial="7", calibrated_at=DAY)).troubles == []


def test_a_calibrant_that_drifts_and_one_that_was_calibrated_since():
    moving = [calibrant(n, 1.05 + 0.0002 * (n % 2) + 0.001 * max(n - 15, 0)) for n in range(30)]
    found = one(*moving)
    assert found.troubles == ["drifting"]
    drifted, since = found.drifted
    assert drifted.way == "up"
    assert since <= DAY + timedelta(minutes=18)
    again = [calibrant(30 + n, 1.09 + 0.0002 * (n % 2), calibrated_at=DAY) for n in range(9)]
    assert one(*moving, *again).drifted is None


def test_blanks_that_fail_one_after_another():
    assert one(blank(1, "presumptive"), blank(2)).troubles == []
    found = one(blank(1), blank(2, "presumptive"), blank(3, "presumptive"))
    assert (found.blanks, found.failing, found.troubles, found.readings) == ((3, 2), 2, ["blanks-failing"], 0)


def test_a_calibrant_that_failed():
    failed = calibrant(2, 2.0, quality=["calibrant-failed"])
    found = one(calibrant(1, 1.0), failed)
    assert (found.calibrants, found.troubles) == ((2, 1), ["calibrant-failing"])
    assert one(failed, calibrant(3, 1.0)).troubles == []


def test_two_calibrants_are_not_compared_with_each_other():
    first, second = (
        [
            calibrant(2 * n + at, k0 + 0.0001 * (n % 3), results=[result("presumptive", name=name)])
            for n in range(12)
        ]
        for at, (name, k0) in enumerate((("nicotinamide", 1.0), ("other", 1.6)))
    )
    assert one(*first[:9], *second, *first[9:]).drifted is None


def test_negatives_that_nothing_checked_are_no_alarms():
    found = one(*(reading(n, "not-detected", "ims", serial="7") for n in range(1, 6)))
    assert (found.readings, found.alarms, found.rate, found.strength) == (5, 0, Rate(0, 0), "presumptive")
    assert (found.came["silent"], found.troubles) == (5, [])


def test_a_substance_by_its_inchikey_is_the_one_by_its_number():
    alarm = reading(1, None, "ims", serial="7", substance="substance:inchikey:PJMPHNIQZUBGLI-UHFFFAOYSA-N")
    assert one(alarm | {"level": "presumptive"}, reading(2, "identified")).rate == Rate(1, 1)


def test_a_library_that_others_of_its_make_have_replaced():
    rows = [
        reading(1, "presumptive", "raman", serial="7", library="Drugs 1.9"),
        reading(2, "presumptive", "raman", serial="8", library="Drugs v1.10"),
        reading(3, "presumptive", "raman", serial="7", library="Drugs 1.9"),
        reading(4, "presumptive", "raman", serial="7", library="Other 2.0"),
        reading(5, "presumptive", "raman", serial="7", library="Drugs 1.9"),
        reading(6, "presumptive", "ims", serial="9", library="Drugs 1.9"),
    ]
    ims, seven, eight = of(*rows)
    assert (seven.behind, seven.newest, seven.troubles) == (2, "Drugs v1.10", ["library-behind"])
    assert (eight.behind, eight.newest, ims.newest) == (0, None, None)


def test_lots_of_strips_have_no_versions():
    rows = [reading(n, "presumptive", "immunoassay", serial=f"lot {n}", library=f"lot {n}") for n in (1, 2)]
    assert all(found.newest is None for found in of(*rows[::-1]))


def test_dogs_are_devices_too():
    alert = reading(
        1,
        "presumptive",
        "dog",
        serial="K9-31",
        substance=None,
        results=[result("presumptive", name="target:drugs")],
    )
    found = one(alert, reading(2, "identified"))
    assert (found.serial, found.rate) == ("K9-31", Rate(1, 1))


def test_what_comes_later_is_not_looked_at_and_no_serial_number_is_no_device():
    rows = list(checked("7", 2, 0))
    assert one(*rows, on=rows[1]["observed_at"]).rate == Rate(1, 1)
    assert of(reading(1, "presumptive", "ims")) == []
    assert without_serial(rows, LATER) == 2
    assert of() == []


def test_the_columns_are_of_the_kind():
    assert set(COLUMNS) <= set(READING.schema.names)
