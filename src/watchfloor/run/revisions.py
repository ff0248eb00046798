"""Revisions: what a desk derived, numbered, with everything left out that says nothing new.

A desk never numbers. The runner does, from the order in which rows were derived, so the numbers are the same
for every cut: of the rows of one `row_id` and one `at` the last counts, a row equal to the one that stands is
dropped, and so is taking back what does not stand. What is left is the history: for every t, the net of the
rows with `at <= t` is what the desk held at t.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.records.canonical import encode_rows, row_views

Flags = npt.NDArray[np.bool_]


def settled(derived: pa.Table, standing: pa.Table | None = None) -> pa.Table:
    """Number derived rows and drop those that say nothing new, keeping their order.

    Args:
        derived: rows in the order they were derived; their `revision` is ignored.
        standing: the last row of each `row_id` that was numbered before; other rows of theirs do no harm.
    """
    old = standing.num_rows if standing is not None else 0
    rows = pa.concat_tables([standing, derived]) if standing is not None and old else derived
    if not derived.num_rows:
        return derived
    ids = _codes(rows.column("row_id"))
    order = np.argsort(ids, kind="stable")
    keep, numbers = _numbered(rows, ids, order, old)
    chosen = np.flatnonzero(keep[old:]) + old
    index = rows.schema.get_field_index("revision")
    numbered = rows.set_column(index, rows.schema.field(index), pa.array(numbers, pa.int32()))
    return numbered if len(chosen) == numbered.num_rows else numbered.take(pa.array(chosen))


def standing(rows: pa.Table) -> pa.Table:
    """The last row of each `row_id`, whether retracted or not."""
    if not rows.num_rows:
        return rows
    ids = _codes(rows.column("row_id"))
    last = np.zeros(int(ids.max()) + 1, np.int64)
    last[ids] = np.arange(len(ids))  # of equal indices the last assignment wins
    return rows.take(pa.array(np.sort(last)))


def _codes(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    return np.asarray(column.combine_chunks().dictionary_encode().indices.to_numpy(), np.int64)


def _numbered(
    rows: pa.Table, ids: npt.NDArray[np.int64], order: npt.NDArray[np.int64], old: int
) -> tuple[Flags, npt.NDArray[np.int64]]:
    """Which rows to keep, and the revision of each row."""
    retracted = np.asarray(rows.column("retracted").to_numpy(), np.bool_)
    at = np.asarray(rows.column("at").cast(pa.int64()).to_numpy(), np.int64)
    keep = np.ones(len(ids), np.bool_)
    numbers = np.zeros(len(ids), np.int64)
    new = order >= old
    follows = np.concatenate(([False], ids[order][1:] == ids[order][:-1]))
    if not follows.any():
        return ~retracted, numbers
    overtaken = np.append(follows[1:] & (at[order][1:] == at[order][:-1]) & new[:-1], False)
    order, follows_kept = _left(order, ids, ~overtaken)
    keep[:] = False
    same = _equal_to_previous(rows, order, follows_kept)
    before = np.concatenate(([True], retracted[order][:-1])) | ~follows_kept
    idle = (same | (retracted[order] & before)) & (order >= old)
    order, follows_kept = _left(order, ids, ~idle)
    keep[order] = True
    revisions = np.asarray(rows.column("revision").to_numpy(), np.int64)
    numbers[order] = _counted(order, follows_kept, revisions, old)
    return keep, numbers


def _left(
    order: npt.NDArray[np.int64], ids: npt.NDArray[np.int64], stays: Flags
) -> tuple[npt.NDArray[np.int64], Flags]:
    order = order[stays]
    return order, np.concatenate(([False], ids[order][1:] == ids[order][:-1]))[: len(order)]


def _equal_to_previous(rows: pa.Table, order: npt.NDArray[np.int64], follows: Flags) -> Flags:
    """Whether a row says the same as the previous one of its `row_id`, its `at` included."""
    same = np.zeros(len(order), np.bool_)
    later = np.flatnonzero(follows)
    names = [name for name in rows.column_names if name != "revision"]
    ordinals = {name: i for i, name in enumerate(names)}
    here = row_views(encode_rows(rows.take(pa.array(order[later])), ordinals))
    there = row_views(encode_rows(rows.take(pa.array(order[later - 1])), ordinals))
    same[later] = [a == b for a, b in zip(here, there, strict=True)]
    return same


def _counted(
    order: npt.NDArray[np.int64], follows: Flags, revisions: npt.NDArray[np.int64], old: int
) -> npt.NDArray[np.int64]:
    """Numbers within each run of one `row_id`: from 0, or from the number that an old first row carries."""
    starts = np.flatnonzero(~follows)
    run = np.cumsum(~follows) - 1
    first = np.where(order[starts] < old, revisions[order[starts]], 0)
    counted: npt.NDArray[np.int64] = np.arange(len(order)) - starts[run] + first[run]
    return counted
