"""Lines under one number: whole groups, numbers filled down, and numbers that come again."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.base import Fault
from watchfloor.formats.table import Rows

MOST_LINES: Final = 100_000
"""Lines of one item; a longer one is cut, and what follows is told as the same number again."""

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]


class Groups(NamedTuple):
    """Rows of whole groups: for each the row its group starts at, and how many lines that has."""

    rows: Rows
    start: Ints
    size: Ints


def numbers(rows: Rows, column: str) -> pa.Array:
    """The number of each line: where its cell is empty, that of the line above."""
    return pc.fill_null_forward(trimmed(rows.cells[column]))


def trimmed(column: pa.ChunkedArray) -> pa.Array:
    """Texts without spaces around them; null where nothing is left."""
    text = pc.utf8_trim_whitespace(column.combine_chunks())
    return pc.if_else(pc.equal(text, ""), None, text)


def taken(rows: Rows, where: Ints) -> Rows:
    """Some of the rows."""
    raw = rows.raw
    return Rows(rows.cells.take(where), rows.locators.take(pa.array(where)), lambda i: raw(int(where[i])))


def _joined(one: Rows, other: Rows) -> Rows:
    count, before, after = one.cells.num_rows, one.raw, other.raw
    cells = pa.concat_tables([one.cells, other.cells]).combine_chunks()
    locators = pa.concat_arrays([one.locators, other.locators])
    return Rows(cells, locators, lambda i: before(i) if i < count else after(i - count))


def groups(pieces: Iterator[Rows | Fault], number: str) -> Iterator[Groups | Fault]:
    """Whole groups: the last of a block waits for the next. Faults pass at once.

    Args:
        pieces: of a table.
        number: the column that numbers the items; where it is empty the line belongs to the one above.
    """
    held: Rows | None = None
    for piece in pieces:
        if isinstance(piece, Fault):
            yield piece
            continue
        rows = _joined(held, piece) if held else piece
        start = _starts(rows, number)
        last = int(start[-1]) if len(start) - start[-1] < MOST_LINES else len(start)
        if last:
            yield _groups(taken(rows, np.arange(last)), start[:last])
            held = taken(rows, np.arange(last, len(start))) if last < len(start) else None
        else:
            held = rows
    if held:
        yield _groups(held, _starts(held, number))


def _starts(rows: Rows, number: str) -> Ints:
    """For each row the first of its group: the number is another than that of the row above."""
    coded = pc.fill_null(pc.dictionary_encode(numbers(rows, number)).indices, -1).to_numpy()
    new = np.concatenate([[True], coded[1:] != coded[:-1]])
    return np.maximum.accumulate(np.where(new, np.arange(len(coded)), 0))


def _groups(rows: Rows, start: Ints) -> Groups:
    _, inverse, counts = np.unique(start, return_inverse=True, return_counts=True)
    return Groups(rows, start, counts[inverse])


class Seen:
    """Numbers of a file so far, and where each stood first: 64 bits for a number, and 64 for a place."""

    def __init__(self, noun: str) -> None:
        self._noun = noun
        self._blocks: list[tuple[Hashes, Ints]] = []

    def again(self, keys: pa.Array, group: Groups) -> tuple[Ints, list[Fault]]:
        """Rows whose number came in an earlier group, and a fault for each such group."""
        starts = np.flatnonzero(group.start == np.arange(len(group.start)))
        starts = starts[pc.is_valid(keys).to_numpy(zero_copy_only=False)[starts]]
        texts = keys.take(pa.array(starts)).to_pylist()
        hashes = np.fromiter(map(_hashed, texts), np.uint64, len(texts))
        where = group.rows.locators.take(pa.array(starts)).to_pylist()
        places = np.fromiter((int(one.rsplit(" ", 1)[1]) for one in where), np.int64, len(where))
        first = self._first(hashes, places)
        new, order = first < 0, np.argsort(hashes)
        order = order[new[order]]
        self._blocks.append((hashes[order], places[order]))
        old = np.flatnonzero(~new)
        faults = [
            self._fault(texts[i], where[i], int(first[i]), group.rows.raw(int(starts[i])))
            for i in old.tolist()
        ]
        return np.flatnonzero(np.isin(group.start, starts[old])), faults

    def _first(self, hashes: Hashes, places: Ints) -> Ints:
        """For each number the place where it stood before, or -1."""
        _, index, inverse = np.unique(hashes, return_index=True, return_inverse=True)
        own = index[inverse]
        first = np.where(own < np.arange(len(hashes)), places[own], -1)
        for known, where in self._blocks:
            if len(known):
                at = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
                first = np.where(known[at] == hashes, where[at], first)
        return first

    def _fault(self, number: str, where: str, first: int, raw: bytes) -> Fault:
        word = where.rsplit(" ", 1)[0]
        why = f"{self._noun} {number} stands in this file already, at {word} {first}: this one was not read"
        return Fault(where, why, raw)


def _hashed(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
