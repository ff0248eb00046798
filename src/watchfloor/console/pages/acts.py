"""Acts about a lead, done and possible: decisions, merges, tasks, outcomes, notes.

Every form carries what its page showed of what was done about the lead. Whoever acts after somebody else did,
in another window too, is told what that was first.
"""

from dataclasses import replace
from datetime import datetime
from functools import wraps
from typing import Any, Final

import msgspec

from watchfloor.actions import decisions, outcomes
from watchfloor.actions.outcomes import OutcomeView, says
from watchfloor.actions.tasks import (
    TaskDraft,
    TaskView,
    UnitView,
    draft_view,
    issue,
    may_act,
    task_view,
    unit_view,
)
from watchfloor.actions.watch import AlertView, EntryChange, Log, RaiseAlert, raise_alert
from watchfloor.casework.decisions import conflicts
from watchfloor.casework.decisions.deciding import Behind, listed_behind, standing
from watchfloor.casework.decisions.identities import held_by
from watchfloor.casework.flags import ordered
from watchfloor.casework.tasking.ordering import flags_of, marked
from watchfloor.casework.tasking.tasks import OPEN, Task
from watchfloor.casework.tasking.units import Units
from watchfloor.casework.tasking.units import load as load_units
from watchfloor.casework.watch import repository
from watchfloor.casework.watch.watch import place_of
from watchfloor.cell.identity.merges import Pair
from watchfloor.cell.judgements import Row
from watchfloor.cell.leads import Lead
from watchfloor.cell.learning.outcomes import standing as standing_outcomes
from watchfloor.console.endpoints.endpoint import Asker, Done, Endpoint
from watchfloor.console.endpoints.request_parsing import refuse_missing
from watchfloor.core.marking import joined
from watchfloor.core.results import RESULTS

PUBLISHED: Final = 40
"""Subjects of a lead that a form offers to choose from."""


class DecisionView(msgspec.Struct, frozen=True):
    """A decision that stands: what, by whom, why, when, and until when."""

    verdict: str
    by: str
    why: str
    at: datetime
    until: datetime | None


class Listed(msgspec.Struct, frozen=True):
    """A subject of the lead, the listed entity that it resembles, and what is decided about the two."""

    subject: str
    entity: str
    name: str
    list_id: str
    decided: DecisionView | None


class JoinView(msgspec.Struct, frozen=True):
    """Two subjects that somebody joined or holds apart; `id` is of the record that says so."""

    id: str
    one: str
    other: str
    verdict: str
    by: str
    why: str
    at: datetime


class Acts(msgspec.Struct, frozen=True):
    """Content of the forms of a lead's page.

    Attributes:
        marking: the join of what is told here.
        may: whether the floor's policy lets this person act at all.
        seen: what the page shows last of what was done, for the forms to carry.
        listed: listed entities behind the lead, and what is decided.
        subjects: of the lead, to choose from.
        held: merges, and what holds subjects apart.
        units: that may be given a task; `status`: how far their table may be trusted.
        flags: that a task on the lead inherits.
        tasks: that are open.
        results: what may come of a lead, each with what it says.
        outcomes: that were reported.
        place: where the lead is, as a task's place is written; empty where that is not known.
        offered: the task that it offers to give first; null where no unit of the table is wanted for it.
        drafts: the same for each other unit, those that are open first.
        alert: that is open on its matter; null: none that who asks may see.
        orders: standing orders that stand beside an alert about it, each with its name.
        nobody: whether nobody is on call in any role, as far as who asks may know.
    """

    marking: str
    may: bool
    seen: str
    listed: list[Listed]
    subjects: list[str]
    held: list[JoinView]
    units: list[UnitView]
    status: str
    flags: list[str]
    tasks: list[TaskView]
    results: list[tuple[str, str]]
    outcomes: list[OutcomeView]
    place: str
    offered: TaskDraft | None
    drafts: list[TaskDraft]
    alert: AlertView | None
    orders: list[str]
    nobody: bool


def acts_of(asker: Asker, lead: Lead) -> Acts:
    """Return the acts about a lead, done and possible."""
    floor, reader = asker.floor, asker.reader
    ids, subjects = conflicts.names(lead)
    done = conflicts.done(floor, reader, ids, subjects)
    behind = listed_behind(floor, reader, lead)
    decided = standing(floor, reader, behind, asker.at)
    held = [one for one in held_by(floor, reader, asker.at) if one.concerns(subjects)]
    given = [
        one
        for one in Task.read(asker.floor, asker.reader).values()
        if one.order.lead in ids and one.standing(asker.at) in (*OPEN, "expired")
    ]
    said = [row for row in standing_outcomes(floor, reader) if row["lead"] in ids]
    table, log = load_units(floor.root), Log(asker)
    flags, place = flags_of(floor, reader, lead.lead_id, subjects), place_of(lead)
    why, (wanted, dangers) = _why(asker, lead), log.chain.task_of_lead(lead.hypothesis)
    flags = ordered([*dangers, *flags])
    first, others = repository.drafts(table, wanted, why, place, flags, asker.at, asker.language)
    standing_alert = next((one for one in log.alerts() if not subjects.isdisjoint(one.subjects)), None)
    if standing_alert:
        log.query_alerts([standing_alert])
    shown = [
        *(one.marking for one in done),
        *(one.marking for one in held),
        *(one.order.marking for one in given),
        *(row["marking"] for row in (*said, *filter(None, decided))),
        *([standing_alert.marking] if standing_alert else []),
    ]
    return Acts(
        marking=joined([lead.marking, *(one.item["marking"] for one in behind), *shown]),
        may=may_act(asker),
        seen=conflicts.last(done),
        listed=[_listed(one, row) for one, row in zip(behind, decided, strict=True)],
        subjects=list(lead.subjects or (lead.subject,))[:PUBLISHED],
        held=[_held(one) for one in held],
        units=units(table, asker),
        status=table.status,
        flags=flags,
        tasks=[task_view(one, table, asker) for one in given],
        results=[(name, says(name, asker.language)) for name in RESULTS],
        outcomes=[outcomes.view(row, asker.language) for row in said],
        place=first[0].place if first else others[0].place if others else "",
        offered=draft_view(first[0], table, asker, asker.at) if first else None,
        drafts=[draft_view(one, table, asker, asker.at) for one in (*first[1:], *others)],
        alert=standing_alert,
        orders=[one.shown(asker.language) for one in log.chain.orders(flags, why)],
        nobody=log.nobody(),
    )


def _why(asker: Asker, lead: Lead) -> str:
    """Return the sentence of what speaks for a lead most."""
    return next(iter(lead.speaks_for), lead.contributions[0]).reason.render(asker.language)


def _listed(one: Behind, row: Row | None) -> Listed:
    decided = _decided(row) if row else None
    return Listed(one.subject, one.item["entity_id"], one.item["name"], one.item["list_id"], decided)


def _decided(row: Row) -> DecisionView:
    return DecisionView(row["verdict"], row["decided_by"], row["why"], row["observed_at"], row["expires_at"])


def _held(one: Pair) -> JoinView:
    return JoinView(one.record_id.hex(), one.one, one.other, one.verdict, one.by, one.why, one.at)


def units(table: Units, asker: Asker) -> list[UnitView]:
    """Return the units that may be given something."""
    return [unit_view(key, table, asker) for key, unit in table.units.items() if unit.mandate]


class NoteAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of the log of the watch about a lead.

    Attributes:
        lead_id: the lead's id, or the start of it.
        seen, anyway: of every form of the page; a line is beside what others did, whatever that was.
        text: of the line; its flags go to every later task, and its marking is never below the lead's.
    """

    lead_id: str
    seen: str | None = None
    anyway: bool = False
    text: str = ""
    flag: list[str] = []
    marking: str = ""


def note(asker: Asker, ask: NoteAsk) -> Done:
    """Write a line about a lead into the log of the watch."""
    lead = asker.lead(ask.lead_id)
    about = repository.About(lead.lead_id, marked(lead, ask.marking or None))
    with asker.writer() as writer:
        repository.note(repository.Post(asker.floor, asker.reader, writer), ask.text, about, ask.flag)
    return Done(asker.t("acts.noted"), marking=about.marking)


class AlertAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An alert about a lead.

    Attributes:
        lead_id: the lead's id, or the start of it.
        text: what it says; its marking is the lead's.
        flag: dangers.
        to: who must acknowledge it; else who is on call first.
        anyway: also where an alert on the same matter is open.
    """

    lead_id: str
    text: str = ""
    flag: list[str] = []
    to: str = ""
    anyway: bool = False


def alert(asker: Asker, ask: AlertAsk) -> EntryChange:
    """Raise an alert about a lead: its place goes with it, and the standing orders that fit are shown."""
    lead = asker.lead(ask.lead_id)
    said = RaiseAlert(text=ask.text, about=lead.lead_id, flag=tuple(ask.flag), to=ask.to, anyway=ask.anyway)
    return raise_alert(asker, said)


def _on_a_lead(endpoint: Endpoint) -> Endpoint:
    """Let a form of a lead's page act on a lead alone, and not on a subject's key in its place."""

    @wraps(endpoint.call)
    def call(asker: Asker, ask: Any) -> Any:
        asker.lead(ask.lead_id)
        if isinstance(ask, decisions.MergePair) and not ask.verdict:
            refuse_missing("verdict")
        return endpoint.call(asker, ask)

    return replace(endpoint, call=call)


ENDPOINTS: Final = (
    Endpoint.for_action(decisions.decide, "/leads/{lead_id}/decide", name="lead.decide", within="lead"),
    _on_a_lead(
        Endpoint.for_action(decisions.merge, "/leads/{lead_id}/merge", name="lead.merge", within="lead")
    ),
    _on_a_lead(
        Endpoint.for_action(decisions.unmerge, "/leads/{lead_id}/unmerge", name="lead.unmerge", within="lead")
    ),
    Endpoint.for_action(outcomes.report, "/leads/{lead_id}/outcome", name="lead.outcome", within="lead"),
    Endpoint.for_action(issue, "/leads/{lead_id}/task", within="lead"),
    Endpoint.for_action(
        raise_alert, "/leads/{lead_id}/alert", name="lead.alert", asks=AlertAsk, call=alert, within="lead"
    ),
    Endpoint("lead.note", "POST", "/leads/{lead_id}/note", NoteAsk, Done, note, within="lead"),
)
