"""`past-finding`: an item shares a party, an address or a page with one in which something was found.

What counts is the last examination of the other item that came to something; that an earlier one said
otherwise is said. A finding fades: within ninety days, within a year, within three, then no more. A name
alone is the weakest thing to share, is told as a name, and only where few have it. Where very many items
share a place, a finding there says little of each: it is said once and not of every item.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.desks.cargo import folding
from watchfloor.desks.cargo.book import DAY, KEPT, WALK
from watchfloor.desks.cargo.columns import ADDRESS, CONSIGNEE, ITEM, KEY, NAMES, PAGE, PHONE, SHIPPER
from watchfloor.desks.cargo.folding import Fold
from watchfloor.desks.cargo.hashing import exact, seed_of
from watchfloor.desks.cargo.messages import FOUND, HUB, NO_FINDING, THINGS
from watchfloor.desks.cargo.said import NAME, Standings, Statement, Told, signal_of, subjects_of, taken_back
from watchfloor.desks.cargo.said import thawed as told_again
from watchfloor.desks.standing import Row, Standing, number_of, place_of
from watchfloor.desks.standing import frozen as standing_frozen
from watchfloor.desks.standing import thawed as standing_thawed
from watchfloor.records.derived import row_id
from watchfloor.records.kinds import INSPECTION
from watchfloor.records.messages import reason

RULE: Final = "past-finding"
CHAINS: Final = (
    *((start + KEY, "number") for start in (CONSIGNEE, SHIPPER)),
    *((start + PHONE, "phone") for start in (CONSIGNEE, SHIPPER)),
    *((start + ADDRESS, "address") for start in (CONSIGNEE, SHIPPER)),
    (PAGE, "page"),
    *((NAMES + side, "name") for side in range(2)),
)
"""Chains that carry a finding, the weightiest first."""
BANDS: Final = ((90, "recent"), (365, "within a year"), (3 * 365, "older"))
"""Days up to which a finding is of a band. Judgement."""
HUB_FROM, NAME_FROM = 64.0, 8.0
"""How busy a chain is (`Book.busy`) from which an item on it is one of very many. Judgement."""
STILL_HERE: Final = 14 * DAY
"""µs for which an item declared before a finding may still be held back."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

KEPT_ROWS: Final = pa.schema(
    [
        *(INSPECTION.schema.field(name) for name in ("record_id", "report_key", "source", "origins")),
        *(INSPECTION.schema.field(name) for name in ("observed_at", "marking", "subject", "state")),
        *(INSPECTION.schema.field(name) for name in ("result", "found")),
        pa.field("kind", pa.string(), nullable=False),
    ]
)
_VIA: Final = pa.struct(
    [KEPT_ROWS.field(name) for name in ("record_id", "source", "origins", "observed_at", "marking")]
)
_HELD: Final = pa.schema(
    [
        ("item", pa.string()), ("hash", pa.uint64()), ("time", pa.int64()), ("otherwise", pa.bool_()),
        ("thing", pa.string()), ("keys", pa.list_(pa.uint64())), ("ways", pa.list_(pa.string())),
        ("row", _VIA), ("via", pa.list_(_VIA)),
    ]
)  # fmt: skip
_TOUCHED: Final = pa.schema([("item", pa.string()), ("id", pa.binary(16))])


class Held(NamedTuple):
    """An item in which something was found.

    Attributes:
        hash: number of the item.
        time: when it was found, µs.
        otherwise: whether an earlier examination said otherwise.
        thing: what was found, of `THINGS`.
        keys: what its parties and page are known by, with how: `CHAINS`.
        row: the examination.
        via: lines that declared it.
    """

    hash: int
    time: int
    otherwise: bool
    thing: str
    keys: dict[int, str]
    row: Row
    via: list[Row]


@dataclass(slots=True)
class Findings:
    """State: examinations that stand, what was found, what is said of it."""

    examined: Standing = field(default_factory=Standing)
    held: dict[str, Held] = field(default_factory=dict)
    of_hash: dict[int, str] = field(default_factory=dict)
    of_key: dict[int, dict[str, None]] = field(default_factory=dict)
    told: Standings = field(default_factory=Standings)
    touched: dict[str, set[bytes]] = field(default_factory=dict)


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


def examined(state: Findings, key: bytes, fold: Fold, row: Row, as_of: int) -> Iterator[dict[str, Any]]:
    """An act of an inspection; `as_of` is the last line before it."""
    if not counts(row):
        return
    item, before = row["subject"], state.examined.things.get(place_of(row))
    state.examined.put(row, item if row["state"] == "examined" else None)
    for one in dict.fromkeys((before, item)):
        if one is not None:
            yield from _refreshed(state, key, fold, one, number_of_item(key, one), as_of, row)


def declared(state: Findings, key: bytes, fold: Fold, line: int) -> Iterator[dict[str, Any]]:
    """A line that may touch a finding."""
    item = fold.ledger.keys(line)[ITEM]
    if (found := state.of_hash.get(item)) is not None:
        yield from _refreshed(state, key, fold, found, item, line, fold.ledger.rows([line])[0])
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


def forget(state: Findings, base: int) -> None:
    """Let go of what was said of lines before `base`."""
    state.told.forget(base)
    kept = {item: {id_ for id_ in ids if id_ in state.told.told} for item, ids in state.touched.items()}
    state.touched = {item: ids for item, ids in kept.items() if ids}


def _refreshed(
    state: Findings, key: bytes, fold: Fold, item: str, item_hash: int, as_of: int, row: Row
) -> Iterator[dict[str, Any]]:
    """Look at an examined item again, and at all that shares something with it."""
    old, new = state.held.pop(item, None), _held(state, fold, item, item_hash, as_of)
    if new is not None and old is not None and not new.via:
        new = new._replace(keys=old.keys, via=old.via)
    for known in old.keys if old else ():
        state.of_key[known].pop(item, None)
        if not state.of_key[known]:
            del state.of_key[known]
    state.of_hash.pop(item_hash, None)
    if new is not None:
        state.held[item], state.of_hash[item_hash] = new, item
        for known in new.keys:
            state.of_key.setdefault(known, {})[item] = None
    if old == new:
        return
    told = [one for id_ in sorted(state.touched.get(item, ())) if (one := _standing(state, fold, id_, as_of))]
    lines = {max(one.lines) for one in told if one.group < 0} | set(_near(fold, new, as_of) if new else ())
    for line in sorted(lines):
        yield from _assessed(state, key, fold, line, as_of, row)
    for one in told if new is None else ():
        if one.group >= 0:
            yield _gone(state, one, row)


def _standing(state: Findings, fold: Fold, id_: bytes, as_of: int) -> Told | None:
    """A signal that stands, of a line that is still remembered as of another."""
    one, ledger = state.told.told.get(id_), fold.ledger
    if one is None or as_of < ledger.base or max(one.lines) < ledger.base:
        return None
    return one if ledger.when(max(one.lines)) >= ledger.when(as_of) - KEPT else None


def _held(state: Findings, fold: Fold, item: str, item_hash: int, as_of: int) -> Held | None:
    acts = state.examined.of(item)
    if not acts or acts[-1]["result"] != "finding":
        return None
    lines = lines_of_item(fold, item_hash, as_of)
    keys: dict[int, str] = {}
    for chain, way in CHAINS:
        for line in lines:
            if one := fold.ledger.keys(line)[chain]:
                keys.setdefault(one, way)
    found = set(acts[-1]["found"] or ())
    thing = next((name for name, _, _ in THINGS if name in found), "other")
    via = [_short(row) for row in fold.ledger.rows(lines[-3:])]
    time = (acts[-1]["observed_at"] - _EPOCH) // timedelta(microseconds=1)
    otherwise = any(act["result"] == "nothing" for act in acts)
    return Held(item_hash, time, otherwise, thing, keys, _short(acts[-1]), via)


def _short(row: Row) -> Row:
    return {field.name: row[field.name] for field in _VIA}


def lines_of_item(fold: Fold, item_hash: int, as_of: int, most: int = WALK + 1) -> list[int]:
    """The lines of an item that stood when a line came, the newest last."""
    newest = folding.newest(fold, ITEM, item_hash)
    known = newest >= 0 and as_of >= fold.ledger.base
    return fold.ledger.before(newest, ITEM, KEPT, as_of, most) if known else []


def _near(fold: Fold, held: Held, as_of: int) -> Iterator[int]:
    """Lines declared not long before a finding that share something with it; of an item, the newest."""
    ledger = fold.ledger
    for key in held.keys:
        for chain, _ in CHAINS:
            newest = folding.newest(fold, chain, key)
            if newest < 0 or as_of < ledger.base:
                continue
            lines = ledger.before(newest, chain, STILL_HERE, as_of)
            yield from (line for line in lines if ledger.when(line) >= held.time - STILL_HERE)


def _assessed(
    state: Findings, key: bytes, fold: Fold, line: int, as_of: int, row: Row | None = None
) -> Iterator[dict[str, Any]]:
    """Say of a line's item what it shares with a finding, as of a line, or take that back.

    `row` is the record that led here; None: the line `as_of`.
    """
    ledger = fold.ledger
    item_hash = ledger.keys(line)[ITEM]
    lines = lines_of_item(fold, item_hash, as_of)
    best = min((hit for known in lines for hit in _shared(state, fold, known, item_hash)), default=None)
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
    rank, _, found, by = best
    one = _statement(state.held[found], found, CHAINS[rank][1], ledger.rows([by])[0], ledger.when(by))
    signal = signal_of(key, own["subject"], "", one)
    if standing is None or standing.signal != signal:
        time = state.held[found].time
        state.told.put(Told(signal, -1, CHAINS[rank][0], time, 1, tuple(lines)))
        state.touched.setdefault(found, set()).add(id_)
        yield signal | {"at": row["observed_at"]}
    else:
        state.told.put(standing._replace(lines=tuple(lines)))


def _shared(state: Findings, fold: Fold, line: int, item_hash: int) -> Iterator[tuple[int, int, str, int]]:
    """What a line shares with findings: rank of the way, the newest first, which item, the line."""
    ledger = fold.ledger
    keys, busy = ledger.keys(line), ledger.book.busy[line - ledger.base]
    for rank, (chain, way) in enumerate(CHAINS):
        for found in state.of_key.get(keys[chain], ()) if keys[chain] else ():
            held = state.held[found]
            young = _days(held, ledger.when(line)) <= BANDS[-1][0]
            crowded = busy[chain] >= (NAME_FROM if way == "name" else HUB_FROM)
            if held.hash != item_hash and young and not crowded and held.keys[keys[chain]] == way:
                yield rank, -held.time, found, line


def _days(held: Held, time: int) -> int:
    return max(0, time - held.time) // DAY


def _statement(held: Held, found: str, way: str, own: Row, time: int) -> Statement:
    age = _days(held, time)
    why = reason(
        FOUND[way, held.thing, held.otherwise],
        item=number_of(own["subject"], "parcel"),
        other=number_of(found, "parcel"),
        day=held.row["observed_at"].date().isoformat(),
        age=age,
    )
    band = next(name for days, name in BANDS if age <= days)
    strength = f"{way}, {band}" + ", other goods" * (held.thing == "other")
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
            state.told.put(Told(signal, 1, chain, held.time, 1, (line,)))
            state.touched.setdefault(found, set()).add(signal["row_id"])
            yield signal | {"at": row["observed_at"]}


def _gone(state: Findings, one: Told, row: Row) -> dict[str, Any]:
    state.told.drop(one.signal["row_id"])
    return taken_back(one, row, NO_FINDING)


def frozen(state: Findings) -> dict[str, pa.Table]:
    """The state as tables by name."""
    held = [
        {"item": item, "keys": list(one.keys), "ways": list(one.keys.values())}
        | {name: getattr(one, name) for name in ("hash", "time", "otherwise", "thing", "row", "via")}
        for item, one in state.held.items()
    ]
    touched = [{"item": item, "id": id_} for item, ids in state.touched.items() for id_ in sorted(ids)]
    return {
        "examined": standing_frozen(state.examined, KEPT_ROWS),
        "held": pa.Table.from_pylist(held, _HELD),
        "past": state.told.frozen(),
        "touched": pa.Table.from_pylist(touched, _TOUCHED),
    }


def thawed(parts: dict[str, pa.Table]) -> Findings:
    """The state back from `frozen`."""
    state = Findings(
        examined=standing_thawed(parts["examined"], lambda row: row["subject"]),
        told=told_again(parts["past"]),
    )
    for row in parts["held"].to_pylist():
        keys = dict(zip(row["keys"], row["ways"], strict=True))
        others = {name: row[name] for name in ("hash", "time", "otherwise", "thing", "row", "via")}
        state.held[row["item"]] = Held(keys=keys, **others)
        state.of_hash[row["hash"]] = row["item"]
        for key in keys:
            state.of_key.setdefault(key, {})[row["item"]] = None
    for row in parts["touched"].to_pylist():
        state.touched.setdefault(row["item"], set()).add(row["id"])
    return state
