"""A small world for the shared tests: parcels of some lines, weighed once or twice, declared again."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

import pyarrow as pa

from watchfloor.desks.base import Refs
from watchfloor.records.kinds import KINDS

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
MARGINS: Final = pa.table({"scale": [0.02], "least": [0.1], "share": [0.05]})


def sample(seed: int) -> tuple[Mapping[str, pa.Table], Refs]:
    """Tables by kind, and references; the same for the same seed."""
    random = Random(seed)  # noqa: S311 - a sample is meant to be repeated
    rows = {"declaration": _declaration, "reading": _weighing}
    made = {
        kind: [_filled(kind, number, random) | of(random) for number in range(100)]
        for kind, of in rows.items()
    }
    tables = {kind: pa.Table.from_pylist(of_kind, KINDS[kind].schema) for kind, of_kind in made.items()}
    return tables, Refs(bytes(32), {"margins": MARGINS})


def _filled(kind: str, number: int, random: Random) -> dict[str, Any]:
    report = random.randrange(80)
    return dict.fromkeys(KINDS[kind].schema.names) | {
        "record_id": f"{kind:8.8}{number:08}".encode(),
        "report_key": f"{kind}-{report}" if report % 10 else None,
        "source": "customs",
        "origins": random.choice([[], ["first-report"]]),
        "observed_at": START + timedelta(minutes=random.randrange(24 * 60)),
        "marking": random.choice(["PB//TLP:AMBER", "PB//TLP:RED"]),
        "delivery": bytes(32),
        "locator": f"line {number}",
        "subject": f"parcel:post:{random.randrange(30)}",
    }


def _declaration(random: Random) -> dict[str, Any]:
    importer = random.choice(["company:bn:000000018", "person:customs:7", None])
    mass = random.choice([0.5, 1.0, 2.0, 2.0, None])
    return {"importer": importer, "goods": "tools", "mass": mass}


def _weighing(random: Random) -> dict[str, Any]:
    method = random.choice(["mass", "mass", "gc-ms"])
    grams = random.choice([480.0, 1000.0, 2080.0, 3100.0, None])
    return {"instrument": "scale 1", "method": method, "mass": grams}
