"""Keeping pictures: one current picture a view, made anew when the floor moves, and some of the past.

A request never weighs a queue itself. It gets the current picture, or the last one while the next is being
made in another process.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from watchfloor.console.pictures.builder import make
from watchfloor.console.pictures.picture import Picture
from watchfloor.core.marking import Marking, parse
from watchfloor.policy.policy import Reader, allowed, clearance
from watchfloor.store.floor import Floor

MADE_OF: Final = ("signal", "judgement", "party", "report", "outcome")
"""Kinds that a queue is made of."""
MOVED_BY: Final = ("run", "erasure", "policy", "received", "hold", "hold-lifted", "restored", "upgraded")
"""Acts that may change a queue without bringing rows of these kinds."""
TAKEN_BY: Final = ("erasure", "policy", "restored")
"""Those of them that may take something away: no picture of before is shown after one, not for a moment."""
PAST: Final = 24
"""Pictures of the past that are remembered."""
READERS: Final = 256
"""Clearances whose views are followed."""
FIRST: Final = 120.0
"""Seconds that a reader waits for the first picture of a view; later ones are served stale meanwhile."""

Point = tuple[int, int]
"""A position, behind `Floor.restored`: after a restore every act is later than all of before."""
Rests = tuple[Point, tuple[int, ...] | None]
"""What a reader's queue rests on, see `Floor.stands_on`."""

Heard = Callable[[str, "Picture | None", "Picture", int], None]
"""Called with view, the picture before, the picture now and its number when a view's queue changed."""


class ServedPicture(NamedTuple):
    """A picture as a reader gets it.

    Attributes:
        picture: the queue.
        number: counts changes of the view.
        fresh: whether it is the newest, as far as this reader may know: what is hidden makes nothing stale.
        at: the moment that it speaks of: of asking, or where it is not the newest of the last act in it that
            the reader may see.
    """

    picture: Picture
    number: int
    fresh: bool
    at: datetime


@dataclass
class _View:
    reader: Reader
    picture: Picture | None = None
    basis: tuple[Point, Point] = ((-1, -1), (-1, -1))
    number: int = 0
    digest: str = ""
    making: "Future[bytes] | None" = None
    making_for: tuple[Point, Point] = ((-1, -1), (-1, -1))
    began: float = 0.0
    rests_on: Rests | None = None
    making_on: Rests | None = None
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
        self._readers: OrderedDict[Reader, tuple[Reader, str]] = OrderedDict()
        self._past: OrderedDict[tuple[str, Point, Point, datetime], Picture] = OrderedDict()
        self._asked: dict[tuple[str, Point, Point], threading.Lock] = {}
        self._guard = threading.Lock()
        self._coming: dict[Future[object], Marking] = {}

    def expect(self, coming: "Future[object]", marking: str) -> None:
        """Rows that a queue is made of are on their way: until they are there no picture is the newest.

        Args:
            coming: what brings them.
            marking: of what they follow from; who may not see that is told nothing of it.
        """
        with self._guard:
            self._coming[coming] = parse(marking)
        coming.add_done_callback(self._came)

    def _came(self, coming: "Future[object]") -> None:
        with self._guard:
            self._coming.pop(coming, None)

    def _awaited(self, reader: Reader) -> "list[Future[object]]":
        """Return the pictures on their way that a reader may know of."""
        with self._guard:
            return [one for one, marking in self._coming.items() if allowed(reader, marking)]

    def view_of(self, reader: Reader) -> str:
        """The view that a reader has now: a digest of the markings that he may see."""
        return self._floor.view(reader, self._floor.position)

    def preparing(self, reader: Reader, now: datetime, patience: float) -> float | None:
        """Begin a view's first picture, and return for how many seconds it has been made.

        None where one may be shown within `patience` seconds, or its making failed, which `current` tells.
        """
        key = self.view_of(reader)
        view, taken = self._view(key, reader), self._taken()
        with view.ready:
            if view.picture is None or view.basis[1] < taken:
                self._start(key, view, self._basis(None), now)
                view.ready.wait_for(lambda: view.making is None, patience)
            waits = view.making is not None and (view.picture is None or view.basis[1] < taken)
            return time.monotonic() - view.began if waits else None

    def has(self, reader: Reader) -> bool:
        """Return whether there is a picture of a reader's view, so that nobody waits for one."""
        key = self.view_of(reader)
        with self._guard:
            view = self._views.get(key)
            return view is not None and view.picture is not None

    def current(self, reader: Reader, now: datetime, patience: float = 0.0) -> ServedPicture:
        """The newest picture of a reader's view that is ready.

        Args:
            reader: who asks.
            now: when.
            patience: seconds to wait for one that is being made where an older one is there.
        """
        until = time.monotonic() + patience
        coming = self._awaited(reader)
        if patience and coming:
            wait(coming, patience)
        key = self.view_of(reader)
        view = self._view(key, reader)
        basis, taken = self._basis(None), self._taken()
        if view.picture is None or view.basis[1] < taken:
            until = time.monotonic() + FIRST
        with view.ready:
            while not self._is_current(view, basis, now):
                self._start(key, view, basis, now)
                left = until - time.monotonic()
                if left <= 0 or not view.ready.wait_for(lambda: view.making is None, left) or view.error:
                    break  # one that was begun before is done, and the newest is still to be made, or was
            if view.picture is None or view.basis[1] < taken:
                raise view.error or TimeoutError("the queue takes longer than two minutes to make; try again")
            fresh = not self._awaited(reader) and (
                self._is_current(view, basis, now) or self._is_his(view, reader, now)
            )
            at = now if fresh else self._last(view)
            return ServedPicture(view.picture, view.number, fresh, at)

    def at_hand(self, reader: Reader) -> Picture | None:
        """Return the last picture of a reader's view, without waiting for one; None before the first."""
        view = self._view(self.view_of(reader), reader)
        return view.picture if view.picture is not None and view.basis[1] >= self._taken() else None

    def _is_his(self, view: _View, reader: Reader, now: datetime) -> bool:
        """Whether what came since is nothing that this reader may see."""
        holds = view.picture is not None and view.picture.holds(now)
        return holds and view.rests_on == rests_on(self._floor, reader)

    def _last(self, view: _View) -> datetime:
        """When the last act came that a view's picture knows of and its readers may see."""
        return self._floor.moment_of(view.rests_on[0][1] if view.rests_on else 0)

    def at(self, reader: Reader, position: int, now: datetime) -> Picture:
        """The picture that a reader has of a position of the log, at a moment.

        Several who ask for the same at once wait for one that is made. Raises `TimeoutError`.
        """
        key, taken = self._floor.view(reader, position), self._taken()
        place = key, max(self._basis(position)), taken
        with self._guard:
            if len(self._asked) > PAST:
                self._asked = {known: lock for known, lock in self._asked.items() if lock.locked()}
            lock = self._asked.setdefault(place, threading.Lock())
        with lock:
            if (known := self._of_the_past(place, now)) is not None:
                return known
            making = self._executor.submit(make, str(self._floor.root), reader, position, now)
            made = Picture.read(making.result(FIRST))
            with self._guard:
                self._past[*place, made.about.since] = made
                while len(self._past) > PAST:
                    self._past.popitem(last=False)
        return made

    def _of_the_past(self, place: tuple[str, Point, Point], now: datetime) -> Picture | None:
        """One that is remembered; those from before something was taken away are forgotten."""
        with self._guard:
            for known in [one for one in self._past if one[2] != place[2]]:
                del self._past[known]
            for known, picture in self._past.items():
                if known[:3] == place and picture.holds(now):
                    self._past.move_to_end(known)
                    return picture
        return None

    def look(self, now: datetime) -> None:
        """Begin to make what is no longer current, for the stream: nobody waits."""
        basis = self._basis(None)
        with self._guard:
            readers = [reader for reader, _ in self._readers.values()]
        for reader in readers:
            self._view(self.view_of(reader), reader)
        for key, view in list(self._views.items()):
            with view.ready:
                if view.picture is not None and not self._is_current(view, basis, now):
                    self._start(key, view, basis, now)

    def _view(self, key: str, reader: Reader) -> _View:
        """The state of a view. A reader whose view has another key than before goes on from his last picture.

        A row of a marking that did not occur before gives views new keys, whether it is seen or hidden.
        """
        who = clearance(reader)
        with self._guard:
            before = self._views.get(self._readers[who][1]) if who in self._readers else None
            view = self._views.get(key)
            if view is None:
                view = self._views[key] = _View(reader)
                if before is not None:
                    view.number, view.digest = before.number, before.digest
                if before is not None and sees_on(before.reader, reader):
                    view.picture, view.basis, view.rests_on = before.picture, before.basis, before.rests_on
            view.reader = reader
            self._readers[who] = reader, key
            self._readers.move_to_end(who)
            while len(self._readers) > READERS:
                self._readers.popitem(last=False)
            if before is not None and before is not view:
                held = {key for _, key in self._readers.values()}
                self._views = {key: one for key, one in self._views.items() if key in held}
            return view

    def _basis(self, upto: int | None) -> tuple[Point, Point]:
        """Where in the log the last rows of a queue came, and the last act that may change it otherwise."""
        restored = self._floor.restored
        newest, act = self._floor.newest(MADE_OF, upto), self._floor.newest_act(*MOVED_BY, upto=upto)
        return (restored, newest), (restored, act)

    def _taken(self) -> Point:
        """Where the last act is that may have taken something away."""
        return self._floor.restored, self._floor.newest_act(*TAKEN_BY)

    def _is_current(self, view: _View, basis: tuple[Point, Point], now: datetime) -> bool:
        return view.picture is not None and view.basis >= basis and view.picture.holds(now)

    def _start(self, key: str, view: _View, basis: tuple[Point, Point], now: datetime) -> None:
        """Have the next picture made; where one is being made, that one comes first."""
        if view.making is not None:
            return
        view.began = time.monotonic()
        view.making_for, view.making_on = basis, rests_on(self._floor, view.reader)
        position = self._floor.position  # read last: what comes meanwhile is in the picture, and makes it old
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
            changed = view.digest != made.about.digest
            view.number += changed
            view.digest = made.about.digest
            view.picture, view.basis, view.making, view.error = made, view.making_for, None, None
            view.rests_on = view.making_on
            view.ready.notify_all()
        if changed and self._heard is not None:
            self._heard(key, before, made, view.number)


def rests_on(floor: Floor, reader: Reader) -> Rests:
    """Return what a reader's queue rests on."""
    restored, (seen, kept) = floor.restored, floor.stands_on(reader)
    return (restored, seen), kept


def sees_on(before: Reader, now: Reader) -> bool:
    """Whether a reader of one clearance may still see all that one of it saw before."""
    return before.today == now.today and before.consents <= now.consents
