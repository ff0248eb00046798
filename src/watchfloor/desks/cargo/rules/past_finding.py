"""`past-finding`: an item shares a party, an address or a page with one in which something was found.

What counts is the last examination of the other item that came to something; that an earlier one said
otherwise is said. A finding fades: within ninety days, within a year, within three, then no more. A name
alone is the weakest thing to share, is told as a name, and only where few have it. Where very many items
share a place, a finding there says little of each: it is said once and not of every item.

What else was examined with the same party counts as well (`guilt`): 3 findings in 41 examinations are not one
in one, and where they are no more than elsewhere nothing is said. Declarants, carriers and handlers join
nothing.
"""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from watchfloor.core.derived import row_id
from watchfloor.core.messages import reason
from watchfloor.desks.assertions import number_of, retracted
from watchfloor.desks.cargo.assertions import NAME, StandingSignal, Statement, signal_of, subjects_of
from watchfloor.desks.cargo.chains import LEAST_NAMES
from watchfloor.desks.cargo.columns import ITEM, NAMES, SHIPPER
from watchfloor.desks.cargo.findings import (
    CHAINS,
    HUB_FROM,
    NAME_FROM,
    Findings,
    FoundItem,
    cleared,
    held_of,
    lines_of_item,
    near,
)
from watchfloor.desks.cargo.folding import Fold
from watchfloor.desks.cargo.ledger import DAY, KEPT
from watchfloor.desks.cargo.messages import FOUND, HUB, NO_FINDING
from watchfloor.desks.cargo.rules.many_spellings import different
from watchfloor.desks.cargo.suspects import counts, number_of_item
from watchfloor.desks.standing import place_of
from watchfloor.desks.state import Row

# What a line shares with items in which something was found, and how much that says of it.


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
    """Yield the findings that a line shares keys with: guilt, rank of the way, newest first, item, line."""
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


def days(held: FoundItem, time: int) -> int:
    """Whole days from a finding to a moment, µs."""
    return max(0, time - held.time) // DAY


RULE: Final = "past-finding"
GUILT: Final = {SHARED_PLACE: "shared place", SOME_OF: "some of many", FEW_OF: "few of many"}
"""Strengths where not all that was examined with a party speaks for it, or the place has many names."""


def examined(state: Findings, key: bytes, fold: Fold, row: Row, as_of: int) -> Iterator[dict[str, Any]]:
    """An act of an inspection; `as_of` is the last line before it."""
    if not counts(row):
        return
    item, before = row["subject"], state.examined.things.get(place_of(row))
    state.examined.put(row, item if row["state"] == "examined" else None)
    for one in dict.fromkeys((before, item)):
        if one is not None:
            number = number_of_item(key, one)
            cleared(state, fold, one, number, as_of)
            yield from _refreshed(state, key, fold, one, number, as_of, row)


def declared(state: Findings, key: bytes, fold: Fold, line: int) -> Iterator[dict[str, Any]]:
    """A line that may touch a finding."""
    item = fold.ledger.keys(line)[ITEM]
    if (found := state.of_hash.get(item)) is not None:
        yield from _refreshed(state, key, fold, found, item, line, fold.ledger.rows([line])[0])
    if any(shared(state, fold, line, item, line)):
        yield from _assessed(state, key, fold, line, line)
    yield from _busy(state, key, fold, line)


def corrected(
    state: Findings, key: bytes, fold: Fold, old: int, line: int, row: Row
) -> Iterator[dict[str, Any]]:
    """A line that another ended: what rested on it is looked at again, and what was found in its item."""
    item = fold.ledger.keys(old)[ITEM]
    if (found := state.of_hash.get(item)) is not None:
        yield from _refreshed(state, key, fold, found, item, line, row)
    for one in state.told.resting(old):
        if one.group >= 0:
            yield _gone(state, one, row)
        else:
            yield from _assessed(state, key, fold, old, line)


def rests(state: Findings, fold: Fold, old: int) -> bool:
    """Whether anything rests on a line."""
    return old in state.told.of_line or fold.ledger.keys(old)[ITEM] in state.of_hash


def _refreshed(
    state: Findings, key: bytes, fold: Fold, item: str, item_hash: int, as_of: int, row: Row
) -> Iterator[dict[str, Any]]:
    """Look at an examined item again, and at all that shares something with it."""
    old, new = state.held.pop(item, None), held_of(state, fold, item, item_hash, as_of)
    if new is not None and old is not None and not new.via:
        new = new._replace(keys=old.keys, via=old.via)
    for known in old.keys if old else ():
        state.of_key[known].pop(item, None)
        if not state.of_key[known]:
            del state.of_key[known]
    state.of_hash.pop(item_hash, None)
    if new is not None:
        state.hold(item, new)
    if old == new:
        return
    told = [one for id_ in sorted(state.touched.get(item, ())) if (one := _standing(state, fold, id_, as_of))]
    lines = {max(one.lines) for one in told if one.group < 0} | set(near(fold, new, as_of) if new else ())
    for line in sorted(lines):
        yield from _assessed(state, key, fold, line, as_of, row)
    for one in told if new is None else ():
        if one.group >= 0:
            yield _gone(state, one, row)


def _standing(state: Findings, fold: Fold, id_: bytes, as_of: int) -> StandingSignal | None:
    """A signal that stands, of a line that is still remembered as of another."""
    known = as_of >= fold.ledger.base
    return state.told.lately(id_, fold.ledger, fold.ledger.when(as_of)) if known else None


def _assessed(
    state: Findings, key: bytes, fold: Fold, line: int, as_of: int, row: Row | None = None
) -> Iterator[dict[str, Any]]:
    """Say of a line's item what it shares with a finding, as of a line, or take that back.

    `row` is the record that led here; None: the line `as_of`.
    """
    ledger = fold.ledger
    item_hash = ledger.keys(line)[ITEM]
    lines = lines_of_item(fold, item_hash, as_of)
    best = min((hit for known in lines for hit in shared(state, fold, known, item_hash, as_of)), default=None)
    if best is None and not any(one in state.told.of_line for one in (*lines, line)):
        return
    (own,) = ledger.rows(lines[-1:] or [line])
    row = row or ledger.rows([as_of])[0]
    id_ = row_id(key, NAME, RULE, (own["subject"],), "")
    standing = _standing(state, fold, id_, as_of)
    if best is None:
        if standing is not None:
            yield _gone(state, standing, row)
        return
    guilt_, rank, _, found, by = best
    one = _statement(state, fold, state.held[found], found, guilt_, rank, by, as_of)
    signal = signal_of(key, own["subject"], "", one)
    if standing is None or standing.signal != signal:
        time = state.held[found].time
        state.assert_signal(StandingSignal(signal, -1, CHAINS[rank][0], time, 1, tuple(lines)), found)
        yield signal | {"at": row["observed_at"]}
    else:
        state.told.put(standing._replace(lines=tuple(lines)))


def _statement(
    state: Findings, fold: Fold, held: FoundItem, found: str, guilt_: int, rank: int, by: int, as_of: int
) -> Statement:
    (own,), (chain, way) = fold.ledger.rows([by]), CHAINS[rank]
    age = days(held, fold.ledger.when(by))
    hits, examined = state.record(fold.ledger.keys(by)[chain])
    names = {"names": names_at(fold, by, chain, as_of)} if way in ("address", "phone") else {}
    less = "found often" if guilt_ == SOME_OF and hits == examined else GUILT.get(guilt_, "")
    why = reason(
        FOUND[way, held.thing, held.otherwise, less],
        item=number_of(own["subject"], "parcel"),
        other=number_of(found, "parcel"),
        day=held.row["observed_at"].date().isoformat(),
        age=age,
        found=hits,
        examined=examined,
        **names,
    )
    band = next(name for most, name in BANDS if age <= most)
    strength = GUILT.get(guilt_, f"{way}, {band}") + ", other goods" * (held.thing == "other")
    linked = [] if way == "name" else [found]
    return Statement(RULE, strength, [*subjects_of([own]), *linked], why, [own, held.row, *held.via])


def _busy(state: Findings, key: bytes, fold: Fold, line: int) -> Iterator[dict[str, Any]]:
    """A line with which a chain of a finding becomes busy: said once."""
    ledger = fold.ledger
    book, at = ledger.book, line - ledger.base
    keys = ledger.keys(line)
    for chain, way in CHAINS[:-2]:
        before = int(book.prev[at, chain])
        if before < 0 or not book.busy[at, chain] >= HUB_FROM > book.busy[before, chain]:
            continue
        (row,) = ledger.rows([line])
        for found in list(state.of_key.get(keys[chain], ())):
            held = state.held[found]
            why = reason(
                HUB[way],
                item=number_of(row["subject"], "parcel"),
                other=number_of(found, "parcel"),
                day=held.row["observed_at"].date().isoformat(),
                many=int(HUB_FROM),
            )
            one = Statement(RULE, "busy place", [found], why, [row, held.row, *held.via])
            signal = signal_of(key, found, f"{chain}:{row['record_id'].hex()}", one)
            state.assert_signal(StandingSignal(signal, 1, chain, held.time, 1, (line,)), found)
            yield signal | {"at": row["observed_at"]}


def _gone(state: Findings, one: StandingSignal, row: Row) -> dict[str, Any]:
    state.untell(one.signal["row_id"])
    return retracted(one.signal, NO_FINDING, row, row["observed_at"])
