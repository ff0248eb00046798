"""Marking a record anew: a later record takes its place, and the log says who did it and why."""

from typing import Any, Final, Literal

import pyarrow as pa

from watchfloor.cell.acts import ABOVE, Refusal, nonempty, refuse, refuse_undefined
from watchfloor.core.kinds import KINDS
from watchfloor.core.marking import Marking, parse
from watchfloor.core.messages import Reason, declare
from watchfloor.store.ceiling import holds
from watchfloor.store.writer import Writer

NO_KEY = declare("cell.remarked-without-key")
PORTION = declare("cell.remarked-below-a-portion", "number", "marking", "new", "count")

PORTIONS: Final = ("portions", "tear_line")
"""Columns of text whose parts have markings of their own."""


def remark(
    writer: Writer,
    kind: str,
    row: dict[str, Any],
    new: Marking,
    why: str,
    refused: Reason | None,
    *,
    portions: bool = False,
) -> Literal["downgraded", "upgraded"]:
    """Write a record again under another marking, as a later version of itself; gives the act.

    Args:
        writer: of the floor.
        kind: of the record.
        row: the record.
        new: its new marking.
        why: the reason, in the person's words.
        refused: why it may not be, where it may not.
        portions: mark those of its portions that are above `new` as `new` too.

    Raises:
        Refusal: with that reason; or there is no why, nothing to supersede by, no room under the ceiling, or
            a portion is marked above it and shall not be marked anew.
    """
    nonempty(why, "why")
    if refused is not None:
        raise Refusal(refused)
    if row["report_key"] is None:
        refuse(NO_KEY)
    refuse_undefined(writer.terms, new)
    if not holds(writer.ceiling, new):
        refuse(ABOVE, marking=str(new), ceiling=str(writer.ceiling))
    act: Literal["downgraded", "upgraded"] = "downgraded" if new <= parse(row["marking"]) else "upgraded"
    anew, stricter = _portions(row, new) if act == "downgraded" else ({}, [])
    if stricter and not portions:
        number, marking = stricter[0]
        refuse(PORTION, number=number, marking=marking, new=str(new), count=len(stricter))
    detail = {"record": row["record_id"].hex(), "kind": kind, "from": row["marking"], "to": str(new)}
    if stricter:
        detail["portions"] = [{"portion": number, "from": marking} for number, marking in stricter]
    writer.act(act, detail | {"why": nonempty(why, "why"), "originator": row["source"]})
    again = {name: value for name, value in row.items() if name != "record_id"} | {"marking": str(new)} | anew
    rows = pa.Table.from_pylist([again], schema=KINDS[kind].schema.remove(0))
    writer.append(kind, rows, source=row["source"])
    return act


def _portions(row: dict[str, Any], new: Marking) -> tuple[dict[str, Any], list[tuple[int, str]]]:
    """The columns of portions under `new`, and number (from 1) and marking of each that is above it."""
    anew: dict[str, Any] = {}
    stricter: list[tuple[int, str]] = []
    number = 0
    for name in PORTIONS:
        for one in row.get(name) or ():
            number += 1
            if one["marking"] and not parse(one["marking"]) <= new:
                stricter.append((number, one["marking"]))
                one = one | {"marking": str(new)}
            anew.setdefault(name, []).append(one)
    return anew, stricter
