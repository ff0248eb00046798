"""Editions of lists that state no date: set in time by their delivery, against what the floor held before.

The first edition of a list is what was listed before anybody looked, and keeps the dates it has. Of a later
one, an item that says what stands keeps its record, so that it writes nothing; an item that is new, says
something else or has come back is observed when it was delivered, and so is the edition itself. Deliveries
thus count in the order of the log: an old file delivered today is today's list, and a note says so.

An edition, dated or not, that would take away more than half of a list is set aside until a person confirms
it: five names under the id of a list of thousands are more often an extract than a release.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.feeds.complete import Completion
from watchfloor.formats.base import Batch, Fault
from watchfloor.formats.consolidation import WHOLE_LIST, part_of
from watchfloor.formats.listing_rows import UNDATED
from watchfloor.formats.ofac_csv import PARTS
from watchfloor.records.identity import Identities
from watchfloor.records.kinds import CONSOLIDATION, LISTING
from watchfloor.store import Writer

Row = Mapping[str, Any]

SHARE: Final = 0.5
"""An edition without more than this share of what a list holds needs a person's word."""

NAMED: Final = 3
"""Items that a note names."""

OLD: Final = (
    "a list without a date counts as of its delivery, whatever has come since the same bytes came at position"
)

_ITEM: Final = (
    *("observed_at", "report_key", "locator", "list_id", "entity_id", "lang"),
    *("provision", "window_from", "window_until"),
)
_LISTING: Final = ("record_id", "report_key", "observed_at", "list_id", "entity_id", "lang", "provision")
_EDITION: Final = ("observed_at", "list_id", "lang", "provision", "entities")


class Version(NamedTuple):
    """What stands of an item: since when, and its record; None where one edition gave its id to several."""

    since: datetime
    record: bytes | None


class Known:
    """What a floor holds of one list in one language: its last edition, and what stands of each item.

    Args:
        listings: its rows, in the order of the log.
        editions: its consolidations, in the order of the log.
        provision: the file of parts; None for the list itself.
    """

    def __init__(self, listings: pa.Table, editions: pa.Table, provision: str | None) -> None:
        self.item = "report_key" if provision else "entity_id"
        parts = pc.fill_null(pc.is_in(listings["provision"], pa.array(PARTS)), False)
        of_part = pc.fill_null(pc.equal(listings["provision"], pa.scalar(provision, pa.string())), False)
        self.listings = listings.filter(of_part if provision else pc.invert(parts))
        same = pc.fill_null(editions["provision"], "")
        self.editions = editions.filter(pc.equal(same, provision or "")).sort_by("observed_at")

    def last(self, until: datetime) -> Row | None:
        """The last edition observed until then."""
        found = self.editions.filter(pc.less_equal(self.editions["observed_at"], until))
        return found.slice(found.num_rows - 1).to_pylist()[0] if found.num_rows else None

    def standing(self, until: datetime) -> dict[str, Version]:
        """What stands then of each item, by its id or, for a part, its report key."""
        rows, last = (
            self.listings.filter(pc.less_equal(self.listings["observed_at"], until)),
            self.last(until),
        )
        if last is not None:
            held = pc.is_in(rows[self.item], pa.array(last["entities"], pa.string()))
            rows = rows.filter(pc.or_(held, pc.greater(rows["observed_at"], last["observed_at"])))
        since = rows.group_by(self.item).aggregate([("observed_at", "max")])
        newest = rows.select([self.item, "record_id", "observed_at"]).join(since, self.item)
        newest = newest.filter(pc.equal(newest["observed_at"], newest["observed_at_max"]))
        found: dict[str, list[Row]] = {}
        for row in newest.to_pylist():
            found.setdefault(row[self.item], []).append(row)
        return {
            item: Version(same[0]["observed_at"], same[0]["record_id"] if len(same) == 1 else None)
            for item, same in found.items()
        }


class Editions:
    """Sets the lists of one delivery in time.

    Args:
        writer: of the floor that takes it in.
        completion: of its rows.
        whole: a person has said that its editions are whole, however much they take away.
        silent: it was cut on its way, or delivered again since: who is not in it has not left for that.
        again: position of the delivery, where it is read once more; it speaks for when it came.
    """

    def __init__(
        self,
        writer: Writer,
        completion: Completion,
        *,
        whole: bool = False,
        silent: bool = False,
        again: int | None = None,
    ) -> None:
        self._writer, self._completion = writer, completion
        self._whole, self._silent, self._again = whole, silent, again
        self._known: dict[tuple[str, str | None, str | None], Known] = {}
        self._standing: dict[tuple[str, str | None, str | None], dict[str, Version]] = {}
        self._left: dict[str, list[str]] = {}
        self._news = False

    def of(self, found: Iterable[Batch | Fault]) -> Iterator[Batch | Fault]:
        """What was read, as it is to be kept; a doubtful edition is a fault, a silent one is gone."""
        for piece in found:
            if isinstance(piece, Fault) or piece.kind.name not in (LISTING.name, CONSOLIDATION.name):
                yield piece
            elif piece.kind is LISTING:
                yield Batch(LISTING, self._in_time(piece.rows))
            elif not self._silent:
                yield from map(self._edition, piece.rows.to_pylist())

    def notes(self, earlier: int | None) -> tuple[str, ...]:
        """What the person who delivers should know.

        Args:
            earlier: position at which the same bytes came before.
        """
        left = [f"{_counted(items)} left {name}: {_some(items)}" for name, items in self._left.items()]
        old = [f"{OLD} {earlier}"] if earlier is not None and self._news else []
        return (*left, *old)

    @cached_property
    def moment(self) -> datetime:
        """When the delivery came."""
        return self._writer.moment(self._again)

    def _in_time(self, rows: pa.Table) -> pa.Table:
        items = rows.select(_ITEM).to_pylist()
        if all(map(_dated, items)):
            return rows
        known = self._unchanged(rows, items)
        return _observed(
            rows,
            [
                item["observed_at"] if _dated(item) else known.get(item["locator"]) or self._since(item)
                for item in items
            ],
        )

    def _unchanged(self, rows: pa.Table, items: list[Row]) -> dict[str, datetime]:
        """Since when the items stand that say what they said, by locator: with that date they are known."""
        stood = [self._version(item) for item in items]
        if not any(stood):
            return {}
        dates = [one.since if one else item["observed_at"] for one, item in zip(stood, items, strict=True)]
        complete, _ = self._completion.of(Batch(LISTING, _observed(rows, dates)))
        wanted = [name for name in LISTING.schema.names if name not in ("record_id", "delivery")]
        ids = Identities(LISTING, self._writer.key).of(complete.select(wanted)).to_pylist()
        same = dict(zip(complete["locator"].to_pylist(), ids, strict=True))
        return {
            item["locator"]: one.since
            for one, item in zip(stood, items, strict=True)
            if one and one.record is not None and same.get(item["locator"]) == one.record
        }

    def _since(self, row: Row) -> datetime:
        """When an item that is new came: as it says, unless an edition since then says otherwise."""
        known = self._of(row)
        stated: datetime = row["observed_at"]
        if not known.listings.num_rows and not known.editions.num_rows:
            return min(stated, self.moment)
        last, version = known.last(self.moment), self._version(row)
        before: datetime = max(
            last["observed_at"] if last else UNDATED, version.since if version else UNDATED
        )
        return stated if before < stated <= self.moment else self.moment

    def _version(self, row: Row) -> Version | None:
        key = _key(row)
        if key not in self._standing:
            self._standing[key] = self._of(row).standing(self.moment)
        return self._standing[key].get(part_of(row) or row["entity_id"])

    def _of(self, row: Row) -> Known:
        key = _key(row)
        if key not in self._known:
            listings, editions = self._held
            self._known[key] = Known(_of_list(listings, row), _of_list(editions, row), key[2])
        return self._known[key]

    @cached_property
    def _held(self) -> tuple[pa.Table, pa.Table]:
        """All listings and consolidations of the floor before this delivery."""
        return (
            self._writer.holdings("listing", _LISTING, self._again),
            self._writer.holdings("consolidation", _EDITION, self._again),
        )

    def _edition(self, row: Row) -> Batch | Fault:
        known, dated = self._of(row), row["observed_at"] > UNDATED
        at = row["observed_at"] if dated else self.moment
        standing, held = known.standing(at), set(row["entities"])
        gone = [item for item in standing if item not in held]
        if len(gone) > SHARE * len(standing) and not self._whole:
            return Fault(WHOLE_LIST, _doubt(row, len(gone), len(standing)), b"")
        last = known.last(at)
        same = not dated and not gone and last is not None and held == set(last["entities"])
        if last is not None and same:
            row = {**row, "observed_at": last["observed_at"], "entities": last["entities"]}
        else:
            row, self._news = {**row, "observed_at": at}, self._news or not dated
        if gone:
            self._left.setdefault(row["provision"] or row["list_id"], []).extend(gone)
        return Batch(CONSOLIDATION, pa.Table.from_pylist([row], CONSOLIDATION.body))


def _dated(item: Row) -> bool:
    """Whether its list states a day that it holds for."""
    return item["window_from"] is not None or item["window_until"] is not None


def _key(row: Row) -> tuple[str, str | None, str | None]:
    """List, language and file of parts that a listing or an edition is of."""
    return row["list_id"], row["lang"], row["provision"] if row["provision"] in PARTS else None


def _of_list(rows: pa.Table, row: Row) -> pa.Table:
    lang = pc.equal(rows["lang"], row["lang"]) if row["lang"] else pc.is_null(rows["lang"])
    return rows.filter(pc.and_(pc.equal(rows["list_id"], row["list_id"]), pc.fill_null(lang, False)))


def _observed(rows: pa.Table, moments: list[datetime]) -> pa.Table:
    at = rows.schema.get_field_index("observed_at")
    field = rows.schema.field(at)
    return rows.set_column(at, field, pa.array(moments, field.type))


def _doubt(row: Row, gone: int, standing: int) -> str:
    return (
        f"{gone:,} of {standing:,} items of {row['provision'] or row['list_id']} would leave the list, more "
        "than half: what is in the file was taken in, and nobody has left. If it is the whole list, say so: "
        "watchfloor quarantine retry --whole; if it is an extract, deliver it under a list id of its own"
    )


def _counted(items: list[str]) -> str:
    return "1 item has" if len(items) == 1 else f"{len(items):,} items have"


def _some(items: list[str]) -> str:
    more = len(items) - NAMED
    return ", ".join(items[:NAMED]) + (f" and {more:,} more" if more > 0 else "")
