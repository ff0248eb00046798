"""Exhibits from the seizure to the end: who holds each, under which seal, what is left, what the Act asks."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal, NoReturn

import msgspec
from msgspec import structs

from watchfloor.actions.base import FILE, Answer, Context, Request, action, argument, option, words
from watchfloor.actions.tasks import FlagWord
from watchfloor.casework.custody import balance as balancing
from watchfloor.casework.custody import clocks as statutory
from watchfloor.casework.custody import readings, repository, signing, verifying
from watchfloor.casework.custody.exhibits import Difference, Exhibit, World
from watchfloor.casework.custody.masses import COVERAGE, Mass, written
from watchfloor.casework.custody.record_builders import Part
from watchfloor.casework.custody.refusals import NO_OFFER
from watchfloor.casework.custody.repository import Desk, Done, When
from watchfloor.cell.acts import Row, Unusable, refuse, same_person
from watchfloor.cell.wording.dates import moment_of_field
from watchfloor.core.marking import joined
from watchfloor.core.messages import Message, declare, reason
from watchfloor.exchange.log.access import access
from watchfloor.messages import number

NO_ZONE: Final = declare("actions.custody-moment", "text")
NO_ERROR: Final = declare("actions.custody-mass")
NO_PART: Final = declare("actions.custody-part", "text")
ALL_OR_MASS: Final = declare("actions.custody-rest")
ONE_SIGNATURE: Final = declare("actions.custody-signature")

StateWord = Annotated[str, words("custody.state_")]
ActWord = Annotated[str, words("custody.act_")]


class MassView(Answer, frozen=True):
    """A mass in grams and its standard uncertainty."""

    grams: float
    standard_uncertainty: float


class ExhibitView(Answer, frozen=True):
    """An exhibit as it stands.

    Attributes:
        subject: typed key of what it was in; `parent`: id of the exhibit that it was split off.
        name: what it was taken to be; `called`: what it is called now.
        law, place, seized: of the seizure.
        offered_to: who has not signed yet for it.
        mass: what is left; null: never weighed. `weighed`: it was measured, not found by subtraction.
        left: the same in words with its expanded uncertainty, while it is held.
        doubts: what is odd about any act on it.
        edition: number of acts on it; `last_act` and `at`: the last one.
    """

    texts: ClassVar = "custody"
    columns: ClassVar[tuple[str, ...]] = (
        *("exhibit", "number", "called", "state", "holder", "offered_to", "seal", "left", "edition"),
        *("last_act", "at"),
    )

    exhibit: str
    number: str
    subject: str | None
    substance: str | None
    name: str | None
    sort: str | None
    parent: str | None
    law: str | None
    place: str | None
    seized: date
    state: StateWord
    holder: str
    offered_to: str | None
    seal: str | None
    mass: MassView | None
    weighed: bool
    flags: list[FlagWord]
    doubts: list[str]
    split_into: list[str]
    edition: int
    last_act: ActWord
    at: datetime
    marking: str
    called: str
    left: str


class ExhibitChange(ExhibitView, frozen=True):
    """An exhibit as an act left it.

    Attributes:
        position: of the act in the log, for who may know it.
        children: exhibits that were split off; `parts`: the same in words.
        flagged: what is odd about the act.
    """

    position: int | None
    children: list[ExhibitView]
    parts: list[str]
    flagged: Annotated[list[str], words("custody.doubt_")]


class ExhibitAct(Answer, frozen=True):
    """An act on an exhibit and the record that it is kept in."""

    texts: ClassVar = "custody"
    columns: ClassVar = ("edition", "at", "by", "act", "seal", "law", "document", "why", "doubts", "record")

    edition: int
    act: ActWord
    by: str
    day: date
    mass: float | None
    mass_error: float | None
    seal: str | None
    old_seal: str | None
    to: str | None
    witness: str | None
    parent: str | None
    children: list[str] | None
    law: str | None
    place: str | None
    agency: str | None
    file: str | None
    document: str | None
    analyst: str | None
    doubts: list[str]
    why: str | None
    statement: str | None
    signature: str | None
    at: datetime
    record: str


class ExhibitHistory(ExhibitView, frozen=True):
    """An exhibit with every act on it, the oldest first, and readings of instruments as sentences.

    Attributes:
        statement: of the standing offer, to be signed, if it was asked for.
    """

    columns: ClassVar = (*ExhibitView.columns, "flags", "readings", "history")

    history: list[ExhibitAct]
    readings: list[str]
    statement: str | None


class OfferStatement(ExhibitHistory, frozen=True):
    """The same where the statement was asked for, which is printed alone, byte for byte."""

    columns: ClassVar = ()


class ExhibitList(Answer, frozen=True):
    """Exhibits."""

    exhibits: list[ExhibitView]
    marking: str


class ListExhibits(Request, frozen=True):
    """Which exhibits."""

    all: Annotated[bool, option("Also what is gone.")] = False
    holder: Annotated[str, option("Only what this person holds.")] = ""


@action("custody list", "custody list --holder okafor", past=True, rows="exhibits", empty="custody.empty")
def list_(context: Context, ask: ListExhibits) -> ExhibitList:
    """List exhibits: who holds each, under which seal, what is left."""
    chosen = [
        one
        for one in _world(context).values()
        if (ask.all or one.state == "held") and (not ask.holder or same_person(ask.holder, one.holder))
    ]
    _log(context, "exhibits", chosen)
    views = [ExhibitView(**_fields(one, context)) for one in chosen]
    return ExhibitList(exhibits=views, marking=joined(view.marking for view in views))


class OneExhibit(Request, frozen=True):
    """Which exhibit."""

    exhibit: Annotated[str, argument("EXHIBIT", "The exhibit's number, its id, or the start of its id.")]


class ShowExhibit(OneExhibit, frozen=True):
    """Which exhibit, and what of it."""

    statement: Annotated[bool, option("Print the statement of the standing offer, to be signed.")] = False


@action("custody show", "custody show 2026-118-1", past=True, document="statement")
def show(context: Context, ask: ShowExhibit) -> ExhibitHistory:
    """Show an exhibit and every act on it, each with its record."""
    one = repository.pick_one(_world(context), ask.exhibit)
    taken = readings.of_exhibit(context.floor, context.reader, one, context.as_of)
    _log(context, "exhibit", [one])
    if ask.statement and one.offer is None:
        refuse(NO_OFFER, exhibit=one.id, holder=one.holder)
    answer = OfferStatement if ask.statement else ExhibitHistory
    return answer(
        **_fields(one, context),
        history=[_act_view(row) for row in one.history],
        readings=[readings.reading_line(row, context.language) for row in taken],
        statement=one.offer["statement"] if ask.statement and one.offer else None,
    )


def _act_view(row: Row) -> ExhibitAct:
    given = {name: row[name] for name in ExhibitAct.__struct_fields__ if name in row}
    return ExhibitAct(**given, at=row["observed_at"], record=row["record_id"].hex())


class BoundedMass(MassView, frozen=True):
    """A mass with the standard uncertainty that it has if errors are shared."""

    if_errors_are_shared: float


class WeighingDifference(BoundedMass, frozen=True):
    """A difference that a weighing found, also in standard uncertainties."""

    texts: ClassVar = "custody"
    columns: ClassVar = ("exhibit", "edition", "amount", "why")

    exhibit: str
    edition: int
    sigmas: float
    why: str | None
    amount: str

    def nothing(self, column: str) -> str:
        """Return the key of the text for a difference beyond 2 σ of which nobody said why."""
        return "custody.nobody_said" if column == "why" and abs(self.sigmas) > COVERAGE else ""


class MassBalance(Answer, frozen=True):
    """Where the mass of an exhibit went; see `casework.custody.balance`.

    Attributes:
        unexplained: weighings beyond twice their standard uncertainty of which nobody said why.
        by_subtraction: exhibits whose mass was not measured since; `lost`: parts that cannot be seen.
        amount: what came in, and `lines`: what became of it, with expanded uncertainties (k = 2).
    """

    texts: ClassVar = "custody"
    columns: ClassVar = (
        *("exhibit", "amount", "lines", "parts", "unexplained", "by_subtraction", "lost", "differences"),
    )

    exhibit: str
    entered: BoundedMass | None
    consumed: BoundedMass
    destroyed: BoundedMass
    returned: BoundedMass
    used: BoundedMass
    remaining: BoundedMass
    difference: BoundedMass
    residual: float
    parts: int
    differences: list[WeighingDifference]
    unexplained: int
    by_subtraction: list[str]
    lost: list[str]
    amount: str
    lines: Annotated[dict[str, str], words("custody.mass_")]
    marking: str


MASSES: Final = ("consumed", "destroyed", "returned", "used", "remaining", "difference")
"""What becomes of a mass that came in, by the fields of a balance."""


@action("custody balance", "custody balance 2026-118-1")
def balance(context: Context, ask: OneExhibit) -> MassBalance:
    """Say where the mass of an exhibit went, over splits, samples and its end, with uncertainty (k = 2)."""
    found = _world(context)
    one = repository.pick_one(found, ask.exhibit)
    made = balancing.balance(found, one)
    _log(context, "exhibit", [one])
    masses: dict[str, Mass] = {name: getattr(made, name) for name in MASSES}
    tree, _ = balancing.below(found, one)
    return MassBalance(
        exhibit=made.exhibit,
        entered=BoundedMass(**_mass(made.entered)) if made.entered else None,
        **{name: BoundedMass(**_mass(mass)) for name, mass in masses.items()},
        residual=made.residual,
        parts=made.parts,
        differences=[_difference(id_, apart, context) for id_, apart in made.differences],
        unexplained=len(made.unexplained),
        by_subtraction=list(made.subtracted),
        lost=list(made.lost),
        amount=written(made.entered, context.language),
        lines={name: written(mass, context.language) for name, mass in masses.items() if made.entered},
        marking=joined(each.marking for each in tree),
    )


def _difference(exhibit: str, apart: Difference, context: Context) -> WeighingDifference:
    sigmas = number(f"{apart.mass.sigmas:+.1f}", context.language)
    return WeighingDifference(
        exhibit=exhibit,
        edition=apart.edition,
        **_mass(apart.mass),
        sigmas=apart.mass.sigmas,
        why=apart.why,
        amount=f"{written(apart.mass, context.language)}, {sigmas} σ",
    )


def _mass(mass: Mass) -> dict[str, float]:
    return {"grams": mass.grams, "standard_uncertainty": mass.error, "if_errors_are_shared": mass.bound}


class StatutoryClock(Answer, frozen=True):
    """A clock of the Act as it stands on a day; see `casework.custody.clocks.Clock`."""

    texts: ClassVar = "clock"
    columns: ClassVar = ("number", "section", "started", "last", "left", "state", "says")

    exhibit: str
    number: str
    section: str
    started: date
    last: date
    done: date | None  # type: ignore[assignment]
    state: Annotated[str, words("clock.state_")]
    left: int
    says: str


class ClockList(Answer, frozen=True):
    """Clocks of the Act, the nearest end first."""

    clocks: list[StatutoryClock]


class ListClocks(Request, frozen=True):
    """The day of the clocks."""

    on: Annotated[str, option("The day that is asked about, if not today.")] = ""
    all: Annotated[bool, option("Also what was done in time, and what is over.")] = False


@action("custody clocks", "custody clocks --on 2026-12-24", rows="clocks", empty="custody.no_clock")
def clocks(context: Context, ask: ListClocks) -> ClockList:
    """List what the Controlled Drugs and Substances Act gives days for, the nearest end first.

    Ss. 12.1 and 12.1(c): report within 30 days; 24(1): 60 days to apply for return; 24(3)(a): 180 days; 29:
    report of disposition within 30 days.
    """
    asked = moment_of_field(ask.on, "on")
    today = (asked or context.floor.now().astimezone()).date()  # of the place, as days of acts are
    running = statutory.clocks(_world(context), today)
    chosen = [one for one in running if ask.all or one.state in ("due", "overdue", "open", "late")]
    shown = sorted({one.exhibit for one in chosen})
    context.log_query("clocks", shown=shown, on=today.isoformat())
    return ClockList(
        clocks=[StatutoryClock(**one._asdict(), says=one.says(context.language)) for one in chosen]
    )


class CustodyFinding(Answer, frozen=True):
    """A fault of an act, or of the floor's other bytes."""

    texts: ClassVar = "custody"
    columns: ClassVar = ("exhibit", "edition", "position", "says")

    exhibit: str | None
    edition: int | None
    position: int | None
    says: str


class CustodyCheck(Answer, frozen=True):
    """Faults that a check of every act found."""

    found: list[CustodyFinding]

    @property
    def cautions(self) -> bool:
        """Return whether anything is wrong."""
        return bool(self.found)


class VerifyCustody(Request, frozen=True):
    """How much is checked."""

    quick: Annotated[bool, option("Leave out the floor's other bytes (`watchfloor floor verify`).")] = False


@action("custody verify", "custody verify", rows="found", empty="custody.whole")
def verify(context: Context, ask: VerifyCustody) -> CustodyCheck:
    """Check every act on every exhibit: proof, order, chain, rules, both signatures; say where it is wrong.

    The floor's other bytes, and positions in its log, are for who keeps the floor. That an exhibit's last act
    was taken out shows in those alone: no act after it misses it, so leave --quick away before a trial.
    """
    keeper = access(context.floor, context.actor.name).keeper
    whole = keeper and not ask.quick
    found = verifying.verify(context.floor, context.reader, whole=whole, language=context.language)
    context.log_query("verify", shown=sorted({one.exhibit for one in found if one.exhibit}))
    return CustodyCheck(
        found=[
            CustodyFinding(
                exhibit=one.exhibit,
                edition=one.edition,
                position=one.position if keeper else None,
                says=one.says(context.language),
            )
            for one in found
        ]
    )


def writes(example: str, **settings: Any) -> Callable[[Any], Any]:
    """Make an action that writes an act, named as its example begins."""
    return action(" ".join(example.split()[:2]), example, writes=True, done="custody.said", **settings)


At = Annotated[
    str, option("When it was done, if not now: 2026-11-24T22:30-05:00; the day is that of the zone.")
]
Why = Annotated[str, option("The reason, in your words.")]
MassNow = Annotated[float | None, option("Net mass as weighed now, in grams.")]
ErrorNow = Annotated[float | None, option("Its standard uncertainty, in grams.")]
Seal = Annotated[str, option("Number of the new seal.")]
Agency = Annotated[str, option("Police force, agency or entity that you belong to.")]
File = Annotated[str, option("Number of the file or police report.")]
Document = Annotated[str, option("Number of the warrant, order, consent, certificate or report.")]
Place = Annotated[str, option("Where.")]
Substance = Annotated[str, option("Typed key: substance:cas:437-38-7.")]


class Seize(Request, frozen=True):
    """A seizure."""

    law: Annotated[str, option("The power, such as CDSA s. 11 or Customs Act s. 110.")]
    place: Annotated[str, option("Where it was seized, found or acquired.")]
    name: Annotated[str, option("What it is taken to be, in words.")]
    sort: Annotated[
        Literal["controlled-substance", "precursor", "chemical-property", "other"],
        option("Which of the Act's sorts it is taken to be."),
    ] = "controlled-substance"
    from_: Annotated[str, option("Typed key of what it was in: parcel:s10:…, container:….")] = msgspec.field(
        default="", name="from"
    )
    substance: Substance = ""
    number: Annotated[str, option("Your agency's exhibit number.")] = ""
    mass: MassNow = None
    mass_error: ErrorNow = None
    amount: Annotated[str, option("As counted, such as: 100 tablets.")] = ""
    packaging: Annotated[str, option("What it lies in.")] = ""
    seal: Seal = ""
    agency: Agency = ""
    file: File = ""
    document: Document = ""
    flag: Annotated[
        tuple[str, ...], option("life-at-risk, officer-safety or fentanyl-hazard; may be given again.")
    ] = ()
    marking: Annotated[str, option("Its marking, such as PB//TLP:AMBER; never below its subject's.")] = ""
    why: Why = ""
    at: At = ""


@writes(
    'custody seize --law "Customs Act s. 110" --place "Mirabel, post" --name "white powder" --from '
    "parcel:post:LX1 --mass 51.20 --mass-error 0.02 --seal A1001 --agency CBSA --file 2026-118"
)
def seize(context: Context, ask: Seize) -> ExhibitChange:
    """Record what you seized, found or acquired; you hold it from now on."""
    given = {"seal": None, **_columns(ask), "subject": ask.from_ or None, "flags": list(ask.flag)}
    when = _when(ask.at)
    return _do(context, lambda desk: repository.seize(desk, given, ask.marking or None, when))


class OnExhibit(OneExhibit, frozen=True):
    """An act on an exhibit."""

    at: At = ""


class OnEdition(OnExhibit, frozen=True):
    """An act on the edition of an exhibit that was looked at."""

    why: Why = ""
    edition: Annotated[
        int | None, option("The edition you looked at, as `cases custody show` has it.", minimum=1)
    ] = None


class SealExhibit(OnExhibit, frozen=True, kw_only=True):
    """A seal."""

    number: Annotated[str, argument("SEAL", "Number of the new seal.")]
    why: Why = ""


@writes('custody seal 2026-118-1 A1002 --why "opened to take a sample for the laboratory"')
def seal(context: Context, ask: SealExhibit) -> ExhibitChange:
    """Put a seal on an exhibit; if it has one, a new seal with the reason. A number is used once."""
    when = _when(ask.at)
    return _do(context, lambda desk: repository.seal(desk, ask.exhibit, ask.number, ask.why or None, when))


class WeighExhibit(OnEdition, frozen=True, kw_only=True):
    """A mass."""

    mass: Annotated[float, option("Net mass in grams.")]
    mass_error: Annotated[float, option("Standard uncertainty, in grams.")]


@writes("custody weigh 2026-118-1 --mass 51.19 --mass-error 0.02")
def weigh(context: Context, ask: WeighExhibit) -> ExhibitChange:
    """Weigh an exhibit. One that weighs more than it did is refused, unless you say why; then it is
    flagged."""
    return _act(context, ask, "weighed")


class SplitExhibit(OnEdition, frozen=True, kw_only=True):
    """Parts, and what is left."""

    part: Annotated[
        tuple[str, ...],
        option(
            "A part: mass=1.02,error=0.01[,seal=B2][,number=2026-118-1.1][,packaging=vial]. Repeatable.",
            metavar="KEY=VALUE,…",
        ),
    ]
    mass: Annotated[float | None, option("Mass of what is left, if it was weighed, in grams.")] = None
    mass_error: ErrorNow = None
    all: Annotated[bool, option("Nothing is left.")] = False
    seal: Seal = ""


@writes(
    "custody split 2026-118-1 --part mass=1.02,error=0.01,seal=B2 --seal A1003 --mass 50.17 "
    '--mass-error 0.02 --why "sample for the laboratory"',
    document="parts",
)
def split(context: Context, ask: SplitExhibit) -> ExhibitChange:
    """Split an exhibit: each part is an exhibit of its own, with its mass, and knows what it comes from."""
    if ask.all and ask.mass is not None:
        _unusable(ALL_OR_MASS)
    rest = {"mass": 0.0, "mass_error": 0.0, "seal": None, "why": ask.why or None}
    given = rest if ask.all else _columns(ask)
    into, when = [_part(text) for text in ask.part], _when(ask.at)
    return _do(context, lambda desk: repository.split(desk, ask.exhibit, into, given, ask.edition, when))


class ConsumePart(OnEdition, frozen=True, kw_only=True):
    """A mass that was used up, and its use."""

    mass: Annotated[float, option("What was used up, in grams.")]
    mass_error: Annotated[float, option("Standard uncertainty, in grams.")]
    why: Annotated[str, option("What for.")]
    seal: Seal = ""


@writes('custody consume 2026-118-1.1 --mass 0.012 --mass-error 0.001 --why "GC-MS" --seal B3')
def consume(context: Context, ask: ConsumePart) -> ExhibitChange:
    """Record what a test or an analysis used up."""
    return _act(context, ask, "consumed")


class NoteExhibit(OnExhibit, frozen=True, kw_only=True):
    """A note."""

    text: Annotated[str, argument("TEXT", "What you see or know of it.")]


@writes('custody note 2026-118-1 "the seal A1002 has a tear at its edge"')
def write_note(context: Context, ask: NoteExhibit) -> ExhibitChange:
    """Note something about an exhibit."""
    return _act(context, ask, "noted", why=ask.text)


class RedateAct(OnEdition, frozen=True, kw_only=True):
    """When the last act was done."""

    at: Annotated[str, option("When the last act was done: 2026-11-24T22:30-05:00, with its zone.")]
    why: Annotated[str, option("The reason, in your words.")]


@writes('custody redate 2026-118-1 --at 2026-11-24T22:30-05:00 --why "--at was forgotten"')
def redate(context: Context, ask: RedateAct) -> ExhibitChange:
    """Correct when the last act that you recorded was done. What was first given stays in the log."""
    return _act(context, ask, "redated")


class OfferExhibit(OnEdition, frozen=True, kw_only=True):
    """Who receives it, and your key."""

    to: Annotated[str, option("Who receives it, as their key is named.")]
    key: Annotated[Path, option("Your secret key, of `cases custody key make`.", exists=FILE)]
    place: Place = ""


@writes('custody transfer 2026-118-1 --to roy --key okafor.key --place "vault 3"')
def transfer(context: Context, ask: OfferExhibit) -> ExhibitChange:
    """Offer an exhibit to somebody, with your signature. It is theirs once they have signed too."""
    signer, when, given = signing.load(ask.key), _when(ask.at), _columns(ask)
    return _do(
        context, lambda desk: repository.offer(desk, ask.exhibit, ask.to, signer, given, ask.edition, when)
    )


class ReceiveExhibit(OnExhibit, frozen=True):
    """The seal as it is seen, and a signature."""

    seal: Annotated[str, option("The seal as you see it; leave it out if there is none.")] = ""
    key: Annotated[Path | None, option("Your secret key, of `cases custody key make`.", exists=FILE)] = None
    signed: Annotated[
        Path | None,
        option("The statement as the receiver signed it elsewhere (`cases custody key sign`).", exists=FILE),
    ] = None
    place: Place = ""


@writes("custody receive 2026-118-1 --seal A1002 --key roy.key")
def receive(context: Context, ask: ReceiveExhibit) -> ExhibitChange:
    """Take what is offered to you: the second signature. Sign only for the seal that you see."""
    if (ask.key is None) == (ask.signed is None):
        _unusable(ONE_SIGNATURE)
    signature = signing.load(ask.key) if ask.key else (ask.signed or Path()).read_text(encoding="utf-8")
    seen, given, when = ask.seal or None, {"place": ask.place or None}, _when(ask.at)
    return _do(context, lambda desk: repository.receive(desk, ask.exhibit, seen, signature, given, when))


class WithdrawOffer(OneExhibit, frozen=True, kw_only=True):
    """Which offer, and why."""

    why: Annotated[str, option("The reason, in your words.")]


@writes('custody withdraw 2026-118-1 --why "roy is called away"')
def withdraw(context: Context, ask: WithdrawOffer) -> ExhibitChange:
    """Withdraw an offer that was not signed yet, or decline it."""
    return _do(context, lambda desk: repository.act(desk, ask.exhibit, "withdrawn", {"why": ask.why}))


class SubmitExhibit(OnEdition, frozen=True, kw_only=True):
    """To whom it goes."""

    analyst: Annotated[str, option("The analyst or laboratory (s. 44).")]
    document: Document = ""


@writes('custody submit 2026-118-1.1 --analyst "Drug Analysis Service, Longueuil"')
def submit(context: Context, ask: SubmitExhibit) -> ExhibitChange:
    """Submit a sealed exhibit to an analyst. Who carries it there signs a transfer (CDSA s. 45(1))."""
    return _act(context, ask, "submitted", law="CDSA s. 45(1)")


class RecordCertificate(OnExhibit, frozen=True, kw_only=True):
    """The content of a certificate or report."""

    document: Annotated[str, option("Number of the certificate or report.")]
    analyst: Annotated[str, option("Who made and signed it.")]
    result: Annotated[str, option("The results as it sets them out.")]
    substance: Substance = ""


@writes(
    'custody certificate 2026-118-1.1 --document DAS-26-0815 --analyst "A. Roy" --result "contains '
    'fentanyl" --substance substance:cas:437-38-7'
)
def certificate(context: Context, ask: RecordCertificate) -> ExhibitChange:
    """Record an analyst's certificate or report on what was submitted before (CDSA s. 45(2)).

    It proves what it states in the absence of evidence to the contrary (s. 51(1)); the other side may, with
    leave of the court, require the analyst to attend (s. 51(2)). S. 51(3) is repealed.
    """
    return _act(context, ask, "certified", why=ask.result, law="CDSA s. 45(2)")


class RecordDecision(OnExhibit, frozen=True, kw_only=True):
    """A decision."""

    what: Annotated[
        Literal["required", "released", "applied", "forfeited"],
        argument(
            "WHAT",
            "required, released: by a proceeding; applied: for return (s. 24(1)); forfeited: --section.",
        ),
    ]
    document: Document = ""
    section: Annotated[
        Literal["24(4)", "25", "27(b)", "28", ""],
        option("Provision that forfeits it; 25: nobody applied within 60 days."),
    ] = ""
    applicant: Annotated[str, option("Who applies for its return.")] = ""
    why: Why = ""


@writes('custody court 2026-118-1 required --document "R. v. Doe, 500-01-000001-261"')
def court(context: Context, ask: RecordDecision) -> ExhibitChange:
    """Record what a court, a justice or the passing of time decided about an exhibit."""
    section = "24(1)" if ask.what == "applied" else ask.section
    law = f"CDSA s. {section}" if section else None
    return _act(context, ask, ask.what, law=law, to=ask.applicant or None)


class DisposeExhibit(OnEdition, frozen=True, kw_only=True):
    """How it ends."""

    what: Annotated[
        Literal["returned", "destroyed", "used"],
        argument("WHAT", "used: in an investigation or for training (s. 29(2))."),
    ]
    section: Annotated[
        str, option("Provision: 24(2), 24(3)(a), 24(3)(b), 27(a); 24(4), 25, 26, 27(b), 28; 29(2).")
    ]
    why: Annotated[str, option("The manner in which it is disposed of.")]
    document: Document = ""
    to: Annotated[str, option("To whom it is returned.")] = ""
    witness: Annotated[str, option("Who else saw it destroyed.")] = ""
    place: Place = ""
    mass: MassNow = None
    mass_error: ErrorNow = None
    agency: Agency = ""
    file: File = ""


@writes(
    'custody dispose 2026-118-1 destroyed --section 25 --why "incineration" --witness roy --place "plant 2" '
    "--mass 50.16 --mass-error 0.02"
)
def dispose(context: Context, ask: DisposeExhibit) -> ExhibitChange:
    """Return, destroy or use an exhibit as a whole; of a part, split it off first. The s. 29 clock starts."""
    return _act(context, ask, ask.what, law=f"CDSA s. {ask.section}")


class RecordReport(OnExhibit, frozen=True, kw_only=True):
    """Which report was sent."""

    section: Annotated[
        Literal["12.1", "12.1(c)", "29"],
        option("12.1: to the Minister; 12.1(c): copy filed with a justice; 29: disposition."),
    ]
    document: Document = ""


@writes('custody reported 2026-118-1 --section 12.1 --document "sent 2026-12-02"')
def reported(context: Context, ask: RecordReport) -> ExhibitChange:
    """Record that a person sent a report of the Act, so that its clock stops."""
    return _act(context, ask, "reported", law=f"CDSA s. {ask.section}")


COLUMNS: Final = (
    *("law", "place", "name", "sort", "substance", "number", "amount", "packaging", "agency", "file"),
    *("document", "why", "analyst", "to", "witness"),
)
"""Fields of requests that are columns of the act under the same name; null if nothing is said."""


def _columns(ask: Request) -> dict[str, Any]:
    """Return the columns that a request has. Raises `Unusable` if a mass comes without its uncertainty."""
    said = structs.asdict(ask)
    given: dict[str, Any] = {name: said[name] or None for name in COLUMNS if name in said}
    if said.get("seal"):
        given["seal"] = said["seal"]
    if "mass" in said:
        if (said["mass"] is None) != (said["mass_error"] is None):
            _unusable(NO_ERROR)
        given |= {name: said[name] for name in ("mass", "mass_error")}
    return given


def _when(text: str) -> When:
    """Return the moment and the calendar day of an act, that of the zone. Raises `Unusable`."""
    if not text.strip():
        return repository.NOW
    try:
        at = datetime.fromisoformat(text)
        at = at if at.tzinfo else at.astimezone()
    except (OverflowError, ValueError, OSError):
        _unusable(NO_ZONE, text=text)
    return When(at, at.date())


def _part(text: str) -> Part:
    """Return a part as it is typed. Raises `Unusable`."""
    given = dict(each.partition("=")[::2] for each in text.split(","))
    try:
        mass, error = float(given.pop("mass")), float(given.pop("error"))
        return Part(mass, error, **{name: value.strip() for name, value in given.items()})
    except (KeyError, ValueError, TypeError):
        _unusable(NO_PART, text=text)


def _unusable(message: Message, **params: str) -> NoReturn:
    raise Unusable(reason(message, **params))


def _act(context: Context, ask: OnExhibit, what: str, **more: str | None) -> ExhibitChange:
    """Write an act that has the columns of its request, and more."""
    given, when = _columns(ask) | more, _when(ask.at)
    edition = ask.edition if isinstance(ask, OnEdition) else None
    return _do(context, lambda desk: repository.act(desk, ask.exhibit, what, given, edition, when))


def _do(context: Context, make: Callable[[Desk], Done]) -> ExhibitChange:
    """Do something with an exhibit, and return what it left."""
    with context.writer() as writer:
        done = make(Desk(context.floor, context.reader, writer))
    children = [ExhibitView(**_fields(one, context)) for one in done.children]
    return ExhibitChange(
        **_fields(done.exhibit, context),
        position=context.known_position(done.position),
        children=children,
        parts=[f"  {one.exhibit} ({one.number}): {one.left}" for one in children],
        flagged=list(done.exhibit.last["doubts"]),
    )


def _world(context: Context) -> World:
    return Exhibit.read(context.floor, context.reader, context.as_of)


def _log(context: Context, what: str, shown: Iterable[Exhibit]) -> None:
    context.log_query(what, shown=[one.id for one in shown])


def _fields(one: Exhibit, context: Context) -> dict[str, Any]:
    """Return the fields of an `ExhibitView`."""
    mass = one.mass
    first = ("subject", "substance", "name", "sort", "parent", "law", "place")
    return {
        "exhibit": one.id,
        "number": one.number,
        **{name: one.first[name] for name in first},
        "seized": one.day,
        "state": one.state,
        "holder": one.holder,
        "offered_to": one.offer["to"] if one.offer else None,
        "seal": one.seal,
        "mass": MassView(grams=mass.grams, standard_uncertainty=mass.error) if mass else None,
        "weighed": one.weighed,
        "flags": list(one.flags),
        "doubts": sorted({doubt for row in one.history for doubt in row["doubts"]}),
        "split_into": list(one.children),
        "edition": one.edition,
        "last_act": one.last["act"],
        "at": one.at,
        "marking": one.marking,
        "called": one.called,
        "left": written(mass, context.language) if one.state == "held" else "",
    }
