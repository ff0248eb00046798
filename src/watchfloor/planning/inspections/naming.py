"""What lookouts and leads of a floor put first in a plan."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import pyarrow as pa

from watchfloor.cell.acting.acts import read
from watchfloor.cell.acting.tasks import OPEN, tasks
from watchfloor.cell.leads import Lead
from watchfloor.cell.weights import Weights
from watchfloor.planning.inspections import messages
from watchfloor.planning.inspections.items import Items, named
from watchfloor.planning.inspections.plan import First
from watchfloor.records.kinds import TASK
from watchfloor.records.messages import Language, Reason, reason
from watchfloor.release.policy import Reader
from watchfloor.store.floor import Floor

LIKELY: Final = 0.05
"""Probability from which a lead puts the items that it names first."""


def first(
    floor: Floor,
    reader: Reader,
    found: Items,
    leads: Sequence[Lead],
    weights: Weights,
    now: datetime,
    language: Language,
) -> First:
    """Lookouts first, then leads by their order; each item once."""
    rows: dict[int, tuple[str, Reason, str]] = {}
    lookouts = [
        one
        for one in tasks(read(floor, reader, TASK)).values()
        if one.order.form == "lookout" and one.standing(now) in OPEN
    ]
    for task in lookouts:
        why = reason(messages.BY_LOOKOUT, lookout=task.task)
        for row in named(found, task.order.subjects).tolist():
            rows.setdefault(row, ("lookout", why, task.order.marking))
    for lead in (one for one in leads if one.probability >= LIKELY):
        title = weights.hypotheses[lead.hypothesis].called(language)
        why = reason(messages.BY_LEAD, lead=lead.lead_id, title=title)
        for row in named(found, lead.subjects).tolist():
            rows.setdefault(row, ("lead", why, lead.marking))
    return First(
        pa.array(list(rows), pa.int64()).to_numpy(),
        [by for by, _, _ in rows.values()],
        {row: why for row, (_, why, _) in rows.items()},
        {row: marking for row, (_, _, marking) in rows.items()},
    )
