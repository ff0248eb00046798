"""Derived rows: what desks assert, with the window it is about and the evidence it rests on."""

from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import INSTANT, RECORD_ID, column
from watchfloor.core.messages import REASON

DERIVED: Final[tuple[pa.Field, ...]] = (
    column("row_id", RECORD_ID, "hash of desk, rule, subjects and window", nullable=False),
    column(
        "revision",
        pa.int32(),
        "0 first; the highest revision of a row_id is the one that stands",
        nullable=False,
    ),
    column("at", INSTANT, "first moment it could be known from its evidence", nullable=False),
    column("since", INSTANT, "start of what it is about"),
    column("until", INSTANT, "end of what it is about"),
    column("retracted", pa.bool_(), "true when the desk takes it back", nullable=False),
)
"""Columns that every derived row starts with."""

CLEARED: Final = "cleared"
"""Strength of a signal that a decision says is about another."""

SIGNAL: Final = pa.schema(
    [
        *DERIVED,
        column("desk", pa.string(), "who asserts it", nullable=False),
        column("rule", pa.string(), "under which named rule", nullable=False),
        column(
            "subjects",
            pa.list_(pa.string()),
            "typed keys of what it is about, the foremost first",
            nullable=False,
        ),
        column("strength", pa.string(), "the rule's own band, such as match or corroborate", nullable=False),
        column("score", pa.float64(), "the rule's measure, 0 to 1, where it has one"),
        column("reason", REASON, "why, as a message with parameters", nullable=False),
        column("evidence", pa.list_(RECORD_ID), "records it rests on", nullable=False),
        column(
            "coverage",
            pa.list_(RECORD_ID),
            "coverage it rests on, where it speaks of an absence",
            nullable=False,
        ),
        column("origins", pa.list_(pa.string()), "the first reports behind its evidence", nullable=False),
        column("marking", pa.string(), "the join of its evidence's markings", nullable=False),
        column("latitude", pa.float64(), "where it is about, where it has a place", unit="degree"),
        column("longitude", pa.float64(), "east positive", unit="degree"),
        column("radius", pa.float64(), "within which it is", unit="metre"),
    ]
)
"""What a desk asserts."""


def row_id(key: bytes, desk: str, rule: str, subjects: tuple[str, ...], window: str) -> bytes:
    """Identity of an assertion: the same rule about the same subjects and window, whatever its revision."""
    parts = "\x1f".join((desk, rule, *sorted(subjects), window))
    return blake2b(parts.encode(), digest_size=16, key=key[:64], person=b"derived").digest()


def net(rows: pa.Table) -> pa.Table:
    """The rows that stand: the last revision of each row_id, retracted ones dropped, ordered by row_id."""
    found = last(rows)
    return found.filter(pc.invert(found.column("retracted")))


def last(rows: pa.Table) -> pa.Table:
    """The last revision of each row_id, whether it stands or takes back, ordered by row_id."""
    return _last(rows, "row_id")


def last_of_each_marking(rows: pa.Table) -> pa.Table:
    """The last revision of each row_id under each marking: who may not see one still has the one before."""
    return _last(rows, "row_id", "marking")


def to_keep(kind: str, history: pa.Table) -> pa.Table:
    """Select the revisions of a kind to keep: the last under each marking, signals as first known."""
    rows = last_of_each_marking(history)
    return since_first(rows, history) if kind == "signal" else rows


def since_first(rows: pa.Table, history: pa.Table) -> pa.Table:
    """Return signals with the `at` of the revision that said the same first, past decisions taken back.

    A decision and its undoing are revisions of their own moments, for what held in between. But what a desk
    says again is known since it said it first.

    Args:
        rows: last revisions.
        history: all revisions of them.
    """
    counts = pc.value_counts(history["row_id"].combine_chunks())
    often = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
    again = pc.and_(pc.is_in(rows["row_id"], often), pc.invert(rows["retracted"]))
    if not pc.any(again, min_count=0).as_py():
        return rows
    ids = rows["row_id"].filter(again).combine_chunks()
    before: dict[bytes, list[dict[str, Any]]] = {}
    for row in history.filter(pc.is_in(history["row_id"], ids)).sort_by("revision").to_pylist():
        before.setdefault(row["row_id"], []).append(row)
    at = rows["at"].to_pylist()
    for n in np.flatnonzero(again.to_numpy()).tolist():
        row = rows.slice(n, 1).to_pylist()[0]
        at[n] = _first(row, [one for one in before[row["row_id"]] if one["revision"] < row["revision"]])
    place = rows.schema.get_field_index("at")
    return rows.set_column(place, rows.schema.field(place), pa.chunked_array([pa.array(at, INSTANT)]))


def _first(row: dict[str, Any], before: list[dict[str, Any]]) -> datetime:
    """Return when a row was first said, passing over decisions that were taken back since."""
    moment: datetime = row["at"]
    for one in reversed(before):
        if _assertion(one) == _assertion(row):
            moment = one["at"]
        elif one["strength"] != CLEARED:
            break
    return moment


def _assertion(row: dict[str, Any]) -> dict[str, Any]:
    """Return what a row says, without when and as which revision."""
    return {name: value for name, value in row.items() if name not in ("at", "revision")}


def _last(rows: pa.Table, *of: str) -> pa.Table:
    if not rows.num_rows:
        return rows
    keys = rows.select([*of, "revision"]).append_column("_n", pa.array(np.arange(rows.num_rows)))
    order = keys.sort_by(
        [*((name, "ascending") for name in of), ("revision", "descending"), ("_n", "descending")]
    ).combine_chunks()
    first = np.ones(rows.num_rows, np.bool_)
    first[1:] = False
    for name in of:
        (values,) = order[name].chunks
        first[1:] |= pc.not_equal(values.slice(1), values.slice(0, len(values) - 1)).to_numpy(
            zero_copy_only=False
        )
    chosen = order["_n"].to_numpy()[first]
    return rows if np.array_equal(chosen, np.arange(rows.num_rows)) else rows.take(pa.array(chosen))
