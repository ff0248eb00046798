"""Totals of operations as their agencies published them, as rows of the kind `seizure`."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any, Final

import msgspec

from watchfloor.core.subjects import subject

FILE: Final = "public_seizures.toml"


class Published(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One published figure; see `core.kinds.SEIZURE`. Masses are decimals, so that no digit is lost."""

    key: str
    drug: str
    part_of: str | None = None
    count: int | None = None
    at_least: bool | None = None
    share: float | None = None
    kilograms: str | None = None
    amount: str | None = None
    cas: str | None = None
    direction: str | None = None
    other: str | None = None


class Operation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An operation: its name, who published the figures and when, its first and last day, the figures."""

    name: str
    source: str
    since: date
    until: date
    row: tuple[Published, ...]


def operations() -> dict[str, Operation]:
    """The operations that come with the package, by a short name."""
    return msgspec.toml.decode((files(__package__) / FILE).read_bytes(), type=dict[str, Operation])


def rows(name: str) -> list[dict[str, Any]]:
    """The figures of an operation as rows. Raises `KeyError` where there is none of that name."""
    operation = operations()[name]
    start = datetime.combine(operation.since, time.min, UTC)
    end = datetime.combine(operation.until, time.min, UTC) + timedelta(days=1, microseconds=-1)
    return [
        {
            "report_key": f"{name}/{one.key}",
            "source": "published",
            "observed_at": start,
            "until": end,
            "operation": operation.name,
            "drug": one.drug,
            "substance": str(subject("substance", "cas", one.cas)) if one.cas else None,
            "count": one.count,
            "at_least": one.at_least,
            "share": one.share,
            "mass": float(Decimal(one.kilograms) * 1000) if one.kilograms else None,
            "mass_error": None,
            "amount": one.amount,
            "arrests": None,
            "place": None,
            "direction": one.direction,
            "other": one.other,
            "mode": None,
            "part_of": f"{name}/{one.part_of}" if one.part_of else None,
            "file": operation.source,
        }
        for one in operation.row
    ]
