"""Keeping pictures: one current picture a view, made anew when the floor moves, and some of the past.

A request never weighs a queue itself. It gets the current picture, or the last one while the next is being
made in another process.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from watchfloor.console.pictures.making import make
from watchfloor.console.pictures.picture import Picture
from watchfloor.release.policy import Reader
from watchfloor.store.floor import Floor

MADE_OF: Final = ("signal", "judgement", "party", "report")
"""Kinds that a queue is made of."""
MOVED_BY: Final = ("run", "erasure", "policy", "received", "hold", "hold-lifted", "restored", "upgraded")
"""Acts that may change a queue without bringing rows of these kinds."""
PAST: Final = 24
"""Pictures of the past that are remembered."""
FIRST: Final = 120.0
"""Seconds that a reader waits for the first picture of a view; later ones are served stale meanwhile."""

Heard = Callable[[str, "Picture | None", "Picture", int], None]
"""Called with view, the picture before, the picture now and its number when a view's queue changed."""


class Seen(NamedTuple):
    """A picture as a reader gets it: `number` counts changes of the view, `fresh`: it is the newest."""

    picture: Picture
    number: int
    fresh: bool


@dataclass
class _View:
    reader: Reader
    picture: Picture | None = None
    basis: tuple[int, int] = (-1, -1)
    number: int = 0
    making: "Future[bytes] | None" = None
    making_for: tuple[int, int] = (-1, -1)
    ready: threading.Condition = field(default_factory=threading.Condition)
    error: BaseException | None = None


class Pictures:
    """The pictures of a floor.

    Args:
        floor: which.
        executor: where they are made.
        heard: told of each change.
    """

    def __init__(self, floor: Floor, executor: Executor, heard: Heard | None = None) -> None:
        self._floor, self._executor, self._heard = floor, executor, heard
        self._views: dict[str, _View] = {}
        self._past: OrderedDict[tuple[str, int], list[Picture]] = OrderedDict()
        self._guard = threading.Lock()

    def view_of(self, reader: Reader) -> str:
        """The view that a reader has now: a digest of the markings that he may see."""
        return self._floor.view(reader, self._floor.position)

    def current(self, reader: Reader, now: datetime, patience: float = 0.0) -> Seen:
        """The newest picture of a reader's view that is ready.

        Args:
            reader: who asks.
            now: when.
            patience: seconds to wait for one that is being made where an older one is there.
        """
        key = self.view_of(reader)
        view = self._view(key, reader)
        basis = self._basis(None)
        with view.ready:
            if not self._is_current(view, basis, now):
                self._start(key, view, basis, now)
            wait = patience if view.picture is not None else FIRST
            if wait and not self._is_current(view, basis, now):
                view.ready.wait_for(lambda: self._is_current(view, basis, now) or view.making is None, wait)
            if view.picture is None:
                raise view.error or TimeoutError("the queue takes longer than two minutes to make; try again")
            return Seen(view.picture, view.number, self._is_current(view, basis, now))

    def at(self, reader: Reader, position: int, now: datetime) -> Picture:
        """The picture that a reader has of a position of the log, at a moment."""
        key = self._floor.view(reader, position)
        basis = max(self._basis(position))
        with self._guard:
            for one in self._past.get((key, basis), ()):
                if one.holds(now):
                    self._past.move_to_end((key, basis))
                    return one
        made = Picture.read(
            self._executor.submit(make, str(self._floor.root), reader, position, now).result()
        )
        with self._guard:
            self._past.setdefault((key, basis), []).append(made)
            while len(self._past) > PAST:
                self._past.popitem(last=False)
        return made

    def forget(self) -> None:
        """Let go of every picture, such as after an erasure."""
        with self._guard:
            self._past.clear()
            self._views.clear()

    def look(self, now: datetime) -> None:
        """Begin to make what is no longer current, for the stream: nobody waits."""
        basis = self._basis(None)
        for key, view in list(self._views.items()):
            with view.ready:
                if view.picture is not None and not self._is_current(view, basis, now):
                    self._start(key, view, basis, now)

    def _view(self, key: str, reader: Reader) -> _View:
        with self._guard:
            view = self._views.setdefault(key, _View(reader))
            view.reader = reader
            return view

    def _basis(self, upto: int | None) -> tuple[int, int]:
        """Where in the log the last rows of a queue came, and the last act that may change it otherwise."""
        return self._floor.newest(MADE_OF, upto), self._floor.newest_act(*MOVED_BY, upto=upto)

    def _is_current(self, view: _View, basis: tuple[int, int], now: datetime) -> bool:
        return view.picture is not None and view.basis >= basis and view.picture.holds(now)

    def _start(self, key: str, view: _View, basis: tuple[int, int], now: datetime) -> None:
        """Have the next picture made; where one is being made, that one comes first."""
        if view.making is not None:
            return
        position = self._floor.position
        view.making_for = basis
        view.making = self._executor.submit(make, str(self._floor.root), view.reader, position, now)
        view.making.add_done_callback(lambda done: self._done(key, view, done))

    def _done(self, key: str, view: _View, done: "Future[bytes]") -> None:
        before, changed = view.picture, False
        try:
            made = Picture.read(done.result())
        except BaseException as error:
            with view.ready:
                view.making, view.error = None, error
                view.ready.notify_all()
            return
        with view.ready:
            changed = before is None or before.about.digest != made.about.digest
            view.number += changed
            view.picture, view.basis, view.making, view.error = made, view.making_for, None, None
            view.ready.notify_all()
        if changed and self._heard is not None:
            self._heard(key, before, made, view.number)
