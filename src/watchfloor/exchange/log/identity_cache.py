"""The roll: whose each act of the log is, in memory: a page of a long log costs as much as one of a short.

The catalogue knows an act's time and name by an index, and who did it only from the act itself. The roll
reads each act once for that, keeps two numbers of it, and reads on where the log has grown. What a page shows
is read from the log when it is shown, so that nothing erased is shown.
"""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.exchange.log.access import Access, ActFilter
from watchfloor.store.floor import Floor
from watchfloor.store.log import Act

Positions = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]

BLOCK: Final = 20_000
"""Acts that are read at once."""
LOOKED: Final = 200_000
"""Acts that are looked through for one page where the index does not answer: about what, to whom."""
REWRITE: Final = ("erasure", "restored")
"""Acts after which others are no longer what they were."""


class Page(NamedTuple):
    """A page of the log, the newest act first.

    Attributes:
        acts: each behind its number, see `access.history`.
        next: number below which the next page begins; 0: there is none.
        bounded: whether it ends because enough was looked through, not because it is full.
    """

    acts: list[tuple[int, Act]]
    next: int
    bounded: bool


class _Known(NamedTuple):
    """The cache at one moment: codes of names and doers by position, from 1; -1: erased."""

    acts: Codes
    doers: Codes
    names: Mapping[str, int]
    people: Mapping[str, int]

    def own(self, mine: Access) -> Positions:
        """Positions of what a person may read, oldest first."""
        if mine.everything:
            return np.arange(1, len(self.acts) + 1)
        return np.flatnonzero(self.doers == self.people.get(mine.name, NOBODY)) + 1


NOBODY: Final = -2
"""The code of who did nothing."""


class Roll:
    """The roll of one floor; for any thread."""

    def __init__(self, floor: Floor) -> None:
        self._floor, self._guard, self._basis = floor, threading.Lock(), (0, -1)
        self._acts: Codes
        self._doers: Codes
        self._forget()

    def page(self, mine: Access, asked: ActFilter, size: int, before: int = 0, bound: int = LOOKED) -> Page:
        """The newest acts that are asked for and that a person may read.

        Args:
            mine: what the person may read.
            asked: which acts.
            size: how many.
            before: only acts of a lower number; 0: from the newest.
            bound: acts that are looked through at most for what only their content tells.
        """
        known = self._known()
        own = known.own(mine)
        numbers = own if mine.keeper else np.arange(1, len(own) + 1)
        # Who did an act is a part of what may be hidden, and then the index may not choose by it.
        hides_by = mine.everything and asked.by not in (None, mine.name)
        wanted = self._wanted(known, own, asked._replace(by=None) if hides_by else asked)
        if before:
            wanted &= numbers < before
        at = np.flatnonzero(wanted)[::-1]
        if asked.about is None and asked.to is None and not hides_by:
            return self._read(mine, asked, size, numbers[at], own[at])
        return self._looked(mine, asked, size, numbers[at], own[at], bound)

    def grow(self) -> None:
        """Read what the log has more: whoever asks next waits the less."""
        self._known()

    def names(self, mine: Access) -> Mapping[str, int]:
        """How many acts of each name a person may read."""
        known = self._known()
        codes = Counter(known.acts[known.own(mine) - 1].tolist())
        return {name: codes[code] for name, code in sorted(known.names.items()) if codes[code]}

    def _read(self, mine: Access, asked: ActFilter, size: int, numbers: Positions, places: Positions) -> Page:
        """The first of some acts that the index alone has chosen."""
        read = {act.position: act for act in self._floor.acts_at(places[:size].tolist())}
        found = [
            (number, act)
            for number, place in zip(numbers[:size].tolist(), places[:size].tolist(), strict=True)
            if (act := read.get(place)) and (act := mine.found(asked, act))
        ]
        return Page(found, int(numbers[size - 1]) if len(numbers) > size else 0, bounded=False)

    def _looked(
        self, mine: Access, asked: ActFilter, size: int, numbers: Positions, places: Positions, bound: int
    ) -> Page:
        """The first of some acts that are such by what they say; none is looked for beyond the bound."""
        keep = asked.about.may_be if asked.about else None
        number_of = dict(zip(places[:bound].tolist(), numbers[:bound].tolist(), strict=True))
        found: list[tuple[int, Act]] = []
        for start in range(0, min(len(places), bound), BLOCK):
            block = places[start : min(start + BLOCK, bound)]
            read = self._floor.acts_at(block.tolist(), keep)
            found += [(number_of[act.position], one) for act in read if (one := mine.found(asked, act))]
            if len(found) > size:
                return Page(found[:size], found[size - 1][0], bounded=False)
        more = len(places) > bound
        return Page(found, int(numbers[bound - 1]) if more else 0, bounded=more)

    def _known(self) -> _Known:
        with self._guard:
            self._read_on()
            return _Known(self._acts, self._doers, self._names, self._people)

    def _wanted(self, known: _Known, own: Positions, asked: ActFilter) -> npt.NDArray[np.bool_]:
        """Which of some acts are asked for, as far as the index tells."""
        wanted = np.ones(len(own), np.bool_)
        if asked.names:
            codes = [known.names[name] for name in asked.names if name in known.names]
            wanted &= np.isin(known.acts[own - 1], codes)
        if asked.by is not None:
            wanted &= known.doers[own - 1] == known.people.get(asked.by, NOBODY)
        if asked.until is not None:
            wanted &= own <= self._floor.position_at(asked.until)
        if asked.since is not None:
            wanted &= own > self._floor.position_at(asked.since - timedelta(microseconds=1))
        return wanted

    def _read_on(self) -> None:
        basis = self._floor.restored, self._floor.newest_act(*REWRITE)
        if basis != self._basis:
            self._forget()
            self._basis = basis
        for acts, doers in self._newer():
            self._acts = np.concatenate([self._acts, acts])
            self._doers = np.concatenate([self._doers, doers])

    def _newer(self) -> Iterator[tuple[Codes, Codes]]:
        """Codes of acts and of who did them, for what the log has more than the roll."""
        size = self._floor.position
        for start in range(len(self._acts) + 1, size + 1, BLOCK):
            rows = self._floor.done_by(start, min(start + BLOCK - 1, size))
            acts = [self._names.setdefault(act, len(self._names)) for _, act, _ in rows]
            doers = [
                -1 if who is None else self._people.setdefault(who, len(self._people)) for *_, who in rows
            ]
            yield np.array(acts, np.int32), np.array(doers, np.int32)

    def _forget(self) -> None:
        self._acts = np.empty(0, np.int32)
        self._doers = np.empty(0, np.int32)
        self._names: dict[str, int] = {}
        self._people: dict[str, int] = {}
