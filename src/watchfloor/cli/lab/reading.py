"""`watchfloor lab reading`: what a reading is worth."""

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchfloor.cli.common import JsonOption, LangOption, fail, print_json
from watchfloor.messages import number

if TYPE_CHECKING:
    from watchfloor.core.messages import Language
    from watchfloor.desks.lab.negatives import Counts, Curve, Worth

app = typer.Typer(help="What a reading of an instrument is worth.", no_args_is_help=True)

SENTENCE: Final = {
    "en": "{method} found nothing in {matrix}{at}. Where {target} was there with a probability of {prior}"
    " before, it still is with one of {presence} (95 %: {low} to {high}): such samples are missed in {missed}"
    " of {of} cases (95 %: {least} to {most}), and of samples that hold none {silent} are passed as such.",
    "fr": "{method} n’a rien trouvé dans {matrix}{at}. Si {target} y était avec une probabilité de {prior}"
    " auparavant, c’est encore avec {presence} (95\u00a0%\u00a0: {low} à {high})\u00a0: de tels "
    "échantillons échappent dans"
    " {missed} cas sur {of} (95\u00a0%\u00a0: {least} à {most}), et de ceux qui n’en contiennent pas "
    "{silent} passent.",
}
MATRIX: Final = {
    "en": {
        "powder": "a powder",
        "tablet": "a tablet",
        "swab": "a swab",
        "liquid": "a liquid",
        "plant": "a plant",
        "residue": "a residue",
        "parcel": "a parcel",
        "vehicle": "a vehicle",
        "other": "another thing",
    },
    "fr": {
        "powder": "une poudre",
        "tablet": "un comprimé",
        "swab": "un frottis",
        "liquid": "un liquide",
        "plant": "une plante",
        "residue": "un résidu",
        "parcel": "un colis",
        "vehicle": "un véhicule",
        "other": "autre chose",
    },
}
"""What was sampled, as the sentence has it."""
AT: Final = {"en": " that would hold it at {share} by weight", "fr": " qui en contiendrait {share} en masse"}
UNKNOWN: Final = {"en": " of unknown content", "fr": " de teneur inconnue"}
OVER_ALL: Final = {
    "en": "No figures by share are known of it: those over all samples of the source stand in.",
    "fr": "Aucun chiffre par teneur n’est connu\u00a0: ceux de tous les échantillons de la source valent.",
}
BASIS: Final = {
    "en": {"counts": "published counts", "derived": "published percentages", "judgement": "judgement"},
    "fr": {"counts": "effectifs publiés", "derived": "pourcentages publiés", "judgement": "estimation"},
}
ANY: Final = {
    "en": {"any": "what is sought", "drugs": "what is sought"},
    "fr": {"any": "ce qui est cherché", "drugs": "ce qui est cherché", "fentanyl": "du fentanyl"},
}


@app.command()
def negative(
    method: Annotated[str, typer.Option("--method", help="How it was measured, such as ftir.")],
    matrix: Annotated[str, typer.Option("--matrix", help="What was sampled: powder, swab, parcel…")],
    prior: Annotated[
        float, typer.Option("--prior", help="Probability, before, that the substance is there: 0 to 1.")
    ],
    share: Annotated[
        float | None,
        typer.Option("--share", help="Share by weight that it would have, 0 to 1; else that is not known."),
    ] = None,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Show the worth of a negative: the probability that a substance is there although it was not found.

    From published sensitivity where there is some, else by judgement, and it says which.

    Example: watchfloor lab reading negative --method ftir --matrix powder --prior 0.3 --share 0.05
    """
    from watchfloor.desks.lab.negatives import UnknownError, curve, worth

    try:
        of = curve(method, matrix)
        found = worth(of, prior, share)
    except UnknownError as error:
        fail(str(error))
    except ValueError as error:
        fail(f"{error}; --prior and --share are shares such as 0.3")
    if as_json:
        print_json(_row(of, found, matrix, share, lang))
        return
    typer.echo(_sentence(of, found, matrix, share, lang))
    if share is not None and not of.at:
        typer.echo(OVER_ALL[lang])
    typer.echo("")
    for counts, what in (
        (found.sensitivity, ("finds", "trouve")),
        (found.specificity, ("silent", "se tait")),
    ):
        typer.echo(f"{what[lang == 'fr']}{' :' if lang == 'fr' else ':'} {_rests(counts, lang)}")


def _rests(counts: "Counts", lang: "Language") -> str:
    colon = ":" if lang == "en" else " :"
    return f"{counts.right:g} / {counts.of:g}, {BASIS[lang][counts.basis]}{colon} {counts.source}"


def _sentence(of: "Curve", found: "Worth", matrix: str, share: float | None, lang: "Language") -> str:
    from watchfloor.desks.lab.negatives import interval

    least, most = interval(found.sensitivity)
    at = UNKNOWN[lang] if share is None else AT[lang].format(share=_percent(share, lang))
    numbers = {
        "prior": found.prior,
        "presence": found.presence,
        "low": found.low,
        "high": found.high,
        "least": 1 - most,
        "most": 1 - least,
        "silent": found.specificity.rate,
    }
    return SENTENCE[lang].format(
        method=of.method,
        matrix=MATRIX[lang].get(matrix, matrix),
        at=at,
        target=ANY[lang].get(of.target, of.target),
        missed=f"{found.sensitivity.of - found.sensitivity.right:g}",
        of=f"{found.sensitivity.of:g}",
        **{name: _percent(value, lang) for name, value in numbers.items()},
    )


def _percent(value: float, lang: "Language") -> str:
    return f"{number(100 * value, lang, 1)} %"


def _row(of: "Curve", found: "Worth", matrix: str, share: float | None, lang: "Language") -> dict[str, Any]:
    from watchfloor.desks.lab.negatives import interval

    return {
        "method": of.method,
        "matrix": matrix,
        "target": of.target,
        "share": share,
        "by_share": share is not None and bool(of.at),
        "prior": found.prior,
        "presence": found.presence,
        "low": found.low,
        "high": found.high,
        "bits": found.bits,
        "judged": found.judged,
        "sensitivity": found.sensitivity._asdict()
        | {"rate": found.sensitivity.rate, "interval": interval(found.sensitivity)},
        "specificity": found.specificity._asdict()
        | {"rate": found.specificity.rate, "interval": interval(found.specificity)},
        "sentence": _sentence(of, found, matrix, share, lang),
    }
