"""Deliveries with their sums, the pieces that could not be read, and who may see their bytes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.identity import SIZE
from watchfloor.core.kinds import KINDS
from watchfloor.core.marking import Marking, parse
from watchfloor.policy.policy import Reader, allowed, mask
from watchfloor.store import log
from watchfloor.store.ceiling import strictest
from watchfloor.store.database import Database, numbers_in
from watchfloor.store.errors import UnknownRecord
from watchfloor.store.log import encode
from watchfloor.store.segments import identifier_cache, index, reading


class Account(NamedTuple):
    """The sum of a delivery or a feed."""

    received: int
    accepted: int
    duplicate: int
    quarantined: int
    withheld: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery.

    Attributes:
        position: in the log.
        at: when it was committed.
        source: the feed.
        name: what the feed calls it.
        digest: SHA-256 of its bytes.
        size: of its bytes.
        account: what became of its rows.
        resolved: pieces that an earlier delivery had quarantined and this one read again.
        erased: position of the erasure that took its bytes away, or None.
        withheld: rows withheld, by reason.
    """

    position: int
    at: datetime
    source: str
    name: str
    digest: bytes
    size: int
    account: Account
    resolved: int
    erased: int | None
    withheld: dict[str, int]


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A piece that could not be read.

    Attributes:
        id: its number on this floor.
        position: of its delivery in the log.
        source: of its delivery.
        name: of its delivery.
        digest: of its delivery.
        locator: where it stands in it.
        reason: what was wrong with it.
        raw: the piece itself; None once erased.
        rest: whether what follows it is unread too.
        resolved: position of the delivery that accounts for it since, or None.
        came: how often its feed has delivered these bytes.
        marking: who may see it.
    """

    id: int
    position: int
    source: str
    name: str
    digest: bytes
    locator: str
    reason: str
    raw: bytes | None
    rest: bool
    resolved: int | None
    came: int
    marking: str


def deliveries(
    database: Database,
    source: str | None,
    digest: bytes | None,
    *,
    after: int = 0,
    upto: int | None = None,
    brought: bool | None = None,
    newest: int | None = None,
) -> list[Delivery]:
    """Return deliveries of one source, of one digest, or all; oldest first.

    Args:
        database: the catalogue.
        source: the feed; None: all.
        digest: of their bytes; None: all.
        after: only those after this position.
        upto: only those up to this position.
        brought: whether they brought anything new, rows or pieces in quarantine; None: either.
        newest: no more than this many, the newest.
    """
    told = {"source = ?": source, "digest = ?": digest, "position > ?": after or None, "position <= ?": upto}
    where = {text: value for text, value in told.items() if value is not None}
    news = {None: [], True: ["accepted + quarantined > 0"], False: ["accepted + quarantined = 0"]}[brought]
    query = _DELIVERIES.format(" AND ".join([*where, *news]) or "1 = 1")
    rows = database.execute(query, (*where.values(), newest or 1 << 62)).fetchall()
    found = "SELECT position, reason, rows FROM withheld WHERE position IN ({})"
    reasons: dict[int, dict[str, int]] = {}
    for position, reason, count in _select(database, found, [row[0] for row in rows if row[_WITHHELD]]):
        reasons.setdefault(position, {})[reason] = count
    return [_delivery(row, reasons.get(row[0], {})) for row in reversed(rows)]


_DELIVERIES: Final = (
    "SELECT position, at, source, name, digest, size, received, accepted, duplicate, quarantined, "
    "withheld, resolved, erased FROM deliveries JOIN log USING (position) JOIN blobs USING (digest) "
    "WHERE {} ORDER BY position DESC LIMIT ?"
)
_WITHHELD: Final = 10
"""Place of `withheld` in these."""


def quarantine(
    database: Database, source: str | None, ceiling: Marking, *, unresolved: bool
) -> list[Quarantined]:
    """Quarantined pieces, of one source or all; oldest first. `ceiling` is the floor's."""
    rows = database.execute(
        f"{_QUARANTINE} WHERE (?1 IS NULL OR source = ?1) "
        "AND (?2 = 0 OR quarantine.resolved IS NULL) ORDER BY id",
        (source, unresolved),
    ).fetchall()
    markings = {position: marking_of(database, position, ceiling) for _, position, *_ in rows}
    return [_quarantined(row, markings[row[1]]) for row in rows]


def quarantined(database: Database, number: int, ceiling: Marking) -> Quarantined:
    """One piece. Raises `UnknownRecord` when there is none of that number."""
    found = database.execute(f"{_QUARANTINE} WHERE id = ?", (number,)).fetchone()
    if found is None:
        raise no_piece(number)
    return _quarantined(found, marking_of(database, found[1], ceiling))


def no_piece(number: int) -> UnknownRecord:
    """Why a piece is not shown: it is not there, or not for this reader."""
    return UnknownRecord(
        f"nothing of number {number} is in quarantine; `watchfloor feeds quarantine list` lists what is"
    )


_QUARANTINE = (
    "SELECT id, position, source, name, digest, locator, reason, raw, rest, quarantine.resolved, "
    "(SELECT count(*) FROM deliveries AS one WHERE one.digest = deliveries.digest "
    "AND one.source = deliveries.source AND one.resolved = 0) "
    "FROM quarantine JOIN deliveries USING (position)"
)


def accounting(database: Database) -> dict[str, Account]:
    """The sum of each feed; what was quarantined and read again later counts once."""
    found = database.execute(
        "SELECT source, sum(received - resolved), sum(accepted), sum(duplicate), "
        "sum(quarantined - resolved), sum(withheld) FROM deliveries GROUP BY source ORDER BY source"
    )
    return {source: Account(*map(int, numbers)) for source, *numbers in found}


def _delivery(row: tuple[Any, ...], reasons: dict[str, int]) -> Delivery:
    position, at, source, name, digest, size, *counts, resolved, erased = row
    account = Account(*counts)
    return Delivery(position, log.moment(at), source, name, digest, size, account, resolved, erased, reasons)


def _quarantined(row: tuple[Any, ...], marking: str) -> Quarantined:
    id_, position, source, name, digest, locator, reason, raw, rest, resolved, came = row
    return Quarantined(
        id_, position, source, name, digest, locator, reason, raw, bool(rest), resolved, came, marking
    )


def quarantine_markings(database: Database, ceiling: Marking) -> Iterator[tuple[int, str]]:
    """Yield position and marking of each delivery of which something was ever quarantined, newest first."""
    query = "SELECT DISTINCT position FROM quarantine ORDER BY position DESC"
    for (position,) in database.execute(query).fetchall():
        yield position, marking_of(database, position, ceiling)


def marking_of(database: Database, position: int, ceiling: Marking) -> str:
    """The marking of what a delivery quarantined, as its act has it; an act that does not say is strict."""
    (act,) = log.read(database, position, position)
    return str((act.detail or {}).get("faults_marking", strictest(ceiling)))


# Who may see the bytes of a delivery: a reader from whom nothing that came in it is kept.
#
# What came in a delivery is more than its new rows: rows that it repeated, pieces that could not be read, and
# what was withheld, whose marking nobody has written down. Bytes that came twice are judged by the delivery
# that brought what the reader asks about: had the other never come, the reader would be shown the same.


class Unseen(NamedTuple):
    """The part of a delivery that is kept from a reader.

    Attributes:
        whole: whether anything is, so that its bytes as a whole are not for this reader.
        locators: where in it that stands, as far as it has a place there.
    """

    whole: bool
    locators: frozenset[str]


def unseen(
    root: Path, database: Database, digest: bytes, position: int | None, reader: Reader, ceiling: Marking
) -> Unseen:
    """Return what is kept from a reader of the bytes of a digest.

    Args:
        root: the floor's folder.
        database: its catalogue.
        digest: of the bytes.
        position: of the delivery that brought what the reader asks about. Where it brought other bytes, as
            for a record that was marked anew, or is None, every delivery of the digest counts.
        reader: who asks.
        ceiling: the floor's.
    """
    came = _deliveries(database, digest, position)
    rows = list(_rows(root, database, came, reader))
    pieces = list(_pieces(database, came, reader, ceiling))
    whole = bool(rows or pieces) or _withheld(database, came) or _hides(root, database, came, reader)
    return Unseen(whole, frozenset(filter(None, rows + pieces)))


def _deliveries(database: Database, digest: bytes, position: int | None) -> list[int]:
    """Return positions of the delivery, and of those whose quarantined pieces it read again."""
    every: set[Any] = {
        at for (at,) in database.execute("SELECT position FROM deliveries WHERE digest = ?", (digest,))
    }
    found = fresh = every & {position} or every
    while fresh:
        before = _select(database, "SELECT DISTINCT position FROM quarantine WHERE resolved IN ({})", fresh)
        fresh = {at for (at,) in before} - found
        found = found | fresh
    return sorted(found)


def _rows(root: Path, database: Database, came: list[int], reader: Reader) -> Iterator[str]:
    """Yield locators of the hidden rows that deliveries brought."""
    for (kind,) in _select(database, "SELECT DISTINCT kind FROM segments WHERE position IN ({})", came):
        for part in reading.payloads(database, kind, at=came) if kind in KINDS else ():
            hidden = _hidden(
                reading.load(root, part, ["marking", index.SEGMENT], coded=["marking"]), part, reader
            )
            if pc.any(hidden, min_count=0).as_py():  # seldom: then alone the texts of locators are read
                yield from reading.load(root, part, ["locator"])["locator"].filter(hidden).to_pylist()


def _hidden(table: pa.Table, part: reading.Payload, reader: Reader) -> pa.BooleanArray:
    """Return for each row of a payload whether it is of its segments and hidden."""
    of_them = pc.is_in(table[index.SEGMENT].cast(pa.int64()), pa.array(part.segments, pa.int64()))
    return pc.and_(of_them.combine_chunks(), pc.invert(mask(reader, table["marking"])))


def _pieces(database: Database, came: list[int], reader: Reader, ceiling: Marking) -> Iterator[str]:
    """Yield locators of hidden pieces that could not be read, and an empty one for each delivery of such."""
    query = "SELECT position FROM deliveries WHERE quarantined + duplicate > 0 AND position IN ({})"
    for (at,) in _select(database, query, came):
        if not allowed(reader, parse(marking_of(database, at, ceiling))):
            yield ""  # a piece that was repeated has no row of its own
            held = database.execute("SELECT locator FROM quarantine WHERE position = ?", (at,))
            yield from (locator for (locator,) in held)


def _withheld(database: Database, came: list[int]) -> bool:
    return bool(_select(database, "SELECT reason FROM withheld WHERE position IN ({})", came))


def _hides(root: Path, database: Database, came: list[int], reader: Reader) -> bool:
    """Return whether deliveries repeated records of others that are hidden."""
    repeats = _select(database, "SELECT ids FROM repeats WHERE position IN ({})", came)
    if not (joined := b"".join(ids for (ids,) in repeats)):
        return False
    ids = pa.Array.from_buffers(pa.binary(SIZE), len(joined) // SIZE, [None, pa.py_buffer(joined)])
    high, low = index.halves(ids)
    missing = len(ids)
    for kind, here in identifier_cache.load(root, database).items():
        places = index.find(here.runs(), high, low)
        places = places[places != index.NOWHERE]
        missing -= len(places)
        segments = pc.unique(pa.array(places >> np.uint64(32))).to_pylist()
        for part in reading.payloads(database, kind, numbers=segments):
            rows = reading.load(root, part, ["marking", index.SEGMENT, index.LEAF], coded=["marking"])
            hidden = index.places(rows.filter(_hidden(rows, part, reader)))
            if len(hidden) and pc.any(pc.is_in(pa.array(hidden), pa.array(places))).as_py():
                return True
    return missing > 0  # nobody can say who may see what is not here


def _select(database: Database, query: str, numbers: Iterable[Any]) -> list[tuple[Any, ...]]:
    """Return what a query finds, in which `{}` stands for some numbers."""
    listed = encode(sorted(numbers)).decode()
    return database.execute(query.format(numbers_in(database, "?")), (listed,)).fetchall()
