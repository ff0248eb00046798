"""Acts on agreements as records: which a reader may see, what an act is made on, and the row of the next one.

Acts on a line carry the marking of its first act, so that whoever sees one sees all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final, NamedTuple

from watchfloor.casework.life_cycle import WorkItem, at_least
from watchfloor.cell.acts import Post, Row, common, refuse
from watchfloor.core.kinds import AGREEMENT
from watchfloor.core.marking import join
from watchfloor.core.messages import declare
from watchfloor.scorecard.agreement import refusals
from watchfloor.scorecard.agreement.digests import Shown
from watchfloor.scorecard.agreement.standing import Fold, fold
from watchfloor.scorecard.bilingual import Text
from watchfloor.scorecard.forms import keys as form_keys

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
    says: Text
    asked: Text
    shown: Shown | None = None


@dataclass(frozen=True, slots=True)
class On(WorkItem):
    """An agreement that an act is made on: of one of an item's departments, as far as the actor sees it."""

    noun: ClassVar = "line"
    kind: ClassVar = AGREEMENT
    source: ClassVar = SOURCE
    stale: ClassVar = declare("register.stale", "line", "made_on", "edition", "by", "at")

    item: Item
    department: str
    in_force: Fold
    now: datetime

    @property
    def edition(self) -> int:
        """How many acts the actor sees, as the page says."""
        return self.in_force.edition

    @property
    def parameters(self) -> dict[str, str]:
        """Parameters that most refusals name."""
        return {"line": self.item.id, "department": self.department}


def on(post: Post, item: Item, department: str | None, edition: int | None = None) -> On:
    """Return the item to act on. Raises `Refusal` for another department, or a later edition."""
    code = whose(item, department)
    every = On.rows(post.floor, post.reader)
    mine = tuple(row for row in every if (row["line"], row["department"]) == (item.id, code))
    one = On(mine, item, code, fold(mine, item.id, code), post.writer.moment())
    if edition is not None and mine:
        one.refuse_stale(edition)
    return one


def whose(item: Item, department: str | None) -> str:
    """The department that is meant: who is accountable, unless another is named. Raises `Refusal`."""
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
    last = one.in_force.acts.get("called")
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
