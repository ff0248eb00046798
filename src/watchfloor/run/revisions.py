"""Revisions: what a desk derived, numbered, with everything left out that says nothing new.

A desk never numbers. The runner does, from the order in which rows were derived, so the numbers are the same
for every cut: of the rows of one `row_id` and one `at` the last counts, a row equal to the one that stands is
dropped, and so is taking back what does not stand. What is left is the history: for every t, the net of the
rows with `at <= t` is what the desk held at t.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.core.canonical import encode_rows, row_views

Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.int64]


def settled(derived: pa.Table, standing: pa.Table | None = None) -> pa.Table:
    """Number derived rows and drop those that say nothing new, keeping their order.

    Args:
        derived: rows in the order they were derived; their `revision` is ignored.
        standing: the last row of each `row_id` that was numbered before.
    """
    before = derived.slice(0, 0) if standing is None else standing
    rows = derived.take(pa.array(news(derived, before)))
    both = pa.concat_tables([before, rows])
    ids, old = _codes(both), before.num_rows
    order = np.argsort(ids, kind="stable")
    starts = np.flatnonzero(~_follows(ids, order))
    run = np.cumsum(~_follows(ids, order)) - 1
    revisions = np.asarray(both.column("revision").to_numpy(), np.int64)
    first = np.where(order[starts] < old, revisions[order[starts]], 0)
    numbers = np.empty(len(order), np.int64)
    numbers[order] = np.arange(len(order)) - starts[run] + first[run]
    return numbered(rows, numbers[old:])


def numbered(rows: pa.Table, numbers: Any) -> pa.Table:
    """Rows with these revisions."""
    index = rows.schema.get_field_index("revision")
    return rows.set_column(index, rows.schema.field(index), pa.array(numbers, pa.int32()))


def standing(rows: pa.Table) -> pa.Table:
    """The last row of each `row_id`, whether retracted or not."""
    if not rows.num_rows:
        return rows
    ids = _codes(rows)
    last = np.zeros(int(np.max(ids)) + 1, np.int64)
    last[ids] = np.arange(len(ids))  # of equal indices the last assignment wins
    return rows.take(pa.array(np.sort(last)))


def news(derived: pa.Table, standing: pa.Table) -> Indices:
    """Indices of the derived rows that say something new, given the last row of each `row_id` before."""
    rows, old = pa.concat_tables([standing, derived]), standing.num_rows
    ids = _codes(rows)
    order = np.argsort(ids, kind="stable")
    at = np.asarray(rows.column("at").cast(pa.int64()).to_numpy(), np.int64)
    retracted = np.asarray(rows.column("retracted").to_numpy(zero_copy_only=False), np.bool_)
    follows = _follows(ids, order)
    overtaken = np.append(follows[1:] & (at[order][1:] == at[order][:-1]) & (order[:-1] >= old), False)
    order = order[~overtaken[: len(order)]]
    follows = _follows(ids, order)
    none_stood = ~follows | np.append(True, retracted[order][:-1])[: len(order)]
    idle = (retracted[order] & none_stood) | _same(rows, order, follows)
    chosen: Indices = np.sort(order[~idle & (order >= old)]) - old
    return chosen


def _codes(rows: pa.Table) -> Indices:
    """A small number for each `row_id`."""
    encoded = rows.column("row_id").combine_chunks().dictionary_encode()
    return np.asarray(encoded.indices.to_numpy(), np.int64)


def _follows(ids: Indices, order: Indices) -> Flags:
    """Whether the row before has the same `row_id`, in this order."""
    return np.append(False, ids[order][1:] == ids[order][:-1])[: len(order)]


def _same(rows: pa.Table, order: Indices, follows: Flags) -> Flags:
    """Whether a row says the same as the one of its `row_id` before it, its `at` included."""
    same = np.zeros(len(order), np.bool_)
    later = np.flatnonzero(follows)
    here, there = _said(rows.take(pa.array(order[later]))), _said(rows.take(pa.array(order[later - 1])))
    same[later] = [a == b for a, b in zip(here, there, strict=True)]
    return same


def _said(rows: pa.Table) -> list[memoryview]:
    """Return each row, all but its number, as bytes."""
    names = [name for name in rows.column_names if name != "revision"]
    return row_views(encode_rows(rows, {name: i for i, name in enumerate(names)}))


class Correction(NamedTuple):
    """Rows to publish after a rewind, and the history that it leaves."""

    published: pa.Table
    tail: pa.Table


def corrected(before: pa.Table, old: pa.Table, new: pa.Table) -> Correction:
    """Turn a published history into the one that a replay gives, by publishing more rows.

    Afterwards the net of all published rows with `at <= t` is what the replay holds at t, for every t: where
    two histories of a `row_id` part, what held before is said once more under a higher number if the old one
    had spoken too early, and then the new one follows.

    Args:
        before: the last row of each `row_id` before the moment of the rewind.
        old: what was published after it.
        new: what the replay derived, in its order.

    Returns:
        What to publish, and the new history after the moment of the rewind: the rows of `new`, then those
        that only take back.
    """
    pool = pa.concat_tables([before, old, new])
    said, at = _said(pool), pool.column("at").cast(pa.int64()).to_pylist()
    revision = pool.column("revision").to_pylist()
    numbers: dict[int, int] = dict.fromkeys(range(before.num_rows + old.num_rows, pool.num_rows), 0)
    published: list[_Pick] = []
    last: list[_Pick] = []
    for base, was, now, free in _by_id(pool, before, old):
        same = _common(said, was, now)
        numbers.update(zip(now[:same], (revision[i] for i in was[:same]), strict=True))
        if same < len(was) and (same == len(now) or at[was[same]] < at[now[same]]):
            held = now[same - 1] if same else base
            again = _Pick(was[same] if held is None else held, free, held is None)
            published.append(again)
            last += [again] if same == len(now) else []
            free += 1
        for index in now[same:]:
            numbers[index] = free
            published.append(_Pick(index, free, False))
            free += 1
    tail = [_Pick(index, number, False) for index, number in numbers.items()]
    return Correction(_picked(pool, published), _picked(pool, tail + last))


class _Pick(NamedTuple):
    """A row to copy, the number it gets, whether it takes back."""

    row: int
    revision: int
    taken_back: bool


def _by_id(
    pool: pa.Table, before: pa.Table, old: pa.Table
) -> Iterator[tuple[int | None, list[int], list[int], int]]:
    """For each `row_id`: its rows before, in the old history and in the new one, and the next free number."""
    first_old, first_new = before.num_rows, before.num_rows + old.num_rows
    ids = pool.column("row_id").to_pylist()
    free: dict[bytes, int] = {}
    for id_, revision in zip(ids[:first_new], pool.column("revision").to_pylist(), strict=False):
        free[id_] = max(free.get(id_, 0), revision + 1)
    telling = (int(i) + first_old for i in news(old, before))
    rows: dict[bytes, tuple[list[int], list[int], list[int]]] = {}
    for index in (*range(first_old), *telling, *range(first_new, len(ids))):
        part = (index >= first_old) + (index >= first_new)
        rows.setdefault(ids[index], ([], [], []))[part].append(index)
    for id_, (base, was, now) in rows.items():
        yield (base[0] if base else None), was, now, free.get(id_, 0)


def _common(said: list[memoryview], was: list[int], now: list[int]) -> int:
    pairs = zip(was, now, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if said[a] != said[b]), min(len(was), len(now)))


def _picked(pool: pa.Table, picks: list[_Pick]) -> pa.Table:
    rows = pool.take(pa.array([pick.row for pick in picks], pa.int64()))
    rows = numbered(rows, [pick.revision for pick in picks])
    index = rows.schema.get_field_index("retracted")
    kept = rows.column("retracted").to_pylist()
    flags = [pick.taken_back or flag for pick, flag in zip(picks, kept, strict=True)]
    return rows.set_column(index, rows.schema.field(index), pa.array(flags, pa.bool_()))
