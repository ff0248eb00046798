"""What is done to accounts: each act is logged on the floor, with who did it, or is not done."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from watchfloor.cell.acting.acts import refuse
from watchfloor.console.access.accounts import LINK_HOURS, Account, Accounts, named
from watchfloor.console.access.door import KEEPER, Log
from watchfloor.console.access.file import AccessFile
from watchfloor.console.access.sessions import Sessions
from watchfloor.records.messages import declare
from watchfloor.store.log import Actor

ACT: Final = "account"
"""The act of the log; its `what` says which."""

NO_PROVIDER: Final = declare(
    "console.no-provider",
    en="this console has no OpenID provider; console.toml names one in [oidc]",
    fr="cette console n’a pas de fournisseur OpenID; console.toml en nomme un sous [oidc]",
)
NO_SESSION: Final = declare(
    "console.no-such-session",
    en="there is no such session of {name}; it may be over",
    fr="il n’y a pas de telle session de {name}; elle est peut-être terminée",
)


@dataclass(frozen=True)
class Administration:
    """Changes accounts for an actor.

    Attributes:
        file, accounts, sessions: of the floor's console.
        log: logs an act on the floor; raises where the actor may write nothing there.
        issuer: of the provider that may vouch; empty without one.
    """

    file: AccessFile
    accounts: Accounts
    sessions: Sessions
    log: Log
    issuer: str = ""

    def add(self, actor: Actor, name: str, *, administrator: bool = False, vouched: bool = False) -> Account:
        """A new account; with `vouched` the provider opens it. Raises `Refused`."""
        if vouched and not self.issuer:
            refuse(NO_PROVIDER)
        name = named(name)
        said = {"provider": self.issuer} if vouched else {}
        with self._logged(actor, "added", name, administrator=administrator, **said):
            self.accounts.add(name, administrator=administrator)
            if vouched:
                self.accounts.vouch(name, self.issuer)
        return self.accounts.get(name)

    def link(self, actor: Actor, name: str, hours: float = LINK_HOURS) -> str:
        """What a one-time link says, with which the person chooses a password. Raises `Refused`."""
        with self._logged(actor, "linked", name):
            return self.accounts.link(named(name), hours)

    def vouch(self, actor: Actor, name: str) -> None:
        """Let the provider vouch for a person, in place of a password. Raises `Refused`."""
        if not self.issuer:
            refuse(NO_PROVIDER)
        with self._logged(actor, "provider", name, provider=self.issuer):
            self.accounts.vouch(named(name), self.issuer)

    def set_disabled(self, actor: Actor, name: str, *, disabled: bool) -> None:
        """Close an account, or open it again. Raises `Refused`."""
        with self._logged(actor, "disabled" if disabled else "enabled", name):
            self.accounts.set_disabled(named(name), disabled=disabled)

    def set_administrator(self, actor: Actor, name: str, *, administrator: bool) -> None:
        """Let somebody administer the console, or no longer. Raises `Refused`."""
        with self._logged(actor, "administrator" if administrator else "no-administrator", name):
            self.accounts.set_administrator(named(name), administrator=administrator)

    def end_sessions(self, actor: Actor, name: str, id_: str = "") -> int:
        """End one session of an account, or all; gives how many. Raises `Refused`."""
        with self._logged(actor, "sessions-ended", name):
            self.accounts.get(named(name))
            if not id_:
                return self.sessions.end_all(named(name))
            return self.sessions.end_named(named(name), id_) or refuse(NO_SESSION, name=name)

    def first(self, name: str) -> str:
        """The administrator of a first start, made by whoever starts it; gives what their link says."""
        actor = Actor(name, "first start of the console", KEEPER.authority)
        if all(one.name != named(name) for one in self.accounts.all()):
            self.add(actor, name, administrator=True)
        elif not self.accounts.get(named(name)).administrator:
            self.set_administrator(actor, name, administrator=True)
        return self.link(actor, name)

    @contextmanager
    def _logged(self, actor: Actor, what: str, name: str, **detail: object) -> Iterator[None]:
        with self.file.transaction():
            yield
            self.log(actor, ACT, {"what": what, "account": named(name), **detail})
