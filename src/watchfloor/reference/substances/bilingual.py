"""Sentences in both official languages whose names and citations differ between them."""

import re
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from watchfloor.core.messages import Language, Message
from watchfloor.reference.law.items import Item


class Both(NamedTuple):
    """A word or a name in English and in French."""

    en: str
    fr: str


class Sentence(msgspec.Struct, frozen=True):
    """One sentence, rendered in both languages."""

    message: str
    en: str
    fr: str

    def render(self, language: Language = "en") -> str:
        """The sentence in a language."""
        return self.en if language == "en" else self.fr

    def __str__(self) -> str:
        return self.en


def say(message: Message, **params: object) -> Sentence:
    """A sentence; a parameter that is `Both` is given in its language."""
    if params.keys() != message.parameters:
        wrong = ", ".join(sorted(params.keys() ^ message.parameters))
        raise ValueError(f"message {message.id!r}: parameters missing or unknown: {wrong}")
    texts = (
        template.format(
            **{name: value[at] if isinstance(value, Both) else value for name, value in params.items()}
        )
        for at, template in enumerate((message.en, message.fr))
    )
    return Sentence(message.id, *texts)


def name_of(item: Item) -> Both:
    """The head name of an item; the English one stands for a French one that is not stored."""
    en = item.name or item.key
    return Both(en, item.names_fr[0] if item.names_fr else en)


_EXCEPTION = re.compile(r"/x\d+\b")  # our number of an exception in the words of an item


def citation_of(item: Item) -> Both:
    """How an item is cited in both languages."""
    return Both(*(_EXCEPTION.sub("", item.cited(lang)) for lang in ("en", "fr")))


_FRENCH = {
    "salts": "sels",
    "derivatives": "dérivés",
    "isomers": "isomères",
    "analogues": "analogues",
    "intermediates": "intermédiaires",
    "preparations": "préparations",
    "alkaloids": "alcaloïdes",
    "esters": "esters",
    "ethers": "éthers",
    "plants": "plantes",
    "oils": "huiles essentielles",
    "unassembled": "pièces non assemblées",
}


def covers_of(words: Iterable[str]) -> Both:
    """Return an item's further coverage, as a list of words."""
    kept = sorted(words, key=lambda word: (word.startswith("salts-of"), word))
    english = ", ".join(word.replace("-", " ") for word in kept)
    return Both(english, ", ".join(map(_french, kept)))


def _french(word: str) -> str:
    if word.startswith("salts-of-"):
        return f"sels de ces {_FRENCH.get(word.removeprefix('salts-of-'), word)}"
    return _FRENCH.get(word, word)
