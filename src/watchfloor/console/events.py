"""The stream: what changed, numbered, so that a client that was cut off or asleep gets what it missed.

One channel a view: who sees more hears more, and counts otherwise. A number is good for one run of the
console; its prefix says which. A client that names a number of another run, or one that is no longer kept, is
told to fetch everything anew (`snapshot`).
"""

import secrets
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

KEPT: Final = 1_000
"""Events of a channel that can be had again."""


class Event(NamedTuple):
    """One event: its id, what it is, and what it says."""

    id: str
    what: str
    said: Mapping[str, Any]


class _Channel:
    def __init__(self) -> None:
        self.events: deque[tuple[int, str, Mapping[str, Any]]] = deque(maxlen=KEPT)
        self.number = 0


class Events:
    """The channels of a console; any thread may publish."""

    def __init__(self) -> None:
        self.run = secrets.token_hex(4)
        self._channels: dict[str, _Channel] = {}
        self._guard = threading.Lock()
        self._woken: list[Callable[[], None]] = []

    def publish(self, view: str, what: str, said: Mapping[str, Any]) -> None:
        """Tell everybody of a view."""
        with self._guard:
            channel = self._channels.setdefault(view, _Channel())
            channel.number += 1
            channel.events.append((channel.number, what, said))
            woken = list(self._woken)
        for wake in woken:
            wake()

    def head(self, view: str) -> str:
        """The id of the newest event of a view."""
        with self._guard:
            return self._id(self._channels.setdefault(view, _Channel()).number)

    def since(self, view: str, last: str) -> tuple[list[Event], bool]:
        """The events of a view after one, and whether that is all: if not, fetch everything anew."""
        with self._guard:
            channel = self._channels.setdefault(view, _Channel())
            run, _, number = last.partition("-")
            if run != self.run or not number.isdigit() or int(number) > channel.number:
                return [], False
            first = channel.events[0][0] if channel.events else channel.number + 1
            if int(number) + 1 < first:
                return [], False
            mine = [one for one in channel.events if one[0] > int(number)]
            return [Event(self._id(at), what, said) for at, what, said in mine], True

    def listen(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Have `wake` called, from any thread, when something is published; gives what stops that."""
        with self._guard:
            self._woken.append(wake)

        def stop() -> None:
            with self._guard:
                self._woken.remove(wake)

        return stop

    def _id(self, number: int) -> str:
        return f"{self.run}-{number}"
