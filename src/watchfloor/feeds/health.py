"""Health of feeds: what came of each, when it last came, and what was wrong, counted for one reader.

Who keeps the floor gets its own sums. Anybody else gets sums of what he may see, and nothing of what he may
not: duplicates and rows withheld have no marking of their own, so they are counted for keepers alone. A
delivery is known to who may see something that it brought, or that it only repeated.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from itertools import count
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from watchfloor.feeds.config import Feed, Feeds
from watchfloor.feeds.intake import NOTHING, added
from watchfloor.policy.policy import Reader
from watchfloor.store import Floor
from watchfloor.store.ledger import Delivery, Quarantined
from watchfloor.store.segments.index import places
from watchfloor.store.segments.reading import PLACE, POSITION
from watchfloor.store.tallies import DeliveryTally
from watchfloor.store.views import Positions


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


class Cursor(msgspec.Struct, frozen=True):
    """Where a list goes on that is the newest first: at what came up to a moment, but for the newest of it.

    Attributes:
        upto: the moment.
        skip: how many of those that came up to then are left out.
    """

    upto: datetime
    skip: int = 0


def health(floor: Floor, reader: Reader, feeds: Feeds, *, keeper: bool) -> list[Health]:
    """Every feed that delivered something for this reader or is configured, by its name.

    Args:
        floor: where they deliver.
        reader: who asks.
        feeds: that are configured.
        keeper: whether he keeps the floor, and may know its sums.
    """
    known = floor.delivery_tallies(reader)
    every = floor.delivery_tallies(None) if keeper else known
    held: defaultdict[str, list[Quarantined]] = defaultdict(list)
    for piece in floor.quarantine(reader=reader):
        held[piece.source].append(piece)
    rows = _tallied(floor, reader)
    named = sorted(known.keys() | feeds.seen(reader).by_name.keys())
    found = [
        _health(floor, name, every.get(name, DeliveryTally()), held[name], rows[name], feeds, keeper=keeper)
        for name in named
    ]
    hidden = [every[name].account for name in sorted(every.keys() - set(named))]
    if hidden:
        found.append(Health("", Sum(*reduce(added, hidden, NOTHING))))
    return found


def came(
    floor: Floor,
    reader: Reader,
    source: str,
    *,
    keeper: bool = False,
    start: Cursor | None = None,
    most: int | None = None,
) -> tuple[list[Came], Cursor | None]:
    """Return deliveries of a feed, newest first: those that the reader knows, or all for who keeps the floor.

    Args:
        floor: where they came.
        reader: who asks.
        source: the feed.
        keeper: whether they keep the floor; a feed of which they know no delivery has none for them either.
        start: where to begin; None: at the newest.
        most: how many; None: all.

    Returns:
        The deliveries, and where they go on; None where they do not.
    """
    if source not in floor.delivery_tallies(reader):
        return [], None
    skip, end = start.skip if start else 0, None if most is None else (start.skip if start else 0) + most
    found: list[Delivery] = []
    known: set[int] = set()
    upto = floor.position_at(start.upto) if start else floor.position
    for step in count():
        part = floor.deliveries(source, upto=upto, newest=_STEP << min(step, _STEPS))
        known |= floor.known(reader, part)
        found += [one for one in reversed(part) if keeper or one.position in known]
        if not part or (end is not None and len(found) > end):
            break
        upto = part[0].position - 1
    shown = found[skip:end]
    rows, held = ({}, {}) if keeper else (_rows(floor, reader, source), floor.pieces(reader, shown))
    lines = [
        _came(one, one.position in known, rows.get(one.position, 0), held.get(one.position, 0), keeper=keeper)
        for one in shown
    ]
    if not shown or len(found) == skip + len(shown):
        return lines, None
    last = shown[-1].at
    return lines, Cursor(last, sum(one.at == last for one in found[:end]))


def _rows(floor: Floor, reader: Reader, source: str) -> dict[int, int]:
    """Count the rows of a feed that a reader may see by the position of their act."""
    return dict(zip(*(one.tolist() for one in floor.brought(reader, source)), strict=True))


_STEP: Final = 64
_STEPS: Final = 8
"""Deliveries that are looked at first, and how often that doubles while the reader knows of too few."""


def newest(
    floor: Floor,
    reader: Reader,
    source: str,
    columns: Sequence[str],
    *,
    start: Cursor | None = None,
    most: int,
) -> tuple[list[dict[str, Any]], Cursor | None]:
    """Return rows of a feed that a reader may see, with their `kind`, those first that came last.

    Only segments of acts that brought some of them are read.

    Args:
        floor: where they came.
        reader: who asks.
        source: the feed.
        columns: that are wanted.
        start: where to begin; None: at the newest.
        most: how many.

    Returns:
        The rows, and where they go on; None where they do not.
    """
    positions, counts = (one[::-1] for one in floor.brought(reader, source))
    ends = np.cumsum(counts)
    first = _later(floor, positions, counts, start.upto) + start.skip if start else 0
    some = (ends > first) & (ends - counts < first + most)
    if not some.any():
        return [], None
    before = int((ends - counts)[some][0])  # rows that are newer than those of the first act that is read
    lying = floor.places(source, reader, positions[some].tolist())
    kinds = np.repeat(list(lying), [table.num_rows for table in lying.values()])
    at = np.concatenate([table[POSITION].to_numpy() for table in lying.values()])
    there = np.concatenate([places(table) for table in lying.values()])
    chosen = np.lexsort((there, at))[::-1][first - before : first - before + most]
    rows: dict[int, dict[str, Any]] = {}
    for kind in np.unique(kinds[chosen]).tolist():
        table = floor.read_at(kind, reader, (*columns, *PLACE), there[chosen[kinds[chosen] == kind]])
        for place, row in zip(places(table).tolist(), table.select(columns).to_pylist(), strict=True):
            rows[place] = row | {"kind": kind}
    shown = [
        rows[place] for place in there[chosen].tolist() if place in rows
    ]  # not what was erased meanwhile
    if not len(chosen) or first + len(chosen) >= ends[-1]:
        return shown, None
    last = floor.moment_of(int(at[chosen[-1]]))
    return shown, Cursor(last, first + len(chosen) - _later(floor, positions, counts, last))


def _later(floor: Floor, positions: Positions, counts: Positions, moment: datetime) -> int:
    """Return how many rows came after a moment."""
    return int(counts[positions > floor.position_at(moment)].sum())


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
    floor: Floor,
    name: str,
    of: DeliveryTally,
    held: list[Quarantined],
    tally: _Tally,
    feeds: Feeds,
    *,
    keeper: bool,
) -> Health:
    last = held[-1] if held else None
    mine = Sum(tally.rows + len(held), tally.rows, None, len(held), None)
    return Health(
        name,
        Sum(*of.account) if keeper else mine,
        of.deliveries,
        of.last,
        tally.newest,
        last,
        floor.moment_of(last.position) if last else None,
        dict(of.withheld.most_common()) if keeper else {},
        feeds.by_name.get(name),
        tally.markings | {one.marking for one in held},
    )


def _came(one: Delivery, known: bool, rows: int, held: int, *, keeper: bool) -> Came:
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
