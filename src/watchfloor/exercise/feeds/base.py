"""A feed of an exercise: its everyday acts, what it sees of any act, and how it writes that down."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from watchfloor.exercise.acts import Act
from watchfloor.exercise.cast import Cast, Identifier, Party
from watchfloor.exercise.volumes import Volume


@dataclass(frozen=True, slots=True)
class Observation:
    """One row of a feed, before it has a number.

    Attributes:
        act: what it is a row of.
        party: who it is about, where it names a party.
        identifiers: what it gives beside the name.
        says: the rest, in the feed's columns.
    """

    act: Act
    party: Party | None
    identifiers: tuple[Identifier, ...]
    says: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A row with the feed's number for it, and the typed key under which a record names its subject."""

    report_key: str
    subject: str | None
    seen: Observation


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed of an exercise.

    Attributes:
        name: as `feeds.toml` has it; the rows' `source`.
        volume: how many everyday acts it has in a day.
        settings: its table in `feeds.toml`.
        everyday: that many acts of people who are in no storyline.
        sees: rows that it makes of any act; none where it is not its business.
        write: put rows, in the order of time, into a folder.
    """

    name: str
    volume: Volume
    settings: str
    everyday: Callable[[Cast, int], Iterator[Act]]
    sees: Callable[[Act], Iterator[Observation]]
    write: Callable[[Path, Sequence[Row]], None]


def numbered(feed: str, seen: Sequence[Observation]) -> list[Row]:
    """Rows in the order of time: their numbers do not tell which are planted. Some say their own key."""
    ordered = sorted(seen, key=lambda one: (one.act.at, repr(one)))
    return [_row(feed, number, one) for number, one in enumerate(ordered, 1)]


def _row(feed: str, number: int, seen: Observation) -> Row:
    key = str(seen.says.get("report_key", f"{feed}-{number:06}"))
    if seen.party is None:
        return Row(key, None, seen)
    of = "person" if seen.party.schema == "Person" else "company"
    return Row(key, f"{of}:{feed}:{number:06}", seen)
