"""Coming in and going out: signing in, a one-time link, what for and by what right, signing out."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from watchfloor.cell.acting.acts import Refused, refuse
from watchfloor.console import guard
from watchfloor.console.access.limits import Rate
from watchfloor.console.access.passwords import SHORTEST
from watchfloor.console.access.sessions import Session
from watchfloor.console.browser import CARRIED, CARRIED_FIELD, Browser
from watchfloor.console.endpoint import Asker, Endpoint, Nothing
from watchfloor.console.failures import EXPECTED, TooMany, failure
from watchfloor.console.html import CSRF, Form
from watchfloor.console.services import Services
from watchfloor.records.messages import declare
from watchfloor.release import terms
from watchfloor.store.log import Actor
from watchfloor.store.readers import NotPermitted

EXERCISE_PURPOSE: Final = "evaluation on one machine"
EXERCISE_AUTHORITY: Final = "none stated"
"""What an exercise is looked at for where nobody says otherwise, as on the command line."""
DOOR: Final = Actor("console", "letting people in", "access policy of the floor")
"""Who logs that somebody was not let in: a name that was typed may be anybody's."""

WRONG: Final = declare(
    "console.sign-in-wrong",
    en="name and password do not belong together, or the account is closed",
    fr="le nom et le mot de passe ne vont pas ensemble, ou le compte est fermé",
)
WAIT: Final = declare(
    "console.sign-in-wait",
    en="too many tries; wait {seconds} seconds",
    fr="trop d’essais; attendez {seconds} secondes",
)
DIFFERENT: Final = declare(
    "console.passwords-differ",
    en="the two passwords differ; type the same one twice",
    fr="les deux mots de passe diffèrent; tapez deux fois le même",
)
UNSTATED: Final = declare(
    "console.purpose-unstated",
    en="say what for and by what right: every look at this floor is logged with both",
    fr="dites à quelle fin et en vertu de quel pouvoir : chaque consultation de ce plateau est journalisée "
    "avec les deux",
)
UNDEFINED: Final = declare(
    "console.purpose-undefined",
    en="this floor's policy defines no such purpose as {purpose!r}; choose one of its list",
    fr="la politique de ce plateau ne définit pas la fin {purpose!r}; choisissez-en une de sa liste",
)
NOT_NAMED: Final = declare(
    "console.not-named",
    en="this floor's policy names no reader {name!r}; who keeps the policy can add you",
    fr="la politique de ce plateau ne nomme pas de lecteur {name!r}; qui la tient peut vous ajouter",
)


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to go once one is in."""

    to: str = ""


class Start(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a one-time link says."""

    token: str
    to: str = ""


class Begun(msgspec.Struct, frozen=True):
    """Whose one-time link it is."""

    account: str
    shortest: int
    marking: str = ""


class SignIn(msgspec.Struct, frozen=True):
    """The page for signing in; `provider`: what the button of an OpenID provider says, empty without one."""

    provider: str = ""
    marking: str = ""


class Purposes(msgspec.Struct, frozen=True):
    """What may be stated.

    Attributes:
        purposes, authorities: of the floor's policy, by the word; empty: any text.
        purpose, authority: what stands there at first.
        exercise: whether the floor holds an exercise.
    """

    purposes: dict[str, str]
    authorities: dict[str, str]
    purpose: str
    authority: str
    exercise: bool
    marking: str = ""


class State(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the session is for, and by what right."""

    purpose: str = ""
    authority: str = ""


class Stated(msgspec.Struct, frozen=True):
    """What a session is for; `ends` in seconds since 1970."""

    account: str
    purpose: str
    authority: str
    language: str
    administrator: bool
    csrf: str
    ends: int
    marking: str = ""


class Credentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Name and password, and what the session is for."""

    name: str
    password: str
    purpose: str = ""
    authority: str = ""
    language: str = "en"


class Token(msgspec.Struct, frozen=True):
    """A session's token, to be sent as `Authorization: Bearer …`; `ends` in seconds since 1970."""

    token: str
    csrf: str
    ends: int
    marking: str = ""


def start_page(asker: Asker, ask: Start) -> Begun:
    """The page behind a one-time link; looking at it does not use the link up."""
    return Begun(asker.services.accounts.whose(ask.token), SHORTEST)


def sign_in_page(asker: Asker, _: Entry) -> SignIn:
    """The page for signing in."""
    oidc = asker.services.settings.oidc
    return SignIn(oidc.called if oidc else "")


def purpose_page(asker: Asker, _: Entry) -> Purposes:
    """The purposes and authorities that this floor's policy names, to be stated once a session."""
    policy = terms.load(asker.floor.root)
    exercise = asker.floor.settings.exercise
    given = (EXERCISE_PURPOSE, EXERCISE_AUTHORITY) if exercise and policy is None else ("", "")
    called = asker.language
    return Purposes(
        {word: one.called(called) for word, one in policy.purposes.items()} if policy else {},
        {word: one.called(called) for word, one in policy.authorities.items()} if policy else {},
        asker.session.purpose or given[0],
        asker.session.authority or given[1],
        exercise,
    )


def state(asker: Asker, ask: State) -> Stated:
    """State what this session is for and by what right; both are logged with everything it asks."""
    purpose, authority = ask.purpose.strip(), ask.authority.strip()
    if not purpose or not authority:
        refuse(UNSTATED)
    services, session = asker.services, asker.session
    policy = terms.load(asker.floor.root)
    if policy is not None and policy.purposes and purpose not in policy.purposes:
        refuse(UNDEFINED, purpose=purpose)
    try:
        services.floor.reader(session.account, purpose)
    except NotPermitted:
        refuse(NOT_NAMED, name=session.account)
    services.scribe.log(Actor(session.account, purpose, authority), "signed-in", {"what": "session"})
    services.sessions.state(session.key, purpose, authority)
    return stated(asker, Nothing(), purpose, authority)


def stated(asker: Asker, _: Nothing, purpose: str = "", authority: str = "") -> Stated:
    """Who is signed in, what for and until when; and the CSRF token that a page of ours brings."""
    one = asker.session
    purpose, authority = purpose or one.purpose, authority or one.authority
    return Stated(one.account, purpose, authority, one.language, one.administrator, one.csrf, one.ends)


class Door:
    """Checks who somebody is, at a rate that does not let passwords be guessed."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._by_name = Rate(5, 15 * 60)
        self._by_address = Rate(30, 15 * 60)

    def check(self, name: str, password: str, address: str) -> None:
        """Whether name and password belong together. Raises `Refused`, and logs that it did."""
        wait = max(self._by_name.spend(name), self._by_address.spend(address))
        if wait:
            try:
                refuse(WAIT, seconds=int(wait) + 1)
            except Refused as error:
                raise TooMany(error, wait) from None
        if not self._services.accounts.passes(name, password):
            known = any(one.name == name for one in self._services.accounts.all())
            self._services.scribe.log(DOOR, "sign-in-refused", {"account": name if known else None})
            refuse(WRONG)
        self._by_name.forgive(name)


def routes(services: Services, browser: Browser) -> Iterable[Route]:
    """The routes for coming in and going out; they set the cookie, so they are no endpoints."""
    door = Door(services)

    def formed(call: Callable[[Request, dict[str, list[str]]], Response]) -> Callable[[Request], Any]:
        async def handle(request: Request) -> Response:
            async with request.form(max_files=0) as form:
                fields: dict[str, list[str]] = {}
                for name, value in form.multi_items():
                    if isinstance(value, str):
                        fields.setdefault(name, []).append(value)
            return await run_in_threadpool(call, request, fields)

        return handle

    def signing_in(request: Request, fields: dict[str, list[str]]) -> Response:
        name, password = last(fields, "name"), last(fields, "password")
        try:
            refuse_elsewhere(request)
            door.check(name, password, address_of(request))
        except EXPECTED as error:
            return again("sign-in", request, None, fields, error)
        return begin(services, browser, request, name, fields)

    def stating(request: Request, fields: dict[str, list[str]]) -> Response:
        session = browser.session_of(request)
        if session is None:
            return RedirectResponse("/sign-in", 303)
        try:
            refuse_elsewhere(request)
            if not guard.same(last(fields, CSRF), session.csrf):
                refuse(NOT_YOURS)
            state(Asker(services, session), State(last(fields, "purpose"), last(fields, "authority")))
        except EXPECTED as error:
            return again("purpose", request, session, fields, error)
        fresh = browser.session_of(request) or session
        return browser.resume(request, fresh, fields) or RedirectResponse(inside(last(fields, "to")), 303)

    def linked(request: Request, fields: dict[str, list[str]]) -> Response:
        token = request.path_params["token"]
        try:
            refuse_elsewhere(request)
            if last(fields, "password") != last(fields, "again"):
                refuse(DIFFERENT)
            name = services.accounts.redeem(token, last(fields, "password"))
        except EXPECTED as error:
            return again("start", request, None, fields, error, {"token": token})
        return begin(services, browser, request, name, fields)

    def leaving(request: Request, fields: dict[str, list[str]]) -> Response:
        session = browser.session_of(request)
        gone = RedirectResponse("/sign-in", 303)
        if session is not None and guard.same(last(fields, CSRF), session.csrf):
            if session.stated:
                actor = Actor(session.account, session.purpose, session.authority)
                services.scribe.log(actor, "signed-out", {"what": "session"})
            services.sessions.end(session.key)
            gone.delete_cookie(guard.COOKIE)
            gone.headers["Clear-Site-Data"] = '"cache", "storage"'
        return gone

    def speaking(request: Request, fields: dict[str, list[str]]) -> Response:
        session = browser.session_of(request)
        wanted = last(fields, "language")
        if session is not None and wanted in ("en", "fr") and guard.same(last(fields, CSRF), session.csrf):
            services.sessions.speak(session.key, "fr" if wanted == "fr" else "en")
        return RedirectResponse(inside(last(fields, "to")), 303)

    def refuse_elsewhere(request: Request) -> None:
        if guard.from_elsewhere(request.headers, services.listening):
            refuse(NOT_YOURS)

    def again(
        page: str,
        request: Request,
        session: Session | None,
        fields: dict[str, list[str]],
        error: Exception,
        path: dict[str, str] | None = None,
    ) -> Response:
        told = failure(error, browser.language_of(request, session))
        kept = {name: values for name, values in fields.items() if name not in ("password", "again", CSRF)}
        return browser.show(page, request, session, path or {}, Form(page, "", kept, told.said), told.status)

    async def home(_: Request) -> Response:
        return RedirectResponse("/leads", 303)

    yield Route("/", home)
    yield Route("/sign-in", formed(signing_in), methods=["POST"])
    yield Route("/purpose", formed(stating), methods=["POST"])
    yield Route("/start/{token}", formed(linked), methods=["POST"])
    yield Route("/sign-out", formed(leaving), methods=["POST"])
    yield Route("/language", formed(speaking), methods=["POST"])


def begin(
    services: Services, browser: Browser, request: Request, name: str, fields: dict[str, list[str]]
) -> Response:
    """Begin the session of somebody who has shown who they are, and ask what for; carries a form along."""
    language = browser.language_of(request, None)
    token = services.sessions.begin(name, language)
    session = services.sessions.of(token)
    if session is None:  # closed in the moment between
        return RedirectResponse("/sign-in", 303)
    carried = {k: v for k, v in fields.items() if k in (CARRIED, "to") or k.startswith(CARRIED_FIELD)}
    response = browser.show("purpose", request, session, {}, Form("purpose", "", carried), 200)
    response.set_cookie(
        guard.COOKIE, token, httponly=True, secure=services.listening.tls, samesite="lax", path="/"
    )
    return response


NOT_YOURS: Final = declare(
    "console.not-yours",
    en="this came from another page than ours, or one of another session; send it again from here",
    fr="ceci vient d’une autre page que les nôtres, ou d’une autre session; envoyez-le de nouveau d’ici",
)


def last(fields: dict[str, Sequence[str]] | dict[str, list[str]], name: str) -> str:
    """The last value of a field; empty without one."""
    found = fields.get(name)
    return found[-1] if found else ""


def inside(to: str) -> str:
    """An address within the console; the queue for any other."""
    return to if to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable() else "/leads"


def address_of(request: Request) -> str:
    """The client's address, for rates."""
    return request.client.host if request.client else ""


ENDPOINTS: Final = (
    Endpoint(
        "sign-in", "GET", "/sign-in", Entry, SignIn, sign_in_page, "sign-in.html", public=True, api=False
    ),
    Endpoint(
        "start", "GET", "/start/{token}", Start, Begun, start_page, "start.html", public=True, api=False
    ),
    Endpoint("purpose", "GET", "/purpose", Entry, Purposes, purpose_page, "purpose.html"),
    Endpoint("purpose.state", "POST", "/purpose", State, Stated, state),
    Endpoint("session", "GET", "/session", Nothing, Stated, stated),
)
