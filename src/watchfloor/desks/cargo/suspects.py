"""Which acts and lines of a batch may touch a finding: rather too many than too few, the rule looks again."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.desks.cargo import folding
from watchfloor.desks.cargo.columns import ITEM
from watchfloor.desks.cargo.findings import CHAINS, HUB_FROM, NAME_FROM, Findings
from watchfloor.desks.cargo.folding import Fold
from watchfloor.desks.cargo.hashing import exact, seed_of
from watchfloor.desks.standing import place_of
from watchfloor.desks.state import Row

ACTS: Final = ("examined", "withdrawn")
"""Acts that may say something of what an item holds."""


def counts(row: Row) -> bool:
    """Whether an act says something of what an item holds, or takes such an act back."""
    return (row["state"] == "examined" and row["result"] in ("nothing", "finding")) or row[
        "state"
    ] == "withdrawn"


def touched(state: Findings, key: bytes, acts: Sequence[Row]) -> set[int]:
    """Numbers of items in which acts of one batch may find something, or let a finding stand again."""
    items = {
        act["subject"] for act in acts if act["result"] == "finding" or act["subject"] in state.examined.about
    }
    moved = {state.examined.things.get(place_of(act)) for act in acts}
    return {number_of_item(key, item) for item in items | moved if item is not None}


def number_of_item(key: bytes, item: str) -> int:
    """The number of an item on its chain."""
    (found,) = exact(pa.chunked_array([[item]]), seed_of(key) ^ np.uint64(3)).tolist()
    return int(found)


def suspects(state: Findings, fold: Fold, start: int, more: set[int]) -> Any:
    """Which of the lines from `start` on may touch a finding, by their places.

    More than do: `more` are numbers of items in which something is found in this batch, and count for all of
    it.
    """
    book, end, base = fold.ledger.book, fold.ledger.count, fold.ledger.base
    items, keys = set(state.of_hash), set(state.of_key)
    for item in more:
        items.add(item)
        at = folding.newest(fold, ITEM, item) - base
        while at >= 0:
            keys |= set(book.keys[at].tolist())
            at = int(book.prev[at, ITEM])
    if not items and not keys:
        return np.zeros(end - start, np.bool_)
    hit = among(book.keys[start:end, ITEM], items)
    keys |= set(book.keys[start:end][hit].ravel().tolist())
    for chain, way in CHAINS:
        busy, limit = book.busy[start:end, chain], NAME_FROM if way == "name" else HUB_FROM
        before = book.prev[start:end, chain]
        turns = (before >= 0) & (book.busy[before, chain] < limit)
        hit |= among(book.keys[start:end, chain], keys - {0}) & ((busy < limit) | turns)
    return hit


def among(column: Any, values: set[int]) -> Any:
    """Which numbers of a column are among some."""
    wanted = pa.array(sorted(values), pa.uint64())
    return np.asarray(pc.is_in(pa.array(np.ascontiguousarray(column)), wanted).to_numpy(zero_copy_only=False))
