"""Making notices: what is new for who follows something, each with their own eyes, and once.

Something new is a signal that a queue did not have, or came in another strength, and what people did about a
lead. It is looked for once a clearance, in the queue of that clearance and among the records that it may see:
a row that is hidden from it makes no notice and moves none. What was ever there is known by a hash, so a
signal that was taken back and comes again is not new.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np

from watchfloor.casework import saved_views
from watchfloor.casework.decisions.conflicts import names
from watchfloor.casework.notices import subscriptions
from watchfloor.casework.notices.matching import Facts, Flags, Followed, Matcher
from watchfloor.casework.notices.subscriptions import NAMED, OWNER, FactIndex, New, Subscription
from watchfloor.casework.saved_views import parse
from watchfloor.cell.acts import NotFound, Row, same_person
from watchfloor.cell.queue import NoLead, every
from watchfloor.console.pictures.fitting import fitting, states_of, tasked
from watchfloor.console.pictures.picture import Picture
from watchfloor.console.pictures.picture_cache import MADE_OF, MOVED_BY, Pictures, ServedPicture
from watchfloor.core.kinds import OUTCOME, TASK, TRIAGE, WATCH_ENTRY, Kind
from watchfloor.policy import terms
from watchfloor.policy.policy import Reader, clearance
from watchfloor.store import files
from watchfloor.store.floor import Floor
from watchfloor.store.readers import NotPermitted
from watchfloor.store.segments.reading import POSITION
from watchfloor.store.views import visible

SIGNAL: Final = "signal"
ACTS: Final[tuple[Kind, ...]] = (TRIAGE, TASK, OUTCOME, WATCH_ENTRY)
"""Kinds of record by which people act on leads."""
MINE: Final = "\x1f"
"""Parts a query that asks for what is one's own from who asks."""


class Fact(NamedTuple):
    """Something that may be new.

    Attributes:
        key: tells it from all others.
        kind, record: what says it: `signal`, or a kind of record, and its id.
        at: when it could first be known, or was done.
        lead: head of the matter that it is about; `ids`: all that it goes by.
        subjects: keys that it names; `place`: where it is, degrees.
        row: of the lead in the picture; -1: it is in none.
        by: who did it.
        position: in the log, of what people did.
    """

    key: int
    kind: str
    record: str
    at: datetime
    lead: str
    ids: tuple[str, ...]
    subjects: tuple[str, ...]
    place: tuple[float, float] | None = None
    row: int = -1
    by: str = ""
    position: int = 0


class Eyes(NamedTuple):
    """With whose eyes a floor is looked at, and when."""

    floor: Floor
    reader: Reader
    at: datetime


class _Clearance:
    """The subscriptions of one clearance, and the facts that were told."""

    def __init__(self, root: Path, reader: Reader) -> None:
        self.reader, self.told = reader, FactIndex(root, _digest(reader))
        self.mine: list[Subscription] = []
        self.matcher = Matcher([])
        self.seen: ServedPicture | None = None
        self.known: dict[str, tuple[bytes, list[Fact]]] = {}

    def facts(self, picture: Picture) -> list[Fact]:
        """Return the signals of a picture; only leads that changed are read."""
        found: dict[str, tuple[bytes, list[Fact]]] = {}
        for row, (lead_id, said) in enumerate(picture.ids().items()):
            before = self.known.get(lead_id)
            if before is not None and before[0] == said:
                rows = [one._replace(row=row) for one in before[1]]
            else:
                rows = list(signals(picture, row))
            found[lead_id] = said, rows
        self.known = found
        return [one for _, rows in found.values() for one in rows]


class Notices:
    """Makes the notices of a console.

    Args:
        floor: whose.
        pictures: the queues of each clearance.
        people: names who may be named in a comment.
        channels: names of those by which notices are sent.
    """

    def __init__(
        self,
        floor: Floor,
        pictures: Pictures,
        people: Callable[[], Iterable[str]],
        channels: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        self._floor, self._pictures, self._people, self._channels = floor, pictures, people, channels
        self._clearances: dict[Reader, _Clearance] = {}
        self._file: tuple[int, ...] = ()
        self._position, self._day, self._erased, self._restored = -1, date.min, 0, 0
        self._comments: FactIndex | None = None
        self._rounds, self._round = 0, threading.Condition()

    def settle(self, seconds: float) -> bool:
        """Wait until all that is there now was looked at; gives whether it was in time."""
        with self._round:
            until = self._rounds + 2  # the round that runs may have begun before
            return self._round.wait_for(lambda: self._rounds >= until, seconds)

    def look(self, now: datetime) -> int:
        """Make notices of what came since the last look; gives how many."""
        try:
            return self._look(now)
        finally:
            with self._round:
                self._rounds += 1
                self._round.notify_all()

    def _look(self, now: datetime) -> int:
        position = self._floor.position
        if (restored := self._floor.restored) != self._restored:  # a backup is in the floor's place
            self._clearances, self._comments = {}, None
            self._position, self._erased, self._restored = -1, 0, restored
        if self._moved() or position != self._position or now.date() != self._day:
            self._forget()
            self._group()
            self._day = now.date()
        made = self._named(position) if position != self._position else 0
        for one in self._clearances.values():
            made += self._tell(one, position, now)
        self._position = position
        return made

    def _moved(self) -> bool:
        """Whether the file of subscriptions was written since it was last read."""
        root, found = self._floor.root, []
        for name in (files.PERSONAL, f"{files.PERSONAL}-wal"):
            with suppress(FileNotFoundError):
                at = (root / name).stat()
                found += [at.st_mtime_ns, at.st_size]
        before, self._file = self._file, tuple(found)
        return before != self._file

    def _forget(self) -> None:
        """Follow no subject any more that an erasure took away."""
        if (erased := self._floor.newest_act("erasure")) > self._erased:
            subscriptions.forget_erased(self._floor.root, erased, self._sees)
            self._erased = erased

    def _sees(self, one: Subscription, markings: set[str]) -> bool:
        """Whether a subscription's person may see one of some markings; who may see nothing now, any."""
        reader = self._reader(one.person, one.purpose)
        return bool(markings if reader is None else visible(markings, reader))

    def _group(self) -> None:
        """Put subscriptions together by what their people may see."""
        grouped: defaultdict[Reader, list[Subscription]] = defaultdict(list)
        readers: dict[tuple[str, str], Reader | None] = {}
        for one in subscriptions.subscriptions(self._floor.root):
            who = one.person, one.purpose
            if who not in readers:
                readers[who] = self._reader(*who)
            if (reader := readers[who]) is not None:
                grouped[clearance(reader)].append(one)
        whole = {clearance(reader): reader for reader in readers.values() if reader is not None}
        self._clearances = {key: one for key, one in self._clearances.items() if key in grouped}
        for key, mine in grouped.items():
            group = self._clearances.get(key)
            if group is None:
                group = self._clearances[key] = _Clearance(self._floor.root, whole[key])
            group.reader = whole[key]
            if mine != group.mine:
                group.mine = mine
                group.matcher = self._matcher([one for one in mine if one.begun])
                group.seen = None

    def _reader(self, person: str, purpose: str) -> Reader | None:
        """Return what a person may see; None: nothing, by the policy as it is now."""
        try:
            return self._floor.reader(person, purpose)
        except NotPermitted:
            return None

    def _matcher(self, mine: Sequence[Subscription]) -> Matcher:
        return Matcher([self._followed(one) for one in mine])

    def _followed(self, one: Subscription) -> Followed:
        """Return what a subscription is to; of a view its query, and who asks where it asks for their own."""
        if one.kind != "view":
            return Followed(one.kind, one.target)
        try:
            query = saved_views.find(self._floor.root, one.person, one.target).query
        except NotFound:  # it was removed since
            return Followed("lead", "")
        return Followed("view", f"{query}{MINE}{one.person}" if parse(query).state == "mine" else query)

    def _tell(self, one: _Clearance, position: int, now: datetime) -> int:
        seen = self._pictures.current(one.reader, now)
        waiting = [each for each in one.mine if not each.begun]
        same = one.seen is not None and one.seen.picture is seen.picture
        if same and position == one.told.position and not waiting:
            return 0
        eyes = Eyes(self._floor, one.reader, now)
        facts = one.facts(seen.picture)
        news: list[New] = []
        if one.told.position is not None:
            fresh = [each for each in facts if each.key not in one.told.facts]
            fresh += self._acts(eyes, seen.picture, one.told.position, position)
            begun = [each for each in one.mine if each.begun]
            news += self._new(one.matcher, begun, fresh, eyes, seen.picture)
        if waiting and seen.fresh:
            news += self._begin(waiting, facts, eyes, seen.picture, position)
        made = self._add(news)
        one.told.add((each.key for each in facts), position)
        if waiting and seen.fresh:
            subscriptions.begin(self._floor.root, [each.id for each in waiting])
        one.seen = seen
        return made

    def _begin(
        self,
        waiting: Iterable[Subscription],
        facts: Sequence[Fact],
        eyes: Eyes,
        picture: Picture,
        position: int,
    ) -> list[New]:
        """Return what is new for subscriptions that were made since the last look: what came after each."""
        news: list[New] = []
        made: defaultdict[int, list[Subscription]] = defaultdict(list)
        for one in waiting:
            made[one.position].append(one)
        for since, mine in made.items():
            fresh = [] if self._stands(since) else self._since(facts, eyes, since)
            fresh += self._acts(eyes, picture, since, position)
            news += self._new(self._matcher(mine), mine, fresh, eyes, picture)
        return news

    def _stands(self, since: int) -> bool:
        """Whether nothing that a queue is made of has come since a position of the log."""
        return max(self._floor.newest(MADE_OF), self._floor.newest_act(*MOVED_BY)) <= since

    def _since(self, facts: Iterable[Fact], eyes: Eyes, since: int) -> list[Fact]:
        before = self._pictures.at(eyes.reader, since, eyes.at)
        there = {each.key for row in range(len(before)) for each in signals(before, row)}
        return [each for each in facts if each.key not in there]

    def _acts(self, eyes: Eyes, picture: Picture, after: int, upto: int) -> list[Fact]:
        """Return what people did about leads between two positions of the log."""
        found: list[Fact] = []
        for kind in ACTS if upto > after else ():
            if self._floor.newest((kind.name,)) > after:
                columns = [*kind.schema.names, POSITION]
                rows = self._floor.read(kind.name, eyes.reader, upto, columns, after=after)
                found += [act_of(kind, row, picture) for row in rows.to_pylist()]
        return found

    def _new(
        self,
        matcher: Matcher,
        mine: Sequence[Subscription],
        facts: Sequence[Fact],
        eyes: Eyes,
        picture: Picture,
    ) -> list[New]:
        if not (mine and facts):
            return []
        places = [one.place or (np.nan, np.nan) for one in facts]
        columns = np.array(places, np.float64).reshape(-1, 2).T
        told = Facts([one.ids for one in facts], [one.subjects for one in facts], *columns)
        rows = np.array([one.row for one in facts])
        pairs = zip(*matcher.match(told, self._holds(rows, eyes, picture)), strict=True)
        found = [(mine[number], facts[fact]) for number, fact in pairs]
        return [_notice(one.person, one.id, fact) for one, fact in found if fact.by != one.person]

    def _holds(
        self, rows: "np.ndarray[tuple[int], np.dtype[np.int64]]", eyes: Eyes, picture: Picture
    ) -> Callable[[str], Flags]:
        """Return what evaluates a query over the leads of facts; what all queries need is read once."""
        given: Mapping[str, frozenset[str]] | None = None
        states = None

        def holds(target: str) -> Flags:
            nonlocal given, states
            if given is None or states is None:
                given, states = tasked(eyes), states_of(eyes, picture)
            query, _, person = target.partition(MINE)
            shown, _ = fitting(picture, parse(query), given, states, eyes.at, person)
            there = np.zeros(len(picture) + 1, np.bool_)  # the last is of what is in no row, -1
            there[shown] = True
            return np.asarray(there[rows])

        return holds

    def _named(self, position: int) -> int:
        """Make the notices of comments that name somebody, or are on a lead that somebody owns."""
        told = self._comments = self._comments or FactIndex(self._floor.root, NAMED)
        made, newest = 0, self._floor.newest((TRIAGE.name,))
        if told.position is not None and newest > told.position:
            made = self._add(self._spoken_to(told.position, position))
        if told.position is None or newest > told.position:  # at first, what was said before is not new
            told.add((), position)
        return made

    def _spoken_to(self, after: int, upto: int) -> Iterator[New]:
        seen: dict[Reader, list[Row]] = {}
        for person in self._people():
            for reader in self._readers(person):
                key = clearance(reader)
                if key not in seen:
                    rows = self._floor.read(TRIAGE.name, reader, upto, after=after)
                    seen[key] = [row for row in rows.to_pylist() if row["act"] == "comment"]
                for row in seen[key]:
                    named = any(same_person(person, one) for one in row["mentions"])
                    why = NAMED if named else OWNER if row["owner"] == person else ""
                    if why and not same_person(person, row["by"]):
                        yield _notice(person, why, act_of(TRIAGE, row, None))

    def _readers(self, person: str) -> Iterator[Reader]:
        """Yield what a person may see, for each purpose that the policy lets them state."""
        policy = terms.load(self._floor.root)
        if policy is not None and person not in policy.readers:
            return
        purposes = policy.statable("purposes", person) if policy and policy.purposes else ("",)
        yield from filter(None, (self._reader(person, purpose) for purpose in purposes))

    def _add(self, news: Iterable[New]) -> int:
        return subscriptions.add(self._floor.root, news, self._channels(), 0.0)


def signals(picture: Picture, row: int) -> Iterator[Fact]:
    """Yield the signals of the lead in a row of a picture."""
    head, places = picture.lead(row), picture.places(row)
    ids, subjects = names(head)
    for one in {each.signal_id: each for lead in every([head]) for each in lead.signals}.values():
        place = one.place or places.get(one.signal_id)
        key = key_of(one.signal_id, one.strength)
        yield Fact(
            key,
            SIGNAL,
            one.signal_id.hex(),
            one.at,
            head.lead_id,
            tuple(sorted(ids)),
            tuple(sorted(subjects)),
            place and place[:2],
            row,
        )


def act_of(kind: Kind, row: Row, picture: Picture | None) -> Fact:
    """Return what somebody did about a lead; in a picture, with the ids that the lead goes by there."""
    lead = row["about" if kind is WATCH_ENTRY else "lead"] or ""
    place = (row["latitude"], row["longitude"]) if row.get("latitude") is not None else None
    subjects, ids, at = set(row["subjects"] or ()), {lead} - {""}, -1
    with suppress(NoLead):
        if picture is not None and lead:
            at, head, _ = picture.matter(lead)
            mine, named = names(head)
            ids, subjects, lead = ids | mine, subjects | named, head.lead_id
            place = place or _place(picture, at)
    return Fact(
        key_of(row["record_id"]),
        kind.name,
        row["record_id"].hex(),
        row["observed_at"],
        lead,
        tuple(sorted(ids)),
        tuple(sorted(subjects)),
        place,
        at,
        row["by"],
        row.get(POSITION, 0),
    )


def _place(picture: Picture, row: int) -> tuple[float, float] | None:
    here = next(iter(picture.places(row).values()), None)
    return here and here[:2]


def key_of(*parts: bytes | str) -> int:
    """Return a hash of what tells a fact from others, as SQLite's integers hold it."""
    whole = b"\x1f".join(one if isinstance(one, bytes) else one.encode() for one in parts)
    return int.from_bytes(blake2b(whole, digest_size=8).digest(), "big", signed=True)


def _digest(reader: Reader) -> str:
    """Return what names a clearance in the file."""
    said = msgspec.json.encode(clearance(reader), order="deterministic")
    return blake2b(said, digest_size=16).hexdigest()


def _notice(person: str, why: str, fact: Fact) -> New:
    return New(person, why, fact.key, fact.lead, fact.kind, fact.record, fact.at)
