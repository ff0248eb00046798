"""Graphs of views, made in a process of their own and kept while nothing new is in them.

A graph is made when somebody first asks for it, and anew when rows came that its readers may see: what is
hidden makes no graph old. Who asks meanwhile gets the last one and is told so; after an erasure, or when the
policy changed, nobody does.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor, Future, wait
from concurrent.futures import TimeoutError as Late
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Final, NamedTuple

from watchfloor.cell import graph
from watchfloor.cell.graph import Graph
from watchfloor.console.pictures.picture_cache import (
    MOVED_BY,
    READERS,
    TAKEN_BY,
    Point,
    Rests,
    rests_on,
    sees_on,
)
from watchfloor.desks.registry import declare_messages
from watchfloor.policy.policy import Reader, clearance
from watchfloor.store.floor import Floor

KINDS: Final = (*graph.COLUMNS, "signal", "judgement")
"""What a graph is made of."""
KEPT: Final = 4
"""Views whose graphs are kept; one of a million rows takes a hundred megabytes."""
PATIENCE: Final = 1.5
"""Seconds to wait for the newest where an older one is there."""
FIRST: Final = 120.0
PAST: Final = 2
"""Graphs of the past that are kept, for canvases that are opened as they were saved."""

Basis = tuple[Point, Point, int]
"""Position of the last rows and of the last act that may change it, and the hour: judgements expire."""


class Drawn(NamedTuple):
    """A graph, when it was so, and whether it is the newest."""

    graph: Graph
    at: datetime
    fresh: bool


class _Made(NamedTuple):
    basis: Basis
    rests_on: Rests
    graph: Graph
    digest: bytes
    at: datetime

    def is_his(self, resting: Rests, basis: Basis, taken: Point) -> bool:
        """Whether since then, within its hour, nothing came that its reader may see and nothing went."""
        return self.rests_on == resting and self.basis[2] == basis[2] and self.basis[1] >= taken


class Graphs:
    """The graphs of a floor.

    Args:
        floor: which.
        executor: where they are made.
    """

    def __init__(self, floor: Floor, executor: Executor) -> None:
        self._floor, self._executor = floor, executor
        self._made: OrderedDict[str, _Made] = OrderedDict()
        self._readers: OrderedDict[Reader, tuple[Reader, str]] = OrderedDict()
        self._past: OrderedDict[str, tuple[Point, Graph]] = OrderedDict()
        self._coming: dict[tuple[str, Basis], Future[bytes]] = {}
        self._began: dict[tuple[str, Basis], float] = {}
        self._guard = threading.Lock()

    def current(self, reader: Reader, now: datetime) -> Drawn:
        """The graph of a reader's view. Raises `TimeoutError` where it takes too long to make."""
        view = self._floor.view(reader, self._floor.position)
        basis, taken, resting = self._basis(now), self._taken(), rests_on(self._floor, reader)
        with self._guard:
            last = self._last(view, reader)
            if last and (last.basis == basis or last.is_his(resting, basis, taken)):
                self._made.move_to_end(view)
                return Drawn(last.graph, last.at, fresh=True)
            coming = self._coming.get((view, basis)) or self._start(view, basis, reader, now)
        may_be_old = last is not None and last.basis[1] >= taken
        try:
            content = coming.result(PATIENCE if may_be_old else FIRST)
        except Late:
            if last is None or not may_be_old:
                raise TimeoutError("the graph takes longer than two minutes to make; try again") from None
            return Drawn(last.graph, last.at, fresh=False)
        digest = sha256(content).digest()
        same = last is not None and (last.digest, last.basis[2]) == (digest, basis[2])
        at = last.at if last and same else now
        made = _Made(basis, resting, graph.unpacked(content), digest, at)
        with self._guard:
            self._made[view] = made
            self._made.move_to_end(view)
            while len(self._made) > KEPT:
                self._made.popitem(last=False)
        return Drawn(made.graph, made.at, fresh=True)

    def preparing(self, reader: Reader, now: datetime, patience: float) -> float | None:
        """Begin a view's first graph, and return for how many seconds it has been made; see `Pictures`."""
        view = self._floor.view(reader, self._floor.position)
        basis, taken = self._basis(now), self._taken()
        with self._guard:
            last = self._last(view, reader)
            if last and last.basis[1] >= taken:
                return None
            begun = next(
                (one for one in self._coming if one[0] == view and one[1][1] >= taken), (view, basis)
            )
            coming, resting = self._coming.get(begun), rests_on(self._floor, reader)
            if coming is None:
                coming = self._start(view, basis, reader, now)
                coming.add_done_callback(lambda done: self._keep(view, basis, resting, done, now))
            began = self._began.setdefault(begun, time.monotonic())
        wait((coming,), patience)
        if not coming.done():
            return time.monotonic() - began
        self._keep(view, begun[1], resting, coming, now)  # its callback may come later than who waits
        return None

    def _keep(self, view: str, basis: Basis, resting: Rests, done: "Future[bytes]", now: datetime) -> None:
        """Remember a graph that nobody waited for: who asked comes back for it."""
        if done.cancelled() or done.exception():  # who asks for the graph is told why
            return
        made = _Made(basis, resting, graph.unpacked(done.result()), sha256(done.result()).digest(), now)
        with self._guard:
            if (known := self._made.get(view)) is None or known.basis < basis:
                self._made[view] = made

    def past(self, reader: Reader, position: int, at: datetime) -> Graph:
        """Return the graph of what a reader may see today of what was in at a position of the log.

        Raises:
            TimeoutError: it takes too long to make.
        """
        view = f"{self._floor.view(reader, position)} {position}"
        taken = self._taken()
        with self._guard:
            known = self._past.get(view)
        if known is None or known[0] != taken:
            content = self._executor.submit(make, str(self._floor.root), reader, at, position).result(FIRST)
            known = taken, graph.unpacked(content)
            with self._guard:
                self._past[view] = known
                while len(self._past) > PAST:
                    self._past.popitem(last=False)
        return known[1]

    def _last(self, view: str, reader: Reader) -> _Made | None:
        """The last graph of a view. A reader whose view has another key than before goes on from his last."""
        who = clearance(reader)
        before, key = self._readers.get(who, (reader, view))
        if view not in self._made and key in self._made and sees_on(before, reader):
            self._made[view] = self._made[key]
            while len(self._made) > KEPT:
                self._made.popitem(last=False)
        self._readers[who] = reader, view
        self._readers.move_to_end(who)
        while len(self._readers) > READERS:
            self._readers.popitem(last=False)
        return self._made.get(view)

    def _start(self, view: str, basis: Basis, reader: Reader, now: datetime) -> "Future[bytes]":
        coming = self._executor.submit(make, str(self._floor.root), reader, now)
        self._coming[view, basis] = coming
        coming.add_done_callback(self._dropping(view, basis))
        return coming

    def _dropping(self, view: str, basis: Basis) -> "Callable[[Future[bytes]], None]":
        def drop(_: "Future[bytes]") -> None:
            self._coming.pop((view, basis), None)
            self._began.pop((view, basis), None)

        return drop

    def _basis(self, now: datetime) -> Basis:
        hour = int(now.timestamp()) // 3600
        restored = self._floor.restored
        return (restored, self._floor.newest(KINDS)), (restored, self._floor.newest_act(*MOVED_BY)), hour

    def _taken(self) -> Point:
        """Where the last act is that may have taken something away."""
        return self._floor.restored, self._floor.newest_act(*TAKEN_BY)


def make(root: str, reader: Reader, now: datetime, as_of: int | None = None) -> bytes:
    """The graph that a reader has of a floor, as `graph.unpacked` takes it; runs in a process of its own."""
    return graph.packed(graph.graph(_floor(root), reader, now.astimezone(UTC), as_of))


@lru_cache(maxsize=1)
def _floor(root: str) -> Floor:
    declare_messages()
    return Floor.open(root)
