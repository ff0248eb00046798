"""Answers as text: the label and the value of each field, in the words of the catalogue."""

from collections.abc import Hashable, Iterable
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, get_args

from msgspec import structs

from watchfloor.actions.base import WORDS, Answer, annotation_of
from watchfloor.cell.acting.acts import minute
from watchfloor.messages.catalogue import Catalogue
from watchfloor.records.messages import Language


class AnswerText:
    """Writes answers in a language."""

    def __init__(self, language: Language, catalogue: Catalogue | None = None) -> None:
        self._catalogue, self._language = catalogue or Catalogue(), language

    def say(self, key: str, **params: object) -> str:
        """Return a text of the catalogue; empty for no key."""
        return self._catalogue.say(key, self._language, **params) if key else ""

    def sentence(self, key: str, answer: Answer) -> str:
        """Return a text of the catalogue with the answer's fields as its parameters."""
        cells = self.cells(answer, structs.asdict(answer))
        return self.say(answer.done(key), **{name: cell for name, _, cell in cells})

    def cells(self, row: Any, columns: Iterable[str] = ()) -> list[tuple[str, str, str]]:
        """Return name, label and text of each column of an answer, or of each field of a data class."""
        if is_dataclass(row):
            types: dict[str, Any] = {field.name: field.type for field in fields(row)}
            texts = type(row).__name__.lower()
        else:
            types, texts = {field.name: field.type for field in structs.fields(row)}, row.texts
        names = columns or getattr(row, "columns", types)
        return [
            (name, self._word(f"{texts}.", name), self._written(getattr(row, name), prefix(types[name])))
            for name in names
        ]

    @staticmethod
    def is_list(answer: Answer, name: str) -> bool:
        """Return whether a field lists rows, which need a table of their own."""
        value = getattr(answer, name)
        first = value[0] if isinstance(value, list) and value else None
        return isinstance(first, Answer) or is_dataclass(first)

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
                named = ((self._word(start, key), "; ".join(each)) for key, each in value.items() if each)
                return "\n".join(f"{key}: {each}" for key, each in named)
            case list() | tuple():
                return ", ".join(self._written(each, start) for each in value)
            case str():
                return self._word(start, value)
            case _:
                return str(value)


@cache
def prefix(of: Hashable) -> str:
    """Return where the catalogue has the words of a field, also of what it lists; see `base.words`."""
    bare, meta = annotation_of(of)
    if meta:
        return str((meta.extra or {}).get(WORDS, ""))
    return next(filter(None, map(prefix, get_args(bare))), "")
