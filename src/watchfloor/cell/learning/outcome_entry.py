"""How an outcome gets onto the floor: typed in by an officer, or as rows of a file held against the leads."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any, Final

import pyarrow as pa

from watchfloor.cell.acts import common, minute, nonempty, refuse, write
from watchfloor.cell.learning.acted import keep
from watchfloor.cell.learning.audit import chances, draws
from watchfloor.cell.learning.outcomes import KnownLead, known
from watchfloor.cell.weighing.weights import Weights
from watchfloor.core.kinds import OUTCOME
from watchfloor.core.messages import declare
from watchfloor.core.results import RESULTS
from watchfloor.feeds.complete import OWN
from watchfloor.feeds.intake import Check
from watchfloor.formats.base import Batch, Fault
from watchfloor.formats.settings import nearest
from watchfloor.formats.tabular.fields import outcome_key
from watchfloor.formats.tabular.own_csv import TABLES
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.writer import Writer

SOURCE: Final = "outcomes"
"""Source of what is typed in; a file of that name delivers to the same."""


AHEAD: Final = timedelta(days=1)
"""How far a file may be ahead of this clock: it may give days of another time zone."""

NO_RESULT: Final = declare("cell.no-result", "result", "near")
TO_COME: Final = declare("cell.outcome-to-come", "at")


@dataclass(frozen=True, slots=True)
class Outcome:
    """An officer's report on a lead.

    Attributes:
        result: a name of `core.results.RESULTS`.
        why: in the officer's words.
        by: who reports it.
        at: when it was so.
        task: id of the task it came of.
        report: the report that it is, or corrects; None: this officer's, of this lead and task.
    """

    result: str
    why: str
    by: str
    at: datetime
    task: str | None = None
    report: str | None = None


def reported(
    result: str,
    why: str,
    by: str,
    now: datetime,
    at: datetime | None = None,
    task: str | None = None,
    report: str | None = None,
) -> Outcome:
    """Return an officer's report at a moment; the end of this very day counts as now. Raises `Refusal`."""
    if result not in RESULTS:
        refuse(NO_RESULT, result=result, near=nearest(result, RESULTS))
    when = at or now
    if when > now and when != datetime.combine(now.date(), time.max, now.tzinfo):
        refuse(TO_COME, at=minute(when))
    return Outcome(result, nonempty(why, "why"), by, min(when, now), task, report)


def enter(floor: Floor, writer: Writer, about: KnownLead, outcome: Outcome, weights: Weights) -> int:
    """Write an outcome; gives its position. Where somebody looked, the lead is kept as it stands."""
    if about.lead and RESULTS[outcome.result].acted:
        keep(writer, about.lead, weights)
    key = outcome.report or outcome_key(about.lead_id, outcome.by, outcome.task)
    said = {
        "result": outcome.result,
        "true": RESULTS[outcome.result].true,
        "task": outcome.task,
        "why": outcome.why,
        "by": outcome.by,
    }
    chance = chances(draws(floor)).get(about.lead_id)
    return write(
        writer, OUTCOME, common(SOURCE, key, about.marking, outcome.at) | said | _lead_columns(about, chance)
    )


def checks(floor: Floor, reader: Reader, weights: Weights, now: datetime) -> dict[str, Check]:
    """For `Orders.checks`: an outcome must be of a lead that this reader may see, and of what has happened.

    The queue is made when the first outcome comes, and once.
    """

    @cache
    def leads() -> tuple[dict[str, KnownLead], dict[str, float]]:
        return known(floor, reader, weights, now), chances(draws(floor))

    def check(batch: Batch) -> Iterator[Batch | Fault]:
        yield from _checked(batch, *leads(), now)

    return {OUTCOME.name: check}


def _checked(
    batch: Batch, leads: dict[str, KnownLead], drawn: dict[str, float], now: datetime
) -> Iterator[Batch | Fault]:
    told = [(row, _wrong(row, leads, now)) for row in batch.rows.to_pylist()]
    good = [row for row, wrong in told if wrong is None]
    if good:
        yield Batch(OUTCOME, _completed(good, leads, drawn))
    yield from (Fault(row["locator"], wrong, TABLES["outcome"].line(row)) for row, wrong in told if wrong)


def _wrong(row: dict[str, Any], leads: dict[str, KnownLead], now: datetime) -> str | None:
    """Why a row waits, in a sentence; None where it does not."""
    if row["lead"] not in leads:
        return f"there is no lead {row['lead']!r} that you may see; `watchfloor leads --json` gives whole ids"
    if row["observed_at"] > now + AHEAD:
        return f"observed_at {row['observed_at'].date()} is still to come; an outcome is of what has happened"
    return None


def _completed(rows: list[dict[str, Any]], leads: dict[str, KnownLead], drawn: dict[str, float]) -> pa.Table:
    """Rows with what the floor knows of their leads, and under their leads' markings."""
    found = [(row, leads[row["lead"]]) for row in rows]
    whole = [row | _lead_columns(one, drawn.get(one.lead_id)) | {OWN: one.marking} for row, one in found]
    return pa.Table.from_pylist(whole, schema=_MARKED)


def _lead_columns(about: KnownLead, chance: float | None) -> dict[str, Any]:
    """Return the floor's facts of the lead, which an outcome repeats."""
    about_it = {"lead": about.lead_id, "hypothesis": about.hypothesis, "subjects": list(about.subjects)}
    return about_it | {"chance": chance}


_MARKED: Final = OUTCOME.body.append(pa.field(OWN, pa.string()))
