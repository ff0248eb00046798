"""Editions of lists that state no date: set in time by their delivery, against what the floor held before.

The first edition of a list is what was listed before anybody looked, and keeps the dates it has. Of a later
one, an item that says what stands keeps its record, so that it writes nothing; an item that is new, says
something else or has come back is observed when it was delivered, and so is the edition itself. Deliveries
thus count in the order of the log: an old file delivered today is today's list, and a note says so.

An edition, dated or not, that would take away more than half of a list is set aside until a person confirms
it: five names under the id of a list of thousands are more often an extract than a release.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.identity import Identities
from watchfloor.core.kinds import CONSOLIDATION, LISTING
from watchfloor.feeds.complete import Completion
from watchfloor.formats.base import Batch, Fault
from watchfloor.formats.lists.consolidation import WHOLE_LIST
from watchfloor.formats.lists.listing_rows import UNDATED
from watchfloor.formats.lists.ofac_csv import PARTS
from watchfloor.store import Writer
from watchfloor.store.segments import index

# What a floor holds of a list before a delivery: its last edition, and what stands of each item.
#
# All in columns: a list may have a million items, and a Python object for each would be a gigabyte.


LISTING_COLUMNS: Final = (
    *("record_id", "report_key", "observed_at", "list_id", "entity_id", "lang", "provision"),
    "source",
)
EDITION_COLUMNS: Final = ("observed_at", "list_id", "lang", "provision", "entities", "source")

_STRETCH: Final = 1 << 16
"""Ids that are hashed at a time."""


class CurrentItems:
    """Items of a list, each once, with since when it stands and the record that says so.

    Args:
        items: columns `item`, `since` and `record`; the record is null where one edition gave
            its id to several.
    """

    def __init__(self, items: pa.Table) -> None:
        self.items = items
        self._at: index.Run | None = None

    def lookup(self, ids: pa.ChunkedArray) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
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


class KnownList:
    """The items that a floor holds of one list in one language.

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

    def standing(self, until: datetime) -> CurrentItems:
        """Return what stands then of each item, by its id or, for a part, its report key."""
        rows, last = self._rows.filter(pc.less_equal(self._rows["since"], until)), self.last(until)
        if last is not None:
            held = pc.is_in(rows["item"], pc.list_flatten(last["entities"]).combine_chunks())
            rows = rows.filter(pc.or_(held, pc.greater(rows["since"], last["observed_at"][0])))
        return CurrentItems(_newest(rows))


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


SHARE: Final = 0.5
"""An edition without more than this share of what a list holds needs a person's word."""

NAMED: Final = 3
"""Items that a note names."""

OTHERS: Final = (
    "is a list that others deliver to this floor; ask a supervisor to read this again, or to name you among "
    "the deliverers of its feed"
)

OLD: Final = (
    "a list without a date counts as of its delivery, whatever has come since the same bytes came at position"
)


class Key(NamedTuple):
    """List, language and file of parts (null for the list itself) that a listing or an edition is of."""

    list_id: str
    lang: str | None
    provision: str | None

    @property
    def name(self) -> str:
        """Return what a person calls it."""
        return self.provision or self.list_id


class Editions:
    """Sets the lists of one delivery in time.

    Args:
        writer: of the floor that takes it in.
        completion: of its rows.
        whole: a person has said that its editions are whole, however much they take away.
        silent: it was cut on its way, or delivered again since: who is not in it has not left for that.
        again: position of the delivery, where it is read once more; it speaks for when it came.
        may: whether who delivers may write under the name of a feed; None: under every name.
    """

    def __init__(
        self,
        writer: Writer,
        completion: Completion,
        *,
        whole: bool = False,
        silent: bool = False,
        again: int | None = None,
        may: Callable[[str], bool] | None = None,
    ) -> None:
        self._writer, self._completion, self._may = writer, completion, may
        self._whole, self._silent, self._again = whole, silent, again
        self._known: dict[Key, KnownList] = {}
        self._now: dict[Key, CurrentItems] = {}
        self._left: dict[str, list[str]] = {}
        self._news = False

    def sift(self, found: Iterable[Batch | Fault]) -> Iterator[Batch | Fault]:
        """Yield what was read, as it is to be kept; a doubtful edition is a fault, a silent one is gone."""
        refused: set[str] = set()
        for piece in found:
            if isinstance(piece, Fault) or piece.kind.name not in (LISTING.name, CONSOLIDATION.name):
                yield piece
            elif (list_id := self._of_others(piece.rows)) is not None:
                if list_id not in refused:  # one piece stands for the rows of the list and for its edition
                    yield Fault(WHOLE_LIST, f"{list_id} {OTHERS}", b"", rest=True)
                refused.add(list_id)
            elif piece.kind is LISTING:
                yield Batch(LISTING, self._in_time(piece.rows))
            elif not self._silent:
                yield from (self._edition(piece.rows.slice(at, 1)) for at in range(piece.rows.num_rows))

    def notes(self, earlier: int | None) -> tuple[str, ...]:
        """Say what the person who delivers should know.

        Args:
            earlier: position at which the same bytes came before.
        """
        left = [f"{_counted(items)} left {name}: {_some(items)}" for name, items in self._left.items()]
        old = [f"{OLD} {earlier}"] if earlier is not None and self._news else []
        return (*left, *old)

    def _of_others(self, rows: pa.Table) -> str | None:
        """The first list among these rows that came under a feed whose name is not this person's to use."""
        if self._may is None:
            return None
        found = [table.select(["list_id", "source"]) for table in self._held]
        held = pa.concat_tables(found)
        held = held.filter(pc.is_in(held["list_id"], pc.unique(rows["list_id"])))
        pairs = held.group_by(["list_id", "source"]).aggregate([]).to_pylist()
        return next((one["list_id"] for one in pairs if not self._may(one["source"])), None)

    @cached_property
    def moment(self) -> datetime:
        """When the delivery came."""
        return self._writer.moment(self._again)

    def _in_time(self, rows: pa.Table) -> pa.Table:
        if pc.all(_dated(rows)).as_py():
            return rows
        found = [(at, self._list_in_time(key, rows.take(at))) for key, at in _by_list(rows)]
        order = np.argsort(np.concatenate([at for at, _ in found]))
        return pa.concat_tables([one for _, one in found]).take(order)

    def _list_in_time(self, key: Key, rows: pa.Table) -> pa.Table:
        """Rows of one list: since when they stand where they say what they said.

        An item that is new came when it says, unless an edition since then says otherwise: then it came now.
        """
        known, stated = self._list_of(key), rows["observed_at"]
        now = pa.scalar(self.moment, stated.type)
        if known.nothing:
            moments = pc.if_else(pc.less(stated, now), stated, now)
        else:
            since, record = self._standing(key).lookup(rows["report_key" if key.provision else "entity_id"])
            same = pc.fill_null(pc.equal(record, self._ids(rows, pc.coalesce(since, stated))), False)
            last = known.last(self.moment)
            before = pa.scalar(UNDATED, now.type) if last is None else last["observed_at"][0].cast(now.type)
            after = pc.and_(pc.greater(stated, before), pc.fill_null(pc.greater(stated, since), True))
            news = pc.if_else(pc.and_(after, pc.less_equal(stated, now)), stated, now)
            moments = pc.if_else(same, since, news)
        return _observed(rows, pc.if_else(_dated(rows), stated, moments))

    def _ids(self, rows: pa.Table, moments: pa.ChunkedArray) -> pa.Array:
        """The records that the rows would be if they were observed then; null where one may not be kept."""
        complete, _ = self._completion.complete(Batch(LISTING, _observed(rows, moments)))
        wanted = [name for name in LISTING.schema.names if name not in ("record_id", "delivery")]
        ids = Identities(LISTING, self._writer.key).record_ids(complete.select(wanted))
        return ids.take(pc.index_in(rows["locator"].combine_chunks(), complete["locator"].combine_chunks()))

    def _standing(self, key: Key) -> CurrentItems:
        if key not in self._now:
            self._now[key] = self._list_of(key).standing(self.moment)
        return self._now[key]

    def _list_of(self, key: Key) -> KnownList:
        if key not in self._known:
            listings, editions = self._held
            self._known[key] = KnownList(_of_list(listings, key), _of_list(editions, key), key.provision)
        return self._known[key]

    @cached_property
    def _held(self) -> tuple[pa.Table, pa.Table]:
        """Listings and consolidations of the floor before this delivery, none marked stricter than it is.

        Who may see this delivery sees all that it is set in time by; a hidden edition has no part in it.
        """
        marking = self._completion.strictest
        return (
            self._writer.holdings("listing", LISTING_COLUMNS, self._again, marking),
            self._writer.holdings("consolidation", EDITION_COLUMNS, self._again, marking),
        )

    def _edition(self, edition: pa.Table) -> Batch | Fault:
        ((key, _),) = _by_list(edition)
        known, stated = self._list_of(key), edition["observed_at"][0].as_py()
        dated = stated > UNDATED
        at = stated if dated else self.moment
        standing, held = known.standing(at).items["item"], _held_by(edition)
        gone = standing.filter(pc.invert(pc.is_in(standing, held)))
        if len(gone) > SHARE * len(standing) and not self._whole:
            return Fault(WHOLE_LIST, _doubt(key, len(gone), len(standing)), b"")
        last = known.last(at)
        if last is not None and not dated and not len(gone) and _same(held, _held_by(last)):
            at, edition = last["observed_at"][0].as_py(), _holding(edition, last["entities"])
        else:
            self._news = self._news or not dated
        if len(gone):
            self._left.setdefault(key.name, []).extend(gone.to_pylist())
        return Batch(CONSOLIDATION, _observed(edition, pa.array([at], edition["observed_at"].type)))


def _dated(rows: pa.Table) -> pa.ChunkedArray:
    """Whether the list of each row states a day that it holds for."""
    return pc.or_(pc.is_valid(rows["window_from"]), pc.is_valid(rows["window_until"]))


def _by_list(rows: pa.Table) -> list[tuple[Key, pa.Array]]:
    """The lists that listings or editions are of, and the numbers of their rows."""
    provision = rows["provision"]
    part = pc.if_else(pc.is_in(provision, pa.array(PARTS)), provision, pa.scalar(None, pa.string()))
    keys = pa.table([rows["list_id"], rows["lang"], part, pa.array(np.arange(rows.num_rows))], [*_KEY, "n"])
    found = keys.group_by(list(_KEY), use_threads=False).aggregate([("n", "list")])
    return [(Key(*(row[name] for name in _KEY)), pa.array(row["n_list"])) for row in found.to_pylist()]


def _of_list(rows: pa.Table, key: Key) -> pa.Table:
    lang = pc.equal(rows["lang"], key.lang) if key.lang else pc.is_null(rows["lang"])
    return rows.filter(pc.and_(pc.equal(rows["list_id"], key.list_id), pc.fill_null(lang, False)))


def _held_by(edition: pa.Table) -> pa.Array:
    """Ids of the items of an edition, each once."""
    return pc.unique(pc.list_flatten(edition["entities"]).combine_chunks())


def _same(one: pa.Array, other: pa.Array) -> bool:
    """Whether two arrays without repeats hold the same ids."""
    return len(one) == len(other) and bool(pc.all(pc.is_in(one, other), min_count=0).as_py())


def _holding(edition: pa.Table, entities: pa.ChunkedArray) -> pa.Table:
    at = edition.schema.get_field_index("entities")
    return edition.set_column(at, edition.schema.field(at), entities.cast(edition.schema.field(at).type))


def _observed(rows: pa.Table, moments: pa.Array | pa.ChunkedArray) -> pa.Table:
    at = rows.schema.get_field_index("observed_at")
    return rows.set_column(at, rows.schema.field(at), moments)


_KEY: Final = Key._fields


def _doubt(key: Key, gone: int, standing: int) -> str:
    return (
        f"{gone:,} of {standing:,} items of {key.name} would leave the list, more "
        "than half: what is in the file was taken in, and nobody has left. If it is the whole list, say so: "
        "watchfloor feeds quarantine retry --whole; if it is an extract, deliver it under a list id of its "
        "own"
    )


def _counted(items: list[str]) -> str:
    return "1 item has" if len(items) == 1 else f"{len(items):,} items have"


def _some(items: list[str]) -> str:
    more = len(items) - NAMED
    return ", ".join(items[:NAMED]) + (f" and {more:,} more" if more > 0 else "")
