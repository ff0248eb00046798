"""What a floor holds of a list before a delivery: its last edition, and what stands of each item.

All in columns: a list may have a million items, and a Python object for each would be a gigabyte.
"""

from datetime import datetime
from hashlib import blake2b
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.ofac_csv import PARTS
from watchfloor.store import index

LISTING_COLUMNS: Final = (
    *("record_id", "report_key", "observed_at", "list_id", "entity_id", "lang", "provision"),
    "source",
)
EDITION_COLUMNS: Final = ("observed_at", "list_id", "lang", "provision", "entities", "source")

_STRETCH: Final = 1 << 16
"""Ids that are hashed at a time."""


class Standing:
    """Items of a list, each once, with since when it stands and the record that says so.

    Args:
        items: columns `item`, `since` and `record`; the record is null where one edition gave
            its id to several.
    """

    def __init__(self, items: pa.Table) -> None:
        self.items = items
        self._at: index.Run | None = None

    def of(self, ids: pa.ChunkedArray) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
        """Since when each item stands, and its record; null for one that does not."""
        places = index.find([self._places()], *_digests(ids))
        known = places != index.NOWHERE
        at = pa.array(np.where(known, places, 0).astype(np.int64), mask=~known)
        return self.items["since"].take(at), self.items["record"].take(at)

    def _places(self) -> index.Run:
        """Where each item is: a search tree of digests, a sixth of the memory of a dictionary."""
        if self._at is None:
            rows = np.arange(self.items.num_rows, dtype=np.uint64)
            self._at = index.run_of(*_digests(self.items["item"]), rows)
        return self._at


class Known:
    """What a floor holds of one list in one language.

    Args:
        listings: rows with `LISTING_COLUMNS`, in the order of the log.
        editions: consolidations with `EDITION_COLUMNS`, in the order of the log.
        provision: the file of parts; None for the list itself.
    """

    def __init__(self, listings: pa.Table, editions: pa.Table, provision: str | None) -> None:
        parts = pc.fill_null(pc.is_in(listings["provision"], pa.array(PARTS)), False)
        of_part = pc.fill_null(pc.equal(listings["provision"], pa.scalar(provision, pa.string())), False)
        mine = listings.filter(of_part if provision else pc.invert(parts))
        ids = mine["report_key" if provision else "entity_id"]
        self._rows = pa.table({"item": ids, "since": mine["observed_at"], "record": mine["record_id"]})
        same = pc.equal(pc.fill_null(editions["provision"], ""), provision or "")
        self._editions = editions.filter(same).sort_by("observed_at")

    @property
    def nothing(self) -> bool:
        """Whether the floor has neither an item nor an edition of it."""
        return not self._rows.num_rows and not self._editions.num_rows

    def last(self, until: datetime) -> pa.Table | None:
        """The last edition observed until then, one row."""
        found = self._editions.filter(pc.less_equal(self._editions["observed_at"], until))
        return found.slice(found.num_rows - 1) if found.num_rows else None

    def standing(self, until: datetime) -> Standing:
        """What stands then of each item, by its id or, for a part, its report key."""
        rows, last = self._rows.filter(pc.less_equal(self._rows["since"], until)), self.last(until)
        if last is not None:
            held = pc.is_in(rows["item"], pc.list_flatten(last["entities"]).combine_chunks())
            rows = rows.filter(pc.or_(held, pc.greater(rows["since"], last["observed_at"][0])))
        return Standing(_newest(rows))


def _newest(rows: pa.Table) -> pa.Table:
    """Of each item the newest row; its record is null where several are."""
    rows = rows.sort_by([("item", "ascending"), ("since", "ascending")]).combine_chunks()
    if rows.num_rows < 2:
        return rows
    same_item = _as_before(rows["item"])
    several = np.append(False, same_item & _as_before(rows["since"]))
    record = pc.if_else(pa.array(several), pa.scalar(None, rows["record"].type), rows["record"])
    rows = rows.set_column(rows.schema.get_field_index("record"), "record", record)
    return rows.filter(pa.array(np.append(~same_item, True)))


def _as_before(values: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Whether each value but the first is that before it."""
    same: npt.NDArray[np.bool_] = pc.equal(values.slice(1), values.slice(0, len(values) - 1)).to_numpy()
    return same


def _digests(ids: pa.ChunkedArray) -> tuple[index.Numbers, index.Numbers]:
    """Two numbers that stand for an id, 128 bits together."""
    halves = [index.halves(_hashed(ids.slice(at, _STRETCH))) for at in range(0, len(ids), _STRETCH)]
    high, low = zip((index.EMPTY.high, index.EMPTY.low), *halves, strict=True)
    return np.concatenate(high), np.concatenate(low)


def _hashed(ids: pa.ChunkedArray) -> pa.Array:
    return pa.array(
        [blake2b((id_ or "").encode(), digest_size=16).digest() for id_ in ids.to_pylist()], pa.binary(16)
    )
