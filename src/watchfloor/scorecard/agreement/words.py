"""How agreement stands, in sentences; what a page says in the place of a figure that it withholds."""

from typing import Final

from watchfloor.records.messages import declare

NOT_CALLED: Final = declare(
    "register.not-called",
    en="nobody has asked for agreement yet",
    fr="personne n’a encore demandé d’accord",
)
CALLED: Final = declare(
    "register.called",
    en="{department} was asked on {day}, for an answer by {due}",
    fr="demande faite le {day} ({department}), réponse attendue au plus tard le {due}",
)
OVERDUE: Final = declare(
    "register.overdue",
    en="{department} was asked on {day}; the answer was due on {due} and has not come",
    fr="demande faite le {day} ({department}); la réponse, attendue le {due}, n’est pas venue",
)
OTHER_ATTESTED: Final = declare(
    "register.other-attested",
    en="{department} was asked on {day}; what it attested is not what is shown now",
    fr="demande faite le {day} ({department}); ce qui a été attesté n’est pas ce qui est montré maintenant",
)
ATTESTED: Final = declare(
    "register.attested",
    en="attested for {department} by {person}, {function}, on {day}; a second person has not approved it yet",
    fr="attesté par {person}, {function} ({department}), le {day}; une deuxième personne ne l’a pas "
    "encore approuvé",
)
APPROVED: Final = declare(
    "register.approved",
    en="approved for {department} by {person} on {day}",
    fr="approuvé par {person} ({department}) le {day}",
)
EMBARGOED: Final = declare(
    "register.embargoed",
    en="approved for {department} by {person} on {day}, under embargo until {until}",
    fr="approuvé par {person} ({department}) le {day}, sous embargo jusqu’au {until}",
)
WITHDRAWN: Final = declare(
    "register.withdrawn",
    en="the agreement of {department} was withdrawn on {day}: {why}",
    fr="accord retiré le {day} ({department}) : {why}",
)
LAPSED: Final = declare(
    "register.lapsed",
    en="{department} agreed on {day} to this: {agreed}. What stands now is: {now}. It must be asked again",
    fr="accord donné le {day} ({department}) à ceci : {agreed}. Ce qui est montré maintenant : "
    "{now}. Il faut le redemander",
)
LAPSED_SAME: Final = declare(
    "register.lapsed-same",
    en="{department} agreed on {day} to the same figures on other evidence or in other words ({agreed}, now "
    "{now}). It must be asked again",
    fr="accord donné le {day} ({department}) aux mêmes chiffres, fondés sur d’autres données ou en "
    "d’autres mots ({agreed}, maintenant {now}). Il faut le redemander",
)
LAPSED_DIGEST: Final = declare(
    "register.lapsed-digest",
    en="{department} agreed on {day} to what had the digest {agreed}; what stands now has {now}. It must be "
    "asked again",
    fr="accord donné le {day} ({department}) à ce qui avait l’empreinte {agreed}; ce qui est montré "
    "maintenant a {now}. Il faut le redemander",
)
NOTHING: Final = declare("register.no-figure", en="no figure", fr="aucun chiffre")
MORE: Final = declare("register.more-figures", en="and {count} more", fr="et {count} de plus")
AWAITING: Final = declare(
    "register.awaiting",
    en="awaiting {department}’s agreement",
    fr="accord attendu : {department}",
)
UNDER_EMBARGO: Final = declare(
    "register.under-embargo",
    en="under {department}’s embargo until {until}",
    fr="sous embargo ({department}) jusqu’au {until}",
)
NOT_SURE: Final = declare(
    "register.sure-later",
    en="how sure we are is said with the figure",
    fr="notre degré de certitude est donné avec le chiffre",
)
AND: Final = declare("register.and", en="{one} and {other}", fr="{one} et {other}")
NOT_NEEDED: Final = declare(
    "register.agreement-not-needed",
    en="it has no figure to agree to",
    fr="elle n’a aucun chiffre à approuver",
)
