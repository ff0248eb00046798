"""The bell: how many notices somebody has not read, on every page."""

from typing import TYPE_CHECKING

from watchfloor.actions.notices import COUNTED, shown
from watchfloor.casework.notices import subscriptions
from watchfloor.store import files

if TYPE_CHECKING:
    from watchfloor.console.endpoints.endpoint import Asker

Stamp = tuple[object, ...]


def unread(asker: "Asker") -> int:
    """Return how many notices somebody may see and has not read, up to 99 and one more.

    It is 0 while the first queue of a view is being made: no page waits for that to count.
    """
    services, root = asker.services, asker.floor.root
    if not services.pictures.has(asker.reader) or not subscriptions.notices(root, asker.name, unread=True):
        return 0
    kept = root / files.PERSONAL, root / f"{files.PERSONAL}-wal"
    written = tuple((one.stat().st_mtime_ns, one.stat().st_size) for one in kept if one.exists())
    stamp: Stamp = asker.picture.about.digest, asker.floor.position, written
    known = services.bells.get(asker.session.key.hex())
    if known is None or known[0] != stamp:
        known = stamp, len(shown(asker, unread=True, most=COUNTED + 1))
        services.bells.put(asker.session.key.hex(), known)
    return known[1]
