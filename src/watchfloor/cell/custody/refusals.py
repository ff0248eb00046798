"""Sentences that refuse an act on an exhibit, in both languages."""

from typing import Final

from watchfloor.records.messages import declare

STALE: Final = declare(
    "custody.stale",
    en="exhibit {exhibit} is no longer as you saw it: you acted on edition {made_on}, and edition {edition} "
    "({act_words}) was made by {by}, {at}. Look at it (`watchfloor custody show {exhibit}`) and act again",
    fr="la pièce {exhibit} n’est plus comme vous l’avez vue : vous avez agi sur l’édition {made_on}, et "
    "l’édition {edition} ({act_words}) a été faite par {by}, {at}. Regardez-la "
    "(`watchfloor custody show {exhibit}`) et agissez de nouveau",
)
TAKEN: Final = declare(
    "custody.taken", en="exhibit {exhibit} is there already", fr="la pièce {exhibit} existe déjà"
)
NUMBER_TAKEN: Final = declare(
    "custody.number-taken",
    en="exhibit {other} has the number {number} already; give another, or nobody knows which is meant",
    fr="la pièce {other} porte déjà le numéro {number}; donnez-en un autre, sinon nul ne sait laquelle c’est",
)
SEVERAL_NUMBERED: Final = declare(
    "custody.several-numbered",
    en="{count} exhibits have the number {number}: {ids}; name one by its id",
    fr="{count} pièces portent le numéro {number} : {ids}; nommez-en une par son identifiant",
)
OF_ROOT: Final = declare(
    "custody.of-root",
    en="exhibit {exhibit} was split off: a report under s. {section} is of what was seized, {root}; record "
    "it there",
    fr="la pièce {exhibit} provient d’une division : le rapport selon l’art. {section} porte sur ce qui a "
    "été saisi, {root}; inscrivez-le là",
)
NOWHERE: Final = declare(
    "custody.nowhere",
    en="exhibit {exhibit} was neither seized nor split off: its first act is missing",
    fr="la pièce {exhibit} n’a été ni saisie ni divisée : son premier acte manque",
)
EARLIER: Final = declare(
    "custody.earlier",
    en="exhibit {exhibit} was last acted on {at} ({act_words}); nothing can have been done to it before "
    "that, {given}. Where that moment is wrong, who recorded the act corrects it (`watchfloor custody "
    "redate`)",
    fr="le dernier acte sur la pièce {exhibit} date du {at} ({act_words}); rien ne peut lui avoir été fait "
    "auparavant, {given}. Si ce moment est faux, qui a inscrit l’acte le rectifie (`watchfloor custody "
    "redate`)",
)
REDATED_BEFORE: Final = declare(
    "custody.redated-before",
    en="exhibit {exhibit}: {act_words} followed an act of {at} and cannot have been done before it, {given}",
    fr="pièce {exhibit} : {act_words} a suivi un acte du {at} et ne peut avoir été fait auparavant, {given}",
)
REDATED_AFTER: Final = declare(
    "custody.redated-after",
    en="exhibit {exhibit}: {act_words} came before an act of {at} on its part {part} and cannot have been "
    "done after it, {given}",
    fr="pièce {exhibit} : {act_words} a précédé un acte du {at} sur sa partie {part} et ne peut avoir été "
    "fait après, {given}",
)
NOT_RECORDER: Final = declare(
    "custody.not-recorder",
    en="exhibit {exhibit}: {act_words} was recorded by {recorder}, who alone corrects its moment; {by} may "
    "note what is wrong (`custody note`)",
    fr="pièce {exhibit} : {act_words} a été inscrit par {recorder}, qui seul en rectifie le moment; {by} "
    "peut noter ce qui est faux (`custody note`)",
)
SIGNED_MOMENT: Final = declare(
    "custody.signed-moment",
    en="exhibit {exhibit}: the moment of {act_words} was signed and stays; withdraw the offer and make "
    "another, or note what is wrong (`custody note`)",
    fr="pièce {exhibit} : le moment de {act_words} a été signé et demeure; retirez l’offre et faites-en une "
    "autre, ou notez ce qui est faux (`custody note`)",
)
REPEATED: Final = declare(
    "custody.repeated",
    en="exhibit {exhibit}: {act_words} stands already for {document}, since {day}; it is recorded once",
    fr="pièce {exhibit} : {act_words} est déjà inscrit pour {document}, depuis le {day}; une fois suffit",
)
CLOSED: Final = declare(
    "custody.closed",
    en="exhibit {exhibit} is {state_words} since {at}: {act_words} cannot follow",
    fr="la pièce {exhibit} est {state_words} depuis le {at} : {act_words} ne peut suivre",
)
NOT_HOLDER: Final = declare(
    "custody.not-holder",
    en="exhibit {exhibit} is held by {holder}, not by {by}: {act_words} is for who holds it",
    fr="la pièce {exhibit} est détenue par {holder}, non par {by} : {act_words} revient à qui la détient",
)
OFFERED: Final = declare(
    "custody.on-offer",
    en="exhibit {exhibit} is offered to {to} since {at}; until {to} has signed or the offer is withdrawn, "
    "{act_words} must wait",
    fr="la pièce {exhibit} est offerte à {to} depuis le {at}; tant que {to} n’a pas signé ou que l’offre "
    "n’est pas retirée, {act_words} doit attendre",
)
NO_OFFER: Final = declare(
    "custody.no-offer",
    en="exhibit {exhibit} is offered to nobody; a transfer begins with who holds it: {holder}",
    fr="la pièce {exhibit} n’est offerte à personne; une remise commence par qui la détient : {holder}",
)
TO_ANOTHER: Final = declare(
    "custody.to-another",
    en="exhibit {exhibit} is offered to {to}, not to {given}",
    fr="la pièce {exhibit} est offerte à {to}, non à {given}",
)
TO_SELF: Final = declare(
    "custody.to-self",
    en="exhibit {exhibit} is held by {holder}: it is transferred to somebody else, or not at all",
    fr="la pièce {exhibit} est détenue par {holder} : elle est remise à quelqu’un d’autre, ou pas du tout",
)
NOT_YOURS: Final = declare(
    "custody.not-yours",
    en="the offer of exhibit {exhibit} is between {holder} and {to}; {by} cannot withdraw it",
    fr="l’offre de la pièce {exhibit} est entre {holder} et {to}; {by} ne peut la retirer",
)
OTHER_SEAL: Final = declare(
    "custody.other-seal",
    en="exhibit {exhibit} is recorded under seal {seal}, and you see {given}: do not sign for it. Note "
    "what you "
    "see (`custody note`); who holds it must say what happened",
    fr="la pièce {exhibit} est inscrite sous le scellé {seal}, et vous voyez {given} : ne signez pas. "
    "Notez ce "
    "que vous voyez (`custody note`); qui la détient doit dire ce qui s’est passé",
)
SEALED: Final = declare(
    "custody.sealed",
    en="exhibit {exhibit} is under seal {seal}: {act_words} opens it, so give the number of the new seal",
    fr="la pièce {exhibit} est sous le scellé {seal} : {act_words} l’ouvre, donnez donc le numéro du nouveau "
    "scellé",
)
SEAL_CHANGED: Final = declare(
    "custody.seal-changed",
    en="exhibit {exhibit}: {act_words} leaves the seal {seal} as it is; a new one is put on by sealing",
    fr="pièce {exhibit} : {act_words} laisse le scellé {seal} tel quel; un nouveau se pose par mise sous "
    "scellé",
)
SEAL_USED: Final = declare(
    "custody.seal-used",
    en="seal {seal} is or was on exhibit {other}: a number is used once",
    fr="le scellé {seal} est ou a été sur la pièce {other} : un numéro ne sert qu’une fois",
)
NO_SEAL: Final = declare(
    "custody.no-seal",
    en="exhibit {exhibit} is under no seal; seal it before {act_words}",
    fr="la pièce {exhibit} n’est sous aucun scellé; scellez-la avant : {act_words}",
)
NO_REASON: Final = declare(
    "custody.no-reason",
    en="exhibit {exhibit}: {act_words} needs a reason, in words (--why)",
    fr="pièce {exhibit} : {act_words} demande un motif, en mots (--why)",
)
NEEDS: Final = declare(
    "custody.needs",
    en="exhibit {exhibit}: {act_words} needs {missing_words}",
    fr="pièce {exhibit} : {act_words} demande {missing_words}",
)
BAD_MASS: Final = declare(
    "custody.bad-mass",
    en="a mass is a finite number of grams, 0 or more and no more than a thousand tonnes, with its standard "
    "uncertainty above 0; not {mass} and {error}",
    fr="une masse est un nombre fini de grammes, 0 ou plus et mille tonnes au plus, avec son "
    "incertitude-type au-dessus de 0; pas {mass} et {error}",
)
UNWEIGHED: Final = declare(
    "custody.unweighed",
    en="exhibit {exhibit} was never weighed: weigh it first, or what is taken from it cannot be accounted "
    "for",
    fr="la pièce {exhibit} n’a jamais été pesée : pesez-la d’abord, sinon ce qu’on en prélève ne peut être "
    "comptabilisé",
)
GAINED: Final = declare(
    "custody.gained",
    en="exhibit {exhibit} weighs more than it did: {gain} more than the {before} that should be there, "
    "{sigmas} standard uncertainties. Weigh it again; if it is so, record that by itself, with the reason "
    "(`custody weigh … --why`); it is flagged",
    fr="la pièce {exhibit} pèse plus qu’avant : {gain} de plus que les {before} qui devraient s’y trouver, "
    "{sigmas} incertitudes-types. Repesez-la; si c’est bien le cas, inscrivez-le à part, avec le motif "
    "(`custody weigh … --why`); l’acte est signalé",
)
TOO_MUCH: Final = declare(
    "custody.too-much",
    en="exhibit {exhibit} holds {before}, and {taken} is to be taken from it: weigh it first",
    fr="la pièce {exhibit} contient {before}, et on en prélèverait {taken} : pesez-la d’abord",
)
LEFT_OVER: Final = declare(
    "custody.left-over",
    en="exhibit {exhibit} holds {before}, and its parts weigh {lost} less: something is left. Split it "
    "without --all; if the rest is lost, `custody weigh` it then, with the reason",
    fr="la pièce {exhibit} contient {before}, et ses parties pèsent {lost} de moins : il en reste. "
    "Divisez-la sans --all; si le reste est perdu, pesez-la ensuite (`custody weigh`), avec le motif",
)
NOT_SUBMITTED: Final = declare(
    "custody.not-submitted",
    en="exhibit {exhibit} was not submitted to an analyst by {day} (CDSA s. 45(1)): there is nothing that a "
    "certificate or report under s. 45(2) could be about",
    fr="la pièce {exhibit} n’a pas été transmise à l’analyste au {day} (LRCDAS, par. 45(1)) : il n’y a "
    "rien sur "
    "quoi un certificat ou rapport selon le par. 45(2) pourrait porter",
)
REQUIRED: Final = declare(
    "custody.required",
    en="exhibit {exhibit} is required for a proceeding ({document}): {act_words} must wait until it is "
    "released",
    fr="la pièce {exhibit} est nécessaire à une procédure ({document}) : {act_words} doit attendre "
    "qu’elle soit "
    "libérée",
)
NOT_REQUIRED: Final = declare(
    "custody.not-required",
    en="exhibit {exhibit} is not required for {document}; the proceedings that require it: {documents}",
    fr="la pièce {exhibit} n’est pas nécessaire à {document}; les procédures qui la requièrent : {documents}",
)
SECTION: Final = declare(
    "custody.section",
    en="{law!r} is no provision for that; the provisions are CDSA s. {sections}",
    fr="{law!r} n’est pas une disposition pour cela; les dispositions sont LRCDAS, art. {sections}",
)
APPLIED: Final = declare(
    "custody.applied",
    en="an application for the return of exhibit {exhibit} was made on {day}: s. 25 forfeits only what "
    "nobody "
    "applied for within 60 days; a justice decides (s. 24)",
    fr="une demande de restitution de la pièce {exhibit} a été faite le {day} : l’art. 25 ne confisque "
    "que ce "
    "que personne n’a demandé dans les 60 jours; un juge de paix décide (art. 24)",
)
TOO_SOON: Final = declare(
    "custody.too-soon",
    en="exhibit {exhibit} was seized on {day}; until {last} anybody may apply for its return (s. 24(1)), so "
    "s. 25 forfeits it no sooner than the day after",
    fr="la pièce {exhibit} a été saisie le {day}; jusqu’au {last}, quiconque peut en demander la restitution "
    "(par. 24(1)), l’art. 25 ne la confisque donc pas avant le lendemain",
)
NOT_APPLIED: Final = declare(
    "custody.not-applied",
    en="nobody has applied for the return of exhibit {exhibit}: s. {section} decides on an application",
    fr="personne n’a demandé la restitution de la pièce {exhibit} : l’art. {section} statue sur une demande",
)
FORFEITED: Final = declare(
    "custody.forfeited",
    en="exhibit {exhibit} is forfeited since {day}: {act_words} cannot follow",
    fr="la pièce {exhibit} est confisquée depuis le {day} : {act_words} ne peut suivre",
)
NOT_FORFEITED: Final = declare(
    "custody.not-forfeited",
    en="exhibit {exhibit} is not forfeited; record the forfeiture first, or rely on s. 26",
    fr="la pièce {exhibit} n’est pas confisquée; inscrivez d’abord la confiscation, ou fondez-vous sur "
    "l’art. 26",
)
ONE_WITNESS: Final = declare(
    "custody.one-witness",
    en="exhibit {exhibit}: name somebody else than {by} who saw it destroyed (--witness)",
    fr="pièce {exhibit} : nommez quelqu’un d’autre que {by} qui l’a vu détruire (--witness)",
)
NOT_DISPOSED: Final = declare(
    "custody.not-disposed",
    en="exhibit {exhibit} is held: there is no disposition to report under s. 29 yet",
    fr="la pièce {exhibit} est détenue : il n’y a pas encore de disposition à déclarer selon l’art. 29",
)
CHILDLESS: Final = declare(
    "custody.childless",
    en="exhibit {exhibit} is split into nothing: name each part with its mass",
    fr="la pièce {exhibit} n’est divisée en rien : nommez chaque partie et sa masse",
)
NOT_A_CHILD: Final = declare(
    "custody.not-a-child",
    en="exhibit {exhibit} is said to be split from {parent}, which is not there",
    fr="la pièce {exhibit} proviendrait de {parent}, qui n’existe pas",
)
