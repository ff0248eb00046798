"""The catalogue of messages in English and French: a TOML file a subject, `key = ["English", "français"]`.

A key begins with its subject. What a desk says lies in the desk's folder, in `messages.toml`.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Formatter
from typing import Any, Final

from watchfloor.messages import Language, figures, is_singular, number, typeset

Pair = tuple[str, str]
"""A text in English and in French."""


@cache
def subjects() -> Mapping[str, Traversable]:
    """Return the file of each subject; it is read when a text of it is asked for."""
    below = {
        file.name.removesuffix(".toml"): file
        for file in files(__package__).iterdir()
        if file.name.endswith(".toml")
    }
    for desk in (files("watchfloor") / "desks").iterdir():
        if (file := desk / "messages.toml").is_file():
            below[desk.name] = file
    return below


@cache
def texts(subject: str) -> Mapping[str, Pair]:
    """Return the texts of a subject by key; none of a subject that nobody knows. Raises `ValueError`."""
    file = subjects().get(subject)
    return dict(_pairs(tomllib.loads(file.read_text("utf-8")), "")) if file else {}


def find(key: str) -> Pair | None:
    """Return the text of a key in both languages, or None."""
    return texts(key.partition(".")[0]).get(key)


class Catalogue:
    """The texts of the program's faces, by dotted key."""

    def __contains__(self, key: str) -> bool:
        return find(key) is not None

    def every(self) -> frozenset[str]:
        """Return every key."""
        return frozenset(key for subject in subjects() for key in texts(subject))

    def both(self, key: str) -> Pair:
        """Return the English and the French text of a key. Raises `KeyError`."""
        if (pair := find(key)) is None:
            raise KeyError(key)
        return pair

    def say(self, key: str, language: Language, /, **params: object) -> str:
        """Return a text; that of the key `…_one`, where there is one and `n` is singular in the language.

        Raises:
            KeyError: there is no such key, or a parameter is missing.
        """
        count = params.get("n")
        if isinstance(count, int | float) and f"{key}_one" in self and is_singular(count, language):
            key = f"{key}_one"
        text = self.both(key)[language == "fr"]
        return _FORMATTERS[language].vformat(
            text, (), {name: _written(value, language) for name, value in params.items()}
        )

    def word(self, start: str, word: str, language: Language) -> str:
        """Return the text of a word of the records, such as a state; the word itself if it has none."""
        key = f"{start}{word}"
        return self.say(key, language) if key in self else word

    def words(self, start: str, words: str, language: Language) -> str:
        """Return the texts of words with commas between them, such as a strength of two parts."""
        return ", ".join(self.word(start, word, language) for word in words.split(", "))

    def under(self, prefix: str, language: Language) -> Mapping[str, str]:
        """Return the texts of all keys below a prefix, by the rest of the key: for scripts of a page."""
        start = f"{prefix}."
        return {
            key.removeprefix(start): pair[language == "fr"]
            for key, pair in texts(prefix.partition(".")[0]).items()
            if key.startswith(start)
        }


class _French(Formatter):
    """Writes the decimals that a text asks for, such as `{value:.1%}`, with a comma."""

    def format_field(self, value: object, format_spec: str) -> str:
        written = str(super().format_field(value, format_spec))
        return figures(written, "fr") if isinstance(value, float) else written


_FORMATTERS: Final = {"en": Formatter(), "fr": _French()}


def _pairs(table: Mapping[str, Any], above: str) -> Iterator[tuple[str, Pair]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _pairs(value, f"{above}{key}.")
        else:
            english, french = value
            if not (english.strip() and french.strip()):
                raise ValueError(f"{above}{key} needs a text in English and in French")
            yield f"{above}{key}", (english, typeset(french))


def _written(value: object, language: Language) -> object:
    """Write a number as 12,345 in English and 12 345 in French, with spaces that do not break."""
    if isinstance(value, int) and not isinstance(value, bool):
        return number(value, language)
    return value
