"""A small world for the shared tests: two rings of forged letters; those of one are confirmed after all."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

import pyarrow as pa

from watchfloor.core.kinds import KINDS
from watchfloor.desks.base import Refs

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
HONEST, RING, SECOND = 40, 8, 5
"""Applications of honest people, of a ring, and of one that is taken back when its letters are confirmed."""
READ: Final = ("application", "letter", "travel-document", "application-fee")


def sample(seed: int) -> tuple[Mapping[str, pa.Table], Refs]:
    """Tables by kind, and references; the same for the same seed."""
    random = Random(seed)  # noqa: S311 - a sample is meant to be repeated
    rows: dict[str, list[dict[str, Any]]] = {kind: [] for kind in READ}
    for number in range(HONEST + RING + SECOND):
        _applied(random, number, rows)
    for number in range(HONEST + RING, HONEST + RING + SECOND):
        _letter(random, number, rows, "yes", START + timedelta(days=40))
    for number in range(1000, 1006):
        _applied(random, number, rows, START + timedelta(days=42))
    return {kind: pa.Table.from_pylist(made, KINDS[kind].schema) for kind, made in rows.items()}, Refs(
        bytes(32)
    )


def _row(random: Random, kind: str, rows: dict[str, list[dict[str, Any]]], at: datetime, **more: Any) -> None:
    plain = {
        "record_id": f"{kind:8.8}{len(rows[kind]):08}".encode(),
        "source": "office",
        "origins": [],
        "observed_at": at,
        "marking": random.choice(("PA//TLP:AMBER", "PB//TLP:AMBER")),
        "delivery": bytes(32),
        "locator": "sample",
    }
    rows[kind].append(dict.fromkeys(KINDS[kind].schema.names) | plain | more)


def _applied(
    random: Random, number: int, rows: dict[str, list[dict[str, Any]]], at: datetime | None = None
) -> None:
    at = at or START + timedelta(hours=random.randrange(24 * 30))
    ring = (number - HONEST) // RING + 1 if HONEST <= number < 1000 else 0
    application = f"application:office:{number}"
    _row(
        random,
        "application",
        rows,
        at,
        report_key=f"a{number}",
        application=application,
        number=str(number),
        office=f"Office {number % 3}",
        officer=f"officer {number % 11}",
        applicant=f"person:office:{number}",
        representative=f"company:office:Adviser {ring or 3 + random.randrange(3)}",
        institution=f"company:office:College {random.randrange(3)}",
        telephones=[f"1613555{number:04}"],
        addresses=[f"{number} elm street"],
        device=f"device {ring}" if ring else f"own {number}",
        officer_note="Looked complete.",
    )
    _letter(random, number, rows, "no" if ring or number % 30 == 0 else "yes", at)
    _row(
        random,
        "travel-document",
        rows,
        at,
        document=f"document:uto:X{number:07}",
        what="passport",
        holder=f"person:office:{number}",
        application=application,
        checks=[],
    )
    _row(
        random,
        "application-fee",
        rows,
        at,
        application=application,
        payer=f"account:office:ring {ring}" if ring else f"account:office:{number}",
    )


def _letter(
    random: Random, number: int, rows: dict[str, list[dict[str, Any]]], confirmed: str, at: datetime
) -> None:
    forged = HONEST <= number < HONEST + RING
    _row(
        random,
        "letter",
        rows,
        at,
        report_key=f"l{number}",
        letter=f"document:college:{number}",
        what="acceptance",
        issuer=f"company:office:College {number % 3}",
        application=f"application:office:{number}",
        template="pdf:forged" if forged else f"pdf:{number % 3}",
        wording=[7 if forged else number % 3] * 128,
        confirmed=confirmed,
    )
