"""In which items something was found, what they are known by, and which declarations that may touch.

The last examination of an item that ended in nothing or in a finding stands. What an item is known by comes
from its declarations, and outlives them.
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
from watchfloor.desks.cargo.messages import THINGS
from watchfloor.desks.cargo.said import Standings, Told
from watchfloor.desks.cargo.said import thawed as told_again
from watchfloor.desks.standing import Row, Standing, place_of
from watchfloor.desks.standing import frozen as standing_frozen
from watchfloor.desks.standing import thawed as standing_thawed
from watchfloor.records.kinds import INSPECTION

CHAINS: Final = (
    *((start + KEY, "number") for start in (CONSIGNEE, SHIPPER)),
    *((start + PHONE, "phone") for start in (CONSIGNEE, SHIPPER)),
    *((start + ADDRESS, "address") for start in (CONSIGNEE, SHIPPER)),
    (PAGE, "page"),
    *((NAMES + side, "name") for side in range(2)),
)
"""Chains that carry a finding, the weightiest first."""
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
    """State: examinations that stand, what was found, what is said of it, and of which finding."""

    examined: Standing = field(default_factory=Standing)
    held: dict[str, Held] = field(default_factory=dict)
    of_hash: dict[int, str] = field(default_factory=dict)
    of_key: dict[int, dict[str, None]] = field(default_factory=dict)
    told: Standings = field(default_factory=Standings)
    touched: dict[str, set[bytes]] = field(default_factory=dict)
    of_told: dict[bytes, str] = field(default_factory=dict)

    def tell(self, one: Told, item: str) -> None:
        """Let a signal stand that what was found in an item led to."""
        id_ = one.signal["row_id"]
        self.untell(id_)
        self.told.put(one)
        self.of_told[id_] = item
        self.touched.setdefault(item, set()).add(id_)

    def untell(self, id_: bytes) -> None:
        """Let a signal go."""
        self.told.drop(id_)
        if (item := self.of_told.pop(id_, None)) is not None:
            self.touched[item].discard(id_)
            if not self.touched[item]:
                del self.touched[item]


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


def held_of(state: Findings, fold: Fold, item: str, item_hash: int, as_of: int) -> Held | None:
    """What was found in an item, as of a line; None where nothing stands."""
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


def near(fold: Fold, held: Held, as_of: int) -> Iterator[int]:
    """Lines declared not long before a finding that share something with it; of an item, the newest."""
    ledger = fold.ledger
    for key in held.keys:
        for chain, _ in CHAINS:
            newest = folding.newest(fold, chain, key)
            if newest < 0 or as_of < ledger.base:
                continue
            lines = ledger.before(newest, chain, STILL_HERE, as_of)
            yield from (line for line in lines if ledger.when(line) >= held.time - STILL_HERE)


def forget(state: Findings, base: int) -> None:
    """Let go of what was said of lines before `base`."""
    for id_ in state.told.older(base):
        state.untell(id_)


def frozen(state: Findings) -> dict[str, pa.Table]:
    """The state as tables by name."""
    held = [
        {"item": item, "keys": list(one.keys), "ways": list(one.keys.values())}
        | {name: getattr(one, name) for name in ("hash", "time", "otherwise", "thing", "row", "via")}
        for item, one in state.held.items()
    ]
    touched = [{"item": item, "id": id_} for id_, item in state.of_told.items()]
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
        state.of_told[row["id"]] = row["item"]
        state.touched.setdefault(row["item"], set()).add(row["id"])
    return state
