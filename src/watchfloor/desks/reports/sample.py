"""A small world for the shared tests: reports that come again, mentions, and decisions of them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

import pyarrow as pa

from watchfloor.core.kinds import KINDS
from watchfloor.desks.base import Refs
from watchfloor.desks.reports.desk import about, fingerprint

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
SUBJECTS: Final = (
    "vessel:imo:9074729",
    "account:iban:FI2112345600000785",
    "person:patrol:~1",
    "person:patrol:~2",
)
TEXTS: Final = ("It lay at the ferry landing.", "Nobody was seen.", "The same as last week.")
MARKINGS: Final = ("PA//TLP:AMBER", "PB//TLP:RED", "PB//TLP:AMBER//REL:CAN,USA")


def sample(seed: int) -> tuple[Mapping[str, pa.Table], Refs]:
    """Tables by kind, and references; the same for the same seed."""
    random = Random(seed)  # noqa: S311 - a sample is meant to be repeated
    reports = _identified("report", [_report(random) for _ in range(40)])
    judgements = _identified("judgement", [_judgement(random, reports) for _ in range(60)])
    rows = {"report": reports, "judgement": judgements}
    return {kind: pa.Table.from_pylist(made, KINDS[kind].schema) for kind, made in rows.items()}, Refs(
        bytes(32)
    )


def _identified(kind: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    plain = {"origins": [], "delivery": bytes(32), "locator": "sample"}
    filled = [dict.fromkeys(KINDS[kind].schema.names) | plain | row for row in rows]
    return [row | {"record_id": f"{kind:8.8}{i:08}".encode()} for i, row in enumerate(filled)]


def _report(random: Random) -> dict[str, Any]:
    number = random.randrange(16)
    portions = random.choices(TEXTS, k=random.randrange(1, 4))
    return {
        "report_key": f"P-{number}" if number else None,
        "source": random.choice(["patrol", "patrol", "partner"]),
        "origins": random.choice([[], [], ["first-report"]]),
        "observed_at": START + timedelta(hours=random.randrange(24 * 60)),
        "marking": random.choice(MARKINGS),
        "title": random.choice(["Ferry landing", None]),
        "author": random.choice(["Marine unit 4", None]),
        "reliability": random.choice(["A", "B", "C", None]),
        "credibility": random.choice(["1", "2", "3", None]),
        "hypothesis": random.choice(["Life at risk", "laundering", None]),
        "subjects": random.sample(SUBJECTS, random.randrange(2)),
        "portions": [{"marking": None, "page": random.choice([None, 2]), "text": text} for text in portions],
        "mentions": [_mention(random, len(portions)) for _ in range(random.randrange(4))],
        "text_from": "text",
    }


def _mention(random: Random, portions: int) -> dict[str, Any]:
    portion = random.randrange(portions)
    return {"subject": random.choice(SUBJECTS), "text": "it", "portion": portion, "start": 0, "how": "sample"}


def _judgement(random: Random, reports: list[dict[str, Any]]) -> dict[str, Any]:
    report = random.choice(reports)
    subjects = [one["subject"] for one in report["mentions"]] + report["subjects"] or list(SUBJECTS)
    subject = random.choice(subjects)
    return {
        "source": "decisions",
        "observed_at": report["observed_at"] + timedelta(hours=random.randrange(-24, 24 * 20)),
        "marking": report["marking"],
        "subject": subject,
        "about": random.choice([about(report)] * 5 + ["sample-list:1"]),
        "verdict": random.choice(["same", "same", "different", "withdrawn"]),
        "basis": fingerprint(report, subject),
        "why": random.choice(["the plate was read", "Un autre navire."]),
        "decided_by": "officer",
    }
