"""The laboratory desk as a fold over readings: a substance in a sample that the law controls.

Whether it does is looked up in `reference.controls`, by CAS number and no structure. A substance of Schedule
VI is a precursor and speaks under a rule of its own. What one reading identifies stands, whatever another
presumed; what is only presumed is taken back once gas chromatography does not find it. Levels are the
laboratory's own: the desk reads no spectrum.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

import pyarrow as pa

from watchfloor.desks.base import Desk, Refs
from watchfloor.desks.lab.messages import (
    IDENTIFIED,
    NOT_BORNE_OUT,
    PRECURSOR_IDENTIFIED,
    PRECURSOR_PRESUMED,
    PRESUMED,
)
from watchfloor.desks.standing import Row, Said, Standing, frozen, number_of, rests_on, revised, thawed
from watchfloor.records.derived import SIGNAL, row_id
from watchfloor.records.kinds import READING
from watchfloor.records.messages import reason

NAME: Final = "lab"
CONTROLLED: Final = "controlled-substance"
PRECURSOR: Final = "controlled-precursor"

CONFIRMS: Final = ("gc-ms",)
"""Methods whose silence outweighs a presumption. Raman and infrared miss a substance that is a few parts in a
hundred of a powder (judgement: the share differs by instrument), so theirs does not."""

LEVELS: Final = ("identified", "presumptive", "not-detected")

KEPT: Final = pa.schema(
    [
        *(READING.schema.field(name) for name in ("record_id", "report_key", "source", "origins")),
        *(READING.schema.field(name) for name in ("observed_at", "marking", "subject", "method")),
        *(READING.schema.field(name) for name in ("substance", "level")),
    ]
)
"""What is kept of a reading: no peaks."""


def begin(refs: Refs) -> Standing:  # noqa: ARG001 - readings arrive as records
    """Before the first reading."""
    return Standing()


def step(refs: Refs, state: Standing, rows: pa.Table, watermark: datetime) -> dict[str, pa.Table]:  # noqa: ARG001
    """Fold one batch of readings."""
    say = partial(_said, refs.key, _controls(refs))
    made = [
        signal
        for row in rows.select(KEPT.names).to_pylist()
        for signal in revised(state, row, _item(row), say, NOT_BORNE_OUT)
    ]
    return {"signal": pa.Table.from_pylist(made, schema=SIGNAL)}


def _controls(refs: Refs) -> dict[str, Row]:
    return {row["substance"]: row for row in refs["controls"].to_pylist()}


def _item(row: Row) -> str | None:
    """What was measured, where the reading speaks of a substance."""
    return row["subject"] if row["substance"] and row["level"] in LEVELS else None


def _said(key: bytes, controls: dict[str, Row], item: str, readings: Sequence[Row]) -> Said:
    """A signal for each controlled substance in an item."""
    found = sorted({row["substance"] for row in readings} & controls.keys())
    signals = [
        _signal(key, item, controls[substance], speaking)
        for substance in found
        if (speaking := _speaking([row for row in readings if row["substance"] == substance]))
    ]
    return {signal["row_id"]: signal for signal in signals}


def _speaking(readings: Sequence[Row]) -> list[Row]:
    """The readings of one substance in one item that a signal rests on; none where it is not borne out."""
    by_level = {level: [row for row in readings if row["level"] == level] for level in LEVELS}
    if by_level["identified"]:
        return by_level["identified"]
    cleared = [row["observed_at"] for row in by_level["not-detected"] if row["method"] in CONFIRMS]
    return [row for row in by_level["presumptive"] if not cleared or row["observed_at"] > max(cleared)]


def _signal(key: bytes, item: str, control: Row, readings: Sequence[Row]) -> dict[str, Any]:
    substance, level = control["substance"], readings[0]["level"]
    rule = PRECURSOR if control["schedule"] == "VI" else CONTROLLED
    said = {"name": control["name"], "cas": substance.rpartition(":")[2], "item": number_of(item, "parcel")}
    said |= {"method": ", ".join(sorted({row["method"] for row in readings})), "number": control["item"]}
    if rule == PRECURSOR:
        why = reason(PRECURSOR_IDENTIFIED if level == "identified" else PRECURSOR_PRESUMED, **said)
    else:
        message = IDENTIFIED if level == "identified" else PRESUMED
        why = reason(message, **said, schedule=control["schedule"])
    return {
        "row_id": row_id(key, NAME, rule, (item, substance), ""),
        "revision": 0,
        "since": readings[0]["observed_at"],
        "until": readings[-1]["observed_at"],
        "retracted": False,
        "desk": NAME,
        "rule": rule,
        "subjects": [item, substance],
        "strength": level,
        "score": None,
        "reason": why.stored(),
        "coverage": [],
    } | rests_on(readings)


def freeze(state: Standing) -> pa.Table:
    """The readings that stand."""
    return frozen(state, KEPT)


def thaw(refs: Refs, rows: pa.Table) -> Standing:  # noqa: ARG001
    """The state back from `freeze`."""
    return thawed(rows, _item)


DESK: Final = Desk(
    name=NAME,
    version="1",
    reads=("reading",),
    yields={"signal": SIGNAL},
    begin=begin,
    step=step,
    freeze=freeze,
    thaw=thaw,
    uses=("controls",),
)
