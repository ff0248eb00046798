"""Tables that officers are mapping: dropped, tried in one way after the other, and then taken in or let go.

A table is its officer's alone. It lies among the uploads, is found by a name that nobody can guess, and goes
when it is done with, after an hour without use, with the officer's ninth, or with the console.
"""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from watchfloor.formats.tabular.mapping import Mapping
from watchfloor.formats.tabular.propose import Proposal
from watchfloor.formats.tabular.trial import Table, Trial

IDLE: Final = 3600.0
"""Seconds after which a table that nobody looks at goes."""
MOST: Final = 8
"""Tables of one officer."""


@dataclass(slots=True)
class Mapped:
    """A table, and how it is being mapped.

    Attributes:
        id: its name in addresses.
        by: whose it is.
        name: of the file; `size`: in bytes; `path`: where it lies.
        found: its columns and first rows.
        mapping: as it stands.
        proposal: that it began with.
        trial: what it makes of the table; None: it is not complete.
        problem: why it cannot be tried.
        feed: that the table comes from, where that is known.
        pieces: in quarantine that it is made of; none: it is a file of its own.
        marking: of those pieces.
    """

    by: str
    name: str
    size: int
    path: Path
    found: Table
    mapping: Mapping
    proposal: Proposal | None = None
    trial: Trial | None = None
    problem: str = ""
    feed: str = ""
    pieces: tuple[int, ...] = ()
    marking: str = ""
    id: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    used: float = 0.0


class Tables:
    """The tables of a console; for any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._tables: dict[str, Mapped] = {}
        self._clock, self._guard = clock, threading.Lock()

    def add(self, one: Mapped) -> None:
        """Keep a table; what is too old goes."""
        with self._guard:
            one.used = self._clock()
            self._tables[one.id] = one
            mine = sorted((each for each in self._tables.values() if each.by == one.by), key=lambda e: e.used)
            old = [each for each in self._tables.values() if one.used - each.used > IDLE]
            for each in [*old, *mine[:-MOST]]:
                self._forget(each)

    def get(self, name: str, by: str) -> Mapped | None:
        """Somebody's own table of that name."""
        with self._guard:
            one = self._tables.get(name)
            if one is None or one.by != by:
                return None
            if self._clock() - one.used > IDLE:
                self._forget(one)
                return None
            one.used = self._clock()
            return one

    def tables_of(self, by: str) -> list[Mapped]:
        """Somebody's tables, the last used first."""
        with self._guard:
            return sorted((one for one in self._tables.values() if one.by == by), key=lambda one: -one.used)

    def drop(self, one: Mapped, *, keep: bool = False) -> None:
        """Let go of a table; with `keep` its file goes on to who takes it in."""
        with self._guard:
            self._forget(one, keep=keep)

    def _forget(self, one: Mapped, *, keep: bool = False) -> None:
        self._tables.pop(one.id, None)
        if not keep:
            one.path.unlink(missing_ok=True)
