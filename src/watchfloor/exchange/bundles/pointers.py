"""Pointers that came in: who says that it holds something about a subject."""

from datetime import datetime
from typing import NamedTuple

import pyarrow.compute as pc

from watchfloor.core.kinds import DISCLOSURE
from watchfloor.exchange.bundles.offers import POINTER_FORM
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor


class Pointer(NamedTuple):
    """Something is held about a subject; whom to ask, and since when that is known."""

    subject: str
    node: str
    at: datetime
    marking: str
    bundle: str


def pointers(floor: Floor, reader: Reader, subject: str | None = None) -> list[Pointer]:
    """The pointers that stand and that `reader` may see, by subject and node."""
    rows = floor.read(DISCLOSURE.name, reader, latest=True)
    rows = rows.filter(pc.and_(pc.equal(rows["form"], POINTER_FORM), pc.invert(rows["retracted"])))
    found = {
        (about, row["node"]): Pointer(about, row["node"], row["observed_at"], row["marking"], row["bundle"])
        for row in rows.to_pylist()
        for about in row["subjects"]
        if subject in (None, about)
    }
    return [found[key] for key in sorted(found)]
