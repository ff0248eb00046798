"""Sessions: who is signed in, what for and by what right, until when."""

import secrets
from dataclasses import dataclass
from typing import Final, cast

from watchfloor.console.access.accounts import hash_of, now
from watchfloor.console.access.file import AccessFile
from watchfloor.records.messages import Language

HOURS: Final = 13
"""A watch of twelve hours and the handover."""
IDLE_HOURS: Final = 4
"""Without any request, an open page's included, after which a session ends."""
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

    @property
    def stated(self) -> bool:
        """Whether purpose and authority are stated: without them nothing of the floor is shown."""
        return bool(self.purpose and self.authority)


class Sessions:
    """The sessions of a floor's console."""

    def __init__(self, file: AccessFile, hours: float = HOURS, idle_hours: float = IDLE_HOURS) -> None:
        self._file, self._hours, self._idle = file, hours, idle_hours

    def begin(self, account: str, language: Language) -> str:
        """A session of somebody who has shown who they are; gives its token."""
        token = secrets.token_urlsafe(32)
        at = now()
        with self._file.transaction() as database:
            database.execute("DELETE FROM sessions WHERE ends < ?", (at,))
            database.execute(
                "INSERT INTO sessions VALUES (?, ?, ?, '', '', ?, ?, ?, ?)",
                (
                    hash_of(token),
                    account,
                    secrets.token_urlsafe(32),
                    language,
                    at,
                    at,
                    at + round(self._hours * 3600),
                ),
            )
        return token

    def of(self, token: str) -> Session | None:
        """The session of a token; None where there is none, or it is over."""
        key = hash_of(token)
        row = self._file.database.execute(_READ, (key,)).fetchone()
        if row is None:
            return None
        account, csrf, purpose, authority, language, administrator, began, used, ends = row
        at = now()
        if at > ends or at > used + self._idle * 3600:
            self.end(key)
            return None
        if at >= used + _TOUCH:
            self._file.database.execute("UPDATE sessions SET used = ? WHERE token = ?", (at, key))
        said = cast("Language", language)
        return Session(key, account, csrf, purpose, authority, said, bool(administrator), began, ends)

    def state(self, key: bytes, purpose: str, authority: str) -> None:
        """Note what the session is for, and by what right."""
        self._file.database.execute(
            "UPDATE sessions SET purpose = ?, authority = ? WHERE token = ?", (purpose, authority, key)
        )

    def speak(self, key: bytes, language: Language) -> None:
        """Change the language of the interface."""
        self._file.database.execute("UPDATE sessions SET language = ? WHERE token = ?", (language, key))

    def end(self, key: bytes) -> None:
        """End a session."""
        self._file.database.execute("DELETE FROM sessions WHERE token = ?", (key,))


_READ: Final = (
    "SELECT account, csrf, purpose, authority, language, administrator, began, used, ends "
    "FROM sessions JOIN accounts ON name = account WHERE token = ? AND NOT disabled"
)
