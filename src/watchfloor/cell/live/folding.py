"""Folding: the process that follows the log, runs the desks over it once a view, and publishes what stands.

It reads only what is durable, so whatever it publishes has its evidence on the disk. Every few seconds it
writes down how far it is and what it knows; after a restart it goes on from there, and every track has the
number it had.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import pyarrow as pa

from watchfloor.cell.live.views import Desks, Fold, Folds, Frozen
from watchfloor.core.kinds import INSTANT, KINDS
from watchfloor.desks.base import ARRIVAL
from watchfloor.desks.registry import desks as registered
from watchfloor.feeds.live import rows as written
from watchfloor.feeds.live import status
from watchfloor.feeds.live.log import Position, Reading, segments
from watchfloor.feeds.live.rollover import NEEDED
from watchfloor.feeds.references import references
from watchfloor.formats.sensors.frames import ROWS, Frame
from watchfloor.formats.sensors.wires.readers import WIRES
from watchfloor.policy.policy import Reader
from watchfloor.run import published
from watchfloor.run.order import moment
from watchfloor.run.published import Header
from watchfloor.run.views import readers
from watchfloor.store import files
from watchfloor.store.clock import Ticking
from watchfloor.store.errors import is_full
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor
from watchfloor.store.views import digest

SAVED: Final = "folds"
"""Name of the snapshot, within `live`."""
EVERY: Final = 2.0
"""Seconds between two snapshots, where they cost little."""
SHARE: Final = 0.05
"""Of the time in which snapshots may be taken and written."""
PIECE: Final = 1 << 20
"""Bytes of a snapshot that go to the disk at once."""
PUBLISHED: Final = 0.02
"""Seconds between two publications of what changed, where they cost little."""
PUBLISHING: Final = 0.25
"""Of the time that publishing may take."""
BEAT: Final = 1.0
"""Seconds after which what has not changed is published again, so that nobody takes it for gone."""
AT_ONCE: Final = 20_000
"""Rows that one step folds, where there are more to catch up with."""
FILED: Final = 5.0
"""Seconds between two looks at what came as files."""
LOOKS: Final = 60.0
"""Seconds between two looks at who the policy names, and what day it is."""


class Snapshot(msgspec.Struct, frozen=True):
    """How far the folds are, and what they know; `filed`: up to which position of the floor's log they have
    read what comes by no wire."""

    segment: int
    offset: int
    rows: int
    markings: list[str]
    folds: list[Frozen]
    filed: int = 0


class Part(NamedTuple):
    """Rows of the log that are folded in one step, and the moment of receipt up to which they are all."""

    inputs: dict[str, pa.Table]
    stamp: int
    rows: int


def live_desks() -> Desks:
    """The desks that can be run live: in the order of arrival, over evidence alone."""
    return {
        name: desk
        for name, desk in registered().items()
        if desk.order is ARRIVAL and KINDS.keys() >= {*desk.reads}
    }


class Folding:
    """Follows the log of a floor.

    Args:
        root: the floor's folder.
        actor: who runs it; his view is folded, and those of the policy's readers.
        desks: that are run; None: all that can be.

    Attributes:
        folds: of all views.
    """

    def __init__(self, root: Path, actor: Actor, desks: Desks | None = None) -> None:
        self._floor, self._actor = Floor.open(root), actor
        self._root, self._time = root, Ticking(root)
        self._desks = live_desks() if desks is None else desks
        found = load(root)
        first = min((one.number for one in segments(root)), default=0)
        self._reading = Reading(
            root, Position(first, 0) if found is None else Position(found.segment, found.offset)
        )
        self._rows = found.rows if found else 0
        self.folds = Folds(
            self._desks,
            references(self._floor),
            self._readers(),
            found.markings if found else (),
            found.folds if found else (),
        )
        wired = {kind for wire in WIRES.values() for kind in wire.kinds}
        read = {kind for desk in self._desks.values() for kind in desk.reads}
        self._by_file = sorted(read - wired)
        self._filed = found.filed if found and not self.folds.problem else 0
        self._filed_at = -FILED
        self._stamp = 0
        self._saved = self._looked = time.monotonic()
        self._between = EVERY
        self._published = self._stated = 0.0
        self._pause = PUBLISHED
        self._changed: set[tuple[str, str]] = set()
        self._said: frozenset[str] = frozenset()
        self._disk = ThreadPoolExecutor(1, "snapshot")
        self._saving: Future[float] | None = None
        if found is None:
            self.save()

    @property
    def position(self) -> Position:
        """Up to where the log is folded."""
        return self._reading.position

    @property
    def due(self) -> float:
        """Seconds until there is something to do, though nothing comes."""
        left = self._pause - (time.monotonic() - self._published)
        return max(0.0, left) if self._changed else BEAT / 2

    def follow(self, end: Position) -> None:
        """Fold what is durable, and publish it."""
        self._file()
        for part in _parts(self._reading.upto(end)):
            self._step(part)
            self._publish()
        self._publish()
        self._look()

    def save(self) -> None:
        """Write down what the folds know, so that a restart goes on from here."""
        self._freeze()
        self._settled(wait=True)

    def _freeze(self) -> None:
        """Take what the folds know; it is written down beside, which takes longer than a step may."""
        self._settled(wait=True)
        self._saved = time.monotonic()
        markings, write = sorted(self.folds.markings), self.folds.freeze()
        position, rows, filed = self.position, self._rows, self._filed

        def snapshot() -> Snapshot:
            return Snapshot(*position, rows, markings, write(), filed)

        self._saving = self._disk.submit(_written, self._root, snapshot)

    def _settled(self, *, wait: bool = False) -> bool:
        """Whether what was taken last is written down, or could not be on a full disk: then the next may.

        Raises what else kept it from being.
        """
        if self._saving is not None and (wait or self._saving.done()):
            saving, self._saving = self._saving, None
            try:
                self._between = max(EVERY, (saving.result() - self._saved) / SHARE)
            except OSError as error:
                if not is_full(error):
                    raise
                self._between = EVERY
        return self._saving is None

    def _step(self, part: Part) -> None:
        self._rows += part.rows
        self._stamp = max(self._stamp, part.stamp)
        before = self.folds.markings
        for fold, made in self.folds.step(part.inputs, moment(part.stamp)):
            self._changed |= {of for of, rows in made.items() if rows.num_rows}
            self._changed |= {(name, "") for name, run in fold.runs.items() if run.shows and part.rows}
        if self.folds.markings != before or not self._said:
            self._tell()

    def _file(self) -> None:
        """Fold what came as files, of kinds that no wire brings, such as weather: as if received now."""
        now = time.monotonic()
        if not self._by_file or now - self._filed_at < FILED:
            return
        self._filed_at = now
        newest = self._floor.newest(self._by_file)
        if newest <= self._filed:
            return
        inputs = {kind: self._came(kind, newest) for kind in self._by_file}
        self._filed = newest
        self._step(Part({kind: rows for kind, rows in inputs.items() if rows.num_rows}, self._stamp, 0))

    def _came(self, kind: str, newest: int) -> pa.Table:
        """Rows of a kind that came since they were looked for last, whichever of the readers may see them.

        In the order of the log, so that a correction comes last. Of more than `AT_ONCE` the latest: a file
        may hold years, station by station.
        """
        columns = [*KINDS[kind].schema.names, "position"]
        parts = [self._floor.read(kind, one, newest, columns, after=self._filed) for one in self._readers()]
        rows = pa.concat_tables(parts)
        once = {record_id: n for n, record_id in enumerate(rows["record_id"].to_pylist())}
        rows = rows.take(pa.array(once.values(), pa.int64())).sort_by("observed_at")
        rows = rows.slice(max(0, rows.num_rows - AT_ONCE)).sort_by("position").drop_columns("position")
        place = rows.schema.get_field_index("received_at")
        received = pa.array([self._stamp] * rows.num_rows, pa.int64()).cast(INSTANT)
        return rows.set_column(place, rows.schema.field(place), received)

    def _publish(self) -> None:
        """Publish what changed, not too often; and all of it now and then."""
        now = time.monotonic()
        if now - self._stated >= BEAT:
            self._write(everything=True)
            self._state()
            self._stated = now
        elif self._changed and now - self._published >= self._pause:
            self._write()

    def _write(self, *, everything: bool = False) -> None:
        said, began = Header(self._time.micros() / 1e6, self._stamp, self._rows), time.monotonic()
        for fold in self.folds.folds:
            view = self._view(fold)
            for desk, run in fold.runs.items():
                changed = {kind for name, kind in self._changed if name == desk}
                shown = run.picture() if everything or changed else {}
                stands = {kind: rows for kind, rows in run.standing.items() if everything or kind in changed}
                for kind, rows in (stands | shown).items():
                    published.write(self._root, view, f"{desk}.{kind}", rows, said)
        self._published = time.monotonic()
        self._pause = max(PUBLISHED, (self._published - began) / PUBLISHING)
        self._changed = set()

    def _tell(self) -> None:
        """Say which views there are, once each has something to say."""
        self._write(everything=True)
        views = frozenset(self._view(fold) for fold in self.folds.folds)
        published.index(self._root, self.folds.markings, views)
        published.withdraw(self._root, views)
        self._said = views

    def _view(self, fold: Fold) -> str:
        return digest(self.folds.markings, fold.readers[0])

    def _look(self) -> None:
        now = time.monotonic()
        if now - self._looked > LOOKS:
            self._looked = now
            before = list(self.folds.folds)
            self.folds.admit(self._readers(), self._floor.now().date())
            if any(fold not in before for fold in self.folds.folds):
                self._filed = 0  # it has no weather yet; in the others rows replace themselves
            self._tell()
        if self._settled() and now - self._saved > self._between:
            self._freeze()

    def _readers(self) -> list[Reader]:
        asking = self._floor.reader(self._actor.name, self._actor.purpose)
        return readers(self._floor, asking)

    def _state(self, problem: str = "") -> None:
        whole = max(self.folds.folds, key=lambda fold: len(fold.sees), default=None)
        tracks = (
            [run.standing["track"] for run in whole.runs.values() if "track" in run.standing] if whole else []
        )
        told = status.Folding(
            os.getpid(),
            time.time(),
            *self._reading.position,
            self._rows,
            len(self.folds.folds),
            sum(rows.num_rows for rows in tracks),
            problem or self.folds.problem,
        )
        status.write(self._root, told)


def _written(root: Path, take: Callable[[], Snapshot]) -> float:
    """Write a snapshot down; then say which segment of the log it begins with. Gives the moment, monotonic.

    Whoever has a little made durable, as the log does many times a second, may have to wait for all that
    others have written and nobody asked for: so it goes to the disk piece by piece.
    """
    told, place = take(), root / status.FOLDER / SAVED
    place.parent.mkdir(exist_ok=True)
    fresh = place.with_suffix(f".{os.getpid()}")
    data = memoryview(msgspec.msgpack.encode(told))
    try:
        with fresh.open("wb", buffering=0) as file:
            for start in range(0, len(data), PIECE):
                file.write(data[start : start + PIECE])
                os.fsync(file.fileno())
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    files.settle(root, fresh, f"{status.FOLDER}/{SAVED}")
    note = place.with_name(NEEDED).with_suffix(f".{os.getpid()}")
    note.write_text(str(told.segment))
    note.replace(place.with_name(NEEDED))
    return time.monotonic()


def load(root: Path) -> Snapshot | None:
    """Load the last snapshot; None if there is none, or it cannot be used."""
    try:
        return msgspec.msgpack.decode((root / status.FOLDER / SAVED).read_bytes(), type=Snapshot)
    except (OSError, ValueError):
        return None


def run(root: Path, actor: Actor, desks: Desks | None, told: "Connection[Any, Any]") -> None:
    """Follow the log until whoever writes it is gone."""
    parent = os.getppid()
    folding = Folding(root, actor, desks)
    end = folding.position
    while True:
        try:
            if told.poll(folding.due):
                while told.poll(0):
                    end = Position(*told.recv())
        except EOFError:
            break
        folding.follow(end)
    if os.getppid() == parent:  # else who began this was killed, and another goes on already
        folding.save()


def _parts(commits: Iterable[list[Frame]]) -> Iterator[Part]:
    """The rows of commits, several in one step where there are more to catch up with."""
    tables: dict[str, list[pa.Table]] = {}
    count = stamp = 0
    for frames in commits:
        for frame in frames:
            if frame.what == ROWS:
                kind = KINDS[written.NAMES[frame.source]]
                rows = written.unpack(frame.payload, kind)
                tables.setdefault(kind.name, []).append(rows)
                count += rows.num_rows
        stamp = frames[-1].stamp
        if count >= AT_ONCE:
            yield Part({kind: pa.concat_tables(some) for kind, some in tables.items()}, stamp, count)
            tables, count, stamp = {}, 0, 0
    if stamp:
        yield Part({kind: pa.concat_tables(some) for kind, some in tables.items()}, stamp, count)
