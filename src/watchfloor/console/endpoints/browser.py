"""Pages and forms: an endpoint as a browser meets it.

Nothing that somebody typed is lost. A form without a live session is answered by the page for signing in,
which carries its fields; a form that is refused shows its page again with them.
"""

import gzip
import io
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlencode

import msgspec
from markupsafe import escape
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from watchfloor.actions.text import AnswerText
from watchfloor.console import guard
from watchfloor.console.access.sessions import Session
from watchfloor.console.endpoints.bodies import Fields
from watchfloor.console.endpoints.endpoint import Asker, Endpoint, Raw, Several
from watchfloor.console.endpoints.failures import EXPECTED, Conflict, Failure, failure, with_incident
from watchfloor.console.endpoints.request_parsing import asked
from watchfloor.console.html import BACK, CSRF, ONCE, OWN_FIELDS, SHOWN_ON, Form, Pages
from watchfloor.console.jobs.uploads import Parts, StoredUpload, length_of
from watchfloor.console.live.bell import unread
from watchfloor.console.live.events import Head
from watchfloor.console.operations import ASKED
from watchfloor.console.services import Services
from watchfloor.core.limits import Rate
from watchfloor.core.messages import Language

SECRET: Final = ("password", "new_password", "again", "code", "credential")
"""Fields that are never carried from one page to another."""
AGAIN: Final = "1"
"""Seconds after which a page that is being prepared is asked for again, by the header `Refresh`."""
CARRIED: Final = "carried-path"
CARRIED_FIELD: Final = "carried."
"""How the fields of another form are called in the one for signing in."""
MOST_CARRIED: Final = 64 << 10
"""Bytes of the fields that one form carries for another, as HTML and as they are sent on."""
LONGEST_ONCE: Final = 64
LEAST_PACKED: Final = 1_400
"""Bytes of a page that fit one packet as they are."""
LONGEST_DRAWN: Final = 100
"""Bytes by which the lengths of two packed pages of one content differ at most."""
TWICE: Final = 25.0
"""Seconds that a form which is sent twice waits for the first: longer than an act waits for another."""
SESSION_BURST: Final = 400
SESSION_PER_SECOND: Final = 60.0

Handler = Callable[[Request], Any]


class Browser:
    """The pages of a console."""

    def __init__(
        self,
        services: Services,
        endpoints: Sequence[Endpoint],
        places: Mapping[str, Sequence[str]],
        own: Sequence[str],
    ) -> None:
        self._services, self._endpoints = services, endpoints
        self._named = {one.name: one for one in endpoints}
        self._places = {one.path for one in self._found(name for names in places.values() for name in names)}
        self.pages = Pages(
            services, {place: self._found(names) for place, names in places.items()}, self._found(own)
        )
        self._rate = Rate(SESSION_BURST, SESSION_BURST / SESSION_PER_SECOND)

    def _found(self, names: Iterable[str]) -> list[Endpoint]:
        return [self._named[name] for name in names if name in self._named]

    def routes(self) -> Iterable[Route]:
        """A route for each page and each form."""
        for one in self._endpoints:
            if one.method == "GET" and (one.page or one.gives is Raw):
                yield Route(one.path, self._looking(one), methods=["GET"], name=one.name)
            elif one.method == "POST" and one.within:
                yield Route(one.path, self._acting(one), methods=["POST"], name=one.name)

    def session_of(self, request: Request) -> Session | None:
        """Who sends a request; None where nobody is signed in."""
        token = guard.token_of(request, self._services.listening)
        return self._services.sessions.find(token) if token else None

    def language_of(self, request: Request, session: Session | None) -> Language:
        """Of the session; before there is one, as the browser asks."""
        if session is not None:
            return session.language
        asked_for = request.headers.get("accept-language", "")
        return "fr" if asked_for.lower().startswith("fr") else self._services.settings.language

    # looking

    def _looking(self, endpoint: Endpoint) -> Handler:
        async def handle(request: Request) -> Response:
            request.scope[ASKED] = endpoint.name
            return await run_in_threadpool(self._look, endpoint, request)

        return handle

    def _look(self, endpoint: Endpoint, request: Request) -> Response:
        session = self.session_of(request)
        if away := self._elsewhere(endpoint, request, session):
            return away
        fields = {name: request.query_params.getlist(name) for name in request.query_params}
        fields = fields or _opened(endpoint)
        return self._page(endpoint, request, session, request.path_params, fields, Form())

    def _elsewhere(self, endpoint: Endpoint, request: Request, session: Session | None) -> Response | None:
        """Where somebody has to go first: to sign in, to say what for, to wait."""
        if session is not None and (wait := self._rate.spend(session.key.hex())):
            return self.failed(
                request, session, Failure(429, "too-many", "", {"Retry-After": str(int(wait) + 1)})
            )
        if endpoint.public:
            return None
        here = quote(request.url.path + (f"?{request.url.query}" if request.url.query else ""), safe="")
        if session is None:
            return RedirectResponse(f"/sign-in?to={here}", 303)
        if not session.stated and endpoint.name != "purpose":
            return RedirectResponse(f"/purpose?to={here}", 303)
        if not self._services.admits(session, endpoint.name):
            return RedirectResponse("/profile", 303)
        if endpoint.administrator and not session.administrator:
            return self.failed(request, session, Failure(404, "not-here", ""))
        return None

    def _page(
        self,
        endpoint: Endpoint,
        request: Request,
        session: Session | None,
        path: Mapping[str, Any],
        fields: Mapping[str, Sequence[str]],
        form: Form,
        status: int = 200,
    ) -> Response:
        """A page, or what went wrong with it."""
        if endpoint.administrator and not (session and session.administrator):
            return self.failed(request, session, Failure(404, "not-here", ""), form)
        language = self.language_of(request, session)
        try:
            ask = asked(endpoint, path, fields)
            asker = self._asker(session, language, request)
            live = self._live(asker)
            waits = endpoint.prepares(asker, ask) if endpoint.prepares and request.method == "GET" else None
            given = waits or endpoint.call(asker, ask)
            drawn = endpoint.script and not waits
            region = self._services.region.view(asker.reader) if drawn else None
        except EXPECTED as error:
            told = failure(error, self._services.words, language, keeper=_keeps(session))
            return self.failed(request, session, told, form)
        if isinstance(given, Raw):
            return raw(given)
        heard = self._services.heard.pop(session.key.hex()) if session and request.method == "GET" else None
        text = self.pages.render(
            "preparing.html" if waits else endpoint.page,
            language,
            session,
            it=given,
            ask=ask,
            form=form,
            heard=heard or (),
            path=endpoint.at(path),
            query="" if fields == _opened(endpoint) else urlencode(fields, doseq=True),
            endpoint=endpoint,
            live=live,
            bell=unread(asker) if live else 0,
            region=region,
        )
        headers = {"Content-Security-Policy": guard.WITH_MAP} if endpoint.script else {}
        return packed(request, text, status, {**headers, "Refresh": AGAIN} if waits else headers)

    def _live(self, asker: Asker) -> Head | None:
        """Where the stream stands now: read before the page's content, so that no event falls between."""
        if asker.session.stated and self._services.admits(asker.session):
            with suppress(*EXPECTED):
                return self._services.news.head(asker.reader, asker.at)
        return None

    def _asker(self, session: Session | None, language: Language, request: Request) -> Asker:
        return asker_of(self._services, session, language, request)

    def show(
        self,
        name: str,
        request: Request,
        session: Session | None,
        path: Mapping[str, Any],
        form: Form,
        status: int,
    ) -> Response:
        """The page of an endpoint by its name, in place of what was asked, such as the one for signing in."""
        to = form.get("to") or request.query_params.get("to", "")
        return self._page(self._named[name], request, session, path, {"to": [to]}, form, status)

    # acting

    def _acting(self, endpoint: Endpoint) -> Handler:
        async def handle(request: Request) -> Response:
            request.scope[ASKED] = endpoint.name
            if endpoint.file:
                return await self._receive(endpoint, endpoint.file, request)
            session = await run_in_threadpool(self.session_of, request)
            try:
                async with self._services.bodies.form(request, known=session is not None) as fields:
                    return await run_in_threadpool(self._act, endpoint, request, fields)
            except HTTPException as error:
                if session is not None or error.status_code != 413:
                    raise
                return await run_in_threadpool(self._asked_who, request, None, {}, "access.not_carried", 413)

        return handle

    async def _receive(
        self, endpoint: Endpoint, refuses: Callable[[Asker, Any], None], request: Request
    ) -> Response:
        """A form with a file, as a browser without scripts sends it: refused before the file is read."""
        session = await run_in_threadpool(self.session_of, request)
        if away := await run_in_threadpool(self._elsewhere, endpoint, request, session):
            return away
        form, own, kept = Form(endpoint.name, request.url.path), dict.fromkeys(OWN_FIELDS, ""), None
        asker = self._asker(session, self.language_of(request, session), request)
        try:
            await run_in_threadpool(refuses, asker, None)
            parts = Parts(request.stream(), request.headers.get("content-type", ""))
            fields = await parts.fields()
            own = {name: fields.pop(name, [""])[-1] for name in OWN_FIELDS}
            form = Form(endpoint.name, request.url.path, fields | {"name": [parts.name or ""]})
            if not self._ours(session, own):
                again = (endpoint, request, session, own[BACK], form, 403)
                return await run_in_threadpool(
                    self._again, *again, self._say(session, request, "common.not_yours")
                )
            await run_in_threadpool(refuses, asker, asked(endpoint, request.path_params, form.fields))
            length = length_of(request.headers)
            kept = await self._services.uploads.store(parts.file(), parts.name or "", length)
            return await run_in_threadpool(self._done, endpoint, request, session, own, form, kept)
        except ClientDisconnect:
            return Response(status_code=400)
        except EXPECTED as error:
            return await run_in_threadpool(self._refused, endpoint, request, session, own[BACK], form, error)
        finally:
            if kept:
                kept.drop()

    def _ours(self, session: Session | None, own: Mapping[str, str]) -> bool:
        """Whether a form is of a page of ours, made for this session."""
        return guard.same(own[CSRF], session.csrf if session else "")

    def _refused(
        self,
        endpoint: Endpoint,
        request: Request,
        session: Session | None,
        back: str,
        form: Form,
        error: Exception,
    ) -> Response:
        """The page of a form that was refused, with what was typed."""
        language = self.language_of(request, session)
        told = failure(error, self._services.words, language, keeper=_keeps(session))
        again = Form(form.name, form.path, form.fields, told.said, isinstance(error, Conflict))
        return self._again(endpoint, request, session, back, again, told.status, told.said)

    def _act(self, endpoint: Endpoint, request: Request, fields: Fields) -> Response:
        session = self.session_of(request)
        if not endpoint.public and (session is None or not session.stated):
            return self._carry(request, session, fields)
        if away := self._elsewhere(endpoint, request, session):
            return away
        own = {name: fields.pop(name, [""])[-1] for name in OWN_FIELDS}
        form = request.state.form = Form(endpoint.name, request.url.path, fields)
        own[ONCE] = _once(own[ONCE], form)
        if not self._ours(session, own):
            return self._again(
                endpoint,
                request,
                session,
                own[BACK],
                form,
                403,
                self._say(session, request, "common.not_yours"),
            )
        if own[ONCE] and (went := self._led(own[ONCE])) is not None:
            return RedirectResponse(went or self._here(endpoint, request, own), 303)
        return self._done(endpoint, request, session, own, form)

    def _led(self, once: str) -> str | None:
        """Where a form led that was sent before; None: it is to be done now.

        A browser shows the answer to what was sent last. So while the first is being done the second waits,
        and where that was refused, is refused itself, with what was typed.
        """
        until = time.monotonic() + TWICE
        while (went := self._services.sent.claim(once, "")) == "" and time.monotonic() < until:
            time.sleep(0.05)
        return went

    def _done(
        self,
        endpoint: Endpoint,
        request: Request,
        session: Session | None,
        own: Mapping[str, str],
        form: Form,
        kept: StoredUpload | None = None,
    ) -> Response:
        """Do it; then go where it leads, or show its page again with what was typed."""
        asker = self._asker(session, self.language_of(request, session), request)
        asker.file = kept
        try:
            ask = asked(endpoint, request.path_params, form.fields)
            given = endpoint.call(asker, ask)
        except EXPECTED as error:
            self._services.sent.drop(own[ONCE])
            return self._refused(endpoint, request, session, own[BACK], form, error)
        except BaseException:  # a mistake of ours: it was not done, and may be sent again
            self._services.sent.drop(own[ONCE])
            raise
        if isinstance(given, Response):
            return given
        if isinstance(given, Several) and given.left:
            return self._several(endpoint, request, session, own, form, given)
        to = endpoint.then(ask, given) if endpoint.then else self._here(endpoint, request, own)
        if own[ONCE]:
            self._services.sent.put(own[ONCE], to)
        said = getattr(given, "said", "")
        if endpoint.action and endpoint.action.done:
            said = AnswerText(asker.language, self._services.words).sentence(endpoint.action.done, given)
        if session and (said or asker.heard):
            self._services.heard.put(session.key.hex(), [*filter(None, [said]), *asker.heard])
        return RedirectResponse(to, 303)

    def _several(
        self,
        endpoint: Endpoint,
        request: Request,
        session: Session | None,
        own: Mapping[str, str],
        form: Form,
        given: Several,
    ) -> Response:
        """The page of a form of several acts of which some were not done, with what was typed for those."""
        if own[ONCE]:
            self._services.sent.put(own[ONCE], self._here(endpoint, request, own))
        left = {name: typed for name, typed in form.fields.items() if not _is_of(name, given.done)}
        again = Form(form.name, form.path, left, given.said, left=given.left)
        status = 409 if any(one.anyway for one in given.left.values()) else 422
        return self._again(endpoint, request, session, own[BACK], again, status, given.said)

    def _again(
        self,
        endpoint: Endpoint,
        request: Request,
        session: Session | None,
        back: str,
        form: Form,
        status: int,
        said: str,
    ) -> Response:
        """The page that holds the form, with what was typed and why it was not done."""
        page = self._named[endpoint.within]
        form = replace(form, said=said)
        path = _within(page, request.path_params)
        return self._page(page, request, session, path, parse_qs(back), form, status)

    def _here(self, endpoint: Endpoint, request: Request, own: Mapping[str, str]) -> str:
        """Where a form leads that says nothing else: its page, or the page of a place that it stood on."""
        page, back = self._named[endpoint.within], own[BACK]
        where = own[SHOWN_ON]
        if where not in self._places:
            where = page.at(_within(page, request.path_params))
        return f"{where}?{back}" if back else where

    def _carry(self, request: Request, session: Session | None, fields: Fields) -> Response:
        """Ask who it is, or what for, and keep what was typed in that form."""
        mine = {
            f"{CARRIED_FIELD}{name}": [value for value in values if value]
            for name, values in fields.items()
            if name not in (CSRF, ONCE, *SECRET)
        }
        kept = carriable(mine | {CARRIED: [request.url.path]})
        said = "access.carried" if kept else "access.not_carried"
        return self._asked_who(request, session, kept, said, 401)

    def _asked_who(
        self, request: Request, session: Session | None, carried: Fields, said: str, status: int
    ) -> Response:
        """The page that asks who it is, or what for, in place of what was asked."""
        name = "sign-in" if session is None else "purpose"
        form = Form(name, "", carried, self._say(session, request, said))
        return self._page(self._named[name], request, session, {}, {}, form, status)

    def resume(self, request: Request, session: Session, fields: Fields) -> Response | None:
        """The page of a form that was carried over a signing in, with its fields, to be sent again."""
        path = fields.get(CARRIED, [""])[-1]
        found = self._route(path) if path else None
        if found is None or not self._services.admits(session):
            return None
        endpoint, params = found
        theirs = {
            name.removeprefix(CARRIED_FIELD): values
            for name, values in fields.items()
            if name.startswith(CARRIED_FIELD)
        }
        back = theirs.pop(BACK, [""])[-1]
        theirs.pop(SHOWN_ON, None)
        form = Form(endpoint.name, path, theirs, self._say(session, request, "access.resumed"))
        page = self._named[endpoint.within]
        return self._page(page, request, session, _within(page, params), parse_qs(back), form)

    def _route(self, path: str) -> tuple[Endpoint, Mapping[str, Any]] | None:
        """The form that posts to a path, and the parameters in it."""
        scope = {"type": "http", "method": "POST", "path": path, "root_path": ""}
        for route in self.routes():
            match, child = route.matches(scope)
            if match.value == 2 and "POST" in (route.methods or ()):
                return self._named[str(route.name)], child["path_params"]
        return None

    # failing

    def failed(
        self, request: Request, session: Session | None, told: Failure, form: Form | None = None
    ) -> Response:
        """The page of a failure; what was typed is on it where no form can show it any more."""
        language = self.language_of(request, session)
        words = self._services.words
        said = told.said or words.say(f"failure.{told.kind}", language)
        if told.incident and not told.said:
            said = with_incident(said, told.incident, words, language)
        typed = [
            (name, value)
            for name, values in (form.fields if form else {}).items()
            if name not in (*SECRET, *OWN_FIELDS) and not name.startswith(CARRIED)
            for value in values
            if value
        ]
        text = self.pages.render(
            "failure.html",
            language,
            session,
            it={"said": said, "kind": told.kind, "status": told.status, "typed": typed},
            path=request.url.path,
        )
        return HTMLResponse(text, told.status, dict(told.headers))

    def wrong(
        self, request: Request, status: int, headers: Mapping[str, str], incident: str = ""
    ) -> Response:
        """The page for what no endpoint answers: nothing there, not to be read, or a mistake of ours."""
        session = self.session_of(request)
        form: Form | None = getattr(request.state, "form", None)
        return self.failed(request, session, Failure(status, kind_of(status), "", headers, incident), form)

    def _say(self, session: Session | None, request: Request, key: str) -> str:
        return self._services.words.say(key, self.language_of(request, session))


def carriable(fields: Fields) -> Fields:
    """Return the fields as one form may carry them for another; none where they are too long for that.

    Whoever is not signed in must not have the console answer with much more than was sent: each field is
    counted with its markup, and as what is longer, its HTML or what the browser sends on.
    """
    if sum(len(value) for values in fields.values() for value in values) > MOST_CARRIED:
        return {}
    pairs = [(name, value) for name, values in fields.items() for value in values]
    html = sum(len(_INPUT) + len(escape(name)) + len(escape(value)) for name, value in pairs)
    return fields if max(html, len(urlencode(pairs))) <= MOST_CARRIED else {}


_INPUT: Final = '<input type="hidden" name="" value="">'


def _keeps(session: Session | None) -> bool:
    return session is not None and session.administrator


def kind_of(status: int) -> str:
    """How a failure is called that has no kind of its own."""
    known = {404: "not-here", 405: "no-such-method", 408: "stalled", 413: "too-long", 503: "busy"}
    return known.get(status, "ours" if status >= 500 else "unread")


def asker_of(services: Services, session: Session | None, language: Language, request: Request) -> Asker:
    """Who asks, or nobody where nobody is signed in."""
    nobody = Session(b"", "", "", "", "", language, administrator=False, began=0, ends=0)
    origin = services.listening.origin or origin_of(services, request)
    return Asker(services, session or nobody, address=address_of(request), origin=origin)


def address_of(request: Request) -> str:
    """The client's address, for rates."""
    return request.client.host if request.client else ""


def origin_of(services: Services, request: Request) -> str:
    """How the browser reaches the console; its host was checked by the guard."""
    scheme = "https" if services.listening.tls else "http"
    return f"{scheme}://{request.headers['host']}"


def _opened(endpoint: Endpoint) -> dict[str, list[str]]:
    """Return the query of a page whose address has none."""
    return {name: [value] for name, value in endpoint.opens.items()}


def _within(page: Endpoint, params: Mapping[str, Any]) -> dict[str, Any]:
    """Those of an act's path parameters that its page has too."""
    return {name: value for name, value in params.items() if f"{{{name}" in page.path}


def _once(token: str, form: Form) -> str:
    """By what a form is known that is sent twice: its token and what is in it.

    Who goes back to it, writes something else and sends that has sent another form.
    """
    if not token or len(token) > LONGEST_ONCE:
        return ""
    return f"{token} {sha256(msgspec.json.encode((form.path, form.fields))).hexdigest()}"


def _is_of(name: str, acts: Sequence[str]) -> bool:
    """Whether a field such as `leads.3f2a.why` belongs to one of the acts."""
    _, _, rest = name.partition(".")
    return rest.partition(".")[0] in acts


def packed(request: Request, text: str, status: int, headers: dict[str, str]) -> Response:
    """Return a page, packed where a page of ours or the person asks for it.

    Another site may have chosen what its request is answered with, and could read from lengths on the wire
    what else is in the page (the BREACH attack, Black Hat 2013): it gets it unpacked. A page that it opened
    asks again for itself when something is new, with the same query; so what is packed has a name of a drawn
    length in its head, which no reader shows (Heal the BREACH, 2022).
    """
    content = text.encode()
    ours = request.headers.get("sec-fetch-site") in ("same-origin", "none")
    if ours and len(content) > LEAST_PACKED and "gzip" in request.headers.get("accept-encoding", ""):
        content = gzip_of(content)
        headers |= {"Content-Encoding": "gzip"}
    return HTMLResponse(content, status, {"Vary": "Accept-Encoding, Sec-Fetch-Site"} | headers)


def gzip_of(content: bytes) -> bytes:
    """Return content packed, with a name of a drawn length in its head."""
    file = io.BytesIO()
    with gzip.GzipFile("x" * secrets.randbelow(LONGEST_DRAWN), "wb", 5, file, mtime=0) as packing:
        packing.write(content)
    return file.getvalue()


def raw(given: Raw) -> Response:
    """Bytes of their own type, never shown as a page of ours."""
    how = "attachment" if given.name else "inline"
    name = f"; filename*=UTF-8''{quote(given.name)}" if given.name else ""
    headers = {
        "Content-Disposition": f"{how}{name}",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    }
    if isinstance(given.content, bytes):
        return Response(given.content, media_type=given.type, headers=headers)
    return StreamingResponse(given.content, media_type=given.type, headers=headers)
