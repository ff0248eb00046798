"""A feed of an exercise: its everyday acts, what it sees of any act, and how it writes that down."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from watchfloor.core.kinds import Kind
from watchfloor.exercise.acts import Act
from watchfloor.exercise.cast import Cast, Identifier, Party
from watchfloor.exercise.volumes import Volume
from watchfloor.formats.base import Batch

PIECE: Final = 1 << 14
"""Rows that are made into a table at once: a day's rows as a table of Python's values take 2 GB."""


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
    moment = attrgetter("act.at")
    moments = groupby(sorted(seen, key=moment), moment)  # what they say is compared within one alone
    ordered = (one for _, same in moments for one in sorted(same, key=repr))
    return [_row(feed, number, one) for number, one in enumerate(ordered, 1)]


def batches(kind: Kind, rows: Sequence[Row], cells: Callable[[Row], Mapping[str, object]]) -> Iterator[Batch]:
    """Rows as batches of a kind, some at a time; `cells` are the columns of one row, by name."""
    for start in range(0, max(len(rows), 1), PIECE):
        made = [dict(cells(row)) for row in rows[start : start + PIECE]]
        yield Batch(kind, pa.Table.from_pylist(made, schema=kind.body))


def _row(feed: str, number: int, seen: Observation) -> Row:
    key = str(seen.says.get("report_key", f"{feed}-{number:06}"))
    if seen.party is None:
        return Row(key, None, seen)
    of = "person" if seen.party.schema == "Person" else "company"
    return Row(key, f"{of}:{feed}:{number:06}", seen)
