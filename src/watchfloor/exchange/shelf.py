"""Shelf of a partner: the objects that were disclosed to them, in the order in which they may be pulled.

One SQLite file a partner, derived from the log and made anew where it is missing. The place of an object is
the moment at which it was added, in whole milliseconds: strictly rising, one object a moment, so that a
client who pages by `added_after`, takes it as inclusive, adds a millisecond or cuts it to milliseconds
neither loops nor loses. A moment is never dated back: it lies `LEAD` ahead of the clock, and a client who
remembers its own clock from before the object could be read finds it the next time.

A shelf that was lost dates everything anew, later than whatever the partner was given before: they are given
all of it again rather than miss one. Places are no positions of the log, which would tell of hidden acts.
"""

import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import blake2b, sha256
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple, Self

from watchfloor.exchange import shelf_file
from watchfloor.exchange.deliveries import Deliveries, mark_of, millis, noted
from watchfloor.exchange.shelf_query import LAST, NEWEST, OLDEST, Match, select, stretch
from watchfloor.store.database import immediate_transaction
from watchfloor.store.erasure import overwriting
from watchfloor.store.files import SHELVES, make_folder
from watchfloor.store.floor import Floor

LEAD: Final = 1_000
"""Milliseconds by which an object is dated ahead of the clock: more than a part takes to be written."""
STEP: Final = 2
"""Milliseconds between two objects: a client who goes on a millisecond later misses none."""
PART: Final = 1_000
"""Objects that are written in one transaction; readers see each part whole, and wait for none."""


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_RESTING: Final = 8
_JOINED: Final = (
    "count(*), sum(length(body)), min(added), max(added) AS last, CAST(group_concat(body, ',') AS BLOB), "
    "CAST(group_concat(sha256, '') AS BLOB), CAST(group_concat(mark, '') AS BLOB)"
)


class Item(NamedTuple):
    """An object to be put on a shelf.

    Attributes:
        collection: its name there.
        id, type: of the object.
        body: UTF-8, as it is served.
        row: of the disclosure, as its index names it.
        version: RFC 3339, what the standard orders versions by; empty for an object that has none.
        spec_version: of the standard.
        standard: `stix` or `geojson`.
    """

    collection: str
    id: str
    type: str
    body: bytes
    row: str
    version: str = ""
    spec_version: str = "2.1"
    standard: str = "stix"


class Entry(NamedTuple):
    """An object on a shelf.

    Attributes:
        added: its place, in milliseconds since 1970; `version` in microseconds.
        id, type, spec_version: of the object.
        sha256: of its body.
        mark: of its id, see `exchange.deliveries`.
        body: UTF-8.
    """

    added: int
    id: str
    type: str
    spec_version: str
    version: int
    sha256: bytes
    mark: bytes
    body: bytes


class Page(NamedTuple):
    """Objects in the order in which they were added, and whether there are more."""

    entries: list[Entry]
    more: bool

    @property
    def first(self) -> int:
        """Return the place of the first; 0 where there is none."""
        return self.entries[0].added if self.entries else 0

    @property
    def last(self) -> int:
        """Return the place of the last; 0 where there is none."""
        return self.entries[-1].added if self.entries else 0


class Joined(NamedTuple):
    """Objects of a page, joined: as an envelope has them, and as the journal notes them.

    Attributes:
        objects: how many.
        first, last: their places.
        bodies: with a comma between two.
        sha256, marks: of each, see `Entry`.
        more: whether there are more behind them.
    """

    objects: int = 0
    first: int = 0
    last: int = 0
    bodies: bytes = b""
    sha256: bytes = b""
    marks: bytes = b""
    more: bool = False


class Shelf:
    """A shelf; threads may share it. `close` it, or use it as a context manager."""

    def __init__(self, path: Path, last: int = 0) -> None:
        """Open the file of a shelf; one that is missing, broken or of another version is made anew.

        Args:
            path: of the file.
            last: milliseconds; what a new shelf gives is later.
        """
        self._path, self._name, self._last = path, str(path), last
        self._resting: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        self._collections: dict[tuple[str, str], int] = {}
        self._file = self._made()

    @classmethod
    def open(cls, floor: Floor, partner: str) -> Self:
        """Open the shelf of a partner of a floor."""
        path = path_of(floor, partner)
        make_folder(path.parent)
        with Deliveries.open(floor) as deliveries:
            return cls(path, 0 if path.exists() else deliveries.last(partner))

    def close(self) -> None:
        """Close what rests."""
        with self._guard:
            resting, self._resting = self._resting, []
        for one in resting:
            one.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def position(self) -> int:
        """Position of the log up to which everything is here that may be pulled; 0 for a new shelf."""
        with self._reading() as database:
            return int(database.execute("SELECT position FROM state").fetchone()[0])

    @property
    def last(self) -> int:
        """The last moment that was given to an object, whatever became of it."""
        with self._reading() as database:
            return int(database.execute("SELECT last FROM state").fetchone()[0])

    @property
    def cleansed(self) -> int:
        """Position of the last erasure after which `cleanse` was done; 0 for none."""
        with self._reading() as database:
            return overwriting.overwritten(database)

    def cleanse(self, erasure: int) -> bool:
        """Overwrite in the file what lies on the shelf no more; False where a reader keeps it there."""
        with self._reading() as database:
            return overwriting.overwrite(database, erasure)

    def advance(self, position: int) -> None:
        """Note that everything up to a position of the log is here."""
        with self._writing() as database:
            database.execute("UPDATE state SET position = max(position, ?)", (position,))

    def put(
        self,
        disclosure: str,
        items: Iterable[Item],
        now: Callable[[], datetime],
        position: int = 0,
        check: Callable[[], None] = lambda: None,
    ) -> int:
        """Put what a disclosure carries on the shelf; gives how many objects took a new place.

        An object that is there keeps its place, so a call that was cut off can be made again. One that is
        there under the same id and version with another body gives up its place.

        Args:
            disclosure: its id.
            items: in the order of the disclosure's index.
            now: gives the time, as `Floor.now`.
            position: of the log, to be noted once all are there.
            check: called before each part, while nobody else writes; what it raises ends the call.
        """
        put, rest = 0, iter(items)
        while part := list(islice(rest, PART)):
            with self._writing() as database:
                check()
                (last,) = database.execute("SELECT last FROM state").fetchone()
                first = last = max(last, millis(now()) + LEAD - STEP)
                for item in part:
                    last += STEP * self._put(database, disclosure, item, last + STEP)
                if last != first:
                    database.execute("UPDATE state SET last = ?", (last,))
                put += (last - first) // STEP
        if position:
            self.advance(position)
        return put

    def enter(self, collection: str, standard: str = "stix") -> None:
        """Make a collection, where it is missing."""
        with self._writing() as database:
            self._entered(database, standard, collection)

    def withdraw(self, rows: Iterable[tuple[str, str]]) -> int:
        """Take what rows of disclosures carried off the shelf, by their disclosure and row; gives how many.

        An object stays while a row carries it that was not withdrawn.
        """
        gone, rest = 0, iter(rows)
        while part := list(islice(rest, PART)):
            with self._writing() as database:
                for disclosure, row in part:
                    query = "DELETE FROM carriers WHERE disclosure = ? AND row = ? RETURNING added"
                    for (added,) in database.execute(query, (disclosure, row)).fetchall():
                        if not _carried(database, added):
                            gone += _delete(database, added)
        return gone

    def hide(self, rows: Iterable[tuple[str, str]]) -> int:
        """Show no more what rows of disclosures alone carry, until they are withdrawn; gives how many."""
        alone = """
            SELECT DISTINCT added FROM hidden JOIN carriers USING (disclosure, row)
            EXCEPT SELECT added FROM carriers WHERE added IN (
                SELECT added FROM hidden JOIN carriers USING (disclosure, row)
            ) AND (disclosure, row) NOT IN (SELECT disclosure, row FROM hidden)
        """
        with self._writing() as database:
            database.execute(
                "CREATE TEMP TABLE IF NOT EXISTS hidden (disclosure, row, PRIMARY KEY (disclosure, row))"
            )
            database.execute("DELETE FROM hidden")
            database.executemany("INSERT OR IGNORE INTO hidden VALUES (?, ?)", rows)
            # A collection of its own: a number that no page asks for.
            query = (
                "UPDATE OR REPLACE objects SET collection = -collection "  # noqa: S608
                f"WHERE collection > 0 AND added IN ({alone}) RETURNING -collection, id"
            )
            gone = database.execute(query).fetchall()
            for collection, id_ in gone:
                _date(database, collection, id_)
        return len(gone)

    def carried(self, rows: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str, str, bytes]]:
        """Yield standard, collection, id and body of what rows carry, by their disclosure and name."""
        query = (
            "SELECT standard, name, objects.id, body FROM carriers JOIN objects USING (added) "
            "JOIN collections ON collections.id = abs(collection) WHERE disclosure = ? AND row = ?"
        )
        with self._reading() as database:
            for disclosure, row in rows:
                yield from database.execute(query, (disclosure, row))

    def rows_of(self, disclosure: str) -> list[str]:
        """Return the rows of a disclosure that carry something here."""
        query = "SELECT DISTINCT row FROM carriers WHERE disclosure = ?"
        with self._reading() as database:
            return [row for (row,) in database.execute(query, (disclosure,))]

    def remove(self, places: Iterable[int]) -> int:
        """Take objects off the shelf by their places, whatever carries them; gives how many."""
        gone = 0
        with self._writing() as database:
            for added in places:
                database.execute("DELETE FROM carriers WHERE added = ?", (added,))
                gone += _delete(database, added)
        return gone

    def page(
        self,
        collection: str,
        after: int = 0,
        limit: int = 100,
        match: Match = LAST,
        *,
        standard: str = "stix",
        bodies: bool = True,
        most: int = sys.maxsize,
    ) -> Page:
        """Return the objects that were added after a moment, in that order.

        Args:
            collection: its name; nothing is in one that is not there.
            after: milliseconds since 1970, exclusive.
            limit: of objects.
            match: what they must be.
            standard: of the collection.
            bodies: whether the objects are read; without, their bodies are empty.
            most: bytes of all bodies, but for a single one that is larger; no more are in memory.
        """
        with self._reading() as database:
            number = self._number(database, standard, collection)
            if number is None:
                return Page([], False)
            columns = f"added, id, type, spec_version, version, sha256, mark, {'body' if bodies else 'NULL'}"
            entries: list[Entry] = []
            with closing(select(database, columns, number, after, limit + 1, match)) as rows:
                for row in map(Entry._make, rows):
                    most -= len(row.body or b"")
                    if len(entries) == limit or (most < 0 and entries):
                        return Page(entries, more=True)
                    entries.append(row)
            return Page(entries, more=False)

    def joined(
        self, collection: str, after: int, limit: int, match: Match = LAST, most: int = sys.maxsize
    ) -> Joined:
        """Return the objects of STIX that `page` gives, joined by SQLite: nothing is made of each of them."""
        with self._reading() as database:
            number = self._number(database, "stix", collection)
            if number is None:
                return Joined()
            found = stretch(database, _JOINED, number, after, limit, match)
            if found is None:
                with closing(select(database, _JOINED, number, after, limit, match, whole=True)) as rows:
                    found = *rows.fetchone(), 0
            if not found[0]:
                return Joined()
            objects, size, first, last, bodies, digests, marks, more = found
            if size <= most:
                if more == 0:  # the next on the shelf does not match, or was not looked at
                    with closing(select(database, "added", number, last, 1, match)) as behind:
                        more = behind.fetchone() is not None
                return Joined(objects, first, last, bodies, digests, marks, bool(more))
        entries, more = self.page(collection, after, limit, match, most=most)
        bodies = b",".join([one.body for one in entries])
        return Joined(len(entries), first, entries[-1].added, bodies, *noted(entries)[2:], more)

    def collections(self, standard: str = "stix") -> list[str]:
        """Return the names of the collections that something was put into."""
        query = "SELECT name FROM collections WHERE standard = ? ORDER BY name"
        with self._reading() as database:
            return [name for (name,) in database.execute(query, (standard,))]

    def places(self, collection: str, standard: str = "stix") -> list[int]:
        """Return the places of all objects of a collection, in no order."""
        with self._reading() as database:
            number = self._number(database, standard, collection)
            query = "SELECT added FROM objects WHERE collection = ?"
            return [added for (added,) in database.execute(query, (number,))]

    def count(self, collection: str, standard: str = "stix") -> int:
        """Return how many objects are in a collection, each version counted."""
        with self._reading() as database:
            number = self._number(database, standard, collection)
            query = "SELECT count(*) FROM objects WHERE collection = ?"
            return int(database.execute(query, (number,)).fetchone()[0])

    def _put(self, database: sqlite3.Connection, disclosure: str, item: Item, added: int) -> int:
        """Put one object; 1 where it took the place, 0 where it has one."""
        collection = self._entered(database, item.standard, item.collection)
        digest = sha256(item.body).digest()
        version = micros(item.version) if item.version else added * 1000
        query = "SELECT added, version, sha256 FROM objects WHERE collection = ? AND id = ?"
        others = database.execute(query, (collection, item.id)).fetchall()
        took = 1
        for at, its, sha in others:
            if its != version and (item.version or its != at * 1000):
                continue
            if sha == digest:
                added, took = at, 0
            else:
                database.execute("DELETE FROM carriers WHERE added = ?", (at,))
                database.execute("DELETE FROM objects WHERE added = ?", (at,))
        if took:
            form = (collection, item.type, item.spec_version)
            database.execute("INSERT OR IGNORE INTO forms VALUES (?, ?, ?)", form)
            kept = (item.body, digest, mark_of(item.id))
            row = (added, collection, item.id, *form[1:], version, NEWEST | OLDEST, *kept)
            database.execute("INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            if others:
                _date(database, collection, item.id)
        database.execute("INSERT OR IGNORE INTO carriers VALUES (?, ?, ?)", (disclosure, item.row, added))
        return took

    def _entered(self, database: sqlite3.Connection, standard: str, name: str) -> int:
        """The number of a collection, which is made where it is missing."""
        if (found := self._number(database, standard, name)) is not None:
            return found
        query = "INSERT INTO collections (standard, name) VALUES (?, ?) RETURNING id"
        made: int = database.execute(query, (standard, name)).fetchone()[0]
        return made

    def _number(self, database: sqlite3.Connection, standard: str, name: str) -> int | None:
        found = self._collections.get((standard, name))
        if found is None:
            query = "SELECT id FROM collections WHERE standard = ? AND name = ?"
            row = database.execute(query, (standard, name)).fetchone()
            if row is not None and not database.in_transaction:  # what is not committed may yet go
                self._collections[standard, name] = row[0]
            return None if row is None else int(row[0])
        return found

    def _made(self) -> int:
        """Make the tables where they are missing; gives the number of the file."""
        try:
            shelf_file.make(self._path, self._last)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            shelf_file.unlink(self._path)
            shelf_file.make(self._path, self._last)
        return self._path.stat().st_ino

    def _look(self) -> None:
        """Let go of a file that was taken away: what rests would see its last state for ever."""
        try:
            if os.stat(self._name).st_ino == self._file:  # noqa: PTH116 - each page asks, and a path is slow
                return
        except FileNotFoundError:
            pass
        self.close()
        self._collections.clear()
        self._file = self._made()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        self._look()
        with self._guard:
            database = self._resting.pop() if self._resting else None
        database = database or shelf_file.connected(self._path)
        try:
            yield database
        except BaseException:
            database.close()
            raise
        with self._guard:
            if len(self._resting) < _RESTING:
                self._resting.append(database)
                return
        database.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as database, immediate_transaction(database):
            yield database


class Shelves:
    """The shelves of a floor that are open; threads share them. `close` them."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._open: dict[str, Shelf] = {}
        self._guard = threading.Lock()

    def shelf(self, partner: str) -> Shelf:
        """Return the shelf of a partner."""
        with self._guard:
            found = self._open.get(partner)
            if found is None:
                found = self._open[partner] = Shelf.open(self._floor, partner)
            return found

    def close(self) -> None:
        """Close all of them."""
        with self._guard:
            for one in self._open.values():
                one.close()
            self._open.clear()


def path_of(floor: Floor, partner: str) -> Path:
    """Where the shelf of a partner lies; the name of the file tells nobody whose it is."""
    name = blake2b(partner.encode(), digest_size=16, key=floor.key[:64], person=b"shelf").hexdigest()
    return floor.root / SHELVES / f"{name}.sqlite"


def delete(floor: Floor, partner: str) -> None:
    """Take the shelf of a partner away."""
    shelf_file.unlink(path_of(floor, partner))


def micros(text: str) -> int:
    """Return a moment of RFC 3339 in microseconds since 1970; further digits are cut off.

    Raises:
        ValueError: it is none.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment_of(microseconds: int) -> str:
    """Return a moment as the standards write it: in UTC, with three digits, or six where they are needed."""
    moment = _EPOCH + timedelta(microseconds=microseconds)
    digits = "microseconds" if microseconds % 1000 else "milliseconds"
    return f"{moment.replace(tzinfo=None).isoformat(timespec=digits)}Z"


def _carried(database: sqlite3.Connection, added: int) -> bool:
    query = "SELECT 1 FROM carriers WHERE added = ?"
    return database.execute(query, (added,)).fetchone() is not None


def _delete(database: sqlite3.Connection, added: int) -> int:
    query = "DELETE FROM objects WHERE added = ? RETURNING collection, id"
    row = database.execute(query, (added,)).fetchone()
    if row is not None:
        _date(database, *row)
    return int(row is not None)


def _date(database: sqlite3.Connection, collection: int, id_: str) -> None:
    """Note which version of an object is its newest and which its oldest."""
    query = "SELECT added, age FROM objects WHERE collection = ? AND id = ? ORDER BY version"
    rows = database.execute(query, (collection, id_)).fetchall()
    for at, (added, age) in enumerate(rows):
        now = NEWEST * (at == len(rows) - 1) | OLDEST * (at == 0)
        if now != age:
            database.execute("UPDATE objects SET age = ? WHERE added = ?", (now, added))
