"""Bundles between nodes: what is sent and received, receipts, recalls and answers, consents."""

import re
from collections.abc import Callable
from datetime import date, datetime
from itertools import chain, count
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

import msgspec

from watchfloor.actions.base import (
    FILE,
    Answer,
    Context,
    Request,
    action,
    argument,
    lawful,
    new_file,
    option,
    refuse_existing,
    words,
)
from watchfloor.actions.gateways import OWN
from watchfloor.cell.acts import Refusal, Unusable
from watchfloor.cell.wording.dates import day
from watchfloor.core.marking import parse
from watchfloor.core.messages import declare, reason
from watchfloor.exchange.bundles import (
    consents,
    offers,
    peers,
    recalls,
    receipts,
    receiving,
    sending,
    signed_notices,
    states,
)
from watchfloor.exchange.bundles.offers import Offer
from watchfloor.exchange.bundles.recalls import RecallResult
from watchfloor.exchange.bundles.sending import AllWithheld
from watchfloor.exchange.bundles.signed_notices import Slip
from watchfloor.exchange.bundles.states import State
from watchfloor.exchange.risk import risk_check
from watchfloor.policy import gateway_table
from watchfloor.policy.gateways import Statement
from watchfloor.store.writer import Writer

STAYS: Final = declare("bundle.stays", "rows", "why")
KEPT: Final = {"hold": "bundle.kept_hold", "used": "bundle.kept_used"}
POST_NEEDS: Final = declare("bundle.post-needs")
ONE_RECEIPT: Final = declare("bundle.one-receipt")
WHICH_OWNER: Final = declare("bundle.which-owner", "owners")


class Part(Answer, frozen=True):
    """A bundle or note that went or came; a terminal shows its columns below each other."""

    texts: ClassVar = "bundle.view"

    def block(self, say: Callable[..., str]) -> tuple[str, list[str]]:
        """Return the first column, and below it each that has something, with their labels."""
        cells = ((name, _shown(getattr(self, name), say)) for name in self.columns)
        head, *lines = (
            say("bundle.fact", label=say(f"{self.texts}.{name}"), text=cell) for name, cell in cells if cell
        )
        return head, lines


class Sent(Part, frozen=True):
    """A bundle that was made; `withheld`: rows that stay, by reason."""

    columns: ClassVar = ("file", "bundle", "to", "gateway", "offered", "rows", "withheld")

    bundle: str
    to: str
    gateway: str
    offered: int
    rows: int
    withheld: dict[str, int]
    tear_line: int | None
    root: str
    file: str
    position: int


class Arrived(Part, frozen=True, kw_only=True):
    """A bundle that came and what was taken of it; `again`: position at which it came before."""

    columns: ClassVar = (
        *("bundle", "from_", "rows", "accepted", "duplicate", "withheld", "again", "echoes", "shared"),
        "receipt",
    )

    bundle: str
    from_: str = msgspec.field(name="from")
    gateway: str
    rows: int
    accepted: int
    duplicate: int
    withheld: dict[str, int]
    echoes: int
    again: int | None
    receipt: str
    position: int
    shared: int

    @property
    def cautions(self) -> bool:
        """Return whether some rows were not taken in."""
        return bool(self.withheld)


class Compared(Part, frozen=True):
    """A receipt held against what was sent, see `exchange.receipts.Compared`."""

    columns: ClassVar = ("bundle", "peer", "rows", "stored", "agrees", "lost", "missing", "withheld")

    bundle: str
    peer: str
    rows: int
    stored: int
    withheld: dict[str, int]
    missing: tuple[str, ...]
    lost: int
    same_root: bool
    agrees: bool

    @property
    def cautions(self) -> bool:
        """Return whether it disagrees."""
        return not self.agrees


class TakenBack(Part, frozen=True, kw_only=True):
    """A recall that came and what it took back, see `exchange.recalls.Taken`."""

    columns: ClassVar = (
        *("bundle", "from_", "why", "again", "retracted", "erased", "left", "kept_by", "gone"),
        *("leads", "tasks", "products", "onward_files", "late", "answer"),
    )

    bundle: str
    from_: str = msgspec.field(name="from")
    why: str
    retracted: int
    erased: int
    left: int
    because: dict[str, int]
    kept_by: tuple[str, ...]
    gone: int
    leads: tuple[str, ...]
    tasks: tuple[str, ...]
    products: tuple[str, ...]
    onward: list[dict[str, Any]]
    onward_files: list[str]
    late: bool
    again: int | None
    answer: str

    @property
    def cautions(self) -> bool:
        """Return whether something stays although it was recalled."""
        return bool(self.left)


class Answered(Part, frozen=True, kw_only=True):
    """The answer of a node to a recall; `onward`: to how many nodes that node passed it on."""

    columns: ClassVar = ("bundle", "from_", "retracted", "erased", "because", "onward", "late")

    bundle: str
    from_: str = msgspec.field(name="from")
    recall: str
    retracted: int
    erased: int
    left: int
    because: dict[str, int]
    onward: int
    late: bool

    @property
    def cautions(self) -> bool:
        """Return whether something stays there."""
        return bool(self.left)


class ConsentKept(Part, frozen=True):
    """A consent that came."""

    columns: ClassVar = ("owner", "to", "rows", "until")

    owner: str
    to: str
    rows: int
    until: date | None


class ConsentRequest(Part, frozen=True):
    """A request for consent that came in a file."""

    columns: ClassVar = ("asked_by", "recipient", "rows", "why", "file")

    asked_by: str
    recipient: str
    rows: int
    why: str
    file: str


class Exchange(Answer, frozen=True):
    """Bundles and notes that went or came, and why the rest was refused."""

    bundles: list[Part]
    refused: tuple[Any, ...] = ()

    @property
    def cautions(self) -> bool:
        """Return whether one of them is to be looked at."""
        return any(one.cautions for one in self.bundles)

    @property
    def refusal(self) -> Refusal | None:
        """Return the last refusal."""
        return self.refused[-1] if self.refused else None


class StateView(Answer, frozen=True):
    """How a bundle stands, see `exchange.states.State`; `told`: in sentences; `due`: of a recall."""

    texts: ClassVar = "bundle.view"
    columns: ClassVar = ("bundle", "direction", "peer", "gateway", "at", "rows", "withheld", "told")

    bundle: str
    direction: Annotated[str, words("bundle.view.direction_")]
    peer: str
    gateway: str
    at: datetime
    rows: int
    withheld: int
    open: bool
    told: list[str]
    due: date | None


class StateList(Answer, frozen=True):
    """Bundles; `only_open`: where something is still to be done."""

    bundles: list[StateView]
    only_open: bool

    def done(self, key: str) -> str:
        """Return the key of the text for no bundle, or none that is open."""
        return f"{key}_open" if self.only_open else key


class StateShown(StateView, frozen=True):
    """A bundle with its act, and kind and name of its rows."""

    act: dict[str, Any]
    names: list[tuple[str, str]]

    @property
    def text(self) -> str:
        """Return by what right it went, how it stands, and its rows."""
        law = ("law", "section", "purpose", "test", "stated_by", "marking")
        lines = [f"{name}: {self.act[name]}" for name in law]
        return "\n".join([*lines, *self.told, *(f"{kind} {name}" for kind, name in self.names)])


class Recalled(Answer, frozen=True):
    """A recall that was made: the note's file, and by when it is to be answered."""

    bundle: str
    to: str
    rows: int
    due: date
    file: str


class ConsentAsked(Answer, frozen=True, omit_defaults=True):
    """A request for consent that was made; none if nobody has to consent."""

    rows: int
    to: str
    owner: str | None = None
    file: str | None = None

    def done(self, key: str) -> str:
        """Return the key of the text for a request, or that nobody has to consent."""
        return key if self.owner else f"{key}_nobody"


class ConsentGiven(Answer, frozen=True):
    """A consent that was given."""

    to: str
    recipient: str
    rows: int
    until: date | None
    file: str


class Chosen(Request, frozen=True, kw_only=True):
    """Which rows, in the form in which they travel."""

    leads: Annotated[tuple[str, ...], option("Signals of this lead; repeatable.")] = ()
    subjects: Annotated[tuple[str, ...], option("Signals that name this subject; repeatable.")] = ()
    signals: Annotated[tuple[str, ...], option("The start of a signal's id, or all; repeatable.")] = ()
    records: Annotated[
        tuple[str, ...], option("Evidence: a record's id, KIND, or KIND/SUBJECT; repeatable.")
    ] = ()
    pointers: Annotated[
        tuple[str, ...], option("Tell that something is held about this subject, and no more; repeatable.")
    ] = ()


class SendBundle(Chosen, frozen=True, kw_only=True):
    """A bundle, and by what right it goes to whom."""

    to: Annotated[str, option("The peer.")]
    gateway: Annotated[str, option("Its id; `watchfloor gateway list` has all.")]
    test: Annotated[str, option("Why the gateway's test is met, in your words.")]
    output: Annotated[Path | None, option("File; else named after the bundle.", spelling="--out -o")] = None
    tear_line: Annotated[
        str, option("Signals marked so, or lower, may be passed on, such as PA//TLP:GREEN.")
    ] = ""
    accuracy: Annotated[str, option("How accurate it is, and how reliably it was obtained.")] = ""
    basis: Annotated[str, option("The request, order, arrangement or code it rests on.")] = ""
    description: Annotated[str, option("Of the information, in words.")] = ""
    post: Annotated[str, option("Deliver it to this https:// address of the peer's node.")] = ""
    tls_cert: Annotated[Path | None, option("Our certificate, PEM.", exists=FILE)] = None
    tls_key: Annotated[Path | None, option("Its private key, PEM.", exists=FILE)] = None
    ca: Annotated[Path | None, option("Authority of the peer's.", exists=FILE)] = None


@action(
    "bundle send",
    'bundle send --to cell --gateway customs-107-5-a --test "the parcel is under examination" '
    "--subjects parcel:s10:RR123456785CA -o parcel.bundle",
    writes=True,
    rows="bundles",
    blocks=True,
)
def send(context: Context, ask: SendBundle) -> Exchange:
    """Make a signed bundle of what may go to a peer; what may not is withheld, counted by reason."""
    if ask.post and not (ask.tls_cert and ask.tls_key and ask.ca):
        raise Unusable(reason(POST_NEEDS))
    floor, line = context.floor, parse(ask.tear_line) if ask.tear_line else None
    gateway = gateway_table.pick(gateway_table.load(floor.root / OWN), ask.gateway)
    refuse_existing(ask.output)
    stated = Statement(ask.test, context.actor.name, gateway.purpose, ask.accuracy, ask.basis)
    with lawful(), context.busy("bundle.packing"), context.writer() as writer:
        peer = peers.peer_of(peers.known(floor), ask.to)
        try:
            packed = sending.make(
                floor,
                context.reader,
                peer,
                gateway,
                stated,
                offered(context, ask),
                context.floor.now(),
                tear_line=line,
                description=ask.description,
                risk_check=risk_check(floor, peer.name),
            )
        except AllWithheld as error:
            for one in error.withheld:
                context.note(reason(STAYS, rows=one.rows, why=one.reason.render(context.language)))
            raise
        manifest = packed.manifest
        path = ask.output or Path(f"{manifest.bundle}.bundle")
        with new_file(path, packed.data):
            position = sending.log(writer, packed, peer)
    made = Sent(
        **_named(manifest, "bundle", "to", "rows", "tear_line", "root"),
        gateway=manifest.terms.gateway,
        offered=packed.offered,
        withheld={one.reason.render(context.language): one.rows for one in packed.withheld},
        file=str(path),
        position=position,
    )
    if not (ask.post and ask.tls_cert and ask.tls_key and ask.ca):
        return Exchange(bundles=[made])
    from watchfloor.exchange.bundles import posting  # it loads urllib3, for which no other command waits

    try:
        with context.busy("bundle.posting"):
            came = posting.post(ask.post, packed.data, ask.tls_cert, ask.tls_key, ask.ca)
        return Exchange(bundles=[made, _compare(context, came, ask.post)])
    except Refusal as error:  # the bundle is made all the same
        return Exchange(bundles=[made], refused=(error,))


class ReceiveBundles(Request, frozen=True):
    """Files that another node sent, and where what goes back is written."""

    files: Annotated[tuple[Path, ...], argument("FILE…", "Bundles or notes.", required=True, exists=FILE)]
    receipt: Annotated[Path | None, option("File for the receipt, where there is one bundle.")] = None
    notes: Annotated[Path, option("Folder for notes that go back, or on.")] = Path()


@action(
    "bundle receive",
    "bundle receive parcel.bundle --receipt parcel.receipt",
    writes=True,
    rows="bundles",
    blocks=True,
)
def receive(context: Context, ask: ReceiveBundles) -> Exchange:
    """Take in what another node sent: bundles, and notes (receipts, recalls, answers, consents).

    A bundle is checked whole before anything of it is written. Its receipt goes back to the sender.
    """
    if ask.receipt and len(ask.files) > 1:
        raise Unusable(reason(ONE_RECEIPT))
    refuse_existing(ask.receipt, ask.notes if ask.notes.is_file() else None)
    done: list[Part] = []
    refused: list[Refusal] = []
    for file in ask.files:
        data = file.read_bytes()
        take = _note_taken if signed_notices.is_slip(data) else _bundle_taken
        try:
            with lawful():
                done.append(take(context, ask, file, data))
        except Refusal as error:  # the other files are still to be taken in
            receiving.log_refusal(context.floor, context.actor, file.name, data, error.reason)
            refused.append(error)
    for each in refused[:-1]:
        context.note(each.reason)
    if refused and not done:
        raise refused[-1]
    return Exchange(bundles=done, refused=tuple(refused))


class NoteFile(Request, frozen=True):
    """A note that came."""

    file: Annotated[Path, argument("FILE", "The note's file.", exists=FILE)]


@action("bundle receipt", "bundle receipt parcel.receipt", writes=True, rows="bundles", blocks=True)
def receipt(context: Context, ask: NoteFile) -> Exchange:
    """Hold a receipt that came back against what was sent: it agrees, or so many rows are lost."""
    return Exchange(bundles=[_compare(context, ask.file.read_bytes(), ask.file.name)])


class ListBundles(Request, frozen=True):
    """Which bundles."""

    sent: Annotated[bool, option("Only those sent.")] = False
    received: Annotated[bool, option("Only those received.")] = False
    open: Annotated[bool, option("Only where something is still to be done.")] = False
    days: Annotated[
        int, option("Days after which a missing receipt is spoken of.", minimum=0, maximum=36_500)
    ] = 3


@action("bundle list", "bundle list --sent --open", rows="bundles", empty="bundle.none")
def list_bundles(context: Context, ask: ListBundles) -> StateList:
    """List bundles: received as sent, without a receipt, with rows lost, recalled and not answered."""
    wanted = {"sent": ask.sent or not ask.received, "received": ask.received or not ask.sent}
    found = [
        StateView(**_state(one, context))
        for one in states.states(context.floor, context.reader, context.floor.now().date(), ask.days)
        if wanted[one.direction] and (one.open or not ask.open)
    ]
    context.log_query("bundles", rows=len(found))
    return StateList(bundles=found, only_open=ask.open)


class OneBundle(Request, frozen=True):
    """Which bundle."""

    bundle: Annotated[str, argument("BUNDLE", "Its id, or its start.")]


@action("bundle show", "bundle show 5f0c9a1b", document="text", on_screen=True)
def show(context: Context, ask: OneBundle) -> StateShown:
    """Show one bundle: by what right it went, how it stands, and the names of its rows."""
    one, act, rows = states.pick(context.floor, context.reader, ask.bundle, context.floor.now().date())
    context.log_query("bundle", bundle=one.bundle)
    return StateShown(**_state(one, context), act=dict(act), names=rows)


WhyField = Annotated[str, option("The reason, in your words.")]
OutputField = Annotated[Path | None, option("File of the note; else named for you.", spelling="--out -o")]


class RecallBundle(Request, frozen=True, kw_only=True):
    """A bundle, or rows of it, and why they are taken back."""

    bundle: Annotated[str, argument("BUNDLE", "Its id.")]
    why: WhyField
    rows: Annotated[tuple[str, ...], option("The start of a row's name; repeatable. Else the whole.")] = ()
    days: Annotated[int, option("Days within which an answer is due.", minimum=0, maximum=36_500)] = 7
    output: OutputField = None


@action(
    "bundle recall",
    'bundle recall 5f0c9a1be2d37746 --why "the laboratory mixed up two samples" -o recall.note',
    writes=True,
    done="bundle.recalled",
)
def recall(context: Context, ask: RecallBundle) -> Recalled:
    """Take back a bundle that was sent, or rows of it: a note for the recipient, who answers."""
    refuse_existing(ask.output)
    now = context.floor.now()
    with context.writer() as writer:
        due = recalls.due_in(ask.days, now)
        made = recalls.recall(context.floor, writer, ask.bundle, ask.rows, ask.why, due, now)
    file = _write_note(ask.output or Path(f"{ask.bundle}.recall"), made.slip)
    return Recalled(bundle=ask.bundle, to=made.to, rows=made.rows, due=made.due, file=file)


class AskConsent(Chosen, frozen=True, kw_only=True):
    """Rows of another node, to whom they would go, and why."""

    to: Annotated[str, option("Who would receive it.")]
    why: WhyField
    owner: Annotated[str, option("Whom to ask, where there are several.")] = ""
    output: OutputField = None


@action(
    "bundle ask-consent",
    'bundle ask-consent --to police-b --subjects vessel:imo:9074729 --why "boarding tonight"',
    writes=True,
    done="bundle.asked",
)
def ask_consent(context: Context, ask: AskConsent) -> ConsentAsked:
    """Ask the owner of rows that came here to let them go on; choose them as for `share bundle send`."""
    refuse_existing(ask.output)
    floor, now = context.floor, context.floor.now()
    others = consents.foreign(floor, context.reader)
    given, here, held = offered(context, ask), peers.me(floor).name, consents.received(floor)
    needed = consents.missing(given, others, held, here, ask.to, now.date())
    owners = sorted({name for name, _ in needed})
    if not owners:
        return ConsentAsked(rows=0, to=ask.to)
    owner = ask.owner or owners[0]
    if owner not in owners or (not ask.owner and len(owners) > 1):
        raise Unusable(reason(WHICH_OWNER, owners=", ".join(owners)))
    rows = [row for name, row in needed if name == owner]
    with context.writer() as writer:
        text = consents.ask(floor, writer, owner, ask.to, rows, ask.why, now)
    file = _write_note(ask.output or Path(f"consent-of-{of_node(owner)}.request"), text)
    return ConsentAsked(owner=owner, to=ask.to, rows=len(rows), file=file)


class GiveConsent(NoteFile, frozen=True, kw_only=True):
    """A request for consent, why it is given, and until when."""

    why: WhyField
    until: Annotated[str, option("The last day it holds, YYYY-MM-DD.")] = ""
    output: OutputField = None


@action(
    "bundle consent",
    'bundle consent consent-of-bank-a.request --why "agreed with counsel" --until 2026-12-31',
    writes=True,
    done="bundle.consented",
)
def consent(context: Context, ask: GiveConsent) -> ConsentGiven:
    """Consent, as the owner, to what a request names: these rows, to that recipient, until that day."""
    refuse_existing(ask.output)
    until = day(ask.until) if ask.until else None
    with context.writer() as writer:
        slip = _read(context, ask.file, signed_notices.ASKED)
        text, until = consents.give(context.floor, writer, slip, until, ask.why, context.floor.now())
    return ConsentGiven(
        to=slip.peer.name,
        recipient=slip.body["recipient"],
        rows=len(slip.body["rows"]),
        until=until,
        file=_write_note(ask.output or ask.file.with_suffix(".consent"), text),
    )


@action(
    "bundle consented",
    "bundle consented consent-of-bank-a.consent",
    writes=True,
    rows="bundles",
    blocks=True,
)
def consented(context: Context, ask: NoteFile) -> Exchange:
    """Keep a consent that came back, so that the rows it names may be sent."""
    with context.writer() as writer:
        kept = _consent_kept(context, writer, _read(context, ask.file, signed_notices.CONSENT))
    return Exchange(bundles=[kept])


def of_node(name: str) -> str:
    """Return a node's name as part of a file's name."""
    return re.sub(r"[^\w.-]", "_", name)


def _named(answer: object, *names: str) -> dict[str, Any]:
    return {name: getattr(answer, name) for name in names}


def _shown(value: object, say: Callable[..., str]) -> str:
    match value:
        case None:
            return ""
        case bool():
            return say("common.yes" if value else "common.no")
        case dict():
            return ", ".join(
                f"{rows} {say(KEPT[why]) if why in KEPT else why}" for why, rows in value.items()
            )
        case list() | tuple():
            return ", ".join(map(str, value))
        case _:
            return str(value)


def _fields(one: Any) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


def _state(one: State, context: Context) -> dict[str, Any]:
    """Return the fields of a `StateView`."""
    return _fields(one) | {"told": [why.render(context.language) for why in one.told]}


def offered(context: Context, ask: Chosen) -> Offer:
    """Return what is chosen, in the form in which it would travel."""
    floor, reader = context.floor, context.reader
    cited = [one.signal_id.hex() for lead in map(context.lead, ask.leads) for one in lead.signals]
    chosen = offers.signals_of(floor, reader, [*ask.signals, *cited], ask.subjects)
    records = offers.records_of(floor, reader, ask.records)
    return offers.offer(floor, reader, signals=chosen, pointers=ask.pointers, records=records)


def _write_note(path: Path, text: str) -> str:
    """Write a note, of a name that is taken under the next that is free, such as `ID-2.receipt`.

    A note is written after its act, so that it cannot be refused any more.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    further = (path.with_stem(f"{path.stem}-{number}") for number in count(2))
    for free in chain([path], further):
        try:
            with free.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
        except FileExistsError:
            continue
        return str(free)
    raise AssertionError  # there is always a further number


def _read(context: Context, file: Path, wanted: str) -> Slip:
    return signed_notices.read(context.floor, file.read_bytes(), file.name, wanted)


def _compare(context: Context, data: bytes, file: str) -> Compared:
    with context.writer() as writer:
        slip = signed_notices.read(context.floor, data, file, signed_notices.RECEIPT)
        return _compared(context, writer, slip)


def _compared(context: Context, writer: Writer, slip: Slip) -> Compared:
    one = receipts.receive(context.floor, writer, slip)
    return Compared(**_fields(one) | {"withheld": dict(one.withheld)}, agrees=one.agrees)


def _consent_kept(context: Context, writer: Writer, slip: Slip) -> ConsentKept:
    kept = consents.receive(context.floor, writer, slip)
    return ConsentKept(owner=kept.owner, to=kept.to, rows=len(kept.rows), until=kept.until)


def _bundle_taken(context: Context, ask: ReceiveBundles, file: Path, data: bytes) -> Part:
    """Take a bundle in, and write its receipt."""
    floor, now = context.floor, context.floor.now()
    table = gateway_table.load(floor.root / OWN)
    with context.busy("bundle.checking"), context.writer() as writer:
        got = receiving.receive(floor, writer, data, file.name, table, now)
        slip = receipts.give(floor, writer, got, now)
    manifest = got.manifest
    return Arrived(
        bundle=manifest.bundle,
        from_=manifest.sender.name,
        gateway=manifest.terms.gateway,
        **_named(got, "rows", "accepted", "duplicate", "echoes", "shared"),
        withheld=dict(got.withheld),
        again=got.before,
        receipt=_write_note(ask.receipt or ask.notes / f"{manifest.bundle}.receipt", slip),
        position=got.position,
    )


def _note_taken(context: Context, ask: ReceiveBundles, file: Path, data: bytes) -> Part:
    """Take a note in, whatever it is."""
    with context.writer() as writer:
        slip = signed_notices.read(context.floor, data, file.name)
        match slip.what:
            case signed_notices.RECEIPT:
                return _compared(context, writer, slip)
            case signed_notices.RECALL:
                return _taken_back(context, writer, slip, ask.notes)
            case signed_notices.ANSWER:
                said = recalls.take_answer(context.floor, writer, slip)
                return msgspec.convert(dict(said), Answered)
            case signed_notices.CONSENT:
                return _consent_kept(context, writer, slip)
    body = slip.body
    return ConsentRequest(
        asked_by=slip.peer.name,
        recipient=body["recipient"],
        rows=len(body["rows"]),
        why=body["why"],
        file=str(file),
    )


def _taken_back(context: Context, writer: Writer, slip: Slip, notes: Path) -> TakenBack:
    """Take back what a peer recalls, and write the answer and what goes on."""
    from watchfloor.desks.registry import declare_messages

    declare_messages()
    now = context.floor.now()
    with context.busy("bundle.taking_back"):
        done: RecallResult = recalls.receive(
            context.floor, writer, slip, context.reader, context.weights, now
        )
    return TakenBack(
        **_named(done, "bundle", "why", "retracted", "erased", "gone", "late"),
        **_named(done.touched, "leads", "tasks", "products"),
        from_=done.peer,
        left=sum(done.left.values()),
        because=dict(done.left),
        kept_by=done.because,
        onward=[_named(one, "bundle", "to", "rows") for one in done.onward],
        onward_files=[_write_note(notes / f"{one.bundle}.recall", one.slip) for one in done.onward],
        again=done.before,
        answer=_write_note(notes / f"{done.bundle}.answer", done.answer),
    )
