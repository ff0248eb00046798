"""`watchfloor letter`: to a state that is no partner, by hand, searched for traces, approved by another."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from watchfloor.cli.acting import WhyOption, leads_of, minute, write_new, writing
from watchfloor.cli.bundle_words import written
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    MISSING,
    PARTLY,
    USAGE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    LangOption,
    PurposeOption,
    acting,
    counted,
    err,
    fail,
    print_json,
    print_rows,
    print_table,
    reader,
    refuse,
    who,
)

if TYPE_CHECKING:
    from watchfloor.exchange.letter_traces import Trace
    from watchfloor.exchange.letters import Letter
    from watchfloor.records.messages import Language
    from watchfloor.release.policy import Reader
    from watchfloor.store.floor import Floor

app = typer.Typer(
    help="Letters to a state that is no partner: one person drafts, another approves; none goes by itself.",
    no_args_is_help=True,
)

LONGEST: Final = 1 << 20
"""Bytes of a letter's text."""

HEADS: Final = {
    "en": ("letter", "edition", "to", "country", "subject", "drafted by", "approved by"),
    "fr": ("lettre", "édition", "à", "pays", "objet", "rédigée par", "approuvée par"),
}
EMPTY: Final = {
    "en": "No letter that you may see: watchfloor letter draft FILE --to OFFICE --country XXX --record ID",
    "fr": "Aucune lettre que vous puissiez voir : watchfloor letter draft FICHIER --to BUREAU --country XXX "
    "--record ID",
}
TRACES: Final = {"en": ("line", "trace"), "fr": ("ligne", "trace")}
CLEAN: Final = {
    "en": "No trace of what it rests on was found. Read it all the same: the search knows words, not hints.",
    "fr": "Aucune trace de ce sur quoi elle repose n’a été trouvée. Relisez-la tout de même : la recherche "
    "connaît les mots, non les allusions.",
}
DRAFT: Final = {"en": "DRAFT, NOT APPROVED", "fr": "ÉBAUCHE, NON APPROUVÉE"}

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The start of a letter's id.")]


@app.command()
def draft(
    file: Annotated[Path, typer.Argument(help="Its text, Markdown in UTF-8.", exists=True, dir_okay=False)],
    to: Annotated[
        str, typer.Option("--to", help="The office it goes to; the risk check names it as partner.")
    ],
    country: Annotated[str, typer.Option("--country", help="Of that office, ISO 3166-1 alpha-3.")],
    subject: Annotated[str, typer.Option("--subject", help="Of the letter.")],
    floor: FloorOption = DEFAULT_FLOOR,
    record: Annotated[
        list[str] | None, typer.Option("--record", help="A record that it rests on; repeatable.")
    ] = None,
    lead: Annotated[
        list[str] | None, typer.Option("--lead", help="A lead whose evidence it rests on; repeatable.")
    ] = None,
    tells: Annotated[
        list[str] | None,
        typer.Option("--tells", help="A name, a number or a day that it is meant to tell; repeatable."),
    ] = None,
    asks: Annotated[
        str, typer.Option("--for", help="What it is sent for, as the letter says it.")
    ] = "the application of your export controls",
    signed: Annotated[str, typer.Option("--signed", help="The office that signs it.")] = "The Director",
    place: Annotated[str, typer.Option("--place", help="Where it is written.")] = "Ottawa",
    marking: Annotated[str, typer.Option("--marking", help="Of the letter as it goes.")] = "U//TLP:AMBER",
    language: Annotated[
        Literal["en", "fr"], typer.Option("--language", help="The language it is written in.")
    ] = "en",
    amends: Annotated[
        str | None, typer.Option("--amends", help="The letter of which this is the next edition.")
    ] = None,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Draft a letter to an office of a state that is no partner; another person must approve it.

    Name what it rests on, so that it can be searched for traces of that: sources, ids, rules, instruments,
    positions, hours, markings, phrases.

    Example: watchfloor letter draft exporters.md --to "Customs of Iceland" --country ISL
    --subject "Exporters of concern" --record 1f2e3d --tells "Example Fine Chemicals" --floor floor
    """
    from watchfloor.exchange import letters
    from watchfloor.records.marking import parse
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    seeing = reader(opened, purpose)
    rests_on = [*_records(opened, record or [], seeing), *_evidence(opened, lead or [], purpose)]
    content = letters.Content(
        to.strip(),
        _country(country),
        subject,
        _text(file),
        asks,
        signed,
        place,
        str(parse(marking)),
        language,
        tuple(tells or ()),
        tuple(dict.fromkeys(rests_on)),
    )
    with _lawfully(lang), writing(opened, purpose, authority) as writer:
        earlier = letters.find(opened, seeing, amends) if amends else None
        id_ = letters.draft(opened, writer, content, seeing, writer.moment(), earlier)
    one = letters.letters(opened, seeing)[id_]
    _say(one, opened, seeing, lang, as_json=as_json)


@app.command()
def check(
    letter: IdArgument,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Search a letter for traces of the records and signals that it rests on; names each.

    Example: watchfloor letter check 1a2b3c --floor floor
    """
    from watchfloor.exchange import letters
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    seeing = reader(opened, purpose)
    with _lawfully(lang):
        one = letters.find(opened, seeing, letter)
        found = letters.check(opened, one, seeing, who())
    opened.act(acting(purpose, authority), "query", {"what": "letter check", "letter": one.id})
    if as_json:
        print_rows((_trace(each, lang) for each in found), "traces")
    else:
        lines = ((each.line, _trace(each, lang)["says"]) for each in found)
        print_table("", TRACES[lang], lines, CLEAN[lang])
    if found:
        raise typer.Exit(PARTLY)


@app.command()
def approve(
    letter: IdArgument,
    why: WhyOption = None,
    edition: Annotated[
        int | None,
        typer.Option("--edition", help="The edition that you read; refused where there is a newer."),
    ] = None,
    floor: FloorOption = DEFAULT_FLOOR,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write the letter to a new file.")] = None,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Approve a letter that another person drafted: it is then disclosed, and logged so.

    Refused while a trace is left, while nobody has checked the risk of mistreatment there, or while a node
    whose rows it rests on has not consented. Who you are is what the login or WATCHFLOOR_USER says, so that
    two people stand behind it is as sure as their accounts are.

    Example: watchfloor letter approve 1a2b3c --why "they asked, and it names firms only" -o letter.md
    """
    from watchfloor.exchange import letters
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    seeing = reader(opened, purpose)
    with _lawfully(lang):
        seen = letters.find(opened, seeing, letter)
        with writing(opened, purpose, authority) as writer:
            present, now = letters.find(opened, seeing, seen.id), writer.moment()
            reads, text = edition or seen.edition, letters.render(opened, present, now)
            with written(out, text.encode()) if out else nullcontext():
                letters.approve(opened, writer, present, reads, seeing, why or "", now)
    one = letters.find(opened, seeing, seen.id)
    if out:
        err.print(f"wrote {out}", highlight=False, markup=False)
    _say(one, opened, seeing, lang, as_json=as_json)


@app.command()
def show(
    letter: IdArgument,
    floor: FloorOption = DEFAULT_FLOOR,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write it to a new file.")] = None,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Show a letter as it goes; what is not approved says that it is a draft.

    Example: watchfloor letter show 1a2b3c --floor floor
    """
    from watchfloor.exchange import letters
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    seeing = reader(opened, purpose)
    with _lawfully(lang):
        one = letters.find(opened, seeing, letter)
    opened.act(acting(purpose, authority), "query", {"what": "letter", "letter": one.id})
    text = letters.render(opened, one, datetime.now(UTC))
    if one.approved is None:
        text = f"{DRAFT[lang]}\n\n{text}"
    if out:
        write_new(out, text)
    if as_json:
        print_json(_about(one) | {"text": text})
    elif not out:
        typer.echo(text)


@app.command(name="list")
def list_(
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """List the letters that you may see: to whom, who drafted and who approved.

    Example: watchfloor letter list --floor floor
    """
    from watchfloor.exchange import letters
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    found = letters.letters(opened, reader(opened, purpose)).values()
    opened.act(acting(purpose, authority), "query", {"what": "letters", "rows": len(found)})
    if as_json:
        print_rows(map(_about, found), "letters")
    else:
        print_table("", HEADS[lang], map(_line, found), EMPTY[lang])


@contextmanager
def _lawfully(lang: "Language") -> Iterator[None]:
    """End with the sentence of a refusal, in the language asked for."""
    from watchfloor.cell.acting.acts import Refused, render
    from watchfloor.release import gateways

    try:
        yield
    except Refused as error:
        refuse(render(error.reason, lang), error.reason.message)
    except gateways.Refused as error:
        refuse(gateways.render(error.reason, lang), error.reason.message)


def _records(opened: "Floor", starts: list[str], seeing: "Reader") -> Iterator[str]:
    """Whole ids of records, of the start of each."""
    for start in starts:
        found = opened.records(start, seeing)
        if len(found) != 1:
            fail(
                f"{counted(len(found), 'record')} that you may see start with {start!r}; give one whole id",
                USAGE if found else MISSING,
            )
        yield found[0][1]["record_id"].hex()


def _evidence(opened: "Floor", leads: list[str], purpose: str) -> Iterator[str]:
    for lead in leads_of(opened, leads, purpose) if leads else ():
        for one in lead.contributions:
            yield from (record.hex() for record in one.evidence)


def _country(code: str) -> str:
    from watchfloor.records.countries import COUNTRIES, no_country

    if code not in COUNTRIES:
        fail(f"--country: {no_country(code)}")
    return code


def _text(file: Path) -> str:
    if file.stat().st_size > LONGEST:
        fail(f"{file} is longer than a letter may be ({LONGEST:,} bytes)")
    try:
        return file.read_text("utf-8-sig").strip()
    except UnicodeDecodeError:
        fail(f"{file} is no UTF-8 text; save it as one")


def _say(one: "Letter", opened: "Floor", seeing: "Reader", lang: "Language", *, as_json: bool) -> None:
    """How a letter stands; of a draft, how many traces it still has."""
    from watchfloor.exchange.letters import check as traced

    found = [] if one.approved else traced(opened, one, seeing)
    if as_json:
        print_json(_about(one) | {"traces": [_trace(each, lang) for each in found]})
        return
    print_table("", HEADS[lang], [_line(one)], "")
    for each in found:
        err.print(f"{each.line}: {_trace(each, lang)['says']}", highlight=False, markup=False)


def _trace(one: "Trace", lang: "Language") -> dict[str, Any]:
    from watchfloor.exchange.letter_traces import KINDS_OF_TRACE
    from watchfloor.records.messages import reason

    says = reason(KINDS_OF_TRACE[one.kind], said=one.said).render(lang)
    return {"line": one.line, "kind": one.kind, "said": one.said, "says": says}


def _line(one: "Letter") -> tuple[object, ...]:
    content = one.content
    drafted = ", ".join(one.drafted_by)
    return (one.id, one.edition, content.to, content.country, content.subject, drafted, _approver(one))


def _approver(one: "Letter") -> str:
    return one.approved.actor.name if one.approved and one.approved.actor else ""


def _about(one: "Letter") -> dict[str, Any]:
    content = one.content
    return {
        "letter": one.id,
        "edition": one.edition,
        "to": content.to,
        "country": content.country,
        "subject": content.subject,
        "marking": content.marking,
        "tells": list(content.tells),
        "rests_on": list(content.rests_on),
        "held_as": one.held_as,
        "drafted_by": list(one.drafted_by),
        "drafted_at": one.drafted_at,
        "approved_by": _approver(one) or None,
        "approved_at": minute(one.approved.at) if one.approved else None,
    }
