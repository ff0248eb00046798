"""The sentences that refuse an act on a referral."""

from typing import Final

from watchfloor.records.messages import declare

STALE: Final = declare(
    "referrals.stale",
    en="referral {referral} is no longer as you saw it: you acted on edition {made_on}, and edition "
    "{edition} was made by {by}, {at}: {state_words}{why}. Look at it, and act again.",
    fr="la demande d’examen {referral} n’est plus comme vous l’avez vue : vous avez agi sur l’édition "
    "{made_on}, et l’édition {edition} a été faite par {by}, {at} : {state_words}{why}. Regardez-la, et "
    "agissez de nouveau.",
)
ILLEGAL: Final = declare(
    "referrals.illegal",
    en="referral {referral} is {state_words} (edition {edition}, by {by}, {at}). What may follow: "
    "{may_words}.",
    fr="la demande d’examen {referral} est {state_words} (édition {edition}, par {by}, {at}). Ce qui peut "
    "suivre : {may_words}.",
)
WITHDRAWN: Final = declare(
    "referrals.withdrawn",
    en="referral {referral} was withdrawn by {by}, {at}: {why}. Refer the item anew.",
    fr="la demande d’examen {referral} a été retirée par {by}, {at} : {why}. Faites-en une nouvelle.",
)
SUBJECT: Final = declare(
    "referrals.subject",
    en="{subject!r} cannot be referred: {problem}",
    fr="aucune demande d’examen ne peut porter sur {subject!r} : {problem}",
)
NO_ITEM: Final = declare(
    "referrals.no-item",
    en="{subject} is neither a parcel nor a container; a person, vehicle or vessel is a task",
    fr="{subject} n’est ni un colis ni un conteneur; une personne, un véhicule ou un bâtiment fait l’objet "
    "d’une tâche",
)
NO_WORD: Final = declare(
    "referrals.no-word",
    en="{what_words}: {given!r} is none of {known}",
    fr="{what_words} : {given!r} n’est aucun de {known}",
)
CHANCE: Final = declare(
    "referrals.chance",
    en="the probability of having been chosen is above 0 and at most 1, not {chance}",
    fr="la probabilité d’avoir été choisi est supérieure à 0 et d’au plus 1, non {chance}",
)
OPEN_ALREADY: Final = declare(
    "referrals.open-already",
    en="{subject} is referred already and nothing is said of its end: referral {referral}, by {by}, {at}",
    fr="l’examen de {subject} est déjà demandé et rien n’est dit de sa fin : demande {referral}, par {by}, "
    "{at}",
)
PAST: Final = declare(
    "referrals.past",
    en="the deadline {deadline} is past; give one that is still to come",
    fr="l’échéance {deadline} est passée; donnez-en une qui est à venir",
)
NO_STREAM: Final = declare(
    "referrals.no-stream",
    en="nothing that you may see says whether {subject} is mail and which way it goes; say the mode and the "
    "direction",
    fr="rien de ce que vous pouvez voir ne dit si {subject} est un envoi postal ni dans quel sens il va; "
    "dites le mode et le sens",
)
NO_POWER: Final = declare(
    "referrals.no-power",
    en="no power in the table covers {of_words} that is {direction_words} without more; name the section "
    "that does, or ask counsel: {sections}",
    fr="aucun pouvoir du tableau ne vise d’office : {of_words}, {direction_words}; nommez l’article qui le "
    "vise, ou consultez le contentieux : {sections}",
)
NOT_THAT_POWER: Final = declare(
    "referrals.not-that-power",
    en="{section} does not cover {of_words} that is {direction_words}; those that do: {sections}",
    fr="{section} ne vise pas : {of_words}, {direction_words}; ceux qui le visent : {sections}",
)
NEEDS_GROUNDS: Final = declare(
    "referrals.needs-grounds",
    en="{section} asks for reasonable grounds to suspect before {subject} is opened: state them in the "
    "officer's own words, with the badge number. The draft lists the facts on record. An x-ray, a dog, a "
    "trace or a weighing opens nothing.",
    fr="{section} exige des motifs raisonnables de soupçonner avant d’ouvrir {subject} : énoncez-les dans "
    "les mots de l’agent, avec son numéro d’insigne. L’ébauche énumère les faits inscrits. La radiographie, "
    "le chien, le prélèvement de traces et la pesée n’ouvrent rien.",
)
NEEDS_BADGE: Final = declare(
    "referrals.needs-badge",
    en="grounds are an officer's: give the badge number of whose they are",
    fr="les motifs sont ceux d’un agent : donnez le numéro d’insigne de celui qui les a",
)
SCORE_ALONE: Final = declare(
    "referrals.score-alone",
    en="how an item was ordered is no ground: say in your own words what about it makes you suspect what",
    fr="le classement d’un article n’est pas un motif : dites en vos propres mots ce qui, en lui, vous fait "
    "soupçonner quoi",
)
DRAFT_ALONE: Final = declare(
    "referrals.draft-alone",
    en="these grounds are the draft, unedited. It lists facts; that they make you suspect something, and "
    "what, you must say in your own words.",
    fr="ces motifs sont l’ébauche, telle quelle. Elle énumère des faits; qu’ils vous fassent soupçonner "
    "quelque chose, et quoi, c’est à vous de le dire dans vos mots.",
)
ABOVE_MARKING: Final = declare(
    "referrals.above-marking",
    en="what this adds is marked {marking} and the referral {standing}: every act on it goes to whoever may "
    "see it. Withdraw it and refer anew, marked {marking}.",
    fr="ce qui s’ajoute est coté {marking} et la demande {standing} : tout acte va à qui peut la voir. "
    "Retirez-la et faites-en une nouvelle, cotée {marking}.",
)
NOTHING: Final = declare(
    "referrals.nothing",
    en="nothing is amended: give means, grounds, a deadline or a unit that differs",
    fr="rien n’est modifié : donnez un moyen, des motifs, une échéance ou une unité différents",
)
FOUND_WITHOUT: Final = declare(
    "referrals.found-without",
    en="a finding says what was found, and only a finding does",
    fr="une trouvaille dit ce qui a été trouvé, et elle seule",
)
NO_SUBSTANCE: Final = declare(
    "referrals.no-substance",
    en="{substance!r} is no substance of a finding: a typed key such as substance:cas:437-38-7",
    fr="{substance!r} n’est pas la substance d’une trouvaille : une clé comme substance:cas:437-38-7",
)
NOT_LATE: Final = declare(
    "referrals.not-late",
    en="referral {referral} has time until {deadline}; it is not expired",
    fr="la demande d’examen {referral} court jusqu’au {deadline}; elle n’est pas expirée",
)
NO_DEADLINE: Final = declare(
    "referrals.no-deadline",
    en="a referral has a deadline: until when the item can be held",
    fr="une demande d’examen a une échéance : jusqu’à quand l’article peut être retenu",
)
