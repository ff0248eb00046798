"""Judgements: what a person decided about a lead's subject and a listed entity, as records like any other.

A judgement enters by the front door, so the desk that reads it takes its signal back, or brings it back, in
the same way on every run; undoing one is one more record, and the history shows both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

SOURCE = "decisions"
Row = Mapping[str, Any]
Verdict = Literal["different", "same", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """A decision about a lead.

    Attributes:
        verdict: `different`: another than the listed entity; `same`; or `withdrawn`, which undoes either.
        why: the reason, in the person's words.
        by: who decides.
        at: when.
        expires: when it must be looked at again, or None.
    """

    verdict: Verdict
    why: str
    by: str
    at: datetime
    expires: datetime | None = None


def stands(row: Row, now: datetime) -> bool:
    """Whether a judgement, the last of its kind, holds at a moment."""
    expired = row["expires_at"] is not None and row["expires_at"] <= now
    return row["verdict"] != "withdrawn" and not expired
