"""Legal holds on records, subjects and leads, and how long records are kept."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Final

from watchfloor.actions.base import Answer, Context, Request, action, argument, option
from watchfloor.cell.acts import Row, Unusable, nonempty, pick, render
from watchfloor.core.marking import join, joined, parse
from watchfloor.core.messages import declare, reason
from watchfloor.core.subjects import SubjectError, parts
from watchfloor.policy.policy import Reader, allowed
from watchfloor.store.erasure import holds, retention, scope
from watchfloor.store.erasure.holds import Hold
from watchfloor.store.errors import UnknownRecord
from watchfloor.store.floor import Floor

UNUSABLE: Final = declare("actions.hold", "problem")
LIFTED: Final = declare("actions.hold-lifted", "position")
NO_RECORD: Final = declare("actions.retention")
MOST: Final = 6
"""Names of what a hold is over that a sentence gives."""


class HoldView(Answer, frozen=True):
    """A hold; `over`: what it is over in short, `lifted`: position of the act that ended it."""

    texts: ClassVar = "hold"
    columns: ClassVar = ("hold", "at", "over", "why", "ordered_by", "authority", "state")

    hold: int
    at: datetime | None
    records: tuple[str, ...]
    subjects: tuple[str, ...]
    leads: tuple[str, ...]
    why: str
    ordered_by: str
    authority: str
    marking: str
    lifted: int | None
    over: str
    state: str | None

    def nothing(self, column: str) -> str:
        """Return the key of the text for a hold that stands."""
        return "hold.stands" if column == "state" else ""


class HoldList(Answer, frozen=True):
    """Holds, the oldest first."""

    holds: list[HoldView]
    marking: str


class ListHolds(Request, frozen=True):
    """Which holds."""

    all: Annotated[bool, option("Also holds that were lifted.")] = False


@action("hold list", "hold list --all", rows="holds", empty="hold.empty")
def list_(context: Context, ask: ListHolds) -> HoldList:
    """List the holds that you may see, oldest first."""
    found = [one for one in visible(context.floor, context.reader) if ask.all or one.lifted is None]
    context.log_query("holds", holds=len(found))
    views = [HoldView(**_fields(one, context)) for one in found]
    return HoldList(holds=views, marking=joined(view.marking for view in views))


class HoldChange(HoldView, frozen=True):
    """A hold as an act left it; `position`: of the act in the log."""

    position: int


class PlaceHold(Request, frozen=True, kw_only=True):
    """Records to hold, and by whose order."""

    what: Annotated[
        tuple[str, ...],
        argument("WHAT…", "Record ids or their starts, typed keys, or lead ids.", required=True),
    ] = ()
    why: Annotated[str, option("The reason, such as the file of a litigation.")]
    ordered_by: Annotated[str, option("Who ordered it.")]


@action(
    "hold place",
    'hold place person:visa:T-0012 --why "T-1234-26" --ordered-by "Justice, A. Roy" --authority "Federal '
    'Courts Rules, r. 222"',
    writes=True,
    done="hold.said_placed",
)
def place(context: Context, ask: PlaceHold) -> HoldChange:
    """Place a hold. On a subject it is over what comes later too; on a lead over its subjects and records."""
    found = [_resolved(context, text) for text in ask.what]
    records, subjects, leads, markings = (
        tuple(dict.fromkeys(one for named in found for one in named[name])) for name in NAMED
    )
    marking = join(markings) if markings else str(context.floor.ceiling)
    hold = Hold(0, None, ask.why, ask.ordered_by, marking, records, subjects, leads)
    try:
        position = context.floor.act(context.actor, holds.PLACED, holds.detail(hold))
    except ValueError as error:
        raise Unusable(reason(UNUSABLE, problem=str(error))) from None
    return _change(context, position, position)


class LiftHold(Request, frozen=True):
    """Which hold, and why."""

    hold: Annotated[int, argument("HOLD", "Its number, as `floor hold list` has it.")]
    why: Annotated[str, option("The reason.")]


@action(
    "hold lift",
    'hold lift 812 --why "proceeding discontinued, T-1234-26"',
    writes=True,
    done="hold.said_lifted",
)
def lift(context: Context, ask: LiftHold) -> HoldChange:
    """Lift a hold; what it was over may be erased again."""
    why = nonempty(ask.why, "why")
    one = holds.find(visible(context.floor, context.reader), ask.hold)
    position = context.floor.act(context.actor, holds.LIFTED, {"hold": one.position, "why": why})
    return _change(context, one.position, position)


def _change(context: Context, number: int, position: int) -> HoldChange:
    one = next(one for one in holds.on(context.floor.root) if one.position == number)
    return HoldChange(**_fields(one, context), position=position)


def _fields(one: Hold, context: Context) -> dict[str, Any]:
    """Return the fields of a `HoldView`."""
    same = ("at", "records", "subjects", "leads", "why", "ordered_by", "authority", "marking", "lifted")
    return {
        **{name: getattr(one, name) for name in same},
        "hold": one.position,
        "over": _over(one),
        "state": render(reason(LIFTED, position=one.lifted), context.language) if one.lifted else None,
    }


class RetentionLine(Answer, frozen=True):
    """How long records are kept.

    Attributes:
        records: how many; `record`: which, if it is one that was named.
        ceiling: the last day that their marking allows; `floor`: that the law wants, of the use on `used`.
        holds: that are over them; `applies`: what decides.
    """

    texts: ClassVar = "hold"
    columns: ClassVar = ("records", "kind", "record", "ceiling", "used", "floor", "holds", "applies")

    records: int
    kind: str
    record: str
    ceiling: date | None
    used: date | None
    floor: date | None
    holds: str
    applies: str


class RetentionList(Answer, frozen=True):
    """Records with how long they are kept, or groups of them."""

    records: list[RetentionLine]


class ShowRetention(Request, frozen=True):
    """Which records."""

    records: Annotated[tuple[str, ...], argument("[RECORD…]", "Record ids, or their starts.")] = ()
    all: Annotated[bool, option("Every record that you may see, grouped by what applies.")] = False


@action(
    "retention",
    "retention d64a3caa; watchfloor floor retention --all",
    rows="records",
    empty="hold.no_records",
)
def show_retention(context: Context, ask: ShowRetention) -> RetentionList:
    """How long records are kept: what their marking allows, what the law wants, what is under legal hold."""
    if bool(ask.records) == ask.all:
        raise Unusable(reason(NO_RECORD))
    floor, me = context.floor, keeper(context.reader)
    ids = [_record(floor, me, text)["record_id"] for text in ask.records]
    mine = {one.position for one in visible(floor, context.reader)}
    with context.busy("hold.reading"):
        kept = (
            retention.counted(floor.root) if ask.all else ((one, 1) for one in retention.on(floor.root, ids))
        )
        found = [(one, count) for one, count in kept if allowed(me, parse(one.marking))]
    shown = [] if ask.all else [one.record_id.hex() for one, _ in found]
    context.log_query("retention", records=sum(count for _, count in found), shown=shown)
    today, groups = floor.now().date(), Counter[tuple[Any, ...]]()
    for one, count in found:
        seen = replace(one, holds=tuple(at for at in one.holds if at in mine))
        group = (
            one.kind,
            "" if ask.all else one.record_id.hex(),
            one.ceiling,
            one.used.date() if one.used else None,
            one.floor,
            ", ".join(map(str, seen.holds)),
            seen.applies(today).render(context.language),
        )
        groups[group] += count
    names = RetentionLine.columns[1:]
    return RetentionList(
        records=[
            RetentionLine(records=count, **dict(zip(names, group, strict=True)))
            for group, count in sorted(groups.items(), key=str)
        ]
    )


def keeper(reader: Reader) -> Reader:
    """Return the same person as who holds or accounts for records: past the day of their marking too."""
    return replace(reader, today=None)


def visible(floor: Floor, reader: Reader) -> list[Hold]:
    """Return the holds that a reader may see."""
    me = keeper(reader)
    return [one for one in holds.on(floor.root) if allowed(me, parse(one.marking))]


NAMED: Final = ("records", "subjects", "leads", "markings")


def _resolved(context: Context, text: str) -> dict[str, Iterable[str]]:
    """Return what a text names: a typed key, else a record, else a lead; and the markings looked at."""
    floor, me = context.floor, keeper(context.reader)
    nothing: dict[str, Iterable[str]] = dict.fromkeys(NAMED, ())
    if ":" in text:
        try:
            parts(text)
        except SubjectError as error:
            raise Unusable(reason(UNUSABLE, problem=str(error))) from None
        rows = scope.on(floor.root, [text])
        seen = dict.fromkeys(one.marking for one in (*rows.about, *rows.shared))
        return nothing | {"subjects": [text], "markings": [one for one in seen if allowed(me, parse(one))]}
    try:
        found = floor.records(text, me)
    except UnknownRecord:
        found = []
    if len(found) == 1:
        row = found[0][1]
        return nothing | {"records": [row["record_id"].hex()], "markings": [row["marking"]]}
    lead = context.lead(text)
    return {
        "records": [id_.hex() for one in lead.contributions for id_ in one.evidence],
        "subjects": lead.subjects,
        "leads": [lead.lead_id],
        "markings": [lead.marking],
    }


def _record(floor: Floor, me: Reader, start: str) -> Row:
    return pick(
        {row["record_id"].hex(): row for _, row in floor.records(start, me)}, start, "record", "search"
    )


def _over(hold: Hold) -> str:
    """Return what a hold is over, in short."""
    names = [*hold.subjects, *hold.leads, *(one[:12] for one in hold.records)]
    more = len(names) - MOST
    return ", ".join(names[:MOST]) + (f" … (+{more})" if more > 0 else "")
