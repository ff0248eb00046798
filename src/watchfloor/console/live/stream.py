"""`/api/v1/stream`: what changed, as server-sent events, for as long as the session lives.

A client that names the last event it had, in `Last-Event-ID` or `after`, gets exactly what it missed. One
that names none, or one that is no longer kept, gets a `snapshot` first: where the channel stands, and that
all that was fetched before is to be fetched anew (`fresh`). A `beat` comes when nothing else does, with the
clock of the server. `end` says why there will be no more.

Nothing is held for a client: it gets what its channel keeps, when it takes it. One that stops reading is let
go.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from watchfloor.console import guard
from watchfloor.console.access.sessions import Session
from watchfloor.console.endpoints.api import problem
from watchfloor.console.endpoints.browser import Browser
from watchfloor.console.endpoints.endpoint import Asker, Endpoint
from watchfloor.console.endpoints.failures import EXPECTED, Failure, failure
from watchfloor.console.endpoints.openapi import PREFIX
from watchfloor.console.live.events import Event, Events
from watchfloor.console.services import Services
from watchfloor.store import clock

BEAT: Final = 15.0
"""Seconds of silence after which a beat is sent, and the session and the policy looked at again."""
SHORT: Final = 2.0
"""The same where an exercise has a clock that people pause, and set to another rate."""
CHECK: Final = 1.0
"""Seconds for which a session that was looked at counts as alive: nothing is sent on an older word."""
STALLED: Final = 30.0
"""Seconds in which a client must take what is sent."""
MOST: Final = 8
"""Streams of one session. Our pages share one among all tabs of a browser."""
RETRY: Final = 2_000
"""Milliseconds after which a browser comes back."""

_ENCODE: Final = msgspec.json.encode
Said = dict[str, Any]


class HeadAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The id of the last event that was had; empty: none."""

    after: str = ""


class Missed(msgspec.Struct, frozen=True):
    """One event: its id, what it is, and what it says."""

    id: str
    what: str
    said: Said


class HeadNow(msgspec.Struct, frozen=True):
    """Where the stream stands.

    Attributes:
        id: of the newest event.
        fresh: whether what was fetched before must be fetched anew: the last event is not kept any more.
        events: what was missed, oldest first.
        last: what each kind of event said last, such as `alerts`.
        now: by the clock of the floor; `rate`: how many times as fast as the machine's that runs.
    """

    id: str
    fresh: bool
    events: list[Missed]
    last: dict[str, Said]
    now: datetime
    rate: float = 1.0
    marking: str = ""


def head(asker: Asker, ask: HeadAsk) -> HeadNow:
    """Where the stream stands and what was missed since an event: for a page that was asleep."""
    events = asker.services.events
    channel = asker.services.news.channel(asker.reader, asker.at)
    stands = events.head(channel)
    missed = events.since(channel, ask.after)
    told = [Missed(one.id, one.what, dict(one.said)) for one in missed or ()]
    last = {what: dict(said) for what, said in stands.last.items()}
    newest = told[-1].id if told else stands.id
    return HeadNow(newest, missed is None, told, last, asker.floor.now(), clock.rate(asker.floor.root))


ENDPOINTS: Final = (Endpoint("stream.head", "GET", "/stream/head", HeadAsk, HeadNow, head),)


def routes(services: Services, browser: Browser) -> Iterable[BaseRoute]:
    """The stream itself."""
    del browser
    yield Route(f"{PREFIX}/stream", Streams(services).open, methods=["GET"])


class Streams:
    """The streams of a console."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._running: Counter[bytes] = Counter()

    async def open(self, request: Request) -> Response:
        """Begin one, or say why not."""
        if request.method == "HEAD":
            return Response(media_type=_Stream.media_type)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not token or scheme.lower() != "bearer":
            token = guard.token_of(request, self._services.listening)
        try:
            found = await run_in_threadpool(self.who, token.strip())
        except EXPECTED as error:
            return problem(failure(error, self._services.words, "en"))
        if isinstance(found, Failure):
            return problem(found)
        session, channel = found
        if self._running[session.key] >= MOST:
            return problem(self._failure(429, "too-many", session, {"Retry-After": "5"}))
        last = request.headers.get("last-event-id") or request.query_params.get("after", "")
        return _Stream(self, token.strip(), session.key, channel, last)

    def who(self, token: str) -> tuple[Session, str] | Failure:
        """The session of a token and the channel of its reader, or why there is none."""
        session = self._services.sessions.find(token) if token else None
        if session is None:
            return self._failure(401, "no-session", None, {"WWW-Authenticate": "Bearer"})
        if not session.stated:
            return self._failure(403, "no-purpose", session)
        if not self._services.admits(session):
            return self._failure(403, "one-factor", session)
        at = self._services.floor.now()
        reader = Asker(self._services, session, at).reader
        return session, self._services.news.channel(reader, at)

    @property
    def root(self) -> Path:
        """The floor's folder."""
        return self._services.floor.root

    @property
    def events(self) -> Events:
        """Return the events to stream."""
        return self._services.events

    def enter(self, key: bytes) -> None:
        """Count a stream of a session."""
        self._running[key] += 1

    def leave(self, key: bytes) -> None:
        """Count one less."""
        self._running[key] -= 1
        if not self._running[key]:
            del self._running[key]

    def _failure(
        self, status: int, kind: str, session: Session | None, headers: dict[str, str] | None = None
    ) -> Failure:
        said = self._services.words.say(f"failure.{kind}", session.language if session else "en")
        return Failure(status, kind, said, headers or {})


class _Stream(Response):
    """One stream, as the answer to its request."""

    media_type = "text/event-stream"

    def __init__(self, streams: Streams, token: str, key: bytes, channel: str, last: str) -> None:
        super().__init__(headers={"X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._streams, self._token, self._key = streams, token, key
        self._channel, self._last = channel, last
        self._wake = asyncio.Event()
        self._left = False
        self._stop: Callable[[], None] = lambda: None
        self._checked = 0.0
        self._steady = True

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        """Send until the client is gone, the session over or the console stopped."""
        self._streams.enter(self._key)
        leaving = asyncio.ensure_future(self._wait_for_leaving(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            async with aclosing(self._pieces()) as pieces:
                async for piece in pieces:
                    message = {"type": "http.response.body", "body": piece, "more_body": True}
                    await asyncio.wait_for(send(message), STALLED)
            await asyncio.wait_for(send({"type": "http.response.body", "body": b""}), STALLED)
        except TimeoutError:  # it takes nothing; what it missed is kept for when it comes back
            return
        finally:
            leaving.cancel()
            self._stop()
            self._streams.leave(self._key)

    async def _wait_for_leaving(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._left = True
        self._wake.set()

    async def _pieces(self) -> AsyncGenerator[bytes, None]:
        self._listen()
        self._checked = _clock()
        yield f"retry: {RETRY}\n\n".encode() + self._beat()
        quiet = False
        while not self._left:
            self._wake.clear()
            if self._streams.events.closed:
                yield _end("stopping")
                return
            said = await self._said()
            if quiet and not said:
                said = [self._beat()]
            for one in said:
                yield one
            quiet = not await self._woken()

    async def _woken(self) -> bool:
        """Wait until something came; False where nothing did in time."""
        with suppress(TimeoutError):
            return await asyncio.wait_for(self._wake.wait(), BEAT if self._steady else SHORT)
        return False

    async def _said(self) -> list[bytes]:
        """Return the bytes to send, once it is sure that they may be sent."""
        changed = await self._check()
        return self._news() if changed is None else [changed]

    def _news(self) -> list[bytes]:
        """Return the events since the last that was sent; a snapshot if they are not kept any more."""
        found = self._streams.events.since(self._channel, self._last)
        if found is None:
            return [self._snapshot()]
        if found:
            self._last = found[-1].id
        return [_written(one) for one in found]

    async def _check(self) -> bytes | None:
        """Whether session and policy still allow it: None where all is as before, else what to say."""
        if _clock() - self._checked < CHECK:
            return None
        self._checked = _clock()
        try:
            found = await run_in_threadpool(self._streams.who, self._token)
        except EXPECTED:
            found = Failure(403, "not-permitted", "")
        if isinstance(found, Failure):
            self._left = True
            return _end("session")
        _, channel = found
        if channel == self._channel:
            return None
        self._channel = channel
        self._listen()
        return self._snapshot()

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()

        def wake() -> None:
            with suppress(RuntimeError):  # the loop has just been closed
                loop.call_soon_threadsafe(self._wake.set)

        self._stop()
        self._stop = self._streams.events.listen(self._channel, wake)

    def _beat(self) -> bytes:
        return b"event: beat\ndata: " + _ENCODE(self._now()) + b"\n\n"

    def _now(self) -> dict[str, Any]:
        """The time of the floor, and how fast it goes; noted, so that a clock which may change is told of
        more often.
        """
        root = self._streams.root
        self._steady = clock.exercise_clock(root) is None
        return {"now": clock.now(root).isoformat(timespec="milliseconds"), "rate": clock.rate(root)}

    def _snapshot(self) -> bytes:
        """Where the channel stands: everything that was fetched before must be fetched anew."""
        stands = self._streams.events.head(self._channel)
        self._last = stands.id
        said = {"fresh": True, "last": stands.last, **self._now()}
        return _written(Event(stands.id, "snapshot", said))


def _written(one: Event) -> bytes:
    return f"id: {one.id}\nevent: {one.what}\ndata: ".encode() + _ENCODE(one.said) + b"\n\n"


def _end(why: str) -> bytes:
    return b"event: end\ndata: " + _ENCODE({"why": why}) + b"\n\n"


def _clock() -> float:
    return asyncio.get_running_loop().time()
