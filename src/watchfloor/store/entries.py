"""The log as it is kept, salts and all: for whoever hands acts over with their proofs."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from watchfloor.store import catalogue
from watchfloor.store.errors import UnknownRecord


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
        raise UnknownRecord(f"the log has no act at position {position}; `watchfloor log show` lists them")
    return Entry(*found)
