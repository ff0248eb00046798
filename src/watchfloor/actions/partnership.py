"""The partnership of banks: codes of practice, packs of typologies, noisy counts, matching without names."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

import msgspec

from watchfloor.actions.base import (
    FILE,
    FOLDER,
    WROTE,
    Answer,
    Context,
    Request,
    action,
    argument,
    lawful,
    new_file,
    note,
    option,
    refuse_existing,
    words,
)
from watchfloor.cell.acts import Refusal, Unusable
from watchfloor.cell.wording import dates
from watchfloor.core.messages import declare, reason
from watchfloor.exchange.bundles import peers
from watchfloor.exchange.bundles.peers import Peer
from watchfloor.exchange.log.access import Access, access
from watchfloor.exchange.partnership import (
    asking,
    closing,
    codes,
    counts,
    fields,
    leakage,
    offering,
    packs,
    receiving,
    sessions,
    sets,
)
from watchfloor.exchange.partnership.boundary import boundary as boundary_of
from watchfloor.exchange.partnership.boundary import spoken_of
from watchfloor.exchange.partnership.code import Code, Tier
from watchfloor.exchange.partnership.lawful import statement
from watchfloor.exchange.partnership.receiving import ReceivedMessage
from watchfloor.exchange.partnership.sessions import Session
from watchfloor.exchange.partnership.steps import Reply
from watchfloor.formats.settings import read_text
from watchfloor.policy.gateways import Statement

MONEY: Final = "money-laundering"
"""The purpose of the gateways of the partnership."""

UNCOMPARED: Final = declare("partnership.uncompared", "names")
WHICH_SUBJECTS: Final = declare("partnership.which-subjects")
MORE_RINGS: Final = declare("partnership.more-rings", "most")


class Part(Answer, frozen=True):
    """A part of the partnership; its labels are together."""

    texts: ClassVar = "partnership"


FileField = Annotated[Path, argument("FILE", "What came.", exists=FILE)]
WhyField = Annotated[str, option("The reason, in your words.")]
ToField = Annotated[str, option("The peer, a participant of the code.")]
CodeField = Annotated[str | None, option("Id of the code of practice, where several were adopted.")]
TestField = Annotated[str, option("Why the gateway's test is met, in your words.")]
OutField = Annotated[Path, option("The new file.", spelling="--out -o")]
MessageField = Annotated[Path | None, option("File of the message; else named so.", spelling="--out -o")]
SessionField = Annotated[str, argument("SESSION", "Its id, or its start.")]


class CodeView(Part, frozen=True):
    """A code of practice: approved by whom, from when until when, and how it stands here.

    `uncompared`: participants whose key this node does not know.
    """

    columns: ClassVar = (
        *("code", "version", "approved_by", "reference", "since", "expires", "tiers", "fingerprint"),
        "withdrawn",
    )

    code: str
    version: str
    digest: str
    approved_by: str | None
    reference: str | None
    since: date
    expires: date
    tiers: tuple[str, ...]
    participants: list[str]
    uncompared: list[str]
    withdrawn: date | None
    why: str | None

    @property
    def fingerprint(self) -> str:
        """Return the beginning of the digest, by which two banks compare it."""
        return self.digest[:16]


class CodeList(Answer, frozen=True):
    """Codes of practice."""

    codes: list[CodeView]


class AdoptCode(Request, frozen=True, kw_only=True):
    """Which file."""

    file: Annotated[Path, argument("FILE", "The code of practice, TOML.", exists=FILE)]


@action(
    "partnership adopt", "partnership adopt code.toml --floor bank-a", writes=True, done="partnership.adopted"
)
def adopt(context: Context, ask: AdoptCode) -> CodeView:
    """Adopt a code of practice: participants, purposes, fields, caps, approval and expiry, as a TOML file.

    Each participant adopts the same file. It is enforced from then on, and a later version replaces it.
    """
    view = _code(
        context, codes.adopt(context.floor, context.actor, read_text(ask.file), ask.file.name).file.id
    )
    if view.uncompared:
        note(context, UNCOMPARED, names=", ".join(view.uncompared))
    return view


class WithdrawCode(Request, frozen=True, kw_only=True):
    """Which code, and why."""

    code: Annotated[str, argument("CODE", "Its id.")]
    why: WhyField


@action(
    "partnership withdraw",
    'partnership withdraw partners --why "the approval was suspended on 3 March"',
    writes=True,
    done="partnership.withdrew",
)
def withdraw(context: Context, ask: WithdrawCode) -> CodeView:
    """Withdraw a code of practice here: nothing goes under it any more, and nothing is taken."""
    return _code(context, codes.withdraw(context.floor, context.actor, ask.code, ask.why).file.id)


@action("partnership codes", "partnership codes", rows="codes", empty="partnership.no_codes")
def list_codes(context: Context, _: Request) -> CodeList:
    """List the codes of practice that were adopted here: approved by whom, until when, and how they stand."""
    context.log_query("codes of practice", words="all")
    return CodeList(codes=[_code(context, id_) for id_ in codes.adopted(context.floor)])


class BoundarySubject(Part, frozen=True, omit_defaults=True):
    """A subject that another bank knows as well, with the fields of the code that the ledger answers."""

    columns: ClassVar = ("subject", "links", "comes_from", "pass_through", "senders", "total")

    subject: str
    links: list[str] | None = None
    comes_from: list[str] | None = None
    pass_through: float | None = None
    senders: float | None = None
    total: float | None = None


class BoundaryView(Answer, frozen=True):
    """The boundary of a case; `accounts`: how many it has."""

    subjects: list[BoundarySubject]
    accounts: int


class ShowBoundary(Request, frozen=True, kw_only=True):
    """Of which accounts, for which bank, and where it is written."""

    to: ToField
    account: Annotated[
        tuple[str, ...], option("An account of the case; repeatable. None: all that finance speaks of.")
    ] = ()
    code: CodeField = None
    subjects: Annotated[Path | None, option("Write the subjects here, one a line.")] = None
    fields: Annotated[Path | None, option("Write their fields here, as CSV.")] = None


@action(
    "partnership boundary",
    "partnership boundary --to bank-b --subjects edges.txt --fields edges.csv",
    rows="subjects",
    empty="partnership.no_boundary",
)
def boundary(context: Context, ask: ShowBoundary) -> BoundaryView:
    """Show the payments of a case that leave this bank, and the accounts abroad that they pay.

    These are what another bank knows as well. The two files are what `offer` and `match` take; nothing is
    sent. Fields are those of the code that the ledger can answer: links, comes_from, pass_through, senders,
    total.
    """
    refuse_existing(ask.subjects, ask.fields)
    floor, reader = context.floor, context.reader
    peer, code = _terms(context, ask.to, ask.code)
    accounts = [sets.normal(one) for one in ask.account] or spoken_of(floor, reader)
    found = boundary_of(floor, reader, peer, code, accounts, _today())
    texts = {
        ask.subjects: "".join(f"{one}\n" for one in found.subjects),
        ask.fields: fields.dump(found.fields, code.file.fields),
    }
    with ExitStack() as files:
        for path, text in texts.items():
            if path:
                files.enter_context(new_file(path, text.encode()))
        context.log_query("boundary", words=peer.name, rows=len(found.subjects), shown=sorted(accounts))
    rows = [BoundarySubject(subject=one, **found.fields[one]) for one in found.subjects]
    return BoundaryView(subjects=rows, accounts=len(accounts))


class OfferView(Part, frozen=True):
    """A set that a partner may match against; `subjects`: how many."""

    to: str
    tier: str
    case: str | None
    subjects: int
    offer: str


class StateSet(Request, frozen=True, kw_only=True):
    """A set of subjects, for whom, and why that is lawful."""

    to: ToField
    test: TestField
    subjects: Annotated[Path | None, option("Subject keys, one a line.", exists=FILE)] = None
    kind: Annotated[
        str | None, option("Or the subjects of this floor's records of a kind: account, party.")
    ] = None
    code: CodeField = None
    for_: Annotated[str, option("The purpose, a word of the gateways and of the code.")] = MONEY


FieldsField = Annotated[
    Path | None, option("CSV: subject, and a column for each field of the code.", exists=FILE)
]


class OfferSet(StateSet, frozen=True, kw_only=True):
    """The set and its tier."""

    tier: Annotated[Tier, option("What the partner may learn: how many, or which.")]
    fields: FieldsField = None
    case: Annotated[str, option("The case, which both banks call so.")] = ""


@action(
    "partnership offer",
    'partnership offer --to bank-a --tier cardinality --subjects mules.txt --test "both banks see the same '
    'ring of deposits"',
    writes=True,
    done="partnership.offered",
)
def offer(context: Context, ask: OfferSet) -> OfferView:
    """Let a partner match against a set of this node until the epoch ends, within the caps of the code."""
    with lawful(), context.writer() as writer:
        given = _given(context, ask, ask.tier, ask.case, ask.fields)
        made = offering.offer(context.floor, writer, *given, context.floor.now())
    return OfferView(
        to=given[0].name, tier=ask.tier, case=ask.case or None, subjects=made.size, offer=made.id
    )


class LearnedView(Part, frozen=True):
    """One thing that a side learned, and at most how many bits it tells."""

    columns: ClassVar = ("who", "what", "bits")

    who: Annotated[str, words("partnership.role_")]
    what: str
    bits: float


class LeakageView(Part, frozen=True):
    """A report of what each side of a session learned, in bits at most, and of the day's caps."""

    columns: ClassVar = (
        *("tier", "asker", "answerer", "asked", "held", "found", "false_positives", "left_today", "learned"),
    )

    session: str
    tier: str
    asker: str
    answerer: str
    asked: int
    held: int
    found: int | None
    fields: list[str]
    false_positives: float
    learned: list[LearnedView]
    bits: dict[str, float]
    left_today: Annotated[dict[str, int], words("partnership.left_")]


class SessionView(Part, frozen=True):
    """A session: who asked whom, how it stands, and what it waits for."""

    columns: ClassVar[tuple[str, ...]] = (
        *("short", "role", "partner", "tier", "case", "opened", "asked", "held", "found", "state"),
    )

    session: str
    role: Annotated[str, words("partnership.role_")]
    partner: str
    tier: str
    case: str | None
    epoch: int
    opened: datetime
    until: date
    asked: int
    held: int
    found: int | None
    fields: list[str]
    state: Annotated[str, words("partnership.state_")]

    @property
    def short(self) -> str:
        """Return the beginning of its id, by which a command names it."""
        return self.session[:12]


class SessionStep(SessionView, frozen=True):
    """A session after a step; `file`: what goes back, if anything does."""

    columns: ClassVar = (*SessionView.columns, "learned")

    file: str | None
    leakage: LeakageView

    @property
    def learned(self) -> list[LearnedView]:
        """Return what each side learned, at the end."""
        return self.leakage.learned if self.state in sessions.OVER else []


class SessionList(Answer, frozen=True):
    """Sessions."""

    sessions: list[SessionView]


class AskHowMany(StateSet, frozen=True):
    """Which subjects, and where the message goes."""

    output: MessageField = None


class AskWhich(AskHowMany, frozen=True, kw_only=True):
    """Which subjects of a case."""

    case: Annotated[str, option("The case, which both banks call so.")]
    fields: FieldsField = None


@action(
    "partnership cardinality",
    'partnership cardinality --to bank-b --subjects mules.txt --test "the ring uses both banks" -o open.wfp',
    writes=True,
)
def cardinality(context: Context, ask: AskHowMany) -> SessionStep:
    """Ask how many of these subjects a partner has as well (T2): the number, and not which.

    Writes the first message of a session; `watchfloor share partnership receive` takes what comes back.
    """
    return _open(context, ask, "cardinality", "", None)


@action(
    "partnership match",
    "partnership match --to bank-b --case C-17 --subjects edges.txt --fields edges.csv --test "
    '"the ring uses both banks" -o open.wfp',
    writes=True,
)
def match(context: Context, ask: AskWhich) -> SessionStep:
    """Ask which of these subjects a partner has as well (T3), with the fields that the code names."""
    return _open(context, ask, "match", ask.case, ask.fields)


class ReceiveMessage(Request, frozen=True, kw_only=True):
    """The message, and where the answer goes."""

    file: FileField
    output: MessageField = None


@action("partnership receive", "partnership receive open.wfp -o accept.wfp --floor bank-b", writes=True)
def receive(context: Context, ask: ReceiveMessage) -> SessionStep:
    """Take a partner's message of a session, and write what goes back; at the end, the report of leakage."""
    refuse_existing(ask.output)
    data = ask.file.read_bytes()
    with _received(context, ask.file, data), context.busy("partnership.checking"), context.writer() as writer:
        taken = receiving.receive(context.floor, writer, data, ask.file.name, context.floor.now())
    return _step(context, taken, ask.output)


class OneSession(Request, frozen=True):
    """Which session."""

    session: SessionField


class ResumeSession(OneSession, frozen=True):
    """Which session, and where its message goes."""

    output: MessageField = None


@action("partnership resume", "partnership resume 3f2a -o again.wfp")
def resume(context: Context, ask: ResumeSession) -> SessionStep:
    """Write this node's last message of a session again, byte for byte: where it was lost on the way."""
    refuse_existing(ask.output)
    one = _picked(context, ask)
    reply = Reply(one.id, "again", receiving.again(context.floor, one))
    context.log_query("session", words=one.id)
    return _step(context, receiving.session_state(context.floor, one.id, reply, _today()), ask.output)


@action("partnership sessions", "partnership sessions", rows="sessions", empty="partnership.no_sessions")
def list_sessions(context: Context, _: Request) -> SessionList:
    """List the sessions with partners: who asked whom, how they stand, and what each waits for."""
    mine = _access(context)
    found = [one for one in sessions.sessions(context.floor).values() if one.shown(mine)]
    context.log_query("sessions", words="all", rows=len(found))
    return SessionList(sessions=[SessionView(**_session(one)) for one in found])


class CommonSubject(Part, frozen=True):
    """A common subject, with its token and what was told of it."""

    columns: ClassVar = ("token", "subject", "fields")

    token: str
    subject: str
    fields: dict[str, Any]


class ResultView(Part, frozen=True):
    """The result of a session."""

    columns: ClassVar = ("tier", "found", "asked", "held", "subjects")

    session: str
    tier: str
    found: int
    subjects: list[CommonSubject]
    asked: int
    held: int


@action("partnership result", "partnership result 3f2a")
def result(context: Context, ask: OneSession) -> ResultView:
    """Show what a session came to: the number, or each common subject, its token and what was told of it."""
    one = _picked(context, ask)
    found = receiving.result(context.floor, one)
    tokens, told = found.get("tokens", {}), found.get("fields", {})
    context.log_query("session", words=one.id, shown=sorted(tokens.values()))
    common = [CommonSubject(token=t, subject=s, fields=told.get(t, {})) for t, s in sorted(tokens.items())]
    about: dict[str, Any] = {"session": one.id, "tier": one.tier, "asked": one.size, "held": one.rows}
    return ResultView(**about, found=found["found"], subjects=common)


@action("partnership leakage", "partnership leakage 3f2a")
def show_leakage(context: Context, ask: OneSession) -> LeakageView:
    """Report what each side of a session learned, a bound in bits, and what remains of the day's caps."""
    one = _picked(context, ask)
    known = sessions.sessions(context.floor).values()
    found = leakage.report(codes.ever(context.floor)[one.use.code], one, known)
    context.log_query("session", words=one.id)
    return msgspec.convert(found, LeakageView)


class RingView(Part, frozen=True):
    """A way of money that leads back to its start; `names`: of the tokens that are this bank's own."""

    columns: ClassVar = ("payments", "banks")

    tokens: tuple[str, ...]
    banks: tuple[str, ...]
    names: Mapping[str, str]

    @property
    def payments(self) -> list[str]:
        """Return its payments: this bank's own by name, others by token."""
        return [self.names.get(token, token) for token in self.tokens]


class RingList(Answer, frozen=True):
    """Rings of a case."""

    rings: list[RingView]


class OneCase(Request, frozen=True):
    """Which case."""

    case: Annotated[str, argument("CASE", "As both banks call it.")]


@action("partnership rings", "partnership rings C-17", rows="rings", empty="partnership.no_rings")
def rings(context: Context, ask: OneCase) -> RingList:
    """Show ways of money over two banks or more that lead back to their start, by the tokens of a case.

    Each bank tells of a payment that was matched to which others it leads within it (the field `links`), and
    from which it came (`comes_from`). This bank's own are named, others stay tokens.
    """
    mine = _access(context)
    steps = closing.hops(context.floor, ask.case, mine)
    found = list(closing.rings(steps, closing.names(context.floor, ask.case, mine)))
    shown = sorted({name for one in found for name in one.names.values()})
    context.log_query("rings", words=ask.case, shown=shown)
    if len(found) == closing.MOST:
        note(context, MORE_RINGS, most=closing.MOST)
    return RingList(rings=[RingView(**one._asdict()) for one in found])


class Ended(Part, frozen=True):
    """Sessions, secrets of epochs and results that were past their time."""

    columns: ClassVar = ("sessions", "epochs", "results")

    sessions: tuple[str, ...]
    epochs: int
    results: int


@action("partnership expire", "partnership expire", writes=True)
def expire(context: Context, _: Request) -> Ended:
    """End unfinished sessions; destroy keys and sets of epochs that are over, and results past their time."""
    with context.writer() as writer:
        return Ended(**receiving.expire(context.floor, writer, context.floor.now())._asdict())


class CellView(Part, frozen=True):
    """A cell of a table of noisy counts."""

    columns: ClassVar = ("cell", "about")

    cell: str
    about: int | None

    def nothing(self, column: str) -> str:
        """Return the key of the text for a count that is withheld."""
        return "partnership.withheld" if column == "about" else ""


class CountTable(Part, frozen=True):
    """A table of noisy counts; `within`: how far the noise goes in 19 of 20 cells."""

    columns: ClassVar[tuple[str, ...]] = ("from_", "period", "noise", "epsilon", "counted")

    what: str
    from_: str = msgspec.field(name="from")
    to: str
    at: str
    code: str
    period: str
    epsilon: float
    contribution: int
    floor: int
    scale: float
    cells: dict[str, int | None]
    within: float

    @property
    def noise(self) -> str:
        """Return how far the noise goes, either way."""
        return f"±{self.within:.0f}"

    @property
    def counted(self) -> list[CellView]:
        """Return its cells as rows."""
        return [CellView(cell=cell, about=about) for cell, about in self.cells.items()]


class CountFile(CountTable, frozen=True):
    """A table that was made; `spent` of the `of` that a period may cost; `again`: it was drawn before."""

    columns: ClassVar = ("file", "period", "spent", "of", "again")

    spent: float
    of: float
    again: bool
    file: str


class MakeCounts(Request, frozen=True, kw_only=True):
    """The counts, for whom, and why that is lawful."""

    to: ToField
    period: Annotated[str, option("A month, such as 2026-10.")]
    test: TestField
    output: OutField
    cells: Annotated[
        Path | None, option("CSV: subject, cell. Else this floor's payments, signals.", exists=FILE)
    ] = None
    code: CodeField = None


@action(
    "partnership counts",
    'partnership counts --to bank-b --period 2026-10 --test "ε is within the code" -o oct.counts',
    writes=True,
)
def make_counts(context: Context, ask: MakeCounts) -> CountFile:
    """Count subjects by corridor and typology for a peer (T1), with noise, and account for what it costs."""
    refuse_existing(ask.output)
    floor = context.floor
    with lawful(), context.writer() as writer:
        peer, code = _terms(context, ask.to, ask.code)
        cells = (
            counts.of_file(read_text(ask.cells), code)
            if ask.cells
            else counts.of_floor(floor, context.reader, code, ask.period)
        )
        stated = statement("counts", ask.test, context.actor.name, MONEY)
        made = counts.make(floor, writer, peer, code, ask.period, cells, stated, context.floor.now())
        with new_file(ask.output, made.text.encode()):
            pass
    most = code.file.counts.epsilon_per_period if code.file.counts else 0.0
    cost: dict[str, Any] = {"spent": made.spent, "of": most, "again": made.again, "file": str(ask.output)}
    return CountFile(**_table(made.table), **cost)


class OneFile(Request, frozen=True):
    """A file that came."""

    file: FileField


@action("partnership counts-read", "partnership counts-read oct.counts --floor bank-b")
def read_counts(context: Context, ask: OneFile) -> CountTable:
    """Read a table of noisy counts that a peer made for this node, with how far the noise goes."""
    data = ask.file.read_bytes()
    with _received(context, ask.file, data):
        table, _ = counts.read(context.floor, data, ask.file.name)
    context.log_query("counts", words=f"{table.from_} {table.period}")
    return CountTable(**_table(table))


class ProblemView(Part, frozen=True):
    """A problem that keeps definitions from being a pack."""

    columns: ClassVar = ("problem",)

    problem: str


class ProblemList(Answer, frozen=True):
    """Problems of definitions."""

    problems: list[ProblemView]

    @property
    def cautions(self) -> bool:
        """Return whether there are any."""
        return bool(self.problems)


FolderField = Annotated[Path, argument("FOLDER", "Definitions, a TOML file each.", exists=FOLDER)]


class CheckPack(Request, frozen=True):
    """Which definitions."""

    folder: FolderField


@action(
    "partnership pack check",
    "partnership pack check typologies",
    files_only=True,
    rows="problems",
    empty="partnership.no_problem",
)
def check_pack(_: Context, ask: CheckPack) -> ProblemList:
    """Check that definitions are typologies: no number, name or address of a person, and no report."""
    return ProblemList(problems=[ProblemView(problem=one) for one in packs.check(ask.folder)[1]])


class PackFile(Part, frozen=True):
    """A pack that was signed; `typologies`: how many."""

    pack: str
    version: str
    typologies: int
    to: tuple[str, ...]
    file: str


class SignPack(CheckPack, frozen=True, kw_only=True):
    """Which definitions, for whom, and why that is lawful."""

    name: Annotated[str, option("Of the pack, in small letters.")]
    version: Annotated[str, option("Numbers with dots; later ones supersede.")]
    expires: Annotated[str, option("Last day on which it is used, YYYY-MM-DD.")]
    to: Annotated[tuple[str, ...], option("A peer; may be given again.")]
    test: TestField
    output: OutField
    supersedes: Annotated[
        tuple[str, ...], option("Another pack that it takes the place of; repeatable.")
    ] = ()


@action(
    "partnership pack sign",
    "partnership pack sign typologies --name fentanyl --version 1.0 --expires 2027-06-30 --to bank-b "
    '--to cell --test "definitions only; read through by A. Roy" -o fentanyl.pack',
    writes=True,
    done="partnership.signed",
)
def sign_pack(context: Context, ask: SignPack) -> PackFile:
    """Sign a pack of typologies for some peers (T0)."""
    floor, until = context.floor, dates.day(ask.expires)
    refuse_existing(ask.output)
    texts, _ = packs.check(ask.folder)
    with lawful(), context.writer() as writer:
        known = peers.known(floor)
        found = [peers.peer_of(known, one) for one in ask.to]
        stated = statement("pack", ask.test, context.actor.name, MONEY)
        about = (ask.name, ask.version, until, ask.supersedes)
        text = packs.make(floor, writer, found, texts, *about, stated, context.floor.now())
        with new_file(ask.output, text.encode()):
            pass
    count, file = len(texts), str(ask.output)
    return PackFile(pack=ask.name, version=ask.version, typologies=count, to=ask.to, file=file)


class PackView(Part, frozen=True):
    """A pack and how it stands; `why`: the pack that took its place, or the reason why it was retired."""

    columns: ClassVar = ("pack", "version", "maker", "installed", "expires", "state", "why", "typologies")

    pack: str
    version: str
    maker: str
    installed: date
    expires: date
    typologies: list[str]
    state: Annotated[str, words("partnership.pack_")]
    why: str | None


@action(
    "partnership pack install",
    "partnership pack install fentanyl.pack --floor bank-b",
    writes=True,
    done="partnership.pack_installed",
)
def install_pack(context: Context, ask: OneFile) -> PackView:
    """Install a pack that a peer signed, in place of its earlier version. It is checked here once more."""
    data = ask.file.read_bytes()
    with _received(context, ask.file, data):
        got = packs.install(context.floor, context.actor, data, ask.file.name, context.floor.now())
    return _pack(packs.Installed(got, _today()))


class PackList(Answer, frozen=True):
    """Packs."""

    packs: list[PackView]


@action("partnership pack list", "partnership pack list", rows="packs", empty="partnership.no_packs")
def list_packs(context: Context, _: Request) -> PackList:
    """List the packs that were installed: whose, until when, superseded, retired or expired."""
    found = packs.installed(context.floor).values()
    context.log_query("packs", words="all")
    return PackList(packs=[_pack(one) for one in found])


class RetirePack(Request, frozen=True, kw_only=True):
    """Which pack, and why."""

    name: Annotated[str, argument("PACK", "Its name.")]
    why: WhyField


@action(
    "partnership pack retire",
    'partnership pack retire fentanyl --why "its thresholds alarm on payrolls"',
    writes=True,
    done="partnership.pack_ended",
)
def retire_pack(context: Context, ask: RetirePack) -> PackView:
    """Use a pack no more on this node."""
    gone = packs.retire(context.floor, context.actor, ask.name, ask.why)
    return _pack(packs.Installed(gone, _today(), retired=ask.why))


Given = tuple[Peer, Code, Tier, str, list[str], Mapping[str, Mapping[str, Any]], Statement]
"""Arguments of the domain's `offer` and `ask`, in their order."""


def _today() -> date:
    return datetime.now(UTC).date()


def _access(context: Context) -> Access:
    return access(context.floor, context.actor.name)


def _picked(context: Context, ask: OneSession) -> Session:
    return sessions.pick(context.floor, ask.session, _today(), _access(context))


def _terms(context: Context, to: str, code: str | None) -> tuple[Peer, Code]:
    return peers.peer_of(peers.known(context.floor), to), codes.standing(context.floor, code)


@contextmanager
def _received(context: Context, file: Path, data: bytes) -> Iterator[None]:
    """Log what of a file that came is refused: somebody may ask."""
    try:
        with lawful():
            yield
    except Refusal as error:
        receiving.log_refusal(context.floor, context.actor, file.name, data, error.reason)
        raise


def _given(context: Context, ask: StateSet, tier: Tier, case: str, values: Path | None) -> Given:
    """Return what `offer` and `ask` of the domain take of a request, in their order."""
    peer, code = _terms(context, ask.to, ask.code)
    if (ask.subjects is None) == (ask.kind is None):
        raise Unusable(reason(WHICH_SUBJECTS))
    if ask.subjects is not None:
        chosen = sets.read(read_text(ask.subjects), code)
    else:
        chosen = sets.of_floor(context.floor, context.reader, peer, code, ask.kind or "", _today())
    told = fields.load(read_text(values), code.file.fields, code.name) if values else {}
    stated = statement(tier, ask.test, context.actor.name, ask.for_, code)
    return peer, code, tier, case, chosen, {one: told[one] for one in chosen if one in told}, stated


def _open(context: Context, ask: AskHowMany, tier: Tier, case: str, values: Path | None) -> SessionStep:
    """Open a session and write its first message."""
    refuse_existing(ask.output)
    with lawful(), context.writer() as writer:
        given = _given(context, ask, tier, case, values)
        reply = asking.ask(context.floor, writer, *given, context.floor.now())
    return _step(context, receiving.session_state(context.floor, reply.session, reply, _today()), ask.output)


def _step(context: Context, taken: ReceivedMessage, output: Path | None) -> SessionStep:
    """Write the message that goes back, if one does."""
    path, reply = None, taken.reply
    if reply.data:
        path = output or Path(f"{reply.session[:12]}.{reply.what}.wfp")
        with new_file(path, reply.data):
            pass
        note(context, WROTE, file=str(path))
    told = msgspec.convert(taken.report, LeakageView)
    return SessionStep(**_session(taken.session), file=str(path) if path else None, leakage=told)


def _session(one: Session) -> dict[str, Any]:
    """Return the fields of a `SessionView`."""
    same = ("role", "partner", "tier", "opened", "until", "found", "state")
    return {
        "session": one.id,
        **{name: getattr(one, name) for name in same},
        "case": one.use.case or None,
        "epoch": one.use.epoch,
        "asked": one.size,
        "held": one.rows,
        "fields": list(one.told),
    }


def _code(context: Context, id_: str) -> CodeView:
    one = codes.adopted(context.floor)[id_]
    file = one.code.file
    return CodeView(
        **{name: getattr(file, name) for name in ("version", "since", "expires", "tiers")},
        code=file.id,
        digest=one.code.digest,
        approved_by=file.approval.by if file.approval else None,
        reference=file.approval.reference if file.approval else None,
        participants=[each.name for each in file.participants],
        uncompared=codes.uncompared(context.floor, one.code),
        withdrawn=one.withdrawn,
        why=one.why or None,
    )


def _pack(one: packs.Installed) -> PackView:
    return PackView(**packs.about(one, _today()))


def _table(table: counts.Table) -> dict[str, Any]:
    """Return the fields of a `CountTable`."""
    return msgspec.structs.asdict(table) | {"within": table.within}
