"""A small world for the shared tests: goods named, numbered, paraphrased, put right; a law that begins."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

import pyarrow as pa

from watchfloor.core.kinds import DECLARATION
from watchfloor.desks.base import Refs
from watchfloor.reference import goods

START: Final = datetime(2025, 4, 13, tzinfo=UTC)
"""The day before phenethyl bromide became a precursor for a period."""

GOODS: Final = (
    *("piperidine 99 %", "piperidine 99 %, licence 12", "reagent 41661-47-6", "phenethyl bromide 1 kg"),
    *(
        "pigment intermediate",
        "N-methyl-4-piperidone",
        "acetylfentanyl",
        "TDP-5 tablet press",
        "acetone, UN1090",
    ),
    *("steel bolts", "cotton shirts", "green tea", "ethernet cable", "4-哌啶酮 1kg"),
)
CODES: Final = (None, "2933.39", "293332", "2933399073", "610910", "9999")


def sample(seed: int) -> tuple[Mapping[str, pa.Table], Refs]:
    """Tables by kind, and references; the same for the same seed."""
    random = Random(seed)  # noqa: S311 - a sample is meant to be repeated
    rows = [_line(number, random) for number in range(160)]
    table = pa.Table.from_pylist(rows, DECLARATION.schema)
    return {"declaration": table}, Refs(bytes(32), {"goods": goods.content()})


def _line(number: int, random: Random) -> dict[str, Any]:
    report = random.randrange(110)
    return dict.fromkeys(DECLARATION.schema.names) | {
        "record_id": f"declaration{number:05}".encode(),
        "report_key": f"line-{report}" if report % 10 else None,
        "source": random.choice(["customs", "courier"]),
        "origins": random.choice([[], ["first-report"]]),
        "observed_at": START + timedelta(minutes=random.randrange(48 * 60)),
        "marking": random.choice(["PB//TLP:AMBER", "PB//TLP:RED"]),
        "delivery": bytes(32),
        "locator": f"line {number}",
        "subject": f"parcel:post:{random.randrange(40)}",
        "importer": random.choice(["company:bn:000000018", "person:customs:7", None]),
        "goods": random.choice(GOODS),
        "hs": random.choice(CODES),
    }
