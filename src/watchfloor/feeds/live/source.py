"""A live source as it runs: how it stands, what it has brought, and how it comes back after it was gone."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from watchfloor.feeds.live.address import Address
from watchfloor.feeds.live.inbox import Inbox, Recent
from watchfloor.formats.sensors.wires.readers import Wire

FIRST: Final = 0.25
LONGEST: Final = 30.0
"""Seconds between two tries to connect, at first and at most; each is twice the last, more or less."""
SETTLED: Final = 10.0
"""Seconds after which a connection counts as one that holds."""

Tell = Callable[[list[Any]], Awaitable[None]]


class Unusable(Exception):  # noqa: N818 - named for what the operator meets
    """A source that cannot be used as it is configured or installed; the message says what to do."""


@dataclass(slots=True, eq=False)
class Source:
    """A source and how it stands.

    Attributes:
        number: of it, in the log.
        name: of its feed.
        address: where it is.
        wire: how it is read.
        inbox: what it has brought.
        idle: seconds of silence after which it counts as idle, and after which a connection that we have
            made is made anew.
        password: to sign in with.
        recent: messages of moments before.
        cursor: up to where it has brought everything; empty: from the start. `durable`: up to where that is
            in the log.
        state: `starting`, `connected`, `listening`, `waiting` to try again, `refused` or `failed`.
        detail: a sentence about that.
        connections: that are open.
        refused: connections that were one too many.
        tries: since one held.
        channels: connections that there ever were.
        last: when something came, by the clock of the process; 0: never.
        tell: called with the tokens of what is durable.
        lost_before: how many messages the transport says it has lost in all; `lost_by_system`: of these,
            those that are counted already.
        begin: what a new connection begins with, frozen, where a person has said something of it.
        talks: who talks, of a wire that expects answers; see `formats.sensors.wires.readers.Wire.converse`.
        streams: of its conversations the connections that they go over.
        events: takes what a conversation says that is no row: what, of which node, and its content.
    """

    number: int
    name: str
    address: Address
    wire: Wire
    inbox: Inbox
    idle: float
    password: str = ""
    recent: Recent = field(default_factory=lambda: Recent(2_000_000))
    cursor: bytes = b""
    durable: bytes = b""
    state: str = "starting"
    detail: str = ""
    connections: int = 0
    refused: int = 0
    tries: int = 0
    channels: int = 0
    last: float = 0.0
    tell: Tell | None = None
    lost_before: Callable[[], int] | None = None
    lost_by_system: int = 0
    begin: bytes = b""
    talks: Any = None
    streams: dict[Any, Any] = field(default_factory=dict)
    events: Callable[[Any], None] | None = None

    def is_(self, state: str, detail: str = "") -> None:
        """How it stands now."""
        self.state, self.detail = state, detail

    def heard(self) -> None:
        """Something came."""
        self.last = time.monotonic()

    @property
    def silent(self) -> float:
        """Seconds since something came; of none, for ever."""
        return time.monotonic() - self.last if self.last else float("inf")

    async def room(self) -> None:
        """Wait until there is room in the inbox."""
        while self.inbox.full:
            free = asyncio.Event()
            self.inbox.on_room(free.set)
            await free.wait()


Run = Callable[[Source], Awaitable[None]]
"""Connects, and brings what comes until the connection is gone."""


async def for_ever(
    source: Source, run: Run, *, wait: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Run a source, and again after it was gone, each time after a longer wait; ends where it is unusable."""
    while True:
        began = time.monotonic()
        try:
            await run(source)
            source.is_("waiting", "the other side has ended the connection")
        except Unusable as error:
            source.is_("failed", str(error))
            return
        except (OSError, TimeoutError, EOFError) as error:
            source.is_("waiting", error_text(error))
        if time.monotonic() - began > SETTLED:
            source.tries = 0
        await wait(pause(source.tries))
        source.tries += 1


def pause(tries: int) -> float:
    """Seconds to wait after so many tries: doubling, and never the same for two who lost one broker."""
    longest: float = min(LONGEST, FIRST * 2 ** min(tries, 16))
    return longest * random.uniform(0.5, 1.5)  # noqa: S311 - no secret


def error_text(error: BaseException) -> str:
    """Return the message of a failure, without its number."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
