"""Copies of a floor's rows on a shared location: of files once, sealed under keys that lie beside the files.

An erasure rewrites a file; its key goes with it (`store.files.discard`). So from that moment nobody can
read a copy of what was erased, whether or not the shared location can be reached. The next run takes the
copies away whose key is gone. What lies in the catalogue itself, and what was derived, goes along with each
run under a key that no file has, and is taken away at its end.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from hashlib import blake2b
from typing import Final
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from watchfloor.core.messages import Reason, declare, reason
from watchfloor.core.streams import packed
from watchfloor.run.spark.order import Piece
from watchfloor.run.spark.share import Share, new_key, sealed
from watchfloor.store import files, segments
from watchfloor.store.floor import Floor
from watchfloor.store.segments import reading

COPYING: Final = declare("cluster.copying", "done", "all")

PIECE: Final = 1 << 17
"""Rows of a piece: what one task reads; 10 to 30 MB."""

STALE: Final = timedelta(days=7)
"""After how long, by the storage's own clock, what a run left that did not end is taken away."""

Say = Callable[[Reason], None]


class Run:
    """One run on a share: a folder and a key of its own, both gone at its end.

    Args:
        share: where.
        floor: id of the floor, whose copies lie together.
    """

    def __init__(self, share: Share, floor: str = "none") -> None:
        self.share, self.key, self._name = share, new_key(), uuid4().hex
        self._floor = f"watchfloor-{floor}"
        self.folder = f"{self._floor}/runs/{self._name}"
        self._begun = f"{self._floor}/begun/{self._name}"
        self._written: dict[int, tuple[pa.Table, list[Piece]]] = {}
        share.put(self._begun, b"")
        self._sweep_runs()

    def end(self) -> None:
        """Take all of it away."""
        self.share.remove_folder(self.folder)
        self.share.remove(self._begun)

    def put(self, kind: str, rows: pa.Table) -> list[Piece]:
        """Put derived rows, or those of a whole fold, on the share; those of one table once."""
        if id(rows) not in self._written:
            pieces = [
                self._piece(kind, rows.slice(start, PIECE), start) for start in range(0, rows.num_rows, PIECE)
            ]
            self._written[id(rows)] = rows, pieces  # the table is kept, so that its id stays its own
        return self._written[id(rows)][1]

    def _piece(self, kind: str, rows: pa.Table, start: int) -> Piece:
        name = f"{self.folder}/{uuid4().hex}"
        self.share.put(name, sealed(self.key, name, packed(rows)))
        return Piece(name, self.key, kind, rows.num_rows, None, start)

    def evidence(self, floor: Floor, kind: str, position: int, say: Say) -> tuple[pa.Schema, list[Piece]]:
        """Copy what of a kind is not yet on the share; gives its columns and pieces."""
        schema, parts = floor.parts(kind, position)
        there = self._there() if any(part.stored for part in parts) else {}
        found: list[Piece] = []
        for done, part in enumerate(part for part in parts if part.stored):
            say(reason(COPYING, done=done, all=len(parts)))
            found += self._copied(floor, kind, part, there)
        if small := [part for part in parts if not part.stored]:
            rows = pa.concat_tables([_rows_of(floor, part) for part in small], promote_options="default")
            numbers = tuple(number for part in small for number in part.segments)
            for start in range(0, rows.num_rows, PIECE):
                name = f"{self.folder}/{uuid4().hex}"
                data = segments.to_parquet(rows.slice(start, PIECE))
                self.share.put(name, sealed(self.key, name, data))
                found.append(Piece(name, self.key, kind, min(PIECE, rows.num_rows - start), numbers))
        return schema, found

    def _copied(
        self, floor: Floor, kind: str, part: reading.Payload, there: Mapping[str, object]
    ) -> Iterator[Piece]:
        assert part.stored is not None
        rows: pa.Table | None = None
        path = floor.root / part.stored.path
        known = files.copy_key(floor.root, part.stored.path, lambda: pq.read_metadata(path).num_rows, PIECE)
        if known is None:  # of a server: copied for this run alone
            rows = _rows_of(floor, part)
            names = [f"{self.folder}/{uuid4().hex}" for _ in range(0, rows.num_rows, PIECE)]
            known = files.CopyKey(self.key, len(names), PIECE)
        else:
            names = self._names(known)
        for number, name in enumerate(names):
            if name.rpartition("/")[2] not in there:
                if rows is None:
                    rows = _rows_of(floor, part)
                data = segments.to_parquet(rows.slice(number * known.rows, known.rows))
                self.share.put(name, sealed(known.key, name, data))
            yield Piece(name, known.key, kind, known.rows, tuple(part.segments))

    def _there(self) -> Mapping[str, object]:
        return self.share.names(f"{self._floor}/segments")

    def _names(self, known: files.CopyKey) -> list[str]:
        """Names of a file's copies; they tell nothing to whom the key is unknown."""
        made = (blake2b(b"%d" % n, digest_size=20, key=known.key) for n in range(known.pieces))
        return [f"{self._floor}/segments/{one.hexdigest()}" for one in made]

    def sweep(self, floor: Floor) -> None:
        """Take away copies that nobody can read any more."""
        known = {name for key in files.copy_keys(floor.root) for name in self._names(key)}
        for name in self._there():
            if f"{self._floor}/segments/{name}" not in known:
                self.share.remove(f"{self._floor}/segments/{name}")

    def _sweep_runs(self) -> None:
        """Take away what runs left that were killed; nobody has their keys."""
        begun = self.share.names(f"{self._floor}/begun")
        now = begun.get(self._name) or 0
        for name, at in begun.items():
            if at and now - at > STALE.total_seconds() * 1e9:
                self.share.remove_folder(f"{self._floor}/runs/{name}")
                self.share.remove(f"{self._floor}/begun/{name}")


def _rows_of(floor: Floor, part: reading.Payload) -> pa.Table:
    """The rows of a payload without their salts, which prove them and leave the floor for nobody."""
    return reading.load(floor.root, part).drop_columns([segments.SALT])
