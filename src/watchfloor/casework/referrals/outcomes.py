"""Leads that an ended referral may be reported on: an offer, never an outcome by itself."""

from typing import NamedTuple

from watchfloor.casework.referrals.life import Referral
from watchfloor.casework.tasking.tasks import Task
from watchfloor.cell.leads import Lead
from watchfloor.cell.queue import every
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor


class Offered(NamedTuple):
    """A lead, the result that its officers may report, and the lookout whose hit led to the referral, or
    None."""

    lead: str
    result: str
    task: str | None


def offered(floor: Floor, reader: Reader, one: Referral, leads: list[Lead]) -> list[Offered]:
    """Leads about the item of a referral that has ended, or whose lookout it came of.

    Args:
        floor: whose.
        reader: who asks.
        one: the referral; nothing is offered of one that was neither examined nor left unexamined.
        leads: the reader's queue.
    """
    if one.state not in ("examined", "not-examined"):
        return []
    hits = [
        task
        for task in Task.read(floor, reader).values()
        if any(row["state"] == "hit" and one.id in (row["why"] or "") for row in task.history)
    ]
    found = {task.order.lead: task.id for task in hits if task.order.lead}
    about = (lead.lead_id for lead in every(leads) if one.subject in (lead.subject, *lead.subjects))
    for lead_id in about:
        found.setdefault(lead_id, "")
    return [Offered(lead, one.state, task or None) for lead, task in found.items()]
