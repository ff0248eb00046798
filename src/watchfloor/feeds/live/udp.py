"""UDP: datagrams, each a message. Nobody can be made to wait, so what finds no room is counted as lost.

A datagram that repeats one of moments before, byte for byte, is a duplicate: networks deliver twice, and two
receivers may hear one ship.
"""

import asyncio
import socket
import struct
from typing import Final

from watchfloor.feeds.live.source import Source

BUFFER: Final = 1 << 23
"""Bytes that the system is asked to keep for us; it may allow fewer."""
LARGEST: Final = 1 << 16
BURST: Final = 512
"""Datagrams that are taken before others have their turn."""
_SO_MEMINFO: Final = 55
_DROPS: Final = 8
"""Linux: place of the number of dropped datagrams in SO_MEMINFO."""


async def listen(source: Source) -> None:
    """Listen, and bring what comes."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(source.address.host, source.address.port, type=socket.SOCK_DGRAM)
    family, kind, protocol, _, where = found[0]
    with socket.socket(family, kind, protocol) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        sock.setblocking(False)
        sock.bind(where)
        source.is_("listening")
        source.lost_before = lambda: dropped(sock)
        receive = Receive(source, sock)
        loop.add_reader(sock, receive)
        try:
            await asyncio.Event().wait()
        finally:
            loop.remove_reader(sock)
            source.lost_before = None


class Receive:
    """Takes datagrams off a socket."""

    def __init__(self, source: Source, sock: socket.socket) -> None:
        self._source, self._sock = source, sock

    def __call__(self) -> None:
        """Take those that are there, up to `BURST`."""
        source, inbox, receive = self._source, self._source.inbox, self._sock.recv
        source.heard()
        now = inbox.clock.now()
        for _ in range(BURST):
            try:
                data = receive(LARGEST)
            except BlockingIOError:
                return
            except OSError:  # what a peer that is gone sends back
                continue
            if inbox.full:
                inbox.lose(1)
            elif source.recent.again(data, now):
                inbox.repeat()
            else:
                inbox.put(data)


def dropped(sock: socket.socket) -> int:
    """How many datagrams the system has dropped because nobody took them; 0 where it does not say."""
    try:
        told = sock.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, 9 * 4)
        return int(struct.unpack("=9I", told)[_DROPS])
    except (OSError, struct.error):
        return 0
