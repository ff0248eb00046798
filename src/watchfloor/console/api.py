"""The API: the same endpoints as JSON under `/api/v1`, described by an OpenAPI 3.1 document.

A program signs in by `POST /api/v1/session` and sends the token it gets as `Authorization: Bearer …`. A page
of ours uses its cookie, and then brings the session's CSRF token in `X-CSRF-Token`. What fails is a problem
(RFC 9457).
"""

from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from watchfloor.console import guard
from watchfloor.console.access.limits import Rate
from watchfloor.console.access.sessions import Session
from watchfloor.console.asking import asked, convert
from watchfloor.console.browser import SESSION_BURST, SESSION_PER_SECOND, raw
from watchfloor.console.endpoint import Asker, Endpoint, Raw
from watchfloor.console.failures import EXPECTED, Failure, failure
from watchfloor.console.openapi import document
from watchfloor.console.services import Services
from watchfloor.records.messages import Language

PREFIX: Final = "/api/v1"
MOST_BYTES: Final = 8 << 20
"""Of a body of JSON."""
PROBLEM: Final = "application/problem+json"

_ENCODER: Final = msgspec.json.Encoder(enc_hook=lambda value: str(value))


class Api:
    """The API of a console."""

    def __init__(self, services: Services, endpoints: Sequence[Endpoint]) -> None:
        self._services = services
        self._endpoints = tuple(one for one in endpoints if one.api)
        self._document = msgspec.json.encode(document(self._endpoints, services.floor.settings.name))
        self._rate = Rate(SESSION_BURST, SESSION_BURST / SESSION_PER_SECOND)

    def routes(self) -> Iterable[Route]:
        """A route for each endpoint, and the document."""
        yield Route(f"{PREFIX}/openapi.json", self._describe, methods=["GET"])
        for one in self._endpoints:
            yield Route(PREFIX + one.path, self._handler(one), methods=[one.method])
        yield Route(PREFIX + "/{rest:path}", self._nothing, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])

    async def _describe(self, _: Request) -> Response:
        return Response(self._document, media_type="application/json")

    async def _nothing(self, request: Request) -> Response:
        return problem(Failure(404, "not-here", self._say(request, "failure.not-here")))

    def _handler(self, endpoint: Endpoint) -> Callable[[Request], Any]:
        async def handle(request: Request) -> Response:
            body = b""
            if endpoint.method == "POST":
                async for piece in request.stream():
                    body += piece
                    if len(body) > MOST_BYTES:
                        return problem(Failure(413, "too-long", self._say(request, "failure.too-long")))
            return await run_in_threadpool(self._answer, endpoint, request, body)

        return handle

    def session_of(self, request: Request) -> tuple[Session | None, bool]:
        """Who sends a request, and whether a token of the program's own says so and not a cookie."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if token and scheme.lower() == "bearer":
            return self._services.sessions.of(token.strip()), True
        cookie = request.cookies.get(guard.COOKIE)
        return (self._services.sessions.of(cookie) if cookie else None), False

    def _answer(self, endpoint: Endpoint, request: Request, body: bytes) -> Response:
        session, own = self.session_of(request)
        language = self._language(request, session)
        if refusal := self._refusal(endpoint, request, session, own):
            return problem(refusal)
        nobody = Session(b"", "", "", "", "", language, administrator=False, began=0, ends=0)
        try:
            ask = self._ask(endpoint, request, body)
            given = endpoint.call(Asker(self._services, session or nobody), ask)
        except _Unread as error:
            return problem(Failure(error.status, "unread", self._say(request, error.key)))
        except EXPECTED as error:
            return problem(failure(error, language))
        if isinstance(given, Raw):
            return raw(given)
        return Response(_ENCODER.encode(given), media_type="application/json")

    def _refusal(
        self, endpoint: Endpoint, request: Request, session: Session | None, own: bool
    ) -> Failure | None:
        if session is not None and (wait := self._rate.spend(session.key.hex())):
            after = {"Retry-After": str(int(wait) + 1)}
            return Failure(429, "too-many", self._say(request, "failure.too-many"), after)
        if endpoint.public:
            return None
        if session is None:
            said = self._say(request, "failure.no-session")
            return Failure(401, "no-session", said, {"WWW-Authenticate": "Bearer"})
        if endpoint.method == "POST" and not own and not self._is_ours(request, session):
            return Failure(403, "not-yours", self._say(request, "common.not_yours"))
        if not session.stated and endpoint.name != "purpose.state":
            return Failure(403, "no-purpose", self._say(request, "failure.no-purpose"))
        if endpoint.administrator and not session.administrator:
            return Failure(404, "not-here", self._say(request, "failure.not-here"))
        return None

    def _is_ours(self, request: Request, session: Session) -> bool:
        brought = request.headers.get("x-csrf-token", "")
        elsewhere = guard.from_elsewhere(request.headers, self._services.listening)
        return not elsewhere and guard.same(brought, session.csrf)

    def _ask(self, endpoint: Endpoint, request: Request, body: bytes) -> Any:
        if endpoint.method == "GET":
            fields = {name: request.query_params.getlist(name) for name in request.query_params}
            fields.pop("lang", None)
            return asked(endpoint, request.path_params, fields)
        given: Any = {}
        if body:
            type_ = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            if type_ != "application/json":
                raise _Unread(415, "failure.not-json-type")
            try:
                given = msgspec.json.decode(body)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                raise _Unread(400, "failure.not-json") from None
            if not isinstance(given, dict):
                raise _Unread(400, "failure.not-json")
        return convert(endpoint, {**given, **request.path_params}, strict=False)

    def _language(self, request: Request, session: Session | None) -> Language:
        wanted = request.query_params.get("lang") or (session.language if session else "")
        return "fr" if wanted == "fr" else "en"

    def _say(self, request: Request, key: str) -> str:
        wanted = request.query_params.get("lang")
        return self._services.words.say(key, "fr" if wanted == "fr" else "en")


class _Unread(Exception):  # noqa: N818 - never leaves this module
    def __init__(self, status: int, key: str) -> None:
        super().__init__(key)
        self.status, self.key = status, key


def problem(told: Failure) -> Response:
    """A failure as RFC 9457 has it; `type` is our own word for its kind."""
    said = {
        "type": f"urn:watchfloor:problem:{told.kind}",
        "title": HTTPStatus(told.status).phrase,
        "status": told.status,
        "detail": told.said,
    }
    return JSONResponse(said, told.status, dict(told.headers), media_type=PROBLEM)
