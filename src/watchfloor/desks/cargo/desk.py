"""The cargo desk as a fold over declarations, examinations, weighings and answers: what is worth a look.

A compiled fold joins each line to those before it and marks the few that say something (`folding`); the rules
look at those in turn (`event_schedule`). People are told apart by what they declare, and nothing is read out
of a name; countries of origin are not looked at.
"""

from datetime import datetime
from functools import partial
from typing import Final

import pyarrow as pa

from watchfloor.core.derived import SIGNAL
from watchfloor.desks.base import Desk, Refs
from watchfloor.desks.cargo.assertions import NAME
from watchfloor.desks.cargo.event_schedule import DeskInputs, State, taken
from watchfloor.desks.cargo.goods_norms import REFERENCE as NORMS
from watchfloor.desks.cargo.goods_norms import load
from watchfloor.desks.cargo.installed import REFERENCE as MODEL
from watchfloor.desks.cargo.installed import of_reference
from watchfloor.desks.cargo.rules.mass_differs import allowed
from watchfloor.desks.state import freeze, thaw

__all__ = ["DESK", "allowed"]

PIECE: Final = 1 << 16
"""Rows that are folded at once."""


def begin(refs: Refs) -> State:  # noqa: ARG001 - what there is to know arrives as records
    """Before the first declaration."""
    return State()


def step(refs: Refs, state: State, rows: pa.Table, watermark: datetime) -> dict[str, pa.Table]:  # noqa: ARG001
    """Fold one batch; its rows are in order of observation."""
    if not rows.num_rows:
        return {}
    (margins,) = refs["margins"].to_pylist()
    known = DeskInputs(refs.key, margins, load(refs[NORMS]), of_reference(refs[MODEL]))
    made = [
        signal
        for start in range(0, rows.num_rows, PIECE)
        for signal in taken(known, state, rows.slice(start, PIECE))
    ]
    return {"signal": pa.Table.from_pylist(made, schema=SIGNAL)}


DESK: Final = Desk(
    name=NAME,
    version="4",
    reads=("declaration", "inspection", "reading", "response"),
    yields={"signal": SIGNAL},
    begin=begin,
    step=step,
    freeze=partial(freeze, column="table"),
    thaw=thaw(begin),
    uses=("margins", NORMS, MODEL),
)
