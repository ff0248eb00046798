"""Messages of the desk on a hit, in English and in French.

A sentence is made of pieces: the name that fits, the score, the birth date, the country, and what would clear
the hit. Each combination is one message, so that a stored reason is no more than its id and its parameters.
"""

from enum import StrEnum
from itertools import product
from typing import Final

from watchfloor.core.messages import Message, declare
from watchfloor.desks.listings.evidence import Birth


class Country(StrEnum):
    """Comparison of declared countries. It confirms or clears an identity, and is no part of a score."""

    UNSAID = "unsaid"
    AGREES = "agrees"
    DIFFERS = "differs"


class Clears(StrEnum):
    """Evidence that would clear a hit."""

    DATE = "date"  # a person of whom the list gives a birth date
    PERSON = "person"  # a person of whom it gives none
    BODY = "body"  # an organisation, a ship, an aircraft
    DONE = "done"  # the birth date does already


_Piece = tuple[str, str]

_OPENING: Final[_Piece] = (
    "“{query}” fits “{alias}”, %s of {entity} ({place}, date in force: {in_force}).",
    (
        "« {query} » correspond à « {alias} », %s inscrit pour {entity} "
        "({place}, jour d’entrée en vigueur : {in_force})."
    ),
)
_STRENGTH: Final[dict[str, _Piece]] = {
    "strong": ("a name", "un nom"),
    "weak": (
        "a weak name, which others bear too and which needs a second fact,",
        "un nom faible, que d’autres portent aussi et qui demande un second fait,",
    ),
}
_SCORE: Final[_Piece] = ("Score {score} of 1000: name {name}", "Score {score} sur 1000 : nom {name}")
_PARTS: Final[dict[str, _Piece]] = {
    "weak": ("weak name {weak}", "nom faible {weak}"),
    "common": ("common words {common}", "mots courants {common}"),
    "kind": ("another kind of subject {kind}", "autre genre de sujet {kind}"),
    "birth": ("birth date {birth}", "date de naissance {birth}"),
}
_BIRTH: Final[dict[Birth, _Piece]] = {
    Birth.SAME: ("Birth dates agree: {birth_listed}.", "Les dates de naissance concordent : {birth_listed}."),
    Birth.YEAR: (
        "Birth years agree: {birth_asked}, listed as {birth_listed}.",
        "Les années de naissance concordent : {birth_asked}, inscrite comme {birth_listed}.",
    ),
    Birth.NEAR: (
        "Birth dates are close: {birth_asked}, listed as {birth_listed}.",
        "Les dates de naissance sont proches : {birth_asked}, inscrite comme {birth_listed}.",
    ),
    Birth.OPEN: ("", ""),
    Birth.OTHER: (
        "Birth dates speak against it: {birth_asked}, listed as {birth_listed}.",
        "Les dates de naissance s’y opposent : {birth_asked}, inscrite comme {birth_listed}.",
    ),
}
_COUNTRY: Final[dict[Country, _Piece]] = {
    Country.UNSAID: ("", ""),
    Country.AGREES: (
        "The declared country {country} is one that the list gives; it is no part of the score.",
        "Le pays déclaré {country} figure sur la liste; il n’entre pas dans le score.",
    ),
    Country.DIFFERS: (
        "The list gives {countries}, not the declared country {country}; it is no part of the score.",
        "Le pays déclaré {country} ne figure pas sur la liste ({countries}); il n’entre pas dans le score.",
    ),
}
_CLEARS: Final[dict[Clears, _Piece]] = {
    Clears.DATE: (
        "A birth date that is proven and not {birth_listed} would clear it.",
        "Une date de naissance prouvée autre que {birth_listed} l’écarterait.",
    ),
    Clears.PERSON: (
        "The list gives no birth date: an identity document would clear it.",
        "La liste ne donne aucune date de naissance : une pièce d’identité l’écarterait.",
    ),
    Clears.BODY: (
        "Another registration number, address or owner than the listed one would clear it.",
        "Un numéro d’enregistrement, une adresse ou un propriétaire autres que ceux inscrits l’écarteraient.",
    ),
    Clears.DONE: (
        "If {birth_asked} is proven, this is another person.",
        "Si {birth_asked} est prouvée, il s’agit d’une autre personne.",
    ),
}


def _sentence(language: int, parts: tuple[str, ...], strength: str, rest: tuple[_Piece, ...]) -> str:
    score = ", ".join((_SCORE[language], *(_PARTS[part][language] for part in parts)))
    opening = _OPENING[language] % _STRENGTH[strength][language]
    return " ".join(filter(None, (opening, f"{score}.", *(piece[language] for piece in rest))))


def _declare(strength: str, other_kind: bool, birth: Birth, country: Country, clears: Clears) -> Message:
    shown = {"weak": strength == "weak", "common": True, "kind": other_kind, "birth": birth is not Birth.OPEN}
    parts = tuple(part for part, show in shown.items() if show)
    rest = (_BIRTH[birth], _COUNTRY[country], _CLEARS[clears])
    return declare(
        f"listings.hit.{strength}.{'other-kind' if other_kind else 'kind'}.{birth}.{country}.{clears}",
        en=_sentence(0, parts, strength, rest),
        fr=_sentence(1, parts, strength, rest),
    )


HITS: Final = {
    combination: _declare(*combination)
    for combination in product(("strong", "weak"), (False, True), Birth, Country, Clears)
    if (combination[4] is Clears.DONE) == (combination[2] is Birth.OTHER)
}
"""Messages by strength of the alias, other kind of subject, birth dates, country, and what clears the hit."""

CLEARED = declare("listings.cleared", "by", "day", "name", "instrument", "alias", "why")
"""A hit that a person decided to be another."""

LEFT = declare("listings.left", "name", "alias", "list", "day")
"""A hit that is taken back, because a whole edition does not hold what it rested on."""

REWORDED = declare("listings.reworded", "day", "name", "instrument", "alias")
"""A hit that is taken back, because the item says something else."""

CORRECTED = declare("listings.corrected", "source", "day", "alias", "name")
"""A hit that is taken back, because its feed later said something else under the same report key."""

SAME_NUMBER = declare("listings.same-number", "query", "number", "system", "entity", "place")
"""A number that an assertion about an exporter states."""
