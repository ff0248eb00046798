"""Reading rows: as of a position, in the order of the log, behind the reader's mask."""

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import groupby, pairwise
from operator import and_
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from watchfloor.core.derived import SIGNAL
from watchfloor.core.kinds import KINDS
from watchfloor.policy.policy import Reader, mask
from watchfloor.store import files, segments
from watchfloor.store.database import Database, numbers_in
from watchfloor.store.errors import Damaged
from watchfloor.store.log import encode
from watchfloor.store.segments import index
from watchfloor.store.segments.index import LEAF, SEGMENT, Numbers

POSITION: Final = "position"
"""A column that can be asked for beside the kind's own: where in the log a row came in."""
PLACE: Final = (SEGMENT, LEAF)
"""Columns that can be asked for as well: where a row lies. Together they are its own for good."""

_ORDER: Final = [(SEGMENT, "ascending"), (LEAF, "ascending")]


class Payload(NamedTuple):
    """Segments that share one payload: their numbers and positions, and the file or the bytes."""

    segments: dict[int, int]
    stored: files.Stored | None
    data: bytes | None

    @property
    def path(self) -> str | None:
        """Of its file within the floor."""
        return self.stored and self.stored.path


def payloads(
    database: Database,
    kind: str,
    *,
    upto: int | None = None,
    at: Iterable[int] | None = None,
    numbers: Iterable[int] | None = None,
    after: int = 0,
) -> list[Payload]:
    """Payloads with segments of a kind, in the order of their first.

    Args:
        database: the catalogue.
        kind: of their rows.
        upto: only segments of acts up to this position.
        at: only segments of acts at these positions.
        numbers: only segments of these numbers.
        after: only segments of acts after this position.
    """
    found: dict[str | int, Payload] = {}
    query = _PAYLOADS.format(at=numbers_in(database, "?3"), numbers=numbers_in(database, "?4"))
    rows = database.execute(query, (kind, upto, _json(at), _json(numbers), after))
    for number, position, path, size, checks, data in rows:
        stored = None if path is None else files.Stored(path, size, checks)
        found.setdefault(path or number, Payload({}, stored, data)).segments[number] = position
    return list(found.values())


_PAYLOADS: Final = """
SELECT id, position, path, size, checks, small.payload
FROM segments LEFT JOIN small ON id = segment LEFT JOIN files ON path = segments.payload
WHERE kind = ?1
AND (?2 IS NULL OR position <= ?2)
AND (?3 IS NULL OR position IN ({at}))
AND (?4 IS NULL OR id IN ({numbers}))
AND position > ?5
ORDER BY id
"""


def _json(numbers: Iterable[int] | None) -> str | None:
    return None if numbers is None else encode(list(numbers)).decode()


def kinds_at(database: Database, at: Iterable[int]) -> list[str]:
    """Return the kinds of evidence that acts at some positions brought."""
    query = f"SELECT DISTINCT kind FROM segments WHERE position IN ({numbers_in(database, '?')})"  # noqa: S608
    return [kind for (kind,) in database.execute(query, (_json(at),)).fetchall() if kind in KINDS]


def count(database: Database, kinds: Iterable[str]) -> int:
    """How many rows there are of some kinds."""
    found = dict(database.execute("SELECT kind, sum(rows) FROM segments GROUP BY kind").fetchall())
    return int(sum(found.get(kind, 0) for kind in kinds))


def read(
    root: Path,
    parts: Iterable[Payload],
    schema: pa.Schema,
    reader: Reader | None,
    columns: Sequence[str],
    places: Numbers | None = None,
) -> pa.Table:
    """The rows of some payloads that `reader` may see, in the order of the log; None: the floor itself.

    Of all of them, or of those at some places (`index.places`), in ascending order.
    """
    needed = list(dict.fromkeys([*columns, "marking", SEGMENT, LEAF]))
    found = loaded(root, parts, needed, ["marking"], places)
    tables = [
        table
        for few, rows in found
        if (table := _visible(rows, _segments(few), reader, columns, places)).num_rows
    ]
    return shaped(_in_order(tables) if tables else schema.empty_table(), schema, columns)


def schema_of(root: Path, database: Database, kind: str) -> pa.Schema:
    """The columns of a kind, of evidence or derived.

    Raises:
        ValueError: there is no such kind, neither known nor on this floor.
    """
    if kind in KINDS:
        return KINDS[kind].schema
    if kind == "signal":
        return SIGNAL
    (newest,) = database.execute("SELECT max(id) FROM segments WHERE kind = ?", (kind,)).fetchone()
    if newest is None:
        raise ValueError(f"no kind {kind!r} on this floor; it knows {', '.join(sorted(KINDS))}, signal")
    (part,) = payloads(database, kind, numbers=[newest])
    schema = load(root, part).schema
    return pa.schema([field for field in schema if field.name not in segments.PROOF_COLUMNS])


def load(
    root: Path,
    part: Payload,
    columns: Sequence[str] | None = None,
    coded: Sequence[str] = (),
    places: Numbers | None = None,
) -> pa.Table:
    """A whole payload, or those of the columns that it has; `coded` ones of a file as dictionaries.

    With `places` it may be no more than the pieces of the file that hold them.

    Raises:
        Damaged: it cannot be read.
    """
    if part.data is not None:
        table = segments.from_stream(part.data)
        there = frozenset(table.column_names)
        return table if columns is None else table.select([name for name in columns if name in there])
    if part.stored is None:
        raise Damaged(f"segments {list(part.segments)} lie nowhere. Run `watchfloor floor verify`.")
    try:
        data = pa.BufferReader(files.read(root, part.stored))
        with pq.ParquetFile(data, read_dictionary=list(coded)) as file:
            names = file.schema_arrow.names
            chosen = None if columns is None else [name for name in columns if name in names]
            if places is None:
                return file.read(chosen)
            return file.read_row_groups(_row_groups(file, places), chosen)
    except (OSError, pa.ArrowException) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise Damaged(f"{part.path} cannot be read: {error}. Run `watchfloor floor verify`.") from error


def loaded(
    root: Path,
    parts: Iterable[Payload],
    columns: Sequence[str] | None = None,
    coded: Sequence[str] = (),
    places: Numbers | None = None,
) -> Iterator[tuple[list[Payload], pa.Table]]:
    """Yield payloads and their rows, as `load`: a file alone, neighbours in the catalogue as one table.

    To look through a table costs a millisecond, however few its rows, and hundreds lie in the catalogue.
    """
    tables = ((part, load(root, part, columns, coded, places)) for part in parts)
    for _, group in groupby(tables, lambda one: one[0].path or one[1].schema):
        few, rows = zip(*group, strict=True)
        yield list(few), rows[0] if len(rows) == 1 else pa.concat_tables(rows)


def _segments(parts: Iterable[Payload]) -> dict[int, int]:
    """Positions of the segments of some payloads, by their numbers in ascending order."""
    return dict(sorted(pair for part in parts for pair in part.segments.items()))


def _row_groups(file: pq.ParquetFile, places: Numbers) -> list[int]:
    """The row groups of a payload's file that hold some places."""
    found, groups = index.places(file.read(list(PLACE))), range(file.num_row_groups)
    ends = np.cumsum([0, *(file.metadata.row_group(n).num_rows for n in groups)])
    at = np.flatnonzero(np.isin(found, places))
    return sorted(set((np.searchsorted(ends, at, side="right") - 1).tolist()))


def matching(wanted: Iterable[tuple[str, int]]) -> pc.Expression:
    """Rows in which every column holds its number."""
    return reduce(and_, (pc.field(name) == number for name, number in wanted))


def _visible(
    table: pa.Table,
    segments_: dict[int, int],
    reader: Reader | None,
    columns: Sequence[str],
    places: Numbers | None,
) -> pa.Table:
    if places is not None:
        table = table.filter(pa.array(np.isin(index.places(table), places)))
    table = visible(table, segments_, reader)
    if POSITION in columns:
        table = table.append_column(POSITION, _positions(table, segments_))
    return table


def visible(table: pa.Table, wanted: Iterable[int], reader: Reader | None) -> pa.Table:
    """Rows of a payload that are of the wanted segments and that `reader` may see; None: the floor itself."""
    table = table.filter(pc.is_in(table.column(SEGMENT), pa.array(list(wanted), pa.int32()))).combine_chunks()
    if reader is not None:
        table = table.filter(mask(reader, table.column("marking")))
    at = table.schema.get_field_index("marking")
    return table.set_column(at, "marking", table.column(at).cast(pa.string()))


def _positions(table: pa.Table, of: dict[int, int]) -> pa.Array:
    numbers = np.array(list(of), np.int64)
    positions = np.array(list(of.values()), np.int64)
    return pa.array(positions[np.searchsorted(numbers, table.column(SEGMENT).to_numpy())])


def _in_order(tables: list[pa.Table]) -> pa.Table:
    ends = [(t.column(SEGMENT)[0].as_py(), t.column(SEGMENT)[-1].as_py()) for t in tables]
    whole = pa.concat_tables(tables, promote_options="default")
    if all(before[1] <= after[0] for before, after in pairwise(ends)):
        return whole
    return whole.sort_by(_ORDER)


def shaped(table: pa.Table, schema: pa.Schema, columns: Sequence[str]) -> pa.Table:
    """Return the asked columns in the kind's present types; one that is younger than the rows is null."""
    fields = [_field(schema, name) for name in columns]
    there = frozenset(table.column_names)
    arrays = [
        table.column(field.name).cast(field.type)
        if field.name in there
        else pa.chunked_array([pa.nulls(table.num_rows, field.type)])
        for field in fields
    ]
    return pa.table(arrays, schema=pa.schema(fields, metadata=schema.metadata))


def _field(schema: pa.Schema, name: str) -> pa.Field:
    return _BESIDE[name] if name in _BESIDE else schema.field(name)


_BESIDE: Final = {
    POSITION: pa.field(POSITION, pa.int64(), nullable=False),
    SEGMENT: pa.field(SEGMENT, pa.int32()),
    LEAF: pa.field(LEAF, pa.int32()),
}


def checked(schema: pa.Schema, columns: Iterable[str]) -> None:
    """Refuse an unknown column, by name."""
    for name in columns:
        if name not in _BESIDE and name not in schema.names:
            raise ValueError(f"no column {name!r}; there are {', '.join(schema.names)}, {POSITION}")


def newest(database: Database, kinds: Iterable[str], upto: int | None = None) -> int:
    """Position of the last act, up to one, that brought rows of one of these kinds; 0 for none."""
    query = "SELECT coalesce(max(position), 0) FROM segments WHERE kind = ? AND position <= ?"
    last = 1 << 62 if upto is None else upto
    return max((database.execute(query, (kind, last)).fetchone()[0] for kind in kinds), default=0)
