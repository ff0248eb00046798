"""`watchfloor custody submit`, `certificate`, `court`, `dispose`, `reported`: what the Act asks of it."""

from typing import Annotated, Literal

import typer

from watchfloor.cli.acting import WhyOption
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    LangOption,
    PurposeOption,
)
from watchfloor.cli.custody_common import (
    AgencyOption,
    AtOption,
    DocumentOption,
    EditionOption,
    ErrorOption,
    ExhibitArgument,
    FileOption,
    MassOption,
    PlaceOption,
    do,
    grams,
    simple,
    when,
)


def add(app: typer.Typer) -> None:
    """Put these commands into a group."""
    for command in (submit, certificate, court, dispose, reported):
        app.command(command.__name__)(command)


def submit(
    exhibit: ExhibitArgument,
    analyst: Annotated[str, typer.Option("--analyst", help="The analyst or laboratory (s. 44).")],
    document: DocumentOption = None,
    why: WhyOption = None,
    edition: EditionOption = None,
    at: AtOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Submit a sealed exhibit to an analyst. Who carries it there signs a transfer (CDSA s. 45(1)).

    Example: watchfloor custody submit 2026-118-1.1 --analyst "Drug Analysis Service, Longueuil"
    """
    from watchfloor.cell.custody import keeping

    given = {"analyst": analyst, "document": document, "why": why, "law": "CDSA s. 45(1)"}
    do(
        *(floor, purpose, authority, lang),
        lambda desk: keeping.act(desk, exhibit, "submitted", given, edition, when(at)),
        as_json,
    )


def certificate(
    exhibit: ExhibitArgument,
    document: Annotated[str, typer.Option("--document", help="Number of the certificate or report.")],
    analyst: Annotated[str, typer.Option("--analyst", help="Who made and signed it.")],
    result: Annotated[str, typer.Option("--result", help="The results as it sets them out.")],
    substance: Annotated[
        str | None, typer.Option("--substance", help="Typed key of what was found: substance:cas:437-38-7.")
    ] = None,
    at: AtOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Record an analyst's certificate or report on what was submitted before (CDSA s. 45(2)).

    It proves what it states in the absence of evidence to the contrary (s. 51(1)); the other side may, with
    leave of the court, require the analyst to attend (s. 51(2)). S. 51(3) is repealed.

    Example: watchfloor custody certificate 2026-118-1.1 --document DAS-26-0815 --analyst "A. Roy"
    --result "contains fentanyl" --substance substance:cas:437-38-7
    """
    from watchfloor.cell.custody import keeping

    given = {"document": document, "analyst": analyst, "why": result, "substance": substance}
    given["law"] = "CDSA s. 45(2)"
    do(
        *(floor, purpose, authority, lang),
        lambda desk: keeping.act(desk, exhibit, "certified", given, None, when(at)),
        as_json,
    )


def court(
    exhibit: ExhibitArgument,
    what: Annotated[
        Literal["required", "released", "applied", "forfeited"],
        typer.Argument(
            help="required, released: by a proceeding; applied: for return (s. 24(1)); forfeited: --section."
        ),
    ],
    document: DocumentOption = None,
    section: Annotated[
        Literal["24(4)", "25", "27(b)", "28"] | None,
        typer.Option("--section", help="Provision that forfeits it; 25: nobody applied within 60 days."),
    ] = None,
    applicant: Annotated[str | None, typer.Option("--applicant", help="Who applies for its return.")] = None,
    why: WhyOption = None,
    at: AtOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Record what a court, a justice or the passing of time decided about an exhibit.

    Example: watchfloor custody court 2026-118-1 required --document "R. v. Doe, 500-01-000001-261"
    """
    given = {
        "document": document,
        "to": applicant,
        "why": why,
        "law": f"CDSA s. {section}" if section else None,
    }
    if what == "applied":
        given["law"] = "CDSA s. 24(1)"
    simple(floor, purpose, authority, lang, as_json, exhibit, what, given, None, at)


def dispose(
    exhibit: ExhibitArgument,
    what: Annotated[
        Literal["returned", "destroyed", "used"],
        typer.Argument(help="used: in an investigation or for training (s. 29(2))."),
    ],
    section: Annotated[
        str,
        typer.Option(
            "--section", help="Provision: 24(2), 24(3)(a), 24(3)(b), 27(a); 24(4), 25, 26, 27(b), 28; 29(2)."
        ),
    ],
    why: Annotated[str, typer.Option("--why", help="The manner in which it is disposed of.")],
    document: DocumentOption = None,
    to: Annotated[str | None, typer.Option("--to", help="To whom it is returned.")] = None,
    witness: Annotated[str | None, typer.Option("--witness", help="Who else saw it destroyed.")] = None,
    place: PlaceOption = None,
    mass: MassOption = None,
    mass_error: ErrorOption = None,
    agency: AgencyOption = None,
    file: FileOption = None,
    edition: EditionOption = None,
    at: AtOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Return, destroy or use an exhibit as a whole; of a part, split it off first. The s. 29 clock starts.

    Example: watchfloor custody dispose 2026-118-1 destroyed --section 25 --why "incineration" --witness roy
    --place "plant 2" --mass 50.16 --mass-error 0.02
    """
    given = {
        "law": f"CDSA s. {section}",
        "document": document,
        "to": to,
        "witness": witness,
        "why": why,
        "place": place,
        "agency": agency,
        "file": file,
        **grams(mass, mass_error),
    }
    simple(floor, purpose, authority, lang, as_json, exhibit, what, given, edition, at)


def reported(
    exhibit: ExhibitArgument,
    section: Annotated[
        Literal["12.1", "12.1(c)", "29"],
        typer.Option(
            "--section", help="12.1: to the Minister; 12.1(c): copy filed with a justice; 29: disposition."
        ),
    ],
    document: DocumentOption = None,
    at: AtOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Record that a person sent a report of the Act, so that its clock stops.

    Example: watchfloor custody reported 2026-118-1 --section 12.1 --document "sent 2026-12-02"
    """
    given = {"law": f"CDSA s. {section}", "document": document}
    simple(floor, purpose, authority, lang, as_json, exhibit, "reported", given, None, at)
