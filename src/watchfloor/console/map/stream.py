"""`/map/stream`: frames of the map over a WebSocket, for as long as the session lives.

Each frame is the whole map (`frames`), so a client that loses some has lost nothing once the next is there.
The next is made only when the last was taken: for a client that stalls nothing piles up, and after `STALLED`
seconds it is let go. Where nothing changed a head alone says so. What comes new into view is logged before it
is sent. Close codes: 4401 the session is over, 4403 the policy does not allow it, 1013 try again later.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from watchfloor.console import guard
from watchfloor.console.access.accounts import hash_of
from watchfloor.console.endpoints.browser import Browser
from watchfloor.console.endpoints.endpoint import Asker
from watchfloor.console.endpoints.failures import EXPECTED
from watchfloor.console.map.frames import frame
from watchfloor.console.map.scene import Scene, live
from watchfloor.console.services import Services
from watchfloor.store.readers import NotPermitted

EVERY: Final = 1.0
"""Seconds between two looks at what is on the map."""
BEATS: Final = 5
"""Looks without a change after which a head is sent."""
STALLED: Final = 30.0
"""Seconds in which a client must take a frame."""
MOST: Final = 16
"""Streams of one session: each has a scene made for it every second."""
OVER: Final = 4401
NOT_ALLOWED: Final = 4403
LATER: Final = 1013
ELSEWHERE: Final = 1008


class Closed(Exception):  # noqa: N818 - ends a stream
    """There is no more to send, and the code that says why."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Sent(NamedTuple):
    """State of a client: the scene by its digest, which positions are stale, and all keys it was shown."""

    scene: tuple[str, bool, bytes] = ("", True, b"")
    keys: frozenset[str] = frozenset()


def routes(services: Services, browser: Browser) -> Iterable[BaseRoute]:
    """The stream."""
    del browser
    running: Counter[bytes] = Counter()

    async def open_(socket: WebSocket) -> None:
        if guard.from_elsewhere(socket.headers):
            await socket.close(ELSEWHERE)
            return
        await Stream(services, socket, running).run()

    yield WebSocketRoute("/map/stream", open_)


class Stream:
    """One client's stream; `running` counts those of each session."""

    def __init__(self, services: Services, socket: WebSocket, running: Counter[bytes]) -> None:
        self._services, self._socket, self._running = services, socket, running
        self._token = guard.token_of(socket, services.listening)
        self._sent = Sent()
        self._number = 0

    async def run(self) -> None:
        """Send frames until the client is gone, does not take them, or may not have them."""
        await self._socket.accept()
        key = hash_of(self._token)
        if self._running[key] >= MOST:
            await self._close(LATER)
            return
        self._running[key] += 1
        leaving = asyncio.ensure_future(self._left())
        try:
            await self._send(leaving)
        except Closed as closed:
            await self._close(closed.code)
        except (TimeoutError, WebSocketDisconnect):
            return
        finally:
            leaving.cancel()
            self._running[key] -= 1
            if not self._running[key]:
                del self._running[key]

    async def _send(self, leaving: "asyncio.Future[None]") -> None:
        quiet = 0
        while not leaving.done() and not self._services.events.closed:
            said, whole = await run_in_threadpool(self._next)
            quiet = 0 if whole else quiet + 1
            if whole or quiet % BEATS == 0:
                await asyncio.wait_for(self._socket.send_bytes(said), STALLED)
            await asyncio.wait([leaving], timeout=EVERY)

    async def _left(self) -> None:
        """Return when the client has gone; what it says is not listened to."""
        while (await self._socket.receive())["type"] != "websocket.disconnect":
            pass

    async def _close(self, code: int) -> None:
        try:
            await asyncio.wait_for(self._socket.close(code), STALLED)
        except (TimeoutError, RuntimeError, WebSocketDisconnect):
            return

    def _next(self) -> tuple[bytes, bool]:
        """The next frame, and whether it has things in it. Raises `Closed`."""
        asker = self._asker()
        try:
            scene = live(asker)
            is_ = scene.digest, scene.fresh, scene.stale.tobytes()
            whole = is_ != self._sent.scene
            if whole:
                self._sent = Sent(is_, self._logged(asker, scene, is_[0]))
        except NotPermitted:
            raise Closed(NOT_ALLOWED) from None
        except EXPECTED:  # such as a floor that is being written to: it comes back
            raise Closed(LATER) from None
        self._number += 1
        return frame(scene, self._number, beat=not whole), whole

    def _asker(self) -> Asker:
        session = self._services.sessions.find(self._token) if self._token else None
        if session is None or not session.stated or not self._services.admits(session):
            raise Closed(OVER)
        return Asker(self._services, session)

    def _logged(self, asker: Asker, scene: Scene, digest: str) -> frozenset[str]:
        """Log what this client has not been shown before; gives the keys of all that it was."""
        keys = frozenset(scene.points["key"].to_pylist())
        if new := keys - self._sent.keys:
            asker.log_query("map", digest=digest, stream=True, shown=sorted(new))
        return keys | self._sent.keys
