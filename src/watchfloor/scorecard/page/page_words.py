"""Words of the weekly page by their key, such as `front.late`, in both languages; `words.toml` has them."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

from watchfloor.core.messages import Language
from watchfloor.messages import typeset
from watchfloor.scorecard.bilingual import Text, same

FILE: Final = "words.toml"


@cache
def words() -> dict[str, Text]:
    """Every word by `section.name`."""
    text = files(__package__).joinpath(FILE).read_text(encoding="utf-8")
    sections = msgspec.convert(tomllib.loads(text), dict[str, dict[str, Text]])
    return {
        f"{section}.{name}": Text(said.en, typeset(said.fr))
        for section, names in sections.items()
        for name, said in names.items()
    }


def word(key: str, language: Language, **filled: str | int) -> str:
    """Return the text of a key, filled. Raises `KeyError` for a key or a part that is missing."""
    return words()[key][language].format(**filled)


def term(section: str, name: str) -> Text:
    """Return the name of a word of the scorecard's vocabulary; itself where the table has none."""
    return words().get(f"{section}.{name}", same(name))


def in_words(verdict: str) -> Text:
    """A verdict, or the state of a commitment, as it stands within a sentence."""
    known = words()
    found = known.get(f"verdict.{verdict}") or known.get(f"state.{verdict}") or same(verdict)
    return Text(*(text[:1].lower() + text[1:] for text in (found.en, found.fr)))


def headed(head: str, text: str, language: Language) -> str:
    """A head, a colon and a text, spaced as the language has it."""
    return word("page.colon", language, head=head, text=text)
