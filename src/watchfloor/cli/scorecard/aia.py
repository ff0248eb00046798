"""`scorecard aia`: the Algorithmic Impact Assessment, drafted from a floor and scored as officially."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from watchfloor.cli.acting import write_new
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    USAGE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    LangOption,
    PurposeOption,
    acting,
    counted,
    fail,
    print_json,
    print_table,
    reader,
)

if TYPE_CHECKING:
    from watchfloor.core.messages import Language
    from watchfloor.exchange.aia.score import Score

app = typer.Typer(
    help="The Algorithmic Impact Assessment of the Directive on Automated Decision-Making.",
    no_args_is_help=True,
)

TITLE = {
    "en": "What level {level} obliges to (Directive, Appendix C)",
    "fr": "À quoi le niveau {level} oblige (Directive, annexe C)",
}
HEADS = {"en": ("area", "duty"), "fr": ("domaine", "obligation")}
TOLD = {
    "en": "Impact level {level}: raw impact {raw} of {highest}, mitigation {mitigation} of {most} ({off}), "
    "current score {current}",
    "fr": "Niveau d’incidence {level}\u00a0: incidence brute {raw} sur {highest}, atténuation "
    "{mitigation} sur "
    "{most} ({off}), note actuelle {current}",
}
OFF = {
    "en": ("not enough for a reduction", "15 % comes off"),
    "fr": ("trop peu pour une réduction", "15\u00a0% en moins"),
}
RENEWED = {
    "en": "The institution approves, publishes and renews the assessment (Directive, section 6).",
    "fr": "L’institution approuve, publie et renouvelle l’évaluation (Directive, article 6).",
}
REFUSED = {"en": "{file} cannot be scored:", "fr": "{file} ne peut être notée\u00a0:"}


@app.command()
def draft(
    output: Annotated[Path, typer.Option("-o", "--output", help="The new file to write.")],
    phase: Annotated[
        Literal["design", "implementation"], typer.Option("--phase", help="Of the project.")
    ] = "design",
    project: Annotated[str, typer.Option("--project", help="Its title.")] = "",
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Draft an assessment: what the program knows is answered, the rest says whom to ask.

    Example: watchfloor scorecard aia draft --floor floor -o aia.toml --project "Lacolle cell"
    """
    from watchfloor.exchange.aia.draft import drafted, facts, known
    from watchfloor.exchange.aia.score import applying, words
    from watchfloor.store import Floor

    opened = Floor.open(floor)
    found = facts(opened, reader(opened, purpose))
    answers = known(found)
    write_new(output, drafted(found, phase, project))
    opened.act(acting(purpose, authority), "query", {"what": "aia", "drafted": len(answers)})
    chosen = {id_: words(one.answer) for id_, one in answers.items()}
    left = sum(one.id not in answers for one in applying(chosen, phase))
    if as_json:
        print_json({"file": str(output), "drafted": len(answers), "unanswered": left})
        return
    typer.echo(
        f"{counted(len(answers), 'answer')} drafted for somebody to confirm; "
        f"{counted(left, 'question')} left for people. Next: watchfloor scorecard aia score {output}"
    )


@app.command()
def score(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The assessment (TOML).")],
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Score a complete assessment, and say what its level obliges to. What nobody has answered is named.

    Example: watchfloor scorecard aia score aia.toml --lang fr
    """
    from watchfloor.exchange.aia import score as aia

    try:
        found = aia.score(aia.read(file, lang), lang)
    except aia.AssessmentError as error:
        if as_json:
            print_json({"file": file, "scored": False, "problems": error.problems})
            raise typer.Exit(USAGE) from error
        fail("\n".join([REFUSED[lang].format(file=file), *(f"  {one}" for one in error.problems)]))
    if as_json:
        print_json(_row(found, lang))
        return
    typer.echo(_told(found, lang))
    duties = ((duty.area, duty.en if lang == "en" else duty.fr) for duty in aia.duties(found.level))
    print_table(TITLE[lang].format(level=aia.ROMAN[found.level - 1]), HEADS[lang], duties, "")
    typer.echo(RENEWED[lang])


def _told(found: "Score", lang: "Language") -> str:
    from watchfloor.exchange.aia.score import ROMAN

    return TOLD[lang].format(
        level=ROMAN[found.level - 1],
        raw=found.raw,
        highest=found.highest,
        mitigation=found.mitigation,
        most=found.highest_mitigation,
        off=OFF[lang][found.reduced],
        current=found.current,
    )


def _row(found: "Score", lang: "Language") -> dict[str, object]:
    from watchfloor.exchange.aia.score import duties

    return {
        "level": found.level,
        "raw": found.raw,
        "highest": found.highest,
        "mitigation": found.mitigation,
        "highest_mitigation": found.highest_mitigation,
        "current": found.current,
        "duties": {duty.area: duty.en if lang == "en" else duty.fr for duty in duties(found.level)},
    }
