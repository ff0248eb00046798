"""Memo of reruns: a desk's last answer, gone on from by what is new since.

The last run of a view is kept on the floor (`store.segments.runs`) with the version and the references that
it used. Where these are the same, and nothing was erased or marked anew since, it holds for all rows that
nothing new touches. One row touches another where both have the value by which the desk is cut (`Desk.cut`)
or are of one report, and so on from row to row: what is touched is folded apart from all else. So

    answer = kept - fold(old rows that new ones touch) + fold(the same with the new ones)

which is, row for row, the answer of a run over everything. The first fold is also the proof: where the kept
run does not say the same of these rows, the desk is run over everything.

To find what is touched without reading all of it, the folder `memo` has a file a desk: kind, place, position,
value and report of each row, the last two as keyed hashes; 29 bytes a row. It is derived, nobody is shown it,
an erasure takes it away before it begins, and one that is damaged or of another version is made anew.
"""

import logging
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from importlib.metadata import version
from typing import Any, Final, NamedTuple
from zlib import crc32

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.derived import to_keep
from watchfloor.core.kinds import KINDS
from watchfloor.core.spool import Rows
from watchfloor.core.streams import packed, unpacked
from watchfloor.desks.base import OBSERVED, Desk, Refs
from watchfloor.policy.policy import Reader
from watchfloor.run.cut import REPORT, stated
from watchfloor.run.order import combined
from watchfloor.run.runner import run
from watchfloor.store import files
from watchfloor.store.floor import Floor
from watchfloor.store.segments import index
from watchfloor.store.segments.reading import PLACE, POSITION
from watchfloor.store.segments.replacing import told_apart
from watchfloor.store.segments.runs import Run

_log = logging.getLogger(__name__)

Hashes = npt.NDArray[np.uint64]

CHANGING: Final = ("erasure", "downgraded", "upgraded", "restored")
"""Acts after which nothing is gone on from: what was read before is read in another way, or not at all."""
TAIL: Final = 20
"""A file is brought up to date once one row of a desk in so many is not in it."""
LEAST: Final = 4096
"""Rows that are never worth that."""
MOST: Final = 20_000_000
"""Rows of a file at most: 580 MB. A desk of more is run over everything."""
_NONE: Final = 0
"""Hash of a row that every part needs, and of a row without a report."""
_ROW: Final = pa.schema(
    [("kind", pa.int8()), ("place", pa.uint64()), (POSITION, pa.int32())]
    + [(name, pa.uint64()) for name in ("value", "report")]
)
_HEAD: Final = b"watchfloor.memo"
_CHECK: Final = 4
_LOW: Final = np.uint64((1 << 20) - 1)


class _Head(msgspec.Struct, frozen=True):
    """Whose a file is, up to which position of the log, and of which log."""

    desk: str
    version: str
    package: str
    key: str
    reads: tuple[str, ...]
    upto: int
    root: str
    changed: int


def is_for(desks: Iterable[Desk[Any]]) -> bool:
    """Whether reruns may go on from kept runs: no desk reads what another derives."""
    return all(KINDS.keys() >= {*desk.reads} for desk in desks)


def basis(floor: Floor, desk: Desk[Any], refs: Refs, reader: Reader) -> Run | None:
    """Return the kept run that the reader's next may go on from; None: it must be run over everything."""
    newest = floor.last_run(desk.name)
    if newest is None or floor.newest_act(*CHANGING) > newest.at_position:
        return None
    found = floor.last_run(desk.name, floor.view(reader, newest.at_position))
    used = {name: refs.digests[name] for name in desk.uses}
    wanted = (desk.version, used, newest.at_position)
    return found if found and (found.version, found.refs, found.at_position) == wanted else None


class Memo:
    """The memo of one desk of a floor."""

    def __init__(self, floor: Floor, desk: Desk[Any], refs: Refs) -> None:
        self._floor, self._desk, self._refs = floor, desk, refs
        self._key = blake2b(b"memo", key=refs.key[:64], digest_size=32).digest()
        self._path = floor.root / files.MEMO / f"{desk.name}.memo"
        self._upto, self._rows = self._loaded()

    @property
    def usable(self) -> bool:
        """Whether the desk has parts that can be folded apart, and the floor is this machine's."""
        return self._desk.cut is not None and self._desk.order is OBSERVED and not self._floor.settings.server

    def answer(self, reader: Reader, kept: Run, position: int) -> Mapping[str, Rows] | None:
        """Return the rows to keep of a run up to a position; None where all of it must be read.

        Args:
            reader: whose view it is.
            kept: what to go on from, see `basis`.
            position: of the log.
        """
        after = min(self._upto, kept.at_position) or kept.at_position
        late = {
            kind: self._floor.read(kind, reader, position, _columns(kind), after=after)
            for kind in self._desk.reads
        }
        standing = {kind: self._floor.kept(kind, kept, schema) for kind, schema in self._desk.yields.items()}
        new = {kind: rows.filter(pc.greater(rows[POSITION], kept.at_position)) for kind, rows in late.items()}
        if not any(rows.num_rows for rows in new.values()):
            return standing
        if not self._upto or any(map(may_be_told_apart, new.values())):
            return None
        touched = self._touched(late, kept.at_position, after)
        if touched is None:
            return None
        old = {
            kind: self._floor.read_at(kind, reader, _columns(kind), places)
            for kind, places in touched.places.items()
        }
        both = {kind: pa.concat_tables([old[kind], new[kind]]) for kind in new}
        lowered = self._floor.lowered(position)
        if any(told_apart(rows, lowered) is not rows for rows in both.values()):
            return None
        before = self._folded(old if touched.any else {kind: rows.slice(0, 0) for kind, rows in old.items()})
        return self._exchanged(standing, before, self._folded(both))

    def _touched(self, late: Mapping[str, pa.Table], upto: int, after: int) -> "_Touched | None":
        """Find the old rows that new ones touch; None where it is no use to read them apart.

        Args:
            late: rows by kind that came after `after`; the new ones are those after `upto`.
            upto: position up to which rows are old.
            after: position up to which the file has the rows.
        """
        known = self._rows.filter(pc.less_equal(self._rows[POSITION], after))
        rows = pa.concat_tables([known, *(self._numbered(kind, table) for kind, table in late.items())])
        kind, place, came, value, report = (np.asarray(rows[name].to_numpy()) for name in _ROW.names)
        chosen = came > upto
        if np.any(value[chosen] == _NONE):  # such as a list, which everything is held against
            return None
        _spread(chosen, value, report)
        chosen &= came <= upto
        own = int(np.count_nonzero(chosen))
        if own > len(came) // 2:
            return None
        chosen |= (value == _NONE) & (came <= upto)
        places = {name: place[chosen & (kind == n)] for n, name in enumerate(self._desk.reads)}
        return _Touched(places, own > 0)

    def _folded(self, rows: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
        inputs = {kind: table.select(KINDS[kind].schema.names) for kind, table in rows.items()}
        return {kind: to_keep(kind, history) for kind, history in run(self._desk, inputs, self._refs).items()}

    def _exchanged(
        self, standing: Mapping[str, pa.Table], before: Mapping[str, pa.Table], now: Mapping[str, pa.Table]
    ) -> dict[str, pa.Table] | None:
        """Put what is said now in place of what was; return None where that was not said."""
        made = {}
        for kind, rows in standing.items():
            gone = pc.is_in(rows["row_id"], before[kind]["row_id"].combine_chunks())
            rest, anew = rows.filter(pc.invert(gone)), now[kind].cast(rows.schema)
            twice = pc.any(pc.is_in(anew["row_id"], rest["row_id"].combine_chunks()), min_count=0).as_py()
            if twice or not rows.filter(gone).equals(before[kind].cast(rows.schema)):
                _log.warning(
                    "desk %s: the kept run is not what its rows say; it is run over everything. If it comes "
                    "again, its `cut` or `version` is wrong",
                    self._desk.name,
                )
                return None
            made[kind] = pa.concat_tables([rest, anew]).sort_by(
                [("row_id", "ascending"), ("marking", "ascending")]
            )
        return made

    def keep(self, position: int) -> None:
        """Bring the file up to a position, where it is missing or much is not in it."""
        if not self.usable:
            return
        every = self._floor.count(self._desk.reads)
        behind = every - self._rows.num_rows
        if every > MOST or behind <= (max(LEAST, every // TAIL) if self._upto else 0):
            return
        more = [
            self._numbered(kind, part.filter(pc.less_equal(part[POSITION], position)))
            for kind in self._desk.reads
            for part in self._floor.read_parts(kind, None, _columns(kind), after=self._upto)
        ]
        self._upto, self._rows = position, pa.concat_tables([self._rows, *more]).combine_chunks()
        self._write(packed(self._rows.replace_schema_metadata({_HEAD: msgspec.json.encode(self._head)})))

    def _numbered(self, kind: str, rows: pa.Table) -> pa.Table:
        """Rows of one kind as a file has them."""
        inputs = {name: KINDS[name].schema.empty_table() for name in self._desk.reads} | {kind: rows}
        table = combined(self._desk, inputs)
        named = [table[name] for name in REPORT if name in table.column_names]
        columns = [
            np.full(rows.num_rows, self._desk.reads.index(kind), np.int8),
            index.places(rows),
            rows[POSITION].cast(pa.int32()),
            self._hashes(stated(self._desk, table)),
            self._hashes(pc.binary_join_element_wise(*named, "\x1f").cast(pa.large_binary())),
        ]
        return pa.table([pa.array(c) if isinstance(c, np.ndarray) else c for c in columns], schema=_ROW)

    def _hashes(self, values: pa.Array | pa.ChunkedArray) -> pa.Array:
        """Keyed hashes, which nobody without the floor's key can guess a value from; `_NONE` of null."""
        coded = pc.dictionary_encode(values)
        coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
        found = b"".join(
            blake2b(v, key=self._key, digest_size=8).digest() for v in coded.dictionary.to_pylist()
        )
        hashes = np.append(np.frombuffer(found, "<u8") | np.uint64(1), np.uint64(_NONE))
        return pa.array(hashes[np.asarray(pc.fill_null(coded.indices, -1).to_numpy())])

    @property
    def _head(self) -> "_Head":
        desk, floor = self._desk, self._floor
        key = blake2b(self._key, digest_size=16).hexdigest()
        root = floor.log_root(self._upto).hex()
        changed = floor.newest_act(*CHANGING)
        return _Head(
            desk.name, desk.version, version("watchfloor"), key, desk.reads, self._upto, root, changed
        )

    def _loaded(self) -> tuple[int, pa.Table]:
        """The position and rows of the file; 0 and none where it is missing, damaged or another's."""
        nothing = 0, _ROW.empty_table()
        if not self.usable:
            return nothing
        try:
            data = memoryview(self._path.read_bytes())
            if crc32(data[_CHECK:]).to_bytes(_CHECK, "little") != data[:_CHECK]:
                raise ValueError
            rows = unpacked(data[_CHECK:])
            head = msgspec.json.decode(rows.schema.metadata[_HEAD], type=_Head)
            rows = rows.replace_schema_metadata(None).cast(_ROW)
        except FileNotFoundError:
            return nothing
        except (OSError, pa.ArrowException, KeyError, TypeError, ValueError):
            _log.warning("%s is damaged and is made anew; the desk is run over everything", self._path)
            return nothing
        self._upto = head.upto
        fits = head.upto <= self._floor.position and head == self._head
        return (head.upto, rows) if fits else nothing

    def _write(self, data: bytes) -> None:
        """Replace the file at once, so that a run that is killed, or another, leaves a whole one."""
        files.make_folder(self._path.parent)
        written = self._path.with_suffix(f".{files.unique()}")
        try:
            with open(written, "xb", opener=files.private) as file:
                file.write(crc32(data).to_bytes(_CHECK, "little") + data)
            written.replace(self._path)
        except OSError:  # a full disk: it is missing, or as it was
            written.unlink(missing_ok=True)


class _Touched(NamedTuple):
    """Places of old rows by kind, and whether any of them are touched rather than needed by every part."""

    places: dict[str, Hashes]
    any: bool


def _columns(kind: str) -> list[str]:
    return [*KINDS[kind].schema.names, POSITION, *PLACE]


def may_be_told_apart(rows: pa.Table) -> bool:
    """Whether a report's key may be one that `told_apart` gave to another's rows."""
    return bool(pc.any(pc.match_like(rows["report_key"], "% (%)"), min_count=0).as_py())


def _spread(chosen: npt.NDArray[np.bool_], *hashes: Hashes) -> None:
    """Choose all rows that share a hash with a chosen one, and with these, until none is left."""
    count = -1
    while count != (count := int(np.count_nonzero(chosen))):
        for each in hashes:
            wanted = np.unique(each[chosen])
            wanted = wanted[wanted != _NONE]
            marks = np.zeros(int(_LOW) + 1, np.bool_)
            marks[wanted & _LOW] = True
            maybe = np.flatnonzero(marks[each & _LOW])
            chosen[maybe[np.isin(each[maybe], wanted)]] = True
