"""The stream: what changed, numbered, so that a client that was cut off or asleep gets what it missed.

One channel for readers who see the same: who sees more hears more, and counts otherwise. The name of a
channel is made at random when it is opened, and is the first half of the ids of its events. So a number of
another channel, or of an earlier run of the console, is never taken for one of this, and a client that names
one that is no longer kept is told to fetch everything anew.
"""

import secrets
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

KEPT: Final = 1_000
"""Events of a channel that can be had again."""

Said = Mapping[str, Any]


class Event(NamedTuple):
    """One event: its id, what it is, and what it says."""

    id: str
    what: str
    said: Said


class Head(NamedTuple):
    """Where a channel stands: the id of its newest event, and what each kind of event said last."""

    id: str
    last: Mapping[str, Said]


class _Channel:
    def __init__(self, name: str, last: Mapping[str, Said]) -> None:
        self.name, self.number, self.last = name, 0, dict(last)
        self.events: deque[Event] = deque(maxlen=KEPT)
        self.woken: list[Callable[[], None]] = []

    @property
    def head(self) -> str:
        return f"{self.name}-{self.number}"


class Events:
    """The channels of a console; any thread may publish."""

    def __init__(self) -> None:
        self._channels: dict[str, _Channel] = {}
        self._guard = threading.Lock()
        self.closed = False

    def open(self, last: Mapping[str, Said]) -> str:
        """Open a channel; gives its name.

        Args:
            last: what each kind of event would have said last, had it been open before.
        """
        name = secrets.token_hex(6)
        with self._guard:
            self._channels[name] = _Channel(name, last)
        return name

    def publish(self, channel: str, what: str, said: Said) -> None:
        """Tell everybody of a channel; nobody where it was dropped."""
        with self._guard:
            one = self._channels.get(channel)
            if one is None:
                return
            one.number += 1
            one.events.append(Event(one.head, what, said))
            one.last[what] = said
            woken = list(one.woken)
        for wake in woken:
            wake()

    def head(self, channel: str) -> Head:
        """Where a channel stands. Raises `KeyError`."""
        with self._guard:
            one = self._channels[channel]
            return Head(one.head, dict(one.last))

    def since(self, channel: str, last: str) -> list[Event] | None:
        """The events of a channel after one; None where they are not all kept: fetch everything anew."""
        with self._guard:
            one = self._channels[channel]
            number = _number(one, last)
            if number is None or one.number - number > len(one.events):
                return None
            return list(one.events)[len(one.events) - (one.number - number) :]

    def listen(self, channel: str, wake: Callable[[], None]) -> Callable[[], None]:
        """Have `wake` called, from any thread, when something is published; gives what stops that."""
        with self._guard:
            one = self._channels[channel]
            one.woken.append(wake)

        def stop() -> None:
            with self._guard:
                one.woken.remove(wake)

        return stop

    def drop(self, channel: str) -> bool:
        """Let go of a channel that nobody listens to; gives whether it is gone."""
        with self._guard:
            if self._channels[channel].woken:
                return False
            del self._channels[channel]
            return True

    def close(self) -> None:
        """Wake everybody, to be told that nothing more will come."""
        with self._guard:
            self.closed = True
            woken = [wake for one in self._channels.values() for wake in one.woken]
        for wake in woken:
            wake()


def _number(channel: _Channel, last: str) -> int | None:
    """The number of an id of a channel; None where it is none of its ids."""
    name, _, digits = last.rpartition("-")
    if name != channel.name or not digits.isascii() or not digits.isdigit() or len(digits) > 18:
        return None
    number = int(digits)
    return number if number <= channel.number else None
