"""`watchfloor leads calibration`: whether what was shown as likely came about as often."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from watchfloor.cli.acting import WeightsOption
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    LangOption,
    PurposeOption,
    acting,
    busy,
    fail,
    print_json,
    print_table,
    reader,
)

if TYPE_CHECKING:
    from watchfloor.cell.learning.calibration import Band, Calibration, Share
    from watchfloor.records.messages import Language

WORDS: Final = {
    "en": {
        "heads": ("word", "leads", "weight", "shown", "came", "95 % interval"),
        "none": "No lead has an outcome that says true or false: watchfloor leads outcome LEAD RESULT "
        "--why …",
        "brier": "Brier score {score:.4f} = reliability {reliability:.4f} - resolution {resolution:.4f} "
        "+ uncertainty {uncertainty:.4f} + within bands {within:.4f}",
        "ece": "Expected calibration error {ece:.4f}",
        "precision": "Of the {k} likeliest with a known truth {value:.0%} were true "
        "({low:.0%} to {high:.0%})",
        "audited": "Of the whole queue: {audited} of {leads} leads were drawn by the audit and stand for the "
        "rest.",
        "chosen": "Of what officers chose to look at: no audited lead among the {leads} "
        "(watchfloor leads audit draw).",
        "rebuilt": "{rebuilt} of them were made again as they stood: nobody had kept what was shown.",
    },
    "fr": {
        "heads": ("mot", "pistes", "poids", "affiché", "advenu", "intervalle à 95 %"),
        "none": "Aucune piste n’a de résultat qui dise vrai ou faux : watchfloor leads outcome PISTE --why …",
        "brier": "Score de Brier {score:.4f} = fiabilité {reliability:.4f} - résolution {resolution:.4f} "
        "+ incertitude {uncertainty:.4f} + dans les bandes {within:.4f}",
        "ece": "Erreur de calibration attendue {ece:.4f}",
        "precision": "Des {k} plus probables dont on connaît la vérité, {value:.0%} étaient vraies "
        "({low:.0%} à {high:.0%})",
        "audited": "De toute la file : {audited} pistes sur {leads} ont été tirées au sort et valent pour "
        "les autres.",
        "chosen": "De ce que les agents ont choisi de vérifier : aucune piste tirée au sort parmi les "
        "{leads} (watchfloor leads audit draw).",
        "rebuilt": "{rebuilt} d’entre elles ont été refaites comme elles étaient : rien n’en avait été "
        "conservé.",
    },
}


def calibration(
    floor: FloorOption = DEFAULT_FLOOR,
    capacity: Annotated[
        int, typer.Option("--capacity", min=1, help="Leads that can be looked at: precision is of so many.")
    ] = 20,
    hypothesis: Annotated[str | None, typer.Option("--hypothesis", help="Only of this one.")] = None,
    weights: WeightsOption = None,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Compare the probabilities that were shown with what came of the leads.

    Example: watchfloor leads calibration --floor floor --capacity 10
    """
    from watchfloor.cell.learning.calibration import calibration
    from watchfloor.cell.weights import load
    from watchfloor.desks.registry import declare_messages
    from watchfloor.formats.settings import nearest
    from watchfloor.store.floor import Floor

    declare_messages()
    opened, table = Floor.open(floor), load(weights)
    if hypothesis is not None and hypothesis not in table.hypotheses:
        fail(f"--hypothesis: {hypothesis!r} is none{nearest(hypothesis, table.hypotheses)}")
    with busy("holding what was shown against what came"):
        found = calibration(opened, reader(opened, purpose), table, datetime.now(UTC), capacity, hypothesis)
    leads = found.leads if found else 0
    opened.act(acting(purpose, authority), "query", {"what": "calibration", "leads": leads})
    if as_json:
        print_json(asdict(found) if found else {"leads": 0})
    elif found:
        _print(found, lang)
    else:
        Console().print(WORDS[lang]["none"])


def _print(found: "Calibration", lang: "Language") -> None:
    words, say = WORDS[lang], Console().print
    rows = (_band(band, lang) for band in found.bands if band.leads)
    print_table("", words["heads"], rows, "")
    numbers = asdict(found)
    precise = asdict(found.precision) | {"k": round(found.precision.cases)}
    say(str(words["brier"]).format(**numbers["brier"]), highlight=False)
    say(str(words["ece"]).format(**numbers), highlight=False)
    say(str(words["precision"]).format(**precise), highlight=False)
    say(str(words["audited" if found.audited else "chosen"]).format(**numbers), highlight=False)
    if found.rebuilt:
        say(str(words["rebuilt"]).format(**numbers), highlight=False)


def _band(band: "Band", lang: "Language") -> tuple[object, ...]:
    from watchfloor.cell.words import word

    return word(band.upto, lang), band.leads, f"{band.weight:.1%}", f"{band.shown:.3f}", *_share(band.came)


def _share(share: "Share") -> tuple[str, str]:
    return f"{share.value:.3f}", f"{share.low:.3f} – {share.high:.3f}"
