"""Words of the papers about exhibits, in both languages."""

from typing import Final

MISSING: Final = {
    "en": "{n} characters that no font draws stand as their numbers, such as {first}",
    "fr": "{n} caractères qu’aucune police ne dessine figurent par leur numéro, comme {first}",
}
WORDS: Final = {
    "en": {
        "title": "Continuity of exhibit {}",
        "exercise": "EXERCISE",
        "exhibit": "Exhibit",
        "what": "taken to be",
        "seized": "seized",
        "law": "power",
        "place": "place",
        "from": "found in",
        "holder": "held by",
        "state": "state",
        "seal": "seal",
        "acts": "Acts, oldest first",
        "at": "when",
        "who": "who",
        "act": "act",
        "said": "particulars",
        "record": "record; position in the log",
        "transfers": "Transfers, each signed by giver and receiver",
        "statement": "statement",
        "signed": "signature",
        "gaps": "What a court should know",
        "no_gaps": "Nothing odd is recorded.",
        "balance": "Mass balance of {} with all its parts (± is the expanded uncertainty, k = 2)",
        "unexplained": "beyond 2 σ, and nobody said why",
        "subtracted": "by subtraction, not weighed since",
        "nothing_left": "nothing is left",
        "colon": ":",
        "analyst": "analyst",
        "document": "document",
        "to": "to",
        "witness": "witness",
        "amount": "counted",
        "packaging": "packaging",
        "readings": "Field readings, presumptive until an analyst says",
        "certificates": "Certificates and reports of analysts (CDSA ss. 45(2), 51)",
        "s51": "A certificate or report is proof of what it states in the absence of evidence to the "
        "contrary "
        "(s. 51(1)); with leave of the court, the other side may require the analyst to attend (s. 51(2)).",
        "proof": "Proof",
        "proof_says": "The log had {size} acts and the root {root} when this was made. Each record above "
        "is proven "
        "to stand in that log by the file of proofs; who has this node’s public key checks it alone.",
        "key": "public key",
        "printed": "made {at} by {by}, for {purpose}, under {authority}",
        "none": "none",
        "none_read": "none",
        "section": "law",
        "result": "result",
        "label": "Label",
        "handling": "Handling",
        "exposed": "If somebody is exposed",
        "why": "why",
        "dangers": "Why",
        "hash": "SHA-256 of the file of proofs",
    },
    "fr": {
        "title": "Continuité de la pièce {}",
        "exercise": "EXERCICE",
        "exhibit": "Pièce",
        "what": "tenue pour",
        "seized": "saisie",
        "law": "fondement juridique",
        "place": "lieu",
        "from": "trouvée dans",
        "holder": "détenue par",
        "state": "état",
        "seal": "scellé",
        "acts": "Actes, du plus ancien au plus récent",
        "at": "quand",
        "who": "qui",
        "act": "acte",
        "said": "détails",
        "record": "enregistrement; position au journal",
        "transfers": "Remises, chacune signée par qui donne et qui reçoit",
        "statement": "énoncé",
        "signed": "signature",
        "gaps": "Ce qu’un tribunal doit savoir",
        "no_gaps": "Rien d’inhabituel n’est inscrit.",
        "balance": "Bilan de masse de {} avec toutes ses parties (± est l’incertitude élargie, k = 2)",
        "unexplained": "au-delà de 2 σ, sans explication",
        "subtracted": "par soustraction, non pesé depuis",
        "nothing_left": "il ne reste rien",
        "colon": "\u00a0:",
        "analyst": "analyste",
        "document": "document",
        "to": "à",
        "witness": "témoin",
        "amount": "compté",
        "packaging": "emballage",
        "readings": "Lectures de terrain, présomptives jusqu’à l’avis d’un analyste",
        "certificates": "Certificats et rapports d’analystes (LRCDAS, par. 45(2), art. 51)",
        "s51": "Sauf preuve contraire, le certificat ou le rapport fait foi de son contenu (par. 51(1)); "
        "avec "
        "l’autorisation du tribunal, l’autre partie peut exiger la présence de l’analyste (par. 51(2)).",
        "proof": "Preuve",
        "proof_says": "Le journal comptait {size} actes et avait la racine {root} quand ceci fut fait. Le "
        "fichier "
        "des preuves montre que chaque enregistrement ci-dessus est dans ce journal; qui a la clé "
        "publique du "
        "nœud le vérifie seul.",
        "key": "clé publique",
        "printed": "fait le {at} par {by}, pour {purpose}, en vertu de {authority}",
        "none": "aucun",
        "none_read": "aucune",
        "section": "droit",
        "result": "résultat",
        "label": "Étiquette",
        "handling": "Manipulation",
        "exposed": "En cas d’exposition",
        "why": "pourquoi",
        "dangers": "Pourquoi",
        "hash": "SHA-256 du fichier des preuves",
    },
}
"""Words of the template."""

GAPS: Final = {
    "en": {
        "heavier": "act {n}: it weighed more than it did, beyond twice the standard uncertainty: {reason}",
        "lighter": "act {n}: it weighed less than it did, beyond twice the standard uncertainty: {reason}",
        "unexplained": "nobody said why",
        "opened": "act {n} ({what}): seal {old} was opened; seal afterwards: {new}",
        "late-application": "act {n}: the application came after the 60 days of s. 24(1)",
        "unsealed": "act {n}: it was under no seal",
        "resealed": "act {n}: seal {old} was broken, seal {new} put on: {why}",
        "carried": "act {n}: submitted to {analyst}; no transfer to anybody is signed after it",
        "offered": "act {n}: offered to {to}, who has not signed",
        "late-entry": "act {n}: written into the log {hours} hours after it was done",
        "redated": "act {n}: {by} corrected the moment of act {wrong}, first given as {first}: {why}",
        "entered-for-receiver": "act {n}: the signature of {to} was entered by {by}",
    },
    "fr": {
        "heavier": "acte {n}\u00a0: elle pesait plus qu’avant, au-delà de deux fois "
        "l’incertitude-type\u00a0: {reason}",
        "lighter": "acte {n}\u00a0: elle pesait moins qu’avant, au-delà de deux fois "
        "l’incertitude-type\u00a0: "
        "{reason}",
        "unexplained": "personne n’a dit pourquoi",
        "opened": "acte {n} ({what})\u00a0: scellé {old} ouvert; scellé ensuite\u00a0: {new}",
        "late-application": "acte {n}\u00a0: la demande est venue après les 60 jours du par. 24(1)",
        "unsealed": "acte {n}\u00a0: elle n’était sous aucun scellé",
        "resealed": "acte {n}\u00a0: scellé {old} brisé, scellé {new} posé\u00a0: {why}",
        "carried": "acte {n}\u00a0: transmise à {analyst}; aucune remise n’est signée ensuite",
        "offered": "acte {n}\u00a0: offerte à {to}, qui n’a pas signé",
        "late-entry": "acte {n}\u00a0: inscrit au journal {hours} heures après avoir été fait",
        "redated": "acte {n}\u00a0: {by} a rectifié le moment de l’acte {wrong}, d’abord donné comme "
        "{first}\u00a0: "
        "{why}",
        "entered-for-receiver": "acte {n}\u00a0: la signature de {to} a été inscrite par {by}",
    },
}
"""What a court should know, by what was odd."""
