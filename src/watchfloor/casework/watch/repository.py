"""Keeping the watch on a floor: its acts, written in one step each by whoever has the floor's writer.

What an act rests on is read behind the lock of the writer, so that of two officers who acknowledge one alert
the second is told who has it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from watchfloor.casework import rosters
from watchfloor.casework.life_cycle import Done, at_least
from watchfloor.casework.tasking.ordering import TaskRequest, give
from watchfloor.casework.tasking.tasks import OPEN, Task
from watchfloor.casework.tasking.units import ANY, RESCUE, Units, able, authorities, cite, cited
from watchfloor.casework.tasking.units import load as load_units
from watchfloor.casework.watch import watch
from watchfloor.casework.watch.orders import TaskRule, Watch, label, load
from watchfloor.casework.watch.sitrep import HEADINGS, Records, records_of, still_open
from watchfloor.cell import acts
from watchfloor.cell.acts import Conflict, Row, minute, pick, read, refuse, write_all
from watchfloor.cell.leads import Lead
from watchfloor.core.kinds import WATCH_ENTRY
from watchfloor.core.marking import join, parse
from watchfloor.core.messages import Language, declare, reason
from watchfloor.policy.policy import Reader, allowed
from watchfloor.store import clock
from watchfloor.store.floor import Floor

NO_TASK: Final = declare("cell.alert-no-task", "alert")
TASKED: Final = declare("cell.alert-tasked", "alert", "unit", "task", "by", "at")
NOBODY: Final = declare("cell.alert-nobody")
ONE_OPEN: Final = declare("cell.alert-open", "alert", "by", "at")

SHIFT: Final = timedelta(hours=12)
"""How far back the log and a situation report go where nobody says from when."""


class About(NamedTuple):
    """The lead or task that a line is about, by its id, or None; the line's marking, subjects and place."""

    id: str | None
    marking: str
    subjects: tuple[str, ...] = ()
    place: watch.Place | None = None


class Written(NamedTuple):
    """A line that was written, its position in the log, and the row that standing orders are read beside."""

    row: Row
    position: int
    first: Row


class Post(acts.Post):
    """Where an officer keeps the watch."""

    def entries(self) -> list[Row]:
        """The log of the watch as it is now."""
        return entries(self.floor, self.reader)

    def write(self, row: Row, *beside: Row, first: Row | None = None) -> Written:
        """Keep a line, and in the same commit those beside it."""
        return Written(row, write_all(self.writer, WATCH_ENTRY, [row, *beside]), first or row)


def entries(floor: Floor, reader: Reader, as_of: int | datetime | None = None) -> list[Row]:
    """Lines of the log that a reader may see, oldest first, and before them who holds a role by a roster."""
    lines = read(floor, reader, WATCH_ENTRY, as_of)
    return [*rosters.on_call(floor, reader, lines, as_of), *lines]


def about(
    floor: Floor, reader: Reader, start: str | None, marking: str | None, lead_of: Callable[[str], Lead]
) -> About:
    """Find the task or lead of a line, and its marking: never below theirs.

    Args:
        floor: whose tasks.
        reader: who writes it.
        start: of the id of a task or a lead; None: it is about neither.
        marking: that was asked for.
        lead_of: finds a lead by the start of its id.
    """
    if start is None:
        return About(None, at_least(None, marking))
    mine = [one for id_, one in Task.read(floor, reader).items() if id_.startswith(start)]
    if len(mine) == 1:
        order = mine[0].order
        return About(mine[0].id, at_least(order.marking, marking), order.subjects, order.place)
    lead = lead_of(start)
    marked = at_least(lead.marking, marking)
    return About(lead.lead_id, marked, lead.subjects or (lead.subject,), watch.place_of(lead))


def note(post: Post, text: str, of: About, flags: Iterable[str] = ()) -> Written:
    """Write a line. Raises `Refusal`, as all that follow do."""
    now = post.writer.moment()
    return post.write(watch.note(text, post.by, now, post.floor.key, of.marking, of.id, flags))


def alert(
    post: Post,
    text: str,
    of: About,
    flags: Iterable[str] = (),
    to: str | None = None,
    *,
    anyway: bool = False,
) -> Written:
    """Raise an alert, one for a matter. Raises `Conflict` where one is open already, but for `anyway`."""
    now, chain, log = post.writer.moment(), load(post.floor.root), post.entries()
    if not anyway and (standing := open_alert(chain, log, of.subjects)):
        first = standing.rows[0]
        at = minute(first["observed_at"])
        raise Conflict(reason(ONE_OPEN, alert=standing.entry, by=first["by"], at=at))
    row = watch.alert(
        *(chain, log, text, post.by, now, post.floor.key, of.marking, of.id, flags, to),
        of.subjects,
        of.place,
        clock.rate(post.floor.root),
    )
    return post.write(row)


def open_alert(chain: Watch, log: Sequence[Row], subjects: Iterable[str]) -> watch.Alert | None:
    """Return the first open alert about any of these subjects."""
    names = set(subjects)
    found = (one for one in watch.alerts(chain, log).values() if not one.acknowledged)
    return next((one for one in found if not names.isdisjoint(one.subjects)), None)


def acknowledge(post: Post, start: str, text: str = "") -> Written:
    """Take an alert by the start of its id."""
    found = pick_alert(load(post.floor.root), post.entries(), start)
    return post.write(watch.acknowledge(found, post.by, post.writer.moment(), text), first=found.rows[0])


def escalate(post: Post, start: str, why: str) -> Written:
    """Send an alert up the chain."""
    chain, log = load(post.floor.root), post.entries()
    found = pick_alert(chain, log, start)
    row = watch.escalate(chain, log, found, post.by, post.writer.moment(), why)
    return post.write(row, first=found.rows[0])


def on_call(post: Post, role: str, person: str, until: datetime | None) -> Written:
    """Put somebody on call."""
    from watchfloor.feeds.config import PERSONAL  # every format comes with it

    chain, now = load(post.floor.root), post.writer.moment()
    called = watch.on_call(chain, role, person, until, post.by, now, post.floor.key, PERSONAL)
    return post.write(called, watch.role_held(called))


def hand_over(post: Post, to: str, text: str, language: Language) -> Written:
    """Offer the watch with all that is open listed: the first signature."""
    now = post.writer.moment()
    said, marked = _listed(post, text, now, language)
    return post.write(watch.offer(said, to, post.by, now, post.floor.key, marked))


def sign(post: Post, start: str, text: str, language: Language) -> Written:
    """Take the watch, with what is open now listed: the second signature."""
    now = post.writer.moment()
    found = pick(watch.handovers(post.entries()), start, "handover-offered", "cases watch log --all")
    said, marked = _listed(post, text, now, language)
    taken = watch.sign(found, said, post.by, now, marked)
    return post.write(taken, watch.on_watch(taken))


@dataclass(frozen=True, slots=True)
class Draft:
    """A task that one click gives: all of it is there.

    Attributes:
        unit: key of who is asked; `authority` covers it, the first of `authorities`.
        instruction: what is asked.
        minutes: within which.
        place: as a task's place is written; empty where none is known.
        flags: dangers.
    """

    unit: str
    authority: str
    authorities: tuple[str, ...]
    instruction: str
    minutes: int
    place: str
    flags: tuple[str, ...]


def drafts(
    units: Units,
    wanted: TaskRule,
    why: str,
    place: watch.Place | None,
    flags: Iterable[str],
    now: datetime,
    language: Language,
) -> tuple[list[Draft], list[Draft]]:
    """Return the task that each unit could be given at once: units that are wanted, then all others.

    Args:
        units: the table.
        wanted: who is asked first, if anybody, under which law, for what and within how long.
        why: the sentence that follows what is asked.
        place: of the matter; None where none is known.
        flags: its dangers.
        now: when; units that are open come first.
        language: of the words.
    """
    where = ",".join(f"{each:.5f}" for each in place[:2]) + f",{place[2]:.0f}" if place else ""
    text, named = f"{wanted.text(language)} {why}", cited(units, wanted.authority)

    def draft(name: str) -> Draft:
        unit = units.units[name]
        first = [
            cite(units, power, language)
            for power in unit.mandate
            if "task" in power.forms
            and (named == (power.statute, power.section) if named else power.rescue and wanted.unit == RESCUE)
        ]
        powers = tuple(dict.fromkeys((*first, *authorities(units, unit, "task", language))))
        return Draft(name, powers[0], powers, text, wanted.minutes, where, tuple(flags))

    first = able(units, wanted.unit, now) if wanted.unit else []
    others = [name for name in able(units, ANY, now) if name not in first]
    return [draft(name) for name in first], [draft(name) for name in others]


def refuse_nobody(post: Post) -> None:
    """Refuse where an alert would go to nobody: as far as the reader may know no role is held."""
    knows = allowed(post.reader, parse(watch.DUTY))
    if knows and watch.nobody(load(post.floor.root), post.entries(), post.writer.moment()):
        refuse(NOBODY)


def give_task(post: Post, found: watch.Alert, asked: TaskRequest, language: Language) -> Done[Task]:
    """Give the task of an alert, and acknowledge the alert if nobody has: who tasks a unit has it.

    Raises:
        Conflict: the unit has an open task on this matter already.
        Refusal: what is asked cannot be, see `ordering.give`.
    """
    table, now = load_units(post.floor.root), post.writer.moment()
    if not asked.anyway and (given := open_task(post, found, asked.unit, now)):
        unit = table.unit(asked.unit).called(language)
        facts = {"alert": found.entry, "unit": unit, "task": given.id}
        raise Conflict(reason(TASKED, **facts, by=given.first["by"], at=minute(given.first["observed_at"])))
    done = give(post.floor, post.writer, post.reader, table, asked, language)
    if not found.acknowledged:
        post.write(watch.acknowledge(found, post.by, post.writer.moment(), done.item.id))
    return done


def open_task(post: Post, found: watch.Alert, unit: str, now: datetime) -> Task | None:
    """Return an open task of a unit on the matter of an alert, given since that was raised."""
    since = found.rows[0]["observed_at"]
    for one in Task.read(post.floor, post.reader).values():
        mine = one.order.unit == unit and one.first["observed_at"] >= since
        if mine and one.standing(now) in OPEN and not set(found.subjects).isdisjoint(one.order.subjects):
            return one
    return None


def pick_alert(chain: Watch, log: Sequence[Row], start: str) -> watch.Alert:
    """The alert whose id starts so. Raises `Refusal`."""
    return pick(watch.alerts(chain, log), start, "alert", "cases watch log --all")


def listed(chain: Watch, records: Records, now: datetime, language: Language) -> tuple[list[str], str]:
    """Return the lines of a handover and their marking: open alerts and tasks, life first, and standing
    orders.
    """
    from watchfloor.feeds.config import PERSONAL

    found = still_open(chain, records, now)
    lines = [
        f"{label(HEADINGS[one.section][language], language)} "
        f"{one.text(language)} [{one.record_id.hex()[:12]}]"
        for one in found
    ]
    nothing = {"en": "No open alert and no open task.", "fr": "Aucune alerte ni tâche ouverte."}
    orders = [order.shown(language) for order in chain.order]
    return [*(lines or [nothing[language]]), *orders], join([PERSONAL, *(one.marking for one in found)])


def orders(chain: Watch, row: Row, language: Language) -> list[str]:
    """The standing orders beside an alert, each with its name."""
    return [one.shown(language) for one in chain.orders(row["flags"], row["text"], row.get("rule"))]


def _listed(post: Post, text: str, now: datetime, language: Language) -> tuple[str, str]:
    """The text of a signature, with what is open below it."""
    lines, marked = listed(load(post.floor.root), records_of(post.floor, post.reader), now, language)
    return "\n".join([*([text] if text else []), *lines]), marked
