"""TCP, and serial lines behind it: a stream, cut where messages end, not read on while we are behind.

A serial line over TCP is taken as it comes (a raw socket of ser2net or a device server); RFC 2217 is not
spoken. What a connection leaves unfinished at its end is kept, and goes to quarantine.
"""

import asyncio
import contextlib
import socket
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from watchfloor.feeds.live.source import Source
from watchfloor.formats.base import Batch

KEEPALIVE: Final = (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3))
"""So that a peer that is gone without a word is found within half a minute."""
CONNECT: Final = 10.0
"""Seconds that a connection may take to come about."""
MOST: Final = 64
"""Connections to one listening source."""


TICK: Final = 5.0
"""Seconds between two looks at whether somebody in a conversation has fallen silent."""


class Answer(NamedTuple):
    """Bytes to send on a connection once what they answer is durable, and whether it is over then."""

    stream: "Stream"
    data: bytes
    close: bool


async def answer(answers: list[Answer]) -> None:
    """Send answers."""
    for one in answers:
        one.stream.answer(one)


class Stream(asyncio.Protocol):
    """One connection.

    Args:
        source: whose.
        channel: its number.
    """

    def __init__(self, source: Source, channel: int) -> None:
        self._source, self._channel = source, channel
        self._rest = bytearray()
        self._transport: asyncio.Transport | None = None
        self._talk = source.talks.session() if source.talks is not None else None
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._source.connections += 1
        if self._talk is not None:
            self._source.streams[self._talk] = self
        self._later = asyncio.get_running_loop().call_later(TICK, self._tick)
        _keep_alive(transport.get_extra_info("socket"))

    def data_received(self, data: bytes) -> None:
        """Bytes came: those up to the end of a message go in."""
        source = self._source
        source.heard()
        if self._talk is not None:
            self._came_of(self._talk.feed(data, datetime.now(UTC)))
            self._pause()
            return
        self._rest += data
        try:
            end = source.wire.whole(bytes(self._rest))
        except ValueError:
            self.end()  # what is left says why, where it is read
            return
        if end:
            source.inbox.put(bytes(self._rest[:end]), self._channel)
            del self._rest[:end]
        self._pause()

    def _pause(self) -> None:
        """Read no more while there is no room."""
        if self._source.inbox.full and self._transport is not None and self._transport.is_reading():
            self._transport.pause_reading()
            self._source.inbox.on_room(self._resume)

    def _came_of(self, out: Any) -> None:
        """Put a conversation's output into the inbox: answers wait until what they answer is durable."""
        last = Answer(self, out.replies, out.close) if out.replies or out.close else None
        inbox = self._source.inbox
        for part in out.own:
            inbox.put_rows(Batch(part.kind, part.rows), self._channel)
        if (hear := self._source.events) is not None:
            for event in out.events:
                hear(event)
        for at, fault in enumerate(out.faults, 1):
            token = last if at == len(out.faults) and not out.passed else None
            inbox.refuse(fault.reason, fault.raw, self._channel, token)
        if out.passed:
            inbox.put(out.passed, self._channel, token=last)
        elif last is not None and not out.faults:
            self.answer(last)

    def answer(self, one: "Answer") -> None:
        """Send an answer: what it answers is durable."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(one.data)
            if one.close:
                self._transport.close()

    def _tick(self) -> None:
        """Let a conversation notice who has fallen silent."""
        if self._talk is not None and not self.ended.done():
            self._came_of(self._talk.tick(datetime.now(UTC)))
            self._later = asyncio.get_running_loop().call_later(TICK, self._tick)

    def connection_lost(self, exc: Exception | None) -> None:
        """It has ended, well or not."""
        if self._talk is not None:
            self._later.cancel()
            self._came_of(self._talk.end(datetime.now(UTC)))
        self._source.connections -= 1
        self._source.streams.pop(self._talk, None)
        self._source.inbox.close(self._channel, bytes(self._rest))
        if not self.ended.done():
            self.ended.set_result(exc)

    def end(self) -> None:
        """End it."""
        if self._transport is not None:
            self._transport.abort()

    def _resume(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()
            if self._source.inbox.full:
                self._transport.pause_reading()
                self._source.inbox.on_room(self._resume)


async def connect(source: Source) -> None:
    """Connect, and bring what comes until the connection ends, or is silent for too long."""
    loop = asyncio.get_running_loop()
    source.tell = answer
    channel = _next(source)
    made = loop.create_connection(lambda: Stream(source, channel), source.address.host, source.address.port)
    _, stream = await asyncio.wait_for(made, CONNECT)
    source.is_("connected")
    source.heard()
    try:
        while not stream.ended.done():
            await asyncio.wait([stream.ended], timeout=source.idle / 4)
            if source.silent > source.idle and not source.inbox.full:
                raise TimeoutError(f"nothing came for {source.idle:g} seconds; the connection is made anew")
    finally:
        stream.end()
        await asyncio.wait([stream.ended], timeout=1)
    if (error := stream.ended.result()) is not None:
        raise error


async def listen(source: Source) -> None:
    """Listen, and bring what comes on every connection."""
    loop = asyncio.get_running_loop()
    source.tell = answer
    streams: set[Stream] = set()

    def open_() -> asyncio.Protocol:
        if len(streams) >= MOST:
            source.refused += 1
            return _Refused()
        stream = Stream(source, _next(source))
        streams.add(stream)
        stream.ended.add_done_callback(lambda _: streams.discard(stream))
        return stream

    server = await loop.create_server(open_, source.address.host, source.address.port)
    source.is_("listening")
    try:
        await server.serve_forever()
    finally:
        server.close()
        for stream in list(streams):
            stream.end()


class _Refused(asyncio.Protocol):
    """A connection that is one too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is ended at once."""
        transport.close()


def _next(source: Source) -> int:
    """A number that no connection of this run of the source has had."""
    source.channels += 1
    return source.channels


def _keep_alive(sock: socket.socket | None) -> None:
    if sock is None:
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE:
        with contextlib.suppress(AttributeError, OSError):  # not every system has each
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
