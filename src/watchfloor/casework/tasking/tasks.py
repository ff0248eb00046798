"""Tasks, lookouts and targets: what a unit is asked to do about a lead, act by act.

An act is one record, see `life_cycle`; whether a task has expired is told by the clock that is handed in.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import ClassVar, Final, Literal

from watchfloor.casework.flags import ordered, rank
from watchfloor.casework.life_cycle import WorkItem
from watchfloor.casework.releasing import why_not
from watchfloor.casework.tasking import legs
from watchfloor.casework.tasking.assets import Asset
from watchfloor.casework.tasking.legs import Leg, Order
from watchfloor.casework.tasking.units import Units, covering, reader, refuse_enforcement
from watchfloor.cell.acts import Row, common, minute, new_id, nonempty, refuse
from watchfloor.core.kinds import TASK
from watchfloor.core.marking import parse
from watchfloor.core.messages import Language, declare

SOURCE: Final = "tasks"
State = Literal["issued", "amended", "accepted", "refused", "done", "hit", "expired"]

AFTER: Final[Mapping[str, tuple[State, ...]]] = {
    "issued": ("accepted", "refused", "amended", "hit"),
    "amended": ("accepted", "refused", "amended", "hit"),
    "accepted": ("done", "hit", "amended", "refused"),
    "hit": ("done", "hit", "amended"),
    "refused": ("amended",),
    "expired": ("amended", "done", "hit"),
    "done": (),
}
"""What may follow a state. What was done in time and typed in late counts: `expired` is not the end."""

OPEN: Final = frozenset({"issued", "amended", "accepted", "hit"})
"""States in which something is still asked; these expire."""

NO_HIT: Final = declare("cell.task-no-hit", "task")
PAST: Final = declare("cell.task-past", "deadline")
NOTHING: Final = declare("cell.task-nothing")
NOTHING_TO_SEND: Final[Mapping[str, Asset]] = {}
NO_SUBJECT: Final = declare("cell.task-no-subject")


UNCLEARED: Final = declare("cell.task-uncleared", "unit", "marking", "why")


@dataclass(frozen=True, slots=True)
class Change:
    """An amendment of a task; None leaves a field as it is. Flags are added: a danger is never amended away.

    Legs and units in support take the place of those before.
    """

    instruction: str | None = None
    deadline: datetime | None = None
    authority: str | None = None
    flags: tuple[str, ...] = ()
    legs: tuple[Leg, ...] | None = None
    joins: tuple[str, ...] | None = None


class Task(WorkItem):
    """A task as its last act left it."""

    __slots__ = ()
    noun: ClassVar = "task"
    kind: ClassVar = TASK
    listing: ClassVar = ("task", "cases task list --all")
    after: ClassVar = AFTER
    expiring: ClassVar = OPEN
    stale: ClassVar = declare(
        "cell.task-stale", "task", "made_on", "edition", "by", "at", "state_words", "why"
    )
    illegal: ClassVar = declare(
        "cell.task-illegal", "task", "state_words", "edition", "by", "at", "wanted_words", "may_words"
    )

    @property
    def order(self) -> Order:
        """The order as it was last amended."""
        last = self.last
        return Order(
            last["form"],
            last["unit"],
            last["lead"],
            tuple(last["subjects"]),
            last["instruction"],
            last["authority"],
            last["marking"],
            last["deadline"],
            tuple(last["flags"]),
            None if last["latitude"] is None else (last["latitude"], last["longitude"], last["radius"]),
            last["starts"],
            legs.of_row(last["legs"]),
            tuple(last["joins"] or ()),
            last["asset"],
        )


def urgent(task: Task) -> tuple[int, float, str]:
    """A sorting key: life at risk first, then by deadline; without one last."""
    deadline = task.order.deadline
    return rank(task.order.flags), deadline.timestamp() if deadline else float("inf"), task.id


def issue(
    units: Units,
    order: Order,
    by: str,
    now: datetime,
    key: bytes,
    language: Language = "en",
    purpose: str = "",
    fleet: Mapping[str, Asset] = NOTHING_TO_SEND,
) -> Row:
    """The record that gives a unit a task.

    Args:
        units: the table of units.
        order: what is asked.
        by: who asks.
        now: when.
        key: the floor's secret, for the id.
        language: of the authorities named in a refusal.
        purpose: what it is asked for; a marking may limit that.
        fleet: what the floor has to send, by name.

    Raises:
        Refusal: no authority of the unit covers it, the unit may not see it, the deadline is past, it is
            about nothing, or it lies across the line and lacks what the law asks of that, see `legs`.
    """
    _see_lawful(units, order, now, language)
    legs.checked(units, fleet, order, language)
    for unit in (units.unit(name) for name in (order.unit, *order.joins)):
        if why := why_not(reader(unit, purpose, now.date()), parse(order.marking)):
            told = {"unit": unit.called(language), "marking": order.marking, "why": why.render(language)}
            refuse(UNCLEARED, **told)
    if not order.subjects:
        refuse(NO_SUBJECT)
    nonempty(order.instruction, "instruction")
    _to_come(order.deadline, now)
    id_ = new_id(key, "task", order.unit, order.lead or "", *order.subjects, by, now.isoformat())
    return _row(id_, order, "issued", 1, by, now, None)


def accept(task: Task, edition: int, by: str, now: datetime, why: str | None = None) -> Row:
    """The unit takes it on. Raises `Refusal`."""
    return _act(task, edition, "accepted", by, now, why)


def decline(task: Task, edition: int, by: str, now: datetime, why: str | None) -> Row:
    """The unit does not take it on; it must say why. Raises `Refusal`."""
    return _act(task, edition, "refused", by, now, nonempty(why, "why"))


def finish(task: Task, edition: int, by: str, now: datetime, why: str | None = None) -> Row:
    """It is done. Raises `Refusal`."""
    return _act(task, edition, "done", by, now, why)


def hit(task: Task, edition: int, by: str, now: datetime, why: str | None) -> Row:
    """A lookout or a target was met; says what happened. Raises `Refusal`."""
    task.check(edition, "hit", now)
    if task.order.form == "task":
        refuse(NO_HIT, task=task.id)
    return _act(task, edition, "hit", by, now, nonempty(why, "why"))


def amend(
    units: Units,
    task: Task,
    edition: int,
    change: Change,
    by: str,
    now: datetime,
    why: str | None,
    language: Language = "en",
    fleet: Mapping[str, Asset] = NOTHING_TO_SEND,
) -> Row:
    """Amend an order, which must then be accepted again; it is checked as a new one is. Raises `Refusal`."""
    task.check(edition, "amended", now)
    order = _changed(task.order, change)
    if order == task.order:
        refuse(NOTHING)
    _see_lawful(units, order, now, language)
    legs.checked(units, fleet, order, language)
    _to_come(order.deadline, now)
    return _row(task.id, order, "amended", edition + 1, by, now, nonempty(why, "why"))


def _act(task: Task, edition: int, state: State, by: str, now: datetime, why: str | None) -> Row:
    task.check(edition, state, now)
    return _row(task.id, task.order, state, edition + 1, by, now, why)


def _changed(order: Order, change: Change) -> Order:
    return replace(
        order,
        instruction=order.instruction
        if change.instruction is None
        else nonempty(change.instruction, "instruction"),
        authority=change.authority or order.authority,
        deadline=change.deadline or order.deadline,
        flags=tuple(ordered([*order.flags, *change.flags])),
        legs=order.legs if change.legs is None else change.legs,
        joins=order.joins if change.joins is None else change.joins,
    )


def _see_lawful(units: Units, order: Order, now: datetime, language: Language) -> None:
    """Refuse what no authority of the unit covers on the day, and what would have the coast guard enforce."""
    covering(units, order.unit, order.form, order.authority, language, now.date())
    for unit in (order.unit, *order.joins):
        refuse_enforcement(units, unit, order.instruction, language)


def _to_come(deadline: datetime | None, now: datetime) -> None:
    if deadline is not None and deadline <= now:
        refuse(PAST, deadline=minute(deadline))


def _row(id_: str, order: Order, state: State, edition: int, by: str, now: datetime, why: str | None) -> Row:
    latitude, longitude, radius = order.place or (None, None, None)
    return common(SOURCE, id_, order.marking, now) | {
        "task": id_,
        "form": order.form,
        "state": state,
        "lead": order.lead,
        "subjects": list(order.subjects),
        "unit": order.unit,
        "instruction": order.instruction,
        "authority": order.authority,
        "deadline": order.deadline,
        "flags": list(order.flags),
        "why": why,
        "by": by,
        "edition": edition,
        "latitude": latitude,
        "longitude": longitude,
        "radius": radius,
        "starts": order.starts,
        "legs": [asdict(one) for one in order.legs] or None,
        "joins": list(order.joins) or None,
        "asset": order.asset,
    }
