"""Files that no row of the catalogue names: what a crash or a busy reader left. They do not count, and go."""

from collections.abc import Iterable
from pathlib import Path

from watchfloor.store import catalogue, files
from watchfloor.store.database import Database, in_folder


def leftovers(root: Path, database: Database) -> int:
    """Delete them; gives their number. Only for the holder of the writer lock."""
    if not in_folder(database):
        catalogue.leave(root)  # what a move to the server left that was cut off at its end
    named = {path for (path,) in database.execute("SELECT path FROM files")}
    loose = [path for path in files.present(root) if path not in named]
    return sum(files.discard(root, path) for path in loose)


def unnamed(root: Path, database: Database, paths: Iterable[str]) -> None:
    """Delete those of `paths` that the catalogue does not name; an interrupt may come after the commit."""
    for path in paths:
        if not database.execute("SELECT 1 FROM files WHERE path = ?", (path,)).fetchone():
            files.discard(root, path)
