"""Tallies: how many deliveries a feed has brought of which something is known under the same markings.

They are made once for all readers, and masked by marking as rows are: a reader knows of a delivery who may
see a row that it brought, or a piece of it in quarantine, or something of one that it only repeated.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any, Final, NamedTuple

from watchfloor.core.marking import Marking
from watchfloor.policy.policy import Reader
from watchfloor.store import ledger, log
from watchfloor.store.ceiling import strictest
from watchfloor.store.database import Database
from watchfloor.store.ledger import Account, Delivery
from watchfloor.store.views import Marked, markings_at, visible

Markings = frozenset[str]

_NOTHING: Final = Account(0, 0, 0, 0, 0)

_PART: Final = 10_000
"""Deliveries that are in memory at a time."""


@dataclass(slots=True)
class DeliveryTally:
    """The sum of some deliveries of one feed.

    Attributes:
        deliveries: how many.
        last: when the last of them was committed; None: there is none.
        account: their sum; what was quarantined and read again counts once.
        withheld: rows withheld, by reason.
    """

    deliveries: int = 0
    last: datetime | None = None
    account: Account = _NOTHING
    withheld: Counter[str] = field(default_factory=Counter)

    def add(self, other: "DeliveryTally") -> None:
        """Add others."""
        self._count(other, 1)
        self.last = max(filter(None, (self.last, other.last)), default=None)

    def remove(self, other: "DeliveryTally") -> None:
        """Take some away. `last` stays: they are known to more readers from now on, and to all of before."""
        self._count(other, -1)

    def _count(self, other: "DeliveryTally", sign: int) -> None:
        self.deliveries += sign * other.deliveries
        self.account = Account(*(a + sign * b for a, b in zip(self.account, other.account, strict=True)))
        for reason, rows in other.withheld.items():
            self.withheld[reason] += sign * rows


class _Key(NamedTuple):
    source: str
    markings: Markings


class DeliveryTallies:
    """The tallies of a floor's deliveries, for any thread.

    What is known of a delivery changes when a later one brings something out of the same bytes, and by an
    erasure. So each is read once, those of its bytes with it, and all are read again after an erasure. What
    is in memory grows with the feeds and the markings that came together, not with the deliveries.
    """

    def __init__(self, ceiling: Marking) -> None:
        self._ceiling, self._guard = ceiling, Lock()
        self._upto, self._made = 0, (0, 0)
        self._known: dict[_Key, DeliveryTally] = {}

    def by_source(
        self, database: Database, marked: Marked, reader: Reader | None
    ) -> dict[str, DeliveryTally]:
        """Return, by feed, the tally of what `reader` knows, as of a snapshot or later; None: of all.

        Args:
            database: the snapshot.
            marked: what occurs in it.
            reader: who asks.
        """
        found: dict[str, DeliveryTally] = {}
        with self._guard:
            self._follow(database, marked)
            every = frozenset().union(*(key.markings for key in self._known))
            mine = None if reader is None else visible(every, reader)
            for key, tally in self._known.items():
                if tally.deliveries and (mine is None or not mine.isdisjoint(key.markings)):
                    found.setdefault(key.source, DeliveryTally()).add(tally)
        return found

    def _follow(self, database: Database, marked: Marked) -> None:
        if self._made < (marked.restored, marked.erased):
            self._upto, self._made, self._known = 0, (marked.restored, marked.erased), {}
        while fresh := _after(database, self._upto):
            first, last = fresh[0].position, fresh[-1].position
            now = known_under(database, marked, fresh, self._ceiling)
            for one in fresh:
                self._add(one, now[one.position])
            same = {(one.source, one.digest) for one in fresh if one.size and brings(one)}
            earlier = [
                one
                for source, digest in same
                for one in ledger.deliveries(database, source, digest, upto=first - 1, brought=False)
            ]
            before = known_under(database, marked, earlier, self._ceiling, upto=first - 1)
            now = known_under(database, marked, earlier, self._ceiling, upto=last)
            for one in earlier:
                if before[one.position] != now[one.position]:
                    self._known[_Key(one.source, before[one.position])].remove(_tally(one))
                    self._add(one, now[one.position])
            self._upto = last

    def _add(self, one: Delivery, markings: Markings) -> None:
        self._known.setdefault(_Key(one.source, markings), DeliveryTally()).add(_tally(one))


def _after(database: Database, position: int) -> list[Delivery]:
    """Return deliveries after a position, oldest first; some of them, if they are many."""
    query = "SELECT position FROM deliveries WHERE position > ? ORDER BY position LIMIT ?"
    found = database.execute(query, (position, _PART)).fetchall()
    return ledger.deliveries(database, None, None, after=position, upto=found[-1][0]) if found else []


def _tally(one: Delivery) -> DeliveryTally:
    received, accepted, duplicate, quarantined, withheld = one.account
    again = one.resolved
    account = Account(received - again, accepted, duplicate, quarantined - again, withheld)
    return DeliveryTally(1, one.at, account, Counter(one.withheld))


def brings(one: Delivery) -> bool:
    """Whether a delivery brought anything new: rows, or pieces that could not be read."""
    return one.account.accepted + one.account.quarantined > 0


def known_under(
    database: Database,
    marked: Marked,
    deliveries: Iterable[Delivery],
    ceiling: Marking,
    upto: int | None = None,
) -> dict[int, Markings]:
    """Return, by position, the markings of what is known of each delivery: who may see one knows of it.

    One that brought nothing new is known as those are whose bytes and stated marking it repeats. Under
    another marking the rows were new, unless they had come under that one before. What people type in has no
    bytes of its own, so it repeats nothing.

    Args:
        database: the catalogue.
        marked: what occurs in it.
        deliveries: of any feeds.
        ceiling: the floor's.
        upto: only deliveries up to this position are repeated; None: all.
    """
    every = list(deliveries)
    empty = [one for one in every if one.size and not brings(one)]
    same = {
        (source, digest): ledger.deliveries(database, source, digest, upto=upto, brought=True)
        for source, digest in {(one.source, one.digest) for one in empty}
    }
    origins = [one for group in same.values() for one in group]
    looked = [one for one in every if one.account.quarantined] + origins + (empty if origins else [])
    details = _details(database, {one.position for one in looked})
    found = markings_at(marked, {one.position for one in [*every, *origins]})
    for one in (*every, *origins):
        if one.account.quarantined:
            pieces = details[one.position].get("faults_marking", strictest(ceiling))
            found[one.position] |= {str(pieces)}
    for one in empty:
        stated = details.get(one.position, {}).get("marking_stated")
        like = [
            each.position
            for each in same[one.source, one.digest]
            if details[each.position].get("marking_stated") == stated
        ]
        found[one.position] = frozenset().union(*(found[each] for each in like))
    return found


def _details(database: Database, positions: Iterable[int]) -> dict[int, Mapping[str, Any]]:
    """Return what the acts at some positions say; nothing of one that was erased."""
    return {act.position: act.detail or {} for act in log.at(database, sorted(positions))}
