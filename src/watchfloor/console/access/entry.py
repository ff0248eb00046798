"""Coming in and going out: what is asked and answered. `ways` has the forms that set the cookie."""

from typing import Annotated, Any, Final, Literal

import msgspec

from watchfloor.cell.acts import Refusal, refuse
from watchfloor.console.access.accounts import hash_of
from watchfloor.console.access.door import WRONG
from watchfloor.console.access.passkeys import LONGEST_ANSWER, host_of
from watchfloor.console.access.passwords import LONGEST, NONE_HERE, SHORTEST
from watchfloor.console.access.sessions import Session
from watchfloor.console.endpoints.endpoint import Asker, Done, Endpoint, Nothing
from watchfloor.core.messages import Language, declare
from watchfloor.policy import terms
from watchfloor.policy.terms import Terms

EXERCISE_PURPOSE: Final = "evaluation on one machine"
EXERCISE_AUTHORITY: Final = "none stated"
"""What an exercise is looked at for where nobody says otherwise, as on the command line."""
MOST_SAID: Final = 500
"""Characters of a purpose or an authority: they stand on every page and in every act of the log."""

SIGNING_IN: Final = "sign in"
"""What an answer of a passkey is good for that signs in."""
MOST_LABEL: Final = 60

Answer = Annotated[str, msgspec.Meta(max_length=LONGEST_ANSWER)]
Label = Annotated[str, msgspec.Meta(max_length=MOST_LABEL)]
Said = Annotated[str, msgspec.Meta(max_length=MOST_SAID)]

UNSTATED: Final = declare("console.purpose-unstated")
UNDEFINED: Final = declare("console.purpose-undefined", "purpose")
NO_AUTHORITY: Final = declare("console.authority-undefined", "authority")
NOT_NAMED: Final = declare("console.not-named", "name")
ONE_LINE: Final = declare("console.purpose-one-line")


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to go once one is in."""

    to: str = ""


class Start(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Token of a one-time link, and where it leads."""

    token: str
    to: str = ""


class PasskeyOptions(msgspec.Struct, frozen=True):
    """Options for the browser's `navigator.credentials`, as JSON of WebAuthn."""

    options: dict[str, Any]
    marking: str = ""


class Begun(msgspec.Struct, frozen=True):
    """Whose one-time link it is.

    Attributes:
        account: whose.
        shortest: characters of a password; 0: one signs in here by a passkey alone.
        passkey: whether the account may have one in place of a password, here.
    """

    account: str
    shortest: int
    passkey: bool
    marking: str = ""


class SignIn(msgspec.Struct, frozen=True):
    """The page for signing in.

    Attributes:
        provider: what the button of an OpenID provider says; empty without one.
        passwords: whether one may sign in by a password.
        passkeys: whether one may by a passkey, here.
    """

    provider: str = ""
    passwords: bool = True
    passkeys: bool = True
    marking: str = ""


class Purposes(msgspec.Struct, frozen=True):
    """Purposes and authorities that may be stated.

    Attributes:
        purposes, authorities: that the floor's policy lets this person state, by the word; empty: any text.
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
    """Purpose and authority of a session, to be stated."""

    purpose: Said = ""
    authority: Said = ""


class Stated(msgspec.Struct, frozen=True):
    """Purpose and authority of a session, as stated; `ends` in seconds since 1970."""

    account: str
    purpose: str
    authority: str
    language: str
    administrator: bool
    csrf: str
    ends: int
    marking: str = ""


class Credentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Name, password and the code of a second factor where there is one, and what the session is for."""

    name: Annotated[str, msgspec.Meta(max_length=256)]
    password: Annotated[str, msgspec.Meta(max_length=LONGEST)]
    purpose: Said = ""
    authority: Said = ""
    language: Literal["en", "fr"] = "en"
    code: Annotated[str, msgspec.Meta(max_length=64)] = ""


class Token(msgspec.Struct, frozen=True):
    """A session's token, to be sent as `Authorization: Bearer …`.

    Attributes:
        token: shown this once; here only its hash is kept.
        account: whose.
        stated: whether purpose and authority are stated; if not, POST /purpose is next.
        ends: seconds since 1970; without any request it ends earlier.
    """

    token: str
    account: str
    stated: bool
    ends: int
    marking: str = ""


def start_page(asker: Asker, ask: Start) -> Begun:
    """The page behind a one-time link; looking at it does not use the link up."""
    services = asker.services
    name, passwords = services.accounts.whose(ask.token), services.settings.passwords
    passkey = not services.accounts.second.enabled(name) and bool(host_of(asker.origin))
    return Begun(name, SHORTEST if passwords else 0, passkey)


def start_passkey(asker: Asker, ask: Start) -> PasskeyOptions:
    """Return what a browser needs to make a passkey for whoever has a one-time link."""
    services = asker.services
    name = services.accounts.whose(ask.token)
    return PasskeyOptions(services.accounts.passkeys.creation(name, asker.origin, scope_of_link(ask.token)))


def scope_of_link(token: str) -> str:
    """Return the scope of an answer that makes a passkey by a link."""
    return f"start {hash_of(token).hex()}"


def sign_in_passkey(asker: Asker, _: Nothing) -> PasskeyOptions:
    """Return what a browser needs to ask for a passkey to sign in with."""
    if not asker.services.settings.links:
        refuse(NONE_HERE)
    return PasskeyOptions(asker.services.accounts.passkeys.request(asker.origin, SIGNING_IN))


def sign_in_page(asker: Asker, _: Entry) -> SignIn:
    """The page for signing in."""
    oidc = asker.services.settings.oidc
    here = asker.services.settings
    return SignIn(oidc.called if oidc else "", here.passwords, here.links and bool(host_of(asker.origin)))


def purpose_page(asker: Asker, _: Entry) -> Purposes:
    """The purposes and authorities that this floor's policy names, to be stated once a session."""
    policy = terms.load(asker.floor.root)
    exercise = asker.floor.settings.exercise
    given = (EXERCISE_PURPOSE, EXERCISE_AUTHORITY) if exercise and policy is None else ("", "")
    called = asker.language
    return Purposes(
        _statable(policy, "purposes", asker.name, called),
        _statable(policy, "authorities", asker.name, called),
        asker.session.purpose or given[0],
        asker.session.authority or given[1],
        exercise,
    )


def _statable(
    policy: Terms | None, what: Literal["purposes", "authorities"], name: str, language: Language
) -> dict[str, str]:
    """Return the words that this person may state, with texts; none for whom the policy does not name."""
    if policy is None or name not in policy.readers:
        return {}
    return {word: one.called(language) for word, one in policy.statable(what, name).items()}


def state(asker: Asker, ask: State) -> Stated:
    """State what this session is for and by what right; both are logged with everything it asks."""
    purpose, authority = ask.purpose.strip(), ask.authority.strip()
    if not purpose or not authority:
        refuse(UNSTATED)
    if not (purpose.isprintable() and authority.isprintable()):
        refuse(ONE_LINE)
    services, session = asker.services, asker.session
    policy = terms.load(asker.floor.root)
    if policy is not None:
        if session.account not in policy.readers:
            refuse(NOT_NAMED, name=session.account)
        if policy.purposes and purpose not in policy.statable("purposes", session.account):
            refuse(UNDEFINED, purpose=purpose)
        if policy.authorities and authority not in policy.statable("authorities", session.account):
            refuse(NO_AUTHORITY, authority=authority)
    services.scribe.log(session.actor(purpose, authority), "signed-in", {"what": "session"})
    services.sessions.state(session.key, purpose, authority)
    if session.reset_by:
        services.heard.put(session.key.hex(), [asker.t("access.was_reset", name=session.reset_by)])
    elif (by := services.accounts.linked_by(session.account)) not in ("", session.account):
        services.heard.put(session.key.hex(), [asker.t("access.was_linked", name=by)])
    return stated(asker, Nothing(), purpose, authority)


def stated(asker: Asker, _: Nothing, purpose: str = "", authority: str = "") -> Stated:
    """Who is signed in, what for and until when; and the CSRF token that a page of ours brings."""
    one = asker.session
    purpose, authority = purpose or one.purpose, authority or one.authority
    return Stated(one.account, purpose, authority, one.language, one.administrator, one.csrf, one.ends)


def begin(asker: Asker, ask: Credentials) -> Token:
    """Sign in by name and password; with purpose and authority the session can be used at once."""
    services = asker.services
    name = services.door.check(ask.name, ask.password, asker.address, ask.code)
    token = services.sessions.begin(name, ask.language, strong=services.accounts.second.enabled(name))
    session = services.sessions.find(token) or refuse(WRONG)
    if ask.purpose or ask.authority:
        try:
            state(Asker(services, session), State(ask.purpose, ask.authority))
        except Refusal:
            services.sessions.end(session.key)
            raise
        session = services.sessions.find(token) or refuse(WRONG)
    return Token(token, name, session.stated, session.ends)


def end(asker: Asker, _: Nothing) -> Done:
    """Sign out: the session ends, and its token with it."""
    leave(asker, asker.session)
    return Done(asker.t("access.signed_out"))


def leave(asker: Asker, session: Session) -> None:
    """End a session, and log it where it was one of the floor's."""
    if session.stated:
        asker.services.scribe.log(asker.actor, "signed-out", {"what": "session"})
    asker.services.sessions.end(session.key)


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
    Endpoint("session.begin", "POST", "/session", Credentials, Token, begin, public=True),
    Endpoint(
        "session.passkey",
        "GET",
        "/session/passkey",
        Nothing,
        PasskeyOptions,
        sign_in_passkey,
        public=True,
    ),
    Endpoint(
        "start.passkey", "GET", "/start/{token}/passkey", Start, PasskeyOptions, start_passkey, public=True
    ),
    Endpoint("session.end", "POST", "/session/end", Nothing, Done, end),
)
