"""The cargo desk as a fold over declarations and weighings: a parcel whose mass is not the declared one.

The declared mass of a parcel is the sum of its lines; where a line gives none, it is unknown and nothing is
said. The weighing that counts is the last one. How far the two may lie apart says `reference.margins`: what
the scale may be wrong by, and what packing and rounding come to. The goods' description, their country of
origin and the people are not looked at; an importer is named with the parcel where it is a company.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from math import fsum
from typing import Any, Final

import pyarrow as pa

from watchfloor.desks.base import Desk, Refs
from watchfloor.desks.cargo.messages import DIFFERS, FITS_AGAIN
from watchfloor.desks.standing import Row, Said, Standing, frozen, number_of, rests_on, revised, thawed
from watchfloor.records.derived import SIGNAL, row_id
from watchfloor.records.kinds import DECLARATION, READING
from watchfloor.records.messages import reason

NAME: Final = "cargo"
RULE: Final = "mass-differs"
WEIGHING: Final = "mass"
"""The method of a reading that is a weighing."""

KEPT: Final = pa.schema(
    [
        *(DECLARATION.schema.field(name) for name in ("record_id", "report_key", "source", "origins")),
        *(DECLARATION.schema.field(name) for name in ("observed_at", "marking", "subject", "importer")),
        pa.field("mass", pa.float64()),
        READING.schema.field("method").with_nullable(True),
        pa.field("kind", pa.string(), nullable=False),
    ]
)
"""What is kept of a line or a weighing; `mass` is in kilograms of the one and in grams of the other."""


def begin(refs: Refs) -> Standing:  # noqa: ARG001 - declarations and readings arrive as records
    """Before the first declaration."""
    return Standing()


def step(refs: Refs, state: Standing, rows: pa.Table, watermark: datetime) -> dict[str, pa.Table]:  # noqa: ARG001
    """Fold one batch; its rows are in order of observation."""
    (margins,) = refs["margins"].to_pylist()
    say = partial(_said, refs.key, margins)
    made = [
        signal
        for row in rows.select(KEPT.names).to_pylist()
        for signal in revised(state, row, _item(row), say, FITS_AGAIN)
    ]
    return {"signal": pa.Table.from_pylist(made, schema=SIGNAL)}


def _item(row: Row) -> str | None:
    """What a line declares or a weighing weighs; None for another reading."""
    weighed = row["method"] == WEIGHING and row["mass"] is not None
    return row["subject"] if row["kind"] == "declaration" or weighed else None


def allowed(margins: Row, declared: float) -> float:
    """Kilograms by which a weighing may differ from a declared mass, in kilograms, without a word."""
    packing = max(margins["least"], margins["share"] * declared)
    return float(margins["scale"] + packing)


def _said(key: bytes, margins: Row, item: str, rows: Sequence[Row]) -> Said:
    """The signal about an item, where its masses differ by more than the margins."""
    lines = [row for row in rows if row["kind"] == "declaration"]
    weighings = [row for row in rows if row["kind"] == "reading"]
    if not lines or not weighings or any(row["mass"] is None for row in lines):
        return {}
    declared, weighed = fsum(row["mass"] for row in lines), weighings[-1]["mass"] / 1000
    if abs(weighed - declared) <= allowed(margins, declared):
        return {}
    signal = _signal(key, margins, item, declared, weighed, [*lines, weighings[-1]])
    return {signal["row_id"]: signal}


def _signal(
    key: bytes, margins: Row, item: str, declared: float, weighed: float, rows: Sequence[Row]
) -> dict[str, Any]:
    companies = sorted({row["importer"] for row in rows if (row["importer"] or "").startswith("company:")})
    masses = {"weighed": weighed, "declared": declared, "difference": abs(weighed - declared)}
    why = reason(DIFFERS, item=number_of(item, "parcel"), allowed=allowed(margins, declared), **masses)
    return {
        "row_id": row_id(key, NAME, RULE, (item,), ""),
        "revision": 0,
        "since": min(row["observed_at"] for row in rows),
        "until": max(row["observed_at"] for row in rows),
        "retracted": False,
        "desk": NAME,
        "rule": RULE,
        "subjects": [item, *companies],
        "strength": "heavier" if weighed > declared else "lighter",
        "score": None,
        "reason": why.stored(),
        "coverage": [],
    } | rests_on(rows)


def freeze(state: Standing) -> pa.Table:
    """The lines and weighings that stand."""
    return frozen(state, KEPT)


def thaw(refs: Refs, rows: pa.Table) -> Standing:  # noqa: ARG001
    """The state back from `freeze`."""
    return thawed(rows, _item)


DESK: Final = Desk(
    name=NAME,
    version="1",
    reads=("declaration", "reading"),
    yields={"signal": SIGNAL},
    begin=begin,
    step=step,
    freeze=freeze,
    thaw=thaw,
    uses=("margins",),
)
