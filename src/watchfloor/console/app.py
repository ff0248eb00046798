"""The application: every endpoint as a page and in the API, the assets, the stream."""

from collections.abc import Awaitable, Callable, Iterable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from watchfloor.console.access import entry
from watchfloor.console.api import Api
from watchfloor.console.assets import Assets
from watchfloor.console.browser import Browser
from watchfloor.console.endpoint import Endpoint
from watchfloor.console.guard import Guard
from watchfloor.console.registry import ENDPOINTS, MENU, ROUTES
from watchfloor.console.services import Services


def application(services: Services, endpoints: Iterable[Endpoint] = ENDPOINTS) -> Guard:
    """The console of a floor as an ASGI application."""
    table = tuple(endpoints)
    browser, api = Browser(services, table, MENU), Api(services, table)
    routes: list[BaseRoute] = [
        Route("/assets/{digest}/{name:path}", _assets(services.assets)),
        *entry.routes(services, browser),
        *browser.routes(),
        *(route for made in ROUTES for route in made(services, browser)),
        *api.routes(),
    ]
    app = Starlette(routes=routes, exception_handlers=browser.handlers())
    return Guard(app, services.listening)


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
