"""What a model says of a declaration and of a day, in English and in French."""

from typing import Final

from watchfloor.records.messages import Message, declare

NAMES: Final = {
    "goods": ("the heading", "la position"),
    "value": ("the declared value", "la valeur déclarée"),
    "mass": ("the declared mass", "la masse déclarée"),
    "unit": ("the value per kilogram", "la valeur par kilogramme"),
    "rate": ("the rate of duty", "le taux de droit"),
    "value digits": ("how round the value is", "l’arrondi de la valeur"),
    "mass digits": ("how round the mass is", "l’arrondi de la masse"),
    "importer": ("the importer", "l’importateur"),
    "consignee": ("the consignee", "le destinataire"),
    "shipper": ("the shipper", "l’expéditeur"),
    "declarant": ("the declarant", "le déclarant"),
    "handler": ("the handler", "le prestataire"),
    "carrier": ("the carrier", "le transporteur"),
    "office": ("the office", "le bureau"),
    "page": ("the seller’s page", "la page du vendeur"),
    "mode": ("the mode of transport", "le mode de transport"),
    "direction": ("the direction", "le sens"),
    "category": ("the category", "la catégorie"),
    "currency": ("the currency", "la monnaie"),
    "code": ("a coded box", "une case codée"),
    "route": ("the route", "la route"),
    "hs2": ("the chapter", "le chapitre"),
    "hs4": ("the heading of four digits", "la position à quatre chiffres"),
    "hs6": ("the heading of six digits", "la position à six chiffres"),
    "departure": ("the country of departure", "le pays de départ"),
    "origin": ("the country of origin", "le pays d’origine"),
    "apart": ("departure elsewhere than at the origin", "un départ hors du pays d’origine"),
    "value & goods": ("the value for such goods", "la valeur pour de telles marchandises"),
    "mass & goods": ("the mass for such goods", "la masse pour de telles marchandises"),
    "unit & goods": (
        "the value per kilogram for such goods",
        "la valeur par kilogramme de telles marchandises",
    ),
    "value & mass": ("the value with the mass", "la valeur et la masse ensemble"),
    "goods & rate": ("the rate for such goods", "le taux pour de telles marchandises"),
    "importer & goods": ("the importer with such goods", "l’importateur de telles marchandises"),
    "importer & shipper": ("the importer with the shipper", "l’importateur et l’expéditeur ensemble"),
    "shipper & goods": ("the shipper with such goods", "l’expéditeur de telles marchandises"),
    "declarant & office": ("the declarant at the office", "le déclarant à ce bureau"),
    "declarant & goods": ("the declarant with such goods", "le déclarant de telles marchandises"),
    "office & goods": ("such goods at the office", "de telles marchandises à ce bureau"),
    "page & handler": ("the seller’s page with the handler", "la page du vendeur et le prestataire ensemble"),
}
"""Inputs, and what contributions are told by, in words."""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _declared(what: str, en: str, fr: str) -> dict[str, Message]:
    """A message for each input."""
    return {
        name: declare(
            f"cargo.model-{what}-{name.replace(' & ', '-').replace(' ', '-')}",
            en=_capital(en.replace("NAME", words[0])),
            fr=_capital(fr.replace("NAME", words[1])),
        )
        for name, words in NAMES.items()
    }


RAISES: Final = _declared(
    "raises",
    "NAME, {value}: {bits} bits more, by past examinations.",
    "NAME, {value} : {bits} bits de plus, selon les examens passés.",
)
"""A contribution upwards."""
LOWERS: Final = _declared(
    "lowers",
    "NAME, {value}: {bits} bits less, by past examinations.",
    "NAME, {value} : {bits} bits de moins, selon les examens passés.",
)
"""A contribution downwards."""
STEADY: Final = _declared(
    "steady",
    "NAME{box} is distributed as when the model was fitted (index {index}; chance explains {chance}).",
    "NAME{box} se répartit comme lors de l’ajustement du modèle (indice {index} ; le hasard explique"
    " {chance}).",
)
"""An input that has not moved."""
MOVED: Final = _declared(
    "moved",
    "NAME{box} is distributed otherwise than when the model was fitted (index {index}; chance explains"
    " {chance}): watch whether findings still follow the scores.",
    "NAME{box} se répartit autrement que lors de l’ajustement du modèle (indice {index} ; le hasard"
    " explique {chance}) : vérifiez que les résultats suivent encore les scores.",
)
"""An input that has moved."""
DRIFTED: Final = _declared(
    "drifted",
    "NAME{box} is no longer distributed as when the model was fitted (index {index}; chance explains"
    " {chance}): fit the model anew.",
    "NAME{box} ne se répartit plus comme lors de l’ajustement du modèle (indice {index} ; le hasard"
    " explique {chance}) : ajustez le modèle de nouveau.",
)
"""An input that has drifted."""

CLEARS: Final = {
    "value": declare(
        "cargo.model-clears-value",
        en="With a declared value of {other} {currency} instead of {now} the chance would be {chance}, which"
        " is below {below}.",
        fr="Avec une valeur déclarée de {other} {currency} au lieu de {now}, la chance serait de {chance},"
        " inférieure à {below}.",
    ),
    "mass": declare(
        "cargo.model-clears-mass",
        en="With a declared mass of {other} kg instead of {now} the chance would be {chance}, which is below"
        " {below}.",
        fr="Avec une masse déclarée de {other} kg au lieu de {now}, la chance serait de {chance},"
        " inférieure à {below}.",
    ),
}
"""What another value would have done. Only what a declarant could have declared otherwise is tried."""
