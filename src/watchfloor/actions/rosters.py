"""Rosters on a floor: published by edition, and changed when it is known what that breaks."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final
from zoneinfo import ZoneInfo

from watchfloor.actions.base import (
    FOLDER,
    Answer,
    Context,
    Line,
    Request,
    Table,
    action,
    argument,
    option,
)
from watchfloor.casework import rosters
from watchfloor.casework.life_cycle import Done
from watchfloor.casework.rosters import CallAnswer, Roster, Shift
from watchfloor.cell.acts import Conflict, NotFound, Post, Refusal, Unusable, render
from watchfloor.core.marking import joined
from watchfloor.core.messages import Language, declare, reason
from watchfloor.messages import number
from watchfloor.messages.catalogue import Catalogue

if TYPE_CHECKING:
    from watchfloor.planning.rosters.asking import Question
    from watchfloor.planning.rosters.check import Breach
    from watchfloor.planning.rosters.papers import Papers

NO_ROSTER: Final = declare("rosters.none-published")
SEVERAL: Final = declare("rosters.name-one", "names")
UNLAWFUL: Final = declare("rosters.unlawful", "n", "first")
BREACH: Final = declare("rosters.breach", "who", "clause", "rule", "days", "amount")
DEMAND: Final = declare("rosters.demand-breach", "what", "clause", "days", "amount")


class RosterView(Answer, frozen=True):
    """A roster as its last edition has it.

    Attributes:
        roster: its id, of a pool and period.
        first, days, zone: of the period.
        rules: employer, agreement and edition.
        officers: how many are on it; shifts: how many they work.
    """

    texts: ClassVar = "rosters"
    columns: ClassVar[tuple[str, ...]] = (
        *("pool", "first", "days", "edition", "officers", "shifts", "rules", "by", "at", "marking", "roster"),
    )

    roster: str
    pool: str
    first: date
    days: int
    zone: str
    edition: int
    rules: str
    officers: int
    shifts: int
    by: str
    at: datetime
    why: str
    marking: str


class RosterList(Answer, frozen=True):
    """Rosters that were published."""

    rosters: list[RosterView]
    marking: str


class RosterChange(RosterView, frozen=True):
    """A roster as an act left it; unlawful: breaches of rules that must be kept, all the same."""

    unlawful: int
    position: int | None


class BreachLine(Answer, frozen=True):
    """A breach of a rule.

    Attributes:
        who: empty where it is the demand that is not met.
        first, last: days.
        clause, amount: of which rule, and by how much; rule: its words, or its kind.
        cost: null where the rule must be kept.
        what: the work that is short, or that somebody else was asked for.
        said: as a sentence.
    """

    texts: ClassVar = "rosters"
    columns: ClassVar = ("who", "first", "last", "clause", "rule", "amount", "cost")

    who: str
    first: date
    last: date
    clause: str
    rule: str
    amount: int
    cost: int | None
    what: str
    said: str


class RosterTrial(Answer, frozen=True):
    """The breaches that a change makes and mends, before anything is saved.

    Attributes:
        edition: that it was tried on.
        put: the changes.
        breaks, mends: breaches that it makes and that it takes away.
        before, after: what both rosters cost by their rules.
        lawful: whether every rule that must be kept is, after it.
    """

    texts: ClassVar = "rosters"
    unprinted: ClassVar = ("language",)

    roster: str
    pool: str
    edition: int
    put: tuple[str, ...]
    breaks: list[BreachLine]
    mends: list[BreachLine]
    before: int
    after: int
    lawful: bool
    marking: str
    language: Language

    @property
    def cautions(self) -> bool:
        """Return whether a rule that must be kept is broken."""
        return not self.lawful

    def written_out(self, say: Any) -> Iterator[Line | Table]:
        """Yield what it breaks and mends, each with its clause."""
        for name in ("breaks", "mends"):
            lines: list[BreachLine] = getattr(self, name)
            heads = [say(f"rosters.{one}") for one in BreachLine.columns]
            rows = (
                (
                    one.who,
                    one.first,
                    one.last,
                    one.clause,
                    one.rule,
                    one.amount,
                    say("rosters.must") if one.cost is None else one.cost,
                )
                for one in lines
            )
            yield Table(say(f"rosters.{name}"), heads, rows, say(f"rosters.{name}_nothing"))
        costs = {name: number(getattr(self, name), self.language) for name in ("before", "after")}
        yield Line(say("rosters.costs", **costs))
        yield Line(self.marking)


RosterField = Annotated[
    str, argument("[ROSTER]", "A pool, or the id of a roster or its start; needed where there are several.")
]
PutField = Annotated[
    tuple[str, ...],
    option(
        "A change: OFFICER=DAY=SHIFT/POST, or OFFICER=DAY=off. Repeatable.",
        metavar="OFFICER=DAY=SHIFT",
        required=True,
    ),
]
EditionField = Annotated[int | None, option("The edition you looked at; else the present one.", minimum=1)]
AnywayField = Annotated[bool, option("Also where rules that must be kept are broken.")]
WhyField = Annotated[str, option("The reason, in your words.")]


class PublishRoster(Request, frozen=True, kw_only=True):
    """A folder with a roster."""

    folder: Annotated[Path, argument("FOLDER", "Rules, people, demand and roster.", exists=FOLDER)]
    pool: Annotated[str, option("Whose roster it is; else as rules.toml says.")] = ""
    marking: Annotated[str, option("Its marking; else that of the edition before, or U//TLP:AMBER.")] = ""
    edition: EditionField = None
    anyway: AnywayField = False
    why: WhyField = ""


@action(
    "roster publish",
    'roster publish emerson --pool Emerson --why "as posted on 1 December"',
    writes=True,
    done="rosters.published",
)
def publish(context: Context, ask: PublishRoster) -> RosterChange:
    """Publish a roster: it feeds coverage and who is on call, and is for whoever may know who is on duty.

    It takes the place of the last edition of its pool and period. Rules, leave and demand are kept with it
    for who may see personal information. One that breaks rules that must be kept, or is later than the
    agreement's days of posting or its notice of changes, needs --anyway; so does overtime, or in a later
    edition new work, for which others had to be asked before and have no answer, here or in asked.csv.
    """
    from watchfloor.planning.rosters import asking, calls, notice, papers

    rosters.refuse_publishing(context.floor, context.actor.name)
    made = papers.of_folder(ask.folder)
    present = rosters.same_period(visible(context), ask.pool or made.problem.name, made.own.begins)
    if present:  # it is posted: what is new in it needs notice
        late = list(papers.put_late(made, shifts_of(context, present), context.now))
        if before := papers_of(context, present):
            log = [*calls.read_log(ask.folder / calls.ASKED), *questions(context, present)]
            late += papers.passed_over(before, made, log)
    else:
        late = list(notice.posted_late(made.own, context.now))
        late += asking.passed_over(made.own, made.grid, calls.read_log(ask.folder / calls.ASKED))
    return _published(context, made, ask.pool, ask.marking, ask, late=late)


class ListRosters(Request, frozen=True):
    """Nothing needs to be said."""


@action("roster list", "roster list", past=True, rows="rosters", empty="rosters.none")
def list_(context: Context, _: ListRosters) -> RosterList:
    """List the rosters that were published, by pool and period."""
    found = visible(context)
    context.log_query("rosters", rosters=[one.id for one in found])
    return RosterList(rosters=[view(one) for one in found], marking=joined(one.marking for one in found))


class TryChange(Request, frozen=True):
    """Changes of a roster."""

    roster: RosterField = ""
    put: PutField = ()
    edition: EditionField = None


@action("roster what-if", "roster what-if Emerson --put Roy=2026-12-08=off", past=False)
def what_if(context: Context, ask: TryChange) -> RosterTrial:
    """Say what a change of a roster would break and mend, each with its clause; nothing is saved."""
    from watchfloor.planning.rosters import papers

    one = pick(context, ask.roster, first_day_of(ask.put))
    if ask.edition:
        one.refuse_stale(ask.edition)
    present = papers.opened(rosters.papers_of(context.floor, context.reader, one))
    found = papers.tried(present, present.changed(ask.put), context.now, questions(context, one))
    context.log_query("roster what-if", roster=one.id, edition=one.edition, put=list(ask.put))
    return RosterTrial(
        roster=one.id,
        pool=one.pool,
        edition=one.edition,
        put=ask.put,
        **{
            name: [breach_line(each, present, context.language) for each in getattr(found, name)]
            for name in ("breaks", "mends")
        },
        before=found.before,
        after=found.after,
        lawful=found.lawful,
        marking=papers_marking(one),
        language=context.language,
    )


class ChangeRoster(TryChange, frozen=True):
    """Changes that are published."""

    anyway: AnywayField = False
    why: Annotated[str, option("The reason, in your words.", required=True)] = ""


@action(
    "roster change",
    'roster change Emerson --put Roy=2026-12-08=off --why "Roy is ill"',
    writes=True,
    done="rosters.published",
)
def change(context: Context, ask: ChangeRoster) -> RosterChange:
    """Publish the next edition of a roster, with changes; `roster what-if` says before what they break."""
    from watchfloor.planning.rosters import papers

    rosters.refuse_publishing(context.floor, context.actor.name)
    one = pick(context, ask.roster, first_day_of(ask.put))
    present = papers.opened(rosters.papers_of(context.floor, context.reader, one))
    made = present.changed(ask.put)
    late = [
        *papers.told_late(present, made, context.now),
        *papers.passed_over(present, made, questions(context, one)),
    ]
    return _published(context, made, one.pool, one.marking, ask, one.edition, late)


def _published(
    context: Context,
    made: "Papers",
    pool: str,
    marking: str,
    ask: Any,
    seen: int | None = None,
    late: Sequence["Breach"] = (),
) -> RosterChange:
    """Publish an edition. Raises `Conflict` where it breaks rules that must be kept, but for `anyway`."""
    from watchfloor.planning.rosters.check import check

    must = [*late, *(one for one in check(made.problem, made.grid).breaches if one.cost is None)]
    if must and not ask.anyway:
        first = breach_line(must[0], made, context.language).said
        raise Conflict(reason(UNLAWFUL, n=len(must), first=first))
    with context.writer() as writer:
        post = Post(context.floor, context.reader, writer)
        done: Done[Roster] = rosters.publish(post, made.edition(pool), marking, ask.edition or seen, ask.why)
    position = context.known_position(done.position)
    return RosterChange(**fields(done.item), unlawful=len(must), position=position)


def visible(context: Context) -> list[Roster]:
    """Return the rosters that this person may see, by pool and period."""
    found = Roster.read(context.floor, context.reader, context.as_of).values()
    return sorted(found, key=lambda one: (one.pool.casefold(), one.first_day, one.id))


def pick(context: Context, start: str, on: date | None = None) -> Roster:
    """Return the roster that is meant, of a pool that of a day; else today's. Raises `Refusal`."""
    every = visible(context)
    if not every:
        raise NotFound(reason(NO_ROSTER))
    if start.strip():
        return rosters.find(context.floor, context.reader, start, context.as_of, on)
    day = on or context.now.date()
    found = [one for one in every if one.first_day <= day < one.first_day + timedelta(days=one.days)] or every
    if len({one.pool for one in found}) > 1:
        raise Unusable(reason(SEVERAL, names=", ".join(sorted({one.pool for one in found}))))
    return rosters.of_day(found, day)


def first_day_of(puts: Sequence[str]) -> date | None:
    """Return the day of the first change; None where it names none."""
    try:
        return date.fromisoformat(puts[0].rsplit("=", 2)[1].strip())
    except (IndexError, ValueError):
        return None


def shifts_of(context: Context, one: Roster, span: tuple[datetime, datetime] | None = None) -> list[Shift]:
    """Return who works when by the last edition of a roster; with a span, what begins within it."""
    return rosters.shifts_of(context.floor, context.reader, one, context.as_of, span)


def papers_of(context: Context, one: Roster) -> "Papers | None":
    """Return the rules, people and demand of a roster; None where they are not here for this person."""
    from watchfloor.planning.rosters import papers

    if context.as_of is not None:
        return None
    try:
        return papers.opened(rosters.papers_of(context.floor, context.reader, one))
    except NotFound:
        return None


def questions(context: Context, one: Roster) -> list["Question"]:
    """Return what was answered in calls of a roster as the log of who was asked."""
    from watchfloor.planning.rosters.asking import Question

    return [
        Question(each.shift.officer, str(day_of(each, one)), "", "", each.at.isoformat(), agreed=each.agreed)
        for each in rosters.answers(context.floor, context.reader, one)
    ]


def day_of(one: CallAnswer, of: Roster) -> date:
    """Return the day that an answer is about, by the clock of its roster."""
    return one.shift.begins.astimezone(ZoneInfo(str(of.last["zone"]))).date()


def may_publish(context: Context) -> bool:
    """Return whether the floor's policy lets this person publish rosters."""
    try:
        rosters.refuse_publishing(context.floor, context.actor.name)
    except Refusal:
        return False
    return True


def breach_line(one: "Breach", of: "Papers", language: Language) -> BreachLine:
    """Return a breach by its dates, with the words of its clause and as a sentence."""
    first, last = of.own.dates(one.first, one.last)
    days = f"{first}" if first == last else f"{first} – {last}"
    kind, text = of.own.rule(one.clause)
    rule = text or Catalogue().word("rosters.kind_", kind, language)
    shared: dict[str, Any] = {"clause": one.clause, "days": days, "amount": one.amount}
    if one.person:
        said = reason(BREACH, who=one.person, rule=rule, **shared)
    else:
        said = reason(DEMAND, what=one.what or one.clause, **shared)
    same = {name: getattr(one, name) for name in ("clause", "amount", "cost", "what")}
    return BreachLine(who=one.person, first=first, last=last, rule=rule, said=render(said, language), **same)


def papers_marking(one: Roster) -> str:
    """Return the marking of what the papers of a roster say."""
    from watchfloor.feeds.config import PERSONAL  # every format comes with it

    return joined([one.marking, PERSONAL])


def view(one: Roster) -> RosterView:
    """Return a roster without its days."""
    return RosterView(**fields(one))


def fields(one: Roster) -> dict[str, Any]:
    """Return the fields of a `RosterView`."""
    return {
        "roster": one.id,
        "pool": one.pool,
        "first": one.first_day,
        "days": one.days,
        "zone": one.last["zone"],
        "rules": one.last["rules"] or "",
        "officers": len(one.officers),
        "shifts": one.last["shifts"],
        "why": one.why or "",
        **{name: getattr(one, name) for name in ("edition", "by", "at", "marking")},
    }
