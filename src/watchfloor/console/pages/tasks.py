"""Tasks: what units are asked to do about leads, the most urgent first, and what they answer."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Final, Literal

import msgspec

from watchfloor.cell import moments
from watchfloor.cell.acting import assets, ordering, spots
from watchfloor.cell.acting import tasks as made
from watchfloor.cell.acting.acts import Conflict, Refused, Row, read, refuse, words
from watchfloor.cell.acting.legs import Leg, leg
from watchfloor.cell.acting.ordering import closed_until
from watchfloor.cell.acting.tasks import AFTER, STALE, Task, tasks, urgent
from watchfloor.cell.acting.units import FORMS, Unit, Units, authorities, load
from watchfloor.console.asking import YEARS
from watchfloor.console.endpoint import Asker, Done, Endpoint, NotHere
from watchfloor.console.html import joined
from watchfloor.records.kinds import TASK
from watchfloor.records.messages import Language, declare, reason
from watchfloor.release import terms
from watchfloor.store.lock import PATIENCE
from watchfloor.store.readers import NotPermitted, role

SIZE: Final = 100
CLOSED: Final = ("done", "refused")
"""States that ask nothing any more."""
STATES: Final = ("issued", "amended", "accepted", "hit", "expired", "refused", "done")

NO_WHEN: Final = declare(
    "console.no-when",
    en="{what_words} {text!r}: there is no such day or moment; write 2026-11-24 or 2026-11-24T03:00Z",
    fr="{what_words} {text!r} : ce jour ou ce moment n’existe pas; écrivez 2026-11-24 ou 2026-11-24T03:00Z",
)
NO_CURSOR: Final = declare(
    "console.no-task-cursor",
    en="this list cannot go on from there; begin it again",
    fr="cette liste ne peut pas continuer de là; recommencez-la",
)
CHANGED: Final = declare(
    "console.task-changed",
    en="This is no longer as you saw it: you acted on edition {made_on}, and edition {edition} was made by "
    "{by}, {at}: {state_words}{why}.",
    fr="Ce n’est plus comme vous l’avez vu : vous avez agi sur l’édition {made_on}, et l’édition {edition} a "
    "été faite par {by}, {at} : {state_words}{why}.",
)


def when(text: str, what: str) -> datetime | None:
    """A moment that a field says, a day meaning its end; None where it is empty. Refused where it is none."""
    if not text.strip():
        return None
    try:
        found = moments.moment(text.strip()).astimezone(UTC)
    except (Refused, OverflowError):
        refuse(NO_WHEN, what_words=what, text=text)
    if found.year not in YEARS:
        refuse(NO_WHEN, what_words=what, text=text)
    return found


def legs_of(texts: Iterable[str]) -> tuple[Leg, ...]:
    """Legs as fields say them, one a line. Raises `Refused`."""
    return tuple(leg(line) for text in texts for line in text.splitlines() if line.strip())


def rows_of(asker: Asker) -> list[Row]:
    """Acts on tasks that the asker may see, in the order of the log."""
    return read(asker.floor, asker.reader, TASK)


class TasksAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which tasks.

    Attributes:
        unit: only of this unit.
        state: only in this state.
        lead: only on this lead; the start of its id.
        all: also what is done or refused.
        after: id of the last task of the page before.
        size: how many.
    """

    unit: str = ""
    state: Literal["", "issued", "amended", "accepted", "hit", "expired", "refused", "done"] = ""
    lead: str = ""
    all: bool = False
    after: str = ""
    size: int = SIZE


class TaskLine(msgspec.Struct, frozen=True):
    """A task in the list.

    Attributes:
        task: its id.
        form: task, lookout or target; `state`: as it stands now.
        edition: number of acts on it.
        unit: its key; `called`: its name.
        lead: id of the lead that it follows from, or empty.
        instruction: what is asked.
        deadline: by when; `late`: whether it has passed.
        flags: dangers that go with it.
        last: what the last act was; `by`, `at`: whose and when.
        marking: who may see it.
    """

    task: str
    form: str
    state: str
    edition: int
    unit: str
    called: str
    lead: str
    instruction: str
    deadline: datetime | None
    late: bool
    flags: list[str]
    last: str
    by: str
    at: datetime
    marking: str


class UnitLine(msgspec.Struct, frozen=True):
    """A unit: its name, what it may be given under which authorities, when it opens, and its open tasks."""

    unit: str
    called: str
    organisation: str
    powers: dict[str, list[str]]
    hours: dict[str, str]
    zone: str
    opens: datetime | None
    assets: list[str]
    clearance: str
    open: int


class TaskCount(msgspec.Struct, frozen=True):
    """A choice of a filter and how many tasks it has."""

    value: str
    called: str
    count: int


class Tasks(msgspec.Struct, frozen=True):
    """A page of tasks, the most urgent first.

    Attributes:
        marking: the join of what is shown.
        count: tasks that are asked for.
        tasks: this page.
        next: id to go on after; empty at the end.
        units, states: choices with their counts.
        table: every unit; `status`: how far their table may be trusted.
    """

    marking: str
    count: int
    tasks: list[TaskLine]
    next: str
    units: list[TaskCount]
    states: list[TaskCount]
    table: list[UnitLine]
    status: str


def listed(asker: Asker, ask: TasksAsk) -> Tasks:
    """Tasks that still ask something: life at risk first, then by deadline."""
    table = load(asker.floor.root)
    found = sorted(tasks(rows_of(asker)).values(), key=urgent)
    chosen = [one for one in found if _is_asked(one, ask, asker.at)]
    start = _after(chosen, ask.after)
    size = max(1, min(ask.size, 500))
    mine = chosen[start : start + size]
    asker.shown("tasks", tasks=len(chosen), shown=[one.task for one in mine])
    lines = [_line(one, table, asker) for one in mine]
    return Tasks(
        joined([line.marking for line in lines]),
        len(chosen),
        lines,
        mine[-1].task if start + size < len(chosen) else "",
        _units(found, table, asker),
        _states(found, asker),
        _table(found, table, asker),
        table.status,
    )


def _is_asked(one: Task, ask: TasksAsk, now: datetime) -> bool:
    state = one.standing(now)
    return (
        ask.unit in ("", one.order.unit)
        and (one.order.lead or "").startswith(ask.lead)
        and (state == ask.state if ask.state else ask.all or state not in CLOSED)
    )


def _after(chosen: list[Task], after: str) -> int:
    if not after:
        return 0
    place = next((n for n, one in enumerate(chosen, 1) if one.task == after), None)
    return refuse(NO_CURSOR) if place is None else place


def _line(one: Task, table: Units, asker: Asker) -> TaskLine:
    order = one.order
    return TaskLine(
        one.task,
        order.form,
        one.standing(asker.at),
        one.edition,
        order.unit,
        called(table, order.unit, asker.language),
        order.lead or "",
        order.instruction,
        order.deadline,
        one.standing(asker.at) == "expired",
        list(order.flags),
        one.state,
        one.by,
        one.at,
        order.marking,
    )


def called(table: Units, unit: str, language: Language) -> str:
    """A unit's name; of one that the table has no more, its key."""
    return table.units[unit].called(language) if unit in table.units else unit


def _open(found: Iterable[Task], now: datetime) -> list[Task]:
    return [one for one in found if one.standing(now) not in CLOSED]


def _units(found: list[Task], table: Units, asker: Asker) -> list[TaskCount]:
    counts = Counter(one.order.unit for one in _open(found, asker.at))
    every = sorted({one.order.unit for one in found})
    return [TaskCount(unit, called(table, unit, asker.language), counts[unit]) for unit in every]


def _states(found: list[Task], asker: Asker) -> list[TaskCount]:
    counts = Counter(one.standing(asker.at) for one in found)
    return [TaskCount(state, words(state, asker.language), counts[state]) for state in STATES]


def _table(found: list[Task], table: Units, asker: Asker) -> list[UnitLine]:
    counts = Counter(one.order.unit for one in _open(found, asker.at))
    return [_unit(key, unit, table, asker, counts[key]) for key, unit in table.units.items()]


def _unit(key: str, unit: Unit, table: Units, asker: Asker, count: int) -> UnitLine:
    powers = {form: authorities(table, unit, form, asker.language) for form in FORMS}
    return UnitLine(
        key,
        unit.called(asker.language),
        unit.organisation,
        {form: has for form, has in powers.items() if has},
        dict(unit.hours),
        unit.zone,
        closed_until(unit, asker.at),
        list(unit.assets),
        unit.clearance,
        count,
    )


class TaskAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The task's id."""

    task: str


class TaskAct(msgspec.Struct, frozen=True):
    """One act on a task: the edition that it made, what, by whom, when and why, and its record."""

    edition: int
    state: str
    by: str
    at: datetime
    why: str
    instruction: str
    deadline: datetime | None
    authority: str
    flags: list[str]
    record: str


class TaskPage(msgspec.Struct, frozen=True):
    """A task and every act on it.

    Attributes:
        marking: of the task.
        about: as the list has it.
        subjects: typed keys that it is about.
        authority: statute and section; `authorities`: those that the unit's mandate names for the form.
        starts: from when.
        place: latitude,longitude,metres; empty for none.
        opens: when the unit opens, where it is closed now.
        acts: every act, the oldest first.
        follows: states that may follow, by what the forms are called.
        warned: numbers of warnings that another task is near, and when.
        may: whether this person may act at all.
        legs: its parts by country, where it lies across the line.
        joins: names of further units, which support it.
        asset: what is to be sent or pointed; empty where that is not said.
    """

    marking: str
    about: TaskLine
    subjects: list[str]
    authority: str
    authorities: list[str]
    starts: datetime | None
    place: str
    opens: datetime | None
    acts: list[TaskAct]
    follows: list[str]
    warned: list[tuple[str, datetime]]
    may: bool
    legs: list[Leg]
    joins: list[str]
    asset: str


FOLLOWS: Final[Mapping[str, str]] = {
    "accept": "accepted",
    "refuse": "refused",
    "amend": "amended",
    "hit": "hit",
    "done": "done",
}
"""What an act is called, and the state that it makes."""


def task(asker: Asker, ask: TaskAsked) -> TaskPage:
    """A task and every act on it, each with its record."""
    one = tasks(rows_of(asker)).get(ask.task)
    if one is None:
        raise NotHere
    asker.shown("task", task=one.task)
    table, order = load(asker.floor.root), one.order
    unit = table.units.get(order.unit)
    state = one.standing(asker.at)
    return TaskPage(
        order.marking,
        _line(one, table, asker),
        list(order.subjects),
        order.authority,
        authorities(table, unit, order.form, asker.language) if unit else [],
        order.starts,
        ",".join(f"{number:g}" for number in order.place) if order.place else "",
        closed_until(unit, asker.at) if unit else None,
        [_act_of(row) for row in one.history],
        [
            name
            for name, makes in FOLLOWS.items()
            if makes in AFTER[state] and not (name == "hit" and order.form == "task")
        ],
        [(w.number, w.at) for w in spots.warnings(asker.floor, asker.reader) if w.task == one.task],
        may(asker),
        list(order.legs),
        [called(table, unit, asker.language) for unit in order.joins],
        order.asset or "",
    )


def may(asker: Asker) -> bool:
    """Whether the floor's policy lets this person write."""
    try:
        return role(asker.floor.root, asker.name) not in terms.READS_ONLY
    except NotPermitted:
        return False


def _act_of(row: Row) -> TaskAct:
    return TaskAct(
        row["edition"],
        row["state"],
        row["by"],
        row["observed_at"],
        row["why"] or "",
        row["instruction"],
        row["deadline"],
        row["authority"],
        list(row["flags"]),
        row["record_id"].hex(),
    )


class ActAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An act on a task.

    Attributes:
        task: its id.
        edition: that you looked at; without it, the present one.
        why: the reason, in words; a refusal and a hit need one.
        anyway: also where somebody acted on it meanwhile.
    """

    task: str
    edition: int | None = None
    why: str = ""
    anyway: bool = False


class AmendAsk(ActAsk, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is changed; what is left empty stays. Flags are added: a danger is never amended away.

    Legs and units in support, where any is given, take the place of those before.
    """

    instruction: str = ""
    deadline: str = ""
    authority: str = ""
    flag: list[str] = []
    leg: list[str] = []
    joins: list[str] = []


def accept(asker: Asker, ask: ActAsk) -> Done:
    """Take a task on for the unit."""
    return _act(asker, ask, lambda one, on, by, now: made.accept(one, on, by, now, ask.why or None))


def decline(asker: Asker, ask: ActAsk) -> Done:
    """Refuse a task for the unit, with the reason."""
    return _act(asker, ask, lambda one, on, by, now: made.decline(one, on, by, now, ask.why))


def finish(asker: Asker, ask: ActAsk) -> Done:
    """Say that a task is done. What came of the lead is an outcome, and recorded as one."""
    return _act(asker, ask, lambda one, on, by, now: made.finish(one, on, by, now, ask.why or None))


def hit(asker: Asker, ask: ActAsk) -> Done:
    """Say that a lookout or a target was met, and what happened. It stays open until it is done."""
    return _act(asker, ask, lambda one, on, by, now: made.hit(one, on, by, now, ask.why))


def amend(asker: Asker, ask: AmendAsk) -> Done:
    """Change what is asked; the unit must accept it again. A refused or expired task is opened again so."""
    change = made.Change(
        ask.instruction or None,
        when(ask.deadline, "deadline"),
        ask.authority or None,
        tuple(ask.flag),
        legs_of(ask.leg) or None,
        tuple(filter(None, ask.joins)) or None,
    )
    table, fleet = load(asker.floor.root), assets.visible(asker.floor.root, asker.reader)
    return _act(
        asker,
        ask,
        lambda one, on, by, now: made.amend(table, one, on, change, by, now, ask.why, asker.language, fleet),
    )


def _act(asker: Asker, ask: ActAsk, make: Callable[[Task, int, str, datetime], Row]) -> Done:
    """Act on the edition that was looked at. Raises `Conflict` where it is no longer the last."""
    if ask.task not in tasks(rows_of(asker)):
        raise NotHere
    edition = None if ask.anyway else ask.edition
    try:
        with asker.floor.writer(asker.actor, PATIENCE) as writer:
            done = ordering.act(asker.floor, writer, asker.reader, ask.task, edition, make)
    except Refused as error:
        if error.reason.message != STALE.id:
            raise
        told = {name: error.reason.params[name] for name in CHANGED.parameters}
        raise Conflict(reason(CHANGED, **told)) from None
    state = words(done.task.state, asker.language)
    said = asker.t("tasks.said", task=done.task.task, state=state, edition=done.task.edition)
    return Done(said, marking=done.task.order.marking)


ENDPOINTS: Final = (
    Endpoint("tasks", "GET", "/tasks", TasksAsk, Tasks, listed, page="tasks.html"),
    Endpoint("tasks.task", "GET", "/tasks/{task}", TaskAsked, TaskPage, task, page="task.html"),
    Endpoint("tasks.accept", "POST", "/tasks/{task}/accept", ActAsk, Done, accept, within="tasks.task"),
    Endpoint("tasks.refuse", "POST", "/tasks/{task}/refuse", ActAsk, Done, decline, within="tasks.task"),
    Endpoint("tasks.done", "POST", "/tasks/{task}/done", ActAsk, Done, finish, within="tasks.task"),
    Endpoint("tasks.hit", "POST", "/tasks/{task}/hit", ActAsk, Done, hit, within="tasks.task"),
    Endpoint("tasks.amend", "POST", "/tasks/{task}/amend", AmendAsk, Done, amend, within="tasks.task"),
)
