"""Gateways: the lawful ways to disclose, the checks of risk, and the records that laws ask for."""

import csv
import io
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

import msgspec
from msgspec import structs

from watchfloor.actions.base import (
    FILE,
    WROTE,
    Answer,
    Context,
    Request,
    action,
    argument,
    new_file,
    note,
    option,
    words,
)
from watchfloor.actions.text import AnswerText
from watchfloor.cell.acts import Unusable
from watchfloor.cell.wording.dates import day
from watchfloor.core.countries import COUNTRIES, nearest_country
from watchfloor.core.messages import Language, Reason, declare, reason
from watchfloor.core.tables import cell
from watchfloor.exchange import risk
from watchfloor.exchange.bundles.peers import BAD_COUNTRY, BAD_INSTITUTION
from watchfloor.exchange.log.records_due import Owed, owed
from watchfloor.policy import gateway_table
from watchfloor.policy.gateway_table import Change, Table, load_table, pick
from watchfloor.policy.gateways import RISK_STANDS, Gateway, Risk, RiskCheck, called, nearest
from watchfloor.policy.institutions import INSTITUTIONS
from watchfloor.reference.law.wordings import in_force, status, wordings

OWN: Final = "gateways.toml"
"""A node's own rows, beside its `floor.toml`."""

CHANGES: Final = {
    direction: declare(f"gateway.{direction}", "file", "gateway", "key")
    for direction in ("narrows", "widens", "rewords")
}
USABLE: Final = declare("gateway.usable", "file")
WRONG: Final = declare("gateway.wrong", "file", "count")
READ: Final = declare("gateway.read", "day")
UNREAD: Final = declare("gateway.unread")
EARLY: Final = declare("gateway.early", "gateway", "citation", "since", "in_force")
QUOTED: Final = declare("gateway.quoted", "words")
NO_PARTNER_NAMED: Final = declare("gateway.no-partner")
WITHOUT_COUNTRY: Final = declare("gateway.no-country", "partner")
UNMITIGATED: Final = declare("gateway.unmitigated")
COPY_DUE: Final = declare("gateway.copy-due", "law", "section", "whom", "due")
UNKNOWN: Final = declare("gateway.record-unknown")


class GatewayView(Answer, frozen=True):
    """A gateway.

    Attributes:
        citation: law and section.
        purpose_title: what the purpose means, in the language asked for.
        rests_on: the law's own words at the section, in English; … stands for what is left out between.
        unquoted: why there are none, by language.
        asks: what must be stated or checked beside the test.
    """

    texts: ClassVar = "gateway.view"
    columns: ClassVar[tuple[str, ...]] = (
        *("id", "citation", "from_", "to", "purpose_title", "forms", "asks", "expires"),
    )

    id: str
    law: str
    section: str
    also: tuple[str, ...]
    from_: list[str] = msgspec.field(name="from")
    to: list[str]
    purpose: str
    test: dict[str, str]
    forms: Annotated[list[str], words("gateway.form_")]
    fields: dict[str, list[str]]
    needs: list[str]
    basis: dict[str, str]
    records: tuple[str, ...]
    since: date
    expires: date | None
    foreign: bool
    checked: bool
    caveats: list[str]
    note: dict[str, str]
    rests_on: str
    unquoted: dict[str, str]
    citation: str
    purpose_title: str
    asks: Annotated[list[str], words("gateway.need_")]


class GatewayList(Answer, frozen=True):
    """Gateways, as a table of a Markdown page if that is asked for."""

    gateways: list[GatewayView]
    text: str | None


class GatewayShown(GatewayView, frozen=True):
    """A gateway with what there is to know of it, in words."""

    columns: ClassVar = ("id", "shown")

    shown: Annotated[dict[str, str], words("gateway.view.")]


class Finding(Answer, frozen=True, omit_defaults=True):
    """Something wrong with a file of gateways, or what it changes of one."""

    problem: str | None = None
    fatal: bool | None = None
    direction: str | None = None
    gateway: str | None = None
    key: str | None = None


class FileCheck(Answer, frozen=True):
    """Faults of a file of gateways and its changes, also in words."""

    problems: list[Finding]
    text: str

    @property
    def cautions(self) -> bool:
        """Return whether the file cannot be used."""
        return any(one.fatal for one in self.problems)


class RiskView(Answer, frozen=True):
    """A decision about the risk of mistreatment at a partner, and until when it stands."""

    texts: ClassVar = "gateway.risk"
    columns: ClassVar = (
        *("partner", "country", "substantial_risk", "measures", "decided_by", "on", "stands_until"),
    )

    partner: str
    country: str
    substantial_risk: Annotated[Risk, words("gateway.risk_")]
    measures: str
    decided_by: str
    on: date
    caveats: list[str]
    stands_until: date


class RiskChange(RiskView, frozen=True):
    """The same as it was recorded."""

    position: int


class RiskList(Answer, frozen=True):
    """Checks of the risk of mistreatment."""

    risks: list[RiskView]


class RecordView(Answer, frozen=True):
    """A record that a law asks for of a disclosure or receipt; of an unknown gateway, without a law."""

    texts: ClassVar = "gateway.record"
    columns: ClassVar = ("record", "law", "section", "day", "gateway", "bundle", "party", "missing")

    record: str
    law: str | None
    section: str | None
    position: int
    day: date = msgspec.field(name="date")
    gateway: str
    citation: str
    bundle: str
    party: str
    items: dict[str, str]
    missing: list[str]
    copy_to: str | None
    copy_due: date | None
    keep_until: date | None

    def nothing(self, column: str) -> str:
        """Return the key of the text that says that the table does not know the gateway."""
        return UNKNOWN.id if column == "law" else ""


class RecordList(Answer, frozen=True):
    """Records that laws ask for."""

    records: list[RecordView]


OnField = Annotated[str, option("As it stands on this day, YYYY-MM-DD; else today.")]


class ListGateways(Request, frozen=True):
    """Which gateways."""

    from_: Annotated[str, option("Only where this kind of institution discloses.")] = ""
    to: Annotated[str, option("Only where this kind of institution receives.")] = ""
    on: OnField = ""
    markdown: Annotated[bool, option("As a table of a Markdown page.")] = False


@action(
    "gateway list",
    "gateway list --from border-agency --to foreign-partner",
    settings_only=True,
    rows="gateways",
    empty="gateway.none",
    document="text",
    on_screen=True,
)
def list_gateways(context: Context, ask: ListGateways) -> GatewayList:
    """List the gateways that stand on a day, and where the node's own gateways.toml changes them."""
    own = context.folder / OWN
    table, on, language = load_table(own), _day(ask.on), context.language
    for name in filter(None, (ask.from_, ask.to)):
        if name not in INSTITUTIONS:
            near, kinds = nearest(name, INSTITUTIONS), ", ".join(INSTITUTIONS)
            raise Unusable(reason(BAD_INSTITUTION, name=name, nearest=near, kinds=kinds))
    found = [
        GatewayView(**_fields(table, one, language))
        for one in table.gateways.values()
        if one.stands(on) and ask.from_ in ("", *one.from_) and ask.to in ("", *one.to)
    ]
    if ask.markdown:
        return GatewayList(gateways=found, text=_markdown(found, language))
    for change in gateway_table.changes(own):
        context.note(reason(CHANGES[change.direction], **_about(change, own)))
    return GatewayList(gateways=found, text=None)


class OneGateway(Request, frozen=True):
    """Which gateway."""

    gateway: Annotated[str, argument("ID", "As `watchfloor gateway list` has it.")]


@action("gateway show", "gateway show scida-5", settings_only=True)
def show(context: Context, ask: OneGateway) -> GatewayShown:
    """Show one gateway: the test to state, what may go, what it rests on, and the records it owes."""
    table, language = load_table(context.folder / OWN), context.language
    one = pick(table.gateways, ask.gateway)
    law, records = table.laws[one.law], (table.records[name] for name in one.records)
    view, text = GatewayView(**_fields(table, one, language)), AnswerText(language)
    cells = {name: cell for name, _, cell in text.cells(view)}
    shown = {
        "law": f"{getattr(law.title, language)}, {one.section}",
        "status": (reason(READ, day=str(law.read)) if one.checked else reason(UNREAD)).render(language),
        "rests_on": reason(QUOTED, words=one.rests_on).render(language)
        if one.rests_on
        else one.unquoted.get(language, ""),
        "also": ", ".join(one.also),
        "from_": called(one.from_, language),
        "to": called(one.to, language),
        "purpose_title": f"{one.purpose}: {view.purpose_title}",
        "test": one.test[language],
        "asks": cells["asks"],
        "basis": one.basis.get(language, ""),
        "forms": cells["forms"],
        **{kind: ", ".join(columns) for kind, columns in view.fields.items()},
        "records": "; ".join(f"{row.law} {row.section}: {getattr(row.title, language)}" for row in records),
        "dates": f"{one.since} – {one.expires or ''}",
        "note": one.note.get(language, ""),
    }
    return GatewayShown(**structs.asdict(view), shown=shown)


class CheckFile(Request, frozen=True):
    """A file of gateways, and as of which day."""

    file: Annotated[Path, argument("FILE", "A gateways.toml.", exists=FILE)]
    on: OnField = ""


@action(
    "gateway check",
    "gateway check floor/gateways.toml",
    files_only=True,
    rows="problems",
    document="text",
    on_screen=True,
)
def check(context: Context, ask: CheckFile) -> FileCheck:
    """Check a file of gateways before it is used: typing errors, impossible days, what ended, what widens."""
    found = gateway_table.problems(*gateway_table.texts(ask.file), on=_day(ask.on))
    fatal = sum(one.fatal for one in found)
    changes = [] if fatal else gateway_table.changes(ask.file)
    last = reason(WRONG, file=str(ask.file), count=fatal) if fatal else reason(USABLE, file=str(ask.file))
    said = [reason(CHANGES[change.direction], **_about(change, ask.file)) for change in changes]
    early = [] if fatal else [one.render(context.language) for one in _early(load_table(ask.file))]
    lines = [*(one.text for one in found), *early, *(one.render(context.language) for one in (*said, last))]
    problems = [Finding(problem=one.text, fatal=one.fatal) for one in found]
    problems += [Finding(problem=text, fatal=False) for text in early]
    return FileCheck(
        problems=[*problems, *(Finding(**one._asdict()) for one in changes)], text="\n".join(lines)
    )


def _early(table: Table) -> Iterator[Reason]:
    """Yield the rows that begin on a day on which their provision is known not to be in force."""
    for one in table.gateways.values():
        number = table.laws[one.law].number
        if (number, one.section) in wordings() and in_force(number, one.section, one.since) is False:
            since = str(status(number, one.section, one.since).since or "–")
            yield reason(EARLY, gateway=one.id, citation=one.citation, since=str(one.since), in_force=since)


class CheckRisk(Request, frozen=True, kw_only=True):
    """A decision about the risk of mistreatment."""

    partner: Annotated[str, option("The node, or the state a letter goes to.")]
    substantial_risk: Annotated[Risk, option("Whether disclosing there risks mistreatment of anybody.")]
    country: Annotated[str, option("ISO 3166-1 alpha-3; of a known peer it is known.")] = ""
    measures: Annotated[str, option("What mitigates it: assurances, caveats, what is left out.")] = ""
    decided_by: Annotated[str, option("Who decided, where it is not you.")] = ""
    caveat: Annotated[tuple[str, ...], option("A caveat that every row must carry; repeatable.")] = ()


@action(
    "gateway risk-check",
    "gateway risk-check --partner lisbon --country PRT --substantial-risk no --floor floor",
    writes=True,
)
def check_risk(context: Context, ask: CheckRisk) -> RiskChange:
    """Record what was decided about the risk that a disclosure to somebody abroad leads to mistreatment.

    It stands for a year, or until the next one. `yes` refuses every disclosure there.
    """
    partner, measures = ask.partner.strip(), ask.measures.strip()
    if ask.substantial_risk == "mitigated" and not measures:
        raise Unusable(reason(UNMITIGATED))
    if not partner:
        raise Unusable(reason(NO_PARTNER_NAMED))
    country, by = ask.country or _country(context, partner), (ask.decided_by or context.actor.name).strip()
    if country not in COUNTRIES:
        raise Unusable(reason(BAD_COUNTRY, country=country, near=nearest_country(country)))
    today, caveats = context.floor.now().date(), frozenset(ask.caveat)
    made = RiskCheck(partner, country, ask.substantial_risk, measures, by, today, caveats)
    position = context.floor.act(context.actor, risk.ACT, risk.detail(made))
    return RiskChange(**_risk(made), position=position)


@action("gateway risks", "gateway risks --floor floor", rows="risks", empty="gateway.no-risks")
def list_risks(context: Context, _: Request) -> RiskList:
    """List the last check of the risk of mistreatment for each partner, and until when it stands."""
    found = risk.latest(context.floor).values()
    context.log_query("risk checks", rows=len(found))
    return RiskList(risks=[RiskView(**_risk(one)) for one in found])


class ReportRecords(Request, frozen=True, kw_only=True):
    """The calendar year."""

    year: Annotated[int, option("Calendar year, in UTC.", minimum=2000, maximum=9998)]
    output: Annotated[Path | None, option("Write a new CSV file, a row a record.", spelling="--out -o")] = (
        None
    )


@action(
    "gateway report",
    "gateway report --year 2026 -o records-2026.csv --floor floor",
    rows="records",
    empty="gateway.no-records",
)
def report(context: Context, ask: ReportRecords) -> RecordList:
    """Make the records that each law asks for of a year's disclosures and receipts, from the log.

    Each row is complete or names the provisions that nothing answers. Somebody cleared to the node's ceiling
    makes it: what you may not see is left out.
    """
    language = context.language
    found = owed(context.floor, load_table(context.folder / OWN), ask.year, context.reader, language)
    records = [_record(one, language) for one in found]
    with new_file(ask.output, _csv(found, records, language)) if ask.output else nullcontext():
        context.log_query("records owed", year=ask.year, rows=len(found))
    if ask.output:
        note(context, WROTE, file=str(ask.output))
    copies = {
        (one.row.law, one.row.due_section, getattr(one.row.copy_to, language), str(one.copy_due))
        for one in found
        if one.row and one.copy_due
    }
    for law, section, whom, due in sorted(copies):
        note(context, COPY_DUE, law=law, section=section, whom=whom, due=due)
    return RecordList(records=records)


def _day(text: str) -> date:
    return day(text) if text else datetime.now(UTC).date()


def _about(change: Change, file: Path) -> dict[str, str]:
    return {"file": str(file), "gateway": change.gateway, "key": change.key}


def _fields(table: Table, one: Gateway, language: Language) -> dict[str, Any]:
    """Return the fields of a `GatewayView`."""
    same = ("id", "law", "section", "also", "purpose", "records", "since", "expires", "foreign", "checked")
    quoted = ("rests_on", "citation")
    return {
        **{name: getattr(one, name) for name in (*same, *quoted)},
        **{name: sorted(getattr(one, name)) for name in ("from_", "to", "forms", "needs", "caveats")},
        **{name: dict(getattr(one, name)) for name in ("test", "basis", "note", "unquoted")},
        "fields": {kind: sorted(columns) for kind, columns in sorted(one.fields.items())},
        "purpose_title": getattr(table.purposes[one.purpose], language),
        "asks": [*sorted(one.needs), *(["risk"] if one.foreign else [])],
    }


def _markdown(found: Iterable[GatewayView], language: Language) -> str:
    """Return a table of a Markdown page."""
    text = AnswerText(language)
    lines = [text.cells(one) for one in found]
    heads = [[label for _, label, _ in lines[0]], ["---"] * len(lines[0])] if lines else []
    rows = [*heads, *([cell for *_, cell in line] for line in lines)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _country(context: Context, partner: str) -> str:
    """Return the country of a peer. Raises `Unusable`."""
    peers = [act.detail for act in context.floor.acts_of("peer") if act.detail]
    countries = [str(peer["country"]) for peer in peers if peer["name"] == partner]
    if not countries:
        raise Unusable(reason(WITHOUT_COUNTRY, partner=partner))
    return countries[-1]


def _risk(one: RiskCheck) -> dict[str, Any]:
    """Return the fields of a `RiskView`."""
    return risk.detail(one) | {"on": one.on, "stands_until": one.on + RISK_STANDS}


def _record(one: Owed, language: Language) -> RecordView:
    same = ("record", "position", "day", "gateway", "citation", "bundle", "party", "copy_due", "keep_until")
    return RecordView(
        **{name: getattr(one, name) for name in same},
        law=one.row.law if one.row else None,
        section=one.row.section if one.row else None,
        items={answer.item.section: answer.value for answer in one.answers if answer.due},
        missing=list(one.missing),
        copy_to=getattr(one.row.copy_to, language) if one.row and one.row.copy_to else None,
    )


def _csv(found: Iterable[Owed], records: Iterable[RecordView], language: Language) -> bytes:
    """Return a row a record: what every record has, then a column for each provision that asks."""
    rows = [dict(_cells(one, record, language)) for one, record in zip(found, records, strict=True)]
    every = (name for name in RecordView.__struct_encode_fields__ if name != "items")
    written = io.StringIO()
    heads = dict.fromkeys([*every, *(head for row in rows for head in row)])
    writer = csv.DictWriter(written, list(heads), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode()


def _cells(one: Owed, record: RecordView, language: Language) -> Iterator[tuple[str, str]]:
    """Yield the cells of a record by their heads; a spreadsheet takes none for a formula."""
    missing = ", ".join(one.missing) if one.row else reason(UNKNOWN).render(language)
    cells = msgspec.to_builtins(record) | {"missing": missing}
    if one.row:
        cells |= {
            f"{one.row.law} {a.item.section}: {getattr(a.item.what, language)}": a.value for a in one.answers
        }
    for head, value in cells.items():
        if head != "items":
            yield head, cell("" if value is None else str(value))
