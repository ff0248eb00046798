"""What every request passes: its host, its rate, and the headers of every answer.

The content security policy lets pages run our own modules and nothing else; no other host is ever named. A
page with a map may run workers that its own script makes (MapLibre GL starts them from a blob).
"""

import secrets
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from watchfloor.console.access.limits import Rate
from watchfloor.console.services import Listening

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:{blob}; font-src 'self'; "
    "connect-src 'self'; worker-src {worker}; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
STRICT: Final = POLICY.format(blob="", worker="'none'")
WITH_MAP: Final = POLICY.format(blob=" blob:", worker="'self' blob:")

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=(), usb=(), serial=(), payment=()",
}
BURST: Final = 2_000
PER_SECOND: Final = 400.0
"""Requests that one address may send at once, and that come back each second; a proxy's is many people's."""

COOKIE: Final = "watchfloor"


class Guard:
    """ASGI middleware around everything."""

    def __init__(self, app: ASGIApp, listening: Listening) -> None:
        self._app, self._listening = app, listening
        self._rate = Rate(BURST, BURST / PER_SECOND)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if refusal := self._refusal(scope, headers):
            await self._refuse(scope, receive, send, refusal)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message))
            await send(message)

        await self._app(scope, receive, sending)

    def _refusal(self, scope: Scope, headers: Headers) -> PlainTextResponse | None:
        """A host that is none of ours (a page elsewhere whose name points here), or too many requests."""
        host = headers.get("host", "")
        name = host if host.endswith("]") else host.rsplit(":", 1)[0] if ":" in host else host
        if name.lower() not in self._listening.hosts:
            return PlainTextResponse("this console does not answer to that name", 421)
        if scope["type"] == "http" and scope["path"].startswith("/assets/"):
            return None
        client = scope.get("client")
        if wait := self._rate.spend(str(client and client[0])):
            after = {"Retry-After": str(int(wait) + 1)}
            return PlainTextResponse("too many requests; wait a little", 429, after)
        return None

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, refusal: PlainTextResponse) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        await refusal(scope, receive, send)

    def _add(self, headers: MutableHeaders) -> None:
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        headers.setdefault("Content-Security-Policy", STRICT)
        headers.setdefault("Cache-Control", "no-store")
        if self._listening.tls:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")


def same(one: str, other: str) -> bool:
    """Whether two secrets are one, without telling by time how far they agree."""
    return secrets.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def from_elsewhere(headers: Headers, listening: Listening) -> bool:
    """Whether a browser says that another site's page sent this."""
    if (site := headers.get("sec-fetch-site")) is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None or origin == "null":
        return origin == "null"
    host = origin.partition("://")[2].lower()
    name = host if host.endswith("]") else host.rsplit(":", 1)[0] if ":" in host else host
    return name not in listening.hosts
