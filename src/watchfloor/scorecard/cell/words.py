"""What the page says of the cell itself: its queue, its calibration, its audit, its fairness, its feeds."""

from collections.abc import Mapping
from typing import Final

from watchfloor.records.messages import Message, declare

TITLES: Final[Mapping[str, Message]] = {
    name: declare(f"scorecard.figure-{name}", en=en, fr=fr)
    for name, en, fr in (
        ("precision", "Likeliest leads that were true", "Pistes les plus probables qui se sont avérées"),
        ("queue", "Leads open and closed", "Pistes ouvertes et closes"),
        ("calibration", "Calibration of probabilities", "Calibration des probabilités"),
        ("audit", "Audit sample", "Échantillon d’audit"),
        ("fairness-stream", "Who is examined, by stream", "Qui est examiné, par flux"),
        ("fairness-office", "Who is examined, by office", "Qui est examiné, par bureau"),
        ("rates", "Contraband in what crosses", "Contrebande dans ce qui traverse"),
        ("feeds", "Accounting of feeds", "Comptabilité des flux"),
    )
}

FRENCH: Final[Mapping[str, str]] = {
    "post": "courrier",
    "courier": "messagerie",
    "air-cargo": "fret aérien",
    "marine-container": "conteneur maritime",
    "vehicle": "véhicule",
    "rail": "rail",
    "inbound": "entrée",
    "outbound": "sortie",
    "in-transit": "transit",
    "undeclared": "non déclaré",
    "other": "autres",
    "unknown": "inconnu",
}
"""Words of streams and groups; offices keep their names."""

NO_FLOOR: Final = declare(
    "scorecard.cell-figures-no-floor",
    en="None: these figures are of a floor, and this page was made without one.",
    fr="Aucun\u00a0: ces chiffres sont ceux d’un plateau, et cette page a été faite sans.",
)
BEFORE: Final = declare(
    "scorecard.cell-figures-before",
    en="None: the floor began on {created}.",
    fr="Aucun\u00a0: le plateau a commencé le {created}.",
)
NO_OUTCOME: Final = declare(
    "scorecard.cell-figures-no-outcome",
    en="None yet: no lead has an outcome that says true or false. Missing: outcomes reported by those who "
    "looked.",
    fr="Aucun encore\u00a0: aucune piste n’a de résultat qui dise vrai ou faux. Il manque\u00a0: les "
    "résultats de ceux qui ont vérifié.",
)
PRECISION: Final = declare(
    "scorecard.cell-figures-precision",
    en="Of the {k} likeliest leads with a known truth {share} were true ({low} to {high}); a watch can look "
    "at {capacity}.",
    fr="Des {k} pistes les plus probables dont la vérité est connue, {share} étaient vraies (de {low} à "
    "{high}); une équipe peut en regarder {capacity}.",
)
QUEUE: Final = declare(
    "scorecard.cell-figures-queue",
    en="Open: {open}; with an outcome that says true or false: {closed}. Median age of the open ones: "
    "{age} days.",
    fr="Ouvertes\u00a0: {open}; avec un résultat qui dit vrai ou faux\u00a0: {closed}. Âge médian des "
    "ouvertes\u00a0: {age} jours.",
)
QUEUE_EMPTY: Final = declare(
    "scorecard.cell-figures-queue-empty",
    en="No lead is open that this reader may see; with an outcome that says true or false: {closed}.",
    fr="Aucune piste ouverte que ce lecteur puisse voir; avec un résultat qui dit vrai ou faux\u00a0: "
    "{closed}.",
)
CALIBRATION: Final = declare(
    "scorecard.cell-figures-calibration",
    en="Brier score {brier} over {leads} leads, expected calibration error {ece}. In {inside} of {bands} "
    "bands of probability the mean shown lies in the 95 % interval of what came. {of}",
    fr="Score de Brier {brier} sur {leads} pistes, erreur de calibration attendue {ece}. Dans {inside} des "
    "{bands} bandes de probabilité, la moyenne affichée est dans l’intervalle à 95\u00a0% de ce qui est "
    "advenu. {of}",
)
WHOLE_QUEUE: Final = declare(
    "scorecard.cell-figures-whole-queue",
    en="Of the whole queue: {audited} of them were drawn by the audit.",
    fr="De toute la file\u00a0: {audited} d’entre elles ont été tirées par l’audit.",
)
CHOSEN: Final = declare(
    "scorecard.cell-figures-chosen",
    en="Of what officers chose to look at: none was drawn by the audit.",
    fr="De ce que les agents ont choisi de regarder\u00a0: aucune n’a été tirée par l’audit.",
)
AUDIT: Final = declare(
    "scorecard.cell-figures-audit",
    en="Drawn: {drawn} of {stood} leads nobody had acted on ({share}), in draws: {draws}. With a known "
    "truth: {known}, of them true: {true}{range}.",
    fr="Tirées\u00a0: {drawn} des {stood} pistes auxquelles personne n’avait donné suite ({share}), en "
    "tirages\u00a0: {draws}. Dont la vérité est connue\u00a0: {known}, dont vraies\u00a0: {true}{range}.",
)
RANGE: Final = declare(
    "scorecard.cell-figures-range",
    en=" ({low} to {high})",
    fr=" (de {low} à {high})",
)
NO_DRAW: Final = declare(
    "scorecard.cell-figures-no-draw",
    en="None yet: no audit sample was drawn. Missing: a draw of leads that nobody acted on.",
    fr="Aucun encore\u00a0: aucun échantillon n’a été tiré. Il manque\u00a0: un tirage parmi les pistes "
    "auxquelles personne n’a donné suite.",
)
FAIRNESS: Final = declare(
    "scorecard.cell-figures-fairness",
    en="Groups of {least} items or more: {groups}. Examined more than their rate accounts for: {more}; less: "
    "{less}; as it does: {as_rate}; too few to say: {unknown}. Examined in vain: {least_burden} to "
    "{most_burden} of a group’s items.",
    fr="Groupes d’au moins {least} articles\u00a0: {groups}. Examinés plus que leur taux ne "
    "l’explique\u00a0: {more}; moins\u00a0: {less}; autant\u00a0: {as_rate}; trop peu pour le dire\u00a0: "
    "{unknown}. Examinés en vain\u00a0: de {least_burden} à {most_burden} des articles d’un groupe.",
)
NO_ONE: Final = declare("scorecard.cell-figures-no-group", en="none", fr="aucun")
NO_EXAMINATION: Final = declare(
    "scorecard.cell-figures-no-examination",
    en="None yet: nothing was examined whose chance of being chosen is known. Missing: examinations of items "
    "that were drawn, with declarations to count the streams.",
    fr="Aucun encore\u00a0: rien n’a été examiné dont la probabilité d’être choisi soit connue. Il "
    "manque\u00a0: des examens d’articles tirés au sort, et les déclarations qui comptent les flux.",
)
RATES: Final = declare(
    "scorecard.cell-figures-rates",
    en="Estimated without the bias of where one looks: {share} ({low} to {high}) of what crosses would yield "
    "a find; examined: {examined}, finds: {finds}. By stream: {streams}.",
    fr="Estimé sans le biais du choix\u00a0: {share} (de {low} à {high}) de ce qui traverse donnerait une "
    "découverte; examinés\u00a0: {examined}, découvertes\u00a0: {finds}. Par flux\u00a0: {streams}.",
)
RATES_PARTLY: Final = declare(
    "scorecard.cell-figures-rates-partly",
    en="Not known of the whole, as of some streams nothing was examined: it lies between {low} and {high}; "
    "examined: {examined}, finds: {finds}. By stream: {streams}.",
    fr="Inconnu pour l’ensemble, car rien n’a été examiné de certains flux\u00a0: entre {low} et {high}; "
    "examinés\u00a0: {examined}, découvertes\u00a0: {finds}. Par flux\u00a0: {streams}.",
)
STREAM: Final = declare(
    "scorecard.cell-figures-stream", en="{name} {low} to {high}", fr="{name} de {low} à {high}"
)
FEEDS: Final = declare(
    "scorecard.cell-figures-feeds",
    en="Received {received} = accepted {accepted} + duplicate {duplicate} + quarantined {quarantined} + "
    "withheld {withheld}, in deliveries: {deliveries}.",
    fr="Reçus {received} = acceptés {accepted} + doublons {duplicate} + en quarantaine {quarantined} + "
    "retenus {withheld}, en livraisons\u00a0: {deliveries}.",
)
FEEDS_BROKEN: Final = declare(
    "scorecard.cell-figures-feeds-broken",
    en=" The sum does not hold: {difference} rows are unaccounted for.",
    fr=" La somme n’est pas juste\u00a0: {difference} lignes ne sont pas comptées.",
)
FEEDS_MINE: Final = declare(
    "scorecard.cell-figures-feeds-mine",
    en="Accepted {accepted} and quarantined {quarantined} that this reader may see, in deliveries: "
    "{deliveries}; the whole sum is for who keeps the floor.",
    fr="Acceptés {accepted} et en quarantaine {quarantined} que ce lecteur peut voir, en livraisons\u00a0: "
    "{deliveries}; la somme entière est pour qui tient le plateau.",
)
NO_DELIVERY: Final = declare(
    "scorecard.cell-figures-no-delivery",
    en="None yet: no feed has delivered anything that this reader may know of.",
    fr="Aucun encore\u00a0: aucun flux n’a rien livré dont ce lecteur puisse avoir connaissance.",
)
