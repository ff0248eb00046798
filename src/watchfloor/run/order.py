"""The order of a fold: one table from several kinds, sorted."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import INSTANT, KINDS
from watchfloor.desks.base import ARRIVAL, OBSERVED, ROWS, Desk, DeskError
from watchfloor.desks.registry import unify

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def arranged(desk: Desk[Any], inputs: Mapping[str, pa.Table]) -> pa.Table:
    """The kinds that `desk` reads as one table in the order of its fold.

    Args:
        desk: who reads.
        inputs: rows by kind, each in the order in which they were delivered (the order of the log).
            Kinds that the desk does not read are left alone.

    Raises:
        DeskError: a kind is missing, or a column is missing or of another type.
    """
    rows = combined(desk, inputs)
    if desk.order is ARRIVAL and len(desk.reads) > 1:
        return _merged(rows, [inputs[kind].num_rows for kind in desk.reads])
    return in_order(rows, desk.reads) if is_sorted(desk) else rows


def is_sorted(desk: Desk[Any]) -> bool:
    """Whether the runner sorts for this desk."""
    return desk.order is OBSERVED and desk.cut is not ROWS


def combined(desk: Desk[Any], inputs: Mapping[str, pa.Table]) -> pa.Table:
    """The kinds that `desk` reads as one table, one kind after the other. Raises as `arranged` does."""
    schema = unify(desk, {kind: _schema(desk, kind, inputs) for kind in desk.reads})
    return pa.concat_tables([_fitted(inputs[kind], kind, schema) for kind in desk.reads])


def _merged(rows: pa.Table, counts: Sequence[int]) -> pa.Table:
    """Rows that stand kind after kind, each kind in the order of the log, put together by the clocks of the
    kinds; at one moment the kind that is read first comes first."""
    ends = np.cumsum([0, *counts])
    clocks = [arrivals(rows.slice(start, end - start)) for start, end in pairwise(ends.tolist())]
    return rows.take(pa.array(np.argsort(np.concatenate(clocks), kind="stable")))


def _schema(desk: Desk[Any], kind: str, inputs: Mapping[str, pa.Table]) -> pa.Schema:
    if kind not in inputs:
        raise DeskError(
            f"desk {desk.name!r} reads {kind!r}, which was not given; given: {', '.join(inputs) or 'none'}"
        )
    given: pa.Schema = inputs[kind].schema
    if kind not in KINDS:
        return given
    for field in KINDS[kind].schema:
        if field.name not in given.names or given.field(field.name).type != field.type:
            found = given.field(field.name).type if field.name in given.names else "no such column"
            raise DeskError(
                f"desk {desk.name!r}: column {field.name} of {kind!r} is {field.type}, but got {found}"
            )
    return KINDS[kind].schema


def _fitted(rows: pa.Table, kind: str, schema: pa.Schema) -> pa.Table:
    columns = [
        _kind(kind, rows.num_rows)
        if field.name == "kind"
        else rows.column(field.name)
        if field.name in rows.schema.names
        else pa.nulls(rows.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _kind(kind: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(kind, pa.string()), count)


def in_order(rows: pa.Table, reads: Sequence[str]) -> pa.Table:
    """Rows by moment, those of one moment by kind, those of one kind in the order they have."""
    at = moments(rows)
    if "kind" in rows.column_names and len(reads) > 1:
        kinds = pc.index_in(rows.column("kind"), pa.array(reads)).to_numpy()
        order = np.lexsort((kinds, at))
    elif np.all(at[1:] >= at[:-1]):
        return rows
    else:
        order = np.argsort(at, kind="stable")
    return rows.take(pa.array(order))


def moments(rows: pa.Table) -> npt.NDArray[np.int64]:
    """Microseconds since 1970 of each row: `observed_at` of evidence, `at` of what was derived."""
    names = [name for name in ("observed_at", "at") if name in rows.column_names]
    if not names:
        raise DeskError("rows without a column observed_at or at have no place in time")
    column = pc.coalesce(*(rows.column(name) for name in names))
    if column.null_count:
        raise DeskError(f"{column.null_count} rows say no moment in {' or '.join(names)}")
    return np.asarray(column.cast(INSTANT).cast(pa.int64()).to_numpy(), np.int64)


def arrivals(rows: pa.Table) -> npt.NDArray[np.int64]:
    """The clock at each row, in the order of the log: the latest moment of receipt so far, microseconds since
    1970. Where nobody noted the receipt, a row counts as received when it was observed."""
    at = moments(rows)
    if "received_at" in rows.column_names:
        received = rows.column("received_at").cast(INSTANT).cast(pa.int64())
        at = np.asarray(pc.coalesce(received, pa.chunked_array([pa.array(at)])).to_numpy(), np.int64)
    return np.maximum.accumulate(at)


def as_received(rows: pa.Table) -> pa.Table:
    """Rows of a log in the order in which they were received, where that was noted.

    A log may hold a source's rows of a minute together (`feeds.live.rolling`), while those of others came in
    between. A row without a moment of receipt, as of a recording, counts as received when it was observed,
    and stays behind what came before it from its own source: behind that of others a day of AIS would be read
    after the whole day of radar that was delivered first, and no vessel would have said who it is in time.
    """
    if "received_at" not in rows.column_names or not rows.num_rows:
        return rows
    keys = receipts(rows)
    if np.all(keys[1:] >= keys[:-1]):
        return rows
    return rows.take(pa.array(np.argsort(keys, kind="stable")))


def receipts(rows: pa.Table) -> npt.NDArray[np.int64]:
    """When each row was received, microseconds since 1970, as far as anybody noted."""
    noted = pc.is_valid(rows.column("received_at")).to_numpy(zero_copy_only=False)
    received = rows.column("received_at").cast(INSTANT).cast(pa.int64())
    keys = np.array(pc.coalesce(received, pa.chunked_array([pa.array(moments(rows))])).to_numpy(), np.int64)
    if noted.all():
        return keys
    if "source" not in rows.column_names:
        return np.where(noted, keys, np.maximum.accumulate(keys))
    source = pc.dictionary_encode(rows.column("source").combine_chunks()).indices.to_numpy()
    for one in np.unique(source[~noted]):
        mine = source == one
        keys[mine] = np.where(noted[mine], keys[mine], np.maximum.accumulate(keys[mine]))
    return keys


def clock(desk: Desk[Any], rows: pa.Table) -> npt.NDArray[np.int64]:
    """By what the rows of a desk are cut in time: `arrivals` in the order of arrival, else `moments`."""
    return arrivals(rows) if desk.order is ARRIVAL else moments(rows)


PIECE: Final = 1 << 16
"""Rows that are handed over at once: what a step makes of a piece is gone before the next."""


def pieces(desk: Desk[Any], rows: pa.Table, until: datetime) -> Iterator[tuple[pa.Table, datetime]]:
    """Return rows in their order a piece at a time, with the watermark after each, `until` at the end."""
    at = np.maximum.accumulate(clock(desk, rows))
    for start in range(0, max(rows.num_rows, 1), PIECE):
        end = start + PIECE
        yield rows.slice(start, PIECE), until if end >= rows.num_rows else moment(int(at[end - 1]))


def up_to(desk: Desk[Any], rows: pa.Table, end: int) -> pa.Table:
    """Rows of a desk, or of one kind it reads, whose clock is not after `end`, microseconds since 1970."""
    at = clock(desk, rows)
    return rows if np.max(at, initial=end) <= end else rows.filter(pa.array(at <= end))


def micros(moment: datetime) -> int:
    """Microseconds since 1970. Raises `ValueError` for a moment without a time zone."""
    if moment.tzinfo is None:
        raise ValueError(
            f"{moment.isoformat()} has no time zone; moments are aware, such as datetime.now(UTC)"
        )
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(at: int) -> datetime:
    """The other way."""
    return _EPOCH + timedelta(microseconds=at)
