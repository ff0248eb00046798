"""What the partnership refuses, in words: each sentence says what is wrong and what to do."""

from typing import Final

from watchfloor.records.messages import declare

NO_CODE: Final = declare(
    "partnership.no-code",
    en="this node has no code of practice {code}; counsel gives one: watchfloor partnership adopt CODE.toml",
    fr="ce nœud n’a pas de code de pratique {code}; le conseiller juridique en donne un : watchfloor "
    "partnership adopt CODE.toml",
)
BAD_CODE: Final = declare(
    "partnership.bad-code", en="the code of practice: {problem}", fr="le code de pratique : {problem}"
)
UNAPPROVED: Final = declare(
    "partnership.unapproved",
    en="the code {code} is not approved by the Privacy Commissioner (SOR/2002-184, s. 163), so nothing "
    "about a person goes under it; write who approved it, when and under which reference into [approval]",
    fr="le code {code} n’est pas approuvé par le Commissaire à la protection de la vie privée "
    "(DORS/2002-184, art. 163), donc rien sur une personne n’est communiqué sous lui; écrivez dans "
    "[approval] qui l’a approuvé, quand et sous quelle référence",
)
NOT_YET: Final = declare(
    "partnership.not-yet",
    en="the code {code} is in force from {since}, and the day is {on}",
    fr="le code {code} est en vigueur à partir du {since}, et nous sommes le {on}",
)
EXPIRED: Final = declare(
    "partnership.code-expired",
    en="the code {code} was in force until {until}, and the day is {on}; apply for approval anew "
    "(SOR/2002-184, s. 167), then adopt the new code",
    fr="le code {code} était en vigueur jusqu’au {until}, et nous sommes le {on}; demandez une nouvelle "
    "approbation (DORS/2002-184, art. 167), puis adoptez le nouveau code",
)
WITHDRAWN: Final = declare(
    "partnership.code-withdrawn",
    en="the code {code} was withdrawn here on {day}: {why}",
    fr="le code {code} a été retiré ici le {day} : {why}",
)
NO_PARTICIPANT: Final = declare(
    "partnership.no-participant",
    en="{name} is not subject to the code {code}; its participants are {participants}",
    fr="{name} n’est pas visé par le code {code}; ses participants sont {participants}",
)
OTHER_KEY: Final = declare(
    "partnership.other-key",
    en="the code {code} names another key of {name} than this node knows; compare keys with a person there",
    fr="le code {code} nomme pour {name} une autre clé que celle connue ici; comparez les clés avec une "
    "personne là-bas",
)
NO_KEY: Final = declare(
    "partnership.no-key",
    en="the code {code} gives {name} the key {key}, which no institution has: write the eight digits between"
    " the plus signs of its public key, or leave the key out",
    fr="le code {code} donne à {name} la clé {key}, qui n’est celle d’aucune institution : écrivez les huit"
    " chiffres entre les signes plus de sa clé publique, ou omettez la clé",
)
OTHER_PURPOSE: Final = declare(
    "partnership.other-purpose",
    en="the code {code} is for {purposes}, not for {purpose}",
    fr="le code {code} sert à {purposes}, non à {purpose}",
)
OTHER_TIER: Final = declare(
    "partnership.other-tier",
    en="the code {code} does not allow {tier}; it allows {tiers}",
    fr="le code {code} ne permet pas {tier}; il permet {tiers}",
)
OTHER_FIELD: Final = declare(
    "partnership.field-not-named",
    en="the code {code} does not name the field {field!r}; it names {fields}",
    fr="le code {code} ne nomme pas le champ {field!r}; il nomme {fields}",
)
BAD_VALUE: Final = declare(
    "partnership.bad-value",
    en="{value!r} is no value of the field {field}, as the code has it: {domain}",
    fr="{value!r} n’est pas une valeur du champ {field}, selon le code : {domain}",
)
TELLS: Final = declare(
    "partnership.tells-of-report",
    en="{word!r} would say that a suspicious transaction report exists; that never goes to a partner "
    "(PCMLTFA s. 8), take it out",
    fr="{word!r} dirait qu’une déclaration d’opération douteuse existe; cela ne va jamais à un partenaire "
    "(LRPCFAT, art. 8), retirez-le",
)
OTHER_IDENTIFIER: Final = declare(
    "partnership.other-identifier",
    en="line {line}: {problem}; the code {code} lets these be matched: {identifiers}",
    fr="ligne {line} : {problem}; le code {code} permet d’apparier ceux-ci : {identifiers}",
)
DOUBLED: Final = declare(
    "partnership.doubled",
    en="line {line}: this subject stands there twice; a set has each once",
    fr="ligne {line} : ce sujet y figure deux fois; un ensemble a chacun une fois",
)
TOO_FEW: Final = declare(
    "partnership.too-few",
    en="a set of {size} is below the code's floor of {least}: so small a set tells of single persons",
    fr="un ensemble de {size} est sous le plancher du code, {least} : il parlerait de personnes précises",
)
TOO_MANY: Final = declare(
    "partnership.oversized",
    en="{size} subjects are more than the code allows at once, {most}; ask for those that the case needs",
    fr="{size} sujets dépassent ce que le code permet à la fois, {most}; demandez ceux que l’affaire exige",
)
QUERIES: Final = declare(
    "partnership.queries-per-day",
    en="{partner} and this node have had {count} {count:query|queries} today, all that the code allows; "
    "wait until tomorrow",
    fr="{partner} et ce nœud ont eu {count} {count:requête|requêtes} aujourd’hui, tout ce que le code "
    "permet; attendez demain",
)
SUBJECTS: Final = declare(
    "partnership.subjects-per-day",
    en="with these there would be {count} {count:subject|subjects} today with {partner}, and the code "
    "allows {most}",
    fr="avec ceux-ci il y aurait {count} {count:sujet|sujets} aujourd’hui avec {partner}, et le code en "
    "permet {most}",
)
SAME: Final = declare(
    "partnership.same-subject",
    en="{count} of the subjects {count:was|were} asked about {most} {most:time|times} in this epoch, all "
    "that the code allows of one; leave {count:it|them} out",
    fr="{count} des sujets {count:a été demandé|ont été demandés} {most} fois dans cette époque, tout ce que "
    "le code permet pour un seul; retirez-{count:le|les}",
)
DAMAGED: Final = declare(
    "partnership.damaged",
    en="{file} is no message of a partner, or was cut or changed on the way: {problem}. Ask for it again",
    fr="{file} n’est pas le message d’un partenaire, ou a été coupé ou changé en route : {problem}. "
    "Redemandez-le",
)
FORGED: Final = declare(
    "partnership.forged",
    en="{file} is refused: {problem}. No key of a peer has signed it as it is",
    fr="{file} est refusé : {problem}. Aucune clé d’un pair ne l’a signé tel quel",
)
OVERSIZED: Final = declare(
    "partnership.message-oversized",
    en="{file} has {size} bytes, and such a message may have {most}; nothing of it was read",
    fr="{file} a {size} octets, et un tel message peut en avoir {most}; rien n’en a été lu",
)
FOR_ANOTHER: Final = declare(
    "partnership.for-another",
    en="{file} is for {to}, and this node is {name}; nothing of it is kept",
    fr="{file} est destiné à {to}, et ce nœud est {name}; rien n’en est gardé",
)
FUTURE: Final = declare(
    "partnership.future",
    en="{file} was made at {at}, which is more than a day ahead; set the clocks",
    fr="{file} a été fait à {at}, plus d’un jour en avance; réglez les horloges",
)
REPLAYED: Final = declare(
    "partnership.replayed",
    en="{file} came before, on {day}, in session {session}; it is taken once. What went back then is written "
    "again by: watchfloor partnership resume {session}",
    fr="{file} est déjà venu, le {day}, dans la séance {session}; il n’est pris qu’une fois. La réponse "
    "d’alors est récrite par : watchfloor partnership resume {session}",
)
UNKNOWN_SESSION: Final = declare(
    "partnership.unknown-session",
    en="{file} belongs to session {session}, which this node does not have with {partner}",
    fr="{file} appartient à la séance {session}, que ce nœud n’a pas avec {partner}",
)
OUT_OF_ORDER: Final = declare(
    "partnership.out-of-order",
    en="{file} is {what}, and session {session} waits for {waits}",
    fr="{file} est {what}, et la séance {session} attend {waits}",
)
OTHER_TERMS: Final = declare(
    "partnership.other-terms",
    en="{file} says another {term} than session {session} began with",
    fr="{file} dit un autre {term} que celui avec lequel la séance {session} a commencé",
)
SESSION_OVER: Final = declare(
    "partnership.session-expired",
    en="session {session} expired on {day}; its secrets are gone, begin another",
    fr="la séance {session} a pris fin le {day}; ses secrets sont détruits, commencez-en une autre",
)
OTHER_CODE: Final = declare(
    "partnership.other-code",
    en="{partner} acts under another code ({theirs}) than this node ({ours}); both must adopt the same file",
    fr="{partner} agit selon un autre code ({theirs}) que ce nœud ({ours}); les deux doivent adopter le même",
)
OTHER_EPOCH: Final = declare(
    "partnership.other-epoch",
    en="{file} is of epoch {theirs}, and it is epoch {ours}; keys of other epochs are gone",
    fr="{file} est de l’époque {theirs}, et nous sommes à l’époque {ours}; les clés des autres sont "
    "détruites",
)
NOTHING_OFFERED: Final = declare(
    "partnership.nothing-offered",
    en="nobody here has offered {partner} a set for {tier} {case}: watchfloor partnership offer",
    fr="personne ici n’a offert à {partner} un ensemble pour {tier} {case} : watchfloor partnership offer",
)
SIZE_CHANGED: Final = declare(
    "partnership.size-changed",
    en="{file} has {size} elements, and its session was opened for {committed}; a set is fixed before it is "
    "sent",
    fr="{file} a {size} éléments, et sa séance a été ouverte pour {committed}; un ensemble est fixé avant "
    "d’être envoyé",
)
BAD_POINT: Final = declare(
    "partnership.bad-point",
    en="{file}: {problem}; an honest partner's program never sends one",
    fr="{file} : {problem}; le programme d’un partenaire honnête n’en envoie jamais",
)
TWICE: Final = declare(
    "partnership.point-twice",
    en="{file} has an element twice; a set has each once",
    fr="{file} a un élément deux fois; un ensemble a chacun une fois",
)
UNPROVED: Final = declare(
    "partnership.unproved-claim",
    en="{file} claims {count} {count:match|matches} that no subject of this node gives; the session ends, "
    "ask how {count:it|they} came about",
    fr="{file} prétend à {count} {count:appariement|appariements} qu’aucun sujet de ce nœud ne donne; la "
    "séance prend fin, demandez d’où {count:il vient|ils viennent}",
)
NO_CASE: Final = declare(
    "partnership.no-case",
    en="matching names a case: its number with --case; tokens of one case fit no other",
    fr="l’appariement nomme une affaire : son numéro avec --case; les jetons de l’une ne vont à nulle autre",
)
NO_SESSION: Final = declare(
    "partnership.no-session",
    en="this node has no session {session!r}; `watchfloor partnership sessions` lists them",
    fr="ce nœud n’a pas de séance {session!r}; `watchfloor partnership sessions` les énumère",
)
SPENT: Final = declare(
    "partnership.epsilon-spent",
    en="in {period} {spent} of ε {most} is spent, and this table would cost {cost}; wait for the next period",
    fr="en {period}, {spent} de ε {most} est dépensé, et ce tableau coûterait {cost}; attendez la période "
    "suivante",
)
NO_COUNTS: Final = declare(
    "partnership.no-counts",
    en="the code {code} has no [counts]: no noisy counts go under it",
    fr="le code {code} n’a pas de [counts] : aucun compte bruité n’est communiqué sous lui",
)
OTHER_CELL: Final = declare(
    "partnership.other-cell",
    en="line {line}: {cell!r} is no cell that the code {code} names",
    fr="ligne {line} : {cell!r} n’est pas une case que nomme le code {code}",
)
BAD_PACK: Final = declare(
    "partnership.bad-pack",
    en="{count} {count:thing keeps|things keep} this from being a pack of typologies: {problem}",
    fr="{count} {count:chose empêche|choses empêchent} que ce soit un lot de typologies : {problem}",
)
OLD_PACK: Final = declare(
    "partnership.old-pack",
    en="{pack} {version} is no newer than {standing}, which is installed",
    fr="{pack} {version} n’est pas plus récent que {standing}, qui est installé",
)
OTHER_MAKER: Final = declare(
    "partnership.other-maker",
    en="the pack {pack} is of {maker}, and this is signed by {signer}; nobody else may supersede it",
    fr="le lot {pack} est de {maker}, et ceci est signé par {signer}; nul autre ne peut le remplacer",
)
PACK_OVER: Final = declare(
    "partnership.pack-expired",
    en="{pack} {version} expired on {until}, and the day is {on}; ask {maker} for a later one",
    fr="{pack} {version} a pris fin le {until}, et nous sommes le {on}; demandez-en un plus récent à {maker}",
)
NO_PACK: Final = declare(
    "partnership.no-pack",
    en="no pack {pack!r} is installed; `watchfloor partnership packs` lists them",
    fr="aucun lot {pack!r} n’est installé; `watchfloor partnership packs` les énumère",
)
OTHER_CASE_KEY: Final = declare(
    "partnership.other-case-key",
    en="{file}: {problem}; agree with {partner} which bank leads the case {case}, and name a new case",
    fr="{file} : {problem}; convenez avec {partner} quelle banque mène l’affaire {case}, et nommez-en une "
    "autre",
)
OTHER_TABLE: Final = declare(
    "partnership.other-table",
    en="{file}: the table of {partner} is not what it says: {problem}; ask again, and call if it recurs",
    fr="{file} : le tableau de {partner} n’est pas ce qu’il dit : {problem}; redemandez, et appelez si cela "
    "se répète",
)
OTHER_TOKENS: Final = declare(
    "partnership.other-tokens",
    en="{file} tells of {count} {count:token|tokens} that this node has not claimed; nothing of it is kept",
    fr="{file} parle de {count} {count:jeton|jetons} que ce nœud n’a pas {count:réclamé|réclamés}; rien "
    "n’en est "
    "gardé",
)
NO_RESULT: Final = declare(
    "partnership.no-result",
    en="session {session} has no result yet: it waits for {waits}",
    fr="la séance {session} n’a pas encore de résultat : elle attend {waits}",
)
NO_REPLY: Final = declare(
    "partnership.no-reply",
    en="session {session} has no message of this node that could be written again; it is {state}",
    fr="la séance {session} n’a aucun message de ce nœud à récrire; elle est {state}",
)
GONE: Final = declare(
    "partnership.sealed-gone",
    en="the sealed files of {session} are gone with their epoch, or this floor was restored from a backup, "
    "which has none; begin another",
    fr="les fichiers scellés de {session} ont disparu avec leur époque, ou ce lieu vient d’une sauvegarde, "
    "qui n’en a pas; commencez-en une autre",
)
