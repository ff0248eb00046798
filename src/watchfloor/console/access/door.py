"""The door: who somebody is, checked at a rate that does not let passwords be guessed."""

from collections.abc import Callable, Mapping
from typing import Final, Never

from watchfloor.cell.acts import Refusal, refuse
from watchfloor.console.access.accounts import LONGEST_NAME, OLD_WRONG, Accounts, named
from watchfloor.console.access.passkeys import NOT_OPENED
from watchfloor.console.access.passwords import NONE_HERE
from watchfloor.console.access.second_factor import CODE_WRONG
from watchfloor.console.endpoints.failures import TooMany
from watchfloor.core.limits import Rate, network_of
from watchfloor.core.messages import declare, reason
from watchfloor.store.log import Actor

KEEPER: Final = Actor("console", "letting people in", "access policy of the floor")
"""Who logs that somebody was not let in: a name that was typed may be anybody's."""

Log = Callable[[Actor, str, Mapping[str, object]], object]
"""Logs an act on the floor."""

FROM_ONE_PLACE: Final = 5
BY_NAME: Final = 30
BY_ADDRESS: Final = 30
SPAN: Final = 15 * 60
"""Wrong passwords in a quarter of an hour: for a name from one address, for a name from anywhere (more, so
that nobody can keep a colleague out from another machine), from one address for any name."""

WRONG: Final = declare("console.sign-in-wrong")
WAIT: Final = declare("console.sign-in-wait", "seconds")


class Door:
    """Checks names and passwords, and those who came by another way.

    Args:
        accounts: of the console.
        log: logs an act on the floor.
        passwords: whether people may sign in by one.
        passkeys: whether they may by one of these.
    """

    def __init__(
        self, accounts: Accounts, log: Log, *, passwords: bool = True, passkeys: bool = True
    ) -> None:
        self._accounts, self._log, self._passwords, self._passkeys = accounts, log, passwords, passkeys
        self._here = Rate(FROM_ONE_PLACE, SPAN)
        self._by_name = Rate(BY_NAME, SPAN)
        self._by_address = Rate(BY_ADDRESS, SPAN)

    def check(self, name: str, password: str, address: str, code: str | None = "") -> str:
        """The account that name, password and code open; without `code` by None, which asks for none.

        Which of them was wrong is not told, so that nobody learns a password by trying. Raises `Refusal` or
        `TooMany`; a wrong try is logged.
        """
        if not self._passwords:
            refuse(NONE_HERE)
        name = named(name[: LONGEST_NAME * 4])
        spent = self._spend(name, network_of(address))
        try:
            right = self._accounts.passes(name, password) and (
                code is None or self._accounts.second.passes(name, code)
            )
        except BaseException:  # not found out: no try
            self._give_back(spent)
            raise
        if not right:
            self.refused(name)
            refuse(WRONG)
        self._give_back(spent)
        spent[0][0].forgive(spent[0][1])
        return name

    def again(self, name: str, password: str, address: str, code: str | None = None) -> None:
        """Whether somebody who is signed in still knows their password. Raises as `check`."""
        try:
            self.check(name, password, address, code)
        except Refusal as error:
            if error.reason.message != WRONG.id or code is not None:
                raise
            refuse(OLD_WRONG)

    def second(self, name: str, code: str, address: str) -> None:
        """Whether somebody who is signed in has their second factor at hand. Raises as `check`."""
        spent = self._spend(name, network_of(address))
        if not self._accounts.second.passes(name, code):
            self.refused(name)
            refuse(CODE_WRONG)
        self._give_back(spent)

    def by_passkey(self, answer: str, origin: str, scope: str, address: str) -> str:
        """The account that a passkey opens, see `Passkeys.owner`. Raises as `check`.

        Nobody guesses a key, so the rate is for the log, which keeps each refusal.
        """
        if not self._passkeys:
            refuse(NONE_HERE)
        network = network_of(address)
        if seconds := self._by_address.spend(network):
            too_many(seconds)
        try:
            name = self._accounts.passkeys.owner(answer, origin, scope)
        except Refusal as error:
            if error.reason.message == NOT_OPENED.id:
                self._log(KEEPER, "sign-in-refused", {"account": None, "by": "passkey"})
            raise
        self._by_address.give_back(network)
        return name

    def refused(self, name: str) -> None:
        """Log that somebody was not let in; a name that nobody has may be a password typed too early."""
        known = any(one.name == name for one in self._accounts.all())
        self._log(KEEPER, "sign-in-refused", {"account": name if known else None})

    def _spend(self, name: str, network: str) -> list[tuple[Rate, str]]:
        """Count a try by each rate, or none where one has no more."""
        rates = [(self._here, f"{network} {name}"), (self._by_address, network), (self._by_name, name)]
        spent: list[tuple[Rate, str]] = []
        for rate, key in rates:
            if seconds := rate.spend(key):
                self._give_back(spent)
                too_many(seconds)
            spent.append((rate, key))
        return spent

    def _give_back(self, spent: list[tuple[Rate, str]]) -> None:
        for rate, key in spent:
            rate.give_back(key)


def too_many(seconds: float) -> Never:
    """Raise `TooMany`, which says how long to wait."""
    raise TooMany(Refusal(reason(WAIT, seconds=int(seconds) + 1)), seconds)
