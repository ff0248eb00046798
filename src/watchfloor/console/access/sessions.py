"""Sessions: who is signed in, what for and by what right, until when."""

import secrets
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, cast

from watchfloor.console.access.accounts import hash_of, now
from watchfloor.console.access.file import AccessFile
from watchfloor.core.messages import Language
from watchfloor.store.log import Actor

HOURS: Final = 13
"""A watch of twelve hours and the handover."""
IDLE_HOURS: Final = 4
"""Without any request, an open page's included, after which a session ends."""
MOST: Final = 40
"""Sessions of one account, a program's included; the one that was used longest ago goes first."""
ID_LENGTH: Final = 12
"""Digits by which a list names a session."""
FRESH: Final = 5 * 60
"""Seconds after which one shows anew who one is before one changes accounts (ASVS 5.0, 7.5.1)."""
_TOUCH: Final = 60
"""Seconds after which a use is written down again."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in.

    Attributes:
        key: what the session is known by here; its token is kept nowhere.
        account: the person, as the log and the policy have the name.
        csrf: what a form of this session must bring.
        purpose: what for; empty until it is stated.
        authority: by what right; empty until it is stated.
        language: of the interface.
        administrator: whether the person administers the console.
        began, ends: seconds since 1970.
        proved: when the person last showed who they are, seconds since 1970.
        reset_by: who reset the account, while nobody has confirmed that its owner has it.
        strong: whether the person has shown two factors.
    """

    key: bytes
    account: str
    csrf: str
    purpose: str
    authority: str
    language: Language
    administrator: bool
    began: int
    ends: int
    proved: int = 0
    reset_by: str = ""
    strong: bool = False

    @property
    def fresh(self) -> bool:
        """Whether the person showed who they are so lately that they may change accounts."""
        return now() - self.proved <= FRESH

    def actor(self, purpose: str = "", authority: str = "") -> Actor:
        """Name the person for the log, with what is stated now or was before; of a reset each act says so."""
        return Actor(self.account, purpose or self.purpose, authority or self.authority, self.reset_by)

    @property
    def stated(self) -> bool:
        """Whether purpose and authority are stated: without them nothing of the floor is shown."""
        return bool(self.purpose and self.authority)


@dataclass(frozen=True, slots=True)
class Running:
    """A session in a list: enough to tell it from others, nothing to use it by. Times in seconds."""

    id: str
    purpose: str
    authority: str
    began: int
    used: int
    ends: int


class Sessions:
    """The sessions of a floor's console."""

    def __init__(self, file: AccessFile, hours: float = HOURS, idle_hours: float = IDLE_HOURS) -> None:
        self._file, self._hours, self._idle = file, hours, idle_hours

    def begin(self, account: str, language: Language, *, strong: bool = False) -> str:
        """A session of somebody who has shown who they are, by two factors or one; gives its token."""
        token = secrets.token_urlsafe(32)
        at = now()
        ends = at + round(self._hours * 3600)
        with self._file.transaction() as database:
            database.execute("DELETE FROM sessions WHERE ends < ? OR used < ?", (at, at - self._idle * 3600))
            database.execute(
                "DELETE FROM sessions WHERE token IN "
                "(SELECT token FROM sessions WHERE account = ? ORDER BY used DESC LIMIT -1 OFFSET ?)",
                (account, MOST - 1),
            )
            database.execute(
                "INSERT INTO sessions "
                "(token, account, csrf, purpose, authority, language, began, used, ends, proved, strong) "
                "VALUES (?, ?, ?, '', '', ?, ?, ?, ?, ?, ?)",
                (hash_of(token), account, secrets.token_urlsafe(32), language, at, at, ends, at, strong),
            )
        return token

    def find(self, token: str) -> Session | None:
        """The session of a token; None where there is none, or it is over."""
        key = hash_of(token)
        row = self._file.database.execute(_READ, (key,)).fetchone()
        if row is None:
            return None
        account, csrf, purpose, authority, language, administrator, began, used, ends, *rest = row
        at = now()
        if at > ends or at > used + self._idle * 3600:
            self.end(key)
            return None
        if at >= used + _TOUCH:
            with suppress(sqlite3.OperationalError):  # on a full disk people go on reading
                self._file.database.execute("UPDATE sessions SET used = ? WHERE token = ?", (at, key))
        said = cast("Language", language)
        proved, reset_by, strong = rest
        return Session(
            *(key, account, csrf, purpose, authority, said, bool(administrator), began, ends),
            *(proved, reset_by or "", bool(strong)),
        )

    def state(self, key: bytes, purpose: str, authority: str) -> None:
        """Note what the session is for, and by what right."""
        self._file.database.execute(
            "UPDATE sessions SET purpose = ?, authority = ? WHERE token = ?", (purpose, authority, key)
        )

    def prove(self, key: bytes, *, strong: bool = False) -> None:
        """Note that the person has just shown who they are, by two factors or one."""
        self._file.database.execute(
            "UPDATE sessions SET proved = ?, strong = strong OR ? WHERE token = ?", (now(), strong, key)
        )

    def speak(self, key: bytes, language: Language) -> None:
        """Change the language of the interface."""
        self._file.database.execute("UPDATE sessions SET language = ? WHERE token = ?", (language, key))

    def end(self, key: bytes) -> None:
        """End a session."""
        self._file.database.execute("DELETE FROM sessions WHERE token = ?", (key,))

    def running(self, account: str) -> list[Running]:
        """The sessions of an account that have not ended, the last used first."""
        at = now()
        rows = self._file.database.execute(
            "SELECT token, purpose, authority, began, used, ends FROM sessions "
            "WHERE account = ? AND ends >= ? AND used >= ? ORDER BY used DESC, token",
            (account, at, at - self._idle * 3600),
        ).fetchall()
        return [Running(id_of(key), *rest) for key, *rest in rows]

    def end_named(self, account: str, id_: str) -> int:
        """End the session of an account that a list names so; gives how many that were."""
        return self._file.database.execute(
            "DELETE FROM sessions WHERE account = ? AND substr(lower(hex(token)), 1, ?) = ?",
            (account, ID_LENGTH, id_),
        ).rowcount

    def end_all(self, account: str, but: bytes = b"") -> int:
        """End every session of an account but one, and addresses of calendars; gives how many sessions."""
        return self._file.end_all(account, but)


def id_of(key: bytes) -> str:
    """How a list names the session of a key."""
    return key.hex()[:ID_LENGTH]


_READ: Final = (
    "SELECT account, csrf, purpose, authority, language, administrator, began, used, ends, "
    "proved, reset_by, strong FROM sessions JOIN accounts ON name = account WHERE token = ? AND NOT disabled"
)
