"""Acts on agreements as records: which a reader may see, what an act is made on, and the row of the next one.

Acts on a line carry the marking of its first act, so that whoever sees one sees all.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple

import pyarrow.compute as pc

from watchfloor.cell.acting.acts import Conflict, Post, Row, common, minute, refuse
from watchfloor.cell.acting.ordering import at_least
from watchfloor.records.kinds import AGREEMENT
from watchfloor.records.marking import join
from watchfloor.records.messages import reason
from watchfloor.release.policy import Reader
from watchfloor.scorecard.agreement import refusals
from watchfloor.scorecard.agreement.digests import Shown
from watchfloor.scorecard.agreement.standing import Fold, fold
from watchfloor.scorecard.forms import keys as form_keys
from watchfloor.scorecard.said import Said
from watchfloor.store.floor import Floor
from watchfloor.store.reading import POSITION

SOURCE: Final = "agreements"


class Item(NamedTuple):
    """A line of the register or a claim, as it is asked about and shown now.

    Attributes:
        id: of the line, or name of the claim.
        departments: whose agreement it needs, who is accountable first.
        says: the words that are at stake.
        asked: what the data call asks for.
        shown: what stands on the page now; None: nothing does.
    """

    id: str
    departments: tuple[str, ...]
    says: Said
    asked: Said
    shown: Shown | None = None


class On(NamedTuple):
    """What an act is made on: an item, one of its departments, and the acts of it that the actor sees."""

    item: Item
    department: str
    history: tuple[Row, ...]
    fold: Fold
    now: datetime

    @property
    def told(self) -> dict[str, str]:
        """Parameters that most refusals name."""
        return {"line": self.item.id, "department": self.department}


def acts(floor: Floor, reader: Reader, as_of: int | datetime | None = None) -> list[Row]:
    """Acts of this floor that a reader may see, in the order of the log; those of other feeds are none."""
    rows = floor.read(AGREEMENT.name, reader, as_of, [*AGREEMENT.schema.names, POSITION])
    mine: list[Row] = rows.filter(pc.equal(rows["source"], SOURCE)).to_pylist()
    return mine


def on(post: Post, item: Item, department: str | None, edition: int | None = None) -> On:
    """What an act would be made on. Raises `Refused` for another department, or a later edition."""
    code = whose(item, department)
    mine = [
        row for row in acts(post.floor, post.reader) if (row["line"], row["department"]) == (item.id, code)
    ]
    if edition is not None and edition != len(mine) and mine:
        last = mine[-1]
        told = {"by": last["by"], "at": minute(last["observed_at"])}
        why = reason(refusals.STALE, line=item.id, made_on=edition, edition=len(mine), **told)
        raise Conflict(why)
    return On(item, code, tuple(mine), fold(mine, item.id, code), post.writer.moment())


def whose(item: Item, department: str | None) -> str:
    """The department that is meant: who is accountable, unless another is named. Raises `Refused`."""
    if department is None:
        return item.departments[0]
    code = form_keys.code_of(department)
    if code not in item.departments:
        refuse(refusals.NOT_ASKED, line=item.id, department=code, departments=", ".join(item.departments))
    return code


def row(one: On, by: str, columns: dict[str, Any], marking: str | None = None) -> Row:
    """The record of an act; what it does not say is null."""
    key = f"{one.item.id} {one.department}"
    marked = marking_of(one.history) or at_least(None, marking)
    if marking and one.history and join([marked, at_least(None, marking)]) != marked:
        refuse(refusals.ABOVE_MARKING, line=one.item.id, marking=marking, standing=marked)
    empty = {field.name: None for field in AGREEMENT.columns}
    last = one.fold.acts.get("called")
    return {
        **common(SOURCE, key, marked, one.now),
        **empty,
        "line": one.item.id,
        "department": one.department,
        "edition": len(one.history) + 1,
        "by": by,
        "call": last["call"] if last else None,
        **columns,
    }


def marking_of(history: Iterable[Row]) -> str | None:
    """The marking of further acts on a line: the join of those before; None where there is none."""
    marked = [str(one["marking"]) for one in history]
    return join(marked) if marked else None
