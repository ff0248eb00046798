"""`watchfloor claims`: claims of public figures, computed from published numbers."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_PURPOSE,
    MISSING,
    PARTLY,
    REFUSED,
    AuthorityOption,
    JsonOption,
    LangOption,
    PurposeOption,
    acting,
    err,
    fail,
    print_json,
    print_rows,
    print_table,
)
from watchfloor.cli.scorecard.claims_evidence import (
    ClaimsOption,
    LinesOption,
    OnOption,
    OptionalFloor,
    StatisticsOption,
    chosen,
    day_of,
    known,
    there,
    unanswerable,
)

if TYPE_CHECKING:
    from datetime import date

    from watchfloor.scorecard.assemble import Sources
    from watchfloor.scorecard.claims import Claim

WITHHELD: Final = {
    "en": "its figures are withheld: `watchfloor scorecard register show` says whose agreement is awaited",
    "fr": "ses chiffres sont retenus : `watchfloor scorecard register show` dit de qui l’accord est attendu",
}

NOT_HELD: Final = {
    "en": "What is not held here may well be published: give the publisher’s file with --statistics.",
    "fr": "Ce qui n’est pas détenu ici peut bien être publié : donnez le fichier de l’éditeur avec "
    "--statistics.",
}

app = typer.Typer(help="Claims of public figures, computed from published numbers.", no_args_is_help=True)

NamesArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="CLAIM…", help="Names of claims, or ids of lines of the register; all where none is given."
    ),
]


@app.command()
def check(
    names: NamesArgument = None,
    on: OnOption = None,
    statistics: StatisticsOption = None,
    claims: ClaimsOption = None,
    lines: LinesOption = None,
    floor: OptionalFloor = None,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Compute claims under each admissible definition, give each its verdict, and then every other sentence.

    What a department has not agreed to and is its own, or is under embargo, is withheld here too. Exit codes:
    0 all computed; 1 one cannot be computed from what is held, or rows of a file could not be read.

    Example: watchfloor claims check --statistics ../shared/data/statistics --on 2026-06-30
    """
    from watchfloor.cli.scorecard.claims_words import tell, tell_lines
    from watchfloor.scorecard.assemble import Sources
    from watchfloor.scorecard.checked import NoSuchClaimError, checked

    day, have = day_of(on), known(floor, statistics, purpose)
    sources = Sources(have.evidence, have.floor, have.reader, lines, tuple(claims or ()))
    there("--claims", claims)
    try:
        with unanswerable(lang):
            found = checked(sources, day, names or ())
    except NoSuchClaimError as error:
        fail(str(error), MISSING)
    if have.floor:
        shown = [*(one.claim for one in found.findings), *(one.id for one in found.lines)]
        detail = {"what": "claims", "shown": shown, "on": day.isoformat()}
        have.floor.act(acting(purpose, authority), "query", detail)
    if as_json:
        import msgspec

        for one in (*found.findings, *found.lines):
            print_json(msgspec.to_builtins(one, str_keys=True))
    else:
        tell(found.findings, have.evidence, day, lang)
        tell_lines(found.lines, lang)
    verdicts = {one.verdict for one in found.findings}
    figures = [row for one in found.findings for row in one.figures]
    if "not-computed" in verdicts or any(row.value is None for row in figures):
        err.print(NOT_HELD[lang], highlight=False, markup=False)
    lacking = verdicts & {"not-computed", "not-published"}
    raise typer.Exit(PARTLY if lacking or have.evidence.told else 0)


def _withheld(sources: "Sources", claim: "Claim", day: "date") -> bool:
    """Whether a claim rests on a department's own numbers that it has not agreed to, or is under embargo."""
    from watchfloor.scorecard.assemble import released, whole

    return claim.name in released(whole(sources, day, (claim.name,)), day, "working").withheld


@app.command("list")
def list_(
    claims: ClaimsOption = None,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """The claims that can be computed: those of the package, and of files.

    Example: watchfloor claims list --claims our-claims/
    """
    rows = [
        {
            "claim": one.name,
            "title": one.title[lang],
            "department": one.department,
            "said_on": one.said.on,
            "definitions": len(one.definitions),
            "words": one.said.words[lang],
        }
        for one in chosen(claims, None).values()
    ]
    if as_json:
        print_rows(rows, "claims")
        return
    heads = ("claim", "title", "department", "said on", "definitions", "words")
    if lang == "fr":
        heads = ("affirmation", "titre", "ministère", "dite le", "définitions", "mots")
    print_table("", heads, (row.values() for row in rows), "no claims")


@app.command()
def rows(
    claim: Annotated[str, typer.Argument(help="Name of a claim.")],
    definition: Annotated[str, typer.Argument(help="Name of one of its definitions.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A CSV to write them to, whole.")
    ] = None,
    on: OnOption = None,
    statistics: StatisticsOption = None,
    claims: ClaimsOption = None,
    lines: LinesOption = None,
    floor: OptionalFloor = None,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """The published numbers that one figure rests on, each with its vintage and, on a floor, its record.

    Example: watchfloor claims rows fentanyl-north weight-fy2024 -o rows.csv
    """
    from watchfloor.cli.scorecard.claims_words import tell_rows, write_rows
    from watchfloor.formats.settings import nearest
    from watchfloor.scorecard.assemble import Sources
    from watchfloor.scorecard.claims.measures import figure, sums
    from watchfloor.scorecard.rows import rows_of

    day = day_of(on)
    wanted = chosen(claims, [claim])[claim]
    asked = dict(wanted.computed())
    if definition not in asked:
        fail(f"{claim} has no definition {definition!r}{nearest(definition, asked)}", MISSING)
    have = known(floor, statistics, purpose)
    sources = Sources(have.evidence, have.floor, have.reader, lines, tuple(claims or ()))
    if _withheld(sources, wanted, day):
        fail(f"{claim}: {WITHHELD[lang]}", REFUSED)
    facts = have.evidence.facts.known(day)
    with unanswerable(lang, PARTLY):
        found = rows_of(sums(facts, asked[definition]))
    if have.floor:
        detail = {"what": "rows of a claim", "shown": [f"{claim} {definition}"], "rows": len(found)}
        have.floor.act(acting(purpose, authority), "query", detail)
    if output is not None:
        write_rows(output, found)
    elif as_json:
        print_rows(found, "rows")
    else:
        tell_rows(figure(facts, definition, asked[definition], None), found, lang)
