"""The catalogue of messages in English and French: a TOML file a subject, `key = ["English", "français"]`."""

import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from watchfloor.messages import Language, is_singular, number


class Catalogue:
    """The texts of the program's faces, by dotted key: the table's name, then the key."""

    def __init__(self) -> None:
        self._texts: dict[str, tuple[str, str]] = {}
        for file in sorted(files(__package__).iterdir(), key=lambda file: file.name):
            if file.name.endswith(".toml"):
                for key, pair in _pairs(tomllib.loads(file.read_text("utf-8")), ""):
                    if key in self._texts:
                        raise ValueError(f"{file.name}: {key} is said twice")
                    self._texts[key] = pair

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def every(self) -> frozenset[str]:
        """Return every key."""
        return frozenset(self._texts)

    def both(self, key: str) -> tuple[str, str]:
        """Return the English and the French text of a key. Raises `KeyError`."""
        return self._texts[key]

    def say(self, key: str, language: Language, /, **params: object) -> str:
        """Return a text; that of the key `…_one`, where there is one and `n` is singular in the language.

        Raises:
            KeyError: there is no such key, or a parameter is missing.
        """
        count = params.get("n")
        if isinstance(count, int | float) and f"{key}_one" in self._texts and is_singular(count, language):
            key = f"{key}_one"
        text = self._texts[key][language == "fr"]
        return text.format(**{name: _written(value, language) for name, value in params.items()})

    def word(self, start: str, word: str, language: Language) -> str:
        """Return the text of a word of the records, such as a state; the word itself if it has none."""
        key = f"{start}{word}"
        return self.say(key, language) if key in self._texts else word

    def under(self, prefix: str, language: Language) -> Mapping[str, str]:
        """Return the texts of all keys below a prefix, by the rest of the key: for scripts of a page."""
        start = f"{prefix}."
        return {
            key.removeprefix(start): pair[language == "fr"]
            for key, pair in self._texts.items()
            if key.startswith(start)
        }


def _pairs(table: Mapping[str, Any], above: str) -> Iterator[tuple[str, tuple[str, str]]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _pairs(value, f"{above}{key}.")
        else:
            english, french = value
            yield f"{above}{key}", (str(english), str(french))


def _written(value: object, language: Language) -> object:
    """Write a number as 12,345 in English and 12 345 in French, with spaces that do not break."""
    if isinstance(value, int) and not isinstance(value, bool):
        return number(value, language)
    return value
