"""Several leads at once, each by itself: each needs a reason of its own, and is done or not by itself."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

import msgspec
import numpy as np

from watchfloor.actions import decisions
from watchfloor.actions.tasks import UnitView, issue_asked, may_act
from watchfloor.casework.decisions import conflicts
from watchfloor.casework.decisions.deciding import Decision, listed_behind
from watchfloor.casework.tasking import ordering
from watchfloor.casework.tasking.units import load as load_units
from watchfloor.cell.acts import Conflict, refuse
from watchfloor.cell.leads import Lead
from watchfloor.cell.queue import NoLead
from watchfloor.cell.weighing.weights import load
from watchfloor.cell.wording.dates import moment_of_field
from watchfloor.cell.wording.titles import Title
from watchfloor.console.endpoints.endpoint import Asker, Endpoint, Left, Several
from watchfloor.console.endpoints.failures import EXPECTED, failure
from watchfloor.console.pages.acts import units
from watchfloor.core.marking import joined
from watchfloor.core.messages import declare
from watchfloor.store.readers import NotPermitted

MOST: Final = 100
"""Leads that are taken up at once."""

TOO_MANY: Final = declare("console.bulk-too-many", "count", "most")
NONE: Final = declare("console.bulk-none")


class BulkAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which leads, by their ids, and whether they are to be decided or given to a unit."""

    lead: list[str] = []
    what: Literal["decide", "task"] = "decide"


class Ticked(msgspec.Struct, frozen=True):
    """A lead that was ticked: what it is, and what its form carries of what was done about it."""

    lead_id: str
    subject: str
    title: Title
    hypothesis_title: str
    probability: float
    reason: str
    listed: list[str]
    seen: str
    marking: str


class BulkPage(msgspec.Struct, frozen=True):
    """The leads that were ticked, and what their forms need.

    Attributes:
        marking: the join of what is shown.
        leads: those that were ticked.
        gone: ids of those that are none any more, or not for this reader.
        units: that may be given a task; `status`: how far their table may be trusted.
        may: whether the floor's policy lets this person act at all.
    """

    marking: str
    leads: list[Ticked]
    gone: list[str]
    units: list[UnitView]
    status: str
    may: bool


def bulk(asker: Asker, ask: BulkAsk) -> BulkPage:
    """Several leads to decide, or to give to a unit: each with a reason of its own."""
    if len(ask.lead) > MOST:
        refuse(TOO_MANY, count=len(ask.lead), most=MOST)
    picture = asker.services.pictures.current(asker.reader, asker.at, asker.patience).picture
    found: dict[str, Ticked] = {}
    gone = []
    for lead_id in dict.fromkeys(ask.lead):
        try:
            row, one = picture.find(lead_id)
            found[one.lead_id] = _ticked(asker, one, picture.listed(np.array([row]))[0])
        except NoLead:
            gone.append(lead_id)
    asker.log_query("leads", leads=len(picture), digest=picture.about.digest, shown=list(found))
    marking, table = joined([one.marking for one in found.values()]), load_units(asker.floor.root)
    return BulkPage(
        marking,
        list(found.values()),
        gone,
        units(table, asker),
        table.status,
        may_act(asker),
    )


def _ticked(asker: Asker, one: Lead, row: Mapping[str, Any]) -> Ticked:
    behind = listed_behind(asker.floor, asker.reader, one)
    done = conflicts.done(asker.floor, asker.reader, *conflicts.names(one))
    return Ticked(
        one.lead_id,
        one.subject,
        row["title"],
        load().hypotheses[one.hypothesis].called(asker.language),
        one.probability,
        one.contributions[0].reason.render(asker.language),
        list(dict.fromkeys(f"{each.item['name']} ({each.item['list_id']})" for each in behind)),
        conflicts.last(done),
        joined(
            [
                one.marking,
                *filter(None, [row["called_marking"]]),
                *(each.item["marking"] for each in behind),
            ]
        ),
    )


class One(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Statement on one lead.

    Attributes:
        why: the reason, or of a task the instruction, in words.
        seen: what the page showed last of it.
        anyway: also where something was done meanwhile.
        skip: leave this one out.
    """

    why: str = ""
    seen: str | None = None
    anyway: bool = False
    skip: bool = False


class DecideAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A decision about several leads: by lead, each with its reason."""

    answer: Literal["different", "same", "undo"]
    until: str = ""
    leads: dict[str, One] = {}


class TaskAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A request to a unit about several leads: by lead, each with its instruction."""

    unit: str = ""
    form: Literal["task", "lookout", "target"] = "task"
    authority: str = ""
    deadline: str = ""
    leads: dict[str, One] = {}


def decide(asker: Asker, ask: DecideAsk) -> Several:
    """Decide about several leads, each by itself and with a reason of its own."""
    until, wrote = moment_of_field(ask.until, "until"), []

    def act(lead: Lead, one: One) -> None:
        decision = Decision(ask.answer, one.why, None, None, until, one.seen, one.anyway, asker.at)
        if not (change := decisions.record(asker, lead, decision)).already:
            wrote.append(change.marking)

    done = _each(asker, ask.leads, act)
    if wrote:
        asker.run_desks(joined(wrote))
    return done


def give(asker: Asker, ask: TaskAsk) -> Several:
    """Give a unit a task on each of several leads, each with an instruction of its own."""
    deadline = moment_of_field(ask.deadline, "deadline")

    def act(lead: Lead, one: One) -> None:
        asked = ordering.TaskRequest(
            ask.form,
            ask.unit,
            one.why,
            ask.authority,
            lead,
            deadline=deadline,
            seen=one.seen,
            anyway=one.anyway,
            begun=asker.at,
        )
        issue_asked(asker, asked)

    return _each(asker, ask.leads, act)


def _each(asker: Asker, leads: Mapping[str, One], act: Callable[[Lead, One], None]) -> Several:
    """Do each by itself; what went wrong with one keeps none of the others."""
    mine = {lead_id: one for lead_id, one in leads.items() if not one.skip}
    if not mine:
        refuse(NONE)
    if len(mine) > MOST:
        refuse(TOO_MANY, count=len(mine), most=MOST)
    done: dict[str, Lead] = {}
    left: dict[str, Left] = {}
    for lead_id, one in mine.items():
        try:
            lead = asker.lead(lead_id)
            act(lead, one)
            done[lead_id] = lead
        except NotPermitted:
            raise
        except EXPECTED as error:
            told = failure(error, asker.services.words, asker.language, keeper=asker.session.administrator)
            left[lead_id] = Left(told.said, isinstance(error, Conflict))
    subjects = ", ".join(one.subject for one in done.values())
    said = asker.t("acts.bulk_done", n=len(done), subjects=subjects) if done else ""
    if left:
        said = f"{said} {asker.t('acts.bulk_left', n=len(left))}".strip()
    return Several(said, list(done), left, joined([one.marking for one in done.values()]))


ENDPOINTS: Final = (
    Endpoint("queue.bulk", "GET", "/leads/bulk", BulkAsk, BulkPage, bulk, page="bulk.html"),
    Endpoint(
        *("queue.bulk_decide", "POST", "/leads/bulk/decide", DecideAsk, Several, decide),
        within="queue.bulk",
        then=lambda *_: "/leads",
    ),
    Endpoint(
        *("queue.bulk_task", "POST", "/leads/bulk/task", TaskAsk, Several, give),
        within="queue.bulk",
        then=lambda *_: "/leads",
    ),
)
