"""The mail centre's declarations: what is said to be in a parcel, for whom, and how heavy it is."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from watchfloor.exercise.acts import Act, Declared
from watchfloor.exercise.cast import Cast
from watchfloor.exercise.feeds.base import Observation
from watchfloor.exercise.feeds.nodes import declarations, tables
from watchfloor.exercise.volumes import PARCELS

NAME: Final = "mail-declarations"


def everyday(cast: Cast, count: int) -> Iterator[Act]:
    """Parcels to people, declared as they are; nobody puts them on a scale."""
    acts = declarations.everyday(cast.beside(NAME), count)
    return (act for act in acts if isinstance(act, Declared))


def sees(act: Act) -> Iterator[Observation]:
    """The line of goods, of inbound post; a person who imports has a number of this feed's own."""
    for seen in declarations.sees(act):
        assert isinstance(act, Declared)
        way = {"direction": "inbound", "mode": "post", "destination": "CA", "document": act.parcel}
        yield replace(seen, says={name: _own(value) for name, value in seen.says.items()} | way)


def _own(value: object) -> object:
    if isinstance(value, str) and value.startswith(f"person:{declarations.NAME}:"):
        return value.replace(declarations.NAME, NAME, 1)
    return value


FEED: Final = tables.feed(NAME, "declaration", sees, PARCELS, everyday)
