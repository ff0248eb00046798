"""Detections in the order of their arrival, for folds."""

from datetime import UTC, datetime, timedelta

from tests.desks.toys import records

from watchfloor.core.kinds import DETECTION

START = datetime(2026, 11, 26, 8, tzinfo=UTC)


def rows(count, start=0, sensors=5, marking="U//TLP:CLEAR", at=START):
    """One a second, of some sensors in turn; the seventh of each ten far in the north."""
    made = [
        {
            "record_id": number.to_bytes(16, "big"),
            "sensor": f"t{number % sensors}",
            "latitude": 65.0 if number % 10 == 7 else 45.0 + number / 100,
            "longitude": -73.0,
            "observed_at": at + timedelta(seconds=number),
            "received_at": at + timedelta(seconds=number, microseconds=number),
            "marking": marking,
        }
        for number in range(start, start + count)
    ]
    return records(DETECTION, made)
