"""Who follows what: many subscriptions against rows by the batch.

Leads and subjects are looked up by their key. Places lie in a grid of cells, each circle in at most a few of
the level that fits it, and what is in the same cell is measured; a stretch of the border is a row of circles,
and what falls into one is put on the line. Views are evaluated once for each distinct query, not once for
each who follows it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.casework.notices.targets import REACH, Circle, Kind, circle, stretch
from watchfloor.core.earth import great_circle
from watchfloor.reference import border
from watchfloor.store.index.places import around

Numbers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Holds = Callable[[str], Flags]
"""Of a query, which of the facts are of a lead that it shows."""

LEVELS: Final = (0.02, 0.2, 2.0, 20.0)
"""Degrees to a side of the cells; a circle lies in those of the first that is as wide as it is."""


class Followed(NamedTuple):
    """The target of a subscription: a lead's id, a subject's key, a place, a stretch or a query."""

    kind: Kind
    target: str


class Facts(NamedTuple):
    """Rows that are new, column by column.

    Attributes:
        leads: the ids that the lead of each goes by.
        subjects: keys that each names.
        latitude, longitude: where each is, degrees; NaN where it has no place.
    """

    leads: Sequence[Sequence[str]]
    subjects: Sequence[Sequence[str]]
    latitude: Floats
    longitude: Floats

    def __len__(self) -> int:
        return len(self.leads)


class Matcher:
    """Subscriptions, indexed.

    Args:
        followed: what each is to, by its number from 0.
    """

    def __init__(self, followed: Sequence[Followed]) -> None:
        self._keyed: dict[str, defaultdict[str, list[int]]] = {
            "lead": defaultdict(list),
            "subject": defaultdict(list),
        }
        self._views: defaultdict[str, list[int]] = defaultdict(list)
        circles: list[tuple[int, Circle]] = []
        self._stretches: dict[int, tuple[bool, float, float]] = {}
        for number, (kind, target) in enumerate(followed):
            if kind == "place":
                circles.append((number, circle(target)))
            elif kind == "stretch":
                found = stretch(target)
                self._stretches[number] = (found.chain == "alaska", found.start, found.end)
                circles += [(number, one) for one in found.circles()]
            elif kind == "view":
                self._views[target].append(number)
            else:
                self._keyed[kind][target].append(number)
        self._circles = circles

    def match(self, facts: Facts, holds: Holds) -> tuple[Numbers, Numbers]:
        """Return pairs of a subscription and a fact that it is about, by their numbers, each pair once.

        Args:
            facts: what is new.
            holds: evaluates a query; it is called once for each distinct one.
        """
        found = [
            _looked_up(self._keyed["lead"], facts.leads),
            _looked_up(self._keyed["subject"], facts.subjects),
            self._placed(facts),
            *(self._shown(numbers, holds(query)) for query, numbers in self._views.items()),
        ]
        one = np.concatenate([pair[0] for pair in found])
        other = np.concatenate([pair[1] for pair in found])
        whole = np.unique(one * len(facts) + other) if len(one) else one
        return (whole // len(facts), whole % len(facts)) if len(one) else (one, other)

    @staticmethod
    def _shown(numbers: list[int], shown: Flags) -> tuple[Numbers, Numbers]:
        rows = np.flatnonzero(shown)
        return np.repeat(np.array(numbers, np.int64), len(rows)), np.tile(rows, len(numbers))

    def _placed(self, facts: Facts) -> tuple[Numbers, Numbers]:
        placed = np.flatnonzero(np.isfinite(facts.latitude) & np.isfinite(facts.longitude))
        latitude, longitude = facts.latitude[placed], facts.longitude[placed]
        pairs = [_none()]
        for level, (keys, starts, rows) in self._cells.items():
            here = _cell(level, latitude, longitude)
            at = np.searchsorted(keys, here)
            known = np.flatnonzero((at < len(keys)) & (keys[np.minimum(at, len(keys) - 1)] == here))
            first = starts[at[known]]
            counts = starts[at[known] + 1] - first
            fact = np.repeat(known, counts)
            into = np.arange(len(fact)) - np.repeat(np.cumsum(counts) - counts, counts)
            disc = rows[np.repeat(first, counts) + into]
            near = great_circle(latitude[fact], longitude[fact], *self._centres[disc].T) <= self._radius[disc]
            pairs.append((self._number[disc[near]], placed[fact[near]]))
        number, fact = (np.concatenate(each) for each in zip(*pairs, strict=True))
        return self._on_stretches(facts, number, fact) if self._stretches else (number, fact)

    def _on_stretches(self, facts: Facts, number: Numbers, fact: Numbers) -> tuple[Numbers, Numbers]:
        """Leave out what is near a circle of a stretch and not on the stretch."""
        of_stretch = np.isin(number, np.array(list(self._stretches), np.int64))
        rows, back = np.unique(fact[of_stretch], return_inverse=True)
        line = border.load().nearest(facts.latitude[rows], facts.longitude[rows])
        asked = [self._stretches[one] for one in number[of_stretch].tolist()]
        alaska, start, end = np.array(asked, np.float64).reshape(-1, 3).T
        km = line.km[back]
        on = (line.metres[back] <= REACH) & (line.alaska[back] == alaska) & (start <= km) & (km <= end)
        keep = ~of_stretch
        keep[np.flatnonzero(of_stretch)[on]] = True
        return number[keep], fact[keep]

    @cached_property
    def _number(self) -> Numbers:
        return np.array([number for number, _ in self._circles], np.int64)

    @cached_property
    def _centres(self) -> Floats:
        return np.array([one[:2] for _, one in self._circles], np.float64).reshape(-1, 2)

    @cached_property
    def _radius(self) -> Floats:
        return np.array([one.radius for _, one in self._circles], np.float64)

    @cached_property
    def _cells(self) -> dict[int, tuple[Numbers, Numbers, Numbers]]:
        """By level: the cells that circles lie in, where the circles of each begin, and the circles."""
        found: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for row, (_, one) in enumerate(self._circles):
            level, cells = _covering(one)
            found[level] += [(cell, row) for cell in cells]
        made = {}
        for level, pairs in found.items():
            cell, row = np.array(sorted(pairs), np.int64).T
            keys, first = np.unique(cell, return_index=True)
            made[level] = keys, np.append(first, len(cell)).astype(np.int64), row
        return made


def _none() -> tuple[Numbers, Numbers]:
    return np.zeros(0, np.int64), np.zeros(0, np.int64)


def _looked_up(keyed: dict[str, list[int]], names: Sequence[Sequence[str]]) -> tuple[Numbers, Numbers]:
    if not keyed:
        return _none()
    pairs = [
        (number, row)
        for row, mine in enumerate(names)
        for name in mine
        if name in keyed
        for number in keyed[name]
    ]
    one, other = np.array(pairs, np.int64).reshape(-1, 2).T
    return one, other


def _covering(one: Circle) -> tuple[int, Iterable[int]]:
    """Return the level and the cells that a circle lies in."""
    west, south, east, north = around(*one._replace(radius=one.radius + 1))  # a metre for rounding
    wide = max(east - west, north - south)
    level = next((n for n, size in enumerate(LEVELS) if size >= wide), len(LEVELS) - 1)
    size, across = LEVELS[level], round(360 / LEVELS[level])
    columns = range(int(np.floor((west + 180) / size)), int(np.floor((east + 180) / size)) + 1)
    rows = range(int(np.floor((south + 90) / size)), int(np.floor((north + 90) / size)) + 1)
    return level, {row * across + column % across for row in rows for column in columns}


def _cell(level: int, latitude: Floats, longitude: Floats) -> Numbers:
    size, across = LEVELS[level], round(360 / LEVELS[level])
    row = np.floor((latitude + 90) / size).astype(np.int64)
    column = np.floor((longitude + 180) / size).astype(np.int64) % across
    return np.asarray(row * across + column)
