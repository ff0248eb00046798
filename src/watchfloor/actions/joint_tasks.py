"""Joint tasks of air and marine units: checked leg by leg, put on a clock, and issued as one task."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar

from watchfloor.actions import base, tasks
from watchfloor.actions.base import FILE, Answer, Context, Line, Request, action, argument, words
from watchfloor.actions.text import AnswerText
from watchfloor.casework.tasking import assets, units
from watchfloor.casework.tasking.ordering import TaskRequest
from watchfloor.cell.acts import minute
from watchfloor.core.marking import joined
from watchfloor.core.messages import Reason, reason
from watchfloor.core.subjects import subject
from watchfloor.planning.coverage import schedule, weather
from watchfloor.planning.coverage.axis import axis
from watchfloor.planning.patrols import joint, operations
from watchfloor.planning.patrols.joint import Basis, JointFile, Movement


class PlanJoint(Request, frozen=True):
    """The file of a joint task."""

    file: Annotated[
        Path | None, argument("FILE", "TOML of units, legs and meetings.", required=True, exists=FILE)
    ] = None


class JointLegView(Answer, frozen=True):
    """A leg of a joint task.

    Attributes:
        arrives, leaves: when; waits: minutes, for the others of its meeting.
        endurance: minutes that are left when it leaves.
        director, custody: who directs there, and whose law holds persons and things.
    """

    texts: ClassVar = "joint_plan"

    number: int
    unit: str
    asset: str
    role: Annotated[str, words("joint_plan.role_")]
    host: str
    latitude: float
    longitude: float
    arrives: datetime
    leaves: datetime
    waits: float
    endurance: float
    meeting: str
    hands_over: str
    takes_over: str
    director: str
    custody: str


class JointPlan(Answer, frozen=True):
    """A joint task on its clock.

    Attributes:
        unit: that leads; joins: that support it.
        legs: in the order of the file.
        instruction: as the task will have it.
        remarks: what could not be checked.
    """

    texts: ClassVar = "joint_plan"

    unit: str
    joins: list[str]
    legs: list[JointLegView]
    instruction: str
    marking: str
    remarks: list[str]

    def written_out(self, say: Any) -> Iterator[Line | base.Table]:
        """Yield the legs on the clock, and the instruction."""
        yield base.Table(
            "",
            (say(f"joint_plan.{name}") for name in COLUMNS),
            (
                (
                    str(one.number),
                    one.asset,
                    say(f"joint_plan.role_{one.role}"),
                    one.host,
                    minute(one.arrives),
                    minute(one.leaves),
                    str(round(one.endurance)),
                    one.meeting,
                )
                for one in self.legs
            ),
        )
        yield Line(self.instruction)
        yield Line(self.marking)


COLUMNS = ("number", "asset", "role", "host", "arrives", "leaves", "endurance", "meeting")


@action("plan joint", "plan joint night.toml")
def plan(context: Context, ask: PlanJoint) -> JointPlan:
    """Check a joint task of air and marine units: range, fuel, landing, weather, readiness, law of each leg.

    Each leg has its time on the clock of all; who is first at a meeting waits there. A leg across the line is
    refused without its host country, officers and rule of custody, as the Integrated Cross-border Law
    Enforcement Operations Act has it. Nothing is issued; `plan issue` issues it.
    """
    answer, remarks, _ = _planned(context, ask)
    context.log_query("plan joint", legs=len(answer.legs), units=[answer.unit, *answer.joins])
    for remark in remarks:
        context.note(remark)
    return answer


@action("plan issue", "plan issue night.toml", writes=True, done="acts.given")
def issue(context: Context, ask: PlanJoint) -> tasks.TaskChange:
    """Issue a joint task to its units as one task, where `plan joint` finds nothing against it."""
    answer, remarks, found = _planned(context, ask)
    for remark in remarks:
        context.note(remark)
    fleet = assets.visible(context.floor.root, context.reader)
    order = joint.order_of(found, fleet, answer.instruction)
    first = found.leg[0].place
    return tasks.issue_asked(
        context,
        TaskRequest(
            order.form,
            order.unit,
            order.instruction,
            order.authority,
            subjects=found.subjects or (subject("place", "joint", f"{first[0]:.5f},{first[1]:.5f}"),),
            marking=answer.marking,
            starts=order.starts,
            deadline=max(one.leaves for one in answer.legs),
            place=f"{first[0]},{first[1]},0",
            legs=order.legs,
            joins=order.joins,
        ),
    )


def _planned(context: Context, ask: PlanJoint) -> tuple[JointPlan, list[Reason], JointFile]:
    assert ask.file is not None
    floor, reader, language = context.floor, context.reader, context.language
    found = joint.read(ask.file)
    ground = operations.load(floor.root).visible(reader)
    fleet, now = assets.visible(floor.root, reader), floor.now()
    duty = schedule.load(floor.root).visible(reader)
    basis = Basis(fleet, ground, ground.ready(now), duty, axis())
    table = units.load(floor.root)
    moves = joint.check(found, table, basis, now, language)
    start = found.begins.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    last = max(one.leaves for one in moves)
    hours = 1 + int((last - start) / timedelta(hours=1))
    skies = floor.read("weather", reader, columns=weather.COLUMNS, latest=True)
    places = {one.name: (one.latitude, one.longitude) for one in duty.station}
    sky = weather.read(skies, basis.where, start, hours, places)
    unknown = joint.see_weather(moves, basis, sky, start)
    remarks = [reason(joint.UNKNOWN_WEATHER, names=", ".join(unknown))] if unknown else []
    unstated = [name for name in dict.fromkeys(one.asset for one in found.leg) if name not in basis.ready]
    if unstated:
        remarks.append(reason(joint.UNSTATED, names=", ".join(unstated)))
    marking = joined(
        {found.marking, *(fleet[one.asset].marking for one in found.leg), *ground.markings} - {""}
    )
    names = list(dict.fromkeys(one.unit for one in found.leg))
    answer = JointPlan(
        unit=names[0],
        joins=names[1:],
        legs=[_view(one) for one in moves],
        instruction=_instruction(context, found, moves),
        marking=marking,
        remarks=[one.render(language) for one in remarks],
    )
    return answer, remarks, found


def _view(one: Movement) -> JointLegView:
    leg = one.leg
    return JointLegView(
        number=one.number,
        unit=leg.unit,
        asset=leg.asset,
        role=leg.role,
        host=leg.host,
        latitude=leg.place[0],
        longitude=leg.place[1],
        arrives=one.arrives.astimezone(UTC),
        leaves=one.leaves.astimezone(UTC),
        waits=round(one.waits / 60, 1),
        endurance=round(one.left / 60, 1),
        meeting=leg.meeting,
        hands_over=leg.hands_over,
        takes_over=leg.takes_over,
        director=leg.director or "",
        custody=leg.custody or "",
    )


def _instruction(context: Context, found: JointFile, moves: Sequence[Movement]) -> str:
    """Return the instruction of the task: what is asked, and each leg on a line."""
    say = AnswerText(context.language).say
    lines = [found.instruction]
    for one in moves:
        leg = one.leg
        line = say(
            "joint_plan.leg",
            number=one.number,
            asset=leg.asset,
            role=say(f"joint_plan.role_{leg.role}"),
            host=leg.host,
            place=f"{leg.place[0]:.5f}, {leg.place[1]:.5f}",
            arrives=minute(one.arrives),
            leaves=minute(one.leaves),
        )
        if leg.meeting:
            line += " " + say("joint_plan.meets", meeting=leg.meeting)
        for what, key in ((leg.hands_over, "hands"), (leg.takes_over, "takes")):
            if what:
                line += " " + say(f"joint_plan.{key}", what=what)
        lines.append(line)
    return "\n".join(lines)
