"""Checkpoints of folds: a desk without a cut goes on from where its last runs stood.

A run of such a desk keeps, beside what it derived, the state of its fold at its end and at two moments
before. The next run begins at the newest of these that no row which came since reaches behind, and folds only
what comes after it in the order of the desk:

    answer = history(derived up to the checkpoint + derived by its state from the rows after it)

The cut does not matter to a desk (`desks.base`), so this is, row for row, what a run over everything answers.

A file of the folder `memo` is one checkpoint of one desk in one view: who it is for, then its state, sealed
under a key that follows from the floor's. Another version, reference, policy, view or log does not fit. It
holds what records say: an erasure takes it away before it begins and when it is done, and no backup has it.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from hashlib import blake2b
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from cryptography.exceptions import InvalidTag

from watchfloor.core.kinds import KINDS
from watchfloor.core.spool import Spool
from watchfloor.core.streams import unpacked, write
from watchfloor.desks.base import Desk, Refs
from watchfloor.policy import terms
from watchfloor.policy.policy import Reader
from watchfloor.run import memo
from watchfloor.run.fold import Fold
from watchfloor.run.inline import Clock, Inline, Piece, put, spools
from watchfloor.run.order import PIECE, arranged, clock, moment
from watchfloor.run.runner import history, run
from watchfloor.run.spark.share import Sealer, unseal
from watchfloor.run.streaming import Histories, evaluated, received, whole
from watchfloor.store import files
from watchfloor.store.floor import Floor
from watchfloor.store.segments.replacing import told_apart

_log = logging.getLogger(__name__)

BACK: Final = (0, 1 / 16, 1 / 4)
"""Shares of all rows behind a checkpoint: at the end, and two for rows that were observed before the last."""
MOST: Final = 1 << 28
"""Bytes of a state at most; a larger one is not kept, and all rows are read again."""
MOST_DERIVED: Final = 1 << 26
"""The same of what was derived."""
_LENGTH: Final = 8
_STATE: Final = "state"
_REPORT: Final = ["record_id", "source", "report_key", "marking"]


class Head(msgspec.Struct, frozen=True):
    """Whose a checkpoint is, and where in the fold and in the log it stands.

    Attributes:
        rows: how many rows were folded.
        mark: clock of the last of them, microseconds since 1970; all known ones up to it were folded.
        upto: position of the log up to which rows were known.
        whole: whether all of those were folded.
        root, changed: of the log at that position, and its newest act after which nothing is gone on from.
    """

    desk: str
    version: str
    refs: dict[str, str]
    package: str
    policy: str
    view: str
    rows: int
    mark: int
    upto: int
    whole: bool
    root: str
    changed: int


class Checkpoint(NamedTuple):
    """A moment of a fold: rows before it, clock of the last, its state, and what was derived so far."""

    rows: int
    mark: int
    whole: bool
    state: pa.Table
    derived: Mapping[str, pa.Table]


class Resumed(Inline):
    """The runner in this process that goes on from a checkpoint, or from the beginning, and takes others.

    Args:
        start: where it begins: rows up to its mark are left out; None: before the first row.
        put: takes each checkpoint, which is not held in memory for the rest of the fold.
    """

    def __init__(
        self, start: Checkpoint | None = None, put: Callable[[Checkpoint], None] | None = None
    ) -> None:
        self._start, self._put = start, put

    def fold(
        self,
        desk: Desk[Any],
        refs: Refs,
        at: Clock,
        piece: Piece,
        until: datetime,
        folder: Path | None = None,
    ) -> dict[str, Spool]:
        """Fold the rows of some pieces, those after the start."""
        fold, made = Fold(desk, refs, self._start and self._start.state), spools(desk, folder)
        first, before = 0, 0
        if self._start:
            first = int(np.searchsorted(at, self._start.mark, "right"))
            before = self._start.rows - first
            put(made, [*self._start.derived.items()])
        ends = _ends(at, first, before) if self._is_worth(len(at) - first, before + first) else set()
        for start, end in pairwise(sorted({*range(first, len(at), PIECE), *ends, len(at)})):
            whole, mark = end == len(at), int(at[end - 1])
            put(made, fold.step(piece(start, end), until if whole else moment(mark)))
            if end in ends and self._put:
                derived = {kind: table for kind, spool in made.items() if (table := spool.held()) is not None}
                is_small = sum(table.nbytes for table in derived.values()) <= MOST_DERIVED
                is_small &= len(derived) == len(made)
                if is_small and (state := fold.freeze()) is not None and state.nbytes <= MOST:
                    self._put(Checkpoint(before + end, mark, whole, state, derived))
        return made

    def _is_worth(self, count: int, begun: int) -> bool:
        """Whether so much was folded since the last checkpoint that another is worth its writing."""
        if self._put is None or self._start is None or not self._start.whole:
            return self._put is not None and count > 0
        return count > max(memo.LEAST, (begun + count) // memo.TAIL)


def _ends(at: Clock, first: int, before: int) -> set[int]:
    """Where checkpoints are taken: after how many rows, and never between two of one moment.

    Args:
        at: clock of each row.
        first: the first that is folded.
        before: how many rows were folded that are not among them.
    """
    count = len(at)
    wanted = (round((before + count) * (1 - share)) - before for share in BACK)
    ends = (n if n == count else int(np.searchsorted(at, at[n], "left")) for n in wanted if 0 < n <= count)
    return {end for end in ends if end > first}


class Checkpoints:
    """The checkpoints of one desk of a floor."""

    def __init__(self, floor: Floor, desk: Desk[Any], refs: Refs) -> None:
        self._floor, self._desk, self._refs = floor, desk, refs
        self._key = blake2b(b"checkpoint", key=refs.key[:64], digest_size=32).digest()
        self._folder = floor.root / files.MEMO
        self._used = {name: refs.digests[name] for name in desk.uses}
        self._policy = terms.digest(floor.root)
        self._changed = floor.newest_act(*memo.CHANGING)
        self._start: Checkpoint | None = None
        self._new: list[Path] = []

    @property
    def usable(self) -> bool:
        """Whether the desk is one fold over evidence, and the floor is this machine's."""
        alone = self._desk.cut is None and KINDS.keys() >= {*self._desk.reads}
        return alone and not self._floor.settings.server

    def resumed(self, reader: Reader, position: int) -> Histories | None:
        """Return what `run` gives, going on from a checkpoint; None where there is none to go on from."""
        floor, desk = self._floor, self._desk
        for path, head in self._found(reader):
            new = {kind: floor.read(kind, reader, position, after=head.upto) for kind in desk.reads}
            if self._reaches_behind(new, head.mark) or (start := self._loaded(path, head)) is None:
                continue
            if self._are_told_apart(new, reader, position):
                return None
            runner = self.runner(reader, position, start)
            if not head.whole:
                return evaluated(floor, desk, self._refs, reader, position, {}, runner)
            if any(rows.num_rows for rows in new.values()):
                return whole(run(desk, received(desk, new), self._refs, runner))
            return whole({kind: history(rows) for kind, rows in start.derived.items()})
        return None

    def runner(self, reader: Reader, position: int, start: Checkpoint | None = None) -> Resumed:
        """Return a runner that takes checkpoints of a run up to a position."""
        files.make_folder(self._folder)
        self._start = start
        return Resumed(start, partial(self._write, reader, position))

    def keep(self, reader: Reader) -> None:
        """Let what the run took be found by the next, and take away from what none would begin."""
        if not self._new:
            return
        start = self._start
        for path, head in self._found(reader):
            if not (start and start.whole) and head.rows > (start.rows if start else 0):
                path.unlink(missing_ok=True)  # rows that came later lie before its mark
        for path in self._new:
            with suppress(FileNotFoundError):  # an erasure took it
                path.replace(path.with_suffix(""))
        self._new.clear()
        for path in self._folder.glob(f"{self._desk.name}.*.checkpoint.*"):  # of a run that was killed
            path.unlink(missing_ok=True)
        found = self._found(reader)
        wanted = (round(found[0][1].rows * (1 - share)) for share in BACK) if found else ()
        spared = {next((path for path, head in found if head.rows <= rows), None) for rows in wanted}
        for path in {path for path, _ in found} - spared:
            path.unlink(missing_ok=True)

    def _reaches_behind(self, new: Mapping[str, pa.Table], mark: int) -> bool:
        """Whether a new row belongs at or before a moment of the desk's clock."""
        return bool(np.any(clock(self._desk, arranged(self._desk, received(self._desk, new))) <= mark))

    def _are_told_apart(self, new: Mapping[str, pa.Table], reader: Reader, position: int) -> bool:
        """Whether new rows are of reports under several markings, which changes what a desk had before."""
        lowered = self._floor.lowered(position)
        for kind, rows in new.items():
            keys = rows["report_key"].combine_chunks().drop_null().unique()
            if not len(keys):
                continue
            every = self._floor.read(kind, reader, position, _REPORT)
            mine = every.filter(pc.is_in(every["report_key"], keys))
            if memo.may_be_told_apart(rows) or told_apart(mine, lowered) is not mine:
                return True
        return False

    def _found(self, reader: Reader) -> list[tuple[Path, Head]]:
        """Checkpoints of the reader's view, the latest first; those that fit nobody are taken away."""
        found: list[tuple[Path, Head]] = []
        for path in self._folder.glob(f"{self._desk.name}.*.checkpoint") if self.usable else ():
            head = _head(path)
            if head is None or head.upto > self._floor.position or head != self._like(head):
                path.unlink(missing_ok=True)
            elif head.view == self._floor.view(reader, head.upto):
                found.append((path, head))
        return sorted(found, key=lambda one: (one[1].rows, one[1].upto), reverse=True)

    def _like(self, head: Head) -> Head:
        """The head that a checkpoint of this place has now."""
        return msgspec.structs.replace(
            head,
            desk=self._desk.name,
            version=self._desk.version,
            refs=self._used,
            package=version("watchfloor"),
            policy=self._policy,
            root=self._floor.log_root(head.upto).hex(),
            changed=self._changed,
        )

    def _write(self, reader: Reader, position: int, point: Checkpoint) -> None:
        """Write a file beside those that are found: nobody begins from it before its run was kept."""
        view = self._floor.view(reader, position)
        empty = Head("", "", {}, "", "", view, point.rows, point.mark, position, point.whole, "", 0)
        said = msgspec.json.encode(self._like(empty))
        name = f"{self._desk.name}.{blake2b(said, digest_size=8).hexdigest()}.checkpoint.{files.unique()}"
        try:
            with open(self._folder / name, "xb", opener=files.private) as file:
                _put(file, said)
                for part, table in {_STATE: point.state, **point.derived}.items():
                    _seal(file, self._key, f"{said.decode()}{part}", table)
        except OSError:  # a full disk
            (self._folder / name).unlink(missing_ok=True)
        else:
            self._new.append(self._folder / name)
        if self._floor.newest_act(*memo.CHANGING) != self._changed:  # an erasure that ended meanwhile
            (self._folder / name).unlink(missing_ok=True)

    def _loaded(self, path: Path, head: Head) -> Checkpoint | None:
        """The checkpoint of a file; None where it is damaged, which is told."""
        try:
            with path.open("rb") as file:
                said = _next(file).decode()
                state, *derived = (
                    unpacked(unseal(self._key, f"{said}{part}", _next(file)))
                    for part in (_STATE, *self._desk.yields)
                )
        except (OSError, InvalidTag, pa.ArrowException, ValueError):
            _log.warning("%s is damaged and is not used; more of the desk is run over", path)
            path.unlink(missing_ok=True)
            return None
        return Checkpoint(
            head.rows, head.mark, head.whole, state, dict(zip(self._desk.yields, derived, strict=True))
        )


def _put(file: BinaryIO, data: bytes) -> None:
    file.write(len(data).to_bytes(_LENGTH, "little"))
    file.write(data)


def _seal(file: BinaryIO, key: bytes, name: str, table: pa.Table) -> None:
    """Put a table, sealed, whose length is known only behind it."""
    at = file.tell()
    _put(file, b"")
    sealer = Sealer(key, name, file)
    write(pa.PythonFile(sealer, "w"), table)
    sealer.finish()
    end = file.tell()
    file.seek(at)
    file.write((end - at - _LENGTH).to_bytes(_LENGTH, "little"))
    file.seek(end)


def _next(file: BinaryIO) -> bytes:
    return file.read(int.from_bytes(file.read(_LENGTH), "little"))


def _head(path: Path) -> Head | None:
    """Who a file says that it is for: it is believed only once the rest, sealed with it, is opened."""
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(_next(file), type=Head)
    except (OSError, msgspec.MsgspecError, MemoryError, OverflowError):
        return None
