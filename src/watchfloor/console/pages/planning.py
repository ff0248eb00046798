"""The planning page: patrols of the days to come as a map, a table and files, and what an observer gains."""

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec

from watchfloor.actions import patrols
from watchfloor.actions.patrols import MOST_DAYS, PatrolPlan, PlanPatrols
from watchfloor.cell.acts import NotFound, Refusal
from watchfloor.console.endpoints.endpoint import Asker, Endpoint, Preparing, Raw
from watchfloor.console.endpoints.failures import failure
from watchfloor.console.plans import MadePlan, Question
from watchfloor.core.messages import declare, reason

PLAN_GONE: Final = declare("console.plan-gone")
NO_FILE: Final = declare("console.plan-no-file", "name")
SECONDS: Final = 6
"""Seconds that a plan of a week takes on the exercise's floor, two cores."""
TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "gpx": "application/gpx+xml",
    "ics": "text/calendar; charset=utf-8",
    "json": "application/json",
}

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Hours = Annotated[float, msgspec.Meta(ge=0, le=168)]


class PlanningAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which days, by which seed and terms; `draw` tells draws without a seed apart."""

    since: str = ""
    days: Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS)] = 7
    seed: Annotated[str, msgspec.Meta(max_length=200)] = ""
    explore: Share = 0.1
    crew_hours: Hours = 48.0
    draw: Annotated[int, msgspec.Meta(ge=0)] = 0


class PlanningPage(msgspec.Struct, frozen=True):
    """Patrols of the days to come.

    Attributes:
        marking: of all that is shown.
        plan: None where none can be made, and `refused` says why.
        at: when it was made.
        pressed: share of what an adversary gains where no crew goes that the crews take away.
        more: exploitability as a share of the value; None of no value.
        crews: that have a tour.
        files: that can be kept.
    """

    marking: str
    plan: PatrolPlan | None
    refused: str
    at: datetime | None
    pressed: float
    more: float | None
    crews: list[str]
    files: list[str]


def planning(asker: Asker, ask: PlanningAsk) -> PlanningPage:
    """Show the tours of crews in the days to come, and what somebody gains who watches them."""
    try:
        made = asker.services.plans.plan(_question(asker, ask))
    except Refusal as error:  # the form is shown again with what was typed
        said = failure(error, asker.services.words, asker.language).said
        asker.log_query("plan patrols", since=ask.since, days=ask.days)
        return PlanningPage("", None, said, None, 0.0, None, [], [])
    plan = made.plan
    asker.log_query("plan patrols", **patrols.detail_of(plan))
    return PlanningPage(
        marking=plan.marking,
        plan=plan,
        refused="",
        at=made.at,
        pressed=1.0 - plan.attacker / plan.nobody if plan.nobody else 0.0,
        more=plan.exploitability / plan.value if plan.value else None,
        crews=sorted({one.crew for one in plan.tours}),
        files=list(patrols.files(plan, made.at)),
    )


class PlanFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of a plan that was looked at, by the commitment of its seed."""

    commitment: str
    name: str


def file(asker: Asker, ask: PlanFile) -> Raw:
    """Give a file of a plan that you looked at: calendar or route of a crew, or all as CSV or JSON."""
    made = kept(asker, ask.commitment)
    content = patrols.files(made.plan, made.at).get(ask.name)
    if content is None:
        raise NotFound(reason(NO_FILE, name=ask.name))
    asker.log_query("plan patrols", **patrols.detail_of(made.plan), file=ask.name)
    return Raw(content, TYPES[ask.name.rpartition(".")[2]], ask.name)


def kept(asker: Asker, commitment: str) -> MadePlan:
    """Return a plan that this reader looked at. Raises `NotFound` if it is no longer kept."""
    made = asker.services.plans.find(asker.reader, commitment)
    if made is None:
        raise NotFound(reason(PLAN_GONE))
    return made


def _question(asker: Asker, ask: PlanningAsk) -> Question:
    terms = {name: getattr(ask, name) for name in ("since", "days", "seed", "explore", "crew_hours")}
    return Question(asker.reader, asker.language, PlanPatrols(**terms), ask.draw)


def first_plan(asker: Asker, ask: Any) -> Preparing | None:
    """Begin a plan; None once it is there."""
    seconds = asker.services.plans.preparing(_question(asker, ask), asker.services.silence)
    return None if seconds is None else Preparing("plan", int(seconds), SECONDS)


ENDPOINTS: Final = (
    Endpoint(
        *("planning", "GET", "/planning", PlanningAsk, PlanningPage, planning),
        page="planning.html",
        script=True,
        prepares=first_plan,
    ),
    Endpoint("planning.file", "GET", "/planning/patrols/{commitment}/{name}", PlanFile, Raw, file),
)
