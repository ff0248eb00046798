"""A small world for the shared tests: editions of a list and of a file of its aliases, parties, decisions."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

import pyarrow as pa

from watchfloor.core.kinds import KINDS, LISTING
from watchfloor.desks.base import Refs
from watchfloor.desks.listings.desk import fingerprint

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
SECOND_EDITION: Final = timedelta(days=40)
THIRD_EDITION: Final = timedelta(days=60)

FIRST: Final = {
    "1": ("Person", "Tavish Okonedo-Marr", ("The Heron",), "1971-04-12"),
    "2": ("Organization", "Grey Lantern Brotherhood", ("GLB",), None),
    "3": ("Company", "Ostrava Meridian Reagents Limited", (), None),
    "4": ("Person", "Lucero Baldwin Quispe", (), "1965"),
}
SECOND: Final = {
    "1": ("Person", "Tavish Okonedo-Marr", ("The Heron",), "1971-04-12"),
    "2": ("Organization", "Grey Lantern Brotherhood", ("GLB", "Lanterns of the North"), None),
    "4": ("Person", "Lucero Baldwin Quispe", ("Lucero Valdovin",), "1965"),
    "5": ("Organization", "Saltmarsh Volunteers", (), None),
}
NAMES: Final = (
    ("Tavish Okonedo Marr", "Person", "1971-04-12"),
    ("OKONEDO-MARR, Tavish", "Person", "1990-01-01"),
    ("Gray Lantern Brotherhood", "Organization", None),
    ("GLB", None, None),
    ("Ostrava Meridian Reagents Ltd", "Company", None),
    ("Lucero Valdovin", "Person", "1966"),
    ("Saltmarsh Volunteers", None, None),
    ("Order of the Pale Heron", None, None),
    ("Ada Pemberley", "Person", "1980-02-30"),
    ("Lakeshore Furniture Inc.", "Company", None),
)


def sample(seed: int) -> tuple[Mapping[str, pa.Table], Refs]:
    """Tables by kind, and references; the same for the same seed."""
    random = Random(seed)  # noqa: S311 - a sample is meant to be repeated
    first, second = _edition(FIRST, START), _edition(SECOND, START + SECOND_EDITION)
    rows = {
        "listing": first + second + _aliases(START, "1", "4") + _aliases(START + SECOND_EDITION, "4", "5"),
        "consolidation": [
            _whole(FIRST, START),
            _whole(SECOND, START + SECOND_EDITION),
            _whole(FIRST, START + THIRD_EDITION),
            _whole(("list#4/alt", "list#5/alt"), START + SECOND_EDITION, "alt.csv"),
            _whole(("list#1/alt", "list#4/alt"), START + THIRD_EDITION, "alt.csv"),
        ],
        "party": [_party(random, number) for number in range(30)],
        "judgement": [_judgement(random, first + second, number) for number in range(6)],
    }
    tables = {
        kind: pa.Table.from_pylist(_identified(kind, made), KINDS[kind].schema) for kind, made in rows.items()
    }
    screening = pa.table({"source": ["parcels"], "necessity": ["exercise"], "authority": ["exercise"]})
    return tables, Refs(bytes(32), {"screening": screening})


def _identified(kind: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    plain = {"origins": [], "marking": "U//TLP:CLEAR", "delivery": bytes(32), "locator": "sample"}
    filled = [dict.fromkeys(KINDS[kind].schema.names) | plain | row for row in rows]
    return [row | {"record_id": f"{kind:8.8}{i:08}".encode()} for i, row in enumerate(filled)]


def _edition(
    items: Mapping[str, tuple[str, str, tuple[str, ...], str | None]], at: datetime
) -> list[dict[str, Any]]:
    return [
        {
            "source": "list",
            "report_key": f"list#{id_}",
            "observed_at": at,
            "list_id": "sample-list",
            "entity_id": id_,
            "instrument": "Sample List",
            "item": id_,
            "schema": schema,
            "name": name,
            "names": [_name(name, "primary"), *(_name(alias, "alias") for alias in aliases)],
            "birth_dates": [born] if born else [],
            "countries": [],
            "identifiers": [],
            "in_force": at.date(),
        }
        for id_, (schema, name, aliases, born) in items.items()
    ]


def _aliases(at: datetime, *ids: str) -> list[dict[str, Any]]:
    """Rows of the file of aliases: each entity of these may be called by one name of the file."""
    alias = ("Organization", "Order of the Pale Heron", (), None)
    rows = _edition(dict.fromkeys(ids, alias), at)
    return [row | {"provision": "alt.csv", "report_key": f"{row['report_key']}/alt"} for row in rows]


def _name(text: str, role: str) -> dict[str, Any]:
    weak = text.isupper() or text.startswith("The ")
    return {"text": text, "role": role, "strength": "weak" if weak else "strong", "lang": None}


def _whole(items: Iterable[str], at: datetime, provision: str | None = None) -> dict[str, Any]:
    return {
        "source": "list",
        "observed_at": at,
        "list_id": "sample-list",
        "entities": list(items),
        "provision": provision,
    }


def _party(random: Random, number: int) -> dict[str, Any]:
    name, schema, born = random.choice(NAMES)
    return {
        "source": random.choice(["parcels", "parcels", "parcels", "unscreened"]),
        "report_key": f"P-{number % 24}" if number % 3 else None,
        "delivery": bytes([number % 4]) * 32,
        "observed_at": START + timedelta(hours=random.randrange(24 * 80)),
        "marking": random.choice(["PA//TLP:AMBER", "PB//TLP:RED"]),
        "subject": f"person:parcels:{number % 12}",
        "role": "consignee",
        "name": name,
        "schema": schema,
        "birth_date": born,
        "identifiers": [],
    }


def _judgement(random: Random, listings: list[dict[str, Any]], number: int) -> dict[str, Any]:
    item = random.choice(listings)
    at = START + timedelta(hours=random.randrange(24 * 80))
    said = dict.fromkeys(LISTING.schema.names) | item
    return {
        "source": "decisions",
        "report_key": f"decision-{number}",
        "observed_at": at,
        "subject": f"person:parcels:{random.randrange(12)}",
        "about": f"sample-list:{item['entity_id']}",
        "verdict": random.choice(["different", "different", "same", "withdrawn"]),
        "basis": fingerprint(said),
        "why": "another date of birth on the passport",
        "decided_by": "officer",
        "expires_at": at + timedelta(days=random.choice([10, 365])),
    }
