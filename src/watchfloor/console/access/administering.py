"""Administration of accounts: each act is logged on the floor, with who did it, or is not done."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import msgspec

from watchfloor.cell.acts import refuse
from watchfloor.console.access.accounts import LINK_HOURS, Account, Accounts, named, now
from watchfloor.console.access.door import KEEPER, Log
from watchfloor.console.access.file import AccessFile
from watchfloor.console.access.passwords import NONE_HERE
from watchfloor.console.access.sessions import Sessions
from watchfloor.core.marking import CLASSIFIED, PROTECTED, TLP
from watchfloor.core.messages import declare
from watchfloor.policy import terms
from watchfloor.policy.terms import Terms
from watchfloor.store import governing
from watchfloor.store.log import Actor

ACT: Final = "account"
"""The act of the log; its `what` says which."""

APPROVAL_HOURS: Final = 24
"""That a request waits, and that an approval may be used."""

UNAPPROVED: Final = declare("console.unapproved", "name")
NO_REQUEST: Final = declare("console.no-such-request")
NO_RESET: Final = declare("console.no-such-reset", "name")
NO_PROVIDER: Final = declare("console.no-provider")
NO_SUBJECT: Final = declare("console.no-subject")
NO_SESSION: Final = declare("console.no-such-session", "name")


_MINE: Final = "FROM approvals WHERE act = ? AND account = ? AND detail = ? AND asked_by = ?"


@dataclass(frozen=True, slots=True)
class Request:
    """An act that waits for a second person.

    Attributes:
        id: by which it is approved.
        act: as the log calls it.
        account: that it is about.
        asked_by: who asks for it.
        subject: the provider's id of the person to whom it would open the account; empty: of another act, or
            of whoever first comes under the account's name.
    """

    id: str
    act: str
    account: str
    asked_by: str
    subject: str = ""


@dataclass(frozen=True)
class Administration:
    """Changes accounts for an actor.

    Attributes:
        file, accounts, sessions: of the floor's console.
        log: logs an act on the floor; raises where the actor may write nothing there.
        issuer: of the provider that may vouch; empty without one.
        links: whether people have passwords or passkeys here, to which links lead.
        by_name: whether the provider may vouch for whoever first comes under an account's name.
    """

    file: AccessFile
    accounts: Accounts
    sessions: Sessions
    log: Log
    issuer: str = ""
    links: bool = True
    by_name: bool = False

    def add(
        self,
        actor: Actor,
        name: str,
        *,
        administrator: bool = False,
        vouched: bool = False,
        subject: str = "",
    ) -> Account:
        """A new account; with `vouched` the provider opens it to the person of that id. Raises `Refusal`."""
        if vouched:
            self._refuse_unbound(subject)
        name = named(name)
        said = self._vouching(subject) if vouched else {}
        if (administrator or vouched) and exceeds(terms.load(self.file.path.parent), name, actor.name):
            self.add(actor, name)  # the rest is refused until it is approved, which asks for an account
            if vouched:
                self.vouch(actor, name, subject)
            if administrator:
                self.set_administrator(actor, name, administrator=True)
            return self.accounts.get(name)
        with self._logged(actor, "added", name, administrator=administrator, **said):
            self.accounts.add(name, administrator=administrator)
            if vouched:
                self.accounts.vouch(name, self.issuer, subject)
        return self.accounts.get(name)

    def link(self, actor: Actor, name: str, hours: float = LINK_HOURS) -> str:
        """Make a one-time link by which the person chooses a password. Raises `Refusal`."""
        if not self.links:
            refuse(NONE_HERE)
        approved = self._approval(actor, "linked", name)
        with self._logged(actor, "linked", name, **approved):
            return self.accounts.link(named(name), hours, actor.name)

    def vouch(self, actor: Actor, name: str, subject: str = "") -> None:
        """Let the provider vouch for the person of that id, in place of a password. Raises `Refusal`."""
        self._refuse_unbound(subject)
        said = self._vouching(subject)
        approved = self._approval(actor, "provider", name, **said)
        with self._logged(actor, "provider", name, **said, **approved):
            self.accounts.vouch(named(name), self.issuer, subject, actor.name)

    def _refuse_unbound(self, subject: str) -> None:
        if not self.issuer:
            refuse(NO_PROVIDER)
        if not subject and not self.by_name:
            refuse(NO_SUBJECT)

    def _vouching(self, subject: str) -> dict[str, str]:
        return {"provider": self.issuer, **({"subject": subject} if subject else {})}

    def set_disabled(self, actor: Actor, name: str, *, disabled: bool) -> None:
        """Close an account, or open it again. Raises `Refusal`."""
        with self._logged(actor, "disabled" if disabled else "enabled", name):
            self.accounts.set_disabled(named(name), disabled=disabled)

    def set_administrator(self, actor: Actor, name: str, *, administrator: bool) -> None:
        """Let somebody administer the console, or no longer. Raises `Refusal`."""
        what = "administrator" if administrator else "no-administrator"
        with self._logged(actor, what, name, **self._approval(actor, what, name)):
            self.accounts.set_administrator(named(name), administrator=administrator)

    def remove_second(self, actor: Actor, name: str) -> None:
        """Ask an account for no second factor any more; its sessions end. Raises `Refusal`."""
        approved = self._approval(actor, "no-second-factor", name)
        with self._logged(actor, "no-second-factor", name, **approved):
            self.accounts.get(named(name))
            self.accounts.second.remove(named(name))
            self.sessions.end_all(named(name))

    def remove_passkeys(self, actor: Actor, name: str) -> None:
        """Remove the passkeys of an account, such as of a lost device; its sessions end. Raises `Refusal`.

        That gives nobody more than they had, so it asks for no second person.
        """
        with self._logged(actor, "no-passkeys", name):
            self.accounts.get(named(name))
            self.accounts.passkeys.remove(named(name))
            self.sessions.end_all(named(name))

    def end_sessions(self, actor: Actor, name: str, id_: str = "") -> int:
        """End one session of an account, or all; gives how many. Raises `Refusal`."""
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

    # what wants a second person

    def requests(self, actor: Actor) -> list[Request]:
        """Return the requests that wait for approval, as far as this person may give it."""
        if not self._supervises(actor.name):
            return []
        rows = self.file.database.execute(
            "SELECT id, act, account, asked_by, detail FROM approvals "
            "WHERE approved_by IS NULL AND ends >= ? AND asked_by != ? AND account != ? ORDER BY ends, id",
            (now(), actor.name, actor.name),
        )
        return [
            Request(id_, act, account, by, msgspec.json.decode(detail).get("subject", ""))
            for id_, act, account, by, detail in rows
        ]

    def approve(self, actor: Actor, id_: str) -> Request:
        """Approve what another has asked for, as a supervisor whom it is not about. Raises `Refusal`."""
        one = next((each for each in self.requests(actor) if each.id == id_), None) or refuse(NO_REQUEST)
        with self._logged(actor, "approved", one.account, request=one.act, asked_by=one.asked_by):
            self.file.database.execute(
                "UPDATE approvals SET approved_by = ?, ends = ? WHERE id = ?",
                (actor.name, now() + APPROVAL_HOURS * 3600, id_),
            )
        return one

    def resets(self, actor: Actor) -> list[Account]:
        """Accounts whose reset this person may confirm: neither theirs nor reset by them."""
        policy = terms.load(self.file.path.parent)
        may = (
            any(one.name == actor.name and one.administrator for one in self.accounts.all())
            if policy is None
            else self._supervises(actor.name)
        )
        found = (one for one in self.accounts.all() if one.reset_by)
        return [one for one in found if may and actor.name not in (one.name, one.reset_by)]

    def confirm(self, actor: Actor, name: str) -> None:
        """Confirm that an account's owner has it again after a reset. Raises `Refusal`."""
        one = next((each for each in self.resets(actor) if each.name == named(name)), None)
        if one is None:
            refuse(NO_RESET, name=name)
        with self._logged(actor, "reset-confirmed", one.name, reset_by=one.reset_by):
            self.accounts.confirm(one.name)

    def _supervises(self, name: str) -> bool:
        policy = terms.load(self.file.path.parent)
        return policy is not None and name in policy.readers and policy.readers[name].role == "supervisor"

    def _approval(self, actor: Actor, act: str, name: str, **detail: object) -> dict[str, object]:
        """Use up the approval of an act that gives somebody more power than the actor has.

        Gives what the log says of it; nothing where the act needs none.

        Raises:
            Refusal: nobody has approved it yet; the request is noted and logged.
        """
        name = named(name)
        if not exceeds(terms.load(self.file.path.parent), name, actor.name):
            return {}
        mine = (act, name, msgspec.json.encode(detail).decode(), actor.name)
        with self.file.transaction() as database:
            database.execute("DELETE FROM approvals WHERE ends < ?", (now(),))
            known = database.execute(f"SELECT approved_by {_MINE}", mine).fetchone()
            if known and known[0]:
                database.execute(f"DELETE {_MINE}", mine)
                return {"approved_by": known[0]}
            if not known:
                self.accounts.get(name)
                database.execute(
                    "INSERT INTO approvals (id, act, account, detail, asked_by, ends) "
                    "VALUES (?, ?, ?, ?, ?, ?)",
                    (secrets.token_hex(4), *mine, now() + APPROVAL_HOURS * 3600),
                )
                self.log(actor, ACT, {"what": "asked", "account": name, "request": act, **detail})
        return refuse(UNAPPROVED, name=name)

    @contextmanager
    def _logged(self, actor: Actor, what: str, name: str, **detail: object) -> Iterator[None]:
        with self.file.transaction() as database:
            before = {governing.RIGHTS: governing.rights_in(database)}
            yield
            after = {governing.RIGHTS: governing.rights_in(database)}
            said = {"what": what, "account": named(name), **detail}
            self.log(actor, ACT, said | {"digests": after, governing.BEFORE: before})


def exceeds(policy: Terms | None, name: str, by: str) -> bool:
    """Whether a policy lets `name` see or do anything that it does not let `by`.

    Without a policy all are alike. Of two roles neither contains the other, but a supervisor's contains all.
    """
    if policy is None or name == by or name not in policy.readers:
        return False
    if by not in policy.readers:
        return True
    one, other = policy.readers[name], policy.readers[by]
    return not (
        other.role in (one.role, "supervisor")
        and PROTECTED.index(one.protected) <= PROTECTED.index(other.protected)
        and CLASSIFIED.index(one.classified) <= CLASSIFIED.index(other.classified)
        and TLP.index(one.tlp) <= TLP.index(other.tlp)
        and set(one.compartments) <= set(other.compartments)
        and all(
            policy.statable(what, name).keys() <= policy.statable(what, by).keys()
            for what in ("purposes", "authorities")
        )
        and (one.organisation, one.country) == (other.organisation, other.country)
    )
