"""Acts on a lead: take it, watch it, close it with a ground, open it again, comment on it."""

from datetime import datetime
from typing import Annotated, Any

from watchfloor.actions.base import Answer, Context, Request, action, argument, option, words
from watchfloor.casework import triage
from watchfloor.casework.triage import Progress, Wish
from watchfloor.cell.acts import Post
from watchfloor.cell.leads import Lead
from watchfloor.cell.queue import every

StateWord = Annotated[str, words("triage.state_")]
LeadId = Annotated[str, argument("LEAD", "The lead's id, or its start.", required=True)]
Edition = Annotated[int | None, option("The edition that you looked at; the present one if not given.")]


class TriageChange(Answer, frozen=True):
    """How far a lead is after an act; `position` is of the act in the log, for who may know it."""

    position: int | None
    lead: str
    act: Annotated[str, words("triage.act_")]
    state: StateWord
    owner: str | None
    ground: str
    to: str
    edition: int
    at: datetime | None
    marking: str

    def done(self, key: str) -> str:
        """Return the key of the text that says what was done."""
        return f"{key}{self.act}"


class ActOnLead(Request, frozen=True):
    """A lead, and why."""

    lead_id: LeadId = ""
    why: Annotated[str, option("Why, in your words.")] = ""
    edition: Edition = None


class TakeLead(ActOnLead, frozen=True):
    """A lead to take."""

    anyway: Annotated[bool, option("Also where it is another's.")] = False


class CloseLead(Request, frozen=True):
    """A lead to close, and the ground."""

    lead_id: LeadId = ""
    ground: Annotated[
        str, argument("GROUND", "unfounded, acted-on, passed-on, duplicate or not-ours.", required=True)
    ] = ""
    to: Annotated[str, option("To whom it was passed on, or of which lead it is a duplicate.")] = ""
    why: Annotated[str, option("Why, in your words.")] = ""
    edition: Edition = None


class CommentOnLead(Request, frozen=True):
    """A comment on a lead."""

    lead_id: LeadId = ""
    text: Annotated[
        str, argument("TEXT", "What you have to say; @name tells whom it is for.", required=True)
    ] = ""


@action("take", "take 3f2a", writes=True, weighs=True, done="triage.done_")
def take_lead(context: Context, ask: TakeLead) -> TriageChange:
    """Take a lead: it is yours until you put it back, close it, or another takes it."""
    return _do(context, ask.lead_id, Wish("take", ask.edition, why=ask.why, anyway=ask.anyway))


@action("watch", 'watch 3f2a --why "wait for the next boat"', writes=True, weighs=True, done="triage.done_")
def watch(context: Context, ask: ActOnLead) -> TriageChange:
    """Watch a lead: it stays in sight, and nobody need act on it now."""
    return _do(context, ask.lead_id, Wish("watch", ask.edition, why=ask.why))


@action("close", 'close 3f2a passed-on --to "RCMP, Windsor"', writes=True, weighs=True, done="triage.done_")
def close(context: Context, ask: CloseLead) -> TriageChange:
    """Close a lead, with the ground: unfounded, acted-on, passed-on, duplicate or not-ours.

    A signal that speaks for it and comes later opens it again.
    """
    return _do(context, ask.lead_id, Wish("close", ask.edition, ask.ground, ask.to, ask.why))


@action("reopen", "reopen 3f2a", writes=True, weighs=True, done="triage.done_")
def reopen(context: Context, ask: ActOnLead) -> TriageChange:
    """Open a closed lead again, or put one back that you took; it is new, and nobody's."""
    return _do(context, ask.lead_id, Wish("reopen", ask.edition, why=ask.why))


@action(
    "comment",
    'comment 3f2a "@okafor please look at the second boat"',
    writes=True,
    weighs=True,
    done="triage.done_",
)
def comment(context: Context, ask: CommentOnLead) -> TriageChange:
    """Comment on a lead; @name tells whom it is for."""
    return _do(context, ask.lead_id, Wish("comment", why=ask.text))


def _do(context: Context, start: str, wish: Wish) -> TriageChange:
    one = head_of(context, context.lead(start))
    with context.writer() as writer:
        post = Post(context.floor, context.reader, writer)
        position = triage.do(post, one, wish)
        left = triage.standing(one, triage.records_of(context.floor, context.reader), writer.moment())
    known = context.known_position(position)
    return TriageChange(position=known, lead=one.lead_id, act=wish.act, **fields(left), marking=one.marking)


def head_of(context: Context, one: Lead) -> Lead:
    """Return the head of the matter that a lead is of."""
    heads = context.leads_naming({one.subject})
    return next((head for head in heads if one.lead_id in {each.lead_id for each in every([head])}), one)


def fields(left: Progress) -> dict[str, Any]:
    """Return the fields of how far a lead is."""
    return {name: getattr(left, name) for name in ("state", "owner", "ground", "to", "edition", "at")}
