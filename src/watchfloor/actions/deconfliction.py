"""Deconfliction: who asks about what you hold, what owners answered you, and tasks near yours."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from watchfloor.actions.base import Answer, Context, Request, action, argument, option, words
from watchfloor.casework.tasking import deconfliction
from watchfloor.casework.tasking.deconfliction import Hit
from watchfloor.casework.tasking.spots import warnings
from watchfloor.core.marking import joined

VerdictWord = Annotated[str | None, words("deconfliction.verdict_")]


class HitView(Answer, frozen=True):
    """Somebody asked about what is held.

    Attributes:
        owners: originators of what is held; `marking`: of it.
        subjects: typed keys that were named and that are held.
        what: which command.
        verdict: contact, deny or silent; null while unanswered.
    """

    texts: ClassVar = "deconfliction"
    columns: ClassVar[tuple[str, ...]] = (
        *("hit", "at", "who", "purpose", "authority", "subjects", "marking", "reply"),
    )

    hit: str
    at: datetime
    by: str
    organisation: str
    purpose: str
    authority: str
    what: str
    subjects: list[str]
    owners: list[str]
    marking: str
    verdict: VerdictWord
    answer: str | None
    answered_by: str | None

    @property
    def who(self) -> str:
        """Return who asked, and whose they are."""
        return f"{self.by} ({self.organisation})"

    @property
    def reply(self) -> str | None:
        """Return the answer, if there is one."""
        return f"{self.verdict}: {self.answer}" if self.verdict else None

    def nothing(self, column: str) -> str:
        """Return the key of the text for a hit that is open."""
        return "deconfliction.open" if column == "reply" else ""


class HitAnswered(HitView, frozen=True):
    """A hit as it was answered; `position` of the act in the log, for who may know it."""

    position: int | None

    def done(self, key: str) -> str:
        """Return the key of the text for the verdict."""
        return f"{key}{self.verdict}"


class HitList(Answer, frozen=True):
    """Hits on what you hold."""

    hits: list[HitView]
    marking: str


class ListHits(Request, frozen=True):
    """Which hits."""

    all: Annotated[bool, option("Also those that were answered.")] = False


@action(
    "deconflict hits",
    "deconflict hits --floor floor",
    rows="hits",
    empty="deconfliction.no_hits",
    title="deconfliction.hits",
)
def hits(context: Context, ask: ListHits) -> HitList:
    """List who asked about what you hold and they may not see: when, and what for. They were told nothing."""
    every = deconfliction.hits(context.floor, context.reader).values()
    found = [HitView(**_fields(one)) for one in every if ask.all or one.verdict is None]
    context.log_query("deconflict hits", found=len(found))
    return HitList(hits=found, marking=joined([one.marking for one in found]))


def _fields(one: Hit) -> dict[str, Any]:
    same = {name: getattr(one, name) for name in HitView.__struct_fields__}
    return same | {"subjects": list(one.subjects), "owners": list(one.owners)}


class AnswerHit(Request, frozen=True):
    """Which hit, and what its asker is told."""

    hit: Annotated[str, argument("HIT", "The hit's id, or its start.")]
    verdict: Annotated[
        Literal["contact", "deny", "silent"],
        argument("VERDICT", "contact: they are told whom to call; deny: they are told no; silent: nothing."),
    ]
    say: Annotated[str, option("What they are told: whom to call, and how.")] = ""


@action(
    "deconflict answer",
    'deconflict answer 5b1c contact --say "Call the duty officer, Project Heron"',
    writes=True,
    done="deconfliction.answered_",
)
def answer(context: Context, ask: AnswerHit) -> HitAnswered:
    """Answer who asked about what you hold: make contact, deny, or stay silent. The answer is logged."""
    done, position = deconfliction.answer(
        context.floor, context.actor, context.reader, ask.hit, ask.verdict, ask.say
    )
    return HitAnswered(**_fields(done), position=context.known_position(position))


class NoticeView(Answer, frozen=True):
    """An owner's answer to a query or task of yours."""

    texts: ClassVar = "deconfliction"
    columns: ClassVar = ("asked", "about", "verdict", "says")

    asked: datetime
    about: list[str]
    verdict: VerdictWord
    says: str | None


class NoticeList(Answer, frozen=True):
    """The answers of owners to you."""

    notices: list[NoticeView]


class Nothing(Request, frozen=True):
    """Nothing needs to be said."""


@action(
    "deconflict notices",
    "deconflict notices --floor floor",
    rows="notices",
    empty="deconfliction.no_notices",
    title="deconfliction.notices",
)
def notices(context: Context, _: Nothing) -> NoticeList:
    """List what owners answered to your own queries and tasks: whom to contact, or that it is denied."""
    found = deconfliction.notices(context.floor, context.actor.name)
    context.log_query("deconflict notices", found=len(found))
    return NoticeList(
        notices=[
            NoticeView(asked=one.at, about=list(one.subjects), verdict=one.verdict, says=one.answer)
            for one in found
        ]
    )


class NearTask(Answer, frozen=True):
    """A task that is near another; of the other only the `number` is known."""

    texts: ClassVar = "deconfliction"
    columns: ClassVar = ("task", "warned", "number")

    number: str
    task: str
    at: datetime

    @property
    def warned(self) -> datetime:
        """Return when both commanders were warned."""
        return self.at


class NearTaskList(Answer, frozen=True):
    """Tasks that are near another."""

    near: list[NearTask]


@action(
    "deconflict near",
    "deconflict near --floor floor",
    rows="near",
    empty="deconfliction.no_near",
    title="deconfliction.near",
)
def near(context: Context, _: Nothing) -> NearTaskList:
    """List tasks that you may see and that are near another in place and time; of that, only a number."""
    found = warnings(context.floor, context.reader)
    context.log_query("deconflict near", found=len(found))
    return NearTaskList(near=[NearTask(number=one.number, task=one.task, at=one.at) for one in found])
