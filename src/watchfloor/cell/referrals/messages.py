"""What a draft of grounds and a release say, in both languages."""

from typing import Final

from watchfloor.records.messages import declare

RELEASE: Final = declare(
    "referrals.release",
    en="A release is not a clearance: it says at most that nothing was found by the means used that day, and "
    "nothing of what else is inside, of who sent it, or of what they send next.",
    fr="Une mainlevée n’est pas un blanc-seing : elle dit tout au plus que rien n’a été trouvé par les "
    "moyens employés ce jour-là, et rien de ce que l’article contient d’autre, de qui l’envoie ni de ce "
    "qu’il enverra ensuite.",
)
NO_RATE: Final = declare(
    "referrals.no-rate",
    en="The share in which nothing was found is no rate of clearance: items were chosen, some were looked at "
    "from outside only, and those that were not examined are not known to be empty.",
    fr="La part où rien n’a été trouvé n’est pas un taux de conformité : les articles ont été choisis, "
    "certains n’ont été vus que de l’extérieur, et on ignore ce que contiennent ceux qui n’ont pas été "
    "examinés.",
)
GOODS: Final = declare(
    "referrals.goods",
    en="Its declaration of {day} says “{goods}”.",
    fr="Sa déclaration du {day} porte « {goods} ».",
)
MASS: Final = declare(
    "referrals.mass", en="Its declared mass is {mass} kg.", fr="Sa masse déclarée est de {mass} kg."
)
VALUE: Final = declare(
    "referrals.value",
    en="Its declared value is {value} {currency}.",
    fr="Sa valeur déclarée est de {value} {currency}.",
)
MORE_LINES: Final = declare(
    "referrals.more-lines",
    en="Its declaration has {count} further {count:line|lines} of goods.",
    fr="Sa déclaration compte {count} {count:autre ligne|autres lignes} de marchandises.",
)
WEIGHED: Final = declare(
    "referrals.weighed",
    en="It weighed {mass} kg on {day}; {declared} kg were declared.",
    fr="Son poids était de {mass} kg le {day}; {declared} kg étaient déclarés.",
)
READ: Final = declare(
    "referrals.read",
    en="On {day} {instrument} ({method}) gave: {result}, {level_words}.",
    fr="Le {day}, {instrument} ({method}) a donné : {result}, {level_words}.",
)
EARLIER: Final = declare(
    "referrals.earlier",
    en="On {day} an earlier item ({document}) was examined, and what was found is: {found_words}. It has in "
    "common with this one: {shared_words}.",
    fr="Le {day}, un article antérieur ({document}) a été examiné, et il s’y trouvait : {found_words}. Il a "
    "en commun avec celui-ci : {shared_words}.",
)
NO_FACT: Final = declare(
    "referrals.no-fact",
    en="Nothing that you may see is recorded of {subject}: the draft is empty, and grounds must come from "
    "what you saw yourself.",
    fr="Rien de ce que vous pouvez voir n’est inscrit au sujet de {subject} : l’ébauche est vide, et les "
    "motifs doivent venir de ce que vous avez vu vous-même.",
)
