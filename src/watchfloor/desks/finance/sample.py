"""A small world for the shared tests: deposits that add up, that repeat, and that are put right later."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

import pyarrow as pa

from watchfloor.desks.base import Refs
from watchfloor.records.kinds import PAYMENT

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
ACCOUNTS: Final = [f"account:account:99900001000000{n}" for n in range(4)]


def sample(seed: int) -> tuple[Mapping[str, pa.Table], Refs]:
    """Tables by kind, and references; the same for the same seed."""
    random = Random(seed)  # noqa: S311 - a sample is meant to be repeated
    rows = [_payment(random, number) for number in range(200)]
    return {"payment": pa.Table.from_pylist(rows, PAYMENT.schema)}, Refs(bytes(32))


def _payment(random: Random, number: int) -> dict[str, Any]:
    report = random.randrange(150)  # some come again, and are then another's deposit or another amount
    return dict.fromkeys(PAYMENT.schema.names) | {
        "record_id": number.to_bytes(16, "big"),
        "report_key": f"T-{report}" if report % 10 else None,
        "source": random.choice(["teller", "machine"]),
        "origins": random.choice([[], ["first-report"]]),
        "observed_at": START + timedelta(minutes=random.randrange(12 * 24 * 60)),
        "marking": random.choice(["PB//TLP:AMBER", "PB//TLP:RED"]),
        "delivery": bytes(32),
        "locator": f"line {number}",
        "payee": random.choice([*ACCOUNTS, None]),
        "amount": random.choice([Decimal("9900.00"), Decimal("4200.50"), Decimal("12000.00"), Decimal(0)]),
        "currency": random.choice(["CAD", "CAD", "CAD", "USD"]),
        "means": random.choice(["cash", "cash", "cash", "wire"]),
    }
