"""`responded`: an answer to advance data that asks for something and was followed by no release."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import RESPONSE
from watchfloor.core.messages import reason
from watchfloor.desks.assertions import number_of
from watchfloor.desks.cargo.assertions import Statement, signal_of
from watchfloor.desks.cargo.messages import ANSWER_MET, ANSWERED
from watchfloor.desks.standing import OF_KIND, CurrentEvidence, Said, kept, place_of, revised
from watchfloor.desks.state import Row

RULE: Final = "responded"
ASKING: Final = ("refer-information", "refer-screening", "hold", "examine", "do-not-load")
"""Answers that something is still to follow, the gravest last."""
SETTLING: Final = ("accepted", "assessed", "release")

KEPT: Final = kept(RESPONSE.schema, "subject answer by", OF_KIND)


def update(key: bytes, state: CurrentEvidence, row: Row) -> Iterator[dict[str, Any]]:
    """An answer; gives signals that this changes.

    What settles an item of which nothing was asked, and replaces no answer that was kept, is passed over.
    """
    thing = thing_of(row) if row["answer"] in ASKING or state.about.get(row["subject"]) else None
    if thing or place_of(row) in state.rows:
        yield from revised(state, row, thing, partial(_said, key), ANSWER_MET)


def may_count(state: CurrentEvidence, answers: pa.Table) -> Any:
    """Which answers of a batch may change anything [n]: those that ask, and any about what was asked."""
    asks = pc.fill_null(pc.is_in(answers["answer"], pa.array(ASKING)), False)
    items = {*state.about, *answers["subject"].filter(asks).to_pylist()}
    about = pc.or_(asks, pc.is_in(answers["subject"], pa.array(sorted(items), pa.string())))
    keys = {*(key for _, _, key in state.rows), *answers["report_key"].filter(about).drop_null().to_pylist()}
    return pc.or_(about, pc.is_in(answers["report_key"], pa.array(sorted(keys), pa.string())))


def thing_of(row: Row) -> str | None:
    """Return the item that a response asks about or settles; None for another one."""
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
