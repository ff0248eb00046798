"""Graphs of views, made in a process of their own and kept while nothing new is in them.

A graph is made when somebody first asks for it, and anew when rows came. Who asks meanwhile gets the last one
and is told so; after an erasure, or when the policy changed, nobody does.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor, Future
from concurrent.futures import TimeoutError as Late
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, NamedTuple

from watchfloor.cell import graph
from watchfloor.cell.graph import Graph
from watchfloor.console.pictures.keeping import MOVED_BY
from watchfloor.desks.registry import declare_messages
from watchfloor.release.policy import Reader
from watchfloor.store.floor import Floor

KINDS: Final = (*graph.COLUMNS, "signal", "judgement")
"""What a graph is made of."""
KEPT: Final = 4
"""Views whose graphs are kept; one of a million rows takes a hundred megabytes."""
PATIENCE: Final = 1.5
"""Seconds to wait for the newest where an older one is there."""
FIRST: Final = 120.0

Basis = tuple[int, int, int]
"""Position of the last rows and of the last act that may change it, and the hour: judgements expire."""


class Drawn(NamedTuple):
    """A graph, when it was so, and whether it is the newest."""

    graph: Graph
    at: datetime
    fresh: bool


class _Made(NamedTuple):
    basis: Basis
    graph: Graph
    at: datetime


class Graphs:
    """The graphs of a floor.

    Args:
        floor: which.
        executor: where they are made.
    """

    def __init__(self, floor: Floor, executor: Executor) -> None:
        self._floor, self._executor = floor, executor
        self._made: OrderedDict[str, _Made] = OrderedDict()
        self._coming: dict[tuple[str, Basis], Future[bytes]] = {}
        self._guard = threading.Lock()

    def current(self, reader: Reader, now: datetime) -> Drawn:
        """The graph of a reader's view. Raises `TimeoutError` where it takes too long to make."""
        view = self._floor.view(reader, self._floor.position)
        basis = self._basis(now)
        with self._guard:
            last = self._made.get(view)
            if last and last.basis == basis:
                self._made.move_to_end(view)
                return Drawn(last.graph, last.at, fresh=True)
            coming = self._coming.get((view, basis)) or self._start(view, basis, reader, now)
        may_be_old = last is not None and last.basis[1] == basis[1]
        try:
            made = _Made(basis, graph.unpacked(coming.result(PATIENCE if may_be_old else FIRST)), now)
        except Late:
            if last is None or not may_be_old:
                raise TimeoutError("the graph takes longer than two minutes to make; try again") from None
            return Drawn(last.graph, last.at, fresh=False)
        with self._guard:
            self._made[view] = made
            self._made.move_to_end(view)
            while len(self._made) > KEPT:
                self._made.popitem(last=False)
        return Drawn(made.graph, made.at, fresh=True)

    def _start(self, view: str, basis: Basis, reader: Reader, now: datetime) -> "Future[bytes]":
        coming = self._executor.submit(make, str(self._floor.root), reader, now)
        self._coming[view, basis] = coming
        coming.add_done_callback(self._dropping(view, basis))
        return coming

    def _dropping(self, view: str, basis: Basis) -> "Callable[[Future[bytes]], None]":
        def drop(_: "Future[bytes]") -> None:
            self._coming.pop((view, basis), None)

        return drop

    def _basis(self, now: datetime) -> Basis:
        hour = int(now.timestamp()) // 3600
        return self._floor.newest(KINDS), self._floor.newest_act(*MOVED_BY), hour


def make(root: str, reader: Reader, now: datetime) -> bytes:
    """The graph that a reader has of a floor, as `graph.unpacked` takes it; runs in a process of its own."""
    return graph.packed(graph.graph(_floor(root), reader, now.astimezone(UTC)))


@lru_cache(maxsize=1)
def _floor(root: str) -> Floor:
    declare_messages()
    return Floor.open(root)
