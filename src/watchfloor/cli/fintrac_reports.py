"""The rest of `watchfloor fintrac`: reports as they stand, checked, approved, exported, submitted."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from watchfloor.cli.acting import WhyOption, minute, refusals, writing
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    PARTLY,
    AuthorityOption,
    FloorOption,
    JsonOption,
    LangOption,
    PurposeOption,
    acting,
    err,
    fail,
    print_json,
    print_rows,
    print_table,
    reader,
)

if TYPE_CHECKING:
    from watchfloor.exchange.fintrac.drafts import Report
    from watchfloor.exchange.fintrac.entity import Entity
    from watchfloor.exchange.fintrac.schema import Schema
    from watchfloor.records.messages import Language
    from watchfloor.release.policy import Reader
    from watchfloor.store.floor import Floor

app = typer.Typer()

HEADS: Final = {
    "en": ("report", "kind", "edition", "state", "lacks", "drafted by", "approved by", "reference"),
    "fr": ("déclaration", "genre", "édition", "état", "manque", "rédigée par", "approuvée par", "référence"),
}
STATES: Final = {
    "incomplete": "incomplète",
    "drafted": "ébauche",
    "approved": "approuvée",
    "submitted": "présentée",
}
EMPTY: Final = {
    "en": "No report that you may see: watchfloor fintrac draft --payment ID",
    "fr": "Aucune déclaration que vous puissiez voir : watchfloor fintrac draft --payment ID",
}
FIELDS: Final = {"en": ("field", "value", "from"), "fr": ("champ", "valeur", "source")}
WRONG: Final = {"en": ("field", "what is wrong"), "fr": ("champ", "ce qui ne va pas")}
WELL: Final = {
    "en": "Nothing is missing, and each field is traced. Whether it is true is for who reads it.",
    "fr": "Rien ne manque, et chaque champ a sa source. Qu’il soit vrai, c’est à qui la lit d’en juger.",
}
SECRET: Final = {
    "en": "That it exists is told to nobody (PCMLTFA s. 8); the file is as secret as where you put it.",
    "fr": "Son existence ne se dit à personne (LRPCFAT, art. 8); le fichier est aussi secret que sa place.",
}

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The start of a report's id.")]
CodesOption = Annotated[
    Path | None,
    typer.Option("--codes", help="Folder of code tables; without it, `codes` in the floor's folder."),
]
EntityOption = Annotated[
    Path | None,
    typer.Option("--entity", help="The entity's file; without it, `fintrac.toml` in the floor's folder."),
]
SchemaOption = Annotated[
    Path | None,
    typer.Option("--schema", help="The JSON schema, as the unit publishes it.", exists=True, dir_okay=False),
]
XsdOption = Annotated[
    Path | None,
    typer.Option("--xsd", help="The unit's XSD of goAML, to check against.", exists=True, dir_okay=False),
]


@app.command(name="list")
def list_(
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """List the reports that you may see: what each lacks, who drafted and approved, what became of it.

    Example: watchfloor fintrac list --floor bank
    """
    from watchfloor.exchange.fintrac import drafts

    with refusals(lang):
        opened, seeing = _opened(floor, purpose)
    found = drafts.reports(opened, seeing).values()
    opened.act(acting(purpose, authority), "query", {"what": "fintrac list", "rows": len(found)})
    if as_json:
        print_rows((about(one, lang) for one in found), "reports")
    else:
        print_table("", HEADS[lang], (_line(one, lang) for one in found), EMPTY[lang])


@app.command()
def show(
    report: IdArgument,
    trace: Annotated[
        bool, typer.Option("--trace", help="Each field with its value and where that comes from.")
    ] = False,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Show a report as JSON, or with --trace each field and its sources.

    Example: watchfloor fintrac show 1a2b --trace --floor bank
    """
    from watchfloor.exchange.fintrac import drafts, traced

    with refusals(lang):
        opened, seeing = _opened(floor, purpose)
        one = drafts.find(opened, seeing, report)
    opened.act(acting(purpose, authority), "query", {"what": "fintrac show", "report": one.id})
    content = one.content
    if as_json:
        print_json(about(one, lang) | {"document": content.document, "traces": content.traces})
    elif trace:
        rows = [
            (pointer, traced.at(content.document, pointer), _from(content.traces.get(pointer, ())))
            for pointer in traced.leaves(content.document)
        ]
        print_table("", FIELDS[lang], rows, "")
    else:
        typer.echo(one.data.decode(), nl=False)


@app.command()
def check(
    report: IdArgument,
    schema: SchemaOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Check a report: what it lacks and how to supply it, fields without a source, breaches of the schema.

    Example: watchfloor fintrac check 1a2b --schema str.schema.json --floor bank
    """
    from watchfloor.exchange.fintrac import drafts

    with refusals(lang):
        opened, seeing = _opened(floor, purpose)
        one = drafts.find(opened, seeing, report)
        given = _schema(schema)
    opened.act(acting(purpose, authority), "query", {"what": "fintrac check", "report": one.id})
    wrong = [(gap.pointer, gap.why.render(lang)) for gap in one.content.gaps]
    wrong += [(pointer, "no source") for pointer in drafts.untraced(one.content)]
    wrong += [(each.pointer, each.message) for each in given.errors(one.content.document)] if given else []
    if as_json:
        print_rows(({"pointer": pointer, "says": says} for pointer, says in wrong), "wrong")
    else:
        print_table("", WRONG[lang], wrong, WELL[lang])
    if wrong:
        raise typer.Exit(PARTLY)


@app.command()
def approve(
    report: IdArgument,
    schema: Annotated[
        Path,
        typer.Option("--schema", help="The JSON schema it must keep to.", exists=True, dir_okay=False),
    ],
    why: WhyOption = None,
    edition: Annotated[
        int | None,
        typer.Option("--edition", help="The edition that you read; refused where there is a newer."),
    ] = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Approve a report that another person drafted: complete, each field traced, valid under the schema.

    Example: watchfloor fintrac approve 1a2b --schema str.schema.json --why "grounds are reasonable"
    """
    from watchfloor.exchange.fintrac import drafts

    with refusals(lang):
        opened, seeing = _opened(floor, purpose)
        given = _schema(schema)
        assert given is not None
        seen = drafts.find(opened, seeing, report)
        with writing(opened, purpose, authority) as writer:
            present = drafts.find(opened, seeing, seen.id)
            drafts.approve(opened, writer, present, edition or seen.edition, given, why or "")
        say(drafts.find(opened, seeing, seen.id), lang, as_json=as_json)


@app.command()
def export(
    report: IdArgument,
    out: Annotated[Path, typer.Option("--out", "-o", help="The new file to write.")],
    form: Annotated[Literal["json", "goaml"], typer.Option("--form", help="What is written.")] = "json",
    version: Annotated[Literal["4", "5"], typer.Option("--goaml-version", help="Of goAML's schema.")] = "4",
    codes: CodesOption = None,
    xsd: XsdOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Write an approved report into a new file, as JSON or goAML, for a person to submit. Nothing is sent.

    Example: watchfloor fintrac export 1a2b -o report.json --floor bank
    """
    from watchfloor.cli.bundle_words import written
    from watchfloor.exchange.fintrac import drafts

    with refusals(lang):
        opened, seeing = _opened(floor, purpose)
        one = drafts.find(opened, seeing, report)
        data = one.data if form == "json" else _goaml(opened, one, version, codes, xsd)
        with writing(opened, purpose, authority) as writer, written(out, data):
            drafts.exported(opened, writer, drafts.find(opened, seeing, one.id), form, data)
    err.print(f"wrote {out}. {SECRET[lang]}", highlight=False, markup=False)
    if as_json:
        print_json({"report": one.id, "form": form, "file": out, "bytes": len(data)})


@app.command()
def submitted(
    report: IdArgument,
    reference: Annotated[str, typer.Option("--reference", help="The number that came back.")],
    on: Annotated[str | None, typer.Option("--on", help="The day; without it, today.")] = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Say that you submitted a report, on which day and under which number. This floor alone keeps it.

    Example: watchfloor fintrac submitted 1a2b --reference 2026-000123 --on 2026-11-26 --floor bank
    """
    from watchfloor.exchange.fintrac import drafts

    try:
        day = date.fromisoformat(on) if on else datetime.now(UTC).date()
    except ValueError:
        fail(f"--on: {on!r} is no day such as 2026-11-26")
    with refusals(lang):
        opened, seeing = _opened(floor, purpose)
        with writing(opened, purpose, authority) as writer:
            one = drafts.find(opened, seeing, report)
            drafts.submitted(opened, writer, one, day, reference)
        say(drafts.find(opened, seeing, one.id), lang, as_json=as_json)


def entity_of(opened: "Floor", file: Path | None) -> "Entity":
    """What the entity's file says."""
    from watchfloor.exchange.fintrac import entity

    return entity.load(file or opened.root / entity.NAME)


def say(one: "Report", lang: "Language", *, as_json: bool) -> None:
    """How a report stands: what it lacks and, of a property report, since when the clock runs."""
    from watchfloor.exchange.fintrac.clock import told

    if as_json:
        print_json(about(one, lang))
        return
    print_table("", HEADS[lang], [_line(one, lang)], "")
    lines = [f"{gap.pointer}: {gap.why.render(lang)}" for gap in one.content.gaps]
    lines += [told(one.clock, lang)] if one.clock else []
    for line in lines:
        err.print(line, highlight=False, markup=False)


def about(one: "Report", lang: "Language") -> dict[str, Any]:
    """A report as JSON has it."""
    gone = (one.submitted.detail or {}) if one.submitted else {}
    return {
        "report": one.id,
        "kind": one.content.kind,
        "edition": one.edition,
        "state": one.state,
        "lacks": [{"pointer": gap.pointer, "says": gap.why.render(lang)} for gap in one.content.gaps],
        "clock": one.clock,
        "rests_on": list(one.rests_on),
        "held_as": one.held_as,
        "drafted_by": list(one.drafted_by),
        "drafted_at": one.drafted_at,
        "approved_by": _approver(one) or None,
        "approved_at": minute(one.approved.at) if one.approved else None,
        "submitted_on": gone.get("on"),
        "submitted_by": one.submitted.actor.name if one.submitted and one.submitted.actor else None,
        "reference": gone.get("reference"),
    }


def _opened(floor: Path, purpose: str) -> "tuple[Floor, Reader]":
    """The floor, which must be a reporting entity's, and who looks."""
    from watchfloor.exchange.fintrac.entity import refuse_elsewhere
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    refuse_elsewhere(opened)
    return opened, reader(opened, purpose)


def _schema(path: Path | None) -> "Schema | None":
    from watchfloor.exchange.fintrac import schema

    return schema.load(path) if path else None


def _goaml(opened: "Floor", one: "Report", version: Any, codes: Path | None, xsd: Path | None) -> bytes:
    import msgspec

    from watchfloor.exchange.fintrac import codes as tables
    from watchfloor.exchange.fintrac import goaml, goaml_facts, goaml_read

    now = datetime.now(UTC)
    lists = tables.load(codes or opened.root / "codes", now.date())
    try:
        data = goaml.write(goaml_facts.facts(one.content, lists, now), version)
    except msgspec.ValidationError as error:
        fail(f"the report has a field that goAML's form is not made from: {error}")
    if xsd and (wrong := list(goaml_read.errors(data, xsd))):
        fail(
            "\n".join(
                [f"the goAML form breaks {xsd}; nothing was written:", *(f"  {each}" for each in wrong)]
            )
        )
    return data


def _from(sources: Any) -> str:
    return "\n".join(sources)


def _line(one: "Report", lang: "Language") -> tuple[object, ...]:
    state = one.state if lang == "en" else STATES[one.state]
    gone = (one.submitted.detail or {}) if one.submitted else {}
    drafted = ", ".join(one.drafted_by)
    lacks = len(one.content.gaps)
    reference = gone.get("reference", "")
    return (one.id, one.content.kind, one.edition, state, lacks, drafted, _approver(one), reference)


def _approver(one: "Report") -> str:
    return one.approved.actor.name if one.approved and one.approved.actor else ""
