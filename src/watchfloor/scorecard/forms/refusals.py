"""The sentences that refuse a department's key or its signed form."""

from typing import Final

from watchfloor.records.messages import declare

NO_DEPARTMENT: Final = declare(
    "register.unknown-department",
    en="there is no department {department}; the codes are {known}",
    fr="il n’y a pas de ministère {department}; les codes sont {known}",
)
BAD_KEY: Final = declare(
    "register.bad-key",
    en="{problem}. Ask for the line that `{command}` prints there",
    fr="clé illisible\u00a0: {problem}. Demandez la ligne qu’y affiche `{command}`",
)
BAD_SECRET: Final = declare(
    "register.bad-secret",
    en="{file} is no secret key of `{command}`: {problem}",
    fr="{file} n’est pas une clé secrète de `{command}`\u00a0: {problem}",
)
UNCHECKED: Final = declare(
    "register.unchecked",
    en="say with --checked how the key of {department} was compared, and with whom: read out by phone, "
    "handed over",
    fr="dites avec --checked comment la clé de {department} a été comparée, et avec qui\u00a0: lue au "
    "téléphone, remise",
)
OTHER_NAME: Final = declare(
    "register.key-of-another",
    en="the key signs as {signer}, not as {department}; `{command}` makes one of the department's name",
    fr="la clé signe au nom de {signer}, non de {department}; `{command}` en fait une au nom du ministère",
)
SHARED: Final = declare(
    "register.shared-key",
    en="that is the key of {other} already; {department} needs one of its own",
    fr="c’est déjà la clé de {other}; il en faut une à {department}",
)
OTHER_KEY: Final = declare(
    "register.other-key",
    en="{department} has another key here, {hash}; if its key has changed, find out why, then `watchfloor "
    "register distrust {department}` first",
    fr="{department} a une autre clé ici, {hash}; si sa clé a changé, sachez d’abord pourquoi, puis "
    "`watchfloor register distrust {department}`",
)
NO_KEY: Final = declare(
    "register.no-key",
    en="{department} has no key here; `watchfloor register trust {department} KEY` enters one",
    fr="{department} n’a pas de clé ici; `watchfloor register trust {department} CLÉ` en inscrit une",
)
REVOKED: Final = declare(
    "register.revoked-key",
    en="the key of {department} was revoked on {day}: {why}; nothing that it signs is taken in",
    fr="la clé de {department} a été révoquée le {day}\u00a0: {why}; rien de ce qu’elle signe n’est accepté",
)
REVOKED_BEFORE: Final = declare(
    "register.revoked-before",
    en="the key {hash} of {department} was revoked before; a revoked key is not entered again: have a new "
    "one made",
    fr="la clé {hash} de {department} a déjà été révoquée; une clé révoquée n’est plus inscrite\u00a0: "
    "faites-en faire une nouvelle",
)
NOT_SIGNED: Final = declare(
    "register.form-not-signed",
    en="the form is not signed by {department}: {problem}",
    fr="le formulaire n’est pas signé par {department}\u00a0: {problem}",
)
NO_FORM: Final = declare(
    "register.no-form",
    en="this is no form of `watchfloor register form`: {problem}",
    fr="ce n’est pas un formulaire de `watchfloor register form`\u00a0: {problem}",
)
REWRITTEN: Final = declare(
    "register.form-rewritten",
    en="the form is not written as `watchfloor register sign` writes it; have it signed with that command",
    fr="le formulaire n’est pas écrit comme l’écrit `watchfloor register sign`; faites-le signer par cette "
    "commande",
)
BAD_VALUE: Final = declare(
    "register.form-bad-value",
    en="{where}: {value} is no number of zero or more; write a number such as 12 or 3.5, or null where "
    "nobody knows",
    fr="{where}\u00a0: {value} n’est pas un nombre égal ou supérieur à zéro; écrivez un nombre comme 12 ou "
    "3.5, ou null si personne ne le sait",
)
NO_VALUE: Final = declare(
    "register.form-empty",
    en="the form says nothing: no value is filled in and no row of a series",
    fr="le formulaire ne dit rien\u00a0: aucune valeur ni aucune ligne d’une série n’y figure",
)
UNFILLED: Final = declare(
    "register.form-unfilled",
    en="{field} is empty: a form says who attests it, by name and function",
    fr="{field} est vide\u00a0: un formulaire dit qui l’atteste, par son nom et sa fonction",
)
BAD_PERIOD: Final = declare(
    "register.form-bad-period",
    en="{where}: {problem}",
    fr="{where}\u00a0: {problem}",
)
FUTURE: Final = declare(
    "register.form-future",
    en="{where}: the period {period} has not ended on {day}; nobody can know its number",
    fr="{where}\u00a0: la période {period} n’est pas terminée le {day}; personne ne peut en connaître le "
    "nombre",
)
SIGNED_LATER: Final = declare(
    "register.form-signed-later",
    en="the form says it was signed on {signed}, which is still to come; its clock is wrong",
    fr="le formulaire dit avoir été signé le {signed}, ce qui est à venir; son horloge est fausse",
)
NOT_THEIRS: Final = declare(
    "register.form-not-theirs",
    en="{line} is asked of {asked}, and the form is {department}'s",
    fr="{line} est demandé à {asked}, et le formulaire est de {department}",
)
OTHER_SERIES: Final = declare(
    "register.form-other-series",
    en="{where}: {series} is no series of {department}; those begin with {prefix}",
    fr="{where}\u00a0: {series} n’est pas une série de {department}; les siennes commencent par {prefix}",
)
OTHER_CALL: Final = declare(
    "register.form-other-call",
    en="the form answers the call {given} for {line}, and the one that stands is {standing}; make the form "
    "anew with `watchfloor register form {line}`",
    fr="le formulaire répond à la demande {given} pour {line}, et celle qui a cours est {standing}; "
    "refaites-le avec `watchfloor register form {line}`",
)
OTHER_FLOOR: Final = declare(
    "register.form-other-floor",
    en="the form was made by {other}, and this is {here}",
    fr="le formulaire a été fait par {other}, et c’est ici {here}",
)
CHANGED: Final = declare(
    "register.form-changed",
    en="{field} is not as it was asked: {given}, not {asked}; only the values, rows, person, function and "
    "note are the department's to fill",
    fr="{field} n’est pas comme il a été demandé\u00a0: {given}, non {asked}; seules les valeurs, les "
    "lignes, la personne, la fonction et la note sont à remplir par le ministère",
)
OLDER: Final = declare(
    "register.form-older",
    en="a form for {line} that was signed later is held already, of {held}; this one is of {given}",
    fr="un formulaire signé plus tard est déjà détenu pour {line}, du {held}; celui-ci est du {given}",
)
TWICE: Final = declare(
    "register.form-row-twice",
    en="{where}: the same series, period, cell and measure as row {other}",
    fr="{where}\u00a0: les mêmes série, période, cellule et mesure que la ligne {other}",
)
NOT_CALLED: Final = declare(
    "register.form-not-called",
    en="nobody has asked {department} for {line}: `watchfloor register call {line}` does, then the form is "
    "made",
    fr="personne n’a interrogé {department} sur {line}\u00a0: `watchfloor register call {line}` le fait, "
    "puis le formulaire se prépare",
)
TOO_LARGE: Final = declare(
    "register.form-too-large",
    en="{file}: {size} bytes; a form has {largest} at most",
    fr="{file}\u00a0: {size} octets; un formulaire en a au plus {largest}",
)
