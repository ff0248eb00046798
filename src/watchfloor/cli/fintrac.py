"""`watchfloor fintrac`: reports to the financial intelligence unit, drafted here, submitted by a person."""

import csv
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from watchfloor.cli import fintrac_reports
from watchfloor.cli.acting import WhyOption, leads_of, refusals, writing
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    MISSING,
    USAGE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    LangOption,
    PurposeOption,
    counted,
    fail,
    print_rows,
    print_table,
    reader,
    who,
)
from watchfloor.cli.fintrac_reports import CodesOption, EntityOption, IdArgument, entity_of, say

if TYPE_CHECKING:
    from watchfloor.exchange.fintrac.evidence import Evidence
    from watchfloor.release.policy import Reader
    from watchfloor.store.floor import Floor

app = typer.Typer(
    help="Reports to the financial intelligence unit: drafted here with the source of each field, approved "
    "by another person, submitted by a person. On a reporting entity's own floor only.",
    no_args_is_help=True,
)

LONGEST: Final = 1 << 20
"""Bytes of a context."""

CODES: Final = {
    "en": ("list", "version", "from", "until", "words"),
    "fr": ("liste", "version", "depuis", "jusqu’au", "mots"),
}

SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="POINTER=VALUE: state a field, in JSON or as text; repeatable."),
]
ActionOption = Annotated[str, typer.Option("--action", help="What was done about it, in your words.")]


@app.command()
def draft(
    lead: Annotated[
        list[str] | None, typer.Option("--lead", help="A lead, with the payments it rests on; repeatable.")
    ] = None,
    signal: Annotated[
        list[str] | None, typer.Option("--signal", help="A signal, with its payments; repeatable.")
    ] = None,
    payment: Annotated[
        list[str] | None, typer.Option("--payment", help="The record of a payment; repeatable.")
    ] = None,
    case: Annotated[
        list[str] | None,
        typer.Option(
            "--case", help="A case of the partnership, with this bank's payments that were matched; again."
        ),
    ] = None,
    suspicion: Annotated[
        str, typer.Option("--suspicion", help="Of what: a word of the code list suspicion.")
    ] = "",
    context: Annotated[
        Path | None,
        typer.Option("--context", help="Why you suspect, in your words: text.", exists=True, dir_okay=False),
    ] = None,
    action: ActionOption = "",
    pep: Annotated[
        bool | None,
        typer.Option("--pep/--no-pep", help="Whether a politically exposed person is included."),
    ] = None,
    behalf: Annotated[
        list[str] | None,
        typer.Option("--on-behalf-of", help="PAYMENT=SUBJECT: for whom it was conducted; repeatable."),
    ] = None,
    codes: CodesOption = None,
    entity: EntityOption = None,
    language: Annotated[Literal["en", "fr"], typer.Option("--language", help="Of its sentences.")] = "en",
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Draft a suspicious transaction report (PCMLTFA s. 7) from leads, signals, payments or a case.

    What no record says and nobody has stated is named as missing; nothing is guessed. Nothing is sent. Of a
    case of the partnership it takes this bank's own payments, and nothing that a partner told.

    Example: watchfloor fintrac draft --payment 1a2b --suspicion money-laundering --codes codes --no-pep
    --context why.txt --action "account under review" --floor bank
    """
    from watchfloor.exchange.fintrac import codes as tables
    from watchfloor.exchange.fintrac import drafting, drafts
    from watchfloor.exchange.fintrac.entity import refuse_elsewhere
    from watchfloor.store.floor import Floor

    opened, now = Floor.open(floor), datetime.now(UTC)
    with refusals(lang):
        refuse_elsewhere(opened)
        seeing = reader(opened, purpose)
        mine = entity_of(opened, entity)
        lists = tables.load(codes or opened.root / "codes", now.date())
        ids = [*_payments(opened, seeing, payment or []), *_matched(opened, seeing, case or [])]
        chosen = _gathered(opened, seeing, lead or [], signal or [], ids, purpose)
        stated = drafting.Statement(
            who(),
            suspicion,
            _text(context),
            action.strip(),
            pep,
            dict(_behalf(opened, seeing, behalf)),
            language,
        )
        id_ = drafts.number(opened, who(), now)
        made = drafting.draft(chosen, mine, lists, stated, id_)
        with writing(opened, purpose, authority) as writer:
            drafts.keep(opened, writer, id_, made, chosen)
        say(drafts.find(opened, seeing, id_), lang, as_json=as_json)


@app.command(name="property")
def property_(
    subject: Annotated[str, typer.Argument(help="Key of who a person has decided to be listed.")],
    listed: Annotated[
        str | None, typer.Option("--listed", help="The listed entity, LIST:ENTITY, where there are several.")
    ] = None,
    action: ActionOption = "",
    entity: EntityOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Draft a listed person or entity property report (PCMLTFA s. 7.1), once a match is decided.

    It wants a decision `same` about this subject and a listed entity. It says since when the clock runs.

    Example: watchfloor fintrac property person:clients:17 --action "accounts frozen" --floor bank
    """
    from watchfloor.exchange.fintrac import clock, drafts, holdings
    from watchfloor.exchange.fintrac.entity import refuse_elsewhere
    from watchfloor.store.floor import Floor

    opened, now = Floor.open(floor), datetime.now(UTC)
    with refusals(lang):
        refuse_elsewhere(opened)
        seeing = reader(opened, purpose)
        mine = entity_of(opened, entity)
        match = holdings.confirmed(opened, seeing, subject, listed, now)
        held = holdings.evidence(opened, seeing, match)
        id_ = drafts.number(opened, who(), now)
        made = holdings.draft(match, held, mine, action.strip(), who(), id_)
        with writing(opened, purpose, authority) as writer:
            drafts.keep(opened, writer, id_, made, held, clock.started(match.judgement.row, match.duty))
        say(drafts.find(opened, seeing, id_), lang, as_json=as_json)


@app.command()
def edit(
    report: IdArgument,
    set_: SetOption = None,
    drop: Annotated[
        list[str] | None, typer.Option("--drop", help="POINTER of a field to take away; repeatable.")
    ] = None,
    why: WhyOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """State fields of a draft yourself, with why: its next edition, each such field traced to you.

    Example: watchfloor fintrac edit 1a2b --set /transactions/0/suspiciousTransactionDetails/methodCode=1
    --why "the branch says it was at the counter" --floor bank
    """
    from watchfloor.exchange.fintrac import drafts
    from watchfloor.exchange.fintrac.entity import refuse_elsewhere
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    changes = [*_changes(set_ or []), *((pointer, None) for pointer in drop or [])]
    if not changes:
        fail("say what changes: --set POINTER=VALUE, or --drop POINTER")
    with refusals(lang):
        refuse_elsewhere(opened)
        seeing = reader(opened, purpose)
        with writing(opened, purpose, authority) as writer:
            one = drafts.find(opened, seeing, report)
            drafts.edit(opened, writer, one, changes, why or "")
        say(drafts.find(opened, seeing, one.id), lang, as_json=as_json)


@app.command()
def codes(
    folder: Annotated[Path, typer.Argument(help="The folder of code tables.", exists=True, file_okay=False)],
    on: Annotated[str | None, typer.Option("--on", help="The day; without it, today.")] = None,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Check code tables: which version of each list is in effect on a day; a wrong file is named by line.

    Example: watchfloor fintrac codes codes --on 2026-11-26
    """
    from datetime import date

    from watchfloor.exchange.fintrac import codes as tables

    try:
        day = date.fromisoformat(on) if on else datetime.now(UTC).date()
    except ValueError:
        fail(f"--on: {on!r} is no day such as 2026-11-26")
    with refusals(lang):
        found = tables.load(folder, day)
    rows = [(one.name, one.version, one.since, one.until, len(one.codes)) for one in found.values()]
    if as_json:
        print_rows((dict(zip(CODES["en"], row, strict=True)) for row in rows), "lists")
    else:
        print_table("", CODES[lang], rows, "")


@app.command()
def labels(
    file: Annotated[
        Path, typer.Argument(help="CSV of labels with a column `origin`.", exists=True, dir_okay=False)
    ],
    as_json: JsonOption = False,
) -> None:
    """Check labels before a fit: each names its origin, and none says that a report was filed.

    Example: watchfloor fintrac labels labels.csv
    """
    from watchfloor.desks.finance.labels import refuse_reports, says_filed

    with file.open(newline="", encoding="utf-8-sig") as opened:
        rows = csv.DictReader(opened)
        names = rows.fieldnames or []
        if telling := [name for name in names if says_filed(name)]:
            fail(
                f"the column {telling[0]!r} says that a report was filed: that is never a label; leave it out"
            )
        if "origin" not in names:
            fail(f"{file} has no column `origin`: each label says who found what it says")
        origins = [row["origin"] for row in rows]
    refuse_reports(origins)
    counts = {origin: origins.count(origin) for origin in dict.fromkeys(origins)}
    if as_json:
        print_rows(({"origin": origin, "labels": count} for origin, count in counts.items()), "labels")
    else:
        print_table("", ("origin", "labels"), counts.items(), "No label.")


def _gathered(
    opened: "Floor", seeing: "Reader", leads: list[str], signals: list[str], ids: list[bytes], purpose: str
) -> "Evidence":
    from watchfloor.desks.registry import declare_messages
    from watchfloor.exchange.fintrac import evidence

    declare_messages()
    return evidence.gather(opened, seeing, ids, leads_of(opened, leads, purpose) if leads else (), signals)


def _payments(opened: "Floor", seeing: "Reader", starts: list[str]) -> list[bytes]:
    return [_payment(opened, seeing, start) for start in starts]


def _matched(opened: "Floor", seeing: "Reader", cases: list[str]) -> Iterable[bytes]:
    """The payments of this bank that were matched in cases of the partnership."""
    from watchfloor.exchange.access import access
    from watchfloor.exchange.partnership import closing

    for case in cases:
        found = closing.own_payments(opened, seeing, case, access(opened, who()))
        if not found:
            fail(
                f"no payment of this bank was matched in the case {case!r}: watchfloor partnership sessions",
                MISSING,
            )
        yield from found


def _payment(opened: "Floor", seeing: "Reader", start: str) -> bytes:
    """The whole id of a payment, of the start of it."""
    found = [row for kind, row in opened.records(start, seeing) if kind == "payment"]
    if len(found) != 1:
        fail(
            f"{counted(len(found), 'payment')} that you may see start with {start!r}; give one whole id",
            USAGE if found else MISSING,
        )
    id_: bytes = found[0]["record_id"]
    return id_


def _behalf(opened: "Floor", seeing: "Reader", said: list[str] | None) -> Iterable[tuple[str, str]]:
    from watchfloor.records.subjects import SubjectError, parts

    for one in said or ():
        start, equals, key = one.partition("=")
        if not equals:
            fail(f"--on-behalf-of: {one!r} is not PAYMENT=SUBJECT")
        try:
            parts(key)
        except SubjectError as error:
            fail(f"--on-behalf-of: {error}")
        yield _payment(opened, seeing, start).hex(), key


def _changes(said: list[str]) -> Iterable[tuple[str, Any]]:
    """Pointers and values: JSON where it is some, else text; an amount is text, so that no digit is lost."""
    for one in said:
        pointer, equals, text = one.partition("=")
        if not equals or not pointer.startswith("/"):
            fail(f"--set: {one!r} is not POINTER=VALUE, such as /actionTaken/description=…")
        yield pointer, _value(text)


def _value(text: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return text if isinstance(value, float) or value is None else value


def _text(file: Path | None) -> str:
    if file is None:
        return ""
    if file.stat().st_size > LONGEST:
        fail(f"{file} is longer than a context may be ({LONGEST:,} bytes)")
    try:
        return file.read_text("utf-8-sig").strip()
    except UnicodeDecodeError:
        fail(f"{file} is no UTF-8 text; save it as one")


app.registered_commands += fintrac_reports.app.registered_commands
