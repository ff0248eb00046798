"""Outcomes of leads, as officers report them."""

from datetime import datetime
from typing import Annotated, ClassVar

from watchfloor.actions.base import Answer, Context, Request, action, argument, option, screen, words
from watchfloor.casework.decisions import conflicts
from watchfloor.cell.acts import NotFound, pick
from watchfloor.cell.learning.outcomes import KnownLead, Row, closed, standing, standing_lead
from watchfloor.cell.wording.dates import moment_of_field
from watchfloor.core.marking import joined
from watchfloor.core.messages import Language, reason
from watchfloor.core.results import RESULTS

ResultWord = Annotated[str, words("acts.result_")]


class OutcomeView(Answer, frozen=True):
    """An outcome that stands.

    Attributes:
        true: whether it bears the hypothesis out; null if it says neither. `says` has why.
        chance: of the draw that chose the lead for an audit.
        report: the report that it is, or corrects; `record` is kept of it.
    """

    texts: ClassVar = "outcomes"

    lead: str
    hypothesis: str
    subjects: list[str]
    result: ResultWord
    true: bool | None
    why: str | None
    by: str
    task: str | None
    chance: float | None
    observed_at: datetime
    says: str
    report: str
    source: str
    record: str
    marking: str


class OutcomeList(Answer, frozen=True):
    """Outcomes that stand, in the order of the log."""

    texts: ClassVar = "outcomes"
    columns: ClassVar = ("lead", "result", "says", "why", "by", "observed_at", "record")

    outcomes: list[OutcomeView]
    marking: str


class ListOutcomes(Request, frozen=True):
    """Which outcomes."""

    lead_id: Annotated[str, argument("[LEAD]", "The lead's id, or its start; without it, all.")] = ""


@action("outcome list", "outcome 3f2a", rows="outcomes", empty="outcomes.empty")
def list_(context: Context, ask: ListOutcomes) -> OutcomeList:
    """List what was reported."""
    rows = [row for row in standing(context.floor, context.reader) if row["lead"].startswith(ask.lead_id)]
    views = [view(row, context.language) for row in rows]
    context.log_query("outcomes", lead=ask.lead_id, rows=len(rows), shown=[one.record for one in views])
    return OutcomeList(outcomes=views, marking=joined([one.marking for one in views]))


def view(row: Row, language: Language) -> OutcomeView:
    """Return an outcome as an answer."""
    same = ("lead", "hypothesis", "subjects", "result", "true", "why", "by", "task", "chance", "observed_at")
    return OutcomeView(
        **{name: row[name] for name in (*same, "source", "marking")},
        says=says(row["result"], language),
        report=row["report_key"],
        record=row["record_id"].hex(),
    )


def says(result: str, language: Language) -> str:
    """Return what a result says of the hypothesis, and why."""
    return reason(RESULTS[result].why).render(language)


class ReportOutcome(Request, frozen=True):
    """An outcome of a lead."""

    lead_id: Annotated[str, argument("[LEAD]", "The lead's id, or its start; without it, all.")] = ""
    result: Annotated[
        str,
        argument(
            "[RESULT]",
            "seized, arrested, charged, cleared, unfounded, examined, not-examined or not-acted-on; "
            "without it, what was reported is listed.",
        ),
    ] = ""
    why: Annotated[str, option("What was found, in your words.")] = ""
    at: Annotated[str, option("When it was so: a day or a moment; now if not given.")] = ""
    task: Annotated[str, option("Id of the task it came of.")] = ""
    report: Annotated[
        str, option("The report it corrects, as --json lists it; else your own of this lead.")
    ] = ""
    seen: Annotated[str | None, screen("What the page showed last, as its form has it.")] = None
    anyway: Annotated[bool, screen("Also where something was done meanwhile.")] = False


class OutcomeChange(Answer, frozen=True):
    """An outcome as it was recorded; `position` is of the act in the log, for who may know it."""

    position: int | None
    lead: str
    hypothesis: str
    result: ResultWord
    true: bool | None
    says: str
    marking: str


@action(
    "outcome",
    'outcome 3f2a seized --why "1.2 kg in the parcel, lab file 881"',
    writes=True,
    weighs=True,
    listing=list_,
    done="acts.reported",
)
def report(context: Context, ask: ReportOutcome) -> OutcomeChange:
    """Report what came of a lead.

    Your later report of the same lead replaces your earlier one; another officer's stands beside it.
    """
    from watchfloor.cell.learning.outcome_entry import enter, reported  # loads what reads files of outcomes

    about = _known(context, ask.lead_id)
    at, by = moment_of_field(ask.at, "at"), context.actor.name
    with context.writer() as writer:
        now, task, corrected = writer.moment(), ask.task or None, ask.report or None
        outcome = reported(ask.result, ask.why, by, now, at, task, corrected)
        if ask.seen is not None and not ask.anyway:
            ids, subjects = conflicts.names(about.lead) if about.lead else ({about.lead_id}, set())
            conflicts.refuse_unseen(context.floor, context.reader, ids, subjects, ask.seen, context.language)
        position = enter(context.floor, writer, about, outcome, context.weights)
    return OutcomeChange(
        position=context.known_position(position),
        lead=about.lead_id,
        hypothesis=about.hypothesis,
        result=ask.result,
        true=RESULTS[ask.result].true,
        says=says(ask.result, context.language),
        marking=about.marking,
    )


def _known(context: Context, start: str) -> KnownLead:
    """Return the lead whose id starts so, also one that nothing speaks for any more. Raises `NotFound`."""
    try:
        return standing_lead(context.lead(start))
    except NotFound:
        return pick(closed(context.floor, context.reader, context.weights), start, "lead", "leads")
