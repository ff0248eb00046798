"""Derived rows that stand, as one reader sees them: from the run of their view, or made from their rows.

A desk is run once a view (`store.views`): the readers of the floor's policy have theirs kept. Whoever else
asks, such as for a purpose that nobody had stated before, has the desks run over his rows while he waits. The
whole run is never shown through a mask: what it says rests on rows that he may not see.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa

from watchfloor.core.derived import SIGNAL, last, to_keep
from watchfloor.desks.base import Desk, Refs
from watchfloor.policy import terms
from watchfloor.policy.policy import Reader
from watchfloor.run.floor import history_of
from watchfloor.store.floor import Floor

Desks = Mapping[str, Desk[Any]]


def readers(floor: Floor, asking: Reader) -> list[Reader]:
    """Whose views are kept: of who asks, and of each reader of the policy for each purpose of a marking.

    A reader who may not state the purpose of who asks has the view that any other unnamed purpose gives.
    """
    policy = terms.load(floor.root)
    marked = floor.purposes()
    if policy is None or not policy.purposes:
        names = {asking.name, *(policy.readers if policy else ())}
        return [floor.reader(name, asking.purpose) for name in sorted(names)]
    found = []
    for name in sorted({asking.name, *policy.readers}):
        may = policy.statable("purposes", name).keys()
        plain = asking.purpose if asking.purpose in may else min(may - marked, default=None)
        purposes = (may & marked) | ({plain} if plain else set())
        found += [floor.reader(name, purpose) for purpose in sorted(purposes)]
    return found


def revised(
    floor: Floor, reader: Reader, desks: Desks, refs: Refs, as_of: int | datetime | None = None
) -> pa.Table:
    """The last revision of every signal, those that take back among them, made from what the reader may see.

    Each desk that was run by then reads what its last run read, of that what is visible.
    """
    ran = {run.desk: run.at_position for run in floor.standing(as_of)}
    derived: dict[str, pa.Table] = {}
    signals = [SIGNAL.empty_table()]
    for name, desk in desks.items():
        if name in ran:
            made = history_of(floor, desk, refs, reader, ran[name], derived)
            derived |= made
            signals += [to_keep(kind, made[kind]) for kind in made if kind == "signal"]
    return last(pa.concat_tables(signals))
