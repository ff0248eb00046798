"""Journal of deliveries: each page that a partner pulled, and of each day one act in the log.

A page is noted before it is sent, with how many objects it has and SHA-256 over their digests in its order: a
partner who hashes what arrived has the same number. When a day is over, the act `delivered` says of each
partner how many different objects went, and a hash over them that no order changes: whoever lost a page on
the way, and asked again for that and what came meanwhile, reckons the same. The journal lies beside the log
and not in it, since pages come by the hundred a second; unlike a shelf it cannot be made again, so it is in
every backup.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol, Self

import numpy as np

from watchfloor.core.messages import declare, reason
from watchfloor.store.database import immediate_transaction
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

NAME: Final = "deliveries.sqlite"
ACT: Final = "delivered"
ACTOR: Final = Actor("console", "delivering what was disclosed", "the statement by which it was disclosed")
"""Who logs what a partner pulled: nobody here was asked."""

MOST_A_DAY: Final = 512 << 20
"""Bytes that one partner's pages of a day may take before the day is summed up: 30 million objects."""
PAGE: Final = 250
"""Of them for each page, beside 16 for each object."""
CHECKPOINT: Final = 8 << 20
"""Bytes of pages, about, that are noted between two checkpoints beside whoever notes them."""
COMMIT: Final = 16 << 10
"""Of them for each commit, which writes a few pages of SQLite anew."""
KEPT_STATUSES: Final = 10_000
KEPT_FOR: Final = timedelta(days=30)
"""How many statuses of what a partner sent are kept, and for how long."""

DAY_FULL: Final = declare("taxii.day-full", "objects", "seconds")

_ID: Final = 8
"""Bytes of the mark of an object, and of a digest of one."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PATIENCE: Final = 30.0
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS pages (
    id INTEGER PRIMARY KEY,
    shelf TEXT NOT NULL,
    collection TEXT NOT NULL,
    at INTEGER NOT NULL,                -- milliseconds since 1970
    day TEXT NOT NULL,                  -- in UTC
    objects INTEGER NOT NULL,
    sha256 BLOB NOT NULL,               -- over the digests of the objects
    last INTEGER NOT NULL,              -- the place of the last object
    ids BLOB NOT NULL,                  -- the mark of each object's id
    digests BLOB NOT NULL,              -- the first bytes of SHA-256 of each object
    position INTEGER                    -- of the act that sums up its day
) STRICT;
CREATE INDEX IF NOT EXISTS pages_open ON pages (day, shelf) WHERE position IS NULL;
CREATE INDEX IF NOT EXISTS pages_last ON pages (shelf, collection, last);
CREATE INDEX IF NOT EXISTS pages_day ON pages (shelf, day);
CREATE TABLE IF NOT EXISTS submissions (
    id TEXT PRIMARY KEY,
    shelf TEXT NOT NULL,
    at INTEGER NOT NULL,
    status BLOB NOT NULL                -- JSON, as TAXII has it
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS submissions_at ON submissions (shelf, at);
"""


class DayFull(Exception):  # noqa: N818 - an answer, no error
    """No further page of a partner can be noted today; `why` says so, `wait` is the seconds to tomorrow."""

    def __init__(self, objects: int, wait: int) -> None:
        super().__init__(objects, wait)
        self.why, self.wait = reason(DAY_FULL, objects=objects, seconds=wait), wait


class Entry(Protocol):
    """An object of a page: its place, SHA-256 of its body, and the mark of its id."""

    @property
    def added(self) -> int:
        """Return its place."""

    @property
    def sha256(self) -> bytes:
        """Return SHA-256 of its body."""

    @property
    def mark(self) -> bytes:
        """Return the mark of its id."""


class Served(Protocol):
    """Objects of a page."""

    @property
    def objects(self) -> int:
        """Return how many."""

    @property
    def last(self) -> int:
        """Return the place of the last."""

    @property
    def sha256(self) -> bytes:
        """Return SHA-256 of each body, joined."""

    @property
    def marks(self) -> bytes:
        """Return the mark of each id, joined."""


class Sending(NamedTuple):
    """A page on its way: to whom, of which collection, what it holds."""

    shelf: str
    collection: str
    page: Served


class Noted(NamedTuple):
    """Objects of a page as the journal notes them, see `Served`."""

    objects: int
    last: int
    sha256: bytes
    marks: bytes


def noted(entries: Sequence[Entry]) -> Noted:
    """Return what is noted of some objects."""
    last = entries[-1].added if entries else 0
    digests, marks = ([getattr(one, name) for one in entries] for name in ("sha256", "mark"))
    return Noted(len(entries), last, b"".join(digests), b"".join(marks))


class Delivered(NamedTuple):
    """Deliveries of some objects: how many of them went, and the last moment at which one did."""

    objects: int
    last: datetime | None


class Day(NamedTuple):
    """A day's deliveries to a shelf.

    Attributes:
        shelf: whose.
        day: in UTC.
        pages: that went, however often the same.
        objects: different ones, each counted once.
        sha256: see `hash_of`, over the objects.
        last: the place of the last object.
    """

    shelf: str
    day: date
    pages: int
    objects: int
    sha256: str
    last: int


class Deliveries:
    """The journal of one floor; threads share it. `close` it, or use it as a context manager."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._guard = threading.RLock()
        self._closed = False
        self._summed: date | None = None
        self._room: dict[str, tuple[str, int, int]] = {}
        self._written = 0
        self._checkpoints: threading.Thread | None = None

    @cached_property
    def _database(self) -> sqlite3.Connection:
        """The file, which is made with its first page."""
        if self._closed:  # a thread that outlives its console opens nothing that nobody closes
            raise sqlite3.ProgrammingError("the journal of deliveries is closed")
        if not self._path.exists():
            self._path.touch(0o600)
        database = sqlite3.connect(
            self._path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )
        try:
            database.execute("PRAGMA journal_mode = WAL")
            # A page that a power cut takes away had hardly left: its client asks again.
            database.execute("PRAGMA synchronous = NORMAL")
            # Each waits for the disk, and pages for it (0.4 s on a disk in use): `_checkpoint` comes before.
            database.execute("PRAGMA wal_autocheckpoint = 16384")
            for statement in _TABLES.split(";\n"):
                database.execute(statement)
        except BaseException:
            database.close()
            raise
        return database

    @classmethod
    def open(cls, floor: Floor) -> Self:
        """Open the journal of a floor."""
        return cls(floor.root / NAME)

    def close(self) -> None:
        """Close it."""
        with self._guard:
            self._closed = True
        if self._checkpoints is not None:
            self._checkpoints.join()
        with self._guard:
            if "_database" in self.__dict__:
                self._database.close()
                del self._database

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def served(self, shelf: str, collection: str, page: Served, now: datetime) -> str:
        """Note a page before it is sent; gives SHA-256 over its objects' digests, in hexadecimal.

        Raises:
            DayFull: the partner has been given so many pages today that no more are noted.
        """
        (found,) = self.all_served([Sending(shelf, collection, page)], now)
        if isinstance(found, DayFull):
            raise found
        return found

    def all_served(self, pages: Sequence[Sending], now: datetime) -> list[str | DayFull]:
        """Note pages, all of them in one transaction; gives of each what `served` gives or raises."""
        day, at = now.astimezone(UTC).date().isoformat(), millis(now)
        found: list[str | DayFull] = []
        rows = []
        with self._guard, immediate_transaction(self._database):
            for shelf, collection, page in pages:
                digest = sha256(page.sha256).digest()
                if not page.objects:
                    found.append(digest.hex())
                    continue
                try:
                    self._take_room(shelf, day, page.objects, now)
                except DayFull as error:
                    found.append(error)
                    continue
                digests = np.frombuffer(page.sha256, np.uint8).reshape(-1, 32)[:, :_ID].tobytes()
                noted = (shelf, collection, at, day, page.objects, digest, page.last, page.marks, digests)
                rows.append(noted)
                found.append(digest.hex())
            self._database.executemany(
                "INSERT INTO pages (shelf, collection, at, day, objects, sha256, last, ids, digests) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
        self._written += COMMIT + sum(PAGE + len(row[7]) + len(row[8]) for row in rows)
        if self._written >= CHECKPOINT:
            self._checkpoint_beside()
        return found

    def _checkpoint_beside(self) -> None:
        """Bring what was noted from the log of SQLite to its file, in a thread: pages are noted meanwhile."""
        with self._guard:
            if self._closed or (self._checkpoints is not None and self._checkpoints.is_alive()):
                return
            self._written = 0
            self._checkpoints = threading.Thread(target=self._checkpoint, name="deliveries-checkpoint")
            self._checkpoints.start()

    def _checkpoint(self) -> None:
        with suppress(sqlite3.OperationalError), self._reading() as database:  # it comes again
            database.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def _take_room(self, shelf: str, day: str, objects: int, now: datetime) -> None:
        """Count a page of a day; who asks for one object at a time, or for all all day, fills no disk."""
        on, size, given = self._room.get(shelf, ("", 0, 0))
        if on != day:
            query = (
                "SELECT coalesce(sum(? + length(ids) + length(digests)), 0), coalesce(sum(objects), 0) "
                "FROM pages WHERE shelf = ? AND day = ? AND position IS NULL"
            )
            size, given = self._database.execute(query, (PAGE, shelf, day)).fetchone()
        size += PAGE + 2 * _ID * objects
        if size > MOST_A_DAY:
            at = now.astimezone(UTC)
            tomorrow = datetime.combine(at.date() + timedelta(days=1), time(), UTC)
            raise DayFull(given, int((tomorrow - at).total_seconds()) + 1)
        self._room[shelf] = day, size, given + objects

    def last(self, shelf: str, collection: str = "") -> int:
        """Return the place of the last object that went, of a collection or of all; 0 for none."""
        if not self._path.exists():
            return 0
        query = "SELECT max(last) FROM pages WHERE shelf = ? AND (? = '' OR collection = ?)"
        with self._guard:
            found = self._database.execute(query, (shelf, collection, collection)).fetchone()[0]
        return int(found or 0)

    def delivered(self, shelf: str, ids: Iterable[str]) -> Delivered:
        """Return how many of some objects went to a partner, and when one of them did last."""
        if not self._path.exists():
            return Delivered(0, None)
        wanted, found, last = set(map(mark_of, ids)), set[bytes](), 0
        query = "SELECT at, ids FROM pages WHERE shelf = ? ORDER BY id"
        with self._reading() as database:
            for at, hashes in database.execute(query, (shelf,)):
                page = {hashes[n : n + _ID] for n in range(0, len(hashes), _ID)}
                if here := page & wanted:
                    found |= here
                    last = max(last, at)
        return Delivered(len(found), datetime.fromtimestamp(last / 1000, UTC) if last else None)

    def days(self, before: date) -> list[Day]:
        """Return the days before one that no act sums up yet."""
        if not self._path.exists():
            return []
        query = (
            "SELECT shelf, day, count(*), max(last) FROM pages "
            "WHERE position IS NULL AND day < ? GROUP BY day, shelf ORDER BY day, shelf"
        )
        with self._reading() as database:
            found = database.execute(query, (before.isoformat(),)).fetchall()
        return [
            Day(shelf, on, pages, *self.different(shelf, on, on), last)
            for shelf, day, pages, last in found
            for on in [date.fromisoformat(day)]
        ]

    def different(self, shelf: str, first: date, last: date) -> tuple[int, str]:
        """Return how many different objects went from one day to another, and their hash, see `hash_of`."""
        query = "SELECT digests FROM pages WHERE shelf = ? AND day BETWEEN ? AND ?"
        found: set[bytes] = set()
        with self._reading() as database:
            for (digests,) in database.execute(query, (shelf, first.isoformat(), last.isoformat())):
                found |= {digests[n : n + _ID] for n in range(0, len(digests), _ID)}
        return len(found), hash_of(found)

    def sum_up(self, floor: Floor, now: datetime) -> list[Day]:
        """Log an act for each partner and day that is over, and note it; gives what was summed up.

        It looks once a day: a console calls it all the time.
        """
        today = now.astimezone(UTC).date()
        if today == self._summed or not self._path.exists():
            return []
        done = []
        for one in self.days(today):  # reckoned before anything waits
            name, _, position = one.shelf.rpartition("@")
            detail = {
                "to": name,
                "partner": int(position),
                "day": one.day.isoformat(),
                "pages": one.pages,
                "objects": one.objects,
                "sha256": one.sha256,
                "last": one.last,
            }
            folded = self._folded(one)
            with self._guard, immediate_transaction(self._database):
                if self._open_pages(one) == one.pages:  # else another process has summed it up
                    self._fold(one, folded, floor.act(ACTOR, ACT, detail))
                    done.append(one)
        self._summed = today
        return done

    def _open_pages(self, day: Day) -> int:
        query = "SELECT count(*) FROM pages WHERE position IS NULL AND shelf = ? AND day = ?"
        found: int = self._database.execute(query, (day.shelf, day.day.isoformat())).fetchone()[0]
        return found

    def _folded(self, day: Day) -> list[tuple[Any, ...]]:
        """Return one page for all of a collection on a day: each object once, when and where the last was."""
        query = (
            "SELECT collection, at, last, ids, digests FROM pages "
            "WHERE position IS NULL AND shelf = ? AND day = ? ORDER BY id"
        )
        found: dict[str, tuple[int, int, set[bytes], set[bytes]]] = {}
        with self._reading() as database:
            for collection, at, last, *kept in database.execute(query, (day.shelf, day.day.isoformat())):
                when, where, *sets = found.get(collection, (0, 0, set[bytes](), set[bytes]()))
                for objects, text in zip(sets, kept, strict=True):
                    objects |= {text[n : n + _ID] for n in range(0, len(text), _ID)}
                found[collection] = max(when, at), max(where, last), sets[0], sets[1]
        return [
            (
                collection,
                at,
                len(digests),
                bytes.fromhex(hash_of(digests)),
                last,
                *map(_joined, (ids, digests)),
            )
            for collection, (at, last, ids, digests) in found.items()
        ]

    def _fold(self, day: Day, folded: list[tuple[Any, ...]], position: int) -> None:
        """Put one page in the place of many, or a partner who asks all day would fill the disk."""
        of = day.shelf, day.day.isoformat()
        self._database.execute("DELETE FROM pages WHERE position IS NULL AND shelf = ? AND day = ?", of)
        self._database.executemany(
            "INSERT INTO pages (shelf, day, position, collection, at, objects, sha256, last, ids, digests) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(*of, position, *one) for one in folded],
        )

    def submit(self, shelf: str, id_: str, status: bytes, now: datetime) -> None:
        """Keep the status of what a partner sent; the oldest go."""
        oldest = (
            "DELETE FROM submissions WHERE shelf = ?1 AND (at < ?2 OR id IN ("
            "SELECT id FROM submissions WHERE shelf = ?1 ORDER BY at DESC LIMIT -1 OFFSET ?3))"
        )
        with self._guard, immediate_transaction(self._database):
            self._database.execute(
                "INSERT OR REPLACE INTO submissions VALUES (?, ?, ?, ?)", (id_, shelf, millis(now), status)
            )
            self._database.execute(oldest, (shelf, millis(now - KEPT_FOR), KEPT_STATUSES))

    def status(self, shelf: str, id_: str) -> bytes | None:
        """Return the status of what a partner sent; None for what somebody else did."""
        if not self._path.exists():
            return None
        query = "SELECT status FROM submissions WHERE id = ? AND shelf = ?"
        with self._guard:
            row = self._database.execute(query, (id_, shelf)).fetchone()
        return None if row is None else bytes(row[0])

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A connection of its own: what reads for long keeps no page waiting."""
        with self._guard:
            _ = self._database  # with its tables
        with closing(sqlite3.connect(self._path, timeout=_PATIENCE, isolation_level=None)) as database:
            yield database


def _joined(objects: Iterable[bytes]) -> bytes:
    return b"".join(sorted(objects))


def hash_of(digests: Iterable[bytes]) -> str:
    """Return the hash of different objects: SHA-256 over the first 8 bytes of SHA-256 of each, ascending."""
    return sha256(b"".join(sorted({one[:_ID] for one in digests}))).hexdigest()


def mark_of(id_: str) -> bytes:
    """Return a hash of an object's id, eight bytes: by it a journal says which objects a page had."""
    return blake2b(id_.encode(), digest_size=8, person=b"delivered").digest()


def millis(moment: datetime) -> int:
    """Return a moment with a time zone in milliseconds since 1970, cut off."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)
