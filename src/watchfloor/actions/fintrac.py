"""Reports to the financial intelligence unit: drafted and approved here, submitted by a person."""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal

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
    new_file,
    note,
    option,
    record_of,
    text_of,
    words,
)
from watchfloor.cell.acts import Unusable, minute
from watchfloor.cell.wording.dates import moment_of_field
from watchfloor.core.messages import Language, declare, reason
from watchfloor.core.subjects import SubjectError, parts
from watchfloor.exchange.fintrac import codes as tables
from watchfloor.exchange.fintrac import drafting, drafts, evidence, schema, traced
from watchfloor.exchange.fintrac import entity as entities
from watchfloor.exchange.fintrac.clock import sentence
from watchfloor.exchange.fintrac.drafts import Report
from watchfloor.exchange.fintrac.entity import refuse_elsewhere
from watchfloor.exchange.log.access import access

NO_CASE: Final = declare("fintrac.no-such-case", "case")
NOT_SO: Final = declare("fintrac.not-so", "text", "form")
NO_CHANGE: Final = declare("fintrac.no-change")
SAYS_FILED: Final = declare("fintrac.says-filed", "column")
NO_ORIGIN: Final = declare("fintrac.no-origin", "file")
NOT_GOAML: Final = declare("fintrac.not-goaml", "problem")
BREAKS_XSD: Final = declare("fintrac.breaks-xsd", "xsd", "problems")


class LackView(Answer, frozen=True):
    """A field of a report, and what is missing or wrong there."""

    texts: ClassVar = "fintrac"
    columns: ClassVar = ("pointer", "says")

    pointer: str
    says: str

    def __str__(self) -> str:
        return self.pointer


class ReportView(Answer, frozen=True):
    """A report as it stands: what it lacks, since when a clock runs, what it rests on, who did what."""

    texts: ClassVar = "fintrac"
    columns: ClassVar[tuple[str, ...]] = (
        *("report", "kind", "edition", "state", "drafted_by", "approved_by", "reference", "lacks"),
    )

    report: str
    kind: str
    edition: int
    state: Annotated[str, words("fintrac.state_")]
    lacks: list[LackView]
    clock: dict[str, Any] | None
    rests_on: tuple[str, ...]
    held_as: str
    drafted_by: tuple[str, ...]
    drafted_at: datetime
    approved_by: str | None
    approved_at: str | None
    submitted_on: str | None
    submitted_by: str | None
    reference: str | None


class ReportList(Answer, frozen=True):
    """Reports."""

    reports: list[ReportView]


class FieldView(Answer, frozen=True):
    """A field of a report, and where it is from."""

    texts: ClassVar = "fintrac"
    columns: ClassVar = ("pointer", "value", "sources")

    pointer: str
    value: Any
    sources: list[str]


class ReportDocument(ReportView, frozen=True, omit_defaults=True):
    """A report with its document, the sources of each field, and the fields one by one if asked for."""

    columns: ClassVar = ("fields",)

    document: dict[str, Any]
    traces: dict[str, list[str]]
    fields: list[FieldView] | None = None

    @property
    def text(self) -> str | None:
        """Return the document as the file has it, if its fields are not listed."""
        return None if self.fields else drafts.encoded(self.document).decode().rstrip("\n")


class CheckResult(Answer, frozen=True):
    """Faults of a report: what is missing or wrong."""

    wrong: list[LackView]

    @property
    def cautions(self) -> bool:
        """Return whether anything is."""
        return bool(self.wrong)


class ExportedReport(Answer, frozen=True):
    """The file of a report."""

    report: str
    form: str
    file: str
    bytes: int


class CodeListView(Answer, frozen=True):
    """A code list: the version that is in effect, and how many words it has."""

    texts: ClassVar = "fintrac"
    columns: ClassVar = ("list", "version", "from_", "until", "words")

    list: str
    version: str
    from_: date = msgspec.field(name="from")
    until: date | None
    words: int


class CodeLists(Answer, frozen=True):
    """Code lists."""

    lists: list[CodeListView]


class OriginCount(Answer, frozen=True):
    """An origin of labels, and how many name it."""

    texts: ClassVar = "fintrac"
    columns: ClassVar = ("origin", "labels")

    origin: str
    labels: int


class OriginCounts(Answer, frozen=True):
    """Origins of labels."""

    labels: list[OriginCount]


ReportField = Annotated[str, argument("ID", "The start of a report's id.")]
WhyField = Annotated[str, option("The reason, in your words.")]
DayField = Annotated[str, option("The day; without it, today.")]
ActionField = Annotated[str, option("What was done about it, in your words.")]
EntityField = Annotated[
    Path | None, option("The entity's file; without it, `fintrac.toml` in the floor's folder.")
]
CodesField = Annotated[
    Path | None, option("Folder of code tables; without it, `codes` in the floor's folder.")
]


class DraftReport(Request, frozen=True):
    """Evidence of a report, and what a person states."""

    lead: Annotated[tuple[str, ...], option("A lead, with the payments it rests on; repeatable.")] = ()
    signal: Annotated[tuple[str, ...], option("A signal, with its payments; repeatable.")] = ()
    payment: Annotated[tuple[str, ...], option("The record of a payment; repeatable.")] = ()
    case: Annotated[
        tuple[str, ...],
        option("A case of the partnership, with this bank's payments that were matched; repeatable."),
    ] = ()
    suspicion: Annotated[str, option("Of what: a word of the code list suspicion.")] = ""
    context: Annotated[Path | None, option("Why you suspect, in your words: text.", exists=FILE)] = None
    action: ActionField = ""
    pep: Annotated[
        bool | None,
        option("Whether a politically exposed person is included.", spelling="--pep/--no-pep"),
    ] = None
    on_behalf_of: Annotated[
        tuple[str, ...], option("PAYMENT=SUBJECT: for whom it was conducted; repeatable.")
    ] = ()
    codes: CodesField = None
    entity: EntityField = None
    language: Annotated[Language, option("Of its sentences.")] = "en"


@action(
    "fintrac draft",
    "fintrac draft --payment 1a2b --suspicion money-laundering --codes codes --no-pep --context why.txt "
    '--action "account under review" --floor bank',
    writes=True,
)
def draft(context: Context, ask: DraftReport) -> ReportView:
    """Draft a suspicious transaction report (PCMLTFA s. 7) from leads, signals, payments or a case.

    What no record says and nobody has stated is named as missing; nothing is guessed. Nothing is sent. Of a
    case of the partnership it takes this bank's own payments, and nothing that a partner told.
    """
    from watchfloor.desks.registry import declare_messages

    floor, reader, by = context.floor, context.reader, context.actor.name
    refuse_elsewhere(floor)
    entity = entities.load(ask.entity or floor.root / entities.NAME)
    lists = tables.load(ask.codes or floor.root / "codes", _today())
    ids = [*(record_of(context, start, "payment") for start in ask.payment), *_matched(context, ask.case)]
    declare_messages()
    rests_on = evidence.gather(floor, reader, ids, [context.lead(start) for start in ask.lead], ask.signal)
    why, behalf = text_of(ask.context), dict(_behalf(context, ask.on_behalf_of))
    stated = drafting.Statement(by, ask.suspicion, why, ask.action.strip(), ask.pep, behalf, ask.language)
    id_ = drafts.number(floor, by, floor.now())
    made = drafting.draft(rests_on, entity, lists, stated, id_)
    with context.writer() as writer:
        drafts.keep(floor, writer, id_, made, rests_on)
    return _report(context, id_)


class DraftProperty(Request, frozen=True):
    """Whose property."""

    subject: Annotated[str, argument("SUBJECT", "Key of who a person has decided to be listed.")]
    listed: Annotated[str, option("The listed entity, LIST:ENTITY, where there are several.")] = ""
    action: ActionField = ""
    entity: EntityField = None


@action(
    "fintrac property",
    'fintrac property person:clients:17 --action "accounts frozen" --floor bank',
    writes=True,
)
def draft_property(context: Context, ask: DraftProperty) -> ReportView:
    """Draft a listed person or entity property report (PCMLTFA s. 7.1), once a match is decided.

    It wants a decision `same` about this subject and a listed entity. It says since when the clock runs.
    """
    from watchfloor.exchange.fintrac import clock, holdings  # lists load lxml, for which no other waits

    floor, reader, by, now = context.floor, context.reader, context.actor.name, context.floor.now()
    refuse_elsewhere(floor)
    entity = entities.load(ask.entity or floor.root / entities.NAME)
    match = holdings.confirmed(floor, reader, ask.subject, ask.listed or None, now)
    held = holdings.evidence(floor, reader, match)
    id_ = drafts.number(floor, by, now)
    made = holdings.draft(match, held, entity, ask.action.strip(), by, id_)
    with context.writer() as writer:
        drafts.keep(floor, writer, id_, made, held, clock.started(match.judgement.row, match.duty))
    return _report(context, id_)


class EditReport(Request, frozen=True):
    """Fields that a person states."""

    report: ReportField
    set: Annotated[
        tuple[str, ...], option("POINTER=VALUE: state a field, in JSON or as text; repeatable.")
    ] = ()
    drop: Annotated[tuple[str, ...], option("POINTER of a field to take away; repeatable.")] = ()
    why: WhyField = ""


@action(
    "fintrac edit",
    "fintrac edit 1a2b --set /transactions/0/suspiciousTransactionDetails/methodCode=1 --why "
    '"the branch says it was at the counter" --floor bank',
    writes=True,
)
def edit(context: Context, ask: EditReport) -> ReportView:
    """State fields of a draft yourself, with why: its next edition, each such field traced to you."""
    changes = [*_changes(ask.set), *((pointer, None) for pointer in ask.drop)]
    if not changes:
        raise Unusable(reason(NO_CHANGE))
    with context.writer() as writer:
        one = _find(context, ask.report)
        drafts.edit(context.floor, writer, one, changes, ask.why)
    return _report(context, one.id)


@action("fintrac list", "fintrac list --floor bank", rows="reports", empty="fintrac.no_reports")
def list_reports(context: Context, _: Request) -> ReportList:
    """List the reports that you may see: what each lacks, who drafted and approved, what became of it."""
    refuse_elsewhere(context.floor)
    found = Report.read(context.floor, context.reader).values()
    context.log_query("fintrac list", rows=len(found))
    return ReportList(reports=[ReportView(**_fields(one, context.language)) for one in found])


class ShowReport(Request, frozen=True):
    """Which report, and how."""

    report: ReportField
    trace: Annotated[bool, option("Each field with its value and where that comes from.")] = False


@action("fintrac show", "fintrac show 1a2b --trace --floor bank", document="text", on_screen=True)
def show(context: Context, ask: ShowReport) -> ReportDocument:
    """Show a report as JSON, or with --trace each field and its sources."""
    one = _find(context, ask.report)
    context.log_query("fintrac show", report=one.id)
    document, traces = one.content.document, {at: list(of) for at, of in one.content.traces.items()}
    fields = [
        FieldView(pointer=pointer, value=traced.at(document, pointer), sources=traces.get(pointer, []))
        for pointer in (traced.leaves(document) if ask.trace else ())
    ]
    return ReportDocument(
        **_fields(one, context.language), document=document, traces=traces, fields=fields or None
    )


class CheckReport(Request, frozen=True):
    """Which report, against what."""

    report: ReportField
    schema: Annotated[Path | None, option("The JSON schema, as the unit publishes it.", exists=FILE)] = None


@action(
    "fintrac check",
    "fintrac check 1a2b --schema str.schema.json --floor bank",
    rows="wrong",
    empty="fintrac.well",
)
def check(context: Context, ask: CheckReport) -> CheckResult:
    """Check a report: what it lacks and how to supply it, fields without a source, breaches of the schema."""
    one = _find(context, ask.report)
    given = schema.load(ask.schema) if ask.schema else None
    context.log_query("fintrac check", report=one.id)
    breaches = given.errors(one.content.document) if given else ()
    return CheckResult(
        wrong=[
            *_lacks(one, context.language),
            *(LackView(pointer=pointer, says="no source") for pointer in drafts.untraced(one.content)),
            *(LackView(pointer=each.pointer, says=each.message) for each in breaches),
        ]
    )


class ApproveReport(Request, frozen=True, kw_only=True):
    """Which report, read in which edition."""

    report: ReportField
    schema: Annotated[Path, option("The JSON schema it must keep to.", exists=FILE)]
    why: WhyField = ""
    edition: Annotated[int | None, option("The edition that you read; refused where there is a newer.")] = (
        None
    )


@action(
    "fintrac approve",
    'fintrac approve 1a2b --schema str.schema.json --why "grounds are reasonable"',
    writes=True,
)
def approve(context: Context, ask: ApproveReport) -> ReportView:
    """Approve a report that another person drafted: complete, each field traced, valid under the schema."""
    seen, given = _find(context, ask.report), schema.load(ask.schema)
    with context.writer() as writer:
        one = _find(context, seen.id)
        drafts.approve(context.floor, writer, one, ask.edition or seen.edition, given, ask.why)
    return _report(context, one.id)


class ExportReport(Request, frozen=True, kw_only=True):
    """Which report, in which form and file."""

    report: ReportField
    output: Annotated[Path, option("The new file to write.", spelling="--out -o")]
    form: Annotated[Literal["json", "goaml"], option("What is written.")] = "json"
    goaml_version: Annotated[Literal["4", "5"], option("Of goAML's schema.")] = "4"
    codes: CodesField = None
    xsd: Annotated[Path | None, option("The unit's XSD of goAML, to check against.", exists=FILE)] = None


@action(
    "fintrac export",
    "fintrac export 1a2b -o report.json --floor bank",
    writes=True,
    done="fintrac.exported",
)
def export(context: Context, ask: ExportReport) -> ExportedReport:
    """Write an approved report into a new file, as JSON or goAML, for a person to submit. Nothing is sent."""
    one = _find(context, ask.report)
    data = one.data if ask.form == "json" else _goaml(context, one, ask)
    with context.writer() as writer, new_file(ask.output, data):
        drafts.exported(context.floor, writer, _find(context, one.id), ask.form, data)
    note(context, WROTE, file=str(ask.output))
    return ExportedReport(report=one.id, form=ask.form, file=str(ask.output), bytes=len(data))


def _goaml(context: Context, one: Report, ask: ExportReport) -> bytes:
    from watchfloor.exchange.fintrac import goaml, goaml_facts, goaml_read  # they load lxml

    lists = tables.load(ask.codes or context.floor.root / "codes", _today())
    try:
        data = goaml.write(goaml_facts.facts(one.content, lists, context.floor.now()), ask.goaml_version)
    except msgspec.ValidationError as error:
        raise Unusable(reason(NOT_GOAML, problem=str(error))) from None
    if ask.xsd and (wrong := list(goaml_read.errors(data, ask.xsd))):
        raise Unusable(reason(BREAKS_XSD, xsd=str(ask.xsd), problems="; ".join(wrong)))
    return data


class SubmittedReport(Request, frozen=True):
    """Which report was submitted, and the number that came back."""

    report: ReportField
    reference: Annotated[str, option("The number that came back.", required=True)] = ""
    on: DayField = ""


@action(
    "fintrac submitted",
    "fintrac submitted 1a2b --reference 2026-000123 --on 2026-11-26 --floor bank",
    writes=True,
)
def submitted(context: Context, ask: SubmittedReport) -> ReportView:
    """Say that you submitted a report, on which day and under which number. This floor alone keeps it."""
    day = _day(ask.on)
    with context.writer() as writer:
        one = _find(context, ask.report)
        drafts.submitted(context.floor, writer, one, day, ask.reference)
    return _report(context, one.id)


class CheckCodes(Request, frozen=True):
    """Code tables, and the day."""

    folder: Annotated[Path, argument("FOLDER", "The folder of code tables.", exists=FOLDER)]
    on: DayField = ""


@action("fintrac codes", "fintrac codes codes --on 2026-11-26", files_only=True, rows="lists")
def check_codes(_: Context, ask: CheckCodes) -> CodeLists:
    """Check code tables: which version of each list is in effect on a day; a wrong file is named by line."""
    found = tables.load(ask.folder, _day(ask.on)).values()
    return CodeLists(
        lists=[
            CodeListView(
                list=one.name, version=one.version, from_=one.since, until=one.until, words=len(one.codes)
            )
            for one in found
        ]
    )


class CheckLabels(Request, frozen=True):
    """Labels for a fit."""

    file: Annotated[Path, argument("FILE", "CSV of labels with a column `origin`.", exists=FILE)]


@action(
    "fintrac labels", "fintrac labels labels.csv", files_only=True, rows="labels", empty="fintrac.no_labels"
)
def check_labels(_: Context, ask: CheckLabels) -> OriginCounts:
    """Check labels before a fit: each names its origin, and none says that a report was filed."""
    from watchfloor.desks.finance.models.labels import refuse_reports, says_filed

    with ask.file.open(newline="", encoding="utf-8-sig") as opened:
        rows = csv.DictReader(opened)
        names = rows.fieldnames or []
        if telling := [name for name in names if says_filed(name)]:
            raise Unusable(reason(SAYS_FILED, column=telling[0]))
        if "origin" not in names:
            raise Unusable(reason(NO_ORIGIN, file=str(ask.file)))
        origins = [row["origin"] for row in rows]
    refuse_reports(origins)
    return OriginCounts(
        labels=[OriginCount(origin=one, labels=origins.count(one)) for one in dict.fromkeys(origins)]
    )


def _find(context: Context, start: str) -> Report:
    """Return the report whose id starts so. Raises `Refusal`, also on a floor that may have none."""
    refuse_elsewhere(context.floor)
    return Report.find(context.floor, context.reader, start)


def _report(context: Context, id_: str) -> ReportView:
    """Return a report as it stands, and say of a property report since when the clock runs."""
    one = Report.find(context.floor, context.reader, id_)
    if one.clock:
        context.note(sentence(one.clock))
    return ReportView(**_fields(one, context.language))


def _fields(one: Report, language: Language) -> dict[str, Any]:
    """Return the fields of a `ReportView`."""
    same = ("edition", "state", "clock", "rests_on", "held_as", "drafted_by", "drafted_at")
    approved, submitted = one.approved, one.submitted
    gone = submitted or {}
    return {
        "report": one.id,
        "kind": one.content.kind,
        "lacks": _lacks(one, language),
        **{name: getattr(one, name) for name in same},
        "approved_by": (approved["by"] or None) if approved else None,
        "approved_at": minute(approved["observed_at"]) if approved else None,
        "submitted_on": gone.get("on"),
        "submitted_by": gone.get("by") or None,
        "reference": gone.get("reference"),
    }


def _lacks(one: Report, language: Language) -> list[LackView]:
    return [LackView(pointer=gap.pointer, says=gap.why.render(language)) for gap in one.content.gaps]


def _today() -> date:
    return datetime.now(UTC).date()


def _day(text: str) -> date:
    """Return the day that `--on` says; today if it says none. Raises `Refusal`."""
    found = moment_of_field(text, "on")
    return found.date() if found else _today()


def _matched(context: Context, cases: Iterable[str]) -> Iterator[bytes]:
    """Yield the payments of this bank that were matched in cases of the partnership."""
    from watchfloor.exchange.partnership import closing

    for case in cases:
        mine = access(context.floor, context.actor.name)
        found = closing.own_payments(context.floor, context.reader, case, mine)
        if not found:
            raise Unusable(reason(NO_CASE, case=case))
        yield from found


def _behalf(context: Context, texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    for start, key in _pairs(texts, "PAYMENT=SUBJECT"):
        try:
            parts(key)
        except SubjectError as error:
            raise Unusable(reason(NOT_SO, text=f"{start}={key}", form=f"PAYMENT=SUBJECT: {error}")) from None
        yield record_of(context, start, "payment").hex(), key


def _changes(texts: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """Yield pointers and values: JSON where it is some, else text; an amount is text: no digit is lost."""
    for pointer, text in _pairs(texts, "POINTER=VALUE", "/"):
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        yield pointer, text if isinstance(value, float) or value is None else value


def _pairs(texts: Iterable[str], form: str, begins: str = "") -> Iterator[tuple[str, str]]:
    for one in texts:
        before, equals, after = one.partition("=")
        if not equals or not before.startswith(begins):
            raise Unusable(reason(NOT_SO, text=one, form=form))
        yield before, after
