"""Following leads, subjects, places and saved views, and the notices of what is new about them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Annotated, ClassVar, Final

from watchfloor.actions.base import Answer, Context, Request, action, argument, option, words
from watchfloor.actions.triage import head_of
from watchfloor.casework import saved_views
from watchfloor.casework.notices import subscriptions, targets
from watchfloor.casework.notices.subscriptions import NAMED, OWNER, Notice, Subscription
from watchfloor.casework.notices.targets import Kind
from watchfloor.casework.tasking import deconfliction
from watchfloor.casework.watch.sitrep import Records, events
from watchfloor.cell.acts import NotFound, Refusal, Row, Unusable, read, refuse
from watchfloor.cell.identity.names import called as called_by
from watchfloor.cell.leads import Lead
from watchfloor.cell.queue import every
from watchfloor.cell.wording.titles import Names, marking, named, plain, subject, title_in
from watchfloor.core.kinds import OUTCOME, TASK, TRIAGE, WATCH_ENTRY
from watchfloor.core.marking import joined
from watchfloor.core.messages import Language, declare, reason
from watchfloor.core.subjects import SubjectError, parts
from watchfloor.messages import figures
from watchfloor.messages.catalogue import Catalogue

NO_TARGET: Final = declare("cell.follow-one")
NO_SUBJECT: Final = declare("cell.follow-no-subject", "problem")
COUNTED: Final = 99
"""Unread notices that are counted; of more it is said that there are."""
_WORDS: Final = Catalogue()


class Follow(Request, frozen=True):
    """One of these to follow."""

    lead_id: Annotated[str, argument("[LEAD]", "A lead's id, or its start.")] = ""
    subject: Annotated[str, option("A subject, such as vessel:imo:9074729.", metavar="KEY")] = ""
    place: Annotated[str, option("A circle: latitude, longitude, metres.", metavar="LAT,LON,M")] = ""
    km: Annotated[
        str, option("Kilometres of the line, such as 2060-2075 or alaska:10-40.", metavar="FROM-TO")
    ] = ""
    view: Annotated[str, option("The name of a saved view.", metavar="NAME")] = ""


class SubscriptionRow(Answer, frozen=True):
    """Something that one follows; `target` is how it is written, `called` how it is told."""

    texts: ClassVar = "notices"
    columns: ClassVar = ("subscription", "kind", "called", "since")

    subscription: str
    kind: Annotated[str, words("notices.kind_")]
    target: str
    called: str
    since: datetime
    marking: str = ""

    @property
    def address(self) -> str:
        """Return the address of the page of what is followed."""
        from urllib.parse import quote

        where = {"lead": f"/leads/{self.target}", "subject": f"/subjects/{quote(self.target, safe='')}"}
        return where.get(self.kind, "/leads" if self.kind == "view" else "/map")


class SubscriptionList(Answer, frozen=True):
    """Subscriptions of one's own, the newest first."""

    followed: list[SubscriptionRow]
    marking: str = ""


class ListFollowed(Request, frozen=True):
    """Nothing needs to be said."""


class NoticeRow(Answer, frozen=True):
    """Something new.

    Attributes:
        notice: its id.
        lead: that it is about; `called`: the lead's title.
        kind: signal, triage, task, outcome or watch-entry; `said`: what is new, in a sentence.
        at: when it could first be known, or was done.
        read: whether it was marked as read.
        why: why one is told: what one follows, or a comment.
        subscriptions: ids of what one follows that it is about.
    """

    texts: ClassVar = "notices"

    notice: str
    lead: str
    called: str
    kind: Annotated[str, words("notices.new_")]
    said: str
    at: datetime
    read: bool
    why: list[str]
    subscriptions: list[str]
    marking: str

    def block(self, say: Callable[..., str]) -> tuple[str, list[str]]:
        """Return what is new and when; below it the lead and why one is told."""
        state = say("notices.was_read" if self.read else "notices.unread")
        head = f"{self.at:%Y-%m-%d %H:%MZ}  {state}  {self.said}"
        return head, [f"[{self.marking}] {self.lead}  {self.called}", "; ".join(self.why)]


class ChannelProblem(Answer, frozen=True):
    """A channel that has not taken some of one's notices, and why; `over`: it is not tried any more."""

    channel: Annotated[str, words("notices.channel_")]
    count: int
    why: str
    over: bool


class NoticeList(Answer, frozen=True):
    """Notices, the newest first; `unread`: how many of all are, up to 99; `more`: how many are not shown."""

    notices: list[NoticeRow]
    unread: int
    more: int
    followed: list[SubscriptionRow]
    problems: list[ChannelProblem]
    marking: str


class ListNotices(Request, frozen=True):
    """Which notices."""

    unread: Annotated[bool, option("Only those that you have not read.")] = False
    top: Annotated[int, option("How many to show.", minimum=1)] = 50


class ReadNotices(Request, frozen=True):
    """Which notices; none: all."""

    notice: Annotated[tuple[str, ...], argument("[NOTICE]...", "Ids of notices; all of them if none.")] = ()


class NoticesRead(Answer, frozen=True):
    """How many notices were marked as read."""

    read: int
    marking: str = ""


class Unfollow(Request, frozen=True):
    """A subscription to end."""

    subscription: Annotated[str, argument("SUBSCRIPTION", "Its id, or the start of it.", required=True)] = ""


@action(
    "follow",
    "follow 3f2a; watchfloor leads follow --km 2060-2075",
    writes=True,
    weighs=True,
    done="notices.done_follow",
)
def follow(context: Context, ask: Follow) -> SubscriptionRow:
    """Follow a lead, a subject, a place, a stretch of the line or a saved view.

    You get a notice of what is new about it, once, as far as you may see it; what is in by now, and what you
    do yourself, is not new. It is a query that stands: it is logged with your purpose and authority.
    """
    asked: dict[Kind, str] = {
        "lead": ask.lead_id,
        "subject": ask.subject,
        "place": ask.place,
        "stretch": ask.km,
        "view": ask.view,
    }
    kind, target = _one(asked)
    about: dict[str, object] = {}
    if kind == "lead":
        target = context.lead(target).lead_id
        about = {"shown": [target]}
    elif kind == "subject":
        try:
            parts(target)
        except SubjectError as error:
            raise Unusable(reason(NO_SUBJECT, problem=str(error))) from None
        about = {"about": target}
    elif kind == "view":
        about = {"words": saved_views.find(context.floor.root, context.actor.name, target).query}
    target = targets.canonical(kind, target)
    position = context.floor.position
    context.log_query("followed", kind=kind, **(about or {"box": target}))
    if kind == "subject":
        deconfliction.log_hits(context.floor, context.reader, context.actor.authority, (target,), "search")
    made = subscriptions.follow(context.floor.root, context.actor, kind, target, position, context.now)
    return _rows(context, [made])[0]


def _one(asked: Mapping[Kind, str]) -> tuple[Kind, str]:
    given = [(kind, text) for kind, text in asked.items() if text.strip()]
    if len(given) != 1:
        refuse(NO_TARGET)
    return given[0]


@action("unfollow", "unfollow 8d2f", writes=True, done="notices.done_unfollow")
def unfollow(context: Context, ask: Unfollow) -> SubscriptionRow:
    """Follow something no longer; its notices go too."""
    gone = subscriptions.unfollow(context.floor.root, context.actor.name, ask.subscription)
    return _row(gone, gone.target if gone.kind == "lead" else _called(gone, {}, context.language))


@action(
    "notices followed",
    "notices followed",
    rows="followed",
    empty="notices.follows_nothing",
    weighs=True,
)
def followed(context: Context, ask: ListFollowed) -> SubscriptionList:  # noqa: ARG001 - every action takes one
    """List what you follow, the newest first."""
    found = _rows(context, _mine(context))
    if found:
        context.log_query("notices followed", shown=[one.target for one in found if one.kind == "lead"])
    return SubscriptionList(followed=found, marking=joined([one.marking for one in found if one.marking]))


@action(
    "notices list",
    "notices list --unread",
    rows="notices",
    empty="notices.empty",
    blocks=True,
    more="notices.more",
    weighs=True,
)
def list_(context: Context, ask: ListNotices) -> NoticeList:
    """List your notices, newest first: what is new about what you follow, and comments for you."""
    found = shown(context, unread=ask.unread)
    rows, mine = found[: ask.top], _rows(context, _mine(context))
    if rows or mine:
        leads = [one.lead for one in rows] + [one.target for one in mine if one.kind == "lead"]
        context.log_query("notices", shown=list(dict.fromkeys(filter(None, leads))))
    return NoticeList(
        notices=rows,
        unread=min(sum(not one.read for one in found), COUNTED),
        more=len(found) - len(rows),
        followed=mine,
        problems=[
            ChannelProblem(channel=one.channel, count=one.notices, why=one.why, over=one.over)
            for one in subscriptions.problems(context.floor.root, context.actor.name)
        ],
        marking=joined([*filter(None, (*(one.marking for one in rows), *(one.marking for one in mine)))]),
    )


@action("notices read", "notices read", writes=True, done="notices.done_read")
def read_(context: Context, ask: ReadNotices) -> NoticesRead:
    """Mark notices as read: those that you name, or all."""
    root, person = context.floor.root, context.actor.name
    mine = {_id(one.new.fact): one.new.fact for one in subscriptions.notices(root, person, unread=True)}
    facts = [mine[one] for one in ask.notice if one in mine] if ask.notice else [*mine.values()]
    subscriptions.mark_read(root, person, facts)
    return NoticesRead(read=len(facts))


def shown(
    context: Context, *, unread: bool = False, most: int | None = None, fact: int | None = None
) -> list[NoticeRow]:
    """Return the notices of who asks that they may see now, unlogged; what is about one thing is one.

    Args:
        context: who asks.
        unread: only what was not read.
        most: how many are enough.
        fact: the only thing that is asked for.
    """
    kept: defaultdict[int, list[Notice]] = defaultdict(list)
    for one in subscriptions.notices(context.floor.root, context.actor.name, unread=unread):
        if fact in (None, one.new.fact):
            kept[one.new.fact].append(one)
    if not kept:
        return []
    views = _Views(context)
    found: list[NoticeRow] = []
    for same in kept.values():
        if (row := views.row(same)) is not None:
            found.append(row)
        if most is not None and len(found) >= most:
            break
    return found


class _Views:
    """Reads notices for one person; what several share is read once."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._mine = {one.id: one for one in _mine(context)}
        self._leads: dict[str, Lead | None] = {}
        self._acts: dict[str, dict[str, Row]] = {}

    def row(self, same: Sequence[Notice]) -> NoticeRow | None:
        """Return what is told of one new thing; None where the reader may not see it, or it is no more."""
        new = same[0].new
        lead = self._lead(new.lead)
        said = self._signal(lead, new.record) if new.kind == "signal" else self._act(new.kind, new.record)
        if said is None:
            return None
        language, because = self._context.language, {one.new.subscription for one in same}
        names = _names(self._context, lead) if lead else {}
        called = _title(self._context, lead, names) if lead else ""
        mine = [one for id_, one in self._mine.items() if id_ in because]
        marks = [lead.marking, *filter(None, [marking(lead, names)])] if lead else []
        return NoticeRow(
            notice=_id(new.fact),
            lead=lead.lead_id if lead else "",
            called=called,
            kind=new.kind,
            said=said[0],
            at=new.at,
            read=all(one.read for one in same),
            why=[
                *(_WORDS.say(f"notices.why_{one}", language) for one in (NAMED, OWNER) if one in because),
                *(self._why(one, names) for one in mine),
            ],
            subscriptions=[one.id for one in mine],
            marking=joined([said[1], *marks]),
        )

    def _why(self, one: Subscription, names: Names) -> str:
        """Return what a subscription is to, beside a notice that has the lead's title already."""
        if one.kind == "lead":
            return _WORDS.say("notices.why_lead", self._context.language)
        return _called(one, names, self._context.language)

    def _lead(self, lead_id: str) -> Lead | None:
        if lead_id not in self._leads:
            self._leads[lead_id] = None
            with suppress(Refusal):
                self._leads[lead_id] = (
                    head_of(self._context, self._context.lead(lead_id)) if lead_id else None
                )
        return self._leads[lead_id]

    def _signal(self, lead: Lead | None, record: str) -> tuple[str, str] | None:
        signals = (one for each in every([lead]) for one in each.signals) if lead else ()
        found = next((one for one in signals if one.signal_id.hex() == record), None)
        return (found.reason.render(self._context.language), lead.marking) if found and lead else None

    def _act(self, kind: str, record: str) -> tuple[str, str] | None:
        if kind not in self._acts:
            of = {one.name: one for one in (TRIAGE, TASK, OUTCOME, WATCH_ENTRY)}[kind]
            rows = read(self._context.floor, self._context.reader, of)
            self._acts[kind] = {row["record_id"].hex(): row for row in rows}
        row = self._acts[kind].get(record)
        return (_said(kind, row, self._context.language), row["marking"]) if row else None


def _said(kind: str, row: Row, language: Language) -> str:
    """Return what somebody did, as a sentence."""
    if kind == TRIAGE.name:
        params = {"by": row["by"], "text": plain(row["why"] or "")}
        text = _WORDS.say(f"notices.did_{row['act']}", language, **params)
        return f"{text} “{params['text']}”" if row["why"] and row["act"] != "comment" else text
    of = {TASK.name: "tasks", OUTCOME.name: "outcomes", WATCH_ENTRY.name: "entries"}[kind]
    told = [*events(Records(**{of: [row]}))]
    return told[0].text(language) if told else _WORDS.say("notices.did_watch_entry", language, by=row["by"])


def _mine(context: Context) -> list[Subscription]:
    return subscriptions.subscriptions(context.floor.root, context.actor.name)


def _rows(context: Context, found: Iterable[Subscription]) -> list[SubscriptionRow]:
    """Return subscriptions as rows; a lead that its follower may not see now is called by its id."""
    made = []
    for one in found:
        lead = None
        if one.kind == "lead":
            with suppress(NotFound):
                lead = head_of(context, context.lead(one.target))
        called = _title(context, lead, _names(context, lead)) if lead else ""
        marks = lead.marking if lead else ""
        made.append(_row(one, _called(one, {}, context.language, called), marks))
    return made


def _names(context: Context, lead: Lead) -> Names:
    return called_by(context.floor, context.reader, set(named(lead)), context.as_of)


def _title(context: Context, lead: Lead, names: Names) -> str:
    return title_in(lead, names, context.weights, context.language)


def _row(one: Subscription, called: str, marks: str = "") -> SubscriptionRow:
    return SubscriptionRow(
        subscription=one.id, kind=one.kind, target=one.target, called=called, since=one.made_at, marking=marks
    )


def _called(one: Subscription, names: Names, language: Language, lead: str = "") -> str:
    """Return what a person calls what they follow."""
    if one.kind == "lead":
        return lead or one.target
    if one.kind == "subject":
        return subject(one.target, names, language)
    if one.kind == "place":
        here = targets.circle(one.target)
        params = {
            "km": figures(f"{here.radius / 1000:g}", language),
            "place": f"{here.latitude:.3f}, {here.longitude:.3f}",
        }
        return _WORDS.say("notices.within", language, **params)
    if one.kind == "stretch":
        on = targets.stretch(one.target)
        key = "notices.stretch_alaska" if on.chain == "alaska" else "notices.stretch"
        return _WORDS.say(key, language, start=f"{on.start:g}", end=f"{on.end:g}")
    return one.target


def _id(fact: int) -> str:
    return f"{fact & 0xFFFFFFFFFFFFFFFF:016x}"
