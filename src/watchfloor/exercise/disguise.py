"""Disguises: how a listed name turns up in a feed when somebody, or some system, has written it otherwise."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Final

import icu


def as_listed(name: str, random: Random) -> str:  # noqa: ARG001 - every disguise has one form
    """The name as the list has it."""
    return name


def typo(name: str, random: Random) -> str:
    """Two neighbouring letters exchanged inside the longest word."""
    word = max(name.split(), key=len)
    if len(word) < 4:
        return name
    at = random.randrange(1, len(word) - 2)
    return name.replace(word, word[:at] + word[at + 1] + word[at] + word[at + 2 :], 1)


def reordered(name: str, random: Random) -> str:  # noqa: ARG001
    """Family name first, as forms ask for it."""
    *given, family = name.split()
    return f"{family}, {' '.join(given)}" if given else name


def shouted(name: str, random: Random) -> str:  # noqa: ARG001
    """Upper case without accents, as old systems keep names."""
    return str(icu.Transliterator.createInstance("Latin-ASCII; Upper").transliterate(name))


DISGUISES: Final[Mapping[str, Callable[[str, Random], str]]] = {
    "as listed": as_listed,
    "typo": typo,
    "reordered": reordered,
    "upper case": shouted,
}
"""Every disguise by the name that the answer key gives it."""


def suits(disguise: str, name: str, schema: str) -> bool:
    """Whether a disguise makes a name that somebody would really write so."""
    if disguise == "reordered":
        return schema == "Person" and len(name.split()) > 1 and "," not in name
    return True
