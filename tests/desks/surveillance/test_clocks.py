"""Clocks of sensors that are wrong: what the live map shows meanwhile, and what is refused."""

import numpy as np
import pyarrow as pa
import pytest

from watchfloor.core.kinds import KINDS
from watchfloor.desks.registry import desks, sample
from watchfloor.desks.surveillance.tracking.reports import FUTURE, REASONS, TOO_LATE
from watchfloor.run.arrival import ArrivalRun
from watchfloor.run.order import moment

DESK = desks()["surveillance"]
KIND = KINDS["detection"]
REFS = sample(DESK, 0)[1]
START = 1_785_000_000.0
BOATS = 10
LATENCY = 0.2
"""Seconds between a report and its receipt."""


def place(boat, second):
    """Where a boat is: a few hundred metres apart, all going north at 5 m/s."""
    return 45.0 + second * 5 / 111_200, -75.0 + boat * 0.01


def table(reports):
    """Rows of the kind `detection` from (observed, received, sensor, latitude, longitude)."""
    observed, received, sensor, latitude, longitude = zip(*reports, strict=True)
    count = len(reports)
    known = {
        "record_id": pa.array([np.random.default_rng(n).bytes(16) for n in range(count)], pa.binary(16)),
        "observed_at": (np.array(observed) * 1e6).astype("datetime64[us]"),
        "received_at": [None if one is None else int(one * 1e6) for one in received],
        "sensor": sensor,
        "latitude": latitude,
        "longitude": longitude,
        "var_east": [25.0] * count,
        "var_north": [25.0] * count,
        "cov_east_north": [0.0] * count,
        "marking": ["PB"] * count,
        "class": ["boat"] * count,
    }
    columns = [
        pa.array(known[field.name]).cast(field.type) if field.name in known else pa.nulls(count, field.type)
        for field in KIND.schema
    ]
    return pa.table(columns, schema=KIND.schema)


def second_of(second, noted=True):
    """What boats report in a second, each boat a sensor of itself."""
    found = []
    for boat in range(BOATS):
        true = START + second + boat / BOATS
        latitude, longitude = place(boat, second + boat / BOATS)
        found.append((true, true + LATENCY if noted else None, f"boat-{boat}", latitude, longitude))
    return found


def burst(second, offset, count=10, sensor="tower"):
    """Reports of one more sensor, one right after the other, with a clock that is off."""
    true = START + second
    return [(true + offset + n, true + 0.95 + n / 1000, sensor, *place(-1, second)) for n in range(count)]


def shown(seconds, run=None):
    """How many tracks the live map shows after each second of reports."""
    run = run or ArrivalRun(DESK, REFS)
    counts = []
    for reports in seconds:
        rows = table(reports)
        run.step({"detection": rows}, moment(int((max(one[0] for one in reports) + 7200) * 1e6)))
        counts.append(run.picture()["track"].num_rows)
    return counts


@pytest.mark.parametrize("offset", [3600.0, 40.0, -40.0, 864_000.0, -864_000.0])
def test_one_wrong_clock_takes_nothing_from_the_map(offset):
    seconds = [second_of(n) + (burst(n, offset) if n == 10 else []) for n in range(18)]
    run = ArrivalRun(DESK, REFS)
    assert min(shown(seconds, run)[9:]) == BOATS
    again = ArrivalRun(DESK, REFS, run.save()).picture()["refused"].to_pylist()
    assert again == run.picture()["refused"].to_pylist()
    reason = REASONS[FUTURE if offset > 0 else TOO_LATE]
    assert [(row["sensor"], row["reason"], row["count"]) for row in again] == [("tower", reason, 10)]
    assert again[0]["marking"] == "PB"


def clocks_of(seconds, offset_of):
    """Ten boats whose clocks are off by `offset_of(boat, second)`."""
    return [
        [(observed + offset_of(boat, n), *rest) for boat, (observed, *rest) in enumerate(second_of(n))]
        for n in range(seconds)
    ]


WRONG = {
    "several ahead": lambda boat, n: 3600.0 if boat < 4 else 0.0,
    "several ahead a little": lambda boat, n: 20.0 if boat < 4 else 0.0,
    "several slow": lambda boat, n: -3600.0 if boat < 4 else 0.0,
    "jumping": lambda boat, n: 3600.0 * (n % 3 - 1) if boat < 4 else 0.0,
    "going backwards": lambda boat, n: -2.0 * n if boat < 4 else 0.0,
}


@pytest.mark.parametrize("name", WRONG)
def test_boats_whose_clocks_are_right_stay_on_the_map(name):
    counts = shown(clocks_of(25, WRONG[name]))
    assert min(counts[10:]) >= BOATS - 4


@pytest.mark.parametrize("behind", [40.0, 3600.0])
def test_a_clock_of_ours_that_is_put_back_takes_nothing_from_the_map(behind):
    seconds = clocks_of(25, lambda boat, n: 0.0)
    for n, reports in enumerate(seconds):
        if n >= 10:
            seconds[n] = [(t, received - behind, *rest) for t, received, *rest in reports]
    assert min(shown(seconds)[9:]) == BOATS


@pytest.mark.parametrize("offset", [3600.0, -3600.0, 60.0])
def test_a_first_report_with_a_wrong_clock_costs_the_others_nothing(offset):
    seconds = clocks_of(10, lambda boat, n: 0.0)
    seconds[0] = [(START + offset, START + LATENCY, "tower", *place(-1, 0)), *seconds[0]]
    assert shown(seconds)[5:] == shown(clocks_of(10, lambda boat, n: 0.0))[5:]


@pytest.mark.parametrize(("offset", "after"), [(3600.0, 0), (120.0, 6)])
def test_in_a_recording_without_receipt_the_others_outvote_a_wrong_clock(offset, after):
    """Within 15 minutes it may be a gap in the recording, which is believed until the others go on."""
    seconds = [
        second_of(n, noted=False)
        + [(t, None, *rest) for t, _, *rest in (burst(n, offset) if n == 10 else [])]
        for n in range(22)
    ]
    assert min(shown(seconds)[10 + after :]) == BOATS
