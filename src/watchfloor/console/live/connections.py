"""Connections of the console: how many there may be, and how long a client may keep one waiting.

uvicorn waits for good for the rest of a request, so half a request holds a file descriptor until there are no
more. Here a head comes in time and is not endless, and a body does not stop coming. Where there are too many
connections of an address, or of all, the one on which the server has waited longest for its client gives way.

Under TLS asyncio tells of a connection when its handshake is over, so those before that are counted where
they are accepted: at their sockets.
"""

import asyncio
import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Final, Self

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from watchfloor.core.limits import network_of
from watchfloor.exchange.partners.door import CERTIFICATE

MOST: Final = 1024
"""Connections at a time, but for sockets of the map, where the system lets a process open as many files."""
PER_ADDRESS: Final = 256
"""Connections of one address: a browser opens six, and an office may stand behind one address."""
HANDSHAKES: Final = 256
HANDSHAKES_OF_ONE: Final = 32
"""Connections before the end of their handshake, of all and of one address."""
MOST_HEAD: Final = 64 << 10
"""Bytes of the first line and the headers."""
MOST_REST: Final = 32 << 20
"""Bytes of a body that are still read once it is answered, so that the client reads why it was refused."""
HEAD: Final = 15.0
"""Seconds in which a head must have come, and a handshake be over."""
GRACE: Final = 5.0
"""Seconds without a byte after which a connection may have to give way."""
SILENT: Final = 75.0
"""Seconds without a byte, of a body or of a client that does not read: longer than `uploads.STALLS`."""
LOOKS: Final = 1.0
"""Seconds between two looks at who is late."""


class Connections:
    """The connections of one server.

    Args:
        most: of them.
        per_address: of one address.
    """

    def __init__(self, most: int, per_address: int) -> None:
        self._most, self._per_address = most, per_address
        self._of: dict[str, set[Connection]] = {}
        self._begun: dict[int, Accepted] = {}
        self._looking = False

    def __len__(self) -> int:
        return sum(map(len, self._of.values()))

    @property
    def protocol(self) -> Any:
        """Return the maker of uvicorn's connections."""
        return partial(Connection, self)

    def add(self, one: "Connection") -> None:
        """Take a connection in; another gives way where there are too many, or this one."""
        full = None
        if len(self._of.get(one.network, ())) >= self._per_address:
            full = one.network
        elif len(self) >= self._most:
            full = max(self._of, key=lambda network: len(self._of[network]))
        if full is not None and self._given_way(full, one) is one:
            return
        self._of.setdefault(one.network, set()).add(one)
        self._look_later(one.loop)

    def begin(self, one: "Accepted") -> bool:
        """Take in a connection that begins its handshake; false where it is refused.

        Where there are too many, the one of its address that began first gives way, or of the address that
        has most; no sooner than after `GRACE`.
        """
        by: dict[str, list[Accepted]] = {}
        for each in self._begun.values():
            by.setdefault(each.network, []).append(each)
        full: list[Accepted] = []
        if len(by.get(one.network, ())) >= self._of_one:
            full = by[one.network]
        elif len(self._begun) >= HANDSHAKES:
            full = max(by.values(), key=len)
        if full:
            first = min(full, key=lambda each: each.since)
            if one.since - first.since < GRACE:
                return False
            first.end()
        self._begun[one.fileno()] = one
        self._look_later(asyncio.get_running_loop())
        return True

    def begun(self, number: int) -> None:
        """Note that the handshake on a socket is over, well or not."""
        self._begun.pop(number, None)

    @property
    def _of_one(self) -> int:
        """Handshakes of one address: of a proxy's, all."""
        return HANDSHAKES_OF_ONE if self._per_address < self._most else HANDSHAKES

    def _look_later(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._looking:
            self._looking = True
            loop.call_later(LOOKS, self._look, loop)

    def drop(self, one: "Connection") -> None:
        """Forget a connection that is over, or that has become a socket."""
        others = self._of.get(one.network, set())
        others.discard(one)
        if not others:
            self._of.pop(one.network, None)

    def _given_way(self, network: str, new: "Connection") -> "Connection":
        """Close the connection of an address that gives way to a new one; it may be the new one."""
        waiting = (one for one in self._of[network] if one.waiting)
        gone = min(waiting, key=lambda one: one.heard, default=new)
        if new.heard - gone.heard < GRACE:  # to refuse costs least: no request was begun
            gone = new
        self.drop(gone)
        gone.transport.abort()
        return gone

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Close what is late, and look again."""
        now = loop.time()
        for one in [one for many in self._of.values() for one in many if one.late(now)]:
            one.transport.abort()
        for begun in [one for one in self._begun.values() if now - one.since > HEAD]:
            begun.end()
        self._looking = bool(self._of or self._begun)
        if self._looking:
            loop.call_later(LOOKS, self._look, loop)


class Listener(socket.socket):
    """A listening socket whose connections are counted from the moment they are accepted.

    Args:
        bound: the socket.
        all_: where they are counted.
        ahead: is called before each handshake.
    """

    def __init__(
        self, bound: socket.socket, all_: Connections, ahead: Callable[[], object] = lambda: None
    ) -> None:
        super().__init__(bound.family, bound.type, bound.proto, os.dup(bound.fileno()))
        self._all, self._ahead = all_, ahead

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept a connection; raise `BlockingIOError`, as where there is none, for one that is refused."""
        plain, client = super().accept()
        self._ahead()
        one = Accepted.from_plain(plain, client, self._all)
        if not self._all.begin(one):
            one.close()
            raise BlockingIOError
        return one, client


class Accepted(socket.socket):
    """A connection as it was accepted.

    Attributes:
        network: whose it is.
        since: when it was accepted.
    """

    network: str
    since: float
    _all: Connections

    @classmethod
    def from_plain(cls, plain: socket.socket, client: Any, all_: Connections) -> Self:
        """Return the connection of a socket, which is its own from here on."""
        one = cls(plain.family, plain.type, plain.proto, plain.detach())
        one.network, one.since, one._all = network_of(client[0]), asyncio.get_running_loop().time(), all_
        return one

    def end(self) -> None:
        """End it: who waits for its handshake hears that the client is gone."""
        self._all.begun(self.fileno())
        with suppress(OSError):
            self.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close it."""
        self._all.begun(self.fileno())
        super().close()


class Connection(HttpToolsProtocol):
    """A connection that is not waited for without end.

    Attributes:
        network: whose it is.
        heard: when its client last sent or read something.
    """

    def __init__(self, all_: Connections, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._all = all_
        self.network, self.heard = "", self.loop.time()
        self._certificate = b""  # of the client, DER
        self._part = "head"  # what is awaited: a head, the rest of a body, or nothing: ""
        self._since = self.heard  # when it was first waited for
        self._size = 0  # bytes of the head so far, or of a body since it was answered
        self._unread = 0  # bytes that the client has not read yet

    @property
    def waiting(self) -> bool:
        """Whether the server waits for this client, and not this client for the server."""
        if self.flow.read_paused:
            return False
        return bool(self._part) or self.cycle is None or self.cycle.response_complete

    def late(self, now: float) -> bool:
        """Whether it has been waited for too long."""
        unread = self.transport.get_write_buffer_size()
        if unread != self._unread:
            self._unread, self.heard = unread, now
        if unread:
            return now - self.heard > SILENT
        if self._part == "head":
            return now - self._since > HEAD
        return self._part == "body" and not self.flow.read_paused and now - self.heard > SILENT

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin."""
        super().connection_made(transport)
        self._all.begun(transport.get_extra_info("socket").fileno())
        if self.client:
            # asyncio leaves it out, as `socket.create_server` names no protocol; a body would wait 40 ms
            # for its client to acknowledge the headers.
            transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        tls = transport.get_extra_info("ssl_object")
        self._answers: Any = _Answers(transport, self.loop)
        self._certificate = (tls.getpeercert(binary_form=True) if tls else None) or b""
        self.network = network_of(self.client[0]) if self.client else ""
        self._all.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._all.drop(self)
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        """Go on as a socket, which the stream counts by session."""
        self._all.drop(self)
        super().handle_websocket_upgrade()

    def data_received(self, data: bytes) -> None:
        """Read what came, as far as it may be read."""
        self.heard = self.loop.time()
        if not self._part:
            self._await("head")
        if self._part == "head" or (self.cycle and self.cycle.response_complete):
            self._size += len(data)
        super().data_received(data)
        if self._size > (MOST_HEAD if self._part == "head" else MOST_REST):
            self.transport.abort()

    def on_message_begin(self) -> None:
        """Await a head."""
        if self._part != "head":
            self._await("head")
        super().on_message_begin()
        if self._certificate:
            extended: Any = self.scope
            extended["extensions"] = {CERTIFICATE: self._certificate}

    def on_headers_complete(self) -> None:
        """Await a body."""
        self._await("body")
        super().on_headers_complete()
        if self.cycle is not None:  # there is none where a socket is asked for first
            self.cycle.transport = self._answers

    def on_message_complete(self) -> None:
        """Await nothing."""
        self._part = ""
        super().on_message_complete()

    def _await(self, part: str) -> None:
        self._part, self._since, self._size = part, self.loop.time(), 0


class _Answers:
    """Transport of answers: what follows a head in the same turn of the loop is written with it.

    Each write is a call of the system, and wakes the client.

    Args:
        transport: of the connection.
        loop: that runs it.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop, self._head = transport, loop, b""
        self.is_closing = transport.is_closing

    def write(self, data: bytes) -> None:
        """Write a part of an answer; uvicorn writes the head first, and whole."""
        if not self._head and data.startswith(b"HTTP/1.1 "):
            self._head = data
            self._loop.call_soon(self._flush)
        else:
            head, self._head = self._head, b""
            self._transport.write(head + data if head else data)

    def close(self) -> None:
        """Write what is left, and close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._head:
            self.write(b"")


def most() -> int:
    """Return how many connections there may be: half of the files that this process may open.

    Where the system lets a process raise that number by itself, it is raised.
    """
    if sys.platform == "win32":
        return MOST
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wished = 2 * MOST if hard == resource.RLIM_INFINITY else min(2 * MOST, hard)
    if soft != resource.RLIM_INFINITY and soft < wished:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wished, hard))
        soft = wished
    return MOST if soft == resource.RLIM_INFINITY else min(MOST, soft // 2)
