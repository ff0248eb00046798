"""The log: every act is one leaf of one Merkle tree, and its position is transaction time.

A leaf is SHA-256(0x00 || salt || body), the body being JSON that says when, who, for what and under which
authority. Salt and body of an act can be erased; the leaf stays, and with it every proof.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from watchfloor.core.marking import MarkingError, join, parse
from watchfloor.store import catalogue
from watchfloor.store.database import Database, words_in
from watchfloor.store.errors import Damaged, UnknownRecord
from watchfloor.store.log import merkle

SALT_SIZE: Final = 16
_JSON = msgspec.json.Encoder(order="sorted")
_ACTS: Final = "SELECT position, at, act, body, leaf FROM log"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, what for, and under which authority. All three are in the log.

    So is, after a reset of the person's password, who reset it, until somebody has confirmed that the account
    is theirs again.
    """

    name: str
    purpose: str
    authority: str
    reset_by: str = ""

    @property
    def by_right(self) -> str:
        """The authority, for people to read, with whose reset let this person in."""
        return f"{self.authority} (by reset of {self.reset_by})" if self.reset_by else self.authority

    def __post_init__(self) -> None:
        for word in ("name", "purpose", "authority"):
            if not getattr(self, word).strip():
                raise ValueError(
                    f"{word} is empty: every act on a floor is logged with who, why and by what right"
                )


@dataclass(frozen=True, slots=True)
class Act:
    """One entry of the log. `detail` is None where the act's content was erased.

    `marking` says who may read it beside who did it; None where nobody has written that down: such an act is
    for a reader who may see all that the floor may hold.
    """

    position: int
    at: datetime
    act: str
    actor: Actor | None
    detail: Mapping[str, Any] | None
    leaf: bytes
    marking: str | None = None


def append(
    database: Database,
    actor: Actor,
    acts: Iterable[tuple[str, Mapping[str, Any]]],
    level: str | None,
    clock: int,
) -> range:
    """Add acts within the caller's transaction; gives their positions.

    Time never falls: an act whose clock stands before its predecessor's takes the predecessor's time, and its
    body says what the clock said.

    Args:
        database: the catalogue.
        actor: who acts.
        acts: name and detail of each.
        level: marking of the acts that name no marking in their detail, see `readers.level`; also of queries,
            whose detail is what a person typed. None: nobody can say.
        clock: the time of the floor, as `store.clock.micros` gives it.
    """
    size, last = head(database)
    at = max(clock, last)
    rows = []
    said = _said(at, clock, actor)
    for position, (act, detail) in enumerate(acts, size + 1):
        marking = _marking(act, detail) or level
        marked = {"marking": marking} if marking else {}
        body = encode({"position": position, "act": act, "detail": detail, **said, **marked})
        salt = os.urandom(SALT_SIZE)
        rows.append((position, at, act, salt, body, merkle.leaf_hash(salt + body)))
    database.executemany("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?)", rows)
    _grow(database, size, [row[-1] for row in rows])
    return range(size + 1, size + 1 + len(rows))


def head(database: Database) -> tuple[int, int]:
    """Number of acts, and the time of the last in microseconds since 1970."""
    found = database.execute("SELECT position, at FROM log ORDER BY position DESC LIMIT 1").fetchone()
    return found or (0, 0)


def leaf_at(database: Database, position: int) -> bytes | None:
    """Return the leaf of the act at a position; None where there is none."""
    found = database.execute("SELECT leaf FROM log WHERE position = ?", (position,)).fetchone()
    return found and bytes(found[0])


def position_at(database: Database, moment: datetime) -> int:
    """Position of the last act at or before `moment`; 0 before the first.

    Raises:
        ValueError: the moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment} needs a time zone: the log is in UTC")
    found = database.execute("SELECT max(position) FROM log WHERE at <= ?", (_micros(moment),)).fetchone()
    return found[0] or 0


def read(database: Database, start: int = 1, end: int | None = None) -> Iterable[Act]:
    """Acts from position `start` to `end`, both included, oldest first."""
    rows = database.execute(
        f"{_ACTS} WHERE position BETWEEN ? AND ? ORDER BY position",
        (start, end if end is not None else 1 << 62),
    )
    return (_act(*row) for row in rows)


def acts_named(database: Database, names: Iterable[str], upto: int | None = None) -> Iterable[Act]:
    """Acts of these names up to a position, oldest first."""
    rows = database.execute(
        f"{_ACTS} WHERE act IN ({words_in(database, '?')}) AND position <= ? ORDER BY position",
        (encode(list(names)).decode(), upto if upto is not None else 1 << 62),
    )
    return (_act(*row) for row in rows)


class _Who(msgspec.Struct):
    actor: str


_WHO: Final = msgspec.json.Decoder(_Who)

Keep = Callable[[int, bytes | None], bool]
"""Whether an act is wanted, by its position and its body as it lies in the log; None once erased."""


def done_by(database: Database, start: int, end: int) -> Iterable[tuple[int, str, str | None]]:
    """Position and name of each act from `start` to `end`, and who did it; None where that was erased."""
    rows = database.execute(
        "SELECT position, act, body FROM log WHERE position BETWEEN ? AND ? ORDER BY position", (start, end)
    )
    return ((position, act, body and _WHO.decode(body).actor) for position, act, body in rows)


def at(database: Database, positions: Iterable[int], keep: Keep | None = None) -> Iterable[Act]:
    """The acts at some positions, in that order; with `keep` those that it wants, decoded no sooner."""
    for position in positions:
        row = database.execute(f"{_ACTS} WHERE position = ?", (position,)).fetchone()
        if row is not None and (keep is None or keep(position, row[3])):
            yield _act(*row)


def newest(database: Database, names: Iterable[str], upto: int | None = None) -> int:
    """Position of the last act of one of these names, up to a position; 0 for none."""
    query = f"SELECT max(position) FROM log WHERE act IN ({words_in(database, '?')}) AND position <= ?"  # noqa: S608
    last = upto if upto is not None else 1 << 62
    found = database.execute(query, (encode(list(names)).decode(), last)).fetchone()
    return found[0] or 0


def node(database: Database) -> merkle.Node:
    """The log's tree as `merkle` asks for it."""

    def get(level: int, number: int) -> bytes:
        found = (
            database.execute("SELECT hash FROM nodes WHERE level = ? AND number = ?", (level, number))
            if level
            else database.execute("SELECT leaf FROM log WHERE position = ?", (number + 1,))
        ).fetchone()
        if found is None:
            raise Damaged(f"the log has no subtree {number} of level {level}; run `watchfloor floor verify`")
        return bytes(found[0])

    return get


def root(database: Database, size: int | None = None) -> bytes:
    """Root of the first `size` acts, of all when None."""
    return merkle.root(node(database), _size(database, size))


def inclusion(database: Database, position: int, size: int | None = None) -> list[bytes]:
    """Proof that the act at `position` is among the first `size`; its leaf has index `position - 1`."""
    return merkle.inclusion(node(database), position - 1, _size(database, size))


def consistency(database: Database, old: int, new: int | None = None) -> list[bytes]:
    """Proof that the log of `old` acts is how the log of `new` acts starts."""
    return merkle.consistency(node(database), old, _size(database, new))


def agrees(body: bytes, position: int, at: int, act: str) -> bool:
    """Whether an act's content says the position, time and act that its row does."""
    said = msgspec.json.decode(body)
    return (said.get("position"), said.get("at"), said.get("act")) == (position, _text(at), act)


def digest_of(content: bytes) -> str:
    """SHA-256 in hexadecimal, as details of acts name files and manifests."""
    return sha256(content).hexdigest()


def encode(value: object) -> bytes:
    """JSON with sorted keys: the same value gives the same bytes."""
    return _JSON.encode(value)


def _size(database: Database, size: int | None) -> int:
    whole, _ = head(database)
    if size is not None and not 0 <= size <= whole:
        raise ValueError(f"the log has {whole} acts, not {size}")
    return whole if size is None else size


def _grow(database: Database, size: int, leaves: Sequence[bytes]) -> None:
    """Store each subtree that the new leaves complete."""
    stored = node(database)
    fresh: dict[tuple[int, int], bytes] = {(0, size + i): leaf for i, leaf in enumerate(leaves)}
    for number in range(size, size + len(leaves)):
        level = 0
        while number & 1:
            left = fresh.get((level, number - 1)) or stored(level, number - 1)
            fresh[level + 1, number >> 1] = merkle.node_hash(left, fresh[level, number])
            level, number = level + 1, number >> 1
    rows = [(level, number, hash_) for (level, number), hash_ in fresh.items() if level]
    database.executemany("INSERT INTO nodes VALUES (?, ?, ?)", rows)


def _said(at: int, clock: int, actor: Actor) -> dict[str, str]:
    """Return what all acts of one commit state: when, who, what for, by what right; the clock if behind."""
    who = {"actor": actor.name, "purpose": actor.purpose, "authority": actor.authority}
    if actor.reset_by:
        who["reset_by"] = actor.reset_by
    return {"at": _text(at), **who, **({"clock": _text(clock)} if clock < at else {})}


def _act(position: int, at: int, act: str, body: bytes | None, leaf: bytes) -> Act:
    if body is None:
        return Act(position, moment(at), act, None, None, leaf)
    said = msgspec.json.decode(body)
    actor = Actor(said["actor"], said["purpose"], said["authority"], said.get("reset_by", ""))
    return Act(position, moment(at), act, actor, said["detail"], leaf, said.get("marking"))


def _marking(act: str, detail: Mapping[str, Any]) -> str | None:
    """Return the join of the markings that an act names; None where it names none, or is a query."""
    named = () if act == "query" else tuple(markings(detail))
    return join(named) if named else None


def markings(value: object) -> Iterator[str]:
    """Yield every marking that the detail of an act names."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            if name in ("marking", "held_as") and isinstance(each, str):
                with suppress(MarkingError):
                    yield str(parse(each))
            else:
                yield from markings(each)
    elif isinstance(value, Iterable) and not isinstance(value, str | bytes):
        for each in value:
            yield from markings(each)


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(at: int) -> datetime:
    """A time of the log as a datetime."""
    return _EPOCH + timedelta(microseconds=at)


def _text(at: int) -> str:
    return moment(at).isoformat(timespec="microseconds")


# The log as it is kept, salts and all: for whoever hands acts over with their proofs.


class Entry(NamedTuple):
    """One act of the log as its leaf commits to it; salt and body are None once erased."""

    position: int
    salt: bytes | None
    body: bytes | None
    leaf: bytes


def entries(root: Path, size: int) -> Iterator[Entry]:
    """The first `size` acts of the floor in `root`, one consistent view of them."""
    with catalogue.snapshot(root) as database:
        rows = database.execute(
            "SELECT position, salt, body, leaf FROM log WHERE position <= ? ORDER BY position", (size,)
        )
        yield from (Entry(*row) for row in rows)


def entry(root: Path, position: int) -> Entry:
    """One act. Raises `UnknownRecord` where the log has none of that position."""
    with catalogue.snapshot(root) as database:
        found = database.execute(
            "SELECT position, salt, body, leaf FROM log WHERE position = ?", (position,)
        ).fetchone()
    if found is None:
        raise UnknownRecord(
            f"the log has no act at position {position}; `watchfloor floor log show` lists them"
        )
    return Entry(*found)
