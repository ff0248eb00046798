"""Accounts, for who administers the console; and one's own profile."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Annotated, Any, Final

import msgspec
import pyotp
import segno

from watchfloor.actions.base import Action
from watchfloor.cell.acts import refuse
from watchfloor.console.access import actions
from watchfloor.console.access.accounts import LONGEST_NAME, Account
from watchfloor.console.access.entry import Answer, Label, PasskeyOptions
from watchfloor.console.access.passkeys import NO_PASSKEY, NOT_OPENED, host_of
from watchfloor.console.access.passwords import DIFFERENT, LONGEST, SHORTEST
from watchfloor.console.access.second_factor import CODE_WRONG
from watchfloor.console.access.sessions import ID_LENGTH, Running, id_of
from watchfloor.console.endpoints.endpoint import Asker, Done, Endpoint, Nothing
from watchfloor.core.messages import declare
from watchfloor.policy import terms
from watchfloor.policy.terms import Terms

NameOf = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NAME)]
SessionId = Annotated[str, msgspec.Meta(max_length=ID_LENGTH)]
Password = Annotated[str, msgspec.Meta(max_length=LONGEST)]

BY_PROVIDER: Final = declare("console.password-by-provider")
PROVE_FIRST: Final = declare("console.prove-first")
SIGN_IN_ANEW: Final = declare("console.sign-in-anew")
SECOND_THERE: Final = declare("console.second-factor-there")
LAST_PASSKEY: Final = declare("console.last-passkey")
YOURSELF: Final = declare("console.not-oneself")


class Open(msgspec.Struct, frozen=True):
    """A session that has not ended.

    Attributes:
        id: how lists name it.
        purpose, authority: as stated; empty: not yet.
        began, used, ends: moments.
        own: whether it is the one that asks.
    """

    id: str
    purpose: str
    authority: str
    began: datetime
    used: datetime
    ends: datetime
    own: bool


class Person(msgspec.Struct, frozen=True):
    """An account.

    Attributes:
        name: as the log and the policy have it.
        administrator: whether it administers the console.
        disabled: whether it is closed.
        signs_in: by `password`, `provider` or `passkey` alone; empty: a link or a provider is still needed.
        named: whether the floor's policy names a reader so; always without a policy.
        role: what the policy makes of the person; empty without a policy.
        clearance: up to what; of the policy, or what everybody has without one.
        reset_by: who reset it, while nobody has confirmed that its owner has it.
        second: whether it asks for a code beside the password.
        passkeys: how many it has.
        sessions: that have not ended.
    """

    name: str
    administrator: bool
    disabled: bool
    signs_in: str
    named: bool
    role: str
    clearance: str
    reset_by: str
    second: bool
    passkeys: int
    sessions: list[Open]


class KnownPasskey(msgspec.Struct, frozen=True):
    """A passkey of one's own.

    Attributes:
        id: by which it is removed.
        label: what one calls it.
        host: name of the console that it is for.
        created: when it was added; used: when it last opened the account.
    """

    id: str
    label: str
    host: str
    created: datetime
    used: datetime | None


class People(msgspec.Struct, frozen=True):
    """Every account.

    Attributes:
        people: the accounts.
        policy: whether the floor has one.
        provider: how the OpenID provider is called; empty without one.
        fresh: whether one may change accounts now, or must show first who one is.
    """

    people: list[Person]
    policy: bool
    provider: str
    fresh: bool
    marking: str = ""


class Profile(msgspec.Struct, frozen=True):
    """One's own account.

    Attributes:
        person: oneself.
        shortest: characters of a password.
        requests: that one may approve.
        resets: accounts whose reset one may confirm.
        fresh: whether one may do so now, or must show first who one is.
        second_needed: whether nothing else is open until one has shown a second factor.
        passkeys: of one's own.
        named: whether the console is open under a name, which passkeys need.
    """

    person: Person
    shortest: int
    requests: list[actions.PendingRequest]
    resets: list[Person]
    fresh: bool
    second_needed: bool
    passkeys: list[KnownPasskey]
    named: bool
    marking: str = ""


class Vouching(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The account's name, and the provider's own id of the person (`sub`)."""

    name: NameOf
    subject: Annotated[str, msgspec.Meta(max_length=255)] = ""


class Ending(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose session, and which; all of them where none is said."""

    name: NameOf
    session: SessionId = ""


class OwnEnding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which session; all but this one where none is said."""

    session: SessionId = ""


class Proof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One's password, shown anew, with a code where there is a second factor; or what a passkey answers."""

    password: Password = ""
    code: Annotated[str, msgspec.Meta(max_length=64)] = ""
    credential: Answer = ""


class Enrolment(msgspec.Struct, frozen=True):
    """A second factor that is being set up.

    Attributes:
        secret: to be typed into the app.
        address: the same with the account's name, as apps read it (otpauth://).
        picture: the address as a QR code, SVG.
    """

    secret: str
    address: str
    picture: str
    marking: str = ""


class Recovery(msgspec.Struct, frozen=True):
    """Recovery codes, shown this once."""

    said: str
    codes: list[str]
    marking: str = ""


class Code(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A code that the app shows now, or a recovery code to take the second factor away."""

    code: Annotated[str, msgspec.Meta(max_length=64)]


class NewPasskey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Answer of the browser to `/profile/passkeys/new`, as JSON; and its owner's label of the passkey."""

    credential: Answer
    label: Label = ""


class OnePasskey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which passkey of one's own."""

    passkey: Annotated[str, msgspec.Meta(min_length=2, max_length=2048)]


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The password of now, and the new one, twice."""

    password: Password
    new_password: Password
    again: Password


def people(asker: Asker, _: Nothing) -> People:
    """Every account: what the floor's policy makes of it, how it signs in, and its sessions."""
    asker.log_query("accounts")
    policy = terms.load(asker.floor.root)
    oidc = asker.services.settings.oidc
    found = [_person(asker, one, policy) for one in asker.services.accounts.all()]
    return People(found, policy is not None, oidc.called if oidc else "", asker.session.fresh)


def profile(asker: Asker, _: Nothing) -> Profile:
    """One's own account, and where it is signed in."""
    policy, administration = terms.load(asker.floor.root), asker.services.administration
    resets = [_person(asker, one, policy) for one in administration.resets(asker.actor)]
    mine = _person(asker, asker.services.accounts.get(asker.name), policy)
    passkeys = [
        KnownPasskey(
            one.id, one.label, one.host, _moment(one.created), _moment(one.used) if one.used else None
        )
        for one in asker.services.accounts.passkeys.all(asker.name)
    ]
    named = bool(host_of(asker.origin))
    needed = not asker.services.admits(asker.session)
    asked = actions.asked_for(asker, administration)
    return Profile(mine, SHORTEST, asked, resets, asker.session.fresh, needed, passkeys, named)


def prove(asker: Asker, ask: Proof) -> Done:
    """Show anew who one is, which is good for five minutes of changing accounts."""
    mine = asker.services.accounts.get(asker.name)
    if mine.signs_in == "provider":
        refuse(SIGN_IN_ANEW)
    if ask.credential:
        scope = _scope(asker, "prove")
        if asker.services.door.by_passkey(ask.credential, asker.origin, scope, asker.address) != asker.name:
            refuse(NOT_OPENED)
    else:
        asker.services.door.again(asker.name, ask.password, asker.address, ask.code if mine.second else None)
    asker.services.sessions.prove(asker.session.key, strong=bool(ask.credential) or mine.second)
    return Done(asker.t("accounts.proved"))


def second(asker: Asker, _: Nothing) -> Enrolment:
    """Make a secret for an authenticator app, which holds once a code of it is shown."""
    _refuse_second(asker)
    key, fresh = asker.session.key.hex(), pyotp.random_base32()
    secret = asker.services.enrolling.claim(key, fresh) or fresh
    address = pyotp.TOTP(secret).provisioning_uri(name=asker.name, issuer_name=asker.floor.settings.name)
    picture = segno.make_qr(address, error="m").svg_inline(scale=4, light="#fff")
    return Enrolment(secret, address, picture)


def enrol(asker: Asker, ask: Code) -> Recovery:
    """Set up a second factor by a code of the app; gives recovery codes, and ends all other sessions."""
    _refuse_second(asker)
    key = asker.session.key
    secret = asker.services.enrolling.get(key.hex()) or refuse(CODE_WRONG)
    codes = asker.services.accounts.second.enrol(asker.name, secret, ask.code, key)
    asker.services.sessions.prove(key, strong=True)
    asker.services.enrolling.drop(key.hex())
    asker.services.scribe.log(asker.actor, "second-factor", {"account": asker.name, "what": "set up"})
    return Recovery(asker.t("accounts.recovery", codes=", ".join(codes)), codes)


def _refuse_second(asker: Asker) -> None:
    """Refuse a second factor beside a provider, or in place of another: only a code of that takes it away."""
    mine = asker.services.accounts.get(asker.name)
    if mine.signs_in != "password":
        refuse(BY_PROVIDER)
    if mine.second:
        refuse(SECOND_THERE)
    _refuse_unproved(asker, mine)


def leave_second(asker: Asker, ask: Code) -> Done:
    """Take one's own second factor away, by a code of it."""
    asker.services.door.second(asker.name, ask.code, asker.address)
    asker.services.accounts.second.remove(asker.name)
    asker.services.scribe.log(asker.actor, "second-factor", {"account": asker.name, "what": "removed"})
    return Done(asker.t("accounts.second_removed", name=asker.name))


def proof_passkey(asker: Asker, _: Nothing) -> PasskeyOptions:
    """Return what a browser needs to ask for a passkey of one's own, to show anew who one is."""
    said = (asker.origin, _scope(asker, "prove"), asker.name)
    return PasskeyOptions(asker.services.accounts.passkeys.request(*said))


def new_passkey(asker: Asker, _: Nothing) -> PasskeyOptions:
    """Return what a browser needs to make a passkey for one's own account."""
    _refuse_passkey(asker)
    said = (asker.name, asker.origin, _scope(asker, "add"))
    return PasskeyOptions(asker.services.accounts.passkeys.creation(*said))


def add_passkey(asker: Asker, ask: NewPasskey) -> Done:
    """Add a passkey to one's own account, which signs in with it from then on."""
    _refuse_passkey(asker)
    kept = asker.services.accounts.passkeys
    kept.keep(asker.name, ask.label.strip(), kept.made(ask.credential, asker.origin, _scope(asker, "add")))
    asker.services.sessions.prove(asker.session.key, strong=True)
    asker.services.scribe.log(asker.actor, "second-factor", {"account": asker.name, "what": "passkey added"})
    return Done(asker.t("accounts.passkey_added"))


def remove_passkey(asker: Asker, ask: OnePasskey) -> Done:
    """Remove a passkey of one's own, not the last way to sign in; all other sessions of the account end."""
    mine = asker.services.accounts.get(asker.name)
    if mine.signs_in == "passkey" and mine.passkeys == 1:
        refuse(LAST_PASSKEY)
    if not asker.services.accounts.passkeys.remove(asker.name, ask.passkey):
        refuse(NO_PASSKEY)
    asker.services.sessions.end_all(asker.name, asker.session.key)
    what = {"account": asker.name, "what": "passkey removed"}
    asker.services.scribe.log(asker.actor, "second-factor", what)
    return Done(asker.t("accounts.passkey_removed"))


def _refuse_passkey(asker: Asker) -> None:
    """Refuse a passkey beside a provider, which vouches for the person."""
    mine = asker.services.accounts.get(asker.name)
    if mine.signs_in == "provider":
        refuse(BY_PROVIDER)
    _refuse_unproved(asker, mine)


def _refuse_unproved(asker: Asker, mine: Account) -> None:
    """Refuse that a password alone, which may be stolen, adds another factor to those there are."""
    if (mine.passkeys or mine.second) and not asker.services.admits(asker.session):
        refuse(PROVE_FIRST)


def _scope(asker: Asker, what: str) -> str:
    """Return the scope of a passkey's answer: one thing, in one session."""
    return f"{what} {asker.session.key.hex()}"


def vouch(asker: Asker, ask: Vouching) -> Done:
    """Let the OpenID provider vouch for a person in place of a password."""
    asker.services.administration.vouch(asker.actor, ask.name, ask.subject)
    return Done(asker.t("accounts.vouched", name=ask.name))


def end(asker: Asker, ask: Ending) -> Done:
    """End a session of an account, or all of them."""
    count = asker.services.administration.end_sessions(asker.actor, ask.name, ask.session)
    return Done(asker.t("accounts.ended", n=count, name=ask.name))


def end_own(asker: Asker, ask: OwnEnding) -> Done:
    """End another session of one's own, or all others."""
    sessions, own = asker.services.sessions, asker.session.key
    if ask.session:
        count = 0 if ask.session == id_of(own) else sessions.end_named(asker.name, ask.session)
    else:
        count = sessions.end_all(asker.name, own)
    asker.services.scribe.log(asker.actor, "sessions-ended", {"account": asker.name, "count": count})
    return Done(asker.t("accounts.ended", n=count, name=asker.name))


def change(asker: Asker, ask: Change) -> Done:
    """Change one's own password; all other sessions of the account end."""
    accounts = asker.services.accounts
    if accounts.get(asker.name).signs_in == "provider":
        refuse(BY_PROVIDER)
    if ask.new_password != ask.again:
        refuse(DIFFERENT)
    asker.services.door.again(asker.name, ask.password, asker.address)
    accounts.change(asker.name, ask.new_password, asker.session.key)
    asker.services.scribe.log(asker.actor, "password-changed", {"account": asker.name, "by": "person"})
    return Done(asker.t("accounts.changed"))


def _person(asker: Asker, one: Account, policy: Terms | None) -> Person:
    known = policy.readers.get(one.name) if policy else None
    clearance = " ".join(filter(None, (known.protected, known.classified, known.tlp))) if known else ""
    return Person(
        one.name,
        one.administrator,
        one.disabled,
        one.signs_in,
        policy is None or known is not None,
        known.role if known else "",
        clearance or ("" if policy else "PB"),
        one.reset_by,
        one.second,
        one.passkeys,
        [_open(asker, each) for each in asker.services.sessions.running(one.name)],
    )


def _open(asker: Asker, one: Running) -> Open:
    began, used, ends = map(_moment, (one.began, one.used, one.ends))
    own = one.id == id_of(asker.session.key)
    return Open(one.id, one.purpose, one.authority, began, used, ends, own)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


Call = Callable[[Asker, Any], Any]


def proved(call: Call) -> Call:
    """Refuse an act of somebody who has not shown lately who they are."""

    @wraps(call)
    def checked(asker: Asker, ask: Any) -> Any:
        if not asker.session.fresh:
            provider = asker.services.accounts.get(asker.name).signs_in == "provider"
            refuse(SIGN_IN_ANEW if provider else PROVE_FIRST)
        return call(asker, ask)

    return checked


def of_another(call: Call) -> Call:
    """Refuse an act by which somebody would lock themselves out."""

    @wraps(call)
    def checked(asker: Asker, ask: Any) -> Any:
        if ask.name == asker.name and getattr(ask, "no", True):  # letting oneself administer locks nobody out
            refuse(YOURSELF)
        return call(asker, ask)

    return checked


def _for_administrators(name: str, path: str, of: Action[Any, Any], call: Call | None = None) -> Endpoint:
    settings = {"within": "accounts", "administrator": True, "call": proved(call or of.run)}
    return Endpoint.for_action(of, path, name=name, **settings)


def _second_person(name: str, path: str, of: Action[Any, Any]) -> Endpoint:
    return Endpoint.for_action(of, path, name=name, within="profile", call=proved(of.run))


def _for_another(name: str, path: str, of: Action[Any, Any]) -> Endpoint:
    return _for_administrators(name, path, of, of_another(of.run))


ENDPOINTS: Final = (
    Endpoint("accounts", "GET", "/accounts", Nothing, People, people, "accounts.html", administrator=True),
    _for_administrators("accounts.add", "/accounts", actions.add),
    _for_administrators("accounts.link", "/accounts/link", actions.link),
    Endpoint(
        "accounts.vouch",
        "POST",
        "/accounts/provider",
        Vouching,
        Done,
        proved(of_another(vouch)),
        within="accounts",
        administrator=True,
    ),
    _for_another("accounts.no-second", "/accounts/second/remove", actions.no_second_factor),
    _for_another("accounts.no-passkeys", "/accounts/passkeys/remove", actions.no_passkeys),
    _for_another("accounts.disable", "/accounts/disable", actions.disable),
    _for_administrators("accounts.enable", "/accounts/enable", actions.enable),
    _for_another("accounts.administer", "/accounts/administrator", actions.administrator),
    Endpoint(
        "accounts.end",
        "POST",
        "/accounts/sessions/end",
        Ending,
        Done,
        proved(end),
        within="accounts",
        administrator=True,
    ),
    Endpoint("profile", "GET", "/profile", Nothing, Profile, profile, "accounts-profile.html"),
    Endpoint("profile.password", "POST", "/profile/password", Change, Done, change, within="profile"),
    Endpoint(
        "accounts.prove",
        "POST",
        "/accounts/prove",
        Proof,
        Done,
        prove,
        within="accounts",
        administrator=True,
    ),
    Endpoint("profile.prove", "POST", "/profile/prove", Proof, Done, prove, within="profile"),
    Endpoint("profile.second", "GET", "/profile/second", Nothing, Enrolment, second, "accounts-second.html"),
    Endpoint(
        "profile.enrol",
        "POST",
        "/profile/second",
        Code,
        Recovery,
        proved(enrol),
        within="profile.second",
        then=lambda _ask, _given: "/profile",
    ),
    Endpoint(
        "profile.no-second",
        "POST",
        "/profile/second/remove",
        Code,
        Done,
        proved(leave_second),
        within="profile",
    ),
    Endpoint("profile.passkey-options", "GET", "/profile/passkeys/new", Nothing, PasskeyOptions, new_passkey),
    Endpoint(
        "profile.passkey-proof", "GET", "/profile/passkeys/proof", Nothing, PasskeyOptions, proof_passkey
    ),
    Endpoint(
        "profile.passkey",
        "POST",
        "/profile/passkeys",
        NewPasskey,
        Done,
        proved(add_passkey),
        within="profile",
    ),
    Endpoint(
        "profile.no-passkey",
        "POST",
        "/profile/passkeys/remove",
        OnePasskey,
        Done,
        proved(remove_passkey),
        within="profile",
    ),
    _second_person("profile.approve", "/profile/approve", actions.approve),
    _second_person("profile.confirm", "/profile/confirm", actions.confirm),
    Endpoint("profile.end", "POST", "/profile/sessions/end", OwnEnding, Done, end_own, within="profile"),
)
