"""The sentences that refuse an act on an agreement."""

from typing import Final

from watchfloor.records.messages import declare

NO_LINE: Final = declare(
    "register.no-line",
    en="there is no line or claim {line}{near}; `watchfloor register list` lists them",
    fr="il n’y a ni ligne ni affirmation {line}{near}; `watchfloor register list` les énumère",
)
NOT_ASKED: Final = declare(
    "register.not-their-line",
    en="{line} is no matter of {department}; those whose agreement it needs: {departments}",
    fr="{line} ne relève pas de {department}; ceux dont il faut l’accord\u00a0: {departments}",
)
STALE: Final = declare(
    "register.stale",
    en="the agreement to {line} is no longer as you saw it: you acted on edition {made_on}, and edition "
    "{edition} was made by {by}, {at}. Look at it, and act again",
    fr="l’accord sur {line} n’est plus comme vous l’avez vu\u00a0: vous avez agi sur l’édition {made_on}, et "
    "l’édition {edition} a été faite par {by}, {at}. Regardez-le, et agissez de nouveau",
)
CHANGED: Final = declare(
    "register.changed",
    en="what stands for {line} is no longer what you looked at: it had the digest {looked}, and now has "
    "{now}. Look at it, and act again",
    fr="ce qui est montré pour {line} n’est plus ce que vous avez regardé\u00a0: l’empreinte était {looked}, "
    "elle est maintenant {now}. Regardez-le, et agissez de nouveau",
)
NOT_CALLED: Final = declare(
    "register.call-first",
    en="nobody has asked {department} for {line}; `watchfloor register call {line}` comes first",
    fr="personne n’a interrogé {department} sur {line}; `watchfloor register call {line}` vient d’abord",
)
WITHDRAWN: Final = declare(
    "register.was-withdrawn",
    en="the agreement of {department} to {line} was withdrawn by {by}, {at}: {why}. Call anew",
    fr="l’accord sur {line} ({department}) a été retiré par {by}, {at}\u00a0: {why}. Faites une nouvelle "
    "demande",
)
NOT_ATTESTED: Final = declare(
    "register.attest-first",
    en="nobody of {department} has attested what stands for {line}; an approval is of an attestation",
    fr="personne n’a attesté ce qui est montré pour {line} ({department}); une approbation porte sur une "
    "attestation",
)
OTHER_ATTESTED: Final = declare(
    "register.attested-other",
    en="what {person} attested for {line}, {at}, is not what stands now; it must be attested anew before "
    "anybody approves it",
    fr="ce que {person} a attesté pour {line}, {at}, n’est pas ce qui est montré maintenant; il faut "
    "l’attester de nouveau avant que quelqu’un l’approuve",
)
ONE_PERSON: Final = declare(
    "register.one-person",
    en="{person} attested {line}, typed the attestation or entered the key that signed it; another person "
    "approves",
    fr="{person} a attesté {line}, saisi l’attestation ou inscrit la clé qui l’a signée; une autre personne "
    "approuve",
)
NOTHING_SHOWN: Final = declare(
    "register.nothing-shown",
    en="nothing is shown for {line} that anybody could agree to; a form or a CSV of the department brings "
    "figures",
    fr="rien n’est montré pour {line} à quoi quelqu’un pourrait donner son accord; un formulaire ou un CSV "
    "du ministère apporte des chiffres",
)
PAST: Final = declare(
    "register.deadline-past",
    en="{moment} is past; give one that is still to come",
    fr="{moment} est passé; donnez un moment qui est à venir",
)
UNTIL_OR_LIFT: Final = declare(
    "register.until-or-lift",
    en="say until when with --until, or end the embargo that stands with --lift",
    fr="dites jusqu’à quand avec --until, ou levez l’embargo en vigueur avec --lift",
)
NO_EMBARGO: Final = declare(
    "register.no-embargo",
    en="no embargo stands on {line} that could be lifted",
    fr="aucun embargo ne pèse sur {line} qui pourrait être levé",
)
NOTHING_TO_WITHDRAW: Final = declare(
    "register.nothing-to-withdraw",
    en="nothing was asked or agreed for {line} that could be withdrawn",
    fr="rien n’a été demandé ni convenu pour {line} qui pourrait être retiré",
)
NOTHING_TO_CORRECT: Final = declare(
    "register.nothing-to-correct",
    en="nobody has attested {line} yet; a correction is of an attestation",
    fr="personne n’a encore attesté {line}; une correction porte sur une attestation",
)
ABOVE_MARKING: Final = declare(
    "register.above-marking",
    en="acts on {line} are marked {standing}, and a call marked {marking} would be seen by others than those",
    fr="les actes sur {line} sont cotés {standing}, et une demande cotée {marking} serait vue par d’autres",
)
NO_PERSON: Final = declare(
    "register.no-person",
    en="say who speaks for the department: a name and a function",
    fr="dites qui parle au nom du ministère\u00a0: un nom et une fonction",
)
KEY_REVOKED: Final = declare(
    "register.attested-by-revoked-key",
    en="the key that signed the form for {line} was revoked; have {department} attest it anew",
    fr="la clé qui a signé le formulaire sur {line} a été révoquée; faites-le attester de nouveau "
    "({department})",
)
