"""Names of columns as people write them: compared in English and French, abbreviations, the words of cells.

The words are those of `columns.toml`; how money moves and what an object is are the lists that payments and
detections have.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import msgspec
from rapidfuzz import fuzz

from watchfloor.formats.tabular import quantities
from watchfloor.formats.tabular.fields import FIELDS
from watchfloor.formats.tabular.lexicon import plain

NEAR: Final = 88
"""Least likeness (0 to 100) of a column's name to a known word."""
_JOINS: Final = frozenset("of the de du des d l la le les a au s et and".split())
_BEHIND: Final = frozenset("of de du des d".split())
"""Words behind which a name only says more: the place of a seizure is a place."""


LONGEST: Final = 500
"""Letters of a column's name that is compared."""
LEAST: Final = 3
"""Letters of a word that another name may hold."""
_EMPTY: Final = frozenset("number nombre code id total type name nom account compte".split())
"""Words that tell nothing beside another: the number of a card is no number of a report."""


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words for columns and cells: `columns.toml` beside this module."""

    given: list[str]
    family: list[str]
    kinds: dict[str, dict[str, list[str]]]
    roles: dict[str, list[str]]
    systems: dict[str, list[str]]
    times: list[str]
    keys: list[str]
    abbreviations: dict[str, str]
    places: dict[str, list[str]]
    identities: dict[str, list[str]]
    values: dict[str, dict[str, list[str]]]


@cache
def words() -> Words:
    """Return the words, read once."""
    path = Path(__file__).with_name("columns.toml")
    return msgspec.toml.decode(path.read_bytes(), type=Words)


def likeness(column: str, called: Iterable[str]) -> float:
    """Return how like a column's name is to one of some words, 0 to 100; below `NEAR` it is not.

    A name that is longer than any of people is compared with nothing: a megabyte takes 16 seconds.
    """
    return _likeness(column, tuple(called)) if len(column) <= LONGEST else 0.0


@lru_cache(maxsize=1 << 14)
def _likeness(column: str, called: tuple[str, ...]) -> float:
    bare = quantities.without_unit(column)
    names = {plain(column), plain(quantities.spaced(column)), plain(bare), plain(quantities.spaced(bare))}
    known = [plain(word) for word in called]
    if names.intersection(known):
        return 100.0
    tokens = written_out(bare)
    if any(set(tokens) == set(one) for word in called if len(" ".join(one := written_out(word))) >= LEAST):
        return 99.0
    long = [word for word in known if len(word) > 4]
    best = max((fuzz.ratio(name, word) for word in long for name in names), default=0.0)
    return max(best, _inside(tokens, bare, called), _inside(written_out(column), column, called))


def _inside(tokens: tuple[str, ...], column: str, called: tuple[str, ...]) -> float:
    """Return how like a name is that holds a known word among others: more, where that is its head."""
    raw = [_written_out(one) for one in _tokens(column)]
    behind = next((at for at, one in enumerate(raw) if at and one in _BEHIND), 0)
    heads = set(raw[:behind]) if behind else {raw[-1], raw[0]} if raw else set()
    last = raw[-1] if raw and not behind else ""  # the head of an English name; a French one has it first
    best = 0.0
    for word in called:
        one = written_out(word)
        if set(one) < set(tokens) and not set(one) <= _EMPTY and len(" ".join(one)) >= LEAST:
            head = bool(heads & set(one))
            if head or len(" ".join(one)) > 4:
                best = max(best, (91.0 if head else 88.0) + min(len(one), 4) / 2 + 0.2 * (last in one))
    return best


def _tokens(name: str) -> list[str]:
    return plain(re.sub(r"#|№|\b[nN][°º]", " number ", quantities.spaced(name))).split()


@lru_cache(maxsize=1 << 13)
def written_out(name: str) -> tuple[str, ...]:
    """Return the words of a name with abbreviations written out, without what only joins them."""
    return tuple(_written_out(one) for one in _tokens(name) if one not in _JOINS)


@cache
def _abbreviations() -> Mapping[str, str]:
    return {plain(short): plain(long) for short, long in words().abbreviations.items()} | {"numero": "number"}


@lru_cache(maxsize=1 << 12)
def _written_out(token: str) -> str:
    long = _abbreviations().get(token, token)
    return long.removesuffix("s") if len(long) > LEAST else long  # most plurals, in both languages


@cache
def cell_words(kind: str, field: str) -> Mapping[str, str]:
    """Return our word for each that cells of a field may hold, plainly written; none for free text."""
    (known,) = (one.words for one in FIELDS[kind] if one.name == field)
    found = {plain(one): one for one in known}
    if not known:
        return found
    for ours, called in words().values.get(field, {}).items():
        if ours in known:
            found.update({plain(one): ours for one in called})
    if field == "means":
        from watchfloor.formats.payments.vocabulary import words as of_payments  # it reads this package

        found = {plain(one): ours for ours, all_ in of_payments().means.items() for one in all_} | found
    if kind == "detection" and field == "class":
        from watchfloor.formats.sensors.detections.vocabulary import CLASS_OF  # the same

        found = {plain(one): ours for one, ours in CLASS_OF.items()} | found
    return found
