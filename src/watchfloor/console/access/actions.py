"""Accounts of the console: what is done to them, by a command and on the page."""

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import msgspec

from watchfloor.actions.base import Answer, Context, Request, action, argument, option, words
from watchfloor.cell.acts import refuse
from watchfloor.core.messages import declare
from watchfloor.store import readers

if TYPE_CHECKING:
    from watchfloor.console.access.administering import Administration

SUPERVISORS_ONLY = declare("console.supervisors-only", "name", "role")


class ConsoleContext(Context):
    """The context of a running console: its accounts are open, and it has looked who may change them."""

    origin: str
    """By which the console is reached, for links."""

    @property
    @abstractmethod
    def administration(self) -> "Administration":
        """Return what changes accounts."""


@contextmanager
def administration(context: Context) -> "Iterator[Administration]":
    """Open what changes the accounts of a floor.

    Outside the console, and where the floor has a policy, it is for supervisors and for who administers the
    console. Raises `Refusal` for others.
    """
    if isinstance(context, ConsoleContext):
        yield context.administration
        return
    from watchfloor.console import settings  # no help of a command waits for what checks passkeys
    from watchfloor.console.access.accounts import Accounts
    from watchfloor.console.access.administering import Administration
    from watchfloor.console.access.file import AccessFile
    from watchfloor.console.access.sessions import Sessions

    floor, name = context.floor, context.actor.name
    console, file = settings.load(floor.root), AccessFile(floor.root)
    try:
        accounts = Accounts(file)
        if not any(one.name == name and one.administrator and not one.disabled for one in accounts.all()):
            role = readers.role(floor.root, name)
            if role not in (None, "supervisor"):
                refuse(SUPERVISORS_ONLY, name=name, role=role)
        issuer, by_name = (console.oidc.issuer, console.oidc.by_name) if console.oidc else ("", False)
        held = (file, accounts, Sessions(file), floor.act, issuer, console.links, bool(by_name))
        yield Administration(*held)
    finally:
        file.close()


Act = Literal[
    "added",
    "linked",
    "disabled",
    "enabled",
    "administrator",
    "no-administrator",
    "no-second-factor",
    "no-passkeys",
    "approved",
    "confirmed",
]


class AccountView(Answer, frozen=True):
    """An account; `signs_in` is null while a link or a provider is still needed."""

    texts: ClassVar = "account"
    columns: ClassVar = ("account", "signs_in", "administrator", "disabled", "sessions")

    account: str
    signs_in: Annotated[str | None, words("accounts.by_")]
    administrator: bool
    disabled: bool
    sessions: int

    def nothing(self, column: str) -> str:  # noqa: ARG002 - nothing else may be missing
        """Return the key of the text for an account that nobody can sign in to yet."""
        return "accounts.by_nothing"


class AccountList(Answer, frozen=True):
    """The accounts of the console."""

    accounts: list[AccountView]


class PendingRequest(Answer, frozen=True):
    """An act that waits for a second person; null for `request`: a reset, confirmed by the account's name."""

    texts: ClassVar = "account"
    columns: ClassVar = ("request", "act", "account", "by", "subject")

    request: str | None
    act: str
    account: str
    by: str
    subject: str


class PendingRequests(Answer, frozen=True):
    """Requests and resets that wait for oneself as the second person."""

    requests: list[PendingRequest]


class AccountChange(Answer, frozen=True, kw_only=True):
    """An account and what was done to it.

    Attributes:
        link: by which the person chooses a password, shown this once; null if none was made.
        by: who asked for what was approved.
    """

    account: str
    what: Act = msgspec.field(name="done")
    link: str | None = None
    by: str | None = None
    marking: str = ""

    def done(self, key: str) -> str:
        """Return the key of the text that says what was done."""
        return key + ("linked" if self.link else self.what)


class OneAccount(Request, frozen=True):
    """Which account."""

    name: Annotated[str, argument("NAME", "As the floor's policy and its log name the person.")]


class NewAccount(OneAccount, frozen=True):
    """A new account."""

    administrator: Annotated[bool, option("The person may administer the console.")] = False
    provider: Annotated[bool, option("The OpenID provider of console.toml vouches for the person.")] = False
    subject: Annotated[str, option("The provider's own id of the person (sub), with --provider.")] = ""


class Administer(OneAccount, frozen=True):
    """Whether an account administers the console."""

    no: Annotated[bool, option("No longer.")] = False


class Approve(Request, frozen=True):
    """Which request."""

    request: Annotated[str, argument("REQUEST", "As `watchfloor admin account requests` lists it.")]


@action(
    "account add",
    'account add okafor --floor floor --purpose administration --authority "order 3"',
    writes=True,
    done="accounts.done_",
)
def add(context: Context, ask: NewAccount) -> AccountChange:
    """Make an account, and the one-time link by which the person chooses a password."""
    with administration(context) as one:
        made = one.add(
            context.actor,
            ask.name,
            administrator=ask.administrator,
            vouched=ask.provider,
            subject=ask.subject,
        )
        link_ = None if ask.provider else _link(context, one, made.name)
    return AccountChange(account=made.name, what="added", link=link_)


def _link(context: Context, one: "Administration", name: str) -> str:
    origin = context.origin if isinstance(context, ConsoleContext) else ""
    return f"{origin}/start/{one.link(context.actor, name)}"


@action("account link", "account link okafor --floor floor", writes=True, done="accounts.done_")
def link(context: Context, ask: OneAccount) -> AccountChange:
    """Make a one-time link by which a person chooses a password anew; the older links end."""
    with administration(context) as one:
        return AccountChange(account=ask.name, what="linked", link=_link(context, one, ask.name))


@action("account list", "account list --floor floor", rows="accounts", empty="account.empty")
def list_(context: Context, _: Request) -> AccountList:
    """List the accounts of the console: how each signs in, and in how many sessions it is signed in."""
    with administration(context) as one:
        context.log_query("accounts")
        found = [
            AccountView(
                account=each.name,
                signs_in=each.signs_in or None,
                administrator=each.administrator,
                disabled=each.disabled,
                sessions=len(one.sessions.running(each.name)),
            )
            for each in one.accounts.all()
        ]
    return AccountList(accounts=found)


@action("account disable", "account disable okafor --floor floor", writes=True, done="accounts.done_")
def disable(context: Context, ask: OneAccount) -> AccountChange:
    """Close an account: its sessions and links end at once, and it signs in no more."""
    with administration(context) as one:
        one.set_disabled(context.actor, ask.name, disabled=True)
    return AccountChange(account=ask.name, what="disabled")


@action("account enable", "account enable okafor --floor floor", writes=True, done="accounts.done_")
def enable(context: Context, ask: OneAccount) -> AccountChange:
    """Open a closed account again."""
    with administration(context) as one:
        one.set_disabled(context.actor, ask.name, disabled=False)
    return AccountChange(account=ask.name, what="enabled")


@action(
    "account administrator", "account administrator okafor --floor floor", writes=True, done="accounts.done_"
)
def administrator(context: Context, ask: Administer) -> AccountChange:
    """Let a person administer the console, or with --no no longer."""
    with administration(context) as one:
        one.set_administrator(context.actor, ask.name, administrator=not ask.no)
    return AccountChange(account=ask.name, what="no-administrator" if ask.no else "administrator")


@action(
    "account no-second-factor",
    "account no-second-factor okafor --floor floor",
    writes=True,
    done="accounts.done_",
)
def no_second_factor(context: Context, ask: OneAccount) -> AccountChange:
    """Take a second factor away whose app and recovery codes are lost; the account's sessions end."""
    with administration(context) as one:
        one.remove_second(context.actor, ask.name)
    return AccountChange(account=ask.name, what="no-second-factor")


@action("account no-passkeys", "account no-passkeys okafor --floor floor", writes=True, done="accounts.done_")
def no_passkeys(context: Context, ask: OneAccount) -> AccountChange:
    """Remove the passkeys of an account, such as of a device that was lost; its sessions end."""
    with administration(context) as one:
        one.remove_passkeys(context.actor, ask.name)
    return AccountChange(account=ask.name, what="no-passkeys")


@action("account requests", "account requests --floor floor", rows="requests", empty="account.nothing_waits")
def requests(context: Context, _: Request) -> PendingRequests:
    """List what waits for you as the second person: requests to approve, resets to confirm."""
    with administration(context) as one:
        context.log_query("account requests")
        found = asked_for(context, one)
        found += [
            PendingRequest(request=None, act="reset", account=each.name, by=each.reset_by, subject="")
            for each in one.resets(context.actor)
        ]
    return PendingRequests(requests=found)


def asked_for(context: Context, one: "Administration") -> list[PendingRequest]:
    """Return the requests that this person may approve."""
    return [
        PendingRequest(
            request=each.id, act=each.act, account=each.account, by=each.asked_by, subject=each.subject
        )
        for each in one.requests(context.actor)
    ]


@action("account approve", "account approve 3f2a9c01 --floor floor", writes=True, done="accounts.done_")
def approve(context: Context, ask: Approve) -> AccountChange:
    """Approve what somebody asks to do to an account that may see or do more than they."""
    with administration(context) as one:
        done = one.approve(context.actor, ask.request)
    return AccountChange(account=done.account, what="approved", by=done.asked_by)


@action("account confirm", "account confirm okafor --floor floor", writes=True, done="accounts.done_")
def confirm(context: Context, ask: OneAccount) -> AccountChange:
    """Confirm that an account's owner has it again after a reset: its acts say so no longer."""
    with administration(context) as one:
        one.confirm(context.actor, ask.name)
    return AccountChange(account=ask.name, what="confirmed")
