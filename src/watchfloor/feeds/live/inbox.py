"""Inbox of a source: messages that nobody has taken in yet, bounded, so that a flood stops at its sender.

A source that is full is not read any more, where its transport can wait (TCP, a broker, a file). A datagram
that finds it full is counted as lost. A message that repeats one of moments before, byte for byte, is
counted as a duplicate and goes no further.
"""

import time
from bisect import bisect_right
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from watchfloor.formats.base import Batch
from watchfloor.formats.sensors.frames import Messages

SECOND: Final = 1_000_000
AT_ONCE: Final = 1 << 20
"""Bytes that one source may bring into one commit, so that commits stay short in a flood."""
COST: Final = 64
"""Bytes that a message counts for besides its own: many empty ones fill it too."""


def _machine() -> int:
    return time.time_ns() // 1000


class Clock:
    """When something was received, microseconds since 1970: rising, whatever the clock does.

    Args:
        last: the moment that was given last.
        time: the clock of the floor, in microseconds since 1970.

    Attributes:
        last: the moment that was given last.
    """

    def __init__(self, last: int = 0, time: Callable[[], int] = _machine) -> None:
        self.last, self._time = last, time

    def now(self) -> int:
        """A moment after every one that was given before."""
        self.last = max(self._time(), self.last + 1)
        return self.last

    @property
    def behind(self) -> float:
        """Seconds that the clock is behind what was given: it was put back."""
        return max(0.0, (self.last - self._time()) / SECOND)


class Recent:
    """Messages of the last while, to know one that comes again.

    Args:
        within: how long, in microseconds; None: without end.
        most: how many at most.
    """

    def __init__(self, within: int | None, most: int = 1 << 18) -> None:
        self._within, self._most = within, most
        self._seen: dict[bytes, int] = {}

    def again(self, message: bytes, now: int) -> bool:
        """Whether it came before; if not, it has now."""
        if self._within is not None:
            self._forget(now - self._within)
        if message in self._seen:
            return True
        self.add(message, now)
        return False

    def add(self, message: bytes, now: int) -> None:
        """A message that has come."""
        self._seen[message] = now
        if len(self._seen) > self._most:
            del self._seen[next(iter(self._seen))]

    def _forget(self, horizon: int) -> None:
        while self._seen:
            first = next(iter(self._seen))
            if self._seen[first] >= horizon:
                return
            del self._seen[first]


class Message(NamedTuple):
    """A message that waits.

    Attributes:
        channel: number of its connection.
        data: the message.
        received: when it came, microseconds since 1970.
        token: what the source is to be told once it is durable; None: nothing.
        cursor: where the source is to go on after it; empty where it keeps no place.
        refused: why it was not accepted, as the other side is told; empty: it was.
        told: rows that no message holds; None: it is a message.
    """

    channel: int
    data: bytes
    received: int
    token: Any = None
    cursor: bytes = b""
    refused: str = ""
    told: Batch | None = None


class InboxBatch(NamedTuple):
    """Messages for one commit: by connection, which ended, and tokens to tell once they are durable.

    Of a connection that ended, what it left unfinished; of messages that were refused, why; and rows that no
    message holds, each with when they were said.
    """

    channels: dict[int, Messages]
    closed: dict[int, bytes]
    tokens: list[Any]
    refused: dict[int, list[tuple[str, bytes]]] = {}  # noqa: RUF012 - shared and empty
    told: dict[int, list[tuple[int, Batch]]] = {}  # noqa: RUF012 - shared and empty


class Inbox:
    """Inbox of one source.

    Args:
        clock: of all sources.
        limit: bytes at most.
        wake: called when there is something where there was nothing.

    Attributes:
        clock: of all sources.
        waiting: bytes in it.
        lost: messages that found it full, or that their transport lost, ever.
        repeated: messages that repeat another, ever.
    """

    def __init__(self, clock: Clock, limit: int, wake: Callable[[], None]) -> None:
        self.clock, self._limit, self._wake = clock, limit, wake
        self._messages: list[Message] = []
        self._closed: dict[int, bytes] = {}
        self._new_lost = self._new_repeated = 0
        self._on_room: list[Callable[[], None]] = []
        self.waiting = self.lost = self.repeated = 0

    @property
    def full(self) -> bool:
        """Whether nothing more goes in."""
        return self.waiting >= self._limit

    @property
    def empty(self) -> bool:
        """Whether there is nothing to take."""
        return not (self._messages or self._closed or self._new_lost or self._new_repeated)

    def put(self, data: bytes, channel: int = 0, token: Any = None, cursor: bytes = b"") -> None:
        """A message, whether full or not: who can wait asks `full` before it reads more."""
        if self.empty:
            self._wake()
        self._messages.append(Message(channel, data, self.clock.now(), token, cursor))
        self.waiting += len(data) + COST

    def refuse(self, reason: str, data: bytes, channel: int = 0, token: Any = None) -> None:
        """A message that was not accepted: it is kept, and goes to quarantine."""
        if self.empty:
            self._wake()
        self._messages.append(Message(channel, data, self.clock.now(), token, refused=reason))
        self.waiting += len(data) + COST

    def put_rows(self, rows: Batch, channel: int = 0) -> None:
        """Rows that no message holds; they are received now."""
        if self.empty:
            self._wake()
        self._messages.append(Message(channel, b"", self.clock.now(), told=rows))
        self.waiting += COST

    def lose(self, count: int) -> None:
        """Messages that could not be taken in."""
        if count and self.empty:
            self._wake()
        self._new_lost += count
        self.lost += count

    def repeat(self) -> None:
        """A message that repeats another."""
        if self.empty:
            self._wake()
        self._new_repeated += 1
        self.repeated += 1

    def close(self, channel: int, rest: bytes = b"") -> None:
        """A connection has ended, and has left the start of a message."""
        if self.empty:
            self._wake()
        self._closed[channel] = rest

    def on_room(self, call: Callable[[], None]) -> None:
        """Have a function called once there is room again."""
        self._on_room.append(call)

    def horizon(self, most: int = AT_ONCE) -> int | None:
        """When the last message came that still fits into one commit; None where all do."""
        if self.waiting <= most:
            return None
        size = 0
        for message in self._messages:
            size += len(message.data) + COST
            if size > most:
                return message.received
        return None

    def drain(self, upto: int | None = None) -> InboxBatch:
        """Messages up to a moment, in their order; that connections have ended, once nothing is left of them.

        All sources are taken up to one moment, so that the order of the log is that of receipt.
        """
        count = len(self._messages)
        if upto is not None:
            count = bisect_right(self._messages, upto, key=lambda one: one.received)
        part, self._messages = self._messages[:count], self._messages[count:]
        self.waiting -= sum(len(message.data) + COST for message in part)
        closed: dict[int, bytes] = {}
        if not self._messages:
            closed, self._closed = self._closed, {}
        self._make_room()
        tokens = [one.token for one in part if one.token is not None]
        refused: dict[int, list[tuple[str, bytes]]] = {}
        told: dict[int, list[tuple[int, Batch]]] = {}
        for one in part:
            if one.refused:
                refused.setdefault(one.channel, []).append((one.refused, one.data))
            if one.told is not None:
                told.setdefault(one.channel, []).append((one.received, one.told))
        messages = [one for one in part if not one.refused and one.told is None]
        return InboxBatch(self._by_channel(messages), closed, tokens, refused, told)

    def _make_room(self) -> None:
        if not self.full:
            calls, self._on_room = self._on_room, []
            for call in calls:
                call()

    def _by_channel(self, part: list[Message]) -> dict[int, Messages]:
        found: dict[int, list[Message]] = {}
        if self._new_lost or self._new_repeated:
            found[part[0].channel if part else 0] = []
        for message in part:
            found.setdefault(message.channel, []).append(message)
        counts = self._new_repeated, self._new_lost
        self._new_repeated = self._new_lost = 0
        told: dict[int, Messages] = {}
        for channel, messages in found.items():
            cursor = messages[-1].cursor if messages else b""
            of = [one.data for one in messages], [one.received for one in messages]
            told[channel] = Messages(*of, *counts, cursor)
            counts = 0, 0
        return told
