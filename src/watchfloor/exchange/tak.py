"""A live stream of tracks to a TAK server: events of Cursor on Target, masked, and accounted for by receipts.

A track goes out when it was reported anew, if both who sends and who reads there may see it; the policy is
asked at every look, so a narrowed clearance counts at once. What is new to the server is logged before its
first byte leaves, and every `RECEIPT` seconds a receipt is: how many events, which tracks, the SHA-256 of the
bytes; of events that the system took whole for the server, and no others. A lost connection is made anew,
and then each track is sent again as it is now. What the server sends of others is read and dropped.
"""

import asyncio
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import msgspec
import pyarrow as pa

from watchfloor.cell import tracks
from watchfloor.cell.acts import refuse
from watchfloor.core.messages import declare
from watchfloor.feeds.live.source import error_text, pause
from watchfloor.formats.sensors.cot import columns, xml_out
from watchfloor.policy.policy import mask
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

SENT: Final = (
    *("track", "subjects", "until", "latitude", "longitude", "altitude", "speed", "course"),
    *("var_east", "var_north", "cov_east_north", "exists", "class", "marking"),
)
"""Columns of a track that an event is made from."""
EVERY: Final = 1.0
"""Seconds between two looks at the tracks."""
RECEIPT: Final = 60.0
"""Seconds between two receipts."""
STALLED: Final = 30.0
"""Seconds in which a server must take what is sent, and a connection be made."""
SETTLED: Final = 60.0
"""Seconds after which a connection that breaks is tried again at once."""

NO_ADDRESS: Final = declare("exchange.tak-address", "url")
PLAIN: Final = declare("exchange.tak-plain", "host")
NO_CERTIFICATE: Final = declare("exchange.tak-certificate", "problem")


class Server(NamedTuple):
    """A TAK server.

    Attributes:
        url: as it was given.
        host, port: where it listens.
        security: how its certificate is checked, and ours shown; None: over this machine's own interface.
        name: that its certificate must have.
    """

    url: str
    host: str
    port: int
    security: ssl.SSLContext | None
    name: str


def server(
    url: str, authority: Path | None, certificate: Path | None, key: Path | None, name: str = ""
) -> Server:
    """Return a server from its address, such as tls://tak.example:8089.

    Args:
        url: tls://HOST:PORT; tcp://HOST:PORT of this machine alone.
        authority: certificates, PEM, of who signed the server's; None: those that this machine trusts.
        certificate, key: ours, PEM, where the server asks for one.
        name: of the server in its certificate; empty: HOST.

    Raises:
        Refusal: it is no such address, would go over a network in the clear, or a certificate cannot be read.
    """
    try:
        split = urlsplit(url)
        scheme, host, port = split.scheme, split.hostname or "", split.port or 0
        # A name, a password or a token in an address would be in the log, and a server asks for none.
        more = "@" in split.netloc or split.path not in ("", "/") or split.query or split.fragment
    except ValueError:
        scheme, host, port, more = "", "", 0, ""
    if scheme not in ("tls", "tcp") or not host or not port or more:
        refuse(NO_ADDRESS, url=url)
    if scheme == "tcp":
        if not _here(host):
            refuse(PLAIN, host=host)
        return Server(url, host, port, None, "")
    if key and not certificate:
        refuse(NO_CERTIFICATE, problem="--key without --cert")
    try:
        security = ssl.create_default_context(cafile=authority)
        if certificate:
            security.load_cert_chain(certificate, key)
    except (ssl.SSLError, OSError) as error:
        refuse(NO_CERTIFICATE, problem=str(error))
    return Server(url, host, port, security, name or host)


def _here(host: str) -> bool:
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


class Event(NamedTuple):
    """An event to be sent: of which track, its last report in microseconds since 1970, its bytes."""

    track: str
    until: int
    data: bytes


class Receipt(msgspec.Struct, frozen=True):
    """Events that a server was given in a time, as the log has it.

    Attributes:
        server: its address; reader: who reads there.
        since, until: seconds since 1970.
        events: that were sent; tracks: keys of those that they are about.
        bytes: of all events; sha256: of these bytes, in their order.
        connections: that were made; problem: why the last one broke, or is not there; empty: it is.
        position: of the receipt in the log.
    """

    server: str
    reader: str
    since: float
    until: float
    events: int
    tracks: list[str]
    bytes: int
    sha256: str
    connections: int
    problem: str
    position: int = 0


class TakStream:
    """The stream of one floor to one server.

    Args:
        floor: whose tracks.
        actor: who sends, with purpose and authority, as the log will have it.
        reads: who reads there, a name of the policy.
        target: the server.
        told: called with each receipt, and with a sentence when the connection breaks or stands again.
    """

    def __init__(
        self, floor: Floor, actor: Actor, reads: str, target: Server, told: Callable[[Receipt | str], None]
    ) -> None:
        self._floor, self._actor, self._reads = floor, actor, reads
        self._target, self._told = target, told
        self._known: set[str] = set()
        self._last: dict[str, int] = {}
        self._problem: str | None = None
        self._empty()

    def _empty(self) -> None:
        self._since, self._events, self._bytes, self._connections = time.time(), 0, 0, 0
        self._digest, self._tracks = sha256(), set[str]()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until told to stop. Raises `NotPermitted` once the policy lets one of the two see nothing."""
        tries = 0
        try:
            self._rows()
            while not stop.is_set():
                began = time.monotonic()
                try:
                    await self._connected(stop)
                except (OSError, TimeoutError, EOFError) as error:
                    self._says(error_text(error))
                    tries = 0 if time.monotonic() - began > SETTLED else tries
                    await _wait(stop, pause(tries))
                    tries += 1
                self._due()
        finally:
            self._receipt()

    async def _connected(self, stop: asyncio.Event) -> None:
        one = self._target
        opening = asyncio.open_connection(
            one.host, one.port, ssl=one.security, server_hostname=one.name if one.security else None
        )
        reader, writer = await asyncio.wait_for(opening, STALLED)
        self._connections += 1
        self._last.clear()
        gone = asyncio.ensure_future(_drained(reader))
        try:
            await _wait(stop, 0.05, gone)  # who refuses a certificate ends what had seemed to stand
            while not stop.is_set():
                if gone.done():
                    raise gone.exception() or EOFError("the server has ended the connection")
                await self._send(writer, await asyncio.to_thread(self._next))
                self._says("")
                self._due()
                await _wait(stop, EVERY, gone)
        finally:
            gone.cancel()
            writer.close()
            with suppress(OSError, TimeoutError):
                await asyncio.wait_for(writer.wait_closed(), 1)

    async def _send(self, writer: asyncio.StreamWriter, events: list[Event]) -> None:
        """Send events, and count each when the system has taken the whole of it."""
        # So `drain` waits until nothing is left here. asyncio's TLS goes on below its limit, not at it, and
        # keeps up to 64 KiB of records beneath that it tells nobody of.
        writer.transport.set_write_buffer_limits(high=1 if self._target.security else 0, low=0)
        for one in events:
            writer.write(one.data)
            await asyncio.wait_for(writer.drain(), STALLED)
            self._last[one.track] = one.until
            self._events, self._bytes = self._events + 1, self._bytes + len(one.data)
            self._digest.update(one.data)
            self._tracks.add(one.track)

    @property
    def count(self) -> int:
        """How many tracks would be sent now."""
        rows = self._rows()
        return 0 if rows is None else rows.num_rows

    def _rows(self) -> pa.Table | None:
        """Return the tracks as they are now that both may see."""
        floor, now = self._floor, self._floor.now()
        mine, theirs = (floor.reader(name, self._actor.purpose) for name in (self._actor.name, self._reads))
        rows = tracks.live(floor, mine, now, SENT)
        if rows is None:
            rows = tracks.last(floor, mine, floor.position, now, SENT)
        return None if rows is None else rows.filter(mask(theirs, rows["marking"]))

    def _next(self) -> list[Event]:
        """Return the events of what was reported since the last look; what is new to the server is logged."""
        rows = self._rows()
        if rows is None or not rows.num_rows:
            return []
        keys = [one[0] for one in rows["subjects"].to_pylist()]
        until = rows["until"].cast(pa.int64()).to_pylist()
        new = [n for n, (key, at) in enumerate(zip(keys, until, strict=True)) if self._last.get(key) != at]
        if first := sorted({keys[n] for n in new} - self._known):
            detail = {"what": "tak", "server": self._target.url, "reader": self._reads, "shown": first}
            self._floor.act(self._actor, "query", detail)
            self._known.update(first)
        made = xml_out.events(columns.of_tracks(rows.take(pa.array(new, pa.int64())))).to_pylist()
        texts = (f"{xml_out.DECLARATION}{one}".encode() for one in made)
        return [Event(keys[n], until[n], text) for n, text in zip(new, texts, strict=True)]

    def _says(self, problem: str) -> None:
        if problem != self._problem:
            self._problem = problem
            self._told(problem)

    def _due(self) -> None:
        if time.time() - self._since >= RECEIPT:
            self._receipt()

    def _receipt(self) -> None:
        """Log what was sent since the last receipt, where anything was."""
        if self._events:
            made = Receipt(
                *(self._target.url, self._reads, self._since, time.time(), self._events),
                *(sorted(self._tracks), self._bytes, self._digest.hexdigest()),
                *(self._connections, self._problem or ""),
            )
            detail = msgspec.to_builtins(made)
            shown = {"what": "tak receipt", "shown": detail.pop("tracks")}
            del detail["position"]
            position = self._floor.act(self._actor, "query", {**shown, **detail})
            self._told(msgspec.structs.replace(made, position=position))
        self._empty()


async def _drained(reader: asyncio.StreamReader) -> None:
    """Read and drop what comes, until nothing will."""
    while await reader.read(1 << 16):
        pass


async def _wait(stop: asyncio.Event, seconds: float, *others: "asyncio.Future[None]") -> None:
    stopping = asyncio.ensure_future(stop.wait())
    waited: list[asyncio.Future[Any]] = [stopping, *others]
    await asyncio.wait(waited, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
