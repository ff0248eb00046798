"""The ways in and out: forms that begin and end a session. They set the cookie, so they are no endpoints."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from watchfloor.cell.acts import refuse
from watchfloor.console import guard
from watchfloor.console.access import oidc
from watchfloor.console.access.accounts import named
from watchfloor.console.access.door import KEEPER, too_many
from watchfloor.console.access.entry import MOST_LABEL, SIGNING_IN, State, leave, scope_of_link, state
from watchfloor.console.access.passwords import DIFFERENT, NONE_HERE
from watchfloor.console.access.sessions import Session
from watchfloor.console.endpoints.bodies import Fields
from watchfloor.console.endpoints.browser import (
    CARRIED,
    CARRIED_FIELD,
    SECRET,
    Browser,
    address_of,
    asker_of,
    carriable,
    origin_of,
)
from watchfloor.console.endpoints.failures import EXPECTED, failure
from watchfloor.console.html import CSRF, Form
from watchfloor.console.operations import ASKED
from watchfloor.console.services import Services
from watchfloor.core.limits import Rate, network_of
from watchfloor.core.messages import declare
from watchfloor.store.log import Actor

BACK_AT: Final = "/oidc/callback"
"""Where an OpenID provider sends people back to."""
STATE: Final = "watchfloor-oidc"
DEPARTURES: Final = 60
"""Sign-ins at the provider that one address may begin in ten minutes."""

NOT_YOURS: Final = declare("console.not-yours")
UNKNOWN: Final = declare("console.oidc-unknown", "name", "subject")


class Ways:
    """The ways in and out of a console."""

    def __init__(self, services: Services, browser: Browser) -> None:
        self._services, self._browser = services, browser
        self._departures = Rate(DEPARTURES, oidc.MINUTES * 60)

    def routes(self) -> Iterable[Route]:
        """The routes; those of a provider where there is one."""
        yield Route("/", self._home)
        for path, way in (
            ("/sign-in", self.sign_in),
            ("/purpose", self.state),
            ("/sign-in/passkey", self.sign_in_by_passkey),
            ("/start/{token}", self.redeem),
            ("/start/{token}/passkey", self.redeem_by_passkey),
            ("/resume", self.resume),
            ("/sign-out", self.sign_out),
            ("/language", self.speak),
        ):
            yield Route(path, self._formed(path.split("/")[1], way), methods=["POST"])
        if self._services.entrance:
            yield Route("/enter/{token}", _asked(self.enter))
        if self._services.provider:
            yield Route("/oidc", _asked(self.depart))
            yield Route(BACK_AT, _asked(self.arrive))

    async def _home(self, _: Request) -> Response:
        return RedirectResponse("/now", 303)

    def sign_in(self, request: Request, fields: Fields) -> Response:
        """Name and password; then what for."""
        try:
            door = self._services.door
            said = (last(fields, "name"), last(fields, "password"), address_of(request), last(fields, "code"))
            name = door.check(*said)
        except EXPECTED as error:
            return self._again("sign-in", request, None, fields, error)
        return self._in(request, name, fields)

    def sign_in_by_passkey(self, request: Request, fields: Fields) -> Response:
        """A passkey; then what for."""
        try:
            said = (last(fields, "credential"), self._origin(request), SIGNING_IN, address_of(request))
            name = self._services.door.by_passkey(*said)
        except EXPECTED as error:
            return self._again("sign-in", request, None, fields, error)
        return self._in(request, name, fields, strong=True)

    def state(self, request: Request, fields: Fields) -> Response:
        """State purpose and authority; then on to where one wanted, or back to what was typed."""
        session = self._browser.session_of(request)
        if session is None:
            return self._browser.show("sign-in", request, None, {}, Form("sign-in", "", carried(fields)), 401)
        try:
            if not guard.same(last(fields, CSRF), session.csrf):
                refuse(NOT_YOURS)
            asker = asker_of(self._services, session, session.language, request)
            state(asker, State(last(fields, "purpose"), last(fields, "authority")))
        except EXPECTED as error:
            return self._again("purpose", request, session, fields, error)
        return self.resume(request, fields)

    def resume(self, request: Request, fields: Fields) -> Response:
        """Back to a form that was carried over a signing in, or the next step on the way there."""
        session = self._browser.session_of(request)
        if session is None or not session.stated:
            page = "sign-in" if session is None else "purpose"
            return self._browser.show(page, request, session, {}, Form(page, "", carried(fields)), 200)
        return self._browser.resume(request, session, carried(fields)) or _to(inside(last(fields, "to")))

    def redeem(self, request: Request, fields: Fields) -> Response:
        """A one-time link: the person chooses a password, and is in."""
        token = request.path_params["token"]
        try:
            if not self._services.settings.passwords:
                refuse(NONE_HERE)
            if last(fields, "password") != last(fields, "again"):
                refuse(DIFFERENT)
            name = self._services.accounts.redeem(token, last(fields, "password"))
            actor = Actor(name, "choosing a password", KEEPER.authority)
            self._services.scribe.log(actor, "password-changed", {"account": name, "by": "link"})
        except EXPECTED as error:
            return self._again("start", request, None, fields, error, {"token": token})
        if self._services.accounts.second.enabled(name):  # a link stands for the password alone
            return _to("/sign-in")
        return self._in(request, name, fields)

    def redeem_by_passkey(self, request: Request, fields: Fields) -> Response:
        """A one-time link: the person's browser makes a passkey, and they are in."""
        token = request.path_params["token"]
        try:
            if not self._services.settings.links:
                refuse(NONE_HERE)
            accounts, label = self._services.accounts, last(fields, "label").strip()[:MOST_LABEL]
            said = (last(fields, "credential"), self._origin(request), scope_of_link(token))
            name = accounts.redeem_by_passkey(token, label, accounts.passkeys.made(*said))
            actor = Actor(name, "making a passkey", KEEPER.authority)
            self._services.scribe.log(actor, "password-changed", {"account": name, "by": "link to a passkey"})
        except EXPECTED as error:
            return self._again("start", request, None, fields, error, {"token": token})
        return self._in(request, name, fields, strong=True)

    def enter(self, request: Request) -> Response:
        """The way into a demo: whoever started it on this machine is in, with a purpose that is stated."""
        services, entrance = self._services, self._services.entrance
        if entrance is None or not entrance.use(request.path_params["token"]):
            return _to("/sign-in")
        language = self._browser.language_of(request, None)
        token = services.sessions.begin(entrance.account, language, strong=True)
        session = services.sessions.find(token)
        if session is None:
            return _to("/sign-in")
        state(asker_of(services, session, language, request), State(entrance.purpose, entrance.authority))
        entrance.entered()
        response = _to(entrance.to)
        guard.give(response, services.listening, token)
        return response

    def sign_out(self, request: Request, fields: Fields) -> Response:
        """End the session, and have the browser forget what it kept."""
        session = self._browser.session_of(request)
        gone = _to("/sign-in")
        if session is not None and guard.same(last(fields, CSRF), session.csrf):
            leave(asker_of(self._services, session, session.language, request), session)
            guard.take_back(gone, self._services.listening)
            gone.headers["Clear-Site-Data"] = '"cache"'
        return gone

    def speak(self, request: Request, fields: Fields) -> Response:
        """The other language."""
        session = self._browser.session_of(request)
        wanted = last(fields, "language")
        if session is not None and wanted in ("en", "fr") and guard.same(last(fields, CSRF), session.csrf):
            self._services.sessions.speak(session.key, "fr" if wanted == "fr" else "en")
        return _to(inside(last(fields, "to")))

    def depart(self, request: Request) -> Response:
        """Off to the provider, with a state that only this browser can bring back."""
        provider = self._services.provider
        assert provider is not None
        language = self._browser.language_of(request, None)
        try:
            if wait := self._departures.spend(network_of(address_of(request))):
                too_many(wait)
            redirect = origin_of(self._services, request) + BACK_AT
            address, token = provider.begin(redirect, inside(request.query_params.get("to", "")), language)
        except EXPECTED as error:
            return self._again("sign-in", request, None, {}, error)
        away = RedirectResponse(address, 303)
        away.set_cookie(self._state, token, oidc.MINUTES * 60, **self._kept)
        return away

    def arrive(self, request: Request) -> Response:
        """Back from the provider: in, where it vouches for somebody who has an account here."""
        provider = self._services.provider
        assert provider is not None
        try:
            arrived = provider.finish(request.query_params, request.cookies.get(self._state, ""))
            issuer = provider.settings.issuer
            by = arrived.name if provider.settings.by_name else ""
            name = self._services.accounts.vouched(issuer, arrived.subject, by)
            if name is None:
                self._services.door.refused(named(arrived.name))
                refuse(UNKNOWN, name=arrived.name[:200], subject=arrived.subject[:255])
        except EXPECTED as error:
            response = self._again("sign-in", request, None, {}, error)
        else:
            response = self._in(request, name, {"to": [arrived.to]}, strong=True)
        response.delete_cookie(self._state, **self._kept)
        return response

    def _formed(self, name: str, way: Callable[[Request, Fields], Response]) -> Callable[[Request], Any]:
        async def handle(request: Request) -> Response:
            request.scope[ASKED] = name
            session = await run_in_threadpool(self._browser.session_of, request)
            async with self._services.bodies.form(request, known=session is not None) as fields:
                return await run_in_threadpool(way, request, fields)

        return handle

    def _origin(self, request: Request) -> str:
        return self._services.listening.origin or origin_of(self._services, request)

    @property
    def _state(self) -> str:
        return f"__Host-{STATE}" if self._services.listening.tls else STATE

    @property
    def _kept(self) -> dict[str, Any]:
        tls = self._services.listening.tls
        return {"path": "/", "httponly": True, "secure": tls, "samesite": "lax"}

    def _in(self, request: Request, name: str, fields: Fields, *, strong: bool = False) -> Response:
        """A new session of somebody who has shown who they are; what was typed is carried along.

        A code was asked for beside the password where the account has a second factor; `strong`: two were
        shown in another way.

        The session that this browser had before ends: nobody goes on in what another left open.
        """
        sessions, listening = self._services.sessions, self._services.listening
        if before := self._browser.session_of(request):
            leave(asker_of(self._services, before, before.language, request), before)
        strong = strong or self._services.accounts.second.enabled(name)
        token = sessions.begin(name, self._browser.language_of(request, None), strong=strong)
        session = sessions.find(token)
        if session is None:  # the account was closed in the moment between
            return _to("/sign-in")
        kept = carried(fields)
        if CARRIED in kept:
            response = self._browser.show("purpose", request, session, {}, Form("purpose", "", kept), 200)
        else:
            response = _to(f"/purpose?to={quote(inside(last(fields, 'to')), safe='')}")
        guard.give(response, listening, token)
        return response

    def _again(
        self,
        page: str,
        request: Request,
        session: Session | None,
        fields: Fields,
        error: Exception,
        path: dict[str, str] | None = None,
    ) -> Response:
        """The page of a form that was refused, with what was typed but for secrets."""
        keeper = session is not None and session.administrator
        language = self._browser.language_of(request, session)
        told = failure(error, self._services.words, language, keeper=keeper)
        kept = carriable({name: values for name, values in fields.items() if name not in (*SECRET, CSRF)})
        form = Form(page, "", kept, told.said)
        response = self._browser.show(page, request, session, path or {}, form, told.status)
        response.headers.update(told.headers)
        return response


def carried(fields: Fields) -> Fields:
    """Return another form's fields, and where one wanted to go; none if they are too long to be carried."""
    return carriable({k: v for k, v in fields.items() if k in (CARRIED, "to") or k.startswith(CARRIED_FIELD)})


def last(fields: dict[str, Sequence[str]] | Fields, name: str) -> str:
    """The last value of a field; empty without one."""
    found = fields.get(name)
    return found[-1] if found else ""


def inside(to: str) -> str:
    """An address within the console; the first page for any other."""
    mine = to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable()
    return to if mine else "/now"


def _to(address: str) -> RedirectResponse:
    return RedirectResponse(address, 303)


def _asked(way: Callable[[Request], Response]) -> Callable[[Request], Any]:
    async def handle(request: Request) -> Response:
        return await run_in_threadpool(way, request)

    return handle
