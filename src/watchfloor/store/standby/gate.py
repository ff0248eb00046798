"""The gate before each commit of a floor that has a standby.

While its shipper lives, a commit waits until the one before it is shipped, so that no more than one group
commit that was acknowledged can be lost. Where shipping is late the gate stays open for a while, and the lag
is told. Once the standby has taken over, nothing is committed here any more.
"""

import os
import time
import tomllib
from pathlib import Path
from typing import Final

from watchfloor.store.connections import Writing
from watchfloor.store.errors import WrongCall

SETTINGS: Final = "standby.toml"
SHIPPED: Final = "shipped"
"""Beside it: the position that is shipped; touched by a shipper that lives."""
FENCE: Final = "fence.json"
"""In the shared folder: the standby has taken over."""
FENCED: Final = "fenced"
"""In the floor's folder, once that was seen."""
PATIENCE: Final = 2.0
ALIVE: Final = 5.0
"""Seconds after which a shipper that touched nothing is dead."""
_PAUSE: Final = 0.001
_open_until: dict[str, float] = {}
_known: dict[Path, tuple[int, Path | None]] = {}


class TakenOver(WrongCall):
    """The standby of this floor has taken its place."""


def refuse_fenced(root: Path) -> None:
    """Raise `TakenOver` where the standby has taken over, as far as the shared folder can be read."""
    mark = root / FENCED
    if not mark.exists():
        if (to := _shared(root)) is None or not (to / FENCE).exists():
            return
        mark.touch(mode=0o600)
    raise TakenOver(
        f"the standby of {root} has taken over: what is written here would fork its log. Work on the new "
        "primary; keep this folder to compare, or delete it and make it a standby of the new primary"
    )


def _shared(root: Path) -> Path | None:
    """The folder that the floor is shipped to; read anew where its settings changed."""
    place = root / SETTINGS
    try:
        stamp = place.stat().st_mtime_ns
        if _known.get(root, (0, None))[0] != stamp:
            _known[root] = stamp, Path(tomllib.loads(place.read_text("utf-8"))["to"])
    except (OSError, ValueError, KeyError):
        return None
    return _known[root][1]


def pass_through(database: Writing) -> None:
    """Wait until the commit before this one is shipped; called within its transaction.

    Raises:
        TakenOver: the standby has taken over.
    """
    root = os.path.dirname(database.path)  # noqa: PTH120 - before every commit
    try:
        os.stat(os.path.join(root, SETTINGS))  # noqa: PTH116, PTH118
    except OSError:
        return
    refuse_fenced(Path(root))
    now = time.monotonic()
    if now < _open_until.get(root, 0.0):
        return
    (position,) = database.execute("SELECT max(position) FROM log").fetchone()
    while (known := shipped(Path(root))) is not None and known < (position or 0):
        if time.monotonic() - now > PATIENCE:
            _open_until[root] = time.monotonic() + ALIVE
            return
        time.sleep(_PAUSE)


def shipped(root: Path) -> int | None:
    """The position that is shipped; None where no shipper lives."""
    try:
        place = root / SHIPPED
        if time.time() - place.stat().st_mtime > ALIVE:
            return None
        return int(place.read_text("ascii") or "0")
    except (OSError, ValueError):
        return None
