"""Settings in TOML files, checked: a wrong one is named with its key and its line."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, TypeVar, get_args, get_type_hints

import msgspec

from watchfloor.formats.base import FormatError

T = TypeVar("T")
Keys = tuple[str, ...]
MOST_PARTS: Final = 100
"""Parts of a dotted key: one of 20,000 takes tomllib four seconds, one of 40,000 four times that."""
_ENDS_KEY: Final = re.compile(r"[=,#\[\]{}]")


class SettingsError(FormatError):
    """A settings file that cannot be used; the message names the file, the line and the key."""


def read_text(path: Path) -> str:
    """The text of a file that a person edits. Raises `SettingsError` where it is no UTF-8, or `OSError`."""
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is no UTF-8 text; save it as one") from error


class Settings:
    """The text of a settings file and what it says. `name` is the file's, for messages."""

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        for number, line in enumerate(text.splitlines(), 1):
            if line.count(".") > MOST_PARTS and max(map(_dots, _ENDS_KEY.split(line))) > MOST_PARTS:
                raise SettingsError(
                    f"{name}, line {number}: a key of more than {MOST_PARTS} parts; shorten it"
                )
        try:
            self.values: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(f"{name}: {error}") from error
        except RecursionError as error:
            raise SettingsError(f"{name}: its brackets are nested too deep; take some away") from error

    def convert(self, value: object, of: type[T], keys: Keys = ()) -> T:
        """`value`, which stands under `keys`, as the msgspec type `of`. Raises `SettingsError`."""
        try:
            return msgspec.convert(value, of)
        except msgspec.ValidationError as error:
            message, _, path = str(error).partition(" - at `$")
            inner = [key for key in re.findall(r"[^.\[\]`]+", path) if not key.isdigit()]
            if unknown := re.search(r"unknown field `(.+)`", message):
                message = "there is no such setting" + nearest(unknown[1], _names(_within(of, inner)))
                inner.append(unknown[1])
            elif (given := re.search(r"Invalid enum value '(.*)'", message)) and inner:
                message += nearest(given[1], _choices(_within(of, inner[:-1]), inner[-1]))
            raise self.wrong((*keys, *inner), message) from error

    def wrong(self, keys: Keys, message: str) -> SettingsError:
        """The error about the setting under `keys`, such as `("feeds", "cargo", "marking")`."""
        line = line_of(self.text, keys)
        place = f"{self.name}, line {line}" if line else self.name
        return SettingsError(f"{place}: {'.'.join(keys)}: {message}" if keys else f"{place}: {message}")


def _dots(text: str) -> int:
    """Return how many dots a text has, of several in a row one."""
    return len(re.findall(r"\.(?!\.)", text))


def line_of(text: str, keys: Keys) -> int:
    """The line that sets the value under `keys`, or the table nearest around it; 0 where there is none."""
    table: Keys = ()
    line_at, depth = 0, 0
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\[?([^\]]+)\]", line):
            path = table = _split(header[1])
        elif key := re.match(r"\s*([^=#]+?)\s*=", line):
            path = (*table, *_split(key[1]))
        else:
            continue
        if keys and not depth and path[: len(keys)] == keys:
            return number
        if path == keys[: len(path)] and len(path) > depth:
            line_at, depth = number, len(path)
    return line_at


def nearest(word: str, words: Iterable[str]) -> str:
    """`; did you mean 'marking'?`, or what there is, where nothing is near."""
    known = sorted(words)
    close = get_close_matches(word, known, 1)
    return f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(known)}"


def _split(dotted: str) -> Keys:
    return tuple(part.strip("\"'") for part in re.findall(r"\"[^\"]*\"|'[^']*'|[^.\s]+", dotted))


def _within(of: type, keys: Iterable[str]) -> type:
    """Return the struct of the settings under some keys; where a key leads to none, that of those before."""
    found = _struct(of) or (of if isinstance(of, type) else type(None))
    for key in keys:
        found = _struct(get_type_hints(found).get(key)) or found
    return found


def _struct(of: Any) -> type | None:
    """Return the struct that a type is, or has within."""
    if isinstance(of, type) and hasattr(of, "__struct_fields__"):
        return of
    return next(filter(None, map(_struct, get_args(of))), None)


def _choices(of: type, name: str) -> Iterator[str]:
    """The words that a setting may be, where its type says so, alone or in a list."""
    types = [get_type_hints(of).get(name)]
    while types:
        inner = get_args(types.pop())
        yield from (one for one in inner if isinstance(one, str))
        types += [one for one in inner if get_args(one)]


def _names(of: type) -> list[str]:
    return (
        [field.encode_name for field in msgspec.structs.fields(of)]
        if hasattr(of, "__struct_fields__")
        else []
    )
