"""News: what of a floor that moved each reader is told, and that nobody learns what he may not see.

There is one channel for each clearance that looks in, not for each view: a view is named by the markings that
occur, so a hidden row of a new marking would give it another name, and that would tell of it. What came is
read with the eyes of each clearance. Rows that are hidden from it make no event and take no number.

Events say ids, counts and times. The words of a row are fetched from its page, which logs the look.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import pyarrow.compute as pc

from watchfloor.casework.watch.orders import load
from watchfloor.casework.watch.repository import entries
from watchfloor.casework.watch.watch import DUTY, Due, calls_end, due, nobody
from watchfloor.console.live.events import Events, Head
from watchfloor.console.pictures.changes import changed_ids
from watchfloor.console.pictures.picture import Picture
from watchfloor.console.pictures.picture_cache import MOVED_BY, Pictures
from watchfloor.core.kinds import JUDGEMENT, KINDS, OUTCOME, PRODUCT, TASK, WATCH_ENTRY
from watchfloor.core.marking import parse
from watchfloor.policy.policy import Reader, allowed, clearance
from watchfloor.store.floor import Floor
from watchfloor.store.readers import NotPermitted

TOLD: Final = 50
"""Changed leads that an event names; of more it says how many."""
MOST: Final = 256
"""Channels; beyond that the one that was asked for longest ago is let go of, unless somebody listens."""
FED: Final = tuple(
    kind
    for kind in KINDS
    if kind not in {one.name for one in (TASK, WATCH_ENTRY, PRODUCT, JUDGEMENT, OUTCOME)}
)
"""Kinds that feeds deliver; the others are typed at the desk."""
Said = Mapping[str, Any]
Moved = Mapping[str, int]
"""Position of the last act that brought rows of a kind."""


@dataclass
class _Channel:
    """Of one clearance.

    Attributes:
        name: of its channel in `Events`.
        reader: who asked last, with the consents and the day of then.
        upto: position up to which it was told.
        alerts: what it was told of them last.
        turns: when the next alert goes on up the chain; None where none does.
        picture: the queue that was told last.
    """

    name: str
    reader: Reader
    upto: int
    alerts: Said
    turns: datetime | None = None
    picture: Picture | None = None


class News:
    """Tells the channels of a console's `Events`."""

    def __init__(self, floor: Floor, events: Events) -> None:
        self._floor, self._events = floor, events
        self._channels: OrderedDict[Reader, _Channel] = OrderedDict()
        self._guard, self._telling = threading.Lock(), threading.Lock()
        self._moved: Moved = {}
        self._position, self._restored = -1, 0

    def channel(self, reader: Reader, now: datetime) -> str:
        """The channel of who sees what a reader sees, opened where there is none yet."""
        key = clearance(reader)
        with self._guard:
            one = self._channels.get(key)
            if one is None:
                one = self._channels[key] = self._open(reader, now)
                self._make_room()
            one.reader = reader
            self._channels.move_to_end(key)
            return one.name

    def head(self, reader: Reader, now: datetime) -> Head:
        """Where the channel of a reader stands."""
        return self._events.head(self.channel(reader, now))

    def look(self, now: datetime) -> None:
        """Tell what came since the last look, and which alerts have gone on up the chain meanwhile."""
        position, restored = self._floor.position, self._floor.restored
        if restored != self._restored:  # a backup is in the floor's place: all that it has is news
            for one in self._all():
                one.upto = 0
        if (position, restored) != (self._position, self._restored):
            moved = {kind: self._floor.newest((kind,)) for kind in KINDS}
            self._moved = moved | {"": self._floor.newest_act(*MOVED_BY)}
        for one in self._all():
            self._tell(one, position, now)
        self._position, self._restored = position, restored

    def queue(self, pictures: Pictures, view: str, before: Picture | None, now: Picture, number: int) -> None:
        """Tell the channels of a view that its queue has changed."""
        for one in self._all():
            if pictures.view_of(one.reader) == view:
                with self._telling:
                    self._tell_queue(one, before, now, number)

    def _all(self) -> list[_Channel]:
        with self._guard:
            return list(self._channels.values())

    def _open(self, reader: Reader, now: datetime) -> _Channel:
        position = self._floor.position
        said, turns = self._alerts(reader, position, now)
        return _Channel(self._events.open({"alerts": said}), reader, position, said, turns)

    def _make_room(self) -> None:
        for key, one in list(self._channels.items()):
            if len(self._channels) <= MOST:
                return
            if self._events.drop(one.name):
                del self._channels[key]

    def _tell(self, one: _Channel, position: int, now: datetime) -> None:
        """Everything is read before anything is said, so that what fails is looked at again as a whole."""
        events: list[tuple[str, Said]] = []
        turns = one.turns
        if any(at > one.upto for at in self._moved.values()):
            one.reader = self._today(one.reader)
            events += self._came(one, position)
        if any(what == "watch" for what, _ in events) or self._otherwise(one) or (turns and now >= turns):
            said, turns = self._alerts(one.reader, position, now)
            if said != one.alerts:
                events.append(("alerts", said))
                one.alerts = said
        for what, told in events:
            self._events.publish(one.name, what, told)
        one.upto, one.turns = max(one.upto, position), turns

    def _otherwise(self, one: _Channel) -> bool:
        """Whether an act changed what is seen without bringing rows, such as an erasure."""
        return self._moved[""] > one.upto

    def _today(self, reader: Reader) -> Reader:
        """A reader with the consents that the floor has now, and today's day; the clearance stays."""
        with suppress(NotPermitted):
            now = self._floor.reader(reader.name, reader.purpose)
            return replace(reader, consents=now.consents, today=reader.today and now.today)
        return reader

    def _came(self, one: _Channel, position: int) -> Iterator[tuple[str, Said]]:
        """Yield the rows that came since, as events."""
        for what, kind, column in (("watch", WATCH_ENTRY, "entry"), ("tasks", TASK, "task")):
            if ids := self._new(one, kind.name, column, position):
                yield what, {"ids": ids[:TOLD], "count": len(ids)}
        if sources := {source for kind in FED for source in self._new(one, kind, "source", position)}:
            yield "feeds", {"sources": sorted(sources)}

    def _new(self, one: _Channel, kind: str, column: str, position: int) -> list[str]:
        """The values of a column in the rows of a kind that came since and may be seen, each once."""
        if self._moved[kind] <= one.upto:
            return []
        found = self._floor.read(kind, one.reader, position, [column], after=one.upto)
        values: list[str] = pc.unique(found.column(column)).to_pylist()
        return values

    def _tell_queue(self, one: _Channel, last: Picture | None, now: Picture, number: int) -> None:
        """Tell a channel how the queue differs from the one it was told last; at first, from the view's."""
        before, one.picture = one.picture or last, now
        if before is None or before.about.digest == now.about.digest:
            return
        ids = changed_ids(before, now)
        said = {"number": number, "changed": len(ids), "leads": ids[:TOLD]}
        self._events.publish(one.name, "queue", said)

    def _alerts(self, reader: Reader, position: int, now: datetime) -> tuple[Said, datetime | None]:
        """The open alerts that a reader may see, and when the clock next changes them."""
        chain, log = load(self._floor.root), entries(self._floor, reader, position)
        standing = due(chain, log, now)
        said = {
            "open": len(standing),
            "late": sum(one.late for one in standing),
            "alerts": [_alert(one) for one in standing],
            "nobody": allowed(reader, parse(DUTY)) and nobody(chain, log, now),
        }
        turns = [*(one.by for one in standing), *calls_end(log, now)]
        return said, min((one for one in turns if one > now), default=None)


def _alert(one: Due) -> Said:
    """An open alert, without its words: which, what danger, by when it goes on, and whom it found missing."""
    return {
        "entry": one.alert.entry,
        "unheld": list(one.unheld),
        "flags": list(one.alert.flags),
        "late": one.late,
        "due": one.by.isoformat(timespec="seconds"),
    }
