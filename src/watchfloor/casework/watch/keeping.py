"""Keeping the watch on a floor: its acts, written in one step each by whoever has the floor's writer.

What an act rests on is read behind the lock of the writer, so that of two officers who acknowledge one alert
the second is told who has it.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from watchfloor.casework.tasking.ordering import at_least
from watchfloor.casework.tasking.tasks import Task
from watchfloor.casework.watch import watch
from watchfloor.casework.watch.orders import Watch, load
from watchfloor.casework.watch.sitrep import HEADINGS, Records, records_of, still_open
from watchfloor.cell import acts
from watchfloor.cell.acts import Row, pick, read, write_all
from watchfloor.cell.leads import Lead
from watchfloor.records.kinds import WATCH_ENTRY
from watchfloor.records.marking import join
from watchfloor.records.messages import Language
from watchfloor.release.policy import Reader
from watchfloor.store.floor import Floor

SHIFT: Final = timedelta(hours=12)
"""How far back the log and a situation report go where nobody says from when."""


class About(NamedTuple):
    """The lead or task that a line is about, by its id, or None; and the line's marking."""

    id: str | None
    marking: str


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
    """Lines of the log that a reader may see, oldest first."""
    return read(floor, reader, WATCH_ENTRY, as_of)


def about(
    floor: Floor, reader: Reader, start: str | None, marking: str | None, lead_of: Callable[[str], Lead]
) -> About:
    """What a line is about, and its marking: never below that of what it is about.

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
        return About(mine[0].id, at_least(mine[0].order.marking, marking))
    lead = lead_of(start)
    return About(lead.lead_id, at_least(lead.marking, marking))


def note(post: Post, text: str, of: About, flags: Iterable[str] = ()) -> Written:
    """Write a line. Raises `Refused`, as all that follow do."""
    now = post.writer.moment()
    return post.write(watch.note(text, post.by, now, post.floor.key, of.marking, of.id, flags))


def alert(post: Post, text: str, of: About, flags: Iterable[str] = (), to: str | None = None) -> Written:
    """Raise an alert."""
    now, chain = post.writer.moment(), load(post.floor.root)
    row = watch.alert(
        *(chain, post.entries(), text, post.by, now, post.floor.key, of.marking, of.id, flags, to)
    )
    return post.write(row)


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


def pick_alert(chain: Watch, log: Sequence[Row], start: str) -> watch.Alert:
    """The alert whose id starts so. Raises `Refused`."""
    return pick(watch.alerts(chain, log), start, "alert", "cases watch log --all")


def listed(chain: Watch, records: Records, now: datetime, language: Language) -> tuple[list[str], str]:
    """What a handover lists, and its marking: open alerts and tasks, life first, and the standing orders."""
    from watchfloor.feeds.config import PERSONAL

    found = still_open(chain, records, now)
    lines = [
        f"{HEADINGS[one.section][language]}: {one.text(language)} [{one.record_id.hex()[:12]}]"
        for one in found
    ]
    nothing = {"en": "No open alert and no open task.", "fr": "Aucune alerte ni tâche ouverte."}
    orders = [f"{order.name}: {order.text(language)}" for order in chain.order]
    return [*(lines or [nothing[language]]), *orders], join([PERSONAL, *(one.marking for one in found)])


def orders(chain: Watch, row: Row, language: Language) -> list[str]:
    """The standing orders beside an alert, each with its name."""
    return [f"{one.name}: {one.text(language)}" for one in chain.orders(row["flags"], row["text"])]


def _listed(post: Post, text: str, now: datetime, language: Language) -> tuple[str, str]:
    """The text of a signature, with what is open below it."""
    lines, marked = listed(load(post.floor.root), records_of(post.floor, post.reader), now, language)
    return "\n".join([*([text] if text else []), *lines]), marked
