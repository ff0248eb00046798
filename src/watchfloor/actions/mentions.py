"""Subjects that reports seem to name, and what people say of them."""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Final, Literal

from watchfloor.actions.base import Answer, Context, Line, Request, Table, action, argument, note, option
from watchfloor.cell.acts import EMPTY, Unusable
from watchfloor.cell.judgements import Judgement, Verdict
from watchfloor.cell.mentions import PROPOSED, Mention, judge_mention, pick
from watchfloor.cell.mentions import mentions as every
from watchfloor.core.marking import joined
from watchfloor.core.messages import declare, reason

NEXT: Final = declare("mentions.next")
HEADS: Final = ("report", "number", "text", "subject", "where", "state")


class MentionView(Answer, frozen=True):
    """A subject that a report names, once, as it first stands there.

    Attributes:
        report: its number, or the id of its record.
        number: of the mention within the report, from 1.
        text: as it is written; null for one that the author states.
        page, portion: where it stands; null where there are none.
        how: what found it.
    """

    record_id: str
    report: str
    title: str | None
    number: int
    subject: str
    text: str | None
    page: int | None
    portion: int | None
    how: str
    state: str
    marking: str

    def cells(self, say: Any) -> list[object]:
        """Return what a terminal shows of it."""
        page = say("mentions.on_page", page=self.page) if self.page and self.portion else ""
        where = page + (say("mentions.in_portion", portion=self.portion) if self.portion else "")
        text, state = self.text or say("mentions.stated"), say(f"mentions.state_{self.state}")
        return [self.report, self.number, text, self.subject, where, state]


class MentionList(Answer, frozen=True):
    """Mentions; `settled`: how many of the reports asked about wait for nobody."""

    mentions: list[MentionView]
    settled: int
    marking: str

    def written_out(self, say: Any) -> Iterator[Line | Table]:
        """Yield the mentions, or how many are settled."""
        empty = say("mentions.settled", n=self.settled) if self.settled else say("mentions.none")
        heads = (say(f"mentions.{name}") for name in HEADS)
        yield Table("", heads, (one.cells(say) for one in self.mentions), empty)


class ListMentions(Request, frozen=True):
    """Of which report."""

    report: Annotated[str, argument("[REPORT]", "A report's number, or the start of its record's id.")] = ""
    all: Annotated[bool, option("Also what is confirmed, refused or stated.")] = False


@action("mentions", "mentions MU4-2026-17 --floor floor", rows="mentions")
def list_(context: Context, ask: ListMentions) -> MentionList:
    """List the subjects that reports seem to name; of one report all, else those that wait for a person."""
    found = every(context.floor, context.reader, ask.report or None)
    chosen = found if ask.report or ask.all else [one for one in found if one.state == PROPOSED]
    views = [_view(one) for one in chosen]
    shown = list(dict.fromkeys(one.record_id for one in views))
    context.log_query("mentions", report=ask.report or None, mentions=len(views), shown=shown)
    if views:
        note(context, NEXT)
    marking = joined([one.marking for one in views])
    return MentionList(mentions=views, settled=len(found) - len(views), marking=marking)


def _view(one: Mention) -> MentionView:
    return MentionView(
        record_id=one.report["record_id"].hex(),
        report=_name(one),
        title=one.report["title"],
        number=one.number,
        subject=one.subject,
        text=one.text,
        page=one.page,
        portion=one.portion,
        how=one.how,
        state=one.state,
        marking=one.report["marking"],
    )


def _name(one: Mention) -> str:
    return str(one.report["report_key"] or one.report["record_id"].hex())


class ConfirmMention(Request, frozen=True):
    """Which mention, and what it is."""

    report: Annotated[str, argument("REPORT", "The report's number, or the start of its record's id.")]
    mention: Annotated[str, argument("MENTION", "The mention's number, or its subject.")]
    verdict: Annotated[
        Literal["same", "different", "undo"],
        argument("[VERDICT]", "It is meant; it is not; or take back what was said."),
    ] = "same"
    why: Annotated[str, option("The reason, in your words.", required=True)] = ""


class MentionChange(Answer, frozen=True):
    """A mention as somebody judged it; `position` of the act in the log, for who may know it."""

    unprinted: ClassVar[tuple[str, ...]] = ("marking",)

    position: int | None
    subject: str
    verdict: Verdict
    report: str
    marking: str


@action(
    "confirm",
    'confirm MU4-2026-17 2 --why "the plate on the photograph is hers"',
    writes=True,
    done="mentions.said",
)
def confirm(context: Context, ask: ConfirmMention) -> MentionChange:
    """Say that a report means the subject it seems to name, or that it does not; the desks run again.

    It holds until you take it back, or until the report comes again and says something else there.
    """
    if not ask.why.strip():
        raise Unusable(reason(EMPTY, what_words="why"))
    chosen = pick(every(context.floor, context.reader, ask.report), ask.mention)
    verdict: Verdict = "withdrawn" if ask.verdict == "undo" else ask.verdict
    with context.writer() as writer:
        said = Judgement(verdict, ask.why.strip(), context.actor.name, context.floor.now())
        position = judge_mention(writer, chosen, said)
    marking = chosen.report["marking"]
    context.run_desks(marking)
    return MentionChange(
        position=context.known_position(position),
        subject=chosen.subject,
        verdict=verdict,
        report=_name(chosen),
        marking=marking,
    )
