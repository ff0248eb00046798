"""`responded`: an answer to advance data that asks for something and was followed by no release."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final

import pyarrow as pa

from watchfloor.desks.cargo.messages import ANSWER_MET, ANSWERED
from watchfloor.desks.cargo.said import Statement, signal_of
from watchfloor.desks.standing import Row, Said, Standing, number_of, revised
from watchfloor.records.kinds import RESPONSE
from watchfloor.records.messages import reason

RULE: Final = "responded"
ASKING: Final = ("refer-information", "refer-screening", "hold", "examine", "do-not-load")
"""Answers that something is still to follow, the gravest last."""
SETTLING: Final = ("accepted", "assessed", "release")

KEPT: Final = pa.schema(
    [
        *(RESPONSE.schema.field(name) for name in ("record_id", "report_key", "source", "origins")),
        *(RESPONSE.schema.field(name) for name in ("observed_at", "marking", "subject", "answer", "by")),
        pa.field("kind", pa.string(), nullable=False),
    ]
)


def take(key: bytes, state: Standing, row: Row) -> Iterator[dict[str, Any]]:
    """An answer; gives signals that this changes."""
    return revised(state, row, thing_of(row), partial(_said, key), ANSWER_MET)


def thing_of(row: Row) -> str | None:
    """What it is about, where it asks or settles something."""
    return row["subject"] if row["answer"] in ASKING + SETTLING else None


def _said(key: bytes, item: str, rows: Sequence[Row]) -> Said:
    """The gravest answer that no later one of the same authority settled."""
    last: dict[str | None, Row] = {row["by"]: row for row in rows}
    asking = [row for row in last.values() if row["answer"] in ASKING]
    if not asking:
        return {}
    one = max(asking, key=lambda row: (ASKING.index(row["answer"]), row["observed_at"], row["record_id"]))
    why = reason(
        ANSWERED,
        by=one["by"] or one["source"],
        answer=one["answer"],
        item=number_of(item, "parcel"),
        day=one["observed_at"].date().isoformat(),
    )
    signal = signal_of(key, item, "", Statement(RULE, one["answer"], [item], why, [one]))
    return {signal["row_id"]: signal}
