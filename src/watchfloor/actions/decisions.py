"""Decisions about leads: whether a subject is a listed entity, and whether two leads are one matter."""

from datetime import datetime
from typing import Annotated, Any, Literal

from watchfloor.actions.base import Answer, Context, Request, action, argument, note, option, screen, words
from watchfloor.casework.decisions import deciding
from watchfloor.casework.decisions import identities as pairing
from watchfloor.casework.tasking import deconfliction
from watchfloor.cell.acts import NotFound, refuse
from watchfloor.cell.identity.merges import Verdict
from watchfloor.cell.leads import Lead
from watchfloor.cell.wording.dates import moment_of_field
from watchfloor.core.marking import joined
from watchfloor.core.messages import declare

NO_OTHER = declare("cell.no-other-lead", "other")
NOT_OF_IT = declare("cell.not-of-the-lead", "subject")
NAMED_BY_NONE = declare("cell.named-by-no-lead", "subject")

VerdictWord = Annotated[str, words("acts.verdict_")]
Why = Annotated[str, option("The reason, in your words.", required=True)]


class GuardedAct(Request, frozen=True, kw_only=True):
    """An act on a lead that is refused if others acted on it since it was looked at."""

    seen: Annotated[
        str | None,
        screen(
            "What the page showed last, as its form has it; else what others decided after you last looked "
            "counts."
        ),
    ] = None
    anyway: Annotated[bool, option("Also if somebody decided about it after you last looked.")] = False


class DecideLead(GuardedAct, frozen=True):
    """A decision about a lead."""

    lead_id: Annotated[str, argument("LEAD", "The lead's id, or its start.")]
    answer: Annotated[
        deciding.Answer,
        argument("VERDICT", "The subject is another than the listed entity; is the same; or take it back."),
    ]
    why: Why = ""
    entity: Annotated[str, option("Only about this listed entity; else all behind the lead.")] = ""
    subject: Annotated[str, option("Only about this subject; else all of the lead.")] = ""
    until: Annotated[str, option("The day it must be looked at again; a year from now if not given.")] = ""


class Judgement(Answer, frozen=True, kw_only=True):
    """A decision as it was recorded.

    Attributes:
        position: of the act in the log, for who may know it; null if it stood already.
        already: whether it stood already, so that nothing was written; `by` whom, when and why then.
    """

    position: int | None
    subjects: list[str]
    verdict: str
    already: bool
    marking: str
    by: str | None = None
    at: datetime | None = None
    why: str | None = None

    def done(self, key: str) -> str:
        """Return the key of the text that says what was done."""
        return "acts.stands" if self.already else f"{key}{self.verdict}"


class DecisionChange(Judgement, frozen=True, kw_only=True):
    """A decision about a lead: `about` has the listed entity of each subject, `named` both by name."""

    verdict: VerdictWord
    about: list[str]
    named: list[str]


@action(
    "decide",
    'decide 3f2a different --why "born 1990, the listed person 1971; passport seen"',
    writes=True,
    done="acts.said_",
)
def decide(context: Context, ask: DecideLead) -> DecisionChange:
    """Record what you decided about a lead. It holds until it expires or the list says something else."""
    decision = deciding.Decision(
        ask.answer,
        ask.why,
        ask.entity or None,
        ask.subject or None,
        moment_of_field(ask.until, "until"),
        ask.seen,
        ask.anyway,
    )
    change = record(context, context.lead(ask.lead_id), decision)
    if not change.already:
        context.run_desks(change.marking)
    return change


def record(context: Context, lead: Lead, decision: deciding.Decision) -> DecisionChange:
    """Record a decision; the desks have not run on it yet. Raises `Refusal`."""
    with context.writer() as writer:
        done = deciding.decide(context.floor, writer, context.reader, lead, decision, context.language)
    items = [one.item for one in done.behind]
    known = max(done.known, key=lambda row: row["observed_at"], default=None)
    stood: dict[str, Any] = (
        {"by": known["decided_by"], "at": known["observed_at"], "why": known["why"]} if known else {}
    )
    markings = [*(item["marking"] for item in items), *(row["marking"] for row in done.known)]
    return DecisionChange(
        position=None if done.position is None else context.known_position(done.position),
        subjects=[one.subject for one in done.behind],
        verdict=done.verdict,
        about=[f"{item['list_id']}:{item['entity_id']}" for item in items],
        already=done.position is None,
        named=[f"{one.subject} – {one.item['name']}" for one in done.behind],
        marking=joined([lead.marking, *markings]),
        **stood,
    )


class JudgePair(GuardedAct, frozen=True):
    """A decision about two leads, or two subjects."""

    lead_id: Annotated[str, argument("ONE", "A lead's id or its start, or a subject's key.")]
    other: Annotated[str, argument("OTHER", "The other lead or subject.", required=True)] = ""
    one: Annotated[str, screen("The subject of the lead that is meant; its anchor if not given.")] = ""
    why: Why = ""
    until: Annotated[str, option("The day it must be looked at again; never, if not given.")] = ""


class UnmergePair(GuardedAct, frozen=True):
    """A merge, or what holds two subjects apart, to be taken back."""

    lead_id: Annotated[str, argument("ONE", "A lead's id or its start, or a subject's key.")]
    other: Annotated[str, argument("[OTHER]", "Needed where several merges hold it.")] = ""
    pair: Annotated[str, screen("Id of the record that joins two subjects or holds them apart.")] = ""
    why: Why = ""


class MergePair(JudgePair, frozen=True):
    """A decision that a page's form chooses; a command merges."""

    verdict: Annotated[Literal["merge", "apart", ""], screen("What is chosen in the form.")] = ""


class PairChange(Judgement, frozen=True, kw_only=True):
    """A decision about two subjects."""

    verdict: Annotated[Verdict, words("acts.pair_")]


@action(
    "merge",
    'merge 3f2a 91bc --why "the same telephone in both files"',
    writes=True,
    done="acts.paired_",
)
def merge(context: Context, ask: MergePair) -> PairChange:
    """Join two leads: their subjects are one matter. `unmerge` takes it back; both leads return exactly."""
    return _judge(context, ask, "different" if ask.verdict == "apart" else "same")


@action(
    "apart",
    'apart person:parcels:P-12 person:payments:T-7 --why "father and son"',
    writes=True,
    done="acts.paired_",
)
def apart(context: Context, ask: JudgePair) -> PairChange:
    """Hold two subjects apart, whatever any rule says: they are two matters. `unmerge` takes it back."""
    return _judge(context, ask, "different")


def _judge(context: Context, ask: JudgePair, verdict: Verdict) -> PairChange:
    until = moment_of_field(ask.until, "until")
    one = _anchor(context, ask.lead_id, ask.one)
    try:
        other = _anchor(context, ask.other)
    except NotFound:
        refuse(NO_OTHER, other=ask.other)
    return _pair(context, pairing.Pairing(one, other, verdict, ask.why, until, ask.seen, ask.anyway))


def _anchor(context: Context, named: str, meant: str = "") -> str:
    """Return the subject that a lead's id or a subject's key stands for, or the one meant of the lead."""
    if ":" not in named:
        lead = context.lead(named)
        key = pairing.key_of(meant) if meant else lead.subject
        return key if key in _subjects(lead) else refuse(NOT_OF_IT, subject=key)
    key = pairing.key_of(named)
    if not context.leads_naming([key]):
        note(context, NAMED_BY_NONE, subject=key)
    return key


def _named(context: Context, named: str) -> tuple[str, ...]:
    """Return the subjects of the lead whose id starts so, or the subject whose key it is."""
    return (named,) if ":" in named else _subjects(context.lead(named))


def _subjects(lead: Lead) -> tuple[str, ...]:
    return (lead.subject, *lead.subjects)


@action(
    "unmerge",
    'unmerge 3f2a --why "two people share that telephone"',
    writes=True,
    done="acts.paired_",
)
def unmerge(context: Context, ask: UnmergePair) -> PairChange:
    """Take back a merge, or what holds two subjects apart. Leads and scores are then what they were."""
    mine = _named(context, ask.lead_id)
    others = _named(context, ask.other) if ask.other else None
    held = [
        pair
        for pair in pairing.held_by(context.floor, context.reader, context.now)
        if ask.pair in ("", pair.record_id.hex())
    ]
    found = pairing.the_one(held, mine, others, " – ".join(filter(None, (ask.lead_id, ask.other))))
    one, other = (found.one, found.other) if found.one in mine else (found.other, found.one)
    return _pair(context, pairing.Pairing(one, other, "withdrawn", ask.why, None, ask.seen, ask.anyway))


def _pair(context: Context, asked: pairing.Pairing) -> PairChange:
    leads = context.leads_naming(asked.pair)
    with context.writer() as writer:
        done = pairing.pair(context.floor, writer, context.reader, leads, asked, context.language)
    if not done.known:
        authority = context.actor.authority
        deconfliction.log_hits(context.floor, context.reader, authority, asked.pair, "merge")
    known = done.known
    markings = [known.marking] if known else []
    stood: dict[str, Any] = {"by": known.by, "at": known.at, "why": known.why} if known else {}
    return PairChange(
        position=None if done.position is None else context.known_position(done.position),
        subjects=list(asked.pair),
        verdict=asked.verdict,
        already=known is not None,
        marking=joined([*markings, *(one.marking for one in leads)] or [pairing.LEAST]),
        **stood,
    )
