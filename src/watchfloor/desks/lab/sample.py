"""A small world for the shared tests: presumptions that are confirmed, cleared, put right, and nothing."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

import pyarrow as pa

from watchfloor.desks.base import Refs
from watchfloor.records.kinds import READING

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
CONTROLS: Final = pa.table(
    {
        "substance": ["substance:cas:437-38-7", "substance:cas:299-42-3"],
        "name": ["fentanyl", "ephedrine"],
        "schedule": ["I", "VI"],
        "item": ["16(5)", "4"],
    }
)
SUBSTANCES: Final = (*CONTROLS["substance"].to_pylist(), "substance:cas:58-08-2", None)
LEVELS: Final = ("identified", "presumptive", "presumptive", "inconclusive", "not-detected", None)


def sample(seed: int) -> tuple[Mapping[str, pa.Table], Refs]:
    """Tables by kind, and references; the same for the same seed."""
    random = Random(seed)  # noqa: S311 - a sample is meant to be repeated
    rows = [_reading(random, number) for number in range(200)]
    return {"reading": pa.Table.from_pylist(rows, READING.schema)}, Refs(bytes(32), {"controls": CONTROLS})


def _reading(random: Random, number: int) -> dict[str, Any]:
    report = random.randrange(160)
    return dict.fromkeys(READING.schema.names) | {
        "record_id": number.to_bytes(16, "big"),
        "report_key": f"A-{report}" if report % 10 else None,
        "source": "bench",
        "origins": random.choice([[], ["first-report"]]),
        "observed_at": START + timedelta(minutes=random.randrange(24 * 60)),
        "marking": random.choice(["PB//TLP:AMBER", "PB//TLP:RED"]),
        "delivery": bytes(32),
        "locator": f"line {number}",
        "subject": f"parcel:post:{random.randrange(20)}",
        "instrument": "bench 1",
        "method": random.choice(["gc-ms", "raman", "immunoassay"]),
        "substance": random.choice(SUBSTANCES),
        "level": random.choice(LEVELS),
        "peaks": [105.0, 146.0],
        "intensity": [1.0, 0.4],
    }
