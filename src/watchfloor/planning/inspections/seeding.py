"""The seed of a draw where nobody gives one."""

from datetime import date
from hashlib import blake2b

from watchfloor.planning.inspections.items import Items


def seed_of(items: Items, day: date, key: bytes) -> int:
    """A seed that is the same for the same items on one day, and that nobody knows before they are known.

    So nobody can draw again until the draw suits him, nor foresee what will be drawn before the last item is
    declared; on a floor not even then without its key.
    """
    seen = blake2b(day.isoformat().encode(), digest_size=6, key=key[:64], person=b"inspection seed")
    for subject in sorted(items.subject):
        seen.update(b"\n" + subject.encode())
    return int.from_bytes(seen.digest(), "big")
