"""Giving a unit a task, from what is known of its lead to the warnings that follow from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from watchfloor.casework.decisions import conflicts
from watchfloor.casework.flags import inherited, ordered
from watchfloor.casework.life_cycle import Done, at_least
from watchfloor.casework.releasing import why_not
from watchfloor.casework.tasking import assets, deconfliction, spots, tasks
from watchfloor.casework.tasking.legs import Leg, Order
from watchfloor.casework.tasking.tasks import Task
from watchfloor.casework.tasking.units import Unit, Units, opens
from watchfloor.cell.acts import read, refuse, write
from watchfloor.cell.leads import Lead
from watchfloor.core.kinds import TASK, WATCH_ENTRY
from watchfloor.core.marking import parse
from watchfloor.core.messages import Language, declare
from watchfloor.core.subjects import SubjectError, parts, subject
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.writer import Writer

NO_SUBJECT_KEY: Final = declare("cell.task-subject-key", "problem")
ABOVE_READER: Final = declare("cell.task-above-reader", "marking", "why")


@dataclass(frozen=True, slots=True)
class TaskRequest:
    """A request of an officer to a unit.

    Attributes:
        form: task, lookout or target.
        unit: the unit's key.
        instruction: what is asked, in words.
        authority: statute and section.
        lead: that it follows from, or None; about: its id where it is not at hand, as of an alert.
        subjects: further typed keys.
        marking: never below the lead's; None: the lead's.
        deadline, starts: by when and from when, or None.
        place: latitude, longitude[, metres], as a text, or None.
        flags: dangers that go with it, besides those that are inherited.
        seen: what the page showed last, see `conflicts.refuse_unseen`; None: nobody is told.
        anyway: also where something was done meanwhile.
        begun: when several tasks of one form began to be given, see the same.
        legs: its parts by country, where it lies across the line.
        joins: keys of further units, which support it.
        asset: name of what is to be sent or pointed, or None.
    """

    form: str
    unit: str
    instruction: str
    authority: str
    lead: Lead | None = None
    subjects: tuple[str, ...] = ()
    marking: str | None = None
    deadline: datetime | None = None
    starts: datetime | None = None
    place: str | None = None
    flags: tuple[str, ...] = ()
    seen: str | None = None
    anyway: bool = False
    begun: datetime | None = None
    legs: tuple[Leg, ...] = ()
    joins: tuple[str, ...] = ()
    asset: str | None = None
    about: str | None = None


def give(
    floor: Floor, writer: Writer, reader: Reader, units: Units, asked: TaskRequest, language: Language = "en"
) -> Done[Task]:
    """Give a unit a task, under an authority that its mandate names. Flags of earlier tasks are inherited.

    Raises:
        Conflict: something was done about the lead that the officer has not seen.
        Refusal: what is asked cannot be, see `tasks.issue`.
    """
    order = _order(floor, reader, asked)
    if why := why_not(reader, parse(order.marking)):
        refuse(ABOVE_READER, marking=order.marking, why=why.render(language))
    if asked.lead and asked.seen is not None and not asked.anyway:
        names = conflicts.names(asked.lead)
        conflicts.refuse_unseen(floor, reader, *names, asked.seen, language, asked.begun)
    now = writer.moment()
    fleet = assets.visible(floor.root, reader)
    row = tasks.issue(units, order, reader.name, now, floor.key, language, reader.purpose, fleet)
    position = write(writer, TASK, row)
    return Done(Task.read(floor, reader)[row["task"]], position, now)


def warn(floor: Floor, reader: Reader, authority: str, given: Task) -> list[str]:
    """Tell who holds the subjects, and both commanders where another task is near; gives the numbers.

    Called for every task alike, once it is written: so nothing can be learned from whether it is called.
    """
    deconfliction.log_hits(floor, reader, authority, given.order.subjects, "task")
    return spots.warn(floor, given.id)


def flags_of(
    floor: Floor, reader: Reader, lead: str | None, subjects: Iterable[str], given: Iterable[str] = ()
) -> list[str]:
    """The flags that a new task would have: those given, and those that it inherits."""
    rows, entries = (read(floor, reader, kind) for kind in (TASK, WATCH_ENTRY))
    return ordered([*given, *inherited(lead, list(subjects), rows, entries)])


def closed_until(unit: Unit, now: datetime) -> datetime | None:
    """When a unit opens that is closed at a moment; None where it is open."""
    opening = opens(unit, now)
    return opening if opening > now else None


def marked(lead: Lead | None, marking: str | None) -> str:
    """The marking of what is written about a lead, or about none: never below the lead's. Refused."""
    return at_least(lead.marking if lead else None, marking)


def _order(floor: Floor, reader: Reader, asked: TaskRequest) -> Order:
    try:
        named = tuple(str(subject(*parts(key))) for key in asked.subjects)
    except SubjectError as error:
        refuse(NO_SUBJECT_KEY, problem=str(error))
    lead = asked.lead
    subjects = (*((lead.subjects or (lead.subject,)) if lead else ()), *named)
    lead_id = lead.lead_id if lead else asked.about
    return Order(
        asked.form,
        asked.unit,
        lead_id,
        subjects,
        asked.instruction,
        asked.authority,
        marked(lead, asked.marking),
        asked.deadline,
        tuple(flags_of(floor, reader, lead_id, subjects, asked.flags)),
        spots.place(asked.place) if asked.place else None,
        asked.starts,
        asked.legs,
        asked.joins,
        asked.asset,
    )
