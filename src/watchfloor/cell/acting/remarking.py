"""Marking a record anew: a later record takes its place, and the log says who did it and why."""

from typing import Any, Literal

import pyarrow as pa

from watchfloor.cell.acting.acts import ABOVE, Refused, refuse, refuse_undefined, said
from watchfloor.records.kinds import KINDS
from watchfloor.records.marking import Marking, parse
from watchfloor.records.messages import Reason, declare
from watchfloor.store.ceiling import holds
from watchfloor.store.writer import Writer

NO_KEY = declare(
    "cell.remarked-without-key",
    en="its source gave it no number of its own, so no later record can take its place; take the delivery in "
    "again with --marking, and erase this one",
    fr="sa source ne lui a donné aucun numéro, donc aucun enregistrement ne peut la remplacer; reprenez la "
    "livraison avec --marking, et effacez celui-ci",
)


def remark(
    writer: Writer, kind: str, row: dict[str, Any], new: Marking, why: str, refused: Reason | None
) -> Literal["downgraded", "upgraded"]:
    """Write a record again under another marking, as a later version of itself; gives the act.

    Args:
        writer: of the floor.
        kind: of the record.
        row: the record.
        new: its new marking.
        why: the reason, in the person's words.
        refused: why it may not be, where it may not.

    Raises:
        Refused: with that reason; or there is no why, nothing to supersede by, or no room under the ceiling.
    """
    said(why, "why")
    if refused is not None:
        raise Refused(refused)
    if row["report_key"] is None:
        refuse(NO_KEY)
    refuse_undefined(writer.terms, new)
    if not holds(writer.ceiling, new):
        refuse(ABOVE, marking=str(new), ceiling=str(writer.ceiling))
    act: Literal["downgraded", "upgraded"] = "downgraded" if new <= parse(row["marking"]) else "upgraded"
    detail = {"record": row["record_id"].hex(), "kind": kind, "from": row["marking"], "to": str(new)}
    writer.act(act, detail | {"why": said(why, "why"), "originator": row["source"]})
    again = {name: value for name, value in row.items() if name != "record_id"} | {"marking": str(new)}
    rows = pa.Table.from_pylist([again], schema=KINDS[kind].schema.remove(0))
    writer.append(kind, rows, source=row["source"])
    return act
