"""The planning page: patrols of the days to come as a map, a table and files, and what an observer gains.

The plan is one that is made for the page, or one that was adopted; another is held against it.
"""

from datetime import date, datetime
from typing import Annotated, Final

import msgspec

from watchfloor.actions import patrols, plans
from watchfloor.actions.patrols import MOST_DAYS, MOST_REST, PatrolPlan, PatrolTerms
from watchfloor.actions.plans import AdoptedView, PlanDifference
from watchfloor.actions.tasks import may_act
from watchfloor.cell.acts import NotFound, Refusal
from watchfloor.console.endpoints.endpoint import Asker, Endpoint, Preparing, Raw
from watchfloor.console.endpoints.failures import failure
from watchfloor.console.plans import MadePlan, Question
from watchfloor.core.marking import joined
from watchfloor.core.messages import declare, reason
from watchfloor.planning.patrols.adoption import AdoptedPlan

PLAN_GONE: Final = declare("console.plan-gone")
NO_FILE: Final = declare("console.plan-no-file", "name")
SECONDS: Final = 6
"""Seconds that a plan of a week takes on the exercise's floor, two cores."""
TERMS: Final = "terms"
"""In place of a plan's id: one by the other terms that are asked for."""
TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "gpx": "application/gpx+xml",
    "ics": "text/calendar; charset=utf-8",
    "json": "application/json",
}

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Hours = Annotated[float, msgspec.Meta(ge=0, le=168)]
Rest = Annotated[float, msgspec.Meta(ge=0, le=MOST_REST)]
Seed = Annotated[str, msgspec.Meta(max_length=200)]


class PlanningAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which plan, and what is held against it.

    Attributes:
        since, days, seed, explore, crew_hours, rest, rehearse: see `PatrolTerms`; draw tells draws without
            a seed apart.
        adopted: id of an adopted plan that is shown instead.
        beside: id of an adopted plan that it is held against, or `terms`: one by `other_…`.
    """

    since: str = ""
    days: Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS)] = 7
    seed: Seed = ""
    explore: Share = 0.1
    crew_hours: Hours = 48.0
    rest: Rest = 8.0
    rehearse: bool = False
    draw: Annotated[int, msgspec.Meta(ge=0)] = 0
    adopted: str = ""
    beside: str = ""
    other_seed: Seed = ""
    other_explore: Share = 0.1
    other_crew_hours: Hours = 48.0


class PlanningPage(msgspec.Struct, frozen=True):
    """Patrols of the days to come.

    Attributes:
        marking: of all that is shown.
        plan: None where none can be made, and `refused` says why.
        at: when it was made, or adopted.
        pressed: share of what an adversary gains where no crew goes that the crews take away.
        more: exploitability as a share of the value; None of no value.
        files: that can be kept.
        adopted: plans that were adopted, the last days first.
        shown: that of them which is shown; None: the plan was made for this page.
        in_force: those that stand for one of its days, without itself.
        beside: both plans side by side; None without another, or `refused` says why.
        other: what it is held against, in words.
        may: whether this person may act.
    """

    marking: str
    plan: PatrolPlan | None
    refused: str
    at: datetime | None
    pressed: float
    more: float | None
    files: list[str]
    adopted: list[AdoptedView]
    shown: AdoptedView | None
    in_force: list[AdoptedView]
    beside: PlanDifference | None
    other: str
    may: bool


def planning(asker: Asker, ask: PlanningAsk) -> PlanningPage:
    """Show the tours of crews in the days to come, and what somebody gains who watches them."""
    listed, may = plans.views(asker), may_act(asker)
    refused, plan, at, beside, other = "", None, None, None, ""
    try:
        plan, at = _plan(asker, ask)
        asker.log_query("plan patrols", **patrols.detail_of(plan), beside=ask.beside or None)
        if ask.beside:
            against, other = _other(asker, ask)
            beside = plans.difference(plans.figures_of(against), plans.figures_of(plan), asker.language)
    except Refusal as error:  # the form is shown again with what was typed
        refused = failure(error, asker.services.words, asker.language).said
        asker.log_query("plan patrols", since=ask.since, days=ask.days)
    markings = {one.marking for one in listed} | {getattr(one, "marking", "") for one in (plan, beside)}
    shown = next((one for one in listed if ask.adopted and one.plan.startswith(ask.adopted)), None)
    standing = [one for one in listed if one.state == "adopted" and one is not shown]
    return PlanningPage(
        marking=joined(markings - {""}),
        plan=plan,
        refused=refused,
        at=at,
        pressed=1.0 - plan.attacker / plan.nobody if plan and plan.nobody else 0.0,
        more=plan.exploitability / plan.value if plan and plan.value else None,
        files=list(patrols.files(plan, at)) if plan and at else [],
        adopted=listed,
        shown=shown,
        in_force=[one for one in standing if plan and one.day <= _last(plan) and plan.day <= one.last],
        beside=beside,
        other=other,
        may=may,
    )


def _plan(asker: Asker, ask: PlanningAsk) -> tuple[PatrolPlan, datetime]:
    """Return the plan that is asked for, and when it was made or adopted. Raises `Refusal`."""
    if ask.adopted:
        return _adopted(asker, ask.adopted)
    made = asker.services.plans.plan(_question(asker, ask))
    return made.plan, made.at


def _adopted(asker: Asker, start: str) -> tuple[PatrolPlan, datetime]:
    one = AdoptedPlan.find(asker.floor, asker.reader, start)
    return plans.plan_of(one, plans.today_of(asker.floor)), one.at


def _other(asker: Asker, ask: PlanningAsk) -> tuple[PatrolPlan, str]:
    """Return the plan that another is held against, and what it is called. Raises `Refusal`."""
    if ask.beside != TERMS:
        return _adopted(asker, ask.beside)[0], asker.t("plans.beside_adopted", plan=ask.beside)
    plan = asker.services.plans.plan(_other_question(asker, ask)).plan
    return plan, asker.t("plans.beside_drawn", seed=plan.seed)


def _last(plan: PatrolPlan) -> date:
    return date.fromordinal(plan.day.toordinal() + plan.days - 1)


class PlanFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of a plan that was looked at, by the commitment of its seed."""

    commitment: str
    name: str


def file(asker: Asker, ask: PlanFile) -> Raw:
    """Give a file of a plan that you looked at: calendar or route of a crew, or all as CSV or JSON."""
    made = _kept(asker, ask.commitment)
    content = patrols.files(made.plan, made.at).get(ask.name)
    if content is None:
        raise NotFound(reason(NO_FILE, name=ask.name))
    asker.log_query("plan patrols", **patrols.detail_of(made.plan), file=ask.name)
    return Raw(content, TYPES[ask.name.rpartition(".")[2]], ask.name)


class AdoptKept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A plan that was looked at, by the commitment of its seed, and why it is adopted."""

    commitment: str
    why: str = ""


def adopt(asker: Asker, ask: AdoptKept) -> AdoptedView:
    """Adopt a plan that you looked at, for its days. Whoever plans one of them after you is told."""
    made = asker.services.plans.find(asker.reader, ask.commitment)
    if made is None:
        raise NotFound(reason(PLAN_GONE))
    return plans.adopted(asker, made.plan, ask.why)


def _kept(asker: Asker, commitment: str) -> MadePlan:
    """Return a plan that this reader looked at, or that was adopted. Raises `NotFound`."""
    if made := asker.services.plans.find(asker.reader, commitment):
        return made
    known = AdoptedPlan.read(asker.floor, asker.reader)
    for one in known.values():
        if one.first["commitment"] == commitment:
            return MadePlan(*_adopted(asker, one.id))
    raise NotFound(reason(PLAN_GONE))


def _question(asker: Asker, ask: PlanningAsk) -> Question:
    terms = {name: getattr(ask, name) for name in PatrolTerms.__struct_fields__}
    return Question(asker.reader, asker.language, PatrolTerms(**terms), ask.draw)


def _other_question(asker: Asker, ask: PlanningAsk) -> Question:
    terms = PatrolTerms(
        since=ask.since,
        days=ask.days,
        seed=ask.other_seed,
        explore=ask.other_explore,
        crew_hours=ask.other_crew_hours,
        rest=ask.rest,
        rehearse=ask.rehearse,
    )
    return Question(asker.reader, asker.language, terms, -1)


def first_plan(asker: Asker, ask: PlanningAsk) -> Preparing | None:
    """Begin the plans of the page; None once they are there."""
    wanted = [] if ask.adopted else [_question(asker, ask)]
    if ask.beside == TERMS:
        wanted.append(_other_question(asker, ask))
    for one in wanted:
        seconds = asker.services.plans.preparing(one, asker.services.silence)
        if seconds is not None:
            return Preparing("plan", int(seconds), SECONDS)
    return None


ENDPOINTS: Final = (
    Endpoint(
        *("planning", "GET", "/planning", PlanningAsk, PlanningPage, planning),
        page="planning.html",
        script=True,
        prepares=first_plan,
    ),
    Endpoint("planning.file", "GET", "/planning/patrols/{commitment}/{name}", PlanFile, Raw, file),
    Endpoint(
        *("planning.adopt", "POST", "/planning/adopt", AdoptKept, AdoptedView, adopt),
        within="planning",
        then=lambda _, done: f"/planning?adopted={done.plan}",
    ),
    Endpoint.for_action(plans.withdraw, "/planning/adopted/{plan}/withdraw", within="planning"),
    Endpoint.for_action(plans.list_, "/planning/adopted"),
)
