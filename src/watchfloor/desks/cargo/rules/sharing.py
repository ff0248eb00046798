"""What a line shares with items in which something was found, and how much that says of it."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from watchfloor.desks.cargo.chains import LEAST_NAMES
from watchfloor.desks.cargo.columns import NAMES, SHIPPER
from watchfloor.desks.cargo.findings import CHAINS, HUB_FROM, NAME_FROM, Findings, Held
from watchfloor.desks.cargo.folding import Fold
from watchfloor.desks.cargo.ledger import DAY, KEPT
from watchfloor.desks.cargo.rules.many_spellings import different

BANDS: Final = ((90, "recent"), (365, "within a year"), (3 * 365, "older"))
"""Days up to which a finding is of a band. Judgement."""
FEW, SOME = 1 / 8, 1 / 2
"""Shares of findings among the items examined with a party below which there are few, and some. Judgement."""
PRIOR, LITTLE, NOTABLE = 3.0, 2.0, 4.0
"""A party's share is held against that of all items as if so many more of hers had been as all are; up to
`LITTLE` times that says nothing, and from `NOTABLE` times on it is told by its way. Judgement."""
ALL, SHARED_PLACE, SOME_OF, BY_NAME, FEW_OF = range(5)
"""How much a finding says, the most first."""


def shared(
    state: Findings, fold: Fold, line: int, item_hash: int, as_of: int
) -> Iterator[tuple[int, int, int, str, int]]:
    """What a line shares with findings: guilt, rank of the way, the newest first, which item, the line."""
    ledger = fold.ledger
    keys, busy = ledger.keys(line), ledger.book.busy[line - ledger.base]
    for rank, (chain, way) in enumerate(CHAINS):
        limit = NAME_FROM if way == "name" else HUB_FROM
        if not keys[chain] or busy[chain] >= limit or keys[chain] not in state.of_key:
            continue
        hits = [
            (-held.time, found)
            for found in state.of_key[keys[chain]]
            if (held := state.held[found]).hash != item_hash
            and held.keys[keys[chain]] == way
            and days(held, ledger.when(line)) <= BANDS[-1][0]
        ]
        one = guilt(state, fold, line, rank, as_of) if hits else None
        if one is not None:
            yield from ((one, rank, *hit, line) for hit in hits)


def guilt(state: Findings, fold: Fold, line: int, rank: int, as_of: int) -> int | None:
    """How much a finding says of who shares a key, by what else was examined with it; None: nothing."""
    chain, way = CHAINS[rank]
    found, examined = state.record(fold.ledger.keys(line)[chain])
    usual, share = state.usual(), found / examined
    more = NOTABLE if usual is None else (found + PRIOR * usual) / (examined + PRIOR) / usual
    if more < LITTLE:
        return None
    if way == "name":
        return BY_NAME if share >= SOME and more >= NOTABLE else None
    if share < FEW:
        return FEW_OF
    if way in ("address", "phone") and names_at(fold, line, chain, as_of) >= LEAST_NAMES:
        return SHARED_PLACE
    return SOME_OF if share < SOME or more < NOTABLE else ALL


def names_at(fold: Fold, line: int, chain: int, as_of: int) -> int:
    """How many names have an address or a telephone, up to a line and within `KEPT`; spellings are one."""
    ledger, column = fold.ledger, NAMES + (chain >= SHIPPER)
    lines = ledger.before(line, chain, KEPT, as_of)
    names = ledger.book.keys[np.array(lines, np.int64) - ledger.base, column].tolist()
    of = {name: one for name, one in zip(names, lines, strict=True) if name}
    if len(of) < LEAST_NAMES:
        return len(of)
    side = ("consignee_name", "shipper_name")[column - NAMES]
    return different(row[side] for row in ledger.rows(list(of.values())))


def days(held: Held, time: int) -> int:
    """Whole days from a finding to a moment, µs."""
    return max(0, time - held.time) // DAY
