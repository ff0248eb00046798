"""TAXII 2.1 over partners' shelves, as an ASGI application (OASIS TAXII 2.1, sections 4 and 5).

Whoever brings no key of a partner learns nothing, not even which addresses there are. A partner has one API
root with two collections: what was disclosed to them, and what they added themselves. Pages go by place (see
`exchange.shelf`), are noted before they are sent, and say in a header which number the journal has of them.
"""

import json
from asyncio import Future, Semaphore, get_running_loop, timeout
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache, partial
from hashlib import blake2b
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import parse_qs
from uuid import UUID

from anyio.to_thread import run_sync
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from watchfloor.cell.acts import Refusal
from watchfloor.core.messages import Language, Reason, declare, reason
from watchfloor.exchange.deliveries import DayFull, Deliveries, Sending, millis
from watchfloor.exchange.partners.door import Door, Shut, State, shown
from watchfloor.exchange.partners.partner import Partner
from watchfloor.exchange.partners.publisher import Behind, seen
from watchfloor.exchange.shelf import Entry, Joined, Page, Shelf, Shelves, moment_of
from watchfloor.exchange.shelf_query import ALL, Match
from watchfloor.exchange.taxii import queries
from watchfloor.exchange.taxii.queries import LIST, MEDIA, MOST_VALUES, ONE, STIX, VERSIONS, Query, Wrong
from watchfloor.policy.gateways import Refusal as Unlawful
from watchfloor.store.floor import Floor
from watchfloor.store.readers import NotPermitted

ROOT: Final = "partners"
"""The name of the API root."""
SHARED: Final = "shared"
SUBMITTED: Final = "submitted"
"""Collections: what was disclosed to a partner, and what they added."""
MOST_BODY: Final = 16 << 20
"""Bytes of an envelope that a partner may send."""
MOST_PAGE: Final = 4 << 20
"""Bytes of objects on one page, but for a single one that is larger."""
AHEAD: Final = timedelta(hours=26)
"""How far a clock may be ahead for `added_after` to be taken as of that clock: a day and time zones."""
INLINE: Final = 200
"""Objects of a page that is read without a thread of its own."""
SIGN_IN: Final = {"WWW-Authenticate": 'Basic realm="TAXII"'}
ADDING: Final = 2
"""Envelopes that are taken in at a time; of each partner one is in memory."""
IN_TIME: Final = 60.0
"""Seconds in which an envelope must have come."""
DIGEST: Final = "X-Watchfloor-Page"
"""Header of a page: how many objects it has, and SHA-256 over their digests, as the journal notes them."""

NO_KEY: Final = declare("taxii.no-key")
WAIT: Final = declare("taxii.wait", "seconds")
BEHIND: Final = declare("taxii.behind", "seconds")
NOT_HERE: Final = declare("taxii.not-here")
NO_METHOD: Final = declare("taxii.no-method", "allowed")
NOT_ACCEPTABLE: Final = declare("taxii.not-acceptable")
NOT_TAXII: Final = declare("taxii.not-taxii")
TOO_LONG: Final = declare("taxii.too-long", "most")
TOO_SLOW: Final = declare("taxii.too-slow", "seconds")
MAY_NOT: Final = declare("taxii.may-not-write")
OURS: Final = declare("taxii.ours")

TITLES: Final = {
    "en": {SHARED: "What was disclosed to you", SUBMITTED: "What you added"},
    "fr": {SHARED: "Ce qui vous a été communiqué", SUBMITTED: "Ce que vous avez ajouté"},
}


class Answer(NamedTuple):
    """An answer of HTTP; its body is TAXII."""

    status: int
    body: bytes
    headers: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Request:
    """A request of a partner, taken apart.

    Attributes:
        method: of HTTP; HEAD is GET.
        parts: of the path below the mount, without empty ones.
        headers: by name in lower case.
        parameters: of the query.
        partner: who asks.
        language: in which they are answered.
        origin: scheme, host and path of the mount, as the client names it.
        receive: the body.
        state: on which their access rests, as it was when they were let in.
    """

    method: str
    parts: tuple[str, ...]
    headers: Mapping[str, str]
    parameters: Mapping[str, list[str]]
    partner: Partner
    language: Language
    origin: str
    receive: Receive
    state: State


class Submissions(Protocol):
    """Takes in what partners add."""

    def add(self, partner: Partner, shelf: Shelf, body: bytes, now: datetime) -> dict[str, Any]:
        """Take an envelope in; gives its status. Raises `Wrong`."""

    def remove(self, partner: Partner, shelf: Shelf, id_: str, match: Match) -> int:
        """Take versions of an object back; gives how many."""

    def restore(self, partner: Partner, shelf: Shelf) -> None:
        """Put what a partner added on a shelf that was lost."""


@dataclass
class Taxii:
    """The application.

    Attributes:
        floor: which.
        door: whose key a request brings.
        shelves: of its partners.
        deliveries: the journal.
        settle: hides what was taken back from a partner, before a page, in a thread. Raises `Behind`.
        submissions: takes in what partners add; None: they only read.
        told: logs a mistake of ours; gives its number.
    """

    floor: Floor
    door: Door
    shelves: Shelves
    deliveries: Deliveries
    settle: Callable[[Partner, Shelf], object]
    submissions: Submissions | None = None
    told: Callable[[BaseException], str] = lambda _: ""
    _adding: Semaphore = field(default_factory=lambda: Semaphore(ADDING))
    _turns: dict[int, Semaphore] = field(default_factory=dict)
    _sending: list[tuple[Sending, "Future[str | DayFull]"]] = field(default_factory=list)
    _state: State | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        language: Language = "fr" if headers.get("accept-language", "")[:2].lower() == "fr" else "en"
        try:
            answer = await self._admitted(scope, headers, language, receive)
        except Wrong as error:
            answer = refusal(error.status, error.reason, language, error.headers)
        except ClientDisconnect:
            return
        except Exception as error:
            answer = refusal(500, reason(OURS), language, {}, self.told(error))
        await _send(send, answer, head=scope["method"] == "HEAD")

    async def _admitted(
        self, scope: Scope, headers: Mapping[str, str], language: Language, receive: Receive
    ) -> Answer:
        """Find out who asks, before anything else is looked at."""
        brought, client = headers.get("authorization", ""), scope.get("client")
        try:
            state = self._state_of_turn()
            partner = self.door.remembered(brought, state, shown(scope))
            if partner is None:
                address = client[0] if client else ""
                partner = await run_sync(self.door.admit, brought, address, shown(scope))
                state = self.door.state()
        except Shut as error:
            if error.status == 429:
                told = {"Retry-After": str(error.wait)}
                raise Wrong(429, reason(WAIT, seconds=error.wait), told) from None
            raise Wrong(401, reason(NO_KEY), SIGN_IN) from None
        mount = scope.get("root_path", "")
        path = scope["path"].removeprefix(mount)
        text = scope.get("query_string", b"").decode("latin-1")
        request = Request(
            "GET" if scope["method"] == "HEAD" else scope["method"],
            tuple(filter(None, path.split("/"))),
            headers,
            _parameters(text),
            partner,
            language,
            f"{scope['scheme']}://{headers.get('host', '')}{mount}",
            receive,
            state,
        )
        if not queries.accepts(headers.get("accept")):
            raise Wrong(406, reason(NOT_ACCEPTABLE))
        return await self._answer(request)

    def _state_of_turn(self) -> State:
        """Return the state on which access rests, read once in a turn of the loop.

        Who is answered in a turn asked before it was read: `call_soon` goes by turns, so that a request which
        comes later is looked at once it is forgotten.
        """
        if self._state is None:
            self._state = self.door.state()
            get_running_loop().call_soon(self._forget_state)
        return self._state

    def _forget_state(self) -> None:
        self._state = None

    async def _answer(self, request: Request) -> Answer:
        match request.parts:
            case ():
                _allow(request, "GET")
                return _json(self._discovery(request))
            case ("partners",):
                _allow(request, "GET")
                return _json(self._root())
            case ("partners", "status", id_):
                _allow(request, "GET")
                return self._status(request, id_)
            case ("partners", "collections"):
                _allow(request, "GET")
                return _json({"collections": self._collections(request)})
            case ("partners", "collections", name, *rest):
                return await self._in_collection(request, self._collection(request, name), tuple(rest))
        raise Wrong(404, reason(NOT_HERE))

    async def _in_collection(
        self, request: Request, collection: dict[str, Any], rest: tuple[str, ...]
    ) -> Answer:
        name = collection["alias"]
        match rest:
            case ():
                _allow(request, "GET")
                return _json(collection)
            case ("manifest",):
                _allow(request, "GET")
                return await self._page(request, name, LIST, listed=_manifest)
            case ("objects",):
                _allow(request, "GET", "POST")
                if request.method == "POST":
                    return await self._add(request, collection)
                return await self._page(request, name, LIST)
            case ("objects", id_):
                _allow(request, "GET", "DELETE")
                if request.method == "DELETE":
                    return await self._remove(request, collection, id_)
                return await self._page(request, name, ONE, id_)
            case ("objects", id_, "versions"):
                _allow(request, "GET")
                return await self._page(request, name, VERSIONS, id_, _versions)
        raise Wrong(404, reason(NOT_HERE))

    async def _page(
        self,
        request: Request,
        collection: str,
        names: tuple[str, ...],
        id_: str = "",
        listed: Callable[[Page, str], bytes] | None = None,
    ) -> Answer:
        """Answer with a page of a collection, or of one object: the objects, or what is listed of each."""
        query = queries.query(request.parameters, names)
        match = query.match
        if id_:
            versions = match.versions if names is ONE else ALL.versions
            match = Match((id_,), (), match.spec_versions, versions)
        scope = queries.Scope(request.partner.shelf, collection, f"{id_}\x1f{query.filters}")
        shelf = self.shelves.shelf(request.partner.shelf)
        if not seen(self.floor, request.partner, request.state):
            try:
                await run_sync(self.settle, request.partner, shelf)
            except Behind as error:
                told = {"Retry-After": str(error.seconds)}
                raise Wrong(503, reason(BEHIND, seconds=error.seconds), told) from None
            except (Refusal, Unlawful, NotPermitted):  # access ended, theirs or of the person who added them
                raise Wrong(401, reason(NO_KEY), SIGN_IN) from None
        if collection == SUBMITTED and query.token is None and self.submissions is not None:
            await run_sync(self.submissions.restore, request.partner, shelf)
        after = self._after(query, scope, shelf, collection)
        wanted = (collection, after, query.limit, match)
        read: Callable[[], Page | Joined] = partial(shelf.page, *wanted, bodies=False)
        if listed is None:
            read = partial(shelf.joined, *wanted, MOST_PAGE)
        page = read() if query.limit <= INLINE else await run_sync(read)
        if (
            id_
            and not page.last
            and not shelf.page(collection, 0, 1, Match((id_,), versions=ALL.versions)).entries
        ):
            raise Wrong(404, reason(NOT_HERE))
        headers = {}
        if page.last:
            headers["X-TAXII-Date-Added-First"] = added(page.first)
            headers["X-TAXII-Date-Added-Last"] = added(page.last)
        token = queries.token(self.floor.key, scope, page.last) if page.more else ""
        if isinstance(page, Page):
            return Answer(200, listed(page, token) if listed else b"{}", headers)
        if page.objects:
            noted = await self._note(Sending(request.partner.shelf, collection, page))
            if isinstance(noted, DayFull):
                raise Wrong(429, noted.why, {"Retry-After": str(noted.wait)})
            headers[DIGEST] = f"{page.objects} {noted}"
        return Answer(200, _envelope(page, token), headers)

    async def _note(self, page: Sending) -> str | DayFull:
        """Note a page in one transaction with those that are asked for at the same time."""
        noted: Future[str | DayFull] = get_running_loop().create_future()
        self._sending.append((page, noted))
        if len(self._sending) == 1:
            get_running_loop().call_soon(self._note_all)
        return await noted

    def _note_all(self) -> None:
        sending, self._sending = self._sending, []
        here = [(page, noted) for page, noted in sending if not noted.done()]  # others went away
        try:
            found = self.deliveries.all_served([page for page, _ in here], self.floor.now())
        except Exception as error:
            for _, noted in here:
                noted.set_exception(error)
            return
        for (_, noted), one in zip(here, found, strict=True):
            noted.set_result(one)

    def _after(self, query: Query, scope: queries.Scope, shelf: Shelf, collection: str) -> int:
        """Return the place after which a page begins.

        Nothing can have been added after a moment that has not come. Who asks so goes by a clock that is
        ahead, and would never be given what was added until it comes: they get what they were not given yet.
        """
        if query.token is not None:
            return queries.place_of(self.floor.key, scope, query.token)
        if query.after is None:
            return 0
        after, here = query.after // 1000, millis(self.floor.now())
        if here < after <= here + AHEAD // timedelta(milliseconds=1) and after > shelf.last:
            return min(after, self.deliveries.last(scope.shelf, collection))
        return after

    def _discovery(self, request: Request) -> dict[str, Any]:
        root = f"{request.origin}/{ROOT}/"
        return {"title": self.floor.settings.name, "default": root, "api_roots": [root]}

    def _root(self) -> dict[str, Any]:
        title = self.floor.settings.name
        return {"title": title, "versions": [MEDIA], "max_content_length": MOST_BODY}

    def _collections(self, request: Request) -> list[dict[str, Any]]:
        partner, titles = request.partner, TITLES[request.language]
        writes = partner.writes and self.submissions is not None
        return [
            {
                "id": collection_id(self.floor.key, partner.shelf, name),
                "title": titles[name],
                "alias": name,
                "can_read": True,
                "can_write": writes and name == SUBMITTED,
                "media_types": [f"{STIX}2.1"],
            }
            for name in ((SHARED, SUBMITTED) if writes else (SHARED,))
        ]

    def _collection(self, request: Request, name: str) -> dict[str, Any]:
        for one in self._collections(request):
            if name in (one["id"], one["alias"]):
                return one
        raise Wrong(404, reason(NOT_HERE))

    def _status(self, request: Request, id_: str) -> Answer:
        found = self.deliveries.status(request.partner.shelf, id_)
        if found is None:
            raise Wrong(404, reason(NOT_HERE))
        return Answer(200, found)

    async def _add(self, request: Request, collection: dict[str, Any]) -> Answer:
        if not collection["can_write"] or self.submissions is None:
            raise Wrong(403, reason(MAY_NOT))
        if not queries.carries(request.headers.get("content-type")):
            raise Wrong(415, reason(NOT_TAXII))
        add, shelf = self.submissions.add, self.shelves.shelf(request.partner.shelf)
        turn = self._turns.setdefault(request.partner.position, Semaphore())
        async with turn:  # who sends a byte at a time keeps nobody else waiting
            body, now = await _body(request), self.floor.now()
            async with self._adding:
                status = await run_sync(lambda: add(request.partner, shelf, body, now))
        data = _encoded(status)
        self.deliveries.submit(request.partner.shelf, status["id"], data, now)
        return Answer(202, data)

    async def _remove(self, request: Request, collection: dict[str, Any], id_: str) -> Answer:
        if not collection["can_write"] or self.submissions is None:
            raise Wrong(403, reason(MAY_NOT))
        query = queries.query(request.parameters, ONE)
        versions = query.match.versions if "match[version]" in request.parameters else ALL.versions
        match = Match((), (), query.match.spec_versions, versions)
        shelf = self.shelves.shelf(request.partner.shelf)
        if not await run_sync(self.submissions.remove, request.partner, shelf, id_, match):
            raise Wrong(404, reason(NOT_HERE))
        return Answer(200, b"")


def added(place: int) -> str:
    """Return a place as the standard writes it: a timestamp with microseconds."""
    return f"{moment_of(place * 1000)[:-1]}000Z"


@lru_cache(maxsize=256)
def collection_id(key: bytes, shelf: str, name: str) -> str:
    """Return the id of a partner's collection: a UUID of version 4's form that nobody can guess."""
    text = "\x1f".join((shelf, name)).encode()
    return str(
        UUID(bytes=blake2b(text, digest_size=16, key=key[:64], person=b"collection").digest(), version=4)
    )


def refusal(
    status: int, why: Reason, language: Language, headers: Mapping[str, str], number: str = ""
) -> Answer:
    """Return an error of TAXII (section 3.6.1)."""
    said = {"title": why.render(language), "error_code": why.message, "http_status": str(status)}
    return Answer(status, _encoded(said | ({"error_id": number} if number else {})), headers)


def _parameters(text: str) -> dict[str, list[str]]:
    try:
        return parse_qs(text, keep_blank_values=True, max_num_fields=MOST_VALUES, errors="replace")
    except ValueError:
        raise Wrong(400, reason(queries.MANY_VALUES, name="?", most=MOST_VALUES)) from None


def _allow(request: Request, *methods: str) -> None:
    """Refuse a method that is none here."""
    if request.method not in methods:
        allowed = ", ".join(methods)
        raise Wrong(405, reason(NO_METHOD, allowed=allowed), {"Allow": allowed})


def _envelope(page: Joined, token: str) -> bytes:
    """Return an envelope, which is empty where nothing is in it (section 3.7)."""
    if not page.objects:
        return b"{}"
    more = b'true,"next":"%b"' % token.encode() if token else b"false"
    return b'{"more":%b,"objects":[%b]}' % (more, page.bodies)


def _manifest(page: Page, token: str) -> bytes:
    return _listed(page, token, "objects", [_manifested(one) for one in page.entries])


def _versions(page: Page, token: str) -> bytes:
    return _listed(page, token, "versions", [moment_of(one.version) for one in page.entries])


def _listed(page: Page, token: str, name: str, found: list[Any]) -> bytes:
    went_on = {"next": token} if token else {}
    return _encoded({"more": page.more, **went_on, name: found} if found else {})


def _manifested(entry: Entry) -> dict[str, str]:
    return {
        "id": entry.id,
        "date_added": added(entry.added),
        "version": moment_of(entry.version),
        "media_type": f"{STIX}{entry.spec_version}",
    }


async def _body(request: Request) -> bytes:
    """Read the body of a request. Raises `Wrong` where it is too long, too slow, or not whole."""
    try:
        async with timeout(IN_TIME):
            return await _whole(request)
    except TimeoutError:
        raise Wrong(408, reason(TOO_SLOW, seconds=int(IN_TIME)), {"Connection": "close"}) from None


async def _whole(request: Request) -> bytes:
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > MOST_BODY:
        raise Wrong(413, reason(TOO_LONG, most=MOST_BODY))
    parts, size, more = [], 0, True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MOST_BODY:
            raise Wrong(413, reason(TOO_LONG, most=MOST_BODY))
        more = message.get("more_body", False)
    return b"".join(parts)


def _json(made: dict[str, Any]) -> Answer:
    return Answer(200, _encoded(made))


def _encoded(made: dict[str, Any]) -> bytes:
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()


async def _send(send: Send, answer: Answer, *, head: bool) -> None:
    told = {"Content-Type": MEDIA, "Content-Length": str(len(answer.body)), **answer.headers}
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in told.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else answer.body})
