"""Guard of every request: its host, where it comes from, its rate, and the headers of every answer.

The content security policy lets pages run our own modules and nothing else; no other host is ever named. A
page with a map may run workers that its own script makes (MapLibre GL starts them from a blob).
"""

import asyncio
import re
import secrets
import time
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from watchfloor.console.services import Listening
from watchfloor.core.limits import Rate, network_of

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
BURST: Final = 5_000
PER_SECOND: Final = 1_000.0
"""Requests that one address may send at once, and that come back each second; a proxy's is many people's."""
HELD: Final = 1.0
"""Seconds for which a request too many is held before it is answered: few programs try again when refused.

One address has `connections.PER_ADDRESS` connections, and so no more requests that are held."""

API: Final = "/api/"
PROBLEM: Final = "application/problem+json"
LOOKS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods by which nothing is done (RFC 9110, section 9.2.1)."""
COOKIE: Final = "watchfloor"

REFUSALS: Final = {
    "no-host": (
        "a request names one host",
        "une demande nomme un hôte",
    ),
    "other-name": (
        "this console does not answer to that name; who runs it can add it with --name",
        "cette console ne répond pas à ce nom; qui l’exploite peut l’ajouter par --name",
    ),
    "past-the-proxy": (
        "this console stands behind a proxy with TLS: go through it (it must send X-Forwarded-Proto: https)",
        "la console est derrière un mandataire TLS : passez par lui (il envoie X-Forwarded-Proto: https)",
    ),
    "from-elsewhere": (
        "a page of another site sent this; nothing was done",
        "une page d’un autre site a envoyé ceci; rien n’a été fait",
    ),
    "too-many": (
        "too many requests; wait a moment",
        "trop de demandes; attendez un instant",
    ),
}
"""Why a request goes no further, before anybody knows who sends it and in which language."""


_HOST: Final = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.?(?::[0-9]{1,5})?", re.ASCII)


class Guard:
    """ASGI middleware around everything."""

    def __init__(self, app: ASGIApp, listening: Listening, *, timing: bool = False) -> None:
        self._app, self._listening, self._timing = app, listening, timing
        self._rate = Rate(BURST, BURST / PER_SECOND)
        always = HEADERS | {"Content-Security-Policy": STRICT, "Cache-Control": "no-store"}
        if listening.tls:
            always["Strict-Transport-Security"] = "max-age=31536000"
        self._always = [(name.lower().encode(), value.encode()) for name, value in always.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(message)
                if self._timing:
                    took = f"app;dur={1e3 * (time.perf_counter() - began):.1f}"
                    MutableHeaders(scope=message)["Server-Timing"] = took
            await send(message)

        refusal = self._refusal(scope, Headers(scope=scope))
        if refusal is None and not (scope["type"] == "http" and scope["path"].startswith("/assets/")):
            client = scope.get("client")
            held = self._rate.reserve(network_of(client[0]) if client else "", HELD)
            if held is None:
                refusal = refused(scope, 429, "too-many", {"Retry-After": str(int(HELD) + 1)})
            elif held:
                await asyncio.sleep(held)
        if refusal is None:
            await self._app(scope, receive, sending)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await refusal(scope, receive, sending)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """Why a request goes no further: its host, its way, where it comes from."""
        hosts = headers.getlist("host")
        if len(hosts) != 1:
            return refused(scope, 400, "no-host")
        if name_of(hosts[0]) not in self._listening.hosts:  # a page elsewhere whose name points here
            return refused(scope, 421, "other-name")
        if self._listening.proxied and scope["scheme"] not in ("https", "wss"):
            return refused(scope, 403, "past-the-proxy")
        acts = scope["type"] == "websocket" or scope["method"] not in LOOKS
        if acts and from_elsewhere(headers):
            return refused(scope, 403, "from-elsewhere")
        return None

    def _add(self, message: Message) -> None:
        """Add the headers that an answer does not have yet."""
        there = {name.lower() for name, _ in message["headers"]}
        message["headers"] = [*message["headers"], *(one for one in self._always if one[0] not in there)]


def refused(scope: Scope, status: int, kind: str, headers: dict[str, str] | None = None) -> Response:
    """A refusal as the API tells it, or in plain words in both languages."""
    english, french = REFUSALS[kind]
    if not scope["path"].startswith(API):
        return PlainTextResponse(f"{english}\n{french}\n", status, headers)
    said = {"type": f"urn:watchfloor:problem:{kind}", "title": HTTPStatus(status).phrase, "status": status}
    return JSONResponse(said | {"detail": english}, status, headers, media_type=PROBLEM)


def name_of(host: str) -> str:
    """The name in a `Host` without its port; empty where it is no name with a port or none (RFC 9110)."""
    found = _HOST.fullmatch(host.lower())
    return found[1] if found else ""


def same(one: str, other: str) -> bool:
    """Whether two secrets are one, without telling by time how far they agree; nothing is no secret."""
    said = one.encode("utf-8", "replace"), other.encode("utf-8", "replace")
    return bool(one) and secrets.compare_digest(*said)


def from_elsewhere(headers: Headers) -> bool:
    """Whether a browser says that another site's page sent this, or a page of another port of this host."""
    if (site := headers.get("sec-fetch-site")) is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and origin.partition("://")[2].lower() != headers.get("host", "").lower()


def cookie_of(listening: Listening) -> str:
    """Return the name of a session's cookie: under TLS so that no other host can set or read it."""
    return f"__Host-{COOKIE}" if listening.tls else COOKIE


def token_of(connection: HTTPConnection, listening: Listening) -> str:
    """The token that a browser's cookie has; empty without one."""
    return connection.cookies.get(cookie_of(listening), "")


def give(response: Response, listening: Listening, token: str) -> None:
    """Set the cookie of a session."""
    name = cookie_of(listening)
    response.set_cookie(name, token, httponly=True, secure=listening.tls, samesite="lax", path="/")


def take_back(response: Response, listening: Listening) -> None:
    """Take the cookie back."""
    name = cookie_of(listening)
    response.delete_cookie(name, httponly=True, secure=listening.tls, samesite="lax", path="/")
