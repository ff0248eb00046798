"""A small world for the shared tests: disclosures that come again, are recalled, or lead back here."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

import pyarrow as pa

from watchfloor.core.kinds import DISCLOSURE
from watchfloor.desks.base import Refs
from watchfloor.desks.disclosures.messages import ECHO

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
SUBJECTS: Final = ("vessel:imo:9074729", "account:iban:FI2112345600000785", "person:bank-a:1")
MARKINGS: Final = ("PA//TLP:AMBER", "PB//TLP:AMBER", "PB//TLP:AMBER//REL:CAN,USA")


def sample(seed: int) -> tuple[Mapping[str, pa.Table], Refs]:
    """Tables by kind, and references; the same for the same seed."""
    random = Random(seed)  # noqa: S311 - a sample is meant to be repeated
    rows = [_disclosure(random, number) for number in range(120)]
    return {"disclosure": pa.Table.from_pylist(rows, DISCLOSURE.schema)}, Refs(bytes(32))


def _disclosure(random: Random, number: int) -> dict[str, Any]:
    node = random.choice(["bank-a", "lab-1"])
    row = random.randrange(30)
    placed = random.random() < 0.3
    plain = {
        "record_id": f"disclos.{number:08}".encode(),
        "report_key": f"{row:032x}",
        "source": f"node:{node}",
        "origins": [f"node:{node}:{row:032x}"],
        "observed_at": START + timedelta(hours=random.randrange(24 * 20)),
        "marking": random.choice(MARKINGS),
        "delivery": bytes(32),
        "locator": "sample",
        "bundle": f"{number:016x}",
        "node": node,
        "gateway": "sample",
        "form": random.choice(["signal"] * 7 + ["pointer"]),
        "row_id": row.to_bytes(16, "big"),
        "revision": random.randrange(3),
        "since": START,
        "retracted": random.random() < 0.15,
        "desk": "listings",
        "rule": "listed-name",
        "subjects": random.sample(SUBJECTS, random.randrange(1, 3)),
        "strength": random.choice(["match", "exact"]),
        "score": random.choice([None, 0.93]),
        "message": ECHO.id,
        "params": f'{{"node":"{node}"}}',
        "latitude": 45.0 if placed else None,
        "longitude": -73.4 if placed else None,
        "radius": 50.0 if placed else None,
        "echo": random.random() < 0.1,
        "onward": random.choice([None, True, False]),
    }
    return dict.fromkeys(DISCLOSURE.schema.names) | plain
