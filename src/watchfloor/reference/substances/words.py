"""Sentences of the answer, in both languages."""

from watchfloor.records.messages import declare

LISTED = declare(
    "controlled.listed", en="{name} is listed: {citation}.", fr="{name} : inscription ({citation})."
)
UNDER = declare(
    "controlled.under",
    en="The item covers besides: {covers}.",
    fr="L'article vise aussi : {covers}.",
)
ALONE = declare(
    "controlled.alone",
    en="The item names nothing besides: no salts, isomers or derivatives.",
    fr="L'article ne nomme rien d'autre : ni sels, ni isomères, ni dérivés.",
)
SINCE = declare(
    "controlled.since",
    en="In force in this wording since {since}; when it was first controlled this table does not say.",
    fr="En vigueur dans ce libellé depuis le {since}; la date du premier contrôle n'est pas dans ce tableau.",
)
SINCE_REWORDED = declare(
    "controlled.since-reworded",
    en="In force in this wording since {since}, by {by}; the item stood there before in other words.",
    fr="En vigueur dans ce libellé depuis le {since}, par {by} ; l’article existait avant en d’autres mots.",
)
SINCE_BY = declare(
    "controlled.since-by", en="In force since {since}, by {by}.", fr="En vigueur depuis le {since}, par {by}."
)
AFTER = declare(
    "controlled.after",
    en="The stored law is current to {last}; what changed since is not in it.",
    fr="La loi conservée est à jour au {last}; ce qui a changé depuis n'y est pas.",
)
TEMPORARY = declare(
    "controlled.temporary",
    en="{name} is listed: {citation}, temporary, from {since} to {until}.",
    fr="{name} : inscription ({citation}) à titre temporaire, du {since} au {until}.",
)
ENDED = declare(
    "controlled.ended",
    en="{name} was listed, {citation}, until {until} ({why}); it was not in force on {day}.",
    fr="{name} : inscription ({citation}) jusqu'au {until} ({why}); ce n'était pas en vigueur le {day}.",
)
NOT_YET = declare(
    "controlled.not-yet",
    en="{name} is listed, {citation}, since {since}; that wording was not in force on {day}.",
    fr="{name} : inscription ({citation}) depuis le {since}; ce libellé n'était pas en vigueur le {day}.",
)
UNREAD = declare(
    "controlled.unread",
    en="No stored edition speaks for {day}: another wording may have been in force.",
    fr="Aucune version conservée ne porte sur le {day} : un autre libellé pouvait être en vigueur.",
)
EXEMPT = declare(
    "controlled.exempt",
    en="{name} is taken out of item {under}: {citation}. Other law may speak of it.",
    fr="{name} : exclusion de l'article {under} ({citation}). D'autres lois peuvent la viser.",
)
SALT = declare(
    "controlled.salt",
    en="It is a form with {salt}, and the item covers salts.",
    fr="C'est une forme ({salt}), et l'article vise les sels.",
)
SALT_OPEN = declare(
    "controlled.salt-open",
    en="It is a form with {salt}, and the item does not say that it covers salts: a person decides.",
    fr="C'est une forme ({salt}), et l'article ne dit pas qu'il vise les sels : une personne en décide.",
)
LABELLED = declare(
    "controlled.labelled",
    en="It is labelled ({label}); the law does not speak of isotopes, and it is read as the substance.",
    fr="Elle est marquée ({label}); la loi ne parle pas d'isotopes, elle est lue comme la substance.",
)
ISOMER = declare(
    "controlled.isomer",
    en="It is another stereoisomer of {name}, and the item covers isomers.",
    fr="C'est un autre stéréoisomère de {name}, et l'article vise les isomères.",
)
ISOMER_OPEN = declare(
    "controlled.isomer-open",
    en="It is another stereoisomer of {name}, and the item does not say that it covers isomers: a person "
    "decides.",
    fr="C'est un autre stéréoisomère de {name}, et l'article ne dit pas qu'il vise les isomères : une "
    "personne "
    "en décide.",
)
NO_CONFIGURATION = declare(
    "controlled.no-configuration",
    en="The item names no configuration; what was asked has one, and is read as within it.",
    fr="L'article ne nomme pas de configuration; la question en donne une, lue comme comprise.",
)
NOT_STATED = declare(
    "controlled.not-stated",
    en="The item names a configuration, what was asked states none or not all of it: it is read as "
    "possibly that.",
    fr="L'article nomme une configuration, la question n'en donne aucune ou une partie : lue comme pouvant "
    "être celle-là.",
)
UNRESOLVED = declare(
    "controlled.unresolved",
    en="The item names a configuration that the stored structure leaves out: a person decides which it is.",
    fr="L'article nomme une configuration que la structure conservée ne donne pas : une personne décide.",
)
DRAWN = declare(
    "controlled.drawn",
    en="The name is in no table of the law; asked about was its structure, {smiles}.",
    fr="Le nom n'est dans aucun tableau de la loi; la question a porté sur sa structure, {smiles}.",
)
BLOCK = declare(
    "controlled.block",
    en="Only the first block of an InChIKey was given: the skeleton of all its stereoisomers and labelled "
    "forms.",
    fr="Seul le premier bloc d'une InChIKey a été donné : le squelette, pour tous ses stéréoisomères et "
    "formes marquées.",
)
SIGN_UNREAD = declare(
    "controlled.sign-unread",
    en="What the name says of configuration ({stereo}) is not compared with the item's: a SMILES would be.",
    fr="Ce que le nom dit de la configuration ({stereo}) n'est pas comparé à celle de l'article : un SMILES "
    "le serait.",
)
UNWHOLE = declare(
    "controlled.unwhole",
    en="It reads like a SMILES that is not whole: an open ring, or symbols that do not add up.",
    fr="La question se lit comme un SMILES incomplet : un cycle ouvert, ou des symboles qui ne "
    "concordent pas.",
)
WITHIN = declare(
    "controlled.within",
    en="In these words stands {names}, which the law names: ask for it by itself. Whether a mixture, a "
    "preparation or a derivative of it is meant, a person decides.",
    fr="Dans ces mots figure {names}, que la loi nomme : interrogez ce nom seul. S’agit-il d’un mélange, "
    "d’une préparation ou d’un dérivé, une personne en décide.",
)
CANNABIS = declare(
    "controlled.cannabis",
    en="Cannabis is controlled by the Cannabis Act (S.C. 2018, c. 16); item 1 of Schedule II is repealed "
    "(2018, c. 16, s. 204).",
    fr="Le cannabis relève de la Loi sur le cannabis (L.C. 2018, ch. 16); l'article 1 de l'annexe II est "
    "abrogé (2018, ch. 16, art. 204).",
)
SOLVATE = declare(
    "controlled.solvate",
    en="It stands beside water or a solvent ({salt}): it is read as the substance.",
    fr="Elle est accompagnée d'eau ou d'un solvant ({salt}) : elle est lue comme la substance.",
)
DERIVED_OR_SALT = declare(
    "controlled.derived-or-salt",
    en="The name says {word}: a salt, which the item covers, or an ester or another derivative, which it "
    "covers by that word alone.",
    fr="Le nom dit « {word} » : un sel, que l'article vise, ou un ester ou un autre dérivé, qu'il vise par "
    "ce seul mot.",
)
DERIVED = declare(
    "controlled.derived",
    en="The name says {word}: an ester or another derivative, which the item covers by that word alone.",
    fr="Le nom dit « {word} » : un ester ou un autre dérivé, que l'article vise par ce seul mot.",
)
FORMULA = declare(
    "controlled.formula",
    en="It has the formula of {name} and another skeleton; item {item} covers isomers, a word that it does "
    "not "
    "narrow to stereoisomers: a person decides.",
    fr="Elle a la formule de {name} et un autre squelette; l'article {item} vise les isomères, sans se "
    "limiter "
    "aux stéréoisomères : une personne décide.",
)
KEY = declare(
    "controlled.key",
    en="Only the first block of the InChIKey is the item's; the rest does not say whether it differs in "
    "configuration or in isotopes. A SMILES would.",
    fr="Seul le premier bloc de l'InChIKey est celui de l'article; le reste ne dit pas s'il diffère par la "
    "configuration ou par les isotopes. Un SMILES le dirait.",
)
BESIDE = declare(
    "controlled.beside",
    en="Another configuration stands elsewhere: {name}, {what}, {citation}.",
    fr="Une autre configuration figure ailleurs : {name}, {what}, {citation}.",
)
CLASS = declare(
    "controlled.class",
    en="It has the structure of {citation} ({name}).",
    fr="Elle a la structure visée à : {citation} ({name}).",
)
CLASS_OPEN = declare(
    "controlled.class-open",
    en="The Act has no structural words for {name}, item {item}; it has those that the members named there "
    "share, "
    "and a person decides whether it is a derivative or an analogue.",
    fr="La Loi n'a pas de définition structurale pour {name}, article {item}; la substance a la structure "
    "que les "
    "membres nommés partagent, et une personne décide si c'est un dérivé ou un analogue.",
)
FRS = declare(
    "controlled.frs",
    en="It meets the United States' definition of fentanyl-related substances by modification {letters}.",
    fr="Elle répond à la définition américaine des substances liées au fentanyl par modification {letters}.",
)
AGONIST = declare(
    "controlled.agonist",
    en="The item's head speaks of agonists of the receptor, which a structure does not show: a person "
    "confirms.",
    fr="L'intitulé de l'article parle d'agonistes du récepteur, ce qu'une structure ne montre pas : une "
    "personne "
    "confirme.",
)
PHYTO = declare(
    "controlled.phyto",
    en="It is identical to the phytocannabinoid {name}, which item 2 of Schedule II excepts; the Cannabis "
    "Act "
    "(S.C. 2018, c. 16) applies.",
    fr="Elle est identique au phytocannabinoïde {name}, que l'article 2 de l'annexe II excepte; la Loi sur "
    "le "
    "cannabis (L.C. 2018, ch. 16) s'applique.",
)
PHYTO_IF = declare(
    "controlled.phyto-if",
    en="Only if its configuration is that of {name} is it excepted; what was asked does not state it in "
    "full.",
    fr="Elle n'est exceptée que si sa configuration est celle de {name}; la question ne la donne pas en "
    "entier.",
)
ANALOGUE = declare(
    "controlled.analogue",
    en="Item {item} ({name}) covers {covers}, which are no structural definition: a person decides.",
    fr="L'article {item} ({name}) vise : {covers}, ce qui n'est pas une définition structurale : une "
    "personne "
    "décide.",
)
NEAR = declare(
    "controlled.near",
    en="Most alike by structure: {name}, item {item} ({score} of 1 by Morgan fingerprint, {scaffold}).",
    fr="La plus semblable par structure : {name}, article {item} ({score} sur 1 par empreinte de Morgan, "
    "{scaffold}).",
)
NOT_FOUND = declare(
    "controlled.not-found",
    en="Nothing in the stored law was found for it on {day}; that is no proof that it is free. Tried: "
    "{tried}.",
    fr="Rien dans la loi conservée n'a été trouvé pour le {day}; ce n'est pas la preuve qu'elle est libre. "
    "Essayé : {tried}.",
)
SPELLED = declare(
    "controlled.spelled",
    en="Names written like it: {names}.",
    fr="Noms d'écriture semblable : {names}.",
)
MIXTURE = declare(
    "controlled.mixture",
    en="It is a mixture of {count} substances; each is answered.",
    fr="C'est un mélange de {count} substances; chacune a sa réponse.",
)
LINE = declare(
    "controlled.line",
    en="Heading {code} ({edition}): {title}. {residual}",
    fr="Sous-position {code} ({edition}) : {title}. {residual}",
)
HEADING = declare(
    "controlled.heading",
    en="This is the heading of a class: {citation}; a substance is needed to say more.",
    fr="C'est l'intitulé d'une catégorie : {citation}; il faut une substance pour en dire plus.",
)
SIGN = declare(
    "controlled.sign",
    en="The item names the {listed} form; what was asked is the {asked} form.",
    fr="L'article nomme la forme {listed}; la question porte sur la forme {asked}.",
)
LIMIT = declare(
    "controlled.limit",
    en="Precursor Control Regulations, item {item}: class A, maximum quantity {quantity}.",
    fr="Règlement sur les précurseurs, article {item} : catégorie A, quantité maximale {quantity}.",
)
CLASS_B = declare(
    "controlled.class-b",
    en="It is a class B precursor, without a maximum quantity in the Precursor Control Regulations.",
    fr="C'est un précurseur de catégorie B, sans quantité maximale dans le Règlement sur les précurseurs.",
)
SEVERAL = declare(
    "controlled.several",
    en="The name is also that of: {names}.",
    fr="Ce nom est aussi celui de : {names}.",
)
