"""`watchfloor custody`: what happens to exhibits, act by act."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from watchfloor.cli import custody_keys, custody_papers, custody_seen
from watchfloor.cli.acting import FlagOption, MarkingOption, WhyOption, refusals
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
    PlaceOption,
    SealOption,
    do,
    grams,
    when,
)

if TYPE_CHECKING:
    from watchfloor.cell.custody.making import Part

app = typer.Typer(
    help="Exhibits from the seizure to the end: seals, analysts, transfers, clocks, mass balance, papers.",
    no_args_is_help=True,
)

KeyOption = Annotated[
    Path | None,
    typer.Option("--key", exists=True, dir_okay=False, help="Your secret key, of `custody key make`."),
]


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
    """Submit a sealed exhibit to an analyst (CDSA s. 45(1)). Who carries it there signs a transfer.

    Example: watchfloor custody submit 2026-118-1.1 --analyst "Drug Analysis Service, Longueuil"
    """
    from watchfloor.cell.custody import keeping

    given = {"analyst": analyst, "document": document, "why": why, "law": "CDSA s. 45(1)"}
    do(
        *(floor, purpose, authority, lang),
        lambda desk: keeping.act(desk, exhibit, "submitted", given, edition, when(at)),
        as_json,
    )


@app.command()
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
    """Record an analyst's certificate or report (CDSA s. 45(2)) on what was submitted before.

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


@app.command()
def transfer(
    exhibit: ExhibitArgument,
    to: Annotated[str, typer.Option("--to", help="Who receives it, as their key is named.")],
    key: Annotated[
        Path,
        typer.Option("--key", exists=True, dir_okay=False, help="Your secret key, of `custody key make`."),
    ],
    place: PlaceOption = None,
    why: WhyOption = None,
    edition: EditionOption = None,
    at: AtOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Offer an exhibit to somebody, with your signature. It is theirs once they have signed too.

    Example: watchfloor custody transfer 2026-118-1 --to roy --key okafor.key --place "vault 3"
    """
    from watchfloor.cell.custody import keeping, signing

    with refusals(lang):
        signer = signing.load(key)
    given = {"place": place, "why": why}
    do(
        *(floor, purpose, authority, lang),
        lambda desk: keeping.offer(desk, exhibit, to, signer, given, edition, when(at)),
        as_json,
    )


@app.command()
def receive(
    exhibit: ExhibitArgument,
    seal: Annotated[
        str | None, typer.Option("--seal", help="The seal as you see it; leave it out where there is none.")
    ] = None,
    key: KeyOption = None,
    signed: Annotated[
        Path | None,
        typer.Option(
            "--signed",
            exists=True,
            dir_okay=False,
            help="The statement as the receiver signed it elsewhere (`custody key sign`).",
        ),
    ] = None,
    place: PlaceOption = None,
    at: AtOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Take what is offered to you: the second signature. Sign only for the seal that you see.

    Example: watchfloor custody receive 2026-118-1 --seal A1002 --key roy.key
    """
    from watchfloor.cell.custody import keeping, signing

    if (key is None) == (signed is None):
        fail("sign with your own --key, or give the statement as it was --signed elsewhere")
    with refusals(lang):
        signature = signing.load(key) if key else (signed or Path()).read_text(encoding="utf-8")
    do(
        *(floor, purpose, authority, lang),
        lambda desk: keeping.receive(desk, exhibit, seal, signature, {"place": place}, when(at)),
        as_json,
    )


@app.command()
def withdraw(
    exhibit: ExhibitArgument,
    why: Annotated[str, typer.Option("--why", help="The reason, in your words.")],
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Withdraw an offer that was not signed yet, or decline it.

    Example: watchfloor custody withdraw 2026-118-1 --why "roy is called away"
    """
    _simple(floor, purpose, authority, lang, as_json, exhibit, "withdrawn", {"why": why})


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
    _simple(floor, purpose, authority, lang, as_json, exhibit, "consumed", given, edition, at)


@app.command()
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
    _simple(floor, purpose, authority, lang, as_json, exhibit, what, given, None, at)


@app.command()
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
    _simple(floor, purpose, authority, lang, as_json, exhibit, what, given, edition, at)


@app.command()
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
    _simple(floor, purpose, authority, lang, as_json, exhibit, "reported", given, None, at)


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
    _simple(floor, purpose, authority, lang, as_json, exhibit, "noted", {"why": text}, None, at)


def _simple(
    floor: Path,
    purpose: str,
    authority: str,
    lang: Literal["en", "fr"],
    as_json: bool,
    exhibit: str,
    what: str,
    given: Mapping[str, object],
    edition: int | None = None,
    at: str | None = None,
) -> None:
    from watchfloor.cell.custody import keeping

    do(
        *(floor, purpose, authority, lang),
        lambda desk: keeping.act(desk, exhibit, what, given, edition, when(at)),
        as_json,
    )


def _part(text: str) -> "Part":
    """A part as it is typed; ends the command where it cannot be read."""
    from watchfloor.cell.custody.making import Part

    said = dict(each.partition("=")[::2] for each in text.split(","))
    try:
        mass, error = float(said.pop("mass")), float(said.pop("error"))
        return Part(mass, error, **{name: value.strip() for name, value in said.items()})
    except (KeyError, ValueError, TypeError):
        fail(f"--part {text}: write mass=1.02,error=0.01 and, where there is one, seal=, number=, packaging=")


custody_seen.add(app)
custody_papers.add(app)
app.add_typer(custody_keys.app, name="key")
