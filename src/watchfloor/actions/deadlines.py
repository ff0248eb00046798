"""Days by which something is due, of every subject that has any, as a list and as a calendar."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Annotated, ClassVar, Final, NamedTuple

from watchfloor.actions.base import Answer, Context, Request, action, option, words
from watchfloor.actions.gateways import OWN
from watchfloor.actions.removal_tables import register
from watchfloor.casework.custody import clocks as statutory
from watchfloor.casework.custody.exhibits import Exhibit
from watchfloor.casework.removals.clocks import clocks as removal_clocks
from watchfloor.casework.tasking.tasks import OPEN, Task
from watchfloor.casework.tasking.units import load as load_units
from watchfloor.core import icalendar
from watchfloor.core.marking import joined
from watchfloor.exchange import risk
from watchfloor.exchange.bundles import states
from watchfloor.exchange.log.records_due import owed
from watchfloor.messages.catalogue import Catalogue
from watchfloor.policy.gateway_table import load_table
from watchfloor.policy.gateways import RISK_STANDS

DAYS: Final = 90
"""How far ahead is looked where nobody says how far."""
UNMARKED: Final = "PB//TLP:AMBER"
"""Marking of a day whose act says none of its own: a partner's name and a statute."""


class Deadline(Answer, frozen=True):
    """A day by which something is due.

    Attributes:
        kind: custody, removal, copy, risk, recall or task.
        reference: id of what it is about.
        law: the section that says so; empty: nobody but who asked.
        overdue: whether the day is over.
    """

    texts: ClassVar = "deadlines"
    columns: ClassVar = ("day", "kind", "title", "law", "overdue")

    day: date
    kind: Annotated[str, words("deadlines.kind_")]
    title: str
    law: str
    reference: str
    overdue: bool
    marking: str


class DeadlineList(Answer, frozen=True):
    """Days, the nearest first; `calendar`: the same as iCalendar (RFC 5545), where a file is asked for."""

    unprinted: ClassVar = ("calendar",)

    deadlines: list[Deadline]
    calendar: str | None
    marking: str


class ListDeadlines(Request, frozen=True):
    """How far ahead."""

    days: Annotated[
        int, option("How many days ahead; what is overdue is always there.", minimum=0, maximum=1_000_000)
    ] = DAYS


class _Due(NamedTuple):
    """A day with what `Deadline` says of it."""

    day: date
    kind: str
    title: str
    law: str
    reference: str
    marking: str


@action(
    "deadlines",
    "deadlines --days 30 -o due.ics",
    rows="deadlines",
    document="calendar",
    empty="deadlines.none",
)
def list_(context: Context, ask: ListDeadlines) -> DeadlineList:
    """List the days by which something is due, overdue ones first: by law, by a recall or by a task.

    Clocks of exhibits and of removal orders, copies of records that a law asks for, risk checks of partners
    that end, recalls that nobody answered, tasks. A hold has no day: it stands until it is lifted.
    """
    today = context.now.astimezone().date()  # of the place, as the days of acts are
    last = today + timedelta(days=ask.days)
    found = sorted({one for part in _PARTS for one in part(context, today) if one.day <= last})
    deadlines = [Deadline(**one._asdict(), overdue=one.day < today) for one in found]
    context.log_query("deadlines", shown=[one.reference for one in deadlines])
    return DeadlineList(
        deadlines=deadlines,
        calendar=calendar(deadlines, context) if context.out else None,
        marking=joined(one.marking for one in deadlines),
    )


def calendar(deadlines: Iterable[Deadline], context: Context) -> str:
    """Return days as iCalendar, each a whole day."""
    return icalendar.calendar(map(_event, deadlines), context.now, "deadlines").decode()


def _event(one: Deadline) -> icalendar.Event:
    text = "\n".join(filter(None, (one.law, one.reference, one.marking)))
    uid = f"{one.kind}-{one.reference}".replace(" ", "-")
    return icalendar.Event(uid, one.day, None, one.title, text)


def _say(context: Context, key: str, **params: object) -> str:
    return Catalogue().say(f"deadlines.{key}", context.language, **params)


def _custody(context: Context, today: date) -> Iterator[_Due]:
    """Yield what the Controlled Drugs and Substances Act gives days for."""
    world = Exhibit.read(context.floor, context.reader, context.as_of)
    for one in statutory.clocks(world, today):
        if one.state in ("due", "overdue"):
            title = _say(context, "custody", number=one.number, says=one.says(context.language))
            law = f"CDSA s. {one.section}"
            yield _Due(
                one.last, "custody", title, law, f"{one.exhibit} {one.section}", world[one.exhibit].marking
            )


def _removals(context: Context, today: date) -> Iterator[_Due]:
    """Yield the duties that clocks of removal orders run for."""
    del today
    _, found = register(context, "")
    for order in found.values():
        for one in removal_clocks(order, context.now):
            if one.state in ("due", "overdue") and one.last:
                name = Catalogue().word("word.", one.name, context.language)
                title = _say(context, "removal", order=order.id, clock=name)
                law = f"IRPA {one.section}" if one.section[:1].isdigit() else one.section
                yield _Due(one.last, "removal", title, law, f"{order.id} {one.name}", joined(order.markings))


def _copies(context: Context, today: date) -> Iterator[_Due]:
    """Yield the copies of records that a law wants sent to somebody."""
    table = load_table(context.folder / OWN)
    markings = {
        act.position: str((act.detail or {}).get("marking") or UNMARKED)
        for act in context.floor.acts_of("disclosed", "received")
    }
    for year in (today.year - 1, today.year):
        for one in owed(context.floor, table, year, context.reader, context.language):
            if one.copy_due and one.copy_due >= today and one.row and one.row.copy_to:
                whom = getattr(one.row.copy_to, context.language)
                title = _say(context, "copy", day=one.day.isoformat(), party=one.party, whom=whom)
                law = f"{one.row.law} s. {one.row.due_section}"
                reference = f"{one.record} {one.position}"
                yield _Due(one.copy_due, "copy", title, law, reference, markings[one.position])


def _risks(context: Context, today: date) -> Iterator[_Due]:
    """Yield the last days of checks of the risk of mistreatment."""
    del today
    for one in risk.latest(context.floor).values():
        title = _say(context, "risk", partner=one.partner)
        yield _Due(one.on + RISK_STANDS, "risk", title, "", one.partner, UNMARKED)


def _recalls(context: Context, today: date) -> Iterator[_Due]:
    """Yield the days by which peers are to answer recalls."""
    for one in states.states(context.floor, context.reader, today):
        if one.due:
            title = _say(context, "recall", peer=one.peer, bundle=one.bundle)
            yield _Due(one.due, "recall", title, "", one.bundle, UNMARKED)


def _tasks(context: Context, today: date) -> Iterator[_Due]:
    """Yield the days by which open tasks are to be done."""
    del today
    units = load_units(context.floor.root)
    for one in Task.read(context.floor, context.reader, context.as_of).values():
        if one.deadline and one.standing(context.now) in OPEN:
            unit = units.called(one.order.unit, context.language)
            title = _say(context, "task", unit=unit, instruction=one.order.instruction)
            day = one.deadline.astimezone().date()
            yield _Due(day, "task", title, one.order.authority, one.id, one.order.marking)


_PARTS: Final = (_custody, _removals, _copies, _risks, _recalls, _tasks)
