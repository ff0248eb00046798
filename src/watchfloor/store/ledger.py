"""What came in: each delivery with its sum, and the pieces that could not be read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from watchfloor.records.marking import Marking
from watchfloor.store import log
from watchfloor.store.ceiling import strictest
from watchfloor.store.database import Database
from watchfloor.store.errors import UnknownRecord


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


def deliveries(database: Database, source: str | None, digest: bytes | None) -> list[Delivery]:
    """Deliveries of one source, of one digest, or all; oldest first."""
    rows = database.execute(
        "SELECT position, at, source, name, digest, size, received, accepted, duplicate, quarantined, "
        "withheld, resolved, erased FROM deliveries JOIN log USING (position) JOIN blobs USING (digest) "
        "WHERE (?1 IS NULL OR source = ?1) AND (?2 IS NULL OR digest = ?2) ORDER BY position",
        (source, digest),
    ).fetchall()
    reasons: dict[int, dict[str, int]] = {}
    for position, reason, count in database.execute("SELECT position, reason, rows FROM withheld"):
        reasons.setdefault(position, {})[reason] = count
    return [_delivery(row, reasons.get(row[0], {})) for row in rows]


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
        f"nothing of number {number} is in quarantine; `watchfloor quarantine list` lists what is"
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


def marking_of(database: Database, position: int, ceiling: Marking) -> str:
    """The marking of what a delivery quarantined, as its act has it; an act that does not say is strict."""
    (act,) = log.read(database, position, position)
    return str((act.detail or {}).get("faults_marking", strictest(ceiling)))
