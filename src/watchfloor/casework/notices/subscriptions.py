"""Subscriptions and notices, as `personal.sqlite` keeps them.

A notice is the id of something new, of a lead and of why its person is told. What it says is read anew each
time, with the eyes of who reads: nothing is shown that they may not see by then, and nothing that was erased
is kept here.
"""

import secrets
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from watchfloor.casework.notices.targets import Kind, canonical
from watchfloor.casework.personal import connect, personal
from watchfloor.cell.acts import pick, refuse
from watchfloor.core.messages import declare
from watchfloor.store import catalogue, files, log
from watchfloor.store.erasure import retention, subject_index
from watchfloor.store.index.bodies import micros
from watchfloor.store.log import Actor
from watchfloor.store.segments import reading

MOST: Final = 500
"""Subscriptions of one person."""
KEPT: Final = 1_000
"""Notices of one person; older ones go."""
NAMED: Final = "named"
OWNER: Final = "owner"
"""In place of a subscription: a comment names the person, or is on a lead of theirs."""

TOO_MANY: Final = declare("cell.follow-too-many", "most")


class Subscription(NamedTuple):
    """A lead, subject, place or view that one person follows for a purpose, since a position of the log."""

    id: str
    person: str
    kind: Kind
    target: str
    purpose: str
    authority: str
    position: int
    made_at: datetime
    begun: bool = False


class New(NamedTuple):
    """Something new for one person: `fact` tells it from all else, and `record` is the id of what says it."""

    person: str
    subscription: str
    fact: int
    lead: str
    kind: str
    record: str
    at: datetime


class Notice(NamedTuple):
    """One that is kept; `number` grows with each, over all persons."""

    number: int
    new: New
    read: bool


def follow(root: Path, actor: Actor, kind: Kind, target: str, position: int, now: datetime) -> Subscription:
    """Keep a subscription; one to the same for the same purpose stays as it is."""
    target = canonical(kind, target)
    mine = subscriptions(root, actor.name)
    for one in mine:
        if (one.kind, one.target, one.purpose) == (kind, target, actor.purpose):
            return one
    if len(mine) >= MOST:
        refuse(TOO_MANY, most=MOST)
    made = Subscription(
        secrets.token_hex(6), actor.name, kind, target, actor.purpose, actor.authority, position, now
    )
    with personal(root) as file:
        file.execute(
            "INSERT OR IGNORE INTO subscriptions VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)", (*made[:7], micros(now))
        )
    return made


def subscriptions(root: Path, person: str | None = None) -> list[Subscription]:
    """Return what a person follows, or everybody, the newest first."""
    if not (root / files.PERSONAL).exists():
        return []
    with closing(connect(root)) as file:
        rows = file.execute(
            "SELECT * FROM subscriptions WHERE ? IS NULL OR person = ? ORDER BY made_at DESC, id",
            (person, person),
        ).fetchall()
    return [
        Subscription(id_, who, kind, target, purpose, authority, position, log.moment(at), bool(begun))
        for id_, who, kind, target, purpose, authority, position, at, begun in rows
    ]


def begin(root: Path, ids: Iterable[str]) -> None:
    """Note that what was in before these subscriptions were made is known."""
    with personal(root) as file:
        file.executemany("UPDATE subscriptions SET begun = 1 WHERE id = ?", [(one,) for one in ids])


def unfollow(root: Path, person: str, start: str) -> Subscription:
    """Remove the subscription whose id starts so; its notices go with it. Raises `NotFound`."""
    mine = {one.id: one for one in subscriptions(root, person)}
    found = pick(mine, start, "subscription", "notices followed")
    with personal(root) as file:
        file.execute("DELETE FROM subscriptions WHERE id = ?", (found.id,))
        file.execute("DELETE FROM notices WHERE person = ? AND subscription = ?", (person, found.id))
    return found


def forget_erased(root: Path, erased_at: int, sees: Callable[[Subscription, set[str]], bool]) -> None:
    """Remove subscriptions to subjects that nothing names since an erasure, which would keep their keys.

    One to a subject that its person sees named nowhere goes too: if it stayed because something that is
    hidden from them names it, they would know that there is something.

    Args:
        root: the floor's folder.
        erased_at: position of the last erasure; what was followed after it stays.
        sees: whether who follows it may see one of some markings, those of the rows that name its subject.
    """
    old = [one for one in subscriptions(root) if one.kind == "subject" and one.position < erased_at]
    if not old:
        return
    markings: dict[str, set[str]] = {one.target: set() for one in old}
    with catalogue.snapshot(root) as database:
        for kind in retention.evidence_kinds(database):
            for part in reading.payloads(database, kind):
                table = reading.load(root, part)
                for row, key in subject_index.keys_in(table):
                    if key in markings:
                        markings[key].add(table["marking"][row].as_py())
    gone = [(one.id,) for one in old if not sees(one, markings[one.target])]
    with personal(root) as file:
        file.executemany("DELETE FROM notices WHERE subscription = ?", gone)
        file.executemany("DELETE FROM subscriptions WHERE id = ?", gone)
    with closing(connect(root)) as file:  # the log of what was written has them, while others have it open
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def add(root: Path, news: Iterable[New], channels: Sequence[str], due: float) -> int:
    """Keep what is new, each once, and have it sent by channels; gives how many were not there before."""
    rows = [(*one[:6], micros(one.at)) for one in news]
    if not rows:
        return 0
    with personal(root) as file:
        last = file.execute("SELECT coalesce(max(number), 0) FROM notices").fetchone()[0]
        file.executemany(
            "INSERT OR IGNORE INTO notices (person, subscription, fact, lead, kind, record, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
        for channel in channels:
            file.execute(
                "INSERT INTO sendings (number, channel, due) SELECT number, ?, ? FROM notices "
                "WHERE number > ?",
                (channel, due, last),
            )
        count: int = file.execute("SELECT count(*) FROM notices WHERE number > ?", (last,)).fetchone()[0]
        for person in {row[0] for row in rows}:
            file.execute(
                "DELETE FROM notices WHERE person = ? AND number <= (SELECT number FROM notices "
                "WHERE person = ? ORDER BY number DESC LIMIT 1 OFFSET ?)",
                (person, person, KEPT),
            )
    return count


def notices(root: Path, person: str, *, unread: bool = False) -> list[Notice]:
    """Return the notices of a person, the newest first."""
    if not (root / files.PERSONAL).exists():
        return []
    with closing(connect(root)) as file:
        rows = file.execute(
            "SELECT number, read, at, person, subscription, fact, lead, kind, record FROM notices "
            "WHERE person = ? AND (NOT ? OR NOT read) ORDER BY at DESC, number DESC",
            (person, unread),
        ).fetchall()
    return [
        Notice(number, New(who, why, fact, lead, kind, record, log.moment(at)), bool(read))
        for number, read, at, who, why, fact, lead, kind, record in rows
    ]


class Problem(NamedTuple):
    """A channel that has not taken a person's notices: how many, why, and whether no more is tried."""

    channel: str
    notices: int
    why: str
    over: bool


def problems(root: Path, person: str) -> list[Problem]:
    """Return the channels that have not taken notices of a person."""
    if not (root / files.PERSONAL).exists():
        return []
    with closing(connect(root)) as file:
        rows = file.execute(
            "SELECT s.channel, count(DISTINCT n.fact), max(s.problem), max(s.sent) = 2 FROM sendings s "
            "JOIN notices n ON n.number = s.number WHERE n.person = ? AND s.sent != 1 AND s.tries > 0 "
            "GROUP BY s.channel ORDER BY s.channel",
            (person,),
        ).fetchall()
    return [Problem(channel, waiting, why, bool(over)) for channel, waiting, why, over in rows]


def mark_read(root: Path, person: str, facts: Iterable[int]) -> None:
    """Mark what is new for a person as read."""
    with personal(root) as file:
        file.executemany(
            "UPDATE notices SET read = 1 WHERE person = ? AND fact = ?", [(person, one) for one in facts]
        )


class FactIndex:
    """Facts that were there before, or of which who has a clearance was told: none is new again."""

    def __init__(self, root: Path, clearance: str) -> None:
        self._root, self._clearance = root, clearance
        with closing(connect(root)) as file:
            row = file.execute(
                "SELECT position FROM followed_to WHERE clearance = ?", (clearance,)
            ).fetchone()
            self.position: int | None = row[0] if row else None
            found = file.execute("SELECT fact FROM followed WHERE clearance = ?", (clearance,))
            self.facts = {fact for (fact,) in found}

    def add(self, facts: Iterable[int], position: int) -> None:
        """Keep more of them, and up to where the log was looked at."""
        fresh = set(facts) - self.facts
        if not fresh and position == self.position:
            return
        with personal(self._root) as file:
            file.executemany(
                "INSERT OR IGNORE INTO followed VALUES (?, ?)", [(self._clearance, one) for one in fresh]
            )
            file.execute("INSERT OR REPLACE INTO followed_to VALUES (?, ?)", (self._clearance, position))
        self.facts |= fresh
        self.position = position
