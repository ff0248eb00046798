"""The joint cell: what this floor's leads, tasks and outcomes come to in the week before a day."""

from datetime import date, datetime, timedelta
from typing import Any, Final

from watchfloor.cell.leads import Lead
from watchfloor.cell.learning import outcomes
from watchfloor.cell.queue import every, queue
from watchfloor.cell.weighing.weights import load
from watchfloor.core.marking import join
from watchfloor.core.messages import declare
from watchfloor.core.results import RESULTS
from watchfloor.policy.policy import Reader
from watchfloor.scorecard.bilingual import day, fill, same
from watchfloor.scorecard.computed import messages
from watchfloor.scorecard.computed.result import TOLD, Computed, end_of, ids, record
from watchfloor.store.floor import Floor

DAYS: Final = 7
ISSUED: Final = "issued"

EXERCISE: Final = declare("scorecard.cell-exercise")


def cell(floor: Floor | None, reader: Reader | None, on: date) -> Computed:
    """Leads that stand, tasks issued and outcomes reported, in the week to a day and in all.

    The value is the number of outcomes in all, None where nobody has reported any. What was written to the
    log after the day does not count.
    """
    if floor is None or reader is None:
        return Computed(None, fill(messages.CELL_NO_FLOOR))
    created = datetime.fromisoformat(floor.settings.created).date()
    if created > on:
        return Computed(None, fill(messages.CELL_BEFORE, created=day(created), day=day(on)))
    ends = end_of(on)
    issued = [row for row in _tasks(floor, reader, ends) if row["state"] == ISSUED]
    reported = outcomes.standing(floor, reader, ends)
    came = [row for row in reported if RESULTS[row["result"]].true]
    week = ends - timedelta(days=DAYS)
    leads = list(every(queue(floor, reader, load(), ends, ends)))
    found = fill(
        messages.CELL,
        days=DAYS,
        day=day(on),
        tasks=_recent(issued, week),
        all_tasks=len(issued),
        outcomes=_recent(reported, week),
        all_outcomes=len(reported),
        true=_recent(came, week),
        all_true=len(came),
        leads=len(leads),
    )
    evidence = tuple(record(row, same(row["result"]), row["observed_at"].date()) for row in reported[-TOLD:])
    rows = [*issued, *reported]
    doubt = fill(EXERCISE) if floor.settings.exercise else None
    value = float(len(reported)) if reported else None
    return Computed(value, found, evidence, ids(rows), doubt, _marking(rows, leads))


def _marking(rows: list[dict[str, Any]], leads: list[Lead]) -> str:
    found = {*(row["marking"] for row in rows), *(lead.marking for lead in leads)}
    return join(found) if found else ""


def _tasks(floor: Floor, reader: Reader, ends: datetime) -> list[dict[str, Any]]:
    columns = ("record_id", "marking", "state", "observed_at")
    rows: list[dict[str, Any]] = floor.read("task", reader, ends, columns).to_pylist()
    return rows


def _recent(rows: list[dict[str, Any]], since: datetime) -> int:
    return sum(row["observed_at"] > since for row in rows)
