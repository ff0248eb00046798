"""What a plan of inspections says, in English and in French."""

from typing import Final

from watchfloor.records.messages import declare

NO_CLEARANCE: Final = declare(
    "inspections.no-clearance",
    en="A release is not a clearance: what is not chosen, and what is released after an examination that "
    "found nothing, may still hold something. A pick is an invitation to look and no ground for anything "
    "else.",
    fr="Une mainlevée n’est pas une attestation d’innocuité : ce qui n’est pas choisi, et ce qui est "
    "libéré après un examen qui n’a rien donné, peut encore contenir quelque chose. Un choix est une "
    "invitation à regarder et ne fonde rien d’autre.",
)
MAIL: Final = declare(
    "inspections.mail",
    en="Mail is opened only on an officer’s recorded grounds; a score is none.",
    fr="Un envoi postal n’est ouvert que sur les motifs consignés d’un agent; un pointage n’en est pas un.",
)
RULES_ONLY: Final = declare(
    "inspections.rules-only",
    en="no history and no model: items are chosen by rules alone, and nobody has measured how well these "
    "find things here",
    fr="ni historique ni modèle : les articles sont choisis par les seules règles, et personne n’a mesuré "
    "ce qu’elles trouvent ici",
)
TOO_LITTLE: Final = declare(
    "inspections.too-little",
    en="the history is too small to fit a model: {why}. Items are chosen by rules alone",
    fr="l’historique est trop mince pour ajuster un modèle : {why}. Les articles sont choisis par les "
    "seules règles",
)
LEARNED: Final = declare(
    "inspections.learned",
    en="a model of {examined} examined items, {found} of them with a find, orders the items; rules add to it",
    fr="un modèle de {examined} articles examinés, dont {found} avec une trouvaille, ordonne les "
    "articles; les règles s’y ajoutent",
)
CONTRADICTORY: Final = declare(
    "inspections.contradictory",
    en="{count} {count:item|items} of the history {count:has|have} results that contradict each other; the "
    "later act stands",
    fr="{count} {count:article|articles} de l’historique {count:a|ont} des résultats qui se contredisent; "
    "le dernier acte vaut",
)
NO_ITEMS: Final = declare(
    "inspections.no-items",
    en="there is nothing to choose from: no item is declared",
    fr="il n’y a rien à choisir : aucun article n’est déclaré",
)
NO_ITEMS_ON: Final = declare(
    "inspections.no-items-on",
    en="there is nothing to choose from on {day}: the {count} declared {count:item is|items are} of other "
    "days, from {first} to {last}",
    fr="il n’y a rien à choisir le {day} : {count} {count:article déclaré est|articles déclarés sont} "
    "d’autres jours, "
    "du {first} au {last}",
)
NO_BUDGET: Final = declare(
    "inspections.no-budget",
    en="the budget is 0: nothing is chosen, and nothing is learned of the {count} {count:item|items}",
    fr="le budget est de 0 : rien n’est choisi, et rien n’est appris de {count} {count:article|articles}",
)
ALL: Final = declare(
    "inspections.all",
    en="the budget of {budget} reaches for all {count} {count:item|items}",
    fr="le budget de {budget} suffit pour {count} {count:article|articles}, tout ce qu’il y a",
)
DONE: Final = declare(
    "inspections.done",
    en="left out: {count} {count:item that was|items that were} examined already, or whose referral is open",
    fr="laissé de côté : {count} {count:article déjà examiné|articles déjà examinés}, ou dont la demande "
    "d’examen est ouverte",
)
IDENTIFIED: Final = declare(
    "inspections.identified",
    en="left out: {count} {count:item|items} in which a laboratory identified a controlled substance: "
    "{items}. Nothing is left to look for; hold {count:it|them} and record the seizure (`watchfloor custody "
    "seize`)",
    fr="laissé de côté : {count} {count:article|articles} où un laboratoire a identifié une substance "
    "désignée : {items}. Il n’y reste rien à chercher ; {count:retenez-le|retenez-les} et inscrivez "
    "la saisie (`watchfloor custody seize`)",
)
REPEATED: Final = declare(
    "inspections.repeated",
    en="{repeated} lines were delivered twice and count once; {superseded} are replaced by a later one",
    fr="{repeated} lignes livrées deux fois comptent une fois; {superseded} sont remplacées par une plus "
    "récente",
)
OUTCOMES: Final = declare(
    "inspections.outcomes",
    en="{count} {count:inspection|inspections} among the declarations {count:is|are} not looked at: what is "
    "to be chosen is not known yet; give {count:it|them} with --history where {count:it is|they are} "
    "of other items",
    fr="{count} {count:inspection|inspections} parmi les déclarations ne {count:compte|comptent} pas : ce "
    "qui est à choisir n’est pas encore connu; {count:donnez-la|donnez-les} par --history si "
    "{count:elle porte|elles portent} sur d’autres articles",
)
NO_MEANS: Final = declare(
    "inspections.no-means",
    en="no inspection.toml says what can examine how many: no means is assigned",
    fr="aucun inspection.toml ne dit quels moyens peuvent examiner combien d’articles : aucun moyen n’est "
    "attribué",
)
CAPACITY: Final = declare(
    "inspections.capacity",
    en="on {day} all means together can examine {capacity} items; the budget of {budget} is cut to that",
    fr="le {day}, tous les moyens ensemble peuvent examiner {capacity} articles; le budget de {budget} y "
    "est ramené",
)
FEWER: Final = declare(
    "inspections.fewer",
    en="{count} of {budget} are chosen: only so many can be examined without opening mail",
    fr="{count} sur {budget} sont choisis : on ne peut en examiner plus sans ouvrir d’envois postaux",
)
UNMET: Final = declare(
    "inspections.unmet",
    en="{count} chosen {count:item has|items have} no means that is free and may examine it, and "
    "{count:is|are} not among the picks: {items}",
    fr="{count} {count:article choisi n’a|articles choisis n’ont} aucun moyen libre pour l’examen, et ne "
    "{count:figure|figurent} pas parmi les choix : {items}",
)
LEFT: Final = declare(
    "inspections.left",
    en="the budget has no room for {count} {count:item|items} that lookouts or leads name: {items}",
    fr="le budget n’a pas de place pour {count} {count:article|articles} que nomment des avis ou des "
    "pistes : {items}",
)
NO_CHANCE: Final = declare(
    "inspections.no-chance",
    en="nothing is drawn at random: of {count} {count:item|items} nothing can be learned, and no rate "
    "estimated",
    fr="rien n’est tiré au hasard : de {count} {count:article|articles} rien ne peut être appris, et aucun "
    "taux estimé",
)
FAULTS: Final = declare(
    "inspections.faults",
    en="{count} {count:piece|pieces} of the files could not be read and {count:is|are} left out",
    fr="{count} {count:partie|parties} des fichiers {count:n’a pu être lue et est laissée|n’ont pu être "
    "lues et sont laissées} de côté",
)
BY_SCORE: Final = declare(
    "inspections.by-score",
    en="Chosen for what is known of it.",
    fr="Choisi pour ce qu’on en sait.",
)
BY_DOUBT: Final = declare(
    "inspections.by-doubt",
    en="Chosen to learn from: the score is unsure of items like it.",
    fr="Choisi pour apprendre : le pointage est incertain de tels articles.",
)
BY_LOT: Final = declare(
    "inspections.by-lot",
    en="Chosen at random, whatever is known of it, so that rates can be known.",
    fr="Choisi au hasard, quoi qu’on en sache, afin de connaître les taux.",
)
BY_LEAD: Final = declare(
    "inspections.by-lead",
    en="Named by lead {lead}: {title}.",
    fr="Nommé par la piste {lead} : {title}.",
)
BY_LOOKOUT: Final = declare(
    "inspections.by-lookout",
    en="Named by lookout {lookout}.",
    fr="Nommé par l’avis de surveillance {lookout}.",
)
WITHOUT: Final = declare(
    "inspections.without",
    en="Without this it would not have been chosen for what is known of it: {fact}",
    fr="Sans ceci, il n’aurait pas été choisi pour ce qu’on en sait : {fact}",
)
OTHERS: Final = declare(
    "inspections.others",
    en="how common “{title}” is beside the other things that an examination may find",
    fr="la fréquence de « {title} » à côté des autres choses qu’un examen peut trouver",
)
KNOWN_TWICE: Final = declare(
    "inspections.known-twice",
    en="{fact} ({percent} % of it counts: the model and the rules know some of the same)",
    fr="{fact} (compte pour {percent} % : le modèle et les règles savent en partie la même chose)",
)
COUNTRY: Final = declare(
    "inspections.country",
    en="country of departure or origin moves the chance of {count} {count:item|items} by {bits} bits at "
    "most; {cap} are allowed",
    fr="le pays de départ ou d’origine déplace la chance de {count} {count:article|articles} d’au "
    "plus {bits} bit; {cap} sont permis",
)
