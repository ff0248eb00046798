"""Views: which of the markings that occur a reader may see, and in which acts of the log.

Masks on derived rows are not enough: a signal made of an open and a hidden record would be hidden as a whole,
and a hidden retraction would take an open signal away. So what desks make is kept once a view, and found by
the view's digest. The digest is of the markings that are visible, so that what is hidden has no part in it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow.compute as pc

from watchfloor.core.kinds import KINDS
from watchfloor.core.marking import parse
from watchfloor.policy.policy import Reader, allowed
from watchfloor.store import ledger
from watchfloor.store.database import Database
from watchfloor.store.segments import reading
from watchfloor.store.segments.index import SEGMENT

WHOLE: Final = ""
"""The view of a reader who may see all that occurs."""

Marked = Mapping[int, frozenset[str]]
"""The markings that each act brought, by its position."""


def marked(root: Path, database: Database) -> Marked:
    """The markings of the evidence that each act brought."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for kind in KINDS:
        for part in reading.payloads(database, kind):
            for position, markings in _of_payload(root, part):
                found[position] |= markings
    return {position: frozenset(markings) for position, markings in found.items()}


def _of_payload(root: Path, part: reading.Payload) -> Iterable[tuple[int, set[str]]]:
    table = reading.load(root, part, ["marking", SEGMENT], coded=["marking"])
    if len(part.segments) == 1:
        (position,) = part.segments.values()
        return [(position, set(pc.unique(table.column("marking")).to_pylist()))]
    pairs = table.unify_dictionaries().group_by([SEGMENT, "marking"]).aggregate([]).to_pylist()
    return [(part.segments[one[SEGMENT]], {one["marking"]}) for one in pairs if one[SEGMENT] in part.segments]


def seen(marked: Marked, pieces: Iterable[ledger.Quarantined], reader: Reader) -> list[int]:
    """Positions of the acts that brought something which `reader` may see, in order.

    Args:
        marked: what each act brought.
        pieces: all that was ever in quarantine.
        reader: who asks.
    """
    may = {text: allowed(reader, parse(text)) for text in frozenset().union(*marked.values())}
    rows = {position for position, markings in marked.items() if any(may[text] for text in markings)}
    return sorted(rows | {one.position for one in pieces if allowed(reader, parse(one.marking))})


def visible(markings: Iterable[str], reader: Reader) -> frozenset[str]:
    """Those of the markings that `reader` may see."""
    return frozenset(text for text in markings if allowed(reader, parse(text)))


def occurring(marked: Marked, upto: int) -> frozenset[str]:
    """Every marking that acts up to a position brought."""
    return frozenset().union(*(markings for position, markings in marked.items() if position <= upto))


def occurring_at(marked: Marked, positions: Iterable[int]) -> dict[int, frozenset[str]]:
    """The same for several positions, at the price of one."""
    found: dict[int, frozenset[str]] = {}
    acts, at = sorted(marked), 0
    seen: frozenset[str] = frozenset()
    for upto in sorted(set(positions)):
        while at < len(acts) and acts[at] <= upto:
            seen, at = seen | marked[acts[at]], at + 1
        found[upto] = seen
    return found


def digest(markings: frozenset[str], reader: Reader) -> str:
    """The reader's view of these markings: `WHOLE`, or a digest of those that are visible."""
    mine = visible(markings, reader)
    written = "\n".join(sorted(mine)).encode()
    return WHOLE if mine == markings else blake2b(written, digest_size=16).hexdigest()


def places(positions: Iterable[int], among: list[int]) -> list[int]:
    """How many of the acts in `among` there are up to each position."""
    return [int(at) for at in np.searchsorted(among, list(positions), side="right")]
