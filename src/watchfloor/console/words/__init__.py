"""The interface in English and French: one TOML file a page, `key = ["English", "français"]` in tables."""

import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from watchfloor.messages import is_singular, number
from watchfloor.records.messages import Language


class Words:
    """Every word of the interface, by dotted key: the table's name, then the key."""

    def __init__(self) -> None:
        self._said: dict[str, tuple[str, str]] = {}
        for file in sorted(files(__package__).iterdir(), key=lambda file: file.name):
            if file.name.endswith(".toml"):
                for key, pair in _pairs(tomllib.loads(file.read_text("utf-8")), ""):
                    if key in self._said:
                        raise ValueError(f"{file.name}: {key} is said twice")
                    self._said[key] = pair

    def __contains__(self, key: str) -> bool:
        return key in self._said

    def every(self) -> frozenset[str]:
        """Every key."""
        return frozenset(self._said)

    def both(self, key: str) -> tuple[str, str]:
        """What a key says in English and in French. Raises `KeyError`."""
        return self._said[key]

    def say(self, key: str, language: Language, **params: object) -> str:
        """What a key says; its key `…_one`, where there is one and `n` is singular in the language.

        Raises:
            KeyError: there is no such key, or a parameter is missing.
        """
        count = params.get("n")
        if isinstance(count, int | float) and f"{key}_one" in self._said and is_singular(count, language):
            key = f"{key}_one"
        text = self._said[key][language == "fr"]
        return text.format(**{name: _written(value, language) for name, value in params.items()})

    def of(self, start: str, word: str, language: Language) -> str:
        """What is said of a word of the records, such as a state; the word itself where nothing is."""
        key = f"{start}{word}"
        return self.say(key, language) if key in self._said else word

    def under(self, prefix: str, language: Language) -> Mapping[str, str]:
        """What all keys below a prefix say, by the rest of the key: for scripts of a page."""
        start = f"{prefix}."
        return {
            key.removeprefix(start): pair[language == "fr"]
            for key, pair in self._said.items()
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
    """A number as it is written: 12,345 in English, 12 345 in French with spaces that do not break."""
    if isinstance(value, int) and not isinstance(value, bool):
        return number(value, language)
    return value
