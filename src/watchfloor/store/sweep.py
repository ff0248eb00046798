"""Files that no row of the catalogue names: what a crash or a busy reader left. They do not count, and go."""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from watchfloor.store import files

FOLDERS: Final = ("blobs", "segments", "derived", "ids")


def leftovers(root: Path, database: sqlite3.Connection) -> int:
    """Delete them; gives their number. Only for the holder of the writer lock."""
    named = {path for (path,) in database.execute("SELECT path FROM files")}
    loose = [path for path in present(root) if path not in named]
    return sum(files.discard(root, path) for path in loose)


def unnamed(root: Path, database: sqlite3.Connection, paths: Iterable[str]) -> None:
    """Delete those of `paths` that the catalogue does not name; an interrupt may come after the commit."""
    for path in paths:
        if not database.execute("SELECT 1 FROM files WHERE path = ?", (path,)).fetchone():
            files.discard(root, path)


def present(root: Path) -> Iterator[str]:
    """Paths of the floor's data files, with slashes."""
    for folder in FOLDERS:
        for place in (root / folder).rglob("*"):
            if place.is_file():
                yield place.relative_to(root).as_posix()
