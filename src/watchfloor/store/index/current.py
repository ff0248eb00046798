"""Nothing is missing from the index when somebody asks, and nothing of what was erased is left.

The writer indexes the rows of a delivery before it commits them: they become visible with the commit, so the
index is never behind what was acknowledged. What is missing after a crash, in a floor that had no index or
where it was deleted, is read by whoever asks next. A folder that cannot be written to is indexed in memory.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow.compute as pc

from watchfloor.core.kinds import KINDS
from watchfloor.store import log
from watchfloor.store.database import Database, immediate_transaction
from watchfloor.store.erasure.overwriting import overwrite, overwritten
from watchfloor.store.errors import Damaged, StoreError
from watchfloor.store.index import file, filling
from watchfloor.store.index.columns import DERIVED, UNREAD
from watchfloor.store.index.file import OVERWRITES, TOKENS
from watchfloor.store.index.filling import Part
from watchfloor.store.segments import reading
from watchfloor.store.segments.index import SEGMENT

GROUP: Final = 256
"""Segments that are read before the index commits."""

MARKED: Final = ("marking", SEGMENT)
"""What is read of a segment whose rows are not indexed."""

_TRIES: Final = 5
"""How often another process may come between reading what was missing and looking again."""

Wanted = Callable[[sqlite3.Connection], Sequence[int] | None]
"""Is called with the index when the evidence is in it, and gives segments of signals, if any."""

Told = Callable[[int, int], None]
"""Is called with the number of segments read and to be read."""

_EVIDENCE: Final = "kind IN ({})".format(", ".join(f"'{kind}'" for kind in KINDS))


class Missing(NamedTuple):
    """A segment that is to be indexed."""

    segment: int
    kind: str
    digest: bytes


class Stale(FileNotFoundError):  # noqa: N818 - a file of the snapshot is gone, in a way
    """The caller's snapshot is older than an erasure that the index has followed; ask with a new one."""


@contextmanager
def opened(
    root: Path, key: bytes, database: Database, wanted: Wanted, told: Told | None = None
) -> Iterator[tuple[sqlite3.Connection, Sequence[int] | None]]:
    """The index, with everything that a snapshot of the catalogue holds, and the signals that are wanted.

    Args:
        root: the floor's folder.
        key: the floor's secret.
        database: the snapshot.
        wanted: gives segments of signals that are to be there too; it is asked when the evidence is.
        told: hears how far reading what was missing has come.
    """
    index, signals = _had(root, key, database, wanted, told)
    with closing(index):
        yield index, signals


def _had(
    root: Path, key: bytes, database: Database, wanted: Wanted, told: Told | None
) -> tuple[sqlite3.Connection, Sequence[int] | None]:
    """The index in its file; where that cannot be, as a copy in memory; where that is broken, anew there."""
    with suppress(
        sqlite3.Error
    ):  # a folder that may not be written to, a full disk, a file of another origin
        return _filled(file.open_, root, key, database, wanted, told)
    with suppress(sqlite3.Error):
        return _filled(file.in_memory, root, key, database, wanted, told)
    return _filled(lambda _: file.fresh(), root, key, database, wanted, told)


def _filled(
    open_: Callable[[Path], sqlite3.Connection],
    root: Path,
    key: bytes,
    database: Database,
    wanted: Wanted,
    told: Told | None,
) -> tuple[sqlite3.Connection, Sequence[int] | None]:
    """The index in one state, from which nothing is missing."""
    index = open_(root)
    try:
        for _ in range(_TRIES):
            index.execute("BEGIN")
            whole = log.newest(database, ["erasure"]) <= _erased(index) and not gap(index, database).any
            signals = wanted(index) if whole else None
            if whole and not _unread(index, database, signals or ()):
                return index, signals
            index.execute("COMMIT")
            follow(index, key, database, waits=False)
            catch_up(index, root, key, database, signals or (), told)
        raise Damaged(f"{file.path(root)} does not become whole. Delete it; the next search makes it anew.")
    except BaseException:
        index.close()
        raise


def last_of(database: Database, position: int) -> int:
    """The last segment of evidence up to a position of the log; 0 for none."""
    found = database.execute(_LAST, (position,)).fetchone()
    return found[0] if found else 0


def signals_of(database: Database, kept: Iterable[int]) -> list[int]:
    """Segments of signals that runs at these positions kept."""
    places, names = ", ".join(map(str, kept)), ", ".join(f"'{name}'" for name in DERIVED)
    if not places:
        return []
    query = f"SELECT id FROM segments WHERE position IN ({places}) AND kind IN ({names})"  # noqa: S608
    return [number for (number,) in database.execute(query)]


def follow(index: sqlite3.Connection, key: bytes, database: Database, *, waits: bool = True) -> bool:
    """Take out what was erased since the index last looked, and what earlier attempts had to leave.

    Returns:
        False where a reader or a full disk keeps copies of it in old pages; the next call tries again.
    """
    last, done = log.newest(database, ["erasure"]), _erased(index)
    if last > done:
        with immediate_transaction(index):
            done = _erased(index)
            gone = database.execute("SELECT segment, leaf FROM gone WHERE position > ?", (done,)).fetchall()
            _read_again(index, key, {segment for segment, _ in gone})
            wipe(index, key, ids_at(index, gone))
            index.execute("UPDATE state SET erased = max(erased, ?)", (last,))
    return overwrite(index, _erased(index), waits=waits)


def clean(index: sqlite3.Connection, database: Database) -> bool:
    """Whether nothing of what was erased is left in the index, in its old pages either."""
    return log.newest(database, ["erasure"]) <= _erased(index) <= overwritten(index)


def _read_again(index: sqlite3.Connection, key: bytes, touched: set[int]) -> None:
    """Let go of segments of which only the markings are here: one of these may be gone. Who asks next reads
    them again."""
    found = index.execute("SELECT DISTINCT segment FROM bulk").fetchall()
    for segment in touched.intersection(number for (number,) in found):
        filling.drop(index, key, segment)
        index.execute("UPDATE state SET upto = 0")


def ids_at(index: sqlite3.Connection, gone: Iterable[tuple[int, int]]) -> list[int]:
    """Ids of the rows at places of the log, whatever their lane."""
    lanes = [lane for (lane,) in index.execute("SELECT id FROM lanes")]
    wanted = [segment << file.LEAF_BITS | leaf for segment, leaf in gone]
    return [lane << file.LANE_SHIFT | at for at in wanted for lane in lanes]


class Gap(NamedTuple):
    """Gap between index and snapshot: segments it lacks, and those it read that were never committed."""

    missing: list[Missing]
    dead: list[int]
    last: int

    @property
    def any(self) -> bool:
        """Whether there is something to do."""
        return bool(self.missing or self.dead)


def gap(index: sqlite3.Connection, database: Database) -> Gap:
    """Compare the evidence in the index with a snapshot, from where it was last found whole."""
    last, upto = last_of(database, 1 << 62), _whole(index, database)
    evidence = list(database.execute(_AFTER, (upto,)))
    here = dict(index.execute("SELECT id, digest FROM segments WHERE id > ?", (upto,)))
    missing = _missing(here, evidence)
    numbers = {number for number, _, _ in evidence}
    dead = [one for one in evidence_after(index, upto) if one < last and one not in numbers]
    return Gap(missing, dead, last)


def _unread(index: sqlite3.Connection, database: Database, signals: Sequence[int]) -> list[Missing]:
    """Those segments of signals that are not in the index."""
    if not signals:
        return []
    derived = database.execute(_SOME.format(", ".join(map(str, signals))))
    return _missing(dict(index.execute(_DERIVED_HERE)), derived)


def evidence_after(index: sqlite3.Connection, segment: int) -> list[int]:
    """Segments of evidence in the index that come after one."""
    return [number for (number,) in index.execute(_READ, (segment,))]


def _whole(index: sqlite3.Connection, database: Database) -> int:
    """The segment up to which the index was whole; 0 where this is another catalogue."""
    upto: int = index.execute("SELECT upto FROM state").fetchone()[0]
    mine = index.execute("SELECT digest FROM segments WHERE id = ?", (upto,)).fetchone()
    theirs = database.execute("SELECT manifest FROM segments WHERE id = ?", (upto,)).fetchone()
    return upto if mine and theirs and mine[0] == digest(theirs[0]) else 0


def catch_up(
    index: sqlite3.Connection,
    root: Path,
    key: bytes,
    database: Database,
    signals: Sequence[int] = (),
    told: Told | None = None,
) -> None:
    """Index what a snapshot holds and the index lacks.

    Raises:
        Stale: something was erased since the snapshot was taken.
    """
    missing = gap(index, database).missing + _unread(index, database, signals)
    for start in range(0, len(missing), GROUP):
        with _fresh(index, database):
            for part in parts(root, database, missing[start : start + GROUP]):
                if not _reads(index, part):  # no other process was faster
                    filling.add(index, key, [part])
        if told is not None:
            told(min(start + GROUP, len(missing)), len(missing))
    with _fresh(index, database):
        left = gap(index, database)
        settle(index, key, left)
        if not left.missing:
            index.execute("UPDATE state SET upto = ?", (left.last,))
        if signals:
            for number in _replaced(index, database, signals):
                filling.drop(index, key, number)


def _replaced(index: sqlite3.Connection, database: Database, wanted: Sequence[int]) -> set[int]:
    """Segments of signals in the index that a later run of the same view took the place of."""
    kept = [position for (position,) in database.execute(_KEPT)]
    return {number for number, _ in index.execute(_DERIVED_HERE)} - {*signals_of(database, kept), *wanted}


_KEPT: Final = """
SELECT kept FROM runs WHERE position IN (SELECT max(position) FROM runs GROUP BY desk, view)
"""


def settle(index: sqlite3.Connection, key: bytes, found: Gap) -> None:
    """Take out what was never committed, within the caller's transaction."""
    for number in found.dead:
        filling.drop(index, key, number)


@contextmanager
def _fresh(index: sqlite3.Connection, database: Database) -> Iterator[None]:
    with immediate_transaction(index):
        if _erased(index) > log.newest(database, ["erasure"]):
            raise Stale
        yield


def _reads(index: sqlite3.Connection, part: Part) -> bool:
    found = index.execute("SELECT digest FROM segments WHERE id = ?", (part.segment,)).fetchone()
    return found is not None and found[0] == part.digest


_LAST: Final = (
    f"SELECT id FROM segments WHERE position <= ? AND {_EVIDENCE} ORDER BY position DESC, id DESC LIMIT 1"  # noqa: S608
)
_AFTER: Final = f"SELECT id, kind, manifest FROM segments WHERE id > ? AND {_EVIDENCE} ORDER BY id"  # noqa: S608
_READ: Final = f"SELECT id FROM segments WHERE id > ? AND {_EVIDENCE}"  # noqa: S608
_SOME: Final = "SELECT id, kind, manifest FROM segments WHERE id IN ({}) ORDER BY id"
_DERIVED_HERE: Final = f"SELECT id, digest FROM segments WHERE NOT {_EVIDENCE}"  # noqa: S608


def _missing(here: Mapping[int, bytes], segments: Iterable[tuple[int, str, bytes]]) -> list[Missing]:
    found = (Missing(number, kind, digest(manifest)) for number, kind, manifest in segments)
    return [each for each in found if here.get(each.segment) != each.digest]


def parts(root: Path, database: Database, missing: list[Missing]) -> Iterator[Part]:
    """The rows of segments; a file that several of them share is read once."""
    digests = {number: seen for number, _, seen in missing}
    for kind in dict.fromkeys(kind for _, kind, _ in missing):
        numbers = [number for number, of, _ in missing if of == kind]
        for part in reading.payloads(database, kind, numbers=numbers):
            rows = reading.load(root, part, MARKED if kind in UNREAD else None)
            for number in part.segments:
                yield Part(number, kind, digests[number], rows.filter(pc.field(SEGMENT) == number))


def digest(manifest: bytes) -> bytes:
    """How the index knows what a segment held."""
    return sha256(manifest).digest()


def _erased(index: sqlite3.Connection) -> int:
    found: int = index.execute("SELECT erased FROM state").fetchone()[0]
    return found


def rebuild(root: Path, key: bytes, database: Database, told: Told | None = None) -> int:
    """Make the index anew from the evidence; gives how many segments it read."""
    with closing(_emptied(root)) as index:
        with immediate_transaction(index):
            index.execute("UPDATE state SET erased = ?", (log.newest(database, ["erasure"]),))
        catch_up(index, root, key, database, (), told)
        found: int = index.execute("SELECT count(*) FROM segments").fetchone()[0]
        overwrite(index, _erased(index))
    return found


def _emptied(root: Path) -> sqlite3.Connection:
    """The index without a row; a file that is broken, or none of SQLite, goes."""
    try:
        with closing(file.open_(root)) as index, immediate_transaction(index):
            file.remake(index)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        file.delete(root)
    return file.open_(root)


# Taking erased rows out of the index file, byte by byte.
#
# Deleting is not enough: an R*Tree node keeps the bytes of a cell that it shortened, a text index keeps the
# start of a word as the separator of its pages, and a page keeps copies of rows that were moved from it,
# until `watchfloor.store.erasure.overwriting.rewrite` writes the file anew.


_NODE_HEAD: Final = 4
_CELL: Final = 8 + 4 * 8
"""Bytes of a node's head, and of a cell: its number and eight sides, as SQLite's R*Tree lays them out."""


def wipe(index: sqlite3.Connection, key: bytes, ids: Iterable[int]) -> None:
    """Take rows out within the caller's transaction, and what their words and places would leave."""
    texts = filling.remove(index, key, ids)
    filling.settle_markings(index)
    _wipe_nodes(index)
    if not OVERWRITES or _separates(index, texts):
        index.execute("INSERT INTO texts (texts) VALUES ('optimize')")  # writes every page anew


def _wipe_nodes(index: sqlite3.Connection) -> None:
    for number, data in index.execute("SELECT nodeno, data FROM places_node").fetchall():
        used = _NODE_HEAD + _CELL * int.from_bytes(data[2:4], "big")
        clean = data[:used].ljust(len(data), b"\0")
        if clean != data:
            index.execute("UPDATE places_node SET data = ? WHERE nodeno = ?", (clean, number))


def _separates(index: sqlite3.Connection, texts: Iterable[str]) -> bool:
    """Whether the start of an erased word, and of no other, still parts two pages of the text index."""
    starts = {b"0" + word[:length] for word in _words(texts) for length in range(1, len(word) + 1)}
    found = {term for (term,) in index.execute("SELECT term FROM texts_idx")} & starts
    index.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.living USING fts5vocab (main, texts, row)")
    return any(not _living(index, term[1:]) for term in found)


def _living(index: sqlite3.Connection, start: bytes) -> bool:
    """Whether a word that is left starts so."""
    text = start.decode("utf-8", "ignore")  # a separator may end within a letter
    query = "SELECT term FROM temp.living WHERE term >= ? LIMIT 1"
    return any(term.startswith(text) for (term,) in index.execute(query, (text,)))


def _words(texts: Iterable[str]) -> set[bytes]:
    """The words of some texts, as the text index has them."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute(f"CREATE VIRTUAL TABLE t USING fts5 (text, tokenize = {TOKENS})")
        database.executemany("INSERT INTO t VALUES (?)", [(text,) for text in texts])
        database.execute("CREATE VIRTUAL TABLE words USING fts5vocab (t, row)")
        return {word.encode() for (word,) in database.execute("SELECT term FROM words")}


# What was erased leaves the index at once, before the erasure is acknowledged.


def forget(root: Path, key: bytes, database: Database) -> bool:
    """Take out what was just erased; an index that cannot be written goes as a whole, and is made anew.

    Returns:
        False where a reader or a full disk keeps copies of it in the file.
    """
    if not file.path(root).exists():
        return True
    try:
        with closing(file.open_(root)) as index:
            return follow(index, key, database)
    except BROKEN:
        for end in ("", "-wal", "-shm"):
            with suppress(OSError):
                file.path(root).with_name(f"{file.NAME}{end}").unlink(missing_ok=True)
        return not file.path(root).exists()


def forgotten(root: Path, database: Database) -> bool:
    """Whether nothing of what was erased is left in the index; an index that cannot be read is no answer."""
    if not file.path(root).exists():
        return True
    try:
        with closing(file.open_read(root)) as index:
            return clean(index, database)
    except BROKEN:
        return False


BROKEN: Final = (sqlite3.Error, OSError, StoreError, ValueError)
"""What an index that cannot be kept ends in: no room, no right to write, a file of another origin."""
