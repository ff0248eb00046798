"""Where a floor lies: in its folder, or on the server that its `floor.toml` names."""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from watchfloor.store.database import SETTINGS, UNSEALED
from watchfloor.store.errors import StoreError

if TYPE_CHECKING:
    from watchfloor.store.server.contents import Contents
    from watchfloor.store.server.postgres import Server


def server(root: Path) -> "Server | None":
    """The server that holds the floor in `root`; None where the folder itself does."""
    for name in (SETTINGS, UNSEALED):
        try:
            seen = (root / name).stat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        return _server(root / name, seen.st_mtime_ns, seen.st_ino)
    return None


@lru_cache(256)
def _server(settings: Path, *_version: int) -> "Server | None":
    """Read again only when the file is another."""
    try:
        found = tomllib.loads(settings.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return None  # `Floor.open` says what is wrong with it
    if not found.get("server"):
        return None
    with installed(f"{settings.parent} lies on a server"):
        from watchfloor.store.server.postgres import Server
    return Server.from_address(settings.parent, str(found["server"]), str(found.get("id")))


@contextmanager
def installed(why: str) -> Iterator[None]:
    """Around an import of what a server needs; a `StoreError` says why, and how to install it."""
    try:
        yield
    except ImportError as error:
        raise StoreError(
            f"{why}, and {error.name} is not installed. Install it with: pip install 'watchfloor[postgres]'"
        ) from error


def contents(root: Path) -> "Contents | None":
    """The files of the floor in `root` where a server holds them; None where they lie in the folder."""
    if (found := server(root)) is None:
        return None
    from watchfloor.store.server.contents import Contents

    return Contents(found)
