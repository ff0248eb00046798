"""Calls of a published roster: who is asked first when somebody is ill, and what they answered."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

from watchfloor.actions.base import Answer, Context, Line, Request, Table, action, option
from watchfloor.actions.rosters import (
    BreachLine,
    EditionField,
    PutField,
    RosterField,
    breach_line,
    day_of,
    first_day_of,
    papers_marking,
    pick,
    questions,
)
from watchfloor.casework import rosters
from watchfloor.casework.rosters import CallAnswer, Roster
from watchfloor.cell.acts import NotFound, Post, Unusable
from watchfloor.core.messages import declare, reason

if TYPE_CHECKING:
    from watchfloor.planning.rosters.papers import Papers
    from watchfloor.planning.rosters.repair import Call, Change, Repair

NO_CALL: Final = declare("rosters.no-call")

SickField = Annotated[
    tuple[str, ...],
    option("Who is away, and on which days; repeatable.", metavar="OFFICER=DAY[..DAY]"),
]


class RepairChange(Answer, frozen=True):
    """A day of an officer who is asked: what they work instead of what, empty where they are off.

    Attributes:
        consent: clause by which they must be willing; empty where they need not be.
        put: the change as `roster change` takes it.
        agreed: what they answered, if they were asked.
    """

    texts: ClassVar = "rosters"

    officer: str
    day: date
    before: str
    after: str
    consent: str
    put: str
    agreed: bool | None


class RepairShort(Answer, frozen=True):
    """A demand that stays short after a repair, and by how many."""

    texts: ClassVar = "rosters"

    what: str
    by: int


class RosterRepair(Answer, frozen=True):
    """A repair.

    Attributes:
        changes: in the order of asking.
        short: what it leaves short of the roster as it was.
        breaks: breaches that it makes, those of rules with a price as well.
        fewest: whether it is proven that fewer changes leave more short; else the time was up.
        put: the whole change, as `roster change` takes it.
    """

    texts: ClassVar = "rosters"

    changes: list[RepairChange]
    short: list[RepairShort]
    breaks: list[BreachLine]
    fewest: bool
    put: tuple[str, ...]


class RosterRepairs(Answer, frozen=True):
    """The repairs of a call, who is to be asked first at their head.

    Attributes:
        sick, need: the call.
        declined: officers and days that are not asked again.
        clause: by which the order of asking is; empty where the agreement names none.
    """

    texts: ClassVar = "rosters"

    roster: str
    pool: str
    edition: int
    sick: tuple[str, ...]
    need: tuple[str, ...]
    declined: list[str]
    clause: str
    repairs: list[RosterRepair]
    marking: str

    @property
    def cautions(self) -> bool:
        """Return whether something stays short."""
        return bool(self.repairs[0].short)

    def written_out(self, say: Any) -> Iterator[Line | Table]:
        """Yield each choice, then what the first leaves short and breaks."""
        off = say("rosters.off-word")
        rows = (
            (
                at,
                one.officer,
                one.day,
                one.before or off,
                one.after or off,
                say("rosters.if-willing", clause=one.consent) if one.consent else "",
            )
            for at, each in enumerate(self.repairs, 1)
            for one in each.changes
        )
        heads = ("choice", "who", "date", "before", "after", "notice")
        nobody = say("rosters.nobody-moves")
        yield Table("", [say(f"rosters.head-{one}") for one in heads], rows, nobody)
        first = self.repairs[0]
        short = ((one.what, one.by) for one in first.short)
        yield Table(
            "", [say("rosters.head-short"), say("rosters.head-by")], short, say("rosters.nothing-short")
        )
        for line in first.breaks:
            yield Line(line.said)
        if self.declined:
            yield Line(say("rosters.not_again", names=", ".join(self.declined)))
        yield Line(say("rosters.fewest" if first.fewest else "rosters.time_up"))
        yield Line(self.marking)


class CallIn(Request, frozen=True):
    """A sick call, a late aircraft, a storm."""

    roster: RosterField = ""
    sick: SickField = ()
    need: Annotated[
        tuple[str, ...],
        option(
            "So many more are needed than are there; hours such as 22-02 for a shift. Repeatable.",
            metavar="DAY[..DAY]=SHIFT/POST=N",
        ),
    ] = ()
    edition: EditionField = None


@action("roster call-in", "roster call-in Emerson --sick Roy=2026-12-08")
def call_in(context: Context, ask: CallIn) -> RosterRepairs:
    """Say who is asked first when somebody is ill, and what that changes and breaks; nothing is saved.

    As `roster repair` does for a folder: at most four others are moved, rules that must be kept stay so, and
    within the notice only volunteers and people on standby are asked. Who said no by `roster answer` is not
    asked again. `roster change` publishes what was agreed to.
    """
    from watchfloor.planning.rosters import calls, notice, papers, repair

    if not ask.sick and not ask.need:
        raise Unusable(reason(NO_CALL))
    one = pick(context, ask.roster, _first_day(ask.sick))
    if ask.edition:
        one.refuse_stale(ask.edition)
    present = papers.opened(rosters.papers_of(context.floor, context.reader, one))
    own, grid = present.own, present.grid
    problem, call = calls.read(own, grid, ask.sick, ask.need)
    terms = notice.terms(own, grid, context.now, calls.first_day(problem, call))
    log = rosters.answers(context.floor, context.reader, one)
    said = {(each.shift.officer, str(day_of(each, one))): each.agreed for each in log}
    known = {each.name for each in own.staff}
    asked = questions(context, one)
    declined = [f"{name}={day}" for (name, day), agreed in said.items() if not agreed and name in known]
    made = repair.repairs(problem, grid, call, terms, calls.cells_of(own, declined))
    context.log_query(
        "roster call-in", roster=one.id, edition=one.edition, sick=list(ask.sick), need=list(ask.need)
    )

    def change(each: "Change") -> RepairChange:
        before, after = calls.posts_of(own, each)
        name, day = own.staff[each.person].name, own.dates(each.day, each.day)[0]
        return RepairChange(
            officer=name,
            day=day,
            before=before,
            after=after,
            consent=calls.consent(own, terms, each),
            put=f"{name}={day}={after or papers.OFF_DUTY}",
            agreed=said.get((name, str(day))),
        )

    def choice(each: "Repair") -> RosterRepair:
        changes = [change(one) for one in each.changes]
        put = (*_away(present, call), *(one.put for one in changes))
        breaks = papers.tried(present, present.changed(put), context.now, asked).breaks if put else []
        return RosterRepair(
            changes=changes,
            short=[RepairShort(what=problem.demand[at].what, by=by) for at, by in each.short.items()],
            breaks=[breach_line(line, present, context.language) for line in breaks],
            fewest=each.fewest,
            put=put,
        )

    return RosterRepairs(
        roster=one.id,
        pool=one.pool,
        edition=one.edition,
        sick=ask.sick,
        need=ask.need,
        declined=declined,
        clause=own.agreement.asking.clause if own.agreement.asking else "",
        repairs=[choice(each) for each in made],
        marking=papers_marking(one),
    )


def _away(present: "Papers", call: "Call") -> Iterator[str]:
    """Yield the days off of who is away and would work."""
    from watchfloor.planning.rosters.papers import OFF_DUTY

    for number, day in sorted(call.away):
        if present.grid[number, day]:
            yield f"{present.own.staff[number].name}={present.own.dates(day, day)[0]}={OFF_DUTY}"


def _first_day(sick: tuple[str, ...]) -> date | None:
    return first_day_of([f"{one.partition('..')[0]}=" for one in sick])


class RosterAnswer(Answer, frozen=True):
    """An answer of somebody who was asked to work a shift, or to be off: work says which."""

    texts: ClassVar = "rosters"
    columns: ClassVar = ("day", "officer", "work", "agreed", "by", "at", "why")

    day: date
    officer: str
    work: str
    agreed: bool
    by: str
    at: datetime
    why: str
    marking: str


class RosterAnswers(Answer, frozen=True):
    """Answers in calls of a roster, oldest first.

    Attributes:
        passed_over: work that the first edition had not, for which others had to be asked before; null where
            the rules and people are not here, or are no longer those of the first edition.
    """

    texts: ClassVar = "rosters"

    roster: str
    answers: list[RosterAnswer]
    passed_over: list[BreachLine] | None
    marking: str

    @property
    def cautions(self) -> bool:
        """Return whether somebody was passed over."""
        return bool(self.passed_over)

    def written_out(self, say: Any) -> Iterator[Line | Table]:
        """Yield the answers, then who was passed over."""
        rows = (
            (
                each.day,
                each.officer,
                each.work,
                say("rosters.said_yes" if each.agreed else "rosters.said_no"),
                each.by,
                each.why,
            )
            for each in self.answers
        )
        heads = ("day", "officer", "work", "answer", "by", "why")
        yield Table("", [say(f"rosters.{one}") for one in heads], rows, say("rosters.nobody_asked_command"))
        if self.passed_over is not None:
            told = ((each.first, each.what, each.who, each.clause, each.amount) for each in self.passed_over)
            columns = ("day", "what", "passed", "clause", "passed_count")
            titles = [say(f"rosters.{one}") for one in columns]
            yield Table(say("rosters.passed_title"), titles, told, say("rosters.passed_nobody"))
        yield Line(self.marking)


class AnswerReceipt(Answer, frozen=True):
    """Answers that were written down."""

    texts: ClassVar = "rosters"

    roster: str
    pool: str
    count: int
    at: datetime
    marking: str
    position: int | None


class WriteAnswer(Request, frozen=True, kw_only=True):
    """Who was asked to work what, and what they answered."""

    roster: RosterField = ""
    put: PutField = ()
    answer: Annotated[Literal["yes", "no"], option("What they said.", required=True)] = "no"
    edition: EditionField = None
    sick: SickField = ()
    why: Annotated[str, option("A remark; else who is away.")] = ""


@action(
    "roster answer",
    "roster answer Emerson --put Singh=2026-12-08=N/console --answer no",
    writes=True,
    done="rosters.answered",
)
def answer(context: Context, ask: WriteAnswer) -> AnswerReceipt:
    """Write down who was asked to work what, and whether they agreed; who said no is not asked again."""
    from watchfloor.planning.rosters import papers

    rosters.refuse_publishing(context.floor, context.actor.name)
    one = pick(context, ask.roster, first_day_of(ask.put))
    if ask.edition:
        one.refuse_stale(ask.edition)
    present = papers.opened(rosters.papers_of(context.floor, context.reader, one))
    shifts = [present.asked_for(text) for text in ask.put]
    why = ask.why.strip() or ", ".join(ask.sick)
    with context.writer() as writer:
        position, at, marking = rosters.record_answers(
            Post(context.floor, context.reader, writer), one, shifts, why, agreed=ask.answer == "yes"
        )
    return AnswerReceipt(
        roster=one.id,
        pool=one.pool,
        count=len(shifts),
        at=at,
        marking=marking,
        position=context.known_position(position),
    )


class ListAnswers(Request, frozen=True):
    """Of which roster."""

    roster: RosterField = ""


@action("roster answers", "roster answers Emerson")
def answers(context: Context, ask: ListAnswers) -> RosterAnswers:
    """List who was asked to work more and what they answered, and who came first and was not asked."""
    return answers_to(context, pick(context, ask.roster))


def answers_to(context: Context, one: Roster) -> RosterAnswers:
    """Log that the answers in calls of a roster are shown; return them."""
    found = rosters.answers(context.floor, context.reader, one)
    passed = _passed_over(context, one)
    context.log_query("roster answers", roster=one.id, answers=len(found))
    return RosterAnswers(
        roster=one.id,
        answers=[answer_line(each, one) for each in found],
        passed_over=passed,
        marking=one.marking if passed is None else papers_marking(one),
    )


def _passed_over(context: Context, one: Roster) -> list[BreachLine] | None:
    """Return who came first in the order of asking for work that the first edition had not."""
    from watchfloor.planning.rosters import papers

    try:
        first, last = (
            papers.opened(rosters.papers_of(context.floor, context.reader, one, edition))
            for edition in (1, one.edition)
        )
    except NotFound:
        return None
    if [each.name for each in first.own.staff] != [each.name for each in last.own.staff]:
        return None
    found = papers.passed_over(first, last, questions(context, one))
    return [breach_line(each, last, context.language) for each in found]


def answer_line(one: CallAnswer, of: Roster) -> RosterAnswer:
    """Return an answer by its day."""
    work = "/".join(filter(None, (one.shift.shift, one.shift.post)))
    same = {name: getattr(one, name) for name in ("agreed", "by", "at", "why", "marking")}
    return RosterAnswer(day=day_of(one, of), officer=one.shift.officer, work=work, **same)
