"""Referrals: parcels and consignments that are to be inspected, and what became of each.

Who examines is shown the facts about an item, the law and the grounds. The probability with which the item
was chosen, and whether by score, by uncertainty or at random, are in no answer before its end: they would
steer how hard somebody looks, and then the rates that rest on them would be of the looking.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Final, Literal, TypeVar

import msgspec
from msgspec import structs

from watchfloor.actions.base import (
    Answer,
    Context,
    Request,
    action,
    argument,
    note,
    option,
    screen,
    start_after,
    words,
)
from watchfloor.actions.tasks import FlagWord, FormWord
from watchfloor.casework.life_cycle import Done
from watchfloor.casework.referrals import audit as auditing
from watchfloor.casework.referrals import (
    drafting,
    grounds,
    lookouts,
    outcomes,
    powers,
    record_builders,
    repository,
)
from watchfloor.casework.referrals.life import (
    OPEN,
    Change,
    ExaminationResult,
    Pick,
    Referral,
    reason_of,
    urgent,
)
from watchfloor.casework.referrals.messages import NO_FACT, NO_RATE, RELEASE
from watchfloor.casework.tasking.ordering import flags_of
from watchfloor.cell.acts import Post, Row, render
from watchfloor.cell.wording.dates import moment_of_field
from watchfloor.core.marking import joined
from watchfloor.core.messages import declare, reason

T = TypeVar("T")

MOST: Final = 200
"""Referrals that a page may ask for."""

OFFER: Final = declare("actions.referral-lead", "lead", "result", "task")
EVERY_STREAM: Final = declare(
    "actions.referrals-every-stream", "due", "overdue", "not_examined", "withdrawn", "examined", "unexamined"
)

StateWord = Annotated[str, words("inspections.state_")]
MeansWord = Annotated[str, words("inspections.means_")]
ResultWord = Annotated[str, words("inspections.result_")]
FindingWord = Annotated[str, words("inspections.found_")]


class ReferralView(Answer, frozen=True):
    """A referral as it stands.

    Attributes:
        document: number of the item's transport document.
        state: as of the moment asked for; `last_act` is what the last act made it.
        edition: number of acts on it.
        chosen_by: why this item; `plan` for what who examines is not told before the end, and then
            `chance` and `scheme` are null too.
        grounds: an officer's, in their own words; `badge`: whose.
        authority: the section, as it was recorded; `law`: in the language asked for.
        deadline: until when it can be held; `late`: it is past, without a word of an end.
        result, found, substance: of an examination.
        marking: of every act on it.
    """

    texts: ClassVar = "inspections"
    columns: ClassVar[tuple[str, ...]] = (
        *("referral", "state", "subject", "document", "means", "chosen_by", "deadline", "unit"),
        *("last_act", "by", "at"),
    )

    referral: str
    subject: str
    document: str | None
    state: StateWord
    edition: int
    means: MeansWord
    chosen_by: Annotated[str, words("inspections.chosen_by_")] | None
    chance: float | None
    scheme: str | None
    grounds: str | None
    badge: str | None
    authority: str | None
    referred_at: datetime
    deadline: datetime | None
    unit: str | None
    result: ResultWord | None
    found: list[FindingWord]
    substance: str | None
    why: str | None
    last_act: StateWord
    by: str
    at: datetime
    marking: str
    law: str
    late: bool


class ReferralChange(ReferralView, frozen=True):
    """A referral as an act left it.

    Attributes:
        position: of the act in the log, for who may know it.
        release: that a release is no clearance, if it ended without a finding.
        task: the lookout that was hit.
    """

    position: int | None
    release: str = ""
    task: str | None = None


class ReferralAct(Answer, frozen=True):
    """An act on a referral and the record that it is kept in.

    Attributes:
        reason: word of the closed list, of an item that was not examined; `why` begins with it.
    """

    texts: ClassVar = "inspections"
    columns: ClassVar = ("edition", "state", "at", "by", "result", "found", "substance", "why", "record")

    edition: int
    state: StateWord
    means: MeansWord
    result: ResultWord | None
    found: list[FindingWord] | None
    substance: str | None
    grounds: str | None
    why: str | None
    by: str
    unit: str | None
    deadline: datetime | None
    at: datetime
    record: str
    reason: str


class ReferralHistory(ReferralView, frozen=True):
    """A referral with every act on it, the oldest first.

    Attributes:
        flags: dangers that tasks about the item are flagged with.
        release: that a release is no clearance.
    """

    columns: ClassVar = (*ReferralView.columns, "law", "grounds", "badge", "flags", "history", "release")

    flags: list[FlagWord]
    release: str
    history: list[ReferralAct]


class ReferralList(Answer, frozen=True):
    """Referrals, those past their deadline first.

    Attributes:
        marking: the join of what is shown.
        count: referrals that were asked for; `counts`: of all, by overdue, open and ended.
        overdue: how many are past their deadline without a word of an end; null: none.
        referrals: those of this page.
        next: id to go on after; empty at the end.
        units: that referrals name.
    """

    marking: str
    count: int
    counts: dict[str, int]
    referrals: list[ReferralView]
    next: str
    units: list[str]
    overdue: int | None


class ListReferrals(Request, frozen=True):
    """Which referrals."""

    open: Annotated[bool, option("Those to be examined in time.")] = False
    overdue: Annotated[bool, option("Those past their deadline without a word.")] = False
    ended: Annotated[bool, option("Those that have ended.")] = False
    unit: Annotated[str, option("Only of this unit.")] = ""
    state: Annotated[Literal["", "overdue", "open", "ended"], screen("Of these; empty: not the ended.")] = ""
    after: Annotated[str, screen("The last referral of the page before.")] = ""
    size: Annotated[int, screen("How many.")] = 0


@action(
    "referral list",
    "referral list --overdue",
    past=True,
    rows="referrals",
    empty="inspections.empty",
    title="inspections.list_overdue",
)
def list_(context: Context, ask: ListReferrals) -> ReferralList:
    """List referrals: those past their deadline first, then by deadline. Without an option, all but the
    ended."""
    answer = listed(context, ask)
    context.log_query("referrals", shown=[view.referral for view in answer.referrals])
    return answer


def listed(context: Context, ask: ListReferrals) -> ReferralList:
    """Return referrals without a word in the log: who shows more with them logs it."""
    found = Referral.read(context.floor, context.reader, context.as_of).values()
    mine = [one for one in found if ask.unit in ("", one.last["unit"])]
    counts = Counter(_kind(one, context.now) for one in mine)
    asked = {name for name in ("overdue", "open", "ended") if ask.state == name or getattr(ask, name)}
    wanted = asked or {"overdue", "open"}
    ordered = sorted(mine, key=lambda one: urgent(one, context.now))
    chosen = [one for one in ordered if _kind(one, context.now) in wanted]
    start = start_after([one.id for one in chosen], ask.after)
    size = min(ask.size, MOST) if ask.size > 0 else context.page_size or len(chosen)
    page = chosen[start : start + size]
    return ReferralList(
        marking=joined(one.marking for one in page),
        count=len(chosen),
        counts={name: counts[name] for name in ("overdue", "open", "ended")},
        referrals=[ReferralView(**_fields(one, context)) for one in page],
        next=page[-1].id if start + size < len(chosen) else "",
        units=sorted({one.last["unit"] for one in found if one.last["unit"]}),
        overdue=counts["overdue"] or None,
    )


def _kind(one: Referral, now: datetime) -> str:
    state = one.standing(now)
    return "overdue" if state == "expired" else "open" if state in OPEN else "ended"


class ShowReferral(Request, frozen=True):
    """Which referral."""

    referral: Annotated[str, argument("REFERRAL", "The referral's id, or the start of it.")]


@action("referral show", "referral show 3f2a", past=True)
def show(context: Context, ask: ShowReferral) -> ReferralHistory:
    """Show a referral and every act on it, each with its record."""
    one = Referral.find(context.floor, context.reader, ask.referral, context.as_of)
    context.log_query("referral", shown=[one.id])
    return ReferralHistory(
        **_fields(one, context),
        flags=flags_of(context.floor, context.reader, None, [one.subject]),
        release=release(context),
        history=[_act(row) for row in one.history],
    )


def _act(row: Row) -> ReferralAct:
    given = {name: row[name] for name in ReferralAct.__struct_fields__ if name in row}
    cause = reason_of(row["why"]) if row["state"] == "not-examined" else ""
    return ReferralAct(**given, at=row["observed_at"], record=row["record_id"].hex(), reason=cause)


def release(context: Context) -> str:
    """Return the sentence that a release is no clearance."""
    return render(reason(RELEASE), context.language)


class GroundsFact(Answer, frozen=True):
    """A fact on record, its marking and its records."""

    text: str
    marking: str
    records: list[str]


class GroundsDraft(Answer, frozen=True):
    """The facts on record about an item, the join of their markings, and how many reasons are left out.

    Attributes:
        text: the facts as they are printed, or that there are none.
    """

    subject: str
    facts: list[GroundsFact]
    omitted: int
    marking: str | None
    release: str
    text: str


class DraftGrounds(Request, frozen=True):
    """Which item."""

    subject: Annotated[str, argument("ITEM", "Typed key of the parcel or container.")]


@action(
    "referral draft",
    "referral draft parcel:s10:RR123456785CA",
    past=True,
    done="inspections.drafted",
    document="text",
)
def draft(context: Context, ask: DraftGrounds) -> GroundsDraft:
    """List the facts on record that an officer may go by. It states no grounds: a person does."""
    key = record_builders.item_key(ask.subject)
    found = drafting.draft(context.floor, context.reader, key, context.as_of)
    context.log_query("grounds", shown=[key])
    sentences, none = found.sentences(context.language), reason(NO_FACT, subject=key)
    return GroundsDraft(
        subject=found.subject,
        facts=[
            GroundsFact(text=text, marking=fact.marking, records=[one.hex() for one in fact.records])
            for text, fact in zip(sentences, found.facts, strict=True)
        ],
        omitted=found.omitted,
        marking=found.marking,
        release=release(context),
        text="\n".join(f"- {text}" for text in sentences or [render(none, context.language)]),
    )


class StreamCount(Answer, frozen=True):
    """Counts of the referrals of one stream and unit, by what became of them.

    Attributes:
        due: that have ended or should have.
        results: of those examined, by result; reasons: of those not examined.
        unexamined_share: of those due, with its 95 % interval; `unexamined`: the same in words.
    """

    texts: ClassVar = "inspections"
    columns: ClassVar = (
        *("direction", "mode", "unit", "due", "overdue", "not_examined", "reasons", "withdrawn", "examined"),
        *("finding", "unexamined", "open"),
    )

    direction: Annotated[str, words("inspections.direction_")] | None
    mode: Annotated[str, words("inspections.mode_")] | None
    unit: str | None
    open: int
    overdue: int
    withdrawn: int
    examined: int
    not_examined: int
    due: int
    results: Annotated[dict[str, int], words("inspections.result_")]
    reasons: Annotated[dict[str, int], words("inspections.reason_")]
    unexamined_share: dict[str, float] | None
    unexamined: str
    finding: int

    def nothing(self, column: str) -> str:  # noqa: ARG002 - the others have a value
        """Return the key of the text for what no declaration or referral says."""
        return "inspections.unstated"


class ReferralAudit(Answer, frozen=True):
    """Counts of referrals by stream, those first that have most overdue."""

    streams: list[StreamCount]


class AuditReferrals(Request, frozen=True):
    """Which referrals."""

    from_: Annotated[str, option("Only referred from then on.")] = msgspec.field(default="", name="from")
    until: Annotated[str, option("Only referred until then.")] = ""


@action(
    "referral audit",
    "referral audit --from 2026-11-01",
    past=True,
    rows="streams",
    empty="inspections.none",
)
def audit(context: Context, ask: AuditReferrals) -> ReferralAudit:
    """Count what became of referrals, by stream and unit: overdue first, then not examined and why."""
    ends = moment_of_field(ask.from_, "from", first=True), moment_of_field(ask.until, "until")
    lines = auditing.audit(context.floor, context.reader, context.now, context.as_of, *ends)
    context.log_query("referral-audit", shown=[])
    if len(lines) > 1:
        every = structs.asdict(_count(auditing.total(lines)))
        names = ("due", "overdue", "not_examined", "withdrawn", "examined", "unexamined")
        note(context, EVERY_STREAM, **{name: every[name] for name in names})
    for message in (NO_RATE, RELEASE) if lines else ():
        note(context, message)
    return ReferralAudit(streams=[_count(line) for line in lines])


def _count(line: auditing.Line) -> StreamCount:
    same = (
        *("direction", "mode", "unit", "open", "overdue", "withdrawn", "examined", "not_examined", "due"),
        "reasons",
    )
    share = line.share(line.unexamined)
    return StreamCount(
        **{name: getattr(line, name) for name in same},
        results={name or "not stated": count for name, count in line.results.items()},
        unexamined_share=dict(zip(("share", "low", "high"), share, strict=True)) if share else None,
        unexamined="{:.0f} % ({:.0f}–{:.0f})".format(*(100 * each for each in share)) if share else "",
        finding=line.results.get("finding", 0),
    )


class LookoutMatch(Answer, frozen=True):
    """An item that a standing lookout names.

    Attributes:
        task: the lookout, or target, and what it asks.
        names: what they have in common, each key with what it is called in the declaration.
        goods, document, records: of the item's declarations.
        referral: that a recorded hit led to; null: nobody recorded it.
    """

    texts: ClassVar = "inspections"
    columns: ClassVar = ("task", "instruction", "deadline", "subject", "names", "goods", "referral")

    task: str
    form: FormWord
    instruction: str
    deadline: datetime | None
    flags: list[FlagWord]
    subject: str
    names: Annotated[dict[str, str], words("inspections.called_")]
    goods: list[str]
    document: str | None
    records: list[str]
    referral: str | None
    marking: str


class LookoutMatches(Answer, frozen=True):
    """Items that standing lookouts name, those of the most urgent lookout first."""

    hits: list[LookoutMatch]
    marking: str


class ListHits(Request, frozen=True):
    """Which offers."""

    all: Annotated[bool, option("Also those that are recorded.")] = False


@action("referral hits", "referral hits", past=True, rows="hits", empty="inspections.no_hits")
def hits(context: Context, ask: ListHits) -> LookoutMatches:
    """List declarations that standing lookouts and targets name. An offer is no hit: record it with `hit`."""
    found = matches(context, every=ask.all)
    context.log_query("lookout-hits", shown=[f"{one.task} {one.subject}" for one in found])
    return LookoutMatches(hits=found, marking=joined(one.marking for one in found))


def matches(context: Context, *, every: bool = False) -> list[LookoutMatch]:
    """Return items that standing lookouts name and nobody has recorded as a hit, or with `every` all."""
    found = lookouts.offers(context.floor, context.reader, context.now, context.as_of)
    return [_match(one) for one in found if every or one.referral is None]


def _match(one: lookouts.Offer) -> LookoutMatch:
    order = one.task.order
    return LookoutMatch(
        task=one.task.id,
        form=order.form,
        instruction=order.instruction,
        deadline=order.deadline,
        flags=list(order.flags),
        subject=one.subject,
        names=dict(one.by),
        goods=[row["goods"] for row in one.lines],
        document=one.lines[-1]["document"],
        records=[row["record_id"].hex() for row in one.lines],
        referral=one.referral,
        marking=one.marking,
    )


Item = Annotated[str, argument("ITEM", "Typed key of the parcel or container: parcel:s10:RR123456785CA.")]
Grounds = Annotated[str, option("An officer's, in their own words; the law asks for them to open mail.")]
Badge = Annotated[str, option("Badge number of the officer whose grounds they are.")]
Unit = Annotated[str, option("Who examines.")]
Why = Annotated[str, option("The reason, in your words.")]


class HowToExamine(Request, frozen=True):
    """How an item is to be examined, until when and on which law."""

    means: Annotated[
        str, option("open, x-ray, dog, trace, weighing or document: how it is examined.", required=True)
    ] = ""
    deadline: Annotated[
        str, option("Until when it can be held: a day (its end) or a moment.", required=True)
    ] = ""
    grounds: Grounds = ""
    badge: Badge = ""
    law: Annotated[
        str, option("Another section of powers.toml, such as 99(1)(e); else as the item has it.")
    ] = ""
    unit: Unit = ""
    document: Annotated[str, option("Number of its transport document; else as declared.")] = ""
    mode: Annotated[
        str, option("post, courier, air-cargo, marine-container, vehicle or rail; else as declared.")
    ] = ""
    direction: Annotated[str, option("inbound, outbound or in-transit; else as declared.")] = ""
    marking: Annotated[str, option("Its marking, such as PB//TLP:AMBER; never below its subject's.")] = ""

    def pick(self, subject: str) -> Pick:
        """Return the item as it is to be referred."""
        return Pick(
            subject.strip(),
            self.means,
            moment_of_field(self.deadline, "deadline"),
            document=self.document or None,
            unit=self.unit.strip() or None,
            grounds=self.grounds or None,
            badge=self.badge or None,
            law=self.law or None,
            mode=self.mode or None,
            direction=self.direction or None,
            marking=self.marking or None,
        )


class ReferItem(HowToExamine, frozen=True, kw_only=True):
    """An item to be referred."""

    subject: Item


class RecordHit(HowToExamine, frozen=True, kw_only=True):
    """An item that a lookout names, and what happened."""

    task: Annotated[str, argument("LOOKOUT", "The lookout's id, or the start of it.")]
    subject: Item
    why: Why = ""


@action(
    "referral refer",
    "referral refer parcel:s10:RR123456785CA --means x-ray --deadline 2026-11-25",
    writes=True,
    done="inspections.said",
)
def refer(context: Context, ask: ReferItem) -> ReferralChange:
    """Refer an item for inspection. Mail is opened on an officer's grounds alone: `cases referral draft`."""
    return _act_on(context, lambda post: repository.refer_one(post, ask.pick(ask.subject)))


@action(
    "referral hit",
    'referral hit 9c1e parcel:s10:RR123456785CA --means x-ray --deadline 2026-11-25 --why "met at the chute"',
    writes=True,
    done="inspections.said_hit",
)
def hit(context: Context, ask: RecordHit) -> ReferralChange:
    """Record a hit on a lookout that `cases referral hits` offers, and refer the item if it is not yet."""
    key, asked = record_builders.item_key(ask.subject), ask.pick(ask.subject)
    done = _write(context, lambda post: lookouts.record(post, ask.task, key, ask.why, asked))
    return _change(context, Done(done.referral, done.position, done.referral.at), task=done.task.id)


class ActOnReferral(Request, frozen=True):
    """An act on a referral."""

    referral: Annotated[str, argument("REFERRAL", "The referral's id, or the start of it.")]
    why: Why = ""
    edition: Annotated[
        int | None,
        option(
            "The edition you looked at, as `cases referral show` has it; else the present one.", minimum=1
        ),
    ] = None
    anyway: Annotated[bool, screen("Also where somebody acted on it meanwhile.")] = False

    @property
    def on(self) -> int | None:
        """Return the edition to act on; None: the present one."""
        return None if self.anyway else self.edition


class AmendReferral(ActOnReferral, frozen=True):
    """A change of a referral; what is left empty stays."""

    means: Annotated[str, option("Another means.")] = ""
    deadline: Annotated[str, option("Another deadline.")] = ""
    unit: Unit = ""
    grounds: Grounds = ""
    badge: Badge = ""


class RecordExamination(ActOnReferral, frozen=True):
    """The result of an examination."""

    result: Annotated[str, option("nothing, finding or inconclusive.", required=True)] = ""
    found: Annotated[
        tuple[str, ...], option("What: controlled-substance, precursor, undeclared, …; may be given again.")
    ] = ()
    substance: Annotated[str, option("Typed key of what was found: substance:cas:….")] = ""
    means: Annotated[str, option("If not as it was referred.")] = ""
    grounds: Grounds = ""
    badge: Badge = ""


class RecordNoExamination(ActOnReferral, frozen=True):
    """Why an item was not examined; in the API `reason` is the word and `why` the words."""

    why: Annotated[
        str,
        option(
            "departed, already-released, not-found, no-officer, no-means, no-grounds, cancelled, "
            "handed-over, hazard or other.",
            required=True,
        ),
    ] = msgspec.field(default="", name="reason")
    words: Annotated[str, option("What happened, in your words.", required=True)] = msgspec.field(
        default="", name="why"
    )


@action(
    "referral amend",
    'referral amend 3f2a --means open --grounds "I suspect …" --badge 1234 --why "x-ray outline"',
    writes=True,
    done="inspections.said",
)
def amend(context: Context, ask: AmendReferral) -> ReferralChange:
    """Change the means, the deadline, the unit or the grounds of a referral, with a reason."""
    deadline = moment_of_field(ask.deadline, "deadline")
    change = Change(ask.means or None, deadline, ask.unit.strip() or None, ask.grounds or None)
    return _act_on(
        context,
        lambda post: repository.amend(post, ask.referral, change, ask.why, ask.badge or None, ask.on),
    )


@action(
    "referral withdraw",
    'referral withdraw 3f2a --why "the lead was unfounded"',
    writes=True,
    done="inspections.said",
)
def withdraw(context: Context, ask: ActOnReferral) -> ReferralChange:
    """Take a referral back, with a reason. It counts in the audit."""
    return _act_on(context, lambda post: repository.withdraw(post, ask.referral, ask.why, ask.on))


@action(
    "referral examined",
    "referral examined 3f2a --result finding --found precursor",
    writes=True,
    done="inspections.said",
)
def examined(context: Context, ask: RecordExamination) -> ReferralChange:
    """Say what an examination gave. Nothing found is no clearance; a correction says why."""
    what = ExaminationResult(ask.result, ask.means or None, ask.found, ask.substance or None, ask.why or None)
    return _act_on(
        context,
        lambda post: repository.examined(
            post, ask.referral, what, ask.grounds or None, ask.badge or None, ask.on
        ),
    )


@action(
    "referral not-examined",
    'referral not-examined 3f2a --why departed --words "on the 14:10 flight"',
    writes=True,
    done="inspections.said",
)
def not_examined(context: Context, ask: RecordNoExamination) -> ReferralChange:
    """Say why an item was not examined: a reason of the list, and words."""
    return _act_on(
        context, lambda post: repository.not_examined(post, ask.referral, ask.why, ask.words, ask.on)
    )


class ExpireReferrals(Request, frozen=True):
    """Nothing needs to be said."""


class ExpiredReferrals(Answer, frozen=True):
    """Referrals whose deadline went by without a word of their end."""

    referrals: list[ReferralView]
    marking: str


@action("referral expire", "referral expire", writes=True, rows="referrals", empty="inspections.none_overdue")
def expire(context: Context, _: ExpireReferrals) -> ExpiredReferrals:
    """Put on record, and tell, every referral whose deadline went by without a word of its end."""
    ended = [ReferralView(**_fields(one, context)) for one in _write(context, repository.expire)]
    return ExpiredReferrals(referrals=ended, marking=joined(one.marking for one in ended))


def _write(context: Context, make: Callable[[Post], T]) -> T:
    with context.writer() as writer:
        return make(Post(context.floor, context.reader, writer))


def _act_on(context: Context, make: Callable[[Post], Done[Referral]]) -> ReferralChange:
    """Act on a referral, and name the leads that its end may be reported on."""
    done = _write(context, make)
    one = done.item
    if one.state in ("examined", "not-examined"):
        leads = context.leads_naming([one.subject]) if context.waits else []
        for offer in outcomes.offered(context.floor, context.reader, one, leads):
            task = f" --task {offer.task}" if offer.task else ""
            note(context, OFFER, lead=offer.lead, result=offer.result, task=task)
    return _change(context, done)


def _change(context: Context, done: Done[Referral], task: str | None = None) -> ReferralChange:
    one = done.item
    ended = one.state in ("examined", "not-examined") and one.last["result"] != "finding"
    return ReferralChange(
        **_fields(one, context),
        position=context.known_position(done.position),
        release=release(context) if ended else "",
        task=task,
    )


def _fields(one: Referral, context: Context) -> Mapping[str, Any]:
    """Return the fields of a `ReferralView`. What who examines should not know is null until its end."""
    last, blind = one.last, one.chosen_by == "plan"
    stated, badge = grounds.split(last["grounds"])
    table, authority = powers.load(context.floor.root), last["authority"]
    power = powers.named(table, authority)
    state = one.standing(context.now)
    same = ("document", "means", "authority", "unit", "result", "substance", "why", "by")
    return {
        "referral": one.id,
        "subject": one.subject,
        "state": state,
        "edition": one.edition,
        "chosen_by": one.chosen_by,
        "chance": None if blind else last["chance"],
        "scheme": None if blind else last["scheme"],
        "grounds": stated or None,
        "badge": badge,
        "referred_at": one.first["observed_at"],
        "deadline": one.deadline,
        "found": last["found"] or [],
        "last_act": one.state,
        "at": one.at,
        "marking": one.marking,
        "law": table.cited(power, context.language) if power else authority or "",
        "late": state == "expired",
        **{name: last[name] for name in same},
    }
