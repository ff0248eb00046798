"""The register: whose agreement each line and claim of the scorecard needs, how it stands, and its forms."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal

from msgspec import structs

from watchfloor.actions.base import (
    FILE,
    Answer,
    Context,
    Request,
    action,
    argument,
    note,
    option,
    words,
)
from watchfloor.actions.scorecard import FromFiles, answerable
from watchfloor.cell.acts import Post, Row, Unusable, refuse
from watchfloor.cell.wording.dates import NO_MOMENT, moment_of_field
from watchfloor.core.messages import Language, declare, reason
from watchfloor.scorecard.agreement import acts, refusals
from watchfloor.scorecard.agreement import standing as agreement
from watchfloor.scorecard.agreement.digests import Shown, act_name
from watchfloor.scorecard.agreement.form_evidence import asked_of
from watchfloor.scorecard.agreement.messages import NOT_NEEDED
from watchfloor.scorecard.agreement.rows import Item, On, whose
from watchfloor.scorecard.agreement.standing import AgreementStatus, fold, moments
from watchfloor.scorecard.agreement.subjects import Subjects, has_figure, subjects
from watchfloor.scorecard.bilingual import fill
from watchfloor.scorecard.departments import called
from watchfloor.scorecard.forms import keys as form_keys
from watchfloor.scorecard.forms import receiving, signed_form
from watchfloor.scorecard.forms import refusals as form_refusals
from watchfloor.scorecard.page.page_words import term

LARGEST: Final = 16 << 20
"""Bytes of a form at most: some hundred thousand rows."""

OVERDUE: Final = declare("actions.agreement-overdue", "count", "lines")


class StandingView(Answer, frozen=True):
    """How the agreement of a department to a line or claim stands.

    Attributes:
        what: the kind of the line, or `claim`; `says`: its words.
        state: see `scorecard.agreement.standing`; `sentence`: the same in words, for whoever is asked.
        until: end of an embargo that stands.
        by: who approved, attested or called, as the state has it, and `at` what moment.
        due: by when the last data call, of the id `call`, asks for an answer.
        edition: how many acts there are.
        why: the approver's words, or the reason of a withdrawal.
    """

    texts: ClassVar = "register"
    columns: ClassVar = ("line", "department", "state", "due", "sentence", "says")

    line: str
    what: str
    says: str
    department: str
    state: Annotated[agreement.State, words("register.state_")]
    sentence: str
    until: datetime | None
    by: str | None
    at: datetime | None
    due: datetime | None
    overdue: bool
    edition: int
    call: str | None
    why: str | None


class StandingChange(StandingView, frozen=True):
    """The same as an act left it; `position` of the act in the log, for who may know it."""

    position: int | None


class ReceivedForm(StandingChange, frozen=True):
    """The same as a form left it.

    Attributes:
        before: the form came before, and nothing was written.
        rows: how many numbers of series it brought.
        form: its SHA-256.
    """

    before: bool
    rows: int
    form: str

    def done(self, key: str) -> str:
        """Return the key of the text for a form that is new, or came before."""
        return f"{key}_before" if self.before else key


class StandingList(Answer, frozen=True):
    """Lines and claims with how agreement to each stands."""

    lines: list[StandingView]


class FigureView(Answer, frozen=True):
    """A figure as it is shown now."""

    texts: ClassVar = "register"
    columns: ClassVar = ("name", "shown")

    name: str
    value: float | None
    unit: str | None
    shown: str


class AgreementAct(Answer, frozen=True):
    """An act on the way to an agreement.

    Attributes:
        did: what it did, in words.
        by: who acted here; `person`, `function`: for the department, `department_name` in words.
        asked: of a call; `why`: in words. Both, and the figures, are left out while those may not appear.
        digest: of what was shown, or of the signed `form`.
    """

    texts: ClassVar = "register"
    columns: ClassVar = (
        *("edition", "department", "did", "at", "by", "person", "function", "due", "until", "asked", "why"),
    )

    line: str
    edition: int
    act: str
    did: str
    department: str
    department_name: str
    by: str
    person: str | None
    function: str | None
    asked: str | None
    due: datetime | None
    until: datetime | None
    digest: str | None
    form: str | None
    signed: datetime | None
    why: str | None
    marking: str
    at: datetime
    values: list[dict[str, Any]] | None
    record: str


class LineHistory(Answer, frozen=True):
    """A line: what its department is asked for, the figures that stand, and every act on it."""

    texts: ClassVar = "register"
    columns: ClassVar = ("line", "says", "asked", "digest", "standing", "figures", "acts")

    line: str
    says: str
    asked: str
    digest: str
    standing: list[StandingView]
    figures: list[FigureView]
    acts: list[AgreementAct]


class FormView(signed_form.Form, Answer, frozen=True):
    """The form of a data call."""

    @property
    def text(self) -> str:
        """Return it as a person fills it in."""
        return signed_form.written(self)


class SignedForm(Answer, frozen=True):
    """A signed form: its text, or the file that has it."""

    signed_by: str
    file: str | None
    note: str | None

    def in_file(self, file: str) -> "SignedForm":
        """Return it without the text."""
        return structs.replace(self, file=file, note=None)


class KeyView(Answer, frozen=True):
    """A department's public key; `removed`: the day it was revoked."""

    texts: ClassVar = "register"
    columns: ClassVar = ("department", "hash", "checked", "entered_by", "since", "removed", "why")

    department: str
    key: str
    hash: str
    checked: str
    entered_by: str
    since: str
    removed: str | None
    why: str | None


class KeyList(Answer, frozen=True):
    """The keys of departments."""

    keys: list[KeyView]


class NewKey(Answer, frozen=True):
    """A key that was made: the public one, and the file of the secret one."""

    department: str
    key: str
    file: str


LineField = Annotated[str, argument("LINE", "Id of a line of the register, such as 14b, or name of a claim.")]
WhyField = Annotated[str, option("The reason, in your words.")]
OnField = Annotated[str, option("As it stood on that day; else as it stands now.", metavar="DATE")]
DepartmentField = Annotated[
    str, option("Whose agreement, by its code: CBSA, RCMP, …; else who is accountable for it.")
]


@dataclass(frozen=True)
class Register:
    """Every line and claim, and the acts on their agreement that a person may see, on a day."""

    context: Context
    files: FromFiles
    on_day: str = ""

    @cached_property
    def on(self) -> date:
        """Return the day. Raises `Refusal`."""
        return (moment_of_field(self.on_day, "on") or self.context.now).astimezone(UTC).date()

    @cached_property
    def moment(self) -> date:
        """Return that as of which agreement is shown."""
        return agreement.as_of(self.on, self.context.floor.now())

    @cached_property
    def subjects(self) -> Subjects:
        """Return lines and claims. Raises `Unusable`."""
        with answerable():
            return subjects(self.files.lines, self.files.claims)

    @cached_property
    def acts(self) -> list[Row]:
        """Return the acts, in the order of the log."""
        return On.rows(self.context.floor, self.context.reader)

    @cached_property
    def shown(self) -> dict[str, Shown]:
        """Return what stands for each line and claim; it takes seconds."""
        return self._shown()

    @cached_property
    def units(self) -> dict[str, dict[str, str]]:
        """Return the values that each line is asked for, with their units; a claim is asked for series."""
        return {id_: asked_of(entry) for id_, entry in self.subjects.entries.items()}

    def item(self, id_: str, *, shown: bool = True) -> Item:
        """Return a line or claim, with what stands for it. Raises `Unusable`."""
        with answerable():
            item = self.subjects.item(id_)
            return self.subjects.item(id_, self._shown([id_])[id_]) if shown else item

    def _shown(self, only: Collection[str] = ()) -> dict[str, Shown]:
        from watchfloor.scorecard import assemble, evidence  # they load scipy, for which no key waits
        from watchfloor.scorecard.agreement.subjects import shown

        known = evidence.of_floor(self.context.floor, self.context.reader)
        files = self.files.lines, self.files.claims
        sources = assemble.Sources(known, self.context.floor, self.context.reader, *files)
        with self.context.busy("register.computing"), answerable():
            return shown(assemble.whole(sources, self.on, only), self.on)

    def standings(self, id_: str) -> list[StandingView]:
        """Return how the agreement of each department that a line or claim needs stands.

        What stands for it is computed only where somebody agreed to something: nothing else asks for it.
        """
        mine = [row for row in self.acts if row["line"] == id_]
        shown = self.shown[id_] if any(row["values"] is not None for row in mine) else Shown("")
        entry = self.subjects.entries.get(id_)
        needless = entry is not None and not has_figure(entry, self.on)
        found = []
        asked = (*self.subjects.item(id_, shown).departments, *(row["department"] for row in mine))
        for department in dict.fromkeys(asked):
            one = replace(
                agreement.standing(mine, id_, shown, self.moment, department), department=department
            )
            if needless and one.state == "not-called":
                one = replace(one, state="not-needed", sentence=fill(NOT_NEEDED))
            found.append(StandingView(**self.fields(id_, one)))
        return found

    def fields(self, id_: str, one: AgreementStatus) -> dict[str, Any]:
        """Return the fields of a `StandingView`."""
        language, entry = self.context.language, self.subjects.entries.get(id_)
        same = ("department", "state", "until", "at", "due", "overdue", "edition")
        return {
            "line": id_,
            "what": entry.kind if entry else "claim",
            "says": self.subjects.item(id_).says[language],
            "sentence": one.sentence[language],
            **{name: getattr(one, name) for name in same},
            **{name: getattr(one, name) or None for name in ("by", "call", "why")},
        }


class ListLines(FromFiles, frozen=True):
    """Which lines and claims."""

    on: OnField = ""
    state: Annotated[
        Literal[agreement.State, "overdue", ""], option("Only in this state, or whose answer is overdue.")
    ] = ""
    department: Annotated[str, option("Only of this department, by its code.")] = ""


@action(
    "register list",
    "register list --state called --department CBSA",
    rows="lines",
    empty="register.no_lines",
)
def list_lines(context: Context, ask: ListLines) -> StandingList:
    """List lines and claims with how agreement stands; overdue answers are told first."""
    code = form_keys.code_of(ask.department) if ask.department else ""
    register = Register(context, ask, ask.on)
    found = [one for id_ in register.subjects.ids for one in register.standings(id_)]
    chosen = [
        one
        for one in found
        if code in ("", one.department) and ask.state in ("", one.state, "overdue" if one.overdue else "")
    ]
    context.log_query("register", shown=[one.line for one in chosen])
    if late := list(dict.fromkeys(one.line for one in found if one.overdue)):
        note(context, OVERDUE, count=len(late), lines=", ".join(late))
    return StandingList(lines=chosen)


class ShowLine(FromFiles, frozen=True, kw_only=True):
    """Which line or claim."""

    line: LineField
    on: OnField = ""


@action("register show", "register show 14b")
def show(context: Context, ask: ShowLine) -> LineHistory:
    """Show a line: its words, what its department is asked for, the figures that stand, and every act on it.

    It is for whoever is asked and shows what no page may show yet.
    """
    register, language = Register(context, ask, ask.on), context.language
    item = register.item(ask.line)
    shown = item.shown
    assert shown is not None
    standing, end = register.standings(ask.line), moments(register.moment)[1]
    history = [row for row in register.acts if row["line"] == ask.line and row["observed_at"] <= end]
    context.log_query("register", shown=[ask.line])
    return LineHistory(
        line=ask.line,
        says=item.says[language],
        asked=item.asked[language],
        digest=shown.digest,
        standing=standing,
        figures=[
            FigureView(name=one.name, value=one.value, unit=one.unit or None, shown=one.shown[language])
            for one in shown.values
        ],
        acts=[act_view(row, language) for row in history],
    )


def act_view(row: Row, language: Language, *, withheld: bool = False) -> AgreementAct:
    """Return an act as an answer; `withheld`: without what was said, as words may have the figures."""
    plain = ("line", "edition", "act", "department", "by", "person", "function", "due", "until", "form")
    figures = ("asked", "digest", "why", "values")
    columns = {name: row[name] for name in (*plain, "signed", "marking")}
    columns |= {name: None if withheld else row[name] for name in figures}
    return AgreementAct(
        **columns,
        did=term("act", act_name(row))[language],
        department_name=called(row["department"])[language],
        at=row["observed_at"],
        record=row["record_id"].hex(),
    )


class ActOnLine(FromFiles, frozen=True, kw_only=True):
    """On which line or claim, of which department."""

    line: LineField
    department: DepartmentField = ""
    edition: Annotated[
        int | None, option("The edition you looked at, as `scorecard register show` has it.", minimum=0)
    ] = None


class CallDepartment(ActOnLine, frozen=True):
    """A data call."""

    due: Annotated[str, option("By when an answer is asked for: a day or a moment.", required=True)] = ""
    asked: Annotated[str, option("What is asked, in your words; else as the register has it.")] = ""
    marking: Annotated[str, option("Its marking, such as PB//TLP:AMBER; never below its subject's.")] = ""


@action("register call", "register call 14b --due 2026-12-04", writes=True, done="register.done")
def call(context: Context, ask: CallDepartment) -> StandingChange:
    """Ask a department for its figure and its agreement to a line or claim: the data call."""
    due = moment_of_field(ask.due, "deadline") or refuse(NO_MOMENT)
    words = ask.asked or None, ask.department or None, ask.marking or None
    return _act(context, ask, lambda post, item: acts.call(post, item, due, *words, ask.edition))


class AttestLine(ActOnLine, frozen=True):
    """Who speaks for the department, and of what."""

    name: Annotated[str, option("Who speaks for the department, by first name and name.")] = ""
    function: Annotated[str, option("What that person is there, such as Director General.")] = ""
    digest: Annotated[
        str | None,
        option(
            "Digest of what was looked at, or its first eight digits, as `scorecard register show` has it."
        ),
    ] = None

    @property
    def person(self) -> acts.Person:
        """Return who speaks."""
        return acts.Person(self.name, self.function)


@action(
    "register attest",
    'register attest 14b --name "A. Roy" --function "Director General" --digest c23c2b41',
    writes=True,
    done="register.done",
)
def attest(context: Context, ask: AttestLine) -> StandingChange:
    """Record that a person of the department attests what stands now. A signed form does so by itself."""
    return _attest(context, ask, None)


class CorrectLine(AttestLine, frozen=True):
    """An attestation in the place of one that was wrong."""

    why: Annotated[str, option("What was wrong with the figure before.", required=True)] = ""


@action(
    "register correct",
    'register correct 14b --why "two towers were counted twice" --name "A. Roy" --function Director',
    writes=True,
    done="register.done",
)
def correct(context: Context, ask: CorrectLine) -> StandingChange:
    """Attest anew what stands now, because the figure before was wrong; an approval of it ends."""
    return _attest(context, ask, ask.why)


def _attest(context: Context, ask: AttestLine, why: str | None) -> StandingChange:
    more = ask.digest, ask.department or None, why, ask.edition
    return _act(context, ask, lambda post, item: acts.attest(post, item, ask.person, *more))


class ApproveLine(AttestLine, frozen=True):
    """An approval."""

    words: Annotated[str, option("The approver's own words.", required=True)] = ""


@action(
    "register approve",
    'register approve 14b --name "B. Singh" --function "Vice-President" --words "as in our ledger of 30 '
    'November"',
    writes=True,
    done="register.done",
)
def approve(context: Context, ask: ApproveLine) -> StandingChange:
    """Record that a second person of the department approves what was attested, in words of their own.

    Neither who attested it, nor who typed that, nor who entered the key of its form may be that person.
    """
    more = ask.words, ask.digest, ask.department or None, ask.edition
    return _act(context, ask, lambda post, item: acts.approve(post, item, ask.person, *more))


class EmbargoLine(ActOnLine, frozen=True):
    """Until when, and why."""

    until: Annotated[str, option("No figure appears before: a moment, or the start of a day.")] = ""
    lift: Annotated[bool, option("End the embargo that stands.")] = False
    why: WhyField = ""


@action(
    "register embargo",
    'register embargo 14b --until 2026-12-08T14:00Z --why "the minister speaks first"',
    writes=True,
    done="register.done",
)
def embargo(context: Context, ask: EmbargoLine) -> StandingChange:
    """Let no figure of a line appear before a moment, in any edition; or lift that."""
    until = moment_of_field(ask.until, "until", first=True)
    if (until is None) is not ask.lift:
        raise Unusable(reason(refusals.UNTIL_OR_LIFT))
    more = until, ask.why, ask.department or None, ask.edition
    return _act(context, ask, lambda post, item: acts.embargo(post, item, *more))


class WithdrawLine(ActOnLine, frozen=True):
    """Why."""

    why: WhyField = ""


@action(
    "register withdraw",
    'register withdraw 14b --why "the towers were leased, not bought"',
    writes=True,
    done="register.done",
)
def withdraw(context: Context, ask: WithdrawLine) -> StandingChange:
    """Take a department's agreement back, with its reason; the figure goes until it is agreed anew."""
    more = ask.why, ask.department or None, ask.edition
    return _act(context, ask, lambda post, item: acts.withdraw(post, item, *more))


def _act(context: Context, ask: ActOnLine, make: Callable[[Post, Item], acts.Done]) -> StandingChange:
    """Act on a line behind the floor's writer. Raises `Refusal`."""
    register, floor = Register(context, ask), context.floor
    position, item = floor.position, register.item(ask.line)
    with context.writer() as writer:
        if floor.position != position:  # somebody wrote meanwhile: look again
            item = Register(context, ask).item(ask.line)
        done = make(Post(floor, context.reader, writer), item)
    known = context.known_position(done.position)
    return StandingChange(**register.fields(ask.line, done.standing), position=known)


class MakeForm(FromFiles, frozen=True, kw_only=True):
    """Which data call."""

    line: LineField
    period: Annotated[str, option("What the values are to be of: 2025-01, 2024, FY2024.")] = ""
    department: DepartmentField = ""


@action(
    "register form",
    "register form 14b --period 2026-10 -o 14b.form.json",
    document="text",
    written="register.fill",
)
def form(context: Context, ask: MakeForm) -> FormView:
    """Make the form of the data call that stands: line, definition, unit, deadline, and empty values."""
    register = Register(context, ask)
    item = register.item(ask.line, shown=False)
    code = whose(item, ask.department or None)
    mine = tuple(row for row in register.acts if (row["line"], row["department"]) == (ask.line, code))
    if ask.period:
        signed_form.months(ask.period, "--period")
    one = On(mine, item, code, fold(mine, ask.line, code), context.now)
    made = receiving.make(one, context.floor, register.units.get(ask.line, {}), ask.period)
    context.log_query("form", shown=[ask.line])
    return FormView(**{name: getattr(made, name) for name in made.__struct_fields__})


class SignForm(Request, frozen=True):
    """A filled form, and the key."""

    filled: Annotated[Path, argument("FORM", "The form, filled in.", exists=FILE)]
    key: Annotated[Path, option("The department's secret key.", exists=FILE)]


@action(
    "register sign",
    "register sign 14b.form.json --key cbsa.key -o 14b.signed",
    files_only=True,
    document="note",
)
def sign(context: Context, ask: SignForm) -> SignedForm:
    """Sign a filled form, at the department; a wrong number or period is refused here already."""
    text = _bytes(ask.filled).decode("utf-8", errors="replace")
    signer = form_keys.load(ask.key)
    signed = signed_form.sign(text, signer, context.now)
    return SignedForm(signed_by=signer.name, file=None, note=signed)


class ReceiveForm(FromFiles, frozen=True, kw_only=True):
    """A form that came back."""

    signed: Annotated[Path, argument("FORM", "The signed form.", exists=FILE)]


@action(
    "register receive",
    "register receive 14b.signed --floor floor",
    writes=True,
    done="register.received",
)
def receive(context: Context, ask: ReceiveForm) -> ReceivedForm:
    """Take a signed form in: signature, key, line and numbers are right, or nothing is written."""
    register, data = Register(context, ask), _bytes(ask.signed)
    items = {id_: register.item(id_, shown=False) for id_ in register.subjects.ids}
    with context.writer() as writer:
        post = Post(context.floor, context.reader, writer)
        made = receiving.receive(post, data, items, register.units)
    line, after = made.form.line, Register(context, ask)  # what stands now that the form is in
    shown = after.item(line).shown or Shown("")
    held = agreement.standing(after.acts, line, shown, context.floor.now(), made.form.department)
    return ReceivedForm(
        **after.fields(line, held),
        position=context.known_position(made.position),
        before=made.before,
        rows=made.rows,
        form=made.digest,
    )


def _bytes(path: Path) -> bytes:
    """Return a file of a size that a form has. Raises `Unusable` for a larger one."""
    if (size := path.stat().st_size) > LARGEST:
        raise Unusable(reason(form_refusals.TOO_LARGE, file=str(path), size=size, largest=LARGEST))
    return path.read_bytes()


DepartmentArgument = Annotated[
    str, argument("DEPARTMENT", "Its code, such as CBSA; `scorecard register list` shows them.")
]


class MakeKey(Request, frozen=True):
    """Whose key, and where it goes."""

    department: DepartmentArgument
    output: Annotated[Path, option("A new file, which only you must read.", spelling="-o")]


@action(
    "register key",
    "register key CBSA -o cbsa.key",
    writes=True,
    files_only=True,
    done="register.key_made",
    document="key",
)
def key(_: Context, ask: MakeKey) -> NewKey:
    """Make a department's secret key, at the department, and print the public one."""
    signer = form_keys.make(ask.output, ask.department)
    return NewKey(department=signer.name, key=signer.verifier.text, file=str(ask.output))


class TrustKey(Request, frozen=True):
    """A department's public key."""

    department: DepartmentArgument
    public: Annotated[str, argument("KEYLINE", "The public key that `scorecard register key` prints there.")]
    checked: Annotated[str, option("How you compared it, and with whom.", required=True)] = ""


@action(
    "register trust",
    'register trust CBSA CBSA+1a2b3c4d+AQ… --checked "read out by phone by A. Roy"',
    writes=True,
    done="register.trusted",
)
def trust(context: Context, ask: TrustKey) -> KeyView:
    """Enter the public key of a department. Not by who then approves what it signs."""
    return _key_view(form_keys.trust(context.floor, context.actor, ask.department, ask.public, ask.checked))


class DistrustKey(Request, frozen=True):
    """Whose key goes, and why."""

    department: DepartmentArgument
    why: Annotated[str, option("The reason, in your words.", required=True)] = ""


@action(
    "register distrust",
    'register distrust CBSA --why "the laptop with it was stolen"',
    writes=True,
    done="register.distrusted",
)
def distrust(context: Context, ask: DistrustKey) -> KeyView:
    """Revoke the key of a department: nothing that it signs is taken in any more."""
    return _key_view(form_keys.distrust(context.floor, context.actor, ask.department, ask.why))


@action("register keys", "register keys", rows="keys", empty="register.no_keys")
def list_keys(context: Context, _: Request) -> KeyList:
    """List the keys of departments, revoked ones too, with how each was compared."""
    found = [_key_view(one) for one in form_keys.known(context.floor).values()]
    context.log_query("department-keys", shown=[one.department for one in found])
    return KeyList(keys=found)


def _key_view(one: form_keys.Key) -> KeyView:
    return KeyView(
        department=one.department,
        key=one.verifier.text,
        hash=one.verifier.hash.hex(),
        checked=one.checked,
        entered_by=one.entered_by,
        since=f"{one.since:%Y-%m-%d}",
        removed=f"{one.removed:%Y-%m-%d}" if one.removed else None,
        why=one.why or None,
    )
