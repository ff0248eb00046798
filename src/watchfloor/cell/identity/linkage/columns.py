"""The field that each column of a table of persons is taken for, by its name or by a mapping file."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from watchfloor.core.protected import is_protected
from watchfloor.formats.base import FormatError
from watchfloor.formats.settings import Settings, nearest, read_text
from watchfloor.formats.tabular.lexicon import plain
from watchfloor.formats.tabular.quantities import spaced


class Vocabulary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file `fields.toml`."""

    fields: dict[str, list[str]]
    words: dict[str, list[str]]


class Column(NamedTuple):
    """The field that a column was taken for; `field` is empty where it is left out, and `why` says why."""

    name: str
    field: str
    why: str = ""


POLICY: Final = "policy"
OTHER: Final = "other-person"
UNKNOWN: Final = "unknown"
SECOND: Final = "second"
EMPTY: Final = "empty"


@cache
def vocabulary() -> Vocabulary:
    """Return the words, read once."""
    data = Path(__file__).with_name("fields.toml").read_bytes()
    return msgspec.toml.decode(data, type=Vocabulary)


@cache
def _fields() -> Mapping[str, str]:
    return {plain(word): field for field, words in vocabulary().fields.items() for word in words}


def columns_of(names: Iterable[str], mapping: Mapping[str, str] | None = None) -> list[Column]:
    """Return what each column is taken for, in the order of the table.

    Args:
        names: the columns' names.
        mapping: field of each column that a mapping file names; it goes before names, never before policy.
    """
    given = mapping or {}
    found: list[Column] = []
    taken = {field for name, field in given.items() if not _protected(name)}
    for name in sorted(names, key=lambda one: _prefix(plain(spaced(one)))[0] != ""):
        field, why = (given[name], "") if name in given else _field(name)
        if _protected(name):
            field, why = "", POLICY
        elif name not in given and field in taken:
            field, why = "", SECOND
        if field:
            taken.add(field)
        found.append(Column(name, field, why))
    order = {name: at for at, name in enumerate(names)}
    return sorted(found, key=lambda one: order[one.name])


def _field(name: str) -> tuple[str, str]:
    words = plain(spaced(name))
    if words in _fields():
        return _fields()[words], ""
    before, rest = _prefix(words)
    if before and rest in _fields() and _fields()[rest] != "id":
        return _fields()[rest], ""
    first = re.sub(r"\d+", "", words).split()
    others = {plain(word) for word in vocabulary().words["others"]}
    return "", OTHER if first and first[0] in others else UNKNOWN


def _prefix(words: str) -> tuple[str, str]:
    """Part a name into whose address it is and the rest; empty where it does not begin so."""
    for own in sorted(map(plain, vocabulary().words["own"]), key=len, reverse=True):
        if words.startswith(f"{own} "):
            return own, words[len(own) + 1 :]
    return "", words


def _protected(name: str) -> bool:
    words = f" {plain(spaced(name))} "
    return is_protected(name) or any(f" {plain(one)} " in words for one in vocabulary().words["left_out"])


def load_mapping(path: Path) -> dict[str, str]:
    """Return the columns that a mapping file names, each with its field.

    The file is TOML, `[columns]`, with a line `field = "column"` or `field = ["column", …]`.

    Raises:
        FormatError: it is no such file, or names a field that there is not.
    """
    file = Settings(read_text(path), path.name)
    found: dict[str, str] = {}
    columns = file.convert(file.values.get("columns", {}), dict[str, str | list[str]], ("columns",))
    for field, names in columns.items():
        if field not in vocabulary().fields:
            raise FormatError(
                f"{path.name}: there is no field {field!r}{nearest(field, vocabulary().fields)}"
            )
        found |= dict.fromkeys([names] if isinstance(names, str) else names, field)
    if not found:
        raise FormatError(f"{path.name} names no column; write [columns] and a line such as family = 'NAME'")
    return found
