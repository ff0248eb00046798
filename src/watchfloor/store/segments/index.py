"""Which records are here, and where: sorted runs of identities, merged so that few remain.

An identity is 16 uniform bytes, kept as two unsigned 64-bit halves; its place is segment and leaf in one
number. A look-up of a batch is a binary search in every run, and the runs are memory-mapped files, so
neither time nor memory grows with the floor but logarithmically.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Numbers = npt.NDArray[np.uint64]
NOWHERE: Final = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
"""The place of an identity that is not there."""


class Run(NamedTuple):
    """Identities in order: high half, low half and place of each, one array each."""

    high: Numbers
    low: Numbers
    place: Numbers

    def __len__(self) -> int:
        return len(self.high)


EMPTY = Run(*(np.empty(0, np.uint64) for _ in range(3)))


def halves(ids: pa.Array | pa.ChunkedArray) -> tuple[Numbers, Numbers]:
    """The two halves of each identity, in the order given."""
    if isinstance(ids, pa.ChunkedArray):
        ids = pa.concat_arrays(ids.chunks) if ids.num_chunks else pa.array([], pa.binary(16))
    if not len(ids):
        return EMPTY.high, EMPTY.low
    data = np.frombuffer(ids.buffers()[1], ">u8")[2 * ids.offset : 2 * (ids.offset + len(ids))]
    both = data.reshape(-1, 2).astype(np.uint64)
    return np.ascontiguousarray(both[:, 0]), np.ascontiguousarray(both[:, 1])


def joined(high: Numbers, low: Numbers) -> bytes:
    """Identities from their halves, 16 bytes each."""
    return np.stack([high, low], axis=1).astype(">u8").tobytes()


def identities(run: Run) -> list[bytes]:
    """The identities of a run as bytes."""
    both = joined(run.high, run.low)
    return [both[at : at + 16] for at in range(0, len(both), 16)]


def first(high: Numbers, low: Numbers) -> npt.NDArray[np.bool_]:
    """True for each identity that did not occur before within the arrays."""
    order = _order(high, low)
    again = np.zeros(len(high), np.bool_)
    again[1:] = (high[order][1:] == high[order][:-1]) & (low[order][1:] == low[order][:-1])
    out = np.empty(len(high), np.bool_)
    out[order] = ~again
    return out


SEGMENT: Final = "_segment"
LEAF: Final = "_leaf"
"""Columns of a payload that say where its rows stand."""


def place(segment: int, leaves: npt.NDArray[np.int64]) -> Numbers:
    """Where rows stand: segment in the upper, leaf in the lower 32 bits."""
    return (np.uint64(segment) << np.uint64(32)) | leaves.astype(np.uint64)


def places(payload: pa.Table) -> Numbers:
    """Where the rows of a payload stand."""
    segment: Numbers = payload.column(SEGMENT).to_numpy().astype(np.uint64)
    leaf: Numbers = payload.column(LEAF).to_numpy().astype(np.uint64)
    return (segment << np.uint64(32)) | leaf


def contains_any(ids: bytes, high: Numbers, low: Numbers) -> bool:
    """Whether any identity is among joined ones, which are in no order."""
    both = np.frombuffer(ids, ">u8").reshape(-1, 2)
    candidates = np.isin(both[:, 0], high)
    pairs = set(zip(high.tolist(), low.tolist(), strict=True))
    return any((int(a), int(b)) in pairs for a, b in both[candidates])


def segment_and_leaf(where: int) -> tuple[int, int]:
    """Back from a place."""
    return int(where) >> 32, int(where) & 0xFFFF_FFFF


def run_of(high: Numbers, low: Numbers, places: Numbers) -> Run:
    """Sort identities into a run."""
    order = _order(high, low)
    return Run(high[order], low[order], places[order])


def run_of_pairs(pairs: Iterable[tuple[bytes, int]]) -> Run:
    """Sort identities with a number each into a run."""
    names, numbers = zip(*pairs, strict=True)
    return run_of(*halves(pa.array(names, pa.binary(16))), np.array(numbers, np.uint64))


def merge(runs: Iterable[Run]) -> Run:
    """One run of all."""
    listed = list(runs)
    if len(listed) == 1:
        return listed[0]
    high, low, places = (np.concatenate(columns) for columns in zip(EMPTY, *listed, strict=True))
    return run_of(high, low, places)


def add(runs: list[Run], run: Run) -> None:
    """Append a run, merged with its neighbours until each is at least twice the next, so that few remain."""
    while runs and len(runs[-1]) < 2 * len(run):
        run = merge([runs.pop(), run])
    runs.append(run)


def find(runs: Iterable[Run], high: Numbers, low: Numbers) -> Numbers:
    """Place of each identity in the runs, `NOWHERE` where it is in none."""
    out = np.full(len(high), NOWHERE, np.uint64)
    filled = [run for run in runs if len(run)]
    if filled:
        order = np.argsort(high)  # neighbours in the run are neighbours in memory
        for run in filled:
            found = _find(run, high[order], low[order])
            out[order] = np.where(found == NOWHERE, out[order], found)
    return out


def between(runs: Iterable[Run], lowest: int, highest: int) -> list[tuple[bytes, int]]:
    """Identities whose high half lies between two numbers, both included, and their places."""
    out: list[tuple[bytes, int]] = []
    for run in runs:
        first = int(np.searchsorted(run.high, np.uint64(lowest), "left"))
        last = int(np.searchsorted(run.high, np.uint64(highest), "right"))
        piece = Run(run.high[first:last], run.low[first:last], run.place[first:last])
        out += zip(identities(piece), piece.place.tolist(), strict=True)
    return out


def to_bytes(run: Run) -> bytes:
    """A run as a file holds it: the three columns one after another, little endian."""
    return b"".join(column.astype("<u8").tobytes() for column in run)


def load(path: Path, rows: int) -> Run:
    """A run from its file, memory-mapped."""
    columns = np.memmap(path, "<u8", "r", shape=(3, rows))
    return Run(columns[0], columns[1], columns[2])


def _order(high: Numbers, low: Numbers) -> npt.NDArray[np.int64]:
    """Return the order that sorts identities; equal ones keep their order."""
    order = np.argsort(high, kind="stable")  # quick on runs end to end, which a merge hands over
    ordered = high[order]
    if (ordered[1:] == ordered[:-1]).any():  # equal halves: repeats, or next to never
        order = np.lexsort((low, high))
    return order


def _find(run: Run, high: Numbers, low: Numbers) -> Numbers:
    at = np.minimum(np.searchsorted(run.high, high), len(run) - 1)
    same = run.high[at] == high
    hit = same & (run.low[at] == low)
    out = np.where(hit, run.place[at], NOWHERE)
    for i in np.flatnonzero(same & ~hit):  # equal in 64 bits and not in 128: next to never
        out[i] = _scan(run, int(at[i]), high[i], low[i])
    return out


def _scan(run: Run, at: int, high: np.uint64, low: np.uint64) -> np.uint64:
    while at < len(run) and run.high[at] == high:
        if run.low[at] == low:
            return np.uint64(run.place[at])
        at += 1
    return NOWHERE
