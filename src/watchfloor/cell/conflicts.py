"""Two officers, one lead: what others decided about it since this officer last looked.

Decisions are records, so nothing is ever overwritten: the second of two stays beside the first. But an
officer who decides on what the queue showed at ten should not undo, unknowing, what a colleague decided at
five past.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.release.policy import Reader
from watchfloor.store.floor import Floor

LOOKED_BACK: Final = 10_000
"""Acts of the log that are searched for the officer's last look; who looked earlier has not looked today."""


def last_look(floor: Floor, officer: str) -> int:
    """Position of the log at which the officer was last shown the queue or a lead; 0 for never."""
    acts = floor.acts(max(1, floor.position - LOOKED_BACK + 1))
    mine = (act for act in reversed(acts) if act.act == "query" and act.actor and act.actor.name == officer)
    return next((act.position for act in mine if (act.detail or {}).get("what") == "leads"), 0)


def since(
    floor: Floor, reader: Reader, officer: str, subjects: Iterable[str], seen: int
) -> list[Mapping[str, Any]]:
    """Judgements about these subjects that others made after position `seen`, oldest first."""
    now = floor.read("judgement", reader)
    known = floor.read("judgement", reader, as_of=seen) if seen else now.slice(0, 0)
    about = pa.array(sorted(set(subjects)), pa.string())
    mine = pc.or_(pc.is_in(now["subject"], value_set=about), pc.is_in(now["about"], value_set=about))
    old = pc.is_in(now["record_id"], value_set=known["record_id"].combine_chunks())
    others = pc.and_(pc.not_equal(now["decided_by"], officer), pc.invert(old))
    return sorted(now.filter(pc.and_(mine, others)).to_pylist(), key=lambda row: row["observed_at"])
