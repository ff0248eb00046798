"""Schemas of parties and listed entities: their words, and what follows from each.

One table; every reader that meets such a word takes its view of it from here.
"""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

Family = Literal["person", "body", "craft"]
"""Things that are never one another: a person, a body of persons, a ship or an aircraft."""


class Schema(NamedTuple):
    """One schema.

    Attributes:
        subject: the type of subject key of what is so called.
        family: which family it is of; None where it may be a person or a body.
        names: what it is called in published data beside its own name, FollowTheMoney's names among them.
        words: what people write in English and French.
    """

    subject: str
    family: Family | None
    names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


SCHEMAS: Final[Mapping[str, Schema]] = {
    "Person": Schema(
        "person",
        "person",
        words=("individual", "personne", "individu", "particulier", "natural person", "p", "i"),
    ),
    "Company": Schema(
        "company",
        "body",
        words=("corporation", "business", "société", "societe", "entreprise", "compagnie", "c"),
    ),
    "Organization": Schema("company", "body", names=("organisation", "publicbody"), words=("org",)),
    "LegalEntity": Schema("company", None, words=("legal entity", "entity", "entité", "entite")),
    "Vessel": Schema("vessel", "craft", words=("ship", "navire", "bateau", "v")),
    "Aircraft": Schema(
        "aircraft", "craft", names=("airplane",), words=("plane", "aéronef", "aeronef", "avion")
    ),
}
"""Every schema by its name."""

BY_NAME: Final[Mapping[str, str]] = {
    name.lower(): schema for schema, about in SCHEMAS.items() for name in (schema, *about.names)
}
"""The schema of each name in published data, in lower case."""

BY_WORD: Final[Mapping[str, str]] = {
    **BY_NAME,
    **{word: schema for schema, about in SCHEMAS.items() for word in about.words},
}
"""The schema of each name and each word that people write, in lower case."""


def family(name: str | None) -> Family | None:
    """The family of what published data calls by that name; None where it does not tell, or is unknown."""
    schema = BY_NAME.get((name or "").lower())
    return SCHEMAS[schema].family if schema else None
