"""Help in place: the words of the screens with what they mean, which headings show as tooltips too."""

from typing import Final
from unicodedata import normalize

import msgspec

from watchfloor.console.endpoints.endpoint import Asker, Endpoint, Nothing
from watchfloor.messages.catalogue import texts


class Term(msgspec.Struct, frozen=True):
    """A word of the screens.

    Attributes:
        key: of the catalogue, which a tooltip names.
        term, means: in the language that was asked for.
        other: the term in the other official language.
    """

    key: str
    term: str
    means: str
    other: str


class Help(msgspec.Struct, frozen=True):
    """The words of the screens, in the order of their alphabet; nothing of the floor is in it."""

    marking: str
    terms: list[Term]


def page(asker: Asker, _: Nothing) -> Help:
    """The glossary: each word of the screens, in both languages, and what it means."""
    french = asker.language == "fr"
    found, start = texts("glossary"), "glossary.means."
    terms = []
    for key in (one.removeprefix(start) for one in found if one.startswith(start)):
        called, means = found[f"glossary.term.{key}"], found[f"{start}{key}"]
        terms.append(Term(key, called[french], means[french], called[not french]))
    return Help("", sorted(terms, key=lambda one: normalize("NFD", one.term)))


ENDPOINTS: Final = (Endpoint("help", "GET", "/help", Nothing, Help, page, page="help.html"),)
