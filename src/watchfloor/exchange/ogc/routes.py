"""OGC API Features and Tiles as an ASGI application (17-069r4, 18-058r1 and 20-057).

Who asks is found out before anything else is looked at. What there is, how much and where is of their view
alone: counts, extents and page tokens too. A page is noted before it is sent.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import parse_qs, quote, unquote, urlencode

import msgspec
import numpy as np
from anyio.to_thread import run_sync
from starlette.types import Receive, Scope, Send

from watchfloor.core.messages import Language, declare, reason
from watchfloor.exchange.ogc import documents, queries, tiles
from watchfloor.exchange.ogc.documents import GEOJSON, JSON, MVT, OPENAPI, SCHEMA, link
from watchfloor.exchange.ogc.snapshot import Numbers, Snapshot
from watchfloor.exchange.ogc.systems import out_of_wgs84
from watchfloor.exchange.taxii.queries import Wrong
from watchfloor.store.floor import Floor

NOT_HERE: Final = declare("ogc.not-here")
NO_METHOD: Final = declare("ogc.no-method")
OURS: Final = declare("ogc.ours")
LONGEST: Final = 8_000
"""Characters of a query."""


class View(Protocol):
    """A reader's view; `language` is that in which they are answered."""

    language: Language

    @property
    def who(self) -> str:
        """To whom page tokens are bound."""

    def names(self) -> Sequence[str]:
        """Return the collections that there are."""

    def snapshot(self, name: str) -> Snapshot:
        """Return the features of a collection."""

    def note(self, name: str, snapshot: Snapshot, numbers: Numbers) -> None:
        """Note features that are about to be sent."""


class Request(NamedTuple):
    """A request taken apart: the path below the mount, the query as it came and by name, and its address."""

    parts: tuple[str, ...]
    query: str
    parameters: Mapping[str, list[str]]
    home: str


class Answer(NamedTuple):
    """An answer of HTTP."""

    status: int
    body: bytes
    type: str = JSON
    headers: Mapping[str, str] = {}


@dataclass
class Ogc:
    """The application.

    Attributes:
        floor: which.
        admit: finds out who asks, by headers and address. Raises `Wrong`.
        told: logs a mistake of ours; gives its number.
    """

    floor: Floor
    admit: Callable[[Scope, Mapping[str, str]], Awaitable[View]]
    told: Callable[[BaseException], str] = lambda _: ""

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        """Answer one request."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        language: Language = "fr" if headers.get("accept-language", "")[:2].lower() == "fr" else "en"
        try:
            view = await self.admit(scope, headers)
            language = view.language
            if scope["method"] not in ("GET", "HEAD"):
                raise Wrong(405, reason(NO_METHOD), {"Allow": "GET, HEAD"})
            answer = await run_sync(self._answer, _taken_apart(scope, headers), view)
        except Wrong as error:
            said = {"code": str(error.status), "description": error.reason.render(language)}
            answer = Answer(error.status, msgspec.json.encode(said), JSON, error.headers)
        except Exception as error:
            said = {"code": self.told(error) or "500", "description": reason(OURS).render(language)}
            answer = Answer(500, msgspec.json.encode(said))
        await _send(send, answer, head=scope["method"] == "HEAD")

    def _answer(self, request: Request, view: View) -> Answer:
        home, language = request.home, view.language
        names = view.names()
        match request.parts:
            case ("collections", name, "items") if name in names:
                return self._items(request, view, name)
            case ("collections", name, "items", *rest) if name in names:
                return self._item(request, view, name, "/".join(rest))
        queries.none(request.parameters)
        match request.parts:
            case ():
                return _json(documents.landing(home, self.floor.settings.name, language))
            case ("conformance",):
                return _json({"conformsTo": list(documents.CONFORMS)})
            case ("api",):
                made = documents.definition(home, self.floor.settings.name, names)
                return _json(made, OPENAPI)
            case ("collections",):
                found = [(name, view.snapshot(name)) for name in names]
                return _json(documents.collections(home, found, language))
            case ("collections", name) if name in names:
                return _json(documents.collection(home, name, view.snapshot(name), language))
            case ("collections", name, "queryables") if name in names:
                made = documents.queryables(home, name, view.snapshot(name), language)
                return _json(made, SCHEMA)
            case ("tileMatrixSets", documents.QUAD):
                return _json(tiles.tiling(home))
            case ("collections", name, "tiles") if name in names:
                return _json(tiles.tilesets(home, name, language))
            case ("collections", name, "tiles", documents.QUAD) if name in names:
                return _json(tiles.tileset(home, name, view.snapshot(name), language))
            case ("collections", name, "tiles", documents.QUAD, *at) if name in names:
                return self._tile(view, name, at)
        raise Wrong(404, reason(NOT_HERE))

    def _items(self, request: Request, view: View, name: str) -> Answer:
        snapshot = view.snapshot(name)
        query = queries.of_items(request.parameters, snapshot.columns)
        scope = (view.who, name, query.chosen.key)
        after = None if query.token is None else queries.place_of(self.floor.key, scope, query.token)
        numbers, matched, more = snapshot.page(query.chosen, after, query.limit)
        view.note(name, snapshot, numbers)
        here = f"{request.home}/collections/{name}/items"
        links = [
            link(f"{here}?{request.query}" if request.query else here, "self", GEOJSON),
            link(f"{request.home}/collections/{name}", "collection"),
        ]
        if more:
            token = queries.token(self.floor.key, scope, snapshot.names[int(numbers[-1])])
            rest = [
                (key, one) for key, values in request.parameters.items() for one in values if key != "next"
            ]
            links.append(link(f"{here}?{urlencode([*rest, ('next', token)])}", "next", GEOJSON))
        rendered = snapshot.render(numbers, out_of_wgs84(query.crs))
        at = self.floor.now().astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        body = b"".join(documents.items(snapshot, rendered, (matched, len(numbers)), links, at))
        return Answer(200, body, GEOJSON, {"Content-Crs": f"<{query.crs}>"})

    def _item(self, request: Request, view: View, name: str, feature: str) -> Answer:
        crs = queries.of_item(request.parameters)
        snapshot = view.snapshot(name)
        number = snapshot.number(feature)
        if number is None:
            raise Wrong(404, reason(NOT_HERE))
        numbers = np.array([number])
        view.note(name, snapshot, numbers)
        (rendered,) = snapshot.render(numbers, out_of_wgs84(crs))
        here = f"{request.home}/collections/{name}"
        links = [
            link(f"{here}/items/{quote(feature, safe='')}", "self", GEOJSON),
            link(here, "collection"),
        ]
        body = rendered[:-1] + b',"links":' + msgspec.json.encode(links) + b"}"
        return Answer(200, body, GEOJSON, {"Content-Crs": f"<{crs}>"})

    def _tile(self, view: View, name: str, place: Sequence[str]) -> Answer:
        numbers = [int(one) for one in place if one.isascii() and one.isdigit() and len(one) < 9]
        if len(numbers) != len(place) or len(place) != 3:
            raise Wrong(404, reason(NOT_HERE))
        zoom, row, column = numbers
        if zoom > tiles.DEEPEST or max(row, column) >= 1 << zoom:
            raise Wrong(404, reason(NOT_HERE))
        snapshot = view.snapshot(name)
        features, shapes = tiles.chosen(snapshot, zoom, row, column)
        view.note(name, snapshot, features)
        return Answer(200, tiles.encoded(name, snapshot, features, shapes, (zoom, row, column)), MVT)


def _taken_apart(scope: Scope, headers: Mapping[str, str]) -> Request:
    mount = scope.get("root_path", "")
    raw = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
    path = raw.removeprefix(quote(mount))
    text = scope.get("query_string", b"").decode("latin-1")[:LONGEST]
    try:
        parameters = parse_qs(text, keep_blank_values=True, max_num_fields=100, errors="replace")
    except ValueError:
        raise Wrong(400, reason(queries.TWICE, name="?")) from None
    parts = tuple(map(unquote, filter(None, path.split("/"))))
    return Request(parts, text, parameters, f"{scope['scheme']}://{headers.get('host', '')}{mount}")


def _json(document: Any, type_: str = JSON) -> Answer:
    return Answer(200, msgspec.json.encode(document), type_)


async def _send(send: Send, answer: Answer, head: bool) -> None:
    headers = {
        "Content-Type": answer.type,
        "Content-Length": str(len(answer.body)),
        "Cache-Control": "private, no-store",
        "Vary": "Authorization, Cookie, Accept-Language",
        **answer.headers,
    }
    encoded = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": encoded})
    await send({"type": "http.response.body", "body": b"" if head else answer.body})
