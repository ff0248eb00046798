"""Declarations and inspections of invented parcels, for the tests of planning."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from watchfloor.core.kinds import KINDS

START = datetime(2026, 11, 20, 6, tzinfo=UTC)


def rows(kind: str, some: list[dict[str, object]]) -> pa.Table:
    """Rows of a kind, as a floor would hold them."""
    schema = KINDS[kind].schema
    given = [
        {
            "record_id": f"{kind}{number}".encode().ljust(16, b".")[:16],
            "source": "test",
            "observed_at": START + timedelta(minutes=number),
            "marking": "PB//TLP:AMBER",
            "delivery": bytes(32),
            "locator": f"line {number}",
            **one,
        }
        for number, one in enumerate(some)
    ]
    return pa.Table.from_pylist(given, schema)


def declared(count: int, **more: object) -> list[dict[str, object]]:
    """That many parcels of nothing in particular."""
    return [
        {
            "subject": f"parcel:hawb:H{number}",
            "goods": "wool blanket",
            "mode": "courier",
            "direction": "inbound",
            "document": f"H{number}",
            "departure": ("DE", "US", "JP")[number % 3],
            **more,
        }
        for number in range(count)
    ]


def examined(subject: str, result: str, **more: object) -> dict[str, object]:
    """That an item was examined."""
    return {"subject": subject, "state": "examined", "result": result, "means": "x-ray", **more}
