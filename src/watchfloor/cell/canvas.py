"""A canvas: some subjects of a graph, what connects them with each other, and what happened to them when."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import numpy as np

from watchfloor.cell.graph import EPOCH, Edge, Graph, Numbers, Pair

MOST_EDGES: Final = 1_000
"""Edges of a canvas that are told, those of the most rows first; more cannot be read."""
WHYS: Final = 2
"""Rows of each that are told where there are more edges than `FEW`."""
FEW: Final = 100


class Among(NamedTuple):
    """The links among some subjects.

    Attributes:
        edges: those of the most rows first; `rows`: of each, by their numbers in the graph.
        total: how many edges there are.
    """

    edges: list[Edge]
    rows: list[Numbers]
    total: int


class Happening(NamedTuple):
    """A row that names some subjects.

    Attributes:
        kind, id, at, source, marking, verdict, message, params, role: as `graph.Why` has them.
        subjects: those of the chosen that it names, each with the parts it has in it.
        others: how many more it names.
    """

    kind: str
    id: bytes
    at: datetime
    source: str
    marking: str
    verdict: str | None
    message: str | None
    params: str | None
    role: str | None
    subjects: tuple[tuple[str, tuple[str, ...]], ...]
    others: int


class Axis(NamedTuple):
    """A stretch of time in slices of one length; moments in microseconds since 1970."""

    first: int
    last: int
    slices: int

    @property
    def ends(self) -> tuple[datetime, datetime]:
        """Return its first and its last moment."""
        return EPOCH + timedelta(microseconds=self.first), EPOCH + timedelta(microseconds=self.last)

    def counts(self, moments: Numbers) -> list[int]:
        """Return how many of some moments are in each slice."""
        place = (moments - self.first) * self.slices // max(self.last - self.first, 1)
        counts: list[int] = np.bincount(np.clip(place, 0, self.slices - 1), minlength=self.slices).tolist()
        return counts


def among(graph: Graph, subjects: Iterable[str]) -> Among:
    """Return what connects some subjects with each other."""
    row, who = graph.entries(graph.numbers(subjects))
    found = sorted(_pairs(row, who), key=lambda pair: (-len(pair.rows), pair.one, pair.other))
    shown = found[:MOST_EDGES]
    edges = graph.edges(shown) if len(shown) <= FEW else graph.edges(shown, WHYS)
    return Among(edges, [pair.rows for pair in shown], len(found))


def linked(graph: Graph, subjects: Iterable[str]) -> set[tuple[str, str]]:
    """Return the pairs among some subjects that a row connects, each in order of keys."""
    row, who = graph.entries(graph.numbers(subjects))
    return {(graph.subjects[pair.one], graph.subjects[pair.other]) for pair in _pairs(row, who)}


def _pairs(row: Numbers, who: Numbers) -> Iterator[Pair]:
    """Yield two subjects and their common rows, from the entries of rows in their order."""
    rows, start, size = np.unique(row, return_index=True, return_counts=True)
    one, other, of = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for several in np.unique(size[size > 1]).tolist():  # rows that name as many make one matrix
        these = size == several
        named = who[start[these][:, None] + np.arange(several)]
        left, right = np.triu_indices(several, 1)
        one.append(named[:, left].ravel())
        other.append(named[:, right].ravel())
        of.append(np.repeat(rows[these], len(left)))
    a, b, at = np.concatenate(one), np.concatenate(other), np.concatenate(of)
    order = np.lexsort((at, b, a))
    a, b, at = a[order], b[order], at[order]
    new = np.ones(len(a), np.bool_)
    new[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
    first = np.flatnonzero(new).tolist()
    for begin, end in zip(first, [*first[1:], len(a)], strict=False):
        yield Pair(int(a[begin]), int(b[begin]), at[begin:end])


def axis(graph: Graph, rows: Iterable[Numbers], slices: int) -> Axis | None:
    """Return the time that some rows span; None of none."""
    moments = graph.moments[np.concatenate([np.zeros(0, np.int64), *rows])]
    return Axis(int(moments.min()), int(moments.max()), slices) if len(moments) else None


def rows_of(graph: Graph, subjects: Iterable[str]) -> Numbers:
    """Return the rows that name any of some subjects, the newest first."""
    row, _ = graph.entries(graph.numbers(subjects))
    return np.unique(row)


def happenings(graph: Graph, rows: Numbers, subjects: Iterable[str]) -> list[Happening]:
    """Return some rows with those of the chosen subjects that each names."""
    chosen, told = graph.numbers(subjects), graph.columns_of(rows)
    return [_happening(graph, row, told[row], chosen) for row in rows.tolist()]


def _happening(graph: Graph, row: int, told: dict[str, Any], chosen: Numbers) -> Happening:
    every = graph.subjects_of(row)
    mine: Sequence[int] = np.intersect1d(every, chosen).tolist()
    named = tuple((graph.subjects[each], graph.named(row, each)) for each in mine)
    columns = {name: value for name, value in told.items() if name in Happening._fields}
    return Happening(**columns, subjects=named, others=len(every) - len(mine))
