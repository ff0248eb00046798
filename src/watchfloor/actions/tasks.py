"""Tasks, lookouts and targets: what units are asked to do about leads, and what they answer."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar, Final, Literal, get_args

import msgspec

from watchfloor.actions.base import (
    MOST_MINUTES,
    Answer,
    Context,
    Request,
    action,
    argument,
    note,
    option,
    screen,
    start_after,
    words,
)
from watchfloor.casework.life_cycle import Done, Make, act
from watchfloor.casework.tasking import assets, ordering, spots, tasks
from watchfloor.casework.tasking.legs import Leg, leg
from watchfloor.casework.tasking.ordering import TaskRequest, closed_until
from watchfloor.casework.tasking.tasks import State, Task, urgent
from watchfloor.casework.tasking.units import FORMS, Units, authorities, load
from watchfloor.casework.watch.repository import Draft
from watchfloor.cell import acts
from watchfloor.cell.acts import Post, Row, minute
from watchfloor.cell.wording.dates import moment_of_field
from watchfloor.core.marking import joined
from watchfloor.core.messages import declare
from watchfloor.policy import terms
from watchfloor.store.readers import NotPermitted, role

CLOSED: Final = ("done", "refused")
"""States that ask nothing any more."""

MOST: Final = 500
"""Tasks that a page may ask for."""

NEAR: Final = declare("cell.task-nearby", "number")
UNIT_CLOSED: Final = declare("cell.unit-closed", "unit", "at")
HANDED_OVER: Final = declare("cell.task-handed-over", "file")

StateWord = Annotated[str, words("tasks.state_")]
FormWord = Annotated[str, words("tasks.form_")]
FlagWord = Annotated[str, words("acts.flag_")]


class TaskView(Answer, frozen=True):
    """A task as it stands.

    Attributes:
        state: as of the moment asked for; `last_act` is what the last act made it.
        edition: number of acts on it.
        place: latitude and longitude in degrees, radius in metres.
        late: whether its deadline has passed.
    """

    texts: ClassVar = "tasks"
    columns: ClassVar[tuple[str, ...]] = (
        *("task", "form", "state", "edition", "unit", "instruction", "deadline", "flags", "last_act"),
        *("by", "at", "lead", "subjects", "authority", "starts", "asset", "joins", "legs"),
    )

    task: str
    form: FormWord
    state: StateWord
    edition: int
    unit: str
    lead: str | None
    subjects: list[str]
    instruction: str
    authority: str
    deadline: datetime | None
    place: tuple[float, float, float] | None
    starts: datetime | None
    legs: list[Leg]
    joins: list[str]
    asset: str | None
    flags: list[FlagWord]
    last_act: StateWord
    by: str
    at: datetime
    why: str | None
    marking: str
    unit_name: str
    late: bool


class TaskChange(TaskView, frozen=True):
    """A task as an act left it.

    Attributes:
        position: of the act in the log, for who may know it.
        near: numbers of the warnings that another task is near in place and time.
        opens: when the unit opens, if it is closed now and the task is new.
    """

    position: int | None
    near: tuple[str, ...] = ()
    opens: datetime | None = None


class TaskAct(Answer, frozen=True):
    """An act on a task and the record that it is kept in."""

    texts: ClassVar = "tasks"
    columns: ClassVar = ("edition", "at", "by", "state", "why", "record")

    edition: int
    state: StateWord
    at: datetime
    by: str
    why: str | None
    instruction: str
    deadline: datetime | None
    flags: list[FlagWord]
    record: str
    authority: str


class TaskHistory(TaskView, frozen=True):
    """A task with every act on it, the oldest first.

    Attributes:
        authorities: those that the unit's mandate names for the form.
        allowed: names of the acts that may follow.
        warnings: numbers of the warnings that another task is near, and when.
        may_act: whether this person may write on this floor.
        support: names of the units in support.
        opens: when the unit opens, if it is closed now.
    """

    columns: ClassVar = (*TaskView.columns, "history")

    history: list[TaskAct]
    authorities: list[str]
    allowed: list[str]
    warnings: list[tuple[str, datetime]]
    may_act: bool
    support: list[str]
    opens: datetime | None


class UnitView(Answer, frozen=True):
    """A unit: what it may be given under which authorities, and when it is open.

    Attributes:
        authorities: by form of task.
        opens: null if it is open now.
        status: how far the table of units may be trusted.
        open_tasks: how many ask something of it.
    """

    texts: ClassVar = "tasks"
    columns: ClassVar = ("unit", "name", "authorities", "assets", "opens")

    unit: str
    name: str
    authorities: Annotated[dict[str, list[str]], words("tasks.form_")]
    opens: datetime | None
    assets: list[str]
    clearance: str
    country: str
    status: str
    organisation: str
    hours: dict[str, str]
    zone: str
    telephone: str
    open_tasks: int = 0


class TaskDraft(Answer, frozen=True):
    """A task that one click gives; nothing needs to be typed.

    Attributes:
        telephone: of the unit; empty where `units.toml` has none.
        authority: that covers it, the first of all `authorities` under which the unit can be given a task.
        minutes: within which it is to be done; `choices`: what else is offered.
        place: latitude, longitude and metres around it; empty where none is known.
        assets: what the unit has to send.
        opens: when the unit opens, if it is closed now; `zone`: of its clock.
    """

    unit: str
    name: str
    telephone: str
    authority: str
    authorities: list[str]
    instruction: str
    minutes: int
    choices: list[int]
    place: str
    flags: list[FlagWord]
    assets: list[str]
    opens: datetime | None
    zone: str


CHOICES: Final = (15, 30, 60)
"""Minutes within which a task may be asked to be done."""


def draft_view(made: Draft, table: Units, context: Context, now: datetime) -> TaskDraft:
    """Return a task that can be given at once as an answer."""
    unit = table.units[made.unit]
    return TaskDraft(
        unit=made.unit,
        name=unit.called(context.language),
        telephone=unit.telephone,
        authority=made.authority,
        authorities=list(made.authorities),
        instruction=made.instruction,
        minutes=made.minutes,
        choices=sorted({*CHOICES, made.minutes}),
        place=made.place,
        flags=list(made.flags),
        assets=list(unit.assets),
        opens=closed_until(unit, now),
        zone=unit.zone,
    )


class UnitList(Answer, frozen=True):
    """The table of units; `status` says how far it may be trusted."""

    status: str
    units: list[UnitView]
    marking: str = ""


class TaskCount(msgspec.Struct, frozen=True, kw_only=True):
    """A choice of a filter and how many tasks it has."""

    value: str
    name: str
    count: int


class TaskList(Answer, frozen=True):
    """Tasks, the most urgent first.

    Attributes:
        marking: the join of what is shown.
        count: tasks that were asked for.
        tasks: those of this page.
        next: id to go on after; empty at the end.
        units, states: choices of the filters with their counts.
        table: every unit.
        status: how far the table of units may be trusted.
    """

    texts: ClassVar = "tasks"
    columns: ClassVar = ("task", "form", "state", "edition", "unit", "instruction", "deadline", "flags")

    marking: str
    count: int
    tasks: list[TaskView]
    next: str
    units: list[TaskCount]
    states: list[TaskCount]
    table: list[UnitView]
    status: str


class ListTasks(Request, frozen=True):
    """Which tasks."""

    unit: Annotated[str, option("Only of this unit.")] = ""
    lead: Annotated[str, option("Only on this lead; the start of its id.")] = ""
    state: Annotated[Literal[State, ""], option("Only in this state.")] = ""
    all: Annotated[bool, option("Also what is done or refused.")] = False
    after: Annotated[str, screen("The last task of the page before.")] = ""
    size: Annotated[int, screen("How many.")] = 0


@action(
    "task list",
    "task list --unit border-operations --as-of 120",
    past=True,
    rows="tasks",
    empty="tasks.empty",
)
def list_(context: Context, ask: ListTasks) -> TaskList:
    """List tasks that still ask something: life at risk first, then by deadline."""
    table = load(context.floor.root)
    found = sorted(Task.read(context.floor, context.reader, context.as_of).values(), key=urgent)
    chosen = [task for task in found if _is_asked(task, ask, context.now)]
    start = start_after([task.id for task in chosen], ask.after)
    size = min(ask.size, MOST) if ask.size > 0 else context.page_size or len(chosen)
    page = chosen[start : start + size]
    context.log_query("tasks", tasks=len(chosen), shown=[task.id for task in page])
    views = [task_view(task, table, context) for task in page]
    open_tasks = Counter(task.order.unit for task in found if task.standing(context.now) not in CLOSED)
    states = Counter(task.standing(context.now) for task in found)
    return TaskList(
        marking=joined([view.marking for view in views]),
        count=len(chosen),
        tasks=views,
        next=page[-1].id if start + size < len(chosen) else "",
        units=[
            TaskCount(value=unit, name=table.called(unit, context.language), count=open_tasks[unit])
            for unit in sorted({task.order.unit for task in found})
        ],
        states=[
            TaskCount(value=state, name=acts.words(state, context.language), count=states[state])
            for state in get_args(State)
        ],
        table=[unit_view(key, table, context, open_tasks[key]) for key in table.units],
        status=table.status,
    )


def _is_asked(task: Task, ask: ListTasks, now: datetime) -> bool:
    state = task.standing(now)
    return (
        ask.unit in ("", task.order.unit)
        and (task.order.lead or "").startswith(ask.lead)
        and (state == ask.state if ask.state else ask.all or state not in CLOSED)
    )


class ShowTask(Request, frozen=True):
    """Which task."""

    task: Annotated[str, argument("TASK", "The task's id, or its start.")]


@action("task show", "task show 5b1c --as-of 120", past=True)
def show(context: Context, ask: ShowTask) -> TaskHistory:
    """Show a task and every act on it, each with its record."""
    task = Task.find(context.floor, context.reader, ask.task, context.as_of)
    context.log_query("task", task=task.id)
    table, order = load(context.floor.root), task.order
    unit = table.units.get(order.unit)
    following = task.allowed(context.now)
    return TaskHistory(
        **_fields(task, table, context),
        history=[_act(row) for row in task.history],
        authorities=authorities(table, unit, order.form, context.language) if unit else [],
        allowed=[
            name
            for name, makes in MAKES.items()
            if makes in following and not (name == "hit" and order.form == "task")
        ],
        warnings=[
            (warning.number, warning.at)
            for warning in spots.warnings(context.floor, context.reader)
            if warning.task == task.id
        ],
        may_act=may_act(context),
        support=[table.called(name, context.language) for name in order.joins],
        opens=closed_until(unit, context.now) if unit else None,
    )


MAKES: Final = {"accept": "accepted", "refuse": "refused", "amend": "amended", "hit": "hit", "done": "done"}
"""The state that an act makes, by its name."""


def may_act(context: Context) -> bool:
    """Return whether the floor's policy lets this person write."""
    try:
        return role(context.floor.root, context.actor.name) not in terms.READS_ONLY
    except NotPermitted:
        return False


def _act(row: Row) -> TaskAct:
    same = {
        name: row[name] for name in ("edition", "state", "by", "why", "instruction", "deadline", "authority")
    }
    return TaskAct(**same, at=row["observed_at"], flags=list(row["flags"]), record=row["record_id"].hex())


class ListUnits(Request, frozen=True):
    """Nothing needs to be said."""


@action("task units", "task units --lang fr", settings_only=True, rows="units", title="tasks.units_status")
def units(context: Context, _: ListUnits) -> UnitList:
    """List the units: what they may be given, under which authorities, and whether they are open."""
    table = load(context.folder)
    return UnitList(status=table.status, units=[unit_view(key, table, context) for key in table.units])


def unit_view(key: str, table: Units, context: Context, open_tasks: int = 0) -> UnitView:
    """Return a unit as an answer."""
    unit = table.units[key]
    return UnitView(
        unit=key,
        name=unit.called(context.language),
        authorities={form: authorities(table, unit, form, context.language) for form in FORMS},
        opens=closed_until(unit, context.now),
        assets=list(unit.assets),
        clearance=unit.clearance,
        country=unit.country,
        status=table.status,
        organisation=unit.organisation,
        hours=dict(unit.hours),
        zone=unit.zone,
        telephone=unit.telephone,
        open_tasks=open_tasks,
    )


class IssueTask(Request, frozen=True):
    """An order to a unit."""

    lead_id: Annotated[str, argument("[LEAD]", "The lead's id, or its start.")] = ""
    unit: Annotated[str, option("Who is asked; `watchfloor cases task units` lists them.", required=True)] = (
        ""
    )
    instruction: Annotated[str, option("What is asked, in your words.", required=True)] = ""
    form: Annotated[Literal["task", "lookout", "target"], option("What it is to be.")] = "task"
    subject: Annotated[tuple[str, ...], option("A typed key, where there is no lead.")] = ()
    deadline: Annotated[str, option("By when: a day (its end) or 2026-11-24T03:00Z.")] = ""
    minutes: Annotated[
        int | None,
        option("Within how many minutes, where no deadline is given.", minimum=1, maximum=MOST_MINUTES),
    ] = None
    starts: Annotated[str, option("From when, as --deadline.")] = ""
    place: Annotated[str, option("Where: latitude,longitude[,metres around it].")] = ""
    leg: Annotated[
        tuple[str, ...],
        option(
            "A part in one country, of a task across the line: host=USA,medium=water,place=45.01,-74.72,"
            "vessel=NAME,officer=NAME,director=USA:NAME,custody=USA, over land authority=LAW. Repeatable.",
            metavar="KEY=VALUE,…",
        ),
    ] = ()
    joins: Annotated[tuple[str, ...], option("A unit that supports it. Repeatable.", metavar="UNIT")] = ()
    asset: Annotated[str, option("What is to be sent or pointed, as assets.toml names it.")] = ""
    flag: Annotated[
        tuple[str, ...], option("life-at-risk, officer-safety or fentanyl-hazard; may be given again.")
    ] = ()
    marking: Annotated[str, option("Its marking, such as PB//TLP:AMBER; never below its subject's.")] = ""
    task_authority: Annotated[
        str, option("The statute and section it rests on; without it, the one you act under.")
    ] = msgspec.field(default="", name="authority")
    seen: Annotated[str | None, screen("What the page showed last, as its form has it.")] = None
    anyway: Annotated[bool, screen("Also where something was done meanwhile.")] = False


@action(
    "task issue",
    'task issue 3f2a --unit border-operations --authority "Customs Act s. 99" --instruction "Examine the '
    'parcel, double gloves" --deadline 2026-11-25 --flag fentanyl-hazard',
    writes=True,
    done="acts.given",
)
def issue(context: Context, ask: IssueTask) -> TaskChange:
    """Give a unit a task, under an authority that its mandate names. Flags of earlier tasks are inherited.

    With a place, both commanders are warned where another task is near in place and time, whoever may see it.
    A task across the line says of each country who directs there and whose law holds (--leg).
    """
    within = context.now + timedelta(minutes=ask.minutes) if ask.minutes else None
    asked = TaskRequest(
        ask.form,
        ask.unit,
        ask.instruction,
        ask.task_authority or context.actor.authority,
        context.lead(ask.lead_id) if ask.lead_id else None,
        ask.subject,
        ask.marking or None,
        moment_of_field(ask.deadline, "deadline") or within,
        moment_of_field(ask.starts, "starts"),
        ask.place or None,
        ask.flag,
        ask.seen,
        ask.anyway,
        legs=legs_of(ask.leg),
        joins=tuple(filter(None, ask.joins)),
        asset=ask.asset or None,
    )
    return issue_asked(context, asked)


def issue_asked(context: Context, asked: TaskRequest) -> TaskChange:
    """Give a unit a task, warn who must be warned, and hand it to the live floor."""
    return announce(context, give(context, asked))


def announce(context: Context, change: Done[Task]) -> TaskChange:
    """Warn who must be warned of a task that was given, and hand it to the live floor."""
    from watchfloor.planning.sending import hand_over  # the planner loads scipy, for which no list waits

    view = warn(context, change)  # first: a full disk keeps the message back, and not the warning
    if file := hand_over(context.floor, change.item):
        note(context, HANDED_OVER, file=file.name)
    return view


def give(context: Context, asked: TaskRequest) -> Done[Task]:
    """Give a unit a task. Raises `Refusal`."""
    table, language = load(context.floor.root), context.language
    with context.writer() as writer:
        return ordering.give(context.floor, writer, context.reader, table, asked, language)


def warn(context: Context, change: Done[Task]) -> TaskChange:
    """Warn of what is near a new task and of a closed unit; return the task as an answer."""
    table, task = load(context.floor.root), change.item
    near = ordering.warn(context.floor, context.reader, context.actor.authority, task)
    for number in near:
        note(context, NEAR, number=number)
    unit = table.unit(task.order.unit)
    opens = closed_until(unit, change.at)
    if opens:
        note(context, UNIT_CLOSED, unit=unit.called(context.language), at=minute(opens))
    return TaskChange(
        **_fields(task, table, context),
        position=context.known_position(change.position),
        near=tuple(near),
        opens=opens,
    )


def legs_of(texts: Iterable[str]) -> tuple[Leg, ...]:
    """Return legs as they are typed, one a line. Raises `Refusal`."""
    return tuple(leg(line) for text in texts for line in text.splitlines() if line.strip())


class ActOnTask(Request, frozen=True):
    """An act on a task."""

    task: Annotated[str, argument("TASK", "The task's id, or its start.")]
    edition: Annotated[
        int | None,
        option("The edition you looked at, as `cases task show` gives it; else the present one.", minimum=1),
    ] = None
    why: Annotated[str, option("The reason, in your words.")] = ""
    anyway: Annotated[bool, screen("Also where somebody acted on it meanwhile.")] = False


class AmendTask(ActOnTask, frozen=True):
    """A change of a task; what is left empty stays. Flags are added: a danger is never amended away.

    Legs and units in support, where any is given, take the place of those before.
    """

    instruction: Annotated[str, option("What is asked now.")] = ""
    deadline: Annotated[str, option("By when: a day (its end) or 2026-11-24T03:00Z.")] = ""
    task_authority: Annotated[str, option("The statute and section it rests on now.")] = msgspec.field(
        default="", name="authority"
    )
    flag: Annotated[
        tuple[str, ...], option("life-at-risk, officer-safety or fentanyl-hazard; may be given again.")
    ] = ()
    leg: Annotated[
        tuple[str, ...], option("As `cases task issue --leg`. Repeatable.", metavar="KEY=VALUE,…")
    ] = ()
    joins: Annotated[tuple[str, ...], option("A unit that supports it. Repeatable.", metavar="UNIT")] = ()


@action("task accept", "task accept 5b1c --edition 1", writes=True, done="tasks.said")
def accept(context: Context, ask: ActOnTask) -> TaskChange:
    """Take a task on for the unit."""
    return _act_on(context, ask, lambda task, on, by, now: tasks.accept(task, on, by, now, ask.why or None))


@action(
    "task refuse",
    'task refuse 5b1c --edition 1 --why "no vessel can be there before 06:00"',
    writes=True,
    done="tasks.said",
)
def decline(context: Context, ask: ActOnTask) -> TaskChange:
    """Refuse a task for the unit, with the reason."""
    return _act_on(context, ask, lambda task, on, by, now: tasks.decline(task, on, by, now, ask.why))


@action("task done", "task done 5b1c --edition 2", writes=True, done="tasks.said")
def finish(context: Context, ask: ActOnTask) -> TaskChange:
    """Say that a task is done. What came of the lead is an outcome, and recorded as one."""
    return _act_on(context, ask, lambda task, on, by, now: tasks.finish(task, on, by, now, ask.why or None))


@action(
    "task hit",
    'task hit 5b1c --edition 2 --why "at the line in Lacolle, 03:12, referred inside"',
    writes=True,
    done="tasks.said",
)
def hit(context: Context, ask: ActOnTask) -> TaskChange:
    """Say that a lookout or a target was met, and what happened. It stays open until it is done."""
    return _act_on(context, ask, lambda task, on, by, now: tasks.hit(task, on, by, now, ask.why))


@action(
    "task amend",
    'task amend 5b1c --edition 2 --deadline 2026-11-26 --why "the vessel is late"',
    writes=True,
    done="tasks.said",
)
def amend(context: Context, ask: AmendTask) -> TaskChange:
    """Change what is asked; the unit must accept it again. A refused or expired task is opened again so.

    Legs and units in support, where any is given, take the place of those before.
    """
    change = tasks.Change(
        ask.instruction or None,
        moment_of_field(ask.deadline, "deadline"),
        ask.task_authority or None,
        ask.flag,
        legs_of(ask.leg) or None,
        tuple(filter(None, ask.joins)) or None,
    )
    table, fleet = load(context.floor.root), assets.visible(context.floor.root, context.reader)

    def make(task: Task, on: int, by: str, now: datetime) -> Row:
        return tasks.amend(table, task, on, change, by, now, ask.why, context.language, fleet)

    return _act_on(context, ask, make)


def _act_on(context: Context, ask: ActOnTask, make: Make[Task]) -> TaskChange:
    """Act on the edition that was looked at. Raises `Conflict` where it is no longer the last."""
    edition = None if ask.anyway else ask.edition
    with context.writer() as writer:
        done = act(Post(context.floor, context.reader, writer), Task, ask.task, edition, make)
    table = load(context.floor.root)
    position = context.known_position(done.position)
    return TaskChange(**_fields(done.item, table, context), position=position)


def task_view(task: Task, table: Units, context: Context) -> TaskView:
    """Return a task as an answer."""
    return TaskView(**_fields(task, table, context))


def _fields(task: Task, table: Units, context: Context) -> dict[str, Any]:
    """Return the fields of a `TaskView`."""
    order, state = task.order, task.standing(context.now)
    return {
        "task": task.id,
        "form": order.form,
        "state": state,
        "edition": task.edition,
        "unit": order.unit,
        "lead": order.lead,
        "subjects": list(order.subjects),
        "instruction": order.instruction,
        "authority": order.authority,
        "deadline": order.deadline,
        "place": order.place,
        "starts": order.starts,
        "legs": list(order.legs),
        "joins": list(order.joins),
        "asset": order.asset,
        "flags": list(order.flags),
        "last_act": task.state,
        "by": task.by,
        "at": task.at,
        "why": task.why,
        "marking": order.marking,
        "unit_name": table.called(order.unit, context.language),
        "late": state == "expired",
    }
