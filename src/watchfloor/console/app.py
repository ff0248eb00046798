"""The application: every endpoint as a page and in the API, the assets, the stream."""

import os
from collections.abc import Awaitable, Callable, Iterable
from functools import cache, partial

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from watchfloor.console.access.login_routes import Ways
from watchfloor.console.assets import Assets
from watchfloor.console.endpoints.api import Api
from watchfloor.console.endpoints.browser import Browser, kind_of
from watchfloor.console.endpoints.endpoint import Asker, Endpoint
from watchfloor.console.endpoints.openapi import PREFIX
from watchfloor.console.guard import Guard, same
from watchfloor.console.operations import ASKED, Observed, incident
from watchfloor.console.registry import ENDPOINTS, OWN, PLACES, ROUTES
from watchfloor.console.services import Services
from watchfloor.exchange.partners import publisher
from watchfloor.exchange.taxii.routes import Taxii
from watchfloor.exchange.taxii.submissions import Submissions


def application(services: Services, endpoints: Iterable[Endpoint] = ENDPOINTS) -> Observed:
    """The console of a floor as an ASGI application."""
    table = tuple(endpoints)
    services.addressee = partial(Asker, services)
    browser, api = Browser(services, table, PLACES, OWN), Api(services, table)
    taxii = _Machines("taxii", _taxii(services))
    routes: list[BaseRoute] = [
        Mount("/taxii2", taxii),
        Route("/assets/{digest}/{name:path}", _assets(services.assets)),
        *Ways(services, browser).routes(),
        *browser.routes(),
        *(route for made in ROUTES for route in made(services, browser)),
        Route("/healthz", _healthy(services), methods=["GET"]),
        Route("/metrics", _metrics(services, api), methods=["GET"]),
        *api.routes(),
        Mount("/ogc", _Machines("ogc", _ogc(services, api))),
    ]
    wrong = _wrong(browser, api)
    handlers = {HTTPException: wrong, ClientDisconnect: _gone, Exception: wrong}
    app = Starlette(routes=routes, exception_handlers=handlers)
    timing = services.settings.diagnostics.timing
    return Observed(Guard(_First("/taxii2", taxii, app), services.listening, timing=timing), services.metrics)


class _First:
    """Requests below a path, which come by the hundred a second, past all other routes."""

    def __init__(self, mount: str, app: ASGIApp, others: ASGIApp) -> None:
        self._mount, self._app, self._others = mount, app, others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        root = scope.get("root_path", "")
        if scope["type"] == "http" and scope["path"].startswith(f"{root}{self._mount}/"):
            scope["root_path"] = f"{root}{self._mount}"
            await self._app(scope, receive, send)
        else:
            await self._others(scope, receive, send)


class _Machines:
    """Requests of partners' machines, under one name in the metrics."""

    def __init__(self, name: str, app: ASGIApp) -> None:
        self._name, self._app = name, app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[ASKED] = self._name
        await self._app(scope, receive, send)


def _taxii(services: Services) -> Taxii:
    """TAXII over the partners' shelves."""
    floor, settle = services.floor, partial(publisher.settle, services.floor)
    door, shelves, deliveries = services.partner_door, services.shelves, services.deliveries
    return Taxii(
        *(floor, door, shelves, deliveries, settle, Submissions(floor)),
        told=lambda error: incident(error, "ours"),
    )


def _ogc(services: Services, api: Api) -> ASGIApp:
    """OGC API Features, made when it is first asked: with shapely a console would start 0.3 s later."""

    @cache
    def made() -> ASGIApp:
        from watchfloor.console.ogc import ogc

        return ogc(services, api)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        app = await run_in_threadpool(made)
        await app(scope, receive, send)

    return answer


def _wrong(browser: Browser, api: Api) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Tells what no endpoint answers, as a page or as a problem."""

    async def answer(request: Request, error: Exception) -> Response:
        status, headers = 500, {}
        if isinstance(error, HTTPException):
            status, headers = error.status_code, dict(error.headers or {})
        if status == 405:
            headers["Allow"] = ", ".join(sorted(_allowed(request)))
        id_ = incident(error, "ours" if status == 500 else kind_of(status)) if status >= 500 else ""
        teller = api if request.url.path.startswith(f"{PREFIX}/") else browser
        return await run_in_threadpool(teller.wrong, request, status, headers, id_)

    return answer


async def _gone(_: Request, __: Exception) -> Response:
    """Nobody is there any more to read it."""
    return Response(status_code=400)


def _healthy(services: Services) -> Callable[[Request], Awaitable[Response]]:
    """Tells anybody whether the console works, and nothing more."""

    async def answer(request: Request) -> Response:
        request.scope[ASKED] = "healthz"
        try:
            await run_in_threadpool(services.check)
        except Exception as error:
            incident(error, "health")
            return PlainTextResponse("not ok\n", 503)
        return PlainTextResponse("ok\n")

    return answer


def _metrics(services: Services, api: Api) -> Callable[[Request], Awaitable[Response]]:
    """Counts, for who has the token or administers the console; for others there is nothing."""
    variable = services.settings.diagnostics.metrics_env
    token = os.environ.get(variable, "") if variable else ""

    async def answer(request: Request) -> Response:
        request.scope[ASKED] = "metrics"
        _, _, brought = request.headers.get("authorization", "").partition(" ")
        if not same(brought.strip(), token):
            session, _ = await run_in_threadpool(api.session_of, request)
            if session is None or not session.administrator or not services.admits(session):
                raise HTTPException(404)
        text = await run_in_threadpool(services.metrics.text)
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4")

    return answer


def _allowed(request: Request) -> set[str]:
    """The methods by which what is at an address can be asked."""
    routes = (one for one in request.app.routes if isinstance(one, Route))
    fitting = (one for one in routes if one.matches(request.scope)[0] is not Match.NONE)
    return {method for one in fitting for method in one.methods or ()}


def _assets(assets: Assets) -> Callable[[Request], Awaitable[Response]]:
    """Serves an asset: packed where the browser takes that, kept by it for good."""

    async def serve(request: Request) -> Response:
        found = assets.get(request.path_params["name"])
        if found is None or request.path_params["digest"] != assets.digest:
            return PlainTextResponse("no such asset", 404)
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
        if found.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(found.packed, media_type=found.type, headers=headers)
        return Response(found.content, media_type=found.type, headers=headers)

    return serve
