"""Health of feeds: what came of each, when it last came, and what was wrong, counted for one reader.

Who keeps the floor gets its own sums. Anybody else gets sums of what he may see, and nothing of what he may
not: duplicates and rows withheld have no marking of their own, so they are counted for keepers alone. A
delivery is known to who may see something that it brought, or that it only repeated.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from typing import NamedTuple

import pyarrow.compute as pc

from watchfloor.core.kinds import KINDS
from watchfloor.feeds.config import Feed, Feeds
from watchfloor.feeds.intake import NOTHING, added
from watchfloor.policy.policy import Reader
from watchfloor.store import Account, Floor
from watchfloor.store.ledger import Delivery, Quarantined


class Sum(NamedTuple):
    """received = accepted + duplicate + quarantined + withheld; None where that is not for this reader."""

    received: int
    accepted: int
    duplicate: int | None
    quarantined: int
    withheld: int | None


@dataclass(frozen=True, slots=True)
class Came:
    """One delivery as a reader knows it.

    Attributes:
        at: when it was committed.
        name: as its feed calls it; empty where nothing of it is for this reader.
        sum: what became of it.
        again: whether it read again what lay in quarantine.
        reasons: rows withheld, by reason; for keepers.
        position: of its act, for keepers.
        size: of its bytes, for keepers.
        erased: whether its bytes are gone; for keepers.
    """

    at: datetime
    name: str
    sum: Sum
    again: bool
    reasons: Mapping[str, int]
    position: int | None
    size: int | None
    erased: bool


@dataclass(frozen=True, slots=True)
class Health:
    """One feed.

    Attributes:
        source: its name; empty for all feeds together of which this reader may see nothing.
        sum: of all its deliveries.
        deliveries: how many.
        last: when it last delivered; None: never.
        newest: the latest moment that its records speak of.
        error: what was last put into quarantine and is still there, and `error_at` when.
        reasons: rows withheld, by reason; for keepers.
        settings: of `feeds.toml`; None: nobody has described it.
        markings: of what is counted for this reader.
    """

    source: str
    sum: Sum
    deliveries: int = 0
    last: datetime | None = None
    newest: datetime | None = None
    error: Quarantined | None = None
    error_at: datetime | None = None
    reasons: Mapping[str, int] = field(default_factory=dict)
    settings: Feed | None = None
    markings: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class VisibleDeliveries:
    """Deliveries in a reader's view.

    Attributes:
        pieces: of what ever was in quarantine.
        known: deliveries, by feed, of which something is for him.
        others: all other deliveries, by feed.
    """

    pieces: tuple[Quarantined, ...]
    known: Mapping[str, list[Delivery]]
    others: Mapping[str, list[Delivery]]


def seen(
    floor: Floor, reader: Reader, brought: Iterable[int], source: str | None = None
) -> VisibleDeliveries:
    """Return a reader's view of the deliveries from one feed or all.

    Args:
        floor: where they came.
        reader: who asks.
        brought: positions of the acts that brought rows which the reader may see.
        source: the feed; None: all.
    """
    pieces = tuple(floor.quarantine(source, unresolved=False, reader=reader))
    every = floor.deliveries(source)
    mine = {*brought, *(one.position for one in pieces)}
    mine |= floor.repeats(every, mine)
    known: defaultdict[str, list[Delivery]] = defaultdict(list)
    others: defaultdict[str, list[Delivery]] = defaultdict(list)
    for one in every:
        (known if one.position in mine else others)[one.source].append(one)
    return VisibleDeliveries(pieces, known, others)


def health(floor: Floor, reader: Reader, feeds: Feeds, *, keeper: bool) -> list[Health]:
    """Every feed that delivered something for this reader or is configured, by its name.

    Args:
        floor: where they deliver.
        reader: who asks.
        feeds: that are configured.
        keeper: whether he keeps the floor, and may know its sums.
    """
    found = seen(floor, reader, floor.seen(reader))
    rows = _tallied(floor, reader)
    sums = floor.accounting() if keeper else {}
    described = feeds.seen(reader).by_name.keys()
    named = sorted(found.known.keys() | described)
    feeds_ = [_health(name, found, rows[name], feeds, sums.get(name), keeper=keeper) for name in named]
    hidden = [sums[name] for name in sums.keys() - set(named)]
    if hidden:
        feeds_.append(Health("", Sum(*reduce(added, hidden, NOTHING))))
    return feeds_


def came(floor: Floor, reader: Reader, source: str | None = None, *, keeper: bool = False) -> list[Came]:
    """Deliveries of a feed or of all, newest first: those that the reader knows, or all for who keeps it."""
    rows = _rows(floor, reader, source)
    found = seen(floor, reader, {position for _, position in rows}, source)
    known = {one.position for ones in found.known.values() for one in ones}
    mine = [one for ones in found.known.values() for one in ones]
    if keeper:
        mine += [one for name in found.known for one in found.others.get(name, ())]
    faults = Counter(one.position for one in found.pieces)
    return [
        _came(one, one.position in known, rows[one.source, one.position], faults, keeper=keeper)
        for one in sorted(mine, key=lambda one: -one.position)
    ]


class _Tally(NamedTuple):
    """Rows of a feed, the latest moment that they speak of, and their markings."""

    rows: int = 0
    newest: datetime | None = None
    markings: frozenset[str] = frozenset()


def _tallied(floor: Floor, reader: Reader) -> defaultdict[str, _Tally]:
    """Return, by feed, the tally of what a reader may see of it."""
    tables = floor.tallies(reader).group_by("source")
    sums = tables.aggregate([("rows", "sum"), ("observed_at", "max"), ("marking", "distinct")]).to_pylist()
    found: defaultdict[str, _Tally] = defaultdict(_Tally)
    for one in sums:
        markings = frozenset(one["marking_distinct"])
        found[one["source"]] = _Tally(one["rows_sum"], one["observed_at_max"], markings)
    return found


def _health(
    name: str,
    found: VisibleDeliveries,
    tally: _Tally,
    feeds: Feeds,
    account: Account | None,
    *,
    keeper: bool,
) -> Health:
    mine = found.known.get(name, [])
    every = [*mine, *(found.others.get(name, ()) if keeper else ())]
    moments = {one.position: one.at for one in every}
    held = [one for one in found.pieces if one.source == name and one.resolved is None]
    last = held[-1] if held else None
    reasons: Counter[str] = Counter()
    for one in every if keeper else ():
        reasons.update(one.withheld)
    total = Sum(*account) if account else Sum(tally.rows + len(held), tally.rows, None, len(held), None)
    return Health(
        name,
        total if account or not keeper else Sum(*NOTHING),
        len(every),
        max(moments.values(), default=None),
        tally.newest,
        last,
        moments.get(last.position) if last else None,
        dict(reasons.most_common()),
        feeds.by_name.get(name),
        tally.markings | {one.marking for one in held},
    )


def _came(one: Delivery, known: bool, rows: int, faults: Mapping[int, int], *, keeper: bool) -> Came:
    held = faults.get(one.position, 0)
    return Came(
        one.at,
        one.name if known else "",
        Sum(*one.account) if keeper else Sum(rows + held, rows, None, held, None),
        one.resolved > 0,
        one.withheld if keeper else {},
        one.position if keeper else None,
        one.size if keeper else None,
        keeper and one.erased is not None,  # what was erased may have been hidden
    )


def _rows(floor: Floor, reader: Reader, source: str | None) -> Counter[tuple[str, int]]:
    """Count the rows that a reader may see by feed and position, a stored file at a time."""
    counts: Counter[tuple[str, int]] = Counter()
    for kind in KINDS:
        for rows in floor.read_parts(kind, reader, ("source", "position")):
            mine = rows if source is None else rows.filter(pc.equal(rows["source"], source))
            for one in mine.group_by(["source", "position"]).aggregate([([], "count_all")]).to_pylist():
                counts[one["source"], one["position"]] += one["count_all"]
    return counts
