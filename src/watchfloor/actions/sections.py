"""Sections of the line: their impact level, confidence and quality of data, and requests for information."""

from datetime import datetime, timedelta
from typing import Annotated, ClassVar

import msgspec

from watchfloor.actions import tasks
from watchfloor.actions.base import Answer, Context, Request, action, argument, option, words
from watchfloor.casework.life_cycle import Done
from watchfloor.casework.tasking.ordering import TaskRequest
from watchfloor.casework.tasking.tasks import Task
from watchfloor.casework.tasking.units import load
from watchfloor.cell.acts import Post
from watchfloor.cell.wording.dates import moment_of_field
from watchfloor.core.marking import joined
from watchfloor.planning.coverage import schedule, sections
from watchfloor.planning.coverage.estimate import LONGEST, coverage_of
from watchfloor.planning.coverage.schedule import Section
from watchfloor.planning.coverage.sections import Impact, Level

LevelWord = Annotated[str, words("coverage.level_")]


class RequestView(msgspec.Struct, frozen=True, kw_only=True):
    """A request for information: what was asked of whom by when, and the answer."""

    task: str
    unit: str
    question: str
    deadline: datetime | None
    state: str
    answer: str | None


class SectionView(Answer, frozen=True):
    """A section of the line.

    Attributes:
        km: where it begins and ends, kilometres.
        impact: level that a person set, or none; why, by and at are of the last act, edition its number.
        confidence: by `seen`, the average probability that a walker, or a boat on water, is seen.
        quality: by `known`, the share of what is looked at for which weather and ground are known.
        requests: for information, the last first.
    """

    texts: ClassVar = "coverage"
    columns: ClassVar = ("section", "title", "kilometres", "impact", "confidence", "quality", "asked")

    section: str
    title: str
    km: tuple[float, float]
    jurisdiction: str
    impact: LevelWord
    why: str
    by: str
    at: datetime | None
    edition: int
    confidence: LevelWord
    seen: float
    quality: LevelWord
    known: float
    requests: list[RequestView]
    marking: str

    kilometres = property(lambda self: f"{self.km[0]:g}-{self.km[1]:g}")
    asked = property(lambda self: ", ".join(f"{one.task} ({one.state})" for one in self.requests))


class SectionList(Answer, frozen=True):
    """Sections of the line, from the Pacific.

    Attributes:
        remarks: what is not in the evidence, and what to do.
        may_act: whether this person may write on this floor.
        units: names of the units that can be asked, by key.
    """

    sections: list[SectionView]
    marking: str
    remarks: list[str]
    may_act: bool
    units: dict[str, str]


class ImpactChange(Answer, frozen=True):
    """The impact level of a section, as an act left it."""

    texts: ClassVar = "coverage"
    columns: ClassVar = ("section", "impact", "edition", "by", "at", "why")

    section: str
    impact: LevelWord
    edition: int
    by: str
    at: datetime
    why: str
    marking: str
    position: int | None


class ListSections(Request, frozen=True):
    """Which hours the evidence is of."""

    since: Annotated[str, option("The first hour; else a day ago.", spelling="--from")] = ""
    hours: Annotated[int, option("How many hours.", minimum=1, maximum=LONGEST)] = 24


@action(
    "coverage sections",
    "coverage sections --from 2026-12-01T00:00Z --hours 24",
    past=True,
    rows="sections",
    empty="coverage.no_sections",
)
def list_(context: Context, ask: ListSections) -> SectionList:
    """List the sections of the line: impact level, confidence, quality of data and requests.

    Sections are in coverage.toml. A person sets the impact level; the others follow from evidence.
    """
    floor, reader = context.floor, context.reader
    since = moment_of_field(ask.since, "--from", first=True) or context.now - timedelta(hours=ask.hours)
    with context.busy("coverage.reading"):
        found = coverage_of(floor, reader, since, ask.hours, as_of=context.as_of)
    known, given = Impact.read(floor, reader, context.as_of), Task.read(floor, reader, context.as_of)
    views = []
    for one in sorted(found.plan.section, key=lambda each: each.km):
        evidence, impact = sections.evidence(found, one), known.get(one.name)
        mine = sections.requests(given.values(), one)
        markings = {one.marking, found.marking, *(task.order.marking for task in mine)}
        if impact:  # a section may have had another marking when its level was set
            markings.add(impact.marking)
        views.append(
            SectionView(
                section=one.name,
                title=one.called(context.language),
                km=one.km,
                jurisdiction=one.jurisdiction,
                impact=impact.state if impact else sections.NO_LEVEL,
                why=(impact.why or "") if impact else "",
                by=impact.by if impact else "",
                at=impact.at if impact else None,
                edition=impact.edition if impact else 0,
                confidence=evidence.confidence,
                seen=round(evidence.seen, 4),
                quality=evidence.quality,
                known=round(evidence.known, 4),
                requests=[_request(task, context) for task in mine],
                marking=joined(markings - {""}),
            )
        )
    context.log_query("sections", sections=[one.section for one in views], hours=ask.hours)
    table = load(context.floor.root)
    return SectionList(
        sections=views,
        marking=joined([one.marking for one in views]),
        remarks=[one.render(context.language) for one in found.remarks] if views else [],
        may_act=tasks.may_act(context),
        units={key: table.called(key, context.language) for key in table.units},
    )


def _request(task: Task, context: Context) -> RequestView:
    state = task.standing(context.now)
    return RequestView(
        task=task.id,
        unit=task.order.unit,
        question=task.order.instruction,
        deadline=task.order.deadline,
        state=state,
        answer=task.why if state in ("done", "refused") else None,
    )


class ActOnSection(Request, frozen=True):
    """An act about a section."""

    section: Annotated[str, argument("SECTION", "Its name in coverage.toml.")]
    edition: Annotated[
        int | None,
        option(
            "The edition you looked at, as `coverage sections` gives it; else the present one.", minimum=1
        ),
    ] = None
    why: Annotated[str, option("The reason, in your words.", required=True)] = ""


class SetImpact(ActOnSection, frozen=True):
    """The impact level of a section."""

    level: Annotated[Level, option("low, medium, high or critical.", required=True)] = "low"


@action(
    "coverage impact",
    'coverage impact red-river --level high --why "three groups in two nights"',
    writes=True,
    done="coverage.impact_set",
)
def impact(context: Context, ask: SetImpact) -> ImpactChange:
    """Set the impact level of a section of the line, with the reason. `coverage restore` takes it back."""
    section = _section(context, ask.section)
    with context.writer() as writer:
        post = Post(context.floor, context.reader, writer)
        return _changed(context, sections.set_level(post, section, ask.level, ask.edition, ask.why))


@action(
    "coverage restore",
    'coverage restore red-river --why "the report was of another river"',
    writes=True,
    done="coverage.impact_set",
)
def restore(context: Context, ask: ActOnSection) -> ImpactChange:
    """Put the impact level of a section back to the one before the last act."""
    section = _section(context, ask.section)
    with context.writer() as writer:
        post = Post(context.floor, context.reader, writer)
        return _changed(context, sections.restore(post, section, ask.edition, ask.why))


class AskAboutSection(Request, frozen=True):
    """A request for information about a section."""

    section: Annotated[str, argument("SECTION", "Its name in coverage.toml.")]
    unit: Annotated[str, option("Who is asked; `watchfloor cases task units` lists them.", required=True)] = (
        ""
    )
    question: Annotated[str, option("What you want to know.", required=True)] = ""
    deadline: Annotated[str, option("By when: a day (its end) or 2026-11-24T03:00Z.", required=True)] = ""
    task_authority: Annotated[
        str, option("The statute and section it rests on; without it, the one you act under.")
    ] = msgspec.field(default="", name="authority")


@action(
    "coverage request",
    'coverage request red-river --unit border-operations --authority "Customs Act s. 99" --question '
    '"Who patrols the west bank at night?" --deadline 2026-12-02',
    writes=True,
    done="acts.given",
)
def request(context: Context, ask: AskAboutSection) -> tasks.TaskChange:
    """Ask a unit for information about a section, by a deadline.

    It is a task, and its answer what the unit says with `cases task done --why`.
    """
    section = _section(context, ask.section)
    asked = TaskRequest(
        "task",
        ask.unit,
        ask.question,
        ask.task_authority or context.actor.authority,
        subjects=(sections.subject_of(section),),
        marking=section.marking,
        deadline=moment_of_field(ask.deadline, "deadline"),
    )
    return tasks.issue_asked(context, asked)


def _section(context: Context, name: str) -> Section:
    known = schedule.load(context.floor.root).visible(context.reader)
    return sections.pick(known.section, name)


def _changed(context: Context, done: Done[Impact]) -> ImpactChange:
    item = done.item
    return ImpactChange(
        section=item.id,
        impact=item.state,
        edition=item.edition,
        by=item.by,
        at=item.at,
        why=item.why or "",
        marking=item.marking,
        position=context.known_position(done.position),
    )
