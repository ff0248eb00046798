"""`watchfloor custody`: what is done to exhibits themselves, act by act; the other modules add the rest."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from watchfloor.cli import custody_keys, custody_law, custody_papers, custody_seen, custody_transfers
from watchfloor.cli.acting import FlagOption, MarkingOption, WhyOption
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    LangOption,
    PurposeOption,
    fail,
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
    SealOption,
    do,
    grams,
    simple,
    when,
)

if TYPE_CHECKING:
    from watchfloor.cell.custody.making import Part

app = typer.Typer(
    help="Exhibits from the seizure to the end: seals, analysts, transfers, clocks, mass balance, papers.",
    no_args_is_help=True,
)


@app.command()
def seize(
    law: Annotated[str, typer.Option("--law", help="The power: CDSA s. 11, Customs Act s. 110…")],
    place: Annotated[str, typer.Option("--place", help="Where it was seized, found or acquired.")],
    name: Annotated[str, typer.Option("--name", help="What it is taken to be, in words.")],
    sort: Annotated[
        Literal["controlled-substance", "precursor", "chemical-property", "other"],
        typer.Option("--sort", help="Which of the Act's sorts it is taken to be."),
    ] = "controlled-substance",
    subject: Annotated[
        str | None, typer.Option("--from", help="Typed key of what it was in: parcel:s10:…, container:….")
    ] = None,
    substance: Annotated[
        str | None, typer.Option("--substance", help="Typed key: substance:cas:437-38-7.")
    ] = None,
    number: Annotated[str | None, typer.Option("--number", help="Your agency's exhibit number.")] = None,
    mass: MassOption = None,
    mass_error: ErrorOption = None,
    amount: Annotated[str | None, typer.Option("--amount", help="As counted, such as: 100 tablets.")] = None,
    packaging: Annotated[str | None, typer.Option("--packaging", help="What it lies in.")] = None,
    seal: SealOption = None,
    agency: AgencyOption = None,
    file: FileOption = None,
    document: DocumentOption = None,
    flag: FlagOption = None,
    marking: MarkingOption = None,
    why: WhyOption = None,
    at: AtOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Record what you seized, found or acquired; you hold it from now on.

    Example: watchfloor custody seize --law "Customs Act s. 110" --place "Mirabel, post" --name "white powder"
    --from parcel:post:LX1 --mass 51.20 --mass-error 0.02 --seal A1001 --agency CBSA --file 2026-118
    """
    from watchfloor.cell.custody import keeping

    given = {
        "law": law,
        "place": place,
        "name": name,
        "sort": sort,
        "subject": subject,
        "number": number,
        "substance": substance,
        "amount": amount,
        "packaging": packaging,
        "seal": seal,
        "why": why,
        "agency": agency,
        "file": file,
        "document": document,
        "flags": list(flag or ()),
        **grams(mass, mass_error),
    }
    do(
        *(floor, purpose, authority, lang),
        lambda desk: keeping.seize(desk, given, marking, when(at)),
        as_json,
    )


@app.command()
def seal(
    exhibit: ExhibitArgument,
    number: Annotated[str, typer.Argument(metavar="SEAL", help="Number of the new seal.")],
    why: WhyOption = None,
    at: AtOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Put a seal on an exhibit; where it has one, a new seal with the reason. A number is used once.

    Example: watchfloor custody seal 2026-118-1 A1002 --why "opened to take a sample for the laboratory"
    """
    from watchfloor.cell.custody import keeping

    do(
        *(floor, purpose, authority, lang),
        lambda desk: keeping.seal(desk, exhibit, number, why, when(at)),
        as_json,
    )


@app.command()
def weigh(
    exhibit: ExhibitArgument,
    mass: Annotated[float, typer.Option("--mass", help="Net mass in grams.")],
    mass_error: Annotated[float, typer.Option("--mass-error", help="Standard uncertainty, in grams.")],
    why: WhyOption = None,
    edition: EditionOption = None,
    at: AtOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Weigh an exhibit. One that weighs more than it did is refused, unless you say why; then it is flagged.

    Example: watchfloor custody weigh 2026-118-1 --mass 51.19 --mass-error 0.02
    """
    from watchfloor.cell.custody import keeping

    given = {"mass": mass, "mass_error": mass_error, "why": why}
    do(
        *(floor, purpose, authority, lang),
        lambda desk: keeping.act(desk, exhibit, "weighed", given, edition, when(at)),
        as_json,
    )


@app.command()
def split(
    exhibit: ExhibitArgument,
    part: Annotated[
        list[str],
        typer.Option(
            "--part",
            metavar="KEY=VALUE,…",
            help="A part: mass=1.02,error=0.01[,seal=B2][,number=2026-118-1.1][,packaging=vial]. Repeatable.",
        ),
    ],
    rest: Annotated[
        float | None, typer.Option("--mass", help="Mass of what is left, if it was weighed, in grams.")
    ] = None,
    rest_error: ErrorOption = None,
    all_: Annotated[bool, typer.Option("--all", help="Nothing is left.")] = False,
    seal: SealOption = None,
    why: WhyOption = None,
    edition: EditionOption = None,
    at: AtOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Split an exhibit: each part is an exhibit of its own, with its mass, and knows what it comes from.

    Example: watchfloor custody split 2026-118-1 --part mass=1.02,error=0.01,seal=B2 --seal A1003
    --mass 50.17 --mass-error 0.02 --why "sample for the laboratory"
    """
    from watchfloor.cell.custody import keeping

    if all_ and rest is not None:
        fail("either nothing is left (--all), or what is left was weighed (--mass)")
    left = {"mass": 0.0, "mass_error": 0.0, "seal": None} if all_ else grams(rest, rest_error)
    given = {**left, **({} if all_ or seal is None else {"seal": seal}), "why": why}
    into = [_part(text) for text in part]
    do(
        *(floor, purpose, authority, lang),
        lambda desk: keeping.split(desk, exhibit, into, given, edition, when(at)),
        as_json,
    )


@app.command()
def consume(
    exhibit: ExhibitArgument,
    mass: Annotated[float, typer.Option("--mass", help="What was used up, in grams.")],
    mass_error: Annotated[float, typer.Option("--mass-error", help="Standard uncertainty, in grams.")],
    why: Annotated[str, typer.Option("--why", help="What for.")],
    seal: SealOption = None,
    edition: EditionOption = None,
    at: AtOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Record what a test or an analysis used up.

    Example: watchfloor custody consume 2026-118-1.1 --mass 0.012 --mass-error 0.001 --why "GC-MS" --seal B3
    """
    given = {"mass": mass, "mass_error": mass_error, "why": why, **({"seal": seal} if seal else {})}
    simple(floor, purpose, authority, lang, as_json, exhibit, "consumed", given, edition, at)


@app.command()
def note(
    exhibit: ExhibitArgument,
    text: Annotated[str, typer.Argument(help="What you see or know of it.")],
    at: AtOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Note something about an exhibit.

    Example: watchfloor custody note 2026-118-1 "the seal A1002 has a tear at its edge"
    """
    simple(floor, purpose, authority, lang, as_json, exhibit, "noted", {"why": text}, None, at)


@app.command()
def redate(
    exhibit: ExhibitArgument,
    at: Annotated[
        str, typer.Option("--at", help="When the last act was done: 2026-11-24T22:30-05:00, with its zone.")
    ],
    why: Annotated[str, typer.Option("--why", help="The reason, in your words.")],
    edition: EditionOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Correct when the last act that you recorded was done. What was first given stays in the log.

    Example: watchfloor custody redate 2026-118-1 --at 2026-11-24T22:30-05:00 --why "--at was forgotten"
    """
    simple(floor, purpose, authority, lang, as_json, exhibit, "redated", {"why": why}, edition, at)


def _part(text: str) -> "Part":
    """A part as it is typed; ends the command where it cannot be read."""
    from watchfloor.cell.custody.making import Part

    said = dict(each.partition("=")[::2] for each in text.split(","))
    try:
        mass, error = float(said.pop("mass")), float(said.pop("error"))
        return Part(mass, error, **{name: value.strip() for name, value in said.items()})
    except (KeyError, ValueError, TypeError):
        fail(f"--part {text}: write mass=1.02,error=0.01 and, where there is one, seal=, number=, packaging=")


custody_transfers.add(app)
custody_law.add(app)
custody_seen.add(app)
custody_papers.add(app)
app.add_typer(custody_keys.app, name="key")
