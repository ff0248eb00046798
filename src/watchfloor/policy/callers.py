"""Who calls the program: a user of this machine, as the floor's policy maps its accounts."""

import getpass
import os
import sys
from contextvars import ContextVar
from pathlib import Path

from watchfloor.policy import terms


class CallerError(Exception):
    """This account of the machine may not act on the floor, or not without a name.

    Attributes:
        may_choose: whether the account may act as several readers and has to name one.
    """

    def __init__(self, sentence: str, *, may_choose: bool = False) -> None:
        super().__init__(sentence)
        self.may_choose = may_choose


_account: ContextVar[str | None] = ContextVar("account", default=None)


def act_for(account: str) -> None:
    """Let the calls of this process be those of an account, which a service was asked by."""
    _account.set(account)


def system_account() -> str:
    """Return the account that calls, as the system has it; getpass would believe LOGNAME and USER."""
    if (asking := _account.get()) is not None:
        return asking
    if sys.platform == "win32":
        return os.getlogin()
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def user(folder: Path | None, asked: str | None) -> str:
    """Return the user's name, as the log will have it.

    Where the floor's policy maps accounts of the machine, the one that calls decides, and `asked` chooses
    among the readers that it may act as; else `asked` is believed.

    Args:
        folder: of the floor, if there is one.
        asked: who the user says to be, as WATCHFLOOR_USER does.

    Raises:
        CallerError: the policy lets this account not act so, or act as several.
    """
    if folder and (policy := terms.load(folder)) and policy.accounts:
        account = system_account()
        names = policy.acts_as(account)
        if not names or (asked and asked not in names):
            as_whom = f" as {asked!r}" if asked else ""
            raise CallerError(
                f"this floor's policy lets the account {account!r} of this machine give no command{as_whom}"
            )
        if not asked and len(names) > 1:
            raise CallerError(
                f"say with WATCHFLOOR_USER which of {', '.join(names)} you are", may_choose=True
            )
        return asked or names[0]
    if asked:
        return asked
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's user may have a number and no name
        return f"user {os.getuid()}" if sys.platform != "win32" else "unknown user"
