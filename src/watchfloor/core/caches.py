"""The folder of this user's machine where what can be computed again is kept, such as compiled kernels.

Nothing of a floor may lie here: only what follows from the program and from public reference data.
"""

import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

VARIABLE = "WATCHFLOOR_CACHE"


@cache
def folder() -> Path:
    """Return the first folder that can be used, made if it is not there.

    It is `WATCHFLOOR_CACHE` where this is set, which may be read-only, else the user's folder of caches as
    their system has it, else a folder of theirs among the temporary files. A folder that anybody may write to
    is not used, because code is loaded from it.
    """
    named = os.environ.get(VARIABLE)
    if named and _safe(Path(named).absolute()):
        return Path(named).absolute()
    for path in _candidates():
        if _safe(path) and os.access(path, os.W_OK):
            return path
    return Path(tempfile.mkdtemp(prefix="watchfloor-"))


def _candidates() -> Iterator[Path]:
    with suppress(RuntimeError):  # nobody's home
        yield _user_caches() / "watchfloor"
    yield Path(tempfile.gettempdir()) / f"watchfloor-{_user()}"


def _user_caches() -> Path:
    named = os.environ.get("XDG_CACHE_HOME", "")
    if Path(named).is_absolute():
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")


def _user() -> int:
    return os.getuid() if hasattr(os, "getuid") else 0


def _safe(path: Path) -> bool:
    """Whether a folder is there, or could be made, and only this user or the system writes to it.

    A link to it is theirs, too: who made another's could later point it at a folder of their own.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found, itself = path.stat(), path.lstat()
    except OSError:
        return False
    if os.name != "posix":
        return True
    return {found.st_uid, itself.st_uid} <= {_user(), 0} and not found.st_mode & stat.S_IWOTH
