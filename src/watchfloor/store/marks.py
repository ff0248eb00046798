"""A mark of a floor's log, kept outside of the floor, so that a floor rolled back as a whole is noticed.

`watchfloor floor verify` and `watchfloor floor backup` keep how many acts the log had, and their root; the
next `verify` holds the log against it. It lies in the folder that `WATCHFLOOR_MARKS` names, else in the
user's state folder, for each floor and place. Who can write there as well can turn it back too: name a folder
of another account, or on another machine, or let a partner witness the log.
"""

import os
from hashlib import sha256
from pathlib import Path
from typing import Final

from watchfloor.store import files, settings
from watchfloor.store.errors import StoreError
from watchfloor.store.floor import Floor
from watchfloor.store.verify import Witness

FOLDER: Final = "WATCHFLOOR_MARKS"


def mark_of(root: Path) -> Witness | None:
    """Return what was kept of the floor in that folder, which is not opened; None where nothing was."""
    try:
        size, _, root_ = _place(root).read_text("ascii").strip().partition(":")
        return Witness(int(size), bytes.fromhex(root_))
    except (OSError, RuntimeError, ValueError, StoreError):  # also of a user without a home
        return None


def keep(floor: Floor, *, anew: bool = False) -> bool:
    """Keep the log's size and root, unless what was kept is of more acts or of others.

    Returns:
        False where the folder cannot be written.

    Args:
        floor: whose log.
        anew: also then: for a backup that somebody restored in the floor's place.
    """
    size, known = floor.position, mark_of(floor.root)
    if known is not None and not anew and (known.size > size or floor.log_root(known.size) != known.root):
        return True  # the next `verify` is to find that
    try:
        place = _place(floor.root)
        part = place.with_name(f"{place.name}.{files.unique()}")
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.write_text(f"{size}:{floor.log_root(size).hex()}\n", encoding="ascii")
        part.replace(place)
    except (OSError, RuntimeError):
        return False
    return True


def _place(root: Path) -> Path:
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    named = os.environ.get(FOLDER) or f"{state}/watchfloor/marks"
    at = sha256(f"{settings.read(root).id}\n{root.resolve()}".encode()).hexdigest()
    return Path(named).expanduser() / f"{at[:32]}.mark"
