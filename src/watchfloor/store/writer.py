"""The writer of a floor: takes deliveries and live rows in, and logs every act."""

import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Self

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import KINDS, Kind
from watchfloor.core.marking import Marking, parse
from watchfloor.core.spool import Rows
from watchfloor.store import blobs, catalogue, clock, log
from watchfloor.store.database import Database
from watchfloor.store.erasure import disclosure_snapshots, erasing
from watchfloor.store.erasure.erasing import Erasure
from watchfloor.store.erasure.overwriting import overwrite
from watchfloor.store.erasure.retention import Retention
from watchfloor.store.errors import StoreError, StoreFull, UnknownRecord, explained
from watchfloor.store.index.current import forget, forgotten
from watchfloor.store.index.following import Follower
from watchfloor.store.intake import Intake
from watchfloor.store.lock import WriterLock
from watchfloor.store.log import Actor
from watchfloor.store.segments import compaction, lookup, reading, runs
from watchfloor.store.segments.draft import SMALL
from watchfloor.store.server.place import server
from watchfloor.store.views import WHOLE
from watchfloor.store.writer_state import WriterState

if TYPE_CHECKING:
    from watchfloor.store.server.writer_lease import Turn

LIVE: Final = "live"
"""Name of the deliveries that live rows come in."""


_CHANGES: Final = (
    "SELECT DISTINCT act FROM log WHERE position > ? AND act IN ('ingest', 'run', 'compaction', 'erasure')"
)

ROLL_SEGMENTS: Final = 512
ROLL_ROWS: Final = 1 << 15
"""Small segments of a kind, and rows in them, that are joined into a file once there are more."""


class Writer(WriterState):
    """Writes to a floor until it is closed; made by `Floor.writer`.

    A folder has one writer at a time, which holds its lock. Writers of a server take turns, one delivery or
    one commit of live rows at a time; each knows at its turn what the others have written.

    One delivery is open at a time; other threads wait for it. Every method is durable on return: what it has
    acknowledged survives a crash at any later moment, and what it has not leaves no trace.
    """

    def __init__(self, root: Path, key: bytes, ceiling: Marking, actor: Actor) -> None:
        super().__init__(root, key, ceiling, actor)
        self._preparing = threading.RLock()
        self._lock = None if server(root) else WriterLock(root)
        with explained(root), ExitStack() as undo:
            if self._lock is not None:
                undo.callback(self._lock.release)
            self._database = undo.enter_context(closing(catalogue.for_writing(root)))
            self._turn = None if self._lock else _turn(root, self._database)
            with self._my_turn():
                catalogue.sweep(root, self._database)
                self._load()
                self._overwrite(waits=False)
            self._index = Follower(root, key, self._database)
            undo.pop_all()
        self._open: Intake | None = None
        self._together = False
        self._waiting: deque[Intake] = deque()
        self._failed: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the next writer in."""
        self._known.clear()  # unmaps its files
        self._index.close()
        self._database.close()
        if self._lock is not None:
            self._lock.release()

    @contextmanager
    def delivery(self, source: str, name: str, stream: BinaryIO) -> Iterator[Intake]:
        """Take in one delivery: its bytes at once, its rows in the block; all of it or nothing.

        Args:
            source: the feed that delivers.
            name: what the feed calls this delivery, such as a file name.
            stream: the bytes, read to their end and kept before the block starts.

        Raises:
            AccountingError: the sum does not come out.
            StoreFull: the disk is full.
        """
        with self._alone(waits=self._together):
            with explained(self.root):
                blob = blobs.spool(self.root, stream)
            if any(one.digest == blob.digest for one in self._waiting):
                self._commit_waiting()  # its position says that these bytes came before
            with self._intake(Intake(self, source, name, blob, ())) as intake:
                yield intake

    @contextmanager
    def together(self) -> Iterator[None]:
        """Share a commit among the small deliveries of the block; durable when it has left, or `commit` has.

        A delivery is whole or not there, as ever; what was whole before the block raises is kept. To commit
        each of many small files for itself costs more than to read it.
        """
        with self._my_turn():
            self._together = True
            try:
                yield
            finally:
                self._together = False
                self.commit()
            with self._preparing:
                self._roll()

    def commit(self) -> None:
        """Commit what was taken in `together` so far."""
        with explained(self.root):
            self._commit_waiting()

    @contextmanager
    def again(self, position: int, resolves: Iterable[int]) -> Iterator[Intake]:
        """Read quarantined pieces of the delivery at `position` once more, as a delivery of their own.

        Args:
            position: of the delivery in the log.
            resolves: ids of the quarantined pieces this one accounts for; what fails again is quarantined
                anew.

        Raises:
            UnknownRecord: no such delivery, or a piece that was resolved before.
            Erased: its bytes are gone.
        """
        with self._alone():
            with explained(self.root):
                source, name, blob = self._delivered(position)
            with self._intake(Intake(self, source, name, blob, tuple(resolves))) as intake:
                yield intake

    def append(self, kind: Kind | str, rows: pa.Table, *, source: str = "live", original: bytes = b"") -> int:
        """Take in live rows, durable on return; gives their position in the log.

        Threads that append at the same time share one commit. Rows that are here already are counted as
        duplicates.

        Args:
            kind: their kind.
            rows: as `Intake.accept` takes them.
            source: the feed, where the rows do not say.
            original: the message they were read from, kept as their delivery.
        """
        if max(rows.num_rows, len(original)) > SMALL:
            with self.delivery(source, LIVE, BytesIO(original)) as intake:
                intake.accept(kind, rows)
            return intake.position
        with explained(self.root), self._my_turn():
            with self._preparing:
                self._refuse_nesting()
                intake = Intake(self, source, LIVE, blobs.small(original), ())
                intake.accept(kind, rows)
                intake.finish()
                self._wait(intake)
            self._commit_waiting()
        with self._preparing:
            self._roll()
        return intake.position

    def act(self, act: str, detail: Mapping[str, Any]) -> int:
        """Log an act; gives its position."""
        return self.acts([(act, detail)])[0]

    def acts(self, acts: Iterable[tuple[str, Mapping[str, Any]]]) -> range:
        """Log many acts in one commit; gives their positions."""
        with explained(self.root), self._committing, catalogue.transaction(self._database):
            return log.append(self._database, self.actor, acts, self.level(), clock.micros(self.root))

    def keep_run(
        self,
        desk: str,
        version: str,
        at_position: int,
        refs: Mapping[str, str],
        tables: Mapping[str, Rows],
        view: str = WHOLE,
    ) -> int:
        """Keep what a desk made of the evidence up to a position; gives the run's position.

        A run holds all that the desk says at that position and takes the place of its earlier ones. Rows
        equal to those of the desk's last run are not written again.

        Args:
            desk: its name.
            version: of its code.
            at_position: position of the log up to which it read.
            refs: the references it used, name to digest.
            tables: what it yielded by name, tables or spools; each has a `marking`.
            view: whose, see `store.views`; a run takes the place of the earlier ones of its view.
        """
        with explained(self.root), self._my_turn(), self._committing:
            return runs.keep(self, self._database, runs.Yield(desk, version, at_position, refs, tables, view))

    def shown(self, what: str, digest: bytes, content: bytes, evidence: Iterable[bytes] = ()) -> int:
        """Keep what a person was shown; gives its position.

        Args:
            what: such as `queue` or `lead 17`.
            digest: of what it was made from, so that a rebuild that differs is noticed.
            content: as it was shown.
            evidence: records it rests on; when one is erased, the content is.
        """
        with explained(self.root), self._committing, catalogue.transaction(self._database):
            return disclosure_snapshots.keep(self, self._database, what, digest, content, evidence)

    def erase(
        self,
        record_ids: Iterable[bytes],
        why: str,
        *,
        category: str = "disposal",
        subjects: Iterable[str] = (),
        today: date | None = None,
    ) -> Erasure:
        """Erase records, and all that rests on them; gives what went.

        Content and salts go, and with them derived rows, what was shown, quarantined pieces they were read
        from, the original bytes of the deliveries that held them, and the content of acts that say what only
        they said. Leaves and proofs stay.

        Args:
            record_ids: of the records.
            why: the reason; it stays in the log.
            category: one of `erasure.CATEGORIES`.
            subjects: typed keys of whom it is about as a whole, so that acts that name them go too.
            today: the day that decides what must still be kept; None for the clock's.

        Raises:
            UnknownRecord: one is not on this floor.
            Erased: one was erased before.
            Held: one is under legal hold, or shares a delivery with one that is.
            Kept: one was used for a decision, and the category does not waive how long it is kept for that.
            ValueError: no reason is given, or it names who is to be erased.
        """
        order = erasing.Order(why, category, tuple(subjects), today)
        with self._alone(), explained(self.root), self._committing:
            result = erasing.erase(self, self._database, list(dict.fromkeys(record_ids)), order)
            clean = forget(self.root, self.key, self._database)
            self._load()
            return result._replace(settled=result.settled and clean)

    def holding(self, record_ids: Iterable[bytes]) -> list[bytes]:
        """Those of the records that are on this floor and not erased."""
        with self._alone():
            return lookup.holding(self._known, self.erased, record_ids)

    def expire(self, today: date) -> tuple[Erasure | None, list[Retention]]:
        """Erase every record that its marking let be kept until a day before `today`.

        Gives what went, None for nothing, and what stays although its marking has ended: under legal hold,
        or used for a decision not long enough ago.
        """
        with self._alone(), explained(self.root), self._committing:
            late = erasing.expired(self.root, self._database, today)
        gone = [one.record_id for one in late if not one.kept(today)]
        kept = [one for one in late if one.kept(today)]
        why = f"kept until before {today}"
        return (self.erase(gone, why, category="expiry", today=today) if gone else None), kept

    def compact(self, *, recent: bool = False) -> int:
        """Join small payloads into files; gives how many were joined. Every proof stays valid.

        Args:
            recent: leave files alone that hold twice as much as what came after them.
        """
        with self._alone(), explained(self.root), self._committing:
            kinds = self._database.execute("SELECT DISTINCT kind FROM segments ORDER BY kind").fetchall()
            joined = sum(compaction.compact(self, self._database, kind, recent=recent) for (kind,) in kinds)
            self._load()
            self._overwrite()  # what an erasure left for a reader's sake goes now
            if not forgotten(self.root, self._database):
                forget(self.root, self.key, self._database)
            return joined

    def _overwrite(self, *, waits: bool = True) -> None:
        """Do what an erasure could not finish in the catalogue."""
        overwrite(self._database, log.newest(self._database, ["erasure"]), waits=waits)

    def holdings(
        self,
        kind: str,
        columns: Sequence[str],
        upto: int | None = None,
        within: Marking | None = None,
        at: Iterable[int] | None = None,
    ) -> pa.Table:
        """Rows of a kind, whoever may see them, to decide what a delivery adds; to be shown to nobody.

        Args:
            kind: of the rows.
            columns: some of the kind's.
            upto: only what came in up to this position; None for all.
            within: only what nobody is kept from who may see this marking; None for all.
            at: only what came in at these positions; None for all.
        """
        self.commit()
        with explained(self.root), self._committing:
            parts = reading.payloads(self._database, kind, upto=upto, at=at)
            needed = [*dict.fromkeys([*columns, "marking"])]
            rows = reading.read(self.root, parts, KINDS[kind].schema, None, needed)
            return (rows if within is None else _within(rows, within)).select(columns)

    def moment(self, position: int | None = None) -> datetime:
        """When the act at a position was; of none, a moment after every act so far, by the clock."""
        self.commit()
        with self._committing:
            if position is not None:
                return next(iter(log.read(self._database, position, position))).at
            _, last = log.head(self._database)
        return max(clock.now(self.root), log.moment(last + 1))

    @contextmanager
    def _alone(self, *, waits: bool = False) -> Iterator[None]:
        """The block alone prepares something; `waits`: what waits to be committed goes on waiting."""
        with self._my_turn(), self._preparing:
            self._refuse_nesting()
            if not waits:
                self._commit_waiting()
            yield

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        """The block is this writer's turn; on a server, it knows then what others have written."""
        if self._turn is None:
            yield
            return
        with explained(self.root), self._committing:
            if seen := self._turn.acquire():
                self._catch_up(seen)
        try:
            yield
        finally:
            with explained(self.root), self._committing:
                self._turn.give_back()

    def _catch_up(self, seen: int) -> None:
        """Load what others have added since the log had `seen` acts; all anew where they joined or erased."""
        acts = self._database.execute(_CHANGES, (seen,)).fetchall()
        if acts:
            self._load(added={("ingest",), ("run",)} >= set(acts))

    def _refuse_nesting(self) -> None:
        if self._open is not None:
            raise StoreError(f"the delivery {self._open.name!r} is still open; finish it before the next")
        if self._failed is not None:
            raise StoreError(f"this writer has stopped, because: {self._failed} Open another.")

    @contextmanager
    def _intake(self, intake: Intake) -> Iterator[Intake]:
        self._open = intake
        try:
            yield intake
            with explained(self.root):
                intake.finish()
                if self._together and intake.is_small:
                    self._wait(intake)
                else:
                    self._commit_waiting()
                    with self._committing:
                        self._commit([intake])
                    intake.settle()
                    self._count(intake)
        finally:
            self._open = None
            if intake not in self._waiting:
                intake.close()
                with explained(self.root):
                    catalogue.drop_unnamed(self.root, self._database, intake.written)
        if not self._together:
            self._roll()

    def _wait(self, intake: Intake) -> None:
        """Have a delivery wait for others that share its commit; they know its rows already."""
        intake.settle()
        self._waiting.append(intake)
        self._count(intake)

    def _commit_waiting(self) -> None:
        """Commit what waits, in one transaction, unless another thread just did."""
        with self._committing:
            if self._failed is not None:
                raise StoreError(f"not kept: this writer has stopped, because: {self._failed}")
            group = [self._waiting.popleft() for _ in range(len(self._waiting))]
            if not group:
                return
            try:
                self._commit(group)
            except BaseException as error:
                self._failed = error  # later ones were compared with rows that are not kept
                raise

    def _commit(self, group: Sequence[Intake]) -> None:
        self._index.index([piece for intake in group for piece in intake.pieces])
        with catalogue.transaction(self._database):
            for intake in group:
                intake.insert(self._database)

    def _delivered(self, position: int) -> tuple[str, str, blobs.Blob]:
        found = self._database.execute(
            "SELECT source, name, digest FROM deliveries WHERE position = ?", (position,)
        ).fetchone()
        if found is None:
            raise UnknownRecord(f"no delivery at position {position} of the log")
        source, name, digest = found
        return source, name, blobs.find(self._database, digest)

    def _count(self, intake: Intake) -> None:
        for kind, rows in intake.small():
            small = self._small.setdefault(kind, [0, 0])
            small[0] += 1
            small[1] += rows

    def _roll(self) -> None:
        """Join small segments before there are too many of them."""
        if any(count > ROLL_SEGMENTS or rows > ROLL_ROWS for count, rows in self._small.values()):
            with suppress(StoreFull):  # what was taken in is durable already; this can wait
                self.compact(recent=True)


def _turn(root: Path, database: Database) -> "Turn":
    from watchfloor.store.server.writer_lease import Turn

    return Turn(root, database)


def _within(rows: pa.Table, marking: Marking) -> pa.Table:
    """The rows that are marked no stricter than that."""
    known = [text for text in pc.unique(rows["marking"]).to_pylist() if parse(text) <= marking]
    return rows.filter(pc.is_in(rows["marking"], pa.array(known, pa.string())))
