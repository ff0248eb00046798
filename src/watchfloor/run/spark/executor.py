"""The workers' side: read the pieces of an order, mask them, number their parts; then fold the parts.

Rows pass from the one step to the other as Arrow streams, a few for each piece and part: the cluster shuffles
thousands of values where it would shuffle millions of rows, and no type is lost to a table of Spark's.
"""

import os
import platform
import resource
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from itertools import pairwise
from typing import Final
from uuid import uuid4
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from watchfloor.core.streams import packed, unpacked
from watchfloor.desks.base import ARRIVAL, ROWS, DeskError
from watchfloor.run.cut import EVERY, stated
from watchfloor.run.inline import INLINE
from watchfloor.run.order import as_received, clock, combined, moment, moments
from watchfloor.run.runner import run
from watchfloor.run.spark.order import Order, Piece, Ticket, ordered
from watchfloor.run.spark.share import ClusterError, marked, opened, sealed, unmarked, unseal, unsealed
from watchfloor.store.segments import reading
from watchfloor.store.segments.index import LEAF, SEGMENT
from watchfloor.store.segments.replacing import told_apart

PLACE: Final = "_place"
"""Column with a row's place in the order of its kind: number of its segment and leaf, or of its row."""

SHUFFLED: Final = pa.schema(
    {"part": pa.int32(), "kind": pa.string(), "clock": pa.int64(), "name": pa.string(), "rows": pa.binary()}
)
"""Rows of a part as a stream, or the name of an object with rows for every part, or none; and the clock."""

RESULT: Final = pa.schema(
    {
        "kind": pa.string(),
        "name": pa.string(),
        "rows": pa.int64(),
        "digest": pa.string(),
        "order": pa.string(),
        "process": pa.string(),
        "seconds": pa.float64(),
        "peak": pa.int64(),
    }
)
"""The answer of a worker: a row for each object that it wrote, and one without a kind for each part: rows
that were folded, in which process, in how many seconds of processor time, peak of its memory in kilobytes."""

PAIRS: Final = pa.schema([("part", pa.int32()), ("pairs", pa.binary())])
"""Pairs of numbers of 32 bits: a report and a value, or two values."""

Numbers = npt.NDArray[np.uint32]

CHUNK: Final = 1 << 14
"""Rows in one stream: Spark hands several over at a time."""

_BEGINNING: Final = -(1 << 62)


def read(ticket: Ticket, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Read pieces by their numbers; give their rows by part, and to every part how far the clock went."""
    with _explained():
        order, _ = ordered(ticket)
        for number in _numbers_in(batches):
            kind = order.pieces[number].kind
            rows = loaded(ticket, order, order.pieces[number])
            at = int(np.max(moments(rows), initial=_BEGINNING))  # a cut desk folds in the order of moments
            for part, some in _by_part(order, kind, rows):
                if part == EVERY:
                    name = f"{ticket.path}-{number}-every"
                    opened(ticket.url).put(name, sealed(ticket.key, name, packed(some)))
                    yield from (_value(every, kind, at, name=name) for every in range(order.parts))
                else:
                    for start in range(0, some.num_rows, CHUNK):
                        yield _value(
                            part,
                            kind,
                            at,
                            rows=sealed(ticket.key, ticket.name, packed(some.slice(start, CHUNK))),
                        )
            yield from (_value(part, kind, at) for part in range(order.parts))


def fold(ticket: Ticket, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Fold each part that was shuffled here, and put what it derives on the share."""
    with _explained():
        order, digest = ordered(ticket)
        parts: defaultdict[int, defaultdict[str, list[pa.Table]]] = defaultdict(lambda: defaultdict(list))
        at = _BEGINNING
        for batch in batches:
            for one in batch.to_pylist():
                at = max(at, one["clock"])
                if one["name"] is not None:
                    parts[one["part"]][one["kind"]].append(_for_every_part(ticket, one["name"]))
                elif one["rows"] is not None:
                    parts[one["part"]][one["kind"]].append(
                        unpacked(unseal(ticket.key, ticket.name, one["rows"]))
                    )
        for part in sorted(parts):
            yield from _folded(ticket, order, digest, parts.pop(part), moment(at))


def read_and_fold(ticket: Ticket, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Read every piece here and fold them as one part: no shuffle, one task."""
    with _explained():
        order, digest = ordered(ticket)
        found: defaultdict[str, list[pa.Table]] = defaultdict(list)
        for number in _numbers_in(batches):
            piece = order.pieces[number]
            found[piece.kind].append(loaded(ticket, order, piece))
        yield from _folded(ticket, order, digest, found, order.until)


def reports(ticket: Ticket, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Give the report and the value of each row of some pieces, by report: the first step of `joins`."""
    with _explained():
        order, _ = ordered(ticket)
        for number in _numbers_in(batches):
            kind = order.pieces[number].kind
            rows = loaded(ticket, order, order.pieces[number])
            named = _reports(rows)  # those of several kinds with one name stay together, which does no harm
            rows = rows.filter(pc.is_valid(named))
            values, every = _values(order, kind, rows)
            pairs = np.stack([_checksums(named.drop_null()), values], axis=1)[~every]
            pairs = np.unique(pairs, axis=0)
            for part in range(order.parts):
                if len(some := pairs[pairs[:, 0] % np.uint32(order.parts) == part]):
                    yield _row(PAIRS, part, some.tobytes())


def joins(ticket: Ticket, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Give the pairs of values that one report joins: a later row of it takes the place of an earlier one."""
    with _explained():
        ordered(ticket)
        found = [
            np.frombuffer(one, np.uint32).reshape(-1, 2) for batch in batches for one in batch[1].to_pylist()
        ]
        pairs = np.unique(np.concatenate([np.empty((0, 2), np.uint32), *found]), axis=0)
        same = np.flatnonzero(pairs[1:, 0] == pairs[:-1, 0])
        if len(same):
            yield _row(PAIRS, 0, np.stack([pairs[same, 1], pairs[same + 1, 1]], axis=1).tobytes())


def loaded(ticket: Ticket, order: Order, piece: Piece) -> pa.Table:
    """Return the rows of a piece that the reader may see, in their kind's present columns, and places."""
    data = unsealed(opened(ticket.url), piece.key, piece.name)
    if piece.segments is None:
        rows = unpacked(data)
        places = np.arange(piece.start, piece.start + rows.num_rows)
        return rows.append_column(PLACE, pa.array(places))
    with pq.ParquetFile(pa.BufferReader(data), read_dictionary=["marking"]) as file:
        rows = file.read()
    rows = reading.visible(rows, piece.segments, order.reader)
    places = (rows[SEGMENT].to_numpy().astype(np.int64) << 32) | rows[LEAF].to_numpy()
    schema = order.schemas[piece.kind]
    return reading.shaped(rows, schema, schema.names).append_column(PLACE, pa.array(places))


@lru_cache(maxsize=16)
def _for_every_part(ticket: Ticket, name: str) -> pa.Table:
    """Rows that each part has: a worker folds several, and reads them once."""
    return unpacked(unsealed(opened(ticket.url), ticket.key, name))


def _numbers_in(batches: Iterable[pa.RecordBatch]) -> Iterator[int]:
    return (number for batch in batches for number in batch.column(0).to_pylist())


def _rows_of(order: Order, kind: str, rows: pa.Table) -> pa.Table:
    """Rows of one kind in the columns of the desk's fold."""
    plain = rows.drop_columns([PLACE])
    if not kind:
        return plain
    return combined(
        order.desk, {one: schema.empty_table() for one, schema in order.schemas.items()} | {kind: plain}
    )


def _by_part(order: Order, kind: str, rows: pa.Table) -> Iterator[tuple[int, pa.Table]]:
    """Yield the rows of each part, and those for every part."""
    values, every = _values(order, kind, rows)
    at = np.searchsorted(order.joins[0], values).clip(max=max(len(order.joins[0]) - 1, 0))
    if len(order.joins[0]):
        values = np.where(order.joins[0][at] == values, order.joins[1][at], values)
    numbers = np.where(every, EVERY, (values % np.uint32(order.parts)).astype(np.int32))
    by = np.argsort(numbers, kind="stable")
    ends = [0, *(np.flatnonzero(np.diff(numbers[by])) + 1).tolist(), len(by)]
    ordered_ = rows.take(pa.array(by))
    for start, end in pairwise(ends):
        if start < end:
            yield int(numbers[by[start]]), ordered_.slice(start, end - start)


def _values(order: Order, kind: str, rows: pa.Table) -> tuple[Numbers, npt.NDArray[np.bool_]]:
    """A number for the value by which each row is cut, and whether it goes to every part.

    Different values may have one number: then they stay together, which a cut may always do.
    """
    if order.desk.cut is ROWS:
        found = _reports(
            rows, pc.cast(rows["record_id" if "record_id" in rows.column_names else "row_id"], pa.binary())
        )
    else:
        found = stated(order.desk, _rows_of(order, kind, rows))
    return _checksums(found), np.asarray(pc.is_null(found).to_numpy(zero_copy_only=False), np.bool_)


def _reports(rows: pa.Table, otherwise: pa.ChunkedArray | None = None) -> pa.ChunkedArray:
    """Source and report key of each row as bytes; `otherwise` where it has none."""
    if "report_key" not in rows.column_names:
        return pa.chunked_array([pa.nulls(rows.num_rows, pa.binary())]) if otherwise is None else otherwise
    named = pc.binary_join_element_wise(rows["source"], rows["report_key"], "\x1f").cast(pa.binary())
    return named if otherwise is None else pc.coalesce(named, otherwise)


def _checksums(values: pa.Array | pa.ChunkedArray) -> Numbers:
    """CRC-32 of each value, once for each that differs; of null, 0."""
    coded = pc.dictionary_encode(values, null_encoding="encode")
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    found = np.fromiter(
        (crc32(one or b"") for one in coded.dictionary.to_pylist()), np.uint32, len(coded.dictionary)
    )
    return found[coded.indices.to_numpy()] if len(coded) else np.empty(0, np.uint32)


def _value(
    part: int, kind: str, at: int, name: str | None = None, rows: bytes | None = None
) -> pa.RecordBatch:
    return _row(SHUFFLED, part, kind, at, name, rows)


def _folded(
    ticket: Ticket, order: Order, digest: str, found: Mapping[str, list[pa.Table]], until: datetime | None
) -> Iterator[pa.RecordBatch]:
    """Fold one part, put each derived kind on the share, and say what was put."""
    began, share = time.process_time(), opened(ticket.url)
    count = sum(rows.num_rows for tables in found.values() for rows in tables)
    who = f"{platform.node()}:{os.getpid()}"
    for kind, derived in _derived(order, found, until).items():
        if derived.num_rows:
            name = f"{ticket.path}-{uuid4().hex}"  # a task that is tried again writes beside the first
            data = sealed(ticket.key, name, packed(derived))
            share.put(name, data)
            yield _row(RESULT, kind, name, derived.num_rows, sha256(data).hexdigest(), digest, who, 0.0, 0)
    took = time.process_time() - began
    yield _row(
        RESULT, "", "", count, "", digest, who, took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    )


def _derived(
    order: Order, found: Mapping[str, list[pa.Table]], until: datetime | None
) -> dict[str, pa.Table]:
    desk, refs = order.desk, order.refs
    tables = {kind: _in_place(some) for kind, some in found.items()}
    if "" in tables:
        return INLINE(desk, refs, tables[""], until or moment(int(np.max(clock(desk, tables[""])))))
    inputs = {kind: tables.get(kind, schema.empty_table()) for kind, schema in order.schemas.items()}
    read_here = {piece.kind for piece in order.pieces if piece.segments is not None}
    for kind in read_here & inputs.keys():
        inputs[kind] = told_apart(inputs[kind], order.lowered)
    if desk.order is ARRIVAL:
        inputs = {kind: as_received(rows) for kind, rows in inputs.items()}
    return run(desk, inputs, refs, INLINE, until)


def _in_place(tables: list[pa.Table]) -> pa.Table:
    """Rows of one kind in their order; it is lost on the way here."""
    rows = pa.concat_tables(tables)
    places = rows[PLACE].to_numpy()
    rows = rows.drop_columns([PLACE])
    return rows if np.all(places[1:] > places[:-1]) else rows.take(pa.array(np.argsort(places)))


def _row(schema: pa.Schema, *values: object) -> pa.RecordBatch:
    return pa.record_batch(
        [pa.array([one], field.type) for one, field in zip(values, schema, strict=True)], schema
    )


@contextmanager
def _explained() -> Iterator[None]:
    """Pack what went wrong so that it comes through Spark's traceback in one piece."""
    try:
        yield
    except ClusterError as error:
        raise RuntimeError(marked({"message": error.message.id, "params": dict(error.params)})) from error
    except DeskError as error:
        raise RuntimeError(marked({"desk": str(error)})) from error
    except Exception as error:
        if unmarked(str(error)) is not None:  # of the step before, where one process does both
            raise
        raise RuntimeError(marked({"other": f"{type(error).__name__}: {error}"})) from error
