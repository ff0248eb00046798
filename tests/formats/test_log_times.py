"""Times beside what a receiver heard, against the standard library's."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from watchfloor.formats.sensors.log_times import NEVER, find_time

START = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(
    datetime.fromisoformat("1900-01-02"), datetime.fromisoformat("2200-01-01"), timezones=ZONES
)


def found(text):
    data = np.frombuffer(text.encode(), np.uint8)
    return int(find_time(data, 0, len(data)))


def microseconds(moment):
    return (moment - START) // timedelta(microseconds=1)


@given(MOMENTS, st.sampled_from(["", "$PGHP,", "\\c:"]), st.sampled_from([" !AIVDM,1,1,,A,x", ",*8D;", ""]))
@example(datetime(2024, 2, 29, 23, 59, 59, 999_999, timezone(timedelta(hours=-5))), "", " !AIVDM")
@example(datetime(2023, 11, 14, 22, 13, 20, 0, timezone(timedelta(hours=5, minutes=30))), "", " !AIVDM")
def test_a_date_with_its_zone_is_the_moment_that_python_reads(moment, before, behind):
    assert found(f"{before}{moment.isoformat()}{behind}") == microseconds(moment)


@pytest.mark.parametrize("form", ["%Y-%m-%dT%H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d,%H:%M:%SZ"])
def test_a_date_without_a_zone_is_utc(form):
    moment = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert found(moment.strftime(form)) == microseconds(moment)


@pytest.mark.parametrize(
    ("written", "microseconds_"),
    [
        ("1700000000 !AIVDM", 1_700_000_000_000_000),
        ("1700000000.25 !AIVDM", 1_700_000_000_250_000),
        ("1700000000250 !AIVDM", 1_700_000_000_250_000),
        ("1700000000250001 !AIVDM", 1_700_000_000_250_001),
        ("1700000000250001999 !AIVDM", 1_700_000_000_250_001),
        ("r003669958 !AIVDM", NEVER),
        ("12345 !AIVDM", NEVER),
        ("2023-13-14T22:13:20Z !AIVDM", NEVER),
        ("2023-11-14T24:13:20Z !AIVDM", NEVER),
    ],
)
def test_an_epoch_is_known_by_its_digits(written, microseconds_):
    assert found(written) == microseconds_
