"""Answers as text: the label and the value of each field, in the words of the catalogue."""

from collections.abc import Hashable, Iterable
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, get_args

from msgspec import structs

from watchfloor.actions.base import WORDS, Answer, annotation_of
from watchfloor.cell.acts import minute
from watchfloor.core.messages import Language
from watchfloor.messages.catalogue import Catalogue


class AnswerText:
    """Writes answers in a language."""

    def __init__(self, language: Language, catalogue: Catalogue | None = None) -> None:
        self._catalogue, self._language = catalogue or Catalogue(), language

    def say(self, key: str, /, **params: object) -> str:
        """Return a text of the catalogue; empty for no key."""
        return self._catalogue.say(key, self._language, **params) if key else ""

    def sentence(self, key: str, answer: Answer) -> str:
        """Return a text of the catalogue with the answer's fields as its parameters.

        `{if_flags}` is the text `clause.flags` if there are flags, and empty if there are none.
        """
        starts = {field.name: prefix(field.type) for field in structs.fields(answer)}
        cells = {name: self._cell(answer, name, start) for name, start in starts.items()}
        clauses = {
            f"if_{name}": self.say(f"clause.{name}", **cells) if cell else ""
            for name, cell in cells.items()
            if f"clause.{name}" in self._catalogue
        }
        return self.say(answer.done(key), **cells, **clauses)

    def position(self, position: int) -> str:
        """Return the sentence that tells the position of an act in the log; it is there to be copied."""
        return self.say("acts.position", position=str(position))

    def empty(self, key: str, answer: Answer) -> str:
        """Return the text of an empty list on a terminal, which may name an option."""
        command = f"{key}_command"
        return self.sentence(command if command in self._catalogue else key, answer)

    def cells(self, row: Any, columns: Iterable[str] = ()) -> list[tuple[str, str, str]]:
        """Return name, label and text of each column of an answer, or of each field of a data class."""
        if is_dataclass(row):
            texts = type(row).__name__.lower()
            starts = {field.name: f"{texts}.{field.name}_" for field in fields(row)}
            names = columns or starts
        else:
            starts = {field.name: prefix(field.type) for field in structs.fields(row)}
            texts, names = row.texts, columns or row.columns
        return [
            (name, self._word(f"{texts}.", name), self._cell(row, name, starts.get(name, "")))
            for name in names
        ]

    @staticmethod
    def is_list(answer: Answer, name: str) -> bool:
        """Return whether a field lists rows, which need a table of their own."""
        value = getattr(answer, name)
        first = value[0] if isinstance(value, list) and value else None
        return isinstance(first, Answer) or is_dataclass(first)

    def _cell(self, row: Any, name: str, start: str) -> str:
        value = getattr(row, name)
        if value is None and isinstance(row, Answer):
            return self.say(row.nothing(name))
        return self._written(value, start)

    def _part(self, value: Any, start: str) -> str:
        return "; ".join(map(str, value)) if isinstance(value, list) else self._written(value, start)

    def _word(self, start: str, word: str) -> str:
        return self._catalogue.word(start, word, self._language)

    def _written(self, value: Any, start: str) -> str:
        match value:
            case None:
                return ""
            case datetime():
                return minute(value)
            case bool():
                return self.say("common.yes" if value else "common.no")
            case dict():
                parts = {self._word(start, key): self._part(each, start) for key, each in value.items()}
                colon = " :" if self._language == "fr" else ":"
                return "\n".join(f"{key}{colon} {part}" for key, part in parts.items() if part)
            case list() | tuple():
                return ", ".join(self._written(each, start) for each in value)
            case str():
                return self._word(start, value) if start else value
            case _:
                return str(value)


@cache
def prefix(of: Hashable) -> str:
    """Return where the catalogue has the words of a field, also of what it lists; see `base.words`."""
    bare, meta = annotation_of(of)
    if meta:
        return str((meta.extra or {}).get(WORDS, ""))
    return next(filter(None, map(prefix, get_args(bare))), "")
