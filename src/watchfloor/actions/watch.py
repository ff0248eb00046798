"""The watch: its log, alerts and who must answer them, who is on call, handovers and the situation report."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Any, ClassVar, Final

import msgspec

from watchfloor.actions import public_alerts
from watchfloor.actions.base import (
    MOST_MINUTES,
    Answer,
    Context,
    Request,
    action,
    argument,
    option,
    screen,
    words,
)
from watchfloor.actions.public_alerts import PublicAlertList, standing
from watchfloor.actions.tasks import (
    CHOICES,
    FlagWord,
    StateWord,
    TaskChange,
    TaskDraft,
    announce,
    draft_view,
)
from watchfloor.casework.tasking.ordering import TaskRequest
from watchfloor.casework.tasking.tasks import Task
from watchfloor.casework.tasking.units import Units
from watchfloor.casework.tasking.units import load as load_units
from watchfloor.casework.watch import repository, watch
from watchfloor.casework.watch.orders import Watch, load
from watchfloor.casework.watch.repository import About, Post, Written
from watchfloor.casework.watch.sitrep import HEADINGS, Section, records_of
from watchfloor.casework.watch.sitrep import sitrep as draft
from watchfloor.casework.watch.watch import ON_ROSTER, ROLE_HELD, Due
from watchfloor.cell.acts import NotFound, Row, read, refuse, render
from watchfloor.cell.wording.dates import moment_of_field, past_moment
from watchfloor.cell.wording.titles import Title
from watchfloor.core.kinds import TASK
from watchfloor.core.marking import joined, parse
from watchfloor.core.messages import Language, declare
from watchfloor.policy.policy import allowed

NO_ABOUT: Final = declare("actions.watch-about-nothing", "start")

EntryWord = Annotated[str, words("entry.what_")]
RoleWord = Annotated[str, words("role.")]


class EntryView(Answer, frozen=True):
    """A line of the log, as it was written.

    Attributes:
        entry: its id; what answers an alert has the alert's.
        what: note, alert, acknowledged, …
        about: id of the lead or task it is about.
        due: by when it must be acknowledged, or until when somebody is on call.
        to: who must acknowledge, or takes over.
    """

    texts: ClassVar = "entry"

    at: datetime
    entry: str
    what: EntryWord
    text: str
    about: str | None
    flags: list[FlagWord]
    due: datetime | None
    to: str | None
    by: str
    marking: str


class WatchLine(EntryView, frozen=True):
    """A line of the log with its record.

    Attributes:
        about_kind: task or lead; empty if it is about neither.
    """

    columns: ClassVar = ("at", "by", "what", "entry", "to", "due", "flags", "text")

    record: str
    about_kind: str


class GivenTask(Answer, frozen=True):
    """A task that was given on the matter of an alert since it was raised."""

    task: str
    unit_name: str
    state: StateWord
    by: str
    deadline: datetime | None


class EntryChange(EntryView, frozen=True):
    """A line that was written.

    Attributes:
        position: of the act in the log, for who may know it.
        standing_orders: that fit the alert, each with its name.
    """

    position: int | None
    standing_orders: list[str]


class WatchLog(Answer, frozen=True):
    """Lines of the log, the oldest first."""

    lines: list[WatchLine]
    marking: str


class AlertView(Answer, frozen=True):
    """An alert, and with whom it is.

    Attributes:
        rule: of `watch.toml` that raised it; null: a person did.
        to: who must acknowledge it now, until `due`; `late`: whether somebody has let it pass.
        next: who it goes to then; null at the top of the chain.
        record: that raised it, `raised_at`.
        level: how far up the chain it is, from 0.
        seconds: how long each role has.
        answers: what was done about it since.
        unheld: roles, up to that with which it is, in which nobody is on call.
        acknowledged_by: who has it, since `acknowledged_at`; null: nobody.
        place: latitude and longitude in degrees, radius in metres.
        subjects: of the matter.
        title: of the lead that it is about, in both languages; null where no queue is at hand.
        draft: the task that it offers to give; null where no unit can be given one.
        tasks: that were given on its matter since.
    """

    texts: ClassVar = "entry"
    columns: ClassVar = ("alert", "flags", "late", "to", "due", "next", "unheld", "text", "standing_orders")
    unprinted: ClassVar = ("title",)

    alert: str
    text: str
    flags: list[FlagWord]
    raised_by: str
    to: str
    due: datetime
    late: bool
    next: str | None
    standing_orders: list[str]
    record: str
    raised_at: datetime
    about: str | None
    about_kind: str
    level: int
    seconds: int
    answers: list[WatchLine]
    marking: str
    rule: str | None
    unheld: list[RoleWord]
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    place: tuple[float, float, float] | None
    subjects: list[str]
    title: Title | None
    draft: TaskDraft | None
    tasks: list[GivenTask]

    def nothing(self, column: str) -> str:
        """Return the key of the text for the top of the chain."""
        return "watch.at_top" if column == "next" else ""


class AlertList(Answer, frozen=True):
    """Open alerts at a moment, life at risk first."""

    alerts: list[AlertView]
    now: datetime
    marking: str


class RoleView(Answer, frozen=True):
    """A role of the chain and who holds it; null: nobody, or if `unseen` somebody whom one may not see."""

    texts: ClassVar = "watch"
    columns: ClassVar = ("role", "person")

    role: RoleWord
    person: str | None
    unseen: bool

    def nothing(self, column: str) -> str:  # noqa: ARG002 - only a person may be missing
        """Return the key of the text for nobody, or for somebody whom one may not see."""
        return "watch.unseen" if self.unseen else "common.none"


class Roster(Answer, frozen=True):
    """Who is on call, the lowest role first."""

    roles: list[RoleView]
    marking: str


class ReportSentence(Answer, frozen=True):
    """A sentence of a report, the record that says so, and that record's marking."""

    section: Section
    text: str
    record: str
    marking: str


class SituationReport(Answer, frozen=True):
    """A situation report.

    Attributes:
        marking: the join of its sentences'.
        title: with its two moments.
        headings: of all sections, life at risk first.
        markdown: the report as a text, marked at head and foot; `digest`: its SHA-256, as the log keeps it.
    """

    marking: str
    since: datetime
    until: datetime
    sentences: list[ReportSentence]
    title: str
    headings: dict[Section, str]
    markdown: str
    digest: str


@dataclass(frozen=True)
class Log:
    """The log of the watch that a person may see, at a moment.

    Attributes:
        at: the moment of the past that a page asks for, as it is typed; empty: that of the context.
    """

    context: Context
    at: str = ""

    @cached_property
    def as_of(self) -> int | datetime | None:
        """Return the position or moment at which it is shown; None: as it stands. Raises `Refusal`."""
        return past_moment(self.at, self.context.now) if self.at else self.context.as_of

    @cached_property
    def now(self) -> datetime:
        """Return the moment that it speaks of."""
        return (self.as_of if isinstance(self.as_of, datetime) else self.context.now).astimezone(UTC)

    @cached_property
    def chain(self) -> Watch:
        """Return the chain of roles and the standing orders."""
        return load(self.context.floor.root)

    @cached_property
    def rows(self) -> list[Row]:
        """Return every row, the oldest first, also those that say no more than that somebody is on duty."""
        return repository.entries(self.context.floor, self.context.reader, self.as_of)

    @cached_property
    def units(self) -> Units:
        """Return the table of units."""
        return load_units(self.context.floor.root)

    @cached_property
    def _tasks(self) -> dict[str, Task]:
        return Task.fold(read(self.context.floor, self.context.reader, TASK, self.as_of))

    def since(self, text: str) -> datetime:
        """Return the moment from which on something is asked for; empty: a shift ago. Raises `Refusal`."""
        return moment_of_field(text, "since", first=True) or self.now - repository.SHIFT

    def lines(self, start: datetime | None) -> list[Row]:
        """Return the rows that people read, from a moment on or all."""
        return [row for row in watch.lines(self.rows) if start is None or row["observed_at"] >= start]

    def view(self, row: Row) -> WatchLine:
        """Return a line as an answer."""
        return WatchLine(
            **_fields(row, self.context.language),
            record=row["record_id"].hex(),
            about_kind=self._kind(row["about"]),
        )

    def alerts(self) -> list[AlertView]:
        """Return open alerts, life at risk first."""
        return [self._alert(due) for due in watch.due(self.chain, self.rows, self.now)]

    def answered(self) -> list[AlertView]:
        """Return the alerts that somebody acknowledged within the last shift, the last first."""
        since = self.now - repository.SHIFT
        return [self._alert(due) for due in watch.answered(self.chain, self.rows, self.now, since)]

    def alert(self, start: str) -> watch.Alert:
        """Return the alert whose id starts so. Raises `Refusal`."""
        return repository.pick_alert(self.chain, self.rows, start)

    def draft(self, alert: watch.Alert) -> TaskDraft | None:
        """Return the task that an alert offers to give; None where it has no subject or no unit can do it."""
        wanted, language = self.chain.task(alert.rule, alert.flags), self.context.language
        if wanted is None or not alert.subjects:
            return None
        why = watch.words(alert.rows[0], language)
        found, _ = repository.drafts(self.units, wanted, why, alert.place, alert.flags, self.now, language)
        return draft_view(found[0], self.units, self.context, self.now) if found else None

    def public(self) -> PublicAlertList:
        """Return the public alerts that are in force."""
        return standing(self.context, self.now, self.as_of)

    def roles(self) -> list[RoleView]:
        """Return who holds each role."""
        unseen = watch.held_unseen(self.rows, self.now)
        return [
            RoleView(role=role, person=None if role in unseen else person, unseen=role in unseen)
            for role, person in watch.roster(self.chain, self.rows, self.now).items()
        ]

    def nobody(self) -> bool:
        """Return whether nobody is on call in any role; False where this person may not know it."""
        knows = allowed(self.context.reader, parse(watch.DUTY))
        return knows and watch.nobody(self.chain, self.rows, self.now)

    def roles_marking(self) -> str:
        """Return the marking of what says who holds a role, and that somebody does."""
        on = {
            (row["what"], row["text"]): row["marking"]
            for row in self.rows
            if row["what"] in ("on-call", ROLE_HELD)
        }
        rosters = (
            row["marking"]
            for row in self.rows
            if row["what"] == ON_ROSTER and row["observed_at"] <= self.now < row["due"]
        )
        return joined([*on.values(), *rosters])

    def query(self, what: str, **detail: object) -> None:
        """Log what is about to be shown."""
        self.context.log_query(what, **({"as_of": self.at} if self.at else {}), **detail)

    def query_alerts(self, alerts: list[AlertView]) -> None:
        """Log the alerts that are about to be shown."""
        self.query("alerts", alerts=len(alerts), shown=[one.alert for one in alerts])

    def _kind(self, about: str | None) -> str:
        return ("task" if about in self._tasks else "lead") if about else ""

    def _alert(self, due: Due) -> AlertView:
        alert, answer = due.alert, due.alert.acknowledged
        first, *answers = alert.rows
        now = self.as_of is None and first["about"]
        title, covers = (self.context.title_of(first["about"]) if now else None) or (None, "")
        markings = [*(row["marking"] for row in alert.rows), *([covers] if covers else [])]
        return AlertView(
            alert=alert.entry,
            text=watch.words(first, self.context.language),
            flags=list(alert.flags),
            raised_by=first["by"],
            to=due.to,
            due=due.by,
            late=due.late,
            next=due.next,
            standing_orders=repository.orders(self.chain, first, self.context.language),
            record=first["record_id"].hex(),
            raised_at=first["observed_at"],
            about=first["about"],
            about_kind=self._kind(first["about"]),
            level=due.level,
            seconds=round(alert.period.total_seconds()),
            answers=[self.view(row) for row in answers],
            marking=joined(markings),
            rule=alert.rule,
            unheld=list(due.unheld),
            acknowledged_by=answer["by"] if answer else None,
            acknowledged_at=answer["observed_at"] if answer else None,
            place=alert.place,
            subjects=list(dict.fromkeys(alert.subjects)),
            title=title,
            draft=self.draft(alert),
            tasks=self._given(alert),
        )

    def _given(self, alert: watch.Alert) -> list[GivenTask]:
        names = set(alert.subjects)
        return [
            GivenTask(
                task=one.id,
                unit_name=self.units.called(one.order.unit, self.context.language),
                state=one.standing(self.now),
                by=one.first["by"],
                deadline=one.deadline,
            )
            for one in self._tasks.values()
            if one.first["observed_at"] >= alert.rows[0]["observed_at"]
            and not names.isdisjoint(one.order.subjects)
        ]


class Note(Request, frozen=True):
    """A line for the log."""

    text: Annotated[str, argument("TEXT", "In your words.", required=True)] = ""
    about: Annotated[str, option("The lead or task it is about: its id, or the start of it.")] = ""
    flag: Annotated[
        tuple[str, ...], option("life-at-risk, officer-safety or fentanyl-hazard; may be given again.")
    ] = ()
    marking: Annotated[str, option("Its marking, such as PB//TLP:AMBER; never below its subject's.")] = ""


@action(
    "watch note",
    'watch note "Lacolle reports the truck has not arrived" --about 3f2a',
    writes=True,
    done="watch.done_noted",
)
def write_note(context: Context, ask: Note) -> EntryChange:
    """Write a line into the log of the watch. Flags on a lead go to every later task on it."""
    about = _about(context, ask)
    with _post(context) as post:
        written = repository.note(post, ask.text, about, ask.flag)
    return _change(context, written)


class RaiseAlert(Note, frozen=True):
    """An alert."""

    to: Annotated[str, option("Who must acknowledge it; else who is on call first.")] = ""
    anyway: Annotated[bool, option("Also where an alert on the same matter is open.")] = False


@action(
    "watch alert",
    'watch alert "Small boat, taking water, two on board" --flag life-at-risk',
    writes=True,
    done="watch.done_raised",
    document="standing_orders",
)
def raise_alert(context: Context, ask: RaiseAlert) -> EntryChange:
    """Raise an alert that somebody must acknowledge in time; the standing orders that fit are shown.

    While nobody is on call it is refused unless you say who must acknowledge it (--to). While another about
    the same lead or task is open it is refused too (--anyway).
    """
    about = _about(context, ask)
    with _post(context) as post:
        if not ask.to.strip():
            repository.refuse_nobody(post)
        to = ask.to.strip() or None
        written = repository.alert(post, ask.text, about, ask.flag, to, anyway=ask.anyway)
    return _change(context, written, orders=True)


class AnswerAlert(Request, frozen=True):
    """An answer to an alert."""

    alert: Annotated[str, argument("ALERT", "The alert's id, or its start.")]
    text: Annotated[str, argument("[TEXT]", "What you do about it.")] = ""


@action(
    "watch ack",
    'watch ack 9d41 "rescue coordination centre called, 03:14"',
    writes=True,
    done="watch.done_acknowledged",
    document="standing_orders",
)
def acknowledge(context: Context, ask: AnswerAlert) -> EntryChange:
    """Acknowledge an alert: you have it. The second who tries is told who has."""
    with _post(context) as post:
        written = repository.acknowledge(post, ask.alert, ask.text)
    return _change(context, written, orders=True)


class TaskOfAlert(Request, frozen=True):
    """A task on the matter of an alert; what is left empty is as the alert's rule has it."""

    alert: Annotated[str, argument("ALERT", "The alert's id, or its start.")]
    unit: Annotated[str, option("Who is asked.")] = ""
    instruction: Annotated[str, option("What is asked, in your words.")] = ""
    task_authority: Annotated[str, option("The statute and section it rests on.")] = msgspec.field(
        default="", name="authority"
    )
    minutes: Annotated[int | None, option("Within how many minutes.", minimum=1, maximum=MOST_MINUTES)] = None
    place: Annotated[str, option("Where: latitude,longitude[,metres around it].")] = ""
    flag: Annotated[
        tuple[str, ...], option("life-at-risk, officer-safety or fentanyl-hazard; may be given again.")
    ] = ()
    anyway: Annotated[bool, screen("Also where the unit has an open task on this matter.")] = False


@action("watch task", "watch task 9d41 --minutes 60", writes=True, done="acts.given")
def give_task(context: Context, ask: TaskOfAlert) -> TaskChange:
    """Give the unit that an alert's rule names its task: place, danger, words and deadline are there.

    It acknowledges the alert too if nobody has.
    """
    log = Log(context)
    found = log.alert(ask.alert)
    made = log.draft(found)
    if made is None and not (ask.unit and ask.instruction):
        refuse(repository.NO_TASK, alert=found.entry)
    minutes = ask.minutes or (made.minutes if made else CHOICES[0])
    offered = made if made and ask.unit in ("", made.unit) else None
    asked = TaskRequest(
        "task",
        ask.unit or (made.unit if made else ""),
        ask.instruction or (made.instruction if made else ""),
        ask.task_authority or (offered.authority if offered else context.actor.authority),
        subjects=tuple(dict.fromkeys(found.subjects)),
        marking=joined(row["marking"] for row in found.rows) or None,
        deadline=log.now + timedelta(minutes=minutes),
        place=ask.place or (made.place if made else "") or None,
        flags=(*found.flags, *ask.flag),
        anyway=ask.anyway,
        about=found.rows[0]["about"] if log.view(found.rows[0]).about_kind == "lead" else None,
    )
    with _post(context) as post:
        present = repository.pick_alert(log.chain, post.entries(), found.entry)
        change = repository.give_task(post, present, asked, context.language)
    return announce(context, change)


class EscalateAlert(Request, frozen=True):
    """Which alert goes up the chain, and why."""

    alert: Annotated[str, argument("ALERT", "The alert's id, or its start.")]
    why: Annotated[str, option("The reason, in your words.", required=True)] = ""


@action(
    "watch escalate",
    'watch escalate 9d41 --why "no answer by telephone"',
    writes=True,
    done="watch.done_escalated",
    document="standing_orders",
)
def escalate(context: Context, ask: EscalateAlert) -> EntryChange:
    """Send an alert up the chain now. One that is late goes up without it: see `cases watch due`."""
    with _post(context) as post:
        written = repository.escalate(post, ask.alert, ask.why)
    return _change(context, written, orders=True)


class HandOver(Request, frozen=True):
    """An offer of the watch."""

    to: Annotated[str, option("Who takes over: the name that will sign.", required=True)] = ""
    text: Annotated[str, argument("[TEXT]", "What the next officer should know.")] = ""


@action(
    "watch handover",
    'watch handover --to tremblay "Quiet night; the parcel waits for the laboratory"',
    writes=True,
    done="watch.done_offered",
    document="text",
)
def hand_over(context: Context, ask: HandOver) -> EntryChange:
    """Offer the watch to the next officer, with all that is open; complete when that officer has signed."""
    with _post(context) as post:
        written = repository.hand_over(post, ask.to, ask.text, context.language)
    return _change(context, written)


class SignHandover(Request, frozen=True):
    """A second signature."""

    entry: Annotated[str, argument("HANDOVER", "The handover's id, or its start.")]
    text: Annotated[str, argument("[TEXT]", "What you want on record.")] = ""


@action("watch sign", "watch sign 77ab", writes=True, done="watch.done_signed", document="text")
def sign(context: Context, ask: SignHandover) -> EntryChange:
    """Take the watch that was offered to you; what is open now is listed and kept with your signature."""
    with _post(context) as post:
        written = repository.sign(post, ask.entry, ask.text, context.language)
    return _change(context, written)


class ShowRoster(Request, frozen=True):
    """Nothing needs to be said."""


@action("watch roster", "watch roster --as-of 120", past=True, rows="roles")
def roster(context: Context, _: ShowRoster) -> Roster:
    """Show who is on call in each role of the chain."""
    log = Log(context)
    log.query("on call")
    return Roster(roles=log.roles(), marking=log.roles_marking())


class PutOnCall(Request, frozen=True):
    """Who holds a role of the chain."""

    role: Annotated[str, argument("[ROLE]", "A role of the chain; without one, who is on call.")] = ""
    person: Annotated[str, argument("[PERSON]", "Who takes it.")] = ""
    until: Annotated[str, option("Until when: a day or a moment; else until somebody else does.")] = ""


@action(
    "watch on-call",
    'watch on-call "duty inspector" "insp. Okafor" --until 2026-11-25T07:00Z',
    writes=True,
    past=True,
    done="watch.done_put_on_call",
    listing=roster,
)
def put_on_call(context: Context, ask: PutOnCall) -> EntryChange:
    """Say who is on call in a role of the chain, or show who is."""
    until = moment_of_field(ask.until, "until")
    with _post(context) as post:
        written = repository.on_call(post, ask.role, ask.person, until)
    return _change(context, written)


class ListLog(Request, frozen=True):
    """Which lines."""

    since: Annotated[str, option("From this day or moment on, such as 2026-11-24T18:00Z.")] = ""
    all: Annotated[bool, option("From the first line; else the last twelve hours.")] = False


@action("watch log", "watch log --since 2026-11-24T18:00Z", past=True, rows="lines", empty="watch.no_lines")
def list_log(context: Context, ask: ListLog) -> WatchLog:
    """Show the log of the watch, oldest first."""
    log = Log(context)
    start = None if ask.all and not ask.since else log.since(ask.since)
    lines = [log.view(row) for row in log.lines(start)]
    log.query("watch log", lines=len(lines), shown=[line.entry for line in lines])
    return WatchLog(lines=lines, marking=joined(line.marking for line in lines))


class ListAlerts(Request, frozen=True):
    """As of when."""

    at: Annotated[str, screen("A day or a moment of the past: how it stood then.")] = ""


@action("watch due", "watch due", past=True, rows="alerts", empty="watch.no_alerts")
def due(context: Context, ask: ListAlerts) -> AlertList:
    """List alerts that nobody has acknowledged, life at risk first: with whom they are, and who is next."""
    log = Log(context, ask.at)
    alerts = log.alerts()
    log.query_alerts(alerts)
    return AlertList(alerts=alerts, now=log.now, marking=joined(one.marking for one in alerts))


list_public, announce_public = public_alerts.list_public, public_alerts.announce_public


class DraftReport(ListAlerts, frozen=True):
    """Which span of time."""

    since: Annotated[str, option("From this day or moment on, such as 2026-11-24T18:00Z.")] = ""


@action(
    "watch sitrep",
    "watch sitrep --since 2026-11-24T18:00Z -o sitrep.md",
    past=True,
    document="markdown",
)
def sitrep(context: Context, ask: DraftReport) -> SituationReport:
    """Draft a situation report from the log: what is open, life first, and what happened since.

    Every sentence ends with the start of its record's id, which `watchfloor record` takes.
    """
    log, language = Log(context, ask.at), context.language
    since = log.since(ask.since)
    report = draft(log.chain, records_of(context.floor, context.reader, log.as_of), since, log.now)
    markdown = report.markdown(language)
    digest = sha256(markdown.encode()).hexdigest()
    log.query("sitrep", digest=digest)
    return SituationReport(
        marking=report.marking,
        since=since,
        until=log.now,
        sentences=[
            ReportSentence(
                section=one.section,
                text=one.text(language),
                record=one.record_id.hex(),
                marking=one.marking,
            )
            for one in report.sentences
        ],
        title=render(report.title, language),
        headings={section: heading[language] for section, heading in HEADINGS.items()},
        markdown=markdown,
        digest=digest,
    )


@contextmanager
def _post(context: Context) -> Iterator[Post]:
    """Give where an act is written from."""
    with context.writer() as writer:
        yield Post(context.floor, context.reader, writer)


def _about(context: Context, ask: Note) -> About:
    """Return what a line is about. Raises `Refusal` if this person may see no such lead or task."""

    def lead(start: str) -> Any:
        try:
            return context.lead(start)
        except NotFound:
            refuse(NO_ABOUT, start=start)

    start = ask.about.strip() or None
    return repository.about(context.floor, context.reader, start, ask.marking or None, lead)


def _change(context: Context, written: Written, *, orders: bool = False) -> EntryChange:
    """Return what was written, with the standing orders of an alert."""
    chain = load(context.floor.root)
    beside = repository.orders(chain, written.first, context.language) if orders else []
    position = context.known_position(written.position)
    return EntryChange(**_fields(written.row, context.language), position=position, standing_orders=beside)


def _fields(row: Row, language: Language) -> dict[str, Any]:
    """Return the fields of an `EntryView`."""
    same = ("entry", "what", "about", "due", "to", "by", "marking")
    said = {"at": row["observed_at"], "text": watch.words(row, language), "flags": list(row["flags"])}
    return said | {name: row[name] for name in same}
