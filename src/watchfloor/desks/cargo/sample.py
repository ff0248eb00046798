"""A small world for the shared tests: parcels of few parties, weighed, examined, answered, declared again.

It goes on for longer than the desk remembers lines, so that it also forgets.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

import pyarrow as pa

from watchfloor.core.kinds import KINDS
from watchfloor.desks.base import Refs
from watchfloor.desks.cargo import goods_norms

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
DAYS: Final = 50
MARGINS: Final = pa.table({"scale": [0.02], "least": [0.1], "share": [0.05]})
NAMES: Final = (
    *("Wren Halloway", "Wrenn Halloway", "HALLOWAY, WREN", "Marlow Dune", "Tansy Birch"),
    *("Ash Fenwick", "Rowan Pike", "Lark Sedge", "Teal Moss"),
)


def sample(seed: int) -> tuple[Mapping[str, pa.Table], Refs]:
    """Tables by kind, and references; the same for the same seed."""
    random = Random(seed)  # noqa: S311 - a sample is meant to be repeated
    rows: dict[str, tuple[int, Callable[[Random], dict[str, Any]]]] = {
        "declaration": (120, _declaration),
        "inspection": (20, _examination),
        "reading": (24, _weighing),
        "response": (12, _answer),
    }
    made = {
        kind: [_filled(kind, number, random) | of(random) for number in range(count)]
        for kind, (count, of) in rows.items()
    }
    tables = {kind: pa.Table.from_pylist(of_kind, KINDS[kind].schema) for kind, of_kind in made.items()}
    norms = goods_norms.reference()
    return tables, Refs(bytes(32), {"margins": MARGINS, "goods-norms": norms, "cargo-model": b""})


def _filled(kind: str, number: int, random: Random) -> dict[str, Any]:
    report = random.randrange(100)
    return dict.fromkeys(KINDS[kind].schema.names) | {
        "record_id": f"{kind:8.8}{number:08}".encode(),
        "report_key": f"{kind}-{report}" if report % 10 else None,
        "source": "customs",
        "origins": random.choice([[], ["first-report"]]),
        "observed_at": START + timedelta(minutes=random.randrange(DAYS * 24 * 12) * 2),
        "marking": random.choice(["PB//TLP:AMBER", "PB//TLP:RED"]),
        "delivery": bytes(32),
        "locator": f"line {number}",
        "subject": f"parcel:post:{random.randrange(50)}",
    }


def _declaration(random: Random) -> dict[str, Any]:
    here, there = random.randrange(4), random.randrange(12)
    return {
        "importer": random.choice(["company:bn:000000018", "person:customs:7", None]),
        "consignee": f"person:customs:{here}" if random.random() < 0.3 else None,
        "shipper": "company:seller:8" if random.random() < 0.1 else None,
        "goods": random.choice(["tools", "Hand tools", "greeting cards", ""]),
        "hs": random.choice(["820559", "490900", None]),
        "value": random.choice([Decimal("18.00"), Decimal("19.00"), Decimal("2500.00"), None]),
        "currency": random.choice(["CAD", "CAD", "EUR"]),
        "mass": random.choice([0.5, 1.0, 2.0, 2.0, 1e9, None]),
        "direction": random.choice(["inbound", "inbound", "outbound"]),
        "mode": "post",
        "departure": random.choice(["FRA", "USA"]),
        "handler": random.choice(["YOW 1", "YOW 2", None]),
        "consignee_name": random.choice(NAMES),
        "consignee_address": f"{here} Heron Street, Ottawa ON K1A 0B{here}",
        "consignee_phone": f"+1 613 555 01{here:02}" if random.random() < 0.5 else None,
        "shipper_name": random.choice(NAMES),
        "shipper_address": f"{there} Mill Lane, Northtown",
        "shipper_phone": f"613-555-01{50 + there}" if random.random() < 0.5 else None,
        "page": random.choice(["https://shop.example/a?x=1", "http://www.shop.example/a/", None, None]),
    }


def _examination(random: Random) -> dict[str, Any]:
    state = random.choice(["referred", "examined", "examined", "examined", "withdrawn"])
    result = random.choice(["finding", "finding", "nothing", "inconclusive"])
    examined = {"result": result, "found": ["controlled-substance"] if result == "finding" else []}
    return {"state": state, "by": "badge 7"} | (examined if state == "examined" else {})


def _weighing(random: Random) -> dict[str, Any]:
    method = random.choice(["mass", "mass", "gc-ms"])
    grams = random.choice([480.0, 1000.0, 2080.0, 3100.0, None])
    return {"instrument": "scale 1", "method": method, "mass": grams}


def _answer(random: Random) -> dict[str, Any]:
    return {
        "answer": random.choice(["hold", "refer-screening", "release"]),
        "by": random.choice(["CBSA", None]),
    }
