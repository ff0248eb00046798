"""Clearances of readers, proposed by one supervisor and given or refused by another."""

from datetime import datetime
from typing import Annotated, ClassVar, Final

import msgspec

from watchfloor.actions.base import Answer, Context, Request, action, argument, option, words
from watchfloor.casework import clearances, policies
from watchfloor.casework.clearances import Clearance, Proposal
from watchfloor.core.messages import Language
from watchfloor.messages.catalogue import Catalogue
from watchfloor.policy.terms import Role

NONE = "none"
"""What is said for no compartment, or for no level."""


class ClearanceView(Answer, frozen=True, kw_only=True):
    """A clearance that was proposed.

    Attributes:
        id: by which it is decided.
        person: whose; `changes`: what differs, as `Protected: PA → PC`.
        by: who proposed it, and `why`; `ends`: until when it may be decided.
        state: waiting, given or refused; `decided_by`: by whom, and `answer`: with what reason.
        stale: why a waiting one can be given no more; empty: it can.
        own: whether oneself proposed it or would have it, so that somebody else decides.
    """

    texts: ClassVar = "clearances.list"
    columns: ClassVar = ("id", "person", "differs", "by", "why", "ends", "state", "stale")

    id: str
    person: str
    changes: list[str]
    by: str
    why: str
    at: datetime
    ends: datetime
    state: Annotated[str, words("clearances.state_")]
    decided_by: str
    decided_at: datetime | None
    answer: str
    stale: str
    own: bool
    marking: str = ""

    @property
    def differs(self) -> str:
        """The changes in one text."""
        return "; ".join(self.changes)

    def done(self, key: str) -> str:
        """Return the key of the text that says what was done."""
        return key + self.state


class ClearanceList(Answer, frozen=True):
    """Clearances that were proposed, the newest first."""

    clearances: list[ClearanceView]


class NewClearance(Request, frozen=True):
    """Whose clearance, and what is to be otherwise; what is not said stays as it is."""

    person: Annotated[
        str, argument("NAME", "The reader, as the policy and the log name them.", required=True)
    ] = ""
    role: Annotated[Role | None, option("Their role.")] = None
    protected: Annotated[str | None, option("Highest protected level: PA, PB, PC or none.")] = None
    classified: Annotated[str | None, option("Highest classification: C, S, TS or none.")] = None
    tlp: Annotated[str | None, option("Highest label of the Traffic Light Protocol.")] = None
    compartments: Annotated[
        str | None, option("All their compartments, with commas between them; or none.")
    ] = None
    why: Annotated[str, option("The reason; it stays in the log.", required=True)] = ""


class OneClearance(Request, frozen=True):
    """Which proposed clearance."""

    clearance: Annotated[str, argument("[ID]", "Its id, or the start of it; without it, list.")] = ""


class RefusedClearance(Request, frozen=True):
    """Which proposed clearance, and why not."""

    clearance: Annotated[str, argument("ID", "Its id, or the start of it.", required=True)] = ""
    why: Annotated[str, option("The reason; it stays in the log.", required=True)] = ""


@action("clearance proposed", "clearance proposed --floor floor", rows="clearances", empty="clearances.none")
def proposed(context: Context, _: Request) -> ClearanceList:
    """List the clearances that were proposed, with what became of them; for supervisors."""
    context.reader  # noqa: B018 - who may not read here is refused
    policies.supervised(context.floor, context.actor.name)
    found = clearances.proposals(context.floor)
    context.log_query("clearances", shown=[one.id for one in found])
    return ClearanceList([view(context, one) for one in found])


@action(
    "clearance propose",
    'clearance propose okafor --protected PC --why "takes over the night desk" --floor floor',
    writes=True,
    done="clearances.done_",
)
def propose(context: Context, ask: NewClearance) -> ClearanceView:
    """Propose a clearance or a role for another person; a second supervisor gives it."""
    context.reader  # noqa: B018 - who may not read here is refused
    present = policies.supervised(context.floor, context.actor.name)
    old = clearances.of_person(present.readers.get(ask.person)) or Clearance()
    said = {key: getattr(ask, key) for key in ("role", "protected", "classified", "tlp")}
    levels = {key: "" if value == NONE else value for key, value in said.items() if value is not None}
    if ask.compartments is not None:
        named = [] if ask.compartments == NONE else ask.compartments.split(",")
        levels["compartments"] = tuple(word for one in named if (word := one.strip()))
    wanted = msgspec.structs.replace(old, **levels)
    return view(context, clearances.propose(context.floor, context.actor, ask.person, wanted, ask.why))


@action(
    "clearance approve",
    "clearance approve 5f0c77ab --floor floor",
    writes=True,
    listing=proposed,
    done="clearances.done_",
)
def approve(context: Context, ask: OneClearance) -> ClearanceView:
    """Give a clearance that another supervisor has proposed; it holds from now on."""
    context.reader  # noqa: B018 - who may not read here is refused
    return view(context, clearances.give(context.floor, context.actor, ask.clearance))


@action(
    "clearance refuse",
    'clearance refuse 5f0c77ab --why "the check is not done" --floor floor',
    writes=True,
    done="clearances.done_",
)
def refuse(context: Context, ask: RefusedClearance) -> ClearanceView:
    """Refuse a proposed clearance with a reason, or take one's own proposal back."""
    context.reader  # noqa: B018 - who may not read here is refused
    return view(context, clearances.decline(context.floor, context.actor, ask.clearance, ask.why))


def change(key: str, was: str, now: str, language: Language) -> str:
    """Return how a key of a clearance changes, as `Protected: PA → PC`."""
    if key == "role":
        was, now = (_KEYS.word("role.", one, language) if one else "" for one in (was, now))
    colon = ": " if language == "en" else "\u00a0: "
    return f"{_KEYS.both(f'clearances.{key}')[language == 'fr']}{colon}{was or '–'} → {now or '–'}"


_KEYS: Final = Catalogue()


def view(context: Context, one: Proposal) -> ClearanceView:
    """Return a proposal as a face shows it."""
    decided = one.decided
    return ClearanceView(
        id=one.id,
        person=one.person,
        changes=[change(key, was, now, context.language) for key, was, now in one.changes],
        by=one.by,
        why=one.why,
        at=one.act.at,
        ends=one.ends,
        state=one.state,
        decided_by=decided.actor.name if decided and decided.actor else "",
        decided_at=decided.at if decided else None,
        answer=one.answer,
        stale=one.stale.render(context.language) if one.stale else "",
        own=context.actor.name in (one.by, one.person),
    )
