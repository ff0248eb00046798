"""Indicators one by one, as definitions that a pack of typologies may hold.

A file of `typologies/` has many; a definition is the same text of one, without the heading `[[indicator]]`.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Final

from watchfloor.desks.finance.typologies import typology
from watchfloor.desks.finance.typologies.typology import GROUPS, Indicator, TypologyError, alerts

HEADING: Final = re.compile(r"^\[\[indicator\]\]$", re.MULTILINE)
TABLE: Final = re.compile(r"^\[indicator\.", re.MULTILINE)
SECTION: Final = re.compile(r"^\[(?=\w)", re.MULTILINE)


class UnknownIndicatorError(ValueError):
    """A word that is the id of no indicator."""


def of_catalogue(ids: Iterable[str] | None = None) -> dict[str, str]:
    """The text of each indicator of this program, by the name of its file, `GROUP.ID.toml`.

    Args:
        ids: which; None: all.

    Raises:
        UnknownIndicatorError: there is none of that id.
    """
    every = {name: (id_, text) for group in GROUPS for name, id_, text in _definitions(group)}
    wanted = None if ids is None else set(ids)
    if unknown := (wanted or set()) - {id_ for id_, _ in every.values()}:
        raise UnknownIndicatorError(
            f"there is no indicator {min(unknown)!r}; `watchfloor finance indicators` lists them"
        )
    return {name: text for name, (id_, text) in every.items() if wanted is None or id_ in wanted}


def read(texts: Mapping[str, str]) -> tuple[list[Indicator], dict[str, str]]:
    """The indicators of definitions, such as those of a pack, and of what is none why, by the file's name.

    What is measured of an indicator of the same id and text here is not known of it, and left out.
    """
    found: list[Indicator] = []
    unread: dict[str, str] = {}
    sources = frozenset(alerts())
    for name, text in texts.items():
        group = name.partition(".")[0]
        try:
            found += typology.read(_nested(text), name, group if group in GROUPS else GROUPS[-1], sources)
        except TypologyError as error:
            unread[name] = str(error)
    ids = [one.id for one in found]
    if twice := next((id_ for id_ in ids if ids.count(id_) > 1), None):
        raise TypologyError(f"the indicator {twice!r} is defined twice")
    return found, unread


def _definitions(group: str) -> Iterable[tuple[str, str, str]]:
    text = (files("watchfloor.desks.finance") / "typologies" / f"{group}.toml").read_text("utf-8")
    for part in HEADING.split(text)[1:]:
        one = TABLE.sub("[", part.strip()) + "\n"
        id_ = str(tomllib.loads(one)["id"])
        yield f"{group}.{id_}.toml", id_, one


def _nested(text: str) -> str:
    """A definition as a file of `typologies/` has it, a line further down."""
    return "[[indicator]]\n" + SECTION.sub("[indicator.", text)
