"""The API: the same endpoints as JSON under `/api/v1`, described by an OpenAPI 3.1 document.

A program signs in by `POST /api/v1/session` and sends the token it gets as `Authorization: Bearer …`. A page
of ours uses its cookie, and then brings the session's CSRF token in `X-CSRF-Token`. What fails is a problem
(RFC 9457).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from http import HTTPStatus
from typing import Any, Final

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from watchfloor.cell.acts import refuse
from watchfloor.console import guard
from watchfloor.console.access.sessions import Session
from watchfloor.console.endpoints.browser import SESSION_BURST, SESSION_PER_SECOND, asker_of, kind_of, raw
from watchfloor.console.endpoints.endpoint import Asker, Endpoint, Raw
from watchfloor.console.endpoints.failures import EXPECTED, Failure, failure
from watchfloor.console.endpoints.openapi import LANG, PREFIX, document
from watchfloor.console.endpoints.request_parsing import asked, convert
from watchfloor.console.guard import PROBLEM
from watchfloor.console.jobs.uploads import length_of
from watchfloor.console.operations import ASKED
from watchfloor.console.services import Services
from watchfloor.core.limits import Rate
from watchfloor.core.messages import Language, declare

UNSTATED_TOO: Final = frozenset({"purpose", "purpose.state", "session", "session.end"})
"""What may be asked before a session has stated its purpose: how to state it, whose it is, and its end."""

NO_LANGUAGE: Final = declare("console.no-language", "lang")

_ENCODER: Final = msgspec.json.Encoder(enc_hook=lambda value: str(value))


class Api:
    """The API of a console."""

    def __init__(self, services: Services, endpoints: Sequence[Endpoint]) -> None:
        self._services = services
        self._endpoints = tuple(one for one in endpoints if one.api)
        self._rate = Rate(SESSION_BURST, SESSION_BURST / SESSION_PER_SECOND)
        self._routes = [
            Route(f"{PREFIX}/openapi.json", self._describe, methods=["GET"]),
            *(Route(PREFIX + one.path, self._handler(one), methods=[one.method]) for one in self._endpoints),
        ]

    def routes(self) -> Iterable[BaseRoute]:
        """A route for each endpoint and the document; the last answers everything else, by any method."""
        yield from self._routes
        yield Route(PREFIX + "/{rest:path}", Rest(self))

    async def _describe(self, request: Request) -> Response:
        session, _ = await run_in_threadpool(self.session_of, request)
        if session is None:
            language = self._language(request, None)
            return problem(self._failure(401, "no-session", language, {"WWW-Authenticate": "Bearer"}))
        content = await run_in_threadpool(lambda: self._document)
        return Response(content, media_type="application/json")

    @cached_property
    def _document(self) -> bytes:
        # Made when it is first asked for: a console would start 0.1 s later.
        name, cookie = self._services.floor.settings.name, guard.cookie_of(self._services.listening)
        return msgspec.json.encode(document(self._endpoints, name, cookie))

    def nothing(self, request: Request) -> Response:
        """The answer where no endpoint is, or none for that method."""
        allowed = {
            method
            for route in request.app.routes
            if isinstance(route, Route) and route.matches(request.scope)[0] is Match.PARTIAL
            for method in route.methods or ()
        }
        if allowed:
            return self.wrong(request, 405, {"Allow": ", ".join(sorted(allowed))})
        return self.wrong(request, 404, {})

    def wrong(
        self, request: Request, status: int, headers: Mapping[str, str], incident: str = ""
    ) -> Response:
        """Return the problem for a request that no endpoint answers."""
        kind = kind_of(status)
        return problem(Failure(status, kind, self._say(request, f"failure.{kind}"), headers, incident))

    def _handler(self, endpoint: Endpoint) -> Callable[[Request], Any]:
        async def handle(request: Request) -> Response:
            request.scope[ASKED] = endpoint.name
            session, refusal = await run_in_threadpool(self._admitted, endpoint, request)
            if refusal:
                return problem(refusal)
            if endpoint.file:
                return await self._receive(endpoint, endpoint.file, request, session)
            if endpoint.method == "GET":
                return await run_in_threadpool(self._answer, endpoint, request, session, b"")
            async with self._services.bodies.json(request, known=session is not None) as body:
                return await run_in_threadpool(self._answer, endpoint, request, session, body)

        return handle

    async def _receive(
        self,
        endpoint: Endpoint,
        refuses: Callable[[Asker, Any], None],
        request: Request,
        session: Session | None,
    ) -> Response:
        """An act whose body is a file: refused before its bytes are read, wherever that can be known."""
        language = self._language(request, session)
        asker = asker_of(self._services, session, language, request)
        try:
            ask = self._queried(endpoint, request)
            await run_in_threadpool(refuses, asker, ask)
            asker.file = await self._services.uploads.store(
                request.stream(), ask.name, length_of(request.headers)
            )
            given = await run_in_threadpool(endpoint.call, asker, ask)
        except ClientDisconnect:
            return Response(status_code=400)
        except EXPECTED as error:
            return problem(self._failed(error, language, session))
        finally:
            if asker.file:
                asker.file.drop()
        return Response(_ENCODER.encode(given), media_type="application/json")

    def session_of(self, request: Request) -> tuple[Session | None, bool]:
        """Who sends a request, and whether a token of the program's own says so and not a cookie."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if token and scheme.lower() == "bearer":
            return self._services.sessions.find(token.strip()), True
        cookie = guard.token_of(request, self._services.listening)
        return (self._services.sessions.find(cookie) if cookie else None), False

    def _answer(self, endpoint: Endpoint, request: Request, session: Session | None, body: bytes) -> Response:
        language = self._language(request, session)
        try:
            ask = self._ask(endpoint, request, body)
            given = endpoint.call(asker_of(self._services, session, language, request), ask)
        except _Unread as error:
            return problem(Failure(error.status, "unread", self._services.words.say(error.key, language)))
        except EXPECTED as error:
            return problem(self._failed(error, language, session))
        if isinstance(given, Raw):
            return raw(given)
        return Response(_ENCODER.encode(given), media_type="application/json")

    def _admitted(self, endpoint: Endpoint, request: Request) -> tuple[Session | None, Failure | None]:
        """Who sends a request, and why it goes no further: known before its body is read."""
        session, own = self.session_of(request)
        language = self._language(request, session)
        if session is not None and (wait := self._rate.spend(session.key.hex())):
            return session, self._failure(429, "too-many", language, {"Retry-After": str(int(wait) + 1)})
        if endpoint.public:
            return session, None
        if session is None:
            return None, self._failure(401, "no-session", language, {"WWW-Authenticate": "Bearer"})
        brought = request.headers.get("x-csrf-token", "")
        if endpoint.method == "POST" and not own and not guard.same(brought, session.csrf):
            return session, self._failure(403, "not-yours", language)
        if not session.stated and endpoint.name not in UNSTATED_TOO:
            return session, self._failure(403, "no-purpose", language)
        if not self._services.admits(session, endpoint.name):
            return session, self._failure(403, "one-factor", language)
        if endpoint.administrator and not session.administrator:
            return session, self._failure(404, "not-here", language)
        return session, None

    def _failed(self, error: Exception, language: Language, session: Session | None) -> Failure:
        keeper = session is not None and session.administrator
        return failure(error, self._services.words, language, keeper=keeper)

    def _failure(
        self, status: int, kind: str, language: Language, headers: Mapping[str, str] | None = None
    ) -> Failure:
        said = self._services.words.say(f"failure.{kind}", language)
        return Failure(status, kind, said, headers or {})

    def _ask(self, endpoint: Endpoint, request: Request, body: bytes) -> Any:
        if endpoint.method == "GET":
            return self._queried(endpoint, request)
        _refuse_language(request)
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
        return convert(endpoint, given, request.path_params, strict=True)

    def _queried(self, endpoint: Endpoint, request: Request) -> Any:
        _refuse_language(request)
        fields = {name: request.query_params.getlist(name) for name in request.query_params}
        fields.pop(LANG, None)
        return asked(endpoint, request.path_params, fields)

    def _language(self, request: Request, session: Session | None) -> Language:
        """As the request says, the session, or who sends it."""
        known = session.language if session else request.headers.get("accept-language", "")[:2].lower()
        return "fr" if request.query_params.get(LANG, known) == "fr" else "en"

    def _say(self, request: Request, key: str) -> str:
        return self._services.words.say(key, self._language(request, None))


class Rest:
    """An ASGI application for all paths of the API that are none."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say that there is nothing, or how it may be asked."""
        await self._api.nothing(Request(scope))(scope, receive, send)


def _refuse_language(request: Request) -> None:
    if (lang := request.query_params.get(LANG, "en")) not in ("en", "fr"):
        refuse(NO_LANGUAGE, lang=lang[:20])


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
        **({"incident": told.incident} if told.incident else {}),
    }
    return JSONResponse(said, told.status, dict(told.headers), media_type=PROBLEM)
