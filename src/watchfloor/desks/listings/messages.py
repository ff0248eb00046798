"""What the desk says about a hit, in English and in French.

A sentence is made of pieces: the name that fits, the score, the birth date, the country, and what would clear the
hit. Each combination is one message, so that a stored reason needs no more than its id and its parameters.
"""

from enum import StrEnum
from itertools import product
from typing import Final

from watchfloor.desks.listings.evidence import Birth
from watchfloor.records.messages import Message, declare


class Country(StrEnum):
    """What a declared country says. It confirms or clears an identity, and is no part of a score."""

    UNSAID = "unsaid"
    AGREES = "agrees"
    DIFFERS = "differs"


class Clears(StrEnum):
    """What would clear a hit."""

    DATE = "date"  # a person of whom the list gives a birth date
    PERSON = "person"  # a person of whom it gives none
    BODY = "body"  # an organisation, a ship, an aircraft
    DONE = "done"  # the birth date does already


_Pieces = dict[str, tuple[str, str]]

_STRENGTH: Final[_Pieces] = {
    "strong": ("a name", "un nom"),
    "weak": (
        "a weak name, which others bear too and which needs a second fact,",
        "un nom faible, que d'autres portent aussi et qui demande un second fait,",
    ),
}
_BIRTH: Final[_Pieces] = {
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
        "Les dates de naissance s'y opposent : {birth_asked}, inscrite comme {birth_listed}.",
    ),
}
_COUNTRY: Final[_Pieces] = {
    Country.UNSAID: ("", ""),
    Country.AGREES: (
        "The declared country {country} is one that the list gives; it is no part of the score.",
        "Le pays déclaré {country} figure sur la liste ; il n'entre pas dans le score.",
    ),
    Country.DIFFERS: (
        "The declared country {country} is none that the list gives ({countries}), which may help to clear it; "
        "it is no part of the score.",
        "Le pays déclaré {country} ne figure pas sur la liste ({countries}), ce qui peut aider à l'écarter ; "
        "il n'entre pas dans le score.",
    ),
}
_CLEARS: Final[_Pieces] = {
    Clears.DATE: (
        "A birth date that is proven and not {birth_listed} would clear it.",
        "Une date de naissance prouvée autre que {birth_listed} l'écarterait.",
    ),
    Clears.PERSON: (
        "The list gives no birth date: an identity document or the publisher's file would clear it.",
        "La liste ne donne pas de date de naissance : une pièce d'identité ou le dossier de l'éditeur l'écarterait.",
    ),
    Clears.BODY: (
        "Another registration number, address or owner than the listed one would clear it.",
        "Un numéro d'enregistrement, une adresse ou un propriétaire autres que ceux inscrits l'écarteraient.",
    ),
    Clears.DONE: (
        "If {birth_asked} is proven, this is another person.",
        "Si {birth_asked} est prouvée, il s'agit d'une autre personne.",
    ),
}


def _declare(strength: str, birth: Birth, country: Country, clears: Clears) -> Message:
    pieces = (_STRENGTH[strength], _BIRTH[birth], _COUNTRY[country], _CLEARS[clears])
    sentences = []
    for language, (name, *rest) in enumerate(zip(*pieces, strict=True)):
        opening = (
            f"“{{query}}” fits “{{alias}}”, {name} of {{entity}} ({{place}}, in force {{in_force}}).",
            f"« {{query}} » correspond à « {{alias}} », {name} de {{entity}} ({{place}}, en vigueur {{in_force}}).",
        )[language]
        score = (
            "Score {score} of 1000 = name {name} + weak name {weak} + common words {common} + kind {kind} "
            "+ birth date {birth}.",
            "Score {score} sur 1000 = nom {name} + nom faible {weak} + mots courants {common} + genre {kind} "
            "+ date de naissance {birth}.",
        )[language]
        sentences.append(" ".join(filter(None, (opening, score, *rest))))
    return declare(f"listings.hit.{strength}.{birth}.{country}.{clears}", en=sentences[0], fr=sentences[1])


HITS: Final = {
    combination: _declare(*combination)
    for combination in product(("strong", "weak"), Birth, Country, Clears)
    if (combination[3] is Clears.DONE) == (combination[1] is Birth.OTHER)
}
"""Messages by strength of the alias, birth dates, country, and what would clear the hit."""

CLEARED = declare(
    "listings.cleared",
    en="{by} decided on {day} that this is not {name} ({instrument}), listed as “{alias}”: {why}",
    fr="{by} a décidé le {day} que ce n’est pas {name} ({instrument}), inscrit comme « {alias} » : {why}",
)
"""A hit that a person decided to be another."""
