"""Sentences about what was computed from lists, law and the floor."""

from collections.abc import Mapping
from typing import Final

from watchfloor.records.messages import Message, declare

LISTED: Final = declare(
    "scorecard.cartels-listed",
    en="{count} of the {of} cartels are listed entities on {day}, in force since {since} (SOR/2002-284 as "
    "amended by SOR/2025-31, s. 1). {by}.{tail} Counted by item, as three aliases belong to two of them.",
    fr="{count} des {of} cartels sont des entités inscrites le {day}, en vigueur depuis le {since} "
    "(DORS/2002-284, modifié par DORS/2025-31, art. 1). {by}.{tail} Compté par élément, car trois "
    "pseudonymes appartiennent à deux d’entre eux.",
)
NONE_LISTED: Final = declare(
    "scorecard.cartels-none-listed",
    en="None of the seven cartels is a listed entity on {day}. {by}.{tail}",
    fr="Aucun des sept cartels n’est une entité inscrite le {day}. {by}.{tail}",
)
NO_EDITION: Final = declare(
    "scorecard.cartels-no-edition",
    en="None of the seven cartels is a listed entity on {day}: their items came onto the list later. No "
    "edition from before {first} was read.",
    fr="Aucun des sept cartels n’est une entité inscrite le {day}\u00a0: leurs éléments sont venus plus "
    "tard. Aucune édition d’avant le {first} n’a été lue.",
)
BY_LIST: Final = declare(
    "scorecard.cartels-by-list",
    en="By the list as held here, its edition of {first} to {last}",
    fr="D’après la liste détenue ici, édition du {first} au {last}",
)
BY_PACKAGE: Final = declare(
    "scorecard.cartels-by-package",
    en="By the table that comes with the program, read from the edition of {first} to {last}",
    fr="D’après la table fournie avec le programme, lue dans l’édition du {first} au {last}",
)
NOT_COVERED: Final = declare(
    "scorecard.cartels-not-covered",
    en=" That edition speaks until {last}; no later one from before that day was read.",
    fr=" Cette édition vaut jusqu’au {last}; aucune plus récente, antérieure à ce jour, n’a été lue.",
)
ITEM: Final = declare(
    "scorecard.cartels-item",
    en="{name}: item of SOR/2002-284, added by SOR/2025-31, s. 1",
    fr="{name}\u00a0: élément du DORS/2002-284, ajouté par DORS/2025-31, art. 1",
)
NUMBERED: Final = declare(
    "scorecard.cartels-numbered", en="{name} (item {item})", fr="{name} (élément {item})"
)

LED: Final = declare(
    "scorecard.listings-led",
    en="Records held here since {since} that name a listed cartel: {count} ({parts}). Further outcomes "
    "whose subject only resembles one by name, not counted: {others}.",
    fr="Dossiers détenus ici depuis le {since} qui nomment un cartel inscrit\u00a0: {count} ({parts}). "
    "Autres résultats dont le sujet ne fait que ressembler par le nom, non comptés\u00a0: {others}.",
)
LED_NONE: Final = declare(
    "scorecard.listings-led-none",
    en="No record held here says that a listing led to a seizure, a detention, an arrest or a charge. "
    "Looked through, from {since} to {day}: outcomes, {outcomes}; seizures, {seizures}. Outcomes whose "
    "subject only resembles a cartel by name: {others}. What would tell: charges under Part II.1 of the "
    "Criminal Code by listed entity and day, and outcomes whose subject a person judged to be the "
    "listed entity.",
    fr="Aucun dossier détenu ici ne dit qu’une inscription a mené à une saisie, une détention, une "
    "arrestation ou une accusation. Examinés, du {since} au {day}\u00a0: résultats, {outcomes}; "
    "saisies, {seizures}. Résultats dont le sujet ne fait que ressembler par le nom à un cartel\u00a0: "
    "{others}. Ce qui le dirait\u00a0: les accusations portées en vertu de la partie II.1 du Code "
    "criminel, par entité inscrite et par jour, et des résultats dont une personne a jugé que le sujet "
    "est l’entité inscrite.",
)
LED_NO_FLOOR: Final = declare(
    "scorecard.listings-led-no-floor",
    en="No record was looked through: without a floor nothing here says what the listings of {since} led "
    "to. What would tell: charges under Part II.1 of the Criminal Code by listed entity and day.",
    fr="Aucun dossier n’a été examiné\u00a0: sans plateau, rien ici ne dit à quoi ont mené les "
    "inscriptions du {since}. Ce qui le dirait\u00a0: les accusations portées en vertu de la partie "
    "II.1 du Code criminel, par entité inscrite et par jour.",
)
LED_NOT_YET: Final = declare(
    "scorecard.listings-led-not-yet",
    en="No cartel was listed on {day}, so no listing could lead to anything.",
    fr="Aucun cartel n’était inscrit le {day}\u00a0: aucune inscription ne pouvait mener à quoi que ce soit.",
)
LED_NO_CAUSE: Final = declare(
    "scorecard.listings-led-no-cause",
    en="A record that names a listed cartel may have come about without the listing: it says who, not why.",
    fr="Un dossier qui nomme un cartel inscrit a pu naître sans l’inscription\u00a0: il dit qui, non "
    "pourquoi.",
)
RESULTS: Final[Mapping[str, Message]] = {
    name: declare(f"scorecard.listings-{name}", en=f"{en}: {{count}}", fr=f"{fr}\u00a0: {{count}}")
    for name, en, fr in (
        ("seized", "outcomes with a seizure", "résultats avec saisie"),
        ("arrested", "with an arrest", "avec arrestation"),
        ("charged", "with a charge", "avec accusation"),
        ("seizure", "seizures of operations", "saisies d’opérations"),
    )
}

PRECURSORS: Final = declare(
    "scorecard.precursors",
    en="4-piperidone and 1-boc-4-piperidone on {day}. {un}. {ca}. {cn}.",
    fr="La 4-pipéridone et la 1-boc-4-pipéridone le {day}. {un}. {ca}. {cn}.",
)
CONTROLLED: Final = declare(
    "scorecard.precursors-controlled",
    en="{who}: {count} of 2, {each}",
    fr="{who}\u00a0: {count} sur 2, {each}",
)
UNCONTROLLED: Final = declare(
    "scorecard.precursors-uncontrolled",
    en="{who}: neither, by the law read here",
    fr="{who}\u00a0: ni l’une ni l’autre, d’après le droit lu ici",
)
SINCE: Final = declare(
    "scorecard.precursors-since",
    en="{name} since {since}",
    fr="{name} depuis le {since}",
)
BEFORE: Final = declare(
    "scorecard.precursors-before",
    en="{name} since {since} or earlier",
    fr="{name} depuis le {since} ou plus tôt",
)
LOOK_UP: Final = declare(
    "scorecard.precursors-look-up",
    en=" (the day is cited from memory: look it up before you print it)",
    fr=" (date citée de mémoire\u00a0: à vérifier avant de la publier)",
)
MEASURE: Final = declare(
    "scorecard.precursors-measure",
    en="{name}: {list} ({jurisdiction})",
    fr="{name}\u00a0: {list} ({jurisdiction})",
)
WHO: Final[Mapping[str, Message]] = {
    "UN": declare(
        "scorecard.precursors-un", en="1988 Convention, Table I", fr="Convention de 1988, tableau I"
    ),
    "CA": declare(
        "scorecard.precursors-ca",
        en="Canada, Schedule VI of the Controlled Drugs and Substances Act",
        fr="Canada, annexe VI de la Loi réglementant certaines drogues et autres substances",
    ),
    "CN": declare("scorecard.precursors-cn", en="China, as cited", fr="Chine, selon les documents cités"),
}

EXPORTERS: Final = declare(
    "scorecard.exporters",
    en="Assertions about exporters of concern that stand here on {day}: {count}, the oldest of {since}. "
    "{shared}.",
    fr="Assertions sur des exportateurs préoccupants valables ici le {day}\u00a0: {count}, la plus "
    "ancienne du {since}. {shared}.",
)
EXPORTERS_NONE: Final = declare(
    "scorecard.exporters-none",
    en="No assertion about an exporter of concern stands here on {day}: the register is empty, which says "
    "nothing of lists kept elsewhere. {shared}.",
    fr="Aucune assertion sur un exportateur préoccupant n’est valable ici le {day}\u00a0: le registre est "
    "vide, ce qui ne dit rien de listes tenues ailleurs. {shared}.",
)
EXPORTERS_NO_FLOOR: Final = declare(
    "scorecard.exporters-no-floor",
    en="No register of exporters of concern was looked at: without a floor nothing here says how many "
    "there are, nor with whom they were shared.",
    fr="Aucun registre d’exportateurs préoccupants n’a été consulté\u00a0: sans plateau, rien ici ne dit "
    "combien il y en a, ni avec qui ils ont été partagés.",
)
SHARED: Final = declare(
    "scorecard.exporters-shared",
    en="Shared with: {with_whom}",
    fr="Partagées avec\u00a0: {with_whom}",
)
TO: Final = declare(
    "scorecard.exporters-to",
    en="{to} on {day}",
    fr="{to} le {day}",
)
SHARED_NONE: Final = declare(
    "scorecard.exporters-not-shared",
    en="No list of them was shared from here by that day",
    fr="Aucune liste n’en a été partagée d’ici à ce jour",
)
SHARED_UNKNOWN: Final = declare(
    "scorecard.exporters-sharing-hidden",
    en="With whom they were shared is for who may read the acts of others",
    fr="Avec qui elles ont été partagées n’est visible que de qui peut lire les actes d’autrui",
)
ASSERTION: Final = declare(
    "scorecard.exporters-assertion",
    en="an assertion of {source}, until {until}",
    fr="une assertion de {source}, jusqu’au {until}",
)

BANKS: Final = declare(
    "scorecard.banks",
    en="Members of a code of practice that stands here on {day}: {count}, beside {announced} announced. "
    "Codes: {codes}. Reporting entities among this node’s peers: {peers}.",
    fr="Membres d’un code de pratique valable ici le {day}\u00a0: {count}, à côté de {announced} "
    "annoncées. Codes\u00a0: {codes}. Entités déclarantes parmi les pairs de ce nœud\u00a0: {peers}.",
)
BANKS_NONE: Final = declare(
    "scorecard.banks-none",
    en="No code of practice stands here on {day}, so no member is on record beside the {announced} "
    "announced. Reporting entities among this node’s peers: {peers}. What would tell: each bank’s "
    "adoption of the code.",
    fr="Aucun code de pratique n’est valable ici le {day}\u00a0: aucun membre n’est inscrit à côté des "
    "{announced} annoncées. Entités déclarantes parmi les pairs de ce nœud\u00a0: {peers}. Ce qui le "
    "dirait\u00a0: l’adoption du code par chaque banque.",
)
BANKS_NO_FLOOR: Final = declare(
    "scorecard.banks-no-floor",
    en="No node of the partnership was looked at: without a floor nothing here says which of the "
    "{announced} announced banks are members.",
    fr="Aucun nœud du partenariat n’a été consulté\u00a0: sans plateau, rien ici ne dit lesquelles des "
    "{announced} banques annoncées sont membres.",
)
APPROVED: Final = declare(
    "scorecard.banks-approved",
    en="{code}, approved on {day}",
    fr="{code}, approuvé le {day}",
)
UNAPPROVED: Final = declare(
    "scorecard.banks-unapproved",
    en="{code}, not approved",
    fr="{code}, non approuvé",
)
BANKS_NOT_COMPARABLE: Final = declare(
    "scorecard.banks-not-comparable",
    en="A member of a code kept here need not be one of the banks of the announcement, which names none.",
    fr="Un membre d’un code tenu ici n’est pas forcément l’une des banques de l’annonce, qui n’en nomme "
    "aucune.",
)

BLIZZARD: Final = declare(
    "scorecard.blizzard",
    en="Operation Blizzard, {since} to {until}, all drugs: {more}{count} seizures, {from_us} of them from "
    "and {to_us} to the United States. Fentanyl: {fentanyl} seizures, {mass} kg, of which {mass_us} kg "
    "bound for the United States. No figure for precursors was published.",
    fr="Opération Blizzard, du {since} au {until}, toutes drogues\u00a0: {more}{count} saisies, dont "
    "{from_us} en provenance et {to_us} à destination des États-Unis. Fentanyl\u00a0: {fentanyl} "
    "saisies, {mass} kg, dont {mass_us} kg à destination des États-Unis. Aucun chiffre n’a été publié "
    "pour les précurseurs.",
)
MORE_THAN: Final = declare(
    "scorecard.blizzard-more-than",
    en="more than ",
    fr="plus de ",
)
BLIZZARD_PARTIAL: Final = declare(
    "scorecard.blizzard-partial",
    en="Operation Blizzard: rows of seizures held here that this reader may see: {rows}; the totals of all "
    "drugs and of fentanyl are not among them.",
    fr="Opération Blizzard\u00a0: lignes de saisies détenues ici que ce lecteur peut voir\u00a0: {rows}; "
    "les totaux, toutes drogues et fentanyl, n’en font pas partie.",
)
BLIZZARD_NOT_YET: Final = declare(
    "scorecard.blizzard-not-yet",
    en="No total of Operation Blizzard was published by {day}: this line had no figure behind it on that "
    "day.",
    fr="Aucun total de l’opération Blizzard n’était publié le {day}\u00a0: cette ligne n’avait alors aucun "
    "chiffre.",
)
BLIZZARD_NOT_COMPARABLE: Final = declare(
    "scorecard.blizzard-not-comparable",
    en="Shares of seizures are of all drugs, so they say nothing of fentanyl; masses of fentanyl count "
    "what Canada stopped, weights of the United States what was stopped there: the two are neither "
    "added nor divided; and seizures show where somebody looked.",
    fr="Les parts de saisies valent pour toutes les drogues et ne disent rien du fentanyl; les masses de "
    "fentanyl comptent ce que le Canada a arrêté, les poids des États-Unis ce qui l’a été là-bas\u00a0: "
    "on ne les additionne ni ne les divise; et les saisies montrent où l’on a cherché.",
)
PUBLISHED: Final = declare(
    "scorecard.blizzard-row",
    en="{drug}, {key}: totals as published",
    fr="{drug}, {key}\u00a0: totaux tels que publiés",
)

CELL: Final = declare(
    "scorecard.cell",
    en="The joint cell on this floor, in the {days} days to {day} and in all: tasks, lookouts and targets "
    "issued, {tasks} and {all_tasks}; outcomes reported, {outcomes} and {all_outcomes}, of them "
    "seizures, arrests and charges, {true} and {all_true}. Leads that stand: {leads}.",
    fr="La cellule conjointe sur ce plateau, dans les {days} jours jusqu’au {day} et en tout\u00a0: "
    "tâches, avis et cibles émis, {tasks} et {all_tasks}; résultats rapportés, {outcomes} et "
    "{all_outcomes}, dont saisies, arrestations et accusations, {true} et {all_true}. Pistes en "
    "cours\u00a0: {leads}.",
)
CELL_BEFORE: Final = declare(
    "scorecard.cell-before",
    en="This floor began on {created}, after {day}: it holds nothing of what the cell did then.",
    fr="Ce plateau a commencé le {created}, après le {day}\u00a0: il ne détient rien de ce que faisait "
    "alors la cellule.",
)
CELL_NO_FLOOR: Final = declare(
    "scorecard.cell-no-floor",
    en="No floor of the joint cell was looked at: nothing here says what it acted on.",
    fr="Aucun plateau de la cellule conjointe n’a été consulté\u00a0: rien ici ne dit sur quoi elle a agi.",
)
