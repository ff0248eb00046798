"""Jobs on deliveries: files taken in, quarantine read again, and the desks run over what is new.

Each function here runs in the process of `jobs`, opens the floor by its folder, and acts as the officer who
started it. It takes plain values and gives plain values.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from watchfloor.cell.learning.outcome_entry import checks
from watchfloor.cell.weighing.weights import load
from watchfloor.console.jobs import work
from watchfloor.console.jobs.jobs import Say
from watchfloor.core.marking import parse
from watchfloor.desks.registry import declare_messages
from watchfloor.feeds import config, rereading
from watchfloor.feeds.intake import CommittedDelivery, Orders, Tally, Turns, ingest_each, tally
from watchfloor.feeds.walk import Aside, one_file
from watchfloor.formats.tabular import mapping as mappings
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

WAITS: Final = 120.0
"""Seconds that a job waits for another writer, such as `watchfloor ingest`."""
DESKS: Final = "…"
"""What a job says while the desks run; the page has words for it."""


class FileStatement(msgspec.Struct, frozen=True):
    """An officer's statement on a file; empty: it is found out.

    Attributes:
        source: the feed it comes from.
        format: its format.
        mapping: text of a mapping.
        marking: of its records.
        whole: whether the lists in it are whole.
    """

    source: str = ""
    format: str = ""
    mapping: str = ""
    marking: str = ""
    whole: bool = False


class Delivered(msgspec.Struct, frozen=True):
    """A delivery that was committed."""

    name: str
    source: str
    format: str
    position: int | None
    received: int
    accepted: int
    duplicate: int
    quarantined: int
    withheld: int
    notes: list[str]
    reasons: dict[str, int]


class LeftAside(msgspec.Struct, frozen=True):
    """Something that was not delivered, and why."""

    name: str
    reason: str
    harmless: bool


class Ingested(msgspec.Struct, frozen=True):
    """Result of a job that took something in.

    Attributes:
        taken: deliveries.
        aside: what was left aside.
        ran: whether the desks ran afterwards.
        left: pieces in quarantine that this officer may see, after reading it again; None: that was not done.
    """

    taken: list[Delivered]
    aside: list[LeftAside]
    ran: bool
    left: int | None = None


def ingest(root: str, path: str, name: str, said: FileStatement, actor: Actor, say: Say) -> Ingested:
    """Take in a file that is called so, and run the desks over what is new."""
    floor, _, orders = _begin(root, said, actor)
    with Turns(partial(work.waited, floor, actor, WAITS, say)) as turns:
        items = one_file(Path(path), name)
        sums = tally(ingest_each(turns, items, config.load(floor.root), orders, say))
    return _told(sums, ran=_run(floor, actor, sums, say))


def again(root: str, pieces: list[int], said: FileStatement, actor: Actor, say: Say) -> Ingested:
    """Read pieces in quarantine again, and run the desks over what is new."""
    floor, reader, orders = _begin(root, said, actor)
    wanted = frozenset(pieces)
    waiting = [one for one in floor.quarantine(reader=reader) if one.id in wanted]
    with Turns(partial(work.waited, floor, actor, WAITS, say)) as turns:
        feeds = config.load(floor.root)
        sums = tally(_saying(rereading.retry(floor, turns, feeds, orders, waiting, say), say))
    left = sum(one.id in wanted or one.position >= _first(sums) for one in floor.quarantine(reader=reader))
    return _told(sums, ran=_run(floor, actor, sums, say), left=left)


def _begin(root: str, said: FileStatement, actor: Actor) -> tuple[Floor, Reader, Orders]:
    declare_messages()
    floor = Floor.open(root)
    reader = floor.reader(actor.name, actor.purpose)
    orders = replace(orders_of(said), checks=checks(floor, reader, load(), floor.now()))
    return floor, reader, orders


def orders_of(said: FileStatement) -> Orders:
    """Return the orders for feeds. Raises `ValueError` or `SettingsError` where the statement is wrong."""
    return Orders(
        config.check_source(said.source) if said.source else None,
        said.format or None,
        mappings.parse(said.mapping, "mapping") if said.mapping else None,
        parse(said.marking) if said.marking else None,
        said.whole,
    )


def _run(floor: Floor, actor: Actor, sums: Tally, say: Say) -> bool:
    """Run the desks where anything is new."""
    if not sums.total.accepted:
        return False
    say(DESKS, sums.total.received)
    return work.rerun(str(floor.root), actor, say) > 0


def _saying(found: Iterable[CommittedDelivery | Aside], say: Say) -> Iterable[CommittedDelivery | Aside]:
    """The same; what is at work is said of each."""
    rows = 0
    for one in found:
        rows += one.account.received if isinstance(one, CommittedDelivery) else 0
        say(one.name, rows)
        yield one


def _first(sums: Tally) -> int:
    """Position of the first delivery that was committed; beyond all of them where there is none."""
    return min((one.position for one in sums.taken), default=1 << 62)


def _told(sums: Tally, *, ran: bool, left: int | None = None) -> Ingested:
    taken = [
        Delivered(
            one.name,
            one.source,
            one.format,
            one.position,
            *one.account,
            notes=list(one.notes),
            reasons=dict(one.withheld),
        )
        for one in sums.taken
    ]
    aside = [LeftAside(one.name, one.why or one.reason, one.harmless) for one in sums.aside]
    return Ingested(taken, aside, ran, left)
