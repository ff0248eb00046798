"""In which items something was found, what they are known by, and which declarations that may touch.

The last examination of an item that ended in nothing or in a finding stands. What an item is known by comes
from its declarations, and outlives them.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, NamedTuple

import pyarrow as pa

from watchfloor.core.kinds import INSPECTION
from watchfloor.desks.cargo import folding
from watchfloor.desks.cargo.assertions import Standings, StandingSignal
from watchfloor.desks.cargo.columns import ADDRESS, CONSIGNEE, ITEM, KEY, NAMES, PAGE, PHONE, SHIPPER
from watchfloor.desks.cargo.folding import Fold
from watchfloor.desks.cargo.ledger import DAY, KEPT, WALK
from watchfloor.desks.cargo.messages import THINGS
from watchfloor.desks.standing import OF_KIND, CurrentEvidence, kept, standing_rows
from watchfloor.desks.state import Row, keyed, table, within

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
ENOUGH: Final = 100
"""Examined items from which the share of findings among all is known. Judgement."""
STILL_HERE: Final = 14 * DAY
"""µs for which an item declared before a finding may still be held back."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

KEPT_ROWS: Final = kept(INSPECTION.schema, "subject state result found", OF_KIND)
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


class FoundItem(NamedTuple):
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


def _held_frozen(held: Mapping[str, FoundItem]) -> pa.Table:
    rows = [
        one._asdict() | {"item": item, "keys": list(one.keys), "ways": list(one.keys.values())}
        for item, one in held.items()
    ]
    return pa.Table.from_pylist(rows, _HELD)


def _held_thawed(_: Any, rows: pa.Table) -> dict[str, FoundItem]:
    return {
        row.pop("item"): FoundItem(**row | {"keys": dict(zip(row["keys"], row.pop("ways"), strict=True))})
        for row in rows.to_pylist()
    }


def _touched_frozen(of_told: Mapping[bytes, str]) -> pa.Table:
    return pa.table([list(of_told.values()), list(of_told)], schema=_TOUCHED)


def _touched_thawed(_: Any, rows: pa.Table) -> dict[bytes, str]:
    return {row["id"]: row["item"] for row in rows.to_pylist()}


_Key = Annotated[int, pa.uint64()]


@dataclass(slots=True)
class Findings:
    """State: examinations that stand, what was found, what is said of it, and of which finding.

    `clean` has the keys of items in which nothing was found, as they were known when they were examined.
    """

    examined: CurrentEvidence = standing_rows(KEPT_ROWS, "subject")
    held: dict[str, FoundItem] = table(dict, _held_frozen, _held_thawed)
    told: Standings = within(Standings, "past")
    of_told: dict[bytes, str] = table(dict, _touched_frozen, _touched_thawed, "touched")
    clean: dict[_Key, tuple[_Key, ...]] = keyed("item", "keys")
    of_hash: dict[int, str] = field(default_factory=dict)
    of_key: dict[int, dict[str, None]] = field(default_factory=dict)
    touched: dict[str, set[bytes]] = field(default_factory=dict)
    clean_of: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        for item, one in self.held.items():
            self.hold(item, one)
        for id_, item in self.of_told.items():
            self.touched.setdefault(item, set()).add(id_)
        for keys in self.clean.values():
            self.clean_of.update(keys)

    def hold(self, item: str, one: FoundItem) -> None:
        """Note what was found in an item."""
        self.held[item], self.of_hash[one.hash] = one, item
        for key in one.keys:
            self.of_key.setdefault(key, {})[item] = None

    def record(self, key: int) -> tuple[int, int]:
        """Of the items examined that share a key: in how many something was found, and how many they are."""
        found = len(self.of_key.get(key, ()))
        return found, found + self.clean_of[key]

    def usual(self) -> float | None:
        """Share of findings among all items examined; None where few are known, or seizures alone."""
        found, every = len(self.held), len(self.held) + len(self.clean)
        return found / every if every >= ENOUGH and 2 * found <= every else None

    def clear(self, item: int, keys: Collection[int]) -> None:
        """Let an item be known by these as examined with nothing found; by none: no more."""
        self.clean_of.subtract(old := self.clean.pop(item, ()))
        for key in old:
            if not self.clean_of[key]:
                del self.clean_of[key]
        if keys:
            self.clean[item] = tuple(keys)
            self.clean_of.update(self.clean[item])

    def assert_signal(self, one: StandingSignal, item: str) -> None:
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


def held_of(state: Findings, fold: Fold, item: str, item_hash: int, as_of: int) -> FoundItem | None:
    """Return what was found in an item, as of a line; None if no finding stands."""
    acts = state.examined.rows_of(item)
    if not acts or acts[-1]["result"] != "finding":
        return None
    lines = lines_of_item(fold, item_hash, as_of)
    keys = known_by(fold, lines)
    found = set(acts[-1]["found"] or ())
    thing = next((name for name, _, _ in THINGS if name in found), "other")
    via = [_short(row) for row in fold.ledger.rows(lines[-3:])]
    time = (acts[-1]["observed_at"] - _EPOCH) // timedelta(microseconds=1)
    otherwise = any(act["result"] == "nothing" for act in acts)
    return FoundItem(item_hash, time, otherwise, thing, keys, _short(acts[-1]), via)


def known_by(fold: Fold, lines: Sequence[int]) -> dict[int, str]:
    """Return the keys of the parties and pages of lines, each with its way: `CHAINS`."""
    keys: dict[int, str] = {}
    for chain, way in CHAINS:
        for line in lines:
            if one := fold.ledger.keys(line)[chain]:
                keys.setdefault(one, way)
    return keys


def cleared(state: Findings, fold: Fold, item: str, item_hash: int, as_of: int) -> None:
    """Note whether the last examination of an item found nothing."""
    acts = state.examined.rows_of(item)
    nothing = bool(acts) and acts[-1]["result"] == "nothing"
    lines = lines_of_item(fold, item_hash, as_of) if nothing else ()
    known = known_by(fold, lines) or state.clean.get(item_hash, ()) if nothing else ()
    state.clear(item_hash, known)


def _short(row: Row) -> Row:
    return {field.name: row[field.name] for field in _VIA}


def lines_of_item(fold: Fold, item_hash: int, as_of: int, most: int = WALK + 1) -> list[int]:
    """The lines of an item that stood when a line came, the newest last."""
    newest = folding.newest(fold, ITEM, item_hash)
    known = newest >= 0 and as_of >= fold.ledger.base
    return fold.ledger.before(newest, ITEM, KEPT, as_of, most) if known else []


def near(fold: Fold, held: FoundItem, as_of: int) -> Iterator[int]:
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
