"""A small made-up world of declarations, of which some were examined: a chapter and low values tell finds."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa

from watchfloor.core.kinds import KINDS

START = datetime(2026, 1, 1, tzinfo=UTC)
COMMON = {
    "record_id": bytes(16),
    "source": "post",
    "origins": [],
    "marking": "PB//TLP:AMBER",
    "delivery": bytes(32),
    "locator": "line 1",
}


def _row(kind: str, **said) -> dict:
    return dict.fromkeys(KINDS[kind].schema.names) | COMMON | said


def declared(number: int, **said) -> dict:
    """One declaration, with what is said of it."""
    return _row(
        "declaration",
        subject=f"parcel:post:{number}",
        document=f"D{number}",
        observed_at=START + timedelta(hours=number),
        goods="goods",
        **said,
    )


def examined(number: int, result: str, hours: int = 1, **said) -> dict:
    """One examination of it."""
    at = START + timedelta(hours=number + hours)
    numbered = {"subject": f"parcel:post:{number}", "document": f"D{number}"}
    return _row(
        "inspection", **(numbered | {"state": "examined", "result": result, "observed_at": at} | said)
    )


def tables(declarations: list[dict], inspections: list[dict]) -> tuple[pa.Table, pa.Table]:
    """Both as tables of their kinds."""
    return (
        pa.Table.from_pylist(declarations, KINDS["declaration"].schema),
        pa.Table.from_pylist(inspections, KINDS["inspection"].schema),
    )


def world(count: int = 600, seed: int = 1) -> tuple[pa.Table, pa.Table]:
    """Declarations and the examinations of four fifths of them."""
    random = np.random.default_rng(seed)
    declarations, inspections = [], []
    for number in range(count):
        chapter = str(random.choice(["29", "61", "85"]))
        value, mass = float(random.lognormal(4, 1.5)), float(random.lognormal(0, 1))
        shipper = int(random.integers(40))
        departure, origin = str(random.choice(["CA", "FR"])), str(random.choice(["CA", "FR"]))
        declarations.append(
            declared(
                number,
                hs=f"{chapter}{random.integers(10, 16)}{random.integers(10, 14)}",
                value=Decimal(f"{value:.2f}"),
                currency="CAD",
                mass=round(mass, 3),
                shipper=f"company:post:{shipper}",
                office=str(random.choice(["YYZ", "YVR"])),
                departure=departure,
                origin=origin,
                rate=5.0,
                codes=["process=A", f"tax={origin}"],
            )
        )
        odds = -2.0 + 2.0 * (chapter == "29") - 0.8 * np.log10(value / 55) + 1.0 * (departure != origin)
        if number % 5:
            result = "finding" if random.random() < 1 / (1 + np.exp(-odds)) else "nothing"
            inspections.append(examined(number, result))
    return tables(declarations, inspections)
