"""Words of `watchfloor cargo waybill`, in both languages."""

from typing import Final

NONE: Final = {
    "en": "No waybill that the guidance is about is in these files.",
    "fr": "Aucune lettre de transport visée par le guide ne se trouve dans ces fichiers.",
}
WELL: Final = {"en": "No rule is broken.", "fr": "Aucune règle n’est enfreinte."}
HEADS: Final = {
    "en": ("waybill", "rule", "what stands there", "demanded", "right would be", "suggests", "clause"),
    "fr": ("lettre", "règle", "ce qui y figure", "exigé", "serait juste", "suggère", "disposition"),
}
OPEN: Final = {
    "en": ("consignment", "answer", "code", "since", "required next", "by", "lifted by", "clause"),
    "fr": ("envoi", "réponse", "code", "depuis", "exigé ensuite", "par", "levé par", "disposition"),
}
RULES: Final = {
    "en": ("rule", "severity", "demanded", "suggests", "clause", "edition", "read"),
    "fr": ("règle", "degré", "exigé", "suggère", "disposition", "édition", "lu"),
}
SUMMARY: Final = {
    "en": "waybills: {:,} in {:,} declarations; with a must broken: {:,}; findings: {:,}",
    "fr": "lettres : {:,} dans {:,} déclarations; avec un « must » enfreint : {:,}; constats : {:,}",
}
LEFT: Final = {
    "en": "; left, being mail, exports, other ways or lines of flight manifests: {:,}",
    "fr": "; laissées, étant du courrier, des exportations, d’autres modes ou des lignes de manifeste : {:,}",
}
REPLACED: Final = {
    "en": "; declarations replaced by a later message of the same document: {:,}",
    "fr": "; déclarations remplacées par un message ultérieur du même document : {:,}",
}
UNLIFTED: Final = {"en": "Not lifted by any later answer", "fr": "Qu’aucune réponse ultérieure ne lève"}
