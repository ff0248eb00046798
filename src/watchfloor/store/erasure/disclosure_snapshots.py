"""Snapshots of what was shown to a person, kept beside what it was made from.

The log commits to a salted hash of the content. When evidence behind it is erased, content and salt go and
the leaf stays.
"""

import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

import pyarrow as pa

from watchfloor.store import log
from watchfloor.store.database import Database
from watchfloor.store.log import merkle
from watchfloor.store.writer_state import WriterState

FIT: Final = "fit"
"""How a fit is called that is kept as something shown."""

BUNDLE: Final = "bundle "
"""How the index of a bundle is called that went to another node: this and the bundle's id.

It holds ids and hashes and no content, and stays when its records are erased: without it nothing could be
recalled.
"""


class Resting(NamedTuple):
    """A snapshot that rests on something that goes."""

    position: int
    what: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing that was shown.

    Attributes:
        position: in the log.
        at: when.
        what: such as `queue` or `lead 17`.
        digest: of what it was made from; a rebuild with another digest says something else.
        content: as it was shown; None once erased.
        erased: position of the erasure that took the content away, or None.
    """

    position: int
    at: datetime
    what: str
    digest: bytes
    content: bytes | None
    erased: int | None


def keep(
    writer: WriterState,
    database: Database,
    what: str,
    digest: bytes,
    content: bytes,
    evidence: Iterable[bytes],
) -> int:
    """Log it and keep it, within the caller's transaction; gives its position."""
    salt = os.urandom(log.SALT_SIZE)
    detail = {"what": what, "digest": digest.hex(), "content": merkle.leaf_hash(salt + content).hex()}
    position = writer.log_act(database, "shown", detail)
    database.execute(
        "INSERT INTO shown VALUES (?, ?, ?, ?, ?, NULL)", (position, what, digest, salt, content)
    )
    ids = dict.fromkeys(evidence)
    database.executemany(
        "INSERT INTO shown_evidence VALUES (?, ?)", [(record_id, position) for record_id in ids]
    )
    return position


def read(database: Database, what: str | None) -> list[Shown]:
    """Read the snapshots of a name, or all; oldest first."""
    which, of = ("", ()) if what is None else ("WHERE what = ?", (what,))
    rows = database.execute(
        "SELECT position, at, what, digest, content, erased FROM shown JOIN log USING (position) "  # noqa: S608
        f"{which} ORDER BY position",
        of,
    )
    return [Shown(position, log.moment(at), *rest) for position, at, *rest in rows]


def resting(database: Database, record_ids: Iterable[bytes], also: Iterable[int]) -> list[Resting]:
    """Return the snapshots that rest on any of these records, or are at these positions, and have content."""
    found = set(also) | {
        at
        for record_id in record_ids
        for (at,) in database.execute("SELECT position FROM shown_evidence WHERE record_id = ?", (record_id,))
    }
    query = "SELECT position, what, digest FROM shown WHERE position = ? AND erased IS NULL"
    rows = (database.execute(query, (at,)).fetchone() for at in sorted(found))
    return [Resting(*row) for row in rows if row is not None]


def sent(database: Database) -> Iterator[tuple[str, int, pa.Array]]:
    """Id of each bundle that was sent, where in the log that was, and the records here that it rests on."""
    query = "SELECT what, position, content FROM shown WHERE what LIKE ? AND erased IS NULL ORDER BY position"
    for what, position, content in database.execute(query, (f"{BUNDLE}%",)).fetchall():
        rows = pa.ipc.open_stream(content).read_all()
        yield what.removeprefix(BUNDLE), position, rows["rests_on"].combine_chunks().flatten()


def rests_on(database: Database, positions: Collection[int], record_ids: Iterable[bytes]) -> bool:
    """Whether something shown at one of the positions rests on one of the records."""
    query = "SELECT position FROM shown_evidence WHERE record_id = ?"
    return any(at in positions for id_ in record_ids for (at,) in database.execute(query, (id_,)))


def forget(database: Database, positions: Iterable[int], position: int) -> None:
    """Erase what was shown at these positions, within the caller's transaction.

    Args:
        database: the catalogue.
        positions: of what was shown.
        position: of the erasure.
    """
    for at in positions:
        database.execute(
            "UPDATE shown SET salt = NULL, content = NULL, erased = ? WHERE position = ? AND erased IS NULL",
            (position, at),
        )
        database.execute("DELETE FROM shown_evidence WHERE position = ?", (at,))
