"""`/map/region/…`: tiles of the regional base map, to who may see it.

A map without a marking is the same for everybody, and what is looked at on it is not logged, as of the base
map beneath it. One with a marking is logged once a session, and no browser keeps its tiles.
"""

from collections.abc import Awaitable, Callable, Iterable
from http import HTTPStatus
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from watchfloor.console.endpoints.browser import SESSION_BURST, SESSION_PER_SECOND, Browser, asker_of
from watchfloor.console.endpoints.failures import EXPECTED
from watchfloor.console.map.region import PATH, wrong
from watchfloor.console.memory import Memory
from watchfloor.console.operations import ASKED
from watchfloor.console.services import Services
from watchfloor.core.limits import Rate
from watchfloor.exchange.geo.tile_archive import TILE, TileArchiveError, unpacked

NAME: Final = "map.region"
TYPE: Final = "application/vnd.mapbox-vector-tile"
KEPT: Final = "private, max-age=604800, immutable"
"""How a browser keeps a tile: for a week, since another file has other addresses."""
DIGITS: Final = 8
"""Of a number in an address."""


def routes(services: Services, browser: Browser) -> Iterable[BaseRoute]:
    """Yield the route of tiles."""
    yield Route(PATH, _tiles(services, browser), methods=["GET"], name=NAME)


def _tiles(services: Services, browser: Browser) -> Callable[[Request], Awaitable[Response]]:
    rate, logged = Rate(SESSION_BURST, SESSION_BURST / SESSION_PER_SECOND), Memory[bool]()

    async def serve(request: Request) -> Response:
        request.scope[ASKED] = NAME
        return await run_in_threadpool(answer, request)

    def answer(request: Request) -> Response:
        session = browser.session_of(request)
        if session is None or not session.stated or not services.admits(session):
            return Response(status_code=HTTPStatus.UNAUTHORIZED)
        if wait := rate.spend(session.key.hex()):
            return Response(
                status_code=HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": str(int(wait) + 1)}
            )
        asker, place = asker_of(services, session, session.language, request), request.path_params
        try:
            found = services.region.shown(asker.reader)
        except EXPECTED:
            return Response(status_code=HTTPStatus.FORBIDDEN)
        at = [place[name] for name in "zxy"]
        numbers = [int(one) for one in at if one.isascii() and one.isdigit() and len(one) <= DIGITS]
        if found is None or found[0] != place["version"] or len(numbers) < len(at):
            return Response(status_code=HTTPStatus.NOT_FOUND)
        version, archive = found
        zoom, x, y = numbers
        try:
            tile = archive.tile(zoom, x, y)
        except TileArchiveError as error:
            wrong(error.reason)
            return Response(status_code=HTTPStatus.NOT_FOUND)
        if archive.marking and not logged.claim(f"{session.key.hex()} {version}", value=True):
            asker.log_query("map", region=version)
        headers = {"Cache-Control": "no-store" if archive.marking else KEPT, "Vary": "Accept-Encoding"}
        if tile is None:
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=headers)
        if archive.packed and "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
        elif archive.packed:
            tile = unpacked(tile, TILE)
        return Response(tile, media_type=TYPE, headers=headers)

    return serve
